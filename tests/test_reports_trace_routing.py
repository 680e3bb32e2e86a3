"""`ccsim trace` has a sentence for what routing did: each in a tiny world in which it happens."""

from __future__ import annotations

import pytest
from test_worlds_circles import PREFERRED, RINGS, TEAM, conditional
from test_worlds_flow_wrong_topic import world as wrong_topic
from test_worlds_passing import passed
from test_worlds_set_priority import rising
from tiny import tiny
from worlds import run

from simulator.records import fold
from simulator.reports.trace import tell

STRANGER = "x: {platform: web messaging, flow: door, arrivals: {trace: [95 s]}, topics: {ask: 100 %}}"
FULL = "auto_answer: true, max_in_system: 1"
SKILLED = {"a": "", "b": "skills: {billing: 3}, languages: [french]"}
TO_BILLING = "auto_answer: true, transfers: [{share: 99.9999 %, skills: [billing], language: french, takes: 1 s}]"


@pytest.mark.parametrize(
    ("text", "conversation", "sentence"),
    [
        (tiny("0 s, 1 s", queue=FULL), "web/1", "max_in_system are inside"),
        (tiny("0 s", queue="answer_time: 4 s, declines: 50 %", agents={"a": "declines: 100 %", "b": "declines: 0 %"}),
         "web/0", "a/1 declines: NOT_RESPONDING"),
        (passed("share: 100 %, to: second"), "web/0", "a/1 passes it on, the turn unanswered (blind transfer)."),
        (passed("share: 100 %, to: second, kind: consult"), "web/0", "a/1, who asked another agent and waited"),
        (tiny("0 s", queue=TO_BILLING, agents=SKILLED), "web/0", "The transfer asks for the skill billing"),
        (tiny("0 s", queue=TO_BILLING, agents=SKILLED), "web/0", "The transfer asks for the language french"),
        (tiny("0 s, 100 s", queue="auto_answer: true, last_agent_wait: 1 min",
              others=STRANGER, customers="{population: 1}"),
         "web/0", "at most for desk/1, who connected last and cannot take it now"),
        (tiny("0 s, 5 s", topic="skills: [german, billing]", queue=RINGS, agents=TEAM), "web/1",
         "Ring 2 of the bullseye is open; no longer required: billing"),
        (tiny("0 s", queue=f"auto_answer: true, {PREFERRED}", agents={"a": "", "b": "count: 2"}), "web/0",
         "Preferred agents with a score of 80 or more may take it (rule 1)."),
        (conditional("{groups: [a], wait: 5 s}, {groups: [b], wait: 5 s}"), "web/1",
         "Conditional group routing, rule 2 holds: b may take it."),
        (rising("{after: 10 s, add: 2}"), "web/1", "the in-queue flow makes its priority 2"),
        (wrong_topic("{ask: 100 %}"), "web/0", "finds out that it is about ask: from now on that counts."),
    ],
)  # fmt: skip
def test_every_step_of_routing_has_its_sentence(text, conversation, sentence):
    scenario, rows = run(text)
    told = tell(fold(scenario, rows), conversation, scenario, 0)
    assert [line for line in told if sentence in line], told
