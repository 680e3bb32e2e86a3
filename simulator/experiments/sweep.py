"""Sweep: the same scenario with one or more values changed, on the same customers.

Chance hangs on seed, replication and names (model.md section 10), never on what is varied: every point of a sweep
meets the same people, who come at the same times and write the same messages. So two points differ by what was
changed and by little else, and their difference is known much better than either of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import nan
from time import perf_counter
from typing import TYPE_CHECKING

from simulator.experiments import pool
from simulator.experiments.replicate import OnProgress, Replication, Replications, one_replication, together
from simulator.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from simulator.scenario import Scenario

MOST_POINTS = 500
"""More would be a typing error (assumed)."""


@dataclass(frozen=True)
class Point:
    """One setting and what came of it."""

    settings: Mapping[str, object]
    """Path -> value, as `Scenario.vary` takes them."""
    run: Replications
    """Measures and checks; its tables are not kept."""


def sweep(
    scenario: Scenario,
    values: Mapping[str, Sequence[object]],
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    engine: str = "model",
    on_progress: OnProgress | None = None,
    known: Replications | None = None,
) -> list[Point]:
    """Run every combination of `values` (path -> values; the last path varies fastest) on the same customers.

    All replications of all points share the workers, and `on_progress` counts them all. `known` is a run that may
    already be one of the points: it is not run again. Raises `UsageError`, and `ScenarioError` before anything runs.
    """
    for path, several in values.items():
        if not several:
            raise UsageError(f"nothing to vary: {path} has no values")
    settings = [dict(zip(values, combination, strict=True)) for combination in product(*values.values())]
    if len(settings) > MOST_POINTS:
        raise UsageError(f"{len(settings)} points are too many; at most {MOST_POINTS}")
    chosen: dict[str, object] = {} if replications is None else {"replications": replications}
    chosen |= {} if seed is None else {"seed": seed}
    scenarios = [scenario.vary(chosen | point) for point in settings]
    ours = {known.scenario.hash: known} if known is not None else {}
    to_run = [varied for varied in scenarios if varied.hash not in ours]
    each = scenarios[0].replications
    began = perf_counter()
    done = pool.run(_Task(tuple(to_run), each, engine), len(to_run) * each, workers, on_progress)
    wall_s = (perf_counter() - began) / max(len(to_run), 1)
    for number, varied in enumerate(to_run):
        ours[varied.hash] = together(varied, engine, done[number * each : (number + 1) * each], wall_s)
    return [Point(point, ours[varied.hash]) for point, varied in zip(settings, scenarios, strict=True)]


@dataclass(frozen=True)
class _Task:
    """Replication `number % each` of scenario `number // each`."""

    scenarios: tuple[Scenario, ...]
    each: int
    engine: str

    def __call__(self, number: int, progress: Callable[[int, int], None] | None = None) -> Replication:
        which, replication = divmod(number, self.each)
        return one_replication(self.scenarios[which], replication, progress, engine=self.engine, keep_tables=False)


def value_of(run: Replications, metric: str, **scope: str) -> tuple[float, float, float]:
    """Value and interval of one measure of a run; nan where it has none."""
    for row in run.summary.to_dict("records"):
        if row["metric"] == metric and row["scope"] == scope:
            return float(row["value"]), float(row["ci_low"]), float(row["ci_high"])
    return nan, nan, nan
