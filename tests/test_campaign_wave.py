"""The example `campaign_wave.yaml`, and how the caps show in summary, trace and picture."""

from __future__ import annotations

from pathlib import Path

import pytest

import simulator as cc
from simulator.experiments import bench_sends
from simulator.experiments.run import Run
from simulator.reports import plots
from simulator.reports.trace import tell
from simulator.reports.words import headlines

FILE = Path(__file__).parent.parent / "scenarios" / "campaign_wave.yaml"


@pytest.fixture(scope="module")
def runs() -> dict[int, Run]:
    """One replication with so many contacts."""
    from simulator.experiments.replicate import replicate

    scenario = cc.load(FILE)
    found = {}
    for contacts in (0, 20_000):
        varied = scenario.vary({"outbound.campaigns.sale.contacts": contacts, "replications": 1})
        found[contacts] = replicate(varied, 1, None, 1)
    return found


def value(run: Run, metric: str, scope: dict[str, str]) -> float:
    rows = run.summary[run.summary["metric"] == metric]
    return float(rows[[each == scope for each in rows["scope"]]]["value"].iloc[0])


def test_no_doubt_about_it():
    assert cc.load(FILE).warnings == ()


def test_a_believable_day_that_a_wave_breaks(runs):
    """Without a campaign the target is met; 20,000 messages break it."""
    assert 0.7 <= value(runs[0], "oServiceLevel", {}) <= 0.97
    assert value(runs[20_000], "oServiceLevel", {}) < 0.75


def test_every_check_holds(runs):
    assert [check for run in runs.values() for check in run.checks if not check.passed] == []


def test_the_summary_says_which_cap_held_it(runs):
    lines = headlines(runs[20_000].summary, runs[20_000].scenario)
    assert any(line.metric == "held_by_cap" and line.scope == "lane campaign, cap organisation" for line in lines)
    assert {line.scope for line in lines if line.metric == "opt_in_share"} == {
        "opt_in ivr",
        "opt_in website",
        "opt_in sms",
    }


def test_the_trace_of_a_send_names_the_cap(runs):
    run = runs[20_000]
    sends = run.tables["sends"]
    held = sends[(sends["cap"] == "organisation") & (sends["outcome"] == "delivered")].iloc[0]
    told = " ".join(tell(run.tables, f"sale/{held['ordinal']}", run.scenario))
    assert "is asked for" in told and "18,000 a minute" in told


def test_the_trace_of_an_answer_begins_with_the_campaign(runs):
    run = runs[20_000]
    conversation = next(each for each in run.tables["conversations"]["conversation"] if str(each).startswith("sale/"))
    told = tell(run.tables, str(conversation), run.scenario)
    assert "a message of sale to a customer" in told[1]


def test_the_picture_of_the_caps(runs):
    from matplotlib.figure import Figure

    figure = Figure()
    upper = plots.plot(runs[20_000], "caps", figure=figure)
    labels = [text.get_text() for text in upper.get_legend().get_texts()]
    assert labels == ["cap on campaign", "4 numbers of whatsapp"]
    assert len(figure.axes) == 2


def test_the_bench_measures_every_cap(monkeypatch):
    monkeypatch.setattr(bench_sends, "EVENTS", 2_000)
    costs = bench_sends.sends(200)
    assert [cost.world for cost in costs] == [world.name for world in bench_sends.WORLDS]
    assert all(cost.us_per_message > 0 and cost.ratio > 0 for cost in costs)
