"""Campaigns and notifications: bulk sends through the caps, in closed form; and the customers who answer."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.model.contact import Contact
from simulator.rules.caps import burst_sends_us, even_sends_us
from simulator.rules.order import INBOUND, owner_id
from simulator.vocabulary.clock import MINUTE, SECOND
from simulator.vocabulary.codes import EVENTS as Event
from simulator.vocabulary.codes import Lane
from simulator.workload.bulk import BulkSource

if TYPE_CHECKING:
    from simulator.model.world import World


def sends(world: World) -> None:
    """Write all bulk sends into the journal and let the customers answer.

    Nothing but requests and caps decides when they leave, so that the whole lane is worked out at once.
    """
    for lane in (Lane.CAMPAIGN, Lane.AGENTLESS):
        sources = [source for source in world.workload.bulk if source.lane is lane]
        if not sources:
            continue
        for source, sent_us in zip(sources, _through_the_cap(world, lane, sources), strict=True):
            _writes(world, source, sent_us)
            if (source.reply_delay_us >= 0).any():
                world.process(_replies(world, source, sent_us))


def _through_the_cap(world: World, lane: Lane, sources: list[BulkSource]) -> list[np.ndarray]:
    """When each message leaves, by source; -1 for those that are never requested. [message] each"""
    limits = world.scenario.outbound.limits
    rate = limits.whatsapp_campaign if lane is Lane.CAMPAIGN else limits.whatsapp_agentless
    cap = round(rate * MINUTE / SECOND)
    which = np.concatenate([np.full(len(s.requested_us), i) for i, s in enumerate(sources)])
    ordinal = np.concatenate([np.arange(len(s.requested_us)) for s in sources])
    requested_us = np.concatenate([s.requested_us for s in sources])
    opted_in = np.concatenate([s.opted_in for s in sources])

    asked = np.flatnonzero(opted_in)
    # In order of request over all sources of the lane; ties by source (in order of name) and ordinal.
    line = asked[np.lexsort((ordinal[asked], which[asked], requested_us[asked]))]
    rule = even_sends_us if limits.pacing == "even" else burst_sends_us
    sent_us = np.full(len(requested_us), -1, np.int64)
    sent_us[line] = rule(requested_us[line], cap)
    return [sent_us[which == i] for i in range(len(sources))]


def _writes(world: World, source: BulkSource, sent_us: np.ndarray) -> None:
    """One row a message. What the cap still holds when the run ends is written then."""
    end_us = world.workload.end_us
    world.last_send_us = max(world.last_send_us, min(int(sent_us.max(initial=0)), end_us))
    left, waits = (sent_us >= 0) & (sent_us < end_us), sent_us >= end_us
    event = np.where(source.delivered, int(Event.SEND_DELIVERED), int(Event.SEND_FAILED))
    event[waits], event[sent_us < 0] = int(Event.SEND_WAITING), int(Event.SEND_NO_OPT_IN)
    time_us = np.where(left, sent_us, np.minimum(source.requested_us, end_us))
    time_us[waits] = end_us
    world.journal.write_block(
        time_us,
        event,
        message=np.arange(len(sent_us)),
        queue=int(source.lane),
        agent=source.number,
        value=source.requested_us,
    )


def _replies(world: World, source: BulkSource, sent_us: np.ndarray) -> Generator[Any, None, None]:
    """Customers who answer a delivered message: contacts like any other, to the same agents."""
    answers = np.flatnonzero((source.reply_delay_us >= 0) & source.delivered & (sent_us >= 0))
    at_us = sent_us[answers] + source.reply_delay_us[answers]
    in_time = np.lexsort((answers, at_us))
    draws, channel = world.workload.draws[source.number], world.directory.source_channel[source.number]
    world.begins()
    for at, ordinal in zip(at_us[in_time].tolist(), answers[in_time].tolist(), strict=True):
        yield world.until(at, INBOUND, owner_id(source.number, ordinal))
        facts = draws.facts_at(ordinal, source.reply_topic, int(source.customer[ordinal]))
        person = world.customers.person(channel, facts.customer)
        contact = Contact(world.next_contact(), source.number, ordinal, person, facts, draws, None)
        world.customers.arrives(contact, Event.CONTACT_ARRIVED, source.number, ordinal)
    world.ends()
