"""Whether the rows of a file and the run cover each other. What lies outside the run never happens: that is said."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from simulator.scenario.survey import Survey
from simulator.scenario.written import parse_duration
from simulator.vocabulary.clock import DAY, Calendar, spoken


def coming_until(survey: Survey) -> int:
    """µs from start until which customers come; 0 where it cannot be read."""
    if survey.at("after_end") == "drain":
        return survey.read(parse_duration, "duration") or 0
    return survey.horizon_us


def beyond(begins: np.ndarray, ends: np.ndarray, values: np.ndarray, end_us: int) -> tuple[str, float, bool]:
    """Rows of a file (µs from start) that hold something which lies outside the run, in words; how much that is, of a
    row that the run cuts its part; and whether any of it lies after the end."""
    inside = (np.minimum(ends, end_us) - np.maximum(begins, 0)).clip(0) / np.maximum(ends - begins, 1)
    lost = values * (1 - inside)
    rows = int(np.count_nonzero(lost))
    cut = int(np.count_nonzero(lost[inside > 0]))
    words = f"{rows:,} of {len(values):,} rows lie " + ("wholly or partly outside" if cut else "outside")
    return words if rows else "", float(lost.sum()), bool(lost[ends > end_us].any())


def amount(number: float) -> str:
    """Of contacts: whole ones, unless they are few."""
    return f"{number:,.0f}" if number >= 10 else f"{number:.3g}"


def clock_hint(survey: Survey, calendar: Calendar, longer: bool) -> str:
    """The duration that ends with the local day, where whole days of 24 hours do not: between them a clock changes."""
    duration = survey.read(parse_duration, "duration") or 0
    if duration % DAY:
        return ""
    closes = calendar.start + timedelta(microseconds=duration)
    meant = calendar.us(closes)
    if meant == duration or (meant > duration) != longer or parse_duration(spoken(meant)) != meant:
        return ""
    return f"the clock changes in between: write `duration: {spoken(meant)}`, which ends at {closes}"
