"""Traces that other people's simulators publish (`ground_truth/cases.json`), event by event."""

from __future__ import annotations

import json

from tiny import STATUS, lines, only, story, tiny

from simulator.vocabulary.codes import Event


def case(shared, name: str) -> dict:
    cases = json.loads(shared("ground_truth/cases.json").read_text(encoding="utf-8"))
    return next(each for each in cases if each["id"] == name)


def test_simmer_reject(shared):
    """simmer's rejection test: one agent, no room to wait, arrivals at 1..100 s, 1.5 s of work each."""
    expected = case(shared, "simmer_reject")["expected"]
    times = ", ".join(f"{t} s" for t in range(1, 101))
    text = tiny(
        times,
        queue="auto_answer: true, max_waiting: 0",
        agents="reply: {effort: 1500 ms}",
        duration="100001 ms",
        more="after_end: drain",
    )
    blocks, message = [], 0
    for i in range(100):
        t, odd = i + 1, i % 2 == 0
        served, number = i // 2, f" v{i}" if i else ""
        arrival = [
            f"{t} CONTACT_ARRIVED c{i}.1 m{i} q0 a0{number}",
            f"{t} CONTACT_STARTED c{i}.1 m{i} v-1",
            f"{t} PORTION_OPENED c{i}.1 m{i} q0",
            f"{t} TURN_OPENED c{i}.1 m{i} a{i}",
            f"{t} MESSAGE_RECEIVED c{i}.1 m{message} a{i}{number}",
        ]
        message += 1
        if odd:
            session = f" v{served}" if served else ""
            blocks += [
                *arrival,
                f"{t} QUEUE_ENTERED c{i}.1 m{served} q0 a{i}",
                f"{t} ALERTED c{i}.1 m{served} q0 a0",
                f"{t} CONNECTED c{i}.1 m{served} q0 a0{session}",
                f"{t} REPLY_STARTED c{i}.1 m{i} q0 a0 v1500000",
            ]
        else:
            blocks += [
                *arrival,
                f"{t} QUEUE_BLOCKED c{i}.1 m{i} q0",
                f"{t} PORTION_DISCONNECTED c{i}.1 v4",
                f"{t} CONTACT_ENDED m{i} v6",
                f"{t + 0.5} REPLY_SENT c{i - 1}.1 m{message} q0 a0" + (f" v{i - 1}" if i > 1 else ""),
                f"{t + 0.5} CONTACT_ENDED m{i - 1} v1",
                f"{t + 0.5} PORTION_DISCONNECTED c{i - 1}.1 a0 v1",
                f"{t + 0.5} SESSION_ENDED c{i - 1}.1 m{served} q0 a0",
            ]
            message += 1
    assert story(text, STATUS) == [*blocks, f"{expected['end']} RUN_ENDED"]
    assert len(only(text, Event.REPLY_SENT)) == expected["served"]
    assert len(only(text, Event.QUEUE_BLOCKED)) == expected["rejected"]
    assert sum(int(line.split("v")[-1]) for line in only(text, Event.REPLY_STARTED)) == expected["busy_time"] * 1e6


def test_ciw_renege_trace(shared):
    """Ciw's reneging test: arrivals at 7, 14, 21, 28 s, 11 s of work, 3 s of patience, one agent."""
    expected = case(shared, "ciw_renege_trace")["expected"]
    text = tiny("7 s, 14 s, 21 s, 28 s", behaviour="patience: 3 s", agents="reply: {effort: 11 s}", duration="1 min")
    assert story(text) == lines("""
        0 AGENT_STATUS m0 a0
        0 AGENT_STATUS m1 a0 v1
        7 CONTACT_ARRIVED c0.1 m0 q0 a0
        7 CONTACT_STARTED c0.1 m0 v-1
        7 PORTION_OPENED c0.1 m0 q0
        7 TURN_OPENED c0.1 m0 a0
        7 MESSAGE_RECEIVED c0.1 m0 a0
        7 QUEUE_ENTERED c0.1 m0 q0 a0
        7 ALERTED c0.1 m0 q0 a0
        7 CONNECTED c0.1 m0 q0 a0
        7 AGENT_STATUS m1 a0 v2
        7 REPLY_STARTED c0.1 m0 q0 a0 v11000000
        14 CONTACT_ARRIVED c1.1 m1 q0 a0 v1
        14 CONTACT_STARTED c1.1 m1 v-1
        14 PORTION_OPENED c1.1 m1 q0
        14 TURN_OPENED c1.1 m1 a1
        14 MESSAGE_RECEIVED c1.1 m1 a1 v1
        14 QUEUE_ENTERED c1.1 m1 q0 a1
        17 ABANDONED c1.1 m1 q0 a1
        17 PORTION_DISCONNECTED c1.1 v3
        17 CONTACT_ENDED m1 v3
        18 REPLY_SENT c0.1 m2 q0 a0
        18 CONTACT_ENDED m0 v1
        18 PORTION_DISCONNECTED c0.1 a0 v1
        18 SESSION_ENDED c0.1 m0 q0 a0
        18 AGENT_STATUS m1 a0 v1
        21 CONTACT_ARRIVED c2.1 m2 q0 a0 v2
        21 CONTACT_STARTED c2.1 m2 v-1
        21 PORTION_OPENED c2.1 m2 q0
        21 TURN_OPENED c2.1 m2 a2
        21 MESSAGE_RECEIVED c2.1 m3 a2 v2
        21 QUEUE_ENTERED c2.1 m2 q0 a2
        21 ALERTED c2.1 m2 q0 a0
        21 CONNECTED c2.1 m2 q0 a0 v1
        21 AGENT_STATUS m1 a0 v2
        21 REPLY_STARTED c2.1 m2 q0 a0 v11000000
        28 CONTACT_ARRIVED c3.1 m3 q0 a0 v3
        28 CONTACT_STARTED c3.1 m3 v-1
        28 PORTION_OPENED c3.1 m3 q0
        28 TURN_OPENED c3.1 m3 a3
        28 MESSAGE_RECEIVED c3.1 m4 a3 v3
        28 QUEUE_ENTERED c3.1 m3 q0 a3
        31 ABANDONED c3.1 m3 q0 a3
        31 PORTION_DISCONNECTED c3.1 v3
        31 CONTACT_ENDED m3 v3
        32 REPLY_SENT c2.1 m5 q0 a0 v2
        32 CONTACT_ENDED m2 v1
        32 PORTION_DISCONNECTED c2.1 a0 v1
        32 SESSION_ENDED c2.1 m1 q0 a0
        32 AGENT_STATUS m1 a0 v1
        60 RUN_ENDED
    """)
    assert [int(line.split()[0]) for line in only(text, Event.ABANDONED)] == [e["t"] for e in expected["abandon"]]
    assert [int(line.split()[0]) for line in only(text, Event.SESSION_ENDED)] == [
        e["t"] for e in expected["served_end"]
    ]


def test_ciw_renege_shift_trace(shared):
    """The same, but the agent's shift ends at 16, while he works; seconds are minutes here, shifts have clock times."""
    expected = case(shared, "ciw_renege_shift_trace")["expected"]
    text = tiny(
        "7 min, 14 min, 21 min, 28 min",
        behaviour="patience: 3 min",
        agents='reply: {effort: 11 min}, shift: {from: "00:00", to: "00:16"}',
    )
    kept = only(text, Event.AGENT_STATUS, Event.QUEUE_ENTERED, Event.CONNECTED, Event.ABANDONED, Event.REPLY_SENT,
                Event.PORTION_DISCONNECTED, Event.SESSION_ENDED, Event.CONTACT_ENDED, Event.RUN_ENDED)  # fmt: skip
    assert kept == lines("""
        0 AGENT_STATUS m0 a0
        0 AGENT_STATUS m1 a0 v1
        420 QUEUE_ENTERED c0.1 m0 q0 a0
        420 CONNECTED c0.1 m0 q0 a0
        420 AGENT_STATUS m1 a0 v2
        840 QUEUE_ENTERED c1.1 m1 q0 a1
        960 AGENT_STATUS m4 a0                      # OVERTIME, OFF_QUEUE: the piece is finished
        1020 ABANDONED c1.1 m1 q0 a1
        1020 PORTION_DISCONNECTED c1.1 v3
        1020 CONTACT_ENDED m1 v3
        1080 REPLY_SENT c0.1 m2 q0 a0
        1080 CONTACT_ENDED m0 v1
        1080 PORTION_DISCONNECTED c0.1 a0 v1
        1080 SESSION_ENDED c0.1 m0 q0 a0
        1080 AGENT_STATUS m0 a0
        1260 QUEUE_ENTERED c2.1 m2 q0 a2
        1440 ABANDONED c2.1 m2 q0 a2
        1440 PORTION_DISCONNECTED c2.1 v3
        1440 CONTACT_ENDED m2 v3
        1680 QUEUE_ENTERED c3.1 m3 q0 a3
        1860 ABANDONED c3.1 m3 q0 a3
        1860 PORTION_DISCONNECTED c3.1 v3
        1860 CONTACT_ENDED m3 v3
        3600 RUN_ENDED
    """)
    gone = [int(line.split()[0]) / 60 for line in only(text, Event.ABANDONED)]
    assert gone == [each["t"] for each in expected["abandon"]]
    assert int(only(text, Event.SESSION_ENDED)[0].split()[0]) / 60 == expected["agent_leaves_at"]
