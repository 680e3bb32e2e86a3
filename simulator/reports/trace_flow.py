"""Sentences about flows: what was said and asked, which way was taken, who left, who was taken out of the queue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from simulator.vocabulary.clock import HOUR, spoken

if TYPE_CHECKING:
    import pandas as pd

Sentence = tuple[int, int, int, str]
"""Time, portion, rank among those of the instant, text."""

SAID = {
    "flow": "message",
    "bot": "bot message",
    "question": "question",
    "flow_answer": "answer of the customer",
}
FLOW_LIMIT = spoken(72 * HOUR)


def in_flow(story: Mapping[str, pd.DataFrame]) -> Iterator[Sentence]:
    """The inbound flow of each portion, and the in-queue flow of those who waited."""
    yield from _said(story)
    yield from _ways(story)
    yield from _left(story)
    yield from _taken_for(story)
    yield from _while_waiting(story)


def _said(story: Mapping[str, pd.DataFrame]) -> Iterator[Sentence]:
    messages = story["messages"]
    flow = messages[messages["kind"].isin(list(SAID))]
    found = {int(row.portion): _found(row) for row in story["contacts"].itertuples() if _there(row.identified)}
    speaking = set(flow["portion"])
    for row in story["portions"].itertuples():
        if row.portion in found and row.portion not in speaking:  # it finds out, and says nothing
            ends = [at for at in (row.queue_entered_us, row.disconnected_us) if _there(at)]
            text = f"The inbound message flow: {found[int(row.portion)]}."
            yield int(min(ends, default=row.opened_us)), int(row.portion), 20, text
    for portion, rows in flow.groupby("portion", observed=True):
        counts = rows["kind"].value_counts()
        parts = [_count(int(counts[kind]), word) for kind, word in SAID.items() if counts.get(kind, 0)]
        if portion in found:
            parts.insert(0, found[portion])
        first, last = int(rows["at_us"].min()), int(rows["at_us"].max())
        took = f" within {spoken(last - first)}" if last > first else ""
        yield first, int(portion), 20, f"The inbound message flow: {', '.join(parts)}{took}."


def _found(contact: Any) -> str:
    if _there(contact.authenticated) and contact.authenticated:
        return "customer logged in, his session says who he is"
    return "customer identified" if contact.identified else "customer not identified"


def _ways(story: Mapping[str, pd.DataFrame]) -> Iterator[Sentence]:
    for row in story["portions"].itertuples():
        if not _there(row.flow_path):
            continue
        ends = [at for at in (row.queue_entered_us, row.disconnected_us) if _there(at)]
        way = ", then ".join(str(row.flow_path).split(" "))
        text = f"At the branches of the flow it took the way {way}."
        yield int(min(ends, default=row.opened_us)), int(row.portion), 21, text


def _left(story: Mapping[str, pd.DataFrame]) -> Iterator[Sentence]:
    for row in story["portions"].itertuples():
        if not _there(row.left_flow_us):
            continue
        after = spoken(int(row.left_flow_us) - int(row.opened_us))
        if row.disconnect == "left_flow":
            text = f"{row.contact} leaves in the flow after {after}: he disconnects."
        else:
            text = (
                f"{row.contact} leaves in the flow after {after} without a sign: a flow that asks him something waits "
                f"for a word, at most {FLOW_LIMIT}; one that does not goes on without him."
            )
        yield int(row.left_flow_us), int(row.portion), 22, text


def _taken_for(story: Mapping[str, pd.DataFrame]) -> Iterator[Sentence]:
    entered = story["portions"].set_index("portion")["queue_entered_us"]
    for row in story["contacts"].itertuples():
        at = entered.get(row.portion)
        if _there(row.taken_for) and _there(at):
            text = (
                f"The bot hands {row.contact} over as {row.taken_for}, and he is about {row.topic}: queue and skills "
                "are those of the wrong topic, until an agent finds out."
            )
            yield int(at), int(row.portion), 23, text


def _while_waiting(story: Mapping[str, pd.DataFrame]) -> Iterator[Sentence]:
    messages = story["messages"]
    told = messages[messages["kind"] == "in_queue"]
    for portion, rows in told.groupby("portion", observed=True):
        first, number = int(rows["at_us"].min()), len(rows)
        until = f", the last {spoken(int(rows['at_us'].max()) - first)} later" if number > 1 else ""
        yield first, int(portion), 33, f"While it waits the in-queue flow sends {_count(number, 'message')}{until}."
    for row in story["offers"].itertuples():
        if row.outcome != "flowed_out":
            continue
        where = f"sends it to queue {row.flowed_out_to}" if _there(row.flowed_out_to) else "disconnects it"
        text = f"After {spoken(int(row.t_wait_us))} in queue {row.queue} the in-queue flow {where} (`tFlowOut`)."
        yield int(row.left_us), int(row.portion), 24, text


def _there(value: Any) -> bool:
    """Neither None, NaN nor NA."""
    return value is not None and str(value) not in ("nan", "<NA>", "NaT")


def _count(number: int, word: str) -> str:
    if number == 1:
        return f"1 {word}"
    return f"{number} answers of the customer" if word.startswith("answer") else f"{number} {word}s"
