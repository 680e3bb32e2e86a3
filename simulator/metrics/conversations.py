"""Conversations: portions, affinity, what the bot kept, turns, messages and their segments.

Portions belong to the window by their opening, conversations by their first message.
"""

from __future__ import annotations

import numpy as np

from simulator.metrics import cohorts, steps
from simulator.metrics.keys import at, conversation_numbers, row_of
from simulator.metrics.parts import Measure, Parts, by
from simulator.metrics.sources import ANALYTICS_PAGE, LITTLE, platform
from simulator.metrics.window import View

SCOPES = ("queue", "channel")


# --- portions --------------------------------------------------------------------------------------------------


def _portions(view: View) -> Parts:
    return by(view, "portions", ("channel",), view.cohort("portions", "opened_us"), 1.0)


def _reopened(view: View) -> Parts:
    rows = view.cohort("portions", "opened_us")
    return by(view, "portions", ("channel",), rows & view.flag("portions", "reopened"), rows)


def _contained(view: View) -> Parts:
    rows = view.cohort("portions", "opened_us")
    return by(view, "portions", ("channel",), rows & view.equals("portions", "disconnect", "contained"), rows)


def _closed_unanswered(view: View) -> Parts:
    rows = view.cohort("portions", "opened_us") & view.has("portions", "disconnected_us")
    return by(view, "portions", SCOPES, rows & view.equals("portions", "disconnect", "closed_unanswered"), rows)


def _left_flow(view: View) -> Parts:
    rows = view.cohort("portions", "opened_us")
    return by(view, "portions", ("channel",), rows & view.has("portions", "left_flow_us"), rows)


def _flow_abandons(view: View) -> Parts:
    return by(view, "portions", ("channel",), view.cohort("portions", "left_flow_us"), 1.0)


def _in_flow(view: View) -> Parts:
    stays = view.stays("portions", "opened_us", "queue_entered_us", "disconnected_us")
    lengths = steps.overlap(*stays[1:], view.from_us, view.to_us)
    return by(view, "portions", ("channel",), lengths, float(view.span_us))


def _affinity(view: View) -> Parts:
    """First offers of re-opened portions whose conversation an agent had had before."""
    rows = view.cohort("offers", "entered_us") & (view.column("offers", "offer") == 1)
    rows &= at(view.flag("portions", "reopened"), row_of(view, "offers", "portions"), False)
    number, own = conversation_numbers(view, "sessions", "offers")
    earliest = np.full(int(max(number.max(initial=-1), own.max(initial=-1))) + 2, np.inf)
    np.minimum.at(earliest, number, view.column("sessions", "connected_us"))  # -1 falls into the last place
    earliest[-1] = np.inf
    rows &= earliest[own] < view.column("offers", "entered_us")
    hit = view.equals("sessions", "placement", "last_agent", "last_agent_waited")
    hit = at(hit, row_of(view, "offers", "sessions", "portion", "offer"), False)
    return by(view, "offers", SCOPES, rows & hit, rows)


# --- whole conversations ---------------------------------------------------------------------------------------


def _conversations(view: View) -> np.ndarray:
    return view.cohort("conversations", "opened_us")


def _message_turns(view: View) -> Parts:
    number, own = conversation_numbers(view, "turns", "conversations")
    count = np.bincount(number[number >= 0], minlength=int(own.max(initial=0)) + 1)[own]
    return by(view, "conversations", ("channel",), np.where(_conversations(view), count, 0.0), _conversations(view))


def _message_count(view: View) -> Parts:
    count = view.column("conversations", "messages_in") + view.column("conversations", "messages_out")
    return by(view, "conversations", ("channel",), np.where(_conversations(view), count, 0.0), _conversations(view))


def _segment_count(view: View) -> Parts:
    """Messages, and of each message of the business the parts beyond its first. A customer's message counts as one."""
    rows = _conversations(view)
    count = view.column("conversations", "messages_in") + view.column("conversations", "messages_out")
    beyond = np.where(view.has("deliveries", "sent_us"), view.column("deliveries", "parts") - 1, 0.0)
    if (beyond > 0).any():
        number, own = conversation_numbers(view, "deliveries", "conversations")
        more = np.bincount(number[beyond > 0], weights=beyond[beyond > 0], minlength=int(own.max(initial=0)) + 1)
        count = count + more[own]
    return by(view, "conversations", ("channel",), np.where(rows, count, 0.0), rows)


def _conversation_count(view: View) -> Parts:
    return by(view, "conversations", ("channel",), _conversations(view), 1.0)


def _portions_per_conversation(view: View) -> Parts:
    rows = _conversations(view)
    count = view.column("conversations", "portions")
    return by(view, "conversations", ("channel",), np.where(rows, count, 0.0), rows)


def _censored_conversations(view: View) -> Parts:
    rows = _conversations(view) & view.flag("conversations", "open")
    return by(view, "conversations", ("channel",), rows, 1.0)


CONVERSATIONS = (
    Measure("conversations", "count", "conversations opened in the window, per replication", ("channel",),
            _conversation_count,
            title="conversations", formula="Σ conversation ÷ replications", cohort=cohorts.CONVERSATIONS,
            source=platform("nConversations", ANALYTICS_PAGE)),
    Measure("portions", "count", "portions (passes through flow, queue, agent) opened in the window, per replication",
            ("channel",), _portions,
            title="portions", formula="Σ portion ÷ replications", cohort=cohorts.PORTIONS),
    Measure("reopened_share", "share", "portions that re-opened a conversation disconnected less than the threading "
            "window ago ÷ all portions opened in the window", ("channel",), _reopened,
            title="portions that re-opened", formula="Σ reopened ÷ Σ portion", cohort=cohorts.PORTIONS),
    Measure("affinity_hit_rate", "share", "first offers of re-opened portions that last-agent routing placed with the "
            "agent who connected last ÷ first offers in the window of re-opened portions that had had an agent",
            SCOPES, _affinity,
            title="back to the last agent", formula="Σ hit ÷ (Σ hit + Σ miss)", cohort=cohorts.OFFERS),
    Measure("contained_share", "share", "portions that the bot ended ÷ all portions opened in the window",
            ("channel",), _contained,
            title="contained by the bot", formula="Σ contained ÷ Σ portion", cohort=cohorts.PORTIONS),
    Measure("flow_abandons", "count", "customers who left in an inbound flow in the window, with or without a sign, "
            "per replication", ("channel",), _flow_abandons,
            title="left in the flow", formula="Σ left_flow ÷ replications", cohort=cohorts.PORTIONS),
    Measure("flow_abandon_share", "share", "portions whose customer left in the inbound flow ÷ all portions opened in "
            "the window", ("channel",), _left_flow,
            title="left in the flow, share", formula="Σ left_flow ÷ Σ portion", cohort=cohorts.PORTIONS),
    Measure("closed_unanswered_share", "share", "portions disconnected because the customer had been silent for "
            "close_after ÷ portions opened in the window that ended", SCOPES, _closed_unanswered,
            title="closed after silence", formula="Σ closed_silent ÷ Σ portion_over", cohort=cohorts.PORTIONS),
    Measure("oMessageTurn", "count", "mean number of turns (bursts) per conversation opened in the window",
            ("channel",), _message_turns,
            title="turns per conversation, mean", formula="Σ turns ÷ Σ conversation", cohort=cohorts.CONVERSATIONS,
            source=platform("oMessageTurn", ANALYTICS_PAGE, "per conversation")),
    Measure("oMessageCount", "count", "mean number of messages, both ways, bot included, per conversation opened in "
            "the window", ("channel",), _message_count,
            title="messages per conversation, mean", formula="Σ messages ÷ Σ conversation",
            cohort=cohorts.CONVERSATIONS, source=platform("oMessageCount", ANALYTICS_PAGE, "per conversation")),
    Measure("oMessageSegmentCount", "count", "mean number of message segments, both ways, per conversation opened in "
            "the window: a message counts as the parts in which it travels (SMS: up to five), elsewhere as one",
            ("channel",), _segment_count,
            title="message segments per conversation, mean", formula="Σ segments ÷ Σ conversation",
            cohort=cohorts.CONVERSATIONS, source=platform("oMessageSegmentCount", ANALYTICS_PAGE, "per conversation")),
    Measure("portions_per_conversation", "count", "mean number of portions per conversation opened in the window",
            ("channel",), _portions_per_conversation,
            title="portions per conversation, mean", formula="Σ passes ÷ Σ conversation",
            cohort=cohorts.CONVERSATIONS),
    Measure("in_flow_mean", "count", "mean number of portions in the inbound message flow over the window, from "
            "opening to queue entry or disconnect", ("channel",), _in_flow,
            title="in the inbound flow, mean", formula="∫ in_flow dt ÷ window", cohort=cohorts.WINDOW, source=LITTLE),
    Measure("censored_conversations", "count", "conversations opened in the window still open when the run ended, per "
            "replication: their messages and turns so far are counted", ("channel",), _censored_conversations,
            title="conversations open when the run ended", formula="Σ still_open ÷ replications",
            cohort=cohorts.CONVERSATIONS),
)  # fmt: skip
