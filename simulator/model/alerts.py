"""It rings at an agent's desk: accepted, declined, expired, withdrawn. The slot is held from the alert on."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from simulator.journal import PACK
from simulator.model.conversation import Session
from simulator.rules.order import ACCEPTS, AGENTS_COME, WAITING_ENDS
from simulator.vocabulary.codes import EVENTS as Event

if TYPE_CHECKING:
    from simulator.model.acd import Acd
    from simulator.model.agent import Agent
    from simulator.model.rooms import Interaction
    from simulator.model.world import World


class Alerts:
    """What an agent and an interaction have to do with each other until the connect."""

    def __init__(self, world: World, acd: Acd):
        self._world = world
        self._rows = world.journal.rows
        self._session_numbers = count()
        self._acd = acd
        queues, groups = world.scenario.queues.values(), world.scenario.agents.values()
        self._some_decline = any(queue.declines for queue in queues) or any(group.declines for group in groups)

    def begins(self, interaction: Interaction, agent: Agent, placement: int) -> None:
        world, queue = self._world, interaction.queue
        interaction.agent = agent
        interaction.rung += 1
        agent.alerts[interaction] = None
        agent.takes(interaction)
        self._log(Event.ALERTED, interaction, agent, placement)
        if queue.auto_answer:
            self._connects(interaction, agent)
            return
        contact = interaction.contact
        answer_us, timeout_us = contact.next_answer_us(queue.number), queue.alerting_timeout_us
        owner, rung = interaction.conversation.owner, interaction.rung
        if answer_us > timeout_us:
            world.call_after(timeout_us, WAITING_ENDS, owner, self._expires, interaction, rung)
        elif self._some_decline and contact.declines(_share(agent, interaction)):
            world.call_after(answer_us, ACCEPTS, owner, self._declines, interaction, rung)
        else:
            if queue.accepts_when_free:
                world.call_after(timeout_us, WAITING_ENDS, owner, self._expires, interaction, rung)
            world.call_after(answer_us, ACCEPTS, owner, self.accepts, interaction, rung)

    def accepts(self, interaction: Interaction, rung: int) -> None:
        """He accepts; where he does so only when he is free, as soon as he is."""
        agent = interaction.agent
        if interaction.rung == rung and agent is not None and not interaction.over:
            if interaction.queue.accepts_when_free and agent.desk.is_at_work:
                agent.desk.calls(interaction, rung)
            else:
                self._connects(interaction, agent)

    def _declines(self, interaction: Interaction, rung: int) -> None:
        self._fails(interaction, rung, Event.ALERT_DECLINED)

    def _expires(self, interaction: Interaction, rung: int) -> None:
        self._fails(interaction, rung, Event.ALERT_EXPIRED)

    def _fails(self, interaction: Interaction, rung: int, event: int) -> None:
        """Nobody answered: the agent is NOT_RESPONDING for a while, the interaction waits on."""
        agent = interaction.agent
        if interaction.rung != rung or agent is None or interaction.over:
            return
        self.stops(interaction, event)
        agent.stops_responding()
        returns_us = interaction.queue.returns_after_us
        self._world.call_after(returns_us, AGENTS_COME, agent.owner, agent.responds_again, agent.silences)
        if not interaction.queue.keep_clock:
            interaction.since_us = self._world.now
            interaction.key = interaction.entry.key(interaction.since_us, interaction.priority)
        self._acd.finds_another(interaction)

    def stops(self, interaction: Interaction, event: int) -> None:
        agent = interaction.agent
        assert agent is not None
        interaction.agent = None
        interaction.rung += 1
        del agent.alerts[interaction]
        agent.drops(interaction)
        self._log(event, interaction, agent)

    def _connects(self, interaction: Interaction, agent: Agent) -> None:
        world, conversation, queue = self._world, interaction.conversation, interaction.queue
        interaction.over = True
        del agent.alerts[interaction]
        session = Session(next(self._session_numbers), agent, queue, conversation, interaction.contact)
        session.connected_us = world.now
        session.kind = interaction.entry.kind
        before = conversation.session
        interaction.session = conversation.session = session
        conversation.last_agent = agent
        queue.has_left(True, world.now - interaction.entered_us)
        self._log(Event.CONNECTED, interaction, agent, session.number)
        if before is not None:
            self._acd.passing.is_taken_over(before)
        contact = interaction.contact
        if queue.passes_on or contact.seen_as != contact.topic:
            self._acd.passing.plans(session)
        agent.connects(session)

    def _log(self, event: int, interaction: Interaction, agent: Agent, value: int = 0) -> None:
        its = interaction.conversation
        self._rows += PACK(
            self._world.now, event, its.number, its.portion,
            interaction.offer, interaction.queue.number, agent.number, value,
        )  # fmt: skip


def _share(agent: Agent, interaction: Interaction) -> float:
    """Of alerts that he declines; his group's word counts before the queue's."""
    of_group: float | None = agent.group.declines
    return interaction.queue.settings.declines if of_group is None else of_group
