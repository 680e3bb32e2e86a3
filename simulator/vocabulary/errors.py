"""What can go wrong, and how it is said.

CcsimError                the family
├── ScenarioError         what a person wrote is wrong: a list of findings, exit code 2
├── UsageError            the command was called wrongly, exit code 2
└── BrokenInvariant       the program is wrong: stop at once, exit code 3
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing wrong (or doubtful) in a scenario."""

    file: str
    line: int | None
    """1-based line in `file`; None where no line is to blame."""
    path: str
    """Where it is, as `--set` addresses it: `agents.early.count`."""
    problem: str
    """What is there and why it cannot stand."""
    allowed: str = ""
    """What would be accepted."""
    suggestion: str = ""
    """What was probably meant."""
    severity: str = "error"
    """`error` refuses the scenario, `warning` only says so."""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line is not None else self.file
        text = f"{where}: {self.path or '(whole file)'}: {self.problem}"
        if self.allowed:
            text += f"; allowed: {self.allowed}"
        if self.suggestion:
            text += f"; {self.suggestion}"
        return text


class CcsimError(Exception):
    """Anything a user of the simulator may meet and should be told in words."""


class ScenarioError(CcsimError):
    """The scenario cannot be run; `findings` says why, all of it."""

    def __init__(self, findings: Sequence[Finding]):
        self.findings = tuple(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[tuple[Finding, ...]]]:
        """Comes out of a worker process as it went in: findings, not their text, make it again."""
        return type(self), (self.findings,)


class UsageError(CcsimError):
    """A command or function was called with something it cannot take."""


class BrokenInvariant(CcsimError):
    """The simulator contradicts itself: a defect of the program, never of the scenario."""
