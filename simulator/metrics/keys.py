"""From one table to another: the row that a row belongs to. Vectorised; made once for a view."""

from __future__ import annotations

from functools import partial

import numpy as np

from simulator.metrics.window import View


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
    """Numbers of the conversations of two tables, the same for the same one; -1: not in the other, or null. [row]"""
    import pandas as pd

    def known(name: str) -> tuple[pd.Index, np.ndarray]:
        values = view.table(name)["conversation"]
        values = values if isinstance(values.dtype, pd.CategoricalDtype) else values.astype("category")
        return values.cat.categories, values.cat.codes.to_numpy().astype(np.int64)

    (ours, own), (theirs, codes) = known(table), known(other)
    if len(ours) == len(theirs) and ours is theirs:
        return own, codes
    place = np.append(theirs.get_indexer(ours), -1).astype(np.int64)
    return place[own], codes
