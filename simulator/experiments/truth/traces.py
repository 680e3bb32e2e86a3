"""Traces: arrivals, services and caps without chance, where every single time is known."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from math import nan

import numpy as np

from simulator.experiments.truth.book import Facts
from simulator.experiments.truth.case import Tables, Trace
from simulator.experiments.truth.claims import Exactly
from simulator.vocabulary.clock import MINUTE, SECOND


def _times(tables: Tables, table: str, column: str, unit: int, **where: str) -> list[float]:
    """A column of times in a unit, of the rows whose text is as given, ascending."""
    rows = tables[table]
    for name, value in where.items():
        rows = rows[rows[name] == value]
    return sorted((rows[column].dropna().astype("int64") / unit).tolist())


def _each(quantity: str, expected: Sequence[float], found: Sequence[float], measure: str, unit: str) -> list[Exactly]:
    """One number after the other; one too many or too few is a nan, which agrees with nothing."""
    pairs = zip_longest(expected, found, fillvalue=nan)
    return [Exactly(f"{quantity} {number}", *pair, measure, unit) for number, pair in enumerate(pairs, 1)]


def _leaving(facts: Facts, tables: Tables, unit: int) -> list[Exactly]:
    found, name = facts.expected, "min" if unit == MINUTE else "s"
    gone = _times(tables, "offers", "left_us", unit, outcome="abandoned")
    ended = _times(tables, "sessions", "disconnected_us", unit)
    return [
        *_each("abandon", [each["t"] for each in found["abandon"]], gone, "offers.left, abandoned", name),
        *_each("served_end", [each["t"] for each in found["served_end"]], ended, "sessions.disconnected", name),
    ]


def _renege(facts: Facts, tables: Tables) -> list[Exactly]:
    waits = _times(tables, "offers", "t_wait_us", SECOND, outcome="abandoned")
    return [
        *_leaving(facts, tables, SECOND),
        *_each("abandon_waits", facts.expected["abandon_waits"], waits, "tWait, abandoned", "s"),
    ]


def _shift(facts: Facts, tables: Tables) -> list[Exactly]:
    """A second of the case is a minute here."""
    states = tables["agent_states"]
    there = states[states["presence"] != "off_shift"]
    leaves = float(there["to_us"].max() / MINUTE)
    return [
        *_leaving(facts, tables, MINUTE),
        Exactly("agent_leaves_at", facts.expected["agent_leaves_at"], leaves, "agent_states, not off shift", "min"),
    ]


def _reject(facts: Facts, tables: Tables) -> list[Exactly]:
    found, sessions = facts.expected, tables["sessions"]
    blocked = int((tables["portions"]["disconnect"] == "blocked").sum())
    return [
        Exactly("served", found["served"], int(sessions["ended_us"].notna().sum()), "sessions", "count"),
        Exactly("rejected", found["rejected"], blocked, "nBlocked", "count"),
        Exactly("busy_time", found["busy_time"], float(sessions["t_work_us"].sum() / SECOND), "tWork", "s"),
        Exactly("end", found["end"], float(sessions["ended_us"].max() / SECOND), "sessions.ended", "s"),
    ]


def _drains(facts: Facts, tables: Tables) -> list[Exactly]:
    """The last of N leaves at (N - 1) / r: to one slot, the tolerance of the case."""
    sends = tables["sends"]
    claims: list[Exactly] = []
    for source, drain_s in facts.expected["derived_drain_s"].items():
        mine = sends[(sends["source"] == source) & sends["sent_us"].notna()]
        slot_s = drain_s / len(mine)
        last_s = float(mine["sent_us"].max() / SECOND)
        claims.append(Exactly(source, drain_s, last_s, "last send", "s", tolerance=slot_s + 1e-5))
    expired = sends[(sends["source"] == "longcode_36000_at_1") & (sends["outcome"] == "expired")]
    numbers = (expired["ordinal"] + 1).tolist()
    return [*claims, *_each("last_accept, refused message", [36_001], numbers, "sends.expired", "number")]


def _fluid(facts: Facts, tables: Tables) -> list[Exactly]:
    """To one message or one slot of the cap."""
    found, sends, cap = facts.expected, tables["sends"], facts.params["cap"]
    burst_s = facts.params["burst_s"]
    slot_s = 1 / cap
    requested = np.sort(sends["requested_us"].to_numpy(dtype=np.int64)) / SECOND
    left = np.sort(sends["sent_us"].to_numpy(dtype=np.int64)) / SECOND
    delay = sends["sent_us"].to_numpy(dtype=np.int64) / SECOND - sends["requested_us"].to_numpy(dtype=np.int64) / SECOND
    at = np.unique(np.concatenate([requested, left]))
    backlog = np.searchsorted(requested, at, side="right") - np.searchsorted(left, at, side="right")
    held = delay > slot_s
    drained_s = float(sends["sent_us"].to_numpy(dtype=np.int64)[held].max()) / SECOND
    in_backlog = sends["requested_us"].to_numpy(dtype=np.int64) / SECOND < burst_s + found["drain_s"]
    return [
        Exactly("peak_backlog", found["peak_backlog"], int(backlog.max()), "backlog_peak", "messages", tolerance=1),
        # the delay shrinks by half a slot a slot, and one slot of it is none
        Exactly("drain_s", found["drain_s"], drained_s - burst_s, "drain_time", "s", tolerance=3 * slot_s),
        Exactly("max_delay_s", found["max_delay_s"], float(delay.max()), "send_delay_max", "s", tolerance=slot_s),
        Exactly("mean_delay_s", found["mean_delay_s"], float(delay[in_backlog].mean()), "send_delay_mean, drained", "s",
                tolerance=slot_s),
    ]  # fmt: skip


CASES = (
    Trace("ciw_renege_trace", _renege),
    Trace("ciw_renege_shift_trace", _shift),
    Trace("simmer_reject", _reject),
    Trace("caps_published", _drains),
    Trace("x_cap_fluid", _fluid),
)
