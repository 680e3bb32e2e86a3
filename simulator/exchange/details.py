"""Conversation details, as `POST /api/v2/analytics/conversations/details/query` answers, page by page.

```
conversation
├── participant customer      one session for each portion: interact
├── participant workflow      the inbound flow of a portion: ivr
├── participant acd           one for each stay in a queue: interact
└── participant agent         one for each alert: alert, then interact, parked, wrapup
```
What is still open at the end of the run has no end. Ids are UUIDs (`ids.py`); `externalTag` holds our own id.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from simulator.exchange.emissions import Emissions, Owner
from simulator.exchange.enumerations import (
    AGENT_DISCONNECT,
    AGGREGATES_ONLY,
    CUSTOMER_DISCONNECT,
    MEDIA,
    METRICS,
    NO_ANSWER,
    PEER,
    PROVIDER,
    SYSTEM,
    TRANSFER,
    routing_of,
)
from simulator.exchange.history import History, Rows
from simulator.exchange.ids import RunIds, id_of
from simulator.exchange.times import origin_us, stamps
from simulator.platforms import platform
from simulator.scenario.skills import LANGUAGE, parts_of

Document = dict[str, Any]
_HIDDEN = frozenset(METRICS.index(name) for name in AGGREGATES_ONLY)


def pages(history: History, emitted: Emissions, size: int) -> Iterator[list[Document]]:
    """All conversations in order of their opening, `size` at a time; memory holds one page."""
    writer = _Writer(history, emitted)
    for first in range(0, len(history), size):
        yield writer.page(first, min(first + size, len(history)))


class _Page:
    """What is being filled: participants of each conversation, with the instant and rank that order them."""

    def __init__(self, size: int):
        self.participants: list[list[tuple[str, int, Document]]] = [[] for _ in range(size)]
        self.customer_session: dict[tuple[int, int], str] = {}
        """By conversation and portion."""
        self.ending: dict[tuple[int, int], str] = {}
        """`disconnectType` on the customer's side."""


class _Writer:
    def __init__(self, history: History, emitted: Emissions):
        scenario = history.scenario
        self._history, self._emitted = history, emitted
        self._ids = RunIds(history.run, history.replication)
        self._origin = origin_us(scenario.calendar)
        self._channels = {
            name: {"messageType": platform(channel.platform).message_type, "addressTo": id_of("channel", name)}
            for name, channel in scenario.channels.items()
        }
        self._flows = {name: channel.flow for name, channel in scenario.channels.items()}

    def page(self, first: int, last: int) -> list[Document]:
        """Conversations first..last-1 as `AnalyticsConversationWithoutAttributes`."""
        page = _Page(last - first)
        whole = self._history.conversations
        columns = self._columns(whole, first, last, ("opened_us", "disconnected_us"), ("conversation", "channel"))
        customers = whole.numbers("customer")[first:last].tolist()
        open_ = whole.numbers("open")[first:last].tolist()
        heads: list[Document] = []
        for opened, closed, name, channel, customer, still in zip(*columns, customers, open_, strict=True):
            person = f"{channel}/customer/{customer}" if customer >= 0 else f"{name}/customer"
            head = {
                "conversationId": self._ids.of("conversation", name),
                "externalTag": name,
                "conversationStart": opened,
                "conversationInitiator": "customer",
                "originatingDirection": "inbound",
                "_person": self._ids.of("customer", person),
                "_channel": channel,
            }
            if closed is not None and not still:
                head["conversationEnd"] = closed
            heads.append(head)
        self._portions(page, heads, first, last)
        self._offers(page, heads, first, last)
        self._alerts(page, heads, first, last)
        self._sessions(page, heads, first, last)
        for head, participants in zip(heads, page.participants, strict=True):
            del head["_person"], head["_channel"]
            participants.sort(key=lambda one: one[:2])
            head["participants"] = [participant for _, _, participant in participants]
        return heads

    # --- one kind of participant after the other ------------------------------------------------------------------

    def _portions(self, page: _Page, heads: list[Document], first: int, last: int) -> None:
        rows = self._history.portions
        low, high = rows.bounds(first, last)
        times = ("opened_us", "queue_entered_us", "disconnected_us")
        columns = self._columns(rows, low, high, times, ("disconnect", "channel"))
        numbers = zip((rows.conversation[low:high] - first).tolist(), rows.numbers("portion")[low:high], strict=True)
        of_customer, of_flow = self._metrics(Owner.PORTION, low, high), self._metrics(Owner.FLOW, low, high)
        for place, ((at, portion), opened, entered, closed, why, channel) in enumerate(
            zip(numbers, *columns, strict=True)
        ):
            head, key = heads[at], f"{heads[at]['externalTag']}/{portion}"
            ending = None if closed is None else CUSTOMER_DISCONNECT.get(why or "", "other")
            session = self._session(head, f"{key}/customer", None)
            page.customer_session[at, portion] = session["sessionId"]
            page.ending[at, portion] = ending or ""
            session["segments"] = [_segment("interact", opened, closed, None, ending)]
            session["metrics"] = of_customer[place]
            if portion == 1:
                participant = self._participant(f"{head['externalTag']}/customer", "customer", [session])
                participant["externalContactId"] = head["_person"]
                page.participants[at].append((opened, 0, participant))
            else:
                page.participants[at][0][2]["sessions"].append(session)
            session = self._session(head, f"{key}/flow", page.customer_session[at, portion])
            flow = self._flows[channel]
            session["flow"] = {"flowId": id_of("flow", flow), "flowName": flow, "flowType": "INBOUNDSHORTMESSAGE"}
            left, ended = (entered, TRANSFER) if entered else (closed, _other_side(ending))
            session["segments"] = [_segment("ivr", opened, left, None, ended if left else None)]
            session["metrics"] = of_flow[place]
            participant = self._participant(f"{key}/flow", "workflow", [session], flow)
            page.participants[at].append((opened, 1, participant))

    def _offers(self, page: _Page, heads: list[Document], first: int, last: int) -> None:
        rows = self._history.offers
        low, high = rows.bounds(first, last)
        texts = ("queue", "outcome", "agent", "asks", "flowed_out_to")
        columns = self._columns(rows, low, high, ("entered_us", "left_us"), texts)
        metrics = self._metrics(Owner.OFFER, low, high)
        for place, ((at, portion, offer), entered, left, queue, outcome, agent, asks, other) in enumerate(
            zip(self._keys(rows, low, high, first), *columns, strict=True)
        ):
            head, key = heads[at], f"{heads[at]['externalTag']}/{portion}/{offer}"
            session = self._session(head, f"{key}/acd", page.customer_session.get((at, portion)))
            session["requestedRoutings"] = ["Standard"]
            if agent is not None:
                session["selectedAgentId"] = id_of("agent", agent)
            ended = TRANSFER if outcome == "answered" or other else PEER if outcome == "abandoned" else SYSTEM
            segment = _segment("interact", entered, left, queue, ended if left else None)
            segment |= _requested(asks)
            session["segments"], session["metrics"] = [segment], metrics[place]
            page.participants[at].append((entered, 2, self._participant(f"{key}/acd", "acd", [session], queue)))

    def _alerts(self, page: _Page, heads: list[Document], first: int, last: int) -> None:
        """Alerts that nobody accepted: a participant with nothing but an alert."""
        rows = self._history.alerts
        low, high = rows.bounds(first, last)
        columns = self._columns(rows, low, high, ("alerted_us", "ended_us"), ("queue", "outcome", "agent", "placement"))
        metrics = self._metrics(Owner.ALERT, low, high)
        for place, ((at, portion, offer), began, ended, queue, outcome, agent, placement) in enumerate(
            zip(self._keys(rows, low, high, first), *columns, strict=True)
        ):
            if outcome == "accepted":
                continue
            head, key = heads[at], f"{heads[at]['externalTag']}/{portion}/{offer}/alert/{low + place}"
            session = self._session(head, key, page.customer_session.get((at, portion)))
            session |= _routing(placement)
            why = {"expired": NO_ANSWER, "declined": "client"}.get(outcome, PEER)
            session["segments"] = [_segment("alert", began, ended, queue, why if ended else None)]
            session["metrics"] = metrics[place]
            participant = self._participant(key, "agent", [session], agent)
            participant["userId"] = id_of("agent", agent)
            page.participants[at].append((began, 3, participant))

    def _sessions(self, page: _Page, heads: list[Document], first: int, last: int) -> None:
        rows = self._history.sessions
        low, high = rows.bounds(first, last)
        times = ("alerted_us", "connected_us", "disconnected_us", "ended_us")
        columns = self._columns(rows, low, high, times, ("queue", "agent", "transfer", "placement"))
        handed_back = (rows.numbers("handed_back")[low:high] == 1).tolist()
        away = (rows.numbers("through_flow")[low:high] == 1).tolist()
        parks = self._parks(first, last)
        metrics = self._metrics(Owner.SESSION, low, high)
        for place, (
            (at, portion, offer), alerted, connected, disconnected, ended, queue, agent, transfer, placement, back, flow
        ) in enumerate(zip(self._keys(rows, low, high, first), *columns, handed_back, away, strict=True)):  # fmt: skip
            head, key = heads[at], f"{heads[at]['externalTag']}/{portion}/{offer}"
            session = self._session(head, f"{key}/agent", page.customer_session.get((at, portion)))
            session |= _routing(placement)
            why = TRANSFER if back or transfer else SYSTEM if flow else _other_side(page.ending.get((at, portion)))
            segments = [_segment("alert", alerted, connected, queue, None)]
            since = connected
            for parked, returned in parks.get((at, portion, offer), ()):
                if parked > since:
                    segments.append(_segment("interact", since, parked, queue, None))
                segments.append(_segment("parked", parked, returned, queue, None))
                since = returned
            if since is not None:
                last_one = _segment("interact", since, disconnected, queue, why if disconnected else None)
                if since != disconnected or len(segments) < 2 or segments[-1]["segmentType"] != "parked":
                    segments.append(last_one)
                else:
                    segments[-1]["disconnectType"] = why
            if disconnected is not None and ended is not None and ended > disconnected:
                segments.append(_segment("wrapup", disconnected, ended, queue, None))
            elif disconnected is not None and ended is None:
                segments.append(_segment("wrapup", disconnected, None, queue, None))
            session["segments"], session["metrics"] = segments, metrics[place]
            participant = self._participant(f"{key}/agent", "agent", [session], agent)
            participant["userId"] = id_of("agent", agent)
            page.participants[at].append((alerted, 4, participant))

    # --- pieces ------------------------------------------------------------------------------------------------

    def _columns(
        self, rows: Rows, low: int, high: int, times: tuple[str, ...], texts: tuple[str, ...]
    ) -> list[list[Any]]:
        found: list[list[Any]] = [stamps(rows.numbers(name)[low:high], self._origin) for name in times]
        return found + [rows.texts(name, low, high) for name in texts]

    def _keys(self, rows: Rows, low: int, high: int, first: int) -> list[tuple[int, int, int]]:
        """Conversation within the page, portion, offer. [row]"""
        numbers = [rows.numbers(name)[low:high] for name in ("portion", "offer")]
        columns = (rows.conversation[low:high] - first, *numbers)
        return list(zip(*(column.tolist() for column in columns), strict=True))

    def _parks(self, first: int, last: int) -> dict[tuple[int, int, int], list[tuple[str, str | None]]]:
        rows = self._history.parks
        low, high = rows.bounds(first, last)
        found: dict[tuple[int, int, int], list[tuple[str, str | None]]] = {}
        columns = self._columns(rows, low, high, ("parked_us", "returned_us"), ())
        for key, parked, returned in zip(self._keys(rows, low, high, first), *columns, strict=True):
            found.setdefault(key, []).append((parked, returned))
        return found

    def _metrics(self, owner: Owner, low: int, high: int) -> list[list[Document]]:
        """What each of the owner's rows emitted. [row]"""
        found: list[list[Document]] = [[] for _ in range(high - low)]
        part = self._emitted.of(owner, low, high)
        emitted = stamps(self._emitted.emitted_us[part], self._origin)
        columns = (self._emitted.row[part] - low, self._emitted.metric[part], self._emitted.value[part])
        for row, metric, value, at in zip(*(np.asarray(one).tolist() for one in columns), emitted, strict=True):
            if metric not in _HIDDEN:
                found[row].append({"name": METRICS[metric], "value": value, "emitDate": at})
        return found

    def _session(self, head: Document, key: str, peer: str | None) -> Document:
        session = {
            "sessionId": self._ids.of("session", key),
            "mediaType": MEDIA,
            "provider": PROVIDER,
            "direction": "inbound",
            "addressFrom": head["_person"],
            **self._channels[head["_channel"]],
        }
        return session if peer is None else session | {"peerId": peer}

    def _participant(self, key: str, purpose: str, sessions: list[Document], name: str | None = None) -> Document:
        found: Document = {"participantId": self._ids.of("participant", key), "purpose": purpose}
        if name is not None:
            found["participantName"] = name
        found["sessions"] = sessions
        return found


def _segment(kind: str, start: str, end: str | None, queue: str | None, why: str | None) -> Document:
    found: Document = {"segmentType": kind, "segmentStart": start}
    if end is not None:
        found["segmentEnd"] = end
    if queue is not None:
        found["queueId"] = id_of("queue", queue)
    if why is not None:
        found["disconnectType"] = why
    return found


def _routing(placement: str | None) -> Document:
    routing = routing_of(placement or "standard")
    found: Document = {"requestedRoutings": [routing], "usedRouting": routing}
    if placement is not None and placement.startswith("ring_"):
        found["agentBullseyeRing"] = int(placement.removeprefix("ring_"))
    return found


def _other_side(ending: str | None) -> str | None:
    return None if not ending else AGENT_DISCONNECT.get(ending, ending)


@cache
def _requested(asks: str | None) -> Document:
    """Skills and language of an offer, as `offers.asks` has them."""
    asked = sorted(parts_of(asks or ""))
    skills = [id_of("skill", one) for one in asked if not one.startswith(LANGUAGE)]
    language = [id_of("language", one.removeprefix(LANGUAGE)) for one in asked if one.startswith(LANGUAGE)]
    found: Document = {"requestedRoutingSkillIds": skills} if skills else {}
    return found | ({"requestedLanguageId": language[0]} if language else {})
