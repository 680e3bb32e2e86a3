"""Who is there when: every agent's shifts and breaks as the plan says, and the days on which he is absent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta

import numpy as np

from simulator.scenario.agents import AgentGroup
from simulator.scenario.directory import Directory
from simulator.scenario.people import Activity
from simulator.scenario.roster import Dealt, dealt
from simulator.scenario.schema import Scenario
from simulator.scenario.week import WEEK
from simulator.scenario.when import Break, ShiftTemplate
from simulator.vocabulary.codes import Presence
from simulator.workload.absence import People
from simulator.workload.staffing import Levels, levels, together

AWAY = {"break": Presence.BREAK, "meal": Presence.MEAL, "meeting": Presence.MEETING, "training": Presence.TRAINING}
"""What an agent shows meanwhile, by name of the break or activity."""


@dataclass(frozen=True)
class PlannedShift:
    """One agent's shift of one day, in µs from start; it may have begun before it."""

    start_us: int
    end_us: int
    breaks: tuple[tuple[int, int], ...]
    """(start, length) of breaks, meals, meetings and training, in order of time."""
    absent: bool
    away: tuple[Presence, ...] = ()
    """What he shows during each of `breaks`; empty: BREAK in all."""
    late_us: int = 0
    """He logs on so long after the start."""
    early_us: int = 0
    """He logs off so long before the end."""
    overtime: bool = False
    """Planned overtime."""
    unpaid_us: int = 0
    """Of the breaks."""

    @property
    def log_on_us(self) -> int:
        return min(self.start_us + self.late_us, self.end_us)

    @property
    def log_off_us(self) -> int:
        return max(self.end_us - self.early_us, self.log_on_us)

    def shows(self, number: int) -> Presence:
        """What he shows during break `number`."""
        return self.away[number] if self.away else Presence.BREAK


Shifts = tuple[PlannedShift, ...]


def planned_shifts(
    scenario: Scenario, directory: Directory, seed: int, replication: int, end_us: int
) -> list[Shifts | None]:
    """Shifts that touch [0, end_us), by agent; None for an agent who is always on. [agent]"""
    result: list[Shifts | None] = []
    for name in directory.groups:
        group = scenario.agents[name]
        if group.staffing is not None:
            result += _by_staffing(scenario, name, seed, replication, end_us)
        elif group.shift is not None or group.shifts:
            result += _by_shifts(scenario, name, seed, replication, end_us)
        else:
            result += [None] * group.count
    return result


def crews(scenario: Scenario, directory: Directory, shifts: Sequence[Shifts | None]) -> dict[int, Levels]:
    """How many are to be there, for groups in which whoever has nothing in hand goes first; by number of the group.

    Who is absent is not counted: then fewer are there.
    """
    found = {}
    for number, name in enumerate(directory.groups):
        staffing = scenario.agents[name].staffing
        if staffing is not None and staffing.leaves == "idle_first":
            mine = [plan for plan, group in zip(shifts, directory.agent_group, strict=True) if group == number]
            stays = [(one.start_us, one.end_us) for plan in mine for one in plan or () if not one.absent]
            found[number] = together(stays)
    return found


# --- shifts ----------------------------------------------------------------------------------------------------


def _by_shifts(scenario: Scenario, name: str, seed: int, replication: int, end_us: int) -> list[Shifts | None]:
    group = scenario.agents[name]
    people = People(scenario, name, seed, replication)
    by_agent: list[list[PlannedShift]] = [[] for _ in range(group.count)]
    first_day = scenario.start.date() - timedelta(days=1)
    for k, day in enumerate([first_day, *scenario.calendar.days(0, end_us)]):
        plans = [(_Day(scenario, each, day), each.agents) for each in dealt(group, group.count, day, scenario.holidays)]
        if all(plan.end_us <= 0 or plan.start_us >= end_us for plan, _ in plans):
            continue
        absent = people.absent(k).tolist()
        busy = _activities(scenario, group, day, plans)
        late, early = (people.late_us(k).tolist(), people.early_us(k).tolist()) if group.adherence else ((), ())
        for plan, agents in plans:
            if plan.end_us <= 0 or plan.start_us >= end_us:
                continue
            for place, agent in enumerate(agents):
                shift = plan.of(place, absent[agent])
                if group.adherence is not None:
                    shift = replace(shift, late_us=late[agent], early_us=early[agent])
                if agent in busy:
                    shift = _with_activities(shift, busy[agent])
                _adds(by_agent[agent], shift)
    return [tuple(shifts) for shifts in by_agent]


def _adds(shifts: list[PlannedShift], shift: PlannedShift) -> None:
    """One more shift; one that begins before the one before has ended begins then (a rota around a holiday)."""
    if shifts and shift.start_us < shifts[-1].end_us:
        if shift.end_us <= shifts[-1].end_us:
            return
        begins = shifts[-1].end_us
        kept = [i for i, (start, _) in enumerate(shift.breaks) if start >= begins]
        away = tuple(shift.away[i] for i in kept) if shift.away else ()
        shift = replace(shift, start_us=begins, breaks=tuple(shift.breaks[i] for i in kept), away=away)
    shifts.append(shift)


class _Day:
    """A group's shift of one day: the wall clock is asked once for all its agents."""

    def __init__(self, scenario: Scenario, each: Dealt, day: date):
        self._calendar, self._shift, self._day = scenario.calendar, each.shift, day
        self._last_day = day + timedelta(days=1) if each.shift.to <= each.shift.from_ else day
        self.start_us = self._calendar.at(day, each.shift.from_)
        self.end_us = self._calendar.at(self._last_day, each.shift.to)
        self._overtime = isinstance(each.shift, ShiftTemplate) and each.shift.overtime
        self._agents = len(each.agents)
        self._breaks = [(*self._window(pause), pause.for_us, pause) for pause in each.shift.breaks]
        self._alike: dict[bool, PlannedShift] = {}

    def at(self, clock: time) -> int:
        """A time of the shift: before its beginning by the clock means the next day."""
        return self._calendar.at(self._last_day if clock < self._shift.from_ else self._day, clock)

    def _window(self, pause: Break) -> tuple[int, int | None]:
        if pause.at is not None:
            return self.at(pause.at), None
        assert pause.between is not None
        return self.at(pause.between[0]), self.at(pause.between[1])

    def of(self, place: int, absent: bool) -> PlannedShift:
        """One agent's shift; those of agents without staggered breaks are the same object."""
        if absent in self._alike:
            return self._alike[absent]
        breaks = sorted(
            (
                (first if last is None else staggered_us(first, last, lasts, place, self._agents), lasts, pause.name)
                for first, last, lasts, pause in self._breaks
            ),
        )
        planned = PlannedShift(
            self.start_us,
            self.end_us,
            tuple((start, lasts) for start, lasts, _ in breaks),
            absent,
            away=_shown(tuple(AWAY[name] for *_, name in breaks)),
            overtime=self._overtime,
            unpaid_us=sum(lasts for *_, lasts, pause in self._breaks if not is_paid(pause)),
        )
        if all(last is None for _, last, *_ in self._breaks):
            self._alike[absent] = planned
        return planned


def is_paid(pause: Break) -> bool:
    """A break is paid, a meal is not, unless it is said (assumed)."""
    return pause.name != "meal" if pause.paid is None else pause.paid


def _shown(away: tuple[Presence, ...]) -> tuple[Presence, ...]:
    return () if all(each is Presence.BREAK for each in away) else away


def staggered_us(first_us: int, last_us: int, length_us: int, agent: int, agents: int) -> int:
    """Start of the break of agent 0 … agents−1 between two times: evenly spread, the last ends at `last_us`.

    Absent agents are counted, so that one person's sickness moves nobody else's break (model.md section 6).
    """
    if agents <= 1:
        return first_us
    return first_us + (last_us - first_us - length_us) * agent // (agents - 1)


# --- meetings and training -------------------------------------------------------------------------------------

_Block = tuple[int, int, Presence]
"""Start, length, and what he shows."""


def _activities(
    scenario: Scenario, group: AgentGroup, day: date, plans: list[tuple[_Day, tuple[int, ...]]]
) -> dict[int, list[_Block]]:
    """Who has a meeting or training on a day: those whose shift holds it take turns, in order of their numbers."""
    found: dict[int, list[_Block]] = {}
    for activity in group.activities:
        if WEEK[day.weekday()] not in activity.days:
            continue
        able: list[tuple[int, int]] = []
        for plan, agents in plans:
            start = plan.at(activity.at)
            if plan.start_us <= start and start + activity.for_us <= plan.end_us:
                able += [(agent, start) for agent in agents]
        able.sort()
        number = int(len(able) * activity.share + 0.5 + 1e-9)
        begins = _occurrence(activity, day) * number
        for j in range(number):
            agent, start = able[(begins + j) % len(able)]
            found.setdefault(agent, []).append((start, activity.for_us, AWAY[activity.name]))
    return found


def _occurrence(activity: Activity, day: date) -> int:
    """How often the activity has taken place since a Monday long ago."""
    weeks = (day - date(1970, 1, 5)).days // 7
    return weeks * len(activity.days) + activity.days.index(WEEK[day.weekday()])


def _with_activities(shift: PlannedShift, blocks: list[_Block]) -> PlannedShift:
    """The shift with its meetings. What would begin before the one before it has ended begins then."""
    planned = [(start, lasts, shift.shows(i)) for i, (start, lasts) in enumerate(shift.breaks)]
    breaks, away, free = [], [], shift.start_us
    for start, lasts, presence in sorted([*planned, *blocks]):
        start = max(start, free)
        lasts = min(lasts, shift.end_us - start)
        if lasts > 0:
            breaks.append((start, lasts))
            away.append(presence)
            free = start + lasts
    return replace(shift, breaks=tuple(breaks), away=_shown(tuple(away)))


# --- staffing by interval --------------------------------------------------------------------------------------


def _by_staffing(scenario: Scenario, name: str, seed: int, replication: int, end_us: int) -> Iterator[Shifts]:
    """The stays of each agent as shifts. Who is absent is so from midnight to midnight."""
    group = scenario.agents[name]
    assert group.staffing is not None
    plan = levels(scenario, name, end_us)
    calendar, people = scenario.calendar, People(scenario, name, seed, replication)
    first_day = scenario.start.date() - timedelta(days=1)
    days = [first_day, *calendar.days(0, end_us)]
    absent = None
    if people.may_be_absent:
        absent = np.array([people.absent(k) for k in range(len(days))])  # [day, agent]
        midnights = [calendar.at(day, time()) for day in days] + [calendar.at(days[-1] + timedelta(days=1), time())]
    pauses: list[tuple[int, int | None, Break]] = []
    for day in days if group.staffing.breaks else ():
        for pause in group.staffing.breaks:
            if pause.between is not None:
                pauses.append((calendar.at(day, pause.between[0]), calendar.at(day, pause.between[1]), pause))
            elif pause.at is not None:
                pauses.append((calendar.at(day, pause.at), None, pause))
    for i in range(group.count):
        stays = [(start, end, False) for start, end in plan.stays(i) if end > 0 and start < end_us]
        if absent is not None:
            stays = list(_cut(stays, midnights, absent[:, i].tolist()))
        mine = [
            (first if last is None else staggered_us(first, last, pause.for_us, i, group.count), pause)
            for first, last, pause in pauses
        ]
        yield tuple(_stay(start, end, is_absent, mine) for start, end, is_absent in stays)


def _stay(start: int, end: int, absent: bool, pauses: list[tuple[int, Break]]) -> PlannedShift:
    inside = sorted(
        ((at, pause.for_us, pause.name, is_paid(pause)) for at, pause in pauses if start <= at <= end - pause.for_us)
    )
    return PlannedShift(
        start,
        end,
        tuple((at, lasts) for at, lasts, *_ in inside),
        absent,
        away=_shown(tuple(AWAY[name] for _, _, name, _ in inside)),
        unpaid_us=sum(lasts for _, lasts, _, paid in inside if not paid),
    )


def _cut(
    stays: list[tuple[int, int, bool]], midnights: list[int], absent: list[bool]
) -> Iterator[tuple[int, int, bool]]:
    """Stays, cut at the midnights at which an absence begins or ends."""
    for start, end, _ in stays:
        day = max(int(np.searchsorted(midnights, start, side="right")) - 1, 0)
        while start < end:
            last = day
            while last + 1 < len(absent) and absent[last + 1] == absent[day] and midnights[last + 1] < end:
                last += 1
            until = end if last + 1 >= len(absent) else min(end, midnights[last + 1])
            yield start, until, absent[day]
            start, day = until, last + 1
