"""Tiny worlds, worked out by hand: slots by channel and by label, and which interactions go together."""

from __future__ import annotations

from tiny import tiny
from worlds import run

from simulator.records import checks, fold
from simulator.records.evidence import Evidence
from simulator.records.slots import utilization
from simulator.scenario import loads

OTHER = "sms: {platform: web messaging, flow: door, arrivals: {trace: [SMS]}, topics: {ask: 100 %}}"
THINK = "turns: 2, think: 10 min"
"""A reply of 10 s, then the customer holds the slot for 10 minutes."""


def channels(web: str, sms: str, agents: str, **more: str) -> str:
    return tiny(web, others=OTHER.replace("SMS", sms), agents=agents, behaviour=THINK, **more)


def connects(text: str) -> list[str]:
    """Who connects when, of a world that adds up."""
    scenario, rows = run(text)
    tables = fold(scenario, rows)
    assert [check for check in checks(scenario, rows, tables) if not check.passed] == []
    sessions = tables["sessions"]
    return [f"{at / 1e6:g} {who}" for at, who in zip(sessions["connected_us"], sessions["conversation"], strict=True)]


def test_slots_by_channel():
    """Two of the web, one of sms: the third of the web waits for the end of the first (0, reply 10, back at 610, done
    at 620), the second of sms for the end of the first of sms. What is free for one channel is not for the other."""
    text = channels("0 s, 1 s, 2 s", "3 s, 4 s", "capacity: {web: 2, sms: 1}")
    assert connects(text)[:3] == ["0 web/0", "1 web/1", "3 sms/0"]
    later = connects(text)[3:]
    assert [line.split()[1] for line in later] == ["web/2", "sms/1"]
    assert all(float(line.split()[0]) > 600 for line in later)


def test_all_together_is_another_thing():
    """Three slots for whatever comes."""
    text = channels("0 s, 1 s, 2 s", "3 s, 4 s", "capacity: 3")
    assert connects(text)[:3] == ["0 web/0", "1 web/1", "2 web/2"]


def test_a_channel_without_slots_is_not_served():
    text = channels("0 s", "1 s", "capacity: {web: 1, sms: 0}", duration="30 min")
    assert connects(text) == ["0 web/0"]


def test_who_comes_later_overtakes_where_his_channel_has_slots():
    """The agent takes the highest-ranked interaction that goes with what he holds: sms, though the web waits longer."""
    text = channels("0 s, 1 s", "2 s", "capacity: {web: 1, sms: 1}")
    assert connects(text)[:2] == ["0 web/0", "2 sms/0"]


def test_the_agent_with_a_slot_for_it_gets_it():
    """The first of sms goes to a, the second to b, for a is full for sms; the web finds a, the longer idle, free."""
    one_each = "capacity: {web: 1, sms: 1}"
    text = channels("2 s", "0 s, 1 s", {"a": one_each, "b": one_each})  # type: ignore[arg-type]
    scenario, rows = run(text)
    sessions = fold(scenario, rows)["sessions"]
    told = [f"{who} {agent}" for who, agent in zip(sessions["conversation"], sessions["agent"], strict=True)]
    assert told[:3] == ["sms/0 a/1", "sms/1 b/1", "web/0 a/1"]


# --- labels ----------------------------------------------------------------------------------------------------


def labelled(arrivals: str, agents: str) -> str:
    """Channels easy, hard and plain, each with the topic of its name and a third of the arrivals."""
    channels = "\n".join(
        f"  {name}: {{platform: web messaging, flow: door, arrivals: {{trace: [{at}]}}, topics: {{{name}: 100 %}}}}"
        for name, at in zip(("easy", "hard", "plain"), arrivals.split("|"), strict=True)
    )
    return f"""
name: Labels
start: 2026-03-02 00:00
duration: 30 min
behaviours: {{plain: {{{THINK}}}}}
topics:
  easy: {{behaviour: plain, label: light}}
  hard: {{behaviour: plain, label: heavy}}
  plain: {{behaviour: plain}}
flows: {{door: [{{transfer: {{queue: line}}}}]}}
queues: {{line: {{auto_answer: true}}}}
channels:
{channels}
agents: {{desk: {{count: 1, queues: [line], reply: {{effort: 10 s}}, {agents}}}}}
"""


def test_slots_by_label_within_the_capacity():
    """Four slots, of these two for light and one for heavy work; work without a label has all that is left."""
    rules = "labels: {light: {capacity: 2, interrupted_by: all}, heavy: {capacity: 1, interrupted_by: all}}"
    text = labelled("0 s, 1 s, 2 s|3 s, 4 s|5 s, 6 s", f"capacity: 4, utilization: {{{rules}}}")
    assert connects(text)[:4] == ["0 easy/0", "1 easy/1", "3 hard/0", "5 plain/0"]
    assert float(connects(text)[4].split()[0]) > 600


def test_labels_exclude_each_other_unless_they_may_interrupt():
    """The platform's rule: heavy work may interrupt light work, not the other way round.

    Easy at 0 and hard at 1 beside it; easy at 2 does not come beside the hard one, though light has a slot left."""
    rules = "labels: {light: {capacity: 2, interrupted_by: [heavy]}, heavy: {capacity: 1}}"
    text = labelled("0 s, 2 s|1 s|30 min", f"capacity: 4, utilization: {{{rules}}}")
    told = connects(text)
    assert told[:2] == ["0 easy/0", "1 hard/0"]
    assert float(told[2].split()[0]) > 610  # after the end of the hard one
    free = labelled("0 s, 2 s|1 s|30 min", "capacity: 4")
    assert connects(free)[:3] == ["0 easy/0", "1 hard/0", "2 easy/1"]


def test_work_without_a_label_interrupts_and_is_interrupted():
    rules = "labels: {light: {capacity: 1}, heavy: {capacity: 1}}"
    text = labelled("1 s|30 min|0 s, 2 s", f"capacity: 3, utilization: {{{rules}}}")
    assert connects(text)[:3] == ["0 plain/0", "1 easy/0", "2 plain/1"]


def test_channels_may_exclude_each_other_as_media_do():
    """While an easy one of its channel is held nothing of another channel comes, unless it may interrupt."""
    rules = "channels: {easy: {interrupted_by: [hard]}}"
    text = labelled("0 s|2 s|1 s", f"capacity: 3, utilization: {{{rules}}}")
    told = connects(text)
    assert told[:2] == ["0 easy/0", "2 hard/0"]
    assert float(told[2].split()[0]) > 610


def test_the_check_sees_what_the_limits_forbid():
    """The same journal, judged by stricter limits: the check that stays on in every run fails."""
    text = labelled("0 s, 1 s|2 s|30 min", "capacity: 4")
    scenario, rows = run(text)
    tables = fold(scenario, rows)
    strict = loads(labelled("0 s, 1 s|2 s|30 min", "capacity: 4, utilization: {labels: {light: {capacity: 1}}}"))
    passed, detail = utilization(Evidence(strict, rows, tables))
    assert not passed and "held 2 of label light, 1 allowed" in detail
    rule = "capacity: 4, utilization: {labels: {light: {capacity: 3}, heavy: {capacity: 1, interrupted_by: all}}}"
    passed, detail = utilization(Evidence(loads(labelled("0 s, 1 s|2 s|30 min", rule)), rows, tables))
    assert not passed and "1 of label heavy were given beside light" in detail


def test_parked_conversations_count_in_no_limit():
    text = channels(
        "0 s, 30 s", "45 min", "capacity: {web: 1, sms: 1}", queue="auto_answer: true, park: {after: 10 s, for: 1 h}"
    )
    assert connects(text)[:2] == ["0 web/0", "30 web/1"]
