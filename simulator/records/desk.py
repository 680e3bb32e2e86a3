"""Tables of queue and desk: offers, alerts, sessions, agent states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.records.columns import NONE, Array, count, first, minus, named, pick, total, words
from simulator.records.numbers import Numbers
from simulator.vocabulary.codes import AlertOutcome, Event, OfferOutcome, Placement, Presence, RoutingStatus

Columns = dict[str, Any]


def offers(known: Numbers) -> Columns:
    entered, connected, gave_up = known.entered, known.connected, known.of(Event.GAVE_UP)
    size = len(entered)
    session = first(size, connected.message, np.arange(len(connected)))
    abandoned = known.of(Event.ABANDONED)
    abandoned_at = first(size, abandoned.message, abandoned.time)
    answered_at = pick(connected.time, session)
    left = np.where(answered_at != NONE, answered_at, abandoned_at)
    outcome = np.select(
        [answered_at != NONE, abandoned_at != NONE],
        [OfferOutcome.ANSWERED, OfferOutcome.ABANDONED],
        default=OfferOutcome.OPEN,
    )
    return {
        "conversation": known.conversation(entered.conversation),
        "portion": entered.portion,
        "offer": known.offer_in_portion,
        "contact": known.contact(entered.agent),
        "channel": known.channel(pick(known.channel_of_conversation, entered.conversation)),
        "topic": named(pick(known.came.queue, entered.agent), known.topics),
        "queue": known.queue(entered.queue),
        "priority": entered.value,
        "entered_us": entered.time,
        "alerts": count(size, known.of(Event.ALERTED).message),
        "gave_up_us": first(size, gave_up.message, gave_up.time),
        "left_us": left,
        "t_wait_us": minus(left, entered.time),
        "outcome": named(outcome, words(OfferOutcome)),
        "agent": known.agent(pick(connected.agent, session)),
        "first_reply_us": pick(known.first_reply_of_session, session),
    }


@dataclass(frozen=True)
class _Endings:
    """How alerts ended. [alert]"""

    time: Array
    outcome: Array
    session: Array
    """Which it became, NONE if none."""


_ENDS = {
    Event.ALERT_EXPIRED: AlertOutcome.EXPIRED,
    Event.ALERT_WITHDRAWN: AlertOutcome.WITHDRAWN,
    Event.CONNECTED: AlertOutcome.ACCEPTED,
}


def _endings(known: Numbers) -> _Endings:
    """An alert ends with the next row about its offer that ends alerts."""
    rows = known.of(Event.ALERTED, *_ENDS)
    order = np.argsort(rows.message, kind="stable")
    offer, event = rows.message[order], rows.event[order]
    place = np.flatnonzero(event == Event.ALERTED)
    follower = np.minimum(place + 1, max(len(rows) - 1, 0))
    ends = (follower > place) & (offer[follower] == offer[place]) & (event[follower] != Event.ALERTED)
    ending = order[follower]
    outcomes = np.zeros(max(_ENDS) + 1, np.int64)
    for kind, outcome in _ENDS.items():
        outcomes[kind] = outcome
    by_journal = np.argsort(order[place])
    accepted = ends & (rows.event[ending] == Event.CONNECTED)
    return _Endings(
        time=np.where(ends, rows.time[ending], NONE)[by_journal],
        outcome=np.where(ends, outcomes[rows.event[ending]], AlertOutcome.OPEN)[by_journal],
        session=np.where(accepted, rows.value[ending], NONE)[by_journal],
    )


def alerts(known: Numbers) -> Columns:
    alerted, ending = known.of(Event.ALERTED), _endings(known)
    offer = alerted.message
    return {
        "conversation": known.conversation(pick(known.entered.conversation, offer)),
        "portion": np.maximum(pick(known.entered.portion, offer), 0),
        "offer": np.maximum(pick(known.offer_in_portion, offer), 0),
        "queue": known.queue(pick(known.entered.queue, offer)),
        "agent": known.agent(alerted.agent),
        "placement": named(alerted.value, words(Placement)),
        "alerted_us": alerted.time,
        "ended_us": ending.time,
        "outcome": named(ending.outcome, words(AlertOutcome)),
    }


def sessions(known: Numbers) -> Columns:
    connected, alerted = known.connected, known.of(Event.ALERTED)
    size = len(connected)
    offer, portion = connected.message, known.links.portion(connected)
    alert = first(size, _endings(known).session, np.arange(len(alerted)))
    alerted_at = pick(alerted.time, alert)
    handed_back, wrap_up, ended = (
        known.of(event) for event in (Event.HANDED_BACK, Event.WRAP_UP_STARTED, Event.SESSION_ENDED)
    )
    handed_back_at = first(size, handed_back.message, handed_back.time)
    portion_ended_at = pick(known.disconnected[0], portion)
    disconnected = np.where(handed_back_at != NONE, handed_back_at, portion_ended_at)
    wrap_up_at = first(size, wrap_up.message, wrap_up.time)
    ended_at = first(size, ended.message, ended.time)
    return {
        "conversation": known.conversation(connected.conversation),
        "portion": connected.portion,
        "offer": np.maximum(pick(known.offer_in_portion, offer), 0),
        "channel": known.channel(pick(known.channel_of_conversation, connected.conversation)),
        "queue": known.queue(pick(known.entered.queue, offer)),
        "agent": known.agent(connected.agent),
        "group": named(pick(known.agent_group, connected.agent), known.groups),
        "placement": named(np.maximum(pick(alerted.value, alert), Placement.STANDARD), words(Placement)),
        "reopened": pick(known.opened.value, portion) == 1,
        "alerted_us": np.where(alerted_at == NONE, connected.time, alerted_at),
        "connected_us": connected.time,
        "disconnected_us": disconnected,
        "handed_back": handed_back_at != NONE,
        "wrap_up_started_us": wrap_up_at,
        "ended_us": ended_at,
        "replies": count(size, known.session_of_reply),
        "t_talk_us": minus(disconnected, connected.time),
        "t_acw_us": minus(ended_at, disconnected),
        "t_handle_us": minus(ended_at, connected.time),
        "t_work_us": _attention(known, wrap_up_at, ended_at),
    }


def _attention(known: Numbers, wrap_up_at: Array, ended_at: Array) -> Array:
    """Attention given to the replies and the wrap-up of each session; unfinished pieces count up to the end of the
    run. [session]"""
    started = known.of(Event.REPLY_STARTED)
    sent = pick(pick(known.replied.time, known.reply_of_turn), started.message)
    sent = np.where(sent == NONE, known.log.end, sent)
    work = total(len(known.connected), known.links.session(started), sent - started.time)
    wrapped = np.where(ended_at == NONE, known.log.end, ended_at) - wrap_up_at
    return work + np.where(wrap_up_at == NONE, 0, wrapped)


def agent_states(known: Numbers) -> Columns:
    """By agent, then time. Before his first row an agent is off shift."""
    rows, team = known.of(Event.AGENT_STATUS), len(known.agents)
    everyone = np.arange(team)
    agent = np.concatenate([everyone, rows.agent])
    order = np.argsort(agent, kind="stable")  # rows keep their order in time
    agent = agent[order]
    status = np.concatenate([np.full(team, RoutingStatus.OFF_QUEUE), rows.value])[order]
    presence = np.concatenate([np.full(team, Presence.OFF_SHIFT), rows.message])[order]
    start = np.concatenate([np.zeros(team, np.int64), rows.time])[order]
    end = np.append(start[1:], 0)
    end[np.append(agent[1:] != agent[:-1], True)[: len(end)]] = known.log.end
    lasts = end != start
    agent = agent[lasts]
    return {
        "agent": known.agent(agent),
        "group": named(pick(known.agent_group, agent), known.groups),
        "status": named(status[lasts], words(RoutingStatus)),
        "presence": named(presence[lasts], words(Presence)),
        "from_us": start[lasts],
        "to_us": end[lasts],
    }
