"""Agents: slots, one desk with one piece of work at a time, wrap-up, breaks, the end of a shift."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from simulator.model.desk import Desk, Process
from simulator.model.pool import NEVER
from simulator.model.serial import SerialDesk
from simulator.model.sharing import SharedDesk
from simulator.model.silence import comes_back, listens, parks, watches
from simulator.model.utilization import ANY_KIND, uses_of
from simulator.rules.order import AGENTS_COME, AGENTS_GO, owner_id
from simulator.scenario.agents import AgentGroup
from simulator.vocabulary.codes import DISCONNECTS as Disconnect
from simulator.vocabulary.codes import EVENTS as Event
from simulator.vocabulary.codes import PRESENCES as Presence
from simulator.vocabulary.codes import STATUSES as RoutingStatus

if TYPE_CHECKING:
    from simulator.model.acd import Interaction
    from simulator.model.conversation import Conversation, Session
    from simulator.model.crew import Crew
    from simulator.model.pool import Pool
    from simulator.model.rooms import Room
    from simulator.model.world import World

_ON_SHIFT = (Presence.ON_SHIFT, Presence.BREAK, Presence.MEAL, Presence.MEETING, Presence.TRAINING)


class Agent:
    """One agent."""

    __slots__ = (
        "_capacity", "_counted", "_status", "_uses", "_world", "alerting_us", "alerts", "break_due", "breaks_ahead",
        "connected_us", "crew", "desk", "gone", "group", "held", "leaving", "not_responding", "number", "on_queue",
        "on_queue_us", "own_rooms", "owner", "parked", "parked_until_shift", "pool", "presence", "sessions",
        "shift_end_us", "silences", "since_us", "standing", "wrapped_up_us",
    )  # fmt: skip

    def __init__(self, world: World, number: int, group_number: int, i: int, group: AgentGroup, pool: Pool):
        self._world = world
        self.number = number
        self.owner = owner_id(group_number, i)
        self.group = group
        self.pool = pool
        self._capacity = group.slots
        self._uses = uses_of(group, world.kinds, world.directory)
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
        self.break_due: deque[tuple[int, int]] = deque()
        """Length, and what he shows meanwhile, of the breaks he should have begun."""
        self.shift_end_us: int | None = None
        self.leaving = False
        self.gone: int = Presence.OFF_SHIFT
        """What he shows when he is off and nothing is left to do: LEFT_EARLY until his shift would have ended."""
        self.parked_until_shift = False
        """At the end of his shift he parked all that was open."""
        self.crew: Crew | None = None
        """Those with whom he is staffed by number: whoever is done first may go."""
        self._status: tuple[int, int] | None = None
        self._counted = False
        """The ACD knows that he is on queue."""
        # what he holds
        self.held = 0
        """Slots, from alert to end of wrap-up."""
        self.parked = 0
        """Sessions set aside: they hold none."""
        self.alerts: dict[Interaction, None] = {}
        self.sessions: dict[Session, None] = {}
        self.since_us = NEVER
        """Latest of connect and end of wrap-up: his clock runs from here."""
        self.connected_us = self.wrapped_up_us = self.on_queue_us = NEVER
        """When that was last."""
        self.standing: dict[object, int] = {}
        """State of the clock with which he stands in a line."""
        self.own_rooms: dict[tuple[int, int, int], Room] = {}
        """What waits for him alone, by queue, growth of priority and kind."""
        pool.agents.append(self)
        desk = SerialDesk if group.attention == "serial" else SharedDesk
        self.desk: Desk = desk(world, self, group_number, i)

    # --- availability -------------------------------------------------------------------------------------------

    def can_take(self, kind: int = ANY_KIND) -> bool:
        """On queue, responding, below capacity, no break so near that an alert would run into it; and of a `kind`
        (`utilization.Kinds`) that goes with what he holds."""
        if not self.on_queue or self.held >= self._capacity or self.not_responding or self.breaks_ahead:
            return False
        return kind == ANY_KIND or self._uses is None or self._uses.allow(self, kind)

    def takes(self, interaction: Interaction) -> None:
        """An alert holds a slot."""
        self.held += 1

    def drops(self, interaction: Interaction) -> None:
        """An alert that led to nothing."""
        self.held -= 1
        if self.crew is not None:
            self.crew.is_free(self)

    @property
    def is_on_shift(self) -> bool:
        """On queue, on a break, or in a meeting."""
        return self.presence in _ON_SHIFT

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
        elif len(self.sessions) > self.parked:
            status = RoutingStatus.INTERACTING
        else:
            status = RoutingStatus.IDLE
        if self._status != (status, self.presence):
            self._status = (status, self.presence)
            if self.on_queue != self._counted:
                self._counted = self.on_queue
                self._world.acd.goes_on_queue(self, self.on_queue)
            self._world.log(Event.AGENT_STATUS, -1, -1, self.presence, -1, self.number, status)

    # --- sessions -----------------------------------------------------------------------------------------------

    def connects(self, session: Session) -> None:
        self.sessions[session] = None
        self._world.unfinished += 1
        self.since_us = self.connected_us = self._world.now
        self.shows()
        self._world.acd.serves(self)
        if session.queue.inactivity_timeout_us is not None:
            session.back_us = self._world.now
            watches(self._world, session)
        if session.conversation.pending:
            self.desk.lists(session)
        else:
            listens(self._world, session)  # a flow or a colleague passed it on, and nothing is unanswered

    def ends(self, session: Session) -> None:
        """End of wrap-up: the slot is free."""
        session.ended = True
        self._log(Event.SESSION_ENDED, session, session.number)
        self.held -= 1
        del self.sessions[session]
        self.since_us = self.wrapped_up_us = self._world.now
        self._world.acd.is_over(session)
        if self.crew is not None:
            self.crew.is_free(self)
        if not self.on_queue and self.presence == Presence.OVERTIME:
            self._goes_home()
        self.shows()
        self._world.acd.serves(self)
        self._world.ends()

    def releases(self, session: Session) -> None:
        """A conversation is parked: its slot is free."""
        self.held -= 1
        self.parked += 1
        if self.crew is not None:
            self.crew.is_free(self)  # what he has parked keeps nobody here
        self.shows()
        self._world.acd.serves(self)

    def takes_back(self, session: Session) -> None:
        """A parked conversation is back, however many he holds."""
        self.held += 1
        self.parked -= 1
        if self.presence in (Presence.OFF_SHIFT, Presence.LEFT_EARLY):
            self.presence = Presence.OVERTIME  # it was disconnected while he is off: a wrap-up is left
        self.shows()
        if self.pool.by_slots and self.can_take():
            self.pool.joins(self)  # he stands elsewhere in the line now

    # --- coming and going ---------------------------------------------------------------------------------------

    def comes_on(self, shift_end_us: int | None) -> None:
        """Shift start: on queue."""
        self.on_queue = True
        self.presence = Presence.ON_SHIFT
        self.shift_end_us = shift_end_us
        self.leaving = False
        self.gone = Presence.OFF_SHIFT
        self.shows()
        if self.parked_until_shift:
            self._unparks()
        self._world.acd.serves(self)

    def is_due_for_break(self, length_us: int, presence: int) -> None:
        self.break_due.append((length_us, presence))
        self.desk.rings()

    def takes_break(self, pause: tuple[int, int]) -> Process:
        """A break in full length, but not beyond the shift; the slots stay held."""
        world = self._world
        length_us, presence = pause
        end_us = world.now + length_us
        if self.shift_end_us is not None:
            end_us = min(end_us, self.shift_end_us)
        self.on_queue = False
        self.presence = presence
        self.shows()
        # A break that the shift's end cuts off ends with it, not before it: no new piece in between.
        yield world.until(end_us, AGENTS_GO if end_us == self.shift_end_us else AGENTS_COME, self.owner)
        self.breaks_ahead -= 1
        if self.presence == presence:
            self.on_queue = True
            self.presence = Presence.ON_SHIFT
            self.shows()
            world.acd.serves(self)

    def goes_off(self) -> None:
        """Shift end: no new alerts; open conversations go on for a while."""
        self.on_queue = False
        self._world.acd.withdraws_alerts(self)
        self.presence = Presence.OVERTIME if self.sessions else self.gone
        self.breaks_ahead -= len(self.break_due)
        self.break_due.clear()
        self.shows()
        finish_us = self.group.end_of_shift.finish_us
        if self.held and finish_us:
            self._world.call_after(finish_us, AGENTS_GO, self.owner, self._must_leave)
        elif self.sessions:
            self._must_leave()

    def shift_is_over(self) -> None:
        """The end that the plan has, for one who logged off before it."""
        self.gone = Presence.OFF_SHIFT
        if self.presence == Presence.LEFT_EARLY:
            self.presence = Presence.OFF_SHIFT
            self.shows()

    def _must_leave(self) -> None:
        if self.presence == Presence.OVERTIME:
            self.leaving = True
            self.desk.rings()

    def _goes_home(self) -> None:
        """Off the clock, if nothing is left to do; what he has parked until his next shift does not keep him."""
        if not (self.held if self.parked_until_shift else self.sessions):
            self.presence = self.gone

    def hands_over(self) -> None:
        """`requeue`: conversations with an unanswered message go back to the queue, the others are left to threading.
        `disconnect`: all are disconnected. `park`: all are set aside until his next shift."""
        world, then = self._world, self.group.end_of_shift.then
        self.leaving = False
        self.parked_until_shift = then == "park"
        connected = [session for session in self.sessions if session.conversation.session is session]
        for session in sorted(connected, key=lambda session: session.conversation.owner):
            conversation = session.conversation
            if session.consulting:
                world.acd.passing.lets_go(session)
                continue
            if then == "park":
                if not session.parked:
                    parks(world, session, None)
                continue
            if then == "disconnect" and conversation.pending:
                world.conversations.disconnects(conversation, Disconnect.SHIFT_END_UNANSWERED)
                continue
            if not conversation.pending:
                world.conversations.disconnects(conversation, Disconnect.SHIFT_END)
                continue
            self._log(Event.HANDED_BACK, session, session.number)
            conversation.session = None
            self.desk.turns_to_wrap_up(session)
            world.acd.enters(conversation, conversation.pending[0].contact, reopened=False, handed_back=True)
        if self.presence == Presence.OVERTIME:
            self._goes_home()
            self.shows()

    def _unparks(self) -> None:
        """His next shift: what he had parked is back, however much it is. For those who have not written he listens
        again."""
        self.parked_until_shift = False
        parked = [session for session in self.sessions if session.parked]
        for session in sorted(parked, key=lambda session: session.conversation.owner):
            comes_back(self._world, session)

    def _log(self, event: int, session: Session, message: int, value: int = 0) -> None:
        conversation: Conversation = session.conversation
        self._world.log(
            event, conversation.number, conversation.portion, message, session.queue.number, self.number, value
        )
