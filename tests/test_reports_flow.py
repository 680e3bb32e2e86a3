"""The picture of the flow, and the list that `ccsim trace` gives without an id."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from tiny import tiny

from simulator import loads, simulate
from simulator.reports import plots
from simulator.reports.plot_flow import ways_out

BRANCHES = """
name: Branches
start: 2026-03-02 00:00
duration: 2 h
replications: 1
behaviours: {plain: {leaves_in_flow: 20 %, patience_in_flow: never}}
topics: {order: {behaviour: plain}, billing: {behaviour: plain}}
flows:
  door:
    - bot: {turns: 2, bot_time: 1 s, contains: {order: 50 %}}
    - branch: {on: topic, cases: {billing: [transfer: {queue: line}]}}
    - disconnect: {}
queues: {line: {auto_answer: true}}
channels:
  web: {platform: web messaging, flow: door, arrivals: {rate: 120/h}, topics: {order: 50 %, billing: 50 %}}
agents: {desk: {count: 3, queues: [line], reply: {effort: 20 s}}}
"""


@pytest.fixture(scope="module")
def results():
    return simulate(loads(BRANCHES), workers=1)


def test_every_portion_ends_in_one_bar(results):
    """By hand: orders that the bot does not solve are closed, bills go on; who left took no branch."""
    counts, portions = ways_out(results.run), results.table("portions")
    inside = portions[portions["opened_us"] < results.scenario.duration_us]
    assert counts.to_numpy().sum() == len(inside)
    assert set(counts.index) == {"no branch", "topic=billing", "topic=else"}
    assert counts.loc["topic=billing", "to a queue"] == counts.loc["topic=billing"].sum() > 0
    assert counts.loc["topic=else", "closed by the flow"] == counts.loc["topic=else"].sum() > 0
    left = counts.loc["no branch"]
    assert left["left in the flow"] == inside["left_flow_us"].notna().sum() > 0
    assert left["solved by the bot"] == (inside["disconnect"] == "contained").sum() > 0


def test_without_branches_it_goes_by_topic():
    text = tiny(
        "0 s, 1 s", others="", topics="bill: {behaviour: plain}", flow="{bot: {bot_time: 1 s, contains: 100 %}}"
    )
    counts = ways_out(simulate(loads(text), replications=1, workers=1).run)
    assert counts.index.tolist() == ["ask"]
    assert counts.loc["ask", "solved by the bot"] == 2


def test_the_picture_is_drawn_where_there_is_something_to_see(results):
    assert plots.SPEAKS["flow"](results.run)
    axes = plots.plot(results.run, "flow", figure=Figure())
    assert "by the way they took" in axes.get_title(loc="left")
    assert len(axes.patches) > 3
    straight = simulate(loads(tiny("0 s")), replications=1, workers=1)
    assert not plots.SPEAKS["flow"](straight.run)


def test_trace_without_an_id_lists_what_there_is(ccsim, results, tmp_path: Path):
    folder = tmp_path / "run"
    results.save(folder)
    ended = ccsim("trace", folder)
    assert ended.code == 0
    lines = ended.out.splitlines()
    opened = results.table("conversations")
    inside = opened[opened["opened_us"] < results.scenario.duration_us]
    assert lines[0] == f"{len(inside)} conversations in replication 0 of Branches"
    assert lines[1].split() == [
        "conversation", "opened", "channel", "topic", "outcome", "portions", "agents", "messages",
    ]  # fmt: skip
    assert lines[2].split()[0] == "web/0"
    assert len(lines) == 2 + 20 + 2
    assert lines[-2] == f"  … and {len(inside) - 20} more, in the table conversations."
    hint = lines[-1].removeprefix("Tell one of them: ccsim ").split()
    assert ccsim(*hint).code == 0
    document = json.loads(ccsim("trace", folder, "--json").out)
    assert document["total"] == len(inside)
    assert len(document["conversations"]) == 20
    agents = ccsim("trace", folder, "--agent").out.splitlines()
    assert agents[0] == "3 agents in replication 0 of Branches"
    assert ccsim(*agents[-1].removeprefix("Tell one of them: ccsim ").split()).code == 0
    assert ccsim("trace", folder, "--replication", 3).code == 2
