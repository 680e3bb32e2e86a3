"""Numbers in words: how a value is written by its unit, and lines of a table that are ready to print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.metrics.headlines import leading, number_or_none, scope_text
from simulator.metrics.parts import is_money
from simulator.vocabulary.clock import spoken

if TYPE_CHECKING:
    import pandas as pd

    from simulator.scenario import Scenario

US_PER = {"µs": 1, "s": 1_000_000, "min": 60_000_000}
PLAIN = ("", "count", "messages", "messages/min", "currency")
"""Units that a number goes without: its name says them."""
NOTHING = "–"
NO_RANGE = "No range: all replications gave the same, by plan or because nothing else was seen (or one alone has data)"
"""Why a value of several replications stands without a range; `summary.json` has it at length."""


@dataclass(frozen=True)
class Line:
    """One line of a table of measures, ready to print."""

    group: str
    name: str
    metric: str
    scope: str
    value: str
    interval: str
    definition: str


def headlines(summary: pd.DataFrame, scenario: Scenario) -> list[Line]:
    """The short table: the measures that a summary leads with and has a value for, in that order."""
    return [line_of(row, headline.group, headline.name) for headline, row in leading(summary, scenario)]


def all_lines(summary: pd.DataFrame) -> list[Line]:
    """Every measure, in the summary's own order."""
    return [line_of(row, "", "") for row in summary.to_dict("records")]


def line_of(row: Mapping[str, Any], group: str, name: str) -> Line:
    unit = str(row["unit"])
    value, low, high = (say(row[column], unit) for column in ("value", "ci_low", "ci_high"))
    if high == NOTHING:  # a quantile beyond all samples: at least 0 would say nothing
        interval = f"at least {low}" if number_or_none(row["ci_low"]) else ""
    else:
        interval = f"{low} – {high}"
    return Line(
        group=group,
        name=name,
        metric=str(row["metric"]),
        scope=scope_text(row["scope"]),
        value=value,
        interval=interval,
        definition=str(row["definition"]),
    )


def say(value: Any, unit: str) -> str:
    """A value as people read it: `82.4 %`, `3 min 12 s`, `12,480`, `1,310.40 EUR`."""
    number = number_or_none(value)
    if number is None:
        return NOTHING
    if unit in US_PER:
        return spoken_rounded(round(number * US_PER[unit]))
    if unit == "share":
        return f"{number * 100:.1f} %"
    if is_money(unit):
        return f"{number:,.3g} {unit}" if 0 < abs(number) < 0.1 else f"{number:,.2f} {unit}"
    text = f"{number:,.0f}" if number == int(number) or abs(number) >= 1000 else f"{number:.3g}"
    return f"{text} {unit}" if unit not in PLAIN else text


def spoken_rounded(us: int) -> str:
    """`spoken`, with three digits at most below two minutes."""
    return f"{us / 1_000_000:.3g} s" if abs(us) < 120_000_000 else spoken(us)
