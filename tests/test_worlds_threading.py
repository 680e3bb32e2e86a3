"""Tiny worlds, worked out by hand: the 72-hour rule, re-opening, joining."""

from __future__ import annotations

import pytest
from tiny import STATUS, lines, only, story, tiny

from simulator.vocabulary.codes import Event

ONE_PERSON = "{population: 1}"
HOUR = "threading: {window: 1 h}"


def test_a_message_inside_the_window_reopens():
    """A message less than `window` after the disconnect re-opens the conversation: new portion, same number."""
    text = tiny("0 s, 3609 s", customers=ONE_PERSON, more=HOUR, duration="2 h")
    assert story(text, STATUS) == lines("""
        0 CONTACT_ARRIVED c0.1 m0 q0 a0
        0 CONTACT_STARTED c0.1 m0                   # customer 0 of the population
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        0 MESSAGE_RECEIVED c0.1 m0 a0
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        0 ALERTED c0.1 m0 q0 a0
        0 CONNECTED c0.1 m0 q0 a0
        0 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        10 REPLY_SENT c0.1 m1 q0 a0
        10 CONTACT_ENDED m0 v1
        10 PORTION_DISCONNECTED c0.1 a0 v1          # the clock starts here
        10 SESSION_ENDED c0.1 m0 q0 a0
        3609 CONTACT_ARRIVED c0.2 m1 q0 a0 v1
        3609 CONTACT_REOPENED c0.2 m1
        3609 PORTION_OPENED c0.2 m1 q0 v1
        3609 TURN_OPENED c0.2 m1 a1
        3609 MESSAGE_RECEIVED c0.2 m2 a1 v1
        3609 QUEUE_ENTERED c0.2 m1 q0 a1
        3609 ALERTED c0.2 m1 q0 a0 v1
        3609 CONNECTED c0.2 m1 q0 a0 v1
        3609 REPLY_STARTED c0.2 m1 q0 a0 v10000000
        3619 REPLY_SENT c0.2 m3 q0 a0 v1
        3619 CONTACT_ENDED m1 v1
        3619 PORTION_DISCONNECTED c0.2 a0 v1
        3619 SESSION_ENDED c0.2 m1 q0 a0
        7200 RUN_ENDED
    """)


@pytest.mark.parametrize(
    ("more", "second", "entry"),
    [
        (HOUR, "3609 s", "CONTACT_REOPENED c0.2"),
        (HOUR, "3609999999 us", "CONTACT_REOPENED c0.2"),
        (HOUR, "3610 s", "CONTACT_STARTED c1.1"),  # exactly at the end
        (HOUR, "3611 s", "CONTACT_STARTED c1.1"),
        ("threading: {window: 0}", "11 s", "CONTACT_STARTED c1.1"),
        ("threading: {window: 1 min}", "69 s", "CONTACT_REOPENED c0.2"),
        ("threading: {window: 1 min}", "70 s", "CONTACT_STARTED c1.1"),
        ("", "259209 s", "CONTACT_REOPENED c0.2"),  # the default is 72 h = 259200 s
        ("", "259210 s", "CONTACT_STARTED c1.1"),
    ],
)
def test_the_window_is_half_open(more, second, entry):
    """Inside the window a conversation goes on; exactly at its end, and with a window of 0, a new one starts."""
    text = tiny(f"0 s, {second}", customers=ONE_PERSON, more=more, duration="4 days")
    assert entry in only(text, Event.CONTACT_STARTED, Event.CONTACT_REOPENED)[1]


def test_the_clock_starts_at_the_latest_disconnect():
    """Each disconnect starts the window anew: 50 + 50 minutes after the first one is still inside an hour."""
    text = tiny("0 s, 50 min, 100 min, 170 min", customers=ONE_PERSON, more=HOUR, duration="4 h")
    assert only(text, Event.CONTACT_STARTED, Event.CONTACT_REOPENED) == lines("""
        0 CONTACT_STARTED c0.1 m0
        3000 CONTACT_REOPENED c0.2 m1
        6000 CONTACT_REOPENED c0.3 m2
        10200 CONTACT_STARTED c1.1 m3
    """)


def test_never_across_channels():
    """Number 0 of one channel's population and number 0 of another's are two people."""
    other = ("other: {platform: web messaging, flow: door, customers: {population: 1}, "
             "arrivals: {trace: [100 s]}, topics: {ask: 100 %}}")  # fmt: skip
    text = tiny("0 s", customers=ONE_PERSON, others=other)
    assert only(text, Event.CONTACT_STARTED, Event.CONTACT_REOPENED) == lines("""
        0 CONTACT_STARTED c0.1 m0
        100 CONTACT_STARTED c1.1 m1
    """)


def test_new_customers_never_meet():
    """With `customers: new` every contact is a new person and starts a conversation."""
    text = tiny("0 s, 100 s")
    assert only(text, Event.CONTACT_STARTED, Event.CONTACT_REOPENED) == lines("""
        0 CONTACT_STARTED c0.1 m0 v-1
        100 CONTACT_STARTED c1.1 m1 v-1
    """)


SLOW = "turns: 2, think: 15 min"


def test_a_customer_who_still_thinks_when_the_agent_closes():
    """His turns stand: the next burst comes at its own time and re-opens, as a new portion, straight to the queue."""
    text = tiny(behaviour=SLOW + ", flow_answer: 1 s", flow="{bot: {turns: 2, bot_time: 1 s}}")
    assert story(text, STATUS) == lines("""
        0 CONTACT_ARRIVED c0.1 m0 q0 a0
        0 CONTACT_STARTED c0.1 m0 v-1
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        0 MESSAGE_RECEIVED c0.1 m0 a0
        1 FLOW_MESSAGE_SENT c0.1 m1 v1
        2 MESSAGE_RECEIVED c0.1 m2 a0 v-1
        3 FLOW_MESSAGE_SENT c0.1 m3 v1
        3 QUEUE_ENTERED c0.1 m0 q0 a0
        3 ALERTED c0.1 m0 q0 a0
        3 CONNECTED c0.1 m0 q0 a0
        3 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        13 REPLY_SENT c0.1 m4 q0 a0
        613 PORTION_DISCONNECTED c0.1 a0 v5         # the contact does not end
        613 SESSION_ENDED c0.1 m0 q0 a0
        913 PORTION_OPENED c0.2 m0 q0 v1
        913 TURN_OPENED c0.2 m1 a0 v1
        913 MESSAGE_RECEIVED c0.2 m5 a0 v1
        913 QUEUE_ENTERED c0.2 m1 q0 a0
        913 ALERTED c0.2 m1 q0 a0 v1
        913 CONNECTED c0.2 m1 q0 a0 v1
        913 REPLY_STARTED c0.2 m1 q0 a0 v10000000
        923 REPLY_SENT c0.2 m6 q0 a0 v1
        923 CONTACT_ENDED m0 v1
        923 PORTION_DISCONNECTED c0.2 a0 v1
        923 SESSION_ENDED c0.2 m1 q0 a0
        3600 RUN_ENDED
    """)


def test_a_customer_who_thinks_longer_than_the_window():
    """Outside the window his next burst starts a new conversation; the contact stays the same."""
    text = tiny(behaviour=SLOW, more="threading: {window: 5 min}")
    kept = only(text, Event.PORTION_OPENED, Event.TURN_OPENED, Event.ALERTED, Event.CONTACT_ENDED)
    assert kept == lines("""
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        0 ALERTED c0.1 m0 q0 a0
        910 PORTION_OPENED c1.1 m0 q0               # not re-opened
        910 TURN_OPENED c1.1 m1 a0 v1
        910 ALERTED c1.1 m1 q0 a0                   # no last agent in a new conversation
        920 CONTACT_ENDED m0 v1
    """)


def test_patience_again_in_a_later_portion():
    """Patience is drawn at every queue entry: in his second portion he abandons, and so the contact ends."""
    text = tiny(
        "0 s, 905 s",  # the second occupies the agent from 905 to 915
        behaviour=SLOW + ", patience: 3 s",
    )
    kept = only(text, Event.QUEUE_ENTERED, Event.ABANDONED, Event.CONTACT_ENDED, Event.PORTION_DISCONNECTED)
    assert kept[:6] == lines("""
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        610 PORTION_DISCONNECTED c0.1 a0 v5
        905 QUEUE_ENTERED c1.1 m1 q0 a1
        910 QUEUE_ENTERED c0.2 m2 q0 a0
        913 ABANDONED c0.2 m2 q0 a0
        913 PORTION_DISCONNECTED c0.2 v3
    """)
    assert "913 CONTACT_ENDED m0 v3" in kept


def test_joining_an_open_conversation():
    """A contact whose conversation is open joins it: no new offer, its first burst is a turn, its turns follow."""
    text = tiny("0 s, 15 s", customers=ONE_PERSON, behaviour="turns: 2, think: 30 s")
    assert story(text, STATUS) == lines("""
        0 CONTACT_ARRIVED c0.1 m0 q0 a0
        0 CONTACT_STARTED c0.1 m0
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        0 MESSAGE_RECEIVED c0.1 m0 a0
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        0 ALERTED c0.1 m0 q0 a0
        0 CONNECTED c0.1 m0 q0 a0
        0 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        10 REPLY_SENT c0.1 m1 q0 a0                 # he thinks until 40
        15 CONTACT_ARRIVED c0.1 m1 q0 a0 v1
        15 CONTACT_JOINED c0.1 m1
        15 TURN_OPENED c0.1 m1 a1
        15 MESSAGE_RECEIVED c0.1 m2 a1 v1
        15 REPLY_STARTED c0.1 m1 q0 a0 v10000000
        25 REPLY_SENT c0.1 m3 q0 a0 v1
        40 TURN_OPENED c0.1 m2 a0 v1                # the first contact's second turn
        40 MESSAGE_RECEIVED c0.1 m4 a0 v2
        40 REPLY_STARTED c0.1 m2 q0 a0 v10000000
        50 REPLY_SENT c0.1 m5 q0 a0 v2
        50 CONTACT_ENDED m0 v1
        80 TURN_OPENED c0.1 m3 a1 v1                # then the second contact's
        80 MESSAGE_RECEIVED c0.1 m6 a1 v3
        80 REPLY_STARTED c0.1 m3 q0 a0 v10000000
        90 REPLY_SENT c0.1 m7 q0 a0 v3
        90 CONTACT_ENDED m1 v1
        90 PORTION_DISCONNECTED c0.1 a0 v1
        90 SESSION_ENDED c0.1 m0 q0 a0
        3600 RUN_ENDED
    """)


def test_joining_while_the_agent_writes():
    """What comes while the agent writes is answered next, in the same portion."""
    text = tiny("0 s, 5 s", customers=ONE_PERSON)
    kept = only(text, Event.REPLY_STARTED, Event.REPLY_SENT, Event.CONTACT_ENDED, Event.PORTION_DISCONNECTED)
    assert kept == lines("""
        0 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        10 REPLY_SENT c0.1 m2 q0 a0
        10 CONTACT_ENDED m0 v1
        10 REPLY_STARTED c0.1 m1 q0 a0 v10000000
        20 REPLY_SENT c0.1 m3 q0 a0 v1
        20 CONTACT_ENDED m1 v1
        20 PORTION_DISCONNECTED c0.1 a0 v1
    """)


def test_a_message_at_the_instant_of_the_last_reply():
    """A message precedes work that ends at the same instant: it joins the conversation that would have closed."""
    text = tiny("0 s, 10 s", customers=ONE_PERSON)
    assert only(text, Event.CONTACT_JOINED, Event.CONTACT_REOPENED, Event.PORTION_DISCONNECTED) == lines("""
        10 CONTACT_JOINED c0.1 m1
        20 PORTION_DISCONNECTED c0.1 a0 v1
    """)


def test_joining_in_the_queue():
    """A contact that joins in the queue adds no offer and no patience of its own."""
    text = tiny(
        "0 s, 30 s", customers=ONE_PERSON, behaviour="patience: 40 s", agents='shift: {from: "01:00", to: "09:00"}'
    )
    kept = only(text, Event.QUEUE_ENTERED, Event.CONTACT_JOINED, Event.ABANDONED, Event.CONTACT_ENDED)
    assert kept == lines("""
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        30 CONTACT_JOINED c0.1 m1
        40 ABANDONED c0.1 m0 q0 a0                  # the person leaves, with all his needs
        40 CONTACT_ENDED m0 v3
        40 CONTACT_ENDED m1 v3
    """)


def test_joining_wakes_a_silent_customer():
    """Who vanished is awake again when he writes anew; what he had still to say stays unsaid."""
    text = tiny("0 s, 100 s", customers=ONE_PERSON, behaviour="turns: 2, think: 30 s, vanishes: 100 %")
    kept = only(text, Event.CONTACT_VANISHED, Event.CONTACT_JOINED, Event.TURN_OPENED, Event.REPLY_SENT,
                Event.PORTION_DISCONNECTED)  # fmt: skip
    assert kept == lines("""
        0 TURN_OPENED c0.1 m0 a0
        10 REPLY_SENT c0.1 m1 q0 a0
        10 CONTACT_VANISHED c0.1 m0
        100 CONTACT_JOINED c0.1 m1
        100 TURN_OPENED c0.1 m1 a1
        110 REPLY_SENT c0.1 m3 q0 a0 v1
        110 CONTACT_VANISHED c0.1 m1                # the second contact vanishes as well
        710 PORTION_DISCONNECTED c0.1 a0 v5
    """)


def test_joined_turns_keep_the_agent():
    """What joins is answered in the running session, before a stranger who has waited longer gets the slot."""
    other = "other: {platform: web messaging, flow: door, arrivals: {trace: [1 s]}, topics: {ask: 100 %}}"
    text = tiny("0 s, 2 s, 3 s", customers=ONE_PERSON, others=other, topic="priority: 5", agents="reply: {effort: 5 s}")
    # contact 0 is served 0 to 5; 2 s and 3 s join it; the stranger of 1 s waits until 15
    assert only(text, Event.QUEUE_ENTERED, Event.CONNECTED) == lines("""
        0 QUEUE_ENTERED c0.1 m0 q0 a0 v5
        0 CONNECTED c0.1 m0 q0 a0
        1 QUEUE_ENTERED c1.1 m1 q0 a1 v5
        15 CONNECTED c1.1 m1 q0 a0 v1
    """)
