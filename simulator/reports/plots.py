"""The pictures a planner would put on a slide. They take tables and return axes.

service_level  was it good enough, and how much came in
staff          was it the staff, and how busy were they
requirement    how many agents does the target ask for, and how many lack or stand above
sends          did the caps bind, and for how long
people         who was scheduled, present, busy, and where the others were
flow           how portions leave the flow by the way they took, and how many are in it
outages        who waited during and after an outage, and what passed
windows        how many reply windows are about to close, and who gets no answer any more
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.metrics.averages import interval_means
from simulator.reports import style
from simulator.reports.plot_caps import draw_caps, has_caps
from simulator.reports.plot_flow import draw_flow, has_steps
from simulator.reports.plot_outages import draw_outages, outage_of
from simulator.reports.plot_people import draw_people, has_plans
from simulator.reports.plot_requirement import draw_requirement, has_queues
from simulator.reports.plot_waits import draw_waits, some_waited
from simulator.reports.plot_windows import draw_windows, windows_of
from simulator.reports.series import Wave, coarser, lanes, largest_wave, over_replications, queues_by_size
from simulator.vocabulary.clock import Calendar, spoken
from simulator.vocabulary.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from simulator.experiments.run import Run

NO_INTERVALS = "No interval to show."


def plot(run: Run, name: str, ax: Axes | None = None, figure: Figure | None = None, queue: str | None = None) -> Axes:
    """Draw one of `PLOTS` from a run's tables.

    With `ax` only the upper panel is drawn, on it. Otherwise both, on `figure` or a new one of pyplot's. Returns
    the upper axes. `queue`: default the one with most offers. Raises `UsageError` for an unknown name or queue.
    """
    if name not in PLOTS:
        raise UsageError(f"plot {name!r} is not known; known: {', '.join(PLOTS)}")
    if ax is None and figure is None:
        from matplotlib import pyplot

        # Not under `styled`: the first figure loads the backend, a notebook's then turns showing on, and the end of the
        # style would turn it off again: every later picture would stay unseen.
        figure = pyplot.figure(figsize=style.SIZE)
    with style.styled():
        if figure is not None:
            figure.set_facecolor(style.RC["figure.facecolor"])
            figure.set_layout_engine("constrained")
        axes: Axes = PLOTS[name](run, ax, figure, queue)
        return axes


def _service_level(run: Run, ax: Axes | None, figure: Any, queue: str | None) -> Axes:
    upper, lower = _panels(ax, figure)
    queue, table = _one_queue(run, queue)
    names = ["oServiceLevel_by_arrival", "first_reply_within_by_arrival"]
    counts = ["nOffered", "nAnswered_by_arrival", "nAbandoned_by_arrival", "nGaveUp"]
    mean, width_us = _drawn(run, table, shares=names, counts=counts)
    if width_us == run.scenario.interval_us and not mean.empty:
        means = interval_means(run.scenario, run.tables)  # sums over sums, as the workbook has it
        mean[names] = means.loc[means["queue"] == queue, names].to_numpy()
    goal = run.scenario.service_level
    within, first_within = spoken(goal.within_us), spoken(goal.limit_us("first_reply"))
    upper.set_title(f"Service level by interval, queue {_plain(queue)}")
    if mean.empty:
        style.say_nothing(upper, NO_INTERVALS)
        return upper
    middle = _middles(run, mean)
    for name, colour, line, label in (
        (names[0], style.BLUE, "-", f"answered within {within}"),
        (names[1], style.ORANGE, "--", f"first reply within {first_within}"),
    ):
        upper.fill_between(middle, mean[f"{name}_low"], mean[f"{name}_high"], color=colour, alpha=0.15, linewidth=0)
        upper.plot(middle, mean[name], color=colour, linestyle=line, marker="o", markersize=3.5, label=label)
    if goal.on in ("answer", "first_reply") and goal.clock == "elapsed":  # else it is about neither line
        target = f"target {goal.target * 100:.3g} %"
        upper.axhline(goal.target, color=style.INK, linewidth=1.2, linestyle=":", label=target)
    style.share_axis(upper, "share of offered, by arrival")
    style.legend_above(upper)
    _shaded(run, upper)
    if lower is not None:
        width = timedelta(microseconds=width_us)
        lower.bar(mean["start_local"], mean[counts[0]], width, align="edge", color=style.PALE, label="offered")
        _steps(lower, run, mean, counts[1], style.BLUE, "-", "answered")
        narrow = width * 0.38
        for place, name, colour, label in (
            (0.12, counts[2], style.RED, "abandoned"),
            (0.5, counts[3], style.PURPLE, "gave up silently"),
        ):
            lower.bar(mean["start_local"] + width * place, mean[name], narrow, align="edge", color=colour, label=label)
        lower.set_ylabel(f"per {spoken(width_us)}")
        style.legend_above(lower)
    _times(run, mean, upper, lower)
    return upper


def _staff(run: Run, ax: Axes | None, figure: Any, queue: str | None) -> Axes:
    upper, lower = _panels(ax, figure)
    queue, table = _one_queue(run, queue)
    staff = ["staff_present", "staff_scheduled", "attention_load"]
    shares = ["occupancy_work", "occupancy_status", "occupancy_slots"]
    mean, _ = _drawn(run, table, shares=staff + shares, counts=[])
    upper.set_title(f"Staff and load, queue {_plain(queue)}")
    if mean.empty:
        style.say_nothing(upper, NO_INTERVALS)
        return upper
    ends = _edges(run, mean)
    upper.stairs(mean[staff[0]], ends, fill=True, color=style.SKY, alpha=0.45, label="on queue")
    _steps(upper, run, mean, staff[1], style.GREY, "--", "scheduled")
    _steps(upper, run, mean, staff[2], style.RED, "-", "attention load (work done)")
    upper.set_ylim(bottom=0)
    upper.set_ylabel("agents")
    style.legend_above(upper)
    if lower is not None:
        middle = _middles(run, mean)
        for name, colour, line, label in (
            (shares[0], style.BLUE, "-", "work (attention)"),
            (shares[1], style.ORANGE, "--", "status (INTERACTING)"),
            (shares[2], style.GREEN, "-.", "slots"),
        ):
            low, high = mean[f"{name}_low"], mean[f"{name}_high"]
            lower.fill_between(middle, low, high, color=colour, alpha=0.13, linewidth=0)
            lower.plot(middle, mean[name], color=colour, linestyle=line, label=label)
        style.share_axis(lower, "occupancy")
        style.legend_above(lower)
        _shaded(run, lower)
    _times(run, mean, upper, lower)
    return upper


def _sends(run: Run, ax: Axes | None, figure: Any, queue: str | None) -> Axes:
    waves = sends_waves(run)
    if ax is not None or not waves:
        upper = ax if ax is not None else figure.subplots()
        if waves:
            wave = max(waves, key=lambda one: (one.backlog_peak, one.lane))
            _sent(upper, run, wave)
            _wave_axis(upper, run, wave)
        else:
            upper.set_title("Sends per minute")
            style.say_nothing(upper, "No bulk message was requested in the measured time.")
        return upper
    grid = figure.subplots(2, len(waves), squeeze=False, sharex="col", height_ratios=(3, 2))
    for (upper, lower), wave in zip(grid.T, waves, strict=True):
        _sent(upper, run, wave)
        step = [run.scenario.calendar.local(us) for us in wave.step_us]
        lower.fill_between(step, wave.backlog, step="post", color=style.PURPLE, alpha=0.45, linewidth=0)
        lower.set_ylim(0, max(wave.backlog_peak * 1.1, 1.0))
        lower.yaxis.set_major_formatter(_thousands())
        lower.set_title(f"backlog: at most {wave.backlog_peak:,.0f} messages", fontsize=10.5, fontweight="normal")
        _wave_axis(lower, run, wave)
    grid[0, 0].set_ylabel("messages per minute")
    grid[1, 0].set_ylabel("messages waiting")
    first: Axes = grid[0, 0]
    return first


def sends_waves(run: Run) -> list[Wave]:
    """The largest wave of each bulk lane in the measured window."""
    sends = run.tables["sends"]
    window = run.scenario.warm_up_us, run.scenario.duration_us
    waves = (largest_wave(sends, lane, *window) for lane in lanes(sends))
    return [wave for wave in waves if wave is not None]


PLOTS: dict[str, Callable[[Run, Any, Any, str | None], Axes]] = {
    "service_level": _service_level,
    "staff": _staff,
    "requirement": draw_requirement,
    "sends": _sends,
    "windows": lambda run, ax, figure, queue: draw_windows(run, ax, figure),
    "people": lambda run, ax, figure, queue: draw_people(run, ax, figure),
    "flow": lambda run, ax, figure, queue: draw_flow(run, ax, figure),
    "outages": lambda run, ax, figure, queue: draw_outages(run, ax, figure),
    "caps": lambda run, ax, figure, queue: draw_caps(run, ax, figure),
    "waits": lambda run, ax, figure, queue: draw_waits(run, ax, figure),
}
"""Every picture, by name."""
SPEAKS: dict[str, Callable[[Run], bool]] = {
    "sends": lambda run: bool(run.scenario.outbound.campaigns or run.scenario.outbound.notifications),
    "requirement": has_queues,
    "windows": lambda run: bool(windows_of(run)),
    "caps": has_caps,
    "people": has_plans,
    "flow": has_steps,
    "waits": some_waited,
    "outages": lambda run: outage_of(run) is not None,
}
"""Pictures that only some scenarios have anything to show in."""


def _panels(ax: Axes | None, figure: Any) -> tuple[Axes, Axes | None]:
    if ax is not None:
        return ax, None
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    return upper, lower


def _drawn(run: Run, table: pd.DataFrame, shares: list[str], counts: list[str]) -> tuple[pd.DataFrame, int]:
    """The intervals of one queue as they are drawn, and how long each is: several are one where there are too many."""
    table, width_us = coarser(table, run.scenario.interval_us, shares, counts)
    mean = over_replications(table, shares + counts)
    mean.attrs["width_us"] = width_us
    return mean, width_us


def _one_queue(run: Run, queue: str | None) -> tuple[str, pd.DataFrame]:
    table = run.tables["intervals"]
    known = queues_by_size(table) or sorted(run.scenario.queues)
    if queue is not None and queue not in known:
        raise UsageError(f"queue {queue!r} is not known; known: {', '.join(known)}")
    queue = queue or (known[0] if known else "")
    inside = (table["start_us"] >= run.scenario.warm_up_us) & (table["start_us"] < run.scenario.duration_us)
    return queue, table[inside & (table["queue"] == queue)]


def _steps(ax: Axes, run: Run, mean: pd.DataFrame, name: str, colour: str, line: str, label: str) -> None:
    values = mean[name].to_numpy()
    ax.step(_edges(run, mean), np.append(values, values[-1:]), where="post", color=colour, linestyle=line, label=label)


def _edges(run: Run, mean: pd.DataFrame) -> np.ndarray:
    """Starts of the intervals and the end of the last, local. [interval + 1]"""
    last = mean["start_local"].iloc[-1] + timedelta(microseconds=mean.attrs["width_us"])
    return np.append(mean["start_local"].to_numpy("datetime64[us]"), np.datetime64(last, "us"))


def _middles(run: Run, mean: pd.DataFrame) -> Any:
    return mean["start_local"] + timedelta(microseconds=mean.attrs["width_us"] // 2)


def _times(run: Run, mean: pd.DataFrame, *axes: Axes | None) -> None:
    edges = _edges(run, mean).astype(object)
    drawn = [ax for ax in axes if ax is not None]
    for ax in drawn:
        style.time_axis(ax, edges[0], edges[-1], run.scenario.timezone)
    for ax in drawn[:-1]:
        ax.set_xlabel("")


def _shaded(run: Run, ax: Axes) -> None:
    if run.replications > 1:
        text = f"shaded: least to most of {run.replications} replications"
        ax.text(1.0, 1.02, text, transform=ax.transAxes, ha="right", color=style.GREY, fontsize=8.5)


def _sent(ax: Axes, run: Run, wave: Wave) -> None:
    calendar: Calendar = run.scenario.calendar
    starts = [calendar.local(us) for us in wave.minute_us]
    cap = _cap_per_minute(run, wave.lane)
    width = timedelta(minutes=wave.minutes)
    ax.bar(starts, wave.sent, width, align="edge", color=style.SKY, edgecolor="white", linewidth=0.4)
    ax.set_title(f"{wave.lane}, sends per minute")
    top = max(float(wave.sent.max(initial=0.0)), 1.0)
    if cap is not None and cap < 20 * top:
        ax.axhline(cap, color=style.RED, linewidth=1.6, linestyle="--")
        ax.annotate(
            f"cap {cap:,.0f} per minute", (1.0, cap), xycoords=("axes fraction", "data"), xytext=(0, 4),
            textcoords="offset points", ha="right", color=style.RED, fontsize=10,
        )  # fmt: skip
        top = max(top, cap)
    ax.set_ylim(0, top * 1.15)
    ax.yaxis.set_major_formatter(_thousands())


def _cap_per_minute(run: Run, lane: str) -> float | None:
    limits = run.scenario.outbound.limits
    per_second = {"campaign": limits.whatsapp_campaign, "agentless": limits.whatsapp_agentless}.get(lane)
    return None if per_second is None else per_second * 60


def _wave_axis(ax: Axes, run: Run, wave: Wave) -> None:
    calendar: Calendar = run.scenario.calendar
    style.time_axis(ax, calendar.local(wave.step_us[0]), calendar.local(wave.step_us[-1]), run.scenario.timezone)


def _thousands() -> Any:
    from matplotlib.ticker import FuncFormatter

    return FuncFormatter(lambda value, _: f"{value:,.0f}")


def _plain(text: str) -> str:
    """A name as it stands: matplotlib reads `$` as mathematics."""
    return text.replace("$", r"\$")
