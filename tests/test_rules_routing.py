"""The rules of routing, exactly: tables and laws of pure functions."""

from __future__ import annotations

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.rules import rings, routing
from simulator.vocabulary.clock import DAY, MINUTE, SECOND

TIMES = st.integers(0, 700 * DAY)
PRIORITIES = st.integers(-25_000_000, 25_000_000)
GROWTHS = st.integers(-1000, 1_000_000)


# --- which interaction -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entered", "priority", "key"),
    [(0, 0, 0), (5 * SECOND, 0, 5 * SECOND), (0, 1, -MINUTE), (0, -2, 2 * MINUTE), (90 * SECOND, 2, -30 * SECOND)],
)
def test_the_rank_of_a_score(entered, priority, key):
    assert routing.rank_key(entered, priority) == key


@given(TIMES, PRIORITIES, GROWTHS, TIMES, PRIORITIES, st.integers(0, DAY))
def test_keys_order_as_scores_do_at_any_later_time(entered, priority, growth, other, other_priority, later):
    """Among interactions of equal growth one comparison of keys is the comparison of scores for ever."""
    now = max(entered, other) + later
    mine = routing.ageing_score(now, entered, priority, growth)
    theirs = routing.ageing_score(now, other, other_priority, growth)
    keys = routing.ageing_key(entered, priority, growth), routing.ageing_key(other, other_priority, growth)
    assert (mine > theirs) == (keys[0] < keys[1])
    mine = routing.priority_score(now, entered, priority, growth)
    theirs = routing.priority_score(now, other, other_priority, growth)
    keys = routing.priority_key(entered, priority, growth), routing.priority_key(other, other_priority, growth)
    assert (mine > theirs) == (keys[0] < keys[1])


@given(TIMES, PRIORITIES, TIMES, PRIORITIES)
def test_without_growth_it_is_the_usual_score(entered, priority, other, other_priority):
    usual = routing.rank_key(entered, priority) < routing.rank_key(other, other_priority)
    assert usual == (routing.ageing_key(entered, priority, 0) < routing.ageing_key(other, other_priority, 0))


def test_the_score_of_a_priority_that_grows():
    """Two minutes with a priority of 3 that grows by a half: 2 + 3 + 1 minutes."""
    score = routing.ageing_score(2 * MINUTE, 0, 3, 500)
    assert score == 6 * MINUTE * routing.MILLI
    assert routing.priority_score(2 * MINUTE, 0, 3, 500) == 4 * MINUTE * routing.MILLI
    assert routing.ageing_score(9 * MINUTE, 0, 3, -1000) == 3 * MINUTE * routing.MILLI  # it stands still


def test_places_in_line():
    """`PriorityOnly` leads; then the score, the earlier entry, the smaller id."""
    line = [
        routing.place_in_line(False, 900, 5, 1),
        routing.place_in_line(True, -900, 7, 9),
        routing.place_in_line(False, 900, 4, 2),
        routing.place_in_line(False, 900, 4, 1),
        routing.place_in_line(True, 10, 8, 9),
    ]
    assert [line.index(place) for place in sorted(line)] == [4, 1, 3, 2, 0]


# --- which agent -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "connected", "wrapped_up", "on_queue", "resets", "begins"),
    [
        (0, 5, 3, 9, False, 5),
        (0, 3, 5, 9, False, 5),
        (0, -1, -1, 9, False, -1),
        (0, -1, -1, 9, True, 9),
        (0, 12, 3, 9, True, 12),
        (1, 5, 8, 9, False, 5),
        (2, 5, 8, 9, False, 8),
        (2, 5, -1, 9, False, -1),
    ],
)
def test_where_the_clock_begins(kind, connected, wrapped_up, on_queue, resets, begins):
    assert routing.clock_start_us(kind, connected, wrapped_up, on_queue, resets) == begins


@pytest.mark.parametrize(
    ("has", "asked", "languages", "language", "marks", "one_of", "may"),
    [
        (0b101, 0b100, 0, 0, 0, 0, True),
        (0b101, 0b111, 0, 0, 0, 0, False),
        (0, 0, 0, 0, 0, 0, True),
        (0b1, 0b1, 0b01, 0b10, 0, 0, False),
        (0b1, 0b1, 0b11, 0b10, 0, 0, True),
        (0b1, 0b1, 0, 0, 0b100, 0b110, True),
        (0b1, 0b1, 0, 0, 0b001, 0b110, False),
    ],
)
def test_who_may_serve(has, asked, languages, language, marks, one_of, may):
    assert routing.may_serve(has, asked, languages, language, marks, one_of) is may


def test_mean_proficiency_is_exact():
    """Means that are equal are equal: 5 and 4 in two skills, 4.5 in one, 4 5 4.5 in three."""
    assert routing.mean_proficiency(9000, 2) == routing.mean_proficiency(4500, 1) == routing.mean_proficiency(13500, 3)
    assert routing.mean_proficiency(9001, 2) > routing.mean_proficiency(4500, 1)
    assert routing.mean_proficiency(0, 0) == 0


def test_of_equals_the_first_stays():
    assert routing.is_better(3, 2) and not routing.is_better(2, 2) and not routing.is_better(-1, -1)


# --- circles ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("waited", "ring"), [(0, 0), (29, 0), (30, 1), (59, 1), (60, 2), (10_000, 2)])
def test_the_ring_that_is_open(waited, ring):
    """A ring is left exactly at its end."""
    assert rings.open_ring(waited, [30, 60]) == ring
    assert rings.next_ring_us(ring, [30, 60]) == [30, 60, rings.NEVER][ring]


def test_rings_of_no_length_are_passed():
    assert rings.open_ring(0, [0, 0, 10]) == 2


@pytest.mark.parametrize(("ring", "skills"), [(0, 0b111), (1, 0b011), (2, 0b001), (3, 0b001)])
def test_skills_that_a_ring_requires(ring, skills):
    assert rings.skills_in_ring(0b111, [0b100, 0b010, 0], ring) == skills


def test_preferred_agents():
    assert rings.preferred_untils_us([10, 20, 5]) == [10, 30, 35]
    assert rings.preferred_in_rule([90, 60, 90, 10], 60) == [90, 60]
    assert rings.preferred_in_rule([], 0) == []


@pytest.mark.parametrize(
    ("measured", "above", "below", "holds"),
    [
        (5.0, 4.0, nan, True),
        (5.0, 5.0, nan, False),  # strictly
        (5.0, nan, 6.0, True),
        (5.0, nan, 5.0, False),
        (nan, 0.0, nan, False),  # nothing measured yet
        (inf, 4.0, nan, True),
    ],
)
def test_conditions(measured, above, below, holds):
    assert rings.condition_holds(measured, above, below) is holds


@pytest.mark.parametrize(
    ("position", "handle", "slots", "wait"),
    [(1, 30.0, 2.0, 15.0), (4, 30.0, 2.0, 60.0), (0, 30.0, 2.0, 0.0), (3, 0.0, 2.0, 0.0), (1, 30.0, 0.0, inf)],
)
def test_the_estimated_wait(position, handle, slots, wait):
    assert rings.estimated_wait_us(position, handle, slots) == wait
