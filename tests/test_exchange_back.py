"""Back: an export read again is what was exported, to the millisecond; and answers that are odd, partial or hostile."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from commands import Ended
from exchange import simulated

import simulator as cc
from simulator.exchange import documents, read_aggregates, read_details, read_intervals
from simulator.exchange.cells import kind_of
from simulator.exchange.export import export
from simulator.exchange.tables import Reading
from simulator.vocabulary.errors import ScenarioError, UsageError
from simulator.vocabulary.tables import TABLES

Command = Callable[..., Ended]
KEYS = {
    "conversations": ["conversation"],
    "portions": ["conversation", "portion"],
    "offers": ["conversation", "portion", "offer"],
    "alerts": ["conversation", "portion", "offer", "alerted_us"],
    "sessions": ["conversation", "portion", "offer"],
    "parks": ["conversation", "portion", "offer", "parked_us"],
}
UNTOLD = {
    "conversations": {"contacts", "messages_in", "messages_out", "customer"},
    "portions": {"contact", "flow_path", "left_flow_us", "blocked_queue", "disconnect"},
    "offers": {"contact", "topic", "priority", "gave_up_us", "flowed_out_to", "came", "circles", "wait_alert_us",
               "wait_held_us", "wait_nobody_us", "wait_rule_us", "wait_slots_us"},
    "alerts": set(),
    "sessions": {"group", "label", "wrap_up_started_us", "replies", "through_flow", "t_switching_us", "t_work_us"},
    "parks": {"group", "why"},
}  # fmt: skip
"""What the platform does not tell, or not so."""
PLAINEST = {"best": "standard", "next_agent": "standard", "overflow": "standard", "last_agent_waited": "last_agent"}
"""Placements that the platform calls alike."""


@pytest.fixture(scope="module")
def results() -> cc.Results:
    return simulated()


@pytest.fixture(scope="module")
def folder(results: cc.Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("back") / "out"
    export(results.run, "genesys", path, page_size=150)
    return path


@pytest.fixture(scope="module")
def reading(folder: Path) -> Reading:
    return read_details(folder)


def values(table: pd.DataFrame, name: str) -> list[Any]:
    return [None if gone else one for one, gone in zip(table[name].tolist(), table[name].isna().tolist(), strict=True)]


@pytest.mark.parametrize("name", KEYS)
def test_what_was_exported_comes_back(results: cc.Results, reading: Reading, name: str) -> None:
    ours, theirs = results.table(name).copy(), reading.tables[name].copy()
    known = {column.name: kind_of(column) for column in TABLES[name]}
    for column, kind in known.items():
        if kind == "instant":  # cut to the millisecond
            ours[column] = ours[column].astype("Int64") // 1_000 * 1_000
    assert list(theirs.columns) == list(known)
    frames = []
    for frame in (ours, theirs):
        frame = frame.assign(conversation=frame["conversation"].astype(object))
        frames.append(frame.sort_values(KEYS[name], kind="stable").reset_index(drop=True))
    ours, theirs = frames
    assert len(ours) == len(theirs) > 0
    for column, kind in known.items():
        if column in UNTOLD[name]:
            continue
        told = values(ours, column)
        if column == "placement":
            told = [PLAINEST.get(one, one) for one in told]
        pairs = list(zip(told, values(theirs, column), strict=True))
        if column == "t_park_us" and name == "sessions":  # of who is parked to the end nothing has been emitted
            over = ours["disconnected_us"].notna().tolist()
            pairs = [pair for pair, done in zip(pairs, over, strict=True) if done]
        if kind == "duration":
            assert all((a is None) == (b is None) for a, b in pairs), column
            # rounded where it was emitted, the difference of two cut instants elsewhere
            assert all(a is None or abs(a - b) <= 1_000 for a, b in pairs), column
        else:
            assert [b for _, b in pairs] == [a for a, _ in pairs], column


def test_the_same_person_is_the_same_person(results: cc.Results, reading: Reading) -> None:
    ours = results.table("conversations").set_index("conversation")["customer"].dropna()
    theirs = reading.tables["conversations"].set_index("conversation")["customer"]
    assert len(ours) > 20 and theirs.notna().all()
    pairs = {(int(ours[name]), int(theirs[name])) for name in ours.index}
    assert len({a for a, _ in pairs}) == len({b for _, b in pairs}) == len(pairs) == ours.nunique()


def test_endings_that_the_platform_tells(results: cc.Results, reading: Reading) -> None:
    key = ["conversation", "portion"]
    both = results.table("portions")[[*key, "disconnect"]].merge(
        reading.tables["portions"][[*key, "disconnect"]], on=key, suffixes=("", "_read")
    )
    told = both[both["disconnect_read"].notna()]
    assert (told["disconnect"].astype(str) == told["disconnect_read"].astype(str)).all()
    assert {"abandoned"} <= set(told["disconnect"].astype(str))


def test_aggregates_come_back_as_intervals(results: cc.Results, folder: Path) -> None:
    read = read_aggregates(folder).tables["intervals"].set_index(["queue", "start_us"])
    rows = 0
    for row in results.table("intervals").to_dict("records"):
        if (row["queue"], row["start_us"]) not in read.index:
            assert row["nOffered"] == row["nAnswered"] == row["nAbandoned"] == 0
            continue
        one, rows = read.loc[(row["queue"], row["start_us"])], rows + 1
        for name in ("nOffered", "nAnswered", "nAbandoned", "nOverSla", "start_local"):
            assert one[name] == row[name]
        for name, near in (("oServiceLevel", 1e-12), ("tWait_mean_us", 500)):
            assert pd.isna(one[name]) == pd.isna(row[name])
            assert pd.isna(row[name]) or one[name] == pytest.approx(row[name], abs=near)
        assert pd.isna(one["staff_present"])
    assert rows > 20


@pytest.mark.parametrize("form", ["csv", "run"])
def test_interval_tables_come_back(results: cc.Results, tmp_path: Path, form: str) -> None:
    """Both of our forms; the clock changes in between."""
    if form == "csv":
        export(results.run, "csv", tmp_path / "out", tables=["intervals"])
        read = read_intervals(tmp_path / "out" / "intervals.csv")
    else:
        from simulator.reports.folder import spreadsheet

        (tmp_path / "intervals.csv").write_text(spreadsheet(results.table("intervals")))
        read = read_intervals(tmp_path / "intervals.csv", start=datetime(2026, 3, 28, 20), timezone="Europe/Berlin")
    ours, theirs = results.table("intervals"), read.tables["intervals"]
    key = ["start_us", "queue"]
    ours = ours.assign(queue=ours["queue"].astype(object)).sort_values(key).reset_index(drop=True)
    theirs = theirs.assign(queue=theirs["queue"].astype(object)).sort_values(key).reset_index(drop=True)
    for name in ("start_us", "start_local", "queue", "nOffered", "nAnswered", "nAbandoned", "nOverSla"):
        assert theirs[name].tolist() == ours[name].tolist(), name
    for name, near in (("oServiceLevel", 1e-12), ("tWait_mean_us", 1)):
        pairs = zip(values(theirs, name), values(ours, name), strict=True)
        assert all(b is None if a is None else a == pytest.approx(b, abs=near) for a, b in pairs), name


def test_the_platforms_own_view_export(tmp_path: Path) -> None:
    path = tmp_path / "queues.csv"
    path.write_text(
        "Interval Start,Interval End,Interval Complete,Filters,Media Type,Queue Id,Queue Name,Offer,Answer,Abandon,"
        "Service Level %,Avg Wait\n"
        '"3/2/26, 12:00 AM",,TRUE,,message,x,Shop,4,3,1,66.7%,1500\n'
        "3/2/26 12:30 AM,,TRUE,,message,x,Shop,0,0,0,,\n"
        "2026-03-02T13:00:00,,TRUE,,message,x,Shop,2,2,0,1,00:00:02.5\n"
    )
    table = read_intervals(path, timezone="Europe/Berlin").tables["intervals"]
    assert table["start_local"].tolist() == [
        datetime(2026, 3, 2),
        datetime(2026, 3, 2, 0, 30),
        datetime(2026, 3, 2, 13),
    ]
    assert table["nOffered"].tolist() == [4, 0, 2]
    assert table["oServiceLevel"].tolist()[::2] == [pytest.approx(0.667), 1.0] and pd.isna(table["oServiceLevel"][1])
    assert table["tWait_mean_us"].tolist()[::2] == [1_500_000, 2_500_000]
    path.write_text("Interval Start,Queue Name,Offer\n2026-03-02 00:00,Shop,minus\nyesterday,Shop,1\n")
    with pytest.raises(ScenarioError) as wrong:
        read_intervals(path)
    assert [(one.line, one.problem.split()[-1]) for one in wrong.value.findings] == [(2, "count"), (3, "time")]


# --- peculiar answers ------------------------------------------------------------------------------------------------


def segment(kind: str, start: str, end: str | None, **more: Any) -> dict[str, Any]:
    stamp = "2026-03-02T10:{}.000Z"
    found = {"segmentType": kind, "segmentStart": stamp.format(start), **more}
    return found | ({"segmentEnd": stamp.format(end)} if end else {})


def person(purpose: str, segments: list[Any], metrics: dict[str, int] | None = None, **more: Any) -> dict[str, Any]:
    told = [
        {"name": name, "value": value, "emitDate": "2026-03-02T10:05:00.000Z"}
        for name, value in (metrics or {}).items()
    ]
    session = {"mediaType": "message", "messageType": "whatsapp", "segments": segments, "metrics": told}
    return {"purpose": purpose, "sessions": [session], **more}


REAL: dict[str, Any] = {
    "conversationId": "c-1",
    "conversationStart": "2026-03-02T10:00:00.000Z",
    "conversationEnd": "2026-03-02T10:06:00.000Z",
    "divisionIds": ["d"],
    "newFieldOfNextYear": {"deep": [1, {"er": None}]},
    "mediaStatsMinConversationMos": 4.8,
    "participants": [
        person("customer", [segment("interact", "00:00", "03:00"), segment("interact", "03:00", "06:00",
                                                                            disconnectType="peer")]),
        person("workflow", [segment("ivr", "00:00", "00:10")]),
        person("acd", [segment("interact", "00:10", "00:40", queueId="q-1")], {"nOffered": 1, "tAcd": 30_000},
               participantName="Shop"),
        person("agent", [segment("alert", "00:10", "00:20", queueId="q-1", disconnectType="noAnswerTransfer")],
               {"tAlert": 10_000, "tNotResponding": 10_000}, userId="u-2"),
        person("agent", [segment("alert", "00:25", "00:40", queueId="q-1"), segment("interact", "00:40", "04:00"),
                         segment("hold", "04:00", "06:00"), segment("wrapup", "06:00", "06:30")],
               {"tAnswered": 30_000, "tTalk": 320_000, "tHandle": 350_000, "tAcw": 30_000}, userId="u-1"),
        {"purpose": "agent", "sessions": [{"mediaType": "voice", "segments": [segment("interact", "01:00", "02:00")]}]},
        {"purpose": "acd", "sessions": None},
        {"purpose": None},
        None,
    ],
}  # fmt: skip


def test_an_answer_of_the_real_platform() -> None:
    """Fields it has and we do not, fields we have and it does not, null, another medium, contiguous segments."""
    reading = read_details({"conversations": [REAL, None, copy.deepcopy(REAL)], "totalHits": 2, "cursor": "x"},
                           names={"q-1": "shop", "u-1": "anna"})  # fmt: skip
    assert reading.notes == (
        "1 sessions of media type voice were left out", "1 conversations that came twice were left out",
    )  # fmt: skip
    assert reading.calendar.start == datetime(2026, 3, 2)
    hour = 10 * 3_600_000_000
    (whole,) = reading.tables["conversations"].to_dict("records")
    assert (whole["conversation"], whole["channel"], whole["portions"], whole["agents"]) == ("c-1", "whatsapp", 1, 1)
    assert (whole["opened_us"], whole["disconnected_us"]) == (hour, hour + 360_000_000)
    (offer,) = reading.tables["offers"].to_dict("records")
    assert (offer["queue"], offer["agent"], offer["outcome"], offer["alerts"]) == ("shop", "anna", "answered", 2)
    assert offer["t_wait_us"] == 30_000_000
    alerts = reading.tables["alerts"]
    assert alerts["outcome"].tolist() == ["expired", "accepted"] and alerts["agent"].tolist() == ["u-2", "anna"]
    (session,) = reading.tables["sessions"].to_dict("records")
    assert session["connected_us"] == hour + 40_000_000 and session["disconnected_us"] == hour + 360_000_000
    assert (session["t_acw_us"], session["t_handle_us"]) == (30_000_000, 350_000_000)


def test_the_least_that_a_conversation_needs() -> None:
    bare = {"conversationId": "c", "conversationStart": "2026-03-02T10:00:00Z"}
    assert len(read_details([{"conversations": [bare]}]).tables["conversations"]) == 0  # without messages
    bare["participants"] = [person("customer", [segment("interact", "00:00", None)])]
    reading = read_details(bare)
    assert reading.tables["conversations"]["open"].tolist() == [True]
    assert reading.tables["portions"]["disconnect"].tolist() == ["open"]
    assert all(len(reading.tables[name]) == 0 for name in ("offers", "alerts", "sessions", "parks"))
    assert len(read_details({"totalHits": 0}).tables["offers"]) == 0  # so the platform answers where there is nothing


@pytest.mark.parametrize(
    ("path", "value", "place", "problem"),
    [
        (("conversationStart",), 17, "conversations[0].conversationStart", "this is the number 17"),
        (("conversationStart",), "9999-01-01T00:00:00Z", "conversations[0].conversationStart", "the text '9999"),
        (("conversationStart",), None, "conversations[0].conversationStart", "missing"),
        (("conversationId",), ["x"], "conversations[0].conversationId", "a list"),
        (("conversationId",), "x" * 100_000, "conversations[0].conversationId", "the text 'xxxx"),
        (("participants",), "nobody", "conversations[0].participants", "the text 'nobody'"),
        (("participants", 0), 5, "conversations[0].participants[0]", "the number 5"),
        (("participants", 0, "sessions", 0, "segments", 0, "segmentStart"), "noon",
         "conversations[0].participants[0].sessions[0].segments[0].segmentStart", "the text 'noon'"),
        (("participants", 0, "sessions", 0, "segments", 0, "segmentEnd"), "2026-03-02T09:00:00Z",
         "conversations[0].participants[0].sessions[0].segments[0].segmentEnd", "before segmentStart"),
        (("participants", 2, "sessions", 0, "metrics", 1, "value"), 10**400,
         "conversations[0].participants[2].sessions[0].metrics[1].value", "huge number"),
        (("participants", 2, "sessions", 0, "metrics", 1, "value"), -5,
         "conversations[0].participants[2].sessions[0].metrics[1].value", "the number -5"),
        (("participants", 1, "sessions", 0, "segments", 0, "requestedRoutingSkillIds"), "s-1",
         "conversations[0].participants[1].sessions[0].segments[0].requestedRoutingSkillIds", "the text 's-1'"),
        (("participants", 2, "sessions", 0, "metrics", 1, "value"), True,
         "conversations[0].participants[2].sessions[0].metrics[1].value", "True"),
    ],
)  # fmt: skip
def test_a_value_that_cannot_stand_is_named(path: tuple[Any, ...], value: Any, place: str, problem: str) -> None:
    document = {"conversations": [copy.deepcopy(REAL)]}
    inside: Any = document["conversations"][0]
    for step in path[:-1]:
        inside = inside[step]
    inside[path[-1]] = value
    with pytest.raises(ScenarioError) as wrong:
        read_details(document)
    assert [one.path for one in wrong.value.findings] == [place]
    assert problem in wrong.value.findings[0].problem


@pytest.mark.parametrize(
    "content",
    [
        b"", b"nothing", b"[1, 2]", b"[" * 200_000, b'{"conversations": NaN}', b'{"conversations": [{}]}',
        b"\xff\xfe{}",
        b'{"results": []}', b'"text"', b'{"conversations": {"0": 1}}', b'{"totalHits": ' + b"9" * 5_000 + b"}",
    ],
)  # fmt: skip
def test_a_file_that_is_no_answer(ccsim: Command, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "evil.json").write_bytes(content)
    ended = ccsim("import", tmp_path / "evil.json", "--out", tmp_path / "out")
    assert ended.code == 2 and "evil.json" in ended.err and "Traceback" not in ended.err
    assert not (tmp_path / "out").exists()


def test_nobody_reads_a_thousand_findings_or_a_file_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ScenarioError) as wrong:
        read_details({"conversations": [17] * 1_000})
    assert len(wrong.value.findings) == documents.MOST_FINDINGS
    monkeypatch.setattr(documents, "MOST_BYTES", 100)
    (tmp_path / "long.json").write_text("[" + "{}, " * 100 + "{}]")
    with pytest.raises(ScenarioError, match="larger than"):
        read_details(tmp_path / "long.json")
    with pytest.raises(ScenarioError, match="cannot be read"):
        read_details(tmp_path / "nowhere.json")
    with pytest.raises(UsageError, match="no time zone 'Mars/North'"):
        read_details(REAL, timezone="Mars/North")
