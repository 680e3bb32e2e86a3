"""Journal in, tables out: small journals written by hand, and every table they must give."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator.journal import JournalWriter
from simulator.records import fold
from simulator.scenario import loads
from simulator.vocabulary.clock import SECOND
from simulator.vocabulary.codes import (
    Disconnect,
    Event,
    FlowMessage,
    Lane,
    Outcome,
    Presence,
    Return,
    RoutingStatus,
)
from simulator.vocabulary.errors import BrokenInvariant

TEXT = """
name: A small desk
start: 2026-03-02 08:00
duration: 1 h
threading: {window: 1 h}
behaviours:
  shopper: {opening: {messages: 1}, flow_answer: 20 s, turns: 1}
topics:
  billing: {behaviour: shopper}
  order: {behaviour: shopper, priority: 5}
flows:
  front_door: [{transfer: {queue: service}}]
queues:
  service: {close_after: 10 min, after_call_work: {mode: OPTIONAL, share: 50 %, takes: 20 s}}
channels:
  web: {platform: web messaging, flow: front_door, arrivals: {rate: 0/h}, topics: {order: 1}}
  whatsapp:
    {platform: whatsapp, number: "+49 30 1234567", business_verified: true, customers: {population: 9},
     flow: front_door, arrivals: {rate: 0/h}, topics: {order: 1}}
agents:
  desk: {count: 2, queues: [service], capacity: 1, reply: {effort: 30 s}}
"""
OUTBOUND = """
outbound:
  limits: {whatsapp_campaign: 2/min, whatsapp_agentless: 3/min}
  campaigns:
    sale: {channel: whatsapp, contacts: 5, start: 2026-03-02 08:00, template: sale, opt_in: 80 %}
  notifications:
    parcels: {channel: whatsapp, batches: [{at: "08:00", count: 2}], template: parcels}
"""
SCENARIO = loads(TEXT)
"""Numbers follow names: billing 0, order 1; web 0, whatsapp 1; desk/1 0, desk/2 1."""
SALES = loads(TEXT + OUTBOUND)
"""The same with bulk sends: of the sources parcels is 0, sale 1."""

ORDER, WEB, WHATSAPP = 1, 0, 1

Line = tuple[float, Event, dict[str, Any]]


def line(at_s: float, event: Event, **columns: Any) -> Line:
    return at_s, event, columns


def journal(lines: Iterable[Line]) -> np.ndarray:
    """The journal of these lines; their times in seconds."""
    writer = JournalWriter()
    for at_s, event, columns in lines:
        writer.write(round(at_s * SECOND), event, **columns)
    return writer.close()


def status(at_s: float, agent: int, routing: RoutingStatus, presence: Presence = Presence.ON_SHIFT) -> Line:
    return line(at_s, Event.AGENT_STATUS, message=presence, agent=agent, value=routing)


def in_portion(conversation: int, portion: int) -> dict[str, int]:
    return {"conversation": conversation, "portion": portion}


C0 = in_portion(0, 1)
C0_AT_QUEUE = C0 | {"queue": 0}

ONE_TURN = [
    status(0, 0, RoutingStatus.IDLE),
    line(0, Event.CONTACT_ARRIVED, **C0, message=0, queue=ORDER, agent=WEB, value=41),
    line(0, Event.CONTACT_STARTED, **C0, message=0, value=-1),
    line(0, Event.PORTION_OPENED, **C0, message=0, queue=WEB, value=0),
    line(0, Event.TURN_OPENED, **C0, message=0, agent=0, value=0),
    line(0, Event.MESSAGE_RECEIVED, **C0, message=0, agent=0, value=0),
    line(1, Event.QUEUE_ENTERED, **C0_AT_QUEUE, message=0, agent=0, value=5),
    line(1, Event.ALERTED, **C0_AT_QUEUE, message=0, agent=0, value=0),
    line(3, Event.MESSAGE_RECEIVED, **C0, message=1, agent=0, value=0),
    line(4, Event.CONNECTED, **C0_AT_QUEUE, message=0, agent=0, value=0),
    status(4, 0, RoutingStatus.INTERACTING),
    line(4, Event.REPLY_STARTED, **C0_AT_QUEUE, message=0, agent=0, value=31 * SECOND),
    line(35, Event.REPLY_SENT, **C0_AT_QUEUE, message=2, agent=0, value=0),
    line(35, Event.CONTACT_ENDED, message=0, value=Outcome.ANSWERED),
    line(35, Event.PORTION_DISCONNECTED, **C0, agent=0, value=Disconnect.RESOLVED),
    line(35, Event.WRAP_UP_STARTED, **C0_AT_QUEUE, message=0, agent=0),
    line(55, Event.SESSION_ENDED, **C0_AT_QUEUE, message=0, agent=0),
    status(55, 0, RoutingStatus.IDLE),
    line(100, Event.RUN_ENDED),
]
"""A burst of two messages, one reply, 20 s of wrap-up."""

SILENT = [
    status(0, 0, RoutingStatus.IDLE),
    status(0, 1, RoutingStatus.IDLE),
    line(0, Event.CONTACT_ARRIVED, **C0, message=0, queue=ORDER, agent=WHATSAPP, value=0),
    line(0, Event.CONTACT_STARTED, **C0, message=0, value=7),
    line(0, Event.PORTION_OPENED, **C0, message=0, queue=WHATSAPP, value=0),
    line(0, Event.TURN_OPENED, **C0, message=0, agent=0, value=0),
    line(0, Event.MESSAGE_RECEIVED, **C0, message=0, agent=0, value=0),
    line(2, Event.IDENTIFIED, **C0, message=0, value=0),
    line(3, Event.FLOW_MESSAGE_SENT, **C0, message=1, value=FlowMessage.BOT),
    line(23, Event.MESSAGE_RECEIVED, **C0, message=2, agent=0, value=-1),
    line(24, Event.FLOW_MESSAGE_SENT, **C0, message=3, value=FlowMessage.QUESTION),
    line(30, Event.MESSAGE_RECEIVED, **C0, message=4, agent=0, value=-1),
    line(30, Event.QUEUE_ENTERED, **C0_AT_QUEUE, message=0, agent=0, value=5),
    line(30, Event.ALERTED, **C0_AT_QUEUE, message=0, agent=0, value=0),
    line(60, Event.ALERT_EXPIRED, **C0_AT_QUEUE, message=0, agent=0),
    status(60, 0, RoutingStatus.NOT_RESPONDING),
    line(60, Event.ALERTED, **C0_AT_QUEUE, message=0, agent=1, value=0),
    line(61, Event.GAVE_UP, **C0_AT_QUEUE, message=0, agent=0),
    line(62, Event.CONNECTED, **C0_AT_QUEUE, message=0, agent=1, value=0),
    status(62, 1, RoutingStatus.INTERACTING),
    line(62, Event.REPLY_STARTED, **C0_AT_QUEUE, message=0, agent=1, value=30 * SECOND),
    line(92, Event.REPLY_SENT, **C0_AT_QUEUE, message=5, agent=1, value=0),
    status(120, 0, RoutingStatus.IDLE),
    line(692, Event.PORTION_DISCONNECTED, **C0, agent=1, value=Disconnect.CLOSED_UNANSWERED),
    line(692, Event.CONTACT_ENDED, message=0, value=Outcome.SILENT),
    line(692, Event.SESSION_ENDED, **C0_AT_QUEUE, message=0, agent=1),
    status(692, 1, RoutingStatus.IDLE),
    # he writes again: inside the window, so the conversation goes on, and now the bot solves it
    line(1000, Event.CONTACT_RETURNED, **in_portion(0, 2), message=1, queue=ORDER, agent=0, value=Return.AFTER_SILENT),
    line(1000, Event.CONTACT_REOPENED, **in_portion(0, 2), message=1, value=7),
    line(1000, Event.PORTION_OPENED, **in_portion(0, 2), message=1, queue=WHATSAPP, value=1),
    line(1000, Event.TURN_OPENED, **in_portion(0, 2), message=1, agent=1, value=0),
    line(1000, Event.MESSAGE_RECEIVED, **in_portion(0, 2), message=6, agent=1, value=1),
    line(1002, Event.IDENTIFIED, **in_portion(0, 2), message=1, value=1),
    line(1003, Event.FLOW_MESSAGE_SENT, **in_portion(0, 2), message=7, value=FlowMessage.BOT),
    line(1003, Event.PORTION_DISCONNECTED, **in_portion(0, 2), value=Disconnect.CONTAINED),
    line(1003, Event.CONTACT_ENDED, message=1, value=Outcome.CONTAINED),
    line(2000, Event.RUN_ENDED),
]
"""Bot and form, an alert that expires, a customer who gives up without a sign, close_after, writing again."""

HAND_BACK = [
    status(0, 0, RoutingStatus.IDLE),
    status(0, 1, RoutingStatus.IDLE),
    line(0, Event.CONTACT_ARRIVED, **C0, message=0, queue=ORDER, agent=WHATSAPP, value=0),
    line(0, Event.CONTACT_STARTED, **C0, message=0, value=7),
    line(0, Event.PORTION_OPENED, **C0, message=0, queue=WHATSAPP, value=0),
    line(0, Event.TURN_OPENED, **C0, message=0, agent=0, value=0),
    line(0, Event.MESSAGE_RECEIVED, **C0, message=0, agent=0, value=0),
    line(0, Event.QUEUE_ENTERED, **C0_AT_QUEUE, message=0, agent=0, value=5),
    line(0, Event.ALERTED, **C0_AT_QUEUE, message=0, agent=0, value=0),
    line(0, Event.CONNECTED, **C0_AT_QUEUE, message=0, agent=0, value=0),
    status(0, 0, RoutingStatus.INTERACTING),
    line(0, Event.REPLY_STARTED, **C0_AT_QUEUE, message=0, agent=0, value=30 * SECOND),
    line(30, Event.REPLY_SENT, **C0_AT_QUEUE, message=1, agent=0, value=0),
    line(60, Event.TURN_OPENED, **C0, message=1, agent=0, value=1),
    line(60, Event.MESSAGE_RECEIVED, **C0, message=2, agent=0, value=1),
    # his shift ends before he turns to it
    line(60, Event.HANDED_BACK, **C0_AT_QUEUE, message=0, agent=0),
    line(60, Event.SESSION_ENDED, **C0_AT_QUEUE, message=0, agent=0),
    status(60, 0, RoutingStatus.OFF_QUEUE, Presence.OFF_SHIFT),
    line(60, Event.QUEUE_ENTERED, **C0_AT_QUEUE, message=1, agent=0, value=5),
    line(60, Event.ALERTED, **C0_AT_QUEUE, message=1, agent=1, value=0),
    # the same customer needs something else, and writes it where he is
    line(65, Event.CONTACT_ARRIVED, **C0, message=1, queue=0, agent=WHATSAPP, value=1),
    line(65, Event.CONTACT_JOINED, **C0, message=1, value=7),
    line(65, Event.TURN_OPENED, **C0, message=2, agent=1, value=0),
    line(65, Event.MESSAGE_RECEIVED, **C0, message=3, agent=1, value=2),
    line(70, Event.CONNECTED, **C0_AT_QUEUE, message=1, agent=1, value=1),
    status(70, 1, RoutingStatus.INTERACTING),
    line(70, Event.REPLY_STARTED, **C0_AT_QUEUE, message=1, agent=1, value=30 * SECOND),
    line(100, Event.REPLY_SENT, **C0_AT_QUEUE, message=4, agent=1, value=1),
    line(100, Event.CONTACT_ENDED, message=0, value=Outcome.ANSWERED),
    line(100, Event.REPLY_STARTED, **C0_AT_QUEUE, message=2, agent=1, value=30 * SECOND),
    line(130, Event.REPLY_SENT, **C0_AT_QUEUE, message=5, agent=1, value=2),
    line(130, Event.CONTACT_ENDED, message=1, value=Outcome.ANSWERED),
    line(130, Event.PORTION_DISCONNECTED, **C0, agent=1, value=Disconnect.RESOLVED),
    line(130, Event.WRAP_UP_STARTED, **C0_AT_QUEUE, message=1, agent=1),
    line(140, Event.RUN_ENDED),
]
"""Shift end with an unanswered message, a contact that joins, a wrap-up that outlasts the run."""


def queued(number: int, at_s: float, ends: list[Line]) -> list[Line]:
    """A web contact of one message and what becomes of it."""
    here = in_portion(number, 1)
    return [
        line(at_s, Event.CONTACT_ARRIVED, **here, message=number, queue=ORDER, agent=WEB, value=number),
        line(at_s, Event.CONTACT_STARTED, **here, message=number, value=-1),
        line(at_s, Event.PORTION_OPENED, **here, message=number, queue=WEB, value=0),
        line(at_s, Event.TURN_OPENED, **here, message=number, agent=number, value=0),
        line(at_s, Event.MESSAGE_RECEIVED, **here, message=number, agent=number, value=number),
        *ends,
    ]


NO_AGENTS = [
    *queued(0, 0, [line(0, Event.QUEUE_ENTERED, **in_portion(0, 1), message=0, queue=0, agent=0, value=5)]),
    *queued(1, 5, [line(5, Event.QUEUE_ENTERED, **in_portion(1, 1), message=1, queue=0, agent=1, value=5)]),
    *queued(2, 6, [line(6, Event.QUEUE_BLOCKED, **in_portion(2, 1), message=2, queue=0)]),
    line(6, Event.PORTION_DISCONNECTED, **in_portion(2, 1), value=Disconnect.BLOCKED),
    line(6, Event.CONTACT_ENDED, message=2, value=Outcome.BLOCKED),
    line(20, Event.ABANDONED, **in_portion(0, 1), message=0, queue=0, agent=0),
    line(20, Event.PORTION_DISCONNECTED, **in_portion(0, 1), value=Disconnect.ABANDONED),
    line(20, Event.CONTACT_ENDED, message=0, value=Outcome.ABANDONED),
    line(100, Event.RUN_ENDED),
]
"""Nobody answers: one abandons, one still waits at the end, one is turned away."""


def sends_rows(campaign_at_s: tuple[float, ...] = (0, 30, 60)) -> np.ndarray:
    """Five campaign messages, of which one has no opt-in, one fails and one waits; two notifications."""
    writer = JournalWriter()
    writer.write(80 * SECOND, Event.RUN_ENDED)
    campaign: dict[str, Any] = {"queue": Lane.CAMPAIGN, "agent": 1}
    times = np.round(np.array(campaign_at_s) * SECOND).astype(np.int64)
    events = np.array([Event.SEND_DELIVERED, Event.SEND_FAILED, Event.SEND_DELIVERED])
    writer.write_block(times, events, message=np.array([0, 1, 3]), value=0, **campaign)
    writer.write_block(np.array([0]), Event.SEND_NO_OPT_IN, message=2, value=0, **campaign)
    writer.write_block(np.array([80 * SECOND]), Event.SEND_WAITING, message=4, value=0, **campaign)
    writer.write_block(
        np.array([0, 20]) * SECOND, Event.SEND_DELIVERED, message=np.arange(2), value=0, queue=Lane.AGENTLESS, agent=0
    )
    return writer.close()


def told(table: pd.DataFrame, columns: str = "") -> list[dict[str, Any]]:
    """The rows of a table as dicts (or, with columns, as tuples): times in seconds, null as None."""
    names = columns.split() or [name for name in table.columns if name != "replication"]
    rows = []
    for row in table[names].to_dict("records"):
        said = {name: None if pd.isna(value) else value for name, value in row.items()}
        rows.append({k: v / SECOND if k.endswith("_us") and v is not None else v for k, v in said.items()})
    return rows if not columns else [tuple(row.values()) for row in rows]  # type: ignore[misc]


def tables(lines: Iterable[Line]) -> dict[str, pd.DataFrame]:
    return fold(SCENARIO, journal(lines))


def test_one_turn_gives_every_table() -> None:
    found = fold(SCENARIO, journal(ONE_TURN), replication=3)
    assert all((table["replication"] == 3).all() for table in found.values())
    portion = {"conversation": "web/41", "portion": 1}
    assert told(found["contacts"]) == [
        {
            "contact": "web/41", "channel": "web", "source": "web", "ordinal": 41, "parent": None, "reason": None,
            "topic": "order", "customer": None, "arrived_us": 0, "entry": "started", **portion, "identified": None,
            "authenticated": None, "turns": 1, "turns_answered": 1, "taken_for": None, "left_flow_us": None,
            "gave_up_us": None, "vanished_us": None, "ended_us": 35, "outcome": "answered",
        }
    ]  # fmt: skip
    assert told(found["conversations"]) == [
        {
            "conversation": "web/41", "channel": "web", "customer": None, "opened_us": 0, "portions": 1, "contacts": 1,
            "agents": 1, "messages_in": 2, "messages_out": 1, "disconnected_us": 35, "open": False,
        }
    ]  # fmt: skip
    assert told(found["portions"]) == [
        {
            **portion, "channel": "web", "contact": "web/41", "reopened": False, "opened_us": 0,
            "flow_path": None, "left_flow_us": None, "blocked_queue": None, "queue": "service",
            "queue_entered_us": 1, "offers": 1, "first_connected_us": 4, "first_reply_us": 35,
            "t_first_response_us": 34, "first_message_to_first_reply_us": 35, "disconnected_us": 35,
            "disconnect": "resolved",
        }
    ]  # fmt: skip
    assert told(found["offers"]) == [
        {
            **portion, "offer": 1, "contact": "web/41", "channel": "web", "topic": "order", "queue": "service",
            "priority": 5, "entered_us": 1, "alerts": 1, "gave_up_us": None, "left_us": 4, "t_wait_us": 3,
            "outcome": "answered", "flowed_out_to": None, "agent": "desk/1", "first_reply_us": 35, "came": "flow",
            "asks": None, "circles": 0, "wait_alert_us": 3, "wait_held_us": 0, "wait_nobody_us": 0, "wait_rule_us": 0,
            "wait_slots_us": 0,
        }
    ]  # fmt: skip
    assert told(found["alerts"]) == [
        {
            **portion, "offer": 1, "queue": "service", "agent": "desk/1", "placement": "standard", "alerted_us": 1,
            "ended_us": 4, "outcome": "accepted",
        }
    ]  # fmt: skip
    assert told(found["sessions"]) == [
        {
            **portion, "offer": 1, "channel": "web", "queue": "service", "agent": "desk/1", "group": "desk",
            "placement": "standard", "label": None, "reopened": False, "alerted_us": 1, "connected_us": 4,
            "disconnected_us": 35,
            "handed_back": False, "transfer": None, "wrap_up_started_us": 35, "ended_us": 55,
            "replies": 1, "through_flow": False,
            "parkings": 0, "t_park_us": 0, "t_switching_us": 0, "t_talk_us": 31,
            "t_acw_us": 20, "t_handle_us": 51, "t_work_us": 51,
        }
    ]  # fmt: skip
    assert told(found["turns"]) == [
        {
            "contact": "web/41", "turn": 0, **portion, "channel": "web", "messages": 2, "first_message_us": 0,
            "last_message_us": 3, "queue": "service", "agent": "desk/1", "connected_us": 4, "writer": "desk/1",
            "writer_queue": "service", "reply_started_us": 4, "written_us": 35, "reply_us": 35,
            "t_agent_response_us": 32, "reply_from_first_us": 35, "reply_from_connect_us": 31,
            "reply_from_last_inbound_us": 32, "late": False, "drafts_caught": 0,
            "rewrite_us": 0, "listening_us": 0, "recording_us": 0, "middleware_us": None, "outcome": "answered",
        }
    ]  # fmt: skip
    inbound = {"direction": "inbound", "kind": "burst", "contact": "web/41", "turn": 0, "agent": None}
    reply = {"direction": "outbound", "kind": "agent", "contact": "web/41", "turn": 0, "agent": "desk/1"}
    assert told(found["messages"]) == [
        {**portion, "channel": "web", "at_us": at, **what} for at, what in [(0, inbound), (3, inbound), (35, reply)]
    ]
    assert told(found["sends"]) == []
    desk = {"group": "desk", "presence": "on_shift"}
    assert told(found["agent_states"]) == [
        {"agent": "desk/1", **desk, "status": "idle", "from_us": 0, "to_us": 4},
        {"agent": "desk/1", **desk, "status": "interacting", "from_us": 4, "to_us": 55},
        {"agent": "desk/1", **desk, "status": "idle", "from_us": 55, "to_us": 100},
        {"agent": "desk/2", **desk, "status": "off_queue", "presence": "off_shift", "from_us": 0, "to_us": 100},
    ]


def test_who_gives_up_silently_is_answered_all_the_same_and_holds_the_slot() -> None:
    found = tables(SILENT)
    assert told(found["contacts"], "contact parent reason entry portion identified turns turns_answered outcome") == [
        ("whatsapp/0", None, None, "started", 1, False, 1, 1, "silent"),
        ("whatsapp/0.after_silent", "whatsapp/0", "after_silent", "reopened", 2, True, 1, 0, "contained"),
    ]
    assert told(found["contacts"], "source ordinal customer gave_up_us ended_us") == [
        ("whatsapp", 0, 7, 61, 692),
        ("whatsapp", 0, 7, None, 1003),
    ]
    assert told(found["offers"], "alerts gave_up_us left_us t_wait_us outcome") == [(2, 61, 62, 32, "answered")]
    assert told(found["alerts"], "agent alerted_us ended_us outcome") == [
        ("desk/1", 30, 60, "expired"),
        ("desk/2", 60, 62, "accepted"),
    ]
    assert told(found["sessions"], "agent alerted_us t_talk_us t_acw_us t_work_us wrap_up_started_us") == [
        ("desk/2", 60, 630, 0, 30, None)
    ]
    assert told(found["turns"], "contact portion reply_from_last_inbound_us late outcome") == [
        ("whatsapp/0", 1, 62, False, "answered"),
        ("whatsapp/0.after_silent", 2, None, None, "contained"),
    ]
    assert told(found["messages"], "kind contact turn agent") == [
        ("burst", "whatsapp/0", 0, None),
        ("bot", None, None, None),
        ("flow_answer", "whatsapp/0", None, None),
        ("question", None, None, None),
        ("flow_answer", "whatsapp/0", None, None),
        ("agent", "whatsapp/0", 0, "desk/2"),
        ("burst", "whatsapp/0.after_silent", 0, None),
        ("bot", None, None, None),
    ]
    assert told(found["agent_states"], "agent status from_us to_us")[:4] == [
        ("desk/1", "idle", 0, 60),
        ("desk/1", "not_responding", 60, 120),
        ("desk/1", "idle", 120, 2000),
        ("desk/2", "idle", 0, 62),
    ]


def test_a_reopened_conversation_is_one_conversation_of_two_portions() -> None:
    found = tables(SILENT)
    assert told(found["conversations"]) == [
        {
            "conversation": "whatsapp/0", "channel": "whatsapp", "customer": 7, "opened_us": 0, "portions": 2,
            "contacts": 2, "agents": 1, "messages_in": 4, "messages_out": 4, "disconnected_us": 1003, "open": False,
        }
    ]  # fmt: skip
    assert told(found["portions"], "portion contact reopened queue offers disconnected_us disconnect") == [
        (1, "whatsapp/0", False, "service", 1, 692, "closed_unanswered"),
        (2, "whatsapp/0.after_silent", True, None, 0, 1003, "contained"),
    ]


def test_a_hand_back_is_a_new_offer_and_ends_the_session_not_the_portion() -> None:
    found = tables(HAND_BACK)
    assert told(found["portions"], "offers queue_entered_us first_connected_us disconnected_us") == [(2, 0, 0, 130)]
    assert told(found["offers"], "offer entered_us left_us agent first_reply_us") == [
        (1, 0, 0, "desk/1", 30),
        (2, 60, 70, "desk/2", 100),
    ]
    columns = "offer agent connected_us disconnected_us handed_back wrap_up_started_us ended_us replies t_work_us"
    assert told(found["sessions"], columns) == [
        (1, "desk/1", 0, 60, True, None, 60, 1, 30),
        (2, "desk/2", 70, 130, False, 130, None, 2, 70),  # 10 s of wrap-up when the run ends
    ]
    assert told(found["agent_states"], "agent status presence from_us to_us") == [
        ("desk/1", "interacting", "on_shift", 0, 60),  # idle for no time at all
        ("desk/1", "off_queue", "off_shift", 60, 140),
        ("desk/2", "idle", "on_shift", 0, 70),
        ("desk/2", "interacting", "on_shift", 70, 140),
    ]


def test_a_contact_that_joins_adds_a_turn_with_a_reply_of_its_own() -> None:
    found = tables(HAND_BACK)
    assert told(found["contacts"], "contact topic entry conversation turns turns_answered") == [
        ("whatsapp/0", "order", "started", "whatsapp/0", 2, 2),
        ("whatsapp/1", "billing", "joined", "whatsapp/0", 1, 1),
    ]
    columns = "contact turn agent connected_us reply_us reply_from_connect_us reply_from_last_inbound_us late"
    assert told(found["turns"], columns) == [
        ("whatsapp/0", 0, "desk/1", 0, 30, 30, 30, False),
        ("whatsapp/0", 1, "desk/2", 70, 100, 30, 35, False),  # he wrote last when he joined, at 65 s
        ("whatsapp/1", 0, "desk/2", 70, 130, 60, 65, False),
    ]
    assert told(found["conversations"], "contacts agents messages_in messages_out") == [(2, 2, 3, 3)]


def test_abandoned_waiting_and_blocked() -> None:
    found = tables(NO_AGENTS)
    assert told(found["contacts"], "contact ended_us outcome") == [
        ("web/0", 20, "abandoned"),
        ("web/1", None, "open"),
        ("web/2", 6, "blocked"),
    ]
    assert told(found["offers"], "contact left_us t_wait_us outcome agent first_reply_us") == [
        ("web/0", 20, 20, "abandoned", None, None),
        ("web/1", None, None, "open", None, None),
    ]
    assert told(found["turns"], "outcome reply_us") == [("abandoned", None), ("open", None), ("blocked", None)]
    assert told(found["conversations"], "disconnected_us open") == [(20, False), (None, True), (6, False)]
    assert told(found["portions"], "queue offers disconnect") == [
        ("service", 1, "abandoned"),
        ("service", 1, "open"),
        (None, 0, "blocked"),
    ]


def test_sends_by_outcome() -> None:
    sends = fold(SALES, sends_rows())["sends"]
    assert told(sends, "source ordinal channel lane requested_us sent_us delay_us outcome") == [
        ("sale", 0, "whatsapp", "campaign", 0, 0, 0, "delivered"),
        ("sale", 2, "whatsapp", "campaign", None, None, None, "no_opt_in"),
        ("parcels", 0, "whatsapp", "agentless", 0, 0, 0, "delivered"),
        ("parcels", 1, "whatsapp", "agentless", 0, 20, 20, "delivered"),
        ("sale", 1, "whatsapp", "campaign", 0, 30, 30, "failed"),
        ("sale", 3, "whatsapp", "campaign", 0, 60, 60, "delivered"),
        ("sale", 4, "whatsapp", "campaign", 0, None, None, "waiting"),
    ]


def test_ids_tell_the_line_of_descent() -> None:
    lines = list(NO_AGENTS[:-1])
    for number, parent, reason in [
        (3, 0, Return.AFTER_ABANDON),
        (4, 3, Return.AFTER_SILENT),
        (5, 3, Return.AFTER_SILENT),
    ]:
        here = in_portion(number, 1)
        lines += [
            line(50, Event.CONTACT_RETURNED, **here, message=number, queue=ORDER, agent=parent, value=reason),
            line(50, Event.CONTACT_STARTED, **here, message=number, value=-1),
            line(50, Event.PORTION_OPENED, **here, message=number, queue=WEB, value=0),
        ]
    contacts = tables(lines)["contacts"]
    assert told(contacts, "contact parent source ordinal conversation")[3:] == [
        ("web/0.after_abandon", "web/0", "web", 0, "web/0.after_abandon"),
        ("web/0.after_abandon.after_silent", "web/0.after_abandon", "web", 0, "web/0.after_abandon.after_silent"),
        ("web/0.after_abandon.after_silent_2", "web/0.after_abandon", "web", 0, "web/0.after_abandon.after_silent_2"),
    ]


def test_who_thinks_longer_than_the_window_opens_another_conversation() -> None:
    here = in_portion(1, 1)
    late = [
        line(90, Event.PORTION_OPENED, **here, message=0, queue=WEB, value=0),
        line(90, Event.TURN_OPENED, **here, message=1, agent=0, value=1),
        line(90, Event.MESSAGE_RECEIVED, **here, message=3, agent=0, value=1),
    ]
    found = tables([*ONE_TURN[:-1], *late, ONE_TURN[-1]])
    assert told(found["conversations"], "conversation contacts open") == [
        ("web/41", 1, False),
        ("web/41.conversation_2", 1, True),
    ]
    assert told(found["turns"], "contact turn conversation outcome") == [
        ("web/41", 0, "web/41", "answered"),
        ("web/41", 1, "web/41.conversation_2", "open"),
    ]


def test_categories_are_those_that_occur_in_order_of_appearance() -> None:
    sends = fold(SALES, sends_rows())["sends"]
    assert list(sends["source"].cat.categories) == ["sale", "parcels"]
    assert list(sends["outcome"].cat.categories) == ["delivered", "no_opt_in", "failed", "waiting"]
    assert list(tables(NO_AGENTS)["contacts"]["outcome"].cat.categories) == ["abandoned", "open", "blocked"]


def test_a_journal_that_numbers_wrongly_cannot_be_read() -> None:
    wrong = [line(at, event, **(columns | {"message": 1})) if event == Event.QUEUE_ENTERED else (at, event, columns)
             for at, event, columns in ONE_TURN]  # fmt: skip
    with pytest.raises(BrokenInvariant, match="offer has number 1, not 0"):
        tables(wrong)
