"""When things come: arrivals, how a day or a week is spread over its hours, and shifts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simulator.scenario.base import Model
from simulator.scenario.types import Clock, Duration, Name, Pace, Share, WeekDays
from simulator.scenario.week import WEEK


class Arrivals(Model):
    """When contacts come: exactly one of rate, per_day, csv, trace."""

    rate: Pace | None = Field(None, description="contacts per second, as `12/h`")
    per_day: Annotated[float, Field(ge=0)] | None = Field(None, description="contacts per local day")
    profile: Name | None = Field(None, description="share of the day by hour; default: even")
    within: Name | None = Field(None, description="business hours outside which nobody comes; with rate, per_day")
    csv: str | None = Field(None, description="file beside the scenario (.csv, .xlsx): start, and count or expected")
    trace: tuple[Duration, ...] | str | None = Field(None, description="times from start, or a file: at, customer, ...")
    day_factor_cv: Annotated[float, Field(ge=0, le=3)] = Field(0.0, description="good and bad days")
    day_factor: Literal["shared", "own"] = Field("shared", description="bad days are bad everywhere, or here alone")


HourWeight = Annotated[float, Field(ge=0, le=1e9)]
Hours = Annotated[tuple[HourWeight, ...], Field(min_length=24, max_length=24)]
Factor = Annotated[float, Field(ge=0, le=100)]


class HolidayProfile(Model):
    factor: Factor = Field(1.0, description="a holiday's volume: this times per_day, whatever the weekday")
    by_hour: Hours | None = Field(None, description="default: as on other days")


class Profile(Model):
    """How a day, or a week, is spread over its hours: by_hour or by_hour_of_week."""

    by_hour: Hours | None = None
    by_weekday: Annotated[tuple[Factor, ...], Field(min_length=7, max_length=7)] | None = Field(
        None, description="factors on per_day, Monday first; with by_hour"
    )
    by_hour_of_week: Annotated[tuple[HourWeight, ...], Field(min_length=168, max_length=168)] | None = Field(
        None, description="Monday 00:00 first; per_day is then the week's mean day"
    )
    holiday: Factor | HolidayProfile | None = Field(None, description="default: a day like any other")


class Break(Model):
    """`at` (all at once) or `between` (staggered over the agents)."""

    name: Literal["break", "meal"] = Field("break", description="which presence the agent shows meanwhile")
    at: Clock | None = None
    between: tuple[Clock, Clock] | None = None
    for_us: Duration = Field(gt=0)
    paid: bool | None = Field(None, description="default: a break is paid, a meal is not (assumed)")


class Shift(Model):
    from_: Clock = Field(alias="from")
    to: Clock = Field(description="earlier than `from`: the next day; at most 16 h")
    breaks: tuple[Break, ...] = ()
    days: WeekDays = Field(WEEK, description="on which days it begins")
    on_holidays: Literal["as_usual", "off"] = "as_usual"


class ShiftTemplate(Shift):
    """One of several shifts of a group: on each day the templates of that day are dealt out to the agents in order."""

    count: Annotated[int, Field(ge=0, le=100_000)] | None = Field(None, description="agents who work it")
    share: Share | None = Field(None, description="instead of `count`: of the group; neither: all who are left")
    overtime: bool = Field(False, description="planned overtime: on queue as usual, its hours told apart")
