"""`init`, `schema` and `report`: how a scenario begins, and how a run is read again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import handmade
import pandas as pd
import pytest
from commands import Ended

from simulator import load, simulate
from simulator.cli.init import SCHEMA, schema_text, starter
from simulator.metrics import coverage
from simulator.vocabulary.documents import NoJson, read_json
from simulator.vocabulary.tables import TABLES

Call = Callable[..., Ended]


def test_init_writes_a_scenario_that_runs_and_the_schema_for_the_editor(
    ccsim: Call,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = ccsim("init", "shop")
    assert ended.code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [SCHEMA, "shop.yaml"]
    assert "ccsim run shop.yaml" in ended.out
    checked = ccsim("validate", "shop.yaml")
    assert checked.code == 0
    assert "shop.yaml:" not in checked.err  # nothing doubtful in any line of it
    hours = ("--set", "duration=10 h", "--set", "warm_up=0", "--set", "run_out=0")
    assert ccsim("run", "shop.yaml", *hours, "--replications", 1, "--workers", 1, "--out", "out").code == 0


def test_init_overwrites_nothing(ccsim: Call, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text("name: mine\n")
    (tmp_path / SCHEMA).write_text("{}")
    ended = ccsim("init", mine)
    assert ended.code == 2
    assert "already there" in ended.err
    assert mine.read_text() == "name: mine\n"
    assert ccsim("init", tmp_path / "other").code == 0
    assert (tmp_path / SCHEMA).read_text() == "{}"


@pytest.mark.parametrize("name", ["", ".", "..", "/"])
def test_init_wants_a_name(ccsim: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    ended = ccsim("init", name)
    assert (ended.code, "needs a name" in ended.err) == (2, True)
    assert not list(tmp_path.iterdir())


def test_every_line_of_the_starter_is_explained() -> None:
    """By a comment on the line, or because the key is a name that its neighbours explain."""
    lines = [line for line in starter().splitlines() if line.strip() and not line.lstrip().startswith("#")]
    bare = [line.strip() for line in lines if "#" not in line and not line.rstrip().endswith(":")]
    explained = sum("#" in line for line in lines) / len(lines)
    assert explained > 0.6, bare


def test_the_starter_is_a_day_a_planner_believes(tmp_path: Path) -> None:
    file = tmp_path / "starter.yaml"
    file.write_text(starter())
    scenario = load(file)
    assert scenario.targets and not scenario.warnings


def test_the_starters_own_run_has_nothing_to_warn_of(tmp_path: Path) -> None:
    file = tmp_path / "starter.yaml"
    file.write_text(starter())
    results = simulate(load(file), workers=1)
    assert not results.run.warnings and not results.run.notes
    assert results.run.warm_up["verdict"] != "not applicable"
    assert "has a qualified agent" in results.run.coverage


def test_the_starters_population_fits_ten_times_its_volume(tmp_path: Path) -> None:
    """3,000 a day are 9,000 within 72 h: fewer than a fifth of its customers."""
    file = tmp_path / "starter.yaml"
    file.write_text(starter())
    more = coverage(load(file, {"channels.whatsapp.arrivals.per_day": "3000"}))
    assert not [text for text in more.warnings if "channel whatsapp" in text]
    trap = coverage(load(file, {"channels.whatsapp.customers.population": "4499"}))  # 900 within 72 h
    assert len([text for text in trap.warnings if "900 contacts within 3 days come from 4,499" in text]) == 1


def test_schema_prints_the_schema(ccsim: Call) -> None:
    ended = ccsim("schema")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == schema_text()
    assert json.loads(ended.out)["additionalProperties"] is False


# --- report ----------------------------------------------------------------------------------------------------


@pytest.fixture
def a_run(ccsim: Call, tmp_path: Path) -> Path:
    file = tmp_path / "tiny.yaml"
    file.write_text(handmade.SCENARIO.replace("contacts: 40000", "contacts: 400"))
    assert ccsim("run", file, "--out", tmp_path / "out", "--quiet", "--workers", 1).code == 0
    return tmp_path / "out"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_report_makes_what_people_look_at_anew(ccsim: Call, a_run: Path) -> None:
    before = contents(a_run)
    (a_run / "report.html").unlink()
    (a_run / "plots" / "staff.svg").write_text("scribbled over")
    (a_run / "intervals.csv").write_text("")
    (a_run / "staffing.csv").write_text("agents\n")  # something that report does not make
    ended = ccsim("report", a_run)
    assert ended.code == 0, ended.err
    assert "(target 80 %)" in ended.out
    after = contents(a_run)
    assert after.pop("staffing.csv") == b"agents\n"
    assert after == before
    assert [path.name for path in a_run.parent.iterdir() if path.name.startswith(".")] == []


def test_report_json_is_the_summary(ccsim: Call, a_run: Path) -> None:
    ended = ccsim("report", a_run, "--json")
    assert json.loads(ended.out) == json.loads((a_run / "summary.json").read_text())


def test_report_of_no_run(ccsim: Call, tmp_path: Path) -> None:
    ended = ccsim("report", tmp_path)
    assert (ended.code, "not a run folder" in ended.err) == (2, True)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"[" * 100_000, "nested too deep"),
        (b'{"scenario_hash": NaN}', "NaN is no number"),
        (b"{", "this is not JSON"),
        (b"\xff\xfe{}", "not UTF-8"),
        (b"{}", "is not a run's"),
    ],
)
def test_manifests_that_cannot_be_read_are_told_by_name(ccsim: Call, tmp_path: Path, content: bytes, why: str) -> None:
    (tmp_path / "manifest.json").write_bytes(content)
    ended = ccsim("report", tmp_path)
    assert (ended.code, "manifest.json" in ended.err, why in ended.err) == (2, True, True), ended.err


def test_a_summary_that_cannot_be_read_is_told(ccsim: Call, a_run: Path, tmp_path: Path) -> None:
    run = shutil.copytree(a_run, tmp_path / "run")
    for content, why in ((b"[" * 100_000, "nested too deep"), (b"[]", "cannot be read"), (b"{", "this is not JSON")):
        (run / "summary.json").write_bytes(content)
        ended = ccsim("report", run)
        assert (ended.code, why in ended.err) == (2, True), ended.err
    (run / "manifest.json").write_text('{"scenario_hash": "x", "format": "new", "warnings": 3}')
    assert ccsim("report", run).code == 2


def test_documents_without_end_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "long.json").write_bytes(b"[" + b" " * 2_000_000 + b"]")
    assert read_json(tmp_path / "long.json") == []
    with pytest.raises(NoJson, match="larger than 1 MiB"):
        read_json(tmp_path / "long.json", 1 << 20)


def test_the_tables_open_in_pandas(a_run: Path) -> None:
    for name, columns in TABLES.items():
        table = pd.read_parquet(a_run / "tables" / f"{name}.parquet")
        assert list(table.columns) == [column.name for column in columns]
