"""Statistical evidence: does a simulation agree with a number from the literature?

The rule, for every number of a case:
- at least 30 replications and 200,000 contacts after warm-up;
- a standard error of at most 2 % of the number, or of half the case's own tolerance where it names one;
- an exact number lies within 4 standard errors of the simulated one; a published simulation within
  4 sqrt(se^2 + se_published^2), and is tolerated by its case at 3 times that root: half of what is theirs alone in it
  is 1.5 se_published.
Replications are added until the standard errors are small enough (the sequential procedure of A. M. Law, Simulation
Modeling and Analysis, section 9.4), so that no size is tuned to a seed. A case that fails is run again at four times
the size with the next seed, and must pass there.

Standard errors come from whole replications: jackknife of a ratio of sums, or of a quantile (`metrics.confidence`).

Where a test gives the load `Offered` to the queue, control variates shorten the intervals (`twins.py`). The rule stays
as it is. An engine that lost customers before the queue would be forgiven if nobody looked: so what the twins do on
average is claimed too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import inf, sqrt
from typing import Any

import numpy as np
from twins import Offered, regressed

from simulator.engine import simulate
from simulator.experiments import pool
from simulator.metrics.catalogue import named
from simulator.metrics.confidence import LEVEL, quantile_interval, ratio_interval, student_t
from simulator.metrics.parts import Part, Scope
from simulator.metrics.window import View
from simulator.records import checks, fold
from simulator.scenario.schema import Scenario
from simulator.workload import draw

REPLICATIONS = 30
CONTACTS = 200_000
STANDARD_ERRORS = 4.0
PRECISION = 0.02
"""Largest standard error as a share of the number."""
MORE = 10
"""Replications added at a time while a standard error is too large."""
MOST = 400
"""Replications after which a case is given up."""

Sample = dict[str, dict[Scope, Part]]
"""What one replication leaves: the parts of the measures that were asked for."""


@dataclass(frozen=True)
class Estimate:
    """How a quantity is computed from the parts of all replications: point and interval."""

    metrics: tuple[str, ...]
    interval: Callable[[Sequence[Sample]], tuple[float, float, float]]

    def __call__(self, samples: Sequence[Sample], controls: np.ndarray | None = None) -> tuple[float, float, float]:
        """Point, its standard error, and that of one replication without controls, however many we have.

        `controls` have expectation 0. [replication, control]
        """
        n = len(samples)
        point, low, high = self.interval(samples)
        se = (high - low) / 2 / student_t(LEVEL, n - 1)
        if controls is None:
            return point, se, se * sqrt(n)
        left_out = np.array([self.interval([*samples[:i], *samples[i + 1 :]])[0] for i in range(n)])
        return *regressed(n * point - (n - 1) * left_out, controls), se * sqrt(n)


def measured(metric: str, **scope: str) -> Estimate:
    """A measure as the summary prints it."""
    key: Scope = tuple(scope.items())
    quantile = named(metric).quantile

    def interval(samples: Sequence[Sample]) -> tuple[float, float, float]:
        parts = [sample[metric][key] for sample in samples]
        if quantile is not None:
            return quantile_interval([part.samples for part in parts if part.samples is not None], quantile)
        return ratio_interval(np.array([p.numerator for p in parts]), np.array([p.denominator for p in parts]))

    return Estimate((metric,), interval)


def counted(metric: str, by: str | None = None, part: str = "numerator") -> Estimate:
    """The numerators (or denominators) of a measure: per replication, or by those of another measure."""

    def numerators(samples: Sequence[Sample], name: str) -> np.ndarray:
        return np.array([getattr(sample[name][()], part) for sample in samples])

    def interval(samples: Sequence[Sample]) -> tuple[float, float, float]:
        below = np.ones(len(samples)) if by is None else numerators(samples, by)
        return ratio_interval(numerators(samples, metric), below)

    return Estimate((metric,) if by is None else (metric, by), interval)


def exact(one: float) -> float:
    """The standard error of a number that was not simulated."""
    return 0.0


def added(metric: str, more: str) -> Estimate:
    """The numerators of two measures together by the denominator of the first."""

    def interval(samples: Sequence[Sample]) -> tuple[float, float, float]:
        above = np.array([sample[metric][()].numerator + sample[more][()].numerator for sample in samples])
        return ratio_interval(above, np.array([sample[metric][()].denominator for sample in samples]))

    return Estimate((metric, more), interval)


def rounded(to: float) -> Callable[[float], float]:
    """The standard error of an exact number that was printed rounded: every error up to half a step, equally."""
    return lambda one: to / sqrt(12)


@dataclass(frozen=True)
class Claim:
    """One number of a case, and how we measure it."""

    quantity: str
    value: float
    """In the unit of the measure."""
    estimate: Estimate
    precision: float = 0.0
    """Largest standard error; 0: 2 % of the value."""
    published_se: Callable[[float], float] = exact
    """Standard error of a published simulation, given that of one replication."""

    @property
    def largest_se(self) -> float:
        return self.precision or PRECISION * abs(self.value)


@dataclass(frozen=True)
class Published:
    """Means over simulated days, printed to 0.001, some with an interval of 95 %."""

    found: dict[str, Any]
    days: int

    def claim(self, quantity: str, ours: Estimate, interval: str = "", unit: float = 1.0) -> Claim:
        """Where no interval is printed, their standard error is that of as many of our days, without controls."""
        value = self.found[quantity] * unit

        def published_se(one: float) -> float:
            sampled = one / sqrt(self.days)
            if interval:
                low, high = self.found[interval]
                sampled = (high - low) / 2 / 1.96 * unit
            return float(np.hypot(sampled, rounded(0.001)(one) * unit))

        # half of what is theirs in the case's tolerance, or 2 % where that is less
        precision = min(1.5 * published_se(0.0), PRECISION * abs(value)) if interval else 0.0
        return Claim(quantity, value, ours, precision, published_se)


@dataclass(frozen=True)
class Verdict:
    claim: Claim
    point: float
    se: float
    one: float = 0.0
    """Standard error of one replication without controls."""

    @property
    def distance(self) -> float:
        """In standard errors."""
        both = sqrt(self.se**2 + self.claim.published_se(self.one) ** 2)
        return (self.point - self.claim.value) / both if both else float("inf")

    @property
    def is_precise(self) -> bool:
        return self.se <= self.claim.largest_se

    @property
    def holds(self) -> bool:
        return self.is_precise and abs(self.distance) <= STANDARD_ERRORS

    def __str__(self) -> str:
        return (
            f"{'ok   ' if self.holds else 'WRONG'} {self.claim.quantity}: simulated {self.point:.6g}, "
            f"expected {self.claim.value:.6g}, standard error {self.se:.2g} (at most {self.claim.largest_se:.2g}), "
            f"{self.distance:+.1f} standard errors away"
        )


@dataclass(frozen=True)
class Unit:
    """What the 200,000 are: part of a measure that counts them."""

    name: str
    metric: str
    part: str = "numerator"

    def count(self, samples: Sequence[Sample]) -> float:
        return sum(getattr(sample[self.metric][()], self.part) for sample in samples)


ARRIVED = Unit("contacts", "contacts")


def agrees(
    scenario: Scenario, claims: Sequence[Claim], seed: int, load: Offered | None = None, unit: Unit = ARRIVED
) -> None:
    """Assert that a scenario's simulation agrees with all claims; prints the evidence."""
    first, size = judge(scenario, claims, seed, load=load, unit=unit)
    if all(verdict.holds for verdict in first):
        return
    again, _ = judge(scenario, claims, seed + 1, 4 * size, load, unit)
    wrong = "\n".join(map(str, [*first, f"again at four times the size, seed {seed + 1}:", *again]))
    assert all(verdict.holds for verdict in again), wrong


def judge(
    scenario: Scenario,
    claims: Sequence[Claim],
    seed: int,
    replications: int | None = None,
    load: Offered | None = None,
    unit: Unit = ARRIVED,
) -> tuple[list[Verdict], int]:
    """The verdicts on all claims, and how many replications they took. A given number is not exceeded."""
    scenario = scenario.vary({"seed": seed})
    metrics = tuple(sorted({unit.metric}.union(*(claim.estimate.metrics for claim in claims))))
    start, most = replications or max(REPLICATIONS, scenario.replications), replications or MOST
    samples, controls = sampled(scenario, metrics, 0, start, load)
    while True:
        verdicts = [Verdict(claim, *claim.estimate(samples, controls)) for claim in claims]
        verdicts += [] if controls is None else of_twins(controls)
        contacts = unit.count(samples)
        if len(samples) >= most or (contacts >= CONTACTS and all(verdict.is_precise for verdict in verdicts)):
            break
        more, deviations = sampled(scenario, metrics, len(samples), MORE, load)
        samples += more
        controls = None if controls is None or deviations is None else np.vstack([controls, deviations])
    print(f"\n{scenario.name}: seed {seed}, {len(samples)} replications, {contacts:,.0f} {unit.name} after warm-up")
    print("\n".join(map(str, verdicts)))
    assert contacts >= CONTACTS
    return verdicts, len(samples)


def of_twins(controls: np.ndarray) -> list[Verdict]:
    """Are the twins what they should be on average? As shares of what is expected. [replication, control]"""
    points, errors = controls.mean(axis=0), controls.std(axis=0, ddof=1) / sqrt(len(controls))
    names = Offered.CONTROLS[: len(points)]
    claims = [Claim(f"twin, {name}, beyond expectation", 0.0, measured("contacts"), inf) for name in names]
    return [Verdict(*of) for of in zip(claims, points.tolist(), errors.tolist(), strict=True)]


def sampled(
    scenario: Scenario, metrics: tuple[str, ...], first: int, count: int, load: Offered | None
) -> tuple[list[Sample], np.ndarray | None]:
    """The parts of replications first … first + count − 1, on all processors, and the twins' deviations."""
    workers = 1 if "PYTEST_XDIST_WORKER" in os.environ else None
    answers = pool.run(partial(_sample, scenario, metrics, first, load), count, workers, None)
    deviations = [deviation for _, deviation in answers if deviation is not None]
    return [sample for sample, _ in answers], np.array(deviations) if deviations else None


def _sample(
    scenario: Scenario, metrics: tuple[str, ...], first: int, load: Offered | None, number: int, progress: object
) -> tuple[Sample, np.ndarray | None]:
    """One replication: only what is asked for is measured; the very first is checked for conservation too."""
    number += first
    workload = draw(scenario, number)
    rows = simulate(scenario, workload)
    tables = fold(scenario, rows, number)
    if number == 0:
        failed = [check for check in checks(scenario, rows, tables) if not check.passed]
        assert not failed, failed
    view = View(scenario, tables, int(rows["time"][-1]))
    deviation = None if load is None else load.deviations(scenario, workload, tables["portions"])
    return {metric: named(metric).parts(view) for metric in metrics}, deviation
