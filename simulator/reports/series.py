"""Tables put in the shape that a plot draws: means over replications, and bulk sends minute by minute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simulator.vocabulary.clock import MINUTE

if TYPE_CHECKING:
    import pandas as pd

QUIET_MINUTES = 15
"""Bulk sends this far apart belong to different waves."""
MOST_INTERVALS = 400
"""Of one picture: more are thinner than a line, and take minutes to draw."""
MOST_MINUTES = 1_000
"""Of one wave, likewise."""
STEPS_PER_MINUTE = 12
"""The backlog is looked at every 5 s."""


def over_replications(intervals: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Mean, least and most over replications of columns of `intervals`, one queue; empty cells do not count.

    Columns: start_us, start_local, and `<column>`, `<column>_low`, `<column>_high`.
    """
    import pandas as pd

    grouped = intervals.groupby("start_us", sort=True, observed=True)
    parts = {"start_local": grouped["start_local"].first()}
    for name in columns:
        for suffix, how in (("", "mean"), ("_low", "min"), ("_high", "max")):
            parts[name + suffix] = grouped[name].agg(how).astype("float64")
    return pd.DataFrame(parts).reset_index()


def coarser(
    intervals: pd.DataFrame, interval_us: int, shares: list[str], counts: list[str]
) -> tuple[pd.DataFrame, int]:
    """One queue's intervals, several joined into one where there are more than a picture can show, and how long each
    is (µs). Counts are added, shares are means weighted by what was offered, or plain where nothing was."""
    import pandas as pd

    starts = np.unique(intervals["start_us"].to_numpy())
    by = -(-len(starts) // MOST_INTERVALS)
    if by <= 1:
        return intervals, interval_us
    first = np.searchsorted(starts, intervals["start_us"].to_numpy()) // by * by
    rows = intervals.assign(start_us=starts[first])
    keys = ["replication", "start_us"]
    offered = rows["nOffered"].to_numpy(float)
    parts = {"start_local": rows.groupby(keys, sort=True)["start_local"].first()}
    for name in counts:
        parts[name] = rows.groupby(keys, sort=True)[name].sum()
    for name in shares:
        values = rows[name].to_numpy(float)
        weight = np.where(np.isnan(values), 0.0, offered + 1e-9)
        weighed = rows.assign(top=np.nan_to_num(values) * weight, weight=weight)
        sums = weighed.groupby(keys, sort=True)[["top", "weight"]].sum()
        parts[name] = (sums["top"] / sums["weight"]).where(sums["weight"] > 0)
    return pd.DataFrame(parts).reset_index(), interval_us * by


def queues_by_size(intervals: pd.DataFrame) -> list[str]:
    """Queues, the one with most offers first."""
    offers = intervals.groupby("queue", observed=True)["nOffered"].sum()
    return [str(name) for name in sorted(offers.index, key=lambda name: (-offers[name], str(name)))]


@dataclass(frozen=True)
class Wave:
    """One stretch of bulk sends in a lane, mean over replications."""

    lane: str
    minute_us: np.ndarray
    """Starts of its minutes. [minute]"""
    minutes: int
    """How many are drawn as one: more than one only where there are too many."""
    sent: np.ndarray
    """Messages that left in the minute. [minute]"""
    step_us: np.ndarray
    """Instants, every 5 s. [step]"""
    backlog: np.ndarray
    """Messages requested and not gone. [step]"""

    @property
    def backlog_peak(self) -> float:
        return float(self.backlog.max(initial=0.0))


def lanes(sends: pd.DataFrame) -> list[str]:
    """Lanes in which anything was requested."""
    return sorted(str(lane) for lane in sends.loc[sends["requested_us"].notna(), "lane"].unique())


def largest_wave(sends: pd.DataFrame, lane: str, from_us: int, to_us: int) -> Wave | None:
    """The stretch around the largest backlog (or the busiest minute) of a lane in [from_us, to_us).

    None where nothing was requested or sent in that time.
    """
    chosen = sends[(sends["lane"] == lane) & sends["requested_us"].notna()]
    replications = max(int(sends["replication"].nunique()), 1)
    number = np.maximum(chosen["count"].to_numpy(dtype="int64"), 1)  # more where a row stands for a second
    requested = np.sort(np.repeat(chosen["requested_us"].to_numpy(dtype="int64"), number))
    left = chosen["sent_us"].notna().to_numpy()
    sent = np.sort(np.repeat(chosen["sent_us"].to_numpy(dtype="int64", na_value=0), np.where(left, number, 0)))
    ended = chosen["ended_us"].fillna(chosen["sent_us"])
    gone = np.sort(np.repeat(ended.to_numpy(dtype="int64", na_value=0), np.where(ended.notna(), number, 0)))
    if to_us <= from_us or len(requested) == 0:
        return None
    edges = np.arange(from_us // MINUTE, -(-to_us // MINUTE) + 1) * MINUTE  # [minute + 1]
    per_minute = np.diff(np.searchsorted(sent, edges))
    held = np.searchsorted(requested, edges[:-1], "right") - np.searchsorted(gone, edges[:-1], "right")
    asked = np.diff(np.searchsorted(requested, edges))
    busy = (per_minute > 0) | (held > 0) | (asked > 0)
    if not busy.any():
        return None
    middle = int(np.argmax(held + asked + per_minute))
    first, last = _stretch(busy, middle)
    margin = max(2, (last - first + 1) // 5)
    first, last = max(first - margin, 0), min(last + margin, len(busy) - 1)
    by = -(-(last - first + 1) // MOST_MINUTES)
    shown = np.append(edges[first : last + 1 : by], edges[last + 1])
    steps = np.arange(edges[first], edges[last] + MINUTE + 1, by * MINUTE // STEPS_PER_MINUTE)
    backlog = np.searchsorted(requested, steps, "right") - np.searchsorted(gone, steps, "right")
    return Wave(
        lane=lane,
        minute_us=shown[:-1],
        minutes=by,
        sent=np.diff(np.searchsorted(sent, shown)) / (np.diff(shown) // MINUTE) / replications,
        step_us=steps,
        backlog=backlog / replications,
    )


def _stretch(busy: np.ndarray, middle: int) -> tuple[int, int]:
    """First and last busy minute around `middle`, over pauses shorter than QUIET_MINUTES."""
    minutes = np.flatnonzero(busy)
    cuts = np.flatnonzero(np.diff(minutes) > QUIET_MINUTES)
    starts = minutes[np.concatenate(([0], cuts + 1))]
    ends = minutes[np.concatenate((cuts, [len(minutes) - 1]))]
    which = int(np.clip(np.searchsorted(starts, middle, "right") - 1, 0, len(starts) - 1))
    return int(starts[which]), int(ends[which])
