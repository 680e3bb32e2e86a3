"""The summary on a terminal: few numbers, readable at 60 columns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from simulator.reports.words import headlines

if TYPE_CHECKING:
    from simulator.experiments.run import Run
    from simulator.experiments.staffing import Staffing
    from simulator.scenario import Scenario

WIDE = 92
"""Columns from which the measure's own name has room beside the plain one."""
NARROW = 76
"""Columns from which all of a staffing curve has room."""


def print_summary(run: Run, folder: Path) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=False)
    wide = console.width >= WIDE
    console.print()
    console.print(Text(run.scenario.name, style="bold"))
    times = "replication" if run.replications == 1 else "replications"
    console.print(Text(f"{run.replications} {times}, seed {run.seed}, {run.timing['wall_s']:.0f} s", style="dim"))
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    table.add_column(overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    table.add_column(justify="right", no_wrap=True, style="dim")
    if wide:
        table.add_column(no_wrap=True, style="dim")
    heading = None
    for line in headlines(run.summary, run.scenario):
        if (line.group, line.scope) != heading:
            heading = line.group, line.scope
            table.add_row()
            table.add_row(Text(f"{line.group}, {line.scope}" if line.scope else line.group, style="bold cyan"))
        cells = [Text(line.name), Text(line.value), Text(line.interval)]
        table.add_row(*cells, *([Text(line.metric)] if wide else []))
    console.print(table)
    console.print()
    if run.replications > 1:
        console.print(Text("Ranges: 95 % confidence of the average, not the spread of days.", style="dim"))
    for note in run.notes:
        console.print(Text(f"Note: {note}", style="yellow"))
    failed = run.failed_checks
    if failed:
        names = ", ".join(check.name for check in failed)
        console.print(Text(f"{len(failed)} of {len(run.checks)} checks FAILED: {names}", style="bold red"))
    else:
        console.print(Text(f"All {len(run.checks)} checks passed.", style="green"))
    # Not through rich: a path must stay in one piece to be copied.
    print(f"Written to {folder}; open {folder / 'report.html'}")


def print_staffing(found: Staffing, scenario: Scenario, folder: Path) -> None:
    """The staffing curve and its answer, below the summary."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from simulator.reports.staffing import answer, table

    console = Console(highlight=False, soft_wrap=False)
    console.print()
    console.print(Text(f"How many agents in {found.group}?", style="bold cyan"))
    head, *rows = table(found)
    shown = len(head) if console.width >= NARROW else len(head) - 2
    printed = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    for number in range(shown):
        printed.add_column(head[number], justify="right", no_wrap=True, style="dim" if number == 2 else None)
    for row in rows:
        printed.add_row(*row[:shown], style="bold" if int(row[0]) == found.enough else None)
    console.print(printed)
    lead, *others = answer(found, scenario)
    console.print(Text(lead, style="bold"))
    for line in others:
        console.print(Text(line, style="dim"))
    print(f"Written to {folder / 'staffing.csv'} and {folder / 'plots' / 'staffing.svg'}")
