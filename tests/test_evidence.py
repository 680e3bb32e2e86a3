"""Can the evidence be trusted? Exact chains against closed forms, and wrong models that are caught.

The rule is in `experiments/truth/judge.py`, the control variates in `twins.py`, what is expected of them in
`theory/chain.py`.
"""

from __future__ import annotations

from math import exp
from typing import Any

import numpy as np
import pytest

from simulator.engine import simulate
from simulator.experiments.truth import judge as judging
from simulator.experiments.truth.book import offered, scenario, whole_day
from simulator.experiments.truth.claims import STANDARD_ERRORS, Claim, Published
from simulator.experiments.truth.estimates import counted, measured
from simulator.experiments.truth.judge import Judged, judge
from simulator.experiments.truth.twins import regressed
from simulator.scenario.schema import Scenario
from simulator.theory import erlang
from simulator.theory.chain import AtOnce, EmptyAtStart
from simulator.workload import Workload, draw

ENDLESS = 10**9

# --- the chain -------------------------------------------------------------------------------------------------


def test_one_agent_and_no_room_to_wait():
    """Busy with probability a/(1 + a) (1 - exp(-(1 + a) t / s)), a = load, s = effort; averaged over [t, u)."""
    day = EmptyAtStart(per_s=0.5, effort_s=4.0, agents=1, low_s=1.0, high_s=3.0, max_waiting=0)
    rate = 0.5 + 1 / 4
    busy = 2 / 3 * (1 - (exp(-rate * 1) - exp(-rate * 3)) / (rate * 2))
    assert day.shares == pytest.approx([1 - busy, busy])
    assert day.blocked == day.busy == pytest.approx(busy)
    assert day.wait_s == 0
    assert day.within(0) == pytest.approx(1 - busy)


def test_endless_agents_hold_a_poisson_number():
    """Mean load (1 - exp(-t / s)), and never anybody waiting."""
    day = EmptyAtStart(per_s=0.1, effort_s=100.0, agents=ENDLESS, low_s=50.0, high_s=250.0)
    mean = 10 * (1 - 100 * (exp(-0.5) - exp(-2.5)) / 200)
    assert day.mean(day.numbers) == pytest.approx(mean)
    assert day.wait_s == 0 and day.within(0) == pytest.approx(1)


def test_an_instant_is_poisson():
    day = EmptyAtStart(per_s=0.1, effort_s=100.0, agents=ENDLESS, low_s=100.0, high_s=100.0001)
    mean = 10 * (1 - exp(-1))
    assert day.shares[0] == pytest.approx(exp(-mean), rel=1e-5)
    assert day.shares[1] == pytest.approx(mean * exp(-mean), rel=1e-5)


@pytest.mark.parametrize("high_s", [250.0, 30_000.0])
def test_served_at_once_is_the_chain_of_endless_agents(high_s):
    day = EmptyAtStart(per_s=0.1, effort_s=100.0, agents=ENDLESS, low_s=50.0, high_s=high_s)
    number, above = AtOnce(per_s=0.1, effort_s=100.0).means(50.0, high_s, above=12)
    assert number == pytest.approx(day.mean(day.numbers))
    assert above == pytest.approx(day.mean(np.maximum(day.numbers - 12, 0)))


def test_late_enough_it_is_the_steady_state():
    late = {"low_s": 1e7, "high_s": 2e7}
    day = EmptyAtStart(per_s=0.07, effort_s=120.0, agents=12, **late)
    assert day.wait_s == pytest.approx(erlang.mean_wait(0.07, 120.0, 12))
    assert day.within(20) == pytest.approx(erlang.service_level(0.07, 120.0, 12, 20))
    assert day.busy == pytest.approx(0.7)
    full = EmptyAtStart(per_s=0.07, effort_s=120.0, agents=12, max_waiting=0, **late)
    assert full.blocked == pytest.approx(erlang.erlang_b(8.4, 12))


def test_an_endless_queue_needs_enough_agents():
    with pytest.raises(ValueError, match="no steady state"):
        _ = EmptyAtStart(per_s=0.1, effort_s=120.0, agents=12, low_s=0, high_s=1).shares


# --- the rule --------------------------------------------------------------------------------------------------


def test_a_regression_on_what_explains_all_leaves_no_error():
    controls = np.array([[-1.0], [0.0], [3.0], [2.0]])
    point, se = regressed(5 + 2 * controls[:, 0], controls)
    assert point == pytest.approx(5)
    assert se == pytest.approx(0, abs=1e-12)


def test_a_published_interval_bounds_our_error():
    """Half of what is theirs in 3 sqrt(se^2 + theirs^2), or 2 %; theirs with the rounding of what is printed."""
    published = Published({"n": 18.655, "n_ci95": [18.045, 19.265], "m": 100.0, "m_ci95": [98.04, 101.96]}, days=1000)
    theirs = 1.96 / 1.96
    assert published.claim("m", measured("contacts"), "m_ci95").largest_se == pytest.approx(1.5 * theirs)
    assert published.claim("n", measured("contacts"), "n_ci95").largest_se == pytest.approx(0.02 * 18.655)
    unprinted = published.claim("n", measured("contacts"))
    assert unprinted.largest_se == pytest.approx(0.02 * 18.655)
    assert unprinted.published_se(10.0) == pytest.approx(10 / 1000**0.5, rel=1e-4)


# --- wrong models are caught -----------------------------------------------------------------------------------

DAYS = 60
"""A third of what the cases take: what is caught here is caught there."""
SLOW = {"agents.desk.reply.effort": {"exponential": {"mean": "123.6 s"}}}
"""Efforts longer by 3 %."""


def run_as(monkeypatch: pytest.MonkeyPatch, settings: dict[str, Any]) -> None:
    """Engines of this process run another scenario than they say, with the same customers; twins get those of the
    scenario."""
    numbers: list[int] = []

    def noted(world: Scenario, number: int) -> Workload:
        numbers.append(number)
        return draw(world, number)

    def wrongly(world: Scenario, workload: Workload, progress: object) -> Any:
        wrong = world.vary(settings)
        return simulate(wrong, draw(wrong, numbers[-1]))

    monkeypatch.setattr(judging, "draw", noted)
    monkeypatch.setattr(judging, "simulate", wrongly)
    monkeypatch.setattr(judging, "checks", lambda *run: [])  # they would notice first


def missed(judged: Judged) -> set[str]:
    every = (*judged.verdicts, *judged.twins)
    return {verdict.claim.quantity for verdict in every if abs(verdict.distance) > STANDARD_ERRORS}


def day_claims(world: Scenario) -> list[Claim]:
    day = whole_day(world)
    return [
        Claim("service level", day.within(20), measured("oServiceLevel")),
        Claim("wait", day.wait_s, measured("tWait")),
        Claim("occupancy", day.busy, measured("occupancy_work")),
    ]


@pytest.mark.slow
def test_an_engine_that_serves_too_slowly_is_caught(monkeypatch, seed):
    """By 3 %: every number of the day says so, and the twins, who have the right customers, do not."""
    world = scenario("cc_mmc")
    run_as(monkeypatch, SLOW)
    judged = judge(world, day_claims(world), seed, DAYS, DAYS, offered(world), workers=1)
    assert missed(judged) == {"service level", "wait", "occupancy"}


@pytest.mark.slow
def test_an_engine_with_a_place_too_many_is_caught(monkeypatch, seed):
    """Six may wait where five should."""
    world = scenario("cc_mmc_blocked")
    day = whole_day(world)
    claims = [*day_claims(world), Claim("blocked", day.blocked * day.arrivals, counted("nBlocked"))]
    run_as(monkeypatch, {"queues.calls.max_waiting": 6})
    judged = judge(world, claims, seed, DAYS, DAYS, offered(world), workers=1)
    assert missed(judged) >= {"wait", "blocked"}


@pytest.mark.slow
def test_customers_with_longer_efforts_are_caught(seed):
    """Drawn longer by 3 %: no fault of the engine. The twins, who share them, have too much to do."""
    right = scenario("cc_mmc")
    judged = judge(right.vary(SLOW), day_claims(right), seed, DAYS, DAYS, offered(right), workers=1)
    assert "twin, mean number at work, beyond expectation" in missed(judged)
