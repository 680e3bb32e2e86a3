"""Tiny worlds, worked out by hand: agents who take what they know best, and customers who come back about one of
several topics."""

from __future__ import annotations

import pytest
from test_flow_input import findings
from tiny import lines, only, tiny
from worlds import run

from simulator.records import fold
from simulator.reports.trace import tell
from simulator.vocabulary.codes import Event

OTHER = "xtra: {{platform: web messaging, flow: door, arrivals: {{trace: [{at}]}}, topics: {{{topics}}}}}"


def desk(takes: str, has: str, *, skills: str = "[german]", at: str = "50 s", ask: str = "[billing]") -> str:
    """One agent who needs 100 s for each. `ask` comes at 0 and 10 s, `vip`, which asks for other skills, later."""
    return tiny(
        "0 s, 10 s",
        topic=f"skills: {ask}",
        topics=f"vip: {{behaviour: plain, skills: {skills}}}",
        others=OTHER.format(at=at, topics="vip: 100 %"),
        agents=f"skills: {{{has}}}, takes: {takes}, reply: {{effort: 100 s}}",
    )


@pytest.mark.parametrize(
    ("takes", "has", "skills", "second"),
    [
        ("highest_rank", "german: 5, billing: 2", "[german]", "c1.1"),  # at 100 s it has waited 90 s, the other 50 s
        ("best_skill", "german: 5, billing: 2", "[german]", "c2.1"),
        ("best_skill", "german: 2.001, billing: 2", "[german]", "c2.1"),
        ("best_skill", "german: 2, billing: 2", "[german]", "c1.1"),  # equal: by rank
        ("best_skill", "german: 1, billing: 2", "[german]", "c1.1"),
        ("best_skill", "german: 5, billing: 2", "[german, billing]", "c2.1"),  # mean 3.5
        ("best_skill", "german: 1, billing: 2", "[german, billing]", "c1.1"),  # mean 1.5
        ("best_skill", "german: 5, billing: 1", "[]", "c1.1"),  # who is asked for nothing knows it with 0
        ("best_skill", "german: 5, billing: 0", "[]", "c1.1"),  # 0 as well: by rank
    ],
)
def test_what_he_takes(takes, has, skills, second):
    connected = [line.split()[2] for line in only(desk(takes, has, skills=skills), Event.CONNECTED)]
    assert connected[1] == second


def test_rank_decides_among_what_he_knows_equally_well():
    """At 100 s: two of 5 (waiting since 50 and 60 s) and one of 2 (since 10 s)."""
    text = desk("best_skill", "german: 5, billing: 2", at="50 s, 60 s")
    assert only(text, Event.CONNECTED) == lines("""
        0 CONNECTED c0.1 m0 q0 a0
        100 CONNECTED c2.1 m2 q0 a0 v1
        200 CONNECTED c3.1 m3 q0 a0 v2
        300 CONNECTED c1.1 m1 q0 a0 v3
    """)


def test_whatever_the_queue():
    """His skills come before a `PriorityOnly` queue, which leads only among what he knows equally well."""
    text = desk("best_skill", "german: 5, billing: 2").replace("queues: [line]", "queues: [line, fast]")
    text = text.replace("queues: {line:", "queues: {fast: {auto_answer: true, scoring: PriorityOnly}, line:")
    text = text.replace("flows: {", "flows: {side: [{transfer: {queue: fast}}], ")
    in_line = text.replace("flow: door, customers", "flow: side, customers")  # `ask` comes to the queue that leads
    assert [line.split()[2] for line in only(in_line, Event.CONNECTED)] == ["c0.1", "c2.1", "c1.1"]
    equal = in_line.replace("german: 5", "german: 2")
    assert [line.split()[2] for line in only(equal, Event.CONNECTED)] == ["c0.1", "c1.1", "c2.1"]


def test_two_groups_alike_but_for_it():
    """Both are free at 100 s: a takes by rank, b what he knows best."""
    has = "skills: {german: 5, billing: 2}, reply: {effort: 100 s}"
    text = tiny(
        "0 s, 0 s, 10 s, 11 s",
        topic="skills: [billing]",
        topics="vip: {behaviour: plain, skills: [german]}",
        others=OTHER.format(at="50 s", topics="vip: 100 %"),
        agents={"a": has, "b": f"{has}, takes: best_skill"},
    )
    assert only(text, Event.CONNECTED)[2:4] == lines("""
        100 CONNECTED c2.1 m2 q0 a0 v2
        100 CONNECTED c4.1 m4 q0 a1 v3
    """)


def test_the_trace_says_so():
    scenario, rows = run(desk("best_skill", "german: 5, billing: 2"))
    said = " ".join(tell(fold(scenario, rows), "xtra/0", scenario, 0))
    assert "desk/1 is free for it: of what he may take he knows nothing better" in said


# --- later contacts about one of several topics ------------------------------------------------------------------


def again(topic: str, arrivals: str = "0 s") -> str:
    """Everybody writes again once, a minute after the disconnect."""
    behaviour = f"writes_again: {{after_service: {{probability: 100 %, delay: 1 min, topic: {topic}}}}}"
    return tiny(
        arrivals,
        behaviour=behaviour,
        topics="bill: {behaviour: quiet}, fault: {behaviour: quiet}",
        agents="count: 50",
        duration="30 min",
    ).replace("behaviours: {", "behaviours: {quiet: {}, ")


def later_topics(text: str) -> dict[str, int]:
    scenario, rows = run(text)
    contacts = fold(scenario, rows)["contacts"]
    return contacts.loc[contacts["reason"] == "after_service", "topic"].astype(str).value_counts().to_dict()


def test_a_later_contact_about_another_topic():
    """Topics stand in the order of their names: 0 ask, 1 bill, 2 fault."""
    assert only(again("bill"), Event.CONTACT_RETURNED) == ["70 CONTACT_RETURNED c0.2 m1 q1 a0 v3"]
    assert only(again("{fault: 100 %}"), Event.CONTACT_RETURNED) == ["70 CONTACT_RETURNED c0.2 m1 q2 a0 v3"]
    assert only(again("{bill: 0 %, fault: 100 %}"), Event.CONTACT_RETURNED) == ["70 CONTACT_RETURNED c0.2 m1 q2 a0 v3"]


def test_later_contacts_about_several():
    """400 of them: 4 standard errors of a binomial are 37."""
    found = later_topics(again("{bill: 70 %, fault: 30 %}", ", ".join(f"{i} s" for i in range(400))))
    assert sum(found.values()) == 400
    assert abs(found["bill"] - 280) < 37


def test_a_share_moves_nobody_who_is_below_it():
    """Each has one uniform: with more bills, those who came about a bill still do."""
    arrivals = ", ".join(f"{i} s" for i in range(60))
    topics = []
    for share in (30, 60):
        scenario, rows = run(again(f"{{bill: {share} %, fault: {100 - share} %}}", arrivals))
        contacts = fold(scenario, rows)["contacts"]
        later = contacts[contacts["reason"] == "after_service"]
        topics.append(dict(zip(later["parent"].astype(str), later["topic"].astype(str), strict=True)))
    assert topics[0] != topics[1]
    assert all(topics[1][parent] == "bill" for parent, topic in topics[0].items() if topic == "bill")


@pytest.mark.parametrize(
    ("topic", "path", "problem"),
    [
        ("{bill: 70 %, fault: 20 %}", "", "the shares sum to 90 %"),
        ("{bill: 70 %, falt: 30 %}", ".falt", "there is no `falt` in `topics`"),
        ("{bill: 170 %}", ".bill", "170 %"),
        ("falt", "", "there is no `falt` in `topics`"),
    ],
)
def test_later_topics_that_cannot_be(topic, path, problem):
    found = findings(again(topic))
    assert [place for place, _ in found][:1] == [f"behaviours.plain.writes_again.after_service.topic{path}"]
    assert problem in found[0][1]
