"""Fold: one replication's journal -> its tables. No loop over rows; a million rows take a second or two."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

from simulator.records import bulk, circles, customers, desk, letters, outages
from simulator.records.columns import Array, frame
from simulator.records.numbers import Numbers
from simulator.scenario.schema import Scenario

MADE: dict[str, Callable[[Numbers], Any]] = {
    "contacts": customers.contacts,
    "conversations": customers.conversations,
    "portions": customers.portions,
    "offers": desk.offers,
    "circles": circles.circles,
    "alerts": desk.alerts,
    "sessions": desk.sessions,
    "parks": desk.parks,
    "turns": customers.turns,
    "messages": customers.messages,
    "sends": bulk.sends,
    "send_attempts": bulk.attempts,
    "cap_holds": bulk.cap_holds,
    "deliveries": letters.deliveries,
    "outages": outages.outages,
    "holds": outages.holds,
    "agent_states": desk.agent_states,
}
"""How each table is made, by name."""


def fold(scenario: Scenario, rows: Array, replication: int = 0) -> dict[str, pd.DataFrame]:
    """Every table of `vocabulary.tables` except `intervals` and `cap_intervals`, by name.

    `rows` is a journal of one replication, dtype `journal.ROW`. Rows of a table stand in order of appearance
    (`agent_states`: by agent, then time). What is open at RUN_ENDED has null where its end would stand.
    Raises BrokenInvariant where contacts, conversations, turns, offers or sessions are not numbered 0, 1, 2, …
    in order of appearance; any other contradiction is left to `checks`.
    """
    return dict(Unfolded(scenario, rows, replication))


class Unfolded(Mapping[str, pd.DataFrame]):
    """The same tables, each folded when somebody first asks for it: for those who need few."""

    def __init__(self, scenario: Scenario, rows: Array, replication: int = 0):
        self._known = Numbers(scenario, rows)
        self._replication = replication
        self._made: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._made:
            self._made[name] = frame(name, self._replication, MADE[name](self._known))
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(MADE)

    def __len__(self) -> int:
        return len(MADE)
