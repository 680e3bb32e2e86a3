"""Reading a distribution: what planners know (mean, median, p90, cv) into natural parameters (`scenario.laws`)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from simulator.scenario.laws import AT_MOST_US, Law, LawKind
from simulator.scenario.parameters import DURATION_PARAMETERS, FAMILIES, FROM_ZERO
from simulator.scenario.written import Complaint, Place, Wrong, nearest, parse_duration, parse_share, shown
from simulator.vocabulary.clock import spoken

CONTINUOUS = ("constant", *FAMILIES, "empirical", "mixture")
COUNTING = ("constant", "geometric", "empirical", "mixture")
LATER = ("hyperexponential", "erlang", "normal", "beta", "poisson", "quantiles")
"""Laws that people ask for and that are not simulated yet."""
OTHER_NAMES = {"lomax": "pareto", "fisk": "log_logistic", "lognorm": "lognormal", "fixed": "constant"}
ORDERED = (("median", "p90"), ("low", "high"), ("low", "mode"), ("mode", "high"))
"""Parameters of which the second must not lie below the first."""

MAX_VALUES = 100_000  # of an empirical law; enough for a year of measured times

DURATION_LAWS = (
    "a duration, or one law: `{lognormal: {median, p90}}` (or mean, cv; so also gamma, weibull, log_logistic, pareto), "
    "`{exponential: {mean}}`, `{uniform: {low, high}}`, `{triangular: {low, mode, high}}`, `{empirical: [...]}`, "
    "`{mixture: [...]}`"
)
COUNT_LAWS = "a whole number from 1, or one law: `{geometric: {mean: 1.4}}`, `{empirical: [...]}`, `{mixture: [...]}`"


class _Reader:
    """One reading of one value: gathers all complaints."""

    def __init__(self, counts: bool):
        self.counts = counts
        self.complaints: list[Complaint] = []
        self.kinds: tuple[str, ...] = COUNTING if counts else CONTINUOUS
        self.allowed = COUNT_LAWS if counts else DURATION_LAWS

    def complain(self, place: Place, problem: str, allowed: str = "", suggestion: str = "") -> None:
        self.complaints.append(Complaint(problem, allowed or self.allowed, suggestion, place))

    # --- one law -------------------------------------------------------------------------------------------

    def law(self, value: Any, place: Place, beside: Sequence[str] = ()) -> Law | None:
        """None after a complaint."""
        if isinstance(value, Law):
            return value
        if not isinstance(value, dict):
            number = self.number(value, place)
            return None if number is None else self.bounded(Law("constant", (number,)), None, place)
        kinds = [key for key in value if key not in ("at_most", *beside)]
        if len(kinds) != 1:
            what = "no law stands here" if not kinds else f"{len(kinds)} laws stand here ({', '.join(kinds)})"
            self.complain(place, what, suggestion="keep one" if kinds else "")
            return None
        kind = kinds[0]
        if kind not in self.kinds:
            self.unknown(kind, (*place, kind))
            return None
        content, here = value[kind], (*place, kind)
        at_most: Any = value.get("at_most")
        at_most_place = (*place, "at_most")
        if isinstance(content, dict) and "at_most" in content:
            if at_most is not None:
                self.complain(at_most_place, "`at_most` stands here twice", "one `at_most`", "delete one of the two")
            at_most, at_most_place = content["at_most"], (*here, "at_most")
            content = {key: item for key, item in content.items() if key != "at_most"}
        own: Callable[[Any, Place], Law | None] | None = getattr(self, kind, None)
        law = self.family(kind, content, here) if own is None else own(content, here)
        limit = None
        if at_most is not None:
            if self.counts:
                self.complain(at_most_place, "`at_most` belongs to durations", "no `at_most` on a count")
            elif (limit := self.positive(at_most, at_most_place)) is None:
                return None
        return None if law is None else self.bounded(law, limit, place)

    def unknown(self, kind: str, place: Place) -> None:
        if kind in LATER:
            self.complain(place, f"the law `{kind}` is not simulated yet")
        elif kind in CONTINUOUS + COUNTING:
            what = "a count" if self.counts else "a duration"
            self.complain(place, f"the law `{kind}` cannot give {what}")
        else:
            meant = OTHER_NAMES.get(kind.lower(), "")
            hint = f"did you mean `{meant}`?" if meant in self.kinds else nearest(kind, self.kinds)
            self.complain(place, f"`{kind}` is not a law", suggestion=hint)

    def bounded(self, law: Law, limit: float | None, place: Place) -> Law | None:
        """The law with its `at_most`; values that would always be clipped are a contradiction."""
        if self.counts:
            return Law(law.kind, law.numbers, law.weights, law.parts, math.inf)
        at_most = float(AT_MOST_US) if limit is None else limit
        lowest = law.numbers[0] if law.kind in ("constant", "uniform", "triangular") else 0.0
        if law.kind == "empirical":
            lowest = min(law.numbers)
        if lowest > at_most:
            self.complain(
                place,
                f"every value is longer than {spoken(int(at_most))}, the longest this law may give",
                f"durations up to {spoken(int(at_most))}",
                "set `at_most` beside the parameters",
            )
            return None
        return Law(law.kind, law.numbers, law.weights, law.parts, at_most)

    # --- numbers -------------------------------------------------------------------------------------------

    def number(self, value: Any, place: Place) -> float | None:
        """A duration in µs, or a count from 1."""
        if self.counts:
            if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 1_000_000:
                return float(value)
            hint = "counts of turns and messages start at 1" if value == 0 else ""
            self.complain(place, f"{shown(value)} is not a count", suggestion=hint)
            return None
        try:
            return float(parse_duration(value))
        except Wrong as wrong:
            self.complaints += [
                Complaint(each.problem, each.allowed, each.suggestion, place) for each in wrong.complaints
            ]
            return None

    def positive(self, value: Any, place: Place) -> float | None:
        number = self.number(value, place)
        if number == 0:
            self.complain(place, "this must be longer than 0", "a duration above 0")
            return None
        return number

    def ratio(self, value: Any, place: Place) -> float | None:
        """A coefficient of variation."""
        if isinstance(value, int | float) and not isinstance(value, bool) and 0.001 <= value <= 20:
            return float(value)
        hint = "write the mean alone: a plain duration is a constant" if value == 0 else ""
        self.complain(place, f"{shown(value)} is not a coefficient of variation", "a number from 0.001 to 20", hint)
        return None

    def parameters(self, content: Any, place: Place, *choices: tuple[str, ...]) -> tuple[str, ...] | None:
        """Which of the choices of parameters was written; None after a complaint."""
        allowed = " or ".join("{" + ", ".join(choice) + "}" for choice in choices)
        if not isinstance(content, dict):
            self.complain(place, f"{shown(content)} stands where parameters must be", allowed)
            return None
        known = tuple(dict.fromkeys(name for choice in choices for name in choice))
        strange = [key for key in content if key not in known]
        for key in strange:
            self.complain((*place, key), f"`{key}` is not a parameter of this law", allowed, nearest(key, known))
        if strange:
            return None
        for choice in choices:
            if set(content) == set(choice):
                return choice
        written = ", ".join(content) or "nothing"
        self.complain(place, f"these parameters do not make a law ({written})", allowed)
        return None

    # --- the kinds -----------------------------------------------------------------------------------------

    def constant(self, content: Any, place: Place) -> Law | None:
        number = self.number(content, place)
        return None if number is None else Law("constant", (number,))

    def family(self, kind: LawKind, content: Any, place: Place) -> Law | None:
        """A law of one of the families with parameters of their own (`scenario.parameters`)."""
        choice = self.parameters(content, place, *FAMILIES[kind])
        if choice is None:
            return None
        values = [self.parameter(name, content[name], (*place, name)) for name in choice]
        known = [value for value in values if value is not None]
        if len(known) < len(choice):
            return None
        for low, high in ORDERED:
            if low not in choice or high not in choice:
                continue
            below, above = known[choice.index(low)], known[choice.index(high)]
            if above < below or (above == below and "mode" not in (low, high)):
                the = ("the p90", "the median") if high == "p90" else (f"`{high}`", f"`{low}`")
                problem = f"{the[0]} ({content[high]}) is not above {the[1]} ({content[low]})"
                if "mode" in (low, high):
                    problem = f"{the[0]} ({content[high]}) is below {the[1]} ({content[low]})"
                self.complain((*place, high), problem, f"{low} {'≤' if 'mode' in (low, high) else '<'} {high}")
                return None
        try:
            return Law(kind, FAMILIES[kind][choice](*known))
        except Wrong as wrong:
            self.complaints += [
                Complaint(each.problem, each.allowed, each.suggestion, (*place, *each.place))
                for each in wrong.complaints
            ]
            return None

    def parameter(self, name: str, value: Any, place: Place) -> float | None:
        if name in DURATION_PARAMETERS:
            return self.number(value, place) if name in FROM_ZERO else self.positive(value, place)
        if name == "cv":
            return self.ratio(value, place)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if name == "mu":
            if is_number and -30 <= value <= 30:
                return float(value)
            allowed = "the mean of the natural logarithm of seconds, from -30 to 30"
            self.complain(place, f"{shown(value)} is not a mean of logarithms", allowed)
            return None
        low, high = (1e-3, 1e6) if name == "shape" else (1e-9, 10)
        if is_number and low <= value <= high:
            return float(value)
        self.complain(place, f"{shown(value)} is not a {name}", f"a number from {low:g} to {high:g}, without unit")
        return None

    def geometric(self, content: Any, place: Place) -> Law | None:
        """p = 1/mean. A mean of 1 is the constant 1."""
        if not self.parameters(content, place, ("mean",)):
            return None
        mean, here = content["mean"], (*place, "mean")
        if not isinstance(mean, int | float) or isinstance(mean, bool) or not 1 <= mean <= 1_000_000:
            below = isinstance(mean, int | float) and not isinstance(mean, bool) and mean < 1
            hint = "counts of turns and messages start at 1" if below else ""
            self.complain(
                here, f"{shown(mean)} cannot be the mean of a count that starts at 1", "a number from 1", hint
            )
            return None
        return Law("constant", (1.0,)) if mean == 1 else Law("geometric", (1 / mean,))

    def empirical(self, content: Any, place: Place) -> Law | None:
        values, weights, values_place = content, None, place
        if isinstance(content, dict):
            if not self.parameters(content, place, ("values",), ("values", "weights")):
                return None
            values, weights, values_place = content["values"], content.get("weights"), (*place, "values")
        if not isinstance(values, tuple) or not 1 <= len(values) <= MAX_VALUES:
            self.complain(
                values_place, f"{shown(values)} stands where the values must be", f"a list of 1 to {MAX_VALUES}"
            )
            return None
        numbers = [self.number(value, (*values_place, i)) for i, value in enumerate(values)]
        known = [number for number in numbers if number is not None]
        if len(known) < len(numbers):
            return None
        if weights is None:
            return Law("empirical", tuple(known), (1 / len(known),) * len(known))
        normal = self.weights(weights, len(known), (*place, "weights"))
        return None if normal is None else Law("empirical", tuple(known), normal)

    def weights(self, weights: Any, count: int, place: Place) -> tuple[float, ...] | None:
        """Relative weights, made to sum to 1."""
        allowed = f"{count} numbers from 0, not all 0"
        if not isinstance(weights, tuple) or len(weights) != count:
            self.complain(place, f"{shown(weights)} stands beside {count} values", allowed)
            return None
        numbers = []
        for i, weight in enumerate(weights):
            try:
                numbers.append(parse_share(weight) if isinstance(weight, str) else _relative(weight))
            except Wrong as wrong:
                self.complain((*place, i), wrong.complaints[0].problem, allowed)
        if len(numbers) < count:
            return None
        total = math.fsum(numbers)
        if total <= 0:
            self.complain(place, "all weights are 0", allowed)
            return None
        return tuple(number / total for number in numbers)

    def mixture(self, content: Any, place: Place) -> Law | None:
        allowed = "a list of laws with weights that sum to 100 %: `- {weight: 80 %, lognormal: {...}}`"
        if not isinstance(content, tuple) or not 1 <= len(content) <= 100:
            self.complain(place, f"{shown(content)} stands where the parts of a mixture must be", allowed)
            return None
        parts, weights = [], []
        for i, item in enumerate(content):
            here = (*place, i)
            if not isinstance(item, dict) or "weight" not in item:
                self.complain(here, "this part of a mixture has no `weight`", allowed)
                continue
            try:
                weights.append(parse_share(item["weight"]))
            except Wrong as wrong:
                each = wrong.complaints[0]
                self.complain((*here, "weight"), each.problem, each.allowed, each.suggestion)
            part = self.law(item, here, beside=("weight",))
            if part is not None:
                parts.append(part)
        if len(weights) == len(content) and abs(math.fsum(weights) - 1) > 1e-9:
            self.complain(place, f"the weights sum to {math.fsum(weights) * 100:g} %", "weights that sum to 100 %")
            return None
        if len(parts) < len(content) or len(weights) < len(content):
            return None
        # No uniform may fall beside the parts, nor on one that nobody gets: weights may miss 1 by a rounding.
        total = math.fsum(weights)
        used = [(weight / total, part) for weight, part in zip(weights, parts, strict=True) if weight > 0]
        return Law("mixture", (), tuple(weight for weight, _ in used), tuple(part for _, part in used))


def _relative(weight: Any) -> float:
    if isinstance(weight, int | float) and not isinstance(weight, bool) and 0 <= weight <= 1e15:
        return float(weight)
    raise Wrong(f"{shown(weight)} is not a weight")


def parse_duration_law(value: Any) -> Law:
    """A law of durations (µs). Raises Wrong with everything that is wrong about it."""
    return _parse(value, counts=False)


def parse_count_law(value: Any) -> Law:
    """A law of counts from 1. Raises Wrong with everything that is wrong about it."""
    return _parse(value, counts=True)


SIZES = ("constant", "uniform", "lognormal", "gamma", "geometric", "empirical", "mixture")
FARTHEST = 8.3  # standard deviations of a normal law: no uniform of 53 bits gives more
LARGEST_SIZE_LOG = 42.0  # of 2e18: what 64 bits hold
SIZE_LAWS = (
    "a whole number from 1, or one law: `{lognormal: {median: 120, p90: 400}}`, `{uniform: ...}`, `{empirical: [...]}`"
)


def parse_size_law(value: Any) -> Law:
    """A law of sizes from 1: characters, kilobytes. The draws are rounded. Raises Wrong, as the others."""
    if isinstance(value, dict) and isinstance(value.get("lognormal"), dict) and "mu" in value["lognormal"]:
        raise Wrong("`mu` belongs to durations", "`{median, p90}` or `{mean, cv}`", "write the median")
    reader = _Reader(counts=True)
    reader.kinds, reader.allowed = SIZES, SIZE_LAWS
    law = reader.law(value, ())
    if law is None or reader.complaints:
        raise Wrong(all=reader.complaints)
    if _widest(law) > LARGEST_SIZE_LOG:
        raise Wrong("so wide a law gives sizes beyond all numbers", "a p90 up to 50 times the median")
    return law


def _widest(law: Law) -> float:
    """The natural logarithm of the largest size that a lognormal law, or one in a mixture, can draw."""
    own = law.numbers[0] + FARTHEST * law.numbers[1] if law.kind == "lognormal" else 0.0
    return max([own, *map(_widest, law.parts)])


def _parse(value: Any, counts: bool) -> Law:
    reader = _Reader(counts)
    law = reader.law(value, ())
    if law is None or reader.complaints:
        raise Wrong(all=reader.complaints)
    return law
