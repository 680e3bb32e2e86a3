"""The picture a planner hires by: agents required, planned and present by interval, and what lacks or stands above."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.reports import style
from simulator.reports.series import coarser, over_replications, queues_by_size
from simulator.vocabulary.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from simulator.experiments.run import Run

STAFF = ["staff_required", "staff_required_least", "staff_planned", "staff_present"]
PARTS = ["staff_lacking", "staff_above"]
SAID = {
    "erlang_c": "Erlang C on slots",
    "erlang_a": "Erlang A on slots",
    "erlang_c_pooled": "Erlang C as if everybody could take everything: the least",
    "workload": "no formula keeps this target: the workload alone",
    "shared": "its agents serve other queues too: the workload alone",
    "nobody": "no agents serve it",
}
"""How the requirement was found, on the picture."""


def has_queues(run: Run) -> bool:
    """Whether any queue has agents and offers to ask for some."""
    table = run.tables["intervals"]
    return "staff_required" in table and bool((table["staff_required_least"] > 0).any())


def draw_requirement(run: Run, ax: Axes | None, figure: Any, queue: str | None) -> Axes:
    """Lines: required, planned; filled: present. Below: how many lack (down) and stand above the requirement (up)."""
    upper, lower = (ax, None) if ax is not None else figure.subplots(2, 1, sharex=True, height_ratios=(3, 1.4))
    table = run.tables["intervals"]
    known = queues_by_size(table) or sorted(run.scenario.queues)
    if queue is not None and queue not in known:
        raise UsageError(f"queue {queue!r} is not known; known: {', '.join(known)}")
    queue = queue or (known[0] if known else "")
    upper.set_title("Agents required, planned and present, queue " + queue.replace("$", r"\$"))
    inside = (table["start_us"] >= run.scenario.warm_up_us) & (table["start_us"] < run.scenario.duration_us)
    table = table[inside & (table["queue"] == queue)]
    if table.empty or "staff_required" not in table:
        style.say_nothing(upper, "No interval to show.")
        return upper
    mean, edges = _means(run, table)
    upper.stairs(mean["staff_present"], edges, fill=True, color=style.SKY, alpha=0.45, label="on queue")
    _steps(upper, edges, mean["staff_planned"], style.GREY, "--", "planned on queue")
    asked = mean["staff_required"].notna().any()
    _steps(upper, edges, mean["staff_required_least"], style.ORANGE, ":", "least for the workload")
    if asked:
        least = " at least" if "erlang_c_pooled" in set(table["requirement_method"]) else ""
        _steps(upper, edges, mean["staff_required"], style.RED, "-", f"required{least}")
    upper.set_ylim(bottom=0)
    upper.set_ylabel("agents")
    style.legend_above(upper)
    how = table["requirement_method"].dropna().unique()
    said = "; ".join(SAID[str(method)] for method in how)
    upper.text(1.0, 1.02, said, transform=upper.transAxes, ha="right", color=style.GREY, fontsize=8.5)
    upper.set_title(upper.get_title(loc="left"), pad=46)  # above the legend and how it was found
    upper.get_legend().set_bbox_to_anchor((0.0, 1.05))
    if lower is not None and asked:
        for name, colour, label in (
            (PARTS[1], style.GREY, "above required, no number to cut"),
            (PARTS[0], style.RED, "lacking"),
        ):
            sign = -1.0 if name == PARTS[0] else 1.0
            lower.stairs(sign * mean[name], edges, fill=True, color=colour, alpha=0.7, label=label)
        lower.axhline(0, color=style.INK, linewidth=1.0)
        lower.set_ylabel("gap, agents")
        style.legend_above(lower)
    elif lower is not None:
        style.say_nothing(lower, "No number of agents can be said for this queue alone.")
    drawn = [axes for axes in (upper, lower) if axes is not None]
    first, last = (moment.astype(object) for moment in (edges[0], edges[-1]))
    for axes in drawn[: 1 if not asked else None]:
        style.time_axis(axes, first, last, run.scenario.timezone)
    if lower is not None and asked:
        upper.set_xlabel("")
    return upper


def _means(run: Run, table: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Means over replications, each replication's lack and spare apart, and the intervals' edges in local time."""
    gap = table["staff_gap"]
    table = table.assign(staff_lacking=gap.clip(lower=0), staff_above=-gap.clip(upper=0))
    table, width_us = coarser(table, run.scenario.interval_us, STAFF + PARTS, [])
    mean = over_replications(table, STAFF + PARTS)
    last = mean["start_local"].iloc[-1] + timedelta(microseconds=width_us)
    return mean, np.append(mean["start_local"].to_numpy("datetime64[us]"), np.datetime64(last, "us"))


def _steps(ax: Axes, edges: np.ndarray, values: pd.Series, colour: str, line: str, label: str) -> None:
    shown = values.to_numpy()
    ax.step(edges, np.append(shown, shown[-1:]), where="post", color=colour, linestyle=line, label=label)
