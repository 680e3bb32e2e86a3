"""Tiny worlds, worked out by hand: staffing by interval, several shifts, meals and meetings, late log-on, the ways a
shift may end."""

from __future__ import annotations

import pytest
from tiny import STATUS, lines, only, tiny
from worlds import run

from simulator.records import fold
from simulator.records.checks import checks
from simulator.vocabulary.codes import Event

SHIFT = 'shift: {from: "00:00", to: "00:10"}'


def staffed(arrivals: str, staffing: str, more: str = "", **kwargs: str) -> str:
    """A tiny world whose desk is staffed by interval."""
    return tiny(arrivals, agents=f"staffing: {{{staffing}}}, {more}", **kwargs).replace("count: 1, ", "")


def shifted(arrivals: str, shifts: str, more: str = "", **kwargs: str) -> str:
    """A tiny world whose desk has several shifts."""
    return tiny(arrivals, agents=f"shifts: [{shifts}], {more}", **kwargs)


def all_hold(text: str) -> None:
    scenario, rows = run(text)
    assert [check for check in checks(scenario, rows, fold(scenario, rows)) if not check.passed] == []


# --- staffing by interval --------------------------------------------------------------------------------------


def test_agent_i_is_there_while_the_figure_is_above_i():
    """1, 2, 1, 0: the second comes at the second interval and goes first."""
    text = staffed("1 h", "every: 10 min, agents: [1, 2, 1, 0]")
    assert only(text, STATUS) == lines("""
        0 AGENT_STATUS m0 a0
        0 AGENT_STATUS m0 a1
        0 AGENT_STATUS m1 a0 v1
        600 AGENT_STATUS m1 a1 v1
        1200 AGENT_STATUS m0 a1
        1800 AGENT_STATUS m0 a0
    """)
    all_hold(text)


def test_the_last_number_goes_whatever_he_does():
    """The second agent is at work when his interval ends: he finishes the piece as overtime, the first goes on."""
    text = staffed("0 s, 610 s, 1210 s", "every: 10 min, agents: [1, 2, 1, 1]", "reply: {effort: 11 min}")
    kept = only(text, STATUS, Event.CONNECTED, Event.REPLY_SENT)
    # the first: 0 to 660, then free until the third comes at 1210; the second: 610 to 1270, due to go at 1200
    assert kept[2:] == lines("""
        0 AGENT_STATUS m1 a0 v1
        0 CONNECTED c0.1 m0 q0 a0
        0 AGENT_STATUS m1 a0 v2
        600 AGENT_STATUS m1 a1 v1
        610 CONNECTED c1.1 m1 q0 a1 v1
        610 AGENT_STATUS m1 a1 v2
        660 REPLY_SENT c0.1 m2 q0 a0
        660 AGENT_STATUS m1 a0 v1
        1200 AGENT_STATUS m4 a1
        1210 CONNECTED c2.1 m2 q0 a0 v2
        1210 AGENT_STATUS m1 a0 v2
        1270 REPLY_SENT c1.1 m4 q0 a1 v1
        1270 AGENT_STATUS m0 a1
        1870 REPLY_SENT c2.1 m5 q0 a0 v2
        1870 AGENT_STATUS m1 a0 v1
        2400 AGENT_STATUS m0 a0
    """)
    all_hold(text)


def test_idle_first_lets_the_idle_go():
    """Of two idle agents the higher number goes; where he talks, the first goes, though his number is smaller."""
    both_idle = staffed("0 s, 10 s", "every: 10 min, agents: [2, 1, 0], leaves: idle_first", "reply: {effort: 5 min}")
    assert only(both_idle, STATUS)[-2:] == ["600 AGENT_STATUS m0 a1", "1200 AGENT_STATUS m0 a0"]
    late = staffed("0 s, 400 s", "every: 10 min, agents: [2, 1, 0], leaves: idle_first", "reply: {effort: 5 min}")
    # the contact of 400 s goes to the second, who has never worked; the first is idle at 600
    assert only(late, STATUS)[-3:] == lines("""
        600 AGENT_STATUS m0 a0
        700 AGENT_STATUS m1 a1 v1
        1200 AGENT_STATUS m0 a1
    """)
    all_hold(late)


def test_idle_first_and_all_at_work():
    """Nobody is idle at the edge: whoever is done next goes instead of taking the next, and only one."""
    text = staffed(
        "0 s, 10 s, 20 s, 30 s", "every: 10 min, agents: [2, 1, 1, 0], leaves: idle_first", "reply: {effort: 700 s}"
    )
    kept = only(text, Event.CONNECTED, Event.REPLY_SENT, STATUS)
    assert kept[2:] == lines("""
        0 AGENT_STATUS m1 a0 v1
        0 CONNECTED c0.1 m0 q0 a0                   # matching runs after each event
        0 AGENT_STATUS m1 a0 v2
        0 AGENT_STATUS m1 a1 v1
        10 CONNECTED c1.1 m1 q0 a1 v1
        10 AGENT_STATUS m1 a1 v2
        700 REPLY_SENT c0.1 m4 q0 a0
        700 AGENT_STATUS m0 a0                      # one too many since 600
        710 REPLY_SENT c1.1 m5 q0 a1 v1
        710 AGENT_STATUS m1 a1 v1
        710 CONNECTED c2.1 m2 q0 a1 v2
        710 AGENT_STATUS m1 a1 v2
        1410 REPLY_SENT c2.1 m6 q0 a1 v2
        1410 AGENT_STATUS m1 a1 v1
        1410 CONNECTED c3.1 m3 q0 a1 v3
        1410 AGENT_STATUS m1 a1 v2
        2110 REPLY_SENT c3.1 m7 q0 a1 v3
        2110 AGENT_STATUS m0 a1                     # nobody is wanted since 1800
    """)
    all_hold(text)


def test_idle_first_and_more_are_wanted_again():
    """Who should have gone and had no time stays where more are wanted again before he is done."""
    text = staffed("0 s, 10 s", "every: 10 min, agents: [2, 1, 2, 0], leaves: idle_first", "reply: {effort: 21 min}")
    gone = [line for line in only(text, STATUS) if " m0 " in line]
    assert gone[2:] == ["1800 AGENT_STATUS m0 a1", "1800 AGENT_STATUS m0 a0"]  # idle since 1260 and 1270


def test_staffing_that_began_before_the_start_is_there():
    """Nights: an interval that began the day before finds its agents there before the first message."""
    text = staffed("0 s", 'from: "23:00", every: 2 h, agents: [1, 0]', queue="auto_answer: true, max_waiting: 0")
    assert only(text, Event.QUEUE_BLOCKED, Event.CONNECTED) == ["0 CONNECTED c0.1 m0 q0 a0"]


def test_breaks_on_top_of_staffing():
    """A break is for those who are there all its time: the first has it, the second comes in the middle of it."""
    text = staffed("1 h", 'every: 10 min, agents: [1, 2, 2, 0], breaks: [{name: meal, at: "00:08", for: 5 min}]')
    assert only(text, STATUS)[3:] == lines("""
        480 AGENT_STATUS m5 a0
        600 AGENT_STATUS m1 a1 v1
        780 AGENT_STATUS m1 a0 v1
        1800 AGENT_STATUS m0 a0
        1800 AGENT_STATUS m0 a1
    """)


def test_everybody_absent_by_staffing():
    text = staffed("1 s", "every: 10 min, agents: [1, 0]", "shrinkage: 100 %")
    assert only(text, STATUS)[1:] == ["0 AGENT_STATUS m3 a0", "600 AGENT_STATUS m0 a0"]


# --- several shifts --------------------------------------------------------------------------------------------


def test_templates_are_dealt_out_in_order():
    """The first template takes the first agents; one may be early and another late."""
    text = shifted(
        "3 h", '{from: "00:00", to: "00:10", count: 1}, {from: "00:05", to: "00:15", count: 2}', duration="20 min"
    )
    assert only(text, STATUS)[3:] == lines("""
        0 AGENT_STATUS m1 a0 v1
        300 AGENT_STATUS m1 a1 v1
        300 AGENT_STATUS m1 a2 v1
        600 AGENT_STATUS m0 a0
        900 AGENT_STATUS m0 a1
        900 AGENT_STATUS m0 a2
    """)


def test_templates_of_another_weekday():
    """Monday's shift is not Tuesday's, and Tuesday's begins again with the first agent."""
    text = shifted(
        "47 h",
        '{from: "01:00", to: "02:00", count: 1, days: mon}, {from: "03:00", to: "04:00", count: 1, days: tue}',
        duration="2 days",
    )
    assert only(text, STATUS)[1:] == lines("""
        3600 AGENT_STATUS m1 a0 v1
        7200 AGENT_STATUS m0 a0
        97200 AGENT_STATUS m1 a0 v1
        100800 AGENT_STATUS m0 a0
    """)


def test_rotation_moves_everybody_on_each_monday():
    """Two agents, an early and a late shift on Mondays: next week they have changed."""
    text = shifted(
        "190 h",
        '{from: "01:00", to: "02:00", count: 1, days: mon}, {from: "02:00", to: "03:00", count: 1, days: mon}',
        "rotate: 1",
        duration="8 days",
    )
    came = [line.split() for line in only(text, STATUS) if " m1 " in line]
    week = 7 * 86400
    when = [(int(words[0]), words[3]) for words in came]
    assert [at for at, _ in when] == [3600, 7200, week + 3600, week + 7200]
    assert when[0][1] == when[3][1]
    assert when[1][1] == when[2][1]
    assert when[0][1] != when[1][1]


# --- meals and meetings ----------------------------------------------------------------------------------------


def test_a_meal_and_a_meeting_show_as_what_they_are():
    """The meeting would begin in the meal: it begins after it, without an alert between, and lasts its full length."""
    shift = 'shift: {from: "00:00", to: "00:50", breaks: [{name: meal, at: "00:10", for: 5 min}]}'
    text = tiny("700 s", agents=shift + ', activities: [{name: meeting, at: "00:12", for: 5 min}]')
    assert only(text, STATUS, Event.CONNECTED)[1:] == lines("""
        0 AGENT_STATUS m1 a0 v1
        600 AGENT_STATUS m5 a0
        900 AGENT_STATUS m1 a0 v1
        900 AGENT_STATUS m6 a0
        1200 AGENT_STATUS m1 a0 v1
        1200 CONNECTED c0.1 m0 q0 a0
        1200 AGENT_STATUS m1 a0 v2
        1210 AGENT_STATUS m1 a0 v1
        3000 AGENT_STATUS m0 a0
    """)


def test_a_training_for_a_share_is_taken_in_turns():
    """One of three agents each day: three days, three agents."""
    text = tiny(
        "5 days",
        agents='count: 3, shift: {from: "01:00", to: "02:00"}, '
        'activities: [{name: training, at: "01:10", for: 10 min, share: 33 %}]',
        duration="4 days",
    )
    went = [line.split()[3] for line in only(text, STATUS) if " m7 " in line]
    assert len(went) == 4
    assert sorted(went[:3]) == ["a0", "a1", "a2"]
    assert went[3] == went[0]


# --- late and early --------------------------------------------------------------------------------------------


def test_late_log_on_and_early_log_off():
    """LATE until he logs on, LEFT_EARLY from his log-off to the end of the shift."""
    habits = "adherence: {late: {share: 100 %, by: 2 min}, leaves_early: {share: 100 %, by: 3 min}}"
    text = tiny("30 s", agents=f"{SHIFT}, {habits}")
    assert only(text, STATUS, Event.CONNECTED)[1:] == lines("""
        0 AGENT_STATUS m8 a0
        120 AGENT_STATUS m1 a0 v1
        120 CONNECTED c0.1 m0 q0 a0
        120 AGENT_STATUS m1 a0 v2
        130 AGENT_STATUS m1 a0 v1
        420 AGENT_STATUS m9 a0
        600 AGENT_STATUS m0 a0
    """)
    all_hold(text)


def test_later_than_the_shift_is_never():
    text = tiny("30 s", agents=f"{SHIFT}, adherence: {{late: {{share: 100 %, by: 20 min}}}}")
    assert only(text, STATUS, Event.ALERTED)[1:] == ["0 AGENT_STATUS m8 a0", "600 AGENT_STATUS m0 a0"]


def test_who_leaves_early_finishes_what_he_has_in_hand():
    """Until he is done it is overtime: OFF_QUEUE, in no occupancy; then he has left early."""
    text = tiny("415 s", agents=f"{SHIFT}, adherence: {{leaves_early: {{share: 100 %, by: 3 min}}}}")
    assert only(text, STATUS)[2:] == lines("""
        415 AGENT_STATUS m1 a0 v2
        420 AGENT_STATUS m4 a0
        425 AGENT_STATUS m9 a0
        600 AGENT_STATUS m0 a0
    """)


def test_a_break_after_the_log_off_is_not_taken():
    shift = 'shift: {from: "00:00", to: "00:30", breaks: [{at: "00:20", for: 5 min}]}'
    text = tiny("1 h", agents=f"{shift}, adherence: {{leaves_early: {{share: 100 %, by: 12 min}}}}")
    assert only(text, STATUS)[2:] == ["1080 AGENT_STATUS m9 a0", "1800 AGENT_STATUS m0 a0"]


# --- the literature --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("leaves", "at_the_edge"), [("last", "960 AGENT_STATUS m4 a0"), ("idle_first", "")])
def test_ciw_renege_shift_trace_by_staffing(leaves, at_the_edge):
    """The case `ciw_renege_shift_trace` as staffing by interval: one agent until minute 16, then none; he finishes what
    he has in hand at 18, everybody else leaves after three minutes."""
    text = staffed(
        "7 min, 14 min, 21 min, 28 min",
        f"every: 16 min, agents: [1, 0], leaves: {leaves}",
        "reply: {effort: 11 min}",
        behaviour="patience: 3 min",
    )
    minutes = [(int(line.split()[0]) // 60, line.split()[1]) for line in only(text, Event.ABANDONED, Event.REPLY_SENT)]
    assert minutes == [(17, "ABANDONED"), (18, "REPLY_SENT"), (24, "ABANDONED"), (31, "ABANDONED")]
    shown = only(text, STATUS)
    assert shown[-1] == "1080 AGENT_STATUS m0 a0"
    assert ("960 AGENT_STATUS m4 a0" in shown) == bool(at_the_edge)
    all_hold(text)
