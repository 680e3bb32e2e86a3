"""The pure rules of the desk: shared speeds, efforts at a speed, tenure, wrap-up, utilization."""

from __future__ import annotations

from fractions import Fraction

import pytest

from simulator.rules.capacity import NO_LABEL, may_take
from simulator.rules.desk import at_speed_us, reply_us, tenure_factor, wrap_up_deadline_us, wrap_up_end_us
from simulator.rules.sharing import done_in_us, shared_speeds
from simulator.vocabulary.clock import DAY, SECOND


def test_units_are_the_smallest_that_lose_nothing():
    """1.7 / 2 = 17/20 and 2.5 / 3 = 5/6 of a µs in a µs: 60 units make both whole."""
    assert shared_speeds((1, 1.7, 2.5), 3) == (60, [0, 60, 51, 50])


def test_beyond_the_table_the_total_speed_stands():
    scale, gains = shared_speeds((1, 2), 4)
    assert [Fraction(gain * n, scale) for n, gain in enumerate(gains)] == [0, 1, 2, 2, 2]


@pytest.mark.parametrize("speeds", [(1, 1.7, 2.5, 2.9, 3.5), (1,), (0.3333, 0.7), tuple(range(1, 26))])
def test_n_conversations_together_gain_the_total_speed(speeds):
    scale, gains = shared_speeds(speeds, 25)
    for n in range(1, 26):
        total = Fraction(round(speeds[min(n, len(speeds)) - 1] * 10_000), 10_000)
        assert Fraction(gains[n] * n, scale) == total


def test_a_longer_table_has_units_that_divide_the_shorter_one_s():
    """Work in progress is carried over exactly when a table must grow."""
    for short in range(1, 20):
        small, few = shared_speeds((1, 1.7, 2.5), short)
        large, many = shared_speeds((1, 1.7, 2.5), 2 * short)
        assert large % small == 0
        assert [gain * (large // small) for gain in few] == many[: len(few)]


@pytest.mark.parametrize(
    ("target", "done", "gain", "after"), [(10, 0, 1, 10), (10, 0, 3, 4), (9, 0, 3, 3), (10, 10, 3, 0), (10, 12, 3, 0)]
)
def test_a_piece_ends_in_the_microsecond_in_which_its_work_is_done(target, done, gain, after):
    assert done_in_us(target, done, gain) == after


def test_efforts_at_a_speed():
    assert at_speed_us(10 * SECOND, 1.25) == 8 * SECOND
    assert at_speed_us(1, 3.0) == 0  # a third of a µs
    assert at_speed_us(10, 4.0) == 3  # two and a half: to the larger
    assert at_speed_us(10 * SECOND, 0.5) == 20 * SECOND


@pytest.mark.parametrize(
    ("days", "factor"), [(-5, 0.6), (0, 0.6), (30, 0.8), (60, 0.9), (90, 0.95), (3_000, 1.0)]
)  # fmt: skip
def test_the_gap_halves_every_half_time(days, factor):
    assert tenure_factor(days * DAY, 0.6, 30 * DAY) == pytest.approx(factor, abs=1e-12)


def test_an_effort_is_at_least_a_second():
    """(drawn + history and script + 30 s unidentified − 5 s per field, at least 1 s): the whole sum."""
    assert reply_us(20 * SECOND, 7 * SECOND, unidentified=True, fields_collected=2) == 47 * SECOND
    assert reply_us(3 * SECOND, fields_collected=4) == SECOND


def test_deadlines():
    """Whoever has a timeout has a deadline, whatever the mode."""
    assert wrap_up_deadline_us("MANDATORY", 100, None) is None
    assert wrap_up_deadline_us("AGENT_REQUESTED", 100, 50) == 150
    assert wrap_up_end_us("AGENT_REQUESTED", 120, 50, 150) == 150
    assert wrap_up_end_us("AGENT_REQUESTED", 120, 10, 150) == 130
    assert wrap_up_end_us("OPTIONAL", 120, 50, None) == 170
    assert wrap_up_end_us("MANDATORY_FORCED_TIMEOUT", 120, 0, 150) == 150


ALL_TOGETHER = [[True] * 3] * 3


@pytest.mark.parametrize(
    ("asked", "held", "may"),
    [
        (0, [], True),
        (0, [0], True),
        (0, [0, 0], False),  # two of 0 at once
        (0, [1, 1, 2], True),  # others do not count
        (2, [], False),  # none of 2 at all
        (NO_LABEL, [0, 0, 1], True),
        (0, [NO_LABEL, NO_LABEL, 0], True),
    ],
)
def test_so_many_of_the_same(asked, held, may):
    assert may_take(asked, held, [2, 5, 0], ALL_TOGETHER) is may


def test_what_may_not_be_interrupted_stands_alone():
    """While a 0 is held a 1 may come, a 2 may not; while a 1 is held nothing else may come."""
    interrupts = [[False, True, False], [False, False, False], [True, True, True]]
    assert may_take(1, [0], [9, 9, 9], interrupts)
    assert not may_take(2, [0], [9, 9, 9], interrupts)
    assert not may_take(0, [1], [9, 9, 9], interrupts)
    assert may_take(1, [1], [9, 9, 9], interrupts)  # of the same kind: the limit alone
    assert not may_take(1, [0, 1, 2, 1], [9, 3, 9], [[True, False, True], *interrupts[1:]])
    assert may_take(NO_LABEL, [1], [9, 9, 9], interrupts)
