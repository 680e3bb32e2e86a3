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
        log_off_us = shift.log_off_us
        if shift.late_us and shift.log_on_us > 0:
            agent.presence = Presence.LATE
            agent.shows()
            if log_off_us <= shift.log_on_us:  # he never comes
                yield world.until(shift.end_us, AGENTS_GO, agent.owner)
                agent.presence = Presence.OFF_SHIFT
                agent.shows()
                continue
            yield world.until(shift.log_on_us, AGENTS_COME, agent.owner)
        agent.comes_on(log_off_us)
        before_us = -1
        for number, (start_us, length_us) in enumerate(shift.breaks):
            end_us = start_us + length_us
            if end_us <= world.now or start_us >= log_off_us:
                continue  # over before he came, or he has gone by then
            if start_us - agent.alerting_us != before_us:  # from one into the next he goes without an alert between
                yield world.until(start_us - agent.alerting_us, AGENTS_GO, agent.owner)
            before_us = end_us
            agent.breaks_ahead += 1
            yield world.until(start_us, AGENTS_GO, agent.owner)
            agent.is_due_for_break(min(length_us, end_us - world.now), int(shift.shows(number)))
        yield world.until(log_off_us, AGENTS_GO, agent.owner)
        if log_off_us < shift.end_us:
            agent.gone = Presence.LEFT_EARLY
        agent.goes_off()
        if log_off_us < shift.end_us:
            yield world.until(shift.end_us, AGENTS_GO, agent.owner)
            agent.shift_is_over()


def always_on(world: World, agent: Agent) -> None:
    """An agent without a shift is there from the start."""
    agent.comes_on(None)


def off_shift(world: World, agent: Agent) -> None:
    """Everybody's state at the start, before anyone comes."""
    world.log(Event.AGENT_STATUS, message=Presence.OFF_SHIFT, agent=agent.number, value=RoutingStatus.OFF_QUEUE)
