"""Routing that cannot be: refused in words, with place, problem and suggestion."""

from __future__ import annotations

import pytest
from tiny import tiny

from simulator.scenario import loads
from simulator.vocabulary.errors import ScenarioError


def refused(queue: str = "", **more) -> dict[str, str]:
    """Path of each finding -> its whole text."""
    with pytest.raises(ScenarioError) as caught:
        loads(tiny(queue="auto_answer: true" + (f", {queue}" if queue else ""), **more))
    return {finding.path: str(finding) for finding in caught.value.findings}


@pytest.mark.parametrize(
    ("queue", "path", "words"),
    [
        ("evaluation: SOME", "queues.line.evaluation", "`ALL` or `BEST` or `NONE`"),
        ("scoring: Priority", "queues.line.scoring", "PriorityOnly"),
        ("select: fastest", "queues.line.select", "least_busy"),
        ("last_agent: Members", "queues.line.last_agent", "QueueMembersOnly"),
        ("agent_clock: {look_back: 0}", "queues.line.agent_clock.look_back", "above 0"),
        ("agent_clock: {since: break}", "queues.line.agent_clock.since", "connect_or_wrap_up"),
        ("declines: 130 %", "queues.line.declines", "more than everything"),
        ("declines: 10 %", "queues.line.declines", "nothing can be declined"),
        ("max_in_system: -1", "queues.line.max_in_system", "from 0"),
        # rings
        ("bullseye: [{until: 10 s}, {until: 20 s}]", "queues.line.bullseye.1.until", "the last ring has no end"),
        ("bullseye: [{}, {}]", "queues.line.bullseye.0.until", "`until` is missing"),
        ("bullseye: [{until: 30 s}, {until: 20 s}, {}]", "queues.line.bullseye.1.until", "before it ends later"),
        ("bullseye: [{until: 73 h}, {}]", "queues.line.bullseye.0.until", "3 days"),
        (f"bullseye: [{'{until: 1 s}, ' * 6}{{}}]", "queues.line.bullseye", "6"),
        ("bullseye: [{until: 1 s, drops: [germann]}, {}]", "queues.line.bullseye.0.drops.0", "did you mean `german`?"),
        ("bullseye: [{until: 1 s}, {drops: [german]}]", "queues.line.bullseye.1.drops", "nobody leaves the last ring"),
        ("bullseye: [{until: 1 s, groups: [dsk]}, {}]", "queues.line.bullseye.0.groups.0", "did you mean `desk`?"),
        # preferred agents
        ("preferred_agents: {rules: []}", "queues.line.preferred_agents.rules", "1 to 6"),
        ("preferred_agents: {rules: [{score: 101, wait: 5 s}]}", "queues.line.preferred_agents.rules.0.score", "100"),
        ("preferred_agents: {rules: [{score: 50, wait: 1 s}]}", "queues.line.preferred_agents.rules.0.wait", "2 s"),
        (
            "preferred_agents: {scores: {deks: 9}, rules: [{score: 5, wait: 5 s}]}",
            "queues.line.preferred_agents.scores.deks", "did you mean `desk`?",
        ),
        (
            "preferred_agents: {scores: {desk/2: 9}, rules: [{score: 5, wait: 5 s}]}",
            "queues.line.preferred_agents.scores.desk/2", "`desk/1` to `desk/1`",
        ),
        (
            "preferred_agents: {rules: [{score: 50, wait: 5 s}, {score: 50, wait: 5 s}]}",
            "queues.line.preferred_agents.rules.1.score", "this one adds nobody",
        ),
        # conditional groups
        ("conditional_groups: [{groups: [], wait: 5 s}]", "queues.line.conditional_groups.0.groups", "not empty"),
        (
            "conditional_groups: [{when: {}, groups: [desk], wait: 5 s}]",
            "queues.line.conditional_groups.0.when", "0 bounds",
        ),
        (
            "conditional_groups: [{when: {estimated_wait_above: 1 s, service_level_below: 5 %}, groups: [desk], "
            "wait: 5 s}]",
            "queues.line.conditional_groups.0.when", "2 bounds",
        ),
        (
            "conditional_groups: [{when: {queue: lime, estimated_wait_above: 1 s}, groups: [desk], wait: 5 s}]",
            "queues.line.conditional_groups.0.when.queue", "did you mean `line`?",
        ),
        (
            "conditional_groups: [{groups: [desk], wait: 5 s}], bullseye: [{until: 1 s}, {}]",
            "queues.line.conditional_groups", "a queue has one routing method",
        ),
        # last agent
        ("last_agent: Disabled, last_agent_wait: 5 s", "queues.line.last_agent_wait", "it is `Disabled`"),
        (
            "conditional_groups: [{groups: [desk], wait: 5 s}], last_agent_wait: 5 s",
            "queues.line.last_agent_wait", "`conditional_groups` switches it off",
        ),
        # transfers
        ("transfers: [{share: 10 %, to: lane}]", "queues.line.transfers.0.to", "did you mean `line`?"),
        ("transfers: [{share: 10 %, topic: tell, to: line}]", "queues.line.transfers.0.topic", "there is no `tell`"),
        ("transfers: [{share: 100 %}]", "queues.line.transfers.0.share", "without end"),
        ("transfers: [{share: 60 %}, {share: 60 %}]", "queues.line.transfers", "120 %"),
        ("transfers: [{share: 60 %}, {share: 60 %, topic: ask}]", "queues.line.transfers", "120 %"),
        ("transfers: [{share: 6 %, kind: warm}]", "queues.line.transfers.0.kind", "`blind` or `consult`"),
        ("transfers: [{share: 6 %, priority_per_minute: -2}]", "queues.line.transfers.0.priority_per_minute", "-1"),
    ],
)  # fmt: skip
def test_refused(queue, path, words):
    found = refused(queue, topic="skills: [german]", agents="skills: {german: 3}")
    assert path in found, found
    assert words in found[path], found[path]


def test_a_group_that_does_not_serve_the_queue():
    more = {"agents": {"a": "", "b": "queues: [other]"}}
    text = tiny(queue="auto_answer: true, conditional_groups: [{groups: [b], wait: 5 s}]", **more)
    with pytest.raises(ScenarioError, match="`b` does not serve the queue `line`"):
        loads(text.replace("queues: {line:", "queues: {other: {}, line:"))


@pytest.mark.parametrize(
    ("queue", "topic", "words"),
    [
        ("transfers: [{share: 10 %}]", "", "to the same queue and to the same agents"),
        ("", "language: frnch", "no agent speaks `frnch`"),
    ],
)
def test_doubtful_but_it_runs(queue, topic, words):
    text = tiny(queue="auto_answer: true" + (f", {queue}" if queue else ""), topic=topic, agents="languages: [french]")
    assert any(words in str(warning) for warning in loads(text).warnings)


def test_preferred_agents_of_another_queue_are_doubtful():
    queue = "auto_answer: true, preferred_agents: {scores: {b: 9}, rules: [{score: 5, wait: 5 s}]}"
    text = tiny(queue=queue, agents={"a": "", "b": "queues: [other]"})
    warnings = loads(text.replace("queues: {line:", "queues: {other: {}, line:")).warnings
    assert any("only members of a queue are preferred in it" in str(warning) for warning in warnings)


def test_queues_reached_by_transfers_are_looked_at():
    """Skills nobody has in the queue to which agents pass on; not where skills are ignored, or dropped by rings."""
    rule = "transfers: [{share: 10 %, to: second}]"
    agents = {"a": "skills: {german: 3}", "b": "queues: [second]"}
    text = tiny(queue=f"auto_answer: true, {rule}", topic="skills: [german]", agents=agents)
    words = "no agent of the queue `second` has all of german"

    def warned(second: str) -> bool:
        written = text.replace("queues: {line:", f"queues: {{second: {{{second}}}, line:")
        return any(words in str(warning) for warning in loads(written).warnings)

    assert warned("")
    assert not warned("evaluation: NONE")
    assert not warned("bullseye: [{until: 10 s, drops: [german]}, {}]")
