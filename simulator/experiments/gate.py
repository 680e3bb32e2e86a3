"""The gate: does an answer reach the scenario's targets, and is it still as good as it was?

A target is a bound of the scenario (`targets`). A baseline is a JSON file of values that were good, each with a
tolerance and the direction that is worse:

    {"scenario": "...", "scenario_hash": "...", "replications": 2, "seed": 1,
     "entries": [{"metric": "oServiceLevel", "scope": {}, "value": 0.82, "tolerance": 0.03, "worse": "lower"}]}

`tolerance` is a number in the measure's unit, or a share of the value (`"2 %"`). Better than the baseline is never a
breach.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from simulator.vocabulary.documents import NoJson, read_json
from simulator.vocabulary.errors import Finding, ScenarioError, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from simulator.experiments.run import Run
    from simulator.scenario import Scenario

Key = tuple[str, tuple[tuple[str, str], ...]]
"""Metric and scope: one row of a summary."""


@dataclass(frozen=True)
class Bound:
    """What one measure must not cross."""

    kind: Literal["target", "baseline"]
    metric: str
    scope: Mapping[str, str]
    side: Literal["at_least", "at_most"]
    value: float
    """The bound, in the measure's unit; of a baseline with its tolerance."""
    base: float | None = None
    """Of a baseline: the value that was good."""


@dataclass(frozen=True)
class Verdict:
    """One bound and what the run says to it."""

    bound: Bound
    unit: str
    value: float | None
    """None: the run has no value there."""
    ci_low: float | None
    ci_high: float | None

    @property
    def passed(self) -> bool:
        return self.value is not None and self.by == 0

    @property
    def by(self) -> float | None:
        """How far beyond the bound, in the measure's unit; 0 within it."""
        if self.value is None:
            return None
        distance = self.bound.value - self.value
        return max(distance if self.bound.side == "at_least" else -distance, 0.0)

    @property
    def beyond_interval(self) -> bool | None:
        """Whether the whole 95 % interval lies beyond the bound; None where there is no interval or no breach."""
        if self.passed or self.ci_low is None or self.ci_high is None:
            return None
        return self.ci_high < self.bound.value if self.bound.side == "at_least" else self.ci_low > self.bound.value


@dataclass(frozen=True)
class Entry:
    """One line of a baseline."""

    metric: str
    scope: Mapping[str, str]
    value: float | None
    tolerance: float | str
    worse: Literal["lower", "higher"]

    def bound(self) -> Bound | None:
        """None: there was no value, so nothing can be worse."""
        if self.value is None:
            return None
        slack = relative(self.tolerance) * abs(self.value) if isinstance(self.tolerance, str) else self.tolerance
        side: Literal["at_least", "at_most"] = "at_least" if self.worse == "lower" else "at_most"
        limit = self.value - slack if self.worse == "lower" else self.value + slack
        return Bound("baseline", self.metric, self.scope, side, limit, self.value)


@dataclass(frozen=True)
class Baseline:
    """What was good, and how it was made: the same replications and seed give the same value again."""

    scenario: str
    scenario_hash: str
    replications: int
    seed: int
    entries: tuple[Entry, ...]


# --- the answer ------------------------------------------------------------------------------------------------


def judge(run: Run, baseline: Baseline | None = None) -> list[Verdict]:
    """Every target of the run's scenario and every entry of the baseline, against the run's summary."""
    rows = _rows(run.summary)
    bounds = targets(run.scenario)
    if baseline is not None:
        bounds += [bound for entry in baseline.entries if (bound := entry.bound()) is not None]
    verdicts = []
    for bound in bounds:
        row = rows[_key(bound.metric, bound.scope)]
        value, low, high = (_finite(row[name]) for name in ("value", "ci_low", "ci_high"))
        verdicts.append(Verdict(bound, str(row["unit"]), value, low, high))
    return verdicts


def targets(scenario: Scenario) -> list[Bound]:
    """The scenario's targets as bounds.

    Raises ScenarioError with all that name no measure, no scope of it, or an amount that its unit does not take.
    """
    from simulator.scenario.amounts import in_unit
    from simulator.scenario.written import Wrong

    rows = _before_any_run(scenario)
    bounds: list[Bound] = []
    findings: list[Finding] = []
    for number, target in enumerate(scenario.targets):
        place = ("targets", number)
        scope = dict(target.scope)
        if (wrong := _misnamed(rows, target.metric, scope)) is not None:
            findings.append(scenario.finding((*place, wrong.key), wrong.problem, wrong.allowed, wrong.hint))
            continue
        unit = str(rows[_key(target.metric, scope)]["unit"])
        for side in ("at_least", "at_most"):
            amount = getattr(target, side)
            if amount is None:
                continue
            try:
                bounds.append(Bound("target", target.metric, scope, side, in_unit(amount, unit)))  # type: ignore[arg-type]
            except Wrong as error:
                said = error.complaints[0]
                findings.append(scenario.finding((*place, side), said.problem, said.allowed, said.suggestion))
    if findings:
        raise ScenarioError(findings)
    return bounds


# --- baselines -------------------------------------------------------------------------------------------------

KEYS = ("metric", "scope", "value", "tolerance", "worse")
BY_LANE = {
    "messages_per_minute_at_backlog": ("0.5 %", "lower"),
    "messages_per_60_s_peak": ("0.5 %", "higher"),
    "backlog_peak": ("1 %", "higher"),
    "drain_time": ("1 %", "higher"),
}
"""What a new baseline holds of each bulk lane: tolerance and what is worse. Reasons: results/README.md."""
OF_SERVICE = {"oServiceLevel": (0.01, "lower"), "first_reply_within": (0.01, "lower"), "tWait": ("5 %", "higher")}
"""What a new baseline holds of service. Reasons: results/README.md."""


def read_baseline(path: Path, scenario: Scenario) -> Baseline:
    """A baseline file. Raises UsageError with what is wrong with it, and where."""
    try:
        document = read_json(path)
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist; `ccsim check FILE --baseline {path} --update` makes it") from None
    except NoJson as error:
        raise UsageError(f"{path}: {error}") from None
    if not isinstance(document, dict) or not isinstance(document.get("entries"), list):
        raise UsageError(f"{path} is not a baseline: it has no list `entries`")
    rows = _before_any_run(scenario)
    problems: list[str] = []
    entries = []
    for number, written in enumerate(document["entries"]):
        try:
            entries.append(_entry(written, rows))
        except UsageError as error:
            problems.append(f"{path}: entries.{number}: {error}")
    numbers = {}
    for name in ("replications", "seed"):
        value = document.get(name, getattr(scenario, name))
        if not isinstance(value, int) or isinstance(value, bool) or value < (name == "replications"):
            problems.append(f"{path}: {name}: {value!r} is not a whole number")
        numbers[name] = value
    if problems:
        raise UsageError("\n".join(problems))
    made_for = str(document.get("scenario", "")), str(document.get("scenario_hash", ""))
    return Baseline(*made_for, numbers["replications"], numbers["seed"], tuple(entries))


def updated(run: Run, old: Baseline | None) -> Baseline:
    """The baseline as this run would have it. The list of measures, tolerances and directions is the old one's."""
    rows = _rows(run.summary)
    kept = old.entries if old is not None else _usual(run.summary)
    entries = tuple(
        Entry(
            one.metric,
            one.scope,
            _rounded(_finite(rows[_key(one.metric, one.scope)]["value"])),
            one.tolerance,
            one.worse,
        )
        for one in kept
    )
    return Baseline(run.scenario.name, run.scenario.hash, run.replications, run.seed, entries)


def written(baseline: Baseline) -> str:
    """A baseline as its file has it: one line per entry, so that a change reads well in a diff."""
    about = {name: getattr(baseline, name) for name in ("scenario", "scenario_hash", "replications", "seed")}
    head = ",\n".join(f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in about.items())
    lines = ",\n".join(
        "    " + json.dumps({name: getattr(entry, name) for name in KEYS}, ensure_ascii=False)
        for entry in baseline.entries
    )
    return f'{{\n{head},\n  "entries": [\n{lines}\n  ]\n}}\n'


def relative(tolerance: str) -> float:
    """`"2 %"` -> 0.02. Raises UsageError."""
    from simulator.scenario.written import Wrong, parse_share

    try:
        return parse_share(tolerance)
    except Wrong:
        raise UsageError(f'tolerance: {tolerance!r} is neither a number nor a share of the value, as "2 %"') from None


def _usual(summary: pd.DataFrame) -> tuple[Entry, ...]:
    """What a baseline holds unless somebody says otherwise."""
    from simulator.metrics.outbound import BULK

    found = []
    for row in summary.to_dict("records"):
        metric, scope = str(row["metric"]), dict(row["scope"])
        wanted = OF_SERVICE.get(metric) if not scope else BY_LANE.get(metric) if scope.get("lane") in BULK else None
        if wanted is not None and _finite(row["value"]) is not None:
            found.append(Entry(metric, scope, None, wanted[0], wanted[1]))  # type: ignore[arg-type]
    return tuple(found)


def _entry(document: Any, rows: Mapping[Key, Mapping[str, Any]]) -> Entry:
    from simulator.scenario.written import nearest

    if not isinstance(document, dict):
        raise UsageError("an entry is a map of " + ", ".join(KEYS))
    for key in document:
        if key not in KEYS:
            raise UsageError(f"`{key}` is not known here; known: {', '.join(KEYS)}. {nearest(str(key), KEYS)}".rstrip())
    missing = [key for key in KEYS if key not in document and key != "scope"]
    if missing:
        raise UsageError(f"`{missing[0]}` is missing")
    scope = document.get("scope", {})
    if not isinstance(scope, dict) or not all(isinstance(name, str) for name in scope.values()):
        raise UsageError(f'scope: {scope!r} is not a map, as {{}} or {{"queue": "service"}}')
    metric, value, tolerance, worse = (document[key] for key in ("metric", "value", "tolerance", "worse"))
    if (wrong := _misnamed(rows, str(metric), scope)) is not None:
        raise UsageError(f"{wrong.key}: {wrong.problem}. {wrong.hint or 'known: ' + wrong.allowed}")
    if value is not None and not _is_number(value):
        raise UsageError(f"value: {value!r} is not a number")
    if isinstance(tolerance, str):
        relative(tolerance)
    elif not _is_number(tolerance) or tolerance < 0:
        raise UsageError(f'tolerance: {tolerance!r} is neither a number from 0 nor a share of the value, as "2 %"')
    if worse not in ("lower", "higher"):
        raise UsageError(f"worse: {worse!r} is neither `lower` nor `higher`")
    return Entry(str(metric), scope, value, tolerance, worse)


# --- names -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Misnamed:
    key: str
    problem: str
    allowed: str
    hint: str


def _misnamed(rows: Iterable[Key], metric: str, scope: Mapping[str, str]) -> _Misnamed | None:
    """Why a summary has no such row; None if it has one."""
    from simulator.scenario.written import nearest

    known = list(rows)
    if _key(metric, scope) in known:
        return None
    names = list(dict.fromkeys(name for name, _ in known))
    if metric not in names:
        hint = nearest(metric, names) or "`ccsim run --json` lists all measures"
        return _Misnamed(
            "metric", f"`{metric}` is not a measure", "the name of a measure, as summary.json has it", hint
        )
    scopes = [_said(one) for name, one in known if name == metric]
    problem = f"{metric} is not measured for {_said(tuple(scope.items()))}"
    return _Misnamed("scope", problem, ", ".join(scopes), nearest(_said(tuple(scope.items())), scopes))


def _said(scope: tuple[tuple[str, str], ...]) -> str:
    return ", ".join(f"{kind} {name}" for kind, name in scope) or "all"


def _before_any_run(scenario: Scenario) -> dict[Key, Mapping[str, Any]]:
    """The rows that a summary of this scenario will have, without values."""
    from simulator import metrics

    return _rows(metrics.summarise(scenario, []))


def _rows(summary: pd.DataFrame) -> dict[Key, Mapping[str, Any]]:
    return {_key(str(row["metric"]), dict(row["scope"])): row for row in summary.to_dict("records")}


def _key(metric: str, scope: Mapping[str, str]) -> Key:
    return metric, tuple(sorted((str(kind), str(name)) for kind, name in scope.items()))


# --- numbers ---------------------------------------------------------------------------------------------------


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _finite(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None


def _rounded(value: float | None) -> float | None:
    """Six digits: far finer than any tolerance, and readable in a diff."""
    return None if value is None else float(f"{value:.6g}")
