"""The wall clock as columns: elapsed µs to local time and back over months, through clock changes.

`Calendar` answers one question at a time; this one cuts the run at the clock changes once and then only adds.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import numpy as np

from simulator.vocabulary.clock import Calendar

_FAR = 2**62
_US = timedelta(microseconds=1)


class Wall:
    """The clock changes of a calendar's zone from one local day to another.

    Wall times are whole µs since the local midnight at which the calendar's first day began, as the clock on the wall
    shows them: hour of the day is `wall // HOUR % 24`, day `wall // DAY`.
    """

    def __init__(self, calendar: Calendar, first: date, last: date):
        self.midnight = datetime.combine(calendar.start.date(), time())
        zone = calendar.zone
        origin = calendar.start.replace(tzinfo=zone).astimezone(UTC)
        own_offset = origin.astimezone(zone).utcoffset() or timedelta()

        def ahead_us(at: datetime) -> int:
            offset = at.astimezone(zone).utcoffset() or timedelta()
            return (calendar.start - self.midnight + offset - own_offset) // _US

        changes: list[tuple[int, int]] = []
        before = datetime.combine(first, time(), UTC) - timedelta(days=2)
        shown = ahead_us(before)
        aheads = [shown]
        for _ in range((last - first).days + 5):
            after = before + timedelta(days=1)
            if ahead_us(after) != shown:
                low, high = before, after  # the change lies in (low, high], on a whole second
                while high - low > timedelta(seconds=1):
                    middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                    low, high = (middle, high) if ahead_us(middle) == shown else (low, middle)
                shown = ahead_us(after)
                changes.append(((high - origin) // _US, shown))
                aheads.append(shown)
            before = after
        self._from_us = np.array([-_FAR, *(at for at, _ in changes)], np.int64)
        self._until_us = np.append(self._from_us[1:], _FAR)
        self._ahead_us = np.array(aheads, np.int64)

    def of(self, moments: list[datetime]) -> np.ndarray:
        """Local times without zone as wall µs."""
        return np.array([(moment - self.midnight) // _US for moment in moments], np.int64)

    def shows(self, us: np.ndarray) -> np.ndarray:
        """What the wall clock shows at elapsed µs."""
        us = np.asarray(us, np.int64)
        return us + self._ahead_us[np.searchsorted(self._from_us, us, side="right") - 1]

    def instants(self, wall_us: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Elapsed µs at which the clock shows this: for the first time, for the last time, and whether ever.

        A time that a clock change skips stands for the instant after as many minutes, as in `Calendar.us`.
        """
        wall_us = np.asarray(wall_us, np.int64)
        tries = wall_us[:, None] - self._ahead_us[None, :]  # [time, stretch]
        valid = (tries >= self._from_us) & (tries < self._until_us)
        ever = np.asarray(valid.any(axis=1))
        # A skipped time, by the clock of the stretch before, lies past the end of that stretch.
        before = np.maximum(np.argmax((tries < self._from_us) | valid, axis=1) - 1, 0)
        skipped = np.take_along_axis(tries, before[:, None], axis=1)[:, 0]
        first = np.where(ever, np.where(valid, tries, _FAR).min(axis=1), skipped)
        last = np.where(ever, np.where(valid, tries, -_FAR).max(axis=1), skipped)
        return first, last, ever

    def in_order(self, moments: list[datetime], strictly: bool) -> tuple[np.ndarray, np.ndarray]:
        """Elapsed µs of local times in order of time, and which of them a clock change skips.

        In a repeated hour a time that would go back (strictly: or stand still) belongs to the second pass.
        """
        first, last, ever = self.instants(self.of(moments))
        for i in np.flatnonzero(first != last).tolist():
            if i and (first[i] < first[i - 1] or (strictly and first[i] == first[i - 1])):
                first[i] = last[i]
        return first, ~ever


def wall_of(calendar: Calendar, from_us: int, to_us: int) -> Wall:
    """The wall clock of a stretch of a run."""
    return Wall(calendar, calendar.local(from_us).date(), calendar.local(max(to_us, from_us)).date())
