"""What the desk's keys refuse, by name: place, problem, and what would be right."""

from __future__ import annotations

import pytest
from tiny import tiny

from simulator.scenario import loads
from simulator.vocabulary.errors import ScenarioError


def findings(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as refused:
        loads(text)
    return [f"{each.path}: {each.problem}; {each.allowed}; {each.suggestion}" for each in refused.value.findings]


@pytest.mark.parametrize(
    ("queue", "agents", "said"),
    [
        ("auto_answer: true, accept: when_free", "", "queues.line.accept: `auto_answer` connects at once"),
        ("park: {after: 10 min, for: 1 h}", "", "queues.line.park.after: the agent closes after 10 min of silence"),
        ("park: {after: 1 min}", "", "queues.line.park.for: "),
        ("inactivity_flow: door", "", "queues.line.inactivity_flow: there is no `inactivity_timeout`"),
        ("inactivity_timeout: 1 min, inactivity_flow: dore", "", "there is no `dore` in `flows`"),
        ("after_call_work: {mode: OPTIONAL, takes: 5 s}", "", "`share` is missing: with OPTIONAL the agent decides"),
        ("after_call_work: {takes: 5 s, share: 50 %}", "", "after_call_work.share: MANDATORY follows every session"),
        ("after_call_work: {mode: OPTIONAL, share: 50 %}", "", "`takes` is missing: OPTIONAL lasts as long"),
        (
            "after_call_work: {mode: OPTIONAL, share: 50 %, takes: 5 s, timeout: 9 s}", "",
            "after_call_work.timeout: OPTIONAL has no timeout",
        ),
        (
            "after_call_work: {mode: AGENT_REQUESTED, share: 50 %, takes: 5 s, timeout: 2 h}", "",
            "`2 h` is outside what the platform takes; 1 s to 60 min",
        ),
        ("", "capacity: {web: 20, wap: 6}", "there is no `wap` in `channels`"),
        ("", "capacity: {web: 26}", "agents.desk.capacity.web: "),
        ("", "capacity: 3, utilization: {labels: {vip: {capacity: 1}}}", "no topic carries the label `vip`"),
        ("", "utilization: {channels: {web: {interrupted_by: [wab]}}}", "there is no `wab` here; web; did you mean"),
        ("", "attention: {parallel: {speed: []}}", "agents.desk.attention.parallel.speed"),
        ("", "attention: {parallel: {speed: [0]}}", "agents.desk.attention.parallel.speed"),
        ("", "attention: parallel", "`parallel` is not one of the values allowed here; `serial`, or a map of parallel"),
        ("", "attention: {parallel: {speed: [1]}}, switching: 2 s", "agents.desk.switching: who works on several"),
        ("", "speed: 0", "agents.desk.speed"),
        ("", "speed: {cv: 0}", "agents.desk.speed.cv"),
        ("", "tenure: {joined: soon, begins_at: 60 %, half_time: 30 days}", "agents.desk.tenure.joined"),
        ("", "tenure: {joined: 2026-01-05, begins_at: 0 %, half_time: 30 days}", "agents.desk.tenure.begins_at"),
        ("", "by_topic: {ax: {reply: {effort: 5 s}}}", "there is no `ax` in `topics`"),
        ("", "by_topic: {ask: {effort: 5 s}}", "agents.desk.by_topic.ask"),
    ],
)  # fmt: skip
def test_refused_by_name(queue, agents, said):
    found = findings(tiny(queue=queue or "auto_answer: true", agents=agents))
    assert any(said in each for each in found), found


def test_not_more_than_the_platform_gives_to_one_agent():
    text = tiny(
        agents="capacity: {web: 20, sms: 6}",
        others="sms: {platform: web messaging, flow: door, arrivals: {trace: [0 s]}, topics: {ask: 100 %}}",
    )
    assert any("these are 26 conversations at once; at most 25 together" in each for each in findings(text))


@pytest.mark.parametrize(
    ("queue", "topic", "agents", "said"),
    [
        ("", "label: vip", "", "no group of agents limits the label `vip`"),
        ("", "", "capacity: {}", "`web` is not in it"),
        ("inactivity_timeout: 20 min", "", "", "after 10 min of silence the agent closes: the platform comes too late"),
    ],
)
def test_what_is_doubtful_runs_and_is_said(queue, topic, agents, said):
    text = tiny(queue=queue or "auto_answer: true", topic=topic, agents=agents)
    warnings = [each.problem for each in loads(text).warnings]
    assert any(said in each for each in warnings), warnings
