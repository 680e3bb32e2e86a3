"""Arrivals from files: counts in and counts back, traces, workbooks, hours that a clock change skips or repeats."""

from __future__ import annotations

import csv
import gzip
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from tiny import tiny

import simulator
from simulator.scenario import Scenario, load
from simulator.vocabulary.clock import DAY, HOUR, MINUTE, SECOND
from simulator.vocabulary.errors import ScenarioError
from simulator.vocabulary.wall import wall_of
from simulator.workload import draw
from simulator.workload.arrivals import arrival_times

Rows = list[list[Any]]


def write_csv(path: Path, rows: Rows) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows)


def write_xlsx(path: Path, rows: Rows) -> None:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append(row)
    book.save(path)


WRITERS = [("rows.csv", write_csv), ("rows.xlsx", write_xlsx)]
both = pytest.mark.parametrize(("name", "write"), WRITERS, ids=["CSV", "XLSX"])


def coming(folder: Path, arrivals: str, more: str = "", **other: str) -> Scenario:
    text = tiny("", **{"start": "2026-03-02 00:00", "duration": "1 day", **other}, more=more)
    text = text.replace("topics: {ask: 100 %}", f"arrivals: {{{arrivals}}}, topics: {{ask: 100 %}}", 1)
    (folder / "plan.yaml").write_text(text, encoding="utf-8")
    return load(folder / "plan.yaml")


# --- counts in, counts back ------------------------------------------------------------------------------------


@both
def test_every_count_of_a_real_call_centre_comes_back(
    name: str, write: Callable[[Path, Rows], None], shared: Callable[[str], Path], tmp_path: Path, seed: int
) -> None:
    """Calls of a US bank by five minutes: exactly as many contacts come in every interval. All of 2003's as CSV; two
    months as a workbook, which is slow to write."""
    with gzip.open(shared("data/calls_usbank_5min_2003.csv.gz"), "rt", encoding="utf-8") as stream:
        known = {
            datetime.fromisoformat(f"{row['date']} {row['time'].zfill(5)}"): int(row["calls"])
            for row in csv.DictReader(stream)
        }
    first = min(known).replace(hour=0, minute=0)
    days = (max(known) - first).days + 1 if name.endswith("csv") else 60
    starts = [first + i * timedelta(minutes=5) for i in range(days * 288)]
    counts = [known.get(start, 0) for start in starts]
    assert sum(counts) > (5_000_000 if name.endswith("csv") else 1_000_000)
    cells = starts if name.endswith("xlsx") else [start.isoformat(" ") for start in starts]
    write(tmp_path / name, [["start", "count"], *map(list, zip(cells, counts, strict=True))])
    more = f"timezone: America/New_York\nseed: {seed}"
    scenario = coming(tmp_path, f"csv: {name}", more, start=f"{first}", duration=f"{days} days")
    assert scenario.counts["web"].values == tuple(map(float, counts))
    at = arrival_times(scenario, "web", seed, 0, scenario.duration_us)
    wall = wall_of(scenario.calendar, 0, scenario.duration_us).shows(at)  # the clock changes in between
    assert np.bincount(wall // (5 * MINUTE), minlength=days * 288).tolist() == counts


# --- clock changes ---------------------------------------------------------------------------------------------


def clocks(scenario: Scenario) -> list[str]:
    at = arrival_times(scenario, "web", 1, 0, scenario.duration_us)
    return [scenario.calendar.local(int(us)).strftime("%H:%M") for us in at]


BERLIN = "timezone: Europe/Berlin"


def test_a_repeated_hour_has_its_rows_twice_and_in_order(tmp_path: Path) -> None:
    day = "2026-10-25"
    hours = ["00:00", "01:00", "02:00", "02:00", "03:00"]
    write_csv(tmp_path / "a.csv", [["start", "count"], *([f"{day} {hour}", 10 * i] for i, hour in enumerate(hours))])
    scenario = coming(tmp_path, "csv: a.csv", BERLIN, start=f"{day} 00:00", duration="5 h")
    at = arrival_times(scenario, "web", 1, 0, scenario.duration_us)
    assert np.bincount(at // HOUR).tolist() == [0, 10, 20, 30, 40]
    again = scenario.vary({"agents.desk.count": 2})
    assert again.counts == scenario.counts


def test_a_skipped_hour_has_no_row(tmp_path: Path) -> None:
    day = "2026-03-29"
    rows = [[f"{day} {hour:02d}:00", 10] for hour in (0, 1, 3, 4)]
    write_csv(tmp_path / "a.csv", [["start", "count"], *rows])
    scenario = coming(tmp_path, "csv: a.csv", BERLIN, start=f"{day} 00:00", duration="4 h")
    at = arrival_times(scenario, "web", 1, 0, scenario.duration_us)
    assert np.bincount(at // HOUR).tolist() == [10, 10, 10, 10]
    assert not [clock for clock in clocks(scenario) if clock.startswith("02")]


def test_rows_by_day_are_days_by_the_wall_clock(tmp_path: Path) -> None:
    rows = [[f"2026-03-{day} 00:00", 1000] for day in (27, 28, 29, 30)]
    write_csv(tmp_path / "a.csv", [["start", "count"], *rows])
    scenario = coming(tmp_path, "csv: a.csv", BERLIN, start="2026-03-27 00:00", duration="95 h")
    at = arrival_times(scenario, "web", 1, 0, scenario.duration_us)
    days = wall_of(scenario.calendar, 0, scenario.duration_us).shows(at) // DAY
    assert np.bincount(days).tolist() == [1000] * 4
    assert at[-1] < 95 * HOUR


# --- faults of order -------------------------------------------------------------------------------------------


def faults(folder: Path, *rows: str) -> list[tuple[int | None, str]]:
    (folder / "a.csv").write_text("\n".join(["start,count", *(f"2026-03-02 {row}" for row in rows)]))
    with pytest.raises(ScenarioError) as caught:
        coming(folder, "csv: a.csv")
    return [(finding.line, finding.problem) for finding in caught.value.findings]


def test_bad_numbers_hide_no_fault_of_order_and_looking_goes_on_behind_each(tmp_path: Path) -> None:
    told = faults(tmp_path, "00:00,1", "01:00,-1", "03:00,2", "03:00,x", "02:00,3", "bla,y")
    assert [line for line, _ in told] == [3, 4, 5, 5, 6, 7, 7]
    words = " / ".join(problem for _, problem in told)
    for said in ("03:00:00 does not follow", "stands here a second time", "02:00:00 comes after the later"):
        assert said in words
    told = faults(tmp_path, "00:00,1", "01:00,1", "01:00,1", "02:00,1", "03:00,1", "05:00,1", "bla,1", "07:00,1")
    assert [line for line, _ in told] == [4, 7, 8], "what stands right again is no echo"


def test_many_faults_of_order_are_told_once(tmp_path: Path) -> None:
    ((_, problem),) = faults(tmp_path, "00:00,1", "01:00,1", *(f"{hour:02d}:00,1" for hour in range(3, 24, 2)))
    assert "does not follow" in problem
    assert "and 10 more rows are like it" in problem


# --- what lies outside the run ---------------------------------------------------------------------------------


def doubts(scenario: Scenario) -> list[str]:
    found = [finding for finding in scenario.warnings if finding.path.endswith("csv")]
    return [f"{finding.problem}; {finding.suggestion}" for finding in found]


def hourly(path: Path, day: str, hours: list[int], contacts: Callable[[int], int]) -> None:
    write_csv(path, [["start", "count"], *([f"{day} {hour:02d}:00", contacts(hour)] for hour in hours)])


def test_rows_outside_the_run_are_told_with_their_contacts(tmp_path: Path) -> None:
    hourly(tmp_path / "a.csv", "2026-03-02", list(range(24)), lambda hour: 1000 if hour >= 6 else 1)
    (late,) = doubts(coming(tmp_path, "csv: a.csv", duration="6 h"))
    assert late.startswith("18 of 24 rows lie outside the run (2026-03-02 00:00:00 to 2026-03-02 06:00:00): 18,000 of")
    (early,) = doubts(coming(tmp_path, "csv: a.csv", start="2026-03-02 03:00", duration="21 h"))
    assert early.startswith("3 of 24 rows lie outside the run")
    (cut,) = doubts(coming(tmp_path, "csv: a.csv", duration="6 h 30 min"))
    assert "18 of 24 rows lie wholly or partly outside" in cut
    assert "17,500 of 18,006 contacts never come" in cut
    assert doubts(coming(tmp_path, "csv: a.csv", duration="6 h", more="run_out: 18 h")) == []
    (drained,) = doubts(coming(tmp_path, "csv: a.csv", duration="6 h", more="run_out: 18 h\nafter_end: drain"))
    assert "18,000 of 18,006 contacts never come" in drained
    hourly(tmp_path / "a.csv", "2026-03-02", list(range(24)), lambda hour: 0 if hour >= 6 else 1)
    assert doubts(coming(tmp_path, "csv: a.csv", duration="6 h")) == [], "nobody is lost"


def test_a_day_of_another_length_is_told_its_duration(tmp_path: Path) -> None:
    hourly(tmp_path / "a.csv", "2026-10-25", [0, 1, 2, 2, *range(3, 24)], lambda hour: 1000 if hour == 23 else 1)
    (autumn,) = doubts(coming(tmp_path, "csv: a.csv", BERLIN, start="2026-10-25 00:00"))
    assert "1 of 25 rows lie outside" in autumn
    assert "1,000 of 1,024 contacts" in autumn
    assert "write `duration: 25 h`, which ends at 2026-10-26 00:00:00" in autumn
    assert doubts(coming(tmp_path, "csv: a.csv", BERLIN, start="2026-10-25 00:00", duration="25 h")) == []
    hourly(tmp_path / "a.csv", "2026-03-29", [0, 1, *range(3, 24)], lambda hour: 1)
    (spring,) = doubts(coming(tmp_path, "csv: a.csv", BERLIN, start="2026-03-29 00:00"))
    assert "nobody comes after the last row ends, 2026-03-30 00:00:00" in spring
    assert "write `duration: 23 h`" in spring
    assert doubts(coming(tmp_path, "csv: a.csv", BERLIN, start="2026-03-29 00:00", duration="23 h")) == []


# --- traces ----------------------------------------------------------------------------------------------------

TRACE: Rows = [
    ["at", "customer", "topic", "turns"],
    ["2026-03-02 08:00:00", "ann", "ask", 3],
    ["2026-03-02 08:00:30.5", 17, "", ""],
    ["2026-03-02 09:00:00", "ann", "other", 1],
    ["2026-03-02 09:00:00", "", "", 2],
]
OTHER = "other: {behaviour: plain}, "
TURNS = "turns: 5, think: 1 s"


@both
def test_a_trace_gives_times_customers_topics_and_turns(
    name: str, write: Callable[[Path, Rows], None], tmp_path: Path
) -> None:
    write(tmp_path / name, TRACE)
    scenario = coming(tmp_path, f"trace: {name}", behaviour=TURNS, topics=OTHER)
    contacts = draw(scenario, 0).channels[0]
    assert (contacts.at_us / SECOND).tolist() == [28_800, 28_830.5, 32_400, 32_400]
    assert contacts.facts["customer"].tolist() == [0, 1, 0, -1], "who has the same name is the same person"
    assert contacts.facts["topic"].tolist() == [0, 0, 1, 0]
    assert contacts.facts["turns"].tolist() == [3, 5, 1, 2], "what is not given is drawn"
    assert len(contacts.think_us.row(0)) == 3


def test_the_same_customer_comes_back_into_his_conversation(tmp_path: Path) -> None:
    from simulator.engine import simulate
    from simulator.vocabulary.codes import Event

    write_csv(tmp_path / "a.csv", TRACE)
    scenario = coming(tmp_path, "trace: a.csv", behaviour=TURNS, topics=OTHER)
    rows = simulate(scenario, draw(scenario, 0))
    arrived = rows[rows["event"] == Event.CONTACT_ARRIVED]
    assert arrived["conversation"].tolist() == [0, 1, 0, 2]


def test_given_customers_are_not_those_of_the_population(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", TRACE)
    scenario = coming(tmp_path, "trace: a.csv", behaviour=TURNS, topics=OTHER, customers="{population: 100}")
    customer = draw(scenario, 0).channels[0].facts["customer"]
    assert customer[:3].tolist() == [100, 101, 100]
    assert 0 <= customer[3] < 100


def test_a_trace_may_count_from_the_start_and_only_what_lies_in_the_run_happens(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [["at"], ["0"], ["90 s"], ["2 h"], ["3 days"]])
    scenario = coming(tmp_path, "trace: a.csv")
    assert arrival_times(scenario, "web", 1, 0, scenario.duration_us).tolist() == [0, 90 * SECOND, 2 * HOUR]
    (warning,) = [finding for finding in scenario.warnings if finding.path.endswith("trace")]
    assert warning.problem == "1 of 4 rows lie outside the run and never happen"
    drained = coming(tmp_path, "trace: a.csv", duration="1 h", more="run_out: 23 h\nafter_end: drain")
    assert len(draw(drained, 0).channels[0].at_us) == 2
    (warning,) = [finding for finding in drained.warnings if finding.path.endswith("trace")]
    assert warning.problem == "2 of 4 rows lie outside the run and never happen", "nobody comes while it drains"
    listed = coming(tmp_path, "trace: [0, 90 s, 2 h]", duration="1 h", more="run_out: 23 h\nafter_end: drain")
    (warning,) = [finding for finding in listed.warnings if finding.path.endswith("trace")]
    assert warning.problem == "1 of 3 times lie after the end of the run and never happen"
    write_csv(tmp_path / "a.csv", [["at", "customer"], ["2026-03-01 23:00", "ann"], ["2026-03-02 01:00", "bob"]])
    later = coming(tmp_path, "trace: a.csv")
    assert draw(later, 0).channels[0].facts["customer"].tolist() == [1], "numbers belong to the file, not to the run"


def test_a_trace_in_local_time_goes_through_a_clock_change(tmp_path: Path) -> None:
    times = [f"2026-10-25 {clock}" for clock in ("01:59", "02:10", "02:50", "02:10", "02:50", "03:00")]
    write_csv(tmp_path / "a.csv", [["at"], *([time] for time in times)])
    scenario = coming(tmp_path, "trace: a.csv", BERLIN, start="2026-10-25 00:00")
    at = arrival_times(scenario, "web", 1, 0, scenario.duration_us)
    assert (at // MINUTE).tolist() == [119, 130, 170, 190, 230, 240]


def test_rows_may_begin_beside_a_clock_change(tmp_path: Path) -> None:
    """The hour from two to three does not exist: from one to three o'clock is one hour."""
    for hours in ((1, 3, 4), (0, 1, 3, 4), (1, 3)):
        hourly(tmp_path / "a.csv", "2026-03-29", list(hours), lambda hour: hour + 1)
        scenario = coming(tmp_path, "csv: a.csv", BERLIN, start="2026-03-28 12:00", duration="2 days")
        at = arrival_times(scenario, "web", 1, 0, scenario.duration_us) - scenario.calendar.us(datetime(2026, 3, 29, 1))
        inside = np.histogram(at, [0, HOUR, 2 * HOUR, 3 * HOUR])[0].tolist()
        assert inside == [2, 4, 5] if 4 in hours else inside[0] + inside[1] + inside[2] == 6


def test_turns_of_a_trace_need_a_time_to_think(tmp_path: Path) -> None:
    """As those do that the behaviour says itself: only where the trace gives them."""

    def missing(rows: Rows, behaviours: str = "plain: {}, brisk: {}") -> list[tuple[str, str]]:
        write_csv(tmp_path / "a.csv", rows)
        text = tiny("", topics="quick: {behaviour: brisk}").replace("{plain: {}}", f"{{{behaviours}}}", 1)
        text = text.replace("topics: {ask: 100 %}", "arrivals: {trace: a.csv}, topics: {ask: 100 %}", 1)
        (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
        try:
            load(tmp_path / "plan.yaml")
        except ScenarioError as error:
            return [(found.path, found.problem) for found in error.findings if found.severity == "error"]
        return []

    said = "`think` is missing, and `a.csv` gives up to 20 turns"
    drawn: Rows = [["at", "turns"], ["1 s", 20], ["2 s", 3]]
    assert missing(drawn) == [("behaviours.plain.think", said)]
    assert missing(drawn, "plain: {think: 1 s}, brisk: {}") == [], "`quick` is never drawn"
    assert missing([["at", "turns"], ["1 s", 1], ["2 s", ""]]) == []
    given: Rows = [["at", "topic", "turns"], ["1 s", "quick", 20], ["2 s", "ask", 1]]
    assert missing(given) == [("behaviours.brisk.think", said)]
    assert missing(given, "plain: {}, brisk: {think: 1 s}") == []
    own = missing(drawn, "plain: {turns: 2}, brisk: {}")
    assert own == [("behaviours.plain.think", "`think` is missing, and `turns` may exceed 1")], "told once"


def test_a_topic_that_only_the_trace_gives_is_looked_at_like_any_other(tmp_path: Path) -> None:
    """The channel has `ask` alone: what can be told about `other` must not depend on who says that it comes."""
    shared = "topics: {ask: 50 %, other: 50 %}"

    def warnings(topic: str, behaviour: str = "", by_share: bool = False, channel: str = "web") -> list[str]:
        write_csv(tmp_path / "a.csv", [["at", "topic"], ["1 s", "" if by_share else "other"], ["2 s", ""]])
        text = tiny("", topics=f"other: {{{topic}}}", behaviour=behaviour, channel=channel)
        text = text.replace("topics: {ask: 100 %}", f"arrivals: {{trace: a.csv}}, {shared}", 1)
        if not by_share:
            text = text.replace(shared, "topics: {ask: 100 %}")
        text = text.replace("behaviours: {", "behaviours: {patient: {patience: 5 min}, ")
        text = text.replace("topics: {ask: {", "topics: {more: {behaviour: patient}, ask: {", 1)
        (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
        return [found.problem for found in load(tmp_path / "plan.yaml").warnings if "`more`" not in found.problem]

    assert warnings("behaviour: plain") == []
    waits = warnings("behaviour: plain, skills: [french]")
    assert waits == warnings("behaviour: plain, skills: [french]", by_share=True)
    assert any("contacts about `other` wait for ever" in text for text in waits)
    silent = warnings("behaviour: patient", channel="wa")
    assert silent == warnings("behaviour: patient", channel="wa", by_share=True)
    assert any("nobody can disconnect on whatsapp: the 100 % of `patient`" in text for text in silent)


def test_who_has_the_topic_of_a_trace_may_be_taken_for_the_topic_of_the_channel(tmp_path: Path) -> None:
    bot = "{bot: {turns: 2, bot_time: 1 s, wrong_topic: 10 %}}"
    for given, alone in (("other", False), ("ask", True)):
        write_csv(tmp_path / "a.csv", [["at", "topic"], ["1 s", given]])
        found = coming(tmp_path, "trace: a.csv", topics=OTHER, flow=bot).warnings
        assert any("`web` has one topic" in warning.problem for warning in found) == alone


def test_a_topic_of_the_trace_cannot_be_taken_out_afterwards(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [["at", "topic"], ["1 s", "other"]])
    scenario = coming(tmp_path, "trace: a.csv", topics=OTHER)
    with pytest.raises(ScenarioError, match=r"channels\.web\.arrivals\.trace: there is no `other` in `topics`"):
        scenario.vary({"topics.other": None})


def test_turns_of_a_trace_that_no_memory_holds_are_refused(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", [["at", "turns"], *([f"{i} s", 1_000_000] for i in range(300))])
    with pytest.raises(ScenarioError, match=r"the run would have about 600,\d{3},\d{3} messages"):
        coming(tmp_path, "trace: a.csv", behaviour="think: 1 s")


def with_a_bot(folder: Path, rows: Rows, slow: str) -> simulator.Results:
    """`ask` answers the bot after 1 s; `other`, of which the channel has no share, after `slow`."""
    write_csv(folder / "a.csv", rows)
    text = tiny("", topics="other: {behaviour: slow}", flow="{bot: {turns: 2, bot_time: 1 s}}", duration="20 min")
    text = text.replace("{plain: {}}", f"{{plain: {{flow_answer: 1 s}}, slow: {{flow_answer: {slow}}}}}", 1)
    text = text.replace("topics: {ask: 100 %}", "arrivals: {trace: a.csv}, topics: {ask: 100 %}", 1)
    (folder / "plan.yaml").write_text(text, encoding="utf-8")
    return simulator.simulate(simulator.load(folder / "plan.yaml"), replications=1, workers=1)


def test_a_flow_may_rest_as_long_as_the_topics_of_the_trace_do(tmp_path: Path) -> None:
    """Nobody is lost who is still to answer the bot when the run ends, although the channel's own topic answers at
    once."""
    results = with_a_bot(tmp_path, [["at", "topic"], ["1 s", "other"]], "30 min")
    assert [check.name for check in results.checks if not check.passed] == []


def test_the_time_in_the_flow_is_known_of_the_topics_of_the_trace(tmp_path: Path) -> None:
    rows: Rows = [["at", "topic"], *([f"{10 * i} s", "" if i % 4 else "other"] for i in range(40))]
    audit = with_a_bot(tmp_path, rows, "5 s").audit().set_index("name").loc["time in the flow"]
    assert audit["theory"] == pytest.approx(audit["simulated"]) == pytest.approx((30 * 3 + 10 * 7) / 40)


# --- workbooks -------------------------------------------------------------------------------------------------


def test_a_workbook_may_hold_dates_or_text_and_empty_rows(tmp_path: Path) -> None:
    rows: Rows = [["start", "note", "count"], [datetime(2026, 3, 2), "night", 3.0], [None, None, None]]
    write_xlsx(tmp_path / "a.xlsx", [*rows, ["2026-03-02 12:00", None, 4]])
    scenario = coming(tmp_path, "csv: a.xlsx")
    assert scenario.counts["web"].values == (3.0, 4.0)
    assert scenario.counts["web"].interval_us == 12 * HOUR


def test_a_record_of_several_lines_is_told_by_its_first(tmp_path: Path) -> None:
    rows = 'at,customer\n2026-03-02 00:01,"an\nn"\n\nsoon,"b\no\nb"\n2026-03-02 00:03,cy\nlater,di\n'
    (tmp_path / "a.csv").write_text(rows)
    with pytest.raises(ScenarioError) as raised:
        coming(tmp_path, "trace: a.csv")
    assert [found.line for found in raised.value.findings] == [5, 9]
    (tmp_path / "a.csv").write_text('at,customer\n2026-03-02 00:01,ann\n2026-03-02 00:02,"bob\n\n')
    with pytest.raises(ScenarioError, match="not CSV") as raised:
        coming(tmp_path, "trace: a.csv")
    assert [found.line for found in raised.value.findings] == [3]


def test_a_sheet_that_claims_to_be_huge_is_read_as_it_is(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "small.xlsx", [["start", "count"], [datetime(2026, 3, 2), 3], [datetime(2026, 3, 2, 12), 4]])
    with zipfile.ZipFile(tmp_path / "small.xlsx") as small, zipfile.ZipFile(tmp_path / "a.xlsx", "w") as huge:
        for name in small.namelist():
            content = small.read(name)
            if name.endswith("sheet1.xml"):
                content = content.replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>', 1)
                assert b"XFD1048576" in content
            huge.writestr(name, content)
    assert coming(tmp_path, "csv: a.xlsx").counts["web"].values == (3.0, 4.0)


# --- keeping them ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["csv", "trace"])
@both
def test_the_resolved_scenario_and_its_files_are_the_same_scenario(
    key: str, name: str, write: Callable[[Path, Rows], None], tmp_path: Path
) -> None:
    """What a run folder keeps can be run again; workbooks are kept as CSV."""
    counts: Rows = [["start", "expected"], ["2026-03-02 00:00", 3.25], ["2026-03-02 12:00", 5]]
    write(tmp_path / name, TRACE if key == "trace" else counts)
    scenario = coming(tmp_path, f"{key}: {name}", behaviour=TURNS, topics=OTHER)
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "scenario.yaml").write_text(scenario.resolved(), encoding="utf-8")
    for file, content in scenario.files().items():
        assert file.endswith(".csv")
        (kept / file).write_text(content, encoding="utf-8")
    again = load(kept / "scenario.yaml")
    assert again.hash == scenario.hash
    assert (again.counts, again.traces) == (scenario.counts, scenario.traces)
    first, second = (arrival_times(each, "web", 1, 0, each.duration_us).tolist() for each in (scenario, again))
    assert first == second


def test_the_rows_of_a_trace_count(tmp_path: Path) -> None:
    hashes = []
    for turns in (3, 4):
        write_csv(tmp_path / "a.csv", [["at", "turns"], ["90 s", turns]])
        hashes.append(coming(tmp_path, "trace: a.csv", behaviour=TURNS).hash)
    assert hashes[0] != hashes[1]
