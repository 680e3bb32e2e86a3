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
    return np.diff(_cumulative(starts, edges, weights) - _cumulative(np.maximum(ends, starts), edges, weights))


def _cumulative(times: np.ndarray, edges: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    """Sum over `times` of weight x max(0, edge - time), at each edge. [edge]"""
    order = np.argsort(times, kind="stable")
    t = times[order]
    w = np.ones(len(t), np.int64) if weights is None else weights[order]
    passed = np.searchsorted(t, edges, side="right")
    count = np.concatenate([np.zeros(1, w.dtype), np.cumsum(w)])[passed]
    moment = np.concatenate([np.zeros(1, w.dtype), np.cumsum(w * t)])[passed]
    return count * edges - moment


def levels(starts: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The number present: times of change, and the number from each until the next. [change], [change]

    Stays of length 0 are nobody. Coming and going at one instant are one change.
    """
    real = ends > starts
    times = np.concatenate([starts[real], ends[real]])
    change = np.concatenate([np.ones(int(real.sum()), np.int64), -np.ones(int(real.sum()), np.int64)])
    at, where = np.unique(times, return_inverse=True)
    steps = np.bincount(where, weights=change, minlength=len(at)).astype(np.int64) if len(at) else np.empty(0, int)
    return at, np.cumsum(steps)


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
    at, number = levels(starts, ends)
    if not len(at):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    present = np.concatenate([[False], number > 0])
    begins = at[~present[:-1] & present[1:]]
    ends_ = at[present[:-1] & ~present[1:]]
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


def together(
    first: tuple[np.ndarray, np.ndarray, np.ndarray],
    second: tuple[np.ndarray, np.ndarray, np.ndarray],
    low: int,
    high: int,
) -> Segments:
    """Two kinds of stays, each (owner, starts, ends), cut to [low, high) and laid over each other by owner.

    Only stretches with at least one stay of the second kind are returned.
    """
    owners, times, ones, twos = [], [], [], []
    for which, (owner, starts, ends) in enumerate((first, second)):
        start, end = clip(starts, ends, low, high)
        real = end > start
        for moment, change in ((start[real], 1), (end[real], -1)):
            owners.append(owner[real])
            times.append(moment)
            steps = np.full(len(moment), change, np.int64)
            nothing = np.zeros(len(moment), np.int64)
            ones.append(nothing if which else steps)
            twos.append(steps if which else nothing)
    owner, time = np.concatenate(owners), np.concatenate(times)
    order = np.lexsort((time, owner))
    owner, time = owner[order], time[order]
    # every owner's changes sum to zero, so one running sum serves all owners
    one, two = np.cumsum(np.concatenate(ones)[order]), np.cumsum(np.concatenate(twos)[order])
    if not len(owner):
        empty = np.empty(0, np.int64)
        return Segments(empty, empty, empty, empty, empty)
    keep = (owner[1:] == owner[:-1]) & (time[1:] > time[:-1]) & (two[:-1] > 0)
    return Segments(owner[:-1][keep], time[:-1][keep], time[1:][keep], one[:-1][keep], two[:-1][keep])
