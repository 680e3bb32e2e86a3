"""Where agents and flows share numbers and pairs with bulk sends: the gate that their messages pass.

At a number what customers write is never delayed; then come agent and flow replies in the order in which they were
ready, then agentless messages, then campaigns. A reply that must wait holds the number's next slot; what customers
write meanwhile pushes it on. A reply that its pair holds steps aside. Between two of these messages the bulk lanes
advance: in closed form where one line passes one number, send by send elsewhere.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.model.lanes import Component, person_number, stranger_number
from simulator.rules import leaving
from simulator.rules.caps import even_until
from simulator.rules.order import CAP_RELEASES, INBOUND, owner_id
from simulator.rules.plain import is_plain
from simulator.rules.stack import LEFT, NEVER, NOTHING, NUMBER, PAIR
from simulator.scenario.capping import ChannelCaps, channel_caps
from simulator.vocabulary.clock import HOUR
from simulator.vocabulary.codes import EVENTS as Event
from simulator.workload.bulk import BulkSource

if TYPE_CHECKING:
    from simulator.model.contact import Person
    from simulator.model.sending import Outgoing
    from simulator.model.world import World

MANY = 40
"""From so many sends at once a column costs less than the loop (measured: 15 µs against 0.4 µs each)."""


class Traffic:
    """One component in the midst of a run."""

    def __init__(self, world: World, component: Component, answers: Callable[[BulkSource, int, int], None]):
        self._world = world
        self._component = component
        self._answers = answers
        component.builds()
        stack = component.stack
        assert stack is not None
        self.stack = stack
        self._line_clock = self._one_line()
        self._told = 0
        """How much of what has happened was looked at for customers who answer."""
        self._soonest_us = self._soonest()
        for channel in component.channels:
            caps = channel_caps(world.scenario, world.directory.channels[channel])
            if caps.clock is not None or caps.pair is not None:
                gate = Gate(world, self, channel, caps)
                world.sending.add_gate(channel, gate)
                if caps.clock is not None and caps.counts_inbound:
                    world.conversations.counts_inbound(channel, gate.comes_in)
        if component.sources:
            world.process(self._pumps())

    def _one_line(self) -> int:
        """The one clock that holds one line of sends; -1: it is not so simple.

        A lane's clock beside it never binds where its slots lie closer together by 1 µs and more: what agents and
        flows write only slows the number down.
        """
        stack = self.stack
        if len(stack.rank) != 1 or len(stack.pool[0]) != 1 or not is_plain(stack):
            return -1
        number, lane = stack.pool[0][0], stack.lane[0]
        if lane >= 0:
            count, other = stack.limit[number], stack.limit[lane]
            if stack.parts[0] * stack.window_us[number] * other < stack.window_us[lane] * count + count * other:
                return -1
        return number

    def _soonest(self) -> int:
        """No customer answers earlier after a send has left."""
        waits = [
            int((source.reply_delay_us + (0 if source.fate is None else source.fate.latency_us))[who].min())
            for source in self._component.sources
            if (who := source.reply_delay_us >= 0).any()
        ]
        return min(waits, default=HOUR)

    def advance(self, until_us: int) -> None:
        """Bulk sends before `until_us` leave."""
        stack, line = self.stack, self._line_clock
        if line >= 0:
            window_us, count = stack.window_us[line] * stack.parts[0], stack.limit[line]
            if (until_us * count - stack.slot[line]) > MANY * window_us:
                self._advances_a_column(until_us, count, window_us)
                return
        self._component.advances(until_us)

    def _advances_a_column(self, until_us: int, count: int, window_us: int) -> None:
        stack, requests_us = self.stack, self._component.requested_us
        at = stack.at[0]
        line = self._line_clock
        times, stack.slot[line] = even_until(requests_us, at, stack.slot[line], count, window_us, until_us)
        stack.at[0] = at + len(times)
        stack.out_send.extend(stack.queue[0][at : at + len(times)])
        stack.out_us.extend(times.tolist())
        stack.out_what.extend([LEFT] * len(times))
        stack.out_cap.extend(np.where(times > requests_us[at : at + len(times)], NUMBER, NOTHING).tolist())

    # --- customers who answer -----------------------------------------------------------------------------------

    def _pumps(self) -> Generator[Any, None, None]:
        """Looks at what has left before anybody can have answered it.

        Nothing leaves before `next_us`, and what others send meanwhile only puts that off.
        """
        world = self._world
        world.begins()
        while (at_us := self._component.next_us()) < NEVER:
            yield world.until(at_us + max(self._soonest_us - 1, 0), CAP_RELEASES, 0)
            self.advance(world.now + 1)
            self._tells()
        world.ends()

    def _tells(self) -> None:
        """Customers will answer what has left since."""
        stack, component, world = self.stack, self._component, self._world
        new = np.array(stack.out_send[self._told :], np.int64)
        left_us = np.array(stack.out_us[self._told :], np.int64)
        left = np.array(stack.out_what[self._told :], np.int64) == LEFT
        self._told = len(stack.out_send)
        which = component.which[new]
        for i in np.unique(which[left]).tolist():
            source, mine = component.sources[i], left & (which == i)
            ordinal, sent_us = component.ordinal[new[mine]], left_us[mine]
            answers = (source.reply_delay_us[ordinal] >= 0) & source.delivered[ordinal]
            latency = 0 if source.fate is None else source.fate.latency_us[ordinal]
            at_us = sent_us + latency + source.reply_delay_us[ordinal]
            for k in np.flatnonzero(answers).tolist():
                world.begins()
                world.call_after(
                    max(at_us.item(k) - world.now, 0), INBOUND, owner_id(source.number, ordinal.item(k)),
                    self._answers_now, source, ordinal.item(k), sent_us.item(k),
                )  # fmt: skip

    def _answers_now(self, source: BulkSource, ordinal: int, sent_us: int) -> None:
        self._answers(source, ordinal, sent_us)
        self._world.ends()

    def closes(self, end_us: int) -> None:
        """The run is over."""
        self.advance(end_us)
        self._component.reads()


class Gate:
    """The numbers and pairs of one channel, as messages of agents and flows meet them."""

    def __init__(self, world: World, traffic: Traffic, channel: int, caps: ChannelCaps):
        self._world = world
        self._traffic = traffic
        self._stack = traffic.stack
        self._channel = channel
        self._pool = traffic._component.pools.get(channel, ())
        self._pair = caps.pair
        self._waiting: deque[Outgoing] = deque()
        self._ringing = False
        self._numbers: dict[Person, int] = {}
        """Whom a person is to the pairs."""

    def comes_in(self) -> None:
        """A customer has written: it uses the number, and nothing delays it."""
        now = self._world.now
        self._traffic.advance(now)
        _, clock = leaving.pool_free_us(self._stack, self._pool)
        leaving.clock_take(self._stack, clock, now, now, 1)

    def __call__(self, earliest_us: int, message: Outgoing) -> int | None:
        """When a message that is ready now may leave: now, or None, and the gate will send it."""
        now = self._world.now
        if earliest_us > now:
            self._later(earliest_us, message)
            return None
        return now if self._passes(message) else None

    def _later(self, at_us: int, message: Outgoing) -> None:
        delay_us = at_us - self._world.now
        self._world.call_after(delay_us, CAP_RELEASES, message.letter.contact.owner, self._asks_again, message)

    def _asks_again(self, message: Outgoing) -> None:
        if not self._is_cut_off(message) and self._passes(message, PAIR):
            self._leaves(message, PAIR)

    def _is_cut_off(self, message: Outgoing) -> bool:
        """Has an outage begun while it waited? Then it is queued anew, and asks again."""
        world = self._world
        if world.outages is None:
            return False
        leaves_us = world.outages.queues(world.now, message)
        if leaves_us > world.now:
            self._later(leaves_us, message)
        return leaves_us > world.now

    def _passes(self, message: Outgoing, cap: int = NOTHING) -> bool:
        """May it leave now? Then it has; else it waits for its pair, or in line for a number."""
        now, stack = self._world.now, self._stack
        self._traffic.advance(now)
        if not self._pair_lets(message):
            return False
        if self._pool and (self._waiting or leaving.pool_free_us(stack, self._pool, message.segments)[0] > now):
            self._waiting.append(message)
            self._rings_later()
            return False
        self._takes(message)
        return True

    def _pair_lets(self, message: Outgoing) -> bool:
        if self._pair is None:
            return True
        now = self._world.now
        free_us = leaving.pair_free(self._stack, self._pair, self._person(message), now)
        if free_us > now:
            self._later(free_us, message)
        return free_us <= now

    def _takes(self, message: Outgoing) -> None:
        now, stack = self._world.now, self._stack
        if self._pool:
            _, clock = leaving.pool_free_us(stack, self._pool, message.segments)
            leaving.clock_take(stack, clock, min(message.requested_us, now), now, message.segments)
        if self._pair is not None:
            leaving.pair_take(stack, self._pair, self._person(message), now)

    def _rings_later(self) -> None:
        if not self._ringing:
            self._ringing = True
            now = self._world.now
            free_us, _ = leaving.pool_free_us(self._stack, self._pool, self._waiting[0].segments)
            self._world.call_after(max(free_us - now, 0), CAP_RELEASES, self._channel, self._rings)

    def _rings(self) -> None:
        """A number may be free: the first in line takes it."""
        world = self._world
        self._ringing = False
        self._traffic.advance(world.now)
        while self._waiting:
            message = self._waiting[0]
            if leaving.pool_free_us(self._stack, self._pool, message.segments)[0] > world.now:
                self._rings_later()
                return
            self._waiting.popleft()
            if not self._is_cut_off(message) and self._pair_lets(message):
                self._takes(message)
                self._leaves(message, NUMBER)

    def _leaves(self, message: Outgoing, cap: int) -> None:
        """It has waited, and leaves now."""
        world, conversation = self._world, message.conversation
        waited_us = world.now - message.requested_us
        world.log(
            Event.MESSAGE_CAPPED,
            conversation.number,
            message.letter.portion,
            message.number,
            message.lane,
            cap,
            waited_us,
        )
        world.sending.leaves(message)

    def _person(self, message: Outgoing) -> int:
        """Whom it goes to. Who answers a bulk message is he to whom it went."""
        contact = message.letter.contact
        person = contact.person
        number = self._numbers.get(person)
        if number is None:
            if contact.customer >= 0:
                number = int(person_number(self._channel, contact.customer))
            else:
                number = int(stranger_number(contact.source, contact.entity))
            self._numbers[person] = number
        return number
