"""`ccsim check`: the gate for continuous integration. One line per breach, exit code 1."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.cli.guard import DONE, FAILED_GATE, INTERNAL, say
from simulator.cli.settings import parsed
from simulator.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from simulator.experiments.gate import Baseline, Verdict
    from simulator.experiments.run import Run


def check_file(
    file: Path,
    baseline_file: Path | None,
    settings: Sequence[str],
    replications: int | None,
    seed: int | None,
    workers: int | None,
    update: bool,
    as_json: bool,
) -> int:
    from simulator.experiments import gate
    from simulator.experiments.gate import Entry
    from simulator.experiments.loading import load
    from simulator.experiments.replicate import replicate
    from simulator.reports.folder import write_file
    from simulator.reports.progress import bar

    if update and baseline_file is None:
        raise UsageError("--update writes a baseline: say which with --baseline FILE")
    scenario = load(file, parsed(settings))
    baseline = None
    if baseline_file is not None and (baseline_file.exists() or not update):
        baseline = gate.read_baseline(baseline_file, scenario)
        _say_whose(baseline, baseline_file, scenario.name)
        replications = baseline.replications if replications is None else replications
        seed = baseline.seed if seed is None else seed
    if not scenario.targets and baseline is None and not update:
        raise UsageError(f"{file} has no `targets` and no baseline is given: there is nothing to check")
    if not update and not scenario.targets and baseline is not None and not any(map(Entry.bound, baseline.entries)):
        raise UsageError(f"{baseline_file} holds no value and {file} has no `targets`: there is nothing to check")
    with bar(scenario.name) as show:
        run = replicate(scenario, replications, seed, workers, on_progress=show, keep_tables=False)
    if update and baseline_file is not None:
        baseline = gate.updated(run, baseline)
        if not baseline.entries:
            raise UsageError(f"{file} has nothing that a baseline holds: no service level and no bulk messages")
        write_file(baseline_file, gate.written(baseline))
        say(f"{baseline_file} now holds {len(baseline.entries)} values of {run.replications} replications")
    elif baseline is not None:
        _say_what_differs(run, baseline)
    verdicts = gate.judge(run, baseline)
    breaches = [verdict for verdict in verdicts if not verdict.passed]
    if as_json:
        print(json.dumps(document(run, verdicts), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        for verdict in breaches:
            print(line(verdict))
        print(_sum(run, verdicts, len(breaches)))
    if run.failed_checks:
        for check in run.failed_checks:
            say(f"check failed: {check.name}: {check.detail}")
        return INTERNAL
    return FAILED_GATE if breaches else DONE


def line(verdict: Verdict) -> str:
    """What, where, expected, got, by how much: one breach on one line."""
    from simulator.metrics.headlines import scope_text
    from simulator.reports.words import say as said

    bound, unit = verdict.bound, verdict.unit
    side = "at least" if bound.side == "at_least" else "at most"
    expected = f"{side} {said(bound.value, unit)}"
    if bound.base is not None:
        expected += f" (baseline {said(bound.base, unit)})"
    where = scope_text(bound.scope) or "all"
    if verdict.value is None or verdict.by is None:
        return f"{bound.kind} missed: {bound.metric}, {where}: expected {expected}, got no value"
    amount = f"{verdict.by * 100:.1f} points" if unit == "share" else said(verdict.by, unit)
    far = "below" if bound.side == "at_least" else "above"
    text = f"{bound.kind} missed: {bound.metric}, {where}: expected {expected}, got {said(verdict.value, unit)}"
    text += f", {amount} {far}"
    if verdict.beyond_interval is None:
        return f"{text} (no interval)"
    interval = f"{said(verdict.ci_low, unit)} – {said(verdict.ci_high, unit)}"
    if verdict.beyond_interval:
        return f"{text}; beyond the 95 % interval ({interval})"
    return f"{text}; within the 95 % interval ({interval}), more replications would tell"


def document(run: Run, verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """What `--json` prints."""
    return {
        "scenario": run.scenario.name,
        "seed": run.seed,
        "replications": run.replications,
        "passed": all(verdict.passed for verdict in verdicts) and not run.failed_checks,
        "verdicts": [
            {
                "kind": verdict.bound.kind,
                "metric": verdict.bound.metric,
                "scope": dict(verdict.bound.scope),
                verdict.bound.side: verdict.bound.value,
                "baseline": verdict.bound.base,
                "value": verdict.value,
                "ci_low": verdict.ci_low,
                "ci_high": verdict.ci_high,
                "unit": verdict.unit,
                "passed": verdict.passed,
                "by": verdict.by,
                "beyond_interval": verdict.beyond_interval,
            }
            for verdict in verdicts
        ],
        "checks": [{"name": one.name, "passed": one.passed, "detail": one.detail} for one in run.checks],
    }


def _sum(run: Run, verdicts: Sequence[Verdict], breaches: int) -> str:
    targets = sum(verdict.bound.kind == "target" for verdict in verdicts)
    held = len(verdicts) - breaches
    what = f"{targets} targets and {len(verdicts) - targets} baseline values"
    times = "replication" if run.replications == 1 else "replications"
    return f"{run.scenario.name}: {held} of {len(verdicts)} hold ({what}; {run.replications} {times}, seed {run.seed})"


def _say_whose(baseline: Baseline, file: Path, name: str) -> None:
    """A scenario may be renamed, so another name is no error; but whoever took the wrong file reads it first."""
    if baseline.scenario and baseline.scenario != name:
        print(
            f"note: {file} is the baseline of another scenario, `{baseline.scenario}`; this one is `{name}`. If it was "
            "only renamed, `--update` writes the new name",
            file=sys.stderr,
        )


def _say_what_differs(run: Run, baseline: Baseline) -> None:
    if run.scenario.hash != baseline.scenario_hash:
        how = "another scenario, seed or number of replications"
        print(f"note: the baseline was made with {how} (hash {baseline.scenario_hash[:8]})", file=sys.stderr)
