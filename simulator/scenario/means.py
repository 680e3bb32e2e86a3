"""Means of laws, in closed form: what a planner expects of a duration or a count before anything is simulated.

E[min(X, c)] is the integral of the survival function up to c; the formulas are those of the limited expected value in
S. Klugman, H. Panjer, G. Willmot, Loss Models, appendix A.
"""

from __future__ import annotations

from math import erfc, exp, floor, inf, log, sqrt

from simulator.scenario.laws import Law


def mean(law: Law, at_most: float = inf) -> float:
    """E[min(X, at_most)], clipped at the law's own `at_most` too: µs for durations, a number for counts."""
    limit = min(law.at_most, at_most)
    if limit <= 0:
        return 0.0
    match law.kind:
        case "constant":
            return min(law.numbers[0], limit)
        case "exponential":
            (scale,) = law.numbers
            return scale * (1 - exp(-limit / scale)) if scale > 0 else 0.0
        case "uniform":
            low, high = law.numbers
            if limit <= low or high <= low:
                return min(low, limit)
            top = min(high, limit)
            return ((top**2 - low**2) / 2 + limit * (high - top)) / (high - low)
        case "lognormal":
            mu, sigma = law.numbers
            whole = exp(mu + sigma**2 / 2)
            if limit == inf:
                return whole
            if sigma == 0:
                return min(whole, limit)
            z = (log(limit) - mu) / sigma
            return whole * _below(z - sigma) + limit * (1 - _below(z))
        case "gamma":
            from scipy.special import gammainc

            shape, scale = law.numbers
            if limit == inf:
                return shape * scale
            at = limit / scale
            return float(shape * scale * gammainc(shape + 1, at) + limit * (1 - gammainc(shape, at)))
        case "geometric":
            (p,) = law.numbers
            if p >= 1 or limit < 1:
                return min(1.0, limit)
            return 1 / p if limit == inf else _geometric(p, limit)
        case "empirical":
            return sum(w * min(value, limit) for w, value in zip(law.weights, law.numbers, strict=True))
        case "mixture":
            return sum(w * mean(part, limit) for w, part in zip(law.weights, law.parts, strict=True))


def exceeds(law: Law, value: float) -> float:
    """P(X > value), the law's `at_most` respected."""
    if value >= law.at_most:
        return 0.0
    if value < 0:
        return 1.0
    match law.kind:
        case "constant":
            return float(law.numbers[0] > value)
        case "exponential":
            return exp(-value / law.numbers[0]) if law.numbers[0] > 0 else 0.0
        case "uniform":
            low, high = law.numbers
            if high <= low:
                return float(low > value)
            return min(1.0, max(0.0, (high - value) / (high - low)))
        case "lognormal":
            mu, sigma = law.numbers
            if value == 0:
                return 1.0
            return 1 - _below((log(value) - mu) / sigma) if sigma > 0 else float(exp(mu) > value)
        case "gamma":
            from scipy.special import gammaincc

            shape, scale = law.numbers
            return float(gammaincc(shape, value / scale))
        case "geometric":
            (p,) = law.numbers
            return (1 - p) ** floor(value) if p < 1 else float(value < 1)
        case "empirical":
            return sum(w for w, each in zip(law.weights, law.numbers, strict=True) if each > value)
        case "mixture":
            return sum(w * exceeds(part, value) for w, part in zip(law.weights, law.parts, strict=True))


def _below(z: float) -> float:
    """The standard normal distribution function."""
    return 0.5 * erfc(-z / sqrt(2))


def _geometric(p: float, limit: float) -> float:
    """E[min(N, c)] = sum over k < c of P(N > k), the last step in part where c is no whole number."""
    whole = floor(limit)
    survive = 1 - p
    return (1 - survive**whole) / p + (limit - whole) * survive**whole
