"""The book of cases: `cases/NAME.yaml` and `cases/NAME.json`, and the parameters of the first in plain units."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from simulator import scenario as scenarios
from simulator.experiments.truth.twins import Offered
from simulator.scenario.agents import AgentGroup
from simulator.scenario.laws import Law
from simulator.scenario.schema import Scenario
from simulator.theory.chain import EmptyAtStart
from simulator.vocabulary.clock import SECOND

FOLDER = Path(__file__).parent / "cases"


@dataclass(frozen=True)
class Facts:
    """What others say about a case. Nothing in it was made up here, and nothing is in our units."""

    source: str
    published: bool
    """Printed in a public source; otherwise computed from a closed form or a Markov chain."""
    params: dict[str, Any]
    expected: dict[str, Any]


@cache
def facts(name: str) -> Facts:
    return Facts(**json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")))


def scenario_file(name: str) -> Path:
    return FOLDER / f"{name}.yaml"


@cache
def scenario(name: str) -> Scenario:
    return scenarios.load(scenario_file(name))


def desk(world: Scenario) -> AgentGroup:
    return world.agents["desk"]


def per_second(world: Scenario) -> float:
    """Arrivals at the only channel."""
    (channel,) = world.channels.values()
    if channel.arrivals is None or channel.arrivals.rate is None:
        raise ValueError(f"{world.name}: arrivals have no constant rate")
    return float(channel.arrivals.rate)


def mean_us(law: Law | str | None) -> float:
    """The mean of an exponential law that is never clipped."""
    if not isinstance(law, Law) or law.kind != "exponential" or law.at_most < 50 * law.numbers[0]:
        raise ValueError(f"{law} is not exponential, or it is clipped")
    return float(law.numbers[0])


def effort_us(world: Scenario) -> float:
    """Mean of the desk's exponential efforts."""
    reply = desk(world).reply
    if reply is None:
        raise ValueError(f"{world.name}: the desk itself has no way of replying")
    return mean_us(reply.effort_us)


def offered(world: Scenario, share: float = 1.0) -> Offered:
    """The load of a share of all arrivals, and the desk it is offered to."""
    return Offered(per_second(world) * share, effort_us(world) / SECOND, desk(world).count)


def whole_day(world: Scenario) -> EmptyAtStart:
    """The same day as a chain, from its empty morning."""
    (queue,) = world.queues.values()
    load, horizon = offered(world), world.duration_us / SECOND
    return EmptyAtStart(load.per_s, load.effort_s, load.agents, 0.0, horizon, queue.max_waiting)
