"""When contacts come: the arrival times of one source, as a sorted column of µs.

Rates, days with a profile and expected counts are non-homogeneous Poisson processes: a Poisson process of rate 1
is mapped through the cumulative expected number of arrivals, which is piecewise linear. Counts and traces are
exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.scenario.channels import Population
from simulator.scenario.directory import Directory
from simulator.scenario.laws import Law
from simulator.scenario.schema import Scenario
from simulator.scenario.when import Arrivals
from simulator.vocabulary.clock import DAY
from simulator.vocabulary.wall import wall_of
from simulator.workload.customers import stream_name
from simulator.workload.intensity import intensity, trace_us
from simulator.workload.laws import quantile
from simulator.workload.streams import Stream

__all__ = ["Given", "arrival_times", "given", "intensity"]


@dataclass(frozen=True)
class Given:
    """What a trace says about its contacts; it overrides the draws."""

    topic: np.ndarray
    """[contact] of int64: number of the topic; -1: drawn"""
    customer: np.ndarray
    """[contact] of int64: who, beyond the channel's population; -1: drawn"""
    turns: np.ndarray
    """[contact] of int64; 0: drawn"""


def arrival_times(scenario: Scenario, source: str, seed: int, replication: int, end_us: int) -> np.ndarray:
    """Arrivals of a channel, or requests of a notification, in [0, end_us), sorted. [contact] of int64 µs"""
    arrivals = scenario.arrivals_of(source)
    if arrivals is None:
        return np.empty(0, np.int64)
    if arrivals.trace is not None:
        times = trace_us(scenario, source)
        return times[(times >= 0) & (times < end_us)]
    name = stream_name(scenario, source)
    stream = Stream(seed, replication, name, "arrival")
    if arrivals.csv is not None and scenario.counts[source].kind == "count":
        times = _exact(scenario, source, stream)
        return times[(times >= 0) & (times < end_us)]
    edges, expected = intensity(scenario, source, end_us)
    if arrivals.day_factor_cv:
        expected = expected * _day_factors(scenario, arrivals, name, seed, replication, edges)
    return _poisson(edges, expected, stream)


def given(scenario: Scenario, directory: Directory, channel: str, end_us: int) -> Given | None:
    """What a trace from a file says about the contacts of a channel that come in [0, end_us)."""
    if channel not in scenario.traces:
        return None
    trace, times = scenario.traces[channel], trace_us(scenario, channel)
    here = np.flatnonzero((times >= 0) & (times < end_us)).tolist()
    customers = scenario.channels[channel].customers
    first = customers.population if isinstance(customers, Population) else 0
    # Numbered over the whole file, so that an earlier start of the run renames nobody.
    numbers = {name: first + i for i, name in enumerate(dict.fromkeys(filter(None, trace.customer)))}
    topics = {name: i for i, name in enumerate(directory.topics)}
    return Given(
        topic=np.array([topics.get(trace.topic[i], -1) for i in here], np.int64),
        customer=np.array([numbers.get(trace.customer[i], -1) for i in here], np.int64),
        turns=np.array([trace.turns[i] for i in here], np.int64),
    )


def _exact(scenario: Scenario, source: str, stream: Stream) -> np.ndarray:
    """So many in each interval, placed uniformly."""
    edges, values = scenario.counts[source].intervals(scenario.calendar)
    numbers = values.astype(np.int64)
    starts, lengths = np.repeat(edges[:-1], numbers), np.repeat(np.diff(edges), numbers)
    return np.sort(starts + (stream.column(int(numbers.sum())) * lengths).astype(np.int64))


def _day_factors(
    scenario: Scenario, arrivals: Arrivals, name: str, seed: int, replication: int, edges: np.ndarray
) -> np.ndarray:
    """Good and bad days, by this source's Gamma with mean 1: one uniform a day for all sources, or an own one. [piece]

    A piece longer than a day has the factor of the day on which it begins.
    """
    shape = 1 / arrivals.day_factor_cv**2
    law = Law("gamma", (shape, 1 / shape))
    days = wall_of(scenario.calendar, int(edges[0]), int(edges[-1])).shows(edges[:-1]) // DAY
    shared = arrivals.day_factor == "shared"
    stream = Stream(seed, replication, "days", "factor") if shared else Stream(seed, replication, name, "day factor")
    return np.asarray(quantile(law, stream.column(int(days.max()) + 1)))[days]


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
