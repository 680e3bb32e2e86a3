"""When a way that is closed is open again, and when what was queued or held meanwhile leaves (model.md section 8).

A way is closed in half-open intervals [start, end): at the very end it is open. All times in µs.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence


def open_at_us(at_us: int, starts: Sequence[int], ends: Sequence[int]) -> int:
    """The first instant from `at_us` on at which the way is open; `at_us` itself if it is. Intervals as `merged`."""
    i = bisect_right(starts, at_us) - 1
    return ends[i] if i >= 0 and at_us < ends[i] else at_us


def retried_us(
    at_us: int, starts: Sequence[int], ends: Sequence[int], every_us: int, back_off: float, at_most_us: int
) -> int:
    """When a message leaves whose sender tries again: at the first try that finds the way open.

    Tries: at once, then after pauses of `every_us`, growing by `back_off` up to `at_most_us`. The number of tries
    worked through is bounded: pauses that have stopped growing are counted by division.
    """
    pause = min(every_us, at_most_us)
    while True:
        opens_us = open_at_us(at_us, starts, ends)
        if opens_us == at_us:
            return at_us
        longer = min(round(pause * back_off), at_most_us)
        if longer == pause:
            at_us += -(-(opens_us - at_us) // pause) * pause
        else:
            at_us, pause = at_us + pause, longer
