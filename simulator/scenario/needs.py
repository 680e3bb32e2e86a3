"""Needs and the people who have them: topics and behaviours."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from simulator.scenario.base import Model
from simulator.scenario.delivery import Attachments, Voice
from simulator.scenario.replies import Reply
from simulator.scenario.routing import PerMinute, Priority
from simulator.scenario.types import FLOW_ANSWER, ONE, CountLaw, DurationLaw, Name, Share, SizeLaw, Topics


class Opening(Model):
    """The burst of messages a customer begins with."""

    messages: CountLaw = Field(ONE, description="messages of the burst, from 1")
    gap_us: DurationLaw | None = Field(None, description="time between two of them; required where there may be two")


class GivesUp(Model):
    """How a customer whose patience ends gives up; the shares sum to 1."""

    abandon: Share = Field(0.0, description="disconnects; only where the platform lets a customer disconnect")
    silent: Share = Field(0.0, description="stops reading and says nothing; nobody can see it")


class Again(Model):
    """Writing again: how probable, how long after."""

    probability: Share
    delay_us: DurationLaw
    topic: Topics | None = Field(
        None, description="topic of the later contact, or shares of several; default: the same"
    )


class WritesAgain(Model):
    after_abandon: Again | None = Field(None, description="delay from the abandon")
    after_silent: Again | None = Field(None, description="delay from giving up")
    after_service: Again | None = Field(None, description="not resolved; delay from the disconnect")
    after_blocked: Again | None = Field(None, description="delay from being turned away")
    after_flow: Again | None = Field(None, description="left in the flow, or ended by it; delay from there")
    thanks: Again | None = Field(None, description="one message of thanks after an answered contact's disconnect")


class Behaviour(Model):
    """How customers write, wait and give up."""

    opening: Opening = Opening()  # type: ignore[call-arg]
    turns: CountLaw = Field(ONE, description="bursts, each with its reply, from 1")
    think_us: DurationLaw | None = Field(None, description="reply to next burst; required where turns exceed 1")
    flow_answer_us: DurationLaw = Field(FLOW_ANSWER, description="time to answer a bot or form")
    patience_us: DurationLaw | Literal["never"] = Field("never", description="queue entry to giving up")
    patience_until: Literal["connect", "first_reply"] = Field("connect", description="what ends the wait")
    patience_in_flow_us: DurationLaw | Literal["never"] = Field(
        "never", description="from entering the flow to leaving it"
    )
    leaves_in_flow: Share = Field(0.0, description="probability to leave at a question instead of answering it")
    balk: Share = Field(0.0, description="probability to leave at once when nobody is free")
    gives_up: GivesUp = Field(
        GivesUp(abandon=1.0), description="default: abandon 100 %; silent where nobody can disconnect"
    )
    vanishes: Share = Field(0.0, description="share of contacts with two or more turns that go silent midway")
    characters: SizeLaw | None = Field(None, description="of one message; default: not looked at")
    attachments: Attachments | None = Field(None, description="files that a burst may carry")
    voice: Voice | None = Field(None, description="voice notes; listening to one takes its length")
    writes_again: WritesAgain = WritesAgain()  # type: ignore[call-arg]


class Topic(Model):
    behaviour: Name
    skills: tuple[Name, ...] = Field((), description="all of them required of the agent")
    language: Name | None = Field(None, description="required of the agent, like a skill")
    priority: Priority = Field(0, description="1 unit = 1 minute waited")
    priority_per_minute: PerMinute = Field(0.0, description="the priority grows so for each minute in the queue")
    label: Name | None = Field(None, description="utilization label: agents may hold so many of them")
    reply: Reply | None = Field(None, description="what a reply costs, instead of the queue's")
