"""Channels: an address on a platform, its customers and its threading rule."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from simulator.platforms import KINDS_IN_WORDS, PAIR_BURST, PAIR_GAP_US, platform
from simulator.scenario.base import Model
from simulator.scenario.delivery import Delivery, Middleware
from simulator.scenario.types import Duration, Name, Pace, PlatformName, Share
from simulator.scenario.when import Arrivals
from simulator.scenario.written import Wrong
from simulator.vocabulary.clock import DAY, HOUR, MINUTE

Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]


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


class Encodings(Model):
    """Shares of messages by the characters they need; they sum to 1."""

    gsm7: Share = 0.0
    ucs2: Share = 0.0

    @model_validator(mode="after")
    def _whole(self) -> Encodings:
        if abs(self.gsm7 + self.ucs2 - 1) > 1e-6:
            raise Wrong(f"the shares sum to {(self.gsm7 + self.ucs2) * 100:g} %", "shares that sum to 100 %")
        return self


class Prerequisites(Model):
    """What a channel has. Which of these it needs stands with its platform (`simulator.platforms`)."""

    number: str | None = Field(None, description="a telephone number: DID, short code, or one owned by the business")
    number_type: Literal["long_code", "toll_free", "short_code"] | None = Field(
        None, description="what kind of number sends texts; default long_code"
    )
    business_verified: bool | None = Field(None, description="the business is verified with the platform's owner")
    page: Text | None = Field(None, description="the business page")
    business_account: Text | None = Field(None, description="the business account")
    linked_page: Text | None = Field(None, description="the page that the account is linked to")
    handle: Text | None = Field(None, description="the registered handle")
    account: Text | None = Field(None, description="the account of the business")
    separate_acd: bool | None = Field(None, description="an ACD set-up of its own stands ready")
    middleware: Middleware | None = Field(None, description="open messaging: what carries the messages")


class Pair(Model):
    """Messages of the business to the same customer: some at once, then nothing until they are paid back."""

    every_us: Duration = Field(PAIR_GAP_US, gt=0, le=HOUR, description="what each message costs of the pair's time")
    burst: Annotated[int, Field(ge=1, le=1_000)] = Field(PAIR_BURST, description="messages that may go at once")
    within_us: Duration = Field(PAIR_GAP_US, gt=0, le=HOUR, description="how long a burst may last")


class Caps(Model):
    """What limits the messages of a channel's numbers (the lanes' caps: `outbound.limits`)."""

    numbers: Annotated[tuple[str, ...], Field(max_length=100)] = Field(
        (), description="further numbers that share the work with `number`"
    )
    throughput: Annotated[Pace, Field(gt=0)] | Literal["unlimited"] | None = Field(
        None, description="messages (SMS: parts) a second of one number; default: SMS by number type, else unlimited"
    )
    pair: Pair | None = Field(None, description="messages to one customer; default: unlimited")
    tier: Annotated[int, Field(ge=1, le=100_000_000)] | Literal["unlimited"] = Field(
        "unlimited", description="customers whom the business may begin with in a rolling day"
    )


Limit = Annotated[Duration, Field(gt=0, le=60 * DAY)] | Literal["platform", "none"]
"""How long free text may be sent after the customer's latest message."""


class ReplyWindow(Model):
    """How long free text may be sent after the customer's latest message, where the platform bounds it. What differs
    from `platform` asks what another rule would mean: people without the human agent tag, or no rule at all."""

    people_us: Limit = Field("platform", description="by agents")
    bots_us: Limit = Field("platform", description="by bots and flows")


class Channel(Prerequisites, Caps):
    platform: PlatformName = Field(description=KINDS_IN_WORDS)
    customers: Population | Literal["new"] = "new"
    flow: Name
    arrivals: Arrivals | None = Field(None, description="none: only campaigns bring contacts")
    topics: dict[Name, Share] = Field(description="shares, summing to 1")
    threading: Threading | None = Field(None, description="instead of the scenario's")
    stream: Name | None = Field(None, description="draw as the channel of this name did, after renaming")
    delivery: Delivery | None = Field(None, description="default: delivered the moment it leaves")
    encoding: Literal["gsm7", "ucs2"] | Encodings = Field("gsm7", description="SMS: characters of the texts")
    reply_rule: Annotated[int, Field(ge=1, le=1_000)] | Literal["platform", "none"] = Field(
        "platform", description="replies per inbound message, where the platform counts them"
    )
    reply_window: ReplyWindow = Field(
        ReplyWindow(), description="until when free text may be sent, where the platform has a window"
    )
    outside_window: Literal["template", "close"] = Field("close", description="after a reply that came too late")
    template: Name | None = Field(
        None, description="which template, with `outside_window: template`; its category prices those needed"
    )
    customers_can_disconnect: bool | None = Field(None, description="where the platform leaves that open")
    authenticated: Share = Field(0.0, description="share of sessions in which the customer is logged in")
    authenticated_skips: Literal["both", "time", "failure"] = Field(
        "both", description="what they save of `identify`: its time, its failures, or both"
    )


def can_disconnect(channel: Channel) -> bool:
    """Whether customers can end a conversation on this channel."""
    record = platform(channel.platform)
    return record.can_disconnect or (record.disconnect_by_knob and bool(channel.customers_can_disconnect))


def reply_windows_us(channel: Channel) -> tuple[int | None, int | None]:
    """How long people, and bots, may send free text after the customer's latest message; None: always."""
    record = platform(channel.platform)
    people_us, bots_us = channel.reply_window.people_us, channel.reply_window.bots_us
    return _window_us(people_us, record.agent_window_us), _window_us(bots_us, record.bot_window_us)


def _window_us(limit: int | str, platform_us: int | None) -> int | None:
    if limit == "platform" or platform_us is None:
        return platform_us
    return None if limit == "none" else int(limit)


def replies_allowed(channel: Channel) -> int | None:
    """Messages of the business after each message of the customer, at most; None: any number."""
    most = platform(channel.platform).replies_per_message
    if most is None or channel.reply_rule == "platform":
        return most
    return None if channel.reply_rule == "none" else int(channel.reply_rule)
