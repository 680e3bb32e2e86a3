"""One agent's day in sentences, with the rule behind each step. Told from the tables of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from simulator.vocabulary.clock import spoken
from simulator.vocabulary.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from simulator.scenario import Scenario

AWAY = {
    "break": "takes a break; his conversations stay his, their slots held",
    "meal": "goes for a meal; his conversations stay his, their slots held",
    "meeting": "has a meeting",
    "training": "has training",
    "absent": "is absent: his shift begins without him",
    "late": "is late: his shift has begun, he has not logged on",
    "left_early": "has logged off before the end of his shift",
    "overtime": "is off shift with conversations still open: overtime, OFF_QUEUE, in no occupancy",
    "off_shift": "is off shift",
}


def tell_agent(tables: Mapping[str, pd.DataFrame], agent: str, scenario: Scenario, replication: int = 0) -> list[str]:
    """The days of one agent, a line for each change of what he shows, with the local clock and a line per new day.

    Raises `UsageError` for a replication or agent that is not there, naming the nearest.
    """
    states = tables["agent_states"]
    if replication not in set(states["replication"]):
        raise UsageError(f"replication {replication} is not in this run")
    mine = states[(states["replication"] == replication) & (states["agent"] == agent)]
    if mine.empty:
        known = sorted(states["agent"].astype(str).unique())
        near = get_close_matches(agent, known, n=3, cutoff=0.4) or known[:3]
        raise UsageError(f"there is no agent {agent!r} in this run; nearest: {', '.join(near)}")
    sessions = tables["sessions"]
    his = sessions[(sessions["replication"] == replication) & (sessions["agent"] == agent)]
    return list(_lines(list(mine.sort_values("from_us").itertuples()), his, scenario))


def _lines(rows: list[Any], sessions: pd.DataFrame, scenario: Scenario) -> Iterator[str]:
    day, stretch, began = None, "", 0
    for row in [*rows, None]:
        now = "" if row is None else _stretch(row)
        if row is not None and now == stretch:
            continue
        if stretch == "on":
            yield from _worked(sessions, began, rows[-1].to_us if row is None else row.from_us)
        if row is None:
            return
        moment = scenario.calendar.local(int(row.from_us))
        if moment.date() != day:
            day = moment.date()
            yield f"{moment:%A} {moment.day} {moment:%B %Y}"
        text = "is on queue" if now == "on" else AWAY.get(str(row.presence), str(row.presence))
        if str(row.status) == "not_responding":
            text = "is NOT_RESPONDING: an alert expired or was declined"
        lasts = sum(int(r.to_us - r.from_us) for r in _run(rows, row))
        yield f"  {moment:%H:%M:%S}  He {text}, for {spoken(lasts)}."
        stretch, began = now, int(row.from_us)


def _stretch(row: Any) -> str:
    """On queue, idle or with conversations, is one stretch; everything else is named by what he shows."""
    return "on" if str(row.status) in ("idle", "interacting") else f"{row.presence} {row.status}"


def _run(rows: list[Any], first: Any) -> Iterator[Any]:
    """The rows of the stretch that begins with one."""
    started = False
    for row in rows:
        started |= row is first
        if started:
            if _stretch(row) != _stretch(first):
                return
            yield row


def _worked(sessions: pd.DataFrame, from_us: int, to_us: int) -> Iterator[str]:
    """How much he took on in a stretch on queue."""
    took = sessions[(sessions["connected_us"] >= from_us) & (sessions["connected_us"] < to_us)]
    if len(took):
        yield f"            He takes {len(took)} conversations and sends {int(took['replies'].sum())} replies in them."
