"""`ccsim metrics`: what every number means."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from simulator.cli.guard import DONE, say


def print_metrics(
    names: Sequence[str], scope: str | None, search: str | None, scenario: Path | None, as_json: bool
) -> int:
    from simulator import scenario as scenarios
    from simulator.metrics.entries import chosen, document
    from simulator.reports.metrics import in_full, listing

    known = scenarios.load(scenario, {}) if scenario is not None else None
    found = chosen(names, known, scope, search)
    if as_json:
        print(json.dumps(document(found), indent=2, ensure_ascii=False))
        return DONE
    width = shutil.get_terminal_size().columns
    if names:
        print("\n\n".join(in_full(each, width) for each in found))
    elif found:
        print(listing(found, width))
        print(f"\n{len(found)} measures. `ccsim metrics NAME` says how one is defined.")
    else:
        say("no measure has all these words")
    if known is None and found:
        say("times and switches are the defaults; `--scenario FILE` takes a scenario's own")
    return DONE
