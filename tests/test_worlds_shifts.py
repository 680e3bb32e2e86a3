"""Tiny worlds, worked out by hand: shifts, breaks, absence, and what happens to open work at the end of a shift."""

from __future__ import annotations

import pytest
from tiny import STATUS, lines, only, story, tiny

from simulator.vocabulary.codes import Event


def shift(begins: str, ends: str, breaks: str = "") -> str:
    return f'shift: {{from: "{begins}", to: "{ends}", breaks: [{breaks}]}}'


# --- coming and going ------------------------------------------------------------------------------------------


def test_a_day_of_one_agent():
    """Off before the shift, on queue from its start, off at its end; who writes before waits for the start."""
    text = tiny("1 min, 700 s", agents=shift("00:05", "00:10"), duration="20 min")
    assert story(text) == lines("""
        0 AGENT_STATUS m0 a0
        60 CONTACT_ARRIVED c0.1 m0 q0 a0
        60 CONTACT_STARTED c0.1 m0 v-1
        60 PORTION_OPENED c0.1 m0 q0
        60 TURN_OPENED c0.1 m0 a0
        60 MESSAGE_RECEIVED c0.1 m0 a0
        60 QUEUE_ENTERED c0.1 m0 q0 a0
        300 AGENT_STATUS m1 a0 v1
        300 ALERTED c0.1 m0 q0 a0
        300 CONNECTED c0.1 m0 q0 a0
        300 AGENT_STATUS m1 a0 v2
        300 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        310 REPLY_SENT c0.1 m1 q0 a0
        310 CONTACT_ENDED m0 v1
        310 PORTION_DISCONNECTED c0.1 a0 v1
        310 SESSION_ENDED c0.1 m0 q0 a0
        310 AGENT_STATUS m1 a0 v1
        600 AGENT_STATUS m0 a0
        700 CONTACT_ARRIVED c1.1 m1 q0 a0 v1
        700 CONTACT_STARTED c1.1 m1 v-1
        700 PORTION_OPENED c1.1 m1 q0
        700 TURN_OPENED c1.1 m1 a1
        700 MESSAGE_RECEIVED c1.1 m2 a1 v1
        700 QUEUE_ENTERED c1.1 m1 q0 a1
        1200 RUN_ENDED
    """)


def test_a_night_shift_is_already_running():
    """`to` earlier than `from` is the next day; a shift that began before the start is already running."""
    text = tiny("12 h", agents=shift("22:00", "06:00"), duration="23 h")
    kept = only(text, Event.AGENT_STATUS, Event.CONNECTED)
    assert kept == lines("""
        0 AGENT_STATUS m0 a0
        0 AGENT_STATUS m1 a0 v1
        21600 AGENT_STATUS m0 a0                    # 06:00
        79200 AGENT_STATUS m1 a0 v1                 # 22:00
        79200 CONNECTED c0.1 m0 q0 a0
        79200 AGENT_STATUS m1 a0 v2
        79210 AGENT_STATUS m1 a0 v1
    """)


def test_already_running_means_before_the_first_message():
    """A contact at the very start finds the night shift there: it is not blocked where nobody may wait."""
    text = tiny("0 s", agents=shift("22:00", "06:00"), queue="auto_answer: true, max_waiting: 0")
    assert only(text, Event.QUEUE_BLOCKED, Event.CONNECTED) == ["0 CONNECTED c0.1 m0 q0 a0"]


def test_shrinkage_of_everybody():
    """With a shrinkage of 100 % every agent is absent every day, and nobody is served."""
    text = tiny("7 min", agents=shift("00:05", "00:10") + ", count: 2, shrinkage: 100 %", duration="25 h")
    assert only(text, Event.AGENT_STATUS, Event.CONNECTED) == lines("""
        0 AGENT_STATUS m0 a0
        0 AGENT_STATUS m0 a1
        300 AGENT_STATUS m3 a0
        300 AGENT_STATUS m3 a1
        600 AGENT_STATUS m0 a0
        600 AGENT_STATUS m0 a1
        86700 AGENT_STATUS m3 a0
        86700 AGENT_STATUS m3 a1
        87000 AGENT_STATUS m0 a0
        87000 AGENT_STATUS m0 a1
    """)


def test_shrinkage_is_by_agent_day():
    """Each agent-day is absent with the probability: of 40 agents on 10 days about a quarter, in every mixture."""
    text = tiny("1 s", agents=shift("08:00", "09:00") + ", count: 40, shrinkage: 25 %", duration="10 days")
    absent = [line for line in only(text, Event.AGENT_STATUS) if " m3 " in line]
    assert 65 <= len(absent) <= 135  # 100 +- 4 standard errors
    assert len({line.split()[3] for line in absent}) > 20
    assert len({line.split()[0] for line in absent}) == 10


# --- breaks ----------------------------------------------------------------------------------------------------


def test_breaks_at_once():
    """`at`: all have their break at once, and come back after its full length."""
    text = tiny("1 h", agents=shift("00:00", "08:00", '{at: "00:10", for: 5 min}') + ", count: 2", duration="30 min")
    assert only(text, Event.AGENT_STATUS) == lines("""
        0 AGENT_STATUS m0 a0
        0 AGENT_STATUS m0 a1
        0 AGENT_STATUS m1 a0 v1
        0 AGENT_STATUS m1 a1 v1
        600 AGENT_STATUS m2 a0
        600 AGENT_STATUS m2 a1
        900 AGENT_STATUS m1 a0 v1
        900 AGENT_STATUS m1 a1 v1
    """)


@pytest.mark.parametrize(
    ("count", "starts"), [(1, [600]), (2, [600, 1500]), (3, [600, 1050, 1500]), (4, [600, 900, 1200, 1500])]
)
def test_staggered_breaks(count, starts):
    """Agent i of n starts at a + i (b - a - for)/(n - 1): the last one's break ends at b."""
    breaks = '{between: ["00:10", "00:30"], for: 5 min}'
    text = tiny("1 s", agents=shift("00:00", "08:00", breaks) + f", count: {count}")
    went = [line.split() for line in only(text, Event.AGENT_STATUS) if " m2 " in line]
    came = [line.split() for line in only(text, Event.AGENT_STATUS) if " m1 " in line and int(line.split()[0]) >= 600]
    assert [int(words[0]) for words in went] == starts
    assert [words[3] for words in went] == [f"a{i}" for i in range(count)]
    assert [int(words[0]) for words in came] == [start + 300 for start in starts]


def test_absent_agents_are_counted_in_the_stagger():
    """Absent agents keep their place in the stagger: nobody's break moves because another is ill."""
    breaks = '{between: ["00:10", "00:30"], for: 5 min}'
    agents = shift("00:00", "08:00", breaks) + ", count: 16, shrinkage: 50 %"
    went = [line.split() for line in only(tiny("1 s", agents=agents), Event.AGENT_STATUS) if " m2 " in line]
    assert 0 < len(went) < 16
    assert all(int(words[0]) == 600 + 60 * int(words[3][1:]) for words in went)


def test_a_break_waits_for_the_piece_and_lasts_its_full_length():
    """A break starts after the present piece; until then the agent is on queue, but gets nothing new."""
    text = tiny(
        "550 s, 610 s",
        agents=shift("00:00", "08:00", '{at: "00:10", for: 5 min}') + ", capacity: 2, reply: {effort: 2 min}",
        duration="25 min",
    )
    kept = only(text, Event.AGENT_STATUS, Event.QUEUE_ENTERED, Event.CONNECTED, Event.REPLY_SENT)
    assert kept == lines("""
        0 AGENT_STATUS m0 a0
        0 AGENT_STATUS m1 a0 v1
        550 QUEUE_ENTERED c0.1 m0 q0 a0
        550 CONNECTED c0.1 m0 q0 a0
        550 AGENT_STATUS m1 a0 v2
        610 QUEUE_ENTERED c1.1 m1 q0 a1             # he has a slot, but his break is due
        670 REPLY_SENT c0.1 m2 q0 a0
        670 AGENT_STATUS m1 a0 v1
        670 AGENT_STATUS m2 a0
        970 AGENT_STATUS m1 a0 v1
        970 CONNECTED c1.1 m1 q0 a0 v1
        970 AGENT_STATUS m1 a0 v2
        1090 REPLY_SENT c1.1 m3 q0 a0 v1
        1090 AGENT_STATUS m1 a0 v1
    """)


def test_a_break_keeps_the_slots_and_comes_before_the_next_piece():
    """Slots stay held during a break; a reply that is due waits for its end, and close_after goes on meanwhile."""
    text = tiny(
        "550 s, 560 s",
        behaviour="turns: 2, think: 10 s",
        agents=shift("00:00", "08:00", '{at: "00:10", for: 5 min}') + ", capacity: 2, reply: {effort: 1 min}",
        duration="25 min",
    )
    kept = only(text, Event.REPLY_STARTED, Event.REPLY_SENT, Event.SESSION_ENDED)
    assert kept == lines("""
        550 REPLY_STARTED c0.1 m0 q0 a0 v60000000
        610 REPLY_SENT c0.1 m2 q0 a0                # the break is due: 610 to 910
        910 REPLY_STARTED c1.1 m1 q0 a0 v60000000   # of 560
        970 REPLY_SENT c1.1 m4 q0 a0 v1
        970 REPLY_STARTED c0.1 m2 q0 a0 v60000000   # of 620
        1030 REPLY_SENT c0.1 m6 q0 a0 v2
        1030 SESSION_ENDED c0.1 m0 q0 a0
        1030 REPLY_STARTED c1.1 m3 q0 a0 v60000000
        1090 REPLY_SENT c1.1 m7 q0 a0 v3
        1090 SESSION_ENDED c1.1 m1 q0 a0
    """)


@pytest.mark.parametrize(("arrival", "alerted"), [("569 s", 569), ("575 s", 900), ("599 s", 900), ("900 s", 900)])
def test_no_alert_shortly_before_a_break(arrival, alerted):
    """No alert in the last `alerting_timeout` before a break: it could run into it."""
    text = tiny(
        arrival,
        queue="answer_time: 5 s, alerting_timeout: 30 s",
        agents=shift("00:00", "08:00", '{at: "00:10", for: 5 min}'),
    )
    assert only(text, Event.ALERTED) == [f"{alerted} ALERTED c0.1 m0 q0 a0"]


def test_last_agent_shortly_before_a_break():
    """Last-agent routing respects the coming break as well: another agent gets it."""
    text = tiny(
        "1 s, 580 s",
        customers="{population: 1}",
        queue="answer_time: 5 s",
        agents={"a": shift("00:00", "08:00", '{at: "00:10", for: 5 min}'), "b": shift("00:01", "08:00")},
    )
    assert only(text, Event.ALERTED) == ["1 ALERTED c0.1 m0 q0 a0", "580 ALERTED c0.2 m1 q0 a1"]


# --- the end of a shift ----------------------------------------------------------------------------------------


def test_shift_end_hands_back_what_is_unanswered():
    """At shift end the piece is finished, unanswered work is a new offer with a new clock, the rest is disconnected."""
    text = tiny(
        "590 s, 595 s, 620 s",
        behaviour="turns: 2, think: 100 s",
        agents={
            "a": shift("00:00", "00:10") + ", capacity: 2, reply: {effort: 60 s}",
            "b": shift("00:20", "08:00") + ", reply: {effort: 60 s}",
        },
        duration="22 min",
    )
    assert story(text) == lines("""
        0 AGENT_STATUS m0 a0
        0 AGENT_STATUS m0 a1
        0 AGENT_STATUS m1 a0 v1
        590 CONTACT_ARRIVED c0.1 m0 q0 a0
        590 CONTACT_STARTED c0.1 m0 v-1
        590 PORTION_OPENED c0.1 m0 q0
        590 TURN_OPENED c0.1 m0 a0
        590 MESSAGE_RECEIVED c0.1 m0 a0
        590 QUEUE_ENTERED c0.1 m0 q0 a0
        590 ALERTED c0.1 m0 q0 a0
        590 CONNECTED c0.1 m0 q0 a0
        590 AGENT_STATUS m1 a0 v2
        590 REPLY_STARTED c0.1 m0 q0 a0 v60000000
        595 CONTACT_ARRIVED c1.1 m1 q0 a0 v1
        595 CONTACT_STARTED c1.1 m1 v-1
        595 PORTION_OPENED c1.1 m1 q0
        595 TURN_OPENED c1.1 m1 a1
        595 MESSAGE_RECEIVED c1.1 m1 a1 v1
        595 QUEUE_ENTERED c1.1 m1 q0 a1
        595 ALERTED c1.1 m1 q0 a0
        595 CONNECTED c1.1 m1 q0 a0 v1
        600 AGENT_STATUS m4 a0                      # OVERTIME, OFF_QUEUE
        620 CONTACT_ARRIVED c2.1 m2 q0 a0 v2
        620 CONTACT_STARTED c2.1 m2 v-1
        620 PORTION_OPENED c2.1 m2 q0
        620 TURN_OPENED c2.1 m2 a2
        620 MESSAGE_RECEIVED c2.1 m2 a2 v2
        620 QUEUE_ENTERED c2.1 m2 q0 a2
        650 REPLY_SENT c0.1 m3 q0 a0
        650 PORTION_DISCONNECTED c0.1 a0 v6         # SHIFT_END: nothing unanswered
        650 SESSION_ENDED c0.1 m0 q0 a0
        650 HANDED_BACK c1.1 m1 q0 a0
        650 SESSION_ENDED c1.1 m1 q0 a0
        650 AGENT_STATUS m0 a0
        650 QUEUE_ENTERED c1.1 m3 q0 a1             # a new offer in the same portion
        750 PORTION_OPENED c0.2 m0 q0 v1            # his next burst comes at its own time
        750 TURN_OPENED c0.2 m3 a0 v1
        750 MESSAGE_RECEIVED c0.2 m4 a0 v3
        750 QUEUE_ENTERED c0.2 m4 q0 a0
        1200 AGENT_STATUS m1 a1 v1
        1200 ALERTED c2.1 m2 q0 a1                  # since 620, before the one whose clock began anew at 650
        1200 CONNECTED c2.1 m2 q0 a1 v2
        1200 AGENT_STATUS m1 a1 v2
        1200 REPLY_STARTED c2.1 m2 q0 a1 v60000000
        1260 REPLY_SENT c2.1 m5 q0 a1 v2
        1320 RUN_ENDED
    """)


def test_handed_back_in_the_instant_of_the_end():
    """An agent without a piece in hand hands over at the end of the shift itself."""
    text = tiny(
        "550 s, 560 s",
        behaviour="turns: 2, think: 100 s",
        agents=shift("00:00", "00:10") + ", capacity: 2, reply: {effort: 5 s}",
        duration="11 min",
    )
    kept = only(text, Event.PORTION_DISCONNECTED, Event.SESSION_ENDED, Event.AGENT_STATUS, Event.HANDED_BACK)
    # replies at 555 and 565; both customers think
    assert kept == lines("""
        0 AGENT_STATUS m0 a0
        0 AGENT_STATUS m1 a0 v1
        550 AGENT_STATUS m1 a0 v2
        600 AGENT_STATUS m4 a0
        600 PORTION_DISCONNECTED c0.1 a0 v6
        600 SESSION_ENDED c0.1 m0 q0 a0
        600 PORTION_DISCONNECTED c1.1 a0 v6
        600 SESSION_ENDED c1.1 m1 q0 a0
        600 AGENT_STATUS m0 a0
    """)


def test_wrap_up_after_the_end_is_overtime():
    """A disconnect at shift end brings its wrap-up, which is overtime."""
    text = tiny(
        "550 s",
        behaviour="turns: 2, think: 100 s",
        queue="auto_answer: true, after_call_work: {takes: 30 s}",
        agents=shift("00:00", "00:10"),
        duration="11 min",
    )
    kept = only(text, Event.PORTION_DISCONNECTED, Event.WRAP_UP_STARTED, Event.SESSION_ENDED, Event.AGENT_STATUS)
    assert kept[3:] == lines("""
        600 AGENT_STATUS m4 a0
        600 PORTION_DISCONNECTED c0.1 a0 v6
        600 WRAP_UP_STARTED c0.1 m0 q0 a0
        630 SESSION_ENDED c0.1 m0 q0 a0
        630 AGENT_STATUS m0 a0
    """)


@pytest.mark.parametrize(("turns", "told"), [
    (3, ["820 TURN_OPENED c0.1", "880 REPLY_SENT c0.1", "880 PORTION_DISCONNECTED c0.1 a0 v1",
         "880 AGENT_STATUS m0 a0"]),
    (4, ["820 TURN_OPENED c0.1", "880 REPLY_SENT c0.1", "900 PORTION_DISCONNECTED c0.1 a0 v6", "900 AGENT_STATUS m0 a0",
         "980 PORTION_OPENED c0.2", "980 TURN_OPENED c0.2"]),
])  # fmt: skip
def test_finish(turns, told):
    """Open conversations go on up to `finish` after the end; what is open then is disconnected or handed back."""
    text = tiny(
        "500 s",
        behaviour=f"turns: {turns}, think: 100 s",
        agents=shift("00:00", "00:10") + ", end_of_shift: {finish: 5 min}, reply: {effort: 60 s}",
        duration="20 min",
    )
    # replies end at 560, 720 (overtime), 880, and the fourth burst comes at 980
    kept = only(text, Event.TURN_OPENED, Event.REPLY_SENT, Event.PORTION_OPENED, Event.PORTION_DISCONNECTED,
                Event.AGENT_STATUS)  # fmt: skip
    assert "600 AGENT_STATUS m4 a0" in kept
    late = [line for line in kept if int(line.split()[0]) > 800]
    assert len(late) == len(told)
    assert all(line.startswith(start) for line, start in zip(late, told, strict=True))


def test_no_new_alerts_during_finish():
    """From the end of the shift on he gets nothing new, although he works on."""
    text = tiny(
        "500 s, 610 s",
        behaviour="turns: 3, think: 100 s",
        agents=shift("00:00", "00:10") + ", capacity: 2, end_of_shift: {finish: 5 min}",
        duration="20 min",
    )
    assert only(text, Event.ALERTED) == ["500 ALERTED c0.1 m0 q0 a0"]


def test_unanswered_when_finish_is_over():
    """What is unanswered when `finish` is over is handed back, after the piece in hand."""
    text = tiny(
        "580 s, 590 s, 595 s",
        agents={
            "a": shift("00:00", "00:10") + ", capacity: 3, end_of_shift: {finish: 1 min}, reply: {effort: 50 s}",
            "b": shift("00:15", "08:00"),
        },
    )
    kept = only(text, Event.REPLY_SENT, Event.HANDED_BACK, Event.QUEUE_ENTERED, Event.CONNECTED, Event.AGENT_STATUS)
    # 580 to 630, 630 to 680 (finish is over at 660), the third is handed back at 680
    assert kept[3:] == lines("""
        580 QUEUE_ENTERED c0.1 m0 q0 a0
        580 CONNECTED c0.1 m0 q0 a0
        580 AGENT_STATUS m1 a0 v2
        590 QUEUE_ENTERED c1.1 m1 q0 a1
        590 CONNECTED c1.1 m1 q0 a0 v1
        595 QUEUE_ENTERED c2.1 m2 q0 a2
        595 CONNECTED c2.1 m2 q0 a0 v2
        600 AGENT_STATUS m4 a0
        630 REPLY_SENT c0.1 m3 q0 a0
        680 REPLY_SENT c1.1 m4 q0 a0 v1
        680 HANDED_BACK c2.1 m2 q0 a0
        680 AGENT_STATUS m0 a0
        680 QUEUE_ENTERED c2.1 m3 q0 a2
        900 AGENT_STATUS m1 a1 v1
        900 CONNECTED c2.1 m3 q0 a1 v3
        900 AGENT_STATUS m1 a1 v2
        910 REPLY_SENT c2.1 m5 q0 a1 v2
        910 AGENT_STATUS m1 a1 v1
    """)


def test_a_handed_back_interaction_may_be_abandoned():
    """A hand-back is a new queue entry with a new patience."""
    text = tiny(
        "590 s, 595 s",
        behaviour="patience: 100 s",
        agents=shift("00:00", "00:10") + ", capacity: 2, reply: {effort: 60 s}",
    )
    kept = only(text, Event.HANDED_BACK, Event.QUEUE_ENTERED, Event.ABANDONED, Event.CONTACT_ENDED)
    assert kept == lines("""
        590 QUEUE_ENTERED c0.1 m0 q0 a0
        595 QUEUE_ENTERED c1.1 m1 q0 a1
        650 CONTACT_ENDED m0 v1
        650 HANDED_BACK c1.1 m1 q0 a0
        650 QUEUE_ENTERED c1.1 m2 q0 a1
        750 ABANDONED c1.1 m2 q0 a1
        750 CONTACT_ENDED m1 v3
    """)


def test_a_pending_alert_is_withdrawn():
    """Alerts pending at shift end are withdrawn: the interaction keeps its offer and its clock and waits again."""
    text = tiny(
        "590 s, 620 s",
        queue="answer_time: 20 s",
        agents={"a": shift("00:00", "00:10"), "b": shift("00:15", "08:00")},
    )
    assert story(text, STATUS)[5:] == lines("""
        590 QUEUE_ENTERED c0.1 m0 q0 a0
        590 ALERTED c0.1 m0 q0 a0
        600 ALERT_WITHDRAWN c0.1 m0 q0 a0
        620 CONTACT_ARRIVED c1.1 m1 q0 a0 v1
        620 CONTACT_STARTED c1.1 m1 v-1
        620 PORTION_OPENED c1.1 m1 q0
        620 TURN_OPENED c1.1 m1 a1
        620 MESSAGE_RECEIVED c1.1 m1 a1 v1
        620 QUEUE_ENTERED c1.1 m1 q0 a1
        900 ALERTED c0.1 m0 q0 a1
        920 CONNECTED c0.1 m0 q0 a1
        920 REPLY_STARTED c0.1 m0 q0 a1 v10000000
        930 REPLY_SENT c0.1 m2 q0 a1
        930 CONTACT_ENDED m0 v1
        930 PORTION_DISCONNECTED c0.1 a1 v1
        930 SESSION_ENDED c0.1 m0 q0 a1
        930 ALERTED c1.1 m1 q0 a1
        950 CONNECTED c1.1 m1 q0 a1 v1
        950 REPLY_STARTED c1.1 m1 q0 a1 v10000000
        960 REPLY_SENT c1.1 m3 q0 a1 v1
        960 CONTACT_ENDED m1 v1
        960 PORTION_DISCONNECTED c1.1 a1 v1
        960 SESSION_ENDED c1.1 m1 q0 a1
        3600 RUN_ENDED
    """)


def test_accepted_at_the_end_of_the_shift():
    """An accept at the instant of the shift end comes first; what is then unanswered is handed back at once."""
    text = tiny("590 s", queue="answer_time: 10 s", agents=shift("00:00", "00:10"), duration="11 min")
    kept = only(text, Event.CONNECTED, Event.ALERT_WITHDRAWN, Event.REPLY_STARTED, Event.HANDED_BACK)
    assert kept[0] == "600 CONNECTED c0.1 m0 q0 a0"
    # the reply has begun in that instant: a piece in progress is finished
    assert kept[1] == "600 REPLY_STARTED c0.1 m0 q0 a0 v10000000"
    assert len(kept) == 2


def test_shift_end_during_a_break():
    """A break that began late ends with the shift; held conversations are then handed over."""
    text = tiny(
        "550 s, 560 s",
        agents=shift("00:00", "00:15", '{at: "00:10", for: 5 min}') + ", capacity: 2, reply: {effort: 100 s}",
        duration="20 min",
    )
    # 550 to 650 the first reply; break from 650, the shift ends at 900, the second is handed back then
    kept = only(text, Event.AGENT_STATUS, Event.REPLY_STARTED, Event.HANDED_BACK)
    assert kept[2:] == lines("""
        550 AGENT_STATUS m1 a0 v2
        550 REPLY_STARTED c0.1 m0 q0 a0 v100000000
        650 AGENT_STATUS m2 a0
        900 AGENT_STATUS m4 a0
        900 HANDED_BACK c1.1 m1 q0 a0
        900 AGENT_STATUS m0 a0
    """)
