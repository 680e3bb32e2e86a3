"""What a plan costs: paid time at each group's rate, and what that is per contact and per conversation resolved.

Costs are in the one currency of the scenario (`agents.*.cost`, `outbound.template_rates`); nothing is converted. Paid
are shifts and staffing less unpaid breaks, whether or not the agent came (absence is paid; assumed), agents without a
shift all the time, and overtime after the shift. Where a group that has agents names no cost, what includes it is null.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulator.metrics import cohorts, letters
from simulator.metrics.desk import desk_of
from simulator.metrics.keys import at, row_of
from simulator.metrics.parts import ALL, Measure, Part, Parts
from simulator.metrics.people import plan_of
from simulator.metrics.requirement import paid_us
from simulator.metrics.window import View
from simulator.scenario.schema import Scenario
from simulator.vocabulary.clock import HOUR, SECOND


def _overtime_us(view: View) -> np.ndarray:
    """Time after the shift with conversations still open. [agent]"""
    desk = desk_of(view)
    owner = view.codes("agent_states", "agent", desk.agents)
    rows = view.equals("agent_states", "presence", "overtime") & (owner >= 0)
    return desk.time(view.stays("agent_states", "from_us", "to_us", owner=owner, rows=rows)).astype(float)


def _paid_hours(view: View) -> Parts:
    desk = desk_of(view)
    hours = desk.ratio((paid_us(view) + _overtime_us(view)) / HOUR, 1.0)
    return {scope: part for scope, part in hours.items() if not scope or scope[0][0] == "group"}


def _staff(view: View) -> dict[str, float]:
    """Cost of each group's time in the window; nan: not given; groups without agents are not in it."""

    def make() -> dict[str, float]:
        desk, paid, after = desk_of(view), paid_us(view), _overtime_us(view)
        planned = desk.time(plan_of(view).overtime).astype(float)
        found = {}
        for name, group in sorted(view.scenario.agents.items()):
            mine = desk.members[(("group", name),)]
            if not mine.any():
                continue
            factor = group.overtime_factor
            time = paid[mine].sum() + (factor - 1) * planned[mine].sum() + factor * after[mine].sum()
            found[name] = np.nan if group.cost is None else float(time) / SECOND * group.cost
        return found

    costs: dict[str, float] = view.kept("staff cost", make)
    return costs


def _per(
    group_of: Callable[[View], dict[str, float]] | None, whole: Callable[[View], float], templates: bool
) -> Callable[[View], Parts]:
    """Cost ÷ a number of things, of all and of each group; null where a cost is not given."""

    def parts(view: View) -> Parts:
        costs = _staff(view)
        more = _templates(view) if templates else 0.0
        found = {ALL: _part(sum(costs.values()) + more if costs else np.nan, whole(view))}
        if group_of is not None:
            numbers = group_of(view)
            found |= {(("group", name),): _part(cost, numbers[name]) for name, cost in costs.items()}
        return found

    return parts


def _part(cost: float, number: float) -> Part:
    return Part(float(cost), float(number)) if np.isfinite(cost) else Part()


def _templates(view: View) -> float:
    """Delivered templates at the rates of their categories; nan where some have none."""
    if _unpriced(view.scenario):
        return np.nan
    measure = next(each for each in letters.LETTERS if each.name == "template_cost")
    return measure.parts(view)[ALL].numerator


def _each_group(value: float) -> Callable[[View], dict[str, float]]:
    return lambda view: dict.fromkeys(view.names["group"], value)


# --- what it is divided by ---------------------------------------------------------------------------------------


def _contacts(view: View) -> float:
    return float(view.cohort("contacts", "arrived_us").sum())


def _connects(view: View) -> dict[str, float]:
    group = view.codes("sessions", "group")
    rows = view.cohort("sessions", "connected_us") & (group >= 0)
    return _by_group(view, group[rows])


def _all_connects(view: View) -> float:
    return float(view.cohort("sessions", "connected_us").sum())


def _resolved(view: View) -> np.ndarray:
    """Portions that ended in the window because an agent had answered the last burst. [portion]"""
    return view.equals("portions", "disconnect", "resolved") & view.cohort("portions", "disconnected_us")


def _all_resolved(view: View) -> float:
    return float(_resolved(view).sum())


def _resolved_by_group(view: View) -> dict[str, float]:
    """Those portions by the group of the session in which they ended."""
    place = row_of(view, "sessions", "portions", "portion")
    ended = at(view.column("portions", "disconnected_us"), place, np.nan)
    rows = at(_resolved(view), place, False) & (view.column("sessions", "disconnected_us") == ended)
    group = view.codes("sessions", "group")
    return _by_group(view, group[rows & (group >= 0)])


def _by_group(view: View, group: np.ndarray) -> dict[str, float]:
    names = view.names["group"]
    counts = np.bincount(group, minlength=len(names))
    return {name: float(counts[number]) for number, name in enumerate(names)}


# --- words -------------------------------------------------------------------------------------------------------


def _unpriced(scenario: Scenario) -> list[str]:
    """Templates that bulk messages name, and that have no category and so no rate."""
    out = scenario.outbound
    sent = [*out.campaigns.values(), *out.notifications.values()]
    return sorted({sends.template for sends in sent if sends.template and sends.template not in out.templates})


def _words(text: str, templates: bool = False) -> Callable[[Scenario], str]:
    def words(scenario: Scenario) -> str:
        groups = sorted(name for name, group in scenario.agents.items() if group.count and group.cost is None)
        missing = [f"agents.{name}.cost" for name in groups]
        if templates:
            missing += [f"outbound.templates.{name}" for name in _unpriced(scenario)]
        return f"{text}; not given: {', '.join(missing)}" if missing else text

    return words


PAID = "paid time by the plan (absence paid, unpaid breaks not) and overtime, each group at its own rate"

COST = (
    Measure("paid_hours", "h", "agents' paid time in the window, per replication: scheduled less unpaid breaks (of "
            "shifts that begin in the window), absent agents included, and time after the shift with work still open",
            ("group",), _paid_hours,
            title="hours paid", formula="(∫ paid dt + ∫ overtime dt) ÷ replications", cohort=cohorts.PLAN),
    Measure("staff_cost", "currency", _words(f"cost of the agents in the window, per replication: {PAID}, overtime "
            "times its factor"), ("group",), _per(_each_group(1.0), lambda view: 1.0, templates=False),
            title="cost of agents", formula="Σ rate · (paid + overtime_factor · overtime) ÷ replications",
            cohort=cohorts.PLAN),
    Measure("total_cost", "currency", _words("staff_cost and template_cost in the window, per replication",
            templates=True), (),
            _per(None, lambda view: 1.0, templates=True),
            title="cost of agents and templates", formula="staff_cost + template_cost", cohort=cohorts.PLAN),
    Measure("cost_per_contact", "currency", _words("total_cost ÷ contacts that arrived in the window, those whom a bot "
            "contained and those nobody answered included", templates=True), (), _per(None, _contacts, templates=True),
            title="cost per contact", formula="total_cost ÷ contacts", cohort=cohorts.PLAN),
    Measure("cost_per_session", "currency", _words("staff_cost ÷ sessions that began in the window; of a group, its "
            "own cost and its own sessions"), ("group",), _per(_connects, _all_connects, templates=False),
            title="cost per session", formula="staff_cost ÷ nConnected", cohort=cohorts.PLAN),
    Measure("cost_per_resolved", "currency", _words("staff_cost ÷ portions that ended in the window because an agent "
            "had answered the last burst (resolved); of a group, its own cost and those that ended with it"),
            ("group",), _per(_resolved_by_group, _all_resolved, templates=False),
            title="cost per conversation resolved", formula="staff_cost ÷ Σ closed", cohort=cohorts.PLAN),
)  # fmt: skip
