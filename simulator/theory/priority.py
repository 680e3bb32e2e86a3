"""Non-preemptive priorities in M/M/c: who waits how long when some always go first.

Source: A. Cobham, Priority assignment in waiting line problems, Operations Research 2 (1954).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from simulator.theory.erlang import erlang_c


def cobham_waits(arrival_rates: Sequence[float], service_time: float, agents: int) -> list[float]:
    """Mean wait of each class, the first being served first; all classes have one exponential service time.

    W_k = W_0 / ((1 - s_(k-1)) (1 - s_k)), W_0 = C(a, n) s / n, s_k = utilisation of the classes 1..k. [class]
    """
    offered = sum(arrival_rates) * service_time
    start = erlang_c(offered, agents) * service_time / agents
    waits, before = [], 0.0
    for rate in arrival_rates:
        after = before + rate * service_time / agents
        waits.append(start / ((1 - before) * (1 - after)) if after < 1 else inf)
        before = after
    return waits
