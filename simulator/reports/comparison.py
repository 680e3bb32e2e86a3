"""Two plans side by side: what differs, how sure that is, in words and as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from simulator.metrics.headlines import headings, number_or_none, scope_of, scope_text, titles
from simulator.metrics.levels import judged
from simulator.reports.words import NOTHING, say

if TYPE_CHECKING:
    from simulator.experiments.compare import Comparison

PAIRED = (
    "Both plans meet the same customers (common random numbers); the ranges are 95 % confidence of the difference, "
    "pair by pair; pairs that are all alike have no range. * marks ranges without 0; of twenty rows that do not differ "
    "one will be marked by luck."
)


def table(found: Comparison, everything: bool = False) -> list[list[str]]:
    """Head and rows: measure, A, B, difference, its interval, a mark where the interval leaves 0 out."""
    head = ["", "A", "B", "B − A", "95 % interval", ""]
    rows = found.table.to_dict("records")
    if everything:
        named = titles(found.a.scenario)
        chosen = [(_both(str(row["metric"]), scope_text(row["scope"]), named), row) for row in rows]
    else:
        chosen = [
            (", ".join(filter(None, (headline.name, scope_text(row["scope"])))), row)
            for headline in headings(found.a.scenario)
            for row in rows
            if row["metric"] == headline.metric and list(scope_of(row["scope"])) == headline.scopes
        ]
    return [head, *([name, *_cells(row, found.a.replications)] for name, row in chosen)]


def _both(metric: str, scope: str, named: Mapping[str, str]) -> str:
    """`tWait queue service: wait in queue, mean`"""
    return f"{metric} {scope}".strip() + (f": {named[metric]}" if metric in named else "")


def _cells(row: Mapping[Any, Any], pairs: int) -> list[str]:
    unit, low, high = str(row["unit"]), row["ci_low"], row["ci_high"]
    interval = f"{change(low, unit)} to {change(high, unit)}"
    if number_or_none(low) is None:
        interval = "every pair alike" if pairs > 1 and number_or_none(row["difference"]) is not None else ""
    return [
        say(row["a"], unit),
        say(row["b"], unit),
        change(row["difference"], unit),
        interval,
        "*" if surely(row) else "",
    ]


def surely(row: Mapping[Any, Any]) -> bool:
    """Whether the whole interval of the difference lies on one side of 0."""
    low, high = number_or_none(row["ci_low"]), number_or_none(row["ci_high"])
    return low is not None and high is not None and (low > 0 or high < 0)


def change(value: Any, unit: str) -> str:
    """A difference as people read it: `+2.1 points`, `−12 s`."""
    number = number_or_none(value)
    if number is None:
        return NOTHING
    sign = "−" if number < 0 else "+" if number > 0 else "±"
    if unit == "share":
        return f"{sign}{abs(number) * 100:.1f} points"
    return f"{sign}{say(abs(number), unit)}"


def answer(found: Comparison) -> list[str]:
    """What the comparison says about the service level, and how much the pairing helped, in words."""
    row = found.row(judged(found.a.scenario))
    unit = str(row["unit"])
    lead = f"Service level: A {say(row['a'], unit)}, B {say(row['b'], unit)}, {change(row['difference'], unit)}"
    if number_or_none(row["ci_low"]) is None:
        alike = f"; all {found.a.replications} pairs have the same difference, so that there is no range."
        lead += "; how sure that is cannot be said." if found.a.replications < 2 else alike
    elif surely(row):
        lead += f"; B is {'better' if row['difference'] > 0 else 'worse'}, the whole range says so."
    else:
        lead += "; the range contains 0: the difference may be luck."
    lines = [lead, PAIRED]
    saved = number_or_none(row["variance_saved"])
    if saved is not None:
        lines.append(_saved(float(saved)))
    return lines


def _saved(share: float) -> str:
    if share <= 0:
        return "Pairing saved nothing here: the two plans treat the same customers too differently."
    return (
        f"Pairing saved {share * 100:.0f} % of the variance of this difference: unpaired, "
        f"{1 / max(1 - share, 1e-9):.3g} times as many replications would be needed."
    )


def document(found: Comparison) -> dict[str, Any]:
    """What `--json` prints."""
    return {
        "a": found.a.scenario.name,
        "b": found.b.scenario.name,
        "seed": found.a.seed,
        "replications": found.a.replications,
        "paired": PAIRED,
        "differences": [
            {
                name: scope_of(value) if name == "scope" else value if isinstance(value, str) else number_or_none(value)
                for name, value in row.items()
            }
            for row in found.table.to_dict("records")
        ],
    }


def as_csv(found: Comparison) -> str:
    """All differences as CSV, for a spreadsheet: no name can be taken for a formula (scopes stand in words)."""
    stream = io.StringIO()
    out = csv.writer(stream, lineterminator="\n")
    names = [name for name in found.table.columns if name != "definition"]
    out.writerow(names)
    for row in found.table.to_dict("records"):
        out.writerow([scope_text(row[name]) if name == "scope" else _plain(row[name]) for name in names])
    return stream.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return value
    number = number_or_none(value)
    return "" if number is None else number
