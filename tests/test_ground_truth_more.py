"""Queueing theory and published simulations, continued: blocking, patience of any shape, a bot, slots, a send cap.

As in `test_ground_truth.py`: scenarios in `ground_truth/<case>.yaml`, numbers in `../shared/ground_truth/cases.json`,
rule in `evidence.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from casebook import (
    assert_one_service,
    assert_voice_mode,
    behaviour,
    cases,
    desk,
    effort_us,
    offered,
    patience,
    per_second,
    scenario,
    whole_day,
)
from evidence import Claim, Published, Unit, added, agrees, counted, measured, rounded

from simulator.scenario.means import mean
from simulator.vocabulary.clock import MINUTE, SECOND

PATIENCE = {
    "exp": {"exponential": {"mean": "5 min"}},
    "uniform(0,10)": {"uniform": {"low": "0 min", "high": "10 min"}},
    "deterministic 5": "5 min",
    "lognormal cv1.5": {"lognormal": {"mean": "5 min", "cv": 1.5}},
}
THINK = {
    "exponential": {"exponential": {"mean": "5 min"}},
    "constant": "5 min",
    "lognormal": {"lognormal": {"mean": "5 min", "cv": 1.5}},
}
HOURS_BY_SLOTS = {2: 530, 4: 374, 6: 353}
"""`duration` in hours: after ten hours of warm-up 6,800 replies."""
SECONDS_BY_RATE = {40: 300, 64: 300, 72: 300, 76: 900}
"""`duration`: nearly at the cap a queue takes longer to average out."""


@pytest.fixture
def case(shared: Callable[[str], Path]) -> Callable[[str], dict[str, Any]]:
    """A case of cases.json by its id."""
    return cases(shared("ground_truth/cases.json")).__getitem__


# --- the scenarios are the cases -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "max_waiting"),
    [
        ("pyworkforce_erlangC", None),
        ("hanisch_mmnG", None),
        ("cc_mmc", None),
        ("cc_mmc_blocked", 5),
        ("fkb_erlangA", 52),
    ],
)
def test_voice_mode(name, max_waiting):
    assert_voice_mode(scenario(name), max_waiting)


def test_pyworkforce_has_the_parameters_of_its_case(case):
    world, params = scenario("pyworkforce_erlangC"), case("pyworkforce_erlangC")["params"]
    assert per_second(world) * 1800 == pytest.approx(params["lam_per_30min"])
    assert effort_us(world) / MINUTE == params["AHT"]
    assert world.service_level.within_us / MINUTE == pytest.approx(params["t"])
    assert behaviour(world).patience_us == "never"


def test_patience_of_any_shape_has_the_parameters_of_its_case(case):
    world, params = scenario("hanisch_mmnG"), case("hanisch_mmnG")["params"]
    assert params["cells"][0] == "c=10 rho=100%"
    assert desk(world).count == 10
    assert per_second(world) * effort_us(world) / SECOND == pytest.approx(10)
    assert effort_us(world) / MINUTE == params["AHT"]
    assert list(PATIENCE) == params["patience_dist"]
    for law in PATIENCE.values():
        drawn = behaviour(world.vary({"behaviours.caller.patience": law})).patience_us
        assert mean(drawn) / MINUTE == pytest.approx(params["patience_mean"])


@pytest.mark.parametrize("name", ["cc_mmc", "cc_mmc_blocked"])
def test_the_day_has_the_parameters_of_its_case(name, case):
    world, params = scenario(name), case("cc_mmc")["params"]
    assert params["unit"] == "min"
    assert per_second(world) * 60 == pytest.approx(params["lam"])
    assert MINUTE / effort_us(world) == params["mu"]
    assert desk(world).count == params["agents"]
    assert world.duration_us / MINUTE == params["horizon"]
    assert world.service_level.within_us / MINUTE == pytest.approx(params["AWT"])
    assert (world.warm_up_us, world.after_end) == (0, "drain"), params["start"]
    assert world.replications == 200
    assert behaviour(world).patience_us == "never"
    assert world.queues["calls"].max_waiting == case(name)["params"].get("queue_capacity")


def test_the_limited_queue_has_the_parameters_of_its_case(case):
    world, params = scenario("fkb_erlangA"), case("fkb_erlangA")["params"]
    assert params["unit"] == "s"
    assert per_second(world) == pytest.approx(params["lam"])
    assert f"1/{effort_us(world) / SECOND:g}" == params["mu"]
    assert patience(world, SECOND) == "exp mean 300" and params["theta"] == "1/300"
    assert desk(world).count == params["agents"]
    assert desk(world).count + world.queues["calls"].max_waiting == params["system_cap"]


def test_the_bot_has_the_parameters_of_its_case(case):
    world, params = scenario("x_bot_thin"), case("x_bot_thin")["params"]
    assert_one_service(world)
    ((bot, _),) = world.flows.values()
    assert params["unit"] == "min"
    assert per_second(world) * 60 == pytest.approx(params["lam"])
    assert mean(bot.bot.bot_time_us) / MINUTE == 1.5, params["bot_time"]
    assert 1 - bot.bot.contains == pytest.approx(params["escalate"])
    assert desk(world).count == params["agents"]
    assert f"exp {effort_us(world) / MINUTE:g}" == params["AHT"]
    assert (behaviour(world).patience_us, world.service_level.within_us) == ("never", MINUTE)


def test_the_slots_have_the_parameters_of_their_case(case):
    world, params = scenario("x_machine_repair"), case("x_machine_repair")["params"]
    (queue,) = world.queues.values()
    assert params["unit"] == "min"
    assert f"exp {effort_us(world) / MINUTE:g}" == params["agent_reply"]
    for law in THINK.values():
        drawn = behaviour(world.vary({"behaviours.customer.think": law})).think_us
        assert mean(drawn) / MINUTE == pytest.approx(5), params["customer_think"]
    assert set(HOURS_BY_SLOTS) < set(params["slots"])
    assert (desk(world).count, queue.auto_answer) == (1, True)
    assert (queue.close_after_us, queue.after_call_work) == ("never", None)
    assert len(world.channels["x_machine_repair"].arrivals.trace) > max(HOURS_BY_SLOTS), "slots are always full"


def test_the_send_cap_has_the_parameters_of_its_case(case):
    world, params = scenario("x_cap_md1"), case("x_cap_md1")["params"]
    assert world.outbound.limits.whatsapp_agentless == params["rate_mps"]
    assert list(SECONDS_BY_RATE) == params["lam_mps"]


# --- theory ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("agents", [14, 15])
def test_erlang_c_of_pyworkforce(agents, case, seed):
    published = case("pyworkforce_erlangC")
    i = published["params"]["agents"].index(agents)
    world = scenario("pyworkforce_erlangC").vary({"agents.desk.count": agents})

    def claim(quantity: str, metric: str) -> Claim:
        return Claim(quantity, published["expected"][quantity][i], measured(metric), published_se=rounded(0.001))

    claims = [
        claim("p_wait", "wait_probability"),
        claim("service_level", "answered_within"),
        claim("occupancy", "occupancy_work"),
    ]
    agrees(world, claims, seed, offered(world))


@pytest.mark.slow
@pytest.mark.parametrize("law", PATIENCE)
def test_patience_of_any_shape(law, case, seed):
    """Against the exact numbers. The published simulation agrees with them within its own tolerance."""
    published, cell = case("hanisch_mmnG"), "10/100"
    found, i = published["expected"], published["params"]["patience_dist"].index(law)
    p_abandon, wait = found["computed_p_abandon"][cell][i], found["computed_mean_wait_all"][cell][i]
    assert found["published_p_abandon"][cell][i] == pytest.approx(p_abandon, abs=0.0025)
    assert found["published_mean_wait_all"][cell][i] == pytest.approx(wait, rel=0.05)
    world = scenario("hanisch_mmnG").vary({"behaviours.caller.patience": PATIENCE[law]})
    claims = [
        Claim("p_abandon", p_abandon, measured("abandon_share")),
        Claim("mean_wait_all", wait * 60, measured("tWait")),
    ]
    agrees(world, claims, seed, offered(world))


@pytest.mark.slow
def test_a_limited_queue_with_impatient_callers(case, seed):
    """Tolerance of the case: 2 %."""
    found, world = case("fkb_erlangA")["expected"], scenario("fkb_erlangA")

    def claim(quantity: str, estimate: Any) -> Claim:
        return Claim(quantity, found[quantity], estimate, precision=0.02 / 2 * found[quantity])

    claims = [
        claim("mean_queue", measured("queue_length_mean")),
        claim("mean_wait", measured("tWait")),
        claim("mean_in_system", added("queue_length_mean", "open_mean")),
        claim("mean_sojourn", added("tWait", "tTalk")),
    ]
    agrees(world, claims, seed, offered(world))


@pytest.mark.slow
def test_a_bot_before_the_desk(case, seed):
    found, world = case("x_bot_thin")["expected"], scenario("x_bot_thin")
    claims = [
        Claim("mean_bot_sessions", found["mean_bot_sessions"], measured("in_flow_mean")),
        Claim("agent_p_wait", found["agent_p_wait"], measured("wait_probability")),
        Claim("agent_mean_wait", found["agent_mean_wait"] * 60, measured("tWait")),
        Claim("agent_sl_1min", found["agent_sl_1min"], measured("answered_within")),
    ]
    agrees(world, claims, seed, offered(world, case("x_bot_thin")["params"]["escalate"]))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("slots", "think"), [(2, "exponential"), (4, "exponential"), (4, "constant"), (4, "lognormal"), (6, "exponential")]
)
def test_slots_that_are_always_full(slots, think, case, seed):
    """Tolerance of the case: 1 %. Nobody new is served: replies are counted instead of contacts."""
    expected, params = case("x_machine_repair")["expected"], case("x_machine_repair")["params"]
    found = {quantity: values[params["slots"].index(slots)] for quantity, values in expected.items()}
    world = scenario("x_machine_repair").vary(
        {
            "agents.desk.capacity": slots,
            "behaviours.customer.think": THINK[think],
            "duration": f"{HOURS_BY_SLOTS[slots]} h",
        }
    )
    minutes = (world.duration_us - world.warm_up_us) / MINUTE

    def claim(quantity: str, estimate: Any, unit: float = 1.0) -> Claim:
        return Claim(quantity, found[quantity] * unit, estimate, precision=0.01 / 2 * found[quantity] * unit)

    claims = [
        claim("agent_utilisation", measured("occupancy_work")),
        claim("replies_per_min", counted("reply_from_connect", part="denominator"), minutes),
        claim("customer_waits_for_reply_min", measured("reply_from_connect"), 60),
    ]
    agrees(world, claims, seed, unit=Unit("replies", "reply_from_connect", "denominator"))


@pytest.mark.slow
@pytest.mark.parametrize("per_s", SECONDS_BY_RATE)
def test_sends_through_a_cap(per_s, case, seed):
    """No contacts here: sends are counted."""
    published = case("x_cap_md1")
    i = published["params"]["lam_mps"].index(per_s)
    world = scenario("x_cap_md1").vary(
        {
            "outbound.notifications.x_cap_md1.arrivals.rate": f"{per_s}/s",
            "duration": f"{SECONDS_BY_RATE[per_s]} s",
        }
    )
    delay = published["expected"]["mean_queue_delay_ms"][i] / 1000
    claims = [Claim("mean_queue_delay", delay, measured("send_delay_mean", lane="agentless"))]
    agrees(world, claims, seed, unit=Unit("sends", "nOutbound"))


# --- a published simulation ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cc_mmc", "cc_mmc_blocked"])
def test_the_published_day_is_that_of_the_chain(name, case):
    """What 1,000 days showed is what a birth-death chain from an empty start gives exactly (`chain.py`)."""
    published, day = Published(case(name)["expected"], case("cc_mmc")["params"]["days"]), whole_day(scenario(name))
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
    compared = [quantity for quantity in published.found if quantity in exact_day]
    assert len(compared) == {"cc_mmc": 4, "cc_mmc_blocked": 6}[name]
    for quantity in compared:
        claim = published.claim(quantity, measured("contacts"), intervals.get(quantity, ""))
        # a day's shares of a whole vary by less than 0.03 (measured)
        assert exact_day[quantity] == pytest.approx(claim.value, abs=4 * claim.published_se(0.03)), quantity


@pytest.mark.slow
def test_a_day_with_endless_patience(case, seed):
    """Means over days of [0, 480 min), as published from 1,000 days and exactly; service levels are ratios of means.

    The mean wait of 200 days has a standard error of 3.2 %, with twins of 1.0 %. Occupancy is not compared with the
    exact number: all that the twins leave of it is how many still wait at closing time, too rare for a standard error.
    """
    world = scenario("cc_mmc")
    claim, day = Published(case("cc_mmc")["expected"], case("cc_mmc")["params"]["days"]).claim, whole_day(world)
    claims = [
        claim("in_target", counted("answered_within"), "in_target_ci95"),
        claim("service_level", measured("answered_within"), "sl_ci95"),
        claim("avg_wait_min", measured("tWait"), "wait_ci95", unit=60),
        claim("occupancy", measured("occupancy_work"), "occ_ci95"),
        Claim("service_level, exactly", day.within(20), measured("answered_within")),
        Claim("avg_wait, exactly", day.wait_s, measured("tWait")),
    ]
    agrees(world, claims, seed, offered(world))


@pytest.mark.slow
def test_a_day_with_a_limited_queue(case, seed):
    """As published from 1,000 days and exactly; who is turned away waits not at all, and is in no mean wait."""
    world = scenario("cc_mmc_blocked")
    claim, day = Published(case("cc_mmc_blocked")["expected"], case("cc_mmc")["params"]["days"]).claim, whole_day(world)
    claims = [
        claim("blocked", counted("nBlocked"), "blocked_ci95"),
        claim("in_target", counted("answered_within"), "in_target_ci95"),
        claim("sl_served", counted("answered_within", by="nAnswered")),
        claim("sl_with_blocked", measured("oServiceLevel")),
        claim("avg_wait_min", measured("tWait"), "wait_ci95", unit=60),
        claim("occupancy", measured("occupancy_work")),
        Claim("blocked, exactly", day.blocked * day.arrivals, counted("nBlocked")),
        Claim("sl_with_blocked, exactly", day.within(20), measured("oServiceLevel")),
        Claim("avg_wait, exactly", day.wait_s, measured("tWait")),
        Claim("occupancy, exactly", day.busy, measured("occupancy_work")),
    ]
    agrees(world, claims, seed, offered(world))
