"""`ccsim run`: one scenario in, service level and occupancy out."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from time import monotonic

from simulator.cli.guard import DONE, FAILED_GATE, INTERNAL, readable
from simulator.cli.settings import parsed
from simulator.vocabulary.clock import SECOND, spoken
from simulator.vocabulary.errors import UsageError

SIMULATED = 0.88
"""Share of a run's time after which everything is known and the tables, plots and the page are written: a month of a
million conversations, and `retail_weekday`, rounded."""


def run_file(
    file: Path,
    settings: Sequence[str],
    replications: int | None,
    seed: int | None,
    workers: int | None,
    engine: str,
    out: Path | None,
    precision: Sequence[str],
    max_replications: int | None,
    agents: str | None,
    as_json: bool,
    quiet: bool,
) -> int:
    from simulator.experiments import precision as sequential
    from simulator.experiments import staffing
    from simulator.experiments.loading import load
    from simulator.experiments.replicate import replicate
    from simulator.metrics import coverage
    from simulator.reports import folder as folders
    from simulator.reports.progress import bar, line, part

    began = monotonic()
    changes = parsed(settings)
    changes |= {} if replications is None else {"replications": replications}
    changes |= {} if seed is None else {"seed": seed}
    scenario = load(file, changes)
    asked = staffing.wanted(agents, scenario) if agents is not None else None
    narrow = sequential.written(precision)
    if narrow and replications is not None:
        raise UsageError("--replications says how many, --precision finds out how many it takes: give one of them")
    if max_replications is not None and not narrow:
        raise UsageError("--max-replications bounds a run with --precision, and there is none")
    if narrow:
        sequential.wanted(narrow, scenario)  # what is wrong with it is said before anything runs
    if out is not None or not narrow:
        folders.refuse_foreign(out if out is not None else folders.default_folder(scenario))
    if not quiet:
        covered = coverage(scenario)
        print(covered.line, file=sys.stderr)
        for finding in scenario.warnings:
            print(readable(finding), file=sys.stderr)
        for text in covered.warnings:
            print(f"warning: {text}", file=sys.stderr)
    with bar(scenario.name, wanted=not quiet) as show:
        runs = 1 + len(asked[1]) if asked else 1
        run = replicate(
            scenario, workers=workers, engine=engine, on_progress=part(show, 0, SIMULATED / runs), precision=narrow,
            max_replications=max_replications, on_wave=None if quiet else partial(line, show),
        )  # fmt: skip
        scenario = run.scenario
        folder = out if out is not None else folders.default_folder(scenario)
        curve, extras, lost = None, {}, []
        if asked is not None:
            from simulator.reports.staffing import files, replaced

            watch = part(show, SIMULATED / runs, SIMULATED)
            curve = staffing.staffing(scenario, *asked, workers=workers, engine=engine, on_progress=watch, known=run)
            extras, lost = files(curve, scenario), replaced(curve, folder)
        written = folders.write(run, folder, extras)
    if as_json:
        document = folders.summary_document(run) | ({"staffing": curve.document()} if curve is not None else {})
        print(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        from simulator.cli.table import print_staffing, print_summary

        took_us = round(monotonic() - began) * SECOND
        counts = f" with all {len(curve.counts)} counts of agents" if curve is not None else ""
        print_summary(run, written, notes=not quiet, took=f"{spoken(took_us)} in all{counts}")
        if curve is not None:
            print_staffing(curve, run.scenario, written)
            if lost:
                print(f"It replaced the earlier curve, which also had {', '.join(map(str, lost))} agents")
    if run.failed_checks:
        for check in run.failed_checks:
            print(f"ccsim: check failed: {check.name}: {check.detail}", file=sys.stderr)
        return INTERNAL
    if run.precision and not run.precision["reached"]:
        print(f"ccsim: {run.precision['stopped_because']}", file=sys.stderr)
        return FAILED_GATE
    return DONE
