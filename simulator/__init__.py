"""Simulates the messages of a contact centre.

    import simulator as cc
    scenario = cc.load("scenarios/retail_weekday.yaml").vary({"agents.early.count": 16})
    results = cc.simulate(scenario, replications=20)
    results.summary()

Names are looked up when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.api import Results, compare, load, loads, simulate, sweep
    from simulator.vocabulary.errors import ScenarioError

__version__ = "0.1.0"
__all__ = ["Results", "ScenarioError", "__version__", "compare", "load", "loads", "metrics", "simulate", "sweep"]

_HOME = {
    "Results": "simulator.api",
    "compare": "simulator.api",
    "load": "simulator.api",
    "loads": "simulator.api",
    "simulate": "simulator.api",
    "sweep": "simulator.api",
    "ScenarioError": "simulator.vocabulary.errors",
}


def __getattr__(name: str) -> Any:
    if name == "metrics":
        return import_module("simulator.metrics")  # a room, and the catalogue when it is called
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
