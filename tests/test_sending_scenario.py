"""`scenarios/all_channels.yaml`: every platform, every rule of the way out, believable numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

import simulator as cc
from simulator.platforms import PLATFORMS
from simulator.reports import page, plots
from simulator.reports.plot_windows import about_to_close
from simulator.vocabulary.clock import HOUR


@pytest.fixture(scope="module")
def results(root: Path):
    return cc.simulate(cc.load(root / "scenarios" / "all_channels.yaml"), replications=1, workers=1)


def value(results, metric: str, **scope: str) -> float:
    summary = results.summary()
    return float(summary[(summary["metric"] == metric) & (summary["scope"] == scope)]["value"].iloc[0])


def test_all_nine_platforms_each_through_a_flow(results):
    channels = results.scenario.channels
    assert sorted(channel.platform for channel in channels.values()) == sorted(one.name for one in PLATFORMS)
    messages = results.table("messages")
    assert set(messages.loc[messages["direction"] == "outbound", "channel"]) == set(channels)
    assert not [finding for finding in results.scenario.warnings if "says nothing" in finding.problem]


def test_its_numbers_are_believable_and_its_checks_pass(results):
    assert all(check.passed for check in results.checks), [c for c in results.checks if not c.passed]
    assert 0.70 <= value(results, "oServiceLevel") <= 0.95
    assert 0.40 <= value(results, "occupancy_work") <= 0.90


def test_every_rule_has_something_to_do(results):
    rows = results.table("deliveries")
    assert set(rows["state"]) >= {"delivered", "read", "failed", "blocked"}
    assert set(rows["reason"].dropna()) >= {"window", "number_invalid", "attachment_type"}
    assert set(rows["content"]) == {"text", "attachment", "voice", "template"}
    assert value(results, "templates_sent", channel="whatsapp") > 0 < value(results, "template_cost")
    assert rows.loc[rows["channel"] == "sms", "parts"].max() > 1 == rows.loc[rows["channel"] != "sms", "parts"].max()
    assert value(results, "delivery_time", channel="app") > 0.3


def test_the_picture_of_windows(results):
    run = results.run
    at, count = about_to_close(run, 4 * HOUR)
    assert count.max() > 0 and len(at) == len(count)
    assert "<svg" in page.svg(run, "windows") and plots.SPEAKS["windows"](run)
    assert (about_to_close(run, HOUR)[1] <= count).all()
