"""What the fixture `ccsim` gives back."""

from __future__ import annotations

from typing import NamedTuple


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str
