"""Cross checks of when things come: arrivals, profiles, files of rows, holidays and business hours."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np

from simulator.scenario.counts import Counts
from simulator.scenario.covering import amount, beyond, clock_hint, coming_until
from simulator.scenario.lawful import parse_count_law
from simulator.scenario.laws import largest
from simulator.scenario.origin import arrivals_places
from simulator.scenario.references import topics_drawn
from simulator.scenario.sense import think_missing
from simulator.scenario.source import Place
from simulator.scenario.survey import Survey
from simulator.scenario.traces import Trace
from simulator.scenario.week import parse_date
from simulator.scenario.written import parse_clock, parse_duration, shown
from simulator.vocabulary.clock import DAY, spoken

KINDS = ("rate", "per_day", "csv", "trace")


def check_coming(survey: Survey, counts: Mapping[str, Counts], traces: Mapping[str, Trace]) -> None:
    """Adds findings about arrivals to the survey. `counts`, `traces`: files by source, as far as they could be read."""
    for name in survey.names("profiles"):
        _profile(survey, ("profiles", name))
    for source, place in arrivals_places(survey.source.tree):
        _arrivals(survey, place, counts.get(source))
        if source in traces:
            _trace_file(survey, place, traces[source])
            _thinkers(survey, place, traces[source])
    for name in survey.names("outbound", "notifications"):
        place = ("outbound", "notifications", name)
        written = [key for key in ("batches", "arrivals") if survey.at(*place, key) is not None]
        if isinstance(survey.at(*place), dict) and len(written) != 1:
            what = (
                "batches and arrivals stand here together" if written else "it is not said when messages are asked for"
            )
            hint = (
                "keep one" if written else 'add `batches: [{at: "08:00", count: 1000}]` or `arrivals: {rate: 10/min}`'
            )
            survey.error(place, what, "one of batches, arrivals", hint)
        _batches(survey, (*place, "batches"))
    _holidays(survey)


def _batches(survey: Survey, place: Place) -> None:
    """A batch goes out at its time of day, every day: a run that ends before may never come to it."""
    calendar, end_us = survey.calendar, coming_until(survey)
    if calendar is None or not 0 < end_us < 2 * DAY:  # longer runs see every time of day
        return
    for i in range(len(survey.list_at(*place))):
        at = survey.read(parse_clock, *place, i, "at")
        if at is not None and not any(0 <= calendar.at(day, at) < end_us for day in calendar.days(0, end_us)):
            problem = f"{at:%H:%M} never comes within the run: this batch is never sent"
            survey.warn((*place, i, "at"), problem, f"from {calendar.start} to before {calendar.local(end_us)}")


def _profile(survey: Survey, place: Place) -> None:
    profile = survey.map_at(*place)
    if not isinstance(survey.at(*place), dict):
        return
    written = [key for key in ("by_hour", "by_hour_of_week") if key in profile]
    if len(written) != 1:
        what = "by_hour and by_hour_of_week stand here together" if written else "it is not said how the day is spread"
        survey.error(
            place,
            what,
            "one of by_hour (24 numbers), by_hour_of_week (168)",
            "keep one" if written else "add `by_hour:`",
        )
    if "by_weekday" in profile and "by_hour_of_week" in profile:
        survey.error(
            (*place, "by_weekday"), "by_hour_of_week already says what each weekday has", "by_weekday with by_hour"
        )
    for key in ("by_hour", "by_hour_of_week", "by_weekday"):
        _not_all_zero(survey, (*place, key))
    _not_all_zero(survey, (*place, "holiday", "by_hour"))
    if "holiday" in profile and not survey.list_at("holidays"):
        survey.warn((*place, "holiday"), "there are no holidays", "`holidays: [2026-12-25]` at the top")


def _not_all_zero(survey: Survey, place: Place) -> None:
    weights = survey.list_at(*place)
    numbers = [weight for weight in weights if isinstance(weight, int | float) and not isinstance(weight, bool)]
    if weights and len(numbers) == len(weights) and all(number == 0 for number in numbers):
        survey.error(place, "everything has the weight 0", f"{len(weights)} numbers from 0, not all 0")


def _arrivals(survey: Survey, place: Place, counts: Counts | None) -> None:
    arrivals = survey.map_at(*place)
    if not isinstance(survey.at(*place), dict):
        return
    kinds = [kind for kind in KINDS if kind in arrivals]
    if len(kinds) != 1:
        what = f"{' and '.join(kinds)} stand here together" if kinds else "it is not said when contacts come"
        hint = "keep one" if kinds else "add `rate: 12/h` or `per_day: 1000`"
        survey.error(place, what, "one of rate, per_day, csv, trace", hint)
        return
    (kind,) = kinds
    if "profile" in arrivals and kind != "per_day":
        problem = f"a profile belongs to `per_day`, not to `{kind}`"
        survey.error((*place, "profile"), problem, "`per_day` with a profile", "take it out")
    if "within" in arrivals and kind not in ("rate", "per_day"):
        problem = f"a `{kind}` says itself when contacts come"
        survey.error((*place, "within"), problem, "`within` with `rate` or `per_day`", "take it out")
    _day_factor(survey, place, kind, counts)
    times = [survey.read(parse_duration, *place, "trace", i) for i in range(len(survey.list_at(*place, "trace")))]
    for i, (before, here) in enumerate(itertools.pairwise(times), 1):
        if before is not None and here is not None and here < before:
            problem = f"{spoken(here)} comes after {spoken(before)}"
            survey.error((*place, "trace", i), problem, "times in order", "sort the list")
    late = [time for time in times if time is not None and time >= coming_until(survey) > 0]
    if late:
        survey.warn(
            (*place, "trace"), f"{len(late)} of {len(times)} times lie after the end of the run and never happen"
        )
    if counts is not None:
        _coverage(survey, (*place, "csv"), counts)


def _day_factor(survey: Survey, place: Place, kind: str, counts: Counts | None) -> None:
    cv = survey.number(*place, "day_factor_cv")
    if cv and (kind == "trace" or (counts is not None and counts.kind == "count")):
        survey.error(
            (*place, "day_factor_cv"),
            "exact arrivals have no good and bad days",
            "rate, per_day, or a CSV with `expected`",
            "take it out",
        )
    elif survey.at(*place, "day_factor") in ("own", "shared") and not cv:
        survey.error(
            (*place, "day_factor"),
            "without `day_factor_cv` all days are alike",
            "`day_factor` beside `day_factor_cv`",
            "add `day_factor_cv: 0.1`",
        )


def _coverage(survey: Survey, place: Place, counts: Counts) -> None:
    """Whether the rows of a file cover the run, and the run the rows."""
    calendar, end_us = survey.calendar, coming_until(survey)
    if calendar is None or not end_us:
        return
    edges, values = counts.intervals(calendar)
    start, end = calendar.start, calendar.local(end_us)
    first, last = counts.starts[0], calendar.local(int(edges[-1]))
    if edges[0] >= end_us or edges[-1] <= 0:
        survey.error(
            place,
            f"the rows ({first} to {last}) lie outside the run ({start} to {end})",
            "rows within the run",
            "check `start` and the years in the file",
        )
        return
    if edges[0] > 0:
        survey.warn(place, f"nobody comes before the first row, {first}", f"rows from {start}")
    if edges[-1] < end_us:
        hint = clock_hint(survey, calendar, longer=False)
        survey.warn(place, f"nobody comes after the last row ends, {last}", f"rows up to {end}", hint)
    rows, lost, is_after = beyond(edges[:-1], edges[1:], values, end_us)
    if rows:
        problem = f"{rows} the run ({start} to {end}): {amount(lost)} of {amount(values.sum())} contacts never come"
        survey.warn(
            place, problem, "rows within the run", clock_hint(survey, calendar, longer=True) if is_after else ""
        )


def _trace_file(survey: Survey, place: Place, trace: Trace) -> None:
    calendar, end_us = survey.calendar, coming_until(survey)
    if calendar is None or not end_us:
        return
    times = trace.times_us(calendar)
    outside = int(np.count_nonzero((times < 0) | (times >= end_us)))
    if outside == len(times):
        survey.error(
            (*place, "trace"),
            f"all {outside} rows lie outside the run",
            f"rows from {calendar.start} on",
            "check `start` and the years in the file",
        )
    elif outside:
        survey.warn((*place, "trace"), f"{outside} of {len(times)} rows lie outside the run and never happen")
    if place[0] == "outbound" and any(any(column) for column in (trace.customer, trace.topic, trace.turns)):
        problem = "a notification has no customer, topic or turns"
        survey.error((*place, "trace"), problem, "a file with the column `at` alone", "take the columns out")


def _thinkers(survey: Survey, place: Place, trace: Trace) -> None:
    """Whoever a trace gives several turns thinks between them, as those do whose turns the behaviour says."""
    told = set()
    for topic, most in sorted(trace.most_turns(topics_drawn(survey, place[:-1])).items()):
        behaviour: Place = ("behaviours", survey.text("topics", topic, "behaviour") or "")
        if most <= 1 or behaviour in told or not isinstance(survey.at(*behaviour), dict):
            continue
        turns = survey.read(parse_count_law, *behaviour, "turns")
        if survey.at(*behaviour, "think") is None and (turns is None or largest(turns) <= 1):  # else it is told already
            told.add(behaviour)
            think_missing(survey, behaviour, f"{shown(survey.at(*place, 'trace'))} gives up to {most} turns")


def _off_on_holidays(survey: Survey, group: str) -> bool:
    places: list[Place] = [("shift",), ("staffing",)]
    places += [("shifts", i) for i in range(len(survey.list_at("agents", group, "shifts")))]
    return any(survey.at("agents", group, *place, "on_holidays") == "off" for place in places)


def _holidays(survey: Survey) -> None:
    days: list[Any] = [survey.read(parse_date, "holidays", i) for i in range(len(survey.list_at("holidays")))]
    known: set[date] = set()
    for i, day in enumerate(days):
        if day is not None and day in known:
            survey.error(("holidays", i), f"{day} stands here twice", "each date once", "delete one of the two")
        known.add(day)
    used = any(survey.at("profiles", name, "holiday") is not None for name in survey.names("profiles"))
    used |= any(_off_on_holidays(survey, name) for name in survey.names("agents"))
    if days and not used and not survey.names("business_hours"):
        survey.warn(
            ("holidays",),
            "the holidays change nothing",
            "a profile with `holiday`, a shift with `on_holidays: off`, or `business_hours`",
        )
    for name in survey.names("agents"):
        if _off_on_holidays(survey, name) and not days:
            survey.warn(
                ("agents", name, "shift", "on_holidays"), "there are no holidays", f"{shown('holidays')} at the top"
            )
