"""A measure: one named number, in words and as a formula, computed from the tables of one replication at a time.

A replication gives a `Part` for each scope. Parts add up: the value over replications is the sum of the numerators
over the sum of the denominators, or a quantile of all samples together. Nothing to divide by is null, never zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from simulator.metrics.cohorts import Cohort
from simulator.metrics.sources import OWN, Source
from simulator.metrics.window import View
from simulator.scenario.schema import Scenario

Scope = tuple[tuple[str, str], ...]
"""`(("queue", "service"),)`; () for all. A summary shows it as a dict."""

ALL: Scope = ()


@dataclass(frozen=True)
class Part:
    """What one replication adds to one measure in one scope."""

    numerator: float = 0.0
    denominator: float = 0.0
    samples: np.ndarray | None = None
    """For quantiles: the values themselves. [sample]"""


Parts = dict[Scope, Part]


UNITS = {
    "share": "0 to 1, shown as per cent",
    "count": "a number of things, customers or agents",
    "messages": "a number of messages",
    "messages/min": "messages per minute",
    "s": "seconds",
    "h": "hours",
    "FTE": "full-time equivalents",
    "currency": "money, in the scenario's own currency",
}
"""Every unit there is. A summary says the currency itself: `EUR`."""
NO_MONEY = frozenset({*UNITS, "", "µs", "min"})
"""Units that are no currency, those of accounts and theory included."""

Words = str | Callable[[Scenario], str]
"""A text, or a function that makes it where a scenario's switches decide."""


@dataclass(frozen=True)
class Measure:
    """One entry of the catalogue: all that is said about a measure, anywhere, is said here."""

    name: str
    unit: str
    definition: Words
    """The formula in words, with the denominator and what starts the clock."""
    scopes: tuple[str, ...]
    """Scopes it exists for beside {} (all)."""
    parts: Callable[[View], Parts]
    quantile: float | None = None
    """The quantile of the pooled samples; None: a ratio of sums."""
    overall: bool = True
    """Whether it exists for {}."""
    title: Words = ""
    """What a table calls it: a few plain words."""
    formula: Words = ""
    """In mathematics, plain text: `Σ wait ÷ Σ left`. Σ runs over the rows of the cohort in all replications, ∫ over
    the window; each word is explained in `terms`, or is itself a measure."""
    open: bool = False
    """A share that neither plan nor platform can fix at 0 or 1: where all replications gave the same it has an interval
    all the same (`confidence.share_interval`)."""
    cohort: Cohort | None = None
    """What it counts, by which start; how it is booked, what is censored."""
    source: Source = OWN

    def describe(self, scenario: Scenario) -> str:
        return said(self.definition, scenario)

    @property
    def method(self) -> str:
        """How its interval is made: a key of `confidence.METHODS`."""
        return "quantile" if self.quantile is not None else "share" if self.open else "ratio"


def unit_of(measure: Measure, scenario: Scenario) -> str:
    """Its unit as a summary says it: of money the currency of the scenario, `outbound.template_rates.currency`."""
    currency = scenario.outbound.template_rates.currency
    return currency if measure.unit == "currency" and currency not in NO_MONEY else measure.unit


def is_money(unit: str) -> bool:
    """Whether a summary's unit is a currency."""
    return unit not in NO_MONEY


def said(words: Words, scenario: Scenario) -> str:
    """A text as it holds for a scenario."""
    return words if isinstance(words, str) else words(scenario)


def by(
    view: View,
    table: str,
    scopes: Iterable[str],
    numerator: np.ndarray,
    denominator: np.ndarray | float,
    codes: dict[str, np.ndarray] | None = None,
) -> Parts:
    """Sums of numerator and denominator over all rows and over each scope's rows. [row]

    A number as denominator is the same for every scope: 1 makes a count per replication, the window a mean over
    time. `codes` gives scope numbers of rows where the table has no column of that name.
    """
    top = np.asarray(numerator, dtype=float)
    bottom = np.asarray(denominator, dtype=float)
    each = bottom.ndim > 0
    parts: Parts = {ALL: Part(float(top.sum()), float(bottom.sum()))}
    for scope in scopes:
        code = codes[scope] if codes and scope in codes else view.codes(table, scope)
        names, place = view.names[scope], code + 1  # who has none is summed up in place 0, which nobody reads
        tops = np.bincount(place, weights=top, minlength=len(names) + 1)[1:]
        if each:
            bottoms = np.bincount(place, weights=bottom, minlength=len(names) + 1)[1:]
        else:
            bottoms = np.full(len(names), float(bottom))
        for i, name in enumerate(names):
            parts[((scope, name),)] = Part(float(tops[i]), float(bottoms[i]))
    return parts


def mean_of(view: View, table: str, scopes: Iterable[str], values: np.ndarray, rows: np.ndarray) -> Parts:
    """Mean of the values of the chosen rows that have one. [row]"""
    used = rows & ~np.isnan(values)
    return by(view, table, scopes, np.where(used, values, 0.0), used)


def sampled(view: View, table: str, scopes: Iterable[str], values: np.ndarray, rows: np.ndarray) -> Parts:
    """The values of the chosen rows that have one, kept for quantiles. [row]"""
    used = rows & ~np.isnan(values)
    parts: Parts = {ALL: Part(samples=values[used])}
    for scope in scopes:
        code = view.codes(table, scope)
        for i, name in enumerate(view.names[scope]):
            parts[((scope, name),)] = Part(samples=values[used & (code == i)])
    return parts


def one(scope: Scope, numerator: float, denominator: float) -> Parts:
    return {scope: Part(float(numerator), float(denominator))}
