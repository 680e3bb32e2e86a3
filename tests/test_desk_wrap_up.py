"""Tiny worlds, worked out by hand: after-call work in all its modes, courtesy, and who accepts only when he is free."""

from __future__ import annotations

import pytest
from tiny import lines, only, story, tiny

from simulator.vocabulary.codes import Event

ENDS = (Event.REPLY_SENT, Event.PORTION_DISCONNECTED, Event.WRAP_UP_STARTED, Event.SESSION_ENDED)


@pytest.mark.parametrize("mode", ["OPTIONAL", "AGENT_REQUESTED"])
def test_the_agent_decides(mode):
    """With a share of 100 % every session has after-call work, with 0 % none; between, so many of 400."""

    def wrapped(share: str) -> int:
        wrap_up = f"{{mode: {mode}, share: {share}, takes: 1 s}}"
        many = tiny(
            ", ".join(["0 s"] * 400),
            queue=f"auto_answer: true, after_call_work: {wrap_up}",
            agents="count: 9, reply: {effort: 1 s}",
        )
        return len(only(many, Event.WRAP_UP_STARTED))

    assert wrapped("100 %") == 400
    assert wrapped("0 %") == 0
    assert 60 <= wrapped("25 %") <= 140  # 100 +- more than 4 standard errors


def test_optional_takes_the_drawn_time():
    text = tiny(queue="auto_answer: true, after_call_work: {mode: OPTIONAL, share: 100 %, takes: 30 s}")
    assert only(text, *ENDS) == lines("""
        10 REPLY_SENT c0.1 m1 q0 a0
        10 PORTION_DISCONNECTED c0.1 a0 v1
        10 WRAP_UP_STARTED c0.1 m0 q0 a0
        40 SESSION_ENDED c0.1 m0 q0 a0
    """)


@pytest.mark.parametrize(("takes", "ends"), [("30 s", 30), ("5 s", 15)])
def test_agent_requested_may_have_a_timeout(takes, ends):
    wrap_up = f"{{mode: AGENT_REQUESTED, share: 100 %, timeout: 20 s, takes: {takes}}}"
    text = tiny(queue=f"auto_answer: true, after_call_work: {wrap_up}")
    assert only(text, Event.SESSION_ENDED) == [f"{ends} SESSION_ENDED c0.1 m0 q0 a0"]


def test_every_session_of_a_contact_has_a_draw_of_its_own():
    """A share of 50 %: the second session of a contact is not the copy of its first."""
    text = tiny(
        ", ".join(f"{i} s" for i in range(60)),
        behaviour="turns: 2, think: 20 min",  # beyond close_after: a second session
        queue="auto_answer: true, after_call_work: {mode: OPTIONAL, share: 50 %, takes: 1 s}",
        agents="count: 60",
        duration="2 h",
    )
    wrapped = [line.split()[2] for line in only(text, Event.WRAP_UP_STARTED)]
    first, second = ({name.split(".")[0] for name in wrapped if name.endswith(end)} for end in (".1", ".2"))
    assert first - second and second - first and first & second


# --- courtesy --------------------------------------------------------------------------------------------------


def test_after_a_courtesy_the_wrap_up_is_a_piece_of_its_own_and_goes_before_replies():
    """The first is answered at 10 and disconnected at 30, while the agent works on; its wrap-up waits for the reply
    that is under way (25 to 35) and goes before the one that waits since 26."""
    text = tiny(
        "0 s, 25 s, 26 s",
        queue="auto_answer: true, courtesy: 20 s, after_call_work: {takes: 8 s}",
        agents="capacity: 3",
    )
    assert only(text, Event.REPLY_STARTED, *ENDS) == lines("""
        0 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        10 REPLY_SENT c0.1 m1 q0 a0
        25 REPLY_STARTED c1.1 m1 q0 a0 v10000000
        30 PORTION_DISCONNECTED c0.1 a0 v1
        35 REPLY_SENT c1.1 m4 q0 a0 v1
        35 WRAP_UP_STARTED c0.1 m0 q0 a0
        43 SESSION_ENDED c0.1 m0 q0 a0
        43 REPLY_STARTED c2.1 m2 q0 a0 v10000000
        53 REPLY_SENT c2.1 m5 q0 a0 v2
        55 PORTION_DISCONNECTED c1.1 a0 v1
        55 WRAP_UP_STARTED c1.1 m1 q0 a0
        63 SESSION_ENDED c1.1 m1 q0 a0
        73 PORTION_DISCONNECTED c2.1 a0 v1
        73 WRAP_UP_STARTED c2.1 m2 q0 a0
        81 SESSION_ENDED c2.1 m2 q0 a0
    """)


def test_a_word_of_the_customer_stops_the_courtesy():
    """He thanks 5 s after... nothing: another need of the same customer joins at 15, within the courtesy of 10 to 30.
    It is answered at 25; only then the courtesy runs out, at 45."""
    text = tiny("0 s, 15 s", customers="{population: 1}", queue="auto_answer: true, courtesy: 20 s")
    assert only(text, Event.CONTACT_JOINED, *ENDS) == lines("""
        10 REPLY_SENT c0.1 m1 q0 a0
        15 CONTACT_JOINED c0.1 m1
        25 REPLY_SENT c0.1 m3 q0 a0 v1
        45 PORTION_DISCONNECTED c0.1 a0 v1
        45 SESSION_ENDED c0.1 m0 q0 a0
    """)


def test_the_slot_is_held_during_the_courtesy():
    text = tiny("0 s, 1 s", queue="auto_answer: true, courtesy: 20 s")
    assert [line.split()[0] for line in only(text, Event.CONNECTED)] == ["0", "30"]


# --- accepting when free ---------------------------------------------------------------------------------------


def test_accepting_only_when_free():
    """The second rings at 5, would be accepted at 7, and is when the reply is done, before the next piece: at 10.
    By default he accepts beside his work."""
    queue = "answer_time: 2 s, alerting_timeout: 30 s"
    text = tiny("0 s, 5 s", queue=f"{queue}, accept: when_free", agents="capacity: 2")
    assert story(text, Event.AGENT_STATUS)[6:] == lines("""
        0 ALERTED c0.1 m0 q0 a0
        2 CONNECTED c0.1 m0 q0 a0
        2 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        5 CONTACT_ARRIVED c1.1 m1 q0 a0 v1
        5 CONTACT_STARTED c1.1 m1 v-1
        5 PORTION_OPENED c1.1 m1 q0
        5 TURN_OPENED c1.1 m1 a1
        5 MESSAGE_RECEIVED c1.1 m1 a1 v1
        5 QUEUE_ENTERED c1.1 m1 q0 a1
        5 ALERTED c1.1 m1 q0 a0
        12 REPLY_SENT c0.1 m2 q0 a0
        12 CONTACT_ENDED m0 v1
        12 PORTION_DISCONNECTED c0.1 a0 v1
        12 SESSION_ENDED c0.1 m0 q0 a0
        12 CONNECTED c1.1 m1 q0 a0 v1
        12 REPLY_STARTED c1.1 m1 q0 a0 v10000000
        22 REPLY_SENT c1.1 m3 q0 a0 v1
        22 CONTACT_ENDED m1 v1
        22 PORTION_DISCONNECTED c1.1 a0 v1
        22 SESSION_ENDED c1.1 m1 q0 a0
        3600 RUN_ENDED
    """)
    at_once = only(tiny("0 s, 5 s", queue=queue, agents="capacity: 2"), Event.CONNECTED)
    assert [line.split()[0] for line in at_once] == ["2", "7"]


def test_an_alert_expires_though_he_would_have_accepted_when_free():
    """The present piece lasts longer than the alert: NOT_RESPONDING, as if he had not heard it."""
    text = tiny(
        "0 s, 5 s",
        queue="answer_time: 2 s, alerting_timeout: 10 s, returns_after: 1 min, accept: when_free",
        agents="capacity: 2, reply: {effort: 30 s}",
        duration="2 min",
    )
    assert only(text, Event.ALERTED, Event.ALERT_EXPIRED, Event.CONNECTED) == lines("""
        0 ALERTED c0.1 m0 q0 a0
        2 CONNECTED c0.1 m0 q0 a0
        5 ALERTED c1.1 m1 q0 a0
        15 ALERT_EXPIRED c1.1 m1 q0 a0
        75 ALERTED c1.1 m1 q0 a0
        77 CONNECTED c1.1 m1 q0 a0 v1
    """)


def test_in_the_last_moment_he_accepts():
    """The piece ends exactly when the alert would expire: work that is done comes first."""
    text = tiny(
        "0 s, 5 s",
        queue="answer_time: 2 s, alerting_timeout: 25 s, accept: when_free",
        agents="capacity: 2, reply: {effort: 28 s}",
    )
    assert only(text, Event.ALERT_EXPIRED) == []
    assert only(text, Event.CONNECTED)[1] == "30 CONNECTED c1.1 m1 q0 a0 v1"


def test_a_shared_desk_is_free_when_nothing_is_under_way():
    """Two at work until 20 s; the third is accepted then, not when the first of several is done."""
    text = tiny(
        "0 s, 0 s, 4 s",
        queue="answer_time: 2 s, accept: when_free",
        agents="capacity: 3, attention: {parallel: {speed: [1]}}",
    )
    assert only(text, Event.CONNECTED) == lines("""
        2 CONNECTED c0.1 m0 q0 a0
        12 CONNECTED c1.1 m1 q0 a0 v1               # free when the first is done
        22 CONNECTED c2.1 m2 q0 a0 v2
    """)
