"""Tiny worlds, worked out by hand: what a reply costs, wherever it is said, and what switching costs."""

from __future__ import annotations

import pytest
from tiny import lines, only, tiny
from worlds import run

from simulator.records import checks, fold
from simulator.scenario import loads
from simulator.vocabulary.codes import Event
from simulator.vocabulary.errors import ScenarioError
from simulator.workload import draw


def efforts(text: str) -> list[float]:
    return [int(line.split("v")[-1]) / 1e6 for line in only(text, Event.REPLY_STARTED)]


def scenario(queue: str = "", topic: str = "", group: str = "", by_topic: str = "") -> str:
    """One agent and one contact about `ask`; a reply is worth so many seconds where it is said."""
    said = {"queue": queue, "topic": topic, "group": group}
    inside = {place: f"reply: {{effort: {effort} s}}" if effort else "" for place, effort in said.items()}
    more = f"by_topic: {{ask: {{reply: {{effort: {by_topic} s}}}}}}" if by_topic else ""
    return f"""
name: Ways
start: 2026-03-02 00:00
duration: 10 min
behaviours: {{plain: {{}}}}
topics: {{ask: {{behaviour: plain, {inside["topic"]}}}}}
flows: {{door: [{{transfer: {{queue: line}}}}]}}
queues: {{line: {{auto_answer: true, {inside["queue"]}}}}}
channels: {{web: {{platform: web messaging, flow: door, arrivals: {{trace: [0 s]}}, topics: {{ask: 100 %}}}}}}
agents: {{desk: {{count: 1, queues: [line], {", ".join(filter(None, [inside["group"], more]))}}}}}
"""


@pytest.mark.parametrize(
    ("said", "effort"),
    [
        ({"queue": "11"}, 11),
        ({"topic": "12"}, 12),
        ({"group": "13"}, 13),
        ({"queue": "11", "topic": "12"}, 12),
        ({"queue": "11", "topic": "12", "group": "13"}, 13),
        ({"queue": "11", "topic": "12", "group": "13", "by_topic": "14"}, 14),
        ({"queue": "11", "by_topic": "14"}, 14),
    ],
)
def test_the_last_named_wins(said, effort):
    """Queue, topic, group, the group's topic."""
    assert efforts(scenario(**said)) == [effort]


def test_somebody_must_say_it():
    with pytest.raises(ScenarioError, match="nobody says what a reply to `ask` in `line` costs"):
        loads(scenario())


def test_the_same_turn_is_hard_for_every_way_of_replying():
    """A law maps the contact's own uniform: whoever is slow for one group is slow for the other."""
    law = "{{lognormal: {{median: {} s, p90: {} s}}}}"
    fast, slow = law.format(20, 60), law.format(40, 120)
    text = tiny("0 s, 1 s, 2 s, 3 s", agents={"a": f"reply: {{effort: {fast}}}", "b": f"reply: {{effort: {slow}}}"})
    draws = draw(loads(text), 0).draws[0]
    for contact in range(4):
        assert draws.effort_us(1, 0, contact, 0) == pytest.approx(2 * draws.effort_us(0, 0, contact, 0), rel=1e-6)


def test_a_script_at_the_first_reply_of_every_session():
    """5 s at the first reply, none at the second; after 11 minutes another session begins: 5 s again."""
    behaviour = "turns: 3, think: {empirical: [20 s]}"
    text = tiny(behaviour=behaviour, agents="reply: {effort: 10 s, script: 5 s}")
    assert efforts(text) == [15, 10, 10]
    text = tiny(behaviour="turns: 2, think: 11 min", agents="reply: {effort: 10 s, script: 5 s}")
    assert efforts(text) == [15, 15]


def test_the_whole_effort():
    """(drawn × canned + history + script + 30 s unidentified − 5 s per field) ÷ speed.

    Canned 10 · 0.4 = 4 s. Before he replies there are two questions and two answers beside his opening: 4 messages to
    read, 8 s. Script 6 s, unidentified 30 s, two fields −10 s: 38 s, at a speed of 1.25 30.4 s."""
    reply = (
        "{effort: 10 s, canned: {share: 100 %, effort: 0.4}, history: {per_message: 2 s, at_most: 60 s}, script: 6 s}"
    )
    text = tiny(
        behaviour="flow_answer: 1 s",
        flow="{identify: {success: 0 %}}, {collect: {fields: 2}}",
        agents=f"reply: {reply}, speed: 1.25",
    )
    assert efforts(text) == [30.4]


# --- speed -----------------------------------------------------------------------------------------------------


def test_a_group_s_speed():
    assert efforts(tiny(agents="speed: 0.5")) == [20]
    assert efforts(tiny(agents="speed: 4")) == [2.5]


def test_every_agent_has_a_speed_of_his_own():
    """Drawn by agent: mean and cv are those asked for, the first agents keep theirs when the group grows."""
    text = tiny(agents="count: 2000, speed: {mean: 1.2, cv: 0.3}")
    (drawn,) = draw(loads(text), 0).speeds
    mean = sum(drawn) / len(drawn)
    cv = (sum((speed - mean) ** 2 for speed in drawn) / len(drawn)) ** 0.5 / mean
    assert mean == pytest.approx(1.2, abs=4 * 0.36 / 2000**0.5)
    assert cv == pytest.approx(0.3, abs=0.03)
    (fewer,) = draw(loads(tiny(agents="count: 3, speed: {mean: 1.2, cv: 0.3}")), 0).speeds
    assert fewer == drawn[:3]
    (other,) = draw(loads(text), 1).speeds
    assert other != drawn


def test_newcomers_are_slower():
    """Joined on the day of the start, 60 %; the gap of 40 % halves in 10 days. At 0:00 an effort of 12 s takes 20;
    after 10 days 12 / 0.8 = 15 s."""
    tenure = "tenure: {joined: 2026-03-02, begins_at: 60 %, half_time: 10 days}"
    text = tiny("0 s, 240 h", agents=f"reply: {{effort: 12 s}}, {tenure}", duration="11 days")
    assert efforts(text) == [20, 15]
    # ten days before the start it is the other way round: 80 % now, 90 % then: 13.333333 s
    earlier = text.replace("2026-03-02, begins", "2026-02-20, begins")
    assert efforts(earlier) == [15, 13.333333]


# --- switching -------------------------------------------------------------------------------------------------

SWITCH = "capacity: 2, switching: 3 s"


def test_switching_is_charged_when_the_next_piece_is_of_another_conversation():
    """The first piece of all costs nothing; the second is of another conversation, the third of the first again; two
    in a row of the same cost nothing, nor does a wrap-up that follows its last reply."""
    text = tiny(
        "0 s, 5 s",
        behaviour="turns: 2, think: 4 s",
        queue="auto_answer: true, after_call_work: {takes: 2 s}",
        agents=SWITCH,
    )
    told = only(text, Event.SWITCHED, Event.REPLY_STARTED, Event.REPLY_SENT, Event.WRAP_UP_STARTED, Event.SESSION_ENDED)
    assert told == lines("""
        0 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        10 REPLY_SENT c0.1 m2 q0 a0
        10 SWITCHED c1.1 m1 q0 a0 v3000000
        10 REPLY_STARTED c1.1 m1 q0 a0 v10000000
        23 REPLY_SENT c1.1 m4 q0 a0 v1              # 3 + 10 s
        23 SWITCHED c0.1 m0 q0 a0 v3000000
        23 REPLY_STARTED c0.1 m2 q0 a0 v10000000    # written at 14
        36 REPLY_SENT c0.1 m6 q0 a0 v2
        36 WRAP_UP_STARTED c0.1 m0 q0 a0
        38 SESSION_ENDED c0.1 m0 q0 a0
        38 SWITCHED c1.1 m1 q0 a0 v3000000
        38 REPLY_STARTED c1.1 m3 q0 a0 v10000000    # written at 27
        51 REPLY_SENT c1.1 m7 q0 a0 v3
        51 WRAP_UP_STARTED c1.1 m1 q0 a0
        53 SESSION_ENDED c1.1 m1 q0 a0
    """)
    scenario, rows = run(text)
    tables = fold(scenario, rows)
    assert [check for check in checks(scenario, rows, tables) if not check.passed] == []
    sessions = tables["sessions"]
    assert sessions["t_switching_us"].tolist() == [3_000_000, 6_000_000]
    assert sessions["t_work_us"].tolist() == [25_000_000, 28_000_000]  # together the whole 53 s


def test_one_conversation_after_the_other_is_a_switch_too():
    text = tiny("0 s, 1 min", agents="switching: 3 s")
    assert only(text, Event.SWITCHED) == ["60 SWITCHED c1.1 m1 q0 a0 v3000000"]


def test_a_wrap_up_with_a_timeout_ends_by_the_clock_though_switching_delays_it():
    """He turns to the wrap-up at 75 s, 5 s before its timeout: 3 s are lost by switching, 2 s are left."""
    text = tiny(
        "0 s, 15 s",
        behaviour="turns: 2, think: 1 h, vanishes: 100 %",
        queue="auto_answer: true, close_after: 1 min, "
        "after_call_work: {mode: MANDATORY_TIMEOUT, timeout: 10 s, takes: 9 s}",
        agents=f"{SWITCH}, reply: {{effort: 60 s}}",
        duration="4 min",
    )
    # replies: 0 to 60, then 3 s of switching, 63 to 123; the first is closed at 120, he comes to it at 123
    assert only(text, Event.PORTION_DISCONNECTED, Event.WRAP_UP_STARTED, Event.SESSION_ENDED)[:3] == lines("""
        120 PORTION_DISCONNECTED c0.1 a0 v5
        123 WRAP_UP_STARTED c0.1 m0 q0 a0
        130 SESSION_ENDED c0.1 m0 q0 a0
    """)
