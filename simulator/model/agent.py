"""Agents: slots, one desk with one piece of work at a time, wrap-up, breaks, the end of a shift."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

from simulator.rules.desk import history_us, reply_us, wrap_up_deadline_us, wrap_up_end_us
from simulator.rules.order import AGENTS_COME, AGENTS_GO, WAITING_ENDS, WORK_DONE, owner_id
from simulator.rules.routing import clock_us
from simulator.rules.threading import is_late
from simulator.scenario.agents import AgentGroup
from simulator.vocabulary.codes import DISCONNECTS as Disconnect
from simulator.vocabulary.codes import EVENTS as Event
from simulator.vocabulary.codes import PRESENCES as Presence
from simulator.vocabulary.codes import STATUSES as RoutingStatus

if TYPE_CHECKING:
    from simulator.model.acd import Interaction
    from simulator.model.conversation import Conversation, Session
    from simulator.model.pool import Pool
    from simulator.model.world import Moment, World

Process = Generator[Any, None, None]


class Agent:
    """One agent."""

    def __init__(self, world: World, number: int, group_number: int, i: int, group: AgentGroup, pool: Pool):
        self._world = world
        self.number = number
        self.owner = owner_id(group_number, i)
        self.group = group
        self.pool = pool
        self._capacity = group.capacity
        self._history = group.reply.history
        self._way = world.workload.reply_of_group[group_number]
        queues = [world.scenario.queues[name] for name in group.queues]
        self.alerting_us = max((0 if q.auto_answer else q.alerting_timeout_us for q in queues), default=0)
        """No alert so long before a break: the longest timeout of his queues."""
        # where he is
        self.on_queue = False
        self.presence = Presence.OFF_SHIFT
        self.silences = 0
        """Alerts he let expire. While one is fresh he is NOT_RESPONDING."""
        self.not_responding = False
        self.breaks_ahead = 0
        """Breaks so near that no alert may begin."""
        self.break_due: deque[int] = deque()
        """Lengths of the breaks he should have begun."""
        self.shift_end_us: int | None = None
        self._leaving = False
        self._status: tuple[int, int] | None = None
        # what he holds
        self.held = 0
        """Slots, from alert to end of wrap-up."""
        self.alerts: dict[Interaction, None] = {}
        self.sessions: dict[Session, None] = {}
        self.since_us: int | None = None
        """Latest of connect and end of wrap-up: his clock runs from here."""
        self.in_pool_since: int | None = None
        """State of the clock with which he stands in his pool; None: he does not."""
        # what lies on his desk
        self._replies: list[tuple[int, int, Session]] = []
        self._wrap_ups: list[tuple[int, int, Session]] = []
        self._bell: Moment | None = None
        self._in_stretch: Session | None = None
        """The session whose reply he has just finished: its wrap-up follows without a pause."""

    # --- availability -------------------------------------------------------------------------------------------

    def can_take(self) -> bool:
        """On queue, responding, below capacity, no break so near that an alert would run into it."""
        return self.on_queue and self.held < self._capacity and not self.not_responding and not self.breaks_ahead

    def idle_key(self, now_us: int) -> tuple[int, int]:
        """Smaller is offered first: the longer clock, then the smaller id."""
        return (-clock_us(self.since_us, now_us), self.owner)

    def stops_responding(self) -> None:
        self.silences += 1
        self.not_responding = True
        self.shows()

    def responds_again(self, silences: int) -> None:
        if self.silences == silences and self.not_responding:
            self.not_responding = False
            self.shows()
            self._world.acd.serves(self)

    def shows(self) -> None:
        """Routing status and presence, if they have changed."""
        if not self.on_queue:
            status = RoutingStatus.OFF_QUEUE
        elif self.not_responding:
            status = RoutingStatus.NOT_RESPONDING
        elif self.sessions:
            status = RoutingStatus.INTERACTING
        else:
            status = RoutingStatus.IDLE
        if self._status != (status, self.presence):
            self._status = (status, self.presence)
            self._world.log(Event.AGENT_STATUS, message=self.presence, agent=self.number, value=status)

    # --- sessions -----------------------------------------------------------------------------------------------

    def connects(self, session: Session) -> None:
        self.sessions[session] = None
        self._world.begins()
        self.since_us = self._world.now
        self.shows()
        self._world.acd.serves(self)
        self.lists(session)

    def lists(self, session: Session) -> None:
        """The oldest unanswered turn of a conversation becomes work, if its burst is complete."""
        pending = session.conversation.pending
        if pending and pending[0].complete and not session.listed and not session.writing:
            session.listed = True
            heappush(self._replies, (pending[0].first_us, session.conversation.owner, session))
            self._ring()

    def turns_to_wrap_up(self, session: Session) -> None:
        """A session is disconnected or handed back: its wrap-up becomes work, or there is none."""
        wrap_up = session.queue.after_call_work
        if wrap_up is None:
            self._ends(session)
            return
        now = self._world.now
        session.wrap_up_us = session.contact.next_wrap_up_us()
        session.disconnected_us = now
        if session is not self._in_stretch:
            heappush(self._wrap_ups, (now, session.conversation.owner, session))
            deadline_us = wrap_up_deadline_us(wrap_up.mode, now, wrap_up.timeout_us)
            if deadline_us is not None:
                owner = session.conversation.owner
                self._world.call_after(deadline_us - now, WORK_DONE, owner, self._times_out, session)
            self._ring()

    def _times_out(self, session: Session) -> None:
        """The platform ends a wrap-up that the agent never came to."""
        if not session.ended and not session.at_wrap_up:
            self._ends(session)

    def _ends(self, session: Session) -> None:
        """End of wrap-up: the slot is free."""
        session.ended = True
        self._log(Event.SESSION_ENDED, session, session.number)
        self.held -= 1
        del self.sessions[session]
        self.since_us = self._world.now
        if not self.on_queue and self.presence == Presence.OVERTIME and not self.held:
            self.presence = Presence.OFF_SHIFT
        self.shows()
        self._world.acd.serves(self)
        self._world.ends()

    # --- the desk -----------------------------------------------------------------------------------------------

    def works(self) -> Process:
        """One piece at a time, never interrupted; breaks and the end of the shift wait for it.

        Wrap-ups first, then the reply to the oldest unanswered message.
        """
        while True:
            if self._leaving:
                self._hands_over()
            elif self.break_due:
                yield from self._takes_break(self.break_due.popleft())
            elif (session := self._next(self._wrap_ups)) is not None:
                yield from self._wraps_up(session)
            elif (session := self._next(self._replies)) is not None:
                yield from self._replies_in(session)
            else:
                self._bell = self._world.bell()
                yield self._bell

    def _ring(self) -> None:
        """There is something to do."""
        if self._bell is not None:
            bell, self._bell = self._bell, None
            self._world.comes_now(bell)

    def _next(self, pieces: list[tuple[int, int, Session]]) -> Session | None:
        """The first piece that still matters: sessions end, or are handed back, while they wait."""
        while pieces:
            session = heappop(pieces)[2]
            if pieces is self._replies:
                session.listed = False
                if session.conversation.session is session and session.conversation.pending:
                    return session
            elif not session.ended:
                return session
        return None

    def _replies_in(self, session: Session) -> Process:
        """Read, think, write, send. The last reply, the disconnect and the wrap-up are one stretch."""
        world, conversation = self._world, session.conversation
        turn = conversation.pending[0]
        effort_us = self._effort_us(session)
        self._log(Event.REPLY_STARTED, session, turn.number, effort_us)
        session.writing = True
        yield world.after(effort_us, WORK_DONE, conversation.owner)
        session.writing = False

        silent_us, platform = world.now - conversation.last_inbound_us, conversation.person.channel
        message = world.conversations.sends(
            conversation, Event.REPLY_SENT, turn.number, session.queue.number, self.number
        )
        if is_late(world.now, conversation.last_inbound_us, world.reply_windows_us[platform]):
            self._log(Event.REPLY_LATE, session, message, silent_us)
        del conversation.pending[0]
        conversation.read_upto[self.number] = conversation.messages
        session.replies += 1
        turn.contact.replied = True
        if world.customers.reads(conversation, turn):
            self._in_stretch = session
            world.conversations.disconnects(conversation, Disconnect.RESOLVED)
            self._in_stretch = None
            if not session.ended:
                yield from self._wraps_up(session)
        elif conversation.pending:
            self.lists(session)
        else:
            self._listens(session)

    def _effort_us(self, session: Session) -> int:
        conversation = session.conversation
        turn = conversation.pending[0]
        contact = turn.contact
        drawn_us = contact.effort_us(self._way, turn.k)
        history = 0
        rule = self._history
        if rule is not None and session.replies == 0:
            unread = conversation.messages - conversation.read_upto.get(self.number, 0) - turn.messages
            history = history_us(unread, rule.per_message_us, rule.at_most_us)
        if contact.replied or not contact.passed_flow:
            return reply_us(drawn_us, history)
        return reply_us(drawn_us, history, not contact.facts.identified, contact.collected)

    def _listens(self, session: Session) -> None:
        """Slow or gone? After `close_after` without a word the agent closes."""
        close_after_us = session.queue.close_after_us
        if close_after_us is not None:
            conversation = session.conversation
            self._world.call_after(
                close_after_us, WAITING_ENDS, conversation.owner, self._closes, session, conversation.silence
            )

    def _closes(self, session: Session, silence: int) -> None:
        conversation = session.conversation
        if conversation.session is session and conversation.silence == silence:
            self._world.conversations.disconnects(conversation, Disconnect.CLOSED_UNANSWERED)

    def _wraps_up(self, session: Session) -> Process:
        """After-call work, until it is done or the platform ends it."""
        world, wrap_up = self._world, session.queue.after_call_work
        assert wrap_up is not None
        session.at_wrap_up = True
        deadline_us = wrap_up_deadline_us(wrap_up.mode, session.disconnected_us, wrap_up.timeout_us)
        end_us = wrap_up_end_us(wrap_up.mode, world.now, session.wrap_up_us, deadline_us)
        self._log(Event.WRAP_UP_STARTED, session, session.number)
        yield world.until(end_us, WORK_DONE, session.conversation.owner)
        self._ends(session)

    # --- coming and going ---------------------------------------------------------------------------------------

    def comes_on(self, shift_end_us: int | None) -> None:
        """Shift start: on queue."""
        self.on_queue = True
        self.presence = Presence.ON_SHIFT
        self.shift_end_us = shift_end_us
        self._leaving = False
        self.shows()
        self._world.acd.serves(self)

    def is_due_for_break(self, length_us: int) -> None:
        self.break_due.append(length_us)
        self._ring()

    def _takes_break(self, length_us: int) -> Process:
        """A break in full length, but not beyond the shift; the slots stay held."""
        world = self._world
        end_us = world.now + length_us
        if self.shift_end_us is not None:
            end_us = min(end_us, self.shift_end_us)
        self.on_queue = False
        self.presence = Presence.BREAK
        self.shows()
        # A break that the shift's end cuts off ends with it, not before it: no new piece in between.
        yield world.until(end_us, AGENTS_GO if end_us == self.shift_end_us else AGENTS_COME, self.owner)
        self.breaks_ahead -= 1
        if self.presence == Presence.BREAK:
            self.on_queue = True
            self.presence = Presence.ON_SHIFT
            self.shows()
            world.acd.serves(self)

    def goes_off(self) -> None:
        """Shift end: no new alerts; open conversations go on for a while."""
        self.on_queue = False
        self._world.acd.withdraws_alerts(self)
        self.presence = Presence.OVERTIME if self.held else Presence.OFF_SHIFT
        self.breaks_ahead -= len(self.break_due)
        self.break_due.clear()
        self.shows()
        if self.held:
            finish_us = self.group.end_of_shift.finish_us
            if finish_us:
                self._world.call_after(finish_us, AGENTS_GO, self.owner, self._must_leave)
            else:
                self._must_leave()

    def _must_leave(self) -> None:
        if self.presence == Presence.OVERTIME:
            self._leaving = True
            self._ring()

    def _hands_over(self) -> None:
        """Conversations with an unanswered message go back to the queue, the others are left to threading."""
        world = self._world
        self._leaving = False
        connected = [session for session in self.sessions if session.conversation.session is session]
        for session in sorted(connected, key=lambda session: session.conversation.owner):
            conversation = session.conversation
            if not conversation.pending:
                world.conversations.disconnects(conversation, Disconnect.SHIFT_END)
                continue
            self._log(Event.HANDED_BACK, session, session.number)
            conversation.session = None
            self.turns_to_wrap_up(session)
            world.acd.enters(conversation, conversation.pending[0].contact, reopened=False, handed_back=True)

    def _log(self, event: int, session: Session, message: int, value: int = 0) -> None:
        conversation: Conversation = session.conversation
        self._world.log(
            event, conversation.number, conversation.portion, message, session.queue.number, self.number, value
        )
