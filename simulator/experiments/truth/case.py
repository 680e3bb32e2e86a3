"""A case: its scenario, in one or several variants, and what is claimed of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from simulator.experiments.truth import book
from simulator.experiments.truth.book import Facts
from simulator.experiments.truth.claims import ARRIVED, Claim, Exactly, Unit
from simulator.experiments.truth.twins import Offered
from simulator.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

CONTACTS = 200_000
"""Evidence that a test asks for at least, unless the case asks for more."""

Tables = Mapping[str, "pd.DataFrame"]


@dataclass(frozen=True)
class Case:
    """Chance has a part in it: claims, and estimates with intervals."""

    name: str
    claims: Callable[[Facts, str, Scenario], Sequence[Claim]]
    """Of one variant, given its scenario as it is run."""
    variants: Mapping[str, Mapping[str, object]] = field(default_factory=lambda: {"": {}})
    """By label, what a variant changes in the scenario."""
    load: Callable[[Scenario], Offered] | None = None
    """What control variates need to know, where there are any."""
    unit: Unit = ARRIVED
    asks: Mapping[str, int] = field(default_factory=dict)
    """By label, units that a case itself asks for."""

    def enough(self, label: str) -> int:
        """Units that a test asks for."""
        return self.asks.get(label, CONTACTS)

    def scenario(self, label: str) -> Scenario:
        settings = dict(self.variants[label])
        world = book.scenario(self.name)
        return world.vary(settings) if settings else world


@dataclass(frozen=True)
class Trace:
    """Nothing is left to chance: one run, and what must come out of it to the microsecond, or to one slot of a cap."""

    name: str
    look: Callable[[Facts, Tables], Sequence[Exactly]]
    variants: Mapping[str, Mapping[str, object]] = field(default_factory=lambda: {"": {}})

    def scenario(self, label: str) -> Scenario:
        return book.scenario(self.name)
