"""What a planner hires by, worked out by hand: offered load, required, planned and present agents, the gap."""

from __future__ import annotations

import numpy as np
import pytest
from test_metrics import SCENARIO, S, offer, state, tables, value
from tiny import tiny
from worlds import run

import simulator as cc
from simulator import metrics
from simulator.metrics.catalogue import measure
from simulator.metrics.demands import demands
from simulator.metrics.headlines import headings
from simulator.metrics.offered import offered_load
from simulator.metrics.pools import METHODS, pools
from simulator.metrics.requirement import REQUIREMENT
from simulator.metrics.window import View
from simulator.records import fold
from simulator.reports.words import headlines
from simulator.scenario import loads
from simulator.theory import erlang

H = 3600 * S


@pytest.fixture(scope="module")
def scenario():
    return loads(SCENARIO)


def values(text: str, **scope: str) -> dict[str, float]:
    """Every measure of the requirement, of one run of a tiny world."""
    scenario, rows = run(text)
    found = measure(scenario, fold(scenario, rows), int(rows["time"][-1]))
    parts = {each.name: found[each.name].get(tuple(scope.items())) for each in REQUIREMENT}
    return {name: part.numerator / part.denominator for name, part in parts.items() if part and part.denominator}


def table_of(text: str):
    scenario, rows = run(text)
    return metrics.intervals(scenario, fold(scenario, rows), int(rows["time"][-1]))


# --- the load that was offered -----------------------------------------------------------------------------------

ONE = {
    "offers": [offer(100, 400, "answered")],
    "sessions": [
        {"alerted_us": 400, "connected_us": 400, "disconnected_us": 700, "wrap_up_started_us": 710, "ended_us": 730}
    ],
    "turns": [{"last_message_us": 100, "connected_us": 400, "reply_started_us": 450, "written_us": 650}],
    "agent_states": [state(0, 1300, "interacting"), state(0, 1300, "idle", "early/2")],
}
"""He writes at 100 and waits 300 s. His reply lies 50 s on the desk and takes 200 s, the wrap-up lies 10 s and takes
20 s. Had he not waited: in a slot 100-430, of it 100-150 and 400-410 on the desk; at work 150-350 and 410-430."""


def test_a_session_goes_back_by_the_wait(scenario):
    load = offered_load(View(scenario, tables(**ONE), 1300 * S))
    edges = np.array([0, 150, 350, 405, 430, 1300]) * S
    service = np.array([True])
    lengths = np.diff(edges) / S
    assert (load.attention.means(service, edges) * lengths).tolist() == [0, 200, 0, 20, 0]
    assert (load.slots.means(service, edges) * lengths).tolist() == [0, 200, 50, 20, 0]
    assert (load.desks.means(service, edges) * lengths).tolist() == [50, 0, 5, 5, 0]
    assert (load.free_us.tolist(), load.sessions.tolist()) == ([270 * S], [1])


def test_it_stands_in_the_interval_in_which_he_came(scenario):
    table = metrics.intervals(scenario, tables(**ONE), 1300 * S)
    np.testing.assert_allclose(table["attention_offered"], [220 / 600, 0, 0])
    np.testing.assert_allclose(table["slots_offered"], [330 / 600, 0, 0])
    # attention 220 s; 270 s of slots on agents with two: attention asks for more
    np.testing.assert_allclose(table["staff_required_least"], [220 / 600, 0, 0])
    assert table["staff_required"].tolist() == [1, 0, 0]
    assert table["staff_gap"].tolist() == [-1, -2, -2]
    assert set(table["requirement_method"]) == {"erlang_c"}


def test_who_left_unserved_counts_with_the_mean_session(scenario):
    """One leaves at 900, one waits still: 220 s of work and 270 s in a slot each. One flowed over: he is elsewhere."""
    offers = [*ONE["offers"], offer(800, 900, "abandoned"), offer(700), offer(650, 660, "flowed_out")]
    table = metrics.intervals(scenario, tables(**ONE | {"offers": offers}), 1300 * S)
    np.testing.assert_allclose(table["attention_offered"], [220 / 600, 440 / 600, 0])
    np.testing.assert_allclose(table["slots_offered"], [330 / 600, 540 / 600, 0])


def test_the_load_does_not_depend_on_who_was_there():
    """20 contacts of 6 min, one every 3 min, 57 min of which the last has 3 min left: 117 min in the hour. One agent
    needs two hours for it, four need one: the same was offered, and the same is required."""
    trace = ", ".join(f"{3 * i} min" for i in range(20))
    target = "service_level: {target: 80 %, within: 60 s}\nrun_out: 3 h\ninterval: 1 h"
    of = {n: table_of(tiny(trace, agents=f"count: {n}, reply: {{effort: 6 min}}", more=target)) for n in (1, 4)}
    levels = [erlang.service_level(117 / 60 / 360, 360.0, n, 60.0) for n in range(8)]
    smallest = next(n for n, level in enumerate(levels) if level >= 0.8)
    assert smallest == 4
    for n, table in of.items():
        assert table["attention_offered"].iloc[0] == table["slots_offered"].iloc[0] == pytest.approx(117 / 60)
        assert table["attention_offered"].iloc[1] == pytest.approx(3 / 60)
        assert table["staff_required"].iloc[0] == smallest
        assert table["staff_gap"].iloc[0] == smallest - n


def test_several_slots_an_agent():
    """The customer thinks for 9 min of every 10: eight fit one agent's attention, two his slots."""
    behaviour = "turns: 2, think: 9 min"
    trace = ", ".join(f"{30 * i} s" for i in range(120))
    agents = "count: 30, capacity: 2, reply: {effort: 30 s}"
    found = table_of(tiny(trace, behaviour=behaviour, agents=agents, duration="2 h", more="interval: 2 h")).iloc[0]
    assert found["attention_offered"] == pytest.approx(1.0)  # 120 x 60 s in 7200 s but for the edge
    assert found["slots_offered"] == pytest.approx(120 * 600 / 7200)
    assert found["staff_required_least"] == pytest.approx(5.0)
    assert found["staff_required"] > 5


# --- planned, present, full-time equivalents -------------------------------------------------------------------------

PLAN = (
    'count: 2, shift: {from: "08:00", to: "10:00", breaks: [{name: %s, at: "09:00", for: 12 min}]}, '
    "shrinkage: 10 %%, reply: {effort: 5 min}"
)


@pytest.mark.parametrize(("name", "paid", "shrinkage"), [("break", 4.0, 1 - 3.24 / 4), ("meal", 3.6, 1 - 3.24 / 3.6)])
def test_the_plan_net_and_gross(name, paid, shrinkage):
    """2 agents x (2 h - 12 min) on queue by the plan, 90 % of them expected: 3.24 h; a break is paid, a meal is not."""
    found = values(tiny("1 s", agents=PLAN % name, duration="1 day", more="planning: {full_time: 4 h}"))
    assert found["staff_planned"] == pytest.approx(3.6 / 24)
    assert found["shrinkage_planned"] == pytest.approx(shrinkage)
    assert found["fte_paid"] == pytest.approx(paid / 4)
    assert found["fte_required_gross"] == pytest.approx(found["fte_required"] / (1 - shrinkage))
    assert found["fte_lacking_gross"] == pytest.approx(found["fte_lacking"] / (1 - shrinkage))


def test_lacking_at_one_time_is_not_made_good_at_another():
    """A contact of 20 min at 07:30, nobody there: 2/3 erlang in that half hour, of which one agent would let 2/3 wait
    and two a sixth: 2 are required. When two agents sit idle none is."""
    assert [round(erlang.erlang_c(2 / 3, n), 3) for n in (1, 2)] == [0.667, 0.167]
    text = tiny("7 h 30 min", agents='count: 2, shift: {from: "08:00", to: "10:00"}, reply: {effort: 20 min}')
    found = values(text.replace("duration: 1 h", "duration: 1 day"))
    assert found["staff_required"] == pytest.approx(2 / 48)
    assert found["staff_required_peak"] == 2
    assert found["understaffed_share"] == pytest.approx(1 / 48)
    assert found["fte_required"] == found["fte_lacking"] == pytest.approx(1.0 / 8)
    assert found["fte_present"] == found["fte_above"] == pytest.approx(4 / 8)


def test_present_is_required_less_what_lacks_and_more_what_stands_above(scenario):
    found = {name: value(scenario, f"fte_{name}", **ONE) for name in ("required", "present", "lacking", "above")}
    assert found["present"] == pytest.approx(found["required"] - found["lacking"] + found["above"])
    # in the window of 1000 s: one agent over [100, 600), two were there all the time; a full time is 8 h a day
    assert found["required"] == pytest.approx(500 / 1000 * 3)
    assert found["present"] == pytest.approx(2 * 3)


# --- which formula, for whom -------------------------------------------------------------------------------------

TWO = """
name: two
start: 2026-03-02 00:00
duration: 1 h
behaviours: {b: {%s}}
topics: {t: {behaviour: b, skills: [%s]}, u: {behaviour: b}}
flows: {f: [{transfer: {queue: one}}], g: [{transfer: {queue: two}}]}
queues: {one: {auto_answer: true%s}, two: {auto_answer: true}}
channels:
  web: {platform: %s, flow: f, arrivals: {rate: 20/h}, topics: {t: 50 %%, u: 50 %%}}
  net: {platform: web messaging, flow: g, arrivals: {rate: 20/h}, topics: {u: 100 %%}}
agents:
  a: {count: 2, queues: [%s], skills: {x: 3}, reply: {effort: 60 s}}
  c: {count: 2, queues: [%s], reply: {effort: 60 s}}
service_level: {%s}
"""


def two(behaviour="", skills="", queue="", platform="web messaging", a="one", c="two", level=""):
    return loads(TWO % (behaviour, skills, queue, platform, a, c, level))


PATIENT = "patience: {exponential: {mean: 5 min}}"
WHATSAPP = 'whatsapp, number: "+49 30 1234567", business_verified: true'
RINGS = ", bullseye: [{until: 20 s, groups: [a]}, {}]"


@pytest.mark.parametrize(
    ("world", "method", "why"),
    [
        ({}, "erlang_c", ""),
        ({"behaviour": PATIENT}, "erlang_a", ""),
        ({"behaviour": f"{PATIENT}, gives_up: {{silent: 100 %}}"}, "erlang_c", ""),
        ({"behaviour": "patience: 5 min"}, "erlang_c", ""),
        ({"behaviour": PATIENT, "platform": WHATSAPP}, "erlang_c", ""),
        ({"skills": "x", "c": "one, two", "a": "one, two"}, "erlang_c_pooled", "2 queues share agents; c may not"),
        ({"queue": RINGS}, "erlang_c_pooled", "rings or rules hold contacts back in one"),
        ({"level": "target: 100 %"}, "workload", "no number of agents makes sure of 100 %"),
        ({"level": "on: first_reply"}, "workload", "about the wait for an agent"),
    ],
)  # fmt: skip
def test_the_formula_fits_the_world(world, method, why):
    first = pools(two(**world))[0]
    assert first.method == method
    assert why in first.why
    assert method in METHODS


def test_skills_that_all_have_keep_nobody_apart():
    assert pools(two(skills="x"))[0].why == ""
    assert pools(two(skills="x", c="one"))[0].why == "c may not take every contact"


def test_agents_of_two_queues_make_one_pool():
    assert [(pool.queues, pool.groups) for pool in pools(two())] == [(("one",), ("a",)), (("two",), ("c",))]
    pool, *others = pools(two(c="one, two"))
    assert (pool.queues, pool.groups, others) == (("one", "two"), ("a", "c"), [])
    assert pools(two(a="two"))[0].method == "nobody"


def test_a_shared_queue_has_no_number_of_its_own():
    text = TWO % ("", "", "", "web messaging", "one", "one, two", "")
    table = table_of(text)
    assert set(table["requirement_method"]) == {"shared"}
    assert table["staff_required"].isna().all() and table["staff_gap"].isna().all()
    assert (table["staff_required_least"] > 0).any()
    assert "staff_required" not in values(text, queue="two") and "staff_required" not in values(text, group="a")
    assert values(text)["staff_required"] >= 1
    words = next(each for each in REQUIREMENT if each.name == "staff_required").describe(loads(text))
    assert "one, two: Erlang C on slots as if every agent" in words and "2 queues share agents" in words


def test_nobody_is_cut_by_misreading():
    """What stands above the requirement says that it is no number to cut, and whether the requirement is the least."""
    for world, least in ((two(), ""), (two(c="one, two"), " at least")):
        said = {line.metric: line for line in headings(world) if not line.scope}
        assert said["staff_required"].name == f"agents required{least}, mean"
        assert "no number to cut" in said["fte_above_gross"].name
        for name in ("fte_above", "fte_above_gross"):
            measure = next(each for each in REQUIREMENT if each.name == name)
            words = measure.describe(world)
            assert "no number to cut" in words and ("itself the least" in words) == bool(least)
        assert "spare" not in " ".join(line.name for line in headings(world))


SKILLED = """
name: skilled
replications: 1
start: 2026-03-02 00:00
duration: 1 day
behaviours: {b: {}}
topics: {t: {behaviour: b, skills: [x], language: fr}, u: {behaviour: b}}
flows: {f: [{transfer: {queue: one}}]}
queues: {one: {auto_answer: true%s}}
channels:
  web: {platform: web messaging, flow: f, arrivals: {trace: [7 h 30 min]}, topics: {t: 100 %%}}
  net: {platform: web messaging, flow: f, arrivals: {trace: [7 h 30 min]}, topics: {u: 100 %%}}
agents:
  a:
    {count: 1, queues: [one], skills: {x: 3}, languages: [fr], shift: &day {from: "08:00", to: "10:00"},
     reply: &long {effort: 20 min}}
  c: {count: 2, queues: [one], %s shift: *day, reply: *long}
"""


def test_agents_required_by_skill_set():
    """At 07:30, before anybody is there, one contact for whoever has x and speaks fr, one for anybody, 20 min each. The
    first alone is 2/3 erlang in that half hour, as above: two who have the skill. Both are 4/3: three agents."""
    assert [round(erlang.erlang_c(4 / 3, n), 3) for n in (2, 3)] == [0.533, 0.181]
    text = SKILLED % ("", "")
    whole, skilled = values(text), values(text, queue="one", skills="x+language:fr")
    assert (whole["staff_required_peak"], skilled["staff_required_peak"]) == (3, 2)
    assert skilled["staff_required"] == pytest.approx(2 / 48)
    assert skilled["fte_present"] == pytest.approx(2 / 8)  # one of the three, for two hours
    assert skilled["fte_lacking"] == pytest.approx(2 * 0.5 / 8)
    assert skilled["understaffed_share"] == pytest.approx(1 / 48)
    results = cc.simulate(cc.loads(text), workers=1)
    asks = results.table("offers").set_index("topic")["asks"]
    assert asks["t"] == "x+language:fr" and asks.isna()["u"]
    shown = [line for line in headlines(results.summary(), results.scenario) if line.scope]
    assert ("staff_required", "queue one, skills x+language:fr") in [(line.metric, line.scope) for line in shown]


@pytest.mark.parametrize(
    ("queue", "others", "asks"),
    [
        ("", "skills: {x: 1}, languages: [fr],", ["x+language:fr"]),  # everybody has it
        (", evaluation: NONE", "", []),  # nobody is asked
        (", bullseye: [{until: 20 s, drops: [x]}, {}]", "languages: [fr],", ["x+language:fr"]),  # wider: all may
        (", preferred_agents: {scores: {a: 90}, rules: [{score: 50, wait: 10 s}]}", "", ["x+language:fr"]),
    ],
)  # fmt: skip
def test_no_number_where_a_skill_set_keeps_nobody_out(queue, others, asks):
    world = cc.loads(SKILLED % (queue, others))
    assert demands(world) == ()
    results = cc.simulate(world, workers=1)
    assert results.table("offers")["asks"].dropna().tolist() == asks
    assert not any("skills" in scope for scope in results.summary()["scope"])


def test_pools_that_share_nothing_add_up():
    text = TWO % ("", "", "", "web messaging", "one", "two", "")
    whole, one, other = values(text), values(text, queue="one"), values(text, group="c")
    for name in ("staff_required", "staff_required_least", "fte_required", "fte_lacking", "fte_present"):
        assert whole[name] == pytest.approx(one[name] + other[name])


def test_a_target_of_all_leaves_the_workload():
    found = values(tiny("1 s, 2 s, 3 s", more="service_level: {target: 100 %}"))
    assert "staff_required" not in found and "fte_lacking" not in found
    assert found["staff_required_least"] == pytest.approx(30 / 3600)
