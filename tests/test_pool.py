"""Worker processes: whoever is killed, and when, nobody is left waiting and nobody is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from commands import hears_signals

from simulator.experiments import pool
from simulator.vocabulary.errors import UsageError

posix = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc to see processes")

PROGRAM = """
import sys, time
from simulator.cli.guard import guarded
from simulator.experiments import pool

def task(number, progress):
    for step in range(20):
        time.sleep(0.002)
        progress(step, 20)
    return b"x" * 3_000_000      # does not fit into a pipe: whoever is killed is often in the middle of it

@guarded
def endless():
    print("begun", flush=True)
    while True:                  # wave after wave, as --precision
        pool.run(task, 4, 2, None)

import typer
try:
    endless()
except typer.Exit as leaves:
    sys.exit(leaves.exit_code)
"""


def children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def gone(pids: list[int], within_s: float) -> bool:
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        if not any(Path(f"/proc/{pid}/exe").exists() for pid in pids):  # a zombie has none
            return True
        time.sleep(0.05)
    return False


@contextmanager
def running(tmp_path: Path, after_s: float) -> Iterator[subprocess.Popen[str]]:
    file = tmp_path / "endless.py"
    file.write_text(PROGRAM)
    begun = subprocess.Popen(
        [sys.executable, file], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=hears_signals,  # noqa: PLW1509 - it only sets signals
    )  # fmt: skip
    try:
        assert begun.stdout is not None and begun.stdout.readline() == "begun\n"
        time.sleep(after_s)
        yield begun
    finally:
        if begun.poll() is None:
            os.killpg(begun.pid, signal.SIGKILL)
            begun.communicate()


@posix
@pytest.mark.parametrize("after_s", [0.03, 0.11, 0.16, 0.23, 0.31, 0.37])
@pytest.mark.parametrize(
    "kill",
    [lambda pid: os.killpg(pid, signal.SIGTERM), lambda pid: os.kill(pid, signal.SIGTERM),
     lambda pid: os.killpg(pid, signal.SIGINT)],
    ids=["whole group", "parent", "ctrl-c"],
)  # fmt: skip
def test_interrupted_at_any_moment_it_ends_and_so_do_its_workers(
    kill: Callable[[int], None], after_s: float, tmp_path: Path
) -> None:
    with running(tmp_path, after_s) as begun:
        workers = children(begun.pid)
        kill(begun.pid)
        _, said = begun.communicate(timeout=10)
    assert begun.returncode == 130
    assert said == "ccsim: interrupted: nothing was written\n"
    assert gone(workers, 5)


@posix
def test_workers_whose_parent_was_killed_leave(tmp_path: Path) -> None:
    with running(tmp_path, 0.2) as begun:
        until = time.monotonic() + 10
        while not (workers := children(begun.pid)) and time.monotonic() < until:
            time.sleep(0.001)
        assert workers
        os.kill(begun.pid, signal.SIGKILL)
        assert gone(workers, 5)


def _dies(number: int, progress: object) -> int:
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@posix
def test_a_killed_worker_is_said_in_words() -> None:
    with pytest.raises(UsageError, match=r"ended from outside.*fewer workers"):
        pool.run(_dies, 8, 2, None)


def _odd(number: int, progress: object) -> int:
    if number == 1:
        raise type("Local", (Exception,), {})("cannot travel")
    return number


def test_an_error_that_cannot_travel_comes_as_its_text() -> None:
    with pytest.raises(RuntimeError, match="Local: cannot travel"):
        pool.run(_odd, 3, 2, None)


def _broken(number: int, progress: object) -> int:
    raise ValueError(number)


def test_an_error_knows_where_it_happened() -> None:
    with pytest.raises(ValueError) as raised:
        pool.run(_broken, 2, 2, None)
    assert "_broken" in raised.value.__notes__[0]


def test_answers_stand_in_the_order_of_tasks_however_large() -> None:
    seen: list[float] = []
    assert pool.run(_late, 9, 3, seen.append) == [bytes([number]) * 200_000 for number in range(9)]
    assert seen == sorted(seen) and seen[-1] == 1.0


def _late(number: int, progress: Callable[[int, int], None]) -> bytes:
    progress(1, 2)
    time.sleep(0.02 * (9 - number))
    return bytes([number]) * 200_000
