"""The warm-up: MSER-5 on small tables, on paths from empty with known limits, and after each run."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from commands import Ended
from tiny import tiny

import simulator as cc
from simulator.metrics import cycles, warmup
from simulator.metrics.warmup import ENOUGH, NOT_APPLICABLE, TOO_SHORT, mser
from simulator.scenario import Scenario

DAY, HOUR = 86_400_000_000, 3_600_000_000


@pytest.mark.parametrize(
    ("values", "batch", "cut", "settled"),
    [
        # z = 6.75/16 = 0.42, then 0, 0: the first of the equal ones
        ([3, 0, 0, 0], 1, 1, True),
        # 1, 2: z(0) = 20/36 (mean 1: 9 + 4 + 4 · 1 - …), least from 2 on
        ([4, 3, 0, 0, 0, 0], 1, 2, True),
        # nothing changes: nothing is cut
        ([7, 7, 7, 7], 1, 0, True),
        # -1, 1 in turn: z = 4/16, (2 2/3)/9, 2/4: cutting makes it worse
        ([1, -1, 1, -1], 1, 0, True),
        # rises to the end: z = 5/16, 2/9, 0.5/4: the last is least, in the second half no more
        ([0, 1, 2, 3], 1, 2, True),
        ([0, 0, 0, 0, 9, 9], 1, 4, False),
        # batches of 2: means 5, 0, 0, 0; the ninth value fills no batch
        ([9, 1, 0, 0, 0, 0, 0, 0, 99], 2, 2, True),
    ],
)
def test_small_tables(values: list[float], batch: int, cut: int, settled: bool) -> None:
    assert mser(np.array(values, float), batch, least_left=2) == (cut, settled)


def test_the_statistic_is_that_of_the_paper() -> None:
    """Against the formula written out, on 40 series."""
    rng = np.random.Generator(np.random.Philox(1))
    for _ in range(40):
        values = rng.exponential(1.0, 60) + 5 * np.exp(-np.arange(60) / 6)
        means = values.reshape(-1, 5).mean(axis=1)
        z = [((means[d:] - means[d:].mean()) ** 2).sum() / (12 - d) ** 2 for d in range(8)]
        assert mser(values)[0] == 5 * int(np.argmin(z))


def test_too_short_a_series_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 6 batches of 5"):
        mser(np.zeros(29))


def test_waits_of_an_mm1_from_empty() -> None:
    """Load 0.9 from empty: the mean wait is 9, and cut as MSER-5 says it is nearer to that than uncut."""
    rng = np.random.Generator(np.random.Philox(2))
    paths, customers = 200, 4000
    wait, total = np.zeros(paths), np.empty(customers)
    for number in range(customers):
        total[number] = wait.mean()
        wait = np.maximum(wait + rng.exponential(1.0, paths) - rng.exponential(1 / 0.9, paths), 0.0)
    cut, settled = mser(total)
    assert settled
    assert 50 < cut < 2000  # the relaxation time is 2 · 0.9 / 0.1² = 180 customers
    assert abs(total[cut:].mean() - 9) < abs(total.mean() - 9)
    assert total[:50].mean() < 4


# --- after a run -------------------------------------------------------------------------------------------------


def scenario(**changes: object) -> Scenario:
    """Two agents, 8 contacts an hour that take 10 minutes each: an M/M/2 at 67 %."""
    text = tiny(
        arrivals="",
        duration="10 h",
        agents={"desk": "count: 2, reply: {effort: {exponential: {mean: 10 min}}}"},
        channel="web",
    ).replace("customers: new,", "customers: new, arrivals: {rate: 8/h},")
    return cc.loads(text).vary({"warm_up": "2 h", "replications": 2, **changes})


def series(top: np.ndarray, of: Scenario) -> np.ndarray:
    """A made-up replication in which every series is `top`. [observation]"""
    assert len(top) == len(warmup.edges(of)) - 1
    return np.stack([np.stack([top, np.ones(len(top))])] * 3)


def test_enough_and_too_little() -> None:
    world = scenario()
    rng = np.random.Generator(np.random.Philox(3))
    noise = rng.normal(0, 0.1, (2, 500))
    late = np.where(np.arange(500) < 100, 0.0, 10.0)
    found = warmup.judge(world, [series(10 + each, world) for each in noise])
    assert (found.verdict, found.method, found.warning) == (ENOUGH, "MSER-5", "")
    half_way = np.where(np.arange(500) < 150, 0.0, 10.0)  # 3 h of 10 h
    found = warmup.judge(world, [series(half_way + each, world) for each in noise])
    assert found.verdict == TOO_SHORT
    assert "warm-up of 2 h is too little: MSER-5 would cut 3 h" in found.warning
    found = warmup.judge(world, [series(late + each, world) for each in noise])
    assert found.words == "warm-up of 2 h is enough: MSER-5 would cut 2 h"
    never = warmup.judge(world, [series(np.where(np.arange(500) < 400, 0.0, 10.0) + each, world) for each in noise])
    assert "still changing in the second half" in never.warning


def test_a_cut_that_chance_made_is_no_warning() -> None:
    """Four batches in a row near the end of the first half are high, so that MSER cuts behind them; but in one
    replication of five by 50, in the others by nothing: what is cut off differs by 10 on average, and its standard
    error is 10, too. One replication cannot be told from chance at all."""
    world = scenario()
    high = np.where((np.arange(500) >= 180) & (np.arange(500) < 200), 50.0, 0.0)
    flat = [series(np.full(500, 10.0) + number / 10, world) for number in range(5)]
    moved = series(10 + high, world)
    found = warmup.judge(world, [moved, *flat[1:]])
    assert found.verdict == ENOUGH and not found.warning
    assert found.words == (
        "warm-up of 2 h is enough: MSER-5 would cut 4 h, but that differs from the rest by no more than chance, or 5%"
    )
    assert found.by_series[0]["drifts"] is False
    # h(measured and cut off: observations 100 … 199) - rest: 50 · 20 / 100 = 10 in one of five: 2 on average
    assert found.by_series[0]["before"] - found.by_series[0]["after"] == pytest.approx(2.0)
    alone = warmup.judge(world, [moved])
    assert alone.verdict == NOT_APPLICABLE and not alone.warning
    assert "one replication cannot tell a drift from chance: run five or more" in alone.words
    every = warmup.judge(world, [moved] * 5)
    assert every.verdict == TOO_SHORT
    # a difference in all of them, but of 4 % (20 observations of 100, by 2 of 10): a planner does not mind
    small = warmup.judge(world, [series(10 + high / 25, world)] * 5)
    assert small.verdict == ENOUGH


def endless(warm_up: str) -> Scenario:
    """M/G/infinity, from empty: 30 an hour, who stay an hour on average; of 90 agents nobody is ever the last."""
    text = tiny(
        arrivals="",
        duration="30 h",
        agents={"desk": "count: 90, reply: {effort: {exponential: {mean: 1 h}}}"},
    ).replace("customers: new,", "customers: new, arrivals: {rate: 30/h},")
    return cc.loads(text).vary({"warm_up": warm_up, "replications": 6})


def test_the_transient_of_an_endless_desk_is_found() -> None:
    """30 (1 - exp(-t)) are there after t hours: 95 % after 3 h, 99.8 % after 6 h. What is seen in the first hour is
    30 exp(-1) = 11.04 on average, and a run without warm-up is told so, while 10 h are enough."""
    world = endless("0 h")
    results = cc.simulate(world, workers=1)
    found = results.warm_up
    assert found["verdict"] == TOO_SHORT
    assert "no warm-up is too little" in found["words"] and "number in system" in found["words"]
    (number,) = (one for one in found["series"] if one["name"] == "number in system")
    assert 1 * HOUR <= number["cut_us"] <= 8 * HOUR
    first = [
        warmup.series(world, {name: table[table["replication"] == each] for name, table in results.run.tables.items()},
                      results.run.ends_us[each])[0]
        for each in range(6)
    ]  # fmt: skip
    at = warmup.edges(world)
    hour = np.array([one[0, at[1:] <= HOUR].sum() / HOUR for one in first])
    assert abs(hour.mean() - 30 * np.exp(-1)) < 4 * np.sqrt(30 * np.exp(-1) / 6)  # spread below Poisson's
    assert cc.simulate(endless("10 h"), workers=1).warm_up["verdict"] == ENOUGH


def test_nobody_came() -> None:
    world = scenario()
    found = warmup.judge(world, [np.zeros((3, 2, 500))])
    assert (found.verdict, found.words) == (NOT_APPLICABLE, "nobody came to a queue")


def daily(**changes: object) -> Scenario:
    """Arrivals by the hour, four days, of which three warm up."""
    hours = ", ".join(["0"] * 8 + ["1"] * 12 + ["0"] * 4)
    text = tiny(
        arrivals="", duration="4 days", agents={"desk": "count: 2"}, more=f"profiles: {{busy: {{by_hour: [{hours}]}}}}"
    ).replace("customers: new,", "customers: new, arrivals: {per_day: 100, profile: busy},")
    return cc.loads(text).vary({"warm_up": "3 days", "replications": 3, **changes})


def test_days_that_are_alike_by_plan_are_compared() -> None:
    world = daily()
    day = np.arange(192) // 48
    rng = np.random.Generator(np.random.Philox(4))
    noise = rng.normal(0, 0.01, (3, 192))
    calm = warmup.judge(world, [series(5 + each, world) for each in noise])
    assert calm.verdict == ENOUGH
    assert "no drift from its last day to the first day measured" in calm.words
    grows = warmup.judge(world, [series(5 + (day == 3) + each, world) for each in noise])
    assert grows.verdict == TOO_SHORT
    assert "number in system +20 %" in grows.warning
    alone = warmup.judge(world, [series(5 + noise[0], world)])
    assert alone.verdict == NOT_APPLICABLE


def test_many_days_are_a_series_themselves() -> None:
    world = daily(duration="20 days")
    day = np.arange(960) // 48
    rng = np.random.Generator(np.random.Philox(5))
    hours = np.tile(np.r_[np.zeros(16), np.full(24, 9.0), np.zeros(8)], 20)  # nights would fool MSER on half hours
    found = warmup.judge(world, [series(hours * (day >= 5) + rng.normal(1, 0.01, 960), world) for _ in range(2)])
    assert found.method == "MSER on days"
    assert found.verdict == TOO_SHORT
    assert "would cut 5 days" in found.words


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"warm_up": "0 s"}, "there is no warm-up"),
        ({"warm_up": "12 h"}, "no whole day before"),
        ({"profiles.busy.by_weekday": [1, 1, 1, 2, 1, 1, 1]}, "differ by plan (arrivals of web)"),
    ],
)
def test_where_nothing_can_be_said_the_reason_is(changes: dict[str, object], said: str) -> None:
    world = daily(**changes)
    found = warmup.judge(world, [series(np.ones(192), world)] * 3)
    assert found.verdict == NOT_APPLICABLE
    assert said in found.words
    assert not found.warning


def test_a_plan_is_steady_repeats_or_neither() -> None:
    steady = cycles.plan(scenario(), warmup.edges(scenario()))
    assert steady.steady
    world = daily()
    by_day = cycles.plan(world, warmup.edges(world))
    assert not by_day.steady
    assert by_day.repeats(DAY)
    assert not by_day.repeats(DAY // 2)
    assert by_day.differs(0, DAY, DAY) == ""
    assert by_day.differs(0, DAY // 2, DAY // 2) == "arrivals of web"


def test_it_stands_in_the_answer_and_in_the_run_folder(tmp_path: Path) -> None:
    results = cc.simulate(scenario(), workers=1)
    assert results.warm_up["method"] == "MSER-5"
    assert [one["name"] for one in results.warm_up["series"]] == list(warmup.SERIES)
    assert results.warm_up["series"][0]["cut_us"] is not None
    folder = results.save(tmp_path / "run")
    assert json.loads((folder / "summary.json").read_text())["warm_up"] == results.warm_up
    assert cc.Results.load(folder).warm_up == results.warm_up
    assert results.warm_up["words"].rstrip(".") in (folder / "report.html").read_text().replace("&#39;", "'")


def test_the_number_in_system_is_that_of_the_tables() -> None:
    """By hand: one contact at 0 s is answered at once, stays 10 s; the run has 500 observations of 7.2 s."""
    world = cc.loads(tiny("0 s", behaviour="turns: 1", queue="auto_answer: true, close_after: 1 s"))
    run = cc.simulate(world, replications=1, workers=1).run
    found = warmup.series(run.scenario, run.tables, run.ends_us[0])
    sessions = run.tables["sessions"]
    held = float((sessions["disconnected_us"] - sessions["connected_us"]).sum())
    assert found[0, 0].sum() == held
    assert found[1, 1].sum() == found[2, 1].sum() == 1


def test_the_command_says_it(ccsim: Callable[..., Ended], tmp_path: Path) -> None:
    file = tmp_path / "world.yaml"
    file.write_text(scenario().resolved())
    ended = ccsim("run", file, "--workers", 1, "--out", tmp_path / "run")
    assert ended.code == 0, ended.err
    assert "MSER-5 would cut" in " ".join(ended.out.split())
