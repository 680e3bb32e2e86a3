"""What campaigns and notifications ask for: requests, opt-ins, delivery luck, and who will answer."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from simulator.platforms import platform
from simulator.scenario.directory import Directory
from simulator.scenario.schema import Scenario
from simulator.scenario.sending import OPT_IN_SOURCES, Bulk, Campaign, Notification, OptIn
from simulator.vocabulary.clock import SECOND
from simulator.vocabulary.codes import Lane
from simulator.workload.arrivals import arrival_times
from simulator.workload.customers import stream_name
from simulator.workload.draws import Draw
from simulator.workload.fates import Fate, fates, retry_columns
from simulator.workload.hours import open_edges, spread
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
    """[message] of bool: would be in the end, if it leaves"""
    reply_delay_us: np.ndarray
    """[message] of int64 µs from delivery to the customer's reply; -1: does not reply"""
    customer: np.ndarray
    """[message] of int64: number in the channel's population; -1: a new person"""
    reply_topic: int
    """-1 where nobody replies."""
    asked_at: np.ndarray | None = None
    """[message] of int8: where the customer was asked, number in `OPT_IN_SOURCES`; None: one share for all"""
    fate: Fate | None = None
    """What becomes of a message after it has left; None: delivered or not, the moment it leaves."""
    edges_us: tuple[int, ...] = ()
    """When it may send: opens, closes, opens, …; empty: always"""
    stopped_us: int = -1
    """Stopped for good at this time; -1: never."""
    expires_us: int = -1
    """How long a request may wait; -1: for ever"""
    retry_us: tuple[np.ndarray, ...] | None = None
    """Over the cap a call is refused and tries again after so long, by attempt. ([message] of int64 µs, …)
    None: it waits."""
    active: str = "ignores"
    """What a message into an open conversation does: joins, fails; ignores: nobody looks."""


def bulk_sources(
    scenario: Scenario, directory: Directory, seed: int, replication: int, end_us: int, clipped: Counter[str]
) -> tuple[BulkSource, ...]:
    """All bulk sources with requests in [0, end_us), in order of name."""
    drawing = _Drawing(scenario, directory, seed, replication, end_us, clipped)
    outbound = scenario.outbound
    sources = [drawing.campaign(name, campaign) for name, campaign in outbound.campaigns.items()]
    sources += [drawing.notification(name, each) for name, each in outbound.notifications.items()]
    return tuple(sorted(sources, key=lambda source: source.name))


class _Drawing:
    """One replication's bulk sources."""

    def __init__(
        self,
        scenario: Scenario,
        directory: Directory,
        seed: int,
        replication: int,
        end_us: int,
        clipped: Counter[str],
    ):
        self._scenario, self._directory, self._end_us, self._clipped = scenario, directory, end_us, clipped
        self._seed, self._replication = seed, replication

    def _stream(self, name: str, purpose: str) -> Stream:
        return Stream(self._seed, self._replication, stream_name(self._scenario, name), purpose)

    def campaign(self, name: str, campaign: Campaign) -> BulkSource:
        scenario, count = self._scenario, campaign.contacts
        start_us = scenario.calendar.us(campaign.start)
        opted_in, asked_at = self._opt_in(name, campaign.opt_in, count)
        edges = open_edges(scenario, campaign, start_us, self._end_us)
        pause_us = SECOND / campaign.requested_rate if campaign.requested_rate else 0.0
        place = np.maximum(np.cumsum(opted_in) - 1, 0)  # only messages that may be sent are requested
        worked_us = np.rint(place * pause_us).astype(np.int64)
        stopped = campaign.stop is not None and campaign.resume is None
        return self._source(
            name,
            campaign,
            lane=Lane.CAMPAIGN,
            requested_us=spread(worked_us, start_us, edges, self._end_us),
            opted_in=opted_in,
            customer=self._without_replacement(name, campaign.channel, count),
            asked_at=asked_at,
            edges_us=tuple(edges),
            stopped_us=scenario.calendar.us(campaign.stop) if stopped and campaign.stop is not None else -1,
            active=campaign.into_active or "ignores",
        )

    def notification(self, name: str, notification: Notification) -> BulkSource:
        scenario = self._scenario
        last_us = scenario.duration_us if scenario.after_end == "drain" else self._end_us
        if notification.arrivals is not None:
            requested = arrival_times(scenario, name, self._seed, self._replication, last_us)
        else:
            requested = _batches(scenario, notification, last_us)
        count = len(requested)
        opted_in, asked_at = self._opt_in(name, notification.opt_in, count)
        active = (
            notification.into_active or platform(scenario.channels[notification.channel].platform).agentless_into_active
        )
        retry = None
        if notification.on_limit == "reject":
            retry = retry_columns(notification.retries, self._stream(name, "retry"), count)
        return self._source(
            name,
            notification,
            lane=Lane.AGENTLESS,
            requested_us=requested,
            opted_in=opted_in,
            customer=self._anybody(name, notification.channel, count),
            asked_at=asked_at,
            retry_us=retry,
            active=active,
        )

    def _source(self, name: str, bulk: Bulk, *, lane: Lane, requested_us: np.ndarray, **facts: object) -> BulkSource:
        scenario, count = self._scenario, len(requested_us)
        luck = self._stream(name, "delivered").column(count) < bulk.delivered
        delivery = bulk.delivery or scenario.channels[bulk.channel].delivery
        fate = None
        if delivery is not None:
            fate = fates(delivery, luck, lambda purpose: self._stream(name, purpose), self._clipped, name)
            luck = fate.delivered
        delay, topic = self._replies(name, bulk, count)
        return BulkSource(
            name=name,
            number=self._directory.sources.index(name),
            lane=lane,
            requested_us=requested_us,
            delivered=luck,
            reply_delay_us=delay,
            reply_topic=topic,
            fate=fate,
            expires_us=-1 if bulk.expires_after_us is None else bulk.expires_after_us,
            **facts,  # type: ignore[arg-type]
        )

    def _opt_in(self, name: str, opt_in: float | OptIn, count: int) -> tuple[np.ndarray, np.ndarray | None]:
        """Who may be written to, and where each was asked. [message] of bool, [message] of int8"""
        if not isinstance(opt_in, OptIn):
            if opt_in == 1.0:
                return np.ones(count, bool), None
            return self._stream(name, "opt-in").column(count) < opt_in, None
        asked = [getattr(opt_in, source) for source in OPT_IN_SOURCES]
        edges = np.cumsum([0.0 if each is None else each.share for each in asked])
        edges /= edges[-1]
        where = np.searchsorted(edges[:-1], self._stream(name, "opt-in source").column(count), side="right")
        shares = np.array([0.0 if each is None else each.opt_in for each in asked])
        return self._stream(name, "opt-in").column(count) < shares[where], where.astype(np.int8)

    def _replies(self, name: str, bulk: Bulk, count: int) -> tuple[np.ndarray, int]:
        """Delay from delivery to the reply, -1 where none comes, and the topic. [message]"""
        delay = np.full(count, -1, np.int64)
        if bulk.replies is None:
            return delay, -1
        who = np.flatnonzero(self._stream(name, "reply").column(count) < bulk.replies.probability)
        law = Draw(self._stream(name, "reply delay"), [bulk.replies.delay_us], self._clipped, f"{name}: reply delay")
        delay[who] = law.some(who, np.zeros(len(who), np.int64), count, 0)
        return delay, self._directory.topics.index(bulk.replies.topic)

    def _without_replacement(self, name: str, channel: str, count: int) -> np.ndarray:
        """Everyone in the population gets a number, the smallest are written to. [message]"""
        customers = self._scenario.channels[channel].customers
        if customers == "new":
            return np.full(count, -1, np.int64)
        number = self._stream(name, "customer").column(customers.population)
        if count == len(number):
            return np.argsort(number, kind="stable")
        few = np.flatnonzero(number <= np.partition(number, count)[count])  # a sort of all costs ten times as much
        return few[np.argsort(number[few], kind="stable")][:count]

    def _anybody(self, name: str, channel: str, count: int) -> np.ndarray:
        """Somebody of the population each time, everybody alike (assumed). [message]"""
        customers = self._scenario.channels[channel].customers
        if customers == "new":
            return np.full(count, -1, np.int64)
        return (self._stream(name, "customer").column(count) * customers.population).astype(np.int64)


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
