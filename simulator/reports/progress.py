"""A progress bar with time left on a terminal, and lines of plain text elsewhere."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

OnProgress = Callable[[float], None]


def part(show: OnProgress | None, begin: float, end: float) -> OnProgress | None:
    """Of a bar that several runs share, the stretch of one of them."""
    if show is None:
        return None
    return lambda done: show(begin + (end - begin) * done)


class Bar:
    """A bar on a terminal: called with the share done."""

    def __init__(self, progress: Progress, task: TaskID):
        self._progress, self._task = progress, task

    def __call__(self, done: float) -> None:
        self._progress.update(self._task, completed=done, refresh=True)

    def line(self, text: str) -> None:
        """A line that stays above the bar."""
        self._progress.console.print(text, markup=False, highlight=False, soft_wrap=True)


def line(show: Bar | None, text: str) -> None:
    """A line on standard error while a run goes on, above its bar where it has one."""
    if show is not None:
        show.line(text)
    else:
        print(text, file=sys.stderr, flush=True)


@contextmanager
def bar(title: str, wanted: bool = True) -> Iterator[Bar | None]:
    """Gives a function of the share done, or None where nobody watches: a file, a pipe, `wanted=False`."""
    if not wanted or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    # No thread of its own: worker processes are forked while the bar is up. The time left goes by the whole run so far:
    # between two stages of a month minutes may pass without a word, after which rich would know no speed any more.
    with Progress(
        *columns, console=Console(stderr=True), auto_refresh=False, transient=True, speed_estimate_period=math.inf
    ) as progress:
        yield Bar(progress, progress.add_task(title, total=1.0))
