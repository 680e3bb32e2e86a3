"""Tiny worlds, worked out by hand: places where two rules meet."""

from __future__ import annotations

import pytest
from tiny import STATUS, lines, only, story, tiny

from simulator.vocabulary.codes import Event


def shift(begins: str, ends: str, breaks: str = "") -> str:
    return f'shift: {{from: "{begins}", to: "{ends}", breaks: [{breaks}]}}'


def test_giving_up_twice_brings_two_different_contacts():
    """Each contact that writes again has its own draws, also the second that one parent brings for the same reason."""
    text = tiny(
        channel="wa",
        behaviour="turns: 2, think: 15 min, patience: 5 s, "
        "writes_again: {after_silent: {probability: 100 %, delay: 30 s}}",
        agents=shift("00:01", "09:00", '{at: "00:15", for: 15 min}') + ", reply: {effort: {exponential: {mean: 10 s}}}",
        duration="40 min",
    )
    gave_up = [line.split()[-1] for line in only(text, Event.GAVE_UP)]
    assert gave_up[:2] == ["a0", "a0"]  # at 5 s, and in his second portion, during the break
    returned = [line.split() for line in only(text, Event.CONTACT_RETURNED) if " a0 " in line]
    assert len(returned) == 2
    children = {words[3][1:] for words in returned}
    turns = {
        line.split()[3]: line.split()[4][1:]
        for line in only(text, Event.TURN_OPENED)
        if line.split()[4][1:] in children
    }
    efforts = [line.split()[-1] for line in only(text, Event.REPLY_STARTED) if line.split()[3] in turns]
    assert len(efforts) >= 2
    assert len(set(efforts)) == len(efforts)


def test_a_silent_customer_at_the_end_of_the_shift():
    """Answered in vain, then the shift ends: nothing is unanswered, the portion is disconnected, he was silent."""
    text = tiny(
        "1 s, 2 s",
        channel="wa",
        behaviour="patience: 5 s",
        agents=shift("00:00", "00:01") + ", reply: {effort: 20 s}",
        duration="10 min",
    )
    # 1 to 21 the first; the second gave up at 7, is connected at 21, answered at 41, disconnected at 60
    kept = only(
        text, Event.GAVE_UP, Event.REPLY_SENT, Event.PORTION_DISCONNECTED, Event.CONTACT_ENDED, Event.HANDED_BACK
    )
    assert kept == lines("""
        7 GAVE_UP c1.1 m1 q0 a1
        21 REPLY_SENT c0.1 m2 q0 a0
        21 CONTACT_ENDED m0 v1
        21 PORTION_DISCONNECTED c0.1 a0 v1
        41 REPLY_SENT c1.1 m3 q0 a0 v1
        60 PORTION_DISCONNECTED c1.1 a0 v6
        60 CONTACT_ENDED m1 v4
    """)


def test_a_silent_customer_is_handed_back_and_gives_up_no_second_time():
    """A silent customer who is handed back waits for nobody: no second giving up, no abandon."""
    text = tiny(
        "1 s, 2 s",
        channel="wa",
        behaviour="patience: 15 s",
        agents={
            "a": shift("00:00", "00:01") + ", reply: {effort: 50 s}",
            "b": shift("00:05", "09:00") + ", reply: {effort: 50 s}",
        },
        duration="20 min",
    )
    # the first 1 to 51; the second gave up at 17, its reply would be 51 to 101: a piece in hand is finished
    kept = only(text, Event.GAVE_UP, Event.HANDED_BACK, Event.REPLY_SENT, Event.CONTACT_ENDED)
    assert kept == lines("""
        17 GAVE_UP c1.1 m1 q0 a1
        51 REPLY_SENT c0.1 m2 q0 a0
        51 CONTACT_ENDED m0 v1
        101 REPLY_SENT c1.1 m3 q0 a0 v1
        101 CONTACT_ENDED m1 v4
    """)


def test_not_responding_into_a_break():
    """A break hides NOT_RESPONDING; after a short break it is still there, after a long one it is over."""
    queue = "answer_time: 40 s"
    short = tiny("560 s", queue=queue, agents=shift("00:00", "08:00", '{at: "00:10", for: 30 s}'), duration="11 min")
    assert only(short, Event.AGENT_STATUS, Event.ALERTED, Event.ALERT_EXPIRED)[2:] == lines("""
        560 ALERTED c0.1 m0 q0 a0
        590 ALERT_EXPIRED c0.1 m0 q0 a0
        590 AGENT_STATUS m1 a0 v3
        600 AGENT_STATUS m2 a0
        630 AGENT_STATUS m1 a0 v3
        650 AGENT_STATUS m1 a0 v1
        650 ALERTED c0.1 m0 q0 a0
    """)
    long = tiny("560 s", queue=queue, agents=shift("00:00", "08:00", '{at: "00:10", for: 2 min}'), duration="13 min")
    assert only(long, Event.AGENT_STATUS, Event.ALERTED)[3:7] == lines("""
        590 AGENT_STATUS m1 a0 v3
        600 AGENT_STATUS m2 a0
        720 AGENT_STATUS m1 a0 v1
        720 ALERTED c0.1 m0 q0 a0
    """)


def test_not_responding_at_the_end_of_a_shift():
    """The end of a shift hides NOT_RESPONDING: off queue, and nothing when it would have been over."""
    text = tiny("560 s", queue="answer_time: 40 s", agents=shift("00:00", "00:10"), duration="20 min")
    assert only(text, Event.AGENT_STATUS, Event.ALERTED)[2:] == lines("""
        560 ALERTED c0.1 m0 q0 a0
        590 AGENT_STATUS m1 a0 v3
        600 AGENT_STATUS m0 a0
    """)


def test_a_close_during_a_break():
    """close_after goes on during a break: the portion ends at its time, the wrap-up waits for the agent."""
    text = tiny(
        "580 s",
        behaviour="turns: 2, think: 1 h",
        queue="auto_answer: true, close_after: 2 min, after_call_work: {takes: 30 s}",
        agents=shift("00:00", "08:00", '{at: "00:10", for: 5 min}'),
        duration="20 min",
    )
    kept = only(text, Event.PORTION_DISCONNECTED, Event.WRAP_UP_STARTED, Event.SESSION_ENDED, Event.AGENT_STATUS)
    assert kept[2:] == lines("""
        580 AGENT_STATUS m1 a0 v2
        600 AGENT_STATUS m2 a0
        710 PORTION_DISCONNECTED c0.1 a0 v5
        900 AGENT_STATUS m1 a0 v2
        900 WRAP_UP_STARTED c0.1 m0 q0 a0
        930 SESSION_ENDED c0.1 m0 q0 a0
        930 AGENT_STATUS m1 a0 v1
    """)


def test_a_break_in_a_wrap_up():
    """A wrap-up is a piece as well: the break waits for it."""
    text = tiny(
        "585 s",
        queue="auto_answer: true, after_call_work: {takes: 30 s}",
        agents=shift("00:00", "08:00", '{at: "00:10", for: 5 min}'),
        duration="20 min",
    )
    assert only(text, Event.AGENT_STATUS)[3:] == lines("""
        625 AGENT_STATUS m1 a0 v1
        625 AGENT_STATUS m2 a0
        925 AGENT_STATUS m1 a0 v1
    """)


def test_overtime_into_the_next_shift():
    """Who is still at a piece when his next shift begins is on queue again, with his conversation."""
    text = tiny("7 h", agents=shift("00:00", "08:00") + ", reply: {effort: 20 h}", duration="30 h")
    assert only(text, Event.AGENT_STATUS, Event.REPLY_SENT, Event.HANDED_BACK)[2:] == lines("""
        25200 AGENT_STATUS m1 a0 v2
        28800 AGENT_STATUS m4 a0
        86400 AGENT_STATUS m1 a0 v2
        97200 REPLY_SENT c0.1 m1 q0 a0
        97200 AGENT_STATUS m1 a0 v1
    """)


@pytest.mark.parametrize(
    ("later", "agent"), [("6 days", "a1"), ("604809 s", "a1"), ("604810 s", "a0"), ("8 days", "a0")]
)
def test_the_clock_looks_back_seven_days(later, agent):
    """Look-back 7 days: who has not worked for so long and who never worked are equal; the smaller id wins."""
    text = tiny(f"0 s, {later}", agents="count: 2", duration="9 days")  # the first session ends at 10 s
    assert only(text, Event.ALERTED)[1].split()[5] == agent


def test_both_needs_of_a_person_may_be_unresolved():
    """`after_service` counts from the disconnect for every contact whose last turn was answered in the portion."""
    text = tiny(
        "0 s, 5 s",
        customers="{population: 1}",
        behaviour="writes_again: {after_service: {probability: 100 %, delay: 100 s}}",
        duration="121 s",
    )
    back = only(text, Event.CONTACT_RETURNED)  # answered at 10 and 20, disconnected at 20
    assert [line.split()[0] for line in back] == ["120", "120"]
    assert {line.split()[5] for line in back} == {"a0", "a1"}


def test_a_contained_conversation_may_be_reopened():
    """Containment disconnects: the threading clock starts, but no agent has connected and affinity finds nobody."""
    text = tiny(
        "0 s, 100 s",
        customers="{population: 1}",
        flow="{bot: {bot_time: 1 s, contains: {second: 0 %, ask: 100 %}}}",
        topics="second: {behaviour: plain}",
        others="",
    )
    assert only(text, Event.CONTACT_REOPENED, Event.PORTION_DISCONNECTED, Event.QUEUE_ENTERED) == lines("""
        1 PORTION_DISCONNECTED c0.1 v2
        100 CONTACT_REOPENED c0.2 m1
        101 PORTION_DISCONNECTED c0.2 v2
    """)


def test_an_abandon_restarts_the_window_and_a_block_too():
    """Every disconnect starts the threading clock, also one without an agent."""
    text = tiny(
        "0 s, 1 s, 130 s, 195 s",
        customers="new",
        queue="auto_answer: true, max_waiting: 0",
        behaviour="writes_again: {after_service: {probability: 0 %, delay: 1 min}}",
    )
    assert only(text, Event.QUEUE_BLOCKED) == ["1 QUEUE_BLOCKED c1.1 m1 q0"]
    blocked_twice = tiny(
        "0 s, 10 s, 69 s, 129 s",
        customers="{population: 1}",
        queue="auto_answer: true, max_waiting: 0",
        agents=shift("02:00", "09:00"),
        more="threading: {window: 1 min}",
    )
    assert only(blocked_twice, Event.CONTACT_STARTED, Event.CONTACT_REOPENED) == lines("""
        0 CONTACT_STARTED c0.1 m0
        10 CONTACT_REOPENED c0.2 m1
        69 CONTACT_REOPENED c0.3 m2
        129 CONTACT_STARTED c1.1 m3                 # exactly a minute after the latest disconnect
    """)


def test_zero_durations():
    """Nothing takes any time: everything happens in order within one instant."""
    text = tiny(
        "5 s",
        behaviour="turns: 2, think: 0, flow_answer: 0, opening: {messages: 2, gap: 0}",
        flow="{identify: {takes: 0}}, {bot: {turns: 2, bot_time: 0}}, {collect: {fields: 1, question_time: 0}}",
        queue="answer_time: 0, after_call_work: {takes: 0}",
        agents="reply: {effort: 0}",
    )
    told = story(text, STATUS)
    assert told[-1] == "3600 RUN_ENDED"
    times = [line.split()[0] for line in told[:-1]]
    # no reply takes less than a second
    assert set(times) == {"5", "6", "7"}
    assert only(text, Event.REPLY_SENT, Event.SESSION_ENDED) == lines("""
        6 REPLY_SENT c0.1 m7 q0 a0
        7 REPLY_SENT c0.1 m9 q0 a0 v1
        7 SESSION_ENDED c0.1 m0 q0 a0
    """)


def test_a_pending_need_of_one_who_vanished():
    """`vanished` includes everything still to come of the person: what he had written is answered, but settled once."""
    replies = "replies: {{probability: 100 %, delay: {delay}, topic: other}}"
    campaigns = ", ".join(
        f"{name}: {{channel: wa, contacts: 1, start: 2026-03-02 00:00, template: t, opt_in: 100 %, "
        f"{replies.format(delay=delay)}}}"
        for name, delay in (("first", "5 s"), ("second", "15 s"))
    )
    text = tiny(
        "0 s",
        channel="wa",
        customers="{population: 1}",
        behaviour="turns: 2, think: 1 h, vanishes: 100 %",
        topics="other: {behaviour: simple}",
        more=f"outbound: {{limits: {{pacing: burst}}, campaigns: {{{campaigns}}}}}",
    ).replace("behaviours: {", "behaviours: {simple: {}, ")
    kept = only(text, Event.CONTACT_STARTED, Event.CONTACT_JOINED, Event.REPLY_SENT, Event.CONTACT_VANISHED,
                Event.CONTACT_ENDED, Event.PORTION_DISCONNECTED)  # fmt: skip
    assert kept == lines("""
        0 CONTACT_STARTED c0.1 m0
        5 CONTACT_JOINED c0.1 m1
        10 REPLY_SENT c0.1 m2 q0 a0
        10 CONTACT_VANISHED c0.1 m0
        10 CONTACT_ENDED m0 v5
        10 CONTACT_ENDED m1 v5                      # the person is gone, and this need with him
        15 CONTACT_JOINED c0.1 m2                   # awake again
        20 REPLY_SENT c0.1 m4 q0 a0 v1
        30 REPLY_SENT c0.1 m5 q0 a0 v2
        30 CONTACT_ENDED m2 v1
        30 PORTION_DISCONNECTED c0.1 a0 v1
    """)


def test_a_burst_that_is_still_coming_is_not_answered():
    """A reply becomes work when its burst is complete, also if a later burst completes while the agent writes."""
    replies = "replies: {{probability: 100 %, delay: {delay}, topic: {topic}}}"
    campaigns = ", ".join(
        f"{name}: {{channel: wa, contacts: 1, start: 2026-03-02 00:00, template: t, opt_in: 100 %, "
        f"{replies.format(delay=delay, topic=topic)}}}"
        for name, delay, topic in (("first", "1 s", "long"), ("second", "2 s", "ask"))
    )
    text = tiny(
        "0 s",
        channel="wa",
        customers="{population: 1}",
        topics="long: {behaviour: typing}",
        more=f"outbound: {{limits: {{pacing: burst}}, campaigns: {{{campaigns}}}}}",
    ).replace("behaviours: {", "behaviours: {typing: {opening: {messages: 3, gap: 20 s}}, ")
    # turn 0 is answered from 0 to 10; turn 1 comes in at 1, 21 and 41; turn 2 is complete at 2
    assert [line.split()[0] for line in only(text, Event.MESSAGE_RECEIVED) if line.endswith(" a1 v1")] == [
        "1",
        "21",
        "41",
    ]
    started = {line.split()[3]: line.split()[0] for line in only(text, Event.REPLY_STARTED)}
    assert started["m0"] == "0"
    assert started["m1"] == "41"
    assert len(only(text, Event.REPLY_STARTED)) == 3
