"""Bulk sends: requests, opt-in and delivery as they were asked for; batches through an idle lane, exactly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from simulator.metrics.audit import Line, Measured, Unknown
from simulator.metrics.audit_draws import expected_arrivals
from simulator.metrics.audit_tally import Kind, Sum, lines_of, tallied
from simulator.metrics.parts import Parts, Scope
from simulator.metrics.window import View
from simulator.scenario.capping import Clock, bulk_of, channel_caps, is_capped, lane_clock, lane_key
from simulator.scenario.schema import Scenario
from simulator.scenario.sending import Campaign, Notification, OptIn
from simulator.theory.caps import batch_mean_delay
from simulator.vocabulary.clock import SECOND
from simulator.vocabulary.codes import Lane

REQUESTS = Kind("audit requests", "messages asked for in the window", "count", "Poisson, thinned by the opt-in")
OPT_IN = Kind("audit opt-in", "opted in", "share", "binomial, by opt_in")
DELIVERED = Kind("audit delivered", "delivered, of what left", "share", "binomial, by delivered")
DELAY = Kind(
    "audit batch delay", "mean delay before the cap", "s", "a batch through an idle lane: (n - 1) / 2 slots on average",
    because="all asked for at once, nobody else in the lane",
)  # fmt: skip


def parts(view: View) -> dict[str, Parts]:
    scenario, names = view.scenario, view.names["source"]
    source = view.codes("sends", "source")
    refused, failed = view.equals("sends", "outcome", "no_opt_in"), view.equals("sends", "outcome", "failed")
    delivered = view.equals("sends", "outcome", "delivered")
    asked, delay = view.cohort("sends", "requested_us"), view.column("sends", "delay_us")
    requests, opted, there, delays = ([] for _ in range(4))
    for number, name in enumerate(names):
        scope: Scope = (("source", name),)
        mine = source == number
        bulk, share = _bulk(scenario, name), _opt_in(scenario, name)
        if isinstance(bulk, Notification) and bulk.arrivals is not None:
            expected, variance = expected_arrivals(scenario, name)
            more = (variance - expected) * share**2
            requests.append((scope, Sum(float((mine & asked).sum()), 1.0, expected * share, expected * share + more)))
        if share < 1:
            opted.append((scope, _coin(float((mine & ~refused).sum()), float(mine.sum()), share)))
        if bulk.delivered < 1 and not any(_carried(scenario, name)):
            left = mine & (delivered | failed)
            there.append((scope, _coin(float((left & delivered).sum()), float(left.sum()), bulk.delivered)))
        if not any(not_alone(scenario, name)):
            found = _batches(view, mine, lane_clock(scenario, lane_of(bulk)), delay)
            if found is not None:
                delays.append((scope, found))
    return {
        **tallied(REQUESTS.key, requests),
        **tallied(OPT_IN.key, opted),
        **tallied(DELIVERED.key, there),
        **tallied(DELAY.key, delays),
    }


def lines(scenario: Scenario, measured: Sequence[Measured]) -> list[Line | Unknown]:
    found: list[Line | Unknown] = []
    for kind in (REQUESTS, OPT_IN, DELIVERED, DELAY):
        found += lines_of(kind, measured)
    for name in sorted((*scenario.outbound.campaigns, *scenario.outbound.notifications)):
        bulk = _bulk(scenario, name)
        if isinstance(bulk, Notification) and bulk.arrivals is not None:
            continue  # M/D/1, lane by lane
        reasons = tuple(not_alone(scenario, name))
        if reasons:
            found.append(Unknown(DELAY.name, {"source": name}, DELAY.source, reasons))
    return found


def _coin(yes: float, of: float, share: float) -> Sum:
    return Sum(yes, of, of * share, of * share * (1 - share))


def _batches(view: View, mine: np.ndarray, clock: Clock, delay: np.ndarray) -> Sum | None:
    """Delays of the window's batches against what each takes; None where one was not drained when the next came."""
    requested = view.column("sends", "requested_us")
    rows = mine & ~np.isnan(requested)
    times, counts = np.unique(requested[rows], return_counts=True)
    busy = counts * clock.window_us / clock.count
    if (times[:-1] + busy[:-1] > times[1:]).any():
        return None
    inside = (times >= view.from_us) & (times < view.to_us) & (times + busy < view.end_us)
    chosen = rows & np.isin(requested, times[inside]) & ~np.isnan(delay)
    if not chosen.any():
        return None
    expected = sum(
        count * batch_mean_delay(count, clock.count, clock.window_us / SECOND, clock.burst)
        for count in counts[inside].tolist()
    )
    return Sum(float(delay[chosen].sum()) / SECOND, float(counts[inside].sum()), expected, 0.0)


def lane_of(bulk: Campaign | Notification) -> Lane:
    return Lane.CAMPAIGN if isinstance(bulk, Campaign) else Lane.AGENTLESS


def _bulk(scenario: Scenario, name: str) -> Campaign | Notification:
    bulk = bulk_of(scenario, name)
    assert isinstance(bulk, Campaign | Notification)
    return bulk


def _opt_in(scenario: Scenario, name: str) -> float:
    """Share of those asked for who may be written to."""
    opt_in = _bulk(scenario, name).opt_in
    return opt_in.overall if isinstance(opt_in, OptIn) else opt_in


def _carried(scenario: Scenario, name: str) -> Iterator[str]:
    bulk = _bulk(scenario, name)
    if bulk.delivery is not None or scenario.channels[bulk.channel].delivery is not None:
        yield f"delivery has its own chances ({_place(scenario, name)}.delivery)"


def _place(scenario: Scenario, name: str) -> str:
    return f"outbound.{'campaigns' if name in scenario.outbound.campaigns else 'notifications'}.{name}"


def mates(scenario: Scenario, name: str) -> list[str]:
    """Other sources that pass the same cap."""
    bulk = _bulk(scenario, name)
    key = lane_key(scenario, lane_of(bulk), bulk.channel)
    sources = scenario.outbound.campaigns if isinstance(bulk, Campaign) else scenario.outbound.notifications
    return [
        other for other, each in sources.items()
        if other != name and key is not None and lane_key(scenario, lane_of(each), each.channel) == key
    ]  # fmt: skip


def limited_beside(scenario: Scenario, name: str) -> Iterator[str]:
    """What holds a source's messages beside the lane's cap."""
    bulk, at = _bulk(scenario, name), _place(scenario, name)
    if lane_key(scenario, lane_of(bulk), bulk.channel) is None:
        yield f"the lane of channel {bulk.channel} has no cap (channels.{bulk.channel}.platform)"
    caps = channel_caps(scenario, bulk.channel)
    if is_capped(caps):
        which = "throughput" if caps.clock is not None else "pair" if caps.pair is not None else "tier"
        yield f"its numbers have a limit of their own (channels.{bulk.channel}.{which})"
    if scenario.outbound.detail != "messages":
        yield "sends are counted by the second (outbound.detail)"
    if scenario.outages:
        yield "outages hold messages (outages)"
    if bulk.expires_after_us is not None:
        yield f"messages expire ({at}.expires_after)"
    yield from _carried(scenario, name)


def not_alone(scenario: Scenario, name: str) -> Iterator[str]:
    """Why a source's batches do not meet an idle lane."""
    bulk, at = _bulk(scenario, name), _place(scenario, name)
    for other in mates(scenario, name):
        yield f"{other} passes the same cap ({_place(scenario, other)})"
    if isinstance(bulk, Campaign):
        for key, value in (("requested_rate", bulk.requested_rate), ("stop", bulk.stop), ("windows", bulk.windows)):
            if value:
                yield f"it is not asked for all at once ({at}.{key})"
    elif bulk.arrivals is not None:
        yield f"messages are asked for one by one ({at}.arrivals)"
    if isinstance(bulk, Notification) and bulk.on_limit == "reject":
        yield f"calls over the cap are refused ({at}.on_limit)"
    yield from limited_beside(scenario, name)
