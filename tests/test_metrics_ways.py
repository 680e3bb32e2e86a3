"""The plan before a run follows the flow: who comes to which queue, when, and what he brings along."""

from __future__ import annotations

import pytest
from test_worlds_flow_steps import with_flow

from simulator.metrics.load import coverage
from simulator.metrics.ways import ways
from simulator.scenario import loads
from simulator.scenario.directory import directory
from simulator.vocabulary.clock import HOUR

HOURS = 'business_hours: {office: {mon: "08:00-14:00", holidays: closed}}\n'
TO_OTHER = "[{transfer: {queue: other, skills: [vip]}}]"


def world(flow: str, more: str = HOURS):
    text = with_flow(
        flow,
        "0 s",
        queue="auto_answer: true}, other: {auto_answer: true",
        topics="bill: {behaviour: plain}",
        agents={"desk": "count: 50", "second": "queues: [other], skills: {vip: 1}, count: 50"},
        duration="24 h",
        more=more,
    )
    text = text.replace("arrivals: {trace: [0 s]}", "arrivals: {rate: 10/h}")
    return loads(text.replace("topics: {ask: 100 %}", "topics: {ask: 60 %, bill: 40 %}"))


def reaching(flow: str, more: str = HOURS) -> dict[str, float]:
    """Expected contacts by queue; 240 come in 24 hours."""
    return {queue.queue: queue.contacts for queue in coverage(world(flow, more)).queues}


LINE = "{transfer: {queue: line}}"
ASKED = "{identify: {success: 75 %}}"
END = "[{disconnect: {}}]"


@pytest.mark.parametrize(
    ("flow", "line", "other"),
    [
        (LINE, 240, 0),
        (f"{{bot: {{bot_time: 1 s, contains: {{ask: 50 %}}}}}}, {LINE}", 168, 0),
        (f"{{branch: {{on: topic, cases: {{bill: {TO_OTHER}}}}}}}, {LINE}", 144, 96),
        (f"{{branch: {{on: channel, cases: {{web: {TO_OTHER}}}}}}}, {LINE}", 0, 240),
        (f"{{branch: {{on: business_hours, hours: office, cases: {{open: {TO_OTHER}}}}}}}, {LINE}", 180, 60),
        (f"{{branch: {{on: business_hours, hours: office, cases: {{closed: {END}}}}}}}, {LINE}", 60, 0),
        (f"{ASKED}, {{branch: {{on: identified, cases: {{no: {TO_OTHER}}}}}}}, {LINE}", 180, 60),
        (f"{{branch: {{on: identified, cases: {{no: {TO_OTHER}}}}}}}, {LINE}", 0, 240),
        (f"{{branch: {{on: reopened, cases: {{yes: {TO_OTHER}}}}}}}, {LINE}", 240, 0),
        (f"{{branch: {{on: estimated_wait, queue: line, cases: {{1 min: {TO_OTHER}}}}}}}, {LINE}", 240, 0),
    ],
)  # fmt: skip
def test_where_they_come(flow, line, other):
    assert reaching(flow) == pytest.approx({"line": line, "other": other})


def test_a_holiday_is_a_way_of_its_own():
    flow = f"{{branch: {{on: business_hours, hours: office, cases: {{open: {TO_OTHER}, holiday: {END}}}}}}}, {LINE}"
    assert reaching(flow) == pytest.approx({"line": 180, "other": 60})
    assert reaching(flow, HOURS + "holidays: [2026-03-02]") == pytest.approx({"line": 0, "other": 0})


def test_what_they_bring_along():
    """Fields, messages to read and identification are those of the way."""
    scenario = world(
        "{identify: {success: 80 %}}, {bot: {turns: 3, bot_time: 1 s, contains: 25 %}}, "
        f"{{branch: {{on: identified, cases: {{no: [{{collect: {{fields: 2}}}}]}}}}}}, {LINE}"
    )
    found = ways(scenario, directory(scenario), "web", "ask")
    told = [(round(way.share, 9), way.unidentified, way.fields, way.read) for way in found]
    assert told == [(0.6, 0.0, 0, 5.0), (0.15, 1.0, 2, 9.0)]


def test_hours_of_ways_meet():
    """One branch on hours in another: only what lies in both."""
    flow = (
        f"{{branch: {{on: business_hours, hours: office, cases: {{open: [{{branch: {{on: business_hours, hours: noon, "
        f"cases: {{open: {TO_OTHER}}}}}}}]}}}}}}, {LINE}"
    )
    scenario = world(flow, HOURS.replace("}}", '}, noon: {mon-fri: ["07:00-09:00", "12:00-13:00"]}}'))
    found = [way for way in ways(scenario, directory(scenario), "web", "ask") if way.to.queue == 1]
    assert [way.during for way in found] == [((8 * HOUR, 9 * HOUR), (12 * HOUR, 13 * HOUR))]
    assert {queue.queue: queue.contacts for queue in coverage(scenario).queues} == pytest.approx(
        {"line": 220, "other": 20}
    )
