"""`ccsim compare`: two plans, the same customers."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.cli.guard import DONE, INTERNAL, readable
from simulator.cli.settings import parsed
from simulator.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from simulator.experiments.compare import Comparison
    from simulator.experiments.run import Run
    from simulator.scenario import Scenario
    from simulator.vocabulary.errors import Finding

INTERVAL = 4
"""Column of the ranges: what goes first where there is no room."""


def compare_plans(
    a: Path,
    b: Path | None,
    settings: Sequence[str],
    replications: int | None,
    seed: int | None,
    workers: int | None,
    everything: bool,
    csv: Path | None,
    as_json: bool,
) -> int:
    from simulator.experiments.compare import compare
    from simulator.reports import comparison
    from simulator.reports.folder import write_file
    from simulator.reports.progress import bar

    changes = parsed(settings)
    if b is None and not changes:
        raise UsageError("compare what with it? Name a second plan, or what differs: --set agents.early.count=16")
    ours = _plan(a, {})
    theirs = _plan(a if b is None else b, changes)
    said = dict.fromkeys(readable(finding) for plan in (ours, theirs) for finding in _warnings(plan))
    for text in said:
        print(text, file=sys.stderr)
    with bar("comparing", wanted=True) as show:
        found = compare(ours, theirs, replications, seed, workers, on_progress=show)
    if csv is not None:
        write_file(csv, comparison.as_csv(found))
    if as_json:
        print(json.dumps(comparison.document(found), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        _print(found, everything, settings)
        if csv is not None:
            print(f"Written to {csv}")
    failed = [check for run in (found.a, found.b) for check in run.failed_checks]
    for check in failed:
        print(f"ccsim: check failed: {check.name}: {check.detail}", file=sys.stderr)
    return INTERNAL if failed else DONE


def _plan(path: Path, changes: dict[str, object]) -> Scenario | Run:
    """A scenario file, or the run in a folder."""
    from simulator.experiments.loading import load
    from simulator.reports.folder import read

    if path.is_dir():
        if changes:
            raise UsageError(f"{path} is a run: --set changes a scenario, which is run anew. Name its file")
        return read(path)
    return load(path, changes)


def _warnings(plan: Scenario | Run) -> tuple[Finding, ...]:
    """What is doubtful about a scenario; a run said it when it was made."""
    from simulator.experiments.run import Run

    return () if isinstance(plan, Run) else plan.warnings


def _print(found: Comparison, everything: bool, settings: Sequence[str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from simulator.reports.comparison import answer, table

    console = Console(highlight=False, soft_wrap=False)
    console.print()
    console.print(Text(f"A  {found.a.scenario.name}", style="bold"))
    changed = f", with {', '.join(settings)}" if settings else ""
    console.print(Text(f"B  {found.b.scenario.name}{changed}", style="bold"))
    runs = found.a.replications
    console.print(Text(f"{runs} replication{'s' * (runs > 1)}, seed {found.a.seed}", style="dim"))
    head, *rows = table(found, everything)
    shown = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    fits = sum(widths) + len(widths) <= console.width
    keep = [number for number in range(len(head)) if fits or number != INTERVAL]
    for number in keep:
        shown.add_column(head[number], justify="right" if number else "left", no_wrap=number > 0, overflow="fold")
    for row in rows:
        shown.add_row(*(row[number] for number in keep), style="bold" if row[-1] else None)
    console.print(shown)
    lead, *others = answer(found)
    console.print(Text(lead, style="bold"))
    if not fits:
        others.append("The ranges have no room here: a wider terminal, --csv or --json shows them.")
    for line in others:
        console.print(Text(line, style="dim"))
