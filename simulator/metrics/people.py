"""People against their plan: scheduled and present, shrinkage, adherence, late log-ons, overtime.

Scheduled is what shifts and staffing say, absent agents and breaks included; agents who are always on are scheduled all
the time. What agents really did comes from the table of their states.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simulator.metrics import cohorts, steps
from simulator.metrics.desk import ON_QUEUE, Desk, desk_of
from simulator.metrics.parts import Measure, Parts
from simulator.metrics.window import Stays, View
from simulator.scenario.directory import directory
from simulator.vocabulary.clock import HOUR
from simulator.workload.presence import planned_shifts

SCOPES = ("queue", "group")


@dataclass(frozen=True)
class Plan:
    """The plan of a run, as stays by agent. What chance does to it is not in it."""

    scheduled: Stays
    """Shifts, breaks included."""
    breaks: Stays
    """Breaks, meals, meetings and training."""
    overtime: Stays
    """Shifts that are planned overtime."""
    unpaid_us: np.ndarray
    """Unpaid breaks of the shifts that begin in the window. [agent]"""


def plan_of(view: View) -> Plan:
    """The plan, made once for a view."""
    plan: Plan = view.kept("plan", lambda: _plan(view))
    return plan


def _plan(view: View) -> Plan:
    scenario = view.scenario
    known = directory(scenario)
    shifts: list[tuple[int, int, int]] = []
    breaks: list[tuple[int, int, int]] = []
    overtime: list[tuple[int, int, int]] = []
    unpaid = np.zeros(len(known.agents))
    # absence and late log-ons are the only draws in a plan, and are not looked at
    for agent, plan in enumerate(planned_shifts(scenario, known, scenario.seed, 0, view.to_us)):
        if plan is None:
            shifts.append((agent, 0, view.end_us))
        for shift in plan or ():
            shifts.append((agent, shift.start_us, shift.end_us))
            breaks += [(agent, start, start + lasts) for start, lasts in shift.breaks]
            if shift.overtime:
                overtime.append(shifts[-1])
            if view.from_us <= shift.start_us < view.to_us:
                unpaid[agent] += shift.unpaid_us
    return Plan(_stays(shifts), _stays(breaks), _stays(overtime), unpaid)


def _stays(rows: list[tuple[int, int, int]]) -> Stays:
    owner, start, end = np.array(rows, np.int64).reshape(-1, 3).T
    return owner, start, end


def _presence(view: View, *names: str) -> Stays:
    """Agents' time behind which these presences lie."""
    desk = desk_of(view)
    rows = view.equals("agent_states", "presence", *names)
    owner = view.codes("agent_states", "agent", desk.agents)
    return view.stays("agent_states", "from_us", "to_us", owner=owner, rows=rows & (owner >= 0))


def _hours(*names: str) -> Callable[[View], Parts]:
    def parts(view: View) -> Parts:
        desk = desk_of(view)
        return desk.ratio(desk.time(_presence(view, *names)) / HOUR, 1.0)

    return parts


def _staff_scheduled(view: View) -> Parts:
    desk = desk_of(view)
    return desk.ratio(desk.time(plan_of(view).scheduled), float(view.span_us))


def _scheduled_hours(view: View) -> Parts:
    desk = desk_of(view)
    return desk.ratio(desk.time(plan_of(view).scheduled) / HOUR, 1.0)


def _overtime_planned(view: View) -> Parts:
    desk = desk_of(view)
    return desk.ratio(desk.time(plan_of(view).overtime) / HOUR, 1.0)


def _unpaid(view: View) -> Parts:
    desk = desk_of(view)
    return desk.ratio(plan_of(view).unpaid_us / HOUR, 1.0)


def _shrinkage(view: View) -> Parts:
    desk, scheduled = desk_of(view), plan_of(view).scheduled
    there = desk.shared(desk.status(*ON_QUEUE), scheduled, lambda s: np.minimum(s.first, 1))
    planned = desk.time(scheduled)
    missing = planned - there
    for mine in _exchangeable(view, desk):
        total = planned[mine].sum() - desk.time(desk.status(*ON_QUEUE))[mine].sum()
        missing[mine] = max(total, 0.0) / max(int(mine.sum()), 1)
    return desk.ratio(missing, planned)


def _exchangeable(view: View, desk: Desk) -> list[np.ndarray]:
    """Groups in which whoever has nothing in hand goes first: how many are to be there is planned, who is not.
    [agent] each"""
    groups = view.scenario.agents
    plans = {name: group.staffing for name, group in groups.items()}
    return [
        desk.members[(("group", name),)]
        for name, staffing in plans.items()
        if staffing is not None and staffing.leaves == "idle_first"
    ]


def _adherence(view: View) -> Parts:
    """Planned time on queue of those who came: shifts less breaks less absence. Segment by segment, by agent."""
    desk, plan = desk_of(view), plan_of(view)
    away = _together(plan.breaks, _presence(view, "absent"))
    planned = steps.together(away, plan.scheduled, view.from_us, view.to_us)
    free = planned.first == 0
    for mine in _exchangeable(view, desk):
        free &= ~mine[planned.owner]
    due: Stays = (planned.owner[free], planned.start[free], planned.end[free])
    kept = desk.shared(desk.status(*ON_QUEUE), due, lambda s: np.minimum(s.first, 1))
    return desk.ratio(kept, desk.time(due))


def _together(one: Stays, other: Stays) -> Stays:
    owner, start, end = (np.concatenate(pair) for pair in zip(one, other, strict=True))
    return owner, start, end


def _began(presence: str) -> Callable[[View], Parts]:
    """How often agents began to show a presence in the window."""

    def parts(view: View) -> Parts:
        desk = desk_of(view)
        owner, start, _ = _presence(view, presence)
        inside = (start >= view.from_us) & (start < view.to_us)
        return desk.ratio(np.bincount(owner[inside], minlength=len(desk.agents)).astype(float), 1.0)

    return parts


PEOPLE = (
    Measure("staff_scheduled", "count", "mean number of agents on shift by the plan over the window, absent ones and "
            "breaks included", SCOPES, _staff_scheduled,
            title="agents scheduled, mean", formula="∫ scheduled dt ÷ window", cohort=cohorts.PLAN),
    Measure("shrinkage_found", "share", "scheduled time in which agents were not on queue (absent, late, on breaks, in "
            "meetings) ÷ scheduled time", SCOPES, _shrinkage,
            title="scheduled, not on queue", formula="∫ (scheduled · (1 − on_queue)) dt ÷ ∫ scheduled dt",
            cohort=cohorts.PLAN),
    Measure("adherence", "share", "time on queue when the plan says so ÷ time on queue by the plan (shifts less "
            "breaks, meetings and training) of those who were not absent; a break that waits for the piece costs some; "
            "without groups that are staffed with `idle_first`",
            SCOPES, _adherence,
            title="on queue when planned", formula="∫ (planned_on_queue · on_queue) dt ÷ ∫ planned_on_queue dt",
            cohort=cohorts.PLAN),
    Measure("scheduled_hours", "h", "agents' time on shift by the plan in the window, per replication", SCOPES,
            _scheduled_hours,
            title="hours scheduled", formula="∫ scheduled dt ÷ replications", cohort=cohorts.PLAN),
    Measure("absent_hours", "h", "scheduled time of agents who were absent, per replication", SCOPES,
            _hours("absent"),
            title="hours absent", formula="∫ absent dt ÷ replications", cohort=cohorts.AGENT_TIME),
    Measure("break_hours", "h", "agents' time on breaks and meals, per replication", SCOPES, _hours("break", "meal"),
            title="hours on breaks and meals", formula="∫ on_break dt ÷ replications", cohort=cohorts.AGENT_TIME),
    Measure("unpaid_break_hours", "h", "unpaid breaks by the plan of shifts that begin in the window, per replication",
            SCOPES, _unpaid,
            title="hours of unpaid breaks, planned", formula="Σ unpaid ÷ replications", cohort=cohorts.SHIFTS),
    Measure("meeting_hours", "h", "agents' time in meetings and training, per replication", SCOPES,
            _hours("meeting", "training"),
            title="hours in meetings and training", formula="∫ in_meeting dt ÷ replications",
            cohort=cohorts.AGENT_TIME),
    Measure("late_log_ons", "count", "shifts in the window whose agent logged on after they had begun, per replication",
            SCOPES, _began("late"),
            title="late log-ons", formula="Σ late_log_on ÷ replications", cohort=cohorts.SHIFTS),
    Measure("late_hours", "h", "time between the start of the shift and the log-on, per replication", SCOPES,
            _hours("late"),
            title="hours late", formula="∫ late dt ÷ replications", cohort=cohorts.AGENT_TIME),
    Measure("left_early_hours", "h", "time between log-off, work in hand included, and the end of the shift, per "
            "replication", SCOPES, _hours("left_early"),
            title="hours gone before the shift ended", formula="∫ left_early dt ÷ replications",
            cohort=cohorts.AGENT_TIME),
    Measure("overtime_hours", "h", "agents' time after their shift with conversations still open, OFF_QUEUE, per "
            "replication; in no occupancy", SCOPES, _hours("overtime"),
            title="hours after the shift with work open", formula="∫ overtime dt ÷ replications",
            cohort=cohorts.AGENT_TIME),
    Measure("overtime_planned_hours", "h", "time of shifts that are planned overtime, per replication; worked on queue",
            SCOPES, _overtime_planned,
            title="hours of planned overtime", formula="∫ planned_overtime dt ÷ replications", cohort=cohorts.PLAN),
)  # fmt: skip
