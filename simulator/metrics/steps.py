"""Step functions: how many, how long, how many at most. Vectorised, exact in whole microseconds.

A stay is [start, end); many stays make a step function of time, the number present.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


def clip(starts: np.ndarray, ends: np.ndarray, low: int, high: int) -> tuple[np.ndarray, np.ndarray]:
    """The parts of stays inside [low, high); a stay outside has length 0. [stay]"""
    start = np.clip(starts, low, high)
    return start, np.maximum(np.clip(ends, low, high), start)


def overlap(starts: np.ndarray, ends: np.ndarray, low: int, high: int) -> np.ndarray:
    """Length of each stay inside [low, high). [stay]"""
    start, end = clip(starts, ends, low, high)
    return end - start


def area(starts: np.ndarray, ends: np.ndarray, low: int, high: int) -> int:
    """Integral of the number present over [low, high): the sum of the stays cut at the edges."""
    return int(overlap(starts, ends, low, high).sum())


def areas(starts: np.ndarray, ends: np.ndarray, edges: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
    """Integral of the (weighted) number present between each two neighbouring edges. [edge - 1]"""
    came, early = _passed(starts, edges, weights)
    went, late = _passed(np.maximum(ends, starts), edges, weights)
    return (came - went)[:-1] * np.diff(edges) + (early - late)[1:]


def _passed(times: np.ndarray, edges: np.ndarray, weights: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """Weight of the times up to each edge; and weight x time to the edge of those since the edge before. [edge] each"""
    place = np.searchsorted(edges, times)  # the first edge that is not before it
    size = len(edges) + 1
    to_edge = np.append(edges, 0)[place] - times
    number = np.zeros(size, np.int64 if weights is None else weights.dtype)
    rest = np.zeros(size, np.result_type(number, to_edge))
    np.add.at(number, place, 1 if weights is None else weights)
    np.add.at(rest, place, to_edge if weights is None else weights * to_edge)
    return np.cumsum(number)[:-1], rest[:-1]


def levels(starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The number present: times of change, and the number from each until the next. [change], [change]

    Stays of length 0 are nobody. Coming and going at one instant are one change.
    """
    real = ends > starts
    # sorting whole numbers that carry their sign is many times faster than sorting by an order
    moves = np.sort(np.concatenate([starts[real] * 2 + 1, ends[real] * 2]))
    at, number = moves >> 1, np.cumsum((moves & 1) * 2 - 1)
    last = np.ones(len(at), bool)
    last[:-1] = at[1:] != at[:-1]
    return at[last], number[last]


def between(at: np.ndarray, number: np.ndarray, low: int, high: int) -> tuple[np.ndarray, np.ndarray]:
    """What `levels` gave, cut to [low, high): from `low` on, and 0 from `high` on. [change], [change]"""
    if high <= low:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    first, last = np.searchsorted(at, low, side="right"), np.searchsorted(at, high)
    before = number[first - 1] if first else 0
    return (
        np.concatenate([[low], at[first:last], [high]]).astype(np.int64),
        np.concatenate([[before], number[first:last], [0]]).astype(np.int64),
    )


def peak(starts: np.ndarray, ends: np.ndarray, low: int, high: int) -> int:
    """Largest number present at any moment of [low, high)."""
    _, number = levels(*clip(starts, ends, low, high))
    return int(number.max()) if len(number) else 0


def peaks(starts: np.ndarray, ends: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Largest number present between each two neighbouring edges, those already there included. [edge - 1]"""
    at, number = levels(starts, ends)
    before = np.searchsorted(at, edges[:-1], side="right")  # changes up to and at the edge have happened
    at_edge = np.concatenate([[0], number])[before]
    largest = at_edge.astype(np.int64)
    bin_of = np.searchsorted(edges, at, side="right") - 1
    inside = (bin_of >= 0) & (bin_of < len(edges) - 1)
    np.maximum.at(largest, bin_of[inside], number[inside])
    return largest


def union(starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The stretches in which anybody is present. [stretch], [stretch]"""
    return present(*levels(starts, ends))


def present(at: np.ndarray, number: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The stretches in which a number from `levels` is not zero. [stretch], [stretch]"""
    if not len(at):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    some = np.concatenate([[False], number > 0])
    begins = at[~some[:-1] & some[1:]]
    ends_ = at[some[:-1] & ~some[1:]]
    return begins, ends_


@dataclass(frozen=True)
class Segments:
    """Stretches of one owner's time in which two step functions are constant. [segment]"""

    owner: np.ndarray
    start: np.ndarray
    end: np.ndarray
    first: np.ndarray
    """Value of the first function: how many stays of the first kind."""
    second: np.ndarray

    @property
    def length(self) -> np.ndarray:
        return self.end - self.start

    def inside(self, low: int, high: int) -> Segments:
        """What of them lies in [low, high)."""
        start, end = clip(self.start, self.end, low, high)
        kept = end > start
        return Segments(self.owner[kept], start[kept], end[kept], self.first[kept], self.second[kept])


def together(
    first: tuple[np.ndarray, np.ndarray, np.ndarray],
    second: tuple[np.ndarray, np.ndarray, np.ndarray],
    low: int,
    high: int,
) -> Segments:
    """Two kinds of stays, each (owner, starts, ends), cut to [low, high) and laid over each other by owner.

    Only stretches with at least one stay of the second kind are returned.
    """
    owners, times, kinds = [], [], []
    for kind, (owner, starts, ends) in ((0, first), (2, second)):
        start, end = clip(starts, ends, low, high)
        real = end > start
        for number, moment in ((kind, start[real]), (kind + 1, end[real])):
            owners.append(owner[real])
            times.append(moment)
            kinds.append(np.full(len(moment), number, np.int64))
    owner, time, what = _in_order(np.concatenate(owners), np.concatenate(times), np.concatenate(kinds), high + 1)
    # every owner's changes sum to zero, so one running sum serves all owners
    one, two = np.cumsum(_FIRST[what]), np.cumsum(_SECOND[what])
    if not len(owner):
        empty = np.empty(0, np.int64)
        return Segments(empty, empty, empty, empty, empty)
    keep = (owner[1:] == owner[:-1]) & (time[1:] > time[:-1]) & (two[:-1] > 0)
    return Segments(owner[:-1][keep], time[:-1][keep], time[1:][keep], one[:-1][keep], two[:-1][keep])


_FIRST, _SECOND = np.array([1, -1, 0, 0]), np.array([0, 0, 1, -1])
"""What a change does to the two functions: the first begins, ends, the second begins, ends."""
LARGEST = 2**62
"""Owner, time and kind of a change are sorted as one whole number up to this: 5,000 agents for ten years."""


def _in_order(
    owner: np.ndarray, time: np.ndarray, kind: np.ndarray, width: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Changes by owner, then time, 0 <= time < width. [change] each"""
    if 4 * width * (int(owner.max(initial=0)) + 2) > LARGEST:
        order = np.lexsort((time, owner))
        return owner[order], time[order], kind[order]
    together = np.sort((owner * width + time) * 4 + kind)
    whose, when = np.divmod(together >> 2, width)
    return whose, when, together & 3
