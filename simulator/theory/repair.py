"""One agent, several open conversations that never end: the machine repair model (M/M/1//k).

Customers think (any law: only the mean matters), the agent replies one at a time, exponential.
Source: machine interference, e.g. R. B. Cooper, Introduction to Queueing Theory, 1981, section 3.8.
"""

from __future__ import annotations


def agent_utilisation(reply_time: float, think_time: float, slots: int) -> float:
    """Share of time the agent writes, all slots being full: 1 - p_0, which is 1 - B(slots, think / reply)."""
    ratio, term, total = think_time / reply_time, 1.0, 1.0
    # p_j of j conversations waiting or in work is proportional to (think/reply)^(k-j) / (k-j)!
    for i in range(1, slots + 1):
        term *= ratio / i
        total += term
    return 1 - term / total


def reply_time_seen(reply_time: float, think_time: float, slots: int) -> float:
    """From a customer's message to its reply: slots / throughput - think time."""
    return slots * reply_time / agent_utilisation(reply_time, think_time, slots) - think_time
