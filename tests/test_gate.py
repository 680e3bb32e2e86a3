"""`ccsim check`: targets of the scenario, a baseline with tolerances, one line per breach."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import handmade
import pandas as pd
import pytest
from commands import Ended

from simulator import loads
from simulator.cli.check import line
from simulator.experiments import gate
from simulator.scenario.amounts import Amount, in_unit, parse_amount
from simulator.scenario.written import Wrong
from simulator.vocabulary.errors import ScenarioError, UsageError

ROOT = Path(__file__).resolve().parents[1]
SMALL = handmade.SCENARIO.replace("contacts: 40000", "contacts: 400")


def demanding(*targets: dict[str, Any]) -> Any:
    return handmade.scenario().vary({"targets": list(targets)})


# --- amounts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "unit", "number"),
    [
        ("80 %", "share", 0.8),
        (0.8, "share", 0.8),
        (0, "s", 0.0),
        ("3 min", "s", 180.0),
        ("90 min", "h", 1.5),
        ("18000/min", "messages/min", 18000.0),
        (18000, "messages/min", 18000.0),
        ("300/s", "messages/min", 18000.0),
        (12, "count", 12.0),
    ],
)
def test_an_amount_is_written_as_its_measure_is(written: object, unit: str, number: float) -> None:
    assert in_unit(parse_amount(written), unit) == pytest.approx(number)


@pytest.mark.parametrize(
    ("written", "unit"),
    [(80, "share"), ("3 min", "share"), (60, "s"), ("80 %", "s"), ("5 s", "count"), ("2 %", "count")],
)
def test_an_amount_of_another_kind_is_refused(written: object, unit: str) -> None:
    with pytest.raises(Wrong):
        in_unit(parse_amount(written), unit)


@pytest.mark.parametrize("written", ["", "many", -1, True, "101 %", "5 parsec", None])
def test_what_is_no_amount_at_all_is_refused_with_the_scenario(written: object) -> None:
    with pytest.raises(Wrong):
        parse_amount(written)


# --- targets ---------------------------------------------------------------------------------------------------


def test_targets_are_judged_by_the_summary_with_the_interval() -> None:
    world = demanding(
        {"metric": "oServiceLevel", "at_least": "80 %"},  # 82.4 %
        {"metric": "oServiceLevel", "scope": {"queue": "service"}, "at_least": "83 %"},  # 80.1 – 84.7 reaches it
        {"metric": "tWait", "at_most": "30 s"},  # 38.0 – 44.5 does not
        {"metric": "tWait_p90", "at_most": "3 min"},  # 192 s, no interval
        {"metric": "tAbandon", "at_most": "3 min"},  # no value: nobody abandoned
    )
    nobody = handmade.summary(("tAbandon", {}, handmade.NAN, handmade.NAN, handmade.NAN, "s"))
    summary = pd.concat([handmade.SUMMARY, nobody], ignore_index=True)
    verdicts = gate.judge(handmade.run(world, summary=summary))
    assert [verdict.passed for verdict in verdicts] == [True, False, False, False, False]
    assert [verdict.beyond_interval for verdict in verdicts] == [None, False, True, None, None]
    assert [line(verdict) for verdict in verdicts[1:]] == [
        "target missed: oServiceLevel, queue service: expected at least 83.0 %, got 82.4 %, 0.6 points below; within "
        "the 95 % interval (80.1 % – 84.7 %), more replications would tell",
        "target missed: tWait, all: expected at most 30 s, got 41.2 s, 11.2 s above; beyond the 95 % interval (38 s – "
        "44.5 s)",
        "target missed: tWait_p90, all: expected at most 3 min, got 3 min 12 s, 12 s above (no interval)",
        "target missed: tAbandon, all: expected at most 3 min, got no value",
    ]


def test_wrong_names_and_amounts_are_all_told_at_once_with_their_place() -> None:
    world = demanding(
        {"metric": "oServiceLevl", "at_least": "80 %"},
        {"metric": "oServiceLevel", "scope": {"queue": "servise"}, "at_least": "80 %"},
        {"metric": "tWait", "at_most": "80 %"},
        {"metric": "drain_time", "at_most": "80 s"},  # exists for lanes only
        {"metric": "tWait", "at_most": "1 min"},
    )
    with pytest.raises(ScenarioError) as caught:
        gate.targets(world)
    findings = {finding.path: finding for finding in caught.value.findings}
    assert list(findings) == ["targets.0.metric", "targets.1.scope", "targets.2.at_most", "targets.3.scope"]
    assert findings["targets.0.metric"].suggestion == "did you mean `oServiceLevel`?"
    assert findings["targets.1.scope"].suggestion == "did you mean `queue service`?"
    assert "duration" in findings["targets.2.at_most"].problem


def test_a_wrong_measure_is_told_beside_a_wrong_scope_and_a_wrong_amount() -> None:
    """Not one after the other: also where the scenario itself refuses the target already."""
    text = SMALL + (
        "targets:\n  - {metric: tWayt, scope: {queue: servise}, at_least: banana, at_most: 1}\n"
        "  - {metric: tWait, scope: {queue: servise}, at_most: 1 min}\n  - {metric: tWayt}\n  - {metric: 5}\n  - 7\n"
    )
    with pytest.raises(ScenarioError) as caught:
        loads(text)
    told = {finding.path: finding for finding in caught.value.findings}
    wanted = {"targets.0.metric", "targets.0.scope", "targets.0.at_least", "targets.1.scope", "targets.2.metric"}
    assert wanted <= set(told)
    assert told["targets.0.scope"].suggestion == told["targets.1.scope"].suggestion == "did you mean `queue service`?"
    assert told["targets.1.scope"].line == len(SMALL.splitlines()) + 3


def test_a_wrong_measure_is_told_beside_whatever_else_is_wrong() -> None:
    """Which scopes there are depends on the rest; which measures there are does not. All in the order of the lines."""
    text = "targets: [{metric: tWayt, at_most: 1 min}, {metric: tWait, scope: {queue: x}, at_most: 1 s}]\n" + SMALL
    with pytest.raises(ScenarioError) as caught:
        loads(text.replace("turns:", "turn:"))
    found = [finding for finding in caught.value.findings if finding.severity == "error"]
    assert [finding.path for finding in found] == ["targets.0.metric", "behaviours.shopper.turn"]
    assert found[0].suggestion == "did you mean `tWait`?"
    assert found[0].line == 1


def test_a_wrong_unit_is_told_beside_a_target_without_a_bound() -> None:
    text = (
        SMALL + "targets: [{metric: tWait, at_most: 10 %}, {metric: oServiceLevl, at_least: 10 %}, {metric: tWait}]\n"
    )
    with pytest.raises(ScenarioError) as caught:
        loads(text)
    told = [finding.path for finding in caught.value.findings if finding.severity == "error"]
    assert sorted(told) == ["targets.0.at_most", "targets.1.metric", "targets.2"]


@pytest.mark.parametrize("bounds", [{}, {"at_least": 1, "at_most": 2}])
def test_a_target_has_one_bound(bounds: dict[str, int]) -> None:
    with pytest.raises(ScenarioError, match="one of them"):
        demanding({"metric": "nOffered", **bounds})


def test_targets_decide_no_answer_so_the_hash_leaves_them_out() -> None:
    world = demanding({"metric": "tWait", "at_most": "1 min"})
    assert world.hash == handmade.scenario().hash
    assert world.targets[0].at_most == Amount("duration", 60e6)
    assert loads(world.resolved()).targets == world.targets


# --- baselines -------------------------------------------------------------------------------------------------


def entry(**changes: Any) -> dict[str, Any]:
    return {"metric": "oServiceLevel", "scope": {}, "value": 0.9, "tolerance": 0.05, "worse": "lower"} | changes


def baseline(tmp_path: Path, *entries: Any, **about: Any) -> Path:
    path = tmp_path / "baseline.json"
    path.write_text(json.dumps({"replications": 2, "seed": 1, "entries": list(entries)} | about))
    return path


def read(path: Path) -> gate.Baseline:
    return gate.read_baseline(path, handmade.scenario())


@pytest.mark.parametrize(
    ("changes", "passed"),
    [
        ({"value": 0.85}, True),  # within the tolerance: 0.80 would do, it is 0.824
        ({"value": 0.90}, False),
        ({"value": 0.50}, True),  # better is never a breach
        ({"value": 0.80, "tolerance": 0.01, "worse": "higher"}, False),
        ({"value": 0.90, "tolerance": "9 %"}, True),  # 0.819
        ({"value": 0.90, "tolerance": "8 %"}, False),  # 0.828
        ({"value": None}, True),  # there was none: nothing can be worse
    ],
)
def test_worse_than_the_baseline_by_more_than_the_tolerance_is_a_breach(
    tmp_path: Path, changes: dict[str, Any], passed: bool
) -> None:
    verdicts = gate.judge(handmade.run(), read(baseline(tmp_path, entry(**changes))))
    assert all(verdict.passed for verdict in verdicts) is passed


def test_a_breach_names_the_baseline_s_value(tmp_path: Path) -> None:
    (verdict,) = gate.judge(handmade.run(), read(baseline(tmp_path, entry())))
    assert line(verdict).startswith(
        "baseline missed: oServiceLevel, all: expected at least 85.0 % (baseline 90.0 %), got 82.4 %, 2.6 points "
        "below; beyond the 95 % interval"
    )


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (entry(metric="oServiceLevl"), "did you mean `oServiceLevel`"),
        (entry(scope={"queue": "x"}), "not measured for queue x"),
        (entry(scope="queue service"), "is not a map"),
        (entry(tolerance="2"), "neither a number nor a share"),
        (entry(tolerance=-1), "neither a number from 0"),
        (entry(worse="less"), "neither `lower` nor `higher`"),
        (entry(value="good"), "is not a number"),
        (entry(tolerence=1), "did you mean `tolerance`"),
        ({"metric": "oServiceLevel"}, "is missing"),
        ("oServiceLevel", "an entry is a map"),
    ],
)
def test_a_wrong_entry_is_told_with_its_number(tmp_path: Path, wrong: Any, why: str) -> None:
    with pytest.raises(UsageError, match=why) as caught:
        read(baseline(tmp_path, entry(), wrong))
    assert "entries.1" in str(caught.value)


def test_six_faults_of_one_entry_are_six_complaints_at_once(tmp_path: Path) -> None:
    bad = {"metric": "tWayt", "scope": {"queue": "x"}, "value": "good", "tolerance": -1, "worse": "less", "bogus": 3}
    with pytest.raises(UsageError) as caught:
        read(baseline(tmp_path, bad, entry(worse="less"), replications=0, bogus=3, seeed=1))
    lines = str(caught.value).splitlines()
    assert [line.count("entries.0") for line in lines].count(1) == 6
    assert sum("entries.1" in line for line in lines) == 1
    assert any("`seeed` is not known here" in line and "did you mean `seed`?" in line for line in lines)
    assert any("`bogus` is not known here" in line and "entries" not in line.partition(" is ")[0] for line in lines)
    assert any("replications: 0" in line for line in lines)
    with pytest.raises(UsageError) as caught:
        read(baseline(tmp_path, entry(worse="less"), scenario="Other"))
    assert "baseline of another scenario, 'Other'" in str(caught.value).splitlines()[0]


def test_a_gate_that_would_check_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="list is empty"):
        read(baseline(tmp_path))
    path = baseline(tmp_path, entry())
    path.write_text(path.read_text()[:-1] + ', "entries": []}')
    with pytest.raises(UsageError, match="the key entries stands twice"):
        read(path)


def test_files_that_are_no_baseline(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--update"):
        read(tmp_path / "nothing.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(UsageError, match="is not JSON"):
        read(tmp_path / "bad.json")
    (tmp_path / "deep.json").write_text("[" * 100_000)
    with pytest.raises(UsageError, match="lists or objects are nested too deep"):
        read(tmp_path / "deep.json")
    (tmp_path / "list.json").write_text("[]")
    with pytest.raises(UsageError, match="no list `entries`"):
        read(tmp_path / "list.json")
    with pytest.raises(UsageError, match="replications: 0"):
        read(baseline(tmp_path, entry(), replications=0))


def test_an_update_keeps_the_list_and_takes_the_values(tmp_path: Path) -> None:
    old = read(baseline(tmp_path, entry(tolerance="3 %"), entry(metric="tWait", value=1, worse="higher")))
    new = gate.updated(handmade.run(), old)
    assert [(one.metric, one.value, one.tolerance, one.worse) for one in new.entries] == [
        ("oServiceLevel", 0.824, "3 %", "lower"),
        ("tWait", 41.25, 0.05, "higher"),
    ]
    path = tmp_path / "new.json"
    path.write_text(gate.written(new))
    assert read(path) == new
    assert path.read_text().count("\n    {") == 2  # a line each


# --- the command -----------------------------------------------------------------------------------------------


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    file = tmp_path / "shop.yaml"
    file.write_text(SMALL + "targets:\n  - {metric: oServiceLevel, at_least: 1 %}\n")
    return file


Call = Callable[..., Ended]


def test_check_is_0_when_all_is_fine_and_1_with_a_line_per_breach(ccsim: Call, shop: Path) -> None:
    fine = ccsim("check", shop, "--workers", 1)
    assert fine.code == 0, fine.err
    assert fine.out == "Corner shop: 1 of 1 hold (1 targets and 0 baseline values; 2 replications, seed 1)\n"
    missed = ccsim("check", shop, "--set", "agents.early.count=1", "--set", "targets.0.at_least=99 %", "--workers", 1)
    assert missed.code == 1
    assert missed.out.count("target missed") == 1
    assert "expected at least 99.0 %" in missed.out
    assert "Traceback" not in missed.err


def test_a_baseline_is_made_deliberately_and_then_holds(ccsim: Call, shop: Path, tmp_path: Path) -> None:
    path = tmp_path / "kept" / "shop.json"
    absent = ccsim("check", shop, "--baseline", path)
    assert (absent.code, "--update" in absent.err) == (2, True)
    made = ccsim("check", shop, "--baseline", path, "--update", "--replications", 1, "--seed", 5, "--workers", 1)
    assert made.code == 0, made.err
    document = json.loads(path.read_text())
    assert (document["replications"], document["seed"]) == (1, 5)
    metrics = [(one["metric"], one["scope"]) for one in document["entries"]]
    assert ("oServiceLevel", {}) in metrics
    assert ("drain_time", {"lane": "campaign"}) in metrics
    again = json.loads(ccsim("check", shop, "--baseline", path, "--workers", 1, "--json").out)
    assert (again["replications"], again["seed"], again["passed"]) == (1, 5, True)  # as the baseline was made
    assert all(one["by"] == 0 for one in again["verdicts"])
    assert [entry.name for entry in path.parent.iterdir()] == ["shop.json"]
    for one in document["entries"]:
        one["value"] = one["value"] * 2 + 1 if one["worse"] == "lower" else 0
        one["tolerance"] = 0
    path.write_text(json.dumps(document))
    worse = ccsim("check", shop, "--baseline", path, "--workers", 1)
    assert worse.code == 1
    assert worse.out.count("baseline missed") >= 5  # all but those that are 0 anyway


def test_a_changed_scenario_is_said(ccsim: Call, shop: Path, tmp_path: Path) -> None:
    path = tmp_path / "shop.json"
    ccsim("check", shop, "--baseline", path, "--update", "--workers", 1)
    assert "another scenario" in ccsim("check", shop, "--baseline", path, "--seed", 9, "--workers", 1).err


def test_wrong_use_is_2_before_anything_runs(ccsim: Call, shop: Path, tmp_path: Path) -> None:
    assert "which with --baseline" in ccsim("check", shop, "--update").err
    shop.write_text(SMALL)
    nothing = ccsim("check", shop)
    assert (nothing.code, "nothing to check" in nothing.err) == (2, True)
    shop.write_text(SMALL + "targets:\n  - {metric: oServiceLevl, at_least: 1 %}\n")
    wrong = ccsim("check", shop)
    assert wrong.code == 2
    assert "did you mean `oServiceLevel`" in wrong.err
    assert f"{shop}:{len(SMALL.splitlines()) + 2}" in wrong.err


@pytest.mark.parametrize("command", ["validate", "run", "sweep", "compare"])
def test_a_target_without_a_measure_is_refused_wherever_a_scenario_is_read(
    ccsim: Call, tmp_path: Path, command: str
) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(SMALL + "targets:\n  - {metric: tWayt, at_most: 1 min}\n")
    more = {"sweep": ["--vary", "agents.early.count=1:2:1"], "compare": ["--set", "agents.early.count=2"]}
    said = ccsim(command, file, *more.get(command, []))
    assert said.code == 2, said.out
    assert "`tWayt` is not a measure" in said.err
    assert "did you mean `tWait`" in said.err


def test_the_baseline_of_another_scenario_is_said_first(ccsim: Call, shop: Path, tmp_path: Path) -> None:
    path = baseline(tmp_path, entry(value=0.01), scenario="Other")
    said = ccsim("check", shop, "--baseline", path, "--workers", 1)
    assert said.code == 0, said.err
    assert said.err.startswith(f"note: {path} is the baseline of another scenario, `Other`; this one is `Corner shop`")
    shop.write_text(SMALL)
    nothing = ccsim("check", shop, "--baseline", baseline(tmp_path, entry(value=None)))
    assert (nothing.code, "nothing to check" in nothing.err) == (2, True)


def test_the_project_s_own_baseline_reads_well() -> None:
    from simulator import load

    scenario = load(ROOT / "scenarios" / "retail_weekday.yaml")
    kept = gate.read_baseline(ROOT / "results" / "baselines" / "retail_weekday.json", scenario)
    wanted = {"oServiceLevel", "messages_per_minute_at_backlog", "backlog_peak", "drain_time"}
    assert wanted <= {entry.metric for entry in kept.entries}
    assert all(entry.value is not None for entry in kept.entries)
    checked = scenario.vary({"replications": kept.replications, "seed": kept.seed})
    assert kept.scenario_hash == checked.hash, "if not: `ccsim check FILE --baseline FILE --update`"


@pytest.mark.parametrize(("most", "code"), [("1 h", 0), ("0 s", 1)])
def test_who_reads_no_verdict_changes_none(most: str, code: int, tmp_path: Path) -> None:
    """`ccsim check … | true`: the exit code stays what the answer says."""
    file = tmp_path / "shop.yaml"
    file.write_text(SMALL + f"targets: [{{metric: tFirstResponse, at_most: {most}}}]\n")
    wanted = [sys.executable, "-m", "simulator", "check", str(file), "--workers", "1"]
    here = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(wanted, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path, env=here) as command:
        assert command.stdout is not None and command.stderr is not None
        command.stdout.close()
        said = command.stderr.read()
    assert command.returncode == code, said
    assert b"Traceback" not in said and b"internal" not in said


def test_nor_who_reads_neither_output_nor_warnings(tmp_path: Path) -> None:
    """`ccsim check … 2>&1 | true`"""
    file = tmp_path / "shop.yaml"
    file.write_text(SMALL + "targets: [{metric: tFirstResponse, at_most: 0 s}]\n")
    wanted = [sys.executable, "-m", "simulator", "check", str(file), "--workers", "1"]
    here = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(wanted, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=tmp_path, env=here) as command:
        assert command.stdout is not None
        command.stdout.close()
    assert command.returncode == 1
