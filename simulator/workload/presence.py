"""Who is there when: every agent's shifts and breaks as the plan says, and the days on which he is absent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from simulator.scenario.agents import AgentGroup
from simulator.scenario.directory import Directory
from simulator.scenario.schema import Scenario
from simulator.scenario.week import WEEK
from simulator.scenario.when import Shift
from simulator.workload.streams import Stream


@dataclass(frozen=True)
class PlannedShift:
    """One agent's shift of one day, in µs from start; it may have begun before it."""

    start_us: int
    end_us: int
    breaks: tuple[tuple[int, int], ...]
    """(start, length) in order of time."""
    absent: bool


def planned_shifts(
    scenario: Scenario, directory: Directory, seed: int, replication: int, end_us: int
) -> list[tuple[PlannedShift, ...] | None]:
    """Shifts that touch [0, end_us), by agent; None for an agent who is always on. [agent]"""
    result: list[tuple[PlannedShift, ...] | None] = []
    for name in directory.groups:
        group = scenario.agents[name]
        if group.shift is None:
            result += [None] * group.count
            continue
        absent = Stream(seed, replication, group.stream or name, "absent")
        by_agent: list[list[PlannedShift]] = [[] for _ in range(group.count)]
        first_day = scenario.start.date() - timedelta(days=1)
        for k, day in enumerate([first_day, *scenario.calendar.days(0, end_us)]):
            if not _works_on(group.shift, day, scenario):
                continue
            plan = _on_day(scenario, group, day)
            if plan.end_us <= 0 or plan.start_us >= end_us:
                continue
            is_absent = (absent.column(group.count, k) < group.shrinkage).tolist()
            for i, shifts in enumerate(by_agent):
                shifts.append(plan.of(i, is_absent[i]))
        result += [tuple(shifts) for shifts in by_agent]
    return result


def _works_on(shift: Shift, day: date, scenario: Scenario) -> bool:
    """A shift belongs to the day on which it begins."""
    if shift.on_holidays == "off" and day in scenario.holidays:
        return False
    return WEEK[day.weekday()] in shift.days


class _Day:
    """A group's shift of one day: the wall clock is asked once for all its agents."""

    def __init__(self, start_us: int, end_us: int, breaks: list[tuple[int, int | None, int]], agents: int):
        self.start_us, self.end_us = start_us, end_us
        self._breaks, self._agents = breaks, agents
        self._alike: dict[bool, PlannedShift] = {}

    def of(self, agent: int, absent: bool) -> PlannedShift:
        """One agent's shift; those of agents without staggered breaks are the same object."""
        if absent in self._alike:
            return self._alike[absent]
        breaks = [
            (first if last is None else staggered_us(first, last, lasts, agent, self._agents), lasts)
            for first, last, lasts in self._breaks
        ]
        planned = PlannedShift(self.start_us, self.end_us, tuple(sorted(breaks)), absent)
        if all(last is None for _, last, _ in self._breaks):
            self._alike[absent] = planned
        return planned


def _on_day(scenario: Scenario, group: AgentGroup, day: date) -> _Day:
    assert group.shift is not None
    calendar, shift = scenario.calendar, group.shift
    last_day = day + timedelta(days=1) if shift.to <= shift.from_ else day

    def at(clock: time) -> int:
        """A time of the shift: before its beginning by the clock means the next day."""
        return calendar.at(last_day if clock < shift.from_ else day, clock)

    breaks: list[tuple[int, int | None, int]] = []
    for pause in shift.breaks:
        if pause.at is not None:
            breaks.append((at(pause.at), None, pause.for_us))
        elif pause.between is not None:
            breaks.append((at(pause.between[0]), at(pause.between[1]), pause.for_us))
    return _Day(calendar.at(day, shift.from_), calendar.at(last_day, shift.to), breaks, group.count)


def staggered_us(first_us: int, last_us: int, length_us: int, agent: int, agents: int) -> int:
    """Start of the break of agent 0 … agents−1 between two times: evenly spread, the last ends at `last_us`.

    Absent agents are counted, so that one person's sickness moves nobody else's break (model.md section 6).
    """
    if agents <= 1:
        return first_us
    return first_us + (last_us - first_us - length_us) * agent // (agents - 1)
