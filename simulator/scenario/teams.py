"""Cross checks of staffing, several shifts, meetings and absence: what rota.py is for one shift."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from datetime import time, timedelta

import numpy as np

from simulator.scenario.counts import resolved
from simulator.scenario.covering import beyond, clock_hint
from simulator.scenario.rota import check_shift, since, window_of
from simulator.scenario.sense import MAX_AGENT_DAYS
from simulator.scenario.source import Place
from simulator.scenario.staff import MOST, StaffRows
from simulator.scenario.survey import Survey
from simulator.scenario.week import WEEK, parse_days
from simulator.scenario.written import parse_clock, parse_duration, parse_share
from simulator.vocabulary.clock import DAY, spoken

WHO = ("shift", "shifts", "staffing")


def check_teams(survey: Survey, staffing: Mapping[str, StaffRows]) -> None:
    """Adds findings about who is there to the survey. `staffing`: files by group, as far as they could be read."""
    for name in survey.names("agents"):
        if not isinstance(survey.at("agents", name), dict):
            continue
        _which(survey, name)
        _staffing(survey, name, staffing.get(name))
        _templates(survey, name)
        _beside(survey, name)


def _which(survey: Survey, group: str) -> None:
    """Exactly one way to say who is there, and a count where nothing else says it."""
    place: Place = ("agents", group)
    written = [key for key in WHO if survey.at(*place, key) is not None]
    if len(written) > 1:
        survey.error(
            (*place, written[1]),
            f"{' and '.join(written)} stand here together",
            "one of shift, shifts, staffing; none: always on",
            "keep one",
        )
    counted = survey.at(*place, "count") is not None
    if "staffing" in written and counted:
        survey.error(
            (*place, "count"),
            f"`{group}` is staffed by interval: its number is not one count",
            "`staffing` alone",
            f"vary `agents.{group}.staffing.scale`, as 1.1",
        )
    templates = survey.list_at(*place, "shifts")
    says = "shifts" in written and templates and all(isinstance(t, dict) and "count" in t for t in templates)
    if not counted and "staffing" not in written and not says:
        allowed = "a whole number from 0 to 100000, or `staffing`, or `shifts` with a count each"
        survey.error((*place, "count"), "`count` is missing", allowed, "add `count:`")


# --- staffing --------------------------------------------------------------------------------------------------


def _staffing(survey: Survey, group: str, rows: StaffRows | None) -> None:
    place: Place = ("agents", group, "staffing")
    staffing = survey.map_at(*place)
    if not isinstance(survey.at(*place), dict):
        return
    if ("csv" in staffing) == ("agents" in staffing):
        what = "csv and agents stand here together" if "csv" in staffing else "it is not said how many are there"
        survey.error(place, what, "one of csv, agents", "keep one" if "csv" in staffing else "add `csv:`")
        return
    for key in ("from", "every", "days") if "csv" in staffing else ("column",):
        if key in staffing:
            problem = f"`{key}` belongs to `{'agents' if 'csv' in staffing else 'csv'}`"
            survey.error((*place, key), problem, "the file's own columns say it", "take it out")
    lasts = (survey.read(parse_duration, *place, "every") or 30 * 60_000_000) * len(survey.list_at(*place, "agents"))
    if lasts > DAY:
        hint = "for a longer plan name a file with `csv`"
        survey.error((*place, "agents"), f"these intervals last {spoken(lasts)}", "at most one day", hint)
    dated = rows is not None and rows.starts
    if dated and staffing.get("on_holidays") == "off":
        problem = "the file names dates: it says itself what holds on a holiday"
        survey.error((*place, "on_holidays"), problem, "with a weekly pattern", "take it out")
    if rows is not None and not any(rows.agents):
        survey.warn((*place, "csv"), f"the column `{rows.column}` has no agents: nobody of `{group}` is ever there")
    if dated and rows is not None:
        _covers(survey, (*place, "csv"), rows)
    listed = [survey.number(*place, "agents", i) or 0.0 for i in range(len(survey.list_at(*place, "agents")))]
    figures = rows.agents if rows is not None else listed
    _sizes(survey, place, max(figures, default=0.0))
    if staffing.get("leaves") == "idle_first":
        _idle_first(survey, group, place)
    begins = time(0, 0)
    for i in range(len(survey.list_at(*place, "breaks"))):
        window_of(survey, (*place, "breaks", i), begins, DAY)


def _sizes(survey: Survey, place: Place, figure: float) -> None:
    scale = survey.number(*place, "scale")
    most = figure * (1.0 if scale is None else scale)
    if most > MOST:
        survey.error(place, f"up to {most:,.0f} agents would be there", f"at most {MOST:,} in a group")
    elif most * survey.days > MAX_AGENT_DAYS:
        allowed = f"at most {MAX_AGENT_DAYS:,} in one run"
        survey.error(
            place, f"the run would have about {most * survey.days:,.0f} agent-days", allowed, "shorten the run"
        )


def _covers(survey: Survey, place: Place, rows: StaffRows) -> None:
    calendar, start = survey.calendar, survey.start
    if calendar is None or start is None or not survey.horizon_us:
        return
    end = start + timedelta(microseconds=survey.horizon_us)
    first, last = rows.starts[0], rows.starts[-1] + timedelta(microseconds=rows.interval_us)
    if first >= end or last <= start:
        survey.error(
            place,
            f"the rows ({first} to {last}) lie outside the run ({start} to {end})",
            "rows within the run",
            "check `start` and the years in the file, or write `weekday` and `time` for a week that repeats",
        )
        return
    if first > start + timedelta(days=1):
        survey.warn(place, f"nobody is there before the first row, {first}", f"rows from {start}")
    elif last + timedelta(days=1) < end:
        survey.warn(place, f"nobody is there after the last row ends, {last}", f"rows up to {end}")
    if survey.at("after_end") == "drain":  # whoever is there after the end still works
        return
    begins, _ = resolved(rows.starts, calendar)
    beyond_run, _, is_after = beyond(begins, begins + rows.interval_us, np.array(rows.agents), survey.horizon_us)
    if beyond_run:
        hint = clock_hint(survey, calendar, longer=True) if is_after else ""
        problem = (
            f"{beyond_run} the run ({start} to {calendar.local(survey.horizon_us)}): their agents do nothing there"
        )
        survey.warn(place, problem, "rows within the run", hint)


def _idle_first(survey: Survey, group: str, place: Place) -> None:
    """Whoever is done first goes: with several conversations at once nobody is ever done."""
    if survey.at("agents", group, "capacity") not in (None, 1):
        survey.error(
            (*place, "leaves"),
            "`idle_first` lets go whoever is done first, and with several conversations at once nobody is",
            "`idle_first` with a capacity of 1, or `last`",
            "did you mean `last`?",
        )
    if survey.list_at(*place, "breaks"):
        survey.error((*place, "breaks"), "with `idle_first` nobody knows beforehand who is there", "`leaves: last`")
    if survey.at("agents", group, "end_of_shift") is not None:
        survey.error(
            ("agents", group, "end_of_shift"),
            "with `idle_first` whoever goes has nothing in hand",
            "`leaves: last` with an end of shift",
            "take it out",
        )


# --- several shifts --------------------------------------------------------------------------------------------


def _templates(survey: Survey, group: str) -> None:
    place: Place = ("agents", group, "shifts")
    templates = survey.list_at(*place)
    count = survey.whole("agents", group, "count")
    if survey.at("agents", group, "rotate") is not None and not templates:
        survey.error(("agents", group, "rotate"), "there is nothing to rotate", "`rotate` with `shifts`", "take it out")
    known = [t for t in templates if isinstance(t, dict)]
    if len(known) < len(templates) or not known:
        return
    for i in range(len(templates)):
        check_shift(survey, (*place, i), count or survey.whole(*place, i, "count") or 1)
        if "count" in templates[i] and "share" in templates[i]:
            survey.error((*place, i, "share"), "count and share stand here together", "one of them", "keep one")
    by_share = [i for i, t in enumerate(known) if "share" in t]
    if by_share and any("count" in t for t in known):
        survey.error(
            (*place, by_share[0], "share"), "some shifts have a share, others a count", "the same way for all", ""
        )
        return
    days = [survey.read(parse_days, *place, i, "days") or WEEK for i in range(len(known))]
    for weekday in WEEK:
        todays = [i for i in range(len(known)) if weekday in days[i]]
        if not _one_day(survey, place, weekday, todays, count):
            return  # the other days would say the same
    if count is not None or all("count" in t for t in known):
        _apart(survey, group, place, days, count)


def _one_day(survey: Survey, place: Place, weekday: str, todays: list[int], count: int | None) -> bool:
    """Whether the templates of one weekday have agents enough; complains if not."""
    before = len(survey.findings)
    rest = [i for i in todays if survey.at(*place, i, "count") is None and survey.at(*place, i, "share") is None]
    if rest and rest[0] != todays[-1]:
        survey.error(
            (*place, rest[0]),
            f"on {weekday} this shift takes all who are left, and others come after it",
            "a count or share for all but the last shift of a day",
            "add `count:`",
        )
    counts = [survey.whole(*place, i, "count") or 0 for i in todays]
    if count is not None and sum(counts) > count:
        survey.error(
            (*place, todays[-1], "count"),
            f"the shifts of {weekday} need {sum(counts)} agents, the group has {count}",
            f"counts of a day up to {count}",
            "raise `count`, or give shares",
        )
    shares = math.fsum(survey.read(parse_share, *place, i, "share") or 0.0 for i in todays)
    if shares > 1 + 1e-9:
        survey.error(
            (*place, todays[-1], "share"), f"the shares of {weekday} sum to {round(shares * 100, 6):g} %", "up to 100 %"
        )
    return len(survey.findings) == before


def _apart(survey: Survey, group: str, place: Place, days: list[tuple[str, ...]], count: int | None) -> None:
    """Nobody's shift begins before his shift of the day before has ended: places, week after week."""
    times = [
        (survey.read(parse_clock, *place, i, "from"), survey.read(parse_clock, *place, i, "to"))
        for i in range(len(days))
    ]
    if any(begins is None or ends is None for begins, ends in times):
        return
    rotate = survey.whole("agents", group, "rotate") or 0
    dealt = _places(survey, place, days, count)
    people = count if count is not None else max((last for day in dealt for _, _, last in day), default=0)
    if people <= 0:
        return
    for (weekday, before), after in itertools.pairwise([*enumerate(dealt), (0, dealt[0])]):
        moved = rotate if weekday == len(WEEK) - 1 else 0
        for (i, first, last), (j, first2, last2) in itertools.product(before, after[1]):
            begins, ends = times[i]
            assert begins is not None and ends is not None
            beyond = since(begins, time(0)) + (since(ends, begins) or DAY) - DAY
            starts = times[j][0]
            assert starts is not None
            if beyond <= since(starts, time(0)) or not _meet(first, last, first2 - moved, last2 - moved, people):
                continue
            survey.error(
                (*place, j),
                f"the same agents still work shift {i} of {WEEK[weekday]} when this one begins on "
                f"{WEEK[(weekday + 1) % 7]}",
                "a shift of the day before that has ended",
                "order the shifts so that they are other agents, or write two groups",
            )
            return


def _places(
    survey: Survey, place: Place, days: list[tuple[str, ...]], count: int | None
) -> list[list[tuple[int, int, int]]]:
    """(template, first place, end) of each weekday. [weekday]"""
    found = []
    for weekday in WEEK:
        first, shares, day = 0, 0.0, []
        for i in range(len(days)):
            if weekday not in days[i]:
                continue
            share = survey.read(parse_share, *place, i, "share")
            if share is not None:
                shares += share
                end = int(shares * (count or 0) + 0.5 + 1e-9)
            else:
                number = survey.whole(*place, i, "count")
                end = first + number if number is not None else max(count or 0, first)
            day.append((i, first, end))
            first = end
        found.append(day)
    return found


def _meet(first: int, last: int, first2: int, last2: int, people: int) -> bool:
    """Whether two stretches of places share one, on a circle of `people` places."""
    low = (first2 - first) % people
    return first < last and first2 < last2 and (low < last - first or low + (last2 - first2) > people)


# --- beside the shifts -----------------------------------------------------------------------------------------


def _beside(survey: Survey, group: str) -> None:
    """Meetings, late log-ons and absence belong to shifts."""
    place: Place = ("agents", group)
    by_shift = survey.at(*place, "shift") is not None or bool(survey.list_at(*place, "shifts"))
    for key in ("activities", "adherence"):
        if survey.at(*place, key) is not None and not by_shift:
            problem = f"`{key}` belongs to shifts, and `{group}` has none"
            survey.error((*place, key), problem, f"`{key}` with `shift` or `shifts`", "take it out")
    absence = survey.at(*place, "shrinkage")
    if absence is not None and not by_shift and survey.at(*place, "staffing") is None and absence not in (0, "0 %"):
        problem = "agents who are always on are never absent: `shrinkage` changes nothing"
        survey.warn((*place, "shrinkage"), problem, "`shrinkage` with a shift or staffing")
    alike = not survey.number(*place, "shrinkage", "day_factor_cv")
    if alike and survey.at(*place, "shrinkage", "day_factor") in ("own", "shared"):
        survey.error(
            (*place, "shrinkage", "day_factor"),
            "without `day_factor_cv` all days are alike",
            "`day_factor` beside `day_factor_cv`",
            "add `day_factor_cv: 0.3`",
        )
    always_on = not by_shift and survey.at(*place, "staffing") is None
    if always_on and survey.text(*place, "end_of_shift", "then") is not None:
        survey.warn((*place, "end_of_shift"), "agents who are always on have no end of shift")
