"""Step functions of stays: areas, peaks, overlays, against a second-by-second count."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.metrics import steps

STAYS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 15)), max_size=12)


def arrays(stays):
    start = np.array([s for s, _ in stays], np.int64)
    return start, start + np.array([d for _, d in stays], np.int64)


def present(stays, t):
    """How many are there during [t, t + 1)."""
    return sum(s <= t < s + d for s, d in stays)


def test_a_stay_is_cut_at_the_edges_of_the_window():
    start, end = np.array([0, 5, 8, 20]), np.array([7, 6, 30, 25])
    assert steps.overlap(start, end, 4, 10).tolist() == [3, 1, 2, 0]
    assert steps.area(start, end, 4, 10) == 6


def test_coming_and_going_at_one_instant_is_no_peak():
    assert steps.peak(np.array([0, 5]), np.array([5, 9]), 0, 10) == 1
    assert steps.peak(np.array([3]), np.array([3]), 0, 10) == 0
    assert steps.peak(np.array([], np.int64), np.array([], np.int64), 0, 10) == 0


def test_those_already_there_count_in_the_interval_they_enter():
    start, end = np.array([0, 0, 12]), np.array([15, 5, 13])
    assert steps.peaks(start, end, np.array([0, 10, 20, 30])).tolist() == [2, 2, 0]


@settings(max_examples=60, deadline=None)
@given(STAYS)
def test_areas_and_peaks_are_those_of_a_count_by_hand(stays):
    start, end = arrays(stays)
    edges = np.array([3, 10, 11, 30, 50])
    for i, (low, high) in enumerate(pairwise(edges)):
        counted = [present(stays, t) for t in range(low, high)]
        assert steps.areas(start, end, edges)[i] == sum(counted) == steps.area(start, end, low, high)
        assert steps.peaks(start, end, edges)[i] == max(counted) == steps.peak(start, end, low, high)


@settings(max_examples=60, deadline=None)
@given(STAYS)
def test_the_union_is_where_anybody_is(stays):
    begins, ends = steps.union(*arrays(stays))
    inside = {t for b, e in zip(begins, ends, strict=True) for t in range(b, e)}
    assert inside == {t for t in range(60) if present(stays, t)}
    assert (begins[1:] > ends[:-1]).all()


@settings(max_examples=60, deadline=None)
@given(STAYS, STAYS)
def test_two_kinds_of_stays_are_laid_over_each_other(one, two):
    owners = np.zeros(len(one), np.int64), np.zeros(len(two), np.int64)
    segments = steps.together((owners[0], *arrays(one)), (owners[1], *arrays(two)), 0, 60)
    assert (segments.length * segments.first).sum() == sum(present(one, t) for t in range(60) if present(two, t))


def test_owners_do_not_mix():
    """Agent 0 works 0-10 and is on queue 5-20, agent 1 is on queue 0-10 and does nothing."""
    segments = steps.together(
        (np.array([0]), np.array([0]), np.array([10])),
        (np.array([0, 1]), np.array([5, 0]), np.array([20, 10])),
        0,
        100,
    )
    by_owner = np.bincount(segments.owner, weights=segments.length * segments.first, minlength=2)
    assert by_owner.tolist() == [5, 0]
    assert np.bincount(segments.owner, weights=segments.length).tolist() == [15, 10]
