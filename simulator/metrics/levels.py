"""Service levels: on the answer, the first reply, every reply and the resolution; in all time and in business hours.

    level = (served − served over the limit) ÷ (served + missed + those the switches count as missed)

Over is strictly more than the limit, short strictly less than `short_abandon`, both on the level's own clock; with
nobody in the denominator it is null. The eight measures never change their names: which of them the target is about
(`service_level.on`, `.clock`) is said by `judged`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from simulator.metrics import cohorts
from simulator.metrics.cohorts import Cohort
from simulator.metrics.hours import worked_wait
from simulator.metrics.keys import at, row_of
from simulator.metrics.offers import SCOPES as OF_OFFERS
from simulator.metrics.offers import blocked_codes, turned_away
from simulator.metrics.parts import Measure, Part, Parts, by
from simulator.metrics.sources import LEVEL_PAGE, OWN, platform
from simulator.metrics.window import View
from simulator.scenario.levels import CLOCKS, ON, ServiceLevel
from simulator.scenario.schema import Scenario
from simulator.vocabulary.clock import spoken

NAMES = {
    ("answer", "elapsed"): "oServiceLevel",
    ("first_reply", "elapsed"): "service_level_first_reply",
    ("every_reply", "elapsed"): "service_level_every_reply",
    ("resolution", "elapsed"): "service_level_resolution",
    ("answer", "business_hours"): "service_level_answer_business_hours",
    ("first_reply", "business_hours"): "service_level_first_reply_business_hours",
    ("every_reply", "business_hours"): "service_level_every_reply_business_hours",
    ("resolution", "business_hours"): "service_level_resolution_business_hours",
}
"""By what is looked at and by which clock."""


def judged(scenario: Scenario) -> str:
    """The measure that the scenario's target is about."""
    return NAMES[scenario.service_level.on, scenario.service_level.clock]


SCOPES = {
    "answer": OF_OFFERS,
    "first_reply": ("queue", "channel"),
    "every_reply": ("channel",),
    "resolution": ("channel", "topic"),
}
"""Of what each is said beside all."""


@dataclass(frozen=True)
class Rows:
    """What a level counts: rows of a table, by their own start."""

    table: str
    scopes: tuple[str, ...]
    start_us: np.ndarray
    met: np.ndarray
    counted: np.ndarray
    """In the denominator. [row]"""
    codes: dict[str, np.ndarray]
    """Scope numbers, by scope. [row] each"""


@dataclass(frozen=True)
class _Ends:
    """How each row of a table ended, and when. [row] each"""

    start_us: np.ndarray
    end_us: np.ndarray
    served: np.ndarray
    abandoned: np.ndarray
    flowed_out: np.ndarray
    blocked: np.ndarray
    missed: np.ndarray
    """Ended without what they came for, by nobody's leave: always counted."""


def level_rows(view: View, on: str, clock: str) -> list[Rows]:
    """The rows of a level, in the window or not; made once for a view."""
    return view.kept(f"level {on} {clock}", lambda: _FAMILIES[on](view, clock))  # type: ignore[no-any-return]


def _rows(view: View, on: str, clock: str, table: str, ends: _Ends, codes: dict[str, np.ndarray]) -> Rows:
    level = view.scenario.service_level
    none = np.full(len(ends.start_us), -1)
    if clock == "elapsed":
        taken = ends.end_us - ends.start_us
    else:
        taken = worked_wait(view, ends.start_us, ends.end_us, codes.get("queue", none), codes.get("channel", none))
    counted = ends.served | ends.missed
    if level.count_abandons:
        short = taken < level.short_abandon_us
        counted = counted | (ends.abandoned & ~short if not level.count_short_abandons else ends.abandoned)
    if level.count_flow_outs:
        counted = counted | ends.flowed_out
    if level.count_blocked:
        counted = counted | ends.blocked
    met = ends.served & ~(taken > level.limit_us(on))
    return Rows(table, SCOPES[on], ends.start_us, met, counted, codes)


def _codes(view: View, table: str, *scopes: str) -> dict[str, np.ndarray]:
    return {scope: view.codes(table, scope) for scope in scopes}


def _answer(view: View, clock: str) -> list[Rows]:
    outcome = partial(view.equals, "offers", "outcome")
    nobody = np.zeros(view.size("offers"), bool)
    ends = _Ends(
        start_us=view.column("offers", "entered_us"),
        end_us=view.column("offers", "left_us"),
        served=outcome("answered"),
        abandoned=outcome("abandoned"),
        flowed_out=outcome("flowed_out"),
        blocked=nobody,
        missed=nobody,
    )
    found = [_rows(view, "answer", clock, "offers", ends, _codes(view, "offers", *OF_OFFERS))]
    if view.scenario.service_level.count_blocked:
        gone = turned_away(view)
        codes = {"channel": view.codes("portions", "channel"), **blocked_codes(view)}
        no = np.zeros(len(gone), bool)
        found.append(Rows("portions", OF_OFFERS, view.column("portions", "disconnected_us"), no, gone, codes))
    return found


def _first_reply(view: View, clock: str) -> list[Rows]:
    why = partial(view.equals, "portions", "disconnect")
    entered, over = view.column("portions", "queue_entered_us"), view.column("portions", "disconnected_us")
    reply = view.column("portions", "first_reply_us")
    served, gone = ~np.isnan(reply), turned_away(view)
    unserved = ~served & ~np.isnan(over) & ~np.isnan(entered)
    abandoned, flowed_out = unserved & why("abandoned"), unserved & why("flowed_out")
    ends = _Ends(
        start_us=np.where(gone, over, entered),
        end_us=np.where(served, reply, over),
        served=served,
        abandoned=abandoned,
        flowed_out=flowed_out,
        blocked=gone,
        missed=unserved & ~abandoned & ~flowed_out & ~gone & ~why(*_NOT_FOR_AN_AGENT),
    )
    queue, full = view.codes("portions", "queue"), view.codes("portions", "blocked_queue", view.names["queue"])
    queue = np.where(gone, full, queue)
    codes = {"queue": queue, "channel": view.codes("portions", "channel")}
    return [_rows(view, "first_reply", clock, "portions", ends, codes)]


def _every_reply(view: View, clock: str) -> list[Rows]:
    outcome = partial(view.equals, "turns", "outcome")
    reply = view.column("turns", "reply_us")
    served, abandoned = ~np.isnan(reply), outcome("abandoned")
    end, queue = reply, view.codes("turns", "queue")
    by_queue = clock != "elapsed" and bool(view.scenario.service_level.hours_of_queue)
    if abandoned.any() or by_queue:
        place = row_of(view, "turns", "portions")
        end = np.where(served, reply, at(view.column("portions", "disconnected_us"), place, np.nan))
        queue = np.where(queue < 0, at(view.codes("portions", "queue"), place, -1), queue)
    ends = _Ends(
        start_us=view.column("turns", "last_message_us"),
        end_us=end,
        served=served,
        abandoned=abandoned & ~served,
        flowed_out=outcome("flowed_out"),
        blocked=outcome("blocked"),
        missed=outcome("left", "timed_out", "unanswered", "window_closed") & ~served,
    )
    codes = {"queue": queue, "channel": view.codes("turns", "channel")}
    return [_rows(view, "every_reply", clock, "turns", ends, codes)]


def _resolution(view: View, clock: str) -> list[Rows]:
    outcome = partial(view.equals, "contacts", "outcome")
    silent, ended = outcome("silent"), view.column("contacts", "ended_us")
    gave_up = np.fmin(view.column("contacts", "gave_up_us"), ended)
    ends = _Ends(
        start_us=view.column("contacts", "arrived_us"),
        end_us=np.where(silent, gave_up, ended),
        served=outcome("answered"),
        abandoned=outcome("abandoned") | silent,
        flowed_out=outcome("flowed_out"),
        blocked=outcome("blocked"),
        missed=outcome("left", "timed_out", "unanswered", "window_closed", "undelivered"),
    )
    return [_rows(view, "resolution", clock, "contacts", ends, _codes(view, "contacts", "channel", "topic"))]


_NOT_FOR_AN_AGENT = ("contained", "left_flow", "flow_timed_out", "closed_by_flow")
_FAMILIES: dict[str, Callable[[View, str], list[Rows]]] = {
    "answer": _answer,
    "first_reply": _first_reply,
    "every_reply": _every_reply,
    "resolution": _resolution,
}


def _level(on: str, clock: str) -> Callable[[View], Parts]:
    def parts(view: View) -> Parts:
        if clock != "elapsed" and not view.scenario.service_level.has_hours:
            return {}
        found: Parts = {}
        for rows in level_rows(view, on, clock):
            counted = view.inside(rows.start_us) & rows.counted
            mine = by(view, rows.table, rows.scopes, counted & rows.met, counted, rows.codes)
            for scope, part in mine.items():
                before = found.get(scope, Part())
                found[scope] = Part(before.numerator + part.numerator, before.denominator + part.denominator)
        return found

    return parts


# --- words -----------------------------------------------------------------------------------------------------

_SERVED = {
    "answer": "connected to an agent within {limit} of queue entry",
    "first_reply": "first reply of an agent within {limit} of the first queue entry",
    "every_reply": "agent's reply within {limit} of the burst's last message",
    "resolution": "last burst answered within {limit} of the contact's arrival",
}
_SPOKEN = {
    "answer": "answered",
    "first_reply": "first reply",
    "every_reply": "every reply",
    "resolution": "resolved",
}
_STOPS = {
    "answer": "from queue entry until an agent connects, reply or not",
    "first_reply": "from first queue entry to the first reply",
    "every_reply": "from each burst's last message to its reply",
    "resolution": "from the contact's arrival to the reply to its last burst",
}
_COUNTED = {"answer": "answered", "first_reply": "replied", "every_reply": "replied", "resolution": "resolved"}
_WHO = {
    "answer": "of offers that entered in the window; an agent's connect stops the clock, not his reply; customers who "
    "gave up silently count as answered, the platform cannot see them",
    "first_reply": "of portions that entered a queue in the window; the clock runs on through transfers and "
    "hand-backs; whom an agent left without any reply counts as missed",
    "every_reply": "of bursts of the window that were meant for an agent; what an agent or the reply window left "
    "without a reply counts as missed; those that ended in the flow are not among them",
    "resolution": "of contacts that arrived in the window, later turns and re-opened portions included; silent ones "
    "count with the abandoned; who was solved, lost or left in the flow, or vanished in mid-conversation is not among "
    "them",
}
_LONG = {
    "answer": "service level on the answer",
    "first_reply": "service level on the first reply",
    "every_reply": "service level on every reply",
    "resolution": "service level on resolution",
}
_COHORTS: dict[str, Cohort] = {
    "answer": cohorts.OFFERS,
    "first_reply": cohorts.QUEUED,
    "every_reply": cohorts.BURSTS,
    "resolution": cohorts.CONTACTS,
}
_TERMS = {"answer": ("answered", "over"), "resolution": ("resolved", "resolved_late")}


def goal(scenario: Scenario) -> str:
    """What the target asks for, as it is spoken: `answered within 60 s`."""
    level = scenario.service_level
    hours = "" if level.clock == "elapsed" else " of business hours"
    return f"{_SPOKEN[level.on]} within {spoken(level.limit_us(level.on))}{hours}"


def fine_print(scenario: Scenario) -> str:
    """What `goal` leaves open: the measure, what stops its clock, which clock, and who counts as missed."""
    level = scenario.service_level
    against = ([] if level.on == "answer" else ["left without a reply"]) + _against(level)
    clock = "elapsed time" if level.clock == "elapsed" else "time in business hours"
    missed = f"missed too: {', '.join(against)}" if against else "nobody who left counts as missed"
    return f"{judged(scenario)}: {_STOPS[level.on]}; {clock}; {missed}"


def _against(level: ServiceLevel) -> list[str]:
    """Who is in the denominator beside the served, by the switches."""
    found = []
    if level.count_abandons:
        short = f"abandoned after {spoken(level.short_abandon_us)} or more"
        found.append("abandoned" if level.count_short_abandons else short)
    if level.count_flow_outs:
        found.append("flowed out")
    if level.count_blocked:
        found.append("blocked")
    return found


def level_words(on: str, clock: str) -> Callable[[Scenario], str]:
    def words(scenario: Scenario) -> str:
        level = scenario.service_level
        below = [_COUNTED[on], *(["left without it"] if on != "answer" else []), *_against(level)]
        hours = " in elapsed time"
        if clock != "elapsed":
            hours = ", counting only the business hours of its queue or channel"
        subject = "service level of the queue" if (on, clock) == ("answer", "elapsed") else _LONG[on]
        served = _SERVED[on].format(limit=spoken(level.limit_us(on)))
        return f"{subject}: {served}{hours} ÷ ({' + '.join(below)}), {_WHO[on]}"

    return words


def level_formula(on: str) -> Callable[[Scenario], str]:
    def formula(scenario: Scenario) -> str:
        level = scenario.service_level
        served, over = _TERMS.get(on, ("replied", "replied_late"))
        below = f"Σ {served}" + ("" if on == "answer" else " + Σ left_unserved")
        if level.count_abandons:
            below += " + Σ abandoned" + ("" if level.count_short_abandons else " − Σ short")
        below += " + Σ flowed_out" if level.count_flow_outs else ""
        below += " + Σ blocked" if level.count_blocked else ""
        return f"(Σ {served} − Σ {over}) ÷ ({below})"

    return formula


def _title(on: str, clock: str) -> Callable[[Scenario], str]:
    hours = "" if clock == "elapsed" else ", business hours"
    return lambda scenario: f"{_LONG[on]}, within {spoken(scenario.service_level.limit_us(on))}{hours}"


LEVELS = tuple(
    Measure(
        NAMES[on, clock],
        "share",
        level_words(on, clock),
        SCOPES[on],
        _level(on, clock),
        title=_title(on, clock),
        formula=level_formula(on),
        open=True,
        cohort=_COHORTS[on],
        source=platform("oServiceLevel", LEVEL_PAGE) if NAMES[on, clock] == "oServiceLevel" else OWN,
    )
    for clock in CLOCKS
    for on in ON
)
