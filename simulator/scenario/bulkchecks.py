"""Cross checks of bulk sends: what fits together, and which caps can never be reached."""

from __future__ import annotations

import math
from collections.abc import Iterator

from simulator.platforms import BY_NAME, Platform
from simulator.scenario.addresses import digits, is_telephone
from simulator.scenario.calling import CallingHours, open_stretches
from simulator.scenario.sending import OPT_IN_SOURCES
from simulator.scenario.source import Place
from simulator.scenario.survey import Survey
from simulator.scenario.week import WEEK, parse_date, parse_days
from simulator.scenario.written import parse_clock, parse_local_time, parse_pace, parse_share, shown
from simulator.vocabulary.clock import DAY, SECOND, spoken

KINDS = {"campaigns": "campaign", "notifications": "agentless"}
DEFAULT_CAPS = {"campaign": 300.0, "agentless": 50.0}
TIERED = 200
"""Campaigns and notifications whose customers one tier counts: each is looked at for every message (measured: 1 µs)."""
OPENINGS = 1_000_000
"""Calling windows of all campaigns times the days of the run (measured: some µs each)."""
POPULATION, DRAWN = 50_000_000, 300_000_000
"""Customers among whom one campaign chooses, and all campaigns: a number each (measured: 45 bytes, 85 ns)."""
EXACT_CLOCK = 2**62  # the caps' clock counts µs · messages per minute in 64 bits


def check_bulk(survey: Survey) -> None:
    """Adds findings about campaigns, notifications and caps."""
    for name in survey.names("channels"):
        _channel(survey, name)
    for kind, lane in KINDS.items():
        for name in survey.names("outbound", kind):
            _source(survey, ("outbound", kind, name), lane)
    if not _sizes(survey):
        return
    for name in survey.names("outbound", "campaigns"):
        _stop(survey, ("outbound", "campaigns", name))
        _opens(survey, ("outbound", "campaigns", name))
    for name in survey.names("outbound", "notifications"):
        _calls(survey, ("outbound", "notifications", name))
    for kind, lane in KINDS.items():
        _reached(survey, kind, lane)


def _platform(survey: Survey, channel: str) -> Platform | None:
    return BY_NAME.get(survey.text("channels", channel, "platform") or "")


# --- a channel's own caps ----------------------------------------------------------------------------------------


def _channel(survey: Survey, name: str) -> None:
    place: Place = ("channels", name)
    rate = survey.read(parse_pace, *place, "throughput")
    if rate is not None and rate > 0:
        if abs(rate * 60 - round(rate * 60)) > 1e-6 or round(rate * 60) < 1:
            survey.error(
                (*place, "throughput"),
                f"{shown(survey.at(*place, 'throughput'))} is not a whole number of messages per minute",
                "1/min and more, in whole messages",
                f"did you mean `{max(round(rate * 60), 1)}/min`?",
            )
        elif rate * 60 * survey.horizon_us >= EXACT_CLOCK:
            survey.error(
                (*place, "throughput"),
                f"{shown(survey.at(*place, 'throughput'))} is more than the exact clock of such a run can count",
                f"below {math.floor(EXACT_CLOCK / survey.horizon_us / 60)}/s",
                "write `unlimited`",
            )
    seen = {digits(survey.text(*place, "number") or "")}
    for i, number in enumerate(survey.list_at(*place, "numbers")):
        if not isinstance(number, str):
            continue
        if not is_telephone(number, 3):
            survey.error((*place, "numbers", i), f"`{number}` is not a telephone number", "7 to 15 digits")
        elif digits(number) in seen:
            survey.error((*place, "numbers", i), f"`{number}` stands here twice", "each number once", "take it out")
        seen.add(digits(number))
    platform, tier = _platform(survey, name), survey.whole(*place, "tier")
    known = () if platform is None else platform.customers_per_day
    if tier is not None and known and tier not in known:
        tiers = ", ".join(f"{each:,}" for each in known)
        survey.warn((*place, "tier"), f"{platform.name} has no tier of {tier:,}", f"{tiers}, or unlimited")  # type: ignore[union-attr]


# --- one source --------------------------------------------------------------------------------------------------


def _source(survey: Survey, place: Place, lane: str) -> None:
    channel = survey.text(*place, "channel") or ""
    platform = _platform(survey, channel)
    if platform is not None and platform.bulk and lane not in platform.bulk:
        survey.error(
            (*place, "channel"),
            f"there are no campaigns on {platform.name}",
            "a notification on this channel, or a campaign on another",
            "move it to `notifications`",
        )
    characters = survey.whole(*place, "characters")
    if platform is not None and characters is not None and characters > platform.characters:
        survey.error(
            (*place, "characters"),
            f"{characters} characters are more than one {platform.name} message holds",
            f"1 to {platform.characters}",
        )
    _opt_in(survey, (*place, "opt_in"))
    if platform is not None and platform.opt_in and lane == "agentless" and survey.at(*place, "opt_in") is None:
        survey.warn(
            (*place, "opt_in"),
            f"{platform.name} asks for the consent of everybody who is written to, and nothing is said of it: "
            "all count as opted in",
            "a share of the customers, or shares by where they were asked",
            "add `opt_in: 100 %` if all of them agreed",
        )


def _opt_in(survey: Survey, place: Place) -> None:
    if not isinstance(survey.at(*place), dict):
        return
    shares = [survey.read(parse_share, *place, source, "share") for source in OPT_IN_SOURCES]
    total = math.fsum(share for share in shares if share is not None)
    if abs(total - 1) > 1e-9:
        survey.error(
            place,
            f"the shares of {', '.join(OPT_IN_SOURCES)} sum to {round(total * 100, 6):g} %",
            "shares of the contacts that sum to 100 %, each with its own `opt_in`",
        )


def _stop(survey: Survey, place: Place) -> None:
    start, stop, resume = (survey.read(parse_local_time, *place, key) for key in ("start", "stop", "resume"))
    if resume is not None and survey.at(*place, "stop") is None:
        survey.error(
            (*place, "resume"), "it was never stopped", "`resume` after a `stop`", "add `stop:`, or take it out"
        )
    if stop is not None and start is not None and stop <= start:
        survey.error((*place, "stop"), f"it stops at {stop}, before it starts ({start})", "later than `start`")
    if stop is not None and resume is not None and resume <= stop:
        survey.error((*place, "resume"), f"it resumes at {resume}, before it stops ({stop})", "later than `stop`")


def _calls(survey: Survey, place: Place) -> None:
    rejects = survey.text(*place, "on_limit") == "reject"
    if survey.at(*place, "retries") is not None and not rejects:
        survey.error(
            (*place, "retries"),
            "a call that waits is not refused, and nobody tries again",
            "`retries` with `on_limit: reject`",
            "add `on_limit: reject`, or take it out",
        )


# --- what can be worked out ---------------------------------------------------------------------------------------


def _sizes(survey: Survey) -> bool:
    """Can it be worked out in seconds? Not with more campaigns over one tier, windows, or customers to choose from."""
    tiered: dict[str, int] = {}
    drawn, openings, days = 0, 0, survey.horizon_us // DAY + 1
    for kind in KINDS:
        for name in survey.names("outbound", kind):
            place: Place = ("outbound", kind, name)
            channel = survey.text(*place, "channel") or ""
            tiered[channel] = tiered.get(channel, 0) + (survey.whole("channels", channel, "tier") is not None)
            if tiered[channel] == TIERED + 1:
                survey.error(
                    (*place, "channel"),
                    f"more than {TIERED} campaigns and notifications share the tier of `{channel}`",
                    f"at most {TIERED}, or `tier: unlimited`",
                    "join those that write at the same hours",
                )
            if kind == "campaigns":
                before = openings
                openings += len(survey.list_at(*place, "windows")) * days
                if before <= OPENINGS < openings:
                    survey.error(
                        (*place, "windows"),
                        f"the campaigns so far open {openings:,} calling windows in {days:,} days",
                        f"at most {OPENINGS:,} over all campaigns",
                        "fewer windows: one may hold for several `days`",
                    )
                before, people = drawn, survey.whole("channels", channel, "customers", "population") or 0
                drawn += people
                if people > POPULATION:
                    survey.error(
                        ("channels", channel, "customers", "population"),
                        f"`{name}` chooses among {people:,} customers, one number drawn for each",
                        f"at most {POPULATION:,} where a campaign writes to them",
                        "a smaller population, or `customers: new`",
                    )
                if before <= DRAWN < drawn:
                    survey.error(
                        (*place, "channel"),
                        f"the campaigns so far choose among {drawn:,} customers, one number drawn for each",
                        f"at most {DRAWN:,} over all campaigns",
                        "fewer campaigns, a smaller population, or `customers: new`",
                    )
    return max(tiered.values(), default=0) <= TIERED and openings <= OPENINGS and drawn <= DRAWN


# --- what can be reached -----------------------------------------------------------------------------------------


def _reached(survey: Survey, kind: str, lane: str) -> None:
    """A lane's cap that the numbers below it never let through; a campaign that the run is too short for."""
    key = f"whatsapp_{lane}"
    written = survey.read(parse_pace, "outbound", "limits", key)
    cap = DEFAULT_CAPS[lane] if written is None else written
    by_channel = survey.text("outbound", "limits", "scope") == "integration"
    used: dict[str, Place] = {}
    for name in survey.names("outbound", kind):
        channel = survey.text("outbound", kind, name, "channel") or ""
        platform = _platform(survey, channel)
        if platform is not None and platform.organisation_caps:
            used.setdefault(channel, ("channels", channel, "throughput"))
    rates = {channel: _rate(survey, channel) for channel in used}
    groups = [[channel] for channel in used] if by_channel else [list(used)] if used else []
    for group in groups:
        total = math.fsum(rates[channel] for channel in group)
        if cap > 0 and total < cap - 1e-9:
            one = min((rates[channel] / _numbers(survey, channel) for channel in group), default=cap)
            survey.warn(
                used[group[0]],
                f"the cap of {cap * 60:,.0f} {lane} messages a minute is never reached: "
                f"{', '.join(f'`{channel}`' for channel in group)} lets through {total * 60:,.0f} at most",
                f"{math.ceil(cap / one)} numbers at {one:g}/s, or one at {_level(survey, group[0], cap):,.0f}/s",
                "add `numbers:`, or raise `throughput`" if total * 60 < cap * 60 else "",
            )
    if kind == "campaigns":
        for name in survey.names("outbound", "campaigns"):
            _fits(survey, name, cap)


def _level(survey: Survey, channel: str, needed: float) -> float:
    """The smallest throughput that a platform sells and that is enough."""
    platform = _platform(survey, channel)
    levels = platform.number_per_second if platform is not None else ()
    return min((level for level in levels if level >= needed), default=float(math.ceil(needed)))


def _rate(survey: Survey, channel: str) -> float:
    """Messages a second that the numbers of a channel let through."""
    written, platform = survey.at("channels", channel, "throughput"), _platform(survey, channel)
    rate = survey.read(parse_pace, "channels", channel, "throughput") if written != "unlimited" else None
    if written is None and platform is not None and platform.number_types:
        kind = survey.text("channels", channel, "number_type") or next(iter(platform.number_types))
        rate = platform.number_types.get(kind)
    return math.inf if not rate else rate * _numbers(survey, channel)


def _numbers(survey: Survey, channel: str) -> int:
    written = {digits(number) for number in survey.list_at("channels", channel, "numbers") if isinstance(number, str)}
    return max(len(written | {digits(survey.text("channels", channel, "number") or "")} - {""}), 1)


def _opted_in(survey: Survey, place: Place) -> float:
    """The share of contacts who may be written to, as far as it can be read."""
    if not isinstance(survey.at(*place), dict):
        share = survey.read(parse_share, *place)
        return 1.0 if share is None else share
    parts = [[survey.read(parse_share, *place, each, key) for key in ("share", "opt_in")] for each in OPT_IN_SOURCES]
    return math.fsum(math.prod(share or 0.0 for share in part) for part in parts)


def _opens(survey: Survey, place: Place) -> None:
    """A campaign that may write at no time of the run sends nothing."""
    if survey.list_at(*place, "windows") and next(_open_stretches(survey, place), (0, 0)) is None:
        survey.warn(
            (*place, "windows"),
            "no calling window opens between the campaign's start and the end of the run: nothing is sent",
            "a window within the run",
            "an earlier `start`, other days, or a longer run",
        )


def _open_stretches(survey: Survey, place: Place) -> Iterator[tuple[int, int] | None]:
    """When a campaign may write within the run, in order, without overlaps; at last None. Nothing where it cannot be
    read."""
    calendar, start = survey.calendar, survey.read(parse_local_time, *place, "start")
    if calendar is None or start is None or not survey.horizon_us:
        return
    hours = _hours(survey, place)
    if hours is None:
        return
    dates = (survey.read(parse_date, "holidays", i) for i in range(len(survey.list_at("holidays"))))
    off = {date for date in dates if date is not None}
    stop, resume = (survey.read(parse_local_time, *place, key) for key in ("stop", "resume"))
    end_us = survey.horizon_us
    for opens, closes in open_stretches(calendar, hours, off, max(calendar.us(start), 0), end_us, stop, resume, end_us):
        if opens < end_us:
            yield opens, min(closes, end_us)
    yield None


def _hours(survey: Survey, place: Place) -> list[CallingHours] | None:
    """The calling windows of a campaign; None if one cannot be read: told elsewhere."""
    hours = []
    for i in range(len(survey.list_at(*place, "windows"))):
        its = (*place, "windows", i)
        opens, closes = survey.read(parse_clock, *its, "from"), survey.read(parse_clock, *its, "to")
        if opens is None or closes is None:
            return None
        days = survey.read(parse_days, *its, "days") or WEEK
        hours.append(CallingHours(opens, closes, days, survey.text(*its, "on_holidays") == "off"))
    return hours


def _fits(survey: Survey, name: str, cap: float) -> None:
    """Does a campaign's last message leave before the run ends, as far as caps go?"""
    place: Place = ("outbound", "campaigns", name)
    channel, contacts = survey.text(*place, "channel") or "", survey.whole(*place, "contacts")
    calendar, start = survey.calendar, survey.read(parse_local_time, *place, "start")
    if contacts is None or calendar is None or start is None or not survey.horizon_us:
        return
    messages = contacts * _opted_in(survey, (*place, "opt_in"))
    left_s = (survey.horizon_us - calendar.us(start)) / SECOND
    platform = _platform(survey, channel)
    rate = min(_rate(survey, channel), cap if platform is not None and platform.organisation_caps else math.inf)
    open_s = 0.0
    for stretch in _open_stretches(survey, place):
        open_s += 0.0 if stretch is None else (stretch[1] - stretch[0]) / SECOND
        if rate * open_s >= messages:
            break
    if open_s > 0 and messages > rate * open_s:
        until = (
            f"the run ends {spoken(round(left_s * SECOND))} after the start"
            if open_s >= left_s
            else f"until the run ends it may write for {spoken(round(open_s * SECOND))}"
        )
        survey.warn(
            (*place, "contacts"),
            f"{messages:,.0f} messages take {spoken(round(messages / rate * SECOND))} through their caps, and {until}",
            "fewer contacts, more numbers, or a longer run"
            if open_s >= left_s
            else "fewer contacts, more numbers, longer calling windows, or a longer run",
        )
    tier = survey.whole("channels", channel, "tier")
    days = left_s * SECOND / DAY
    if tier and left_s > 0 and messages > tier * math.ceil(days):
        survey.warn(
            ("channels", channel, "tier"),
            f"`{name}` begins with {messages:,.0f} customers: that takes {math.ceil(messages / tier)} days in a "
            f"tier of {tier:,}",
            "a higher tier, or fewer contacts",
        )
