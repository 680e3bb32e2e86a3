"""Checks of bulk sends: each ends once, and no cap of any lane, number, pair or tier is ever passed."""

from __future__ import annotations

import numpy as np

from simulator.records.bulk import COUNTED, OUTCOMES
from simulator.records.columns import NONE, Array, pick, repeats
from simulator.records.evidence import Evidence, listed
from simulator.rules.caps import pair_free_us, pair_taken
from simulator.rules.lengths import parts
from simulator.scenario.capping import (
    TIER_US,
    ChannelCaps,
    bulk_of,
    channel_caps,
    encoding_of,
    lane_clock,
    lane_key,
)
from simulator.scenario.schema import Scenario
from simulator.vocabulary.clock import MINUTE, SECOND
from simulator.vocabulary.codes import Event, Lane

Verdict = tuple[bool, str]

LEFT = (Event.SEND_DELIVERED, Event.SEND_FAILED, Event.SEND_IN_CONVERSATION, Event.SEND_RESENT)
LEFT_COUNTED = (Event.SENDS_DELIVERED, Event.SENDS_FAILED, Event.SENDS_IN_CONVERSATION)
WRITTEN = (Event.REPLY_SENT, Event.FLOW_MESSAGE_SENT, Event.TEMPLATE_SENT, Event.PART_SENT)
"""Rows of messages that agents and flows send."""


def sends(known: Evidence) -> Verdict:
    """Requested by the scenario = sum of outcomes, source by source; none twice, none before its request."""
    rows = known.of(*OUTCOMES, *COUNTED)
    outcomes = known.outcomes("sends")
    many = np.isin(rows.event, list(COUNTED))
    number_of = np.where(many, rows.message, 1)
    by_source = np.bincount(rows.agent, number_of, len(known.names.sources)).astype(np.int64)
    wrong = []
    for number, source in enumerate(known.names.sources):
        asked = _requested(known.scenario, source, known.end)
        if asked is not None and by_source[number] != asked:
            wrong.append(f"{source} has {by_source[number]} where {asked} were asked for")
    single = (rows.agent << 40) + rows.message
    twice = repeats(single[~many])
    further = known.of(
        Event.SEND_REFUSED,
        Event.SEND_RESENT,
        Event.SEND_ARRIVED,
        Event.SEND_READ,
        Event.SEND_FAILURE,
        Event.SEND_JOINED,
    )
    strange = int((~np.isin((further.agent << 40) + further.message, single[~many])).sum())
    delay = known.column("sends", "delay_us")
    early = int(((delay != NONE) & (delay < 0)).sum())
    total = int(known.column("sends", "count").sum())
    ends = known.tables["sends"].groupby("outcome", observed=True)["count"].sum()
    known.balance("bulk messages", int(number_of.sum()), {str(name): int(n) for name, n in ends.items() if n})
    sums = len(rows) == sum(outcomes.values()) and int(number_of.sum()) == total
    return sums and not (wrong or twice or early or strange), (
        f"{int(number_of.sum())} bulk messages: {listed(outcomes)}; {twice} twice, {early} before their request, "
        f"{strange} further rows about none of them" + (f"; {', '.join(wrong)}" if wrong else "")
    )


def _requested(scenario: Scenario, source: str, end: int) -> int | None:
    """How many bulk messages the scenario asks a source for; None where chance decides."""
    if source in scenario.outbound.campaigns:
        return scenario.outbound.campaigns[source].contacts
    if source in scenario.outbound.notifications:
        if scenario.outbound.notifications[source].arrivals is not None:
            return None
        batches = _batches(scenario, source, end)
        last = min(end, scenario.duration_us) if scenario.after_end == "drain" else end
        return int(batches[batches[:, 0] < last, 1].sum())
    return 0


def _batches(scenario: Scenario, source: str, end: int) -> Array:
    """Time and count of each batch of a notification from the start to the end of the run. [batch, 2]"""
    calendar = scenario.calendar
    found = [
        (calendar.at(day, batch.at), batch.count)
        for day in calendar.days(0, end + 1)
        for batch in scenario.outbound.notifications[source].batches or ()
    ]
    times = np.array(found, np.int64).reshape(-1, 2)
    return times[times[:, 0] >= 0]


class _Left:
    """Everything that left in bulk: when, whence, how many at once."""

    def __init__(self, known: Evidence):
        rows = known.of(*LEFT, *LEFT_COUNTED)
        many = np.isin(rows.event, LEFT_COUNTED)
        self.counted = bool(many.any())
        # Counts of a second are looked at second by second.
        self.time = np.where(many, rows.time // SECOND * SECOND, rows.time)
        self.number = np.where(many, rows.message, 1)
        self.lane, self.source = rows.queue, rows.agent
        self.channel = np.array(known.names.source_channel, np.int64)[rows.agent] if len(rows) else rows.agent
        self.ordinal = np.where(many, -1, rows.message)


def lanes(known: Evidence) -> Verdict:
    """In every half-open 60-second window a lane sends at most its cap: of the organisation, or of each channel."""
    left, names = _Left(known), known.names.channels
    figures, good = [], True
    for code in (Lane.CAMPAIGN, Lane.AGENTLESS):
        keys = {lane_key(known.scenario, code, name) for name in names} - {None}
        clock = lane_clock(known.scenario, code)
        for key in sorted(key for key in keys if key is not None):
            channels = [i for i, name in enumerate(names) if lane_key(known.scenario, code, name) == key]
            mine = (left.lane == code) & np.isin(left.channel, channels)
            busiest = _busiest(left.time[mine], left.number[mine], clock.window_us)
            good &= busiest <= clock.count
            total = int(left.number[mine].sum())
            known.limit(f"messages in any 60 s, {key}", busiest, clock.count)
            figures.append(f"{key}: {total} sent, at most {busiest} in 60 s where {clock.count} are allowed")
    return good, "; ".join(figures) or "no lane has a cap"


def _busiest(times: Array, number: Array, window_us: int) -> int:
    """Most in any half-open window."""
    order = np.argsort(times, kind="stable")
    at, sums = times[order], np.concatenate([[0], np.cumsum(number[order])])
    return int((sums[np.searchsorted(at, at + window_us)] - sums[:-1]).max(initial=0)) if len(at) else 0


def numbers(known: Evidence) -> Verdict:
    """Whatever leaves finds its number below its throughput: with it there are at most so many in the window behind it.

    What customers write may go over it: nothing delays that.
    """
    left, figures, good = _Left(known), [], True
    interactive = _interactive(known)
    for i, name in enumerate(known.names.channels):
        caps = channel_caps(known.scenario, name)
        if caps.clock is None:
            continue
        if left.counted:
            figures.append(f"{name}: counted by the second, not looked at")
            continue
        mine = left.channel == i
        sizes = np.array([_parts(known.scenario, source) for source in known.names.sources], np.int64)
        time = [left.time[mine]]
        size = [sizes[left.source[mine]]]
        out = [np.ones(len(time[0]), bool)]
        at, channel, segments, outbound = interactive
        counted = (channel == i) & (outbound | caps.counts_inbound)
        time.append(at[counted])
        size.append(segments[counted])
        out.append(outbound[counted])
        most, allowed = _behind(np.concatenate(time), np.concatenate(size), np.concatenate(out), caps)
        good &= most <= allowed
        known.limit(f"parts of a number's window, {name}", most, allowed)
        figures.append(f"{name}: at most {most} behind a message where {allowed} are allowed")
    return good, "; ".join(figures) or "no number has a limit"


def _parts(scenario: Scenario, source: str) -> int:
    """Parts of one message of a source."""
    bulk = bulk_of(scenario, source)
    encoding = None if bulk is None else encoding_of(scenario, bulk)
    return 1 if bulk is None or encoding is None else parts(bulk.characters, encoding.single, encoding.joined)


def _behind(time: Array, size: Array, out: Array, caps: ChannelCaps) -> tuple[int, int]:
    """Most parts in a window that ends with a message that left, and how many are allowed."""
    assert caps.clock is not None
    count, window = caps.clock.count, caps.clock.window_us
    if window == MINUTE and count % 60 == 0 and count:
        count, window = count // 60, SECOND
    # Who answers at once writes after what he answers: of one instant only what leaves is counted.
    order = np.lexsort((~out, time))
    at, parts, leaves = time[order], size[order], out[order]
    # A message leaves when its first part may: the others lie ahead of it.
    first = np.concatenate([[0], np.cumsum(parts)])
    here = np.arange(len(at))
    behind = first[here] + np.where(leaves, 1, 0) - first[np.searchsorted(at, at - window, side="right")]
    largest = int(parts.max(initial=1))
    return int(behind[leaves].max(initial=0)), caps.numbers * (count + largest - 1)


def _interactive(known: Evidence) -> tuple[Array, Array, Array, Array]:
    """Messages of conversations: when, on which channel, how many parts, and whether they left. [message] each"""
    rows = known.of(Event.MESSAGE_RECEIVED, *WRITTEN)
    opened = known.of(Event.PORTION_OPENED)
    channel_of = np.full(int(opened.conversation.max(initial=-1)) + 1, -1, np.int64)
    channel_of[opened.conversation] = opened.queue
    sized = known.of(Event.MESSAGE_SIZED)
    parts = np.ones(int(max(rows.message.max(initial=-1), sized.message.max(initial=-1))) + 1, np.int64)
    parts[sized.message] = np.maximum(sized.agent, 1)
    outbound = rows.event != Event.MESSAGE_RECEIVED
    segments = np.where(outbound, parts[rows.message], 1)
    return rows.time, pick(channel_of, rows.conversation), segments, outbound


def pairs(known: Evidence) -> Verdict:
    """To no customer of a population more than his burst, and nothing before it is paid back."""
    left, figures, good = _Left(known), [], True
    at, channel, _, outbound = _interactive(known)
    rows = known.of(Event.MESSAGE_RECEIVED, *WRITTEN)
    whose = _customer_of_conversation(known)
    addressed = _addressed(known, left)
    for i, name in enumerate(known.names.channels):
        rule = channel_caps(known.scenario, name).pair
        if rule is None:
            continue
        mine, its = outbound & (channel == i), (left.channel == i) & (addressed >= 0)
        people = np.concatenate([pick(whose, rows.conversation[mine]), addressed[its]])
        times = np.concatenate([at[mine], left.time[its]])
        early = _before_paid(people, times, rule)
        good &= not early
        known.limit(f"messages before their pair had paid, {name}", early, 0)
        figures.append(f"{name}: {len(times)} messages, {early} before their pair had paid")
    return good, "; ".join(figures) or "no pair has a limit"


def _before_paid(people: Array, times: Array, rule: tuple[int, int, int]) -> int:
    order = np.lexsort((times, people))
    early, latest, first, messages = 0, -1, 0, 0
    for who, at in zip(people[order].tolist(), times[order].tolist(), strict=True):
        if who < 0:
            continue
        if who != latest:
            latest, first, messages = who, 0, 0
        early += pair_free_us(first, messages, at, *rule) > at
        first, messages = pair_taken(first, messages, at, rule[0])
    return early


def _customer_of_conversation(known: Evidence) -> Array:
    """[conversation]; NONE: a person of his own."""
    opened = known.of(Event.PORTION_OPENED)
    found = np.full(int(opened.conversation.max(initial=-1)) + 1, NONE, np.int64)
    found[opened.conversation] = known.column("contacts", "customer")[opened.message]
    return found


def _addressed(known: Evidence, left: _Left) -> Array:
    """The customer of each bulk message that left, -1 where he is not of a population. [message]"""
    rows = known.of(Event.SEND_ADDRESSED)
    keys = (rows.agent << 40) + rows.message
    order = np.argsort(keys)
    wanted = (left.source << 40) + left.ordinal
    if not len(keys):
        return np.full(len(wanted), -1, np.int64)
    place = np.minimum(np.searchsorted(keys[order], wanted), len(keys) - 1)
    return np.where(keys[order][place] == wanted, rows.value[order][place], -1)


def tiers(known: Evidence) -> Verdict:
    """In no rolling day does the business begin with more customers than its tier."""
    left, figures, good = _Left(known), [], True
    addressed = _addressed(known, left)
    for i, name in enumerate(known.names.channels):
        tier = channel_caps(known.scenario, name).tier
        if tier is None:
            continue
        if left.counted:
            figures.append(f"{name}: counted by the second, not looked at")
            continue
        mine = left.channel == i
        stranger = -(1 + (left.source << 40) + left.ordinal)
        whom, at = np.where(addressed >= 0, addressed, stranger)[mine], left.time[mine]
        order = np.lexsort((at, whom))
        whom, at = whom[order], at[order]
        until = at + TIER_US
        same = np.append(whom[1:] == whom[:-1], False)[: len(whom)]
        until[same] = np.minimum(until[same], at[1:][same[:-1]])
        steps = np.concatenate([np.stack([at, np.ones_like(at)]), np.stack([until, -np.ones_like(at)])], axis=1)
        steps = steps[:, np.lexsort((steps[1], steps[0]))]  # who leaves the window leaves it first
        most = int(np.cumsum(steps[1]).max(initial=0))
        good &= most <= tier
        known.limit(f"customers in a rolling day, {name}", most, tier)
        figures.append(f"{name}: at most {most} customers in a rolling day where {tier} are allowed")
    return good, "; ".join(figures) or "no channel has a tier"
