"""The bench: how fast is this installation, against bare SimPy on the same machine in the same seconds?

Times are CPU seconds of this process (`time.process_time`), so that what else the machine does counts little. Numbers
divided by bare SimPy can be compared between machines; the others cannot.

A machine's speed drifts by tens of percent, often within a second (measured: bare SimPy took 1.5 to 5 µs an event in
neighbouring tenths of a second). So the model and bare SimPy take turns, a slice of one and a slice of the other: what
slows the machine slows both.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from time import process_time
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from simulator.experiments.bench_worlds import World, crews, crowds, floors, retail

if TYPE_CHECKING:
    from simulator.experiments.replicate import OnProgress
    from simulator.scenario import Scenario

PROCESSES = 1_000
"""Of bare SimPy, each yielding timeouts."""
EVENTS = 400_000
"""Handled by bare SimPy where it is measured by itself: about a second."""
SLICE_S = 0.05
"""CPU time of the model between two slices of bare SimPy: many in a run, and few enough that neither finds the caches
cold all the time."""
SLICE = 20
"""A slice of bare SimPy handles `EVENTS` divided by this: some 0.05 s."""
REPEATS = 3
"""Every pair is measured so often; the median of the ratios counts."""

Made = TypeVar("Made")


@dataclass(frozen=True)
class Speed:
    """What one replication of the retail weekday took."""

    bare_events_per_s: float
    events: int
    """Scheduled by the model in SimPy."""
    rows: int
    """Of its journal."""
    conversations: int
    stages_s: dict[str, float]
    """CPU seconds: draw, simulate, fold, check, measure."""
    bytes_per_row: float
    peak_simulating_bytes: int | None
    """Most memory of a fresh process while it drew and simulated, beyond what it held before."""
    peak_bytes: int | None
    """The same with folding, checking and measuring."""
    memory_by: str

    def document(self) -> dict[str, Any]:
        """What `--json` prints."""
        simulating, total = self.stages_s["simulate"], sum(self.stages_s.values())
        rates = {
            "events": self.events / simulating,
            "journal_rows": self.rows / simulating,
            "conversations": self.conversations / simulating,
            "conversations_all_stages": self.conversations / total,
        }
        share = {stage: seconds / total for stage, seconds in self.stages_s.items()}
        return asdict(self) | {
            "per_s": rates,
            "per_s_of_bare": {name: rate / self.bare_events_per_s for name, rate in rates.items()},
            "share": share,
            "share_beside_simulating": share["draw"] + share["fold"] + share["measure"],
            "peak_simulating_bytes_per_conversation": _each(self.peak_simulating_bytes, self.conversations),
            "peak_bytes_per_conversation": _each(self.peak_bytes, self.conversations),
        }


@dataclass(frozen=True)
class Cost:
    """The cost of an event in one world, against bare SimPy with as many pending."""

    world: str
    events: int
    pending: float
    """Mean number of events pending over the time that was measured."""
    us_per_event: float
    bare_us_per_event: float

    @property
    def ratio(self) -> float:
        return self.us_per_event / self.bare_us_per_event


# --- speed -----------------------------------------------------------------------------------------------------


def speed(duration: str | None = None, on_progress: OnProgress | None = None, memory: bool = True) -> Speed:
    """Measure one replication of the retail weekday without bulk sends."""
    from simulator import engine

    scenario = retail(duration)
    _one(retail("1 h"))  # imports and caches are nobody's speed
    tries = []
    for _ in range(REPEATS):
        beside = _Beside(engine.bare(PROCESSES))
        one = _one(scenario, on_progress, beside=beside)
        tries.append((beside.seconds_per_event, one))
    # The try whose engine stands in the middle, seen against bare SimPy beside it.
    bare, one = sorted(tries, key=lambda pair: pair[1].events / pair[1].stages_s["simulate"] * pair[0])[REPEATS // 2]
    peaks = _in_a_fresh_process(duration) if memory else (None, None, "not measured")
    return Speed(
        bare_events_per_s=1 / bare,
        events=one.events,
        rows=one.rows,
        conversations=one.conversations,
        stages_s=one.stages_s,
        bytes_per_row=one.bytes_per_row,
        peak_simulating_bytes=peaks[0],
        peak_bytes=peaks[1],
        memory_by=peaks[2],
    )


class _Yardstick(Protocol):
    def times(self, events: int) -> tuple[float, int]:
        """Handle about so many events: CPU seconds, and how many they were."""


class _Beside:
    """Bare SimPy in slices beside the model."""

    def __init__(self, bare: _Yardstick):
        self._bare = bare
        self._timed_s, self._events = 0.0, 0
        self.took_s = 0.0
        """In all: what the model's time must be less."""
        self._ended_s = -math.inf

    def has_its_turn(self) -> None:
        """A slice, unless the model has just begun one."""
        began = process_time()
        if began - self._ended_s < SLICE_S:
            return
        timed_s, events = self._bare.times(EVENTS // SLICE)
        self._timed_s, self._events = self._timed_s + timed_s, self._events + events
        self._ended_s = process_time()
        self.took_s += self._ended_s - began

    @property
    def seconds_per_event(self) -> float:
        return self._timed_s / max(self._events, 1)


@dataclass(frozen=True)
class _One:
    events: int
    rows: int
    conversations: int
    bytes_per_row: float
    stages_s: dict[str, float]


def _one(
    scenario: Scenario,
    on_progress: OnProgress | None = None,
    between: Callable[[], None] | None = None,
    beside: _Beside | None = None,
) -> _One:
    """One replication, stage by stage; `between` is called when the journal is there and nothing is folded yet."""
    from simulator import engine, records, workload
    from simulator.experiments.replicate import measured

    stages: dict[str, float] = {}

    def timed(stage: str, work: Callable[[], Made]) -> Made:
        began = process_time()
        made = work()
        stages[stage] = process_time() - began
        return made

    def progress(now: int, end: int) -> None:
        if beside is not None:
            beside.has_its_turn()
        if on_progress is not None:
            on_progress(min(now / max(end, 1), 1.0))

    statistics: list[tuple[int, int, int]] = []
    drawn = timed("draw", lambda: workload.draw(scenario, 0))
    rows = timed("simulate", lambda: engine.simulate(scenario, drawn, progress=progress, statistics=statistics))
    if beside is not None:
        stages["simulate"] -= beside.took_s
    if between is not None:
        between()
    end_us = int(rows["time"][-1])
    tables = timed("fold", lambda: dict(records.fold(scenario, rows, 0)))
    timed("check", lambda: records.checks(scenario, rows, tables, records.Promised.of(drawn)))
    timed("measure", lambda: measured(scenario, tables, end_us))
    count = len(tables["conversations"])
    return _One(statistics[-1][1], len(rows), count, rows.nbytes / max(len(rows), 1), stages)


# --- memory ----------------------------------------------------------------------------------------------------


def _in_a_fresh_process(duration: str | None) -> tuple[int | None, int | None, str]:
    """Peaks beyond the start, in bytes: while drawing and simulating; with folding, checking and measuring.

    Resident memory as the system counts it, because tracemalloc sees neither what Arrow holds nor what the
    allocators keep, and slows the run it watches.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
        return fresh.submit(_peaks, duration).result()


def _peaks(duration: str | None) -> tuple[int | None, int | None, str]:
    scenario = retail(duration)
    _one(retail("1 h"))  # what is imported and cached is not the run's
    before, _ = _resident()
    simulated: list[int | None] = []
    _one(scenario, between=lambda: simulated.append(_resident()[1]))
    _, peak = _resident()
    if before is None or peak is None or simulated[0] is None:
        return None, None, "resident memory cannot be read on this system"
    how = "peak resident memory (VmHWM) of a fresh process, less what it held before drawing (VmRSS)"
    if sys.platform != "linux":
        how = "peak resident memory (ru_maxrss) of a fresh process, less its peak before drawing"
    return max(simulated[0] - before, 0), max(peak - before, 0), how


def _resident() -> tuple[int | None, int | None]:
    """Resident memory of this process now, and its peak, in bytes."""
    try:
        if sys.platform == "linux":
            # ru_maxrss of a child begins with its parent's peak on Linux; VmHWM is the process's own.
            with open("/proc/self/status", encoding="ascii") as status:
                kib = {line.split(":")[0]: int(line.split()[1]) for line in status if line.startswith("Vm")}
            return kib["VmRSS"] * 1024, kib["VmHWM"] * 1024
        import resource

        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak, peak  # bytes on macOS
    except (OSError, KeyError, ImportError):
        return None, None


def _each(total: int | None, count: int) -> float | None:
    return None if total is None else total / max(count, 1)


# --- flat ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Flat:
    """Two worlds that differ by one size: a model without slow spots costs as much per event in both."""

    small: Cost
    large: Cost

    @property
    def ratio(self) -> float:
        """Cost of the large world ÷ cost of the small one, each divided by bare SimPy with as many pending."""
        return self.large.ratio / self.small.ratio

    def document(self) -> dict[str, Any]:
        sides = {name: asdict(cost) | {"of_bare": cost.ratio} for name, cost in vars(self).items()}
        return sides | {"ratio": self.ratio}


def flat(
    size: float = 1.0,
    waiting: int = 50_000,
    on_progress: OnProgress | None = None,
    floor: tuple[int, int, int, int] = (5_000, 200, 100, 500),
) -> tuple[Flat, Flat, Flat]:
    """20 agents and 2,000; an empty queue and one with so many `waiting`; one queue and many. `size` scales the time
    simulated, `floor` is agents, queues, skills and groups of the last pair."""
    pairs = (crews(size), crowds(waiting, size), floors(*floor, size))
    steps, done_steps = 2 * REPEATS * len(pairs), 0
    found = []
    for small, large in pairs:
        tries = []
        for _ in range(REPEATS):
            costs = []
            for world in (small, large):

                def show(done: float, before: int = done_steps) -> None:
                    if on_progress is not None:
                        on_progress((before + done) / steps)

                costs.append(cost(world, show))
                done_steps += 1
            tries.append(Flat(*costs))
        found.append(sorted(tries, key=lambda pair: pair.ratio)[REPEATS // 2])
    return found[0], found[1], found[2]


def cost(world: World, on_progress: OnProgress | None = None) -> Cost:
    """Time the events of a world's stretch, and bare SimPy with as many pending, before and after."""
    from simulator import engine, workload

    statistics: list[tuple[int, int, int]] = []
    clock_s: list[float] = []

    def progress(now: int, end: int) -> None:
        clock_s.append(process_time())
        if on_progress is not None:
            on_progress(min(now / max(end, 1), 1.0))

    drawn = workload.draw(world.scenario, 0)
    engine.simulate(world.scenario, drawn, progress=progress, statistics=statistics)
    now_us, scheduled, pending = np.array(statistics).T
    # SimPy's counter counts what was scheduled; what was handled is that less what is still pending.
    handled = scheduled - pending
    inside = np.flatnonzero((now_us >= world.from_us) & (now_us <= world.to_us))
    first, last = inside[0], inside[-1]
    events = int(handled[last] - handled[first])
    held = float(pending[inside].mean())
    bare = engine.bare(max(round(held), 1)).seconds_per_event(2 * EVENTS)
    used_s = clock_s[last] - clock_s[first]
    return Cost(world.name, events, held, 1e6 * used_s / max(events, 1), 1e6 * bare)
