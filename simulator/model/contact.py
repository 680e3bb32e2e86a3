"""Persons and contacts: who writes, what he needs, and the draws that belong to him."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.rules.order import owner_id
from simulator.vocabulary.codes import LOGGED_IN
from simulator.workload.contacts import AGAIN, DELAYS, NOT_DRAWN, ContactDraws
from simulator.workload.flowdraws import FlowDraws
from simulator.workload.flowsteps import Bot, Collect, Identify, Transfer
from simulator.workload.ragged import Ragged
from simulator.workload.workload import ChannelContacts

if TYPE_CHECKING:
    from simulator.model.conversation import Conversation


class Person:
    """One customer on one channel."""

    __slots__ = ("asleep", "channel", "conversation", "script", "thinking", "unresolved")

    def __init__(self, channel: int):
        self.channel = channel
        self.conversation: Conversation | None = None
        """The latest."""
        self.script: list[Contact] = []
        """Contacts that have turns to come, in the order in which he will write them."""
        self.unresolved: list[Contact] = []
        """Contacts whose outcome is not settled."""
        self.thinking: object | None = None
        """Stands for the burst he is about to write."""
        self.asleep = False
        """Gave up or vanished without a sign: reads nothing, writes nothing."""


class Contact:
    """One need of one customer."""

    __slots__ = (
        "alerts",
        "bot_turns",
        "collected",
        "columns",
        "contained",
        "customer",
        "draws",
        "entity",
        "entries",
        "facts",
        "heard",
        "identified",
        "is_thanks",
        "known",
        "messages",
        "misrouted",
        "next_turn",
        "number",
        "owner",
        "passed_flow",
        "passes",
        "person",
        "questions",
        "replied",
        "returns",
        "said",
        "seen_as",
        "sessions",
        "settled",
        "silent",
        "source",
        "templates",
        "topic",
        "transfer",
        "turns",
        "under_way",
        "vanishes_after",
    )

    def __init__(
        self, number: int, source: int, entity: int, person: Person, facts: tuple[int, ...], draws: ContactDraws,
        columns: ChannelContacts | None,
    ):  # fmt: skip
        self.number = number
        self.source = source
        self.entity = entity
        self.owner = owner_id(source, entity)
        self.person = person
        self.facts = facts
        """Those of `workload.contacts.Facts`."""
        (self.topic, self.customer, self.turns, self.messages, self.vanishes_after, self.silent, self.known,
         self.contained, self.bot_turns) = facts[:DELAYS]  # fmt: skip
        """`known`: what the identification finds. As attributes they are read three times as fast (measured)."""
        self.draws = draws
        self.columns = columns
        """Where its turns are drawn already; None for contacts that nobody could foresee."""
        self.next_turn = 1
        self.entries = 0
        """Queue entries, alerts and sessions so far: each has a draw of its own."""
        self.alerts = 0
        self.sessions = 0
        self.passed_flow = False
        self.passes = 0
        """Passes through a flow, and questions heard there: each has a draw of its own."""
        self.questions = 0
        self.identified = False
        """A flow has found out who he is."""
        self.seen_as = self.topic
        """The topic as which he is handed over: a bot may be wrong."""
        self.transfer: Transfer | None = None
        """Where the flow led."""
        self.misrouted: Transfer | None = None
        """Where it would have led if the bot had not taken him for somebody else."""
        self.collected = 0
        """Fields that the flow's form collected."""
        self.replied = False
        self.returns: dict[int, int] | None = None
        """How often it was followed, by reason."""
        self.said = 0
        """Messages of flows to him, replies that reached him, and replies that are under way to him."""
        self.heard = 0
        self.under_way = 0
        self.templates = 0
        """Templates sent to him instead of a reply."""
        self.settled = False
        """Its outcome is known."""
        self.is_thanks = False
        """Nobody thanks for an answer to his thanks (assumed)."""

    def _foreseen(self, column: Ragged, k: int) -> int | None:
        """Draw k of this contact in a column; None where nobody drew so far."""
        starts, entity = column.start_at, self.entity
        place = starts[entity] + k
        return column.value_at[place] if place < starts[entity + 1] else None

    def gap_us(self, k: int) -> int:
        """Time between messages k and k + 1 of the opening burst."""
        drawn = None if self.columns is None else self._foreseen(self.columns.gap_us, k)
        return self.draws.gap_us(self.topic, self.entity, k) if drawn is None else drawn

    def think_us(self, k: int) -> int:
        """Time from the reply before it to the burst of turn k."""
        drawn = None if self.columns is None else self._foreseen(self.columns.think_us, k)
        return self.draws.think_us(self.topic, self.entity, k) if drawn is None else drawn

    def effort_us(self, way: int, k: int) -> int:
        """Drawn effort of the reply to turn k, for one way of replying."""
        drawn = None if self.columns is None else self._foreseen(self.columns.effort_us[way], k)
        return self.draws.effort_us(way, self.topic, self.entity, k) if drawn is None else drawn

    def is_identified_by(self, draws: FlowDraws, step: Identify) -> int:
        """Does an identification succeed? 1 or 0."""
        topic = self.topic
        if step is draws.first_identify[topic]:
            found = self.known
        else:
            found = self.known = int(draws.identified(step, topic, self.entity))
        self.identified = bool(found)
        return found

    def is_logged_in(self, known: int) -> int:
        """His session is authenticated: what the identification finds is what the session says, 2, or nothing, 0."""
        found = LOGGED_IN if known else 0
        self.known = found
        self.identified = bool(found)
        return found

    def talks_to(self, draws: FlowDraws, step: Bot) -> tuple[bool, int, list[int]]:
        """A bot: does it solve the need, after how many of its messages, and the delays, ours and his in turn."""
        topic, entity = self.topic, self.entity
        if step is not draws.first_bot[topic]:
            contained, turns = draws.bot(step, topic, entity)
            return contained, turns, draws.talk_us(step, topic, entity, turns)
        if self.columns is not None:
            return bool(self.contained), self.bot_turns, self.columns.talk_us.row(entity)
        return bool(self.contained), self.bot_turns, draws.talk_us(step, topic, entity, self.bot_turns)

    def fills_in(self, draws: FlowDraws, step: Collect) -> list[int]:
        """A form: the delays, ours and his in turn."""
        drawn = None
        if self.columns is not None and step is draws.first_form[self.topic]:
            drawn = self.columns.form_us.row(self.entity)  # empty: the bot would have solved it, but it was skipped
        return drawn or draws.form_us(step, self.topic, self.entity)

    def next_patience_us(self) -> int:
        k, self.entries = self.entries, self.entries + 1
        drawn = None if self.columns is None else self._foreseen(self.columns.patience_us, k)
        return self.draws.patience_us(self.topic, self.entity, k) if drawn is None else drawn

    def next_answer_us(self, queue: int) -> int:
        k, self.alerts = self.alerts, self.alerts + 1
        topic = self.topic
        if self.columns is not None and queue == self.draws.home[topic]:
            drawn = self._foreseen(self.columns.answer_us, k)
            if drawn is not None:
                return drawn
        return self.draws.answer_us(queue, topic, self.entity, k)

    def next_wrap_up_us(self, queue: int) -> int:
        k, self.sessions = self.sessions, self.sessions + 1
        topic = self.topic
        if self.columns is not None and queue == self.draws.home[topic]:
            drawn = self._foreseen(self.columns.wrap_up_us, k)
            if drawn is not None:
                return drawn
        return self.draws.wrap_up_us(queue, topic, self.entity, k)

    def declines(self, share: float) -> bool:
        """Is the latest alert declined, by an agent who declines such a share?"""
        return self.draws.declines(self.entity, self.alerts - 1, share)

    def next_transfer(self, queue: int) -> tuple[int, int | None]:
        """The rule by which the session after the latest queue entry is passed on, and the attention that it takes."""
        return self.draws.transfer(queue, self.topic, self.entity, self.entries - 1)

    def balks(self) -> bool:
        """Leaves at once if nobody is free? Asked at a queue entry, after its patience."""
        return self.draws.balks(self.topic, self.entity, self.entries - 1)

    def next_again_us(self, reason: int) -> tuple[int, int]:
        """Delay until the person writes again (NEVER), and how often the reason has occurred before."""
        returns = self.returns = self.returns or {}
        number = returns[reason] = returns.get(reason, -1) + 1
        delay_us = self.facts[AGAIN[reason]] if number == 0 else NOT_DRAWN
        if delay_us == NOT_DRAWN:
            delay_us = self.draws.again_us(reason, self.topic, self.entity, number)
        return delay_us, number
