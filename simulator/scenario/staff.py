"""Staffing from a file, as planners have it: agents by interval, one column for each group.

Rows begin with `start` (local wall clock), or with `weekday` and `time` for a week that repeats. Within a day they
stand in equal steps; hours of the night may be left out, then nobody is there.
"""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from simulator.scenario.counts import first_step, resolved
from simulator.scenario.separators import number_hint, plain_number
from simulator.scenario.sheets import Rows
from simulator.scenario.week import WEEK, parse_days
from simulator.scenario.written import Wrong, nearest, parse_clock, parse_local_time, shown
from simulator.vocabulary.clock import DAY, MINUTE, SECOND, Calendar, spoken
from simulator.vocabulary.errors import Finding

ROWS = "rows of `start` (as `2026-03-02 08:00`), or `weekday` and `time`, and one column of agents for each group"
MOST = 100_000
ALONE_US = 30 * MINUTE
"""Length of the interval where the file has a single row (assumed)."""
_LONG_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_US = timedelta(microseconds=1)


@dataclass(frozen=True)
class StaffRows:
    """Agents by interval, in order of time. Either `starts` or `slots` says when."""

    starts: tuple[datetime, ...]
    """Local wall clock; a repeated hour may stand here twice. [row]"""
    slots: tuple[tuple[int, int], ...]
    """Of a week that repeats: day (Monday 0) and µs since its midnight. [row]"""
    column: str
    """Of the file."""
    agents: tuple[float, ...]
    """[row]"""
    interval_us: int
    """Length of each interval."""


def staff_csv(several: Sequence[StaffRows]) -> str:
    """One file again, as `read_staff` reads it, from the rows of all groups that read it."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    first = several[0]
    columns = {rows.column: rows.agents for rows in several}
    if first.starts:
        writer.writerow(["start", *columns])
        keys: list[list[str]] = [[start.isoformat(" ")] for start in first.starts]
    else:
        writer.writerow(["weekday", "time", *columns])
        keys = [[WEEK[day], clock_of(us)] for day, us in first.slots]
    for key, *values in zip(keys, *columns.values(), strict=True):
        writer.writerow([*key, *(f"{value:.17g}" for value in values)])
    return stream.getvalue()


def clock_of(us: int) -> str:
    """`08:30:00` of µs since midnight."""
    seconds = us // SECOND
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def whole(figures: tuple[float, ...], scale: float) -> np.ndarray:
    """Whole agents: the figures times the scale, to the nearest, halves up. [row]"""
    return np.floor(np.asarray(figures, np.float64) * scale + 0.5 + 1e-9).astype(np.int64)


def read_staff(
    path: Path, shown_as: str, place: str, calendar: Calendar | None, group: str, column: str | None
) -> tuple[StaffRows | None, list[Finding]]:
    """The rows of a file, or what is wrong with it, line by line. Without a calendar every day has 24 hours.

    A group reads the column that it names, else `agents`, else the one with its own name. Other columns are not
    looked at.
    """
    rows = Rows(path, shown_as, place, ROWS)
    keys = _keys(rows)
    if keys is None:
        return None, rows.findings
    column = _column(rows, keys, group, column)
    if column is None:
        return None, rows.findings
    at, value_at = [rows.header.index(key) for key in keys], rows.header.index(column)
    read: list[tuple[datetime | tuple[int, int], float, int, bool]] = []
    for line, row in rows:
        after_hole, rows.has_gaps = rows.has_gaps, False
        agents = 0.0
        try:
            agents = _figure(row[value_at], column)
        except Wrong as wrong:
            rows.refuse(line, wrong)
        try:
            when = [parse_local_time(row[at[0]])] if keys == ("start",) else _slots(row[at[0]], row[at[1]])
        except Wrong as wrong:
            rows.refuse(line, wrong)
            rows.has_gaps = True
            continue
        read += [(moment, agents, line, after_hole) for moment in when]
    if not read and not rows.findings:
        rows.complain(None, "there are no rows in this file")
    if not read:
        return None, rows.findings
    if keys != ("start",):
        read.sort(key=lambda each: each[0])  # type: ignore[arg-type, return-value]
    moments, figures, lines, after_holes = (list(each) for each in zip(*read, strict=True))
    starts = tuple(moment for moment in moments if isinstance(moment, datetime))
    slots = tuple(moment for moment in moments if isinstance(moment, tuple))
    step = (
        _date_step(starts, lines, after_holes, rows, calendar)
        if starts
        else _week_step(slots, lines, bool(rows.findings), rows)
    )
    if rows.findings:
        return None, rows.findings
    return StaffRows(starts, slots, column, tuple(figures), step), []


def _column(rows: Rows, keys: tuple[str, ...], group: str, column: str | None) -> str | None:
    """The column of a group's agents; None after a complaint."""
    there = [name for name in rows.header if name and name not in keys]
    wanted = [column] if column is not None else ["agents", group]
    found = next((name for name in wanted if name in there), None)
    if found is None:
        rows.complain(
            1,
            f"there is no column {' or '.join(map(shown, wanted))}",
            f"one of {', '.join(map(shown, there))}, named by `column`",
            next(filter(None, (nearest(name, there) for name in wanted)), ""),
        )
    return found


def _keys(rows: Rows) -> tuple[str, ...] | None:
    """Which columns say when; None after a complaint."""
    if rows.findings:
        return None
    header = rows.header
    twice = [name for name in dict.fromkeys(header) if name and header.count(name) > 1]
    if twice:
        rows.complain(1, f"the column {shown(twice[0])} stands here twice", "each column once")
        return None
    keys: tuple[str, ...] = ("start",) if "start" in header else ("weekday", "time")
    missing = [key for key in keys if key not in header]
    if "start" in header and "weekday" in header:
        rows.complain(1, "`start` and `weekday` stand here together", "dates, or a week that repeats", "keep one")
        return None
    if missing or len([name for name in header if name]) == len(keys):
        hints = [nearest(name, ("start", "weekday", "time", "agents")) for name in header]
        hint = rows.separator_hint() or next(filter(None, hints), "")
        rows.complain(1, f"the columns are {', '.join(map(shown, header)) or 'missing'}", ROWS, hint)
        return None
    return keys


def _slots(days: str, clock: str) -> list[datetime | tuple[int, int]]:
    """Days of the week and a time of day; `Monday` is as good as `mon`."""
    lowered = days.strip().lower()
    names = parse_days(lowered[:3] if lowered in _LONG_DAYS else days)
    at = parse_clock(clock)
    us = (at.hour * 3600 + at.minute * 60 + at.second) * SECOND
    return [(WEEK.index(name), us) for name in names]


def _figure(text: str, column: str) -> float:
    allowed = f"a number of agents from 0 to {MOST:,}"
    try:
        value = plain_number(text)
    except ValueError:
        what = shown(text) if text else "nothing"
        raise Wrong(f"{what} stands under `{column}` where a number must be", allowed, number_hint(text)) from None
    if not math.isfinite(value) or not 0 <= value <= MOST:
        raise Wrong(f"{shown(text)} cannot be a number of agents (column `{column}`)", allowed)
    return value


def _week_step(moments: Sequence[tuple[int, int]], lines: list[int], holes: bool, rows: Rows) -> int:
    """The step of a weekly pattern in µs; complains about gaps within a day, unless `holes` of rows that could not be
    read may be the reason."""
    step = 0
    for i in range(1, len(moments)):
        (day, us), (before, us_before) = moments[i], moments[i - 1]
        if day != before:
            continue
        said = f"{WEEK[day]} {clock_of(us)[:5]}"
        if us == us_before:
            twice = f"{said} stands here a second time (also line {lines[i - 1]})"
            rows.refuse(lines[i], Wrong(twice, "each interval once", "delete one of the two"), fault="repeat")
            continue
        step = step or us - us_before
        if us - us_before != step and not holes:
            gap = f"{said} does not follow {clock_of(us_before)[:5]} by {spoken(step)} as the rows above do"
            rows.refuse(lines[i], Wrong(gap, *_gap(step)), fault="gap")
    rows.tell()
    return step or ALONE_US


def _date_step(
    moments: Sequence[datetime], lines: list[int], after_hole: list[bool], rows: Rows, calendar: Calendar | None
) -> int:
    """The step of dated rows in µs; complains about disorder, overlaps, and gaps within a day.

    Rows may follow each other by the wall clock or by elapsed time: on a day of a clock change both are usual. Behind
    a row that could not be read (`after_hole`) only their order is looked at.
    """
    instants, _ = resolved(list(moments), calendar or Calendar(datetime(2000, 1, 1), "UTC"))
    step = 0
    good = 0  # the last row that stands where it should: after one that does not, the next may go on from there
    for i in range(1, len(moments)):
        start, before = moments[i], moments[i - 1]
        by_clock, elapsed = (start - before) // _US, int(instants[i] - instants[i - 1])
        if step > 0 and step in ((start - moments[good]) // _US, int(instants[i] - instants[good])):
            good = i
            continue
        if by_clock <= 0 and elapsed <= 0:
            again = start == before
            what = "stands here a second time" if again else f"comes after the later {before}"
            wrong = Wrong(f"the start {start} {what}", "rows in order of time, each interval once", "sort the file")
            rows.refuse(lines[i], wrong, fault="repeat" if again else "order")
            continue
        another_day = start.date() != before.date()
        if after_hole[i]:
            good = i
            continue
        if step == 0 and not (another_day and by_clock < DAY):
            step = first_step(moments, instants, i)
        if step not in (0, by_clock, elapsed) and by_clock < step and elapsed < step:
            overlap = f"the start {start} overlaps the interval from {before}, which lasts {spoken(step)}"
            rows.refuse(lines[i], Wrong(overlap, f"one row every {spoken(step)}"), fault="overlap")
            continue
        good = i
        if step not in (0, by_clock, elapsed) and not another_day:
            gap = f"the start {start} does not follow {before} by {spoken(step)} as the rows above do"
            rows.refuse(lines[i], Wrong(gap, *_gap(step)), fault="gap")
    rows.tell()
    if step > 31 * DAY:
        rows.complain(lines[1], f"the rows are {spoken(step)} apart", "at most 31 days")
    return step or ALONE_US


def _gap(step: int) -> tuple[str, str]:
    return f"one row every {spoken(step)} within a day", "write intervals without agents as rows with 0"
