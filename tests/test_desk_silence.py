"""Tiny worlds, worked out by hand: parked conversations, and the platform's inactivity timer."""

from __future__ import annotations

from tiny import lines, only, story, tiny
from worlds import run

from simulator.records import checks, fold
from simulator.vocabulary.codes import Event

PARK = (Event.CONNECTED, Event.PARKED, Event.RETURNED, Event.REPLY_SENT, Event.PORTION_DISCONNECTED)


def tables(text: str):
    """The tables of a world that adds up."""
    scenario, rows = run(text)
    folded = fold(scenario, rows)
    assert [check for check in checks(scenario, rows, folded) if not check.passed] == []
    return folded


def test_a_parked_conversation_holds_no_slot_and_returns_when_the_customer_writes():
    """One slot. The first is answered at 10 and parked at 20: the second, who waits since 15, connects. He thinks 60 s
    after each reply: the first writes at 70 and is back, the second at 90."""
    text = tiny(
        "0 s, 15 s", behaviour="turns: 2, think: 60 s", queue="auto_answer: true, park: {after: 10 s, for: 30 min}"
    )
    left_out = (
        Event.CONTACT_ARRIVED, Event.CONTACT_STARTED, Event.QUEUE_ENTERED, Event.ALERTED, Event.PORTION_OPENED,
    )  # fmt: skip
    assert story(text, *left_out) == lines("""
        0 AGENT_STATUS m0 a0
        0 AGENT_STATUS m1 a0 v1
        0 TURN_OPENED c0.1 m0 a0
        0 MESSAGE_RECEIVED c0.1 m0 a0
        0 CONNECTED c0.1 m0 q0 a0
        0 AGENT_STATUS m1 a0 v2
        0 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        10 REPLY_SENT c0.1 m1 q0 a0
        15 TURN_OPENED c1.1 m1 a1
        15 MESSAGE_RECEIVED c1.1 m2 a1 v1
        20 PARKED c0.1 m0 q0 a0
        20 AGENT_STATUS m1 a0 v1                    # nothing that counts: IDLE
        20 CONNECTED c1.1 m1 q0 a0 v1
        20 AGENT_STATUS m1 a0 v2
        20 REPLY_STARTED c1.1 m1 q0 a0 v10000000
        30 REPLY_SENT c1.1 m3 q0 a0 v1
        40 PARKED c1.1 m1 q0 a0
        40 AGENT_STATUS m1 a0 v1
        70 TURN_OPENED c0.1 m2 a0 v1
        70 MESSAGE_RECEIVED c0.1 m4 a0 v2
        70 RETURNED c0.1 m0 q0 a0 v1
        70 AGENT_STATUS m1 a0 v2
        70 REPLY_STARTED c0.1 m2 q0 a0 v10000000
        80 REPLY_SENT c0.1 m5 q0 a0 v2
        80 CONTACT_ENDED m0 v1
        80 PORTION_DISCONNECTED c0.1 a0 v1
        80 SESSION_ENDED c0.1 m0 q0 a0
        80 AGENT_STATUS m1 a0 v1
        90 TURN_OPENED c1.1 m3 a1 v1
        90 MESSAGE_RECEIVED c1.1 m6 a1 v3
        90 RETURNED c1.1 m1 q0 a0 v1
        90 AGENT_STATUS m1 a0 v2
        90 REPLY_STARTED c1.1 m3 q0 a0 v10000000
        100 REPLY_SENT c1.1 m7 q0 a0 v3
        100 CONTACT_ENDED m1 v1
        100 PORTION_DISCONNECTED c1.1 a0 v1
        100 SESSION_ENDED c1.1 m1 q0 a0
        100 AGENT_STATUS m1 a0 v1
        3600 RUN_ENDED
    """)
    folded = tables(text)
    sessions = folded["sessions"]
    assert sessions["parkings"].tolist() == [1, 1]
    assert sessions["t_park_us"].tolist() == [50_000_000, 50_000_000]
    assert sessions["t_handle_us"].tolist() == [30_000_000, 30_000_000]  # 80 s and 80 s, less the time parked
    assert folded["parks"]["why"].tolist() == ["wrote", "wrote"]


def test_without_parking_the_second_waits_for_the_slot():
    """The knob changes something."""
    text = tiny("0 s, 15 s", behaviour="turns: 2, think: 60 s")
    assert only(text, Event.CONNECTED)[1] == "80 CONNECTED c1.1 m1 q0 a0 v1"


def test_a_parked_conversation_returns_on_time_however_full_the_agent_is():
    """Parked at 20 for 2 minutes; meanwhile the one slot is taken by the second. At 140 the first is back beside it:
    two where one is allowed. Nobody has written; a minute later the agent closes it."""
    text = tiny(
        "0 s, 135 s",
        behaviour="turns: 2, think: 1 h",
        queue="auto_answer: true, close_after: 1 min, park: {after: 10 s, for: 2 min}",
        duration="10 min",
    )
    assert only(text, *PARK) == lines("""
        0 CONNECTED c0.1 m0 q0 a0
        10 REPLY_SENT c0.1 m1 q0 a0
        20 PARKED c0.1 m0 q0 a0
        135 CONNECTED c1.1 m1 q0 a0 v1
        140 RETURNED c0.1 m0 q0 a0
        145 REPLY_SENT c1.1 m3 q0 a0 v1
        155 PARKED c1.1 m1 q0 a0
        200 PORTION_DISCONNECTED c0.1 a0 v5
        275 RETURNED c1.1 m1 q0 a0
        335 PORTION_DISCONNECTED c1.1 a0 v5
    """)
    assert tables(text)["parks"]["why"].tolist() == ["time_over", "time_over"]


def test_who_came_back_over_the_limit_keeps_others_out():
    """At 140 the agent holds two of one: the third, who comes at 150, connects only when both are gone or parked."""
    text = tiny(
        "0 s, 135 s, 150 s",
        behaviour="turns: 2, think: 1 h",
        queue="auto_answer: true, close_after: 1 min, park: {after: 10 s, for: 2 min}",
        duration="10 min",
    )
    assert "200 CONNECTED c2.1 m2 q0 a0 v2" in only(text, Event.CONNECTED)  # parked at 155, closed at 200
    tables(text)


def test_the_end_of_a_shift_brings_parked_conversations_back_to_be_disconnected():
    shift = 'shift: {from: "00:00", to: "00:01"}'
    text = tiny(
        behaviour="turns: 2, think: 1 h", queue="auto_answer: true, park: {after: 10 s, for: 30 min}", agents=shift
    )
    assert only(text, *PARK, Event.SESSION_ENDED) == lines("""
        0 CONNECTED c0.1 m0 q0 a0
        10 REPLY_SENT c0.1 m1 q0 a0
        20 PARKED c0.1 m0 q0 a0
        60 RETURNED c0.1 m0 q0 a0 v2
        60 PORTION_DISCONNECTED c0.1 a0 v6
        60 SESSION_ENDED c0.1 m0 q0 a0
    """)
    tables(text)


# --- the inactivity timer --------------------------------------------------------------------------------------

ENDS = (Event.REPLY_SENT, Event.PORTION_DISCONNECTED, Event.CONTACT_ENDED, Event.SESSION_ENDED)


def test_the_platform_ends_a_silent_conversation():
    """`close_after: never`, 2 minutes after the latest message, whoever wrote it. The customer comes again at 10 min:
    re-opened, and answered."""
    text = tiny(
        behaviour="turns: 2, think: 10 min",
        queue="auto_answer: true, close_after: never, inactivity_timeout: 2 min",
    )
    assert only(text, *ENDS, Event.PORTION_OPENED) == lines("""
        0 PORTION_OPENED c0.1 m0 q0
        10 REPLY_SENT c0.1 m1 q0 a0
        130 PORTION_DISCONNECTED c0.1 a0 v20
        130 SESSION_ENDED c0.1 m0 q0 a0
        610 PORTION_OPENED c0.2 m0 q0 v1
        620 REPLY_SENT c0.2 m3 q0 a0 v1
        620 CONTACT_ENDED m0 v1
        620 PORTION_DISCONNECTED c0.2 a0 v1
        620 SESSION_ENDED c0.2 m1 q0 a0
    """)
    assert tables(text)["portions"]["disconnect"].tolist() == ["inactive", "resolved"]


def test_any_message_resets_the_timer():
    """Customer at 0, reply at 10, customer at 100, reply at 110, and so on: never 2 minutes without a word."""
    text = tiny(
        behaviour="turns: 4, think: 90 s", queue="auto_answer: true, close_after: never, inactivity_timeout: 2 min"
    )
    assert only(text, Event.PORTION_DISCONNECTED) == ["310 PORTION_DISCONNECTED c0.1 a0 v1"]


def test_a_message_that_nobody_answers_times_out_too():
    """The agent writes to the first until 300. The second, connected at 1, hears nothing for 2 minutes: the platform
    ends it, his message stays unanswered and he is lost. While a reply is being written the timer rests (assumed)."""
    text = tiny(
        "0 s, 1 s",
        queue="auto_answer: true, inactivity_timeout: 2 min",
        agents="capacity: 2, reply: {effort: 5 min}",
    )
    assert only(text, *ENDS) == lines("""
        121 PORTION_DISCONNECTED c1.1 a0 v21
        121 CONTACT_ENDED m1 v20
        121 SESSION_ENDED c1.1 m1 q0 a0
        300 REPLY_SENT c0.1 m2 q0 a0
        300 CONTACT_ENDED m0 v1
        300 PORTION_DISCONNECTED c0.1 a0 v1
        300 SESSION_ENDED c0.1 m0 q0 a0
    """)
    folded = tables(text)
    assert folded["turns"]["outcome"].tolist() == ["answered", "timed_out"]
    assert folded["contacts"]["outcome"].tolist() == ["answered", "timed_out"]


def test_parked_time_does_not_count():
    """Parked from 20 to 140; the timer of 2 minutes looks back to the return only: 260, not 130."""
    text = tiny(
        behaviour="turns: 2, think: 1 h",
        queue="auto_answer: true, close_after: never, park: {after: 10 s, for: 2 min}, inactivity_timeout: 2 min",
        duration="10 min",
    )
    assert only(text, Event.RETURNED, Event.PORTION_DISCONNECTED) == lines("""
        140 RETURNED c0.1 m0 q0 a0
        260 PORTION_DISCONNECTED c0.1 a0 v20
    """)


def test_the_other_outcome_is_a_flow():
    """After 2 minutes the conversation leaves the agent, the customer is asked whether he is there, and after a minute
    an agent has it again, from whose connect the timer runs anew: round and round, until somebody writes."""
    text = tiny(
        behaviour="turns: 2, think: 1 h",
        queue="auto_answer: true, inactivity_timeout: 2 min, close_after: 5 min, inactivity_flow: nudge",
        duration="10 min",
    ).replace(
        "flows: {",
        "flows: {nudge: [{send: {text: Are you there?}}, {wait: {time: 1 min}}, {transfer: {queue: line}}], ",
    )
    events = (
        Event.SENT_THROUGH_FLOW, Event.FLOW_MESSAGE_SENT, Event.QUEUE_ENTERED, Event.PORTION_DISCONNECTED,
        Event.SESSION_ENDED,
    )  # fmt: skip
    assert only(text, *events) == lines("""
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        130 SENT_THROUGH_FLOW c0.1 m0 q0 a0
        130 SESSION_ENDED c0.1 m0 q0 a0
        130 FLOW_MESSAGE_SENT c0.1 m2 v3
        190 QUEUE_ENTERED c0.1 m1 q0 a0
        310 SENT_THROUGH_FLOW c0.1 m1 q0 a0
        310 SESSION_ENDED c0.1 m1 q0 a0
        310 FLOW_MESSAGE_SENT c0.1 m3 v3
        370 QUEUE_ENTERED c0.1 m2 q0 a0
        490 SENT_THROUGH_FLOW c0.1 m2 q0 a0
        490 SESSION_ENDED c0.1 m2 q0 a0
        490 FLOW_MESSAGE_SENT c0.1 m4 v3
        550 QUEUE_ENTERED c0.1 m3 q0 a0
    """)
    folded = tables(text)
    assert folded["sessions"]["t_talk_us"].tolist()[:3] == [130_000_000, 120_000_000, 120_000_000]
