"""The scenario `whatsapp_outage.yaml`: what its head says about it holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator import load, simulate
from simulator.api import Results

FILE = Path(__file__).resolve().parents[1] / "scenarios" / "whatsapp_outage.yaml"


@pytest.fixture(scope="module")
def results() -> Results:
    return simulate(load(FILE), replications=2, workers=1)


def figure(results: Results, metric: str, **scope: str) -> float:
    summary = results.summary()
    rows = summary[(summary["metric"] == metric) & (summary["scope"].map(lambda each: each == scope))]
    return float(rows["value"].iloc[0])


def test_two_hours_are_held_and_come_in_at_once(results: Results) -> None:
    assert all(check.passed for check in results.checks)
    down = {"outage": "whatsapp_down"}
    assert figure(results, "outage_time", **down) == 2 * 3600
    assert figure(results, "nHeld", **down) > 150
    assert figure(results, "nLostInOutage", **down) == 0
    assert 0.95 * 7200 < figure(results, "hold_max", **down) <= 7200
    assert figure(results, "windows_breached", **down) == 0
    assert 10 * 60 < figure(results, "recovery_time", **down) < 4 * 3600


def test_notices_wait_for_the_end(results: Results) -> None:
    sends = results.table("sends")
    first = sends["sent_us"].min()
    assert first == (12 * 60 + 30) * 60_000_000
    assert figure(results, "messages_per_60_s_peak", lane="agentless") <= 3_000


def test_the_same_day_without_it_is_better(results: Results) -> None:
    without = simulate(load(FILE).vary({"outages": None}), replications=2, workers=1)
    assert figure(without, "oServiceLevel") > figure(results, "oServiceLevel")
    assert figure(without, "tWait") < figure(results, "tWait")
