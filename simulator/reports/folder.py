"""The run folder: everything a run found, written whole or not at all.

```
manifest.json    scenario hash, seed, versions, engine, timings
scenario.yaml    resolved: what was really run, with the CSV files it names beside it
summary.json     every measure, every check
tables/*.parquet one per table, all replications
intervals.csv    for a spreadsheet
plots/*.svg      the pictures that the scenario has something for
report.html      the page to send around
```
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.metrics.headlines import number_or_none, scope_of
from simulator.reports import audit_words
from simulator.vocabulary.documents import NoJson, read_json
from simulator.vocabulary.errors import UsageError
from simulator.vocabulary.writing import unformula, whole_file, whole_folder, write_text

if TYPE_CHECKING:
    import pandas as pd

    from simulator.experiments.run import Run
    from simulator.scenario import Scenario

MANIFEST = "manifest.json"
FORMAT = 1
"""Grows when a run folder changes so that older programs cannot read it."""


def default_folder(scenario: Scenario, parent: Path = Path("results")) -> Path:
    """`results/<name>-<hash>-seed<seed>`: the same question has the same place, another one never takes it."""
    slug = re.sub(r"[^a-z0-9]+", "-", scenario.name.lower()).strip("-")[:40] or "run"
    name = f"{slug}-{scenario.hash[:8]}-seed{scenario.seed}"
    folder, number = parent / name, 1
    while folder.exists() and read_manifest(folder).get("scenario_hash") != scenario.hash:
        number += 1
        folder = parent / f"{name}-{number}"
    return folder


def refuse_foreign(folder: Path) -> None:
    """Raise `UsageError` if `folder` holds something that no run wrote: it would be lost."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise UsageError(f"{folder} is a file; a run needs a folder of its own")
    if any(folder.iterdir()) and not read_manifest(folder):
        raise UsageError(f"{folder} holds something that is not a run; nothing was written. Name another folder")


def write(run: Run, folder: Path, extras: Mapping[str, str] | None = None) -> Path:
    """Write a run folder and return where it is. An earlier run there is replaced at the last moment.

    `extras`: further files, path in the folder -> text.
    """
    refuse_foreign(folder)
    from simulator import records

    def fill(room: Path) -> None:
        write_text(room / "scenario.yaml", run.scenario.resolved())
        for name, rows in run.scenario.files().items():
            write_text(room / name, rows)
        _write_json(room / "summary.json", summary_document(run))
        records.save(run.tables, room)
        for name, text in (_shown(run) | dict(extras or {})).items():
            write_text(room / name, text)
        for name in _other_answers(folder, run.scenario.hash):
            if not (room / name).exists():
                _same_file(folder / name, room / name)
        _write_json(room / MANIFEST, manifest(run))

    return whole_folder(folder, fill)


def _other_answers(folder: Path, scenario_hash: str) -> list[str]:
    """Staffing curves of other groups that an earlier run of this very scenario left: still true, so they stay."""
    if read_manifest(folder).get("scenario_hash") != scenario_hash:
        return []
    found = (*folder.glob("staffing-*.csv"), *folder.glob("plots/staffing-*.svg"))
    return sorted(path.relative_to(folder).as_posix() for path in found)


def rewrite(run: Run, folder: Path) -> Path:
    """Make the pictures, the page and the CSV of a run folder anew; everything else in it stays as it is."""
    made = _shown(run)

    def fill(room: Path) -> None:
        for old in sorted(path for path in folder.rglob("*") if path.is_file()):
            name = old.relative_to(folder).as_posix()
            if name not in made:
                (room / name).parent.mkdir(parents=True, exist_ok=True)
                _same_file(old, room / name)
        for name, text in made.items():
            write_text(room / name, text)

    return whole_folder(folder, fill)


def write_answer(folder: Path, files: Mapping[str, str]) -> Path:
    """A folder of a few text files (file name -> text), whole or not at all; an earlier answer there is replaced.

    Raises `UsageError` where the folder holds anything else.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file; this needs a folder of its own")
    if folder.exists() and not {path.name for path in folder.iterdir()} <= set(files):
        raise UsageError(f"{folder} holds something else; nothing was written. Name another folder")

    def fill(room: Path) -> None:
        for name, text in files.items():
            write_text(room / name, text)

    return whole_folder(folder, fill)


def write_file(path: Path, text: str) -> None:
    """One text file, whole or not at all."""
    whole_file(path, lambda room: write_text(room, text))


def _shown(run: Run) -> dict[str, str]:
    """The files that show a run's tables to people: path in the folder -> text."""
    from simulator.reports import page

    pictures = page.pictures(run)
    files = {"intervals.csv": spreadsheet(run.tables["intervals"])}
    files |= {f"plots/{name}.svg": svg for name, svg in pictures.items()}
    return files | {"report.html": page.render(run, pictures)}


def _same_file(old: Path, new: Path) -> None:
    """A second name for a file, or a copy where the disk knows no such thing."""
    try:
        os.link(old, new)
    except OSError:
        shutil.copy2(old, new)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a run folder; empty if the folder is none."""
    try:
        document = read_json(folder / MANIFEST)
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) and "scenario_hash" in document else {}


def read(folder: Path) -> Run:
    """A run as its folder tells it. Raises `UsageError` if it is none, damaged, or of a later format."""
    about = read_manifest(folder)
    if not about:
        raise UsageError(f"{folder} is not a run folder: {_no_manifest(folder)}")
    form = about.get("format", 0)
    if isinstance(form, int | float) and form > FORMAT:
        raise UsageError(f"{folder} was written by a later version of ccsim; read it with that one")
    try:
        return _read(folder, about)
    except (KeyError, TypeError, ValueError, AttributeError, FileNotFoundError) as error:
        raise UsageError(f"{folder} cannot be read ({error}): run the scenario again") from error


def _no_manifest(folder: Path) -> str:
    """Why the manifest says nothing."""
    try:
        read_json(folder / MANIFEST)
    except NoJson as error:
        return f"{MANIFEST}: {error}"
    except OSError:
        return f"it has no {MANIFEST}"
    return f"{MANIFEST} is not a run's"


def _read(folder: Path, about: dict[str, Any]) -> Run:
    import pandas as pd

    from simulator import records, scenario
    from simulator.experiments.run import Run

    document = read_json(folder / "summary.json")
    summary = pd.DataFrame(document["metrics"]).rename(columns={"name": "metric"})
    for column in ("value", "ci_low", "ci_high"):
        summary[column] = summary[column].astype("float64")
    return Run(
        scenario=scenario.load(folder / "scenario.yaml"),
        engine=about["engine"],
        summary=summary,
        tables=records.load(folder),
        checks=audit_words.read_checks(document["checks"], document.get("accounts", ())),
        audit=audit_words.read_audit(document.get("audit", ())),
        warnings=tuple(about["warnings"]),
        coverage=about["coverage"],
        timing=document["timing"],
        versions=about["versions"],
        notes=tuple(about["notes"]),
        ends_us=tuple(about["ends_us"]),
        clipped=about.get("clipped", {}),
        precision=about.get("precision", {}),
        warm_up=document.get("warm_up", {}),
    )


def manifest(run: Run) -> dict[str, Any]:
    """Where a run comes from."""
    return {
        "format": FORMAT,
        "scenario": run.scenario.name,
        "scenario_hash": run.scenario.hash,
        "seed": run.seed,
        "replications": run.replications,
        "engine": run.engine,
        "coverage": run.coverage,
        "warnings": list(run.warnings),
        "notes": list(run.notes),
        "ends_us": list(run.ends_us),
        "clipped": dict(run.clipped),
        **({"precision": dict(run.precision)} if run.precision else {}),
        "versions": dict(run.versions),
        "timing": dict(run.timing),
    }


def summary_document(run: Run) -> dict[str, Any]:
    """`summary.json`, and what `--json` prints."""
    return {
        "scenario": run.scenario.name,
        "seed": run.seed,
        "replications": run.replications,
        "engine": run.engine,
        **({"precision": dict(run.precision)} if run.precision else {}),
        **({"warm_up": dict(run.warm_up)} if run.warm_up else {}),
        "metrics": [
            {
                "name": str(row["metric"]),
                "scope": scope_of(row["scope"]),
                "value": number_or_none(row["value"]),
                "ci_low": number_or_none(row["ci_low"]),
                "ci_high": number_or_none(row["ci_high"]),
                "unit": str(row["unit"]),
                "definition": str(row["definition"]),
            }
            for row in run.summary.to_dict("records")
        ],
        "confidence": confidence_document(),
        "checks": [
            {"name": check.name, "passed": bool(check.passed), "detail": str(check.detail)} for check in run.checks
        ],
        **audit_words.document(run),
        "timing": dict(run.timing),
    }


def confidence_document() -> dict[str, Any]:
    """What `ci_low` and `ci_high` are, and why they may be null."""
    from simulator.metrics.confidence import LEVEL, METHODS, NO_INTERVAL

    return {
        "level": LEVEL,
        "no_interval": NO_INTERVAL,
        "methods": {kind: asdict(method) for kind, method in METHODS.items()},
    }


def spreadsheet(table: pd.DataFrame) -> str:
    """CSV that a spreadsheet opens as it is: no text cell can be taken for a formula."""
    safe = table.copy()
    for name in safe.columns:
        column = safe[name]
        if not (column.dtype.kind in "biufM" if hasattr(column.dtype, "kind") else False):
            safe[name] = column.astype(object).map(unformula, na_action="ignore")
    return str(safe.to_csv(index=False, lineterminator="\n"))


def _write_json(path: Path, document: dict[str, Any]) -> None:
    write_text(path, json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
