"""The picture of caps over the day: how much of each is used, and what waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.metrics.capwaits import waits
from simulator.reports import style
from simulator.scenario.capping import channel_caps, lane_clock, lane_key
from simulator.vocabulary.clock import MINUTE, SECOND, spoken
from simulator.vocabulary.codes import Cap, Lane, name_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from simulator.experiments.run import Run

BINS = 288
"""Pieces of the measured window, at most: five minutes of a day."""
COLOURS = (style.BLUE, style.ORANGE, style.GREEN, style.PURPLE, style.RED, style.SKY)
LINES = ("-", "--", "-.", ":")
WAITED_FOR = {
    Cap.ORGANISATION: (style.BLUE, "wait for their lane's cap"),
    Cap.NUMBER: (style.ORANGE, "wait for a number"),
    Cap.PAIR: (style.PURPLE, "wait for their pair"),
    Cap.TIER: (style.GREEN, "wait for the tier"),
    Cap.HOURS: (style.GREY, "closed hours, a stop, an outage"),
}


def has_caps(run: Run) -> bool:
    """Does anything leave through a cap?"""
    return bool(run.tables["sends"]["requested_us"].notna().any()) or bool(len(run.tables["cap_holds"]))


def edges_of(run: Run) -> np.ndarray:
    """Edges of the pieces, whole minutes long. [piece + 1]"""
    first, last = run.scenario.warm_up_us, run.scenario.duration_us
    step = max(-(-(last - first) // BINS // MINUTE), 1) * MINUTE
    return np.append(np.arange(first, last, step), last)


def saturation(run: Run) -> dict[str, np.ndarray]:
    """Messages that passed each cap ÷ what it lets through, piece by piece, mean over replications. [piece]"""
    scenario, edges = run.scenario, edges_of(run)
    sends = run.tables["sends"]
    left = sends[sends["sent_us"].notna()]
    seconds = np.diff(edges) / SECOND * max(run.replications, 1)
    found: dict[str, np.ndarray] = {}
    for lane in (Lane.CAMPAIGN, Lane.AGENTLESS):
        in_lane = left[left["lane"] == name_of(lane)]
        for key in sorted(
            {lane_key(scenario, lane, str(channel)) or "" for channel in in_lane["channel"].unique()} - {""}
        ):
            mine = in_lane[[lane_key(scenario, lane, str(channel)) == key for channel in in_lane["channel"]]]
            found[f"cap on {key}"] = _count(mine, edges) / (seconds * lane_clock(scenario, lane).per_second)
    messages = run.tables["messages"]
    for name in sorted(scenario.channels):
        caps = channel_caps(scenario, name)
        if caps.clock is None:
            continue
        here = messages[messages["channel"] == name]
        if not caps.counts_inbound:
            here = here[here["direction"] == "outbound"]
        total = _count(left[left["channel"] == name], edges)
        total = total + np.histogram(here["at_us"].to_numpy("int64"), edges)[0]
        word = "number" if caps.numbers == 1 else f"{caps.numbers} numbers"
        found[f"{word} of {name}"] = total / (seconds * caps.clock.per_second * caps.numbers)
    return found


def waiting(run: Run) -> tuple[np.ndarray, dict[Cap, np.ndarray]]:
    """How many messages wait at each edge, by the cap that they wait for, mean over replications. [edge]"""
    edges, found = edges_of(run), {}
    sends, holds, outages = run.tables["sends"], run.tables["cap_holds"], run.tables["outages"]
    ended = sends["ended_us"].dropna().to_numpy("int64")
    end_us = max(run.scenario.duration_us + run.scenario.run_out_us, int(ended.max(initial=0)))
    bulk = []
    for replication, mine in sends.groupby("replication"):
        tries, down = (each[each["replication"] == replication] for each in (run.tables["send_attempts"], outages))
        bulk.append((waits(run.scenario, mine, tries, down, end_us, "ended_us"), mine["count"]))
    for cap in Cap:
        pieces = [(each.of(cap), np.maximum(count.to_numpy("int64"), 1)) for each, count in bulk]
        begin = _joined([np.repeat(each.begin, count[each.row]) for each, count in pieces])
        end = _joined([np.repeat(each.end, count[each.row]) for each, count in pieces])
        own = holds[holds["cap"] == name_of(cap)]
        begin = np.sort(np.concatenate([begin, own["from_us"].to_numpy("int64")]))
        end = np.sort(np.concatenate([end, own["to_us"].to_numpy("int64")]))
        level = np.searchsorted(begin, edges, "right") - np.searchsorted(end, edges, "right")
        if len(begin):
            found[cap] = level / max(run.replications, 1)
    return edges, found


def draw_caps(run: Run, ax: Axes | None, figure: Any) -> Axes:
    if ax is not None:
        upper, lower = ax, None
    else:
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    edges, scenario = edges_of(run), run.scenario
    upper.set_title("Caps over the day: how full they are")
    local = [scenario.calendar.local(int(us)) for us in edges]
    shares = saturation(run)
    style.share_axis(upper, "share of the cap used")
    if not shares:
        style.say_nothing(upper, "No bulk message passed a cap in the measured time.")
    for i, (name, values) in enumerate(shares.items()):
        line, colour = LINES[i % len(LINES)], COLOURS[i % len(COLOURS)]
        upper.stairs(values, local, color=colour, linestyle=line, linewidth=1.8, label=name.replace("$", r"\$"))
    if shares:
        upper.axhline(1.0, color=style.INK, linewidth=1.0, linestyle=":")
        upper.set_ylim(0, max(1.08, max(float(values.max(initial=0)) for values in shares.values()) * 1.05))
        style.legend_above(upper, columns=3)
    if lower is not None:
        _, levels = waiting(run)
        for cap, level in levels.items():
            colour, label = WAITED_FOR[cap]
            lower.step(local, level, where="post", color=colour, label=label)
        lower.set_ylabel("messages waiting")
        lower.set_ylim(bottom=0)
        if levels:
            style.legend_above(lower, columns=3)
    for each in (upper, lower):
        if each is not None:
            style.time_axis(each, local[0], local[-1], scenario.timezone)
    if lower is not None:
        upper.set_xlabel("")
        upper.set_title(f"Caps over the day: how full they are, in steps of {spoken(int(edges[1] - edges[0]))}", pad=30)
    return upper


def _joined(columns: list[np.ndarray]) -> np.ndarray:
    return np.concatenate([np.zeros(0, np.int64), *columns])


def _count(sends: pd.DataFrame, edges: np.ndarray) -> np.ndarray:
    """Sends that left, by piece. [piece]"""
    number = np.maximum(sends["count"].to_numpy("int64"), 1)
    return np.histogram(sends["sent_us"].to_numpy("int64", na_value=-1), edges, weights=number)[0]
