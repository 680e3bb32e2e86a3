"""`ccsim`: the command line. Thin: every command calls one function of the rooms below and prints what it said.

Exit codes: 0 done, 1 a gate or target failed, 2 scenario or usage wrong, 3 internal error, 130 interrupted.
"""

from __future__ import annotations

from simulator.cli.app import app, main

__all__ = ["app", "main"]
