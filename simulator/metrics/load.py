"""Before any run: what the plan expects, against what it has. No chance, no simulation, means only.

Load is what everybody who reaches a queue would need if all were served to the end: nobody gives up, nobody vanishes,
nobody waits. Later contacts after service are in it, those after giving up are not (they depend on the run). Capacity
is planned time on queue: shifts and staffing less breaks, meetings and expected lateness, times (1 - shrinkage).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

import numpy as np

from simulator.metrics import steps
from simulator.metrics.comers import Comers, Cumulative, comers, mean_turns, summed
from simulator.metrics.load_words import in_words
from simulator.metrics.ways import Way, ways
from simulator.rules.desk import LEAST_EFFORT_US, SAVED_PER_FIELD_US, UNIDENTIFIED_US, tenure_factor
from simulator.scenario.agents import AgentGroup
from simulator.scenario.attention import Attention, Spread
from simulator.scenario.directory import directory
from simulator.scenario.means import exceeds, mean
from simulator.scenario.replies import reply_of
from simulator.scenario.schema import Scenario
from simulator.vocabulary.clock import DAY, HOUR
from simulator.workload.presence import planned_shifts


@dataclass(frozen=True)
class QueueLoad:
    """Expected work of one queue in the measured window against the agents who serve it (shared ones count whole)."""

    queue: str
    contacts: float
    """Expected to reach the queue in the window, later contacts after service included."""
    attention_share: float
    """Expected attention ÷ planned time on queue; nan without agents."""
    slots_share: float
    """Expected time in slots ÷ capacity × planned time on queue; nan without agents."""


@dataclass(frozen=True)
class Gap:
    """A stretch of the run in which nobody on shift may take contacts of these topics in this queue."""

    queue: str
    topics: tuple[str, ...]
    start_us: int
    end_us: int


@dataclass(frozen=True)
class Coverage:
    line: str
    """One line in plain words."""
    warnings: tuple[str, ...]
    contacts_per_day: float
    """Expected first contacts and answers to campaigns per 24 h of the window, before the bot."""
    attention_share: float
    """Expected attention in the window ÷ planned time on queue, all queues and agents; nan without agents."""
    slots_share: float
    busiest_hour_us: int | None
    """Start of the hour with the highest attention share among those with agents."""
    busiest_hour_share: float
    queues: tuple[QueueLoad, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True)
class _Stream:
    """Contacts of one topic that one channel's flow brings to one queue, on one way."""

    channel: str
    topic: str
    queue: str
    skills: frozenset[str]
    """Of the topic, and of the transfer."""
    arriving: Comers
    reaching: float
    """First contacts at the queue per contact arriving."""
    later: float
    """Later contacts after service at the queue per contact arriving."""
    way: Way


def coverage(scenario: Scenario) -> Coverage:
    """Expected load, capacity and uncovered hours of a scenario."""
    low, high = scenario.warm_up_us, scenario.duration_us
    plan = _Plan(scenario)
    arriving_of = comers(scenario)
    streams = list(_streams(scenario, arriving_of))
    hours = np.append(np.arange(low, high, HOUR, dtype=np.int64), np.int64(max(high, low)))
    n_hours = len(hours) - 1
    attention = {queue: np.zeros(n_hours) for queue in scenario.queues}
    slots, contacts = dict.fromkeys(scenario.queues, 0.0), dict.fromkeys(scenario.queues, 0.0)
    for stream in streams:
        first = np.diff(stream.arriving.contacts(hours))
        later = first * stream.later
        at_queue = first * stream.reaching + later
        further = np.diff(stream.arriving.turns(hours)) * stream.reaching + later * mean_turns(scenario, stream.topic)
        further -= at_queue
        (work, held), (more_work, more_held) = _needs(scenario, stream, plan)
        attention[stream.queue] += at_queue * work + further * more_work
        slots[stream.queue] += float(at_queue.sum() * held + further.sum() * more_held)
        contacts[stream.queue] += float(at_queue.sum())

    there = {group: plan.on_queue(group, hours) for group in scenario.agents}  # [hour] agent-µs each
    queues = []
    for queue in sorted(scenario.queues):
        groups = [group for group in scenario.agents if queue in scenario.agents[group].queues]
        queues.append(
            QueueLoad(
                queue,
                contacts[queue],
                _over(attention[queue].sum(), sum(there[group].sum() for group in groups)),
                _over(slots[queue], sum(there[group].sum() * scenario.agents[group].slots for group in groups)),
            )
        )
    all_there = sum(there.values(), np.zeros(n_hours))
    all_work = sum(attention.values(), np.zeros(n_hours))
    places = sum(there[group].sum() * scenario.agents[group].slots for group in scenario.agents)
    by_hour = np.divide(all_work, all_there, out=np.zeros(n_hours), where=all_there > 0)
    busiest = int(np.argmax(by_hour)) if n_hours and by_hour.max() > 0 else None
    gaps = tuple(_gaps(scenario, streams, plan))
    arriving = sum(float(np.diff(comes.contacts(np.array([low, high])))[0]) for comes in arriving_of.values())
    result = Coverage(
        line="",
        warnings=(),
        contacts_per_day=arriving / max(high - low, 1) * DAY,
        attention_share=_over(float(all_work.sum()), float(all_there.sum())),
        slots_share=_over(sum(slots.values()), places),
        busiest_hour_us=None if busiest is None else int(hours[busiest]),
        busiest_hour_share=0.0 if busiest is None else float(by_hour[busiest]),
        queues=tuple(queues),
        gaps=gaps,
    )
    by_queue: dict[tuple[str, str, str], list[Cumulative]] = {}
    for s in streams:
        by_queue.setdefault((s.queue, s.topic, s.channel), []).append(s.arriving.contacts)
    return in_words(scenario, result, {key: summed(parts) for key, parts in by_queue.items()})


# --- who comes -------------------------------------------------------------------------------------------------


def _streams(scenario: Scenario, arriving_of: dict[tuple[str, str], Comers]) -> Iterator[_Stream]:
    names = directory(scenario)
    for (channel, topic), arriving in arriving_of.items():
        found = ways(scenario, names, channel, topic)
        reaching = sum(way.share * _part_of_time(way, scenario.duration_us) for way in found)
        again = scenario.behaviours[scenario.topics[topic].behaviour].writes_again.after_service
        probability = again.probability if again is not None else 0.0
        times = 1 / max(1 - probability * reaching, 1e-9)  # that a need comes, later contacts after service included
        for way in found:
            assert way.to is not None
            yield _Stream(
                channel,
                topic,
                names.queues[way.to.queue],
                way.to.skills | frozenset(scenario.topics[topic].skills),
                arriving if way.during is None else arriving.within(way.during),
                way.share,
                way.share * (times - 1),
                way,
            )


def _part_of_time(way: Way, end_us: int) -> float:
    if way.during is None:
        return 1.0
    return sum(min(last, end_us) - min(first, end_us) for first, last in way.during) / max(end_us, 1)


# --- what they need --------------------------------------------------------------------------------------------


def _needs(scenario: Scenario, stream: _Stream, plan: _Plan) -> np.ndarray:
    """Expected attention and expected time in a slot of one contact, µs: with one turn, and more for each further one.
    Means over the agents who may take it. [2, 2]"""
    groups = _qualified(scenario, stream.queue, stream.skills)
    weights = np.array([plan.hours(group) for group in groups])
    if not weights.sum():
        groups, weights = sorted(scenario.agents), np.ones(len(scenario.agents))
    if not groups:
        return np.zeros((2, 2))
    needs = np.array([_needs_of(scenario, stream, group) for group in groups])  # [group, 2, 2]
    return np.asarray(np.average(needs, axis=0, weights=weights))


def _needs_of(scenario: Scenario, stream: _Stream, group: str) -> tuple[tuple[float, float], tuple[float, float]]:
    behaviour = scenario.behaviours[scenario.topics[stream.topic].behaviour]
    queue = scenario.queues[stream.queue]
    close_after = np.inf if queue.close_after_us == "never" else float(queue.close_after_us)
    thinking, reopened = 0.0, 0.0
    if behaviour.think_us is not None:
        thinking = mean(behaviour.think_us, close_after if queue.park is None else queue.park.after_us)
        reopened = exceeds(behaviour.think_us, close_after) if close_after < np.inf else 0.0
    way = reply_of(scenario, group, stream.queue, stream.topic)
    if way is None:
        return (0.0, 0.0), (0.0, 0.0)
    canned = way.canned
    reply = mean(way.effort_us) * (1 if canned is None else 1 - canned.share + canned.share * canned.effort)
    more = float(way.script_us)
    led = stream.way
    more += led.unidentified * UNIDENTIFIED_US - led.fields * SAVED_PER_FIELD_US
    read = led.read
    history = way.history
    if history is not None:
        more += min(read * history.per_message_us, history.at_most_us)
    first = max(reply + more, float(LEAST_EFFORT_US))
    wrap_up, after = 0.0, queue.after_call_work
    if after is not None and after.mode == "MANDATORY_FORCED_TIMEOUT":
        wrap_up = float(after.timeout_us or 0)
    elif after is not None and after.takes_us is not None:
        wrap_up = mean(after.takes_us, after.timeout_us or np.inf) * (1.0 if after.share is None else after.share)
    answer = 0.0 if queue.auto_answer or queue.answer_time_us is None else mean(queue.answer_time_us)
    speed, at_once, each = _pace(scenario, scenario.agents[group])
    waiting = answer + queue.courtesy_us
    work, more_work = first / speed + wrap_up, reply / speed + reopened * wrap_up
    return (
        (work / at_once, work / each + waiting),
        (more_work / at_once, more_work / each + thinking + reopened * waiting),
    )


def _pace(scenario: Scenario, group: AgentGroup) -> tuple[float, float, float]:
    """How fast such agents work: one effort, all together and each for itself with every slot at work."""
    speed = group.speed
    if isinstance(speed, Spread):
        speed = speed.mean / (1 + speed.cv**2)  # lognormal: 1 / E[1/S]
    if group.tenure is not None:
        middle_us = (scenario.warm_up_us + scenario.duration_us) // 2
        worked = scenario.calendar.local(middle_us) - datetime.combine(group.tenure.joined, time())
        worked_us = worked // timedelta(microseconds=1)
        speed *= tenure_factor(worked_us, group.tenure.begins_at, group.tenure.half_time_us)
    if not isinstance(group.attention, Attention):
        return speed, 1.0, 1.0
    table, slots = group.attention.parallel.speed, max(group.slots, 1)
    total = table[min(slots, len(table)) - 1]
    return speed, total, total / slots


def _qualified(scenario: Scenario, queue: str, wanted: frozenset[str]) -> list[str]:
    """Groups of which an agent may take contacts who ask for these skills in the queue (evaluation ALL)."""
    return [
        name
        for name, group in sorted(scenario.agents.items())
        if queue in group.queues and wanted <= set(group.skills) and group.slots > 0 and group.count > 0
    ]


# --- who is there ----------------------------------------------------------------------------------------------


class _Plan:
    """Planned shifts and breaks by group, as stays; absence is a factor, not a draw."""

    def __init__(self, scenario: Scenario):
        self._scenario = scenario
        known = directory(scenario)
        end = scenario.duration_us
        self.shifts: dict[str, list[tuple[int, int]]] = {group: [] for group in scenario.agents}
        self._comes: set[str] = set()
        """Groups that have shifts or staffing: who is always on is never absent."""
        self._away: dict[str, list[tuple[int, int]]] = {group: [] for group in scenario.agents}
        plans = planned_shifts(scenario, known, scenario.seed, 0, end)
        margins = {name: unpunctual(scenario.agents[name]) for name in scenario.agents}
        for number, plan in zip(known.agent_group, plans, strict=True):
            group = known.groups[number]
            if plan is None:
                self.shifts[group].append((0, end))
            else:
                self._comes.add(group)
            late, early = margins[group]
            for shift in plan or ():
                self.shifts[group].append((shift.start_us, shift.end_us))
                self._away[group] += [(shift.start_us, shift.start_us + late), (shift.end_us - early, shift.end_us)]
                self._away[group] += [(start, start + length) for start, length in shift.breaks]

    def on_queue(self, group: str, edges: np.ndarray) -> np.ndarray:
        """Expected agent-time between the edges, in agent-µs. [edge - 1]

        Shifts less breaks, meetings and expected lateness, times (1 - shrinkage).
        """
        present = self._areas(self.shifts[group], edges) - self._areas(self._away[group], edges)
        return present * (1 - (self._scenario.agents[group].absence.share if group in self._comes else 0.0))

    def hours(self, group: str) -> float:
        """Expected agent-hours in the window."""
        scenario = self._scenario
        return float(self.on_queue(group, np.array([scenario.warm_up_us, scenario.duration_us]))[0]) / HOUR

    @staticmethod
    def _areas(stays: list[tuple[int, int]], edges: np.ndarray) -> np.ndarray:
        if not stays:
            return np.zeros(len(edges) - 1)
        start, end = np.array(stays, np.int64).T
        return steps.areas(start, end, edges).astype(float)


def unpunctual(group: AgentGroup) -> tuple[int, int]:
    """Expected time between the start of a shift and the log-on, and between the log-off and its end, µs."""
    rules = (group.adherence.late, group.adherence.leaves_early) if group.adherence is not None else ()
    late, early = (0 if rule is None else round(rule.share * mean(rule.by_us)) for rule in rules or (None, None))
    return late, early


def _gaps(scenario: Scenario, streams: list[_Stream], plan: _Plan) -> Iterator[Gap]:
    """Stretches of [0, duration) without a qualified agent on shift; breaks and absence are not looked at."""
    end = scenario.duration_us
    topics: dict[tuple[str, frozenset[str]], list[str]] = {}
    for stream in streams:
        of_skills = topics.setdefault((stream.queue, stream.skills), [])
        if stream.topic not in of_skills:
            of_skills.append(stream.topic)
    for (queue, skills), those in sorted(topics.items(), key=lambda item: (item[0][0], item[1])):
        shifts = [stay for group in _qualified(scenario, queue, skills) for stay in plan.shifts[group]]
        covered = np.array(shifts, np.int64).reshape(-1, 2)
        begins, ends = steps.union(*steps.clip(covered[:, 0], covered[:, 1], 0, end))
        free_from, free_to = np.concatenate([[0], ends]), np.concatenate([begins, [end]])
        for start, stop in zip(free_from, free_to, strict=True):
            if stop > start:
                yield Gap(queue, tuple(sorted(those)), int(start), int(stop))


def _over(numerator: float, denominator: float) -> float:
    return float(numerator) / float(denominator) if denominator > 0 else float("nan")
