"""Available agents with the same queues and skills, the longest idle first."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

from simulator.rules.routing import LOOK_BACK_US

if TYPE_CHECKING:
    from simulator.model.acd import Room
    from simulator.model.agent import Agent


class Pool:
    """Two lines: who worked within the look-back, by his clock, and who is rested, by id alone.

    An agent stands in a line at most once for each state of his clock; who is no longer available, or whose clock
    has moved, is skipped when he comes up.
    """

    def __init__(self, queues: frozenset[str], skills: frozenset[str]):
        self.queues = queues
        self.skills = skills
        self.rooms: list[Room] = []
        """What these agents qualify for."""
        self._working: list[tuple[int, int, Agent]] = []
        self._rested: list[tuple[int, int, Agent]] = []

    def joins(self, agent: Agent) -> None:
        """An agent is available; once is enough while his clock stands."""
        since_us = _NEVER if agent.since_us is None else agent.since_us
        if agent.in_pool_since == since_us:
            return
        agent.in_pool_since = since_us
        if since_us == _NEVER:
            heappush(self._rested, (agent.owner, since_us, agent))
        else:
            heappush(self._working, (since_us, agent.owner, agent))

    def first(self, now_us: int) -> Agent | None:
        """The available agent whose clock shows most; at the look-back all are equal and the smaller id wins."""
        working, rested = self._working, self._rested
        while working and working[0][0] <= now_us - LOOK_BACK_US:
            since_us, owner, agent = heappop(working)
            heappush(rested, (owner, since_us, agent))
        while rested:
            _, since_us, agent = rested[0]
            if _stands(agent, since_us):
                return agent
            heappop(rested)
        while working:
            since_us, _, agent = working[0]
            if _stands(agent, since_us):
                return agent
            heappop(working)
        return None


_NEVER = -1
"""The clock of one who has not worked yet."""


def _stands(agent: Agent, since_us: int) -> bool:
    """Is this place in the line still his? If it is not, it is given up."""
    if since_us != (_NEVER if agent.since_us is None else agent.since_us):
        return False
    if not agent.can_take():
        agent.in_pool_since = None
        return False
    return True
