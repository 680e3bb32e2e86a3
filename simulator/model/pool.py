"""Available agents, in the order in which they are offered work.

A pool is a kind of agent: those who are alike to the ACD. A line is what stands before a room: all available agents
who may serve it, whatever their pools. Nobody is searched for: an agent joins the lines of his pool when he becomes
available; who is no longer, or whose clock has moved, is skipped when he comes up.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heappush
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

from simulator.rules.routing import LONGEST_CLOCKS, clock_start_us, is_better, mean_proficiency

if TYPE_CHECKING:
    from simulator.model.agent import Agent

NEVER = -1
"""The clock of one who has not worked yet."""

SPARE = 64
"""Places in a line that nobody takes any more are cleared when there are four for each agent, and so many more."""

Since: TypeAlias = "Callable[[Agent], int]"


class Pool:
    """Agents with the same queues, skills, languages and marks."""

    def __init__(
        self, queues: frozenset[str], skills: dict[int, int], languages: int, marks: int, by_skill: bool = False
    ):
        self.queues = queues
        self.proficiency = skills
        """By bit of the skill, in thousandths."""
        self.skills = sum(skills)
        self.languages = languages
        self.marks = marks
        self.agents: list[Agent] = []
        self.rooms = 0
        """What they may serve, as bits."""
        self.tier: dict[int, int] = {}
        """In which circle of such a room they stand, by its bit."""
        self.by_skill = by_skill
        """They take where their proficiency is highest, and by rank only among equals."""
        self.level: dict[int, int] = {}
        """Mean proficiency in what such a room asks for, by its bit; only if it matters."""
        self.lines: list[Line | BusyLine | OrderedLine] = []
        self.by_slots = False
        """Some line looks at the slots they hold."""

    def joins(self, agent: Agent) -> None:
        """An agent is available."""
        for line in self.lines:
            line.joins(agent)

    def mean(self, skills: int) -> int:
        """Their mean proficiency in some skills (bits); who lacks one has 0 there."""
        bits = [1 << i for i in range(skills.bit_length()) if skills >> i & 1]
        return mean_proficiency(sum(self.proficiency.get(bit, 0) for bit in bits), len(bits))


class Line:
    """Two heaps: who worked within the look-back, by his clock, and who is rested, by id alone.

    An agent stands in a line at most once for each state of his clock.
    """

    def __init__(self, since: Since | None, look_back_us: int, kind: int = 0, level: int = NEVER):
        self._since = since
        self._look_back_us = look_back_us
        self.kind = kind
        """Of interactions: agents may be full for one kind and free for another."""
        self._level = level
        """Slots that all in this line hold; NEVER: whoever is available."""
        self.size = 0
        """Agents who may ever stand here."""
        self._working: list[tuple[int, int, Agent]] = []
        self._rested: list[tuple[int, int, Agent]] = []

    def joins(self, agent: Agent) -> None:
        """An agent is available; once is enough while his clock stands."""
        since_us = agent.since_us if self._since is None else self._since(agent)
        if agent.standing.get(self) == since_us or (self.kind and not agent.can_take(self.kind)):
            return
        agent.standing[self] = since_us
        if since_us == NEVER:
            heappush(self._rested, (agent.owner, since_us, agent))
        else:
            heappush(self._working, (since_us, agent.owner, agent))
            if len(self._working) > 4 * self.size + SPARE:
                self._clears()

    def first(self, now_us: int) -> Agent | None:
        """The available agent whose clock shows most; at the look-back all are equal and the smaller id wins."""
        working, rested = self._working, self._rested
        while working and working[0][0] <= now_us - self._look_back_us:
            since_us, owner, agent = heappop(working)
            heappush(rested, (owner, since_us, agent))
        while rested:
            _, since_us, agent = rested[0]
            if self._stands(agent, since_us):
                return agent
            heappop(rested)
        while working:
            since_us, _, agent = working[0]
            if self._stands(agent, since_us):
                return agent
            heappop(working)
        return None

    def _stands(self, agent: Agent, since_us: int) -> bool:
        """Is this place in the line still his? If it is not, it is given up."""
        if since_us != (agent.since_us if self._since is None else self._since(agent)):
            return False
        if not agent.can_take(self.kind) or (self._level != NEVER and agent.held != self._level):
            agent.standing.pop(self, None)
            return False
        return True

    def _clears(self) -> None:
        """Places that nobody takes any more."""
        self._working = [entry for entry in self._working if self._stands(entry[2], entry[0])]
        heapify(self._working)


class BusyLine:
    """By the slots they hold, the fewest or the most first; among equals the longest clock."""

    def __init__(self, since: Since | None, look_back_us: int, kind: int, most_first: bool):
        self._since, self._look_back_us = since, look_back_us
        self.kind = kind
        self._most_first = most_first
        self.size = 0
        self._levels: list[Line] = []

    def joins(self, agent: Agent) -> None:
        while len(self._levels) <= agent.held:
            self._levels.append(Line(self._since, self._look_back_us, self.kind, len(self._levels)))
        level = self._levels[agent.held]
        level.size = self.size
        level.joins(agent)

    def first(self, now_us: int) -> Agent | None:
        for level in reversed(self._levels) if self._most_first else self._levels:
            agent = level.first(now_us)
            if agent is not None:
                return agent
        return None


class OrderedLine:
    """Everybody in order of his clock, the longest first: for who looks at more than the first."""

    def __init__(self, since: Since | None, look_back_us: int, kind: int):
        self._since, self._look_back_us = since, look_back_us
        self.kind = kind
        self.size = 0
        self._working: list[tuple[int, int, Agent]] = []
        self._rested: list[tuple[int, int, Agent]] = []

    def joins(self, agent: Agent) -> None:
        """An agent is available; once is enough while his clock stands."""
        since_us = agent.since_us if self._since is None else self._since(agent)
        if agent.standing.get(self) == since_us or (self.kind and not agent.can_take(self.kind)):
            return
        agent.standing[self] = since_us
        if since_us == NEVER:
            insort(self._rested, (agent.owner, since_us, agent))
        else:
            insort(self._working, (since_us, agent.owner, agent))
            if len(self._working) > 4 * self.size + SPARE:
                self._working = [entry for entry in self._working if self._stands(entry[2], entry[0])]

    def in_order(self, now_us: int) -> Iterator[Agent]:
        """Who is available, as far as somebody asks; those who are not any more are left out for good."""
        rested = 0
        while rested < len(self._working) and self._working[rested][0] <= now_us - self._look_back_us:
            since_us, owner, agent = self._working[rested]
            insort(self._rested, (owner, since_us, agent))
            rested += 1
        del self._working[:rested]
        for line, place in ((self._rested, 1), (self._working, 0)):
            seen, kept = 0, []
            try:
                for entry in line:
                    seen += 1
                    agent, since_us = entry[2], entry[0] if place == 0 else entry[1]
                    if self._stands(agent, since_us):
                        kept.append(entry)
                        yield agent
            finally:
                if len(kept) < seen:
                    line[:seen] = kept

    def _stands(self, agent: Agent, since_us: int) -> bool:
        if since_us != (agent.since_us if self._since is None else self._since(agent)):
            return False
        if not agent.can_take(self.kind):
            agent.standing.pop(self, None)
            return False
        return True


class BestLine:
    """`BEST`: of the 100 members of the queue with the longest clock the most proficient who qualifies.

    If none of the 100 does, the longest clock of those who qualify: nobody would look again later (assumed).
    """

    def __init__(self, members: OrderedLine, qualified: Line, proficiency: dict[Pool, int]):
        self._members = members
        self._qualified = qualified
        self._proficiency = proficiency
        """Mean, of those pools that qualify."""
        self._highest = max(proficiency.values(), default=-1)

    def first(self, now_us: int) -> Agent | None:
        fallback = self._qualified.first(now_us)
        if fallback is None:
            return None
        best, found = fallback, -1
        for agent in islice(self._members.in_order(now_us), LONGEST_CLOCKS):
            value = self._proficiency.get(agent.pool, -1)
            if is_better(value, found):
                best, found = agent, value
                if value == self._highest:
                    break
        return best


def clock(kind: int, resets: bool) -> Since | None:
    """Where an agent's clock begins, by the queue's rule. None: the usual rule, the agent's own `since_us`."""
    if kind == 0 and not resets:
        return None

    def since(agent: Agent) -> int:
        return clock_start_us(kind, agent.connected_us, agent.wrapped_up_us, agent.on_queue_us, resets)

    return since
