"""Limits: no load, endless capacity, fixed times, windows of 0 and 72 h, things of no length.

What is asserted follows from model.md alone; sums are worked out beside each test.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from tiny import lines, tiny
from worlds import run, told

from simulator.records import Promised, checks, fold
from simulator.scenario import loads
from simulator.vocabulary.clock import HOUR, SECOND
from simulator.vocabulary.codes import Event
from simulator.workload import draw

BUSY = """
name: Endless
start: 2026-03-02 00:00
duration: 8 h
seed: 11
behaviours:
  chat: {turns: {geometric: {mean: 2}}, think: {exponential: {mean: 40 s}}, patience: {exponential: {mean: 2 min}},
         gives_up: {silent: 50 %, abandon: 50 %}}
topics: {ask: {behaviour: chat}}
flows: {door: [{transfer: {queue: line}}]}
queues: {line: {auto_answer: true, close_after: never, max_waiting: 0}}
channels: {web: {platform: web messaging, flow: door, arrivals: {rate: 300/h}, topics: {ask: 100 %}}}
agents: {desk: {count: 80, queues: [line], reply: {effort: {exponential: {mean: 60 s}}}}}
"""


def tables_of(text: str) -> dict[str, pd.DataFrame]:
    """All tables; every check has passed."""
    scenario, rows = run(text)
    tables = fold(scenario, rows)
    failed = [one for one in checks(scenario, rows, tables, Promised.of(draw(scenario, 0))) if not one.passed]
    assert not failed, failed
    return tables


def seconds(column: pd.Series) -> list[float | None]:
    return [None if pd.isna(value) else float(value) / SECOND for value in column]


# --- no load -----------------------------------------------------------------------------------------------------


def test_no_load_no_wait() -> None:
    """One contact an hour, each done within minutes: nobody ever waits, whatever the day."""
    arrivals = ", ".join(f"{i} h" for i in range(20))
    tables = tables_of(tiny(arrivals, behaviour="turns: 3, think: 1 min", duration="24 h"))
    assert seconds(tables["offers"]["t_wait_us"]) == [0.0] * 20
    assert set(tables["contacts"]["outcome"]) == {"answered"}
    assert seconds(tables["turns"]["t_agent_response_us"]) == [10.0] * 60  # the effort alone


def test_nobody_comes() -> None:
    """No contact, no row but those of the agents; every table that tells of customers is empty."""
    tables = tables_of(tiny(""))
    assert all(len(tables[name]) == 0 for name in ("contacts", "portions", "offers", "sessions", "turns", "messages"))
    assert seconds(tables["agent_states"]["to_us"]) == [3600.0]


# --- endless capacity ----------------------------------------------------------------------------------------------


def test_endless_capacity_nobody_waits_and_the_open_ones_are_sums() -> None:
    """With an agent for everybody, waits are zero, and a session lasts exactly as long as its efforts and thoughts:
    M/G/infinity on this very path, so that the number in service at any time is known without a queue."""
    tables = tables_of(BUSY)
    offers, sessions, turns = tables["offers"], tables["sessions"], tables["turns"]
    assert len(offers) > 2000
    assert set(offers["t_wait_us"]) == {0} and set(offers["outcome"]) == {"answered"}
    workload = draw(loads(BUSY), 0)
    drawn, lasts = workload.draws[0], {}
    for i, turns_of in enumerate(workload.channels[0].facts["turns"].tolist()):
        spent = [max(drawn.effort_us(0, 0, i, k), SECOND) for k in range(turns_of)]
        lasts[f"web/{i}"] = sum(spent) + sum(drawn.think_us(0, i, k) for k in range(1, turns_of))
    end = int(tables["agent_states"]["to_us"].max())
    for conversation, talk in zip(sessions["conversation"], sessions["t_talk_us"], strict=True):
        assert pd.isna(talk) or talk == lasts[str(conversation)]
    starts = sessions["connected_us"].to_numpy(np.int64)
    leaves = starts + np.array([lasts[str(each)] for each in sessions["conversation"]])
    assert (leaves[sessions["t_talk_us"].isna()] >= end).all()
    assert (turns["reply_us"] - turns["reply_started_us"] >= SECOND).sum() == (turns["outcome"] == "answered").sum()


# --- fixed times add up ------------------------------------------------------------------------------------------

LIFE = tiny(
    "0 s",
    behaviour="opening: {messages: 3, gap: 5 s}, turns: 3, think: 40 s, flow_answer: 20 s",
    flow="{identify: {takes: 2 s}}, {bot: {turns: 2, bot_time: 1 s}}, {collect: {fields: 1, question_time: 3 s}}",
    queue="answer_time: 4 s, after_call_work: {takes: 25 s}",
    agents="count: 1, reply: {effort: 30 s, script: 7 s, history: {per_message: 2 s, at_most: 1 min}}",
)


def test_fixed_times_add_up_along_the_whole_life() -> None:
    """Flow: 2 s, bot 1 + 20 + 1 s, form 3 + 20 s: 47 s. Alert 4 s: connect at 51 s. First reply: 30 s, script 7 s,
    history of what he did not answer (2 bot messages, 1 question, 2 answers) 5 x 2 s, less 5 s for the field: 42 s.
    Then 40 s and 30 s, twice; 25 s of wrap-up after the last: 93, 133, 163, 203, 233, 258."""
    tables = tables_of(LIFE)
    turns, session = tables["turns"], tables["sessions"].iloc[0]
    assert seconds(tables["offers"]["entered_us"]) == [47.0]
    assert float(session["connected_us"]) == 51 * SECOND
    assert seconds(turns["reply_us"]) == [93.0, 163.0, 233.0]
    assert seconds(turns["first_message_us"]) == [0.0, 133.0, 203.0]
    assert (session["disconnected_us"], session["ended_us"]) == (233 * SECOND, 258 * SECOND)
    assert session["t_work_us"] == (42 + 30 + 30 + 25) * SECOND


def test_fixed_times_add_up_in_a_line() -> None:
    """Ten at once, one agent, 30 s each and 15 s of wrap-up: the n-th is answered at 45 n + 30 s."""
    arrivals = ", ".join(["0 s"] * 10)
    queue = "auto_answer: true, after_call_work: {takes: 15 s}"
    tables = tables_of(tiny(arrivals, queue=queue, agents="reply: {effort: 30 s}"))
    assert seconds(tables["offers"]["t_wait_us"]) == [45.0 * n for n in range(10)]
    assert seconds(tables["turns"]["reply_us"]) == [45.0 * n + 30 for n in range(10)]


# --- windows of 0 and 72 h -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("window", "conversations", "portions"),
    [("0", 4, [1, 1, 1, 1]), ("72 h", 2, [1, 2, 3, 1]), ("1 h", 3, [1, 2, 1, 1])],
)
def test_windows(window: str, conversations: int, portions: list[int]) -> None:
    """One customer writes at 0, 1 h, 3 h and 75 h + 10 s; each is answered, and disconnected, 10 s later. 72 h after
    the disconnect at 3 h + 10 s a new conversation begins: exactly then, the window is half-open."""
    text = tiny("0 s, 1 h, 3 h, 270010 s", customers="{population: 1}", duration="100 h",
                more=f"threading: {{window: {window}}}")  # fmt: skip
    tables = tables_of(text)
    assert len(tables["conversations"]) == conversations
    assert tables["portions"]["portion"].tolist() == portions


def test_a_window_of_0_re_opens_nothing_and_joins_what_is_open() -> None:
    """The second need comes while the first is being answered, the third in the instant of the disconnect: what
    arrives with the reply has arrived in time (rank 1 before rank 2)."""
    text = tiny("0 s, 5 s, 20 s, 40 s", customers="{population: 1}", more="threading: {window: 0}")
    tables = tables_of(text)
    assert tables["contacts"]["entry"].tolist() == ["started", "joined", "joined", "started"]


# --- things of no length -------------------------------------------------------------------------------------------


def test_nothing_takes_no_time_but_a_reply_takes_a_second() -> None:
    """Everything 0: one instant, but for the least effort of a reply."""
    text = tiny("0 s", behaviour="turns: 2, think: 0, flow_answer: 0",
                flow="{bot: {turns: 2, bot_time: 0}}, {collect: {fields: 1, question_time: 0}}",
                queue="answer_time: 0, after_call_work: {takes: 0}", agents="reply: {effort: 0}")  # fmt: skip
    tables = tables_of(text)
    assert seconds(tables["turns"]["reply_us"]) == [1.0, 2.0]
    assert seconds(tables["sessions"]["ended_us"]) == [2.0]


def test_patience_of_0_loses_to_an_agent_who_is_free_and_to_nothing_else() -> None:
    """An agent who is there takes the first at once: an alert that is accepted (rank 3) comes before patience (rank
    5). The second finds him busy and is gone in the same instant."""
    tables = tables_of(tiny("0 s, 1 s", behaviour="patience: 0", queue="answer_time: 0"))
    assert tables["contacts"]["outcome"].tolist() == ["answered", "abandoned"]
    assert seconds(tables["offers"]["t_wait_us"]) == [0.0, 0.0]


def test_a_wait_of_0_and_a_burst_without_gaps_change_no_instant() -> None:
    """What customers write in an instant comes before what the flow does in it."""
    text = tiny("7 s", behaviour="opening: {messages: 3, gap: 0}", flow="{wait: {time: 0}}, {send: {}}")
    _, rows = run(text)
    assert set(rows["time"]) == {0, 7 * SECOND, 17 * SECOND, HOUR}
    received = told(rows[rows["event"] == Event.MESSAGE_RECEIVED])
    assert received == lines("""
        7 MESSAGE_RECEIVED c0.1 m0 a0
        7 MESSAGE_RECEIVED c0.1 m1 a0
        7 MESSAGE_RECEIVED c0.1 m2 a0
    """)


def test_a_run_without_agents_answers_nobody_and_loses_nobody() -> None:
    tables = tables_of(tiny("0 s, 5 s, 7 s", agents="count: 0"))
    assert set(tables["offers"]["outcome"]) == {"open"} and set(tables["contacts"]["outcome"]) == {"open"}
