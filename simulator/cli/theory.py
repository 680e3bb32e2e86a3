"""`ccsim validate --theory`: is the simulator right? Its numbers beside those of others."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.cli.guard import DONE, FAILED_GATE, INTERNAL, say
from simulator.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from simulator.experiments.truth.validation import Answer


def validate_theory(
    names: Sequence[str],
    settings: Sequence[str],
    quick: bool,
    seed: int,
    workers: int | None,
    out: Path | None,
    as_json: bool,
) -> int:
    """The named cases, or all. Exit code 1 if a number does not agree."""
    if settings:
        raise UsageError("--set changes a scenario; the cases of --theory are what they are")
    from simulator.experiments.truth.judge import GLANCE, QUICK
    from simulator.experiments.truth.validation import validate
    from simulator.reports import truth
    from simulator.reports.folder import write_file
    from simulator.reports.progress import bar

    size = QUICK if quick else GLANCE
    with bar("ground truth") as show:
        answers = validate(names, size, seed, workers, show)
    if out is not None:
        words = "the quick size" if quick else "the usual size"
        write_file(out, truth.page(answers, seed, words))
    if as_json:
        print(json.dumps(truth.document(answers, seed), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        _print(answers)
    failed = [(answer, check) for answer in answers for check in answer.judged.failed_checks]
    for answer, check in failed:
        say(f"check failed: {answer.title}: {check.name}: {check.detail}")
    if failed:
        return INTERNAL
    return DONE if all(answer.judged.agrees for answer in answers) else FAILED_GATE


def _print(answers: Sequence[Answer]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from simulator.reports import truth

    console = Console(highlight=False, soft_wrap=False)
    for case, variants in groupby(answers, key=lambda answer: answer.case):
        mine = list(variants)
        console.print()
        console.print(Text(case, style="bold"))
        console.print(Text(mine[0].facts.source, style="dim"))
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
        for name in ("number", "measure", "expected", "simulated", "± (95 %)", "verdict"):
            is_number = name in ("expected", "simulated", "± (95 %)")
            table.add_column(name, justify="right" if is_number else "left", no_wrap=is_number, overflow="fold")
        for answer in mine:
            for row in truth.rows([answer]):
                number = f"{answer.label}: {row.number}" if answer.label else row.number
                measure = f"{row.measure}, {row.unit}" if row.unit else row.measure
                style = "" if row.verdict.startswith("agrees") else "bold red"
                table.add_row(number, measure, row.expected, row.simulated, row.half, row.verdict, style=style)
        console.print(table)
        for answer in mine:
            if answer.judged.replications > 1:
                console.print(Text(_evidence(answer), style="dim"))
    console.print()
    right = all(answer.judged.agrees for answer in answers)
    console.print(Text(truth.summed(answers), style="green" if right else "bold red"))


def _evidence(answer: Answer) -> str:
    judged = answer.judged
    text = f"{judged.replications} replications, {judged.units:,.0f} {judged.unit}, seed {judged.seed}"
    text = f"{answer.label}: {text}" if answer.label else text
    return f"{text}: a second look, four times as large" if judged.again else text
