"""`ccsim trace`: one conversation's life in sentences."""

from __future__ import annotations

import json
from pathlib import Path

from simulator.cli.guard import DONE


def trace_conversation(run: Path, conversation: str, replication: int, as_json: bool) -> int:
    from simulator.reports.folder import read
    from simulator.reports.trace import tell

    found = read(run)
    lines = tell(found.tables, conversation, found.scenario, replication)
    if as_json:
        document = {"conversation": conversation, "replication": replication, "lines": [line.strip() for line in lines]}
        print(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        print(f"{conversation}, replication {replication} of {found.scenario.name}")
        print("\n".join(lines))
    return DONE
