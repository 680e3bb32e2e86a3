"""Cross checks of quantities: shares that sum to 1, arrivals that come, sizes that can be simulated."""

from __future__ import annotations

import math
import re
import zoneinfo
from collections.abc import Mapping

from simulator.scenario.counts import Counts
from simulator.scenario.lawful import parse_count_law
from simulator.scenario.laws import largest
from simulator.scenario.origin import arrivals_places
from simulator.scenario.separators import thousands_doubt, thousands_meant
from simulator.scenario.source import Place
from simulator.scenario.structure import slot_at
from simulator.scenario.survey import Survey, known_zone
from simulator.scenario.traces import Trace
from simulator.scenario.written import (
    nearest,
    parse_duration,
    parse_local_time,
    parse_pace,
    parse_share,
    shown,
)
from simulator.vocabulary.clock import DAY, SECOND, Calendar, spoken

LONGEST_RUN_US = 2 * 366 * DAY  # two years; longer plans are several scenarios (assumed)
MAX_CONTACTS = 50_000_000  # what fits in the memory of a usual machine (assumed)
MAX_SENDS = 30_000_000  # bulk sends are columns only (measured: 0.3 KB each, so that 10 GB hold them)
MAX_AGENT_DAYS = 20_000_000  # each is a few rows of the journal (assumed)
ENDS = ("start", "stop", "resume")
"""Dates of a campaign."""
EXACT_CLOCK = 2**62  # the caps' clock counts µs · messages per minute in 64 bits


def check_sense(survey: Survey, counts: Mapping[str, Counts], traces: Mapping[str, Trace]) -> None:
    """Adds findings about quantities to the survey. `counts`, `traces`: files by source, as far as they were read."""
    _frame(survey)
    _clock_changes(survey)
    for behaviour in survey.names("behaviours"):
        _behaviour(survey, ("behaviours", behaviour))
        for reason in survey.names("behaviours", behaviour, "writes_again"):
            _sum_to_one(survey, ("behaviours", behaviour, "writes_again", reason, "topic"), whole_map=True)
    for name in survey.names("channels"):
        _sum_to_one(survey, ("channels", name, "topics"), whole_map=True)
    _campaigns(survey)
    _points(survey)
    _sizes(survey, counts, traces)


# --- the frame of the run --------------------------------------------------------------------------------------


def _frame(survey: Survey) -> None:
    warm_up, duration = survey.read(parse_duration, "warm_up"), survey.read(parse_duration, "duration")
    if warm_up is not None and duration is not None and warm_up >= duration > 0:
        survey.error(
            ("warm_up",),
            f"the warm-up ({spoken(warm_up)}) leaves nothing of the duration ({spoken(duration)}) to measure",
            f"less than {spoken(duration)}",
            "`duration` counts from the start, warm-up included",
        )
    if survey.horizon_us > LONGEST_RUN_US:
        survey.error(("duration",), f"the run is {spoken(survey.horizon_us)} long", "at most two years with `run_out`")
    zone = survey.text("timezone")
    if zone is not None and not known_zone(zone):
        survey.error(
            ("timezone",),
            f"{shown(zone)} is not a time zone",
            "a name of the IANA data base, as `Europe/Berlin` or `UTC`",
            nearest(zone, sorted(zoneinfo.available_timezones())),
        )


def _clock_changes(survey: Survey) -> None:
    """Dates with a time that the wall clock never shows, or shows twice. Times of day come every day: not told here."""
    calendar = survey.calendar
    places: list[Place] = [("start",)]
    places += [("outbound", "campaigns", name, key) for name in survey.names("outbound", "campaigns") for key in ENDS]
    places += [("outages", name, key) for name in survey.names("outages") for key in ("from", "to")]
    for place in places:
        moment = survey.read(parse_local_time, *place)
        showings = 1 if calendar is None or moment is None else calendar.showings(moment)
        if calendar is None or moment is None or showings == 1:
            continue
        if showings == 0:
            after = calendar.local(calendar.us(moment))
            problem = f"{moment} never comes: the clock in {calendar.timezone} skips it"
            survey.error(place, problem, "times that the wall clock shows", f"did you mean `{after}`?")
        else:
            problem = f"{moment} comes twice: the clock in {calendar.timezone} goes back; the first one is meant"
            survey.warn(place, problem)


# --- customers -------------------------------------------------------------------------------------------------


def _behaviour(survey: Survey, place: Place) -> None:
    turns = survey.read(parse_count_law, *place, "turns")
    if turns is not None and largest(turns) > 1 and survey.at(*place, "think") is None:
        think_missing(survey, place, "`turns` may exceed 1")
    messages = survey.read(parse_count_law, *place, "opening", "messages")
    if messages is not None and largest(messages) > 1 and survey.at(*place, "opening", "gap") is None:
        survey.error(
            (*place, "opening", "gap"),
            "`gap` is missing, and `messages` may exceed 1",
            "a law of durations: between two messages of a burst",
            "add `gap: {lognormal: {median: 8 s, p90: 30 s}}`",
        )
    if survey.map_at(*place, "gives_up"):
        _sum_to_one(survey, (*place, "gives_up"), whole_map=False)


def think_missing(survey: Survey, behaviour: Place, why: str) -> None:
    """Without it the next message would come with the reply."""
    survey.error(
        (*behaviour, "think"),
        f"`think` is missing, and {why}",
        "a law of durations: from our reply to his next message",
        "add `think: {lognormal: {median: 45 s, p90: 3 min}}`",
    )


def _sum_to_one(survey: Survey, place: Place, whole_map: bool) -> None:
    shares = survey.map_at(*place)
    if not shares and not (whole_map and survey.at(*place) == {}):
        return
    read = [survey.read(parse_share, *place, name) for name in shares]
    known = [share for share in read if share is not None]
    if len(known) < len(read):
        return
    total = math.fsum(known)
    if abs(total - 1) > 1e-9:
        written = f"{round(total * 100, 6):g}"
        survey.error(
            place, f"the shares sum to {written} %", "shares that sum to 100 %", _make_whole(survey, place, total)
        )


def _make_whole(survey: Survey, place: Place, total: float) -> str:
    """The last share, changed so that the sum is right."""
    last = list(survey.map_at(*place))[-1:]
    share = survey.read(parse_share, *place, *last) if last else None
    if share is None or not 0 <= share + 1 - total <= 1:
        return ""
    return f"did you mean `{last[0]}: {round((share + 1 - total) * 100, 6):g} %`?"


# --- outbound --------------------------------------------------------------------------------------------------


def _campaigns(survey: Survey) -> None:
    start, zone = survey.start, survey.text("timezone") or "UTC"
    if start is not None and survey.horizon_us and known_zone(zone):
        calendar = Calendar(start, zone)
        end = calendar.local(min(survey.horizon_us, LONGEST_RUN_US))
        for name in survey.names("outbound", "campaigns"):
            place: Place = ("outbound", "campaigns", name, "start")
            begins = survey.read(parse_local_time, *place)
            if begins is not None and not 0 <= calendar.us(begins) < survey.horizon_us:
                survey.error(
                    place, f"the campaign starts at {begins}, outside the run", f"from {start} to before {end}"
                )
    for name in survey.names("outbound", "campaigns"):
        rate = ("outbound", "campaigns", name, "requested_rate")
        if survey.read(parse_pace, *rate) == 0:
            survey.error(
                rate,
                "a rate of 0 never requests anything",
                "a rate above 0, as `40/s`",
                "for all at the start, take it out",
            )
    for lane in ("whatsapp_campaign", "whatsapp_agentless"):
        cap = survey.read(parse_pace, "outbound", "limits", lane)
        if cap is not None and cap > 0 and (abs(cap * 60 - round(cap * 60)) > 1e-6 or round(cap * 60) < 1):
            survey.error(
                ("outbound", "limits", lane),
                f"{shown(survey.at('outbound', 'limits', lane))} is not a whole number of messages per minute",
                "1/min and more, in whole messages",
                f"did you mean `{max(round(cap * 60), 1)}/min`?",
            )
        if cap is not None and cap * 60 * survey.horizon_us >= EXACT_CLOCK:
            survey.error(
                ("outbound", "limits", lane),
                f"{shown(survey.at('outbound', 'limits', lane))} is more than the exact clock of such a run can count",
                f"below {math.floor(EXACT_CLOCK / survey.horizon_us)}/min",
            )


def _points(survey: Survey) -> None:
    """Volumes and rates of contacts and messages that look like thousands. Whole numbers refuse `1.400` themselves."""
    for place, written in survey.source.written.items():
        number = re.split(r"[ /p]", written, maxsplit=1)[0]  # of `1.400/h`, `1.400 per h`
        slot = slot_at(place) if thousands_meant(number) else None
        if slot is not None and (place[-1] == "per_day" or slot.is_read_by(parse_pace)):
            survey.warn(place, *thousands_doubt(number, written[len(number) :]))


# --- how much it is --------------------------------------------------------------------------------------------


def expected_contacts(
    survey: Survey, counts: Mapping[str, Counts], traces: Mapping[str, Trace]
) -> list[tuple[float, Place]]:
    """How many first contacts each channel and campaign may be expected to bring, and where that is said."""
    return _expected(survey, counts, traces)[0]


def _expected(
    survey: Survey, counts: Mapping[str, Counts], traces: Mapping[str, Trace]
) -> tuple[list[tuple[float, Place]], list[tuple[float, Place]]]:
    """Contacts and bulk sends."""
    days, horizon_s = survey.days, survey.horizon_us / SECOND
    contacts: list[tuple[float, Place]] = []
    sends: list[tuple[float, Place]] = []
    for name, place in arrivals_places(survey.source.tree):
        found = contacts if place[0] == "channels" else sends
        found.append(((survey.read(parse_pace, *place, "rate") or 0) * horizon_s, (*place, "rate")))
        profile = survey.text(*place, "profile") or ""
        by_weekday = [survey.number("profiles", profile, "by_weekday", i) or 0.0 for i in range(7)]
        busiest = max(*by_weekday, survey.number("profiles", profile, "holiday") or 0.0, 1.0)
        found.append(((survey.number(*place, "per_day") or 0) * days * busiest, (*place, "per_day")))
        found.append((math.fsum(counts[name].values) if name in counts else 0, (*place, "csv")))
        listed = len(survey.list_at(*place, "trace"))
        found.append((len(traces[name].at) if name in traces else listed, (*place, "trace")))
    for name in survey.names("outbound", "campaigns"):
        place = ("outbound", "campaigns", name)
        number = survey.whole(*place, "contacts") or 0
        contacts.append(
            (number * (survey.read(parse_share, *place, "replies", "probability") or 0), (*place, "contacts"))
        )
        sends.append((number, (*place, "contacts")))
    for name in survey.names("outbound", "notifications"):
        place = ("outbound", "notifications", name, "batches")
        for i in range(len(survey.list_at(*place))):
            sends.append(((survey.whole(*place, i, "count") or 0) * days, (*place, i, "count")))
    return contacts, sends


def _sizes(survey: Survey, counts: Mapping[str, Counts], traces: Mapping[str, Trace]) -> None:
    """Expected contacts, bulk sends and agent-days within what can be simulated."""
    days = survey.days
    if not days or survey.horizon_us > LONGEST_RUN_US:
        return
    contacts, sends = _expected(survey, counts, traces)
    agents = [
        ((survey.whole("agents", name, "count") or 0) * days, ("agents", name, "count"))
        for name in survey.names("agents")
    ]
    for what, parts, most in (
        ("contacts", contacts, MAX_CONTACTS),
        ("bulk sends", sends, MAX_SENDS),
        ("agent-days", agents, MAX_AGENT_DAYS),
    ):
        total = math.fsum(size for size, _ in parts)
        if total > most:
            survey.error(
                max(parts, key=lambda part: part[0])[1],
                f"the run would have about {total:,.0f} {what}",
                f"at most {most:,} in one run",
                "shorten the run, or model a part of it",
            )
