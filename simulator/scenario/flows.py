"""Message flows: what every message passes before an agent sees it, and what is said to those who wait.

An inbound flow is a list of steps. A `branch` holds lists of its own; a path that neither transfers nor disconnects
there goes on behind the branch.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simulator.scenario.base import Model
from simulator.scenario.routing import PerMinute, Priority
from simulator.scenario.types import ONE, CountLaw, Duration, DurationLaw, Name, Share, ShareByTopic, SizeLaw
from simulator.vocabulary.clock import DAY, SECOND

BranchesOn = Literal["topic", "channel", "business_hours", "identified", "reopened", "queue_length", "estimated_wait"]

LONGEST_QUEUE_FLOW_US = 59 * DAY  # model.md section 5


class Identify(Model):
    takes_us: Duration = Field(0)
    success: Share = Field(1.0, description="unidentified contacts cost the first reply 30 s more")


class Bot(Model):
    turns: CountLaw = Field(ONE)
    bot_time_us: DurationLaw = Field(description="time the bot takes for one message")
    contains: ShareByTopic = Field(0.0, description="share that the bot solves, one or by topic")
    characters: SizeLaw | None = Field(None, description="of one message; default: not looked at")
    wrong_topic: ShareByTopic = Field(0.0, description="share of the others handed over as another topic")


class Collect(Model):
    fields: Annotated[int, Field(ge=0, le=50)]
    question_time_us: Duration = Field(1 * SECOND, description="assumed")


class Wait(Model):
    time_us: DurationLaw = Field(description="the flow waits; the platform ends it after 72 h")


class Send(Model):
    """A message of the flow, on its way at once."""

    text: Annotated[str, Field(max_length=10_000)] = Field("", description="for the reader of the scenario")


class Transfer(Model):
    queue: Name
    skills: tuple[Name, ...] = Field((), description="required beside those of the topic")
    language: Name | None = Field(None, description="required of the agent")
    priority: Priority | None = Field(None, description="instead of the topic's")
    priority_per_minute: PerMinute = Field(
        0.0, description="the priority grows so for each minute in the queue; 0: as the topic says"
    )
    preferred_agents: tuple[Name, ...] = Field((), description="agent groups, for the queue's preferred_agents")


class Disconnect(Model):
    """The flow ends here, without an agent."""


class Branch(Model):
    """Which way next: the steps of one case, or of `else`."""

    on: BranchesOn
    hours: Name | None = Field(None, description="business hours to look at; with business_hours")
    queue: Name | None = Field(None, description="queue to look at; with queue_length, estimated_wait")
    cases: dict[str, tuple[Step, ...]] = Field(
        description="topics; channels; open, closed, holiday; yes, no; or least numbers waiting or estimated waits, of "
        "which the largest that is reached counts"
    )
    else_: tuple[Step, ...] = Field((), alias="else", description="steps where no case fits; default: go on")


class Step(Model):
    """One step of an inbound message flow: exactly one of these."""

    identify: Identify | None = None
    bot: Bot | None = None
    collect: Collect | None = None
    wait: Wait | None = None
    send: Send | None = None
    branch: Branch | None = None
    transfer: Transfer | None = None
    disconnect: Disconnect | None = None


Branch.model_rebuild()


class QueueMessage(Model):
    """What those who wait are told."""

    after_us: Duration = Field(description="from queue entry")
    every_us: Duration | None = Field(None, gt=0, description="and again so often; default: once")


class SetPriority(Model):
    """The priority of those who still wait: `add` to it, or set it `to` a number."""

    after_us: Duration = Field(description="from queue entry")
    every_us: Duration | None = Field(None, gt=0, description="and again so often, with `add`; default: once")
    add: Priority | None = Field(None, description="more than before; may be negative")
    to: Priority | None = Field(None, description="whatever it was")


class FlowOut(Model):
    """When the platform takes a waiting interaction out of the queue."""

    after_us: Duration = Field(gt=0, le=LONGEST_QUEUE_FLOW_US, description="from queue entry")
    to: Name | None = Field(None, description="another queue; default: disconnected")


class InQueueFlow(Model):
    """What happens to an interaction while it waits for an agent; at most 59 days."""

    messages: tuple[QueueMessage, ...] = ()
    set_priority: tuple[SetPriority, ...] = Field((), description="in the order in which they come, or stand here")
    flow_out: FlowOut | None = None
