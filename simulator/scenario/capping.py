"""The caps of a scenario in whole numbers: of the lanes, and of each channel's numbers, pairs and tier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from simulator.platforms import Encoding, platform
from simulator.scenario.channels import Channel, Encodings
from simulator.scenario.sending import Bulk
from simulator.vocabulary.clock import DAY, MINUTE, SECOND
from simulator.vocabulary.codes import Lane

if TYPE_CHECKING:
    from simulator.scenario.schema import Scenario


@dataclass(frozen=True)
class Clock:
    """At most `count` messages in every half-open window."""

    count: int
    window_us: int
    burst: bool

    @property
    def per_second(self) -> float:
        return self.count * SECOND / self.window_us


@dataclass(frozen=True)
class ChannelCaps:
    """What limits the messages of one channel beside its lanes."""

    numbers: int
    """How many share the work."""
    clock: Clock | None
    """Of each number; None: unlimited."""
    counts_inbound: bool
    """What customers write uses the numbers up too."""
    pair: tuple[int, int, int] | None
    """What a message to a customer costs, how many a burst has, within how long (µs, messages, µs)."""
    tier: int | None
    """Customers whom the business may begin with in `TIER_US`."""


TIER_US = DAY


def lane_clock(scenario: Scenario, lane: Lane) -> Clock:
    """The cap of a bulk lane, of the organisation or of each integration."""
    limits = scenario.outbound.limits
    rate = limits.whatsapp_campaign if lane is Lane.CAMPAIGN else limits.whatsapp_agentless
    return Clock(round(rate * 60), MINUTE, limits.pacing == "burst")


def lane_key(scenario: Scenario, lane: Lane, channel: str) -> str | None:
    """The name of the cap that a bulk lane of a channel passes; equal names are one cap; None: there is none."""
    if not platform(scenario.channels[channel].platform).organisation_caps:
        return None
    name = lane.name.lower()
    return name if scenario.outbound.limits.scope == "organisation" else f"{name} {channel}"


def throughput(channel: Channel) -> float | None:
    """Messages (SMS: parts) a second of one number; None: unlimited."""
    if channel.throughput == "unlimited":
        return None
    if channel.throughput is not None:
        return channel.throughput
    types = platform(channel.platform).number_types
    usual: str = next(iter(types), "")
    return types[channel.number_type or usual] if types else None


def channel_caps(scenario: Scenario, name: str) -> ChannelCaps:
    """The caps of one channel."""
    channel = scenario.channels[name]
    rate, clock = throughput(channel), None
    if rate is not None:
        whole, burst = round(rate), scenario.outbound.limits.pacing == "burst"
        if burst and whole == rate:
            clock = Clock(whole, SECOND, True)
        else:  # what is not whole a second is counted by the minute
            clock = Clock(max(round(rate * 60), 1), MINUTE, burst)
    numbers = {channel.number, *channel.numbers} - {None}
    pair = channel.pair
    return ChannelCaps(
        numbers=max(len(numbers), 1),
        clock=clock,
        counts_inbound=not platform(channel.platform).number_types,  # rates of texts are rates of sending
        pair=None if pair is None else (pair.every_us, pair.burst, pair.within_us),
        tier=None if channel.tier == "unlimited" else channel.tier,
    )


def is_capped(caps: ChannelCaps) -> bool:
    """Does anything of this channel's own hold messages back?"""
    return caps.clock is not None or caps.pair is not None or caps.tier is not None


def encoding_of(scenario: Scenario, bulk: Bulk) -> Encoding | None:
    """The characters in which a bulk text is counted, where the platform cuts texts into parts."""
    channel = scenario.channels[bulk.channel]
    encodings = {encoding.name: encoding for encoding in platform(channel.platform).encodings}
    name = channel.encoding
    if isinstance(name, Encodings):  # one text for all: in the encoding that most texts need
        name = "gsm7" if name.gsm7 >= name.ucs2 else "ucs2"
    return encodings.get(name)


def bulk_of(scenario: Scenario, source: str) -> Bulk | None:
    """The campaign or notification of that name."""
    return scenario.outbound.campaigns.get(source) or scenario.outbound.notifications.get(source)
