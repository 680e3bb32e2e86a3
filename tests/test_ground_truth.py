"""Queueing theory and published simulations: numbers that nobody here made up.

Each case is a scenario one can read, `ground_truth/<case>.yaml`; its expected numbers stand in
`../shared/ground_truth/cases.json`. What it takes to agree with them is in `evidence.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from casebook import (
    assert_voice_mode,
    behaviour,
    cases,
    desk,
    effort_us,
    mean_us,
    offered,
    patience,
    per_second,
    scenario,
)
from evidence import Claim, Published, agrees, counted, measured

from simulator.engine import simulate
from simulator.records import fold
from simulator.rules.desk import LEAST_EFFORT_US
from simulator.vocabulary.clock import MINUTE, SECOND
from simulator.workload import draw
from simulator.workload.contacts import NEVER

VOICE = (
    "cc_mmc_abandon", "erlangC_table_10erl", "pyworkforce_erlangA", "x_erlangA_50", "x_priority_mm5", "x_retry",
)  # fmt: skip
CASES = (*VOICE, "x_semi_open")


@pytest.fixture
def case(shared: Callable[[str], Path]) -> Callable[[str], dict[str, Any]]:
    """A case of cases.json by its id."""
    return cases(shared("ground_truth/cases.json")).__getitem__


# --- the scenarios are the cases -------------------------------------------------------------------------------


def test_erlang_c_has_the_parameters_of_its_case(case):
    world, params = scenario("erlangC_table_10erl"), case("erlangC_table_10erl")["params"]
    assert per_second(world) * effort_us(world) / SECOND == pytest.approx(params["offered_erlangs"])
    assert effort_us(world) / SECOND == params["AHT_s"]
    assert params["agents"] == AGENTS
    assert behaviour(world).patience_us == "never"


def test_pyworkforce_has_the_parameters_of_its_case(case):
    world, params = scenario("pyworkforce_erlangA"), case("pyworkforce_erlangA")["params"]
    assert params["unit"] == "min"
    assert per_second(world) * 60 == pytest.approx(params["lam"])
    assert effort_us(world) / MINUTE == params["AHT"]
    assert desk(world).count == params["agents"]
    assert patience(world, MINUTE) == params["patience"]
    assert world.service_level.within_us / MINUTE == pytest.approx(params["t"])


def test_erlang_a_has_the_parameters_of_its_case(case):
    world, params = scenario("x_erlangA_50"), case("x_erlangA_50")["params"]
    assert params["unit"] == "min"
    assert per_second(world) * 60 == pytest.approx(params["lam"])
    assert effort_us(world) / MINUTE == params["AHT"]
    assert desk(world).count == params["agents"]
    assert patience(world, MINUTE) == params["patience"]
    assert world.service_level.within_us == 20 * SECOND


def test_the_day_has_the_parameters_of_its_case(case):
    world, params = scenario("cc_mmc_abandon"), case("cc_mmc_abandon")["params"]
    base = case(params["base"])["params"]
    assert base["unit"] == "min"
    assert per_second(world) * 60 == pytest.approx(base["lam"])
    assert MINUTE / effort_us(world) == base["mu"]
    assert desk(world).count == base["agents"]
    assert f"{patience(world, MINUTE)} min" == params["patience"]
    assert world.duration_us / MINUTE == base["horizon"]
    assert world.service_level.within_us / MINUTE == pytest.approx(base["AWT"])
    assert world.service_level.short_abandon_us == world.service_level.within_us
    assert (world.warm_up_us, world.after_end) == (0, "drain"), base["start"]
    assert world.replications == 200


def test_semi_open_has_the_parameters_of_its_case(case):
    world, params = scenario("x_semi_open"), case("x_semi_open")["params"]
    assert params["unit"] == "s"
    assert (desk(world).count, desk(world).capacity) == (params["agents"], params["slots"])
    assert per_second(world) * 3600 == pytest.approx(params["lam_per_h"])
    assert f"exp {effort_us(world) / SECOND:g}" == params["agent_reply"]
    assert f"mean {mean_us(behaviour(world).think_us) / SECOND:g} exp" == params["think"]
    turns = behaviour(world).turns
    assert turns.kind == "geometric"
    assert 1 - turns.numbers[0] == pytest.approx(params["continue_prob"])
    assert params["patience"].startswith(f"exp {mean_us(behaviour(world).patience_us) / SECOND:g} ")
    (queue,) = world.queues.values()
    assert (queue.auto_answer, queue.close_after_us, queue.after_call_work) == (True, "never", None)


def test_retry_has_the_parameters_of_its_case(case):
    world, params = scenario("x_retry"), case("x_retry")["params"]
    again = behaviour(world).writes_again.after_abandon
    assert again is not None
    assert params["unit"] == "min"
    assert desk(world).count == params["agents"]
    assert per_second(world) * 60 == pytest.approx(params["lam"])
    assert f"exp {effort_us(world) / MINUTE:g}" == params["AHT"]
    assert f"exp {mean_us(behaviour(world).patience_us) / MINUTE:g}" == params["patience"]
    assert again.probability == params["retry_prob"]
    assert f"exp {mean_us(again.delay_us) / MINUTE:g}" == params["retry_delay"]


def test_priorities_have_the_parameters_of_their_case(case):
    world, params = scenario("x_priority_mm5"), case("x_priority_mm5")["params"]
    (channel,) = world.channels.values()
    assert desk(world).count == params["c"]
    assert MINUTE / effort_us(world) == params["mu"]
    shares = [channel.topics[topic] for topic in ("urgent", "other")]
    assert [per_second(world) * 60 * share for share in shares] == pytest.approx(params["lam"])
    assert [world.topics[topic].priority for topic in ("urgent", "other")] == [1_000_000, 0]


@pytest.mark.parametrize("name", VOICE)
def test_voice_mode(name):
    """One turn whose effort is the whole service, capacity 1, no alerting, no wrap-up, no bot, nobody is silent."""
    assert_voice_mode(scenario(name))


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


# --- theory ----------------------------------------------------------------------------------------------------

AGENTS = [11, 12, 13, 14]


@pytest.mark.slow
@pytest.mark.parametrize("agents", AGENTS)
def test_erlang_c(agents, case, seed):
    """Tolerance of the case: mean wait 3 %, with 11 agents 10 %."""
    found = case("erlangC_table_10erl")["expected"]
    i = AGENTS.index(agents)
    assert found["p_wait"][i] == pytest.approx(found["computed_p_wait"][i], abs=5e-5)
    wait = found["computed_ASA_s"][i]
    world = scenario("erlangC_table_10erl").vary({"agents.desk.count": agents})
    claims = [
        Claim("p_wait", found["computed_p_wait"][i], measured("wait_probability")),
        Claim("ASA_s", wait, measured("tWait"), precision=(0.10 if agents == 11 else 0.03) / 2 * wait),
        Claim("SL20", found["computed_SL20"][i], measured("answered_within")),
    ]
    agrees(world, claims, seed, offered(world))


@pytest.mark.slow
def test_erlang_a_of_pyworkforce(case, seed):
    found = case("pyworkforce_erlangA")["expected"]
    claims = [
        Claim("p_wait", found["p_wait"], measured("wait_probability")),
        Claim("p_abandon", found["p_abandon"], measured("abandon_share")),
        Claim("occupancy", found["occupancy"], measured("occupancy_work")),
        Claim("mean_wait_all", found["mean_wait_all"] * 60, measured("tWait")),
        Claim("served_within_t_of_all", found["served_within_t_of_all"], measured("answered_within")),
    ]
    agrees(scenario("pyworkforce_erlangA"), claims, seed)


@pytest.mark.slow
def test_erlang_a_with_50_agents(case, seed):
    """Tolerance of the case: p_abandon +-0.002."""
    found = case("x_erlangA_50")["expected"]
    claims = [
        Claim("p_wait", found["p_wait"], measured("wait_probability")),
        Claim("p_abandon", found["p_abandon"], measured("abandon_share"), precision=0.002 / 2),
        Claim("mean_wait_all_s", found["mean_wait_all_s"], measured("tWait")),
        Claim("mean_wait_served_s", found["mean_wait_served_s"], measured("tWait_answered")),
        Claim("wait_all_p90_s", found["wait_all_p90_s"], measured("tWait_p90")),
        Claim("mean_queue", found["mean_queue"], measured("queue_length_mean")),
        Claim("occupancy", found["occupancy"], measured("occupancy_work")),
        Claim("served_within_20s_of_all", found["served_within_20s_of_all"], measured("answered_within")),
    ]
    agrees(scenario("x_erlangA_50"), claims, seed)


@pytest.mark.slow
def test_priorities(case, seed):
    """Cobham: the urgent ones wait a fifth of what the others wait; all together as without priorities."""
    found = case("x_priority_mm5")["expected"]
    urgent, other = found["mean_wait"]
    claims = [
        Claim("mean_wait urgent", urgent * 60, measured("tWait", topic="urgent")),
        Claim("mean_wait other", other * 60, measured("tWait", topic="other")),
        Claim("mean_wait overall", found["overall"] * 60, measured("tWait")),
    ]
    agrees(scenario("x_priority_mm5"), claims, seed)


@pytest.mark.slow
def test_semi_open(case, seed):
    """Slots, turns and thinking: the smallest model of messaging that has an exact answer."""
    found = case("x_semi_open")["expected"]
    claims = [
        Claim("p_abandon", found["p_abandon"], measured("abandon_share")),
        Claim("mean_wait_all_s", found["mean_wait_all_s"], measured("tWait")),
        Claim("agent_utilisation", found["agent_utilisation"], measured("occupancy_work")),
        Claim("mean_open", found["mean_open"], measured("open_mean")),
        Claim("conversation_duration_s", found["conversation_duration_s"], measured("tTalk")),
        Claim("reply_time_s", found["reply_time_s"], measured("reply_from_connect")),
        Claim("p_slots_full", found["p_slots_full"], measured("slots_full_share")),
        Claim("p_slots_full, seen by arrivals", found["p_slots_full"], measured("wait_probability")),
    ]
    agrees(scenario("x_semi_open"), claims, seed)


@pytest.mark.slow
def test_retry(case, seed):
    found = case("x_retry")["expected"]
    claims = [
        Claim("attempts_per_new", found["attempts_per_new"], measured("attempts_per_new")),
        Claim("p_abandon_per_attempt", found["p_abandon_per_attempt"], measured("abandon_share")),
        Claim("lost_fraction_of_new", found["lost_fraction_of_new"], measured("lost_share_of_new")),
        Claim("mean_wait_per_attempt", found["mean_wait_per_attempt"] * 60, measured("tWait")),
        Claim("orbit", found["orbit"], measured("retry_pool_mean")),
        Claim("occupancy", found["occupancy"], measured("occupancy_work")),
        Claim("p_all_busy, seen by new ones", found["p_all_busy"], measured("wait_probability", topic="help")),
    ]
    agrees(scenario("x_retry"), claims, seed)


# --- a published simulation ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_day_with_impatient_callers(case, seed):
    """Means over days of [0, 480 min), as published from 1,000 days; service levels are ratios of means."""
    world = scenario("cc_mmc_abandon")
    claim = Published(case("cc_mmc_abandon")["expected"], case("cc_mmc")["params"]["days"]).claim
    claims = [
        claim("abandoned", counted("nAbandoned"), "abandoned_ci95"),
        claim("in_target", counted("answered_within"), "in_target_ci95"),
        claim("sl_served", counted("answered_within", by="nAnswered")),
        claim("sl_with_abandon", measured("oServiceLevel"), "sl_with_abandon_ci95"),
        claim("avg_wait_served_min", measured("tWait_answered"), unit=60),
        claim("occupancy", measured("occupancy_work"), "occ_ci95"),
    ]
    agrees(world, claims, seed, offered(world))
