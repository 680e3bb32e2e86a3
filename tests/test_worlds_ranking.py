"""Tiny worlds, worked out by hand: which interaction. Priority alone, priorities that grow, clocks, declined alerts."""

from __future__ import annotations

import pytest
from tiny import STATUS, lines, only, story, tiny

from simulator.vocabulary.codes import Event

LATE = "{mixture: [{weight: 99.9999 %, constant: 40 s}, {weight: 0.0001 %, constant: 1 s}]}"
"""After the timeout, as good as always: a queue in which no alert can be answered is refused."""

VIP = "xtra: {{platform: web messaging, flow: {flow}, arrivals: {{trace: [{at}]}}, topics: {{vip: 100 %}}}}"


def two(at: str, vip: str, **more: str) -> str:
    """A first contact at 0 keeps the one agent busy for 300 s; one about `ask` comes at 10 s, one about `vip` later."""
    more = {"agents": "reply: {effort: 300 s}", **more}
    return tiny("0 s, 10 s", others=VIP.format(flow="door", at=at), topics=f"vip: {{behaviour: plain, {vip}}}", **more)


def second(text: str) -> str:
    """The topic of the second who is connected."""
    connected = only(text, Event.CONNECTED)[1].split()[2]
    arrived = {line.split()[2]: line.split()[5] for line in only(text, Event.CONTACT_ARRIVED)}
    return {"a0": "ask", "a1": "vip"}[arrived[connected]]


# --- priority alone --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scoring", "priority", "at", "first"),
    [
        ("TimestampAndPriority", 1, "100 s", "ask"),  # at 300 s: 290 s against 200 s + 1 min
        ("PriorityOnly", 1, "100 s", "vip"),  # 0 against 1, whatever they waited
        ("PriorityOnly", 0, "100 s", "ask"),  # equal: the earlier entry
        ("PriorityOnly", -1, "100 s", "ask"),
        ("PriorityOnly", 1, "299 s", "vip"),
    ],
)
def test_priority_only(scoring, priority, at, first):
    """`PriorityOnly` ranks by priority alone; ties: earlier entry."""
    text = two(at, f"priority: {priority}", queue=f"auto_answer: true, scoring: {scoring}")
    assert second(text) == first


@pytest.mark.parametrize(("scoring", "first"), [("PriorityOnly", "vip"), ("TimestampAndPriority", "ask")])
def test_priority_only_queues_lead(scoring, first):
    """Who serves both kinds of queues serves the `PriorityOnly` ones first, whatever the scores."""
    text = tiny(
        "0 s, 10 s",
        topic="priority: 1000",
        others=VIP.format(flow="side", at="20 s"),
        topics="vip: {behaviour: plain, priority: -5}",
        agents="queues: [line, fast], reply: {effort: 300 s}",
    )
    text = text.replace("queues: {line:", f"queues: {{fast: {{auto_answer: true, scoring: {scoring}}}, line:")
    text = text.replace("flows: {", "flows: {side: [{transfer: {queue: fast}}], ")
    assert second(text) == first


# --- priorities that grow --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("growth", "at", "first"),
    [
        # at 300 s `ask` has 290 s; `vip` has its wait times (1 + growth)
        (1, "120 s", "vip"),  # 360 s
        (1, "155 s", "ask"),  # 290 s as well: the earlier entry
        (1, "154.9 s", "vip"),  # 290.2 s
        (1, "160 s", "ask"),
        (0.5, "106 s", "vip"),  # 291 s
        (0.5, "107 s", "ask"),  # 289.5 s
        (-1, "11 s", "ask"),  # a score that stands still
        (100, "290 s", "vip"),
    ],
)
def test_a_priority_that_grows(growth, at, first):
    """`priority_per_minute`: the priority itself grows while it waits, so that scores overtake one another."""
    assert second(two(at, f"priority_per_minute: {growth}")) == first


def test_a_growing_priority_in_a_queue_of_priorities():
    """`PriorityOnly`: at 300 s a priority of 3 that came at 180 s and grows by 1 a minute is 5, and beats 4."""
    grows = "priority: 3, priority_per_minute: 1"
    queue = "auto_answer: true, scoring: PriorityOnly"
    assert second(two("180 s", grows, topic="priority: 4", queue=queue)) == "vip"
    assert second(two("241 s", grows, topic="priority: 4", queue=queue)) == "ask"  # 3.98
    assert second(two("240 s", grows, topic="priority: 4", queue=queue)) == "ask"  # 4 as well: the earlier entry


def test_three_growths_in_one_queue():
    """Of three who wait, each with a growth of its own, the highest score goes first at each moment."""
    other = "y{0}: {{platform: web messaging, flow: door, arrivals: {{trace: [{1} s]}}, topics: {{t{0}: 100 %}}}}"
    text = tiny(
        "0 s, 10 s",
        others=", ".join(other.format(i, at) for i, at in ((1, 100), (2, 200))),
        topics="t1: {behaviour: plain, priority_per_minute: 0.5}, t2: {behaviour: plain, priority_per_minute: 3}",
        agents="reply: {effort: 300 s}",
    )
    # at 300: 290; 200 * 1.5 = 300; 100 * 4 = 400. At 600: 590; 500 * 1.5 = 750
    arrived = {line.split()[2]: line.split()[5] for line in only(text, Event.CONTACT_ARRIVED)}
    assert [arrived[line.split()[2]] for line in only(text, Event.CONNECTED)] == ["a0", "a2", "a1", "a0"]


# --- alerts that lead to nothing ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("keep_clock", "second_alert"), [("true", "90 ALERTED c0.1"), ("false", "90 ALERTED c1.1")])
def test_the_clock_after_an_expired_alert(keep_clock, second_alert):
    """At 30 s the first alert expires; at 90 s the agent is back. Who kept his clock goes before the one of 10 s."""
    text = tiny("0 s, 10 s", queue=f"answer_time: {LATE}, keep_clock: {keep_clock}", duration="2 min")
    assert only(text, Event.ALERTED)[1].startswith(second_alert)


def test_a_declined_alert():
    """The agent says no after his answer time: NOT_RESPONDING, and the interaction waits for another."""
    text = tiny("0 s", queue="answer_time: 4 s, declines: 100 %, returns_after: 20 s", duration="30 s")
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
        4 ALERT_DECLINED c0.1 m0 q0 a0
        4 AGENT_STATUS m1 a0 v3
        24 AGENT_STATUS m1 a0 v1
        24 ALERTED c0.1 m0 q0 a0
        28 ALERT_DECLINED c0.1 m0 q0 a0
        28 AGENT_STATUS m1 a0 v3
        30 RUN_ENDED
    """)


def test_a_group_declines_instead_of_the_queue():
    """The group's share counts before the queue's; another agent takes what the first declines."""
    text = tiny(
        "0 s",
        queue="answer_time: 4 s, declines: 50 %",
        agents={"a": "declines: 100 %", "b": "declines: 0 %"},
    )
    assert only(text, Event.ALERTED, Event.ALERT_DECLINED, Event.CONNECTED) == lines("""
        0 ALERTED c0.1 m0 q0 a0
        4 ALERT_DECLINED c0.1 m0 q0 a0
        4 ALERTED c0.1 m0 q0 a1
        8 CONNECTED c0.1 m0 q0 a1
    """)


def test_who_does_not_answer_cannot_decline():
    """An answer time beyond the timeout is no answer: the alert expires."""
    text = tiny("0 s", queue=f"answer_time: {LATE}, declines: 100 %", duration="1 min")
    assert only(text, Event.ALERT_DECLINED, Event.ALERT_EXPIRED) == ["30 ALERT_EXPIRED c0.1 m0 q0 a0"]


# --- limits ----------------------------------------------------------------------------------------------------


def test_max_in_system():
    """Waiting, alerting and connected count; wrap-up does not. Who is turned away is neither offered nor abandoned."""
    text = tiny(
        "0 s, 1 s, 9 s, 10 s, 30 s",
        queue="auto_answer: true, max_in_system: 2, after_call_work: {takes: 20 s}",
        agents="capacity: 3",
    )
    # at 10 the first is answered, but a message of the same instant comes in before; at 30 wrap-ups are under way
    assert only(text, Event.QUEUE_ENTERED, Event.QUEUE_BLOCKED) == lines("""
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        1 QUEUE_ENTERED c1.1 m1 q0 a1
        9 QUEUE_BLOCKED c2.1 m2 q0 v1
        10 QUEUE_BLOCKED c3.1 m3 q0 v1
        30 QUEUE_ENTERED c4.1 m2 q0 a4
    """)


def test_max_in_system_turns_away_beside_a_free_agent():
    """It is a limit on those inside, not on those who wait: free agents do not matter."""
    text = tiny("0 s, 1 s", queue="auto_answer: true, max_in_system: 1", agents="count: 5")
    assert only(text, Event.QUEUE_BLOCKED) == ["1 QUEUE_BLOCKED c1.1 m1 q0 v1"]
    assert story(text, STATUS)[-1].endswith("RUN_ENDED")
