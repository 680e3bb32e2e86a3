"""The table of circles: from when on more agents might take an interaction, for whom it was held, what it asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from simulator.records.columns import Array, named, names, pick
from simulator.records.numbers import Numbers
from simulator.scenario.skills import languages, skills
from simulator.vocabulary.codes import Circle, Event, name_of

_AFTER = {
    Event.HELD_FOR_AGENT: "held",
    Event.HOLD_ENDED: "released",
    Event.PRIORITY_CHANGED: "priority",
    Event.SKILL_REQUIRED: "skill",
    Event.LANGUAGE_REQUIRED: "language",
    Event.TOPIC_FOUND: "topic",
}
_WHAT = (*(name_of(circle) for circle in Circle), *_AFTER.values())
_NAMES: dict[Event, Callable[[Numbers], tuple[str, ...]]] = {
    Event.SKILL_REQUIRED: lambda known: skills(known.scenario),
    Event.LANGUAGE_REQUIRED: lambda known: languages(known.scenario),
    Event.TOPIC_FOUND: lambda known: tuple(known.names.topics),
}


def circles(known: Numbers) -> dict[str, Any]:
    """One row for each time the journal tells of it."""
    rows = known.of(Event.CIRCLE_OPENED, *_AFTER)
    opened, found = rows.event == Event.CIRCLE_OPENED, rows.event == Event.TOPIC_FOUND
    what, name = rows.value.copy(), np.full(len(rows), -1)
    texts: tuple[str, ...] = ()
    for number, event in enumerate(_AFTER, len(Circle)):
        mine = rows.event == event
        what[mine] = number
        of_event = _NAMES.get(event)
        if of_event is not None and mine.any():
            name[mine] = rows.value[mine] + len(texts)
            texts += of_event(known)
    offer: Array = np.where(found, -1, rows.message)  # the agent finds out about a contact
    whose = found | (rows.event == Event.HELD_FOR_AGENT)
    return {
        "conversation": known.conversation(rows.conversation),
        "portion": rows.portion,
        "offer": np.maximum(pick(known.offer_in_portion, offer), 0),
        "queue": known.queue(rows.queue),
        "at_us": rows.time,
        "what": named(what, names(_WHAT)),
        "name": named(name, names(texts)),
        "number": np.where(opened, rows.agent, 0),
        "agent": known.agent(np.where(whose, rows.agent, -1)),
        "priority": np.where(rows.event == Event.PRIORITY_CHANGED, rows.value, 0),
    }
