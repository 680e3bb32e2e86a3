"""Routing read a second time: who should have got what, worked out from the journal row by row, without any index.

Slow and plain on purpose. Agents without breaks and without limits by channel or label only: the journal does not tell
when an alert would run into a break.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from simulator.scenario.directory import directory
from simulator.scenario.schema import Scenario
from simulator.scenario.skills import languages, skills
from simulator.vocabulary.clock import MINUTE
from simulator.vocabulary.codes import Circle, Event, Placement, RoutingStatus

NEVER = -1
Tier = Callable[["Desk"], bool]


@dataclass
class Desk:
    """One agent, as the journal shows him."""

    number: int
    group: str
    name: str
    on: bool = False
    responds: bool = True
    held: int = 0
    connected: int = NEVER
    wrapped: int = NEVER
    came_on: int = NEVER


@dataclass
class Offer:
    number: int
    queue: str
    topic: str
    conversation: int
    entered: int
    since: int
    priority: int
    way: str
    more: set[str] = field(default_factory=set)
    language: str | None = None
    growth: float = 0.0
    waits: bool = True
    gone: bool = False
    held_for: int | None = None
    circle: tuple[int, int] = (int(Circle.STANDARD), 0)
    asked: set[int] = field(default_factory=set)


class Oracle:
    """Replays a journal; `wrong` lists what should not have happened."""

    def __init__(self, scenario: Scenario, rows: np.ndarray):
        self.scenario, self.rows, self.names = scenario, rows, directory(scenario)
        self.desks = [
            Desk(i, self.names.groups[group], name)
            for i, (name, group) in enumerate(zip(self.names.agents, self.names.agent_group, strict=True))
        ]
        self.offers: dict[int, Offer] = {}
        self.topic_of: dict[int, str] = {}
        self.wrong: list[str] = []
        self.alerts = self.chosen = self.ranked = 0
        self._passed: dict[int, int] = {}

    def read(self) -> Oracle:
        for row in self.rows:
            self._row(Event(int(row["event"])), row)
        return self

    # --- what the journal says --------------------------------------------------------------------------------------

    def _row(self, event: Event, row: np.void) -> None:
        at, message, value, agent = int(row["time"]), int(row["message"]), int(row["value"]), int(row["agent"])
        if event in (Event.CONTACT_ARRIVED, Event.CONTACT_RETURNED):
            self.topic_of[message] = self.names.topics[int(row["queue"])]
        elif event is Event.QUEUE_ENTERED:
            self._enters(at, message, int(row["queue"]), agent, int(row["conversation"]), value)
        elif event is Event.SKILL_REQUIRED:
            self.offers[message].more.add(skills(self.scenario)[value])
        elif event is Event.LANGUAGE_REQUIRED:
            self.offers[message].language = languages(self.scenario)[value]
        elif event is Event.CIRCLE_OPENED:
            self.offers[message].circle = (value, agent)
            if value == Circle.CONDITIONAL:
                self.offers[message].asked.add(agent - 1)
        elif event is Event.PRIORITY_CHANGED:
            self.offers[message].priority = value
        elif event is Event.HELD_FOR_AGENT:
            self.offers[message].held_for = agent
        elif event is Event.HOLD_ENDED:
            self.offers[message].held_for = None
        elif event is Event.TRANSFERRED:
            self._passed[int(row["conversation"])] = at
        elif event is Event.ALERTED:
            self._alerted(at, self.offers[message], self.desks[agent], Placement(value))
        elif event in (Event.ALERT_EXPIRED, Event.ALERT_DECLINED, Event.ALERT_WITHDRAWN):
            self.desks[agent].held -= 1
            offer = self.offers[message]
            offer.waits = not offer.gone
            if event is Event.ALERT_WITHDRAWN and offer.waits:
                self.desks[agent].on = False  # his shift ends: what rings is withdrawn before his status is told
            if event is not Event.ALERT_WITHDRAWN and not self.scenario.queues[offer.queue].keep_clock:
                offer.since = at
        elif event is Event.CONNECTED:
            self.desks[agent].connected = at
            self.offers[message].waits = False
        elif event in (Event.ABANDONED, Event.FLOWED_OUT):
            self.offers[message].waits, self.offers[message].gone = False, True
        elif event is Event.SESSION_ENDED:
            self.desks[agent].held -= 1
            self.desks[agent].wrapped = at
        elif event is Event.AGENT_STATUS:
            desk = self.desks[agent]
            if value != RoutingStatus.OFF_QUEUE and not desk.on:
                desk.came_on = at
            desk.on = value != RoutingStatus.OFF_QUEUE
            desk.responds = value != RoutingStatus.NOT_RESPONDING

    def _enters(self, at: int, number: int, queue: int, contact: int, conversation: int, priority: int) -> None:
        topic = self.topic_of[contact]
        offer = Offer(number, self.names.queues[queue], topic, conversation, at, at, priority, "flow")
        offer.growth = self.scenario.topics[topic].priority_per_minute
        if self._passed.get(conversation) == at:
            rules = [rule for each in self.scenario.queues.values() for rule in each.transfers]
            offer.growth = rules[0].priority_per_minute or offer.growth  # one rule a scenario
        self.offers[number] = offer

    # --- what should be -----------------------------------------------------------------------------------------------

    def _alerted(self, at: int, offer: Offer, desk: Desk, why: Placement) -> None:
        self.alerts += 1
        if not self._ready(desk):
            self.wrong.append(f"{at}: {desk.name} is alerted but not available")
        if why not in (Placement.LAST_AGENT, Placement.LAST_AGENT_WAITED):
            tier = self._tier(offer, desk)
            if tier is None:
                self.wrong.append(f"{at}: {desk.name} may not serve offer {offer.number}")
            else:
                self._is_the_right_agent(at, offer, desk, tier)
        self._is_the_right_offer(at, offer, desk, why)
        offer.waits = False
        desk.held += 1

    def _ready(self, desk: Desk) -> bool:
        return desk.on and desk.responds and desk.held < self.scenario.agents[desk.group].slots

    def _is_the_right_agent(self, at: int, offer: Offer, desk: Desk, tier: int) -> None:
        mine = (tier, *self._order(at, offer, desk))
        for other in self.desks:
            if other is desk or not self._ready(other):
                continue
            theirs = self._tier(offer, other)
            if theirs is None:
                continue
            self.chosen += 1
            if (theirs, *self._order(at, offer, other)) < mine:
                self.wrong.append(f"{at}: offer {offer.number} went to {desk.name}, not to {other.name}")

    def _is_the_right_offer(self, at: int, offer: Offer, desk: Desk, why: Placement) -> None:
        if why is Placement.LAST_AGENT:
            return  # it is tried at the entry: nobody waits for one who is available
        mine = (-self._level(offer, desk), *self._place(at, offer))
        for other in self.offers.values():
            if other is offer or not other.waits:
                continue
            if other.held_for not in (None, desk.number) or (
                other.held_for is None and self._tier(other, desk) is None
            ):
                continue
            self.ranked += 1
            if (-self._level(other, desk), *self._place(at, other)) < mine:
                self.wrong.append(f"{at}: {desk.name} took offer {offer.number} before {other.number}")

    def _level(self, offer: Offer, desk: Desk) -> float:
        """How well an agent knows what an offer asks for, where that comes before its rank."""
        group = self.scenario.agents[desk.group]
        needs = self._needs(offer, 0)
        if group.takes == "highest_rank" or not needs:
            return 0.0
        if offer.circle[0] == Circle.PREFERRED and offer.held_for is None:
            return 0.0  # skills are ignored
        return sum(round(1000 * group.skills.get(name, 0)) for name in needs) / len(needs)

    def _place(self, at: int, offer: Offer) -> tuple[float, ...]:
        minutes, growth = at - offer.since, round(offer.growth * 1000)
        if self.scenario.queues[offer.queue].scoring == "PriorityOnly":
            return (0, -(offer.priority * MINUTE * 1000 + minutes * growth), offer.since)
        return (1, -(offer.priority * MINUTE * 1000 + minutes * (1000 + growth)), offer.since)

    def _order(self, at: int, offer: Offer, desk: Desk) -> tuple[float, ...]:
        queue = self.scenario.queues[offer.queue]
        rule = queue.agent_clock
        since = {
            "connect": desk.connected, "wrap_up": desk.wrapped,
            "connect_or_wrap_up": max(desk.connected, desk.wrapped),
        }[rule.since]  # fmt: skip
        if rule.resets_on_queue:
            since = max(since, desk.came_on)
        shows = rule.look_back_us if since == NEVER else min(at - since, rule.look_back_us)
        if queue.evaluation == "BEST" and not self._is_preferred(offer, desk):
            ring = (self._tier(offer, desk) or 0) - len(self._preferred(offer)) if queue.bullseye else 0
            needs = self._needs(offer, ring)
            has = self.scenario.agents[desk.group].skills
            mean = sum(round(1000 * has[name]) for name in needs) / len(needs) if needs else 0.0
            return (-mean, -shows, desk.number)
        held = {"longest_idle": 0, "least_busy": desk.held, "most_busy": -desk.held}[queue.select]
        return (held, -shows, desk.number)

    def _is_preferred(self, offer: Offer, desk: Desk) -> bool:
        tier = self._tier(offer, desk)
        return tier is not None and tier < len(self._preferred(offer))

    # --- who may ------------------------------------------------------------------------------------------------------

    def _needs(self, offer: Offer, ring: int) -> set[str]:
        queue = self.scenario.queues[offer.queue]
        if queue.evaluation == "NONE":
            return set()
        needs = set(self.scenario.topics[offer.topic].skills) | offer.more
        for left in queue.bullseye[:ring]:
            needs -= set(left.drops)
        return needs

    def _preferred(self, offer: Offer) -> list[int]:
        """Scores that are admitted now, the highest first."""
        rules = self.scenario.queues[offer.queue].preferred_agents
        if rules is None:
            return []
        open_rules = offer.circle[1] if offer.circle[0] == Circle.PREFERRED else len(rules.rules)
        least = min(rule.score for rule in rules.rules[:open_rules])
        return sorted({score for score in rules.scores.values() if score >= least}, reverse=True)

    def _tier(self, offer: Offer, desk: Desk) -> int | None:
        """Number of the innermost circle, of those that are open, to which an agent belongs."""
        for number, tier in enumerate(self._tiers(offer)):
            if tier(desk):
                return number
        return None

    def _tiers(self, offer: Offer) -> list[Tier]:
        queue, (circle, number) = self.scenario.queues[offer.queue], offer.circle
        groups = self.scenario.agents

        def member(desk: Desk) -> bool:
            return offer.queue in groups[desk.group].queues

        def able(desk: Desk, ring: int = 0) -> bool:
            language = offer.language or self.scenario.topics[offer.topic].language
            speaks = queue.evaluation == "NONE" or language is None or language in groups[desk.group].languages
            return member(desk) and speaks and self._needs(offer, ring) <= set(groups[desk.group].skills)

        def scored(score: int) -> Tier:
            assert queue.preferred_agents is not None
            has = queue.preferred_agents.scores
            return lambda desk: member(desk) and score in (has.get(desk.group), has.get(desk.name))

        def in_ring(ring: int) -> Tier:
            chosen = queue.bullseye[ring].groups
            return lambda desk: able(desk, ring) and (not chosen or desk.group in chosen)

        def of_rule(rule: int) -> Tier:
            return lambda desk: able(desk) and desk.group in queue.conditional_groups[rule].groups

        tiers = [scored(score) for score in self._preferred(offer)]
        if circle == Circle.PREFERRED:
            return tiers
        if circle == Circle.RING:
            return tiers + [in_ring(ring) for ring in range(number)]
        if queue.conditional_groups:
            tiers += [of_rule(rule) for rule in sorted(offer.asked)]
            if circle == Circle.CONDITIONAL:
                return tiers
        return [*tiers, able]
