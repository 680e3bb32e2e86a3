"""From a history to a scenario: who came when, as CSV files that `arrivals` reads.

Every portion of a conversation is an arrival: somebody wrote who had no open conversation. The queue never hears of
those whom the bot contained, the flow does, so a trace wants the flow that the history had. A customer who thought
longer than `close_after` is an arrival twice: with his own behaviour in the scenario he would come once and come back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator.exchange.tables import Reading
from simulator.scenario.traces import Trace
from simulator.vocabulary.errors import UsageError
from simulator.vocabulary.writing import whole_folder, write_text

if TYPE_CHECKING:
    import pandas as pd

WHAT = ("trace", "counts")


def traces(reading: Reading) -> dict[str, str]:
    """`arrivals: {trace: …}` by channel: file name -> CSV with at, customer, topic, turns.

    `at` is local time, `customer` a number in place of the person, `turns` the bursts that an agent answered where the
    history tells them; topics are left to the scenario. Whoever wrote once is nobody in particular.
    """
    portions, conversations = reading.tables["portions"], reading.tables["conversations"]
    person = conversations.set_index("conversation")["customer"].to_dict()
    by_channel: dict[str, list[tuple[datetime, str, int]]] = {}
    opened = portions["opened_us"].tolist()
    wrote: dict[Any, int] = {}
    for name in portions["conversation"].tolist():
        wrote[person[name]] = wrote.get(person[name], 0) + 1
    order = sorted(range(len(opened)), key=lambda row: opened[row])
    names, channels, numbers = (portions[name].tolist() for name in ("conversation", "channel", "portion"))
    for row in order:
        who = person[names[row]]
        known = who == who and who is not None and wrote[who] > 1
        channel = channels[row] if isinstance(channels[row], str) else "messages"
        turns = reading.turns.get((names[row], int(numbers[row])), 0)
        at = reading.calendar.local(int(opened[row]))
        by_channel.setdefault(channel, []).append((at, f"p{int(who)}" if known else "", turns))
    found: dict[str, str] = {}
    for channel, rows in sorted(by_channel.items()):
        at_column, customers, turns_column = zip(*rows, strict=True)
        trace = Trace(at_column, customers, ("",) * len(rows), turns_column)
        found[_file_name(channel, found)] = trace.to_csv()
    return found


def counts(reading: Reading) -> dict[str, str]:
    """`arrivals: {csv: …}` by queue: file name -> CSV with start and count, without gaps.

    They are entries into the queue: hand-backs and transfers are among them, those whom a bot contained are not.
    Raises `UsageError` where intervals are not all of one length.
    """
    table = reading.tables["intervals"]
    starts = sorted(set(table["start_us"].tolist()))
    steps = {after - before for before, after in pairwise(starts)}
    step = min(steps, default=0)
    if step <= 0 or any(one % step for one in steps):
        raise UsageError("intervals of one length are needed, and at least two of them")
    every = range(int(starts[0]), int(starts[-1]) + 1, int(step))
    found: dict[str, str] = {}
    for queue, rows in table.groupby("queue", observed=True, sort=True):
        known = _by_start(rows)
        lines = [f"{reading.calendar.local(us).isoformat(' ')},{known.get(us, 0)}" for us in every]
        found[_file_name(str(queue), found)] = "\n".join(["start,count", *lines]) + "\n"
    return found


def _by_start(rows: pd.DataFrame) -> dict[int, int]:
    offered = rows["nOffered"].fillna(0)
    return {int(us): int(number) for us, number in zip(rows["start_us"], offered, strict=True)}


def write(files: Mapping[str, str], folder: Path) -> Path:
    """The files in a folder of their own, whole or not at all.

    Raises `UsageError` where there is nothing to write, or the folder holds anything else.
    """
    if not files:
        raise UsageError("this history has no messages: nothing was written")
    if folder.exists() and not (folder.is_dir() and {path.name for path in folder.iterdir()} <= set(files)):
        raise UsageError(f"{folder} holds something else; nothing was written. Name another folder")

    def fill(room: Path) -> None:
        for name, text in files.items():
            write_text(room / name, text)

    return whole_folder(folder, fill)


def _file_name(text: str, taken: Mapping[str, str]) -> str:
    """A name that any disk takes, and no two share."""
    bare = re.sub(r"[^a-z0-9_-]+", "_", text.lower()).strip("_")[:60] or "messages"
    name, number = f"{bare}.csv", 1
    while name in taken:
        number += 1
        name = f"{bare}_{number}.csv"
    return name
