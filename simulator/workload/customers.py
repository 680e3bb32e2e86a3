"""Who writes: a new person each time, or somebody of a population."""

from __future__ import annotations

from typing import Literal

import numpy as np

from simulator.scenario.channels import Population
from simulator.scenario.laws import Law
from simulator.scenario.schema import Scenario
from simulator.workload.laws import quantile
from simulator.workload.streams import Stream


def stream_name(scenario: Scenario, source: str) -> str:
    """The name under which a source draws: its own, or the one it had before it was renamed."""
    for named in (scenario.channels, scenario.outbound.campaigns, scenario.outbound.notifications):
        if source in named:
            return named[source].stream or source
    return source


class Customers:
    """The people of one channel, and who of them a contact is."""

    def __init__(self, customers: Population | Literal["new"], who: Stream, weight: Stream):
        self._who = who
        self._edges: np.ndarray | None = None
        self.known = customers != "new"
        """False: every contact is a new person."""
        self._count = 0
        if customers != "new":
            self._count = customers.population
            if customers.weights != "equal":
                shape = 1 / customers.weights.gamma.cv**2
                weights = np.asarray(quantile(Law("gamma", (shape, 1 / shape)), weight.column(self._count)))
                self._edges = np.cumsum(weights)

    def column(self, contacts: int) -> np.ndarray:
        """Who the contacts are: numbers in the population, by weight. [contact]"""
        u = self._who.column(contacts)
        if self._edges is None:
            return (u * self._count).astype(np.int64)
        return np.minimum(np.searchsorted(self._edges, u * self._edges[-1], side="right"), self._count - 1)
