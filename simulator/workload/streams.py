"""Streams of chance: every draw is a pure function `uniform(stream, entity, k)` (model.md section 10).

A stream is the hash of seed, replication, name and purpose. Its numbers come from the counter-based generator
Philox 4x64-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11), evaluated by NumPy:
a column in one go, or one number when only one is needed. Which of the two is asked never changes a number.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import numpy as np

_WORD = 2**64 - 1

_TO_UNIT = 2.0**-53
"""53 random bits, plus a half, times this: a number strictly between 0 and 1."""

_USED_UP = 4
"""Words of a block that were given out: NumPy makes a new block at the next."""


class Stream:
    """One stream of uniforms in (0, 1)."""

    __slots__ = ("_counter", "_generator", "_key", "_state")

    def __init__(self, seed: int, replication: int, name: str, purpose: str):
        text = f"{seed}\x1f{replication}\x1f{name}\x1f{purpose}"
        self._key = int.from_bytes(blake2b(text.encode(), digest_size=16).digest(), "little")
        self._generator: np.random.Philox | None = None

    def column(self, count: int, k: int = 0) -> np.ndarray:
        """Draw number k of the entities 0 … count−1. [entity]"""
        generator = np.random.Philox(key=self._key, counter=[0, k, 0, 0])
        first_words = generator.random_raw(4 * count)[::4]
        return ((first_words >> np.uint64(11)).astype(np.float64) + 0.5) * _TO_UNIT

    def at(self, entity: int, k: int = 0) -> float:
        """Draw number k of one entity: the same number as `column(...)[entity]`."""
        generator = self._generator
        if generator is None:
            generator = self._sets_up()
        # To set a generator's counter costs a tenth of making one, and a third of Philox written in Python (measured).
        self._counter[:2] = entity, k
        generator.state = self._state  # type: ignore[assignment]
        return ((generator.random_raw() >> 11) + 0.5) * _TO_UNIT

    def _sets_up(self) -> np.random.Philox:
        """A generator whose counter can be set; made when a stream is first asked for one number."""
        self._generator = generator = np.random.Philox(key=self._key)
        self._counter = [0, 0, 0, 0]  # lists, which are read faster one by one than arrays
        self._state: dict[str, Any] = {
            "bit_generator": "Philox",
            "state": {"counter": self._counter, "key": [self._key & _WORD, self._key >> 64]},
            "buffer": [0, 0, 0, 0],
            "buffer_pos": _USED_UP,
            "has_uint32": 0,
            "uinteger": 0,
        }
        return generator


def descendant(entity: int, reason: int, number: int) -> int:
    """The entity of a contact that follows another: a hash of parent, reason and number, in 63 bits."""
    text = f"{entity}\x1f{reason}\x1f{number}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little") >> 1
