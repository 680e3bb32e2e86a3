"""The load that was offered: what a run's work would have looked like had nobody waited in a queue.

Every session is moved back by the time its customer waited, with its slot (alert to end of wrap-up, parked time left
out) and its attention (replies and wrap-up; of several at once its share). Who left without an agent, or waits still,
counts with the mean session of the queue, from his entry on; who flowed over into another queue is offered there. The
sum over time of such stays is the load of a service with servers without end (the offered load of M(t)/G/infinity):
O. Jennings, A. Mandelbaum, W. Massey, W. Whitt, Server staffing to meet time-varying demand, Management Science 42
(1996). Holding times stay as the run had them, with its own crowded or empty desks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.metrics import steps
from simulator.metrics.desk import desk_of
from simulator.metrics.keys import at, conversation_numbers, row_of
from simulator.metrics.window import View
from simulator.records.slots import session_of_park, stays_without_parks


@dataclass(frozen=True)
class Weighed:
    """Stays that weigh: when, how much of an agent or how many slots, and for which queue (-1: none). [stay] each"""

    queue: np.ndarray
    start: np.ndarray
    end: np.ndarray
    weight: np.ndarray

    def means(self, queues: np.ndarray, edges: np.ndarray) -> np.ndarray:
        """Mean weight of these queues between each two neighbouring edges. `queues` [queue] bool. [edge - 1]"""
        rows = queues[self.queue] & (self.queue >= 0)
        area = steps.areas(self.start[rows], self.end[rows], edges, self.weight[rows])
        return np.maximum(area, 0.0) / np.maximum(np.diff(edges), 1)


@dataclass(frozen=True)
class Offered:
    attention: Weighed
    slots: Weighed
    """Alert to end of wrap-up, without the time in `desks`."""
    desks: Weighed
    """Of the time in a slot: a reply or a wrap-up lay on the desk while its agent was at other work."""
    free_us: np.ndarray
    """Total time of `slots` of the sessions of each queue. [queue]"""
    sessions: np.ndarray
    """How many. [queue]"""


def offered_load(view: View) -> Offered:
    """The offered load of a replication, made once for a view."""
    found: Offered = view.kept("offered load", lambda: _offered(view))
    return found


def _offered(view: View) -> Offered:
    queues = len(view.names["queue"])
    queue = view.codes("sessions", "queue")
    waited = _waited(view)  # [session]
    owner, start, end = _held(view)
    sessions = np.bincount(queue[queue >= 0], minlength=queues)
    work, worked = _work(view, waited, queues)
    desks = _on_desks(view, waited)
    held = np.bincount(queue[owner], weights=end - start, minlength=queues) if len(owner) else np.zeros(queues)
    lay = np.bincount(desks.queue, weights=desks.end - desks.start, minlength=queues)
    free = np.maximum(held - lay, 0.0)
    unserved, entered = _unserved(view)
    each = np.maximum(sessions, 1)
    mean_free, mean_work = (np.round(total / each).astype(np.int64) for total in (free, worked))
    slots = Weighed(
        np.concatenate([queue[owner], desks.queue, unserved]),
        np.concatenate([start - waited[owner], desks.start, entered]),
        np.concatenate([end - waited[owner], desks.end, entered + mean_free[unserved]]),
        np.concatenate([np.ones(len(owner), np.int64), -desks.weight, np.ones(len(unserved), np.int64)]),
    )
    attention = Weighed(
        np.concatenate([work.queue, unserved]),
        np.concatenate([work.start, entered]),
        np.concatenate([work.end, entered + mean_work[unserved]]),
        np.concatenate([work.weight, np.ones(len(unserved))]),
    )
    return Offered(attention, slots, desks, free, sessions)


def _held(view: View) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Slots of sessions: which, from, to; cut where they were parked. [stay] each"""
    _, start, end = view.stays("sessions", "alerted_us", "ended_us")
    if not view.size("parks"):
        return np.arange(len(start)), start, end
    _, parked, returned = view.stays("parks", "parked_us", "returned_us")
    session = session_of_park({"parks": view.table("parks"), "sessions": view.table("sessions")})
    whose, begins, ends, _ = stays_without_parks(start, end, session, parked, returned)
    return whose, begins, ends


def _work(view: View, waited: np.ndarray, queues: int) -> tuple[Weighed, np.ndarray]:
    """Attention, moved back; and its sum by queue, µs. [stretch], [queue]"""
    desk = desk_of(view)
    start, end, share, piece = desk.attention_shares
    queue = desk.pieces_queue[piece]
    back = np.concatenate([_waited_by_reply(view, waited), _waited_by_wrap_up(view, waited)])[piece]
    known = queue >= 0
    worked = np.bincount(queue[known], weights=((end - start) * share)[known], minlength=queues)
    return Weighed(queue, start - back, end - back, np.asarray(share, float)), worked


def _on_desks(view: View, waited: np.ndarray) -> Weighed:
    """From when a reply or wrap-up was work for its agent until he turned to it, moved back. [reply, wrap-up]"""
    desk = desk_of(view)
    replies = view.has("turns", "reply_started_us") & (view.codes("turns", "writer", desk.agents) >= 0)
    wrap_ups = view.has("sessions", "wrap_up_started_us") & (view.codes("sessions", "agent", desk.agents) >= 0)
    came = np.fmax(view.column("turns", "last_message_us"), view.column("turns", "connected_us"))
    begins = np.concatenate([came[replies], view.column("sessions", "disconnected_us")[wrap_ups]])
    until = np.concatenate(
        [view.column("turns", "reply_started_us")[replies], view.column("sessions", "wrap_up_started_us")[wrap_ups]]
    )
    back = np.concatenate([_waited_by_reply(view, waited), _waited_by_wrap_up(view, waited)])
    queue = desk.pieces_queue
    rows = (queue >= 0) & (until > begins)
    start, end = ((times[rows].astype(np.int64) - back[rows]) for times in (begins, until))
    return Weighed(queue[rows], start, end, np.ones(int(rows.sum()), np.int64))


def _waited(view: View) -> np.ndarray:
    """How long the offer of each session waited until it rang. [session] of int64, µs"""
    place = row_of(view, "sessions", "offers", "portion", "offer")
    wait = view.column("sessions", "alerted_us") - at(view.column("offers", "entered_us"), place, np.nan)
    return np.maximum(np.nan_to_num(wait), 0.0).astype(np.int64)


def _waited_by_reply(view: View, waited: np.ndarray) -> np.ndarray:
    """The wait of the session that each reply in `Desk.pieces` belongs to. [reply]"""
    rows = view.has("turns", "reply_started_us") & (view.codes("turns", "writer", desk_of(view).agents) >= 0)
    turns, sessions = conversation_numbers(view, "turns", "sessions")
    connected = [np.nan_to_num(view.column(name, "connected_us"), nan=-1.0) for name in ("turns", "sessions")]
    return at(waited, _places((sessions, connected[1]), (turns[rows], connected[0][rows])), 0)


def _waited_by_wrap_up(view: View, waited: np.ndarray) -> np.ndarray:
    desk = desk_of(view)
    rows = view.has("sessions", "wrap_up_started_us") & (view.codes("sessions", "agent", desk.agents) >= 0)
    return waited[rows]


def _unserved(view: View) -> tuple[np.ndarray, np.ndarray]:
    """Queue and entry of offers that no agent took and that did not flow over. [offer] each"""
    rows = view.equals("offers", "outcome", "abandoned", "open") & (view.codes("offers", "queue") >= 0)
    return view.codes("offers", "queue")[rows], view.column("offers", "entered_us")[rows].astype(np.int64)


def _places(known: tuple[np.ndarray, np.ndarray], wanted: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """For each wanted pair the row in which it is known, -1: in none. [wanted]"""
    size = len(known[0])
    first, second = (np.concatenate(pair) for pair in zip(known, wanted, strict=True))
    if not size or size == len(first):
        return np.full(len(wanted[0]), -1, np.int64)
    times, moment = np.unique(second, return_inverse=True)
    number = np.unique(first.astype(np.int64) * len(times) + moment, return_inverse=True)[1]
    row_of_number = np.full(int(number.max()) + 1, -1, np.int64)
    row_of_number[number[:size]] = np.arange(size)
    return row_of_number[number[size:]]
