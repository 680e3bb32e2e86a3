"""What everybody who waited waited for, and how he came into the queue.

Every wait is split exactly, to the µs: ringing, held for the last agent, nobody on queue who qualifies, a ring or rule
that keeps a free agent away, and the rest, in which those who qualify were full or could take nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from simulator.records.asked import Known, needs_of, teams_of
from simulator.records.columns import NONE, Array, count, first, named, names, total
from simulator.records.numbers import Numbers
from simulator.records.reading import latest_before
from simulator.scenario.skills import as_text
from simulator.vocabulary.codes import Event, RoutingStatus

TRANSFERS = ("blind", "consult")
_CAME = ("flow", "handed_back", "transfer", "consult", "overflow")
_ALERT_ENDS = (Event.ALERT_EXPIRED, Event.ALERT_WITHDRAWN, Event.ALERT_DECLINED, Event.CONNECTED)


def passed_on(known: Numbers) -> tuple[Array, Array]:
    """When each session was passed on (a consult: when the agent left), NONE if it was not; and how: number in
    TRANSFERS, -1. [session], [session]"""
    size = len(known.connected)
    transferred, ended = known.of(Event.TRANSFERRED), known.of(Event.CONSULT_ENDED)
    kind = first(size, transferred.message, transferred.value)
    at = np.where(kind == 0, first(size, transferred.message, transferred.time), first(size, ended.message, ended.time))
    return np.where(kind == NONE, NONE, at), np.where(kind == NONE, -1, kind)


def waits(known: Numbers, left: Array) -> dict[str, Any]:
    """Columns of the offers. `left`: connect or abandon, NONE while waiting. [offer]"""
    size = len(known.entered)
    until = np.where(left == NONE, known.log.end, left)
    alerts, holds = _rings(known, until), _holds(known, until)
    still = _stretches(known.entered.time, until, alerts, holds)
    alert_us = total(size, alerts.offer, alerts.to - alerts.since)
    waited_us = total(size, still.offer, still.to - still.since)
    opened = count(size, known.of(Event.CIRCLE_OPENED).message)
    nobody_us, rule_us = np.zeros(size, np.int64), np.zeros(size, np.int64)
    kinds, kind = needs_of(known)
    texts = [as_text(needs, language) for _, needs, language in kinds]
    different = sorted({text for text in texts if text})
    asks = np.array([*(different.index(text) if text else -1 for text in texts), -1], np.int64)[kind]
    if len(still.offer):
        staff = Staff(known)
        for number, team in enumerate(teams_of(known, kinds)):
            mine = still.only(kind[still.offer] == number)
            if not len(mine.offer):
                continue
            nobody = staff.without(team, staff.on_queue)
            nobody_us += total(size, mine.offer, nobody(mine.to) - nobody(mine.since))
            mine = mine.only(opened[mine.offer] > 0)
            if len(mine.offer):
                none_free = staff.without(team, staff.free)
                kept = mine.to - mine.since - (none_free(mine.to) - none_free(mine.since))
                rule_us += total(size, mine.offer, kept)
    return {
        "came": named(_came(known), names(_CAME)),
        "asks": named(asks, names(different)),
        "circles": opened,
        "wait_alert_us": alert_us,
        "wait_held_us": until - known.entered.time - alert_us - waited_us,
        "wait_nobody_us": nobody_us,
        "wait_rule_us": rule_us,
        "wait_slots_us": waited_us - nobody_us - rule_us,
    }


@dataclass(frozen=True)
class Stays:
    """Stretches of offers. [stretch]"""

    offer: Array
    since: Array
    to: Array

    def only(self, rows: Array) -> Stays:
        return Stays(self.offer[rows], self.since[rows], self.to[rows])


def stretches_of(known: Known) -> Stays:
    """When each offer waited without ringing and without being held for its last agent."""
    entered = known.of(Event.QUEUE_ENTERED)
    size = len(entered)
    gone = known.of(Event.CONNECTED, Event.ABANDONED, Event.FLOWED_OUT)
    until = first(size, gone.message, gone.time)
    until = np.where(until == NONE, known.log.end, until)
    return _stretches(entered.time, until, _rings(known, until), _holds(known, until))


def _rings(known: Known, until: Array) -> Stays:
    """Alerts: each ends with the next row of its offer that ends alerts."""
    rows = known.of(Event.ALERTED, *_ALERT_ENDS)
    order = np.lexsort((rows.at, rows.message))
    offer, time, begins = rows.message[order], rows.time[order], rows.event[order] == Event.ALERTED
    place = np.flatnonzero(begins)
    after = np.minimum(place + 1, max(len(order) - 1, 0))
    ends = (after > place) & (offer[after] == offer[place])
    return Stays(offer[place], time[place], np.where(ends, time[after], until[offer[place]]))


def _holds(known: Known, until: Array) -> Stays:
    """Held for the last agent: until it is released, or connected."""
    held, released = known.of(Event.HELD_FOR_AGENT), known.of(Event.HOLD_ENDED)
    at = first(len(until), released.message, released.time)[held.message]
    return Stays(held.message, held.time, np.where(at == NONE, until[held.message], at))


def _stretches(entered: Array, until: Array, *others: Stays) -> Stays:
    """From entry to leaving, without the others; those may overlap."""
    everyone = np.arange(len(entered))
    offer = np.concatenate([everyone, everyone, *(part.offer for part in others for _ in (0, 1))])
    time = np.concatenate([entered, until, *(side for part in others for side in (part.since, part.to))])
    inside = [np.repeat(step, len(part.offer)) for part in others for step in (1, -1)]
    step = np.concatenate([np.zeros(2 * len(entered), np.int64), *inside])
    order = np.lexsort((step, time, offer))
    offer, time, depth = offer[order], time[order], np.cumsum(step[order])  # every part ends: one sum serves all
    waits = (offer[1:] == offer[:-1]) & (depth[:-1] == 0) & (time[1:] > time[:-1])
    return Stays(offer[:-1][waits], time[:-1][waits], time[1:][waits])


class Staff:
    """Agents over time: who is on queue, and who is free to take something."""

    def __init__(self, known: Known):
        team = len(known.names.agents)
        status = known.of(Event.AGENT_STATUS)
        self._end = known.log.end
        on = status.value != RoutingStatus.OFF_QUEUE
        self.on_queue = _changes(team, status.agent, status.at, status.time, on)
        holds = known.of(Event.ALERTED, *_ALERT_ENDS[:3], Event.SESSION_ENDED, Event.PARKED, Event.RETURNED)
        step = np.where((holds.event == Event.ALERTED) | (holds.event == Event.RETURNED), 1, -1)
        agent = np.concatenate([status.agent, holds.agent])
        at, time = np.concatenate([status.at, holds.at]), np.concatenate([status.time, holds.time])
        order = np.lexsort((at, agent))
        agent, at, time = agent[order], at[order], time[order]
        step = np.concatenate([np.zeros(len(status), np.int64), step])[order]
        begins = np.flatnonzero(np.append(True, agent[1:] != agent[:-1])) if len(agent) else np.zeros(0, np.int64)
        held = np.cumsum(step)
        lengths = np.diff(np.append(begins, len(agent)))
        held = held - np.repeat(held[begins] - step[begins], lengths)
        ready = (on & (status.value != RoutingStatus.NOT_RESPONDING)).astype(np.int64)
        known_status = np.concatenate([np.ones(len(status), bool), np.zeros(len(holds), bool)])[order]
        ready = _carried(np.concatenate([ready, np.zeros(len(holds), np.int64)])[order], known_status)
        slots = np.array([known.scenario.agents[name].slots for name in known.names.groups], np.int64)
        capacity = slots[np.array(known.names.agent_group, np.int64)][agent] if len(agent) else held
        self.free = _changes(team, agent, at, time, (ready == 1) & (held < capacity))

    def without(self, team: Array, changes: tuple[Array, Array, Array]) -> Callable[[Array], Array]:
        """The time in [0, t) in which none of a team is in a state, as a function of t."""
        agent, time, step = changes
        mine = team[agent] if len(agent) else np.zeros(0, bool)
        order = np.argsort(time[mine], kind="stable")
        edges = np.concatenate([[0], time[mine][order]])
        number = np.concatenate([[0], np.cumsum(step[mine][order])])
        gone = np.where(number == 0, np.diff(np.append(edges, self._end)), 0)
        before = np.concatenate([[0], np.cumsum(gone)])[:-1]

        def until(at: Array) -> Array:
            place = np.searchsorted(edges, at, side="right") - 1
            found: Array = before[place] + np.where(number[place] == 0, at - edges[place], 0)
            return found

        return until


def _changes(team: int, agent: Array, at: Array, time: Array, state: Array) -> tuple[Array, Array, Array]:
    """Agent, time and step (1 or -1) of every change of a state that is off at first. [change]"""
    order = np.lexsort((at, agent))
    agent, time, now = agent[order], time[order], state[order].astype(np.int64)
    before = np.concatenate([[0], now[:-1]])
    if len(agent):
        before[np.append(True, agent[1:] != agent[:-1])] = 0
    changed = now != before
    return agent[changed], time[changed], (now - before)[changed]


def _carried(values: Array, known: Array) -> Array:
    """Each value that is known, or the latest before it. The first is known. [row]"""
    latest = np.maximum.accumulate(np.where(known, np.arange(len(values)), 0))
    return values[latest]


def _came(known: Numbers) -> Array:
    """How each offer came: by the latest row in its conversation that sent it on, in the same instant. [offer]"""
    entered = known.entered
    rows = known.of(Event.HANDED_BACK, Event.TRANSFERRED, Event.FLOWED_OUT)
    found = latest_before(rows.conversation, rows.at, entered.conversation, entered.at, len(known.log))
    if not len(rows):
        return np.zeros(len(entered), np.int64)
    sent_on = (found >= 0) & (rows.time[found] == entered.time)
    way = np.select([rows.event == Event.HANDED_BACK, rows.event == Event.TRANSFERRED], [1, 2 + rows.value], default=4)
    return np.where(sent_on, way[found], 0)
