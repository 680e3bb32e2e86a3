"""`ccsim metrics`: what every number means, columns of tables too."""

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
    from simulator.exchange.cells import columns_named
    from simulator.metrics.catalogue import MEASURES
    from simulator.metrics.entries import chosen, document
    from simulator.reports.metrics import column_in_full, in_full, listing

    known = scenarios.load(scenario, {}) if scenario is not None else None
    measures = {each.name for each in MEASURES}
    columns = [
        {"name": name, "table": table, "column": field.column.name, "unit": field.column.unit,
         "meaning": field.column.meaning}
        for name in dict.fromkeys(names) if name not in measures
        for table, field in columns_named(name)
    ]  # fmt: skip
    others = [name for name in names if name not in {column["name"] for column in columns}]
    found = chosen(others, known, scope, search) if others or not names else []
    if as_json:
        print(json.dumps([*document(found), *columns], indent=2, ensure_ascii=False))
        return DONE
    width = shutil.get_terminal_size().columns
    if names:
        print(
            "\n\n".join([*(in_full(each, width) for each in found), *(column_in_full(each, width) for each in columns)])
        )
    elif found:
        print(listing(found, width))
        print(f"\n{len(found)} measures. `ccsim metrics NAME` says how one is defined, or a column of a table.")
    else:
        say("no measure has all these words")
    if known is None and found:
        say("times and switches are the defaults; `--scenario FILE` takes a scenario's own")
    return DONE
