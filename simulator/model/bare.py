"""The yardstick: what an event costs in bare SimPy on this machine, with nothing of ours in it."""

from __future__ import annotations

from collections.abc import Iterator
from time import process_time

import simpy

GOLDEN = 0.6180339887498949
"""Fractional parts of its multiples spread evenly: every process gets a delay of its own, without chance."""
WARM_UP = 2
"""Timeouts of each process that are not timed: whatever else ran before has taken their place in the caches."""


class Bare:
    """So many processes, each yielding one timeout after the other: as many events are pending."""

    def __init__(self, processes: int):
        self.processes = processes
        self._env = simpy.Environment()
        delays = [0.5 + (number * GOLDEN) % 1.0 for number in range(processes)]
        self._events_per_time = sum(1 / delay for delay in delays)
        for delay in delays:
            self._env.process(self._yields_timeouts(delay))
        self._env.run(until=1.0)  # everybody has begun

    def _yields_timeouts(self, delay: float) -> Iterator[simpy.Event]:
        timeout = self._env.timeout
        while True:
            yield timeout(delay)

    def times(self, events: int) -> tuple[float, int]:
        """Handle about so many events more: CPU seconds, and how many events they were."""
        self._handles(WARM_UP * self.processes)
        began = process_time()
        handled = self._handles(events)
        return process_time() - began, handled

    def seconds_per_event(self, events: int) -> float:
        """CPU seconds per event, over about so many."""
        used_s, handled = self.times(events)
        return used_s / max(handled, 1)

    def _handles(self, events: int) -> int:
        env = self._env
        before = next(env._eid)
        env.run(until=env.now + events / self._events_per_time)
        return next(env._eid) - before - 2  # numbers that the stop took, and this look
