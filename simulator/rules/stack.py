"""The state of several caps that act together (model.md section 8), and how it is laid out.

It is columns: plain lists of whole numbers, so that any engine can hold it. Clocks come first (`count`, `window_us`,
`slot`, `ring`, `head`), then streams, then sends. Sends stand in streams: first in, first out, in order of request.
`rules.leaving` says who leaves next.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

NEVER = 1 << 62

LEFT, RESENT, EXPIRED, REFUSED, REJECTED = range(5)
"""What happens to a send: it leaves; leaves, fails and is asked for again; waits too long; is refused with a 429 and
tried again later; is refused for good."""

NOTHING, ORGANISATION, NUMBER, PAIR, TIER, HOURS = range(-1, 5)
"""What a send waited for last. The same numbers as `codes.Cap`."""


class Stack(NamedTuple):
    """The caps, the streams and the sends of one component: nothing outside it shares a cap with it."""

    # clocks
    limit: list[int]
    """Messages in a window. [clock]"""
    window_us: list[int]
    slot: list[int]
    """`even`: the next slot, in units of 1 µs ÷ limit. [clock]"""
    ring: list[list[int] | None]
    """`burst`: when the latest `limit` messages left; None: even. [clock]"""
    head: list[int]
    """`burst`: place of the oldest in the ring. [clock]"""
    # streams
    rank: list[int]
    """Precedence at one instant; the smaller first. [stream]"""
    lane: list[int]
    """Clock of the lane, -1: none. [stream]"""
    pool: list[tuple[int, ...]]
    """Clocks of the channel's numbers; (): unlimited. [stream]"""
    pair: list[tuple[int, int, int] | None]
    """What a message to somebody costs, how many a burst may have, within how long (µs, messages, µs); None: any
    number. [stream]"""
    tier: list[int]
    """Number of the tier, -1: none. [stream]"""
    expires_us: list[int]
    """How long a send may wait, -1: for ever. [stream]"""
    edges_us: list[list[int]]
    """When it may send: opens, closes, …; empty: always. [stream]"""
    retry_us: list[Sequence[Sequence[int]] | None]
    """None: over the cap it waits. Else it is refused, and tries again after `retry_us[attempt][ordinal]`. [stream]"""
    resend_us: list[Sequence[Sequence[int]]]
    """A send that failed is asked for again after `resend_us[try][ordinal]`; (): not at all. [stream]"""
    queue: list[Sequence[int]]
    """Its sends in order of request. [stream][…]"""
    at: list[int]
    """Place of its first send that has not been looked at. [stream]"""
    extra: list[list[tuple[int, int, int, int, int]]]
    """A heap of those looked at that are due again: (request, send, refused, failed, cap). [stream]"""
    # sends, numbered in order of request over all streams (ties: source, ordinal)
    request_us: Sequence[int]
    person: Sequence[int]
    """Whom it goes to: no two customers share a number. [send]"""
    parts: list[int]
    """Slots of a number that each of its sends takes. [stream]"""
    ordinal: Sequence[int]
    """[send]"""
    tries: Sequence[int]
    """How often it leaves at most: all tries but the last fail. [send]"""
    # pairs and tiers
    pairs: dict[int, tuple[int, int]]
    """The present burst of a person: since when, how many."""
    tier_limit: list[int]
    tier_window_us: list[int]
    latest: list[dict[int, int]]
    """When each customer of the rolling window was last written to. [tier]"""
    oldest: list[list[tuple[int, int]]]
    """A heap of (when, whom); older entries of the same person are skipped. [tier]"""
    waiting: list[list[tuple[int, int, int, int]]]
    """A heap of sends that a full tier holds: (request, send, refused, failed); those that stand no more in
    `waiting_of` are skipped. [stream]"""
    waiting_of: list[dict[int, list[tuple[int, int, int, int, int]]]]
    """The same with their stream, by customer. [tier]"""
    alarmed: list[int]
    """1: somebody will look after the waiting. [tier]"""
    front: dict[tuple[int, int], tuple[int, int]]
    """By (stream, person): the send that pair or tier hold, and which of the two."""
    behind: dict[tuple[int, int], list[tuple[int, int, int, int]]]
    """A heap of those that wait behind it, (request, send, refused, failed): their caps are the same, so nobody
    looks at them before it has gone, and any number to one person costs no more than to many."""
    held: list[tuple[int, int, int, int, int, int, int]]
    """A heap of what pairs hold, and of tiers' alarms: (until, request, send, refused, failed, stream, cap)."""
    now: list[int]
    """[1]: nothing leaves before."""
    # what has happened
    out_send: list[int]
    out_us: list[int]
    out_what: list[int]
    out_cap: list[int]


def clock(stack: Stack, count: int, window_us: int, burst: bool) -> int:
    """One more clock; its number."""
    stack.limit.append(count)
    stack.window_us.append(window_us)
    stack.slot.append(0)
    stack.ring.append([] if burst else None)
    stack.head.append(0)
    return len(stack.limit) - 1


def tier(stack: Stack, limit: int, window_us: int) -> int:
    """One more tier; its number."""
    stack.tier_limit.append(limit)
    stack.tier_window_us.append(window_us)
    stack.latest.append({})
    stack.oldest.append([])
    stack.waiting_of.append({})
    stack.alarmed.append(0)
    return len(stack.tier_limit) - 1


def stream(
    stack: Stack,
    rank: int,
    queue: Sequence[int],
    *,
    lane: int = -1,
    pool: tuple[int, ...] = (),
    parts: int = 1,
    pair: tuple[int, int, int] | None = None,
    tier: int = -1,
    expires_us: int = -1,
    edges_us: Sequence[int] = (),
    retry_us: Sequence[Sequence[int]] | None = None,
    resend_us: Sequence[Sequence[int]] = (),
) -> int:
    """One more stream; its number."""
    stack.rank.append(rank)
    stack.lane.append(lane)
    stack.pool.append(pool)
    stack.parts.append(parts)
    stack.pair.append(pair)
    stack.tier.append(tier)
    stack.expires_us.append(expires_us)
    stack.edges_us.append(list(edges_us))
    stack.retry_us.append(retry_us)
    stack.resend_us.append(resend_us)
    stack.queue.append(queue)
    stack.at.append(0)
    stack.extra.append([])
    stack.waiting.append([])
    return len(stack.rank) - 1


def empty(request_us: Sequence[int], person: Sequence[int], ordinal: Sequence[int], tries: Sequence[int]) -> Stack:
    """A stack of these sends, without caps and streams so far."""
    return Stack(
        limit=[], window_us=[], slot=[], ring=[], head=[],
        rank=[], lane=[], pool=[], pair=[], tier=[], expires_us=[], edges_us=[], retry_us=[], resend_us=[],
        queue=[], at=[], extra=[],
        request_us=request_us, person=person, parts=[], ordinal=ordinal, tries=tries,
        pairs={}, tier_limit=[], tier_window_us=[], latest=[], oldest=[], waiting=[], waiting_of=[],
        alarmed=[], front={}, behind={}, held=[], now=[0], out_send=[], out_us=[], out_what=[], out_cap=[],
    )  # fmt: skip
