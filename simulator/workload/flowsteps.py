"""A flow as the draws need it: its steps by kind, in order."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.scenario.flows import Bot, Collect, Identify
from simulator.scenario.schema import Scenario


@dataclass(frozen=True)
class FlowSteps:
    """The steps of a channel's flow that take time or chance."""

    identify: Identify | None
    bot: Bot | None
    collect: Collect | None
    order: tuple[str, ...]
    """Their names, in order."""
    queue: str
    """Where the transfer leads."""


def flow_steps(scenario: Scenario, flow: str) -> FlowSteps:
    """Read a flow: at most one of each step (the scenario's check), a transfer last."""
    found = {name: step for item in scenario.flows[flow] for name, step in item if step is not None}
    return FlowSteps(
        identify=found.get("identify"),
        bot=found.get("bot"),
        collect=found.get("collect"),
        order=tuple(name for name in found if name != "transfer"),
        queue=found["transfer"].queue,
    )
