"""`ccsim trace`: one conversation's life, or one agent's day, in sentences; without an id, which there are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.cli.guard import DONE
from simulator.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from simulator.experiments.run import Run

SHOWN = 20
"""So many are listed; the tables have all."""


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


def list_all(run: Path, agents: bool, replication: int, as_json: bool) -> int:
    """The first conversations of the measured window, or the first agents, to choose from."""
    from simulator.reports.folder import read

    found = read(run)
    whose = found.tables["agent_states" if agents else "conversations"]
    if replication not in set(whose["replication"]) and replication >= found.replications:
        raise UsageError(f"replication {replication} is not in this run; it has {found.replications}, from 0")
    total, rows = (_agents if agents else _conversations)(found, replication)
    what = "agents" if agents else "conversations"
    if as_json:
        print(json.dumps({what: rows, "replication": replication, "total": total}, indent=2, ensure_ascii=False))
        return DONE
    print(f"{total:,} {what} in replication {replication} of {found.scenario.name}")
    if not rows:
        return DONE
    columns = list(rows[0])
    cells = [columns, *[[str(row[column]) for column in columns] for row in rows]]
    widths = [max(len(line[i]) for line in cells) for i in range(len(columns))]
    for line in cells:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
    if total > len(rows):
        print(f"  … and {total - len(rows):,} more, in the table {'agent_states' if agents else what}.")
    option = " --agent" if agents else ""
    print(f"Tell one of them: ccsim trace {run} {rows[0][columns[0]]}{option}")
    return DONE


def _conversations(run: Run, replication: int) -> tuple[int, list[dict[str, Any]]]:
    """How many begin in the measured window, and the first of them with what they were about and how they ended."""
    scenario, conversations, contacts = run.scenario, run.tables["conversations"], run.tables["contacts"]
    conversations = conversations[
        (conversations["replication"] == replication)
        & conversations["opened_us"].between(scenario.warm_up_us, scenario.duration_us, inclusive="left")
    ].sort_values("opened_us", kind="stable")
    first = contacts[contacts["replication"] == replication]
    first = first.astype({"contact": str}).set_index("contact")
    rows = []
    for row in conversations.head(SHOWN).itertuples():
        opened = first.loc[str(row.conversation)]  # a conversation has the id of the contact that opened it
        rows.append(
            {
                "conversation": str(row.conversation),
                "opened": f"{scenario.calendar.local(int(row.opened_us)):%Y-%m-%d %H:%M:%S}",
                "channel": str(row.channel),
                "topic": str(opened["topic"]),
                "outcome": str(opened["outcome"]),
                "portions": int(row.portions),
                "agents": int(row.agents),
                "messages": int(row.messages_in) + int(row.messages_out),
            }
        )
    return len(conversations), rows


def _agents(run: Run, replication: int) -> tuple[int, list[dict[str, Any]]]:
    """How many agents there are, and the first of them with the sessions they had."""
    states, sessions = run.tables["agent_states"], run.tables["sessions"]
    ids = list(dict.fromkeys(states.loc[states["replication"] == replication, "agent"].astype(str)))
    had = sessions.loc[sessions["replication"] == replication, "agent"].astype(str).value_counts()
    return len(ids), [{"agent": name, "sessions": int(had.get(name, 0))} for name in ids[:SHOWN]]


def _told(what: str, name: str, replication: int, lines: list[str], scenario: str, as_json: bool) -> int:
    if as_json:
        document = {what: name, "replication": replication, "lines": [line.strip() for line in lines]}
        print(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        print(f"{name}, replication {replication} of {scenario}")
        print("\n".join(lines))
    return DONE
