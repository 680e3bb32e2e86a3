"""Laws at work: from uniforms to durations and counts, by inversion, so that one uniform is one draw.

The same NumPy functions serve a whole column and a single number; both give the same value, bit for bit.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from typing import Any

import numpy as np
from scipy.special import gammaincinv, ndtri

from simulator.scenario.laws import Law


def quantile(law: Law, u: Any) -> Any:
    """The law's quantile at u: a float for a float, an array for an array. Not yet clipped, not yet rounded."""
    return _QUANTILES[law.kind](law, u)


def clipped(law: Law, u: Any) -> tuple[Any, Any]:
    """The quantile at u, not longer than `at_most`, and whether it had to be clipped (in a mixture: anywhere)."""
    if law.kind == "mixture":
        values, cut = _mixture_clipped(law, u)
    else:
        values, cut = quantile(law, u), False
    return np.minimum(values, law.at_most), cut | (values > law.at_most)


def whole(law: Law, u: np.ndarray) -> tuple[np.ndarray, int]:
    """Draws as whole numbers (µs or counts), clipped to `at_most`, and how many had to be clipped. [draw]"""
    values, cut = clipped(law, u)
    return np.rint(values).astype(np.int64), int(np.count_nonzero(cut))


def one(law: Law, u: float) -> tuple[float, bool]:
    """As `clipped`, for one number: the same value, bit for bit, without the cost of columns."""
    if law.kind == "mixture":
        below = _below(law.weights)
        i = bisect_right(below, u, 1, len(below) - 1) - 1
        stretched = min(max((u - below[i]) / law.weights[i], _SMALLEST), _LARGEST)
        value, cut = one(law.parts[i], stretched)
    else:
        value, cut = float(quantile(law, u)), False
    return (law.at_most, True) if value > law.at_most else (value, cut)


@lru_cache
def _below(weights: tuple[float, ...]) -> tuple[float, ...]:
    return (0.0, *np.cumsum(weights).tolist())


def _constant(law: Law, u: Any) -> Any:
    return np.full(np.shape(u), law.numbers[0])


def _exponential(law: Law, u: Any) -> Any:
    return -law.numbers[0] * np.log1p(-u)


def _uniform(law: Law, u: Any) -> Any:
    low, high = law.numbers
    return low + (high - low) * u


def _lognormal(law: Law, u: Any) -> Any:
    mu, sigma = law.numbers
    return np.exp(mu + sigma * ndtri(u))


def _gamma(law: Law, u: Any) -> Any:
    shape, scale = law.numbers
    return scale * gammaincinv(shape, u)


def _triangular(law: Law, u: Any) -> Any:
    low, mode, high = law.numbers
    width = high - low
    return np.where(
        u * width < mode - low,
        low + np.sqrt(np.multiply(u, width * (mode - low))),
        high - np.sqrt(np.multiply(np.subtract(1, u), width * (high - mode))),
    )


# `np.power` and not `**`: with one number the operator would take another road, and another last digit.


def _weibull(law: Law, u: Any) -> Any:
    shape, scale = law.numbers
    return scale * np.power(-np.log1p(np.negative(u)), 1 / shape)


def _log_logistic(law: Law, u: Any) -> Any:
    shape, scale = law.numbers
    return scale * np.power(u / np.subtract(1, u), 1 / shape)


def _pareto(law: Law, u: Any) -> Any:
    """Lomax's Pareto law, from 0."""
    shape, scale = law.numbers
    return scale * np.expm1(-np.log1p(np.negative(u)) / shape)


def _geometric(law: Law, u: Any) -> Any:
    (p,) = law.numbers
    if p >= 1:
        return np.full(np.shape(u), 1.0)
    return np.maximum(np.ceil(np.log1p(-u) / np.log1p(-p)), 1.0)


def _empirical(law: Law, u: Any) -> Any:
    return np.asarray(law.numbers)[_choice(law.weights, u)]


def _mixture(law: Law, u: Any) -> Any:
    return _mixture_clipped(law, u)[0]


def _mixture_clipped(law: Law, u: Any) -> tuple[Any, Any]:
    """Pick the part by u, then stretch what is left of u over (0, 1): one uniform does both."""
    u = np.asarray(u)
    chosen = _choice(law.weights, u)
    below = np.concatenate([[0.0], np.cumsum(law.weights)])
    value, cut = np.empty(u.shape), np.zeros(u.shape, bool)
    for i, part in enumerate(law.parts):
        mask = chosen == i
        stretched = np.clip((u[mask] - below[i]) / law.weights[i], _SMALLEST, _LARGEST)
        value[mask], cut[mask] = clipped(part, stretched)
    return value, cut


_SMALLEST, _LARGEST = 2.0**-54, 1 - 2.0**-53
"""Keep a stretched uniform strictly inside (0, 1) where subtraction has rounded it to the edge (1 − 2⁻⁵⁴ is 1.0)."""


def _choice(weights: tuple[float, ...], u: Any) -> Any:
    """Which of the weighted alternatives u falls on."""
    edges = np.cumsum(weights)[:-1]
    return np.searchsorted(edges, u, side="right")


_QUANTILES = {
    "constant": _constant,
    "exponential": _exponential,
    "uniform": _uniform,
    "triangular": _triangular,
    "lognormal": _lognormal,
    "gamma": _gamma,
    "weibull": _weibull,
    "log_logistic": _log_logistic,
    "pareto": _pareto,
    "geometric": _geometric,
    "empirical": _empirical,
    "mixture": _mixture,
}
