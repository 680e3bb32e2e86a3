"""A desk: the work that lies on it, what a reply costs, what follows when it is sent.

How attention is given to this work is told elsewhere: one piece at a time in `serial.py`, several at once in
`sharing.py`. What happens to a conversation that falls silent stands in `silence.py`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any, TypeAlias

from simulator.journal import PACK
from simulator.model.sending import FINISHED, GOES_ON
from simulator.model.silence import keeps_courtesy, listens, watches
from simulator.rules.desk import at_speed_us, history_us, reply_us, tenure_factor, wrap_up_deadline_us
from simulator.rules.order import WORK_DONE
from simulator.vocabulary.codes import EVENTS as Event

if TYPE_CHECKING:
    from simulator.model.acd import Interaction
    from simulator.model.agent import Agent
    from simulator.model.clockwork import Bell
    from simulator.model.conversation import Conversation, Session, Turn
    from simulator.model.world import World

Process = Generator[Any, None, None]
Piece: TypeAlias = "tuple[int, int, int, Session]"
"""Time, conversation, number of the session, session: what comes first is done first."""


class Desk(ABC):
    """What both kinds of attention share."""

    def __init__(self, world: World, agent: Agent, group_number: int, i: int):
        self._world = world
        self._rows = world.journal.rows
        self._agent = agent
        workload = world.workload
        self._way_of = workload.way_of_group[group_number]
        """Way of replying by queue and topic. [queue][topic]"""
        self._replies_as = workload.replies
        self._speed = workload.speeds[group_number][i]
        self._tenure = workload.tenures[group_number]
        self._speaks = world.sending.speaks
        self._switching_us = agent.group.switching_us
        self._replies: list[Piece] = []
        """By the oldest unanswered message."""
        self._wrap_ups: list[Piece] = []
        """By the disconnect."""
        self._bell: Bell | None = None
        self._in_stretch: Session | None = None
        """The session whose reply he has just finished: its wrap-up follows without a pause."""
        self._latest: Conversation | None = None
        """Where his attention was last, where switching costs something."""
        self._calling: list[tuple[Interaction, int]] = []
        """Alerts that he will accept as soon as he is free."""
        self._answering = False

    @abstractmethod
    def works(self) -> Process:
        """What the agent does, all his life."""

    @property
    @abstractmethod
    def is_at_work(self) -> bool:
        """Some piece of work is under way."""

    # --- what comes onto the desk -------------------------------------------------------------------------------

    def lists(self, session: Session) -> None:
        """The oldest unanswered turn of a conversation becomes work, if its burst is complete."""
        if session.listed or session.writing or session.consulting or session.parked:
            return  # consulting: he waits beside the customer until another agent connects; parked: set aside
        conversation = session.conversation
        pending = conversation.pending
        if pending and pending[0].complete:
            session.listed = True
            heappush(self._replies, (pending[0].first_us, conversation.owner, session.number, session))
            if self._bell is not None:
                self.rings()

    def turns_to_wrap_up(self, session: Session) -> None:
        """A session is disconnected or handed back: its wrap-up becomes work, or there is none."""
        self._world.acd.is_disconnected(session)
        wrap_up = session.queue.after_call_work
        if wrap_up is None:
            self._agent.ends(session)
            return
        contact = session.contact
        session.wrap_up_us = contact.next_wrap_up_us(session.queue.number)
        if wrap_up.share is not None and not contact.draws.wraps_up(contact.entity, contact.sessions, wrap_up.share):
            self._agent.ends(session)
            return
        now = self._world.now
        session.disconnected_us = now
        if session is not self._in_stretch:
            heappush(self._wrap_ups, (now, session.conversation.owner, session.number, session))
            deadline_us = wrap_up_deadline_us(wrap_up.mode, now, wrap_up.timeout_us)
            if deadline_us is not None:
                owner = session.conversation.owner
                self._world.call_after(deadline_us - now, WORK_DONE, owner, self._times_out, session)
            self.rings()

    def _times_out(self, session: Session) -> None:
        """The platform ends a wrap-up that the agent never came to."""
        if not session.ended and not session.at_wrap_up:
            self._agent.ends(session)

    def calls(self, interaction: Interaction, rung: int) -> None:
        """An alert that he would accept now, but he is at work."""
        self._calling.append((interaction, rung))

    def _answers(self) -> None:
        """He is free: whoever rang first meanwhile is accepted, until there is work again."""
        self._answering = True
        while self._calling and not self._replies and not self._wrap_ups:
            interaction, rung = self._calling.pop(0)
            self._world.acd.accepts(interaction, rung)
        self._answering = False

    def rings(self) -> None:
        """There is something to do."""
        if self._bell is not None:
            bell, self._bell = self._bell, None
            self._world.rings(bell)

    def _next(self, pieces: list[Piece]) -> Session | None:
        """The first piece that still matters: sessions end, or are handed back, while they wait."""
        while pieces:
            session = heappop(pieces)[3]
            if pieces is self._replies:
                session.listed = False
                if session.conversation.session is session and session.conversation.pending and not session.parked:
                    return session
            elif not session.ended:
                return session
        return None

    # --- replies ------------------------------------------------------------------------------------------------

    def _drawn_us(self, session: Session, turn: Turn) -> int:
        """What was drawn for the reply to a turn."""
        contact = turn.contact
        return contact.effort_us(self._way_of[session.queue.number][contact.topic], turn.k)

    def _effort_us(self, session: Session) -> int:
        """Attention that the reply to the oldest unanswered turn needs, at this agent's speed; but nobody hears or
        speaks a voice note faster."""
        conversation = session.conversation
        turn = conversation.pending[0]
        contact = turn.contact
        way = self._way_of[session.queue.number][contact.topic]
        drawn_us = contact.effort_us(way, turn.k)
        more_us = 0
        if session.replies == 0:
            reply = self._replies_as[way]
            rule = reply.history
            if rule is not None:
                unread = conversation.messages - conversation.read_upto.get(self._agent.number, 0) - turn.messages
                more_us = history_us(unread, rule.per_message_us, rule.at_most_us)
            more_us += reply.script_us
        if contact.replied or not contact.passed_flow:
            effort_us = reply_us(drawn_us, more_us)
        else:
            effort_us = reply_us(drawn_us, more_us, not contact.known, contact.collected)
        if self._tenure is not None:
            joined_us, begins_at, half_time_us = self._tenure
            learned = tenure_factor(self._world.now - joined_us, begins_at, half_time_us)
            effort_us = at_speed_us(effort_us, self._speed * learned)
        elif self._speed != 1.0:
            effort_us = at_speed_us(effort_us, self._speed)
        if self._speaks:
            effort_us += self._world.sending.spoken_us(session, turn)
        return effort_us

    @property
    def speed(self) -> float:
        """How fast the agent works now; 1 is the usual."""
        if self._tenure is None:
            return self._speed
        since_us, begins_at, half_time_us = self._tenure
        return self._speed * tenure_factor(self._world.now - since_us, begins_at, half_time_us)

    def _passing_us(self, session: Session) -> int:
        """Attention that it takes to find out that a conversation must be passed on."""
        assert session.plan is not None
        takes_us = session.plan.takes_us
        takes_us = self._effort_us(session) if takes_us is None else at_speed_us(takes_us, self._speed)
        self._world.acd.passing.begins(session, takes_us)
        return takes_us

    def _switches_us(self, session: Session) -> int:
        """Attention lost because the piece before was of another conversation."""
        before, self._latest = self._latest, session.conversation
        if before is None or before is session.conversation:
            return 0
        self._log(Event.SWITCHED, session, session.number, self._switching_us)
        return self._switching_us

    def _sends(self, session: Session, turn: Turn) -> bool:
        """The reply leaves. Is the conversation finished, as far as the agent can know?"""
        world, conversation = self._world, session.conversation
        fate = world.sending.replies(session, turn)
        if session.queue.inactivity_timeout_us is not None:
            watches(world, session)
        if fate == FINISHED:
            if session.queue.courtesy_us:
                keeps_courtesy(world, session)
                return False
            return True
        if conversation.pending:
            self.lists(session)
        elif fate == GOES_ON:
            listens(world, session)
        return False

    def _log(self, event: int, session: Session, message: int, value: int = 0) -> None:
        its = session.conversation
        self._rows += PACK(
            self._world.now, event, its.number, its.portion, message, session.queue.number, self._agent.number, value
        )
