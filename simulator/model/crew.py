"""A group staffed by number, where whoever has nothing in hand goes first.

When fewer are wanted, those who have nothing in hand go, the highest numbers first; if that is not enough, whoever is
done next goes instead of taking the next interaction. Until then nobody knows who it will be: all are on queue.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from simulator.rules.order import AGENTS_COME, AGENTS_GO

if TYPE_CHECKING:
    from simulator.model.agent import Agent
    from simulator.model.world import World
    from simulator.workload.staffing import Levels


class Crew:
    """The agents of one group, and how many of them are wanted."""

    def __init__(self, agents: list[Agent]):
        self._agents = agents
        self._present = 0
        self._wanted = 0
        for agent in agents:
            agent.crew = self

    def follows(self, world: World, levels: Levels) -> Generator[Any, None, None]:
        """The staffing of the run, change by change."""
        for at_us, wanted in zip(levels.at_us.tolist(), levels.agents.tolist(), strict=True):
            if at_us >= 0:  # what began before is so before the first message comes
                rank = AGENTS_COME if wanted > self._wanted else AGENTS_GO
                yield world.until(at_us, rank, self._agents[0].owner)
            self._wants(wanted)

    def _wants(self, number: int) -> None:
        self._wanted = number
        for agent in reversed(self._agents):
            if self._present <= number:
                break
            if agent.on_queue and not agent.held:
                self._lets_go(agent)
        for agent in self._agents:
            if self._present >= number:
                break
            if not agent.on_queue:
                self._present += 1
                agent.comes_on(None)

    def is_free(self, agent: Agent) -> None:
        """He has put something down. One too many?"""
        if self._present > self._wanted and agent.on_queue and not agent.held:
            self._lets_go(agent)

    def _lets_go(self, agent: Agent) -> None:
        self._present -= 1
        agent.goes_off()
