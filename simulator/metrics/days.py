"""The spread of days: how the service level that the target is about differs from day to day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time

import numpy as np

from simulator.metrics import cohorts
from simulator.metrics.levels import NAMES, judged, level_rows
from simulator.metrics.parts import ALL, Measure, Part, Parts
from simulator.metrics.window import View
from simulator.scenario.schema import Scenario

NAME_OF = {name: key for key, name in NAMES.items()}


def day_levels(view: View) -> dict[int, np.ndarray]:
    """The judged service level of each local day of the window; by queue number, -1 all. [day]

    nan: a day with nobody in the denominator. Levels that know no queue have -1 alone.
    """
    days = view.scenario.calendar.days(view.from_us, view.to_us)
    starts = np.array([view.scenario.calendar.at(day, time(0)) for day in days], np.int64)
    top: dict[int, np.ndarray] = {}
    bottom: dict[int, np.ndarray] = {}
    for rows in level_rows(view, *NAME_OF[judged(view.scenario)]):
        counted = rows.counted & view.inside(rows.start_us)
        day = np.searchsorted(starts, rows.start_us, side="right") - 1
        queues = range(len(view.names["queue"])) if "queue" in rows.scopes else ()
        for queue in (-1, *queues):
            mine = counted if queue < 0 else counted & (rows.codes["queue"] == queue)
            nothing = np.zeros(len(days))
            bottom[queue] = bottom.get(queue, nothing) + np.bincount(day[mine], minlength=len(days))
            top[queue] = top.get(queue, nothing) + np.bincount(day[mine & rows.met], minlength=len(days))
    return {
        queue: np.divide(top[queue], bottom[queue], out=np.full(len(days), np.nan), where=bottom[queue] > 0)
        for queue in top
    }


def _days(view: View) -> Parts:
    parts: Parts = {}
    for queue, levels in view.kept("levels of days", lambda: day_levels(view)).items():
        scope = ALL if queue < 0 else (("queue", view.names["queue"][queue]),)
        parts[scope] = Part(samples=levels[~np.isnan(levels)])
    return parts


def _days_on_target(view: View) -> Parts:
    return {
        scope: Part(float((part.samples >= view.scenario.service_level.target).sum()), float(len(part.samples)))
        for scope, part in _days(view).items()
        if part.samples is not None
    }


def _on_target_words(scenario: Scenario) -> str:
    return (
        f"local calendar days of the window, over all replications, with an {judged(scenario)} of at least "
        f"{scenario.service_level.target:.0%} ÷ days with offers: the planner's risk, not the uncertainty of the mean"
    )


def _words(which: str) -> Callable[[Scenario], str]:
    return lambda scenario: (
        f"{which} quantile of {judged(scenario)} by local calendar day, over the days of the window of all replications"
    )


DAYS = (
    Measure("p10_day", "share", _words("one day in ten is worse: 10 %"), ("queue",), _days, quantile=0.1,
            title="one day in ten is worse", formula="quantile(level_of_day, 10 %)", cohort=cohorts.DAYS),
    Measure("p90_day", "share", _words("one day in ten is better: 90 %"), ("queue",), _days, quantile=0.9,
            title="one day in ten is better", formula="quantile(level_of_day, 90 %)", cohort=cohorts.DAYS),
    Measure("share_of_days_on_target", "share", _on_target_words, ("queue",), _days_on_target,
            title="days on target", formula="Σ day_on_target ÷ Σ day", open=True, cohort=cohorts.DAYS),
)  # fmt: skip
