"""Tiny worlds, worked out by hand: patience, and writing again."""

from __future__ import annotations

from collections import Counter

import pytest
from tiny import STATUS, lines, only, story, tiny

from simulator.vocabulary.codes import Event

NOBODY = 'shift: {from: "02:00", to: "09:00"}'


def test_patience_runs_through_alerts():
    """Patience runs from queue entry to connect, alerts included: he leaves while it rings."""
    text = tiny(behaviour="patience: 5 s", queue="answer_time: 20 s")
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
        5 ABANDONED c0.1 m0 q0 a0
        5 ALERT_WITHDRAWN c0.1 m0 q0 a0
        5 PORTION_DISCONNECTED c0.1 v3
        5 CONTACT_ENDED m0 v3
        3600 RUN_ENDED
    """)


def test_the_slot_of_a_withdrawn_alert_is_free_at_once():
    """The next in line rings in the same instant in which an alert is withdrawn."""
    text = tiny("0 s, 3 s", behaviour="patience: 5 s", queue="answer_time: 4 s")
    slow = text.replace("answer_time: 4 s", "answer_time: 20 s")
    assert only(slow, Event.ALERTED, Event.ALERT_WITHDRAWN) == lines("""
        0 ALERTED c0.1 m0 q0 a0
        5 ALERT_WITHDRAWN c0.1 m0 q0 a0
        5 ALERTED c1.1 m1 q0 a0
        8 ALERT_WITHDRAWN c1.1 m1 q0 a0
    """)


def test_silent_while_it_rings():
    """Nobody sees it when a customer falls silent: the alert goes on and is accepted."""
    text = tiny(behaviour="patience: 5 s, gives_up: {silent: 100 %}", queue="answer_time: 20 s, close_after: 1 min")
    kept = only(text, Event.GAVE_UP, Event.ALERT_WITHDRAWN, Event.CONNECTED, Event.REPLY_SENT, Event.CONTACT_ENDED)
    assert kept == lines("""
        5 GAVE_UP c0.1 m0 q0 a0
        20 CONNECTED c0.1 m0 q0 a0
        30 REPLY_SENT c0.1 m1 q0 a0
        90 CONTACT_ENDED m0 v4
    """)


def test_accepted_in_the_last_moment():
    """An accept at the instant in which patience ends comes first."""
    text = tiny(behaviour="patience: 20 s", queue="answer_time: 20 s")
    assert only(text, Event.ABANDONED, Event.CONNECTED) == ["20 CONNECTED c0.1 m0 q0 a0"]


def test_a_free_agent_in_the_last_moment():
    """Work that ends at the instant in which patience ends comes first: he is served."""
    text = tiny("0 s, 4 s", behaviour="patience: 6 s")
    assert only(text, Event.ABANDONED, Event.CONNECTED) == lines("""
        0 CONNECTED c0.1 m0 q0 a0
        10 CONNECTED c1.1 m1 q0 a0 v1
    """)
    with_alert = tiny("0 s, 4 s", behaviour="patience: 6 s", queue="answer_time: 0 s")
    assert only(with_alert, Event.ABANDONED, Event.CONNECTED)[1] == "10 CONNECTED c1.1 m1 q0 a0 v1"


def test_a_silent_customer_blocks_a_slot():
    """The agent writes to a silent customer, and his slot is blocked until close_after: the next waits so long."""
    text = tiny(
        "0 s, 40 s",
        channel="wa",
        behaviour="patience: 30 s",
        queue="auto_answer: true, close_after: 2 min",
        agents='shift: {from: "00:01", to: "09:00"}',
    )
    assert story(text, STATUS) == lines("""
        0 CONTACT_ARRIVED c0.1 m0 q0 a0
        0 CONTACT_STARTED c0.1 m0 v-1
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        0 MESSAGE_RECEIVED c0.1 m0 a0
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        30 GAVE_UP c0.1 m0 q0 a0
        40 CONTACT_ARRIVED c1.1 m1 q0 a0 v1
        40 CONTACT_STARTED c1.1 m1 v-1
        40 PORTION_OPENED c1.1 m1 q0
        40 TURN_OPENED c1.1 m1 a1
        40 MESSAGE_RECEIVED c1.1 m1 a1 v1
        40 QUEUE_ENTERED c1.1 m1 q0 a1
        60 ALERTED c0.1 m0 q0 a0
        60 CONNECTED c0.1 m0 q0 a0
        60 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        70 REPLY_SENT c0.1 m2 q0 a0
        70 GAVE_UP c1.1 m1 q0 a1
        190 PORTION_DISCONNECTED c0.1 a0 v5
        190 CONTACT_ENDED m0 v4
        190 SESSION_ENDED c0.1 m0 q0 a0
        190 ALERTED c1.1 m1 q0 a0
        190 CONNECTED c1.1 m1 q0 a0 v1
        190 REPLY_STARTED c1.1 m1 q0 a0 v10000000
        200 REPLY_SENT c1.1 m3 q0 a0 v1
        320 PORTION_DISCONNECTED c1.1 a0 v5
        320 CONTACT_ENDED m1 v4
        320 SESSION_ENDED c1.1 m1 q0 a0
        3600 RUN_ENDED
    """)


def test_writing_again_after_an_abandon():
    """Delay from the abandon; a new contact of the same person, which re-opens the conversation within the window."""
    text = tiny(
        behaviour="patience: 5 s, writes_again: {after_abandon: {probability: 100 %, delay: 10 min}}",
        agents=NOBODY,
        duration="20 min",
    )
    assert story(text, STATUS) == lines("""
        0 CONTACT_ARRIVED c0.1 m0 q0 a0
        0 CONTACT_STARTED c0.1 m0 v-1
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        0 MESSAGE_RECEIVED c0.1 m0 a0
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        5 ABANDONED c0.1 m0 q0 a0
        5 PORTION_DISCONNECTED c0.1 v3
        5 CONTACT_ENDED m0 v3
        605 CONTACT_RETURNED c0.2 m1 q0 a0 v1
        605 CONTACT_REOPENED c0.2 m1 v-1
        605 PORTION_OPENED c0.2 m1 q0 v1
        605 TURN_OPENED c0.2 m1 a1
        605 MESSAGE_RECEIVED c0.2 m1 a1 v1
        605 QUEUE_ENTERED c0.2 m1 q0 a1
        610 ABANDONED c0.2 m1 q0 a1
        610 PORTION_DISCONNECTED c0.2 v3
        610 CONTACT_ENDED m1 v3
        1200 RUN_ENDED
    """)


def test_writing_again_outside_the_window_and_with_another_topic():
    """Outside the window a new conversation starts; the later contact may have another topic (1 is `other`)."""
    text = tiny(
        behaviour="patience: 5 s, writes_again: {after_abandon: {probability: 100 %, delay: 10 min, topic: other}}",
        topics="other: {behaviour: plain, priority: 7}",
        agents=NOBODY,
        duration="15 min",
        more="threading: {window: 10 min}",
    )
    assert story(text, STATUS)[9:-1] == lines("""
        605 CONTACT_RETURNED c1.1 m1 q1 a0 v1       # exactly at the window's end
        605 CONTACT_STARTED c1.1 m1 v-1
        605 PORTION_OPENED c1.1 m1 q0
        605 TURN_OPENED c1.1 m1 a1
        605 MESSAGE_RECEIVED c1.1 m1 a1 v1
        605 QUEUE_ENTERED c1.1 m1 q0 a1 v7
        610 ABANDONED c1.1 m1 q0 a1
        610 PORTION_DISCONNECTED c1.1 v3
        610 CONTACT_ENDED m1 v3
    """)


def test_writing_again_after_service():
    """Delay from the disconnect, not from the end of wrap-up; it goes to the last agent."""
    text = tiny(
        behaviour="writes_again: {after_service: {probability: 100 %, delay: 100 s}}",
        queue="auto_answer: true, after_call_work: {takes: 30 s}",
        agents="count: 2",
        duration="200 s",
    )
    assert story(text, STATUS) == lines("""
        0 CONTACT_ARRIVED c0.1 m0 q0 a0
        0 CONTACT_STARTED c0.1 m0 v-1
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        0 MESSAGE_RECEIVED c0.1 m0 a0
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        0 ALERTED c0.1 m0 q0 a0
        0 CONNECTED c0.1 m0 q0 a0
        0 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        10 REPLY_SENT c0.1 m1 q0 a0
        10 CONTACT_ENDED m0 v1
        10 PORTION_DISCONNECTED c0.1 a0 v1
        10 WRAP_UP_STARTED c0.1 m0 q0 a0
        40 SESSION_ENDED c0.1 m0 q0 a0
        110 CONTACT_RETURNED c0.2 m1 q0 a0 v3
        110 CONTACT_REOPENED c0.2 m1 v-1
        110 PORTION_OPENED c0.2 m1 q0 v1
        110 TURN_OPENED c0.2 m1 a1
        110 MESSAGE_RECEIVED c0.2 m2 a1 v1
        110 QUEUE_ENTERED c0.2 m1 q0 a1
        110 ALERTED c0.2 m1 q0 a0 v1                # LAST_AGENT, although agent 1 is longer idle
        110 CONNECTED c0.2 m1 q0 a0 v1
        110 REPLY_STARTED c0.2 m1 q0 a0 v10000000
        120 REPLY_SENT c0.2 m3 q0 a0 v1
        120 CONTACT_ENDED m1 v1
        120 PORTION_DISCONNECTED c0.2 a0 v1
        120 WRAP_UP_STARTED c0.2 m1 q0 a0
        150 SESSION_ENDED c0.2 m1 q0 a0
        200 RUN_ENDED
    """)


def test_writing_again_after_falling_silent():
    """Delay from giving up. The conversation is still open: he joins it and is awake again, without a new offer."""
    text = tiny(
        channel="wa",
        behaviour="patience: 5 s, writes_again: {after_silent: {probability: 100 %, delay: 30 s}}",
        agents='shift: {from: "00:01", to: "09:00"}',
    )
    assert story(text, STATUS) == lines("""
        0 CONTACT_ARRIVED c0.1 m0 q0 a0
        0 CONTACT_STARTED c0.1 m0 v-1
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        0 MESSAGE_RECEIVED c0.1 m0 a0
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        5 GAVE_UP c0.1 m0 q0 a0
        35 CONTACT_RETURNED c0.1 m1 q0 a0 v2
        35 CONTACT_JOINED c0.1 m1 v-1
        35 TURN_OPENED c0.1 m1 a1
        35 MESSAGE_RECEIVED c0.1 m1 a1 v1
        60 ALERTED c0.1 m0 q0 a0
        60 CONNECTED c0.1 m0 q0 a0
        60 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        70 REPLY_SENT c0.1 m2 q0 a0
        70 CONTACT_ENDED m0 v1                      # he reads again: answered
        70 REPLY_STARTED c0.1 m1 q0 a0 v10000000
        80 REPLY_SENT c0.1 m3 q0 a0 v1
        80 CONTACT_ENDED m1 v1
        80 PORTION_DISCONNECTED c0.1 a0 v1
        80 SESSION_ENDED c0.1 m0 q0 a0
        3600 RUN_ENDED
    """)


def test_answered_in_vain_and_then_awake():
    """Who was answered while he did not read stays silent, although a later contact wakes him: one end for each."""
    text = tiny(
        channel="wa",
        behaviour="patience: 5 s, writes_again: {after_silent: {probability: 100 %, delay: 2 min}}",
        agents='shift: {from: "00:01", to: "09:00"}',
    )
    kept = only(text, Event.GAVE_UP, Event.REPLY_SENT, Event.CONTACT_JOINED, Event.PORTION_DISCONNECTED)
    assert kept == lines("""
        5 GAVE_UP c0.1 m0 q0 a0
        70 REPLY_SENT c0.1 m1 q0 a0
        125 CONTACT_JOINED c0.1 m1 v-1
        135 REPLY_SENT c0.1 m3 q0 a0 v1
        135 PORTION_DISCONNECTED c0.1 a0 v1
    """)
    ends = [line.split()[2:] for line in only(text, Event.CONTACT_ENDED)]
    assert sorted(ends) == [["m0", "v4"], ["m1", "v1"]]


def test_each_queue_entry_has_its_own_patience():
    """A new draw at every entry: with a wide law two entries of one contact do not wait equally long."""
    text = tiny(
        behaviour="patience: {exponential: {mean: 5 min}}, "
        "writes_again: {after_abandon: {probability: 100 %, delay: 10 s}}",
        agents=NOBODY,
    )
    entered = [float(line.split()[0]) for line in only(text, Event.QUEUE_ENTERED)]
    left = [float(line.split()[0]) for line in only(text, Event.ABANDONED)]
    waits = Counter(round(b - a, 3) for a, b in zip(entered, left, strict=False))
    assert len(waits) > 2 and max(waits.values()) == 1


@pytest.mark.parametrize("share", [0, 100])
def test_probability_of_writing_again(share):
    """Nobody or everybody writes again, as the probability says."""
    text = tiny(behaviour=f"writes_again: {{after_service: {{probability: {share} %, delay: 1 min}}}}", duration="75 s")
    assert len(only(text, Event.CONTACT_RETURNED)) == share // 100
