"""Worker processes that say how far they are and stop when they are told.

Parent and workers share one small array: a fraction done per task. Nothing else is shared, so that an answer can only
depend on its task. Workers write nothing, so that they may be ended at any instant; without their parent they end too.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from simulator.vocabulary.errors import UsageError

Answer = TypeVar("Answer")
Task = Callable[..., Answer]
"""task(number, progress) -> answer; `progress(now, end)` is to be called now and then."""

POLL_S = 0.2
"""How often the parent looks at the array."""

KILLED = (
    "a worker process was ended from outside, as systems do when memory runs out: use fewer workers, shorten the run "
    "or model a part of it"
)

_board: Any = None
"""In a worker: the shared array. [task]"""


def run(
    task: Task[Answer], count: int, workers: int | None, on_progress: Callable[[float], None] | None
) -> list[Answer]:
    """task(0), …, task(count - 1), in order, on at most `workers` processes (1: here, no process)."""
    workers = min(workers or processors(), count)
    if workers <= 1:
        return [task(number, _fraction_here(number, count, on_progress)) for number in range(count)]
    context = multiprocessing.get_context(_start_method())
    board = context.Array("d", count, lock=False)
    others = set(multiprocessing.active_children())
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_enter, initargs=(board,)) as processes:
        futures = [processes.submit(_work, task, number) for number in range(count)]
        try:
            _watch(futures, board, on_progress)
            return [future.result() for future in futures]
        except BaseException as error:
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()  # folding a month takes minutes in which nobody listens
            processes.shutdown(wait=True, cancel_futures=True)
            if isinstance(error, BrokenProcessPool):
                raise UsageError(KILLED) from error
            raise


def processors() -> int:
    """Processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _start_method() -> str:
    """Fork starts at once and asks nothing of the user's script, but is safe only while there is one thread."""
    return "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"


def _fraction_here(
    number: int, count: int, on_progress: Callable[[float], None] | None
) -> Callable[[int, int], None] | None:
    if on_progress is None:
        return None
    return lambda now, end: on_progress((number + min(now / max(end, 1), 1.0)) / count)


def _watch(futures: list[Future[Answer]], board: Any, on_progress: Callable[[float], None] | None) -> None:
    """Wait for all, or for the first that fails; pass on how far they are."""
    pending = set(futures)
    while pending:
        done, pending = wait(pending, timeout=POLL_S, return_when=FIRST_EXCEPTION)
        for future in done:
            future.result()
        if on_progress is not None:
            fractions = [1.0 if future.done() else board[number] for number, future in enumerate(futures)]
            on_progress(sum(fractions) / len(fractions))


def _enter(board: Any) -> None:
    """In a new worker. Ctrl-C reaches it too, but the parent decides."""
    global _board  # noqa: PLW0603 - a worker process has exactly one
    _board = board
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    threading.Thread(target=_end_with_the_parent, daemon=True).start()


def _end_with_the_parent() -> None:
    """Nobody would ever tell the workers of a killed parent that there is no more to do."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(task: Task[Answer], number: int) -> Answer:
    board = _board

    def progress(now: int, end: int) -> None:
        board[number] = min(now / max(end, 1), 1.0)

    return task(number, progress)
