"""Checks of times and ranks, and of what was drawn: a sound journal passes, a tampered one fails in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from test_checks import added, changed, failed, without
from test_checks_more import fails_only
from test_records import C0, HAND_BACK, NO_AGENTS, ONE_TURN, SCENARIO, SILENT, Line, in_portion, line
from tiny import tiny

from simulator.engine import simulate
from simulator.journal import ROW
from simulator.records import Promised, checks, fold
from simulator.scenario import Scenario, loads
from simulator.vocabulary.clock import SECOND
from simulator.vocabulary.codes import Event, RoutingStatus
from simulator.workload import draw

A_US = 1e-6
"""One microsecond, in seconds."""


def test_a_status_says_whether_he_has_a_session() -> None:
    """In ONE_TURN he interacts from 4 s to 55 s."""
    early = changed(ONE_TURN, Event.AGENT_STATUS, 1, at_s=4 - A_US)
    assert "for 1 µs of them" in fails_only("statuses_follow_sessions", early)
    late = changed(ONE_TURN, Event.AGENT_STATUS, 2, at_s=55 + A_US)
    assert "for 1 µs of them" in fails_only("statuses_follow_sessions", late)
    dropped = without(ONE_TURN, Event.AGENT_STATUS, 1)
    assert "for 51000000 µs of them" in failed(dropped)["statuses_follow_sessions"]
    # who gets nothing, or is off queue, may still have one
    assert failed(changed(ONE_TURN, Event.AGENT_STATUS, 1, value=RoutingStatus.NOT_RESPONDING)) == {}


def test_an_alert_rings_out_at_its_timeout() -> None:
    """In SILENT it rings from 30 s to 60 s."""
    assert "1 of them not at their timeout" in fails_only(
        "timers_kept", SILENT, SCENARIO.vary({"queues.service.alerting_timeout": "29 s"})
    )


def test_a_silent_conversation_is_closed_after_so_long_and_not_before() -> None:
    """In SILENT the reply leaves at 92 s, the agent closes at 692 s."""
    for allowed in ("10 min", "9 min 59 s"):
        scenario = SCENARIO.vary({"queues.service.close_after": allowed})
        assert ("timers_kept" in failed(SILENT, scenario)) is (allowed != "10 min")
    word = line(100, Event.MESSAGE_RECEIVED, **C0, message=8, agent=0, value=0)
    assert "1 of them too early or too late" in failed(added(SILENT, word))["timers_kept"]


@pytest.mark.parametrize(
    ("work", "good"),
    [
        ({"mode": "OPTIONAL", "share": "50 %", "takes": "20 s"}, True),
        ({"mode": "MANDATORY", "takes": "20 s"}, True),
        ({"mode": "MANDATORY_TIMEOUT", "takes": "20 s", "timeout": "20 s"}, True),
        ({"mode": "MANDATORY_TIMEOUT", "takes": "20 s", "timeout": "19 s"}, False),
        ({"mode": "MANDATORY_FORCED_TIMEOUT", "timeout": "20 s"}, True),
        ({"mode": "MANDATORY_FORCED_TIMEOUT", "timeout": "21 s"}, False),
    ],
)
def test_a_wrap_up_keeps_its_queues_timeout(work: dict[str, Any], good: bool) -> None:
    """In ONE_TURN it lasts 20 s."""
    scenario = SCENARIO.vary({"queues.service.after_call_work": work})
    assert ("timers_kept" in failed(ONE_TURN, scenario)) is not good


def test_a_mandatory_wrap_up_is_not_left_out() -> None:
    scenario = SCENARIO.vary({"queues.service.after_call_work": {"takes": "20 s"}})
    skipped = changed(without(ONE_TURN, Event.WRAP_UP_STARTED), Event.SESSION_ENDED, at_s=35)
    assert "1 with a wrap-up that its queue does not allow" in failed(skipped, scenario)["timers_kept"]
    none = SCENARIO.vary({"queues.service.after_call_work": None})
    assert "1 with a wrap-up" in failed(ONE_TURN, none)["timers_kept"]


def test_nobody_idles_beside_work() -> None:
    """In ONE_TURN the agent connects at 4 s, when the burst is in."""
    later = changed(ONE_TURN, Event.REPLY_STARTED, at_s=5, value=30 * SECOND)
    assert "did nothing for 1000000 µs" in fails_only("no_idle_desk", later)
    burst = changed(later, Event.MESSAGE_RECEIVED, 1, at_s=5)
    place = [event for _, event, _ in burst].index(Event.REPLY_STARTED)
    burst[place], burst[place + 1] = burst[place + 1], burst[place]
    assert "no_idle_desk" not in failed(burst)  # the last message came in at 5 s


def in_flow(end_s: float) -> list[Line]:
    """A contact whom nothing happens to."""
    here = in_portion(0, 1)
    return [
        line(0, Event.CONTACT_ARRIVED, **here, message=0, queue=1, agent=0, value=0),
        line(0, Event.CONTACT_STARTED, **here, message=0, value=-1),
        line(0, Event.PORTION_OPENED, **here, message=0, queue=0, value=0),
        line(0, Event.TURN_OPENED, **here, message=0, agent=0, value=0),
        line(0, Event.MESSAGE_RECEIVED, **here, message=0, agent=0, value=0),
        line(end_s, Event.RUN_ENDED),
    ]


def test_nobody_stays_in_a_flow_for_longer_than_its_longest_step() -> None:
    """A flow answer lasts 20 s, a wait at most 80 s."""
    waits = SCENARIO.vary({"flows.front_door": [{"wait": {"time": {"uniform": {"low": "1 s", "high": "80 s"}}}},
                                                {"transfer": {"queue": "service"}}]})  # fmt: skip
    assert failed(in_flow(80), waits) == {}
    assert "1 of these have rested" in fails_only("no_one_lost", in_flow(80.1), waits)
    assert "no_one_lost" in failed(in_flow(21))


def test_nobody_disconnects_where_the_platform_does_not_let_him() -> None:
    on_whatsapp = [
        (at, event, columns | {"queue": 1} if event == Event.PORTION_OPENED else columns)
        for at, event, columns in NO_AGENTS
    ]
    assert "left_as_they_may" not in failed(NO_AGENTS)
    assert "1 of them where the platform" in failed(on_whatsapp)["left_as_they_may"]


def two_waiting(first_alerted: int, priority: int = 5) -> list[Line]:
    """Two contacts wait from 1 s and from 2 s; the agent comes at 10 s and takes one of them."""
    lines = [line(10, Event.AGENT_STATUS, message=1, agent=0, value=RoutingStatus.IDLE)]
    for number in (0, 1):
        here = in_portion(number, 1)
        at = number + 1
        lines += [
            line(at, Event.CONTACT_ARRIVED, **here, message=number, queue=1, agent=0, value=number),
            line(at, Event.CONTACT_STARTED, **here, message=number, value=-1),
            line(at, Event.PORTION_OPENED, **here, message=number, queue=0, value=0),
            line(at, Event.TURN_OPENED, **here, message=number, agent=number, value=0),
            line(at, Event.MESSAGE_RECEIVED, **here, message=number, agent=number, value=number),
            line(at, Event.QUEUE_ENTERED, **here, message=number, queue=0, agent=number, value=(5, priority)[number]),
        ]
    lines.append(line(10, Event.ALERTED, **in_portion(first_alerted, 1), message=first_alerted, queue=0, agent=0))
    return [*sorted(lines, key=lambda row: row[0]), line(20, Event.RUN_ENDED)]


def test_whoever_ranks_higher_goes_first() -> None:
    assert failed(two_waiting(0)) == {}
    assert "1 ended with an alert while" in fails_only("served_by_rank", two_waiting(1))
    # one unit of priority is a minute
    assert failed(two_waiting(1, priority=6)) == {}
    assert "1 ended" in fails_only("served_by_rank", two_waiting(0, priority=6))


def test_a_priority_alone_decides_where_the_queue_says_so() -> None:
    by_priority = SCENARIO.vary({"queues.service.scoring": "PriorityOnly"})
    assert failed(two_waiting(0), by_priority) == {}
    assert "served_by_rank" in failed(two_waiting(1), by_priority)
    assert "served_by_rank" in failed(two_waiting(0, priority=6), by_priority)


def test_everybody_is_there_from_logging_on_to_logging_off() -> None:
    """Shift 00:10-00:40 with a break of 5 min; a status that comes a µs too early or too late is noticed."""
    shift = 'shift: {from: "00:10", to: "00:40", breaks: [{at: "00:20", for: 5 min}]}'
    scenario = loads(tiny("11 min", agents=shift))
    workload = draw(scenario, 0)
    rows = simulate(scenario, workload)
    home = np.flatnonzero(rows["event"] == Event.AGENT_STATUS)[-1]
    for by_us, passed in ((0, True), (-1, False), (1, False)):
        moved = rows.copy()
        moved["time"][home] += by_us
        found = {one.name: one for one in checks(scenario, moved, fold(scenario, moved), Promised.of(workload))}
        assert found["shifts_followed"].passed is passed
        said = f"desk/1 {30 * 60 * SECOND + by_us} µs instead of {30 * 60 * SECOND} µs"
        assert (
            passed or found["shifts_followed"].detail == f"1 shifts, 1 agents were not there as long as planned; {said}"
        )


# --- what was drawn ------------------------------------------------------------------------------------------------

LIFE = tiny(
    ", ".join(f"{20 * i} s" for i in range(30)),
    behaviour="turns: 2, think: {exponential: {mean: 30 s}}, patience: {exponential: {mean: 40 s}}, "
    "gives_up: {silent: 50 %, abandon: 50 %}",
    queue="answer_time: {uniform: {low: 1 s, high: 5 s}}, after_call_work: {takes: {exponential: {mean: 9 s}}}",
    agents="count: 2, reply: {effort: {exponential: {mean: 20 s}}}",
)


def as_drawn(tamper: Any = None) -> str:
    scenario = loads(LIFE)
    workload = draw(scenario, 0)
    rows = simulate(scenario, workload).copy()
    if tamper is not None:
        rows = tamper(rows)
        rows = rows[np.argsort(rows["time"], kind="stable")]
    found = {check.name: check for check in checks(scenario, rows, fold(scenario, rows), Promised.of(workload))}
    assert found["as_drawn"].passed is (tamper is None)
    return found["as_drawn"].detail


def shifted(event: Event, by_us: int, nth: int = -1) -> Any:
    def tamper(rows: np.ndarray) -> np.ndarray:
        rows["time"][np.flatnonzero(rows["event"] == event)[nth]] += by_us
        return rows

    return tamper


def longer(rows: np.ndarray) -> np.ndarray:
    started = rows["event"] == Event.REPLY_STARTED
    rows["value"][started] = rows["value"][started] * 97 // 100
    return rows


def without_the_last_arrival(rows: np.ndarray) -> np.ndarray:
    last = np.flatnonzero(rows["event"] == Event.CONTACT_ARRIVED)[-1]
    return rows[: last if rows.dtype == ROW else 0]


def test_what_was_drawn_is_what_happened() -> None:
    assert as_drawn() == (
        "30 arrivals; patience: 30 compared; answer times: 14 compared; efforts: 16 compared; think times: 2 compared; "
        "wrap-ups: 12 compared"
    )


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (shifted(Event.CONTACT_ARRIVED, 1), "arrivals, 1 are not"),
        (without_the_last_arrival, "arrivals, 1 are not"),
        (shifted(Event.ABANDONED, 1), "patience: 30 compared, 1 are not"),
        (shifted(Event.GAVE_UP, 1), "patience: 30 compared, 1 are not"),
        (shifted(Event.CONNECTED, -1, 0), "answer times: 14 compared, 1 are not"),
        (longer, "efforts: 16 compared, 16 are not"),
        (shifted(Event.REPLY_SENT, 1, 0), "think times: 2 compared, 1 are not"),
        (shifted(Event.SESSION_ENDED, 1, -1), "wrap-ups: 12 compared, 1 are not"),
    ],
)
def test_a_us_more_or_less_is_noticed(tamper: Any, said: str) -> None:
    assert said in as_drawn(tamper)


def test_who_gives_up_how_was_drawn_too() -> None:
    """GAVE_UP instead of ABANDONED, of the same contact at the same time."""

    def tamper(rows: np.ndarray) -> np.ndarray:
        rows["event"][np.flatnonzero(rows["event"] == Event.ABANDONED)[0]] = Event.GAVE_UP
        return rows

    assert "patience: 30 compared, 1 are not" in as_drawn(tamper)


def test_without_a_workload_nothing_is_compared() -> None:
    assert "no workload at hand" in {check.detail for check in checks_of(HAND_BACK, SCENARIO)}


def checks_of(lines: list[Line], scenario: Scenario) -> list[Any]:
    from test_records import journal

    rows = journal(lines)
    return checks(scenario, rows, fold(scenario, rows))
