"""The picture of waits: how long people who came at a time of day waited, and what for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.metrics.booking import interval_edges
from simulator.reports import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simulator.experiments.run import Run

PARTS = (
    ("slots full", "wait_slots_us", style.BLUE),
    ("nobody on queue", "wait_nobody_us", style.RED),
    ("ringing", "wait_alert_us", style.SKY),
    ("a ring or rule", "wait_rule_us", style.ORANGE),
    ("held for the last agent", "wait_held_us", style.PURPLE),
)
"""What they waited for, from the bottom up: label, column of the offers, colour."""


def some_waited(run: Run) -> bool:
    """Whether anybody waited at all."""
    offers = run.tables["offers"]
    return any(bool((offers[column] > 0).any()) for _, column, _ in PARTS)


def draw_waits(run: Run, ax: Axes | None, figure: Any) -> Axes:
    """Stacked, by interval of queue entry: mean wait of those who entered, split by cause. Open ones so far."""
    axes = ax if ax is not None else figure.subplots()
    scenario, offers = run.scenario, run.tables["offers"]
    axes.set_title("Waits: what for, by time of queue entry")
    axes.set_ylabel("mean wait, s")
    edges = interval_edges(scenario, scenario.duration_us)
    edges = edges[(edges >= scenario.warm_up_us) & (edges <= scenario.duration_us)]
    if len(edges) < 2:
        style.say_nothing(axes, "No interval to show.")
        return axes
    place = np.searchsorted(edges, offers["entered_us"].to_numpy(np.int64), side="right") - 1
    inside = (place >= 0) & (place < len(edges) - 1)
    entered = np.bincount(place[inside], minlength=len(edges) - 1)
    local = np.array([scenario.calendar.local(int(us)) for us in edges], "datetime64[us]")
    below = np.zeros(len(edges) - 1)
    for label, column, colour in PARTS:
        waited = offers[column].to_numpy(np.float64)[inside] / 1e6
        mean = np.bincount(place[inside], weights=waited, minlength=len(edges) - 1) / np.maximum(entered, 1)
        if mean.any():
            axes.stairs(below + mean, local, baseline=below, fill=True, color=colour, alpha=0.75, label=label)
            below = below + mean
    first, last = (scenario.calendar.local(int(us)) for us in (edges[0], edges[-1]))
    style.time_axis(axes, first, max(last, first + timedelta(minutes=1)), scenario.timezone)
    if not below.any():
        style.say_nothing(axes, "Nobody waited.")
        return axes
    axes.set_ylim(bottom=0)
    style.legend_above(axes)
    axes.set_title(axes.get_title(loc="left"), pad=46)  # above two rows of the legend
    return axes
