"""Is the warm-up long enough? MSER-5 on series from time 0, averaged over replications.

A run begins empty. What it measures must not remember that: the number in system, waits, and the share of portions that
re-open, which needs as long as the threading window. MSER takes a series Y_0 … Y_(b-1) of batch means and cuts off the
first d for which

    z(d) = sum of (Y_j - mean)^2 over j = d … b-1, divided by (b - d)^2

is least, up to d = b - 5: the squared standard error of the mean of what is left, up to a constant. Source:
K. P. White, An effective truncation heuristic for bias reduction in simulation output, Simulation 69 (1997);
K. P. White, M. J. Cobb and S. C. Spratt, A comparison of five steady-state truncation heuristics for simulation, Proc.
Winter Simulation Conf. 2000 (batches of 5: MSER-5). Averaging over replications first: K. Hoad, S. Robinson and
R. Davies, Automating warm-up length estimation, J. Oper. Res. Soc. 61 (2010); their rule that a cut in the second half
is none is used too.

What MSER cuts off is often chance: in stationary queues (M/M/2 at 67 %, M/M/1 at 90 %, M/G/infinity; 500
observations, a warm-up of ten relaxation times) it cuts off more than the warm-up in 18 to 38 % of single replications,
and in 10 to 34 % of the means of 5 to 20. So a cut beyond the warm-up has to be confirmed: what is measured and would
be cut off must differ from the rest, replication by replication, at 99 % and by more than a planner would mind. That
leaves 0 to 2 %, and of M/G/infinity from empty without any warm-up 64 % (5 replications) to 87 % (20) are still noticed
(330 experiments each). One replication confirms nothing.

Where arrivals or staff follow the clock there is no steady state between night and noon. Days (or weeks) that are alike
by plan are compared instead: MSER on their means where there are many, else the last of the warm-up against the first
that is measured, replication by replication. Where no two are alike by plan nothing can be said, and that is said.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.metrics import cycles, steps
from simulator.metrics.confidence import interval, ratio_pseudo
from simulator.metrics.window import View
from simulator.scenario.schema import Scenario
from simulator.vocabulary.clock import DAY, MINUTE, spoken

if TYPE_CHECKING:
    import pandas as pd

BATCH = 5
LEFT = 5
"""Batches that are always left: z of the last few is small by chance (Hoad, Robinson and Davies)."""
LEAST_BATCHES = 10
"""MSER on fewer says nothing (White takes far more; assumed)."""
BINS = 500
"""Observations of a run of up to a day; a longer one has one every half hour."""
NOTICED = 0.05
"""A drift between two days that a planner would mind, as a share of the measured day's value (assumed)."""
PLANNED, SEARCHED = 0.05, 0.01
"""Chance of a false alarm, of two days that are known beforehand, and of a cut that was looked for: see above."""
SERIES = ("number in system", "wait by queue entry", "share re-opened")
ENOUGH, TOO_SHORT, NOT_APPLICABLE = "enough", "too short", "not applicable"
SOURCE = "White 1997; White, Cobb and Spratt 2000; Hoad, Robinson and Davies 2010"


def mser(values: np.ndarray, batch: int = BATCH, least_left: int = LEFT) -> tuple[int, bool]:
    """How many observations to cut off, and whether the series has settled. [observation]

    A rest that fills no batch is left out; of equal cuts the shortest. Not settled: the least z lies in the second
    half, where the series may just be going on changing. `least_left`: batches that are never cut off. Raises
    ValueError where there are not more than these.
    """
    means = values[: len(values) // batch * batch].reshape(-1, batch).mean(axis=1)
    b = len(means)
    tried = b - least_left + 1
    if tried < 2:
        raise ValueError(f"{len(values)} observations are too few: at least {least_left + 1} batches of {batch}")
    left = b - np.arange(tried)
    # sums from behind; taken from the mean of all, so that large numbers leave their digits to the differences
    apart = means - means.mean()
    total = np.cumsum(apart[::-1])[::-1][:tried]
    squares = np.cumsum(apart[::-1] ** 2)[::-1][:tried]
    z = (squares - total**2 / left) / left**2
    cut = int(np.argmax(z <= z.min() + 1e-12 * max(float(z[0]), 0.0)))  # equal but for rounding: the shortest
    return cut * batch, cut <= b // 2


# --- the series of one replication -------------------------------------------------------------------------------


def edges(scenario: Scenario) -> np.ndarray:
    """Edges of the observations, from 0 to the end of the measured time."""
    duration = scenario.duration_us
    step = max(duration // BINS, 1) if duration <= DAY else 30 * MINUTE
    return np.append(np.arange(0, duration - step + 1, step, dtype=np.int64), np.int64(duration // step * step))


def series(scenario: Scenario, tables: Mapping[str, pd.DataFrame], end_us: int, view: View | None = None) -> np.ndarray:
    """Numerators and denominators of `SERIES` by observation. [series, 2, observation]

    `view`: as `metrics.measure` takes it.
    """
    view = view or View(scenario, tables, end_us)
    at = edges(scenario)
    found = np.zeros((len(SERIES), 2, len(at) - 1))
    for stays in (
        view.stays("offers", "entered_us", "left_us"),
        view.stays("sessions", "connected_us", "disconnected_us"),
    ):
        found[0, 0] += steps.areas(stays[1], np.minimum(stays[2], at[-1]), at)
    found[0, 1] = np.diff(at)
    entered = view.column("offers", "entered_us")
    left = view.column("offers", "left_us")
    waits = np.where(np.isnan(left), view.end_us, left) - entered
    found[1] = _sums(entered, waits, at)
    found[2] = _sums(view.column("portions", "opened_us"), view.flag("portions", "reopened").astype(float), at)
    return found


def _sums(start: np.ndarray, values: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.histogram(start, at, weights=values)[0], np.histogram(start, at)[0]


# --- all replications --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verdict:
    """What is known about the warm-up."""

    verdict: str
    words: str
    method: str
    by_series: tuple[Mapping[str, Any], ...] = field(default=())

    @property
    def warning(self) -> str:
        """Empty unless the warm-up is too short."""
        return f"warm_up: {self.words}" if self.verdict == TOO_SHORT else ""

    def document(self) -> dict[str, Any]:
        """As summary.json has it."""
        return {
            "verdict": self.verdict,
            "words": self.words,
            "method": self.method,
            "source": SOURCE,
            "series": [dict(one) for one in self.by_series],
        }


def judge(scenario: Scenario, found: Sequence[np.ndarray]) -> Verdict:
    """Whether the warm-up is long enough. `found`: what `series` gave, one for each replication."""
    stacked = np.stack(found)  # [replication, series, 2, observation]
    if not stacked[:, 0, 0].any():
        return Verdict(NOT_APPLICABLE, "nobody came to a queue", "")
    plan = cycles.plan(scenario, edges(scenario))
    if plan.steady:
        return _by_mser(scenario, stacked, edges(scenario), "MSER-5", BATCH)
    for name, length in (("day", DAY), ("week", 7 * DAY)):
        days = edges_of(scenario, length)
        if plan.repeats(length) and len(days) > LEAST_BATCHES:
            return _by_mser(scenario, _rebinned(stacked, edges(scenario), days), days, f"MSER on {name}s", 1)
    return _by_neighbours(scenario, stacked, plan)


def edges_of(scenario: Scenario, length: int) -> np.ndarray:
    """Whole cycles from time 0 to the end of the measured time, as edges."""
    return np.arange(0, scenario.duration_us + 1, length, dtype=np.int64)


def _rebinned(stacked: np.ndarray, fine: np.ndarray, coarse: np.ndarray) -> np.ndarray:
    """Sums over coarser bins, of which every edge is one of the finer ones. [..., observation]"""
    at = np.searchsorted(fine, coarse)
    return np.stack([stacked[..., first:last].sum(axis=-1) for first, last in itertools.pairwise(at)], axis=-1)


def _by_mser(scenario: Scenario, stacked: np.ndarray, at: np.ndarray, method: str, batch: int) -> Verdict:
    tops, bottoms = stacked[:, :, 0].sum(axis=0), stacked[:, :, 1].sum(axis=0)
    lines: list[dict[str, Any]] = []
    late: list[int] = []
    longest = 0
    for place, (name, top, bottom) in enumerate(zip(SERIES, tops, bottoms, strict=True)):
        number = len(top) // batch
        top, bottom = (each[: number * batch].reshape(-1, batch).sum(axis=1) for each in (top, bottom))
        if number < LEAST_BATCHES or not bottom.all():
            lines.append({"name": name, "cut_us": None, "reason": "too little of it to see when it settles"})
            continue
        cut, quiet = mser(top / bottom, 1)  # batches of ratios: sums over sums, as all ratios here
        cut_us = int(at[cut * batch])
        longest = max(longest, cut_us)
        lines.append({"name": name, "cut_us": cut_us, "settled": quiet})
        if cut_us > scenario.warm_up_us or not quiet:
            late.append(place)
            lines[-1] |= _confirmed(scenario, stacked, at, place, cut_us)
    about = f"{method} would cut {spoken(longest) if longest else 'nothing'}"
    given = f"warm-up of {spoken(scenario.warm_up_us)}" if scenario.warm_up_us else "no warm-up"
    if not late:
        return Verdict(ENOUGH, f"{given} is enough: {about}", method, tuple(lines))
    if len(stacked) < 2:
        words = f"{about}, but one replication cannot tell a drift from chance: run five or more"
        return Verdict(NOT_APPLICABLE, words, method, tuple(lines))
    drifting = [lines[place] for place in late if lines[place]["drifts"]]
    if not drifting:
        words = f"{given} is enough: {about}, but that differs from the rest by no more than chance, or {NOTICED:.0%}"
        return Verdict(ENOUGH, words, method, tuple(lines))
    worst = max(drifting, key=lambda line: int(line["cut_us"]))
    about = f"{method} would cut {spoken(worst['cut_us']) if worst['cut_us'] else 'nothing'}"
    if not all(line["settled"] for line in drifting):
        words = f"{about}: still changing in the second half of the run; simulate longer"
        return Verdict(TOO_SHORT, words, method, tuple(lines))
    given = f"the {given} is" if scenario.warm_up_us else f"{given} is"
    words = f"{given} too little: {about} ({worst['name']}), unless it really begins empty"
    return Verdict(TOO_SHORT, words, method, tuple(lines))


def _confirmed(scenario: Scenario, stacked: np.ndarray, at: np.ndarray, place: int, cut_us: int) -> dict[str, Any]:
    """Whether a series differs before and after a cut, within what is measured; else before and after its middle."""
    first = int(np.searchsorted(at, scenario.warm_up_us))
    split = int(np.searchsorted(at, cut_us))
    if split <= first:
        split = (first + len(at)) // 2
    sides = _rebinned(stacked[:, place], at, at[[first, split, len(at) - 1]])
    return _paired(sides[:, 0], sides[:, 1], SEARCHED)


def _by_neighbours(scenario: Scenario, stacked: np.ndarray, plan: cycles.Plan) -> Verdict:
    """The last day (or week) of the warm-up against the first that is measured."""
    warm_up, fine = scenario.warm_up_us, edges(scenario)
    if not warm_up:
        return Verdict(
            NOT_APPLICABLE, "there is no warm-up, and the plan follows the clock: it begins as it begins", ""
        )
    reasons = []
    for name, length in (("day", DAY), ("week", 7 * DAY)):
        if warm_up < length or warm_up + length > scenario.duration_us or warm_up % (30 * MINUTE):
            reasons.append(f"no whole {name} before and after its end")
            continue
        differs = plan.differs(warm_up - length, warm_up, length)
        if differs:
            reasons.append(f"the {name} before its end and the {name} after differ by plan ({differs})")
            continue
        if len(stacked) < 2:
            return Verdict(NOT_APPLICABLE, f"one replication cannot tell a drift between two {name}s from chance", "")
        sides = _rebinned(stacked, fine, np.array([warm_up - length, warm_up, warm_up + length]))
        return _drift(scenario, sides, name)
    return Verdict(NOT_APPLICABLE, f"the plan follows the clock: {'; '.join(reasons)}", "")


def _drift(scenario: Scenario, sides: np.ndarray, name: str) -> Verdict:
    """Paired differences, replication by replication. [replication, series, 2, before and after]"""
    lines: list[Mapping[str, Any]] = []
    moved = []
    for number, series_name in enumerate(SERIES):
        line = _paired(sides[:, number, 0], sides[:, number, 1], PLANNED)
        lines.append({"name": series_name, **line})
        if line["drifts"] and isfinite(line["before"]):
            change = f"{(line['after'] / line['before'] - 1) * 100:+.0f} %" if line["before"] else "from nothing"
            moved.append(f"{series_name} {change}")
    method = f"last {name} of the warm-up against the first {name} measured, paired over replications"
    given = f"warm-up of {spoken(scenario.warm_up_us)}"
    if moved:
        words = f"the {given} is too little: from its last {name} to the first {name} measured {', '.join(moved)}"
        return Verdict(TOO_SHORT, words, method, tuple(lines))
    words = (
        f"{given}: no drift from its last {name} to the first {name} measured (arrivals or staff follow the clock, so "
        "MSER-5 does not apply)"
    )
    return Verdict(ENOUGH, words, method, tuple(lines))


def _paired(tops: np.ndarray, bottoms: np.ndarray, chance: float) -> dict[str, Any]:
    """A ratio before and after, and whether it drifts: by more than chance and than a planner minds.

    [replication, before and after] each; `chance` that any of `SERIES` seems to drift.
    """
    (before, pseudo_before), (after, pseudo_after) = (ratio_pseudo(tops[:, side], bottoms[:, side]) for side in (0, 1))
    apart = pseudo_after - pseudo_before
    if len(apart) < 2 or not np.isfinite(apart).all():
        return {"before": None, "after": None, "reason": "too little of it", "drifts": False}
    low, high = (float(end) for end in interval(apart, 1 - chance / len(SERIES)))
    drifts = (low > 0 or high < 0) and abs(after - before) > NOTICED * abs(after)
    return {"before": before, "after": after, "ci_low": low, "ci_high": high, "drifts": drifts}
