"""Rows of different lengths in two flat arrays: think times by turn, delays of the flow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

LONGEST = 64
"""Turns beyond this are drawn when needed: few contacts get so far, and a scenario may ask for a million."""
RARE = 128
"""So are turns that fewer than one in so many contacts reach."""


@dataclass(frozen=True)
class Ragged:
    """Row i is `values[starts[i] : starts[i + 1]]`."""

    starts: np.ndarray
    values: np.ndarray
    start_at: memoryview = field(init=False, repr=False, compare=False)
    value_at: memoryview = field(init=False, repr=False, compare=False)
    """The same numbers, read one by one: twice as fast as from an array."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "start_at", self.starts.data)
        object.__setattr__(self, "value_at", self.values.data)

    @classmethod
    def of(
        cls, lengths: np.ndarray, column: Callable[[np.ndarray, int], np.ndarray], limit: int | None = LONGEST
    ) -> Ragged:
        """Fill place k of every row that reaches it with `column(rows, k)`.

        With a limit, rows end where it is reached or where rows so long become rare.
        """
        if limit is not None:
            reach = np.bincount(np.minimum(lengths, limit), minlength=limit + 1)
            reaching = len(lengths) - np.cumsum(reach)  # rows longer than k
            rare = np.flatnonzero(reaching * RARE < len(lengths))
            lengths = np.minimum(lengths, rare[0] if len(rare) else limit)
        starts = np.concatenate([[0], np.cumsum(lengths)])
        values = np.zeros(int(starts[-1]), np.int64)
        for k in range(int(lengths.max(initial=0))):
            rows = np.flatnonzero(lengths > k)
            values[starts[rows] + k] = column(rows, k)
        return cls(starts, values)

    @classmethod
    def interleave(cls, first: Ragged, second: Ragged) -> Ragged:
        """Rows a1 b1 a2 b2 …: the second's rows are as long as the first's, or one shorter."""
        ones, twos = np.diff(first.starts), np.diff(second.starts)
        starts = np.concatenate([[0], np.cumsum(ones + twos)])
        values = np.zeros(int(starts[-1]), np.int64)
        for part, lengths, shift in ((first, ones, 0), (second, twos, 1)):
            place = np.arange(len(part.values)) - np.repeat(part.starts[:-1], lengths)
            values[np.repeat(starts[:-1], lengths) + 2 * place + shift] = part.values
        return cls(starts, values)

    @classmethod
    def join(cls, parts: Sequence[Ragged], rows: int) -> Ragged:
        """The parts' rows, one after the other."""
        lengths = [np.diff(part.starts) for part in parts]
        total = sum(lengths, np.zeros(rows, np.int64))
        starts = np.concatenate([[0], np.cumsum(total)])
        values = np.zeros(int(starts[-1]), np.int64)
        before = starts[:-1].copy()
        for part, length in zip(parts, lengths, strict=True):
            place = np.arange(len(part.values)) - np.repeat(part.starts[:-1], length)
            values[np.repeat(before, length) + place] = part.values
            before += length
        return cls(starts, values)

    def row(self, i: int) -> list[int]:
        return self.value_at[self.start_at[i] : self.start_at[i + 1]].tolist()
