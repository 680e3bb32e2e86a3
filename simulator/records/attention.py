"""Whose attention went where: pieces of work, and what each got of it where several are worked on at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.records.columns import NONE, Array, first, pick
from simulator.records.reading import Links, Log
from simulator.vocabulary.codes import Event

WRITTEN = (Event.REPLY_SENT, Event.MESSAGE_PENDING, Event.REPLY_BLOCKED)
"""What tells that a reply is written: it leaves, waits for the way out, or may not be sent. `value`: turn."""


@dataclass(frozen=True)
class Pieces:
    """Replies, wrap-ups, and what it takes to pass a conversation on; open ones end with the run. [piece]"""

    agent: Array
    session: Array
    turn: Array
    """-1: no reply."""
    start: Array
    end: Array
    effort: Array
    """As the journal says it, without what switching costs; a wrap-up of serial attention says 0."""
    done: Array
    """False: still under way when the run ended."""


def pieces(log: Log, links: Links, turns: int, sessions: int) -> Pieces:
    """All pieces of work of a journal with so many turns and sessions."""
    replies, wrap_ups, ended = log.of(Event.REPLY_STARTED), log.of(Event.WRAP_UP_STARTED), log.of(Event.SESSION_ENDED)
    passing, passed = log.of(Event.PASSING_STARTED), log.of(Event.TRANSFERRED)
    passing_end = pick(first(sessions, passed.message, passed.time), passing.message)
    reply_end = pick(written_us(log, turns), replies.message)
    wrap_up_end = pick(first(sessions, ended.message, ended.time), wrap_ups.message)
    end = np.concatenate([reply_end, wrap_up_end, passing_end])
    return Pieces(
        agent=np.concatenate([replies.agent, wrap_ups.agent, passing.agent]),
        session=np.concatenate([links.session(replies), wrap_ups.message, passing.message]),
        turn=np.concatenate([replies.message, np.full(len(wrap_ups) + len(passing), -1)]),
        start=np.concatenate([replies.time, wrap_ups.time, passing.time]),
        end=np.where(end == NONE, log.end, end),
        effort=np.concatenate([replies.value, wrap_ups.value, passing.value]),
        done=end != NONE,
    )


def written_us(log: Log, turns: int) -> Array:
    """When the reply to each turn was written, NONE if it was not. [turn]"""
    rows = log.of(*WRITTEN)
    return first(turns, rows.value, rows.time)


def shares_us(owner: Array, start: Array, end: Array, gain: Array | None = None) -> Array:
    """Integral of gain(n) over each piece, where n pieces of its owner are under way. [piece] of float

    `gain` [n]; without it 1/n: each piece's share of attention, so that shares add up to the time with any piece.
    """
    count = len(start)
    if not count:
        return np.zeros(0)
    who, time = np.concatenate([owner, owner]), np.concatenate([start, end])
    order = np.lexsort((time, who))
    n = np.cumsum(np.repeat([1, -1], count)[order])  # every owner's pieces end, so one running sum serves all
    if gain is None:
        gain = np.concatenate([[0.0], 1.0 / np.arange(1, int(n.max(initial=1)) + 1)])
    gained = np.where(n[:-1] > 0, np.diff(time[order]) * gain[n[:-1]], 0.0)
    before = np.concatenate([[0.0], np.cumsum(gained)])
    place = np.empty(2 * count, np.int64)
    place[order] = np.arange(2 * count)
    return before[place[count:]] - before[place[:count]]
