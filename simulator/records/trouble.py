"""Checks of what goes wrong by design: outages hold, lose and queue; the content filter sends drafts back."""

from __future__ import annotations

import numpy as np

from simulator.platforms import platform
from simulator.records.columns import Array, count, distinct, first, repeats
from simulator.records.evidence import Evidence, listed
from simulator.records.reading import Part, latest_before
from simulator.scenario.outages import Outage, digits
from simulator.vocabulary.codes import Event, Outcome

Verdict = tuple[bool, str]


def kept_out(known: Evidence) -> int:
    """Contacts that went nowhere because an outage kept them out: lost, or still held when the run ended."""
    came = known.rows(Event.CONTACT_ARRIVED, Event.CONTACT_RETURNED)
    went = known.of(Event.CONTACT_STARTED, Event.CONTACT_REOPENED, Event.CONTACT_JOINED)
    nowhere = count(came, went.message) == 0
    ended = known.of(Event.CONTACT_ENDED)
    is_lost = np.zeros(came, bool)
    is_lost[ended.message[ended.value == Outcome.LOST]] = True
    held, released = known.of(Event.MESSAGE_HELD), known.of(Event.MESSAGE_RELEASED)
    waits = np.zeros(came, bool)
    waits[held.agent[~np.isin(held.message, released.message)]] = True
    return int((nowhere & (is_lost | waits)).sum())


def holds(known: Evidence) -> Verdict:
    """Held = released + dropped + waiting; each once, none released before it was held; the table tells of all."""
    held, released = known.of(Event.MESSAGE_HELD), known.of(Event.MESSAGE_RELEASED)
    queued, lost = known.rows(Event.MESSAGE_QUEUED), known.rows(Event.MESSAGE_LOST)
    bots = known.rows(Event.BOT_WAITED, Event.BOT_SKIPPED)
    outcomes = known.outcomes("holds")
    twice = repeats(held.message) + repeats(released.message)
    size = int(held.message.max(initial=-1)) + 1
    unknown = int((~np.isin(released.message, held.message)).sum())
    since, until = first(size, held.message, held.time), first(size, released.message, released.time)
    here = distinct(released.message[np.isin(released.message, held.message)])
    early = int((until[here] < since[here]).sum())
    rows = len(held) + queued + lost + bots
    if rows:
        known.balance("messages that met an outage", rows, outcomes)
    settled = sum(outcomes.values()) - outcomes.get("waiting", 0) - outcomes.get("lost", 0)
    inbound = known.text("holds", "direction") == "inbound"
    came_in = int((inbound & np.isin(known.text("holds", "outcome"), ["released", "dropped"])).sum())
    sums = rows == sum(outcomes.values()) and outcomes.get("lost", 0) == lost and came_in == len(released)
    return sums and not (twice or unknown or early), (
        f"{rows} messages met an outage: {listed(outcomes)}; {len(held)} were held and {len(released)} of them came "
        f"in, {settled} are settled; {twice} twice, {unknown} never held, {early} before they were held"
    )


def silence(known: Evidence) -> Verdict:
    """While a channel is cut off nothing comes in and nothing leaves; while a bot is down it says nothing."""
    outages = known.of(Event.OUTAGE_BEGAN)
    if not len(outages):
        return True, "nothing was down"
    names = sorted(known.scenario.outages)
    heard = known.of(Event.MESSAGE_RECEIVED, Event.REPLY_SENT, Event.FLOW_MESSAGE_SENT)
    opened = known.of(Event.PORTION_OPENED)
    channel_of = np.zeros(int(opened.conversation.max(initial=-1)) + 1, np.int64)
    channel_of[opened.conversation] = opened.queue
    channel = channel_of[heard.conversation] if len(channel_of) else np.zeros(0, np.int64)
    sent = known.column("sends", "sent_us")
    send_channel = known.numbers("sends", "channel", known.names.channels)
    wrong = bulk = strange = 0
    for number, start, end in zip(outages.message.tolist(), outages.time.tolist(), outages.value.tolist(), strict=True):
        if number >= len(names):
            strange += 1
            continue
        outage = known.scenario.outages[names[number]]
        cut = _cut_off(known, outage)
        wrong += int((_during(heard, start, end) & np.isin(channel, cut)).sum())
        bulk += int(((sent >= start) & (sent < end) & np.isin(send_channel, cut)).sum())
    return not (wrong or bulk or strange), (
        f"{len(outages)} outages, {strange} that nobody planned; {wrong} messages and {bulk} bulk messages passed a "
        "channel that was cut off"
    )


def _during(part: Part, start: int, end: int) -> Array:
    return (part.time >= start) & (part.time < end)


def _cut_off(known: Evidence, outage: Outage) -> Array:
    """Numbers of the channels that an outage cuts off; none for a bot. [channel]"""
    found = []
    for number, name in enumerate(known.names.channels):
        channel = known.scenario.channels[name]
        on_platform = outage.platform is not None and platform(channel.platform).name == outage.platform
        same = outage.number is not None and digits(channel.number or "") == digits(outage.number)
        if on_platform or same or name in (outage.channel, outage.middleware):
            found.append(number)
    return np.array(found, np.int64)


def drafts(known: Evidence) -> Verdict:
    """Drafts are caught while their reply is written, no reply more often than the filter allows."""
    caught, started = known.of(Event.DATA_FILTERED), known.of(Event.REPLY_STARTED)
    rules = known.scenario.content_filter
    allowed = 0 if rules is None else rules.attempts
    turns = known.rows(Event.TURN_OPENED)
    most = int(count(turns, caught.message).max(initial=0))
    writing = latest_before(started.message, started.at, caught.message, caught.at, len(known.log))
    stray = int((writing < 0).sum())
    sent = known.of(Event.REPLY_SENT)
    reply = first(turns, sent.value, sent.time)
    late = 0
    if len(caught):
        left = reply[caught.message]
        late = int(((left >= 0) & (left < caught.time)).sum())
    told = int(known.column("turns", "drafts_caught").sum())
    return most <= allowed and told == len(caught) and not (stray or late), (
        f"{len(caught)} drafts were caught and {told} are told of, at most {most} of one reply where {allowed} may be; "
        f"{stray} while nobody wrote, {late} after the reply had left"
    )
