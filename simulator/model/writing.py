"""What is written: how many messages a reply becomes, and what a customer's message brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.model.letters import Address
from simulator.platforms import Platform
from simulator.rules.lengths import longest, parts, split
from simulator.vocabulary.codes import CONTENTS as Content
from simulator.vocabulary.codes import EVENTS as Event
from simulator.vocabulary.codes import FAILURES as Failure
from simulator.workload.letters import IN, REPLY

if TYPE_CHECKING:
    from simulator.model.contact import Contact
    from simulator.model.conversation import Conversation, Session, Turn
    from simulator.model.world import World

Message = tuple[int, int, int, int]
"""Content, size, parts, and why it is refused (`Failure`; 0: it is not)."""

_PART = 1 << 6
"""Messages of one burst, for the numbers of draws."""


class Writing:
    """Lengths and media, for all channels."""

    def __init__(self, world: World, addresses: list[Address]):
        self._world = world
        self._addresses = addresses
        self._letters = world.workload.letters

    def _way(self, session: Session, contact: Contact) -> int:
        """Way of replying (`Workload.replies`) of this agent, in this queue, to this topic."""
        group = self._world.directory.agent_group[session.agent.number]
        return self._world.workload.way_of_group[group][session.queue.number][contact.topic]

    def spoken_us(self, session: Session, turn: Turn) -> int:
        """Listening to the customer's voice note, and recording one's own."""
        drawn = self._letters.get(turn.contact.source)
        if drawn is None:
            return 0
        contact = turn.contact
        listening_us = drawn.listening_us(contact.topic, contact.entity, turn.k)
        return listening_us + drawn.recording_us(self._way(session, contact), contact.entity, turn.k)

    def reply_of(self, session: Session, turn: Turn, address: Address) -> list[Message]:
        """(content, size, parts, why it is refused) of each message of a reply."""
        contact = turn.contact
        drawn = self._letters.get(contact.source)
        if drawn is None:
            return [(Content.TEXT, 0, 1, 0)]
        text = drawn.reply(self._way(session, contact), contact.entity, turn.k)
        if text.voice_us:
            messages = [(Content.VOICE, text.voice_us, 1, 0)]
        else:
            messages = self.texts(address, REPLY, contact, turn.k, text.characters)
        for file in text.files:
            messages.append((Content.ATTACHMENT, file.size_bytes, 1, _refused(address.platform, *file)))
        return messages

    def texts(self, address: Address, lane: str, contact: Contact, k: int, characters: int) -> list[Message]:
        """A text, cut where the platform's messages end."""
        if not characters:
            return [(Content.TEXT, 0, 1, 0)]
        record = address.platform
        if not record.encodings:
            return [(Content.TEXT, piece, 1, 0) for piece in split(characters, record.characters)]
        drawn = self._letters[contact.source]
        encoding = record.encodings[drawn.encoding(lane, contact.entity, k)]
        limit = longest(record.characters, encoding.single, encoding.joined, record.most_parts)
        return [
            (Content.TEXT, piece, parts(piece, encoding.single, encoding.joined), 0)
            for piece in split(characters, limit)
        ]

    # --- what customers send ------------------------------------------------------------------------------------

    def hears_message(self, conversation: Conversation, contact: Contact, turn: Turn, number: int) -> None:
        """A message of a burst has come: its length, and what else it brings."""
        drawn, world = self._letters.get(contact.source), self._world
        if drawn is None:
            return
        record, k = self._addresses[conversation.person.channel].platform, turn.messages - 1
        text = drawn.heard(contact.topic, contact.entity, turn.k, k)
        if text.voice_us:
            self._sized(conversation, number, Content.VOICE, 1, text.voice_us)
        elif text.characters:
            pieces = self.texts(
                self._addresses[conversation.person.channel], IN, contact, turn.k * _PART + k, text.characters
            )
            for i, (content, size, segments, _) in enumerate(pieces):
                own = number if i == 0 else world.conversations.receives_more(conversation, contact, turn)
                self._sized(conversation, own, content, segments, size)
        for file in text.files:
            refused = _refused(record, *file)
            if refused:
                own = next(world.message_numbers)
                world.log(
                    Event.ATTACHMENT_REFUSED, conversation.number, conversation.portion, own, refused, -1,
                    file.size_bytes,
                )  # fmt: skip
            else:
                own = world.conversations.receives_more(conversation, contact, turn)
                self._sized(conversation, own, Content.ATTACHMENT, 1, file.size_bytes)

    def _sized(self, conversation: Conversation, number: int, content: int, segments: int, size: int) -> None:
        self._world.log(Event.MESSAGE_SIZED, conversation.number, conversation.portion, number, content, segments, size)


def _refused(record: Platform, kind: str, size_bytes: int) -> int:
    """Why an attachment cannot be sent; 0: it can."""
    why = record.carries(kind, size_bytes)
    if not why:
        return 0
    return int(Failure.ATTACHMENT_TYPE if why == "type" else Failure.ATTACHMENT_SIZE)
