"""How a need ends, and whether he who had it writes again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.journal import PACK
from simulator.model.contact import Contact, Person
from simulator.rules.order import INBOUND, owner_id
from simulator.vocabulary.codes import DISCONNECTS as Disconnect
from simulator.vocabulary.codes import EVENTS as Event
from simulator.vocabulary.codes import OUTCOMES as Outcome
from simulator.vocabulary.codes import RETURNS as Return
from simulator.workload.contacts import NEVER

if TYPE_CHECKING:
    from simulator.model.conversation import Conversation
    from simulator.model.world import World


class Needs:
    """Of all customers: what they came for."""

    def __init__(self, world: World):
        self._world = world
        self._rows = world.journal.rows

    # --- how they end -------------------------------------------------------------------------------------------

    def settles(self, contact: Contact, outcome: int) -> None:
        """One need has ended."""
        contact.settled = True
        contact.person.unresolved.remove(contact)
        self._rows += PACK(self._world.now, Event.CONTACT_ENDED, -1, -1, contact.number, -1, -1, outcome)

    def settles_all(self, person: Person, outcome: int) -> None:
        """All of one person, and he has nothing more to say."""
        if person.unresolved:
            for contact in list(person.unresolved):
                if not contact.under_way or outcome != Outcome.SILENT or person.asleep:  # else the reply settles it
                    self.settles(contact, outcome)
        if person.script:
            person.script.clear()
        person.thinking = None

    def sees_disconnect(self, conversation: Conversation, reason: int) -> None:
        """A portion has ended: whose need is settled by that, and who will write again?"""
        person = conversation.person
        turned_away: list[Contact] = []
        if reason in _TURNS_AWAY and not (reason == Disconnect.WINDOW_CLOSED and person.asleep):
            turned_away = list(person.unresolved)
        if reason in _SETTLES and not (reason == Disconnect.WINDOW_CLOSED and person.asleep):
            self.settles_all(person, _SETTLES[reason])
        elif person.asleep or reason == Disconnect.RESOLVED:
            # Asleep, or awake again after he was answered in vain: nothing of it is still to come.
            self.settles_all(person, Outcome.SILENT)
        person.asleep = False
        if conversation.served:
            self.follows_up(conversation)
        for contact in turned_away:
            self.writes_again(contact, _TURNS_AWAY[reason])

    def follows_up(self, conversation: Conversation) -> None:
        """Those who were served in a portion that is over may write again."""
        for contact in conversation.served:
            self.writes_again(contact, Return.AFTER_SERVICE)
            if not contact.is_thanks:
                self.writes_again(contact, Return.THANKS)
        conversation.served.clear()

    # --- writing again ------------------------------------------------------------------------------------------

    def writes_again(self, contact: Contact, reason: int) -> None:
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
        topic = draws.later_topic(reason, parent.topic, entity)
        facts = draws.facts_at(entity, topic, parent.customer)
        if reason == Return.THANKS:
            facts = facts._replace(turns=1, messages=1, vanishes_after=0)  # "thank you", and no more
        contact = Contact(next(world.contact_numbers), parent.source, entity, parent.person, facts, draws, None)
        contact.is_thanks = reason == Return.THANKS
        world.customers.arrives(contact, Event.CONTACT_RETURNED, parent.number, reason)
        world.ends()


_SETTLES = {
    Disconnect.CONTAINED: Outcome.CONTAINED,
    Disconnect.ABANDONED: Outcome.ABANDONED,
    Disconnect.BLOCKED: Outcome.BLOCKED,
    Disconnect.LEFT: Outcome.LEFT,
    Disconnect.WINDOW_CLOSED: Outcome.WINDOW_CLOSED,
    Disconnect.TIMED_OUT: Outcome.TIMED_OUT,
    Disconnect.SHIFT_END_UNANSWERED: Outcome.UNANSWERED,
    Disconnect.LEFT_FLOW: Outcome.LEFT_FLOW,
    Disconnect.FLOW_TIMED_OUT: Outcome.LEFT_FLOW,
    Disconnect.CLOSED_BY_FLOW: Outcome.CLOSED_BY_FLOW,
    Disconnect.FLOWED_OUT: Outcome.FLOWED_OUT,
}
"""Disconnects that settle every need of the person. After the others he may go on in a later portion."""

_TURNS_AWAY = {Disconnect.BLOCKED: Return.AFTER_BLOCKED, Disconnect.WINDOW_CLOSED: Return.AFTER_SILENT}
"""Disconnects after which he may write again, and why."""
