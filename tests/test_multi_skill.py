"""`scenarios/multi_skill.yaml`: a published-style centre, written without touching code. All its rules are at work."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from simulator.engine import simulate
from simulator.metrics import coverage
from simulator.records import fold
from simulator.records.checks import checks
from simulator.scenario import Scenario, load
from simulator.vocabulary.clock import MINUTE, SECOND
from simulator.workload import draw

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def centre() -> Scenario:
    return load(ROOT / "scenarios" / "multi_skill.yaml")


@pytest.fixture(scope="module")
def day(centre):
    """One day: journal and tables."""
    rows = simulate(centre, draw(centre, 0))
    return rows, fold(centre, rows)


def test_it_holds_together(centre, day):
    rows, tables = day
    assert centre.warnings == ()
    assert [check for check in checks(centre, rows, tables) if not check.passed] == []


def test_its_load_is_what_its_readme_says(centre):
    found = coverage(centre)
    assert found.attention_share == pytest.approx(0.77, abs=0.02)
    assert not found.gaps


def test_staffing_is_that_of_the_file(centre, day):
    """Nobody is alerted beyond the figures; at 11:00 every place is taken."""
    states = day[1]["agent_states"]
    at = (3 * 60 + 10) * MINUTE
    there = states[(states["from_us"] <= at) & (states["to_us"] > at) & (states["status"] != "off_queue")]
    assert there["group"].astype(str).value_counts().to_dict() == {
        "billing_desk": 3, "generalists": 5, "sales_desk": 4, "technical_desk": 4,
    }  # fmt: skip


def test_generalists_come_in_after_a_while(day):
    """Nobody but a transfer that nobody else can take reaches them before 15 s."""
    alerts = (
        day[1]["alerts"]
        .astype({"conversation": str})
        .merge(
            day[1]["offers"].astype({"conversation": str})[["conversation", "portion", "offer", "entered_us"]],
            on=["conversation", "portion", "offer"],
        )
    )
    waited = (alerts["alerted_us"] - alerts["entered_us"]) / SECOND
    to_generalists = alerts["agent"].astype(str).str.startswith("generalists")
    assert waited[to_generalists].min() >= 15
    assert (waited[~to_generalists] < 15).any()


def test_some_come_back_about_something_else(day):
    later = day[1]["contacts"]
    later = later[later["reason"] == "after_service"]
    topics = later[["source", "topic"]].astype(str).value_counts().to_dict()
    assert topics[("sales_line", "billing")] > 10
    assert topics[("technical_line", "technical")] > 5
    assert ("sales_line", "sales") not in topics


def test_a_transfers_priority_stands_in_the_offers(day):
    offers = day[1]["offers"]
    transferred = offers[(offers["offer"] > 1) & (offers["topic"] == "sales")]
    assert len(transferred) > 10
    assert set(transferred["priority"]) == {2}
    assert set(offers.loc[(offers["offer"] == 1) & (offers["topic"] == "sales"), "priority"]) == {1}


def test_service_goes_by_topic_and_group(day):
    """A generalist needs exactly 5 min for a sale; a billing agent's bill is uniform between 2 and 6 min."""
    turns = day[1]["turns"].merge(day[1]["contacts"][["contact", "topic"]], on="contact")
    takes = (turns["reply_us"] - turns["reply_started_us"]).astype("float") / MINUTE
    group = turns["agent"].astype(str).str.split("/").str[0]
    sales = takes[(group == "generalists") & (turns["topic"] == "sales")].dropna()
    assert len(sales) > 5
    assert np.allclose(sales, 5)
    bills = takes[(group == "billing_desk") & (turns["topic"] == "billing")].dropna()
    assert 2 <= bills.min() < 2.5
    assert 5.5 < bills.max() <= 6


def test_a_full_house_turns_people_away(centre):
    tight = centre.vary({"queues.centre.max_in_system": 12})
    outcomes = fold(tight, simulate(tight, draw(tight, 0)))["contacts"]["outcome"]
    assert (outcomes == "blocked").sum() > 10


def test_days_differ_together(centre):
    """Gamma days: the three lines are busy on the same days."""
    numbers = np.array([[len(each.at_us) for each in draw(centre, replication).channels] for replication in range(40)])
    together = np.corrcoef(numbers.T)
    assert together[np.triu_indices(3, 1)].min() > 0.3
    alike = centre.vary({f"channels.{line}.arrivals.day_factor_cv": 0 for line in centre.channels})
    flat = np.array([[len(each.at_us) for each in draw(alike, replication).channels] for replication in range(40)])
    assert numbers.sum(axis=1).std() > 2 * flat.sum(axis=1).std()
