"""From a history of the platform to a scenario: traces and counts of arrivals, and the command that makes them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from commands import Ended
from exchange import simulated
from tiny import tiny

import simulator as cc
from simulator.exchange import counts, read_aggregates, read_details, traces
from simulator.exchange.export import export
from simulator.vocabulary.errors import UsageError

Command = Callable[..., Ended]


@pytest.fixture(scope="module")
def results() -> cc.Results:
    return simulated()


@pytest.fixture(scope="module")
def folder(results: cc.Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("arrivals") / "out"
    export(results.run, "genesys", path)
    return path


def test_a_trace_is_every_opening_at_its_time(results: cc.Results, folder: Path) -> None:
    files = traces(read_details(folder))
    assert set(files) == {"app.csv", "web.csv"}
    portions = results.table("portions")
    for name, text in files.items():
        ours = portions[portions["channel"] == name.removesuffix(".csv")].sort_values("opened_us", kind="stable")
        lines = text.splitlines()
        assert lines[0] == "at,customer,topic,turns" and len(lines) - 1 == len(ours)
        calendar = results.scenario.calendar
        told = [calendar.local(us // 1_000 * 1_000) for us in ours["opened_us"].tolist()]
        assert [datetime.fromisoformat(line.split(",")[0]) for line in lines[1:]] == told
    turns = [int(line.split(",")[3] or 0) for text in files.values() for line in text.splitlines()[1:]]
    assert sum(turns) == len(results.table("turns"))


def test_from_the_platforms_export_to_a_run(ccsim: Command, folder: Path, tmp_path: Path, results: cc.Results) -> None:
    """The whole way: details -> trace -> a scenario -> the same number of arrivals."""
    ended = ccsim("import", folder, "--out", tmp_path / "data", "--json")
    document = json.loads(ended.out)
    assert ended.code == 0 and document["timezone"] == "Europe/Berlin"
    more = "timezone: Europe/Berlin\nafter_end: drain"
    text = tiny(behaviour="think: 1 min", start="2026-03-28 20:00", duration="21 h", more=more)
    text = text.replace("trace: [0 s]", "trace: data/web.csv").replace("customers: new", "customers: {population: 500}")
    (tmp_path / "scenario.yaml").write_text(text)
    again = cc.simulate(cc.load(tmp_path / "scenario.yaml"), replications=1, workers=1)
    arrived = again.table("contacts")["parent"].isna().sum()
    portions = results.table("portions")
    assert arrived == (portions["channel"] == "web").sum() == document["rows"]["web.csv"]


def test_counts_for_a_scenario(ccsim: Command, results: cc.Results, folder: Path, tmp_path: Path) -> None:
    ended = ccsim("import", folder / "aggregates.json", "--out", tmp_path / "counts")
    assert ended.code == 0 and "arrivals: {csv: " in ended.out
    lines = (tmp_path / "counts" / "first.csv").read_text().splitlines()
    ours = results.table("intervals")
    ours = ours[ours["queue"] == "first"]
    offered = dict(zip(ours["start_local"].astype(str), ours["nOffered"], strict=True))
    assert lines[0] == "start,count"
    assert all(offered[line.split(",")[0]] == int(line.split(",")[1]) for line in lines[1:])
    assert sum(int(line.split(",")[1]) for line in lines[1:]) == ours["nOffered"].sum()
    with pytest.raises(UsageError, match="at least two"):
        counts(read_aggregates({"results": []}))


def test_import_refuses_by_name(ccsim: Command, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep me")
    (tmp_path / "a.csv").write_text("start,queue\n")
    for wrong, says in (
        ((folder, "--out", tmp_path / "mine"), "holds something else"),
        ((folder, "--to", "everything"), "known: trace, counts"),
        ((tmp_path / "a.csv", "--to", "trace"), "does not tell who came when"),
        ((tmp_path / "nowhere",), "cannot be read"),
        ((tmp_path / "mine",), "no JSON files"),
        ((folder / "aggregates.json", "--to", "trace"), "no `conversations`"),
    ):
        ended = ccsim("import", *wrong)
        assert ended.code == 2 and says in ended.err and "Traceback" not in ended.err, wrong
    assert (tmp_path / "mine" / "notes.txt").read_text() == "keep me"
