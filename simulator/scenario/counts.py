"""Arrivals by interval from a file: `start` (local wall clock) and `count` (exactly so many) or `expected` (mean)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import numpy as np

from simulator.scenario.separators import doubtful, number_hint, plain_number, thousands_doubt
from simulator.scenario.sheets import Rows
from simulator.scenario.written import Wrong, parse_local_time, shown
from simulator.vocabulary.clock import DAY, Calendar, spoken
from simulator.vocabulary.errors import Finding
from simulator.vocabulary.wall import Wall

Kind = Literal["count", "expected"]

ROWS = "rows of `start` (as `2026-03-02 00:00`) in equal steps and `count` or `expected`"
MOST = 1_000_000_000
"""Contacts in one interval (assumed)."""
_US = timedelta(microseconds=1)


@dataclass(frozen=True)
class Counts:
    """Contacts by interval, in order of time, without gaps."""

    kind: Kind
    """`count`: exactly so many, placed uniformly in the interval; `expected`: mean of a Poisson number."""
    starts: tuple[datetime, ...]
    """Local wall clock; a repeated hour may stand here twice, a skipped one expects nobody. [interval]"""
    values: tuple[float, ...]
    """Contacts. [interval]"""
    interval_us: int
    """Length of each interval, by the wall clock."""

    def intervals(self, calendar: Calendar) -> tuple[np.ndarray, np.ndarray]:
        """Edges in µs from start [interval + 1] and contacts [interval], without intervals that the clock skips.

        What was expected in those, the rest of their day gets in proportion: the day keeps its volume.
        """
        edges, skipped = resolved(self.starts, calendar)
        values = np.asarray(self.values, np.float64)
        if skipped.any():
            days = np.array([start.toordinal() for start in self.starts])
            for day in np.unique(days[skipped]):
                here = days == day
                left = values[here & ~skipped].sum()
                if left > 0:
                    values[here] *= values[here].sum() / left
        edges, values = edges[~skipped], values[~skipped]
        last = calendar.us(self.starts[-1] + self.interval_us * _US)
        return np.append(edges, last if self.interval_us >= DAY else edges[-1:] + self.interval_us), values

    def to_csv(self) -> str:
        """The file again, as `read_counts` reads it."""
        lines = [f"start,{self.kind}"]
        lines += [f"{start.isoformat(' ')},{value:.17g}" for start, value in zip(self.starts, self.values, strict=True)]
        return "\n".join(lines) + "\n"


def resolved(starts: tuple[datetime, ...] | list[datetime], calendar: Calendar) -> tuple[np.ndarray, np.ndarray]:
    """µs from start of local times in order, and which of them a clock change skips. [interval] each"""
    wall = Wall(calendar, min(starts).date(), max(starts).date())
    return wall.in_order(list(starts), strictly=True)


def read_counts(
    path: Path, shown_as: str, place: str, calendar: Calendar | None
) -> tuple[Counts | None, list[Finding]]:
    """The rows of a file, or what is wrong with it, line by line. Without a calendar every day has 24 hours."""
    rows = Rows(path, shown_as, place, ROWS)
    columns = rows.columns(("start", "count"), ("start", "expected"))
    if columns is None:
        return None, rows.findings
    kind: Kind = "count" if "count" in columns else "expected"
    start_column, value_column = rows.header.index("start"), rows.header.index(kind)
    lines: list[int] = []
    starts: list[datetime] = []
    values: list[float] = []
    cells: list[str] = []
    after_hole: list[bool] = []
    for line, row in rows:
        after, rows.has_gaps = rows.has_gaps, False
        try:
            value = _value(row[value_column], kind)
        except Wrong as wrong:
            rows.refuse(line, wrong, kind)
            value = 0.0
        try:
            starts.append(parse_local_time(row[start_column]))
        except Wrong as wrong:
            rows.refuse(line, wrong, "start")
            rows.has_gaps = True
            continue
        cells.append(row[value_column])
        values.append(value)
        lines.append(line)
        after_hole.append(after)
    if not starts and not rows.findings:
        rows.complain(None, "there are no rows in this file")
    step = 0
    if starts:
        calendar = calendar or Calendar(datetime(2000, 1, 1), "UTC")
        step = _steps(starts, values, lines, after_hole, kind, calendar, rows)
    if rows.findings:
        return None, rows.findings
    if (doubts := doubtful(cells)) and not rows.is_workbook:
        problem, allowed, hint = thousands_doubt(cells[doubts[0]])
        more = f", and {len(doubts) - 1:,} more are like it" if len(doubts) > 1 else ""
        rows.findings.append(Finding(shown_as, lines[doubts[0]], place, problem + more, allowed, hint, "warning"))
    return Counts(kind, tuple(starts), tuple(values), step), rows.findings


def _steps(
    starts: list[datetime],
    values: list[float],
    lines: list[int],
    after_hole: list[bool],
    kind: Kind,
    calendar: Calendar,
    rows: Rows,
) -> int:
    """The length of the intervals in µs; complains wherever they are not one after the other.

    Rows may follow each other by the wall clock or by elapsed time: on a day of a clock change both are usual. Behind
    a row that could not be read (`after_hole`) only their order is looked at.
    """
    instants, skipped = resolved(starts, calendar)
    step = 0
    good = 0  # the last row that stands where it should: after one that does not, the next may go on from there
    for i in range(1, len(starts)):
        start, before = starts[i], starts[i - 1]
        by_clock, elapsed = (start - before) // _US, int(instants[i] - instants[i - 1])
        goes_on = {(start - starts[good]) // _US, int(instants[i] - instants[good])}
        if step > 0 and step in goes_on:
            good = i
        elif by_clock <= 0 and elapsed <= 0:
            again = start == before
            what = "stands here a second time" if again else f"comes after the later {before}"
            wrong = Wrong(f"the start {start} {what}", "rows in order of time, each interval once", "sort the file")
            rows.refuse(lines[i], wrong, fault="repeat" if again else "order")
        elif after_hole[i]:
            good = i
        else:
            step = step or first_step(starts, instants, i)
            good = i
            if step not in (by_clock, elapsed):
                problem = f"the start {start} does not follow {before} by {spoken(step)} as the rows above do"
                hint = "write intervals without contacts as rows with 0"
                rows.refuse(lines[i], Wrong(problem, f"one row every {spoken(step)}", hint), fault="gap")
    rows.tell()
    if step > 31 * DAY:
        rows.complain(lines[1], f"the rows are {spoken(step)} apart", "at most 31 days")
    if kind == "count":
        for i in np.flatnonzero(skipped).tolist():
            if values[i]:
                rows.complain(
                    lines[i],
                    f"{values[i]:g} contacts at {starts[i]}, which the clock skips",
                    "0 in an hour that is skipped, or no row",
                )
    return step or 30 * 60 * 1_000_000  # of a single row: assumed


def first_step(starts: Sequence[datetime], instants: np.ndarray, i: int) -> int:
    """How long the intervals are, by the first two rows that follow each other, i − 1 and i, in µs. Where a clock
    changes between them it has two lengths: the one that the next row goes on with, else the one by the wall clock."""
    by_clock, elapsed = (starts[i] - starts[i - 1]) // _US, int(instants[i] - instants[i - 1])
    if by_clock != elapsed and i + 1 < len(starts):
        following = (starts[i + 1] - starts[i]) // _US, int(instants[i + 1] - instants[i])
        if elapsed in following and by_clock not in following:
            return elapsed
    return by_clock if by_clock > 0 else elapsed


def _value(text: str, kind: Kind) -> float:
    allowed = f"a {'whole ' if kind == 'count' else ''}number from 0 to {MOST:,}"
    hint = number_hint(text)
    try:
        value = plain_number(text)
    except ValueError:
        raise Wrong(f"{shown(text) if text else 'nothing'} stands where a number must be", allowed, hint) from None
    if not math.isfinite(value) or value < 0 or value > MOST:
        raise Wrong(f"{shown(text)} cannot be a number of contacts", allowed)
    if kind == "count" and value != int(value):
        raise Wrong(f"{shown(text)} is not a whole number", allowed, hint or "name the column `expected` for means")
    return value
