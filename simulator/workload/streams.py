"""Streams of chance: every draw is a pure function `uniform(stream, entity, k)` (model.md section 10).

A stream is the hash of seed, replication, name and purpose. Its numbers come from the counter-based generator
Philox 4x64-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11): NumPy
evaluates it in bulk, the same function written out below gives one number when only one is needed. Which of the
two is asked never changes a number.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np

_MASK = 2**64 - 1
_MULTIPLIER_0 = 0xD2E7470EE14C6C93  # Philox 4x64 constants, Salmon et al. 2011, table 2 and section 4.3
_MULTIPLIER_1 = 0xCA5A826395121157
_WEYL_0 = 0x9E3779B97F4A7C15
_WEYL_1 = 0xBB67AE8584CAA73B
_ROUNDS = 10

_TO_UNIT = 2.0**-53
"""53 random bits, plus a half, times this: a number strictly between 0 and 1."""


class Stream:
    """One stream of uniforms in (0, 1)."""

    __slots__ = ("_first", "_key", "_last", "_round_keys", "_second")

    def __init__(self, seed: int, replication: int, name: str, purpose: str):
        text = f"{seed}\x1f{replication}\x1f{name}\x1f{purpose}"
        self._key = int.from_bytes(blake2b(text.encode(), digest_size=16).digest(), "little")
        low, high = self._key & _MASK, self._key >> 64
        keys = [((low + i * _WEYL_0) & _MASK, (high + i * _WEYL_1) & _MASK) for i in range(_ROUNDS)]
        self._first, self._second = keys[0]
        self._round_keys = keys[1:-1]
        self._last, _ = keys[-1]

    def column(self, count: int, k: int = 0) -> np.ndarray:
        """Draw number k of the entities 0 … count−1. [entity]"""
        generator = np.random.Philox(key=self._key, counter=[0, k, 0, 0])
        first_words = generator.random_raw(4 * count)[::4]
        return ((first_words >> np.uint64(11)).astype(np.float64) + 0.5) * _TO_UNIT

    def at(self, entity: int, k: int = 0) -> float:
        """Draw number k of one entity: the same number as `column(...)[entity]`."""
        # NumPy counts up before it generates, so that counter [entity, k] stands for block entity + 1.
        # Two of the counter's four words are 0, which leaves out half of the first round; and of the last one only the
        # first word is needed.
        product_0 = _MULTIPLIER_0 * ((entity + 1) & _MASK)
        a, b, c, d = k ^ self._first, 0, (product_0 >> 64) ^ self._second, product_0 & _MASK
        for key_0, key_1 in self._round_keys:
            product_0, product_1 = _MULTIPLIER_0 * a, _MULTIPLIER_1 * c
            a, b, c, d = (
                (product_1 >> 64) ^ b ^ key_0,
                product_1 & _MASK,
                (product_0 >> 64) ^ d ^ key_1,
                product_0 & _MASK,
            )
        return (((((_MULTIPLIER_1 * c) >> 64) ^ b ^ self._last) >> 11) + 0.5) * _TO_UNIT


def descendant(entity: int, reason: int, number: int) -> int:
    """The entity of a contact that follows another: a hash of parent, reason and number, in 63 bits."""
    text = f"{entity}\x1f{reason}\x1f{number}"
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little") >> 1
