"""People against their plan: measures, the load before the run, the picture, an agent's day, and what is refused."""

from __future__ import annotations

import pytest
from matplotlib.figure import Figure
from tiny import tiny
from worlds import run

from simulator import metrics, simulate
from simulator.experiments.staffing import wanted
from simulator.metrics.catalogue import measure
from simulator.metrics.people import PEOPLE
from simulator.records import fold
from simulator.reports import plots
from simulator.reports.agentday import tell_agent
from simulator.scenario import loads
from simulator.vocabulary.errors import UsageError

DAY = (
    'count: 2, shift: {from: "08:00", to: "10:00", breaks: [{name: meal, at: "09:00", for: 12 min}]}, '
    "adherence: {late: {share: 100 %, by: 6 min}, leaves_early: {share: 100 %, by: 3 min}}, "
    'activities: [{name: training, at: "09:30", for: 30 min, share: 50 %, days: tue}], '
    "end_of_shift: {finish: 30 min}, reply: {effort: 5 min}"
)
"""Two agents of two hours; on Tuesdays one of them has training until the end."""


def values(text: str, scope: str = "") -> dict[str, float]:
    """Every measure of people, of one run of a tiny world."""
    scenario, rows = run(text)
    found = measure(scenario, fold(scenario, rows), int(rows["time"][-1]))
    key = (("group", scope),) if scope else ()
    parts = {each.name: found[each.name][key] for each in PEOPLE}
    return {name: part.numerator / part.denominator for name, part in parts.items() if part.denominator}


def test_a_day_on_the_plan():
    """Monday: 4 scheduled hours; each is 6 min late, 3 min early, 12 min at a meal: 0.1 + 0.05 + 0.2 h."""
    found = values(tiny("1 s", agents=DAY, duration="1 day"))
    assert found == pytest.approx(
        {
            "staff_scheduled": 4 / 24,
            "scheduled_hours": 4,
            # the contact of 1 s is answered from 08:06 to 08:11: nobody is off queue for it
            "shrinkage_found": 0.7 / 4,
            "adherence": (4 - 0.7) / (4 - 0.4),
            "absent_hours": 0,
            "break_hours": 0.4,
            "unpaid_break_hours": 0.4,
            "meeting_hours": 0,
            "late_log_ons": 2,
            "late_hours": 0.2,
            "left_early_hours": 0.1,
            "overtime_hours": 0,
            "overtime_planned_hours": 0,
        }
    )


def test_training_and_overtime():
    """Tuesday: training of one agent to 09:57, when he logs off; the other answers from 09:55 on and is 3 min over."""
    found = values(tiny("33 h 55 min", agents=DAY, duration="2 days"), "desk")
    assert found["scheduled_hours"] == 8
    assert found["meeting_hours"] == pytest.approx(27 / 60)
    assert found["overtime_hours"] == pytest.approx(3 / 60)
    assert found["late_log_ons"] == 4


def test_absent_agents():
    found = values(tiny("1 s", agents='shift: {from: "08:00", to: "10:00"}, shrinkage: 100 %', duration="1 day"))
    assert found["shrinkage_found"] == 1
    assert found["absent_hours"] == 2
    assert "adherence" not in found  # nobody came who could have kept to the plan


def test_planned_overtime_is_told_apart():
    shifts = '{from: "08:00", to: "10:00", count: 2}, {from: "18:00", to: "19:00", count: 1, overtime: true}'
    found = values(tiny("1 s", agents=f"shifts: [{shifts}]", duration="1 day"))
    assert (found["scheduled_hours"], found["overtime_planned_hours"]) == (5, 1)
    assert found["overtime_hours"] == 0
    assert found["shrinkage_found"] == 0


def test_staffing_by_interval_is_scheduled_staff():
    text = tiny("1 s", agents='staffing: {from: "08:00", every: 1 h, agents: [1, 3, 2]}', duration="1 day")
    scenario, rows = run(text.replace("count: 1, ", ""))
    tables = fold(scenario, rows)
    intervals = metrics.intervals(scenario, tables, int(rows["time"][-1]))
    shown = intervals.set_index("start_us")[["staff_scheduled", "staff_present"]].iloc[15:24]
    assert shown["staff_scheduled"].tolist() == shown["staff_present"].tolist() == [0, 1, 1, 3, 3, 2, 2, 0, 0]


def test_always_on_is_always_scheduled():
    found = values(tiny("1 s", agents="count: 3"))
    assert (found["staff_scheduled"], found["shrinkage_found"], found["adherence"]) == (3, 0, 1)


# --- before the run --------------------------------------------------------------------------------------------


def test_the_load_before_the_run_knows_the_plan():
    """20 contacts of 6 min in the one hour with agents: 2 h of work over 2 h x 0.9 - 0.2 h of breaks x 0.9."""
    arrivals = ", ".join(f"{8 * 60 + i} min" for i in range(20))
    staffing = 'staffing: {from: "08:00", every: 1 h, agents: [2], breaks: [{at: "08:30", for: 6 min}]}'
    text = tiny(arrivals, agents=f"{staffing}, shrinkage: 10 %, reply: {{effort: 6 min}}", duration="1 day")
    found = metrics.coverage(loads(text.replace("count: 1, ", "")))
    assert found.attention_share == pytest.approx(2 / ((2 - 0.2) * 0.9))
    assert [(gap.start_us // 3_600_000_000, gap.end_us // 3_600_000_000) for gap in found.gaps] == [(0, 8), (9, 24)]


def test_expected_lateness_is_no_capacity():
    shift = 'shift: {from: "08:00", to: "10:00"}, reply: {effort: 6 min}'
    plain = metrics.coverage(loads(tiny("9 h", agents=shift, duration="1 day")))
    late = metrics.coverage(
        loads(tiny("9 h", agents=f"{shift}, adherence: {{late: {{share: 50 %, by: 24 min}}}}", duration="1 day"))
    )
    assert plain.attention_share == pytest.approx(0.1 / 2)
    assert late.attention_share == pytest.approx(0.1 / 1.8)
    assert late.gaps == plain.gaps  # the plan has somebody there


def test_who_is_always_on_is_whole():
    found = metrics.coverage(loads(tiny("30 min", agents="shrinkage: 50 %, reply: {effort: 6 min}")))
    assert found.attention_share == pytest.approx(0.1)


# --- shown -----------------------------------------------------------------------------------------------------


def test_an_agents_day_in_sentences():
    scenario, rows = run(tiny("30 h", agents=DAY, duration="2 days"))
    told = tell_agent(fold(scenario, rows), "desk/1", scenario)
    assert told[0] == "Monday 2 March 2026"
    assert "  08:00:00  He is late: his shift has begun, he has not logged on, for 6 min." in told
    assert "  09:00:00  He goes for a meal; his conversations stay his, their slots held, for 12 min." in told
    assert "  09:57:00  He has logged off before the end of his shift, for 3 min." in told
    took = next(line for line in told if "takes" in line and "conversations and" in line)
    assert took.strip() == "He takes 1 conversations and sends 1 replies in them."
    with pytest.raises(UsageError, match="nearest: desk/"):
        tell_agent(fold(scenario, rows), "desk/9", scenario)
    with pytest.raises(UsageError, match="replication 4 is not"):
        tell_agent(fold(scenario, rows), "desk/1", scenario, 4)


def test_the_picture_of_people():
    results = simulate(loads(tiny("9 h", agents=DAY, duration="1 day", more="replications: 2")), workers=1)
    assert plots.SPEAKS["people"](results.run)
    axes = plots.plot(results.run, "people", figure=Figure())
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels[:3] == ["with conversations", "free, or not responding", "break or meal"]
    assert {"scheduled", "late, or left early"} <= set(labels)
    always_on = simulate(loads(tiny("1 s", more="replications: 2")), workers=1)
    assert not plots.SPEAKS["people"](always_on.run)
    plots.plot(always_on.run, "people", figure=Figure())


# --- how many? -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "said"),
    [
        ("staffing: {agents: [1, 2]}", "vary agents.desk.staffing.scale, as 0.9,1,1.1"),
        ('shifts: [{from: "08:00", to: "10:00", count: 2}]', "or give each shift a share"),
    ],
)
def test_a_curve_over_a_group_without_one_count_is_refused(group, said):
    text = tiny("1 s", agents=group)
    scenario = loads(text.replace("count: 1, ", "") if "staffing" in group else text)
    with pytest.raises(UsageError, match=said):
        wanted("desk=1:4", scenario)


def test_a_curve_over_shares_goes():
    scenario = loads(tiny("1 s", agents='count: 4, shifts: [{from: "08:00", to: "10:00", share: 50 %}]'))
    assert wanted("desk=2:6:2", scenario) == ("desk", (2, 4, 6))
    assert scenario.vary({"agents.desk.count": 6}).agents["desk"].count == 6
