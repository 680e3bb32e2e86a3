"""Waiting without abandoning: Erlang B (loss) and Erlang C (delay), M/M/n with first come, first served.

`offered` is the offered load a = arrival rate x mean service time, in erlangs (agents busy on average).
Source: A. K. Erlang 1917; formulas as in R. B. Cooper, Introduction to Queueing Theory, 1981, chapter 3.
"""

from __future__ import annotations

from math import exp, inf, log


def erlang_b(offered: float, agents: int) -> float:
    """Share of arrivals lost where nobody may wait, M/G/n/n.

    B(0) = 1, B(k) = a B(k-1) / (k + a B(k-1)): the recursion never overflows. Holds for any law of service time.
    """
    _check(offered, agents)
    blocked = 1.0
    for k in range(1, agents + 1):
        blocked = offered * blocked / (k + offered * blocked)
    return blocked


def erlang_c(offered: float, agents: int) -> float:
    """Probability that an arrival has to wait, M/M/n: C = n B / (n - a (1 - B)); 1 where the load is not below n."""
    _check(offered, agents)
    if offered >= agents:
        return 1.0
    blocked = erlang_b(offered, agents)
    return agents * blocked / (agents - offered * (1 - blocked))


def mean_wait(arrival_rate: float, service_time: float, agents: int) -> float:
    """Average speed of answer (ASA), over all arrivals: C s / (n - a); infinite where the load is not below n."""
    offered = arrival_rate * service_time
    if offered >= agents:
        return inf
    return erlang_c(offered, agents) * service_time / (agents - offered)


def mean_queue(arrival_rate: float, service_time: float, agents: int) -> float:
    """Mean number waiting: arrival rate x mean wait (Little)."""
    return arrival_rate * mean_wait(arrival_rate, service_time, agents)


def service_level(arrival_rate: float, service_time: float, agents: int, within: float) -> float:
    """Share of arrivals that wait at most `within`: 1 - C exp(-(n - a) t / s); 0 where the load is not below n."""
    offered = arrival_rate * service_time
    if offered >= agents:
        return 0.0
    return 1 - erlang_c(offered, agents) * exp(-(agents - offered) * within / service_time)


def wait_quantile(arrival_rate: float, service_time: float, agents: int, share: float) -> float:
    """The wait that `share` of all arrivals do not exceed; 0 where so many do not wait at all."""
    offered = arrival_rate * service_time
    if offered >= agents:
        return inf
    waits = erlang_c(offered, agents)
    if waits <= 1 - share:
        return 0.0
    return service_time / (agents - offered) * log(waits / (1 - share))


def _check(offered: float, agents: int) -> None:
    if offered < 0 or agents < 0:
        raise ValueError(f"offered load and agents must not be negative: {offered}, {agents}")
