"""Tiny worlds, worked out by hand: customers who leave in the flow, and the end of a flow after 72 hours."""

from __future__ import annotations

import pytest
from tiny import STATUS, lines, only, story, tiny
from worlds import run

from simulator.records import fold
from simulator.records.checks import checks
from simulator.vocabulary.codes import Event

BOT = "{bot: {turns: 3, bot_time: 1 s}}"
LIMIT = 72 * 3600


def tables_of(text: str):
    """The tables of a world in which all checks hold."""
    scenario, rows = run(text)
    tables = fold(scenario, rows)
    assert [check.detail for check in checks(scenario, rows, tables) if not check.passed] == []
    return tables


def test_patience_in_the_flow():
    """Still in the flow when his patience ends, he disconnects where he can: outcome `left_flow`."""
    text = tiny(flow=BOT, behaviour="flow_answer: 20 s, patience_in_flow: 30 s")
    assert story(text, STATUS) == lines("""
        0 CONTACT_ARRIVED c0.1 m0 q0 a0
        0 CONTACT_STARTED c0.1 m0 v-1
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        0 MESSAGE_RECEIVED c0.1 m0 a0
        1 FLOW_MESSAGE_SENT c0.1 m1 v1
        21 MESSAGE_RECEIVED c0.1 m2 a0 v-1
        22 FLOW_MESSAGE_SENT c0.1 m3 v1
        30 FLOW_LEFT c0.1 m0                        # his answer of 42 is never written
        30 PORTION_DISCONNECTED c0.1 v8
        30 CONTACT_ENDED m0 v8
        3600 RUN_ENDED
    """)
    tables = tables_of(text)
    assert tables["contacts"][["outcome", "left_flow_us"]].to_numpy().tolist() == [["left_flow", 30_000_000]]
    assert tables["portions"][["disconnect", "left_flow_us"]].to_numpy().tolist() == [["left_flow", 30_000_000]]
    assert tables["turns"]["outcome"].tolist() == ["left_flow"]


@pytest.mark.parametrize(("patience", "left"), [("22 s", []), ("21999999 us", ["22 FLOW_LEFT c0.1 m0"])])
def test_patience_against_the_last_step(patience, left):
    """At one instant the flow's step comes first: who is in the queue has not left."""
    text = tiny(flow="{bot: {turns: 2, bot_time: 1 s}}", behaviour=f"flow_answer: 20 s, patience_in_flow: {patience}")
    assert only(text, Event.FLOW_LEFT) == left


def test_patience_in_the_flow_ends_with_the_flow():
    """In the queue another patience counts."""
    text = tiny("0 s, 0 s", flow="{wait: {time: 5 s}}", behaviour="patience_in_flow: 6 s, patience: 9 s")
    assert only(text, Event.FLOW_LEFT, Event.ABANDONED) == ["14 ABANDONED c1.1 m1 q0 a1"]


def test_leaving_at_a_question():
    """`leaves_in_flow`: at each question that would be answered; nobody leaves a bot's last word."""
    text = tiny(flow="{bot: {turns: 2, bot_time: 1 s}}", behaviour="flow_answer: 20 s, leaves_in_flow: 100 %")
    assert only(text, Event.FLOW_LEFT, Event.PORTION_DISCONNECTED) == lines("""
        1 FLOW_LEFT c0.1 m0
        1 PORTION_DISCONNECTED c0.1 v8
    """)
    text = tiny(flow="{bot: {bot_time: 1 s}}", behaviour="leaves_in_flow: 100 %")
    assert only(text, Event.FLOW_LEFT) == []


def test_a_share_leaves_at_each_question():
    """20 % at each of two questions: 64 % come through."""
    times = ", ".join(["0 s"] * 500)
    text = tiny(times, flow="{collect: {fields: 2}}", behaviour="flow_answer: 1 s, leaves_in_flow: 20 %")
    through = len(only(text, Event.QUEUE_ENTERED))
    assert 277 <= through <= 363  # 320, 4 standard errors


SILENT = "flow_answer: 20 s, patience_in_flow: 30 s, gives_up: {silent: 100 %}"


@pytest.mark.parametrize(("channel", "gives_up"), [("web", "gives_up: {silent: 100 %}"), ("wa", "turns: 1")])
def test_leaving_without_a_sign(channel, gives_up):
    """Where nobody can disconnect, or says so, the flow asks, hears nothing, and ends 72 h after its question."""
    behaviour = f"flow_answer: 20 s, patience_in_flow: 30 s, {gives_up}"
    text = tiny(flow=BOT, behaviour=behaviour, channel=channel, duration="4 days")
    assert story(text, STATUS)[5:] == lines(f"""
        1 FLOW_MESSAGE_SENT c0.1 m1 v1
        21 MESSAGE_RECEIVED c0.1 m2 a0 v-1
        22 FLOW_MESSAGE_SENT c0.1 m3 v1
        30 FLOW_LEFT c0.1 m0 v1
        {LIMIT + 22} FLOW_TIMED_OUT c0.1 m0
        {LIMIT + 22} PORTION_DISCONNECTED c0.1 v9
        {LIMIT + 22} CONTACT_ENDED m0 v8
        {4 * 24 * 3600} RUN_ENDED
    """)
    assert tables_of(text)["contacts"]["outcome"].tolist() == ["left_flow"]


def test_an_answer_after_72_hours_is_too_late():
    """Who takes longer than 72 h to answer finds the flow ended: he has left it. Just in time is in time."""
    text = tiny(flow=BOT, behaviour="flow_answer: 73 h", duration="5 days")
    assert only(text, Event.FLOW_TIMED_OUT, Event.FLOW_LEFT, Event.CONTACT_ENDED) == lines(f"""
        {LIMIT + 1} FLOW_TIMED_OUT c0.1 m0
        {LIMIT + 1} CONTACT_ENDED m0 v8
    """)
    in_time = tiny(flow="{collect: {fields: 1}}", behaviour="flow_answer: 72 h", duration="5 days")
    assert only(in_time, Event.FLOW_TIMED_OUT, Event.QUEUE_ENTERED) == [f"{LIMIT + 1} QUEUE_ENTERED c0.1 m0 q0 a0"]
    tables_of(text)


def test_who_left_silently_and_writes_again_goes_on():
    """His next contact joins the open conversation: what he writes is the answer, and the flow goes on from there."""
    behaviour = SILENT + ", writes_again: {after_flow: {probability: 100 %, delay: 10 min}}"
    text = tiny(flow=BOT, behaviour=behaviour)
    kept = only(text, Event.FLOW_LEFT, Event.CONTACT_RETURNED, Event.CONTACT_JOINED, Event.FLOW_MESSAGE_SENT,
                Event.MESSAGE_RECEIVED, Event.QUEUE_ENTERED, Event.CONTACT_ENDED)  # fmt: skip
    assert kept == lines("""
        0 MESSAGE_RECEIVED c0.1 m0 a0
        1 FLOW_MESSAGE_SENT c0.1 m1 v1
        21 MESSAGE_RECEIVED c0.1 m2 a0 v-1
        22 FLOW_MESSAGE_SENT c0.1 m3 v1
        30 FLOW_LEFT c0.1 m0 v1
        630 CONTACT_RETURNED c0.1 m1 q0 a0 v6
        630 CONTACT_JOINED c0.1 m1 v-1
        630 MESSAGE_RECEIVED c0.1 m4 a1 v1          # awake again: the bot has its answer
        631 FLOW_MESSAGE_SENT c0.1 m5 v1
        631 QUEUE_ENTERED c0.1 m0 q0 a0
        641 CONTACT_ENDED m0 v1
        651 CONTACT_ENDED m1 v1
    """)
    tables_of(text)


def test_who_left_silently_may_come_to_an_agent():
    """A flow that needs no answer of his goes on without him: an agent writes to nobody, until `close_after`."""
    text = tiny(flow="{wait: {time: 60 s}}", behaviour=SILENT)
    kept = only(text, Event.FLOW_LEFT, Event.QUEUE_ENTERED, Event.REPLY_SENT, Event.PORTION_DISCONNECTED,
                Event.CONTACT_ENDED)  # fmt: skip
    assert kept == lines("""
        30 FLOW_LEFT c0.1 m0 v1
        60 QUEUE_ENTERED c0.1 m0 q0 a0
        70 REPLY_SENT c0.1 m1 q0 a0
        670 PORTION_DISCONNECTED c0.1 a0 v5
        670 CONTACT_ENDED m0 v4
    """)
    tables_of(text)


def test_who_leaves_stops_typing():
    """What was not written of his burst stays unwritten."""
    text = tiny(flow=BOT, behaviour="opening: {messages: 9, gap: 4 s}, flow_answer: 20 s, patience_in_flow: 10 s")
    assert [line.split()[0] for line in only(text, Event.MESSAGE_RECEIVED)] == ["0", "4", "8"]


def test_who_leaves_may_write_again():
    """`after_flow`: with a sign the conversation is re-opened, and the flow asks again."""
    behaviour = (
        "flow_answer: 20 s, patience_in_flow: {empirical: [10 s]}, "
        "writes_again: {after_flow: {probability: 100 %, delay: 30 min}}"
    )
    text = tiny(flow=BOT, behaviour=behaviour)
    assert only(text, Event.FLOW_LEFT, Event.CONTACT_REOPENED) == lines("""
        10 FLOW_LEFT c0.1 m0
        1810 CONTACT_REOPENED c0.2 m1 v-1
        1820 FLOW_LEFT c0.2 m1
    """)
