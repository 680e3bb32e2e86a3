"""When sends leave under a cap (model.md section 8): each cap by itself.

A cap of `count` messages in `window_us` is kept by a clock. `even`: slots lie `window_us ÷ count` apart, on an exact
clock in units of 1 µs ÷ count, so that the distance is a whole number; a send leaves at the first whole µs not before
its slot. `burst`: the window may be used up at once. Either way every half-open window holds at most `count`.

Columns give whole lanes in closed form; the functions of numbers below them take one step of the same clocks, for
`rules.stack`, where several caps act together.
"""

from __future__ import annotations

import numpy as np

from simulator.vocabulary.clock import MINUTE

# --- a lane at once --------------------------------------------------------------------------------------------


def even_sends_us(
    requests_us: np.ndarray, count: int, window_us: int = MINUTE, parts: np.ndarray | None = None
) -> np.ndarray:
    """`t_k = max(request_k, t_(k-1) + window/count)` for sorted requests. [send]

    With `parts` [send] a send takes so many slots (SMS), and leaves at its first.
    """
    if parts is None:
        before = np.arange(len(requests_us), dtype=np.int64) * window_us
    else:
        before = (np.cumsum(parts, dtype=np.int64) - parts) * window_us
    # With v_k = t_k − slots before it the rule is a running maximum.
    slots = np.maximum.accumulate(requests_us * count - before) + before
    return -(-slots // count)


def burst_sends_us(requests_us: np.ndarray, count: int, window_us: int = MINUTE) -> np.ndarray:
    """`t_k = max(request_k, t_(k-count) + window)` for sorted requests. [send]"""
    times = requests_us.copy()
    for start in range(count, len(times), count):
        block = times[start : start + count]
        before = times[start - count : start][: len(block)]
        np.maximum(block, before + window_us, out=block)
    return times


def shared_even_sends_us(requests_us: np.ndarray, count: int, numbers: int, window_us: int = MINUTE) -> np.ndarray:
    """As `even_sends_us` through so many equal clocks: each send takes the one that is free first. [send]

    Sends of one length through equal clocks take them in turn, so each clock has every numbers-th send.
    """
    times = np.empty_like(requests_us)
    for i in range(numbers):
        times[i::numbers] = even_sends_us(requests_us[i::numbers], count, window_us)
    return times


def even_until(
    requests_us: np.ndarray, at: int, slot: int, count: int, window_us: int, until_us: int
) -> tuple[np.ndarray, int]:
    """The sends from number `at` on that leave before `until_us`, on a clock whose next slot is `slot` (in units).

    When they leave, and the clock's next slot after them. [send], units. Between two sends that somebody decides at
    the instant, a whole lane advances so.
    """
    last_unit = (until_us - 1) * count  # the last slot that still leaves before `until_us`
    if at >= len(requests_us) or max(slot, int(requests_us[at]) * count) > last_unit:
        return requests_us[:0], slot
    most = at + (last_unit - max(slot, int(requests_us[at]) * count)) // window_us + 1
    requests = requests_us[at:most]
    before = np.arange(len(requests), dtype=np.int64) * window_us
    bounds = requests * count - before
    bounds[0] = max(int(bounds[0]), slot)
    slots = np.maximum.accumulate(bounds) + before
    leaving = int(np.searchsorted(slots, last_unit, side="right"))
    if not leaving:
        return requests_us[:0], slot
    return -(-slots[:leaving] // count), int(slots[leaving - 1]) + window_us


# --- one step of a clock ---------------------------------------------------------------------------------------


def even_free_us(slot: int, count: int) -> int:
    """The first whole µs not before a slot (in units of 1 µs ÷ count)."""
    return -(-slot // count)


def even_taken(slot: int, count: int, window_us: int, from_us: int, left_us: int, parts: int) -> int:
    """The clock's next slot, when a send that could leave from `from_us` on has left at `left_us`.

    Where this clock let it go at that very µs its slot stays exact, else the slot is the µs at which it left.
    """
    own = max(slot, from_us * count)
    if own <= (left_us - 1) * count:
        own = left_us * count
    return own + parts * window_us


def pair_free_us(first_us: int, messages: int, now_us: int, every_us: int, burst: int, within_us: int) -> int:
    """When the next message to the same customer may leave, at `now_us` or later.

    `messages` left since `first_us`, the beginning of the present burst (0: none so far). Within `within_us` of it up
    to `burst` may go; then nothing until all are paid back, `every_us` each.
    """
    if not messages or now_us >= first_us + messages * every_us:
        return now_us
    if messages < burst and now_us < first_us + within_us:
        return now_us
    return first_us + messages * every_us


def pair_taken(first_us: int, messages: int, left_us: int, every_us: int) -> tuple[int, int]:
    """The pair's burst after a message at `left_us`: when it began, how many messages it has."""
    if not messages or left_us >= first_us + messages * every_us:
        return left_us, 1
    return first_us, messages + 1


def open_from_us(edges_us: list[int], at_us: int) -> int:
    """The first instant, `at_us` or later, within stretches given as edges: opens, closes, opens, …; -1: never.

    No edges: always open.
    """
    if not edges_us:
        return at_us
    low, high = 0, len(edges_us)
    while low < high:  # how many edges are at or before it
        middle = (low + high) // 2
        if edges_us[middle] <= at_us:
            low = middle + 1
        else:
            high = middle
    if low % 2:
        return at_us
    return edges_us[low] if low < len(edges_us) else -1
