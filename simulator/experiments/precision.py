"""Run until the intervals are narrow enough: a sequential rule for the number of replications.

After `LEAST` replications the 95 % interval of each wanted measure is looked at after every further one. The run ends
when all of them have been narrow enough in a row: at the first time, and for `ahead` more replications. Stopping at the
first time alone would catch those runs in which chance makes the interval look narrow, and would cover too seldom.
Source: K. Hoad, S. Robinson and R. Davies, Automated selection of the number of replications for a discrete-event
simulation, J. Oper. Res. Soc. 61 (2010), with their look-ahead; Y. S. Chow and H. Robbins, On the asymptotic theory of
fixed-width sequential confidence intervals, Ann. Math. Statist. 36 (1965); A. M. Law, section 9.4.1.

Why `LEAST` is 40: days are skewed, and few bad days look like none. Coverage of the final intervals, 4,000 experiments
each (standard error 0.35 points), where 25, 40 and 80 replications would do:

    days as skewed as                   looks from 20 on    from 30 on          from 40 on          30, 50, 90 fixed
    service levels (beta 9, 1)          95.1, 94.6, 94.5 %  95.3, 95.8, 94.7 %  95.4, 96.1, 94.7 %  95.8, 95.6, 95.6 %
    an exponential variable             95.0, 94.4, 93.8 %  95.7, 95.5, 94.4 %  95.9, 95.7, 94.4 %  95.7, 95.6, 95.4 %
    gamma with shape 1/2 (skewness 2.8) 95.4, 95.0, 93.0 %  95.7, 95.4, 94.8 %  95.6, 95.8, 94.4 %  95.9, 95.8, 95.6 %
    lognormal, sigma 1 (skewness 6.2)   93.5, 93.8, 91.8 %  94.2, 94.3, 93.4 %  93.7, 94.6, 94.4 %  94.3, 94.7, 94.9 %

Longer look-aheads (to n / 2), wider demands and rules that wait for n > k skewness^2 (W. G. Cochran, Sampling
Techniques, section 2.15) were tried too: they cost replications and gained nothing. A share that is the same in all
replications has an exact bound (`metrics.confidence`), so that ± 2 points takes some 90 days of 100 %: a run of good
days does not end the run.

The rule looks at replications in the order of their numbers. How many run at a time changes nothing: what was run too
much is put away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, inf, isfinite
from typing import TYPE_CHECKING, Any

from simulator.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from simulator.metrics.parts import Scope
    from simulator.scenario import Scenario

LEAST = 40
"""Replications before the rule looks for the first time: intervals of fewer promise too much, see above."""
MOST = 200
"""Replications at which it gives up unless told otherwise (assumed)."""
HOW = "write NAME=HALF-WIDTH, as oServiceLevel=1%, tWait[queue=service]=5% or tWait=10s"


def ahead(replications: int) -> int:
    """Further replications for which intervals that have become narrow must stay so: 5, a twentieth beyond 100."""
    return max(5, replications // 20)


@dataclass(frozen=True)
class Wanted:
    """How narrow the interval of one measure is to be."""

    metric: str
    scope: Scope
    unit: str
    half_width: float
    """In the unit of the measure, or as a share of the value."""
    relative: bool
    written: str
    """As it was asked for: `oServiceLevel[queue=service]=1%`."""

    def reached(self, value: float, low: float, high: float) -> bool:
        """Whether half the interval is at most what is wanted; never where there is no interval."""
        width = (high - low) / 2
        return isfinite(width) and width <= self.half_width * (abs(value) if self.relative else 1.0)

    @property
    def measure(self) -> str:
        """`oServiceLevel[queue=service]`."""
        return self.metric + (_scope_text(self.scope) if self.scope else "")

    @property
    def words(self) -> str:
        if self.relative:
            return f"± {self.half_width * 100:.3g} % of the value"
        if self.unit == "share":
            return f"± {self.half_width * 100:.3g} percentage points"
        return f"± {self.half_width:.3g} {self.unit}".rstrip()


@dataclass(frozen=True)
class Reached:
    """One wanted interval at the end."""

    wanted: Wanted
    value: float
    ci_low: float
    ci_high: float

    @property
    def done(self) -> bool:
        return self.wanted.reached(self.value, self.ci_low, self.ci_high)

    @property
    def half_width(self) -> float:
        return (self.ci_high - self.ci_low) / 2

    @property
    def words(self) -> str:
        """What was asked for and what it is: `oServiceLevel=1% (± 0.83 percentage points)`."""
        return f"{self.wanted.written} ({self._now})"

    @property
    def _now(self) -> str:
        if not isfinite(self.half_width):
            return "it has no interval: all replications gave the same, or hardly any has data"
        return self.plus_minus if self.wanted.relative and self.value == 0 else f"now {self.plus_minus}"

    @property
    def plus_minus(self) -> str:
        """How narrow it is, as it was asked for: `± 4.1 percentage points`."""
        if not isfinite(self.half_width):
            return "no interval yet"
        if self.wanted.relative:
            return "the value is 0" if self.value == 0 else f"± {self.half_width / abs(self.value) * 100:.3g} %"
        if self.wanted.unit == "share":
            return f"± {self.half_width * 100:.3g} percentage points"
        return f"± {self.half_width:.3g} {self.wanted.unit}".rstrip()

    def needed(self, replications: int) -> float:
        """Replications at which it is probably narrow enough, of so many now; nan or inf: nobody knows."""
        if not isfinite(self.half_width):
            return inf
        factor = _too_wide(self)
        never_varied = self.wanted.unit == "share" and self.value in (0.0, 1.0)
        return replications * (factor if never_varied else factor**2)  # its exact bound shrinks with the number itself


@dataclass(frozen=True)
class Stopped:
    """Why a run has as many replications as it has."""

    replications: int
    most: int
    reached: bool
    """Whether the rule ended it; False: the most replications allowed did."""
    intervals: tuple[Reached, ...]

    @property
    def words(self) -> str:
        asked = ", ".join(one.words for one in self.intervals)
        if self.reached:
            return (
                f"{self.replications} replications: {asked} was reached and held for {ahead(self.replications)} "
                "replications in a row"
            )
        missed = [one.words for one in self.intervals if not one.done]
        if not missed:
            return (
                f"{self.replications} replications, the most allowed: {asked} was reached too late to be sure of it; "
                f"--max-replications {self.probably} is likely to do"
            )
        said = f"{self.replications} replications, the most allowed: {', '.join(missed)} was not reached; "
        if self.probably is None:
            return said + "how many it takes cannot be said; ask for less, or for another measure"
        return said + f"--max-replications {self.probably} is likely to do (a guess from this run), or ask for less"

    @property
    def probably(self) -> int | None:
        """How many replications the rule is likely to stop at, as things look now; None: nobody knows.

        Widths shrink with the square root of the number, and a tenth is put on top, since widths vary (assumed).
        """
        if self.reached:
            return self.replications
        needed = max(one.needed(self.replications) for one in self.intervals)
        if not isfinite(needed):
            return None
        n = max(ceil(needed * 1.1), self.replications, LEAST)
        return n + ahead(n) + 1

    def document(self) -> dict[str, Any]:
        """As summary.json and the manifest have it."""
        return {
            "replications": self.replications,
            "max_replications": self.most,
            "reached": self.reached,
            "likely_replications": self.probably,
            "stopped_because": self.words,
            "rule": f"sequential, from {LEAST} replications on, with a look-ahead of "
            f"{ahead(self.replications)} replications (Hoad, Robinson and Davies 2010)",
            "intervals": [
                {
                    "name": one.wanted.metric,
                    "scope": dict(one.wanted.scope),
                    "wanted": one.wanted.words,
                    "half_width": one.half_width if isfinite(one.half_width) else None,
                    "unit": one.wanted.unit,
                    "reached": one.done,
                }
                for one in self.intervals
            ],
        }


@dataclass(frozen=True)
class Standing:
    """How far a run has got that is not at its end."""

    replications: int
    most: int
    intervals: tuple[Reached, ...]

    @property
    def reached(self) -> str:
        """`40 replications (oServiceLevel ± 4.1 percentage points)`."""
        times = "replication" if self.replications == 1 else "replications"
        return f"{self.replications} {times} ({', '.join(self._each)})"

    @property
    def words(self) -> str:
        """`40 replications: oServiceLevel ± 4.1 percentage points; about 75 are likely to do`."""
        times = "replication" if self.replications == 1 else "replications"
        probably = Stopped(self.replications, self.most, False, self.intervals).probably
        if probably is None:
            guess = f"how many it takes cannot be said yet, at most {self.most}"
        elif probably > self.most:
            guess = f"about {probably} are likely to do, and {self.most} are the most allowed"
        else:
            guess = f"about {probably} are likely to do"
        return f"{self.replications} {times}: {', '.join(self._each)}; {guess}"

    @property
    def _each(self) -> list[str]:
        return [f"{one.wanted.measure} {one.plus_minus}" for one in self.intervals]


# --- what is asked for -------------------------------------------------------------------------------------------


def written(texts: Iterable[str]) -> dict[str, object]:
    """`["oServiceLevel=1%", "tWait[queue=service]=5%"]` -> name and scope -> amount. Raises `UsageError`."""
    found: dict[str, object] = {}
    for text in texts:
        match = re.fullmatch(r"\s*([^=\[\]]+(?:\[[^\]]*\])?)\s*=\s*([^=]+?)\s*", text)
        if match is None:
            raise UsageError(f"--precision {text!r} is not understood; {HOW}")
        name = match[1].strip()
        if name in found:
            raise UsageError(f"--precision names {name} twice ({found[name]}, {match[2]}): one width for each")
        found[name] = match[2]
    return found


def wanted(precision: Mapping[str, object], scenario: Scenario) -> tuple[Wanted, ...]:
    """What each entry asks for. Raises `UsageError` with all names, scopes and amounts that do not fit.

    Of a share, `1%` (or 0.01) is one percentage point, up and down. Of anything else, `5%` (or 0.05) is 5 % of the
    value. An amount in the measure's own unit, as `10 s` for a wait, is that amount.
    """
    from simulator import metrics

    rows = {
        (str(row["metric"]), frozenset(row["scope"].items())): (str(row["unit"]), tuple(row["scope"].items()))
        for row in metrics.summarise(scenario, []).to_dict("records")
    }
    found, wrong = [], []
    for name, amount in precision.items():
        try:
            found.append(_one(name, amount, rows))
        except UsageError as error:
            wrong.append(str(error))
    if wrong:
        raise UsageError("\n".join(wrong))
    return tuple(found)


def _one(name: str, amount: object, rows: Mapping[tuple[str, frozenset[tuple[str, str]]], tuple[str, Scope]]) -> Wanted:
    from simulator.scenario.amounts import Amount, in_unit, parse_amount
    from simulator.scenario.written import Wrong, nearest

    match = re.fullmatch(r"([^\[\]]+)(?:\[(.*)\])?", name.strip())
    parts = [] if match is None or not match[2] else [part.split("=") for part in match[2].split(",")]
    if match is None or any(len(part) != 2 for part in parts):
        raise UsageError(f"precision {name!r} is not understood; {HOW}")
    metric, key = match[1].strip(), frozenset((kind.strip(), one.strip()) for kind, one in parts)
    said = f"{name.strip()}={amount}"
    known = list(dict.fromkeys(each for each, _ in rows))
    if metric not in known:
        raise UsageError(f"precision {said}: there is no measure {metric!r}. {nearest(metric, known)}".rstrip(". "))
    if (metric, key) not in rows:
        scopes = [_scope_text(each) for (one, _), (_, each) in rows.items() if one == metric]
        raise UsageError(f"precision {said}: {metric} has no such scope; it has {', '.join(scopes)}")
    unit, scope = rows[metric, key]
    try:
        asked = parse_amount(_number(amount))
        relative = unit != "share" and asked.kind in ("share", "number")
        if relative and asked.value > 1:
            raise Wrong(f"{asked.value:g} times the value is no precision")
        half = asked.value if relative else in_unit(Amount(asked.kind, asked.value), unit)
    except Wrong as error:
        problem = f"{error.complaints[0].problem}; "
        if problem.startswith("this measure is "):
            problem = ""  # what is allowed says so too
        elif isinstance(amount, str) and not re.match(r"[\s+-]*[.\d]", amount):
            problem = f"`{amount.strip()}` is no amount; "  # which kind it was taken for tells nobody anything
        raise UsageError(f"precision {said}: {problem}{_allowed(metric, unit)}") from None
    if half <= 0:
        raise UsageError(f"precision {said}: no number of replications makes an interval that narrow")
    return Wanted(metric, scope, unit, half, relative, said)


def _number(amount: object) -> object:
    """`0.01` on a command line is the number 0.01."""
    return float(amount) if isinstance(amount, str) and re.fullmatch(r"\s*\d*\.?\d+\s*", amount) else amount


def _allowed(metric: str, unit: str) -> str:
    """What may be written behind a measure's name."""
    from simulator.scenario.amounts import US_PER

    if unit == "share":
        return f"{metric} is a share: write percentage points up and down, `1%` or `0.01`"
    if unit in US_PER:
        return f"{metric} is a duration: write a part of its value, `5%`, or a duration, `10s`"
    if unit.endswith("/min"):
        return f"{metric} is a rate: write a part of its value, `5%`, or a rate, `10/min`"
    return f"{metric} is a number: write a part of its value, `5%` or `0.05`"


def _scope_text(scope: Scope) -> str:
    return "[" + ", ".join(f"{kind}={name}" for kind, name in scope) + "]" if scope else "all (no brackets)"


# --- the rule ----------------------------------------------------------------------------------------------------


class Rule:
    """Looks at the measures of replication after replication, in order of their numbers."""

    def __init__(self, asked: Sequence[Wanted], most: int = MOST):
        if most < LEAST + ahead(LEAST):
            raise UsageError(
                f"max_replications: {most} are too few; the rule needs at least {LEAST + ahead(LEAST)} to stop"
            )
        self.most = most
        self._asked = tuple(asked)
        self._narrow = 0
        """How often in a row, the latest included, all intervals were narrow enough."""
        self._latest: tuple[Reached, ...] = ()

    def looked_at(self, parts: Sequence[Any]) -> Stopped | None:
        """What the rule says after these replications, one more than last time; None: go on. [replication]"""
        n = len(parts)
        if n < LEAST:
            return None
        self._latest = tuple(_reached(one, parts) for one in self._asked)
        self._narrow = self._narrow + 1 if all(one.done for one in self._latest) else 0
        enough = self._narrow > ahead(n)
        return Stopped(n, self.most, enough, self._latest) if enough or n >= self.most else None

    def standing(self, parts: Sequence[Any]) -> Standing:
        """How far these replications have got; asking changes nothing. [replication]"""
        return Standing(len(parts), self.most, tuple(_reached(one, parts) for one in self._asked))

    def likely_missing(self, n: int) -> int:
        """How many more it will probably take: widths shrink with the square root of the number."""
        if n < LEAST or not self._latest:
            return LEAST + ahead(LEAST) - n
        if self._narrow:
            return ahead(n) + 1 - self._narrow
        needed = max(one.needed(n) for one in self._latest)
        return min(ceil(needed), self.most) - n + ahead(n) if isfinite(needed) else n


def _reached(one: Wanted, parts: Sequence[Any]) -> Reached:
    from simulator.metrics.catalogue import named, valued
    from simulator.metrics.parts import Part

    measure = named(one.metric)
    found = [each.get(one.metric, {}).get(one.scope, Part()) for each in parts]
    return Reached(one, *valued(measure, found))


def _too_wide(one: Reached) -> float:
    """Width of the interval as a multiple of what is wanted."""
    asked = one.wanted.half_width * (abs(one.value) if one.wanted.relative else 1.0)
    return one.half_width / asked if asked > 0 else inf
