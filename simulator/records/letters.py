"""The table of what the business wrote by hand or by bot, message by message: how each ended."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.records.columns import NONE, Array, distinct, first, minus, named, names, pick, words
from simulator.records.numbers import Numbers
from simulator.records.reading import Part, latest_before
from simulator.vocabulary.codes import Block, Content, Event, Failure, name_of

LEFT = (Event.REPLY_SENT, Event.FLOW_MESSAGE_SENT, Event.PART_SENT, Event.TEMPLATE_SENT)
"""A message of the business leaves."""
KINDS = ("reply", "part", "template", "flow")
LANES = ("agent", "flow", "customer")
STATES = ("pending", "sent", "delivered", "read", "failed", "blocked")
PENDING, SENT, DELIVERED, READ, FAILED, BLOCKED = range(6)
_BLOCKS = max(Block) + 1
REASONS = ["", *(name_of(code) for code in Block), *(name_of(code) for code in Failure)]


def deliveries(known: Numbers) -> dict[str, Any]:
    """In order of the messages' numbers, which they get when they are written."""
    left, blocked, pending = known.of(*LEFT), known.of(Event.REPLY_BLOCKED), known.of(Event.MESSAGE_PENDING)
    refused = known.of(Event.ATTACHMENT_REFUSED)
    delivered, read = known.of(Event.MESSAGE_DELIVERED), known.of(Event.MESSAGE_READ)
    failed, sized = known.of(Event.MESSAGE_FAILED), known.of(Event.MESSAGE_SIZED)
    everyone = distinct(np.concatenate([part.message[part.message >= 0] for part in (left, blocked, pending, refused)]))
    size = len(everyone)
    row_of = np.full(int(everyone[-1]) + 1 if size else 0, NONE, np.int64)  # customers' messages have numbers too
    row_of[everyone] = np.arange(size)

    def rows(part: Part) -> Array:
        return pick(row_of, part.message)

    def by_message(part: Part, values: Array) -> Array:
        return first(size, rows(part), values)

    refused_rows = rows(refused)
    row = _row_of(size, *((part, rows(part)) for part in (left, blocked, pending, refused)))
    event, conversation = row["event"], row["conversation"]
    sent = by_message(left, left.time)
    channel = pick(known.channel_of_conversation, conversation)
    carried = np.append(known.carried, False)[channel]  # -1: nobody's
    there = np.where(carried, by_message(delivered, delivered.time), sent)
    reading = by_message(read, read.time)
    why = by_message(failed, failed.queue + _BLOCKS - 1)
    why[refused_rows] = refused.queue + _BLOCKS - 1
    is_failed = why != NONE
    block = by_message(blocked, blocked.queue)
    blocked_at = by_message(blocked, blocked.time)
    state = np.select(
        [block != NONE, is_failed, reading != NONE, there != NONE, sent != NONE],
        [BLOCKED, FAILED, READ, DELIVERED, SENT],
        default=PENDING,
    )
    reason = np.where(block != NONE, block, why)
    asked = by_message(pending, pending.time)
    written = np.where(asked != NONE, asked, row["time"])
    turn = _turns(left, rows(left), row, row_of)
    kind = np.select(
        [event == Event.TEMPLATE_SENT, event == Event.FLOW_MESSAGE_SENT, event == Event.PART_SENT],
        [2, 3, 1],
        default=np.where(event == Event.ATTACHMENT_REFUSED, 1, np.where(row["agent"] < 0, 3, _first(turn))),
    )
    customers = (event == Event.ATTACHMENT_REFUSED) & (row["agent"] < 0)
    lane = np.where(customers, 2, np.where(row["agent"] < 0, 1, 0))
    received = known.of(Event.MESSAGE_RECEIVED)
    heard = latest_before(received.conversation, received.at, conversation, row["at"], len(known.log))
    tested = np.where(sent != NONE, sent, row["time"])
    content = by_message(sized, sized.queue)
    is_refused = np.zeros(size, bool)
    is_refused[refused_rows] = True
    content = np.where(is_failed & is_refused, Content.ATTACHMENT, content)
    content = np.where(kind == 2, Content.TEMPLATE, np.where(content == NONE, Content.TEXT, content))
    value = by_message(sized, sized.value)
    value[refused_rows] = refused.value
    attempts = by_message(delivered, delivered.value)
    failed_after = by_message(failed, failed.value)
    parts = by_message(sized, sized.agent)
    return {
        "conversation": known.conversation(conversation),
        "portion": row["portion"],
        "number": _numbers(kind),
        "channel": known.channel(channel),
        "lane": named(lane, names(LANES)),
        "kind": named(kind, names(KINDS)),
        "contact": known.contact(pick(known.turn.agent, turn)),
        "turn": pick(known.turn.value, turn),
        "agent": known.agent(row["agent"]),
        "content": named(content, words(Content)),
        "characters": np.where(content == Content.TEXT, value, NONE),
        "bytes": np.where(content == Content.ATTACHMENT, value, NONE),
        "voice_us": np.where(content == Content.VOICE, value, NONE),
        "parts": np.where(parts == NONE, 1, parts),
        "template": named(np.where(kind == 2, row["queue"], -1), names(known.templates)),
        "written_us": written,
        "sent_us": sent,
        "since_inbound_us": minus(tested, pick(received.time, heard)),
        "delivered_us": np.where(state == FAILED, NONE, there),
        "read_us": reading,
        "failed_us": np.where(is_failed, np.maximum(by_message(failed, failed.time), written), NONE),
        "blocked_us": blocked_at,
        "attempts": np.where(attempts != NONE, attempts, failed_after),
        "state": named(state, names(STATES)),
        "reason": named(np.where(reason == NONE, -1, reason), names(REASONS)),
    }


def _numbers(kind: Array) -> Array:
    """Number of each message within its reply: parts follow their first message. [delivery]"""
    parts = kind == KINDS.index("part")
    since = np.arange(len(kind)) - np.maximum.accumulate(np.where(parts, 0, np.arange(len(kind))))
    return np.where(parts, since, 0)


def _first(turn: Array) -> Array:
    """A message that never left: of a reply if it has a turn, a part otherwise. Number in KINDS."""
    return np.where(turn >= 0, 0, 1)


def _row_of(size: int, *parts: tuple[Part, Array]) -> dict[str, Array]:
    """What the journal says of how each message left; of one that did not, how it was blocked, held or refused.
    Each part comes with the rows of its messages. [delivery]"""
    found: dict[str, Array] = {}
    for name in ("event", "conversation", "portion", "queue", "agent", "time", "at", "value"):
        column = np.full(size, NONE, np.int64)
        for part, rows in reversed(parts):
            known = rows >= 0
            column[rows[known]] = getattr(part, name)[known]
        found[name] = column
    return found


def _turns(left: Part, left_rows: Array, row: dict[str, Array], row_of: Array) -> Array:
    """The turn that each message answers, -1 for the flow's. [delivery]"""
    event, value = row["event"], row["value"]
    own = np.isin(event, (Event.REPLY_SENT, Event.TEMPLATE_SENT, Event.REPLY_BLOCKED, Event.MESSAGE_PENDING))
    turn = np.where(own, value, -1)
    parts = left.event == Event.PART_SENT
    turn[left_rows[parts]] = pick(turn, pick(row_of, left.value[parts]))
    return np.where(turn == NONE, -1, turn)
