"""`ccsim report`: an earlier run, read again."""

from __future__ import annotations

import json
from pathlib import Path

from simulator.cli.guard import DONE, INTERNAL


def report_run(folder: Path, as_json: bool) -> int:
    from simulator.reports import folder as folders

    run = folders.read(folder)
    folders.rewrite(run, folder)
    if as_json:
        print(json.dumps(folders.summary_document(run), indent=2, ensure_ascii=False, allow_nan=False))
    else:
        from simulator.cli.table import print_summary

        print_summary(run, folder)
    return INTERNAL if run.failed_checks else DONE
