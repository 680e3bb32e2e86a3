"""Shared attention: several conversations worked on at once, each the slower the more of them have work.

One running sum of work serves all pieces (`rules.sharing`): a piece knows at which sum it is done, the smallest comes
first. So an agent has one pending completion, and a change costs no more than finding the next one.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

from simulator.model.desk import Desk, Process
from simulator.model.filtering import PASSES
from simulator.rules.desk import wrap_up_deadline_us
from simulator.rules.order import WORK_DONE
from simulator.rules.sharing import done_in_us, shared_speeds
from simulator.scenario.attention import Attention
from simulator.vocabulary.codes import DISCONNECTS as Disconnect
from simulator.vocabulary.codes import EVENTS as Event

if TYPE_CHECKING:
    from simulator.model.agent import Agent
    from simulator.model.conversation import Session
    from simulator.model.world import World


class SharedDesk(Desk):
    """Every conversation that has work is worked on at once."""

    def __init__(self, world: World, agent: Agent, group_number: int, i: int):
        super().__init__(world, agent, group_number, i)
        attention = agent.group.attention
        assert isinstance(attention, Attention)
        self._speeds = attention.parallel.speed
        self._scale, self._gain = shared_speeds(self._speeds, agent.group.slots)
        self._pieces: list[tuple[int, int, int, Session]] = []
        """(sum at which it is done, conversation, session), the next one first."""
        self._working = 0
        """Conversations that have work now."""
        self._sum = 0
        """Work that each of them has gained."""
        self._summed_us = 0
        """Until when."""
        self._plan = 0
        """Number of the completion that is planned: an older one does not matter any more."""

    @property
    def is_at_work(self) -> bool:
        return self._working > 0

    def works(self) -> Process:
        """Begin what can begin; a break or the end of the shift waits until all that has begun is done."""
        agent = self._agent
        while True:
            if not self._working:
                if agent.leaving:
                    agent.hands_over()
                    continue
                if agent.break_due:
                    yield from agent.takes_break(agent.break_due.popleft())
                    continue
            if not agent.leaving and not agent.break_due:
                while (session := self._next(self._wrap_ups)) is not None:
                    self._begins_wrap_up(session)
                while (session := self._next(self._replies)) is not None:
                    self._begins_reply(session)
            if self._calling and not self._working:
                self._answers()
                continue
            self._plans()
            self._bell = bell = self._world.bell()
            yield self._world.rung(bell)

    # --- pieces -------------------------------------------------------------------------------------------------

    def _begins_reply(self, session: Session) -> None:
        if session.is_for_another:
            effort_us = self._passing_us(session)
        else:
            effort_us = self._effort_us(session)
            self._log(Event.REPLY_STARTED, session, session.conversation.pending[0].number, effort_us)
        session.writing = True
        session.drafts = 0
        self._joins()
        self._needs(session, effort_us)

    def _begins_wrap_up(self, session: Session) -> None:
        """After-call work. A forced one lasts until its timeout and takes its share of attention until then."""
        wrap_up = session.queue.after_call_work
        assert wrap_up is not None
        session.at_wrap_up = True
        forced = wrap_up.mode == "MANDATORY_FORCED_TIMEOUT"
        self._log(Event.WRAP_UP_STARTED, session, session.number, 0 if forced else session.wrap_up_us)
        self._joins()
        if not forced:
            self._needs(session, session.wrap_up_us)

    def _needs(self, session: Session, effort_us: int) -> None:
        """A piece that is done when it has gained so much."""
        target = self._sum + effort_us * self._scale
        heappush(self._pieces, (target, session.conversation.owner, session.number, session))

    def _completes(self, plan: int) -> None:
        """The piece that should be done now, unless something has changed since."""
        if plan != self._plan:
            return
        self._sums_up()
        pieces = self._pieces
        if pieces and pieces[0][0] <= self._sum and not pieces[0][3].ended:
            session = heappop(pieces)[3]
            if session.writing:
                self._finishes_reply(session)
            else:
                self._working -= 1
                self._agent.ends(session)
        self.rings()

    def _finishes_reply(self, session: Session) -> None:
        """Send, unless the content filter wants another draft; the wrap-up of a last reply follows at once."""
        world, conversation = self._world, session.conversation
        if session.is_for_another:
            self._working -= 1
            session.writing = False
            world.acd.passing.transfers(session)
            return
        turn = conversation.pending[0]
        if world.content_filter is not None:
            rewrite_us = world.content_filter.catches(session, turn, session.drafts, self._drawn_us(session, turn))
            if rewrite_us != PASSES:
                session.drafts += 1
                self._needs(session, rewrite_us)
                return
        self._working -= 1
        session.writing = False
        if self._sends(session, turn):
            self._in_stretch = session
            world.conversations.disconnects(conversation, Disconnect.RESOLVED)
            self._in_stretch = None
            if not session.ended:
                self._begins_wrap_up(session)
                wrap_up = session.queue.after_call_work
                assert wrap_up is not None
                deadline_us = wrap_up_deadline_us(wrap_up.mode, session.disconnected_us, wrap_up.timeout_us)
                if deadline_us is not None:
                    world.call_after(deadline_us - world.now, WORK_DONE, conversation.owner, self._times_out, session)

    def _times_out(self, session: Session) -> None:
        """The platform ends a wrap-up, worked on or not."""
        if session.ended:
            return
        if session.at_wrap_up:
            self._sums_up()
            self._working -= 1
        self._agent.ends(session)
        self.rings()

    # --- the running sum ----------------------------------------------------------------------------------------

    def _joins(self) -> None:
        """One conversation more has work."""
        self._sums_up()
        self._working += 1
        if self._working == len(self._gain):
            # Somebody came back from parking beyond the agent's slots: a longer table, in finer units.
            scale, self._gain = shared_speeds(self._speeds, 2 * self._working)
            finer = scale // self._scale
            self._sum *= finer
            self._pieces = [(target * finer, *rest) for target, *rest in self._pieces]  # type: ignore[misc]
            self._scale = scale

    def _sums_up(self) -> None:
        """What everybody has gained until now."""
        now = self._world.now
        if self._working:
            self._sum += (now - self._summed_us) * self._gain[self._working]
        else:
            self._sum = 0
            self._pieces.clear()  # wrap-ups that the platform ended
        self._summed_us = now

    def _plans(self) -> None:
        """When the next piece is done, if nothing changes before."""
        self._plan += 1
        pieces = self._pieces
        while pieces and pieces[0][3].ended:
            heappop(pieces)
        if pieces:
            self._sums_up()
            target, owner, _, _ = pieces[0]
            after_us = done_in_us(target, self._sum, self._gain[self._working])
            self._world.call_after(after_us, WORK_DONE, owner, self._completes, self._plan)
