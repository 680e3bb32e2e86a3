"""The calendar: weeks, holidays, business hours and clock changes, in arrivals and in shifts."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pytest
from tiny import tiny

from simulator.scenario import Scenario, loads
from simulator.scenario.directory import directory
from simulator.scenario.sense import check_sense
from simulator.scenario.source import read_text
from simulator.scenario.survey import Survey
from simulator.vocabulary.clock import DAY, HOUR, MINUTE, Calendar
from simulator.vocabulary.errors import ScenarioError
from simulator.vocabulary.wall import Wall, wall_of
from simulator.workload import draw
from simulator.workload.arrivals import arrival_times, intensity
from simulator.workload.presence import planned_shifts

MONDAY = "2026-03-02 00:00"
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns"]


def coming(arrivals: str, more: str = "", **other: str) -> Scenario:
    """One chat channel with these arrivals."""
    text = tiny("", **{"duration": "7 days", "start": MONDAY, **other}, more=more)
    return loads(text.replace("topics: {ask: 100 %}", f"arrivals: {{{arrivals}}}, topics: {{ask: 100 %}}", 1))


def by_hour(scenario: Scenario, source: str = "web") -> np.ndarray:
    """Expected arrivals by elapsed hour. [hour]"""
    end = scenario.duration_us
    edges, expected = intensity(scenario, source, end)
    cumulative = np.concatenate([[0.0], np.cumsum(expected)])
    return np.diff(np.interp(np.arange(0, end + 1, HOUR), edges, cumulative))


def by_day(scenario: Scenario) -> np.ndarray:
    """Expected arrivals by local day. [day]"""
    edges, expected = intensity(scenario, "web", scenario.duration_us)
    days = wall_of(scenario.calendar, 0, scenario.duration_us).shows(edges[:-1]) // DAY
    return np.bincount(days, expected)


# --- the wall clock --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ZONES)
def test_the_wall_clock_as_a_column_is_the_calendar_asked_one_by_one(zone: str) -> None:
    calendar = Calendar(datetime(2026, 1, 31, 7, 20), zone)
    wall = wall_of(calendar, 0, 400 * DAY)
    us = np.arange(0, 400 * DAY, 7 * HOUR + 13 * MINUTE)
    shown = [calendar.local(int(each)) for each in us]
    assert wall.shows(us).tolist() == wall.of(shown).tolist()
    local = [datetime(2026, 2, 1) + i * timedelta(minutes=30) for i in range(48 * 330)]
    first, last, ever = wall.instants(wall.of(local))
    assert first.tolist() == [calendar.us(each) for each in local]
    assert (last >= first).all()
    changes = zone not in ("UTC", "Asia/Kolkata")
    lost = {"Australia/Lord_Howe": 1}.get(zone, 2)  # half hours; Lord Howe Island moves by thirty minutes
    assert (np.count_nonzero(~ever), np.count_nonzero(last > first)) == ((lost, lost) if changes else (0, 0))


def test_times_in_order_take_the_second_pass_of_a_repeated_hour() -> None:
    calendar = Calendar(datetime(2026, 10, 25), "Europe/Berlin")
    clocks = ["01:30", "02:00", "02:30", "02:00", "02:30", "03:00"]
    moments = [datetime.fromisoformat(f"2026-10-25 {clock}") for clock in clocks]
    wall = Wall(calendar, date(2026, 10, 25), date(2026, 10, 25))
    us, skipped = wall.in_order(moments, strictly=True)
    assert (us // MINUTE).tolist() == [90, 120, 150, 180, 210, 240]
    assert not skipped.any()


# --- profiles --------------------------------------------------------------------------------------------------

OFFICE = [1 if 9 <= hour < 17 else 0 for hour in range(24)]


def test_by_weekday_are_factors_on_per_day() -> None:
    profile = f"profiles: {{p: {{by_hour: {OFFICE}, by_weekday: [1.2, 1, 1, 1, 0.8, 0.5, 0]}}}}"
    assert by_day(coming("per_day: 800, profile: p", profile)) == pytest.approx([960, 800, 800, 800, 640, 400, 0])
    hours = by_hour(coming("per_day: 800, profile: p", profile)).reshape(7, 24)
    assert hours[0] == pytest.approx(np.array(OFFICE) * 120)


def test_by_hour_of_week_spreads_the_weeks_volume() -> None:
    """168 numbers, Monday 00:00 first; `per_day` is the mean day of the week."""
    weights = [hour % 5 + (3 if hour >= 120 else 0) for hour in range(168)]
    hours = by_hour(coming("per_day: 240, profile: p", f"profiles: {{p: {{by_hour_of_week: {weights}}}}}"))
    assert hours == pytest.approx(np.array(weights) / sum(weights) * 7 * 240)
    from_wednesday = coming(
        "per_day: 240, profile: p",
        f"profiles: {{p: {{by_hour_of_week: {weights}}}}}",
        start="2026-03-04 00:00",
        duration="1 day",
    )
    assert by_hour(from_wednesday) == pytest.approx(hours[48:72])


def test_a_holiday_has_its_own_volume_and_hours() -> None:
    even = "by_hour: [" + ", ".join(["1"] * 24) + "], by_weekday: [2, 2, 2, 2, 2, 2, 2]"
    holidays = "holidays: [2026-03-04]\n"
    plain = coming("per_day: 240, profile: p", f"{holidays}profiles: {{p: {{{even}}}}}")
    assert by_day(plain) == pytest.approx([480] * 7), "a holiday is a day like any other unless something says so"
    factor = coming("per_day: 240, profile: p", f"{holidays}profiles: {{p: {{{even}, holiday: 0.25}}}}")
    assert by_day(factor) == pytest.approx([480, 480, 60, 480, 480, 480, 480])
    own = coming(
        "per_day: 240, profile: p",
        f"{holidays}profiles: {{p: {{{even}, holiday: {{factor: 0.5, by_hour: {OFFICE}}}}}}}",
    )
    assert by_hour(own)[48:72] == pytest.approx(np.array(OFFICE) * 15)


@pytest.mark.parametrize("zone", ZONES)
def test_a_profile_for_a_year_gives_every_day_its_volume(zone: str) -> None:
    """A skipped hour contributes nothing, a repeated one twice; the day is then scaled to its volume."""
    profile = "profiles: {p: {by_hour: [" + ", ".join(str(1 + hour % 7) for hour in range(24)) + "]}}"
    scenario = coming("per_day: 100, profile: p", f"timezone: {zone}\n{profile}", duration="366 days")
    volumes = by_day(scenario)[:365]
    assert volumes == pytest.approx(100)


def test_the_hours_of_a_day_with_a_clock_change() -> None:
    profile = "timezone: Europe/Berlin\nprofiles: {p: {by_hour: [1, 1, 5, " + ", ".join(["1"] * 21) + "]}}"
    spring = by_hour(coming("per_day: 230, profile: p", profile, start="2026-03-29 00:00", duration="23 h"))
    assert spring == pytest.approx([10] * 23), "the busy hour from two to three never comes"
    autumn = by_hour(coming("per_day: 330, profile: p", profile, start="2026-10-25 00:00", duration="25 h"))
    assert autumn == pytest.approx(np.array([1, 1, 5, 5, *[1] * 21]) * 10), "from two to three comes twice"


# --- business hours --------------------------------------------------------------------------------------------

HOURS = 'business_hours: {office: {mon-thu: "08:15-18:00", fri: ["08:00-12:00", "13:00-16:00"], sat: "00:00-24:00"}}'


def test_nobody_comes_outside_business_hours() -> None:
    hours = by_hour(coming("rate: 60/h, within: office", HOURS)).reshape(7, 24)
    assert hours[0] == pytest.approx([0] * 8 + [45] + [60] * 9 + [0] * 6)
    assert hours[4] == pytest.approx([0] * 8 + [60] * 4 + [0] + [60] * 3 + [0] * 8)
    assert hours[5] == pytest.approx([60] * 24)
    assert hours[6] == pytest.approx([0] * 24)


def test_a_days_volume_comes_within_business_hours() -> None:
    scenario = coming("per_day: 700, within: office", HOURS)
    assert by_day(scenario) == pytest.approx([700] * 6 + [0])
    at = arrival_times(scenario, "web", 1, 0, scenario.duration_us)
    clocks = [scenario.calendar.local(int(us)) for us in at]
    assert all(clock.weekday() < 6 for clock in clocks)
    assert min(clock.strftime("%H:%M") for clock in clocks if clock.weekday() == 0) >= "08:15"


@pytest.mark.parametrize(
    ("said", "monday"),
    [("", 0), (', holidays: "10:00-14:00"', 240), (", holidays: as_usual", 585), (", holidays: closed", 0)],
)
def test_business_hours_on_holidays(said: str, monday: int) -> None:
    hours = HOURS.replace('sat: "00:00-24:00"', 'sat: "00:00-24:00"' + said)
    scenario = coming("rate: 60/h, within: office", f"{hours}\nholidays: [2026-03-02]")
    assert by_day(scenario)[0] == pytest.approx(monday)


def test_business_hours_across_a_clock_change() -> None:
    """Hours are on the wall clock: the night of the change is an hour shorter, or longer."""
    for day, minutes in [("2026-03-29", 7 * 60), ("2026-10-25", 9 * 60)]:
        more = 'timezone: Europe/Berlin\nbusiness_hours: {night: {sun: "00:00-08:00"}}'
        scenario = coming("rate: 60/h, within: night", more, start=f"{day} 00:00", duration="20 h")
        assert by_hour(scenario).sum() == pytest.approx(minutes)


# --- day factors -----------------------------------------------------------------------------------------------


def factors(scenario: Scenario, source: str) -> np.ndarray:
    at = arrival_times(scenario, source, 1, 0, scenario.duration_us)
    return np.bincount(at // DAY, minlength=100) / 28_800


@pytest.mark.parametrize(("kind", "low", "high"), [("shared", 0.95, 1.0), ("own", -0.4, 0.4)])
def test_bad_days_are_bad_everywhere_or_in_one_place(kind: str, low: float, high: float) -> None:
    comes = f"rate: 20/min, day_factor_cv: 0.2, day_factor: {kind}"
    other = f"chat: {{platform: web messaging, flow: door, arrivals: {{{comes}}}, topics: {{ask: 1}}}}"
    scenario = coming(comes, duration="100 days", others=other)
    web, chat = factors(scenario, "web"), factors(scenario, "chat")
    assert 0.15 < web.std() < 0.25
    assert low <= np.corrcoef(web, chat)[0, 1] <= high


# --- notifications ---------------------------------------------------------------------------------------------


def test_a_notification_may_come_one_by_one() -> None:
    """As a Poisson process, by a profile, within business hours: whatever arrivals can say."""
    text = tiny("", channel="wa", duration="1 day", start=MONDAY, more=HOURS)
    text += "\noutbound: {notifications: {note: {channel: wa, template: t, arrivals: {rate: 2/s, within: office}}}}"
    scenario = loads(text)
    (note,) = draw(scenario, 0).bulk
    assert abs(len(note.requested_us) - 70_200) < 4 * 70_200**0.5
    assert note.requested_us.min() >= 495 * MINUTE
    assert note.requested_us.max() < 18 * HOUR
    assert by_hour(scenario, "note").sum() == pytest.approx(70_200)


# --- shifts ----------------------------------------------------------------------------------------------------


def starts(shift: str, more: str = "", duration: str = "7 days", start: str = MONDAY) -> list[str]:
    """When the shifts of one agent begin, as the clock shows."""
    text = tiny("0 s", agents=f"shift: {{{shift}}}", duration=duration, start=start, more=more)
    scenario = loads(text)
    (planned,) = planned_shifts(scenario, directory(scenario), 1, 0, scenario.duration_us)
    assert planned is not None
    return [f"{scenario.calendar.local(each.start_us):%a %H:%M}" for each in planned]


def test_a_shift_has_its_days() -> None:
    day = 'from: "07:00", to: "15:00"'
    assert starts(day) == [f"{name} 07:00" for name in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")]
    assert starts(f"{day}, days: [mon, wed-thu, sun]") == ["Mon 07:00", "Wed 07:00", "Thu 07:00", "Sun 07:00"]
    assert starts(f"{day}, days: sat-mon") == ["Mon 07:00", "Sat 07:00", "Sun 07:00"]


def test_a_night_shift_belongs_to_the_day_on_which_it_begins() -> None:
    night = 'from: "22:00", to: "06:00"'
    assert starts(f"{night}, days: [sun, mon]") == ["Sun 22:00", "Mon 22:00", "Sun 22:00"], "Sunday's is running"


def test_a_shift_may_be_off_on_holidays() -> None:
    holidays = "holidays: [2026-03-03, 2026-03-05]"
    day = 'from: "07:00", to: "15:00", days: mon-thu'
    assert starts(day, holidays) == ["Mon 07:00", "Tue 07:00", "Wed 07:00", "Thu 07:00"]
    assert starts(f"{day}, on_holidays: off", holidays) == ["Mon 07:00", "Wed 07:00"]


@pytest.mark.parametrize(("day", "hours"), [("2026-03-28", 7), ("2026-10-24", 9), ("2026-06-01", 8)])
def test_a_night_shift_across_a_clock_change(day: str, hours: int) -> None:
    """From ten to six by the wall clock: an hour shorter in spring, longer in autumn."""
    text = tiny("0 s", agents='shift: {from: "22:00", to: "06:00"}', duration="2 days", start=f"{day} 12:00")
    scenario = loads(f"{text}\ntimezone: Europe/Berlin")
    (planned,) = planned_shifts(scenario, directory(scenario), 1, 0, scenario.duration_us)
    assert planned is not None
    first = next(each for each in planned if each.start_us > 0)
    assert (first.end_us - first.start_us) / HOUR == hours


DATES = {
    "start": "start: {at}",
    "outages.down.from": "outages: {down: {channel: web, from: {at}, for: 1 h}}",
    "outages.down.to": "outages: {down: {channel: web, from: 1 h, to: {at}}}",
    "outbound.campaigns.sale.start": "outbound: {campaigns: {sale: {start: {at}}}}",
    "outbound.campaigns.sale.stop": "outbound: {campaigns: {sale: {stop: {at}}}}",
    "outbound.campaigns.sale.resume": "outbound: {campaigns: {sale: {resume: {at}}}}",
}


@pytest.mark.parametrize("place", DATES)
@pytest.mark.parametrize(
    ("at", "problem", "suggestion"),
    [
        ("2026-03-29 02:30", "2026-03-29 02:30:00 never comes", "did you mean `2026-03-29 03:30:00`?"),
        ("2026-03-29 02:00", "2026-03-29 02:00:00 never comes", "did you mean `2026-03-29 03:00:00`?"),
        ("2026-10-25 02:30", "the first one is meant", ""),
        ("2026-03-29 03:00", "", ""),
        ("2026-10-25 03:00", "", ""),
        ("2026-10-25 01:59:59", "", ""),
    ],
)
def test_dates_that_never_come_are_refused_and_those_that_come_twice_are_told(
    place: str, at: str, problem: str, suggestion: str
) -> None:
    text = tiny("0 s", start=f"{at[:10]} 00:00", duration="1 day") + "\ntimezone: Europe/Berlin\n"
    written = DATES[place].replace("{at}", at)
    text = text.replace(f"start: {at[:10]} 00:00", written, 1) if place == "start" else text + written
    survey = Survey(read_text(text, "x.yaml", None))
    check_sense(survey, {}, {})
    told = [each for each in survey.findings if "never comes" in each.problem or "comes twice" in each.problem]
    assert [(each.path, each.suggestion, each.severity) for each in told] == (
        [(place, suggestion, "error" if suggestion else "warning")] if problem else []
    )
    assert all(problem in each.problem for each in told)


def test_a_run_begins_in_no_skipped_hour() -> None:
    text = tiny("0 s", start="2026-03-29 02:30") + "\ntimezone: Europe/Berlin"
    with pytest.raises(ScenarioError, match="never comes"):
        loads(text)
    loads(tiny("0 s", start="2026-03-29 02:30"))  # UTC has no such hour
    told = loads(tiny("0 s", start="2026-10-25 02:30") + "\ntimezone: Europe/Berlin").warnings
    assert any("comes twice" in str(each) for each in told)
