"""Service levels on the answer, the first reply, every reply and the resolution, with all their switches.

One world for all, worked out by hand: one agent with one slot, 10 s a reply, two turns, 5 s to think, patience 40 s.

    c0  comes  0, connected  0, replies at 10 and 25: bursts at 0 and 15
    c1  comes  2, connected 25, replies at 35 and 50: bursts at 2 and 40
    c2  comes  3, abandons at 43
    c3  comes 58, connected 58, replies at 68 and 83: bursts at 58 and 73
"""

from __future__ import annotations

from math import isnan

import pytest
from tiny import tiny

import simulator as cc
from simulator.metrics.headlines import headings, verdict
from simulator.reports.words import headlines
from simulator.vocabulary.errors import ScenarioError

PATIENT = "turns: 2, think: 5 s, patience: 40 s"
HOURS = "business_hours: {late: {mon-sun: 00:01-24:00}, always: {mon-sun: 00:00-24:00}}"
LIMITS = {"within": "20 s", "first_reply_within": "33 s", "every_reply_within": "10 s", "resolved_within": "48 s"}
FOUR = ("oServiceLevel", "service_level_first_reply", "service_level_every_reply", "service_level_resolution")
OPEN = (
    "service_level_answer_business_hours",
    "service_level_first_reply_business_hours",
    "service_level_every_reply_business_hours",
    "service_level_resolution_business_hours",
)


def world(queue="", behaviour=PATIENT, arrivals="0 s, 2 s, 3 s, 58 s", agents="", **level):
    queue = f"auto_answer: true{queue and ', ' + queue}"
    text = tiny(arrivals, behaviour=behaviour, queue=queue, agents=agents, more=HOURS)
    named = {**LIMITS, **level}
    return cc.loads(text).vary({f"service_level.{key}": value for key, value in named.items()} | {"replications": 1})


def levels(scenario, names=FOUR, **scope):
    rows = cc.simulate(scenario, workers=1).summary()
    rows = rows[rows["scope"] == scope].set_index("metric")["value"]
    return tuple(rows.get(name, float("nan")) for name in names)


def test_four_levels_side_by_side():
    """In time: c0 and c3 on the answer (c1 waited 23 s); all replied for the first reply (33 s is not over 33 s); five
    of six replies of at most 10 s; all three resolved after 25, 48 and 25 s. c2 is missed everywhere."""
    assert levels(world()) == pytest.approx((2 / 4, 3 / 4, 5 / 7, 3 / 4))
    assert levels(world(), FOUR[:2], queue="line") == pytest.approx((2 / 4, 3 / 4))
    assert levels(world(), FOUR, channel="web") == pytest.approx((2 / 4, 3 / 4, 5 / 7, 3 / 4))
    assert levels(world(), (FOUR[0], FOUR[3]), topic="ask") == pytest.approx((2 / 4, 3 / 4))


@pytest.mark.parametrize(
    "limits, expected",
    [
        ({"within": "23 s"}, (3 / 4, 3 / 4, 5 / 7, 3 / 4)),  # exactly the wait: not over
        ({"within": "22999 ms"}, (2 / 4, 3 / 4, 5 / 7, 3 / 4)),
        ({"first_reply_within": "32999 ms"}, (2 / 4, 2 / 4, 5 / 7, 3 / 4)),
        ({"every_reply_within": "33 s"}, (2 / 4, 3 / 4, 6 / 7, 3 / 4)),
        ({"every_reply_within": "9999 ms"}, (2 / 4, 3 / 4, 0, 3 / 4)),
        ({"resolved_within": "47999 ms"}, (2 / 4, 3 / 4, 5 / 7, 2 / 4)),
    ],
)
def test_each_level_has_its_limit_and_over_is_strictly_more(limits, expected):
    assert levels(world(**limits)) == pytest.approx(expected)


def test_limits_not_given_are_those_of_the_answer_and_the_first_reply():
    def limits(**given):
        return [cc.loads(tiny()).vary(given).service_level.limit_us(on) // 1_000_000 for on in ON]

    assert limits() == [60, 60, 60, 60]
    assert limits(**{"service_level.within": "20 s"}) == [20, 20, 20, 20]
    assert limits(**{"service_level.first_reply_within": "5 min"}) == [60, 300, 300, 60]


ON = ("answer", "first_reply", "every_reply", "resolution")


@pytest.mark.parametrize(
    "switches, expected",
    [
        ({"count_abandons": False}, (2 / 3, 1, 5 / 6, 1)),
        ({"short_abandon": "40 s"}, (2 / 4, 3 / 4, 5 / 7, 3 / 4)),  # exactly 40 s is not short
        ({"short_abandon": "41 s"}, (2 / 3, 1, 5 / 6, 1)),
        ({"short_abandon": "41 s", "count_short_abandons": True}, (2 / 4, 3 / 4, 5 / 7, 3 / 4)),
        ({"short_abandon": "41 s", "count_short_abandons": True, "count_abandons": False}, (2 / 3, 1, 5 / 6, 1)),
    ],
)
def test_abandons_short_and_long(switches, expected):
    assert levels(world(**switches)) == pytest.approx(expected)


def test_blocked_contacts():
    """One may wait: c2 is turned away at 3."""
    assert levels(world("max_waiting: 1")) == pytest.approx((2 / 3, 1, 5 / 6, 1))
    assert levels(world("max_waiting: 1", count_blocked=True)) == pytest.approx((2 / 4, 3 / 4, 5 / 7, 3 / 4))
    in_line = levels(world("max_waiting: 1", count_blocked=True), FOUR[:2], queue="line")
    assert in_line == pytest.approx((2 / 4, 3 / 4))


def test_flow_outs():
    """After 10 s in the queue they are disconnected: c1 at 12, c2 at 13."""
    flow = "in_queue_flow: {flow_out: {after: 10 s}}"
    assert levels(world(flow)) == pytest.approx((1, 1, 1, 1))
    assert levels(world(flow, count_flow_outs=True)) == pytest.approx((2 / 4, 2 / 4, 4 / 6, 2 / 4))


def test_whom_an_agent_leaves_without_a_reply_is_missed_whatever_the_switches():
    """Both are connected at 0; the second is gone at 5: answered, as the platform counts, and never served."""
    behaviour = "patience: 5 s, patience_until: first_reply"
    scenario = world(behaviour=behaviour, arrivals="0 s, 0 s", agents="capacity: 2", count_abandons=False)
    assert levels(scenario) == (1, 1 / 2, 1 / 2, 1 / 2)


def test_nobody_is_no_service_level():
    assert all(isnan(value) for value in levels(world(arrivals="", hours="late"), FOUR + OPEN))


# --- business hours ---------------------------------------------------------------------------------------------


def test_waits_in_business_hours():
    """Open from 60 s on. Only c3 waits then: 8 s for the first reply (58 to 68), 10 s for the second, 23 s in all. c2
    waited no open time: a short abandon."""
    assert levels(world(hours="late"), FOUR) == levels(world())  # elapsed time is as it was
    assert levels(world(hours="late"), OPEN) == (1, 1, 1, 1)
    tight = {"first_reply_within": "8 s", "every_reply_within": "9 s", "resolved_within": "23 s"}
    assert levels(world(hours="late", **tight), OPEN) == pytest.approx((1, 1, 5 / 6, 1))
    tighter = {"first_reply_within": "7999 ms", "every_reply_within": "7 s", "resolved_within": "22 s"}
    assert levels(world(hours="late", **tighter), OPEN) == pytest.approx((1, 2 / 3, 4 / 6, 2 / 3))


def test_no_hours_no_level_in_business_hours():
    assert all(isnan(value) for value in levels(world(), OPEN))


def test_hours_of_a_queue_go_before_those_of_a_channel_and_those_before_all():
    all_day, closed = (2 / 4, 3 / 4, 5 / 7, 3 / 4), (1, 1, 1, 1)
    assert levels(world(hours="always"), OPEN) == pytest.approx(all_day)
    channel = {"hours": "late", "hours_of_channel": {"web": "always"}}
    assert levels(world(**channel), OPEN) == pytest.approx(all_day)
    queue = {**channel, "hours_of_queue": {"line": "late"}}
    assert levels(world(**queue), OPEN) == pytest.approx((*closed[:3], all_day[3]))  # a contact has no one queue
    assert levels(world(hours_of_queue={"line": "late"}), OPEN[:3]) == closed[:3]


@pytest.mark.parametrize(
    "level, words",
    [
        ({"clock": "business_hours"}, "no business hours"),
        ({"hours": "lat"}, "there is no `lat` in `business_hours`"),
        ({"hours_of_queue": {"lane": "late"}}, "there is no `lane` in `queues`"),
        ({"hours_of_channel": {"web": "never"}}, "there is no `never` in `business_hours`"),
        ({"on": "reply"}, "on"),
        ({"resolved_within": "48"}, "unit"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(level, words):
    with pytest.raises(ScenarioError) as caught:
        world(**level)
    assert any(words in f"{one.path} {one.problem}" for one in caught.value.findings), caught.value


# --- which one is meant -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "level, metric, words",
    [
        ({}, "oServiceLevel", "answered within 20 s"),
        ({"on": "first_reply"}, "service_level_first_reply", "first reply within 33 s"),
        ({"on": "every_reply"}, "service_level_every_reply", "every reply within 10 s"),
        ({"on": "resolution"}, "service_level_resolution", "resolved within 48 s"),
        ({"clock": "business_hours", "hours": "late"}, OPEN[0], "answered within 20 s of business hours"),
        ({"clock": "business_hours", "hours": "late", "on": "resolution"}, OPEN[3], "resolved within 48 s of business"),
    ],
)
def test_the_summary_says_which_level_the_target_is_about(level, metric, words):
    scenario = world(target="70 %", **level)
    results = cc.simulate(scenario, workers=1)
    summary = results.summary()
    value = summary[(summary["metric"] == metric) & (summary["scope"] == {})]["value"].iloc[0]
    said = verdict(summary, results.scenario)
    assert said.startswith(f"Target 70 % {words}")
    assert ("met" in said) == (value >= 0.7) and metric in said
    lead = headlines(summary, results.scenario)
    assert lead[0].metric == metric and "(target 70 %)" in lead[0].name
    assert sum("(target" in line.name for line in lead) == 1
    assert "oServiceLevel" in {line.metric for line in lead}  # the platform's stands beside it
    on_target = summary[(summary["metric"] == "share_of_days_on_target") & (summary["scope"] == {})]
    assert on_target["value"].iloc[0] == float(value >= 0.7)  # one day
    assert "share_of_days_on_target" in {line.metric for line in lead}  # also where a level knows no queue
    assert metric in on_target["definition"].iloc[0]


def test_both_clocks_stand_side_by_side_and_say_which_is_which():
    for clock in ("elapsed", "business_hours"):
        scenario = world(hours="late", clock=clock)
        names = {line.metric: line.name for line in headlines(cc.simulate(scenario, workers=1).summary(), scenario)}
        assert "elapsed time" in names["oServiceLevel"] and "business hours" in names[OPEN[0]]
        assert ("(target" in names[OPEN[0]]) == (clock == "business_hours")
        assert "elapsed time, of all offers" in names["answered_within"]
    assert not any("elapsed" in line.name for line in headings(world()))


def test_the_fine_print_says_who_is_missed():
    def fine_print(**level):
        results = cc.simulate(world(**level), workers=1)
        return verdict(results.summary(), results.scenario)

    assert "missed too: abandoned after 10 s or more)" in fine_print()
    assert "missed too: abandoned, flowed out, blocked)" in fine_print(
        count_short_abandons=True, count_flow_outs=True, count_blocked=True
    )
    assert "nobody who left counts as missed)" in fine_print(count_abandons=False)
    assert "missed too: left without a reply)" in fine_print(on="every_reply", count_abandons=False)
    assert "until an agent connects, reply or not; elapsed time" in fine_print()
