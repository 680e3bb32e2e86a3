"""What the business sends in bulk: campaigns, notifications, and their caps."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simulator.scenario.base import Model
from simulator.scenario.types import Clock, DurationLaw, LocalTime, Name, Pace, Share
from simulator.scenario.when import Arrivals


class Limits(Model):
    whatsapp_campaign: Pace = Field(18_000 / 60, gt=0, description="per organisation; platform, February 2026")
    whatsapp_agentless: Pace = Field(3_000 / 60, gt=0, description="per organisation; platform, February 2026")
    pacing: Literal["even", "burst"] = "even"


class CampaignReplies(Model):
    probability: Share = Field(description="of delivered messages")
    delay_us: DurationLaw = Field(description="from delivery")
    topic: Name


class Campaign(Model):
    channel: Name
    contacts: Annotated[int, Field(ge=0, le=100_000_000)]
    start: LocalTime
    template: Annotated[str, Field(min_length=1)]
    opt_in: Share = Field(description="share of contacts who may be written to")
    delivered: Share = 1.0
    requested_rate: Pace | None = Field(None, description="default: all requested at the start")
    replies: CampaignReplies | None = None
    stream: Name | None = Field(None, description="draw as the campaign of this name did, after renaming")


class Batch(Model):
    at: Clock = Field(description="every day")
    count: Annotated[int, Field(ge=0, le=100_000_000)]


class Notification(Model):
    channel: Name
    batches: Annotated[tuple[Batch, ...], Field(min_length=1)] | None = Field(None, description="or arrivals")
    arrivals: Arrivals | None = Field(None, description="when single messages are requested; or batches")
    template: Annotated[str, Field(min_length=1)]
    on_limit: Literal["queue"] = Field("queue", description="over the cap: wait")
    delivered: Share = 1.0


class Outbound(Model):
    limits: Limits = Limits()  # type: ignore[call-arg]
    campaigns: dict[Name, Campaign] = Field({})
    notifications: dict[Name, Notification] = Field({})
