"""What a plan costs, worked out by hand."""

from __future__ import annotations

import pytest
from test_people import DAY
from tiny import tiny
from worlds import run

import simulator as cc
from simulator.metrics.catalogue import measure
from simulator.metrics.cost import COST
from simulator.metrics.parts import unit_of
from simulator.records import fold
from simulator.reports.words import headlines
from simulator.scenario import loads
from simulator.vocabulary.errors import ScenarioError


def values(text: str, scope: str = "") -> dict[str, float]:
    """Every cost of one run of a tiny world that is not null."""
    scenario, rows = run(text)
    found = measure(scenario, fold(scenario, rows), int(rows["time"][-1]))
    key = (("group", scope),) if scope else ()
    parts = {each.name: found[each.name].get(key) for each in COST}
    return {name: part.numerator / part.denominator for name, part in parts.items() if part and part.denominator}


def test_a_day_on_the_plan():
    """2 agents x 2 h less a meal of 12 min that is not paid, late and early all the same: 3.6 h at 20 an hour."""
    found = values(tiny("8 h 10 min", agents=f"{DAY}, cost: 20/h", duration="1 day"))
    assert found == pytest.approx(
        {
            "paid_hours": 3.6,
            "staff_cost": 72,
            "total_cost": 72,
            "cost_per_contact": 72,
            "cost_per_session": 72,
            "cost_per_resolved": 72,
        }
    )


def test_each_group_at_its_own_rate():
    """An hour of two agents at 20 and of one at 30, four contacts: each group's cost goes over its own sessions."""
    agents = {"desk": "count: 2, cost: 20/h", "help": "cost: 30/h"}
    text = tiny("1 s, 2 s, 3 s, 20 min", agents=agents)
    whole, desk, help_ = values(text), values(text, "desk"), values(text, "help")
    assert (whole["staff_cost"], desk["staff_cost"], help_["staff_cost"]) == pytest.approx((70, 40, 30))
    assert whole["cost_per_contact"] == whole["cost_per_session"] == whole["cost_per_resolved"] == pytest.approx(70 / 4)
    sessions = {name: found["staff_cost"] / found["cost_per_session"] for name, found in (("d", desk), ("h", help_))}
    assert sessions["d"] + sessions["h"] == pytest.approx(4)
    assert desk["cost_per_resolved"] == desk["cost_per_session"]  # everybody was answered to the end
    assert "total_cost" not in desk and "cost_per_contact" not in desk


def test_overtime_has_its_factor():
    """Tuesday of `DAY`: 7.2 paid hours over two days, and 3 min after the shift at one and a half times."""
    found = values(tiny("33 h 55 min", agents=f"{DAY}, cost: 20/h, overtime_factor: 1.5", duration="2 days"))
    assert found["paid_hours"] == pytest.approx(7.2 + 0.05)
    assert found["staff_cost"] == pytest.approx(20 * (7.2 + 1.5 * 0.05))


def test_planned_overtime_has_it_too():
    """2 agents x 2 h, and one for an hour of planned overtime: 4 + 1.5 hours to be paid at 10."""
    shifts = '{from: "08:00", to: "10:00", count: 2}, {from: "18:00", to: "19:00", count: 1, overtime: true}'
    found = values(tiny("1 s", agents=f"shifts: [{shifts}], cost: 10/h, overtime_factor: 1.5", duration="1 day"))
    assert (found["paid_hours"], found["staff_cost"]) == pytest.approx((5, 55))


def test_who_is_absent_is_paid():
    found = values(
        tiny("1 s", agents='shift: {from: "08:00", to: "10:00"}, shrinkage: 100 %, cost: 10/h', duration="1 day")
    )
    assert found["staff_cost"] == pytest.approx(20)
    assert "cost_per_session" not in found and "cost_per_resolved" not in found  # nobody served anybody


def test_who_gives_up_costs_but_is_not_resolved():
    """Two come at once, one agent works 10 s, the other leaves after 5 s: an hour at 36 over two, one and one."""
    found = values(tiny("1 s, 1 s", behaviour="patience: 5 s", agents="cost: 36/h"))
    assert found["cost_per_contact"] == pytest.approx(18)
    assert found["cost_per_session"] == found["cost_per_resolved"] == pytest.approx(36)


TEMPLATE = """
outbound:
  template_rates: {utility: 0.05}
  templates: {parcel: {category: utility}}
  notifications: {parcel_sent: {channel: wa, batches: [{at: "00:10", count: 40}], template: parcel}}
"""


def test_templates_cost_too():
    """40 templates at 0.05 beside an hour at 10."""
    found = values(tiny("1 s", channel="wa", customers="{population: 100}", agents="cost: 10/h", more=TEMPLATE))
    assert found["staff_cost"] == pytest.approx(10)
    assert found["total_cost"] == found["cost_per_contact"] == pytest.approx(10 + 40 * 0.05)


def test_a_total_without_a_templates_rate_is_unknown():
    """A bulk template that `outbound.templates` does not list has no rate: agents alone are not the total."""
    more = "".join(line for line in TEMPLATE.splitlines(keepends=True) if "  templates:" not in line)
    text = tiny("1 s", channel="wa", customers="{population: 100}", agents="cost: 10/h", more=more)
    found = values(text)
    assert found["staff_cost"] == pytest.approx(10) and "total_cost" not in found and "cost_per_contact" not in found
    each = next(each for each in COST if each.name == "total_cost")
    assert each.describe(loads(text)).endswith("; not given: outbound.templates.parcel")


def test_money_says_its_currency_in_the_summary_and_in_a_comparison():
    agents = "cost: 10/h"
    plain = cc.simulate(loads(tiny("1 s", agents=agents)), replications=1, workers=1)
    swiss = loads(tiny("1 s", agents=agents, more="outbound: {template_rates: {currency: CHF}}"))
    found = cc.simulate(swiss, replications=1, workers=1)
    for results, currency in ((plain, "EUR"), (found, "CHF")):
        summary = results.summary().set_index("metric")
        assert set(summary.loc[[each.name for each in COST if each.unit == "currency"], "unit"]) == {currency}
        assert summary.loc["paid_hours", "unit"].iloc[0] == "h"
        line = next(line for line in headlines(results.summary(), results.scenario) if line.metric == "staff_cost")
        assert line.value == f"10.00 {currency}"
    apart = cc.compare(swiss, swiss.vary({"agents.desk.count": 2}), replications=2)
    row = apart[(apart["metric"] == "staff_cost") & (apart["scope"].map(len) == 0)].iloc[0]
    assert (row["unit"], row["difference"]) == ("CHF", pytest.approx(10))


def test_a_currency_that_is_called_like_a_unit_is_none():
    """10 an hour in `share` would be 1000 %."""
    world = loads(tiny("1 s", agents="cost: 10/h", more="outbound: {template_rates: {currency: share}}"))
    assert {unit_of(each, world) for each in COST} == {"h", "currency"}


# --- not given ---------------------------------------------------------------------------------------------------


def test_without_rates_there_is_nothing_but_hours():
    text = tiny("1 s")
    assert values(text) == {"paid_hours": pytest.approx(1)}
    each = next(each for each in COST if each.name == "staff_cost")
    assert each.describe(loads(text)).endswith("; not given: agents.desk.cost")
    assert "not given" not in each.describe(loads(tiny("1 s", agents="cost: 0/h")))


def test_one_rate_that_is_missing_leaves_the_sum_unknown():
    text = tiny("1 s, 20 min", agents={"desk": "cost: 20/h", "help": ""})
    assert values(text).keys() == {"paid_hours"}
    assert values(text, "desk")["staff_cost"] == pytest.approx(20)
    assert values(text, "help").keys() == {"paid_hours"}


@pytest.mark.parametrize(
    ("key", "said", "problem"),
    [
        ("agents.desk.cost", 25, "`25` has no unit of time"),
        ("agents.desk.cost", "25 EUR/h", "`25 EUR/h` is not a rate"),
        ("agents.desk.cost", "-1/h", "is not a rate"),
        ("agents.desk.overtime_factor", -1, "`-1` is too small"),
        ("planning.full_time", "25 h", "`25 h` is too large"),
        ("planning.full_time", "8", "has no unit"),
        ("planning.fulltime", "8 h", "did you mean `planning.full_time`"),
    ],
)
def test_what_is_refused(key, said, problem):
    with pytest.raises(ScenarioError, match=problem):
        loads(tiny("1 s")).vary({key: said})


def test_costs_change_no_conversation():
    plain, dear = (run(tiny("1 s, 2 s", agents=cost))[1] for cost in ("", "cost: 99/h, overtime_factor: 3"))
    assert (plain == dear).all()
