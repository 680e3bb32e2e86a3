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
from simulator.scenario.skills import parts_of


@dataclass(frozen=True)
class Kinds:
    """Kinds of offers: by queue, and by what they ask for. [kind] each"""

    queue: np.ndarray
    asks: tuple[frozenset[str], ...]

    def of_queues(self, queues: np.ndarray) -> np.ndarray:
        """Those of some queues. [queue] bool -> [kind] bool"""
        return np.asarray(queues[self.queue])

    def asking(self, queue: int, least: frozenset[str]) -> np.ndarray:
        """Those of a queue that ask for all of this, or for more. [kind] bool"""
        return (self.queue == queue) & np.array([least <= asked for asked in self.asks], bool)


@dataclass(frozen=True)
class Weighed:
    """Stays that weigh: when, how much of an agent or how many slots, and of which kind (-1: none). [stay] each"""

    kind: np.ndarray
    start: np.ndarray
    end: np.ndarray
    weight: np.ndarray

    def means(self, kinds: np.ndarray, edges: np.ndarray) -> np.ndarray:
        """Mean weight of these kinds between each two neighbouring edges. `kinds` [kind] bool. [edge - 1]"""
        rows = kinds[self.kind] & (self.kind >= 0)
        area = steps.areas(self.start[rows], self.end[rows], edges, self.weight[rows])
        return np.maximum(area, 0.0) / np.maximum(np.diff(edges), 1)


@dataclass(frozen=True)
class Offered:
    kinds: Kinds
    attention: Weighed
    slots: Weighed
    """Alert to end of wrap-up, without the time in `desks`."""
    desks: Weighed
    """Of the time in a slot: a reply or a wrap-up lay on the desk while its agent was at other work."""
    free_us: np.ndarray
    """Total time of `slots` of the sessions of each kind. [kind]"""
    sessions: np.ndarray
    """How many. [kind]"""


def offered_load(view: View) -> Offered:
    """The offered load of a replication, made once for a view."""
    found: Offered = view.kept("offered load", lambda: _offered(view))
    return found


def _offered(view: View) -> Offered:
    offers, kinds = _kinds(view)
    kind = _of_sessions(view, offers, kinds)
    of_pieces = _of_pieces(view, kind, kinds)
    waited = _waited(view)  # [session]
    owner, start, end = _held(view)
    many = len(kinds.queue)
    sessions = np.bincount(kind[kind >= 0], minlength=many)
    work = _work(view, waited, of_pieces)
    desks = _on_desks(view, waited, of_pieces)
    free = np.maximum(_sums(kind[owner], end - start, many) - _sums(desks.kind, desks.end - desks.start, many), 0.0)
    worked = _sums(work.kind, (work.end - work.start) * work.weight, many)
    unserved, entered = _unserved(view, offers)
    mean_free, mean_work = (_mean_of_queue(kinds, total, sessions) for total in (free, worked))
    slots = Weighed(
        np.concatenate([kind[owner], desks.kind, unserved]),
        np.concatenate([start - waited[owner], desks.start, entered]),
        np.concatenate([end - waited[owner], desks.end, entered + mean_free[unserved]]),
        np.concatenate([np.ones(len(owner), np.int64), -desks.weight, np.ones(len(unserved), np.int64)]),
    )
    attention = Weighed(
        np.concatenate([work.kind, unserved]),
        np.concatenate([work.start, entered]),
        np.concatenate([work.end, entered + mean_work[unserved]]),
        np.concatenate([work.weight, np.ones(len(unserved))]),
    )
    return Offered(kinds, attention, slots, desks, free, sessions)


def _kinds(view: View) -> tuple[np.ndarray, Kinds]:
    """The kind of each offer (-1: of no known queue), and all kinds: every queue with everything asked for. [offer]"""
    texts = sorted(str(text) for text in view.table("offers")["asks"].dropna().unique())
    asks = view.codes("offers", "asks", tuple(texts)) + 1  # 0: nothing
    queue = view.codes("offers", "queue")
    many, each = len(view.names["queue"]), len(texts) + 1
    kinds = Kinds(np.repeat(np.arange(many), each), tuple(parts_of(text) for text in ["", *texts]) * many)
    return np.where(queue >= 0, queue * each + asks, -1), kinds


def _of_sessions(view: View, offers: np.ndarray, kinds: Kinds) -> np.ndarray:
    """Kinds of sessions: those of their offers. [session]"""
    queue = view.codes("sessions", "queue")
    kind = at(offers, row_of(view, "sessions", "offers", "portion", "offer"), -1)
    return _within(queue, kind, kinds)


def _of_pieces(view: View, sessions: np.ndarray, kinds: Kinds) -> np.ndarray:
    """Kinds of the pieces of work: those of their sessions. [piece]"""
    replies = at(sessions, _session_of_reply(view), -1)
    return _within(desk_of(view).pieces_queue, np.concatenate([replies, sessions[_wrapped_up(view)]]), kinds)


def _within(queue: np.ndarray, kind: np.ndarray, kinds: Kinds) -> np.ndarray:
    """These kinds where they are of these queues; else the queue's kind that asks for nothing. [row]"""
    each = len(kinds.queue) // max(int(kinds.queue.max(initial=0)) + 1, 1)
    same = (kind >= 0) & (kind // max(each, 1) == queue)
    return np.where(same, kind, np.where(queue >= 0, queue * each, -1))


def _sums(kind: np.ndarray, values: np.ndarray, many: int) -> np.ndarray:
    """Sums of values by kind. [kind]"""
    known = kind >= 0
    return np.bincount(kind[known], weights=values[known], minlength=many)


def _mean_of_queue(kinds: Kinds, totals: np.ndarray, sessions: np.ndarray) -> np.ndarray:
    """The mean of all sessions of a kind's queue, in whole µs. [kind]"""
    total, number = (np.bincount(kinds.queue, weights=values) for values in (totals, sessions))
    return np.round(total / np.maximum(number, 1)).astype(np.int64)[kinds.queue]


def _held(view: View) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Slots of sessions: which, from, to; cut where they were parked. [stay] each"""
    _, start, end = view.stays("sessions", "alerted_us", "ended_us")
    if not view.size("parks"):
        return np.arange(len(start)), start, end
    _, parked, returned = view.stays("parks", "parked_us", "returned_us")
    session = session_of_park({"parks": view.table("parks"), "sessions": view.table("sessions")})
    whose, begins, ends, _ = stays_without_parks(start, end, session, parked, returned)
    return whose, begins, ends


def _work(view: View, waited: np.ndarray, kind: np.ndarray) -> Weighed:
    """Attention, moved back. `kind` [piece]. [stretch]"""
    start, end, share, piece = desk_of(view).attention_shares
    back = np.concatenate([_waited_by_reply(view, waited), waited[_wrapped_up(view)]])[piece]
    return Weighed(kind[piece], start - back, end - back, np.asarray(share, float))


def _on_desks(view: View, waited: np.ndarray, kind: np.ndarray) -> Weighed:
    """From when a reply or wrap-up was work for its agent until he turned to it, moved back. [reply, wrap-up]"""
    desk = desk_of(view)
    replies = view.has("turns", "reply_started_us") & (view.codes("turns", "writer", desk.agents) >= 0)
    wrap_ups = _wrapped_up(view)
    came = np.fmax(view.column("turns", "last_message_us"), view.column("turns", "connected_us"))
    begins = np.concatenate([came[replies], view.column("sessions", "disconnected_us")[wrap_ups]])
    until = np.concatenate(
        [view.column("turns", "reply_started_us")[replies], view.column("sessions", "wrap_up_started_us")[wrap_ups]]
    )
    back = np.concatenate([_waited_by_reply(view, waited), waited[_wrapped_up(view)]])
    rows = (kind >= 0) & (until > begins)
    start, end = ((times[rows].astype(np.int64) - back[rows]) for times in (begins, until))
    return Weighed(kind[rows], start, end, np.ones(int(rows.sum()), np.int64))


def _waited(view: View) -> np.ndarray:
    """How long the offer of each session waited until it rang. [session] of int64, µs"""
    place = row_of(view, "sessions", "offers", "portion", "offer")
    wait = view.column("sessions", "alerted_us") - at(view.column("offers", "entered_us"), place, np.nan)
    return np.maximum(np.nan_to_num(wait), 0.0).astype(np.int64)


def _waited_by_reply(view: View, waited: np.ndarray) -> np.ndarray:
    """The wait of the session that each reply in `Desk.pieces` belongs to. [reply]"""
    return at(waited, _session_of_reply(view), 0)


def _session_of_reply(view: View) -> np.ndarray:
    """Row of the session that each reply in `Desk.pieces` belongs to, -1: none. [reply]"""
    found: np.ndarray = view.kept("session of each reply", lambda: _find_sessions(view))
    return found


def _find_sessions(view: View) -> np.ndarray:
    rows = view.has("turns", "reply_started_us") & (view.codes("turns", "writer", desk_of(view).agents) >= 0)
    turns, sessions = conversation_numbers(view, "turns", "sessions")
    connected = [np.nan_to_num(view.column(name, "connected_us"), nan=-1.0) for name in ("turns", "sessions")]
    return _places((sessions, connected[1]), (turns[rows], connected[0][rows]))


def _wrapped_up(view: View) -> np.ndarray:
    """Sessions whose wrap-up is in `Desk.pieces`. [session] bool"""
    return view.has("sessions", "wrap_up_started_us") & (view.codes("sessions", "agent", desk_of(view).agents) >= 0)


def _unserved(view: View, kind: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Kind and entry of offers that no agent took and that did not flow over. `kind` [offer]. [one of them] each"""
    rows = view.equals("offers", "outcome", "abandoned", "open") & (kind >= 0)
    return kind[rows], view.column("offers", "entered_us")[rows].astype(np.int64)


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
