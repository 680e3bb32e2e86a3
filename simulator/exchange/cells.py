"""Tables as people and spreadsheets read them: wall-clock times, seconds, shares, and no text that is a formula."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from simulator.exchange.times import local_texts
from simulator.records.columns import NONE
from simulator.vocabulary.clock import SECOND, Calendar
from simulator.vocabulary.tables import TABLES, Column
from simulator.vocabulary.writing import unformula

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["instant", "duration", "share", "number", "flag", "text", "clock"]

DURATIONS = frozenset(
    {
        "reply_from_first_us",
        "reply_from_connect_us",
        "reply_from_last_inbound_us",
        "first_message_to_first_reply_us",
        "rewrite_us",
        "listening_us",
        "recording_us",
        "middleware_us",
        "voice_us",
        "since_inbound_us",
        "delay_us",
        "hold_us",
        "waited_mean_us",
    }
)
"""Columns in µs that are lengths of time, beside those that begin with `t_`, `tX` or `wait_`; others are instants."""
DURATION_STARTS = ("t_", "tWait", "wait_")

CHUNK = 100_000
"""Rows that are made into text at once."""


@dataclass(frozen=True)
class Field:
    """One column as it is written."""

    column: Column
    kind: Kind

    @property
    def name(self) -> str:
        """`entered_us` -> `entered` (wall clock), `t_wait_us` -> `t_wait_s`."""
        bare = self.column.name.removesuffix("_us")
        return bare if self.kind == "instant" else f"{bare}_s" if self.kind == "duration" else self.column.name

    @property
    def unit(self) -> str:
        if self.kind == "instant":
            return "local time with its offset from UTC"
        return "s" if self.kind == "duration" else self.column.unit


def fields(table: str) -> tuple[Field, ...]:
    """Columns of a table in order of the catalogue."""
    return fields_of(TABLES[table])


def fields_of(columns: Iterable[Column]) -> tuple[Field, ...]:
    return tuple(Field(column, kind_of(column)) for column in columns)


def columns_named(name: str) -> list[tuple[str, Field]]:
    """Table and column of every column of that name, as the table or an export of it writes it."""
    return [(table, one) for table in TABLES for one in fields(table) if name in (one.column.name, one.name)]


def kind_of(column: Column) -> Kind:
    if column.unit == "µs":
        long = column.name in DURATIONS or column.name.startswith(DURATION_STARTS) or column.dtype == "float64"
        return "duration" if long else "instant"
    if column.unit == "share":
        return "share"
    if column.dtype.startswith("datetime"):
        return "clock"
    if column.dtype in ("bool", "boolean"):
        return "flag"
    return "text" if column.dtype == "category" else "number"


def chunks(table: pd.DataFrame, name: str, calendar: Calendar) -> Iterator[pd.DataFrame]:
    """A table as text and numbers for a CSV file, some rows at a time; at least one chunk, with the header."""
    import pandas as pd

    known = [field for field in fields(name) if field.column.name in table]
    for start in range(0, max(len(table), 1), CHUNK):
        part = table.iloc[start : start + CHUNK]
        yield pd.DataFrame({field.name: _written(part[field.column.name], field, calendar) for field in known})


def _written(values: pd.Series, field: Field, calendar: Calendar) -> Any:
    import pandas as pd

    if field.kind == "instant":
        return local_texts(values.to_numpy(np.int64, na_value=NONE), calendar)
    if field.kind == "duration":
        return seconds(values)
    if field.kind == "clock":
        return np.datetime_as_string(values.to_numpy("datetime64[us]"), unit="s")
    if field.kind == "text":
        text = values.astype("category")
        safe = [unformula(one) for one in text.cat.categories]
        return pd.Series(np.array([*safe, None], object)[text.cat.codes.to_numpy()], dtype=object)
    return values.reset_index(drop=True)


def seconds(values: pd.Series) -> pd.Series:
    """µs as seconds, exact to the µs as a decimal number; null where null."""
    import pandas as pd

    return pd.Series(values.to_numpy("float64", na_value=np.nan) / SECOND, dtype="float64").round(6)
