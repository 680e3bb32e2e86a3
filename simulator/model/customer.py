"""Customers: they arrive, write bursts, think, wait, give up and vanish. How their needs end stands in `needs.py`."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from simulator.journal import PACK
from simulator.model.contact import Contact, Person
from simulator.model.flow import enters_flow, hears
from simulator.model.needs import Needs
from simulator.rules.order import INBOUND, WAITING_ENDS, owner_id
from simulator.rules.threading import JOINS, REOPENS, STARTS
from simulator.vocabulary.codes import DISCONNECTS as Disconnect
from simulator.vocabulary.codes import EVENTS as Event
from simulator.vocabulary.codes import OUTCOMES as Outcome
from simulator.vocabulary.codes import RETURNS as Return
from simulator.workload.contacts import CUSTOMER, NEVER
from simulator.workload.letters import IN
from simulator.workload.workload import ChannelContacts

if TYPE_CHECKING:
    from simulator.model.conversation import Conversation, Turn
    from simulator.model.world import World

Process = Generator[Any, None, None]


class Customers:
    """All customers of all channels."""

    def __init__(self, world: World, can_disconnect: list[bool]):
        self._world = world
        self._rows = world.journal.rows
        self._can_disconnect = can_disconnect
        """May a customer disconnect on this channel? [channel]"""
        self._people: dict[tuple[int, int], Person] = {}
        self._strangers: list[Person] = []
        """Of no population."""
        self.needs = Needs(world)

    # --- writing ------------------------------------------------------------------------------------------------

    def arrivals(self, columns: ChannelContacts) -> Process:
        """The first contacts of one channel, one after the other."""
        world, source = self._world, columns.source
        channel, draws = world.directory.source_channel[source], world.workload.draws[source]
        comes_later = world.sending.comes_later[channel]
        world.begins()
        for i, (at_us, drawn) in enumerate(columns.in_order()):
            yield at_us, INBOUND + owner_id(source, i)
            if comes_later:
                world.begins()
                later_us = world.sending.coming_us(source, i, IN, 0)
                world.call_after(later_us, INBOUND, owner_id(source, i), self._comes_through, columns, i, later_us)
                continue
            person = self.person(channel, drawn[CUSTOMER])
            contact = Contact(next(world.contact_numbers), source, i, person, drawn, draws, columns)
            self.arrives(contact, Event.CONTACT_ARRIVED, source, i)
        world.ends()

    def _comes_through(self, columns: ChannelContacts, i: int, later_us: int) -> None:
        """A first contact whose message has passed the middleware."""
        world, source = self._world, columns.source
        drawn = columns.facts.item(i)
        person = self.person(world.directory.source_channel[source], drawn[CUSTOMER])
        contact = Contact(next(world.contact_numbers), source, i, person, drawn, world.workload.draws[source], columns)
        self.arrives(contact, Event.CONTACT_ARRIVED, source, i)
        world.log(Event.MIDDLEWARE_PASSED, agent=contact.number, value=later_us)
        world.ends()

    def person(self, channel: int, customer: int) -> Person:
        """Somebody of the channel's population, or a new person."""
        if customer < 0:
            self._strangers.append(stranger := Person(channel))
            return stranger
        person = self._people.get((channel, customer))
        if person is None:
            person = self._people[channel, customer] = Person(channel)
        return person

    def somebody(self, channel: int, customer: int) -> Person | None:
        """Somebody of the channel's population, if he has ever written."""
        return self._people.get((channel, customer))

    def lets_go(self) -> None:
        """The run is over: nobody remembers his conversation. Person and conversation point at each other; where
        nothing parts them, Python's collector has to look through all that the run made to find them (5 % of a run,
        measured)."""
        for person in chain(self._people.values(), self._strangers):
            person.conversation = None
        self._people.clear()
        self._strangers.clear()

    def arrives(self, contact: Contact, event: int, origin: int, detail: int) -> None:
        """A contact begins: it starts, re-opens or joins a conversation with its opening burst."""
        world, person = self._world, contact.person
        outages = world.outages
        if outages is not None and outages.opens_us(person.channel) != world.now:
            world.log(event, message=contact.number, queue=contact.topic, agent=origin, value=detail)
            outages.meets_contact(contact)
            return
        decision = world.conversations.threads(person)
        conversation = world.conversations.place(contact, decision)
        self._rows += PACK(
            world.now, event, conversation.number, conversation.portion, contact.number, contact.topic, origin, detail
        )
        self._comes_in(contact, decision, conversation)

    def comes_in_late(self, contact: Contact, holds: list[int], next_us: int) -> None:
        """The opening messages of a contact, so many of them held until now; the next he writes at `next_us`."""
        world = self._world
        decision = world.conversations.threads(contact.person)
        self._comes_in(contact, decision, world.conversations.place(contact, decision), holds, next_us)

    def _comes_in(
        self, contact: Contact, decision: int, conversation: Conversation, holds: Sequence[int] = (), next_us: int = -1
    ) -> None:
        world, person = self._world, contact.person
        self._rows += PACK(
            world.now, _ENTRIES[decision], conversation.number, conversation.portion,
            contact.number, -1, -1, contact.customer,
        )  # fmt: skip
        person.asleep = False
        person.unresolved.append(contact)
        if contact.turns > 1:
            person.script.append(contact)
        if decision != JOINS:
            world.conversations.opens_portion(conversation, contact, decision)
        self._writes(conversation, contact, 0, contact.messages, holds, next_us)
        if decision != JOINS:
            enters_flow(world, conversation, contact, decision == REOPENS)
        elif conversation.walk is not None:
            hears(world, conversation)

    def _writes(
        self, conversation: Conversation, contact: Contact, k: int, messages: int, holds: Sequence[int] = (),
        next_us: int = -1,
    ) -> None:  # fmt: skip
        """The burst of turn k: its first message now, or, after an outage, those that were held."""
        conversations = self._world.conversations
        turn = conversations.opens_turn(conversation, contact, k)
        if holds:
            self._receives_held(conversation, turn, holds)
        else:
            conversations.receives(conversation, contact, turn)
        if messages == 1 or messages <= len(holds):
            conversations.completes(conversation, turn)
        elif holds:
            self._world.process(self._types_on(conversation, turn, messages, len(holds) - 1, next_us))
        else:
            self._world.process(self._types_on(conversation, turn, messages))

    def _types_on(
        self, conversation: Conversation, turn: Turn, messages: int, k: int = 0, next_us: int = -1
    ) -> Process:
        """The rest of a burst, unless he gives up or the portion ends first. Message k is in; the next he writes at
        `next_us`, or after the gap that was drawn."""
        world, contact, outages = self._world, turn.contact, self._world.outages
        while k < messages - 1:
            delay_us = contact.gap_us(k) if next_us < 0 else next_us - world.now
            yield world.after(delay_us, INBOUND, contact.owner)
            if turn.complete:
                return
            k, next_us = k + 1, -1
            if outages is None or outages.opens_us(contact.person.channel) == world.now:
                world.conversations.receives(conversation, contact, turn)
            elif outages.loses(contact.person.channel):
                outages.lost(contact, conversation)
            else:
                holds, next_us = outages.holds_burst(contact, k, messages, conversation)
                yield outages.until_open(contact.person.channel, holds[0])
                if turn.complete:
                    outages.drops(holds, contact, conversation)
                    return
                self._receives_held(conversation, turn, holds)
                k += len(holds) - 1
        world.conversations.completes(conversation, turn)

    def _receives_held(self, conversation: Conversation, turn: Turn, holds: Sequence[int]) -> None:
        """Messages that an outage had held come in, one after the other."""
        world = self._world
        assert world.outages is not None
        for hold in holds:
            world.outages.released(hold, turn.contact, conversation)
            world.conversations.receives(conversation, turn.contact, turn)

    # --- reading and thinking -----------------------------------------------------------------------------------

    def reads(self, conversation: Conversation, turn: Turn) -> bool:
        """The reply to a turn is delivered. Is the conversation finished, as far as the agent can know?"""
        person, contact = conversation.person, turn.contact
        if person.asleep:
            return False
        if not contact.settled:
            if contact.vanishes_after == turn.k + 1:
                self._vanishes(conversation, contact)
                return False
            if turn.k == contact.turns - 1:
                self.needs.settles(contact, Outcome.ANSWERED)
                conversation.served.append(contact)
        if not conversation.pending and person.script and person.thinking is None:
            self._thinks(person)
        return not conversation.pending and not person.script and person.thinking is None

    def _thinks(self, person: Person) -> None:
        """He prepares his next burst. If the conversation is closed meanwhile, he writes all the same."""
        world, contact = self._world, person.script[0]
        person.thinking = thought = object()
        world.unfinished += 1
        think_us = contact.think_us(contact.next_turn)
        if world.sending.comes_later[person.channel]:
            think_us += world.sending.coming_us(contact.source, contact.entity, IN, contact.next_turn)
        world.call_after(think_us, INBOUND, contact.owner, self._writes_on, person, thought)

    def _writes_on(self, person: Person, thought: object, holds: Sequence[int] = ()) -> None:
        """The next burst of his script: into the open conversation, or re-opening it, or starting one. `holds`: an
        outage had held it until now."""
        world, outages = self._world, self._world.outages
        if person.thinking is thought:
            if outages is not None and not person.asleep and outages.opens_us(person.channel) != world.now:
                outages.meets_turn(person, thought)
                return
            person.thinking = None
            if not person.asleep:
                contact = person.script[0]
                k, contact.next_turn = contact.next_turn, contact.next_turn + 1
                if contact.next_turn == contact.turns:
                    del person.script[0]
                self._writes_turn(contact, k, holds)
        world.ends()

    def _writes_turn(self, contact: Contact, k: int, holds: Sequence[int] = ()) -> None:
        world = self._world
        decision = world.conversations.threads(contact.person)
        conversation = world.conversations.place(contact, decision)
        if decision != JOINS:
            world.conversations.opens_portion(conversation, contact, decision)
        self._writes(conversation, contact, k, 1, holds)
        if decision != JOINS:
            enters_flow(world, conversation, contact, decision == REOPENS)
        if world.sending.comes_later[contact.person.channel]:
            came_us = world.sending.coming_us(contact.source, contact.entity, IN, k)
            world.log(Event.MIDDLEWARE_PASSED, agent=contact.number, value=came_us)

    # --- replies that come later, or never ----------------------------------------------------------------------

    def has_nothing_to_say(self, conversation: Conversation) -> bool:
        """Is a conversation finished, as far as an agent can know whose reply is still under way?"""
        person = conversation.person
        if person.asleep or conversation.pending or conversation.held:
            return False
        return not person.script and person.thinking is None

    def reads_letter(self, conversation: Conversation, turn: Turn) -> bool:
        """A reply is there, maybe after the conversation was closed. As `reads`."""
        turn.contact.heard += 1
        finished = self.reads(conversation, turn)
        if conversation.served and not conversation.is_open:
            self.needs.follows_up(conversation)
        return finished

    def misses_reply(self, conversation: Conversation, turn: Turn) -> None:
        """A reply never reached him: to him nobody has answered. He waits as long as his patience lasts, a new draw,
        and gives up; who never loses patience waits for nothing."""
        world, contact = self._world, turn.contact
        if contact.settled or conversation.person.asleep:
            return
        patience_us = contact.next_patience_us()
        if patience_us == NEVER:
            self._leaves_it(contact, Outcome.UNDELIVERED)
        else:
            world.begins()
            owner = contact.owner
            world.call_after(patience_us, WAITING_ENDS, owner, self._has_waited, contact, contact.heard)

    def _has_waited(self, contact: Contact, heard: int) -> None:
        if not contact.settled and contact.heard == heard:
            self._leaves_it(contact, Outcome.UNDELIVERED)
            self.needs.writes_again(contact, Return.AFTER_SILENT)
        self._world.ends()

    def is_shut_out(self, contact: Contact, writes_again: bool) -> None:
        """The reply to him was blocked, and nothing else will bring it."""
        if contact.settled or contact.person.asleep:
            return
        self._leaves_it(contact, Outcome.WINDOW_CLOSED)
        if writes_again:
            self.needs.writes_again(contact, Return.AFTER_SILENT)

    def _leaves_it(self, contact: Contact, outcome: int) -> None:
        """One need of his is settled without an answer."""
        self._drops(contact)
        self.needs.settles(contact, outcome)

    def _drops(self, contact: Contact) -> None:
        """What he had still to say about it goes unsaid. If he was about to write that, he turns to the next."""
        person = contact.person
        if contact not in person.script:
            return
        was_next = person.script[0] is contact
        person.script.remove(contact)
        if was_next and person.thinking is not None:
            person.thinking = None
            if person.script:
                self._thinks(person)

    def writes_anew(self, contact: Contact, k: int) -> None:
        """He answers a template: his turn once more, and the reply window is open."""
        self._writes_turn(contact, k)

    # --- leaving ------------------------------------------------------------------------------------------------

    def loses_patience(self, conversation: Conversation, contact: Contact, offer: int, queue: int) -> None:
        """Still in the queue when his patience ends: he disconnects if he can and would, or stops reading."""
        world, person = self._world, conversation.person
        if person.asleep:
            return
        row = (conversation.number, conversation.portion, offer, queue, contact.number)
        if contact.silent or not self._can_disconnect[person.channel]:
            person.asleep = True
            for turn in conversation.pending:
                turn.complete = True  # he stops typing
            world.log(Event.GAVE_UP, *row)
            self.needs.writes_again(contact, Return.AFTER_SILENT)
        else:
            world.log(Event.ABANDONED, *row)
            world.acd.withdraws(conversation)
            world.conversations.disconnects(conversation, Disconnect.ABANDONED)
            self.needs.writes_again(contact, Return.AFTER_ABANDON)

    def loses_patience_with_agent(self, conversation: Conversation, contact: Contact) -> None:
        """With `patience_until: first_reply` the wait goes on after the connect, but not while the reply is written:
        he sees that somebody types (assumed), and not for a later reply, whoever is to write it."""
        session, person = conversation.session, conversation.person
        assert session is not None
        is_first = contact.draws.patience_until_reply[contact.topic] and conversation.replied_in < conversation.portion
        if not is_first or session.writing or session.consulting or person.asleep:
            return
        if contact.silent or not self._can_disconnect[person.channel]:
            self._vanishes(conversation, contact)
            for turn in conversation.pending:
                self._world.conversations.completes(conversation, turn)
            self.needs.writes_again(contact, Return.AFTER_SILENT)
        else:
            self._world.conversations.disconnects(conversation, Disconnect.LEFT)
            self.needs.writes_again(contact, Return.AFTER_ABANDON)

    def leaves_flow(self, conversation: Conversation, contact: Contact) -> None:
        """He has had enough of the flow: he disconnects if he can and would, or reads no more."""
        world, person = self._world, conversation.person
        silent = bool(contact.silent) or not self._can_disconnect[person.channel]
        world.log(Event.FLOW_LEFT, conversation.number, conversation.portion, contact.number, value=int(silent))
        if silent:
            person.asleep = True
            for turn in conversation.pending:
                turn.complete = True  # he stops typing
        else:
            world.conversations.disconnects(conversation, Disconnect.LEFT_FLOW)
        self.needs.writes_again(contact, Return.AFTER_FLOW)

    def is_turned_away(self, contact: Contact) -> None:
        """A flow has ended his conversation without an agent: he may write again."""
        self.needs.writes_again(contact, Return.AFTER_FLOW)

    def _vanishes(self, conversation: Conversation, contact: Contact) -> None:
        """In mid-conversation he goes silent, and with him all that he had still to say."""
        self._world.log(Event.CONTACT_VANISHED, conversation.number, conversation.portion, contact.number)
        conversation.person.asleep = True
        self.needs.settles_all(conversation.person, Outcome.VANISHED)

    def turn_comes_in(self, person: Person, thought: object, contact: Contact, hold: int) -> None:
        """A burst that an outage had held: into what has become of the conversation, if he still means it."""
        if person.thinking is thought and not person.asleep:
            self._writes_on(person, thought, (hold,))
            return
        assert self._world.outages is not None
        self._world.outages.drops((hold,), contact, person.conversation)
        if person.thinking is thought:
            person.thinking = None
        self._world.ends()

    def turn_is_lost(self, person: Person, contact: Contact) -> None:
        """A burst that never comes in: nobody knows that he wrote."""
        person.thinking = None
        self.loses(contact)
        if person.script:
            self._thinks(person)
        self._world.ends()

    def loses(self, contact: Contact) -> None:
        """What he wrote was lost in an outage: he could not get through, and this need is settled by that. Like one
        who was turned away he may write again (assumed)."""
        person = contact.person
        if contact not in person.unresolved:
            person.unresolved.append(contact)
        self._drops(contact)
        self.needs.settles(contact, Outcome.LOST)
        self.needs.writes_again(contact, Return.AFTER_BLOCKED)


_ENTRIES = {
    STARTS: Event.CONTACT_STARTED,
    REOPENS: Event.CONTACT_REOPENED,
    JOINS: Event.CONTACT_JOINED,
}
