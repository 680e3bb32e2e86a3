"""The catalogue of measures, in the order of a summary, and the two steps from tables to values.

A new measure is one entry in one family's file; nothing else lists it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from simulator.metrics import (
    caps,
    confidence,
    conversations,
    cost,
    customers,
    days,
    demands,
    handling,
    holding,
    letters,
    levels,
    outbound,
    people,
    queueing,
    requirement,
    responses,
    trouble,
    waiting,
    work,
)
from simulator.metrics.parts import ALL, Measure, Part, Parts, Scope, unit_of
from simulator.metrics.window import View
from simulator.scenario.schema import Scenario
from simulator.vocabulary.errors import BrokenInvariant

if TYPE_CHECKING:
    import pandas as pd

FAMILIES: dict[str, tuple[Measure, ...]] = {
    "Service level": (*levels.LEVELS, *queueing.SHARES, *days.DAYS),
    "Queue": (*queueing.COUNTS, *queueing.WAITS),
    "Why they waited": (*waiting.WAITING, *holding.HOLDING),
    "Occupancy": work.OCCUPANCY,
    "People": people.PEOPLE,
    "Staff required": requirement.REQUIREMENT,
    "Cost": cost.COST,
    "Responses": responses.RESPONSES,
    "Sessions": (*work.SESSIONS, *handling.HANDLING),
    "Conversations": conversations.CONVERSATIONS,
    "Customers": customers.CUSTOMERS,
    "Outbound": (*outbound.OUTBOUND, *caps.CAP_MEASURES),
    "Messages on their way": letters.LETTERS,
    "Content filter": trouble.FILTER,
    "Outages": trouble.OUTAGES,
}
"""Every measure, by what it is about, in the order of a summary."""
MEASURES: tuple[Measure, ...] = tuple(measure for family in FAMILIES.values() for measure in family)
"""Every measure; names are unique."""
_BY_NAME = {each.name: each for each in MEASURES}

COLUMNS = ("metric", "scope", "value", "ci_low", "ci_high", "unit", "definition", "replications")

Measured = dict[str, Parts]
"""What one replication gives: parts by scope, by measure. Small, and fit to be sent between processes."""


def measure(scenario: Scenario, tables: Mapping[str, pd.DataFrame], end_us: int, view: View | None = None) -> Measured:
    """Everything the catalogue measures in one replication. `end_us`: when the run ended.

    `view`: of these tables, where somebody else looks at them too; what one works out the next finds there.
    """
    view = view or View(scenario, tables, end_us)
    return {each.name: each.parts(view) for each in MEASURES}


def summarise(scenario: Scenario, parts: Sequence[Measured]) -> pd.DataFrame:
    """One row per measure and scope: value over all replications, 95 % interval, unit, definition in words.

    Columns: metric, scope (dict), value, ci_low, ci_high, unit, definition, replications (how many had data). Null
    (nan): nothing to divide by; of an interval, what `confidence.NO_INTERVAL` says.
    """
    import pandas as pd

    rows = []
    for each in MEASURES:
        found = [measured.get(each.name, {}) for measured in parts]
        definition = each.describe(scenario)
        for scope in _scopes(each, scenario):
            mine = [one.get(scope, Part()) for one in found]
            value, low, high = valued(each, mine)
            with_data = sum(_has_data(part) for part in mine)
            rows.append((each.name, dict(scope), value, low, high, unit_of(each, scenario), definition, with_data))
    summary = pd.DataFrame(rows, columns=list(COLUMNS))
    return summary.astype({"value": "float64", "ci_low": "float64", "ci_high": "float64", "replications": "int64"})


def named(name: str) -> Measure:
    """The measure of that name. Raises KeyError."""
    return _BY_NAME[name]


def _scopes(each: Measure, scenario: Scenario) -> list[Scope]:
    """The scopes of a measure that a scenario has: all, then each queue, channel, … by name."""
    out = scenario.outbound
    lanes = {"agent": True, "flow": True, "campaign": bool(out.campaigns), "agentless": bool(out.notifications)}
    names = {
        "queue": sorted(scenario.queues),
        "channel": sorted(scenario.channels),
        "topic": sorted(scenario.topics),
        "group": sorted(scenario.agents),
        "lane": [lane for lane, used in lanes.items() if used],
        "source": sorted([*out.campaigns, *out.notifications]),
        "outage": sorted(scenario.outages),
        **{scope: list(names) for scope, names in letters.scopes(scenario).items()},
    }
    if each.name not in outbound.EVERY_LANE:
        names["lane"] = [lane for lane in names["lane"] if lane in outbound.BULK]
    scopes: list[Scope] = [ALL] if each.overall else []
    for scope in each.scopes:
        if scope == "lane_cap":
            scopes += caps.scopes(scenario)
        elif scope == demands.SCOPE:
            scopes += [demand.scope for demand in demands.demands(scenario)]
        elif scope == "opt_in":
            scopes += caps.opt_in_scopes(scenario)
        else:
            scopes += [((scope, name),) for name in names[scope]]
    return scopes


def valued(each: Measure, parts: Sequence[Part]) -> tuple[float, float, float]:
    """Value and ends of the 95 % interval of a measure in one scope, from the parts of all replications."""
    value, low, high = _value(each, parts)
    low, high = np.clip((low, high), 0.0, 1.0 if each.unit == "share" else None)  # no measure lies beyond
    return value, float(low), np.nan if np.isinf(high) else float(high)  # inf: too few samples to bound a quantile


def _value(each: Measure, parts: Sequence[Part]) -> tuple[float, float, float]:
    if each.quantile is not None:
        empty = np.empty(0)
        samples = [part.samples if part.samples is not None else empty for part in parts]
        return confidence.quantile_interval(samples, each.quantile)
    numerators = np.array([part.numerator for part in parts], dtype=float)
    denominators = np.array([part.denominator for part in parts], dtype=float)
    if not (np.isfinite(numerators).all() and np.isfinite(denominators).all()):
        raise BrokenInvariant(f"measure {each.name}: a part is not a number")
    if each.open:
        return confidence.share_interval(numerators, denominators)
    return confidence.ratio_interval(numerators, denominators)


def _has_data(part: Part) -> bool:
    return part.denominator > 0 or (part.samples is not None and len(part.samples) > 0)
