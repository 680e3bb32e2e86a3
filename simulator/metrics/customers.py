"""Customers: where contacts ended, who wrote again, who was lost.

Contacts belong to the window by their arrival (the first message of their opening burst).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulator.metrics import cohorts, steps
from simulator.metrics.keys import rows_in
from simulator.metrics.parts import Measure, Parts, by
from simulator.metrics.sources import RETRIALS
from simulator.metrics.window import View
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


def _logged_in(view: View) -> Parts:
    rows = _arrived(view) & view.table("contacts")["authenticated"].notna().to_numpy(dtype=bool)
    rows &= any(one.authenticated for one in view.scenario.channels.values())
    return by(view, "contacts", SCOPES, rows & view.flag("contacts", "authenticated"), rows)


def _taken_for(view: View) -> Parts:
    rows = _arrived(view)
    taken = view.table("contacts")["taken_for"].notna().to_numpy(dtype=bool)
    return by(view, "contacts", SCOPES, rows & taken, rows)


# --- writing again ---------------------------------------------------------------------------------------------


def _parents(view: View) -> np.ndarray:
    """Row of the contact that each contact follows, -1 for a first contact. [contact]"""
    return rows_in(view, "contacts", "parent", "contacts", "contact")


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

_SHORT = {
    "open": "not settled at the end",
    "answered": "answered",
    "contained": "solved by the bot",
    "abandoned": "abandoned in queue",
    "silent": "gone silently in queue",
    "vanished": "gone silent in mid-conversation",
    "blocked": "turned away",
    "left": "gone before the first reply",
    "left_flow": "gone in the flow",
    "closed_by_flow": "disconnected by the flow",
    "flowed_out": "flowed out",
    "lost": "lost in an outage",
    "window_closed": "after the reply window",
    "undelivered": "whom no reply reached",
    "timed_out": "ended by the inactivity timer",
    "unanswered": "unanswered at shift end",
}

CUSTOMERS = (
    Measure("contacts", "count", "contacts that arrived in the window, per replication: new needs, later contacts and "
            "answers to campaigns", SCOPES, _contacts,
            title="contacts", formula="Σ contact ÷ replications", cohort=cohorts.CONTACTS),
    *(
        Measure(f"contacts_{name_of(outcome)}_share", "share", f"contacts {_MEANING[name_of(outcome)]} ÷ all contacts "
                "that arrived in the window", SCOPES, _ended(name_of(outcome)),
                title=f"contacts {_SHORT[name_of(outcome)]}", formula="Σ ended_so ÷ Σ contact", cohort=cohorts.CONTACTS)
        for outcome in (*tuple(Outcome)[1:], Outcome.OPEN)
    ),
    Measure("vanished_share", "share", "contacts that went silent in mid-conversation ÷ all contacts that arrived in "
            "the window", SCOPES, _vanished,
            title="went silent in mid-conversation", formula="Σ vanished ÷ Σ contact", cohort=cohorts.CONTACTS),
    Measure("joined_share", "share", "contacts that joined an open conversation, so without a new offer ÷ all contacts "
            "that arrived in the window", SCOPES, _joined,
            title="joined an open conversation", formula="Σ joined ÷ Σ contact", cohort=cohorts.CONTACTS),
    Measure("identified_share", "share", "contacts the flow identified ÷ contacts of the window it asked", SCOPES,
            _identified,
            title="identified by the flow", formula="Σ identified ÷ Σ asked", cohort=cohorts.CONTACTS),
    Measure("authenticated_share", "share", "contacts identified because their session was authenticated ÷ contacts of "
            "the window that the flow asked", SCOPES, _logged_in,
            title="identified by being logged in", formula="Σ logged_in ÷ Σ asked", cohort=cohorts.CONTACTS),
    Measure("wrong_topic_share", "share", "contacts whom a bot handed over as a wrong topic ÷ all contacts that "
            "arrived in the window", SCOPES, _taken_for,
            title="handed over as a wrong topic", formula="Σ wrong_topic ÷ Σ contact", cohort=cohorts.CONTACTS),
    Measure("attempts_per_new", "count", "all contacts ÷ first contacts (those that follow no other), both by arrival "
            "in the window", ("channel",), _attempts,
            title="contacts per new need", formula="Σ contact ÷ Σ first_contact", cohort=cohorts.CONTACTS,
            source=RETRIALS),
    Measure("lost_share_of_new", "share", "first contacts that arrived in the window whose chain of contacts ended "
            "abandoned, silent or blocked with no later contact before the end of the run ÷ those whose chain is "
            "settled; needs a run-out longer than the delays of writing again", ("channel",), _lost,
            title="needs lost for good", formula="Σ lost ÷ Σ settled_need", cohort=cohorts.CONTACTS, source=RETRIALS),
    Measure("retry_pool_mean", "count", "mean number of customers over the window who will write again: from giving "
            "up, abandon or settled service to their later contact, if it came before the end of the run", ("channel",),
            _retry_pool,
            title="will write again, mean", formula="∫ will_write_again dt ÷ window", cohort=cohorts.WINDOW,
            source=RETRIALS),
)  # fmt: skip
