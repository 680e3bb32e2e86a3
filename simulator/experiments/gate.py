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
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from simulator.experiments.naming import Key, before_any_run, by_name, key, misnamed
from simulator.vocabulary.documents import NoJson, read_json
from simulator.vocabulary.errors import Finding, ScenarioError, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from simulator.experiments.run import Run
    from simulator.scenario import Scenario
    from simulator.scenario.source import Source


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
    rows = by_name(run.summary)
    bounds = targets(run.scenario)
    if baseline is not None:
        bounds += [bound for entry in baseline.entries if (bound := entry.bound()) is not None]
    verdicts = []
    for bound in bounds:
        row = rows[key(bound.metric, bound.scope)]
        value, low, high = (_finite(row[name]) for name in ("value", "ci_low", "ci_high"))
        verdicts.append(Verdict(bound, str(row["unit"]), value, low, high))
    return verdicts


def targets(scenario: Scenario) -> list[Bound]:
    """The scenario's targets as bounds.

    Raises ScenarioError with all that name no measure, no scope of it, or an amount that its unit does not take.
    """
    from simulator.scenario.amounts import in_unit
    from simulator.scenario.written import Wrong

    if not scenario.targets:
        return []
    rows = before_any_run(scenario)
    bounds: list[Bound] = []
    findings: list[Finding] = []
    for number, target in enumerate(scenario.targets):
        place = ("targets", number)
        scope = dict(target.scope)
        if wrong := misnamed(rows, target.metric, scope):
            findings += [
                scenario.finding((*place, *one.place), one.problem, one.allowed, one.suggestion) for one in wrong
            ]
            continue
        unit = str(rows[key(target.metric, scope)]["unit"])
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


def misnamed_targets(scenario: Scenario, written: Any) -> list[Finding]:
    """What is wrong with the names and the units in targets of which some are unreadable; `scenario` is the rest of the
    scenario."""
    from simulator.scenario.amounts import in_unit, parse_amount
    from simulator.scenario.written import Wrong

    rows = before_any_run(scenario)
    found = []
    for number, target in _readable(written):
        metric, scope = _metric(target), _scope(target.get("scope", {}))
        wrong = misnamed(rows, metric, scope)
        for one in wrong:
            place = ("targets", number, *one.place)
            found.append(scenario.finding(place, one.problem, one.allowed, one.suggestion))
        if wrong or metric is None or scope is None:
            continue
        for side in ("at_least", "at_most"):
            try:
                if target.get(side) is not None:
                    in_unit(parse_amount(target[side]), str(rows[key(metric, scope)]["unit"]))
            except Wrong as error:
                said = error.complaints[0]
                place = ("targets", number, side)
                found.append(scenario.finding(place, said.problem, said.allowed, said.suggestion))
    return found


def unknown_measures(source: Source) -> list[Finding]:
    """What can be said of targets where more is wrong: a measure that no scenario has."""
    from simulator.metrics.catalogue import MEASURES

    rows = [key(each.name, {}) for each in MEASURES]
    found = []
    for number, target in _readable(source.tree.get("targets") if isinstance(source.tree, Mapping) else ()):
        for one in misnamed(rows, _metric(target), None):
            found.append(source.finding(("targets", number, *one.place), one.problem, one.allowed, one.suggestion))
    return found


def _readable(written: Any) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, target in enumerate(written if isinstance(written, Sequence) else ()):
        if isinstance(target, Mapping):
            yield number, target


def _metric(target: Mapping[str, Any]) -> str | None:
    metric = target.get("metric")
    return metric if isinstance(metric, str) and metric else None


def _scope(written: Any) -> Mapping[str, str] | None:
    """A scope as it is written; None where it is none."""
    is_scope = isinstance(written, Mapping) and all(isinstance(name, str) for name in written.values())
    return written if is_scope else None


# --- baselines -------------------------------------------------------------------------------------------------

KEYS = ("metric", "scope", "value", "tolerance", "worse")
ABOUT = ("scenario", "scenario_hash", "replications", "seed")
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
        document = read_json(path, once=True)
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist; `ccsim check FILE --baseline {path} --update` makes it") from None
    except NoJson as error:
        raise UsageError(f"{path}: {error}") from None
    if not isinstance(document, dict) or not isinstance(document.get("entries"), list):
        raise UsageError(f"{path} is not a baseline: it has no list `entries`")
    problems = _unknown(document, (*ABOUT, "entries"))
    if not document["entries"]:
        problems.append("entries: the list is empty: nothing would be checked. Delete the file and make it anew")
    rows = before_any_run(scenario)
    entries = []
    for number, written in enumerate(document["entries"]):
        wrong = _complaints(written, rows)
        problems += [f"entries.{number}: {problem}" for problem in wrong]
        if not wrong:
            entries.append(Entry(**{"scope": {}, **written}))
    numbers = {}
    for name in ("replications", "seed"):
        value = document.get(name, getattr(scenario, name))
        if not isinstance(value, int) or isinstance(value, bool) or value < (name == "replications"):
            problems.append(f"{name}: {value!r} is not a whole number from {int(name == 'replications')}")
        numbers[name] = value
    made_for, made_with = document.get("scenario", ""), document.get("scenario_hash", "")
    for name, text in (("scenario", made_for), ("scenario_hash", made_with)):
        if not isinstance(text, str):
            problems.append(f"{name}: {text!r} is not text")
    if problems and made_for not in ("", scenario.name):
        problems.insert(0, f"this is the baseline of another scenario, {made_for!r}; this one is {scenario.name!r}")
    if problems:
        raise UsageError("\n".join(f"{path}: {problem}" for problem in problems))
    return Baseline(made_for, made_with, numbers["replications"], numbers["seed"], tuple(entries))


def updated(run: Run, old: Baseline | None) -> Baseline:
    """The baseline as this run would have it. The list of measures, tolerances and directions is the old one's."""
    rows = by_name(run.summary)
    kept = old.entries if old is not None else _usual(run.summary)
    entries = tuple(
        Entry(
            one.metric,
            one.scope,
            _rounded(_finite(rows[key(one.metric, one.scope)]["value"])),
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


def _complaints(document: Any, rows: Mapping[Key, Mapping[str, Any]]) -> list[str]:
    """Everything that is wrong with an entry."""
    if not isinstance(document, dict):
        return ["an entry is a map of " + ", ".join(KEYS)]
    found = _unknown(document, KEYS)
    found += [f"`{name}` is missing" for name in KEYS if name not in document and name != "scope"]
    entry: dict[str, Any] = {"scope": {}, "value": None, "tolerance": 0, "worse": "lower"} | document
    metric, value, tolerance = entry.get("metric"), entry["value"], entry["tolerance"]
    scope = _scope(entry["scope"])
    if "metric" in entry and not isinstance(metric, str):
        found.append(f"metric: {metric!r} is not the name of a measure")
    if scope is None:
        found.append(f'scope: {entry["scope"]!r} is not a map, as {{}} or {{"queue": "service"}}')
    for one in misnamed(rows, metric if isinstance(metric, str) else None, scope):
        found.append(f"{one.place[0]}: {one.problem}. {one.suggestion or 'known: ' + one.allowed}")
    if value is not None and not _is_number(value):
        found.append(f"value: {value!r} is not a number")
    if isinstance(tolerance, str):
        try:
            relative(tolerance)
        except UsageError as error:
            found.append(str(error))
    elif not _is_number(tolerance) or tolerance < 0:
        found.append(f'tolerance: {tolerance!r} is neither a number from 0 nor a share of the value, as "2 %"')
    if entry["worse"] not in ("lower", "higher"):
        found.append(f"worse: {entry['worse']!r} is neither `lower` nor `higher`")
    return found


def _unknown(document: Mapping[str, Any], known: Collection[str]) -> list[str]:
    """A slip of the pen would otherwise be a check that is not made."""
    from simulator.scenario.written import nearest

    return [
        f"`{name}` is not known here; known: {', '.join(known)}. {nearest(name, tuple(known))}".rstrip()
        for name in document
        if name not in known
    ]


# --- numbers ---------------------------------------------------------------------------------------------------


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e300 < value < 1e300


def _finite(value: Any) -> float | None:
    number = float(value)
    return number if math.isfinite(number) else None


def _rounded(value: float | None) -> float | None:
    """Six digits: far finer than any tolerance, and readable in a diff."""
    return None if value is None else float(f"{value:.6g}")
