"""Who of a group works which of its shifts on which day: the templates of a day are dealt out in order.

The first template takes the first places, the next those after them. Agents keep their places; with `rotate` everybody
moves on by so many places each Monday, and after the last place comes the first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from simulator.scenario.agents import AgentGroup
from simulator.scenario.staff import StaffRows, whole
from simulator.scenario.week import WEEK
from simulator.scenario.when import Shift, ShiftTemplate

_MONDAY = date(1970, 1, 5)


@dataclass(frozen=True)
class Dealt:
    """One shift of one day and who works it."""

    shift: Shift
    agents: tuple[int, ...]
    """Numbers within the group, from 0, in order of their places."""


def works_on(shift: Shift, day: date, holidays: Collection[date]) -> bool:
    """A shift belongs to the day on which it begins."""
    if shift.on_holidays == "off" and day in holidays:
        return False
    return WEEK[day.weekday()] in shift.days


def dealt(group: AgentGroup, count: int, day: date, holidays: Collection[date]) -> Iterator[Dealt]:
    """The shifts of a group of `count` agents that begin on a day."""
    if group.shift is not None:
        if works_on(group.shift, day, holidays):
            yield Dealt(group.shift, tuple(range(count)))
        return
    todays = [shift for shift in group.shifts if works_on(shift, day, holidays)]
    moved = (day - _MONDAY).days // 7 * group.rotate
    first = 0
    for shift, number in zip(todays, numbers(todays, count), strict=True):
        here = range(first, min(first + number, count))
        yield Dealt(shift, tuple((place - moved) % count for place in here))
        first += number


def numbers(shifts: Sequence[ShiftTemplate], count: int) -> list[int]:
    """How many of a group's agents each template of one day takes. [template]

    Shares are rounded so that their sum is right: up to each template, the nearest whole number of the shares so far.
    """
    found, shares, before = [], 0.0, 0
    for shift in shifts:
        if shift.share is not None:
            shares += shift.share
            until = int(shares * count + 0.5 + 1e-9)
            found.append(until - before)
            before = until
        else:
            found.append(shift.count if shift.count is not None else max(count - sum(found), 0))
    return found


def size(group: AgentGroup, rows: StaffRows | None) -> int:
    """How many agents a group has: its count, or what its staffing or its shifts need at most."""
    if group.staffing is not None:
        figures = rows.agents if rows is not None else group.staffing.agents or ()
        return int(whole(figures, group.staffing.scale).max(initial=0))
    if group.count or not group.shifts:
        return group.count
    return max(needed(group.shifts, day) for day in range(7))


def needed(shifts: Sequence[ShiftTemplate], weekday: int) -> int:
    """How many agents the counts of one day's templates ask for."""
    return sum(shift.count or 0 for shift in shifts if WEEK[weekday] in shift.days)


def sized(group: AgentGroup, rows: StaffRows | None) -> AgentGroup:
    """The group with its number of agents as `count`, however it was said."""
    count = size(group, rows)
    return group if count == group.count else group.model_copy(update={"count": count})


def counted_by(group: Any) -> str:
    """What says how many agents a group has, if not `count`: the key; empty for `count`."""
    if group.staffing is not None:
        return "staffing"
    return "shifts" if any(shift.count is not None for shift in group.shifts) else ""
