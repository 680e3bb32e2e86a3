"""What was drawn is what happened: times of the journal against the draws, which are functions of the seed alone.

Arrivals are compared one by one. Of every other kind some are drawn again and compared to the µs: patience, answer
times, efforts, think times, wrap-ups. A model that starts a clock late, skips a pause or works too fast is caught here
whatever else adds up. Looked at are contacts of whom nothing but the draw decides; the rest is left out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulator.records.columns import NONE, Array, count, first, pick, rank
from simulator.records.evidence import Evidence, Promised, flow_steps
from simulator.rules.desk import at_speed_us, reply_us, wrap_up_deadline_us, wrap_up_end_us
from simulator.scenario.capping import channel_caps
from simulator.scenario.channels import can_disconnect
from simulator.scenario.schema import Scenario
from simulator.vocabulary.codes import Event
from simulator.workload.contacts import NEVER
from simulator.workload.letters import written

Verdict = tuple[bool, str]

SAMPLE = 40
"""So many of each kind are drawn again: they cost about 10 µs each, whatever the length of the run."""


def draws(known: Evidence) -> Verdict:
    """Arrivals, patience, answers, efforts, think times and wrap-ups are those of the workload."""
    if known.promised is None:
        return True, "no workload at hand"
    case = _Case(known, known.promised)
    figures = [_arrivals(case)]
    figures += [_compared(name, *look(case)) for name, look in KINDS.items()]
    return all(good for good, _ in figures), "; ".join(text for _, text in figures)


def leaving(known: Evidence) -> Verdict:
    """Nobody disconnects in a queue whose platform does not let him."""
    names = known.names
    may = np.array([can_disconnect(known.scenario.channels[name]) for name in names.channels], bool)
    left = known.of(Event.ABANDONED)
    opened = known.of(Event.PORTION_OPENED)
    channel = pick(opened.queue, known.links.portion(left))
    wrong = int((~may[channel]).sum()) if len(left) else 0
    return not wrong, f"{len(left)} abandoned, {wrong} of them where the platform lets nobody disconnect"


class _Case:
    """What several of the comparisons look at."""

    def __init__(self, known: Evidence, promised: Promised):
        self.known, self.promised = known, promised
        self.scenario = known.scenario
        self.came = came = known.of(Event.CONTACT_ARRIVED, Event.CONTACT_RETURNED)
        original = came.event == Event.CONTACT_ARRIVED
        self.source = np.where(original, came.agent, -1)
        """Of contacts that stand in the workload by source and ordinal; -1: of those who write again. [contact]"""
        self.ordinal, self.topic = came.value, came.queue
        joined = count(len(came), known.of(Event.CONTACT_JOINED).message) > 0
        parent = count(len(came), came.agent[~original]) > 0
        fresh = np.array([_all_new(known.scenario, name) for name in known.names.channels], bool)
        channel_of = np.array(known.names.source_channel, np.int64)
        self.channel = channel_of[np.maximum(self.source, 0)] if len(channel_of) else self.source
        self.first_hand = original & ~joined
        self.alone = self.first_hand & ~parent & (fresh[self.channel] if len(fresh) else False)
        """A person of one contact only. [contact]"""

    def sample(self, rows: Array) -> list[int]:
        """Some of those rows, evenly from first to last."""
        chosen = np.flatnonzero(rows)
        if len(chosen) > SAMPLE:
            chosen = chosen[np.linspace(0, len(chosen) - 1, SAMPLE).astype(np.int64)]
        return [int(each) for each in chosen]

    def who(self, contact: int) -> tuple[int, int, int]:
        """Source, topic, entity."""
        return int(self.source[contact]), int(self.topic[contact]), int(self.ordinal[contact])


def _all_new(scenario: Scenario, channel: str) -> bool:
    """Is every first contact of a channel a new person? A trace may say who they are."""
    trace = scenario.traces.get(channel)
    return scenario.channels[channel].customers == "new" and not (trace and any(trace.customer))


Looked = tuple[list[int], list[bool]]
"""Those that were looked at, and whether each is as drawn."""


def _compared(name: str, looked: list[int], good: list[bool]) -> tuple[bool, str]:
    wrong = good.count(False)
    return not wrong, f"{name}: {len(looked)} compared" + (f", {wrong} are not as drawn" if wrong else "")


def _arrivals(case: _Case) -> tuple[bool, str]:
    """Every first contact of a channel came, at its time, and nobody else."""
    known, wrong, total = case.known, 0, 0
    behind = {number for number, name in enumerate(known.names.channels) if case.scenario.channels[name].middleware}
    for source, at_us in case.promised.arrivals.items():
        if known.names.source_channel[source] in behind:
            continue  # what they write comes later
        mine = case.source == source
        expected = at_us[: int(np.searchsorted(at_us, known.end))]
        times, numbers = case.came.time[mine], case.ordinal[mine]
        total += len(expected)
        if len(times) != len(expected):
            wrong += abs(len(times) - len(expected))
        else:
            wrong += int(((times != expected) | (numbers != np.arange(len(expected)))).sum())
    return not wrong, f"{total} arrivals" + (f", {wrong} are not as drawn" if wrong else "")


def _patience(case: _Case) -> Looked:
    """Whoever gave up in a queue did so when the patience drawn at his first entry ended, as he is; nobody waited
    longer without giving up."""
    known = case.known
    entered = known.of(Event.QUEUE_ENTERED)
    contact = entered.agent
    gave_up, left = known.column("offers", "gave_up_us"), known.until_end(known.column("offers", "left_us"))
    abandoned = known.text("offers", "outcome") == "abandoned"
    silently = gave_up != NONE
    asleep = count(len(case.came), known.of(Event.FLOW_LEFT).message) > 0
    rows = (rank(contact) == 0) & case.first_hand[contact] & ~asleep[contact]
    waits = rows & ~abandoned & ~silently & case.alone[contact]
    good = []
    looked = case.sample(rows & (abandoned | silently)) + case.sample(waits)
    for row in looked:
        source, topic, entity = case.who(int(contact[row]))
        drawn = case.promised.draws[source]
        patience_us = drawn.patience_us(topic, entity, 0)
        waited_us = int((gave_up[row] if silently[row] else left[row]) - entered.time[row])
        if not (abandoned[row] or silently[row]):
            good.append(patience_us == NEVER or waited_us <= patience_us)
            continue
        in_time = waited_us == patience_us or (waited_us == 0 and drawn.balks(topic, entity, 0))
        channel = known.names.channels[int(case.channel[contact[row]])]
        silent = bool(drawn.facts_at(entity, topic, -1).silent) or not can_disconnect(case.scenario.channels[channel])
        good.append(in_time and silent == bool(silently[row]))
    return looked, good


def _answers(case: _Case) -> Looked:
    """The first alert of a contact is accepted, or declined, after the answer time that was drawn."""
    known = case.known
    alerted, entered = known.of(Event.ALERTED), known.of(Event.QUEUE_ENTERED)
    offer = alerted.message
    contact, queue = entered.agent[offer], entered.queue[offer]
    settings = [known.scenario.queues[name] for name in known.names.queues]
    timed = np.array([not each.auto_answer and each.accept == "at_once" for each in settings], bool)
    outcome, ended = known.text("alerts", "outcome"), known.column("alerts", "ended_us")
    told = np.isin(outcome, ["accepted", "declined", "expired"])
    looked = case.sample((rank(contact) == 0) & case.first_hand[contact] & timed[queue] & told)
    good = []
    for row in looked:
        source, topic, entity = case.who(int(contact[row]))
        answer_us = case.promised.draws[source].answer_us(int(queue[row]), topic, entity, 0)
        rang_us = int(ended[row] - alerted.time[row])
        late = answer_us > settings[int(queue[row])].alerting_timeout_us
        good.append(late if outcome[row] == "expired" else answer_us == rang_us and not late)
    return looked, good


def _efforts(case: _Case) -> Looked:
    """A reply takes what was drawn for its turn, at the agent's speed.

    Left out: what history, a flow or a voice note adds or saves.
    """
    known, scenario, promised = case.known, case.scenario, case.promised
    if any(behaviour.voice for behaviour in scenario.behaviours.values()) or written(scenario):
        return [], []
    started, opened = known.of(Event.REPLY_STARTED), known.of(Event.TURN_OPENED)
    if not len(started):
        return [], []
    contact = opened.agent[started.message]
    session = known.links.session(started)
    blocked = known.of(Event.REPLY_BLOCKED)
    spoilt = np.isin(contact, pick(opened.agent, blocked.value)) | np.isin(session, known.links.session(blocked))
    asks = any(step.identify is not None or step.collect is not None for step in flow_steps(scenario))
    ways = np.array(promised.ways, object)
    history = any(reply.history is not None for reply in promised.replies)
    opens = rank(session) == 0
    known_cost = ~((opens & history) | ((rank(contact) == 0) & asks))
    settled = np.array([tenure is None for tenure in promised.tenures], bool)
    groups = np.array(known.names.agent_group, np.int64)
    group = groups[started.agent]
    first_of_group = first(len(settled), groups, np.arange(len(groups)))
    fit = (case.source[contact] >= 0) & (session >= 0) & ~spoilt & known_cost & settled[group]
    looked, good = case.sample(fit), []
    for row in looked:
        source, topic, entity = case.who(int(contact[row]))
        way = int(ways[group[row]][started.queue[row]][topic])
        drawn_us = promised.draws[source].effort_us(way, topic, entity, int(opened.value[started.message[row]]))
        effort_us = reply_us(drawn_us, promised.replies[way].script_us if opens[row] else 0)
        speed = promised.speeds[group[row]][int(started.agent[row] - first_of_group[group[row]])]
        good.append(int(started.value[row]) == (effort_us if speed == 1.0 else at_speed_us(effort_us, speed)))
    return looked, good


def _thoughts(case: _Case) -> Looked:
    """The next burst comes when its writer has thought for as long as was drawn, from the reply on.

    Of persons with one contact, where replies are there the moment they leave.
    """
    known, scenario = case.known, case.scenario
    if scenario.outages:
        return [], []
    plain = np.array(
        [
            not (channel.delivery or channel.middleware)
            and (caps := channel_caps(scenario, name)).clock is None and caps.pair is None
            for name, channel in ((name, scenario.channels[name]) for name in known.names.channels)
        ],
        bool,
    )  # fmt: skip
    opened, sent = known.of(Event.TURN_OPENED), known.of(Event.REPLY_SENT)
    contact, k = opened.agent, opened.value
    replied = first(len(opened), sent.value, sent.time)
    blocked = known.of(Event.REPLY_BLOCKED)
    spoilt = np.isin(contact, pick(contact, blocked.value))
    follows = np.full(len(opened), -1)
    order = np.lexsort((k, contact))
    next_of = (np.diff(contact[order]) == 0) & (np.diff(k[order]) == 1)
    follows[order[1:][next_of]] = order[:-1][next_of]
    fit = (k > 0) & (follows >= 0) & case.alone[contact] & plain[case.channel[contact]] & ~spoilt
    looked, good = case.sample(fit), []
    for row in looked:
        source, topic, entity = case.who(int(contact[row]))
        thought_us = case.promised.draws[source].think_us(topic, entity, int(k[row]))
        replied_us = int(replied[follows[row]])
        good.append(replied_us != NONE and int(opened.time[row]) - replied_us == thought_us)
    return looked, good


def _wrap_ups(case: _Case) -> Looked:
    """The wrap-up of a contact's only session lasts as long as was drawn, or to its timeout. Of serial attention."""
    known, scenario = case.known, case.scenario
    connected, entered = known.of(Event.CONNECTED), known.of(Event.QUEUE_ENTERED)
    contact, queue = entered.agent[connected.message], entered.queue[connected.message]
    begun, ended = known.column("sessions", "wrap_up_started_us"), known.column("sessions", "ended_us")
    done = known.column("sessions", "disconnected_us")
    plain = np.array(
        [
            scenario.agents[name].attention == "serial" and not scenario.agents[name].switching_us
            for name in known.names.groups
        ],
        bool,
    )
    group = np.array(known.names.agent_group, np.int64)[connected.agent]
    only = count(len(case.came), contact)[contact] == 1
    settings = [scenario.queues[name].after_call_work for name in known.names.queues]
    looked = case.sample(only & (case.source[contact] >= 0) & (begun != NONE) & (ended != NONE) & plain[group])
    good = []
    for row in looked:
        source, topic, entity = case.who(int(contact[row]))
        rule = settings[int(queue[row])]
        if rule is None:
            good.append(False)
            continue
        drawn_us = case.promised.draws[source].wrap_up_us(int(queue[row]), topic, entity, 0)
        deadline_us = wrap_up_deadline_us(rule.mode, int(done[row]), rule.timeout_us)
        good.append(int(ended[row]) == wrap_up_end_us(rule.mode, int(begun[row]), drawn_us, deadline_us))
    return looked, good


KINDS: dict[str, Callable[[_Case], Looked]] = {
    "patience": _patience,
    "answer times": _answers,
    "efforts": _efforts,
    "think times": _thoughts,
    "wrap-ups": _wrap_ups,
}
