"""Limited rooms and endless desks: M/M/n/n+k with or without abandonment, M/G/infinity, and how long a queue remembers.

Sources: R. B. Cooper, Introduction to Queueing Theory, 1981, chapter 3 (birth and death equations); L. Takacs,
Introduction to the Theory of Queues, 1962, chapter 3 (M/G/infinity); J. P. C. Blanc, E. A. van Doorn, Relaxation
times for queueing systems, 1984 (M/M/n).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt


@dataclass(frozen=True)
class Limited:
    """M/M/n with at most `room` waiting, in the long run. Shares of those who are let in, unless it says otherwise."""

    p_block: float
    """Of all arrivals: turned away."""
    p_wait: float
    p_abandon: float
    mean_wait: float
    """Over served and abandoned."""
    mean_queue: float
    """Mean number waiting."""
    occupancy: float
    """Mean share of agents busy."""


def limited(arrival_rate: float, service_time: float, agents: int, room: int, mean_patience: float = inf) -> Limited:
    """Birth and death: up at `arrival_rate`, down at min(j, n) / service + (j - n)+ / patience, j <= n + room."""
    if agents < 1 or room < 0 or arrival_rate <= 0 or service_time <= 0:
        raise ValueError(f"needs arrivals, service and an agent: {arrival_rate}, {service_time}, {agents}, {room}")
    weights = [1.0]
    for j in range(1, agents + room + 1):
        down = min(j, agents) / service_time + max(j - agents, 0) / mean_patience
        weights.append(weights[-1] * arrival_rate / down)
        if weights[-1] > 1e200:  # only proportions count
            weights = [weight / 1e200 for weight in weights]
    whole = sum(weights)
    p = [weight / whole for weight in weights]
    let_in = 1 - p[-1]
    waiting = sum(j * share for j, share in enumerate(p[agents:]))
    return Limited(
        p_block=p[-1],
        p_wait=(sum(p[agents:]) - p[-1]) / let_in,
        p_abandon=waiting / mean_patience / (arrival_rate * let_in),
        mean_wait=waiting / (arrival_rate * let_in),
        mean_queue=waiting,
        occupancy=sum(min(j, agents) * share for j, share in enumerate(p)) / agents,
    )


def endless(arrivals: float, mean_stay: float, during: float) -> float:
    """M/G/infinity: mean number present, of `arrivals` expected in a time `during`, each for `mean_stay` on average.

    Little's law of Poisson arrivals at any rate, even one that changes: the stays of those who came in that time, by
    its length. At a constant rate it is the mean number present at any instant: rate x mean stay.
    """
    return arrivals * mean_stay / during


def remembers(arrival_rate: float, service_time: float, agents: int, mean_patience: float = inf) -> float:
    """Relaxation time: how long until a difference from the long run has shrunk to 37 %, at most.

    M/M/n: 1 / (sqrt(n mu) - sqrt(lambda))^2, and not below 1 / mu; with patience at most 1 / min(mu, theta). Infinite
    where there is no steady state.
    """
    slow = inf if mean_patience == inf else max(service_time, mean_patience)
    capacity = agents / service_time
    if arrival_rate < capacity:
        slow = min(slow, max(service_time, 1 / (sqrt(capacity) - sqrt(arrival_rate)) ** 2))
    return slow
