"""The scenario: what a person decided, read from YAML, checked, frozen."""

from simulator.scenario.counts import Counts
from simulator.scenario.load import load, loads
from simulator.scenario.schema import Scenario

__all__ = ["Counts", "Scenario", "load", "loads"]
