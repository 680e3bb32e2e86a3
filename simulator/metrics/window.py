"""What is counted: the measured window, and cohorts by their own start. One replication's tables behind a view.

The window is [warm_up, duration). A thing belongs to it by its own start (queue entry for queue measures, a burst's
last message for responses, request for sends, arrival for contacts, connect for sessions) and is followed through
the run-out. Time integrals cover exactly the window; what is still open at the end of the run reaches to that end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from simulator.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

Stays = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Owner number (-1: none), start and end (µs) of stays. [stay], [stay], [stay]"""


class View:
    """The tables of one replication as plain arrays, with the window they are measured in."""

    def __init__(self, scenario: Scenario, tables: Mapping[str, pd.DataFrame], end_us: int):
        self.scenario = scenario
        self.end_us = int(end_us)
        self.from_us = scenario.warm_up_us
        self.to_us = scenario.duration_us
        self._tables = tables
        self._cache: dict[tuple[str, ...], np.ndarray] = {}
        self.names: dict[str, tuple[str, ...]] = {
            "queue": tuple(sorted(scenario.queues)),
            "channel": tuple(sorted(scenario.channels)),
            "topic": tuple(sorted(scenario.topics)),
            "group": tuple(sorted(scenario.agents)),
            "lane": ("agent", "flow", "campaign", "agentless"),
            "source": tuple(sorted([*scenario.outbound.campaigns, *scenario.outbound.notifications])),
        }
        """Names of every scope, so that what did not happen is a zero and not a gap."""

    @property
    def span_us(self) -> int:
        """Length of the window."""
        return max(self.to_us - self.from_us, 0)

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
        import pandas as pd

        known = self.names[column] if names is None else names
        key = ("codes", table, column, *known)
        if key not in self._cache:
            values = self._tables[table][column]
            if isinstance(values.dtype, pd.CategoricalDtype):
                categories = pd.Index(known).get_indexer(values.cat.categories.astype(object))
                own = values.cat.codes.to_numpy()
                self._cache[key] = np.append(categories, -1)[own].astype(np.int64)
            else:
                self._cache[key] = pd.Index(known, dtype=object).get_indexer(values.astype(object)).astype(np.int64)
        return self._cache[key]

    def equals(self, table: str, column: str, *values: str) -> np.ndarray:
        """Rows whose text is one of `values`. [row]"""
        return self.codes(table, column, values) >= 0

    def has(self, table: str, column: str) -> np.ndarray:
        """Rows in which a number is not null. [row]"""
        return ~np.isnan(self.column(table, column))

    def cohort(self, table: str, column: str) -> np.ndarray:
        """Rows whose own start lies in the window. [row]"""
        start = self.column(table, column)
        return (start >= self.from_us) & (start < self.to_us)

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
