"""The world: SimPy's environment, the journal, and the people and rooms that know each other through it."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from simulator.journal import PACK, JournalWriter
from simulator.model.clockwork import Clockwork, NothingLeft
from simulator.model.utilization import Kinds
from simulator.rules.order import RUN_ENDS
from simulator.scenario.schema import Scenario
from simulator.workload import Workload

if TYPE_CHECKING:
    from simulator.model.acd import Acd
    from simulator.model.agent import Agent
    from simulator.model.conversation import Conversations
    from simulator.model.customer import Customers
    from simulator.model.filtering import ContentFilter
    from simulator.model.outages import Outages
    from simulator.model.outbound import Outbound
    from simulator.model.sending import Sending


class World(Clockwork):
    """One run of the model."""

    sending: Sending
    customers: Customers
    conversations: Conversations
    acd: Acd
    agents: list[Agent]
    outbound: Outbound
    content_filter: ContentFilter | None
    outages: Outages | None

    def __init__(self, scenario: Scenario, workload: Workload):
        super().__init__()
        # Fewer than thirty attributes in all: beyond that CPython 3.11 stores them in a dictionary of the world's own,
        # and a call of one of its methods costs half as much again (measured).
        self.scenario = scenario
        self.workload = workload
        self.directory = workload.directory
        self.kinds = Kinds(scenario, self.directory)
        self.journal = JournalWriter()
        self._rows = self.journal.rows
        self.unfinished = 0
        """Open conversations, sessions in wrap-up and customers who will still write: what `drain` waits for."""
        self._drains_from_us = scenario.duration_us if scenario.after_end == "drain" else None
        self.last_send_us = 0
        """When the last bulk message leaves: a draining run does not end before."""
        self.contact_numbers = count()
        """Running numbers from 0, in order of appearance, as all others; those that one room alone gives out stand
        there."""
        self.message_numbers = count()

    def log(
        self,
        event: int,
        conversation: int = -1,
        portion: int = -1,
        message: int = -1,
        queue: int = -1,
        agent: int = -1,
        value: int = 0,
    ) -> None:
        """Write a row of the journal, now. Columns: `vocabulary.codes.Event`."""
        self._rows += PACK(self.now, event, conversation, portion, message, queue, agent, value)

    def begins(self) -> None:
        """Something is under way that a draining run waits for."""
        self.unfinished += 1

    def ends(self) -> None:
        self.unfinished -= 1
        if not self.unfinished and self._drains_from_us is not None and self.now >= self._drains_from_us:
            self.call_after(0, RUN_ENDS, 0, self._looks_whether_all_is_done)

    def _looks_whether_all_is_done(self) -> None:
        if not self.unfinished:
            raise NothingLeft
