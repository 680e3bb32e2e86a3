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
    requested = np.sort(chosen["requested_us"].to_numpy(dtype="int64"))
    sent = np.sort(chosen["sent_us"].dropna().to_numpy(dtype="int64"))
    if to_us <= from_us or len(requested) == 0:
        return None
    edges = np.arange(from_us // MINUTE, -(-to_us // MINUTE) + 1) * MINUTE  # [minute + 1]
    per_minute = np.diff(np.searchsorted(sent, edges))
    held = np.searchsorted(requested, edges[:-1], "right") - np.searchsorted(sent, edges[:-1], "right")
    asked = np.diff(np.searchsorted(requested, edges))
    busy = (per_minute > 0) | (held > 0) | (asked > 0)
    if not busy.any():
        return None
    middle = int(np.argmax(held + asked + per_minute))
    first, last = _stretch(busy, middle)
    margin = max(2, (last - first + 1) // 5)
    first, last = max(first - margin, 0), min(last + margin, len(busy) - 1)
    steps = np.arange(edges[first], edges[last] + MINUTE + 1, MINUTE // STEPS_PER_MINUTE)
    backlog = np.searchsorted(requested, steps, "right") - np.searchsorted(sent, steps, "right")
    return Wave(
        lane=lane,
        minute_us=edges[first : last + 1],
        sent=per_minute[first : last + 1] / replications,
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
