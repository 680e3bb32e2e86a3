"""Who holds the slots while people wait: thinking customers, agents who have not answered yet, wrap-ups, alerts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulator.metrics import cohorts
from simulator.metrics.parts import ALL, Measure, Part, Parts
from simulator.metrics.window import Stays, View

HOLDERS = {
    "customer": "it was the customer's turn: he thought, or had gone silent",
    "agent": "it was the agent's turn: a message was unanswered, worked on or not",
    "wrap_up": "the conversation was over and its wrap-up was not",
    "alert": "an alert rang",
}
"""Who holds a slot, and what that means."""


def _waiting(view: View, queue: int) -> Callable[[np.ndarray], np.ndarray]:
    """The time in [0, t) of the window in which somebody waited in a queue, as a function of t."""
    rows = view.codes("offers", "queue") == queue
    _, start, end = view.stays("offers", "entered_us", "left_us", rows=rows)
    start, end = np.clip(start, view.from_us, view.to_us), np.clip(end, view.from_us, view.to_us)
    time = np.concatenate([start, end])
    order = np.argsort(time, kind="stable")
    time = np.concatenate([[0], time[order]])
    number = np.concatenate([[0], np.cumsum(np.repeat([1, -1], len(start))[order])])
    spans = np.where(number > 0, np.diff(np.append(time, time[-1])), 0)
    before = np.concatenate([[0], np.cumsum(spans)])[:-1]

    def until(at: np.ndarray) -> np.ndarray:
        place = np.searchsorted(time, at, side="right") - 1
        found: np.ndarray = before[place] + np.where(number[place] > 0, at - time[place], 0)
        return found

    return until


def _stays(view: View) -> dict[str, list[tuple[int, Stays]]]:
    """Stays of agents' slots by holder: (1 adds, -1 takes away) and agent, start, end. By agents' numbers."""
    agents = tuple(
        f"{name}/{i}" for name, group in sorted(view.scenario.agents.items()) for i in range(1, group.count + 1)
    )

    def of(table: str, start: str, *ends: str, rows: np.ndarray | None = None) -> Stays:
        return view.stays(table, start, *ends, owner=view.codes(table, "agent", agents), rows=rows)

    talk = of("sessions", "connected_us", "disconnected_us", "ended_us")
    parks = of("parks", "parked_us", "returned_us")
    answered = view.has("turns", "reply_us") & view.has("turns", "connected_us")
    began = np.fmax(view.column("turns", "last_message_us"), view.column("turns", "connected_us"))[answered]
    replied = view.column("turns", "reply_us")[answered]
    whose = view.codes("turns", "agent", agents)[answered]
    turn: Stays = (whose, began.astype(np.int64), np.maximum(replied, began).astype(np.int64))
    return {
        "customer": [(1, talk), (-1, parks), (-1, turn)],
        "agent": [(1, turn)],
        "wrap_up": [(1, of("sessions", "disconnected_us", "ended_us"))],
        "alert": [(1, of("alerts", "alerted_us", "ended_us"))],
    }


def _held(view: View) -> dict[str, np.ndarray]:
    """Slot-time of a queue's agents while somebody waited there, by holder. [queue] each"""
    groups = sorted(view.scenario.agents.items())
    serves = [group.queues for _, group in groups for _ in range(group.count)]
    stays = _stays(view)
    found = {holder: np.zeros(len(view.names["queue"])) for holder in HOLDERS}
    for number, queue in enumerate(view.names["queue"]):
        waited = _waiting(view, number)
        member = np.array([queue in queues for queues in serves], bool)
        for holder, parts in stays.items():
            for sign, (agent, start, end) in parts:
                mine = (agent >= 0) & member[agent] if len(member) else np.zeros(len(agent), bool)
                found[holder][number] += sign * float((waited(end[mine]) - waited(start[mine])).sum())
        found["customer"][number] = max(found["customer"][number], 0.0)
    return found


def _share(holder: str) -> Callable[[View], Parts]:
    def parts(view: View) -> Parts:
        held = view.kept("slots held while somebody waits", lambda: _held(view))
        whole = sum(held.values(), np.zeros(len(view.names["queue"])))
        found: Parts = {ALL: Part(float(held[holder].sum()), float(whole.sum()))}
        for number, queue in enumerate(view.names["queue"]):
            found[(("queue", queue),)] = Part(float(held[holder][number]), float(whole[number]))
        return found

    return parts


_BY = {"customer": "customer's turn", "agent": "agent's turn", "wrap_up": "wrap-up", "alert": "alert"}

HOLDING = tuple(
    Measure(
        f"held_by_{holder}_while_waiting",
        "share",
        f"of the slots that agents of the queue held while somebody waited there, those in which {meaning}; the four "
        "add up to 1",
        ("queue",),
        _share(holder),
        title=f"slots held while people wait: {_BY[holder]}",
        formula=f"∫ (slots_of_{holder} · somebody_waits) dt ÷ ∫ (all_slots · somebody_waits) dt",
        cohort=cohorts.AGENT_TIME,
    )
    for holder, meaning in HOLDERS.items()
)
