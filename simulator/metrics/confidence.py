"""Uncertainty over replications: Student t on jackknife pseudo-values.

The point is computed from all replications together, theta; leaving replication i out gives theta(-i); the
pseudo-value is p_i = n theta - (n-1) theta(-i). The interval is mean(p) +- t sqrt(var(p) / n), t with n-1 degrees
of freedom. For a plain mean it is the classical t interval; for a ratio of sums it allows for the ratio's bias.
Source: R. G. Miller, The jackknife: a review, Biometrika 61 (1974); A. M. Law, Simulation Modeling and Analysis,
section 9.4 (ratio estimators in simulation).
"""

from __future__ import annotations

from functools import cache
from math import isfinite, nan, sqrt

import numpy as np

LEVEL = 0.95
"""Confidence of every interval in a summary."""


def jackknife(point: float, left_out: np.ndarray, level: float = LEVEL) -> tuple[float, float]:
    """Interval from the point of all replications and the points that leave one out. [replication]

    (nan, nan) for fewer than two replications, or where a point without one of them does not exist.
    """
    n = len(left_out)
    if n < 2 or not isfinite(point) or not np.isfinite(left_out).all():
        return nan, nan
    pseudo = n * point - (n - 1) * left_out
    centre = float(pseudo.mean())
    half = student_t(level, n - 1) * sqrt(float(pseudo.var(ddof=1)) / n)
    return centre - half, centre + half


def ratio_interval(
    numerators: np.ndarray, denominators: np.ndarray, level: float = LEVEL
) -> tuple[float, float, float]:
    """Point and interval of sum(numerators) / sum(denominators). [replication]; nan where nothing is to divide by."""
    point = _divide(float(numerators.sum()), float(denominators.sum()))
    if len(numerators) < 2:
        return point, nan, nan
    rest = denominators.sum() - denominators
    with np.errstate(divide="ignore", invalid="ignore"):
        left_out = np.where(rest > 0, (numerators.sum() - numerators) / rest, nan)
    return point, *jackknife(point, left_out, level)


def quantile_interval(samples: list[np.ndarray], share: float, level: float = LEVEL) -> tuple[float, float, float]:
    """Point and interval of a quantile of the pooled samples. [replication][sample]

    Whole replications are left out, never single samples: the jackknife of a single-sample quantile does not work.
    """
    values = np.concatenate(samples) if samples else np.empty(0)
    if len(values) == 0:
        return nan, nan, nan
    owner = np.repeat(np.arange(len(samples)), [len(s) for s in samples])
    order = np.argsort(values, kind="stable")
    values, owner = values[order], owner[order]
    point = sorted_quantile(values, share)
    if len(samples) < 2:
        return point, nan, nan
    left_out = np.array([sorted_quantile(values[owner != i], share) for i in range(len(samples))])
    return point, *jackknife(point, left_out, level)


def sorted_quantile(values: np.ndarray, share: float) -> float:
    """Quantile of ascending values, linear between neighbours (NumPy's default); nan of nothing."""
    if len(values) == 0:
        return nan
    at = share * (len(values) - 1)
    low = int(at)
    high = min(low + 1, len(values) - 1)
    return float(values[low] + (at - low) * (values[high] - values[low]))


@cache
def student_t(level: float, degrees: int) -> float:
    """Two-sided quantile of Student's t: 2.776 for 95 % and 4 degrees of freedom."""
    from scipy.special import stdtrit  # scipy.stats would cost a second

    return float(stdtrit(degrees, 0.5 + level / 2))


def _divide(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator > 0 else nan
