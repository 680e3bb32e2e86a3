"""Tables as catalogued, from whatever columns another program's history has; the others are null."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from simulator.exchange.times import origin_us
from simulator.vocabulary.clock import Calendar
from simulator.vocabulary.errors import UsageError
from simulator.vocabulary.tables import TABLES

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Reading:
    """What was read: tables with our columns, and from when their times count."""

    tables: Mapping[str, pd.DataFrame]
    """Columns as catalogued; counts and flags are nullable here, because a history may not tell them."""
    calendar: Calendar
    """Times are µs from its start."""
    notes: tuple[str, ...] = ()
    """What was left out, and why."""
    turns: Mapping[tuple[str, int], int] = field(default_factory=dict)
    """Turns by conversation and portion, where they are told."""


def catalogued(table: str, columns: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """A table with every column of the catalogue; those that are not given are null, `replication` is 0."""
    import pandas as pd

    size = len(next(iter(columns.values()))) if columns else 0
    made = {}
    for column in TABLES[table]:
        values = columns.get(column.name, [0 if column.name == "replication" else None] * size)
        made[column.name] = pd.Series(list(values), dtype=_nullable(column.dtype))
    return pd.DataFrame(made)


def _nullable(dtype: str) -> str:
    return {"int32": "Int32", "int64": "Int64", "bool": "boolean"}.get(dtype, dtype)


def calendar_of(start: datetime | None, timezone: str, first_us: int | None) -> Calendar:
    """The calendar that somebody names; without a start, from the local midnight before the first thing that happened.

    Raises `UsageError` for an unknown zone.
    """
    try:
        zone = ZoneInfo(timezone)
    except (KeyError, ValueError, OSError):
        raise UsageError(f"there is no time zone {timezone!r}; write one as Europe/Berlin") from None
    if start is None:
        moment = datetime.fromtimestamp((first_us or 0) // 1_000_000, UTC).astimezone(zone)
        start = moment.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return Calendar(start.replace(tzinfo=None), timezone)


def shifted(times: Sequence[int | None], calendar: Calendar) -> list[int | None]:
    """µs since 1970 as µs from the calendar's start."""
    origin = origin_us(calendar)
    return [None if one is None else one - origin for one in times]
