"""The clockwork: SimPy's environment and processes, with less of what this model does not use.

Everything here is what SimPy does, written out for a model in which an event has one listener at most, never fails,
and is waited for before it comes. Events stand in SimPy's own queue, cascades of the present one beside it, and are
handled in SimPy's order: time, priority, order of scheduling; `tests/test_clockwork.py` runs the model on SimPy's own
loop and finds the same journal. A process (here: a story) says what it waits for by what it yields:

    yield world.after(delay_us, RANK, owner)    a while
    yield world.until(at_us, RANK, owner)       a point in time
    yield at_us, RANK + owner                   the same, where every call counts
    yield world.rung(bell)                      until somebody rings
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from heapq import heapify, heappop, heappush, heappushpop
from typing import Any

import simpy

BEFORE_ALL = -1
"""Where the loop stops: before everything else of that instant."""


class Bell:
    """An event without a time, as far as the loop looks at it: whose story goes on when it comes."""

    __slots__ = ("story",)

    def __init__(self, story: Iterator[Any] | None = None) -> None:
        self.story = story
        """None: nobody waits for it."""


_STORY_ENDS = Bell()
"""Nobody waits for any story's end."""


class NothingLeft(Exception):
    """Ends a draining run: nobody will do anything any more."""


class _Reached(Exception):
    """Ends the loop: the point in time is there until which it was to run."""


def _stops() -> None:
    raise _Reached


class Clockwork(simpy.Environment):
    """SimPy's environment with its loop written out, and the time as an attribute."""

    now: int = 0  # type: ignore[assignment]

    def __init__(self) -> None:
        super().__init__()
        self.scheduled = 0
        """Events so far."""
        self._at_once: deque[Bell] = deque()
        """Cascades of the present event, which precede all else of the instant: what SimPy's own events have priority 0
        and 1 for. In order of scheduling they need no heap."""
        self._listened: Bell | None = None
        """The bell that a story has just begun to listen to."""

    @property
    def pending(self) -> int:
        """Events that are scheduled and have not come."""
        return len(self._at_once) + len(self._queue)

    def process(self, generator: Generator[Any, None, Any]) -> None:  # type: ignore[override]
        """A story begins: now, but after what is under way. As in SimPy its end is an event too."""
        self.rings(Bell(generator))

    def run_until(self, until_us: int) -> None:
        """What `run(until=…)` does: handle every event before `until_us`, then let the time be `until_us`. Ends where
        nothing is left, if somebody says so."""
        if until_us <= self.now:
            return
        stop = (until_us, BEFORE_ALL, 0, None, (_stops, ()))
        heappush(self._queue, stop)  # type: ignore[misc]
        try:
            self._handles_events()
        except _Reached:
            pass
        except NothingLeft:
            self._queue.remove(stop)  # type: ignore[arg-type]
            heapify(self._queue)

    def _handles_events(self) -> None:
        """One after the other, until somebody stops it. The hottest loop of the model.

        An entry of the queue is time, order, number, and the story that goes on or what is done.
        """
        queue: list[Any] = self._queue
        at_once = self._at_once
        if at_once:
            story, deed = at_once.popleft().story, None
        else:
            self.now, _, _, story, deed = heappop(queue)
        while True:
            if story is not None:
                waits = next(story, None)
                if waits is not None:
                    at_us, order = waits
                    self.scheduled = number = self.scheduled + 1
                    if not at_once:
                        self.now, _, _, story, deed = heappushpop(queue, (at_us, order, number, story, None))
                        continue
                    heappush(queue, (at_us, order, number, story, None))
                elif self._listened is not None:
                    self._listened.story, self._listened = story, None
                else:
                    self.scheduled += 1
                    at_once.append(_STORY_ENDS)
            elif deed is not None:
                action, args = deed
                action(*args)
            if at_once:
                story, deed = at_once.popleft().story, None
            else:
                self.now, _, _, story, deed = heappop(queue)

    def after(self, delay_us: int, rank: int, owner: int) -> tuple[int, int]:
        """What a story yields to wait so long. At one instant, rank and owner decide who comes first
        (`rules.order`)."""
        return self.now + delay_us, rank + owner

    def until(self, at_us: int, rank: int, owner: int) -> tuple[int, int]:
        """The same, until a point in time; one that has passed means now."""
        return max(at_us, self.now), rank + owner

    def call_after(self, delay_us: int, rank: int, owner: int, action: Callable[..., None], *args: Any) -> None:
        """Do something later. Nothing is ever cancelled: the action looks whether it still matters."""
        self.scheduled = number = self.scheduled + 1
        heappush(self._queue, (self.now + delay_us, rank + owner, number, None, (action, args)))  # type: ignore[misc]

    def bell(self) -> Bell:
        """It comes when somebody rings (`rings`), whether or not anybody waits for it."""
        return Bell()

    def rung(self, bell: Bell) -> tuple[int, int] | None:
        """What a story yields to wait for a bell: no time."""
        self._listened = bell
        return None

    def rings(self, bell: Bell) -> None:
        """Ring: a cascade of the present event, before all others."""
        self.scheduled += 1
        self._at_once.append(bell)
