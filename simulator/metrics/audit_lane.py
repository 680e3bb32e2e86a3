"""A bulk lane as M/D/1: messages asked for at random, one by one, through even slots."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from simulator.metrics.audit import Line, Measured, Unknown, gathered
from simulator.metrics.audit_sends import limited_beside, mates
from simulator.metrics.parts import Scope
from simulator.scenario.capping import lane_clock
from simulator.scenario.schema import Scenario
from simulator.scenario.sending import OptIn
from simulator.theory.caps import md1_delay
from simulator.vocabulary.clock import SECOND
from simulator.vocabulary.codes import Lane
from simulator.workload.arrivals import intensity

NEEDS = ("send_delay_mean",)
"""Measures of the catalogue."""
NAME = "mean delay before the cap"
SOURCE = "M/D/1 (Pollaczek-Khinchine)"
SETTLED = 10.0
"""The warm-up must be so many relaxation times long: what is left of the empty start is below 0.01 %."""


def lines(scenario: Scenario, measured: Sequence[Measured]) -> list[Line | Unknown]:
    """The lane of single notifications, once for all that pass it together."""
    notifications = scenario.outbound.notifications
    single = sorted(name for name, each in notifications.items() if each.arrivals is not None)
    done: set[str] = set()
    found: list[Line | Unknown] = []
    for name in single:
        if name in done:
            continue
        together = sorted([name, *mates(scenario, name)])
        done |= set(together)
        scope: Scope = (("source", name),) if together == [name] else (("lane", "agentless"),)
        reasons = tuple(dict.fromkeys(_broken(scenario, together)))
        if reasons:
            found.append(Unknown(NAME, dict(scope), SOURCE, reasons))
            continue
        load, cap = _load(scenario, together)
        numerators, denominators = gathered(measured, "send_delay_mean", scope)
        because = f"{load:g} a second at random, cap {cap:g} a second, even slots"
        found.append(Line(NAME, dict(scope), "s", SOURCE, md1_delay(load, cap), numerators, denominators,
                          because=because))  # fmt: skip
    return found


def _load(scenario: Scenario, sources: list[str]) -> tuple[float, float]:
    """Messages asked for, and slots, a second."""
    total = 0.0
    for name in sources:
        edges, expected = intensity(scenario, name, scenario.duration_us)
        opt_in = scenario.outbound.notifications[name].opt_in
        share = opt_in.overall if isinstance(opt_in, OptIn) else opt_in
        total += share * float(expected.sum()) / (edges[-1] - edges[0]) * SECOND
    return total, lane_clock(scenario, Lane.AGENTLESS).per_second


def _broken(scenario: Scenario, sources: list[str]) -> Iterator[str]:
    if lane_clock(scenario, Lane.AGENTLESS).burst:
        yield "a window's cap leaves at once (outbound.limits.pacing)"
    for name in sources:
        notification, at = scenario.outbound.notifications[name], f"outbound.notifications.{name}"
        if notification.arrivals is None:
            yield f"messages are asked for in batches ({at}.batches)"
        else:
            yield from uneven(scenario, name, at)
        if notification.on_limit == "reject":
            yield f"calls over the cap are refused ({at}.on_limit)"
        yield from limited_beside(scenario, name)
    load, cap = _load(scenario, sources)
    if load >= cap:
        yield f"more is asked for than the cap lets through ({load:.3g} of {cap:.3g} a second)"
    elif scenario.warm_up_us / SECOND < SETTLED / (cap - load) ** 2 * load:
        yield "it begins empty and is measured before it has settled (warm_up)"


def uneven(scenario: Scenario, source: str, at: str) -> Iterator[str]:
    """Why the arrivals of a source are no Poisson process of constant rate from start to end."""
    arrivals = scenario.arrivals_of(source)
    assert arrivals is not None
    if arrivals.trace is not None:
        yield f"arrivals are given, not drawn ({at}.arrivals.trace)"
        return
    if source in scenario.counts and scenario.counts[source].kind == "count":
        yield f"counts are exact, not Poisson ({at}.arrivals.csv)"
        return
    if arrivals.day_factor_cv:
        yield f"days differ ({at}.arrivals.day_factor_cv)"
    edges, expected = intensity(scenario, source, scenario.duration_us)
    rates = expected / np.maximum(np.diff(edges), 1)
    if len(rates) and rates.max() > rates.min() * (1 + 1e-9):
        key = next((key for key in ("within", "profile", "csv") if getattr(arrivals, key)), "per_day")
        yield f"the rate of arrivals changes with the hour ({at}.arrivals.{key})"
