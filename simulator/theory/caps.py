"""Sends through a rate cap: a server that lets one message pass per slot of 1/cap.

Sources: Pollaczek-Khinchine (M/D/1), and arithmetic for the fluid backlog.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf


def md1_delay(arrival_rate: float, cap: float) -> float:
    """Mean delay of Poisson requests before a paced cap: rho / (2 cap (1 - rho)), rho = rate / cap."""
    load = arrival_rate / cap
    return load / (2 * cap * (1 - load)) if load < 1 else inf


@dataclass(frozen=True)
class Fluid:
    """A burst through a cap, as a fluid."""

    peak_backlog: float
    """Messages waiting at the end of the burst."""
    drain: float
    """From the peak until nothing waits."""
    max_delay: float
    """Of the message requested last in the burst."""
    mean_delay: float
    """Of the messages requested from the burst's start until nothing waits."""


def fluid_burst(cap: float, burst_rate: float, burst: float, after_rate: float) -> Fluid:
    """Requests at `burst_rate` for `burst`, then at `after_rate`, into an empty channel of rate `cap`."""
    peak = max(0.0, (burst_rate - cap) * burst)
    if peak == 0:
        return Fluid(0.0, 0.0, 0.0, 0.0)
    drain = peak / (cap - after_rate) if after_rate < cap else inf
    # the delay rises evenly to its peak and falls evenly to nothing: half the peak in both parts
    return Fluid(peak, drain, peak / cap, peak / cap / 2)


def batch_drain(count: float, cap: float, at_once: float = 0.0) -> float:
    """Time for `count` messages, all requested together, of which `at_once` may leave immediately."""
    return max(0.0, count - at_once) / cap


def batch_mean_delay(count: int, cap: int, window: float, burst: bool = False) -> float:
    """Mean delay of `count` messages requested together, `cap` per `window`, into an idle lane.

    In even slots the k-th leaves (k - 1) window / cap after the request: (count - 1) / 2 slots on average. With
    `burst` the first `cap` leave at once, the next after a window: window floor((k - 1) / cap).
    """
    if count < 1:
        return 0.0
    if not burst:
        return (count - 1) / 2 * window / cap
    full, rest = divmod(count, cap)
    return window * (cap * full * (full - 1) / 2 + full * rest) / count
