"""Tiny worlds, worked out by hand: balking, patience until the first reply, thanks, writing again when turned away,
and threading by channel, from the last message, without the flow."""

from __future__ import annotations

import numpy as np
import pytest
from tiny import lines, only, tiny
from worlds import run

from simulator.records import checks, fold
from simulator.reports.trace import tell
from simulator.scenario import loads
from simulator.vocabulary.codes import Event
from simulator.vocabulary.errors import ScenarioError
from simulator.workload import draw

ENTRIES = (Event.CONTACT_STARTED, Event.CONTACT_REOPENED, Event.CONTACT_JOINED)
ONE_PERSON = "{population: 1}"


def kept(text: str, *events: Event) -> list[str]:
    """Lines of some events, of a run whose checks all pass."""
    scenario, rows = run(text)
    assert [check for check in checks(scenario, rows, fold(scenario, rows)) if not check.passed] == []
    return only(text, *events)


def test_who_balks_leaves_at_once_when_nobody_is_free():
    """`balk: 100 %`: the first is served at once, the second finds nobody free and is gone in the same instant."""
    text = tiny("0 s, 5 s, 10 s", behaviour="balk: 100 %")
    assert kept(text, Event.CONNECTED, Event.QUEUE_ENTERED, Event.ABANDONED, Event.CONTACT_ENDED) == lines("""
        0 QUEUE_ENTERED c0.1 m0 q0 a0
        0 CONNECTED c0.1 m0 q0 a0
        5 QUEUE_ENTERED c1.1 m1 q0 a1
        5 ABANDONED c1.1 m1 q0 a1
        5 CONTACT_ENDED m1 v3
        10 QUEUE_ENTERED c2.1 m2 q0 a2   # inbound messages come before work done: still nobody free
        10 ABANDONED c2.1 m2 q0 a2
        10 CONTACT_ENDED m2 v3
        10 CONTACT_ENDED m0 v1
    """)


def test_balking_where_nobody_can_hang_up_is_silent():
    text = tiny("0 s, 5 s", behaviour="balk: 100 %", channel="wa", queue="auto_answer: true, close_after: 1 min")
    assert kept(text, Event.GAVE_UP, Event.ABANDONED) == ["5 GAVE_UP c1.1 m1 q0 a1"]


def test_who_is_handed_back_does_not_balk():
    """The shift ends at 8 s: he is back in the queue, does not see it, and is answered by the next who comes."""
    agents = {
        "desk": 'shift: {from: "00:00", to: "00:00:08"}, end_of_shift: {finish: 0, then: requeue}',
        "late": 'shift: {from: "00:01", to: "08:00"}',
    }
    text = tiny("1 s", behaviour="balk: 100 %, opening: {messages: 2, gap: 20 s}", agents=agents)
    told = kept(text, Event.HANDED_BACK, Event.CONNECTED, Event.ABANDONED, Event.CONTACT_ENDED)
    assert [line.split(" ")[1] for line in told] == ["CONNECTED", "HANDED_BACK", "CONNECTED", "CONTACT_ENDED"]


def test_without_balking_he_waits():
    assert kept(tiny("0 s, 5 s", behaviour="balk: 0 %"), Event.ABANDONED, Event.GAVE_UP) == []


def test_patience_until_the_first_reply_ends_a_connected_wait():
    """Two slots, one desk: the second is connected at 5 s but not yet answered when his 20 s are over."""
    agents = "capacity: 2, reply: {effort: 60 s}"
    text = tiny("0 s, 5 s", behaviour="patience: 20 s, patience_until: first_reply", agents=agents)
    told = kept(text, Event.CONNECTED, Event.REPLY_SENT, Event.PORTION_DISCONNECTED, Event.CONTACT_ENDED, Event.GAVE_UP)
    assert told == lines("""
        0 CONNECTED c0.1 m0 q0 a0
        5 CONNECTED c1.1 m1 q0 a0 v1
        25 PORTION_DISCONNECTED c1.1 a0 v7
        25 CONTACT_ENDED m1 v7           # left: connected, not answered
        60 REPLY_SENT c0.1 m2 q0 a0      # his 20 s ended at 20 s, but he saw that somebody was typing
        60 CONTACT_ENDED m0 v1
        60 PORTION_DISCONNECTED c0.1 a0 v1
    """)
    until_connect = tiny("0 s, 5 s", behaviour="patience: 20 s", agents=agents)
    assert kept(until_connect, Event.CONTACT_ENDED) == ["60 CONTACT_ENDED m0 v1", "120 CONTACT_ENDED m1 v1"]


def test_patience_until_the_first_reply_is_not_used_for_later_replies():
    """He has his first reply, is passed on to a busy colleague, and waits for the second longer than his patience."""
    text = tiny(
        "0 s, 1 s",
        behaviour="turns: 3, think: 5 s, patience: 20 s, patience_until: first_reply",
        queue="auto_answer: true, transfers: [{share: 100 %, to: second, after: 1, takes: 1 s}]",
        agents={"desk": "queues: [line]", "two": "queues: [second], capacity: 2, reply: {effort: 40 s}"},
    ).replace("queues: {line:", "queues: {second: {auto_answer: true}, line:")
    outcomes = [line.split(" ", 1)[1] for line in kept(text, Event.CONTACT_ENDED)]
    assert outcomes == ["CONTACT_ENDED m0 v1", "CONTACT_ENDED m1 v1"]


def test_patience_until_the_first_reply_where_nobody_can_hang_up():
    """He goes silent: the agent answers in vain and closes after `close_after`; the contact has vanished."""
    text = tiny(
        "0 s, 5 s",
        channel="wa",
        behaviour="patience: 20 s, patience_until: first_reply, "
        "writes_again: {after_silent: {probability: 100 %, delay: 30 min}}",
        agents="capacity: 2, reply: {effort: 60 s}",
        queue="auto_answer: true, close_after: 5 min",
        duration="20 min",
    )
    told = kept(text, Event.CONTACT_VANISHED, Event.CONTACT_ENDED, Event.REPLY_SENT, Event.PORTION_DISCONNECTED)
    assert told == lines("""
        25 CONTACT_VANISHED c1.1 m1
        25 CONTACT_ENDED m1 v5
        60 REPLY_SENT c0.1 m2 q0 a0
        60 CONTACT_ENDED m0 v1
        60 PORTION_DISCONNECTED c0.1 a0 v1
        120 REPLY_SENT c1.1 m3 q0 a0 v1
        420 PORTION_DISCONNECTED c1.1 a0 v5
    """)


def test_who_was_turned_away_writes_again():
    """`after_blocked`: the delay runs from the block; the later contact finds the desk free."""
    text = tiny(
        "0 s, 5 s",
        behaviour="writes_again: {after_blocked: {probability: 100 %, delay: 1 min}}",
        queue="auto_answer: true, max_waiting: 0",
    )
    assert kept(text, Event.QUEUE_BLOCKED, Event.CONTACT_RETURNED, *ENTRIES, Event.CONTACT_ENDED) == lines("""
        0 CONTACT_STARTED c0.1 m0 v-1
        5 CONTACT_STARTED c1.1 m1 v-1
        5 QUEUE_BLOCKED c1.1 m1 q0
        5 CONTACT_ENDED m1 v6
        10 CONTACT_ENDED m0 v1
        65 CONTACT_RETURNED c1.2 m2 q0 a1 v4
        65 CONTACT_REOPENED c1.2 m2 v-1
        75 CONTACT_ENDED m2 v1
    """)


def test_thanks_are_one_message_and_nobody_thanks_for_them():
    """A thank-you after the closing re-opens the conversation with one turn, although contacts have three."""
    text = tiny(
        behaviour="turns: 3, think: 20 s, opening: {messages: 2, gap: 1 s}, "
        "writes_again: {thanks: {probability: 100 %, delay: 1 min, topic: cheers}}",
        topics="cheers: {behaviour: plain}",
    )
    told = kept(text, Event.CONTACT_RETURNED, Event.TURN_OPENED, Event.PORTION_DISCONNECTED)
    assert told == lines("""
        0 TURN_OPENED c0.1 m0 a0
        31 TURN_OPENED c0.1 m1 a0 v1     # burst complete at 1 s, reply at 11 s, think 20 s
        61 TURN_OPENED c0.1 m2 a0 v2
        71 PORTION_DISCONNECTED c0.1 a0 v1
        131 CONTACT_RETURNED c0.2 m1 q1 a0 v5
        131 TURN_OPENED c0.2 m3 a1
        141 PORTION_DISCONNECTED c0.2 a0 v1
    """)


def test_the_window_may_start_at_the_last_message():
    """The last message at 0 s, the disconnect at 10 s, window 1 min: a message at 65 s re-opens only by disconnect."""
    by = {
        "disconnect": ["0 CONTACT_STARTED c0.1 m0", "65 CONTACT_REOPENED c0.2 m1"],
        "last_message": ["0 CONTACT_STARTED c0.1 m0", "65 CONTACT_STARTED c1.1 m1"],
    }
    for starts_at, told in by.items():
        rule = f"threading: {{window: 1 min, starts_at: {starts_at}}}"
        assert kept(tiny("0 s, 65 s", customers=ONE_PERSON, more=rule), *ENTRIES) == told


def test_a_channel_has_its_own_window():
    text = tiny("0 s, 65 s", customers=ONE_PERSON + ", threading: {window: 1 min, starts_at: last_message}")
    assert kept(text, *ENTRIES)[-1] == "65 CONTACT_STARTED c1.1 m1"
    assert loads(text).threading.window_us != loads(text).threading_of("web").window_us


def test_what_a_channel_does_not_say_about_threading_is_the_scenarios():
    rule = "threading: {window: 2 h, starts_at: last_message, reopen_runs_flow: false}"
    text = tiny("0 s, 65 s", customers=ONE_PERSON + ", threading: {window: 1 min}", more=rule)
    assert kept(text, *ENTRIES)[-1] == "65 CONTACT_STARTED c1.1 m1"  # a minute after the message, not the disconnect
    assert not loads(text).threading_of("web").reopen_runs_flow


def test_the_trace_tells_the_channels_window_and_where_it_begins():
    rule = "threading: {window: 2 min, starts_at: last_message}"
    scenario, rows = run(tiny("0 s, 65 s", customers=f"{ONE_PERSON}, {rule}"))
    told = tell(fold(scenario, rows), "web/0", scenario)
    assert any(
        "writes 65 s after the customer's latest message, less than 2 min: the conversation is re-opened" in line
        for line in told
    )
    assert not any("The threading clock starts" in line for line in told), "it began with his message"


def test_reopening_may_skip_the_flow():
    """`reopen_runs_flow: false`: a new contact that re-opens goes straight to the queue."""
    flow = "{identify: {takes: 7 s}}"
    runs = tiny("0 s, 60 s", customers=ONE_PERSON, flow=flow)
    skips = tiny("0 s, 60 s", customers=ONE_PERSON, flow=flow, more="threading: {reopen_runs_flow: false}")
    assert kept(runs, Event.QUEUE_ENTERED)[1].startswith("67 ")
    assert kept(skips, Event.QUEUE_ENTERED)[1].startswith("60 ")


def test_unequal_customers_write_unequally_often():
    """Gamma weights with cv 2: the busiest tenth of 1,000 people writes about half of everything; equal: a tenth."""

    def share_of_busiest(weights: str) -> float:
        text = tiny("", customers=f"{{population: 1000, weights: {weights}}}, arrivals: {{rate: 20000/h}}")
        counts = np.bincount(draw(loads(text), 0).channels[0].facts["customer"], minlength=1000)
        return float(np.sort(counts)[-100:].sum() / counts.sum())

    # Gamma with shape 1/4: the share of the upper tenth is 1 - F(x; 5/4) at the 90 % point x of F(.; 1/4) = 0.59
    assert abs(share_of_busiest("{gamma: {cv: 2}}") - 0.59) < 0.06
    assert share_of_busiest("equal") < 0.16


@pytest.mark.parametrize(("stream", "named"), [("web", {"site"}), ("old", {"site", "third"})])
def test_a_stream_belongs_to_one(stream: str, named: set[str]) -> None:
    """Two channels that draw from one stream would have the same customers at the same moments."""
    comes = "platform: web messaging, flow: door, arrivals: {rate: 60/h}, topics: {ask: 100 %}"
    others = ", ".join(f"{name}: {{{comes}, stream: {stream}}}" for name in sorted(named))
    with pytest.raises(ScenarioError) as raised:
        loads(tiny("0 s", others=others))
    findings = [finding for finding in raised.value.findings if finding.severity == "error"]
    assert {finding.path for finding in findings} == {f"channels.{name}.stream" for name in named}
    assert all("both would do the same" in finding.problem for finding in findings)


@pytest.mark.parametrize("may", ["balk: 20 %", "leaves_in_flow: 10 %", "patience_in_flow: 5 min", "patience: 5 min"])
def test_who_would_hang_up_where_nobody_can_is_named(may: str) -> None:
    (warning,) = loads(tiny("0 s", channel="wa", behaviour=may)).warnings
    assert "the 100 % of `plain` who would abandon are silent there" in warning.problem


def test_a_renamed_channel_keeps_its_customers_by_its_stream():
    """`stream` names the old name: everything random stays, only the name is new."""
    old = tiny("", customers="new, arrivals: {rate: 100/h}", behaviour="patience: {exponential: {mean: 1 min}}")
    renamed = old.replace("channels: {web:", "channels: {site: ").replace(
        "customers: new", "customers: new, stream: web"
    )
    other = old.replace("channels: {web:", "channels: {site: ")
    first, second, third = (draw(loads(text), 0).channels[0] for text in (old, renamed, other))
    assert np.array_equal(first.at_us, second.at_us) and np.array_equal(first.facts, second.facts)
    assert not np.array_equal(first.at_us[:5], third.at_us[:5])
