"""The picture of people: scheduled, present and busy staff over the day, and where the others are."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.metrics import steps
from simulator.metrics.booking import interval_edges, scheduled_agents
from simulator.reports import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simulator.experiments.run import Run

States = dict[str, tuple[str, ...]]
"""Rows of `agent_states`: columns and the texts that are wanted in them."""
PARTS: tuple[tuple[str, str, States], ...] = (
    ("with conversations", style.BLUE, {"status": ("interacting",)}),
    ("free, or not responding", style.SKY, {"status": ("idle", "not_responding")}),
    ("break or meal", style.GREEN, {"presence": ("break", "meal")}),
    ("meeting or training", style.ORANGE, {"presence": ("meeting", "training")}),
    ("late, or left early", style.PURPLE, {"presence": ("late", "left_early")}),
    ("absent", style.PALE, {"presence": ("absent",)}),
)
"""What scheduled agents do, from the bottom up: label, colour, and which rows of `agent_states` say so."""
OVERTIME: States = {"presence": ("overtime",)}


def has_plans(run: Run) -> bool:
    """Whether anybody comes and goes."""
    groups = run.scenario.agents.values()
    return any(group.shift is not None or group.shifts or group.staffing is not None for group in groups)


def people(run: Run, rows: States, edges: np.ndarray) -> np.ndarray:
    """Mean number of agents in such states, by interval, over replications. [interval]"""
    states = run.tables["agent_states"]
    chosen = np.ones(len(states), bool)
    for column, values in rows.items():
        chosen &= states[column].isin(values).to_numpy()
    start, end = (states.loc[chosen, name].to_numpy(np.int64) for name in ("from_us", "to_us"))
    inside = steps.clip(start, end, int(edges[0]), int(edges[-1]))
    return np.asarray(steps.areas(*inside, edges) / np.diff(edges) / max(run.replications, 1))


def draw_people(run: Run, ax: Axes | None, figure: Any) -> Axes:
    """Stacked: what scheduled agents do; a line: what the plan says; overtime on top of nothing."""
    upper = ax if ax is not None else figure.subplots()
    scenario = run.scenario
    upper.set_title("People: scheduled, present, busy")
    upper.set_ylabel("agents")
    edges = interval_edges(scenario, scenario.duration_us)
    edges = edges[(edges >= scenario.warm_up_us) & (edges <= scenario.duration_us)]
    if len(edges) < 2:
        style.say_nothing(upper, "No interval to show.")
        return upper
    local = np.array([scenario.calendar.local(int(us)) for us in edges], "datetime64[us]")
    below = np.zeros(len(edges) - 1)
    for label, colour, rows in PARTS:
        number = people(run, rows, edges)
        if number.any():
            upper.stairs(below + number, local, baseline=below, fill=True, color=colour, alpha=0.75, label=label)
            below = below + number
    every = interval_edges(scenario, scenario.duration_us)
    planned = sum(scheduled_agents(scenario, every).values(), np.zeros(len(every) - 1))
    shown = np.isin(every[:-1], edges[:-1])
    upper.stairs(
        planned[shown], local, baseline=None, color=style.INK, linestyle="--", linewidth=1.6, label="scheduled"
    )
    overtime = people(run, OVERTIME, edges)
    if overtime.any():
        upper.stairs(overtime, local, baseline=None, color=style.RED, linewidth=1.6, label="overtime, off queue")
    upper.set_ylim(bottom=0)
    style.legend_above(upper)
    upper.set_title(upper.get_title(loc="left"), pad=46)  # above two rows of the legend
    first, last = (scenario.calendar.local(int(us)) for us in (edges[0], edges[-1]))
    style.time_axis(upper, first, max(last, first + timedelta(minutes=1)), scenario.timezone)
    return upper
