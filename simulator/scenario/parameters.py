"""From what a planner knows of a law (mean and cv, median and p90) to its natural parameters.

One table of families; whoever adds a family here names its parametrisations, and the tests of all laws apply to it.
Formulas: N. Johnson, S. Kotz, N. Balakrishnan, Continuous Univariate Distributions, volumes 1 and 2. Where there is no
closed form, Brent's method finds the shape, to the last digits and always the same ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeAlias

from simulator.scenario.laws import LawKind
from simulator.scenario.written import Complaint, Wrong
from simulator.vocabulary.clock import SECOND

Z90 = 1.2815515655446004
"""The standard normal's 90 % quantile: p90 = median · e^(Z90 · sigma)."""

Solver: TypeAlias = Callable[..., tuple[float, ...]]

DURATION_PARAMETERS = ("mean", "median", "p90", "scale", "low", "mode", "high")
FROM_ZERO = ("low", "mode")
"""Durations that may be 0."""

SHAPES = (1e-3, 1e6)
"""Where a shape is looked for; a law beyond is a constant or has no digits left."""

LEAST_WEIBULL = 0.05
"""Below this shape a Weibull law's mean is beyond all durations (Γ(1 + 1/shape) is 2e18 times the scale at 0.05), and
soon beyond all floats."""


def _condition(parameter: str, problem: str, allowed: str, suggestion: str = "") -> Wrong:
    return Wrong(all=[Complaint(problem, allowed, suggestion, (parameter,))])


def _shape_where(reached: Callable[[float], float], parameter: str) -> float:
    """The shape at which a monotone function of it is 0. Raises Wrong where none is."""
    from scipy.optimize import brentq

    low, high = (math.log(shape) for shape in SHAPES)
    try:
        return math.exp(brentq(lambda x: reached(math.exp(x)), low, high, xtol=1e-15, rtol=1e-15, maxiter=500))
    except (ValueError, OverflowError):
        raise _condition(
            parameter, "no law of this family spreads so little or so much", "values closer to the usual"
        ) from None


# --- families with closed forms --------------------------------------------------------------------------------


def _exponential_median(median: float) -> tuple[float, ...]:
    return (median / math.log(2),)


def _uniform_mean(mean: float, cv: float) -> tuple[float, ...]:
    """(high − low)²/12 is the variance."""
    if cv > 1 / math.sqrt(3):
        raise _condition(
            "cv", f"a uniform law from 0 has a cv of {1 / math.sqrt(3):.4f}, and {cv:g} is more", "at most 0.57735"
        )
    half = math.sqrt(3) * cv * mean
    return (max(mean - half, 0.0), mean + half)


def _uniform_median(median: float, p90: float) -> tuple[float, ...]:
    """p90 − median is 40 % of the width."""
    width = (p90 - median) / 0.4
    if width > 2 * median:
        raise _condition("p90", "this law would give durations below 0", "at most 1.8 times the median")
    return (median - width / 2, median + width / 2)


def _triangular_mean(mean: float, cv: float) -> tuple[float, ...]:
    """Two numbers leave the mode open: the symmetric law. (high − low)²/24 is its variance."""
    if cv > 1 / math.sqrt(6):
        most = 1 / math.sqrt(6)
        raise _condition(
            "cv", f"a symmetric triangular law from 0 has a cv of {most:.4f}, and {cv:g} is more", "at most 0.40824"
        )
    half = math.sqrt(6) * cv * mean
    return (max(mean - half, 0.0), mean, mean + half)


def _triangular_median(median: float, p90: float) -> tuple[float, ...]:
    """The symmetric law: above p90 lies (1 − (p90 − median)/half)²/2."""
    half = (p90 - median) / (1 - math.sqrt(0.2))
    if half > median:
        raise _condition("p90", "this law would give durations below 0", "at most 1.5527 times the median")
    return (median - half, median, median + half)


def _lognormal_median(median: float, p90: float) -> tuple[float, ...]:
    return (math.log(median), math.log(p90 / median) / Z90)


def _lognormal_mean(mean: float, cv: float) -> tuple[float, ...]:
    """mean = e^(mu + sigma²/2); cv² = e^(sigma²) − 1."""
    variance = math.log1p(cv * cv)
    return (math.log(mean) - variance / 2, math.sqrt(variance))


def _lognormal(mu: float, sigma: float) -> tuple[float, ...]:
    """`mu` belongs to seconds, as one fits it."""
    return (mu + math.log(SECOND), sigma)


def _lognormal_sigma(median: float, sigma: float) -> tuple[float, ...]:
    return (math.log(median), sigma)


# --- families of a shape and a scale ---------------------------------------------------------------------------


def _gamma_mean(mean: float, cv: float) -> tuple[float, ...]:
    return (1 / (cv * cv), mean * cv * cv)


def _gamma_median(median: float, p90: float) -> tuple[float, ...]:
    from scipy.special import gammaincinv

    def reached(shape: float) -> float:
        # Below this shape the median has no digits left: the ratio is as good as infinite.
        half = float(gammaincinv(shape, 0.5))
        return math.log(float(gammaincinv(shape, 0.9)) / half) - math.log(p90 / median) if half > 1e-280 else 700.0

    shape = _shape_where(reached, "p90")
    return (shape, median / float(gammaincinv(shape, 0.5)))


def _weibull_mean(mean: float, cv: float) -> tuple[float, ...]:
    """mean = scale · Γ(1 + 1/shape); 1 + cv² = Γ(1 + 2/shape) / Γ(1 + 1/shape)²."""

    def reached(shape: float) -> float:
        return math.lgamma(1 + 2 / shape) - 2 * math.lgamma(1 + 1 / shape) - math.log1p(cv * cv)

    shape = _shape_where(reached, "cv")
    return (shape, mean / math.gamma(1 + 1 / shape))


def _weibull_median(median: float, p90: float) -> tuple[float, ...]:
    """Q(u) = scale · (−ln(1 − u))^(1/shape)."""
    spread = math.log(math.log(10) / math.log(2))
    shape = spread / math.log(p90 / median)
    most = math.exp(spread / LEAST_WEIBULL)
    _not_too_wide("p90", shape, f"p90 up to {most:.2g} times the median (shape from {LEAST_WEIBULL:g})")
    return (shape, median / math.log(2) ** (1 / shape))


def _weibull(shape: float, scale: float) -> tuple[float, ...]:
    _not_too_wide("shape", shape, f"shape from {LEAST_WEIBULL:g}")
    return (shape, scale)


def _not_too_wide(parameter: str, shape: float, allowed: str) -> None:
    if shape < LEAST_WEIBULL:
        problem = f"a Weibull law of shape {shape:.3g} has a mean beyond all durations"
        raise _condition(parameter, problem, allowed, "a larger shape, or a lognormal")


def _log_logistic(shape: float, scale: float) -> tuple[float, ...]:
    return (_with_a_mean("shape", shape, "shape > 1"), scale)


def _log_logistic_mean(mean: float, cv: float) -> tuple[float, ...]:
    """With b = π/shape: mean = scale · b / sin b; 1 + cv² = tan b / b. Every cv has a shape above 2."""
    from scipy.optimize import brentq

    def reached(b: float) -> float:
        return math.tan(b) - b * (1 + cv * cv)

    b = brentq(reached, min(cv, 1e-3), math.pi / 2 - 1e-9, xtol=1e-15, rtol=1e-15, maxiter=500)
    return (math.pi / b, mean * math.sin(b) / b)


def _log_logistic_median(median: float, p90: float) -> tuple[float, ...]:
    """Q(u) = scale · (u / (1 − u))^(1/shape)."""
    shape = math.log(9) / math.log(p90 / median)
    return (_with_a_mean("p90", shape, "p90 below 9 times the median (shape > 1)"), median)


def _pareto(shape: float, scale: float) -> tuple[float, ...]:
    return (_with_a_mean("shape", shape, "shape > 1"), scale)


def _pareto_mean(mean: float, cv: float) -> tuple[float, ...]:
    """mean = scale / (shape − 1); cv² = shape / (shape − 2)."""
    if cv <= 1:
        raise _condition(
            "cv", f"a Pareto law has a cv above 1, and {cv:g} is not", "cv > 1", "did you mean `gamma` or `weibull`?"
        )
    shape = 2 * cv * cv / ((cv - 1) * (cv + 1))
    return (shape, mean * (shape - 1))


def _pareto_median(median: float, p90: float) -> tuple[float, ...]:
    """Q(u) = scale · ((1 − u)^(−1/shape) − 1). The ratio lies between the exponential's and that of shape 1."""
    ratio = p90 / median
    allowed = "p90 from 3.33 to below 9 times the median (shape > 1)"
    if ratio <= math.log(10) / math.log(2) * (1 + 1e-5):
        raise _condition("p90", "a Pareto law has a longer tail", allowed, "did you mean `gamma` or `weibull`?")
    if ratio >= 9:
        _with_a_mean("p90", 0.0, allowed)

    def reached(shape: float) -> float:
        return math.expm1(math.log(10) / shape) / math.expm1(math.log(2) / shape) - ratio if shape > 0.01 else 1e9

    shape = _shape_where(reached, "p90")
    return (_with_a_mean("p90", shape, allowed), median / math.expm1(math.log(2) / shape))


def _with_a_mean(parameter: str, shape: float, allowed: str) -> float:
    if shape <= 1:
        raise _condition(parameter, "the mean of this law is infinite", allowed, "a smaller tail, or a lognormal")
    return shape


def _as_written(*numbers: float) -> tuple[float, ...]:
    return numbers


FAMILIES: dict[LawKind, dict[tuple[str, ...], Solver]] = {
    "exponential": {("mean",): _as_written, ("median",): _exponential_median},
    "uniform": {("low", "high"): _as_written, ("mean", "cv"): _uniform_mean, ("median", "p90"): _uniform_median},
    "triangular": {
        ("low", "mode", "high"): _as_written,
        ("mean", "cv"): _triangular_mean,
        ("median", "p90"): _triangular_median,
    },
    "lognormal": {
        ("median", "p90"): _lognormal_median,
        ("mean", "cv"): _lognormal_mean,
        ("mu", "sigma"): _lognormal,
        ("median", "sigma"): _lognormal_sigma,
    },
    "gamma": {("mean", "cv"): _gamma_mean, ("median", "p90"): _gamma_median, ("shape", "scale"): _as_written},
    "weibull": {("mean", "cv"): _weibull_mean, ("median", "p90"): _weibull_median, ("shape", "scale"): _weibull},
    "log_logistic": {
        ("median", "p90"): _log_logistic_median,
        ("mean", "cv"): _log_logistic_mean,
        ("shape", "scale"): _log_logistic,
    },
    "pareto": {("mean", "cv"): _pareto_mean, ("median", "p90"): _pareto_median, ("shape", "scale"): _pareto},
}
"""By kind: which parameters make one of its laws, and how. Durations in µs, everything else a bare number."""
