"""What may not stand in a flow: each mistake is told with its place, what is allowed, and what to do."""

from __future__ import annotations

import pytest
from tiny import tiny

from simulator.scenario import loads
from simulator.vocabulary.errors import ScenarioError

HOURS = 'business_hours: {office: {mon-fri: "08:00-18:00"}}'


def flow(steps: str, more: str = HOURS, **parts: str) -> str:
    text = tiny(more=more, **parts)
    return text.replace("flows: {door: [{transfer: {queue: line}}]}", f"flows: {{door: [{steps}]}}")


def findings(text: str) -> list[tuple[str, str]]:
    """(path, problem) of every error."""
    with pytest.raises(ScenarioError) as caught:
        loads(text)
    return [(each.path, each.problem) for each in caught.value.findings if each.severity == "error"]


def warnings(text: str) -> list[tuple[str, str]]:
    return [(each.path, each.problem) for each in loads(text).warnings]


END = ", {transfer: {queue: line}}"
OTHER = "[{transfer: {queue: line}}]"


@pytest.mark.parametrize(
    ("steps", "path", "problem"),
    [
        ("{send: {}}", "flows.door", "this flow does not end in a `transfer` or `disconnect`"),
        (
            f"{{branch: {{on: reopened, cases: {{yes: {OTHER}}}}}}}",
            "flows.door",
            "the path reopened=else of this flow does not end",
        ),
        (
            f"{{branch: {{on: topic, cases: {{ask: [{{branch: {{on: reopened, cases: {{no: [{{send: {{}}}}]}}, else: "
            f"{OTHER}}}}}]}}, else: {OTHER}}}}}",
            "flows.door",
            "the path topic=ask reopened=no of this flow does not end",
        ),
        ("{transfer: {queue: line}}, {send: {}}", "flows.door.0.transfer", "steps follow after the transfer"),
        ("{disconnect: {}}, {send: {}}", "flows.door.0.disconnect", "steps follow after the disconnect"),
        (
            f"{{branch: {{on: reopened, cases: {{yes: {OTHER}, no: {OTHER}}}}}}}, {{send: {{}}}}",
            "flows.door.0.branch",
            "steps follow after this branch, and every path of it has ended",
        ),
        ("{send: {}, wait: {time: 1 s}}" + END, "flows.door.0", "this step has 2 kinds (send, wait)"),
        ("{wait: {time: 73 h}}" + END, "flows.door.0.wait.time", "longer than a flow waits"),
        ("{branch: {on: topic, cases: {}}}" + END, "flows.door.0.branch.cases", "decides nothing"),
        (
            f"{{branch: {{on: topic, cases: {{bill: {OTHER}}}}}}}" + END,
            "flows.door.0.branch.cases.bill",
            "there is no `bill` in `topics`",
        ),
        (
            f"{{branch: {{on: channel, cases: {{fax: {OTHER}}}}}}}" + END,
            "flows.door.0.branch.cases.fax",
            "there is no `fax` in `channels`",
        ),
        (
            f"{{branch: {{on: business_hours, cases: {{open: {OTHER}}}}}}}" + END,
            "flows.door.0.branch.hours",
            "`hours` is missing",
        ),
        (
            f"{{branch: {{on: business_hours, hours: home, cases: {{open: {OTHER}}}}}}}" + END,
            "flows.door.0.branch.hours",
            "there is no `home` in `business_hours`",
        ),
        (
            f"{{branch: {{on: business_hours, hours: office, cases: {{opened: {OTHER}}}}}}}" + END,
            "flows.door.0.branch.cases.opened",
            "`opened` is no case of `business_hours`",
        ),
        (
            f"{{branch: {{on: queue_length, cases: {{'5': {OTHER}}}}}}}" + END,
            "flows.door.0.branch.queue",
            "`queue` is missing",
        ),
        (
            f"{{branch: {{on: queue_length, queue: line, cases: {{many: {OTHER}}}}}}}" + END,
            "flows.door.0.branch.cases.many",
            "`many` is not a number of interactions",
        ),
        (
            f"{{branch: {{on: estimated_wait, queue: line, cases: {{'5': {OTHER}}}}}}}" + END,
            "flows.door.0.branch.cases.5",
            "`5` is not a duration above 0",
        ),
        (
            f"{{branch: {{on: identified, queue: line, cases: {{yes: {OTHER}}}}}}}" + END,
            "flows.door.0.branch.queue",
            "a branch on `identified` looks at no queue",
        ),
        (
            f"{{branch: {{on: weather, cases: {{rain: {OTHER}}}}}}}" + END,
            "flows.door.0.branch.on",
            "`weather` is not one of the values allowed here",
        ),
        ("{bot: {bot_time: 1 s, wrong_topic: {bill: 5 %}}}" + END, "flows.door.0.bot.wrong_topic.bill", "no `bill`"),
        ("{transfer: {queue: nowhere}}", "flows.door.0.transfer.queue", "there is no `nowhere` in `queues`"),
    ],
)
def test_a_flow_that_cannot_be(steps, path, problem):
    found = findings(flow(steps))
    assert [place for place, _ in found] == [path]
    assert problem in found[0][1]


@pytest.mark.parametrize(
    ("inside", "path", "problem"),
    [
        ("flow_out: {after: 0}", "flow_out.after", "too small"),
        ("flow_out: {after: 60 days}", "flow_out.after", "too large"),
        ("flow_out: {after: 1 min, to: line}", "flow_out.to", "into its own queue"),
        ("flow_out: {after: 1 min, to: elsewhere}", "flow_out.to", "there is no `elsewhere` in `queues`"),
        ("messages: [{after: 1 min, every: 0}]", "messages.0.every", "too small"),
    ],
)
def test_an_in_queue_flow_that_cannot_be(inside, path, problem):
    ((place, said),) = findings(tiny(queue=f"in_queue_flow: {{{inside}}}"))
    assert place == f"queues.line.in_queue_flow.{path}"
    assert problem in said


@pytest.mark.parametrize(
    ("text", "path", "problem"),
    [
        (
            flow(f"{{branch: {{on: identified, cases: {{yes: {OTHER}}}}}}}" + END),
            "flows.door.0.branch.on",
            "nobody is asked who he is before this branch",
        ),
        (
            flow(f"{{branch: {{on: business_hours, hours: office, cases: {{holiday: {OTHER}}}}}}}" + END),
            "flows.door.0.branch.cases.holiday",
            "there are no holidays",
        ),
        (
            tiny(queue="in_queue_flow: {messages: [{after: 2 min}], flow_out: {after: 1 min}}"),
            "queues.line.in_queue_flow.messages.0.after",
            "this message is never sent",
        ),
        (tiny(queue="in_queue_flow: {}"), "queues.line.in_queue_flow", "does nothing"),
        (
            flow("{transfer: {queue: line, skills: [vip]}}", more=""),
            "topics.ask.skills",
            "no agent of the queue `line` has all of vip",
        ),
        (
            flow(
                f"{{branch: {{on: topic, cases: {{ask: {OTHER}}}, "
                "else: [{transfer: {queue: line, skills: [vip]}}]}}",
                more="",
            ),
            "",
            "",
        ),  # nobody reaches that transfer
        (
            tiny(queue="in_queue_flow: {flow_out: {after: 1 min, to: rest}}}, rest: {", topic="skills: [german]",
                 agents={"desk": "skills: {german: 1}", "second": "queues: [rest]"}),
            "topics.ask.skills",
            "no agent of the queue `rest` has all of german",
        ),
    ],
)  # fmt: skip
def test_what_is_doubtful(text, path, problem):
    said = [found for found in warnings(text) if found[0] not in ("business_hours.office", "holidays")]
    assert [place for place, _ in said] == ([path] if path else [])
    assert not path or problem in said[0][1]


def test_everything_at_once_reads():
    """One flow with every step and most branches."""
    steps = """
        {identify: {takes: 1 s, success: 90 %}},
        {branch: {on: identified, cases: {yes: [{send: {text: Welcome back}}]}}},
        {branch: {on: business_hours, hours: office, cases: {closed: [{send: {}}, {disconnect: {}}]}}},
        {bot: {bot_time: 1 s, contains: 30 %, wrong_topic: 5 %}}, {wait: {time: 2 s}}, {collect: {fields: 1}},
        {branch: {on: estimated_wait, queue: line, cases: {5 min: [{send: {}}], 1 h: [{disconnect: {}}]}}},
        {transfer: {queue: line, priority: 5, priority_per_minute: 0.5}}
    """
    app = "app: {platform: web messaging, flow: door, arrivals: {rate: 1/h}, topics: {ask: 50 %, bill: 50 %}}"
    loads(flow(" ".join(steps.split()), others=app, topics="bill: {behaviour: plain}"))
