"""Delivery: pending, sent, delivered, read or failed; customers act on delivery. Worked out by hand."""

from __future__ import annotations

import pytest
from letters import measured, on, tables_of
from tiny import STATUS, lines, only, run, story

from simulator.engine import simulate
from simulator.model import sending
from simulator.reports.trace import tell
from simulator.scenario import loads
from simulator.vocabulary.codes import Event
from simulator.workload import draw

WAY = (
    Event.REPLY_SENT, Event.FLOW_MESSAGE_SENT, Event.MESSAGE_DELIVERED, Event.MESSAGE_READ, Event.MESSAGE_RETRIED,
    Event.MESSAGE_FAILED, Event.MESSAGE_PENDING, Event.TURN_OPENED, Event.CONTACT_ENDED, Event.CONTACT_RETURNED,
    Event.PORTION_DISCONNECTED, Event.CONTACT_VANISHED, Event.PART_SENT, Event.REPLY_BLOCKED,
)  # fmt: skip


def test_the_next_think_time_begins_with_delivery():
    """2 s under way, 3 s to reading, 3 s of thought: he thinks from 12 s, and writes at 15 s. The agent closes with his
    last reply; the customer has it 2 s later."""
    text = on("web", keys="delivery: {latency: 2 s, read: {delay: 3 s}}", behaviour="turns: 2, think: 3 s")
    assert story(text, STATUS)[9:] == lines("""
        10 REPLY_SENT c0.1 m1 q0 a0
        12 MESSAGE_DELIVERED c0.1 m1 v1
        15 MESSAGE_READ c0.1 m1
        15 TURN_OPENED c0.1 m1 a0 v1
        15 MESSAGE_RECEIVED c0.1 m2 a0 v1
        15 REPLY_STARTED c0.1 m1 q0 a0 v10000000
        25 REPLY_SENT c0.1 m3 q0 a0 v1
        25 PORTION_DISCONNECTED c0.1 a0 v1
        25 SESSION_ENDED c0.1 m0 q0 a0
        27 MESSAGE_DELIVERED c0.1 m3 v1
        27 CONTACT_ENDED m0 v1
        30 MESSAGE_READ c0.1 m3
        3600 RUN_ENDED
    """)
    assert list(tables_of(text)["deliveries"]["state"]) == ["read", "read"]
    assert measured(text, "delivery_time") == 2 and measured(text, "read_time") == 3
    assert measured(text, "delivered_share") == measured(text, "messages_read_share") == 1


def test_who_is_answered_writes_again_after_delivery():
    """The conversation was closed when the reply arrived: the delay of `after_service` runs from the delivery."""
    again = "writes_again: {after_service: {probability: 100 %, delay: 60 s}}"
    text = on("web", keys="delivery: {latency: 5 s}", behaviour=again, duration="1 min 30 s")
    assert only(text, *WAY)[:5] == lines("""
        0 TURN_OPENED c0.1 m0 a0
        10 REPLY_SENT c0.1 m1 q0 a0
        10 PORTION_DISCONNECTED c0.1 a0 v1
        15 MESSAGE_DELIVERED c0.1 m1 v1
        15 CONTACT_ENDED m0 v1
    """)
    assert only(text, Event.CONTACT_RETURNED) == ["75 CONTACT_RETURNED c0.2 m1 q0 a0 v3"]


def test_a_vanisher_vanishes_when_he_has_read():
    text = on("web", keys="delivery: {latency: 2 s}", behaviour="turns: 2, think: 3 s, vanishes: 100 %")
    assert only(text, *WAY)[1:] == lines("""
        10 REPLY_SENT c0.1 m1 q0 a0
        12 MESSAGE_DELIVERED c0.1 m1 v1
        12 CONTACT_VANISHED c0.1 m0
        12 CONTACT_ENDED m0 v5
        610 PORTION_DISCONNECTED c0.1 a0 v5
    """)


FAILS = "delivery: {latency: 2 s, failures: {unreachable: 100 %}, attempts: 3, back_off: 10 s}"


def test_attempts_with_pauses_that_double_and_a_customer_who_waits_in_vain():
    """2 s each, pauses of 10 s and 20 s. He got nothing: his patience (a new draw) runs from 46 s; the agent, who
    cannot tell, closes after 10 min."""
    again = "writes_again: {after_silent: {probability: 100 %, delay: 55 min}}"
    text = on("web", keys=FAILS, behaviour=f"turns: 2, think: 3 s, patience: 1 min, {again}")
    assert only(text, *WAY)[1:] == lines("""
        10 REPLY_SENT c0.1 m1 q0 a0
        12 MESSAGE_RETRIED c0.1 m1 q1 v1
        24 MESSAGE_RETRIED c0.1 m1 q1 v2
        46 MESSAGE_FAILED c0.1 m1 q1 v3
        106 CONTACT_ENDED m0 v17
        610 PORTION_DISCONNECTED c0.1 a0 v5
        3406 CONTACT_RETURNED c0.2 m1 q0 a0 v2
        3406 TURN_OPENED c0.2 m1 a1
        3416 REPLY_SENT c0.2 m3 q0 a0 v1
        3418 MESSAGE_RETRIED c0.2 m3 q1 v1
        3430 MESSAGE_RETRIED c0.2 m3 q1 v2
        3452 MESSAGE_FAILED c0.2 m3 q1 v3
        3512 CONTACT_ENDED m1 v17
    """)
    assert measured(text, "contacts_undelivered") == 2
    assert measured(text, "messages_failed", reason="unreachable") == 2 and measured(text, "delivered_share") == 0
    said = "\n".join(tell(tables_of(text), "web/0", run(text)[0]))
    assert "is not delivered after 3 attempts: his device could not be reached. To the customer nobody has" in said


def test_who_never_loses_patience_waits_for_nothing():
    assert only(on("web", keys=FAILS), Event.CONTACT_ENDED) == ["46 CONTACT_ENDED m0 v17"]


@pytest.mark.parametrize(("reason", "attempts"), [("unreachable", 3), ("platform_error", 3), ("number_invalid", 1),
                                                  ("blocked_by_customer", 1)])  # fmt: skip
def test_some_failures_are_for_good(reason, attempts):
    text = on("web", keys=FAILS.replace("unreachable", reason))
    (row,) = tables_of(text)["deliveries"].to_dict("records")
    assert (row["state"], row["reason"], row["attempts"]) == ("failed", reason, attempts)


def test_a_bot_waits_until_its_message_is_there():
    """1 s to say it, 2 s under way, 20 s until the customer answers, and so on; the queue at 1 + 2 + 20 + 1 + 2."""
    text = on(
        "web", keys="delivery: {latency: 2 s}", behaviour="flow_answer: 20 s", flow="{bot: {turns: 2, bot_time: 1 s}}"
    )
    assert only(text, Event.FLOW_MESSAGE_SENT, Event.MESSAGE_DELIVERED, Event.QUEUE_ENTERED)[:5] == lines("""
        1 FLOW_MESSAGE_SENT c0.1 m1 v1
        3 MESSAGE_DELIVERED c0.1 m1 v1
        24 FLOW_MESSAGE_SENT c0.1 m3 v1
        26 MESSAGE_DELIVERED c0.1 m3 v1
        26 QUEUE_ENTERED c0.1 m0 q0 a0
    """)


def test_a_question_that_never_comes_is_not_answered():
    """The form waits for an answer for 72 h, as for anybody who does not answer."""
    text = on("web", keys=FAILS, flow="{collect: {fields: 1}}", duration="4 days")
    assert only(text, Event.PORTION_DISCONNECTED, Event.MESSAGE_FAILED) == lines("""
        37 MESSAGE_FAILED c0.1 m1 q1 v3
        259237 PORTION_DISCONNECTED c0.1 v9
    """)


@pytest.mark.parametrize(("platform", "keys", "asks_at"), [
    ("x", "reply_rule: 1", 1), ("facebook", "reply_window: {bots: 500 ms}", 1),
])  # fmt: skip
def test_a_flow_whose_question_is_blocked_waits_as_for_anybody(platform, keys, asks_at):
    """The first message uses up the rule of one, or the window is over a second after he wrote: he is asked nothing."""
    text = on(platform, keys=keys, flow="{send: {}}, {collect: {fields: 1}}", duration="71 h")
    assert only(text, Event.FLOW_MESSAGE_SENT, Event.REPLY_BLOCKED, Event.PORTION_DISCONNECTED) == [
        "0 FLOW_MESSAGE_SENT c0.1 m1 v3", f"{asks_at} REPLY_BLOCKED c0.1 m2 q{2 if platform == 'x' else 1} v-1",
    ]  # fmt: skip
    tables_of(text)  # nobody is lost
    longer = text.replace("71 h", "4 days")
    assert only(longer, Event.PORTION_DISCONNECTED) == ["259201 PORTION_DISCONNECTED c0.1 v9"]


@pytest.mark.parametrize("inside", [
    {"keys": "delivery: {latency: 11 min, failures: {platform_error: 100 %}}"},
    {"more": "outages: {down: {channel: web, from: 1500 ms, for: 5 days, outbound: queued}}"},
], ids=["not delivered", "held back"])  # fmt: skip
def test_a_flow_whose_question_is_under_way_is_not_lost(inside):
    """A question of 1 s past midnight that is known to have failed 11 min later is waited for until 00:11:01 of the
    fourth day; one that an outage holds as long as that lasts. A run that ends before has lost nobody."""
    text = on("web", "1 s", flow="{collect: {fields: 1}}", duration="72 h 10 min", **inside)
    assert list(tables_of(text)["portions"]["disconnected_us"].isna()) == [True]  # with every check


def test_the_middleware_takes_its_time_both_ways():
    """In: 3 s. Out: 3 s, and 1 s more to the device. His next burst, thought of at 17 + 5 s, comes 3 s later."""
    text = on("app", keys="delivery: {latency: 1 s}", behaviour="turns: 2, think: 5 s", duration="1 min").replace(
        "middleware: {latency: 0 s}", "middleware: {latency: 3 s}"
    )
    told = only(text, Event.TURN_OPENED, Event.REPLY_SENT, Event.MESSAGE_DELIVERED, Event.MIDDLEWARE_PASSED)
    assert told == lines("""
        3 TURN_OPENED c0.1 m0 a0
        3 MIDDLEWARE_PASSED a0 v3000000
        13 REPLY_SENT c0.1 m1 q0 a0
        17 MESSAGE_DELIVERED c0.1 m1 v1
        25 TURN_OPENED c0.1 m1 a0 v1
        25 MIDDLEWARE_PASSED a0 v3000000
        35 REPLY_SENT c0.1 m3 q0 a0 v1
        39 MESSAGE_DELIVERED c0.1 m3 v1
    """)


def test_calls_of_the_middleware_that_fail():
    """Inbound the last call gets through: 0 + 5 + 10 s of pauses. Outbound the message is lost after three."""
    text = on("app").replace("latency: 0 s", "latency: 0 s, failures: 100 %, attempts: 3, back_off: 5 s")
    assert only(text, Event.TURN_OPENED, Event.MESSAGE_RETRIED, Event.MESSAGE_FAILED) == lines("""
        15 TURN_OPENED c0.1 m0 a0
        25 MESSAGE_RETRIED c0.1 m1 q5 v1
        30 MESSAGE_RETRIED c0.1 m1 q5 v2
        40 MESSAGE_FAILED c0.1 m1 q5 v3
    """)


# --- gates -----------------------------------------------------------------------------------------------------


def held(text: str, gate, *events: Event) -> list[str]:
    """The journal of a world whose only channel has a gate."""
    scenario = loads(text)
    original = sending.Sending.__init__

    def init(self, world):
        original(self, world)
        self.add_gate(0, gate)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sending.Sending, "__init__", init)
        rows = simulate(scenario, draw(scenario, 0))
    from worlds import told

    return told(rows, tuple(event for event in Event if event not in events))


def until(second: int):
    return lambda at_us, message: max(at_us, second * 1_000_000)


GATED = (*WAY, Event.SESSION_ENDED)


def test_a_gate_that_lets_everything_pass_changes_nothing():
    text = on("web", "0 s, 5 s", behaviour="turns: 2, think: 3 s", agents="capacity: 2")
    assert held(text, lambda at_us, message: at_us, *Event) == story(text)


def test_a_held_reply_leaves_later_and_the_agent_works_on():
    """Written at 10 s and 20 s, both leave at 60 s: until then the slots are held and nobody closes."""
    text = on("web", "0 s, 1 s", queue="auto_answer: true, close_after: 5 s", agents="capacity: 2")
    assert held(text, until(60), *GATED) == lines("""
        0 TURN_OPENED c0.1 m0 a0
        1 TURN_OPENED c1.1 m1 a1
        10 MESSAGE_PENDING c0.1 m2 q0 a0
        20 MESSAGE_PENDING c1.1 m3 q0 a0 v1
        60 REPLY_SENT c0.1 m2 q0 a0
        60 CONTACT_ENDED m0 v1
        60 PORTION_DISCONNECTED c0.1 a0 v1
        60 SESSION_ENDED c0.1 m0 q0 a0
        60 REPLY_SENT c1.1 m3 q0 a0 v1
        60 CONTACT_ENDED m1 v1
        60 PORTION_DISCONNECTED c1.1 a0 v1
        60 SESSION_ENDED c1.1 m1 q0 a0
    """)


def test_the_window_may_close_while_a_reply_is_held():
    """Written in time, but it may leave only after 25 h: blocked then."""
    text = on("whatsapp", duration="2 days")
    assert held(text, until(90_000), *GATED) == lines("""
        0 TURN_OPENED c0.1 m0 a0
        10 MESSAGE_PENDING c0.1 m1 q0 a0
        90000 REPLY_BLOCKED c0.1 m1 q1 a0
        90000 PORTION_DISCONNECTED c0.1 a0 v16
        90000 CONTACT_ENDED m0 v16
        90000 SESSION_ENDED c0.1 m0 q0 a0
    """)


def test_a_gate_may_keep_a_message_for_good():
    """None: the gate calls `leaves` itself, or never."""
    assert held(on("web"), lambda at_us, message: None, *GATED) == lines("""
        0 TURN_OPENED c0.1 m0 a0
        10 MESSAGE_PENDING c0.1 m1 q0 a0
    """)


def test_gates_see_each_message_and_its_parts():
    """A reply of 800 characters by SMS: messages of 5 parts and of 1."""
    seen = []

    def gate(at_us, message):
        seen.append((message.i, message.segments, message.lane))
        return at_us

    held(on("sms", agents="reply: {effort: 10 s, characters: 800}"), gate, *GATED)
    assert seen == [(0, 5, 0), (1, 1, 0)]
