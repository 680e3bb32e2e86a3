"""`ccsim validate`: is the scenario right, and could it work?"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from simulator.cli.guard import DONE, as_document, readable
from simulator.cli.settings import parsed
from simulator.vocabulary.errors import UsageError


def validate_one(files: Sequence[str], settings: Sequence[str], as_json: bool) -> int:
    """One file; none and several are wrong."""
    if len(files) != 1:
        what = "which file?" if not files else f"one file at a time, not {len(files)}."
        raise UsageError(f"{what} Write ccsim validate FILE, or ccsim validate --theory [CASE]…")
    return validate_file(Path(files[0]), settings, as_json)


def validate_file(file: Path, settings: Sequence[str], as_json: bool) -> int:
    from simulator.experiments.loading import load
    from simulator.metrics import coverage

    scenario = load(file, parsed(settings))
    covered = coverage(scenario)
    doubts = [str(text) for text in covered.warnings]
    if as_json:
        document = {
            "scenario": scenario.name,
            "valid": True,
            "hash": scenario.hash,
            "coverage": str(covered.line),
            "warnings": doubts,
            "findings": [as_document(finding) for finding in scenario.warnings],
        }
        print(json.dumps(document, indent=2, ensure_ascii=False))
        return DONE
    print(f"{file} can be run: {scenario.name}")
    print(covered.line)
    for finding in scenario.warnings:
        print(readable(finding), file=sys.stderr)
    for text in doubts:
        print(f"warning: {text}", file=sys.stderr)
    return DONE
