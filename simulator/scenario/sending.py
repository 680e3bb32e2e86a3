"""What the business sends in bulk: campaigns, notifications, and their caps."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simulator.scenario.base import Model
from simulator.scenario.delivery import Delivery, Template, TemplateRates
from simulator.scenario.types import Clock, Duration, DurationLaw, LocalTime, Name, Pace, Share, WeekDays
from simulator.scenario.week import WEEK
from simulator.scenario.when import Arrivals
from simulator.vocabulary.clock import DAY, SECOND

OPT_IN_SOURCES = ("ivr", "website", "sms")
"""Where a business asks its customers whether it may write to them."""


class Limits(Model):
    whatsapp_campaign: Pace = Field(18_000 / 60, gt=0, description="per organisation; platform, February 2026")
    whatsapp_agentless: Pace = Field(3_000 / 60, gt=0, description="per organisation; platform, February 2026")
    pacing: Literal["even", "burst"] = Field("even", description="slots in equal steps, or a window's cap at once")
    scope: Literal["organisation", "integration"] = Field(
        "organisation", description="what has a cap: the organisation, or each channel"
    )


class OptInSource(Model):
    share: Share = Field(description="of the contacts who were asked here")
    opt_in: Share = Field(description="share of these who said yes")


class OptIn(Model):
    """Opt-in by the place where customers are asked; the shares sum to 1."""

    ivr: OptInSource | None = None
    website: OptInSource | None = None
    sms: OptInSource | None = None

    @property
    def overall(self) -> float:
        """Share of all contacts who opted in."""
        asked = [each for each in (self.ivr, self.website, self.sms) if each is not None]
        return sum(each.share * each.opt_in for each in asked)


class CallingWindow(Model):
    """Hours in which a campaign may write, by the local clock."""

    from_: Clock = Field(alias="from")
    to: Clock = Field(description="not later than `from`: on the next day")
    days: WeekDays = Field(WEEK, description="on which days it begins")
    on_holidays: Literal["as_usual", "off"] = "as_usual"


class CampaignReplies(Model):
    probability: Share = Field(description="of delivered messages")
    delay_us: DurationLaw = Field(description="from delivery")
    topic: Name


class Retries(Model):
    """How the caller of the API tries again after a 429: pauses of back_off · factor^n, times 1 ± jitter."""

    attempts: Annotated[int, Field(ge=0, le=20)] = Field(5, description="calls after the first; 0: none")
    back_off_us: Duration = Field(SECOND, gt=0, le=DAY, description="first pause")
    factor: Annotated[float, Field(ge=1, le=10)] = 2.0
    jitter: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.0, description="each pause is longer or shorter by up to this"
    )


class Bulk(Model):
    """What campaigns and notifications have in common."""

    channel: Name
    template: Annotated[str, Field(min_length=1)]
    characters: Annotated[int, Field(ge=1, le=10_000)] = Field(100, description="SMS: how many parts a message has")
    expires_after_us: Duration | None = Field(None, gt=0, description="a send that has waited so long is dropped")
    delivered: Share = 1.0
    delivery: Delivery | None = Field(None, description="default: delivered the moment it leaves")
    replies: CampaignReplies | None = None
    stream: Name | None = Field(None, description="draw as the source of this name did, after renaming")


class Campaign(Bulk):
    contacts: Annotated[int, Field(ge=0, le=100_000_000)]
    start: LocalTime
    opt_in: Share | OptIn = Field(description="share of contacts who may be written to, or by where they were asked")
    requested_rate: Pace | None = Field(None, description="default: all requested at the start")
    windows: Annotated[tuple[CallingWindow, ...], Field(max_length=100)] = Field(
        (), description="when it may write; default: always"
    )
    stop: LocalTime | None = Field(None, description="nothing is requested or leaves from here on")
    resume: LocalTime | None = Field(None, description="until here; default: never again")
    into_active: Literal["joins", "fails"] | None = Field(
        None, description="a message into an open conversation; default: it touches no conversation"
    )


class Batch(Model):
    at: Clock = Field(description="every day")
    count: Annotated[int, Field(ge=0, le=100_000_000)]


class Notification(Bulk):
    batches: Annotated[tuple[Batch, ...], Field(min_length=1)] | None = Field(None, description="or arrivals")
    arrivals: Arrivals | None = Field(None, description="when single messages are requested; or batches")
    opt_in: Share | OptIn = Field(1.0, description="share of customers who may be written to")
    on_limit: Literal["queue", "reject"] = Field("queue", description="over the cap: wait, or a 429 for the caller")
    retries: Retries | None = Field(None, description="with `on_limit: reject`; default: the call is lost")
    into_active: Literal["joins", "fails"] | None = Field(
        None, description="a message into an open conversation; default: as the platform does it"
    )


class Outbound(Model):
    templates: dict[Name, Template] = Field({}, description="approved templates")
    template_rates: TemplateRates = TemplateRates()  # type: ignore[call-arg]
    limits: Limits = Limits()  # type: ignore[call-arg]
    detail: Literal["messages", "per_second"] = Field("messages", description="bulk sends one by one, or counted")
    campaigns: dict[Name, Campaign] = Field({})
    notifications: dict[Name, Notification] = Field({})
