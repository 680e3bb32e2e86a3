"""The scenarios of the cases, `ground_truth/<case>.yaml`, and their parameters in the units of the literature."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from chain import EmptyAtStart
from twins import Offered

from simulator import scenario as scenarios
from simulator.scenario.agents import AgentGroup
from simulator.scenario.laws import Law
from simulator.scenario.needs import Behaviour
from simulator.scenario.schema import Scenario
from simulator.vocabulary.clock import SECOND

FOLDER = Path(__file__).parent / "ground_truth"


def scenario(name: str) -> Scenario:
    return scenarios.load(FOLDER / f"{name}.yaml")


def cases(path: Path) -> dict[str, dict[str, Any]]:
    """The cases of cases.json by id."""
    return {each["id"]: each for each in json.loads(path.read_text(encoding="utf-8"))}


def desk(world: Scenario) -> AgentGroup:
    return world.agents["desk"]


def behaviour(world: Scenario) -> Behaviour:
    (only,) = world.behaviours.values()
    return only


def per_second(world: Scenario) -> float:
    (channel,) = world.channels.values()
    assert channel.arrivals is not None and channel.arrivals.rate is not None
    return channel.arrivals.rate


def mean_us(law: Law | str | None) -> float:
    """The mean of an exponential law that is never clipped."""
    assert isinstance(law, Law) and law.kind == "exponential"
    (mean,) = law.numbers
    assert law.at_most > 50 * mean
    return mean


def effort_us(world: Scenario) -> float:
    return mean_us(desk(world).reply.effort_us)


def patience(world: Scenario, unit: int) -> str:
    return f"exp mean {mean_us(behaviour(world).patience_us) / unit:g}"


def offered(world: Scenario, share: float = 1.0) -> Offered:
    """The load of a share of all arrivals, and the desk it is offered to."""
    return Offered(per_second(world) * share, effort_us(world) / SECOND, desk(world).count)


def whole_day(world: Scenario) -> EmptyAtStart:
    """The same day as a chain, from its empty morning."""
    (queue,) = world.queues.values()
    load, horizon = offered(world), world.duration_us / SECOND
    return EmptyAtStart(load.per_s, load.effort_s, load.agents, 0.0, horizon, queue.max_waiting)


def assert_one_service(world: Scenario) -> None:
    """One turn whose effort is the whole service, capacity 1, no alerting, no wrap-up, nobody is silent."""
    (queue,), (channel,) = world.queues.values(), world.channels.values()
    assert (queue.auto_answer, queue.close_after_us, queue.after_call_work) == (True, "never", None)
    assert (channel.platform, channel.customers) == ("web messaging", "new")
    assert (desk(world).capacity, desk(world).shift, desk(world).shrinkage) == (1, None, 0)
    assert (desk(world).reply.canned, desk(world).reply.history) == (None, None)
    for law in (behaviour(world).turns, behaviour(world).opening.messages):
        assert (law.kind, law.numbers) == ("constant", (1,))
    assert behaviour(world).gives_up.silent == behaviour(world).vanishes == 0
    for topic in world.topics.values():
        assert topic.skills == ()


def assert_voice_mode(world: Scenario, max_waiting: int | None = None) -> None:
    """One service without a bot before it."""
    assert_one_service(world)
    (queue,), (flow,) = world.queues.values(), world.flows.values()
    assert [step.model_dump(exclude_none=True).keys() for step in flow] == [{"transfer"}]
    assert queue.max_waiting == max_waiting
