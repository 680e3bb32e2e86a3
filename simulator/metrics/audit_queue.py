"""Queues that theory knows: Erlang B, C and A, M/M/n+G, and M/M/n with room for k, where nothing else is going on.

`erlang(scenario, queue)` looks at everything that could make a queue something else and names its key. What is left is
one service by one of n equal agents, who are always there, for customers who come at random and meet first come,
first served. Nothing approximate passes for theory: one broken assumption, and there is no number.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from simulator.metrics.audit import Line, Measured, Unknown, gathered
from simulator.metrics.audit_assumed import Desk, broken, desk_of, ranks_of
from simulator.metrics.parts import Scope
from simulator.scenario.laws import Law
from simulator.scenario.means import exceeds, mean
from simulator.scenario.schema import Scenario
from simulator.theory import abandonment, erlang
from simulator.theory.chain import EmptyAtStart
from simulator.theory.priority import cobham_waits
from simulator.theory.rooms import limited, remembers
from simulator.vocabulary.clock import SECOND, spoken

ANY = "wait, abandonment, service level, occupancy"
SOURCES = "Erlang B, C, A, M/M/n+G"
SETTLED = 10.0
"""The warm-up must be so many relaxation times long: what is left of the empty start is below 0.01 %."""

Values = dict[str, float]
"""Theory by measure."""


@dataclass(frozen=True)
class Quantity:
    """How a theoretical quantity is read from the catalogue's parts."""

    name: str
    metric: str
    unit: str
    over: str = ""
    """Another measure of which the numerator is added to the denominator: shares of all who came."""


QUANTITIES = {
    "p_block": Quantity("blocked, of all who came", "nBlocked", "share", "nOffered"),
    "p_wait": Quantity("wait probability", "wait_probability", "share"),
    "p_abandon": Quantity("abandoned", "abandon_share", "share"),
    "mean_wait": Quantity("mean wait of all", "tWait", "s"),
    "within": Quantity("answered in time, of all", "answered_within", "share"),
    "mean_queue": Quantity("mean number waiting", "queue_length_mean", "count"),
    "occupancy": Quantity("occupancy (work)", "occupancy_work", "share"),
}


NEEDS = tuple({*(each.metric for each in QUANTITIES.values()), "nOffered", "censored_offers"})
"""Measures of the catalogue."""


def lines(scenario: Scenario, measured: Sequence[Measured]) -> list[Line | Unknown]:
    found: list[Line | Unknown] = []
    for queue in sorted(scenario.queues):
        source, values, reasons, because = erlang_of(scenario, queue)
        if reasons:
            found.append(Unknown(ANY, {"queue": queue}, source, tuple(reasons)))
            continue
        late = _censored(measured, queue)
        for key, theory in values.items():
            quantity = QUANTITIES[key]
            scope: Scope = (("queue", queue),)
            if key == "occupancy":
                groups = desk_of(scenario, queue).groups
                if len(groups) > 1:
                    continue
                scope = (("group", groups[0]),)
            numerators, denominators = gathered(measured, quantity.metric, scope)
            if quantity.over:
                denominators = numerators + gathered(measured, quantity.over, scope)[0]
            if late and key in ("mean_wait", "p_abandon", "within"):
                reason = f"{late:.0f} of the window still wait at the end (run_out)"
                found.append(Unknown(quantity.name, dict(scope), source, (reason,)))
                continue
            found.append(
                Line(quantity.name, dict(scope), quantity.unit, source, theory, numerators, denominators,
                     because=because)
            )  # fmt: skip
        found += _by_rank(scenario, queue, measured)
    return found


def _by_rank(scenario: Scenario, queue: str, measured: Sequence[Measured]) -> list[Line]:
    """Mean waits of those who go first and those who do not, where only priority ranks them and nobody gives up."""
    desk = desk_of(scenario, queue)
    ranks = ranks_of(scenario, desk)
    settings = scenario.queues[queue]
    limited_room = settings.max_waiting is not None or settings.max_in_system is not None
    if len(ranks) < 2 or settings.scoring != "PriorityOnly" or desk.patiences != (None,) or limited_room:
        return []
    if any(grows for _, grows in ranks) or _settled(scenario, desk, _memory(desk, inf)):
        return []
    waits = cobham_waits([sum(one.per_s for one in those) for those in ranks.values()], desk.service_s, desk.agents)
    found = []
    for (priority, _), those, wait in zip(ranks, ranks.values(), waits, strict=True):
        topics = list(dict.fromkeys(one.topic for one in those))
        elsewhere = [one for one in desk.streams if one.topic in topics and one not in those]
        if len(topics) > 1 or elsewhere:
            continue  # the catalogue knows waits by topic, not by priority
        numerators, denominators = gathered(measured, "tWait", (("topic", topics[0]),))
        found.append(
            Line(QUANTITIES["mean_wait"].name, {"topic": topics[0]}, "s", "M/M/n with priorities (Cobham)", wait,
                 numerators, denominators, because=f"priority {priority:g} of {len(ranks)}, nobody is interrupted")
        )  # fmt: skip
    return found


def _censored(measured: Sequence[Measured], queue: str) -> float:
    return float(gathered(measured, "censored_offers", (("queue", queue),))[0].sum())


def erlang_of(scenario: Scenario, queue: str) -> tuple[str, Values, list[str], str]:
    """The theory of a queue: its name, its numbers, the assumptions that do not hold, and what was recognised."""
    desk = desk_of(scenario, queue)
    reasons = list(dict.fromkeys(broken(scenario, queue, desk)))
    if reasons:
        return SOURCES, {}, reasons, ""
    for model in (_loss, _delay):
        answer = model(scenario, queue, desk)
        if answer is not None:
            source, values, reasons, because = answer
            return source, {} if reasons else values, reasons, because
    raise AssertionError("a queue is one or the other")


Answer = tuple[str, Values, list[str], str]


def _loss(scenario: Scenario, queue: str, desk: Desk) -> Answer | None:
    """Nobody may wait: M/G/n/n, of which any law of effort is one."""
    settings = scenario.queues[queue]
    nobody_waits = settings.max_waiting == 0 or settings.max_in_system == desk.agents
    if not nobody_waits:
        return None
    if settings.max_in_system is not None and settings.max_in_system < desk.agents:
        return SOURCES, {}, [f"fewer are let in than there are agents (queues.{queue}.max_in_system)"], ""
    blocked = erlang.erlang_b(desk.load, desk.agents)
    values = {"p_block": blocked, "occupancy": desk.load * (1 - blocked) / desk.agents}
    because = f"{_coming(desk)}, any law of effort, nobody may wait"
    reasons = _settled(scenario, desk, desk.service_s)
    return "Erlang B, M/G/n/n", values, reasons, because


def _delay(scenario: Scenario, queue: str, desk: Desk) -> Answer:
    settings = scenario.queues[queue]
    efforts, patiences = list(desk.efforts), list(desk.patiences)
    reasons = [] if len(efforts) == 1 else [f"efforts differ by topic or group ({desk.effort_at})"]
    if efforts and not _exponential(efforts[0]):
        reasons.append(f"effort is {efforts[0].kind}, not exponential ({desk.effort_at})")
    elif efforts and desk.service_s > 1.001 * mean(efforts[0]) / desk.speed / SECOND:
        reasons.append(f"efforts are at least 1 s, so that they are not exponential ({desk.effort_at})")
    if desk.canned_at:
        reasons.append(f"some replies are canned ({desk.canned_at})")
    if len(patiences) > 1:
        reasons.append(f"patience differs by topic ({desk.patience_at})")
    patience = patiences[0] if patiences else None
    rooms = [desk.agents + settings.max_waiting] if settings.max_waiting is not None else []
    rooms += [settings.max_in_system] if settings.max_in_system is not None else []
    if rooms and patience is not None and not _exponential(patience):
        reasons.append(f"patience is {patience.kind} where room is limited ({desk.patience_at})")
    if not rooms and patience is None and desk.load >= desk.agents:
        reasons.append(f"the load of {desk.load:.3g} is not below {desk.agents} agents: the queue grows for ever")
    if rooms and min(rooms) < desk.agents:
        reasons.append(f"fewer are let in than there are agents (queues.{queue}.max_in_system)")
    ranks = ranks_of(scenario, desk)
    if len(ranks) > 1 and patience is not None and not _exponential(patience):
        last = list(ranks.values())[-1][0].topic
        reasons.append(f"some go first, and patience is {patience.kind} (topics.{last}.priority)")
    if reasons:
        return SOURCES, {}, reasons, ""
    within = scenario.service_level.within_us / SECOND
    if rooms:
        answer = _with_room(scenario, desk, patience, min(rooms) - desk.agents)
    elif patience is None:
        answer = _erlang_c(scenario, desk, within)
    else:
        answer = _erlang_a(scenario, desk, patience, within)
    if len(ranks) > 1:
        answer[1].pop("within", None)  # who goes first changes who waits, not how many do
    return answer


def _with_room(scenario: Scenario, desk: Desk, patience: Law | None, room: int) -> Answer:
    leaves = inf if patience is None else mean(patience) / SECOND
    known = limited(desk.per_s, desk.service_s, desk.agents, room, leaves)
    values = {
        "p_block": known.p_block, "p_wait": known.p_wait, "mean_wait": known.mean_wait,
        "mean_queue": known.mean_queue, "occupancy": known.occupancy,
    }  # fmt: skip
    if patience is not None:
        values["p_abandon"] = known.p_abandon
    source, because = f"M/M/n/n+k{'' if patience is None else '+M'}", f"{_coming(desk)}, room for {room} to wait"
    reasons = _settled(scenario, desk, max(desk.service_s, leaves) if leaves < inf else _memory(desk, inf))
    if not reasons or desk.flow_takes or patience is not None:
        return source, values, reasons, because
    day = _from_empty(scenario, desk, room)
    let_in = (day.numbers >= desk.agents) & (day.numbers < desk.agents + room)
    values = {
        "p_block": day.blocked, "p_wait": day.mean(let_in.astype(float)) / (1 - day.blocked),
        "mean_wait": day.wait_s, "mean_queue": day.mean(np.maximum(day.numbers - desk.agents, 0)),
        "occupancy": day.busy,
    }  # fmt: skip
    return f"{source}, from an empty start", values, [], because


def _erlang_c(scenario: Scenario, desk: Desk, within: float) -> Answer:
    source, because = "Erlang C, M/M/n", f"{_coming(desk)}, nobody gives up"
    values = {
        "p_wait": erlang.erlang_c(desk.load, desk.agents),
        "mean_wait": erlang.mean_wait(desk.per_s, desk.service_s, desk.agents),
        "within": erlang.service_level(desk.per_s, desk.service_s, desk.agents, within),
        "mean_queue": erlang.mean_queue(desk.per_s, desk.service_s, desk.agents),
        "occupancy": desk.load / desk.agents,
    }
    reasons = _settled(scenario, desk, _memory(desk, inf))
    if not reasons or desk.flow_takes:
        return source, values, reasons, because
    day = _from_empty(scenario, desk, None)
    values = {
        "p_wait": day.mean((day.numbers >= desk.agents).astype(float)), "mean_wait": day.wait_s,
        "within": day.within(within), "mean_queue": day.mean(np.maximum(day.numbers - desk.agents, 0)),
        "occupancy": day.busy,
    }  # fmt: skip
    return f"{source}, from an empty start", values, [], because


def _from_empty(scenario: Scenario, desk: Desk, room: int | None) -> EmptyAtStart:
    """It begins empty, and that is part of what is known: the chain in time."""
    low, high = scenario.warm_up_us / SECOND, scenario.duration_us / SECOND
    return EmptyAtStart(desk.per_s, desk.service_s, desk.agents, low, high, room)


def _erlang_a(scenario: Scenario, desk: Desk, patience: Law, within: float) -> Answer:
    is_a = _exponential(patience)
    leaves = mean(patience) / SECOND
    source = "Erlang A, M/M/n+M" if is_a else "M/M/n+G"
    law = abandonment.exponential(leaves) if is_a else survival_of(patience)
    known = abandonment.mmng(desk.per_s, desk.service_s, desk.agents, law)
    values = {
        "p_wait": known.p_wait, "p_abandon": known.p_abandon, "mean_wait": known.mean_wait_all,
        "within": known.served_within(within), "mean_queue": known.mean_queue, "occupancy": known.occupancy,
    }  # fmt: skip
    words = spoken(round(leaves * SECOND))
    because = f"{_coming(desk)}, {'patience' if is_a else f'{patience.kind} patience, mean'} {words}"
    return source, values, _settled(scenario, desk, _memory(desk, leaves)), because


def survival_of(law: Law) -> abandonment.Patience:
    """A law of the scenario as a law of patience, in seconds."""

    def each(of: Callable[[float], float]) -> Callable[[np.ndarray], np.ndarray]:
        return np.vectorize(lambda x: of(x * SECOND), otypes=[float])

    kinks = (*law.numbers,) if law.kind in ("constant", "uniform", "triangular", "empirical") else ()
    kinks = (*kinks, *(number for part in law.parts for number in part.numbers if part.kind == "constant"))
    return abandonment.Patience(
        each(lambda us: exceeds(law, us)), each(lambda us: mean(law, us) / SECOND), tuple(k / SECOND for k in kinks)
    )


def _exponential(law: Law) -> bool:
    """Exponential, and never clipped."""
    return law.kind == "exponential" and law.numbers[0] > 0 and law.at_most > 50 * law.numbers[0]


def _memory(desk: Desk, patience_s: float) -> float:
    return remembers(desk.per_s, desk.service_s, desk.agents, patience_s)


def _settled(scenario: Scenario, desk: Desk, memory_s: float) -> list[str]:
    needed = SETTLED * (memory_s + desk.flow_takes)
    if scenario.warm_up_us / SECOND >= needed:
        return []
    return [
        f"it begins empty and is measured before it has settled: it takes {spoken(round(min(needed, 1e9) * SECOND))}, "
        f"the warm-up is {spoken(scenario.warm_up_us)} (warm_up)"
    ]


def _coming(desk: Desk) -> str:
    return f"{desk.per_s * 3600:.4g} an hour at random, {desk.service_s:.4g} s each, {desk.agents} agents"
