"""One replication's tables, in the order in which they are told: conversation by conversation."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from simulator.experiments.run import Run
from simulator.records.columns import NONE
from simulator.vocabulary.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd


class Rows:
    """A table's rows by conversation, then by what the caller says. Columns are made when asked for."""

    def __init__(self, table: pd.DataFrame, conversation: np.ndarray, *order: str):
        keys = [table[name].to_numpy(np.int64, na_value=NONE) for name in reversed(order)]
        self._order = np.lexsort((*keys, conversation))
        self._order = self._order[conversation[self._order] >= 0]
        self._table = table
        self.conversation = conversation[self._order]
        """Number of the conversation, in order of its opening. [row]"""
        self._kept: dict[str, np.ndarray] = {}

    def __len__(self) -> int:
        return len(self._order)

    def numbers(self, name: str) -> np.ndarray:
        """A column of times, durations, counts or flags; NONE where null. [row]"""
        if name not in self._kept:
            column = self._table[name]
            if column.dtype.kind == "b" or str(column.dtype) == "boolean":
                column = column.astype("Int64")
            self._kept[name] = column.to_numpy(np.int64, na_value=NONE)[self._order]
        return self._kept[name]

    def has(self, name: str) -> np.ndarray:
        return self.numbers(name) != NONE

    def codes(self, name: str) -> tuple[np.ndarray, list[str]]:
        """A column of texts as numbers into a list, -1 where null. [row]"""
        column = self._table[name].astype("category")
        key = f"codes of {name}"
        if key not in self._kept:
            self._kept[key] = column.cat.codes.to_numpy(np.int64)[self._order]
        return self._kept[key], [str(text) for text in column.cat.categories]

    def equals(self, name: str, *texts: str) -> np.ndarray:
        codes, names = self.codes(name)
        return np.isin(codes, [number for number, text in enumerate(names) if text in texts])

    def texts(self, name: str, start: int, end: int) -> list[str | None]:
        """Texts of some rows."""
        codes, names = self.codes(name)
        return [names[code] if code >= 0 else None for code in codes[start:end].tolist()]

    def bounds(self, first: int, last: int) -> tuple[int, int]:
        """Rows of the conversations first..last-1."""
        low, high = np.searchsorted(self.conversation, [first, last])
        return int(low), int(high)


class History:
    """What happened in one replication of a run."""

    def __init__(self, run: Run, replication: int):
        if not 0 <= replication < run.replications:
            last = run.replications - 1
            raise UsageError(f"there is no replication {replication}: this run has 0 to {last}")
        self.run, self.replication = run, replication
        self.scenario = run.scenario
        whole = self._table("conversations")
        opened = whole["opened_us"].to_numpy(np.int64)
        self._whole = whole.iloc[np.argsort(opened, kind="stable")].reset_index(drop=True)
        self._index = self._whole["conversation"].astype(object)

    @property
    def end_us(self) -> int:
        """When the replication ended."""
        return int(self.run.ends_us[self.replication])

    def __len__(self) -> int:
        return len(self._whole)

    def _table(self, name: str) -> pd.DataFrame:
        if name not in self.run.tables:
            raise UsageError(f"this run has no table {name!r}: run the scenario again with this version")
        table = self.run.tables[name]
        return table[table["replication"] == self.replication].reset_index(drop=True)

    def _rows(self, name: str, *order: str) -> Rows:
        import pandas as pd

        table = self._table(name)
        column = table["conversation"].astype("category")
        number = pd.Index(self._index).get_indexer(column.cat.categories.astype(object))
        codes = column.cat.codes.to_numpy()
        return Rows(table, np.append(number, -1)[codes], *order)

    @cached_property
    def conversations(self) -> Rows:
        return Rows(self._whole, np.arange(len(self._whole)))

    @cached_property
    def portions(self) -> Rows:
        return self._rows("portions", "portion")

    @cached_property
    def offers(self) -> Rows:
        return self._rows("offers", "portion", "offer")

    @cached_property
    def alerts(self) -> Rows:
        return self._rows("alerts", "portion", "offer", "alerted_us")

    @cached_property
    def sessions(self) -> Rows:
        return self._rows("sessions", "portion", "offer")

    @cached_property
    def parks(self) -> Rows:
        return self._rows("parks", "portion", "offer", "parked_us")

    @cached_property
    def turns(self) -> Rows:
        return self._rows("turns", "portion", "first_message_us")

    @cached_property
    def messages(self) -> Rows:
        return self._rows("messages", "portion", "at_us")


def place_of(rows: Rows, among: Rows, *names: str) -> np.ndarray:
    """For each row the first row of `among` in the same conversation that has the same numbers; -1 if none. [row]"""
    import pandas as pd

    def keyed(side: Rows) -> pd.DataFrame:
        return pd.DataFrame({"conversation": side.conversation, **{name: side.numbers(name) for name in names}})

    known = keyed(among)
    known["place"] = np.arange(len(known))
    key = ["conversation", *names]
    found = keyed(rows).merge(known.drop_duplicates(key), on=key, how="left")["place"]
    return found.fillna(-1).to_numpy(np.int64)
