"""Erlang C and A the other way round: against published tables, and against the formulas written another way."""

from __future__ import annotations

import json
from itertools import product
from math import inf
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.theory import abandonment, erlang, staffing
from simulator.theory.staffing import Target

GROUND_TRUTH = Path(__file__).resolve().parents[1].parent / "shared" / "ground_truth" / "cases.json"
LOADS, SERVICE = (0.05, 0.5, 3.0, 10.0, 48.0, 300.0), 180.0


@pytest.fixture(scope="module")
def cases():
    if not GROUND_TRUTH.exists():
        pytest.skip(f"ground truth cases are not here: {GROUND_TRUTH}")
    return {case["id"]: case for case in json.loads(GROUND_TRUTH.read_text(encoding="utf-8"))}


def row(*values):
    return np.array(values, float)


def test_the_published_table_of_erlang_c_read_backwards(cases):
    """10 erlangs, 180 s, 20 s: 11 to 14 agents give 39.0, 64.0, 79.6 and 88.8 %."""
    case = cases["erlangC_table_10erl"]
    agents, levels = case["params"]["agents"], case["expected"]["computed_SL20"]
    found = staffing.level_c(np.full(4, 10.0), np.full(4, 180.0), row(*agents), 20.0)
    assert found == pytest.approx(levels, abs=5e-8)
    for number, level in zip(agents, levels, strict=True):
        assert staffing.servers_c(row(10.0), 180.0, Target(level - 1e-6, 20.0)).tolist() == [number]
        assert staffing.servers_c(row(10.0), 180.0, Target(level + 1e-6, 20.0)).tolist() == [number + 1]


def test_another_published_case_of_erlang_c(cases):
    """100 calls of 3 min in 30 min: 14 agents answer 88.8 % within 0.33 min, 15 answer 94.1 %."""
    expected = cases["pyworkforce_erlangC"]["expected"]["service_level"]
    for agents, level in zip((14, 15), expected, strict=True):
        assert staffing.servers_c(row(10.0), 3.0, Target(level - 1e-3, 0.33)).tolist() == [agents]
        assert staffing.servers_c(row(10.0), 3.0, Target(level + 1e-3, 0.33)).tolist() == [agents + 1]


@pytest.mark.parametrize(
    ("case", "load", "service", "agents", "patience"),
    [("pyworkforce_erlangA", 10.0, 3.0, 14, 5.0), ("x_erlangA_50", 48.0, 1.0, 50, 2.0)],
)
def test_published_cases_of_erlang_a(cases, case, load, service, agents, patience):
    within = 1 / 3
    expected = cases[case]["expected"]
    served = expected.get("served_within_t_of_all", expected.get("served_within_20s_of_all"))
    everybody = Target(served, within, count_short=True)  # all arrivals are in the denominator
    level = staffing.level_a(row(load), row(service), row(agents), patience, everybody)
    assert level == pytest.approx([served], abs=1e-6)
    assert staffing.servers_a(row(load), service, patience, Target(served - 1e-5, within, count_short=True)) == [agents]
    assert staffing.servers_a(row(load), service, patience, Target(served + 1e-5, within, count_short=True)) == [
        agents + 1
    ]


def test_erlang_b_and_c_by_gamma_functions_are_those_by_recursion():
    for load, agents in product(LOADS, (1, 2, 5, 12, 60, 310)):
        assert staffing.erlang_b(row(load), row(agents)) == pytest.approx([erlang.erlang_b(load, agents)], abs=1e-4)
        assert staffing.level_c(row(load), row(SERVICE), row(agents), 20.0) == pytest.approx(
            [erlang.service_level(load / SERVICE, SERVICE, agents, 20.0)], abs=1e-9
        )


def test_erlang_a_in_closed_form_is_erlang_a_by_quadrature():
    """Over and under load, with both ways to count who gives up."""
    for load, patience, part in product(LOADS, (60.0, 300.0, 3600.0), (0.6, 0.95, 1.0, 1.3)):
        agents = max(1, round(load * part))
        known = abandonment.erlang_a(load / SERVICE, SERVICE, agents, patience)
        early = 1 - known.wait_exceeds(10.0) - known.served_within(10.0)
        for target, expected in (
            (Target(0.8, 20.0, short=10.0), known.served_within(20.0) / (1 - early)),
            (Target(0.8, 20.0, count_abandons=False), known.served_within(20.0) / (1 - known.p_abandon)),
        ):
            level = staffing.level_a(row(load), row(SERVICE), row(agents), patience, target)
            assert level == pytest.approx([expected], abs=1e-8), (load, patience, agents)


def test_endless_patience_asks_for_what_erlang_c_asks_for():
    target = Target(0.8, 20.0)
    loads = row(*LOADS[:5])
    assert (
        staffing.servers_a(loads, SERVICE, 1e7, target).tolist() == staffing.servers_c(loads, SERVICE, target).tolist()
    )


def test_waits_on_desks():
    """3 of 4 agents' attention: r = 3/4, 4 (9/16) / (1/4) = 9 replies wait; of 6: 6 (1/4) / (1/2) = 3."""
    assert staffing.desk_wait(row(3, 3, 0, 3), row(4, 6, 2, 3)).tolist() == [9.0, 3.0, 0.0, inf]


def test_agents_with_slots():
    """One slot each and no waits on desks is Erlang C; two slots each halve it, rounded up."""
    target = Target(0.8, 20.0)

    def level(load, servers):
        return staffing.level_c(load, np.full(load.shape, SERVICE), servers, target.within)

    loads = row(0.0, *LOADS)
    servers = staffing.servers_c(loads, SERVICE, target)
    one = staffing.agents_for(level, 0.8, np.zeros(7), loads, np.ones(7), 0.0)
    assert one.tolist() == servers.tolist()
    two = staffing.agents_for(level, 0.8, np.zeros(7), loads, np.full(7, 2.0), 0.0)
    assert two.tolist() == np.ceil(servers / 2).tolist()
    # attention alone: never fewer agents than it, and more where replies wait on desks
    busy = staffing.agents_for(level, 0.8, loads, loads, np.full(7, 10.0), 0.0)
    assert (busy >= loads).all()
    assert (staffing.agents_for(level, 0.8, loads, loads, np.full(7, 10.0), 1.0) >= busy).all()


def test_nobody_keeps_a_hundred_percent():
    with pytest.raises(ValueError, match="no number of servers"):
        staffing.servers_c(row(10.0), SERVICE, Target(1.0, 20.0))


@settings(max_examples=40, deadline=None)
@given(
    st.floats(0.01, 400), st.floats(10, 3600), st.floats(0, 120), st.floats(0.05, 0.99), st.floats(30, 7200),
)  # fmt: skip
def test_the_answer_is_the_smallest(load, service, within, share, patience):
    for answer, level in (
        (
            staffing.servers_c(row(load), service, Target(share, within)),
            lambda n: staffing.level_c(row(load), row(service), n, within),
        ),
        (
            staffing.servers_a(row(load), service, patience, Target(share, within)),
            lambda n: staffing.level_a(row(load), row(service), n, patience, Target(share, within)),
        ),
    ):
        assert level(answer)[0] >= share > level(answer - 1)[0]
