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
    return [f"{metric}: {named[metric]}" for metric in dict.fromkeys(name for name, _ in found.wanted)]


def table(found: Swept) -> list[list[str]]:
    """Head and rows: the settings, each measure with its interval, and the first against the first point."""
    names = [f"{metric}\n{scope_text(scope)}".strip() for metric, scope in found.wanted]
    head = [path.replace(".", ".\n") for path in found.paths]
    for name in names:
        head += [name, "95 %"]
    head += ["against\nfirst", "95 %"]
    rows = [head]
    for number, point in enumerate(found.points):
        cells = [_spoken(point.settings[path]) for path in found.paths]
        for (value, low, high), unit in zip(found.values(number), found.units, strict=True):
            cells += [say(value, unit), _range(low, high, unit)]
        value, low, high = found.against_first(number)
        unit = found.units[0]
        cells += ["", ""] if number == 0 else [change(value, unit), _change_range(low, high, unit)]
        rows.append(cells)
    return rows


def answer(found: Swept) -> list[str]:
    """Which settings meet the scenario's target, in words."""
    target = found.scenario.service_level.target
    levels = [value_of(point.run, judged(found.scenario)) for point in found.points]
    goal = f"{target * 100:.3g} % service level"
    if not any(math.isfinite(value) for value, _, _ in levels):
        return ["Nothing was offered to a queue: there is no service level."]
    meets = [value >= target for value, _, _ in levels]
    surely = [low >= target for _, low, _ in levels]
    if len(found.paths) > 1:
        lead = f"{sum(meets)} of {len(meets)} settings meet {goal}; {sum(surely)} with the whole interval above it."
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
    """One line a point: settings, then each measure with its interval; empty: no value."""
    stream = io.StringIO()
    out = csv.writer(stream, lineterminator="\n")
    names = [f"{metric} {scope_text(scope)}".strip() for metric, scope in found.wanted]
    out.writerow([*found.paths, *(f"{name}{end}" for name in names for end in ("", "_ci_low", "_ci_high"))])
    for number, point in enumerate(found.points):
        cells = [cell for values in found.values(number) for cell in values]
        settings = [_safe(_spoken(point.settings[path])) for path in found.paths]
        out.writerow([*settings, *(f"{cell:.6g}" if math.isfinite(cell) else "" for cell in cells)])
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
    ax.set_title(f"{title}, min" if unit == "s" else title, loc="left", fontsize="medium")
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
    return "" if number_or_none(low) is None else f"{say(low, unit)} – {say(high, unit)}"


def _change_range(low: float, high: float, unit: str) -> str:
    return NOTHING if number_or_none(low) is None else f"{change(low, unit)} to {change(high, unit)}"
