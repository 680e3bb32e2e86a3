"""How a queue looks for agents: rings, preferred agents, conditional groups, the agents' clock, transfers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simulator.scenario.base import Model
from simulator.scenario.types import Duration, DurationLaw, Name, Share
from simulator.vocabulary.clock import DAY, HOUR, SECOND

MOST_RINGS = 6
MOST_RULES = 6
MOST_CONDITIONS = 5
LONGEST_RING_US = 72 * HOUR
"""Limits of the platform (model.md section 5)."""

Priority = Annotated[int, Field(ge=-25_000_000, le=25_000_000)]
PerMinute = Annotated[float, Field(ge=-1, le=1_000)]
"""A priority's growth for each minute in the queue, to 0.001; at -1 a conversation score stands still."""
Score = Annotated[int, Field(ge=0, le=100)]


class AgentClock(Model):
    """What makes an agent the one who has been idle for longest."""

    since: Literal["connect_or_wrap_up", "connect", "wrap_up"] = Field(
        "connect_or_wrap_up", description="where it begins: the latest connect, end of wrap-up, or the later of the two"
    )
    look_back_us: Duration = Field(7 * DAY, gt=0, description="it shows at most this; so does who never worked")
    resets_on_queue: bool = Field(False, description="going on queue sets it to 0")


class Ring(Model):
    """One ring of bullseye routing; an interaction that leaves it may still go to its agents."""

    until_us: Duration | None = Field(
        None, le=LONGEST_RING_US, description="from queue entry; the last ring has no end"
    )
    drops: tuple[Name, ...] = Field((), description="skills that are no longer required when it is left")
    groups: tuple[Name, ...] = Field((), description="agent groups of this ring; none: every member of the queue")


class PreferredRule(Model):
    score: Score = Field(description="agents with at least this score")
    wait_us: Duration = Field(ge=2 * SECOND, le=LONGEST_RING_US, description="so long only for them")


class PreferredAgents(Model):
    """Members of the queue who are tried first, whatever their skills; the higher score first."""

    scores: dict[str, Score] = Field({}, description="by agent group, or by agent as `group/number`")
    rules: Annotated[tuple[PreferredRule, ...], Field(min_length=1, max_length=MOST_RULES)]


class Condition(Model):
    """Of a queue: its estimated wait, or its service level, above or below."""

    queue: Name | None = Field(None, description="default: this one")
    estimated_wait_above_us: Duration | None = None
    estimated_wait_below_us: Duration | None = None
    service_level_above: Share | None = Field(None, description="of the last 100 that left the queue")
    service_level_below: Share | None = None


class ConditionalGroup(Model):
    """One rule of conditional group routing: these groups, if so."""

    when: Condition | None = Field(None, description="default: in any case")
    groups: Annotated[tuple[Name, ...], Field(min_length=1)] = Field(description="agent groups of this queue")
    wait_us: Duration = Field(ge=0, le=LONGEST_RING_US, description="until the next rule is looked at")


class TransferRule(Model):
    """A share of sessions that end in a transfer to another queue, or to other agents of the same one."""

    share: Share = Field(description="of the sessions of this queue (and topic)")
    topic: Name | None = Field(None, description="of contacts about this; default: of all")
    to: Name | None = Field(None, description="queue; default: the same")
    kind: Literal["blind", "consult"] = Field("blind", description="consult: the agent waits for the other's connect")
    after: Annotated[int, Field(ge=0, le=1000)] = Field(0, description="replies before the turn that is passed on")
    takes_us: DurationLaw | None = Field(None, description="attention before it; default: what the reply would take")
    skills: tuple[Name, ...] = Field((), description="required beside those of the topic")
    language: Name | None = Field(None, description="instead of the topic's")
    priority: Priority | None = Field(None, description="instead of the topic's")
    priority_per_minute: PerMinute = Field(0.0, description="the priority grows so for each minute in the queue")
