"""Queues: how interactions are ranked, matched, alerted and wrapped up."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simulator.scenario.base import Model
from simulator.scenario.flows import InQueueFlow
from simulator.scenario.replies import Reply
from simulator.scenario.routing import (
    MOST_CONDITIONS,
    MOST_RINGS,
    AgentClock,
    ConditionalGroup,
    PreferredAgents,
    Ring,
    TransferRule,
)
from simulator.scenario.types import Duration, DurationLaw, Name, Share
from simulator.vocabulary.clock import MINUTE, SECOND

AfterCallWorkMode = Literal["OPTIONAL", "MANDATORY", "MANDATORY_TIMEOUT", "MANDATORY_FORCED_TIMEOUT", "AGENT_REQUESTED"]


class AfterCallWork(Model):
    mode: AfterCallWorkMode = "MANDATORY"
    share: Share | None = Field(None, description="sessions with after-call work; with OPTIONAL and AGENT_REQUESTED")
    takes_us: DurationLaw | None = Field(None, description="drawn time; not with MANDATORY_FORCED_TIMEOUT")
    timeout_us: Duration | None = Field(None, description="1 s to 60 min by the wall clock from the disconnect")


class Park(Model):
    """An agent sets a conversation aside: it holds no slot until the customer writes or the time is over."""

    after_us: Duration = Field(description="silence since the latest reply")
    for_us: Duration = Field(gt=0, description="then it is back, however full he is")


class Queue(Model):
    evaluation: Literal["ALL", "BEST", "NONE"] = Field(
        "ALL", description="ALL: every required skill; BEST: of these the most proficient; NONE: skills are ignored"
    )
    scoring: Literal["TimestampAndPriority", "PriorityOnly"] = Field(
        "TimestampAndPriority", description="PriorityOnly: by priority alone, and before queues that score by time"
    )
    select: Literal["longest_idle", "least_busy", "most_busy"] = Field(
        "longest_idle", description="of several agents: by their clock, or by the slots they hold"
    )
    agent_clock: AgentClock = AgentClock()  # type: ignore[call-arg]
    last_agent: Literal["AnyAgent", "QueueMembersOnly", "Disabled"] = Field(
        "AnyAgent", description="last-agent routing of re-opened portions"
    )
    last_agent_wait_us: Duration = Field(0, description="what if: a re-opened portion waits so long for him alone")
    bullseye: Annotated[tuple[Ring, ...], Field(max_length=MOST_RINGS)] = ()
    preferred_agents: PreferredAgents | None = None
    conditional_groups: Annotated[tuple[ConditionalGroup, ...], Field(max_length=MOST_CONDITIONS)] = ()
    transfers: tuple[TransferRule, ...] = Field((), description="sessions that agents pass on")
    auto_answer: bool = False
    alerting_timeout_us: Duration = Field(30 * SECOND, ge=7 * SECOND, le=900 * SECOND)
    answer_time_us: DurationLaw | None = Field(None, description="alert to accept; default 0")
    declines: Share = Field(0.0, description="alerts that the agent declines, after answer_time")
    returns_after_us: Duration = Field(60 * SECOND, description="NOT_RESPONDING lasts this long")
    keep_clock: bool = Field(True, description="after a declined or expired alert the wait counts on")
    close_after_us: Duration | Literal["never"] = Field(10 * MINUTE, description="silence since the latest reply")
    max_waiting: Annotated[int, Field(ge=0)] | None = Field(None, description="waiting only; more are blocked")
    max_in_system: Annotated[int, Field(ge=0)] | None = Field(
        None, description="waiting, alerting and connected together; more are blocked"
    )
    accept: Literal["at_once", "when_free"] = Field(
        "at_once", description="when_free: only when no work lies on his desk"
    )
    courtesy_us: Duration = Field(0, description="from the last reply to the disconnect")
    park: Park | None = None
    inactivity_timeout_us: Duration | None = Field(None, gt=0, description="the platform ends silent conversations")
    inactivity_flow: Name | None = Field(None, description="... or sends them through this flow")
    after_call_work: AfterCallWork | None = Field(None, description="none: the slot is free at the disconnect")
    in_queue_flow: InQueueFlow | None = Field(None, description="what those who wait are told, and for how long")
    reply: Reply | None = Field(None, description="what a reply costs, unless topic or group say otherwise")
