"""The picture of an outage and the way back: who waits for an answer, and what passes in each minute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.reports import style
from simulator.vocabulary.clock import HOUR, MINUTE, spoken

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from simulator.experiments.run import Run

MOST_STEPS = 360
"""Steps of the picture: one a minute up to six hours, longer ones for longer outages."""


@dataclass(frozen=True)
class Stretch:
    """One outage, and the time around it that the picture shows."""

    name: str
    begin_us: int
    end_us: int
    replications: tuple[int, ...]
    """Whose mean is drawn: all for a planned outage, one for an outage by chance."""
    edges_us: np.ndarray
    """[step + 1]"""


def outage_of(run: Run) -> Stretch | None:
    """The longest outage that begins in the measured window; None if there is none."""
    scenario, outages = run.scenario, run.tables["outages"]
    inside = (outages["from_us"] >= scenario.warm_up_us) & (outages["from_us"] < scenario.duration_us)
    mine = outages[inside]
    if mine.empty:
        return None
    lasts = (mine["to_us"] - mine["from_us"]).to_numpy()
    row = mine.iloc[int(np.argmax(lasts))]
    begin, end, name = int(row["from_us"]), int(row["to_us"]), str(row["outage"])
    planned = scenario.outages[name].from_ is not None
    replications = tuple(range(run.replications)) if planned else (int(row["replication"]),)
    margin = max(HOUR // 2, (end - begin) // 4)
    first, last = max(begin - margin, 0), min(end + max(2 * HOUR, end - begin), int(scenario.duration_us))
    step = MINUTE * max(1, -(-(last - first) // (MOST_STEPS * MINUTE)))
    edges = np.arange(first // step, -(-last // step) + 1) * step
    return Stretch(name, begin, end, replications, edges)


def waiting(run: Run, stretch: Stretch) -> np.ndarray:
    """Bursts that wait for an answer at each edge, mean over replications. [step + 1]"""
    turns = _rows(run, "turns", stretch)
    portions = run.tables["portions"][["replication", "conversation", "portion", "disconnected_us"]]
    turns = turns.merge(portions, on=["replication", "conversation", "portion"], how="left")
    open_turn = turns["outcome"].isin(["open", "answered", "pending"])
    never = int(stretch.edges_us[-1]) + 1
    over = turns["disconnected_us"].where(~open_turn).fillna(never)
    until = np.minimum(turns["reply_us"].fillna(never).to_numpy(np.int64), over.to_numpy(np.int64))
    since = np.sort(turns["first_message_us"].to_numpy(np.int64))
    came = np.searchsorted(since, stretch.edges_us, "right")
    return (came - np.searchsorted(np.sort(until), stretch.edges_us, "right")) / len(stretch.replications)


def passing(run: Run, stretch: Stretch, direction: str) -> np.ndarray:
    """Messages per minute in each step, mean over replications. [step]"""
    messages = _rows(run, "messages", stretch)
    times = np.sort(messages.loc[messages["direction"] == direction, "at_us"].to_numpy(np.int64))
    number = np.diff(np.searchsorted(times, stretch.edges_us))
    minutes = np.diff(stretch.edges_us) / MINUTE
    return number / minutes / len(stretch.replications)


def _rows(run: Run, table: str, stretch: Stretch) -> pd.DataFrame:
    rows = run.tables[table]
    return rows[rows["replication"].isin(stretch.replications)]


def draw_outages(run: Run, ax: Axes | None, figure: Any) -> Axes:
    if ax is not None:
        upper, lower = ax, None
    else:
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    stretch, calendar = outage_of(run), run.scenario.calendar
    upper.set_ylabel("bursts unanswered")
    if stretch is None:
        upper.set_title("An outage and the way back")
        style.say_nothing(upper, "No outage begins in the measured time.")
        first, last = calendar.local(run.scenario.warm_up_us), calendar.local(run.scenario.duration_us)
        style.time_axis(upper, first, last, run.scenario.timezone)
        return upper
    local = [calendar.local(int(us)) for us in stretch.edges_us]
    name = stretch.name.replace("$", r"\$")
    upper.set_title(f"Outage {name}, {spoken(stretch.end_us - stretch.begin_us)}, and the way back")
    upper.step(local, waiting(run, stretch), where="post", color=style.RED, label="customers waiting for an answer")
    upper.set_ylim(bottom=0)
    axes = [upper]
    if lower is not None:
        for direction, colour, line, label in (
            ("inbound", style.BLUE, "-", "from customers"),
            ("outbound", style.ORANGE, "--", "from agents and bots"),
        ):
            rate = passing(run, stretch, direction)
            lower.step(local, np.append(rate, rate[-1:]), where="post", color=colour, linestyle=line, label=label)
        lower.set_ylim(bottom=0)
        lower.set_ylabel("messages per minute")
        axes.append(lower)
    shade = [calendar.local(us) for us in (stretch.begin_us, stretch.end_us)]
    for each in axes:
        each.axvspan(*shade, color=style.PALE, zorder=0, label="down" if each is upper else None)
        style.time_axis(each, local[0], local[-1], run.scenario.timezone)
        style.legend_above(each)
    upper.set_xlabel("" if lower is not None else upper.get_xlabel())
    return upper
