"""Customers: where contacts ended, who wrote again, who was lost; and the spread of days.

Contacts belong to the window by their arrival (the first message of their opening burst).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulator.metrics import queueing, steps
from simulator.metrics.parts import ALL, Measure, Part, Parts, by
from simulator.metrics.window import View
from simulator.scenario.schema import Scenario
from simulator.vocabulary.codes import Outcome, name_of

SCOPES = ("channel", "topic")
LOST = ("abandoned", "silent", "blocked", "left", "left_flow", "closed_by_flow", "flowed_out")


def _arrived(view: View) -> np.ndarray:
    return view.cohort("contacts", "arrived_us")


def _contacts(view: View) -> Parts:
    return by(view, "contacts", SCOPES, _arrived(view), 1.0)


def _ended(outcome: str) -> Callable[[View], Parts]:
    def parts(view: View) -> Parts:
        rows = _arrived(view)
        return by(view, "contacts", SCOPES, rows & view.equals("contacts", "outcome", outcome), rows)

    return parts


def _vanished(view: View) -> Parts:
    rows = _arrived(view)
    return by(view, "contacts", SCOPES, rows & view.has("contacts", "vanished_us"), rows)


def _joined(view: View) -> Parts:
    rows = _arrived(view)
    return by(view, "contacts", SCOPES, rows & view.equals("contacts", "entry", "joined"), rows)


def _identified(view: View) -> Parts:
    asked = view.table("contacts")["identified"].notna().to_numpy(dtype=bool)
    rows = _arrived(view) & asked
    return by(view, "contacts", SCOPES, rows & view.flag("contacts", "identified"), rows)


def _taken_for(view: View) -> Parts:
    rows = _arrived(view)
    taken = view.table("contacts")["taken_for"].notna().to_numpy(dtype=bool)
    return by(view, "contacts", SCOPES, rows & taken, rows)


# --- writing again ---------------------------------------------------------------------------------------------


def _parents(view: View) -> np.ndarray:
    """Row of the contact that each contact follows, -1 for a first contact. [contact]"""
    import pandas as pd

    contacts = view.table("contacts")
    rows = pd.Index(contacts["contact"].astype(object))
    parent = contacts["parent"].astype(object)
    known = parent.notna().to_numpy(dtype=bool)
    found = np.full(len(contacts), -1, np.int64)
    found[known] = rows.get_indexer(parent[known])
    return found


def _first(view: View) -> np.ndarray:
    """Contacts that follow no other. [contact]"""
    return ~view.table("contacts")["parent"].notna().to_numpy(dtype=bool)


def _attempts(view: View) -> Parts:
    rows = _arrived(view)
    return by(view, "contacts", ("channel",), rows, rows & _first(view))


def _last_of_chain(view: View) -> np.ndarray:
    """Row of the last contact of the chain that each first contact began; -1 for later contacts. [contact]"""
    parent = _parents(view)
    rows = np.arange(len(parent))
    root = np.where(parent >= 0, parent, rows)
    while len(root) and (parent[root] >= 0).any():
        root = root[root]  # doubles the reach each time
    last = np.full(len(parent), -1, np.int64)
    order = np.argsort(view.column("contacts", "arrived_us"), kind="stable")
    last[root[order]] = rows[order]  # the latest arrival of each chain is written last
    return np.where(_first(view), last, -1)


def _lost(view: View) -> Parts:
    last = _last_of_chain(view)
    settled = ~view.equals("contacts", "outcome", "open")
    lost = view.equals("contacts", "outcome", *LOST)
    rows = _arrived(view) & (last >= 0) & settled[last] if len(last) else np.empty(0, bool)
    return by(view, "contacts", ("channel",), rows & lost[last] if len(last) else rows, rows)


def _retry_pool(view: View) -> Parts:
    """From giving up, abandon, or end of service to the later contact, where that came before the run's end."""
    parent = _parents(view)
    child = parent >= 0
    left = np.fmin(view.column("contacts", "gave_up_us"), view.column("contacts", "ended_us"))[parent]
    arrived = view.column("contacts", "arrived_us")
    start = np.where(child & ~np.isnan(left), left, arrived)
    lengths = steps.overlap(start, np.maximum(arrived, start), view.from_us, view.to_us)
    return by(view, "contacts", ("channel",), lengths, float(view.span_us))


# --- days ------------------------------------------------------------------------------------------------------


def day_levels(view: View) -> dict[int, np.ndarray]:
    """Service level of each local day of the window, nan for a day without offers; by queue number, -1 all. [day]"""
    days = view.scenario.calendar.days(view.from_us, view.to_us)
    names = view.names["queue"]
    if not days:
        return {i: np.empty(0) for i in range(-1, len(names))}
    from datetime import time

    starts = np.array([view.scenario.calendar.at(day, time(0)) for day in days])
    counted = queueing.offered(view) & queueing.counts_against(view)
    met = counted & queueing.answered(view) & ~queueing.over(view)
    day = np.searchsorted(starts, view.column("offers", "entered_us"), side="right") - 1
    queue = view.codes("offers", "queue")
    turned_away = np.zeros(view.size("portions"), bool)
    blocked_queue, blocked_day = np.empty(0, np.int64), np.empty(0, np.int64)
    if view.scenario.service_level.count_blocked:
        turned_away = queueing.blocked(view)
        blocked_queue = queueing.blocked_codes(view)["queue"]
        blocked_day = np.searchsorted(starts, view.column("portions", "disconnected_us"), side="right") - 1
    levels = {}
    for i in range(-1, len(names)):
        mine = counted if i < 0 else counted & (queue == i)
        bottom = np.bincount(day[mine], minlength=len(days)).astype(float)
        if turned_away.any():
            those = turned_away if i < 0 else turned_away & (blocked_queue == i)
            bottom += np.bincount(blocked_day[those], minlength=len(days))
        top = np.bincount(day[mine & met], minlength=len(days))
        levels[i] = np.divide(top, bottom, out=np.full(len(days), np.nan), where=bottom > 0)
    return levels


def _days(view: View) -> Parts:
    parts: Parts = {}
    for i, levels in day_levels(view).items():
        scope = ALL if i < 0 else (("queue", view.names["queue"][i]),)
        parts[scope] = Part(samples=levels[~np.isnan(levels)])
    return parts


def _days_on_target(view: View) -> Parts:
    return {
        scope: Part(float((part.samples >= view.scenario.service_level.target).sum()), float(len(part.samples)))
        for scope, part in _days(view).items()
        if part.samples is not None
    }


def _on_target_words(scenario: Scenario) -> str:
    return (
        f"local calendar days of the window, over all replications, with an oServiceLevel of at least "
        f"{scenario.service_level.target:.0%} ÷ days with offers: the planner's risk, not the uncertainty of the mean"
    )


DAYS = (
    Measure("p10_day", "share", "one day in ten is worse: 10 % quantile of oServiceLevel by local calendar day, over "
            "the days of the window of all replications", ("queue",), _days, quantile=0.1),
    Measure("p90_day", "share", "one day in ten is better: 90 % quantile of oServiceLevel by local calendar day, over "
            "the days of the window of all replications", ("queue",), _days, quantile=0.9),
    Measure("share_of_days_on_target", "share", _on_target_words, ("queue",), _days_on_target),
)  # fmt: skip

_MEANING = {
    "open": "not settled when the run ended (censored)",
    "answered": "their last burst answered by an agent",
    "contained": "solved by the bot",
    "abandoned": "left the queue, seen by the platform",
    "silent": "gave up in the queue without a sign",
    "vanished": "gone silent in mid-conversation",
    "blocked": "turned away by max_waiting",
    "left": "disconnected after the connect, before the first reply",
    "left_flow": "left in the inbound flow",
    "closed_by_flow": "disconnected by the inbound flow",
    "flowed_out": "disconnected by the in-queue flow",
    "lost": "whose message was lost in an outage",
    "window_closed": "whose reply was ready when it might no longer be sent",
    "undelivered": "whom the reply never reached",
    "timed_out": "whose conversation the inactivity timer ended before the answer",
    "unanswered": "disconnected unanswered at the end of the agent's shift",
}

CUSTOMERS = (
    Measure("contacts", "count", "contacts that arrived in the window, per replication: new needs, later contacts and "
            "answers to campaigns", SCOPES, _contacts),
    *(
        Measure(f"contacts_{name_of(outcome)}_share", "share", f"contacts {_MEANING[name_of(outcome)]} ÷ all contacts "
                "that arrived in the window", SCOPES, _ended(name_of(outcome)))
        for outcome in (*tuple(Outcome)[1:], Outcome.OPEN)
    ),
    Measure("vanished_share", "share", "contacts that went silent in mid-conversation ÷ all contacts that arrived in "
            "the window", SCOPES, _vanished),
    Measure("joined_share", "share", "contacts that joined an open conversation, so without a new offer ÷ all contacts "
            "that arrived in the window", SCOPES, _joined),
    Measure("identified_share", "share", "contacts the flow identified ÷ contacts of the window it asked", SCOPES,
            _identified),
    Measure("wrong_topic_share", "share", "contacts whom a bot handed over as a wrong topic ÷ all contacts that "
            "arrived in the window", SCOPES, _taken_for),
    Measure("attempts_per_new", "count", "all contacts ÷ first contacts (those that follow no other), both by arrival "
            "in the window", ("channel",), _attempts),
    Measure("lost_share_of_new", "share", "first contacts that arrived in the window whose chain of contacts ended "
            "abandoned, silent or blocked with no later contact before the end of the run ÷ those whose chain is "
            "settled; needs a run-out longer than the delays of writing again", ("channel",), _lost),
    Measure("retry_pool_mean", "count", "mean number of customers over the window who will write again: from giving "
            "up, abandon or settled service to their later contact, if it came before the end of the run", ("channel",),
            _retry_pool),
)  # fmt: skip
