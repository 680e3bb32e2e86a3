"""Columns: NumPy arrays in, the exact dtypes of the catalogue out.

Inside the fold everything is an int64 array. NONE stands for "did not happen" in times and values; a number
(of an agent, a contact, …) that is negative stands for "nobody".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum
from typing import Any

import numpy as np
import pandas as pd

from simulator.vocabulary.codes import name_of
from simulator.vocabulary.tables import TABLES

Array = np.ndarray[Any, Any]

NONE = int(np.iinfo(np.int64).min)
"""Null in int64: a value that no time, duration or number can have."""


def first(size: int, numbers: Array, values: Array | int) -> Array:
    """Per number 0..size-1 the earliest of its values. [size]

    Numbers outside 0..size-1 belong to nobody and are left out; the checks count them.
    """
    values = np.broadcast_to(values, len(numbers))
    return last(size, numbers[::-1], values[::-1])


def last(size: int, numbers: Array, values: Array | int) -> Array:
    """Per number 0..size-1 the latest of its values; NONE where it has none. [size]"""
    found = np.full(size, NONE, np.int64)
    known = (numbers >= 0) & (numbers < size)
    # where an index occurs twice, NumPy keeps the later value
    found[numbers[known]] = np.broadcast_to(values, len(numbers))[known]
    return found


def count(size: int, numbers: Array) -> Array:
    """How often each number 0..size-1 occurs. [size]"""
    return np.bincount(numbers[(numbers >= 0) & (numbers < size)], minlength=size)


def total(size: int, numbers: Array, values: Array) -> Array:
    """Per number 0..size-1 the exact sum of its values. [size]"""
    sums = np.zeros(size, np.int64)
    known = (numbers >= 0) & (numbers < size)
    np.add.at(sums, numbers[known], values[known])
    return sums


def distinct(numbers: Array) -> Array:
    """Each number once, ascending. Sorting is many times faster than the table of hashes in `np.unique`."""
    ordered = np.sort(numbers)
    fresh = np.ones(len(ordered), bool)
    fresh[1:] = ordered[1:] != ordered[:-1]
    return ordered[fresh]


def repeats(numbers: Array) -> int:
    """How many are the number of another that stands before them."""
    return len(numbers) - len(distinct(numbers))


def kinds_of(*columns: Array) -> tuple[Array, Array]:
    """Rows that agree in all columns are of one kind: a row of each kind, in the order of the columns' values, and
    the kind of each row. [kind], [row]"""
    key, size = np.zeros(len(columns[0]), np.int64), 1
    for column in columns:
        low, high = int(column.min(initial=0)), int(column.max(initial=0))
        span = high - low + 1
        if size * span > 2**62:
            column, low = np.unique(column, return_inverse=True)[1], 0
            span = int(column.max(initial=0)) + 1
        key, size = key * span + (column - low), size * span
    if size > 2 * len(key) + 1024:
        _, row, kind = np.unique(key, return_index=True, return_inverse=True)
        return row, kind
    row = np.full(size, -1, np.int64)
    row[key] = np.arange(len(key))
    number = np.cumsum(row >= 0) - 1
    return row[row >= 0], number[key]


def pick(values: Array, numbers: Array) -> Array:
    """`values[numbers]`, NONE where the number is nobody's. [number]"""
    known = (numbers >= 0) & (numbers < len(values))
    if not len(values):
        return np.full(len(numbers), NONE, np.int64)
    return np.where(known, values[np.where(known, numbers, 0)], NONE)


def minus(later: Array, earlier: Array) -> Array:
    """Time between, NONE where one of the two did not happen."""
    return np.where((later == NONE) | (earlier == NONE), NONE, later - earlier)


def rank(groups: Array) -> Array:
    """Number of each element within its group, from 0, in the order given. [element]"""
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    fresh = np.ones(len(groups), bool)
    fresh[1:] = ordered[1:] != ordered[:-1]
    begins = np.flatnonzero(fresh)
    ranks = np.empty(len(groups), np.int64)
    ranks[order] = np.arange(len(groups)) - np.repeat(begins, np.diff(np.append(begins, len(groups))))
    return ranks


def names(texts: Sequence[str] | Array) -> pd.Index:
    return pd.Index(texts, dtype="str")


def words(code: type[IntEnum]) -> pd.Index:
    """The names of a code's members by their numbers."""
    texts = [""] * (max(code) + 1)
    for member in code:
        texts[member] = name_of(member)
    return names(texts)


def named(numbers: Array, texts: pd.Index) -> pd.Categorical:
    """Numbers as names; the categories are those that occur, in order of appearance."""
    known = (numbers >= 0) & (numbers < len(texts))
    if known.all():
        codes, seen = pd.factorize(numbers)
    else:
        codes = np.full(len(numbers), -1, np.int64)
        codes[known], seen = pd.factorize(numbers[known])
    # all of them in their order: the same index again, of which pandas knows already that its texts are distinct
    whole = len(seen) == len(texts) and bool((seen == np.arange(len(seen))).all())
    return pd.Categorical.from_codes(codes, categories=texts if whole else texts.take(seen))


def frame(table: str, replication: int, columns: Mapping[str, Any]) -> pd.DataFrame:
    """The table as the catalogue wants it: these columns, this order, these dtypes."""
    catalogue = TABLES[table][1:]
    if set(columns) != {column.name for column in catalogue}:
        raise ValueError(f"{table}: {sorted(set(columns) ^ {column.name for column in catalogue})} do not match")
    made: dict[str, Any] = {"replication": np.full(len(columns[catalogue[0].name]), replication, np.int32)}
    made |= {column.name: typed(columns[column.name], column.dtype) for column in catalogue}
    return pd.DataFrame(made, copy=False)


def typed(values: Any, dtype: str) -> Any:
    """One column in its dtype; `category` comes ready made."""
    if dtype == "category":
        return values
    if dtype == "Int64":
        missing = values == NONE
        return pd.arrays.IntegerArray(np.where(missing, 0, values).astype(np.int64), missing)  # type: ignore[attr-defined]
    if dtype == "boolean":
        missing = values == NONE
        return pd.arrays.BooleanArray(np.where(missing, 0, values).astype(bool), missing)  # type: ignore[attr-defined]
    return values.astype(dtype)
