"""Sweeps on the same customers, and the staffing curve: "how many?"."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from math import nan
from pathlib import Path

import handmade
import numpy as np
import pandas as pd
import pytest
from commands import Ended

from simulator.experiments import pool
from simulator.experiments.compare import paired
from simulator.experiments.replicate import Replications, replicate
from simulator.experiments.staffing import COLUMNS, Staffing, staffing, wanted
from simulator.experiments.sweep import sweep, value_of
from simulator.metrics.confidence import student_t
from simulator.metrics.parts import Part
from simulator.reports.staffing import answer, files, table
from simulator.scenario import Scenario
from simulator.vocabulary.errors import ScenarioError, UsageError

LEVEL = "oServiceLevel"

COUNT = "agents.early.count"


@pytest.fixture(scope="module")
def world() -> Scenario:
    return handmade.scenario().vary({"outbound.campaigns": None, "replications": 2})


def test_a_sweep_runs_every_combination_the_last_path_fastest(world: Scenario) -> None:
    points = sweep(world, {COUNT: [1, 2], "agents.early.capacity": [1, 3]}, workers=1)
    assert [tuple(point.settings.values()) for point in points] == [(1, 1), (1, 3), (2, 1), (2, 3)]
    for point in points:
        group = point.run.scenario.agents["early"]
        assert (group.count, group.capacity) == tuple(point.settings.values())


def test_every_point_is_what_a_run_of_its_own_would_give(world: Scenario) -> None:
    points = sweep(world, {COUNT: [1, 3]}, workers=2)
    alone = replicate(world.vary({COUNT: 3}), workers=1)
    pd.testing.assert_frame_equal(points[1].run.summary, alone.summary)


def test_the_customers_are_the_same_at_every_point(world: Scenario) -> None:
    """More agents change when people are answered, never who comes, when, and what they write."""
    few, many = (replicate(world.vary({COUNT: count}), replications=1, workers=1) for count in (1, 4))
    first = [run.tables["contacts"].query("parent.isna()") for run in (few, many)]
    columns = ["contact", "arrived_us", "topic"]
    pd.testing.assert_frame_equal(*(one[columns].astype({"topic": str}) for one in first))


def test_what_is_known_is_not_run_again(world: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    base = replicate(world, workers=1)
    ran: list[int] = []
    honest = pool.run
    monkeypatch.setattr(pool, "run", lambda task, count, *rest: ran.append(count) or honest(task, count, *rest))
    points = sweep(world, {COUNT: [1, 2]}, workers=1, known=base)
    assert ran == [2]  # two replications of the one that is new
    assert points[1].run is base  # two agents are the scenario's own


def test_progress_counts_all_runs(world: Scenario) -> None:
    seen: list[float] = []
    sweep(world, {COUNT: [1, 2]}, workers=1, on_progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1
    assert any(0.2 < share < 0.3 for share in seen)  # after the first of four replications


def test_nothing_runs_if_one_point_is_wrong(world: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "run", lambda *_: pytest.fail("it ran"))
    with pytest.raises(ScenarioError, match="too small"):
        sweep(world, {COUNT: [1, -1]})
    with pytest.raises(UsageError, match="no values"):
        sweep(world, {COUNT: []})


def test_value_of_a_measure_there_is_not(world: Scenario) -> None:
    run = sweep(world, {COUNT: [2]}, workers=1)[0].run
    assert value_of(run, LEVEL)[0] > 0
    assert value_of(run, LEVEL, queue="nowhere") != value_of(run, LEVEL)


# --- how many? -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "counts"),
    [("early=1:5:2", (1, 3, 5)), ("early=1:4:2", (1, 3)), ("early = 2:4", (2, 3, 4)), ("early=6,2,2", (2, 6))],
)
def test_counts_are_written_as_ranges_or_lists(world: Scenario, text: str, counts: tuple[int, ...]) -> None:
    assert wanted(text, world) == ("early", counts)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("early", "GROUP=FROM:TO:STEP"),
        ("erly=1:2", "did you mean `early`"),
        ("early=5:1", "goes nowhere"),
        ("early=1:5:0", "goes nowhere"),
        ("early=some", "not understood"),
        ("early=-1:3", "not understood"),
    ],
)
def test_what_is_not_understood_is_said(world: Scenario, text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        wanted(text, world)


def made(*levels: tuple[float, float, float], target: float = 0.8, base: float = 0.3) -> Staffing:
    """A curve from 10 agents on; today there are 9 with a service level of `base`."""
    others = {name: tuple((0.5, nan, nan) for _ in levels) for name in COLUMNS}
    counts = tuple(range(10, 10 + len(levels)))
    gains = tuple((value - base, low - base, high - base) for value, low, high in levels)
    return Staffing("early", target, counts, {LEVEL: levels} | others, today=9, gains=gains)


def with_today(found: Staffing, level: tuple[float, float, float]) -> Staffing:
    """The same with the row of today's 9."""
    values = {name: (level if name == LEVEL else (0.5, nan, nan), *rows) for name, rows in found.values.items()}
    return replace(found, counts=(9, *found.counts), values=values, gains=((0.0, 0.0, 0.0), *found.gains))


def test_enough_is_the_smallest_count_from_which_on_all_meet_the_target() -> None:
    found = made((0.6, 0.5, 0.7), (0.81, 0.7, 0.9), (0.79, 0.7, 0.88), (0.85, 0.78, 0.92), (0.9, 0.82, 0.98))
    assert found.enough == 13  # 11 met it by luck: 12 did not
    assert found.enough_surely == 14
    assert answer(found, handmade.scenario())[:2] == [
        "13 agents in early reach 80 % answered within 60 s.",
        "With 14 the whole 95 % interval lies above it.",
    ]


def test_the_answer_says_what_it_does_not_know() -> None:
    world = handmade.scenario()
    assert answer(made((0.5, 0.4, 0.6)), world)[0] == "No number up to 10 in early reaches 80 % answered within 60 s."
    assert "Fewer were not tried" in answer(made((0.85, 0.7, 0.9)), world)[0]
    assert "With no number up to 10" in answer(made((0.85, 0.7, 0.9)), world)[1]
    single = answer(made((0.85, nan, nan)), world.vary({"replications": 1}))
    assert "how sure that is cannot be said" in single[1]
    assert made((0.85, nan, nan)).enough_surely is None
    assert "and the whole 95 % interval lies above it." in answer(made((0.5, 0.4, 0.6), (0.9, 0.85, 0.95)), world)[0]
    assert "same customers" in answer(made((0.85, 0.7, 0.9)), world)[-1]


def test_a_curve_becomes_a_table_a_csv_and_a_picture() -> None:
    found = made((0.6, 0.5, 0.7), (nan, nan, nan))
    assert table(found)[1][:3] == ["10", "60.0 %", "50.0 – 70.0"]
    assert table(found)[2][:3] == ["11", "–", ""]
    texts = files(found, handmade.scenario())
    assert list(texts) == ["staffing-early.csv", "plots/staffing-early.svg"]
    assert texts["staffing-early.csv"].splitlines()[0].startswith("group,agents,oServiceLevel,oServiceLevel_ci_low,")
    assert texts["staffing-early.csv"].splitlines()[2].startswith("early,11,,,,0.5,,,")
    assert texts == files(found, handmade.scenario())
    assert json.dumps(found.document(), allow_nan=False)


def test_a_count_is_recommended_only_if_the_paired_difference_is_above_0() -> None:
    """Two points above the target by luck: today's 9 were one point below it, and the difference may be nothing."""
    lucky = made((0.81, 0.77, 0.85), (0.82, 0.78, 0.86), base=0.79)
    assert lucky.enough is None
    assert "No count tried is a safe way to 80 % answered within 60 s" in " ".join(answer(lucky, handmade.scenario()))
    sure = replace(lucky, gains=((0.02, 0.01, 0.03), (0.03, 0.02, 0.04)))
    assert sure.enough == 10
    assert not sure.hardly_moves


def test_a_group_that_hardly_matters_is_said_in_words() -> None:
    flat = replace(made((0.79, 0.75, 0.83), (0.78, 0.74, 0.82)), gains=((0.003, -0.002, 0.008), (-0.002, -0.01, 0.006)))
    assert flat.hardly_moves
    assert answer(flat, handmade.scenario())[0].startswith("early hardly moves it")
    assert not made((0.6, 0.5, 0.7)).hardly_moves
    met = with_today(replace(flat, target=0.7), (0.787, 0.75, 0.82))
    assert answer(met, handmade.scenario())[1].startswith(
        "Today's 9 in early reach 80 % answered within 60 s, and the "
    )
    assert answer(met, handmade.scenario())[1].endswith(" Fewer were not tried.")


def test_today_s_count_always_has_its_row(world: Scenario) -> None:
    """Two agents are the scenario's own; only one was asked about."""
    found = staffing(world, "early", [1], workers=1)
    assert found.counts == (1, 2)
    assert [row[3] for row in table(found)[1:]][1] == "today"
    assert found.csv().splitlines()[2].startswith("early,2,")
    level = found.values[LEVEL][1][0]
    assert answer(replace(found, target=level), world)[0].startswith("Today's 2 in early reach ")


def test_a_larger_count_that_misses_the_target_by_luck_leaves_today_s() -> None:
    found = with_today(made((0.79, 0.7, 0.88), base=0.81), (0.81, 0.72, 0.9))
    assert found.enough is None
    said = answer(found, handmade.scenario())
    assert said[0] == "Today's 9 in early reach 80 % answered within 60 s; not every larger count tried does."


def test_fewer_than_today_may_do_where_today_s_meet_the_target() -> None:
    found = replace(made((0.85, 0.8, 0.9), (0.9, 0.85, 0.95), base=0.9), today=11)
    assert found.enough == 10


def test_the_difference_is_taken_replication_by_replication(world: Scenario) -> None:
    """For equal offers in every replication it is the plain paired t interval."""
    base = replicate(world, workers=1)

    def with_level(*answered: float) -> Replications:
        return replace(base, parts=tuple({LEVEL: {(): Part(each, 10.0)}} for each in answered))

    value, low, high = paired(with_level(9, 7, 5), with_level(8, 5, 4), LEVEL)
    differences = np.array([0.1, 0.2, 0.1])
    half = student_t(0.95, 2) * differences.std(ddof=1) / np.sqrt(3)
    assert value == pytest.approx(differences.mean())
    assert (low, high) == (pytest.approx(value - half), pytest.approx(value + half))


def test_more_agents_answer_more_in_time(world: Scenario) -> None:
    found = staffing(world, "early", [1, 3], workers=1)
    (few, *_), _, (many, *_) = found.values[LEVEL]
    assert few < many
    assert found.counts == (1, 2, 3)
    assert replace(found, target=0.0).enough == 1


def test_run_prints_the_curve_and_keeps_it(ccsim: Callable[..., Ended], tmp_path: Path) -> None:
    file = tmp_path / "tiny.yaml"
    file.write_text(handmade.SCENARIO.replace("contacts: 40000", "contacts: 400"))
    out = tmp_path / "out"
    ended = ccsim("run", file, "--agents", "early=1:3", "--out", out, "--workers", 1, "--quiet")
    assert ended.code == 0, ended.err
    assert "How many agents in early?" in ended.out
    assert "occupancies of all agents" in " ".join(ended.out.split()) and "(oServiceLevel: from queue" in ended.out
    assert "same customers" in ended.out
    assert re.search(r"seed 1, \d+ s in all with all 3 counts of agents\n", ended.out)
    written = [line.split(",")[:2] for line in (out / "staffing-early.csv").read_text().splitlines()]
    assert written == [["group", "agents"], ["early", "1"], ["early", "2"], ["early", "3"]]
    assert (out / "plots" / "staffing-early.svg").exists()
    assert "replaced" not in ended.out
    again = ccsim("run", file, "--agents", "early=2,4", "--out", out, "--workers", 1, "--quiet").out
    assert "It replaced the earlier curve, which also had 1, 3 agents\n" in again
    (out / "staffing-late.csv").write_text("group,agents\n")  # another question to the same scenario
    said = json.loads(ccsim("run", file, "--agents", "early=1,2", "--out", out, "--workers", 1, "--json").out)
    assert [point["agents"] for point in said["staffing"]["points"]] == [1, 2]
    assert said["metrics"]
    assert said["staffing"]["points"][1]["against_today"]["value"] == 0
    assert (out / "staffing-late.csv").read_text() == "group,agents\n"
    own = next(row for row in said["metrics"] if row["name"] == LEVEL and row["scope"] == {})
    assert said["staffing"]["points"][1][LEVEL]["value"] == own["value"]  # two are the scenario's own


def test_a_group_that_is_not_there_is_told_before_anything_runs(
    ccsim: Callable[..., Ended],
    tmp_path: Path,
) -> None:
    file = tmp_path / "tiny.yaml"
    file.write_text(handmade.SCENARIO)
    ended = ccsim("run", file, "--agents", "erly=1:3", "--out", tmp_path / "out")
    assert (ended.code, "did you mean `early`" in ended.err) == (2, True)
    assert not (tmp_path / "out").exists()
