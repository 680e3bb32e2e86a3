"""Who is there when: every agent's shifts and breaks as the plan says, and the days on which he is absent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from simulator.scenario.directory import Directory
from simulator.scenario.schema import AgentGroup, Break, Scenario
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
            is_absent = absent.column(group.count, k) < group.shrinkage
            for i, shifts in enumerate(by_agent):
                planned = _on_day(scenario, group, day, i, bool(is_absent[i]))
                if planned.end_us > 0 and planned.start_us < end_us:
                    shifts.append(planned)
        result += [tuple(shifts) for shifts in by_agent]
    return result


def _on_day(scenario: Scenario, group: AgentGroup, day: date, agent: int, absent: bool) -> PlannedShift:
    assert group.shift is not None
    calendar, shift = scenario.calendar, group.shift
    last_day = day + timedelta(days=1) if shift.to <= shift.from_ else day

    def at(clock: object) -> int:
        """A time of the shift: before its beginning by the clock means the next day."""
        return calendar.at(last_day if clock < shift.from_ else day, clock)  # type: ignore[operator, arg-type]

    def begins(pause: Break) -> int:
        if pause.at is not None:
            return at(pause.at)
        assert pause.between is not None
        return staggered_us(at(pause.between[0]), at(pause.between[1]), pause.for_us, agent, group.count)

    return PlannedShift(
        start_us=calendar.at(day, shift.from_),
        end_us=calendar.at(last_day, shift.to),
        breaks=tuple(sorted((begins(pause), pause.for_us) for pause in shift.breaks)),
        absent=absent,
    )


def staggered_us(first_us: int, last_us: int, length_us: int, agent: int, agents: int) -> int:
    """Start of the break of agent 0 … agents−1 between two times: evenly spread, the last ends at `last_us`.

    Absent agents are counted, so that one person's sickness moves nobody else's break (model.md section 6).
    """
    if agents <= 1:
        return first_us
    return first_us + (last_us - first_us - length_us) * agent // (agents - 1)
