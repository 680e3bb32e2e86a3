"""The exact day of a desk that begins empty: a birth-death chain in time, not only in its steady state.

Poisson arrivals, exponential efforts, n agents, first come, first served: the number of customers is a Markov chain
that climbs by one and falls by one. Made symmetric, its generator has real eigenvalues -decay, and

    P(number = j at t | empty at 0) = sqrt(p_j / p_0) sum_k v_k(0) v_k(j) exp(-decay_k t)

with p the steady state. The mean over a window is the same sum with exp() averaged. So the empty morning of a day is no
bias that needs a warm-up: it is part of a number that is known.

Source: W. Ledermann, G. E. H. Reuter, Spectral theory for the differential equations of simple birth and death
processes, Philosophical Transactions A 246 (1954).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

NEGLIGIBLE = 1e-16
"""Chance of the states that are left out at the top of an endless queue."""


@dataclass(frozen=True)
class EmptyAtStart:
    """M/M/n from an empty start, seen over [low_s, high_s); whoever finds `max_waiting` before him is turned away."""

    per_s: float
    effort_s: float
    agents: int
    low_s: float
    high_s: float
    max_waiting: int | None = None

    @property
    def arrivals(self) -> float:
        """How many arrive in the window."""
        return self.per_s * (self.high_s - self.low_s)

    @cached_property
    def shares(self) -> np.ndarray:
        """Share of the window with 0, 1, … customers; what arrivals find, too (Poisson: R. W. Wolff 1982). [number]"""
        return _shares(self.per_s, self.effort_s, self.agents, self.low_s, self.high_s, self._most)

    @property
    def _most(self) -> int:
        """The highest number looked at."""
        if self.max_waiting is not None:
            return self.agents + self.max_waiting
        load = self.per_s * self.effort_s
        # up to the agents no likelier than Poisson (ten standard deviations), beyond them geometric
        number, chance = min(self.agents, int(load + 10 * load**0.5 + 20)), 1.0
        while chance > NEGLIGIBLE:
            number += 1
            chance *= load / min(number, self.agents)
            if number > 100_000:
                raise ValueError(f"an endless queue with load {load:g} for {self.agents} agents has no steady state")
        return number

    def mean(self, of: np.ndarray) -> float:
        """Mean over the window of a function of the number. [number]"""
        return float(self.shares @ of)

    @property
    def numbers(self) -> np.ndarray:
        return np.arange(len(self.shares))

    @property
    def busy(self) -> float:
        """Share of the agents' time in the window."""
        return self.mean(np.minimum(self.numbers, self.agents)) / self.agents

    @property
    def blocked(self) -> float:
        """Share of those who arrive in the window."""
        return 0.0 if self.max_waiting is None else float(self.shares[-1])

    @property
    def wait_s(self) -> float:
        """Mean wait of those who arrive in the window and are not turned away, however late they are served."""
        return self.mean(self._ahead * self._admitted) * self.effort_s / self.agents / (1 - self.blocked)

    def within(self, limit_s: float) -> float:
        """Share of those who arrive in the window that is served within so many seconds."""
        from scipy.special import gammainc

        # who finds k departures ahead of his turn waits for an Erlang sum of k gaps
        ahead = np.maximum(self._ahead, 1)
        in_time = np.where(self._ahead == 0, 1.0, gammainc(ahead, limit_s * self.agents / self.effort_s))
        return self.mean(in_time * self._admitted)

    @property
    def _ahead(self) -> np.ndarray:
        """Departures that an arrival waits for. [number found]"""
        return np.maximum(self.numbers - self.agents + 1, 0)

    @property
    def _admitted(self) -> np.ndarray:
        """[number found]"""
        return (self.numbers < self._most) | (self.max_waiting is None)


@dataclass(frozen=True)
class AtOnce:
    """M/M/infinity from an empty start: at any time the number is Poisson, with mean load (1 - exp(-t / effort))."""

    per_s: float
    effort_s: float

    def means(self, low_s: float, high_s: float, above: int) -> tuple[float, float]:
        """Over [low_s, high_s): the mean number, and the mean number above so many."""
        from scipy.special import gammainc

        # E (N - n)+ = m P(N >= n) - n P(N >= n + 1), N Poisson with mean m; it settles within 40 efforts
        settled_s = max(low_s, min(high_s, 40 * self.effort_s))
        half_s = (settled_s - low_s) / 2
        at = np.append(low_s + half_s * (1 + _NODES), settled_s)
        weight = np.append(half_s * _WEIGHTS, high_s - settled_s) / (high_s - low_s)
        mean = self.per_s * self.effort_s * -np.expm1(-at / self.effort_s)
        over = mean * gammainc(above, mean) - above * gammainc(above + 1, mean)
        return float(weight @ mean), float(weight @ over)


_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(200)


@cache
def _shares(per_s: float, effort_s: float, agents: int, low_s: float, high_s: float, most: int) -> np.ndarray:
    from scipy.linalg import eigh_tridiagonal

    births = np.full(most, per_s)
    deaths = np.minimum(np.arange(1, most + 1), agents) / effort_s
    rates = np.append(births, 0.0) + np.append(0.0, deaths)
    values, vectors = eigh_tridiagonal(-rates, np.sqrt(births * deaths))
    decay = np.maximum(-values, 0.0)  # the steady state's is 0, and rounded
    length = high_s - low_s
    slow = decay * length < 1e-9
    rest = np.exp(-decay * low_s) * -np.expm1(-decay * length) / np.where(slow, 1.0, decay * length)
    scale = np.exp(np.append(0.0, np.cumsum(np.log(births / deaths))) / 2)  # sqrt(p_j / p_0)
    shares = scale * (vectors @ (vectors[0] * np.where(slow, 1.0, rest)))
    if abs(shares.sum() - 1) > 1e-9 or shares.min() < -1e-12:
        raise ValueError(f"an empty start is so rare for a load of {per_s * effort_s:g} that rounding drowns it")
    return shares
