"""A draw: one decision that chance makes, with its stream and its law. As a column, or for one entity.

A draw knows the law of every topic, because behaviour hangs on the topic: `laws[topic]`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from simulator.scenario.laws import Law
from simulator.workload.laws import one, whole
from simulator.workload.streams import Stream

SPARSE = 32
"""Below one in so many entities, single draws cost less than a column (a column's draw takes about 0.1 µs, a
single one about 4 µs: measured)."""


class Draw:
    """Whole numbers (µs or counts) from a law per topic."""

    def __init__(self, stream: Stream, laws: Sequence[Law | None], clipped: Counter[str], name: str):
        self._stream, self._laws, self._clipped, self._name = stream, tuple(laws), clipped, name

    @cached_property
    def _distinct(self) -> set[Law]:
        """Asked for columns only: most queues of a large centre are never any of a source's."""
        return {law for law in self._laws if law is not None}

    def column(self, topics: np.ndarray, k: int = 0) -> np.ndarray:
        """Draw k of the entities 0 … n−1, whose topics are given; 0 where a topic has no law. [entity]"""
        u = self._stream.column(len(topics), k)
        return self._values(u, topics)

    def some(self, entities: np.ndarray, topics: np.ndarray, count: int, k: int) -> np.ndarray:
        """Draw k of some of the entities 0 … count−1: those listed, with their topics. [listed]"""
        if len(entities) * SPARSE < count:
            u = np.array([self._stream.at(entity, k) for entity in entities.tolist()])
        else:
            u = self._stream.column(count, k)[entities]
        return self._values(u, topics)

    def at(self, topic: int, entity: int, k: int = 0) -> int:
        """Draw k of one entity."""
        law = self._laws[topic]
        if law is None:
            return 0
        if law.kind == "constant":
            return round(min(law.numbers[0], law.at_most))
        value, cut = one(law, self._stream.at(entity, k))
        if cut:
            self._clipped[self._name] += 1
        return round(value)

    def _values(self, u: np.ndarray, topics: np.ndarray) -> np.ndarray:
        result = np.zeros(len(u), np.int64)
        for law in self._distinct:
            if len(self._distinct) == 1 and None not in self._laws:
                result, cut = whole(law, u)
            else:
                mask = np.isin(topics, [i for i, other in enumerate(self._laws) if other == law])
                result[mask], cut = whole(law, u[mask])
            if cut:
                self._clipped[self._name] += cut
        return result


class Chance:
    """Yes or no, with a probability per topic."""

    def __init__(self, stream: Stream, shares: Sequence[float]):
        self._stream, self._shares = stream, np.asarray(shares, np.float64)

    def column(self, topics: np.ndarray) -> np.ndarray:
        """[entity] of bool"""
        return self._stream.column(len(topics)) < self._shares[topics]

    def possible(self, topic: int) -> bool:
        """Is there anything to draw?"""
        return bool(self._shares[topic] > 0)

    def at(self, topic: int, entity: int, k: int = 0) -> bool:
        share = self._shares.item(topic)
        if share <= 0 or share >= 1:
            return share >= 1  # nothing to draw: the uniform lies strictly between
        return self._stream.at(entity, k) < share
