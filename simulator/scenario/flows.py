"""Inbound message flows: what every message passes before an agent sees it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from simulator.scenario.base import Model
from simulator.scenario.types import ONE, CountLaw, Duration, DurationLaw, Name, Share, ShareByTopic
from simulator.vocabulary.clock import SECOND


class Identify(Model):
    takes_us: Duration = Field(0)
    success: Share = Field(1.0, description="unidentified contacts cost the first reply 30 s more")


class Bot(Model):
    turns: CountLaw = Field(ONE)
    bot_time_us: DurationLaw = Field(description="time the bot takes for one message")
    contains: ShareByTopic = Field(0.0, description="share that the bot solves, one or by topic")


class Collect(Model):
    fields: Annotated[int, Field(ge=0, le=50)]
    question_time_us: Duration = Field(1 * SECOND, description="assumed")


class Transfer(Model):
    queue: Name


class Step(Model):
    """One step of an inbound message flow: exactly one of these."""

    identify: Identify | None = None
    bot: Bot | None = None
    collect: Collect | None = None
    transfer: Transfer | None = None
