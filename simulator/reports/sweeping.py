"""A sweep on paper: the grid of values, what came of each, and the curve."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.experiments.compare import paired
from simulator.experiments.sweep import value_of
from simulator.metrics.headlines import number_or_none, scope_text, titles
from simulator.metrics.levels import judged
from simulator.metrics.parts import is_money
from simulator.reports import style
from simulator.reports.comparison import change
from simulator.reports.words import NOTHING, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simulator.experiments.sweep import Point
    from simulator.scenario import Scenario

DEFAULT: tuple[tuple[str, Mapping[str, str]], ...] = (
    ("first_reply_within", {}),
    ("occupancy_work", {}),
    ("tWait", {}),
)
"""Measures of a sweep that asks for none, behind the service level that the target is about."""
YES, ON_AVERAGE, NO = "yes", "on average", "no"
"""Whether a target is met with the whole interval, by the value alone, or not."""
RANGE = "the range of "
"""Before the name of the column whose range another one is."""
MOST_LINES = 8
"""Lines of a picture that can be told apart."""

Wanted = Sequence[tuple[str, Mapping[str, str]]]
"""Measures: name and scope."""


@dataclass(frozen=True)
class Swept:
    """A sweep and what to show of it."""

    scenario: Scenario
    paths: tuple[str, ...]
    points: tuple[Point, ...]
    wanted: tuple[tuple[str, Mapping[str, str]], ...]

    def values(self, number: int) -> list[tuple[float, float, float]]:
        """Each measure of one point: value and 95 % interval; nan: none. [measure]"""
        run = self.points[number].run
        return [value_of(run, metric, **dict(scope)) for metric, scope in self.wanted]

    def against_first(self, number: int) -> tuple[float, float, float]:
        """The first measure minus that of the first point, on the same customers, with its interval."""
        metric, scope = self.wanted[0]
        return paired(self.points[number].run, self.points[0].run, metric, tuple(scope.items()))

    @property
    def units(self) -> list[str]:
        """[measure]"""
        rows = self.points[0].run.summary
        by_name = dict(zip(rows["metric"], rows["unit"], strict=True))
        return [str(by_name[metric]) for metric, _ in self.wanted]


def asked_for_none(scenario: Scenario) -> tuple[tuple[str, Mapping[str, str]], ...]:
    """Measures of a sweep that asks for none."""
    return ((judged(scenario), {}), *DEFAULT)


def legend(found: Swept) -> list[str]:
    """What the measures of a sweep are called in plain words: `oServiceLevel: service level on the answer, ...`."""
    named = titles(found.scenario)
    target = f"{found.scenario.service_level.target * 100:.3g} % {named[judged(found.scenario)]}"
    meets = f"meets target: {target}; {YES}: the whole 95 % interval does, {ON_AVERAGE}: only the value does"
    return [meets, *(f"{metric}: {named[metric]}" for metric in dict.fromkeys(name for name, _ in found.wanted))]


@dataclass(frozen=True)
class Column:
    """A column of the printed table."""

    head: str
    cells: list[str]
    """[point]"""
    rank: int
    """Whose turn it is where there is not room for all: 0 is always shown."""
    name: str
    """What it is called where it had no room."""

    @property
    def width(self) -> int:
        return max(len(line) for cell in (self.head, *self.cells) for line in cell.split("\n"))


def columns(found: Swept) -> list[Column]:
    """The settings, whether they meet the target, each measure with its interval, the first against the first point."""
    settings = [
        Column(path.replace(".", ".\n"), [_spoken(point.settings[path]) for point in found.points], 0, path)
        for path in found.paths
    ]
    shown = [*settings, Column("meets\ntarget", marks(found), 0, "meets target")]
    values = [found.values(number) for number in range(len(found.points))]
    many = len(found.wanted)
    for place, ((metric, scope), unit) in enumerate(zip(found.wanted, found.units, strict=True)):
        name = f"{metric} {scope_text(scope)}".strip()
        head = "\n".join((metric.replace("_", "_\n"), scope_text(scope))).strip()
        cells = [say(row[place][0], unit) for row in values]
        ranges = [_range(*row[place][1:], unit) for row in values]
        shown.append(Column(head, cells, 2 * (place > 0), name))
        shown.append(Column("95 %", ranges, 4 if place else 1, f"{RANGE}{name}"))
    unit = found.units[0]
    against = [found.against_first(number) for number in range(1, len(values))]
    moved = ["", *(change(value, unit) for value, _, _ in against)]
    between = ["", *(_change_range(low, high, unit) for _, low, high in against)]
    what = "the difference from the first row"
    shown += [
        Column("against\nfirst", moved, 3, what),
        Column("95 %", between, 3 if many == 1 else 4, RANGE + what),
    ]
    return shown


def fitting(every: Sequence[Column], width: int) -> tuple[list[Column], list[Column]]:
    """Those that have room side by side, in their order, and those that have none: who matters most chooses first."""
    chosen: set[int] = set()
    used = 0
    for place in sorted(range(len(every)), key=lambda place: every[place].rank):
        if every[place].rank == 0 or used + every[place].width + 1 <= width:
            chosen.add(place)
            used += every[place].width + 1
    kept = [one for place, one in enumerate(every) if place in chosen]
    return kept, [one for place, one in enumerate(every) if place not in chosen]


def marks(found: Swept) -> list[str]:
    """Whether each point meets the scenario's target: `yes` with its whole interval, `on average`, `no`. [point]"""
    target = found.scenario.service_level.target

    def mark(value: float, low: float) -> str:
        if not math.isfinite(value):
            return NOTHING
        return YES if low >= target else ON_AVERAGE if value >= target else NO

    return [mark(value, low) for value, low, _ in _levels(found)]


def _levels(found: Swept) -> list[tuple[float, float, float]]:
    """The service level that the target is about, with its interval. [point]"""
    return [value_of(point.run, judged(found.scenario)) for point in found.points]


def answer(found: Swept) -> list[str]:
    """Which settings meet the scenario's target, in words."""
    target = found.scenario.service_level.target
    levels = _levels(found)
    goal = f"{target * 100:.3g} % service level"
    if not any(math.isfinite(value) for value, _, _ in levels):
        return ["Nothing was offered to a queue: there is no service level."]
    meets = [value >= target for value, _, _ in levels]
    surely = [low >= target for _, low, _ in levels]
    if len(found.paths) > 1:
        lead = f"{sum(meets)} of {len(meets)} settings meet {goal}."
        if found.points[0].run.replications > 1:
            lead = lead.removesuffix(".") + f", {sum(surely)} of them with the whole 95 % interval."
    elif not any(meets):
        lead = f"No value tried meets {goal}."
    elif all(meets):
        lead = f"Every value tried meets {goal}."
    else:
        lead = f"{goal} is met at {_listed(found, meets)}; missed at {_listed(found, [not met for met in meets])}."
    lines = [lead]
    if len(found.paths) == 1 and any(meets) and surely != meets and found.points[0].run.replications > 1:
        where = f"at {_listed(found, surely)}" if any(surely) else "at none of them"
        lines.append(f"With the whole 95 % interval above it: {where}.")
    lines.append("Every line meets the same customers: differences are known better than the ranges of each line say.")
    return lines


def _listed(found: Swept, chosen: Sequence[bool]) -> str:
    texts = [_spoken(point.settings[found.paths[0]]) for point, yes in zip(found.points, chosen, strict=True) if yes]
    return ", ".join(texts)


def document(found: Swept) -> dict[str, Any]:
    """What `--json` prints."""

    met = [None if mark == NOTHING else mark for mark in marks(found)]

    def triple(values: tuple[float, float, float]) -> dict[str, Any]:
        return dict(zip(("value", "ci_low", "ci_high"), map(number_or_none, values), strict=True))

    return {
        "scenario": found.scenario.name,
        "seed": found.scenario.seed,
        "replications": found.points[0].run.replications,
        "paths": list(found.paths),
        "points": [
            {
                "settings": dict(point.settings),
                "meets_target": met[number],
                "metrics": [
                    {"name": metric, "scope": dict(scope), "unit": unit} | triple(values)
                    for (metric, scope), unit, values in zip(
                        found.wanted, found.units, found.values(number), strict=True
                    )
                ],
                "against_first": triple(found.against_first(number)),
            }
            for number, point in enumerate(found.points)
        ],
    }


def as_csv(found: Swept) -> str:
    """One line a point: settings, each measure with its interval, whether the target is met; empty: no value."""
    stream = io.StringIO()
    out = csv.writer(stream, lineterminator="\n")
    names = [f"{metric} {scope_text(scope)}".strip() for metric, scope in found.wanted]
    measures = [f"{name}{end}" for name in names for end in ("", "_ci_low", "_ci_high")]
    out.writerow([*found.paths, *measures, "meets_target"])
    for number, (point, mark) in enumerate(zip(found.points, marks(found), strict=True)):
        cells = [cell for values in found.values(number) for cell in values]
        settings = [_safe(_spoken(point.settings[path])) for path in found.paths]
        written = [f"{cell:.6g}" if math.isfinite(cell) else "" for cell in cells]
        out.writerow([*settings, *written, mark.replace(NOTHING, "")])
    return stream.getvalue()


def svg(found: Swept) -> str | None:
    """The curve of each measure over the first path, a line for each value of the second; None: no picture of it.

    There is none of more than two paths, of values that are no numbers, and of one point.
    """
    if len(found.paths) > 2 or len(found.points) < 2:
        return None
    numbers = [_number(point.settings[found.paths[0]]) for point in found.points]
    if any(number is None for number in numbers):
        return None
    groups: dict[str, list[int]] = {}
    for number, point in enumerate(found.points):
        groups.setdefault(_spoken(point.settings[found.paths[1]]) if len(found.paths) > 1 else "", []).append(number)
    if len(groups) > MOST_LINES:
        return None
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    with style.styled():
        count = len(found.wanted)
        figure = Figure(figsize=(style.SIZE[0], 1.0 + 1.9 * count), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.subplots(count, 1, sharex=True, squeeze=False)[:, 0]
        for place, ax in enumerate(axes):
            _draw(found, place, [float(number or 0) for number in numbers], groups, ax)
        if len(groups) > 1:
            style.legend_above(axes[0])
        if all(float(number or 0).is_integer() for number in numbers):
            axes[-1].xaxis.set_major_locator(MaxNLocator(integer=True))
        axes[-1].set_xlabel(found.paths[0].replace("$", r"\$"))
        stream = io.StringIO()
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None})
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def _draw(found: Swept, place: int, numbers: list[float], groups: dict[str, list[int]], ax: Axes) -> None:
    (metric, scope), unit = found.wanted[place], found.units[place]
    per = 60.0 if unit == "s" else 1.0
    for which, (name, members) in enumerate(groups.items()):
        at = [numbers[number] for number in members]
        values = [tuple(cell / per for cell in found.values(number)[place]) for number in members]
        middle, low, high = zip(*values, strict=True)
        colour = style.LINES[which % len(style.LINES)]
        ax.fill_between(at, low, high, color=colour, alpha=0.15, linewidth=0)
        ax.plot(at, middle, color=colour, marker="o", markersize=4, label=f"{found.paths[-1]} {name}" if name else None)
    title = f"{metric} {scope_text(scope)}".strip()
    shown = f"{title}, min" if unit == "s" else f"{title}, {unit}" if is_money(unit) else title
    ax.set_title(shown.replace("$", r"\$"), loc="left", fontsize="medium")
    if metric == judged(found.scenario):
        ax.axhline(found.scenario.service_level.target, color=style.INK, linewidth=1.2, linestyle=":")
    if unit == "share":
        style.share_axis(ax, "share")
    else:
        ax.set_ylim(bottom=0)


def _number(value: object) -> float | None:
    try:
        return float(str(value).replace("%", "").strip())
    except ValueError:
        return None


def _spoken(value: object) -> str:
    return str(value).strip()


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "@", "\t")) else text


def _range(low: float, high: float, unit: str) -> str:
    if number_or_none(low) is None:
        return ""
    first = say(low, unit).removesuffix(" %") if unit == "share" else say(low, unit)
    return f"{first} – {say(high, unit)}"


def _change_range(low: float, high: float, unit: str) -> str:
    return NOTHING if number_or_none(low) is None else f"{change(low, unit)} to {change(high, unit)}"
