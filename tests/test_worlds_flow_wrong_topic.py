"""Tiny worlds, worked out by hand: contacts whom the bot hands over as a wrong topic, and who are then passed on."""

from __future__ import annotations

from test_worlds_flow_steps import with_flow
from tiny import lines, only
from worlds import run

from simulator.records import fold
from simulator.records.checks import checks
from simulator.vocabulary.codes import Event

BRANCH = "{branch: {on: topic, cases: {bill: [{transfer: {queue: bills}}]}}}, {transfer: {queue: line}}"
TOLD = (Event.TAKEN_FOR, Event.QUEUE_ENTERED, Event.CONNECTED, Event.TRANSFERRED, Event.REPLY_STARTED, Event.REPLY_SENT,
        Event.PASSING_STARTED, Event.SESSION_ENDED, Event.CONTACT_ENDED)  # fmt: skip


def world(wrong: str, agents: dict[str, str] | None = None, bill: str = "", branch: str = BRANCH, **parts: str) -> str:
    """Contacts about `ask` (their channel's other topic is `bill`, 1); queues are `bills` (0) and `line` (1)."""
    text = with_flow(
        f"{{bot: {{bot_time: 1 s, wrong_topic: {wrong}}}}}, {branch}",
        parts.pop("arrivals", "0 s"),
        queue="auto_answer: true}, bills: {auto_answer: true",
        topics=f"bill: {{behaviour: plain, {bill}}}",
        agents=agents or {"desk": "", "second": "queues: [bills]"},
        **parts,
    )
    text = text.replace("topics: {ask: 100 %}", "topics: {ask: 99.9999 %, bill: 0.0001 %}")
    assert "bill: 0.0001 %" in text
    return text


def test_a_wrong_topic_lands_in_the_wrong_queue_and_is_passed_on():
    """The agent finds out (30 s, assumed) and transfers: his session ends, a new offer begins in the right queue."""
    text = world("{ask: 100 %}")
    assert only(text, *TOLD) == lines("""
        1 TAKEN_FOR c0.1 m0 v1
        1 QUEUE_ENTERED c0.1 m0 q0 a0
        1 CONNECTED c0.1 m0 q0 a1
        1 PASSING_STARTED c0.1 m0 q0 a1 v30000000
        31 TRANSFERRED c0.1 m0 q0 a1
        31 SESSION_ENDED c0.1 m0 q0 a1
        31 QUEUE_ENTERED c0.1 m1 q1 a0
        31 CONNECTED c0.1 m1 q1 a0 v1
        31 REPLY_STARTED c0.1 m0 q1 a0 v10000000
        41 REPLY_SENT c0.1 m2 q1 a0
        41 CONTACT_ENDED m0 v1
        41 SESSION_ENDED c0.1 m1 q1 a0
    """)
    scenario, rows = run(text)
    tables = fold(scenario, rows)
    assert [check.detail for check in checks(scenario, rows, tables) if not check.passed] == []
    assert tables["contacts"][["topic", "taken_for"]].to_numpy().tolist() == [["ask", "bill"]]


def test_the_right_topic_for_nobody():
    assert only(world("0 %"), Event.TAKEN_FOR, Event.TRANSFERRED) == []
    assert only(world("{bill: 100 %}"), Event.TAKEN_FOR) == []  # only contacts about `bill` are taken for others


def test_a_share_is_handed_over_wrongly():
    """25 % of 400, 4 standard errors; all of them are passed on."""
    agents = {"desk": "count: 25, capacity: 25", "second": "queues: [bills], count: 25, capacity: 25"}
    text = world("25 %", agents, arrivals=", ".join(["0 s"] * 400), duration="5 h")
    wrong = len(only(text, Event.TAKEN_FOR))
    assert 65 <= wrong <= 135
    assert len(only(text, Event.TRANSFERRED)) == wrong


def test_wrong_skills_and_priority():
    """Taken for `bill` he asks for its skill and has its priority, until he is passed on."""
    agents = {"desk": "", "second": "skills: {bills: 3}"}
    text = world("{ask: 100 %}", agents, bill="skills: [bills], priority: 7", branch="{transfer: {queue: line}}")
    kept = only(text, Event.QUEUE_ENTERED, Event.CONNECTED)
    # `second` knows bills and, by the right topic, would have got him too: he answers
    assert kept == lines("""
        1 QUEUE_ENTERED c0.1 m0 q1 a0 v7
        1 CONNECTED c0.1 m0 q1 a1
    """)
    assert only(text, Event.TRANSFERRED) == []


def test_who_serves_both_queues_keeps_him():
    """An agent who would have got him by his right topic too does not pass him on."""
    text = world("{ask: 100 %}", {"desk": "queues: [bills, line]"})
    assert only(text, Event.TRANSFERRED) == []
    assert len(only(text, Event.REPLY_SENT)) == 1


def test_he_comes_back_by_his_right_topic():
    """Once it is known what he wants, a later pass goes to the right queue at once."""
    text = world("{ask: 100 %}", behaviour="turns: 2, think: 20 min")
    entered = [line.split()[4] for line in only(text, Event.QUEUE_ENTERED)]
    assert entered == ["q0", "q1", "q1"]


def test_the_right_way_is_looked_for_in_the_whole_flow():
    """A branch on the topic before another one: the right transfer is the one at the end of the right way."""
    branch = (
        "{branch: {on: topic, cases: {bill: [{transfer: {queue: bills}}], ask: [{wait: {time: 5 s}}, "
        "{branch: {on: channel, cases: {web: [{transfer: {queue: line, priority: 3}}]}}}]}}}, "
        "{transfer: {queue: bills}}"
    )
    text = world("{ask: 100 %}", branch=branch)
    assert only(text, Event.QUEUE_ENTERED) == lines("""
        1 QUEUE_ENTERED c0.1 m0 q0 a0
        31 QUEUE_ENTERED c0.1 m1 q1 a0 v3
    """)


def test_a_channel_with_one_topic_has_no_wrong_one():
    text = world("100 %").replace("ask: 99.9999 %, bill: 0.0001 %", "ask: 100 %")
    scenario, rows = run(text)
    assert not (rows["event"] == Event.TAKEN_FOR).any()
    assert any("cannot take it for another" in finding.problem for finding in scenario.warnings)
