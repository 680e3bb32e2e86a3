"""Tables of what was down, and of the messages that met it."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.records.columns import NONE, Array, first, minus, named, names, pick
from simulator.records.numbers import Numbers
from simulator.vocabulary.codes import Event

Columns = dict[str, Any]

DIRECTIONS = ("inbound", "outbound", "bot")
HOLD_OUTCOMES = ("released", "dropped", "lost", "skipped", "blocked", "waiting")
RELEASED, DROPPED, LOST, SKIPPED, BLOCKED, WAITING = range(len(HOLD_OUTCOMES))


def outages(known: Numbers) -> Columns:
    began = known.of(Event.OUTAGE_BEGAN)
    return {
        "outage": named(began.message, known.outages),
        "from_us": began.time,
        "to_us": began.value,
    }


def holds(known: Numbers) -> Columns:
    """One row for each message, or dialogue with a bot, that met an outage, in order of the journal."""
    rows = known.of(Event.MESSAGE_HELD, Event.MESSAGE_LOST, Event.MESSAGE_QUEUED, Event.BOT_WAITED, Event.BOT_SKIPPED)
    held, lost = rows.event == Event.MESSAGE_HELD, rows.event == Event.MESSAGE_LOST
    queued, skipped = rows.event == Event.MESSAGE_QUEUED, rows.event == Event.BOT_SKIPPED
    bot = skipped | (rows.event == Event.BOT_WAITED)
    came_in, dropped = _released(known, rows.message, held)
    known_us = np.where(rows.value < known.log.end, rows.value, NONE)
    until = np.select([held, lost, skipped], [came_in, NONE, rows.time], default=known_us)
    blocked = queued & np.isin(rows.message, known.of(Event.REPLY_BLOCKED).message)
    outcome = np.select(
        [lost, skipped, until == NONE, dropped, blocked], [LOST, SKIPPED, WAITING, DROPPED, BLOCKED], default=RELEASED
    )
    contact = np.where(bot, rows.message, np.where(queued, -1, rows.agent))
    conversation = np.where(rows.conversation >= 0, rows.conversation, pick(_went_to(known), contact))
    return {
        "conversation": known.conversation(conversation),
        "contact": known.contact(contact),
        "channel": known.channel(np.where(bot, pick(known.contact_channel, contact), rows.queue)),
        "outage": named(np.where(bot | queued, rows.agent, rows.value), known.outages),
        "direction": named(np.select([queued, bot], [1, 2], default=0), names(DIRECTIONS)),
        "at_us": rows.time,
        "until_us": until,
        "hold_us": minus(until, rows.time),
        "outcome": named(outcome, names(HOLD_OUTCOMES)),
    }


def _released(known: Numbers, holds: Array, held: Array) -> tuple[Array, Array]:
    """When each held message came in (NONE: not yet, or never held), and whether nobody wanted it. [row], [row]"""
    part = known.of(Event.MESSAGE_RELEASED)
    size = int(holds[held].max(initial=-1)) + 1
    number = np.where(held, holds, -1)
    return pick(first(size, part.message, part.time), number), pick(first(size, part.message, part.value), number) == 1


def _went_to(known: Numbers) -> Array:
    """The conversation that each contact went to, NONE if none. [contact]"""
    return first(len(known.came), known.went.message, known.went.conversation)
