"""Amounts: a value that some measure must reach, written as people write that measure.

What a plain number means depends on the measure's unit, which the scenario does not know: an amount keeps what was
written, and whoever knows the unit asks `in_unit`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from simulator.scenario.written import Wrong, parse_duration, parse_pace, parse_share, shown
from simulator.vocabulary.clock import HOUR, MINUTE, SECOND

AMOUNTS = "a share (`80 %`), a duration (`3 min`), a rate (`18000/min`) or a number, as the measure's unit asks"
US_PER = {"µs": 1, "s": SECOND, "min": MINUTE, "h": HOUR}
"""Units of measures that are durations."""


@dataclass(frozen=True)
class Amount:
    """A number and how it was written: a bare number, a share (0 to 1), a duration (µs) or a rate (per second)."""

    kind: Literal["number", "share", "duration", "rate"]
    value: float


def parse_amount(value: Any) -> Amount:
    """`80 %`, `3 min`, `18000/min`, `12` -> Amount. Raises Wrong."""
    if isinstance(value, Amount):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value < 0:
            raise Wrong(f"`{value:g}` is negative", AMOUNTS)
        return Amount("number", float(value))
    text = value.strip() if isinstance(value, str) else ""
    if not text:
        raise Wrong(f"{shown(value)} is not an amount", AMOUNTS)
    if text.endswith("%"):
        return Amount("share", parse_share(text))
    if "/" in text or " per " in text:
        return Amount("rate", parse_pace(text))
    return Amount("duration", float(parse_duration(text)))


def in_unit(amount: Amount, unit: str) -> float:
    """The amount as a number of a measure's unit (`share`, `s`, `h`, `messages/min`, `count`, …). Raises Wrong."""
    if amount.value == 0:
        return 0.0
    if unit == "share":
        if amount.kind == "share" or (amount.kind == "number" and amount.value <= 1):
            return amount.value
        raise Wrong("this measure is a share", "a share from `0 %` to `100 %`, or a number from 0 to 1")
    if unit in US_PER:
        if amount.kind == "duration":
            return amount.value / US_PER[unit]
        raise Wrong("this measure is a duration", "a duration with its unit, as `45 s` or `3 min`")
    if amount.kind == "number":
        return amount.value
    if unit.endswith("/min") and amount.kind == "rate":
        return amount.value * 60
    raise Wrong(f"this measure is a number{f' ({unit})' if unit else ''}", "a number, without unit")
