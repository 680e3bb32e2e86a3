"""`ccsim sweep`: a grid of values, the same customers."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.cli.guard import DONE, INTERNAL, readable
from simulator.cli.settings import parsed
from simulator.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from simulator.reports.sweeping import Swept

HOW = "write --vary PATH=FROM:TO:STEP or PATH=VALUE,VALUE, as agents.early.count=10:20:2"
MOST_VALUES = 500
"""Of one path (assumed; a sweep takes no more points)."""


def sweep_file(
    file: Path,
    vary: Sequence[str],
    metrics: Sequence[str],
    settings: Sequence[str],
    replications: int | None,
    seed: int | None,
    workers: int | None,
    out: Path | None,
    as_json: bool,
) -> int:
    from simulator.experiments.loading import load
    from simulator.experiments.sweep import sweep
    from simulator.reports import sweeping
    from simulator.reports.folder import default_folder, write_answer
    from simulator.reports.progress import bar

    values = grid(vary)
    changes = parsed(settings)
    changes |= {} if replications is None else {"replications": replications}
    changes |= {} if seed is None else {"seed": seed}
    scenario = load(file, changes)
    wanted = tuple(measure(text) for text in metrics) or sweeping.asked_for_none(scenario)
    for metric, _ in wanted:
        _known(metric)
    folder = out if out is not None else _beside(default_folder(scenario), values)
    for finding in scenario.warnings:
        print(readable(finding), file=sys.stderr)
    with bar(scenario.name, wanted=True) as show:
        points = sweep(scenario, values, workers=workers, on_progress=show)
    found = sweeping.Swept(scenario, tuple(values), tuple(points), wanted)
    picture = sweeping.svg(found)
    files = {"sweep.csv": sweeping.as_csv(found)} | ({"sweep.svg": picture} if picture is not None else {})
    write_answer(folder, files)
    if as_json:
        print(json.dumps(sweeping.document(found), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        _print(found)
        print(f"Written to {' and '.join(str(folder / name) for name in files)}")
    failed = [check for point in points for check in point.run.failed_checks]
    for check in failed:
        print(f"ccsim: check failed: {check.name}: {check.detail}", file=sys.stderr)
    return INTERNAL if failed else DONE


def grid(texts: Sequence[str]) -> dict[str, list[object]]:
    """`["agents.early.count=10:20:5", "queues.service.last_agent=AnyAgent,Disabled"]` -> path -> values.

    The end belongs to the values when a step reaches it. Raises `UsageError`.
    """
    found: dict[str, list[object]] = {}
    for text in texts:
        path, equals, values = (part.strip() for part in text.partition("="))
        if not equals or not path or not values:
            raise UsageError(f"--vary {text!r} is not understood; {HOW}")
        if path in found:
            raise UsageError(f"--vary names {path} twice; give all its values at once, as {path}=1,2")
        found[path] = _range(text, values) or [value.strip() for value in _apart(values)]
        _no_dash(text, path, found[path])
        if not all(str(value) for value in found[path]):
            raise UsageError(f"--vary {text!r} has an empty value; {HOW}")
    return found


def _range(text: str, values: str) -> list[object] | None:
    """`10:20:5` -> 10, 15, 20; None for what is no range (`07:30` is a time of day, not a range)."""
    match = re.fullmatch(r"(-?[\d.]+):(-?[\d.]+):([\d.]+)(\s*%)?", values)
    if match is None:
        return None
    try:
        first, last, step = (Decimal(match[number]) for number in (1, 2, 3))
    except InvalidOperation as error:
        raise UsageError(f"--vary {text!r} is not understood; {HOW}") from error
    if step <= 0 or last < first:
        raise UsageError(f"--vary {text!r} goes nowhere; {HOW}")
    if (last - first) / step >= MOST_VALUES:
        raise UsageError(f"--vary {text!r} has more than {MOST_VALUES} values")
    unit = match[4] or ""
    count = int((last - first) / step) + 1
    return [f"{(first + number * step).normalize():f}{unit}" for number in range(count)]


def _no_dash(text: str, path: str, values: Sequence[object]) -> None:
    """Refuses `10-12`, which is no value of anything: who writes it means a range."""
    for value in values:
        if match := re.fullmatch(r"([\d.]+)\s*%?\s*[-–]\s*([\d.]+)(\s*%)?", str(value)):
            step = "1" if match[1].isdigit() and match[2].isdigit() else "0.1"
            meant = f"{path}={match[1]}:{match[2]}:{step}{(match[3] or '').strip()}"
            raise UsageError(f"--vary {text!r} is not understood; a range has colons: {meant}")


def _apart(values: str) -> list[str]:
    """Values between commas; commas inside brackets belong to a value: `{lognormal: {median: 1 s, p90: 2 s}}`."""
    parts, depth, start = [], 0, 0
    for place, letter in enumerate(values):
        depth += (letter in "[{(") - (letter in "]})")
        if letter == "," and depth == 0:
            parts.append(values[start:place])
            start = place + 1
    return [*parts, values[start:]]


def measure(text: str) -> tuple[str, Mapping[str, str]]:
    """`tWait@queue=service` -> name and scope. Raises `UsageError`."""
    name, at, scope = (part.strip() for part in text.partition("@"))
    if not at:
        return name, {}
    kind, equals, whose = (part.strip() for part in scope.partition("="))
    if not equals or not kind or not whose:
        raise UsageError(f"--metric {text!r} is not understood; write NAME or NAME@queue=service")
    return name, {kind: whose}


def _known(metric: str) -> None:
    from simulator.metrics.catalogue import MEASURES
    from simulator.scenario.written import nearest

    names = [each.name for each in MEASURES]
    if metric not in names:
        raise UsageError(f"there is no measure {metric!r}. {nearest(metric, names)}".rstrip(". "))


def _beside(folder: Path, values: Mapping[str, object]) -> Path:
    """Named by what varies, so that the next question takes nothing away."""
    paths = re.sub(r"[^A-Za-z0-9_.]+", "-", "-".join(values))[:80]
    return folder.with_name(f"{folder.name}-sweep-{paths}")


def _print(found: Swept) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from simulator.reports.sweeping import RANGE, answer, columns, fitting, legend

    console = Console(highlight=False, soft_wrap=False)
    console.print()
    console.print(Text(found.scenario.name, style="bold"))
    kept, left = fitting(columns(found), console.width)
    shown = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    for column in kept:
        shown.add_column(column.head, justify="right", overflow="fold")
    for cells in zip(*(column.cells for column in kept), strict=True):
        shown.add_row(*cells)
    console.print(shown)
    for line in legend(found):
        console.print(Text(line, style="dim"))
    lead, *others = answer(found)
    console.print(Text(lead, style="bold"))
    if left:
        names = [column.name for column in left if not column.name.startswith(RANGE)]
        ranges = [column.name for column in left if column.name.startswith(RANGE)]
        names += [f"{len(ranges)} ranges"] if len(ranges) > 1 else ranges
        others.append(f"No room here for {', '.join(names)}: a wider terminal or --json shows them.")
    for line in others:
        console.print(Text(line, style="dim"))
