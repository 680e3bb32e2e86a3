"""Every skill and every language that a scenario names, in order: the journal and the engine count them so. And what
one asks for, as one text."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.scenario.agents import AgentGroup
from simulator.scenario.flows import Step, Transfer
from simulator.scenario.schema import Scenario


def skills(scenario: Scenario) -> tuple[str, ...]:
    """Skills that agents have or that somebody asks for, by name."""
    found = {name for group in scenario.agents.values() for name in group.skills}
    found |= {name for topic in scenario.topics.values() for name in topic.skills}
    found |= {name for step in _transfers(scenario) for name in step.skills}
    found |= {name for queue in scenario.queues.values() for rule in queue.transfers for name in rule.skills}
    found |= {name for queue in scenario.queues.values() for ring in queue.bullseye for name in ring.drops}
    return tuple(sorted(found))


def languages(scenario: Scenario) -> tuple[str, ...]:
    """Languages that agents speak or that somebody asks for, by name."""
    found = {name for group in scenario.agents.values() for name in group.languages}
    asked = [topic.language for topic in scenario.topics.values()]
    asked += [step.language for step in _transfers(scenario)]
    asked += [rule.language for queue in scenario.queues.values() for rule in queue.transfers]
    return tuple(sorted(found | {name for name in asked if name is not None}))


LANGUAGE = "language:"
"""Before a language that stands among skills. Names have no `:`."""


def as_text(needs: frozenset[str], language: str | None) -> str:
    """What an offer asks for: `billing+german`, `german+language:fr`; empty: nothing. Names have no `+` and no `:`."""
    return "+".join((*sorted(needs), *([] if language is None else [f"{LANGUAGE}{language}"])))


def parts_of(text: str) -> frozenset[str]:
    """The single things that such a text asks for."""
    return frozenset(text.split("+")) if text else frozenset()


def abilities(group: AgentGroup) -> frozenset[str]:
    """All that agents of a group could be asked for, written likewise."""
    return frozenset(group.skills) | {f"{LANGUAGE}{name}" for name in group.languages}


def _transfers(scenario: Scenario) -> Iterator[Transfer]:
    for steps in scenario.flows.values():
        yield from _inside(steps)


def _inside(steps: tuple[Step, ...]) -> Iterator[Transfer]:
    for step in steps:
        if step.transfer is not None:
            yield step.transfer
        if step.branch is not None:
            for path in (*step.branch.cases.values(), step.branch.else_):
                yield from _inside(path)
