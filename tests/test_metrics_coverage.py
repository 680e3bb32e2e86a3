"""Before any run: load against capacity, and hours that nobody covers. With the means it rests on."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ndtri
from tiny import tiny

from simulator import metrics
from simulator.metrics.demands import demands
from simulator.scenario import load, loads
from simulator.scenario.laws import Law
from simulator.scenario.means import exceeds, mean

FLOOR = """
name: floor
start: 2026-03-02 00:00
timezone: Europe/Berlin
duration: 5 days
behaviours:
  shopper: {turns: 3, think: 2 min, writes_again: {after_service: {probability: 20 %, delay: 1 h}}}
topics:
  order: {behaviour: shopper}
  billing: {behaviour: shopper, skills: [billing]}
flows:
  door:
    - bot: {bot_time: 1 s, contains: {order: 50 %}}
    - transfer: {queue: service}
queues:
  service:
    close_after: never
    answer_time: 4 s
    after_call_work: {mode: MANDATORY_TIMEOUT, timeout: 60 s, takes: 30 s}
channels:
  web: {platform: web messaging, flow: door, arrivals: {per_day: 480}, topics: {order: 75 %, billing: 25 %}}
agents:
  desk:
    count: 10
    queues: [service]
    skills: {billing: 3}
    capacity: 3
    shift: {from: "08:00", to: "16:00", breaks: [{at: "12:00", for: 60 min}]}
    shrinkage: 10 %
    reply: {effort: 40 s}
  night: {count: 1, queues: [service], capacity: 3, shift: {from: "16:00", to: "08:00"}, reply: {effort: 40 s}}
"""


def test_load_is_attention_over_planned_time_on_queue():
    """Work of a contact: 3 x 40 s + 30 s = 150 s.

    Orders: 360 a day, half at the bot: 180 reach the queue, r / (1 - 0.2 r) = 0.5556 with those who write again.
    Billing: 120 a day, all reach it, 1.25 with those who write again. Desk: 10 x 7 h x 0.9, night: 16 h.
    """
    found = metrics.coverage(loads(FLOOR))
    contacts = 360 * 0.5 / 0.9 + 120 / 0.8
    there = (10 * 7 * 0.9 + 16) * 3600
    assert found.contacts_per_day == pytest.approx(480)
    assert found.queues[0].contacts == pytest.approx(5 * contacts)
    assert found.attention_share == pytest.approx(contacts * 150 / there)
    held = 150 + 2 * 120 + 4  # the customer thinks twice, the agent takes 4 s to accept
    assert found.slots_share == pytest.approx(contacts * held / (3 * there))
    assert f"{found.attention_share:.0%} of agents' attention" in found.line


def test_hours_that_nobody_covers_are_said_in_words():
    """Billing waits for the desk: nobody from 16:00 to 8:00; orders are covered all day."""
    found = metrics.coverage(loads(FLOOR))
    assert {gap.topics for gap in found.gaps} == {("billing",)}
    assert len(found.warnings) == 1
    assert "nobody can take topic billing (skills billing) 16:00-08:00 (6 times)" in found.warnings[0]
    assert "about 80 such contacts a day" in found.warnings[0]  # 120 a day, two thirds of the day


def test_part_of_a_day_is_not_scaled_up_to_a_day():
    """480 a day are 20 an hour: 120 in six hours. 20 an hour of billing come in the 2 h before the desk opens."""
    found = metrics.coverage(loads(FLOOR, None, {"warm_up": "6 h", "duration": "12 h"}))
    assert found.contacts_per_day == pytest.approx(480)
    assert found.line.startswith("about 120 contacts in the 6 h measured, Mon 02 Mar 06:00 to Mon 02 Mar 12:00;")
    days = metrics.coverage(loads(FLOOR, None, {"warm_up": "1 day", "duration": "3 days"}))
    assert days.line.startswith("about 480 contacts a day, measured Tue 03 Mar 00:00 to Thu 05 Mar 00:00; load")
    assert " a day" not in found.warnings[0]


def test_a_population_that_writes_again_within_the_window_is_said():
    """240 a day for three days are 720 within a window of 72 h: a fifth of 3,600. One customer less is too few, and
    1 - exp(-0.2) = 18 % of contacts have one before them; a window of a day has 240 contacts."""

    crowd = FLOOR.replace("per_day: 480", "per_day: 240")

    def crowded(people: str, **settings: str) -> list[str]:
        given = {"channels.web.customers": people, **settings}
        return [text for text in metrics.coverage(loads(crowd, None, given)).warnings if "channel web" in text]

    (said,) = crowded("{population: 3599}")
    assert "720 contacts within 3 days come from 3,599 customers" in said
    assert "about 18% of them" in said
    assert "a population of 3,600 or more" in said
    assert not crowded("{population: 3600}")
    assert not crowded("new")
    assert not crowded("{population: 1200}", **{"threading.window": "24 h"})
    assert not crowded("{population: 1200}", **{"duration": "1 day", "warm_up": "0"})  # the run ends before they return
    assert not crowded("{population: 10}", **{"threading.window": "0"})


def test_hours_in_which_nobody_comes_are_no_gap():
    """The same floor, whose customers write from 8 to 15 h only: nobody misses the desk at night."""
    by_day = ", ".join("1" if 8 <= hour < 15 else "0" for hour in range(24))
    text = FLOOR.replace("per_day: 480", "per_day: 480, profile: day") + f"profiles: {{day: {{by_hour: [{by_day}]}}}}\n"
    found = metrics.coverage(loads(text))
    assert found.gaps and not found.warnings
    assert "every hour in which contacts come has a qualified agent on shift" in found.line
    busier = metrics.coverage(loads(text.replace("1, 0, 0, 0, 0, 0, 0, 0, 0, 0]", "1, 0, 0, 0, 0, 0, 0, 0, 0, 0.5]")))
    assert len(busier.warnings) == 1 and "one kind of contacts has hours without" in busier.line


def test_hours_in_which_no_row_of_a_trace_lies_are_no_gap(tmp_path):
    """What a trace says counts by the hour, not by the day: all of it while the desk is there, or some of it after."""

    def warnings(last):
        at = "".join(f"2026-03-02 {time}\n" for time in ("08:30", "09:00", "15:59", last))
        (tmp_path / "a.csv").write_text(f"at\n{at}")
        text = tiny("", duration="1 day", agents="shift: {from: '08:00', to: '16:00'}, end_of_shift: {finish: 1 h}")
        text = text.replace("topics: {ask: 100 %}", "arrivals: {trace: a.csv}, topics: {ask: 100 %}", 1)
        (tmp_path / "plan.yaml").write_text(text)
        return metrics.coverage(load(tmp_path / "plan.yaml")).warnings

    assert not warnings("15:59")
    (said,) = warnings("21:00")
    assert "about 1 such contact" in said


def test_silent_customers_hold_slots_no_longer_than_close_after():
    patient = metrics.coverage(loads(FLOOR))
    closing = metrics.coverage(loads(FLOOR.replace("close_after: never", "close_after: 1 min")))
    contacts, there = 350.0, (10 * 7 * 0.9 + 16) * 3600
    assert patient.queues[0].contacts == closing.queues[0].contacts
    # every think time is 2 min: two waits of 1 min, and three sessions, each with its wrap-up and answer time
    assert closing.attention_share == pytest.approx(contacts * (120 + 3 * 30) / there)
    assert closing.slots_share == pytest.approx(contacts * (120 + 90 + 2 * 60 + 3 * 4) / (3 * there))


def test_everything_covered_is_said_too():
    text = FLOOR.replace("night: {count: 1,", "night: {count: 1, skills: {billing: 1},")
    found = metrics.coverage(loads(text))
    assert not found.gaps and not found.warnings
    assert "every hour has a qualified agent on shift" in found.line


def test_too_much_work_is_said():
    found = metrics.coverage(loads(FLOOR.replace("effort: 40 s", "effort: 400 s")))
    assert found.attention_share > 1
    assert any("of the attention of all agents" in text for text in found.warnings)


def test_a_queue_nobody_can_serve_is_said():
    found = metrics.coverage(loads(FLOOR.replace("skills: {billing: 3}", "skills: {}")))
    assert any("nobody can take topic billing (skills billing) at any time" in text for text in found.warnings)


def test_no_agents_at_all_is_no_crash():
    found = metrics.coverage(loads(FLOOR.replace("count: 10", "count: 0").replace("count: 1,", "count: 0,")))
    assert np.isnan(found.attention_share)
    assert "no agent is planned" in found.line
    assert any("no agent serves it" in text for text in found.warnings)


def test_answers_to_a_campaign_are_expected_too():
    campaign = """
  app: {platform: whatsapp, number: "+49 30 1234567", business_verified: true, flow: door, topics: {order: 100 %}}
outbound:
  campaigns:
    sale: {channel: app, contacts: 10000, start: 2026-03-03 10:00, template: sale, opt_in: 50 %, delivered: 80 %,
           replies: {probability: 5 %, delay: {exponential: {mean: 1 h}}, topic: order}}
agents:"""
    found = metrics.coverage(loads(FLOOR.replace("\nagents:", campaign)))
    assert found.contacts_per_day == pytest.approx(480 + 10000 * 0.5 * 0.8 * 0.05 / 5, rel=1e-6)


def test_turns_and_topics_of_a_trace_are_expected_as_they_stand(tmp_path):
    """120 contacts, 10 s of work for each turn, one agent for an hour; 2 turns if nobody says otherwise."""

    def world(rows, behaviour="turns: 2, think: 1 min", arrivals="{trace: a.csv}"):
        (tmp_path / "a.csv").write_text(rows)
        topics = "other: {behaviour: plain}"
        agents = "capacity: 4, reply: {effort: 10 s}, by_topic: {other: {reply: {effort: 60 s}}}"
        queue = "auto_answer: true, close_after: never"
        text = tiny("", behaviour=behaviour, topics=topics, queue=queue, agents=agents)
        text = text.replace("topics: {ask: 100 %}", f"arrivals: {arrivals}, topics: {{ask: 100 %}}", 1)
        (tmp_path / "plan.yaml").write_text(text)
        return metrics.coverage(load(tmp_path / "plan.yaml"))

    def trace(columns, *rows):
        return f"at,{columns}\n" + "".join(f"{30 * i} s,{rows[i % len(rows)]}\n" for i in range(120))

    drawn = world(trace("turns", ""))
    assert drawn.attention_share == pytest.approx(120 * 2 * 10 / 3600)
    assert drawn.slots_share == pytest.approx(120 * (2 * 10 + 60) / (4 * 3600))
    long = world(trace("turns", 20))
    assert long.attention_share == pytest.approx(120 * 20 * 10 / 3600)
    assert long.slots_share == pytest.approx(120 * (20 * 10 + 19 * 60) / (4 * 3600))
    assert "queue line: the expected work is 667%" in long.warnings[0]
    by_law = world("at\n", "turns: 20, think: 1 min", "{rate: 120/h}")
    assert (long.attention_share, long.slots_share) == pytest.approx((by_law.attention_share, by_law.slots_share))
    mixed = world(trace("turns", 7, "", 1))
    assert mixed.attention_share == pytest.approx(40 * (7 + 2 + 1) * 10 / 3600)
    topics = world(trace("topic,turns", "other,3", ","))
    assert topics.contacts_per_day == pytest.approx(120 * 24)
    assert topics.attention_share == pytest.approx((60 * 3 * 60 + 60 * 2 * 10) / 3600)


def test_who_writes_again_after_a_trace_has_turns_of_his_own(tmp_path):
    """Half of them come once more, on average once: with the turns of the behaviour."""
    (tmp_path / "a.csv").write_text("at,turns\n1 s,5\n2 s,5\n")
    again = "turns: 2, think: 1 min, writes_again: {after_service: {probability: 50 %, delay: 1 min}}"
    text = tiny("", behaviour=again, queue="auto_answer: true, close_after: never")
    text = text.replace("topics: {ask: 100 %}", "arrivals: {trace: a.csv}, topics: {ask: 100 %}", 1)
    (tmp_path / "plan.yaml").write_text(text)
    found = metrics.coverage(load(tmp_path / "plan.yaml"))
    assert found.queues[0].contacts == pytest.approx(4)
    assert found.attention_share == pytest.approx((2 * 5 + 2 * 2) * 10 / 3600)


def test_a_topic_of_a_trace_that_nobody_may_take_is_told_and_needed(tmp_path):
    """Its hours without an agent, and its skills among those that a queue is asked for."""
    (tmp_path / "a.csv").write_text("at,topic\n" + "".join(f"{i} s,{'other' if i % 3 else ''}\n" for i in range(90)))
    text = tiny("", topics="other: {behaviour: plain, skills: [french]}",
                agents={"desk": "skills: {french: 3}", "plain": "count: 2"})  # fmt: skip
    text = text.replace("topics: {ask: 100 %}", "arrivals: {trace: a.csv}, topics: {ask: 100 %}", 1)
    (tmp_path / "plan.yaml").write_text(text)
    scenario = load(tmp_path / "plan.yaml")
    before = scenario.hash
    assert dict(scenario.topics_of("web")) == pytest.approx({"ask": 1 / 3, "other": 2 / 3})
    assert scenario.hash == before, "what is worked out from the rows is no part of them"
    assert [(demand.skills, demand.groups) for demand in demands(scenario)] == [("french", ("desk",))]
    alone = scenario.vary({"agents.desk.skills": {}})
    assert any("nobody can take topic other (skills french)" in text for text in metrics.coverage(alone).warnings)


# --- means of laws ---------------------------------------------------------------------------------------------

LAWS = [
    Law("constant", (5.0,)),
    Law("exponential", (5.0,)),
    Law("uniform", (2.0, 9.0)),
    Law("lognormal", (1.2, 0.8)),
    Law("gamma", (2.5, 2.0)),
    Law("empirical", (1.0, 4.0, 12.0), (0.5, 0.3, 0.2)),
    Law("mixture", parts=(Law("exponential", (2.0,)), Law("uniform", (0.0, 20.0))), weights=(0.7, 0.3)),
]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.kind)
@pytest.mark.parametrize("limit", [3.0, 7.5, 1e5])
def test_a_capped_mean_is_the_area_under_the_survival_function(law, limit):
    top = min(limit, 500.0)
    edges = np.linspace(0, top, 20_001)
    middles = (edges[:-1] + edges[1:]) / 2
    area = sum(exceeds(law, float(x)) for x in middles) * (edges[1] - edges[0])
    assert mean(law, limit) == pytest.approx(area, rel=2e-3)


def test_means_in_closed_form():
    assert mean(Law("lognormal", (1.2, 0.8), at_most=float("inf"))) == pytest.approx(np.exp(1.2 + 0.32))
    assert mean(Law("gamma", (2.5, 2.0))) == pytest.approx(5.0)
    assert mean(Law("geometric", (0.25,), at_most=float("inf"))) == 4.0
    assert mean(Law("geometric", (0.25,), at_most=2.0)) == pytest.approx(1 + 0.75)
    assert exceeds(Law("geometric", (0.25,), at_most=float("inf")), 2) == pytest.approx(0.75**2)
    assert exceeds(Law("lognormal", (1.2, 0.8)), float(np.exp(1.2 + 0.8 * ndtri(0.9)))) == pytest.approx(0.1)


def test_a_mean_respects_the_law_s_own_limit():
    assert mean(Law("constant", (5.0,), at_most=3.0)) == 3.0
    assert exceeds(Law("constant", (5.0,), at_most=3.0), 3.0) == 0.0
