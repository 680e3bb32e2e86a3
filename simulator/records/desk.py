"""Tables of queue and desk: offers, alerts, sessions, agent states."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.records.asked import seen_as
from simulator.records.attention import pieces, shares_us
from simulator.records.columns import NONE, Array, count, first, minus, named, names, pick, total, words
from simulator.records.numbers import Numbers
from simulator.records.waits import TRANSFERS, passed_on, waits
from simulator.vocabulary.codes import AlertOutcome, Event, OfferOutcome, Placement, Presence, RoutingStatus

Columns = dict[str, Any]


def offers(known: Numbers) -> Columns:
    entered, connected, gave_up = known.entered, known.connected, known.of(Event.GAVE_UP)
    size = len(entered)
    session = first(size, connected.message, np.arange(len(connected)))
    abandoned = known.of(Event.ABANDONED)
    abandoned_at = first(size, abandoned.message, abandoned.time)
    answered_at = pick(connected.time, session)
    flowed_out = known.of(Event.FLOWED_OUT)
    flowed_out_at = first(size, flowed_out.message, flowed_out.time)
    left = np.where(answered_at != NONE, answered_at, np.where(abandoned_at != NONE, abandoned_at, flowed_out_at))
    outcome = np.select(
        [answered_at != NONE, abandoned_at != NONE, flowed_out_at != NONE],
        [OfferOutcome.ANSWERED, OfferOutcome.ABANDONED, OfferOutcome.FLOWED_OUT],
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
        "flowed_out_to": known.queue(first(size, flowed_out.message, flowed_out.value)),
        "agent": known.agent(pick(connected.agent, session)),
        "first_reply_us": pick(known.first_reply_of_session, session),
        **waits(known, left),
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
    Event.ALERT_DECLINED: AlertOutcome.DECLINED,
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
    through_flow = known.of(Event.SENT_THROUGH_FLOW)
    through_flow_at = first(size, through_flow.message, through_flow.time)
    portion_ended_at = pick(known.disconnected[0], portion)
    disconnected = np.where(through_flow_at != NONE, through_flow_at, portion_ended_at)
    disconnected = np.where(handed_back_at != NONE, handed_back_at, disconnected)
    passed_at, passed = passed_on(known)
    disconnected = np.where(passed_at != NONE, passed_at, disconnected)
    parked = _parked(known)
    switched = known.of(Event.SWITCHED)
    back = np.where(parked.returned == NONE, known.log.end, parked.returned)
    t_park = total(size, parked.session, back - parked.time)
    topic = pick(seen_as(known), offer)
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
        "label": named(pick(known.label_of_topic, topic), known.labels),
        "reopened": pick(known.opened.value, portion) == 1,
        "alerted_us": np.where(alerted_at == NONE, connected.time, alerted_at),
        "connected_us": connected.time,
        "disconnected_us": disconnected,
        "handed_back": handed_back_at != NONE,
        "transfer": named(passed, names(TRANSFERS)),
        "wrap_up_started_us": wrap_up_at,
        "ended_us": ended_at,
        "replies": count(size, known.session_of_reply),
        "through_flow": through_flow_at != NONE,
        "parkings": count(size, parked.session),
        "t_park_us": t_park,
        "t_switching_us": total(size, switched.message, switched.value),
        "t_talk_us": minus(minus(disconnected, connected.time), t_park),
        "t_acw_us": minus(ended_at, disconnected),
        "t_handle_us": minus(minus(ended_at, connected.time), t_park),
        "t_work_us": _attention(known),
    }


def _attention(known: Numbers) -> Array:
    """Attention given to the replies and the wrap-up of each session; unfinished pieces count up to the end of the
    run, pieces worked on together share it equally. To the nearest µs. [session]"""
    size = len(known.connected)
    work = pieces(known.log, known.links, len(known.turn), size)
    got = work.end - work.start
    if not known.shares_attention.any():
        return total(size, work.session, got)
    shared = known.shares_attention[work.agent]
    sums = np.zeros(size)
    np.add.at(sums, work.session[shared], shares_us(work.agent[shared], work.start[shared], work.end[shared]))
    return total(size, work.session[~shared], got[~shared]) + np.rint(sums).astype(np.int64)


@dataclass(frozen=True)
class _Parked:
    """Stays of sessions without a slot. [park]"""

    session: Array
    time: Array
    returned: Array
    """NONE: still parked when the run ended."""
    why: Array


def _parked(known: Numbers) -> _Parked:
    """A parking ends with the next return of the same session."""
    rows = known.of(Event.PARKED, Event.RETURNED)
    order = np.argsort(rows.message, kind="stable")
    session, event = rows.message[order], rows.event[order]
    place = np.flatnonzero(event == Event.PARKED)
    follower = np.minimum(place + 1, max(len(rows) - 1, 0))
    back = (follower > place) & (session[follower] == session[place]) & (event[follower] == Event.RETURNED)
    journal = np.argsort(order[place])
    returned, why = rows.time[order[follower]], rows.value[order[follower]]
    return _Parked(
        session=session[place][journal],
        time=rows.time[order[place]][journal],
        returned=np.where(back, returned, NONE)[journal],
        why=np.where(back, why, -1)[journal],
    )


def parks(known: Numbers) -> Columns:
    parked, connected = _parked(known), known.connected
    session = parked.session
    return {
        "conversation": known.conversation(pick(connected.conversation, session)),
        "portion": np.maximum(pick(connected.portion, session), 0),
        "offer": np.maximum(pick(known.offer_in_portion, pick(connected.message, session)), 0),
        "queue": known.queue(pick(connected.queue, session)),
        "agent": known.agent(pick(connected.agent, session)),
        "group": named(pick(known.agent_group, pick(connected.agent, session)), known.groups),
        "parked_us": parked.time,
        "returned_us": parked.returned,
        "t_park_us": minus(parked.returned, parked.time),
        "why": named(parked.why, names(["time_over", "wrote", "closed"])),
    }


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
