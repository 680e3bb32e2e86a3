"""Each cap by itself, exactly: clocks, bursts, pairs, hours, back-off."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.rules.caps import (
    burst_sends_us,
    even_free_us,
    even_sends_us,
    even_taken,
    even_until,
    open_from_us,
    pair_free_us,
    pair_taken,
    shared_even_sends_us,
)
from simulator.scenario.sending import Retries
from simulator.workload.fates import pauses_us

S = 1_000_000
MINUTE = 60 * S


def at(*seconds: float) -> np.ndarray:
    return np.array([round(s * S) for s in seconds], np.int64)


def test_even_with_parts():
    """One slot a second; messages of 1, 3 and 2 parts leave at 0, 1 and 4 s."""
    assert even_sends_us(at(0, 0, 0), 60, MINUTE, np.array([1, 3, 2])).tolist() == at(0, 1, 4).tolist()


def test_burst_in_a_window_of_its_own():
    assert burst_sends_us(at(0, 0, 0, 0.5, 0.5), 2, S).tolist() == at(0, 0, 1, 1, 2).tolist()


def test_shared_numbers():
    """Two numbers of one in 2 s."""
    assert shared_even_sends_us(at(0, 0, 0, 0, 9), 30, 2).tolist() == at(0, 0, 2, 2, 9).tolist()


def test_a_slot_stays_exact_where_its_clock_decided():
    """Seven a minute: the slot after 8.571428… s begins there, though the message left at the next whole µs."""
    slot = even_taken(0, 7, MINUTE, 0, 0, 1)
    assert (slot, even_free_us(slot, 7)) == (60_000_000, 8_571_429)
    assert even_taken(slot, 7, MINUTE, 0, 8_571_429, 1) == 120_000_000
    # another cap held it until 9 s: the slot is 9 s
    assert even_taken(slot, 7, MINUTE, 0, 9_000_000, 1) == 9_000_000 * 7 + MINUTE


@given(
    requests=st.lists(st.integers(0, 30 * S), min_size=1, max_size=80).map(sorted),
    count=st.sampled_from([7, 60, 90, 333]),
    stops=st.lists(st.integers(0, 60 * S), max_size=6).map(sorted),
)
def test_a_line_in_steps_is_the_line_at_once(requests, count, stops):
    asked, done, slot = np.array(requests, np.int64), 0, 0
    times: list[int] = []
    for stop in [*stops, 10_000 * S]:
        left, slot = even_until(asked, done, slot, count, MINUTE, stop)
        assert (left < stop).all()
        times += left.tolist()
        done += len(left)
    assert times == even_sends_us(asked, count).tolist()


@pytest.mark.parametrize(
    ("first", "messages", "now", "free"),
    [
        (0, 0, 5, 5),  # nothing so far
        (0, 1, 5, 5),  # within the burst
        (0, 1, 6, 6),  # paid: a new burst
        (0, 2, 6, 12),  # the burst is over, two are to pay
        (0, 2, 12, 12),
        (0, 45, 1, 270),  # the burst is full
        (0, 20, 7, 120),  # the published example: 20 at once are paid after two minutes
    ],
)
def test_pair(first, messages, now, free):
    assert pair_free_us(first * S, messages, now * S, 6 * S, 45, 6 * S) == free * S


def test_pair_bursts_begin_anew_once_paid():
    assert pair_taken(0, 2, 5 * S, 6 * S) == (0, 3)
    assert pair_taken(0, 2, 12 * S, 6 * S) == (12 * S, 1)


def test_hours_are_half_open():
    edges = [10, 20, 40, 50]
    assert [open_from_us(edges, now) for now in (0, 10, 19, 20, 45, 50)] == [10, 10, 19, 40, 45, -1]
    assert open_from_us([], 7) == 7


def test_back_off():
    """1 s · 2^n, more or less by 20 %."""
    u = np.array([0.5, 0.0, 1.0])
    retries = Retries(back_off="1 s", jitter=0.2)
    assert pauses_us(retries, 0, u).tolist() == [S, 800_000, 1_200_000]
    assert pauses_us(Retries(back_off="1 s"), 3, u).tolist() == [8 * S] * 3
