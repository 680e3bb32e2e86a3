"""Who shares work with whom, and which formula may say how many they must be.

A pool is a set of queues and of the groups that serve them, joined wherever a group serves several queues. Within a
pool agents stand in for each other, so that a number of agents can be said of the pool and not of a part of it.

Erlang C takes every slot of a pool for a server: Poisson arrivals, one holding time, everybody may take everything,
first come first served, nobody gives up. Where skills, rings or several queues keep agents apart the same formula is
the least that any such plan needs, and is named so (`erlang_c_pooled`).
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.metrics.ways import ways
from simulator.scenario.channels import can_disconnect
from simulator.scenario.directory import Directory, directory
from simulator.scenario.laws import AT_MOST_US
from simulator.scenario.schema import Scenario

METHODS = {
    "erlang_c": "Erlang C on slots: nobody gives up",
    "erlang_a": "Erlang A on slots: patience is exponential and all who lose it abandon",
    "erlang_c_pooled": "Erlang C on slots as if every agent of the pool could take every contact: the least",
    "workload": "the workload alone: no formula keeps this target",
    "shared": "none for this queue: its agents serve other queues too; the pool's number stands in the summary for all",
    "nobody": "none: no agents serve this queue",
}
"""How a requirement was found, in words."""


@dataclass(frozen=True)
class Pool:
    """Queues whose agents may help each other, and those agents."""

    queues: tuple[str, ...]
    groups: tuple[str, ...]
    method: str
    """One of METHODS."""
    why: str
    """What keeps the formula from being exact; empty: nothing that the scenario says."""
    patience_us: float = 0.0
    """Mean, for Erlang A."""

    @property
    def name(self) -> str:
        return "+".join(self.queues)


def pools(scenario: Scenario) -> tuple[Pool, ...]:
    """All pools of a scenario, by their first queue; groups without agents or slots join nothing."""
    serving = {
        name: set(group.queues) for name, group in sorted(scenario.agents.items()) if group.count and group.slots
    }
    rooms = [{queue} for queue in sorted(scenario.queues)]
    for queues in serving.values():
        joined = [room for room in rooms if room & queues]
        rooms = [room for room in rooms if not room & queues] + ([set().union(*joined)] if joined else [])
    asks = asked(scenario)
    found = []
    for room in sorted(rooms, key=min):
        groups = tuple(name for name, queues in serving.items() if queues & room)
        found.append(_pool(scenario, tuple(sorted(room)), groups, asks))
    return tuple(found)


Asked = dict[str, set[tuple[str, str, frozenset[str], str | None]]]
"""By queue: channel, topic, skills and language of those whom a flow brings there."""


def asked(scenario: Scenario) -> Asked:
    names: Directory = directory(scenario)
    asks: Asked = {queue: set() for queue in scenario.queues}
    for channel in sorted(scenario.channels):
        topics = {topic for topic, share in scenario.topics_of(channel).items() if share}
        topics |= {
            sends.replies.topic for sends in scenario.outbound.campaigns.values()
            if sends.channel == channel and sends.replies is not None
        }  # fmt: skip
        for topic in sorted(topics):
            need = scenario.topics[topic]
            for way in ways(scenario, names, channel, topic):
                assert way.to is not None
                queue = names.queues[way.to.queue]
                skills = frozenset(need.skills) | way.to.skills
                asks[queue].add((channel, topic, skills, way.to.language or need.language))
    return asks


def _pool(scenario: Scenario, queues: tuple[str, ...], groups: tuple[str, ...], asks: Asked) -> Pool:
    if not groups:
        return Pool(queues, groups, "nobody", "no agents serve it")
    level = scenario.service_level
    if level.target >= 1:
        return Pool(queues, groups, "workload", "no number of agents makes sure of 100 %")
    if level.on != "answer" or level.clock != "elapsed":
        return Pool(queues, groups, "workload", "the formulas are about the wait for an agent, in elapsed time")
    why = []
    if len(queues) > 1:
        why.append(f"{len(queues)} queues share agents")
    narrow = sorted(name for name in groups if not _takes_all(scenario, name, queues, asks))
    if narrow:
        why.append(f"{', '.join(narrow)} may not take every contact")
    staged = sorted(name for name in queues if _staged(scenario, name))
    if staged:
        why.append(f"rings or rules hold contacts back in {', '.join(staged)}")
    if why:
        return Pool(queues, groups, "erlang_c_pooled", "; ".join(why))
    patience = _exponential_patience(scenario, asks[queues[0]])
    return Pool(queues, groups, "erlang_a" if patience else "erlang_c", "", patience)


def _takes_all(scenario: Scenario, group: str, queues: tuple[str, ...], asks: Asked) -> bool:
    """Whether agents of a group may take every contact of the queues."""
    agents = scenario.agents[group]
    for queue in queues:
        if queue not in agents.queues:
            return False
        if scenario.queues[queue].evaluation == "NONE":
            continue
        for _, _, skills, language in asks[queue]:
            if not skills <= set(agents.skills) or (language is not None and language not in agents.languages):
                return False
    return True


def _staged(scenario: Scenario, queue: str) -> bool:
    rules = scenario.queues[queue]
    return bool(rules.bullseye or rules.preferred_agents or rules.conditional_groups or rules.last_agent_wait_us)


def _exponential_patience(scenario: Scenario, asked: set[tuple[str, str, frozenset[str], str | None]]) -> float:
    """Its mean in µs where everybody's is exponential with one mean and ends in an abandon; else 0."""
    means = set()
    for channel, topic, _, _ in asked:
        behaviour = scenario.behaviours[scenario.topics[topic].behaviour]
        law = behaviour.patience_us
        if law == "never" or law.kind != "exponential" or law.at_most < AT_MOST_US:
            return 0.0
        leaves = behaviour.gives_up.abandon == 1 and can_disconnect(scenario.channels[channel])
        if not leaves or behaviour.balk or behaviour.patience_until != "connect":
            return 0.0
        means.add(law.numbers[0])
    return means.pop() if len(means) == 1 else 0.0
