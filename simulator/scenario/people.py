"""People beside their shifts: staffing by interval, absence, meetings, and how punctual they are."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from simulator.scenario.base import Model
from simulator.scenario.types import Clock, Duration, DurationLaw, Share, WeekDays
from simulator.scenario.week import WEEK
from simulator.scenario.when import Break
from simulator.vocabulary.clock import MINUTE

Figure = Annotated[float, Field(ge=0, le=100_000)]


class Staffing(Model):
    """How many are there in each interval, instead of `count` and `shift`: agent i of n is there while the figure is
    above i. Either `csv` or `agents`."""

    csv: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="file beside the scenario (.csv, .xlsx): start, or weekday and time; and agents, or a column"
    )
    column: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="the file's column; default `agents`, else the group's name"
    )
    agents: Annotated[tuple[Figure, ...], Field(min_length=1, max_length=1440)] | None = Field(
        None, description="agents of one interval after the other, from `from` on"
    )
    from_: Clock | None = Field(None, alias="from", description="start of the first of `agents`; default 00:00")
    every_us: Duration | None = Field(None, ge=MINUTE, description="length of each of `agents`; default 30 min")
    days: WeekDays | None = Field(None, description="on which days `agents` begin; default every day")
    on_holidays: Literal["as_usual", "off"] = Field("as_usual", description="not where the file names dates")
    scale: Annotated[float, Field(ge=0, le=100)] = Field(1.0, description="times the figures, to the nearest agent")
    leaves: Literal["last", "idle_first"] = Field(
        "last", description="who goes: the highest numbers; or who has nothing in hand, then who is done first"
    )
    breaks: tuple[Break, ...] = Field((), description="of those who are there all the time of the break")


class Shrinkage(Model):
    """Unplanned absence with its pattern; a share alone: each agent-day by itself."""

    share: Share = Field(description="probability of each agent-day to be absent")
    days: Annotated[int, Field(ge=1, le=365)] = Field(1, description="how long an absence lasts, in days on end")
    day_factor_cv: Annotated[float, Field(ge=0, le=3)] = Field(0.0, description="days on which more are absent")
    day_factor: Literal["shared", "own"] = Field("shared", description="such days are the same for all groups, or own")


Absence = Annotated[
    Annotated[Share, Tag("share")] | Annotated[Shrinkage, Tag("pattern")],
    Discriminator(lambda value: "pattern" if isinstance(value, dict | Shrinkage) else "share"),
]
"""A share alone, or with its pattern; told apart by their shape, so that a mistake is reported once."""


class Unpunctual(Model):
    share: Share = Field(description="of agent-days")
    by_us: DurationLaw


class Adherence(Model):
    """Who logs on late or off early; none: everybody on the minute."""

    late: Unpunctual | None = Field(None, description="log on after the shift has begun")
    leaves_early: Unpunctual | None = Field(None, description="log off before it ends")


class Activity(Model):
    """Planned time off the queue: at a time for a share of those on shift, who take turns."""

    name: Literal["meeting", "training"]
    at: Clock
    for_us: Duration = Field(gt=0)
    days: WeekDays = WEEK
    share: Share = Field(1.0, description="of the agents whose shift holds it, to the nearest agent")
