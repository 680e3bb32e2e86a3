"""Claims: a number of the literature, how we measure it, how near we must come.

An exact number lies within 4 standard errors of the simulated one; a published simulation within
4 sqrt(se^2 + se_published^2), and is tolerated by its case at 3 times that root: half of what is theirs alone in it
is 1.5 se_published. What is not left to chance (`Exactly`) lies within the tolerance of its case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import hypot, inf, isnan, sqrt
from typing import Any

from simulator.experiments.truth.estimates import Estimate, Estimated, Sample
from simulator.metrics.confidence import LEVEL, student_t

STANDARD_ERRORS = 4.0
PRECISION = 0.02
"""Largest standard error as a share of the number."""


def exact(one: float) -> float:
    """The standard error of a number that was not simulated."""
    return 0.0


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
            return float(hypot(sampled, rounded(0.001)(one) * unit))

        # half of what is theirs in the case's tolerance, or 2 % where that is less
        precision = min(1.5 * published_se(0.0), PRECISION * abs(value)) if interval else 0.0
        return Claim(quantity, value, ours, precision, published_se)


@dataclass(frozen=True)
class Verdict:
    """A claim beside what was simulated."""

    claim: Claim
    found: Estimated

    @property
    def distance(self) -> float:
        """In standard errors."""
        both = hypot(self.found.se, self.claim.published_se(self.found.one))
        return (self.found.point - self.claim.value) / both if both else inf

    @property
    def interval(self) -> tuple[float, float]:
        """95 %: point +- t standard errors."""
        half = student_t(LEVEL, self.found.degrees) * self.found.se
        return self.found.point - half, self.found.point + half

    @property
    def is_precise(self) -> bool:
        return self.found.se <= self.claim.largest_se

    @property
    def agrees(self) -> bool:
        return not isnan(self.distance) and abs(self.distance) <= STANDARD_ERRORS

    @property
    def holds(self) -> bool:
        return self.is_precise and self.agrees

    def __str__(self) -> str:
        return (
            f"{'ok   ' if self.holds else 'WRONG'} {self.claim.quantity}: simulated {self.found.point:.6g}, "
            f"expected {self.claim.value:.6g}, standard error {self.found.se:.2g} "
            f"(at most {self.claim.largest_se:.2g}), {self.distance:+.1f} standard errors away"
        )


@dataclass(frozen=True)
class Exactly:
    """A number that chance has no part in, beside what was simulated."""

    quantity: str
    value: float
    point: float
    measure: str
    unit: str
    tolerance: float = 0.0

    @property
    def agrees(self) -> bool:
        return bool(abs(self.point - self.value) <= self.tolerance)

    def __str__(self) -> str:
        within = f" (within {self.tolerance:g})" if self.tolerance else ""
        return (
            f"{'ok   ' if self.agrees else 'WRONG'} {self.quantity}: simulated {self.point:.6g}, "
            f"expected {self.value:.6g}{within}"
        )


@dataclass(frozen=True)
class Unit:
    """What is counted as evidence: part of a measure that counts it."""

    name: str
    metric: str
    part: str = "numerator"

    def count(self, samples: list[Sample]) -> float:
        return float(sum(getattr(sample[self.metric][()], self.part) for sample in samples))


ARRIVED = Unit("contacts", "contacts")
