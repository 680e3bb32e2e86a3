"""Generated scenarios (`generator.py`): whatever stands in one, everything adds up and nothing crashes.

Every check of every run, the workload's draws among them; the same bytes twice, and from the file in another order;
shares between 0 and 1; one conversation told, the summary and the intervals made.
"""

from __future__ import annotations

import json
import math

import pytest
from generator import scenarios, valid
from hypothesis import HealthCheck, Phase, given, settings
from ruamel.yaml import YAML

from simulator import metrics
from simulator.engine import simulate
from simulator.metrics.catalogue import named
from simulator.records import Promised, checks, fold
from simulator.reports import trace
from simulator.scenario import loads
from simulator.vocabulary.codes import Event
from simulator.workload import draw

ORDERED = ("behaviours", "topics", "queues", "channels", "agents")
"""Sections whose entries may stand in any order."""


@given(text=scenarios())
@settings(
    max_examples=25,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking whole runs takes minutes; the text says enough
)
def test_whatever_a_scenario_says(text: str) -> None:
    scenario = valid(text)
    if scenario is None:
        return
    workload = draw(scenario, 0)
    rows = simulate(scenario, workload)
    assert rows["event"][-1] == Event.RUN_ENDED
    tables = fold(scenario, rows)
    assert [one for one in checks(scenario, rows, tables, Promised.of(workload)) if not one.passed] == []
    assert simulate(scenario, draw(scenario, 0)).tobytes() == rows.tobytes()
    other = loads(reordered(text))
    assert simulate(other, draw(other, 0)).tobytes() == rows.tobytes()

    end = int(rows["time"][-1])
    parts = metrics.measure(scenario, tables, end)
    for name, by_scope in parts.items():
        if named(name).unit == "share":
            for scope, part in by_scope.items():
                assert part.numerator <= part.denominator * (1 + 1e-9) + 1e-9, (name, scope)
    summary = metrics.summarise(scenario, [parts])
    assert not [value for value in summary["value"].dropna() if math.isinf(value)]
    metrics.intervals(scenario, tables, end)
    if len(tables["conversations"]):
        assert trace.tell(tables, str(tables["conversations"]["conversation"].iloc[-1]), scenario)


def reordered(text: str) -> str:
    """The same scenario, entries of its sections and the sections themselves the other way round."""
    tree = loads_plain(text)
    turned = {
        key: dict(reversed(list(value.items()))) if key in ORDERED else value for key, value in reversed(tree.items())
    }
    return json.dumps(turned, default=str)  # JSON is YAML


@pytest.mark.parametrize("share", [0.8])
def test_most_of_what_is_generated_is_valid(share: float) -> None:
    """Else the property above would say little."""
    seen = []

    @given(text=scenarios())
    @settings(max_examples=40, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    def look(text: str) -> None:
        seen.append(valid(text) is not None)

    look()
    assert sum(seen) >= share * len(seen)


def test_another_order_is_another_text() -> None:
    text = "name: x\nqueues: {a: {}, b: {}}\nagents: {c: 1, d: 2}"
    assert list(loads_plain(reordered(text))["queues"]) == ["b", "a"]


def loads_plain(text: str) -> dict:  # type: ignore[type-arg]
    return YAML(typ="safe", pure=True).load(text)  # type: ignore[no-any-return]
