"""The scenarios of the ground truth are its cases: every parameter that a case names, read back from the scenario."""

from __future__ import annotations

import json
from datetime import time

import pytest
from casebook import assert_one_service, assert_voice_mode, behaviour, patience

from simulator.experiments.truth.book import desk, effort_us, facts, mean_us, per_second, scenario
from simulator.experiments.truth.case import Case
from simulator.experiments.truth.catalogue import CASES
from simulator.experiments.truth.messaging import HOURS_BY_SLOTS, THINK
from simulator.experiments.truth.sends import SECONDS_BY_RATE
from simulator.experiments.truth.voice import PATIENCE, SERVICE
from simulator.platforms import platform
from simulator.scenario.attention import Attention
from simulator.scenario.means import mean
from simulator.scenario.schema import Scenario
from simulator.vocabulary.clock import HOUR, MINUTE, SECOND

VOICE = {
    "cc_mmc": None, "cc_mmc_abandon": None, "cc_mmc_blocked": 5, "ciw_priority": None, "ciw_renege_trace": None,
    "erlangC_table_10erl": None, "fkb_erlangA": 52, "hanisch_mmnG": None, "hanisch_priority": None,
    "pyworkforce_erlangA": None, "pyworkforce_erlangC": None, "simmer_reject": 0, "x_erlangA_50": None, "x_mgcc": 0,
    "x_priority_mm5": None, "x_retry": None,
}  # fmt: skip
"""One turn whose effort is the whole service, and how many may wait."""


def params(name: str) -> dict:
    return facts(name).params


def speeds(world: Scenario) -> tuple[float, ...]:
    attention = desk(world).attention
    assert isinstance(attention, Attention)
    return attention.parallel.speed


def test_the_facts_are_those_of_the_shared_folder(shared):
    """Every case, every parameter, every number, as they were handed to us."""
    theirs = {each["id"]: each for each in json.loads(shared("ground_truth/cases.json").read_text(encoding="utf-8"))}
    assert set(theirs) == set(CASES)
    for name, each in theirs.items():
        ours = facts(name)
        assert (ours.published, ours.params, ours.expected) == (each["published"], each["params"], each["expected"])


@pytest.mark.parametrize("name", VOICE)
def test_voice_mode(name):
    assert_voice_mode(scenario(name), VOICE[name])


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if isinstance(case, Case)])
def test_windows_hold_enough(name):
    """30 replications of the measured window hold the contacts that a test asks for."""
    case = CASES[name]
    if case.unit.metric != "contacts":
        return
    for label in case.variants:
        world = case.scenario(label)
        (channel,) = world.channels.values()
        expected = channel.arrivals.rate * (world.duration_us - world.warm_up_us) / SECOND
        assert max(30, world.replications) * expected >= case.enough(label), (name, label)


def test_erlang_c_has_the_parameters_of_its_case():
    world, given = scenario("erlangC_table_10erl"), params("erlangC_table_10erl")
    assert per_second(world) * effort_us(world) / SECOND == pytest.approx(given["offered_erlangs"])
    assert effort_us(world) / SECOND == given["AHT_s"]
    assert [f"{agents} agents" for agents in given["agents"]] == list(CASES["erlangC_table_10erl"].variants)
    assert behaviour(world).patience_us == "never"


def test_pyworkforce_a_has_the_parameters_of_its_case():
    world, given = scenario("pyworkforce_erlangA"), params("pyworkforce_erlangA")
    assert given["unit"] == "min"
    assert per_second(world) * 60 == pytest.approx(given["lam"])
    assert effort_us(world) / MINUTE == given["AHT"]
    assert desk(world).count == given["agents"]
    assert patience(world, MINUTE) == given["patience"]
    assert world.service_level.within_us / MINUTE == pytest.approx(given["t"])


def test_erlang_a_has_the_parameters_of_its_case():
    world, given = scenario("x_erlangA_50"), params("x_erlangA_50")
    assert given["unit"] == "min"
    assert per_second(world) * 60 == pytest.approx(given["lam"])
    assert effort_us(world) / MINUTE == given["AHT"]
    assert desk(world).count == given["agents"]
    assert patience(world, MINUTE) == given["patience"]
    assert world.service_level.within_us == 20 * SECOND


def test_the_impatient_day_has_the_parameters_of_its_case():
    world, given = scenario("cc_mmc_abandon"), params("cc_mmc_abandon")
    base = params(given["base"])
    assert base["unit"] == "min"
    assert per_second(world) * 60 == pytest.approx(base["lam"])
    assert MINUTE / effort_us(world) == base["mu"]
    assert desk(world).count == base["agents"]
    assert f"{patience(world, MINUTE)} min" == given["patience"]
    assert world.duration_us / MINUTE == base["horizon"]
    assert world.service_level.within_us / MINUTE == pytest.approx(base["AWT"])
    assert world.service_level.short_abandon_us == world.service_level.within_us
    assert (world.warm_up_us, world.after_end) == (0, "drain"), base["start"]
    assert world.replications == 200


def test_semi_open_has_the_parameters_of_its_case():
    world, given = scenario("x_semi_open"), params("x_semi_open")
    assert given["unit"] == "s"
    assert (desk(world).count, desk(world).capacity) == (given["agents"], given["slots"])
    assert per_second(world) * 3600 == pytest.approx(given["lam_per_h"])
    assert f"exp {effort_us(world) / SECOND:g}" == given["agent_reply"]
    assert f"mean {mean_us(behaviour(world).think_us) / SECOND:g} exp" == given["think"]
    turns = behaviour(world).turns
    assert turns.kind == "geometric"
    assert 1 - turns.numbers[0] == pytest.approx(given["continue_prob"])
    assert given["patience"].startswith(f"exp {mean_us(behaviour(world).patience_us) / SECOND:g} ")
    (queue,) = world.queues.values()
    assert (queue.auto_answer, queue.close_after_us, queue.after_call_work) == (True, "never", None)


def test_retry_has_the_parameters_of_its_case():
    world, given = scenario("x_retry"), params("x_retry")
    again = behaviour(world).writes_again.after_abandon
    assert again is not None
    assert given["unit"] == "min"
    assert desk(world).count == given["agents"]
    assert per_second(world) * 60 == pytest.approx(given["lam"])
    assert f"exp {effort_us(world) / MINUTE:g}" == given["AHT"]
    assert f"exp {mean_us(behaviour(world).patience_us) / MINUTE:g}" == given["patience"]
    assert again.probability == given["retry_prob"]
    assert f"exp {mean_us(again.delay_us) / MINUTE:g}" == given["retry_delay"]


def test_priorities_have_the_parameters_of_their_case():
    world, given = scenario("x_priority_mm5"), params("x_priority_mm5")
    (channel,) = world.channels.values()
    assert desk(world).count == given["c"]
    assert MINUTE / effort_us(world) == given["mu"]
    shares = [channel.topics[topic] for topic in ("urgent", "other")]
    assert [per_second(world) * 60 * share for share in shares] == pytest.approx(given["lam"])
    assert [world.topics[topic].priority for topic in ("urgent", "other")] == [1_000_000, 0]


def test_processor_sharing_has_the_parameters_of_its_case():
    world, given = scenario("x_lps"), params("x_lps")
    assert (desk(world).count, desk(world).capacity) == (given["agents"], given["slots"])
    assert f"exp {effort_us(world) / SECOND:g}" == given["work"]
    assert per_second(world) == pytest.approx(given["lam"])
    assert speeds(world) == (1,), "1/level for each: 1 in all"
    assert behaviour(world).patience_us == "never"


@pytest.mark.parametrize("name", ["x_chat_linear", "x_chat_pool_LBF"])
def test_chats_have_the_parameters_of_their_case(name):
    world, given = scenario(name), params(name)
    assert (desk(world).count, desk(world).capacity) == (given["agents"], given["slots"])
    assert f"exp {effort_us(world) / SECOND:g}" == given["solo_handle"]
    assert per_second(world) == pytest.approx(given["lam"])
    assert f"exp {mean_us(behaviour(world).patience_us) / SECOND:g}" == given["patience"]
    factors = given.get("total_rate_factor_by_level", [1, 2, 3])  # without slowdown: as many as there are chats
    assert list(speeds(world)) == factors
    (queue,) = world.queues.values()
    assert queue.select == ("least_busy" if name == "x_chat_pool_LBF" else "longest_idle")


def test_slots_only_has_the_parameters_of_its_case():
    world, given = scenario("x_mgcc"), params("x_mgcc")
    assert desk(world).count == given["agents"]
    assert per_second(world) * effort_us(world) / SECOND == pytest.approx(given["offered"])
    (queue,) = world.queues.values()
    assert queue.max_waiting == given["queue_cap"]
    for law in SERVICE.values():
        reply = desk(world.vary({"agents.desk.reply.effort": law})).reply
        assert reply is not None
        assert mean(reply.effort_us) == pytest.approx(180 * SECOND, rel=1e-9)
    assert_voice_mode(world, max_waiting=0)


def test_pyworkforce_c_has_the_parameters_of_its_case():
    world, given = scenario("pyworkforce_erlangC"), params("pyworkforce_erlangC")
    assert per_second(world) * 1800 == pytest.approx(given["lam_per_30min"])
    assert effort_us(world) / MINUTE == given["AHT"]
    assert world.service_level.within_us / MINUTE == pytest.approx(given["t"])
    assert behaviour(world).patience_us == "never"


def test_patience_of_any_shape_has_the_parameters_of_its_case():
    world, given = scenario("hanisch_mmnG"), params("hanisch_mmnG")
    assert given["cells"][0] == "c=10 rho=100%"
    assert desk(world).count == 10
    assert per_second(world) * effort_us(world) / SECOND == pytest.approx(10)
    assert effort_us(world) / MINUTE == given["AHT"]
    assert list(PATIENCE) == given["patience_dist"]
    for law in PATIENCE.values():
        drawn = behaviour(world.vary({"behaviours.caller.patience": law})).patience_us
        assert mean(drawn) / MINUTE == pytest.approx(given["patience_mean"])


@pytest.mark.parametrize("name", ["cc_mmc", "cc_mmc_blocked"])
def test_the_day_has_the_parameters_of_its_case(name):
    world, given = scenario(name), params("cc_mmc")
    assert given["unit"] == "min"
    assert per_second(world) * 60 == pytest.approx(given["lam"])
    assert MINUTE / effort_us(world) == given["mu"]
    assert desk(world).count == given["agents"]
    assert world.duration_us / MINUTE == given["horizon"]
    assert world.service_level.within_us / MINUTE == pytest.approx(given["AWT"])
    assert (world.warm_up_us, world.after_end) == (0, "drain"), given["start"]
    assert world.replications == 200
    assert behaviour(world).patience_us == "never"
    assert world.queues["calls"].max_waiting == params(name).get("queue_capacity")


def test_the_limited_queue_has_the_parameters_of_its_case():
    world, given = scenario("fkb_erlangA"), params("fkb_erlangA")
    assert given["unit"] == "s"
    assert per_second(world) == pytest.approx(given["lam"])
    assert f"1/{effort_us(world) / SECOND:g}" == given["mu"]
    assert patience(world, SECOND) == "exp mean 300" and given["theta"] == "1/300"
    assert desk(world).count == given["agents"]
    assert desk(world).count + world.queues["calls"].max_waiting == given["system_cap"]


def test_the_bot_has_the_parameters_of_its_case():
    world, given = scenario("x_bot_thin"), params("x_bot_thin")
    assert_one_service(world)
    ((bot, _),) = world.flows.values()
    assert given["unit"] == "min"
    assert per_second(world) * 60 == pytest.approx(given["lam"])
    assert mean(bot.bot.bot_time_us) / MINUTE == 1.5, given["bot_time"]
    assert 1 - bot.bot.contains == pytest.approx(given["escalate"])
    assert desk(world).count == given["agents"]
    assert f"exp {effort_us(world) / MINUTE:g}" == given["AHT"]
    assert (behaviour(world).patience_us, world.service_level.within_us) == ("never", MINUTE)


def test_the_slots_have_the_parameters_of_their_case():
    world, given = scenario("x_machine_repair"), params("x_machine_repair")
    (queue,) = world.queues.values()
    assert given["unit"] == "min"
    assert f"exp {effort_us(world) / MINUTE:g}" == given["agent_reply"]
    for law in THINK.values():
        drawn = behaviour(world.vary({"behaviours.customer.think": law})).think_us
        assert mean(drawn) / MINUTE == pytest.approx(5), given["customer_think"]
    assert set(HOURS_BY_SLOTS) < set(given["slots"])
    assert (desk(world).count, queue.auto_answer) == (1, True)
    assert (queue.close_after_us, queue.after_call_work) == ("never", None)
    assert len(world.channels["x_machine_repair"].arrivals.trace) > max(HOURS_BY_SLOTS), "slots are always full"


def test_the_send_cap_has_the_parameters_of_its_case():
    world, given = scenario("x_cap_md1"), params("x_cap_md1")
    assert world.outbound.limits.whatsapp_agentless == given["rate_mps"]
    assert list(SECONDS_BY_RATE) == given["lam_mps"]


def test_hanisch_has_the_parameters_of_its_case():
    world, given = scenario("hanisch_priority"), params("hanisch_priority")
    (channel,) = world.channels.values()
    assert desk(world).count == given["c"]
    assert per_second(world) * effort_us(world) / SECOND == pytest.approx(given["rho"])
    assert channel.topics["urgent"] == given["share_urgent"]
    assert effort_us(world) == MINUTE, given["service"]
    assert world.topics["urgent"].priority > world.topics["other"].priority
    assert world.queues["calls"].scoring == "PriorityOnly"


def test_ciw_has_the_parameters_of_its_case():
    world, given = scenario("ciw_priority"), params("ciw_priority")
    (channel,) = world.channels.values()
    rates = [per_second(world) * 60 * channel.topics[topic] for topic in ("first", "second")]
    assert rates == pytest.approx(given["lam"])
    assert MINUTE / effort_us(world) == given["mu"]
    assert desk(world).count == given["servers"]


def test_affinity_has_the_parameters_of_its_case():
    world, given = scenario("x_affinity_ends"), params("x_affinity_ends")
    assert desk(world).count == given["agents"]
    assert per_second(world) * effort_us(world) / SECOND / given["agents"] == pytest.approx(given["rho"])
    assert world.queues["calls"].last_agent == "Disabled"


@pytest.mark.parametrize(
    ("name", "unit_us"), [("ciw_renege_trace", SECOND), ("ciw_renege_shift_trace", MINUTE), ("simmer_reject", SECOND)]
)
def test_traces_have_the_parameters_of_their_case(name, unit_us):
    world, given = scenario(name), params(name)
    (channel,) = world.channels.values()
    arrivals = list(range(1, 101)) if name == "simmer_reject" else given["arrivals"]
    assert [at / unit_us for at in channel.arrivals.trace] == arrivals
    assert desk(world).reply.effort_us.numbers[0] / unit_us == given["service"]
    assert desk(world).count == 1
    if "patience" in given:
        assert behaviour(world).patience_us.numbers[0] / unit_us == given["patience"]


def test_the_shift_ends_as_in_its_case():
    world = scenario("ciw_renege_shift_trace")
    assert params("ciw_renege_shift_trace")["agents"] == "1 until t=16 then 0"
    shift = desk(world).shift
    assert (shift.from_, shift.to) == (time(0, 0), time(0, 16))


def test_the_numbers_have_the_rates_that_are_published():
    world, given = scenario("caps_published"), params("caps_published")
    channels = world.channels
    assert channels["usual"].throughput == given["whatsapp_mps"]
    assert channels["upgraded"].throughput == given["whatsapp_upgraded"]
    rates = platform("sms").number_types
    assert channels["toll_free"].number_type == "toll_free" and rates["toll_free"] == given["us_toll_free_mps"]
    assert channels["long_code"].number_type == "long_code" and rates["long_code"] == given["long_code_mps"]
    assert rates["short_code"] == given["us_short_code_mps"]
    assert world.outbound.campaigns["longcode_36000_at_1"].expires_after_us == given["twilio_queue_max_h"] * HOUR
    drains = facts("caps_published").expected["derived_drain_s"]
    assert list(world.outbound.campaigns) == list(drains)


def test_the_burst_has_the_parameters_of_its_case():
    world, given = scenario("x_cap_fluid"), params("x_cap_fluid")
    burst, after = world.outbound.campaigns["burst"], world.outbound.campaigns["after"]
    assert world.outbound.limits.whatsapp_campaign == given["cap"]
    assert (burst.requested_rate, after.requested_rate) == (given["burst_rate"], given["after_rate"])
    assert burst.contacts == given["burst_rate"] * given["burst_s"]


# --- facts that come twice -------------------------------------------------------------------------------------


def test_the_published_table_of_erlang_c_is_the_exact_one():
    found = facts("erlangC_table_10erl").expected
    assert found["p_wait"] == pytest.approx(found["computed_p_wait"], abs=5e-5)


def test_the_published_simulation_of_any_patience_is_near_the_exact_numbers():
    """Tolerance of the case: 0.0025 on p_abandon, 5 % on the wait; in the cells that are simulated here."""
    found = facts("hanisch_mmnG").expected
    for published, exact in zip(
        found["published_p_abandon"]["10/100"], found["computed_p_abandon"]["10/100"], strict=True
    ):
        assert published == pytest.approx(exact, abs=0.0025)
    for published, exact in zip(
        found["published_mean_wait_all"]["10/100"], found["computed_mean_wait_all"]["10/100"], strict=True
    ):
        assert published == pytest.approx(exact, rel=0.05)
