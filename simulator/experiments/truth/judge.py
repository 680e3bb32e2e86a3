"""Judge: run a case until the evidence is enough, and say whether it agrees.

The rule of the tests (`FULL`), for every number of a case:
- at least 30 replications and 200,000 contacts after warm-up;
- a standard error of at most 2 % of the number, or of half the case's own tolerance where it names one;
- within 4 standard errors (`claims`).
Replications are added until the standard errors are small enough (the sequential procedure of A. M. Law, Simulation
Modeling and Analysis, section 9.4), so that no size is tuned to a seed. What fails is run again at four times the size
with the next seed, and must pass there.

A glance is the same with shorter windows and fewer replications: intervals are as wide as they are, and say so.

Where a case gives the load `Offered` to the queue, control variates shorten the intervals (`twins`). An engine that
lost customers before the queue would be forgiven if nobody looked: so what the twins do on average is judged too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import inf, sqrt

import numpy as np

from simulator.engine import simulate
from simulator.experiments import pool
from simulator.experiments.truth.book import facts
from simulator.experiments.truth.case import Case, Trace
from simulator.experiments.truth.claims import ARRIVED, Claim, Exactly, Unit, Verdict
from simulator.experiments.truth.estimates import Estimated, Sample, measured
from simulator.experiments.truth.twins import Offered
from simulator.metrics.catalogue import named
from simulator.metrics.window import View
from simulator.records import Check, Unfolded, checks
from simulator.scenario.schema import Scenario
from simulator.workload import draw

MORE = 10
"""Replications added at a time while a standard error is too large."""
AGAIN = 4
"""How many times larger a second look is."""
OnProgress = Callable[[float], None]


@dataclass(frozen=True)
class Size:
    """How much evidence."""

    replications: int
    """At least."""
    most: int
    """Replications after which no more are added."""
    window: float = 1.0
    """Share of the scenario's measured window; of its replications, where a day is simulated whole."""
    to_the_rule: bool = False
    """Whether replications are added until there are enough contacts and the standard errors are small enough."""
    variants: int | None = None
    """How many of a case's variants, the first ones; None: all."""

    def of(self, scenario: Scenario) -> tuple[Scenario, int]:
        """The scenario with its window cut, and how many replications to begin with."""
        days = max(self.replications, round(scenario.replications * self.window))
        if self.window == 1.0 or scenario.after_end == "drain":
            return scenario, days
        length = round((scenario.duration_us - scenario.warm_up_us) * self.window)
        return scenario.vary({"duration": f"{scenario.warm_up_us + length} us"}), days


FULL = Size(30, most=400, to_the_rule=True)
"""The rule."""
GLANCE = Size(20, most=20, window=1 / 4)
QUICK = Size(20, most=20, window=1 / 12, variants=1)


@dataclass(frozen=True)
class Judged:
    """What a scenario showed."""

    seed: int
    replications: int
    units: float
    """Evidence after warm-up, as the case counts it."""
    unit: str
    verdicts: tuple[Verdict | Exactly, ...]
    twins: tuple[Verdict, ...] = ()
    """What the control variates do on average, as a share of what is expected."""
    failed_checks: tuple[Check, ...] = ()
    enough: float = 0.0
    """Evidence that was asked for."""
    again: bool = False
    """A second look, after the first did not agree."""

    @property
    def agrees(self) -> bool:
        return all(each.agrees for each in (*self.verdicts, *self.twins)) and not self.failed_checks

    @property
    def holds(self) -> bool:
        """By the rule: near enough, precise enough, and from enough of them."""
        precise = all(each.is_precise for each in self.verdicts if isinstance(each, Verdict))
        return self.agrees and precise and self.units >= self.enough

    def __str__(self) -> str:
        head = f"seed {self.seed}, {self.replications} replications, {self.units:,.0f} {self.unit} after warm-up"
        return "\n".join([head, *map(str, (*self.verdicts, *self.twins)), *map(str, self.failed_checks)])


def settled(
    case: Case | Trace,
    label: str,
    seed: int,
    size: Size = FULL,
    workers: int | None = None,
    on_progress: OnProgress | None = None,
) -> Judged:
    """One variant of a case; a second look at four times the size, with the next seed, if the first does not agree."""
    scenario = case.scenario(label)
    if isinstance(case, Trace):
        return traced(case, scenario)
    scenario, start = size.of(scenario)
    claims = case.claims(facts(case.name), label, scenario)
    load = None if case.load is None else case.load(scenario)
    enough = case.enough(label) if size.to_the_rule else 0
    first = judge(scenario, claims, seed, start, size.most, load, case.unit, enough, workers, on_progress)
    if first.holds if size.to_the_rule else first.agrees:
        return first
    larger = AGAIN * first.replications
    second = judge(scenario, claims, seed + 1, larger, larger, load, case.unit, enough, workers, on_progress)
    return Judged(**{**vars(second), "again": True})


def traced(case: Trace, scenario: Scenario) -> Judged:
    """One run without chance."""
    workload = draw(scenario, 0)
    rows = simulate(scenario, workload)
    tables = Unfolded(scenario, rows)
    failed = tuple(check for check in checks(scenario, rows, tables, workload) if not check.passed)
    verdicts = tuple(case.look(facts(case.name), tables))
    return Judged(scenario.seed, 1, len(verdicts), "numbers", verdicts, failed_checks=failed)


def judge(
    scenario: Scenario,
    claims: Sequence[Claim],
    seed: int,
    start: int,
    most: int,
    load: Offered | None = None,
    unit: Unit = ARRIVED,
    enough: float = 0,
    workers: int | None = None,
    on_progress: OnProgress | None = None,
) -> Judged:
    """The verdicts on all claims from at least `start` replications, at most `most` of them.

    `enough`: more are added until there are so many units and all are precise; 0: none are added.
    """
    scenario = scenario.vary({"seed": seed})
    metrics = tuple(sorted({unit.metric}.union(*(claim.estimate.metrics for claim in claims))))
    samples: list[Sample] = []
    deviations: list[np.ndarray] = []
    failed: tuple[Check, ...] = ()
    more = start
    while True:
        task = partial(_sample, scenario, metrics, len(samples), load)
        answers = pool.run(task, more, workers, on_progress)
        failed += tuple(check for _, _, found in answers for check in found)
        samples += [sample for sample, _, _ in answers]
        deviations += [deviation for _, deviation, _ in answers if deviation is not None]
        controls = np.array(deviations) if deviations else None
        verdicts = tuple(Verdict(claim, claim.estimate(samples, controls)) for claim in claims)
        count = unit.count(samples)
        if len(samples) >= most or not enough or (count >= enough and all(each.is_precise for each in verdicts)):
            break
        more = MORE
    twins = () if controls is None else tuple(of_twins(controls))
    return Judged(seed, len(samples), count, unit.name, verdicts, twins, failed, enough)


def of_twins(controls: np.ndarray) -> list[Verdict]:
    """Are the twins what they should be on average? As shares of what is expected. [replication, control]"""
    n = len(controls)
    points, errors = controls.mean(axis=0), controls.std(axis=0, ddof=1) / sqrt(n)
    names = Offered.CONTROLS[: len(points)]
    claims = [Claim(f"twin, {name}, beyond expectation", 0.0, measured("contacts"), inf) for name in names]
    return [
        Verdict(claim, Estimated(point, se, 0.0, n - 1))
        for claim, point, se in zip(claims, points.tolist(), errors.tolist(), strict=True)
    ]


def _sample(
    scenario: Scenario,
    metrics: tuple[str, ...],
    first: int,
    load: Offered | None,
    number: int,
    progress: Callable[[int, int], None] | None,
) -> tuple[Sample, np.ndarray | None, tuple[Check, ...]]:
    """One replication: only what is asked for is measured; the very first is checked for conservation too."""
    number += first
    workload = draw(scenario, number)
    rows = simulate(scenario, workload, progress=progress)
    tables = Unfolded(scenario, rows, number)
    failed = [check for check in checks(scenario, rows, tables, workload) if not check.passed] if number == 0 else []
    view = View(scenario, tables, int(rows["time"][-1]))
    deviation = None if load is None else load.deviations(scenario, workload, tables["portions"])
    return {metric: named(metric).parts(view) for metric in metrics}, deviation, tuple(failed)
