"""Utilization: which interactions an agent may hold together, by channel and by label.

An interaction's kind is its channel and the label of its topic. Agents without such limits never look at it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from simulator.rules.capacity import NO_LABEL, may_take
from simulator.scenario.agents import AgentGroup
from simulator.scenario.attention import MOST_SLOTS, ChannelUse, LabelUse
from simulator.scenario.directory import Directory
from simulator.scenario.schema import Scenario

if TYPE_CHECKING:
    from simulator.model.agent import Agent

ANY_KIND = 0
"""Where nobody's limits look at channels or labels all interactions are of one kind."""


class Kinds:
    """Numbers for channel and label together, from 1."""

    def __init__(self, scenario: Scenario, names: Directory):
        groups = scenario.agents.values()
        self.matter = any(isinstance(group.capacity, dict) or group.utilization is not None for group in groups)
        labels = sorted({topic.label for topic in scenario.topics.values() if topic.label is not None})
        self.labels = tuple(labels)
        self._label_of = [
            NO_LABEL if scenario.topics[topic].label is None else labels.index(scenario.topics[topic].label or "")
            for topic in names.topics
        ]
        """[topic]"""
        self._width = len(labels) + 1

    def of(self, channel: int, topic: int) -> int:
        """The kind of an interaction, by the topic as which it was handed over; ANY_KIND where it matters to nobody."""
        return 1 + channel * self._width + self._label_of[topic] + 1 if self.matter else ANY_KIND

    def channel(self, kind: int) -> int:
        return (kind - 1) // self._width

    def label(self, kind: int) -> int:
        return (kind - 1) % self._width - 1


Limits: TypeAlias = tuple[list[int], list[list[bool]]]
"""Slots by channel (or label), and which may come while which is held."""


class Uses:
    """The limits of one group."""

    def __init__(self, group: AgentGroup, kinds: Kinds, names: Directory):
        self._kinds = kinds
        rules = group.utilization
        by_channel = dict(rules.channels) if rules is not None else {}
        self._channels = _limits(names.channels, by_channel)
        if isinstance(group.capacity, dict):
            slots, _ = self._channels
            for number, channel in enumerate(names.channels):
                slots[number] = min(slots[number], group.capacity.get(channel, 0))
        self._labels = _limits(kinds.labels, dict(rules.labels) if rules is not None else {})

    def allow(self, agent: Agent, kind: int) -> bool:
        """May he take one more of this kind, beside what he holds? He holds few: they are looked through."""
        kinds = self._kinds
        held = [interaction.entry.kind for interaction in agent.alerts]
        held += [session.kind for session in agent.sessions if not session.parked]
        slots, interrupts = self._channels
        if not may_take(kinds.channel(kind), [kinds.channel(each) for each in held], slots, interrupts):
            return False
        slots, interrupts = self._labels
        return may_take(kinds.label(kind), [kinds.label(each) for each in held], slots, interrupts)


def uses_of(group: AgentGroup, kinds: Kinds, names: Directory) -> Uses | None:
    """None for a group that only counts."""
    if isinstance(group.capacity, dict) or group.utilization is not None:
        return Uses(group, kinds, names)
    return None


def _limits(names: tuple[str, ...], rules: dict[str, ChannelUse] | dict[str, LabelUse]) -> Limits:
    """Slots and interruptions; a name without a rule has no limit and may be interrupted by all. [name]"""
    slots, interrupts = [], []
    for name in names:
        rule = rules.get(name)
        capacity = None if rule is None else rule.capacity
        slots.append(MOST_SLOTS if capacity is None else capacity)
        by = "all" if rule is None else rule.interrupted_by
        interrupts.append([by == "all" or other in by for other in names])
    return slots, interrupts
