"""Two plans on the same customers, and grids of plans: paired differences, their words, files and commands."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import handmade
import numpy as np
import pandas as pd
import pytest
from commands import Ended
from tiny import tiny

import simulator as cc
from simulator.cli.sweep import grid, measure
from simulator.experiments.compare import compare, differences
from simulator.experiments.replicate import Replications, replicate
from simulator.experiments.sweep import sweep
from simulator.metrics.confidence import interval, student_t
from simulator.metrics.parts import Part
from simulator.reports.comparison import answer, as_csv, change, table
from simulator.reports.sweeping import DEFAULT, Swept, columns, document, fitting, marks, svg
from simulator.reports.sweeping import answer as swept_answer
from simulator.reports.sweeping import as_csv as swept_csv
from simulator.scenario import Scenario
from simulator.vocabulary.errors import UsageError

COUNT = "agents.early.count"
LEVEL = "oServiceLevel"


@pytest.fixture(scope="module")
def world() -> Scenario:
    return handmade.scenario().vary({"outbound.campaigns": None, "replications": 3})


@pytest.fixture(scope="module")
def base(world: Scenario) -> Replications:
    return replicate(world, workers=1)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.yaml"
    path.write_text(handmade.SCENARIO.replace("contacts: 40000", "contacts: 400"))
    return path


def with_level(base: Replications, *answered: float) -> Replications:
    """A run whose service level came from so many of 10 answered, replication by replication."""
    return replace(base, parts=tuple({LEVEL: {(): Part(each, 10.0)}} for each in answered))


def test_the_difference_is_a_paired_t_interval(base: Replications) -> None:
    """Equal denominators: the jackknife is the classical interval. Differences 1, 2, 1 of 10."""
    found = differences(with_level(base, 8, 5, 4), with_level(base, 9, 7, 5))
    (row,) = found.to_dict("records")
    apart = np.array([0.1, 0.2, 0.1])
    half = student_t(0.95, 2) * apart.std(ddof=1) / np.sqrt(3)
    assert row["difference"] == pytest.approx(apart.mean())
    assert (row["ci_low"], row["ci_high"]) == (pytest.approx(apart.mean() - half), pytest.approx(apart.mean() + half))


def test_variance_saved_is_one_minus_paired_over_unpaired(base: Replications) -> None:
    """Variances: A (8, 5, 4) 13/3, B (9, 7, 5) 4, differences (1, 2, 1) 1/3, so 1 − (1/3) / (25/3) = 0.96."""
    (row,) = differences(with_level(base, 8, 5, 4), with_level(base, 9, 7, 5)).to_dict("records")
    assert row["variance_saved"] == pytest.approx(0.96)


def test_the_same_plan_differs_in_nothing(world: Scenario, base: Replications) -> None:
    found = compare(base, world, workers=1).table
    assert (found["difference"].abs() == 0).all()
    assert found["ci_low"].isna().all() and found["variance_saved"].isna().all()  # no spread to judge by
    assert set(found["metric"]) >= {LEVEL, "tWait", "tWait_p90", "occupancy_work"}


def test_quantiles_are_compared_too(world: Scenario, base: Replications) -> None:
    row = compare(base, world.vary({COUNT: 1}), workers=1).row("tWait_p90")
    assert row["b"] > row["a"]
    assert row["ci_low"] < row["difference"] < row["ci_high"]


def test_a_run_folder_is_measured_anew_and_gives_the_same(world: Scenario, base: Replications, tmp_path: Path) -> None:
    folder = cc.Results(base).save(tmp_path / "run")
    other = world.vary({COUNT: 1})
    from_folder = compare(cc.Results.load(folder).run, other, workers=1).table
    pd.testing.assert_frame_equal(from_folder, compare(base, other, workers=1).table)


def test_other_customers_are_refused(world: Scenario, base: Replications) -> None:
    other = replicate(world, seed=2, workers=1, keep_tables=False)
    with pytest.raises(UsageError, match="not the same customers"):
        compare(base, other)
    with pytest.raises(UsageError, match="not the same customers"):
        compare(base, world, replications=2)


def test_only_what_both_plans_have_is_compared(world: Scenario, base: Replications) -> None:
    wider = world.vary({"agents.late": {"count": 1, "queues": ["service"], "reply": {"effort": "40 s"}}})
    scopes = [tuple(scope.items()) for scope in compare(base, wider, workers=1).table["scope"]]
    assert (("group", "early"),) in scopes
    assert (("group", "late"),) not in scopes


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.021, "share", "+2.1 points"),
        (-0.021, "share", "−2.1 points"),
        (0.0, "s", "±0 s"),
        (-75.0, "s", "−75 s"),
        (float("nan"), "s", "–"),
    ],
)
def test_differences_as_people_read_them(value: float, unit: str, said: str) -> None:
    assert change(value, unit) == said


def test_the_words_say_what_is_sure(base: Replications) -> None:
    def said(a: tuple[float, ...], b: tuple[float, ...]) -> str:
        ours, theirs = with_level(base, *a), with_level(base, *b)
        from simulator.experiments.compare import Comparison

        return " ".join(answer(Comparison(ours, theirs, differences(ours, theirs))))

    assert "B is better, the whole range says so" in said((5, 6, 7), (7, 8, 9.1))
    assert "all 3 pairs have the same difference, so that there is no range" in said((5, 6, 7), (7, 8, 9))
    assert "B is worse, the whole range says so" in said((7, 8, 9.1), (5, 6, 7))
    assert "may be luck" in said((5, 6, 7), (7, 5, 7))
    assert "Pairing saved" in said((5, 6, 7), (7, 8, 9.1))


def test_a_picture_for_numbers_none_for_words(world: Scenario) -> None:
    few = world.vary({"replications": 1})
    counts = sweep(few, {COUNT: ["1", "2"]}, workers=1)
    assert (svg(Swept(few, (COUNT,), tuple(counts), DEFAULT)) or "").startswith("<?xml")
    assert svg(Swept(few, (COUNT,), tuple(counts[:1]), DEFAULT)) is None
    kinds = sweep(few, {"service_level.count_abandons": ["true", "false"]}, workers=1)
    assert svg(Swept(few, ("service_level.count_abandons",), tuple(kinds), DEFAULT)) is None


def test_the_answer_names_the_values_that_meet_the_target(world: Scenario) -> None:
    points = sweep(world, {COUNT: ["0", "4"]}, workers=1)
    said = swept_answer(Swept(world, (COUNT,), tuple(points), DEFAULT))
    assert said[0] == "80 % service level is met at 4; missed at 0."


def level(run: Replications, *shares: float) -> Replications:
    """The same run with these service levels. [replication]"""
    run = replace(run, parts=tuple({LEVEL: {(): Part(each * 100, 100.0)}} for each in shares))
    row = (run.summary["metric"] == LEVEL) & (run.summary["scope"].map(len) == 0)
    summary, (low, high) = run.summary.copy(), interval(np.array(shares))
    summary.loc[row, ["value", "ci_low", "ci_high"]] = float(np.mean(shares)), low, high
    return replace(run, summary=summary)


def test_every_row_of_a_sweep_says_whether_it_meets_the_target(world: Scenario) -> None:
    """0.90 ± 0.02 is above 80 % with its whole interval, 0.82 ± 0.05 on average, 0.7 not."""
    paths = (COUNT, "agents.early.capacity")
    points = sweep(world, {paths[0]: ["1", "2"], paths[1]: ["1", "2"]}, workers=1)
    shares = [(0.7, 0.7, 0.71), (0.8, 0.82, 0.84), (0.89, 0.9, 0.91), (0.89, 0.9, 0.91)]
    points = [replace(one, run=level(one.run, *each)) for one, each in zip(points, shares, strict=True)]
    found = Swept(world, paths, tuple(points), ((LEVEL, {}),))
    assert marks(found) == ["no", "on average", "yes", "yes"]
    assert swept_answer(found)[0] == "3 of 4 settings meet 80 % service level, 2 of them with the whole 95 % interval."
    assert [row["meets_target"] for row in csv.DictReader(swept_csv(found).splitlines())] == marks(found)
    assert [point["meets_target"] for point in document(found)["points"]] == marks(found)


def test_what_matters_most_has_room_first(world: Scenario) -> None:
    points = sweep(world, {COUNT: ["1", "2"]}, workers=1)
    found = Swept(world, (COUNT,), tuple(points), ((LEVEL, {}), *DEFAULT))
    every = columns(found)
    assert fitting(every, 1000) == (every, [])
    for width in range(20, 200):
        kept, left = fitting(every, width)
        assert [one for one in every if one in kept] == kept and len(kept) + len(left) == len(every)
        assert sum(one.width + 1 for one in kept if one.rank) <= width
    narrow, left = fitting(every, 48)
    assert [one.name for one in narrow] == [COUNT, "meets target", LEVEL, f"the range of {LEVEL}"]
    assert f"the range of {DEFAULT[0][0]}" in [one.name for one in left]
    eighty, _ = fitting(every, 80)
    assert {name for name, _ in found.wanted} < {one.name for one in eighty}


# --- what is written on the command line -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a.b=10:20:5", ["10", "15", "20"]),
        ("a.b=10:19:5", ["10", "15"]),
        ("a.b=0.5:1:0.25", ["0.5", "0.75", "1"]),
        ("a.b=10:30:10 %", ["10 %", "20 %", "30 %"]),
        ("a.b=5 min, 10 min", ["5 min", "10 min"]),
        ("a.b=07:30,08:00", ["07:30", "08:00"]),
        ("a.b={uniform: {low: 1 s, high: 2 s}},3 s", ["{uniform: {low: 1 s, high: 2 s}}", "3 s"]),
    ],
)
def test_values_of_a_sweep(text: str, values: list[str]) -> None:
    assert grid([text]) == {"a.b": values}


@pytest.mark.parametrize("text", ["a.b", "a.b=", "=1", "a.b=20:10:1", "a.b=1:2:0", "a.b=1,,2", "a.b=1:999999:1"])
def test_values_that_cannot_be_meant(text: str) -> None:
    with pytest.raises(UsageError, match="--vary"):
        grid([text])
    with pytest.raises(UsageError, match="twice"):
        grid(["a.b=1", "a.b=2"])


@pytest.mark.parametrize(
    ("written", "meant"),
    [("10-12", "a.b=10:12:1"), ("80 %-90 %", "a.b=80:90:1%"), ("0.5-0.9", "a.b=0.5:0.9:0.1"), ("1,10–12", "10:12:1")],
)
def test_a_range_with_a_dash_is_told_how_it_is_written(written: str, meant: str) -> None:
    with pytest.raises(UsageError) as refused:
        grid([f"a.b={written}"])
    assert str(refused.value).endswith(meant)
    if meant.startswith("a.b"):
        grid([meant])  # what it says is right


def test_a_measure_with_its_scope() -> None:
    assert measure("tWait@queue=service") == ("tWait", {"queue": "service"})
    with pytest.raises(UsageError, match="--metric"):
        measure("tWait@service")


def test_compare_on_the_command_line(ccsim: Callable[..., Ended], file: Path, tmp_path: Path) -> None:
    out = tmp_path / "diff.csv"
    ended = ccsim("compare", file, "--set", "agents.early.count=1", "--workers", 1, "--csv", out)
    assert ended.code == 0, ended.err
    assert "same customers" in ended.out
    assert "(target 80 %)" in ended.out
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert {"metric", "scope", "a", "b", "difference", "ci_low", "ci_high"} <= set(rows[0])
    said = json.loads(ccsim("compare", file, file, "--set", "agents.early.count=1", "--workers", 1, "--json").out)
    level = next(row for row in said["differences"] if (row["metric"], row["scope"]) == (LEVEL, {}))
    assert level["difference"] < 0
    assert float(next(row["difference"] for row in rows if row["metric"] == LEVEL)) == pytest.approx(
        level["difference"]
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "what with it"),
        (["--set", "agents.erly.count=1"], "early"),
        (["nowhere.yaml"], "nowhere.yaml"),
    ],
)
def test_compare_refuses_in_words(ccsim: Callable[..., Ended], file: Path, arguments: list[str], said: str) -> None:
    ended = ccsim("compare", file, *arguments)
    assert ended.code == 2
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_sweep_on_the_command_line(ccsim: Callable[..., Ended], file: Path, tmp_path: Path) -> None:
    out = tmp_path / "swept"
    ended = ccsim("sweep", file, "--vary", "agents.early.count=1:2:1", "--workers", 1, "--out", out)
    assert ended.code == 0, ended.err
    rows = list(csv.DictReader((out / "sweep.csv").read_text().splitlines()))
    assert [row["agents.early.count"] for row in rows] == ["1", "2"]
    assert (out / "sweep.svg").exists()
    said = json.loads(
        ccsim(
            "sweep", file, "--vary", "agents.early.count=1:2:1", "--metric", "tWait@queue=service", "--workers", 1,
            "--out", out, "--json",
        ).out
    )  # fmt: skip
    assert said["points"][1]["metrics"][0]["scope"] == {"queue": "service"}
    assert said["points"][0]["against_first"]["value"] == 0
    (out / "mine.txt").write_text("keep")
    refused = ccsim("sweep", file, "--vary", "agents.early.count=1:2:1", "--workers", 1, "--out", out)
    assert refused.code == 2
    assert (out / "mine.txt").read_text() == "keep"


def test_a_sweep_says_what_had_no_room(
    ccsim: Callable[..., Ended], file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    asked = ["--vary", "agents.early.count=1:2:1", "--workers", 1, "--out", tmp_path / "swept"]
    said = " ".join(ccsim("sweep", file, *asked).out.split())
    assert "meets target" in said and "the whole 95 % interval does" in said
    assert "No room here for occupancy_work, tWait, the difference from the first row, 4 ranges: a wider" in said


def test_sweep_refuses_an_unknown_measure_before_it_runs(ccsim: Callable[..., Ended], file: Path) -> None:
    ended = ccsim("sweep", file, "--vary", "agents.early.count=1:2:1", "--metric", "oServiceLevl")
    assert ended.code == 2
    assert LEVEL in ended.err


def test_from_python(world: Scenario, base: Replications) -> None:
    found = cc.compare(cc.Results(base), world.vary({COUNT: 1}), workers=1)
    assert list(found.columns[:5]) == ["metric", "scope", "a", "b", "difference"]
    swept = cc.sweep(world.vary({"replications": 1}), {COUNT: [1, 2]}, workers=1)
    assert set(swept[COUNT]) == {1, 2}


def test_the_spreadsheet_has_scopes_in_words(world: Scenario, base: Replications) -> None:
    text = as_csv(compare(base, world, workers=1))
    assert ",queue service," in text
    assert "{" not in text


def test_every_measure_can_be_shown(world: Scenario, base: Replications) -> None:
    found = compare(base, world.vary({COUNT: 1}), workers=1)
    assert len(table(found, everything=True)) > len(table(found)) > 10


def test_money_of_two_kinds_is_not_subtracted() -> None:
    euros, dollars = (
        cc.simulate(cc.loads(tiny("10 s")).vary({"outbound.template_rates.currency": each}), replications=2, workers=1)
        for each in ("EUR", "USD")
    )
    with pytest.raises(UsageError, match=r"counts money in EUR and .* in USD"):
        cc.compare(euros, dollars)
