"""The floor of the ACD: kinds of agents, lines of those who are available, rooms of those who wait.

Made once for each kind that a scenario has, found again by what makes it: nothing here is done for every message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.model.circles import Ask, Circles, Entry, growth_of, stages_of, standard
from simulator.model.pool import BestLine, BusyLine, Line, OrderedLine, Pool, clock
from simulator.model.rooms import Queue, Room
from simulator.model.utilization import ANY_KIND
from simulator.rules.routing import may_serve
from simulator.scenario.skills import languages, skills
from simulator.vocabulary.codes import EVENTS as Event
from simulator.vocabulary.codes import PLACEMENTS as Placement

if TYPE_CHECKING:
    from simulator.model.world import World
    from simulator.workload.flowsteps import Transfer

ORDERED = "ordered"
"""A line in which more than the first are looked at."""


class Floor:
    """Who may meet whom."""

    def __init__(self, world: World):
        self._world = world
        scenario, names = world.scenario, world.directory
        within_us = scenario.service_level.within_us
        self.queues = [Queue(i, name, scenario.queues[name], names, within_us) for i, name in enumerate(names.queues)]
        self._queue_of = {queue.name: queue for queue in self.queues}
        self._topics = [scenario.topics[name] for name in names.topics]
        self._skill_bit = {name: 1 << i for i, name in enumerate(skills(scenario))}
        self._language_bit = {name: 1 << i for i, name in enumerate(languages(scenario))}
        self._mark_bit = {name: 1 << i for i, name in enumerate(sorted(_marks(self.queues, world)))}
        """Groups and agents that rings, preferred agents and conditional groups name."""
        self.rooms: list[Room] = []
        """By number of their bit."""
        self._entries: dict[tuple[Transfer, int, int], Entry] = {}
        self._lines: dict[object, Line | BusyLine | OrderedLine] = {}
        self._pools: dict[object, Pool] = {}
        self._pools_of: list[list[Pool]] = [[] for _ in self.queues]
        self.by_score = any(queue.leads for queue in self.queues)
        """Some heads of rooms cannot be compared by their keys."""

    def queue_named(self, name: str) -> Queue:
        return self._queue_of[name]

    def skill_bits(self, names: tuple[str, ...] | frozenset[str]) -> int:
        return sum(self._skill_bit[name] for name in set(names))

    def mark_bits(self, names: tuple[str, ...]) -> int:
        return sum(self._mark_bit[name] for name in set(names))

    def pool(self, group: str, number: int) -> Pool:
        """Where agent `number` (from 1) of a group stands when he is available."""
        settings = self._world.scenario.agents[group]
        marks = self._mark_bit.get(group, 0) | self._mark_bit.get(f"{group}/{number}", 0)
        by_skill = settings.takes == "best_skill"
        skills_of = tuple(sorted(settings.skills.items()))
        key = (frozenset(settings.queues), skills_of, frozenset(settings.languages), marks, by_skill)
        pool = self._pools.get(key)
        if pool is None:
            proficiency = {self._skill_bit[name]: round(1000 * value) for name, value in settings.skills.items()}
            speaks = sum(self._language_bit[name] for name in set(settings.languages))
            pool = self._pools[key] = Pool(frozenset(settings.queues), proficiency, speaks, marks, by_skill)
            for name in settings.queues:
                self._pools_of[self._queue_of[name].number].append(pool)
        return pool

    def room(self, entry: Entry, circles: Circles) -> Room:
        """Where those wait who ask for the same."""
        queue = entry.queue
        key = (circles, entry.growth, entry.kind)
        room = queue.rooms.get(key)
        if room is not None:
            return room
        bit = 1 << len(self.rooms)
        lines = tuple(self._line(queue, ask, why, entry.kind) for ask, why in circles)
        room = queue.rooms[key] = Room(queue, bit, lines, tuple(why for _, why in circles))
        self.rooms.append(room)
        asked = 0
        for ask, _ in circles:
            asked |= ask.skills
        for pool in self._pools_of[queue.number]:
            for tier, (ask, _) in enumerate(circles):
                if _serves(pool, ask):
                    pool.rooms |= bit
                    pool.tier[bit] = tier
                    break
            if pool.by_skill:
                pool.level[bit] = pool.mean(asked)
        return room

    def _line(self, queue: Queue, ask: Ask, why: int, kind: int) -> Line | BusyLine | BestLine:
        """Available agents of a queue who have what is asked. Rooms that the same agents may serve share one."""
        settings = queue.settings
        pools = [pool for pool in self._pools_of[queue.number] if _serves(pool, ask)]
        if settings.evaluation == "BEST" and why != Placement.PREFERRED:
            members = self._plain_line(queue, self._pools_of[queue.number], kind, ORDERED)
            qualified = self._plain_line(queue, pools, kind)
            return BestLine(members, qualified, {pool: pool.mean(ask.skills) for pool in pools})
        return self._plain_line(queue, pools, kind, settings.select)

    def _plain_line(self, queue: Queue, pools: list[Pool], kind: int, select: str = "longest_idle") -> Any:
        rule = queue.settings.agent_clock
        key = (frozenset(map(id, pools)), rule, kind, select)
        line = self._lines.get(key)
        if line is None:
            since = clock(("connect_or_wrap_up", "connect", "wrap_up").index(rule.since), rule.resets_on_queue)
            if select == "longest_idle":
                line = Line(since, rule.look_back_us, kind)
            elif select == ORDERED:
                line = OrderedLine(since, rule.look_back_us, kind)
            else:
                line = BusyLine(since, rule.look_back_us, kind, most_first=select == "most_busy")
            self._lines[key] = line
            line.size = sum(len(pool.agents) for pool in pools)
            for pool in pools:
                pool.lines.append(line)
                pool.by_slots |= select in ("least_busy", "most_busy")
                for agent in pool.agents:
                    if agent.can_take():
                        line.joins(agent)
        return line

    def entry(self, goes_to: Transfer, topic: int, kind: int) -> Entry:
        """A way into a queue, for one topic."""
        entry = self._entries.get((goes_to, topic, kind))
        if entry is None:
            need, queue = self._topics[topic], self.queues[goes_to.queue]
            language = goes_to.language or need.language
            growth = growth_of(goes_to.priority_per_minute or need.priority_per_minute)
            entry = self._entries[goes_to, topic, kind] = Entry(
                queue,
                kind,
                self.skill_bits(goes_to.skills | frozenset(need.skills)),
                0 if language is None else self._language_bit[language],
                need.priority if goes_to.priority is None else goes_to.priority,
                growth,
            )
            self.by_score |= growth != 0
            entry.asks_for = self._asks_for(goes_to)
            if not entry.conditions:
                entry.stages = stages_of(self, entry, goes_to.preferred_agents)
        return entry

    def serves(self, pool: Pool, goes_to: Transfer, topic: int) -> bool:
        """Does an agent of this queue know enough for a topic?"""
        return _serves(pool, standard(self.entry(goes_to, topic, ANY_KIND)))

    def _asks_for(self, goes_to: Transfer) -> tuple[tuple[int, int], ...]:
        """What is asked for beside the topic's: (event, number)."""
        rows = [(Event.SKILL_REQUIRED, self._skill_bit[name].bit_length() - 1) for name in sorted(goes_to.skills)]
        if goes_to.language is not None:
            rows.append((Event.LANGUAGE_REQUIRED, self._language_bit[goes_to.language].bit_length() - 1))
        return tuple(rows)


def _serves(pool: Pool, ask: Ask) -> bool:
    return may_serve(pool.skills, ask.skills, pool.languages, ask.language, pool.marks, ask.marks)


def _marks(queues: list[Queue], world: World) -> set[str]:
    """Groups and agents that some rule names."""
    found: set[str] = set()
    for queue in queues:
        settings = queue.settings
        found |= {name for ring in settings.bullseye for name in ring.groups}
        found |= {name for rule in settings.conditional_groups for name in rule.groups}
        if settings.preferred_agents is not None:
            found |= set(settings.preferred_agents.scores) | set(world.scenario.agents)
    return found
