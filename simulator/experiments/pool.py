"""Worker processes that say how far they are and die when they are told.

Each worker has a pipe of its own, and shares with the parent one array, a fraction done per task: an answer can only
depend on its task. There is no lock between processes, and no thread but one in each worker that ends it with its
parent, so that whoever is killed, at whatever moment, leaves nobody waiting: `ProcessPoolExecutor` stayed alive with
dead workers in one of five runs whose whole process group got SIGTERM, as `timeout` and batch systems send it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from simulator.vocabulary.errors import UsageError

Answer = TypeVar("Answer")
Task = Callable[..., Answer]
"""task(number, progress) -> answer; `progress(now, end)` is to be called now and then."""

POLL_S = 0.2
"""How often the parent looks at the array."""
GRACE_S = 5.0
"""How long a worker has to leave before it is killed; it has nothing to put in order."""
INTERRUPTS = {getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)}
KILLED = (
    "a worker process was ended from outside, as systems do when memory runs out: use fewer workers, shorten the run "
    "or model a part of it"
)

_ends: list[Connection] = []
"""The parent's ends of all pipes. A forked worker closes its copies: a pipe tells of an end that is the only one."""


@dataclass(frozen=True)
class _Worker:
    process: Any
    pipe: Connection


def run(
    task: Task[Answer], count: int, workers: int | None, on_progress: Callable[[float], None] | None
) -> list[Answer]:
    """task(0), …, task(count - 1), in order, on at most `workers` processes (1: here, no process).

    The first task that fails ends them all; raises `UsageError` where somebody killed a worker.
    """
    workers = min(workers or processors(), count)
    if workers <= 1:
        return [task(number, _fraction_here(number, count, on_progress)) for number in range(count)]
    context = multiprocessing.get_context(_start_method())
    board = context.Array("d", count, lock=False)
    crew: list[_Worker] = []
    done = False
    try:
        for _ in range(workers):
            _hire(context, task, board, crew)
        answers = _gathered(crew, count, board, on_progress)
        done = True
        return answers
    finally:
        _dismiss(crew, at_once=not done)


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


# --- the parent --------------------------------------------------------------------------------------------------


def _hire(context: Any, task: Task[Any], board: Any, crew: list[_Worker]) -> None:
    """One more worker. Daemons: if all else fails Python ends them when it leaves."""
    with _undisturbed():  # until a new worker has said what a signal means to it, it would raise as its parent does
        ours, theirs = context.Pipe()
        _ends.append(ours)
        process = context.Process(target=_work, args=(task, theirs, board), daemon=True)
        process.start()
        theirs.close()
        crew.append(_Worker(process, ours))


def _gathered(crew: list[_Worker], count: int, board: Any, on_progress: Callable[[float], None] | None) -> list[Any]:
    """All answers, in order of their tasks; raises what the first task raised that failed."""
    answers: dict[int, Any] = {}
    given = iter(range(count))
    busy: dict[Connection, _Worker] = {}

    def give(worker: _Worker) -> None:
        number = next(given, None)
        if number is None:
            busy.pop(worker.pipe, None)
            return
        busy[worker.pipe] = worker
        try:
            worker.pipe.send(number)
        except OSError:
            raise _killed(worker) from None

    for worker in crew:
        give(worker)
    while busy:
        for pipe in wait(list(busy), timeout=POLL_S):
            worker = busy[pipe]  # type: ignore[index]
            try:
                number, right, answer = worker.pipe.recv()
            except (EOFError, OSError):
                raise _killed(worker) from None
            if not right:
                raise answer
            answers[number] = answer
            give(worker)
        if on_progress is not None:
            on_progress(sum(1.0 if number in answers else board[number] for number in range(count)) / count)
    return [answers[number] for number in range(count)]


def _killed(worker: _Worker) -> UsageError:
    worker.process.join(GRACE_S)  # where all were ended, our own signal is on its way and comes first
    return UsageError(KILLED)


def _dismiss(crew: list[_Worker], at_once: bool) -> None:
    """Everybody leaves: those who wait see that their pipe has ended."""
    with _undisturbed():
        for worker in crew:
            worker.pipe.close()
            _ends.remove(worker.pipe)
            if at_once:
                worker.process.terminate()
        for worker in crew:
            worker.process.join(GRACE_S)
            if worker.process.exitcode is None:
                worker.process.kill()
                worker.process.join()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Interrupts wait until the end of the block, where a system can do that."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, INTERRUPTS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# --- a worker ----------------------------------------------------------------------------------------------------


def _work(task: Task[Any], pipe: Connection, board: Any) -> None:
    """Task after task, until the parent closes its end, or is gone."""
    for number in INTERRUPTS:
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches workers too, but the parent decides
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, INTERRUPTS)
    for end in _ends:
        end.close()
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    while True:
        try:
            number = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            pipe.send((number, True, task(number, _fraction_on(board, number))))
        except BrokenPipeError:
            return
        except BaseException as error:
            _send_error(pipe, number, error)


def _end_with_the_parent() -> None:
    """In the middle of a task nobody looks at the pipe: folding a month takes minutes."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _fraction_on(board: Any, number: int) -> Callable[[int, int], None]:
    def progress(now: int, end: int) -> None:
        board[number] = min(now / max(end, 1), 1.0)

    return progress


def _send_error(pipe: Connection, number: int, error: BaseException) -> None:
    """With the lines where it happened: they do not travel by themselves."""
    lines = "".join(traceback.format_exception(error))
    error.add_note(f"in a worker process:\n{lines}")
    try:
        pipe.send((number, False, error))
    except BrokenPipeError:
        return
    except Exception:  # it cannot be pickled
        pipe.send((number, False, RuntimeError(f"{type(error).__name__}: {error}\n{lines}")))
