"""Time is integer microseconds from the scenario's start; this file turns local wall clock into it and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

US = 1
MS = 1_000
SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

UNITS_US = {
    "us": US,
    "µs": US,
    "ms": MS,
    "s": SECOND,
    "sec": SECOND,
    "second": SECOND,
    "seconds": SECOND,
    "min": MINUTE,
    "minute": MINUTE,
    "minutes": MINUTE,
    "h": HOUR,
    "hour": HOUR,
    "hours": HOUR,
    "d": DAY,
    "day": DAY,
    "days": DAY,
    "week": 7 * DAY,
    "weeks": 7 * DAY,
}
"""Units a person may write, in microseconds. A day is 24 hours of elapsed time."""


@dataclass(frozen=True)
class Calendar:
    """The scenario's start and zone: the bridge between the wall clock and microseconds."""

    start: datetime
    """Local wall clock, without zone."""
    timezone: str

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def us(self, local: datetime) -> int:
        """Microseconds from start to a local wall-clock time.

        A time that occurs twice means the first; one that a clock change skips means the instant after as many
        minutes (Python's `fold=0`).
        """
        return (self._absolute(local) - self._absolute(self.start)) // timedelta(microseconds=1)

    def showings(self, local: datetime) -> int:
        """How often the wall clock shows a local time: 0 where a clock change skips it, 2 where one repeats it."""
        first, second = (local.replace(tzinfo=self.zone, fold=fold).utcoffset() or timedelta() for fold in (0, 1))
        return 1 if first == second else 2 if first > second else 0

    def local(self, us: int) -> datetime:
        """Local wall-clock time (without zone) at `us` microseconds from start."""
        moment = self._absolute(self.start) + timedelta(microseconds=int(us))
        return moment.astimezone(self.zone).replace(tzinfo=None)

    def at(self, day: date, clock: time) -> int:
        """Microseconds from start to a wall-clock time on a local day."""
        return self.us(datetime.combine(day, clock))

    def days(self, start_us: int, end_us: int) -> list[date]:
        """Local dates that [start_us, end_us) touches."""
        if end_us <= start_us:
            return []
        first, last = self.local(start_us).date(), self.local(end_us - 1).date()
        return [first + timedelta(days=i) for i in range((last - first).days + 1)]

    def _absolute(self, local: datetime) -> datetime:
        return local.replace(tzinfo=self.zone).astimezone(UTC)


def spoken(us: int) -> str:
    """A duration as people say it: `45 s`, `12 min`, `2 h 30 min`, `3 days`."""
    if us < 0:
        return "-" + spoken(-us)
    if us < SECOND:
        return f"{us / SECOND:.3g} s"
    if us < 2 * MINUTE:
        return f"{us / SECOND:.3g} s"
    if us < HOUR:
        whole, rest = divmod(us, MINUTE)
        return f"{whole} min {rest // SECOND} s" if rest >= SECOND else f"{whole} min"
    if us < 2 * DAY:
        whole, rest = divmod(us, HOUR)
        return f"{whole} h {rest // MINUTE} min" if rest >= MINUTE else f"{whole} h"
    whole, rest = divmod(us, DAY)
    return f"{whole} days {rest // HOUR} h" if rest >= HOUR else f"{whole} days"
