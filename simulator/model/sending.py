"""Everything that the business writes by hand or by bot leaves through here: replies, flow messages, templates.

    replies(session, turn)              an agent's reply is written
    says(conversation, contact, kind)   the flow says something
    add_gate(channel, gate)             somebody may hold messages of a channel back

Where a scenario says nothing about lengths, delivery or gates, a message leaves and is delivered in the same instant:
one row, no event. Otherwise a reply is a letter of one or more messages; each passes the gates, its window is looked
at when it leaves, and the customer acts when the whole letter is there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.journal import PACK
from simulator.model.delivery import Delivery
from simulator.model.letters import Address, Gate, Letter, Outgoing
from simulator.model.silence import keeps_courtesy, listens
from simulator.model.writing import Message, Writing
from simulator.rules.order import CAP_RELEASES, INBOUND
from simulator.rules.windows import SENT, TOO_LATE, may_send
from simulator.vocabulary.codes import BLOCKS as Block
from simulator.vocabulary.codes import CONTENTS as Content
from simulator.vocabulary.codes import DISCONNECTS as Disconnect
from simulator.vocabulary.codes import EVENTS as Event
from simulator.workload.letters import FLOW, IN, REPLY, TEMPLATE, written

if TYPE_CHECKING:
    from simulator.model.contact import Contact
    from simulator.model.conversation import Conversation, Session, Turn
    from simulator.model.world import World

GOES_ON = 0  # sent; the customer may write again
FINISHED = 1  # sent; as far as the agent can know that was all
WAITS = 2  # held back, blocked or closed: nothing for the agent to do until somebody calls

SAVES_TIME, SAVES_FAILURE = 1, 2
_SAVES = {"time": SAVES_TIME, "failure": SAVES_FAILURE, "both": SAVES_TIME + SAVES_FAILURE}


class Sending:
    """The way out, for all channels."""

    def __init__(self, world: World):
        self._world = world
        self._rows = world.journal.rows
        self._addresses = [Address(world, name) for name in world.directory.channels]
        self._letters = world.workload.letters
        scenario = world.scenario
        self.speaks = any(b.voice for b in scenario.behaviours.values()) or written(scenario)
        """Whether listening or recording may cost an agent time."""
        self.hears = any(b.characters or b.attachments or b.voice for b in scenario.behaviours.values())
        """Whether customers' messages have a size."""
        self.comes_later = [address.middleware for address in self._addresses]
        """Whether customers' messages pass a middleware. [channel]"""
        self._writing = Writing(world, self._addresses)
        self._delivery = Delivery(world, self._addresses, self._settles)
        self.spoken_us = self._writing.spoken_us
        self.hears_message = self._writing.hears_message
        self._session_saves = [
            _SAVES[channel.authenticated_skips] if channel.authenticated else 0
            for channel in (scenario.channels[name] for name in world.directory.channels)
        ]

    def add_gate(self, channel: int, gate: Gate) -> None:
        """Messages of this channel pass this gate too, in the order in which gates were added."""
        self._addresses[channel].gates.append(gate)
        self._addresses[channel].plain = False

    # --- agents -------------------------------------------------------------------------------------------------

    def replies(self, session: Session, turn: Turn) -> int:
        """The reply to a turn, the first that is pending, is written: GOES_ON, FINISHED or WAITS."""
        world, conversation = self._world, session.conversation
        address = self._addresses[conversation.person.channel]
        if address.plain:
            window_us = address.agent_window_us
            if window_us is not None and world.now - conversation.last_inbound_us > window_us:
                return self._shuts_out(session, turn, TOO_LATE, next(world.message_numbers))
            agent = session.agent.number
            world.conversations.sends(conversation, Event.REPLY_SENT, turn.number, session.queue.number, agent)
            self._is_written(session, turn)
            return world.customers.reads(conversation, turn)
        letter = Letter(REPLY, conversation, turn.contact, turn.k, turn.number)
        letter.session, letter.turn = session, turn
        letter.queue, letter.agent = session.queue.number, session.agent.number
        self._posts(letter, self._writing.reply_of(session, turn, address))
        if letter.blocked:
            return GOES_ON if conversation.session is session else WAITS
        if letter.left:
            return self._is_finished(letter)
        self._is_written(session, turn)  # it is off his desk, though not yet on its way
        conversation.held += 1
        return WAITS

    @staticmethod
    def _is_written(session: Session, turn: Turn) -> None:
        conversation = session.conversation
        conversation.replied_in = conversation.portion
        del conversation.pending[0]
        conversation.read_upto[session.agent.number] = conversation.messages
        session.replies += 1
        turn.contact.replied = True

    def _is_finished(self, letter: Letter) -> int:
        """A reply has left. If it is there already the customer has read it; else the agent goes by what he knows."""
        if letter.under_way:
            return self._world.customers.has_nothing_to_say(letter.conversation)
        return letter.finished and not letter.conversation.held

    # --- flows --------------------------------------------------------------------------------------------------

    def says(self, conversation: Conversation, contact: Contact, kind: int) -> Letter | None:
        """A message of the flow. None: the customer has it. Otherwise wait for the letter's `bell`, if it has one,
        and look whether it `reached` him."""
        world = self._world
        address = self._addresses[conversation.person.channel]
        if address.plain:
            window_us, now = address.bot_window_us, world.now
            if window_us is None or now - conversation.last_inbound_us <= window_us:
                # `conversations.sends`, written out: two in three messages of the business are a flow's
                conversation.messages += 1
                conversation.latest_us = now
                self._rows += PACK(
                    now, Event.FLOW_MESSAGE_SENT, conversation.number, conversation.portion,
                    next(world.message_numbers), -1, -1, kind,
                )  # fmt: skip
                return None
        contact.said += 1
        letter = Letter(FLOW, conversation, contact, contact.said - 1, kind)
        drawn = self._letters.get(contact.source)
        characters = drawn.said(address.characters, contact.entity, letter.k) if drawn and address.characters else 0
        self._posts(letter, self._writing.texts(address, letter.lane, contact, letter.k, characters))
        if letter.reached and not letter.under_way:
            return None
        if letter.under_way:
            letter.bell = world.bell()
        return letter

    def coming_us(self, source: int, entity: int, way: str, k: int) -> int:
        """How long a customer's message takes through the middleware. `way`: IN or IN_FLOW."""
        return self._letters[source].coming_us(way, entity, k)

    def session_saves(self, contact: Contact) -> int:
        """What an authenticated session saves of the identification: SAVES_TIME, SAVES_FAILURE, their sum, or 0."""
        saves = self._session_saves[contact.person.channel]
        if not saves or not self._letters[contact.source].is_authenticated(contact.entity):
            return 0
        return saves

    # --- on the way out -----------------------------------------------------------------------------------------

    def _posts(self, letter: Letter, messages: list[Message]) -> None:
        """Every message of a letter asks the gates; what may leave leaves."""
        world = self._world
        now = world.now
        gates = self._addresses[letter.conversation.person.channel].gates
        world.begins()  # until all of it is settled
        letter.under_way += 1
        for content, size, segments, refused in messages:
            if letter.blocked:
                break
            number = next(world.message_numbers)
            if refused:
                self._log(Event.ATTACHMENT_REFUSED, letter, number, refused, letter.agent, size)
                continue
            if not letter.messages:
                letter.first = number
            message = Outgoing(letter, letter.messages, number, content, size, segments, now)
            letter.messages += 1
            letter.under_way += 1
            at_us: int | None = now
            for gate in gates:
                at_us = gate(now if at_us is None else at_us, message)
                if at_us is None:
                    break
            if at_us is not None and at_us <= now:
                self.leaves(message)
                continue
            turn = -1 if letter.turn is None else letter.turn.number
            self._log(Event.MESSAGE_PENDING, letter, number, letter.queue, letter.agent, turn)
            if at_us is not None:
                world.call_after(at_us - now, CAP_RELEASES, letter.contact.owner, self.leaves, message)
        self._settles(letter)

    def leaves(self, message: Outgoing) -> None:
        """A message leaves now, if it may."""
        letter, world = message.letter, self._world
        conversation = letter.conversation
        address = self._addresses[conversation.person.channel]
        if letter.lane == TEMPLATE:
            why = SENT
        else:
            window_us = address.agent_window_us if letter.lane == REPLY else address.bot_window_us
            why = may_send(world.now, conversation.last_inbound_us, window_us, conversation.sent_since, address.most)
        if letter.blocked or why != SENT:
            self._is_blocked(message, why or Block.WINDOW)
            return
        event, queue, value = Event.PART_SENT, letter.queue, letter.first
        if message.i == 0:
            event, value = _FIRST[letter.lane], letter.value
            if letter.lane == TEMPLATE:
                queue, value = letter.value, letter.turns[0].number
        world.conversations.sends(conversation, event, value, queue, letter.agent, message.number, letter.portion)
        conversation.sent_since += 1
        if message.size:
            self._log(Event.MESSAGE_SIZED, letter, message.number, message.content, message.segments, message.size)
        held = message.requested_us != world.now
        if message.i == 0 and letter.lane == REPLY:
            assert letter.session is not None and letter.turn is not None
            letter.left = True
            letter.contact.under_way += 1
            if not held:
                self._is_written(letter.session, letter.turn)
        self._delivery.travels(message)
        if message.i == 0 and letter.lane == REPLY and held:
            self._left_later(letter)

    def _left_later(self, letter: Letter) -> None:
        """A reply that was held back has left: what its agent would have done then."""
        session, conversation, world = letter.session, letter.conversation, self._world
        assert session is not None
        conversation.held -= 1
        if conversation.session is not session or conversation.portion != letter.portion:
            return
        if self._is_finished(letter) == FINISHED:
            if session.queue.courtesy_us:
                keeps_courtesy(world, session)
            else:
                world.conversations.disconnects(conversation, Disconnect.RESOLVED)
        elif not conversation.pending:
            listens(world, session)

    # --- what may not be sent -----------------------------------------------------------------------------------

    def _is_blocked(self, message: Outgoing, why: int) -> None:
        letter = message.letter
        if message.i == 0 and letter.turn is not None and not letter.blocked:
            session, turn = letter.session, letter.turn
            assert session is not None
            letter.blocked = True
            if message.requested_us == self._world.now:
                self._shuts_out(session, turn, why, message.number)
            else:
                self._shuts_out_later(letter, why, message.number)
        else:
            letter.blocked = letter.blocked or message.i == 0
            self._log(Event.REPLY_BLOCKED, letter, message.number, why, letter.agent, -1)
        self._settles(letter)

    def _shuts_out(self, session: Session, turn: Turn, why: int, number: int) -> int:
        """A reply may not be sent, and so none that this customer waits for here: a template, or the end."""
        world, conversation = self._world, session.conversation
        turns = [turn, *(other for other in conversation.pending if other is not turn)]
        for other in turns:
            other.complete = True
            world.log(
                Event.REPLY_BLOCKED, conversation.number, conversation.portion,
                number if other is turn else -1, why, session.agent.number, other.number,
            )  # fmt: skip
        conversation.pending.clear()
        template = self._addresses[conversation.person.channel].templates
        if why == TOO_LATE and template >= 0:
            self._sends_template(session, turns, template)
            return GOES_ON
        world.conversations.disconnects(conversation, Disconnect.WINDOW_CLOSED)
        return WAITS

    def _shuts_out_later(self, letter: Letter, why: int, number: int) -> None:
        """The same for a reply that was held back until it was too late."""
        session, turn, conversation = letter.session, letter.turn, letter.conversation
        assert session is not None and turn is not None
        conversation.held -= 1
        here = conversation.session is session and conversation.portion == letter.portion
        if here and not session.consulting:
            if self._shuts_out(session, turn, why, number) == GOES_ON:
                listens(self._world, session)
            return
        self._log(Event.REPLY_BLOCKED, letter, number, why, letter.agent, turn.number)
        self._world.customers.is_shut_out(turn.contact, writes_again=True)

    def _sends_template(self, session: Session, turns: list[Turn], template: int) -> None:
        contact = turns[0].contact
        contact.templates += 1
        letter = Letter(TEMPLATE, session.conversation, contact, contact.templates - 1, template)
        letter.turns = turns
        letter.queue, letter.agent = session.queue.number, session.agent.number
        self._posts(letter, [(Content.TEMPLATE, 0, 1, 0)])

    # --- what follows -------------------------------------------------------------------------------------------

    def _settles(self, letter: Letter) -> None:
        """One message less is under way; with the last one the customer has the letter, or never will."""
        letter.under_way -= 1
        if letter.under_way:
            return
        world = self._world
        if letter.lane == FLOW:
            if letter.bell is not None:
                world.rings(letter.bell)
        elif letter.lane == TEMPLATE:
            self._template_settled(letter)
        elif letter.left:
            self._reply_settled(letter)
        world.ends()

    def _reply_settled(self, letter: Letter) -> None:
        customers, conversation, turn = self._world.customers, letter.conversation, letter.turn
        assert turn is not None
        letter.contact.under_way -= 1
        if letter.reached:
            letter.finished = customers.reads_letter(conversation, turn)
        else:
            customers.misses_reply(conversation, turn)

    def _template_settled(self, letter: Letter) -> None:
        """He may answer the template: then he writes what was blocked once more, and the window is open."""
        world, person = self._world, letter.conversation.person
        for turn in letter.turns:
            contact = turn.contact
            if person.asleep or contact.settled:
                continue
            answer_us = self._letters[contact.source].answer_us(contact.entity, letter.k) if letter.reached else None
            if answer_us is None:
                world.customers.is_shut_out(contact, writes_again=not letter.reached)
            else:
                world.begins()
                if self.comes_later[person.channel]:
                    answer_us += self.coming_us(contact.source, contact.entity, IN, turn.k)
                world.call_after(answer_us, INBOUND, contact.owner, self._is_answered, contact, turn.k)

    def _is_answered(self, contact: Contact, k: int) -> None:
        world, outages = self._world, self._world.outages
        if outages is not None and (opens_us := outages.opens_us(contact.person.channel)) != world.now:
            world.call_after(opens_us - world.now, INBOUND, contact.owner, self._is_answered, contact, k)
            return  # held until the channel is back
        if not contact.settled and not contact.person.asleep:
            world.customers.writes_anew(contact, k)
        world.ends()

    def _log(self, event: int, letter: Letter, message: int, queue: int = -1, agent: int = -1, value: int = 0) -> None:
        self._world.log(event, letter.conversation.number, letter.portion, message, queue, agent, value)


_FIRST = {REPLY: Event.REPLY_SENT, FLOW: Event.FLOW_MESSAGE_SENT, TEMPLATE: Event.TEMPLATE_SENT}
