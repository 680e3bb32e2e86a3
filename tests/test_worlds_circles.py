"""Tiny worlds, worked out by hand: circles that widen. Bullseye rings, preferred agents, conditional groups."""

from __future__ import annotations

import pytest
from tiny import STATUS, lines, only, story, tiny

from simulator.vocabulary.codes import Event

LATE = "{mixture: [{weight: 99.9999 %, constant: 40 s}, {weight: 0.0001 %, constant: 1 s}]}"
"""After the timeout, as good as always: a queue in which no alert can be answered is refused."""

WHO = (Event.ALERTED, Event.CIRCLE_OPENED)


# --- bullseye --------------------------------------------------------------------------------------------------

RINGS = "auto_answer: true, bullseye: [{until: 30 s, drops: [billing]}, {until: 60 s, drops: [german]}, {}]"
TEAM = {
    "a": "skills: {german: 3, billing: 3}, reply: {effort: 200 s}",
    "b": "skills: {german: 3}, reply: {effort: 200 s}",
    "c": "reply: {effort: 200 s}",
}


def test_bullseye_from_ring_to_ring():
    """Each ring drops a skill when it is left, 30 s and 60 s after queue entry. Ring 1 serves the first at once."""
    text = tiny("0 s, 5 s, 10 s", topic="skills: [german, billing]", queue=RINGS, agents=TEAM)
    assert only(text, *WHO) == lines("""
        0 CIRCLE_OPENED c0.1 m0 q0 a1 v1
        0 ALERTED c0.1 m0 q0 a0 v11
        5 CIRCLE_OPENED c1.1 m1 q0 a1 v1
        10 CIRCLE_OPENED c2.1 m2 q0 a1 v1
        35 CIRCLE_OPENED c1.1 m1 q0 a2 v1
        35 ALERTED c1.1 m1 q0 a1 v12
        40 CIRCLE_OPENED c2.1 m2 q0 a2 v1
        70 CIRCLE_OPENED c2.1 m2 q0 a3 v1
        70 ALERTED c2.1 m2 q0 a2 v13
    """)


def test_rings_add_up_and_the_inner_goes_first():
    """In ring 2 whoever has all skills is still preferred, although another has been idle for longer."""
    agents = {"a": "skills: {german: 3, billing: 3}, reply: {effort: 20 s}", "b": "skills: {german: 3}"}
    rings = "bullseye: [{until: 30 s, drops: [billing]}, {}]"
    queue = f"answer_time: {LATE}, alerting_timeout: 31 s, returns_after: 0, {rings}"
    text = tiny("0 s", topic="skills: [german, billing]", queue=queue, agents=agents, duration="70 s")
    # 31: a lets it expire; by now ring 2 is open: b, the only one who responds
    assert only(text, *WHO)[:4] == lines("""
        0 CIRCLE_OPENED c0.1 m0 q0 a1 v1
        0 ALERTED c0.1 m0 q0 a0 v11
        30 CIRCLE_OPENED c0.1 m0 q0 a2 v1
        31 ALERTED c0.1 m0 q0 a1 v12
    """)
    both = text.replace("returns_after: 0", "returns_after: 0 s").replace("{until: 30 s", "{until: 0")
    # the first ring is left at once: from the beginning both may take it, and the inner goes first
    assert only(both, *WHO)[:2] == lines("""
        0 CIRCLE_OPENED c0.1 m0 q0 a2 v1
        0 ALERTED c0.1 m0 q0 a0 v11
    """)


def test_rings_of_groups():
    """A ring may name groups; its agents need the skills that are still required."""
    queue = "auto_answer: true, bullseye: [{until: 10 s, groups: [b]}, {until: 20 s, groups: [c]}, {}]"
    text = tiny(
        "0 s, 1 s, 2 s",
        topic="skills: [german]",
        queue=queue,
        agents={
            "a": "skills: {german: 1}, reply: {effort: 100 s}",
            "b": "skills: {german: 1}, reply: {effort: 100 s}",
            "c": "reply: {effort: 100 s}",  # no german: his ring brings nobody
        },
    )
    assert only(text, Event.ALERTED) == lines("""
        0 ALERTED c0.1 m0 q0 a1 v11
        21 ALERTED c1.1 m1 q0 a0 v13
        100 ALERTED c2.1 m2 q0 a1 v11
    """)


def test_a_free_agent_takes_by_rank_not_by_ring():
    """At 40 b becomes free: the longest waiting of those whose ring he belongs to, and skips the one of ring 1."""
    agents = {
        "a": "skills: {german: 3, billing: 3}, reply: {effort: 300 s}",
        "b": 'skills: {german: 3}, shift: {from: "00:00", to: "08:00"}, reply: {effort: 41 s}',
    }
    text = tiny(
        "0 s, 20 s",
        topic="skills: [german, billing]",
        queue="auto_answer: true, bullseye: [{until: 30 s, drops: [billing]}, {}]",
        others="xtra: {platform: web messaging, flow: door, arrivals: {trace: [1 s, 25 s]}, topics: {simple: 100 %}}",
        topics="simple: {behaviour: plain, skills: [german]}",
        agents=agents,
    )
    # 0 and 300: a. 1: b until 42, when the one of 25 (ring 1: german is enough) is free for him, the one of 20 is not
    assert only(text, Event.ALERTED)[:3] == lines("""
        0 ALERTED c0.1 m0 q0 a0 v11
        1 ALERTED c1.1 m1 q0 a1 v11
        42 ALERTED c3.1 m3 q0 a1 v11
    """)
    assert only(text, Event.ALERTED)[3] == "83 ALERTED c2.1 m2 q0 a1 v12"  # 50: ring 2 is open


def test_a_customer_who_leaves_opens_no_ring():
    text = tiny(
        "0 s, 1 s",
        behaviour="patience: 20 s",
        topic="skills: [german, billing]",
        queue=RINGS,
        agents={"a": TEAM["a"]},
    )
    assert [line.split()[0] for line in only(text, Event.CIRCLE_OPENED)] == ["0", "1"]


# --- preferred agents ------------------------------------------------------------------------------------------

PREFERRED = (
    "preferred_agents: {scores: {a: 90, b/2: 60, b/1: 50}, rules: [{score: 80, wait: 10 s}, {score: 50, wait: 20 s}]}"
)


def test_preferred_agents_by_score():
    """Rule 1: a alone for 10 s. Rule 2: b/2 before b/1, for 20 s more. Then everybody; skills count only then."""
    text = tiny(
        "0 s, 1 s, 2 s, 3 s",
        topic="skills: [german]",
        queue="auto_answer: true, " + PREFERRED,
        agents={
            "a": "reply: {effort: 200 s}",
            "b": "count: 2, reply: {effort: 200 s}",
            "c": "skills: {german: 1}, reply: {effort: 200 s}",
        },
    )
    assert only(text, *WHO) == lines("""
        0 CIRCLE_OPENED c0.1 m0 q0 a1 v2
        0 ALERTED c0.1 m0 q0 a0 v4
        1 CIRCLE_OPENED c1.1 m1 q0 a1 v2
        2 CIRCLE_OPENED c2.1 m2 q0 a1 v2
        3 CIRCLE_OPENED c3.1 m3 q0 a1 v2
        11 CIRCLE_OPENED c1.1 m1 q0 a2 v2
        11 ALERTED c1.1 m1 q0 a2 v4
        12 CIRCLE_OPENED c2.1 m2 q0 a2 v2
        12 ALERTED c2.1 m2 q0 a1 v4
        13 CIRCLE_OPENED c3.1 m3 q0 a2 v2
        33 CIRCLE_OPENED c3.1 m3 q0 a0
        33 ALERTED c3.1 m3 q0 a3
    """)


def test_preferred_agents_before_rings():
    """With both the preferred agents come first; rings that have ended meanwhile are not opened one by one."""
    queue = (
        "auto_answer: true, preferred_agents: {scores: {a: 90}, rules: [{score: 80, wait: 40 s}]}, "
        "bullseye: [{until: 30 s, drops: [billing]}, {until: 60 s, drops: [german]}, {}]"
    )
    text = tiny("0 s, 1 s, 2 s", topic="skills: [german, billing]", queue=queue, agents=TEAM)
    assert only(text, *WHO)[3:] == lines("""
        2 CIRCLE_OPENED c2.1 m2 q0 a1 v2
        41 CIRCLE_OPENED c1.1 m1 q0 a2 v1
        41 ALERTED c1.1 m1 q0 a1 v12
        42 CIRCLE_OPENED c2.1 m2 q0 a2 v1
        62 CIRCLE_OPENED c2.1 m2 q0 a3 v1
        62 ALERTED c2.1 m2 q0 a2 v13
    """)


def test_a_flow_names_preferred_agents():
    """The transfer of a flow names groups: they are preferred with the queue's score, or with 100."""
    queue = "auto_answer: true, preferred_agents: {scores: {a: 90}, rules: [{score: 80, wait: 10 s}]}"
    text = tiny("0 s", queue=queue, agents={"a": "", "b": "", "c": ""})
    assert only(text, Event.ALERTED) == ["0 ALERTED c0.1 m0 q0 a0 v4"]
    named = text.replace("{transfer: {queue: line}}", "{transfer: {queue: line, preferred_agents: [c]}}")
    assert only(named, Event.ALERTED) == ["0 ALERTED c0.1 m0 q0 a2 v4"]


def test_last_agent_routing_is_off_under_preferred_agents():
    one = "{population: 1}"
    text = tiny("0 s, 100 s", customers=one, queue="auto_answer: true", agents={"a": "", "b": ""})
    assert only(text, Event.ALERTED)[-1] == "100 ALERTED c0.2 m1 q0 a0 v1"
    rules = "preferred_agents: {scores: {}, rules: [{score: 1, wait: 2 s}]}"
    off = tiny("0 s, 100 s", customers=one, queue="auto_answer: true, " + rules, agents={"a": "", "b": ""})
    assert only(off, Event.ALERTED)[-1] == "102 ALERTED c0.2 m1 q0 a1"
    groups = "conditional_groups: [{groups: [a], wait: 1 s}]"
    off = tiny("0 s, 100 s", customers=one, queue="auto_answer: true, " + groups, agents={"a": "", "b": ""})
    assert only(off, Event.ALERTED)[-1] == "100 ALERTED c0.2 m1 q0 a0 v5"


# --- conditional groups ----------------------------------------------------------------------------------------


def conditional(rules: str, **more: str) -> str:
    return tiny(
        "0 s, 20 s, 21 s, 40 s",
        queue=f"auto_answer: true, conditional_groups: [{rules}]",
        agents={"a": "reply: {effort: 30 s}", "b": "reply: {effort: 30 s}"},
        **more,
    )


def test_conditional_groups_one_after_the_other():
    """Rule 1: a, in any case; 5 s later rule 2 adds b; 5 s after that everybody may take it."""
    text = conditional("{groups: [a], wait: 5 s}, {groups: [b], wait: 5 s}")
    assert only(text, *WHO) == lines("""
        0 CIRCLE_OPENED c0.1 m0 q0 a1 v3
        0 ALERTED c0.1 m0 q0 a0 v5
        20 CIRCLE_OPENED c1.1 m1 q0 a1 v3
        21 CIRCLE_OPENED c2.1 m2 q0 a1 v3
        25 CIRCLE_OPENED c1.1 m1 q0 a2 v3
        25 ALERTED c1.1 m1 q0 a1 v5
        26 CIRCLE_OPENED c2.1 m2 q0 a2 v3
        30 ALERTED c2.1 m2 q0 a0 v5
        40 CIRCLE_OPENED c3.1 m3 q0 a1 v3
        45 CIRCLE_OPENED c3.1 m3 q0 a2 v3
        50 CIRCLE_OPENED c3.1 m3 q0 a0
        55 ALERTED c3.1 m3 q0 a1 v5
    """)


@pytest.mark.parametrize(
    ("above", "expected"),
    [
        # at 40: one of 30 s has been handled, two agents of one slot, nobody waits: 1 * 30 / 2 = 15 s
        ("14 s", "40 CIRCLE_OPENED c3.1 m3 q0 a1 v3"),
        ("15 s", "40 CIRCLE_OPENED c3.1 m3 q0 a0"),  # strictly above
    ],
)
def test_a_condition_on_the_estimated_wait(above, expected):
    """Position x mean handle time of the last sessions / slots of the agents on queue."""
    text = conditional(f"{{when: {{estimated_wait_above: {above}}}, groups: [a], wait: 5 s}}").replace(
        "0 s, 20 s, 21 s, 40 s", "0 s, 40 s"
    )
    assert only(text, Event.CIRCLE_OPENED)[-1] == expected.replace("c3.1 m3", "c1.1 m1")


@pytest.mark.parametrize(
    ("below", "expected"),
    [
        ("16 s", "40 CIRCLE_OPENED c1.1 m1 q0 a1 v3"),  # 15 s, as above
        ("15 s", "40 CIRCLE_OPENED c1.1 m1 q0 a0"),  # strictly below
    ],
)
def test_a_condition_on_a_short_estimated_wait(below, expected):
    """Before anything has been handled the estimate is 0, which is below any bound."""
    text = conditional(f"{{when: {{estimated_wait_below: {below}}}, groups: [a], wait: 5 s}}").replace(
        "0 s, 20 s, 21 s, 40 s", "0 s, 40 s"
    )
    assert only(text, Event.CIRCLE_OPENED) == ["0 CIRCLE_OPENED c0.1 m0 q0 a1 v3", expected]


@pytest.mark.parametrize(
    ("bound", "expected"),
    [
        # at 70 s a has been idle since 60 s, b since 31 s; two of three were connected within 5 s
        ("service_level_below: 80 %", "70 ALERTED c3.1 m3 q0 a0 v5"),
        ("service_level_below: 66 %", "70 ALERTED c3.1 m3 q0 a1"),
        ("service_level_above: 66 %", "70 ALERTED c3.1 m3 q0 a0 v5"),
        ("service_level_above: 80 %", "70 ALERTED c3.1 m3 q0 a1"),
    ],
)
def test_a_condition_on_the_service_level_of_this_queue(bound, expected):
    """0 s: a at once, 1 s: b at once, 2 s: a after 28 s. The rule lends a; else the longest clock goes first, b's."""
    text = conditional(f"{{when: {{{bound}}}, groups: [a], wait: 5 s}}", more="service_level: {within: 5 s}").replace(
        "0 s, 20 s, 21 s, 40 s", "0 s, 1 s, 2 s, 70 s"
    )
    assert only(text, Event.ALERTED)[-1] == expected


def test_a_rule_that_does_not_hold_is_passed_over_at_once():
    """Nothing has been handled yet: the estimated wait is 0, and the next rule is looked at without waiting."""
    text = conditional("{when: {estimated_wait_above: 1 s}, groups: [a], wait: 5 s}, {groups: [b], wait: 5 s}")
    assert only(text, *WHO)[:2] == lines("""
        0 CIRCLE_OPENED c0.1 m0 q0 a2 v3
        0 ALERTED c0.1 m0 q0 a1 v5
    """)


def test_a_condition_on_the_service_level_of_another_queue():
    """The groups of this queue are lent only while the other queue is well: nobody has left it yet, so it is not."""
    rules = "{when: {queue: second, service_level_above: 50 %}, groups: [a], wait: 5 s}, {groups: [b], wait: 5 s}"
    other = "xtra: {platform: web messaging, flow: side, arrivals: {trace: [1 s]}, topics: {ask: 100 %}}"
    text = tiny(
        "0 s, 100 s",
        queue=f"auto_answer: true, conditional_groups: [{rules}]",
        agents={"a": "queues: [line, second]", "b": ""},
        others=other,
    )
    text = text.replace("queues: {line:", "queues: {second: {auto_answer: true}, line:").replace(
        "flows: {", "flows: {side: [{transfer: {queue: second}}], "
    )
    assert only(text, *WHO) == lines("""
        0 CIRCLE_OPENED c0.1 m0 q0 a2 v3
        0 ALERTED c0.1 m0 q0 a1 v5
        1 ALERTED c1.1 m1 q1 a0
        100 CIRCLE_OPENED c2.1 m2 q0 a1 v3
        100 ALERTED c2.1 m2 q0 a0 v5
    """)


def test_a_queue_without_circles_writes_no_row():
    assert not [line for line in story(tiny("0 s, 1 s"), STATUS) if "CIRCLE" in line]
