"""`ccsim run`: one scenario in, service level and occupancy out."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from simulator.cli.guard import DONE, INTERNAL, readable
from simulator.cli.settings import parsed


def run_file(
    file: Path,
    settings: Sequence[str],
    replications: int | None,
    seed: int | None,
    workers: int | None,
    engine: str,
    out: Path | None,
    as_json: bool,
    quiet: bool,
) -> int:
    from simulator import scenario as scenarios
    from simulator.experiments.replicate import replicate
    from simulator.metrics import coverage
    from simulator.reports import folder as folders
    from simulator.reports.progress import bar

    changes = parsed(settings)
    changes |= {} if replications is None else {"replications": replications}
    changes |= {} if seed is None else {"seed": seed}
    scenario = scenarios.load(file, changes)
    folder = out if out is not None else folders.default_folder(scenario)
    folders.refuse_foreign(folder)
    if not quiet:
        covered = coverage(scenario)
        print(covered.line, file=sys.stderr)
        for finding in scenario.warnings:
            print(readable(finding), file=sys.stderr)
        for text in covered.warnings:
            print(f"warning: {text}", file=sys.stderr)
    with bar(scenario.name, wanted=not quiet) as show:
        run = replicate(scenario, workers=workers, engine=engine, on_progress=show)
    written = folders.write(run, folder)
    if as_json:
        print(json.dumps(folders.summary_document(run), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        from simulator.cli.table import print_summary

        print_summary(run, written)
    if run.failed_checks:
        for check in run.failed_checks:
            print(f"ccsim: check failed: {check.name}: {check.detail}", file=sys.stderr)
        return INTERNAL
    return DONE
