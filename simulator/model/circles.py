"""How the circle of agents widens while an interaction waits: rings, preferred agents, conditional groups.

An entry is a way into a queue: what is asked for there. Its stages follow one another from the moment of entry;
each has a room, and each room its circles of agents, the inner first. What a stage has opened stays open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from simulator.rules.rings import (
    NEVER,
    condition_holds,
    next_ring_us,
    open_ring,
    preferred_in_rule,
    preferred_untils_us,
    skills_in_ring,
)
from simulator.rules.routing import MILLI, ageing_key, priority_key, rank_key
from simulator.vocabulary.codes import CIRCLES as Circle
from simulator.vocabulary.codes import PLACEMENTS as Placement

if TYPE_CHECKING:
    from simulator.model.floor import Floor
    from simulator.model.rooms import Queue, Room
    from simulator.scenario.routing import Condition


class Ask(NamedTuple):
    """What an agent must have; bits."""

    skills: int = 0
    language: int = 0
    marks: int = 0
    """One of these groups or agents; 0: any."""


Circles = tuple[tuple[Ask, int], ...]
"""(what is asked, why such an agent gets it), the inner first."""


class Stage(NamedTuple):
    """Who may take it, until the next stage."""

    room: Room
    circle: int
    """`codes.Circle`"""
    number: int = 0
    """Of the ring or rule, from 1."""
    until_us: int = NEVER
    """From queue entry; NEVER: to the end."""
    circles: Circles = ()


class Entry:
    """One way into a queue: a transfer of a flow or of an agent, for one topic."""

    def __init__(self, queue: Queue, kind: int, skills: int, language: int, priority: int, growth: int):
        self.queue = queue
        self.kind = kind
        self.skills = skills
        self.language = language
        self.priority = priority
        self.growth = growth
        """Thousandths a minute."""
        settings = queue.settings
        self.conditions = settings.conditional_groups
        self.stages: tuple[Stage, ...] = ()
        """Where they are known beforehand; a queue with conditions finds them as it goes."""
        self.widens = bool(settings.bullseye or settings.preferred_agents or settings.conditional_groups)
        """Rows tell which circle is open."""
        tries = settings.last_agent != "Disabled" and not self.conditions and settings.preferred_agents is None
        self.tries_last_agent = tries
        self.members_only = settings.last_agent == "QueueMembersOnly"
        self.last_agent_wait_us = settings.last_agent_wait_us
        self.asks_for: tuple[tuple[int, int], ...] = ()
        """Journal rows that tell of skills and language where they are not the topic's: (event, value)."""

    def key(self, since_us: int, priority: int) -> int:
        """Where it stands in its room; smaller goes first."""
        if self.queue.leads:
            return priority_key(since_us, priority, self.growth)
        if self.growth:
            return ageing_key(since_us, priority, self.growth)
        return rank_key(since_us, priority)


def growth_of(per_minute: float) -> int:
    return round(per_minute * MILLI)


def stages_of(floor: Floor, entry: Entry, preferred: tuple[str, ...]) -> tuple[Stage, ...]:
    """The stages of an entry: preferred agents first, then rings, or everybody at once."""
    queue, settings = entry.queue, entry.queue.settings
    circles: list[tuple[Ask, int]] = []
    stages: list[Stage] = []
    tiers, untils = _preferred(floor, queue, preferred)
    for number, (tier, until_us) in enumerate(zip(tiers, untils, strict=True), 1):
        circles += [circle for circle in tier if circle not in circles]
        stages.append(_stage(floor, entry, circles, Circle.PREFERRED, number, until_us))
    held_us = untils[-1] if untils else 0
    rings = settings.bullseye
    if not rings:
        circles.append((standard(entry), _STANDARD[settings.evaluation]))
        return (*stages, _stage(floor, entry, circles, Circle.STANDARD))
    dropped = [floor.skill_bits(ring.drops) for ring in rings]
    ends_us = [ring.until_us for ring in rings if ring.until_us is not None]
    first = open_ring(held_us, ends_us)
    for number, ring in enumerate(rings):
        skills = skills_in_ring(entry.skills, dropped, number)
        ask = standard(entry)._replace(marks=floor.mark_bits(ring.groups))
        ask = ask if settings.evaluation == "NONE" else ask._replace(skills=skills)
        circles.append((ask, Placement.RING_1 + number))
        if number >= first:
            stages.append(_stage(floor, entry, circles, Circle.RING, number + 1, next_ring_us(number, ends_us)))
    return tuple(stages)


_STANDARD = {"ALL": Placement.STANDARD, "BEST": Placement.BEST, "NONE": Placement.NEXT_AGENT}


def standard(entry: Entry) -> Ask:
    """Every member of the queue with what is required."""
    if entry.queue.settings.evaluation == "NONE":
        return Ask()
    return Ask(entry.skills, entry.language)


def _preferred(floor: Floor, queue: Queue, named: tuple[str, ...]) -> tuple[list[list[tuple[Ask, int]]], list[int]]:
    """The circles that each rule adds, and when each rule ends."""
    settings = queue.settings.preferred_agents
    if settings is None:
        return [], []
    scores = settings.scores
    if named:  # the flow has chosen them: those without a score of the queue's are preferred most
        scores = {name: settings.scores.get(name, 100) for name in named}
    rules = []
    for rule in settings.rules:
        rules.append(
            [
                (
                    Ask(marks=floor.mark_bits(tuple(name for name, has in scores.items() if has == score))),
                    Placement.PREFERRED,
                )
                for score in preferred_in_rule(list(scores.values()), rule.score)
            ]
        )
    return rules, preferred_untils_us([rule.wait_us for rule in settings.rules])


def _stage(
    floor: Floor, entry: Entry, circles: list[tuple[Ask, int]], circle: int, number: int = 0, until_us: int = NEVER
) -> Stage:
    made = tuple(circles)
    return Stage(floor.room(entry, made), circle, number, until_us, made)


# --- conditional groups: the stages depend on what the queues look like now --------------------------------------


def next_condition(floor: Floor, entry: Entry, before: Stage | None, waited_us: int) -> Stage:
    """The next rule that holds now, from the one after `before`; after the last one everybody."""
    circles = list(before.circles) if before is not None else []
    for number in range(before.number if before is not None else 0, len(entry.conditions)):
        rule = entry.conditions[number]
        if rule.when is None or _holds(floor, entry.queue, rule.when):
            ask = standard(entry)._replace(marks=floor.mark_bits(rule.groups))
            circles.append((ask, Placement.CONDITIONAL))
            return _stage(floor, entry, circles, Circle.CONDITIONAL, number + 1, waited_us + rule.wait_us)
    circles.append((standard(entry), _STANDARD[entry.queue.settings.evaluation]))
    return _stage(floor, entry, circles, Circle.STANDARD)


def _holds(floor: Floor, own: Queue, when: Condition) -> bool:
    queue = own if when.queue is None else floor.queue_named(when.queue)
    if when.service_level_above is not None or when.service_level_below is not None:
        above, below, measured = when.service_level_above, when.service_level_below, queue.service_level
        return condition_holds(measured, _or_nan(above), _or_nan(below))
    above_us, below_us = when.estimated_wait_above_us, when.estimated_wait_below_us
    return condition_holds(queue.estimated_wait_us, _or_nan(above_us), _or_nan(below_us))


def _or_nan(bound: float | None) -> float:
    return float("nan") if bound is None else bound
