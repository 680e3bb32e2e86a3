"""Out: what an export writes, that it is whole or not there, and that a spreadsheet takes it for what it is."""

from __future__ import annotations

import csv
import dataclasses
import json
import uuid
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from commands import Ended
from exchange import simulated
from tiny import tiny

import simulator as cc
from simulator.exchange import genesys, workbook
from simulator.exchange.cells import kind_of
from simulator.exchange.enumerations import CUSTOMER_DISCONNECT, METRICS
from simulator.exchange.export import default_path, export
from simulator.exchange.ids import NAMESPACE, id_of, quick_uuid5
from simulator.exchange.reading import read_details
from simulator.exchange.times import local_texts, parse_utc, stamps, whole_ms
from simulator.experiments.run import Run
from simulator.metrics.averages import interval_means
from simulator.metrics.headlines import scope_text, verdict
from simulator.platforms import PLATFORMS
from simulator.records.columns import NONE
from simulator.reports.words import headlines
from simulator.vocabulary.clock import Calendar
from simulator.vocabulary.codes import Disconnect, name_of
from simulator.vocabulary.errors import UsageError
from simulator.vocabulary.papers import PAPERS
from simulator.vocabulary.tables import TABLES

Command = Callable[..., Ended]


@pytest.fixture(scope="module")
def results() -> cc.Results:
    return simulated()


@pytest.fixture(scope="module")
def run_folder(results: cc.Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as without:
        without.setattr("simulator.reports.folder._shown", lambda run: {})  # pictures take longer than all these tests
        return results.save(tmp_path_factory.mktemp("runs") / "night")


# --- times and ids ---------------------------------------------------------------------------------------------------


def test_instants_are_cut_and_durations_rounded_to_the_millisecond() -> None:
    calendar = Calendar(datetime(2026, 3, 29, 1, 30), "Europe/Berlin")
    origin = parse_utc("2026-03-29T00:30:00Z")
    us = np.array([0, 999, 1_000, 30 * 60_000_000, NONE], np.int64)
    assert stamps(us, origin) == [
        "2026-03-29T00:30:00.000Z", "2026-03-29T00:30:00.000Z", "2026-03-29T00:30:00.001Z", "2026-03-29T01:00:00.000Z",
        None,
    ]  # fmt: skip
    assert whole_ms(np.array([0, 499, 500, 1_499, 1_500])).tolist() == [0, 0, 1, 1, 2]
    assert local_texts(us, calendar).tolist() == [
        "2026-03-29T01:30:00.000000+01:00", "2026-03-29T01:30:00.000999+01:00", "2026-03-29T01:30:00.001000+01:00",
        "2026-03-29T03:00:00.000000+02:00",  # the clock went forward
        "",
    ]  # fmt: skip
    west = Calendar(datetime(2026, 7, 1), "America/St_Johns")
    assert local_texts(np.array([0]), west).tolist() == ["2026-07-01T00:00:00.000000-02:30"]


def test_an_id_is_the_uuid_of_its_name() -> None:
    assert id_of("queue", "service") == str(uuid.uuid5(NAMESPACE, "queue/service")) != id_of("agent", "service")
    for name in ("", "conversation/whatsapp/412", "ü" * 90):
        assert quick_uuid5(NAMESPACE.bytes, name) == str(uuid.uuid5(NAMESPACE, name))


def test_every_ending_and_every_platform_has_a_word() -> None:
    assert set(CUSTOMER_DISCONNECT) == {name_of(one) for one in Disconnect} - {"open"}
    words = [one.message_type for one in PLATFORMS]
    assert len(set(words)) == len(words) and "unknown" not in words
    assert len(set(METRICS)) == len(METRICS)


INSTANTS = frozenset(
    """at from to until start parked returned ended left entered alerted connected disconnected opened arrived gave_up
    vanished left_flow queue_entered first_connected first_reply wrap_up_started first_message last_message
    reply_started written reply sent delivered read failed blocked requested""".split()  # noqa: SIM905
)
"""Names of columns, without `_us`, that are instants."""


def test_every_column_in_microseconds_is_known_as_an_instant_or_a_length() -> None:
    """A new column named like neither would be written as wall-clock time: name it here or in `cells.DURATIONS`."""
    for table, columns in TABLES.items():
        for column in columns:
            if column.unit == "µs" and kind_of(column) == "instant":
                assert column.name.removesuffix("_us") in INSTANTS, f"{table}.{column.name}"
            assert not (kind_of(column) == "duration" and column.name.removesuffix("_us") in INSTANTS), (
                f"{table}.{column.name}"
            )


# --- the platform's JSON ---------------------------------------------------------------------------------------------


def test_pages_names_and_manifest(results: cc.Results, tmp_path: Path) -> None:
    about = export(results.run, "genesys", tmp_path / "out", page_size=100)
    pages = sorted((tmp_path / "out" / "details").iterdir())
    sizes = [len(json.loads(page.read_text())["conversations"]) for page in pages]
    assert sizes[:-1] == [100] * (len(pages) - 1) and 0 < sizes[-1] <= 100
    assert about["conversations"] == sum(sizes) == len(results.table("conversations"))
    assert about["pages"] == len(pages) and about["start_utc"] == "2026-03-28T19:00:00.000Z"
    names = json.loads((tmp_path / "out" / "names.json").read_text())
    assert names["queue"][id_of("queue", "first")] == "first"
    assert sorted(names["agent"].values()) == ["back/1", "back/2", "desk/1", "desk/2", "desk/3"]


def test_the_same_run_gives_the_same_bytes(results: cc.Results, tmp_path: Path) -> None:
    for name in ("a", "b"):
        export(results.run, "genesys", tmp_path / name, page_size=1_000)
    files = sorted(path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*.json"))
    assert len(files) >= 4
    assert all((tmp_path / "a" / one).read_bytes() == (tmp_path / "b" / one).read_bytes() for one in files)


def test_one_conversation_by_hand(results: cc.Results, tmp_path: Path) -> None:
    """Segments meet: flow to queue, queue to agent, alert to interact to wrap-up."""
    export(results.run, "genesys", tmp_path / "out")
    sessions = results.table("sessions")
    row = sessions[(sessions["parkings"] == 0) & (sessions["t_acw_us"] > 0) & sessions["transfer"].isna()].iloc[0]
    page = json.loads((tmp_path / "out" / "details" / "page-000001.json").read_text())
    (whole,) = [one for one in page["conversations"] if one["externalTag"] == row["conversation"]]
    assert [one["purpose"] for one in whole["participants"]][:3] == ["customer", "workflow", "acd"]
    (agent,) = [
        one for one in whole["participants"]
        if one.get("userId") == id_of("agent", row["agent"])
        and one["sessions"][0]["metrics"][-1] == {
            "name": "tHandle", "value": round(row["t_handle_us"] / 1_000), "emitDate": whole_end(results, row),
        }
    ]  # fmt: skip
    alert, talk, wrap_up = agent["sessions"][0]["segments"]
    assert [one["segmentType"] for one in (alert, talk, wrap_up)] == ["alert", "interact", "wrapup"]
    assert (alert["segmentEnd"], talk["segmentEnd"]) == (talk["segmentStart"], wrap_up["segmentStart"])
    flow, queue = whole["participants"][1]["sessions"][0], whole["participants"][2]["sessions"][0]
    assert flow["segments"][0]["segmentEnd"] == queue["segments"][0]["segmentStart"]
    assert flow["flow"]["flowType"] == "INBOUNDSHORTMESSAGE" and queue["mediaType"] == "message"


def test_what_an_offer_asked_for_goes_out_and_comes_back(tmp_path: Path) -> None:
    """The topic's skill, and what the flow's transfer asks for beside it; a queue that looks at no skills asks none."""
    text = tiny("1 s", topic="skills: [x]", agents="skills: {x: 1, gold: 2}, languages: [fr]")
    text = text.replace("{queue: line}", "{queue: line, skills: [gold], language: fr}")
    for world, asks in ((text, "gold+x+language:fr"), (text.replace("line: {", "line: {evaluation: NONE, "), None)):
        results = cc.simulate(cc.loads(world), replications=1, workers=1)
        export(results.run, "genesys", tmp_path / "out")
        page = json.loads((tmp_path / "out" / "details" / "page-000001.json").read_text())
        (acd,) = [one for one in page["conversations"][0]["participants"] if one["purpose"] == "acd"]
        segment = acd["sessions"][0]["segments"][0]
        assert segment.get("requestedRoutingSkillIds", []) == [id_of("skill", one) for one in ("gold", "x") if asks]
        assert segment.get("requestedLanguageId") == (id_of("language", "fr") if asks else None)
        back = read_details(tmp_path / "out").tables["offers"]["asks"]
        assert back.dropna().tolist() == results.table("offers")["asks"].dropna().tolist() == ([asks] if asks else [])


def whole_end(results: cc.Results, row: pd.Series) -> str | None:
    return stamps(np.array([row["ended_us"]], np.int64), parse_utc("2026-03-28T19:00:00Z"))[0]


def test_a_replication_that_is_not_there(results: cc.Results, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="0 to 0"):
        export(results.run, "genesys", tmp_path / "out", replication=1)
    assert not list(tmp_path.iterdir())


def test_an_empty_run_is_exported_too(tmp_path: Path) -> None:
    from tiny import tiny

    empty = cc.simulate(cc.loads(tiny("")), replications=1, workers=1)
    export(empty.run, "genesys", tmp_path / "out")
    page = json.loads((tmp_path / "out" / "details" / "page-000001.json").read_text())
    assert page == {"conversations": [], "totalHits": 0}
    assert json.loads((tmp_path / "out" / "aggregates.json").read_text()) == {"results": []}
    for to, name in (("csv", "c"), ("xlsx", "x.xlsx")):
        export(empty.run, to, tmp_path / name, tables=["all"])


# --- CSV -------------------------------------------------------------------------------------------------------------


def test_csv_tables_are_the_tables(results: cc.Results, tmp_path: Path) -> None:
    done = export(results.run, "csv", tmp_path / "out")
    assert {path.name for path in (tmp_path / "out").iterdir()} == (
        {f"{name}.csv" for name in results.tables} | {"summary.csv", "checks.csv", "columns.csv", "export.json"}
    )
    assert done["rows"] == {name: len(results.table(name)) for name in results.tables}
    ours, theirs = results.table("offers"), pd.read_csv(tmp_path / "out" / "offers.csv")
    assert len(theirs) == len(ours)
    assert (theirs["t_wait_s"] * 1e6).round().astype("Int64").tolist() == ours["t_wait_us"].astype("Int64").tolist()
    zero = datetime.fromisoformat("2026-03-28T20:00:00+01:00")
    back = [(datetime.fromisoformat(one) - zero) // timedelta(microseconds=1) for one in theirs["entered"]]
    assert back == ours["entered_us"].tolist()
    assert any(one.endswith("+02:00") for one in theirs["entered"])  # after the clock change
    assert theirs["gave_up"].isna().tolist() == ours["gave_up_us"].isna().tolist()
    with (tmp_path / "out" / "summary.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == len(results.summary())
    assert float(rows[0]["value"]) == results.summary()["value"].iloc[0]


def test_tables_may_be_chosen(results: cc.Results, tmp_path: Path) -> None:
    export(results.run, "csv", tmp_path / "out", tables=["offers", "sessions"])
    names = {path.stem for path in (tmp_path / "out").glob("*.csv")}
    assert names == {"offers", "sessions", "summary", "checks", "columns"}
    with pytest.raises(UsageError, match="'oeffers' is not known; known: all, contacts"):
        export(results.run, "csv", tmp_path / "out", tables=["oeffers"])


def evil(run: Run) -> Run:
    """Texts that a spreadsheet would run, where a run can have them at all."""
    summary = run.summary.copy()
    summary.loc[summary.index[0], "definition"] = "=HYPERLINK(1)"
    summary.loc[summary.index[1], "definition"] = "+1\x01" + "x" * 40_000
    summary.loc[summary.index[2], "definition"] = "#N/A"
    checks = (dataclasses.replace(run.checks[0], detail="@SUM(A1)"), *run.checks[1:])
    return dataclasses.replace(run, summary=summary, checks=checks)


def test_no_text_becomes_a_formula(results: cc.Results, tmp_path: Path) -> None:
    run = evil(results.run)
    export(run, "csv", tmp_path / "out", tables=[])
    assert ",'=HYPERLINK(1)\n" in (tmp_path / "out" / "summary.csv").read_text()
    assert ",'@SUM(A1)\n" in (tmp_path / "out" / "checks.csv").read_text()
    export(run, "xlsx", tmp_path / "out.xlsx")
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    cell = book["summary"]["G2"]
    assert (cell.data_type, cell.value, cell.quotePrefix) == ("s", "=HYPERLINK(1)", True)
    long = book["summary"]["G3"].value
    assert long.startswith("+1\ufffdxx") and len(long) == workbook.MOST_TEXT and long.endswith("…")
    assert book["summary"]["G4"].value == "#N/A"
    assert not [one for sheet in book for row in sheet.iter_rows() for one in row if one.data_type in "fe"]
    with zipfile.ZipFile(tmp_path / "out.xlsx") as archive:  # whatever a reader makes of it: no formula is written
        sheets = [archive.read(name) for name in archive.namelist() if name.startswith("xl/worksheets/")]
    assert sheets and not any(b"<f>" in text or b"<f " in text for text in sheets)


# --- the workbook ----------------------------------------------------------------------------------------------------


def test_a_workbook_for_a_planner(results: cc.Results, tmp_path: Path) -> None:
    done = export(results.run, "xlsx", tmp_path / "out.xlsx", tables=["offers"])
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    papers = ["key numbers", "half-hours, mean", "columns", "about", "summary", "checks"]
    assert book.sheetnames == [*papers, "intervals", "offers"]
    assert done["sheets"]["offers"] == len(results.table("offers")) == book["offers"].max_row - 1
    for sheet in book:
        assert sheet.freeze_panes and sheet.auto_filter.ref and sheet["A1"].font.bold
    summary = book["summary"]
    by_name = {row[0].value: row for row in reversed(list(summary.iter_rows(min_row=2))) if row[1].value is None}
    ours = results.summary().drop_duplicates("metric").set_index("metric")["value"]
    level, wait = by_name["oServiceLevel"][2], by_name["tWait"][2]
    assert (level.value, level.number_format) == (pytest.approx(ours["oServiceLevel"]), "0.0%")
    assert wait.number_format == "[h]:mm:ss.0"
    assert wait.value == pytest.approx(timedelta(seconds=ours["tWait"]), abs=timedelta(milliseconds=1))
    header = [cell.value for cell in book["intervals"][1]]
    start = book["intervals"].cell(2, header.index("start") + 1)
    assert (start.value, start.number_format) == (datetime(2026, 3, 28, 20), "yyyy-mm-dd hh:mm:ss")
    offered = [row[header.index("nOffered")].value for row in book["intervals"].iter_rows(min_row=2)]
    assert offered == results.table("intervals")["nOffered"].tolist()
    measured = [row[header.index("measured")].value for row in book["intervals"].iter_rows(min_row=2)]
    start_us, world = results.table("intervals")["start_us"], results.scenario
    assert measured == [world.warm_up_us <= one < world.duration_us for one in start_us]
    assert True in measured and False in measured
    named = {row[0].value: row[1].value for row in book["about"].iter_rows(min_row=2)}
    assert named["verdict"] == verdict(results.summary(), world) and "oServiceLevel" in named["verdict"]
    assert named["table offers"].endswith("in this workbook")
    assert named["table turns"].endswith("not in this workbook: ask for it with --tables turns")


def test_the_average_day_is_there_at_a_glance(results: cc.Results, tmp_path: Path) -> None:
    export(results.run, "xlsx", tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").worksheets[1]
    head, *rows = sheet.iter_rows(values_only=True)
    day = interval_means(results.scenario, results.run.tables)
    assert [row[:2] for row in rows] == list(zip(day["start_local"], day["queue"], strict=True))
    assert len(rows) == 2 * 24  # two queues, twelve hours measured; not one row per replication
    assert sheet.freeze_panes == "C2"
    shown = dict(zip(head, (cell.number_format for cell in sheet[2]), strict=True))
    assert shown["start_local"] == "yyyy-mm-dd hh:mm" and shown["oServiceLevel_by_arrival"] == "0.0%"
    assert {shown[name] for name in head if name.startswith("staff_") or name == "nOffered"} == {"#,##0.00"}
    assert not [name for name in head if "business_hours" in name]  # the scenario has none
    for name in ("nOffered", "staff_present", "oServiceLevel_by_arrival"):
        written = [np.nan if one is None else one for one in (row[head.index(name)] for row in rows)]
        np.testing.assert_allclose(written, day[name].to_numpy(float))
    summary = results.summary()
    offered = summary[(summary["metric"] == "nOffered") & (summary["scope"].map(len) == 0)]["value"].iloc[0]
    assert day["nOffered"].sum() == pytest.approx(offered)


@pytest.mark.parametrize(
    ("minutes", "name"), [(15, "quarter-hours"), (30, "half-hours"), (60, "hours"), (20, "intervals")]
)
def test_the_sheet_is_called_as_the_interval(results: cc.Results, minutes: int, name: str) -> None:
    world = results.scenario.vary({"interval": f"{minutes} min"})
    assert workbook.average_name(dataclasses.replace(results.run, scenario=world)) == f"{name}, mean"


def test_every_column_of_every_sheet_is_explained(results: cc.Results, tmp_path: Path) -> None:
    export(results.run, "xlsx", tmp_path / "out.xlsx", tables=["all"])
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    head, *rows = book["columns"].iter_rows(values_only=True)
    assert head == ("sheet", "column", "unit", "meaning")
    assert [row[:2] for row in rows] == [(sheet.title, cell.value) for sheet in book for cell in sheet[1]]
    assert all(row[3] for row in rows)
    said = {row[:2]: row[2:] for row in rows}
    assert said["intervals", "staff_gap"] == ("agents", "staff_required - staff_present: above 0 too few")
    assert said["offers", "t_wait_s"][0] == "h:mm:ss" and said["offers", "entered"][0] == "local time"
    assert said["intervals", "oServiceLevel"][0] == "%"
    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_the_key_numbers_are_those_of_the_short_summary(results: cc.Results, tmp_path: Path) -> None:
    export(results.run, "xlsx", tmp_path / "out.xlsx")
    head, *rows = openpyxl.load_workbook(tmp_path / "out.xlsx")["key numbers"].iter_rows(values_only=True)
    assert list(head) == [column.name for column in PAPERS["key numbers"]]
    lines = headlines(results.summary(), results.scenario)
    told = [(line.group, line.name, line.scope or "all", line.metric, line.definition) for line in lines]
    assert [(*row[:3], *row[7:]) for row in rows] == told
    found = results.summary()
    for group, name, scope, value, low, high, unit, metric, _ in rows:
        ours = found[(found["metric"] == metric) & (found["scope"].map(scope_text) == scope.replace("all", ""))]
        for written, column in ((value, "value"), (low, "ci_low"), (high, "ci_high")):
            number = written.total_seconds() if isinstance(written, timedelta) else written
            expected = ours[column].iloc[0]
            assert (number is None) == (expected != expected), (group, name)
            if number is not None:
                assert number == pytest.approx(expected, abs=2e-3 if unit == "h:mm:ss" else 1e-12), (group, name)


def test_a_long_table_goes_on_on_the_next_sheet(
    results: cc.Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 101)
    rows = len(results.table("offers"))
    done = export(results.run, "xlsx", tmp_path / "out.xlsx", tables=["offers"])
    made = {name: count for name, count in done["sheets"].items() if name.startswith("offers")}
    assert sum(made.values()) == rows and max(made.values()) == 100
    assert list(made) == ["offers", *(f"offers {number}" for number in range(2, -(-rows // 100) + 1))]
    book = openpyxl.load_workbook(tmp_path / "out.xlsx", read_only=True)
    second = list(book["offers 2"].iter_rows(min_row=1, max_row=2, values_only=True))
    assert second[0][1] == "conversation"
    assert second[1][1] == results.table("offers")["conversation"].iloc[100]


# --- whole or not at all ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("to", "name"), [("genesys", "out"), ("csv", "out"), ("xlsx", "out.xlsx")])
def test_an_interrupt_leaves_what_was_there(
    ccsim: Command, run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: str, name: str
) -> None:
    path = tmp_path / name
    assert ccsim("export", run_folder, "--to", to, "--out", path).code == 0
    before = {one: one.read_bytes() for one in sorted(tmp_path.rglob("*")) if one.is_file()}

    def stop(*arguments: Any, **more: Any) -> None:
        raise KeyboardInterrupt

    late = {"genesys": (genesys, "names"), "csv": ("simulator.exchange.sheets", "summary_rows"), "xlsx": None}[to]
    if late is None:
        monkeypatch.setattr("simulator.exchange.workbook._rows", stop)
    elif isinstance(late[0], str):
        monkeypatch.setattr(f"{late[0]}.{late[1]}", stop)
    else:
        monkeypatch.setattr(*late, stop)
    ended = ccsim("export", run_folder, "--to", to, "--out", path)
    assert ended.code == 130 and "nothing was written" in ended.err
    assert {one: one.read_bytes() for one in sorted(tmp_path.rglob("*")) if one.is_file()} == before


def test_what_no_export_wrote_is_never_replaced(results: cc.Results, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep me")
    (tmp_path / "mine" / "export.json").write_text("[" * 100_000)
    for to in ("genesys", "csv"):
        with pytest.raises(UsageError, match="not an export"):
            export(results.run, to, tmp_path / "mine")
    (tmp_path / "mine.xlsx").write_text("keep me")
    openpyxl.Workbook().save(tmp_path / "other.xlsx")
    for name in ("mine.xlsx", "other.xlsx"):
        with pytest.raises(UsageError, match="no export wrote it"):
            export(results.run, "xlsx", tmp_path / name)
    with pytest.raises(UsageError, match="is a file"):
        export(results.run, "csv", tmp_path / "mine.xlsx")
    assert (tmp_path / "mine.xlsx").read_text() == (tmp_path / "mine" / "notes.txt").read_text() == "keep me"
    for _ in range(2):  # its own it replaces
        export(results.run, "csv", tmp_path / "own", tables=[])
        export(results.run, "xlsx", tmp_path / "own.xlsx")


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command(ccsim: Command, run_folder: Path, tmp_path: Path) -> None:
    ended = ccsim("export", run_folder, "--to", "genesys", "--page-size", 50, "--json")
    document = json.loads(ended.out)
    assert ended.code == 0 and Path(document["path"]) == default_path(run_folder, "genesys")
    assert document["page_size"] == 50 and Path(document["path"], "aggregates.json").exists()
    ended = ccsim("export", run_folder, "--to", "xlsx", "--out", tmp_path / "a.xlsx", "--tables", "offers, sessions")
    assert ended.code == 0 and str(tmp_path / "a.xlsx") in ended.out
    for wrong, says in (
        (("--to", "pdf"), "known: genesys, xlsx, csv"),
        (("--to", "xlsx", "--out", tmp_path / "a.ods"), "must end in .xlsx"),
        (("--to", "csv", "--replication", 1), "is for genesys"),
        (("--to", "genesys", "--replication", 7), "there is no replication 7"),
        (("--to", "genesys", "--page-size", 10**7), "allowed: 1 to 100,000"),
        (("--to", "genesys", "--tables", "offers"), "is for xlsx and csv"),
        (("--to", "csv", "--tables", "nonsense"), "is not known"),
    ):
        ended = ccsim("export", run_folder, *wrong)
        assert ended.code == 2 and says in ended.err and "Traceback" not in ended.err, wrong
    assert ccsim("export", tmp_path, "--to", "csv").code == 2  # no run


def test_from_python(results: cc.Results, run_folder: Path, tmp_path: Path) -> None:
    assert results.export("genesys", tmp_path / "out") == tmp_path / "out"
    again = cc.Results.load(run_folder).export("genesys", tmp_path / "again")
    for name in ("details/page-000001.json", "aggregates.json", "names.json"):
        assert (tmp_path / "out" / name).read_bytes() == (again / name).read_bytes()
