"""What each offer asked of an agent, and who has it: skills, language, membership, by the widest circle it may
reach."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from simulator.records.columns import Array, kinds_of, pick
from simulator.records.reading import Log, Part, latest_before
from simulator.scenario.directory import Directory
from simulator.scenario.schema import Scenario
from simulator.scenario.skills import languages, skills
from simulator.vocabulary.codes import Event


class Known(Protocol):
    """A journal and its scenario."""

    scenario: Scenario

    @property
    def names(self) -> Directory: ...

    @property
    def log(self) -> Log: ...

    def of(self, *events: Event) -> Part: ...


def seen_as(known: Known) -> Array:
    """The topic as which each offer was handed over: the contact's own, unless a bot took it for another. [offer]"""
    entered, came = known.of(Event.QUEUE_ENTERED), known.of(Event.CONTACT_ARRIVED, Event.CONTACT_RETURNED)
    topic = pick(came.queue, entered.agent)
    said = known.of(Event.TAKEN_FOR, Event.TOPIC_FOUND)
    if not len(said):
        return topic
    found = latest_before(said.message, said.at, entered.agent, entered.at, len(known.log))
    return np.where(found >= 0, pick(said.value, found), topic)


Needs = tuple[str, frozenset[str], str | None]
"""Queue, skills and language."""


def needs_of(known: Known) -> tuple[list[Needs], Array]:
    """Kinds of offers: what each kind asks for, and the kind of each offer. [kind], [offer]"""
    entered = known.of(Event.QUEUE_ENTERED)
    extras, number = extras_of(known)
    columns = np.stack([entered.queue, seen_as(known), number[entered.message]])
    row, kind = kinds_of(*columns)
    found: list[Needs] = []
    for queue, topic, extra in columns[:, row].T.tolist():
        name = known.names.queues[queue]
        found.append((name, *required(known, queue, topic, extras[extra])))
    return found, kind.reshape(-1)


def teams_of(known: Known, kinds: list[Needs]) -> list[Array]:
    """Who may serve each kind in its widest circle. [agent] of bool for each kind"""
    groups = [known.scenario.agents[name] for name in known.names.groups]
    group_of = np.array(known.names.agent_group, np.int64)
    teams = []
    for queue, needs, language in kinds:
        for ring in known.scenario.queues[queue].bullseye:
            needs = needs - frozenset(ring.drops)
        able = [
            queue in group.queues
            and needs <= frozenset(group.skills)
            and (language is None or language in group.languages)
            for group in groups
        ]
        teams.append(np.array(able, bool)[group_of] if len(group_of) else np.zeros(0, bool))
    return teams


def asked(known: Known) -> tuple[list[Array], Array]:
    """Kinds of offers: who may serve each kind in its widest circle, and the kind of each offer.

    ([agent] of bool for each kind, [offer])
    """
    kinds, kind = needs_of(known)
    return teams_of(known, kinds), kind


def required(
    known: Known, queue: int, topic: int, extra: tuple[frozenset[str], str | None]
) -> tuple[frozenset[str], str | None]:
    """Skills and language that an offer asks for in its first circle."""
    if known.scenario.queues[known.names.queues[queue]].evaluation == "NONE":
        return frozenset(), None
    need = known.scenario.topics[known.names.topics[topic]]
    more, language = extra
    return frozenset(need.skills) | more, language or need.language


def extras_of(known: Known) -> tuple[list[tuple[frozenset[str], str | None]], Array]:
    """What transfers ask for beside the topic: the different ones, and the number of each offer's. [extra], [offer]"""
    size = len(known.of(Event.QUEUE_ENTERED))
    rows = known.of(Event.SKILL_REQUIRED, Event.LANGUAGE_REQUIRED)
    number = np.zeros(size, np.int64)
    found: list[tuple[frozenset[str], str | None]] = [(frozenset(), None)]
    if not len(rows):
        return found, number
    all_skills, all_languages = skills(known.scenario), languages(known.scenario)
    by_offer: dict[int, tuple[frozenset[str], str | None]] = {}
    for offer, event, value in zip(rows.message.tolist(), rows.event.tolist(), rows.value.tolist(), strict=True):
        more, language = by_offer.get(offer, found[0])
        if event == Event.SKILL_REQUIRED:
            by_offer[offer] = (more | {all_skills[value]}, language)
        else:
            by_offer[offer] = (more, all_languages[value])
    for offer, extra in by_offer.items():
        if extra not in found:
            found.append(extra)
        number[offer] = found.index(extra)
    return found, number
