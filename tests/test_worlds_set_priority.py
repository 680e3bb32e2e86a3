"""Tiny worlds, worked out by hand: the in-queue flow changes the priority of those who wait."""

from __future__ import annotations

import numpy as np
import pytest
from test_flow_input import findings
from tiny import STATUS, lines, only, story, tiny
from worlds import run

from simulator.records import fold
from simulator.records.checks import checks
from simulator.records.evidence import Evidence
from simulator.records.flows import priorities
from simulator.reports.trace import tell
from simulator.rules.routing import priority_after
from simulator.vocabulary.codes import Event

VIP = "xtra: {{platform: web messaging, flow: side, arrivals: {{trace: [{at}]}}, topics: {{vip: 100 %}}}}"
RANKING = (Event.QUEUE_ENTERED, Event.PRIORITY_CHANGED, Event.CONNECTED)


def rising(change: str, arrivals: str = "0 s, 10 s", queue: str = "auto_answer: true", **more: str) -> str:
    """One agent who needs 5 min for each, and an in-queue flow that sets priorities."""
    more = {"agents": "reply: {effort: 300 s}", **more}
    return tiny(arrivals, queue=f"{queue}, in_queue_flow: {{set_priority: [{change}]}}", **more)


@pytest.mark.parametrize(
    ("priority", "number", "adds", "after"),
    [
        (5, 10, True, 15),
        (5, -10, True, -5),
        (5, 10, False, 10),
        (24_999_999, 2, True, 25_000_000),
        (-24_999_999, -2, True, -25_000_000),
    ],
)
def test_the_rule(priority, number, adds, after):
    assert priority_after(priority, number, adds) == after


def test_from_beginning_to_end():
    """The second waits from 1 s on: at 11 s he has 5 + 2, at 21 s 40, whatever it was, at 31 s, 46 s, … 1 more each.

    At 60 s the agent is free and takes him: what the flow had still in mind is over.
    """
    text = rising(
        "{after: 10 s, add: 2}, {after: 20 s, to: 40}, {after: 30 s, every: 15 s, add: 1}",
        "0 s, 1 s",
        topic="priority: 5",
        agents="reply: {effort: 60 s}",
        duration="3 min",
    )
    assert story(text, STATUS, Event.CONTACT_STARTED, Event.CONTACT_ARRIVED, Event.ALERTED) == lines("""
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        0 MESSAGE_RECEIVED c0.1 m0 a0
        0 QUEUE_ENTERED c0.1 m0 q0 a0 v5
        0 CONNECTED c0.1 m0 q0 a0
        0 REPLY_STARTED c0.1 m0 q0 a0 v60000000
        1 PORTION_OPENED c1.1 m1 q0
        1 TURN_OPENED c1.1 m1 a1
        1 MESSAGE_RECEIVED c1.1 m1 a1 v1
        1 QUEUE_ENTERED c1.1 m1 q0 a1 v5
        11 PRIORITY_CHANGED c1.1 m1 q0 v7
        21 PRIORITY_CHANGED c1.1 m1 q0 v40
        31 PRIORITY_CHANGED c1.1 m1 q0 v41
        46 PRIORITY_CHANGED c1.1 m1 q0 v42
        60 REPLY_SENT c0.1 m2 q0 a0
        60 CONTACT_ENDED m0 v1
        60 PORTION_DISCONNECTED c0.1 a0 v1
        60 SESSION_ENDED c0.1 m0 q0 a0
        60 CONNECTED c1.1 m1 q0 a0 v1
        60 REPLY_STARTED c1.1 m1 q0 a0 v60000000
        120 REPLY_SENT c1.1 m3 q0 a0 v1
        120 CONTACT_ENDED m1 v1
        120 PORTION_DISCONNECTED c1.1 a0 v1
        120 SESSION_ENDED c1.1 m1 q0 a0
        180 RUN_ENDED
    """)


def side(text: str, change: str, scoring: str = "TimestampAndPriority") -> str:
    """A second queue of the same agent, `fast`, with an in-queue flow of its own."""
    inside = f"auto_answer: true, scoring: {scoring}, in_queue_flow: {{set_priority: [{change}]}}"
    text = text.replace("queues: {line:", f"queues: {{fast: {{{inside}}}, line:")
    return text.replace("flows: {", "flows: {side: [{transfer: {queue: fast}}], ")


@pytest.mark.parametrize(
    ("change", "first"),
    [
        ("{after: 1 min, add: 3}", "c2.1"),  # at 300 s: 290 s against 120 s + 3 min = 300 s
        ("{after: 1 min, add: 2}", "c1.1"),  # 240 s
        ("{after: 121 s, add: 3}", "c1.1"),  # a second too late
        ("{after: 1 min, every: 29 s, add: 1}", "c2.1"),  # after 60, 89, 118 s: 3 minutes
        ("{after: 1 min, every: 31 s, add: 1}", "c1.1"),  # after 60, 91 s: 2 minutes
        ("{after: 2 min, add: 3}", "c1.1"),  # at 300 s as well: the reply's id is smaller, the agent looks first
        ("{after: 90 s, to: 3}, {after: 1 min, to: 9}", "c2.1"),
    ],
)
def test_who_goes_first(change, first):
    """The first keeps the agent busy until 300 s; one waits from 10 s on in `line`, one from 180 s on in `fast`."""
    text = tiny(
        "0 s, 10 s",
        others=VIP.format(at="180 s"),
        topics="vip: {behaviour: plain}",
        agents="queues: [line, fast], reply: {effort: 300 s}",
    )
    assert only(side(text, change), Event.CONNECTED)[1].split()[2] == first


def test_a_queue_of_priorities():
    """`PriorityOnly`: who came later but has become more urgent goes first; equals go by entry."""
    vip = VIP.format(at="20 s").replace("side", "door")
    change = "{after: 4 min, add: 1}"
    text = rising(
        change, queue="auto_answer: true, scoring: PriorityOnly", others=vip, topics="vip: {behaviour: plain}"
    )
    assert only(text, *RANKING) == lines("""
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        0 CONNECTED c0.1 m0 q0 a0
        10 QUEUE_ENTERED c1.1 m1 q0 a1
        20 QUEUE_ENTERED c2.1 m2 q0 a2
        250 PRIORITY_CHANGED c1.1 m1 q0 v1
        260 PRIORITY_CHANGED c2.1 m2 q0 v1
        300 CONNECTED c1.1 m1 q0 a0 v1
        600 CONNECTED c2.1 m2 q0 a0 v2
    """)
    urgent = text.replace("vip: {behaviour: plain}", "vip: {behaviour: plain, priority: 1}")
    # 1 from the start, 2 from 260 s on: before the one who has 1 since 250 s
    assert [line.split()[2] for line in only(urgent, Event.CONNECTED)] == ["c0.1", "c2.1", "c1.1"]


def test_on_top_of_a_priority_that_grows():
    """At 300 s: 290 s against 100 s * (1 + 1) + 2 min = 320 s; with 1 min instead 260 s."""
    text = tiny(
        "0 s, 10 s",
        others=VIP.format(at="200 s"),
        topics="vip: {behaviour: plain, priority_per_minute: 1}",
        agents="queues: [line, fast], reply: {effort: 300 s}",
    )
    assert only(side(text, "{after: 50 s, add: 2}"), Event.CONNECTED)[1].split()[2] == "c2.1"
    assert only(side(text, "{after: 50 s, add: 1}"), Event.CONNECTED)[1].split()[2] == "c1.1"


def test_while_it_rings():
    """The alert takes 20 s: the priority changes meanwhile, and counts if nobody answers."""
    text = rising("{after: 5 s, add: 4}", "0 s", "answer_time: 20 s")
    assert only(text, *RANKING) == lines("""
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        5 PRIORITY_CHANGED c0.1 m0 q0 v4
        20 CONNECTED c0.1 m0 q0 a0
    """)


def test_a_flow_out_applies_the_first_priority_again():
    """Another queue is another offer: what the in-queue flow had made of the priority stays behind."""
    flow = "set_priority: [{after: 5 s, add: 4}], flow_out: {after: 30 s, to: other}"
    text = tiny("0 s, 1 s", topic="priority: 2", agents="reply: {effort: 300 s}",
                queue=f"auto_answer: true, in_queue_flow: {{{flow}}}}}, other: {{")  # fmt: skip
    assert only(text, Event.PRIORITY_CHANGED, Event.QUEUE_ENTERED)[2:] == lines("""
        6 PRIORITY_CHANGED c1.1 m1 q0 v6
        31 QUEUE_ENTERED c1.1 m2 q1 a1 v2
    """)


def test_the_tables_and_the_trace_tell_of_it():
    text = rising("{after: 10 s, add: 2}, {after: 20 s, to: 40}", agents="reply: {effort: 60 s}")
    scenario, rows = run(text)
    tables = fold(scenario, rows)
    assert [check.detail for check in checks(scenario, rows, tables) if not check.passed] == []
    circles = tables["circles"]
    assert circles["what"].tolist() == ["priority"] * 2
    assert circles["priority"].tolist() == [2, 40]
    assert circles["at_us"].tolist() == [20_000_000, 30_000_000]
    told = [line.strip() for line in tell(tables, "web/1", scenario, 0)]
    said = "It still waits: the in-queue flow makes its priority 2; it ranks by its minutes in queue and that."
    assert f"00:00:20  {said}" in told


@pytest.mark.parametrize("harm", ["late", "too much", "left out"])
def test_the_check_finds_a_priority_that_nobody_set(harm):
    """A change at another time, to another number, or none at all."""
    scenario, rows = run(rising("{after: 10 s, add: 2}", agents="reply: {effort: 60 s}"))
    tables = fold(scenario, rows)
    (place,) = np.flatnonzero(rows["event"] == Event.PRIORITY_CHANGED)
    rows = rows.copy()
    if harm == "late":
        rows["time"][place] += 1
    elif harm == "too much":
        rows["value"][place] = 3
    else:
        rows = np.delete(rows, place)
    assert not priorities(Evidence(scenario, rows, tables))[0]


@pytest.mark.parametrize(
    ("change", "path", "problem"),
    [
        ("{after: 10 s}", "", "by how much, or to what?"),
        ("{after: 10 s, add: 1, to: 2}", "", "both `add` and `to`"),
        ("{after: 10 s, every: 10 s, to: 2}", ".every", "nothing would change"),
        ("{after: 10 s, add: 30000000}", ".add", "too large"),
        ("{after: 10 s, every: 1 s, add: 1}", ".every", "too short"),
        ("{add: 1}", ".after", "missing"),
    ],
)
def test_what_cannot_be(change, path, problem):
    found = findings(tiny(queue=f"in_queue_flow: {{set_priority: [{change}]}}"))
    assert [place for place, _ in found] == [f"queues.line.in_queue_flow.set_priority.0{path}"]
    assert problem in found[0][1]
