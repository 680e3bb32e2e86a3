"""Times that the scenario fixes: alerts, silence, wrap-ups. Statuses follow the work, nobody idles, nobody is lost."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulator.records.attention import pieces
from simulator.records.columns import NONE, Array, first, last, pick
from simulator.records.evidence import Evidence
from simulator.records.letters import LEFT
from simulator.records.reading import latest_before
from simulator.records.slots import session_of_park, stays_without_parks
from simulator.scenario.channels import replies_allowed, reply_windows_us
from simulator.scenario.laws import Law
from simulator.scenario.pathways import LONGEST_WAIT_US
from simulator.vocabulary.codes import Event
from simulator.workload.laws import one

Verdict = tuple[bool, str]

_MESSAGES = (
    Event.MESSAGE_RECEIVED, Event.REPLY_SENT, Event.FLOW_MESSAGE_SENT, Event.TEMPLATE_SENT, Event.PART_SENT,
)  # fmt: skip
_TROUBLE = (Event.MESSAGE_RELEASED, Event.MESSAGE_LOST)
LARGEST = 1 - 2.0**-53
"""The largest uniform: no drawn duration is longer than its law's quantile there."""


def timers(known: Evidence) -> Verdict:
    """An alert rings out after `alerting_timeout`, a silent conversation is closed after `close_after`, a wrap-up ends
    at its timeout and is left out nowhere: to the µs."""
    queues = [known.scenario.queues[name] for name in known.names.queues]
    rang = known.text("alerts", "outcome") == "expired"
    took = (known.column("alerts", "ended_us") - known.column("alerts", "alerted_us"))[rang]
    timeout = np.array([queue.alerting_timeout_us for queue in queues], np.int64)
    expired = int((took != timeout[known.numbers("alerts", "queue", known.names.queues)[rang]]).sum())

    ended, done = known.column("sessions", "ended_us"), known.column("sessions", "disconnected_us")
    queue = known.numbers("sessions", "queue", known.names.queues)
    over = ended != NONE
    begun = known.column("sessions", "wrap_up_started_us") != NONE
    rules = [queue.after_call_work for queue in queues]
    limit = np.array([-1 if rule is None or rule.timeout_us is None else rule.timeout_us for rule in rules], np.int64)
    forced = np.array([rule is not None and rule.mode == "MANDATORY_FORCED_TIMEOUT" for rule in rules], bool)
    always = np.array([rule is not None and rule.mode == "MANDATORY" for rule in rules], bool)
    none = np.array([rule is None for rule in rules], bool)
    after = np.where(over, ended - done, 0)
    limited = over & (limit[queue] >= 0)
    late = limited & ((after > limit[queue]) | (forced[queue] & (after != limit[queue])))
    left_out = over & ((always[queue] & ~begun) | (none[queue] & (after != 0)))
    wrap_ups = int(late.sum() + left_out.sum())

    closed, wrong = _closed(known)
    return not (expired or wrap_ups or wrong), (
        f"{int(rang.sum())} alerts rang out, {expired} of them not at their timeout; {int(over.sum())} sessions ended, "
        f"{wrap_ups} with a wrap-up that its queue does not allow; {closed} conversations were closed for silence, "
        f"{wrong} of them too early or too late"
    )


def _closed(known: Evidence) -> tuple[int, int]:
    """Portions that agents closed for silence, and how many of them not `close_after` after the latest word."""
    closed = np.flatnonzero(known.text("portions", "disconnect") == "closed_unanswered")
    if not len(closed):
        return 0, 0
    size = len(known.tables["portions"])
    ended = known.of(Event.PORTION_DISCONNECTED)
    portion = known.links.portion(ended)
    at, place = first(size, portion, ended.time)[closed], first(size, portion, ended.at)
    heard = np.full(size, NONE, np.int64)
    for event in (*_MESSAGES, Event.CONNECTED, Event.RETURNED, Event.REPLY_BLOCKED):
        rows = known.of(event)
        portion = known.links.portion(rows)
        before = (portion >= 0) & (rows.at < place[portion])  # what a cap held back may leave later
        np.maximum.at(heard, portion[before], rows.time[before])
    connected = known.of(Event.CONNECTED)
    queue = last(size, known.links.portion(connected), connected.queue)[closed]
    after = [known.scenario.queues[name].close_after_us for name in known.names.queues]
    allowed = np.array([-1 if each == "never" else each for each in after], np.int64)[queue]
    return len(closed), int((at - heard[closed] != allowed).sum())


def statuses(known: Evidence) -> Verdict:
    """INTERACTING while he has a session that is not parked, IDLE while he has none: to the µs."""
    texts = known.names.agents
    agent = known.numbers("sessions", "agent", texts)
    start, end = known.column("sessions", "connected_us"), known.until_end(known.column("sessions", "ended_us"))
    owner, since, until, _ = stays_without_parks(
        start, end, session_of_park(known.tables), known.column("parks", "parked_us"),
        known.until_end(known.column("parks", "returned_us")),
    )  # fmt: skip
    busy = covered(agent[owner], since, until, known.end)
    who = known.numbers("agent_states", "agent", texts)
    since, until = known.column("agent_states", "from_us"), known.column("agent_states", "to_us")
    status = known.text("agent_states", "status")
    with_work = busy(who, until) - busy(who, since)
    idle, interacting = status == "idle", status == "interacting"
    wrong = int(with_work[idle].sum()) + int((until - since - with_work)[interacting].sum())
    return not wrong, (
        f"{int(idle.sum())} stretches IDLE and {int(interacting.sum())} INTERACTING; for {wrong} µs of them the "
        "agent's sessions say otherwise"
    )


def covered(owner: Array, since: Array, until: Array, end: int) -> Callable[[Array, Array], Array]:
    """Stretches of owners -> a function of (owner, t): the time in [0, t) that any of his stretches covers."""
    span = end + 1
    time = np.concatenate([owner * span + since, owner * span + until])
    step = np.repeat(np.array([1, -1], np.int64), len(owner))
    order = np.lexsort((-step, time))
    edges, level = time[order], np.cumsum(step[order])
    gained = np.where(level[:-1] > 0, np.diff(edges), 0) if len(edges) else edges
    before = np.concatenate([[0], np.cumsum(gained)])[: len(edges)]

    def until_then(who: Array, at: Array) -> Array:
        if not len(edges):
            return np.zeros(len(who), np.int64)
        keys = who * span + at
        place = np.searchsorted(edges, keys, side="right") - 1
        here = np.maximum(place, 0)
        return np.where(place < 0, 0, before[here] + np.where(level[here] > 0, keys - edges[here], 0))

    # what lies before time 0 of an owner belongs to those before him; -1 and whoever is beyond the last are nobody
    beyond = int(owner.max(initial=-1)) + 1
    everyone = np.arange(-1, beyond + 1)
    before_him = until_then(everyone, np.zeros(len(everyone), np.int64))
    return lambda who, at: until_then(who, at) - before_him[np.clip(who, -1, beyond) + 1]


def no_idle_desk(known: Evidence) -> Verdict:
    """An agent on queue with serial attention does not idle beside a message that he could answer.

    It could be answered from the latest of: its burst is in, connect, the reply before, return from parking.
    """
    started, opened = known.of(Event.REPLY_STARTED), known.of(Event.TURN_OPENED)
    groups = np.array(known.names.agent_group, np.int64)
    serial = np.array([known.scenario.agents[name].attention == "serial" for name in known.names.groups], bool)
    received = known.of(Event.MESSAGE_RECEIVED)
    complete = last(len(opened), received.value, received.time)
    turn, start, agent = started.message, started.time, started.agent
    session = known.links.session(started)
    mine = (session >= 0) & (agent >= 0) & (turn >= 0)
    mine[mine] &= serial[groups[agent[mine]]]
    turn, start, agent, session, at = turn[mine], start[mine], agent[mine], session[mine], started.at[mine]
    talk = started.conversation[mine]
    since = np.maximum(complete[turn], known.column("sessions", "connected_us")[session])
    size = len(known.log)
    for rows, number, mine_too in (
        (known.of(Event.RETURNED), None, session),
        (known.of(Event.REPLY_SENT, Event.MESSAGE_PENDING, Event.REPLY_BLOCKED), "talk", talk),
        (known.of(Event.GAVE_UP, Event.FLOW_LEFT, Event.CONTACT_VANISHED, *_TROUBLE), "talk", talk),
    ):
        found = latest_before(rows.message if number is None else rows.conversation, rows.at, mine_too, at, size)
        since = np.maximum(since, pick(rows.time, found))
    work = pieces(known.log, known.links, len(opened), known.rows(Event.CONNECTED))
    who = known.numbers("agent_states", "agent", known.names.agents)
    off = known.text("agent_states", "status") == "off_queue"
    away_from, away_to = known.column("agent_states", "from_us")[off], known.column("agent_states", "to_us")[off]
    busy = covered(
        np.concatenate([work.agent, who[off]]), np.concatenate([work.start, away_from]),
        np.concatenate([work.end, away_to]), known.end,
    )  # fmt: skip
    idle = start - since - (busy(agent, start) - busy(agent, since))
    wrong = int((idle != 0).sum())
    return not wrong, (
        f"{len(turn)} replies of serial attention; before {wrong} of them the agent did nothing for "
        f"{int(idle.sum())} µs"
    )


def no_one_lost(known: Evidence) -> Verdict:
    """An open portion is in a queue, with an agent, or in a flow; and no flow rests longer than its longest step."""
    opened = known.of(Event.PORTION_OPENED)
    still = known.column("portions", "disconnected_us") == NONE
    size = len(opened)
    entered, connected = known.of(Event.QUEUE_ENTERED), known.of(Event.CONNECTED)
    waiting = known.column("offers", "left_us") == NONE
    portion = known.links.portion(entered)
    still[portion[waiting & (portion >= 0)]] = False
    talk = known.column("sessions", "disconnected_us") == NONE
    portion = known.links.portion(connected)
    still[portion[talk & (portion >= 0)]] = False
    if not still.any():
        return True, f"{size} portions, none of the open ones in a flow"
    bounds = np.array([_longest_us(known, name) for name in known.names.channels], np.int64)
    latest = np.full(size, NONE, np.int64)
    for event in (Event.PORTION_OPENED, *_MESSAGES, Event.IDENTIFIED, Event.FLOW_WAITED, Event.FLOW_BRANCHED,
                  Event.SENT_THROUGH_FLOW, Event.BOT_SKIPPED, Event.FLOW_LEFT, Event.MESSAGE_RETRIED,
                  Event.MESSAGE_DELIVERED, Event.MESSAGE_FAILED, Event.REPLY_BLOCKED):  # fmt: skip
        rows = known.of(event)
        portion = known.links.portion(rows)
        np.maximum.at(latest, portion[portion >= 0], rows.time[portion >= 0])
    held = known.of(Event.MESSAGE_PENDING)
    portion = known.links.portion(held)
    never = ~np.isin(held.message, known.of(*LEFT, Event.REPLY_BLOCKED).message)
    latest[portion[never & (portion >= 0)]] = known.end  # what the flow says is held back still
    rests = known.end - latest[still]
    lost = int((rests > bounds[opened.queue[still]]).sum())
    return not lost, (
        f"{size} portions, {int(still.sum())} of the open ones in a flow; {lost} of these have rested for longer than "
        "any step may last"
    )


def _longest_us(known: Evidence, channel: str) -> int:
    """How long a flow may rest between two rows for a contact of this channel."""
    scenario = known.scenario
    settings = scenario.channels[channel]
    leaves_silently = any(b.leaves_in_flow or b.patience_in_flow_us != "never" for b in scenario.behaviours.values())
    if settings.delivery or settings.middleware or scenario.outages or leaves_silently or settings.pair or (
        settings.throughput is not None
        or replies_allowed(settings) is not None or reply_windows_us(settings)[1] is not None
    ):  # fmt: skip
        return LONGEST_WAIT_US
    behaviours = [scenario.topics[topic].behaviour for topic in {*settings.topics, *scenario.topics_of(channel)}]
    laws = [scenario.behaviours[name].flow_answer_us for name in behaviours]
    found = [_most_us(law) for law in laws]
    found += [_most_us(law) for flow in scenario.flows.values() for law in _laws(flow)]
    return min(max(found, default=0), LONGEST_WAIT_US)


def _laws(part: object) -> list[Law | int]:
    """Every duration that stands in a flow, however deep."""
    if isinstance(part, Law | int) and not isinstance(part, bool):
        return [part]
    if isinstance(part, tuple | list):
        return [law for each in part for law in _laws(each)]
    if isinstance(part, dict):
        return [law for each in part.values() for law in _laws(each)]
    fields = getattr(type(part), "model_fields", {})
    return [law for name in fields for law in _laws(getattr(part, name))]


def _most_us(law: Law | int) -> int:
    if isinstance(law, int):
        return law
    if law.kind == "mixture":
        return max(_most_us(part) for part in law.parts)
    if law.kind == "empirical":
        return round(min(max(law.numbers), law.at_most))
    return round(one(law, LARGEST)[0]) + 1
