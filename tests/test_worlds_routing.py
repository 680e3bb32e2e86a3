"""Tiny worlds, worked out by hand: who gets whom. Order of the queue, longest idle agent, skills, last agent."""

from __future__ import annotations

import pytest
from tiny import STATUS, lines, only, story, tiny

from simulator.vocabulary.codes import Event

ONE_PERSON = "{population: 1}"


def other(times: str, topic: str = "ask") -> str:
    """A second channel `xtra` of new people; its source number is 1, that of `web` is 0."""
    return f"xtra: {{platform: web messaging, flow: door, arrivals: {{trace: [{times}]}}, topics: {{{topic}: 100 %}}}}"


# --- which interaction -----------------------------------------------------------------------------------------


def test_first_come_first_served():
    """Without priorities the longest in queue is served first."""
    text = tiny("0 s, 1 s, 2 s, 3 s")
    assert only(text, Event.CONNECTED) == lines("""
        0 CONNECTED c0.1 m0 q0 a0
        10 CONNECTED c1.1 m1 q0 a0 v1
        20 CONNECTED c2.1 m2 q0 a0 v2
        30 CONNECTED c3.1 m3 q0 a0 v3
    """)


@pytest.mark.parametrize(
    ("ordinary", "urgent", "first"),
    [
        ("10 s", "100 s", "xtra"),  # at 300 s: 290 s = 4.83; 200 s + 2 min = 5.33
        ("10 s", "129 s", "xtra"),  # 291 s
        ("10 s", "130 s", "web"),  # 290 s each: the earlier entry
        ("10 s", "131 s", "web"),
        ("100 s", "100 s", "xtra"),
    ],
)
def test_priority_is_counted_in_minutes(ordinary, urgent, first):
    """Score = minutes in queue + priority, 1 unit = 1 minute; ties: earlier entry."""
    text = tiny(
        f"0 s, {ordinary}",
        others=other(urgent, "vip"),
        topics="vip: {behaviour: plain, priority: 2}",
        agents="reply: {effort: 300 s}",
    )
    assert only(text, Event.CONNECTED)[1].startswith("300 ")
    second = only(text, Event.REPLY_STARTED, Event.QUEUE_ENTERED)
    urgent_conversation = next(line.split()[2] for line in second if line.endswith(" v2"))
    connected = [line.split()[2] for line in only(text, Event.CONNECTED)]
    assert (connected[1] == urgent_conversation) == (first == "xtra")


def test_negative_priority_waits():
    """A negative priority stands as many minutes further back."""
    text = tiny(
        "0 s, 61 s",
        others=other("1 s", "whenever"),
        topics="whenever: {behaviour: plain, priority: -1}",
        agents="reply: {effort: 100 s}",
    )
    # at 100 s: web 39 s; xtra 99 s - 60 s = 39 s as well: a tie, and xtra came earlier
    assert [line.split()[2] for line in only(text, Event.CONNECTED)] == ["c0.1", "c1.1", "c2.1"]
    assert [line.split()[2] for line in only(text.replace("61 s", "60 s"), Event.CONNECTED)] == ["c0.1", "c2.1", "c1.1"]


def test_ties_of_entry_go_by_id():
    """Same entry, same score: the smaller id, that is the source in order of name, then the ordinal."""
    text = tiny("0 s, 5 s, 5 s", others=other("5 s"))
    assert [line.split()[2] for line in only(text, Event.CONNECTED)] == ["c0.1", "c1.1", "c2.1", "c3.1"]
    assert [line.split()[-2:] for line in only(text, Event.CONTACT_ARRIVED)] == [
        ["q0", "a0"],  # ordinal 0 is not written
        ["a0", "v1"],
        ["a0", "v2"],
        ["q0", "a1"],
    ]


# --- which agent -----------------------------------------------------------------------------------------------


def test_longest_idle():
    """The agent whose clock shows most gets the next; who never worked counts seven days."""
    text = tiny("0 s, 20 s, 40 s, 45 s, 60 s", agents="count: 2")
    assert only(text, Event.CONNECTED) == lines("""
        0 CONNECTED c0.1 m0 q0 a0                   # both never worked: the smaller number
        20 CONNECTED c1.1 m1 q0 a1 v1               # never worked
        40 CONNECTED c2.1 m2 q0 a0 v2               # idle since 10; the other since 30
        45 CONNECTED c3.1 m3 q0 a1 v3
        60 CONNECTED c4.1 m4 q0 a0 v4               # idle since 50; the other since 55
    """)


def test_ties_of_agents_go_by_group_name_and_number():
    """Equal clocks: the agent id, group name first, then number; the order in the file does not matter."""
    text = tiny("0 s, 0 s, 0 s, 0 s", agents={"beta": "count: 2", "alpha": "count: 2"})
    assert [line.split()[-1] for line in only(text, Event.ALERTED)] == ["a0", "a1", "a2", "a3"]
    scenario_order = [line for line in story(text) if "AGENT_STATUS m1" in line and line.startswith("0 ")]
    assert [line.split()[3] for line in scenario_order][:4] == ["a0", "a1", "a2", "a3"]


def test_a_connect_resets_the_clock():
    """The clock is time since the latest of connect and end of wrap-up of any of the agent's sessions."""
    text = tiny("0 s, 1 s, 2 s, 3 s", agents="count: 2, capacity: 2, reply: {effort: 100 s}")
    assert [line.split()[-2] if "v" in line else line.split()[-1] for line in only(text, Event.CONNECTED)] == [
        "a0",
        "a1",
        "a0",
        "a1",
    ]


def test_going_off_and_on_does_not_reset_the_clock():
    """Going on queue does not reset the clock: who comes back from a break has been idle all the time."""
    shift = 'shift: {from: "00:00", to: "08:00", breaks: [{at: "00:05", for: 5 min}]}'
    text = tiny("1 s, 20 s, 700 s", agents={"a": shift, "b": ""})
    # a works 1 to 11, b 20 to 30; at 700 a has been idle for longer, although he came back at 600
    assert [line.split()[5] for line in only(text, Event.CONNECTED)] == ["a0", "a1", "a0"]


def test_skills_all():
    """`ALL`: the agent needs every required skill; who lacks one stays idle while the customer waits."""
    text = tiny(
        "0 s, 1 s, 2 s",
        topic="skills: [german, billing]",
        agents={"a": "count: 3, skills: {german: 5}", "b": "skills: {german: 1, billing: 1, french: 1}"},
    )
    assert only(text, Event.CONNECTED) == lines("""
        0 CONNECTED c0.1 m0 q0 a3
        10 CONNECTED c1.1 m1 q0 a3 v1
        20 CONNECTED c2.1 m2 q0 a3 v2
    """)


def test_an_agent_takes_the_first_he_qualifies_for():
    """A free agent passes over those he does not qualify for."""
    text = tiny(
        "0 s, 1 s",
        topic="skills: [german]",
        others=other("2 s", "simple"),
        topics="simple: {behaviour: plain}",
        agents={"german": "skills: {german: 5}", "helper": 'shift: {from: "00:01", to: "08:00"}'},
    )
    # german/1 serves 0 to 10 and 10 to 20 the two german ones, then the third, which the helper would take at 60
    assert [line.split()[2:6] for line in only(text, Event.CONNECTED)] == [
        ["c0.1", "m0", "q0", "a0"],
        ["c1.1", "m1", "q0", "a0"],
        ["c2.1", "m2", "q0", "a0"],
    ]
    late = text.replace("effort: 10 s", "effort: 50 s")
    assert [line.split()[:3] for line in only(late, Event.CONNECTED)] == [
        ["0", "CONNECTED", "c0.1"],
        ["50", "CONNECTED", "c1.1"],
        ["60", "CONNECTED", "c2.1"],
    ]


def test_queues_of_a_group():
    """An agent serves the queues of his group only; of two he takes the longest waiting."""
    text = tiny(
        "0 s, 20 s, 21 s",
        agents={"a": "queues: [line, second], reply: {effort: 30 s}"},
        others="xtra: {platform: web messaging, flow: side, arrivals: {trace: [5 s, 25 s]}, topics: {ask: 100 %}}",
    ).replace("queues: {line:", "queues: {second: {auto_answer: true}, line:")
    text = text.replace("flows: {", "flows: {side: [{transfer: {queue: second}}], ")
    assert [line.split()[:5] for line in only(text, Event.CONNECTED)] == [
        ["0", "CONNECTED", "c0.1", "m0", "q0"],
        ["30", "CONNECTED", "c1.1", "m1", "q1"],  # since 5
        ["60", "CONNECTED", "c2.1", "m2", "q0"],  # since 20
        ["90", "CONNECTED", "c3.1", "m3", "q0"],  # since 21
        ["120", "CONNECTED", "c4.1", "m4", "q1"],
    ]


# --- last agent ------------------------------------------------------------------------------------------------


def test_last_agent_hit():
    """A re-opened portion goes to the agent who most recently connected, although another is idle for longer."""
    text = tiny("0 s, 100 s", customers=ONE_PERSON, agents="count: 2")
    assert only(text, Event.ALERTED) == lines("""
        0 ALERTED c0.1 m0 q0 a0
        100 ALERTED c0.2 m1 q0 a0 v1                # LAST_AGENT
    """)


def test_last_agent_full():
    """If he is full, another idle agent gets it, as any other interaction."""
    text = tiny("0 s, 100 s", customers=ONE_PERSON, others=other("96 s, 97 s"), agents="count: 3")
    # at 96 agents 1 and 2 never worked: 1; at 97: 2; then 0 is free: make him busy with a third
    busy = text.replace("[96 s, 97 s]", "[95 s, 96 s, 97 s]").replace("count: 3", "count: 4")
    assert only(text, Event.ALERTED)[-1] == "100 ALERTED c0.2 m3 q0 a0 v1"
    # four agents: 1, 2, 3 take the strangers (they never worked); agent 0 is free again
    assert only(busy, Event.ALERTED)[-1] == "100 ALERTED c0.2 m4 q0 a0 v1"
    full = text.replace("[96 s, 97 s]", "[20 s, 40 s, 95 s, 96 s]")
    # 20: agent 1, 40: agent 2, 95: agent 0 (idle since 10), 96: agent 1 (since 30); at 100 agent 2 (since 50)
    assert only(full, Event.ALERTED) == lines("""
        0 ALERTED c0.1 m0 q0 a0
        20 ALERTED c1.1 m1 q0 a1
        40 ALERTED c2.1 m2 q0 a2
        95 ALERTED c3.1 m3 q0 a0
        96 ALERTED c4.1 m4 q0 a1
        100 ALERTED c0.2 m5 q0 a2
    """)


def test_last_agent_off_shift():
    """If he is off queue, it goes to another."""
    text = tiny(
        "1 s, 100 s",
        customers=ONE_PERSON,
        agents={"a": 'shift: {from: "00:00", to: "00:01"}', "b": ""},
    )
    assert only(text, Event.ALERTED) == lines("""
        1 ALERTED c0.1 m0 q0 a0
        100 ALERTED c0.2 m1 q0 a1
    """)


def test_no_precedence_later():
    """It is tried once: afterwards the interaction waits like any other, and its agent takes the longest waiting."""
    text = tiny("0 s, 100 s", customers=ONE_PERSON, others=other("95 s, 96 s"))
    assert only(text, Event.ALERTED) == lines("""
        0 ALERTED c0.1 m0 q0 a0
        95 ALERTED c1.1 m1 q0 a0
        105 ALERTED c2.1 m2 q0 a0
        115 ALERTED c0.2 m3 q0 a0                   # by rank, not as last agent
    """)


def test_last_agent_is_the_one_who_connected_last():
    """Of two agents who have connected in a conversation the later one is tried."""
    text = tiny(
        "1 s, 100 s, 200 s",
        customers=ONE_PERSON,
        agents={"a": 'shift: {from: "00:00", to: "00:01"}', "b": "", "c": ""},
    )
    assert only(text, Event.ALERTED) == lines("""
        1 ALERTED c0.1 m0 q0 a0
        100 ALERTED c0.2 m1 q0 a1
        200 ALERTED c0.3 m2 q0 a1 v1                # agent c never worked and would be first otherwise
    """)


def test_last_agent_rings_as_any_other():
    """Last-agent routing changes who is alerted, not the alert: answer time and expiry are the same."""
    text = tiny("0 s, 100 s", customers=ONE_PERSON, agents="count: 2", queue="answer_time: 4 s")
    assert only(text, Event.ALERTED, Event.CONNECTED) == lines("""
        0 ALERTED c0.1 m0 q0 a0
        4 CONNECTED c0.1 m0 q0 a0
        100 ALERTED c0.2 m1 q0 a0 v1
        104 CONNECTED c0.2 m1 q0 a0 v1
    """)


# --- too many waiting ------------------------------------------------------------------------------------------


def test_max_waiting():
    """`max_waiting` counts those who wait, after an immediate match was tried; more are blocked, not offered."""
    text = tiny("0 s, 1 s, 2 s, 11 s", queue="auto_answer: true, max_waiting: 1")
    assert story(text, STATUS) == lines("""
        0 CONTACT_ARRIVED c0.1 m0 q0 a0
        0 CONTACT_STARTED c0.1 m0 v-1
        0 PORTION_OPENED c0.1 m0 q0
        0 TURN_OPENED c0.1 m0 a0
        0 MESSAGE_RECEIVED c0.1 m0 a0
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        0 ALERTED c0.1 m0 q0 a0
        0 CONNECTED c0.1 m0 q0 a0
        0 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        1 CONTACT_ARRIVED c1.1 m1 q0 a0 v1
        1 CONTACT_STARTED c1.1 m1 v-1
        1 PORTION_OPENED c1.1 m1 q0
        1 TURN_OPENED c1.1 m1 a1
        1 MESSAGE_RECEIVED c1.1 m1 a1 v1
        1 QUEUE_ENTERED c1.1 m1 q0 a1
        2 CONTACT_ARRIVED c2.1 m2 q0 a0 v2
        2 CONTACT_STARTED c2.1 m2 v-1
        2 PORTION_OPENED c2.1 m2 q0
        2 TURN_OPENED c2.1 m2 a2
        2 MESSAGE_RECEIVED c2.1 m2 a2 v2
        2 QUEUE_BLOCKED c2.1 m2 q0
        2 PORTION_DISCONNECTED c2.1 v4
        2 CONTACT_ENDED m2 v6
        10 REPLY_SENT c0.1 m3 q0 a0
        10 CONTACT_ENDED m0 v1
        10 PORTION_DISCONNECTED c0.1 a0 v1
        10 SESSION_ENDED c0.1 m0 q0 a0
        10 ALERTED c1.1 m1 q0 a0
        10 CONNECTED c1.1 m1 q0 a0 v1
        10 REPLY_STARTED c1.1 m1 q0 a0 v10000000
        11 CONTACT_ARRIVED c3.1 m3 q0 a0 v3
        11 CONTACT_STARTED c3.1 m3 v-1
        11 PORTION_OPENED c3.1 m3 q0
        11 TURN_OPENED c3.1 m3 a3
        11 MESSAGE_RECEIVED c3.1 m4 a3 v3
        11 QUEUE_ENTERED c3.1 m2 q0 a3
        20 REPLY_SENT c1.1 m5 q0 a0 v1
        20 CONTACT_ENDED m1 v1
        20 PORTION_DISCONNECTED c1.1 a0 v1
        20 SESSION_ENDED c1.1 m1 q0 a0
        20 ALERTED c3.1 m2 q0 a0
        20 CONNECTED c3.1 m2 q0 a0 v2
        20 REPLY_STARTED c3.1 m3 q0 a0 v10000000
        30 REPLY_SENT c3.1 m6 q0 a0 v3
        30 CONTACT_ENDED m3 v1
        30 PORTION_DISCONNECTED c3.1 a0 v1
        30 SESSION_ENDED c3.1 m2 q0 a0
        3600 RUN_ENDED
    """)


def test_who_rings_does_not_wait():
    """Alerting is not waiting: with one ringing at the desk there is still room for one in the queue."""
    text = tiny("0 s, 1 s, 2 s", queue="answer_time: 5 s, max_waiting: 1")
    assert only(text, Event.QUEUE_ENTERED, Event.QUEUE_BLOCKED) == lines("""
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        1 QUEUE_ENTERED c1.1 m1 q0 a1
        2 QUEUE_BLOCKED c2.1 m2 q0
    """)
