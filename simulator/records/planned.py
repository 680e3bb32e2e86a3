"""Nobody works on queue outside the plan: shifts and staffing, against what agents showed."""

from __future__ import annotations

import numpy as np

from simulator.records.columns import Array, total
from simulator.records.evidence import Evidence
from simulator.vocabulary.codes import Event, RoutingStatus
from simulator.workload.presence import Shifts, planned_shifts
from simulator.workload.staffing import together

Verdict = tuple[bool, str]


def on_queue(known: Evidence) -> Verdict:
    """Every stretch on queue lies within one planned shift of the agent. Where whoever has nothing in hand goes first,
    nobody is alerted while more are on queue than the staffing says."""
    plans = planned_shifts(known.scenario, known.names, known.scenario.seed, 0, known.end + 1)
    late_leavers = [
        number
        for number, name in enumerate(known.names.groups)
        if (staffing := known.scenario.agents[name].staffing) is not None and staffing.leaves == "idle_first"
    ]
    group = np.array(known.names.agent_group, np.int64)
    agent = known.numbers("agent_states", "agent", known.names.agents)
    there = known.text("agent_states", "status") != "off_queue"
    start, end = known.column("agent_states", "from_us"), known.column("agent_states", "to_us")
    looked_at, outside, worst = 0, 0, ""
    for number, plan in enumerate(plans):
        if plan is None or group[number] in late_leavers:
            continue
        rows = _rows(agent, number)
        rows = rows[there[rows]]
        looked_at += len(rows)
        begins = np.array([shift.start_us for shift in plan], np.int64)
        ends = np.array([shift.end_us for shift in plan], np.int64)
        place = np.searchsorted(begins, start[rows], side="right") - 1
        inside = (place >= 0) & (end[rows] <= np.append(ends, 0)[place])
        if not inside.all():
            outside += int((~inside).sum())
            worst = worst or f"; {known.names.agents[number]} from {start[rows][~inside][0]} µs"
    alerts, over = _alerts_over_staffing(known, plans, group, late_leavers)
    return not (outside or over), (
        f"{looked_at} stretches on queue, {outside} of them outside the shift{worst}; {alerts} alerts in groups where "
        f"whoever is done first goes, {over} of them while more were on queue than the staffing says"
    )


ON_SHIFT = ("on_shift", "break", "meal", "meeting", "training")
"""What an agent shows between logging on and logging off."""


def followed(known: Evidence) -> Verdict:
    """Everybody is there from logging on to logging off, on every shift on which he is not absent: to the µs."""
    if known.promised is None:
        return True, "no workload at hand"
    names, end = known.names, known.end
    agent = known.numbers("agent_states", "agent", names.agents)
    there = np.isin(known.text("agent_states", "presence"), ON_SHIFT)
    length = known.column("agent_states", "to_us") - known.column("agent_states", "from_us")
    shown = total(len(names.agents), agent[there], length[there])
    wrong, shifts, worst = 0, 0, ""
    for number, plan in enumerate(known.promised.shifts):
        if names.agent_group[number] in known.promised.crews:
            continue  # nobody knows beforehand who goes
        stays = [(0, end)] if plan is None else [(s.log_on_us, s.log_off_us) for s in plan if not s.absent]
        planned = sum(max(min(log_off, end) - max(log_on, 0), 0) for log_on, log_off in stays)
        shifts += len(stays)
        if planned != shown[number]:
            wrong += 1
            worst = worst or f"; {names.agents[number]} {shown[number]} µs instead of {planned} µs"
    return not wrong, f"{shifts} shifts, {wrong} agents were not there as long as planned{worst}"


def _rows(agent: Array, number: int) -> Array:
    """Rows of one agent: the table stands by agent."""
    low, high = np.searchsorted(agent, [number, number + 1])
    return np.arange(low, high)


def _alerts_over_staffing(
    known: Evidence, plans: list[Shifts | None], group: Array, numbers: list[int]
) -> tuple[int, int]:
    """Alerts to agents of these groups, and how many of them came while too many were on queue."""
    count, over = 0, 0
    status, alerted = known.of(Event.AGENT_STATUS), known.of(Event.ALERTED)
    for number in numbers:
        mine = group[status.agent] == number
        on = (status.value[mine] != RoutingStatus.OFF_QUEUE).astype(np.int64)
        order = np.lexsort((status.at[mine], status.agent[mine]))
        before = np.zeros(len(on), np.int64)
        same = np.append(False, np.diff(status.agent[mine][order]) == 0) if len(on) else np.zeros(0, bool)
        before[order] = np.where(same, np.append(0, on[order][:-1]), 0) if len(on) else before
        on_queue = np.append(0, np.cumsum(on - before))
        rang = group[alerted.agent] == number
        there = on_queue[np.searchsorted(status.at[mine], alerted.at[rang])]
        plan = together([(s.start_us, s.end_us) for a, p in enumerate(plans) if group[a] == number for s in p or ()])
        planned = np.append(0, plan.agents)
        now = planned[np.searchsorted(plan.at_us, alerted.time[rang], side="right")]
        just_before = planned[np.searchsorted(plan.at_us, alerted.time[rang], side="left")]
        count += int(rang.sum())
        over += int((there > np.maximum(now, just_before)).sum())
    return count, over
