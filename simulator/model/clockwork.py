"""The clockwork: SimPy's environment and processes, with less of what this model does not use.

Everything here is what SimPy does, written out for a model in which an event has one listener at most, never fails,
and is waited for before it comes. Events stand in SimPy's own queue and are handled in SimPy's order: time, priority,
order of scheduling.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from heapq import heapify, heappop, heappush
from typing import Any

import simpy

AT_ONCE = 1
"""SimPy's own priority of an event that happens at once."""

BEFORE_ALL = -1
"""Where the loop stops: before everything else of that instant."""


class Moment:
    """Something that a process waits for: as much of a SimPy event as the loop looks at."""

    __slots__ = ("callbacks",)
    callbacks: Sequence[Callable[[Any], None]]


class Timer:
    """Something to do later; to the loop an event like any other."""

    __slots__ = ("action", "args")
    action: Callable[..., None]
    args: tuple[Any, ...]
    callbacks: Sequence[Callable[[Timer], None]]


def _rings(timer: Timer) -> None:
    timer.action(*timer.args)


Timer.callbacks = (_rings,)


class Story(simpy.Process):
    """SimPy's process for a generator that yields moments: it does not look whether an event has failed or has come
    already. What goes wrong inside goes straight to whoever runs the model."""

    def __init__(self, env: Clockwork, generator: Generator[Any, None, Any]):
        self.env = env
        self.callbacks: list[Callable[[Any], None]] = []
        self._generator = generator
        self._send = generator.send
        self._listens = (self._goes_on,)
        begins = Moment()
        begins.callbacks = self._listens
        env.comes_now(begins)

    def _goes_on(self, _: Moment) -> None:
        try:
            self._send(None).callbacks = self._listens
        except StopIteration:
            self._listens = ()  # type: ignore[assignment]  # it held itself
            self.env.comes_now(self)  # type: ignore[attr-defined]


class NothingLeft(Exception):
    """Ends a draining run: nobody will do anything any more."""


class Clockwork(simpy.Environment):
    """SimPy's environment with its loop written out, and the time as an attribute."""

    now: int = 0  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.scheduled = 0
        """Events so far."""

    def process(self, generator: Generator[Any, None, Any]) -> Story:  # type: ignore[override]
        return Story(self, generator)

    def run_until(self, until_us: int) -> None:
        """What `run(until=…)` does: handle every event before `until_us`, then let the time be `until_us`. Ends where
        nothing is left, if somebody says so."""
        queue, stop = self._queue, Moment()
        entry = (until_us, BEFORE_ALL, 0, stop)
        heappush(queue, entry)  # type: ignore[misc]
        try:
            while True:
                self.now, _, _, event = heappop(queue)  # type: ignore[assignment]
                if event is stop:  # type: ignore[comparison-overlap]
                    return
                for callback in event.callbacks:  # type: ignore[union-attr]
                    callback(event)
        except NothingLeft:
            queue.remove(entry)  # type: ignore[arg-type]
            heapify(queue)

    def after(self, delay_us: int, rank: int, owner: int) -> Moment:
        """A moment to wait for. At one instant, rank and owner decide who comes first (`rules.order`)."""
        moment = Moment()
        # What `schedule` does, without the call: this is the hottest line of the model.
        self.scheduled = number = self.scheduled + 1
        heappush(self._queue, (self.now + delay_us, rank + owner, number, moment))  # type: ignore[misc]
        return moment

    def until(self, at_us: int, rank: int, owner: int) -> Moment:
        """The same, at a point in time; one that has passed means now."""
        return self.after(max(at_us - self.now, 0), rank, owner)

    def call_after(self, delay_us: int, rank: int, owner: int, action: Callable[..., None], *args: Any) -> None:
        """Do something later. Nothing is ever cancelled: the action looks whether it still matters."""
        timer = Timer()
        timer.action, timer.args = action, args
        self.scheduled = number = self.scheduled + 1
        heappush(self._queue, (self.now + delay_us, rank + owner, number, timer))  # type: ignore[misc]

    def bell(self) -> Moment:
        """A moment without a time: it comes when somebody rings (`comes_now`), whether or not anybody waits for it."""
        moment = Moment()
        moment.callbacks = ()
        return moment

    def comes_now(self, moment: Moment | Story) -> None:
        """Let a moment that somebody waits for come: a cascade of the present event, before all others."""
        self.scheduled = number = self.scheduled + 1
        heappush(self._queue, (self.now, AT_ONCE, number, moment))  # type: ignore[misc]
