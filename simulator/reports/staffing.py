"""The staffing curve on paper: how many agents, and what they bring."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.experiments.staffing import PAIRED, Staffing
from simulator.metrics.levels import fine_print, goal
from simulator.reports import style
from simulator.reports.words import NOTHING, say
from simulator.vocabulary.clock import spoken

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simulator.scenario import Scenario


def files(found: Staffing, scenario: Scenario) -> dict[str, str]:
    """What a run folder keeps of it: path -> text."""
    return dict(zip(file_names(found), (found.csv(), svg(found, scenario)), strict=True))


def file_names(found: Staffing) -> tuple[str, str]:
    """Where they stand in the folder: named by group, so that the next question takes nothing away."""
    group = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in found.group)
    return f"staffing-{group}.csv", f"plots/staffing-{group}.svg"


def replaced(found: Staffing, folder: Path) -> list[int]:
    """Counts that the folder's curve of this group has and the new one has not: the new one takes its place."""
    try:
        rows = csv.DictReader(io.StringIO((folder / file_names(found)[0]).read_text(encoding="utf-8")))
        earlier = {int(row["agents"]) for row in rows}
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return sorted(earlier - set(found.counts))


def answer(found: Staffing, scenario: Scenario) -> list[str]:
    """ "How many?", in words."""
    target = f"{scenario.service_level.target * 100:.3g} % {goal(scenario)}"
    most = found.counts[-1]
    today = f"Today's {found.today} in {found.group}"
    lines = []
    if found.hardly_moves:
        lines.append(f"{found.group} hardly moves it: no count tried changes the service level noticeably.")
    if found.enough is None and found.today_meets:
        lines.append(f"{today} reach {target}; not every larger count tried does.")
    elif found.enough is None and found.values[found.level][-1][0] >= found.target:
        lines.append(
            f"No count tried is a safe way to {target}: of those that reach it, none is better than today's "
            f"{found.today} with its whole range."
        )
    elif found.enough is None:
        lines += [f"No number up to {most} in {found.group} reaches {target}."]
    else:
        who = today if found.enough == found.today else f"{found.enough} agents in {found.group}"
        lines.append(f"{who} reach {target}.")
        if found.enough_surely == found.enough:
            lines[-1] = lines[-1].removesuffix(".") + ", and the whole 95 % interval lies above it."
        if found.enough == found.counts[0]:
            lines[-1] += " Fewer were not tried."
    if scenario.replications < 2:
        lines.append("One replication: how sure that is cannot be said.")
    elif found.enough is not None and found.enough_surely is None:
        lines.append(f"With no number up to {most} does the whole 95 % interval lie above the target.")
    elif found.enough_surely is not None and found.enough_surely != found.enough:
        lines.append(f"With {found.enough_surely} the whole 95 % interval lies above it.")
    return [*lines, PAIRED]


def legend(scenario: Scenario) -> str:
    """What the columns mean: which service level, which occupancies."""
    level = scenario.service_level
    first = spoken(level.limit_us("first_reply"))
    return (
        f"service level: {goal(scenario)} ({fine_print(scenario)}); first reply: within {first}, of all offers; work, "
        "slots, status: occupancies of all agents, as in the summary."
    )


def table(found: Staffing) -> list[list[str]]:
    """Head and rows of the printed table."""
    shown = {
        "first_reply_within": "first\nreply",
        "occupancy_work": "\nwork",
        "occupancy_slots": "\nslots",
        "abandon_share": "\nabandoned",
        "silent_share": "gave up\nsilently",
        "occupancy_status": "\nstatus",
    }
    head = ["\nagents", "service\nlevel", "95 %\ninterval", "against\ntoday", "95 %\ninterval", *shown.values()]
    rows = [head]
    for number, count in enumerate(found.counts):
        level, low, high = found.values[found.level][number]
        gain, least, most = found.gains[number]
        against = ["today", ""] if count == found.today else [_points(gain, "+"), _interval(least, most)]
        others = [say(found.values[name][number][0], "share") for name in shown]
        rows.append([str(count), say(level, "share"), _interval(low, high), *against, *others])
    return rows


def _interval(low: float, high: float) -> str:
    return f"{_points(low)} – {_points(high)}" if low == low and high == high else ""


def _points(share: float, sign: str = "") -> str:
    """A share or a difference of shares in points: `-2.1`."""
    return f"{share * 100 + 0.0:{sign}.1f}" if share == share else NOTHING


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

    within = spoken(scenario.service_level.limit_us("first_reply"))
    for name, colour, line, label in (
        (found.level, style.BLUE, "-", goal(scenario)),
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
