"""Means of laws, in closed form: what a planner expects of a duration or a count before anything is simulated.

E[min(X, c)] is the integral of the survival function up to c; the formulas are those of the limited expected value in
S. Klugman, H. Panjer, G. Willmot, Loss Models, appendix A.
"""

from __future__ import annotations

from math import erfc, exp, expm1, floor, gamma, inf, log, log1p, pi, sin, sqrt

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
            return -scale * expm1(-limit / scale) if scale > 0 else 0.0
        case "uniform":
            low, high = law.numbers
            if limit <= low or high <= low:
                return min(low, limit)
            top = min(high, limit)
            beyond = limit * (high - top) if high > top else 0.0
            return ((top**2 - low**2) / 2 + beyond) / (high - low)
        case "triangular":
            low, mode, high = law.numbers
            return _triangular(low, mode, high, limit)
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
        case "weibull":
            from scipy.special import gammainc

            shape, scale = law.numbers
            whole = scale * gamma(1 + 1 / shape)
            power = _power(limit / scale, shape)
            return whole if power > 700 else float(whole * gammainc(1 + 1 / shape, power) + limit * exp(-power))
        case "log_logistic":
            from scipy.special import betainc

            shape, scale = law.numbers
            whole = scale * (pi / shape) / sin(pi / shape)
            if limit == inf:
                return whole
            share = 1 / (1 + _power(scale / limit, shape))
            return float(whole * betainc(1 + 1 / shape, 1 - 1 / shape, share) + limit * (1 - share))
        case "pareto":
            shape, scale = law.numbers
            return scale / (shape - 1) * -expm1((shape - 1) * -log1p(limit / scale))
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
        case "triangular":
            low, mode, high = law.numbers
            if value <= low or value >= high:
                return float(value <= low)
            if value < mode:
                return 1 - (value - low) ** 2 / ((high - low) * (mode - low))
            return (high - value) ** 2 / ((high - low) * (high - mode))
        case "lognormal":
            mu, sigma = law.numbers
            if value == 0:
                return 1.0
            return 1 - _below((log(value) - mu) / sigma) if sigma > 0 else float(exp(mu) > value)
        case "gamma":
            from scipy.special import gammaincc

            shape, scale = law.numbers
            return float(gammaincc(shape, value / scale))
        case "weibull":
            shape, scale = law.numbers
            return exp(-_power(value / scale, shape))
        case "log_logistic":
            shape, scale = law.numbers
            return 1 / (1 + _power(value / scale, shape))
        case "pareto":
            shape, scale = law.numbers
            return exp(-shape * log1p(value / scale))
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


def _power(base: float, exponent: float) -> float:
    """base ** exponent, infinite where a float ends."""
    if base <= 0:
        return 0.0
    logarithm = exponent * log(base) if base < inf else inf
    return exp(logarithm) if logarithm < 709 else inf


def _triangular(low: float, mode: float, high: float, limit: float) -> float:
    """The limit less the area under the distribution function; from the mode on, the mean less what is above."""
    if limit <= low or high <= low:
        return min(low, limit)
    if limit <= mode:
        return limit - (limit - low) ** 3 / (3 * (high - low) * (mode - low))
    above = max(high - limit, 0.0) ** 3 / (3 * (high - low) * (high - mode)) if high > mode else 0.0
    return (low + mode + high) / 3 - above


def _geometric(p: float, limit: float) -> float:
    """E[min(N, c)] = sum over k < c of P(N > k), the last step in part where c is no whole number."""
    whole = floor(limit)
    survive = 1 - p
    return (1 - survive**whole) / p + (limit - whole) * survive**whole
