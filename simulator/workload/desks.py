"""What belongs to the desks of a replication: which way of replying is used where, and how fast each agent is."""

from __future__ import annotations

from math import exp, log, sqrt

import numpy as np

from simulator.scenario.attention import Spread
from simulator.scenario.directory import Directory
from simulator.scenario.replies import Reply, reply_of
from simulator.scenario.schema import Scenario
from simulator.vocabulary.clock import SECOND
from simulator.workload.laws import ndtri
from simulator.workload.streams import Stream

SLOWEST, FASTEST = 0.1, 10.0
"""No agent's drawn speed lies beyond (assumed)."""

NOBODY = -1
"""Way of replying where a group does not serve a queue."""

Ways = tuple[tuple[tuple[int, ...], ...], ...]
"""[group][queue][topic]"""

Tenures = tuple[tuple[int, float, int] | None, ...]
"""When a group joined (µs from start, negative before), the speed at which it began, the half time; None. [group]"""


def ways_of_replying(scenario: Scenario, names: Directory) -> tuple[tuple[Reply, ...], Ways]:
    """Distinct ways of replying, and the number of the way that each group uses for each topic of each queue."""
    numbers: dict[Reply, int] = {}

    def number(group: str, queue: str, topic: str) -> int:
        if queue not in scenario.agents[group].queues:
            # last-agent routing may give him work of a queue that he does not serve
            queue = queue if reply_of(scenario, group, queue, topic) else scenario.agents[group].queues[0]
        reply = reply_of(scenario, group, queue, topic)
        return NOBODY if reply is None else numbers.setdefault(reply, len(numbers))

    def of_group(group: str) -> tuple[tuple[int, ...], ...]:
        team = scenario.agents[group]
        if team.reply is not None and not team.by_topic:  # one way for all: a large centre has millions of places
            row = (numbers.setdefault(team.reply, len(numbers)),) * len(names.topics)
            return (row,) * len(names.queues)
        return tuple(tuple(number(group, queue, topic) for topic in names.topics) for queue in names.queues)

    ways = tuple(of_group(group) for group in names.groups)
    return tuple(numbers), ways


def topics_by_way(ways: Ways, count: int, topics: int) -> list[np.ndarray]:
    """For each way of replying, whether a topic may need it. [way] of [topic]"""
    found = [np.zeros(topics, bool) for _ in range(count)]
    rows = {id(row): row for group in ways for row in group}
    for row in rows.values():
        for topic, way in enumerate(row):
            if way != NOBODY:
                found[way][topic] = True
    return found


def speeds(scenario: Scenario, names: Directory, seed: int, replication: int) -> tuple[tuple[float, ...], ...]:
    """Speed of each agent of each group. [group][agent]"""
    result = []
    for number, name in enumerate(names.groups):
        group = scenario.agents[name]
        count = names.agent_group.count(number)
        if isinstance(group.speed, Spread):
            sigma = sqrt(log(1 + group.speed.cv**2))
            mu = log(group.speed.mean) - sigma**2 / 2
            stream = Stream(seed, replication, group.stream or name, "speed")
            drawn = [exp(mu + sigma * float(ndtri(stream.at(i)))) for i in range(count)]
            result.append(tuple(min(max(speed, SLOWEST), FASTEST) for speed in drawn))
        else:
            result.append((float(group.speed),) * count)
    return tuple(result)


def tenures(scenario: Scenario, names: Directory) -> Tenures:
    """When each group joined and how it learns. [group]"""
    found: list[tuple[int, float, int] | None] = []
    for name in names.groups:
        tenure = scenario.agents[name].tenure
        if tenure is None:
            found.append(None)
        else:
            days = (tenure.joined - scenario.start.date()).days
            since_us = days * 86_400 * SECOND - _since_midnight_us(scenario)
            found.append((since_us, tenure.begins_at, tenure.half_time_us))
    return tuple(found)


def _since_midnight_us(scenario: Scenario) -> int:
    start = scenario.start
    return (start.hour * 3600 + start.minute * 60 + start.second) * SECOND
