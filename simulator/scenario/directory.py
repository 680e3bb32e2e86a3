"""Numbers for names. Everything is numbered in order of its name, so that the order of a file changes nothing."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.scenario.schema import Scenario


@dataclass(frozen=True)
class Directory:
    """Names by number, as the journal uses them."""

    channels: tuple[str, ...]
    topics: tuple[str, ...]
    queues: tuple[str, ...]
    groups: tuple[str, ...]
    sources: tuple[str, ...]
    """What contacts and bulk sends come from: channels, campaigns, notifications; no two share a name."""
    source_channel: tuple[int, ...]
    """The channel number of each source. [source]"""
    agents: tuple[str, ...]
    """`group/1`, `group/2`, …: by group name, then number. [agent]"""
    agent_group: tuple[int, ...]
    """The group number of each agent. [agent]"""


def directory(scenario: Scenario) -> Directory:
    """Number everything in a scenario that a journal row may name."""
    channels = tuple(sorted(scenario.channels))
    groups = tuple(sorted(scenario.agents))
    channel_of = {name: name for name in channels}
    channel_of |= {name: campaign.channel for name, campaign in scenario.outbound.campaigns.items()}
    channel_of |= {name: batch.channel for name, batch in scenario.outbound.notifications.items()}
    sources = tuple(sorted(channel_of))
    agents = [(number, i) for number, group in enumerate(groups) for i in range(1, scenario.agents[group].count + 1)]
    return Directory(
        channels=channels,
        topics=tuple(sorted(scenario.topics)),
        queues=tuple(sorted(scenario.queues)),
        groups=groups,
        sources=sources,
        source_channel=tuple(channels.index(channel_of[name]) for name in sources),
        agents=tuple(f"{groups[number]}/{i}" for number, i in agents),
        agent_group=tuple(number for number, _ in agents),
    )
