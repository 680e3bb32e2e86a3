"""The world: SimPy's environment, the journal, and the people and rooms that know each other through it."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, Any

import simpy

from simulator.journal import PACK, JournalWriter
from simulator.model.utilization import Kinds
from simulator.rules.order import PRIORITY, RUN_ENDS
from simulator.scenario.schema import Scenario
from simulator.workload import Workload

if TYPE_CHECKING:
    from simulator.model.acd import Acd
    from simulator.model.agent import Agent
    from simulator.model.conversation import Conversations
    from simulator.model.customer import Customers
    from simulator.model.filtering import ContentFilter
    from simulator.model.outages import Outages
    from simulator.model.outbound import Outbound
    from simulator.model.sending import Sending


SIMPY_NORMAL = 1
"""SimPy's own priority of an event that happens at once."""


class Moment:
    """Something to wait for: as much of a SimPy event as SimPy looks at, in slots."""

    __slots__ = ("callbacks",)
    _ok = True
    _value = None
    callbacks: list[Callable[[Any], None]] | None


class Timer:
    """Something to do later; to SimPy an event like any other."""

    __slots__ = ("action", "args", "callbacks")
    _ok = True
    _value = None
    action: Callable[..., None]
    args: tuple[Any, ...]
    callbacks: tuple[Callable[[Timer], None], ...] | None


def _rings(timer: Timer) -> None:
    timer.action(*timer.args)


_RINGS = (_rings,)


class NothingLeft(Exception):
    """Ends a draining run: nobody will do anything any more."""


class Clockwork(simpy.Environment):
    """SimPy's environment with its loop written out, two calls less for each event, and the time as an attribute."""

    now: int = 0  # type: ignore[assignment]

    def run_until(self, until_us: int) -> None:
        """What `run(until=…)` does: handle every event before `until_us`, then let the time be `until_us`. Ends where
        nothing is left, if somebody says so."""
        queue = self._queue
        try:
            while queue and queue[0][0] < until_us:
                self.now, _, _, event = heappop(queue)  # type: ignore[assignment]
                self._now = self.now
                callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]
                for callback in callbacks:
                    callback(event)
                if not event._ok and not hasattr(event, "_defused"):
                    raise event._value
            self.now = self._now = until_us
        except NothingLeft:
            pass


class World(Clockwork):
    """One run of the model."""

    sending: Sending
    customers: Customers
    conversations: Conversations
    acd: Acd
    agents: list[Agent]
    outbound: Outbound
    content_filter: ContentFilter | None
    outages: Outages | None

    def __init__(self, scenario: Scenario, workload: Workload):
        super().__init__()
        self.scenario = scenario
        self.workload = workload
        self.directory = workload.directory
        self._next_event = self._eid.__next__
        self.kinds = Kinds(scenario, self.directory)
        self.journal = JournalWriter()
        self._append = self.journal.append
        self.unfinished = 0
        """Open conversations, sessions in wrap-up and customers who will still write: what `drain` waits for."""
        self._duration_us = scenario.duration_us
        self.last_send_us = 0
        """When the last bulk message leaves: a draining run does not end before."""
        # Running numbers, from 0, in order of appearance.
        self.next_contact = count().__next__
        self.next_conversation = count().__next__
        self.next_message = count().__next__
        self.next_turn = count().__next__
        self.next_offer = count().__next__
        self.next_session = count().__next__

    def log(
        self,
        event: int,
        conversation: int = -1,
        portion: int = -1,
        message: int = -1,
        queue: int = -1,
        agent: int = -1,
        value: int = 0,
    ) -> None:
        """Write a row of the journal, now. Columns: `vocabulary.codes.Event`."""
        self._append(PACK(self.now, event, conversation, portion, message, queue, agent, value))

    def after(self, delay_us: int, rank: int, owner: int) -> Moment:
        """A moment to wait for. At one instant, rank and owner decide who comes first (`rules.order`)."""
        moment = Moment()
        moment.callbacks = []
        # What `schedule` does, without the call: this is the hottest line of the model.
        heappush(self._queue, (self.now + delay_us, PRIORITY[rank] + owner, self._next_event(), moment))  # type: ignore[misc]
        return moment

    def until(self, at_us: int, rank: int, owner: int) -> Moment:
        """The same, at a point in time; one that has passed means now."""
        return self.after(max(at_us - self.now, 0), rank, owner)

    def call_after(self, delay_us: int, rank: int, owner: int, action: Callable[..., None], *args: Any) -> None:
        """Do something later. Nothing is ever cancelled: the action looks whether it still matters."""
        timer = Timer()
        timer.action, timer.args, timer.callbacks = action, args, _RINGS
        heappush(self._queue, (self.now + delay_us, PRIORITY[rank] + owner, self._next_event(), timer))  # type: ignore[misc]

    def bell(self) -> Moment:
        """A moment without a time: it comes when somebody rings (`comes_now`)."""
        moment = Moment()
        moment.callbacks = []
        return moment

    def comes_now(self, moment: Moment) -> None:
        """Let a moment that somebody waits for come: a cascade of the present event, before all others."""
        heappush(self._queue, (self.now, SIMPY_NORMAL, self._next_event(), moment))  # type: ignore[misc]

    def begins(self) -> None:
        """Something is under way that a draining run waits for."""
        self.unfinished += 1

    def ends(self) -> None:
        self.unfinished -= 1
        if not self.unfinished and self.now >= self._duration_us:
            self.call_after(0, RUN_ENDS, 0, self._looks_whether_all_is_done)

    def _looks_whether_all_is_done(self) -> None:
        if not self.unfinished:
            raise NothingLeft
