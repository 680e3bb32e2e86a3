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

    from simulator.metrics.audit import Finding
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
    audit: tuple[Finding, ...] = ()
    """Theory beside simulated: what must come out, where anybody knows it."""
    precision: Mapping[str, Any] = field(default_factory=dict)
    """Why it has as many replications as it has (`precision.Stopped.document`); empty: as many as were asked for."""
    warm_up: Mapping[str, Any] = field(default_factory=dict)
    """Whether the warm-up is long enough (`metrics.warmup.Verdict.document`); empty: nobody looked."""

    @property
    def seed(self) -> int:
        return int(self.scenario.seed)

    @property
    def replications(self) -> int:
        return int(self.scenario.replications)

    @property
    def failed_checks(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.passed)

    @property
    def different(self) -> tuple[Finding, ...]:
        """Findings where theory and simulation differ."""
        return tuple(finding for finding in self.audit if finding.verdict == "differs")


def merged_checks(by_replication: Sequence[Sequence[Check]], seed: int | None = None) -> tuple[Check, ...]:
    """One check per name: passed if it passed in every replication; accounts are those of all together.

    The detail says of which replication its figures are: the first that failed, else number 0.
    """
    from simulator.records import Check
    from simulator.records.accounts import together

    by_name: dict[str, list[tuple[int, Check]]] = {}
    for number, checks in enumerate(by_replication):
        for check in checks:
            by_name.setdefault(check.name, []).append((number, check))
    merged = []
    for name, found in by_name.items():
        wrong = [number for number, check in found if not check.passed]
        shown = dict(found)[wrong[0] if wrong else found[0][0]].detail
        if len(by_replication) > 1:
            shown = f"{_where(wrong, len(by_replication), seed)}: {shown}"
        merged.append(Check(name, not wrong, shown, together([check.accounts for _, check in found])))
    return tuple(merged)


def _where(wrong: Sequence[int], replications: int, seed: int | None) -> str:
    """Whose figures these are."""
    if not wrong:
        return f"holds in all {replications} replications; in replication 0"
    of = "" if seed is None else f" (seed {seed})"
    others = f"; it fails in {', '.join(map(str, wrong))} of {replications}" if len(wrong) > 1 else ""
    return f"replication {wrong[0]}{of}{others}"


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
