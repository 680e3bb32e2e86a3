"""What people waited for, and what agents passed on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulator.metrics import cohorts
from simulator.metrics.offers import SCOPES, offered
from simulator.metrics.parts import Measure, Parts, by
from simulator.metrics.sources import METRICS_PAGE, platform
from simulator.metrics.window import View
from simulator.vocabulary.clock import SECOND

CAUSES = {
    "wait_alert_us": ("tWait_alert", "at an agent's desk", "it rang at an agent's desk"),
    "wait_held_us": ("tWait_held", "held for the last agent",
                     "it was held for the last agent alone (last_agent_wait)"),
    "wait_nobody_us": ("tWait_nobody", "nobody on queue", "nobody who qualifies was on queue"),
    "wait_rule_us": ("tWait_rule", "kept by a ring or rule", "an agent who qualifies was free, and a ring, a preferred "
                     "agent's or a group's rule kept him away"),
    "wait_slots_us": ("tWait_slots", "all slots full",
                      "those who qualify were on queue, and full or not responding"),
}  # fmt: skip
"""By column of the offers: the measure, its cause in short, and what it means."""


def _cause(column: str) -> Callable[[View], Parts]:
    def parts(view: View) -> Parts:
        left = offered(view) & view.has("offers", "t_wait_us")
        return by(view, "offers", SCOPES, np.where(left, view.column("offers", column) / SECOND, 0.0), left)

    return parts


def _began(view: View) -> np.ndarray:
    return view.cohort("sessions", "connected_us")


def _n_transferred(view: View) -> Parts:
    passed = view.equals("sessions", "transfer", "blind", "consult")
    return by(view, "sessions", ("queue", "channel", "group"), _began(view) & passed, 1.0)


def _transfer_share(view: View) -> Parts:
    passed = view.equals("sessions", "transfer", "blind", "consult")
    over = _began(view) & view.has("sessions", "disconnected_us")
    return by(view, "sessions", ("queue", "channel", "group"), over & passed, over)


def _overflow_share(view: View) -> Parts:
    chosen = offered(view)
    return by(view, "offers", SCOPES, chosen & view.equals("offers", "came", "overflow"), chosen)


def _declined(view: View) -> Parts:
    rang = view.cohort("alerts", "alerted_us") & view.has("alerts", "ended_us")
    return by(view, "alerts", ("queue",), rang & view.equals("alerts", "outcome", "declined"), rang)


def _widened(view: View) -> Parts:
    chosen = offered(view)
    return by(view, "offers", SCOPES, chosen & (view.column("offers", "circles") > 1), chosen)


WAITING = (
    *(
        Measure(name, "s", f"of tWait, the mean time in which {meaning}; the five of them add up to tWait", SCOPES,
                _cause(column), title=f"of the wait: {cause}",
                formula=f"Σ {column.removesuffix('_us')} ÷ Σ left", cohort=cohorts.OFFERS)
        for column, (name, cause, meaning) in CAUSES.items()
    ),
    Measure("circles_widened_share", "share", "offers for which a further ring or rule was opened ÷ all offers of the "
            "window", SCOPES, _widened,
            title="offers with a further ring or rule", formula="Σ widened ÷ Σ offered", cohort=cohorts.OFFERS),
    Measure("alerts_declined_share", "share", "alerts that an agent declined ÷ alerts of the window that ended",
            ("queue",), _declined,
            title="alerts declined", formula="Σ declined ÷ Σ alert_ended", cohort=cohorts.ALERTS,
            source=platform("nAgentDeclined", METRICS_PAGE, "as a share of alerts")),
    Measure("nTransferred", "count", "sessions that began in the window and that the agent passed on, blind or as a "
            "consult, per replication", ("queue", "channel", "group"), _n_transferred,
            title="passed on by agents", formula="Σ passed_on ÷ replications", cohort=cohorts.SESSIONS,
            source=platform("nTransferred")),
    Measure("transfer_share", "share", "of the sessions that began in the window and are over: passed on by the agent",
            ("queue", "channel", "group"), _transfer_share,
            title="sessions passed on", formula="Σ passed_on ÷ Σ session_over", cohort=cohorts.SESSIONS),
    Measure("overflow_share", "share", "offers that had waited for too long in another queue ÷ all offers of the "
            "window", SCOPES, _overflow_share,
            title="offers that flowed over", formula="Σ flowed_over ÷ Σ offered", cohort=cohorts.OFFERS),
)  # fmt: skip
