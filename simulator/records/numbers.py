"""The numbers of one journal: who opened what, who answered what. Worked out once, used by every table."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pandas as pd

from simulator.records.columns import NONE, Array, first, named, names, pick, rank, words
from simulator.records.reading import Links, Log, Part, numbered
from simulator.scenario.directory import directory
from simulator.scenario.schema import Scenario
from simulator.vocabulary.codes import Event, Return
from simulator.vocabulary.errors import BrokenInvariant


class Numbers:
    """A journal, its names, and the links between its rows. Arrays are int64; a negative number means nobody."""

    def __init__(self, scenario: Scenario, rows: Array):
        self.scenario = scenario
        self.log = Log(rows)
        self.links = Links(self.log)
        self.names = directory(scenario)
        self.channels = names(self.names.channels)
        self.topics = names(self.names.topics)
        self.queues = names(self.names.queues)
        self.groups = names(self.names.groups)
        self.sources = names(self.names.sources)
        self.agents = names(self.names.agents)
        self.outages = names(sorted(scenario.outages))
        self.templates = sorted(scenario.outbound.templates)
        channels = [scenario.channels[name] for name in self.names.channels]
        self.carried = np.array([bool(one.delivery or one.middleware) for one in channels], bool)
        """Does delivery take its own time there? Elsewhere what leaves is delivered. [channel]"""
        self.source_channel = np.array(self.names.source_channel, np.int64)
        self.agent_group = np.array(self.names.agent_group, np.int64)
        shared = [scenario.agents[group].attention != "serial" for group in self.names.groups]
        self.shares_attention = np.array(shared, bool)[self.agent_group]
        """Agents who work on several conversations at once. [agent]"""
        labels = [scenario.topics[topic].label for topic in self.names.topics]
        known_labels = sorted({label for label in labels if label is not None})
        self.labels = names(known_labels)
        self.label_of_topic = np.array([-1 if each is None else known_labels.index(each) for each in labels], np.int64)
        """Utilization label. [topic]"""

    def of(self, *events: Event) -> Part:
        return self.log.of(*events)

    # --- contacts ------------------------------------------------------------------------------------------

    @cached_property
    def came(self) -> Part:
        """The first row of each contact. [contact]"""
        part = self.of(Event.CONTACT_ARRIVED, Event.CONTACT_RETURNED)
        numbered("contact", part.message)
        return part

    @cached_property
    def parent(self) -> Array:
        """[contact]"""
        return np.where(self.came.event == Event.CONTACT_RETURNED, self.came.agent, -1)

    @cached_property
    def generations(self) -> tuple[Array, ...]:
        """Contacts by generation: first contacts, those who wrote again, those who did so once more, …"""
        generation = np.where(self.parent < 0, 0, -1)
        found = [np.flatnonzero(generation == 0)]
        waiting = np.flatnonzero(generation < 0)
        while len(waiting):
            parents = self.parent[waiting]
            if (parents >= len(generation)).any():
                raise BrokenInvariant("journal: a contact wrote again whose parent never came")
            ready = generation[parents] >= 0
            if not ready.any():
                raise BrokenInvariant("journal: contacts wrote again that are each other's parents")
            generation[waiting[ready]] = len(found)
            found.append(waiting[ready])
            waiting = waiting[~ready]
        return tuple(found)

    @cached_property
    def origin(self) -> tuple[Array, Array]:
        """Source and ordinal of each contact's first ancestor. [contact], [contact]"""
        source, ordinal = self.came.agent.copy(), self.came.value.copy()
        for generation in self.generations[1:]:
            source[generation] = source[self.parent[generation]]
            ordinal[generation] = ordinal[self.parent[generation]]
        return source, ordinal

    @cached_property
    def contacts(self) -> pd.Index:
        """The id of each contact.

        Who writes again for the same reason as before is told apart by the number: `web/7.after_silent_2`. [contact]
        """
        sources = np.array(self.names.sources, object)
        reasons = words(Return).to_numpy(object)
        times = rank(np.where(self.parent < 0, -1, self.parent * (len(reasons) + 1) + self.came.value))
        ids = np.empty(len(self.came), object)
        for depth, generation in enumerate(self.generations):
            if depth == 0:
                ordinals = self.came.value[generation].astype(np.str_).astype(object)
                ids[generation] = sources[self.came.agent[generation]] + "/" + ordinals
            else:
                ids[generation] = ids[self.parent[generation]] + "." + reasons[self.came.value[generation]]
                again = generation[times[generation] > 0]
                ids[again] += "_" + (times[again] + 1).astype(np.str_).astype(object)
        return _unique("contact", ids)

    @cached_property
    def contact_channel(self) -> Array:
        """[contact]"""
        return pick(self.source_channel, self.origin[0])

    @cached_property
    def went(self) -> Part:
        """Where contacts went: their second rows, in order of the journal."""
        return self.of(Event.CONTACT_STARTED, Event.CONTACT_REOPENED, Event.CONTACT_JOINED)

    @cached_property
    def customer(self) -> Array:
        """Number in the channel's population, NONE for a person of his own. [contact]"""
        customer = first(len(self.came), self.went.message, self.went.value)
        return np.where(customer < 0, NONE, customer)

    # --- conversations and portions --------------------------------------------------------------------------

    @cached_property
    def opened(self) -> Part:
        """[portion]"""
        return self.of(Event.PORTION_OPENED)

    @cached_property
    def began(self) -> Array:
        """The first portion of each conversation. [conversation]"""
        fresh = np.flatnonzero(self.opened.portion == 1)
        numbered("conversation", self.opened.conversation[fresh])
        return fresh

    @cached_property
    def opener(self) -> Array:
        """The contact that opened it. [conversation]"""
        return self.opened.message[self.began]

    @cached_property
    def conversations(self) -> pd.Index:
        """The id of each conversation: that of its opener.

        A contact who thinks longer than the threading window opens another conversation with his next burst;
        it is told apart by its number: `whatsapp/412.conversation_2`. [conversation]
        """
        times = rank(self.opener)
        ids = self.contacts.take(self.opener)
        if not times.any():
            return ids
        texts = ids.to_numpy(object)
        later = np.flatnonzero(times)
        texts[later] += ".conversation_" + (times[later] + 1).astype(np.str_).astype(object)
        return _unique("conversation", texts)

    @cached_property
    def channel_of_conversation(self) -> Array:
        return self.opened.queue[self.began]

    @cached_property
    def disconnected(self) -> tuple[Array, Array]:
        """When each portion was disconnected (NONE: open), and why. [portion], [portion]"""
        part = self.of(Event.PORTION_DISCONNECTED)
        portion = self.links.portion(part)
        times = first(len(self.opened), portion, part.time)
        return times, np.maximum(first(len(self.opened), portion, part.value), 0)

    # --- turns and their replies -------------------------------------------------------------------------------

    @cached_property
    def turn(self) -> Part:
        """[turn]"""
        part = self.of(Event.TURN_OPENED)
        numbered("turn", part.message)
        return part

    @cached_property
    def replied(self) -> Part:
        """[reply]"""
        return self.of(Event.REPLY_SENT)

    @cached_property
    def reply_of_turn(self) -> Array:
        """Index into `replied`. [turn]"""
        return first(len(self.turn), self.replied.value, np.arange(len(self.replied)))

    @cached_property
    def reply_started(self) -> Array:
        """[turn]"""
        part = self.of(Event.REPLY_STARTED)
        return first(len(self.turn), part.message, part.time)

    @cached_property
    def unsent(self) -> Part:
        """Replies that were written and did not leave then: held back, or blocked."""
        return self.of(Event.MESSAGE_PENDING, Event.REPLY_BLOCKED)

    @cached_property
    def session_of_reply(self) -> Array:
        """[reply]"""
        return self.links.session(self.replied)

    # --- offers and sessions -------------------------------------------------------------------------------------

    @cached_property
    def entered(self) -> Part:
        """[offer]"""
        part = self.of(Event.QUEUE_ENTERED)
        numbered("offer", part.message)
        return part

    @cached_property
    def offer_in_portion(self) -> Array:
        """From 1. [offer]"""
        return rank(self.links.portion(self.entered)) + 1

    @cached_property
    def connected(self) -> Part:
        """[session]"""
        part = self.of(Event.CONNECTED)
        numbered("session", part.value)
        return part

    @cached_property
    def first_reply_of_session(self) -> Array:
        """[session]"""
        return first(len(self.connected), self.session_of_reply, self.replied.time)

    # --- numbers as names --------------------------------------------------------------------------------------

    def contact(self, numbers: Array) -> pd.Categorical:
        return named(numbers, self.contacts)

    def conversation(self, numbers: Array) -> pd.Categorical:
        return named(numbers, self.conversations)

    def channel(self, numbers: Array) -> pd.Categorical:
        return named(numbers, self.channels)

    def queue(self, numbers: Array) -> pd.Categorical:
        return named(numbers, self.queues)

    def agent(self, numbers: Array) -> pd.Categorical:
        return named(numbers, self.agents)

    def first_by_portion(self, part: Part, values: Array) -> Array:
        """[portion]"""
        return first(len(self.opened), self.links.portion(part), values)


def _unique(what: str, ids: Array) -> pd.Index:
    index = names(ids)
    if not index.is_unique:
        raise BrokenInvariant(f"journal: two {what}s have the id {index[index.duplicated()][0]}")
    return index
