"""Replicate: draw → simulate → fold → check → measure, once per replication, on any number of workers.

The answer does not depend on the workers: a replication is a function of scenario, seed and its number, and the
answers are put together in order of that number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

from simulator.experiments import pool
from simulator.experiments.run import (
    Run,
    clipped_by_purpose,
    clipped_notes,
    merged_checks,
    provenance,
    said_by,
    stacked,
)
from simulator.vocabulary.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from simulator.records import Check
    from simulator.scenario import Scenario

OnProgress = Callable[[float], None]
"""Called with the share done, from 0 to 1, now and then."""

STAGES = ("draw", "simulate", "fold", "check", "measure")
DONE_AFTER = {"simulate": 0.68, "fold": 0.78, "check": 0.88, "measure": 1.0}
"""Share of a replication that is done after a stage, for the progress bar: one `ccsim bench`, rounded."""


@dataclass(frozen=True)
class Replication:
    """What one replication leaves."""

    number: int
    parts: Any
    """What `metrics.summarise` needs of it."""
    checks: tuple[Check, ...]
    tables: Mapping[str, pd.DataFrame]
    """All tables, `intervals` among them; empty where they were not kept."""
    seconds: Mapping[str, float]
    """Time used, by stage."""
    events: int
    """Rows of its journal."""
    end_us: int
    """When it ended."""
    clipped: Mapping[str, int]
    """How many draws were longer than their `at_most`, by source and purpose."""


@dataclass(frozen=True)
class Replications(Run):
    """A run and the raw measures of each of its replications."""

    parts: tuple[Any, ...] = ()
    """What `metrics.measure` gave. [replication]"""


def replicate(
    scenario: Scenario,
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    engine: str = "model",
    keep_tables: bool = True,
    on_progress: OnProgress | None = None,
    executor: Executor | None = None,
) -> Replications:
    """Run a scenario `replications` times and put the answers together.

    `replications` and `seed` default to the scenario's own and become part of it: the scenario of the answer is
    the one that was run. `workers` defaults to the processors at hand. `executor` (any `concurrent.futures`
    executor, `dask.distributed`'s `Client.get_executor()` too) takes the place of our own processes; it is not
    shut down. `keep_tables=False` keeps measures and checks only. Raises `UsageError`, `ScenarioError`,
    `BrokenInvariant`; `KeyboardInterrupt` stops all workers first.
    """
    if replications is not None and replications < 1:
        raise UsageError(f"replications: {replications} cannot be run; at least 1")
    if workers is not None and workers < 1:
        raise UsageError(f"workers: {workers} cannot work; at least 1")
    from simulator.engine import ENGINES

    if engine not in ENGINES:
        raise UsageError(f"there is no engine {engine!r}; engines: {', '.join(ENGINES)}")
    chosen = {"replications": replications, "seed": seed}
    changes = {name: value for name, value in chosen.items() if value not in (None, getattr(scenario, name))}
    if changes:
        scenario = scenario.vary(changes)
    began = perf_counter()
    task = partial(one_replication, scenario, engine=engine, keep_tables=keep_tables)
    numbers = range(scenario.replications)
    if executor is not None:
        done = _on_executor(executor, task, numbers, on_progress)
    else:
        done = pool.run(task, scenario.replications, workers, on_progress)
    return together(scenario, engine, done, perf_counter() - began)


def one_replication(
    scenario: Scenario,
    number: int,
    progress: Callable[[int, int], None] | None = None,
    *,
    engine: str = "model",
    keep_tables: bool = True,
) -> Replication:
    """One replication, start to end, in this process. `progress` is called with (now, end) in µs."""
    from simulator import engine as seam
    from simulator import metrics, records, workload

    seconds: dict[str, float] = dict.fromkeys(STAGES, 0.0)
    with _timed(seconds, "draw"):
        drawn = workload.draw(scenario, number)
    with _timed(seconds, "simulate"):
        rows = seam.simulate(scenario, drawn, engine=engine, progress=_first_part(progress))
    end_us, events = int(rows["time"][-1]), len(rows)
    clipped = dict(drawn.clipped)
    del drawn  # a month of a large centre: what is no longer needed makes room
    with _timed(seconds, "fold"):
        tables = dict(records.fold(scenario, rows, number))
    _say(progress, "fold")
    with _timed(seconds, "check"):
        checks = tuple(records.checks(scenario, rows, tables))
    del rows
    _say(progress, "check")
    with _timed(seconds, "measure"):
        parts = metrics.measure(scenario, tables, end_us)
        if keep_tables:
            tables["intervals"] = metrics.intervals(scenario, tables, end_us)
            tables["cap_intervals"] = metrics.cap_intervals(scenario, tables, end_us)
    _say(progress, "measure")
    return Replication(number, parts, checks, tables if keep_tables else {}, seconds, events, end_us, clipped)


def _first_part(progress: Callable[[int, int], None] | None) -> Callable[[int, int], None] | None:
    """The engine's progress as its part of the whole: folding and measuring a month take their time too."""
    if progress is None:
        return None
    return lambda now, end: progress(int(now * DONE_AFTER["simulate"]), end)


def _say(progress: Callable[[int, int], None] | None, stage: str) -> None:
    """A stage is done; in a worker this is also where it learns that it is to stop."""
    if progress is not None:
        progress(round(DONE_AFTER[stage] * 1000), 1000)


class _timed:
    """Adds the time of a block to `seconds[stage]`."""

    def __init__(self, seconds: dict[str, float], stage: str):
        self._seconds, self._stage = seconds, stage

    def __enter__(self) -> None:
        self._began = perf_counter()

    def __exit__(self, *error: object) -> None:
        self._seconds[self._stage] += perf_counter() - self._began


def _on_executor(
    executor: Executor,
    task: Callable[[int], Replication],
    numbers: Iterable[int],
    on_progress: OnProgress | None,
) -> list[Replication]:
    """On somebody else's workers: there is no way back for fractions, so progress is whole replications."""
    futures: list[Future[Replication]] = [executor.submit(task, number) for number in numbers]
    done = []
    try:
        for future in futures:
            done.append(future.result())
            if on_progress is not None:
                on_progress(len(done) / len(futures))
    except BaseException:
        for future in futures:
            future.cancel()
        raise
    return done


def together(scenario: Scenario, engine: str, done: Sequence[Replication], wall_s: float) -> Replications:
    """The answers of all replications of a scenario as one."""
    from simulator import metrics

    done = sorted(done, key=lambda one: one.number)
    coverage = metrics.coverage(scenario)
    summary = metrics.summarise(scenario, [one.parts for one in done])
    tables = {name: stacked([one.tables[name] for one in done]) for name in done[0].tables}
    clipped = clipped_by_purpose(sum((Counter(one.clipped) for one in done), Counter()))
    stages = {f"{stage}_s": round(sum(one.seconds[stage] for one in done), 3) for stage in STAGES}
    return Replications(
        scenario=scenario,
        engine=engine,
        summary=summary,
        tables=tables,
        checks=merged_checks([one.checks for one in done]),
        warnings=(*(str(finding) for finding in scenario.warnings), *(str(text) for text in coverage.warnings)),
        coverage=str(coverage.line),
        timing={"wall_s": round(wall_s, 3), **stages, "events": sum(one.events for one in done)},
        versions=provenance(),
        notes=(*said_by(summary), *clipped_notes(clipped)),
        ends_us=tuple(one.end_us for one in done),
        clipped=clipped,
        parts=tuple(one.parts for one in done),
    )
