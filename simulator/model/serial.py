"""Serial attention: one piece of work at a time, never interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.model.desk import Desk, Process
from simulator.rules.desk import wrap_up_deadline_us, wrap_up_end_us
from simulator.rules.order import WORK_DONE
from simulator.vocabulary.codes import DISCONNECTS as Disconnect
from simulator.vocabulary.codes import EVENTS as Event

if TYPE_CHECKING:
    from simulator.model.conversation import Session


class SerialDesk(Desk):
    """One piece at a time: wrap-ups first, then the reply to the oldest unanswered message."""

    def works(self) -> Process:
        """Piece after piece; breaks and the end of the shift wait for the present one."""
        agent = self._agent
        while True:
            if agent.leaving:
                agent.hands_over()
            elif agent.break_due:
                yield from agent.takes_break(agent.break_due.popleft())
            elif self._wrap_ups and (session := self._next(self._wrap_ups)) is not None:
                yield from self._wraps_up(session)
            elif self._replies and (session := self._next(self._replies)) is not None:
                yield from self._replies_in(session)
            elif self._calling:
                self._answers()
            else:
                self._bell = self._world.bell()
                yield self._bell

    @property
    def is_at_work(self) -> bool:
        return self._bell is None and not self._answering

    def _replies_in(self, session: Session) -> Process:
        """Read, think, write, send. The last reply, the disconnect and the wrap-up are one stretch."""
        world, conversation = self._world, session.conversation
        if session.plan is not None and world.acd.passing.is_due(session):
            yield from self._passes_on(session)
            return
        turn = conversation.pending[0]
        switching_us = self._switches_us(session) if self._switching_us else 0
        effort_us = self._effort_us(session)
        self._log(Event.REPLY_STARTED, session, turn.number, effort_us)
        session.writing = True
        yield world.after(switching_us + effort_us, WORK_DONE, conversation.owner)
        if world.content_filter is not None:
            yield from world.content_filter.sends_back(session, turn, self._drawn_us(session, turn))
        session.writing = False
        if self._sends(session, turn):
            self._in_stretch = session
            world.conversations.disconnects(conversation, Disconnect.RESOLVED)
            self._in_stretch = None
            if not session.ended:
                yield from self._wraps_up(session)

    def _passes_on(self, session: Session) -> Process:
        """Find out that it is for somebody else, and send it there."""
        world = self._world
        switching_us = self._switches_us(session) if self._switching_us else 0
        session.writing = True
        yield world.after(switching_us + self._passing_us(session), WORK_DONE, session.conversation.owner)
        session.writing = False
        world.acd.passing.transfers(session)

    def _wraps_up(self, session: Session) -> Process:
        """After-call work, until it is done or the platform ends it."""
        world, wrap_up = self._world, session.queue.after_call_work
        assert wrap_up is not None
        session.at_wrap_up = True
        switching_us = self._switches_us(session) if self._switching_us else 0
        deadline_us = wrap_up_deadline_us(wrap_up.mode, session.disconnected_us, wrap_up.timeout_us)
        work_us = switching_us + session.wrap_up_us
        end_us = wrap_up_end_us(wrap_up.mode, world.now, work_us, deadline_us)
        self._log(Event.WRAP_UP_STARTED, session, session.number)
        yield world.until(end_us, WORK_DONE, session.conversation.owner)
        self._agent.ends(session)
