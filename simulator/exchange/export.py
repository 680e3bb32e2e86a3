"""Out: a run as the platform's JSON, as CSV files or as a workbook, written whole or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from simulator.exchange import genesys, sheets, workbook
from simulator.experiments.run import Run
from simulator.vocabulary.documents import read_json
from simulator.vocabulary.errors import UsageError
from simulator.vocabulary.writing import whole_file, whole_folder

FORMS = ("genesys", "xlsx", "csv")


def export(
    run: Run,
    to: str,
    path: Path,
    *,
    replication: int = 0,
    page_size: int = genesys.PAGE,
    tables: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Write a run and return what was written. An earlier export there is replaced at the last moment.

    `genesys` (one `replication`, `page_size` conversations a file) and `csv` write a folder, `xlsx` a file. `tables`:
    names, or `all`; default: all for csv, only those by interval for xlsx. Raises `UsageError` for anything else, and
    where `path` holds something that no export wrote.
    """
    if to not in FORMS:
        raise UsageError(f"--to {to!r} is not known; known: {', '.join(FORMS)}")
    refuse_foreign(path, to)
    done: dict[str, Any] = {}
    if to == "genesys":
        if tables is not None:
            raise UsageError("--tables is for xlsx and csv; genesys writes details and aggregates")
        whole_folder(path, lambda room: done.update(genesys.fill(room, run, replication, page_size)))
    elif to == "csv":
        chosen = _chosen(run, tables, tuple(run.tables))
        whole_folder(path, lambda room: done.update(sheets.fill(room, run, chosen)))
    else:
        chosen = _chosen(run, tables, ())
        whole_file(path, lambda room: done.update(workbook.fill(room, run, chosen)))
    return done


def default_path(beside: Path, to: str) -> Path:
    """Where an export of the run folder `beside` goes unless somebody says otherwise."""
    name = beside.resolve().name
    return beside.resolve().parent / (f"{name}.xlsx" if to == "xlsx" else f"{name}-{to}")


def refuse_foreign(path: Path, to: str) -> None:
    """Raise `UsageError` if something stands there that no export wrote: it would be lost."""
    if to == "xlsx":
        if path.suffix.lower() != ".xlsx":
            raise UsageError(f"{path} is no name for a workbook; it must end in .xlsx")
        if path.is_dir() or (path.exists() and not workbook.is_ours(path)):
            raise UsageError(f"{path} is there already and no export wrote it; nothing was written. Name another file")
        return
    if not path.exists():
        return
    if not path.is_dir():
        raise UsageError(f"{path} is a file; this needs a folder of its own")
    if any(path.iterdir()) and not _manifest(path):
        raise UsageError(f"{path} holds something that is not an export; nothing was written. Name another folder")


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        document = read_json(folder / genesys.MANIFEST)
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) and document.get("export") in FORMS else {}


def _chosen(run: Run, asked: Sequence[str] | None, default: Sequence[str]) -> Sequence[str]:
    if asked is None:
        return default
    if list(asked) == ["all"]:
        return tuple(run.tables)
    unknown = [name for name in asked if name not in run.tables]
    if unknown:
        raise UsageError(f"table {unknown[0]!r} is not known; known: all, {', '.join(run.tables)}")
    return tuple(name for name in run.tables if name in asked)
