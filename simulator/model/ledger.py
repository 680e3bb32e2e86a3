"""The rows of bulk sends: what became of each, one by one or counted by the second."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from simulator.model.lanes import Component
from simulator.rules.stack import EXPIRED, LEFT, NOTHING, ORGANISATION, REFUSED, REJECTED, RESENT
from simulator.vocabulary.clock import SECOND
from simulator.vocabulary.codes import EVENTS as Event
from simulator.vocabulary.codes import SENT_AGAIN
from simulator.workload.bulk import BulkSource

if TYPE_CHECKING:
    from simulator.model.world import World

Active = Callable[[int, int, int], bool]
"""(channel, customer, when) -> was a conversation of his open?"""

COUNTED = {
    Event.SEND_DELIVERED: Event.SENDS_DELIVERED,
    Event.SEND_FAILED: Event.SENDS_FAILED,
    Event.SEND_WAITING: Event.SENDS_WAITING,
    Event.SEND_NO_OPT_IN: Event.SENDS_NO_OPT_IN,
    Event.SEND_EXPIRED: Event.SENDS_EXPIRED,
    Event.SEND_REJECTED: Event.SENDS_REJECTED,
    Event.SEND_STOPPED: Event.SENDS_STOPPED,
    Event.SEND_IN_CONVERSATION: Event.SENDS_IN_CONVERSATION,
}


def enters(world: World, component: Component, i: int, end_us: int, was_active: Active) -> None:
    """Write the rows of one source, when the run is over."""
    source = component.sources[i]
    # A run that was drained ends with its last send, which belongs to it.
    before_us = end_us if end_us == world.workload.end_us else end_us + 1
    event, time_us, cap = _became(component, i, before_us, end_us)
    joined = np.zeros(0, np.int64)
    if source.active != "ignores":
        active = _active(world, source, np.flatnonzero(event == Event.SEND_DELIVERED), time_us, was_active)
        if source.active == "fails":
            event[active] = Event.SEND_IN_CONVERSATION
        else:
            joined = active
    failed_before = (cap == NOTHING) & (time_us > source.requested_us) & (source.retry_us is None)
    asked = -1 if source.asked_at is None else source.asked_at.astype(np.int64)
    columns = {
        "conversation": np.broadcast_to(asked, len(event)),
        "portion": np.where(cap == ORGANISATION, NOTHING, np.where(failed_before, SENT_AGAIN, cap)),
        "value": source.requested_us,
    }
    if world.scenario.outbound.detail == "per_second":
        _counts(world, source, event, time_us, columns)
        return
    world.journal.write_block(
        time_us, event, message=np.arange(len(event)), queue=int(source.lane), agent=source.number, **columns
    )
    if component.looks_at_people(i):
        known = np.flatnonzero((event != Event.SEND_NO_OPT_IN) & (source.customer >= 0))
        _more(world, source, known, Event.SEND_ADDRESSED, source.requested_us, source.customer, before_us)
    _more(world, source, joined, Event.SEND_JOINED, time_us, 0, before_us)
    _tries(world, component, i, source, before_us)
    if source.fate is not None:
        _fate(world, source, event, time_us, before_us)


def _became(component: Component, i: int, before_us: int, end_us: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What each message of a source has become, when, and what it waited for last. [message] each"""
    source = component.sources[i]
    count = len(source.requested_us)
    event = np.full(count, Event.SEND_NO_OPT_IN, np.int64)
    time_us = np.minimum(source.requested_us, end_us)
    cap = np.full(count, NOTHING, np.int64)
    mine = component.which == i
    ordinal = component.ordinal[mine]
    event[ordinal], time_us[ordinal] = Event.SEND_WAITING, end_us
    expires_us = np.full(count, 1 << 62, np.int64)
    expires_us[ordinal] = component.expires_us()[mine]
    gone = (event == Event.SEND_WAITING) & (expires_us < before_us)
    if source.stopped_us >= 0:
        stopped = (event == Event.SEND_WAITING) & (expires_us >= source.stopped_us) & (source.stopped_us < before_us)
        event[stopped], time_us[stopped] = Event.SEND_STOPPED, source.stopped_us
        gone &= ~stopped
    event[gone], time_us[gone] = Event.SEND_EXPIRED, expires_us[gone]
    delivered = np.where(source.delivered, Event.SEND_DELIVERED, Event.SEND_FAILED)
    for what, becomes in (
        (LEFT, delivered),
        (EXPIRED, np.full(count, Event.SEND_EXPIRED)),
        (REJECTED, np.full(count, Event.SEND_REJECTED)),
    ):
        of_source, at_us, caps = _happened(component, i, what, before_us)
        event[of_source], time_us[of_source], cap[of_source] = becomes[of_source], at_us, caps
    return event, time_us, cap


def _happened(component: Component, i: int, what: int, before_us: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ordinal, time and cap of all that happened so to sends of a source before the end. [happening] each"""
    send = component.out_send
    chosen = (component.out_what == what) & (component.which[send] == i) & (component.out_us < before_us)
    return component.ordinal[send[chosen]], component.out_us[chosen], component.out_cap[chosen]


def _active(world: World, source: BulkSource, left: np.ndarray, time_us: np.ndarray, was_active: Active) -> np.ndarray:
    """Those of the messages that left whose customer was in an open conversation then. [message of these]"""
    channel = world.directory.source_channel[source.number]
    customers = source.customer[left].tolist()
    found = [was_active(channel, who, at) for who, at in zip(customers, time_us[left].tolist(), strict=True)]
    return left[np.array(found, bool)] if len(left) else left


def _more(
    world: World, source: BulkSource, ordinal: np.ndarray, event: int, time_us: np.ndarray, value: np.ndarray | int,
    before_us: int,
) -> None:  # fmt: skip
    """Further rows about some messages, as far as they lie within the run."""
    if not len(ordinal):
        return
    at_us = time_us[ordinal]
    values = np.broadcast_to(value, len(time_us))[ordinal]
    inside = at_us < before_us
    world.journal.write_block(
        at_us[inside], event, message=ordinal[inside], queue=int(source.lane), agent=source.number, value=values[inside]
    )


def _tries(world: World, component: Component, i: int, source: BulkSource, before_us: int) -> None:
    """Calls that got a 429, and messages that failed and were asked for again: which of their sends, from 1."""
    for what, event in ((REFUSED, Event.SEND_REFUSED), (RESENT, Event.SEND_RESENT)):
        ordinal, at_us, _ = _happened(component, i, what, before_us)
        if not len(ordinal):
            continue
        order = np.lexsort((at_us, ordinal))
        fresh = np.append(True, np.diff(ordinal[order]) != 0)
        starts = np.flatnonzero(fresh)
        number = np.empty(len(ordinal), np.int64)
        number[order] = np.arange(len(ordinal)) - np.repeat(starts, np.diff(np.append(starts, len(ordinal)))) + 1
        world.journal.write_block(
            at_us, event, message=ordinal, queue=int(source.lane), agent=source.number, value=number
        )


def _fate(world: World, source: BulkSource, event: np.ndarray, time_us: np.ndarray, before_us: int) -> None:
    """When messages were delivered and read, and why they failed."""
    fate = source.fate
    assert fate is not None
    left = (event == Event.SEND_DELIVERED) | (event == Event.SEND_FAILED)
    there_us = time_us + fate.latency_us
    _more(
        world,
        source,
        np.flatnonzero(left & (fate.latency_us > 0)),
        Event.SEND_ARRIVED,
        there_us,
        fate.latency_us,
        before_us,
    )
    failed = np.flatnonzero((event == Event.SEND_FAILED) & (fate.reason > 0))
    _more(world, source, failed, Event.SEND_FAILURE, there_us, fate.reason, before_us)
    read = np.flatnonzero((event == Event.SEND_DELIVERED) & (fate.read_us >= 0))
    _more(world, source, read, Event.SEND_READ, there_us + np.maximum(fate.read_us, 0), fate.read_us, before_us)


def _counts(
    world: World, source: BulkSource, event: np.ndarray, time_us: np.ndarray, columns: dict[str, np.ndarray]
) -> None:
    """One row for all sends of a second that ended alike and were asked for in one second."""
    if not len(event):
        return
    keys = np.stack([
        time_us // SECOND, event, columns["portion"], columns["conversation"], columns["value"] // SECOND
    ])  # fmt: skip
    order = np.lexsort(keys[::-1])
    fresh = np.append(True, (np.diff(keys[:, order], axis=1) != 0).any(axis=0))
    starts = np.flatnonzero(fresh)
    number = np.diff(np.append(starts, len(event)))
    firsts = order[starts]

    def mean(values: np.ndarray) -> np.ndarray:
        low = values[firsts] // SECOND * SECOND
        within = values[order] - np.repeat(low, number)
        return low + np.add.reduceat(within, starts) // number

    counted = np.array([COUNTED[code] for code in event[firsts].tolist()], np.int64)
    world.journal.write_block(
        mean(time_us), counted, conversation=columns["conversation"][firsts], portion=columns["portion"][firsts],
        message=number, queue=int(source.lane), agent=source.number, value=mean(columns["value"]),
    )  # fmt: skip
