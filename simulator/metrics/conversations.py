"""Conversations: first responses, every reply, portions, affinity, what the bot kept.

Portions belong to the window by their queue entry (first responses) or their opening, turns by the last message of
their burst, conversations by their first message.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulator.metrics import steps
from simulator.metrics.parts import Measure, Parts, by, mean_of, sampled
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
    resolved = view.equals("portions", "disconnect", "resolved") & (taken <= view.scenario.service_level.within_us)
    return by(view, "portions", SCOPES, rows & resolved, rows)


def _time_to_resolve(view: View) -> Parts:
    rows = view.cohort("portions", "queue_entered_us") & view.equals("portions", "disconnect", "resolved")
    taken = view.column("portions", "disconnected_us") - view.column("portions", "queue_entered_us")
    return mean_of(view, "portions", SCOPES, taken / SECOND, rows)


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
    import pandas as pd

    def keyed(table: str, *columns: str) -> pd.DataFrame:
        frame = view.table(table)
        return pd.DataFrame({name: frame[name].astype(object) for name in columns})

    offers = keyed("offers", "conversation", "portion")
    portions = keyed("portions", "conversation", "portion")
    portions["reopened"] = view.flag("portions", "reopened")
    sessions = keyed("sessions", "conversation", "portion", "offer")
    sessions["hit"] = view.equals("sessions", "placement", "last_agent", "last_agent_waited")
    begun = keyed("sessions", "conversation")
    begun["earliest"] = view.column("sessions", "connected_us")
    begun = begun.groupby("conversation", sort=False)["earliest"].min().reset_index()
    offers["offer"] = view.table("offers")["offer"].astype(object).to_numpy()
    reopened = offers.merge(portions, on=["conversation", "portion"], how="left")["reopened"]
    earliest = offers.merge(begun, on="conversation", how="left")["earliest"].to_numpy(dtype=float, na_value=np.nan)
    hit = offers.merge(
        sessions.drop_duplicates(["conversation", "portion", "offer"]),
        on=["conversation", "portion", "offer"],
        how="left",
    )["hit"]
    rows = view.cohort("offers", "entered_us") & (view.column("offers", "offer") == 1)
    rows = rows & reopened.astype("boolean").fillna(False).to_numpy(dtype=bool)
    rows = rows & (earliest < view.column("offers", "entered_us"))
    return by(view, "offers", SCOPES, rows & hit.astype("boolean").fillna(False).to_numpy(dtype=bool), rows)


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
    quick = view.column("turns", "t_agent_response_us") <= view.scenario.service_level.within_us
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


# --- whole conversations ---------------------------------------------------------------------------------------


def _conversations(view: View) -> np.ndarray:
    return view.cohort("conversations", "opened_us")


def _message_turns(view: View) -> Parts:
    of = view.table("turns")["conversation"].astype(object).value_counts()
    count = view.table("conversations")["conversation"].astype(object).map(of).to_numpy(dtype=float, na_value=0.0)
    return by(view, "conversations", ("channel",), np.where(_conversations(view), count, 0.0), _conversations(view))


def _message_count(view: View) -> Parts:
    count = view.column("conversations", "messages_in") + view.column("conversations", "messages_out")
    return by(view, "conversations", ("channel",), np.where(_conversations(view), count, 0.0), _conversations(view))


def _conversation_count(view: View) -> Parts:
    return by(view, "conversations", ("channel",), _conversations(view), 1.0)


def _portions_per_conversation(view: View) -> Parts:
    rows = _conversations(view)
    count = view.column("conversations", "portions")
    return by(view, "conversations", ("channel",), np.where(rows, count, 0.0), rows)


def _censored_conversations(view: View) -> Parts:
    rows = _conversations(view) & view.flag("conversations", "open")
    return by(view, "conversations", ("channel",), rows, 1.0)


# --- words -----------------------------------------------------------------------------------------------------


def _reply_within_words(scenario: Scenario) -> str:
    return (
        f"service level of every reply: bursts answered by an agent within {spoken(scenario.service_level.within_us)} "
        "of their last message ÷ all bursts of the window meant for an agent (answered, abandoned, still open; not "
        "contained, blocked or ended in the flow); first bursts wait in the queue too"
    )


def _resolved_within_words(scenario: Scenario) -> str:
    return (
        f"portions resolved within {spoken(scenario.service_level.within_us)} of queue entry ÷ all portions that "
        "entered the queue in the window; the target is that of the queue, so read it beside time_to_resolve"
    )


RESPONSES = (
    Measure("tFirstResponse", "s", "mean time from a portion's first queue entry to its first agent reply, over "
            "portions that entered the queue in the window and got one", SCOPES, _first_response),
    Measure("tFirstResponse_p50", "s", "median of tFirstResponse (pooled over replications)", SCOPES,
            _first_response_samples, quantile=0.5),
    Measure("tFirstResponse_p90", "s", "90 % of the first responses came no later (pooled over replications)", SCOPES,
            _first_response_samples, quantile=0.9),
    Measure("first_message_to_first_reply", "s", "mean time from a portion's opening message to its first agent reply, "
            "the flow included, over portions opened in the window that got one", SCOPES, _first_message_to_reply),
    Measure("censored_first_replies", "count", "portions of the window still open without an agent reply when the run "
            "ended, per replication: in no mean of tFirstResponse", SCOPES, _censored_first),
    Measure("tAgentResponseTime", "s", "mean time from the last message of a burst to the agent's reply, over "
            "answered bursts of the window, waits in the queue included", SCOPES, _of_turns("t_agent_response_us")),
    Measure("tAgentResponseTime_p90", "s", "90 % of the answered bursts were answered no later (pooled over "
            "replications)", SCOPES, _turn_samples, quantile=0.9),
    Measure("reply_from_first", "s", "as tAgentResponseTime, from the first message of the burst", SCOPES,
            _of_turns("reply_from_first_us")),
    Measure("reply_from_connect", "s", "as tAgentResponseTime, but not before the connect: from the later of last "
            "message and connect, so without the queue", SCOPES, _of_turns("reply_from_connect_us")),
    Measure("reply_within", "share", _reply_within_words, ("channel",), _reply_within),
    Measure("resolved_within", "share", _resolved_within_words, SCOPES, _resolved_within),
    Measure("time_to_resolve", "s", "mean time from queue entry to the disconnect after the last reply, over portions "
            "of the window that ended so", SCOPES, _time_to_resolve),
    Measure("tUserResponseTime", "s", "mean time from an agent's reply to the same customer's next burst in the same "
            "portion, over replies of the window that got one; a burst that re-opens the conversation is none", SCOPES,
            _user_response),
    Measure("censored_turns", "count", "bursts of the window not answered when the run ended, per replication",
            ("channel",), _censored_turns),
    Measure("late_replies", "count", "bursts of the window whose reply was ready after the channel's reply window: "
            "blocked, not sent, per replication", ("channel",), _late),
    Measure("late_reply_share", "share", "late replies ÷ replies to bursts of the window, sent or blocked for that",
            ("channel",), _late_share),
)  # fmt: skip

CONVERSATIONS = (
    Measure("conversations", "count", "conversations opened in the window, per replication", ("channel",),
            _conversation_count),
    Measure("portions", "count", "portions (passes through flow, queue, agent) opened in the window, per replication",
            ("channel",), _portions),
    Measure("reopened_share", "share", "portions that re-opened a conversation disconnected less than the threading "
            "window ago ÷ all portions opened in the window", ("channel",), _reopened),
    Measure("affinity_hit_rate", "share", "first offers of re-opened portions that last-agent routing placed with the "
            "agent who connected last ÷ first offers in the window of re-opened portions that had had an agent",
            SCOPES, _affinity),
    Measure("contained_share", "share", "portions that the bot ended ÷ all portions opened in the window",
            ("channel",), _contained),
    Measure("flow_abandons", "count", "customers who left in an inbound flow in the window, with or without a sign, "
            "per replication", ("channel",), _flow_abandons),
    Measure("flow_abandon_share", "share", "portions whose customer left in the inbound flow ÷ all portions opened in "
            "the window", ("channel",), _left_flow),
    Measure("closed_unanswered_share", "share", "portions disconnected because the customer had been silent for "
            "close_after ÷ portions opened in the window that ended", SCOPES, _closed_unanswered),
    Measure("oMessageTurn", "count", "mean number of turns (bursts) per conversation opened in the window",
            ("channel",), _message_turns),
    Measure("oMessageCount", "count", "mean number of messages, both ways, bot included, per conversation opened in "
            "the window", ("channel",), _message_count),
    Measure("portions_per_conversation", "count", "mean number of portions per conversation opened in the window",
            ("channel",), _portions_per_conversation),
    Measure("in_flow_mean", "count", "mean number of portions in the inbound message flow over the window, from "
            "opening to queue entry or disconnect", ("channel",), _in_flow),
    Measure("censored_conversations", "count", "conversations opened in the window still open when the run ended, per "
            "replication: their messages and turns so far are counted", ("channel",), _censored_conversations),
)  # fmt: skip
