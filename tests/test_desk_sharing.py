"""Tiny worlds, worked out by hand: several conversations worked on at once."""

from __future__ import annotations

import pytest
from tiny import lines, only, tiny
from worlds import run

from simulator.records import checks, fold
from simulator.vocabulary.codes import Event

WORK = (
    Event.REPLY_STARTED, Event.REPLY_SENT, Event.WRAP_UP_STARTED, Event.SESSION_ENDED, Event.PORTION_DISCONNECTED,
)  # fmt: skip
CHAT = (Event.REPLY_STARTED, Event.REPLY_SENT)


def shared(speed: str, more: str = "capacity: 2") -> str:
    return f"{more}, attention: {{parallel: {{speed: [{speed}]}}}}"


def sessions(text: str):
    """The table of sessions of a world that adds up."""
    scenario, rows = run(text)
    tables = fold(scenario, rows)
    assert [check for check in checks(scenario, rows, tables) if not check.passed] == []
    return tables["sessions"]


def test_two_at_once():
    """Alone 1, two together 1.6, so 0.8 each. The first has 5 s left when the second comes, which take 6.25 s; in
    these the second gains 5 s of its 10 and is alone again."""
    text = tiny("0 s, 5 s", agents=shared("1, 1.6"))
    assert only(text, *WORK) == lines("""
        0 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        5 REPLY_STARTED c1.1 m1 q0 a0 v10000000
        11.25 REPLY_SENT c0.1 m2 q0 a0
        11.25 PORTION_DISCONNECTED c0.1 a0 v1
        11.25 SESSION_ENDED c0.1 m0 q0 a0
        16.25 REPLY_SENT c1.1 m3 q0 a0 v1
        16.25 PORTION_DISCONNECTED c1.1 a0 v1
        16.25 SESSION_ENDED c1.1 m1 q0 a0
    """)
    # attention: 5 s alone and half of 6.25 s; half of 6.25 s and 5 s alone. Together all of the 16.25 s
    assert sessions(text)["t_work_us"].tolist() == [8_125_000, 8_125_000]


def test_linear_speeds_are_as_good_as_so_many_agents():
    """Speeds 1, 2, 3: nobody slows anybody down."""
    text = tiny("0 s, 2 s, 4 s", agents=shared("1, 2, 3", "capacity: 3"))
    assert [line.split()[0] for line in only(text, Event.REPLY_SENT)] == ["10", "12", "14"]


def test_a_total_speed_of_one_is_processor_sharing():
    """Three at once at a third each: at 30 s, the second in the same microsecond."""
    text = tiny("0 s, 0 s, 0 s", agents=shared("1", "capacity: 3"))
    assert only(text, Event.REPLY_SENT) == lines("""
        30 REPLY_SENT c0.1 m3 q0 a0
        30 REPLY_SENT c1.1 m4 q0 a0 v1
        30 REPLY_SENT c2.1 m5 q0 a0 v2
    """)


def test_nothing_is_lost_by_rounding():
    """0.35 each: the first's last 5 s take 14.285714 and two sevenths of a µs, so it is done a µs later. Alone again,
    the second has gained 5.00000025 s and needs 4,999,999.75 µs more: no quarter of a µs is given away."""
    _, rows = run(tiny("0 s, 5 s", agents=shared("1, 0.7")))
    sent = rows["time"][rows["event"] == Event.REPLY_SENT].tolist()
    assert sent == [19_285_715, 24_285_715]
    # pair after pair, 28,571,428 and four sevenths of a µs each: a piece ends with its µs, and there the next begins
    _, rows = run(tiny(", ".join(["0 s"] * 200), agents=shared("0.7, 0.7"), duration="2 h"))
    assert rows["time"][rows["event"] == Event.REPLY_SENT].max() == 100 * 28_571_429


def test_a_wrap_up_is_work_too():
    """Two replies at half speed until 20 s; each wrap-up follows at once and they share again: 4 s take 8."""
    text = tiny("0 s, 0 s", queue="auto_answer: true, after_call_work: {takes: 4 s}", agents=shared("1"))
    assert only(text, *WORK) == lines("""
        0 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        0 REPLY_STARTED c1.1 m1 q0 a0 v10000000
        20 REPLY_SENT c0.1 m2 q0 a0
        20 PORTION_DISCONNECTED c0.1 a0 v1
        20 WRAP_UP_STARTED c0.1 m0 q0 a0 v4000000
        20 REPLY_SENT c1.1 m3 q0 a0 v1
        20 PORTION_DISCONNECTED c1.1 a0 v1
        20 WRAP_UP_STARTED c1.1 m1 q0 a0 v4000000
        28 SESSION_ENDED c0.1 m0 q0 a0
        28 SESSION_ENDED c1.1 m1 q0 a0
    """)
    assert sessions(text)["t_work_us"].tolist() == [14_000_000, 14_000_000]


@pytest.mark.parametrize(
    ("wrap_up", "told"),
    [
        # reply done at 10; the second comes at 12 and shares: the wrap-up has 2 s behind it
        ("{takes: 10 s}", ["28 SESSION_ENDED c0.1", "30 REPLY_SENT c1.1"]),  # 8 s more at half speed: 28
        # the platform ends it at 20; until then the second has gained 4 s, the other 6 s it has for itself
        ("{mode: MANDATORY_TIMEOUT, timeout: 10 s, takes: 10 s}", ["20 SESSION_ENDED c0.1", "26 REPLY_SENT c1.1"]),
        ("{mode: MANDATORY_TIMEOUT, timeout: 10 s, takes: 4 s}", ["16 SESSION_ENDED c0.1", "24 REPLY_SENT c1.1"]),
        # a forced one takes its share of attention until its timeout
        ("{mode: MANDATORY_FORCED_TIMEOUT, timeout: 10 s}", ["20 SESSION_ENDED c0.1", "26 REPLY_SENT c1.1"]),
    ],
)
def test_wrap_up_timeouts_on_a_shared_desk(wrap_up, told):
    text = tiny("0 s, 12 s", queue=f"auto_answer: true, after_call_work: {wrap_up}", agents=shared("1"))
    seen = [" ".join(line.split()[:3]) for line in only(text, Event.SESSION_ENDED, Event.REPLY_SENT)]
    assert [line for line in seen if line in told] == told
    sessions(text)


def test_a_break_waits_for_all_that_has_begun_and_nothing_new_begins():
    """Break at 8 s. Two replies share until 20 s; a third message comes at 15 s and waits until the break is over."""
    shift = 'shift: {from: "00:00", to: "08:00", breaks: [{at: "00:00:08", for: 60 s}]}'
    text = tiny(
        "0 s, 0 s",
        behaviour="turns: 2, think: 1 s",
        queue="auto_answer: true",
        agents=shared("1", f"capacity: 2, {shift}"),
        duration="5 min",
    )
    assert only(text, *CHAT, Event.AGENT_STATUS) == lines("""
        0 AGENT_STATUS m0 a0
        0 AGENT_STATUS m1 a0 v1
        0 AGENT_STATUS m1 a0 v2
        0 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        0 REPLY_STARTED c1.1 m1 q0 a0 v10000000
        20 REPLY_SENT c0.1 m2 q0 a0
        20 REPLY_SENT c1.1 m3 q0 a0 v1
        20 AGENT_STATUS m2 a0                       # the break, in full length
        80 AGENT_STATUS m1 a0 v2
        80 REPLY_STARTED c0.1 m2 q0 a0 v10000000    # written at 21
        80 REPLY_STARTED c1.1 m3 q0 a0 v10000000
        100 REPLY_SENT c0.1 m6 q0 a0 v2
        100 REPLY_SENT c1.1 m7 q0 a0 v3
        100 AGENT_STATUS m1 a0 v1
    """)


def test_the_end_of_the_shift_waits_for_all_that_has_begun():
    """Shift end at 15 s, without any time to finish: both replies under way are finished, at 20 s; both conversations
    have a turn to come and nothing unanswered, so they are left to threading."""
    shift = 'shift: {from: "00:00", to: "00:00:15"}'
    text = tiny(
        "0 s, 0 s", behaviour="turns: 2, think: 1 h", agents=shared("1", f"capacity: 2, {shift}"), duration="5 min"
    )
    assert only(text, Event.REPLY_SENT, Event.PORTION_DISCONNECTED) == lines("""
        20 REPLY_SENT c0.1 m2 q0 a0
        20 REPLY_SENT c1.1 m3 q0 a0 v1
        20 PORTION_DISCONNECTED c0.1 a0 v6
        20 PORTION_DISCONNECTED c1.1 a0 v6
    """)


def test_serial_attention_is_capacity_with_one_piece_at_a_time():
    """The knob changes something: the same customers, one after the other."""
    serial = only(tiny("0 s, 5 s", agents="capacity: 2"), Event.REPLY_SENT)
    assert [line.split()[0] for line in serial] == ["10", "20"]


def test_many_desks_are_independent():
    """The completion of one desk does not disturb another's: each alone with its conversation."""
    text = tiny("0 s, 1 s, 2 s", agents=shared("1, 0.5", "count: 3, capacity: 2"))
    assert [line.split()[0] for line in only(text, Event.REPLY_SENT)] == ["10", "11", "12"]


def test_speed_and_sharing_together():
    """An agent's own speed divides the effort, then the table applies: 10 s at speed 2 are 5 s."""
    text = tiny("0 s, 0 s", agents=shared("1", "capacity: 2, speed: 2"))
    assert [line.split()[0] for line in only(text, Event.REPLY_SENT)] == ["10", "10"]
