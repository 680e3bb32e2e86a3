"""Statistical evidence: does a simulation agree with a number from the literature?

The rule, for every number of a case:
- at least 30 replications and 200,000 contacts after warm-up;
- a standard error of at most 2 % of the number, or of half the case's own tolerance where it names one;
- an exact number lies within 4 standard errors of the simulated one; a published simulation within
  4 sqrt(se^2 + se_published^2).
Replications are added until the standard errors are small enough (the sequential procedure of A. M. Law, Simulation
Modeling and Analysis, section 9.4), so that no size is tuned to a seed. A case that fails is run again at four times
the size with the next seed, and must pass there.

Standard errors come from whole replications: jackknife of a ratio of sums, or of a quantile (`metrics.confidence`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import sqrt

import numpy as np

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

    def __call__(self, samples: Sequence[Sample]) -> tuple[float, float]:
        """Point and standard error."""
        point, low, high = self.interval(samples)
        return point, (high - low) / 2 / student_t(LEVEL, len(samples) - 1)


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


def counted(metric: str, by: str | None = None) -> Estimate:
    """The numerators of a measure: per replication, or by those of another measure."""

    def numerators(samples: Sequence[Sample], name: str) -> np.ndarray:
        return np.array([sample[name][()].numerator for sample in samples])

    def interval(samples: Sequence[Sample]) -> tuple[float, float, float]:
        below = np.ones(len(samples)) if by is None else numerators(samples, by)
        return ratio_interval(numerators(samples, metric), below)

    return Estimate((metric,) if by is None else (metric, by), interval)


def exact(se: float) -> float:
    """The standard error of a number that was not simulated."""
    return 0.0


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
    """Standard error of a published simulation, given ours."""

    @property
    def largest_se(self) -> float:
        return self.precision or PRECISION * abs(self.value)


@dataclass(frozen=True)
class Verdict:
    claim: Claim
    point: float
    se: float

    @property
    def distance(self) -> float:
        """In standard errors."""
        both = sqrt(self.se**2 + self.claim.published_se(self.se) ** 2)
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


def agrees(scenario: Scenario, claims: Sequence[Claim], seed: int) -> None:
    """Assert that a scenario's simulation agrees with all claims; prints the evidence."""
    first, size = judge(scenario, claims, seed)
    if all(verdict.holds for verdict in first):
        return
    again, _ = judge(scenario, claims, seed + 1, 4 * size)
    wrong = "\n".join(map(str, [*first, f"again at four times the size, seed {seed + 1}:", *again]))
    assert all(verdict.holds for verdict in again), wrong


def judge(
    scenario: Scenario, claims: Sequence[Claim], seed: int, replications: int | None = None
) -> tuple[list[Verdict], int]:
    """The verdicts on all claims, and how many replications they took. A given number is not exceeded."""
    scenario = scenario.vary({"seed": seed})
    metrics = tuple(sorted({"contacts"}.union(*(claim.estimate.metrics for claim in claims))))
    start, most = replications or max(REPLICATIONS, scenario.replications), replications or MOST
    samples = sampled(scenario, metrics, 0, start)
    while True:
        verdicts = [Verdict(claim, *claim.estimate(samples)) for claim in claims]
        contacts = sum(sample["contacts"][()].numerator for sample in samples)
        if len(samples) >= most or (contacts >= CONTACTS and all(verdict.is_precise for verdict in verdicts)):
            break
        samples += sampled(scenario, metrics, len(samples), MORE)
    print(f"\n{scenario.name}: seed {seed}, {len(samples)} replications, {contacts:,.0f} contacts after warm-up")
    print("\n".join(map(str, verdicts)))
    assert contacts >= CONTACTS
    return verdicts, len(samples)


def sampled(scenario: Scenario, metrics: tuple[str, ...], first: int, count: int) -> list[Sample]:
    """The parts of replications first … first + count − 1, on all processors."""
    workers = 1 if "PYTEST_XDIST_WORKER" in os.environ else None
    return pool.run(partial(_sample, scenario, metrics, first), count, workers, None)


def _sample(scenario: Scenario, metrics: tuple[str, ...], first: int, number: int, progress: object) -> Sample:
    """One replication: only what is asked for is measured; the very first is checked for conservation too."""
    number += first
    rows = simulate(scenario, draw(scenario, number))
    tables = fold(scenario, rows, number)
    if number == 0:
        failed = [check for check in checks(scenario, rows, tables) if not check.passed]
        assert not failed, failed
    view = View(scenario, tables, int(rows["time"][-1]))
    return {metric: named(metric).parts(view) for metric in metrics}
