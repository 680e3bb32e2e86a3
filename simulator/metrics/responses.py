"""Responses: the first, every one, the customer's own; and how long it takes until a portion is resolved.

Portions belong to the window by their first queue entry or their opening, turns by the last message of their burst.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulator.metrics import cohorts
from simulator.metrics.parts import Measure, Parts, by, mean_of, sampled
from simulator.metrics.sources import ANALYTICS_PAGE, platform
from simulator.metrics.window import View
from simulator.scenario.schema import Scenario
from simulator.vocabulary.clock import SECOND, spoken

SCOPES = ("queue", "channel")
NOT_FOR_AN_AGENT = ("contained", "blocked", "left_flow", "closed_by_flow")


# --- portions --------------------------------------------------------------------------------------------------


def _first_response(view: View) -> Parts:
    rows = view.cohort("portions", "queue_entered_us")
    return mean_of(view, "portions", SCOPES, view.column("portions", "t_first_response_us") / SECOND, rows)


def _first_response_samples(view: View) -> Parts:
    rows = view.cohort("portions", "queue_entered_us")
    return sampled(view, "portions", SCOPES, view.column("portions", "t_first_response_us") / SECOND, rows)


def _first_message_to_reply(view: View) -> Parts:
    rows = view.cohort("portions", "opened_us")
    return mean_of(view, "portions", SCOPES, view.column("portions", "first_message_to_first_reply_us") / SECOND, rows)


def _censored_first(view: View) -> Parts:
    rows = view.cohort("portions", "queue_entered_us") & ~view.has("portions", "first_reply_us")
    return by(view, "portions", SCOPES, rows & ~view.has("portions", "disconnected_us"), 1.0)


def _resolved_within(view: View) -> Parts:
    rows = view.cohort("portions", "queue_entered_us")
    taken = view.column("portions", "disconnected_us") - view.column("portions", "queue_entered_us")
    limit_us = view.scenario.service_level.limit_us("resolution")
    resolved = view.equals("portions", "disconnect", "resolved") & (taken <= limit_us)
    return by(view, "portions", SCOPES, rows & resolved, rows)


def _time_to_resolve(view: View) -> Parts:
    rows = view.cohort("portions", "queue_entered_us") & view.equals("portions", "disconnect", "resolved")
    taken = view.column("portions", "disconnected_us") - view.column("portions", "queue_entered_us")
    return mean_of(view, "portions", SCOPES, taken / SECOND, rows)


# --- turns -----------------------------------------------------------------------------------------------------


def _turns(view: View) -> np.ndarray:
    return view.cohort("turns", "last_message_us")


def _of_turns(column: str) -> Callable[[View], Parts]:
    def parts(view: View) -> Parts:
        return mean_of(view, "turns", SCOPES, view.column("turns", column) / SECOND, _turns(view))

    return parts


def _turn_samples(view: View) -> Parts:
    return sampled(view, "turns", SCOPES, view.column("turns", "t_agent_response_us") / SECOND, _turns(view))


def _reply_within(view: View) -> Parts:
    rows = _turns(view) & ~view.equals("turns", "outcome", *NOT_FOR_AN_AGENT)
    quick = view.column("turns", "t_agent_response_us") <= view.scenario.service_level.limit_us("every_reply")
    return by(view, "turns", ("channel",), rows & quick, rows)


def _censored_turns(view: View) -> Parts:
    return by(view, "turns", ("channel",), _turns(view) & view.equals("turns", "outcome", "open"), 1.0)


def _late(view: View) -> Parts:
    return by(view, "turns", ("channel",), _turns(view) & view.flag("turns", "late"), 1.0)


def _late_share(view: View) -> Parts:
    late = view.flag("turns", "late")
    rows = _turns(view) & (view.has("turns", "reply_us") | late)
    return by(view, "turns", ("channel",), rows & late, rows)


def _user_response(view: View) -> Parts:
    """From a reply to the same contact's next burst in the same portion."""
    turns = view.table("turns")
    contact = turns["contact"].astype("category").cat.codes.to_numpy()
    conversation = turns["conversation"].astype("category").cat.codes.to_numpy()
    order = np.lexsort((view.column("turns", "turn"), contact))
    following = np.full(len(order), -1)
    following[order[:-1]] = order[1:]
    portion, reply = view.column("turns", "portion"), view.column("turns", "reply_us")
    same = (
        (following >= 0)
        & (contact[following] == contact)
        & (conversation[following] == conversation)
        & (portion[following] == portion)
    )
    taken = np.where(same, view.column("turns", "first_message_us")[following] - reply, np.nan)
    return mean_of(view, "turns", SCOPES, taken / SECOND, view.cohort("turns", "reply_us") & (taken >= 0))


# --- words -----------------------------------------------------------------------------------------------------


def _reply_within_words(scenario: Scenario) -> str:
    return (
        f"bursts answered by an agent within {spoken(scenario.service_level.limit_us('every_reply'))} of their "
        "last message ÷ all bursts of the window meant for an agent (answered, abandoned, still open; not contained, "
        "blocked or ended in the flow); first bursts wait in the queue too"
    )


def _resolved_within_words(scenario: Scenario) -> str:
    return (
        f"portions resolved within {spoken(scenario.service_level.limit_us('resolution'))} of queue entry ÷ all "
        "portions that entered the queue in the window; read it beside time_to_resolve"
    )


RESPONSES = (
    Measure("tFirstResponse", "s", "mean time from a portion's first queue entry to its first agent reply, over "
            "portions that entered the queue in the window and got one", SCOPES, _first_response,
            title="queue entry to first reply, mean", formula="Σ first_response ÷ Σ replied", cohort=cohorts.QUEUED,
            source=platform("tFirstResponse", ANALYTICS_PAGE)),
    Measure("tFirstResponse_p50", "s", "median of tFirstResponse (pooled over replications)", SCOPES,
            _first_response_samples, quantile=0.5,
            title="queue entry to first reply, median", formula="quantile(first_response, 50 %)",
            cohort=cohorts.QUEUED),
    Measure("tFirstResponse_p90", "s", "90 % of the first responses came no later (pooled over replications)", SCOPES,
            _first_response_samples, quantile=0.9,
            title="queue entry to first reply, 90 % below", formula="quantile(first_response, 90 %)",
            cohort=cohorts.QUEUED),
    Measure("first_message_to_first_reply", "s", "mean time from a portion's opening message to its first agent reply, "
            "the flow included, over portions opened in the window that got one", SCOPES, _first_message_to_reply,
            title="first message to first reply, mean", formula="Σ message_to_reply ÷ Σ replied",
            cohort=cohorts.PORTIONS),
    Measure("censored_first_replies", "count", "portions of the window still open without an agent reply when the run "
            "ended, per replication: in no mean of tFirstResponse", SCOPES, _censored_first,
            title="without a first reply when the run ended", formula="Σ unreplied_open ÷ replications",
            cohort=cohorts.QUEUED),
    Measure("tAgentResponseTime", "s", "mean time from the last message of a burst to the agent's reply, over "
            "answered bursts of the window, waits in the queue included", SCOPES, _of_turns("t_agent_response_us"),
            title="last message to reply, mean", formula="Σ response ÷ Σ replied", cohort=cohorts.BURSTS,
            source=platform("tAgentResponseTime", ANALYTICS_PAGE)),
    Measure("tAgentResponseTime_p90", "s", "90 % of the answered bursts were answered no later (pooled over "
            "replications)", SCOPES, _turn_samples, quantile=0.9,
            title="last message to reply, 90 % below", formula="quantile(response, 90 %)", cohort=cohorts.BURSTS),
    Measure("reply_from_first", "s", "as tAgentResponseTime, from the first message of the burst", SCOPES,
            _of_turns("reply_from_first_us"),
            title="first message to reply, mean", formula="Σ response_from_first ÷ Σ replied", cohort=cohorts.BURSTS),
    Measure("reply_from_connect", "s", "as tAgentResponseTime, but not before the connect: from the later of last "
            "message and connect, so without the queue", SCOPES, _of_turns("reply_from_connect_us"),
            title="message or connect to reply, mean", formula="Σ response_from_connect ÷ Σ replied",
            cohort=cohorts.BURSTS),
    Measure("reply_within", "share", _reply_within_words, ("channel",), _reply_within,
            title="replies within the limit, of all bursts", formula="Σ replied_in_time ÷ Σ for_an_agent",
            cohort=cohorts.BURSTS),
    Measure("resolved_within", "share", _resolved_within_words, SCOPES, _resolved_within,
            title="closed after the last reply within the limit", formula="Σ closed_in_time ÷ Σ queued",
            cohort=cohorts.QUEUED),
    Measure("time_to_resolve", "s", "mean time from queue entry to the disconnect after the last reply, over portions "
            "of the window that ended so", SCOPES, _time_to_resolve,
            title="queue entry to closing, mean", formula="Σ time_to_close ÷ Σ closed", cohort=cohorts.QUEUED),
    Measure("tUserResponseTime", "s", "mean time from an agent's reply to the same customer's next burst in the same "
            "portion, over replies of the window that got one; a burst that re-opens the conversation is none", SCOPES,
            _user_response,
            title="reply to the customer's next message, mean", formula="Σ user_response ÷ Σ followed",
            cohort=cohorts.REPLIES, source=platform("tUserResponseTime", ANALYTICS_PAGE)),
    Measure("censored_turns", "count", "bursts of the window not answered when the run ended, per replication",
            ("channel",), _censored_turns,
            title="bursts unanswered when the run ended", formula="Σ unanswered_open ÷ replications",
            cohort=cohorts.BURSTS),
    Measure("late_replies", "count", "bursts of the window whose reply was ready after the channel's reply window: "
            "blocked, not sent, per replication", ("channel",), _late,
            title="replies after the reply window", formula="Σ too_late ÷ replications", cohort=cohorts.BURSTS),
    Measure("late_reply_share", "share", "late replies ÷ replies to bursts of the window, sent or blocked for that",
            ("channel",), _late_share,
            title="replies after the reply window, share", formula="Σ too_late ÷ (Σ replied + Σ too_late)",
            cohort=cohorts.BURSTS),
)  # fmt: skip
