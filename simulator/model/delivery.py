"""Delivery: what happens to a message between leaving and the customer's device."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.model.letters import Address, Letter, Outgoing
from simulator.rules.order import INBOUND
from simulator.rules.windows import pause_us
from simulator.vocabulary.codes import EVENTS as Event
from simulator.vocabulary.codes import FAILURES as Failure
from simulator.workload.letters import FOR_GOOD

if TYPE_CHECKING:
    from simulator.model.world import World

_PART = 1 << 6
"""Messages of one letter, for the numbers of draws. A longer letter's last ones share a number."""


class Delivery:
    """From leaving to the device, through the middleware where there is one; attempts, failures, receipts."""

    def __init__(self, world: World, addresses: list[Address], settles: Callable[[Letter], None]):
        self._world = world
        self._addresses = addresses
        self._letters = world.workload.letters
        self._settles = settles
        """A message less is under way."""

    def travels(self, message: Outgoing) -> None:
        """From leaving to the customer's device."""
        letter = message.letter
        address = self._addresses[letter.conversation.person.channel]
        if not address.carried:
            if message.i == 0:
                letter.reached = True
            self._settles(letter)
        elif address.middleware:
            self._passes_middleware(message, 0)
        else:
            self._is_tried(message, 0)

    def _k(self, message: Outgoing) -> int:
        return message.letter.k * _PART + min(message.i, _PART - 1)

    def _passes_middleware(self, message: Outgoing, attempt: int) -> None:
        letter = message.letter
        drawn = self._letters[letter.contact.source]
        takes_us, fails = drawn.call(letter.lane, letter.contact.entity, self._k(message), attempt)
        if fails:
            self._world.call_after(takes_us, INBOUND, letter.contact.owner, self._calls_again, message, attempt)
        else:
            self._world.call_after(takes_us, INBOUND, letter.contact.owner, self._is_tried, message, 0)

    def _calls_again(self, message: Outgoing, attempt: int) -> None:
        letter, drawn = message.letter, self._letters[message.letter.contact.source]
        if attempt + 1 >= drawn.calls:
            self._fails(message, Failure.MIDDLEWARE, attempt + 1)
            return
        self._log(Event.MESSAGE_RETRIED, letter, message.number, Failure.MIDDLEWARE, value=attempt + 1)
        after_us = pause_us(drawn.call_back_off_us, attempt)
        self._world.call_after(after_us, INBOUND, letter.contact.owner, self._passes_middleware, message, attempt + 1)

    def _is_tried(self, message: Outgoing, attempt: int) -> None:
        letter = message.letter
        drawn, k = self._letters[letter.contact.source], self._k(message)
        takes_us = drawn.latency_us(letter.lane, letter.contact.entity, k, attempt)
        why = drawn.failure(letter.lane, letter.contact.entity, k, attempt)
        if why:
            self._world.call_after(takes_us, INBOUND, letter.contact.owner, self._tries_again, message, attempt, why)
        else:
            self._world.call_after(takes_us, INBOUND, letter.contact.owner, self._arrives, message, attempt)

    def _tries_again(self, message: Outgoing, attempt: int, why: int) -> None:
        letter, drawn = message.letter, self._letters[message.letter.contact.source]
        if why in FOR_GOOD or attempt + 1 >= drawn.attempts:
            self._fails(message, why, attempt + 1)
            return
        self._log(Event.MESSAGE_RETRIED, letter, message.number, why, value=attempt + 1)
        after_us = pause_us(drawn.back_off_us, attempt)
        self._world.call_after(after_us, INBOUND, letter.contact.owner, self._is_tried, message, attempt + 1)

    def _arrives(self, message: Outgoing, attempt: int) -> None:
        letter, world = message.letter, self._world
        self._log(Event.MESSAGE_DELIVERED, letter, message.number, value=attempt + 1)
        if message.i == 0:
            letter.reached = True
        if not letter.conversation.person.asleep:
            drawn = self._letters[letter.contact.source]
            after_us = drawn.reading_us(letter.lane, letter.contact.entity, self._k(message))
            if after_us is not None:
                world.begins()
                world.call_after(after_us, INBOUND, letter.contact.owner, self._is_read, message)
        self._settles(letter)

    def _is_read(self, message: Outgoing) -> None:
        self._log(Event.MESSAGE_READ, message.letter, message.number)
        self._world.ends()

    def _fails(self, message: Outgoing, why: int, attempts: int) -> None:
        self._log(Event.MESSAGE_FAILED, message.letter, message.number, why, value=attempts)
        self._settles(message.letter)

    def _log(self, event: int, letter: Letter, message: int, queue: int = -1, value: int = 0) -> None:
        self._world.log(event, letter.conversation.number, letter.portion, message, queue, -1, value)
