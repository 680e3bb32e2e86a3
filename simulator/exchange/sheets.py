"""A run as CSV files: one for each table, the summary, the checks, and a list of all columns.

Times are local wall clock with the zone's offset (`2026-03-02T00:16:57.018151+01:00`), durations seconds, both to the
µs; null is an empty cell. A text that a spreadsheet could take for a formula begins with an apostrophe.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from simulator.exchange.cells import chunks, fields
from simulator.exchange.genesys import MANIFEST
from simulator.experiments.run import Run
from simulator.vocabulary.writing import unformula, write_text

Document = dict[str, Any]
SUMMARY = ("metric", "scope", "value", "ci_low", "ci_high", "unit", "definition")


def fill(folder: Path, run: Run, tables: Sequence[str]) -> Document:
    """Write the files into an empty folder and return what `export.json` says."""
    calendar = run.scenario.calendar
    rows = {}
    for name in tables:
        table = run.tables[name]
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            for number, chunk in enumerate(chunks(table, name, calendar)):
                chunk.to_csv(stream, index=False, header=number == 0, lineterminator="\n")
        rows[name] = len(table)
    write_text(folder / "summary.csv", _csv([SUMMARY, *summary_rows(run)]))
    checks = [(check.name, check.passed, check.detail) for check in run.checks]
    write_text(folder / "checks.csv", _csv([("check", "passed", "detail"), *checks]))
    columns = [(f"{name}.csv", one.name, one.unit, one.column.meaning) for name in tables for one in fields(name)]
    write_text(folder / "columns.csv", _csv([("file", "column", "unit", "meaning"), *columns]))
    about = {
        "export": "csv",
        "scenario": run.scenario.name,
        "scenario_hash": run.scenario.hash,
        "seed": run.seed,
        "replications": run.replications,
        "start": calendar.start.isoformat(sep=" "),
        "timezone": calendar.timezone,
        "rows": rows,
    }
    write_text(folder / MANIFEST, json.dumps(about, indent=2, ensure_ascii=False) + "\n")
    return about


def summary_rows(run: Run) -> list[tuple[object, ...]]:
    """The summary with null as None and a scope as text: `queue=service`."""
    found: list[tuple[object, ...]] = []
    for row in run.summary[list(SUMMARY)].to_dict("records"):
        scope = " ".join(f"{kind}={name}" for kind, name in dict(row["scope"]).items())
        numbers = [None if row[name] != row[name] else float(row[name]) for name in ("value", "ci_low", "ci_high")]
        found.append((str(row["metric"]), scope, *numbers, str(row["unit"]), str(row["definition"])))
    return found


def _csv(rows: Iterable[Iterable[object]]) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerows([unformula(cell) for cell in row] for row in rows)
    return stream.getvalue()
