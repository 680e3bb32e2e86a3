"""Skill sets that a queue is asked for, and who has them: below how many of those no routing can keep the target.

Whoever asks for a skill set, or for more, can be taken only by agents of the queue who have all of it. So those agents
must be enough for these contacts alone, as if they did nothing else: Erlang C on their slots, the least (`staffing`).
It is said of skill sets that some agents of the queue lack; not where preferred agents need no skill. Last-agent
routing does not match skills again: what it gives to others is counted with the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.metrics.pools import Asked, asked
from simulator.scenario.schema import Scenario
from simulator.scenario.skills import abilities, as_text, parts_of

SCOPE = "queue_skills"
"""Kind of scope: a queue and a skill set of it."""


@dataclass(frozen=True)
class Demand:
    """One skill set of one queue."""

    queue: str
    skills: str
    """As `offers.asks` has it."""
    groups: tuple[str, ...]
    """Who serve the queue and have all of it."""

    @property
    def scope(self) -> tuple[tuple[str, str], ...]:
        return (("queue", self.queue), ("skills", self.skills))


def demands(scenario: Scenario) -> tuple[Demand, ...]:
    """All of a scenario, by queue and text; by what flows bring there."""
    asks: Asked = asked(scenario)
    found = []
    for name, settings in sorted(scenario.queues.items()):
        if settings.evaluation == "NONE" or settings.preferred_agents:
            continue
        dropped = frozenset(skill for ring in settings.bullseye for skill in ring.drops)
        texts = {as_text(skills - dropped, language) for _, _, skills, language in asks[name]}
        everybody = _who(scenario, name, "")
        each = [Demand(name, text, _who(scenario, name, text)) for text in sorted(texts - {""})]
        found += [demand for demand in each if demand.groups != everybody]
    return tuple(found)


def _who(scenario: Scenario, queue: str, text: str) -> tuple[str, ...]:
    return tuple(
        name
        for name, group in sorted(scenario.agents.items())
        if group.count and group.slots and queue in group.queues and parts_of(text) <= abilities(group)
    )
