"""Every check passes on a sound journal and fails, in words, on one that was tampered with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from test_records import (
    C0,
    C0_AT_QUEUE,
    HAND_BACK,
    NO_AGENTS,
    ONE_TURN,
    ORDER,
    SALES,
    SCENARIO,
    SILENT,
    Line,
    in_portion,
    journal,
    line,
    sends_rows,
    status,
)

from simulator.journal import ROW
from simulator.records import Check, checks, fold
from simulator.records.checks import LAWS
from simulator.scenario import Scenario
from simulator.vocabulary.clock import SECOND
from simulator.vocabulary.codes import Disconnect, Event, RoutingStatus

GOOD = {"one turn": ONE_TURN, "silent": SILENT, "hand-back": HAND_BACK, "no agents": NO_AGENTS}


def checked(lines: list[Line], scenario: Scenario = SCENARIO) -> dict[str, Check]:
    rows = journal(lines)
    return {check.name: check for check in checks(scenario, rows, fold(scenario, rows))}


def failed(lines: list[Line], scenario: Scenario = SCENARIO) -> dict[str, str]:
    return {name: check.detail for name, check in checked(lines, scenario).items() if not check.passed}


def without(lines: list[Line], event: Event, nth: int = 0) -> list[Line]:
    place = _place(lines, event, nth)
    return [*lines[:place], *lines[place + 1 :]]


def changed(lines: list[Line], event: Event, nth: int = 0, at_s: float | None = None, **columns: Any) -> list[Line]:
    """With other columns, or at another time (and moved to where it then belongs)."""
    place = _place(lines, event, nth)
    then, _, old = lines[place]
    new = line(then if at_s is None else at_s, event, **(old | columns))
    if at_s is None:
        return [*lines[:place], new, *lines[place + 1 :]]
    return added(without(lines, event, nth), new)


def added(lines: list[Line], *more: Line) -> list[Line]:
    for one in more:
        place = sum(at <= one[0] for at, _, _ in lines)
        if lines[-1][1] == Event.RUN_ENDED:
            place = min(place, len(lines) - 1)
        lines = [*lines[:place], one, *lines[place:]]
    return lines


def _place(lines: list[Line], event: Event, nth: int) -> int:
    return [number for number, (_, kind, _) in enumerate(lines) if kind == event][nth]


@pytest.mark.parametrize("name", GOOD)
def test_sound_journals_pass_every_check(name: str) -> None:
    assert failed(GOOD[name]) == {}
    assert list(checked(GOOD[name])) == list(LAWS)


def test_an_empty_run_passes_every_check() -> None:
    assert failed([line(0, Event.RUN_ENDED)]) == {}


def test_time_may_not_go_back() -> None:
    assert (
        "time goes back 1 times"
        in failed([*ONE_TURN[:-2], status(50, 0, RoutingStatus.IDLE), ONE_TURN[-1]])["journal_in_order"]
    )


@pytest.mark.parametrize("lines", [ONE_TURN[:-1], [*ONE_TURN, line(101, Event.RUN_ENDED)]])
def test_a_run_ends_once(lines: list[Line]) -> None:
    assert "journal_in_order" in failed(lines)


def test_a_contact_ends_once() -> None:
    twice = added(ONE_TURN, line(36, Event.CONTACT_ENDED, message=0, value=1))
    assert "1 of them twice" in failed(twice)["contacts_conserved"]


def test_a_contact_goes_somewhere() -> None:
    assert "1 went nowhere" in failed(without(ONE_TURN, Event.CONTACT_STARTED))["contacts_conserved"]


def test_a_contact_that_never_came_cannot_end() -> None:
    assert "contacts_conserved" in failed(added(ONE_TURN, line(36, Event.CONTACT_ENDED, message=5, value=1)))


def test_a_portion_is_disconnected_once() -> None:
    twice = added(ONE_TURN, line(60, Event.PORTION_DISCONNECTED, **C0, value=Disconnect.ABANDONED))
    assert "1 portions opened, 2 disconnected" in failed(twice)["portions_conserved"]


def test_a_portion_ends_before_the_next_begins() -> None:
    endless = without(SILENT, Event.PORTION_DISCONNECTED)
    assert "1 left open when the next began" in failed(endless)["portions_conserved"]


def test_an_offer_leaves_the_queue_once() -> None:
    twice = added(ONE_TURN, line(50, Event.ABANDONED, **C0_AT_QUEUE, message=0, agent=0))
    assert "1 of them twice" in failed(twice)["offers_conserved"]


def test_an_offer_does_not_outlive_its_portion() -> None:
    assert "1 wait in a portion that is over" in failed(without(NO_AGENTS, Event.ABANDONED))["offers_conserved"]


def test_every_connect_accepts_an_alert() -> None:
    assert "alerts_conserved" in failed(without(ONE_TURN, Event.ALERTED))
    assert "alerts_conserved" in failed(without(SILENT, Event.ALERT_EXPIRED))


def test_a_session_ends_after_its_talk() -> None:
    early = changed(ONE_TURN, Event.SESSION_ENDED, at_s=30)
    assert "1 before they were disconnected" in failed(early)["sessions_conserved"]
    twice = added(ONE_TURN, line(60, Event.SESSION_ENDED, **C0_AT_QUEUE, message=0, agent=0))
    assert "1 ended twice" in failed(twice)["sessions_conserved"]


def test_a_turn_is_answered_once() -> None:
    twice = added(ONE_TURN, line(36, Event.REPLY_SENT, **C0_AT_QUEUE, message=3, agent=0, value=0))
    assert "1 of them to a turn that had one" in failed(twice)["turns_conserved"]


def test_no_turn_is_left_behind() -> None:
    assert (
        "1 turns are open in a portion that is over" in failed(without(ONE_TURN, Event.REPLY_SENT))["turns_conserved"]
    )


def test_a_reply_needs_a_session() -> None:
    assert "1 outside a session" in failed(changed(ONE_TURN, Event.REPLY_SENT, at_s=2))["turns_conserved"]


def test_an_inbound_message_belongs_to_a_turn_of_its_contact() -> None:
    assert "1 belong to no turn" in failed(changed(ONE_TURN, Event.MESSAGE_RECEIVED, 1, value=4))["messages_conserved"]
    assert "1 belong to no turn" in failed(changed(HAND_BACK, Event.MESSAGE_RECEIVED, 2, value=1))["messages_conserved"]


def test_a_message_has_a_number_of_its_own() -> None:
    assert (
        "1 have the number of another" in failed(changed(ONE_TURN, Event.REPLY_SENT, message=1))["messages_conserved"]
    )


def sends_failed(rows: np.ndarray) -> dict[str, str]:
    found = checks(SALES, rows, fold(SALES, rows))
    return {check.name: check.detail for check in found if not check.passed}


def test_sound_sends_pass_every_check() -> None:
    assert sends_failed(sends_rows()) == {}


def test_no_send_is_lost_or_doubled() -> None:
    rows = sends_rows()
    lost = rows[rows["event"] != Event.SEND_WAITING]
    assert "sale has 4 where 5 were asked for" in sends_failed(lost)["sends_conserved"]
    doubled = rows.copy()
    doubled["message"][doubled["event"] == Event.SEND_WAITING] = 0
    assert "1 twice" in sends_failed(doubled)["sends_conserved"]


def test_no_send_leaves_before_its_request() -> None:
    rows = sends_rows().copy()
    rows["value"][rows["event"] == Event.SEND_FAILED] = 31 * SECOND
    assert "1 before their request" in sends_failed(rows)["sends_conserved"]


def test_the_cap_holds_in_every_half_open_minute() -> None:
    # 2 a minute: at 60 s the first has left the window [0 s, 60 s) …
    assert sends_failed(sends_rows((0, 30, 60))) == {}
    # … and a microsecond earlier it has not
    assert (
        "campaign: 3 sent, at most 3 in 60 s where 2 are allowed"
        in sends_failed(sends_rows((0, 30, 59.999999)))["caps_held"]
    )


def tampered(caps: str, sends: str, at_s: float, **rest: str) -> dict[str, str]:
    """The failed checks of a run of bulk sends whose last message leaves earlier than it may."""
    from test_outbound_stack import capped
    from test_worlds_outbound import bulk
    from worlds import run

    scenario, rows = run(capped(bulk(**{"campaigns": sends, "limits": "whatsapp_agentless: 600000/min", **rest}), caps))
    honest = {check.name: check.detail for check in checks(scenario, rows, fold(scenario, rows)) if not check.passed}
    assert honest == {}
    rows = rows.copy()
    last = np.flatnonzero(rows["event"] == Event.SEND_DELIVERED)[-1]
    rows["time"][last] = round(at_s * SECOND)
    rows = rows[np.argsort(rows["time"], kind="stable")]
    return {check.name: check.detail for check in checks(scenario, rows, fold(scenario, rows)) if not check.passed}


CAMPAIGN = "a: {channel: wa, contacts: 3, start: 2026-03-02 00:00, template: t, opt_in: 100 %}"


def test_a_number_carries_no_more_than_it_can() -> None:
    assert "1 are allowed" in tampered("throughput: 60/min", CAMPAIGN, 1.5)["numbers_held"]


def test_a_tier_begins_with_no_more_customers() -> None:
    assert "at most 3 customers" in tampered("tier: 2", CAMPAIGN, 80_000, duration="30 h")["tiers_held"]


def test_a_pair_pays_its_burst_back() -> None:
    calls = "n: {channel: wa, template: t, arrivals: {trace: [0 s, 0 s, 0 s]}}"
    found = tampered("pair: {burst: 2}", "", 11, notifications=calls, customers="{population: 1}")
    assert "1 before their pair had paid" in found["pairs_held"]


def test_the_time_of_an_agent_is_partitioned() -> None:
    rows = journal(ONE_TURN)
    tables = fold(SCENARIO, rows)
    states = tables["agent_states"].copy()
    for column, value in (("to_us", 5 * SECOND), ("from_us", 1)):
        doctored = states.copy()
        doctored.loc[0, column] = value
        by_name = {check.name: check for check in checks(SCENARIO, rows, tables | {"agent_states": doctored})}
        assert not by_name["agent_time_partitioned"].passed
    by_name = {check.name: check for check in checks(SCENARIO, rows, tables | {"agent_states": states[:-1]})}
    assert "the statuses of 1 agents" in by_name["agent_time_partitioned"].detail


def test_a_status_after_the_end_is_no_part_of_the_run() -> None:
    rows = journal([*ONE_TURN, status(101, 0, RoutingStatus.OFF_QUEUE)])
    by_name = {check.name: check.passed for check in checks(SCENARIO, rows, fold(SCENARIO, rows))}
    assert not by_name["journal_in_order"]
    assert not by_name["agent_time_partitioned"]


def another_alert(at_s: float, until_s: float) -> list[Line]:
    """One more web contact, whose alert at desk/1 expires; who does not accept gets nothing for a while."""
    here = in_portion(1, 1)
    return added(
        ONE_TURN,
        line(1, Event.CONTACT_ARRIVED, **here, message=1, queue=1, agent=0, value=42),
        line(1, Event.CONTACT_STARTED, **here, message=1, value=-1),
        line(1, Event.PORTION_OPENED, **here, message=1, queue=0, value=0),
        line(1, Event.TURN_OPENED, **here, message=1, agent=1, value=0),
        line(1, Event.MESSAGE_RECEIVED, **here, message=9, agent=1, value=1),
        line(1, Event.QUEUE_ENTERED, **here, message=1, queue=0, agent=1, value=5),
        line(at_s, Event.ALERTED, **here, message=1, queue=0, agent=0, value=0),
        line(until_s, Event.ALERT_EXPIRED, **here, message=1, queue=0, agent=0),
        status(until_s, 0, RoutingStatus.NOT_RESPONDING),
    )


def test_an_alert_holds_a_slot_from_the_very_instant_another_is_freed() -> None:
    assert failed(another_alert(55, 85)) == {}
    assert "desk/1 held 2 of 1" in failed(another_alert(54.999999, 85))["slots_within_capacity"]


def test_an_agent_does_one_piece_at_a_time() -> None:
    assert "one_piece_at_a_time" in failed(changed(HAND_BACK, Event.REPLY_STARTED, 2, at_s=99))
    assert "one_piece_at_a_time" in failed(changed(ONE_TURN, Event.WRAP_UP_STARTED, at_s=34))


def test_a_reply_takes_its_effort() -> None:
    """Not a second more or less; what switching costs is on top, and a rewrite."""
    assert "1 do not fit" in failed(changed(ONE_TURN, Event.REPLY_STARTED, value=29 * SECOND))["efforts_worked_off"]
    shorter = changed(ONE_TURN, Event.REPLY_STARTED, value=28 * SECOND)
    switched = line(4, Event.SWITCHED, **C0_AT_QUEUE, message=0, agent=0, value=3 * SECOND)
    assert "efforts_worked_off" in failed(shorter)
    assert "efforts_worked_off" not in failed(added(shorter, switched))


def test_shared_attention_gains_what_its_table_says() -> None:
    """Alone at speed 2, thirty-one seconds of work are done in half the time: thirty-one are too many."""
    fast = SCENARIO.vary({"agents.desk.attention": {"parallel": {"speed": [2]}}})
    assert "1 do not fit" in failed(ONE_TURN, fast)["efforts_worked_off"]
    assert "efforts_worked_off" not in failed(changed(ONE_TURN, Event.REPLY_STARTED, value=62 * SECOND), fast)


def test_limits_by_channel_and_label() -> None:
    nothing_of_the_web = {"whatsapp": 1, "web": 0}
    assert (
        "desk/1 held 1 of channel web, 0 allowed"
        in (failed(ONE_TURN, SCENARIO.vary({"agents.desk.capacity": nothing_of_the_web}))["utilization_kept"])
    )
    assert "utilization_kept" not in failed(
        ONE_TURN, SCENARIO.vary({"agents.desk.capacity": {"whatsapp": 0, "web": 1}})
    )


def test_the_area_under_the_queue_is_the_sum_of_the_waits() -> None:
    assert (
        "integral of the number waiting 115000000 µs, sum of waits 115000000 µs"
        in checked(NO_AGENTS)["area_identity"].detail
    )
    elsewhere = changed(NO_AGENTS, Event.ABANDONED, queue=-1)
    assert (
        "integral of the number waiting 195000000 µs, sum of waits 115000000 µs" in failed(elsewhere)["area_identity"]
    )


def test_a_conversation_reopens_only_inside_the_window() -> None:
    # closed at 692 s, re-opened at 1000 s
    assert failed(SILENT, SCENARIO.vary({"threading.window": "6 min"})) == {}
    assert "1 came after it" in failed(SILENT, SCENARIO.vary({"threading.window": "5 min"}))["threading_window"]


def comes_back(at_s: float) -> list[Line]:
    """The customer of HAND_BACK starts a conversation anew, after the disconnect at 130 s."""
    here = in_portion(1, 1)
    return [
        *HAND_BACK[:-1],
        line(at_s, Event.CONTACT_ARRIVED, **here, message=2, queue=1, agent=1, value=2),
        line(at_s, Event.CONTACT_STARTED, **here, message=2, value=7),
        line(at_s, Event.PORTION_OPENED, **here, message=2, queue=1, value=0),
        line(at_s, Event.TURN_OPENED, **here, message=3, agent=2, value=0),
        line(at_s, Event.MESSAGE_RECEIVED, **here, message=9, agent=2, value=3),
        line(at_s, Event.RUN_ENDED),
    ]


def test_a_new_conversation_begins_at_the_end_of_the_window_and_not_before() -> None:
    assert failed(comes_back(130 + 3600)) == {}
    assert "1 began within it" in failed(comes_back(130 + 3600 - 1e-6))["threading_window"]


@pytest.mark.parametrize("routing", [RoutingStatus.OFF_QUEUE, RoutingStatus.NOT_RESPONDING])
def test_nobody_off_queue_is_alerted(routing: RoutingStatus) -> None:
    away = changed(ONE_TURN, Event.AGENT_STATUS, value=routing)
    assert "1 to an agent who was not on queue" in failed(away)["alerts_on_queue"]


def test_who_goes_at_the_instant_of_the_alert_was_still_there() -> None:
    lines = another_alert(55, 55)
    place = _place(lines, Event.ALERT_EXPIRED, 0)
    lines[place] = (55, Event.ALERT_WITHDRAWN, lines[place][2])
    gone = status(55, 0, RoutingStatus.OFF_QUEUE)
    lines.pop(place + 1)  # he goes: nothing is left to wait for
    assert failed([*lines[: place + 1], gone, *lines[place + 1 :]]) == {}
    assert "alerts_on_queue" in failed([*lines[: place - 1], gone, *lines[place - 1 :]])


def test_nobody_is_on_queue_outside_his_shift() -> None:
    shift = {"from": "07:00", "to": "08:02"}  # the journal begins at 08:00 and lasts 100 s
    assert failed(ONE_TURN, SCENARIO.vary({"agents.desk.shift": shift})) == {}
    late = failed(ONE_TURN, SCENARIO.vary({"agents.desk.shift": shift | {"to": "08:01"}}))
    assert "1 of them outside the shift; desk/1 from 55000000 µs" in late["on_queue_within_plan"]


def test_nobody_is_alerted_while_too_many_are_on_queue() -> None:
    staffing = {"agents": [1, 2], "from": "08:00", "leaves": "idle_first"}
    by_number = SCENARIO.vary({"agents.desk.count": None, "agents.desk.staffing": staffing})
    assert failed(ONE_TURN, by_number) == {}
    nobody = by_number.vary({"agents.desk.staffing.agents": [0, 2]})
    assert "1 alerts in groups" in failed(ONE_TURN, nobody)["on_queue_within_plan"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (line(0.5, Event.FLOW_LEFT, **C0, message=0, value=0), "1 with a sign and still there"),
        (line(0.5, Event.FLOW_TIMED_OUT, **C0, message=0), "1 before 72 h"),
        (line(0.5, Event.FLOW_WAITED, **C0, message=0, queue=0, value=73 * 3600 * SECOND), "1 waits were longer"),
        (line(0.5, Event.TAKEN_FOR, **C0, message=0, value=ORDER), "1 as the right one"),
        (line(2, Event.FLOWED_OUT, **C0_AT_QUEUE, message=0, agent=0, value=0), "1 to where nobody offered them"),
        (line(2, Event.FLOWED_OUT, **C0_AT_QUEUE, message=0, agent=0, value=-1), "1 to where nobody offered them"),
    ],
)
def test_what_a_flow_promises_is_kept(row: Line, said: str) -> None:
    assert said in failed(added(ONE_TURN, row))["flows_followed"]


@pytest.mark.parametrize(
    ("check", "row", "said"),
    [
        ("holds_conserved", line(2, Event.MESSAGE_RELEASED, message=0, queue=0, agent=0), "1 never held"),
        ("nothing_during_outages", line(2, Event.OUTAGE_BEGAN, message=0, value=3 * SECOND), "1 that nobody planned"),
        ("drafts_filtered", line(0.5, Event.DATA_FILTERED, **C0_AT_QUEUE, message=0, agent=0), "1 while nobody wrote"),
    ],
)
def test_trouble_is_only_what_the_scenario_makes(check: str, row: Line, said: str) -> None:
    assert said in failed(added(ONE_TURN, row))[check]


def test_checks_never_raise() -> None:
    found = checks(SCENARIO, np.zeros(3, ROW), {})
    assert [check.name for check in found] == list(LAWS)
    assert any("could not be made" in check.detail for check in found)


def test_every_check_was_seen_to_fail_here() -> None:
    """Whoever adds a check adds a journal that fails it: its name stands in this file or in one beside it."""
    files = sorted(Path(__file__).parent.glob("test_checks*.py"))
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    assert [name for name in LAWS if f'"{name}"' not in text] == []
