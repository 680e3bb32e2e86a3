"""From exceptions to words and exit codes. Nothing a user can cause shows a traceback."""

from __future__ import annotations

import functools
import json
import math
import os
import signal
import sys
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any, ParamSpec, TextIO

import typer

from simulator.vocabulary.errors import BrokenInvariant, CcsimError, Finding, ScenarioError

DONE, FAILED_GATE, WRONG_USE, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 130
TRACEBACK = "CCSIM_TRACEBACK"
PATIENCE_S = 2.0
"""Signals that come sooner than this after one that interrupted belong to it."""

P = ParamSpec("P")


def guarded(command: Callable[P, int]) -> Callable[P, None]:
    """A command that returns its exit code, made safe: errors become words on standard error.

    With `--json` an error is also one JSON document on standard output.
    """

    @functools.wraps(command)
    def safe(*args: P.args, **kwargs: P.kwargs) -> None:
        _interrupts_once()
        streams = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = map(_Patient, streams)  # type: ignore[assignment]
        try:
            code = command(*args, **kwargs)
            sys.stdout.flush()
        except Exception as error:
            if isinstance(error, typer.Exit) or os.environ.get(TRACEBACK) == "1":
                raise
            code = report(error, bool(kwargs.get("json")))
        except KeyboardInterrupt as stop:
            _Interrupt.is_over()
            say(f"interrupted after {stop}; nothing was written" if stop.args else "interrupted: nothing was written")
            code = INTERRUPTED
        finally:
            sys.stdout, sys.stderr = streams
        raise typer.Exit(code)

    return safe


class _Patient:
    """A stream of which nobody may read the rest (`| head`, `2>&1 | head`): that changes neither what is done nor the
    exit code. Everything but writing is the stream's own."""

    def __init__(self, stream: TextIO):
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except BrokenPipeError:
            return self._goes_on_without_reader(len(text))

    def flush(self) -> None:
        try:
            self._stream.flush()
        except BrokenPipeError:
            self._goes_on_without_reader(0)

    def _goes_on_without_reader(self, written: int) -> int:
        os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def report(error: Exception, as_json: bool) -> int:
    """Say what went wrong and return the exit code."""
    code, kind, words, findings = _in_words(error)
    if as_json:
        document = {"error": kind, "message": words, "findings": [as_document(one) for one in findings]}
        print(json.dumps(document, indent=2, ensure_ascii=False))
    if findings:
        say_findings(findings)
    else:
        say(words)
    return code


def _in_words(error: Exception) -> tuple[int, str, str, tuple[Finding, ...]]:
    if isinstance(error, ScenarioError):
        return WRONG_USE, "scenario", str(error), error.findings
    if isinstance(error, BrokenInvariant):
        words = f"the simulator contradicts itself, please report it: {error}"
        return INTERNAL, "invariant", words, ()
    if isinstance(error, CcsimError):
        return WRONG_USE, "usage", str(error), ()
    if isinstance(error, MemoryError):
        words = "this run does not fit into memory: shorten it, model a part of it, or use fewer workers"
        return WRONG_USE, "memory", words, ()
    if isinstance(error, OSError):
        where = f" {error.filename}" if error.filename else ""
        return WRONG_USE, "file", f"cannot read or write{where}: {error.strerror or error}", ()
    words = f"internal error: {type(error).__name__}: {error} (set {TRACEBACK}=1 to see where)"
    return INTERNAL, "internal", words, ()


def say(text: str) -> None:
    """A line on standard error."""
    print(f"ccsim: {text}", file=sys.stderr)


def say_findings(findings: tuple[Finding, ...]) -> None:
    """All findings, readable, on standard error: errors first, in order of file and line."""
    ordered = sorted(findings, key=lambda one: (one.severity != "error", one.file, one.line or 0))
    errors = sum(finding.severity == "error" for finding in findings)
    if errors:
        say(f"{errors} {'thing is' if errors == 1 else 'things are'} wrong in the scenario; nothing was simulated")
    for finding in ordered:
        print(readable(finding), file=sys.stderr)


def readable(finding: Finding) -> str:
    """One finding on a few short lines."""
    where = f"{finding.file}:{finding.line}" if finding.line is not None else finding.file
    lines = [f"{finding.severity}: {where}  {finding.path}".rstrip(), f"    {finding.problem}"]
    if finding.allowed:
        lines.append(f"    allowed: {finding.allowed}")
    if finding.suggestion:
        lines.append(f"    {finding.suggestion}")
    return "\n".join(lines)


def as_document(finding: Finding) -> dict[str, Any]:
    return {
        name: getattr(finding, name)
        for name in ("file", "line", "path", "problem", "allowed", "suggestion", "severity")
    }


def _interrupts_once() -> None:
    """A polite kill and a terminal that closes clean up as Ctrl-C does, unless they are ignored (`nohup`)."""
    if threading.current_thread() is not threading.main_thread():
        return
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows knows no SIGHUP
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _Interrupt())


class _Interrupt:
    """The first signal interrupts. More that follow at once, from a nervous hand or a wrapper that passes on what the
    terminal has sent already, must not interrupt the cleaning up."""

    latest = -math.inf

    def __call__(self, number: int, frame: object) -> None:
        now = monotonic()
        if now - _Interrupt.latest > PATIENCE_S:
            _Interrupt.latest = now
            raise KeyboardInterrupt

    @classmethod
    def is_over(cls) -> None:
        """All is cleaned up: a late one must not change the exit code while Python takes itself down."""
        if cls.latest > -math.inf:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
