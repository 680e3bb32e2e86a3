"""Measures on tiny tables, written by hand, with numbers a reader can check; and laws every measure keeps."""

from __future__ import annotations

import pickle
from math import isnan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator import metrics
from simulator.metrics.catalogue import COLUMNS, MEASURES, named
from simulator.metrics.parts import UNITS
from simulator.metrics.window import View
from simulator.scenario import loads
from simulator.vocabulary.tables import TABLES

S = 1_000_000
MINUTE = 60 * S

SCENARIO = """
name: tiny
start: 2026-03-02 00:00
timezone: Europe/Berlin
warm_up: 100 s
duration: 1100 s
run_out: 200 s
interval: 10 min
replications: 2
service_level: {target: 50 %, within: 20 s, short_abandon: 5 s}
behaviours:
  plain: {turns: 1}
topics:
  order: {behaviour: plain}
flows:
  door: [{transfer: {queue: service}}]
queues:
  service: {auto_answer: true}
channels:
  web: {platform: web messaging, flow: door, arrivals: {rate: 1/min}, topics: {order: 100 %}}
  app: {platform: whatsapp, number: "+49 30 1234567", business_verified: true, flow: door, topics: {order: 100 %}}
agents:
  early: {count: 2, queues: [service], capacity: 2, reply: {effort: 60 s}}
outbound:
  campaigns:
    sale: {channel: app, contacts: 10, start: 2026-03-02 00:05, template: sale, opt_in: 100 %}
"""


@pytest.fixture(scope="module")
def scenario():
    return loads(SCENARIO)


DEFAULTS = {
    "conversation": "web/0", "contact": "web/0", "portion": 1, "offer": 1, "turn": 0, "channel": "web", "source": "web",
    "topic": "order", "queue": "service", "agent": "early/1", "group": "early", "entry": "started", "priority": 0,
    "writer": "early/1", "writer_queue": "service", "placement": "standard", "direction": "inbound", "kind": "burst",
    "lane": "campaign",
}  # fmt: skip


def tables(**rows):
    """Catalogued tables from a few given columns, times in seconds; what is not given is a default, null or 0."""
    made = {}
    for name, columns in TABLES.items():
        given_rows = rows.get(name, [])
        frame = {}
        for column in columns:
            nullable = column.dtype in ("Int64", "boolean", "category")
            empty = pd.NA if nullable else False if column.dtype == "boolean" else 0
            values = [row.get(column.name, DEFAULTS.get(column.name, empty)) for row in given_rows]
            if column.unit == "µs":
                values = [value if value is pd.NA or value is None else value * S for value in values]
            frame[column.name] = pd.Series(values, dtype="object").astype(column.dtype)
        made[name] = pd.DataFrame(frame)
    return made


def offer(entered, left=None, outcome="open", **more):
    row = {"entered_us": entered, "outcome": outcome, **more}
    return row if left is None else row | {"left_us": left, "t_wait_us": left - entered}


def value(scenario, metric, scope=None, end=1300, **rows):
    """One measure of one replication."""
    parts = named(metric).parts(View(scenario, tables(**rows), end * S))
    summary = metrics.summarise(scenario, [{metric: parts}])
    found = summary[(summary["metric"] == metric) & (summary["scope"] == (scope or {}))]
    assert len(found) == 1, (metric, scope)
    return float(found["value"].iloc[0])


# --- queue -----------------------------------------------------------------------------------------------------

OFFERS = [
    offer(50, 60, "answered"),  # before the window
    offer(100, 100, "answered", first_reply_us=115),  # at its first instant
    offer(200, 220, "answered", first_reply_us=240),  # exactly at the target: not over
    offer(300, 321, "answered", first_reply_us=330),  # over
    offer(400, 404, "abandoned"),  # short
    offer(500, 505, "abandoned"),  # exactly at the limit: not short
    offer(600, 1250, "answered", gave_up_us=700),  # silent, answered in the run-out
    offer(1099, None),  # still waiting at the end
    offer(1100, 1110, "answered"),  # after the window
]


def test_counts_go_by_queue_entry_in_the_window(scenario):
    def count(metric):
        return value(scenario, metric, offers=OFFERS)

    assert count("nOffered") == 7
    assert count("nAnswered") == 4
    assert count("nAbandoned") == 2
    assert count("nShortAbandon") == 1
    assert count("nOverSla") == 2
    assert count("nGaveUp") == 1
    assert count("censored_offers") == 1


@pytest.mark.parametrize(
    "switches, expected",
    [
        ({}, 2 / 5),  # 2 in time ÷ (4 answered + 1 abandoned, not short)
        ({"count_short_abandons": True}, 2 / 6),
        ({"count_abandons": False}, 2 / 4),
        ({"count_blocked": True}, 2 / 6),  # one was turned away
        ({"count_flow_outs": True}, 2 / 5),  # nobody flowed out
    ],
)
def test_service_level_and_its_switches(scenario, switches, expected):
    changed = scenario.vary({f"service_level.{name}": wanted for name, wanted in switches.items()})
    turned_away = [{"opened_us": 150, "blocked_queue": "service", "disconnected_us": 150, "disconnect": "blocked"}]
    for scope in ({}, {"queue": "service"}, {"channel": "web"}):
        assert value(changed, "oServiceLevel", scope, offers=OFFERS, portions=turned_away) == pytest.approx(expected)


def test_blocked_contacts_are_counted_where_they_were_turned_away(scenario):
    turned_away = [{"opened_us": 150, "blocked_queue": "service", "disconnected_us": 150, "disconnect": "blocked"}]
    assert value(scenario, "nBlocked", {"queue": "service"}, portions=turned_away) == 1
    assert value(scenario, "nBlocked", {"channel": "web"}, portions=turned_away) == 1
    assert value(scenario, "nOffered", portions=turned_away) == 0


def test_answered_within_and_first_reply_within_stand_side_by_side(scenario):
    assert value(scenario, "answered_within", offers=OFFERS) == pytest.approx(2 / 7)  # of all offers of the window
    assert value(scenario, "first_reply_within", offers=OFFERS) == pytest.approx(1 / 7)  # 15 s; 40 s and 30 s are late


def test_waits_of_all_and_of_the_answered(scenario):
    assert value(scenario, "tWait", offers=OFFERS) == pytest.approx((0 + 20 + 21 + 4 + 5 + 650) / 6)
    assert value(scenario, "tAnswered", offers=OFFERS) == pytest.approx((0 + 20 + 21 + 650) / 4)
    assert value(scenario, "tAbandon", offers=OFFERS) == pytest.approx(4.5)
    assert value(scenario, "tShortAbandon", offers=OFFERS) == 4
    assert value(scenario, "tWait_p50", offers=OFFERS) == pytest.approx((5 + 20) / 2)
    assert value(scenario, "abandon_share", offers=OFFERS) == pytest.approx(2 / 7)
    assert value(scenario, "silent_share", offers=OFFERS) == pytest.approx(1 / 7)


def test_who_finds_an_agent_free_does_not_wait_even_if_the_agent_takes_time_to_accept(scenario):
    offers = [
        offer(200, 200, "answered", conversation="a"),  # connected at once
        offer(210, 214, "answered", conversation="b"),  # alerted at once, accepted 4 s later
        offer(220, 230, "answered", conversation="c"),  # alerted after 6 s
        offer(240, 243, "abandoned", conversation="d"),
    ]
    alerts = [
        {"conversation": "b", "alerted_us": 210, "ended_us": 214, "outcome": "accepted"},
        {"conversation": "c", "alerted_us": 226, "ended_us": 230, "outcome": "accepted"},
    ]
    assert value(scenario, "wait_probability", offers=offers, alerts=alerts) == 0.5


def test_the_queue_is_measured_over_exactly_the_window(scenario):
    """50-150, of which 100-150 counts; 1050-1200, of which 1050-1100; one waits on from 1099."""
    offers = [offer(50, 150, "answered"), offer(1050, 1200, "answered"), offer(1099)]
    assert value(scenario, "queue_length_mean", offers=offers) == pytest.approx((50 + 50 + 1) / 1000)
    assert value(scenario, "queue_length_max", offers=offers) == 2
    assert value(scenario, "oldest_waiting_max", offers=offers) == pytest.approx(100)


# --- the desk --------------------------------------------------------------------------------------------------


def state(start, end, status, agent="early/1", presence="on_shift"):
    return {"from_us": start, "to_us": end, "status": status, "agent": agent, "presence": presence}


DESK = {
    "agent_states": [
        state(0, 200, "idle"),
        state(200, 500, "interacting"),
        state(500, 600, "not_responding"),
        state(600, 1300, "off_queue", presence="overtime"),
        state(0, 1300, "off_queue", "early/2", "off_shift"),
    ],
    "sessions": [
        {"alerted_us": 190, "connected_us": 200, "disconnected_us": 300, "ended_us": 340, "wrap_up_started_us": 310,
         "t_talk_us": 100, "t_acw_us": 40, "t_handle_us": 140, "t_work_us": 80, "replies": 1},
        {"alerted_us": 250, "connected_us": 250, "disconnected_us": 700, "ended_us": 700, "conversation": "web/1",
         "t_talk_us": 450, "t_acw_us": 0, "t_handle_us": 450, "t_work_us": 150, "replies": 2},
        {"alerted_us": 260, "connected_us": 260, "conversation": "web/2", "t_work_us": 0},
    ],
    "turns": [
        {"reply_started_us": 250, "written_us": 300},
        {"reply_started_us": 400, "written_us": 450},
        {"reply_started_us": 590, "written_us": 690},
    ],
    "alerts": [
        {"alerted_us": 190, "ended_us": 200, "outcome": "accepted"},
        {"alerted_us": 470, "ended_us": 500, "outcome": "expired"},
    ],
}  # fmt: skip


def test_three_occupancies_of_one_agent(scenario):
    """On queue 100-600 of the window. Attention there: 50 + 30 (wrap-up) + 50 + 10; the other 90 are overtime."""
    assert value(scenario, "occupancy_work", **DESK) == pytest.approx(140 / 500)
    assert value(scenario, "overtime_attention", **DESK) == pytest.approx(90 / 3600)
    assert value(scenario, "occupancy_status", **DESK) == pytest.approx(300 / 400)
    # slots of 2: one from 190, two from 250, three (over the limit) 260-340, two until the end of his time on queue
    assert value(scenario, "occupancy_slots", **DESK) == pytest.approx((60 + 2 * 350) / (2 * 500))
    assert value(scenario, "slots_full_share", **DESK) == pytest.approx(350 / 500)
    assert value(scenario, "on_queue_hours", {"group": "early"}, **DESK) == pytest.approx(500 / 3600)


def test_concurrency_is_over_the_time_with_conversations(scenario):
    """Sessions 200-340, 250-700, 260-: inside INTERACTING (200-500) 140 + 250 + 240 seconds."""
    assert value(scenario, "concurrency", **DESK) == pytest.approx(630 / 300)
    assert value(scenario, "open_mean", **DESK) == pytest.approx((100 + 450 + 840) / 1000)


def test_sessions_are_measured_when_they_have_ended(scenario):
    assert value(scenario, "nConnected", **DESK) == 3
    assert value(scenario, "tHandle", **DESK) == pytest.approx((140 + 450) / 2)
    assert value(scenario, "tTalk", **DESK) == pytest.approx((100 + 450) / 2)
    assert value(scenario, "tAcw", **DESK) == pytest.approx(20)
    assert value(scenario, "tWork", **DESK) == pytest.approx(115)
    assert value(scenario, "censored_sessions", **DESK) == 1
    assert value(scenario, "tAlert", **DESK) == pytest.approx(20)
    assert value(scenario, "tNotResponding", **DESK) == pytest.approx(30)
    assert value(scenario, "alerts_expired_share", **DESK) == 0.5


def test_a_reply_still_being_written_is_attention_of_the_session_s_agent(scenario):
    sessions = [{"alerted_us": 100, "connected_us": 100, "t_work_us": 0}]
    turns = [{"agent": pd.NA, "queue": pd.NA, "reply_started_us": 900}]
    states = [state(0, 1100, "interacting")]
    assert value(scenario, "occupancy_work", end=1100, sessions=sessions, turns=turns, agent_states=states) == 0.2


# --- conversations ---------------------------------------------------------------------------------------------


def test_first_responses_run_from_the_queue_and_from_the_first_message(scenario):
    portions = [
        {"opened_us": 90, "queue_entered_us": 100, "first_reply_us": 150, "t_first_response_us": 50,
         "first_message_to_first_reply_us": 60, "disconnected_us": 150, "disconnect": "resolved"},
        {"opened_us": 200, "queue_entered_us": 210, "first_reply_us": 240, "t_first_response_us": 30,
         "first_message_to_first_reply_us": 40, "disconnected_us": 225, "disconnect": "resolved"},
        {"opened_us": 300, "queue_entered_us": 310},
        {"opened_us": 400, "disconnected_us": 410, "disconnect": "contained", "queue": pd.NA, "reopened": True},
    ]  # fmt: skip
    assert value(scenario, "tFirstResponse", portions=portions) == 40
    assert value(scenario, "first_message_to_first_reply", portions=portions) == 40  # the first opened too early
    assert value(scenario, "censored_first_replies", portions=portions) == 1
    assert value(scenario, "reopened_share", portions=portions) == pytest.approx(1 / 3)
    assert value(scenario, "contained_share", portions=portions) == pytest.approx(1 / 3)
    assert value(scenario, "resolved_within", portions=portions) == pytest.approx(1 / 3)
    assert value(scenario, "in_flow_mean", portions=portions) == pytest.approx((10 + 10 + 10) / 1000)


def test_every_reply_has_its_own_clock(scenario):
    turns = [
        {"turn": 0, "first_message_us": 190, "last_message_us": 200, "reply_us": 215, "t_agent_response_us": 15,
         "reply_from_first_us": 25, "reply_from_connect_us": 12, "outcome": "answered"},
        {"turn": 1, "first_message_us": 300, "last_message_us": 300, "reply_us": 345, "t_agent_response_us": 45,
         "reply_from_first_us": 45, "reply_from_connect_us": 45, "outcome": "answered", "late": True},
        {"turn": 2, "first_message_us": 500, "last_message_us": 500, "outcome": "open", "portion": 2},
        {"turn": 0, "contact": "web/1", "first_message_us": 500, "last_message_us": 500, "outcome": "contained"},
    ]  # fmt: skip
    assert value(scenario, "tAgentResponseTime", turns=turns) == 30
    assert value(scenario, "reply_from_connect", turns=turns) == 28.5
    assert value(scenario, "reply_within", turns=turns) == pytest.approx(1 / 3)  # the contained burst needs no agent
    assert value(scenario, "censored_turns", turns=turns) == 1
    assert value(scenario, "late_replies", turns=turns) == 1
    assert value(scenario, "late_reply_share", turns=turns) == 0.5
    assert value(scenario, "tUserResponseTime", turns=turns) == 85  # 215 -> 300; the third burst is another portion


def test_affinity_counts_first_offers_of_reopened_portions_with_an_earlier_agent(scenario):
    conversations = ("a", "b", "c")
    portions = [{"conversation": c, "portion": 2, "reopened": True, "opened_us": 200} for c in conversations]
    offers = [offer(200, 210, "answered", conversation=c, portion=2) for c in conversations]
    offers.append(offer(250, 260, "answered", conversation="a", portion=2, offer=2))
    sessions = [
        {"conversation": "a", "alerted_us": 50, "connected_us": 50},
        {"conversation": "b", "alerted_us": 50, "connected_us": 50},  # c never had an agent: nobody to hit or miss
        {"conversation": "a", "portion": 2, "connected_us": 210, "placement": "last_agent", "reopened": True},
        {"conversation": "b", "portion": 2, "connected_us": 210, "reopened": True},
    ]
    assert value(scenario, "affinity_hit_rate", portions=portions, offers=offers, sessions=sessions) == 0.5


# --- customers -------------------------------------------------------------------------------------------------


def test_lost_is_a_chain_that_ends_without_service(scenario):
    """Three new needs: one abandons twice and is lost, one is answered at the second and one at the fourth attempt."""
    contacts = [
        {"contact": "web/0", "arrived_us": 200, "ended_us": 220, "outcome": "abandoned"},
        {"contact": "web/0.after_abandon", "parent": "web/0", "arrived_us": 320, "ended_us": 340,
         "outcome": "abandoned"},
        {"contact": "web/1", "arrived_us": 300, "ended_us": 310, "outcome": "abandoned"},
        {"contact": "web/1.after_abandon", "parent": "web/1", "arrived_us": 1150, "ended_us": 1200,
         "outcome": "answered"},
        *({"contact": f"web/2.{k}", "parent": f"web/2.{k - 1}" if k else pd.NA, "arrived_us": 400 + 10 * k,
           "ended_us": 405 + 10 * k, "outcome": "answered" if k == 3 else "abandoned"} for k in range(4)),
    ]  # fmt: skip
    assert value(scenario, "lost_share_of_new", contacts=contacts) == pytest.approx(1 / 3)
    assert value(scenario, "attempts_per_new", contacts=contacts) == pytest.approx(7 / 3)  # one came after the window
    assert value(scenario, "retry_pool_mean", contacts=contacts) == pytest.approx((100 + 790 + 3 * 5) / 1000)
    assert value(scenario, "contacts_abandoned_share", contacts=contacts) == pytest.approx(6 / 7)


# --- outbound --------------------------------------------------------------------------------------------------


def send(requested, sent=None, **more):
    row = {"source": "sale", "requested_us": requested, "outcome": "waiting", **more}
    return row if sent is None else row | {"sent_us": sent, "delay_us": sent - requested, "outcome": "delivered"}


def test_backlog_drain_and_delay_of_a_burst(scenario):
    """Ten requested together at 300 s, one leaves every second, the first at once."""
    sends = [send(300, 300 + k) for k in range(10)]

    def of(metric, **scope):
        return value(scenario, metric, scope or {"lane": "campaign"}, sends=sends)

    assert of("backlog_peak") == 9
    assert of("drain_time") == 9
    assert of("backlog_time") == 9
    assert of("send_delay_mean") == 4.5
    assert of("send_delay_max", source="sale") == 9
    assert of("send_held_share") == 0.9
    assert of("messages_per_minute_at_backlog") == pytest.approx(60)
    assert of("messages_per_minute_peak") == 10
    assert of("messages_per_60_s_peak") == 10
    assert of("cap_per_minute") == 18000
    assert value(scenario, "nOutbound", sends=sends) == 10


def test_drain_time_runs_from_the_peak_backlog_time_from_the_first_that_waits(scenario):
    """Cap 1 per 2 s; one request a second for 10 s, then none: 5 wait at the peak, 10 s after the first request."""
    sends = [send(300 + k, 300 + 2 * k) for k in range(10)]
    scope = {"lane": "campaign"}
    assert value(scenario, "backlog_peak", scope, sends=sends) == 5
    assert value(scenario, "drain_time", scope, sends=sends) == 318 - 309
    assert value(scenario, "backlog_time", scope, sends=sends) == 318 - 301


def test_sends_held_at_the_end_are_censored_not_lost(scenario):
    sends = [send(300, 301), send(300)]
    scope = {"lane": "campaign"}
    assert value(scenario, "censored_sends", scope, sends=sends) == 1
    assert value(scenario, "nSent", scope, sends=sends) == 1
    assert value(scenario, "drain_time", scope, sends=sends, end=1300) == 1000


def test_agents_and_bots_have_lanes_of_their_own(scenario):
    messages = [
        {"at_us": 200, "direction": "outbound", "kind": "agent"},
        {"at_us": 205, "direction": "outbound", "kind": "agent"},
        {"at_us": 260, "direction": "outbound", "kind": "agent"},
        {"at_us": 200, "direction": "outbound", "kind": "bot"},
        {"at_us": 200, "direction": "inbound", "kind": "burst"},
    ]
    assert value(scenario, "messages_per_minute", {"lane": "agent"}, messages=messages) == 1.5
    assert value(scenario, "messages_per_60_s_peak", {"lane": "agent"}, messages=messages) == 2
    assert value(scenario, "messages_per_minute_peak", {"lane": "flow"}, messages=messages) == 1


# --- replications and days -------------------------------------------------------------------------------------


def test_replications_are_pooled_not_averaged(scenario):
    first = metrics.measure(scenario, tables(offers=[offer(200, 200, "answered")]), 1300 * S)
    other = metrics.measure(scenario, tables(offers=[offer(200, 300, "answered")] * 3), 1300 * S)
    summary = metrics.summarise(scenario, [first, other])
    row = summary[(summary["metric"] == "oServiceLevel") & (summary["scope"] == {})].iloc[0]
    assert row["value"] == 0.25
    assert row["replications"] == 2
    assert 0 <= row["ci_low"] <= row["ci_high"] <= 1


def test_days_are_local_calendar_days(scenario):
    """Two days of the window in Berlin: all in time on the first, one of two on the second."""
    long = scenario.vary({"warm_up": 0, "duration": "2 days"})
    day = 24 * 3600
    offers = [
        offer(10, 10, "answered"),
        offer(day - 1, day - 1, "answered"),
        offer(day, day, "answered"),
        offer(day + 9, day + 99, "answered"),
    ]
    assert value(long, "share_of_days_on_target", offers=offers, end=3 * day) == 1
    assert value(long.vary({"service_level.target": "60 %"}), "share_of_days_on_target", offers=offers) == 0.5
    assert value(long, "p10_day", offers=offers, end=3 * day) == pytest.approx(0.55)
    assert value(long, "p90_day", {"queue": "service"}, offers=offers, end=3 * day) == pytest.approx(0.95)


# --- laws of every measure -------------------------------------------------------------------------------------


def test_names_are_unique_and_definitions_are_sentences(scenario):
    names = [each.name for each in MEASURES]
    assert len(set(names)) == len(names)
    for each in MEASURES:
        assert each.unit in UNITS, each.name
        assert len(each.describe(scenario)) > 30, each.name


def test_the_definition_of_the_service_level_says_which_one_it_is(scenario):
    level = next(each for each in MEASURES if each.name == "oServiceLevel")
    assert "20 s" in level.describe(scenario)
    assert "abandoned after 5 s or more" in level.describe(scenario)
    blocked = scenario.vary({"service_level.count_blocked": True, "service_level.count_abandons": False})
    assert "(answered + blocked)" in level.describe(blocked)


def test_a_summary_leads_with_the_service_level(scenario):
    summary = metrics.summarise(scenario, [metrics.measure(scenario, tables(), 1300 * S)])
    assert list(summary.columns) == list(COLUMNS)
    assert summary["metric"].iloc[0] == "oServiceLevel"
    order = list(dict.fromkeys(summary["metric"]))
    assert order.index("tWait") < order.index("occupancy_work") < order.index("reopened_share") < order.index("nSent")


def test_empty_tables_are_null_or_zero_never_a_crash(scenario):
    parts = metrics.measure(scenario, tables(), 1300 * S)
    summary = metrics.summarise(scenario, [parts, parts])
    assert set(summary["metric"]) <= {each.name for each in MEASURES}  # some scopes are only there where they are used
    # of the plan, whoever comes
    planned = {"oServiceTarget", "shrinkage_found", "shrinkage_planned", "adherence", "time_at_cap"}
    shares = summary[(summary["unit"] == "share") & ~summary["metric"].isin(planned)]
    assert shares["value"].isna().all()
    counts = summary[summary["metric"].isin(["nOffered", "contacts", "queue_length_mean", "backlog_peak"])]
    assert (counts["value"] == 0).all()
    assert metrics.summarise(scenario, [])["value"].isna().all()


def test_parts_travel_between_processes(scenario):
    parts = metrics.measure(scenario, tables(offers=OFFERS, **DESK), 1300 * S)
    again = pickle.loads(pickle.dumps(parts))
    assert metrics.summarise(scenario, [again]).equals(metrics.summarise(scenario, [parts]))


def test_every_scope_adds_up_to_the_whole(scenario):
    """Counts over the queues, over the channels and over the topics are the count of all."""
    rows = [*OFFERS, offer(700, 710, "answered", channel="app")]
    for metric in ("nOffered", "nAnswered", "nAbandoned"):
        whole = value(scenario, metric, offers=rows)
        assert whole == sum(value(scenario, metric, {"channel": name}, offers=rows) for name in ("web", "app"))
        assert whole == value(scenario, metric, {"queue": "service"}, offers=rows)


_TIMES = st.integers(0, 1250)


@st.composite
def worlds(draw):
    """Random small tables: consistent in themselves, whatever their story."""
    offers, sessions, turns, contacts, sends = [], [], [], [], []
    for i in range(draw(st.integers(0, 6))):
        entered, wait = draw(_TIMES), draw(st.integers(0, 60))
        outcome = draw(st.sampled_from(["answered", "abandoned", "open"]))
        offers.append(offer(entered, None if outcome == "open" else entered + wait, outcome, conversation=f"web/{i}"))
        contacts.append({
            "contact": f"web/{i}", "arrived_us": entered, "ended_us": entered + wait,
            "outcome": draw(st.sampled_from(["answered", "abandoned", "silent", "open"])),
            "parent": draw(st.sampled_from([pd.NA, "web/0"])) if i else pd.NA,
        })  # fmt: skip
    busy = 0
    for i in range(draw(st.integers(0, 5))):
        start = busy + draw(st.integers(0, 100))
        work, wrap = draw(st.integers(1, 100)), draw(st.integers(0, 50))
        busy = start + work + wrap
        sessions.append({
            "conversation": f"web/{i}", "alerted_us": start, "connected_us": start, "disconnected_us": start + work,
            "wrap_up_started_us": start + work, "ended_us": busy, "reopened": draw(st.booleans()),
            "t_talk_us": work, "t_acw_us": wrap, "t_handle_us": work + wrap, "t_work_us": work + wrap,
        })  # fmt: skip
        turns.append({
            "contact": f"web/{i}", "conversation": f"web/{i}", "first_message_us": start, "last_message_us": start,
            "reply_started_us": start, "reply_us": start + work, "t_agent_response_us": work, "outcome": "answered",
        })  # fmt: skip
    for k in range(draw(st.integers(0, 4))):
        at = draw(_TIMES)
        sends.append(send(at, at + draw(st.integers(0, 30)), ordinal=k))
    states = [state(0, 700, draw(st.sampled_from(["idle", "interacting"]))), state(700, 1300, "off_queue")]
    return {
        "offers": offers, "sessions": sessions, "turns": turns, "contacts": contacts, "sends": sends,
        "agent_states": states,
    }  # fmt: skip


@settings(max_examples=12, deadline=None)
@given(worlds(), worlds())
def test_shares_lie_between_nothing_and_all(one, other):
    scenario = loads(SCENARIO)
    parts = [metrics.measure(scenario, tables(**rows), 1300 * S) for rows in (one, other)]
    summary = metrics.summarise(scenario, parts)
    shares = summary[summary["unit"] == "share"]["value"].dropna()
    assert shares.between(0, 1).all()
    assert (summary["value"].dropna() >= 0).all()
    with_interval = summary.dropna(subset=["ci_low", "ci_high"])  # an end beyond all samples is null
    assert (with_interval["ci_low"] <= with_interval["ci_high"]).all()


def test_one_replication_has_values_and_no_intervals(scenario):
    summary = metrics.summarise(scenario, [metrics.measure(scenario, tables(offers=OFFERS), 1300 * S)])
    assert summary["ci_low"].isna().all() and summary["ci_high"].isna().all()
    assert not isnan(summary["value"].iloc[0])
    assert np.isfinite(summary["value"].dropna()).all()
