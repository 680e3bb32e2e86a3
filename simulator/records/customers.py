"""Tables of what customers did and what became of it: contacts, conversations, portions, turns, messages."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.records.attention import written_us
from simulator.records.columns import NONE, Array, count, distinct, first, last, minus, named, names, pick, total, words
from simulator.records.flows import flow_paths
from simulator.records.letters import LEFT
from simulator.records.numbers import Numbers
from simulator.records.reading import Part, latest_before
from simulator.vocabulary.codes import (
    LOGGED_IN,
    Block,
    Content,
    Disconnect,
    Event,
    FlowMessage,
    Outcome,
    Return,
    TurnOutcome,
    name_of,
)

Columns = dict[str, Any]


def contacts(known: Numbers) -> Columns:
    came, went = known.came, known.went
    size = len(came)
    asked = known.of(Event.IDENTIFIED)
    found = first(size, asked.message, asked.value)
    taken, left = known.of(Event.TAKEN_FOR), known.of(Event.FLOW_LEFT)
    gave_up = known.of(Event.GAVE_UP)
    vanished = known.of(Event.CONTACT_VANISHED)
    ended = known.of(Event.CONTACT_ENDED)
    source, ordinal = known.origin
    reason = np.where(came.event == Event.CONTACT_RETURNED, came.value, -1)
    entry = first(size, went.message, went.event - Event.CONTACT_STARTED)
    return {
        "contact": known.contact(np.arange(size)),
        "channel": known.channel(known.contact_channel),
        "source": named(source, known.sources),
        "ordinal": ordinal,
        "parent": known.contact(known.parent),
        "reason": named(reason, words(Return)),
        "topic": named(came.queue, known.topics),
        "customer": known.customer,
        "arrived_us": came.time,
        "entry": named(entry, names(["started", "reopened", "joined"])),
        "conversation": known.conversation(first(size, went.message, went.conversation)),
        "portion": np.maximum(first(size, went.message, went.portion), 0),
        "identified": np.minimum(found, 1),
        "authenticated": np.where(found == NONE, NONE, found == LOGGED_IN),
        "turns": count(size, known.turn.agent),
        "turns_answered": count(size, pick(known.turn.agent, known.replied.value)),
        "taken_for": named(first(size, taken.message, taken.value), known.topics),
        "left_flow_us": first(size, left.message, left.time),
        "gave_up_us": first(size, gave_up.agent, gave_up.time),
        "vanished_us": first(size, vanished.message, vanished.time),
        "ended_us": first(size, ended.message, ended.time),
        "outcome": named(np.maximum(first(size, ended.message, ended.value), 0), words(Outcome)),
    }


def conversations(known: Numbers) -> Columns:
    opened, connected = known.opened, known.connected
    size = len(known.began)
    disconnected = last(size, opened.conversation, known.disconnected[0])  # of the latest portion; NONE while open
    team = max(len(known.agents), 1)
    worked_in = distinct(connected.conversation * team + connected.agent) // team
    people = max(len(known.came), 1)
    wrote_in = distinct(known.turn.conversation * people + known.turn.agent) // people
    return {
        "conversation": known.conversation(np.arange(size)),
        "channel": known.channel(known.channel_of_conversation),
        "customer": pick(known.customer, known.opener),
        "opened_us": opened.time[known.began],
        "portions": count(size, opened.conversation),
        "contacts": count(size, wrote_in),
        "agents": count(size, worked_in),
        "messages_in": count(size, known.of(Event.MESSAGE_RECEIVED).conversation),
        "messages_out": count(size, known.of(*LEFT).conversation),
        "disconnected_us": disconnected,
        "open": disconnected == NONE,
    }


def portions(known: Numbers) -> Columns:
    opened, entered, connected, replied = known.opened, known.entered, known.connected, known.replied
    queue_entered = known.first_by_portion(entered, entered.time)
    first_reply = known.first_by_portion(replied, replied.time)
    disconnected, why = known.disconnected
    left, blocked = known.of(Event.FLOW_LEFT), known.of(Event.QUEUE_BLOCKED)
    return {
        "conversation": known.conversation(opened.conversation),
        "portion": opened.portion,
        "channel": known.channel(opened.queue),
        "contact": known.contact(opened.message),
        "reopened": opened.value == 1,
        "opened_us": opened.time,
        "flow_path": flow_paths(known),
        "left_flow_us": known.first_by_portion(left, left.time),
        "blocked_queue": known.queue(known.first_by_portion(blocked, blocked.queue)),
        "queue": known.queue(known.first_by_portion(entered, entered.queue)),
        "queue_entered_us": queue_entered,
        "offers": count(len(opened), known.links.portion(entered)),
        "first_connected_us": known.first_by_portion(connected, connected.time),
        "first_reply_us": first_reply,
        "t_first_response_us": minus(first_reply, queue_entered),
        "first_message_to_first_reply_us": minus(first_reply, opened.time),
        "disconnected_us": disconnected,
        "disconnect": named(why, words(Disconnect)),
    }


def turns(known: Numbers) -> Columns:
    turn, replied, received = known.turn, known.replied, known.of(Event.MESSAGE_RECEIVED)
    size = len(turn)
    first_message = first(size, received.value, received.time)
    first_message = np.where(first_message == NONE, turn.time, first_message)
    last_message = np.maximum(last(size, received.value, received.time), first_message)
    reply = known.reply_of_turn
    sent = pick(replied.time, reply)
    session = pick(known.session_of_reply, reply)
    connected = pick(known.connected.time, session)
    heard = latest_before(received.conversation, received.at, replied.conversation, replied.at, len(known.log))
    unsent, ours = known.unsent, known.unsent.message >= 0
    waiting = last(size, np.where(ours, unsent.value, -1), np.arange(len(unsent)))  # of turns without a reply
    agent = np.where(sent != NONE, pick(replied.agent, reply), pick(unsent.agent, waiting))
    session = np.where(sent != NONE, session, pick(known.links.session(unsent), waiting))
    blocked = known.of(Event.REPLY_BLOCKED)
    late = np.isin(np.arange(size), blocked.value[blocked.queue == Block.WINDOW])
    started = known.of(Event.REPLY_STARTED)
    return {
        "contact": known.contact(turn.agent),
        "turn": turn.value,
        "conversation": known.conversation(turn.conversation),
        "portion": turn.portion,
        "channel": known.channel(pick(known.channel_of_conversation, turn.conversation)),
        "messages": count(size, received.value),
        "first_message_us": first_message,
        "last_message_us": last_message,
        "queue": known.queue(pick(known.connected.queue, session)),
        "agent": known.agent(agent),
        "connected_us": connected,
        "reply_started_us": known.reply_started,
        "writer": known.agent(first(size, started.message, started.agent)),
        "writer_queue": known.queue(first(size, started.message, started.queue)),
        "written_us": written_us(known.log, size),
        "reply_us": sent,
        "t_agent_response_us": minus(sent, last_message),
        "reply_from_first_us": minus(sent, first_message),
        "reply_from_connect_us": minus(sent, np.maximum(last_message, connected)),
        "reply_from_last_inbound_us": minus(sent, pick(pick(received.time, heard), reply)),
        "late": np.where((sent == NONE) & ~late, NONE, late.astype(np.int64)),
        "drafts_caught": count(size, known.of(Event.DATA_FILTERED).message),
        "rewrite_us": total(size, known.of(Event.DATA_FILTERED).message, known.of(Event.DATA_FILTERED).value),
        "listening_us": _spoken_us(known, received, size),
        "recording_us": _spoken_us(known, replied, size),
        "middleware_us": _passing_us(known, size),
        "outcome": named(_turn_outcomes(known, sent), words(TurnOutcome)),
    }


def _passing_us(known: Numbers, size: int) -> Array:
    """What each burst took through the middleware: the row follows the beginning of its turn. [turn]"""
    turn, passed = known.turn, known.of(Event.MIDDLEWARE_PASSED)
    if not len(passed):
        return np.full(size, NONE, np.int64)
    return first(size, latest_before(turn.agent, turn.at, passed.agent, passed.at, len(known.log)), passed.value)


def _spoken_us(known: Numbers, part: Part, size: int) -> Array:
    """Length of the voice notes among some messages, by the turn that their rows name. [turn]"""
    sized = known.of(Event.MESSAGE_SIZED)
    notes = sized.queue == Content.VOICE
    if not notes.any():
        return np.zeros(size, np.int64)
    turn_of = first(1 + int(sized.message.max()), part.message, part.value)
    return total(size, turn_of[sized.message[notes]], sized.value[notes])


def _turn_outcomes(known: Numbers, sent: Array) -> Array:
    """Answered; or what ended the portion that it began in, where that leaves customers without an answer."""
    lost = np.full(max(Disconnect) + 1, TurnOutcome.OPEN, np.int64)
    lost[Disconnect.CONTAINED] = TurnOutcome.CONTAINED
    lost[Disconnect.ABANDONED] = TurnOutcome.ABANDONED
    lost[Disconnect.BLOCKED] = TurnOutcome.BLOCKED
    lost[Disconnect.LEFT] = TurnOutcome.LEFT
    lost[Disconnect.LEFT_FLOW] = lost[Disconnect.FLOW_TIMED_OUT] = TurnOutcome.LEFT_FLOW
    lost[Disconnect.CLOSED_BY_FLOW] = TurnOutcome.CLOSED_BY_FLOW
    lost[Disconnect.FLOWED_OUT] = TurnOutcome.FLOWED_OUT
    lost[Disconnect.TIMED_OUT] = TurnOutcome.TIMED_OUT
    lost[Disconnect.SHIFT_END_UNANSWERED] = TurnOutcome.UNANSWERED
    why = pick(known.disconnected[1], known.links.portion(known.turn))
    size, unsent = len(known.turn), known.unsent
    blocked = first(size, np.where(unsent.event == Event.REPLY_BLOCKED, unsent.value, -1), unsent.time) != NONE
    held = first(size, unsent.value, unsent.time) != NONE
    return np.select(
        [sent != NONE, blocked, held],
        [TurnOutcome.ANSWERED, TurnOutcome.WINDOW_CLOSED, TurnOutcome.PENDING],
        default=np.maximum(pick(lost, why), TurnOutcome.OPEN),
    )


_KINDS = ("burst", "flow_answer", "agent", *(name_of(kind) for kind in FlowMessage), "template")


def messages(known: Numbers) -> Columns:
    part = known.of(Event.MESSAGE_RECEIVED, *LEFT)
    inbound, reply = part.event == Event.MESSAGE_RECEIVED, part.event == Event.REPLY_SENT
    value = _continued(part)
    template = part.event == Event.TEMPLATE_SENT
    of_agent = reply | template | ((part.event == Event.PART_SENT) & (part.agent >= 0))
    kind = np.select(
        [inbound & (value >= 0), inbound, template, of_agent], [0, 1, len(_KINDS) - 1, 2], default=value + 2
    )
    turn = np.where(inbound | of_agent, value, -1)
    contact = np.where(inbound, part.agent, np.where(of_agent, pick(known.turn.agent, turn), -1))
    return {
        "conversation": known.conversation(part.conversation),
        "portion": part.portion,
        "channel": known.channel(pick(known.channel_of_conversation, part.conversation)),
        "at_us": part.time,
        "direction": named(np.where(inbound, 0, 1), names(["inbound", "outbound"])),
        "kind": named(kind, names(_KINDS)),
        "contact": known.contact(contact),
        "turn": pick(known.turn.value, turn),
        "agent": known.agent(np.where(of_agent, part.agent, -1)),
    }


def _continued(part: Part) -> Array:
    """What the row of a message says in `value`; a part says what the message it continues does. [row]"""
    parts = part.event == Event.PART_SENT
    if not parts.any():
        return part.value
    said = np.full(int(part.message.max()) + 1, NONE, np.int64)
    said[part.message] = part.value
    return np.where(parts, pick(said, np.where(parts, part.value, -1)), part.value)
