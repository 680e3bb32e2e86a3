"""`ccsim trace`: one conversation's life, or one agent's day, in sentences."""

from __future__ import annotations

import json
from pathlib import Path

from simulator.cli.guard import DONE


def trace_conversation(run: Path, conversation: str, replication: int, as_json: bool) -> int:
    from simulator.reports.folder import read
    from simulator.reports.trace import tell

    found = read(run)
    lines = tell(found.tables, conversation, found.scenario, replication)
    return _told("conversation", conversation, replication, lines, found.scenario.name, as_json)


def trace_agent(run: Path, agent: str, replication: int, as_json: bool) -> int:
    from simulator.reports.agentday import tell_agent
    from simulator.reports.folder import read

    found = read(run)
    lines = tell_agent(found.tables, agent, found.scenario, replication)
    return _told("agent", agent, replication, lines, found.scenario.name, as_json)


def _told(what: str, name: str, replication: int, lines: list[str], scenario: str, as_json: bool) -> int:
    if as_json:
        document = {what: name, "replication": replication, "lines": [line.strip() for line in lines]}
        print(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        print(f"{name}, replication {replication} of {scenario}")
        print("\n".join(lines))
    return DONE
