"""A run as the platform's analytics would answer for it: a folder of JSON files.

```
export.json                what was exported: scenario, seed, replication, zone, counts, how times were rounded
names.json                 names of the ids: queues, agents, channels, flows, skills, languages
details/page-000001.json   AnalyticsConversationQueryResponse: conversations, totalHits
aggregates.json            ConversationAggregateQueryResponse: results
```
Pages are written one after the other, so that memory holds one of them whatever the run's size; beside the run's own
tables a conversation costs some 2.5 kB (its emissions and columns; measured on the retail weekday). Instants are cut
to the millisecond, durations go to the nearest. One replication: a platform has one history.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from simulator.exchange.aggregates import aggregates
from simulator.exchange.details import pages
from simulator.exchange.emissions import emissions
from simulator.exchange.history import History
from simulator.exchange.ids import KINDS, NAMESPACE, id_of
from simulator.exchange.times import origin_us, stamps
from simulator.experiments.run import Run
from simulator.scenario.directory import directory
from simulator.scenario.schema import Scenario
from simulator.scenario.skills import languages, skills
from simulator.vocabulary.errors import UsageError
from simulator.vocabulary.writing import write_text

MANIFEST = "export.json"
PAGE = 1_000
"""Conversations of a page: what the platform's details jobs answer unless asked otherwise (its queries: 100)."""
MOST = 100_000
"""A page is made in memory (bound assumed: some 500 MB)."""

Document = dict[str, Any]


def fill(folder: Path, run: Run, replication: int, page_size: int) -> Document:
    """Write the files into an empty folder and return what `export.json` says. Raises `UsageError`."""
    if not 1 <= page_size <= MOST:
        raise UsageError(f"a page of {page_size} conversations cannot be written; allowed: 1 to {MOST:,}")
    history = History(run, replication)
    emitted = emissions(history)
    count = 0
    for number, page in enumerate(pages(history, emitted, page_size), start=1):
        answer = {"conversations": page, "totalHits": len(history)}
        write_text(folder / "details" / f"page-{number:06}.json", _compact(answer))
        count = number
    if not count:
        write_text(folder / "details" / "page-000001.json", _compact({"conversations": [], "totalHits": 0}))
    write_text(folder / "aggregates.json", _compact(aggregates(history, emitted)))
    write_text(folder / "names.json", _readable(names(run.scenario)))
    about = _about(run, replication, page_size, len(history), max(count, 1))
    write_text(folder / MANIFEST, _readable(about))
    return about


def names(scenario: Scenario) -> dict[str, dict[str, str]]:
    """id -> name, by kind."""
    known = directory(scenario)
    of_kind = {
        "queue": known.queues,
        "agent": known.agents,
        "channel": known.channels,
        "flow": tuple(sorted(scenario.flows)),
        "skill": skills(scenario),
        "language": languages(scenario),
    }
    return {kind: {id_of(kind, name): name for name in of_kind[kind]} for kind in KINDS}


def _about(run: Run, replication: int, page_size: int, conversations: int, count: int) -> Document:
    calendar = run.scenario.calendar
    return {
        "export": "genesys",
        "scenario": run.scenario.name,
        "scenario_hash": run.scenario.hash,
        "seed": run.seed,
        "replication": replication,
        "start": calendar.start.isoformat(sep=" "),
        "start_utc": stamps_of_one(origin_us(calendar)),
        "timezone": calendar.timezone,
        "conversations": conversations,
        "page_size": page_size,
        "pages": count,
        "measured_from_utc": stamps_of_one(origin_us(calendar) + run.scenario.warm_up_us),
        "measured_to_utc": stamps_of_one(origin_us(calendar) + run.scenario.duration_us),
        "rounding": "instants are cut to the millisecond, durations go to the nearest",
        "ids": f"uuid5 in the namespace {NAMESPACE}",
    }


def stamps_of_one(us: int) -> str:
    import numpy as np

    return stamps(np.array([us], np.int64), 0)[0] or ""


def _compact(document: Document) -> str:
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def _readable(document: Document | dict[str, dict[str, str]]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
