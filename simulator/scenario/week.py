"""Days of the week, opening hours and holidays: as people write them, and when they are in a run."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, TypeAlias

from simulator.scenario.written import Complaint, Wrong, nearest, parse_clock, shown
from simulator.vocabulary.clock import Calendar

WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAYS = "days of the week (mon, tue, wed, thu, fri, sat, sun) or a stretch, as `mon-fri`"
DATES = "a date, as `2026-12-25`"
HOURS = 'hours as "08:00-18:00", a list of them, or `closed`'
OPENINGS = f"a map from days to hours: {DAYS}, or `holidays`; {HOURS}"

Stretch: TypeAlias = tuple[int, int]
"""Minutes of the day: from, to."""


@dataclass(frozen=True)
class Openings:
    """Business hours: by day of the week and on holidays, in minutes of the local day."""

    week: tuple[tuple[Stretch, ...], ...]
    """Monday first. [7]"""
    holidays: tuple[Stretch, ...] | Literal["as_usual"] = ()

    def on(self, day: date, holidays: Collection[date]) -> tuple[Stretch, ...]:
        if day in holidays and self.holidays != "as_usual":
            return self.holidays
        return self.week[day.weekday()]


def parse_date(value: Any) -> date:
    """`2026-12-25`"""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        hint = "the day alone, without a time" if isinstance(value, str) and re.match(r"[0-9]{4}-", value) else ""
        raise Wrong(f"{shown(value)} is not a date", DATES, hint)
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise Wrong(f"{shown(value)} is not a date of any calendar", DATES) from None
    if not 1970 <= day.year <= 2200:
        raise Wrong(f"{shown(value)} is outside 1970 to 2200", DATES)
    return day


def parse_days(value: Any) -> tuple[str, ...]:
    """`[mon, wed]`, `mon-fri`, `[mon-fri, sun]` -> names in the order of the week."""
    parts = value if isinstance(value, tuple | list) else str(value).split(",") if isinstance(value, str) else ()
    if not parts:
        raise Wrong(f"{shown(value)} is not a list of days", DAYS)
    found: set[int] = set()
    for part in parts:
        ends = [end.strip().lower() for end in part.split("-")] if isinstance(part, str) else []
        strange = [end for end in ends if end not in WEEK]
        if strange or not 1 <= len(ends) <= 2:
            hint = nearest(strange[0][:3], WEEK, 0.5) if strange else ""
            raise Wrong(f"{shown(part)} is not a day of the week", DAYS, hint)
        first, last = WEEK.index(ends[0]), WEEK.index(ends[-1])
        found |= {day % 7 for day in range(first, last + 1 + (7 if last < first else 0))}
    return tuple(WEEK[day] for day in sorted(found))


def parse_openings(value: Any) -> Openings:
    """`{mon-fri: "08:00-18:00", sat: ["09:00-12:00", "13:00-15:00"], holidays: closed}`"""
    if isinstance(value, Openings):
        return value
    if not isinstance(value, dict) or not value:
        raise Wrong(f"{shown(value)} stands where opening hours must be", OPENINGS)
    complaints: list[Complaint] = []
    week: dict[str, tuple[Stretch, ...]] = {}
    holidays: tuple[Stretch, ...] | Literal["as_usual"] = ()
    for key, written in value.items():
        try:
            if key == "holidays" and written == "as_usual":
                holidays = "as_usual"
                continue
            days = () if key == "holidays" else parse_days(key)
            hours = _hours(written)
        except Wrong as wrong:
            complaints += [Complaint(each.problem, each.allowed, each.suggestion, (key,)) for each in wrong.complaints]
            continue
        if key == "holidays":
            holidays = hours
        for day in days:
            if day in week:
                complaints.append(Complaint(f"`{day}` stands here twice", "each day once", "", (key,)))
            week[day] = hours
    if complaints:
        raise Wrong(all=complaints)
    return Openings(tuple(week.get(day, ()) for day in WEEK), holidays)


def _hours(written: Any) -> tuple[Stretch, ...]:
    if written == "closed":
        return ()
    parts = written if isinstance(written, tuple | list) else (written,)
    found: list[Stretch] = []
    for part in parts:
        match = re.fullmatch(r"\s*([0-9:]+)\s*[-–]\s*([0-9:]+)\s*", part) if isinstance(part, str) else None
        if match is None:
            raise Wrong(f"{shown(part)} is not a stretch of hours", HOURS)
        first, last = _minute(match[1]), _minute(match[2])
        if last <= first:
            hint = "past midnight, write two days: to 24:00 and from 00:00"
            raise Wrong(f"{shown(part)} ends before it begins", HOURS, hint)
        found.append((first, last))
    found.sort()
    for before, after in itertools.pairwise(found):
        if after[0] < before[1]:
            raise Wrong("these hours overlap", HOURS)
    return tuple(found)


def _minute(text: str) -> int:
    if text == "24:00":
        return 24 * 60
    clock = parse_clock(text)
    return clock.hour * 60 + clock.minute


def at_minute(calendar: Calendar, day: date, minute: int) -> int:
    """µs from start to a minute of a local day; minute 1440 is the next midnight."""
    if minute >= 24 * 60:
        return calendar.at(day + timedelta(days=1), time())
    return calendar.at(day, time(minute // 60, minute % 60))


def open_stretches(
    openings: Openings, holidays: Collection[date], calendar: Calendar, from_us: int, to_us: int
) -> list[Stretch]:
    """When it is open in [from_us, to_us), in µs from start: (from, to) in order of time, none empty."""
    found: list[Stretch] = []
    for day in calendar.days(from_us, to_us):
        for first, last in openings.on(day, holidays):
            start, end = max(at_minute(calendar, day, first), from_us), min(at_minute(calendar, day, last), to_us)
            if end <= start:
                continue
            if found and start <= found[-1][1]:
                before = found.pop()
                start, end = before[0], max(end, before[1])
            found.append((start, end))
    return found
