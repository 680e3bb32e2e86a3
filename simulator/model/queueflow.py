"""The in-queue flow: what those who wait are told, how their priority changes, when they are taken out of the queue."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from simulator.rules.order import WAITING_ENDS, WORK_DONE
from simulator.rules.routing import priority_after
from simulator.scenario.directory import Directory
from simulator.scenario.flows import LONGEST_QUEUE_FLOW_US
from simulator.scenario.flows import InQueueFlow as Settings
from simulator.vocabulary.codes import DISCONNECTS as Reason
from simulator.vocabulary.codes import EVENTS as Event
from simulator.vocabulary.codes import FLOW_MESSAGES as FlowMessage

if TYPE_CHECKING:
    from simulator.model.acd import Interaction
    from simulator.model.world import World


class QueueFlow:
    """One queue's in-queue flow, as plain numbers."""

    def __init__(self, settings: Settings, names: Directory):
        out = settings.flow_out
        self.messages = tuple((message.after_us, message.every_us) for message in settings.messages)
        self.priorities = tuple(
            (rule.after_us, (rule.every_us, rule.to if rule.add is None else rule.add, rule.add is not None))
            for rule in settings.set_priority
        )
        self.ends_after_us = LONGEST_QUEUE_FLOW_US if out is None else out.after_us
        self.to = -1 if out is None or out.to is None else names.queues.index(out.to)
        """The queue into which it flows out, -1: disconnected."""

    def begins(self, world: World, interaction: Interaction) -> None:
        """An interaction has entered the queue. Nothing is said to whoever is connected meanwhile."""
        owner = interaction.conversation.owner
        for after_us, every_us in self.messages:
            world.call_after(after_us, WORK_DONE, owner, _says, world, interaction, every_us)
        for after_us, change in self.priorities:
            world.call_after(after_us, WORK_DONE, owner, _ranks_anew, world, interaction, change)
        if world.now + self.ends_after_us < world.workload.end_us:
            world.call_after(self.ends_after_us, WAITING_ENDS, owner, _flows_out, world, interaction, self.to)


def _says(world: World, interaction: Interaction, every_us: int | None) -> None:
    if interaction.over:
        return
    world.sending.says(interaction.conversation, interaction.contact, FlowMessage.IN_QUEUE)
    if every_us is not None:
        owner = interaction.conversation.owner
        world.call_after(every_us, WORK_DONE, owner, _says, world, interaction, every_us)


def _ranks_anew(world: World, interaction: Interaction, change: tuple[int | None, int, bool]) -> None:
    """Who still waits, or for whom it rings, gets another priority."""
    if interaction.over:
        return
    every_us, number, adds = change
    world.acd.changes_priority(interaction, priority_after(interaction.priority, number, adds))
    if every_us is not None:
        owner = interaction.conversation.owner
        world.call_after(every_us, WORK_DONE, owner, _ranks_anew, world, interaction, change)


def _flows_out(world: World, interaction: Interaction, to: int) -> None:
    """He has waited too long: to another queue, where his clock starts anew, or away."""
    if interaction.over:
        return
    conversation, contact = interaction.conversation, interaction.contact
    queue = interaction.room.queue.number
    world.log(Event.FLOWED_OUT, conversation.number, conversation.portion, interaction.offer, queue, contact.number, to)
    world.acd.withdraws(conversation)
    if to < 0:
        world.conversations.disconnects(conversation, Reason.FLOWED_OUT)
        world.customers.is_turned_away(contact)
    else:
        assert conversation.goes_to is not None
        conversation.goes_to = replace(conversation.goes_to, queue=to)
        world.acd.enters(conversation, contact, reopened=False)
