"""Handle time plain and free of overlap; message segments; worked out by hand, and as a law."""

from __future__ import annotations

import handmade
import pytest
from tiny import tiny

import simulator as cc
from simulator.metrics.catalogue import named
from simulator.metrics.desk import desk_of
from simulator.metrics.window import View
from simulator.vocabulary.clock import HOUR, SECOND


def one(results, metric, **scope):
    rows = results.summary()
    return rows[(rows["metric"] == metric) & (rows["scope"] == scope)]["value"].iloc[0]


def test_two_conversations_at_once_share_the_clock():
    """c0 is open 0 to 10, c1 4 to 20. Alone: 0 to 4 and 10 to 20; between them each has half of 6 s."""
    results = cc.simulate(cc.loads(tiny("0 s, 4 s", agents="capacity: 2")), replications=1, workers=1)
    assert one(results, "tHandle") == pytest.approx((10 + 16) / 2)
    assert one(results, "tHandle_without_overlap") == pytest.approx((4 + 3 + 3 + 10) / 2)
    assert one(results, "tWork") == pytest.approx(10)
    assert one(results, "concurrency") == pytest.approx(26 / 20)


def test_alone_they_are_the_same():
    results = cc.simulate(cc.loads(tiny("0 s, 4 s", agents="capacity: 1")), replications=1, workers=1)
    assert one(results, "tHandle") == one(results, "tHandle_without_overlap") == 10


def test_each_agent_has_a_clock_of_his_own():
    """Two agents with one conversation each at the same time share nothing."""
    results = cc.simulate(cc.loads(tiny("0 s, 4 s", agents="count: 2, capacity: 2")), replications=1, workers=1)
    assert one(results, "tHandle_without_overlap") == 10


def test_wrap_up_shares_too_and_parking_does_not():
    """c0: connected 0, reply 10, wrap-up to 40. c1: connected 4, reply when the wrap-up is over, 40 to 50, wrap-up to
    80. Alone 0 to 4 and 40 to 80; 36 s are shared."""
    text = tiny("0 s, 4 s", queue="auto_answer: true, after_call_work: {takes: 30 s}", agents="capacity: 2")
    results = cc.simulate(cc.loads(text), replications=1, workers=1)
    assert one(results, "tHandle") == pytest.approx((40 + 76) / 2)
    assert one(results, "tHandle_without_overlap") == pytest.approx((4 + 18 + 18 + 40) / 2)


BUSY = """
name: busy
start: 2026-03-02 06:00
duration: 6 h
replications: 1
behaviours: {plain: {turns: {geometric: {mean: 3}}, think: {exponential: {mean: 60 s}}, patience: 10 min}}
topics: {order: {behaviour: plain}}
flows: {door: [{transfer: {queue: line}}]}
queues:
  line:
    close_after: 3 min
    answer_time: {exponential: {mean: 20 s}}
    returns_after: 2 min
    park: {after: 1 min, for: 5 min}
    after_call_work: {takes: 30 s}
channels: {web: {platform: web messaging, flow: door, arrivals: {rate: 70/h}, topics: {order: 100 %}}}
agents:
  early:
    count: 3
    queues: [line]
    capacity: 3
    attention: {parallel: {speed: [1, 1.7, 2.5]}}
    reply: {effort: {exponential: {mean: 40 s}}}
    shift: {from: "07:00", to: "10:30", breaks: [{at: "08:30", for: 20 min}]}
    end_of_shift: {finish: 10 min, then: requeue}
"""


def test_over_all_sessions_it_adds_up_to_the_time_interacting():
    """With breaks, alerts that expire, parking, overtime and work on several at once."""
    results = cc.simulate(cc.loads(BUSY), workers=1)
    tables = {name: results.table(name) for name in results.tables}
    view = View(results.scenario, tables, results.run.ends_us[0])
    desk = desk_of(view)
    _, start, end = desk.status("interacting")
    interacting = float((end - start).sum())
    assert interacting > HOUR
    assert desk.handled_alone_us.sum() == pytest.approx(interacting, abs=1)
    whole = view.column("sessions", "t_handle_us")
    ended = view.has("sessions", "ended_us")
    assert (desk.handled_alone_us[ended] <= whole[ended] + view.column("sessions", "t_park_us")[ended] + 1).all()
    assert (desk.handled_alone_us >= 0).all()


# --- segments ---------------------------------------------------------------------------------------------------


def measured(metric, **rows):
    parts = named(metric).parts(View(handmade.scenario(), handmade.tables(**rows), 4 * HOUR))
    part = parts[(("channel", "whatsapp"),)]
    return part.numerator / part.denominator


def test_a_message_counts_as_the_parts_in_which_it_travels():
    """Two conversations: 2 + 2 messages, one of them in 3 parts and one held back; 1 + 1 messages."""
    conversations = [
        {"conversation": "a", "channel": "whatsapp", "opened_us": 0, "messages_in": 2, "messages_out": 2},
        {"conversation": "b", "channel": "whatsapp", "opened_us": SECOND, "messages_in": 1, "messages_out": 1},
    ]
    deliveries = [
        {"conversation": "a", "channel": "whatsapp", "parts": 3, "sent_us": SECOND},
        {"conversation": "a", "channel": "whatsapp", "parts": 1, "sent_us": SECOND},
        {"conversation": "b", "channel": "whatsapp", "parts": 5, "sent_us": None},
    ]
    rows = {"conversations": conversations, "deliveries": deliveries}
    assert measured("oMessageCount", **rows) == 3
    assert measured("oMessageSegmentCount", **rows) == 4
    assert measured("oMessageSegmentCount", conversations=conversations) == 3
