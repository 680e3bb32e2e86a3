"""`ccsim export`: a run for other programs."""

from __future__ import annotations

import json
from pathlib import Path

from simulator.cli.guard import DONE


def export_run(
    folder: Path, to: str, out: Path | None, replication: int, page_size: int, tables: str | None, as_json: bool
) -> int:
    from simulator.exchange.export import default_path, export
    from simulator.reports.folder import read
    from simulator.vocabulary.errors import UsageError

    if to in ("xlsx", "csv") and replication:
        raise UsageError("--replication is for genesys; xlsx and csv hold all replications")
    run = read(folder)
    path = out if out is not None else default_path(folder, to)
    chosen = None if tables is None else [name.strip() for name in tables.split(",") if name.strip()]
    written = export(run, to, path, replication=replication, page_size=page_size, tables=chosen)
    if as_json:
        print(json.dumps({"path": str(path), **written}, indent=2, ensure_ascii=False))
    else:
        print(f"Written to {path}")
    return DONE
