"""What a message is made of, and what happens to it on its way: attachments, voice notes, delivery, middleware."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from simulator.scenario.base import Model
from simulator.scenario.lawful import parse_size_law
from simulator.scenario.types import ONE, CountLaw, Duration, DurationLaw, Name, Share, SizeLaw
from simulator.scenario.written import Wrong
from simulator.vocabulary.clock import HOUR, SECOND

FailureReason = Literal["unreachable", "platform_error", "number_invalid", "blocked_by_customer"]
"""Why a message is not delivered; the last two are for good, so nobody tries again."""


USUAL_SIZE = parse_size_law(300)
"""A picture from a telephone, made smaller by the app (assumed)."""


class Attachments(Model):
    """Files that go with a text; each is a message of its own, sent after it."""

    share: Share = Field(description="of bursts or replies that carry any")
    count: CountLaw = Field(ONE, description="how many")
    types: Annotated[dict[Name, Share], Field(min_length=1)] = Field(
        {"jpg": 1.0}, description="shares by type, summing to 1"
    )
    kilobytes: SizeLaw = Field(USUAL_SIZE, description="size of one; default assumed")

    def __hash__(self) -> int:  # a reply is looked up by what it says
        return hash((self.share, self.count, tuple(self.types.items()), self.kilobytes))

    @model_validator(mode="after")
    def _whole(self) -> Attachments:
        if abs(sum(self.types.values()) - 1) > 1e-6:
            raise Wrong(f"the types sum to {sum(self.types.values()) * 100:g} %", "shares that sum to 100 %")
        return self


class Voice(Model):
    """Voice notes, where the platform has them. A note takes as long to record, and to listen to, as it lasts."""

    share: Share = Field(description="of bursts or replies that are spoken, not written")
    length_us: DurationLaw = Field(description="how long a note lasts")


class Read(Model):
    share: Share = Field(1.0, description="of delivered messages that are read")
    delay_us: DurationLaw | None = Field(None, description="delivery to reading; default 0")


class Delivery(Model):
    """From leaving to the customer's device."""

    latency_us: DurationLaw | None = Field(None, description="leaving to delivery, or to knowing that it failed")
    failures: dict[FailureReason, Share] = Field({}, description="share of attempts that fail, by reason")
    attempts: Annotated[int, Field(ge=1, le=10)] = Field(1, description="the platform tries so often")
    back_off_us: Duration = Field(30 * SECOND, le=24 * HOUR, description="first pause; each is twice the one before")
    read: Read | None = Field(None, description="read receipts; default: none come")

    @model_validator(mode="after")
    def _share(self) -> Delivery:
        if sum(self.failures.values()) > 1 + 1e-9:
            raise Wrong(f"the failures sum to {sum(self.failures.values()) * 100:g} %", "shares up to 100 % together")
        return self

    def pause_us(self, failed: Any) -> Any:
        """Before the next try, after so many that failed: a number, or an array of them."""
        return self.back_off_us * 2 ** (failed - 1)


class Middleware(Model):
    """The business's own middleware between an open channel and its users. Every message passes it, both ways."""

    latency_us: DurationLaw | None = Field(None, description="time in it, one way")
    failures: Share = Field(0.0, description="of calls that fail")
    attempts: Annotated[int, Field(ge=1, le=10)] = Field(
        3, description="calls for a message; inbound the last gets through"
    )
    back_off_us: Duration = Field(5 * SECOND, le=24 * HOUR, description="first pause; each is twice the one before")


class Template(Model):
    """A message that the platform has approved, for when free text may not be sent."""

    category: Literal["marketing", "utility", "authentication"] = "utility"
    answers: Share = Field(0.0, description="customers who answer it; the answer opens the reply window")
    delay_us: DurationLaw | None = Field(None, description="from its delivery to the answer; default 0")


class TemplateRates(Model):
    """What one delivered template costs, by category, in the currency."""

    currency: Annotated[str, Field(min_length=1, max_length=20)] = "EUR"
    marketing: Annotated[float, Field(ge=0, le=1_000)] = 0.0
    utility: Annotated[float, Field(ge=0, le=1_000)] = 0.0
    authentication: Annotated[float, Field(ge=0, le=1_000)] = 0.0
