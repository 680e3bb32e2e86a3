"""Several caps together: random demand through random stacks leaves as early as its own caps allow, and no earlier."""

from __future__ import annotations

from typing import NamedTuple
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator.rules import crowded, leaving, plain
from simulator.rules.caps import even_sends_us, open_from_us, pair_free_us, pair_taken, shared_even_sends_us
from simulator.rules.stack import (
    EXPIRED,
    LEFT,
    NEVER,
    NUMBER,
    ORGANISATION,
    REFUSED,
    REJECTED,
    RESENT,
    Stack,
    clock,
    empty,
    stream,
    tier,
)

S = 1_000_000
MINUTE = 60 * S


def built(requests: list[int], people: list[int] | None = None) -> Stack:
    count = len(requests)
    return empty(requests, people or list(range(count)), range(count), [1] * count)


def left(stack: Stack) -> list[int]:
    """When each send left, -1: not. [send]"""
    times = [-1] * len(stack.request_us)
    for send, at, what in zip(stack.out_send, stack.out_us, stack.out_what, strict=True):
        if what == LEFT:
            times[send] = at
    return times


# --- by hand ---------------------------------------------------------------------------------------------------


def test_the_slower_of_two_clocks_decides():
    """A lane of 60 a minute, a number of 20 a minute: one every 3 s, held by the number."""
    stack = built([0, 0, 0])
    lane, number = clock(stack, 60, MINUTE, False), clock(stack, 20, MINUTE, False)
    stream(stack, 0, [0, 1, 2], lane=lane, pool=(number,))
    leaving.advance(stack, NEVER)
    assert left(stack) == [0, 3 * S, 6 * S]
    assert stack.out_cap == [-1, NUMBER, NUMBER]


def test_who_waits_for_its_number_holds_up_nobody():
    """Two channels share a lane of one a second; the first has a number of one in 4 s. Its sends step aside."""
    stack = built([0, 0, 0, 0, 0])
    lane, slow = clock(stack, 60, MINUTE, False), clock(stack, 15, MINUTE, False)
    stream(stack, 0, [0, 1], lane=lane, pool=(slow,))
    stream(stack, 0, [2, 3, 4], lane=lane)
    leaving.advance(stack, NEVER)
    assert left(stack) == [0, 4 * S, S, 2 * S, 3 * S]  # the older request has the slot at 4 s
    assert stack.out_cap[-1] == NUMBER


def test_agentless_messages_precede_campaigns_at_a_number():
    stack = built([0, 0, 0, 0])
    number = clock(stack, 60, MINUTE, False)
    stream(stack, 1, [0, 1], pool=(number,))  # campaign
    stream(stack, 0, [2, 3], pool=(number,))  # agentless
    leaving.advance(stack, NEVER)
    assert left(stack) == [2 * S, 3 * S, 0, S]


def test_pair_in_a_stack():
    """Three messages to one customer and one to another, one a second: the pair (2 at once, 10 s each) steps aside."""
    stack = empty([0, 0, 0, 0], [7, 7, 7, 8], range(4), [1] * 4)
    lane = clock(stack, 60, MINUTE, False)
    stream(stack, 0, [0, 1, 2, 3], lane=lane, pair=(10 * S, 2, 5 * S))
    leaving.advance(stack, NEVER)
    assert left(stack) == [0, S, 20 * S, 2 * S]  # two are paid after 20 s


def test_tier_over_a_rolling_day():
    """Two customers a rolling 100 s: the third waits until the first has left the window; known ones go at once."""
    stack = built([0, 10 * S, 20 * S, 30 * S, 40 * S], [1, 2, 3, 1, 4])
    stream(stack, 0, [0, 1, 2, 3, 4], tier=tier(stack, 2, 100 * S))
    leaving.advance(stack, NEVER)
    # customer 1 was written to again at 30 s, so that he stays until 130 s; 2 leaves at 110 s
    assert left(stack) == [0, 10 * S, 110 * S, 30 * S, 130 * S]


def test_expiry_frees_the_line():
    """One in 10 s; who has waited 25 s is dropped and uses nothing."""
    stack = built([0, 0, 0, 0, 30 * S])
    stream(stack, 0, list(range(5)), lane=clock(stack, 6, MINUTE, False), expires_us=25 * S)
    leaving.advance(stack, NEVER)
    assert left(stack) == [0, 10 * S, 20 * S, -1, 30 * S]
    assert (3, 25 * S, EXPIRED) in zip(stack.out_send, stack.out_us, stack.out_what, strict=True)


def test_message_36001_of_a_long_code_expires(shared):
    """`caps_published`: a long code takes 36,000 messages in the ten hours that a provider's queue keeps them."""
    count = 36_001
    stack = built([0] * count)
    stream(stack, 0, list(range(count)), pool=(clock(stack, 60, MINUTE, False),), expires_us=36_000 * S)
    leaving.advance(stack, NEVER)
    assert left(stack)[-2:] == [35_999 * S, -1]


def test_a_refused_call_comes_again():
    """A 429 for who asks before his slot; he comes again after 3 s, then after 6 s; the last is lost."""
    stack = built([0, S, S])
    columns = [[3 * S] * 3, [6 * S] * 3]
    stream(stack, 0, [0, 1, 2], lane=clock(stack, 6, MINUTE, False), retry_us=columns)  # one in 10 s
    leaving.advance(stack, NEVER)
    assert list(zip(stack.out_send, stack.out_us, stack.out_what, strict=True)) == [
        (0, 0, 0), (1, S, 3), (2, S, 3), (1, 4 * S, 3), (2, 4 * S, 3), (1, 10 * S, 0), (2, 10 * S, 4),
    ]  # fmt: skip


def test_a_failed_message_is_asked_for_again():
    stack = empty([0, 0], [1, 2], range(2), [2, 1])
    stream(stack, 0, [0, 1], lane=clock(stack, 6, MINUTE, False), resend_us=[[1 * S, 1 * S]])
    leaving.advance(stack, NEVER)
    # send 0 fails at 0 s, is asked for again at 1 s, and stands behind send 1
    assert list(zip(stack.out_send, stack.out_us, stack.out_what, strict=True)) == [
        (0, 0, 1),
        (1, 10 * S, 0),
        (0, 20 * S, 0),
    ]


def test_hours():
    """Open from 10 to 20 s and from 40 s: one every 4 s, and the rest goes on when it opens again."""
    stack = built([0] * 5)
    stream(stack, 0, list(range(5)), lane=clock(stack, 15, MINUTE, False), edges_us=[10 * S, 20 * S, 40 * S, 99 * S])
    leaving.advance(stack, NEVER)
    assert left(stack) == [10 * S, 14 * S, 18 * S, 40 * S, 44 * S]


def test_parts_take_slots():
    stack = built([0, 0, 0])
    stream(stack, 0, [0, 1, 2], pool=(clock(stack, 60, MINUTE, False),), parts=3)
    leaving.advance(stack, NEVER)
    assert left(stack) == [0, 3 * S, 6 * S]


@pytest.mark.parametrize("numbers", [2, 3])
def test_numbers_share_the_work(numbers):
    """Each send takes the number that is free first."""
    requests = [0, 0, 0, S, 5 * S, 5 * S, 5 * S, 6 * S]
    stack = built(requests)
    pool = tuple(clock(stack, 30, MINUTE, False) for _ in range(numbers))
    stream(stack, 0, list(range(len(requests))), pool=pool)
    leaving.advance(stack, NEVER)
    assert left(stack) == shared_even_sends_us(np.array(requests), 30, numbers).tolist()


def test_a_lane_of_18000_through_four_numbers_of_80():
    """Three numbers at 80 a second are less than 18,000 a minute; four are not."""
    count = 20_000
    for numbers, per_minute in ((3, 14_400), (4, 18_000)):
        stack = built([0] * count)
        lane = clock(stack, 18_000, MINUTE, False)
        stream(
            stack,
            0,
            list(range(count)),
            lane=lane,
            pool=tuple(clock(stack, 4_800, MINUTE, False) for _ in range(numbers)),
        )
        plain.advance(stack, NEVER)
        assert np.searchsorted(left(stack), MINUTE) == pytest.approx(per_minute, abs=3)


# --- random demand through random stacks -------------------------------------------------------------------------


@st.composite
def worlds(draw):
    """(stack, the stream of each send): up to three streams over shared clocks, on two channels.

    Pair and tier belong to a channel, as do its customers.
    """
    count = draw(st.integers(1, 25))
    requests = sorted(draw(st.lists(st.integers(0, 30).map(lambda s: s * S // 2), min_size=count, max_size=count)))
    people = draw(st.lists(st.integers(0, 6), min_size=count, max_size=count))
    rules = st.sampled_from([None, (6 * S, 45, 6 * S), (4 * S, 2, 3 * S), (S, 1, S)])
    streams = draw(st.integers(1, 3))
    where = draw(st.lists(st.integers(0, streams - 1), min_size=count, max_size=count))
    channel = draw(st.lists(st.integers(0, 1), min_size=streams, max_size=streams))
    people = [person + 10 * channel[s] for person, s in zip(people, where, strict=True)]
    stack = empty(requests, people, range(count), draw(st.lists(st.integers(1, 3), min_size=count, max_size=count)))
    caps = st.sampled_from([7, 20, 60, 90])
    clocks = [clock(stack, draw(caps), MINUTE, draw(st.booleans())) for _ in range(4)]
    tier(stack, draw(st.integers(1, 3)), draw(st.sampled_from([5, 40])) * S)
    pair, tiers = [draw(rules), draw(rules)], [draw(st.sampled_from([-1, 0])), -1]
    pauses = st.lists(st.integers(1, 8).map(lambda s: s * S), min_size=count, max_size=count)
    twice = st.lists(pauses, min_size=2, max_size=2)
    for s in range(streams):
        stream(
            stack, draw(st.integers(0, 1)), [i for i in range(count) if where[i] == s],
            lane=draw(st.sampled_from([-1, clocks[0], clocks[0]])),
            pool=draw(st.sampled_from([(), (clocks[1],), (clocks[1],), (clocks[2], clocks[3])])),
            pair=pair[channel[s]], tier=tiers[channel[s]],
            edges_us=draw(st.sampled_from([[], [], [5 * S, 12 * S, 20 * S, 10_000 * S]])),
            expires_us=draw(st.sampled_from([-1, -1, 30 * S])), parts=draw(st.sampled_from([1, 1, 2])),
            retry_us=draw(st.one_of(st.none(), st.none(), twice)),
            resend_us=draw(st.one_of(st.just(()), twice)),
        )  # fmt: skip
    return stack, where


def windows_kept(stack: Stack, times: list[tuple[int, int]], clock_: int) -> bool:
    """No half-open window over the cap. `times`: (when, parts)."""
    at = sorted(when for when, parts in times for _ in range(parts))
    count, window = stack.limit[clock_], stack.window_us[clock_]
    # What a message takes beyond its first part is used up after it: a burst may begin one message short of the cap.
    slack = max((parts for _, parts in times), default=1) - 1
    return all(at[i] - at[i - count - slack] >= window for i in range(count + slack, len(at)))


def two_numbers() -> tuple[Stack, list[int]]:
    """90 and 20 a minute: both are free again after six seconds, and the twelfth send takes one of them."""
    requests = [0] * 12 + [13 * S // 2] * 7
    stack = empty(requests, [0] * len(requests), range(len(requests)), [1] * len(requests))
    for count in (7, 7, 90, 20):
        clock(stack, count, MINUTE, False)
    tier(stack, 1, 5 * S)
    stream(stack, 0, list(range(len(requests))), pool=(2, 3))
    return stack, [0] * len(requests)


def called_off() -> tuple[Stack, list[int]]:
    """A call that its hours refuse, beside a tier of one customer: it must not look into the tier's future."""
    stack = empty([0, 4 * S, 9 * S], [1, 2, 3], range(3), [1] * 3)
    for count in (60, 60, 60, 60):
        clock(stack, count, MINUTE, False)
    tier(stack, 1, 40 * S)
    stream(stack, 0, [0, 2], tier=0)
    stream(stack, 0, [1], tier=0, edges_us=[100 * S, 200 * S], retry_us=[[S] * 3])
    return stack, [0, 1, 0]


class Asked(NamedTuple):
    """A send that leaves or is refused, when it was asked for, and what it was."""

    send: int
    at: int
    asked: int
    leaves: bool


def asked(stack: Stack, where: list[int]) -> list[Asked]:
    """Every departure and every refusal, in order."""
    wanted = list(stack.request_us)
    refusals, failures = [0] * len(wanted), [0] * len(wanted)
    found = []
    for send, at, what in zip(stack.out_send, stack.out_us, stack.out_what, strict=True):
        s = where[send]
        if what in (LEFT, RESENT, REFUSED, REJECTED):
            found.append(Asked(send, at, wanted[send], what in (LEFT, RESENT)))
        if what == REFUSED:
            wanted[send] = at + stack.retry_us[s][refusals[send]][send]
            refusals[send] += 1
        elif what == RESENT:
            wanted[send], refusals[send] = at + stack.resend_us[s][failures[send]][send], 0
            failures[send] += 1
    return found


@given(world=worlds())
@example(world=two_numbers())
@example(world=called_off())
@settings(max_examples=200, deadline=None)
def test_no_window_over_any_cap_and_nobody_waits_in_vain(world):
    stack, where = world
    taken = _advanced(stack)
    people = stack.person
    ends = [send for send, what in zip(stack.out_send, stack.out_what, strict=True) if what not in (RESENT, REFUSED)]
    assert sorted(ends + [send for send, _ in leaving.remaining(stack)]) == list(range(len(people)))
    events = asked(stack, where)
    gone = [each for each in events if each.leaves]
    assert all(each.at >= each.asked for each in gone)
    assert all(each.at == each.asked for each in events if stack.retry_us[where[each.send]] is not None)
    assert windows_kept(stack, [(each.at, 1) for each in gone if stack.lane[where[each.send]] == 0], 0)
    ones = [(each.at, stack.parts[where[each.send]]) for each in gone if stack.pool[where[each.send]] == (1,)]
    assert windows_kept(stack, ones, 1)
    # in order of time: what each send's pair and tier said at that instant
    assert [each.at for each in gone] == sorted(each.at for each in gone)
    state: dict[int, tuple[int, int]] = {}
    window = stack.tier_window_us[0]
    tiered: list[tuple[int, int]] = []
    for send, at, _, _ in gone:
        s = where[send]
        rule = stack.pair[s]
        if rule:
            first, many = state.get(people[send], (0, 0))
            assert pair_free_us(first, many, at, *rule) == at
            state[people[send]] = pair_taken(first, many, at, rule[0])
        if stack.tier[s] == 0:
            tiered.append((at, people[send]))
            assert len({whom for when, whom in tiered if when > at - window}) <= stack.tier_limit[0]
    clocks = iter(taken)
    took = [
        [next(clocks) for _ in range((stack.lane[where[each.send]] >= 0) + bool(stack.pool[where[each.send]]))]
        for each in gone
    ]
    assert not list(clocks)
    _nobody_waits_in_vain(stack, where, events, took)


def _advanced(stack: Stack) -> list[int]:
    """Everything has left. Returns the clocks that were taken, in that order: of two numbers that are free at one
    instant nobody can tell afterwards which one it was."""
    taken = []

    def take(its: Stack, which: int, *rest: int) -> None:
        taken.append(which)
        clock_take(its, which, *rest)

    clock_take = leaving.clock_take
    with patch.object(leaving, "clock_take", take):
        leaving.advance(stack, NEVER)
    return taken


def _nobody_waits_in_vain(stack: Stack, where: list[int], events: list[Asked], took: list[list[int]]) -> None:
    """A send that left late could not have left earlier, as its own caps stood then, and nobody is refused in vain."""
    gone = [each for each in events if each.leaves]
    for each in events:
        s = where[each.send]
        if each.leaves and each.at == each.asked:
            continue
        before = [
            (other, its)
            for other, its in zip(gone, took, strict=True)
            if other.at < each.at or (not each.leaves and events.index(other) < events.index(each))
        ]
        again = empty(stack.request_us, stack.person, stack.ordinal, stack.tries)
        for c in range(len(stack.limit)):
            clock(again, stack.limit[c], stack.window_us[c], stack.ring[c] is not None)
        tier(again, stack.tier_limit[0], stack.tier_window_us[0])
        # the same departures once more, each as a send that is asked for when it left
        for other, its in before:
            stream_ = where[other.send]
            for c in its:
                leaving.clock_take(again, c, other.at, other.at, 1 if c == 0 else stack.parts[stream_])
            if stack.pair[stream_]:
                leaving.pair_take(again, stack.pair[stream_], stack.person[other.send], other.at)
            if stack.tier[stream_] >= 0:
                leaving.tier_take(again, 0, stack.person[other.send], other.at)
        free = max([each.asked, *(other.at for other, _ in before)])
        at_first = -1
        while at_first != free:  # until all of them say yes to one instant
            at_first = free
            if stack.lane[s] >= 0:
                free = max(free, leaving.clock_free_us(again, stack.lane[s]))
            if stack.pool[s]:
                free = max(free, leaving.pool_free_us(again, stack.pool[s], stack.parts[s])[0])
            if stack.edges_us[s]:
                free = open_from_us(stack.edges_us[s], free)
            if stack.pair[s]:
                free = max(free, leaving.pair_free(again, stack.pair[s], stack.person[each.send], free))
            if stack.tier[s] >= 0:
                free = max(free, leaving.tier_free(again, 0, stack.person[each.send], free))
        if each.leaves:
            assert free >= each.at - 1, f"send {each.send} left at {each.at} and could have left at {free}"
        else:
            assert free > each.at, f"send {each.send} was refused at {each.at} and could have left"


@pytest.mark.parametrize("rule", [(6 * S, 45, 6 * S), (6 * S, 1, 6 * S)])
def test_many_messages_to_one_customer_are_not_looked_at_again_and_again(rule):
    """Each waits behind the one before it: 1,000 to one customer cost a few looks each, and a burst is paid back."""
    count = 1_000
    stack = built([0] * count, [7] * count)
    stream(stack, 0, list(range(count)), pair=rule)
    looks = []
    with patch.object(leaving, "pair_free_us", lambda *args: looks.append(1) or pair_free_us(*args)):
        leaving.advance(stack, NEVER)
    assert left(stack) == [i // rule[1] * rule[1] * 6 * S for i in range(count)]
    assert len(looks) <= 4 * count


@given(
    requests=st.lists(st.integers(0, 20 * S), min_size=1, max_size=60).map(sorted),
    lane=st.sampled_from([7, 60, 90, 333]),
    number=st.sampled_from([13, 60, 100]),
    numbers=st.integers(0, 3),
    streams=st.integers(1, 2),
    stops=st.lists(st.integers(0, 40 * S), max_size=4).map(sorted),
)
@settings(max_examples=150, deadline=None)
def test_the_plain_loop_gives_the_same(requests, lane, number, numbers, streams, stops):
    """`rules.plain` is the same rule, whether it is asked once or in steps."""
    found = []
    for advance, steps in (
        (leaving.advance, []),
        (plain.advance, []),
        (plain.advance, stops),
        (leaving.advance, stops),
    ):
        stack = built(requests)
        org, pool = (
            clock(stack, lane, MINUTE, False),
            tuple(clock(stack, number, MINUTE, False) for _ in range(numbers)),
        )
        for s in range(streams):
            stream(stack, s, list(range(s, len(requests), streams)), lane=org, pool=pool if s == 0 else ())
        assert plain.is_plain(stack)
        for stop in [*steps, NEVER]:
            advance(stack, stop)
        found.append((left(stack), stack.out_cap))
    assert all(each == found[0] for each in found)
    if streams == 1 and not numbers:
        assert found[0][0] == even_sends_us(np.array(requests), lane).tolist()
        assert set(found[0][1]) <= {-1, ORGANISATION}


@pytest.mark.parametrize(("lane", "number", "numbers"), [(18_000, 4_800, 3), (700, 300, 2), (90, 60, 1), (333, 100, 3)])
@pytest.mark.parametrize("second_wave", [0, 40 * S])
def test_numbers_that_bind_take_a_column_in_turn(lane, number, numbers, second_wave):
    """Where only the numbers bind a whole column leaves at once, to the µs as in the loop; the clocks stand alike."""
    requests = [0] * 500 + [second_wave] * 300
    found, columns = [], []

    def column(*args):
        columns.append(by_column(*args))
        return columns[-1]

    by_column = plain._numbers_in_turn
    with patch.object(plain, "_numbers_in_turn", column):
        for advance, stops in ((leaving.advance, []), (plain.advance, []), (plain.advance, [S + 7, 30 * S, 41 * S])):
            stack = built(requests)
            org = clock(stack, lane, MINUTE, False)
            pool = tuple(clock(stack, number, MINUTE, False) for _ in range(numbers))
            stream(stack, 0, range(len(requests)), lane=org, pool=pool)
            for stop in [*stops, NEVER]:
                advance(stack, stop)
            found.append((left(stack), stack.out_cap, stack.slot))
    assert found[0] == found[1] == found[2]
    assert sum(columns) > len(requests)  # of the two runs together more than half


# --- many streams --------------------------------------------------------------------------------------------------


@st.composite
def crowds(draw):
    """How to build a stack of up to 14 streams with hours, calls, failures, pairs and tiers, and who else uses it."""
    rolled = draw(st.randoms(use_true_random=False))
    count, streams = rolled.randint(1, 80), rolled.randint(1, 14)
    requests = sorted(rolled.randint(0, 40) * S // 2 for _ in range(count))
    channel = [rolled.randrange(3) for _ in range(streams)]
    where = [rolled.randrange(streams) for _ in range(count)]
    people = [rolled.randrange(7) + 10 * channel[s] for s in where]
    tries = [rolled.randint(1, 3) for _ in range(count)]
    clocks = [(rolled.choice([7, 20, 60, 90, 333]), MINUTE, rolled.random() < 0.3) for _ in range(6)]
    tiers = [(rolled.randint(1, 3), rolled.choice([5, 40]) * S) for _ in range(2)]
    pools = [rolled.choice([(), (1,), (2, 3)]), rolled.choice([(), (4,)]), ()]
    pairs = [rolled.choice([None, None, (6 * S, 45, 6 * S), (4 * S, 2, 3 * S), (S, 1, S)]) for _ in range(3)]
    tier_of = [rolled.choice([-1, 0]), rolled.choice([-1, 1]), -1]

    def pauses() -> list[list[int]]:
        return [[rolled.randint(1, 8) * S for _ in range(count)] for _ in range(2)]

    def hours() -> list[int]:
        if rolled.random() < 0.5:
            return []
        edges = [at * S + rolled.randint(0, 3) for at in sorted(rolled.sample(range(90), 2 * rolled.randint(1, 4)))]
        return edges + ([9_000 * S, 10_000 * S] if rolled.random() < 0.6 else [])

    rules = [
        {
            "lane": rolled.choice([-1, 0, 0, 5]), "pool": pools[channel[s]], "parts": rolled.choice([1, 1, 2, 3]),
            "pair": pairs[channel[s]], "tier": tier_of[channel[s]], "edges_us": hours(),
            "expires_us": rolled.choice([-1, -1, 7 * S, 30 * S]),
            "retry_us": None if rolled.random() < 0.7 else pauses(),
            "resend_us": () if rolled.random() < 0.6 else pauses(),
        }
        for s in range(streams)
    ]  # fmt: skip
    ranks = [rolled.randrange(2) for _ in range(streams)]
    others = sorted((rolled.randint(0, 60) * S, rolled.randrange(6)) for _ in range(rolled.randint(0, 6)))

    def build() -> Stack:
        stack = empty(requests, people, range(count), tries)
        for rule in clocks:
            clock(stack, *rule)
        for rule in tiers:
            tier(stack, *rule)
        for s in range(streams):
            stream(stack, ranks[s], [i for i in range(count) if where[i] == s], **rules[s])
        return stack

    return build, others


@given(world=crowds())
@settings(max_examples=300, deadline=None)
def test_a_crowd_of_streams_gives_the_same(world):
    """`rules.crowded` is the same rule, to the last entry, also where others take a clock between two steps."""
    build, others = world
    found = []
    for many in (False, True):
        stack = build()
        crowd = crowded.Crowd(stack)
        for until, which in [*others, (NEVER, -1)]:
            if many:
                crowd.advance(until)
                assert crowd.next_us() <= leaving.next_us(stack)
            else:
                leaving.advance(stack, until)
            if which >= 0:
                leaving.clock_take(stack, which, until, until, 1)
        found.append((
            stack.out_send, stack.out_us, stack.out_what, stack.out_cap, stack.slot, stack.ring, stack.pairs,
            leaving.remaining(stack),
        ))  # fmt: skip
    assert found[0] == found[1]


@pytest.mark.parametrize("shared", ["lane", "numbers", "numbers of their own"])
def test_what_a_send_costs_does_not_grow_with_the_streams(shared):
    """1,000 campaigns, each with its own hours: a send looks at a few of them, not at all."""
    count, streams = 3_000, 1_000
    stack = built([0] * count)
    lane = clock(stack, 18_000, MINUTE, False)
    ours = clock(stack, 17_000, MINUTE, True)
    for s in range(streams):
        pool = (clock(stack, 60, MINUTE, False),) if shared == "numbers of their own" else (ours,)
        edges = [s, (s + 1) * 10_000, (s + 2) * 20_000, 1 << 50]
        stream(stack, 1, range(s, count, streams), lane=lane, pool=() if shared == "lane" else pool, edges_us=edges)
    looks = []
    with patch.object(crowded, "candidate", lambda *args: looks.append(1) or leaving.candidate(*args)):
        crowded.Crowd(stack).advance(NEVER)
    assert stack.out_what == [LEFT] * count
    assert len(looks) < 5 * count + 3 * streams
