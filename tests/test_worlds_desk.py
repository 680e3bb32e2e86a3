"""Tiny worlds, worked out by hand: the order of work at a desk, slots, wrap-up, efforts."""

from __future__ import annotations

import pytest
from tiny import lines, only, story, tiny

from simulator.vocabulary.codes import Event

WORK = (Event.REPLY_STARTED, Event.REPLY_SENT, Event.WRAP_UP_STARTED, Event.SESSION_ENDED, Event.PORTION_DISCONNECTED)


def test_the_oldest_unanswered_message_first():
    """Among replies the one to the oldest unanswered message goes first, whatever conversation it belongs to."""
    text = tiny("0 s, 5 s, 12 s", behaviour="turns: 2, think: 3 s", agents="capacity: 3")
    assert only(text, Event.TURN_OPENED, Event.REPLY_STARTED) == lines("""
        0 TURN_OPENED c0.1 m0 a0
        0 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        5 TURN_OPENED c1.1 m1 a1
        10 REPLY_STARTED c1.1 m1 q0 a0 v10000000
        12 TURN_OPENED c2.1 m2 a2
        13 TURN_OPENED c0.1 m3 a0 v1
        20 REPLY_STARTED c2.1 m2 q0 a0 v10000000    # of 12, before that of 13
        23 TURN_OPENED c1.1 m4 a1 v1
        30 REPLY_STARTED c0.1 m3 q0 a0 v10000000
        33 TURN_OPENED c2.1 m5 a2 v1
        40 REPLY_STARTED c1.1 m4 q0 a0 v10000000
        50 REPLY_STARTED c2.1 m5 q0 a0 v10000000
    """)


def test_ties_of_replies_go_to_the_lower_conversation():
    """Messages of the same instant: the lower conversation id first."""
    text = tiny("0 s, 3 s, 3 s, 3 s", agents="capacity: 4")
    assert [line.split()[2] for line in only(text, Event.REPLY_STARTED)] == ["c0.1", "c1.1", "c2.1", "c3.1"]


def test_the_end_of_a_conversation_is_one_stretch():
    """Last reply, disconnect and wrap-up are one stretch: a waiting reply does not come between."""
    text = tiny("0 s, 5 s", queue="auto_answer: true, after_call_work: {takes: 30 s}", agents="capacity: 2")
    assert story(text) == lines("""
        0 AGENT_STATUS m0 a0
        0 AGENT_STATUS m1 a0 v1
        0 CONTACT_ARRIVED c0.1 m0 q0 a0
        0 CONTACT_STARTED c0.1 m0 v-1
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        0 MESSAGE_RECEIVED c0.1 m0 a0
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        0 ALERTED c0.1 m0 q0 a0
        0 CONNECTED c0.1 m0 q0 a0
        0 AGENT_STATUS m1 a0 v2
        0 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        5 CONTACT_ARRIVED c1.1 m1 q0 a0 v1
        5 CONTACT_STARTED c1.1 m1 v-1
        5 PORTION_OPENED c1.1 m1 q0
        5 TURN_OPENED c1.1 m1 a1
        5 MESSAGE_RECEIVED c1.1 m1 a1 v1
        5 QUEUE_ENTERED c1.1 m1 q0 a1
        5 ALERTED c1.1 m1 q0 a0
        5 CONNECTED c1.1 m1 q0 a0 v1
        10 REPLY_SENT c0.1 m2 q0 a0
        10 CONTACT_ENDED m0 v1
        10 PORTION_DISCONNECTED c0.1 a0 v1
        10 WRAP_UP_STARTED c0.1 m0 q0 a0
        40 SESSION_ENDED c0.1 m0 q0 a0
        40 REPLY_STARTED c1.1 m1 q0 a0 v10000000
        50 REPLY_SENT c1.1 m3 q0 a0 v1
        50 CONTACT_ENDED m1 v1
        50 PORTION_DISCONNECTED c1.1 a0 v1
        50 WRAP_UP_STARTED c1.1 m1 q0 a0
        80 SESSION_ENDED c1.1 m1 q0 a0
        80 AGENT_STATUS m1 a0 v1
        3600 RUN_ENDED
    """)


VANISHES = "turns: 2, think: 1 h, vanishes: 100 %"


def test_wrap_ups_before_replies():
    """A wrap-up that a close brings goes before replies that wait longer; it waits for the present piece."""
    text = tiny(
        "0 s, 65 s, 66 s",
        behaviour=VANISHES,
        queue="auto_answer: true, close_after: 1 min, after_call_work: {takes: 30 s}",
        agents="capacity: 3",
    )
    assert only(text, *WORK) == lines("""
        0 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        10 REPLY_SENT c0.1 m1 q0 a0
        65 REPLY_STARTED c1.1 m1 q0 a0 v10000000
        70 PORTION_DISCONNECTED c0.1 a0 v5          # in the middle of a reply
        75 REPLY_SENT c1.1 m4 q0 a0 v1
        75 WRAP_UP_STARTED c0.1 m0 q0 a0            # before the reply that waits since 66
        105 SESSION_ENDED c0.1 m0 q0 a0
        105 REPLY_STARTED c2.1 m2 q0 a0 v10000000
        115 REPLY_SENT c2.1 m5 q0 a0 v2
        135 PORTION_DISCONNECTED c1.1 a0 v5
        135 WRAP_UP_STARTED c1.1 m1 q0 a0
        165 SESSION_ENDED c1.1 m1 q0 a0
        175 PORTION_DISCONNECTED c2.1 a0 v5
        175 WRAP_UP_STARTED c2.1 m2 q0 a0
        205 SESSION_ENDED c2.1 m2 q0 a0
    """)


def test_wrap_up_holds_the_slot():
    """Capacity counts from alert to the end of wrap-up: the third waits until the first wrap-up is over."""
    text = tiny("0 s, 1 s, 2 s", queue="auto_answer: true, after_call_work: {takes: 5 s}", agents="capacity: 2")
    assert only(text, Event.CONNECTED, *WORK) == lines("""
        0 CONNECTED c0.1 m0 q0 a0
        0 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        1 CONNECTED c1.1 m1 q0 a0 v1
        10 REPLY_SENT c0.1 m3 q0 a0
        10 PORTION_DISCONNECTED c0.1 a0 v1
        10 WRAP_UP_STARTED c0.1 m0 q0 a0
        15 SESSION_ENDED c0.1 m0 q0 a0
        15 CONNECTED c2.1 m2 q0 a0 v2
        15 REPLY_STARTED c1.1 m1 q0 a0 v10000000
        25 REPLY_SENT c1.1 m4 q0 a0 v1
        25 PORTION_DISCONNECTED c1.1 a0 v1
        25 WRAP_UP_STARTED c1.1 m1 q0 a0
        30 SESSION_ENDED c1.1 m1 q0 a0
        30 REPLY_STARTED c2.1 m2 q0 a0 v10000000
        40 REPLY_SENT c2.1 m5 q0 a0 v2
        40 PORTION_DISCONNECTED c2.1 a0 v1
        40 WRAP_UP_STARTED c2.1 m2 q0 a0
        45 SESSION_ENDED c2.1 m2 q0 a0
    """)


def test_a_thinking_customer_holds_the_slot():
    """A slot is held also while the customer thinks."""
    text = tiny("0 s, 12 s", behaviour="turns: 2, think: 30 s")
    assert only(text, Event.CONNECTED) == ["0 CONNECTED c0.1 m0 q0 a0", "50 CONNECTED c1.1 m1 q0 a0 v1"]


def test_no_more_than_capacity():
    """With three slots the fourth of four simultaneous contacts waits for the first end."""
    text = tiny("0 s, 0 s, 0 s, 0 s", agents="capacity: 3")
    assert [line.split()[0] for line in only(text, Event.CONNECTED)] == ["0", "0", "0", "10"]


@pytest.mark.parametrize(
    ("wrap_up", "ends"),
    [
        ("{takes: 30 s}", 40),
        ("{mode: MANDATORY, takes: 30 s}", 40),
        ("{mode: MANDATORY_TIMEOUT, timeout: 20 s, takes: 30 s}", 30),  # min(drawn, timeout)
        ("{mode: MANDATORY_TIMEOUT, timeout: 20 s, takes: 5 s}", 15),
        ("{mode: MANDATORY_TIMEOUT, timeout: 20 s, takes: 20 s}", 30),
        ("{mode: MANDATORY_FORCED_TIMEOUT, timeout: 20 s}", 30),  # always the timeout
    ],
)
def test_wrap_up_modes(wrap_up, ends):
    """MANDATORY takes its drawn time, MANDATORY_TIMEOUT at most the timeout, MANDATORY_FORCED_TIMEOUT the timeout."""
    text = tiny("0 s, 1 s", queue=f"auto_answer: true, after_call_work: {wrap_up}")
    assert only(text, Event.WRAP_UP_STARTED)[0] == "10 WRAP_UP_STARTED c0.1 m0 q0 a0"
    assert only(text, Event.SESSION_ENDED)[0] == f"{ends} SESSION_ENDED c0.1 m0 q0 a0"
    assert only(text, Event.CONNECTED)[1] == f"{ends} CONNECTED c1.1 m1 q0 a0 v1"


@pytest.mark.parametrize(
    ("wrap_up", "second", "told"),
    [
        # the close comes at 120; the agent writes from 100 to 160 and comes to the wrap-up then, or never
        ("{takes: 30 s}", "100 s", ["160 WRAP_UP_STARTED", "190 SESSION_ENDED"]),
        ("{mode: MANDATORY_TIMEOUT, timeout: 20 s, takes: 30 s}", "100 s", ["140 SESSION_ENDED"]),
        ("{mode: MANDATORY_FORCED_TIMEOUT, timeout: 20 s}", "100 s", ["140 SESSION_ENDED"]),
        ("{mode: MANDATORY_TIMEOUT, timeout: 20 s, takes: 5 s}", "100 s", ["140 SESSION_ENDED"]),
        # he writes from 75 to 135 and comes to the wrap-up 5 s before its timeout
        ("{takes: 30 s}", "75 s", ["135 WRAP_UP_STARTED", "165 SESSION_ENDED"]),
        ("{mode: MANDATORY_TIMEOUT, timeout: 20 s, takes: 30 s}", "75 s", ["135 WRAP_UP_STARTED", "140 SESSION_ENDED"]),
        ("{mode: MANDATORY_TIMEOUT, timeout: 20 s, takes: 3 s}", "75 s", ["135 WRAP_UP_STARTED", "138 SESSION_ENDED"]),
        ("{mode: MANDATORY_FORCED_TIMEOUT, timeout: 20 s}", "75 s", ["135 WRAP_UP_STARTED", "140 SESSION_ENDED"]),
    ],
)
def test_the_timeout_runs_while_the_agent_is_busy(wrap_up, second, told):
    """The timeout is the wall clock's, from the disconnect, worked on or not: it frees the slot of a busy agent."""
    text = tiny(
        f"0 s, {second}",
        behaviour=VANISHES,
        queue=f"auto_answer: true, close_after: 1 min, after_call_work: {wrap_up}",
        agents="capacity: 2, reply: {effort: 60 s}",
        duration="200 s",
    )
    assert "120 PORTION_DISCONNECTED c0.1 a0 v5" in only(text, Event.PORTION_DISCONNECTED)
    seen = [line for line in only(text, Event.WRAP_UP_STARTED, Event.SESSION_ENDED) if "c0.1" in line]
    assert seen == [f"{line} c0.1 m0 q0 a0" for line in told]


# --- efforts ---------------------------------------------------------------------------------------------------


def efforts(text: str) -> list[float]:
    return [int(line.split("v")[-1]) / 1e6 for line in only(text, Event.REPLY_STARTED)]


def test_canned_replies():
    """Canned replies cost a factor of the drawn effort, for a share of the replies."""
    behaviour = "turns: 2, think: 10 s"
    assert efforts(tiny(behaviour=behaviour, agents="reply: {effort: 10 s, canned: {share: 100 %, effort: 0.4}}")) == [
        4,
        4,
    ]
    assert efforts(tiny(behaviour=behaviour, agents="reply: {effort: 10 s, canned: {share: 0 %, effort: 0.4}}")) == [
        10,
        10,
    ]
    many = ", ".join(["0 s"] * 400)
    mixed = efforts(tiny(many, agents="reply: {effort: 1 s, canned: {share: 25 %, effort: 3}}", duration="2 h"))
    assert set(mixed) == {1, 3} and 65 <= mixed.count(3) <= 135  # 100 +- 4 standard errors


READS = "reply: {effort: 10 s, history: {per_message: 2 s, at_most: 60 s}}"


def test_history_is_read_at_the_first_reply_of_a_session():
    """He reads what was said without the burst he answers, the bot's messages included; later replies read nothing."""
    text = tiny(
        behaviour="turns: 2, think: 10 s, flow_answer: 1 s, opening: {messages: 2, gap: 1 s}",
        flow="{bot: {turns: 2, bot_time: 1 s}}",
        agents=READS,
    )
    # before his reply: 2 of the burst, 2 of the bot, 1 answer: 3 to read
    assert efforts(text) == [16, 10]


def test_history_in_a_later_session():
    """The same agent has read what came before his own last reply; another agent reads it all."""
    behaviour = "turns: 2, think: 20 min"
    assert efforts(tiny(behaviour=behaviour, agents=READS)) == [10, 10]
    # the first agent leaves after 10 minutes; opening, reply: 2 messages for the second
    agents = {
        "a": READS + ', shift: {from: "00:00", to: "00:15"}',
        "b": READS + ', shift: {from: "00:15", to: "08:00"}',
    }
    assert efforts(tiny("1 s", behaviour=behaviour, agents=agents)) == [10, 14]


def test_history_has_a_maximum():
    """History costs a maximum, however much was said."""
    reply = "reply: {effort: 10 s, history: {per_message: 2 s, at_most: 5 s}}"
    text = tiny(behaviour="flow_answer: 1 s", flow="{bot: {turns: 5, bot_time: 1 s}}", agents=reply)
    assert efforts(text) == [15]


# --- platforms' reply rule: more in test_sending_windows.py ------------------------------------------------------


def test_the_latest_message_opens_the_reply_window():
    """The window counts from the customer's latest message, not from the one that is answered."""
    text = tiny(
        "0 s, 2 h", channel="wa", customers="{population: 1}", agents="reply: {effort: 25 h}", duration="5 days"
    )
    # the reply at 25 h answers a message of 0 h, but the customer wrote at 2 h; the next is ready at 50 h
    assert only(text, Event.REPLY_SENT, Event.REPLY_BLOCKED) == lines("""
        90000 REPLY_SENT c0.1 m2 q0 a0
        180000 REPLY_BLOCKED c0.1 m3 q1 a0 v1
    """)
