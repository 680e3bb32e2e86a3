"""When a campaign may write: its calling windows, less the time in which it is stopped."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from simulator.scenario.week import WEEK
from simulator.vocabulary.clock import DAY, Calendar


class CallingHours(NamedTuple):
    """One calling window, by the local clock; `closes` not later than `opens` is on the next day."""

    opens: time
    closes: time
    days: Collection[str]
    keeps_holidays: bool


def open_stretches(
    calendar: Calendar,
    hours: Sequence[CallingHours],
    holidays: Collection[date],
    from_us: int,
    until_us: int,
    stop: datetime | None,
    resume: datetime | None,
    never_us: int,
) -> Iterator[tuple[int, int]]:
    """(opens, closes) in µs from the start of the run, half-open and in order, of all days before `until_us`. Nothing
    opens before `from_us`, nor from stop to resume. Without hours it is always open: until `never_us`."""
    stop_us = never_us if stop is None else calendar.us(stop)
    resume_us = never_us if resume is None else calendar.us(resume)
    stretches = _joined(calendar, hours, holidays, from_us, until_us) if hours else iter([(from_us, never_us)])
    for opens, closes in stretches:
        for low, high in ((opens, min(closes, stop_us)), (max(opens, resume_us), closes)):
            if low < high:
                yield low, high


def _joined(
    calendar: Calendar, hours: Sequence[CallingHours], holidays: Collection[date], from_us: int, until_us: int
) -> Iterator[tuple[int, int]]:
    """Windows that touch are one."""
    opened, closed = from_us, from_us
    for day in calendar.days(from_us - DAY, until_us):
        today = sorted(
            (calendar.at(day, each.opens), calendar.at(_last(day, each), each.closes))
            for each in hours
            if WEEK[day.weekday()] in each.days and not (each.keeps_holidays and day in holidays)
        )
        for opens, closes in today:
            if closes <= max(opens, from_us):
                continue
            if opens > closed:
                if closed > opened:
                    yield opened, closed
                opened = opens
            closed = max(closed, closes)
    if closed > opened:
        yield opened, closed


def _last(day: date, hours: CallingHours) -> date:
    return day if hours.closes > hours.opens else day + timedelta(days=1)
