"""Replicate: draw → simulate → fold → check → measure, once per replication, on any number of workers.

The answer does not depend on the workers: a replication is a function of scenario, seed and its number, and the
answers are put together in order of that number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

from simulator.experiments import pool
from simulator.experiments import precision as sequential
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
OnWave = Callable[[str], None]
"""Called with how far a run with a precision has got, in words, after each wave of replications."""
ROUNDS = 5
"""Replications of one worker in a wave, at most: who waits hears something, and hardly ever does a worker (assumed)."""

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
    from_empty: Any = None
    """What `metrics.warmup.judge` needs of it."""


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
    precision: Mapping[str, object] | None = None,
    max_replications: int | None = None,
    on_wave: OnWave | None = None,
) -> Replications:
    """Run a scenario `replications` times and put the answers together.

    `replications` and `seed` default to the scenario's own and become part of it: the scenario of the answer is
    the one that was run. `workers` defaults to the processors at hand. `executor` (any `concurrent.futures`
    executor, `dask.distributed`'s `Client.get_executor()` too) takes the place of our own processes; it is not
    shut down. `keep_tables=False` keeps measures and checks only. `precision` (as `experiments.precision.wanted` takes
    it) adds replications until its intervals are that narrow, at most `max_replications` (default 200), instead of
    `replications`: the same number on any number of workers. Raises `UsageError`, `ScenarioError`,
    `BrokenInvariant`; `KeyboardInterrupt` stops all workers first, and says what a precision had reached.
    """
    if replications is not None and replications < 1:
        raise UsageError(f"replications: {replications} cannot be run; at least 1")
    if workers is not None and workers < 1:
        raise UsageError(f"workers: {workers} cannot work; at least 1")
    from simulator.engine import ENGINES

    if engine not in ENGINES:
        raise UsageError(f"there is no engine {engine!r}; engines: {', '.join(ENGINES)}")
    if precision and replications is not None:
        raise UsageError("replications says how many, precision finds out how many it takes: give one of them")
    if max_replications is not None and not precision:
        raise UsageError("max_replications bounds a run with a precision, and there is none")
    chosen = {"replications": replications, "seed": seed}
    changes = {name: value for name, value in chosen.items() if value not in (None, getattr(scenario, name))}
    if changes:
        scenario = scenario.vary(changes)
    began = perf_counter()
    task = partial(one_replication, scenario, engine=engine, keep_tables=keep_tables)

    def run(first: int, count: int, watch: OnProgress | None) -> list[Replication]:
        if executor is not None:
            return _on_executor(executor, task, range(first, first + count), watch)
        return pool.run(partial(_numbered_from, first, task), count, workers, watch)

    if not precision:
        return together(scenario, engine, run(0, scenario.replications, on_progress), perf_counter() - began)
    most = sequential.MOST if max_replications is None else max_replications
    rule = sequential.Rule(sequential.wanted(precision, scenario), most)
    done, stopped = _until(rule, run, workers or pool.processors(), most if executor else None, on_progress, on_wave)
    if stopped.replications != scenario.replications:
        scenario = scenario.vary({"replications": stopped.replications})
    answer = together(scenario, engine, done, perf_counter() - began)
    return replace(answer, precision=stopped.document(), notes=(*answer.notes, stopped.words))


def _numbered_from(
    first: int,
    task: Callable[..., Replication],
    number: int,
    progress: Callable[[int, int], None] | None = None,
) -> Replication:
    return task(first + number, progress)


def _until(
    rule: sequential.Rule,
    run: Callable[[int, int, OnProgress | None], list[Replication]],
    workers: int,
    at_once: int | None,
    on_progress: OnProgress | None,
    on_wave: OnWave | None,
) -> tuple[list[Replication], sequential.Stopped]:
    """Replications in waves until the rule says stop; those that were run beyond its number are put away.

    A wave is at most `at_once` replications, by default some for each of our own workers.
    """
    done: list[Replication] = []
    shown = 0.0

    def watch(known: int, wave: int, missing: int) -> OnProgress:
        def show(share: float) -> None:
            nonlocal shown
            # waits where a run takes longer than it seemed
            shown = max(shown, (known + share * wave) / (known + missing))
            if on_progress is not None:
                on_progress(shown)

        return show

    while True:
        known = len(done)
        missing = min(max(rule.likely_missing(known), workers), rule.most - known)
        wave = min(missing, at_once or ROUNDS * workers)
        try:
            done += run(known, wave, watch(known, wave, missing))
        except KeyboardInterrupt as stop:
            if known == 0:
                raise
            raise KeyboardInterrupt(rule.standing([one.parts for one in done]).reached) from stop
        parts = [one.parts for one in done]
        for n in range(known + 1, len(done) + 1):
            stopped = rule.looked_at(parts[:n])
            if stopped is not None:
                return done[:n], stopped
        if on_wave is not None:
            on_wave(rule.standing(parts).words)


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
    from simulator import records, workload

    seconds: dict[str, float] = dict.fromkeys(STAGES, 0.0)
    with _timed(seconds, "draw"):
        drawn = workload.draw(scenario, number)
    with _timed(seconds, "simulate"):
        rows = seam.simulate(scenario, drawn, engine=engine, progress=_first_part(progress))
    end_us, events = int(rows["time"][-1]), len(rows)
    clipped, promised = dict(drawn.clipped), records.Promised.of(drawn)
    del drawn  # a month of a large centre: what is no longer needed makes room
    with _timed(seconds, "fold"):
        tables = dict(records.fold(scenario, rows, number))
    _say(progress, "fold")
    with _timed(seconds, "check"):
        checks = tuple(records.checks(scenario, rows, tables, promised))
    del rows
    _say(progress, "check")
    with _timed(seconds, "measure"):
        parts, from_empty, by_interval = measured(scenario, tables, end_us, keep_tables)
        tables.update(by_interval)
    _say(progress, "measure")
    kept = tables if keep_tables else {}
    return Replication(number, parts, checks, kept, seconds, events, end_us, clipped, from_empty)


def measured(
    scenario: Scenario, tables: dict[str, pd.DataFrame], end_us: int, by_interval: bool = True
) -> tuple[dict[str, Any], Any, dict[str, pd.DataFrame]]:
    """Everything that is measured of one replication, on one view of its tables: parts of the measures and of the
    audit, what the warm-up is judged by, and the tables by interval."""
    from simulator import metrics
    from simulator.metrics import audit, warmup
    from simulator.metrics.window import View

    seen = (scenario, tables, end_us, View(scenario, tables, end_us))
    parts = metrics.measure(*seen) | audit.parts(*seen)
    more = {"intervals": metrics.intervals(*seen), "cap_intervals": metrics.cap_intervals(*seen)} if by_interval else {}
    return parts, warmup.series(*seen), more


def _first_part(progress: Callable[[int, int], None] | None) -> Callable[[int, int], None] | None:
    """The engine's progress as its part of the whole: folding and measuring a month take their time too."""
    if progress is None:
        return None
    return lambda now, end: progress(int(now * DONE_AFTER["simulate"]), end)


def _say(progress: Callable[[int, int], None] | None, stage: str) -> None:
    """A stage is done."""
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
    from simulator.metrics import audit, warmup

    done = sorted(done, key=lambda one: one.number)
    coverage = metrics.coverage(scenario)
    summary = metrics.summarise(scenario, [one.parts for one in done])
    tables = {name: stacked([one.tables[name] for one in done]) for name in done[0].tables}
    clipped = clipped_by_purpose(sum((Counter(one.clipped) for one in done), Counter()))
    warm_up = warmup.judge(scenario, [one.from_empty for one in done])
    stages = {f"{stage}_s": round(sum(one.seconds[stage] for one in done), 3) for stage in STAGES}
    return Replications(
        scenario=scenario,
        engine=engine,
        summary=summary,
        tables=tables,
        checks=merged_checks([one.checks for one in done], scenario.seed),
        warnings=(*(str(finding) for finding in scenario.warnings), *(str(text) for text in coverage.warnings)),
        coverage=str(coverage.line),
        timing={"wall_s": round(wall_s, 3), **stages, "events": sum(one.events for one in done)},
        versions=provenance(),
        notes=(*said_by(summary), *clipped_notes(clipped), *filter(None, [warm_up.warning])),
        ends_us=tuple(one.end_us for one in done),
        clipped=clipped,
        parts=tuple(one.parts for one in done),
        audit=tuple(audit.audit(scenario, [one.parts for one in done])),
        warm_up=warm_up.document(),
    )
