"""Arrivals from a CSV: `start` (local wall clock) and `count` (exactly so many) or `expected` (Poisson mean)."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, get_args

from simulator.scenario.written import Wrong, nearest, parse_local_time, shown
from simulator.vocabulary.clock import spoken
from simulator.vocabulary.errors import Finding

Kind = Literal["count", "expected"]

MAX_BYTES = 50 << 20  # ten years of half hours are 6 MiB (bound assumed)
MAX_FINDINGS = 20  # of one file: a wrong column would otherwise be reported line by line
ROWS = "rows of `start` (as `2026-03-02 00:00`) in equal steps and `count` or `expected`"


@dataclass(frozen=True)
class Counts:
    """Contacts by interval, in order of time, without gaps."""

    kind: Kind
    """`count`: exactly so many, placed uniformly in the interval; `expected`: mean of a Poisson number."""
    starts: tuple[datetime, ...]
    """Local wall clock. [interval]"""
    values: tuple[float, ...]
    """Contacts. [interval]"""
    interval_us: int
    """Length of each interval, by the wall clock."""

    def to_csv(self) -> str:
        """The file again, as `read_counts` reads it."""
        lines = [f"start,{self.kind}"]
        lines += [f"{start.isoformat(' ')},{value:.17g}" for start, value in zip(self.starts, self.values, strict=True)]
        return "\n".join(lines) + "\n"


def locate(name: str, folder: Path | None) -> Path:
    """The file that a scenario names, never outside the scenario's folder. Raises Wrong."""
    allowed = "a CSV file in the scenario's folder or below"
    if folder is None:
        raise Wrong(
            "a scenario from text has no folder to find files in", "`rate`, `per_day` or `trace`", "give a folder"
        )
    if "\0" in name or not name.strip():
        raise Wrong(f"{shown(name)} is not a file name", allowed)
    written = Path(name)
    if written.is_absolute() or ".." in written.parts or "\\" in name or name.startswith("~"):
        raise Wrong(f"{shown(name)} leaves the scenario's folder", allowed, "put the file beside the scenario")
    try:
        home, path = folder.resolve(), (folder / written).resolve()
        if not path.is_relative_to(home):
            raise Wrong(f"{shown(name)} leaves the scenario's folder through a link", allowed, "copy the file there")
        if not path.is_file():
            beside = [f"{written.parent / entry.name}" for entry in sorted(path.parent.glob("*.csv"))]
            raise Wrong(f"there is no file {shown(name)}", allowed, nearest(name, beside))
    except (OSError, RuntimeError) as error:
        raise Wrong(f"{shown(name)} cannot be read: {error}", allowed) from None
    return path


def read_counts(path: Path, shown_as: str, place: str) -> tuple[Counts | None, list[Finding]]:
    """The rows of a CSV, or what is wrong with it, line by line."""
    findings: list[Finding] = []

    def complain(line: int | None, problem: str, allowed: str = ROWS, suggestion: str = "") -> None:
        findings.append(Finding(shown_as, line, place, problem, allowed, suggestion))

    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        complain(None, f"this file cannot be read: {error.strerror}")
        return None, findings
    if len(content) > MAX_BYTES:
        complain(None, "this file is larger than 50 MiB", "at most 50 MiB", "use a longer interval")
        return None, findings
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        complain(content[: error.start].count(b"\n") + 1, "this line is not UTF-8 text", "UTF-8")
        return None, findings
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [column.strip() for column in next(rows, [])]
        kinds: list[Kind] = [kind for kind in get_args(Kind) if kind in header]
        if len(set(header)) < len(header) or "start" not in header or len(kinds) != 1:
            known = ("start", "count", "expected")
            hints = [nearest(column, known) for column in header if column not in known]
            hint = "separate the columns by commas" if ";" in "".join(header) else next(filter(None, hints), "")
            complain(
                1,
                f"the columns are {', '.join(map(shown, header)) or 'missing'}",
                "`start` and `count`, or `start` and `expected`",
                hint,
            )
            return None, findings
        counts = _rows(rows, header, kinds[0], complain, findings)
    except csv.Error as error:
        complain(rows.line_num, f"this is not CSV: {error}")
        return None, findings
    if not findings and not counts.starts:
        complain(None, "there are no rows in this file")
    return (None if findings else counts), findings


def _rows(rows: Any, header: list[str], kind: Kind, complain: Callable[..., None], findings: list[Finding]) -> Counts:
    start_column, value_column = header.index("start"), header.index(kind)
    starts: list[datetime] = []
    values: list[float] = []
    step: timedelta | None = None
    for row in rows:
        line = rows.line_num
        if not row:
            continue
        if len(findings) >= MAX_FINDINGS:
            complain(line, "there is more wrong below this line")
            break
        if len(row) != len(header):
            complain(line, f"{len(row)} values stand under {len(header)} columns")
            continue
        value = _value(row[value_column].strip(), kind, line, complain)
        if value is not None:
            values.append(value)
        try:
            start = parse_local_time(row[start_column].strip())
        except Wrong as wrong:
            complain(line, wrong.complaints[0].problem, wrong.complaints[0].allowed, wrong.complaints[0].suggestion)
            continue
        if starts and start <= starts[-1]:
            what = "stands here a second time" if start == starts[-1] else f"comes after the later {starts[-1]}"
            complain(line, f"the start {start} {what}", "rows in order of time, each interval once", "sort the file")
            continue
        if starts:
            step = step or start - starts[-1]
            if start - starts[-1] != step:
                said = spoken(step // timedelta(microseconds=1))
                complain(
                    line,
                    f"the start {start} does not follow {starts[-1]} by {said} as the rows above do",
                    f"one row every {said}",
                    "write intervals without contacts as rows with 0",
                )
        starts.append(start)
    if step is not None and step > timedelta(days=31):
        complain(2, f"the rows are {spoken(step // timedelta(microseconds=1))} apart", "at most 31 days")
    length = step or timedelta(minutes=30)  # of a single row: assumed
    return Counts(kind, tuple(starts), tuple(values), length // timedelta(microseconds=1))


def _value(text: str, kind: Kind, line: int, complain: Callable[..., None]) -> float | None:
    allowed = "a whole number from 0" if kind == "count" else "a number from 0"
    try:
        value = float(text)
    except ValueError:
        complain(line, f"{shown(text) if text else 'nothing'} stands where a number must be", allowed)
        return None
    if not math.isfinite(value) or value < 0 or value > 1e9:
        complain(line, f"{shown(text)} cannot be a number of contacts", allowed)
        return None
    if kind == "count" and value != int(value):
        complain(line, f"{shown(text)} is not a whole number", allowed, "name the column `expected` for means")
        return None
    return value
