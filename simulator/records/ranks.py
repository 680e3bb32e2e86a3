"""Law of the queue: of those who ask for the same, whoever ranks highest is served first."""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np

from simulator.records.asked import asked
from simulator.records.columns import Array, count, pick
from simulator.records.evidence import Evidence, flow_steps
from simulator.records.reading import latest_before
from simulator.records.waits import stretches_of
from simulator.rules.routing import rank_key
from simulator.vocabulary.codes import Event

Verdict = tuple[bool, str]

MOST = 100_000
"""So many stretches of waiting are looked through one by one, of those who may serve the same; the first ones."""


def in_order(known: Evidence) -> Verdict:
    """While somebody waits, nobody of a lower rank who asks for the same agents is alerted.

    The rank comes from entry, priority and refused alerts alone (model.md, section 5). Left out: those for whom rings
    or rules open or whose priority changes while they wait, and agents with limits by channel or label or who take what
    they know best. Where priorities grow by themselves nothing is said.
    """
    if _some_grow(known):
        return True, "priorities grow by the minute: ranks are not looked at"
    entered, still = known.of(Event.QUEUE_ENTERED), stretches_of(known)
    special = known.of(Event.CIRCLE_OPENED, Event.PRIORITY_CHANGED)
    plain = count(len(entered), special.message) == 0
    still = still.only(plain[still.offer])
    if not len(still.offer):
        return True, "nobody waited"
    groups, same = _who_asks_for_the_same(known)
    since = _clock(known, still.offer, still.since)
    priority = entered.value[still.offer]
    leads = np.array([known.scenario.queues[name].scoring == "PriorityOnly" for name in known.names.queues], bool)
    by_priority = leads[entered.queue[still.offer]]
    first = np.where(by_priority, -priority, rank_key(since, priority))  # type: ignore[arg-type]  # of columns alike
    rank = _dense(first, np.where(by_priority, since, 0))
    rang = _alerted(known, still.offer, still.to)
    looked, wrong = 0, 0
    group = same[still.offer]
    for number in range(groups):
        mine = np.flatnonzero(group == number)
        looked += len(mine)
        wrong += _overtaken(rank[mine], still.since[mine], still.to[mine], rang[mine])
    said = f"{looked} stretches of waiting; {wrong} ended with an alert while somebody of a higher rank waited"
    return not wrong, said


def _some_grow(known: Evidence) -> bool:
    scenario = known.scenario
    rules = [rule for queue in scenario.queues.values() for rule in queue.transfers]
    grow = any(topic.priority_per_minute for topic in scenario.topics.values())
    transfers = (step.transfer for step in flow_steps(scenario))
    return grow or any(rule.priority_per_minute for rule in (*rules, *transfers) if rule is not None)


def _who_asks_for_the_same(known: Evidence) -> tuple[int, Array]:
    """Offers whom the same agents may serve by the same kind of rank: how many such groups there are, and the group
    of each offer, -1 for those who are left out. int, [offer]"""
    entered = known.of(Event.QUEUE_ENTERED)
    teams, kind = asked(known)
    limited = np.array(
        [
            isinstance(group.capacity, dict) or group.utilization is not None or group.takes != "highest_rank"
            for group in (known.scenario.agents[name] for name in known.names.groups)
        ],
        bool,
    )
    has_limits = limited[np.array(known.names.agent_group, np.int64)] if len(known.names.agents) else np.zeros(0, bool)
    queue_of_kind = pick(entered.queue, np.unique(kind, return_index=True)[1])
    found: dict[tuple[bool, bytes], int] = {}
    numbers = np.full(len(teams), -1, np.int64)
    for number, team in enumerate(teams):
        if (team & has_limits).any():
            continue
        leads = known.scenario.queues[known.names.queues[int(queue_of_kind[number])]].scoring == "PriorityOnly"
        numbers[number] = found.setdefault((leads, team.tobytes()), len(found))
    return len(found), numbers[kind]


def _clock(known: Evidence, offer: Array, since: Array) -> Array:
    """From when each stretch's minutes count: entry, or, where a refused alert sets the clock back, that. [stretch]"""
    entered = known.of(Event.QUEUE_ENTERED)
    keeps = np.array([known.scenario.queues[name].keep_clock for name in known.names.queues], bool)
    refused = known.of(Event.ALERT_EXPIRED, Event.ALERT_DECLINED)
    begins = entered.time[offer]
    if keeps.all() or not len(refused):
        return begins
    # the latest refusal not later than the stretch's beginning
    size = known.end + 2
    latest = latest_before(refused.message, refused.time, offer, since + 1, size)
    reset = (latest >= 0) & ~keeps[entered.queue[offer]]
    return np.where(reset, pick(refused.time, latest), begins)


def _dense(first: Array, second: Array) -> Array:
    """Pairs as whole numbers that sort like them. [pair]"""
    order = np.lexsort((second, first))
    new = np.append(False, (np.diff(first[order]) != 0) | (np.diff(second[order]) != 0))
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.cumsum(new)
    return ranks


def _alerted(known: Evidence, offer: Array, to: Array) -> Array:
    """Whether each stretch ended with an alert for its offer. [stretch] of bool"""
    alerted = known.of(Event.ALERTED)
    _, place = np.unique(np.concatenate([to, alerted.time]), return_inverse=True)
    keys = place * (known.rows(Event.QUEUE_ENTERED) + 1) + np.concatenate([offer, alerted.message])
    return np.isin(keys[: len(to)], keys[len(to) :])


def _overtaken(rank: Array, since: Array, to: Array, rang: Array) -> int:
    """Stretches that ended with an alert while one of a higher rank (a smaller number) went on."""
    order = np.argsort(rank, kind="stable")
    latest = np.maximum.accumulate(to[order])
    ordered = rank[order]
    better = np.searchsorted(ordered, ordered) - 1  # the last one that ranks strictly higher
    suspect = (better >= 0) & (latest[np.maximum(better, 0)] > to[order]) & rang[order]
    if not suspect.any():
        return 0  # whoever ranks higher was gone already: the usual case, and no loop
    return _overtaken_one_by_one(rank, since, to, rang)


def _overtaken_one_by_one(rank: Array, since: Array, to: Array, rang: Array) -> int:
    by_start = np.argsort(since, kind="stable")[:MOST]
    ends = np.flatnonzero(rang & (to <= since[by_start[-1]])) if len(by_start) < len(rank) else np.flatnonzero(rang)
    ends = ends[np.argsort(to[ends], kind="stable")]
    begins, ranks, until = since[by_start].tolist(), rank[by_start].tolist(), to[by_start].tolist()
    waiting: list[tuple[int, int]] = []
    place, wrong = 0, 0
    for its_rank, at in zip(rank[ends].tolist(), to[ends].tolist(), strict=True):
        while place < len(begins) and begins[place] < at:
            heappush(waiting, (ranks[place], until[place]))
            place += 1
        while waiting and waiting[0][1] <= at:
            heappop(waiting)
        wrong += bool(waiting) and waiting[0][0] < its_rank
    return wrong
