"""Fold: one replication's journal -> its tables. No loop over rows; a million rows take a second or two."""

from __future__ import annotations

import pandas as pd

from simulator.records import bulk, circles, customers, desk, letters, outages
from simulator.records.columns import Array, frame
from simulator.records.numbers import Numbers
from simulator.scenario.schema import Scenario


def fold(scenario: Scenario, rows: Array, replication: int = 0) -> dict[str, pd.DataFrame]:
    """Every table of `vocabulary.tables` except `intervals` and `cap_intervals`, by name.

    `rows` is a journal of one replication, dtype `journal.ROW`. Rows of a table stand in order of appearance
    (`agent_states`: by agent, then time). What is open at RUN_ENDED has null where its end would stand.
    Raises BrokenInvariant where contacts, conversations, turns, offers or sessions are not numbered 0, 1, 2, …
    in order of appearance; any other contradiction is left to `checks`.
    """
    known = Numbers(scenario, rows)
    columns = {
        "contacts": customers.contacts(known),
        "conversations": customers.conversations(known),
        "portions": customers.portions(known),
        "offers": desk.offers(known),
        "circles": circles.circles(known),
        "alerts": desk.alerts(known),
        "sessions": desk.sessions(known),
        "parks": desk.parks(known),
        "turns": customers.turns(known),
        "messages": customers.messages(known),
        "sends": bulk.sends(known),
        "send_attempts": bulk.attempts(known),
        "cap_holds": bulk.cap_holds(known),
        "deliveries": letters.deliveries(known),
        "outages": outages.outages(known),
        "holds": outages.holds(known),
        "agent_states": desk.agent_states(known),
    }
    return {name: frame(name, replication, made) for name, made in columns.items()}
