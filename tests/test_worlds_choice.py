"""Tiny worlds, worked out by hand: which agent. Evaluation, languages, the clock, the busiest, the last agent."""

from __future__ import annotations

import pytest
from tiny import lines, only, tiny

from simulator.vocabulary.codes import Event


def agents_of(text: str, event: Event = Event.CONNECTED) -> list[str]:
    return [next(word for word in line.split()[2:] if word[0] == "a") for line in only(text, event)]


# --- evaluation ------------------------------------------------------------------------------------------------


def test_best_takes_the_most_proficient():
    """`BEST`: every required skill, then the highest mean proficiency in them; ties: the longest clock."""
    text = tiny(
        "0 s, 1 s, 2 s, 3 s",
        topic="skills: [german, billing]",
        queue="auto_answer: true, evaluation: BEST",
        agents={
            "a": "skills: {german: 5, billing: 2, french: 5}",  # mean 3.5: french does not count
            "b": "skills: {german: 4, billing: 4}",  # 4
            "c": "skills: {german: 3, billing: 5}",  # 4
            "d": "skills: {german: 5}",  # does not qualify
        },
    )
    assert only(text, Event.ALERTED) == lines("""
        0 ALERTED c0.1 m0 q0 a1 v2                  # b and c are equal and never worked: the smaller id
        1 ALERTED c1.1 m1 q0 a2 v2
        2 ALERTED c2.1 m2 q0 a0 v2
        10 ALERTED c3.1 m3 q0 a1 v2                 # the first who is free
    """)


def test_best_among_equals_takes_the_longest_clock():
    text = tiny(
        "0 s, 20 s, 40 s",
        topic="skills: [german]",
        queue="auto_answer: true, evaluation: BEST",
        agents={"a": "skills: {german: 4}", "b": "skills: {german: 4}"},
    )
    assert agents_of(text) == ["a0", "a1", "a0"]  # a has been idle since 10, b since 30


def test_best_looks_at_the_hundred_longest_clocks():
    """The 101st in order of clocks is not looked at, however proficient he is."""
    crowd = {"a": "count: 100, skills: {german: 1}", "b": "skills: {german: 5}"}
    text = tiny("0 s", topic="skills: [german]", queue="auto_answer: true, evaluation: BEST", agents=crowd)
    assert agents_of(text) == ["a0"]
    assert agents_of(text.replace("count: 100", "count: 99")) == ["a99"]


def test_best_looks_further_if_none_of_the_hundred_qualifies():
    """Nobody would look again later: so the longest clock of those who qualify gets it (assumed)."""
    crowd = {"a": "count: 100", "b": "count: 2, skills: {german: 1}"}
    text = tiny("0 s", topic="skills: [german]", queue="auto_answer: true, evaluation: BEST", agents=crowd)
    assert agents_of(text) == ["a100"]


@pytest.mark.parametrize(("evaluation", "first"), [("ALL", "a1"), ("BEST", "a1"), ("NONE", "a0")])
def test_none_ignores_skills(evaluation, first):
    text = tiny(
        "0 s",
        topic="skills: [german], language: french",
        queue=f"auto_answer: true, evaluation: {evaluation}",
        agents={"a": "", "b": "skills: {german: 1}, languages: [french]"},
    )
    assert agents_of(text) == [first]
    assert only(text, Event.ALERTED)[0].endswith({"ALL": "a1", "BEST": "a1 v2", "NONE": "a0 v3"}[evaluation])


def test_a_language_is_required_like_a_skill():
    """Who speaks other languages only stays idle while the customer waits."""
    text = tiny(
        "0 s, 1 s",
        topic="language: french",
        agents={"a": "languages: [german]", "b": "languages: [german, french]"},
    )
    assert only(text, Event.CONNECTED) == lines("""
        0 CONNECTED c0.1 m0 q0 a1
        10 CONNECTED c1.1 m1 q0 a1 v1
    """)


# --- the clock -------------------------------------------------------------------------------------------------

SLOW_AND_QUICK = {"a": "reply: {effort: 100 s}", "b": "reply: {effort: 20 s}"}
"""From 0 to 100 works a, from 10 to 30 works b; who gets the third, at 200?"""


@pytest.mark.parametrize(
    ("clock", "third"),
    [
        ("", "a1"),  # idle since 100 and since 30
        ("{since: connect_or_wrap_up}", "a1"),
        ("{since: wrap_up}", "a1"),
        ("{since: connect}", "a0"),  # connected at 0 and at 10
        ("{look_back: 170 s}", "a1"),
        ("{look_back: 169 s}", "a1"),  # 100 s against 169 s
        ("{look_back: 100 s}", "a0"),  # both show 100 s: the smaller id
        ("{look_back: 60 s}", "a0"),
    ],
)
def test_the_agents_clock(clock, third):
    rule = f", agent_clock: {clock}" if clock else ""
    text = tiny("0 s, 10 s, 200 s", queue="auto_answer: true" + rule, agents=SLOW_AND_QUICK)
    assert agents_of(text) == ["a0", "a1", third]


def test_the_end_of_wrap_up_alone():
    """Two slots: a connects again at 40 while b has been idle since 30. By wrap-ups a has never ended one."""
    agents = {"a": "capacity: 2, reply: {effort: 300 s}", "b": "reply: {effort: 20 s}"}
    order = {}
    for since in ("wrap_up", "connect_or_wrap_up"):
        queue = f"auto_answer: true, agent_clock: {{since: {since}}}"
        order[since] = agents_of(tiny("0 s, 10 s, 40 s", queue=queue, agents=agents))
    assert order == {"wrap_up": ["a0", "a0", "a1"], "connect_or_wrap_up": ["a0", "a1", "a0"]}


@pytest.mark.parametrize(("resets", "third"), [("false", "a0"), ("true", "a1")])
def test_going_on_queue_may_reset_the_clock(resets, third):
    """a works 1 to 11 and is on a break from 300 to 600; b works 20 to 30. With the reset a has been idle since 600."""
    shift = 'shift: {from: "00:00", to: "08:00", breaks: [{at: "00:05", for: 5 min}]}'
    queue = f"auto_answer: true, agent_clock: {{resets_on_queue: {resets}}}"
    text = tiny("1 s, 20 s, 700 s", queue=queue, agents={"a": shift, "b": ""})
    assert agents_of(text) == ["a0", "a1", third]


def test_two_queues_with_clocks_of_their_own():
    """The same two agents: one queue looks at connects, the other at the usual clock."""
    text = tiny(
        "0 s, 10 s, 200 s",
        others="xtra: {platform: web messaging, flow: side, arrivals: {trace: [201 s]}, topics: {ask: 100 %}}",
        agents={name: f"queues: [line, second], {inside}" for name, inside in SLOW_AND_QUICK.items()},
    )
    text = text.replace(
        "queues: {line:", "queues: {second: {auto_answer: true, agent_clock: {since: connect}}, line:"
    ).replace("flows: {", "flows: {side: [{transfer: {queue: second}}], ")
    assert agents_of(text) == ["a0", "a1", "a1", "a0"]


# --- the least and the most busy ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("select", "order"),
    [
        ("longest_idle", ["a0", "a1", "a0", "a1"]),
        ("least_busy", ["a0", "a1", "a0", "a1"]),
        ("most_busy", ["a0", "a0", "a1", "a1"]),
    ],
)
def test_by_the_slots_they_hold(select, order):
    text = tiny(
        "0 s, 1 s, 2 s, 3 s",
        queue=f"auto_answer: true, select: {select}",
        agents="count: 2, capacity: 2, reply: {effort: 100 s}",
    )
    assert agents_of(text) == order


def test_an_alert_counts_as_held():
    """Alerts of 20 s: the second goes to whoever holds none, the third to whoever has been idle for longer."""
    busy = {}
    for select in ("least_busy", "most_busy"):
        queue = f"answer_time: 20 s, select: {select}"
        text = tiny("0 s, 1 s, 2 s", queue=queue, agents="count: 3, capacity: 3")
        busy[select] = agents_of(text, Event.ALERTED)
    assert busy == {"least_busy": ["a0", "a1", "a2"], "most_busy": ["a0", "a0", "a0"]}


def test_least_busy_differs_from_longest_idle():
    """a holds two since 0 and 1, b connected at 2 and is free at 12: least busy takes b, the clock a."""
    agents = {"a": "capacity: 3, reply: {effort: 60 s}", "b": "capacity: 3"}
    got = {}
    for select in ("longest_idle", "least_busy"):
        at = "0 s, 2 s, 20 s"
        got[select] = agents_of(tiny(at, queue=f"auto_answer: true, select: {select}", agents=agents))
    assert got == {"longest_idle": ["a0", "a1", "a0"], "least_busy": ["a0", "a1", "a1"]}


# --- the last agent --------------------------------------------------------------------------------------------


def reopened(last_agent: str) -> str:
    """One customer: at 0 he comes to a, who passes him on to b in `second`; at 100 he re-opens."""
    text = tiny(
        "0 s, 100 s",
        customers="{population: 1}",
        queue=f"auto_answer: true, last_agent: {last_agent}, transfers: [{{share: 100 %, to: second}}]",
        agents={"a": "", "b": "queues: [second]"},
    )
    return text.replace("queues: {line:", "queues: {second: {auto_answer: true}, line:")


@pytest.mark.parametrize(
    ("last_agent", "alert"),
    [("AnyAgent", "a1 v1"), ("QueueMembersOnly", "a0"), ("Disabled", "a0")],
)
def test_last_agent_modes(last_agent, alert):
    """b connected last and does not belong to the queue of the re-opened portion."""
    text = reopened(last_agent)
    at_100 = [line for line in only(text, Event.ALERTED) if line.startswith("100 ")]
    assert at_100[0] == f"100 ALERTED c0.2 m2 q0 {alert}"


def test_queue_members_only_takes_members():
    text = tiny(
        "0 s, 100 s",
        customers="{population: 1}",
        queue="auto_answer: true, last_agent: QueueMembersOnly",
        agents="count: 2",
    )
    assert only(text, Event.ALERTED)[-1] == "100 ALERTED c0.2 m1 q0 a0 v1"


# --- what if one waited for him ----------------------------------------------------------------------------------


def waiting(wait: str, **more: str) -> str:
    """One customer comes back at 100, a stranger holds agent 0 from 95 to 105; agent 1 is free."""
    return tiny(
        "0 s, 100 s",
        customers="{population: 1}",
        queue=f"auto_answer: true, last_agent_wait: {wait}",
        others="xtra: {platform: web messaging, flow: door, arrivals: {trace: [20 s, 95 s]}, topics: {ask: 100 %}}",
        agents="count: 2",
        **more,
    )


def test_it_waits_for_the_last_agent():
    """20: agent 1 (never worked); 95: agent 0 (idle since 10, the other since 30). At 105 agent 0 is free again."""
    events = (Event.ALERTED, Event.HELD_FOR_AGENT, Event.HOLD_ENDED)
    assert only(waiting("30 s"), *events) == lines("""
        0 ALERTED c0.1 m0 q0 a0
        20 ALERTED c1.1 m1 q0 a1
        95 ALERTED c2.1 m2 q0 a0
        100 HELD_FOR_AGENT c0.2 m3 q0 a0 v130000000
        105 ALERTED c0.2 m3 q0 a0 v6
    """)
    assert only(waiting("3 s"), *events)[3:] == lines("""
        100 HELD_FOR_AGENT c0.2 m3 q0 a0 v103000000
        103 HOLD_ENDED c0.2 m3 q0
        103 ALERTED c0.2 m3 q0 a1
    """)
    assert only(waiting("0"), *events)[3:] == ["100 ALERTED c0.2 m3 q0 a1"]


def test_who_is_held_has_his_place_by_rank():
    """Two others wait for the same agent, one before and one behind the customer who is held for him."""
    text = tiny(
        "0 s, 100 s",
        customers="{population: 1}",
        queue="auto_answer: true, last_agent_wait: 1 min",
        others="xtra: {platform: web messaging, flow: door, arrivals: {trace: [95 s, 97 s, 101 s]}, "
        "topics: {ask: 100 %}}",
    )
    assert [line.split()[0] + " " + line.split()[2] for line in only(text, Event.CONNECTED)] == [
        "0 c0.1", "95 c1.1", "105 c2.1", "115 c0.2", "125 c3.1",
    ]  # fmt: skip


def test_the_last_agents_shift_ends():
    """Nobody waits for one who is gone: at the end of his shift the interaction waits on like any other."""
    text = tiny(
        "0 s, 50 s",
        customers="{population: 1}",
        queue="auto_answer: true, last_agent_wait: 10 min",
        others="xtra: {platform: web messaging, flow: door, arrivals: {trace: [45 s]}, topics: {ask: 100 %}}",
        agents={
            "a": 'shift: {from: "00:00", to: "00:01"}, reply: {effort: 30 s}, end_of_shift: {finish: 5 min}',
            "b": 'shift: {from: "00:02", to: "08:00"}',
        },
    )
    assert only(text, Event.ALERTED, Event.HELD_FOR_AGENT, Event.HOLD_ENDED) == lines("""
        0 ALERTED c0.1 m0 q0 a0
        45 ALERTED c1.1 m1 q0 a0
        50 HELD_FOR_AGENT c0.2 m2 q0 a0 v650000000
        60 HOLD_ENDED c0.2 m2 q0
        120 ALERTED c0.2 m2 q0 a1
    """)


def test_nobody_waits_for_one_who_is_off_shift():
    text = tiny(
        "0 s, 100 s",
        customers="{population: 1}",
        queue="auto_answer: true, last_agent_wait: 10 min",
        agents={"a": 'shift: {from: "00:00", to: "00:01"}', "b": 'shift: {from: "00:02", to: "08:00"}'},
    )
    assert only(text, Event.ALERTED, Event.HELD_FOR_AGENT) == lines("""
        0 ALERTED c0.1 m0 q0 a0
        120 ALERTED c0.2 m1 q0 a1
    """)
