"""Until the interval is this narrow: the rule, its coverage, and the same number of replications on any workers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from math import exp, nan
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import Ended
from tiny import tiny

import simulator as cc
from simulator.experiments import pool
from simulator.experiments.precision import (
    LEAST,
    MOST,
    Reached,
    Rule,
    Standing,
    Stopped,
    Wanted,
    ahead,
    wanted,
    written,
)
from simulator.experiments.replicate import Replications, replicate
from simulator.metrics.confidence import interval
from simulator.metrics.parts import Part
from simulator.scenario import Scenario
from simulator.vocabulary.errors import UsageError

LEVEL = "oServiceLevel"
EXPERIMENTS = 2_000


@lru_cache
def world() -> Scenario:
    """A small desk for an hour: 30 contacts, short work, a service level of about 80 %."""
    return cc.loads(
        tiny(
            arrivals="", agents={"desk": "count: 1, reply: {effort: {exponential: {mean: 40 s}}}"}, duration="1 h"
        ).replace("customers: new,", "customers: new, arrivals: {rate: 30/h},")
    )


@lru_cache
def alone() -> Replications:
    return replicate(world(), workers=1, precision={LEVEL: 0.1})


# --- what is asked for -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "amount", "half_width", "relative", "words"),
    [
        (LEVEL, "1%", 0.01, False, "± 1 percentage points"),
        (LEVEL, 0.01, 0.01, False, "± 1 percentage points"),
        (LEVEL, "0.01", 0.01, False, "± 1 percentage points"),
        ("nOffered", ".02", 0.02, True, "± 2 % of the value"),
        (f"{LEVEL}[queue=line]", "0.5 %", 0.005, False, "± 0.5 percentage points"),
        ("tWait", "5%", 0.05, True, "± 5 % of the value"),
        ("tWait", 0.05, 0.05, True, "± 5 % of the value"),
        ("tWait[queue=line]", "10 s", 10.0, False, "± 10 s"),
        ("nOffered", "2 %", 0.02, True, "± 2 % of the value"),
    ],
)
def test_what_a_width_means(name: str, amount: object, half_width: float, relative: bool, words: str) -> None:
    (one,) = wanted({name: amount}, world())
    assert (one.half_width, one.relative, one.words) == (pytest.approx(half_width), relative, words)
    assert one.scope == ((("queue", "line"),) if "[" in name else ())


@pytest.mark.parametrize(
    ("name", "amount", "said"),
    [
        ("oServiceLevl", "1%", "did you mean `oServiceLevel`"),
        (f"{LEVEL}[queue=nowhere]", "1%", "[queue=line]"),
        (f"{LEVEL}[line]", "1%", "not understood"),
        (LEVEL, "10 s", f"precision {LEVEL}=10 s: {LEVEL} is a share: write percentage points"),
        (LEVEL, "0%", "no number of replications"),
        ("tWait", "7 m", "tWait=7 m"),
        (LEVEL, "abc", f"`abc` is no amount; {LEVEL} is a share: write percentage points up and down, `1%` or `0.01`"),
        ("tWait", "abc", "tWait is a duration: write a part of its value, `5%`, or a duration, `10s`"),
        ("nOffered", "ten", "nOffered is a number: write a part of its value, `5%` or `0.05`"),
        ("tWait", 3, "no precision"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(name: str, amount: object, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        wanted({name: amount}, world())
    assert said in str(refused.value)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(UsageError) as refused:
        wanted({"oServiceLevl": "1%", "tWait": "abc", LEVEL: "1%"}, world())
    assert [line.split(":")[0] for line in str(refused.value).splitlines()] == [
        "precision oServiceLevl=1%",
        "precision tWait=abc",
    ]


def test_options_are_taken_apart() -> None:
    assert written(["oServiceLevel = 1 %", "tWait[queue=service]=5%"]) == {
        LEVEL: "1 %",
        "tWait[queue=service]": "5%",
    }
    with pytest.raises(UsageError, match="twice"):
        written(["tWait=5%", "tWait = 1%"])
    for wrong in ("oServiceLevel", "=1%", "tWait[queue=a", "a=b=c"):
        with pytest.raises(UsageError, match="--precision"):
            written([wrong])


def test_more_than_one_way_to_say_how_many_is_refused() -> None:
    with pytest.raises(UsageError, match="give one of them"):
        replicate(world(), replications=30, precision={LEVEL: 0.1})
    with pytest.raises(UsageError, match="max_replications"):
        replicate(world(), max_replications=30)
    with pytest.raises(UsageError, match="at least 45"):
        replicate(world(), precision={LEVEL: 0.1}, max_replications=44)


# --- the rule ----------------------------------------------------------------------------------------------------


def stopped(values: np.ndarray, half_width: float, most: int = MOST) -> Stopped:
    """What the rule says to replications with these shares of 1."""
    rule = Rule([Wanted(LEVEL, (), "share", half_width, False, f"{LEVEL}={half_width}")], most)
    parts = [{LEVEL: {(): Part(float(value), 1.0)}} for value in values]
    for n in range(1, len(parts) + 1):
        said = rule.looked_at(parts[:n])
        if said is not None:
            return said
    raise AssertionError("it never stopped")


def test_it_ends_where_all_of_a_row_are_narrow() -> None:
    """Every replication nearly alike: narrow at 40, so 40 and the 5 after it."""
    said = stopped(np.tile([0.5, 0.501], 30), 0.01)
    assert (said.replications, said.reached) == (45, True)
    assert "held for 5 replications in a row" in said.words


def test_one_that_is_wide_again_starts_the_row_anew() -> None:
    """Nearly alike but for the 43rd: the interval of 43 is about 2.02 · 0.4 / 43 = 0.019 to either side."""
    values = np.tile([0.5, 0.501], 60)
    values[42] = 0.9
    ends = [np.array(interval(values[:n])) for n in range(40, 120)]
    narrow = [(high - low) / 2 <= 0.02 for low, high in ends]
    assert narrow[:4] == [True, True, True, False]
    first = next(n for n in range(len(narrow)) if n >= 5 and all(narrow[n - 5 : n + 1])) + 40
    assert stopped(values, 0.02).replications == first > 48


def test_a_run_of_good_days_does_not_end_it() -> None:
    """100 % in every replication: ± 2 points is reached when 0.025^(1/n) is 96 %, with 91, and held for 5 more."""
    said = stopped(np.ones(200), 0.02)
    assert (said.replications, said.reached) == (96, True)
    assert said.intervals[0].ci_low == pytest.approx(0.025 ** (1 / 96))
    assert stopped(np.ones(200), 0.02, most=50).probably == pytest.approx(96, abs=8)


def test_what_has_no_interval_never_ends_it() -> None:
    rule = Rule([Wanted("transfer_share", (), "share", 0.01, False, "transfer_share=1%")], 50)
    parts = [{"transfer_share": {(): Part(0.0, 300.0)}}] * 50
    said = [rule.looked_at(parts[:n]) for n in range(1, 51)]
    assert said[:-1] == [None] * 49
    last = said[-1]
    assert last is not None and not last.reached and last.probably is None
    assert "no interval: all replications gave the same" in last.words
    assert last.document()["intervals"][0]["half_width"] is None


def test_it_says_how_narrow_it_got_and_how_many_may_do() -> None:
    """Shares 0 and 1 in turn: with 50, s = 0.505, t = 2.01, so ± 14.4 points; for ± 10 about 50 · 1.44² = 103, a tenth
    more is 114, and 6 in a row."""
    said = stopped(np.tile([0.0, 1.0], 50), 0.1, most=50)
    assert f"{LEVEL}=0.1 (now ± 14.4 percentage points) was not reached" in said.words
    assert said.probably == pytest.approx(120, abs=1)
    assert f"--max-replications {said.probably} is likely to do" in said.words
    assert said.document()["likely_replications"] == said.probably
    enough = stopped(np.tile([0.0, 1.0], 100), 0.1, most=said.probably or 0)
    assert enough.reached and "percentage points) was reached" in enough.words
    assert enough.document()["likely_replications"] == enough.replications


def test_it_gives_up_at_the_most_and_says_so() -> None:
    said = stopped(np.tile([0.0, 1.0], 50), 0.01, most=50)
    assert (said.replications, said.reached) == (50, False)
    assert "most allowed" in said.words
    outlier = np.r_[0.9, np.full(50, 0.5)]
    low, high = interval(outlier[:44])
    late = stopped(outlier, (high - low) / 2, most=45)
    assert not late.reached
    assert "too late" in late.words


def test_an_interval_that_does_not_exist_is_never_narrow() -> None:
    one = Wanted("tWait", (), "s", 0.05, True, "tWait=5%")
    assert not one.reached(10.0, nan, nan)
    assert one.reached(10.0, 9.5, 10.5)
    assert not one.reached(10.0, 9.4, 10.5)
    assert Reached(one, 10.0, 9.5, 10.5).done


DAYS: dict[str, tuple[Callable[[np.random.Generator, tuple[int, int]], np.ndarray], float, float]] = {
    # how a replication's value is drawn, its mean, its standard deviation
    "symmetric": (lambda rng, shape: rng.normal(10, 1, shape), 10.0, 1.0),
    "service levels": (lambda rng, shape: rng.beta(9, 1, shape), 0.9, 0.0905),
    "waits": (lambda rng, shape: rng.lognormal(0, 0.4, shape), exp(0.08), 0.4516),
    "as skewed as an exponential variable": (lambda rng, shape: rng.exponential(1, shape), 1.0, 1.0),
    "a gamma variable with shape 1/2": (lambda rng, shape: rng.gamma(0.5, 1, shape), 0.5, 0.7071),
    "a lognormal variable with sigma 1": (lambda rng, shape: rng.lognormal(0, 1, shape), exp(0.5), 2.1612),
    "1 % abandons": (lambda rng, shape: rng.binomial(400, 0.01, shape) / 400, 0.01, 0.00497),
}


@pytest.mark.parametrize("expected", [25, 40, 80])
@pytest.mark.parametrize("case", DAYS)
def test_final_intervals_still_cover(case: str, expected: int, seed: int) -> None:
    """2,000 experiments that stop by the rule; about `expected` replications would do. At least 93 % hold the truth."""
    draw, truth, sd = DAYS[case]
    rng = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, list(DAYS).index(case), expected])))
    width = 1.96 * sd / np.sqrt(expected)
    most = 5 * MOST  # skewed days need more now and then
    values = draw(rng, (EXPERIMENTS, most))
    row = np.zeros(EXPERIMENTS, int)
    ends = np.full((EXPERIMENTS, 2), nan)
    running = np.arange(EXPERIMENTS)
    for n in range(LEAST, most + 1):
        low, high = interval(values[running, :n])
        row[running] = np.where((high - low) / 2 <= width, row[running] + 1, 0)
        done = row[running] > ahead(n)
        ends[running[done]] = np.stack([low[done], high[done]], axis=1)
        running = running[~done]
        if not len(running):
            break
    assert len(running) <= EXPERIMENTS / 200  # hardly anybody needs the most; he has no answer
    ends = ends[~np.isnan(ends[:, 0])]
    assert np.all(np.diff(ends, axis=1) / 2 <= width)
    held = np.mean((ends[:, 0] <= truth) & (truth <= ends[:, 1]))
    assert 0.93 <= held <= 0.965


def test_what_was_tried_is_the_rule() -> None:
    """The loop above and `Rule` stop at the same number."""
    draw, _, _ = DAYS["service levels"]
    for number in range(3):
        values = draw(np.random.Generator(np.random.Philox(number)), (1, MOST))[0]
        row = 0
        for n in range(LEAST, MOST + 1):
            low, high = interval(values[:n])
            row = row + 1 if (high - low) / 2 <= 0.025 else 0
            if row > ahead(n):
                break
        assert stopped(values, 0.025).replications == n


# --- with the simulator ------------------------------------------------------------------------------------------


def test_a_run_ends_by_the_rule_and_is_that_of_so_many_replications() -> None:
    run = alone()
    said = run.precision
    assert said["reached"]
    assert said["replications"] == run.replications >= 45
    assert said["intervals"][0]["half_width"] <= 0.1
    row = run.summary[(run.summary["metric"] == LEVEL) & (run.summary["scope"].map(len) == 0)].iloc[0]
    assert (row["ci_high"] - row["ci_low"]) / 2 == pytest.approx(said["intervals"][0]["half_width"])
    fixed = replicate(world(), replications=run.replications, workers=1, keep_tables=False)
    pd.testing.assert_frame_equal(fixed.summary, run.summary, check_exact=True)
    assert fixed.scenario.hash == run.scenario.hash


def test_the_number_does_not_depend_on_the_workers() -> None:
    many = replicate(world(), workers=3, precision={LEVEL: 0.1}, keep_tables=False)
    assert many.precision == alone().precision
    pd.testing.assert_frame_equal(many.summary, alone().summary, check_exact=True)


def test_the_command_says_why_it_stopped(ccsim: Callable[..., Ended], tmp_path: Path) -> None:
    file, out = tmp_path / "world.yaml", tmp_path / "run"
    file.write_text(world().resolved())
    ended = ccsim(
        "run", file, "--precision", f"{LEVEL}=0.1%", "--max-replications", 45, "--workers", 1, "--out", out, "--json"
    )
    assert ended.code == 1
    assert "was not reached" in ended.err
    said = json.loads(ended.out)
    assert (said["replications"], said["precision"]["reached"]) == (45, False)
    assert json.loads((out / "manifest.json").read_text())["precision"] == said["precision"]
    assert cc.Results.load(out).stopped == said["precision"]


def test_the_command_refuses_in_words(ccsim: Callable[..., Ended], tmp_path: Path) -> None:
    file = tmp_path / "world.yaml"
    file.write_text(world().resolved())
    for options, said in (
        (["--precision", "oServiceLevl=1%"], "oServiceLevel"),
        (["--precision", "oServiceLevel"], "NAME=HALF-WIDTH"),
        (["--precision", "oServiceLevel=1%", "--replications", "5"], "give one of them"),
        (["--max-replications", "30"], "--precision"),
    ):
        ended = ccsim("run", file, *options)
        assert ended.code == 2
        assert said in ended.err


def test_a_run_that_takes_long_says_how_far_it_is_after_each_wave() -> None:
    """Five replications of the one worker are a wave; what is said of them is what a run of so many would say."""
    said: list[str] = []
    run = replicate(world(), workers=1, precision={LEVEL: 0.1}, keep_tables=False, on_wave=said.append)
    assert [int(line.split()[0]) for line in said] == list(range(5, run.replications, 5))
    fixed = replicate(world(), replications=10, workers=1, keep_tables=False).summary
    row = fixed[(fixed["metric"] == LEVEL) & (fixed["scope"].map(len) == 0)].iloc[0]
    half = (row["ci_high"] - row["ci_low"]) / 2
    assert said[1].startswith(f"10 replications: {LEVEL} ± {half * 100:.3g} percentage points; about ")
    assert said[1].endswith(" are likely to do")
    assert run.precision == alone().precision  # asking changes nothing


def test_what_is_said_on_the_way() -> None:
    level = Wanted(LEVEL, (("queue", "line"),), "share", 0.02, False, "")
    wide = Standing(40, 200, (Reached(level, 0.8, 0.76, 0.84),))
    assert wide.words == (
        f"40 replications: {LEVEL}[queue=line] ± 4 percentage points; about 185 are likely to do"
    )  # 40 (4 / 2)², a tenth more, and 8 of them in a row
    assert wide.reached == f"40 replications ({LEVEL}[queue=line] ± 4 percentage points)"
    wider = Standing(40, 100, (Reached(level, 0.8, 0.76, 0.84),))
    assert wider.words.endswith("about 185 are likely to do, and 100 are the most allowed")
    nothing = Standing(1, 200, (Reached(level, 0.8, nan, nan),))
    assert nothing.words.startswith(f"1 replication: {LEVEL}[queue=line] no interval yet; ")


@pytest.mark.parametrize("quiet", [[], ["--quiet"]])
def test_interrupted_it_says_what_was_reached(
    ccsim: Callable[..., Ended], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quiet: list[str]
) -> None:
    honest, waves = pool.run, []

    def third_wave_stops(*asked: object) -> object:
        waves.append(asked)
        if len(waves) == 3:
            raise KeyboardInterrupt
        return honest(*asked)

    monkeypatch.setattr(pool, "run", third_wave_stops)
    file = tmp_path / "world.yaml"
    file.write_text(world().resolved())
    out = tmp_path / "run"
    ended = ccsim("run", file, "--precision", f"{LEVEL}=1%", "--workers", 1, "--out", out, *quiet)
    *before, last = ended.err.splitlines()
    assert ended.code == 130
    assert re.fullmatch(
        rf"ccsim: interrupted after 10 replications \({LEVEL} ± [\d.]+ percentage points\); nothing was written", last
    )
    lines = [line for line in before if " replications: " in line]
    assert [line.split()[0] for line in lines] == ([] if quiet else ["5", "10"])
    assert not out.exists()
