"""The summary on a terminal: few numbers, readable at 60 columns."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from simulator.metrics.headlines import scope_text, verdict
from simulator.reports.audit_words import audit_line
from simulator.reports.words import NO_RANGE, NOTHING, Line, headlines, say

if TYPE_CHECKING:
    from rich.table import Table

    from simulator.experiments.run import Run
    from simulator.experiments.staffing import Staffing
    from simulator.scenario import Scenario

WIDE = 92
"""Columns from which the measure's own name has room beside the plain one."""
GAP = 2
"""Blanks between two columns."""


def print_summary(run: Run, folder: Path, notes: bool = True, took: str | None = None) -> None:
    """The short table, the verdict on the target below its Service group, and what else must be said.

    `took`: how long the command took that ends with it; by default the run that is shown is all there was.
    """
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=False)
    wide = console.width >= WIDE
    console.print()
    console.print(Text(run.scenario.name, style="bold"))
    times = "replication" if run.replications == 1 else "replications"
    took = took or f"{run.timing['wall_s']:.0f} s"
    console.print(Text(f"{run.replications} {times}, seed {run.seed}, {took}", style="dim"))
    lines = headlines(run.summary, run.scenario)
    first = [line for line in lines if (line.group, line.scope) == ("Service", "")]
    rest = [line for line in lines if line not in first]
    columns = [[getattr(line, name) for line in lines] for name in ("name", "value", "interval", "metric")]
    widths = [max(map(len, texts), default=0) for texts in columns[: 4 if wide else 3]]
    widths[0] = max(min(widths[0], console.width - sum(widths[1:]) - GAP * (len(widths) - 1)), 1)
    console.print(_measures(first, widths))
    said = verdict(run.summary, run.scenario)
    if said:
        console.print(Text(said, style="bold"))
    console.print(_measures(rest, widths))
    console.print()
    if run.replications > 1:
        said = "Ranges: 95 % confidence of what stands before them; more replications narrow them."
        console.print(Text(said, style="dim"))
        if any(not line.interval and line.value != NOTHING for line in lines):
            console.print(Text(f"{NO_RANGE}.", style="dim"))
        console.print(Text("Spread of days: how unlike days are; more replications do not change that.", style="dim"))
    if any(line.group == "Hiring" for line in rest):
        from simulator.metrics.requirement import method_words, no_cut

        console.print(Text(f"Agents required: {method_words(run.scenario)}.", style="dim"))
        if any(line.metric == "fte_above_gross" for line in rest):
            ask = "`ccsim run FILE --agents GROUP=FROM:TO` simulates how many may go"
            console.print(Text(f"Above required: {no_cut(run.scenario)}; {ask}.", style="dim"))
    if run.warm_up and not any(run.warm_up["words"] in note for note in run.notes):
        unknown = "cannot be judged: " if run.warm_up["verdict"] == "not applicable" else ""
        console.print(Text(f"Warm-up: {unknown}{run.warm_up['words']}.", style="dim"))
    for note in run.notes if notes else ():
        console.print(Text(f"Note: {note}", style="yellow"))
    failed = run.failed_checks
    if failed:
        names = ", ".join(check.name for check in failed)
        console.print(Text(f"{len(failed)} of {len(run.checks)} checks FAILED: {names}", style="bold red"))
    else:
        console.print(Text(f"{audit_line(run)}.", style="green"))
    for one in run.different:
        where = f" of {scope_text(one.scope)}" if one.scope else ""
        theory, simulated = say(one.theory, one.unit), say(one.simulated, one.unit)
        text = f"DIFFERS from theory: {one.name}{where}: simulated {simulated}, theory {theory} ({one.source})"
        console.print(Text(text, style="bold red"))
    # Not through rich: a path must stay in one piece to be copied.
    print(f"Written to {folder}; open {folder / 'report.html'}")


def _measures(lines: list[Line], widths: list[int]) -> Table:
    """Lines below their headings; `widths` of the columns, so that two tables stand in one line."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, GAP, 0, 0), pad_edge=False, show_header=False)
    table.add_column(overflow="fold", width=widths[0])
    table.add_column(justify="right", no_wrap=True, width=widths[1])
    table.add_column(justify="right", no_wrap=True, style="dim", width=widths[2])
    for width in widths[3:]:
        table.add_column(no_wrap=True, style="dim", width=width)
    heading = None
    for line in lines:
        if (line.group, line.scope) != heading:
            heading = line.group, line.scope
            table.add_row()
            table.add_row(Text(f"{line.group}, {line.scope}" if line.scope else line.group, style="bold cyan"))
        cells = (line.name, line.value, line.interval, line.metric)
        table.add_row(*(Text(cell) for cell in cells[: len(widths)]))
    return table


def print_staffing(found: Staffing, scenario: Scenario, folder: Path) -> None:
    """The staffing curve and its answer, below the summary; columns that have no room are left to the CSV."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from simulator.reports.staffing import answer, file_names, legend, table

    console = Console(highlight=False, soft_wrap=False)
    console.print()
    console.print(Text(f"How many agents in {found.group}?", style="bold cyan"))
    head, *rows = table(found)
    widths = [
        max(len(line) for cell in column for line in cell.split("\n")) for column in zip(head, *rows, strict=True)
    ]
    room = [sum(widths[: number + 1]) + number for number in range(len(widths))]
    shown = max(sum(needed <= console.width for needed in room), 1)
    printed = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    for number in range(shown):
        printed.add_column(head[number], justify="right", no_wrap=True, style="dim" if number in (2, 4) else None)
    for row in rows:
        printed.add_row(*row[:shown], style="bold" if int(row[0]) == found.enough else None)
    console.print(printed)
    console.print(Text(legend(scenario), style="dim"))
    lead, *others = answer(found, scenario)
    console.print(Text(lead, style="bold"))
    for line in others:
        console.print(Text(line, style="dim"))
    csv, svg = (folder / name for name in file_names(found))
    print(f"Written to {csv} and {svg}")
