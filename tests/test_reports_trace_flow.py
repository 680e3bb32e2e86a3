"""The life of a conversation in a flow, in sentences with the rule behind each step."""

from __future__ import annotations

from test_worlds_flow_wrong_topic import world
from test_worlds_queue_flow import waiting
from tiny import tiny
from worlds import run

from simulator.records import fold
from simulator.reports.trace import tell


def told(text: str, conversation: str) -> list[str]:
    scenario, rows = run(text)
    return [line.strip() for line in tell(fold(scenario, rows), conversation, scenario)]


def test_who_leaves_in_the_flow():
    text = tiny(flow="{bot: {turns: 3, bot_time: 1 s}}", behaviour="flow_answer: 20 s, patience_in_flow: 30 s")
    lines = told(text, "web/0")
    assert "00:00:01  The inbound message flow: 2 bot messages, 1 answer of the customer within 21 s." in lines
    assert "00:00:30  web/0 leaves in the flow after 30 s: he disconnects." in lines
    assert "00:00:30  web/0 has left in the flow: no agent ever saw him." in lines
    assert "00:00:30  Portion 1 is disconnected: the customer left in the flow. The threading clock starts." in lines


def test_who_leaves_without_a_sign():
    text = tiny(flow="{bot: {turns: 3, bot_time: 1 s}}", behaviour="flow_answer: 20 s, patience_in_flow: 30 s",
                channel="wa", duration="4 days")  # fmt: skip
    lines = told(text, "wa/0")
    assert any("leaves in the flow after 30 s without a sign" in line and "at most 3 days" in line for line in lines)
    assert any("nobody has answered the flow for 72 h" in line for line in lines)


def test_branches_and_wrong_topics():
    lines = told(world("{ask: 100 %}"), "web/0")
    assert "00:00:01  At the branches of the flow it took the way topic=bill." in lines
    assert any("The bot hands web/0 over as bill, and he is about ask" in line for line in lines)


def test_the_in_queue_flow():
    flow = "messages: [{after: 10 s, every: 5 s}], flow_out: {after: 31 s, to: other}"
    text = waiting(flow, other="auto_answer: true")
    lines = told(text, "web/1")
    assert "00:00:11  While it waits the in-queue flow sends 5 messages, the last 20 s later." in lines
    assert "00:00:32  After 31 s in queue line the in-queue flow sends it to queue other (`tFlowOut`)." in lines
    lines = told(waiting("flow_out: {after: 30 s}"), "web/1")
    assert "00:00:31  After 30 s in queue line the in-queue flow disconnects it (`tFlowOut`)." in lines
