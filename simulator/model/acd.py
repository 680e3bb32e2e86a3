"""The ACD: who waits where, which agent gets whom, last-agent routing, who is turned away.

Waiting interactions stand in rooms (`rooms.py`), available agents in lines (`pool.py`). A room has a line for each
circle of agents who may serve it (`circles.py`); each kind of agent knows the rooms it may serve, as bits, so that a
match looks only where somebody stands (`floor.py`). Alerts are told in `alerts.py`, transfers in `passing.py`.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from simulator.journal import PACK
from simulator.model.alerts import Alerts
from simulator.model.circles import Stage, next_condition, standard
from simulator.model.floor import Floor
from simulator.model.passing import Passing
from simulator.model.rooms import Head, Interaction, Queue, Room
from simulator.rules.order import WAITING_ENDS
from simulator.rules.rings import NEVER as NO_END
from simulator.rules.routing import is_better
from simulator.vocabulary.clock import DAY
from simulator.vocabulary.codes import DISCONNECTS as Disconnect
from simulator.vocabulary.codes import EVENTS as Event
from simulator.vocabulary.codes import PLACEMENTS as Placement
from simulator.workload.contacts import NEVER

if TYPE_CHECKING:
    from simulator.model.agent import Agent
    from simulator.model.contact import Contact
    from simulator.model.conversation import Conversation, Session
    from simulator.model.world import World

NO_AGENT_US = 59 * DAY
"""Estimated wait where nobody is on queue: for so long the platform keeps anybody."""


class Acd:
    """Automatic distribution over all queues."""

    def __init__(self, world: World):
        self._world = world
        self._rows = world.journal.rows
        self._offer_numbers = count()
        self.floor = floor = Floor(world)
        self._rooms = floor.rooms
        self._kinds_matter = world.kinds.matter
        self.pool = floor.pool
        self._open = 0
        """Rooms where somebody may be waiting, as bits."""
        self.alerts = Alerts(world, self)
        self.accepts = self.alerts.accepts
        self.passing = Passing(world)

    # --- what others ask ----------------------------------------------------------------------------------------

    def queue_length(self, queue: int) -> int:
        """How many wait there."""
        return self.floor.queues[queue].waiting

    def estimated_wait_us(self, queue: int) -> int:
        """Of one who came now; 59 days where nobody is on queue."""
        return round(min(self.floor.queues[queue].estimated_wait_us, NO_AGENT_US))

    def goes_on_queue(self, agent: Agent, comes: bool) -> None:
        """An agent goes on or off queue: the slots of his queues."""
        if comes:
            agent.on_queue_us = self._world.now
        slots = agent.group.slots if comes else -agent.group.slots
        for name in agent.pool.queues:
            self.floor.queue_named(name).slots += slots

    # --- interactions -------------------------------------------------------------------------------------------

    def enters(self, conversation: Conversation, contact: Contact, reopened: bool, handed_back: bool = False) -> None:
        """An interaction comes to the queue that `conversation.goes_to` names: last agent, anyone available, wait, or
        turned away. `handed_back`: from an agent, who does not turn it away."""
        world, goes_to = self._world, conversation.goes_to
        assert goes_to is not None
        entry = self.floor.entry(goes_to, contact.seen_as, world.kinds.of(contact.person.channel, contact.seen_as))
        queue = entry.queue
        before = conversation.interaction
        overflowed = before is not None and before.over and before.session is None
        most = queue.max_in_system
        if most is not None and queue.inside >= most and not handed_back:
            self._turns_away(conversation, contact, queue, 1)
            return
        agent, placement, held = None, Placement.STANDARD, False
        if reopened and entry.tries_last_agent:
            last = conversation.last_agent
            if last is not None and not (entry.members_only and queue.name not in last.pool.queues):
                if last.can_take(entry.kind):
                    agent, placement = last, Placement.LAST_AGENT
                else:
                    held = entry.last_agent_wait_us > 0 and last.is_on_shift
        stage = entry.stages[0] if entry.stages else next_condition(self.floor, entry, None, 0)
        if agent is None and not held:
            agent, placement = self._available(stage.room)
        most = queue.max_waiting
        if agent is None and most is not None and queue.waiting >= most and not handed_back:
            self._turns_away(conversation, contact, queue, 0)
            return

        interaction = Interaction(conversation, contact, entry, stage, next(self._offer_numbers), world.now)
        interaction.overflowed = overflowed
        conversation.interaction = interaction
        queue.inside += 1
        self._log(Event.QUEUE_ENTERED, interaction, contact.number, entry.priority)
        for event, number in entry.asks_for:
            self._log(event, interaction, value=number)
        patience_us = contact.next_patience_us()
        if patience_us != NEVER:
            world.call_after(patience_us, WAITING_ENDS, conversation.owner, self._patience_ends, interaction)
        if queue.flow is not None:
            queue.flow.begins(world, interaction)
        if held:
            self._waits_for_last_agent(interaction)
        elif entry.widens:
            self._opens(interaction)
        if agent is not None:
            self._offers(interaction, agent, placement)
            return
        self._waits(interaction)
        # Who waits for his last agent while another is free does not see that nobody is.
        if not handed_back and contact.balks() and not (held and self._available(stage.room)[0]):
            self._patience_ends(interaction)

    def _turns_away(self, conversation: Conversation, contact: Contact, queue: Queue, why: int) -> None:
        self._world.log(
            Event.QUEUE_BLOCKED, conversation.number, conversation.portion, contact.number, queue.number, value=why
        )
        self._world.conversations.disconnects(conversation, Disconnect.BLOCKED)

    def _waits(self, interaction: Interaction) -> None:
        interaction.is_waiting = True
        interaction.queue.waiting += 1
        self._stands(interaction)

    def _stands(self, interaction: Interaction) -> None:
        room = interaction.room
        room.joins(interaction)
        self._open |= room.bit

    def _stops_waiting(self, interaction: Interaction) -> None:
        interaction.is_waiting = False
        interaction.queue.waiting -= 1

    def changes_priority(self, interaction: Interaction, priority: int) -> None:
        """While it waits, or while it rings."""
        interaction.priority = priority
        interaction.key = interaction.entry.key(interaction.since_us, priority)
        self._log(Event.PRIORITY_CHANGED, interaction, value=priority)
        if interaction.is_waiting:
            self._stands(interaction)

    def _patience_ends(self, interaction: Interaction) -> None:
        customers, conversation = self._world.customers, interaction.conversation
        if not interaction.over:
            customers.loses_patience(conversation, interaction.contact, interaction.offer, interaction.queue.number)
        elif interaction.session is not None and conversation.session is interaction.session:
            customers.loses_patience_with_agent(conversation, interaction.contact)

    def withdraws(self, conversation: Conversation) -> None:
        """The customer leaves the queue, also while it rings at an agent's desk."""
        interaction = conversation.interaction
        assert interaction is not None and not interaction.over
        interaction.over = True
        interaction.queue.inside -= 1
        interaction.queue.has_left(False, 0)
        if interaction.is_waiting:
            self._stops_waiting(interaction)
        agent = interaction.agent
        if agent is not None:
            self.alerts.stops(interaction, Event.ALERT_WITHDRAWN)
            self.serves(agent)

    # --- widening circles ---------------------------------------------------------------------------------------

    def _opens(self, interaction: Interaction) -> None:
        """A stage begins: who may take it now, and until when."""
        world, stage = self._world, interaction.stage
        self._log(Event.CIRCLE_OPENED, interaction, stage.number, stage.circle)
        if stage.until_us != NO_END:
            delay_us = max(interaction.entered_us + stage.until_us - world.now, 0)
            world.call_after(delay_us, WAITING_ENDS, interaction.conversation.owner, self._widens, interaction, stage)

    def _widens(self, interaction: Interaction, stage: Stage) -> None:
        """Nobody of the circles so far took it in time: more agents may."""
        if interaction.over or interaction.stage is not stage:
            return
        entry = interaction.entry
        if entry.stages:
            stages = entry.stages
            interaction.stage = stages[stages.index(stage) + 1]
        else:
            interaction.stage = next_condition(self.floor, entry, stage, self._world.now - interaction.entered_us)
        self._moves(interaction)

    def _moves(self, interaction: Interaction) -> None:
        """Into the room of its stage; whoever is available there gets it."""
        interaction.room = interaction.stage.room
        if interaction.entry.widens:
            self._opens(interaction)
        if interaction.is_waiting:
            self._stops_waiting(interaction)
            self.finds_another(interaction)

    # --- the last agent, and what if one waited for him ------------------------------------------------------------

    def _waits_for_last_agent(self, interaction: Interaction) -> None:
        agent, queue = interaction.conversation.last_agent, interaction.queue
        assert agent is not None
        key = (queue.number, interaction.entry.growth, interaction.entry.kind)
        room = agent.own_rooms.get(key)
        if room is None:
            room = agent.own_rooms[key] = Room(queue, 0, (), (Placement.LAST_AGENT_WAITED,))
        interaction.room = room
        wait_us = interaction.entry.last_agent_wait_us
        self._log(Event.HELD_FOR_AGENT, interaction, agent.number, self._world.now + wait_us)
        owner = interaction.conversation.owner
        self._world.call_after(wait_us, WAITING_ENDS, owner, self._waits_no_more, interaction, room)

    def _waits_no_more(self, interaction: Interaction, room: Room) -> None:
        if not interaction.over and interaction.room is room:
            self._log(Event.HOLD_ENDED, interaction)
            self._moves(interaction)

    # --- agents -------------------------------------------------------------------------------------------------

    def serves(self, agent: Agent) -> None:
        """An agent may have become available: the highest-ranked interactions he may take, then the lines."""
        while agent.can_take():
            head = self._first(agent)
            if head is None:
                agent.pool.joins(agent)
                return
            interaction = head[3]
            self._stops_waiting(interaction)
            self._offers(interaction, agent, interaction.room.placement(agent.pool))

    def _first(self, agent: Agent) -> Head | None:
        """Of all who wait where he may serve, the one who goes first."""
        if agent.pool.by_skill:
            return self._best_known(agent)
        found: Head | None = None
        rooms = self._open & agent.pool.rooms
        while rooms:
            bit = rooms & -rooms
            rooms ^= bit
            room = self._rooms[bit.bit_length() - 1]
            head = room.first()
            if head is None:
                self._open ^= bit
            elif self._kinds_matter and not agent.can_take(head[3].entry.kind):
                continue
            elif found is None or self._precedes(head, found):
                found = head
        if agent.own_rooms:
            for room in agent.own_rooms.values():
                head = room.first()
                if (
                    head is not None
                    and agent.can_take(head[3].entry.kind)
                    and (found is None or self._precedes(head, found))
                ):
                    found = head
        return found

    def _best_known(self, agent: Agent) -> Head | None:
        """The same for an agent who looks at his skills first: rank decides among what he knows equally well."""
        found: Head | None = None
        pool, best = agent.pool, -1
        rooms = self._open & pool.rooms
        heads = []
        while rooms:
            bit = rooms & -rooms
            rooms ^= bit
            head = self._rooms[bit.bit_length() - 1].first()
            if head is None:
                self._open ^= bit
            else:
                heads.append((head, pool.level[bit]))
        for room in agent.own_rooms.values():
            head = room.first()
            if head is not None:
                heads.append((head, pool.mean(standard(head[3].entry).skills)))
        for head, level in heads:
            if agent.can_take(head[3].entry.kind) and (
                is_better(level, best) or (level == best and (found is None or self._precedes(head, found)))
            ):
                found, best = head, level
        return found

    def _precedes(self, head: Head, other: Head) -> bool:
        if self.floor.by_score:
            now = self._world.now
            return head[3].place(now) < other[3].place(now)
        return head[:3] < other[:3]

    def _available(self, room: Room) -> tuple[Agent | None, int]:
        """The agent who gets what comes to a room, and why: inner circles first."""
        now = self._world.now
        for line, placement in room.circles:
            agent = line.first(now)
            if agent is not None:
                return agent, placement
        return None, Placement.STANDARD

    def _offers(self, interaction: Interaction, agent: Agent, placement: int) -> None:
        if interaction.overflowed and placement == Placement.STANDARD:
            placement = Placement.OVERFLOW
        self.alerts.begins(interaction, agent, placement)
        if agent.pool.by_slots and agent.can_take():
            agent.pool.joins(agent)  # he stands elsewhere in the line now

    def finds_another(self, interaction: Interaction) -> None:
        """It is back in its room, or in another: an agent who is available, or it waits."""
        agent, placement = self._available(interaction.room)
        if agent is None:
            self._waits(interaction)
        else:
            self._offers(interaction, agent, placement)

    def withdraws_alerts(self, agent: Agent) -> None:
        """The agent's shift is over: what rings at his desk, or waits for him alone, waits on with its clock."""
        for interaction in list(agent.alerts):
            self.alerts.stops(interaction, Event.ALERT_WITHDRAWN)
            self.finds_another(interaction)
        for room in agent.own_rooms.values():
            while (head := room.first()) is not None:
                self._waits_no_more(head[3], room)

    def is_disconnected(self, session: Session) -> None:
        """The customer, or the agent, has left this session: the queue has one less inside."""
        session.queue.inside -= 1

    def is_over(self, session: Session) -> None:
        """Wrap-up included."""
        session.queue.has_handled(self._world.now - session.connected_us)

    def _log(self, event: int, interaction: Interaction, agent: int = -1, value: int = 0) -> None:
        its = interaction.conversation
        self._rows += PACK(
            self._world.now, event, its.number, its.portion, interaction.offer, interaction.queue.number, agent, value
        )
