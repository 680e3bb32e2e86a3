"""Agents pass conversations on: blind, or as a consult that lasts until the other connects.

What is passed on is an unanswered turn: the agent turns to it, gives it the attention that finding out takes, and
sends the conversation to another queue or to other skills. There it is a new offer: the clock is set back, the
priority is applied again, and whoever connects answers the turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from simulator.model.flow import is_put_right
from simulator.vocabulary.clock import SECOND
from simulator.vocabulary.codes import EVENTS as Event
from simulator.workload.flowsteps import Transfer

if TYPE_CHECKING:
    from simulator.model.conversation import Session
    from simulator.model.world import World

BLIND, CONSULT = 0, 1
WRONG_TOPIC_US = 30 * SECOND
"""Attention until an agent knows that a contact was handed over as the wrong topic (assumed)."""


class Plan(NamedTuple):
    """Where a session's conversation will go, and when."""

    to: Transfer
    kind: int = BLIND
    after: int = 0
    """Replies before the turn that is passed on."""
    takes_us: int | None = None
    """Attention; None: what the reply would take."""
    corrects: bool = False
    """The contact is about something else than the agent was told."""


class Passing:
    """Transfers from one queue to another."""

    def __init__(self, world: World):
        self._world = world
        names = world.directory
        self._rules: list[list[tuple[Transfer, int, int]]] = []
        """(where to, kind, after) of each rule. [queue][rule]"""
        for number, name in enumerate(names.queues):
            rules = world.scenario.queues[name].transfers
            self._rules.append(
                [
                    (
                        Transfer(
                            number=-1,
                            queue=number if rule.to is None else names.queues.index(rule.to),
                            skills=frozenset(rule.skills),
                            language=rule.language,
                            priority=rule.priority,
                            priority_per_minute=rule.priority_per_minute,
                        ),
                        CONSULT if rule.kind == "consult" else BLIND,
                        rule.after,
                    )
                    for rule in rules
                ]
            )

    def plans(self, session: Session) -> None:
        """Will this session end in a transfer?"""
        contact, queue = session.contact, session.queue
        if contact.seen_as != contact.topic and self._corrects(session):
            return
        rule, takes_us = contact.next_transfer(queue.number)
        if rule >= 0:
            to, kind, after = self._rules[queue.number][rule]
            session.plan = Plan(to, kind, after, takes_us)

    def _corrects(self, session: Session) -> bool:
        """The bot handed the contact over as another topic; the agent finds out. He passes him on to where his topic
        belongs, unless he would have got him there too."""
        contact, pool, right = session.contact, session.agent.pool, session.contact.misrouted
        floor = self._world.acd.floor
        if right is None or (
            floor.queues[right.queue].name in pool.queues and floor.serves(pool, right, contact.topic)
        ):
            self._finds_topic(session)
            return False
        session.plan = Plan(right, takes_us=WRONG_TOPIC_US, corrects=True)
        return True

    def _finds_topic(self, session: Session) -> None:
        """The agent knows now what it is about."""
        contact, conversation = session.contact, session.conversation
        is_put_right(contact)
        self._world.log(
            Event.TOPIC_FOUND, conversation.number, conversation.portion, contact.number, session.queue.number,
            session.agent.number, contact.topic,
        )  # fmt: skip

    def begins(self, session: Session, attention_us: int) -> None:
        """The agent turns to the turn that he will pass on."""
        self._log(Event.PASSING_STARTED, session, session.number, attention_us)

    def transfers(self, session: Session) -> None:
        """Now: blind, or with the agent waiting beside the customer."""
        world, conversation = self._world, session.conversation
        plan = session.plan
        assert plan is not None
        session.plan = None
        conversation.read_upto[session.agent.number] = conversation.messages
        self._log(Event.TRANSFERRED, session, session.number, plan.kind)
        contact = conversation.pending[0].contact
        if plan.corrects:
            self._finds_topic(session)
        conversation.goes_to = plan.to
        if plan.kind == CONSULT:
            session.consulting = True
        else:
            conversation.session = None
            session.agent.desk.turns_to_wrap_up(session)
        world.acd.enters(conversation, contact, reopened=False, handed_back=True)

    def is_taken_over(self, session: Session) -> None:
        """The other agent has connected: who consulted him is done."""
        session.consulting = False
        self._log(Event.CONSULT_ENDED, session, session.number)
        session.agent.desk.turns_to_wrap_up(session)

    def lets_go(self, session: Session) -> None:
        """An agent who waits beside his customer leaves: the interaction waits on without him."""
        session.consulting = False
        session.conversation.session = None
        self._log(Event.CONSULT_ENDED, session, session.number)
        session.agent.desk.turns_to_wrap_up(session)

    def _log(self, event: int, session: Session, message: int, value: int = 0) -> None:
        conversation, queue = session.conversation, session.queue
        self._world.log(
            event, conversation.number, conversation.portion, message, queue.number, session.agent.number, value
        )
