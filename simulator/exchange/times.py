"""Times of the tables as other programs write them: UTC with milliseconds, or local with the zone's offset."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from simulator.records.columns import NONE
from simulator.vocabulary.clock import MS, Calendar

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_US = timedelta(microseconds=1)


def origin_us(calendar: Calendar) -> int:
    """The scenario's start in µs since 1970, UTC."""
    return (calendar.start.replace(tzinfo=calendar.zone).astimezone(UTC) - _EPOCH) // _US


def stamps(us: np.ndarray, origin: int) -> list[str | None]:
    """Instants as `2026-03-02T00:13:14.962Z`, cut to the millisecond; NONE is None. [row]"""
    missing = us == NONE
    texts = np.datetime_as_string((np.where(missing, 0, us) + origin).astype("datetime64[us]"), unit="ms").tolist()
    return [None if gone else f"{text}Z" for text, gone in zip(texts, missing.tolist(), strict=True)]


def whole_ms(us: np.ndarray) -> np.ndarray:
    """Durations in ms, to the nearest, halves up. Not for NONE. [row]"""
    return (us + MS // 2) // MS


def local_texts(us: np.ndarray, calendar: Calendar) -> np.ndarray:
    """Instants as `2026-03-02T00:13:14.962751+01:00`, by the scenario's zone; "" where NONE. [row]"""
    import pandas as pd

    missing = us == NONE
    absolute = (np.where(missing, 0, us) + origin_us(calendar)).astype("datetime64[us]")
    shown = pd.DatetimeIndex(absolute).tz_localize("UTC").tz_convert(calendar.timezone).tz_localize(None)
    local = shown.to_numpy().astype("datetime64[us]")
    ahead_min = (local - absolute).astype(np.int64) // 60_000_000
    kinds, which = np.unique(ahead_min, return_inverse=True)
    offsets = np.array([_offset(int(minutes)) for minutes in kinds], object)
    texts = np.datetime_as_string(local, unit="us").astype(object) + offsets[which]
    return np.where(missing, "", texts)


def _offset(minutes: int) -> str:
    sign, size = ("-", -minutes) if minutes < 0 else ("+", minutes)
    return f"{sign}{size // 60:02}:{size % 60:02}"


def parse_utc(text: str) -> int:
    """µs since 1970 of an ISO time; without a zone it is UTC, as the platform's are. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    if not 1970 <= moment.year <= 2200:
        raise ValueError(text)
    return (moment - _EPOCH) // _US
