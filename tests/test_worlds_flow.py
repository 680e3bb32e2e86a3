"""Tiny worlds, worked out by hand: the inbound message flow, and what it costs or saves the first reply."""

from __future__ import annotations

import pytest
from tiny import STATUS, lines, only, story, tiny

from simulator.vocabulary.codes import Event

IDENTIFY = "{identify: {takes: 2 s}}"
BOT = "{bot: {turns: 3, bot_time: 1 s}}"
FORM = "{collect: {fields: 2}}"


def test_identify_bot_form_transfer():
    """n bot turns are n bot times and n-1 flow_answers; a field is question_time and one flow_answer."""
    text = tiny(flow=f"{IDENTIFY}, {BOT}, {FORM}", behaviour="flow_answer: 20 s", agents="reply: {effort: 25 s}")
    assert story(text, STATUS) == lines("""
        0 CONTACT_ARRIVED c0.1 m0 q0 a0
        0 CONTACT_STARTED c0.1 m0 v-1
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        0 MESSAGE_RECEIVED c0.1 m0 a0
        2 IDENTIFIED c0.1 m0 v1
        3 FLOW_MESSAGE_SENT c0.1 m1 v1              # the bot
        23 MESSAGE_RECEIVED c0.1 m2 a0 v-1          # answers to the flow belong to no turn
        24 FLOW_MESSAGE_SENT c0.1 m3 v1
        44 MESSAGE_RECEIVED c0.1 m4 a0 v-1
        45 FLOW_MESSAGE_SENT c0.1 m5 v1             # the bot has the last word
        46 FLOW_MESSAGE_SENT c0.1 m6 v2             # the form asks
        66 MESSAGE_RECEIVED c0.1 m7 a0 v-1
        67 FLOW_MESSAGE_SENT c0.1 m8 v2
        87 MESSAGE_RECEIVED c0.1 m9 a0 v-1          # and hears the last answer
        87 QUEUE_ENTERED c0.1 m0 q0 a0
        87 ALERTED c0.1 m0 q0 a0
        87 CONNECTED c0.1 m0 q0 a0
        87 REPLY_STARTED c0.1 m0 q0 a0 v15000000    # 25 s - 2 fields x 5 s
        102 REPLY_SENT c0.1 m10 q0 a0
        102 CONTACT_ENDED m0 v1
        102 PORTION_DISCONNECTED c0.1 a0 v1
        102 SESSION_ENDED c0.1 m0 q0 a0
        3600 RUN_ENDED
    """)


def test_one_bot_turn_waits_for_no_answer():
    """One bot turn is one bot time; the transfer follows in the same instant."""
    text = tiny(flow="{bot: {bot_time: 5 s}}")
    assert only(text, Event.FLOW_MESSAGE_SENT, Event.QUEUE_ENTERED, Event.MESSAGE_RECEIVED) == lines("""
        0 MESSAGE_RECEIVED c0.1 m0 a0
        5 FLOW_MESSAGE_SENT c0.1 m1 v1
        5 QUEUE_ENTERED c0.1 m0 q0 a0
    """)


def test_contained():
    """A contained portion disconnects at once after the bot's last message: no form, no queue."""
    text = tiny(flow=f"{IDENTIFY}, {{bot: {{turns: 3, bot_time: 1 s, contains: 100 %}}}}, {FORM}",
                behaviour="flow_answer: 20 s")  # fmt: skip
    assert story(text) == lines("""
        0 AGENT_STATUS m0 a0
        0 AGENT_STATUS m1 a0 v1
        0 CONTACT_ARRIVED c0.1 m0 q0 a0
        0 CONTACT_STARTED c0.1 m0 v-1
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        0 MESSAGE_RECEIVED c0.1 m0 a0
        2 IDENTIFIED c0.1 m0 v1
        3 FLOW_MESSAGE_SENT c0.1 m1 v1
        23 MESSAGE_RECEIVED c0.1 m2 a0 v-1
        24 FLOW_MESSAGE_SENT c0.1 m3 v1
        44 MESSAGE_RECEIVED c0.1 m4 a0 v-1
        45 FLOW_MESSAGE_SENT c0.1 m5 v1
        45 PORTION_DISCONNECTED c0.1 v2
        45 CONTACT_ENDED m0 v2
        3600 RUN_ENDED
    """)


def test_containment_ends_the_burst():
    """If a portion ends before a burst is complete, the rest of the burst is not written."""
    text = tiny(flow="{bot: {bot_time: 5 s, contains: 100 %}}", behaviour="opening: {messages: 3, gap: 4 s}")
    assert only(text, Event.MESSAGE_RECEIVED, Event.PORTION_DISCONNECTED) == lines("""
        0 MESSAGE_RECEIVED c0.1 m0 a0
        4 MESSAGE_RECEIVED c0.1 m1 a0
        5 PORTION_DISCONNECTED c0.1 v2
    """)


def test_containment_by_topic():
    """`contains` is one share or a share by topic; a topic that is not named is not contained."""
    other = "other: {platform: web messaging, flow: door, arrivals: {trace: [1 s]}, topics: {second: 100 %}}"
    text = tiny(flow="{bot: {bot_time: 5 s, contains: {second: 100 %}}}", others=other,
                topics="second: {behaviour: plain}")  # fmt: skip
    # sources in order of name: `other` is 0, `web` is 1; the contact of `web` comes first
    assert only(text, Event.CONTACT_ENDED) == ["6 CONTACT_ENDED m1 v2", "15 CONTACT_ENDED m0 v1"]


def test_messages_during_the_flow_change_nothing():
    """A burst goes on while the flow runs; the reply becomes work when both are over."""
    text = tiny(flow="{identify: {takes: 6 s}}", behaviour="opening: {messages: 3, gap: 4 s}")
    kept = only(text, Event.MESSAGE_RECEIVED, Event.IDENTIFIED, Event.CONNECTED, Event.REPLY_STARTED)
    assert kept == lines("""
        0 MESSAGE_RECEIVED c0.1 m0 a0
        4 MESSAGE_RECEIVED c0.1 m1 a0
        6 IDENTIFIED c0.1 m0 v1
        6 CONNECTED c0.1 m0 q0 a0
        8 MESSAGE_RECEIVED c0.1 m2 a0
        8 REPLY_STARTED c0.1 m0 q0 a0 v10000000
    """)


@pytest.mark.parametrize(
    ("flow", "efforts"),
    [
        ("{identify: {takes: 2 s, success: 0 %}}", [40, 10]),
        ("{identify: {takes: 2 s, success: 100 %}}", [10, 10]),
        ("{collect: {fields: 1}}", [5, 10]),
        ("{collect: {fields: 2}}", [1, 10]),  # 10 - 10, at least 1 s
        ("{collect: {fields: 3}}", [1, 10]),
        ("{identify: {success: 0 %}}, {collect: {fields: 3}}", [25, 10]),  # 10 + 30 - 15
    ],
)
def test_first_reply_pays_for_identification_and_gains_from_the_form(flow, efforts):
    """Unidentified costs the first reply 30 s, each field saves it 5 s, at least 1 s; later replies are as drawn."""
    text = tiny(flow=flow, behaviour="turns: 2, think: 30 s, flow_answer: 1 s")
    seen = [line.split("v")[-1] for line in only(text, Event.REPLY_STARTED)]
    assert seen == [str(effort * 1_000_000) for effort in efforts]


def test_a_later_pass_goes_straight_to_the_transfer():
    """Identification, bot and form happen once per contact: a later burst that re-opens is queued at once."""
    text = tiny(
        flow=f"{IDENTIFY}, {BOT}, {FORM}",
        behaviour="flow_answer: 1 s, turns: 2, think: 20 min",
        agents="reply: {effort: 20 s}",
    )
    kept = only(text, Event.PORTION_OPENED, Event.QUEUE_ENTERED, Event.REPLY_STARTED, Event.REPLY_SENT)
    # identify 2, bot 1+1+1+1+1, form 1+1+1+1: queued at 11, reply 11 to 21, closed at 621, next burst at 1221
    assert kept == lines("""
        0 PORTION_OPENED c0.1 m0 q0
        11 QUEUE_ENTERED c0.1 m0 q0 a0
        11 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        21 REPLY_SENT c0.1 m10 q0 a0
        1221 PORTION_OPENED c0.2 m0 q0 v1
        1221 QUEUE_ENTERED c0.2 m1 q0 a0
        1221 REPLY_STARTED c0.2 m1 q0 a0 v20000000
        1241 REPLY_SENT c0.2 m12 q0 a0 v1
    """)


def test_another_contact_of_the_same_person_passes_the_flow_again():
    """A contact that re-opens a conversation goes through the inbound flow again."""
    text = tiny("0 s, 100 s", flow=IDENTIFY, customers="{population: 1}")
    assert only(text, Event.IDENTIFIED, Event.QUEUE_ENTERED) == lines("""
        2 IDENTIFIED c0.1 m0 v1
        2 QUEUE_ENTERED c0.1 m0 q0 a0
        102 IDENTIFIED c0.2 m1 v1
        102 QUEUE_ENTERED c0.2 m1 q0 a1
    """)


def test_a_bot_before_the_identification():
    """Steps come in the written order, also where hardly anyone gets past the bot."""
    times = ", ".join(["0 s"] * 200)
    text = tiny(times, flow="{bot: {bot_time: 1 s, contains: 98.5 %}}, {identify: {takes: 2 s}}")
    identified = only(text, Event.IDENTIFIED)
    contained = [line for line in only(text, Event.PORTION_DISCONNECTED) if line.startswith("1 ")]
    assert len(identified) + len(contained) == 200
    assert {line.split()[0] for line in identified} <= {"3"}
    assert {line.split()[0] for line in only(text, Event.QUEUE_ENTERED)} <= {"3"}


def test_flow_answer_has_a_default():
    """Without `flow_answer` a customer takes a lognormal time: median 20 s, p90 60 s."""
    times = ", ".join(["0 s"] * 400)
    text = tiny(times, flow="{bot: {turns: 2, bot_time: 1 s}}")
    answers = sorted(float(line.split()[0]) - 1 for line in only(text, Event.MESSAGE_RECEIVED)[400:])
    assert len(answers) == 400
    assert 16 < answers[200] < 25  # 4 standard errors of a median of 400 are about 20 %
    assert 45 < answers[360] < 80
