"""Reply windows, tested at the instant of sending: who is blocked, and what follows. Worked out by hand."""

from __future__ import annotations

import pytest
from letters import measured, on, tables_of
from tiny import STATUS, lines, only, run, story

from simulator.records import checks, fold
from simulator.reports.trace import tell
from simulator.rules.windows import SENT, TOO_LATE, TOO_MANY, may_send
from simulator.vocabulary.clock import DAY, HOUR
from simulator.vocabulary.codes import Event

OUT = (Event.REPLY_SENT, Event.REPLY_BLOCKED, Event.TEMPLATE_SENT, Event.PART_SENT)
FIRST_ROWS = 9
"""Rows of a tiny world, agents left out, up to the connect and the start of the reply."""


@pytest.mark.parametrize(
    ("now_us", "heard_us", "window_us", "sent_since", "most", "answer"),
    [
        (100, 0, None, 99, None, SENT),
        (24 * HOUR, 0, 24 * HOUR, 0, None, SENT),  # the last µs is inside
        (24 * HOUR + 1, 0, 24 * HOUR, 0, None, TOO_LATE),
        (24 * HOUR + 5, 5, 24 * HOUR, 0, None, SENT),
        (0, 0, None, 4, 5, SENT),
        (0, 0, None, 5, 5, TOO_MANY),
        (2, 0, 1, 5, 5, TOO_LATE),  # too late is said first
    ],
)
def test_may_send(now_us, heard_us, window_us, sent_since, most, answer):
    assert may_send(now_us, heard_us, window_us, sent_since, most) == answer


# --- close -----------------------------------------------------------------------------------------------------


def test_a_late_reply_is_blocked_and_the_conversation_closed():
    """25 h of writing: the window of 24 h is over, the reply stays, nobody tells the customer."""
    text = on("whatsapp", agents="reply: {effort: 25 h}", duration="2 days")
    assert story(text, STATUS)[FIRST_ROWS:] == lines("""
        90000 REPLY_BLOCKED c0.1 m1 q1 a0
        90000 PORTION_DISCONNECTED c0.1 a0 v16
        90000 CONTACT_ENDED m0 v16
        90000 SESSION_ENDED c0.1 m0 q0 a0
        172800 RUN_ENDED
    """)
    tables = tables_of(text)
    assert list(tables["turns"]["outcome"]) == ["window_closed"] and bool(tables["turns"]["late"].iloc[0])
    assert list(tables["deliveries"][["state", "reason"]].iloc[0]) == ["blocked", "window"]
    assert tables["sessions"]["t_work_us"].iloc[0] == 25 * HOUR  # the writing was work all the same
    assert measured(text, "replies_blocked") == measured(text, "window_risk") == 1
    assert measured(text, "window_risk", hour="00") == 1 and measured(text, "replies_blocked", hour="01") == 1


@pytest.mark.parametrize(("effort", "sent"), [("24 h", True), ("86400000001 us", False)])
def test_exactly_at_the_end_of_the_window_it_is_inside(effort, sent):
    text = on("whatsapp", agents=f"reply: {{effort: {effort}}}", duration="2 days")
    assert [line.split()[1] for line in only(text, *OUT)] == ["REPLY_SENT" if sent else "REPLY_BLOCKED"]


@pytest.mark.parametrize(
    ("platform", "effort", "sent"),
    [("web", "30 days", True), ("sms", "30 days", True), ("line", "30 days", True), ("app", "30 days", True),
     ("apple", "30 days", True), ("x", "30 days", True),
     ("whatsapp", "25 h", False), ("facebook", "25 h", True), ("facebook", "7 days", True),
     ("facebook", "7 days 1 s", False), ("instagram", "7 days", True), ("instagram", "7 days 1 s", False)],
)  # fmt: skip
def test_the_windows_of_people(platform, effort, sent):
    text = on(platform, agents=f"reply: {{effort: {effort}}}", duration="40 days")
    assert [line.split()[1] for line in only(text, *OUT)] == ["REPLY_SENT" if sent else "REPLY_BLOCKED"]


@pytest.mark.parametrize(("platform", "reaches"), [("facebook", False), ("instagram", False), ("web", True)])
def test_a_bot_has_24_hours_where_people_have_seven_days(platform, reaches):
    """The flow speaks 25 h after the customer wrote; nobody waits for it, and the agent may still answer."""
    text = on(platform, flow="{wait: {time: 25 h}}, {send: {text: We are here}}", duration="3 days")
    rows = [line.split()[:2] for line in only(text, Event.FLOW_MESSAGE_SENT, *OUT)]
    assert rows == [["90000", "FLOW_MESSAGE_SENT" if reaches else "REPLY_BLOCKED"], ["90010", "REPLY_SENT"]]
    if not reaches:
        assert measured(text, "messages_blocked", reason="window") == 1 and measured(text, "replies_blocked") == 0


def test_every_unanswered_burst_shares_the_fate():
    """He writes again at 1 h: both bursts are out of the window 25 h after that, one draft was written in vain."""
    text = on("whatsapp", "0 s, 1 h", customers="{population: 1}", agents="reply: {effort: 26 h}", duration="3 days")
    assert only(text, *OUT, Event.CONTACT_ENDED) == lines("""
        93600 REPLY_BLOCKED c0.1 m2 q1 a0
        93600 REPLY_BLOCKED c0.1 q1 a0 v1
        93600 CONTACT_ENDED m0 v16
        93600 CONTACT_ENDED m1 v16
    """)
    assert list(tables_of(text)["turns"]["outcome"]) == ["window_closed"] * 2


def test_who_is_shut_out_may_write_again():
    """To him nobody has answered: `after_silent`, from the block."""
    again = "writes_again: {after_silent: {probability: 100 %, delay: 1 h}}"
    text = on("whatsapp", behaviour=again, agents="reply: {effort: 25 h}", duration="2 days")
    assert only(text, Event.CONTACT_RETURNED) == ["93600 CONTACT_RETURNED c0.2 m1 q0 a0 v2"]


def test_who_had_given_up_stays_silent():
    """He went silent in the queue long ago: his outcome is that, and he is not asked again."""
    again = "writes_again: {after_silent: {probability: 0 %, delay: 1 h}}"
    text = on(
        "whatsapp", "0 s, 0 s", behaviour=f"patience: 1 h, gives_up: {{silent: 100 %}}, {again}",
        agents="reply: {effort: 13 h}", duration="3 days",
    )  # fmt: skip
    assert only(text, *OUT, Event.GAVE_UP, Event.CONTACT_ENDED)[-2:] == lines("""
        93600 REPLY_BLOCKED c1.1 m3 q1 a0 v1
        93600 CONTACT_ENDED m1 v4
    """)


# --- template --------------------------------------------------------------------------------------------------

TEMPLATE = "outside_window: template, template: back"
MORE = "outbound: {{templates: {{back: {{answers: {answers}, delay: 1 h}}}}, template_rates: {{utility: 0.05}}}}"


def test_the_answer_to_a_template_comes_into_the_open_conversation():
    """Ready at 24 h 10 s: a template. The agent waits up to 2 h; the answer comes after one, as his turn once more."""
    text = on(
        "whatsapp", keys=TEMPLATE, queue="auto_answer: true, close_after: 2 h", agents="reply: {effort: 86410 s}",
        more=MORE.format(answers="100 %"), duration="2 days",
    )  # fmt: skip
    assert story(text, STATUS)[FIRST_ROWS:] == lines("""
        86410 REPLY_BLOCKED c0.1 m1 q1 a0
        86410 TEMPLATE_SENT c0.1 m2 q0 a0
        90010 TURN_OPENED c0.1 m1 a0
        90010 MESSAGE_RECEIVED c0.1 m3 a0 v1
        90010 REPLY_STARTED c0.1 m1 q0 a0 v86410000000
        172800 RUN_ENDED
    """)


def test_a_template_alone_opens_nothing():
    """Nobody answers it. After `close_after` the agent closes; the customer stays without an answer."""
    text = on(
        "whatsapp", keys=TEMPLATE, agents="reply: {effort: 25 h}", more=MORE.format(answers="0 %"), duration="2 days"
    )
    assert story(text, STATUS)[FIRST_ROWS:] == lines("""
        90000 REPLY_BLOCKED c0.1 m1 q1 a0
        90000 TEMPLATE_SENT c0.1 m2 q0 a0
        90000 CONTACT_ENDED m0 v16
        90600 PORTION_DISCONNECTED c0.1 a0 v5
        90600 SESSION_ENDED c0.1 m0 q0 a0
        172800 RUN_ENDED
    """)
    tables_of(text)
    assert measured(text, "templates_sent") == 1 and measured(text, "template_cost") == pytest.approx(0.05)


def test_he_answers_and_gets_his_reply():
    """A desk that takes 13 h: the second of two is blocked at 26 h, answers the template at 27 h, and is served."""
    text = on(
        "whatsapp", "0 s, 0 s", keys=TEMPLATE, agents="reply: {effort: 13 h}", more=MORE.format(answers="100 %"),
        duration="4 days",
    )  # fmt: skip
    assert only(text, *OUT, Event.TURN_OPENED, Event.MESSAGE_RECEIVED, Event.CONTACT_ENDED)[4:] == lines("""
        46800 REPLY_SENT c0.1 m2 q0 a0
        46800 CONTACT_ENDED m0 v1
        93600 REPLY_BLOCKED c1.1 m3 q1 a0 v1
        93600 TEMPLATE_SENT c1.1 m4 q0 a0 v1
        97200 TURN_OPENED c1.2 m2 a1                # closed after 10 min, re-opened by his answer
        97200 MESSAGE_RECEIVED c1.2 m5 a1 v2
        144000 REPLY_SENT c1.2 m6 q0 a0 v2
        144000 CONTACT_ENDED m1 v1
    """)
    assert list(tables_of(text)["turns"]["outcome"]) == ["answered", "window_closed", "answered"]


def test_a_trace_says_the_rule():
    text = on(
        "whatsapp", keys=TEMPLATE, agents="reply: {effort: 25 h}", more=MORE.format(answers="0 %"), duration="2 days"
    )
    scenario, _ = run(text)
    said = "\n".join(tell(tables_of(text), "web/0", scenario))
    assert "is ready 25 h after the customer's latest message; whatsapp takes free text for 24 h only" in said
    assert "sends the template back: only the customer's answer opens the window again" in said


# --- replies per inbound message -------------------------------------------------------------------------------

FIVE = "{bot: {turns: 5, bot_time: 1 s}}"  # the customer answers four of them


@pytest.mark.parametrize(
    ("rule", "sent"),
    [("", 5), ("reply_rule: 3", 3), ("reply_rule: none", 7), ("reply_rule: platform", 5)],
)
def test_replies_to_one_message(rule, sent):
    """A reply of seven messages (65,000 characters of 10,000): what is beyond the rule is blocked."""
    text = on("x", keys=rule, agents="reply: {effort: 10 s, characters: 65000}")
    rows = [line.split()[1] for line in only(text, *OUT)]
    assert rows == ["REPLY_SENT"] + ["PART_SENT"] * (sent - 1) + ["REPLY_BLOCKED"] * (7 - sent)
    assert list(tables_of(text)["turns"]["outcome"]) == ["answered"]  # the customer has the first of it
    if sent < 7:
        assert measured(text, "messages_blocked", reason="replies") == 7 - sent
        assert measured(text, "replies_blocked") == 0


def test_bot_messages_count_and_a_message_of_the_customer_sets_the_count_back():
    """Two messages of the flow use up a rule of two: the reply is blocked. Where he answers the bot, it is not."""
    text = on("x", keys="reply_rule: 2", flow="{send: {}}, {bot: {turns: 1, bot_time: 1 s}}")
    assert only(text, Event.FLOW_MESSAGE_SENT, *OUT) == lines("""
        0 FLOW_MESSAGE_SENT c0.1 m1 v3
        1 FLOW_MESSAGE_SENT c0.1 m2 v1
        11 REPLY_BLOCKED c0.1 m3 q2 a0
    """)
    answers = on("x", keys="reply_rule: 2", behaviour="flow_answer: 1 s", flow="{bot: {turns: 3, bot_time: 1 s}}")
    assert [line.split()[1] for line in only(answers, *OUT)] == ["REPLY_SENT"]


def test_the_check_would_notice():
    """A reply that left a µs too late fails the check, whatever the engine thought."""
    scenario, rows = run(on("whatsapp", agents="reply: {effort: 24 h}", duration="2 days"))
    late = rows.copy()
    late["time"][late["time"] == DAY] += 1
    verdict = {check.name: check.passed for check in checks(scenario, late, fold(scenario, late))}
    assert not verdict["windows_kept"]
