"""How many are expected when: the intensity of one source's arrivals, in pieces of constant rate."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date, time, timedelta

import numpy as np

from simulator.scenario.schema import Scenario
from simulator.scenario.week import open_stretches
from simulator.scenario.when import Arrivals, HolidayProfile, Profile
from simulator.vocabulary.clock import HOUR, MINUTE, SECOND
from simulator.vocabulary.wall import wall_of

STEP = 30 * MINUTE
"""Grain at which a day is cut to give each hour its share: every zone changes its clock by multiples of it."""

_EVEN = (1.0,) * 24


def intensity(scenario: Scenario, source: str, end_us: int) -> tuple[np.ndarray, np.ndarray]:
    """Expected arrivals by piece of time: edges [piece + 1] in µs and expected numbers [piece], day factor 1.

    `source` is a channel or a notification. Exact arrivals (counts, traces) count as expected where they are known.
    """
    arrivals = scenario.arrivals_of(source)
    if arrivals is None or end_us <= 0:
        return np.array([0, max(end_us, 0)]), np.zeros(1)
    if arrivals.rate is not None:
        return _by_rate(scenario, arrivals, end_us)
    if arrivals.per_day is not None:
        return _by_profile(scenario, arrivals, end_us)
    if arrivals.csv is not None:
        return _cut(*scenario.counts[source].intervals(scenario.calendar), end_us)
    return trace_pieces(scenario, source, end_us)


def trace_pieces(
    scenario: Scenario, source: str, end_us: int, weight: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a trace by hour, or what they weigh together: edges [piece + 1] in µs and sums [piece].

    `weight` is one number for each row. [contact]
    """
    times = trace_us(scenario, source)
    edges = _edges([np.arange(0, end_us, HOUR), _midnights(scenario, end_us)], 0, end_us)
    here = times < end_us
    return edges, np.histogram(times[here], edges, weights=None if weight is None else weight[here])[0].astype(float)


def trace_us(scenario: Scenario, source: str) -> np.ndarray:
    """All times of a trace, in order; those of a file may lie outside the run. [contact] of int64 µs"""
    arrivals = scenario.arrivals_of(source)
    assert arrivals is not None and arrivals.trace is not None
    if isinstance(arrivals.trace, str):
        return scenario.traces[source].times_us(scenario.calendar)
    return np.sort(np.asarray(arrivals.trace, np.int64))


def _days(scenario: Scenario, end_us: int) -> list[date]:
    return scenario.calendar.days(0, end_us)


def _midnights(scenario: Scenario, end_us: int) -> np.ndarray:
    """Local midnights from the one before the start to the one after the end. [day + 1]"""
    calendar, days = scenario.calendar, _days(scenario, end_us)
    return np.array([calendar.at(day, time()) for day in [*days, days[-1] + timedelta(days=1)]], np.int64)


def _open(scenario: Scenario, arrivals: Arrivals, from_us: int, to_us: int) -> np.ndarray | None:
    """Business hours as edges: opens, closes, opens, …; None where every hour counts. [2 · stretch]"""
    if arrivals.within is None:
        return None
    openings, holidays = scenario.business_hours[arrivals.within], set(scenario.holidays)
    return np.array(open_stretches(openings, holidays, scenario.calendar, from_us, to_us), np.int64).ravel()


def _is_open(stretches: np.ndarray | None, us: np.ndarray) -> np.ndarray:
    """[time] of bool"""
    if stretches is None:
        return np.ones(len(us), bool)
    return np.searchsorted(stretches, us, side="right") % 2 == 1


def _by_rate(scenario: Scenario, arrivals: Arrivals, end_us: int) -> tuple[np.ndarray, np.ndarray]:
    stretches = _open(scenario, arrivals, 0, end_us)
    edges = _midnights(scenario, end_us)
    edges = _edges([edges] if stretches is None else [edges, stretches], 0, end_us)
    return edges, np.diff(edges) / SECOND * (arrivals.rate or 0.0) * _is_open(stretches, edges[:-1])


def _by_profile(scenario: Scenario, arrivals: Arrivals, end_us: int) -> tuple[np.ndarray, np.ndarray]:
    """By elapsed time, so that an hour skipped by the clock contributes nothing and a repeated one twice; the day is
    then scaled to its volume, and so it is when only business hours count."""
    profile = scenario.profiles[arrivals.profile] if arrivals.profile else Profile(by_hour=_EVEN)
    days, midnights = _days(scenario, end_us), _midnights(scenario, end_us)
    # whole days, so that each has its volume whatever the run cuts off
    stretches = _open(scenario, arrivals, int(midnights[0]), int(midnights[-1]))
    grid = [np.arange(first, last, STEP) for first, last in itertools.pairwise(midnights)]
    if stretches is not None:
        grid.append(stretches)
    edges = _edges([*grid, midnights], int(midnights[0]), int(midnights[-1]))
    starts = edges[:-1]
    hour = wall_of(scenario.calendar, int(edges[0]), int(edges[-1])).shows(starts) // HOUR % 24
    day = np.searchsorted(midnights, starts, side="right") - 1
    weights = np.array([_hours(profile, each, scenario.holidays) for each in days])[day, hour]
    weights = weights * np.diff(edges) * _is_open(stretches, starts)
    of_day = np.bincount(day, weights, minlength=len(days))
    volumes = (arrivals.per_day or 0.0) * np.array([_volume(profile, each, scenario.holidays) for each in days])
    expected = weights / np.where(of_day > 0, of_day, 1.0)[day] * volumes[day]
    return _cut(edges, expected, end_us)


def _hours(profile: Profile, day: date, holidays: Sequence[date]) -> tuple[float, ...]:
    """Weights of the 24 hours of a local day."""
    holiday = profile.holiday
    if day in holidays and isinstance(holiday, HolidayProfile) and holiday.by_hour is not None:
        return holiday.by_hour
    if profile.by_hour_of_week is not None:
        return profile.by_hour_of_week[24 * day.weekday() : 24 * day.weekday() + 24]
    return profile.by_hour or _EVEN


def _volume(profile: Profile, day: date, holidays: Sequence[date]) -> float:
    """What a local day has, in days of mean volume."""
    if day in holidays and profile.holiday is not None:
        return profile.holiday.factor if isinstance(profile.holiday, HolidayProfile) else profile.holiday
    if profile.by_hour_of_week is not None:
        return 7 * sum(_hours(profile, day, ())) / sum(profile.by_hour_of_week)
    return 1.0 if profile.by_weekday is None else profile.by_weekday[day.weekday()]


def _edges(parts: list[np.ndarray], first_us: int, last_us: int) -> np.ndarray:
    edges = np.unique(np.concatenate([*parts, [first_us, last_us]]))
    return edges[(edges >= first_us) & (edges <= last_us)].astype(np.int64)


def _cut(edges: np.ndarray, expected: np.ndarray, end_us: int) -> tuple[np.ndarray, np.ndarray]:
    """Keep what lies in [0, end_us), giving a piece that is cut its share."""
    inside = np.clip(edges, 0, end_us)
    share = np.diff(inside) / np.maximum(np.diff(edges), 1)
    keep = np.diff(inside) > 0
    if not keep.any():
        return np.array([0, end_us]), np.zeros(1)
    first, last = np.flatnonzero(keep)[[0, -1]]
    return inside[first : last + 2], (expected * share)[first : last + 1]
