"""Theory of desks that work on several conversations at once, and of slots without a queue.

As in `test_ground_truth.py`: scenarios in `ground_truth/<case>.yaml`, numbers in `../shared/ground_truth/cases.json`,
rule in `evidence.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from casebook import assert_voice_mode, behaviour, cases, desk, effort_us, mean_us, offered, per_second, scenario
from evidence import Claim, agrees, counted, measured
from twins import Offered

from simulator.scenario.attention import Attention
from simulator.scenario.means import mean
from simulator.vocabulary.clock import SECOND

SERVICE = {
    "det": "3 min",
    "exp": {"exponential": {"mean": "3 min"}},
    "lognormal": {"lognormal": {"mean": "3 min", "cv": 1.5}},
}


@pytest.fixture
def case(shared: Callable[[str], Path]) -> Callable[[str], dict[str, Any]]:
    """A case of cases.json by its id."""
    return cases(shared("ground_truth/cases.json")).__getitem__


def speeds(world: Any) -> tuple[float, ...]:
    attention = desk(world).attention
    assert isinstance(attention, Attention)
    return attention.parallel.speed


def as_servers(world: Any) -> Offered:
    """Twins of chats: as if twelve servers of speed 1 had them, which is near enough to tell a busy day."""
    return Offered(per_second(world), effort_us(world) / SECOND, 12)


# --- the scenarios are the cases -------------------------------------------------------------------------------


def test_processor_sharing_has_the_parameters_of_its_case(case):
    world, params = scenario("x_lps"), case("x_lps")["params"]
    assert (desk(world).count, desk(world).capacity) == (params["agents"], params["slots"])
    assert f"exp {effort_us(world) / SECOND:g}" == params["work"]
    assert per_second(world) == pytest.approx(params["lam"])
    assert speeds(world) == (1,), "1/level for each: 1 in all"
    assert behaviour(world).patience_us == "never"


@pytest.mark.parametrize("name", ["x_chat_linear", "x_chat_pool_LBF"])
def test_chats_have_the_parameters_of_their_case(name, case):
    world, params = scenario(name), case(name)["params"]
    assert (desk(world).count, desk(world).capacity) == (params["agents"], params["slots"])
    assert f"exp {effort_us(world) / SECOND:g}" == params["solo_handle"]
    assert per_second(world) == pytest.approx(params["lam"])
    assert f"exp {mean_us(behaviour(world).patience_us) / SECOND:g}" == params["patience"]
    factors = params.get("total_rate_factor_by_level", [1, 2, 3])  # without slowdown: as many as there are chats
    assert list(speeds(world)) == factors
    (queue,) = world.queues.values()
    assert queue.select == ("least_busy" if name == "x_chat_pool_LBF" else "longest_idle")


def test_slots_only_has_the_parameters_of_its_case(case):
    world, params = scenario("x_mgcc"), case("x_mgcc")["params"]
    assert desk(world).count == params["agents"]
    assert per_second(world) * effort_us(world) / SECOND == pytest.approx(params["offered"])
    (queue,) = world.queues.values()
    assert queue.max_waiting == params["queue_cap"]
    for law in SERVICE.values():
        reply = desk(world.vary({"agents.desk.reply.effort": law})).reply
        assert reply is not None
        assert mean(reply.effort_us) == pytest.approx(180 * SECOND, rel=1e-9)
    assert_voice_mode(world, max_waiting=0)


# --- theory ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_limited_processor_sharing(case, seed):
    """Whoever has a slot shares the agent; the others wait. Together they are M/M/1."""
    found = case("x_lps")["expected"]
    claims = [
        Claim("p_wait", found["p_wait"], measured("wait_probability")),
        Claim("mean_external_queue", found["mean_external_queue"], measured("queue_length_mean")),
        Claim("mean_wait_s", found["mean_wait_s"], measured("tWait")),
        Claim("mean_in_service", found["mean_in_service"], measured("open_mean")),
        Claim("mean_total_time_s", found["mean_total_time_s"], measured("first_message_to_first_reply")),
        Claim("concurrency_while_busy", found["concurrency_while_busy"], measured("concurrency")),
        Claim("concurrency_while_busy, of work", found["concurrency_while_busy"], measured("worked_together")),
        Claim("the agent works", 2 / 3, measured("occupancy_work")),
    ]
    world = scenario("x_lps")
    agrees(world, claims, seed, offered(world))


@pytest.mark.slow
def test_chats_without_slowdown(case, seed):
    """M/M/12+M, though the agents are four: attention is busy less than slots are."""
    found = case("x_chat_linear")["expected"]
    claims = [
        Claim("p_wait", found["p_wait"], measured("wait_probability")),
        Claim("p_abandon", found["p_abandon"], measured("abandon_share")),
        Claim("mean_wait_s", found["mean_wait_s"], measured("tWait")),
        Claim("mean_chats", found["mean_chats"], measured("open_mean")),
        Claim("slot_utilisation", found["slot_utilisation"], measured("occupancy_slots")),
    ]
    world = scenario("x_chat_linear")
    agrees(world, claims, seed, as_servers(world))


@pytest.mark.slow
def test_chats_that_slow_each_other_down(case, seed):
    """Tolerance of the case: 3 standard errors or 2 %."""
    found = case("x_chat_pool_LBF")["expected"]
    claims = [
        Claim("p_wait", found["p_wait"], measured("wait_probability")),
        Claim("p_abandon", found["p_abandon"], measured("abandon_share")),
        Claim("mean_queue", found["mean_queue"], measured("queue_length_mean")),
        Claim("mean_wait_s", found["mean_wait_s"], measured("tWait")),
        Claim("mean_chats", found["mean_chats"], measured("open_mean")),
        Claim("agent_busy", found["agent_busy"], measured("occupancy_work")),
        Claim("slot_utilisation", found["slot_utilisation"], measured("occupancy_slots")),
        Claim("concurrency_while_busy", found["concurrency_while_busy"], measured("concurrency")),
        Claim("mean_chat_duration_s", found["mean_chat_duration_s"], measured("tTalk")),
    ]
    world = scenario("x_chat_pool_LBF")
    agrees(world, claims, seed, as_servers(world))


@pytest.mark.slow
@pytest.mark.parametrize("service", SERVICE)
def test_slots_only(service, case, seed):
    """Erlang's loss formula, for any service of the same mean."""
    world = scenario("x_mgcc").vary({"agents.desk.reply.effort": SERVICE[service], "name": f"x_mgcc {service}"})
    claims = [Claim("blocking", case("x_mgcc")["expected"]["blocking"], counted("nBlocked", by="contacts"))]
    agrees(world, claims, seed)
