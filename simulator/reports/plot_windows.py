"""The picture of reply windows: how many are about to close over the day, when it is too late for whom, and what the
templates cost that would reach them all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.metrics.headlines import scope_of
from simulator.reports import style
from simulator.scenario.channels import reply_windows_us
from simulator.vocabulary.clock import HOUR, SECOND, spoken

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from simulator.experiments.run import Run

LEFT = (HOUR, 4 * HOUR, 12 * HOUR)
"""How little of the window is left, for the lines; those as long as a channel's whole window are left out."""
LINES = ("-", "--", "-.")
_MS = SECOND // 1_000
STEPS = 240
"""Instants at which the upper panel counts."""


def windows_of(run: Run) -> dict[str, int]:
    """Channels with a reply window for people, and its length (µs)."""
    windows = {name: reply_windows_us(channel)[0] for name, channel in sorted(run.scenario.channels.items())}
    return {name: us for name, us in windows.items() if us}


def about_to_close(run: Run, left_us: int) -> tuple[np.ndarray, np.ndarray]:
    """Instants of the measured window, and how many unanswered bursts have at most `left_us` of their reply window
    to go, mean over replications: a customer's later message opens the window anew for all of them. [step], [step]"""
    scenario, turns = run.scenario, run.tables["turns"]
    at = np.linspace(scenario.warm_up_us, scenario.duration_us, STEPS + 1).astype(np.int64)
    total = np.zeros(len(at))
    portions = run.tables["portions"][["replication", "conversation", "portion", "disconnected_us"]]
    for name, window_us in windows_of(run).items():
        mine = turns[turns["channel"] == name]
        mine = mine.merge(portions, on=["replication", "conversation", "portion"], how="left")
        if mine.empty or left_us >= window_us:
            continue
        heard = mine["last_message_us"].to_numpy(np.int64)
        ends = mine["reply_us"].fillna(mine["disconnected_us"]).fillna(at[-1] + 1).to_numpy(np.int64)
        closes = _latest(mine, heard, ends) + window_us
        start, end = closes - left_us, np.minimum(ends, closes)
        lasts = end > start
        total += np.searchsorted(np.sort(start[lasts]), at, "right") - np.searchsorted(np.sort(end[lasts]), at, "right")
    return at, total / max(run.replications, 1)


def _latest(bursts: pd.DataFrame, heard: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """The last message of the latest burst in the same conversation that came while this one waited. [burst]"""
    conversation = bursts.groupby(["replication", "conversation"], observed=True).ngroup().to_numpy(np.int64)
    scale = max(int(heard.max()), int(ends.max())) // _MS + 2
    order = np.argsort(conversation * scale + heard // _MS, kind="stable")
    keys = (conversation * scale + heard // _MS)[order]
    place = np.searchsorted(keys, conversation * scale + ends // _MS, side="right") - 1
    return np.maximum(heard[order][place], heard)


def draw_windows(run: Run, ax: Axes | None, figure: Any) -> Axes:
    if ax is not None:
        upper, lower = ax, None
    else:
        upper, lower = figure.subplots(2, 1, height_ratios=(3, 2))
    calendar = run.scenario.calendar
    upper.set_title("Reply windows about to close")
    upper.set_ylabel("unanswered bursts")
    first, last = calendar.local(run.scenario.warm_up_us), calendar.local(run.scenario.duration_us)
    style.time_axis(upper, first, last, run.scenario.timezone)
    windows = windows_of(run)
    if not windows:
        style.say_nothing(upper, "No channel of this scenario has a reply window.")
    else:
        for left_us, line, colour in zip(LEFT, LINES, style.LINES, strict=False):
            if left_us < max(windows.values()):
                at, count = about_to_close(run, left_us)
                local = [calendar.local(int(us)) for us in at]
                label = f"{spoken(left_us)} left, or less"
                upper.step(local, count, where="post", color=colour, linestyle=line, label=label)
        upper.set_ylim(0, max(upper.get_ylim()[1], 1.0))  # nothing at all is a line at 0, not in the middle
        style.legend_above(upper)
    if lower is not None:
        _by_hour(run, lower)
    return upper


def _by_hour(run: Run, ax: Axes) -> None:
    """Risk by the hour in which a customer wrote; replies blocked, and among them those that a template could follow,
    by the hour in which they were ready."""
    from matplotlib.ticker import PercentFormatter

    measure = run.summary["metric"]
    risk, blocked = (_of(run.summary[measure == name]) for name in ("window_risk", "replies_blocked"))
    hours = np.arange(24)
    ax.bar(hours + 0.5, blocked, 0.9, color=style.PALE, label="replies blocked (hour of the block)")
    needed = _of(run.summary[measure == "templates_needed"])
    if needed.any():
        ax.bar(hours + 0.5, needed, 0.45, color=style.BLUE, label=f"templates needed for them{_priced(run)}")
    ax.set_ylim(0, max(ax.get_ylim()[1], 1.0))
    ax.set_ylabel("per replication")
    ax.set_xlim(0, 24)
    ax.set_xticks(range(0, 25, 3))
    ax.set_xlabel("hour of the local day")
    shares = ax.twinx()
    shares.grid(False)
    shares.plot(hours + 0.5, risk, color=style.RED, marker="o", markersize=3.5, label="risk by arrival hour (right)")
    shares.yaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=1, symbol=" %"))
    shares.set_ylim(0, max(shares.get_ylim()[1], 0.01))
    handles = [*ax.get_legend_handles_labels()[0], *shares.get_legend_handles_labels()[0]]
    ax.legend(handles=handles, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3, borderaxespad=0.2)


def _priced(run: Run) -> str:
    """What they cost, where the scenario has a rate for them."""
    rows = run.summary[run.summary["metric"] == "templates_needed_cost"]
    cost = sum(float(row.value) for row in rows.itertuples() if not scope_of(row.scope))
    return f": {cost:,.2f} {run.scenario.outbound.template_rates.currency}" if cost > 0 else ""


def _of(rows: Any) -> np.ndarray:
    """Values by hour of one measure; 0 where there are none. [24]"""
    values = np.zeros(24)
    for scope, value in zip(rows["scope"], rows["value"], strict=True):
        hour = scope_of(scope).get("hour")
        if hour is not None and value == value:
            values[int(hour)] = value
    return values
