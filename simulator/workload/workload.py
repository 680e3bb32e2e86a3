"""The workload: all that chance decides in one replication of a scenario."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from simulator.scenario.directory import Directory, directory
from simulator.scenario.replies import Reply
from simulator.scenario.schema import Scenario
from simulator.vocabulary.clock import DAY
from simulator.workload.arrivals import arrival_times, given
from simulator.workload.bulk import BulkSource, bulk_sources
from simulator.workload.contacts import ContactDraws
from simulator.workload.desks import Tenures, Ways, speeds, tenures, topics_by_way, ways_of_replying
from simulator.workload.filtering import FilterDraws, filter_draws
from simulator.workload.letters import Letters, letters
from simulator.workload.outages import Outages, outages
from simulator.workload.presence import PlannedShift, crews, planned_shifts
from simulator.workload.ragged import Ragged
from simulator.workload.staffing import Levels

DRAIN_DAYS = 7
"""With `after_end: drain` and no `run_out` a run ends when nothing is left, at the latest so many days after
`duration` (assumed)."""


PIECE = 4096
"""So many contacts are read at once."""


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
    talk_us: Ragged
    """Delays of the first bot that all of his topic meet: its message, the answer, …"""
    form_us: Ragged
    """Of the first form so, question and answer."""
    gap_us: Ragged
    """By message of the opening burst, from the first."""
    patience_us: Ragged
    """By queue entry."""
    answer_us: Ragged
    """By alert."""
    wrap_up_us: Ragged
    """By session."""

    def in_order(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        """When each arrives, and its facts; read in pieces, so that few of them are Python's numbers at one time."""
        for first in range(0, len(self.at_us), PIECE):
            piece = slice(first, first + PIECE)
            yield from zip(self.at_us[piece].tolist(), self.facts[piece].tolist(), strict=True)


@dataclass(frozen=True)
class Workload:
    """Columns, and the functions that continue them where nobody knew beforehand how far they go."""

    directory: Directory
    replies: tuple[Reply, ...]
    """Distinct ways of replying."""
    way_of_group: Ways
    """Number of the way of replying. [group][queue][topic]"""
    speeds: tuple[tuple[float, ...], ...]
    """[group][agent]"""
    tenures: Tenures
    """[group]"""
    draws: dict[int, ContactDraws]
    """By number of the source."""
    channels: tuple[ChannelContacts, ...]
    bulk: tuple[BulkSource, ...]
    shifts: tuple[tuple[PlannedShift, ...] | None, ...]
    """[agent]; None: always on"""
    end_us: int
    """Where the run ends (with `drain`: at the latest)."""
    letters: dict[int, Letters] = field(default_factory=dict)
    """By number of the source; only of channels about whose messages something is said."""
    filtering: dict[int, FilterDraws] = field(default_factory=dict)
    """By number of the source; empty without a content filter."""
    outages: Outages = field(default_factory=Outages)
    crews: dict[int, Levels] = field(default_factory=dict)
    """How many are to be there, by number of the group, where whoever has nothing in hand goes first."""
    clipped: Counter[str] = field(default_factory=Counter)
    """How many draws were longer than their `at_most`, by source and purpose."""


def _contacts(draws: ContactDraws, source: int, times: np.ndarray, facts: np.ndarray) -> ChannelContacts:
    think, efforts = draws.turn_columns(facts)
    talk, form = draws.flow.talk_columns(facts)
    patience, answer, wrap_up = draws.queue_columns(facts)
    return ChannelContacts(
        source=source,
        at_us=times,
        facts=facts,
        think_us=think,
        effort_us=tuple(efforts),
        talk_us=talk,
        form_us=form,
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

    replies, ways = ways_of_replying(scenario, names)
    needed_by = topics_by_way(ways, len(replies), len(names.topics))
    clipped: Counter[str] = Counter()
    draws = {
        number: ContactDraws(scenario, names, source, seed, replication, replies, needed_by, clipped)
        for number, source in enumerate(names.sources)
        if source not in scenario.outbound.notifications or scenario.outbound.notifications[source].replies
    }
    channels = []
    for number, source in enumerate(names.sources):
        if source not in scenario.channels:
            continue
        times = arrival_times(scenario, source, seed, replication, arrivals_end_us)
        known = given(scenario, names, source, arrivals_end_us)
        facts = draws[number].facts(draws[number].topics(len(times)), known)
        channels.append(_contacts(draws[number], number, times, facts))
    shifts = tuple(planned_shifts(scenario, names, seed, replication, end_us))
    return Workload(
        directory=names,
        replies=replies,
        way_of_group=ways,
        speeds=speeds(scenario, names, seed, replication),
        tenures=tenures(scenario, names),
        draws=draws,
        channels=tuple(channels),
        bulk=bulk_sources(scenario, names, seed, replication, end_us, clipped),
        shifts=shifts,
        end_us=end_us,
        letters=letters(scenario, names, sorted(draws), seed, replication, replies, clipped),
        filtering=filter_draws(scenario, names, seed, replication, clipped),
        outages=outages(scenario, names, seed, replication, end_us, clipped),
        crews=crews(scenario, names, shifts),
        clipped=clipped,
    )
