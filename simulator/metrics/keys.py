"""From one table to another: the row that a row belongs to. Vectorised; made once for a view."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from simulator.metrics.window import View

if TYPE_CHECKING:
    import pandas as pd


def row_of(view: View, table: str, other: str, *columns: str) -> np.ndarray:
    """First row of `other` with the same conversation and the same numbers in `columns`, -1: none. [row]

    `columns`: `portion` if none are given.
    """
    wanted = columns or ("portion",)
    return view.kept(f"row of {table} in {other} {wanted}", partial(_row_of, view, table, other, wanted))  # type: ignore[no-any-return]


def at(values: np.ndarray, place: np.ndarray, nothing: object) -> np.ndarray:
    """The value at each place, `nothing` where there is none (-1). [place]"""
    found: np.ndarray = np.append(values, np.array([nothing], values.dtype))[place]
    return found


def _row_of(view: View, table: str, other: str, columns: tuple[str, ...]) -> np.ndarray:
    mine, theirs = conversation_numbers(view, table, other)
    known = mine >= 0
    for column in columns:
        ours, others = (view.column(name, column).astype(np.int64) for name in (table, other))
        width = int(max(ours.max(initial=0), others.max(initial=0))) + 1
        mine, theirs = mine * width + ours, theirs * width + others
    if not len(theirs):
        return np.full(len(mine), -1)
    order = np.argsort(theirs, kind="stable")
    theirs = theirs[order]
    place = np.minimum(np.searchsorted(theirs, mine), len(theirs) - 1)
    return np.where(known & (theirs[place] == mine), order[place], -1)


def conversation_numbers(view: View, table: str, other: str) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the conversations of two tables, the same for the same one; -1: null. [row], [row]"""
    found = [view.kept(f"conversations of {name}", partial(_numbers, view, name)) for name in (table, other)]
    return found[0], found[1]


def _numbers(view: View, table: str) -> np.ndarray:
    values = view.table(table)["conversation"].astype("category")
    numbers: _Ids = view.kept("numbers of conversations", _Ids)
    return np.append(numbers.of(values.cat.categories), -1)[values.cat.codes.to_numpy()]


class _Ids:
    """Numbers for texts, the same in every table; whoever is new gets the next."""

    def __init__(self) -> None:
        self._known: pd.Index | None = None

    def of(self, texts: pd.Index) -> np.ndarray:
        if self._known is None:
            self._known = texts
        if texts is self._known:
            return np.arange(len(texts))
        found = np.asarray(self._known.get_indexer(texts), np.int64)
        new = found < 0
        if new.any():
            found[new] = len(self._known) + np.arange(int(new.sum()))
            self._known = self._known.append(texts[new])
        return found


def rows_in(view: View, table: str, column: str, target: str, key: str) -> np.ndarray:
    """Row of the target table that an id column names, -1 where it names none. [row]"""

    def find() -> np.ndarray:
        ids, own = (view.table(name)[text].astype("category").cat for name, text in ((table, column), (target, key)))
        rows = np.full(len(own.categories) + 1, -1, np.int64)
        rows[own.codes.to_numpy()] = np.arange(view.size(target))
        rows[-1] = -1  # null
        codes = ids.codes.to_numpy()
        if ids.categories is not own.categories:
            rows = np.append(rows[own.categories.get_indexer(ids.categories)], -1)
        return np.asarray(rows[codes])

    return view.kept(f"rows of {target} by {table}.{column}", find)  # type: ignore[no-any-return]
