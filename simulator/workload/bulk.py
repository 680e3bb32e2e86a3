"""What campaigns and notifications ask for: requests, opt-ins, delivery luck, and who will answer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from simulator.scenario.directory import Directory
from simulator.scenario.schema import Scenario
from simulator.scenario.sending import Campaign, Notification
from simulator.vocabulary.clock import SECOND
from simulator.vocabulary.codes import Lane
from simulator.workload.arrivals import arrival_times
from simulator.workload.draws import Draw
from simulator.workload.streams import Stream


@dataclass(frozen=True)
class BulkSource:
    """The messages of one campaign or notification, numbered from 0 in order of request."""

    name: str
    number: int
    """Of the source, in the directory."""
    lane: Lane
    requested_us: np.ndarray
    """[message] of int64 µs, sorted; without an opt-in the time at which it would have been requested."""
    opted_in: np.ndarray
    """[message] of bool"""
    delivered: np.ndarray
    """[message] of bool: would be, if it leaves"""
    reply_delay_us: np.ndarray
    """[message] of int64 µs from delivery to the customer's reply; -1: does not reply"""
    customer: np.ndarray
    """[message] of int64: number in the channel's population; -1: a new person"""
    reply_topic: int
    """-1 where nobody replies."""


def bulk_sources(
    scenario: Scenario, directory: Directory, seed: int, replication: int, end_us: int, clipped: Counter[str]
) -> tuple[BulkSource, ...]:
    """All bulk sources with requests in [0, end_us), in order of name."""
    outbound = scenario.outbound
    sources = [
        _campaign(scenario, directory, name, campaign, seed, replication, clipped)
        for name, campaign in outbound.campaigns.items()
    ]
    sources += [
        _notification(scenario, directory, name, notification, seed, replication, end_us)
        for name, notification in outbound.notifications.items()
    ]
    return tuple(sorted(sources, key=lambda source: source.name))


def _campaign(
    scenario: Scenario,
    directory: Directory,
    name: str,
    campaign: Campaign,
    seed: int,
    replication: int,
    clipped: Counter[str],
) -> BulkSource:
    def stream(purpose: str) -> Stream:
        return Stream(seed, replication, campaign.stream or name, purpose)

    count = campaign.contacts
    opted_in = stream("opt-in").column(count) < campaign.opt_in
    place = np.maximum(np.cumsum(opted_in) - 1, 0)  # only messages that may be sent are requested
    pause_us = SECOND / campaign.requested_rate if campaign.requested_rate else 0.0
    requested = scenario.calendar.us(campaign.start) + np.rint(place * pause_us).astype(np.int64)

    delay, topic = np.full(count, -1, np.int64), -1
    if campaign.replies is not None:
        topic = directory.topics.index(campaign.replies.topic)
        who = np.flatnonzero(stream("reply").column(count) < campaign.replies.probability)
        law = Draw(stream("reply delay"), [campaign.replies.delay_us], clipped, f"{name}: reply delay")
        delay[who] = law.some(who, np.zeros(len(who), np.int64), count, 0)

    customers = scenario.channels[campaign.channel].customers
    customer = np.full(count, -1, np.int64)
    if customers != "new":
        # Without replacement: everyone in the population gets a number, the smallest are written to.
        customer = np.argsort(stream("customer").column(customers.population), kind="stable")[:count]
    return BulkSource(
        name=name,
        number=directory.sources.index(name),
        lane=Lane.CAMPAIGN,
        requested_us=requested,
        opted_in=opted_in,
        delivered=stream("delivered").column(count) < campaign.delivered,
        reply_delay_us=delay,
        customer=customer,
        reply_topic=topic,
    )


def _notification(
    scenario: Scenario,
    directory: Directory,
    name: str,
    notification: Notification,
    seed: int,
    replication: int,
    end_us: int,
) -> BulkSource:
    if notification.arrivals is not None:
        last_us = scenario.duration_us if scenario.after_end == "drain" else end_us
        requested = arrival_times(scenario, name, seed, replication, last_us)
    else:
        requested = _batches(scenario, notification, end_us)
    count = len(requested)
    return BulkSource(
        name=name,
        number=directory.sources.index(name),
        lane=Lane.AGENTLESS,
        requested_us=requested,
        opted_in=np.ones(count, bool),
        delivered=Stream(seed, replication, name, "delivered").column(count) < notification.delivered,
        reply_delay_us=np.full(count, -1, np.int64),
        customer=np.full(count, -1, np.int64),
        reply_topic=-1,
    )


def _batches(scenario: Scenario, notification: Notification, end_us: int) -> np.ndarray:
    """Requests of every day's batches in [0, end_us). [message] of int64 µs"""
    calendar = scenario.calendar
    times = [
        (calendar.at(day, batch.at), batch.count)
        for day in calendar.days(0, end_us)
        for batch in notification.batches or ()
    ]
    batches = sorted((at, count) for at, count in times if 0 <= at < end_us)
    return np.repeat(np.array([at for at, _ in batches], np.int64), np.array([count for _, count in batches], np.int64))
