"""Tiny worlds, worked out by hand: bursts, turns, thinking, vanishing, and what they cost the agent.

A line is one row of the journal: seconds, event, and the columns that it uses (`worlds.told`). The world of `tiny()`:
one web channel, one queue that answers automatically, one agent whose replies take 10 s.
"""

from __future__ import annotations

import pytest
from tiny import STATUS, lines, only, story, tiny
from worlds import run

from simulator.records import fold
from simulator.vocabulary.codes import Event


def test_one_contact_one_reply():
    """A contact is routed, connected and answered; the last reply, the disconnect and the end are one stretch."""
    assert story(tiny("10 s")) == lines("""
        0 AGENT_STATUS m0 a0                        # everybody is off the queue before the run begins
        0 AGENT_STATUS m1 a0 v1                     # on shift, IDLE
        10 CONTACT_ARRIVED c0.1 m0 q0 a0
        10 CONTACT_STARTED c0.1 m0 v-1              # a new person
        10 PORTION_OPENED c0.1 m0 q0
        10 TURN_OPENED c0.1 m0 a0
        10 MESSAGE_RECEIVED c0.1 m0 a0
        10 QUEUE_ENTERED c0.1 m0 q0 a0
        10 ALERTED c0.1 m0 q0 a0
        10 CONNECTED c0.1 m0 q0 a0
        10 AGENT_STATUS m1 a0 v2                    # INTERACTING
        10 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        20 REPLY_SENT c0.1 m1 q0 a0
        20 CONTACT_ENDED m0 v1                      # ANSWERED
        20 PORTION_DISCONNECTED c0.1 a0 v1          # RESOLVED
        20 SESSION_ENDED c0.1 m0 q0 a0
        20 AGENT_STATUS m1 a0 v1
        3600 RUN_ENDED
    """)


def test_nothing_happens_without_arrivals():
    """An empty world has its agents' states and an end."""
    assert story(tiny("2 h")) == lines("""
        0 AGENT_STATUS m0 a0
        0 AGENT_STATUS m1 a0 v1
        3600 RUN_ENDED
    """)


BURST = "opening: {messages: 3, gap: 4 s}"


def test_routing_starts_with_the_first_message_and_work_with_the_last():
    """Routing starts with a burst's first message; the reply becomes work when its last message is in."""
    assert story(tiny(behaviour=BURST), STATUS) == lines("""
        0 CONTACT_ARRIVED c0.1 m0 q0 a0
        0 CONTACT_STARTED c0.1 m0 v-1
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        0 MESSAGE_RECEIVED c0.1 m0 a0
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        0 ALERTED c0.1 m0 q0 a0
        0 CONNECTED c0.1 m0 q0 a0
        4 MESSAGE_RECEIVED c0.1 m1 a0
        8 MESSAGE_RECEIVED c0.1 m2 a0
        8 REPLY_STARTED c0.1 m0 q0 a0 v10000000     # one effort for the turn
        18 REPLY_SENT c0.1 m3 q0 a0
        18 CONTACT_ENDED m0 v1
        18 PORTION_DISCONNECTED c0.1 a0 v1
        18 SESSION_ENDED c0.1 m0 q0 a0
        3600 RUN_ENDED
    """)


def test_agent_response_counts_from_the_last_message():
    """`tAgentResponseTime` counts from the burst's last message; the time from its first is kept beside it."""
    scenario, rows = run(tiny(behaviour=BURST))
    turn = fold(scenario, rows)["turns"].iloc[0]
    assert (turn.messages, turn.first_message_us, turn.last_message_us) == (3, 0, 8_000_000)
    assert (turn.t_agent_response_us, turn.reply_from_first_us) == (10_000_000, 18_000_000)


def test_messages_that_come_in_the_queue_change_nothing():
    """Messages that come during the queue join: no second offer, and the work waits for the agent."""
    text = tiny("0 s, 1 s", behaviour=BURST)
    kept = only(text, Event.MESSAGE_RECEIVED, Event.QUEUE_ENTERED, Event.CONNECTED, Event.REPLY_STARTED)
    assert kept == lines("""
        0 MESSAGE_RECEIVED c0.1 m0 a0
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        0 CONNECTED c0.1 m0 q0 a0
        1 MESSAGE_RECEIVED c1.1 m1 a1 v1
        1 QUEUE_ENTERED c1.1 m1 q0 a1
        4 MESSAGE_RECEIVED c0.1 m2 a0
        5 MESSAGE_RECEIVED c1.1 m3 a1 v1
        8 MESSAGE_RECEIVED c0.1 m4 a0
        8 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        9 MESSAGE_RECEIVED c1.1 m5 a1 v1
        18 CONNECTED c1.1 m1 q0 a0 v1
        18 REPLY_STARTED c1.1 m1 q0 a0 v10000000
    """)


def test_an_abandoned_burst_stays_unfinished():
    """If a portion ends before a burst is complete, the rest of the burst is not written."""
    text = tiny(behaviour=BURST + ", patience: 5 s", agents='shift: {from: "01:00", to: "09:00"}')
    assert story(text, STATUS) == lines("""
        0 CONTACT_ARRIVED c0.1 m0 q0 a0
        0 CONTACT_STARTED c0.1 m0 v-1
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        0 MESSAGE_RECEIVED c0.1 m0 a0
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        4 MESSAGE_RECEIVED c0.1 m1 a0
        5 ABANDONED c0.1 m0 q0 a0
        5 PORTION_DISCONNECTED c0.1 v3
        5 CONTACT_ENDED m0 v3
        3600 RUN_ENDED
    """)


def test_a_silent_customer_stops_typing():
    """Who gives up silently stops typing: the turn counts as complete and is answered in vain."""
    text = tiny(channel="wa", behaviour=BURST + ", patience: 5 s", agents='shift: {from: "00:01", to: "09:00"}')
    assert story(text, STATUS) == lines("""
        0 CONTACT_ARRIVED c0.1 m0 q0 a0
        0 CONTACT_STARTED c0.1 m0 v-1
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        0 MESSAGE_RECEIVED c0.1 m0 a0
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        4 MESSAGE_RECEIVED c0.1 m1 a0
        5 GAVE_UP c0.1 m0 q0 a0
        60 ALERTED c0.1 m0 q0 a0
        60 CONNECTED c0.1 m0 q0 a0
        60 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        70 REPLY_SENT c0.1 m2 q0 a0
        670 PORTION_DISCONNECTED c0.1 a0 v5         # CLOSED_UNANSWERED after ten minutes
        670 CONTACT_ENDED m0 v4                     # SILENT
        670 SESSION_ENDED c0.1 m0 q0 a0
        3600 RUN_ENDED
    """)


def test_turns_and_thinking():
    """The next think time starts when the reply is delivered; every turn is one burst, one effort, one reply."""
    assert story(tiny(behaviour="turns: 2, think: 30 s"), STATUS) == lines("""
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
        40 TURN_OPENED c0.1 m1 a0 v1
        40 MESSAGE_RECEIVED c0.1 m2 a0 v1
        40 REPLY_STARTED c0.1 m1 q0 a0 v10000000
        50 REPLY_SENT c0.1 m3 q0 a0 v1
        50 CONTACT_ENDED m0 v1
        50 PORTION_DISCONNECTED c0.1 a0 v1
        50 SESSION_ENDED c0.1 m0 q0 a0
        3600 RUN_ENDED
    """)


def test_opening_messages_belong_to_the_opening_burst_only():
    """The opening burst has `opening.messages`; later bursts have one message."""
    text = tiny(behaviour=BURST + ", turns: 2, think: 30 s")
    assert only(text, Event.MESSAGE_RECEIVED, Event.REPLY_SENT) == lines("""
        0 MESSAGE_RECEIVED c0.1 m0 a0
        4 MESSAGE_RECEIVED c0.1 m1 a0
        8 MESSAGE_RECEIVED c0.1 m2 a0
        18 REPLY_SENT c0.1 m3 q0 a0
        48 MESSAGE_RECEIVED c0.1 m4 a0 v1
        58 REPLY_SENT c0.1 m5 q0 a0 v1
    """)


def test_vanishing_after_a_reply():
    """Who vanishes says nothing more after a reply; nobody can tell, and the slot is blocked until close_after."""
    text = tiny("0 s, 20 s", behaviour="turns: 2, think: 30 s, vanishes: 100 %")
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
        10 CONTACT_VANISHED c0.1 m0
        10 CONTACT_ENDED m0 v5
        20 CONTACT_ARRIVED c1.1 m1 q0 a0 v1
        20 CONTACT_STARTED c1.1 m1 v-1
        20 PORTION_OPENED c1.1 m1 q0
        20 TURN_OPENED c1.1 m1 a1
        20 MESSAGE_RECEIVED c1.1 m2 a1 v1
        20 QUEUE_ENTERED c1.1 m1 q0 a1
        610 PORTION_DISCONNECTED c0.1 a0 v5
        610 SESSION_ENDED c0.1 m0 q0 a0
        610 ALERTED c1.1 m1 q0 a0
        610 CONNECTED c1.1 m1 q0 a0 v1
        610 REPLY_STARTED c1.1 m1 q0 a0 v10000000
        620 REPLY_SENT c1.1 m3 q0 a0 v1
        620 CONTACT_VANISHED c1.1 m1
        620 CONTACT_ENDED m1 v5
        1220 PORTION_DISCONNECTED c1.1 a0 v5
        1220 SESSION_ENDED c1.1 m1 q0 a0
        3600 RUN_ENDED
    """)


def test_a_contact_of_one_turn_never_vanishes():
    """`vanishes` is a share of the contacts with two or more turns."""
    assert only(tiny(behaviour="vanishes: 100 %"), Event.CONTACT_VANISHED, Event.CONTACT_ENDED) == [
        "10 CONTACT_ENDED m0 v1"
    ]


def test_close_after_meets_a_message():
    """At one instant what helps the customer comes first: his message resets the clock that would have closed."""
    text = tiny(behaviour="turns: 2, think: 10 min")
    kept = only(text, Event.TURN_OPENED, Event.REPLY_SENT, Event.PORTION_OPENED, Event.PORTION_DISCONNECTED)
    assert kept == lines("""
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        10 REPLY_SENT c0.1 m1 q0 a0
        610 TURN_OPENED c0.1 m1 a0 v1
        620 REPLY_SENT c0.1 m3 q0 a0 v1
        620 PORTION_DISCONNECTED c0.1 a0 v1
    """)


def test_close_after_counts_from_the_latest_reply():
    """Each reply starts the clock of close_after anew; one that an earlier reply started has no say."""
    text = tiny(behaviour="turns: 3, think: 8 min, vanishes: 0 %", queue="auto_answer: true, close_after: 8 min 30 s")
    kept = only(text, Event.REPLY_SENT, Event.PORTION_DISCONNECTED)
    assert kept == lines("""
        10 REPLY_SENT c0.1 m1 q0 a0
        500 REPLY_SENT c0.1 m3 q0 a0 v1
        990 REPLY_SENT c0.1 m5 q0 a0 v2
        990 PORTION_DISCONNECTED c0.1 a0 v1
    """)


def test_close_after_never():
    """`never`: the slot of a silent customer stays blocked to the end."""
    text = tiny(behaviour="turns: 2, think: 30 s, vanishes: 100 %", queue="auto_answer: true, close_after: never")
    assert only(text, Event.PORTION_DISCONNECTED, Event.SESSION_ENDED) == []


@pytest.mark.parametrize(("gives_up", "event"), [("abandon: 100 %", "ABANDONED"), ("silent: 100 %", "GAVE_UP")])
def test_how_he_gives_up(gives_up, event):
    """Where the platform lets him, a customer disconnects or falls silent, as his behaviour says."""
    behaviour = f"patience: 5 s, gives_up: {{{gives_up}}}"
    text = tiny("0 s, 1 s", behaviour=behaviour)  # the second waits behind ten seconds of work
    assert only(text, Event.ABANDONED, Event.GAVE_UP) == [f"6 {event} c1.1 m1 q0 a1"]


def test_nobody_disconnects_on_whatsapp():
    """Where nobody can disconnect, the share that would abandon falls silent."""
    text = tiny("0 s, 1 s", behaviour="patience: 5 s, gives_up: {abandon: 100 %}", channel="wa")
    assert only(text, Event.ABANDONED, Event.GAVE_UP) == ["6 GAVE_UP c1.1 m1 q0 a1"]


def test_silent_share():
    """`gives_up` are shares of those who give up: with half and half both are near a half of 400."""
    times = ", ".join(["1 s"] * 400)
    text = tiny(
        times,
        behaviour="patience: 5 s, gives_up: {silent: 50 %, abandon: 50 %}",
        agents='shift: {from: "01:00", to: "09:00"}',
    )
    events = [line.split()[1] for line in only(text, Event.ABANDONED, Event.GAVE_UP)]
    assert len(events) == 400
    assert 160 <= events.count("GAVE_UP") <= 240  # four standard errors are 40
