"""Customers: they arrive, write bursts, think, wait, give up, vanish and write again."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from simulator.model.contact import Contact, Person
from simulator.model.flow import enters_flow
from simulator.rules.order import INBOUND, owner_id
from simulator.rules.threading import JOINS, REOPENS, STARTS
from simulator.vocabulary.codes import DISCONNECTS as Disconnect
from simulator.vocabulary.codes import EVENTS as Event
from simulator.vocabulary.codes import OUTCOMES as Outcome
from simulator.vocabulary.codes import RETURNS as Return
from simulator.workload.contacts import NEVER, Facts
from simulator.workload.workload import ChannelContacts

if TYPE_CHECKING:
    from simulator.model.conversation import Conversation, Turn
    from simulator.model.world import World

Process = Generator[Any, None, None]


class Customers:
    """All customers of all channels."""

    def __init__(self, world: World, can_disconnect: list[bool]):
        self._world = world
        self._can_disconnect = can_disconnect
        """May a customer disconnect on this channel? [channel]"""
        self._people: dict[tuple[int, int], Person] = {}

    # --- writing ------------------------------------------------------------------------------------------------

    def arrivals(self, columns: ChannelContacts) -> Process:
        """The first contacts of one channel, one after the other."""
        world, source = self._world, columns.source
        channel, draws = world.directory.source_channel[source], world.workload.draws[source]
        world.begins()
        for i in range(len(columns.at_us)):
            yield world.until(columns.at_us.item(i), INBOUND, owner_id(source, i))
            facts = Facts._make(columns.facts.item(i))
            person = self.person(channel, facts.customer)
            contact = Contact(world.next_contact(), source, i, person, facts, draws, columns)
            self.arrives(contact, Event.CONTACT_ARRIVED, source, i)
        world.ends()

    def person(self, channel: int, customer: int) -> Person:
        """Somebody of the channel's population, or a new person."""
        if customer < 0:
            return Person(channel)
        person = self._people.get((channel, customer))
        if person is None:
            person = self._people[channel, customer] = Person(channel)
        return person

    def arrives(self, contact: Contact, event: int, origin: int, detail: int) -> None:
        """A contact begins: it starts, re-opens or joins a conversation with its opening burst."""
        world, person, facts = self._world, contact.person, contact.facts
        decision = world.conversations.threads(person)
        conversation = world.conversations.place(contact, decision)
        number, portion = conversation.number, conversation.portion
        world.log(event, number, portion, contact.number, facts.topic, origin, detail)
        world.log(_ENTRIES[decision], number, portion, contact.number, value=facts.customer)
        person.asleep = False
        person.unresolved.append(contact)
        if facts.turns > 1:
            person.script.append(contact)
        if decision != JOINS:
            world.conversations.opens_portion(conversation, contact, decision)
        self._writes(conversation, contact, 0, facts.messages)
        if decision != JOINS:
            enters_flow(world, conversation, contact, decision == REOPENS)

    def _writes(self, conversation: Conversation, contact: Contact, k: int, messages: int) -> None:
        """The burst of turn k: its first message now."""
        conversations = self._world.conversations
        turn = conversations.opens_turn(conversation, contact, k)
        conversations.receives(conversation, contact, turn)
        if messages == 1:
            conversations.completes(conversation, turn)
        else:
            self._world.process(self._types_on(conversation, turn, messages))

    def _types_on(self, conversation: Conversation, turn: Turn, messages: int) -> Process:
        """The rest of a burst, unless he gives up or the portion ends first."""
        world, contact = self._world, turn.contact
        for k in range(messages - 1):
            yield world.after(contact.gap_us(k), INBOUND, contact.owner)
            if turn.complete:
                return
            world.conversations.receives(conversation, contact, turn)
        world.conversations.completes(conversation, turn)

    # --- reading and thinking -----------------------------------------------------------------------------------

    def reads(self, conversation: Conversation, turn: Turn) -> bool:
        """The reply to a turn is delivered. Is the conversation finished, as far as the agent can know?"""
        person, contact = conversation.person, turn.contact
        if person.asleep:
            return False
        if not contact.settled:
            if contact.facts.vanishes_after == turn.k + 1:
                self._vanishes(conversation, contact)
                return False
            if turn.k == contact.facts.turns - 1:
                self._settles(contact, Outcome.ANSWERED)
                conversation.served.append(contact)
        if not conversation.pending and person.script and person.thinking is None:
            self._thinks(person)
        return not conversation.pending and not person.script and person.thinking is None

    def _thinks(self, person: Person) -> None:
        """He prepares his next burst. If the conversation is closed meanwhile, he writes all the same."""
        world, contact = self._world, person.script[0]
        person.thinking = thought = object()
        world.begins()
        world.call_after(contact.think_us(contact.next_turn), INBOUND, contact.owner, self._writes_on, person, thought)

    def _writes_on(self, person: Person, thought: object) -> None:
        """The next burst of his script: into the open conversation, or re-opening it, or starting one."""
        world = self._world
        if person.thinking is thought:
            person.thinking = None
            if not person.asleep:
                contact = person.script[0]
                k, contact.next_turn = contact.next_turn, contact.next_turn + 1
                if contact.next_turn == contact.facts.turns:
                    del person.script[0]
                decision = world.conversations.threads(person)
                conversation = world.conversations.place(contact, decision)
                if decision != JOINS:
                    world.conversations.opens_portion(conversation, contact, decision)
                self._writes(conversation, contact, k, 1)
                if decision != JOINS:
                    enters_flow(world, conversation, contact, decision == REOPENS)
        world.ends()

    # --- leaving ------------------------------------------------------------------------------------------------

    def loses_patience(self, conversation: Conversation, contact: Contact, offer: int, queue: int) -> None:
        """Still in the queue when his patience ends: he disconnects if he can and would, or stops reading."""
        world, person = self._world, conversation.person
        if person.asleep:
            return
        row = (conversation.number, conversation.portion, offer, queue, contact.number)
        if contact.facts.silent or not self._can_disconnect[person.channel]:
            person.asleep = True
            for turn in conversation.pending:
                turn.complete = True  # he stops typing
            world.log(Event.GAVE_UP, *row)
            self._writes_again(contact, Return.AFTER_SILENT)
        else:
            world.log(Event.ABANDONED, *row)
            world.acd.withdraws(conversation)
            world.conversations.disconnects(conversation, Disconnect.ABANDONED)
            self._writes_again(contact, Return.AFTER_ABANDON)

    def loses_patience_with_agent(self, conversation: Conversation, contact: Contact) -> None:
        """With `patience_until: first_reply` the wait goes on after the connect, but not while the reply is written:
        he sees that somebody types (assumed)."""
        session, person = conversation.session, conversation.person
        assert session is not None
        until_reply = contact.draws.patience_until_reply[contact.facts.topic]
        if not until_reply or session.replies or session.writing or person.asleep:
            return
        if contact.facts.silent or not self._can_disconnect[person.channel]:
            self._vanishes(conversation, contact)
            for turn in conversation.pending:
                self._world.conversations.completes(conversation, turn)
            self._writes_again(contact, Return.AFTER_SILENT)
        else:
            self._world.conversations.disconnects(conversation, Disconnect.LEFT)
            self._writes_again(contact, Return.AFTER_ABANDON)

    def _vanishes(self, conversation: Conversation, contact: Contact) -> None:
        """In mid-conversation he goes silent, and with him all that he had still to say."""
        self._world.log(Event.CONTACT_VANISHED, conversation.number, conversation.portion, contact.number)
        conversation.person.asleep = True
        self._settles_all(conversation.person, Outcome.VANISHED)

    def sees_disconnect(self, conversation: Conversation, reason: int) -> None:
        """A portion has ended: whose need is settled by that, and who will write again?"""
        person = conversation.person
        blocked = list(person.unresolved) if reason == Disconnect.BLOCKED else []
        if reason in _SETTLES:
            self._settles_all(person, _SETTLES[reason])
        elif person.asleep or reason == Disconnect.RESOLVED:
            # Asleep, or awake again after he was answered in vain: nothing of it is still to come.
            self._settles_all(person, Outcome.SILENT)
        person.asleep = False
        for contact in conversation.served:
            self._writes_again(contact, Return.AFTER_SERVICE)
            if not contact.is_thanks:
                self._writes_again(contact, Return.THANKS)
        conversation.served.clear()
        for contact in blocked:
            self._writes_again(contact, Return.AFTER_BLOCKED)

    def _settles(self, contact: Contact, outcome: int) -> None:
        contact.settled = True
        contact.person.unresolved.remove(contact)
        self._world.log(Event.CONTACT_ENDED, message=contact.number, value=outcome)

    def _settles_all(self, person: Person, outcome: int) -> None:
        for contact in list(person.unresolved):
            self._settles(contact, outcome)
        person.script.clear()
        person.thinking = None

    # --- writing again ------------------------------------------------------------------------------------------

    def _writes_again(self, contact: Contact, reason: int) -> None:
        delay_us, number = contact.next_again_us(reason)
        if delay_us == NEVER:
            return
        world = self._world
        entity = contact.draws.later_entity(contact.entity, reason, number)
        owner = owner_id(contact.source, entity)
        world.begins()
        world.call_after(delay_us, INBOUND, owner, self._returns, contact, entity, reason, number)

    def _returns(self, parent: Contact, entity: int, reason: int, number: int) -> None:
        """A later contact of the same person, with draws of its own."""
        world, draws = self._world, parent.draws
        topic = draws.later_topic(reason, parent.facts.topic)
        facts = draws.facts_at(entity, topic, parent.facts.customer)
        if reason == Return.THANKS:
            facts = facts._replace(turns=1, messages=1, vanishes_after=0)  # "thank you", and no more
        contact = Contact(world.next_contact(), parent.source, entity, parent.person, facts, draws, None)
        contact.is_thanks = reason == Return.THANKS
        self.arrives(contact, Event.CONTACT_RETURNED, parent.number, reason)
        world.ends()


_ENTRIES = {
    STARTS: Event.CONTACT_STARTED,
    REOPENS: Event.CONTACT_REOPENED,
    JOINS: Event.CONTACT_JOINED,
}

_SETTLES = {
    Disconnect.CONTAINED: Outcome.CONTAINED,
    Disconnect.ABANDONED: Outcome.ABANDONED,
    Disconnect.BLOCKED: Outcome.BLOCKED,
    Disconnect.LEFT: Outcome.LEFT,
}
"""Disconnects that settle every need of the person. After the others he may go on in a later portion."""
