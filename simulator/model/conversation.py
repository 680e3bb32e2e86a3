"""Conversations: what one customer and one channel say to each other, portion by portion, turn by turn."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

from simulator.journal import PACK
from simulator.model.silence import CLOSED, WROTE, returns
from simulator.rules.threading import JOINS, REOPENS, STARTS, thread
from simulator.vocabulary.codes import EVENTS as Event

if TYPE_CHECKING:
    from simulator.model.acd import Interaction, Queue
    from simulator.model.agent import Agent
    from simulator.model.contact import Contact, Person
    from simulator.model.flow import Walk
    from simulator.model.passing import Plan
    from simulator.model.world import World
    from simulator.workload.flowsteps import Transfer


class Turn:
    """A burst of customer messages, and the reply it will get."""

    __slots__ = ("complete", "contact", "first_us", "k", "messages", "number")

    def __init__(self, number: int, contact: Contact, k: int, first_us: int):
        self.number = number
        self.contact = contact
        self.k = k
        self.first_us = first_us
        self.messages = 0
        self.complete = False
        """Its last message is in (or will never come): it can be answered."""


class Session:
    """One agent and one portion, from connect to the end of wrap-up."""

    __slots__ = (
        "agent",
        "at_wrap_up",
        "back_us",
        "connected_us",
        "consulting",
        "contact",
        "conversation",
        "disconnected_us",
        "drafts",
        "ended",
        "kind",
        "listed",
        "number",
        "parked",
        "parkings",
        "plan",
        "queue",
        "replies",
        "watched",
        "wrap_up_us",
        "writing",
    )

    def __init__(self, number: int, agent: Agent, queue: Queue, conversation: Conversation, contact: Contact):
        self.number = number
        self.agent = agent
        self.queue = queue
        self.conversation = conversation
        self.contact = contact
        self.connected_us = 0
        self.kind = 0
        """Channel and label as which it was handed over (`utilization.Kinds`)."""
        self.plan: Plan | None = None
        """Where the agent will pass it on to."""
        self.consulting = False
        """He has, and waits with the customer until the other connects."""
        self.replies = 0
        self.listed = False
        """Stands on the agent's list of replies to write."""
        self.disconnected_us = 0
        """Disconnect or hand-back."""
        self.writing = False
        """The agent is writing a reply."""
        self.wrap_up_us = 0
        """Drawn length of the wrap-up."""
        self.at_wrap_up = False
        """The agent has turned to the wrap-up."""
        self.drafts = 0
        """Of the present reply, those that the content filter caught."""
        self.ended = False
        self.parked = False
        """Set aside: it holds no slot."""
        self.parkings = 0
        self.back_us = 0
        """Connect or latest return from parking: the platform's inactivity timer looks no further back."""
        self.watched = False
        """That timer runs."""

    @property
    def is_for_another(self) -> bool:
        """Is the oldest unanswered turn the one with which it is passed on?"""
        return self.plan is not None and self.replies >= self.plan.after


class Conversation:
    """All messages between one customer and one channel that threading joins."""

    __slots__ = (
        "disconnected_us",
        "goes_to",
        "held",
        "interaction",
        "is_open",
        "last_agent",
        "last_inbound_us",
        "latest_us",
        "messages",
        "number",
        "owner",
        "pending",
        "person",
        "portion",
        "read_upto",
        "replied_in",
        "sent_since",
        "served",
        "session",
        "walk",
    )

    def __init__(self, number: int, person: Person, owner: int):
        self.number = number
        self.person = person
        self.owner = owner
        """Its id in the order of ties: that of the contact which opened it."""
        self.portion = 0
        self.is_open = False
        self.disconnected_us: int | None = None
        self.walk: Walk | None = None
        """Its pass through a flow, while that lasts."""
        self.goes_to: Transfer | None = None
        """The queue that it was last transferred to, and what it asks for there."""
        self.pending: list[Turn] = []
        """Unanswered turns, oldest first."""
        self.interaction: Interaction | None = None
        """Its present stay in a queue."""
        self.session: Session | None = None
        """The session that is connected to it."""
        self.last_agent: Agent | None = None
        self.last_inbound_us = 0
        self.sent_since = 0
        """Messages of the business since then."""
        self.held = 0
        """Replies that are written and wait for the way out."""
        self.replied_in = 0
        """Number of the latest portion in which an agent has replied."""
        self.latest_us = 0
        """Latest message of either side."""
        self.messages = 0
        """Of both sides. Who waits for silence compares."""
        self.read_upto: dict[int, int] = {}
        """How many messages there were when an agent last replied, by agent."""
        self.served: list[Contact] = []
        """Contacts whose last turn was answered in this portion."""


class Conversations:
    """Opening, writing, disconnecting."""

    def __init__(self, world: World):
        self._world = world
        self._rows = world.journal.rows
        self._conversation_numbers, self._turn_numbers = count(), count()
        names = world.directory.channels
        self._hears = world.sending.hears
        rules = [world.scenario.threading_of(name) for name in names]
        self._window_us = [rule.window_us for rule in rules]
        self._from_disconnect = [rule.starts_at == "disconnect" for rule in rules]
        self._reopening_runs_flow = [rule.reopen_runs_flow for rule in rules]
        self.stays: dict[Person, list[int]] | None = None
        """When conversations were open: opened, disconnected, opened, … by person; None: nobody asks."""
        self._meters: list[Callable[[], None] | None] | None = None
        """What a customer's message uses of the channel's numbers. [channel]; None: no channel counts"""

    def threads(self, person: Person) -> int:
        """What a message of this person does to his latest conversation, now."""
        latest = person.conversation
        if latest is None:
            return STARTS
        channel = person.channel
        since_us = latest.disconnected_us if self._from_disconnect[channel] else latest.last_inbound_us
        return thread(latest.is_open, since_us, self._world.now, self._window_us[channel])

    def counts_inbound(self, channel: int, meter: Callable[[], None]) -> None:
        """Customers' messages on a channel use its numbers: they are told to `meter`."""
        if self._meters is None:
            self._meters = [None] * len(self._world.directory.channels)
        self._meters[channel] = meter

    def reopening_runs_flow(self, channel: int) -> bool:
        return self._reopening_runs_flow[channel]

    def place(self, contact: Contact, decision: int) -> Conversation:
        """The conversation (and the number of the portion) into which a contact writes."""
        person = contact.person
        conversation = person.conversation
        if decision == JOINS:
            assert conversation is not None
            return conversation
        if decision == STARTS:
            conversation = person.conversation = Conversation(next(self._conversation_numbers), person, contact.owner)
        assert conversation is not None
        conversation.portion += 1
        conversation.is_open = True
        self._world.unfinished += 1
        return conversation

    def opens_portion(self, conversation: Conversation, contact: Contact, decision: int) -> None:
        now, person = self._world.now, contact.person
        self._rows += PACK(
            now, Event.PORTION_OPENED, conversation.number, conversation.portion,
            contact.number, person.channel, -1, decision == REOPENS,
        )  # fmt: skip
        if self.stays is not None:
            self.stays.setdefault(person, []).append(now)

    def opens_turn(self, conversation: Conversation, contact: Contact, k: int) -> Turn:
        """The first message of a burst is coming in."""
        now, number = self._world.now, next(self._turn_numbers)
        turn = Turn(number, contact, k, now)
        conversation.pending.append(turn)
        self._rows += PACK(
            now, Event.TURN_OPENED, conversation.number, conversation.portion, number, -1, contact.number, k
        )
        return turn

    def receives(self, conversation: Conversation, contact: Contact, turn: Turn | None = None) -> None:
        """A customer message, of a turn or in answer to the flow."""
        world = self._world
        now = world.now
        conversation.messages += 1
        conversation.last_inbound_us = conversation.latest_us = now
        conversation.sent_since = 0
        if self._meters is not None:
            self._counts(conversation)
        number, of_turn = next(world.message_numbers), -1
        if turn is not None:
            turn.messages += 1
            of_turn = turn.number
        self._rows += PACK(
            now, Event.MESSAGE_RECEIVED, conversation.number, conversation.portion, number, -1, contact.number, of_turn
        )
        if self._hears and turn is not None:
            world.sending.hears_message(conversation, contact, turn, number)
        session = conversation.session
        if session is not None and session.parked:
            returns(world, session, WROTE)

    def receives_more(self, conversation: Conversation, contact: Contact, turn: Turn) -> int:
        """A file, or the rest of a long text, that comes with a message; its number."""
        world = self._world
        turn.messages += 1
        conversation.messages += 1
        if self._meters is not None:
            self._counts(conversation)
        number, portion = next(world.message_numbers), conversation.portion
        world.log(Event.MESSAGE_RECEIVED, conversation.number, portion, number, -1, contact.number, turn.number)
        return number

    def _counts(self, conversation: Conversation) -> None:
        """A customer's message uses the channel's numbers."""
        assert self._meters is not None
        meter = self._meters[conversation.person.channel]
        if meter is not None:
            meter()

    def completes(self, conversation: Conversation, turn: Turn) -> None:
        """The last message of a burst is in: the reply becomes work."""
        turn.complete = True
        session = conversation.session
        if session is not None:
            session.agent.desk.lists(session)

    def sends(
        self,
        conversation: Conversation,
        event: int,
        value: int,
        queue: int = -1,
        agent: int = -1,
        number: int = -1,
        portion: int = 0,
    ) -> int:
        """A message of the business; its number. `number`, `portion`: those it got when it was written, if earlier."""
        world = self._world
        if number < 0:
            number = next(world.message_numbers)
        conversation.messages += 1
        conversation.latest_us = now = world.now
        self._rows += PACK(
            now, event, conversation.number, portion or conversation.portion, number, queue, agent, value
        )
        return number

    def disconnects(self, conversation: Conversation, reason: int) -> None:
        """The portion ends; the threading clock starts; the session goes into wrap-up."""
        world = self._world
        session = conversation.session
        if session is not None and session.parked:
            returns(world, session, CLOSED)
        self._rows += PACK(
            world.now, Event.PORTION_DISCONNECTED, conversation.number, conversation.portion,
            -1, -1, -1 if session is None else session.agent.number, reason,
        )  # fmt: skip
        if conversation.walk is not None:
            conversation.walk.over = True
            conversation.walk = None
        conversation.is_open = False
        if self.stays is not None:
            self.stays[conversation.person].append(world.now)
        conversation.disconnected_us = world.now
        conversation.interaction = None
        conversation.session = None
        if conversation.pending:
            for turn in conversation.pending:
                turn.complete = True  # what was not written yet stays unwritten
            conversation.pending.clear()
        world.customers.needs.sees_disconnect(conversation, reason)
        if session is not None:
            session.agent.desk.turns_to_wrap_up(session)
        world.ends()
