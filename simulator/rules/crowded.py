"""The same order of sends as `rules.leaving` where many streams share a stack: what one send costs grows with the
logarithm of their number (campaigns with calling windows of their own are a stream each).

What holds a stream puts it into one heap:

- `soon`, by instant: it is not yet asked for, its hours are closed, it expires, or it is a call, which is told at once;
- a group (the same lane and numbers), in order of precedence: it waits for the slower of the two clocks. The group
  waits for its numbers in `soon`, or for its lane with all other groups of that lane, in order of precedence.

Clocks only move on, so that an instant found earlier is never too late: whoever comes to the top of a heap is looked at
again, and put where he belongs by now. What a pair has held comes back to its stream, which is then put anew.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush, heapreplace
from typing import Any

from simulator.rules import leaving
from simulator.rules.leaving import NOBODY, Candidate, candidate, clock_free_us, instant_us, pool_free_us
from simulator.rules.stack import NEVER, Stack

FEW, FEW_PLAIN = 8, 80
"""Up to so many streams a look at each costs less (measured), and in the loop of `rules.plain`."""
STREAM, GROUP, LANE = range(3)

Key = tuple[int, int, int, int]
"""Instant, rank, request, send: what happens next is the smallest."""


class Crowd:
    """Who is next of many streams."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        lines = [(stack.lane[s], stack.pool[s], stack.parts[s]) for s in range(len(stack.rank))]
        groups = {line: g for g, line in enumerate(dict.fromkeys(lines))}
        self._line = list(groups)
        """Lane, numbers and parts. [group]"""
        self._group = [groups[line] for line in lines]
        """[stream]"""
        self._filed = [[0] * len(lines), [0] * len(groups), [0] * len(stack.limit)]
        """How often each was put somewhere: older entries are void. [STREAM, GROUP, LANE][number]"""
        self._soon: list[tuple[int, int, int, int, int, int, int]] = []
        """A heap of (key, what, number, filed)."""
        self._ripe: list[list[tuple[int, int, int, int, int]]] = [[] for _ in groups]
        """Heaps of (rank, request, send, stream, filed). [group]"""
        self._behind: list[list[tuple[int, int, int, int, int]]] = [[] for _ in stack.limit]
        """Heaps of (rank, request, send, group, filed). [lane's clock]"""
        self._tiered = [s for s in range(len(lines)) if stack.tier[s] >= 0]
        """Each is looked at for every send: room in a tier brings all of them forward at once. [stream]"""
        for s in range(len(lines)):
            self._files(s)

    # --- what happens ---------------------------------------------------------------------------------------------

    def advance(self, until_us: int) -> None:
        """Everything that happens before `until_us`."""
        stack, held = self._stack, self._stack.held
        while True:
            s, key, found = self._next()
            if held and held[0][0] <= key[0] and held[0][0] < until_us:
                s = held[0][5] if held[0][2] >= 0 else -1
                leaving.release(stack)
            elif key[0] >= until_us:
                return
            else:
                leaving.happens(stack, s, found)
            if s >= 0:
                self._files(s)

    def next_us(self) -> int:
        """Nothing happens before; NEVER: nothing is left to happen."""
        first = self._next()[1][0]
        return min(first, self._stack.held[0][0]) if self._stack.held else first

    def _next(self) -> tuple[int, Key, Candidate]:
        """The stream to which something happens next, its key, and what is known of it."""
        first = self._first()
        chosen, found = (-1, NOBODY) if first is None else first
        key = (NEVER, 0, 0, 0) if first is None else self._soon[0][:4]
        for s in self._tiered:
            its = candidate(self._stack, s)
            its_key = self._key(s, its)
            if its_key < key:
                chosen, key, found = s, its_key, its
        return chosen, key, found

    # --- who is next ----------------------------------------------------------------------------------------------

    def _first(self) -> tuple[int, Candidate] | None:
        """The stream whose key is now the first of `soon`, and what is known of it."""
        soon = self._soon
        while soon:
            *_, what, number, filed = soon[0]
            if filed != self._filed[what][number]:
                heappop(soon)
                continue
            if what == STREAM:
                found = candidate(self._stack, number)
                if self._key(number, found) == soon[0][:4]:
                    return number, found
                heappop(soon)
                self._files(number, found)
                continue
            s = self._of_lane(number) if what == LANE else self._of_group(number)
            if s >= 0:
                found = candidate(self._stack, s)
                if self._key(s, found) == soon[0][:4]:
                    return s, found
                heappop(self._ripe[self._group[s]])
                self._files(s, found)
        return None

    def _of_group(self, g: int) -> int:
        """The first of a group, if it still stands where `soon` says; else it is put where it belongs, and -1."""
        soon, first = self._soon, self._top(self._ripe[g], STREAM)
        if first is None:
            heappop(soon)
            return -1
        lane_us, pool_us = self._free_us(g)
        if lane_us >= pool_us:
            heappop(soon)
            self._places(g)
            return -1
        key = (pool_us, *first[:3])
        if key != soon[0][:4]:
            heapreplace(soon, (*key, *soon[0][4:]))
            return -1
        return first[3]

    def _of_lane(self, lane: int) -> int:
        """The first of all groups that a lane holds, in the same way."""
        soon, behind = self._soon, self._behind[lane]
        while (entry := self._top(behind, GROUP)) is not None:
            g = entry[3]
            first = self._top(self._ripe[g], STREAM)
            lane_us, pool_us = self._free_us(g)
            if first is None:
                heappop(behind)
            elif pool_us > lane_us:
                heappop(behind)
                self._places(g)
            elif first[:3] != entry[:3]:
                heapreplace(behind, (*first[:3], *entry[3:]))
            else:
                break
        if entry is None:
            heappop(soon)
            return -1
        key = (lane_us, *entry[:3])
        if key != soon[0][:4]:
            heapreplace(soon, (*key, *soon[0][4:]))
            return -1
        return first[3] if first is not None else -1

    def _top(self, heap: list[Any], what: int) -> Any:
        """The first entry of a heap that is not void."""
        filed = self._filed[what]
        while heap and heap[0][4] != filed[heap[0][3]]:
            heappop(heap)
        return heap[0] if heap else None

    def _free_us(self, g: int) -> tuple[int, int]:
        """When lane and numbers of a group are free, -1: it has none."""
        lane, pool, parts = self._line[g]
        return (
            clock_free_us(self._stack, lane) if lane >= 0 else -1,
            pool_free_us(self._stack, pool, parts)[0] if pool else -1,
        )

    def _key(self, s: int, found: Candidate) -> Key:
        return instant_us(self._stack, s, found), self._stack.rank[s], found[1], found[2]

    # --- where it waits -------------------------------------------------------------------------------------------

    def _files(self, s: int, found: Candidate | None = None) -> None:
        """Puts a stream where it waits now."""
        stack, g = self._stack, self._group[s]
        if stack.tier[s] >= 0:
            return
        self._filed[STREAM][s] += 1
        filed = self._filed[STREAM][s]
        if found is None:
            found = candidate(stack, s)
        if found[0] == NEVER:
            return  # until something of its own comes back
        key = self._key(s, found)
        ripe = stack.retry_us[s] is None and found[0] == max(self._free_us(g))
        if not ripe:
            self._pushes(self._soon, (*key, STREAM, s, filed), STREAM)
            return
        if stack.expires_us[s] >= 0:
            due = leaving.due_us(stack, s, found)
            self._pushes(self._soon, (due, *key[1:], STREAM, s, filed), STREAM)
        entry = (*key[1:], s, filed)
        self._pushes(self._ripe[g], entry, STREAM)
        if self._ripe[g][0] is entry:
            self._places(g)

    def _places(self, g: int) -> None:
        """Puts a group where it waits now: for its lane or for its numbers."""
        first = self._top(self._ripe[g], STREAM)
        self._filed[GROUP][g] += 1
        if first is None:
            return
        lane, (lane_us, pool_us) = self._line[g][0], self._free_us(g)
        if pool_us > lane_us:
            self._pushes(self._soon, (pool_us, *first[:3], GROUP, g, self._filed[GROUP][g]), GROUP)
            return
        entry = (*first[:3], g, self._filed[GROUP][g])
        self._pushes(self._behind[lane], entry, GROUP)
        if self._behind[lane][0] is entry:
            self._filed[LANE][lane] += 1
            self._pushes(self._soon, (lane_us, *first[:3], LANE, lane, self._filed[LANE][lane]), LANE)

    def _pushes(self, heap: list[Any], entry: Any, what: int) -> None:
        """Void entries are thrown out when they are most of a heap: it stays as long as there are streams."""
        heappush(heap, entry)
        if len(heap) > 64 + 6 * (len(self._group) + len(self._line)):
            filed = self._filed
            heap[:] = [each for each in heap if each[-1] == filed[each[4] if heap is self._soon else what][each[-2]]]
            heapify(heap)
