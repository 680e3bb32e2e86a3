"""Intervals over replications: known answers."""

from __future__ import annotations

from math import isnan, sqrt

import numpy as np
import pytest
from scipy.stats import beta

from simulator.metrics.confidence import (
    METHODS,
    errors_away,
    interval,
    quantile_interval,
    quantile_pseudo,
    ratio_interval,
    share_interval,
    student_t,
    unseen,
)


def test_student_t_is_that_of_the_tables():
    assert student_t(0.95, 4) == pytest.approx(2.776445, abs=1e-6)
    assert student_t(0.95, 1) == pytest.approx(12.706205, abs=1e-6)
    assert student_t(0.99, 29) == pytest.approx(2.756386, abs=1e-6)


def test_equal_denominators_give_the_classical_t_interval():
    values = np.array([3.0, 5.0, 4.0, 8.0, 5.0])
    point, low, high = ratio_interval(values, np.ones(5))
    half = 2.776445 * values.std(ddof=1) / sqrt(5)
    assert point == 5.0
    assert (low, high) == pytest.approx((5 - half, 5 + half), abs=1e-6)


def test_a_ratio_is_a_ratio_of_sums():
    """Two replications, 1 of 1 and 0 of 3: the share is 1/4, not the mean of 1 and 0.

    Leaving one out gives 0 and 1; pseudo-values 2/4 - 0 = 0.5 and 0.5 - 1 = -0.5; mean 0, standard error 0.5.
    """
    point, low, high = ratio_interval(np.array([1.0, 0.0]), np.array([1.0, 3.0]))
    assert point == 0.25
    assert (low, high) == pytest.approx((-0.5 * 12.706205, 0.5 * 12.706205), abs=1e-5)


def test_one_replication_has_no_interval():
    point, low, high = ratio_interval(np.array([3.0]), np.array([4.0]))
    assert point == 0.75
    assert isnan(low) and isnan(high)


def test_nothing_to_divide_by_is_null():
    assert all(isnan(x) for x in ratio_interval(np.zeros(3), np.zeros(3)))
    assert all(isnan(x) for x in quantile_interval([np.empty(0), np.empty(0)], 0.9))
    assert all(isnan(x) for x in quantile_interval([], 0.9))


def test_one_replication_with_data_among_empty_ones_has_a_point_but_no_interval():
    point, low, high = ratio_interval(np.array([3.0, 0.0, 0.0]), np.array([4.0, 0.0, 0.0]))
    assert point == 0.75
    assert isnan(low) and isnan(high)


def test_an_empty_replication_among_full_ones_changes_the_interval_but_not_the_point():
    full = ratio_interval(np.array([3.0, 1.0, 2.0]), np.array([4.0, 4.0, 4.0]))
    with_empty = ratio_interval(np.array([3.0, 1.0, 2.0, 0.0]), np.array([4.0, 4.0, 4.0, 0.0]))
    assert with_empty[0] == full[0]
    assert np.isfinite(with_empty).all()


def test_a_quantile_is_that_of_all_samples_together():
    samples = [np.array([1.0, 2.0, 3.0]), np.array([10.0]), np.array([4.0, 5.0])]
    point, low, high = quantile_interval(samples, 0.5)
    assert point == 3.5
    assert low <= 3.5 <= high


def test_an_interval_of_a_quantile_holds_the_values_whose_share_agrees():
    """Four replications of 1 … 100 with a step of 0, 0, 10, 10: at 50 the shares are 50, 50, 40, 40 of 100.

    The statistic at x is (mean share - 0.5) / (0.0577 / 2) with t = 3.182 for 3 degrees of freedom: 0.0919 on each
    side, so that all x are held whose mean share is in 0.4081 … 0.5919. At x it is (x - 5) / 100 as long as no share
    is 0 or 1: 46 is the first, and 65 the first no more.
    """
    samples = [np.arange(1.0, 101.0) + step for step in (0, 0, 10, 10)]
    _, low, high = quantile_interval(samples, 0.5)
    assert (low, high) == (46.0, 65.0)


def test_an_end_that_no_sample_bounds_is_open():
    """The 98 % quantile of 20 days, one in each replication: one worse day would not contradict it."""
    days = [np.array([float(day)]) for day in range(20)]
    assert quantile_interval(days, 0.98)[2] == np.inf
    assert quantile_interval(days, 0.02)[1] == -np.inf
    assert np.isfinite(quantile_interval(days, 0.5)).all()


def test_a_value_that_many_share_may_be_both_ends():
    """About nine in ten wait 0 in every replication: the median is 0, and nothing below 0 was ever seen."""
    samples = [np.concatenate([np.zeros(90), np.arange(1.0, 11.0 + number)]) for number in range(5)]
    assert quantile_interval(samples, 0.5) == (0.0, 0.0, 0.0)


def test_replications_that_do_not_differ_have_no_spread_to_judge_by():
    """The same ratio in all of them: nothing is known of how it varies; of a share, how rare the unseen must be."""
    same = np.array([4.0, 2.0, 6.0])
    point, *ends = ratio_interval(0.3 * same, same)
    assert point == pytest.approx(0.3)
    assert np.isnan(ends).all()
    assert np.isnan(ratio_interval(np.zeros(3), same)[1:]).all()


def test_a_share_that_never_varied_has_an_exact_bound():
    """20 days on target. Had 16.84 % of days been off, 20 in a row would have been on with 0.8316^20 = 2.5 %."""
    days = np.ones(20)
    assert share_interval(days, days) == (1.0, pytest.approx(0.8316, abs=5e-5), 1.0)
    assert share_interval(np.zeros(20), days) == (0.0, 0.0, pytest.approx(0.1684, abs=5e-5))
    assert unseen(20) == pytest.approx(1 - beta.ppf(0.025, 20, 1))  # Clopper and Pearson's, 20 of 20
    # one in two, every day: the unseen days may have anything from 0 to 1
    half, low, high = share_interval(days, 2 * days)
    assert (half, low, high) == (0.5, pytest.approx(0.5 - 0.1684 / 2, abs=5e-5), pytest.approx(0.5842, abs=5e-5))
    # four replications, of which one weighs as much as the others together, tell as much as three: 36 / 12
    weights = np.array([3.0, 1.0, 1.0, 1.0])
    assert share_interval(weights, weights)[1] == pytest.approx(0.025 ** (1 / 3))
    varied = np.array([1.0, 0.9, 1.0])
    assert share_interval(varied, np.ones(3)) == ratio_interval(varied, np.ones(3))
    assert np.isnan(share_interval(np.ones(1), np.ones(1))[1:]).all()
    assert np.isnan(share_interval(np.array([5.0, 0.0]), np.array([5.0, 0.0]))[1:]).all()


def test_a_quantile_where_every_sample_is_the_same():
    """Of 20 days all were perfect: up to 16.8 % may be otherwise, so one in two cannot be, one in ten can."""
    perfect = [np.ones(4)] * 20
    assert quantile_interval(perfect, 0.5) == (1.0, 1.0, 1.0)
    assert quantile_interval(perfect, 0.1) == (1.0, -np.inf, 1.0)
    assert quantile_interval(perfect, 0.9) == (1.0, 1.0, np.inf)
    assert quantile_interval([np.ones(4)] * 40, 0.1) == (1.0, 1.0, 1.0)  # 40 days: 8.8 %


def test_a_quantile_where_every_replication_is_the_same():
    """1 … 10 in 20 replications alike. The share at 4 may be 0.4 (1 - b) = 0.333 to 0.4 + 0.6 b = 0.501, which holds a
    half; that at 3 only reaches 0.418; that at 7 begins at 0.582, and the interval ends there."""
    samples = [np.arange(1.0, 11.0)] * 20
    assert quantile_interval(samples, 0.5) == (5.5, 4.0, 7.0)


def test_pseudo_values_of_a_quantile_are_those_of_the_share_below_it():
    """1 … 100 with steps 0, 0, 10, 10: the share at the median 55 is 55, 55, 45, 45 of 100, the slope 1 per 0.01."""
    samples = [np.arange(1.0, 101.0) + step for step in (0, 0, 10, 10)]
    point, pseudo = quantile_pseudo(samples, 0.5)
    assert point == 55.5
    assert pseudo == pytest.approx([50.5, 50.5, 60.5, 60.5], abs=0.2)


def test_skewness_moves_the_interval_from_ten_replications_on():
    """Hand-made: 9 zeros and one 10; mean 1, s = sqrt(10), skewness (10/72)(9 · (-1)^3 + 9^3) / 10^1.5 = sqrt(10),
    so a = skewness / sqrt(10) = 1 and the standard error is 1; t = 2.2622 for 9 degrees of freedom, 2/3 wider: 3.7703.

    g(T) = T + T²/3 + T³/27 + 1/6 = (T + 3)³/27 - 5/6, so T = 3 cbrt(g + 5/6) - 3: 1.9906 and -7.2964.
    """
    pseudo = np.array([0.0] * 9 + [10.0])
    low, high = interval(pseudo)
    assert (low, high) == pytest.approx((1 - 1.9906, 1 + 7.2964), abs=2e-4)
    mirrored = interval(-pseudo)
    assert mirrored == pytest.approx((-high, -low))
    fewer = interval(pseudo[1:])
    assert fewer[1] - pseudo[1:].mean() == pytest.approx(pseudo[1:].mean() - fewer[0])


def test_errors_away_is_the_smaller_of_t_with_and_without_skewness():
    """The same ten: T = 1 - 9 = -8 from 9, g = (-5)³/27 - 5/6 = -5.463; T = 4 from -3, g = 343/27 - 5/6 = 11.87.
    Two numbers show no skewness: 0 and 2 are 4 errors of 1 from 5."""
    pseudo = np.array([0.0] * 9 + [10.0])
    assert errors_away(pseudo, 9.0) == pytest.approx(125 / 27 + 5 / 6)
    assert errors_away(pseudo, -3.0) == pytest.approx(4.0)
    assert errors_away(np.array([0.0, 2.0]), 5.0) == pytest.approx(4.0)


def test_many_intervals_at_once_are_those_one_by_one():
    pseudo = np.random.Generator(np.random.Philox(3)).exponential(1.0, (7, 20))
    low, high = interval(pseudo)
    assert [interval(each) for each in pseudo] == list(zip(low, high, strict=True))


def test_every_method_names_its_source():
    assert set(METHODS) == {"ratio", "share", "quantile", "difference"}
    assert all(method.name and method.words and method.source for method in METHODS.values())
