"""Bulk sends through their caps: which sources share a cap, and when everything of theirs leaves.

A component is a set of sources and channels that share no cap with anything outside it. Where only even or burst
clocks hold one line back, its times come in closed form; else the stack plays it send by send (`rules.leaving`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from simulator.rules import leaving, plain
from simulator.rules.caps import burst_sends_us, even_sends_us, shared_even_sends_us
from simulator.rules.crowded import FEW, FEW_PLAIN, Crowd
from simulator.rules.lengths import parts
from simulator.rules.stack import NOTHING, NUMBER, ORGANISATION, Stack, clock, empty, stream, tier
from simulator.scenario.capping import (
    TIER_US,
    ChannelCaps,
    Clock,
    bulk_of,
    channel_caps,
    encoding_of,
    lane_clock,
    lane_key,
)
from simulator.vocabulary.codes import Lane
from simulator.workload.bulk import BulkSource

if TYPE_CHECKING:
    from simulator.scenario.schema import Scenario
    from simulator.workload import Workload

_PEOPLE = 1 << 40
"""More than any channel has customers: a person's number is channel · _PEOPLE + customer."""
_RANKS = {Lane.AGENTLESS: 0, Lane.CAMPAIGN: 1}
"""Agentless messages precede campaigns (model.md section 8)."""


class Component:
    """Sources and channels that share caps, and what happens to their sends."""

    def __init__(self, scenario: Scenario, workload: Workload, sources: Sequence[BulkSource], channels: Sequence[int]):
        self.sources = list(sources)
        self.channels = list(channels)
        names = workload.directory
        self._scenario = scenario
        self._names = names.channels
        self._channel_of = [names.source_channel[source.number] for source in self.sources]
        self._caps = {channel: channel_caps(scenario, names.channels[channel]) for channel in self.channels}
        self._parts = [_parts(scenario, source.name) for source in self.sources]
        self._edges = [_open_edges(workload, s, c) for s, c in zip(self.sources, self._channel_of, strict=True)]
        self.pools: dict[int, tuple[int, ...]] = {}
        """The clocks of each channel's numbers, once the stack stands."""
        self._line()
        self.out_send: np.ndarray = np.zeros(0, np.int64)
        self.out_us = self.out_what = self.out_cap = self.out_send
        """What has happened, in its order: send, when, what (`rules.stack`), which cap. [happening] of int64"""
        self.stack: Stack | None = None
        self._expires_us: np.ndarray | None = None

    def _line(self) -> None:
        """All sends that are asked for, in order of request; ties by source (in order of name) and ordinal."""
        counts = [len(source.requested_us) for source in self.sources]
        which = np.repeat(np.arange(len(counts)), counts)
        ordinal = np.concatenate([np.arange(count) for count in counts]) if counts else np.zeros(0, np.int64)
        requested = _joined([source.requested_us for source in self.sources])
        asked = np.flatnonzero(_joined([source.opted_in for source in self.sources]).astype(bool))
        if len(counts) != 1 or (np.diff(requested) < 0).any():
            asked = asked[np.lexsort((ordinal[asked], which[asked], requested[asked]))]
        self.which, self.ordinal, self.requested_us = which[asked], ordinal[asked], requested[asked]
        """Source (place in `sources`), ordinal and request of each send. [send]"""

    # --- all at once --------------------------------------------------------------------------------------------

    def plays(self, until_us: int) -> None:
        """Everything before `until_us`, where nobody interferes."""
        found = self._closed_form()
        if found is not None:
            sent_us, cap = found
            inside = sent_us < until_us
            self.out_send, self.out_us = np.flatnonzero(inside), sent_us[inside]
            self.out_what = np.zeros(len(self.out_us), np.int64)
            self.out_cap = np.where(self.out_us > self.requested_us[inside], cap, NOTHING)
            return
        self.builds()
        self.advances(until_us)
        self.reads()

    def _closed_form(self) -> tuple[np.ndarray, int] | None:
        """When each send leaves, and the cap that holds them; None where more than clocks of one line binds."""
        if any(
            edges or source.expires_us >= 0 or source.retry_us is not None or (source.fate and source.fate.resend_us)
            for source, edges in zip(self.sources, self._edges, strict=True)
        ):
            return None
        channels = set(self._channel_of)
        caps = [self._caps[channel] for channel in channels]
        if any(each.pair is not None or each.tier is not None for each in caps):
            return None
        keys = {self._key(i) for i in range(len(self.sources))}
        numbers = [each for each in caps if each.clock is not None]
        if len(keys) > 1 or (numbers and len(channels) > 1):
            return None
        lane = None if None in keys else lane_clock(self._scenario, self.sources[0].lane)
        sizes = set(self._parts)
        if numbers and (len(sizes) > 1 or (lane is None and len({source.lane for source in self.sources}) > 1)):
            return None
        return _one_line(self.requested_us, lane, numbers[0] if numbers else None, max(sizes, default=1))

    def _key(self, source: int) -> str | None:
        return lane_key(self._scenario, self.sources[source].lane, self._names[self._channel_of[source]])

    # --- step by step -------------------------------------------------------------------------------------------

    def builds(self) -> None:
        """The stack of this component: one stream for all sources that the same caps hold in the same way."""
        fates = [source.fate for source in self.sources]
        everyone = range(len(self.which))  # where nobody looks at people, calls or failures
        again = any(fate is not None and fate.resend_us for fate in fates)
        calls = again or any(source.retry_us is not None for source in self.sources)
        stack = empty(
            self.requested_us.tolist(),
            self._people() if any(self.looks_at_people(i) for i in range(len(self.sources))) else everyone,
            self.ordinal.tolist() if calls else everyone,
            self._tries() if again else [1] * len(everyone),
        )
        lanes = self._lanes(stack)
        tiers = {c: tier(stack, caps.tier, TIER_US) for c, caps in self._caps.items() if caps.tier is not None}
        groups: dict[object, list[int]] = {}
        for i, source in enumerate(self.sources):
            alone = source.retry_us is not None or (fates[i] is not None and fates[i].resend_us)  # type: ignore[union-attr]
            key = (
                i
                if alone
                else (source.lane, self._channel_of[i], tuple(self._edges[i]), source.expires_us, self._parts[i])
            )
            groups.setdefault(key, []).append(i)
        of_source = self._by_source()
        for members in groups.values():
            source, channel, fate = self.sources[members[0]], self._channel_of[members[0]], fates[members[0]]
            mine = everyone if len(self.sources) == 1 else np.sort(_joined([of_source[i] for i in members])).tolist()
            stream(
                stack, _RANKS[source.lane], mine,
                lane=lanes.get(self._key(members[0]), -1), pool=self.pools.get(channel, ()),
                parts=self._parts[members[0]],
                pair=self._caps[channel].pair, tier=tiers.get(channel, -1), expires_us=source.expires_us,
                edges_us=self._edges[members[0]],
                retry_us=None if source.retry_us is None else [column.tolist() for column in source.retry_us],
                resend_us=() if fate is None else [column.tolist() for column in fate.resend_us],
            )  # fmt: skip
        self.stack = stack
        simple = plain.is_plain(stack)
        self._crowd = Crowd(stack) if len(stack.rank) > (FEW_PLAIN if simple else FEW) else None
        self._advance = plain.advance if simple else leaving.advance

    def _lanes(self, stack: Stack) -> dict[str | None, int]:
        """The clocks of the lanes, by name, and of the channels' numbers (`pools`)."""
        lanes: dict[str | None, int] = {}
        for i, source in enumerate(self.sources):
            key = self._key(i)
            if key is not None and key not in lanes:
                lanes[key] = _clock(stack, lane_clock(self._scenario, source.lane))
        for channel, caps in self._caps.items():
            if caps.clock is not None:
                self.pools[channel] = tuple(_clock(stack, caps.clock) for _ in range(caps.numbers))
        return lanes

    def _tries(self) -> list[int]:
        """How often each send leaves at most. [send]"""
        tries = [np.ones(len(s.requested_us), np.int64) if s.fate is None else s.fate.tries for s in self.sources]
        base = np.cumsum([0, *(len(source.requested_us) for source in self.sources)])
        return _joined(tries)[base[self.which] + self.ordinal].tolist()  # type: ignore[no-any-return]

    def _by_source(self) -> list[np.ndarray]:
        """The sends of each source, in order of request. [source] of [send]"""
        order = np.argsort(self.which, kind="stable")
        return np.split(order, np.searchsorted(self.which[order], np.arange(1, len(self.sources))))

    def _people(self) -> list[int]:
        """A number for whom each send goes to. [send]"""
        found = np.empty(len(self.which), np.int64)
        for i, (source, mine) in enumerate(zip(self.sources, self._by_source(), strict=True)):
            ordinal = self.ordinal[mine]
            customer = source.customer[ordinal]
            found[mine] = np.where(
                customer >= 0,
                person_number(self._channel_of[i], customer),
                stranger_number(source.number, ordinal),
            )
        return found.tolist()  # type: ignore[no-any-return]

    def advances(self, until_us: int) -> None:
        assert self.stack is not None
        self._expires_us = None
        if self._crowd is not None:
            self._crowd.advance(until_us)
        else:
            self._advance(self.stack, until_us)

    def next_us(self) -> int:
        """Nothing happens before; NEVER: nothing is left to happen."""
        assert self.stack is not None
        return self._crowd.next_us() if self._crowd is not None else leaving.next_us(self.stack)

    def reads(self) -> None:
        """What the stack has played so far, as columns."""
        stack = self.stack
        assert stack is not None
        self.out_send, self.out_us = np.array(stack.out_send, np.int64), np.array(stack.out_us, np.int64)
        self.out_what, self.out_cap = np.array(stack.out_what, np.int64), np.array(stack.out_cap, np.int64)

    def looks_at_people(self, i: int) -> bool:
        """Do pairs or a tier limit a source, so that it matters whom it writes to?"""
        caps = self._caps[self._channel_of[i]]
        return caps.pair is not None or caps.tier is not None

    def expires_us(self) -> np.ndarray:
        """When each send would expire, far away if it never does. [send]"""
        if self._expires_us is None:
            self._expires_us = np.full(len(self.which), 1 << 62, np.int64)
            for send, at in [] if self.stack is None else leaving.remaining(self.stack):
                self._expires_us[send] = at
        return self._expires_us


def person_number(channel: int, customer: np.ndarray | int) -> np.ndarray | int:
    """Somebody of a channel's population."""
    return channel * _PEOPLE + customer


def stranger_number(source: int, ordinal: np.ndarray | int) -> np.ndarray | int:
    """Somebody to whom one message goes."""
    return -(1 + source * _PEOPLE + ordinal)


def _joined(columns: list[np.ndarray]) -> np.ndarray:
    if len(columns) == 1:
        return columns[0]
    return np.concatenate(columns) if columns else np.zeros(0, np.int64)


def _clock(stack: Stack, rule: Clock) -> int:
    return clock(stack, rule.count, rule.window_us, rule.burst)


def _parts(scenario: Scenario, source: str) -> int:
    """Slots of a number that a message takes."""
    bulk = bulk_of(scenario, source)
    encoding = None if bulk is None else encoding_of(scenario, bulk)
    return 1 if bulk is None or encoding is None else parts(bulk.characters, encoding.single, encoding.joined)


def _open_edges(workload: Workload, source: BulkSource, channel: int) -> list[int]:
    """When a source may send: its own hours, less the outages of its channel."""
    closed = workload.outages.closed.get(channel)
    if closed is None:
        return list(source.edges_us)
    far = 2 * workload.end_us + TIER_US
    stretches = list(zip(source.edges_us[::2], source.edges_us[1::2], strict=True)) or [(0, far)]
    for starts, ends in zip(*closed, strict=True):
        stretches = [
            (low, high)
            for opens, closes in stretches
            for low, high in ((opens, min(closes, starts)), (max(opens, ends), closes))
            if low < high
        ]
    return [edge for stretch in stretches for edge in stretch] or [far, far + 1]


def _one_line(
    requests_us: np.ndarray, lane: Clock | None, caps: ChannelCaps | None, parts: int
) -> tuple[np.ndarray, int] | None:
    """One line through a lane's clock and the numbers of one channel, where one of the two never binds."""
    if caps is None or caps.clock is None:
        if lane is None:
            return requests_us, NOTHING
        rule = burst_sends_us if lane.burst else even_sends_us
        return rule(requests_us, lane.count, lane.window_us), ORGANISATION
    number = caps.clock
    if number.burst or (lane is not None and lane.burst):
        return None
    if lane is not None:
        # Distances of slots, each times both counts: of the lane, and of one number.
        lanes, ones = lane.window_us * number.count, parts * number.window_us * lane.count
        micro = lane.count * number.count
        if caps.numbers * lanes >= ones + micro:
            return even_sends_us(requests_us, lane.count, lane.window_us), ORGANISATION
        if caps.numbers > 1 or not (ones >= lanes + micro or ones == lanes):
            return None
    if caps.numbers == 1:
        return even_sends_us(requests_us, number.count, number.window_us * parts), NUMBER
    return shared_even_sends_us(requests_us, number.count, caps.numbers, number.window_us * parts), NUMBER
