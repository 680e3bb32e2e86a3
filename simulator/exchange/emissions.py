"""What the platform's analytics would have emitted: one list, from which details and aggregates are both made.

Every metric is emitted once, whole, at the end of what it measures, by one session: `nOffered`, `tAcd`, `tAbandon` and
the like by the queue's, `tAnswered`, `tTalk`, `tHandle` and the like by the agent's, `tIvr` by the flow's.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from simulator.exchange.enumerations import METRICS
from simulator.exchange.history import History, Rows, place_of
from simulator.exchange.times import whole_ms


class Owner(IntEnum):
    """Whose session emits: a row of that table."""

    PORTION = 0  # the customer's
    FLOW = 1  # also a portion
    OFFER = 2
    ALERT = 3  # one that nobody accepted
    SESSION = 4


@dataclass(frozen=True)
class Emissions:
    """Columns, sorted by owner, row, time and metric."""

    owner: np.ndarray
    row: np.ndarray
    """Row of the owner's table in the `History`."""
    metric: np.ndarray
    """Number in `METRICS`."""
    emitted_us: np.ndarray
    value: np.ndarray
    """ms for times, a number for counts."""
    queue: np.ndarray
    """Number in `queues`, -1: no queue."""
    queues: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.owner)

    def of(self, owner: Owner, first: int, last: int) -> slice:
        """Emissions of the owner's rows first..last-1."""
        start, end = np.searchsorted(self.owner, [owner, owner + 1])
        low, high = np.searchsorted(self.row[start:end], [first, last])
        return slice(int(start + low), int(start + high))


_DTYPES = (np.int8, np.int32, np.int8, np.int64, np.int64, np.int16)
"""Owner, row, metric, time, value, queue."""


class _Collector:
    def __init__(self, queues: tuple[str, ...]):
        self.queues = queues
        self._pieces: list[tuple[np.ndarray, ...]] = []

    def queue_of(self, rows: Rows) -> np.ndarray:
        """[row]"""
        codes, names = rows.codes("queue")
        return np.array([*(self.queues.index(name) for name in names), -1], np.int64)[codes]

    def add(
        self,
        metric: str,
        owner: Owner,
        row: np.ndarray,
        at_us: np.ndarray,
        value: np.ndarray | int,
        queue: np.ndarray | int,
    ) -> None:
        """`value` in ms or a number. [emission]"""
        size = len(row)
        number = METRICS.index(metric)
        given = (owner, row, number, at_us, value, queue)
        # a conversation emits some twenty times: 24 bytes each instead of 48
        piece = [np.broadcast_to(np.asarray(one, dtype), size) for one, dtype in zip(given, _DTYPES, strict=True)]
        self._pieces.append(tuple(piece))

    def all(self) -> Emissions:
        columns = [np.concatenate(each) for each in zip(*self._pieces, strict=True)]
        owner, row, metric, at_us, value, queue = columns
        order = np.lexsort((metric, at_us, row, owner))
        owner, row, metric, at_us, value, queue = (one[order] for one in columns)
        return Emissions(owner, row, metric, at_us, value, queue, self.queues)


def emissions(history: History) -> Emissions:
    """Everything that one replication would have emitted."""
    found = _Collector(tuple(sorted(history.scenario.queues)))
    _flows(history, found)
    _offers(history, found)
    _alerts(history, found)
    _sessions(history, found)
    _replies(history, found)
    _messages(history, found)
    return found.all()


def _flows(history: History, found: _Collector) -> None:
    portions = history.portions
    left = np.where(
        portions.has("queue_entered_us"), portions.numbers("queue_entered_us"), portions.numbers("disconnected_us")
    )
    rows = np.flatnonzero(np.where(portions.has("queue_entered_us"), True, portions.has("disconnected_us")))
    opened = portions.numbers("opened_us")[rows]
    found.add("nFlow", Owner.FLOW, rows, opened, 1, -1)
    for metric in ("tFlow", "tIvr"):
        found.add(metric, Owner.FLOW, rows, left[rows], whole_ms(left[rows] - opened), -1)


def _offers(history: History, found: _Collector) -> None:
    offers = history.offers
    level = history.scenario.service_level
    queue, every = found.queue_of(offers), np.arange(len(offers))
    left, wait = offers.numbers("left_us"), offers.numbers("t_wait_us")
    answered, abandoned = offers.equals("outcome", "answered"), offers.equals("outcome", "abandoned")
    flowed_out = offers.equals("outcome", "flowed_out")
    found.add("nOffered", Owner.OFFER, every, offers.numbers("entered_us"), 1, queue)

    def at_the_end(metric: str, chosen: np.ndarray) -> None:
        rows = np.flatnonzero(chosen)
        value = 1 if metric.startswith("n") else whole_ms(wait[rows])
        found.add(metric, Owner.OFFER, rows, left[rows], value, queue[rows])

    at_the_end("tAcd", offers.has("left_us"))
    at_the_end("tWait", offers.has("left_us"))
    at_the_end("tAbandon", abandoned)
    at_the_end("tShortAbandon", abandoned & (wait < level.short_abandon_us))
    at_the_end("tFlowOut", flowed_out)
    at_the_end("nOverSla", answered & (wait > level.within_us))


def _alerts(history: History, found: _Collector) -> None:
    alerts, queue = history.alerts, found.queue_of(history.alerts)
    session = place_of(alerts, history.sessions, "portion", "offer")
    accepted, over = alerts.equals("outcome", "accepted"), alerts.has("ended_us")
    began, ended = alerts.numbers("alerted_us"), alerts.numbers("ended_us")

    def emit(metric: str, chosen: np.ndarray, owner: Owner, owner_row: np.ndarray) -> None:
        rows = np.flatnonzero(chosen)
        value = 1 if metric.startswith("n") else whole_ms(ended[rows] - began[rows])
        found.add(metric, owner, owner_row[rows], ended[rows], value, queue[rows])

    every = np.arange(len(alerts))
    emit("tAlert", over & accepted, Owner.SESSION, session)
    emit("tAlert", over & ~accepted, Owner.ALERT, every)
    for metric in ("tNotResponding", "nAlertExpired"):
        emit(metric, alerts.equals("outcome", "expired"), Owner.ALERT, every)
    emit("nAgentDeclined", alerts.equals("outcome", "declined"), Owner.ALERT, every)


def _sessions(history: History, found: _Collector) -> None:
    sessions, offers = history.sessions, history.offers
    queue = found.queue_of(sessions)
    offer = place_of(sessions, offers, "portion", "offer")
    connected = sessions.numbers("connected_us")
    disconnected, ended = sessions.numbers("disconnected_us"), sessions.numbers("ended_us")
    talk, acw, handle = (sessions.numbers(name) for name in ("t_talk_us", "t_acw_us", "t_handle_us"))
    every = np.arange(len(sessions))
    found.add("nConnected", Owner.SESSION, every, connected, 1, queue)
    found.add("tAnswered", Owner.SESSION, every, connected, whole_ms(offers.numbers("t_wait_us")[offer]), queue)

    def emit(metric: str, chosen: np.ndarray, at_us: np.ndarray, value_us: np.ndarray | None = None) -> None:
        rows = np.flatnonzero(chosen)
        value = 1 if value_us is None else whole_ms(value_us[rows])
        found.add(metric, Owner.SESSION, rows, at_us[rows], value, queue[rows])

    over = sessions.has("disconnected_us")
    emit("tTalk", over, disconnected, talk)
    emit("tTalkComplete", over, disconnected, talk)
    emit("tAcw", sessions.has("ended_us") & (acw > 0), ended, acw)
    emit("tHandle", sessions.has("ended_us"), ended, handle)
    emit("tParkComplete", over & (sessions.numbers("parkings") > 0), disconnected, sessions.numbers("t_park_us"))
    passed = sessions.has("disconnected_us") & sessions.equals("transfer", "blind", "consult")
    emit("nTransferred", passed, disconnected)
    emit("nBlindTransferred", sessions.equals("transfer", "blind"), disconnected)
    emit("nConsultTransferred", sessions.equals("transfer", "consult"), disconnected)
    parks = history.parks
    session = place_of(parks, sessions, "portion", "offer")
    back = np.flatnonzero(parks.has("returned_us") & (session >= 0))
    found.add(
        "tPark",
        Owner.SESSION,
        session[back],
        parks.numbers("returned_us")[back],
        whole_ms(parks.numbers("t_park_us")[back]),
        queue[session[back]],
    )


def _replies(history: History, found: _Collector) -> None:
    import pandas as pd

    sessions, turns = history.sessions, history.turns
    queue = found.queue_of(sessions)
    by_connect = pd.DataFrame(
        {
            "conversation": sessions.conversation,
            "agent": _agents(sessions),
            "connected": sessions.numbers("connected_us"),
            "row": np.arange(len(sessions)),
        }
    )
    reply = turns.numbers("reply_us")
    of_turn = pd.DataFrame(
        {"conversation": turns.conversation, "agent": _agents(turns), "connected": turns.numbers("connected_us")}
    )
    key = ["conversation", "agent", "connected"]
    session = of_turn.merge(by_connect.drop_duplicates(key), on=key, how="left")["row"].fillna(-1).to_numpy(np.int64)

    def emit(metric: str, rows: np.ndarray, at_us: np.ndarray, value_us: np.ndarray) -> None:
        found.add(metric, Owner.SESSION, session[rows], at_us, whole_ms(value_us), queue[session[rows]])

    answered = np.flatnonzero(turns.has("reply_us") & (session >= 0))
    emit("tAgentResponseTime", answered, reply[answered], turns.numbers("t_agent_response_us")[answered])
    rows, following = _next_bursts(turns)
    took = turns.numbers("first_message_us")[following] - reply[rows]
    fit = (took >= 0) & (session[rows] >= 0)
    emit("tUserResponseTime", rows[fit], turns.numbers("first_message_us")[following[fit]], took[fit])
    # the first reply of a portion is that of the first of its sessions that replied
    portions, offers = history.portions, history.offers
    portion = place_of(offers, portions, "portion")
    of_offer = place_of(offers, sessions, "portion", "offer")
    first = portions.numbers("first_reply_us")[portion]
    chosen = np.flatnonzero(offers.has("first_reply_us") & (offers.numbers("first_reply_us") == first))
    chosen = chosen[np.unique(portion[chosen], return_index=True)[1]]
    value = portions.numbers("t_first_response_us")[portion[chosen]]
    rows = of_offer[chosen]
    found.add("tFirstResponse", Owner.SESSION, rows, first[chosen], whole_ms(value), queue[rows])


def _agents(rows: Rows) -> np.ndarray:
    """Names of agents, comparable between tables. [row]"""
    codes, names = rows.codes("agent")
    return np.array([*names, ""], object)[codes]


def _next_bursts(turns: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Answered turns after which the same contact wrote again in the same portion, and those next turns."""
    contact = turns.codes("contact")[0]
    order = np.lexsort((turns.numbers("turn"), contact))
    rows, following = order[:-1], order[1:]
    same = (
        (contact[rows] == contact[following])
        & (turns.conversation[rows] == turns.conversation[following])
        & (turns.numbers("portion")[rows] == turns.numbers("portion")[following])
        & turns.has("reply_us")[rows]
    )
    return rows[same], following[same]


def _messages(history: History, found: _Collector) -> None:
    """Messages and turns so far, told with the latest of a portion."""
    portions = history.portions
    for metric, rows, at in (
        ("oMessageCount", history.messages, "at_us"),
        ("oMessageTurn", history.turns, "last_message_us"),
    ):
        portion = place_of(rows, portions, "portion")
        count = np.bincount(portion[portion >= 0], minlength=len(portions))
        latest = portions.numbers("opened_us").copy()
        known = portion >= 0
        np.maximum.at(latest, portion[known], rows.numbers(at)[known])
        some = np.flatnonzero(count)
        found.add(metric, Owner.PORTION, some, latest[some], count[some], found.queue_of(portions)[some])
