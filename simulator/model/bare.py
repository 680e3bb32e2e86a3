"""The yardstick: what an event costs in bare SimPy on this machine, with nothing of ours in it."""

from __future__ import annotations

from collections.abc import Iterator
from time import process_time

import simpy

GOLDEN = 0.6180339887498949
"""Fractional parts of its multiples spread evenly: every process gets a delay of its own, without chance."""


def seconds_per_event(processes: int, events: int) -> float:
    """CPU seconds per event of so many processes, each yielding one timeout after the other.

    As many events are pending as there are processes. About `events` are handled; starting up is not counted.
    """
    env = simpy.Environment()

    def process(delay: float) -> Iterator[simpy.Event]:
        timeout = env.timeout
        while True:
            yield timeout(delay)

    delays = [0.5 + (number * GOLDEN) % 1.0 for number in range(processes)]
    for delay in delays:
        env.process(process(delay))
    env.run(until=1.0)  # everybody has begun
    horizon = env.now + events / sum(1 / delay for delay in delays)
    before = next(env._eid)
    began = process_time()
    env.run(until=horizon)
    used_s = process_time() - began
    return used_s / max(next(env._eid) - before - 1, 1)
