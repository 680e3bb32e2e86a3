"""The workload: all that chance decides in one replication of a scenario."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from simulator.scenario.agents import Reply
from simulator.scenario.directory import Directory, directory
from simulator.scenario.schema import Scenario
from simulator.vocabulary.clock import DAY
from simulator.workload.arrivals import arrival_times, given
from simulator.workload.bulk import BulkSource, bulk_sources
from simulator.workload.contacts import ContactDraws
from simulator.workload.presence import PlannedShift, planned_shifts
from simulator.workload.ragged import Ragged

DRAIN_DAYS = 7
"""With `after_end: drain` and no `run_out` a run ends when nothing is left, at the latest so many days after
`duration` (assumed)."""


@dataclass(frozen=True)
class ChannelContacts:
    """The first contacts of one channel, in order of arrival."""

    source: int
    at_us: np.ndarray
    """[contact] of int64"""
    facts: np.ndarray
    """[contact], structured: the fields of `contacts.Facts`"""
    think_us: Ragged
    effort_us: tuple[Ragged, ...]
    """By way of replying, see `Workload.replies`."""
    flow_us: Ragged
    gap_us: Ragged
    """By message of the opening burst, from the first."""
    patience_us: Ragged
    """By queue entry."""
    answer_us: Ragged
    """By alert."""
    wrap_up_us: Ragged
    """By session."""


@dataclass(frozen=True)
class Workload:
    """Columns, and the functions that continue them where nobody knew beforehand how far they go."""

    directory: Directory
    replies: tuple[Reply, ...]
    """Distinct ways of replying."""
    reply_of_group: tuple[int, ...]
    """Number of each group's way of replying. [group]"""
    draws: dict[int, ContactDraws]
    """By number of the source."""
    channels: tuple[ChannelContacts, ...]
    bulk: tuple[BulkSource, ...]
    shifts: tuple[tuple[PlannedShift, ...] | None, ...]
    """[agent]; None: always on"""
    end_us: int
    """Where the run ends (with `drain`: at the latest)."""
    clipped: Counter[str] = field(default_factory=Counter)
    """How many draws were longer than their `at_most`, by source and purpose."""


def _contacts(draws: ContactDraws, source: int, times: np.ndarray, facts: np.ndarray) -> ChannelContacts:
    think, efforts = draws.turn_columns(facts)
    patience, answer, wrap_up = draws.queue_columns(facts)
    return ChannelContacts(
        source=source,
        at_us=times,
        facts=facts,
        think_us=think,
        effort_us=tuple(efforts),
        flow_us=draws.flow_columns(facts),
        gap_us=draws.gap_columns(facts),
        patience_us=patience,
        answer_us=answer,
        wrap_up_us=wrap_up,
    )


def draw(scenario: Scenario, replication: int, seed: int | None = None) -> Workload:
    """Draw everything random of one replication (numbered from 0). `seed` default: the scenario's."""
    seed = scenario.seed if seed is None else seed
    names = directory(scenario)
    end_us = scenario.duration_us + scenario.run_out_us
    arrivals_end_us = end_us
    if scenario.after_end == "drain":
        arrivals_end_us = scenario.duration_us
        end_us = end_us if scenario.run_out_us else scenario.duration_us + DRAIN_DAYS * DAY

    ways = [scenario.agents[group].reply for group in names.groups]
    replies = tuple(dict.fromkeys(ways))
    clipped: Counter[str] = Counter()
    draws = {
        number: ContactDraws(scenario, names, source, seed, replication, replies, clipped)
        for number, source in enumerate(names.sources)
        if source not in scenario.outbound.notifications
    }
    channels = []
    for number, source in enumerate(names.sources):
        if source not in scenario.channels:
            continue
        times = arrival_times(scenario, source, seed, replication, arrivals_end_us)
        known = given(scenario, names, source, arrivals_end_us)
        facts = draws[number].facts(draws[number].topics(len(times)), known)
        channels.append(_contacts(draws[number], number, times, facts))
    return Workload(
        directory=names,
        replies=replies,
        reply_of_group=tuple(replies.index(way) for way in ways),
        draws=draws,
        channels=tuple(channels),
        bulk=bulk_sources(scenario, names, seed, replication, end_us, clipped),
        shifts=tuple(planned_shifts(scenario, names, seed, replication, end_us)),
        end_us=end_us,
        clipped=clipped,
    )
