"""Tiny worlds, worked out by hand: conversations that agents pass on, blind or as a consult."""

from __future__ import annotations

import pytest
from tiny import STATUS, lines, only, story, tiny
from worlds import run

from simulator.records import fold
from simulator.records.checks import checks
from simulator.vocabulary.codes import Event

PASSING = (
    Event.CONNECTED, Event.PASSING_STARTED, Event.TRANSFERRED, Event.CONSULT_ENDED, Event.QUEUE_ENTERED,
    Event.ALERTED, Event.REPLY_SENT, Event.SESSION_ENDED,
)  # fmt: skip


def passed(rule: str, arrivals: str = "0 s", second: str = "auto_answer: true", **more) -> str:
    """Agent a serves `line` and passes on by a rule; agent b serves `second` (queue 1)."""
    queue = more.pop("queue", "")
    agents = more.pop("agents", {"a": "", "b": "queues: [second], reply: {effort: 20 s}"})
    text = tiny(
        arrivals,
        queue=f"auto_answer: true, transfers: [{{{rule}}}]" + (f", {queue}" if queue else ""),
        agents=agents,
        **more,
    )
    return text.replace("queues: {line:", f"queues: {{second: {{{second}}}, line:")


def test_a_blind_transfer_from_beginning_to_end():
    """The agent needs what the reply would take (10 s), then the turn is another's: a new offer with a new clock."""
    text = passed("share: 100 %, to: second", duration="1 min")
    assert story(text, STATUS) == lines("""
        0 CONTACT_ARRIVED c0.1 m0 q0 a0
        0 CONTACT_STARTED c0.1 m0 v-1
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        0 MESSAGE_RECEIVED c0.1 m0 a0
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        0 ALERTED c0.1 m0 q0 a0
        0 CONNECTED c0.1 m0 q0 a0
        0 PASSING_STARTED c0.1 m0 q0 a0 v10000000
        10 TRANSFERRED c0.1 m0 q0 a0
        10 SESSION_ENDED c0.1 m0 q0 a0
        10 QUEUE_ENTERED c0.1 m1 q1 a0
        10 ALERTED c0.1 m1 q1 a1
        10 CONNECTED c0.1 m1 q1 a1 v1
        10 REPLY_STARTED c0.1 m0 q1 a1 v20000000
        30 REPLY_SENT c0.1 m1 q1 a1
        30 CONTACT_ENDED m0 v1
        30 PORTION_DISCONNECTED c0.1 a1 v1
        30 SESSION_ENDED c0.1 m1 q1 a1
        60 RUN_ENDED
    """)


def test_a_consult_from_beginning_to_end():
    """The agent keeps his slot and waits with the customer: b alerts for 4 s, is busy until 25 with another."""
    text = passed(
        "share: 100 %, to: second, kind: consult, takes: 3 s",
        second="answer_time: 4 s",
        queue="after_call_work: {takes: 5 s}",
        others="xtra: {platform: web messaging, flow: side, arrivals: {trace: [1 s]}, topics: {ask: 100 %}}",
        duration="1 min",
    ).replace("flows: {", "flows: {side: [{transfer: {queue: second}}], ")
    assert only(text, *PASSING, Event.WRAP_UP_STARTED) == lines("""
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        0 ALERTED c0.1 m0 q0 a0
        0 CONNECTED c0.1 m0 q0 a0
        0 PASSING_STARTED c0.1 m0 q0 a0 v3000000
        1 QUEUE_ENTERED c1.1 m1 q1 a1
        1 ALERTED c1.1 m1 q1 a1
        3 TRANSFERRED c0.1 m0 q0 a0 v1
        3 QUEUE_ENTERED c0.1 m2 q1 a0
        5 CONNECTED c1.1 m1 q1 a1 v1
        25 REPLY_SENT c1.1 m2 q1 a1 v1
        25 SESSION_ENDED c1.1 m1 q1 a1
        25 ALERTED c0.1 m2 q1 a1
        29 CONNECTED c0.1 m2 q1 a1 v2
        29 CONSULT_ENDED c0.1 m0 q0 a0
        29 WRAP_UP_STARTED c0.1 m0 q0 a0
        34 SESSION_ENDED c0.1 m0 q0 a0
        49 REPLY_SENT c0.1 m3 q1 a1
        49 SESSION_ENDED c0.1 m2 q1 a1
    """)


def test_who_waits_with_his_customer_is_full():
    """Blind frees the slot at once, a consult when the other has connected: the next customer waits accordingly."""
    connects = {}
    for kind in ("blind", "consult"):
        text = passed(
            f"share: 100 %, topic: hard, to: second, takes: 1 s, kind: {kind}",
            "5 s",
            second="answer_time: 9 s",
            others="xtra: {platform: web messaging, flow: door, arrivals: {trace: [0 s]}, topics: {hard: 100 %}}",
            topics="hard: {behaviour: plain}",
        )
        connects[kind] = next(line for line in only(text, Event.CONNECTED) if " c1." in line).split()[0]
    assert connects == {"blind": "5", "consult": "10"}


def test_after_a_reply():
    """`after: 1`: the first turn is answered, the second is passed on. Nobody is passed on who has only one."""
    rule = "share: 100 %, to: second, after: 1"
    text = passed(rule, behaviour="turns: 2, think: 30 s")
    assert only(text, Event.REPLY_SENT, Event.TRANSFERRED, Event.PASSING_STARTED) == lines("""
        10 REPLY_SENT c0.1 m1 q0 a0
        40 PASSING_STARTED c0.1 m0 q0 a0 v10000000
        50 TRANSFERRED c0.1 m0 q0 a0
        70 REPLY_SENT c0.1 m3 q1 a1 v1
    """)
    assert only(passed(rule), Event.TRANSFERRED) == []


def test_the_priority_is_applied_again_and_the_clock_anew():
    """At 20 b is free: the transferred one has waited 5 s + 1 min of his topic; the other 19 s."""
    text = passed(
        "share: 100 %, topic: hard, to: second, takes: 15 s",
        "",
        others="x1: {platform: web messaging, flow: door, arrivals: {trace: [0 s]}, topics: {hard: 100 %}}, "
        "x2: {platform: web messaging, flow: side, arrivals: {trace: [0 s, 1 s]}, topics: {ask: 100 %}}",
        topics="hard: {behaviour: plain, priority: 1}",
    ).replace("flows: {", "flows: {side: [{transfer: {queue: second}}], ")
    entered = only(text, Event.QUEUE_ENTERED)
    assert entered[-1] == "15 QUEUE_ENTERED c0.1 m3 q1 a0 v1"
    assert [line.split()[2] for line in only(text, Event.CONNECTED) if " q1 " in line] == ["c1.1", "c0.1", "c2.1"]
    own = text.replace("takes: 15 s", "takes: 15 s, priority: -1")
    assert [line.split()[2] for line in only(own, Event.CONNECTED) if " q1 " in line] == ["c1.1", "c2.1", "c0.1"]


def test_a_bonus_that_ages():
    """A transfer with a priority that grows by 10 a minute: entered at 15 s, at 20 s it has 5 s * 11 = 55 s; the one
    that came at 1 s has 19 s."""
    text = passed(
        "share: 100 %, topic: hard, to: second, takes: 15 s, priority_per_minute: 10",
        "",
        others="x1: {platform: web messaging, flow: door, arrivals: {trace: [0 s]}, topics: {hard: 100 %}}, "
        "x2: {platform: web messaging, flow: side, arrivals: {trace: [0 s, 1 s]}, topics: {ask: 100 %}}",
        topics="hard: {behaviour: plain}",
    ).replace("flows: {", "flows: {side: [{transfer: {queue: second}}], ")
    assert [line.split()[2] for line in only(text, Event.CONNECTED) if " q1 " in line] == ["c1.1", "c0.1", "c2.1"]
    slower = text.replace("priority_per_minute: 10", "priority_per_minute: 2.8")  # 5 s * 3.8 = 19 s: the earlier entry
    assert [line.split()[2] for line in only(slower, Event.CONNECTED) if " q1 " in line] == ["c1.1", "c2.1", "c0.1"]


def test_to_other_skills_of_the_same_queue():
    text = tiny(
        "0 s",
        queue="auto_answer: true, transfers: [{share: 99.9999 %, skills: [billing], language: french, takes: 1 s}]",
        agents={"a": "", "b": "skills: {billing: 3}", "c": "skills: {billing: 3}, languages: [french]"},
    )
    wanted = (Event.QUEUE_ENTERED, Event.SKILL_REQUIRED, Event.LANGUAGE_REQUIRED, Event.CONNECTED)
    assert only(text, *wanted)[2:6] == lines("""
        1 QUEUE_ENTERED c0.1 m1 q0 a0
        1 SKILL_REQUIRED c0.1 m1 q0
        1 LANGUAGE_REQUIRED c0.1 m1 q0
        1 CONNECTED c0.1 m1 q0 a2 v1
    """)


def test_shares_by_topic():
    """A rule for a topic passes on nobody else; rules share one draw, so that their shares add up."""
    rule = "share: 100 %, topic: other, to: second"
    assert only(passed(rule, topics="other: {behaviour: plain}"), Event.TRANSFERRED) == []
    text = passed("share: 30 %, to: second}, {share: 70 %, to: second, kind: consult", ", ".join(["0 s"] * 60))
    kinds = [line.endswith(" v1") for line in only(text, Event.TRANSFERRED)]
    assert len(kinds) == 60 and 25 <= sum(kinds) <= 55


@pytest.mark.parametrize("kind", ["blind", "consult"])
def test_who_loses_patience_after_a_transfer(kind):
    """A new entry, a new patience; with a consult the agent who waits turns to his wrap-up."""
    text = passed(
        f"share: 100 %, to: second, takes: 5 s, kind: {kind}",
        behaviour="patience: 30 s",
        queue="after_call_work: {takes: 2 s}",
        agents={"a": "", "b": "queues: [second], capacity: 0"},
        duration="1 min",
    )
    ended = only(text, Event.ABANDONED, Event.SESSION_ENDED, Event.PORTION_DISCONNECTED)
    assert ended == (
        lines("""
            7 SESSION_ENDED c0.1 m0 q0 a0
            35 ABANDONED c0.1 m1 q1 a0
            35 PORTION_DISCONNECTED c0.1 v3
        """)
        if kind == "blind"
        else lines("""
            35 ABANDONED c0.1 m1 q1 a0
            35 PORTION_DISCONNECTED c0.1 a0 v3
            37 SESSION_ENDED c0.1 m0 q0 a0
        """)
    )


def test_the_shift_ends_during_a_consult():
    """He leaves; the interaction waits on without him and is no new offer."""
    text = passed(
        "share: 100 %, to: second, takes: 5 s, kind: consult",
        agents={
            "a": 'shift: {from: "00:00", to: "00:01"}',
            "b": 'queues: [second], shift: {from: "00:02", to: "08:00"}',
        },
        duration="5 min",
    )
    assert only(text, *PASSING)[3:] == lines("""
        0 PASSING_STARTED c0.1 m0 q0 a0 v5000000
        5 TRANSFERRED c0.1 m0 q0 a0 v1
        5 QUEUE_ENTERED c0.1 m1 q1 a0
        60 CONSULT_ENDED c0.1 m0 q0 a0
        60 SESSION_ENDED c0.1 m0 q0 a0
        120 ALERTED c0.1 m1 q1 a1
        120 CONNECTED c0.1 m1 q1 a1 v1
        130 REPLY_SENT c0.1 m1 q1 a1
        130 SESSION_ENDED c0.1 m1 q1 a1
    """)


def test_messages_during_a_consult_wait_for_the_other():
    """Who joins meanwhile is answered by the agent who takes over, not by the one who waits."""
    text = passed(
        "share: 100 %, to: second, takes: 5 s, kind: consult",
        "0 s, 8 s",
        customers="{population: 1}",
        second="answer_time: 10 s",
    )
    assert only(text, Event.REPLY_STARTED, Event.CONSULT_ENDED) == lines("""
        15 CONSULT_ENDED c0.1 m0 q0 a0
        15 REPLY_STARTED c0.1 m0 q1 a1 v20000000
        35 REPLY_STARTED c0.1 m1 q1 a1 v20000000
    """)


def test_the_tables_tell_of_transfers():
    scenario, rows = run(passed("share: 100 %, to: second, kind: consult", second="answer_time: 4 s"))
    tables = fold(scenario, rows)
    sessions, offers = tables["sessions"], tables["offers"]
    assert sessions["transfer"].astype(object).where(sessions["transfer"].notna(), None).tolist() == ["consult", None]
    assert sessions["disconnected_us"].tolist() == [14_000_000, 34_000_000]
    assert sessions["t_work_us"].tolist() == [10_000_000, 20_000_000]
    assert offers["came"].tolist() == ["flow", "consult"]
    assert offers["wait_alert_us"].tolist() == [0, 4_000_000]
    assert all(check.passed for check in checks(scenario, rows, tables)), [
        check for check in checks(scenario, rows, tables) if not check.passed
    ]


def test_on_a_shared_desk():
    """Who works on several at once passes on in the same way."""
    agents = {"a": "attention: {parallel: {speed: [1, 1]}}, capacity: 2", "b": "queues: [second]"}
    text = passed("share: 100 %, to: second", "0 s, 0 s", agents=agents, duration="2 min")
    # two at once at a total speed of 1: each needs 20 s
    assert only(text, Event.TRANSFERRED) == lines("""
        20 TRANSFERRED c0.1 m0 q0 a0
        20 TRANSFERRED c1.1 m1 q0 a0
    """)
