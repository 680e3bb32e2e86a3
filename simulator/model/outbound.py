"""Campaigns and notifications: bulk sends through the caps, and the customers who answer.

What shares no cap with agents and flows is worked out before the run. Where they use the same numbers, the bulk lanes
advance between two of their messages (`gates.py`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.model.contact import Contact
from simulator.model.gates import Traffic
from simulator.model.lanes import Component
from simulator.model.ledger import enters
from simulator.rules.order import INBOUND, owner_id
from simulator.rules.stack import LEFT
from simulator.scenario.capping import channel_caps, is_capped, lane_key
from simulator.vocabulary.codes import EVENTS as Event
from simulator.workload.bulk import BulkSource

if TYPE_CHECKING:
    from simulator.model.world import World


def sends(world: World) -> Outbound:
    """Everything that leaves in bulk, and the gates that agents and flows share with it."""
    return Outbound(world)


class Outbound:
    """All bulk lanes of a run."""

    def __init__(self, world: World):
        self._world = world
        self._components: list[Component] = []
        self._traffic: list[Traffic] = []
        looks = [s for s in world.workload.bulk if s.active != "ignores" and (s.customer >= 0).any()]
        world.conversations.stays = {} if looks else None
        for sources, channels in _together(world):
            component = Component(world.scenario, world.workload, sources, channels)
            self._components.append(component)
            if any(_is_shared(world, channel) for channel in channels):
                self._traffic.append(Traffic(world, component, self.answers))
                continue
            if not sources:
                continue
            component.plays(world.workload.end_us)
            self._keeps_the_run_open(component)
            for i, source in enumerate(component.sources):
                if (source.reply_delay_us >= 0).any():
                    world.process(self._replies(component, i, source))

    def closes(self, end_us: int) -> None:
        """The run is over: every send gets its rows."""
        for traffic in self._traffic:
            traffic.closes(end_us)
        sources = [(source.lane, source.name, component, i) for component in self._components
                   for i, source in enumerate(component.sources)]  # fmt: skip
        for _, _, component, i in sorted(sources, key=lambda each: each[:2]):
            enters(self._world, component, i, end_us, self.was_active)

    def _keeps_the_run_open(self, component: Component) -> None:
        """A draining run does not end before the last send has left."""
        left = component.out_us[component.out_what == LEFT]
        waits = len(np.unique(component.out_send[component.out_what != LEFT])) + len(left) < len(component.which)
        last = self._world.workload.end_us if waits else int(left.max(initial=0))
        self._world.last_send_us = max(self._world.last_send_us, last)

    # --- customers ----------------------------------------------------------------------------------------------

    def _replies(self, component: Component, i: int, source: BulkSource) -> Generator[Any, None, None]:
        """Customers who answer a delivered message: contacts like any other, to the same agents."""
        mine = (component.out_what == LEFT) & (component.which[component.out_send] == i)
        ordinal, sent_us = component.ordinal[component.out_send[mine]], component.out_us[mine]
        answers = (source.reply_delay_us[ordinal] >= 0) & source.delivered[ordinal]
        ordinal, sent_us = ordinal[answers], sent_us[answers]
        at_us = sent_us + reply_after_us(source)[ordinal]
        in_time = np.lexsort((ordinal, at_us))
        self._world.begins()
        for k in in_time.tolist():
            yield self._world.until(at_us.item(k), INBOUND, owner_id(source.number, ordinal.item(k)))
            self.answers(source, ordinal.item(k), sent_us.item(k))
        self._world.ends()

    def answers(self, source: BulkSource, ordinal: int, sent_us: int) -> None:
        """A customer answers now what left then."""
        world = self._world
        channel = world.directory.source_channel[source.number]
        customer = int(source.customer[ordinal])
        if source.active == "fails" and self.was_active(channel, customer, sent_us):
            return  # it never reached him
        draws = world.workload.draws[source.number]
        facts = draws.facts_at(ordinal, source.reply_topic, customer)
        person = world.customers.person(channel, facts.customer)
        contact = Contact(next(world.contact_numbers), source.number, ordinal, person, facts, draws, None)
        world.customers.arrives(contact, Event.CONTACT_ARRIVED, source.number, ordinal)

    def was_active(self, channel: int, customer: int, at_us: int) -> bool:
        """Was a conversation of this customer open then?"""
        stays = self._world.conversations.stays
        if stays is None or customer < 0:
            return False
        person = self._world.customers.somebody(channel, customer)
        return person is not None and bisect_right(stays.get(person, ()), at_us) % 2 == 1


def reply_after_us(source: BulkSource) -> np.ndarray:
    """Leaving to the customer's reply, where he replies. [message]"""
    latency = 0 if source.fate is None else source.fate.latency_us
    return source.reply_delay_us + latency  # type: ignore[no-any-return]


def _is_shared(world: World, channel: int) -> bool:
    """Do agents or flows write where this channel's caps hold?"""
    name = world.directory.channels[channel]
    caps = channel_caps(world.scenario, name)
    if caps.clock is None and caps.pair is None:
        return False
    if world.scenario.channels[name].arrivals is not None:
        return True
    sources = [s for s in world.workload.bulk if world.directory.source_channel[s.number] == channel]
    return any((source.reply_delay_us >= 0).any() for source in sources)


def _together(world: World) -> list[tuple[list[BulkSource], list[int]]]:
    """Sources and capped channels that share caps, directly or through others; each set in order of name."""
    names, scenario = world.directory, world.scenario
    capped = {i for i, name in enumerate(names.channels) if is_capped(channel_caps(scenario, name))}
    group: dict[object, object] = {}

    def root(key: object) -> object:
        while group.setdefault(key, key) != key:
            key = group[key]
        return key

    for source in world.workload.bulk:
        channel = names.source_channel[source.number]
        lane = lane_key(scenario, source.lane, names.channels[channel])
        root(source.name)
        for shared in ([("lane", lane)] if lane else []) + ([channel] if channel in capped else []):
            group[root(shared)] = root(source.name)
    found: dict[object, tuple[list[BulkSource], list[int]]] = {}
    for source in world.workload.bulk:
        found.setdefault(root(source.name), ([], []))[0].append(source)
    for i in range(len(names.channels)):
        here = [s for s in world.workload.bulk if names.source_channel[s.number] == i]
        if i in capped or here:
            key = root(i) if i in capped else None
            for home in {key} if key is not None else {root(source.name) for source in here}:
                found.setdefault(home, ([], []))[1].append(i)
    return list(found.values())
