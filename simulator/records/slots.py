"""Slots that may never be exceeded: an agent's capacity, and his limits by channel and label."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from simulator.records.columns import Array
from simulator.records.evidence import Evidence
from simulator.scenario.agents import AgentGroup

Verdict = tuple[bool, str]


@dataclass(frozen=True)
class Held:
    """Slots held by agents: alerts, sessions, and sessions again after each return from parking. [stay]"""

    agent: Array
    contact: Array
    """Number of the session's contact, -1 for alerts that led to nothing."""
    taken: Array
    freed: Array
    offered: Array
    """The ACD gave it; False: it came back from parking, which no limit stops."""


def held(known: Evidence) -> Held:
    """From alert to end of wrap-up, less the time parked."""
    texts = known.names.agents
    pending = known.text("alerts", "outcome") != "accepted"
    sessions, alerts = known.numbers("sessions", "agent", texts), known.numbers("alerts", "agent", texts)[pending]
    starts, ends = known.column("sessions", "alerted_us"), known.column("sessions", "ended_us")
    owner, taken, freed, again = stays_without_parks(
        starts, known.until_end(ends), session_of_park(known.tables), known.column("parks", "parked_us"),
        known.until_end(known.column("parks", "returned_us")),
    )  # fmt: skip
    return Held(
        agent=np.concatenate([sessions[owner], alerts]),
        contact=np.concatenate([owner, np.full(int(pending.sum()), -1)]),
        taken=np.concatenate([taken, known.column("alerts", "alerted_us")[pending]]),
        freed=np.concatenate([freed, known.until_end(known.column("alerts", "ended_us")[pending])]),
        offered=np.concatenate([~again, np.ones(int(pending.sum()), bool)]),
    )


def stays_without_parks(
    start: Array, end: Array, session: Array, parked: Array, returned: Array
) -> tuple[Array, Array, Array, Array]:
    """Stays cut where their sessions were parked: session, start, end, and whether it begins with a return. [stay]

    `start`, `end` [session]; `session`, `parked`, `returned` [park].
    """
    everyone = np.arange(len(start))
    if not len(session):
        return everyone, start, end, np.zeros(len(start), bool)
    owners = np.concatenate([everyone, session])
    begins, stops = np.concatenate([start, returned]), np.concatenate([end, parked])
    by_start = np.lexsort((begins, owners))  # the n-th beginning and the n-th end of a session belong together
    by_end = np.lexsort((stops, owners))
    return owners[by_start], begins[by_start], stops[by_end], by_start >= len(start)


def session_of_park(tables: Mapping[str, pd.DataFrame]) -> Array:
    """Row in the table of sessions that each park belongs to. [park]"""
    parks, keys = tables["parks"], ["conversation", "portion", "offer"]
    if parks.empty:
        return np.empty(0, np.int64)
    sessions = tables["sessions"][keys].astype({"conversation": object}).assign(row=np.arange(len(tables["sessions"])))
    return parks[keys].astype({"conversation": object}).merge(sessions, "left", keys)["row"].to_numpy(np.int64)


def slots(known: Evidence) -> Verdict:
    """The ACD never gives an agent more than his capacity; at one instant he releases before he takes."""
    texts = known.names.agents
    mine = held(known)
    at_offer, most, who = _levels(mine.agent, mine.taken, mine.freed, mine.offered, len(texts))
    group = known.scenario.agents
    capacity = np.array([group[known.names.groups[number]].slots for number in known.names.agent_group], np.int64)
    over = np.flatnonzero(at_offer > capacity)
    for size in np.unique(capacity).tolist():
        largest = int(at_offer[capacity == size].max(initial=0))
        known.limit(f"conversations given to an agent of capacity {size}", largest, size)
    worst = f"; {texts[over[0]]} held {at_offer[over[0]]} of {capacity[over[0]]}" if len(over) else ""
    beyond = int((most > capacity).sum())
    returned = f"; {beyond} held more after a return from parking" if beyond else ""
    return not len(over) and who, (
        f"{len(mine.taken)} slots were held, at most {most.max(initial=0)} at once by one agent; "
        f"{len(over)} of {len(texts)} agents were over their capacity{worst}{returned}"
    )


def _levels(owner: Array, taken: Array, freed: Array, offered: Array, owners: int) -> tuple[Array, Array, bool]:
    """The largest number of stays after an offer, and at any instant, by owner; and whether every stay had an owner.
    At one instant: ends, offers, returns. [owner], [owner], bool"""
    who = np.concatenate([owner, owner])
    time = np.concatenate([taken, freed])
    step = np.repeat(np.array([1, -1], np.int64), len(owner))
    turn = np.concatenate([np.where(offered, 1, 2), np.zeros(len(owner), np.int64)])
    order = np.lexsort((turn, time, who))
    who, step, turn = who[order], step[order], turn[order]
    level = np.cumsum(step)  # every owner ends at 0, so that one sum serves all
    most, at_offer = np.zeros(owners, np.int64), np.zeros(owners, np.int64)
    known = who >= 0
    np.maximum.at(most, who[known], level[known])
    offers = known & (turn == 1)
    np.maximum.at(at_offer, who[offers], level[offers])
    return at_offer, most, bool((owner >= 0).all())


def utilization(known: Evidence) -> Verdict:
    """Limits by channel and by label: never more than they allow, never beside what may not be interrupted."""
    scenario, names = known.scenario, known.names
    limited = [
        group for group in names.groups
        if isinstance(scenario.agents[group].capacity, dict) or scenario.agents[group].utilization is not None
    ]  # fmt: skip
    if not limited:
        return True, "no agent has limits by channel or label"
    mine = held(known)
    sure = mine.contact >= 0  # alerts that led to nothing have no session to tell their label
    named = {kind: known.text("sessions", kind)[mine.contact[sure]] for kind in ("channel", "label")}
    agent, taken, freed, offered = mine.agent[sure], mine.taken[sure], mine.freed[sure], mine.offered[sure]
    group_of = np.array(names.agent_group, np.int64)[agent]
    wrong, looked = [], 0
    for group in limited:
        in_group = group_of == names.groups.index(group)
        rules, capacity = rules_of(scenario.agents[group]), scenario.agents[group].capacity
        if isinstance(capacity, dict):
            strange = in_group & ~np.isin(named["channel"].astype(str), list(capacity))
            if strange.any():
                wrong.append(f"{int(strange.sum())} of channels without slots were given to {group}")
        for kind, name, limit in rules.limits:
            rows = in_group & (named[kind] == name)
            looked += int(rows.sum())
            at_offer, _, _ = _levels(agent[rows], taken[rows], freed[rows], offered[rows], len(names.agents))
            over = np.flatnonzero(at_offer > limit)
            if len(over):
                wrong.append(f"{names.agents[over[0]]} held {at_offer[over[0]]} of {kind} {name}, {limit} allowed")
        for kind, held_name, asked in rules.apart:
            rows, asking = in_group & (named[kind] == held_name), in_group & (named[kind] == asked) & offered
            beside = _beside(agent[rows], taken[rows], freed[rows], agent[asking], taken[asking])
            if beside:
                wrong.append(f"{beside} of {kind} {asked} were given beside {held_name} in {group}")
    return not wrong, f"{looked} slots of {len(limited)} groups with limits by channel or label; " + (
        "; ".join(wrong) or "all kept"
    )


@dataclass(frozen=True)
class Rules:
    """A group's limits, each for `channel` or `label`."""

    limits: tuple[tuple[str, str, int], ...]
    """(channel or label, name, slots)"""
    apart: tuple[tuple[str, str, str], ...]
    """(channel or label, held, asked) that do not go together."""
    interruptions: tuple[tuple[str, str, str], ...]
    """(channel or label, held, asked) that do because somebody named them: the held one is interrupted."""


def rules_of(group: AgentGroup) -> Rules:
    """What the scenario says of a group."""
    capacity, rules = group.capacity, group.utilization
    limits = [("channel", name, slots) for name, slots in (capacity.items() if isinstance(capacity, dict) else ())]
    apart, interruptions = [], []
    for kind, uses in (("channel", rules.channels), ("label", rules.labels)) if rules is not None else ():
        names = list(uses)
        for name, rule in uses.items():
            if rule.capacity is not None:
                limits.append((kind, name, rule.capacity))
            if rule.interrupted_by != "all":
                interruptions += [(kind, name, other) for other in rule.interrupted_by if other != name]
                apart += [(kind, name, other) for other in names if other != name and other not in rule.interrupted_by]
    return Rules(tuple(limits), tuple(apart), tuple(interruptions))


def _beside(owner: Array, taken: Array, freed: Array, asking: Array, at: Array) -> int:
    """How many askings come while their owner holds one that began strictly earlier and ends strictly later."""
    if not len(owner) or not len(asking):
        return 0
    who = np.concatenate([owner, owner, asking])
    time = np.concatenate([taken, freed, at])
    # at one instant: ends, askings, beginnings
    turn = np.concatenate([np.full(len(owner), 2), np.zeros(len(owner), np.int64), np.ones(len(asking), np.int64)])
    step = np.concatenate([np.ones(len(owner), np.int64), -np.ones(len(owner), np.int64), np.zeros(len(asking), int)])
    order = np.lexsort((turn, time, who))
    level = np.cumsum(step[order])
    return int((level[turn[order] == 1] > 0).sum())
