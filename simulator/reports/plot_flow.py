"""The picture of the flow: how portions leave it, by the way they took, and how many are in it over the day."""

from __future__ import annotations

from datetime import timedelta
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.metrics import steps
from simulator.metrics.booking import interval_edges
from simulator.reports import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from simulator.experiments.run import Run

ENDS = (
    ("to a queue", style.BLUE),
    ("solved by the bot", style.GREEN),
    ("closed by the flow", style.GREY),
    ("left in the flow", style.ORANGE),
    ("no answer for 72 h", style.PURPLE),
    ("turned away, queue full", style.RED),
    ("still in it", style.PALE),
)
"""How a portion leaves the flow, from left to right."""
OF_DISCONNECT = {"contained": 1, "closed_by_flow": 2, "left_flow": 3, "flow_timed_out": 4, "blocked": 5}
TO_A_QUEUE, LEFT, STILL_IN = 0, 3, 6
MOST_WAYS = 8
"""Bars; rarer ways are one."""
NO_BRANCH = "no branch"


def has_steps(run: Run) -> bool:
    """Whether some flow does more than hand over."""
    return any(step.transfer is None for flow in run.scenario.flows.values() for step in flow)


def ways_out(run: Run) -> pd.DataFrame:
    """Portions of the measured window by flow and way, the most frequent first: a column for each of `ENDS`. Where no
    flow has a branch, by flow and topic."""
    import pandas as pd

    scenario, portions = run.scenario, run.tables["portions"]
    portions = portions[portions["opened_us"].between(scenario.warm_up_us, scenario.duration_us, inclusive="left")]
    if portions["flow_path"].notna().any():
        way = portions["flow_path"].astype(object).where(portions["flow_path"].notna(), NO_BRANCH)
    else:
        contacts = run.tables["contacts"]
        keys = [pd.MultiIndex.from_arrays([t["replication"], t["contact"].astype(str)]) for t in (contacts, portions)]
        topics = pd.Series(contacts["topic"].astype(str).to_numpy(), index=keys[0])
        way = pd.Series(topics.reindex(keys[1]).to_numpy(), index=portions.index)
    if len(scenario.flows) > 1:
        flow = portions["channel"].astype(str).map({name: one.flow for name, one in scenario.channels.items()})
        way = flow + ": " + way.astype(str)
    counts = pd.crosstab(way.to_numpy(), _ends(portions)).reindex(columns=range(len(ENDS)), fill_value=0)
    counts.columns = pd.Index([label for label, _ in ENDS])
    order = sorted(counts.index, key=lambda name: (-int(counts.loc[name].sum()), name))
    shown = counts.loc[order[:MOST_WAYS]]
    rest = counts.loc[order[MOST_WAYS:]]
    if len(rest):
        shown.loc[f"{len(rest)} rarer ways"] = rest.sum()
    return shown


def _ends(portions: pd.DataFrame) -> np.ndarray:
    """Number of the end of each portion in `ENDS`. [portion]"""
    ends = np.array(portions["disconnect"].astype(object).map(OF_DISCONNECT).fillna(STILL_IN), np.int64)
    ends[portions["left_flow_us"].notna().to_numpy()] = LEFT
    ends[portions["queue_entered_us"].notna().to_numpy()] = TO_A_QUEUE
    return ends


def draw_flow(run: Run, ax: Axes | None, figure: Any) -> Axes:
    """Bars: shares of all portions. Below: how many are in the flow, means by interval."""
    upper, lower = (ax, None) if ax is not None else figure.subplots(2, 1, height_ratios=(3, 2))
    by = "the way they took" if run.tables["portions"]["flow_path"].notna().any() else "topic"
    upper.set_title(f"The flow: how portions leave it, by {by}")
    counts, scenario = ways_out(run), run.scenario
    total = int(counts.to_numpy().sum())
    first, last = (scenario.calendar.local(us) for us in (scenario.warm_up_us, scenario.duration_us))
    portions = f"share of {total / max(run.replications, 1):,.0f} portions"
    upper.set_xlabel(f"{portions}, {style.spoken_day(first, last)}local time ({scenario.timezone})")
    upper.set_ylabel("way" if by == "the way they took" else "topic")
    if counts.empty:
        style.say_nothing(upper, "Nobody came.")
        if lower is not None:
            style.say_nothing(lower, "")
        return upper
    place = np.arange(len(counts))[::-1]
    before = np.zeros(len(counts))
    for label, colour in ENDS:
        share = counts[label].to_numpy(np.float64) / total
        if share.any():
            upper.barh(place, share, left=before, color=colour, height=0.6, label=label)
            for at, left, width in zip(place, before, share, strict=True):
                if width >= 0.05:
                    upper.text(
                        left + width / 2,
                        at,
                        f"{width * 100:.0f} %",
                        ha="center",
                        va="center",
                        color="white",
                        fontsize=8.5,
                    )
            before = before + share
    for at, end in zip(place, before, strict=True):
        upper.text(end + 0.006, at, f"{end * 100:.1f} %", va="center", color=style.INK, fontsize=8.5)
    names = [_short(str(name)).replace("$", r"\$") for name in counts.index]
    upper.set_yticks(place, names, fontsize=8.5)
    upper.set_xlim(0, float(before.max()) * 1.1)
    upper.set_ylim(-0.6, max(len(counts) - 0.4, 2.4))
    upper.set_xticks([])
    upper.grid(False)
    style.legend_above(upper)
    if lower is not None:
        _inside(run, lower)
    return upper


def _short(way: str) -> str:
    """A long way on two lines; the end of a longer one."""
    lines = wrap(way, 34)
    return "\n".join(lines if len(lines) <= 2 else [f"… {lines[-2]}", lines[-1]])


def _inside(run: Run, axes: Axes) -> None:
    scenario, portions = run.scenario, run.tables["portions"]
    axes.set_ylabel("in the flow")
    edges = interval_edges(scenario, scenario.duration_us)
    edges = edges[(edges >= scenario.warm_up_us) & (edges <= scenario.duration_us)]
    if len(edges) < 2:
        style.say_nothing(axes, "No interval to show.")
        return
    end_us = int(edges[-1])
    leaves = portions["queue_entered_us"].fillna(portions["disconnected_us"]).fillna(end_us).to_numpy(np.int64)
    stays = steps.clip(portions["opened_us"].to_numpy(np.int64), leaves, int(edges[0]), end_us)
    number = steps.areas(*stays, edges) / np.diff(edges) / max(run.replications, 1)
    local = np.array([scenario.calendar.local(int(us)) for us in edges], "datetime64[us]")
    axes.stairs(number, local, fill=True, color=style.SKY, alpha=0.75)
    axes.set_ylim(bottom=0)
    first, last = (scenario.calendar.local(int(us)) for us in (edges[0], edges[-1]))
    style.time_axis(axes, first, max(last, first + timedelta(minutes=1)), scenario.timezone)
