"""Service levels: what counts as served, within which time, on which clock, and who counts as missed.

Four levels are always measured side by side, each under a name of its own; `on` and `clock` say which of them the
target is about.
"""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from simulator.scenario.base import Model
from simulator.scenario.source import Place
from simulator.scenario.survey import Survey
from simulator.scenario.types import Duration, Name, Share
from simulator.scenario.written import nearest
from simulator.vocabulary.clock import SECOND

On = Literal["answer", "first_reply", "every_reply", "resolution"]
LevelClock = Literal["elapsed", "business_hours"]
ON: tuple[On, ...] = get_args(On)
CLOCKS: tuple[LevelClock, ...] = get_args(LevelClock)


class ServiceLevel(Model):
    """What good service is: a share of customers, served within a time."""

    target: Share = Field(0.8, description="share to be served in time")
    on: On = Field(
        "answer",
        description="what the target is about: answer (an agent connects), first_reply (of a portion), every_reply "
        "(to each burst), resolution (the contact's last burst is answered); all four are measured",
    )
    clock: LevelClock = Field(
        "elapsed", description="what the target goes by: all time, or business hours only; both are measured"
    )
    within_us: Duration = Field(60 * SECOND, description="from queue entry to the connect")
    first_reply_within_us: Duration | None = Field(
        None, description="from first queue entry to the first reply; default: `within`"
    )
    every_reply_within_us: Duration | None = Field(
        None, description="from a burst's last message to its reply; default: `first_reply_within`"
    )
    resolved_within_us: Duration | None = Field(
        None, description="from a contact's arrival to the reply to its last burst; default: `within`"
    )
    count_abandons: bool = Field(True, description="abandons count as missed")
    count_short_abandons: bool = Field(False, description="also those before short_abandon")
    short_abandon_us: Duration = Field(10 * SECOND, description="an abandon is short below this")
    count_blocked: bool = Field(False, description="blocked contacts count as missed")
    count_flow_outs: bool = Field(False, description="flow-outs count as missed")
    hours: Name | None = Field(
        None, description="business hours on which waits are counted too; default: none, and no such level"
    )
    hours_of_channel: dict[Name, Name] = Field({}, description="other business hours for these channels")
    hours_of_queue: dict[Name, Name] = Field({}, description="other business hours for these queues; before channels")

    def limit_us(self, on: str) -> int:
        """Within which time a level wants it: over is strictly more."""
        first = self.within_us if self.first_reply_within_us is None else self.first_reply_within_us
        return {
            "answer": self.within_us,
            "first_reply": first,
            "every_reply": first if self.every_reply_within_us is None else self.every_reply_within_us,
            "resolution": self.within_us if self.resolved_within_us is None else self.resolved_within_us,
        }[on]

    @property
    def has_hours(self) -> bool:
        """Whether anybody's waits are counted in business hours."""
        return bool(self.hours or self.hours_of_channel or self.hours_of_queue)

    def hours_for(self, queue: str | None, channel: str | None) -> str | None:
        """Name of the business hours of a wait; None: its clock never stops."""
        return self.hours_of_queue.get(queue or "") or self.hours_of_channel.get(channel or "") or self.hours


def check_levels(survey: Survey) -> None:
    """A clock needs hours; channels and queues with hours of their own need to exist."""
    here = ("service_level",)
    if survey.text(*here, "clock") == "business_hours" and not any(survey.at(*here, key) for key in _HOURS):
        survey.error(
            (*here, "clock"),
            "the clock of the service level has no business hours",
            f"one of {', '.join(_HOURS)}",
            "write `hours: NAME`, with NAME from `business_hours`",
        )
    for key, section in (("hours_of_channel", "channels"), ("hours_of_queue", "queues")):
        known = survey.names(section)
        for name in survey.names(*here, key):
            if name not in known:
                survey.error(
                    (*here, key, name),
                    f"there is no `{name}` in `{section}`",
                    ", ".join(known) or f"an entry of `{section}`, which has none",
                    nearest(name, known),
                )


_HOURS = ("hours", "hours_of_channel", "hours_of_queue")


def level_hours(survey: Survey) -> list[tuple[Place, str]]:
    """(place, section) of the business hours that service levels name."""
    here: Place = ("service_level",)
    found: list[tuple[Place, str]] = [((*here, "hours"), "business_hours")]
    for key in _HOURS[1:]:
        found += [((*here, key, name), "business_hours") for name in survey.names(*here, key)]
    return found
