"""The command line: what it prints where, what it writes, and how it ends."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import handmade
import pytest
from commands import Ended, hears_signals

from simulator import metrics, records
from simulator.records import Check

TINY = handmade.SCENARIO.replace("contacts: 40000", "contacts: 400")


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A small scenario, two replications of four hours."""
    file = tmp_path / "tiny.yaml"
    file.write_text(TINY)
    return file


# --- help ------------------------------------------------------------------------------------------------------


def test_help_names_every_command(ccsim: Callable[..., Ended]) -> None:
    ended = ccsim("--help")
    assert ended.code == 0
    for command in ("validate", "run", "trace", "check", "report", "init", "schema", "bench"):
        assert command in ended.out


def test_help_takes_less_than_0_4_s_of_cpu() -> None:
    """The best of four: a busy machine may make one slow, it cannot make one quick."""

    def cpu_s() -> float:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "simulator", "--help"], check=True, capture_output=True, cwd=ROOT)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    assert min(cpu_s() for _ in range(4)) < 0.4


ROOT = Path(__file__).resolve().parents[1]


def test_version(ccsim: Callable[..., Ended]) -> None:
    ended = ccsim("--version")
    assert (ended.code, ended.out.split()[0]) == (0, "ccsim")


@pytest.mark.parametrize("arguments", [["fly"], ["run"], ["run", "x.yaml", "--workers", "0"], ["run", "x", "--sett"]])
def test_wrong_usage_is_2(ccsim: Callable[..., Ended], arguments: list[str]) -> None:
    assert ccsim(*arguments).code == 2


# --- validate --------------------------------------------------------------------------------------------------


def test_validate_says_that_a_scenario_can_be_run_and_how_full_it_is(ccsim: Callable[..., Ended], tiny: Path) -> None:
    ended = ccsim("validate", tiny)
    assert ended.code == 0
    assert "can be run: Corner shop" in ended.out
    assert metrics.coverage(handmade.loads(TINY)).line in ended.out


def test_validate_tells_all_findings_at_once_with_file_and_line(ccsim: Callable[..., Ended], tiny: Path) -> None:
    tiny.write_text(TINY.replace("capacity: 2", "capacity: 99").replace("service: {}", "service: {max_wating: 3}"))
    ended = ccsim("validate", tiny)
    assert ended.code == 2
    assert ended.out == ""
    assert "2 things are wrong" in ended.err
    assert f"{tiny}:" in ended.err
    assert "agents.early.capacity" in ended.err
    assert "max_waiting" in ended.err  # the nearest known key
    assert "Traceback" not in ended.err


def test_validate_json_is_one_document_with_the_findings(ccsim: Callable[..., Ended], tiny: Path) -> None:
    good = json.loads(ccsim("validate", tiny, "--json").out)
    assert good["valid"] is True
    ended = ccsim("validate", tiny, "--json", "--set", "agents.early.capacity=99")
    document = json.loads(ended.out)
    assert ended.code == 2
    assert document["error"] == "scenario"
    assert document["findings"][0]["path"] == "agents.early.capacity"
    assert {"file", "line", "problem", "allowed", "suggestion", "severity"} <= set(document["findings"][0])


@pytest.mark.parametrize("setting", ["agents.early.cuont=3", "agents.erly.count=3"])
def test_set_of_an_unknown_path_is_a_finding(ccsim: Callable[..., Ended], tiny: Path, setting: str) -> None:
    ended = ccsim("validate", tiny, "--set", setting)
    assert ended.code == 2
    assert setting.split("=", maxsplit=1)[0].split(".")[1] in ended.err


@pytest.mark.parametrize("setting", ["count", "=3"])
def test_set_without_path_or_value_is_explained(ccsim: Callable[..., Ended], tiny: Path, setting: str) -> None:
    ended = ccsim("validate", tiny, "--set", setting)
    assert (ended.code, "path=value" in ended.err) == (2, True)


def test_a_file_that_is_not_there(ccsim: Callable[..., Ended], tmp_path: Path) -> None:
    ended = ccsim("validate", tmp_path / "nothing.yaml")
    assert ended.code == 2
    assert "nothing.yaml" in ended.err
    assert "Traceback" not in ended.err


# --- run -------------------------------------------------------------------------------------------------------


def test_run_prints_the_answer_and_writes_the_folder(ccsim: Callable[..., Ended], tiny: Path, tmp_path: Path) -> None:
    ended = ccsim("run", tiny, "--out", tmp_path / "out", "--workers", 1)
    assert ended.code == 0, ended.err
    for text in ("Corner shop", "(target 80 %)", "first reply within 60 s", "accounts balance"):
        assert text in ended.out
    assert str(tmp_path / "out") in ended.out
    assert metrics.coverage(handmade.loads(TINY)).line in ended.err
    present = {path.name for path in (tmp_path / "out").iterdir()}
    files = {"manifest.json", "scenario.yaml", "summary.json", "intervals.csv", "report.html"}
    assert present == {*files, "tables", "plots"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "tiny.yaml"]  # nothing half-written beside it


def test_run_json_prints_the_summary_and_nothing_else(ccsim: Callable[..., Ended], tiny: Path, tmp_path: Path) -> None:
    ended = ccsim("run", tiny, "--out", tmp_path / "out", "--json", "--replications", 1, "--seed", 7, "--workers", 1)
    document = json.loads(ended.out)
    assert document == json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (document["seed"], document["replications"]) == (7, 1)
    assert all(metric["ci_low"] is None for metric in document["metrics"])  # one replication has no interval


def test_quiet_says_nothing_but_the_answer(ccsim: Callable[..., Ended], tiny: Path, tmp_path: Path) -> None:
    clipping = "behaviours.shopper.think={exponential: {mean: 2 min}, at_most: 3 min}"
    loud = ccsim("run", tiny, "--out", tmp_path / "out", "--set", clipping, "--workers", 1)
    assert "Note: " in loud.out
    quiet = ccsim("run", tiny, "--out", tmp_path / "out", "--set", clipping, "--quiet", "--workers", 1)
    assert quiet.err == ""
    assert "Note: " not in quiet.out
    assert "Target 80 % answered within 60 s:" in quiet.out


def test_the_summary_fits_60_columns_and_has_no_colour_in_a_pipe(
    ccsim: Callable[..., Ended], tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    out = ccsim("run", tiny, "--out", tmp_path / "out", "--workers", 1).out
    assert "\x1b" not in out
    assert max(len(line.rstrip()) for line in out.splitlines() if "Written to" not in line) <= 60


def test_the_default_place_tells_scenario_and_seed(
    ccsim: Callable[..., Ended], tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):  # the second run of the same question takes the place of the first
        assert ccsim("run", tiny, "--set", "duration=3 h", "--set", "seed=3", "--workers", 1).code == 0
    assert [path.name[:12] for path in (tmp_path / "results").iterdir()] == ["corner-shop-"]
    assert next((tmp_path / "results").iterdir()).name.endswith("-seed3")


def test_a_wrong_scenario_writes_nothing(ccsim: Callable[..., Ended], tiny: Path, tmp_path: Path) -> None:
    ended = ccsim("run", tiny, "--set", "agents.early.capacity=99", "--out", tmp_path / "out")
    assert ended.code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.yaml"]


def test_a_folder_with_something_else_is_refused_before_the_run(
    ccsim: Callable[..., Ended], tiny: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep")
    ended = ccsim("run", tiny, "--out", tmp_path / "mine")
    assert ended.code == 2
    assert "not a run" in ended.err
    assert (tmp_path / "mine" / "notes.txt").read_text() == "keep"


def test_an_engine_that_is_not_there_is_refused_by_name(
    ccsim: Callable[..., Ended], tiny: Path, tmp_path: Path
) -> None:
    ended = ccsim("run", tiny, "--engine", "warp", "--out", tmp_path / "out")
    assert ended.code == 2
    assert "'warp'" in ended.err
    assert "model" in ended.err
    assert not (tmp_path / "out").exists()


def test_a_failed_check_is_3_and_is_named(
    ccsim: Callable[..., Ended], tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "checks", lambda *_: [Check("offers_conserved", False, "3 offers lost")])
    ended = ccsim("run", tiny, "--out", tmp_path / "out", "--workers", 1)
    assert ended.code == 3
    assert "offers_conserved" in ended.out
    assert "3 offers lost" in ended.err
    assert (tmp_path / "out" / "report.html").exists()  # to look into


def test_a_defect_of_the_program_is_3_one_line_and_no_traceback(
    ccsim: Callable[..., Ended], tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def defect(*_: object) -> None:
        raise ValueError("cannot be")

    monkeypatch.setattr(records, "fold", defect)
    monkeypatch.delenv("CCSIM_TRACEBACK", raising=False)
    ended = ccsim("run", tiny, "--out", tmp_path / "out", "--workers", 1, "--quiet")
    assert ended.code == 3
    assert ended.err.count("\n") == 1
    assert "CCSIM_TRACEBACK=1" in ended.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_is_130_and_leaves_nothing(tiny: Path, tmp_path: Path, workers: int, how: signal.Signals) -> None:
    """Ctrl-C in the middle of a run that would take minutes, pressed twice: the second changes nothing."""
    command = [sys.executable, "-m", "simulator", "run", str(tiny), "--out", str(tmp_path / "out")]
    command += ["--set", "duration=700 days", "--set", "outbound.campaigns=null", "--workers", str(workers)]
    process = subprocess.Popen(
        command, cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
        preexec_fn=hears_signals,  # noqa: PLW1509 - it only sets signals
    )  # fmt: skip
    assert process.stderr is not None
    process.stderr.readline()  # the coverage line: the run begins
    time.sleep(1.5)
    if how == signal.SIGINT:
        os.killpg(process.pid, how)  # as a terminal does: to parent and workers
        time.sleep(0.05)
        os.killpg(process.pid, how)
    else:
        process.send_signal(how)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in err
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.yaml"]


# --- trace -----------------------------------------------------------------------------------------------------


@pytest.fixture
def a_run(ccsim: Callable[..., Ended], tiny: Path, tmp_path: Path) -> Path:
    assert ccsim("run", tiny, "--out", tmp_path / "out", "--quiet", "--workers", 1).code == 0
    return tmp_path / "out"


def test_trace_tells_a_conversation_with_the_local_clock(ccsim: Callable[..., Ended], a_run: Path) -> None:
    ended = ccsim("trace", a_run, "whatsapp/0")
    assert ended.code == 0, ended.err
    assert "Thursday 5 March 2026" in ended.out
    assert "whatsapp/0 (topic order) starts a new conversation on whatsapp." in ended.out
    assert "It enters queue service." in ended.out
    assert "early/1 connects" in ended.out or "early/2 connects" in ended.out


def test_trace_json(ccsim: Callable[..., Ended], a_run: Path) -> None:
    document = json.loads(ccsim("trace", a_run, "whatsapp/0", "--replication", 1, "--json").out)
    assert document["replication"] == 1
    assert document["lines"]


def test_trace_suggests_the_nearest_conversation(ccsim: Callable[..., Ended], a_run: Path) -> None:
    ended = ccsim("trace", a_run, "watsapp/0")
    assert ended.code == 2
    assert "nearest: whatsapp/0" in ended.err


def test_trace_refuses_what_is_not_there(ccsim: Callable[..., Ended], a_run: Path, tmp_path: Path) -> None:
    assert ccsim("trace", a_run, "whatsapp/0", "--replication", 9).code == 2
    ended = ccsim("trace", tmp_path, "whatsapp/0")
    assert (ended.code, "not a run folder" in ended.err) == (2, True)
