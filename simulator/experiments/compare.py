"""Compare two plans on the same customers: paired differences with intervals.

Both plans meet the same people in every replication (common random numbers, model.md section 10). The difference of
a measure is formed from both plans' jackknife pseudo-values, replication by replication, so that what the customers
do to both falls out. Source: A. M. Law, Simulation Modeling and Analysis, sections 10.2 (paired-t intervals) and
11.2 (common random numbers).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, nan
from typing import TYPE_CHECKING, Any

from simulator.experiments.replicate import OnProgress, Replications, replicate
from simulator.vocabulary.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from simulator.experiments.run import Run
    from simulator.metrics.parts import Measure, Part, Scope
    from simulator.scenario import Scenario

COLUMNS = ("metric", "scope", "a", "b", "difference", "ci_low", "ci_high", "unit", "variance_saved", "definition")


@dataclass(frozen=True)
class Comparison:
    """Two runs and what differs between them."""

    a: Run
    b: Run
    table: pd.DataFrame
    """`COLUMNS`, a row for each measure and scope that both have: values of both, difference b − a with its 95 %
    interval (null with one replication, or where every pair has the same difference), and the share of the difference's
    variance that pairing took away."""

    def row(self, metric: str, **scope: str) -> dict[str, Any]:
        """One row; raises `UsageError` where there is none."""
        for row in self.table.to_dict("records"):
            if row["metric"] == metric and row["scope"] == scope:
                return {str(name): value for name, value in row.items()}
        raise UsageError(f"there is no measure {metric!r} with scope {scope} in both plans")


def compare(
    a: Scenario | Run,
    b: Scenario | Run,
    replications: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    engine: str = "model",
    on_progress: OnProgress | None = None,
) -> Comparison:
    """Compare two scenarios, or runs that exist already, on the same customers.

    A scenario is run with the seed and as many replications as a run beside it; of two scenarios, with `seed` and
    `replications`, by default those of the first. Raises `UsageError` where two runs have not met the same customers.
    """
    from simulator.experiments.run import Run

    runs = [one for one in (a, b) if isinstance(one, Run)]
    lead: Any = runs[0] if runs else a
    seed = lead.seed if seed is None else seed
    replications = lead.replications if replications is None else replications
    for one in runs:
        if (one.seed, one.replications) != (seed, replications):
            raise UsageError(
                f"{one.scenario.name!r} was run with seed {one.seed} and {one.replications} replications, not with "
                f"seed {seed} and {replications}: these are not the same customers. Run it again, or compare files"
            )
    done: list[Run] = []
    to_run = 2 - len(runs)
    begun = 0
    for side in (a, b):
        if isinstance(side, Run):
            done.append(side)
            continue
        watch = _share(on_progress, begun, to_run)
        done.append(replicate(side, replications, seed, workers, engine, keep_tables=False, on_progress=watch))
        begun += 1
    return Comparison(done[0], done[1], differences(done[0], done[1]))


def differences(a: Run, b: Run) -> pd.DataFrame:
    """Paired differences b − a of every measure and scope that both have; columns as `COLUMNS`."""
    import pandas as pd

    from simulator.metrics.catalogue import MEASURES
    from simulator.metrics.parts import Part, unit_of

    money = [run.scenario.outbound.template_rates.currency for run in (a, b)]
    if money[0] != money[1]:
        raise UsageError(
            f"{a.scenario.name!r} counts money in {money[0]} and {b.scenario.name!r} in {money[1]}: write one "
            "`outbound.template_rates.currency` in both"
        )
    ours, theirs = parts_of(a), parts_of(b)
    rows = []
    for measure in MEASURES:
        in_b = {scope for part in theirs for scope in part.get(measure.name, {})}
        scopes = dict.fromkeys(scope for part in ours for scope in part.get(measure.name, {}) if scope in in_b)
        for scope in scopes:
            sides = [
                _pseudo(measure, [part.get(measure.name, {}).get(scope, Part()) for part in side])
                for side in (ours, theirs)
            ]
            (value_a, pseudo_a), (value_b, pseudo_b) = sides
            if not (isfinite(value_a) or isfinite(value_b)):
                continue
            low, high, saved = paired_interval(pseudo_a, pseudo_b)
            definition = measure.describe(a.scenario)
            rows.append(
                (measure.name, dict(scope), value_a, value_b, value_b - value_a, low, high,
                 unit_of(measure, a.scenario), saved,
                 definition)
            )  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def paired(run: Run, other: Run, metric: str, scope: Scope = ()) -> tuple[float, float, float]:
    """Difference run − other of one measure over the same replications, with its 95 % interval; nan: none."""
    from simulator.metrics.catalogue import named
    from simulator.metrics.parts import Part

    measure = named(metric)
    (ours, our_pseudo), (theirs, their_pseudo) = (
        _pseudo(measure, [part[metric].get(scope, Part()) for part in parts_of(one)]) for one in (run, other)
    )
    return ours - theirs, *paired_interval(their_pseudo, our_pseudo)[:2]


def parts_of(run: Run) -> tuple[Any, ...]:
    """The raw measures of each replication: those it kept, or measured anew from its tables. [replication]"""
    if isinstance(run, Replications) and run.parts:
        return run.parts
    from simulator import metrics

    if len(run.ends_us) != run.replications:
        raise UsageError(f"{run.scenario.name!r} does not say when its replications ended: run it again")
    by_number = {
        name: dict(tuple(table.groupby("replication", sort=False))) if len(table) else {}
        for name, table in run.tables.items()
        if not name.endswith("intervals")
    }
    found = []
    for number, end_us in enumerate(run.ends_us):
        mine = {
            name: tables.get(number, run.tables[name].iloc[:0]).reset_index(drop=True)
            for name, tables in by_number.items()
        }
        found.append(metrics.measure(run.scenario, mine, end_us))
    return tuple(found)


def paired_interval(pseudo_a: np.ndarray, pseudo_b: np.ndarray) -> tuple[float, float, float]:
    """Interval of the difference b − a, and the share of its variance that pairing saved; nan: cannot be said.

    Nothing can be said where every pair has the same difference, often 0: there is no spread to judge by.
    Saved: 1 − var(b − a) / (var(a) + var(b)), over pseudo-values; below 0 where pairing made it worse. [replication]
    """
    import numpy as np

    from simulator.metrics.confidence import interval

    if len(pseudo_a) < 2 or not (np.isfinite(pseudo_a).all() and np.isfinite(pseudo_b).all()):
        return nan, nan, nan
    if alike(pseudo_a, pseudo_b):
        return nan, nan, nan
    low, high = interval(pseudo_b - pseudo_a)
    apart = float(pseudo_a.var() + pseudo_b.var())
    together = float((pseudo_b - pseudo_a).var())
    return float(low), float(high), 1 - together / apart if apart > 0 else nan


def alike(pseudo_a: np.ndarray, pseudo_b: np.ndarray) -> bool:
    """Whether every pair has the same difference, but for rounding. [replication]"""
    import numpy as np

    from simulator.metrics.confidence import ALIKE

    return bool(np.ptp(pseudo_b - pseudo_a) <= ALIKE * max(np.abs(pseudo_a).max(), np.abs(pseudo_b).max()))


def _pseudo(measure: Measure, parts: Sequence[Part]) -> tuple[float, np.ndarray]:
    """A measure over all replications, and its pseudo-values. [replication]"""
    import numpy as np

    from simulator.metrics.confidence import quantile_pseudo, ratio_pseudo

    if measure.quantile is not None:
        samples = [part.samples if part.samples is not None else np.empty(0) for part in parts]
        return quantile_pseudo(samples, measure.quantile)
    top = np.array([part.numerator for part in parts], dtype=float)
    bottom = np.array([part.denominator for part in parts], dtype=float)
    return ratio_pseudo(top, bottom)


def _share(on_progress: OnProgress | None, number: int, of: int) -> OnProgress | None:
    """Progress of one run of several, as progress of them all."""
    if on_progress is None:
        return None
    return lambda share: on_progress((number + share) / of)
