"""Tiny worlds, worked out by hand: outages of a channel, what is held, lost and queued, and bots that are down."""

from __future__ import annotations

import pytest
from tiny import STATUS, lines, tiny
from worlds import run, told

from simulator.records import checks, fold
from simulator.vocabulary.codes import Event


def story(text: str, *leave_out: Event) -> list[str]:
    """The journal as lines, after all checks of the run have passed."""
    scenario, rows = run(text)
    failed = [check for check in checks(scenario, rows, fold(scenario, rows)) if not check.passed]
    assert not failed, failed
    return told(rows, leave_out)


CUT = "outages: {cut: {channel: web, from: 60 s, to: 120 s}}"
ROUTING = (STATUS, Event.QUEUE_ENTERED, Event.ALERTED, Event.CONNECTED, Event.SESSION_ENDED, Event.CONTACT_ENDED)


def test_a_held_burst_comes_in_at_once_when_the_channel_is_back():
    """Message 1 at 70, then every 20 s: those of 70, 90 and 110 are held, that of 130 comes by itself. The agent
    answers at 140, when the burst is complete."""
    text = tiny("70 s", behaviour="opening: {messages: 4, gap: 20 s}", more=CUT)
    assert story(text, STATUS) == lines("""
        60 OUTAGE_BEGAN m0 v120000000
        70 CONTACT_ARRIVED m0 q0 a0                  # he writes; nobody knows
        70 MESSAGE_HELD m0 q0 a0
        90 MESSAGE_HELD m1 q0 a0
        110 MESSAGE_HELD m2 q0 a0
        120 CONTACT_STARTED c0.1 m0 v-1              # at the end itself the channel is open
        120 PORTION_OPENED c0.1 m0 q0
        120 TURN_OPENED c0.1 m0 a0
        120 MESSAGE_RELEASED c0.1 m0 q0 a0
        120 MESSAGE_RECEIVED c0.1 m0 a0
        120 MESSAGE_RELEASED c0.1 m1 q0 a0
        120 MESSAGE_RECEIVED c0.1 m1 a0
        120 MESSAGE_RELEASED c0.1 m2 q0 a0
        120 MESSAGE_RECEIVED c0.1 m2 a0
        120 QUEUE_ENTERED c0.1 m0 q0 a0
        120 ALERTED c0.1 m0 q0 a0
        120 CONNECTED c0.1 m0 q0 a0
        120 OUTAGE_ENDED m0
        130 MESSAGE_RECEIVED c0.1 m3 a0
        130 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        140 REPLY_SENT c0.1 m4 q0 a0
        140 CONTACT_ENDED m0 v1
        140 PORTION_DISCONNECTED c0.1 a0 v1
        140 SESSION_ENDED c0.1 m0 q0 a0
        3600 RUN_ENDED
    """)


def test_held_messages_come_in_the_order_in_which_they_were_written():
    """Whose id is smaller does not matter: the contact of 100 is an older conversation's, and comes after that of 70.
    Before both of them stands nobody: a message written at the very end comes last of that instant."""
    text = tiny("0 s, 70 s, 120 s", behaviour="turns: 2, think: 90 s", more=CUT, agents="capacity: 3")
    assert story(text, *ROUTING) == lines("""
        0 CONTACT_ARRIVED c0.1 m0 q0 a0
        0 CONTACT_STARTED c0.1 m0 v-1
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        0 MESSAGE_RECEIVED c0.1 m0 a0
        0 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        10 REPLY_SENT c0.1 m1 q0 a0
        60 OUTAGE_BEGAN m0 v120000000
        70 CONTACT_ARRIVED m1 q0 a0 v1
        70 MESSAGE_HELD m0 q0 a1
        100 MESSAGE_HELD c0.1 m1 q0 a0               # his second turn
        120 CONTACT_STARTED c1.1 m1 v-1
        120 PORTION_OPENED c1.1 m1 q0
        120 TURN_OPENED c1.1 m1 a1
        120 MESSAGE_RELEASED c1.1 m0 q0 a1
        120 MESSAGE_RECEIVED c1.1 m2 a1 v1
        120 REPLY_STARTED c1.1 m1 q0 a0 v10000000
        120 TURN_OPENED c0.1 m2 a0 v1
        120 MESSAGE_RELEASED c0.1 m1 q0 a0
        120 MESSAGE_RECEIVED c0.1 m3 a0 v2
        120 CONTACT_ARRIVED c2.1 m2 q0 a0 v2         # written at 120: it comes in as usual, after what was held
        120 CONTACT_STARTED c2.1 m2 v-1
        120 PORTION_OPENED c2.1 m2 q0
        120 TURN_OPENED c2.1 m3 a2
        120 MESSAGE_RECEIVED c2.1 m4 a2 v3
        120 OUTAGE_ENDED m0
        130 REPLY_SENT c1.1 m5 q0 a0 v1
        130 REPLY_STARTED c0.1 m2 q0 a0 v10000000
        140 REPLY_SENT c0.1 m6 q0 a0 v2
        140 PORTION_DISCONNECTED c0.1 a0 v1
        140 REPLY_STARTED c2.1 m3 q0 a0 v10000000
        150 REPLY_SENT c2.1 m7 q0 a0 v3
        220 TURN_OPENED c1.1 m4 a1 v1
        220 MESSAGE_RECEIVED c1.1 m8 a1 v4
        220 REPLY_STARTED c1.1 m4 q0 a0 v10000000
        230 REPLY_SENT c1.1 m9 q0 a0 v4
        230 PORTION_DISCONNECTED c1.1 a0 v1
        240 TURN_OPENED c2.1 m5 a2 v1
        240 MESSAGE_RECEIVED c2.1 m10 a2 v5
        240 REPLY_STARTED c2.1 m5 q0 a0 v10000000
        250 REPLY_SENT c2.1 m11 q0 a0 v5
        250 PORTION_DISCONNECTED c2.1 a0 v1
        3600 RUN_ENDED
    """)


def test_what_is_lost_never_comes_and_the_customer_may_try_again():
    """The opening of 70 is lost and so is the contact; who was kept out writes again like one who was turned away. The
    second turn of the first contact is lost too: nothing tells the agent, who closes after a minute of silence."""
    again = "writes_again: {after_blocked: {probability: 100 %, delay: 100 s}}"
    text = tiny(
        "0 s, 70 s",
        behaviour=f"turns: 2, think: 90 s, {again}",
        queue="auto_answer: true, close_after: 140 s",
        more=CUT.replace("120 s", "120 s, inbound: lost"),
        duration="210 s",
    )
    assert story(text, STATUS, Event.ALERTED, Event.QUEUE_ENTERED) == lines("""
        0 CONTACT_ARRIVED c0.1 m0 q0 a0
        0 CONTACT_STARTED c0.1 m0 v-1
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        0 MESSAGE_RECEIVED c0.1 m0 a0
        0 CONNECTED c0.1 m0 q0 a0
        0 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        10 REPLY_SENT c0.1 m1 q0 a0
        60 OUTAGE_BEGAN m0 v120000000
        70 CONTACT_ARRIVED m1 q0 a0 v1
        70 MESSAGE_LOST q0 a1
        70 CONTACT_ENDED m1 v12
        100 MESSAGE_LOST c0.1 q0 a0
        100 CONTACT_ENDED m0 v12
        120 OUTAGE_ENDED m0
        150 PORTION_DISCONNECTED c0.1 a0 v5           # 140 s after the reply
        150 SESSION_ENDED c0.1 m0 q0 a0
        170 CONTACT_RETURNED c1.1 m2 q0 a1 v4
        170 CONTACT_STARTED c1.1 m2 v-1
        170 PORTION_OPENED c1.1 m2 q0
        170 TURN_OPENED c1.1 m1 a2
        170 MESSAGE_RECEIVED c1.1 m2 a2 v1
        170 CONNECTED c1.1 m1 q0 a0 v1
        170 REPLY_STARTED c1.1 m1 q0 a0 v10000000
        180 REPLY_SENT c1.1 m3 q0 a0 v1
        200 CONTACT_RETURNED c0.2 m3 q0 a0 v4         # within 72 h: the same conversation
        200 CONTACT_REOPENED c0.2 m3 v-1
        200 PORTION_OPENED c0.2 m3 q0 v1
        200 TURN_OPENED c0.2 m2 a3
        200 MESSAGE_RECEIVED c0.2 m4 a3 v2
        210 RUN_ENDED
    """)


def test_later_messages_of_a_burst_are_lost_one_by_one():
    """The burst began at 50, before the outage: 70, 90 and 110 are lost, 130 comes in and completes it."""
    text = tiny(
        "50 s", behaviour="opening: {messages: 5, gap: 20 s}", more=CUT.replace("120 s", "120 s, inbound: lost")
    )
    told_of = (Event.MESSAGE_RECEIVED, Event.MESSAGE_LOST, Event.REPLY_STARTED)
    assert story(text, *(event for event in Event if event not in told_of)) == lines("""
        50 MESSAGE_RECEIVED c0.1 m0 a0
        70 MESSAGE_LOST c0.1 q0 a0
        90 MESSAGE_LOST c0.1 q0 a0
        110 MESSAGE_LOST c0.1 q0 a0
        130 MESSAGE_RECEIVED c0.1 m1 a0
        130 REPLY_STARTED c0.1 m0 q0 a0 v10000000
    """)


def test_a_reply_that_is_ready_in_an_outage_is_queued_and_the_agent_goes_on():
    """Both replies are written while the channel is cut off. They leave at its end; thinking starts then."""
    text = tiny("55 s, 57 s", behaviour="turns: 2, think: 30 s", more=CUT, agents="capacity: 2", duration="200 s")
    assert story(text, *ROUTING) == lines("""
        55 CONTACT_ARRIVED c0.1 m0 q0 a0
        55 CONTACT_STARTED c0.1 m0 v-1
        55 PORTION_OPENED c0.1 m0 q0
        55 TURN_OPENED c0.1 m0 a0
        55 MESSAGE_RECEIVED c0.1 m0 a0
        55 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        57 CONTACT_ARRIVED c1.1 m1 q0 a0 v1
        57 CONTACT_STARTED c1.1 m1 v-1
        57 PORTION_OPENED c1.1 m1 q0
        57 TURN_OPENED c1.1 m1 a1
        57 MESSAGE_RECEIVED c1.1 m1 a1 v1
        60 OUTAGE_BEGAN m0 v120000000
        65 MESSAGE_QUEUED c0.1 m2 q0 a0 v120000000
        65 MESSAGE_PENDING c0.1 m2 q0 a0
        65 REPLY_STARTED c1.1 m1 q0 a0 v10000000
        75 MESSAGE_QUEUED c1.1 m3 q0 a0 v120000000
        75 MESSAGE_PENDING c1.1 m3 q0 a0 v1
        120 REPLY_SENT c0.1 m2 q0 a0
        120 REPLY_SENT c1.1 m3 q0 a0 v1
        120 OUTAGE_ENDED m0
        150 TURN_OPENED c0.1 m2 a0 v1
        150 MESSAGE_RECEIVED c0.1 m4 a0 v2
        150 REPLY_STARTED c0.1 m2 q0 a0 v10000000
        150 TURN_OPENED c1.1 m3 a1 v1
        150 MESSAGE_RECEIVED c1.1 m5 a1 v3
        160 REPLY_SENT c0.1 m6 q0 a0 v2
        160 PORTION_DISCONNECTED c0.1 a0 v1
        160 REPLY_STARTED c1.1 m3 q0 a0 v10000000
        170 REPLY_SENT c1.1 m7 q0 a0 v3
        170 PORTION_DISCONNECTED c1.1 a0 v1
        200 RUN_ENDED
    """)


@pytest.mark.parametrize(
    ("retry", "leaves"),
    [
        ("", 120),  # the platform sends it on
        ("retry: {every: 25 s}", 140),  # ready at 65; tries at 90, 115, 140
        ("retry: {every: 10 s, back_off: 2}", 135),  # pauses 10, 20, 40: tries at 75, 95, 135
        ("retry: {every: 10 s, back_off: 2, at_most: 15 s}", 120),  # 75, 90, 105, 120: the end itself is open
    ],
)
def test_a_sender_that_tries_again_leaves_at_the_first_try_that_gets_through(retry: str, leaves: int):
    text = tiny("55 s", more=CUT.replace("120 s", f"120 s, {retry}"))
    sent = [line for line in story(text) if "REPLY_SENT" in line]
    assert sent == [f"{leaves} REPLY_SENT c0.1 m1 q0 a0"]


def test_replies_whose_window_runs_out_meanwhile_are_blocked():
    """Written at 0, ready at 10 s, queued for 25 hours: WhatsApp's 24 hours are over."""
    outage = "outages: {cut: {platform: whatsapp, from: 5 s, for: 25 h}}"
    text = tiny("0 s", channel="wa", more=outage, duration="30 h")
    told_of = (Event.MESSAGE_QUEUED, Event.REPLY_SENT, Event.REPLY_BLOCKED, Event.PORTION_DISCONNECTED)
    assert story(text, *(event for event in Event if event not in told_of)) == lines("""
        10 MESSAGE_QUEUED c0.1 m1 q0 a0 v90005000000
        90005 REPLY_BLOCKED c0.1 m1 q1 a0
        90005 PORTION_DISCONNECTED c0.1 a0 v16
    """)


FLOW = (Event.FLOW_MESSAGE_SENT, Event.MESSAGE_RECEIVED, Event.BOT_WAITED, Event.BOT_SKIPPED, Event.QUEUE_ENTERED)
FLOW += (Event.MESSAGE_HELD, Event.MESSAGE_LOST, Event.MESSAGE_RELEASED, Event.MESSAGE_QUEUED, Event.CONTACT_ENDED)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (
            "waits",
            """
            0 MESSAGE_RECEIVED c0.1 m0 a0
            10 BOT_WAITED c0.1 m0 a0 v55000000
            55 FLOW_MESSAGE_SENT c0.1 m1 v1
            75 MESSAGE_RECEIVED c0.1 m2 a0 v-1
            85 FLOW_MESSAGE_SENT c0.1 m3 v1
            85 CONTACT_ENDED m0 v2                        # contained, as it would have been
            """,
        ),
        (
            "skipped",
            """
            0 MESSAGE_RECEIVED c0.1 m0 a0
            10 BOT_SKIPPED c0.1 m0 a0
            10 QUEUE_ENTERED c0.1 m0 q0 a0                # nobody solved it: an agent will
            20 CONTACT_ENDED m0 v1
            """,
        ),
    ],
)
def test_a_bot_that_is_down(step: str, expected: str):
    text = tiny(
        "0 s",
        flow="{bot: {turns: 2, bot_time: 10 s, contains: 100 %}}",
        behaviour="flow_answer: 20 s",
        more=f"outages: {{cut: {{bot: door, from: 5 s, to: 55 s, step: {step}}}}}",
    )
    assert story(text, *(event for event in Event if event not in FLOW)) == lines(expected)


@pytest.mark.parametrize(
    ("inbound", "expected"),
    [
        (
            "held",
            """
            0 MESSAGE_RECEIVED c0.1 m0 a0
            1 FLOW_MESSAGE_SENT c0.1 m1 v2
            21 MESSAGE_HELD c0.1 m0 q0 a0
            55 MESSAGE_RELEASED c0.1 m0 q0 a0
            55 MESSAGE_RECEIVED c0.1 m2 a0 v-1
            """,
        ),
        (
            "lost",
            """
            0 MESSAGE_RECEIVED c0.1 m0 a0
            1 FLOW_MESSAGE_SENT c0.1 m1 v2
            21 MESSAGE_LOST c0.1 q0 a0
            55 MESSAGE_RECEIVED c0.1 m2 a0 v-1            # he answers again (assumed)
            """,
        ),
    ],
)
def test_an_answer_to_the_flow(inbound: str, expected: str):
    text = tiny(
        "0 s",
        flow="{collect: {fields: 1}}",
        behaviour="flow_answer: 20 s",
        more=f"outages: {{cut: {{channel: web, from: 15 s, to: 55 s, inbound: {inbound}}}}}",
    )
    told_of = set(FLOW) - {Event.QUEUE_ENTERED, Event.CONTACT_ENDED}
    assert story(text, *(event for event in Event if event not in told_of)) == lines(expected)


def test_the_flow_waits_for_its_own_message():
    """The question is ready at 61 and leaves at 120; he answers 20 s later."""
    text = tiny("60 s", flow="{collect: {fields: 1}}", behaviour="flow_answer: 20 s", more=CUT)
    text = text.replace("from: 60 s", "from: 60500 ms")
    told_of = set(FLOW) - {Event.CONTACT_ENDED}
    assert story(text, *(event for event in Event if event not in told_of)) == lines("""
        60 MESSAGE_RECEIVED c0.1 m0 a0
        61 MESSAGE_QUEUED c0.1 m1 q0 a0 v120000000
        120 FLOW_MESSAGE_SENT c0.1 m1 v2
        140 MESSAGE_RECEIVED c0.1 m2 a0 v-1
        140 QUEUE_ENTERED c0.1 m0 q0 a0
    """)


def test_another_channel_does_not_notice():
    """The same customers on a channel of their own: not a row of theirs changes."""
    others = (
        'wa: {platform: whatsapp, number: "+49 30 1234567", business_verified: true, flow: door, '
        "arrivals: {trace: [70 s, 90 s]}, topics: {ask: 100 %}}"
    )
    outage = "outages: {cut: {platform: whatsapp, from: 60 s, to: 120 s}}"

    def web(more: str) -> list[str]:
        scenario, rows = run(tiny("0 s, 65 s, 200 s", others=others, more=more, agents="count: 9"))
        contacts = fold(scenario, rows)["contacts"]
        mine = contacts[contacts["channel"] == "web"]
        return mine.drop(columns=["replication"]).astype(str).values.tolist()

    assert web(outage) == web("")
