"""The desk: three occupancies, slots, attention, sessions, alerts.

On-queue time is IDLE + INTERACTING + NOT_RESPONDING; off shift, on a break or in overtime an agent is OFF_QUEUE and
in no occupancy. In the scope of a queue stand all agents who serve it, with all their work, so that an agent of two
queues stands in both.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from simulator.metrics import steps
from simulator.metrics.parts import ALL, Measure, Part, Parts, Scope, by, mean_of
from simulator.metrics.window import Stays, View
from simulator.vocabulary.clock import HOUR, SECOND

SCOPES = ("queue", "group")
SESSION_SCOPES = ("queue", "channel", "group")
ON_QUEUE = ("idle", "interacting", "not_responding")


class Desk:
    """Who worked on what and when, agents numbered by group and number. Built once for a view."""

    def __init__(self, view: View):
        groups = view.scenario.agents
        self.agents = tuple(f"{group}/{i}" for group in sorted(groups) for i in range(1, groups[group].count + 1))
        group_of = [group for group in sorted(groups) for _ in range(groups[group].count)]
        self.capacity = np.array([groups[group].capacity for group in group_of], np.int64)  # [agent]
        self.members: dict[Scope, np.ndarray] = {ALL: np.ones(len(self.agents), bool)}  # [agent] each
        for name in view.names["queue"]:
            self.members[(("queue", name),)] = np.array([name in groups[group].queues for group in group_of], bool)
        for name in view.names["group"]:
            self.members[(("group", name),)] = np.array([group == name for group in group_of], bool)
        self._view = view

    def status(self, *statuses: str) -> Stays:
        """Agents' time in these routing statuses."""
        view = self._view
        rows = view.equals("agent_states", "status", *statuses)
        return _known(view.stays("agent_states", "from_us", "to_us", owner=self._who("agent_states"), rows=rows))

    def attention(self) -> Stays:
        """Pieces of work, one at a time per agent: replies, and wrap-ups from the moment he turned to them."""
        view = self._view
        replies = view.stays("turns", "reply_started_us", "reply_us", owner=self._writers[0])
        wrap_ups = view.stays("sessions", "wrap_up_started_us", "ended_us", owner=self._who("sessions"))
        return _known(_joined(replies, wrap_ups))

    def attention_queue(self) -> np.ndarray:
        """The queue each piece of `attention` was worked for. [piece]"""
        view = self._view
        agent, queue = self._writers
        replies = queue[view.has("turns", "reply_started_us") & (agent >= 0)]
        wrap_ups = view.has("sessions", "wrap_up_started_us") & (self._who("sessions") >= 0)
        return np.concatenate([replies, view.codes("sessions", "queue")[wrap_ups]])

    @cached_property
    def _writers(self) -> tuple[np.ndarray, np.ndarray]:
        """Agent and queue of each turn; a reply still being written when the run ended is its session's. [turn]"""
        view = self._view
        agent, queue = self._who("turns").copy(), view.codes("turns", "queue").copy()
        unfinished = np.flatnonzero((agent < 0) & view.has("turns", "reply_started_us"))  # one per agent at most
        if len(unfinished):
            conversation = view.table("sessions")["conversation"].astype(object).to_numpy()
            wanted = view.table("turns")["conversation"].astype(object).to_numpy()
            connected = view.column("sessions", "connected_us")
            started = view.column("turns", "reply_started_us")
            for turn in unfinished:
                found = np.flatnonzero((conversation == wanted[turn]) & (connected <= started[turn]))
                if len(found):
                    latest = found[np.argmax(connected[found])]
                    agent[turn] = self._who("sessions")[latest]
                    queue[turn] = view.codes("sessions", "queue")[latest]
        return agent, queue

    def held(self) -> Stays:
        """Slots: from the alert to the end of wrap-up, or to the end of an alert that led to nothing."""
        view = self._view
        sessions = view.stays("sessions", "alerted_us", "ended_us", owner=self._who("sessions"))
        fruitless = ~view.equals("alerts", "outcome", "accepted")
        alerts = view.stays("alerts", "alerted_us", "ended_us", owner=self._who("alerts"), rows=fruitless)
        return _known(_joined(sessions, alerts))

    def with_agent(self) -> Stays:
        """Sessions from connect to the end of wrap-up."""
        view = self._view
        return _known(view.stays("sessions", "connected_us", "ended_us", owner=self._who("sessions")))

    def _who(self, table: str) -> np.ndarray:
        return self._view.codes(table, "agent", self.agents)

    def shared(self, first: Stays, second: Stays, value: Callable[[steps.Segments], np.ndarray]) -> np.ndarray:
        """Sum over each agent's segments of `second` in the window of length x value. [agent]"""
        segments = steps.together(first, _known(second), self._view.from_us, self._view.to_us)
        return np.bincount(segments.owner, weights=segments.length * value(segments), minlength=len(self.agents))

    def time(self, stays: Stays) -> np.ndarray:
        """Microseconds of each agent in the window. [agent]"""
        owner, start, end = _known(stays)
        lengths = steps.overlap(start, end, self._view.from_us, self._view.to_us)
        return np.bincount(owner, weights=lengths, minlength=len(self.agents))

    def ratio(self, numerator: np.ndarray, denominator: np.ndarray | float) -> Parts:
        """Sums over the agents of each scope. [agent]"""
        bottom = np.asarray(denominator, float)
        return {
            scope: Part(float(numerator[who].sum()), float(bottom[who].sum()) if bottom.ndim else float(bottom))
            for scope, who in self.members.items()
        }


def _known(stays: Stays) -> Stays:
    owner, start, end = stays
    chosen = owner >= 0
    return owner[chosen], start[chosen], end[chosen]


def _joined(one: Stays, other: Stays) -> Stays:
    owner, start, end = (np.concatenate(pair) for pair in zip(one, other, strict=True))
    return owner, start, end


# --- occupancy -------------------------------------------------------------------------------------------------


def _occupancy_work(view: View) -> Parts:
    desk = Desk(view)
    on_queue = desk.status(*ON_QUEUE)
    return desk.ratio(desk.shared(desk.attention(), on_queue, lambda s: np.minimum(s.first, 1)), desk.time(on_queue))


def _occupancy_status(view: View) -> Parts:
    desk = Desk(view)
    return desk.ratio(desk.time(desk.status("interacting")), desk.time(desk.status("interacting", "idle")))


def _occupancy_slots(view: View) -> Parts:
    desk = Desk(view)
    on_queue = desk.status(*ON_QUEUE)
    used = desk.shared(desk.held(), on_queue, lambda s: np.minimum(s.first, desk.capacity[s.owner]))
    return desk.ratio(used, desk.capacity * desk.time(on_queue))


def _slots_full(view: View) -> Parts:
    desk = Desk(view)
    on_queue = desk.status(*ON_QUEUE)
    able = desk.capacity > 0
    full = desk.shared(desk.held(), on_queue, lambda s: (s.first >= desk.capacity[s.owner]) & able[s.owner])
    return desk.ratio(full, np.where(able, desk.time(on_queue), 0.0))


def _concurrency(view: View) -> Parts:
    desk = Desk(view)
    interacting = desk.status("interacting")
    return desk.ratio(desk.shared(desk.with_agent(), interacting, lambda s: s.first), desk.time(interacting))


def _on_queue_hours(view: View) -> Parts:
    desk = Desk(view)
    return desk.ratio(desk.time(desk.status(*ON_QUEUE)) / HOUR, 1.0)


def _attention_hours(view: View) -> Parts:
    desk = Desk(view)
    return desk.ratio(desk.time(desk.attention()) / HOUR, 1.0)


def _overtime_hours(view: View) -> Parts:
    desk = Desk(view)
    on_queue = desk.status(*ON_QUEUE)
    inside = desk.shared(desk.attention(), on_queue, lambda s: np.minimum(s.first, 1))
    return desk.ratio((desk.time(desk.attention()) - inside) / HOUR, 1.0)


def _not_responding_hours(view: View) -> Parts:
    desk = Desk(view)
    return desk.ratio(desk.time(desk.status("not_responding")) / HOUR, 1.0)


def _staff(view: View) -> Parts:
    desk = Desk(view)
    return desk.ratio(desk.time(desk.status(*ON_QUEUE)), float(view.span_us))


# --- sessions and alerts ---------------------------------------------------------------------------------------


def _of_sessions(column: str, ended_by: str) -> Callable[[View], Parts]:
    def parts(view: View) -> Parts:
        rows = view.cohort("sessions", "connected_us") & view.has("sessions", ended_by)
        return mean_of(view, "sessions", SESSION_SCOPES, view.column("sessions", column) / SECOND, rows)

    return parts


def _work_of_reopened(placement: str) -> Callable[[View], Parts]:
    def parts(view: View) -> Parts:
        rows = view.cohort("sessions", "connected_us") & view.has("sessions", "ended_us")
        rows = rows & view.flag("sessions", "reopened") & view.equals("sessions", "placement", placement)
        return mean_of(view, "sessions", ("queue",), view.column("sessions", "t_work_us") / SECOND, rows)

    return parts


def _n_connected(view: View) -> Parts:
    return by(view, "sessions", SESSION_SCOPES, view.cohort("sessions", "connected_us"), 1.0)


def _replies(view: View) -> Parts:
    rows = view.cohort("sessions", "connected_us") & view.has("sessions", "ended_us")
    return mean_of(view, "sessions", SESSION_SCOPES, view.column("sessions", "replies"), rows)


def _censored_sessions(view: View) -> Parts:
    rows = view.cohort("sessions", "connected_us") & ~view.has("sessions", "ended_us")
    return by(view, "sessions", SESSION_SCOPES, rows, 1.0)


def _handed_back(view: View) -> Parts:
    rows = view.cohort("sessions", "connected_us") & view.flag("sessions", "handed_back")
    return by(view, "sessions", SESSION_SCOPES, rows, 1.0)


def _open_mean(view: View) -> Parts:
    lengths = steps.overlap(*view.stays("sessions", "connected_us", "disconnected_us")[1:], view.from_us, view.to_us)
    return by(view, "sessions", SESSION_SCOPES, lengths, float(view.span_us))


def _ringing(view: View) -> np.ndarray:
    """Seconds from alert to accept, expiry or withdrawal. [alert]"""
    return (view.column("alerts", "ended_us") - view.column("alerts", "alerted_us")) / SECOND


def _t_alert(view: View) -> Parts:
    return mean_of(view, "alerts", ("queue",), _ringing(view), view.cohort("alerts", "alerted_us"))


def _t_not_responding(view: View) -> Parts:
    rows = view.cohort("alerts", "alerted_us") & view.equals("alerts", "outcome", "expired")
    return mean_of(view, "alerts", ("queue",), _ringing(view), rows)


def _alerts_expired(view: View) -> Parts:
    rows = view.cohort("alerts", "alerted_us") & view.has("alerts", "ended_us")
    return by(view, "alerts", ("queue",), rows & view.equals("alerts", "outcome", "expired"), rows)


OCCUPANCY = (
    Measure("occupancy_work", "share", "attention agents gave to replies and wrap-up while on queue ÷ their on-queue "
            "time (IDLE + INTERACTING + NOT_RESPONDING); breaks and overtime stand in neither", SCOPES,
            _occupancy_work),
    Measure("occupancy_slots", "share", "conversation slots held, from alert to end of wrap-up, ÷ slots there were "
            "(capacity × on-queue time); a slot is held while the customer thinks", SCOPES, _occupancy_slots),
    Measure("occupancy_status", "share", "time in routing status INTERACTING ÷ (INTERACTING + IDLE); one open "
            "conversation is enough to be INTERACTING, so with several slots it is near 100 % by construction",
            SCOPES, _occupancy_status),
    Measure("slots_full_share", "share", "on-queue time in which an agent had all his slots held ÷ on-queue time",
            SCOPES, _slots_full),
    Measure("concurrency", "count", "mean number of conversations an agent had, connect to end of wrap-up, over his "
            "INTERACTING time", SCOPES, _concurrency),
    Measure("staff_present", "count", "mean number of agents on queue over the window, its nights included", SCOPES,
            _staff),
    Measure("on_queue_hours", "h", "agents' time on queue in the window, per replication", SCOPES, _on_queue_hours),
    Measure("attention_hours", "h", "attention agents gave to replies and wrap-up in the window, overtime included, "
            "per replication", SCOPES, _attention_hours),
    Measure("overtime_attention", "h", "attention agents gave while OFF_QUEUE, after the end of the shift, per "
            "replication; in no occupancy", SCOPES, _overtime_hours),
    Measure("not_responding_hours", "h", "agents' time in NOT_RESPONDING after an alert that expired, per replication",
            SCOPES, _not_responding_hours),
)  # fmt: skip

SESSIONS = (
    Measure("nConnected", "count", "connects of an agent in the window (sessions), per replication", SESSION_SCOPES,
            _n_connected),
    Measure("tTalk", "s", "mean time from connect to disconnect or hand-back, over sessions that began in the window; "
            "the customer's thinking included", SESSION_SCOPES, _of_sessions("t_talk_us", "disconnected_us")),
    Measure("tAcw", "s", "mean time from disconnect to end of wrap-up, over ended sessions that began in the window, "
            "those without wrap-up counting 0", SESSION_SCOPES, _of_sessions("t_acw_us", "ended_us")),
    Measure("tHandle", "s", "mean time from connect to end of wrap-up, over ended sessions that began in the window; "
            "elapsed time, of which tWork is attention", SESSION_SCOPES, _of_sessions("t_handle_us", "ended_us")),
    Measure("tWork", "s", "mean attention given to replies and wrap-up, over ended sessions that began in the window",
            SESSION_SCOPES, _of_sessions("t_work_us", "ended_us")),
    Measure("replies_per_session", "count", "mean number of agent replies, over ended sessions that began in the "
            "window", SESSION_SCOPES, _replies),
    Measure("open_mean", "count", "mean number of conversations with an agent over the window, from connect to "
            "disconnect or hand-back, wrap-up not included", SESSION_SCOPES, _open_mean),
    Measure("handed_back", "count", "sessions of the window handed back to the queue at shift end with an unanswered "
            "message, per replication", SESSION_SCOPES, _handed_back),
    Measure("censored_sessions", "count", "sessions of the window not ended when the run ended, per replication: in "
            "no mean of ended sessions", SESSION_SCOPES, _censored_sessions),
    Measure("tAlert", "s", "mean time an alert rang, to accept, expiry or withdrawal, over alerts of the window",
            ("queue",), _t_alert),
    Measure("tNotResponding", "s", "mean time an alert rang that nobody accepted before it expired", ("queue",),
            _t_not_responding),
    Measure("alerts_expired_share", "share", "alerts that expired ÷ alerts of the window that ended", ("queue",),
            _alerts_expired),
    Measure("tWork_affinity_hit", "s", "mean attention per ended session of a re-opened portion that last-agent "
            "routing placed with the agent who knew it", ("queue",), _work_of_reopened("last_agent")),
    Measure("tWork_affinity_miss", "s", "mean attention per ended session of a re-opened portion that went elsewhere: "
            "the difference to tWork_affinity_hit is what a miss costs", ("queue",), _work_of_reopened("standard")),
)  # fmt: skip
