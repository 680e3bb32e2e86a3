"""A run: a scenario and everything its replications said, in one frozen object that reports read."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from simulator.records import Check
    from simulator.scenario import Scenario

PACKAGES = ("simpy", "numpy", "pandas", "scipy", "pydantic", "pyarrow", "matplotlib")
"""Parts whose version may change an answer or its looks."""


@dataclass(frozen=True)
class Run:
    """What a run found. Its scenario holds the seed and the number of replications that were used."""

    scenario: Scenario
    engine: str
    summary: pd.DataFrame
    """metric, scope, value, ci_low, ci_high, unit, definition, replications"""
    tables: Mapping[str, pd.DataFrame]
    """Every table of `vocabulary.tables`, all replications."""
    checks: tuple[Check, ...]
    warnings: tuple[str, ...]
    coverage: str
    """Load against capacity, in one line."""
    timing: Mapping[str, float]
    """Seconds: `wall_s`, and by stage summed over replications; `events`: rows of all journals."""
    versions: Mapping[str, str]
    notes: tuple[str, ...] = ()
    """What the run itself has to say about its answer."""
    ends_us: tuple[int, ...] = ()
    """When each replication ended. [replication]"""
    clipped: Mapping[str, int] = field(default_factory=dict)
    """How many draws were longer than their `at_most`, by `source: purpose`, most first."""

    @property
    def seed(self) -> int:
        return int(self.scenario.seed)

    @property
    def replications(self) -> int:
        return int(self.scenario.replications)

    @property
    def failed_checks(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.passed)


def merged_checks(by_replication: Sequence[Sequence[Check]]) -> tuple[Check, ...]:
    """One check per name: passed if it passed in every replication; the detail is the first failure's."""
    from simulator.records import Check

    merged: dict[str, Check] = {}
    for number, checks in enumerate(by_replication):
        for check in checks:
            known = merged.get(check.name)
            if not check.passed and (known is None or known.passed):
                merged[check.name] = Check(check.name, False, f"replication {number}: {check.detail}")
            elif known is None:
                merged[check.name] = check
    return tuple(merged.values())


def stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The same table of several replications, one below the other; categories become the union, in order."""
    import pandas as pd

    if len(frames) == 1:
        return frames[0].reset_index(drop=True)
    columns: dict[str, Any] = {}
    for name in frames[0].columns:
        series = [frame[name] for frame in frames]
        if isinstance(series[0].dtype, pd.CategoricalDtype):
            texts = sorted({text for one in series for text in one.cat.categories})
            union = pd.CategoricalDtype(pd.Index(texts, dtype="str"))
            series = [one.astype(union) for one in series]
        columns[name] = pd.concat(series, ignore_index=True)
    return pd.DataFrame(columns, columns=frames[0].columns)


def clipped_by_purpose(clipped: Mapping[str, int]) -> dict[str, int]:
    """Clipped draws by `source: purpose`, in plain letters, most first."""
    plain: Counter[str] = Counter()
    for name, number in clipped.items():
        source, colon, purpose = name.partition(": ")
        plain[f"{source}{colon}{purpose.lower().replace('_', ' ')}"] += number
    return dict(sorted(plain.items(), key=lambda item: (-item[1], item[0])))


def clipped_notes(clipped: Mapping[str, int]) -> tuple[str, ...]:
    """One line, if any, about draws that were longer than their `at_most`: who asks where reads the manifest."""
    number = sum(clipped.values())
    if not number:
        return ()
    what, were = ("draw", "was") if number == 1 else ("draws", "were")
    its = "its" if number == 1 else "their"
    return (
        f"{number:,} {what} {were} longer than {its} at_most (60 days unless you say otherwise) and {were} cut; "
        "by purpose in manifest.json",
    )


def said_by(summary: pd.DataFrame) -> tuple[str, ...]:
    """What a reader of the summary must be told in words."""

    def total(metric: str) -> float:
        return float(summary.loc[(summary["metric"] == metric) & (summary["scope"].map(len) == 0), "value"].sum())

    notes = []
    if total("replies_blocked") > 0:
        notes.append(
            f"{total('replies_blocked'):,.3g} agent replies per replication were ready when the platform took no free "
            "text any more (the channel's reply window was over): they were blocked; see replies_blocked and "
            "window_risk by hour"
        )
    held = float(summary.loc[summary["metric"] == "nHeld", "value"].sum())  # it exists by outage only
    if held > 0:
        notes.append(
            f"{held:,.0f} customer messages per replication were held by an outage: waits and service level count from "
            "when a message comes in; what customers waited before that stands under Outages only"
        )
    return tuple(notes)


def provenance() -> dict[str, str]:
    """Versions of everything that an answer may depend on."""
    from simulator import __version__

    found = {"simulator": __version__, "python": platform.python_version(), "machine": platform.machine()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "unknown"
    return found
