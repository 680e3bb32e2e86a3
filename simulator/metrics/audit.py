"""Theory beside simulated: what must come out, where anybody knows it without a simulation.

    parts(scenario, tables, end_us)   one replication's tables -> additive parts (beside `metrics.measure`)
    audit(scenario, measured)         those of all replications -> findings

    measured = [audit.measured(scenario, tables, end_us), ...]     # what it needs, and no more: for tests
    for finding in audit.audit(scenario, measured): print(finding.verdict, finding.name, finding.reason)

Two kinds of theory. *What was drawn* (`audit_draws`, `audit_effort`, `audit_flow`, `audit_sends`): arrivals against
their intensity, shares of topics, efforts against the mean of their law: sums whose standard error theory knows too,
so that one replication is enough.
*What queues do* (`audit_queue`, `audit_lane`): Erlang B, C and A, M/M/n+G, M/D/1, where every assumption holds; what
does not hold is named by its key. There the standard error comes from replications.

A verdict is fair to the whole family: "differs" needs more than 4 standard errors, and so many that chance would do it
to any of all lines together in less than 1 of 100 audits (Bonferroni; Student's t where the error is estimated, and the
same t with the skewness of the replications taken out: both must say so). Estimated from few and skewed replications it
is not quite so rare. Measured, one line of 20, in 100,000 audits where 50 are allowed: 40 of symmetric replications; of
exponential ones 440 with 5, 160 with 20, 45 with 40 (with t alone 810, 900, 410).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf, isfinite, nan, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.metrics.confidence import errors_away, interval, ratio_pseudo, standard_error
from simulator.metrics.parts import Part, Parts, Scope
from simulator.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

    from simulator.metrics.window import View

AGREES, DIFFERS, OPEN, NOT_APPLICABLE = "agrees", "differs", "no verdict", "not applicable"
STANDARD_ERRORS = 4.0
"""A difference below it is never called one (shared rule of all statistical tests here)."""
FALSE_ALARM = 0.01
"""Chance that an audit of a right model calls any of its lines different."""
ROUNDING = 1e-6
"""Exact numbers agree to this (s), or to this share of the number."""
TELLS_NOTHING = 1.0
"""Where only a difference of more than this share of the number would show, nothing is said."""
SMALL_SHARE = 0.05
"""Shares below it are held to this instead of themselves: half of a thousandth is no use to anybody (assumed)."""

Measured = Mapping[str, Parts]


@dataclass(frozen=True)
class Finding:
    """One line of the audit: a number that theory knows beside the simulated one, or why there is none."""

    name: str
    scope: dict[str, str]
    verdict: str
    """agrees, differs, no verdict, not applicable"""
    reason: str
    """What the verdict rests on, in words; for what is not applicable the first assumptions that do not hold."""
    source: str
    """The theory."""
    unit: str = ""
    theory: float = nan
    simulated: float = nan
    ci_low: float = nan
    """95 % interval over replications of the simulated number; nan with one replication."""
    ci_high: float = nan


@dataclass(frozen=True)
class Line:
    """A number that theory knows, with what was simulated of it: numerators over denominators. [replication]"""

    name: str
    scope: dict[str, str]
    unit: str
    source: str
    theory: float
    numerators: np.ndarray
    denominators: np.ndarray
    standard_error: float | None = None
    """Known from theory; None: estimated from replications."""
    because: str = ""
    """What was recognised, in words."""


@dataclass(frozen=True)
class Unknown:
    """A theory that does not hold here, and every assumption that is broken, with its key."""

    name: str
    scope: dict[str, str]
    source: str
    reasons: tuple[str, ...] = field(default=())


def parts(
    scenario: Scenario, tables: Mapping[str, pd.DataFrame], end_us: int, view: View | None = None
) -> dict[str, Parts]:
    """What the audit needs of one replication beyond the catalogue's measures. Additive, small.

    `view`: as `metrics.measure` takes it.
    """
    from simulator.metrics import audit_draws, audit_effort, audit_flow, audit_sends
    from simulator.metrics.window import View

    view = view or View(scenario, tables, end_us)
    found: dict[str, Parts] = {}
    for look in (audit_draws.parts, audit_effort.parts, audit_flow.parts, audit_sends.parts):
        found |= look(view)
    return found


def measured(scenario: Scenario, tables: Mapping[str, pd.DataFrame], end_us: int) -> dict[str, Parts]:
    """`parts`, and of the catalogue's measures those that the audit looks at: faster than `metrics.measure`."""
    from simulator.metrics import audit_lane, audit_queue
    from simulator.metrics.catalogue import named
    from simulator.metrics.window import View

    view = View(scenario, tables, end_us)
    found = {name: named(name).parts(view) for name in (*audit_queue.NEEDS, *audit_lane.NEEDS)}
    return found | parts(scenario, tables, end_us, view)


def audit(scenario: Scenario, measured: Sequence[Measured]) -> list[Finding]:
    """Every number that theory knows of this scenario, beside the simulated one.

    `measured`: for each replication what `metrics.measure` and `parts` gave, as one mapping. Pure: no run, no chance.
    """
    from simulator.metrics import audit_draws, audit_effort, audit_flow, audit_lane, audit_queue, audit_sends

    found: list[Line | Unknown] = []
    for room in (audit_draws, audit_effort, audit_flow, audit_sends, audit_queue, audit_lane):
        found += room.lines(scenario, measured)
    number = sum(isinstance(one, Line) for one in found)
    return [judged(one, number) if isinstance(one, Line) else _unknown(one) for one in found]


def gathered(measured: Sequence[Measured], name: str, scope: Scope) -> tuple[np.ndarray, np.ndarray]:
    """Numerators and denominators of one part. [replication] each"""
    mine = [one.get(name, {}).get(scope, Part()) for one in measured]
    return np.array([part.numerator for part in mine]), np.array([part.denominator for part in mine])


def judged(line: Line, lines: int) -> Finding:
    """The verdict on one of so many lines."""
    point, pseudo = ratio_pseudo(line.numerators, line.denominators)
    ends = interval(pseudo)  # without width where nothing differs: the verdict then has rules of its own
    verdict, words = _verdict(line, point, pseudo, lines)
    low, high = (float(np.clip(end, 0.0, 1.0 if line.unit == "share" else None)) for end in ends)
    known: dict[str, Any] = {"theory": line.theory, "simulated": point, "ci_low": low, "ci_high": high}
    reason = "; ".join(filter(None, (line.because, words)))
    return Finding(line.name, line.scope, verdict, reason, line.source, line.unit, **known)


def _verdict(line: Line, point: float, pseudo: np.ndarray, lines: int) -> tuple[str, str]:
    n = len(line.numerators)
    if not isfinite(point) or not isfinite(line.theory):
        return OPEN, "nothing of it happened"
    away = point - line.theory
    if line.standard_error is not None:
        error, freedom = line.standard_error, inf
    elif n < 2:
        return OPEN, "one replication: its error is not known; run two or more"
    else:
        error, freedom = standard_error(pseudo), float(n - 1)
    if not isfinite(error):
        return OPEN, "one replication has data: its error is not known"
    known = line.standard_error is not None
    if error == 0.0 and not known:
        if line.unit != "share" or not 0 < line.theory < 1:
            return OPEN, "every replication gave the same number: its error is not known"
        # never, or always, in every replication: then the error is at least that of as many tosses of a coin
        error, freedom = sqrt(line.theory * (1 - line.theory) / float(line.denominators.sum())), inf
        known = True
    if error <= ROUNDING * abs(line.theory):
        right = abs(away) <= ROUNDING * max(1.0, abs(line.theory)) + STANDARD_ERRORS * error
        return (AGREES, "exactly") if right else (DIFFERS, "must be exact")
    limit = max(STANDARD_ERRORS, threshold(lines, freedom))
    errors = abs(away) / error if known else errors_away(pseudo, line.theory)
    if errors > limit:
        return DIFFERS, f"{errors:.1f} standard errors away, where {limit:.1f} are chance"
    scale = max(abs(line.theory), SMALL_SHARE if line.unit == "share" else 0.0)
    shows = limit * error / scale if scale else inf
    if shows > TELLS_NOTHING:
        return OPEN, f"too few data: only a difference of more than {shows:.0%} would show"
    return AGREES, f"{errors:.1f} standard errors away; a difference of {_percent(shows)} would show"


def threshold(lines: int, freedom: float) -> float:
    """Standard errors that chance exceeds for any of so many lines in `FALSE_ALARM` of all audits."""
    from scipy.special import ndtri, stdtrit

    tail = 1 - FALSE_ALARM / (2 * max(lines, 1))
    return float(ndtri(tail) if freedom == inf else stdtrit(freedom, tail))


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.1 else f"{share * 100:.2g} %".replace(" %", "%")


SHOWN = 4
"""Broken assumptions that a line names; the others are counted."""


def _unknown(one: Unknown) -> Finding:
    reasons = _one_of_each(one.reasons)
    first, more = reasons[:SHOWN], len(reasons) - SHOWN
    text = "; ".join(first) + (f"; and {more} more" if more > 0 else "")
    return Finding(one.name, one.scope, NOT_APPLICABLE, text, one.source)


def _one_of_each(reasons: Sequence[str]) -> list[str]:
    """One reason for each key first: two groups with a shift are one thing to understand."""
    by_key: dict[str, list[str]] = {}
    for reason in dict.fromkeys(reasons):
        by_key.setdefault(reason.rstrip(")").rsplit(".", 1)[-1], []).append(reason)
    return [*(many[0] for many in by_key.values()), *(one for many in by_key.values() for one in many[1:])]


def verdicts(findings: Sequence[Finding]) -> dict[str, int]:
    """How many findings have each verdict."""
    return {word: sum(one.verdict == word for one in findings) for word in (AGREES, DIFFERS, OPEN, NOT_APPLICABLE)}
