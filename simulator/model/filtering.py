"""The content filter: every draft of an agent is looked at before it leaves; a caught one is written again."""

from __future__ import annotations

from collections.abc import Generator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from simulator.rules.desk import at_speed_us
from simulator.rules.filtering import caught
from simulator.rules.order import WORK_DONE
from simulator.vocabulary.codes import EVENTS as Event

if TYPE_CHECKING:
    from simulator.model.conversation import Session, Turn
    from simulator.model.world import World


Process = Generator[Any, None, None]


PASSES = -1
"""Stands for "not caught" where the length of a rewrite would stand."""


class ContentFilter:
    """Which drafts are caught, and what that costs."""

    def __init__(self, world: World):
        self._world = world
        rules, names = world.scenario.content_filter, world.directory
        assert rules is not None
        self._draws = world.workload.filtering
        self._found = None if rules.share is not None else _caught(world.scenario.texts, rules.words, rules.patterns)
        """Which texts are caught; None: a share is. [text] of bool"""
        self._attempts = rules.attempts
        self._channels = [rules.channels is None or name in rules.channels for name in names.channels]
        self._queues = [rules.queues is None or name in rules.queues for name in names.queues]

    def catches(self, session: Session, turn: Turn, attempt: int, drawn_us: int) -> int:
        """Attention that this draft must be rewritten with, PASSES if it may leave. Writes the row.

        `attempt` counts the drafts of this reply from 0; `drawn_us` is the reply's drawn effort.
        """
        contact = turn.contact
        if attempt >= self._attempts or not self._queues[session.queue.number]:
            return PASSES
        if not self._channels[contact.person.channel]:
            return PASSES
        draws, draft = self._draws[contact.source], (contact.entity, turn.k, attempt)
        if not (draws.in_share(*draft) if self._found is None else self._found[draws.text(*draft)]):
            return PASSES
        rewrite_us = at_speed_us(draws.rewrite_us(*draft, drawn_us), session.agent.desk.speed)
        conversation = session.conversation
        self._world.log(
            Event.DATA_FILTERED,
            conversation.number,
            conversation.portion,
            turn.number,
            session.queue.number,
            session.agent.number,
            rewrite_us,
        )
        return rewrite_us

    def sends_back(self, session: Session, turn: Turn, drawn_us: int) -> Process:
        """Drafts that are caught are written again, one after the other, in the same piece of work."""
        attempt = 0
        while (rewrite_us := self.catches(session, turn, attempt, drawn_us)) != PASSES:
            yield self._world.after(rewrite_us, WORK_DONE, session.conversation.owner)
            attempt += 1


@lru_cache(maxsize=4)
def _caught(texts: tuple[str, ...], words: tuple[str, ...], patterns: tuple[str, ...]) -> list[bool]:
    """Once for all replications of a scenario. [text]"""
    found: list[bool] = caught(texts, words, patterns).tolist()
    return found


def content_filter(world: World) -> ContentFilter | None:
    """The scenario's filter, None if it has none."""
    return None if world.scenario.content_filter is None else ContentFilter(world)
