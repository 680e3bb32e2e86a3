"""Who worked on what and when: agents' time, slots and attention, as stays. The base of the measures of the desk."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from simulator.metrics import steps
from simulator.metrics.parts import ALL, Part, Parts, Scope
from simulator.metrics.window import Stays, View
from simulator.records.slots import session_of_park, stays_without_parks

ON_QUEUE = ("idle", "interacting", "not_responding")


def desk_of(view: View) -> Desk:
    """The desk of a view, laid out once."""
    return view.kept("desk", lambda: Desk(view))  # type: ignore[no-any-return]


class Desk:
    """Who worked on what and when, agents numbered by group and number. Build it with `desk_of`."""

    def __init__(self, view: View):
        groups = view.scenario.agents
        self.agents = tuple(f"{group}/{i}" for group in sorted(groups) for i in range(1, groups[group].count + 1))
        group_of = [group for group in sorted(groups) for _ in range(groups[group].count)]
        self.capacity = np.array([groups[group].slots for group in group_of], np.int64)  # [agent]
        self.members: dict[Scope, np.ndarray] = {ALL: np.ones(len(self.agents), bool)}  # [agent] each
        for name in view.names["queue"]:
            self.members[(("queue", name),)] = np.array([name in groups[group].queues for group in group_of], bool)
        for name in view.names["group"]:
            self.members[(("group", name),)] = np.array([group == name for group in group_of], bool)
        self._view = view

    def status(self, *statuses: str) -> Stays:
        """Agents' time in these routing statuses."""
        found: Stays = self._view.kept(f"agents in {statuses}", lambda: self._status(*statuses))
        return found

    def _status(self, *statuses: str) -> Stays:
        view = self._view
        rows = view.equals("agent_states", "status", *statuses)
        return _known(view.stays("agent_states", "from_us", "to_us", owner=self._who("agent_states"), rows=rows))

    def pieces(self) -> Stays:
        """Pieces of work: replies until they are written, and wrap-ups from the moment somebody turned to them. They
        overlap where an agent works on several at once."""
        return self._pieces

    @cached_property
    def _pieces(self) -> Stays:
        view = self._view
        writer = view.codes("turns", "writer", self.agents)
        replies = view.stays("turns", "reply_started_us", "written_us", owner=writer)
        wrap_ups = view.stays("sessions", "wrap_up_started_us", "ended_us", owner=self._who("sessions"))
        return _known(_joined(replies, wrap_ups))

    @cached_property
    def pieces_queue(self) -> np.ndarray:
        """The queue each piece was worked for. [piece]"""
        view = self._view
        writer = view.codes("turns", "writer", self.agents)
        queue = view.codes("turns", "writer_queue", view.names["queue"])
        replies = queue[view.has("turns", "reply_started_us") & (writer >= 0)]
        wrap_ups = view.has("sessions", "wrap_up_started_us") & (self._who("sessions") >= 0)
        return np.concatenate([replies, view.codes("sessions", "queue")[wrap_ups]])

    @cached_property
    def some_share(self) -> bool:
        """Some agents work on several conversations at once."""
        return any(group.attention != "serial" for group in self._view.scenario.agents.values())

    def attention(self) -> Stays:
        """When agents worked: never more than one second a second."""
        return self._attention

    @cached_property
    def _attention(self) -> Stays:
        pieces = self.pieces()
        if not self.some_share:
            return pieces
        busy = steps.together(pieces, pieces, 0, self._view.end_us)
        return busy.owner, busy.start, busy.end

    @cached_property
    def attention_shares(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """What of it each piece of work got: start, end, share of attention, number of the piece in `pieces`; a piece
        appears once for each number of others beside it. [stretch] each"""
        owner, start, end = self.pieces()
        count = len(start)
        if not self.some_share or not count:
            return start, end, np.ones(count, np.int64), np.arange(count)
        who, time = np.concatenate([owner, owner]), np.concatenate([start, end])
        order = np.argsort(who * (self._view.end_us + 1) + time, kind="stable")
        number = np.cumsum(np.repeat([1, -1], count)[order])
        place = np.empty(2 * count, np.int64)
        place[order] = np.arange(2 * count)
        lengths = place[count:] - place[:count]  # stretches between changes, from its start to its end
        piece = np.repeat(np.arange(count), lengths)
        stretch = np.arange(len(piece)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + place[:count][piece]
        times = time[order]
        return times[stretch], times[stretch + 1], 1.0 / number[stretch], piece

    def held(self) -> Stays:
        """Slots: from the alert to the end of wrap-up, or to the end of an alert that led to nothing."""
        return self._held

    @cached_property
    def _held(self) -> Stays:
        view = self._view
        sessions = self._without_parks("alerted_us")[1]
        fruitless = ~view.equals("alerts", "outcome", "accepted")
        alerts = view.stays("alerts", "alerted_us", "ended_us", owner=self._who("alerts"), rows=fruitless)
        return _known(_joined(sessions, alerts))

    # --- one over the other, over the whole run -----------------------------------------------------------------

    @cached_property
    def working(self) -> steps.Segments:
        """Pieces with attention over time on queue."""
        return self._over(self.attention(), self.status(*ON_QUEUE))

    @cached_property
    def filled(self) -> steps.Segments:
        """Slots held over time on queue."""
        return self._over(self.held(), self.status(*ON_QUEUE))

    @cached_property
    def handling(self) -> steps.Segments:
        """Sessions from connect to the end of wrap-up, but for the time parked, over time INTERACTING."""
        return self._over(_known(self._with_agent[1]), self.status("interacting"))

    def _over(self, first: Stays, second: Stays) -> steps.Segments:
        return steps.together(first, second, 0, self._view.end_us)

    @cached_property
    def _with_agent(self) -> tuple[np.ndarray, Stays]:
        return self._without_parks("connected_us")

    def _without_parks(self, start: str) -> tuple[np.ndarray, Stays]:
        """Row of the session of each stay, and the stays."""
        view = self._view
        owner, start_us, end_us = view.stays("sessions", start, "ended_us", owner=self._who("sessions"))
        if not view.size("parks"):
            return np.arange(len(owner)), (owner, start_us, end_us)
        _, parked, returned = view.stays("parks", "parked_us", "returned_us")
        session = session_of_park({"parks": view.table("parks"), "sessions": view.table("sessions")})
        whose, begins, ends, _ = stays_without_parks(start_us, end_us, session, parked, returned)
        return whose, (owner[whose], begins, ends)

    @cached_property
    def handled_alone_us(self) -> np.ndarray:
        """Handle time free of overlap: of each second in which an agent is INTERACTING, each of his open sessions has
        an equal part. Over all sessions it adds up to the agents' INTERACTING time. µs [session]"""
        session, stays = self._with_agent
        known = stays[0] >= 0
        session, (owner, start, end) = session[known], (stays[0][known], stays[1][known], stays[2][known])
        width = self._view.end_us + 1
        pieces = self.handling
        shared = pieces.first > 0
        part = pieces.length[shared] / pieces.first[shared]
        passed = np.concatenate([[0.0], np.cumsum(part)])
        begins = pieces.owner[shared] * width + pieces.start[shared]  # ascending: by agent, then time

        def until(at_us: np.ndarray) -> np.ndarray:
            # stays begin and end at edges of the pieces, so none is cut
            found: np.ndarray = passed[np.searchsorted(begins, owner * width + at_us, side="left")]
            return found

        alone = until(end) - until(start)
        return np.bincount(session, weights=alone, minlength=self._view.size("sessions"))

    def _who(self, table: str) -> np.ndarray:
        return self._view.codes(table, "agent", self.agents)

    def shared(self, first: Stays, second: Stays, value: Callable[[steps.Segments], np.ndarray]) -> np.ndarray:
        """Sum over each agent's segments of `second` in the window of length x value. [agent]"""
        return self.summed(self._over(first, _known(second)), value)

    def summed(self, segments: steps.Segments, value: Callable[[steps.Segments], np.ndarray]) -> np.ndarray:
        """Sum over each agent's segments, as far as they lie in the window, of length x value. [agent]"""
        segments = segments.inside(self._view.from_us, self._view.to_us)
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
    if chosen.all():
        return stays
    return owner[chosen], start[chosen], end[chosen]


def _joined(one: Stays, other: Stays) -> Stays:
    owner, start, end = (np.concatenate(pair) for pair in zip(one, other, strict=True))
    return owner, start, end
