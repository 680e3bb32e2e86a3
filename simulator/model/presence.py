"""Shifts: who comes when, breaks, who is absent."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from simulator.rules.order import AGENTS_COME, AGENTS_GO
from simulator.vocabulary.codes import EVENTS as Event
from simulator.vocabulary.codes import PRESENCES as Presence
from simulator.vocabulary.codes import STATUSES as RoutingStatus
from simulator.workload.presence import PlannedShift

if TYPE_CHECKING:
    from simulator.model.agent import Agent
    from simulator.model.world import World


def shifts(world: World, agent: Agent, planned: tuple[PlannedShift, ...]) -> Generator[Any, None, None]:
    """One agent's shifts, one after the other. A shift that began before the run is already running."""
    for shift in planned:
        if shift.start_us >= 0:  # one that began before is running before the first message comes
            yield world.until(shift.start_us, AGENTS_COME, agent.owner)
        if shift.absent:
            agent.presence = Presence.ABSENT
            agent.shows()
            yield world.until(shift.end_us, AGENTS_GO, agent.owner)
            agent.presence = Presence.OFF_SHIFT
            agent.shows()
            continue
        agent.comes_on(shift.end_us)
        for start_us, length_us in shift.breaks:
            end_us = start_us + length_us
            if end_us <= world.now:
                continue  # over before the run began
            yield world.until(start_us - agent.alerting_us, AGENTS_GO, agent.owner)
            agent.breaks_ahead += 1
            yield world.until(start_us, AGENTS_GO, agent.owner)
            agent.is_due_for_break(min(length_us, end_us - world.now))
        yield world.until(shift.end_us, AGENTS_GO, agent.owner)
        agent.goes_off()


def always_on(world: World, agent: Agent) -> None:
    """An agent without a shift is there from the start."""
    agent.comes_on(None)


def off_shift(world: World, agent: Agent) -> None:
    """Everybody's state at the start, before anyone comes."""
    world.log(Event.AGENT_STATUS, message=Presence.OFF_SHIFT, agent=agent.number, value=RoutingStatus.OFF_QUEUE)
