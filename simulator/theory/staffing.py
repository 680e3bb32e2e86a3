"""How many agents? Erlang C and Erlang A the other way round: the smallest number that keeps a service level.

Arrays in, arrays out, one row for each interval of a plan: a year of half hours costs some milliseconds. Numbers of
servers are whole; where customers hold slots, a server is a slot.

Source: the closed forms are those of `erlang.py` and `abandonment.py` (there by recursion and by quadrature), here by
incomplete gamma functions: B(n, a) = Poisson(n; a) / P(Poisson(a) <= n), and with x = n mu / theta, y = lambda / theta
the integrals of M/M/n+M are values of Kummer's function, e^y y^-x gamma(x, y) = M(1, x + 1, y) / x (C. Palm 1943).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

MOST = 1_000_000_000
"""Beyond so many servers nobody looks."""

Level = Callable[[np.ndarray], np.ndarray]
"""Service level of so many servers. [row] -> [row]"""


def erlang_b(offered: np.ndarray, servers: np.ndarray) -> np.ndarray:
    """Share lost in M/G/n/n. [row]"""
    from scipy.special import gammaincc, gammaln

    a, n = np.asarray(offered, float), np.asarray(servers, float)
    with np.errstate(all="ignore"):
        point = np.exp(n * np.log(a) - a - gammaln(n + 1))
        found = point / gammaincc(n + 1, a)
    # far above what n can carry both vanish: then nearly all but n of a are lost
    found = np.where(np.isfinite(found), found, np.clip(1 - n / np.maximum(a, 1e-300), 0, 1))
    return np.where(a > 0, found, (n == 0).astype(float))


def level_c(offered: np.ndarray, service_time: np.ndarray, servers: np.ndarray, within: float) -> np.ndarray:
    """Erlang C: share of arrivals that wait at most `within`; nobody gives up. [row]

    1 - C exp(-(n - a) t / s), C = n B / (n - a (1 - B)); 0 where the load is not below n, 1 without load.
    """
    a, n = np.asarray(offered, float), np.asarray(servers, float)
    lost = erlang_b(a, n)
    with np.errstate(all="ignore"):
        waits = n * lost / (n - a * (1 - lost))
        level = 1 - waits * np.exp(-(n - a) * within / service_time)
    return np.where(a <= 0, 1.0, np.where(n > a, level, 0.0))


@dataclass(frozen=True)
class Target:
    """What the service level counts; times in the caller's unit."""

    share: float
    """To be reached, below 1."""
    within: float
    short: float = 0.0
    """Who gives up before it does not count as missed."""
    count_abandons: bool = True
    count_short: bool = False


def level_a(
    offered: np.ndarray, service_time: np.ndarray, servers: np.ndarray, patience: float, target: Target
) -> np.ndarray:
    """Erlang A (M/M/n+M): served within the target / (served + abandons that count). `patience`: its mean. [row]

    0 where the load is so far above the servers that the closed form leaves the range of floats.
    """
    from scipy.special import hyp1f1

    a, s, n = (np.asarray(values, float) for values in (offered, service_time, servers))
    rate, x = a / s, n / s * patience
    y = rate * patience

    def full(z: np.ndarray, power: np.ndarray) -> np.ndarray:
        """e^z z^-power gamma(power, z)"""
        return np.asarray(hyp1f1(1.0, power + 1, z) / power)

    def until(t: float, more: int) -> np.ndarray:
        """Integral over [0, t] of S(v)^more exp(lambda H(v) - n mu v) / patience."""
        u = np.exp(-t / patience)
        # one exponent: apart from each other its two parts leave the range of floats with many servers
        return full(y, x + more) - np.exp(y * (1 - u) - (x + more) * t / patience) * full(y * u, x + more)

    with np.errstate(all="ignore"):
        one = full(y, x)
        below = 1 / erlang_b(a, n - 1)
        total = below + y * one
        kept = 1 - y * one / total + y * until(target.within, 1) / total
        served = 1 - (1 + (rate - n / s) * patience * one) / total
        early = np.zeros_like(a)
        if target.count_abandons and not target.count_short and target.short > 0:
            still = np.exp(-target.short / patience) * y * (one - until(target.short, 0)) / total
            early = 1 - still - (1 - y * one / total + y * until(target.short, 1) / total)
        level = kept / (1 - early) if target.count_abandons else kept / served
    level = np.where(np.isfinite(level), np.clip(level, 0.0, 1.0), 0.0)
    return np.where(a <= 0, 1.0, np.where(n >= 1, level, 0.0))


def smallest(level: Level, share: float, start: np.ndarray) -> np.ndarray:
    """The smallest whole number of servers whose level reaches the share. [row] of int64

    The level must grow with the servers; `start`: a first guess, right or not. Raises ValueError where the share is
    1 or more: no number of servers makes sure of it.
    """
    if share >= 1:
        raise ValueError(f"no number of servers keeps a service level of {share}")
    high = np.maximum(np.asarray(start, np.int64), 1)
    while not (enough := level(high) >= share).all():
        if high.max() > MOST:
            raise ValueError(f"not even {MOST} servers keep a service level of {share}")
        high = np.where(enough, high, 2 * high)
    low = np.full_like(high, -1)  # never enough
    while (high - low > 1).any():
        middle = (low + high) // 2
        enough = (level(middle) >= share) & (middle >= 0)
        open_ = high - low > 1
        high, low = np.where(open_ & enough, middle, high), np.where(open_ & ~enough, middle, low)
    return high


def desk_wait(attention: np.ndarray, agents: np.ndarray) -> np.ndarray:
    """Replies that wait on their agents' desks, mean number: n r^2 / (1 - r), r = attention / n. [row]

    Each desk as a single server in an open network (J. R. Jackson 1957; M/M/1): what an agent's own work makes his
    customers wait, all desks together. Infinite where the attention is not below the agents.
    """
    work, n = np.asarray(attention, float), np.asarray(agents, float)
    with np.errstate(divide="ignore", invalid="ignore"):
        busy = work / n
        found = work * busy / (1 - busy)
    return np.where(work <= 0, 0.0, np.where(n > work, found, np.inf))


def agents_for(
    level: Callable[[np.ndarray, np.ndarray], np.ndarray],
    share: float,
    attention: np.ndarray,
    free: np.ndarray,
    slots_each: np.ndarray,
    per_wait: float,
) -> np.ndarray:
    """Agents with several slots and one attention each. [row] of int64; 0 without load

    n agents hold `free` + `per_wait` x desk_wait(attention, n) conversations if nobody waits in the queue; the level
    of such a load (first argument) on n x slots_each servers (second, rounded down) must reach the share. `free`: the
    offered load in slots without waits on desks.
    """
    free = np.asarray(free, float)

    def of(n: np.ndarray) -> np.ndarray:
        load = free + (per_wait * desk_wait(attention, n) if per_wait > 0 else 0.0)
        possible = np.isfinite(load)
        found = level(np.where(possible, load, 0.0), np.floor(n * slots_each + 1e-9))
        return np.where(possible & (n >= attention), found, 0.0)

    guess = np.ceil(np.maximum(free / slots_each, attention)).astype(np.int64) + 1
    return np.where((free > 0) | (np.asarray(attention) > 0), smallest(of, share, guess), 0)


def servers_c(offered: np.ndarray, service_time: np.ndarray, target: Target) -> np.ndarray:
    """Servers that Erlang C asks for. [row] of int64; 0 without load"""
    a = np.asarray(offered, float)
    s = np.broadcast_to(np.asarray(service_time, float), a.shape)
    guess = np.ceil(a + 2 * np.sqrt(a)).astype(np.int64)
    found = smallest(lambda n: level_c(a, s, n, target.within), target.share, guess)
    return np.where(a > 0, found, 0)


def servers_a(offered: np.ndarray, service_time: np.ndarray, patience: float, target: Target) -> np.ndarray:
    """Servers that Erlang A asks for. [row] of int64; 0 without load"""
    a = np.asarray(offered, float)
    s = np.broadcast_to(np.asarray(service_time, float), a.shape)
    guess = np.ceil(a).astype(np.int64)
    found = smallest(lambda n: level_a(a, s, n, patience, target), target.share, guess)
    return np.where(a > 0, found, 0)
