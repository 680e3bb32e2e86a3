"""Staffing as planners have it: files of agents by interval, with care for what is wrong in them."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from tiny import tiny

from simulator.scenario import Scenario, loads
from simulator.vocabulary.clock import HOUR, MINUTE
from simulator.vocabulary.errors import ScenarioError
from simulator.workload.staffing import levels


def world(folder: Path, content: str | None = None, more: str = "", **kwargs: str) -> Scenario:
    if content is not None:
        (folder / "staff.csv").write_text(content)
    text = tiny("1 s", agents=f"staffing: {{csv: staff.csv, {more}}}", **({"duration": "2 days"} | kwargs))
    return loads(text.replace("count: 1, ", ""), folder=folder)


def told(scenario: Scenario, group: str = "desk") -> list[tuple[float, int]]:
    """(hour, agents) of each change."""
    found = levels(scenario, group, scenario.duration_us)
    return [(at / HOUR, agents) for at, agents in zip(found.at_us.tolist(), found.agents.tolist(), strict=True)]


def refused(folder: Path, content: str, more: str = "", **kwargs: str) -> str:
    with pytest.raises(ScenarioError) as caught:
        world(folder, content, more, **kwargs)
    return "\n".join(str(finding) for finding in caught.value.findings)


# --- what planners have ----------------------------------------------------------------------------------------


def test_dated_rows(tmp_path):
    """Hours of the night are left out: nobody is there. Neighbours with the same figure are one stay."""
    scenario = world(
        tmp_path,
        "start,agents\n2026-03-02 08:00,2\n2026-03-02 08:30,3\n2026-03-02 09:00,3\n"
        "2026-03-03 08:00,1\n2026-03-03 08:30,0\n",
    )
    assert scenario.agents["desk"].count == 3
    assert told(scenario) == [(8, 2), (8.5, 3), (9.5, 0), (32, 1), (32.5, 0)]


def test_a_week_that_repeats(tmp_path):
    """Days by name, several in one row; the next week is the same. 2 March 2026 is a Monday."""
    scenario = world(tmp_path, "weekday,time,agents\nmon-tue,08:00,2\nMonday,08:30,5\nwed,08:00,9\n", duration="8 days")
    days = {0: [2, 5, 0], 24: [2, 0], 48: [9, 0], 168: [2, 5, 0]}
    assert [agents for _, agents in told(scenario)] == [number for day in days.values() for number in day]
    assert [at for at, _ in told(scenario)] == [8, 8.5, 9, 32, 32.5, 56, 56.5, 176, 176.5, 177]


def test_one_file_with_a_column_for_each_group(tmp_path):
    (tmp_path / "staff.csv").write_text("start,early,late,notes\n2026-03-02 08:00,2,0,rain\n2026-03-02 08:30,1,4,\n")
    text = tiny("1 s", agents=dict.fromkeys(("early", "late"), "staffing: {csv: staff.csv}"), duration="1 day")
    scenario = loads(text.replace("count: 1, ", ""), folder=tmp_path)
    assert [scenario.agents[name].count for name in ("early", "late")] == [2, 4]
    assert told(scenario, "late") == [(8.5, 4), (9, 0)]


def test_a_column_may_be_named(tmp_path):
    content = "start,plan A,plan B\n2026-03-02 08:00,2,7\n"
    assert world(tmp_path, content, 'column: "plan B"').agents["desk"].count == 7


def test_workbooks(tmp_path):
    from datetime import datetime

    book = openpyxl.Workbook()
    for row in (["start", "agents"], [datetime(2026, 3, 2, 8), 2], [datetime(2026, 3, 2, 8, 30), 1.5]):
        book.active.append(row)
    book.save(tmp_path / "staff.xlsx")
    text = tiny("1 s", agents="staffing: {csv: staff.xlsx}", duration="1 day").replace("count: 1, ", "")
    scenario = loads(text, folder=tmp_path)
    assert told(scenario) == [(8, 2), (9, 0)]  # 1.5 agents are 2
    assert list(scenario.files()) == ["staff.xlsx.csv"]


def test_a_scale_to_the_nearest_agent(tmp_path):
    content = "start,agents\n2026-03-02 08:00,10\n2026-03-02 08:30,3\n2026-03-02 09:00,1\n"
    assert [agents for _, agents in told(world(tmp_path, content, "scale: 1.15"))] == [12, 3, 1, 0]
    assert [agents for _, agents in told(world(tmp_path, content, "scale: 0.5"))] == [5, 2, 1, 0]
    assert world(tmp_path, content).vary({"agents.desk.staffing.scale": 2}).agents["desk"].count == 20


def test_intervals_in_the_scenario_itself():
    text = tiny("1 s", agents='staffing: {from: "22:00", every: 1 h, agents: [2, 2, 1], days: mon}', duration="3 days")
    scenario = loads(text.replace("count: 1, ", ""))
    assert told(scenario) == [(22, 2), (24, 1), (25, 0)]


def test_holidays_off():
    agents = 'staffing: {from: "08:00", agents: [2], on_holidays: off}'
    text = tiny("1 s", agents=agents, duration="2 days", more="holidays: [2026-03-03]")
    assert told(loads(text.replace("count: 1, ", ""))) == [(-16, 2), (-15.5, 0), (8, 2), (8.5, 0)]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        # the clock goes from 02:00 to 03:00: the row of 02:00 is never
        ("2026-03-29 00:00", [(1, 1), (2, 3), (3, 0)]),
        # the hour from 02:00 stands here once and lasts twice
        ("2026-10-25 00:00", [(1, 1), (2, 2), (4, 3), (5, 0)]),
    ],
)
def test_clock_changes(tmp_path, start, expected):
    day = start[:10]
    content = f"start,agents\n{day} 01:00,1\n{day} 02:00,2\n{day} 03:00,3\n"
    scenario = world(tmp_path, content, start=start, duration="1 day", channel="web", topics="", more="")
    assert scenario.timezone == "UTC"
    scenario = scenario.vary({"timezone": "Europe/Berlin"})
    assert told(scenario) == expected


def test_what_is_written_out_is_read_again(tmp_path):
    """The resolved scenario and its files are the same scenario; so is the weekly pattern."""
    for content in (
        "start,agents\n2026-03-02 08:00,2\n2026-03-02 08:30,2.25\n",
        "weekday,time,agents\nmon-fri,08:00,2\nsat,08:15,1\n",
    ):
        scenario = world(tmp_path, content)
        (tmp_path / "copy").mkdir(exist_ok=True)
        for name, text in scenario.files().items():
            (tmp_path / "copy" / name).write_text(text)
        again = loads(scenario.resolved(), folder=tmp_path / "copy")
        assert again.hash == scenario.hash
        assert told(again) == told(scenario)


def test_one_sheet_for_arrivals_and_staffing_becomes_two_files(tmp_path):
    (tmp_path / "plan.csv").write_text("start,count,agents\n2026-03-02 00:00,5,2\n2026-03-02 00:30,7,3\n")
    text = tiny("", agents="staffing: {csv: plan.csv}").replace("count: 1, ", "")
    text = text.replace("customers: new, ", "customers: new, arrivals: {csv: plan.csv}, ")
    scenario = loads(text, folder=tmp_path)
    assert set(scenario.files()) == {"plan.csv", "plan.csv.staffing.csv"}
    for name, content in scenario.files().items():
        (tmp_path / name).write_text(content)
    assert loads(scenario.resolved(), folder=tmp_path).hash == scenario.hash


def test_the_rows_are_part_of_the_scenario(tmp_path):
    one = world(tmp_path, "start,agents\n2026-03-02 08:00,2\n")
    other = world(tmp_path, "start,agents\n2026-03-02 08:00,3\n")
    assert one.hash != other.hash


# --- what is wrong ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("start,agents\n2026-03-02 08:00,-1\n", "2: agents.desk.staffing.csv: `-1` cannot be a number of agents"),
        ("start,agents\n2026-03-02 08:00,many\n", "`many` stands under `agents` where a number must be"),
        ("start,agents\n2026-03-02 08:00,\n", "nothing stands under `agents` where a number must be"),
        ("start,agents\n2026-03-02 08:00,1e9\n", "cannot be a number of agents"),
        ("start,agents\n2026-03-02 08:00,nan\n", "cannot be a number of agents"),
        ("start,agents\n2026-03-02 08:00,1,2\n", "3 values stand under 2 columns"),
        (
            "start;agents\n2026-03-02 08:00;1\n",
            "save the sheet as .xlsx, which is read too, or separate the columns by commas",
        ),
        ("start,staff\n2026-03-02 08:00,1\n", "there is no column `agents` or `desk`; allowed: one of `staff`"),
        ("begin,agents\n2026-03-02 08:00,1\n", "the columns are `begin`, `agents`"),
        ("start,agents,agents\n2026-03-02 08:00,1,1\n", "the column `agents` stands here twice"),
        ("start,weekday,time,agents\n2026-03-02 08:00,mon,08:00,1\n", "`start` and `weekday` stand here together"),
        ("start,agents\n", "there are no rows in this file"),
        ("start,agents\n2026-03-02 08:00+01:00,1\n", "names a zone"),
        ("start,agents\n2026-03-02T08:00:00+01:00,1\n", "names a zone"),
        (
            "start,agents\n2026-03-02 08:00,1\n2026-03-02 08:30,1\n2026-03-02 09:30,1\n",
            "4: agents.desk.staffing.csv: the start 2026-03-02 09:30:00 does not follow",
        ),
        (
            "start,agents\n2026-03-02 08:00,1\n2026-03-02 08:30,1\n2026-03-02 08:45,1\n",
            "the start 2026-03-02 08:45:00 overlaps the interval from 2026-03-02 08:30:00",
        ),
        ("start,agents\n2026-03-02 08:00,1\n2026-03-02 08:00,1\n", "stands here a second time"),
        ("start,agents\n2026-03-02 08:30,1\n2026-03-02 08:00,1\n", "comes after the later"),
        ("weekday,time,agents\nmoon,08:00,1\n", "`moon` is not a day of the week; "),
        ("weekday,time,agents\nmon,24:00,1\n", "`24:00` is not a time of day"),
        ("weekday,time,agents\nmon-fri,08:00,1\ntue,08:00,2\n", "tue 08:00 stands here a second time (also line 2)"),
        ("weekday,time,agents\nmon,08:00,1\nmon,08:30,1\nmon,10:00,1\n", "mon 10:00 does not follow 08:30 by 30 min"),
        ("weekday,agents\nmon,1\n", "the columns are `weekday`, `agents`"),
        ("start,agents\n2025-03-02 08:00,1\n", "lie outside the run"),
        ("start,agents\n2026-03-02 08:00,100000\n2026-03-02 08:30,1\n", ""),
    ],
)
def test_bad_files_are_refused_by_line(tmp_path, content, said):
    if said:
        assert said in refused(tmp_path, content)
    else:
        assert "up to 200,000 agents would be there" in refused(tmp_path, content, "scale: 2")


@pytest.mark.parametrize(
    ("staffing", "said"),
    [
        ("{}", "it is not said how many are there; allowed: one of csv, agents"),
        ("{agents: []}", "too short"),
        ("{agents: [1, -2]}", "too small"),
        ("{agents: [1], csv: staff.csv}", "csv and agents stand here together"),
        ("{agents: [1], column: x}", "`column` belongs to `csv`"),
        ('{csv: staff.csv, from: "08:00"}', "`from` belongs to `agents`"),
        ("{agents: [1, 1, 1], every: 9 h}", "these intervals last 27 h"),
        ("{agents: [1], every: 10 s}", "too small"),
        ("{csv: ../staff.csv}", "leaves the scenario's folder"),
        ("{csv: stuff.csv}", "there is no file `stuff.csv`"),
        ("{csv: staff.csv, on_holidays: off}", "the file names dates"),
        ("{agents: [1], leaves: first}", "did you mean"),
        ('{agents: [1], leaves: idle_first, breaks: [{at: "08:00", for: 5 min}]}', "nobody knows beforehand"),
        ('{agents: [1], breaks: [{between: ["12:00", "11:00"], for: 5 min}]}', "lies outside"),
    ],
)
def test_bad_staffing_is_refused_by_name(tmp_path, staffing, said):
    (tmp_path / "staff.csv").write_text("start,agents\n2026-03-02 00:00,1\n")
    text = tiny("1 s", agents=f"staffing: {staffing}").replace("count: 1, ", "")
    with pytest.raises(ScenarioError) as caught:
        loads(text, folder=tmp_path)
    assert said in "\n".join(str(finding) for finding in caught.value.findings)


@pytest.mark.parametrize(
    ("group", "said"),
    [
        ("count: 2, staffing: {agents: [1]}", "`desk` is staffed by interval: its number is not one count"),
        ('staffing: {agents: [1]}, shift: {from: "08:00", to: "16:00"}', "shift and staffing stand here together"),
        ("staffing: {agents: [1], leaves: idle_first}, capacity: 2", "with several conversations at once nobody is"),
        ("staffing: {agents: [1], leaves: idle_first}, end_of_shift: {finish: 1 min}", "has nothing in hand"),
        ('staffing: {agents: [1]}, activities: [{name: meeting, at: "08:00", for: 1 h}]', "belongs to shifts"),
        ("staffing: {agents: [1]}, adherence: {late: {share: 1, by: 1 s}}", "belongs to shifts"),
    ],
)
def test_what_does_not_go_with_staffing(group, said):
    text = tiny("1 s", agents=group).replace("count: 1, ", "")
    with pytest.raises(ScenarioError) as caught:
        loads(text)
    assert said in "\n".join(str(finding) for finding in caught.value.findings)


def test_a_bad_number_hides_no_fault_of_order(tmp_path):
    said = refused(tmp_path, "start,agents\n2026-03-02 08:00,1\n2026-03-02 09:00,x\n2026-03-02 12:00,1\n")
    assert "where a number must be" in said
    assert "does not follow" in said


def test_agents_outside_the_run_are_told(tmp_path):
    rows = "start,agents\n" + "".join(f"2026-03-02 {hour:02d}:00,1\n" for hour in range(24))
    (told,) = world(tmp_path, rows, duration="6 h").warnings
    assert told.problem.startswith("18 of 24 rows lie outside the run (2026-03-02 00:00:00 to 2026-03-02 06:00:00)")
    assert not world(tmp_path, rows, duration="1 day").warnings
    autumn = rows.replace("2026-03-02", "2026-10-25")
    (told,) = world(tmp_path, autumn, duration="1 day", start="2026-10-25 00:00\ntimezone: Europe/Berlin").warnings
    assert "write `duration: 25 h`" in told.suggestion


def test_a_file_that_covers_half_the_run_is_told(tmp_path):
    scenario = world(tmp_path, "start,agents\n2026-03-02 08:00,1\n", duration="5 days")
    assert "nobody is there after the last row ends" in str(scenario.warnings[0])
    scenario = world(tmp_path, "start,agents\n2026-03-02 08:00,0\n")
    assert "nobody of `desk` is ever there" in "".join(map(str, scenario.warnings))


def test_huge_files_are_refused(tmp_path):
    from simulator.scenario.sheets import MAX_BYTES

    (tmp_path / "staff.csv").write_bytes(b"start,agents\n" + b"#" * MAX_BYTES)
    with pytest.raises(ScenarioError) as caught:
        world(tmp_path)
    assert "larger than 50 MiB" in str(caught.value.findings[0])


def test_step_of_a_single_row(tmp_path):
    scenario = world(tmp_path, "start,agents\n2026-03-02 08:00,1\n")
    assert scenario.staffing["desk"].interval_us == 30 * MINUTE


def test_all_that_is_wrong_with_the_order_is_told_at_once(tmp_path):
    """One row in the wrong place is one fault; behind a row that cannot be read no gap is looked for."""
    dated = ("08:00", "08:30", "08:15", "09:00", "09:00", "soon", "11:00", "10:30", "11:30", "13:00")
    rows = "".join(f"2026-03-02 {at},1\n" for at in dated)
    found = refused(tmp_path, f"start,agents\n{rows}").splitlines()
    assert [line.partition("staff.csv:")[2].partition(":")[0] for line in found] == ["4", "6", "7", "9", "11"]
    words = ("comes after the later", "stands here a second time", "soon", "comes after the later", "does not follow")
    assert all(word in line for word, line in zip(words, found, strict=True)), found

    weekly = "weekday,time,agents\nmon,08:00,1\nmon,08:30,1\nmon,08:30,2\nmon,10:00,1\ntue,08:00,1\ntue,09:30,1\n"
    found = refused(tmp_path, weekly).splitlines()
    assert [line.partition("staff.csv:")[2].partition(":")[0] for line in found] == ["4", "5", "7"]
    assert "second time" in found[0] and "mon 10:00 does not follow" in found[1] and "tue 09:30" in found[2]


def test_rows_that_overlap_are_each_told(tmp_path):
    rows = "".join(f"2026-03-02 {at},1\n" for at in ("08:00", "08:30", "08:45", "09:00", "09:30", "09:40"))
    found = refused(tmp_path, f"start,agents\n{rows}").splitlines()
    assert [line.partition("staff.csv:")[2].partition(":")[0] for line in found] == ["4", "7"]
    assert all("overlaps the interval" in line for line in found)
