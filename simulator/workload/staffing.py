"""Staffing by interval: how many of a group are there when, and who they are.

Agent i of the group (from 0) is there while the figure is above i: whoever has the highest number came last and goes
first. Neighbouring intervals with the same figure are one stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from simulator.scenario.counts import resolved
from simulator.scenario.schema import Scenario
from simulator.scenario.staff import StaffRows, whole
from simulator.scenario.week import WEEK
from simulator.vocabulary.clock import DAY, MINUTE, SECOND
from simulator.vocabulary.wall import Wall


@dataclass(frozen=True)
class Levels:
    """How many are there: `agents[j]` from `at_us[j]` until the next time; nobody before the first."""

    at_us: np.ndarray
    """[change] of int64, ascending"""
    agents: np.ndarray
    """[change] of int64; the last is 0"""

    def stays(self, number: int) -> list[tuple[int, int]]:
        """When agent `number` (from 0) is there: (from, to) in µs, in order of time."""
        there = np.concatenate([[False], self.agents > number])
        came = self.at_us[there[1:] & ~there[:-1]]
        went = self.at_us[~there[1:] & there[:-1]]
        return list(zip(came.tolist(), went.tolist(), strict=True))


def levels(scenario: Scenario, group: str, end_us: int) -> Levels:
    """What the staffing of a group says about [-1 day, end_us)."""
    staffing = scenario.agents[group].staffing
    assert staffing is not None
    rows = scenario.staffing.get(group)
    if rows is not None and rows.starts:
        start, end = _dated(scenario, rows)
        figures = rows.agents
    elif rows is not None:
        start, end, figures = _weekly(scenario, rows, staffing.on_holidays == "off", end_us)
    else:
        first = staffing.from_
        begins = 0 if first is None else (first.hour * 3600 + first.minute * 60 + first.second) * SECOND
        every, listed = staffing.every_us or 30 * MINUTE, staffing.agents or ()
        slots = tuple(
            (WEEK.index(day), begins + i * every) for day in staffing.days or WEEK for i in range(len(listed))
        )
        pattern = StaffRows((), slots, "agents", listed * len(staffing.days or WEEK), every)
        start, end, figures = _weekly(scenario, pattern, staffing.on_holidays == "off", end_us)
    return _levels(start, end, whole(figures, staffing.scale))


def _dated(scenario: Scenario, rows: StaffRows) -> tuple[np.ndarray, np.ndarray]:
    """Start and end of each row's interval; one that a clock change skips has no length. [row], [row]"""
    instants, skipped = resolved(rows.starts, scenario.calendar)
    step = timedelta(microseconds=rows.interval_us)
    after = resolved([start + step for start in rows.starts], scenario.calendar)[0]
    end = np.maximum(instants + (rows.interval_us if rows.interval_us < DAY else 0), after)
    follows = np.append(instants[1:], end[-1:])  # a repeated hour that stands here once lasts until the next row
    return instants, np.where(skipped, instants, np.minimum(end, follows))


def _weekly(
    scenario: Scenario, rows: StaffRows, holidays_off: bool, end_us: int
) -> tuple[np.ndarray, np.ndarray, tuple[float, ...]]:
    """The intervals of a week that repeats, on the days of the run and the day before it. [interval] each"""
    by_day: dict[int, list[int]] = {}
    for i, (weekday, _) in enumerate(rows.slots):
        by_day.setdefault(weekday, []).append(i)
    calendar = scenario.calendar
    days = calendar.days(-DAY, end_us)
    midnight = calendar.start.date()
    wall: list[int] = []
    figures: list[float] = []
    for day in days:
        if holidays_off and day in scenario.holidays:
            continue
        offset = (day - midnight).days * DAY
        for i in by_day.get(day.weekday(), ()):
            wall.append(offset + rows.slots[i][1])
            figures.append(rows.agents[i])
    clock = Wall(calendar, days[0], days[-1] + timedelta(days=2))
    start = clock.instants(np.array(wall, np.int64))[0]
    end = clock.instants(np.array(wall, np.int64) + rows.interval_us)[0]
    return start, end, tuple(figures)


def _levels(start: np.ndarray, end: np.ndarray, agents: np.ndarray) -> Levels:
    """Intervals as one step function. Where two overlap (a repeated hour) the one that began later counts."""
    order = np.argsort(start, kind="stable")
    start, end, agents = start[order], end[order], agents[order]
    end = np.minimum(end, np.append(start[1:], end[-1:]))
    lasts = end > start
    start, end, agents = start[lasts], end[lasts], agents[lasts]
    gap = end < np.append(start[1:], np.iinfo(np.int64).max)
    at = np.concatenate([start, end[gap]])
    number = np.concatenate([agents, np.zeros(int(gap.sum()), np.int64)])
    order = np.argsort(at, kind="stable")
    at, number = at[order], number[order]
    changes = np.diff(number, prepend=0) != 0  # nobody is there before the first
    return Levels(at[changes], number[changes])


def together(stays: list[tuple[int, int]]) -> Levels:
    """How many are there, from the stays of each. The last level is 0."""
    if not stays:
        return Levels(np.empty(0, np.int64), np.empty(0, np.int64))
    come, go = np.array(stays, np.int64).T
    at, where = np.unique(np.concatenate([come, go]), return_inverse=True)
    steps = np.repeat(np.array([1, -1], np.int64), len(come))
    number = np.cumsum(np.bincount(where, weights=steps, minlength=len(at)).astype(np.int64))
    changes = np.append(True, number[1:] != number[:-1])
    return Levels(at[changes], number[changes])
