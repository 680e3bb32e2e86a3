"""Tiny worlds, worked out by hand: each kind of branch, nested ones, and paths that go on behind a branch."""

from __future__ import annotations

import pytest
from test_worlds_flow_steps import with_flow
from tiny import lines, only, tiny
from worlds import run

from simulator.records import fold
from simulator.records.checks import checks
from simulator.vocabulary.codes import Event

TWO_QUEUES = "auto_answer: true}, other: {auto_answer: true"
BOTH = {"desk": "queues: [line], count: 9", "second": "queues: [other], count: 9"}


def branching(branch: str, *args: str, behind: str = ", {transfer: {queue: line}}", **parts: str) -> str:
    """A world with the queues `line` (0) and `other` (1), enough agents for both, and this branch in its flow."""
    parts = {"queue": TWO_QUEUES, "agents": BOTH, **parts}
    return with_flow(f"{{branch: {{{branch}}}}}{behind}", *args, **parts)


def entered(text: str) -> list[str]:
    """`seconds queue` of every queue entry."""
    return [f"{line.split()[0]} {line.split()[4]}" for line in only(text, Event.QUEUE_ENTERED)]


def paths(text: str) -> list[object]:
    """The paths of the portions, in words; all checks hold."""
    scenario, rows = run(text)
    tables = fold(scenario, rows)
    assert [check.detail for check in checks(scenario, rows, tables) if not check.passed] == []
    return tables["portions"]["flow_path"].astype(object).where(tables["portions"]["flow_path"].notna(), None).tolist()


TO_OTHER = "[{transfer: {queue: other}}]"


def test_topic():
    """A case by name of the topic, `else` for all others; without `else` they go on behind the branch."""
    other = "app: {platform: web messaging, flow: door, arrivals: {trace: [1 s]}, topics: {second: 100 %}}"
    more = {"others": other, "topics": "second: {behaviour: plain}, third: {behaviour: plain}"}
    text = branching(f"on: topic, cases: {{second: {TO_OTHER}}}", **more)
    assert entered(text) == ["0 q0", "1 q1"]
    assert only(text, Event.FLOW_BRANCHED) == lines("""
        0 FLOW_BRANCHED c0.1 m0 q0 v1               # the last path: `else`
        1 FLOW_BRANCHED c1.1 m1 q0
    """)
    assert paths(text) == ["topic=else", "topic=second"]
    text = branching(f"on: topic, cases: {{ask: [{{wait: {{time: 2 s}}}}]}}, else: {TO_OTHER}", **more)
    assert entered(text) == ["1 q1", "2 q0"]


def test_channel():
    """A case by name of the channel."""
    other = "app: {platform: web messaging, flow: door, arrivals: {trace: [1 s]}, topics: {ask: 100 %}}"
    assert entered(branching(f"on: channel, cases: {{app: {TO_OTHER}}}", others=other)) == ["0 q0", "1 q1"]


HOURS = 'business_hours: {office: {mon-fri: "00:00-00:02", sat: "00:00-00:01", holidays: "00:00-00:03"}}\n'


@pytest.mark.parametrize(
    ("start", "holidays", "cases", "queues"),
    [
        ("2026-03-02 00:00", "", "closed", ["0 q0", "119 q0", "120 q1"]),  # Monday: open up to but not at 00:02
        ("2026-03-07 00:00", "", "closed", ["0 q0", "119 q1", "120 q1"]),  # Saturday
        ("2026-03-08 00:00", "", "closed", ["0 q1", "119 q1", "120 q1"]),  # Sunday
        ("2026-03-02 00:00", "", "open", ["0 q1", "119 q1", "120 q0"]),
        ("2026-03-02 00:00", "holidays: [2026-03-02]", "closed", ["0 q0", "119 q0", "120 q0"]),  # a holiday's hours
        ("2026-03-02 00:00", "holidays: [2026-03-02]", "holiday", ["0 q1", "119 q1", "120 q1"]),
        ("2026-03-02 00:00", "holidays: [2026-03-03]", "holiday", ["0 q0", "119 q0", "120 q0"]),
    ],
)
def test_business_hours_and_holidays(start, holidays, cases, queues):
    """Open, closed, or (where there is such a case) holiday; hours end before their last minute begins."""
    text = branching(
        f"on: business_hours, hours: office, cases: {{{cases}: {TO_OTHER}}}",
        "0 s, 119 s, 120 s",
        start=start,
        more=HOURS + holidays,
    )
    assert entered(text) == queues


def test_business_hours_across_a_wait():
    """A branch looks at the clock when somebody comes there, not when he came in."""
    text = with_flow(
        f"{{wait: {{time: 30 s}}}}, {{branch: {{on: business_hours, hours: office, cases: {{closed: {TO_OTHER}}}}}}}, "
        "{transfer: {queue: line}}",
        "80 s, 90 s",
        queue=TWO_QUEUES,
        agents=BOTH,
        more=HOURS,
    )
    assert entered(text) == ["110 q0", "120 q1"]


@pytest.mark.parametrize(("success", "queue"), [("100 %", "2 q0"), ("0 %", "2 q1")])
def test_identified(success, queue):
    """`yes` or `no`, by what the flow has found out so far."""
    text = with_flow(
        f"{{identify: {{takes: 2 s, success: {success}}}}}, "
        f"{{branch: {{on: identified, cases: {{no: {TO_OTHER}}}}}}}, {{transfer: {{queue: line}}}}",
        queue=TWO_QUEUES,
        agents=BOTH,
    )
    assert entered(text) == [queue]


def test_nobody_asked_is_nobody_identified():
    assert entered(branching(f"on: identified, cases: {{yes: {TO_OTHER}}}")) == ["0 q0"]


REOPENS = {"behaviour": "turns: 2, think: 20 min, flow_answer: 1 s", "agents": BOTH}


def test_reopened():
    """A later pass of the same contact walks the flow again where it branches on `reopened`, without the steps that
    are decided once per contact; a `send` is sent again."""
    text = with_flow(
        "{identify: {takes: 2 s}}, {collect: {fields: 1}}, {send: {}}, "
        f"{{branch: {{on: reopened, cases: {{yes: {TO_OTHER}}}}}}}, {{transfer: {{queue: line}}}}",
        queue=TWO_QUEUES,
        **REOPENS,
    )
    kept = only(text, Event.IDENTIFIED, Event.FLOW_MESSAGE_SENT, Event.FLOW_BRANCHED, Event.QUEUE_ENTERED)
    # 2 s, question after 1 s, answer after 1 s; reply at 9 (10 s - 5 s), closed at 609, back at 1209
    assert kept == lines("""
        2 IDENTIFIED c0.1 m0 v1
        3 FLOW_MESSAGE_SENT c0.1 m1 v2
        4 FLOW_MESSAGE_SENT c0.1 m3 v3
        4 FLOW_BRANCHED c0.1 m0 q3 v1
        4 QUEUE_ENTERED c0.1 m0 q0 a0
        1209 FLOW_MESSAGE_SENT c0.2 m6 v3
        1209 FLOW_BRANCHED c0.2 m0 q3
        1209 QUEUE_ENTERED c0.2 m1 q1 a0
    """)


def test_a_later_pass_keeps_its_transfer():
    """Without a branch on `reopened` a later pass goes straight to the transfer it had found, whatever the hour."""
    text = branching(f"on: business_hours, hours: office, cases: {{closed: {TO_OTHER}}}", more=HOURS, **REOPENS)
    assert entered(text) == ["0 q0", "1210 q0"]  # Monday 00:20 is closed


def test_without_reopen_runs_flow_only_branches_are_looked_at():
    """Where re-opening does not run the flow nobody talks or waits, but the way is looked for."""
    text = with_flow(
        f"{{wait: {{time: 5 s}}}}, {{branch: {{on: business_hours, hours: office, cases: {{closed: {TO_OTHER}}}}}}}, "
        "{transfer: {queue: line}}",
        "0 s, 1000 s",
        queue=TWO_QUEUES,
        agents=BOTH,
        customers="{population: 1}",
        more=HOURS + "threading: {reopen_runs_flow: false}",
    )
    assert entered(text) == ["5 q0", "1000 q1"]


def test_queue_length():
    """Those who wait in a queue, without alerting and connected ones; the largest number that is reached counts."""
    text = with_flow(
        '{branch: {on: queue_length, queue: line, cases: {"1": [{wait: {time: 1 s}}], "2": ' + TO_OTHER + "}}}, "
        "{transfer: {queue: line}}",
        "0 s, 1 s, 2 s, 4 s",
        queue=TWO_QUEUES,
        agents={"desk": "reply: {effort: 1 h}", "second": "queues: [other]"},
        duration="10 min",
    )
    # nobody waits at 0 and 1; one waits at 2: 1 s more, and then two do
    assert entered(text) == ["0 q0", "1 q0", "3 q0", "4 q1"]
    assert paths(text) == ["queue_length=else", "queue_length=else", "queue_length=1", "queue_length=2"]


def test_estimated_wait():
    """Position x mean handle time of the queue's sessions / slots; 0 before the first session has ended."""
    text = with_flow(
        "{branch: {on: estimated_wait, queue: line, cases: {20 s: " + TO_OTHER + "}}}, {transfer: {queue: line}}",
        "0 s, 1 s, 2 s, 11 s, 12 s, 30 s",
        queue=TWO_QUEUES,
        agents={"desk": "reply: {effort: 10 s}", "second": "queues: [other]"},
        duration="10 min",
    )
    # at 0, 1, 2: nothing known. At 10 the first session ends after 10 s. At 11 one waits: (1 + 1) x 10 s is 20 s.
    # At 12 also. At 30 nobody waits: 1 x 10 s.
    assert entered(text) == ["0 q0", "1 q0", "2 q0", "11 q1", "12 q1", "30 q0"]


def test_a_branch_in_a_branch():
    """Paths of a branch are flows of their own; one that does not end goes on behind its branch."""
    other = "app: {platform: web messaging, flow: door, arrivals: {trace: [1 s, 130 s]}, topics: {ask: 100 %}}"
    inner = f"{{branch: {{on: business_hours, hours: office, cases: {{closed: {TO_OTHER}}}}}}}"
    text = branching(f"on: channel, cases: {{app: [{inner}, {{wait: {{time: 4 s}}}}]}}", others=other, more=HOURS)
    assert entered(text) == ["0 q0", "5 q0", "130 q1"]
    assert paths(text) == ["channel=else", "channel=app business_hours=else", "channel=app business_hours=closed"]


def test_the_order_of_cases_changes_nothing():
    """Cases are told apart by their names."""
    cases = ["app: [{wait: {time: 1 s}}]", f"web: {TO_OTHER}"]
    other = "app: {platform: web messaging, flow: door, arrivals: {trace: [1 s]}, topics: {ask: 100 %}}"
    one, two = (branching(f"on: channel, cases: {{{', '.join(c)}}}", others=other) for c in (cases, cases[::-1]))
    assert (run(one)[1] == run(two)[1]).all()


def test_bots_on_parallel_paths_share_the_luck():
    """A contact whom the bot of one path would solve is solved by the same bot on the other path too."""
    bot = "{bot: {bot_time: 1 s, contains: 50 %}}"
    times = ", ".join(["0 s"] * 60)
    plain = only(tiny(times, flow=bot), Event.PORTION_DISCONNECTED)
    branch = f"{{branch: {{on: topic, cases: {{ask: [{bot}]}}, else: [{bot}]}}}}"
    text = with_flow(f"{branch}, {{transfer: {{queue: line}}}}", times)
    assert only(text, Event.PORTION_DISCONNECTED) == plain
    text = with_flow(f"{{branch: {{on: reopened, cases: {{no: [{bot}]}}}}}}, {{transfer: {{queue: line}}}}", times)
    assert only(text, Event.PORTION_DISCONNECTED) == plain  # drawn one by one: the run decides who comes there
