"""Ground truth of routing: priorities at one desk, and affinity between its two ends. See `evidence.py`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from casebook import cases, desk, effort_us, offered, per_second, scenario
from evidence import Claim, agrees, measured

from simulator.vocabulary.clock import MINUTE, SECOND


@pytest.fixture
def case(shared: Callable[[str], Path]) -> Callable[[str], dict[str, Any]]:
    """A case of cases.json by its id."""
    return cases(shared("ground_truth/cases.json")).__getitem__


# --- the scenarios are the cases -------------------------------------------------------------------------------


def test_hanisch_has_the_parameters_of_its_case(case):
    world, params = scenario("hanisch_priority"), case("hanisch_priority")["params"]
    (channel,) = world.channels.values()
    assert desk(world).count == params["c"]
    assert per_second(world) * effort_us(world) / SECOND == pytest.approx(params["rho"])
    assert channel.topics["urgent"] == params["share_urgent"]
    assert effort_us(world) == MINUTE, params["service"]
    assert world.topics["urgent"].priority > world.topics["other"].priority
    assert world.queues["calls"].scoring == "PriorityOnly"


def test_ciw_has_the_parameters_of_its_case(case):
    world, params = scenario("ciw_priority"), case("ciw_priority")["params"]
    (channel,) = world.channels.values()
    rates = [per_second(world) * 60 * channel.topics[topic] for topic in ("first", "second")]
    assert rates == pytest.approx(params["lam"])
    assert MINUTE / effort_us(world) == params["mu"]
    assert desk(world).count == params["servers"]


def test_affinity_has_the_parameters_of_its_case(case):
    world, params = scenario("x_affinity_ends"), case("x_affinity_ends")["params"]
    assert desk(world).count == params["agents"]
    assert per_second(world) * effort_us(world) / SECOND / params["agents"] == pytest.approx(params["rho"])
    assert world.queues["calls"].last_agent == "Disabled"


# --- theory ----------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_two_classes_at_a_desk_that_is_90_percent_busy(case, seed):
    """Cobham, 1954; all together wait as without priorities."""
    found = case("hanisch_priority")["expected"]
    urgent, other = found["nonpreemptive_delay"]
    world = scenario("hanisch_priority")
    claims = [
        Claim("nonpreemptive_delay urgent", urgent * 60, measured("tWait", topic="urgent")),
        Claim("nonpreemptive_delay other", other * 60, measured("tWait", topic="other")),
        Claim("fifo_delay, all together", found["fifo_delay"] * 60, measured("tWait")),
    ]
    agrees(world, claims, seed, offered(world))


@pytest.mark.slow
def test_without_priorities_everybody_waits_as_long(case, seed):
    world = scenario("hanisch_priority").vary({"topics.urgent.priority": 0})
    wait = case("hanisch_priority")["expected"]["fifo_delay"] * 60
    claims = [
        Claim("fifo_delay, urgent", wait, measured("tWait", topic="urgent")),
        Claim("fifo_delay, other", wait, measured("tWait", topic="other")),
    ]
    agrees(world, claims, seed, offered(world))


@pytest.mark.slow
def test_two_classes_of_ciw(case, seed):
    """Time in the system is the wait and a minute of service."""
    first, second = case("ciw_priority")["expected"]["mean_sojourn"]
    world = scenario("ciw_priority")
    shares = next(iter(world.channels.values())).topics
    together = first * shares["first"] + second * shares["second"]
    claims = [
        Claim("mean_sojourn first, less service", (first - 1) * 60, measured("tWait", topic="first")),
        Claim("mean_sojourn second, less service", (second - 1) * 60, measured("tWait", topic="second")),
        Claim("mean_sojourn, all together", together * 60, measured("time_to_resolve")),
    ]
    agrees(world, claims, seed, offered(world))


@pytest.mark.slow
@pytest.mark.parametrize("last_agent", ["Disabled", "AnyAgent"])
def test_the_pooled_end_of_affinity(last_agent, case, seed):
    """Last-agent routing that never waits changes who answers, not how long anybody waits: M/M/5 with and without."""
    wait = case("x_affinity_ends")["expected"]["pooled_mean_wait"] * 60
    world = scenario("x_affinity_ends").vary({"queues.calls.last_agent": last_agent})
    agrees(world, [Claim("pooled_mean_wait", wait, measured("tWait"))], seed, offered(world))


def test_affinity_lies_between_its_ends(case):
    """The longer one waits for the agent one had, the longer one waits: from M/M/5 towards five M/M/1.

    One day of each, the same customers; the bounds are far apart.
    """
    from simulator import engine, metrics, records, workload

    found = case("x_affinity_ends")["expected"]
    waits = []
    for wait in ("20 s", "3 min", "60 min"):
        world = scenario("x_affinity_ends").vary(
            {"queues.calls.last_agent": "AnyAgent", "queues.calls.last_agent_wait": wait,
             "warm_up": "24 h", "duration": "72 h"}
        )  # fmt: skip
        rows = engine.simulate(world, workload.draw(world, 0))
        tables = records.fold(world, rows)
        part = metrics.measure(world, tables, int(rows["time"][-1]))["tWait"][()]
        waits.append(part.numerator / part.denominator / 60)
    assert found["pooled_mean_wait"] < waits[0] < waits[1] < waits[2] < found["strict_random_owner_mean_wait"]
    assert waits[2] > 2 * waits[0]
