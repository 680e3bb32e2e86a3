"""The world: SimPy's environment, the journal, and the people and rooms that know each other through it."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from typing import TYPE_CHECKING, Any

import simpy

from simulator.journal import PACK, JournalWriter
from simulator.platforms import platform
from simulator.rules.order import PRIORITY, RUN_ENDS
from simulator.scenario.schema import Scenario
from simulator.workload import Workload

if TYPE_CHECKING:
    from simulator.model.acd import Acd
    from simulator.model.agent import Agent
    from simulator.model.conversation import Conversations
    from simulator.model.customer import Customers


SIMPY_NORMAL = 1
"""SimPy's own priority of an event that happens at once."""


class Moment:
    """Something to wait for: as much of a SimPy event as SimPy looks at, in slots."""

    __slots__ = ("callbacks",)
    _ok = True
    _value = None

    def __init__(self) -> None:
        self.callbacks: list[Callable[[Any], None]] | None = []


class Timer:
    """Something to do later; to SimPy an event like any other."""

    __slots__ = ("action", "args", "callbacks")
    _ok = True
    _value = None

    def __init__(self, action: Callable[..., None], args: tuple[Any, ...]):
        self.action = action
        self.args = args
        self.callbacks: tuple[Callable[[Timer], None], ...] | None = _RINGS


def _rings(timer: Timer) -> None:
    timer.action(*timer.args)


_RINGS = (_rings,)


class Clockwork(simpy.Environment):
    """SimPy's environment, with its loop written out: two calls less for each event."""

    def run_until(self, until_us: int) -> None:
        """What `run(until=…)` does: handle every event before `until_us`, then let the time be `until_us`."""
        queue = self._queue
        while queue and queue[0][0] < until_us:
            self._now, _, _, event = heappop(queue)
            callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]
            for callback in callbacks:
                callback(event)
            if not event._ok and not hasattr(event, "_defused"):
                raise event._value
        self._now = until_us


class World:
    """One run of the model."""

    customers: Customers
    conversations: Conversations
    acd: Acd
    agents: list[Agent]

    def __init__(self, scenario: Scenario, workload: Workload):
        self.scenario = scenario
        self.workload = workload
        self.directory = workload.directory
        self.env = Clockwork()
        self._queue: list[Any] = self.env._queue
        self._next_event = self.env._eid.__next__
        self.journal = JournalWriter()
        self._append = self.journal.append
        self.reply_windows_us = [
            platform(scenario.channels[name].platform).reply_window_us for name in self.directory.channels
        ]
        """How long after the customer's latest message free text may be sent; None: always. [channel]"""
        self.unfinished = 0
        """Open conversations, sessions in wrap-up and customers who will still write: what `drain` waits for."""
        self.nothing_left = self.env.event()
        self.last_send_us = 0
        """When the last bulk message leaves: a draining run does not end before."""
        # Running numbers, from 0, in order of appearance.
        self.next_contact = count().__next__
        self.next_conversation = count().__next__
        self.next_message = count().__next__
        self.next_turn = count().__next__
        self.next_offer = count().__next__
        self.next_session = count().__next__

    @property
    def now(self) -> int:
        return self.env._now  # type: ignore[return-value]

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
        self._append(PACK(self.env._now, event, conversation, portion, message, queue, agent, value))

    def after(self, delay_us: int, rank: int, owner: int) -> Moment:
        """A moment to wait for. At one instant, rank and owner decide who comes first (`rules.order`)."""
        moment = Moment()
        # What `env.schedule` does, without the call: this is the hottest line of the model.
        heappush(self._queue, (self.env._now + delay_us, PRIORITY[rank] + owner, self._next_event(), moment))
        return moment

    def until(self, at_us: int, rank: int, owner: int) -> Moment:
        """The same, at a point in time; one that has passed means now."""
        return self.after(max(at_us - self.now, 0), rank, owner)

    def call_after(self, delay_us: int, rank: int, owner: int, action: Callable[..., None], *args: Any) -> None:
        """Do something later. Nothing is ever cancelled: the action looks whether it still matters."""
        timer = Timer(action, args)
        heappush(self._queue, (self.env._now + delay_us, PRIORITY[rank] + owner, self._next_event(), timer))

    def comes_now(self, moment: Moment) -> None:
        """Let a moment that somebody waits for come: a cascade of the present event, before all others."""
        heappush(self._queue, (self.env._now, SIMPY_NORMAL, self._next_event(), moment))

    def begins(self) -> None:
        """Something is under way that a draining run waits for."""
        self.unfinished += 1

    def ends(self) -> None:
        self.unfinished -= 1
        if not self.unfinished and self.now >= self.scenario.duration_us:
            self.call_after(0, RUN_ENDS, 0, self._looks_whether_all_is_done)

    def _looks_whether_all_is_done(self) -> None:
        if not self.unfinished and not self.nothing_left.triggered:
            self.nothing_left.succeed()
