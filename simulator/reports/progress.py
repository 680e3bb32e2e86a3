"""A progress bar with time left, on a terminal only."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

OnProgress = Callable[[float], None]


def part(show: OnProgress | None, begin: float, end: float) -> OnProgress | None:
    """Of a bar that several runs share, the stretch of one of them."""
    if show is None:
        return None
    return lambda done: show(begin + (end - begin) * done)


@contextmanager
def bar(title: str, wanted: bool = True) -> Iterator[Callable[[float], None] | None]:
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
        task = progress.add_task(title, total=1.0)

        def show(done: float) -> None:
            progress.update(task, completed=done, refresh=True)

        yield show
