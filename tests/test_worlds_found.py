"""Worlds that generated scenarios found to be wrong, cut down to what is needed."""

from __future__ import annotations

from pathlib import Path

from letters import tables_of
from tiny import lines, only, tiny
from worlds import run

import simulator as cc
from simulator.scenario import load, loads
from simulator.vocabulary.codes import Event, RoutingStatus
from simulator.workload import draw


def test_the_inactivity_timer_rests_while_another_agent_is_consulted() -> None:
    """The agent finds out in 10 s that it is for others, who come at 00:05. The timer of 20 s must not end what waits
    in their queue."""
    text = tiny(
        queue="auto_answer: true, inactivity_timeout: 20 s, transfers: [{share: 100 %, to: others, kind: consult}]}, "
        "others: {auto_answer: true",
        agents={"desk": "", "other": 'queues: [others], shift: {from: "00:05", to: "00:50"}'},
    )
    tables_of(text)  # every check
    assert only(text, Event.TRANSFERRED, Event.CONNECTED, Event.CONSULT_ENDED, Event.PORTION_DISCONNECTED) == lines("""
        0 CONNECTED c0.1 m0 q0 a0
        10 TRANSFERRED c0.1 m0 q0 a0 v1
        300 CONNECTED c0.1 m1 q1 a1 v1
        300 CONSULT_ENDED c0.1 m0 q0 a0
        310 PORTION_DISCONNECTED c0.1 a1 v1
    """)


def test_what_a_cap_holds_back_does_not_leave_in_an_outage_that_has_begun_since() -> None:
    """One message a minute, the customer's included: the reply is written at 10 s and waits for 60 s. The channel is
    down from 50 s to 200 s: it is queued anew."""
    text = tiny("0 s", channel="wa", more="outages: {down: {channel: wa, from: 50 s, to: 200 s}}")
    text = text.replace("business_verified: true,", "business_verified: true, throughput: 1/min,")
    tables = tables_of(text)
    assert (tables["turns"]["written_us"].iloc[0], tables["turns"]["reply_us"].iloc[0]) == (10_000_000, 200_000_000)


def test_agents_come_and_go_while_bulk_messages_outlast_the_last_customer() -> None:
    """Drained: the last customer is served at 10 s, the last message leaves after 00:20, when the shift is over."""
    text = tiny(
        "0 s",
        channel="wa",
        agents='shift: {from: "00:00", to: "00:15"}',
        duration="1 min",
        customers="{population: 30}",
        more="after_end: drain\noutbound: {limits: {whatsapp_campaign: 1/min}, campaigns: {sale: {channel: wa, "
        "contacts: 21, start: 2026-03-02 00:00, template: t, opt_in: 100 %}}}",
    )
    tables_of(text)
    _, rows = run(text)
    status = rows[rows["event"] == Event.AGENT_STATUS]
    assert (status["time"][-1], status["value"][-1]) == (900_000_000, RoutingStatus.OFF_QUEUE)
    assert rows["time"][-1] == 1_200_000_000


def test_what_he_has_parked_keeps_nobody_who_may_go() -> None:
    """Two agents by number until 00:01, one from then on. The first parks what he has at 70 s, and goes, as at the end
    of a shift: it is closed. The second parks at 75 s and takes the contact of 80 s."""
    text = tiny(
        "0 s, 5 s, 80 s",
        behaviour="turns: 2, think: 30 min",
        queue="auto_answer: true, park: {after: 1 min, for: 20 min}, close_after: 2 min",
        agents='staffing: {from: "00:00", every: 1 min, agents: [2, 1], leaves: idle_first}, count: 0',
    ).replace(", count: 0", "")
    text = text.replace("{count: 1, staffing", "{staffing")
    tables = tables_of(text)
    assert tables["sessions"]["agent"].tolist() == ["desk/1", "desk/2", "desk/2"]
    assert tables["portions"]["disconnected_us"].iloc[0] == 70_000_000


def test_a_reply_that_leaves_while_the_conversation_is_parked_parks_it_no_second_time() -> None:
    """The pair may have one message in ten minutes: the second reply leaves when the conversation has been parked."""
    text = tiny(
        "0 s, 5 s",
        channel="wa",
        customers="{population: 1}",
        behaviour="turns: 2, think: 20 min",
        queue="auto_answer: true, park: {after: 1 s, for: 20 min}, close_after: 10 min",
        duration="3 h",
    ).replace("business_verified: true,", "business_verified: true, pair: {every: 10 min, burst: 1},")
    tables = tables_of(text)
    assert len(tables["parks"]) >= 1 and (tables["parks"].groupby(["conversation", "parked_us"]).size() == 1).all()


def test_the_order_of_attachment_types_in_the_file_changes_no_file() -> None:
    def sizes(types: str) -> list[tuple[str, int]]:
        inside = f"attachments: {{share: 100 %, types: {{{types}}}, kilobytes: {{uniform: {{low: 1, high: 900}}}}}}"
        letters = draw(loads(tiny("0 s", behaviour=inside)), 0).letters[0]
        written = next(each for each in letters._heard if each is not None)
        return [(file.kind, file.size_bytes) for i in range(20) for file in written.files(i, 0)]

    assert sizes("jpg: 40 %, pdf: 60 %") == sizes("pdf: 60 %, jpg: 40 %")


def test_a_reply_that_leaves_in_the_moment_of_parking_starts_no_second_silence() -> None:
    """Three replies, written at 10, 20 and 30 s, one of them a minute: 10, 70, 130. From 70 on nothing is unanswered
    or unwritten: parked at 130, where the third leaves, back at 160, closed after 2 min more."""
    text = tiny(
        "0 s, 5 s, 6 s",
        channel="wa",
        customers="{population: 1}",
        behaviour="turns: 2, think: 20 min",
        queue="auto_answer: true, park: {after: 1 min, for: 30 s}, close_after: 2 min",
    ).replace("business_verified: true,", "business_verified: true, pair: {every: 1 min, burst: 1},")
    tables_of(text)
    told_of = (Event.REPLY_SENT, Event.PARKED, Event.RETURNED, Event.PORTION_DISCONNECTED)
    assert [line.split()[:2] for line in only(text, *told_of)][:6] == [
        ["10", "REPLY_SENT"], ["70", "REPLY_SENT"], ["130", "PARKED"], ["130", "REPLY_SENT"], ["160", "RETURNED"],
        ["280", "PORTION_DISCONNECTED"],
    ]  # fmt: skip


def test_a_silence_from_before_the_night_is_over_when_the_agent_is_back() -> None:
    """Answered at 57,250 s, before the shift ends at midnight (57,600 s), parked until the next at 08:00 (86,400 s),
    and closed nine hours later: not nine hours after the reply, which is 89,650 s."""
    text = tiny(
        "57240 s",
        behaviour="turns: 2, think: 3 days",
        queue="auto_answer: true, close_after: 9 h",
        agents="shift: {from: '08:00', to: '00:00'}, end_of_shift: {then: park, finish: 0}",
        start="2026-03-02 08:00",
        duration="2 days",
    )
    tables_of(text)
    assert only(text, Event.PARKED, Event.RETURNED, Event.PORTION_DISCONNECTED) == lines("""
        57600 PARKED c0.1 m0 q0 a0
        86400 RETURNED c0.1 m0 q0 a0
        118800 PORTION_DISCONNECTED c0.1 a0 v5
    """)


def test_who_was_not_contained_because_the_bot_was_down_fills_in_the_form() -> None:
    """His answers to it are drawn when he comes there: as columns nobody needed them."""
    text = tiny(
        "0 s",
        flow="{bot: {turns: 2, bot_time: 10 s, contains: 100 %}}, {collect: {fields: 2, question_time: 1 s}}",
        behaviour="flow_answer: 20 s",
        more="outages: {cut: {bot: door, from: 5 s, to: 55 s, step: skipped}}",
    )
    tables_of(text)
    assert only(text, Event.BOT_SKIPPED, Event.QUEUE_ENTERED) == lines("""
        10 BOT_SKIPPED c0.1 m0 a0
        52 QUEUE_ENTERED c0.1 m0 q0 a0
    """)


def test_an_outage_that_outlasts_a_drained_run_ends_after_it() -> None:
    """The last customer is served at 10 s; nothing of an outage of another channel is told after that."""
    text = tiny(
        "0 s",
        duration="1 min",
        others='wa: {platform: whatsapp, number: "+49 30 1234567", business_verified: true, flow: door, '
        "topics: {ask: 100 %}}",
        more="after_end: drain\noutages: {down: {channel: wa, from: 30 s, to: 10 min}, "
        "later: {channel: wa, from: 5 min, to: 6 min}}",
    )
    tables_of(text)
    assert only(text, Event.OUTAGE_BEGAN, Event.OUTAGE_ENDED, Event.RUN_ENDED) == lines("""
        30 OUTAGE_BEGAN m0 v600000000
        60 RUN_ENDED
    """)


def test_persons_that_a_trace_names_write_more_than_once(tmp_path: Path) -> None:
    """Ann writes again before her first turn is answered: she thinks from the later reply on, at 20 s. Bob waits for
    the slot until 90 s, and thinks from 100 s on."""
    (tmp_path / "a.csv").write_text("at,customer,turns\n0 s,ann,2\n5 s,ann,1\n9 s,bob,2\n")
    text = tiny("1 s", behaviour="turns: 1, think: 1 min").replace("trace: [1 s]", "trace: a.csv")
    (tmp_path / "plan.yaml").write_text(text)
    results = cc.simulate(load(tmp_path / "plan.yaml"), replications=1, workers=1)
    assert [check.name for check in results.checks if not check.passed] == []
    assert (results.table("turns")["first_message_us"] // 1_000_000).tolist() == [0, 5, 9, 80, 160]


def test_agents_of_drawn_speed_beside_others_are_left_out_of_the_audit() -> None:
    """Whose mean effort cannot be told from the plan; the others' can."""
    text = tiny("0 s, 60 s, 120 s, 180 s", agents={"desk": "", "mixed": "speed: {cv: 0.4}"})
    results = cc.simulate(loads(text), replications=1, workers=1)
    assert {"desk/1", "mixed/1"} <= set(results.table("turns")["writer"])
    audit = results.audit()
    efforts = audit[audit["name"] == "attention of a reply"]
    assert [scope["group"] for scope in efforts["scope"]] == ["desk", "mixed"]
    assert efforts["verdict"].tolist() == ["agrees", "not applicable"]


def test_nobody_balks_while_he_is_held_for_one_agent_and_another_is_free() -> None:
    """The first agent wraps up from 15 to 45 s; the second portion, at 30 s, waits for him beside a free colleague."""
    text = tiny(
        behaviour="turns: 2, think: 20 s, balk: 100 %",
        queue="auto_answer: true, close_after: 5 s, last_agent_wait: 5 min, "
        "after_call_work: {mode: MANDATORY, takes: 30 s}",
        agents="count: 2",
    )
    tables_of(text)
    assert only(text, Event.QUEUE_ENTERED, Event.ABANDONED, Event.CONNECTED) == lines("""
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        0 CONNECTED c0.1 m0 q0 a0
        30 QUEUE_ENTERED c0.2 m1 q0 a0
        45 CONNECTED c0.2 m1 q0 a0 v1
    """)
    alone = text.replace("count: 2", "count: 1")
    assert "30 ABANDONED c0.2 m1 q0 a0" in only(alone, Event.ABANDONED)
