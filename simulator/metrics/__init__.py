"""Metrics: every number is a function of tables.

    measure(scenario, tables, end_us)   one replication's tables -> additive parts (run it in the worker)
    summarise(scenario, parts)          the parts of all replications -> one table of values with intervals
    intervals(scenario, tables, end_us) one replication's tables -> the `intervals` table
    interval_means(scenario, tables)    the tables of all replications -> their average day, interval by interval
    cap_intervals(scenario, tables, end_us) … -> the `cap_intervals` table
    coverage(scenario)                  before any run: load against capacity, hours nobody covers
    audit.audit(scenario, parts)        theory beside simulated, where theory knows anything of the scenario

Called itself, as `simulator.metrics()`, it gives the catalogue: what every measure means, as a table.

`catalogue.MEASURES` lists every measure with its definition. A new measure is one entry in one of the family files
(`levels`, `queueing`, `work`, `responses`, `outbound`, …): name, unit, definition, scopes, function, title, formula,
cohort, source. What its words mean stands in `terms`, what a cohort is in `cohorts`, the window in `window`.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from simulator.scenario.schema import Scenario

__all__ = ["cap_intervals", "coverage", "interval_means", "intervals", "measure", "summarise"]

_HOME = {
    "measure": "catalogue",
    "summarise": "catalogue",
    "intervals": "booking",
    "interval_means": "averages",
    "cap_intervals": "capbooking",
    "coverage": "load",
}


class _Room(ModuleType):
    """This room: a name of the package that is also a question, `cc.metrics()`."""

    def __call__(
        self, name: str | None = None, scenario: Scenario | None = None, search: str | None = None
    ) -> pd.DataFrame:
        """The catalogue of measures: one row each, or the one of that name, or those with the words of `search`.

        Columns: name, title, unit, family, definition, formula, terms (dict), denominator, cohort, booking, censored,
        scopes, interval, source. `scenario`: with its times and switches, else the defaults'. Raises `UsageError`.
        """
        from simulator.metrics.entries import chosen, table

        return table(chosen([name] if name is not None else [], scenario, search=search))


sys.modules[__name__].__class__ = _Room


def __getattr__(name: str) -> Any:
    """Load pandas and SciPy only for those who measure."""
    if name in _HOME:
        return getattr(import_module(f"simulator.metrics.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
