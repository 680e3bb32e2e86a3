"""How many? The staffing curve: one group's number of agents against service level and occupancy."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.experiments.compare import paired
from simulator.experiments.sweep import sweep, value_of
from simulator.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from simulator.experiments.replicate import OnProgress, Replications
    from simulator.scenario import Scenario

COLUMNS = (
    "first_reply_within",
    "occupancy_work",
    "occupancy_slots",
    "occupancy_status",
    "abandon_share",
    "silent_share",
)
"""Measures of a staffing curve, behind the service level that the target is about; all of them shares, of the whole
scenario."""
AGAINST = "against_today"
"""Column of the paired differences."""
PAIRED = (
    "Every line meets the same customers (common random numbers): what differs between two lines comes from the "
    "agents, and is known better than the ranges say."
)


NOTICED = 0.02
"""A change of the service level that a planner would notice: two points (assumed)."""


@dataclass(frozen=True)
class Staffing:
    """A staffing curve."""

    group: str
    target: float
    counts: tuple[int, ...]
    """Ascending, today's among them. [point]"""
    values: dict[str, tuple[tuple[float, float, float], ...]]
    """Measure -> value and 95 % interval (nan: none). [point]"""
    today: int
    """The scenario's own count."""
    gains: tuple[tuple[float, float, float], ...]
    """Service level minus that of today's count, on the same customers, with its 95 % interval. [point]"""
    level: str = "oServiceLevel"
    """The service level that the target is about."""

    @property
    def enough(self) -> int | None:
        """The smallest count tried whose service level, and that of every larger count tried, meets the target.

        Only counts that are better than today's, or fewer than today's where today's meet the target: luck is no
        reason to change a plan.
        """
        return self._smallest([value for value, _, _ in self.values[self.level]])

    @property
    def enough_surely(self) -> int | None:
        """The same with the whole interval at or above the target; None too where there are no intervals."""
        return self._smallest([low for _, low, _ in self.values[self.level]])

    def _smallest(self, levels: Sequence[float]) -> int | None:
        found = None
        for number in reversed(range(len(self.counts))):
            if not levels[number] >= self.target:  # nan is not enough
                break
            if self._better(number) or (self.counts[number] <= self.today and self.today_meets):
                found = self.counts[number]
        return found

    def _better(self, number: int) -> bool:
        """Whether the paired difference is above 0, with its whole interval where there is one."""
        value, low, _ = self.gains[number]
        return value > 0 and not low <= 0

    @property
    def today_meets(self) -> bool:
        """Whether today's count meets the target on average."""
        level, gain = self.values[self.level][0][0], self.gains[0][0]
        return level - gain >= self.target - 1e-12  # a difference taken back

    @property
    def hardly_moves(self) -> bool:
        """Whether every count tried surely changes the service level by less than `NOTICED`, either way."""
        others = [gain for count, gain in zip(self.counts, self.gains, strict=True) if count != self.today]
        return bool(others) and all(low > -NOTICED and high < NOTICED for _, low, high in others)

    def document(self) -> dict[str, Any]:
        """What `--json` prints under `staffing`."""
        return {
            "group": self.group,
            "target": self.target,
            "level": self.level,
            "today": self.today,
            "hardly_moves": self.hardly_moves,
            "paired": PAIRED,
            "enough": self.enough,
            "enough_with_whole_interval": self.enough_surely,
            "points": [
                {"agents": count}
                | {
                    name: dict(zip(("value", "ci_low", "ci_high"), map(_or_none, several[number]), strict=True))
                    for name, several in (self.values | {AGAINST: self.gains}).items()
                }
                for number, count in enumerate(self.counts)
            ],
        }

    def csv(self) -> str:
        """The same as CSV: group, agents, then each measure with its interval; empty: no value."""
        columns = self.values | {AGAINST: self.gains}
        stream = io.StringIO()
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(["group", "agents", *(f"{name}{end}" for name in columns for end in ("", "_ci_low", "_ci_high"))])
        for number, count in enumerate(self.counts):
            cells = [value for several in columns.values() for value in several[number]]
            out.writerow([self.group, count, *(f"{cell:.6g}" if math.isfinite(cell) else "" for cell in cells)])
        return stream.getvalue()


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
    _one_count(scenario, group)
    if match := re.fullmatch(r"(\d{1,6}):(\d{1,6})(?::(\d{1,6}))?", numbers):
        first, last, step = int(match[1]), int(match[2]), int(match[3] or 1)
        if first > last or step == 0:
            raise UsageError(f"--agents {text!r} goes nowhere; {how}")
        return group, tuple(range(first, last + 1, step))
    if re.fullmatch(r"\d{1,6}(\s*,\s*\d{1,6})*", numbers):
        return group, tuple(sorted({int(number) for number in numbers.split(",")}))
    raise UsageError(f"--agents {text!r} is not understood; {how}")


def _one_count(scenario: Scenario, group: str) -> None:
    """Refuses a group whose number of agents is not one count."""
    from simulator.scenario.roster import counted_by

    key = counted_by(scenario.agents[group])
    if key == "staffing":
        path = f"agents.{group}.staffing.scale"
        raise UsageError(f"{group} is staffed by interval: there is no one number of agents; vary {path}, as 0.9,1,1.1")
    if key == "shifts":
        raise UsageError(
            f"the shifts of {group} have a count each: there is no one number of agents; "
            f"vary agents.{group}.shifts.0.count, or give each shift a share"
        )


def staffing(
    scenario: Scenario,
    group: str,
    counts: Sequence[int],
    workers: int | None = None,
    engine: str = "model",
    on_progress: OnProgress | None = None,
    known: Replications | None = None,
) -> Staffing:
    """The staffing curve of one group; `known` as for `sweep`: here the scenario's own run, if there is one.

    Today's count always has its point, to compare with.
    """
    from simulator.metrics.levels import judged

    path = f"agents.{group}.count"
    today = int(scenario.agents[group].count)
    tried = sorted({*counts, today})
    points = sweep(scenario, {path: tried}, workers=workers, engine=engine, on_progress=on_progress, known=known)
    runs = {count: point.run for count, point in zip(tried, points, strict=True)}
    level = judged(scenario)
    return Staffing(
        group=group,
        target=scenario.service_level.target,
        counts=tuple(tried),
        values={name: tuple(value_of(runs[count], name) for count in tried) for name in (level, *COLUMNS)},
        today=today,
        gains=tuple(paired(runs[count], runs[today], level) for count in tried),
        level=level,
    )


def _or_none(value: float) -> float | None:
    return value if math.isfinite(value) else None
