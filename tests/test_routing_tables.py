"""What the tables, the measures and the trace say of routing: waits split by cause, placements, circles, transfers."""

from __future__ import annotations

import pytest
from test_worlds_choice import waiting
from test_worlds_circles import RINGS, TEAM
from test_worlds_passing import passed
from tiny import tiny
from worlds import run

from simulator.metrics import measure
from simulator.records import fold
from simulator.records.checks import checks
from simulator.reports.trace import tell

CAUSES = ("alert", "held", "nobody", "rule", "slots")


def told(text: str):
    scenario, rows = run(text)
    tables = fold(scenario, rows)
    failed = [check for check in checks(scenario, rows, tables) if not check.passed]
    assert not failed, failed
    return scenario, tables, int(rows["time"][-1])


def split(text: str) -> list[tuple[int, ...]]:
    """Seconds of each cause, offer by offer."""
    _, tables, _ = told(text)
    return [tuple(round(row[f"wait_{cause}_us"] / 1e6) for cause in CAUSES) for _, row in tables["offers"].iterrows()]


# --- waits by cause --------------------------------------------------------------------------------------------


def test_ringing_and_full():
    """The first rings for 4 s; the second waits 13 s for the slot, of which it is full, then rings for 4 s."""
    assert split(tiny("0 s, 1 s", queue="answer_time: 4 s")) == [(4, 0, 0, 0, 0), (4, 0, 0, 0, 13)]


def test_nobody_on_queue():
    """The shift begins a minute after he came; somebody without the skill is there all the time."""
    agents = {"a": "", "b": 'skills: {german: 1}, shift: {from: "00:01", to: "08:00"}'}
    assert split(tiny("0 s, 2 s", topic="skills: [german]", agents=agents)) == [(0, 0, 60, 0, 0), (0, 0, 58, 0, 10)]


def test_nobody_who_qualifies_is_not_nobody():
    """While the one who qualifies is busy it is for his slots; after his shift there is nobody."""
    agents = {
        "a": "",
        "b": 'skills: {german: 1}, shift: {from: "00:00", to: "00:01"}, reply: {effort: 40 s}, '
        "end_of_shift: {finish: 1 h}",
    }
    text = tiny("30 s, 50 s", topic="skills: [german]", agents=agents, duration="3 min")
    assert split(text) == [(0, 0, 0, 0, 0), (0, 0, 120, 0, 10)]


def test_a_ring_keeps_a_free_agent_away():
    text = tiny("0 s, 5 s, 10 s", topic="skills: [german, billing]", queue=RINGS, agents=TEAM)
    # the second waits 30 s for ring 2 while b and c are free, the third 60 s
    assert split(text) == [(0, 0, 0, 0, 0), (0, 0, 0, 30, 0), (0, 0, 0, 60, 0)]


def test_held_for_the_last_agent():
    assert split(waiting("30 s"))[-1] == (0, 5, 0, 0, 0)
    assert split(waiting("3 s"))[-1] == (0, 3, 0, 0, 0)


def test_the_causes_add_up_to_the_wait():
    text = passed("share: 100 %, to: second", "0 s, 1 s, 2 s, 3 s", second="answer_time: 3 s")
    scenario, tables, end_us = told(text)
    offers = tables["offers"]
    causes = offers[[f"wait_{cause}_us" for cause in CAUSES]].sum(axis=1)
    assert causes.tolist() == offers["t_wait_us"].fillna(0).tolist()
    found = measure(scenario, tables, end_us)
    whole = found["tWait"][()].numerator
    assert sum(found[f"tWait_{cause}"][()].numerator for cause in CAUSES) == pytest.approx(whole)


def test_measures_of_transfers():
    scenario, tables, end_us = told(passed("share: 100 %, to: second", "0 s, 100 s"))
    found = measure(scenario, tables, end_us)
    assert found["nTransferred"][(("queue", "line"),)].numerator == 2
    assert found["nTransferred"][(("queue", "second"),)].numerator == 0
    share = found["transfer_share"][()]
    assert share.numerator / share.denominator == 0.5


def test_measures_of_declined_alerts():
    text = tiny("0 s", queue="answer_time: 4 s, declines: 100 %, returns_after: 20 s", duration="40 s")
    scenario, tables, end_us = told(text)
    assert tables["alerts"]["outcome"].tolist() == ["declined", "declined"]
    part = measure(scenario, tables, end_us)["alerts_declined_share"][()]
    assert (part.numerator, part.denominator) == (2, 2)


# --- the trace -------------------------------------------------------------------------------------------------


def sentences(text: str, conversation: str) -> list[str]:
    scenario, tables, _ = told(text)
    return [line.strip() for line in tell(tables, conversation, scenario)]


def test_the_trace_tells_of_rings():
    text = tiny("0 s, 5 s, 10 s", topic="skills: [german, billing]", queue=RINGS, agents=TEAM)
    story = "\n".join(sentences(text, "web/2"))
    assert "Ring 2 of the bullseye is open; no longer required: billing" in story
    assert "c/1 belongs to ring 3 of the bullseye and has every skill it still requires: alerted." in story


def test_the_trace_tells_of_preferred_agents_and_groups():
    rules = "preferred_agents: {scores: {a: 90}, rules: [{score: 80, wait: 10 s}]}"
    story = "\n".join(sentences(tiny("0 s", queue=f"auto_answer: true, {rules}", agents={"a": ""}), "web/0"))
    assert "Preferred agents with a score of 80 or more may take it (rule 1)." in story
    assert "a/1 is a preferred agent, whatever his skills: alerted." in story
    groups = "conditional_groups: [{groups: [a], wait: 1 s}]"
    story = "\n".join(sentences(tiny("0 s", queue=f"auto_answer: true, {groups}", agents={"a": ""}), "web/0"))
    assert "Conditional group routing, rule 1 holds: a may take it." in story


def test_the_trace_tells_of_transfers():
    blind = "\n".join(sentences(passed("share: 100 %, to: second"), "web/0"))
    assert "a/1 passes it on, the turn unanswered (blind transfer)." in blind
    assert "It enters queue second by a transfer: its clock starts anew, its priority is applied again." in blind
    consult = "\n".join(sentences(passed("share: 100 %, to: second, kind: consult"), "web/0"))
    assert "It enters queue second by a consult" in consult
    assert "a/1, who asked another agent and waited with the customer, leaves." in consult


def test_the_trace_tells_of_the_last_agent():
    story = "\n".join(sentences(waiting("30 s"), "web/0"))
    assert (
        "It is held for 30 s at most for desk/1, who connected last and cannot take it now (last_agent_wait)." in story
    )
    assert "desk/1, for whom it was held, is free: alerted." in story


# --- who holds the slots ---------------------------------------------------------------------------------------


def test_who_holds_the_slots_while_somebody_waits():
    """One slot. 0-10 the reply, 10-40 he thinks, 40-50 the second reply, 50-65 wrap-up. The next waits from 20 to 65.

    Of these 45 s the slot was 20 s the customer's, 10 s the agent's, 15 s wrap-up.
    """
    text = tiny(
        "0 s",
        behaviour="turns: 2, think: 30 s",
        queue="auto_answer: true, after_call_work: {takes: 15 s}",
        others="xtra: {platform: web messaging, flow: door, arrivals: {trace: [20 s]}, topics: {once: 100 %}}",
        topics="once: {behaviour: one}",
        more="",
    ).replace("behaviours: {", "behaviours: {one: {}, ")
    scenario, tables, end_us = told(text)
    found = measure(scenario, tables, end_us)
    seconds = {
        holder: found[f"held_by_{holder}_while_waiting"][(("queue", "line"),)].numerator / 1e6
        for holder in ("customer", "agent", "wrap_up", "alert")
    }
    assert seconds == {"customer": 20, "agent": 10, "wrap_up": 15, "alert": 0}
    assert found["held_by_agent_while_waiting"][()].denominator / 1e6 == 45


def test_nobody_waits_and_nobody_holds():
    scenario, tables, end_us = told(tiny("0 s"))
    part = measure(scenario, tables, end_us)["held_by_customer_while_waiting"][()]
    assert (part.numerator, part.denominator) == (0, 0)
