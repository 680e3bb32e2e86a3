"""Attention that may never be exceeded, and work that is neither lost nor given away."""

from __future__ import annotations

import numpy as np

from simulator.records.attention import Pieces, pieces, shares_us
from simulator.records.columns import Array, total
from simulator.records.evidence import Evidence
from simulator.rules.sharing import DECIMALS
from simulator.scenario.attention import Attention
from simulator.vocabulary.codes import Event

Verdict = tuple[bool, str]


def _pieces(known: Evidence) -> tuple[Pieces, Array]:
    """All pieces of work, and whether their agents work on several at once. [piece]"""
    work = pieces(known.log, known.links, known.rows(Event.TURN_OPENED), known.rows(Event.CONNECTED))
    groups = known.scenario.agents
    shared = np.array([groups[known.names.groups[g]].attention != "serial" for g in known.names.agent_group], bool)
    return work, shared[work.agent] if len(work.agent) else np.zeros(0, bool)


def attention(known: Evidence) -> Verdict:
    """An agent does one piece of work at a time; who works on several does one for each conversation."""
    work, shared = _pieces(known)
    # a conversation of a shared desk stands for itself, an agent with serial attention for all that he does
    owner = np.where(shared, -1 - work.session, work.agent)
    order = np.lexsort((work.end, work.start, owner))
    owner, start, end = owner[order], work.start[order], work.end[order]
    same = owner[1:] == owner[:-1]
    overlaps = int((same & (start[1:] < end[:-1])).sum())
    backwards = int((end < start).sum())
    replies = int((work.turn >= 0).sum())
    known.limit("pieces of work begun before the one before was done", overlaps, 0)
    return not (overlaps or backwards or (work.agent < 0).any()), (
        f"{replies} replies and {len(work.turn) - replies} wrap-ups were worked on; {overlaps} began before the "
        f"agent's piece of work before it was done, {backwards} ended before they began"
    )


def efforts(known: Evidence) -> Verdict:
    """A reply takes its effort, what switching costs and its rewrites: exactly; of several pieces at once each gains
    what the table of speeds gives it, and ends in the microsecond in which all its work is done."""
    work, shared = _pieces(known)
    filtered = known.of(Event.DATA_FILTERED)
    replies = work.done & (work.turn >= 0)
    rewrites = total(known.rows(Event.TURN_OPENED), filtered.message, filtered.value)
    wanted = work.effort + rewrites[np.maximum(work.turn, 0)]
    serial = replies & ~shared
    took = (work.end - work.start)[serial] - wanted[serial]
    switched = known.of(Event.SWITCHED)
    longer = int((took != 0).sum())
    lost = int(took.sum())
    costs = _switching_of(work, serial, known)
    wrong = int((took != costs).sum())
    figures = f"{int(serial.sum())} replies of serial attention, {longer} of them after a switch"
    for number, name in enumerate(known.names.groups):
        rule = known.scenario.agents[name].attention
        if not isinstance(rule, Attention):
            continue
        mine = shared & (np.array(known.names.agent_group, np.int64)[work.agent] == number)
        gain = gains(rule.parallel.speed, int(mine.sum()) and MOST)
        gained = shares_us(work.agent[mine], work.start[mine], work.end[mine], gain)
        asked, reply = wanted[mine], replies[mine]
        tolerance = gain.max(initial=0.0) + 1e-9 * float(known.end) + 1.0
        bad = reply & ((gained < asked - 1.0 - 1e-9 * known.end) | (gained > asked + tolerance))
        wrong += int(bad.sum())
        figures += f"; {name}: {int(reply.sum())} replies on shared attention"
    return not wrong, f"{figures}; {len(switched)} switches, {lost} µs lost by them in replies; {wrong} do not fit"


MOST = 64
"""Conversations at once for which gains are worked out."""


def gains(speeds: tuple[float, ...], most: int) -> Array:
    """What each of n conversations gains in a unit of time. [n]"""
    rounded = [round(speed * DECIMALS) / DECIMALS for speed in speeds]
    return np.array([0.0, *(rounded[min(n, len(rounded)) - 1] / n for n in range(1, most + 1))])


def _switching_of(work: Pieces, rows: Array, known: Evidence) -> Array:
    """What switching cost the chosen pieces: the row that was written in the same instant. [chosen]"""
    switched = known.of(Event.SWITCHED)
    size = len(known.log) + 1
    _, place = np.unique(np.concatenate([switched.time, work.start[rows]]), return_inverse=True)
    keys = place * size + np.concatenate([switched.message, work.session[rows]])
    ours, theirs = keys[: len(switched)], keys[len(switched) :]
    order = np.argsort(ours, kind="stable")
    if not len(order):
        return np.zeros(int(rows.sum()), np.int64)
    found = np.minimum(np.searchsorted(ours[order], theirs), len(order) - 1)
    return np.where(ours[order][found] == theirs, switched.value[order][found], 0)
