"""Agents: groups of people with the same queues, skills, shift and way of working."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simulator.scenario.base import Model
from simulator.scenario.types import Duration, DurationLaw, Name, Share
from simulator.scenario.when import Shift


class EndOfShift(Model):
    finish_us: Duration = Field(0, description="open conversations go on this long after the end")
    then: Literal["requeue"] = "requeue"


class Canned(Model):
    share: Share
    effort: Annotated[float, Field(gt=0, le=10)] = Field(description="factor on the drawn effort")


class History(Model):
    per_message_us: Duration
    at_most_us: Duration


class Reply(Model):
    effort_us: DurationLaw
    canned: Canned | None = None
    history: History | None = None


class AgentGroup(Model):
    count: Annotated[int, Field(ge=0, le=100_000)]
    queues: Annotated[tuple[Name, ...], Field(min_length=1)]
    skills: dict[Name, Annotated[float, Field(ge=0, le=5)]] = Field({}, description="proficiency 0 to 5")
    capacity: Annotated[int, Field(ge=0, le=25)] = Field(1, description="concurrent conversations")
    shift: Shift | None = Field(None, description="none: always on")
    shrinkage: Share = Field(0.0, description="probability of each agent-day to be absent")
    stream: Name | None = Field(None, description="draw as the group of this name did, after renaming")
    end_of_shift: EndOfShift = EndOfShift()  # type: ignore[call-arg]
    reply: Reply
