"""The scenario as a planner writes it: units, laws, defaults, changing it, and what makes two scenarios the same."""

from __future__ import annotations

import math
import pickle
from datetime import datetime, time
from pathlib import Path
from statistics import NormalDist

import pytest

from simulator.scenario import Scenario, load, loads
from simulator.scenario.lawful import parse_count_law, parse_duration_law
from simulator.scenario.laws import Law
from simulator.scenario.parameters import Z90
from simulator.scenario.written import (
    Wrong,
    parse_clock,
    parse_duration,
    parse_local_time,
    parse_name,
    parse_pace,
    parse_share,
)
from simulator.vocabulary.clock import DAY, HOUR, MINUTE, SECOND

SMALLEST = """\
name: Smallest
start: 2026-03-02 00:00
duration: 1 h
behaviours: {anyone: {}}
topics: {any: {behaviour: anyone}}
flows: {door: [transfer: {queue: desk}]}
queues: {desk: {}}
channels: {chat: {platform: web messaging, flow: door, arrivals: {rate: 12/h}, topics: {any: 100 %}}}
agents: {all: {count: 2, queues: [desk], reply: {effort: 30 s}}}
"""


def constant(value: float) -> Law:
    return Law("constant", (float(value),))


# --- units -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "us"),
    [
        ("45 s", 45 * SECOND),
        ("45s", 45 * SECOND),
        ("0.5 s", 500_000),
        ("250 ms", 250_000),
        ("7 us", 7),
        ("12 min", 12 * MINUTE),
        ("1 h 30 min", 90 * MINUTE),
        ("72 h", 72 * HOUR),
        ("3 days", 72 * HOUR),
        ("1 day", 24 * HOUR),
        ("2 weeks", 14 * DAY),
        ("0", 0),
        (0, 0),
        ("0.0000014 s", 1),
    ],
)
def test_durations_are_whole_microseconds(written: object, us: int) -> None:
    assert parse_duration(written) == us


@pytest.mark.parametrize(
    "written", [24, "24", 1.5, "-1 s", "1 hour ago", "", "s", "1,5 h", True, None, [], "10:30", "٣ s"]
)
def test_what_is_no_duration_is_refused(written: object) -> None:
    with pytest.raises(Wrong):
        parse_duration(written)


@pytest.mark.parametrize(
    ("written", "share"),
    [("80 %", 0.8), ("80%", 0.8), ("0.8 %", 0.008), ("100 %", 1.0), ("0 %", 0.0), (0.8, 0.8), (0, 0.0), (1, 1.0)],
)
def test_shares_lie_between_0_and_1(written: object, share: float) -> None:
    assert parse_share(written) == share


@pytest.mark.parametrize("written", [75, 1.01, -0.1, "101 %", "-5 %", "0.8", True, math.nan, None])
def test_what_is_no_share_is_refused(written: object) -> None:
    with pytest.raises(Wrong):
        parse_share(written)


@pytest.mark.parametrize(
    ("written", "per_second"),
    [
        ("18000/min", 300.0),
        ("40/s", 40.0),
        ("16/h", 16 / 3600),
        ("2/day", 2 / 86_400),
        ("3 per hour", 3 / 3600),
        (0, 0.0),
    ],
)
def test_rates_are_per_second(written: object, per_second: float) -> None:
    assert parse_pace(written) == pytest.approx(per_second, rel=1e-15)


@pytest.mark.parametrize("written", [40, "40", "-1/s", "40/fortnight", "18,000/min", None])
def test_what_is_no_rate_is_refused(written: object) -> None:
    with pytest.raises(Wrong):
        parse_pace(written)


def test_times_are_local_and_names_are_safe_in_paths() -> None:
    assert parse_clock("07:00") == time(7)
    assert parse_clock("7:05:30") == time(7, 5, 30)
    assert (
        parse_local_time("2026-03-02 08:30") == parse_local_time("2026-03-02T08:30:00") == datetime(2026, 3, 2, 8, 30)
    )
    assert parse_local_time("2026-03-02") == datetime(2026, 3, 2)
    assert parse_name("billing desk_2-a") == "billing desk_2-a"
    for name in ["a/b", "a.b", "", " a", "a  b", "a\nb", "..", "x" * 81, 7]:
        with pytest.raises(Wrong):
            parse_name(name)
    for clock in ["24:00", "7", 7, "25:00", "07:60", "07:00+01:00"]:
        with pytest.raises(Wrong):
            parse_clock(clock)


# --- laws ------------------------------------------------------------------------------------------------------


def test_a_plain_duration_is_a_constant_of_at_most_60_days() -> None:
    assert parse_duration_law("45 s") == parse_duration_law({"constant": "45 s"}) == constant(45 * SECOND)
    assert parse_duration_law("45 s").at_most == 60 * DAY


def test_a_lognormal_has_the_median_and_the_p90_that_were_written() -> None:
    law = parse_duration_law({"lognormal": {"median": "8 s", "p90": "30 s"}})
    assert law == Law("lognormal", (math.log(8e6), math.log(30 / 8) / 1.2815515655446004))
    mu, sigma = law.numbers
    assert math.exp(mu) == pytest.approx(8e6)
    assert math.exp(mu + sigma * NormalDist().inv_cdf(0.9)) == pytest.approx(30e6)
    assert pytest.approx(NormalDist().inv_cdf(0.9), rel=1e-15) == Z90


def test_a_lognormal_has_the_mean_and_the_cv_that_were_written() -> None:
    mu, sigma = parse_duration_law({"lognormal": {"mean": "40 s", "cv": 0.5}}).numbers
    assert math.exp(mu + sigma**2 / 2) == pytest.approx(40e6)
    assert math.sqrt(math.exp(sigma**2) - 1) == pytest.approx(0.5)


def test_the_other_laws_have_their_natural_parameters() -> None:
    assert parse_duration_law({"exponential": {"mean": "3 min"}}) == Law("exponential", (180e6,))
    assert parse_duration_law({"uniform": {"low": "2 s", "high": "4 s"}}) == Law("uniform", (2e6, 4e6))
    assert parse_duration_law({"gamma": {"mean": "10 s", "cv": 0.5}}) == Law("gamma", (4.0, 2.5e6))
    assert parse_duration_law({"empirical": ("1 s", "3 s")}) == Law("empirical", (1e6, 3e6), (0.5, 0.5))
    weighted = parse_duration_law({"empirical": {"values": ("1 s", "3 s"), "weights": (1, 3)}})
    assert weighted == Law("empirical", (1e6, 3e6), (0.25, 0.75))
    assert parse_count_law({"geometric": {"mean": 4}}) == Law("geometric", (0.25,), at_most=math.inf)
    assert parse_count_law(3) == Law("constant", (3.0,), at_most=math.inf)


def test_a_mixture_is_made_of_weighted_laws() -> None:
    law = parse_duration_law(
        {"mixture": ({"weight": "80 %", "exponential": {"mean": "1 s"}}, {"weight": 0.2, "constant": "1 h"})}
    )
    assert law == Law("mixture", (), (0.8, 0.2), (Law("exponential", (1e6,)), constant(HOUR)))


def test_at_most_stands_beside_the_parameters_or_beside_the_law() -> None:
    inside = parse_duration_law({"exponential": {"mean": "1 h", "at_most": "2 h"}})
    assert inside == parse_duration_law({"exponential": {"mean": "1 h"}, "at_most": "2 h"})
    assert inside.at_most == 2 * HOUR


@pytest.mark.parametrize(
    "written",
    [
        {"lognormal": {"median": "8 s", "p90": "8 s"}},
        {"lognormal": {"median": "8 s", "cv": 1}},
        {"lognormal": {"median": "0", "p90": "8 s"}},
        {"exponential": {"mean": 0}},
        {"exponential": {"mean": "3 s", "median": "2 s"}},
        {"uniform": {"low": "4 s", "high": "4 s"}},
        {"gamma": {"mean": "4 s", "cv": 0}},
        {"geometric": {"mean": 2}},
        {"empirical": ()},
        {"empirical": {"values": ("1 s",), "weights": (0,)}},
        {"mixture": ({"weight": "50 %", "constant": "1 s"},)},
        {"constant": "61 days"},
        {},
        "soon",
    ],
)
def test_laws_of_durations_that_contradict_themselves_are_refused(written: object) -> None:
    with pytest.raises(Wrong):
        parse_duration_law(written)


@pytest.mark.parametrize(
    "written", [0, -1, 1.5, "3", {"geometric": {"mean": 0.9}}, {"exponential": {"mean": 3}}, {"empirical": (0, 1)}]
)
def test_counts_are_whole_and_start_at_1(written: object) -> None:
    with pytest.raises(Wrong):
        parse_count_law(written)


def test_everything_wrong_with_a_law_is_told_at_once() -> None:
    with pytest.raises(Wrong) as raised:
        parse_duration_law(
            {"mixture": ({"weight": "50 %", "exponential": {"mean": 3}}, {"weight": "50 %", "gamma": {"mean": "1 s"}})}
        )
    assert [complaint.place for complaint in raised.value.complaints] == [
        ("mixture", 0, "exponential", "mean"),
        ("mixture", 1, "gamma"),
    ]


# --- defaults (model.md section 11) ----------------------------------------------------------------------------


def test_defaults() -> None:
    scenario = loads(SMALLEST)
    assert scenario.timezone == "UTC"
    assert (scenario.warm_up_us, scenario.run_out_us, scenario.after_end) == (0, 0, "keep_arriving")
    assert scenario.interval_us == 30 * MINUTE
    assert (scenario.threading.window_us, scenario.threading.starts_at) == (72 * HOUR, "disconnect")
    level = scenario.service_level
    assert (level.target, level.within_us) == (0.8, 60 * SECOND)
    assert (level.count_abandons, level.count_short_abandons, level.count_blocked) == (True, False, False)

    customer = scenario.behaviours["anyone"]
    assert customer.opening.messages == customer.turns == Law("constant", (1.0,), at_most=math.inf)
    assert (customer.opening.gap_us, customer.think_us, customer.patience_us) == (None, None, "never")
    assert customer.flow_answer_us == parse_duration_law({"lognormal": {"median": "20 s", "p90": "60 s"}})
    assert (customer.gives_up.abandon, customer.gives_up.silent, customer.vanishes) == (1.0, 0.0, 0.0)
    again = customer.writes_again
    assert (again.after_abandon, again.after_silent, again.after_service) == (None, None, None)
    assert (scenario.topics["any"].skills, scenario.topics["any"].priority) == ((), 0)

    queue = scenario.queues["desk"]
    assert (queue.evaluation, queue.scoring, queue.last_agent) == ("ALL", "TimestampAndPriority", "AnyAgent")
    assert (queue.auto_answer, queue.answer_time_us, queue.returns_after_us) == (False, None, 60 * SECOND)
    assert (queue.alerting_timeout_us, queue.close_after_us) == (30 * SECOND, 10 * MINUTE)
    assert (queue.max_waiting, queue.after_call_work) == (None, None)

    channel = scenario.channels["chat"]
    assert channel.customers == "new"
    assert channel.arrivals is not None and channel.arrivals.day_factor_cv == 0

    group = scenario.agents["all"]
    assert (group.capacity, group.shift, group.shrinkage) == (1, None, 0.0)
    assert (group.end_of_shift.finish_us, group.end_of_shift.then) == (0, "requeue")
    assert (group.reply.canned, group.reply.history) == (None, None)

    limits = scenario.outbound.limits
    assert (limits.whatsapp_campaign * 60, limits.whatsapp_agentless * 60, limits.pacing) == (18_000, 3_000, "even")
    assert scenario.warnings == ()


# --- the shipped scenario --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def retail(root: Path) -> Scenario:
    return load(root / "scenarios" / "retail_weekday.yaml")


def test_the_shipped_scenario_says_that_nobody_can_hang_up_on_whatsapp(retail: Scenario) -> None:
    (warning,) = retail.warnings
    assert warning.path == "channels.whatsapp.platform"
    assert "the 30 % of `shopper` who would abandon are silent there" in warning.problem


def test_the_shipped_arrivals_cover_the_run(retail: Scenario) -> None:
    rows = retail.counts["web"]
    assert (rows.kind, rows.interval_us, rows.starts[0]) == ("count", 30 * MINUTE, retail.start)
    assert len(rows.starts) == len(rows.values)
    last_end_us = retail.calendar.us(rows.starts[-1]) + rows.interval_us
    assert last_end_us >= retail.duration_us + retail.run_out_us


def test_a_scenario_travels_to_another_process_without_its_files(retail: Scenario) -> None:
    copy = pickle.loads(pickle.dumps(retail))
    assert copy == retail
    assert (copy.hash, copy.counts, copy.warnings) == (retail.hash, retail.counts, retail.warnings)
    assert copy.vary({"agents.early.count": 20}).counts == retail.counts


def test_the_resolved_text_and_its_files_make_the_same_scenario(retail: Scenario, tmp_path: Path) -> None:
    changed = retail.vary({"agents.early.count": 20, "service_level": None})
    for name, content in changed.files().items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    (tmp_path / "scenario.yaml").write_text(changed.resolved(), encoding="utf-8")
    again = load(tmp_path / "scenario.yaml")
    assert again == changed
    assert again.hash == changed.hash
    assert again.agents["early"].count == 20


# --- changing it -----------------------------------------------------------------------------------------------


def test_vary_addresses_what_the_file_says(retail: Scenario) -> None:
    changed = retail.vary(
        {
            "agents.early.count": 50,
            "agents.late.capacity": "4",
            "flows.front_door.2.collect.fields": 3,
            "agents.early.shift.breaks.0.for": "45 min",
            "behaviours.shopper.patience": {"exponential": {"mean": "5 min"}},
            "behaviours.shopper.think.mixture.0.lognormal.median": "50 s",
            "topics.order.skills": "[german, dutch]",
        }
    )
    assert changed.agents["early"].count == 50
    assert changed.agents["late"].capacity == 4
    assert changed.flows["front_door"][2].collect is not None
    assert changed.flows["front_door"][2].collect.fields == 3
    assert changed.agents["early"].shift is not None
    assert changed.agents["early"].shift.breaks[0].for_us == 45 * MINUTE
    assert changed.behaviours["shopper"].patience_us == Law("exponential", (300e6,))
    assert changed.topics["order"].skills == ("german", "dutch")
    assert retail.agents["early"].count != 50, "the first scenario stays as it was"


def test_vary_makes_optional_keys_and_takes_keys_out(retail: Scenario) -> None:
    changed = retail.vary({"queues.service.max_waiting": 40, "agents.late.end_of_shift.finish": "5 min"})
    assert changed.queues["service"].max_waiting == 40
    assert changed.agents["late"].end_of_shift.finish_us == 5 * MINUTE
    back = changed.vary({"queues.service.max_waiting": None, "agents.late.end_of_shift": "null"})
    assert back == retail
    assert back.hash == retail.hash


def test_an_alias_is_a_value_of_its_own(retail: Scenario) -> None:
    changed = retail.vary({"agents.early.reply.canned.share": "50 %"})
    assert changed.agents["early"].reply.canned is not None
    assert changed.agents["early"].reply.canned.share == 0.5
    assert changed.agents["late"].reply == retail.agents["late"].reply


def test_load_takes_the_same_settings(root: Path, retail: Scenario) -> None:
    settings = {"agents.early.count": "16"}
    assert load(root / "scenarios" / "retail_weekday.yaml", settings) == retail.vary(settings)


# --- what makes two scenarios the same -------------------------------------------------------------------------


def test_order_comments_and_spelling_do_not_count() -> None:
    blocks = SMALLEST.splitlines()
    turned = "# the same, upside down\n" + "\n".join(reversed(blocks))
    respelt = (
        SMALLEST.replace("duration: 1 h", "duration: 60 min").replace("100 %", "1.0").replace("12/h", "12 per hour")
    )
    first = loads(SMALLEST)
    assert loads(turned) == first == loads(respelt)
    assert loads(turned).hash == first.hash == loads(respelt).hash


def test_the_title_does_not_count_but_everything_else_does() -> None:
    first = loads(SMALLEST)
    assert first.vary({"name": "Other"}).hash == first.hash
    hashes = {
        first.vary(settings).hash
        for settings in (
            {},
            {"seed": 2},
            {"agents.all.count": 3},
            {"duration": "2 h"},
            {"channels.chat.arrivals.rate": "13/h"},
            {"queues.desk.close_after": "never"},
            {"behaviours.anyone.patience": "3 min"},
        )
    }
    assert len(hashes) == 7


def test_the_rows_of_a_csv_count(tmp_path: Path) -> None:
    text = SMALLEST.replace("{rate: 12/h}", "{csv: rows.csv}")
    scenarios = []
    for value in (1, 2):
        (tmp_path / "rows.csv").write_text(f"start,expected\n2026-03-02 00:00,{value}\n2026-03-02 01:00,0\n", "utf-8")
        scenarios.append(loads(text, folder=tmp_path))
    assert scenarios[0] != scenarios[1]
    assert scenarios[0].hash != scenarios[1].hash
    assert scenarios[1].counts["chat"].values == (2.0, 0.0)
    assert scenarios[1].counts["chat"].kind == "expected"


def test_what_looks_like_a_number_a_truth_or_a_date_elsewhere_is_text_here() -> None:
    """YAML 1.1 reads `10:30` as 630 and `NO` as false; YAML 1.2 does not."""
    scenario = loads(
        SMALLEST.replace("name: Smallest", "name: NO").replace(
            "count: 2,", "count: 2, shift: {from: 10:30, to: 18:00},"
        )
    )
    assert scenario.name == "NO"
    shift = scenario.agents["all"].shift
    assert shift is not None
    assert (shift.from_, shift.to) == (time(10, 30), time(18))
