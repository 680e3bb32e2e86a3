"""The `intervals` table: the day in steps, per queue.

Two bookings stand side by side. The platform's: each measure whole in the interval where it is emitted (an offer that
enters at 7:28 and is answered at 7:32 is offered in one half hour and answered in the next), so that a service level
of an interval mixes arrivals of several. And `_by_arrival`: everything of an offer in the interval of its queue
entry, which is what a plan is judged by.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from simulator.metrics import offers, steps
from simulator.metrics.desk import ON_QUEUE, desk_of
from simulator.metrics.hours import open_time, worked_wait
from simulator.metrics.levels import Rows, level_rows
from simulator.metrics.requirement import interval_columns
from simulator.metrics.window import View
from simulator.scenario.directory import directory
from simulator.scenario.schema import Scenario
from simulator.vocabulary.tables import TABLES
from simulator.workload.presence import planned_shifts

if TYPE_CHECKING:
    import pandas as pd


def intervals(
    scenario: Scenario, tables: Mapping[str, pd.DataFrame], end_us: int, view: View | None = None
) -> pd.DataFrame:
    """One row per queue and interval over the whole run, warm-up and run-out included; columns as catalogued.

    The last interval may be cut by the end of the run; means over time are means over the part that was simulated.
    `view`: as `metrics.measure` takes it.
    """
    import pandas as pd

    view = view or View(scenario, tables, end_us)
    edges = interval_edges(scenario, end_us)
    desk = _DeskByInterval(view, edges)
    asked = interval_columns(view, edges)
    scheduled = scheduled_agents(scenario, edges)
    local = [scenario.calendar.local(int(us)) for us in edges[:-1]]
    frames = []
    for number, queue in enumerate(view.names["queue"]):
        columns = {"start_us": edges[:-1], "start_local": local, "measured": view.inside(edges[:-1]), "queue": queue}
        columns |= _offers(view, number, edges) | _in_business_hours(view, number, edges) | desk.columns(number)
        columns |= {name: _share(*sums) for name, sums in levels_by_arrival(view, number, edges).items()}
        serving = [group for group in sorted(scenario.agents) if queue in scenario.agents[group].queues]
        columns |= asked(queue)
        columns["staff_scheduled"] = sum((scheduled[group] for group in serving), np.zeros(len(edges) - 1))
        frames.append(pd.DataFrame(columns))
    names = [column.name for column in TABLES["intervals"]]
    result = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=names)
    result["replication"] = _replication(tables)
    result = result[names]
    return result.astype({column.name: column.dtype for column in TABLES["intervals"]})


def interval_edges(scenario: Scenario, end_us: int) -> np.ndarray:
    """Edges of the intervals from the start to the end of the run, the measured window included at least."""
    last = max(int(end_us), scenario.duration_us)
    return np.append(np.arange(0, last, scenario.interval_us, dtype=np.int64), np.int64(last))


def scheduled_agents(scenario: Scenario, edges: np.ndarray) -> dict[str, np.ndarray]:
    """Agents on shift by the plan, mean over each interval, absent ones and breaks included; by group. [interval]"""
    lengths = np.diff(edges)
    always = dict.fromkeys(scenario.agents, 0)
    stays: dict[str, list[tuple[int, int]]] = {group: [] for group in scenario.agents}
    known = directory(scenario)
    # absence is the only draw in a plan, and is not looked at
    plans = planned_shifts(scenario, known, scenario.seed, 0, int(edges[-1]))
    for group, plan in zip(known.agent_group, plans, strict=True):
        if plan is None:
            always[known.groups[group]] += 1
        else:
            stays[known.groups[group]] += [(shift.start_us, shift.end_us) for shift in plan]
    found = {}
    for name, planned in stays.items():
        start, end = np.array(planned, np.int64).reshape(-1, 2).T
        found[name] = always[name] + steps.areas(*steps.clip(start, end, 0, int(edges[-1])), edges) / lengths
    return found


Sums = tuple[np.ndarray, np.ndarray]
"""Numerator and denominator of a share. [interval], [interval]"""


def levels_by_arrival(view: View, queue: int, edges: np.ndarray) -> dict[str, Sums]:
    """What the levels by queue entry divide, by column: sums, so that replications can be added."""
    mine = view.codes("offers", "queue") == queue
    level = view.scenario.service_level
    entered = view.column("offers", "entered_us")
    met, counted = offers.answered(view) & ~offers.over(view), offers.counts_against(view)
    within = view.column("offers", "first_reply_us") - entered <= level.limit_us("first_reply")
    against = _blocked(view, queue, edges) if level.count_blocked else 0
    offered = _count(entered[mine], edges)
    found = {
        "oServiceLevel_by_arrival": (
            _count(entered[mine & met], edges),
            _count(entered[mine & counted], edges) + against,
        ),
        "first_reply_within_by_arrival": (_count(entered[mine & within], edges), offered),
    }
    if not level.has_hours:
        return found
    rows, *turned = level_rows(view, "answer", "business_hours")
    codes = view.codes("offers", "queue"), view.codes("offers", "channel")
    reply = worked_wait(view, entered, view.column("offers", "first_reply_us"), *codes)
    met, counted = mine & rows.met & rows.counted, mine & rows.counted
    within = mine & (reply <= level.limit_us("first_reply"))
    against = _turned(turned, queue, edges)
    return found | {
        "oServiceLevel_business_hours_by_arrival": (
            _count(entered[met], edges),
            _count(entered[counted], edges) + against,
        ),
        "first_reply_within_business_hours_by_arrival": (_count(entered[within], edges), offered),
    }


def _blocked(view: View, queue: int, edges: np.ndarray) -> np.ndarray:
    """Turned away by the queue's `max_waiting`. [interval]"""
    rows = offers.turned_away(view) & (offers.blocked_codes(view)["queue"] == queue)
    return _count(view.column("portions", "disconnected_us")[rows], edges)


def _turned(turned: list[Rows], queue: int, edges: np.ndarray) -> np.ndarray:
    """The same, where the switches count them. [interval]"""
    found = np.zeros(len(edges) - 1, np.int64)
    for blocked in turned:
        found += _count(blocked.start_us[blocked.counted & (blocked.codes["queue"] == queue)], edges)
    return found


def _offers(view: View, queue: int, edges: np.ndarray) -> dict[str, np.ndarray]:
    mine = view.codes("offers", "queue") == queue
    answered, abandoned = offers.answered(view), offers.abandoned(view)
    over, counted = offers.over(view), offers.counts_against(view)
    entered, left = view.column("offers", "entered_us"), view.column("offers", "left_us")
    wait = view.column("offers", "t_wait_us")
    n_blocked = _blocked(view, queue, edges)
    against = n_blocked if view.scenario.service_level.count_blocked else np.zeros_like(n_blocked)

    def entering(rows: np.ndarray) -> np.ndarray:
        return _count(entered[mine & rows], edges)

    def leaving(rows: np.ndarray) -> np.ndarray:
        return _count(left[mine & rows], edges)

    offered = _count(entered[mine], edges)
    gone = ~np.isnan(wait)
    _, start, end = view.stays("offers", "entered_us", "left_us", rows=mine)
    return {
        "nOffered": offered,
        "nAnswered": leaving(answered),
        "nAbandoned": leaving(abandoned),
        "nGaveUp": _count(view.column("offers", "gave_up_us")[mine], edges),
        "nBlocked": n_blocked,
        "nOverSla": leaving(over),
        "oServiceLevel": _share(leaving(answered & ~over), leaving(counted) + against),
        "tWait_mean_us": _share(_sum(left[mine & gone], wait[mine & gone], edges), leaving(gone)),
        "nAnswered_by_arrival": entering(answered),
        "nAbandoned_by_arrival": entering(abandoned),
        "tWait_mean_by_arrival_us": _share(_sum(entered[mine & gone], wait[mine & gone], edges), entering(gone)),
        "waiting_max": steps.peaks(start, end, edges),
    }


def _in_business_hours(view: View, queue: int, edges: np.ndarray) -> dict[str, np.ndarray]:
    """The same by a clock that stands still while it is closed; null where nobody's waits are counted by one."""
    level = view.scenario.service_level
    nothing = np.full(len(edges) - 1, np.nan)
    if not level.has_hours:
        names = [column.name for column in TABLES["intervals"] if "business_hours" in column.name]
        return dict.fromkeys(["open_share", *names], nothing)
    hours = level.hours_for(view.names["queue"][queue], None)
    opened = nothing if hours is None else np.diff(open_time(view, hours).until(edges.astype(float))) / np.diff(edges)
    rows, *turned = level_rows(view, "answer", "business_hours")
    entered, left = view.column("offers", "entered_us"), view.column("offers", "left_us")
    codes = view.codes("offers", "queue"), view.codes("offers", "channel")
    mine = codes[0] == queue
    wait = worked_wait(view, entered, left, *codes)
    gone = mine & ~np.isnan(wait)
    met, counted = mine & rows.met & rows.counted, mine & rows.counted
    against = _turned(turned, queue, edges)
    return {
        "open_share": opened,
        "nOverSla_business_hours": _count(left[mine & offers.answered(view) & ~rows.met], edges),
        "oServiceLevel_business_hours": _share(_count(left[met], edges), _count(left[counted], edges) + against),
        "tWait_mean_business_hours_by_arrival_us": _share(
            _sum(entered[gone], wait[gone], edges), _count(entered[gone], edges)
        ),
    }


class _DeskByInterval:
    """Agents' time, cut at the edges of the intervals; laid out once, summed per queue."""

    def __init__(self, view: View, edges: np.ndarray):
        self._view, self._edges = view, edges
        self._desk = desk_of(view)
        self._on_queue = self._desk.status(*ON_QUEUE)
        self._interacting = self._desk.status("interacting")
        self._idle = self._desk.status("idle")
        self._shares, self._queue_of_piece = self._desk.attention_shares, self._desk.pieces_queue

    def columns(self, queue: int) -> dict[str, np.ndarray]:
        desk, view = self._desk, self._view
        serving = desk.members[(("queue", view.names["queue"][queue]),)]
        simulated = np.clip(self._edges, 0, view.end_us)
        lengths = np.diff(simulated)
        on_queue = self._time(self._on_queue, serving)
        capacity = desk.capacity
        owner, start, end = self._on_queue
        slots_there = self._areas(start, end, serving[owner], capacity[owner])
        worked, slots = desk.working, desk.filled
        at_work = self._areas(worked.start, worked.end, serving[worked.owner], np.minimum(worked.first, 1))
        held = np.minimum(slots.first, capacity[slots.owner])
        start_us, end_us, share, piece = self._shares
        of_queue = self._queue_of_piece[piece] == queue
        interacting = self._time(self._interacting, serving)
        return {
            "staff_present": _share(on_queue, lengths),
            "attention_load": _share(self._areas(start_us, end_us, of_queue, share), lengths),
            "occupancy_work": _share(at_work, on_queue),
            "occupancy_status": _share(interacting, interacting + self._time(self._idle, serving)),
            "occupancy_slots": _share(self._areas(slots.start, slots.end, serving[slots.owner], held), slots_there),
        }

    def _time(self, stays: tuple[np.ndarray, np.ndarray, np.ndarray], serving: np.ndarray) -> np.ndarray:
        return self._areas(stays[1], stays[2], serving[stays[0]])

    def _areas(
        self, start: np.ndarray, end: np.ndarray, rows: np.ndarray, weights: np.ndarray | None = None
    ) -> np.ndarray:
        weights = np.ones(len(start), np.int64) if weights is None else weights
        return steps.areas(start[rows], end[rows], self._edges, weights[rows])


def _count(times: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """How many fall into each interval; what happens at the very end of the run belongs to the last. [interval]"""
    return np.histogram(times[~np.isnan(times)], edges)[0]


def _sum(times: np.ndarray, values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    return np.histogram(times, edges, weights=values)[0]


def _share(numerator: np.ndarray, denominator: np.ndarray) -> np.ndarray:
    """Null where there is nothing to divide by."""
    result = np.full(len(numerator), np.nan)
    return np.divide(numerator, denominator, out=result, where=np.asarray(denominator) > 0)


def _replication(tables: Mapping[str, pd.DataFrame]) -> int:
    for table in tables.values():
        if len(table):
            return int(table["replication"].iloc[0])
    return 0
