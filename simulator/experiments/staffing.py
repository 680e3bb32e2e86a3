"""How many? The staffing curve: one group's number of agents against service level and occupancy."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.experiments.sweep import Point, sweep, value_of
from simulator.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from simulator.experiments.replicate import OnProgress, Replications
    from simulator.scenario import Scenario

LEVEL = "oServiceLevel"
COLUMNS = (
    LEVEL,
    "first_reply_within",
    "occupancy_work",
    "occupancy_slots",
    "occupancy_status",
    "abandon_share",
    "silent_share",
)
"""Measures of a staffing curve; all of them shares, of the whole scenario."""
PAIRED = (
    "Every line meets the same customers (common random numbers): what differs between two lines comes from the "
    "agents, and is known better than the ranges say."
)


@dataclass(frozen=True)
class Staffing:
    """A staffing curve."""

    group: str
    target: float
    counts: tuple[int, ...]
    """Ascending. [point]"""
    values: dict[str, tuple[tuple[float, float, float], ...]]
    """Measure -> value and 95 % interval (nan: none). [point]"""

    @property
    def enough(self) -> int | None:
        """The smallest count tried whose service level, and that of every larger count tried, meets the target."""
        return self._smallest([value for value, _, _ in self.values[LEVEL]])

    @property
    def enough_surely(self) -> int | None:
        """The same with the whole interval at or above the target; None too where there are no intervals."""
        return self._smallest([low for _, low, _ in self.values[LEVEL]])

    def _smallest(self, levels: Sequence[float]) -> int | None:
        found = None
        for count, level in zip(reversed(self.counts), reversed(levels), strict=True):
            if not level >= self.target:  # nan is not enough
                break
            found = count
        return found

    def document(self) -> dict[str, Any]:
        """What `--json` prints under `staffing`."""
        return {
            "group": self.group,
            "target": self.target,
            "paired": PAIRED,
            "enough": self.enough,
            "enough_with_whole_interval": self.enough_surely,
            "points": [
                {"agents": count}
                | {
                    name: dict(zip(("value", "ci_low", "ci_high"), map(_or_none, several[number]), strict=True))
                    for name, several in self.values.items()
                }
                for number, count in enumerate(self.counts)
            ],
        }

    def csv(self) -> str:
        """The same as CSV: agents, then each measure with its interval; empty: no value."""
        names = [f"{name}{suffix}" for name in self.values for suffix in ("", "_ci_low", "_ci_high")]
        lines = [",".join(["agents", *names])]
        for number, count in enumerate(self.counts):
            cells = [f"{value:.6g}" for several in self.values.values() for value in several[number]]
            lines.append(",".join([str(count), *("" if cell == "nan" else cell for cell in cells)]))
        return "\n".join(lines) + "\n"


def wanted(text: str, scenario: Scenario) -> tuple[str, tuple[int, ...]]:
    """`early=10:20:2` -> the group and its counts, ascending; also `early=10:20` and `early=10,12,16`.

    The end belongs to the counts when a step reaches it. Raises `UsageError`.
    """
    from simulator.scenario.written import nearest

    group, equals, numbers = (part.strip() for part in text.partition("="))
    how = "write --agents GROUP=FROM:TO:STEP, as early=10:20:2"
    if not equals:
        raise UsageError(f"--agents {text!r} is not understood; {how}")
    if group not in scenario.agents:
        known = sorted(scenario.agents)
        hint = nearest(group, known)
        raise UsageError(f"there is no group of agents {group!r}; groups: {', '.join(known)}. {hint}".rstrip(". "))
    if match := re.fullmatch(r"(\d{1,6}):(\d{1,6})(?::(\d{1,6}))?", numbers):
        first, last, step = int(match[1]), int(match[2]), int(match[3] or 1)
        if first > last or step == 0:
            raise UsageError(f"--agents {text!r} goes nowhere; {how}")
        return group, tuple(range(first, last + 1, step))
    if re.fullmatch(r"\d{1,6}(\s*,\s*\d{1,6})*", numbers):
        return group, tuple(sorted({int(number) for number in numbers.split(",")}))
    raise UsageError(f"--agents {text!r} is not understood; {how}")


def staffing(
    scenario: Scenario,
    group: str,
    counts: Sequence[int],
    workers: int | None = None,
    engine: str = "model",
    on_progress: OnProgress | None = None,
    known: Replications | None = None,
) -> Staffing:
    """The staffing curve of one group; `known` as for `sweep`."""
    path = f"agents.{group}.count"
    points = sweep(scenario, {path: counts}, workers=workers, engine=engine, on_progress=on_progress, known=known)
    return curve(group, [int(str(point.settings[path])) for point in points], points)


def curve(group: str, counts: Sequence[int], points: Sequence[Point]) -> Staffing:
    return Staffing(
        group=group,
        target=points[0].run.scenario.service_level.target,
        counts=tuple(counts),
        values={name: tuple(value_of(point.run, name) for point in points) for name in COLUMNS},
    )


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
