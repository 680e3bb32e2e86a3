"""What is measured at the desk: nothing exceeds 100 %, shares of attention add up, the trace tells what happened."""

from __future__ import annotations

import pytest
from tiny import tiny
from worlds import run

from simulator.metrics import intervals, measure
from simulator.metrics.parts import ALL
from simulator.records import fold
from simulator.reports.trace import tell

SHARED = "capacity: 2, attention: {parallel: {speed: [1, 1.6]}}"


def values(text: str, scope: tuple[tuple[str, str], ...] = ALL) -> dict[str, float]:
    """Every measure of a tiny world, its whole hour measured; nan where there is nothing to divide by."""
    scenario, rows = run(text)
    found = measure(scenario, fold(scenario, rows), int(rows["time"][-1]))
    parts = {name: by_scope[scope] for name, by_scope in found.items() if scope in by_scope}
    return {name: part.numerator / part.denominator for name, part in parts.items() if part.denominator}


def test_attention_never_exceeds_a_second_a_second():
    """Two at once from 5 to 11.25 s: at work for 16.25 s, 22.5 s of conversations."""
    found = values(tiny("0 s, 5 s", agents=SHARED))
    assert found["occupancy_work"] == pytest.approx(16.25 / 3600)
    assert found["attention_hours"] == pytest.approx(16.25 / 3600)
    assert found["worked_together"] == pytest.approx(22.5 / 16.25)
    assert found["tWork"] == pytest.approx(8.125)
    assert found["occupancy_slots"] == pytest.approx(22.5 / 7200)
    assert found["overtime_attention"] == 0


def test_a_full_shared_desk_is_at_100_percent_and_not_above():
    text = tiny(", ".join(["0 s"] * 800), agents="capacity: 3, attention: {parallel: {speed: [1]}}", duration="1 h")
    found = values(text)
    for name in ("occupancy_work", "occupancy_slots", "occupancy_status"):
        assert found[name] == pytest.approx(1.0)
        assert found[name] <= 1
    assert found["worked_together"] == pytest.approx(3)


def test_intervals_share_attention_between_queues():
    """One agent, two queues, two conversations at once for 20 s: ten seconds of attention for each."""
    text = (
        tiny(
            "0 s",
            agents="queues: [line, other], capacity: 2, attention: {parallel: {speed: [1]}}",
            others="sms: {platform: web messaging, flow: side, arrivals: {trace: [0 s]}, topics: {ask: 100 %}}",
        )
        .replace("flows: {", "flows: {side: [{transfer: {queue: other}}], ")
        .replace("queues: {line", "queues: {other: {auto_answer: true}, line")
    )
    scenario, rows = run(text)
    table = intervals(scenario, fold(scenario, rows), int(rows["time"][-1]))
    first = table[table["start_us"] == 0].set_index("queue")
    assert first.loc["line", "attention_load"] == pytest.approx(10 / 1800)
    assert first.loc["other", "attention_load"] == pytest.approx(10 / 1800)
    assert first.loc["line", "occupancy_work"] == pytest.approx(20 / 1800)


PARK = {
    "behaviour": "turns: 2, think: 1 h",
    "queue": "auto_answer: true, close_after: 1 min, park: {after: 10 s, for: 2 min}",
}


def test_parking():
    """Parked 20 to 140 and 155 to 275, closed at 200 and 335. From 140 to 155 two are held where one is allowed."""
    found = values(tiny("0 s, 135 s", **PARK, duration="10 min"))
    assert found["nParked"] == 2
    assert found["tPark"] == 120
    assert found["parked_mean"] == pytest.approx(240 / 600)
    assert found["returned_on_time_share"] == 1
    assert found["over_capacity_hours"] == pytest.approx(15 / 3600)
    # slots: 0 to 20, 135 to 200 and 275 to 335, the 15 s of two counted once
    assert found["occupancy_slots"] == pytest.approx((20 + 65 + 60) / 600)
    assert found["tHandle"] == pytest.approx((200 - 120 + 200 - 120) / 2)
    assert found["occupancy_status"] == pytest.approx((20 + 65 + 60) / 600)


def test_switching_and_inactivity():
    found = values(tiny("0 s, 5 s", agents="capacity: 2, switching: 3 s"))
    assert found["switching_hours"] == pytest.approx(3 / 3600)
    assert found["attention_hours"] == pytest.approx(23 / 3600)
    found = values(
        tiny(
            "0 s, 1 s",
            queue="auto_answer: true, inactivity_timeout: 2 min",
            agents="capacity: 2, reply: {effort: 5 min}",
        )
    )
    assert (found["nInactive"], found["nTimedOut"]) == (1, 1)


def test_held_for_one_that_interrupts():
    """Light work from 0 to 620, heavy from 100 to 720 beside it, which may interrupt it: held 520 s; 2 sessions."""
    text = tiny(
        "0 s",
        behaviour="turns: 2, think: 10 min",
        topic="label: light",
        topics="hard: {behaviour: plain, label: heavy}",
        agents="capacity: 2, "
        "utilization: {labels: {light: {capacity: 1, interrupted_by: [heavy]}, heavy: {capacity: 1}}}",
        others="sms: {platform: web messaging, flow: door, arrivals: {trace: [100 s]}, topics: {hard: 100 %}}",
    )
    assert values(text)["tHeld"] == pytest.approx(520 / 2)
    assert values(text, (("group", "desk"),))["tHeld"] == pytest.approx(260)


# --- told ------------------------------------------------------------------------------------------------------


def story(text: str, conversation: str = "web/0") -> str:
    scenario, rows = run(text)
    return "\n".join(tell(fold(scenario, rows), conversation, scenario))


def test_the_trace_tells_of_parking():
    told = story(tiny("0 s, 135 s", **PARK, duration="10 min"))
    assert "00:00:20  desk/1 parks it after 10 s of silence: it holds no slot until the customer writes" in told
    assert "00:02:20  Its time is over, nobody has written: it is back from parking, however many desk/1 holds" in told


def test_the_trace_tells_of_sharing_switching_and_inactivity():
    told = story(tiny("0 s, 5 s", agents=SHARED))
    assert "of desk/1's attention: conversations that have work at the same time share it equally." in told
    told = story(tiny("0 s, 5 s", agents="capacity: 2, switching: 3 s"), "web/1")
    assert "Of desk/1's attention 3 s were lost by turning to it from other conversations." in told
    silent = {"behaviour": "turns: 2, think: 1 h", "duration": "10 min"}
    told = story(tiny(queue="auto_answer: true, close_after: never, inactivity_timeout: 2 min", **silent))
    assert "00:02:10  Portion 1 is disconnected: the platform's inactivity timer ran out" in told
    told = story(
        tiny(queue="auto_answer: true, inactivity_timeout: 2 min, inactivity_flow: end", **silent).replace(
            "flows: {", "flows: {end: [{send: {}}, {disconnect: {}}], "
        )
    )
    assert "Nobody has written for 2 min: the inactivity timer takes it from desk/1 and through a flow." in told
