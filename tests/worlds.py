"""Tiny worlds: scenarios small enough to work out by hand, and their whole journal as readable lines."""

from __future__ import annotations

import numpy as np

from simulator.engine import simulate
from simulator.scenario import loads
from simulator.scenario.schema import Scenario
from simulator.vocabulary.codes import Event
from simulator.workload import draw


def run(text: str, replication: int = 0) -> tuple[Scenario, np.ndarray]:
    """A scenario's text -> the scenario and the rows of its journal."""
    scenario = loads(text)
    return scenario, simulate(scenario, draw(scenario, replication))


def told(rows: np.ndarray, leave_out: tuple[Event, ...] = ()) -> list[str]:
    """One line a row: seconds, event, and the columns that it uses.

    `c0.1` is conversation 0, portion 1; `m` the column message, `q` queue, `a` agent, `v` value (left out when 0).
    """
    lines = []
    for row in rows:
        event = Event(int(row["event"]))
        if event in leave_out:
            continue
        words = [f"{row['time'] / 1e6:g}", event.name]
        if row["conversation"] >= 0:
            words.append(f"c{row['conversation']}.{row['portion']}")
        words += [f"{name[0]}{row[name]}" for name in ("message", "queue", "agent") if row[name] >= 0]
        if row["value"]:
            words.append(f"v{row['value']}")
        lines.append(" ".join(words))
    return lines
