"""Queueing theory and published simulations: numbers that nobody here made up.

Each case is a scenario one can read and the numbers that others give for it, with their source, in
`simulator/experiments/truth/cases/`. What it takes to agree is in `simulator/experiments/truth/judge.py`, and
`ccsim validate --theory` shows it.
"""

from __future__ import annotations

import os

import pytest
from casebook import behaviour

from simulator import engine, metrics, records, workload
from simulator.engine import simulate
from simulator.experiments.truth import book
from simulator.experiments.truth.book import desk, facts, scenario, whole_day
from simulator.experiments.truth.case import CONTACTS, Case
from simulator.experiments.truth.catalogue import CASES
from simulator.experiments.truth.days import published
from simulator.experiments.truth.estimates import measured
from simulator.experiments.truth.judge import FULL, Judged, settled
from simulator.records import fold
from simulator.rules.desk import LEAST_EFFORT_US
from simulator.workload import draw
from simulator.workload.contacts import NEVER

PAIRS = [(case, label) for case in CASES.values() for label in case.variants]
BY_CHANCE = sorted((pair for pair in PAIRS if isinstance(pair[0], Case)), key=lambda pair: -pair[0].enough(pair[1]))
EXACT = [pair for pair in PAIRS if not isinstance(pair[0], Case)]


def named(pair: tuple[Case, str]) -> str:
    return "-".join(filter(None, (pair[0].name, pair[1].replace(" ", "_"))))


def here() -> int | None:
    """Processes: one beside other tests, else all processors."""
    return 1 if "PYTEST_XDIST_WORKER" in os.environ else None


# --- the rule --------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(("case", "label"), BY_CHANCE, ids=map(named, BY_CHANCE))
def test_theory(case: Case, label: str, seed: int) -> None:
    """At least 30 replications and 200,000 contacts, precise enough, within 4 standard errors."""
    judged = settled(case, label, seed, FULL, here())
    print(f"\n{case.name} {label}: {judged}")
    assert judged.holds, judged
    assert_rule(judged, case.enough(label))


def assert_rule(judged: Judged, enough: int) -> None:
    """The rule once more, said without the judge's own words."""
    assert judged.replications >= 30
    assert judged.units >= enough >= CONTACTS
    assert judged.verdicts and not judged.failed_checks
    for verdict in judged.verdicts:
        claim, found = verdict.claim, verdict.found
        allowed = 4 * (found.se**2 + claim.published_se(found.one) ** 2) ** 0.5
        assert abs(found.point - claim.value) <= allowed, verdict
        assert 0 < found.se <= (claim.precision or 0.02 * abs(claim.value)), verdict
    for twin in judged.twins:
        assert abs(twin.found.point) <= 4 * twin.found.se, twin


@pytest.mark.parametrize(("case", "label"), EXACT, ids=map(named, EXACT))
def test_traces_are_exact(case, label):
    judged = settled(case, label, seed=1)
    assert judged.agrees and len(judged.verdicts) >= 4, judged


def test_every_case_has_a_scenario_and_facts():
    """And nothing stands there that no case uses."""
    assert {path.stem for path in book.FOLDER.glob("*.yaml")} == set(CASES)
    assert {path.stem for path in book.FOLDER.glob("*.json")} == set(CASES)
    for name in CASES:
        assert scenario(name).name == name
        assert facts(name).source in facts(name).source.strip()
        text = book.scenario_file(name).read_text(encoding="utf-8")
        assert f"Source: case {name}" in text, f"{name}: the scenario names its case and its source"


# --- one path, exactly -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["erlangC_table_10erl", "pyworkforce_erlangA", "x_erlangA_50"])
def test_every_single_wait_is_that_of_the_recursion(name, seed):
    """First come, first served, said without events: whoever is next gets the agent who is free first.

    With n free times, a caller at t with the smallest free time f waits max(f - t, 0), or leaves after his patience
    if that is shorter. (J. Kiefer, J. Wolfowitz, On the theory of queues with many servers, 1955.) The engine must
    give the same microseconds. No effort is below a second (model, section 6): that lengthens exponential efforts of a
    minute by 0.014 % and of 30 s by 0.055 %, far below what the other tests can see.
    """
    hours = {"erlangC_table_10erl": 40, "pyworkforce_erlangA": 40, "x_erlangA_50": 3}[name]
    settings = {"warm_up": 0, "duration": f"{hours} h", "run_out": 0, "after_end": "drain", "seed": seed}
    world = scenario(name).vary(settings)
    workload = draw(world, 0)
    (callers,) = workload.channels
    draws = workload.draws[callers.source]
    waits, abandons = [], []
    free = [0] * desk(world).count
    for i, (at, topic) in enumerate(zip(callers.at_us.tolist(), callers.facts["topic"].tolist(), strict=True)):
        effort, limit = draws.effort_us(0, topic, i, 0), draws.patience_us(topic, i, 0)
        first = free.index(min(free))
        wait = max(free[first] - at, 0)
        leaves = limit != NEVER and wait > limit
        abandons.append(leaves)
        waits.append(limit if leaves else wait)
        if not leaves:
            free[first] = at + wait + max(effort, LEAST_EFFORT_US)

    offers = fold(world, simulate(world, workload), 0)["offers"].sort_values("entered_us", kind="stable")
    assert len(offers) > 5000
    assert offers["t_wait_us"].tolist() == waits
    assert (offers["outcome"] == "abandoned").tolist() == abandons
    assert sum(wait > 0 for wait in waits) > 500
    assert behaviour(world).gives_up.abandon == 1


# --- between two numbers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cc_mmc", "cc_mmc_blocked"])
def test_the_published_day_is_that_of_the_chain(name):
    """What 1,000 days showed is what a birth-death chain from an empty start gives exactly (`theory/chain.py`)."""
    found, day = published(facts(name)), whole_day(scenario(name))
    exact_day = {
        "blocked": day.blocked * day.arrivals,
        "in_target": day.within(20) * day.arrivals,
        "service_level": day.within(20),
        "sl_served": day.within(20) / (1 - day.blocked),
        "sl_with_blocked": day.within(20),
        "avg_wait_min": day.wait_s / 60,
        "occupancy": day.busy,
    }
    intervals = {"in_target": "in_target_ci95", "service_level": "sl_ci95", "blocked": "blocked_ci95"}
    intervals |= {"avg_wait_min": "wait_ci95"} | ({"occupancy": "occ_ci95"} if name == "cc_mmc" else {})
    compared = [quantity for quantity in found.found if quantity in exact_day]
    assert len(compared) == {"cc_mmc": 4, "cc_mmc_blocked": 6}[name]
    for quantity in compared:
        claim = found.claim(quantity, measured("contacts"), intervals.get(quantity, ""))
        # a day's shares of a whole vary by less than 0.03 (measured)
        assert exact_day[quantity] == pytest.approx(claim.value, abs=4 * claim.published_se(0.03)), quantity


def test_affinity_lies_between_its_ends():
    """The longer one waits for the agent one had, the longer one waits: from M/M/5 towards five M/M/1.

    One day of each, the same customers; the bounds are far apart.
    """
    found = facts("x_affinity_ends").expected
    waits = []
    for wait in ("20 s", "3 min", "60 min"):
        world = scenario("x_affinity_ends").vary(
            {"queues.calls.last_agent": "AnyAgent", "queues.calls.last_agent_wait": wait, "threading.window": "72 h",
             "warm_up": "24 h", "duration": "72 h"}
        )  # fmt: skip
        rows = engine.simulate(world, workload.draw(world, 0))
        tables = records.fold(world, rows)
        part = metrics.measure(world, tables, int(rows["time"][-1]))["tWait"][()]
        waits.append(part.numerator / part.denominator / 60)
    assert found["pooled_mean_wait"] < waits[0] < waits[1] < waits[2] < found["strict_random_owner_mean_wait"]
    assert waits[2] > 2 * waits[0]
