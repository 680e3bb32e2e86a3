"""The tables of bulk sends, and of messages that waited for a cap which bulk sends use too."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.records.columns import NONE, Array, minus, named, names, pick, words
from simulator.records.numbers import Numbers
from simulator.records.reading import Part, find
from simulator.scenario.sending import OPT_IN_SOURCES
from simulator.vocabulary.codes import SENT_AGAIN, Cap, Event, Failure, Lane

OUTCOMES = {
    Event.SEND_DELIVERED: "delivered",
    Event.SEND_FAILED: "failed",
    Event.SEND_WAITING: "waiting",
    Event.SEND_NO_OPT_IN: "no_opt_in",
    Event.SEND_EXPIRED: "expired",
    Event.SEND_REJECTED: "rejected",
    Event.SEND_STOPPED: "stopped",
    Event.SEND_IN_CONVERSATION: "in_conversation",
}
"""How a send ends: each in exactly one of these."""
COUNTED = {
    Event.SENDS_DELIVERED: "delivered",
    Event.SENDS_FAILED: "failed",
    Event.SENDS_WAITING: "waiting",
    Event.SENDS_NO_OPT_IN: "no_opt_in",
    Event.SENDS_EXPIRED: "expired",
    Event.SENDS_REJECTED: "rejected",
    Event.SENDS_STOPPED: "stopped",
    Event.SENDS_IN_CONVERSATION: "in_conversation",
}
"""The same where a row stands for many."""
LEFT = ("delivered", "failed", "in_conversation")
"""Outcomes of what left."""


def sends(known: Numbers) -> dict[str, Any]:
    rows = known.of(*OUTCOMES, *COUNTED)
    texts = list(OUTCOMES.values())
    code = np.full(max(Event) + 1, -1, np.int64)
    for event, name in (*OUTCOMES.items(), *COUNTED.items()):
        code[event] = texts.index(name)
    outcome = code[rows.event]
    many = np.isin(rows.event, list(COUNTED))
    left = np.isin(outcome, [texts.index(one) for one in LEFT])
    asked = outcome != texts.index("no_opt_in")
    # What was stopped before it was asked for has no request.
    requested = np.where(asked & ~((outcome == texts.index("stopped")) & (rows.value > rows.time)), rows.value, NONE)
    sent = np.where(left, rows.time, NONE)
    late = left & (sent > requested)
    about = _About(rows, many)
    latency = about.value(known.of(Event.SEND_ARRIVED))
    delivered = np.where((outcome == 0) & ~many, np.where(latency == NONE, sent, sent + np.maximum(latency, 0)), NONE)
    read = about.value(known.of(Event.SEND_READ))
    tries = about.most(known.of(Event.SEND_REFUSED)) + about.most(known.of(Event.SEND_RESENT))
    cap = np.where(late, np.maximum(rows.portion, Cap.ORGANISATION), rows.portion)
    cap[rows.portion == SENT_AGAIN] = NONE
    return {
        "source": named(rows.agent, known.sources),
        "ordinal": np.where(many, NONE, rows.message),
        "count": np.where(many, rows.message, 1),
        "channel": known.channel(pick(known.source_channel, rows.agent)),
        "lane": named(rows.queue, words(Lane)),
        "opt_in_source": named(rows.conversation, names(OPT_IN_SOURCES)),
        "requested_us": requested,
        "sent_us": sent,
        "ended_us": np.where(asked & (outcome != texts.index("waiting")), rows.time, NONE),
        "delay_us": minus(sent, requested),
        "cap": named(cap, words(Cap)),
        "attempts": np.where(many | ~asked, NONE, tries + np.isin(outcome, [0, 1, 5, 7])),
        "delivered_us": delivered,
        "read_us": np.where((read == NONE) | (delivered == NONE), NONE, delivered + np.maximum(read, 0)),
        "reason": named(about.value(known.of(Event.SEND_FAILURE)), words(Failure)),
        "joined": np.where(left & ~many, about.has(known.of(Event.SEND_JOINED)), NONE),
        "outcome": named(outcome, names(texts)),
    }


class _About:
    """Finds the send that a further row tells of."""

    def __init__(self, rows: Part, many: Array):
        self._size = len(rows)
        self._single = np.flatnonzero(~many)
        keys = _keys(rows)[self._single]
        self._order = np.argsort(keys, kind="stable")
        self._keys = keys[self._order]

    def _of(self, part: Part) -> Array:
        found = find(self._keys, self._order, _keys(part))
        return np.where(found >= 0, self._single[np.maximum(found, 0)] if len(self._single) else -1, -1)

    def value(self, part: Part) -> Array:
        """The row's value; NONE for sends without one. [send]"""
        values = np.full(self._size, NONE, np.int64)
        if len(part):
            of = self._of(part)
            values[of[of >= 0]] = part.value[of >= 0]
        return values

    def most(self, part: Part) -> Array:
        """The largest of the rows' values; 0 for sends without any. [send]"""
        values = np.zeros(self._size, np.int64)
        if len(part):
            of = self._of(part)
            np.maximum.at(values, of[of >= 0], part.value[of >= 0])
        return values

    def has(self, part: Part) -> Array:
        """Whether there is such a row. [send] of int64"""
        found = np.zeros(self._size, np.int64)
        of = self._of(part)
        found[of[of >= 0]] = 1
        return found


def _keys(part: Part) -> Array:
    return (part.agent << 40) + part.message


def attempts(known: Numbers) -> dict[str, Any]:
    """Calls that were refused, and messages that failed and were asked for again: each has a send of the same name."""
    rows = known.of(Event.SEND_REFUSED, Event.SEND_RESENT)
    return {
        "source": named(rows.agent, known.sources),
        "ordinal": rows.message,
        "channel": known.channel(pick(known.source_channel, rows.agent)),
        "lane": named(rows.queue, words(Lane)),
        "attempt": rows.value,
        "at_us": rows.time,
        "outcome": named((rows.event == Event.SEND_RESENT).astype(np.int64), names(["refused", "resent"])),
    }


def cap_holds(known: Numbers) -> dict[str, Any]:
    """Messages of agents and flows that a number or a pair held back."""
    rows = known.of(Event.MESSAGE_CAPPED)
    return {
        "conversation": known.conversation(rows.conversation),
        "portion": rows.portion,
        "channel": known.channel(pick(known.channel_of_conversation, rows.conversation)),
        "lane": named(rows.queue, words(Lane)),
        "cap": named(rows.agent, words(Cap)),
        "from_us": rows.time - rows.value,
        "to_us": rows.time,
    }
