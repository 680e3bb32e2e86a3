"""Who is planned when: shifts dealt out, rotas, meetings in turns, absence, and the number of a group."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from tiny import tiny

from simulator.scenario import Scenario, loads
from simulator.scenario.directory import directory
from simulator.scenario.roster import numbers
from simulator.scenario.when import ShiftTemplate
from simulator.vocabulary.clock import DAY, HOUR
from simulator.vocabulary.codes import Presence
from simulator.vocabulary.errors import ScenarioError
from simulator.workload.absence import People
from simulator.workload.presence import planned_shifts
from simulator.workload.staffing import Levels, together


def desk(inside: str, **kwargs: str) -> Scenario:
    return loads(tiny("1 s", agents=inside, **({"duration": "7 days"} | kwargs)))


def planned(scenario: Scenario, replication: int = 0):
    found = planned_shifts(scenario, directory(scenario), scenario.seed, replication, scenario.duration_us)
    return [[] if plan is None else list(plan) for plan in found]


def template(**keys: object) -> ShiftTemplate:
    return ShiftTemplate.model_validate({"from": "08:00", "to": "16:00", **keys})


@pytest.mark.parametrize(
    ("keys", "count", "expected"),
    [
        ([{"count": 3}, {"count": 2}], 10, [3, 2]),
        ([{"count": 3}, {}], 10, [3, 7]),
        ([{}], 10, [10]),
        ([{"share": "50 %"}, {"share": "50 %"}], 5, [3, 2]),  # 2.5 is 3, and both are 5
        ([{"share": 1 / 3}, {"share": 1 / 3}, {"share": 1 / 3}], 10, [3, 4, 3]),
        ([{"share": "10 %"}, {"share": "10 %"}], 4, [0, 1]),
        ([{"share": "60 %"}, {}], 5, [3, 2]),
        ([{"count": 3}], 2, [3]),  # refused before
    ],
)
def test_numbers_of_a_day(keys, count, expected):
    assert numbers([template(**one) for one in keys], count) == expected


def test_the_group_is_as_large_as_its_largest_day():
    scenario = desk(
        'shifts: [{from: "08:00", to: "16:00", count: 2}, {from: "09:00", to: "12:00", count: 3, days: sat}]'
    )
    assert scenario.agents["desk"].count == 5
    by_day = [sum(shift.start_us // DAY == day for plan in planned(scenario) for shift in plan) for day in range(7)]
    assert by_day == [2, 2, 2, 2, 2, 5, 2]


def test_who_works_which_shift():
    """Each agent's start by day (hours since Monday): the night shift of Sunday began before the run."""
    scenario = desk('shifts: [{from: "07:00", to: "15:00", count: 1}, {from: "22:00", to: "06:00", count: 1}]')
    early, night = planned(scenario)
    assert [shift.start_us // HOUR for shift in early] == [7 + 24 * day for day in range(7)]
    assert [shift.start_us // HOUR for shift in night] == [-2, *(22 + 24 * day for day in range(7))]


def test_rotation_comes_round():
    """Three agents, two shifts, a free week: everybody has each of them once in three weeks."""
    scenario = desk(
        'count: 3, rotate: 1, shifts: [{from: "06:00", to: "14:00", count: 1}, {from: "14:00", to: "22:00", count: 1}]',
        duration="21 days",
    )
    for plan in planned(scenario):
        weeks = {shift.start_us // DAY // 7: shift.start_us % DAY // HOUR for shift in plan if shift.start_us >= 0}
        assert sorted(weeks.values()) == [6, 14]
    for week in range(3):
        assert sorted(
            shift.start_us % DAY // HOUR
            for plan in planned(scenario)
            for shift in plan
            if shift.start_us // DAY == 7 * week
        ) == [6, 14]


def test_templates_off_on_holidays():
    shifts = '{from: "08:00", to: "16:00", count: 1, on_holidays: off}, {from: "08:00", to: "12:00", count: 2}'
    scenario = desk(f"shifts: [{shifts}]", more="holidays: [2026-03-03]")
    day = [(number, shift.end_us // HOUR % 24) for number, plan in enumerate(planned(scenario)) for shift in plan
           if shift.start_us // DAY == 1]  # fmt: skip
    assert day == [(0, 12), (1, 12)]


def test_a_rota_around_a_holiday_never_works_twice_at_once():
    """On the holiday the night worker's place is the first one's: his morning begins when his night has ended."""
    shifts = '{from: "04:00", to: "12:00", count: 1, on_holidays: off}, {from: "22:00", to: "06:00", count: 1}'
    scenario = desk(f"shifts: [{shifts}]", more="holidays: [2026-03-03]")
    for plan in planned(scenario):
        assert all(before.end_us <= after.start_us for before, after in itertools.pairwise(plan))
    first = planned(scenario)[0]
    # Tuesday's night is his, 22:00 to 06:00; Wednesday's morning from 06:00
    assert [(s.start_us // HOUR, s.end_us // HOUR) for s in first if 1 <= s.start_us // DAY <= 2][:2] == [
        (46, 54),
        (54, 60),
    ]


def test_meetings_take_turns_whatever_the_start_of_the_run():
    meeting = 'activities: [{name: meeting, at: "09:00", for: 1 h, share: 50 %}]'
    inside = 'count: 4, shift: {from: "08:00", to: "16:00"}, ' + meeting

    def met(scenario: Scenario, day: int) -> list[int]:
        start = [scenario.calendar.local(shift.start_us).day for shift in planned(scenario)[0]].index(day)
        return [number for number, plan in enumerate(planned(scenario)) if plan[start].breaks]

    scenario = desk(inside)
    assert [met(scenario, day) for day in (3, 4, 5)] in ([[0, 1], [2, 3], [0, 1]], [[2, 3], [0, 1], [2, 3]])
    later = desk(inside, start="2026-03-04 00:00")
    assert met(later, 5) == met(scenario, 5)


def test_what_breaks_are_called_and_whether_they_are_paid():
    breaks = (
        '{at: "09:00", for: 15 min}, {name: meal, at: "12:00", for: 30 min}, {at: "14:00", for: 5 min, paid: false}'
    )
    shift = planned(desk(f'shift: {{from: "08:00", to: "16:00", breaks: [{breaks}]}}'))[0][0]
    assert [shift.shows(i) for i in range(3)] == [Presence.BREAK, Presence.MEAL, Presence.BREAK]
    assert shift.unpaid_us == 35 * HOUR // 60


# --- absence ---------------------------------------------------------------------------------------------------


def absences(inside: str, days: int = 400) -> np.ndarray:
    """[day, agent] of 200 agents"""
    scenario = desk(f'count: 200, shift: {{from: "08:00", to: "16:00"}}, shrinkage: {inside}')
    people = People(scenario, "desk", 1, 0)
    return np.array([people.absent(day) for day in range(days)])


@pytest.mark.parametrize(
    "inside", ["10 %", "{share: 10 %}", "{share: 10 %, days: 5}", "{share: 10 %, day_factor_cv: 0.5}"]
)
def test_the_share_stays_what_it_is(inside):
    """Each agent-day is absent with the probability, whatever the pattern: four standard errors of the mean."""
    by_day = absences(inside).mean(axis=1)
    blocks = by_day.reshape(-1, 20).mean(axis=1)
    assert abs(by_day.mean() - 0.1) < 4 * blocks.std(ddof=1) / len(blocks) ** 0.5


def test_a_share_alone_is_its_own_pattern():
    assert (absences("10 %") == absences("{share: 10 %, days: 1}")).all()


def test_an_absence_of_several_days_is_days_on_end():
    """Blocks of four days: every stretch of absence is a whole number of them, apart from the edges."""
    absent = absences("{share: 10 %, days: 4}")
    for agent in range(200):
        change = np.flatnonzero(np.diff(absent[:, agent].astype(int)))
        assert len(set(change % 4)) <= 1  # every agent's blocks begin on a day of his own
    assert len({int(np.flatnonzero(np.diff(absent[:, a].astype(int)))[0] % 4) for a in range(200)}) == 4


def test_days_on_which_more_are_absent():
    plain, wavy = absences("10 %").mean(axis=1), absences("{share: 10 %, day_factor_cv: 0.5}").mean(axis=1)
    assert plain.std() < 0.1 * 0.5 < wavy.std() * 1.2
    assert wavy.std() > 2 * plain.std()


def test_such_days_are_shared_by_all_groups_or_own():
    def by_day(kind: str) -> list[np.ndarray]:
        shrinkage = f"shrinkage: {{share: 20 %, day_factor_cv: 1, day_factor: {kind}}}"
        inside = 'count: 400, shift: {from: "08:00", to: "16:00"}, ' + shrinkage
        scenario = loads(tiny("1 s", agents={"a": inside, "b": inside}))
        both = [People(scenario, name, 1, 0) for name in "ab"]
        return [np.array([people.absent(day).mean() for day in range(200)]) for people in both]

    assert np.corrcoef(*by_day("shared"))[0, 1] > 0.9
    assert abs(np.corrcoef(*by_day("own"))[0, 1]) < 0.3


def test_absence_by_staffing_is_from_midnight_to_midnight():
    """One agent who is always wanted: his absent days are cut out, the others are one stay."""
    inside = "staffing: {every: 24 h, agents: [1]}, shrinkage: 50 %"
    scenario = loads(tiny("1 s", agents=inside, duration="20 days").replace("count: 1, ", ""))
    (plan,) = planned(scenario)
    assert len(plan) > 4
    for before, after in itertools.pairwise(plan):
        assert before.end_us == after.start_us
        assert before.absent != after.absent
        assert after.start_us % DAY == 0
    people = People(scenario, "desk", scenario.seed, 0)
    days = [bool(people.absent(k)[0]) for k in range(21)]
    there = [next(s.absent for s in plan if s.start_us <= day * DAY < s.end_us) for day in range(20)]
    assert there == days[1:]  # day 0 is the one before the start


def test_late_log_ons_have_their_share_and_law():
    habits = "adherence: {late: {share: 25 %, by: {uniform: {low: 0, high: 10 min}}}}"
    scenario = desk(f'count: 500, shift: {{from: "08:00", to: "16:00"}}, {habits}')
    late = np.array([shift.late_us for plan in planned(scenario) for shift in plan])
    assert np.mean(late > 0) == pytest.approx(0.25, abs=0.03)
    assert late[late > 0].mean() / HOUR * 60 == pytest.approx(5, abs=0.4)


def test_adding_habits_moves_nobody_elses_chance():
    plain = desk('count: 50, shift: {from: "08:00", to: "16:00"}, shrinkage: 20 %')
    habits = desk(
        'count: 50, shift: {from: "08:00", to: "16:00"}, shrinkage: 20 %, adherence: {late: {share: 50 %, by: 1 min}}'
    )
    assert [[s.absent for s in plan] for plan in planned(plain)] == [
        [s.absent for s in plan] for plan in planned(habits)
    ]


# --- step functions --------------------------------------------------------------------------------------------


def test_levels_and_stays_are_each_others_inverse():
    found = Levels(np.array([0, 10, 20, 30]), np.array([2, 3, 1, 0]))
    stays = [found.stays(number) for number in range(3)]
    assert stays == [[(0, 30)], [(0, 20)], [(10, 20)]]
    again = together([stay for each in stays for stay in each])
    assert again.at_us.tolist() == [0, 10, 20, 30]
    assert again.agents.tolist() == [2, 3, 1, 0]


# --- what is wrong ---------------------------------------------------------------------------------------------

DAY_SHIFT = '{from: "08:00", to: "16:00", count: 2}'


@pytest.mark.parametrize(
    ("group", "said"),
    [
        ("queues: [line], x: 1", "`count` is missing"),
        (
            f"shift: {DAY_SHIFT.replace(', count: 2', '')}, shifts: [{DAY_SHIFT}]",
            "shift and shifts stand here together",
        ),
        (f"count: 1, shifts: [{DAY_SHIFT}]", "the shifts of mon need 2 agents, the group has 1"),
        (f"count: 5, shifts: [{DAY_SHIFT}, {{from: '08:00', to: '09:00', share: 10 %}}]", "some shifts have a share"),
        (
            "count: 5, shifts: [{from: '08:00', to: '09:00', count: 1, share: 10 %}]",
            "count and share stand here together",
        ),
        ("count: 5, shifts: [{from: '08:00', to: '09:00'}, {from: '10:00', to: '11:00'}]", "takes all who are left"),
        ("count: 5, shifts: [{from: '08:00', to: '07:00'}]", "the shift lasts 23 h"),
        ("count: 5, shifts: [{from: '08:00', to: '12:00', breaks: [{at: '13:00', for: 5 min}]}]", "outside the shift"),
        ("count: 5, rotate: 1", "there is nothing to rotate"),
        (
            f"rotate: 1, shifts: [{DAY_SHIFT}, {{from: '22:00', to: '08:30', count: 1}}]",
            "the same agents still work shift 1 of sun when this one begins on mon",
        ),
        ("count: 1, activities: [{name: meeting, at: '09:00', for: 1 h}]", "`activities` belongs to shifts"),
        (
            "count: 1, shift: {from: '08:00', to: '09:00'}, activities: [{name: party, at: '09:00', for: 1 h}]",
            "`party`",
        ),
        (
            "count: 1, shift: {from: '08:00', to: '09:00'}, shrinkage: {share: 10 %, day_factor: own}",
            "all days are alike",
        ),
        ("count: 1, shift: {from: '08:00', to: '09:00'}, shrinkage: 150 %", "`150 %` is more than everything"),
        ("count: 1, shift: {from: '08:00', to: '09:00'}, shrinkage: {share: 10 %, dayz: 2}", "did you mean `days`?"),
        ("count: 1, end_of_shift: {then: home}", "`requeue` or `disconnect` or `park`"),
    ],
)
def test_bad_plans_are_refused_by_name(group, said):
    text = tiny("1 s", agents=group)
    if "count: " not in group.split("shifts")[0]:
        text = text.replace("{count: 1, ", "{")
    with pytest.raises(ScenarioError) as caught:
        loads(text)
    assert said in "\n".join(str(finding) for finding in caught.value.findings)


def test_a_night_that_meets_the_next_morning_is_refused_and_apart_is_fine():
    night = '{from: "22:00", to: "08:30", count: 1}'
    scenario = loads(tiny("1 s", agents=f"shifts: [{DAY_SHIFT}, {night}]"))
    assert scenario.agents["desk"].count == 3  # other agents


def test_who_is_always_on_is_never_absent():
    scenario = loads(tiny("1 s", agents="count: 2, shrinkage: 10 %"))
    assert "`shrinkage` changes nothing" in "".join(map(str, scenario.warnings))
