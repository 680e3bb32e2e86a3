"""The staffing curve on paper: how many agents, and what they bring."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from simulator.experiments.staffing import LEVEL, PAIRED, Staffing
from simulator.reports import style
from simulator.reports.words import say
from simulator.vocabulary.clock import spoken

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simulator.scenario import Scenario


def files(found: Staffing, scenario: Scenario) -> dict[str, str]:
    """What a run folder keeps of it: path -> text."""
    return {"staffing.csv": found.csv(), "plots/staffing.svg": svg(found, scenario)}


def answer(found: Staffing, scenario: Scenario) -> list[str]:
    """ "How many?", in words."""
    goal = scenario.service_level
    target = f"{goal.target * 100:.3g} % answered within {spoken(goal.within_us)}"
    most = found.counts[-1]
    if found.enough is None:
        lines = [f"No number up to {most} in {found.group} reaches {target}."]
    else:
        lines = [f"{found.enough} agents in {found.group} reach {target}."]
        if found.enough == found.counts[0]:
            lines[0] += " Fewer were not tried."
    if scenario.replications < 2:
        lines.append("One replication: how sure that is cannot be said.")
    elif found.enough is not None and found.enough_surely is None:
        lines.append(f"With no number up to {most} does the whole 95 % interval lie above the target.")
    elif found.enough_surely is not None and found.enough_surely != found.enough:
        lines.append(f"With {found.enough_surely} the whole 95 % interval lies above it.")
    elif found.enough_surely is not None:
        lines[0] = lines[0].replace(".", ", and the whole 95 % interval lies above it.", 1)
    return [*lines, PAIRED]


def table(found: Staffing) -> list[list[str]]:
    """Head and rows of the printed table."""
    within = "service\nlevel", "95 %\ninterval", "first\nreply"
    head = ["\nagents", *within, "\nwork", "\nslots", "\nstatus", "aban-\ndoned", "gave up\nsilently"]
    rows = [head]
    for number, count in enumerate(found.counts):
        level, low, high = found.values[LEVEL][number]
        interval = f"{low * 100:.1f} – {high * 100:.1f}" if low == low and high == high else ""
        others = [say(several[number][0], "share") for name, several in found.values.items() if name != LEVEL]
        rows.append([str(count), say(level, "share"), interval, *others])
    return rows


def svg(found: Staffing, scenario: Scenario) -> str:
    """The curve as SVG text; the same curve is the same bytes."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with style.styled():
        figure = Figure(figsize=style.SIZE, layout="constrained")
        FigureCanvasSVG(figure)
        draw(found, scenario, figure.subplots())
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def draw(found: Staffing, scenario: Scenario, ax: Axes) -> Axes:
    """Service level with its interval, first reply and work occupancy, by number of agents."""
    from matplotlib.ticker import MaxNLocator

    within = spoken(scenario.service_level.within_us)
    for name, colour, line, label in (
        (LEVEL, style.BLUE, "-", f"answered within {within}"),
        ("first_reply_within", style.ORANGE, "--", f"first reply within {within}"),
        ("occupancy_work", style.GREY, "-.", "occupancy, work"),
    ):
        values, lows, highs = zip(*found.values[name], strict=True)
        ax.fill_between(found.counts, lows, highs, color=colour, alpha=0.15, linewidth=0)
        ax.plot(found.counts, values, color=colour, linestyle=line, marker="o", markersize=4, label=label)
    ax.axhline(found.target, color=style.INK, linewidth=1.2, linestyle=":", label=f"target {found.target * 100:.3g} %")
    if found.enough is not None:
        ax.axvline(found.enough, color=style.INK, linewidth=1.0, alpha=0.5)
    name = found.group.replace("$", r"\$")
    ax.set_title(f"How many agents in {name}? The same customers at every count")
    ax.set_xlabel(f"agents in {name}")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    style.share_axis(ax, "share")
    style.legend_above(ax)
    return ax
