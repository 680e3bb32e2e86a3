"""The rows of a summary by name: which measure, of what. What names none of them is told with the nearest that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from simulator.scenario.written import Complaint, nearest

if TYPE_CHECKING:
    import pandas as pd

    from simulator.scenario import Scenario

Key = tuple[str, tuple[tuple[str, str], ...]]
"""Metric and scope: one row of a summary."""


def key(metric: str, scope: Mapping[str, str]) -> Key:
    return metric, tuple(sorted((str(kind), str(name)) for kind, name in scope.items()))


def by_name(summary: pd.DataFrame) -> dict[Key, Mapping[str, Any]]:
    return {key(str(row["metric"]), dict(row["scope"])): row for row in summary.to_dict("records")}


def before_any_run(scenario: Scenario) -> dict[Key, Mapping[str, Any]]:
    """The rows that a summary of this scenario will have, without values."""
    from simulator import metrics

    return by_name(metrics.summarise(scenario, []))


def misnamed(rows: Iterable[Key], metric: str | None, scope: Mapping[str, str] | None) -> list[Complaint]:
    """Why a summary has no such row; empty if it has one. None: could not be read, so nothing is said of it."""
    known = list(rows)
    found = []
    names = list(dict.fromkeys(name for name, _ in known))
    is_measure = metric is None or metric in names
    if metric is not None and not is_measure:
        hint = nearest(metric, names) or "`ccsim run --json` lists all measures"
        allowed = "the name of a measure, as summary.json has it"
        found.append(Complaint(f"`{metric}` is not a measure", allowed, hint, ("metric",)))
    if scope is None:
        return found
    wanted = key("", scope)[1]
    there = {other: None for name, other in known if name == metric or metric is None or not is_measure}
    if wanted not in there:
        said, scopes = _said(wanted), [_said(one) for one in there]
        problem = f"{metric} is not measured" if is_measure and metric else "nothing is measured"
        found.append(Complaint(f"{problem} for {said}", ", ".join(scopes), nearest(said, scopes), ("scope",)))
    return found


def _said(scope: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{kind} {name}" for kind, name in scope) or "all"
