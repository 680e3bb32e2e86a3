"""What flows did: the ways that portions took at branches, and whether all that was promised was kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simulator.records.columns import NONE, Array, count, distinct, named, names, pick, rank
from simulator.records.evidence import Evidence
from simulator.rules.routing import HIGHEST_PRIORITY
from simulator.scenario.flows import SetPriority
from simulator.scenario.pathways import LONGEST_WAIT_US
from simulator.vocabulary.codes import Event
from simulator.workload.flowsteps import branches

if TYPE_CHECKING:
    import pandas as pd

    from simulator.records.numbers import Numbers


def flow_paths(known: Numbers) -> pd.Categorical:
    """`business_hours=open topic=billing`: the ways of each portion, in order; null without a branch. [portion]"""
    rows, size = known.of(Event.FLOW_BRANCHED), len(known.opened)
    path = np.full(size, -1, np.int64)
    if not len(rows):
        return named(path, names([]))
    known_branches = branches(known.scenario, known.names)
    texts: list[str] = []
    places: dict[str, int] = {}
    portion = known.links.portion(rows)
    ranks = rank(portion)
    for place in range(int(ranks.max()) + 1):
        mine = np.flatnonzero((ranks == place) & (portion >= 0))
        ways = np.stack([path[portion[mine]], rows.queue[mine], rows.value[mine]], axis=1)
        distinct, which = np.unique(ways, axis=0, return_inverse=True)
        found = np.empty(len(distinct), np.int64)
        for i, (before, step, way) in enumerate(distinct.tolist()):
            on, cases = known_branches[step]
            text = f"{texts[before] + ' ' if before >= 0 else ''}{on}={cases[way]}"
            if text not in places:
                places[text] = len(texts)
                texts.append(text)
            found[i] = places[text]
        path[portion[mine]] = found[which.reshape(-1)]
    return named(path, names(texts))


def followed(known: Evidence) -> tuple[bool, str]:
    """Who leaves with a sign ends his portion at once; no flow waits longer than 72 h for a word; whoever flows out
    into a queue is offered there, or turned away there, at once, and whoever flows out for good is disconnected; a
    wrong topic is not the right one."""
    links = known.links
    disconnected = known.column("portions", "disconnected_us")
    entered, blocked = known.of(Event.QUEUE_ENTERED), known.of(Event.QUEUE_BLOCKED)
    left = known.of(Event.FLOW_LEFT)
    lingering = int(((left.value == 0) & (pick(disconnected, links.portion(left)) != left.time)).sum())

    out = known.of(Event.FLOWED_OUT)
    portion = links.portion(out)
    size = max(len(known.names.queues), 1)
    there = {
        key
        for part in (entered, blocked)
        for key in zip(links.portion(part).tolist(), part.queue.tolist(), part.time.tolist(), strict=True)
    } if len(out) else set()  # fmt: skip
    nowhere = sum(
        key not in there
        for key in zip(portion.tolist(), out.value.tolist(), out.time.tolist(), strict=True)
        if 0 <= key[1] < size
    )
    nowhere += int(((out.value < 0) & (pick(disconnected, portion) != out.time)).sum())

    timed_out, waited = known.of(Event.FLOW_TIMED_OUT), known.of(Event.FLOW_WAITED)
    opened = known.column("portions", "opened_us")
    early = int((timed_out.time - pick(opened, links.portion(timed_out)) < LONGEST_WAIT_US).sum())
    long = int((waited.value > LONGEST_WAIT_US).sum())
    taken = known.of(Event.TAKEN_FOR)
    came = known.of(Event.CONTACT_ARRIVED, Event.CONTACT_RETURNED)
    right = int((pick(came.queue, taken.message) == taken.value).sum())
    told = int((known.column("portions", "left_flow_us") != NONE).sum())
    untold = told != len(distinct(links.portion(left)))
    return not (lingering or nowhere or early or long or right or untold), (
        f"{len(left)} left in a flow, {lingering} with a sign and still there; {len(out)} flowed out, {nowhere} "
        f"to where nobody offered them; {len(timed_out)} flows timed out, {early} before 72 h; {long} waits "
        f"were longer; {len(taken)} were handed over as a wrong topic, {right} as the right one"
    )


def priorities(known: Evidence) -> tuple[bool, str]:
    """A priority changes while it waits exactly when, and to what, the in-queue flow of its queue says."""
    entered, changed = known.of(Event.QUEUE_ENTERED), known.of(Event.PRIORITY_CHANGED)
    offer, size = changed.message, len(entered)
    order = np.lexsort((changed.at, offer))
    before = np.empty(len(changed), np.int64)
    before[order] = np.concatenate([[0], changed.value[order][:-1]]) if len(order) else 0
    first = rank(offer) == 0
    before = np.where(first, pick(entered.value, offer), before)
    since = changed.time - pick(entered.time, offer)
    done = count(size, offer)
    right = np.zeros(len(changed), bool)
    missing = too_many = 0
    stay = known.until_end(known.column("offers", "left_us")) - entered.time
    for number, name in enumerate(known.names.queues):
        flow = known.scenario.queues[name].in_queue_flow
        rules = () if flow is None else flow.set_priority
        mine, inside = changed.queue == number, entered.queue == number
        for rule in rules:
            right |= mine & _times(rule, since, exactly=True) & (changed.value == _changed(rule, before))
        if rules:
            # What falls on the very instant at which it leaves may come before or after.
            least = sum(_times(rule, stay[inside] - 1) for rule in rules)
            most = sum(_times(rule, stay[inside]) for rule in rules)
            missing += int((done[inside] < least).sum())
            too_many += int((done[inside] > most).sum())
    wrong = int((~right).sum())
    return not (wrong or missing or too_many), (
        f"{len(changed)} changes of a priority, {wrong} that no in-queue flow asks for; {missing} stays in a queue "
        f"have too few, {too_many} too many"
    )


def _times(rule: SetPriority, since: Array, exactly: bool = False) -> Array:
    """How often a rule has been followed so long after the entry; `exactly`: whether it is at this very time."""
    late = since - rule.after_us
    if exactly:
        again: Array = late == 0 if rule.every_us is None else late % rule.every_us == 0
        return (late >= 0) & again
    return np.where(late < 0, 0, 1 if rule.every_us is None else late // rule.every_us + 1)


def _changed(rule: SetPriority, before: Array) -> Array:
    after = np.full(len(before), rule.to) if rule.to is not None else before + (rule.add or 0)
    return np.clip(after, -HIGHEST_PRIORITY, HIGHEST_PRIORITY)
