"""What the fixture `ccsim` gives back, and how a command of its own begins."""

from __future__ import annotations

import signal
from typing import NamedTuple


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


def hears_signals() -> None:
    """In a new process: as a terminal starts it, even where the tests run in the background, deaf to some signals."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)
