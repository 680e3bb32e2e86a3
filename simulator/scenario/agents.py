"""Agents: groups of people with the same queues, skills, shift and way of working."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simulator.scenario.attention import Attention, Slots, Speed, Tenure, Utilization
from simulator.scenario.base import Model
from simulator.scenario.people import Absence, Activity, Adherence, Shrinkage, Staffing
from simulator.scenario.planning import Cost
from simulator.scenario.replies import ByTopic, Reply
from simulator.scenario.types import Duration, Name, Share
from simulator.scenario.when import Shift, ShiftTemplate


class EndOfShift(Model):
    finish_us: Duration = Field(0, description="open conversations go on this long after the end")
    then: Literal["requeue", "disconnect", "park"] = Field(
        "requeue", description="what is open then: unanswered work to the queue; all disconnected; all parked"
    )


class AgentGroup(Model):
    count: Annotated[int, Field(ge=0, le=100_000)] = Field(
        0, description="agents; needed unless `staffing`, or `shifts` with a count each, say it"
    )
    queues: Annotated[tuple[Name, ...], Field(min_length=1)]
    skills: dict[Name, Annotated[float, Field(ge=0, le=5)]] = Field({}, description="proficiency 0 to 5")
    languages: tuple[Name, ...] = Field((), description="for contacts that require one")
    takes: Literal["highest_rank", "best_skill"] = Field(
        "highest_rank",
        description="what if, as elsewhere: best_skill, of all he may take, where his mean proficiency is highest",
    )
    declines: Share | None = Field(None, description="instead of the queue's")
    capacity: Slots | dict[Name, Slots] = Field(1, description="concurrent conversations, all together or by channel")
    utilization: Utilization | None = Field(None, description="limits within the capacity")
    attention: Literal["serial"] | Attention = Field("serial", description="serial: one piece of work at a time")
    switching_us: Duration = Field(0, description="attention lost when the next piece is of another conversation")
    speed: Speed = Field(1.0, description="efforts are divided by it; a number, or one drawn for each agent")
    tenure: Tenure | None = Field(None, description="newcomers are slower; none: all at full speed")
    shift: Shift | None = Field(None, description="none: always on")
    shifts: tuple[ShiftTemplate, ...] = Field((), description="several shifts, instead of `shift`")
    rotate: Annotated[int, Field(ge=0, le=100_000)] = Field(
        0, description="with `shifts`: places by which everybody moves on each Monday"
    )
    staffing: Staffing | None = Field(None, description="agents by interval, instead of `count` and `shift`")
    activities: tuple[Activity, ...] = Field((), description="meetings and training")
    adherence: Adherence | None = Field(None, description="none: everybody logs on and off on the minute")
    shrinkage: Absence = Field(0.0, description="probability of each agent-day to be absent")
    cost: Cost | None = Field(None, description="of paid time, as `25/h`; none: no costs are worked out")
    overtime_factor: Annotated[float, Field(ge=0, le=10)] = Field(1.0, description="an hour of overtime costs so much")
    stream: Name | None = Field(None, description="draw as the group of this name did, after renaming")
    end_of_shift: EndOfShift = EndOfShift()  # type: ignore[call-arg]
    reply: Reply | None = Field(None, description="none: what topic or queue say")
    by_topic: dict[Name, ByTopic] = Field({}, description="replies to some topics")

    @property
    def absence(self) -> Shrinkage:
        """Shrinkage with its pattern, however it is written."""
        return self.shrinkage if isinstance(self.shrinkage, Shrinkage) else Shrinkage(share=self.shrinkage)

    @property
    def slots(self) -> int:
        """Conversations at once, over all channels."""
        return sum(self.capacity.values()) if isinstance(self.capacity, dict) else self.capacity
