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
        agent, content_filter = self._agent, self._world.content_filter
        while True:
            if agent.leaving:
                agent.hands_over()
            elif agent.break_due:
                yield from agent.takes_break(agent.break_due.popleft())
            elif self._wrap_ups and (session := self._next(self._wrap_ups)) is not None:
                yield self._begins_wrap_up(session)
                agent.ends(session)
            elif self._replies and (session := self._next(self._replies)) is not None:
                yield self._begins_reply(session)
                if content_filter is not None and not session.is_for_another:
                    turn = session.conversation.pending[0]
                    yield from content_filter.sends_back(session, turn, self._drawn_us(session, turn))
                if self._finishes_reply(session):
                    yield self._begins_wrap_up(session)
                    agent.ends(session)
            elif self._calling:
                self._answers()
            else:
                self._bell = bell = self._world.bell()
                yield self._world.rung(bell)

    @property
    def is_at_work(self) -> bool:
        return self._bell is None and not self._answering

    def _begins_reply(self, session: Session) -> tuple[int, int]:
        """Read, think, write; or find out that it is for somebody else. Until when."""
        world, conversation = self._world, session.conversation
        switching_us = self._switches_us(session) if self._switching_us else 0
        if session.is_for_another:
            effort_us = self._passing_us(session)
        else:
            effort_us = self._effort_us(session)
            self._log(Event.REPLY_STARTED, session, conversation.pending[0].number, effort_us)
        session.writing = True
        return world.now + switching_us + effort_us, WORK_DONE + conversation.owner

    def _finishes_reply(self, session: Session) -> bool:
        """Send it, or pass it on. The last reply, the disconnect and the wrap-up are one stretch: does a wrap-up
        follow at once?"""
        session.writing = False
        if session.is_for_another:
            self._world.acd.passing.transfers(session)
            return False
        if not self._sends(session, session.conversation.pending[0]):
            return False
        self._in_stretch = session
        self._world.conversations.disconnects(session.conversation, Disconnect.RESOLVED)
        self._in_stretch = None
        return not session.ended

    def _begins_wrap_up(self, session: Session) -> tuple[int, int]:
        """After-call work, until it is done or the platform ends it. Until when."""
        now, wrap_up = self._world.now, session.queue.after_call_work
        assert wrap_up is not None
        session.at_wrap_up = True
        switching_us = self._switches_us(session) if self._switching_us else 0
        deadline_us = wrap_up_deadline_us(wrap_up.mode, session.disconnected_us, wrap_up.timeout_us)
        work_us = switching_us + session.wrap_up_us
        end_us = wrap_up_end_us(wrap_up.mode, now, work_us, deadline_us)
        self._log(Event.WRAP_UP_STARTED, session, session.number)
        return max(end_us, now), WORK_DONE + session.conversation.owner
