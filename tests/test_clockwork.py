"""The clockwork is SimPy, written out: on SimPy's own loop, processes and events the model writes the same journal.

`OnSimPy` is the world on `simpy.Environment.step`, `simpy.Process` and `simpy.Event`, with nothing of `clockwork.py`
but what stories yield.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

import pytest
import simpy
from generator import scenarios, valid
from hypothesis import HealthCheck, Phase, given, settings

from simulator.engine import simulate
from simulator.experiments.bench_worlds import retail
from simulator.model import run
from simulator.model.clockwork import NothingLeft
from simulator.model.world import World
from simulator.scenario.schema import Scenario
from simulator.workload import draw

AT_ONCE = 1
"""SimPy's own priority of an event that happens at once."""


class OnSimPy(World):
    """What `Clockwork` overrides, given back to SimPy."""

    @property
    def now(self) -> int:
        return self._now

    def process(self, generator: Generator[Any, None, Any]) -> None:
        begins = self._comes(self._now, AT_ONCE)  # SimPy's own first step would precede what happens at once

        def story() -> Generator[simpy.Event, None, None]:
            yield begins
            for waits in generator:
                yield self.listened if waits is None else self._comes(*waits)

        simpy.Process(self, story())

    def run_until(self, until_us: int) -> None:
        try:
            while self.peek() < until_us:
                self.step()
            self._now = until_us
        except NothingLeft:
            pass

    def call_after(self, delay_us: int, rank: int, owner: int, action: Callable[..., None], *args: Any) -> None:
        self._comes(self._now + delay_us, rank + owner).callbacks.append(lambda _: action(*args))

    def bell(self) -> simpy.Event:
        return simpy.Event(self)

    def rung(self, bell: simpy.Event) -> None:
        self.listened = bell

    def rings(self, bell: simpy.Event) -> None:
        bell.succeed()

    def _comes(self, at_us: int, order: int) -> simpy.Event:
        event = simpy.Event(self)
        event._ok, event._value = True, None
        self.schedule(event, priority=order, delay=at_us - self._now)
        return event


def the_same_on_simpy(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> bool:
    ours = simulate(scenario, draw(scenario, 0)).tobytes()
    with monkeypatch.context() as patch:
        patch.setattr(run, "World", OnSimPy)
        return simulate(scenario, draw(scenario, 0)).tobytes() == ours


def test_a_day_of_the_retail_centre(monkeypatch: pytest.MonkeyPatch) -> None:
    assert the_same_on_simpy(retail("1 day"), monkeypatch)


@given(text=scenarios())
@settings(
    max_examples=15,
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
def test_whatever_a_scenario_says(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    scenario = valid(text)
    assert scenario is None or the_same_on_simpy(scenario, monkeypatch)


def test_a_bell_that_rang_before_somebody_waits_is_heard() -> None:
    """As a SimPy event that is triggered and not yet processed."""
    heard: list[str] = []

    def story(world: World) -> Generator[Any, None, None]:
        bell = world.bell()
        world.rings(bell)
        yield world.rung(bell)
        heard.append("rang")

    for kind in (World, OnSimPy):
        scenario = retail("1 h")
        world = kind(scenario, draw(scenario, 0))
        world.process(story(world))
        world.run_until(1)
    assert heard == ["rang", "rang"]
