"""When what is down: planned outages as they are planned, others as chance brings them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from simulator.scenario.directory import Directory
from simulator.scenario.means import mean
from simulator.scenario.outages import Outage, Retry, digits
from simulator.scenario.schema import Scenario
from simulator.workload.draws import Draw
from simulator.workload.streams import Stream

Closed = tuple[list[int], list[int]]
"""Starts and ends (µs) of the stretches in which a way is closed: in order, apart from each other."""


@dataclass(frozen=True)
class Down:
    """One outage of a scenario and all its occurrences in a run."""

    number: int
    """By name."""
    name: str
    start_us: np.ndarray
    """[occurrence] of int64 µs, in order; each before the end of the run"""
    end_us: np.ndarray
    """[occurrence]; half-open: at its end all is well again"""
    channels: tuple[int, ...]
    """Numbers of the channels that are cut off; none for a bot."""
    flow: str | None
    """The flow whose bot is down."""
    loses: bool
    """What customers write meanwhile is lost, not held."""
    skips: bool
    """Customers go on without the bot."""
    retry: Retry | None

    def covers(self, at_us: int) -> bool:
        i = int(np.searchsorted(self.start_us, at_us, side="right")) - 1
        return i >= 0 and at_us < int(self.end_us[i])


@dataclass(frozen=True)
class Outages:
    """All outages of one replication."""

    all: tuple[Down, ...] = ()
    """By number."""
    closed: dict[int, Closed] = field(default_factory=dict)
    """When each channel is cut off; channels that never are do not stand here."""
    losing: dict[int, Closed] = field(default_factory=dict)
    """When what customers write there is lost."""
    bots_waiting: dict[str, Closed] = field(default_factory=dict)
    """When each flow's bot is down and customers wait for it."""
    bots_skipped: dict[str, Closed] = field(default_factory=dict)
    """When it is down and customers go on without it."""

    def why(self, at_us: int, channel: int = -1, flow: str | None = None) -> Down | None:
        """The outage to name for a channel or a bot that is down now: the first by name."""
        for each in self.all:
            if (channel in each.channels or (flow is not None and each.flow == flow)) and each.covers(at_us):
                return each
        return None


def outages(
    scenario: Scenario, directory: Directory, seed: int, replication: int, end_us: int, clipped: Counter[str]
) -> Outages:
    """All outages of a replication that ends at `end_us`."""
    found = []
    for number, name in enumerate(sorted(scenario.outages)):
        outage = scenario.outages[name]
        start, end = _when(scenario, name, outage, seed, replication, end_us, clipped)
        channels = tuple(
            i for i, channel in enumerate(directory.channels) if outage.bot is None and hits(scenario, outage, channel)
        )
        found.append(
            Down(
                number=number,
                name=name,
                start_us=start,
                end_us=end,
                channels=channels,
                flow=outage.bot,
                loses=outage.inbound == "lost",
                skips=outage.step == "skipped",
                retry=outage.retry,
            )
        )
    return Outages(
        all=tuple(found),
        closed=_closed((channel, each) for each in found for channel in each.channels),
        losing=_closed((channel, each) for each in found if each.loses for channel in each.channels),
        bots_waiting=_closed((each.flow, each) for each in found if each.flow is not None and not each.skips),
        bots_skipped=_closed((each.flow, each) for each in found if each.flow is not None and each.skips),
    )


def hits(scenario: Scenario, outage: Outage, name: str) -> bool:
    """Does an outage cut this channel off? One of a bot cuts off none."""
    channel = scenario.channels[name]
    if outage.platform is not None:
        return channel.platform == outage.platform
    if outage.number is not None:
        return channel.number is not None and digits(channel.number) == digits(outage.number)
    return name in (outage.channel, outage.middleware)


def _when(
    scenario: Scenario, name: str, outage: Outage, seed: int, replication: int, end_us: int, clipped: Counter[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Occurrences in [0, end_us). [occurrence], [occurrence] of int64 µs"""
    if outage.from_ is not None:
        begins = _us(scenario, outage.from_)
        ends = begins + outage.for_us if outage.for_us is not None else _us(scenario, outage.to or 0)
        starts, until = np.array([max(begins, 0)], np.int64), np.array([ends], np.int64)
    else:
        starts, until = _by_chance(outage, outage.stream or name, seed, replication, end_us, clipped, name)
    inside = (starts < end_us) & (until > starts)
    return starts[inside], until[inside]


def _us(scenario: Scenario, instant: datetime | int) -> int:
    return scenario.calendar.us(instant) if isinstance(instant, datetime) else instant


def _by_chance(
    outage: Outage, stream: str, seed: int, replication: int, end_us: int, clipped: Counter[str], name: str
) -> tuple[np.ndarray, np.ndarray]:
    """Gap, outage, gap, outage, … as many as the run has room for."""
    assert outage.every_us is not None
    gaps = Draw(Stream(seed, replication, stream, "outage every"), [outage.every_us], clipped, f"{name}: every")
    lengths = Draw(Stream(seed, replication, stream, "outage lasts"), [outage.lasts_us], clipped, f"{name}: lasts")
    # The scenario's check bounds what is expected; half as many again, and some more, nearly always reach the end.
    count = int(1.5 * end_us / mean(outage.every_us)) + 20
    while True:
        nobody = np.zeros(count, np.int64)
        starts, ends = alternating(gaps.column(nobody), lengths.column(nobody))
        if ends[-1] >= end_us:
            return starts, ends
        count *= 2


def _closed(stays: Iterable[tuple[object, Down]]) -> dict:  # type: ignore[type-arg]
    """The stretches of each channel or flow, joined where outages overlap."""
    starts: dict[object, list[np.ndarray]] = {}
    ends: dict[object, list[np.ndarray]] = {}
    for key, each in stays:
        starts.setdefault(key, []).append(each.start_us)
        ends.setdefault(key, []).append(each.end_us)
    joined = {key: merged(np.concatenate(starts[key]), np.concatenate(ends[key])) for key in starts}
    return {key: (first.tolist(), last.tolist()) for key, (first, last) in joined.items() if len(first)}


def merged(starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Closed intervals in any order -> the same stretches in order, without gaps of nothing between them.

    Empty intervals are left out; what overlaps or touches becomes one. [interval], [interval]
    """
    real = ends > starts
    starts, ends = starts[real], ends[real]
    order = np.lexsort((ends, starts))
    starts, ends = starts[order], ends[order]
    until = np.maximum.accumulate(ends)
    fresh = np.ones(len(starts), bool)
    fresh[1:] = starts[1:] > until[:-1]
    last = np.append(fresh[1:], True)[: len(starts)]
    return starts[fresh], until[last]


def alternating(gaps_us: np.ndarray, lengths_us: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Outages by chance: gap, outage, gap, outage, … from the start. Starts and ends. [outage], [outage]"""
    ends = np.cumsum(gaps_us + lengths_us)
    return ends - lengths_us, ends
