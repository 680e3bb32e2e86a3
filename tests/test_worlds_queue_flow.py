"""Tiny worlds, worked out by hand: what those who wait are told, and when they are taken out of the queue."""

from __future__ import annotations

import pytest
from tiny import STATUS, lines, only, story, tiny
from worlds import run

from simulator import metrics
from simulator.records import fold
from simulator.records.checks import checks
from simulator.vocabulary.clock import DAY
from simulator.vocabulary.codes import Event

SLOW = "reply: {effort: 60 s}"


def tables_of(text: str):
    """The tables of a world in which all checks hold."""
    scenario, rows = run(text)
    tables = fold(scenario, rows)
    assert [check.detail for check in checks(scenario, rows, tables) if not check.passed] == []
    return tables


def waiting(
    flow: str, arrivals: str = "0 s, 1 s", queue: str = "auto_answer: true", other: str = "", **parts: str
) -> str:
    """A world with this in-queue flow; `other`: the inside of a second queue of that name."""
    parts = {"agents": SLOW, **parts}
    second = f"}}, other: {{{other}" if other else ""
    return tiny(arrivals, queue=f"{queue}, in_queue_flow: {{{flow}}}{second}", **parts)


def test_messages_while_waiting():
    """Once after a time, and again and again; nothing to who is connected; agents read them all."""
    text = waiting("messages: [{after: 10 s}, {after: 20 s, every: 15 s}]")
    assert only(text, Event.QUEUE_ENTERED, Event.FLOW_MESSAGE_SENT, Event.CONNECTED) == lines("""
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        0 CONNECTED c0.1 m0 q0 a0
        1 QUEUE_ENTERED c1.1 m1 q0 a1
        11 FLOW_MESSAGE_SENT c1.1 m2 v4
        21 FLOW_MESSAGE_SENT c1.1 m3 v4
        36 FLOW_MESSAGE_SENT c1.1 m4 v4
        51 FLOW_MESSAGE_SENT c1.1 m5 v4
        60 CONNECTED c1.1 m1 q0 a0 v1
    """)
    assert tables_of(text)["messages"]["kind"].tolist().count("in_queue") == 4
    reads = waiting("messages: [{after: 10 s}, {after: 20 s, every: 15 s}]",
                    agents="reply: {effort: 60 s, history: {per_message: 1 s, at_most: 60 s}}")  # fmt: skip
    assert only(reads, Event.REPLY_STARTED)[1] == "60 REPLY_STARTED c1.1 m1 q0 a0 v64000000"


def test_a_message_at_the_moment_of_the_connect():
    """A flow's step comes before nothing that is already over: at 60 the reply frees the agent first."""
    text = waiting("messages: [{after: 59 s}]")
    assert len(only(text, Event.FLOW_MESSAGE_SENT)) == 0  # c0 (the smaller id) is done at 60 before c1 is told
    assert len(only(waiting("messages: [{after: 58999999 us}]"), Event.FLOW_MESSAGE_SENT)) == 1


def test_messages_while_it_rings():
    """Patience and the in-queue flow go on until the connect."""
    text = waiting("messages: [{after: 5 s}]", "0 s", "answer_time: 20 s")
    assert only(text, Event.FLOW_MESSAGE_SENT) == ["5 FLOW_MESSAGE_SENT c0.1 m1 v4"]


def test_flow_out_disconnects():
    """Whom the flow takes out for good is flowed out: neither answered nor abandoned."""
    text = waiting("flow_out: {after: 30 s}", behaviour="patience: 10 min")
    assert story(text, STATUS, Event.CONTACT_STARTED, Event.CONTACT_ARRIVED, Event.ALERTED)[5:] == lines("""
        0 REPLY_STARTED c0.1 m0 q0 a0 v60000000
        1 PORTION_OPENED c1.1 m1 q0
        1 TURN_OPENED c1.1 m1 a1
        1 MESSAGE_RECEIVED c1.1 m1 a1 v1
        1 QUEUE_ENTERED c1.1 m1 q0 a1
        31 FLOWED_OUT c1.1 m1 q0 a1 v-1
        31 PORTION_DISCONNECTED c1.1 v11
        31 CONTACT_ENDED m1 v10
        60 REPLY_SENT c0.1 m2 q0 a0
        60 CONTACT_ENDED m0 v1
        60 PORTION_DISCONNECTED c0.1 a0 v1
        60 SESSION_ENDED c0.1 m0 q0 a0
        3600 RUN_ENDED
    """)
    tables = tables_of(text)
    assert tables["offers"]["outcome"].tolist() == ["answered", "flowed_out"]
    assert tables["offers"]["t_wait_us"].tolist() == [0, 30_000_000]
    assert tables["contacts"]["outcome"].tolist() == ["answered", "flowed_out"]
    assert tables["turns"]["outcome"].tolist() == ["answered", "flowed_out"]


OVERFLOW = "flow_out: {after: 30 s, to: other}"
AUTO = "auto_answer: true"


def test_flow_out_to_another_queue():
    """A new offer there: the clock starts anew, the priority is applied again, so is a new patience."""
    agents = {"desk": SLOW, "second": f"queues: [other], {SLOW}"}
    parts = {"topic": "priority: 2", "behaviour": "patience: {empirical: [45 s]}", "agents": agents}
    text = waiting(OVERFLOW, "0 s, 1 s, 2 s", other=AUTO, **parts)
    assert only(text, Event.QUEUE_ENTERED, Event.FLOWED_OUT, Event.CONNECTED, Event.ABANDONED) == lines("""
        0 QUEUE_ENTERED c0.1 m0 q0 a0 v2
        0 CONNECTED c0.1 m0 q0 a0
        1 QUEUE_ENTERED c1.1 m1 q0 a1 v2
        2 QUEUE_ENTERED c2.1 m2 q0 a2 v2
        31 FLOWED_OUT c1.1 m1 q0 a1 v1
        31 QUEUE_ENTERED c1.1 m3 q1 a1 v2
        31 CONNECTED c1.1 m3 q1 a1 v1
        32 FLOWED_OUT c2.1 m2 q0 a2 v1
        32 QUEUE_ENTERED c2.1 m4 q1 a2 v2
        77 ABANDONED c2.1 m4 q1 a2                  # 45 s in this queue
    """)
    offers = tables_of(text)["offers"]
    assert offers["flowed_out_to"].astype(object).where(offers["flowed_out_to"].notna(), None).tolist() == [
        None, "other", "other", None, None,
    ]  # fmt: skip


def test_flow_out_into_a_full_queue():
    """`max_waiting` of the other queue counts: turned away there."""
    text = waiting(OVERFLOW, other=AUTO + ", max_waiting: 0")
    assert only(text, Event.FLOWED_OUT, Event.QUEUE_BLOCKED) == lines("""
        31 FLOWED_OUT c1.1 m1 q0 a1 v1
        31 QUEUE_BLOCKED c1.1 m1 q1
    """)
    assert tables_of(text)["portions"]["blocked_queue"].tolist()[1:] == ["other"]


def test_flow_out_while_it_rings():
    """The alert is withdrawn; who connects at that instant was in time."""
    text = waiting("flow_out: {after: 10 s}", "0 s", "answer_time: 20 s")
    assert only(text, Event.FLOWED_OUT, Event.ALERT_WITHDRAWN, Event.CONNECTED) == lines("""
        10 FLOWED_OUT c0.1 m0 q0 a0 v-1
        10 ALERT_WITHDRAWN c0.1 m0 q0 a0
    """)
    in_time = waiting("flow_out: {after: 20 s}", "0 s", "answer_time: 20 s")
    assert only(in_time, Event.FLOWED_OUT, Event.CONNECTED) == ["20 CONNECTED c0.1 m0 q0 a0"]


def test_an_in_queue_flow_ends_after_59_days():
    """Without `flow_out` the platform ends it then."""
    agents = {"desk": "queues: [other]"}
    text = waiting("messages: [{after: 1 s}]", "0 s", other=AUTO, agents=agents, duration="60 days")
    (row,) = (row for row in run(text)[1] if row["event"] == Event.FLOWED_OUT)
    assert row["time"] == 59 * DAY


@pytest.mark.parametrize(("switch", "level"), [("false", 1.0), ("true", 0.5)])
def test_flow_outs_count_if_the_service_level_says_so(switch, level):
    """`count_flow_outs`: missed, or not looked at."""
    text = waiting("flow_out: {after: 30 s}", more=f"service_level: {{count_flow_outs: {switch}}}")
    scenario, rows = run(text)
    measured = metrics.measure(scenario, fold(scenario, rows), 3_600_000_000)
    part = measured["oServiceLevel"][()]
    assert part.numerator / part.denominator == level
    assert measured["nFlowOut"][()].numerator == 1
    assert measured["tFlowOut"][()].numerator == 30
