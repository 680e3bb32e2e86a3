"""When a campaign may write: its calling windows, less the time in which it is stopped."""

from __future__ import annotations

import numpy as np

from simulator.scenario.calling import CallingHours, open_stretches
from simulator.scenario.schema import Scenario
from simulator.scenario.sending import Campaign
from simulator.vocabulary.clock import DAY


def open_edges(scenario: Scenario, campaign: Campaign, start_us: int, end_us: int) -> list[int]:
    """Opens, closes, opens, … in µs from the start of the run, from the campaign's start on; empty: always open.

    Windows are half-open, by the local clock; those that touch are one. From `stop` to `resume` nothing is open.
    """
    if not campaign.windows and campaign.stop is None:
        return []
    hours = [CallingHours(each.from_, each.to, each.days, each.on_holidays == "off") for each in campaign.windows]
    never_us = 2 * end_us + DAY
    stretches = open_stretches(
        scenario.calendar, hours, scenario.holidays, start_us, end_us + DAY, campaign.stop, campaign.resume, never_us
    )
    edges = [edge for stretch in stretches for edge in stretch]
    return edges or [never_us, never_us + 1]  # never within the run


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
