"""Outages in the model: what customers write meanwhile is held or lost, what the business writes is queued.

A held message comes in at the instant the way opens, in the order in which it was written, before anything else that
customers write at that instant. Scenarios without outages have no such object and pay nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

from simulator.rules.order import INBOUND
from simulator.rules.outages import open_at_us, retried_us
from simulator.vocabulary.codes import EVENTS as Event

if TYPE_CHECKING:
    from simulator.model.contact import Contact, Person
    from simulator.model.conversation import Conversation
    from simulator.model.flow import Walk
    from simulator.model.sending import Outgoing, Sending
    from simulator.model.world import World
    from simulator.workload.outages import Closed

Process = Generator[Any, None, None]

HELD_FIRST = -(2**90)
"""Added to the number of a hold: what was held comes in before other messages of the instant, in its own order."""
SKIPPED = -1
"""Stands for "not at all" where the instant would stand at which a bot speaks."""
COMES_IN, NOBODY = 0, 1
"""What MESSAGE_RELEASED says."""
NEVER: Closed = ([], [])


class Outages:
    """What is down, and what waits for it."""

    def __init__(self, world: World):
        self._world = world
        drawn = world.workload.outages
        channels = range(len(world.directory.channels))
        self._why = drawn.why
        self._closed = [drawn.closed.get(channel, NEVER) for channel in channels]
        self._losing = [drawn.losing.get(channel, NEVER) for channel in channels]
        self._bots_waiting, self._bots_skipped = drawn.bots_waiting, drawn.bots_skipped
        self._flows = [world.scenario.channels[name].flow for name in world.directory.channels]
        self._retries = [
            next((each.retry for each in drawn.all if channel in each.channels and each.retry), None)
            for channel in channels
        ]
        self._queued_until: dict[int, int] = {}
        """When the latest queued message of a conversation leaves, where senders try again."""
        self._next_hold = count().__next__

    def closes(self, end_us: int) -> None:
        """The run is over: when each began and ended, as far as it came to that, is written in bulk."""
        journal = self._world.journal
        for outage in self._world.workload.outages.all:
            began, ended = outage.start_us < end_us, outage.end_us < end_us
            journal.write_block(
                outage.start_us[began], Event.OUTAGE_BEGAN, message=outage.number, value=outage.end_us[began]
            )
            journal.write_block(outage.end_us[ended], Event.OUTAGE_ENDED, message=outage.number)

    # --- what customers write -----------------------------------------------------------------------------------

    def opens_us(self, channel: int) -> int:
        """When a message that is written now comes in: now, unless the channel is cut off."""
        return open_at_us(self._world.now, *self._closed[channel])

    def loses(self, channel: int) -> bool:
        """Is what customers write now lost?"""
        now = self._world.now
        return open_at_us(now, *self._losing[channel]) != now

    def lost(self, contact: Contact, conversation: Conversation | None = None) -> None:
        """A message of his never comes in."""
        self._log(Event.MESSAGE_LOST, -1, contact, conversation)

    def meets_contact(self, contact: Contact) -> None:
        """The opening burst of a contact meets an outage. If its first message is lost, he writes no more of it."""
        world, channel = self._world, contact.person.channel
        if self.loses(channel):
            self.lost(contact)
            world.customers.loses(contact)
            return
        holds, next_us = self.holds_burst(contact, 0, contact.messages, None)
        world.begins()
        self._calls_when_open(channel, holds[0], self._contact_comes_in, contact, holds, next_us)

    def _contact_comes_in(self, contact: Contact, holds: list[int], next_us: int) -> None:
        self._world.customers.comes_in_late(contact, holds, next_us)
        self._world.ends()

    def meets_turn(self, person: Person, thought: object) -> None:
        """The next burst of a customer meets an outage."""
        contact = person.script[0]
        if self.loses(person.channel):
            self.lost(contact, person.conversation)
            self._world.customers.turn_is_lost(person, contact)
            return
        (hold,), _ = self.holds_burst(contact, 0, 1, person.conversation)
        self._calls_when_open(person.channel, hold, self._world.customers.turn_comes_in, person, thought, contact, hold)

    def meets_answer(self, walk: Walk) -> Process:
        """An answer to the flow may meet an outage; a lost one he gives again when the channel is back (assumed)."""
        conversation, contact = walk.conversation, walk.contact
        channel = contact.person.channel
        if self.opens_us(channel) == self._world.now:
            return
        if self.loses(channel):
            self.lost(contact, conversation)
            yield self.until_open(channel, self._next_hold())
            return
        (hold,), _ = self.holds_burst(contact, 0, 1, conversation)
        yield self.until_open(channel, hold)
        self.released(hold, contact, conversation, NOBODY if walk.over else COMES_IN)

    def holds_burst(
        self, contact: Contact, k: int, messages: int, conversation: Conversation | None
    ) -> tuple[list[int], int]:
        """Message k of a burst is held now, and so is what he writes of it before the channel is back.

        The numbers of the holds, and when he writes the message after them (-1: never, or nobody asks).
        """
        world = self._world
        opens_us, at_us = self.opens_us(contact.person.channel), world.now
        holds = [self._next_hold()]
        self._log(Event.MESSAGE_HELD, holds[0], contact, conversation)
        for gap in range(k, messages - 1):
            at_us += contact.gap_us(gap)
            if at_us >= opens_us:
                return holds, at_us
            holds.append(self._next_hold())
            row = (Event.MESSAGE_HELD, holds[-1], contact, conversation)
            world.call_after(at_us - world.now, INBOUND, contact.owner, self._log, *row)
        return holds, -1

    def until_open(self, channel: int, hold: int) -> tuple[int, int]:
        """When a held message comes in, for a story to wait."""
        return self._world.until(self.opens_us(channel), INBOUND, HELD_FIRST + hold)

    def _calls_when_open(self, channel: int, hold: int, action: Callable[..., None], *args: Any) -> None:
        delay_us = self.opens_us(channel) - self._world.now
        self._world.call_after(delay_us, INBOUND, HELD_FIRST + hold, action, *args)

    def released(
        self, hold: int, contact: Contact, conversation: Conversation | None = None, value: int = COMES_IN
    ) -> None:
        """What was held comes in now, or nobody waits for it any more."""
        channel = contact.person.channel
        number, portion = (-1, -1) if conversation is None else (conversation.number, conversation.portion)
        self._world.log(Event.MESSAGE_RELEASED, number, portion, hold, channel, contact.number, value)

    def drops(self, holds: Sequence[int], contact: Contact, conversation: Conversation | None) -> None:
        """What was held comes in too late: whoever wrote it is gone."""
        for hold in holds:
            self.released(hold, contact, conversation, NOBODY)

    def _log(self, event: int, message: int, contact: Contact, conversation: Conversation | None) -> None:
        world, channel = self._world, contact.person.channel
        outage = self._why(world.now, channel)
        number, portion = (-1, -1) if conversation is None else (conversation.number, conversation.portion)
        why = -1 if outage is None else outage.number
        world.log(event, number, portion, message, channel, contact.number, why)

    # --- what the business writes -------------------------------------------------------------------------------

    def watches(self, sending: Sending) -> None:
        """Every message of the business passes a gate on channels that may be cut off."""
        for channel, (starts, _) in enumerate(self._closed):
            if starts:
                sending.add_gate(channel, self.queues)

    def queues(self, at_us: int, message: Outgoing) -> int:
        """When a message that could leave at `at_us` leaves: then, or at the sender's first try that finds the channel
        back. In one conversation nothing overtakes what is still queued."""
        conversation = message.conversation
        channel = conversation.person.channel
        starts, ends = self._closed[channel]
        retry = self._retries[channel]
        if retry is None:
            leaves_us = open_at_us(at_us, starts, ends)
        else:
            leaves_us = retried_us(at_us, starts, ends, retry.every_us, retry.back_off, retry.at_most_us)
            before_us = self._queued_until.get(conversation.number, -1)
            if leaves_us < before_us:
                leaves_us = open_at_us(before_us, starts, ends)
            if leaves_us != at_us:
                self._queued_until[conversation.number] = leaves_us
        if leaves_us != at_us:
            outage = self._why(at_us, channel)
            self._world.log(
                Event.MESSAGE_QUEUED, conversation.number, conversation.portion, message.number, channel,
                -1 if outage is None else outage.number, leaves_us,
            )  # fmt: skip
        return leaves_us

    # --- bots ---------------------------------------------------------------------------------------------------

    def bot_says_us(self, conversation: Conversation, contact: Contact) -> int:
        """When the bot of the channel's flow says what it would say now; SKIPPED: customers go on without it.

        Writes the row if it does not do so at once.
        """
        now = self._world.now
        flow = self._flows[contact.person.channel]
        skipped = self._bots_skipped.get(flow)
        if skipped is not None and open_at_us(now, *skipped) != now:
            self._log_bot(Event.BOT_SKIPPED, conversation, contact, flow, 0)
            return SKIPPED
        waiting = self._bots_waiting.get(flow)
        says_us = now if waiting is None else open_at_us(now, *waiting)
        if says_us != now:
            self._log_bot(Event.BOT_WAITED, conversation, contact, flow, says_us)
        return says_us

    def _log_bot(self, event: int, conversation: Conversation, contact: Contact, flow: str, value: int) -> None:
        outage = self._why(self._world.now, flow=flow)
        why = -1 if outage is None else outage.number
        self._world.log(event, conversation.number, conversation.portion, contact.number, agent=why, value=value)


def outages(world: World) -> Outages | None:
    """The scenario's outages, None if it has none."""
    return Outages(world) if world.scenario.outages else None
