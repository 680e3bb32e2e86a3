"""The closed forms against published and hand-worked numbers."""

from __future__ import annotations

import json
from math import exp, inf
from pathlib import Path
from typing import Any

import pytest

from simulator.theory import abandonment, caps, erlang, priority, repair

GROUND_TRUTH = Path(__file__).resolve().parents[1].parent / "shared" / "ground_truth" / "cases.json"


@pytest.fixture(scope="module")
def cases() -> dict[str, dict[str, Any]]:
    if not GROUND_TRUTH.exists():
        pytest.skip(f"ground truth cases are not here: {GROUND_TRUTH}")
    return {case["id"]: case for case in json.loads(GROUND_TRUTH.read_text(encoding="utf-8"))}


# --- by hand ---------------------------------------------------------------------------------------------------


def test_erlang_b_of_one_agent_is_load_over_load_plus_one():
    assert erlang.erlang_b(2.0, 1) == pytest.approx(2 / 3)
    assert erlang.erlang_b(2.0, 2) == pytest.approx(2 / 5)  # (a^2/2) / (1 + a + a^2/2)
    assert erlang.erlang_b(0.0, 3) == 0


def test_erlang_c_of_one_agent_is_his_load():
    assert erlang.erlang_c(0.8, 1) == pytest.approx(0.8)
    assert erlang.mean_wait(0.8, 1.0, 1) == pytest.approx(4.0)  # rho / (mu - lambda)
    assert erlang.mean_queue(0.8, 1.0, 1) == pytest.approx(3.2)
    assert erlang.service_level(0.8, 1.0, 1, 5.0) == pytest.approx(1 - 0.8 * exp(-1))


def test_a_queue_without_steady_state_waits_for_ever():
    assert erlang.erlang_c(3.0, 3) == 1
    assert erlang.mean_wait(3.0, 1.0, 3) == inf
    assert erlang.service_level(3.0, 1.0, 3, 60.0) == 0
    assert erlang.wait_quantile(3.0, 1.0, 3, 0.5) == inf


def test_the_quantile_is_the_inverse_of_the_service_level():
    t = erlang.wait_quantile(1 / 20, 180.0, 11, 0.9)
    assert erlang.service_level(1 / 20, 180.0, 11, t) == pytest.approx(0.9)
    assert erlang.wait_quantile(0.1, 1.0, 10, 0.9) == 0


def test_endless_patience_makes_erlang_a_erlang_c():
    a = abandonment.erlang_a(1 / 18, 180.0, 12, 1e9)
    assert a.p_wait == pytest.approx(erlang.erlang_c(10.0, 12), rel=1e-5)
    assert a.mean_wait_all == pytest.approx(erlang.mean_wait(1 / 18, 180.0, 12), rel=1e-5)
    assert a.p_abandon == pytest.approx(0, abs=1e-6)


def test_no_patience_makes_erlang_a_erlang_b():
    a = abandonment.erlang_a(1 / 18, 180.0, 12, 1e-6)
    assert a.p_abandon == pytest.approx(erlang.erlang_b(10.0, 12), rel=1e-4)


def test_abandonment_of_exponential_patience_is_queue_over_patience():
    """Each of the waiting leaves at rate 1/patience: lambda P(ab) = queue / patience."""
    a = abandonment.erlang_a(2.0, 3.0, 5, 4.0)
    assert 2.0 * a.p_abandon == pytest.approx(a.mean_queue / 4.0, rel=1e-9)


def test_priorities_keep_the_mean_wait_of_all():
    """Work conserving, one service law: the mean over all classes is that of first come, first served."""
    waits = priority.cobham_waits([1.0, 2.0, 1.5], 1.0, 6)
    mean = sum(rate * wait for rate, wait in zip([1.0, 2.0, 1.5], waits, strict=True)) / 4.5
    assert mean == pytest.approx(erlang.mean_wait(4.5, 1.0, 6))
    assert priority.cobham_waits([0.5, 0.6], 1.0, 1)[1] == inf


def test_a_burst_below_the_cap_waits_for_nothing():
    assert caps.fluid_burst(80, 60, 600, 0) == caps.Fluid(0.0, 0.0, 0.0, 0.0)
    assert caps.md1_delay(80, 80) == inf


# --- against what others published -----------------------------------------------------------------------------


def test_erlang_c_table(cases):
    case = cases["erlangC_table_10erl"]
    for i, agents in enumerate(case["params"]["agents"]):
        assert erlang.erlang_c(10.0, agents) == pytest.approx(case["expected"]["computed_p_wait"][i], abs=5e-9)
        assert erlang.mean_wait(10 / 180, 180.0, agents) == pytest.approx(
            case["expected"]["computed_ASA_s"][i], rel=1e-7
        )
        assert erlang.service_level(10 / 180, 180.0, agents, 20.0) == pytest.approx(
            case["expected"]["computed_SL20"][i], abs=5e-8
        )


def test_pyworkforce_erlang_c(cases):
    case = cases["pyworkforce_erlangC"]
    for i, agents in enumerate(case["params"]["agents"]):
        assert erlang.service_level(100 / 30, 3.0, agents, 0.33) == pytest.approx(
            case["expected"]["service_level"][i], abs=1e-3
        )
        assert erlang.erlang_c(10.0, agents) == pytest.approx(case["expected"]["p_wait"][i], abs=1e-3)


def test_pyworkforce_erlang_a(cases):
    p, expected = cases["pyworkforce_erlangA"]["params"], cases["pyworkforce_erlangA"]["expected"]
    a = abandonment.erlang_a(p["lam"], p["AHT"], p["agents"], 5.0)
    assert a.p_wait == pytest.approx(0.1452601143, abs=1e-9)
    assert a.p_abandon == pytest.approx(0.01398374412, abs=1e-9)
    assert a.occupancy == pytest.approx(expected["occupancy"], abs=1e-6)
    assert a.mean_wait_all == pytest.approx(expected["mean_wait_all"], abs=1e-6)
    assert a.served_within(p["t"]) == pytest.approx(expected["served_within_t_of_all"], abs=1e-6)


def test_erlang_a_of_fifty_agents(cases):
    expected = cases["x_erlangA_50"]["expected"]
    a = abandonment.erlang_a(48.0, 1.0, 50, 2.0)
    assert a.p_wait == pytest.approx(expected["p_wait"], abs=1e-9)
    assert a.p_abandon == pytest.approx(expected["p_abandon"], abs=1e-9)
    assert 60 * a.mean_wait_all == pytest.approx(expected["mean_wait_all_s"], rel=1e-8)
    assert 60 * a.mean_wait_served == pytest.approx(expected["mean_wait_served_s"], rel=1e-8)
    assert 60 * a.wait_quantile(0.9) == pytest.approx(expected["wait_all_p90_s"], rel=1e-6)
    assert a.mean_queue == pytest.approx(expected["mean_queue"], rel=1e-8)
    assert a.occupancy == pytest.approx(expected["occupancy"], abs=1e-9)
    assert a.served_within(1 / 3) == pytest.approx(expected["served_within_20s_of_all"], abs=1e-9)
    without = expected["erlangC"]
    assert erlang.erlang_c(48.0, 50) == pytest.approx(without["p_wait"], abs=1e-9)
    assert 60 * erlang.mean_wait(48.0, 1.0, 50) == pytest.approx(without["mean_wait_s"], rel=1e-8)
    assert 60 * erlang.wait_quantile(48.0, 1.0, 50, 0.9) == pytest.approx(without["wait_p90_s"], rel=1e-7)


def test_erlang_a_in_seconds(cases):
    expected = cases["fkb_erlangA"]["expected"]
    a = abandonment.erlang_a(0.1, 240.0, 28, 300.0)
    assert a.mean_queue == pytest.approx(expected["mean_queue"], rel=1e-6)
    assert a.mean_wait_all == pytest.approx(expected["mean_wait"], rel=1e-6)
    assert a.mean_in_system == pytest.approx(expected["mean_in_system"], rel=1e-6)


def test_every_law_of_patience(cases):
    expected = cases["hanisch_mmnG"]["expected"]
    laws = [
        abandonment.exponential(5.0),
        abandonment.uniform(10.0),
        abandonment.constant(5.0),
        abandonment.lognormal(5.0, 1.5),
    ]
    for cell in expected["computed_p_abandon"]:
        agents, load = (int(part) for part in cell.split("/"))
        for i, law in enumerate(laws):
            a = abandonment.mmng(agents * load / 100 / 3.0, 3.0, agents, law)
            assert a.p_abandon == pytest.approx(expected["computed_p_abandon"][cell][i], rel=1e-5), (cell, i)
            assert a.mean_wait_all == pytest.approx(expected["computed_mean_wait_all"][cell][i], rel=1e-5), (cell, i)


@pytest.mark.parametrize(
    "case, rates, agents, field",
    [
        ("x_priority_mm5", [1.5, 2.5], 5, "mean_wait"),
        ("hanisch_priority", [0.18, 0.72], 1, "nonpreemptive_delay"),
    ],
)
def test_priorities(cases, case, rates, agents, field):
    assert priority.cobham_waits(rates, 1.0, agents) == pytest.approx(cases[case]["expected"][field], rel=1e-5)


def test_caps(cases):
    expected = cases["x_cap_md1"]["expected"]["mean_queue_delay_ms"]
    assert [1000 * caps.md1_delay(rate, 80) for rate in (40, 64, 72, 76)] == pytest.approx(expected)
    expected = cases["x_cap_fluid"]["expected"]
    fluid = caps.fluid_burst(80, 120, 600, 40)
    assert fluid == caps.Fluid(
        expected["peak_backlog"], expected["drain_s"], expected["max_delay_s"], expected["mean_delay_s"]
    )
    drains = cases["caps_published"]["expected"]["derived_drain_s"]
    assert caps.batch_drain(100_000, 80) == drains["wa_100k_at_80"]
    assert caps.batch_drain(10_000, 3) == pytest.approx(drains["tollfree_10k_at_3"])


def test_blocking_without_waiting_room(cases):
    assert erlang.erlang_b(10.0, 12) == pytest.approx(cases["x_mgcc"]["expected"]["blocking"], abs=1e-10)


def test_machine_repair(cases):
    case = cases["x_machine_repair"]
    for i, slots in enumerate(case["params"]["slots"]):
        busy = repair.agent_utilisation(3.0, 5.0, slots)
        assert busy == pytest.approx(case["expected"]["agent_utilisation"][i], rel=1e-9)
        assert busy / 3.0 == pytest.approx(case["expected"]["replies_per_min"][i], rel=1e-9)
        assert repair.reply_time_seen(3.0, 5.0, slots) == pytest.approx(
            case["expected"]["customer_waits_for_reply_min"][i], rel=1e-8
        )
