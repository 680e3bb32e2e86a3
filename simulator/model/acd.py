"""The ACD: who waits where, which agent gets whom, alerts, last-agent routing.

Waiting interactions stand in rooms, one for each queue and set of required skills; available agents stand in
pools, one for each set of queues and skills that agents have. Room and pool know each other, so that a match looks
at heads only. Whoever leaves early is marked and skipped when he comes up.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

from simulator.model.conversation import Session
from simulator.model.pool import Pool
from simulator.rules.order import ACCEPTS, AGENTS_COME, WAITING_ENDS
from simulator.rules.routing import qualifies, rank_key
from simulator.scenario.queues import Queue as QueueSettings
from simulator.vocabulary.codes import DISCONNECTS as Disconnect
from simulator.vocabulary.codes import EVENTS as Event
from simulator.vocabulary.codes import PLACEMENTS as Placement
from simulator.workload.contacts import NEVER

if TYPE_CHECKING:
    from simulator.model.agent import Agent
    from simulator.model.contact import Contact
    from simulator.model.conversation import Conversation
    from simulator.model.world import World


class Queue:
    """One queue: its settings and its rooms."""

    def __init__(self, number: int, name: str, settings: QueueSettings):
        self.number = number
        self.name = name
        # Settings as plain attributes: they are asked at every step.
        self.auto_answer = settings.auto_answer
        self.alerting_timeout_us = settings.alerting_timeout_us
        self.returns_after_us = settings.returns_after_us
        self.max_waiting = settings.max_waiting
        self.close_after_us = None if settings.close_after_us == "never" else settings.close_after_us
        self.after_call_work = settings.after_call_work
        self.waiting = 0
        self.rooms: dict[frozenset[str], Room] = {}


class Room:
    """Interactions that ask for the same: one queue, one set of skills. The highest score stands first."""

    def __init__(self, queue: Queue, skills: frozenset[str], pools: list[Pool]):
        self.queue = queue
        self.skills = skills
        self.pools = pools
        """Agents who qualify."""
        self._line: list[tuple[int, int, int, Interaction]] = []

    def joins(self, interaction: Interaction) -> None:
        heappush(self._line, (interaction.key, interaction.entered_us, interaction.conversation.owner, interaction))

    def first(self) -> tuple[int, int, int, Interaction] | None:
        line = self._line
        while line and not line[0][3].is_waiting:
            heappop(line)
        return line[0] if line else None


class Interaction:
    """One stay of a conversation in a queue: one `nOffered`."""

    __slots__ = (
        "agent",
        "contact",
        "conversation",
        "entered_us",
        "is_waiting",
        "key",
        "offer",
        "over",
        "room",
        "rung",
        "session",
    )

    def __init__(self, conversation: Conversation, contact: Contact, room: Room, offer: int, entered_us: int, key: int):
        self.conversation = conversation
        self.contact = contact
        self.room = room
        self.offer = offer
        self.entered_us = entered_us
        self.key = key
        self.is_waiting = False
        self.agent: Agent | None = None
        """Whom it alerts."""
        self.rung = 0
        """Alerts so far: an answer or a timeout belongs to one of them."""
        self.over = False
        """Connected or left."""
        self.session: Session | None = None


class Acd:
    """Automatic distribution over all queues."""

    def __init__(self, world: World):
        self._world = world
        scenario, names = world.scenario, world.directory
        self._queues = [Queue(i, name, scenario.queues[name]) for i, name in enumerate(names.queues)]
        self._queue_of = {queue.name: queue for queue in self._queues}
        self._topics = [scenario.topics[name] for name in names.topics]
        self._skills = [frozenset(topic.skills) for topic in self._topics]
        self._pools: dict[tuple[frozenset[str], frozenset[str]], Pool] = {}

    def pool(self, queues: frozenset[str], skills: frozenset[str]) -> Pool:
        """Where agents with these queues and skills stand when they are available."""
        pool = self._pools.get((queues, skills))
        if pool is None:
            pool = self._pools[queues, skills] = Pool(queues, skills)
            for name in sorted(queues):
                for room in self._queue_of[name].rooms.values():
                    if qualifies(skills, room.skills):
                        room.pools.append(pool)
                        pool.rooms.append(room)
        return pool

    def _room(self, queue: Queue, skills: frozenset[str]) -> Room:
        room = queue.rooms.get(skills)
        if room is None:
            able = [p for p in self._pools.values() if queue.name in p.queues and qualifies(p.skills, skills)]
            room = queue.rooms[skills] = Room(queue, skills, able)
            for pool in able:
                pool.rooms.append(room)
        return room

    # --- interactions -------------------------------------------------------------------------------------------

    def enters(self, conversation: Conversation, contact: Contact, reopened: bool, handed_back: bool = False) -> None:
        """An interaction comes to its queue: last agent, anyone available, wait, or turned away."""
        world, topic = self._world, contact.facts.topic
        queue = self._queue_of[contact.draws.steps.queue]
        room = self._room(queue, self._skills[topic])
        agent, placement = None, Placement.STANDARD
        if reopened:
            agent = conversation.last_agent
            if agent is not None and agent.can_take():
                placement = Placement.LAST_AGENT
            else:
                agent = None
        if agent is None:
            agent = self._longest_idle(room)
        most = queue.max_waiting
        if agent is None and most is not None and queue.waiting >= most and not handed_back:
            world.log(Event.QUEUE_BLOCKED, conversation.number, conversation.portion, contact.number, queue.number)
            world.conversations.disconnects(conversation, Disconnect.BLOCKED)
            return

        priority = self._topics[topic].priority
        key = rank_key(world.now, priority)
        interaction = Interaction(conversation, contact, room, world.next_offer(), world.now, key)
        conversation.interaction = interaction
        world.log(
            Event.QUEUE_ENTERED,
            conversation.number,
            conversation.portion,
            interaction.offer,
            queue.number,
            contact.number,
            priority,
        )
        patience_us = contact.next_patience_us()
        if patience_us != NEVER:
            world.call_after(patience_us, WAITING_ENDS, conversation.owner, self._patience_ends, interaction)
        if agent is not None:
            self._alerts(interaction, agent, placement)
            return
        self._waits(interaction)
        if contact.balks():
            self._patience_ends(interaction)

    def _waits(self, interaction: Interaction) -> None:
        interaction.is_waiting = True
        interaction.room.queue.waiting += 1
        interaction.room.joins(interaction)

    def _stops_waiting(self, interaction: Interaction) -> None:
        interaction.is_waiting = False
        interaction.room.queue.waiting -= 1

    def _patience_ends(self, interaction: Interaction) -> None:
        customers, conversation = self._world.customers, interaction.conversation
        if not interaction.over:
            customers.loses_patience(
                conversation, interaction.contact, interaction.offer, interaction.room.queue.number
            )
        elif interaction.session is not None and conversation.session is interaction.session:
            customers.loses_patience_with_agent(conversation, interaction.contact)

    def withdraws(self, conversation: Conversation) -> None:
        """The customer leaves the queue, also while it rings at an agent's desk."""
        interaction = conversation.interaction
        assert interaction is not None and not interaction.over
        interaction.over = True
        if interaction.is_waiting:
            self._stops_waiting(interaction)
        agent = interaction.agent
        if agent is not None:
            self._stops_ringing(interaction, Event.ALERT_WITHDRAWN)
            self.serves(agent)

    # --- agents -------------------------------------------------------------------------------------------------

    def serves(self, agent: Agent) -> None:
        """An agent may have become available: the highest-ranked interactions he qualifies for, then the pool."""
        while agent.can_take():
            first = None
            for room in agent.pool.rooms:
                head = room.first()
                if head is not None and (first is None or head[:3] < first[:3]):
                    first = head
            if first is None:
                agent.pool.joins(agent)
                return
            interaction = first[3]
            self._stops_waiting(interaction)
            self._alerts(interaction, agent, Placement.STANDARD)

    def _longest_idle(self, room: Room) -> Agent | None:
        """Of the available agents who qualify, the one whose clock shows most; tie: the smaller id."""
        best, best_key = None, None
        for pool in room.pools:
            agent = pool.first(self._world.now)
            if agent is not None:
                key = agent.idle_key(self._world.now)
                if best_key is None or key < best_key:
                    best, best_key = agent, key
        return best

    # --- alerts -------------------------------------------------------------------------------------------------

    def _alerts(self, interaction: Interaction, agent: Agent, placement: int) -> None:
        """It rings. The slot is held from here."""
        world, queue = self._world, interaction.room.queue
        interaction.agent = agent
        interaction.rung += 1
        agent.alerts[interaction] = None
        agent.held += 1
        self._log(Event.ALERTED, interaction, agent, placement)
        if queue.auto_answer:
            self._connects(interaction, agent)
            return
        answer_us, timeout_us = interaction.contact.next_answer_us(), queue.alerting_timeout_us
        owner, rung = interaction.conversation.owner, interaction.rung
        if answer_us <= timeout_us:
            world.call_after(answer_us, ACCEPTS, owner, self._accepts, interaction, rung)
        else:
            world.call_after(timeout_us, WAITING_ENDS, owner, self._expires, interaction, rung)

    def _accepts(self, interaction: Interaction, rung: int) -> None:
        if interaction.rung == rung and interaction.agent is not None and not interaction.over:
            self._connects(interaction, interaction.agent)

    def _expires(self, interaction: Interaction, rung: int) -> None:
        """Nobody answered: the agent is NOT_RESPONDING for a while, the interaction waits on with its clock."""
        agent = interaction.agent
        if interaction.rung != rung or agent is None or interaction.over:
            return
        self._stops_ringing(interaction, Event.ALERT_EXPIRED)
        agent.stops_responding()
        returns_us = interaction.room.queue.returns_after_us
        self._world.call_after(returns_us, AGENTS_COME, agent.owner, agent.responds_again, agent.silences)
        self._finds_another(interaction)

    def withdraws_alerts(self, agent: Agent) -> None:
        """The agent's shift is over: what rings at his desk waits on with its clock."""
        for interaction in list(agent.alerts):
            self._stops_ringing(interaction, Event.ALERT_WITHDRAWN)
            self._finds_another(interaction)

    def _stops_ringing(self, interaction: Interaction, event: int) -> None:
        agent = interaction.agent
        assert agent is not None
        interaction.agent = None
        interaction.rung += 1
        del agent.alerts[interaction]
        agent.held -= 1
        self._log(event, interaction, agent)

    def _finds_another(self, interaction: Interaction) -> None:
        agent = self._longest_idle(interaction.room)
        if agent is None:
            self._waits(interaction)
        else:
            self._alerts(interaction, agent, Placement.STANDARD)

    def _connects(self, interaction: Interaction, agent: Agent) -> None:
        conversation = interaction.conversation
        interaction.over = True
        del agent.alerts[interaction]
        session = Session(self._world.next_session(), agent, interaction.room.queue, conversation, interaction.contact)
        interaction.session = conversation.session = session
        conversation.last_agent = agent
        self._log(Event.CONNECTED, interaction, agent, session.number)
        agent.connects(session)

    def _log(self, event: int, interaction: Interaction, agent: Agent, value: int = 0) -> None:
        conversation = interaction.conversation
        self._world.log(
            event,
            conversation.number,
            conversation.portion,
            interaction.offer,
            interaction.room.queue.number,
            agent.number,
            value,
        )
