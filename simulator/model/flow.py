"""The inbound message flow: identify, bot, form, transfer. Every message of every channel passes it."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

from simulator.rules.order import INBOUND, WORK_DONE
from simulator.vocabulary.codes import DISCONNECTS as Disconnect
from simulator.vocabulary.codes import EVENTS as Event
from simulator.vocabulary.codes import FLOW_MESSAGES as FlowMessage

Process = Generator[Any, None, None]

if TYPE_CHECKING:
    from simulator.model.contact import Contact
    from simulator.model.conversation import Conversation
    from simulator.model.world import World


def enters_flow(world: World, conversation: Conversation, contact: Contact, reopened: bool) -> None:
    """Every portion enters the flow.

    A later pass of the same contact goes straight to the transfer; so does whoever re-opens a conversation where
    `reopen_runs_flow` is off.
    """
    skips = reopened and not world.conversations.reopening_runs_flow(conversation.person.channel)
    if contact.passed_flow or skips or not contact.draws.steps.order:
        contact.passed_flow = True
        world.acd.enters(conversation, contact, reopened)
    else:
        contact.passed_flow = True
        world.process(_inbound_flow(world, conversation, contact, reopened))


def _inbound_flow(world: World, conversation: Conversation, contact: Contact, reopened: bool) -> Process:
    """A contact's first way to the queue, step by step."""
    delays = iter(contact.flow_us())
    for step in contact.draws.steps.order:
        if step == "identify":
            yield world.after(next(delays), WORK_DONE, contact.owner)
            world.log(
                Event.IDENTIFIED,
                conversation.number,
                conversation.portion,
                contact.number,
                value=contact.facts.identified,
            )
        elif step == "bot":
            yield from _talk(world, conversation, contact, contact.facts.bot_turns, FlowMessage.BOT, delays)
            if contact.facts.contained:
                world.conversations.disconnects(conversation, Disconnect.CONTAINED)
                return
        elif step == "collect":
            fields = contact.draws.fields
            yield from _talk(world, conversation, contact, fields, FlowMessage.QUESTION, delays)
            contact.collected = fields
    world.acd.enters(conversation, contact, reopened)


def _talk(
    world: World,
    conversation: Conversation,
    contact: Contact,
    messages: int,
    kind: int,
    delays: Iterator[int],
) -> Process:
    """The business says something, the customer answers, and so on. A bot has the last word, a form has not."""
    for said in range(messages):
        yield world.after(next(delays), WORK_DONE, contact.owner)
        world.conversations.sends(conversation, Event.FLOW_MESSAGE_SENT, kind)
        if kind == FlowMessage.BOT and said == messages - 1:
            return
        yield world.after(next(delays), INBOUND, contact.owner)
        world.conversations.receives(conversation, contact)
