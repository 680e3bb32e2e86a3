"""What a planner hires by: agents required, planned and present, and the gap in full-time equivalents.

How the requirement is found stands in `staffing`, which formula may be used for whom in `pools`. A full-time equivalent
(FTE) is `planning.full_time` of time on each day of the window: net, time on queue; gross, paid time, of which absence,
paid breaks, meetings and expected lateness take their share. Too few in one interval is not made good by too many in
another: what lacks and what stands above the requirement are said side by side, and neither is a number to hire or to
cut by itself: people come in shifts, and the requirement may be the least only (`pools`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simulator.metrics import cohorts
from simulator.metrics.demands import SCOPE, demands
from simulator.metrics.desk import desk_of
from simulator.metrics.load import unpunctual
from simulator.metrics.parts import ALL, Measure, Part, Parts, Scope
from simulator.metrics.people import plan_of
from simulator.metrics.pools import METHODS, pools
from simulator.metrics.sources import queueing
from simulator.metrics.staffing import FORMULAS, Needed, Requirement, planned_on_queue
from simulator.metrics.window import View
from simulator.scenario.schema import Scenario
from simulator.vocabulary.clock import DAY, HOUR

SCOPES = ("queue", "group")
ANSWERED = (*SCOPES, SCOPE)
"""Scopes of what is worked out pool by pool."""
STAFFING = queueing(
    "queueing theory: Erlang C and A with the modified offered load of O. Jennings, A. Mandelbaum, W. Massey, W. "
    "Whitt, Server staffing to meet time-varying demand, Management Science 42 (1996); waits on desks after J. R. "
    "Jackson, Networks of waiting lines, Operations Research 5 (1957)"
)


@dataclass(frozen=True)
class _Answer:
    """What one scope asks for and has, by interval of the window."""

    needed: Needed
    gross: float
    """1 ÷ (1 − shrinkage by the plan)."""
    by_pool: tuple[tuple[Needed, float], ...] = ()
    """Of what it is the sum: each pool with its own `gross`."""


@dataclass(frozen=True)
class _Answers:
    lengths_us: np.ndarray
    """[interval]"""
    of: dict[Scope, _Answer]
    """Queues and groups that share agents with others have no number of their own: they are not in it."""


def _answers(view: View) -> _Answers:
    found: _Answers = view.kept("requirement in the window", lambda: _made(view))
    return found


def _made(view: View) -> _Answers:
    step = view.scenario.interval_us
    inner = np.arange(-(-view.from_us // step) * step, view.to_us, step, dtype=np.int64)
    edges = np.unique(np.concatenate([[view.from_us], inner, [max(view.to_us, view.from_us)]])).astype(np.int64)
    requirement = Requirement(view, edges)
    found: dict[Scope, _Answer] = {}
    several = []
    for pool in requirement.pools:
        if pool.method == "nobody":
            continue
        needed = requirement.of_pool(pool)
        answer = _Answer(needed, 1 / max(1 - _shrinkage_of(view, pool.groups), 1e-9))
        several.append((needed, answer.gross))
        if len(pool.queues) == 1:
            found[(("queue", pool.queues[0]),)] = answer
        if len(pool.groups) == 1:
            found[(("group", pool.groups[0]),)] = answer
    for demand in demands(view.scenario):
        if requirement.pool_of(demand.queue).method in FORMULAS:
            needed = requirement.of_demand(demand)
            found[demand.scope] = _Answer(needed, 1 / max(1 - _shrinkage_of(view, demand.groups), 1e-9))
    if several:
        total = [
            np.sum([getattr(needed, name) for needed, _ in several], axis=0) for name in Needed.__dataclass_fields__
        ]
        found[ALL] = _Answer(Needed(*total), 1.0, tuple(several))
    return _Answers(np.diff(edges), found)


def interval_columns(view: View, edges: np.ndarray) -> Callable[[str], dict[str, np.ndarray]]:
    """The columns of `intervals` between these edges, by queue. [interval] each"""
    requirement = Requirement(view, edges)

    def of(queue: str) -> dict[str, np.ndarray]:
        needed = requirement.of_queue(queue)
        gap = needed.required - needed.present
        shrinkage = _shrinkage_of(view, requirement.pool_of(queue).groups)
        return {
            "staff_planned": needed.planned,
            "staff_required": needed.required,
            "staff_required_least": needed.least,
            "requirement_method": np.full(len(gap), requirement.method_of(queue), object),
            "staff_gap": gap,
            "staff_gap_gross": gap / max(1 - shrinkage, 1e-9),
            "attention_offered": needed.attention,
            "slots_offered": needed.slots,
        }

    return of


# --- shrinkage by the plan ---------------------------------------------------------------------------------------


def paid_us(view: View) -> np.ndarray:
    """Paid time of each agent in the window by the plan: scheduled less unpaid breaks, absence paid. [agent]"""
    return np.maximum(desk_of(view).time(plan_of(view).scheduled) - plan_of(view).unpaid_us, 0.0)


def _expected_us(view: View) -> np.ndarray:
    """Time on queue in the window that the plan expects: less breaks, lateness and the mean absence. [agent]"""
    desk, scenario = desk_of(view), view.scenario
    planned = desk.time(planned_on_queue(view)).astype(float)
    owner, start, _ = plan_of(view).scheduled
    inside = (start >= view.from_us) & (start < view.to_us)
    shifts = np.bincount(owner[inside], minlength=len(planned))
    for name, group in scenario.agents.items():
        mine = desk.members[(("group", name),)]
        if group.shift is None and not group.shifts and group.staffing is None:
            continue  # always on: never absent
        late = sum(unpunctual(group))
        planned[mine] = np.maximum(planned[mine] - late * shifts[mine], 0.0) * (1 - group.absence.share)
    return planned


def _shrinkage_of(view: View, groups: tuple[str, ...]) -> float:
    desk = desk_of(view)
    mine = np.zeros(len(desk.agents), bool)
    for group in groups:
        mine |= desk.members[(("group", group),)]
    paid = float(paid_us(view)[mine].sum())
    return max(1 - float(_expected_us(view)[mine].sum()) / paid, 0.0) if paid > 0 else 0.0


def _shrinkage(view: View) -> Parts:
    desk, paid = desk_of(view), paid_us(view)
    return desk.ratio(np.clip(paid - _expected_us(view), 0.0, paid), paid)


# --- parts ---------------------------------------------------------------------------------------------------------


def _staff_planned(view: View) -> Parts:
    desk = desk_of(view)
    return desk.ratio(desk.time(planned_on_queue(view)), float(view.span_us))


def _each(value: Callable[[View, _Answer, np.ndarray], Part]) -> Callable[[View], Parts]:
    def parts(view: View) -> Parts:
        answers = _answers(view)
        return {scope: value(view, answer, answers.lengths_us) for scope, answer in answers.of.items()}

    return parts


def _mean(name: str) -> Callable[[View], Parts]:
    def value(view: View, answer: _Answer, lengths: np.ndarray) -> Part:
        return _part(float((getattr(answer.needed, name) * lengths).sum()), float(view.span_us))

    return _each(value)


def _peak(view: View, answer: _Answer, lengths: np.ndarray) -> Part:
    return _part(float(answer.needed.required.max(initial=0.0)), 1.0)


def _short_time(view: View, answer: _Answer, lengths: np.ndarray) -> Part:
    needed = answer.needed
    if not needed.slots.any() or not np.isfinite(needed.required).all():
        return Part()  # nobody came, or no formula
    return Part(float(lengths[needed.required > needed.present + 1e-9].sum()), float(view.span_us))


Hours = Callable[[Needed], np.ndarray]


def _fte(agents: Hours, gross: bool) -> Callable[[View], Parts]:
    """Full-time equivalents of so many agents in each interval."""

    def value(view: View, answer: _Answer, lengths: np.ndarray) -> Part:
        pools = answer.by_pool or ((answer.needed, answer.gross),)
        time = sum(float((agents(needed) * lengths).sum()) * (more if gross else 1.0) for needed, more in pools)
        return _part(time, view.span_us / DAY * view.scenario.planning.full_time_us)

    return _each(value)


def _fte_paid(view: View) -> Parts:
    return desk_of(view).ratio(paid_us(view), view.span_us / DAY * view.scenario.planning.full_time_us)


def _part(numerator: float, denominator: float) -> Part:
    """Null where no formula gives a number."""
    return Part(numerator, denominator) if np.isfinite(numerator) else Part()


def _lacking(needed: Needed) -> np.ndarray:
    return np.maximum(needed.required - needed.present, 0.0)


def _above(needed: Needed) -> np.ndarray:
    return np.maximum(needed.present - needed.required, 0.0)


# --- words ---------------------------------------------------------------------------------------------------------


def method_words(scenario: Scenario) -> str:
    """How the agents required are found, queue by queue, and why not better."""
    said = []
    for pool in pools(scenario):
        said.append(f"{', '.join(pool.queues)}: {METHODS[pool.method]}{f' ({pool.why})' if pool.why else ''}")
    return "; ".join(said) or "Erlang C or A on slots, by pool"


def least_word(scenario: Scenario) -> str:
    """` at least` where the agents required are the least of any plan, not an estimate; else empty."""
    return " at least" if any(pool.method == "erlang_c_pooled" for pool in pools(scenario)) else ""


def no_cut(scenario: Scenario) -> str:
    """What "above required" is not."""
    least = ", beside a requirement that is itself the least" if least_word(scenario) else ""
    return (
        f"no number to cut: it stands in single intervals (overlapping shifts, quiet hours){least}, and a shift taken "
        "away is missing in all its intervals"
    )


def _titled(text: str) -> Callable[[Scenario], str]:
    return lambda scenario: text.format(least=least_word(scenario))


def _above_words(what: str) -> Callable[[Scenario], str]:
    def words(scenario: Scenario) -> str:
        beyond = f"agents on queue beyond those required{least_word(scenario)}, {what}, over the intervals with more,"
        return f"{_fte_words(beyond)(scenario)}; {no_cut(scenario)}; `--agents` simulates how many may go"

    return words


def _required_words(scenario: Scenario) -> str:
    return (
        "mean number of agents on queue that the target asks for, whole agents interval by interval "
        f"({method_words(scenario)}); load as if nobody had waited; Poisson arrivals, each interval by itself; of "
        "queues and groups that share agents with others only the sum is said; of a skill set in a queue: agents "
        "who have all of it, for the contacts that ask for all of it, as if they did nothing else: the least"
    )


def _fte_words(what: str) -> Callable[[Scenario], str]:
    def words(scenario: Scenario) -> str:
        hours = scenario.planning.full_time_us / HOUR
        return f"{what} per day of the window ÷ {hours:g} h (`planning.full_time`)"

    return words


NET = "time on queue"
GROSS = "paid time, time on queue ÷ (1 − shrinkage_planned of the pool)"

REQUIREMENT = (
    Measure("staff_required", "count", _required_words, ANSWERED, _mean("required"),
            title=_titled("agents required{least}, mean"), formula="∫ required dt ÷ window", cohort=cohorts.NEEDED,
            source=STAFFING),
    Measure("staff_required_peak", "count", "largest number of agents that any interval of the window requires, mean "
            "over replications; as staff_required", ANSWERED, _each(_peak),
            title=_titled("agents required{least}, busiest interval"), formula="max required", cohort=cohorts.NEEDED,
            source=STAFFING),
    Measure("staff_required_least", "count", "mean number of agents below which no routing can do the work that came "
            "in: the larger of attention and slots ÷ slots of an agent, interval by interval, not rounded; whatever "
            "the target", ANSWERED, _mean("least"),
            title="agents, least for the workload", formula="∫ max(attention, slots ÷ slots_each) dt ÷ window",
            cohort=cohorts.NEEDED, source=STAFFING),
    Measure("staff_planned", "count", "mean number of agents planned on queue: shifts and staffing less breaks, meals, "
            "meetings and training; absent ones included", SCOPES, _staff_planned,
            title="agents planned on queue, mean", formula="∫ planned_on_queue dt ÷ window", cohort=cohorts.PLAN),
    Measure("understaffed_share", "share", "time of the intervals in which fewer agents were on queue than required ÷ "
            "window", ANSWERED, _each(_short_time),
            title=_titled("time with fewer than required{least}"), formula="∫ (required > present) dt ÷ window",
            cohort=cohorts.NEEDED),
    Measure("shrinkage_planned", "share", "paid time by the plan not expected on queue ÷ paid time: absence by its "
            "probability, paid breaks, meetings, training and expected lateness; unpaid breaks (of shifts that begin "
            "in the window) are in neither", SCOPES, _shrinkage,
            title="shrinkage by the plan", formula="1 − ∫ expected_on_queue dt ÷ ∫ paid dt", cohort=cohorts.PLAN),
    Measure("fte_required", "FTE", _fte_words(f"agents required, {NET}"), ANSWERED,
            _fte(lambda needed: needed.required, False),
            title=_titled("required{least}, net"), formula="∫ required dt ÷ (days · full_time)", cohort=cohorts.NEEDED),
    Measure("fte_required_gross", "FTE", _fte_words(f"agents required, {GROSS}"), ANSWERED,
            _fte(lambda needed: needed.required, True),
            title=_titled("required{least}, gross of shrinkage"),
            formula="∫ required dt ÷ (1 − shrinkage_planned) ÷ (days · full_time)", cohort=cohorts.NEEDED),
    Measure("fte_present", "FTE", _fte_words(f"agents on queue, {NET}"), ANSWERED,
            _fte(lambda needed: needed.present, False),
            title="present, net", formula="∫ on_queue dt ÷ (days · full_time)", cohort=cohorts.NEEDED),
    Measure("fte_paid", "FTE", _fte_words("agents scheduled, paid time: shifts and staffing less unpaid breaks, absent "
            "agents included, overtime after the shift not,"), SCOPES, _fte_paid,
            title="scheduled and paid", formula="∫ paid dt ÷ (days · full_time)", cohort=cohorts.PLAN),
    Measure("fte_lacking", "FTE", _fte_words(f"agents required beyond those on queue, {NET}, over the intervals that "
            "had too few,"), ANSWERED, _fte(_lacking, False),
            title="lacking where too few, net", formula="∫ max(required − present, 0) dt ÷ (days · full_time)",
            cohort=cohorts.NEEDED),
    Measure("fte_lacking_gross", "FTE", _fte_words(f"agents required beyond those on queue, {GROSS}, over the "
            "intervals that had too few,"), ANSWERED, _fte(_lacking, True),
            title="lacking where too few, gross of shrinkage",
            formula="∫ max(required − present, 0) dt ÷ (1 − shrinkage_planned) ÷ (days · full_time)",
            cohort=cohorts.NEEDED),
    Measure("fte_above", "FTE", _above_words(NET), ANSWERED, _fte(_above, False),
            title=_titled("above required{least} in other intervals, net"),
            formula="∫ max(present − required, 0) dt ÷ (days · full_time)", cohort=cohorts.NEEDED),
    Measure("fte_above_gross", "FTE", _above_words(GROSS), ANSWERED, _fte(_above, True),
            title=_titled("above required{least} in other intervals, gross"),
            formula="∫ max(present − required, 0) dt ÷ (1 − shrinkage_planned) ÷ (days · full_time)",
            cohort=cohorts.NEEDED),
)  # fmt: skip
