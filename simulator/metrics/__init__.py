"""Metrics: every number is a function of tables.

    measure(scenario, tables, end_us)   one replication's tables -> additive parts (run it in the worker)
    summarise(scenario, parts)          the parts of all replications -> one table of values with intervals
    intervals(scenario, tables, end_us) one replication's tables -> the `intervals` table
    cap_intervals(scenario, tables, end_us) … -> the `cap_intervals` table
    coverage(scenario)                  before any run: load against capacity, hours nobody covers

`catalogue.MEASURES` lists every measure with its definition. A new measure is one entry in one of the family files
(`queueing`, `waits`, `work`, `conversations`, `outbound`, `customers`); cohorts and the window stand in `window`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["cap_intervals", "coverage", "intervals", "measure", "summarise"]

_HOME = {
    "measure": "catalogue",
    "summarise": "catalogue",
    "intervals": "booking",
    "cap_intervals": "capbooking",
    "coverage": "load",
}


def __getattr__(name: str) -> Any:
    """Load pandas and SciPy only for those who measure."""
    if name in _HOME:
        return getattr(import_module(f"simulator.metrics.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
