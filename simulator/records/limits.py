"""What may never be exceeded, at any instant: time, slots, attention, caps, windows. All exact in whole µs."""

from __future__ import annotations

import numpy as np

from simulator.records.columns import NONE, Array, kinds_of
from simulator.records.evidence import Evidence
from simulator.records.reading import latest_before
from simulator.vocabulary.clock import spoken
from simulator.vocabulary.codes import Event, RoutingStatus

Verdict = tuple[bool, str]


def agent_time(known: Evidence) -> Verdict:
    """The statuses of each agent partition [0, end): no gap, no overlap."""
    team, end = len(known.names.agents), known.end
    agent = known.numbers("agent_states", "agent", known.names.agents)
    start, until = known.column("agent_states", "from_us"), known.column("agent_states", "to_us")
    total, wanted = int((until - start).sum()), team * end
    same = agent[1:] == agent[:-1]
    breaks = int((same & (start[1:] != until[:-1])).sum() + (until <= start).sum())
    edges = np.append(True, ~same) if len(agent) else np.zeros(0, bool)
    lasts = np.append(edges[1:], True) if len(agent) else edges
    wrong_edges = int((edges & (start != 0)).sum() + (lasts & (until != end)).sum())
    seen = int(edges.sum()) if end else team
    known.balance(f"time of {team:,} agents", wanted, _by_status(known, until - start), unit="µs")
    return total == wanted and seen == team and not (breaks or wrong_edges), (
        f"{team} agents x {end} µs = {wanted} µs, the statuses of {seen} agents sum to {total} µs with {breaks} gaps "
        f"or overlaps and {wrong_edges} wrong beginnings or ends"
    )


def _by_status(known: Evidence, length: Array) -> dict[str, int]:
    """Agents' time by routing status."""
    status = known.tables["agent_states"]["status"].cat
    codes = status.codes.to_numpy()
    sums = {str(name): int(length[codes == number].sum()) for number, name in enumerate(status.categories)}
    return {name: time for name, time in sums.items() if time}


def area_identity(known: Evidence) -> Verdict:
    """Little's law, exactly: the integral of the number waiting is the sum of the waits, queue by queue.

    The integral comes from the journal's steps, the waits from the table of offers, both cut at the end.
    """
    rows = known.of(Event.QUEUE_ENTERED, Event.CONNECTED, Event.ABANDONED, Event.FLOWED_OUT)
    queue = known.numbers("offers", "queue", known.names.queues)
    waits = known.until_end(known.column("offers", "left_us")) - known.column("offers", "entered_us")
    figures, good = [], True
    for number, name in enumerate(known.names.queues):
        mine = rows.queue == number
        waiting = np.cumsum(np.where(rows.event[mine] == Event.QUEUE_ENTERED, 1, -1))
        area = int((waiting * np.diff(rows.time[mine], append=known.end)).sum())
        sum_of_waits = int(waits[queue == number].sum())
        fewest = int(waiting.min(initial=0))
        good &= area == sum_of_waits and fewest == 0
        known.balance(f"time waited in {name} (Little's law)", area, {"sum of all waits": sum_of_waits}, unit="µs")
        figures.append(
            f"{name}: integral of the number waiting {area} µs, sum of waits {sum_of_waits} µs"
            + (f", {fewest} waiting at one instant" if fewest else "")
        )
    return good, "; ".join(figures) or "no queues"


def threading(known: Evidence) -> Verdict:
    """Re-opened within the window of the channel's rule; a new conversation of the same person not before its end."""
    rules = [known.scenario.threading_of(name) for name in known.names.channels]
    windows = np.array([rule.window_us for rule in rules], np.int64)
    by_message = np.array([rule.starts_at == "last_message" for rule in rules], bool)
    rows = known.of(Event.PORTION_OPENED)
    channel, conversation = rows.queue, rows.conversation
    opened, ended = known.column("portions", "opened_us"), known.column("portions", "disconnected_us")
    last_message = _last_inbound(known, len(rows))

    def gaps(order: Array, same: Array) -> tuple[Array, Array]:
        """Time from where the window began to the next opening, and whether it is over. [next], [next]"""
        before, after = order[:-1], order[1:]
        since = np.where(by_message[channel[before]], last_message[before], ended[before])
        never = ended[before] == NONE
        return same & never, np.where(never, 0, opened[after] - since) >= windows[channel[after]]

    order = np.lexsort((rows.portion, conversation))
    same = np.diff(conversation[order]) == 0
    still_open, over = gaps(order, same)
    late = int((still_open | (same & over)).sum())

    person = _persons(known)[conversation]
    order = np.lexsort((rows.portion, conversation, person))
    further = (np.diff(person[order]) == 0) & (np.diff(conversation[order]) != 0)
    still_open, over = gaps(order, further)
    early = int((still_open | (further & ~over)).sum())
    known.limit("conversations re-opened after the window, or begun anew within it", late + early, 0)
    spans = ", ".join(sorted({spoken(rule.window_us) for rule in rules})) or "none"
    return not (late or early), (
        f"window {spans}: of {int(same.sum())} re-opened portions {late} came after it, "
        f"of {int(further.sum())} further conversations of the same person {early} began within it"
    )


def _last_inbound(known: Evidence, portions: int) -> Array:
    """The customer's latest message of each portion. [portion]"""
    received = known.of(Event.MESSAGE_RECEIVED)
    latest = np.full(portions, NONE, np.int64)
    np.maximum.at(latest, known.links.portion(received), received.time)
    return latest


def _persons(known: Evidence) -> Array:
    """Who each conversation is with: a number of the person, on his channel. [conversation]

    A customer of a population, or whoever came as that first contact of that source.
    """
    rows = known.of(Event.PORTION_OPENED)
    opener = rows.message[rows.portion == 1]
    customer = known.column("contacts", "customer")[opener]
    source = known.numbers("contacts", "source", known.names.sources)[opener]
    ordinal = known.column("contacts", "ordinal")[opener]
    channel = known.numbers("contacts", "channel", known.names.channels)[opener]
    drawn = customer != NONE
    return kinds_of(drawn, channel, np.where(drawn, -1, source), np.where(drawn, customer, ordinal))[1]


def alerts_on_queue(known: Evidence) -> Verdict:
    """Nobody is alerted who is not on queue: his latest status row before it says IDLE or INTERACTING."""
    alerted, status = known.of(Event.ALERTED), known.of(Event.AGENT_STATUS)
    latest = latest_before(status.agent, status.at, alerted.agent, alerted.at, len(known.log))
    code = status.value[latest] if len(status) else np.full(len(alerted), -1)
    on_queue = (latest >= 0) & ((code == RoutingStatus.IDLE) | (code == RoutingStatus.INTERACTING))
    wrong = int((~on_queue).sum())
    known.limit("alerts to agents who are not on queue", wrong, 0)
    return not wrong, f"{len(alerted)} alerts, {wrong} to an agent who was not on queue"
