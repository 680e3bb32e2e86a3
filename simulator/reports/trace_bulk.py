"""One bulk send in sentences: asked for, held by which cap, delivered or not, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.metrics.capwaits import waits
from simulator.scenario.capping import channel_caps, lane_clock, lane_key
from simulator.vocabulary.clock import spoken
from simulator.vocabulary.codes import Cap, Lane

if TYPE_CHECKING:
    import pandas as pd

    from simulator.scenario import Scenario

Sentence = tuple[int, int, int, str]
"""Time, portion, rank among what happens at one instant, text."""

ENDS = {
    "expired": "It has waited longer than expires_after: it is dropped and uses no cap.",
    "rejected": "Refused over the cap once more: its caller tries no longer.",
    "stopped": "Its campaign is stopped for good: it never leaves.",
    "in_conversation": "It leaves and fails: the customer's conversation is open, and such a message is not taken.",
    "waiting": "It is still held when the run ends.",
}


SHUT = "outside its calling windows, while it was stopped, or in an outage"


def before_contact(
    story: Mapping[str, pd.DataFrame], tables: Mapping[str, pd.DataFrame], scenario: Scenario, replication: int
) -> Iterator[Sentence]:
    """The bulk messages that brought the contacts of a conversation."""
    for row in story["contacts"].itertuples():
        if str(row.source) in scenario.channels or str(row.parent) not in ("nan", "<NA>", "None"):
            continue
        for at_us, _, rank, text in send_steps(tables, f"{row.source}/{row.ordinal}", scenario, replication):
            yield at_us, 0, rank, text


def send_steps(tables: Mapping[str, pd.DataFrame], name: str, scenario: Scenario, replication: int) -> list[Sentence]:
    """What became of `source/ordinal`; nothing where there is no such send, or only counts of it."""
    source, _, number = name.rpartition("/")
    if not number.isdecimal():
        return []
    row = _find(tables["sends"], source, int(number), replication)
    if row is None:
        return []
    steps: list[Sentence] = []
    asked = f", who was asked for his opt-in by {row['opt_in_source']}," if _there(row["opt_in_source"]) else ""
    if row["outcome"] == "no_opt_in":
        return [(0, 0, 0, f"{name}: the customer{asked} has not opted in: nothing is sent.")]
    if _there(row["requested_us"]):
        text = f"{name}: a message of {source} to a customer{asked} is asked for."
        steps.append((int(row["requested_us"]), 0, 0, text))
    tries = tables["send_attempts"]
    mine = (tries["replication"] == replication) & (tries["source"] == source) & (tries["ordinal"] == int(number))
    for each in tries[mine].itertuples():
        if each.outcome == "refused":
            text = f"{name}: call {each.attempt} is over the cap and gets a 429; its caller tries again."
        else:
            text = f"{name}: try {each.attempt} leaves and fails; it is asked for again after a pause."
        steps.append((int(each.at_us), 0, 1, text))
    steps += _end(name, row, _shut_us(tables, row, scenario, replication), scenario)
    return steps


def _end(name: str, row: Any, shut_us: int, scenario: Scenario) -> Iterator[Sentence]:
    outcome = str(row["outcome"])
    if not _there(row["sent_us"]):
        at = row["ended_us"] if _there(row["ended_us"]) else scenario.duration_us + scenario.run_out_us
        yield int(at), 0, 2, f"{name}: {ENDS[outcome]}"
        return
    sent = int(row["sent_us"])
    held = ""
    if _there(row["cap"]):
        held = f", {spoken(int(row['delay_us']))} after it was asked for: {_why(str(row['cap']), row, scenario)}"
        if shut_us and str(row["cap"]) != "hours":
            held += f"; {spoken(shut_us)} of it nothing might leave: {SHUT}"
    if outcome == "in_conversation":
        yield sent, 0, 2, f"{name}: {ENDS[outcome]}"
        return
    joined = " into the customer's open conversation" if _there(row["joined"]) and bool(row["joined"]) else ""
    yield sent, 0, 2, f"{name} leaves{joined}{held}."
    if outcome == "failed":
        why = f": {row['reason']}" if _there(row["reason"]) else ""
        yield sent, 0, 3, f"{name} is not delivered{why}."
    elif _there(row["delivered_us"]) and int(row["delivered_us"]) > sent:
        yield int(row["delivered_us"]), 0, 3, f"{name} is delivered."
    if _there(row["read_us"]):
        yield int(row["read_us"]), 0, 4, f"{name} is read."


def _why(cap: str, row: Any, scenario: Scenario) -> str:
    """The rule that let it go last."""
    channel, lane = str(row["channel"]), Lane[str(row["lane"]).upper()]
    caps = channel_caps(scenario, channel)
    if cap == "organisation":
        whose = "the organisation" if lane_key(scenario, lane, channel) == lane.name.lower() else f"`{channel}`"
        return f"the cap of {whose} on {row['lane']} messages, {lane_clock(scenario, lane).count:,} a minute"
    if cap == "number" and caps.clock is not None:
        numbers = "its number" if caps.numbers == 1 else f"each of its {caps.numbers} numbers"
        return f"{numbers} carries {caps.clock.per_second:g} a second, in and out together"
    if cap == "pair" and caps.pair is not None:
        return f"messages to one customer cost {spoken(caps.pair[0])} each, and a burst is paid back first"
    if cap == "tier" and caps.tier is not None:
        return f"the tier of {caps.tier:,} customers in a rolling day was full"
    return SHUT


def _shut_us(tables: Mapping[str, pd.DataFrame], row: Any, scenario: Scenario, replication: int) -> int:
    """How much of its wait nothing might leave."""
    if not (_there(row["cap"]) and _there(row["sent_us"])):
        return 0
    mine = tables["sends"].loc[[row.name]]
    tries, outages = (tables[name][tables[name]["replication"] == replication] for name in ("send_attempts", "outages"))
    found = waits(scenario, mine, tries, outages, int(row["sent_us"]) + 1)
    shut = found.of(Cap.HOURS)
    return int((shut.end - shut.begin).sum())


def _find(sends: pd.DataFrame, source: str, ordinal: int, replication: int) -> Any:
    rows = np.flatnonzero(
        (sends["replication"] == replication).to_numpy()
        & (sends["source"] == source).to_numpy()
        & (sends["ordinal"] == ordinal).fillna(False).to_numpy(bool)
    )
    return sends.iloc[rows[0]] if len(rows) else None


def _there(value: Any) -> bool:
    return value is not None and str(value) not in ("nan", "<NA>", "NaT", "None")
