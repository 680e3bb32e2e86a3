"""When contacts come: the arrival times of one channel, as a sorted column of µs.

Rates, days with a profile and expected counts are non-homogeneous Poisson processes: a Poisson process of rate 1
is mapped through the cumulative expected number of arrivals, which is piecewise linear. Counts and traces are
exact.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

import numpy as np

from simulator.scenario.laws import Law
from simulator.scenario.schema import Arrivals, Scenario
from simulator.vocabulary.clock import MINUTE, SECOND
from simulator.workload.customers import stream_name
from simulator.workload.laws import quantile
from simulator.workload.streams import Stream

STEP = 30 * MINUTE
"""Grain at which a day is cut to give each hour its share: every zone changes its clock by multiples of it."""


def arrival_times(scenario: Scenario, channel: str, seed: int, replication: int, end_us: int) -> np.ndarray:
    """Arrivals of a channel in [0, end_us), sorted. [contact] of int64 µs"""
    arrivals = scenario.channels[channel].arrivals
    if arrivals is None:
        return np.empty(0, np.int64)
    if arrivals.trace is not None:
        times = np.sort(np.asarray(arrivals.trace, np.int64))
        return times[times < end_us]
    stream = Stream(seed, replication, stream_name(scenario, channel), "arrival")
    if arrivals.csv is not None and scenario.counts[channel].kind == "count":
        times = _exact(scenario, channel, stream)
        return times[(times >= 0) & (times < end_us)]
    edges, expected = intensity(scenario, channel, end_us)
    if arrivals.day_factor_cv:
        expected = expected * _day_factors(scenario, arrivals, seed, replication, edges)
    return _poisson(edges, expected, stream)


def intensity(scenario: Scenario, channel: str, end_us: int) -> tuple[np.ndarray, np.ndarray]:
    """Expected arrivals by piece of time: edges [piece + 1] in µs and expected numbers [piece], day factor 1."""
    arrivals = scenario.channels[channel].arrivals
    if arrivals is None:
        return np.array([0, end_us]), np.zeros(1)
    if arrivals.rate is not None:
        days = _midnights(scenario, end_us)
        return days, np.diff(days) / SECOND * arrivals.rate
    if arrivals.per_day is not None:
        return _by_profile(scenario, arrivals, end_us)
    if arrivals.csv is not None:
        return _by_csv(scenario, channel, end_us)
    times = np.sort(np.asarray(arrivals.trace, np.int64))
    edges = _midnights(scenario, end_us)
    return edges, np.histogram(times, edges)[0].astype(float)


def _midnights(scenario: Scenario, end_us: int) -> np.ndarray:
    """0, every local midnight in between, end_us."""
    calendar = scenario.calendar
    inner = [calendar.at(day, time()) for day in calendar.days(0, end_us)]
    return np.array([0, *(us for us in inner if 0 < us < end_us), end_us], np.int64)


def _by_profile(scenario: Scenario, arrivals: Arrivals, end_us: int) -> tuple[np.ndarray, np.ndarray]:
    calendar = scenario.calendar
    weights = scenario.profiles[arrivals.profile].by_hour if arrivals.profile else (1.0,) * 24
    edges, expected = [], []
    for day in calendar.days(0, end_us):
        midnight, next_midnight = calendar.at(day, time()), calendar.at(day + timedelta(days=1), time())
        # By elapsed time, so that an hour skipped by the clock contributes nothing and a repeated one twice.
        starts = np.arange(midnight, next_midnight, STEP)
        of_day = np.array([weights[calendar.local(us).hour] for us in starts.tolist()])
        edges.append(starts)
        expected.append(of_day / of_day.sum() * (arrivals.per_day or 0.0))
        last = next_midnight
    return _cut(np.append(np.concatenate(edges), last), np.concatenate(expected), end_us)


def _by_csv(scenario: Scenario, channel: str, end_us: int) -> tuple[np.ndarray, np.ndarray]:
    counts = scenario.counts[channel]
    starts = np.array([scenario.calendar.us(start) for start in counts.starts], np.int64)
    return _cut(np.append(starts, starts[-1] + counts.interval_us), np.asarray(counts.values), end_us)


def _cut(edges: np.ndarray, expected: np.ndarray, end_us: int) -> tuple[np.ndarray, np.ndarray]:
    """Keep what lies in [0, end_us), giving a piece that is cut its share."""
    inside = np.clip(edges, 0, end_us)
    share = np.diff(inside) / np.maximum(np.diff(edges), 1)
    keep = np.diff(inside) > 0
    if not keep.any():
        return np.array([0, end_us]), np.zeros(1)
    first, last = np.flatnonzero(keep)[[0, -1]]
    return inside[first : last + 2], (expected * share)[first : last + 1]


def _exact(scenario: Scenario, channel: str, stream: Stream) -> np.ndarray:
    """So many in each interval, placed uniformly."""
    counts = scenario.counts[channel]
    numbers = np.asarray(counts.values).astype(np.int64)
    starts = np.array([scenario.calendar.us(start) for start in counts.starts], np.int64)
    u = stream.column(int(numbers.sum()))
    return np.sort(np.repeat(starts, numbers) + (u * counts.interval_us).astype(np.int64))


def _day_factors(scenario: Scenario, arrivals: Arrivals, seed: int, replication: int, edges: np.ndarray) -> np.ndarray:
    """Good and bad days: one uniform a day for all channels, through this channel's Gamma with mean 1. [piece]"""
    shape = 1 / arrivals.day_factor_cv**2
    law = Law("gamma", (shape, 1 / shape))
    first: datetime = scenario.start
    days = np.array([(scenario.calendar.local(us).date() - first.date()).days for us in edges[:-1].tolist()])
    return np.asarray(quantile(law, Stream(seed, replication, "days", "factor").column(int(days.max()) + 1)))[days]


def _poisson(edges: np.ndarray, expected: np.ndarray, stream: Stream) -> np.ndarray:
    """A Poisson process with the given expected numbers between the edges."""
    cumulative = np.concatenate([[0.0], np.cumsum(expected)])
    total = cumulative[-1]
    count = int(total + 10 * np.sqrt(total) + 20)
    while (clock := np.cumsum(-np.log1p(-stream.column(count))))[-1] < total:
        count *= 2
    clock = clock[clock < total]
    # Which piece, and how far into it: np.interp would do, but not where a piece expects nobody.
    piece = np.searchsorted(cumulative, clock, side="right") - 1
    within = (clock - cumulative[piece]) / expected[piece]
    times = edges[piece] + within * (edges[piece + 1] - edges[piece])
    return np.minimum(times.astype(np.int64), edges[piece + 1] - 1)
