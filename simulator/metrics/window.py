"""What is counted: the measured window, and cohorts by their own start. One replication's tables behind a view.

The window is [warm_up, duration). A thing belongs to it by its own start (queue entry for queue measures, a burst's
last message for responses, request for sends, arrival for contacts, connect for sessions) and is followed through
the run-out. Time integrals cover exactly the window; what is still open at the end of the run reaches to that end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.scenario.schema import Scenario
from simulator.vocabulary.codes import Block, Failure, name_of

if TYPE_CHECKING:
    import pandas as pd

Stays = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Owner number (-1: none), start and end (µs) of stays. [stay], [stay], [stay]"""


HOURS = tuple(f"{hour:02}" for hour in range(24))
"""Of the local day: `14` is from 14:00 to 15:00."""
REASONS = tuple(name_of(code) for code in (*Block, *Failure))
"""Why a message was blocked or failed."""


class View:
    """The tables of one replication as plain arrays, with the window they are measured in."""

    def __init__(self, scenario: Scenario, tables: Mapping[str, pd.DataFrame], end_us: int):
        self.scenario = scenario
        self.end_us = int(end_us)
        self.from_us = scenario.warm_up_us
        self.to_us = scenario.duration_us
        self._tables = _one_by_one(tables)
        self._cache: dict[tuple[str, ...], np.ndarray] = {}
        self._made: dict[str, Any] = {}
        self.names: dict[str, tuple[str, ...]] = {
            "queue": tuple(sorted(scenario.queues)),
            "channel": tuple(sorted(scenario.channels)),
            "topic": tuple(sorted(scenario.topics)),
            "group": tuple(sorted(scenario.agents)),
            "lane": ("agent", "flow", "campaign", "agentless"),
            "source": tuple(sorted([*scenario.outbound.campaigns, *scenario.outbound.notifications])),
            "outage": tuple(sorted(scenario.outages)),
            "hour": HOURS,
            "reason": REASONS,
        }
        """Names of every scope, so that what did not happen is a zero and not a gap."""

    @property
    def span_us(self) -> int:
        """Length of the window."""
        return max(self.to_us - self.from_us, 0)

    def kept(self, name: str, make: Callable[[], Any]) -> Any:
        """What is made once for this view, by name."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def table(self, name: str) -> pd.DataFrame:
        return self._tables[name]

    def size(self, table: str) -> int:
        return len(self._tables[table])

    def column(self, table: str, column: str) -> np.ndarray:
        """A number column as floats, nan where null (exact to 285 years of µs). [row]"""
        key = ("column", table, column)
        if key not in self._cache:
            self._cache[key] = self._tables[table][column].to_numpy(dtype="float64", na_value=np.nan)
        return self._cache[key]

    def flag(self, table: str, column: str) -> np.ndarray:
        """A boolean column, null as False. [row]"""
        key = ("flag", table, column)
        if key not in self._cache:
            values = self._tables[table][column]
            self._cache[key] = values.astype("boolean").fillna(False).to_numpy(dtype=bool)
        return self._cache[key]

    def codes(self, table: str, column: str, names: tuple[str, ...] | None = None) -> np.ndarray:
        """Number of each row's text within `names` (default: those of the scope of that name), -1 for others. [row]"""
        known = self.names[column] if names is None else names
        key = ("codes", table, column, *known)
        if key not in self._cache:
            texts, own = self.kept(f"texts of {table}.{column}", lambda: self._texts(table, column))
            place = {name: number for number, name in enumerate(known)}
            self._cache[key] = np.array([*(place.get(text, -1) for text in texts), -1], np.int64)[own]
        return self._cache[key]

    def _texts(self, table: str, column: str) -> tuple[list[str], np.ndarray]:
        """The distinct texts of a column and, for each row, the number of its own; -1: null."""
        import pandas as pd

        values = self._tables[table][column]
        if not isinstance(values.dtype, pd.CategoricalDtype):
            values = values.astype("category")
        return values.cat.categories.tolist(), values.cat.codes.to_numpy()

    def equals(self, table: str, column: str, *values: str) -> np.ndarray:
        """Rows whose text is one of `values`. [row]"""
        key = ("equals", table, column, *values)
        if key not in self._cache:
            texts, own = self.kept(f"texts of {table}.{column}", lambda: self._texts(table, column))
            self._cache[key] = _fixed(np.array([*(text in values for text in texts), False])[own])
        return self._cache[key]

    def has(self, table: str, column: str) -> np.ndarray:
        """Rows in which a number is not null. [row]"""
        key = ("has", table, column)
        if key not in self._cache:
            self._cache[key] = _fixed(~np.isnan(self.column(table, column)))
        return self._cache[key]

    def cohort(self, table: str, column: str) -> np.ndarray:
        """Rows whose own start lies in the window. [row]"""
        key = ("cohort", table, column)
        if key not in self._cache:
            self._cache[key] = _fixed(self.inside(self.column(table, column)))
        return self._cache[key]

    def inside(self, times_us: np.ndarray) -> np.ndarray:
        """Times that lie in the window; nan does not. [time]"""
        return (times_us >= self.from_us) & (times_us < self.to_us)

    def stays(
        self, table: str, start: str, *ends: str, owner: np.ndarray | None = None, rows: np.ndarray | None = None
    ) -> Stays:
        """Stays from a column to the earliest of others, open ones to the end of the run. Rows never begun are out."""
        begin = self.column(table, start)
        chosen = ~np.isnan(begin) if rows is None else rows & ~np.isnan(begin)
        finish = np.full(len(begin), float(self.end_us))
        for column in ends:
            finish = np.fmin(finish, self.column(table, column))
        who = np.zeros(len(begin), np.int64) if owner is None else owner
        return who[chosen], begin[chosen].astype(np.int64), finish[chosen].astype(np.int64)


def _fixed(rows: np.ndarray) -> np.ndarray:
    """Many measures look at the same array: whoever changed it would change their answers."""
    rows.flags.writeable = False
    return rows


def _one_by_one(tables: Mapping[str, pd.DataFrame]) -> Mapping[str, pd.DataFrame]:
    """Bulk sends that stand together in one row (`detail: per_second`) as so many rows."""
    sends = tables.get("sends")
    if sends is None or "count" not in sends or not (sends["count"] > 1).any():
        return tables
    return {**tables, "sends": sends.loc[sends.index.repeat(sends["count"])].reset_index(drop=True)}
