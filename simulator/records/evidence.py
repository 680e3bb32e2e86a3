"""What a check looks at: the scenario, the journal by event, and the tables as plain arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from simulator.records.accounts import Account, opened
from simulator.records.columns import NONE, Array, names
from simulator.records.reading import Links, Log, Part
from simulator.scenario.directory import Directory, directory
from simulator.scenario.flows import Step
from simulator.scenario.replies import Reply
from simulator.scenario.schema import Scenario
from simulator.vocabulary.codes import Event
from simulator.workload.contacts import ContactDraws
from simulator.workload.desks import Tenures, Ways
from simulator.workload.presence import Shifts
from simulator.workload.staffing import Levels
from simulator.workload.workload import Workload


@dataclass(frozen=True)
class Promised:
    """What chance had decided before the run: as much of a workload as a check looks at, without its columns."""

    arrivals: Mapping[int, Array]
    """First contacts of a channel, by number of the source. [contact] of int64"""
    draws: Mapping[int, ContactDraws]
    """By number of the source."""
    ways: Ways
    replies: tuple[Reply, ...]
    speeds: tuple[tuple[float, ...], ...]
    tenures: Tenures
    shifts: tuple[Shifts | None, ...]
    """[agent]; None: always on"""
    crews: Mapping[int, Levels]
    """How many are to be there, by number of the group, where whoever has nothing in hand goes first."""

    @classmethod
    def of(cls, workload: Workload) -> Promised:
        return cls(
            arrivals={channel.source: channel.at_us for channel in workload.channels},
            draws=workload.draws,
            ways=workload.way_of_group,
            replies=workload.replies,
            speeds=workload.speeds,
            tenures=workload.tenures,
            shifts=workload.shifts,
            crews=workload.crews,
        )


class Evidence:
    """One replication, ready to be checked."""

    def __init__(
        self, scenario: Scenario, rows: Array, tables: Mapping[str, pd.DataFrame], promised: Promised | None = None
    ):
        self.scenario = scenario
        self.log = Log(rows)
        self.tables = tables
        self.accounts: list[Account] = []
        """What checks have counted so far."""
        self.promised = promised

    @cached_property
    def links(self) -> Links:
        return Links(self.log)

    @cached_property
    def names(self) -> Directory:
        return directory(self.scenario)

    def balance(self, what: str, total: int, parts: Mapping[str, int], unit: str = "") -> None:
        """Opens an account: so many in the journal, so many of each end in the tables."""
        self.accounts.append(opened(what, total, parts, unit=unit))

    def limit(self, what: str, largest: int, allowed: int) -> None:
        """Opens an account of what may never be exceeded."""
        self.accounts.append(opened(what, largest, allowed=int(allowed)))

    @property
    def end(self) -> int:
        return self.log.end

    def of(self, *events: Event) -> Part:
        return self.log.of(*events)

    def rows(self, *events: Event) -> int:
        """How many rows of these events the journal has."""
        return len(self.of(*events))

    def column(self, table: str, column: str) -> Array:
        """Whole numbers, NONE for null. [row]"""
        values = self.tables[table][column]
        if values.isna().any():
            return values.to_numpy(np.int64, na_value=NONE)
        return values.to_numpy(np.int64)

    def text(self, table: str, column: str) -> Array:
        """Texts as objects, None for null. [row]"""
        values = self.tables[table][column]
        texts = np.array([*values.cat.categories, None], object)
        return texts[values.cat.codes.to_numpy()]

    def outcomes(self, table: str, column: str = "outcome") -> dict[str, int]:
        """How many rows end how."""
        counts = self.tables[table][column].value_counts(sort=False)
        return {str(name): int(number) for name, number in counts.items() if number}

    def numbers(self, table: str, column: str, texts: tuple[str, ...]) -> Array:
        """A column of names as their numbers in the directory, -1 for null. [row]"""
        values = self.tables[table][column]
        numbers = np.append(names(texts).get_indexer(values.cat.categories), -1)
        return numbers[values.cat.codes.to_numpy()]

    def until_end(self, times: Array) -> Array:
        """Null times as the end of the run."""
        return np.where(times == NONE, self.end, times)


def listed(counts: Mapping[str, int]) -> str:
    """`12 answered, 3 open`"""
    return ", ".join(f"{number} {name}" for name, number in counts.items()) or "none"


def flow_steps(scenario: Scenario) -> Iterator[Step]:
    """Every step of every flow, those on the paths of branches included."""
    for steps in scenario.flows.values():
        yield from _steps(steps)


def _steps(steps: tuple[Step, ...]) -> Iterator[Step]:
    for step in steps:
        yield step
        if step.branch is not None:
            for path in (*step.branch.cases.values(), step.branch.else_):
                yield from _steps(path)
