"""The catalogue of measures: every entry says all there is to say, in words that are explained; and how it is shown."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable

import pytest
from commands import Ended

import simulator as cc
from simulator.metrics.catalogue import FAMILIES, MEASURES, named
from simulator.metrics.cohorts import NOT_BOOKED
from simulator.metrics.entries import chosen, defaults, entries, entry
from simulator.metrics.parts import UNITS, Measure, said
from simulator.metrics.sources import PLATFORM_METRICS
from simulator.metrics.terms import TERMS, denominator_of, terms_of
from simulator.reports.metrics import in_full, listing
from simulator.vocabulary.errors import UsageError
from simulator.vocabulary.tables import TABLES

NAMES = [measure.name for measure in MEASURES]
MODEL = (
    *("nOffered", "tAnswered", "tAbandon", "tShortAbandon", "tFlowOut", "nOverSla", "oServiceLevel", "oServiceTarget"),
    *("tAlert", "tNotResponding", "tTalk", "tHeld", "tAcw", "tHandle", "tWait", "tFirstResponse", "tAgentResponseTime"),
    *("tUserResponseTime", "tPark", "nConnected", "nTransferred", "nOutbound", "oMessageTurn", "oMessageCount"),
    "oMessageSegmentCount",
)
"""Measures that model.md section 9 names."""


# --- laws of every entry ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("measure", MEASURES, ids=NAMES)
def test_every_field_is_there(measure: Measure) -> None:
    assert measure.unit in UNITS
    assert measure.cohort is not None
    for text in (measure.cohort.who, measure.cohort.start, measure.cohort.censored, measure.cohort.booking):
        assert text
    title, formula = said(measure.title, defaults()), said(measure.formula, defaults())
    assert 3 <= len(title) <= 70, title
    assert title[0].islower() or title.startswith(measure.name), "titles begin small, as headlines do"
    assert len(measure.describe(defaults())) > 30
    assert callable(measure.parts)
    unexplained = [word for word in terms_of(formula, NAMES) if word not in TERMS]
    assert not unexplained, f"{formula}: nobody explains {unexplained}"
    assert measure.name not in re.findall(r"\w+", formula), "a measure that is explained by itself"


@pytest.mark.parametrize("measure", MEASURES, ids=NAMES)
def test_the_formula_is_of_the_kind_that_the_function_computes(measure: Measure) -> None:
    formula = said(measure.formula, defaults())
    assert formula.startswith("quantile(") == (measure.quantile is not None)
    if measure.quantile is not None:
        assert f"{measure.quantile * 100:g} %" in formula
    assert formula.count("(") == formula.count(")")
    of_others = any(word in NAMES for word in re.findall(r"\w+", formula))
    assert "per replication" not in measure.describe(defaults()) or "replications" in formula or of_others


@pytest.mark.parametrize("measure", MEASURES, ids=NAMES)
def test_names_are_the_platform_s_or_marked_as_our_own(measure: Measure) -> None:
    if measure.name in PLATFORM_METRICS:
        assert measure.source.kind == "platform" and measure.source.metric == measure.name
    if measure.source.kind == "platform":
        assert measure.source.metric in PLATFORM_METRICS
        assert measure.source.text, "which page explains it?"


def test_a_name_of_the_platform_is_measured_by_one_function_only() -> None:
    parts = [measure.parts for measure in MEASURES if inspect.isfunction(measure.parts)]
    same = {each for each in parts if parts.count(each) > 1}
    twice = {measure.name for measure in MEASURES if measure.parts in same}
    assert all(named(name).quantile is not None or name in ("tAnswered", "tWait_answered") for name in twice), twice


def test_the_platform_s_list_is_that_of_its_own_client() -> None:
    sdk = pytest.importorskip("PureCloudPlatformClientV2")
    listed: set[str] = set()
    for view in (sdk.ConversationAggregationView, sdk.UserAggregationView):
        source = inspect.getsource(view.target.fset)
        found = re.search(r"allowed_values = \[(.*?)\]", source, re.S)
        assert found is not None
        listed |= set(re.findall(r'"(\w+)"', found[1]))
    assert listed == PLATFORM_METRICS


@pytest.mark.parametrize("name", MODEL)
def test_what_the_model_names_exists(name: str) -> None:
    assert name in NAMES


def test_units_go_with_names_and_formulas() -> None:
    for measure in MEASURES:
        formula = said(measure.formula, defaults())
        if measure.name.startswith("n") and measure.name[1].isupper():
            assert measure.unit == "count" and formula.endswith("÷ replications"), measure.name
        if measure.name.startswith("t") and measure.name[1].isupper():
            assert measure.unit == "s", measure.name
        if measure.name.endswith("_hours") and not measure.name.endswith("business_hours"):
            assert measure.unit == "h", measure.name
        if measure.name.endswith("_share"):
            assert measure.unit == "share", measure.name


def test_what_is_booked_in_intervals_names_columns_that_exist() -> None:
    columns = {column.name for name in ("intervals", "cap_intervals") for column in TABLES[name]}
    for measure in MEASURES:
        assert measure.cohort is not None
        if measure.cohort.booking == NOT_BOOKED:
            assert measure.name not in columns, measure.name


def test_no_word_is_explained_that_nobody_uses() -> None:
    used = {word for measure in MEASURES for word in terms_of(said(measure.formula, defaults()), NAMES)}
    used |= {"flowed_out", "blocked"}  # by the switches of the service level
    assert set(TERMS) <= used, set(TERMS) - used


def test_denominators_are_what_the_formula_divides_by() -> None:
    assert denominator_of("(Σ answered − Σ over) ÷ (Σ answered + Σ abandoned)") == "(Σ answered + Σ abandoned)"
    assert denominator_of("Σ ∫ (interacting ÷ open_sessions) dt ÷ Σ session_ended") == "Σ session_ended"
    assert denominator_of("target") == ""
    assert entry("oServiceLevel").denominator == "Σ answered + Σ abandoned − Σ short"


# --- how it is shown --------------------------------------------------------------------------------------------


def test_every_measure_is_listed_once_in_the_order_of_a_summary() -> None:
    found = entries()
    assert [each.name for each in found] == NAMES
    assert list(dict.fromkeys(each.family for each in found)) == list(FAMILIES)


def test_the_text_is_that_of_the_summary() -> None:
    changed = cc.loads(WORLD).vary({"service_level.within": "45 s", "service_level.count_flow_outs": True})
    for each in entries(changed):
        assert each.definition == named(each.name).describe(changed)
    level = entry("oServiceLevel", changed)
    assert "45 s" in level.definition and "flowed out" in level.definition
    assert level.formula.endswith("+ Σ flowed_out)") and "flowed_out" in level.terms
    assert "60 s" in entry("oServiceLevel").definition  # the default


@pytest.mark.parametrize("width", [30, 40, 60, 80, 200])
def test_it_fits_the_terminal(width: int) -> None:
    for each in entries():
        assert max(map(len, in_full(each, width).splitlines())) <= max(width, 44), each.name
    assert max(map(len, listing(entries(), width).splitlines())) <= max(width, 60)
    for each in entries():
        assert each.name in listing([each], width)


def test_search_and_scope_narrow_the_list() -> None:
    assert {each.name for each in chosen(search="handle time overlap")} >= {"tHandle", "tHandle_without_overlap"}
    assert chosen(search="no such words at all") == []
    lanes = chosen(scope="lane")
    assert lanes and all("lane" in each.scopes for each in lanes)
    with pytest.raises(UsageError, match="did you mean `queue`"):
        chosen(scope="queues")


def test_the_command_lists_and_defines(ccsim: Callable[..., Ended]) -> None:
    listed = ccsim("metrics")
    assert listed.code == 0
    assert all(name in listed.out for name in NAMES)
    full = ccsim("metrics", "oServiceLevel", "tHandle_without_overlap")
    assert full.code == 0
    for text in ("Σ answered − Σ over", "denominator", "censored", "Configure the service level", "each second once"):
        assert text in " ".join(full.out.split()), text
    document = json.loads(ccsim("metrics", "tWait", "--json").out)
    assert [each["name"] for each in document] == ["tWait"]
    said_of_it = {"unit", "definition", "formula", "denominator", "cohort", "booking", "censored", "source"}
    assert set(document[0]) >= said_of_it


def test_the_command_takes_a_scenario_s_switches(ccsim: Callable[..., Ended], tmp_path) -> None:
    file = tmp_path / "world.yaml"
    file.write_text(WORLD.replace("duration: 1 h", "duration: 1 h\nservice_level: {within: 33 s}"), encoding="utf-8")
    assert "33 s" in ccsim("metrics", "oServiceLevel", "--scenario", file).out


def test_an_unknown_name_is_refused_with_a_suggestion(ccsim: Callable[..., Ended]) -> None:
    ended = ccsim("metrics", "oServiceLvel")
    assert ended.code == 2
    assert "did you mean `oServiceLevel`?" in ended.err


def test_a_column_of_a_table_is_explained_too(ccsim: Callable[..., Ended]) -> None:
    gap = {
        "name": "staff_gap", "table": "intervals", "column": "staff_gap", "unit": "agents",
        "meaning": "staff_required - staff_present: above 0 too few",
    }  # fmt: skip
    assert json.loads(ccsim("metrics", "staff_gap", "--json").out) == [gap]
    shown = ccsim("metrics", "staff_gap", "tWait")
    assert shown.code == 0
    assert all(
        text in shown.out for text in ("Σ wait ÷ Σ left", gap["meaning"], "intervals, column staff_gap", "agents")
    )
    exported = json.loads(ccsim("metrics", "t_wait_s", "--json").out)  # as a spreadsheet calls it
    assert [(one["table"], one["column"]) for one in exported] == [("offers", "t_wait_us")]
    mixed = json.loads(ccsim("metrics", "staff_gap", "nOffered", "--json").out)  # a measure is the measure
    assert [one["name"] for one in mixed] == ["nOffered", "staff_gap"] and "formula" in mixed[0]
    wrong = ccsim("metrics", "staff_gap", "staff_gup")
    assert wrong.code == 2 and not wrong.out and "there is no measure 'staff_gup'" in wrong.err
    assert "did you mean `staff_gap`" in wrong.err
    with pytest.raises(UsageError, match=r"It is a column of intervals \(staff_required - staff_present"):
        cc.metrics("staff_gap")


def test_python_gets_a_table() -> None:
    for _ in range(2):  # the room of that name is imported by then
        found = cc.metrics()
        assert list(found["name"]) == NAMES
    assert cc.metrics("tWait")["formula"].tolist() == ["Σ wait ÷ Σ left"]
    with pytest.raises(UsageError, match="did you mean `tWait`"):
        cc.metrics("tWiat")


WORLD = """
name: world
start: 2026-03-02 08:00
duration: 1 h
behaviours: {plain: {turns: 1}}
topics: {order: {behaviour: plain}}
flows: {door: [{transfer: {queue: service}}]}
queues: {service: {}}
channels: {web: {platform: web messaging, flow: door, arrivals: {rate: 1/min}, topics: {order: 100 %}}}
agents: {desk: {count: 1, queues: [service], reply: {effort: 30 s}}}
"""
