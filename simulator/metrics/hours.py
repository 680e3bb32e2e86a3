"""Waits in business hours: a clock that stands still while it is closed."""

from __future__ import annotations

import numpy as np

from simulator.metrics.window import View
from simulator.scenario.week import open_stretches


class OpenTime:
    """Business hours as a clock: how much open time has passed."""

    def __init__(self, opens_us: np.ndarray, closes_us: np.ndarray):
        self._opens = opens_us
        self._passed = np.concatenate([[0], np.cumsum(closes_us - opens_us)])
        self._lengths = np.append(closes_us - opens_us, 0)

    def until(self, at_us: np.ndarray) -> np.ndarray:
        """Open time in [0, t), nan of nan. [time]"""
        known = ~np.isnan(at_us)
        at = np.where(known, at_us, 0.0)
        number = np.searchsorted(self._opens, at, side="right") - 1  # of the stretch it lies in, or behind
        inside = np.minimum(at - self._opens[number], self._lengths[number]) if len(self._opens) else 0.0
        passed = self._passed[np.maximum(number, 0)] + np.where(number >= 0, inside, 0.0)
        return np.where(known, passed, np.nan)

    def between(self, start_us: np.ndarray, end_us: np.ndarray) -> np.ndarray:
        """Open time from each start to its end, nan where one of them is. [stay]"""
        return self.until(end_us) - self.until(start_us)


def open_time(view: View, name: str) -> OpenTime:
    """The clock of one entry of `business_hours`, made once for a view. Holidays are those of the scenario."""
    return view.kept(f"open time of {name}", lambda: _open_time(view, name))  # type: ignore[no-any-return]


def _open_time(view: View, name: str) -> OpenTime:
    scenario = view.scenario
    openings, holidays = scenario.business_hours[name], frozenset(scenario.holidays)
    stretches = open_stretches(openings, holidays, scenario.calendar, 0, max(view.end_us, scenario.duration_us) + 1)
    opens, closes = np.array(stretches, np.int64).reshape(-1, 2).T
    return OpenTime(opens, closes)


def worked_wait(
    view: View, start_us: np.ndarray, end_us: np.ndarray, queue: np.ndarray, channel: np.ndarray
) -> np.ndarray:
    """Time from start to end on the business-hours clock of each row's queue or channel; all of it where it has none.

    `queue`, `channel`: numbers of the scopes, -1 for none. [row]
    """
    level = view.scenario.service_level
    queues, channels = (*view.names["queue"], None), (*view.names["channel"], None)
    width = len(channels)
    both = np.where(queue < 0, len(queues) - 1, queue) * width + np.where(channel < 0, width - 1, channel)
    waited = np.full(len(start_us), np.nan)
    clocks: dict[str | None, list[int]] = {}
    for pair in np.unique(both).tolist():
        clocks.setdefault(level.hours_for(queues[pair // width], channels[pair % width]), []).append(pair)
    for name, pairs in clocks.items():
        rows = np.isin(both, pairs)
        if name is None:
            waited[rows] = end_us[rows] - start_us[rows]
        else:
            waited[rows] = open_time(view, name).between(start_us[rows], end_us[rows])
    return waited
