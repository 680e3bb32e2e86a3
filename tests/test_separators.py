"""Numbers and dates as a planner with a continental keyboard writes them: `1.400`, `0,8`, `02.03.2026`, semicolons."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from commands import Ended
from tiny import tiny

from simulator.scenario import load, loads
from simulator.scenario.separators import date_hint, doubtful, number_hint, rejoined, thousands_meant
from simulator.vocabulary.errors import Finding, ScenarioError

SLOTS = [datetime(2026, 3, 2) + timedelta(minutes=30 * i) for i in range(48)]


def with_arrivals(arrivals: str) -> str:
    text = tiny("", duration="1 day")
    return text.replace("topics: {ask: 100 %}}", f"arrivals: {{{arrivals}}}, topics: {{ask: 100 %}}}}", 1)


def refused(text: str, folder: Path | None = None, settings: dict[str, object] | None = None) -> list[Finding]:
    with pytest.raises(ScenarioError) as caught:
        loads(text, folder, settings)
    return [finding for finding in caught.value.findings if finding.severity == "error"]


def doubts(warnings: tuple[Finding, ...]) -> list[tuple[str, str, str]]:
    return [(each.path, each.problem, each.suggestion) for each in warnings if "thousands" in each.suggestion]


# --- points ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arrivals", "key", "meant"),
    [("per_day: 1.400", "per_day", "1400"), ("rate: 1.400/h", "rate", "1400/h"), ("rate: 12.000 per day", "rate", "")],
)
def test_a_volume_that_looks_like_thousands_is_doubted(arrivals: str, key: str, meant: str) -> None:
    scenario = loads(with_arrivals(arrivals))
    written = arrivals.partition(": ")[2].replace("/", " ").split()[0]
    found = doubts(scenario.warnings)
    hint = f"a thousands point? write `{meant or '12000 per day'}`"
    assert found == [(f"channels.web.arrivals.{key}", f"`{written}` is {float(written):g}", hint)]
    assert scenario.warnings[0].line is not None


@pytest.mark.parametrize(
    "arrivals", ["per_day: 1.4", "per_day: 1.40", "per_day: 0.125", "per_day: 1400.500", "rate: 0.500/s", "per_day: 7"]
)
def test_other_numbers_are_not_doubted(arrivals: str) -> None:
    assert not doubts(loads(with_arrivals(arrivals)).warnings)


def test_what_is_set_is_doubted_and_takes_the_doubt_about_what_stood_there() -> None:
    text = with_arrivals("per_day: 1.400")
    place = "channels.web.arrivals"
    assert not doubts(loads(text, None, {f"{place}.per_day": "1400"}).warnings)
    assert not doubts(loads(text, None, {f"{place}.per_day": 1.4}).warnings)
    for settings in ({f"{place}.per_day": "2.500"}, {place: "{per_day: 2.500}"}):
        (doubt,) = [w for w in loads(text, None, settings).warnings if "thousands" in w.suggestion]
        assert (doubt.file, doubt.path, doubt.problem) == ("setting", f"{place}.per_day", "`2.500` is 2.5")


def test_a_base_is_doubted_where_it_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(with_arrivals("per_day: 1.400"))
    (tmp_path / "a.yaml").write_text("extends: base.yaml\nname: A\n")
    (tmp_path / "b.yaml").write_text("extends: base.yaml\nchannels: {web: {arrivals: {per_day: 1400}}}\n")
    (doubt,) = [w for w in load(tmp_path / "a.yaml").warnings if "thousands" in w.suggestion]
    assert Path(doubt.file).name == "base.yaml"
    assert not doubts(load(tmp_path / "b.yaml").warnings)


def test_a_comma_in_block_style_is_told_both_meanings() -> None:
    (finding,) = refused(with_arrivals("per_day: 7"), None, {"channels.web.arrivals.per_day": "1,400"})
    assert finding.suggestion == "a thousands comma? write `1400`; a decimal comma? write `1.4`"
    (finding,) = refused(with_arrivals("rate: 7/h"), None, {"channels.web.arrivals.rate": "1,5/h"})
    assert finding.suggestion == "did you mean `1.5/h`?"


def test_a_whole_number_with_a_point_is_told_what_was_meant() -> None:
    (first, *_) = refused(tiny("", customers="{population: 5.000}"))
    assert first.problem == "`5.0` is not a whole number"
    assert first.suggestion == "a thousands point? write `5000`"


# --- commas in flow style --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "cut", "suggestion"),
    [
        ("per_day: 1,400", ("1", "400"), "a thousands comma? write `1400`"),
        ("per_day: 1,400,000", ("1", "400"), "a thousands comma? write `1400000`"),
        ("per_day: 0,8", ("0", "8"), "a decimal comma? write `0.8`"),
        ("rate: 1,400/h", ("1", "400/h"), "a thousands comma? write `1400/h`"),
        ("rate: 2,5/min", ("2", "5/min"), "a decimal comma? write `2.5/min`"),
    ],
)
def test_a_number_that_a_flow_map_cuts_is_one_finding(value: str, cut: tuple[str, str], suggestion: str) -> None:
    (finding,) = refused(with_arrivals(value))
    assert finding.path == f"channels.web.arrivals.{value.partition(':')[0]}"
    assert finding.problem == f"the comma ends the value `{cut[0]}`, and `{cut[1]}` is read as the next key"
    assert finding.suggestion == suggestion


def test_an_alias_does_not_repeat_it() -> None:
    agents = {"a": "reply: &r {effort: {lognormal: {mean: 1 min, cv: 0,8}}}", "b": "reply: *r", "c": "reply: *r"}
    (finding,) = refused(tiny(agents=agents))
    assert finding.path == "agents.a.reply.effort.lognormal.cv"
    key = {"a": "reply: &r {effort: 10 s, 3: 4}", "b": "reply: *r"}
    (finding,) = refused(tiny(agents=key))
    assert finding.suggestion == 'write it in quotes: `"3"`'


def test_parts_that_are_no_number_are_not_joined() -> None:
    assert rejoined("a", ["5"]) == rejoined("1", []) == rejoined("1", ["5", "7"]) == ("", "")
    assert rejoined("1", ["5 %"]) == ("1.5 %", "a decimal comma? write `1.5 %`")


# --- words -----------------------------------------------------------------------------------------------------


def test_hints_by_hand() -> None:
    assert [thousands_meant(text) for text in ("1.400", "999.000", "1.40", "0.400", "1400.000", "1.4000")] == [
        "1400", "999000", "", "", "", "",
    ]  # fmt: skip
    assert number_hint("29,5") == "a decimal comma? write `29.5`"
    assert number_hint("1.200,5") == "a thousands point? write `1200.5`"
    assert number_hint("1,200,000") == "thousands commas? write `1200000`"
    assert number_hint("1,400") == "a thousands comma? write `1400`; a decimal comma? write `1.4`"
    assert number_hint("many") == number_hint("12") == ""
    assert date_hint("2.3.2026") == "write `2026-03-02 00:00`"
    assert date_hint("02.03.2026 9:30") == "write `2026-03-02 09:30`"
    assert date_hint("2026-03-02") == ""
    assert doubtful(["950", "1.200", "2.000"]) == [1, 2]
    assert doubtful(["1.200", "2.25"]) == doubtful(["1.200", "0.500"]) == doubtful(["3"]) == []


# --- files -----------------------------------------------------------------------------------------------------


def from_file(folder: Path, header: str, row: str) -> str:
    lines = [row.format(iso=slot, german=f"{slot:%d.%m.%Y %H:%M}") for slot in SLOTS]
    (folder / "a.csv").write_text("\n".join([header, *lines]) + "\n")
    return with_arrivals("csv: a.csv")


@pytest.mark.parametrize(
    ("header", "row", "problem", "suggestion"),
    [
        ("start;count", "{iso};3", "the columns are `start;count`", "save the sheet as .xlsx, which is read too"),
        ("start,count", "{german},3", "`02.03.2026 00:00` is not a date and time, and 47 more", "`2026-03-02 00:00`"),
        ("start,expected", '{iso},"29,5"', "`29,5` stands where a number must be, and 47 more", "comma? write `29.5`"),
        ("start,expected", "{iso},29,5", "3 values stand under 2 columns, and 47 more", "comma? write `29.5`"),
        ("start,count", "{iso},1.200", "`1.200` is not a whole number, and 47 more", "thousands point? write `1200`"),
    ],
)
def test_a_file_s_habit_is_one_finding(tmp_path: Path, header: str, row: str, problem: str, suggestion: str) -> None:
    (finding,) = refused(from_file(tmp_path, header, row), tmp_path)
    assert problem in finding.problem
    assert suggestion in finding.suggestion
    assert finding.line == (1 if "columns are" in problem else 2)


def test_few_slips_are_told_row_by_row(tmp_path: Path) -> None:
    lines = [f"{slot},{'29,5' if i in (3, 9, 20) else 2}" for i, slot in enumerate(SLOTS)]
    (tmp_path / "a.csv").write_text("\n".join(["start,expected", *lines]) + "\n")
    assert [each.line for each in refused(with_arrivals("csv: a.csv"), tmp_path)] == [5, 11, 22]


def test_means_that_look_like_thousands_are_doubted_once(tmp_path: Path) -> None:
    scenario = loads(from_file(tmp_path, "start,expected", "{iso},1.200"), tmp_path)
    (doubt,) = [w for w in scenario.warnings if "thousands" in w.suggestion]
    assert (doubt.line, doubt.problem) == (2, "`1.200` is 1.2, and 47 more are like it")
    assert sum(scenario.counts["web"].values) == pytest.approx(48 * 1.2)  # taken as written all the same


def test_a_sheet_s_numbers_are_numbers(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [["start", "expected"], *([slot, 1.234] for slot in SLOTS)]:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    assert not doubts(loads(with_arrivals("csv: a.xlsx"), tmp_path).warnings)


def test_import_says_it_the_same_way(ccsim: Callable[..., Ended], tmp_path: Path) -> None:
    file = tmp_path / "h.csv"
    file.write_text("start;queue;nOffered\n2026-03-02 00:00;q;3\n")
    ended = ccsim("import", file)
    assert ended.code == 2
    assert "save the sheet as .xlsx" in ended.err
    rows = [f'{slot:%d.%m.%Y %H:%M},q,3,"0,8"' for slot in SLOTS]
    file.write_text("\n".join(["start,queue,nOffered,oServiceLevel", *rows]) + "\n")
    ended = ccsim("import", file)
    assert ended.err.count("is no time") == 1
    assert "and 47 more rows are like it" in ended.err
    file.write_text('start,queue,nOffered,oServiceLevel\n2026-03-02 00:00,q,1,"0,8"\n')
    assert "a decimal comma? write `0.8`" in ccsim("import", file).err
    ended = ccsim("import", tmp_path / "hist.xlsx")
    assert "No such file" in ended.err
    assert "a header with" not in ended.err
