"""Uncertainty over replications: jackknife pseudo-values, and a t interval that knows about skewness.

The point is computed from all replications together, theta; leaving replication i out gives theta(-i); the
pseudo-value is p_i = n theta - (n-1) theta(-i). For a plain mean the pseudo-values are the values; for a ratio of sums
their mean has most of the ratio's bias taken out. Source: R. G. Miller, The jackknife: a review, Biometrika 61 (1974);
A. M. Law, Simulation Modeling and Analysis, section 9.4 (ratio estimators in simulation).

Student's t on pseudo-values, T = (mean - theta) / (s / sqrt(n)), is too narrow where days are skewed: waits and shares
of abandons have few bad days and many good ones. From `SKEWED_FROM` replications on the interval holds all theta with
|g(T)| <= t (1 + `WIDER` a^2), where

    g(T) = T + a T^2 / 3 + a^2 T^3 / 27 + a / 6,    a = skewness of the pseudo-values / sqrt(n)

takes the skewness out; g rises, so that it has one inverse, and a = 0 is the classical interval. Source: P. Hall, On
the removal of skewness by transformation, J. R. Statist. Soc. B 54 (1992); with t in place of the normal quantile,
R. Willink, A confidence interval and test for the mean of an asymmetric distribution, Commun. Statist. 34 (2005).

Hall's g leaves an error of the order 1 / n behind, which grows with the kurtosis of the days beyond 1.5 skewness^2; and
n numbers hardly show it: one extreme day among n makes skewness sqrt(n) and kurtosis n, whatever the law. `WIDER`
answers with the skewness that does show. Form and factor are no theory, they are measured: what keeps the promise from
symmetric days to those of a lognormal with sigma 1 (tests/test_coverage_of_intervals.py has the table).

Where nothing differs between replications there is no spread to make an interval of, and an interval without width
would promise what nobody can know. A share that neither plan nor platform fixes (service levels, days on target) gets
the exact bound: n replications alike, with the share v each, leave at 95 % room for a share

    b = 1 - 0.025^(1/n)

of replications that are otherwise, and these may have any share from 0 to 1: the mean lies from v (1 - b) to
v + b (1 - v). It assumes nothing of how contacts or days within a replication hang together: the replication is what
is independent. With unequal denominators d, n is (sum d)^2 / (sum d^2). For 0 or 1 that is the interval of C. J.
Clopper and E. S. Pearson, Biometrika 26 (1934), on replications; effective number: L. Kish, Survey Sampling (1965).
Everything else that never differs (what the plan fixes, what cannot happen, what nobody has seen) gets none.

A quantile is that of all samples together. Its interval holds every value q at which the share of samples <= q, a
ratio of sums over replications, agrees with the wanted share: |g(T)| <= t, since shares have no heavy tails. Whole
replications are left out, never single samples, which depend on each other. Source: R. S. Woodruff, Confidence
intervals for medians and other position measures, JASA 47 (1952); C. A. Francisco and W. A. Fuller, Quantile estimation
with a complex survey design, Ann. Statist. 19 (1991).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import nan

import numpy as np

LEVEL = 0.95
"""Confidence of every interval in a summary."""
SKEWED_FROM = 10
"""Replications from which on skewness is corrected for: fewer cannot tell it from chance (assumed; 5 symmetric ones
would get an interval half again as wide)."""
WIDER = 2 / 3
"""How much t grows with a^2, which is at most about 1: see above (measured)."""
ALIKE = 1e-9
"""Spread, as a share of the value, below which replications do not differ: less than a second in thirty years."""
FANNED = 64
"""Values looked at in one step of the search for an end of a quantile's interval; the answer does not depend on it."""


@dataclass(frozen=True)
class Method:
    """How intervals of one kind of measure are made."""

    name: str
    words: str
    source: str


METHODS = {
    "ratio": Method(
        "skewness-corrected t on jackknife pseudo-values",
        "value: sum of the numerators over sum of the denominators, all replications together; interval: Student t on "
        f"jackknife pseudo-values over replications, from {SKEWED_FROM} replications on corrected for their skewness, "
        "cut at the measure's own limits (0, and 1 for a share), beyond which no true value can be lost; none where "
        "all replications gave the same; with 20 or more it holds the true value 93.5 to 96.5 % of the time, tried up "
        "to days as skewed as a lognormal of sigma 1 (more skewed: less often; days all good or all bad: more often)",
        "Miller 1974 (jackknife); Hall 1992, Willink 2005 (skewness)",
    ),
    "share": Method(
        "skewness-corrected t on jackknife pseudo-values; exact bound where replications do not differ",
        "as a ratio; where all n replications gave the same share v, as 0 % or 100 %: v (1 − b) … v + b (1 − v), with "
        "b = 1 − 0.025^(1/n), the most that may be otherwise and be missed by n independent replications; n: "
        "(Σ denominator)² ÷ Σ denominator²",
        "Miller 1974 (jackknife); Hall 1992, Willink 2005 (skewness); Clopper and Pearson 1934 (bound); Kish 1965 (n)",
    ),
    "quantile": Method(
        "inverted share test over replications",
        "value: quantile of the samples of all replications together; interval: all values at which the share of "
        "samples at or below agrees with the wanted share, by a t corrected for skewness; an end beyond all samples "
        "is null, or the measure's own limit; with 20 or more replications it holds the true value 93.5 to 96.5 % of "
        "the time, more often where each replication is one sample (days)",
        "Woodruff 1952; Francisco and Fuller 1991",
    ),
    "difference": Method(
        "paired, skewness-corrected t on jackknife pseudo-values",
        "value: B - A; interval: that of a ratio, on the differences of both plans' pseudo-values, replication by "
        "replication; pseudo-values of a quantile are those of the share at or below it, times the quantile's slope; "
        "none where every pair has the same difference",
        "Law, section 10.2 (paired t); Miller 1974; Francisco and Fuller 1991 (slope)",
    ),
}
"""The method of every interval, by kind of measure."""
NO_INTERVAL = (
    "null: one replication, or only one with data; all replications gave the same (the plan fixes it, or nobody has "
    "seen anything else); an upper end beyond all samples of a quantile"
)
"""Why an interval, or an end of it, may not be there."""


# --- from pseudo-values to an interval ---------------------------------------------------------------------------


def interval(pseudo: np.ndarray, level: float = LEVEL) -> tuple[np.ndarray, np.ndarray]:
    """Ends of the interval for the mean of pseudo-values. [..., replication] -> [...], [...]; nan below two."""
    n = pseudo.shape[-1]
    if n < 2:
        return np.full(pseudo.shape[:-1], nan), np.full(pseudo.shape[:-1], nan)
    mean, error, a = _moments(pseudo)
    t = student_t(level, n - 1) * (1 + WIDER * a**2)
    return mean - _unskewed(t, a) * error, mean - _unskewed(-t, a) * error


def pseudo_values(point: float, left_out: np.ndarray) -> np.ndarray:
    """n theta - (n - 1) theta(-i). [replication]"""
    n = len(left_out)
    return n * point - (n - 1) * left_out


def standard_error(pseudo: np.ndarray) -> float:
    """Of the mean of pseudo-values. [replication]; nan below two."""
    return float(pseudo.std(ddof=1) / np.sqrt(len(pseudo))) if len(pseudo) > 1 else nan


def errors_away(pseudo: np.ndarray, value: float) -> float:
    """How many standard errors the mean of pseudo-values is away from a value it should have. [replication]

    The smaller of |T| and |g(T)|: a few days without a bad one among them lie close together and far off, and T alone
    would take that for proof. Few replications show their skewness badly, but what they show counts here from 3 on.
    """
    mean, error, a = _moments(pseudo, 3)  # two have none
    with np.errstate(divide="ignore", invalid="ignore"):
        t = (mean - value) / error
        return float(np.minimum(np.abs(t), np.abs(_skewed(t, a))))


def _moments(pseudo: np.ndarray, skewed_from: int = SKEWED_FROM) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean, its standard error, and skewness / sqrt(n), 0 where it is not corrected for. [..., replication]"""
    n = pseudo.shape[-1]
    mean = pseudo.mean(axis=-1)
    apart = pseudo - mean[..., None]
    variance = (apart**2).sum(axis=-1) / (n - 1)
    error = np.sqrt(variance / n)
    if n < skewed_from:
        return mean, error, np.zeros_like(mean)
    third = (apart**3).sum(axis=-1) * n / ((n - 1) * (n - 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        a = np.where(variance > 0, third / variance**1.5 / np.sqrt(n), 0.0)
    return mean, error, a


def _skewed(t: np.ndarray, a: np.ndarray) -> np.ndarray:
    """g(T): the statistic with its skewness taken out."""
    return t + a * t**2 / 3 + a**2 * t**3 / 27 + a / 6


def _unskewed(y: np.ndarray, a: np.ndarray) -> np.ndarray:
    """The T with g(T) = y. Near a = 0 the closed form is 0 / 0, and T = y."""
    some = np.where(np.abs(a) < 1e-6, 1.0, a)  # below that they agree to 6 digits (assumed enough)
    return np.where(np.abs(a) < 1e-6, y, 3 / some * (np.cbrt(1 + some * (y - some / 6)) - 1))


# --- ratios of sums ----------------------------------------------------------------------------------------------


def ratio_interval(
    numerators: np.ndarray, denominators: np.ndarray, level: float = LEVEL
) -> tuple[float, float, float]:
    """Point and interval of sum(numerators) / sum(denominators). [replication]

    nan where nothing is to divide by; ends are nan where replications do not differ, too.
    """
    point, pseudo = ratio_pseudo(numerators, denominators)
    return point, *_or_nothing(pseudo, level)


def share_interval(
    numerators: np.ndarray, denominators: np.ndarray, level: float = LEVEL
) -> tuple[float, float, float]:
    """As `ratio_interval`; of a share that is alike in all replications, the exact bound. [replication]"""
    point, pseudo = ratio_pseudo(numerators, denominators)
    if len(pseudo) > 1 and alike(pseudo):
        other = unseen(effective(denominators), level)
        return point, point * (1 - other), point + other * (1 - point)
    return point, *_or_nothing(pseudo, level)


def alike(pseudo: np.ndarray) -> bool:
    """Whether replications do not differ, but for rounding. [replication]"""
    return bool(np.isfinite(pseudo).all() and np.ptp(pseudo) <= ALIKE * np.abs(pseudo).max(initial=0.0))


def unseen(replications: float, level: float = LEVEL) -> float:
    """The largest share of replications that may be otherwise and are all missed with probability (1 - level) / 2."""
    return float(1 - ((1 - level) / 2) ** (1 / replications))


def effective(weights: np.ndarray) -> float:
    """How many equal replications tell as much as these. [replication]"""
    return float(weights.sum() ** 2 / (weights**2).sum())


def ratio_pseudo(numerators: np.ndarray, denominators: np.ndarray) -> tuple[float, np.ndarray]:
    """Point and pseudo-values of sum(numerators) / sum(denominators). [replication]

    nan where nothing is left to divide by without one of them.
    """
    top, bottom = float(numerators.sum()), float(denominators.sum())
    point = top / bottom if bottom > 0 else nan
    rest = bottom - denominators
    with np.errstate(divide="ignore", invalid="ignore"):
        left_out = np.where(rest > 0, (top - numerators) / rest, nan)
    return point, pseudo_values(point, left_out)


def _or_nothing(pseudo: np.ndarray, level: float) -> tuple[float, float]:
    if len(pseudo) < 2 or not np.isfinite(pseudo).all() or alike(pseudo):
        return nan, nan
    low, high = interval(pseudo, level)
    return float(low), float(high)


# --- quantiles ---------------------------------------------------------------------------------------------------


def quantile_interval(samples: Sequence[np.ndarray], share: float, level: float = LEVEL) -> tuple[float, float, float]:
    """Point and interval of a quantile of the pooled samples. [replication][sample]

    Where the samples are too few to bound it an end is infinite: 20 days cannot say how bad one day in 50 is.
    """
    pool = _Pool(samples, level)
    point = sorted_quantile(pool.values, share)
    if len(samples) < 2 or (pool.sizes == pool.sizes.sum()).any():
        return point, nan, nan
    t = student_t(level, len(samples) - 1)
    low, below = pool.first(share, -t, np.greater_equal)
    high, _ = pool.first(share, t, np.greater)
    last = len(pool.distinct) - 1
    if last == 0:  # one value everywhere: below it no sample of any replication, at it all of them
        other = unseen(effective(pool.sizes), level)
        only = float(pool.distinct[0])
        return point, -np.inf if share <= other else only, np.inf if share >= 1 - other else only
    if low == 0 and below <= t:
        lower = -np.inf
    else:
        lower = float(pool.distinct[low])
    # at the largest sample the share is 1, whatever the days are like: what counts is the sample before
    if high == last and pool.statistic(np.array([last - 1]), share)[0] >= -t:
        return point, lower, np.inf
    return point, lower, float(pool.distinct[high])


def quantile_pseudo(samples: Sequence[np.ndarray], share: float) -> tuple[float, np.ndarray]:
    """Point of a quantile of the pooled samples, and linearised pseudo-values with the point as mean. [replication]

    point - slope (F_i - F): F_i are the pseudo-values of the share at or below the point, the slope of the quantile is
    taken over the 95 % interval of that share. nan where one replication cannot be left out.
    """
    pool = _Pool(samples)
    point = sorted_quantile(pool.values, share)
    if len(samples) < 2 or (pool.sizes == pool.sizes.sum()).any():
        return point, np.full(len(samples), nan)
    shares = pool.shares_at(np.array([point]))[0]
    reach = student_t(LEVEL, len(samples) - 1) * standard_error(shares)
    low, high = max(share - reach, 0.0), min(share + reach, 1.0)
    if high <= low:
        return point, np.full(len(samples), point)
    slope = (sorted_quantile(pool.values, high) - sorted_quantile(pool.values, low)) / (high - low)
    return point, point - slope * (shares - shares.mean())


class _Pool:
    """The samples of all replications, sorted once."""

    def __init__(self, samples: Sequence[np.ndarray], level: float = LEVEL):
        self.level = level
        self._sorted = [np.sort(each) for each in samples]
        self.sizes = np.array([len(each) for each in samples], dtype=float)
        self.values = np.sort(np.concatenate(self._sorted), kind="stable") if self._sorted else np.empty(0)
        new = np.ones(len(self.values), bool)
        new[1:] = self.values[1:] != self.values[:-1]
        self.distinct = self.values[new]

    def shares_at(self, values: np.ndarray) -> np.ndarray:
        """Pseudo-values of the share of samples <= each value. [value, replication]"""
        below = np.stack([np.searchsorted(each, values, side="right") for each in self._sorted], axis=-1).astype(float)
        n, top, bottom = len(self.sizes), below.sum(axis=-1, keepdims=True), self.sizes.sum()
        return n * top / bottom - (n - 1) * (top - below) / (bottom - self.sizes)

    def statistic(self, at: np.ndarray, share: float) -> np.ndarray:
        """g(T) of the share of samples <= distinct value number `at`, against `share`. [at]

        Where that share is alike in all replications: 0 within its exact bound, else beyond all bounds.
        """
        mean, error, a = _moments(self.shares_at(self.distinct[at]))
        other = unseen(effective(self.sizes), self.level)
        beyond = (share < mean * (1 - other)) | (share > mean + other * (1 - mean))
        with np.errstate(divide="ignore", invalid="ignore"):
            found = _skewed((mean - share) / error, a)
        return np.where(error > ALIKE, found, np.where(beyond, np.where(mean > share, np.inf, -np.inf), 0.0))

    def first(self, share: float, bound: float, reaches: np.ufunc) -> tuple[int, float]:
        """The first distinct value whose statistic reaches the bound (the last always does), and that statistic."""
        low, high = 0, len(self.distinct) - 1
        while True:
            step = max((high - low) // FANNED, 1)
            at = np.append(np.arange(low, high, step), high)
            found = self.statistic(at, share)
            reached = reaches(found, bound)
            reached[-1] = True
            place = int(np.argmax(reached))
            if place == 0 or step == 1:
                return int(at[place]), float(found[place])
            low, high = int(at[place - 1]) + 1, int(at[place])


def sorted_quantile(values: np.ndarray, share: float) -> float:
    """Quantile of ascending values, linear between neighbours (NumPy's default); nan of nothing."""
    if len(values) == 0:
        return nan
    at = share * (len(values) - 1)
    low = int(at)
    high = min(low + 1, len(values) - 1)
    return float(values[low] + (at - low) * (values[high] - values[low]))


@cache
def student_t(level: float, degrees: int) -> float:
    """Two-sided quantile of Student's t: 2.776 for 95 % and 4 degrees of freedom."""
    from scipy.special import stdtrit  # scipy.stats would cost a second

    return float(stdtrit(degrees, 0.5 + level / 2))
