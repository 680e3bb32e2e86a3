"""An agent's attention and slots: how fast he works, on how many conversations at once, and which go together."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simulator.scenario.base import Model
from simulator.scenario.types import Duration, LocalDate, Name, Share

MOST_SLOTS = 25
"""Conversations that the platform gives to one agent at once, at most."""

Slots = Annotated[int, Field(ge=0, le=MOST_SLOTS)]


class Parallel(Model):
    """Several conversations are worked on at once, each the slower the more of them have work."""

    speed: Annotated[
        tuple[Annotated[float, Field(ge=0.01, le=100)], ...],
        Field(min_length=1, max_length=MOST_SLOTS),
    ] = Field(
        description="total speed with 1, 2, ... conversations that have work, to four decimals; then its last value"
    )


class Attention(Model):
    parallel: Parallel


class Spread(Model):
    """People differ: lognormal, one draw for each agent."""

    mean: Annotated[float, Field(ge=0.1, le=10)] = 1.0
    cv: Annotated[float, Field(gt=0, le=2)]


Speed = Annotated[float, Field(ge=0.1, le=10)] | Spread


class Tenure(Model):
    """A learning curve: the gap to full speed halves again and again."""

    joined: LocalDate = Field(description="first day of work")
    begins_at: Share = Field(gt=0, description="speed on the first day, as a share of full speed")
    half_time_us: Duration = Field(gt=0, description="time in which half of the gap to full speed is closed")


class ChannelUse(Model):
    capacity: Slots | None = Field(None, description="slots for this channel; none: as many as there are")
    interrupted_by: tuple[Name, ...] | Literal["all"] = Field(
        "all", description="channels of which an interaction may come while one of this channel is held"
    )


class LabelUse(Model):
    capacity: Slots = Field(description="slots for interactions of this label")
    interrupted_by: tuple[Name, ...] | Literal["all"] = Field(
        (), description="labels of which an interaction may come while one of this label is held"
    )


class Utilization(Model):
    """Limits within the capacity: by channel, and by the label that a topic carries."""

    channels: dict[Name, ChannelUse] = Field({})
    labels: dict[Name, LabelUse] = Field({})
