"""Tiny worlds, worked out by hand: waiting, sending and disconnecting in the flow, what a transfer asks for."""

from __future__ import annotations

from tiny import STATUS, lines, only, story, tiny
from worlds import run

from simulator.records import fold
from simulator.records.checks import checks
from simulator.vocabulary.codes import Event

HOUR = 3600


def with_flow(flow: str, *args: str, **parts: str) -> str:
    """A tiny world whose flow is exactly this list."""
    text = tiny(*args, **parts)
    return text.replace("flows: {door: [{transfer: {queue: line}}]}", f"flows: {{door: [{flow}]}}")


def test_wait_and_send():
    """A `send` takes no time and is a message of the flow; a `wait` takes its time; both as often as one likes."""
    text = tiny(flow="{send: {text: Hello}}, {wait: {time: 7 s}}, {send: {}}, {wait: {time: 3 s}}")
    assert story(text, STATUS) == lines("""
        0 CONTACT_ARRIVED c0.1 m0 q0 a0
        0 CONTACT_STARTED c0.1 m0 v-1
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        0 MESSAGE_RECEIVED c0.1 m0 a0
        0 FLOW_MESSAGE_SENT c0.1 m1 v3
        7 FLOW_WAITED c0.1 m0 q1 v7000000           # step 1 of the flow
        7 FLOW_MESSAGE_SENT c0.1 m2 v3
        10 FLOW_WAITED c0.1 m0 q3 v3000000
        10 QUEUE_ENTERED c0.1 m0 q0 a0
        10 ALERTED c0.1 m0 q0 a0
        10 CONNECTED c0.1 m0 q0 a0
        10 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        20 REPLY_SENT c0.1 m3 q0 a0
        20 CONTACT_ENDED m0 v1
        20 PORTION_DISCONNECTED c0.1 a0 v1
        20 SESSION_ENDED c0.1 m0 q0 a0
        3600 RUN_ENDED
    """)


def test_a_wait_ends_after_72_hours():
    """Whatever the law says, the platform ends a flow's wait after 72 h, and the flow goes on."""
    text = tiny(flow="{wait: {time: {uniform: {low: 80 h, high: 90 h}}}}", duration="5 days")
    assert only(text, Event.FLOW_WAITED, Event.QUEUE_ENTERED) == [
        f"{72 * HOUR} FLOW_WAITED c0.1 m0 q0 v{72 * HOUR * 1_000_000}",
        f"{72 * HOUR} QUEUE_ENTERED c0.1 m0 q0 a0",
    ]


def test_messages_during_a_wait_change_nothing():
    """A burst that goes on meanwhile joins; the reply becomes work when both are over."""
    text = tiny(flow="{wait: {time: 5 s}}", behaviour="opening: {messages: 3, gap: 4 s}")
    kept = only(text, Event.MESSAGE_RECEIVED, Event.QUEUE_ENTERED, Event.REPLY_STARTED)
    assert [line.split()[0] for line in kept] == ["0", "4", "5", "8", "8"]


def test_disconnect():
    """A flow may end without an agent: the contact is closed by the flow, and so is all that he had still to say."""
    text = with_flow(
        "{send: {}}, {disconnect: {}}",
        behaviour="turns: 3, think: 1 min, writes_again: {after_flow: {probability: 100 %, delay: 30 min}}",
        duration="45 min",
    )
    assert story(text, STATUS) == lines("""
        0 CONTACT_ARRIVED c0.1 m0 q0 a0
        0 CONTACT_STARTED c0.1 m0 v-1
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        0 MESSAGE_RECEIVED c0.1 m0 a0
        0 FLOW_MESSAGE_SENT c0.1 m1 v3
        0 PORTION_DISCONNECTED c0.1 v10
        0 CONTACT_ENDED m0 v9
        1800 CONTACT_RETURNED c0.2 m1 q0 a0 v6      # whom a flow ends may write again
        1800 CONTACT_REOPENED c0.2 m1 v-1
        1800 PORTION_OPENED c0.2 m1 q0 v1
        1800 TURN_OPENED c0.2 m1 a1
        1800 MESSAGE_RECEIVED c0.2 m2 a1 v1
        1800 FLOW_MESSAGE_SENT c0.2 m3 v3
        1800 PORTION_DISCONNECTED c0.2 v10
        1800 CONTACT_ENDED m1 v9
        2700 RUN_ENDED
    """)


def test_two_bots_are_two_chances():
    """Two bots one after the other have luck of their own; a bot's messages and answers are drawn anew."""
    bot = "{bot: {bot_time: {exponential: {mean: 10 s}}, contains: 50 %}}"
    times = ", ".join(["0 s"] * 300)
    ended = only(tiny(times, flow=f"{bot}, {bot}"), Event.PORTION_DISCONNECTED)
    contained = sum(line.endswith("v2") for line in ended)
    assert 195 <= contained <= 255  # 3/4 of 300, 4 standard errors
    said = only(tiny("0 s", flow=f"{bot.replace('50', '0')}, {bot.replace('50', '0')}"), Event.FLOW_MESSAGE_SENT)
    first, second = (float(line.split()[0]) for line in said)
    assert abs(second - 2 * first) > 1e-3


def test_two_identifications():
    """Who is not identified may be asked again; what counts for the first reply is the last word."""
    unknown, known = "{identify: {takes: 1 s, success: 0 %}}", "{identify: {takes: 1 s}}"
    for flow, effort in ((f"{unknown}, {known}", 10), (f"{known}, {unknown}", 40)):
        assert only(tiny(flow=flow), Event.REPLY_STARTED) == [f"2 REPLY_STARTED c0.1 m0 q0 a0 v{effort}000000"]


def test_two_forms_add_up():
    """Every field of every form saves 5 s of the first reply."""
    text = tiny(
        flow="{collect: {fields: 1}}, {collect: {fields: 2}}",
        behaviour="flow_answer: 1 s",
        agents="reply: {effort: 60 s}",
    )
    assert only(text, Event.REPLY_STARTED) == ["6 REPLY_STARTED c0.1 m0 q0 a0 v45000000"]


def test_a_transfer_asks_for_skills():
    """Skills of the transfer are required beside the topic's: the desk that lacks them gets nothing."""
    agents = {"able": "skills: {vip: 3}, reply: {effort: 20 s}", "other": "count: 5"}
    text = with_flow("{transfer: {queue: line, skills: [vip]}}", "0 s, 0 s", agents=agents)
    assert [line.split()[0] for line in only(text, Event.CONNECTED)] == ["0", "20"]
    without = with_flow("{transfer: {queue: line}}", "0 s, 0 s", agents=agents)
    assert [line.split()[0] for line in only(without, Event.CONNECTED)] == ["0", "0"]


def test_a_transfer_sets_the_priority():
    """Its priority stands instead of the topic's: who comes last goes first."""
    other = "app: {platform: web messaging, flow: vip, arrivals: {trace: [9 s]}, topics: {ask: 100 %}}"
    text = tiny("0 s, 5 s", topic="priority: 3", others=other).replace(
        "flows: {", "flows: {vip: [{transfer: {queue: line, priority: 4}}], "
    )
    assert [line.split()[0] + line[-3:] for line in only(text, Event.QUEUE_ENTERED)] == ["0 v3", "5 v3", "9 v4"]
    assert [line.split()[2] for line in only(text, Event.CONNECTED)] == ["c0.1", "c2.1", "c1.1"]


def test_the_tables_tell_of_it():
    """A `send` is a message of the kind `flow`; closed contacts are counted as such; all checks hold."""
    scenario, rows = run(with_flow("{send: {}}, {disconnect: {}}"))
    tables = fold(scenario, rows)
    assert tables["messages"]["kind"].tolist() == ["burst", "flow"]
    assert tables["contacts"]["outcome"].tolist() == ["closed_by_flow"]
    assert tables["portions"]["disconnect"].tolist() == ["closed_by_flow"]
    assert tables["turns"]["outcome"].tolist() == ["closed_by_flow"]
    assert [check.name for check in checks(scenario, rows, tables) if not check.passed] == []
