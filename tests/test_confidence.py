"""Intervals over replications: known answers."""

from __future__ import annotations

from math import isnan, sqrt

import numpy as np
import pytest

from simulator.metrics.confidence import jackknife, quantile_interval, ratio_interval, student_t


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
    left_out = np.array([5.0, 3.0, 2.5])  # medians of what is left without each replication
    assert (low, high) == pytest.approx(jackknife(3.5, left_out))


def test_the_interval_covers_what_it_promises():
    """Ratio of sums of exponentials with unequal sizes: 95 % intervals hold the true ratio about 95 times in 100."""
    generator = np.random.Generator(np.random.Philox(7))
    hits = 0
    for _ in range(400):
        sizes = generator.poisson(50, 8) + 1
        sums = np.array([generator.exponential(2.0, size).sum() for size in sizes])
        _, low, high = ratio_interval(sums, sizes.astype(float))
        hits += low <= 2.0 <= high
    assert 0.90 <= hits / 400 <= 0.99
