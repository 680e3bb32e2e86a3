"""What a reply costs an agent. It may stand on a queue, a topic, a group, or a group's topic: the last named wins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from simulator.scenario.base import Model
from simulator.scenario.delivery import Attachments, Voice
from simulator.scenario.types import Duration, DurationLaw, Share, SizeLaw

if TYPE_CHECKING:
    from simulator.scenario.schema import Scenario


class Canned(Model):
    share: Share
    effort: Annotated[float, Field(gt=0, le=10)] = Field(description="factor on the drawn effort")


class History(Model):
    per_message_us: Duration
    at_most_us: Duration


class Reply(Model):
    effort_us: DurationLaw
    canned: Canned | None = Field(None, description="none: every reply costs its whole effort")
    history: History | None = Field(None, description="none: nothing is read before the first reply")
    script_us: Duration = Field(0, description="read out or pasted at the first reply of every session")
    characters: SizeLaw | None = Field(None, description="of the text; default: not looked at, one message")
    attachments: Attachments | None = Field(None, description="files that go with it, each a message of its own")
    voice: Voice | None = Field(None, description="spoken replies; recording one takes its length")


class ByTopic(Model):
    """What a group does differently for one topic."""

    reply: Reply


def reply_of(scenario: Scenario, group: str, queue: str, topic: str) -> Reply | None:
    """How an agent of a group replies to a topic in a queue; None where nobody said it."""
    team = scenario.agents[group]
    by_topic: Mapping[str, ByTopic] = team.by_topic
    if topic in by_topic:
        return by_topic[topic].reply
    return team.reply or scenario.topics[topic].reply or scenario.queues[queue].reply


def ways(scenario: Scenario) -> list[Reply]:
    """Everything that is said about replies anywhere."""
    said = [queue.reply for queue in scenario.queues.values()] + [topic.reply for topic in scenario.topics.values()]
    for group in scenario.agents.values():
        said += [group.reply, *(one.reply for one in group.by_topic.values())]
    return [reply for reply in said if reply is not None]
