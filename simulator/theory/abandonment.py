"""Waiting with abandonment: Erlang A (M/M/n+M) and its cousins with any law of patience (M/M/n+G).

The offered wait V (what a customer of endless patience would wait) has the density
    v(x) = lambda p(n-1) exp(lambda H(x) - n mu x),   H(x) = E[min(patience, x)],
where p(n-1) is the probability of n-1 in the system. With E = 1 / B(n-1, lambda / mu) and
J = integral of exp(lambda H(x) - n mu x) over x > 0 this gives p(n-1) = 1 / (E + lambda J).
Source: F. Baccelli, G. Hebuterne 1981; written as in S. Zeltyn, A. Mandelbaum, Call centers with impatient
customers: many-server asymptotics of the M/M/n+G queue, Queueing Systems 51 (2005).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import erf, exp, inf, log, sqrt

import numpy as np

from simulator.theory.erlang import erlang_b


@dataclass(frozen=True)
class Patience:
    """A law of patience, by its survival function P(T > x) and by H(x) = E[min(T, x)], both of arrays `[x]`."""

    survival: Callable[[np.ndarray], np.ndarray]
    limited_mean: Callable[[np.ndarray], np.ndarray]
    kinks: tuple[float, ...] = ()
    """Where the survival function jumps or bends: the integrals are cut there."""


def exponential(mean: float) -> Patience:
    return Patience(lambda x: np.exp(-x / mean), lambda x: mean * -np.expm1(-x / mean))


def constant(value: float) -> Patience:
    return Patience(lambda x: (x < value).astype(float), lambda x: np.minimum(x, value), (value,))


def uniform(longest: float) -> Patience:
    """Uniform between 0 and `longest`."""

    def limited(x: np.ndarray) -> np.ndarray:
        inside = np.minimum(x, longest)
        return inside - inside**2 / (2 * longest)

    return Patience(lambda x: np.clip(1 - x / longest, 0, None), limited, (longest,))


def lognormal(mean: float, cv: float) -> Patience:
    """Lognormal by mean and coefficient of variation."""
    sigma = sqrt(log(1 + cv**2))
    mu = log(mean) - sigma**2 / 2
    below = np.vectorize(lambda z: 0.5 * (1 + erf(z / sqrt(2))))

    def z(x: np.ndarray) -> np.ndarray:
        return (np.log(np.maximum(x, 1e-300)) - mu) / sigma

    def survival(x: np.ndarray) -> np.ndarray:
        return 1 - below(z(x))

    return Patience(survival, lambda x: mean * below(z(x) - sigma) + x * survival(x))


@dataclass(frozen=True)
class Abandonment:
    """What M/M/n+G does in the long run. Times in the unit of the arguments, the rest shares of all arrivals."""

    p_wait: float
    """Share of arrivals that find nobody free."""
    p_abandon: float
    mean_wait_all: float
    """Time in queue, over served and abandoned."""
    mean_wait_served: float
    mean_queue: float
    """Mean number waiting."""
    occupancy: float
    """Mean share of agents busy."""
    mean_in_system: float
    served_within: Callable[[float], float]
    """Of all arrivals: served after at most t."""
    wait_exceeds: Callable[[float], float]
    """Of all arrivals, served or abandoned: still in queue after t."""

    def wait_quantile(self, share: float) -> float:
        """The time in queue that `share` of all arrivals do not exceed."""
        if self.wait_exceeds(0.0) <= 1 - share:
            return 0.0
        low, high = 0.0, max(self.mean_wait_all, 1e-12)
        while self.wait_exceeds(high) > 1 - share:
            low, high = high, 2 * high
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (middle, high) if self.wait_exceeds(middle) > 1 - share else (low, middle)
        return high


def erlang_a(arrival_rate: float, service_time: float, agents: int, mean_patience: float) -> Abandonment:
    """Erlang A: Poisson arrivals, exponential service and patience, first come, first served."""
    return mmng(arrival_rate, service_time, agents, exponential(mean_patience))


def mmng(arrival_rate: float, service_time: float, agents: int, patience: Patience) -> Abandonment:
    """M/M/n+G: Poisson arrivals, exponential service, any patience."""
    if agents < 1 or arrival_rate <= 0 or service_time <= 0:
        raise ValueError(f"needs arrivals, service and an agent: {arrival_rate}, {service_time}, {agents}")
    capacity = agents / service_time

    def exponent(x: np.ndarray) -> np.ndarray:
        return arrival_rate * patience.limited_mean(x) - capacity * x

    peak, end = _horizon(exponent, service_time, patience.kinks)

    def integral(weight: Callable[[np.ndarray], np.ndarray], start: float, stop: float) -> float:
        return _integral(lambda x: weight(x) * np.exp(exponent(x) - peak), start, stop, patience.kinks)

    def one(x: np.ndarray) -> np.ndarray:
        return np.ones_like(x)

    scale = exp(-peak)  # all of it divided by exp(peak), which may not fit into a float
    below_n = scale / erlang_b(arrival_rate * service_time, agents - 1)
    j = integral(one, 0.0, end)
    total = below_n + arrival_rate * j
    p_wait = arrival_rate * j / total
    p_abandon = (scale + (arrival_rate - capacity) * j) / total
    mean_wait_all = arrival_rate * integral(patience.limited_mean, 0.0, end) / total
    served = 1 - p_abandon
    waited_served = arrival_rate * integral(lambda x: x * patience.survival(x), 0.0, end) / total
    occupancy = arrival_rate * served / capacity

    def served_within(t: float) -> float:
        return 1 - p_wait + arrival_rate * integral(patience.survival, 0.0, min(t, end)) / total

    def wait_exceeds(t: float) -> float:
        still_there = float(patience.survival(np.array([t]))[0])
        return still_there * arrival_rate * integral(one, min(t, end), end) / total

    return Abandonment(
        p_wait=p_wait,
        p_abandon=p_abandon,
        mean_wait_all=mean_wait_all,
        mean_wait_served=waited_served / served,
        mean_queue=arrival_rate * mean_wait_all,
        occupancy=occupancy,
        mean_in_system=arrival_rate * mean_wait_all + occupancy * agents,
        served_within=served_within,
        wait_exceeds=wait_exceeds,
    )


def _horizon(
    exponent: Callable[[np.ndarray], np.ndarray], unit: float, kinks: tuple[float, ...]
) -> tuple[float, float]:
    """Peak of a concave exponent, and where it has fallen 45 below (a factor of 1e-20)."""
    end = unit
    while True:
        x = np.unique(np.concatenate([np.linspace(0, end, 4001), [k for k in kinks if k < end]]))
        values = exponent(x)
        if values[-1] < values.max() - 45:
            break
        end *= 2
        if end == inf:
            raise ValueError("the queue has no steady state: patience is endless and the load not below capacity")
    return float(values.max()), end


_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)


def _integral(
    function: Callable[[np.ndarray], np.ndarray], start: float, stop: float, kinks: tuple[float, ...]
) -> float:
    """Gauss-Legendre on 400 panels between each two kinks."""
    edges = [start, *sorted(k for k in kinks if start < k < stop), stop]
    total = 0.0
    for left, right in pairwise(edges):
        if right <= left:
            continue
        panel = np.linspace(left, right, 401)
        half = np.diff(panel) / 2
        x = (panel[:-1] + half)[:, None] + half[:, None] * _NODES  # [panel, node]
        total += float((function(x.ravel()).reshape(x.shape) * _WEIGHTS * half[:, None]).sum())
    return total
