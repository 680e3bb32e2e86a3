"""The formulas of the audit against others that are known, and against brute force."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest

from simulator import loads
from simulator.metrics.audit_draws import expected_arrivals
from simulator.metrics.audit_effort import at_least, mean_effort_us
from simulator.metrics.audit_queue import survival_of
from simulator.scenario.lawful import parse_duration_law
from simulator.scenario.replies import Canned, Reply
from simulator.theory.abandonment import erlang_a, mmng
from simulator.theory.caps import batch_mean_delay
from simulator.theory.erlang import erlang_b, erlang_c, mean_wait
from simulator.theory.rooms import endless, limited, remembers
from simulator.workload.laws import quantile


def test_no_room_is_erlang_b_and_endless_room_is_erlang_c() -> None:
    assert limited(10.0, 1.0, 12, 0).p_block == pytest.approx(erlang_b(10.0, 12))
    much = limited(10.0, 1.0, 12, 400)
    assert much.p_block < 1e-30
    assert much.p_wait == pytest.approx(erlang_c(10.0, 12))
    assert much.mean_wait == pytest.approx(mean_wait(10.0, 1.0, 12))
    assert much.occupancy == pytest.approx(10 / 12)


def test_room_with_patience_is_erlang_a_where_nobody_is_turned_away() -> None:
    ours, theirs = limited(48.0, 1.0, 50, 400, 2.0), erlang_a(48.0, 1.0, 50, 2.0)
    for name in ("p_wait", "p_abandon", "mean_queue", "occupancy"):
        assert getattr(ours, name) == pytest.approx(getattr(theirs, name), rel=1e-8), name
    assert ours.mean_wait == pytest.approx(theirs.mean_wait_all, rel=1e-8)


def test_a_limited_room_solves_its_balance_equations() -> None:
    """By brute force: the null vector of the generator."""
    rate, service, agents, room, patience = 3.0, 0.8, 2, 3, 1.7
    size = agents + room + 1
    generator = np.zeros((size, size))
    for j in range(size):
        if j + 1 < size:
            generator[j, j + 1] = rate
        if j:
            generator[j, j - 1] = min(j, agents) / service + max(j - agents, 0) / patience
        generator[j, j] = -generator[j].sum()
    system = np.vstack([generator.T, np.ones(size)])
    p = np.linalg.lstsq(system, np.append(np.zeros(size), 1.0), rcond=None)[0]
    known = limited(rate, service, agents, room, patience)
    assert known.p_block == pytest.approx(p[-1])
    assert known.p_wait == pytest.approx(p[agents:-1].sum() / (1 - p[-1]))
    queue = sum((j - agents) * p[j] for j in range(agents, size))
    assert known.mean_queue == pytest.approx(queue)
    assert known.mean_wait == pytest.approx(queue / (rate * (1 - p[-1])))
    assert known.p_abandon == pytest.approx(queue / patience / (rate * (1 - p[-1])))
    assert known.occupancy == pytest.approx(sum(min(j, agents) * p[j] for j in range(size)) / agents)


def test_a_limited_room_refuses_nonsense() -> None:
    with pytest.raises(ValueError, match="needs arrivals"):
        limited(1.0, 1.0, 0, 1)


def test_endless_desks_hold_what_littles_law_says() -> None:
    assert endless(arrivals=7200, mean_stay=90, during=3600 * 60) == pytest.approx(3.0)  # case x_bot_thin


def test_a_queue_remembers_the_longer_the_fuller_it_is() -> None:
    assert remembers(0.9, 1.0, 1) == pytest.approx(1 / (1 - 0.9**0.5) ** 2)
    assert remembers(0.1, 1.0, 100) == 1.0  # an idle desk forgets with its services
    assert remembers(1.5, 1.0, 1) == inf
    assert remembers(1.5, 1.0, 1, mean_patience=3.0) == 3.0


@pytest.mark.parametrize(("cap", "burst"), [(1, False), (7, False), (7, True), (100, True)])
def test_a_batch_by_brute_force(cap: int, burst: bool) -> None:
    for count in (0, 1, 6, 7, 8, 50):
        leaves = [60 * (k // cap) if burst else 60 * k / cap for k in range(count)]
        assert batch_mean_delay(count, cap, 60, burst) == pytest.approx(np.mean(leaves) if leaves else 0.0)


LAWS = [
    {"exponential": {"mean": "3 s"}},
    {"lognormal": {"median": "20 s", "p90": "2 min"}},
    {"uniform": {"low": "0 s", "high": "4 s"}},
    {"gamma": {"mean": "2 s", "cv": 2}},
]


@pytest.mark.parametrize("law", LAWS, ids=str)
@pytest.mark.parametrize("factor", [1.0, 0.4])
def test_the_least_effort_by_brute_force(law: dict, factor: float) -> None:  # type: ignore[type-arg]
    of = parse_duration_law(law)
    u = (np.arange(400_000) + 0.5) / 400_000
    drawn = np.maximum(np.asarray(quantile(of, u)) * factor, 1e6)
    assert at_least(of, factor) == pytest.approx(drawn.mean(), rel=2e-3)


def test_canned_replies_are_a_mixture() -> None:
    effort = parse_duration_law("10 s")
    assert mean_effort_us(Reply(effort="10 s")) == pytest.approx(10e6)
    assert mean_effort_us(Reply(effort="10 s", canned=Canned(share=0.3, effort=0.5))) == pytest.approx(8.5e6)
    assert at_least(effort, 0.01) == pytest.approx(1e6)


@pytest.mark.parametrize("law", [*LAWS, "1 min"], ids=str)
def test_any_law_of_the_scenario_is_a_law_of_patience(law: object) -> None:
    """H(x) = E[min(T, x)] is the integral of the survival function."""
    patience = survival_of(parse_duration_law(law))
    x = np.linspace(0, 400, 200_001)
    area = np.concatenate([[0.0], np.cumsum((patience.survival(x)[1:] + patience.survival(x)[:-1]) / 2 * np.diff(x))])
    for at in (2_000, 50_000, 200_000):
        assert patience.limited_mean(x[at : at + 1])[0] == pytest.approx(area[at], rel=1e-3, abs=2e-3)


def test_patience_of_the_scenario_gives_erlang_a() -> None:
    law = survival_of(parse_duration_law({"exponential": {"mean": "2 min"}}))
    ours, theirs = mmng(0.8, 60.0, 50, law), erlang_a(0.8, 60.0, 50, 120.0)
    assert ours.p_abandon == pytest.approx(theirs.p_abandon, rel=1e-6)


ARRIVALS = """
name: Arrivals
start: 2026-03-02 00:00
warm_up: {warm_up}
duration: {duration}
behaviours: {{b: {{}}}}
topics: {{t: {{behaviour: b}}}}
flows: {{f: [{{transfer: {{queue: q}}}}]}}
queues: {{q: {{auto_answer: true}}}}
channels: {{web: {{platform: web messaging, flow: f, topics: {{t: 100 %}}, arrivals: {arrivals}}}}}
agents: {{a: {{count: 1, queues: [q], reply: {{effort: 10 s}}}}}}
"""


@pytest.mark.parametrize(
    ("arrivals", "expected", "variance"),
    [
        ("{rate: 60/h}", 720, 720),
        ("{per_day: 240, day_factor_cv: 0.5}", 120, 120 + 0.25 * 120**2),
        ("{trace: [1 h, 7 h, 12 h, 18 h]}", 2, 0),
    ],
)
def test_arrivals_of_the_window(arrivals: str, expected: float, variance: float) -> None:
    text = ARRIVALS.format(warm_up="6 h", duration="18 h", arrivals=arrivals)
    assert expected_arrivals(loads(text), "web") == pytest.approx((expected, variance))


def test_days_have_one_factor_each() -> None:
    text = ARRIVALS.format(warm_up="12 h", duration="36 h", arrivals="{per_day: 240, day_factor_cv: 0.5}")
    assert expected_arrivals(loads(text), "web") == pytest.approx((240, 240 + 0.25 * (120**2 + 120**2)))
