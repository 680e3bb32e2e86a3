"""Sums whose expectation is known: what was drawn, against what the scenario says, with theory's own standard error.

Each replication gives by scope: what was observed and of how many, what was expected of just these, and the variance
of that sum. All four add up over replications.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np

from simulator.metrics.audit import Line, Measured, gathered
from simulator.metrics.parts import Part, Parts, Scope
from simulator.metrics.window import View

MOST = 20
"""Lines of one kind: more would bury the reader (assumed)."""


@dataclass(frozen=True)
class Sum:
    """What one replication says of one scope."""

    observed: float
    of: float
    """How many; 1 for a count."""
    expected: float
    variance: float


@dataclass(frozen=True)
class Kind:
    """One kind of line."""

    key: str
    """Name of its parts."""
    name: str
    unit: str
    source: str
    because: str = ""
    pooled: bool = True
    """More than `MOST` scopes are one line together; False: the largest are shown."""


def tallied(key: str, sums: Iterable[tuple[Scope, Sum]]) -> dict[str, Parts]:
    """Sums as parts that add up."""
    observed: Parts = {}
    expected: Parts = {}
    for scope, one in sums:
        observed[scope] = Part(one.observed, one.of)
        expected[scope] = Part(one.expected, one.variance)
    return {key: observed, f"{key} expected": expected}


def lines_of(kind: Kind, measured: Sequence[Measured]) -> list[Line]:
    """A line for each scope of which something happened."""
    scopes = dict.fromkeys(scope for one in measured for scope in one.get(kind.key, {}))
    found = []
    for scope in scopes:
        observed, of = gathered(measured, kind.key, scope)
        expected, variance = gathered(measured, f"{kind.key} expected", scope)
        if of.sum() > 0:
            found.append((dict(scope), observed, of, expected, variance))
    if len(found) <= MOST:
        return [_line(kind, *one) for one in found]
    if kind.pooled:
        together = [np.array([one[1:] for one in found]).sum(axis=0)[i] for i in range(4)]
        wide = replace(kind, because="; ".join(filter(None, (kind.because, f"{len(found)} together"))))
        return [_line(wide, {}, *together)]
    found.sort(key=lambda one: -float(one[3].sum()))
    named = replace(kind, because="; ".join(filter(None, (kind.because, f"{MOST} of {len(found)}, the largest"))))
    return [_line(named, *one) for one in found[:MOST]]


def _line(
    kind: Kind, scope: dict[str, str], observed: np.ndarray, of: np.ndarray, expected: np.ndarray, variance: np.ndarray
) -> Line:
    number = float(of.sum())
    return Line(
        name=kind.name,
        scope=scope,
        unit=kind.unit,
        source=kind.source,
        theory=float(expected.sum()) / number,
        numerators=observed,
        denominators=of,
        standard_error=sqrt(max(float(variance.sum()), 0.0)) / number,
        because=kind.because,
    )


def shares(
    view: View,
    table: str,
    scopes: Sequence[tuple[Scope, float]],
    rows_of: Callable[[Scope], np.ndarray],
    yes: np.ndarray,
) -> list[tuple[Scope, Sum]]:
    """Independent yes or no with a known probability, by scope: `rows_of` gives the rows of a scope. [row]"""
    found = []
    for scope, share in scopes:
        rows = rows_of(scope)
        number = float(rows.sum())
        found.append((scope, Sum(float((rows & yes).sum()), number, number * share, number * share * (1 - share))))
    return found
