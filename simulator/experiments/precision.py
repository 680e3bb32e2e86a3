"""Run until the intervals are narrow enough: a sequential rule for the number of replications.

After `LEAST` replications the 95 % interval of each wanted measure is looked at after every further one. The run ends
when all of them have been narrow enough in a row: at the first time, and for `ahead` more replications. Stopping at the
first time alone would catch those runs in which chance makes the interval look narrow, and would cover too seldom.
Source: K. Hoad, S. Robinson and R. Davies, Automated selection of the number of replications for a discrete-event
simulation, J. Oper. Res. Soc. 61 (2010), with their look-ahead; Y. S. Chow and H. Robbins, On the asymptotic theory of
fixed-width sequential confidence intervals, Ann. Math. Statist. 36 (1965); A. M. Law, section 9.4.1.

Measured coverage of the final intervals: 94 to 95 % for usual days, 92 to 93.5 % where days are as skewed as an
exponential variable (a fixed number of replications: 94.5 %): few bad days look like none. Ask for less width there, or
fix the number.

The rule looks at replications in the order of their numbers. How many run at a time changes nothing: what was run too
much is put away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, isfinite, nan
from typing import TYPE_CHECKING, Any

from simulator.vocabulary.errors import UsageError

if TYPE_CHECKING:
    from simulator.metrics.parts import Scope
    from simulator.scenario import Scenario

LEAST = 20
"""Replications before the rule looks for the first time: those of fewer promise too much (Law takes 10 or more)."""
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
        asked = ", ".join(one.wanted.written for one in self.intervals)
        if self.reached:
            return (
                f"{self.replications} replications: {asked} was reached and held for {ahead(self.replications)} "
                "replications in a row"
            )
        missed = [one.wanted.written for one in self.intervals if not one.done]
        if not missed:
            return (
                f"{self.replications} replications, the most allowed: {asked} was reached too late to be sure of it; "
                "allow some more with --max-replications"
            )
        return (
            f"{self.replications} replications, the most allowed: {', '.join(missed)} was not reached; "
            "allow more with --max-replications, or ask for less"
        )

    def document(self) -> dict[str, Any]:
        """As summary.json and the manifest have it."""
        return {
            "replications": self.replications,
            "max_replications": self.most,
            "reached": self.reached,
            "stopped_because": self.words,
            "rule": f"sequential, from {LEAST} replications on, with a look-ahead of "
            f"{ahead(self.replications)} replications (Hoad, Robinson and Davies 2010)",
            "intervals": [
                {
                    "name": one.wanted.metric,
                    "scope": dict(one.wanted.scope),
                    "wanted": one.wanted.words,
                    "half_width": (one.ci_high - one.ci_low) / 2 if isfinite(one.ci_high - one.ci_low) else None,
                    "unit": one.wanted.unit,
                    "reached": one.done,
                }
                for one in self.intervals
            ],
        }


# --- what is asked for -------------------------------------------------------------------------------------------


def written(texts: Iterable[str]) -> dict[str, object]:
    """`["oServiceLevel=1%", "tWait[queue=service]=5%"]` -> name and scope -> amount. Raises `UsageError`."""
    found: dict[str, object] = {}
    for text in texts:
        match = re.fullmatch(r"\s*([^=\[\]]+(?:\[[^\]]*\])?)\s*=\s*([^=]+?)\s*", text)
        if match is None:
            raise UsageError(f"--precision {text!r} is not understood; {HOW}")
        found[match[1].strip()] = match[2]
    return found


def wanted(precision: Mapping[str, object], scenario: Scenario) -> tuple[Wanted, ...]:
    """What each entry asks for. Raises `UsageError` for names, scopes and amounts that do not fit.

    Of a share, `1%` (or 0.01) is one percentage point, up and down. Of anything else, `5%` (or 0.05) is 5 % of the
    value. An amount in the measure's own unit, as `10 s` for a wait, is that amount.
    """
    from simulator import metrics

    rows = {
        (str(row["metric"]), frozenset(row["scope"].items())): (str(row["unit"]), tuple(row["scope"].items()))
        for row in metrics.summarise(scenario, []).to_dict("records")
    }
    return tuple(_one(name, amount, rows) for name, amount in precision.items())


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
        asked = parse_amount(amount)
        relative = unit != "share" and asked.kind in ("share", "number")
        if relative and asked.kind == "number" and asked.value > 1:
            raise Wrong(f"{asked.value:g} times the value is no precision", "a share of the value, as `5 %`")
        half = asked.value if relative else in_unit(Amount(asked.kind, asked.value), unit)
    except Wrong as error:
        one = error.complaints[0]
        raise UsageError(f"precision {said}: {one.problem}; {one.allowed or HOW}") from None
    if half <= 0:
        raise UsageError(f"precision {said}: no number of replications makes an interval that narrow")
    return Wanted(metric, scope, unit, half, relative, said)


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

    def likely_missing(self, n: int) -> int:
        """How many more it will probably take: widths shrink with the square root of the number."""
        if n < LEAST or not self._latest:
            return LEAST + ahead(LEAST) - n
        if self._narrow:
            return ahead(n) + 1 - self._narrow
        factor = max(map(_too_wide, self._latest))
        return min(ceil(n * factor**2), self.most) - n + ahead(n) if isfinite(factor) else n


def _reached(one: Wanted, parts: Sequence[Any]) -> Reached:
    from simulator.metrics.catalogue import named, valued
    from simulator.metrics.parts import Part

    measure = named(one.metric)
    found = [each.get(one.metric, {}).get(one.scope, Part()) for each in parts]
    return Reached(one, *valued(measure, found))


def _too_wide(one: Reached) -> float:
    """Width of the interval as a multiple of what is wanted."""
    asked = one.wanted.half_width * (abs(one.value) if one.wanted.relative else 1.0)
    return (one.ci_high - one.ci_low) / 2 / asked if asked > 0 else nan
