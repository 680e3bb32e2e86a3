"""What bulk messages waited for, piece by piece: while nothing may leave (closed hours, a stop, an outage) for that,
else for the cap that let them go last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from simulator.scenario.schema import Scenario
from simulator.vocabulary.codes import Cap, name_of
from simulator.workload.hours import open_edges
from simulator.workload.outages import hits, merged

if TYPE_CHECKING:
    import pandas as pd


CAPS = tuple(name_of(cap) for cap in Cap)


class Waits(NamedTuple):
    """Pieces of waits. [piece] each"""

    row: np.ndarray
    """Whose: its place in the table."""
    ready: np.ndarray
    """When that message was ready."""
    begin: np.ndarray
    end: np.ndarray
    cap: np.ndarray

    def of(self, cap: Cap) -> Waits:
        """Those that one cap caused."""
        mine = self.cap == cap
        return Waits(*(each[mine] for each in self))

    def by_message(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Each message once: its place in the table, when it was ready, how long it waited in all. [message] each"""
        row, first, which = np.unique(self.row, return_index=True, return_inverse=True)
        waited = np.zeros(len(row), np.int64)
        np.add.at(waited, which, self.end - self.begin)
        return row, self.ready[first], waited


def waits(
    scenario: Scenario,
    sends: pd.DataFrame,
    tries: pd.DataFrame,
    outages: pd.DataFrame,
    end_us: int,
    until: str = "sent_us",
) -> Waits:
    """All waits of `sends` (of one replication), from when they were ready to the column `until`."""
    begin = ready_us(scenario, sends, tries)
    end = sends[until].to_numpy("float64", na_value=np.nan)
    cap = np.full(len(sends), -1, np.int64)
    for each in Cap:
        cap[(sends["cap"] == name_of(each)).fillna(False).to_numpy(bool)] = each
    row = np.flatnonzero((cap >= 0) & ~np.isnan(begin) & ~np.isnan(end))
    begin, end, cap = begin[row].astype(np.int64), end[row].astype(np.int64), cap[row]
    whole, pieces = np.ones(len(row), bool), []
    names = sends["source"].iloc[row]
    for name in names.unique().tolist():
        shut = closed(scenario, str(name), outages, end_us)
        mine = np.flatnonzero((names == name).to_numpy(bool) & (cap != Cap.HOURS))
        for low, high in zip(*shut, strict=True):
            meets = mine[(begin[mine] < high) & (end[mine] > low)]
            whole[meets] = False
        cut = mine[~whole[mine]]
        pieces += [(cut[which], *piece) for which, *piece in _pieces(begin[cut], end[cut], cap[cut], shut)]
    kept = np.flatnonzero(whole)
    pieces.append((kept, begin[kept], end[kept], cap[kept]))
    which, since, until_us, why = (np.concatenate([piece[i] for piece in pieces]) for i in range(4))
    return Waits(row[which], begin[which], since, until_us, why)


def ready_us(scenario: Scenario, sends: pd.DataFrame, tries: pd.DataFrame) -> np.ndarray:
    """When each message was asked for, nan: never. One that failed before was asked for again after its pause, counted
    from when it left: of its wait that of the last try is known. [message]"""
    ready = sends["requested_us"].to_numpy("float64", na_value=np.nan, copy=True)
    resent = tries[(tries["outcome"] == "resent").to_numpy(bool)]
    for name in resent["source"].unique().tolist():
        bulk = scenario.outbound.campaigns.get(name) or scenario.outbound.notifications[name]
        delivery = bulk.delivery or scenario.channels[bulk.channel].delivery
        assert delivery is not None
        mine = resent[resent["source"] == name]
        ordinal, at = mine["ordinal"].to_numpy("int64"), mine["at_us"].to_numpy("int64")
        again, latest = np.zeros(int(ordinal.max()) + 1), np.zeros(int(ordinal.max()) + 1)
        np.add.at(again, ordinal, 1)
        np.maximum.at(latest, ordinal, at)
        its = np.flatnonzero((sends["source"] == name).to_numpy(bool) & sends["ordinal"].notna().to_numpy(bool))
        number = sends["ordinal"].iloc[its].to_numpy("int64")
        its, number = its[number < len(again)], number[number < len(again)]
        its, number = its[again[number] > 0], number[again[number] > 0]
        ready[its] = latest[number] + delivery.pause_us(again[number])
        free = its[sends["cap"].iloc[its].isna().to_numpy(bool)]  # left the moment it was ready
        ready[free] = np.fmax(ready[free], sends["sent_us"].iloc[free].to_numpy("float64", na_value=np.nan))
    return ready


def closed(scenario: Scenario, source: str, outages: pd.DataFrame, end_us: int) -> tuple[list[int], list[int]]:
    """When nothing of a source may leave: its hours and its stop, and outages of its channel. Starts and ends."""
    campaign = scenario.outbound.campaigns.get(source)
    bulk = campaign or scenario.outbound.notifications[source]
    starts, ends = [], []
    if campaign is not None:
        edges = open_edges(scenario, campaign, scenario.calendar.us(campaign.start), end_us)
        if edges:
            starts, ends = [0, *edges[1::2]], [*edges[::2], end_us]
    for row in outages.itertuples():
        if hits(scenario, scenario.outages[str(row.outage)], bulk.channel):
            starts.append(int(row.from_us))  # type: ignore[arg-type]
            ends.append(int(row.to_us))  # type: ignore[arg-type]
    first, last = merged(np.array(starts, np.int64), np.minimum(np.array(ends, np.int64), end_us))
    return first.tolist(), last.tolist()


def _pieces(
    begin: np.ndarray, end: np.ndarray, cap: np.ndarray, shut: tuple[list[int], list[int]]
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """Waits cut at the edges of closed stretches: (which, begin, end, cap) of each set of pieces."""
    at, found = begin.copy(), []
    for low, high in zip(*shut, strict=True):
        meets = np.flatnonzero((at < high) & (end > low))
        before = meets[at[meets] < low]
        found.append((before, at[before], np.full(len(before), low), cap[before]))
        until = np.minimum(end[meets], high)
        found.append((meets, np.maximum(at[meets], low), until, np.full(len(meets), int(Cap.HOURS))))
        at[meets] = until
    rest = np.flatnonzero(at < end)
    found.append((rest, at[rest], end[rest], cap[rest]))
    return found
