"""How plots look: one place for colours, type and the time axis.

Colours are Okabe and Ito's, which people with any of the common colour-vision deficiencies can tell apart
(M. Okabe, K. Ito, "Color Universal Design", 2008). Lines differ in style too, for prints without colour.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE = "#0072B2"
SKY = "#56B4E9"
GREEN = "#009E73"
ORANGE = "#E69F00"
RED = "#D55E00"
PURPLE = "#CC79A7"
INK = "#333333"
GREY = "#8A8A8A"
PALE = "#DDDDDD"
LINES = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY, INK, GREY)
"""Colours of lines that stand beside each other, in this order."""

RC: dict[str, Any] = {
    "figure.facecolor": "white",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib: the same letters everywhere
    "font.size": 11,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 13,
    "axes.titleweight": "bold",
    "axes.titlepad": 10,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": "#ECECEC",
    "grid.linewidth": 0.8,
    "xtick.color": INK,
    "ytick.color": INK,
    "lines.linewidth": 2.0,
    "legend.frameon": False,
    "legend.fontsize": 10,
    "svg.hashsalt": "ccsim",  # the same picture is the same file
    "svg.fonttype": "path",
}
SIZE = (10.0, 6.2)
"""Inches: fills a slide of 16:9 with a title above."""


@contextmanager
def styled() -> Iterator[None]:
    """Everything drawn or saved inside looks like ours; the user's own settings come back after."""
    import matplotlib

    with matplotlib.rc_context(RC):
        yield


def time_axis(ax: Axes, first: datetime, last: datetime, timezone: str) -> None:
    """Local wall clock from `first` to `last`; the day stands in the label where there is only one."""
    from matplotlib import dates

    ax.set_xlim(first, last)
    hours = (last - first).total_seconds() / 3600
    if hours <= 2:
        ax.xaxis.set_major_locator(dates.MinuteLocator(byminute=range(0, 60, _round_minutes(hours * 60 / 7))))
        ax.xaxis.set_major_formatter(dates.DateFormatter("%H:%M"))
    elif hours <= 26:
        ax.xaxis.set_major_locator(dates.HourLocator(interval=max(1, round(hours / 8))))
        ax.xaxis.set_major_formatter(dates.DateFormatter("%H:%M"))
    else:
        locator = dates.AutoDateLocator(minticks=4, maxticks=9)
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator, show_offset=False))
    ax.set_xlabel(f"{spoken_day(first, last)}local time ({timezone})")


def _round_minutes(minutes: float) -> int:
    """A step that people read easily."""
    return next((step for step in (1, 2, 5, 10, 15) if step >= minutes), 30)


def spoken_day(first: datetime, last: datetime) -> str:
    """`Thursday 5 March 2026, ` where the span lies in one day, else the year, as the label of the axis begins."""
    if (last - first).total_seconds() <= 86_400 and (last - datetime.resolution).date() == first.date():
        return f"{first:%A} {first.day} {first:%B %Y}, "
    return f"{first.year}, " if first.year == last.year else ""


def share_axis(ax: Axes, label: str) -> None:
    """0 to 100 %."""
    from matplotlib.ticker import PercentFormatter

    ax.set_ylim(0, 1.03)
    ax.yaxis.set_major_formatter(PercentFormatter(xmax=1, decimals=0, symbol=" %"))
    ax.set_ylabel(label)


def legend_above(ax: Axes, columns: int = 4) -> None:
    """A legend on one line between title and plot."""
    title = ax.get_title(loc="left")
    if title:
        ax.set_title(title, pad=30)
    ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=columns, borderaxespad=0.2, handlelength=1.8)


def say_nothing(ax: Axes, why: str) -> None:
    """An empty plot says why it is empty."""
    ax.text(0.5, 0.5, why, transform=ax.transAxes, ha="center", va="center", color=GREY)
    ax.set_xticks([])
    ax.set_yticks([])
