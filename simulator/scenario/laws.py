"""A law: the distribution a person wrote, in its natural parameters. `workload.laws` turns uniforms into it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from simulator.vocabulary.clock import DAY

LawKind = Literal[
    "constant",
    "exponential",
    "uniform",
    "triangular",
    "lognormal",
    "gamma",
    "weibull",
    "log_logistic",
    "pareto",
    "geometric",
    "empirical",
    "mixture",
]

AT_MOST_US = 60 * DAY
"""Longest duration a law may give unless it says otherwise (model.md section 2)."""


@dataclass(frozen=True)
class Law:
    """One distribution, of durations (µs) or of counts.

    `numbers` by kind: constant (value), exponential (mean), uniform (low, high), triangular (low, mode, high),
    lognormal (mu, sigma of the natural logarithm of µs), gamma, weibull, log_logistic and pareto (shape, scale;
    pareto is Lomax's, which begins at 0), geometric (p; values 1, 2, …, mean 1/p), empirical (the values), mixture
    (none). `weights` (summing to 1) belong to the values of an empirical law or the `parts` of
    a mixture.
    """

    kind: LawKind
    numbers: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()
    parts: tuple[Law, ...] = ()
    at_most: float = float(AT_MOST_US)
    """Longer draws are clipped to this (µs), and counted; counts: infinity."""


def largest(law: Law) -> float:
    """The largest value a law may give (counts: infinity if unbounded), before `at_most`."""
    if law.kind in ("constant", "empirical"):
        return max(law.numbers)
    if law.kind in ("uniform", "triangular"):
        return law.numbers[-1]
    if law.kind == "mixture":
        return max(largest(part) for part, weight in zip(law.parts, law.weights, strict=True) if weight > 0)
    return math.inf
