"""Channels: an address on a platform, its customers and its threading rule."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simulator.scenario.base import Model
from simulator.scenario.types import Duration, Name, PlatformName, Share
from simulator.scenario.when import Arrivals
from simulator.vocabulary.clock import HOUR, MINUTE


class GammaWeights(Model):
    cv: Annotated[float, Field(gt=0, le=10)]


class Weights(Model):
    gamma: GammaWeights = Field(description="how unequally often people write: Gamma with mean 1")


class Population(Model):
    population: Annotated[int, Field(ge=1, le=1_000_000_000)]
    weights: Weights | Literal["equal"] = "equal"


class Threading(Model):
    window_us: Duration = Field(72 * HOUR, ge=0, le=72 * HOUR, multiple_of=MINUTE)
    starts_at: Literal["disconnect", "last_message"] = Field("disconnect", description="the platform: disconnect")
    reopen_runs_flow: bool = Field(True, description="a new contact that re-opens passes the flow again")


class Channel(Model):
    platform: PlatformName
    number: str | None = Field(None, description="WhatsApp: the number, owned by the customer of the platform")
    business_verified: bool | None = Field(None, description="WhatsApp: verified with Meta")
    customers: Population | Literal["new"] = "new"
    flow: Name
    arrivals: Arrivals | None = Field(None, description="none: only campaigns bring contacts")
    topics: dict[Name, Share] = Field(description="shares, summing to 1")
    threading: Threading | None = Field(None, description="instead of the scenario's")
    stream: Name | None = Field(None, description="draw as the channel of this name did, after renaming")
