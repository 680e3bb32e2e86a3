"""How a number is computed from the replications of a scenario: point and standard error.

Standard errors come from whole replications: pseudo-values of a ratio of sums, or of a quantile (`metrics.confidence`),
or of the rest of them that control variates leave (`twins`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from simulator.experiments.truth.twins import regressed
from simulator.metrics.catalogue import named
from simulator.metrics.confidence import quantile_pseudo, ratio_pseudo, standard_error
from simulator.metrics.parts import Part, Scope

Sample = dict[str, dict[Scope, Part]]
"""What one replication leaves: the parts of the measures that were asked for."""


@dataclass(frozen=True)
class Estimated:
    """A number, and how sure it is."""

    point: float
    se: float
    """Standard error."""
    one: float
    """That of one replication without control variates."""
    degrees: int
    """Degrees of freedom of the standard error."""


@dataclass(frozen=True)
class Estimate:
    """How a quantity is computed from the parts of all replications."""

    measure: str
    """In words of the catalogue of measures."""
    metrics: tuple[str, ...]
    pseudo: Callable[[Sequence[Sample]], tuple[float, np.ndarray]]
    """Point and pseudo-values. [replication]"""
    unit: str

    def __call__(self, samples: Sequence[Sample], controls: np.ndarray | None = None) -> Estimated:
        """`controls` have expectation 0. [replication, control]"""
        n = len(samples)
        point, pseudo = self.pseudo(samples)
        se = standard_error(pseudo)
        if controls is None:
            return Estimated(point, se, se * sqrt(n), n - 1)
        return Estimated(*regressed(pseudo, controls), se * sqrt(n), n - 1 - controls.shape[1])


def measured(metric: str, **scope: str) -> Estimate:
    """A measure as the summary prints it."""
    key: Scope = tuple(scope.items())
    quantile = named(metric).quantile

    def pseudo(samples: Sequence[Sample]) -> tuple[float, np.ndarray]:
        parts = [sample[metric][key] for sample in samples]
        if quantile is not None:
            return quantile_pseudo([part.samples for part in parts if part.samples is not None], quantile)
        return ratio_pseudo(np.array([p.numerator for p in parts]), np.array([p.denominator for p in parts]))

    where = ", ".join(scope.values())
    return Estimate(f"{metric} ({where})" if where else metric, (metric,), pseudo, named(metric).unit)


def counted(metric: str, by: str | None = None, part: str = "numerator") -> Estimate:
    """The numerators (or denominators) of a measure: per replication, or by those of another measure."""

    def numbers(samples: Sequence[Sample], name: str) -> np.ndarray:
        return np.array([getattr(sample[name][()], part) for sample in samples])

    def pseudo(samples: Sequence[Sample]) -> tuple[float, np.ndarray]:
        below = np.ones(len(samples)) if by is None else numbers(samples, by)
        return ratio_pseudo(numbers(samples, metric), below)

    words = f"{metric}, how many" if by is None else f"{metric} ÷ {by}"
    unit = "count" if by is None else "share"
    return Estimate(words, (metric,) if by is None else (metric, by), pseudo, unit)


def added(metric: str, more: str) -> Estimate:
    """The numerators of two measures together by the denominator of the first."""

    def pseudo(samples: Sequence[Sample]) -> tuple[float, np.ndarray]:
        above = np.array([sample[metric][()].numerator + sample[more][()].numerator for sample in samples])
        return ratio_pseudo(above, np.array([sample[metric][()].denominator for sample in samples]))

    return Estimate(f"{metric} + {more}", (metric, more), pseudo, named(metric).unit)
