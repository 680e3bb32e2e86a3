"""The table of circles: from when on more agents might take an interaction, and for whom it was held."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.records.columns import Array, named, names, pick
from simulator.records.numbers import Numbers
from simulator.vocabulary.codes import Circle, Event, name_of

_WHAT = (*(name_of(circle) for circle in Circle), "held", "released", "priority")


def circles(known: Numbers) -> dict[str, Any]:
    """One row for each time the journal tells of it."""
    rows = known.of(Event.CIRCLE_OPENED, Event.HELD_FOR_AGENT, Event.HOLD_ENDED, Event.PRIORITY_CHANGED)
    opened, held = rows.event == Event.CIRCLE_OPENED, rows.event == Event.HELD_FOR_AGENT
    what = np.select(
        [opened, held, rows.event == Event.HOLD_ENDED],
        [rows.value, len(Circle), len(Circle) + 1],
        default=len(Circle) + 2,
    )
    offer: Array = rows.message
    return {
        "conversation": known.conversation(rows.conversation),
        "portion": rows.portion,
        "offer": np.maximum(pick(known.offer_in_portion, offer), 0),
        "queue": known.queue(rows.queue),
        "at_us": rows.time,
        "what": named(what, names(_WHAT)),
        "number": np.where(opened, rows.agent, 0),
        "agent": known.agent(np.where(held, rows.agent, -1)),
        "priority": np.where(rows.event == Event.PRIORITY_CHANGED, rows.value, 0),
    }
