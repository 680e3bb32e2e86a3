"""Every check passes on a sound journal and fails, in words, on one that was tampered with."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_records import (
    C0,
    C0_AT_QUEUE,
    HAND_BACK,
    NO_AGENTS,
    ONE_TURN,
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
    assert "sale has 4 where 5 to 5 were asked for" in sends_failed(lost)["sends_conserved"]
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
    """One more web contact, whose alert at desk/1 expires."""
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
    )


def test_an_alert_holds_a_slot_from_the_very_instant_another_is_freed() -> None:
    assert failed(another_alert(55, 85)) == {}
    assert "desk/1 held 2 of 1" in failed(another_alert(54.999999, 85))["slots_within_capacity"]


def test_an_agent_does_one_piece_at_a_time() -> None:
    assert "one_piece_at_a_time" in failed(changed(HAND_BACK, Event.REPLY_STARTED, 2, at_s=99))
    assert "one_piece_at_a_time" in failed(changed(ONE_TURN, Event.WRAP_UP_STARTED, at_s=34))


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
        line(4000, Event.RUN_ENDED),
    ]


def test_a_new_conversation_begins_at_the_end_of_the_window_and_not_before() -> None:
    assert failed(comes_back(130 + 3600)) == {}
    assert "1 began within it" in failed(comes_back(130 + 3600 - 1e-6))["threading_window"]


@pytest.mark.parametrize("routing", [RoutingStatus.OFF_QUEUE, RoutingStatus.NOT_RESPONDING])
def test_nobody_off_queue_is_alerted(routing: RoutingStatus) -> None:
    away = changed(ONE_TURN, Event.AGENT_STATUS, value=routing)
    assert "1 to an agent who was not on queue" in failed(away)["alerts_on_queue"]


def test_who_goes_at_the_instant_of_the_alert_was_still_there() -> None:
    lines = another_alert(60, 60)
    place = _place(lines, Event.ALERT_EXPIRED, 0)
    gone = status(60, 0, RoutingStatus.OFF_QUEUE)
    assert failed([*lines[: place + 1], gone, *lines[place + 1 :]]) == {}
    assert "alerts_on_queue" in failed([*lines[: place - 1], gone, *lines[place - 1 :]])


def test_checks_never_raise() -> None:
    found = checks(SCENARIO, np.zeros(3, ROW), {})
    assert [check.name for check in found] == list(LAWS)
    assert any("could not be made" in check.detail for check in found)


def test_every_check_was_seen_to_fail_here() -> None:
    """Whoever adds a check adds a journal that fails it: its name stands in this file."""
    with open(__file__, encoding="utf-8") as file:
        text = file.read()
    assert [name for name in LAWS if f'"{name}"' not in text] == []
