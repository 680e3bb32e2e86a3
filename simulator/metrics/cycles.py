"""Does the plan repeat? Expected arrivals, staff, campaigns and outages, observation by observation.

A steady state needs a plan that is the same all the time; comparing days needs days that are alike. Only what is known
before the run counts: chance is the same every day by law.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.metrics.booking import scheduled_agents
from simulator.scenario.schema import Scenario
from simulator.workload.intensity import intensity

SAME = 1e-6
"""Two amounts that differ by less, relative to the largest, are the same: they were added up in another order."""


@dataclass(frozen=True)
class Plan:
    """What is planned, by observation."""

    edges: np.ndarray
    rows: dict[str, np.ndarray]
    """Name of something planned -> its amount in each observation. [observation]"""

    @property
    def steady(self) -> bool:
        """Whether everything is the same all the time."""
        return all(_same(row[1:], row[:-1], row) for row in self.rows.values())

    def repeats(self, length: int) -> bool:
        """Whether everything comes again after `length` µs, all through the run."""
        shift = int(np.searchsorted(self.edges, length))
        if shift >= len(self.edges) - 1 or self.edges[shift] != length:
            return False
        return all(_same(row[shift:], row[:-shift], row) for row in self.rows.values())

    def differs(self, first: int, second: int, length: int) -> str:
        """What is not the same in two stretches that begin at these times, by name; empty: nothing."""
        at = np.searchsorted(self.edges, [first, first + length, second, second + length])
        return ", ".join(
            name for name, row in self.rows.items() if not _same(row[at[0] : at[1]], row[at[2] : at[3]], row)
        )


def plan(scenario: Scenario, edges: np.ndarray) -> Plan:
    """The plan of a scenario by observation."""
    end = int(edges[-1])
    rows: dict[str, np.ndarray] = {}
    for source in (*scenario.channels, *scenario.outbound.notifications):
        pieces, expected = intensity(scenario, source, end)
        if expected.any():
            total = np.concatenate([[0.0], np.cumsum(expected)])
            rows[f"arrivals of {source}"] = np.diff(np.interp(edges, pieces, total))
    for group, present in scheduled_agents(scenario, edges).items():
        rows[f"staff of {group}"] = present
    for name, campaign in scenario.outbound.campaigns.items():
        start = scenario.calendar.us(campaign.start)
        rows[f"campaign {name}"] = np.histogram([start], edges)[0] * float(campaign.contacts)
    for name in scenario.outages:
        # one that comes by chance may come any day; one that is planned comes on its day
        moment = scenario.outages[name].from_
        if moment is not None:
            start = moment if isinstance(moment, int) else scenario.calendar.us(moment)
            rows[f"outage {name}"] = np.histogram([start], edges)[0].astype(float)
    return Plan(edges, rows)


def _same(one: np.ndarray, other: np.ndarray, row: np.ndarray) -> bool:
    return bool(np.abs(one - other).max(initial=0.0) <= SAME * max(float(np.abs(row).max(initial=0.0)), 1e-300))
