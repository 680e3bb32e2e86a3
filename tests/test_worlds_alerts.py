"""Tiny worlds, worked out by hand: alerts that are accepted, expire, or are withdrawn."""

from __future__ import annotations

from tiny import STATUS, lines, only, story, tiny

from simulator.vocabulary.codes import Event


def test_answer_time():
    """The agent accepts after `answer_time`; alerting counts as IDLE, and the slot is held from the alert on."""
    text = tiny("0 s, 1 s", queue="answer_time: 4 s")
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
        1 CONTACT_ARRIVED c1.1 m1 q0 a0 v1
        1 CONTACT_STARTED c1.1 m1 v-1
        1 PORTION_OPENED c1.1 m1 q0
        1 TURN_OPENED c1.1 m1 a1
        1 MESSAGE_RECEIVED c1.1 m1 a1 v1
        1 QUEUE_ENTERED c1.1 m1 q0 a1
        4 CONNECTED c0.1 m0 q0 a0
        4 AGENT_STATUS m1 a0 v2
        4 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        14 REPLY_SENT c0.1 m2 q0 a0
        14 CONTACT_ENDED m0 v1
        14 PORTION_DISCONNECTED c0.1 a0 v1
        14 SESSION_ENDED c0.1 m0 q0 a0
        14 AGENT_STATUS m1 a0 v1
        14 ALERTED c1.1 m1 q0 a0
        18 CONNECTED c1.1 m1 q0 a0 v1
        18 AGENT_STATUS m1 a0 v2
        18 REPLY_STARTED c1.1 m1 q0 a0 v10000000
        28 REPLY_SENT c1.1 m3 q0 a0 v1
        28 CONTACT_ENDED m1 v1
        28 PORTION_DISCONNECTED c1.1 a0 v1
        28 SESSION_ENDED c1.1 m1 q0 a0
        28 AGENT_STATUS m1 a0 v1
        3600 RUN_ENDED
    """)


def test_alerting_runs_beside_the_work():
    """Alerting and accepting cost no attention: it rings and is accepted while the agent writes to another."""
    text = tiny("0 s, 6 s", queue="answer_time: 5 s", agents="capacity: 2")
    assert only(text, Event.ALERTED, Event.CONNECTED, Event.REPLY_STARTED, Event.REPLY_SENT) == lines("""
        0 ALERTED c0.1 m0 q0 a0
        5 CONNECTED c0.1 m0 q0 a0
        5 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        6 ALERTED c1.1 m1 q0 a0
        11 CONNECTED c1.1 m1 q0 a0 v1
        15 REPLY_SENT c0.1 m2 q0 a0
        15 REPLY_STARTED c1.1 m1 q0 a0 v10000000
        25 REPLY_SENT c1.1 m3 q0 a0 v1
    """)


def test_an_alert_expires():
    """Nobody answers for `alerting_timeout`: NOT_RESPONDING for `returns_after`, and the next agent is alerted."""
    text = tiny(queue="answer_time: 40 s", agents="count: 2", duration="130 s")
    assert story(text) == lines("""
        0 AGENT_STATUS m0 a0
        0 AGENT_STATUS m0 a1
        0 AGENT_STATUS m1 a0 v1
        0 AGENT_STATUS m1 a1 v1
        0 CONTACT_ARRIVED c0.1 m0 q0 a0
        0 CONTACT_STARTED c0.1 m0 v-1
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        0 MESSAGE_RECEIVED c0.1 m0 a0
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        0 ALERTED c0.1 m0 q0 a0
        30 ALERT_EXPIRED c0.1 m0 q0 a0
        30 AGENT_STATUS m1 a0 v3
        30 ALERTED c0.1 m0 q0 a1
        60 ALERT_EXPIRED c0.1 m0 q0 a1
        60 AGENT_STATUS m1 a1 v3                    # both do not respond: it waits
        90 AGENT_STATUS m1 a0 v1
        90 ALERTED c0.1 m0 q0 a0
        120 AGENT_STATUS m1 a1 v1                   # the second is back in the instant in which the alert ends
        120 ALERT_EXPIRED c0.1 m0 q0 a0
        120 AGENT_STATUS m1 a0 v3
        120 ALERTED c0.1 m0 q0 a1
        130 RUN_ENDED
    """)


def test_times_of_alerting_and_of_returning():
    """`alerting_timeout` and `returns_after` are the queue's."""
    queue = "answer_time: 40 s, alerting_timeout: 7 s, returns_after: 3 s"
    text = tiny(queue=queue, duration="21 s")
    assert story(text)[6:] == lines("""
        0 MESSAGE_RECEIVED c0.1 m0 a0
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        0 ALERTED c0.1 m0 q0 a0
        7 ALERT_EXPIRED c0.1 m0 q0 a0
        7 AGENT_STATUS m1 a0 v3
        10 AGENT_STATUS m1 a0 v1
        10 ALERTED c0.1 m0 q0 a0
        17 ALERT_EXPIRED c0.1 m0 q0 a0
        17 AGENT_STATUS m1 a0 v3
        20 AGENT_STATUS m1 a0 v1
        20 ALERTED c0.1 m0 q0 a0
        21 RUN_ENDED
    """)


def test_answered_exactly_at_the_timeout():
    """An accept at the instant in which the alert would expire is in time."""
    text = tiny(queue="answer_time: 30 s")
    assert only(text, Event.CONNECTED, Event.ALERT_EXPIRED) == ["30 CONNECTED c0.1 m0 q0 a0"]
    late = tiny(queue="answer_time: 30000001 us", duration="80 s")
    assert only(late, Event.CONNECTED, Event.ALERT_EXPIRED) == ["30 ALERT_EXPIRED c0.1 m0 q0 a0"]


def test_an_expired_alert_keeps_the_clock():
    """An expired alert keeps the interaction's clock: it is served before one that came later."""
    text = tiny("0 s, 20 s", queue="answer_time: 40 s", duration="100 s")
    assert only(text, Event.QUEUE_ENTERED, Event.ALERTED, Event.ALERT_EXPIRED) == lines("""
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        0 ALERTED c0.1 m0 q0 a0
        20 QUEUE_ENTERED c1.1 m1 q0 a1
        30 ALERT_EXPIRED c0.1 m0 q0 a0
        90 ALERTED c0.1 m0 q0 a0                    # no new offer, and ahead of the second
    """)


def test_not_responding_keeps_his_work():
    """Who does not respond keeps his work and gets nothing: he writes on, and NOT_RESPONDING hides INTERACTING."""
    # Two desks would hide it: one agent with two slots. The first is accepted at 20, the second never: 20 s is the
    # answer time of all, the timeout 15 s belongs to a second queue.
    text = tiny(
        "0 s",
        queue="auto_answer: true",
        agents="capacity: 3, queues: [line, second], reply: {effort: 100 s}",
        others="xtra: {platform: web messaging, flow: side, arrivals: {trace: [1 s]}, topics: {ask: 100 %}}, "
        "yard: {platform: web messaging, flow: door, arrivals: {trace: [20 s]}, topics: {ask: 100 %}}",
        duration="150 s",
    ).replace("queues: {line:", "queues: {second: {answer_time: 60 s, alerting_timeout: 15 s}, line:")
    text = text.replace("flows: {", "flows: {side: [{transfer: {queue: second}}], ")
    kept = only(text, Event.AGENT_STATUS, Event.ALERTED, Event.ALERT_EXPIRED, Event.CONNECTED, Event.REPLY_SENT)
    assert kept == lines("""
        0 AGENT_STATUS m0 a0
        0 AGENT_STATUS m1 a0 v1
        0 ALERTED c0.1 m0 q0 a0
        0 CONNECTED c0.1 m0 q0 a0
        0 AGENT_STATUS m1 a0 v2
        1 ALERTED c1.1 m1 q1 a0
        16 ALERT_EXPIRED c1.1 m1 q1 a0
        16 AGENT_STATUS m1 a0 v3                    # not responding, although he writes; 20 s: gets nothing
        76 AGENT_STATUS m1 a0 v2
        76 ALERTED c1.1 m1 q1 a0
        76 ALERTED c2.1 m2 q0 a0
        76 CONNECTED c2.1 m2 q0 a0 v1
        91 ALERT_EXPIRED c1.1 m1 q1 a0
        91 AGENT_STATUS m1 a0 v3
        100 REPLY_SENT c0.1 m3 q0 a0
    """)


def test_auto_answer():
    """`auto_answer`: no answer time, connected in the instant of the alert."""
    text = tiny(queue="auto_answer: true")
    assert only(text, Event.ALERTED, Event.CONNECTED) == ["0 ALERTED c0.1 m0 q0 a0", "0 CONNECTED c0.1 m0 q0 a0"]
    assert story(text, STATUS) == story(tiny(queue="answer_time: 0"), STATUS)


def test_a_slot_is_held_from_the_alert():
    """With two slots the third waits while two ring, although the agent is connected to nobody."""
    text = tiny("0 s, 1 s, 2 s", queue="answer_time: 20 s", agents="capacity: 2")
    assert only(text, Event.ALERTED, Event.CONNECTED) == lines("""
        0 ALERTED c0.1 m0 q0 a0
        1 ALERTED c1.1 m1 q0 a0
        20 CONNECTED c0.1 m0 q0 a0
        21 CONNECTED c1.1 m1 q0 a0 v1
        30 ALERTED c2.1 m2 q0 a0
        50 CONNECTED c2.1 m2 q0 a0 v2
    """)
