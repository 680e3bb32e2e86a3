"""What a check looks at: the scenario, the journal by event, and the tables as plain arrays."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from simulator.records.columns import NONE, Array, names
from simulator.records.reading import Links, Log, Part
from simulator.scenario.directory import Directory, directory
from simulator.scenario.schema import Scenario
from simulator.vocabulary.codes import Event


class Evidence:
    """One replication, ready to be checked."""

    def __init__(self, scenario: Scenario, rows: Array, tables: Mapping[str, pd.DataFrame]):
        self.scenario = scenario
        self.log = Log(rows)
        self.tables = tables

    @cached_property
    def links(self) -> Links:
        return Links(self.log)

    @cached_property
    def names(self) -> Directory:
        return directory(self.scenario)

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
