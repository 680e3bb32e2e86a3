"""When a campaign may write: its calling windows, less the time in which it is stopped."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from simulator.scenario.schema import Scenario
from simulator.scenario.sending import Campaign
from simulator.scenario.week import WEEK
from simulator.vocabulary.clock import DAY


def open_edges(scenario: Scenario, campaign: Campaign, start_us: int, end_us: int) -> list[int]:
    """Opens, closes, opens, … in µs from the start of the run, from the campaign's start on; empty: always open.

    Windows are half-open, by the local clock; those that touch are one. From `stop` to `resume` nothing is open.
    """
    if not campaign.windows and campaign.stop is None:
        return []
    stretches = _windows(scenario, campaign, start_us, end_us) if campaign.windows else [(start_us, 2 * end_us + DAY)]
    if campaign.stop is not None:
        stop = scenario.calendar.us(campaign.stop)
        resume = scenario.calendar.us(campaign.resume) if campaign.resume is not None else 2 * end_us + DAY
        stretches = [
            (low, high)
            for opens, closes in stretches
            for low, high in ((opens, min(closes, stop)), (max(opens, resume), closes))
            if low < high
        ]
    edges = [edge for stretch in stretches for edge in stretch]
    return edges or [2 * end_us + DAY, 2 * end_us + DAY + 1]  # never within the run


def _windows(scenario: Scenario, campaign: Campaign, start_us: int, end_us: int) -> list[tuple[int, int]]:
    calendar, found = scenario.calendar, []
    for day in calendar.days(min(start_us, 0) - DAY, end_us + DAY):
        for window in campaign.windows:
            if WEEK[day.weekday()] not in window.days:
                continue
            if window.on_holidays == "off" and day in scenario.holidays:
                continue
            last = day if window.to > window.from_ else day + timedelta(days=1)
            opens, closes = calendar.at(day, window.from_), calendar.at(last, window.to)
            if closes > max(opens, start_us):
                found.append((max(opens, start_us), closes))
    joined: list[tuple[int, int]] = []
    for opens, closes in sorted(found):
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], closes))
        else:
            joined.append((opens, closes))
    return joined


def spread(worked_us: np.ndarray, start_us: int, edges_us: list[int], end_us: int) -> np.ndarray:
    """When what is asked for after so much open time is asked for: the clock stands still while it is closed.

    [message] of int64 µs. What finds no open time within the run stands at its end.
    """
    if not edges_us:
        return start_us + worked_us
    opens, closes = np.array(edges_us[::2], np.int64), np.array(edges_us[1::2], np.int64)
    before = np.concatenate([[0], np.cumsum(closes - opens)])
    stretch = np.minimum(np.searchsorted(before, worked_us, side="right") - 1, len(opens) - 1)
    asked = opens[stretch] + worked_us - before[stretch]
    return np.where(asked < closes[stretch], np.minimum(asked, end_us), end_us)
