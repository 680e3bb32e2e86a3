"""Scenarios of the ground truth in the words of its cases, and what "voice mode" means."""

from __future__ import annotations

from simulator.experiments.truth.book import desk, mean_us
from simulator.scenario.needs import Behaviour
from simulator.scenario.schema import Scenario


def behaviour(world: Scenario) -> Behaviour:
    (only,) = world.behaviours.values()
    return only


def patience(world: Scenario, unit: int) -> str:
    return f"exp mean {mean_us(behaviour(world).patience_us) / unit:g}"


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
