"""Reports: numbers in words, plots, the page, the run folder. On tables made by hand."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import handmade
import numpy as np
import pandas as pd
import pytest

from simulator.metrics.headlines import number_or_none, scope_text, verdict
from simulator.records import Check
from simulator.reports import folder as folders
from simulator.reports import page, plots, series
from simulator.reports.words import headlines, line_of, say
from simulator.vocabulary.clock import HOUR, MINUTE, SECOND
from simulator.vocabulary.errors import UsageError

# --- numbers in words ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.8244, "share", "82.4 %"),
        (1.0, "share", "100.0 %"),
        (41.25, "s", "41.2 s"),
        (192.0, "s", "3 min 12 s"),
        (7200.0, "s", "2 h"),
        (12480.0, "count", "12,480"),
        (3.14159, "count", "3.14"),
        (17_998.4, "messages/min", "17,998"),
        (12.5, "h", "12.5 h"),
        (0.0, "EUR", "0.00 EUR"),
        (0.336, "EUR", "0.34 EUR"),
        (0.0046, "EUR", "0.0046 EUR"),
        (1310.4, "US$", "1,310.40 US$"),
        (float("nan"), "s", "–"),
        (None, "share", "–"),
        (float("inf"), "s", "–"),
    ],
)
def test_a_value_is_written_as_people_read_it(value: float, unit: str, text: str) -> None:
    assert say(value, unit) == text


def test_numbers_for_json_are_finite_or_null() -> None:
    assert number_or_none(float("nan")) is None
    assert number_or_none(float("inf")) is None
    assert number_or_none(pd.NA) is None
    assert number_or_none(np.float64(0.5)) == 0.5
    assert number_or_none(np.int64(3)) == 3


def test_the_short_table_says_the_target_in_words_and_leaves_out_what_has_no_value() -> None:
    lines = {line.metric: line for line in headlines(handmade.SUMMARY, handmade.scenario())}
    assert lines["answered_within"].name == "answered within 60 s, of all offers"
    assert lines["oServiceLevel"].name == "service level on the answer, within 60 s (target 80 %)"
    assert lines["oServiceLevel"].interval == "80.1 % – 84.7 %"
    assert lines["tWait_p90"].interval == ""  # no interval could be given
    assert "tWait_abandoned" not in lines
    assert list(lines)[:3] == ["oServiceLevel", "answered_within", "first_reply_within"]


@pytest.mark.parametrize(
    ("level", "replications", "said"),
    [
        ((0.85, 0.81, 0.89), 2, "met with confidence"),
        ((0.82, 0.78, 0.86), 2, "met on average, not certain (the range begins below it); more replications narrow"),
        ((0.78, 0.74, 0.82), 2, "missed on average, not certain (the range ends above it); more replications narrow"),
        ((0.7, 0.66, 0.74), 2, "missed"),
        ((0.85, np.nan, np.nan), 1, "met in one replication: no range"),
    ],
)
def test_the_verdict_on_the_target(level: tuple[float, float, float], replications: int, said: str) -> None:
    world = handmade.scenario().vary({"replications": replications})
    summary = handmade.summary(("oServiceLevel", {}, *level, "share"))
    assert verdict(summary, world).startswith(f"Target 80 % answered within 60 s: {said}")
    assert verdict(handmade.SUMMARY.iloc[2:], world) == ""


def test_scopes_in_words() -> None:
    assert scope_text({"queue": "service"}) == "queue service"
    assert scope_text({}) == ""


# --- series ----------------------------------------------------------------------------------------------------


def test_mean_least_and_most_over_replications() -> None:
    rows = [
        {"replication": r, "start_us": 0, "queue": "q", "oServiceLevel_by_arrival": v}
        for r, v in enumerate([0.5, 0.7, float("nan")])
    ]
    mean = series.over_replications(handmade.table("intervals", rows), ["oServiceLevel_by_arrival"])
    row = mean.iloc[0]
    assert row["oServiceLevel_by_arrival"] == pytest.approx(0.6)
    assert (row["oServiceLevel_by_arrival_low"], row["oServiceLevel_by_arrival_high"]) == (0.5, 0.7)


def test_a_wave_is_the_stretch_around_the_largest_backlog() -> None:
    """40,000 requested at 10:00, 300 leave each second: two full minutes, 4,000 in the third, all gone in 133 s."""
    world = handmade.scenario()
    wave = series.largest_wave(handmade.sends(world), "campaign", 0, world.duration_us)
    assert wave is not None
    busy = wave.minute_us[wave.sent > 0]
    assert busy.tolist() == [2 * HOUR, 2 * HOUR + MINUTE, 2 * HOUR + 2 * MINUTE]
    assert wave.sent[wave.sent > 0].tolist() == [18_000, 18_000, 4_000]
    assert wave.backlog_peak == 39_999  # the first has left
    assert wave.backlog[-1] == 0
    assert wave.minute_us[0] < 2 * HOUR < wave.minute_us[-1]


def test_two_waves_are_not_one() -> None:
    sent = [HOUR, HOUR + 1, 3 * HOUR, 3 * HOUR + SECOND, 3 * HOUR + 2 * SECOND]
    rows = [{"lane": "campaign", "requested_us": us, "sent_us": us} for us in sent]
    wave = series.largest_wave(handmade.table("sends", rows), "campaign", 0, 4 * HOUR)
    assert wave is not None
    assert wave.sent.sum() == 3


def test_a_message_still_waiting_stays_in_the_backlog() -> None:
    rows = [{"lane": "campaign", "requested_us": HOUR, "sent_us": pd.NA, "outcome": "waiting"}]
    wave = series.largest_wave(handmade.table("sends", rows), "campaign", 0, 2 * HOUR)
    assert wave is not None
    assert wave.backlog[-1] == 1


def test_no_sends_no_wave() -> None:
    assert series.largest_wave(handmade.table("sends"), "campaign", 0, HOUR) is None


# --- plots -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", plots.PLOTS)
def test_every_plot_is_the_same_file_every_time(name: str) -> None:
    run = handmade.run()
    first, second = page.svg(run, name), page.svg(run, name)
    assert first == second
    assert "<dc:date>" not in first


@pytest.mark.parametrize("name", plots.PLOTS)
def test_every_plot_of_empty_tables_says_so_and_does_not_crash(name: str) -> None:
    assert "<svg" in page.svg(handmade.run(tables=handmade.tables()), name)


@pytest.mark.parametrize("name", plots.PLOTS)
def test_every_plot_draws_on_given_axes_and_returns_them(name: str) -> None:
    from matplotlib.figure import Figure

    ax = Figure().subplots()
    assert plots.plot(handmade.run(), name, ax=ax) is ax
    assert ax.get_ylabel() or name == "sends"
    assert "Europe/Berlin" in ax.get_xlabel()


def test_a_plot_has_its_target_its_cap_and_its_units() -> None:
    from matplotlib.figure import Figure

    ax = Figure().subplots()
    plots.plot(handmade.run(), "service_level", ax=ax)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["answered within 60 s", "first reply within 60 s", "target 80 %"]
    figure = Figure()
    plots.plot(handmade.run(), "sends", figure=figure)
    assert any(text.get_text() == "cap 18,000 per minute" for ax in figure.axes for text in ax.texts)
    assert figure.axes[0].get_ylabel() == "messages per minute"


def test_python_names_every_plot() -> None:
    from simulator import api

    assert set(api.PLOTS) == set(plots.PLOTS)


def test_unknown_plots_and_queues_are_refused_by_name() -> None:
    with pytest.raises(UsageError, match="known: service_level, staff, requirement, sends"):
        plots.plot(handmade.run(), "pie")
    with pytest.raises(UsageError, match="queue 'nobody' is not known; known: service"):
        plots.plot(handmade.run(), "staff", queue="nobody")


def test_with_several_queues_each_has_its_pictures() -> None:
    world = handmade.scenario().vary({"queues.billing": {"auto_answer": True}})
    both = pd.concat([handmade.intervals(world), handmade.intervals(world, "billing")])
    tables = handmade.run().tables | {"intervals": both.astype({"queue": "category"})}
    run = handmade.run(scenario=world, tables=tables)
    assert set(page.pictures(run)) == {
        "service_level", "staff", "sends", "windows", "caps", "service_level_service", "staff_service",
    }  # fmt: skip


def test_who_sends_nothing_in_bulk_gets_no_picture_of_it() -> None:
    quiet = handmade.run(scenario=handmade.scenario().vary({"outbound": {}}))
    assert set(page.pictures(handmade.run())) - set(page.pictures(quiet)) >= {"sends"}


# --- the page --------------------------------------------------------------------------------------------------


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, dict(attrs)))


def test_the_page_is_self_contained_and_has_no_scripts() -> None:
    parser = Tags()
    parser.feed(page.render(handmade.run()))
    assert not [tag for tag, _ in parser.seen if tag in ("script", "link", "iframe")]
    sources = [attributes["src"] or "" for tag, attributes in parser.seen if tag == "img"]
    assert len(sources) == 5
    assert all(source.startswith("data:image/svg+xml;base64,") for source in sources)


def test_everything_of_a_scenario_is_escaped() -> None:
    world = handmade.scenario().vary({"name": "<script>alert(1)</script> & co"})
    html = page.render(handmade.run(world, warnings=("<b>bold</b>",)))
    assert "<script" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co" in html


def test_the_page_says_warnings_measures_and_failed_checks() -> None:
    html = page.render(handmade.run(checks=(Check("offers_conserved", False, "3 offers lost"),)))
    for text in ("nobody can hang up there", "82.4 %", "80.1 % – 84.7 %", "definition of tWait", "3 offers lost"):
        assert text in html
    assert "1 of 1 checks failed" in html


# --- the run folder --------------------------------------------------------------------------------------------

FILES = {
    "manifest.json", "scenario.yaml", "summary.json", "intervals.csv", "report.html",
    "plots/service_level.svg", "plots/staff.svg", "plots/sends.svg", "plots/windows.svg", "plots/caps.svg",
    *(f"tables/{name}.parquet" for name in handmade.tables()),
}  # fmt: skip


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_run_folder_is_complete_and_comes_back_as_it_went(tmp_path: Path) -> None:
    run = handmade.run()
    folder = folders.write(run, tmp_path / "run")
    assert files_in(folder) == FILES
    back = folders.read(folder)
    assert back.scenario.hash == run.scenario.hash
    assert (back.seed, back.replications, back.engine) == (run.seed, run.replications, run.engine)
    assert back.checks == run.checks
    assert back.warnings == run.warnings
    pd.testing.assert_frame_equal(back.tables["intervals"], run.tables["intervals"], check_categorical=False)
    columns = ["metric", "scope", "value", "ci_low", "ci_high", "unit"]
    pd.testing.assert_frame_equal(back.summary[columns], run.summary[columns])


def test_summary_json_has_exactly_the_documented_shape() -> None:
    document = folders.summary_document(handmade.run())
    told = ["metrics", "confidence", "checks", "audit", "accounts", "timing"]
    assert list(document) == ["scenario", "seed", "replications", "engine", *told]
    assert all(
        list(metric) == ["name", "scope", "value", "ci_low", "ci_high", "unit", "definition"]
        for metric in document["metrics"]
    )
    assert list(document["checks"][0]) == ["name", "passed", "detail"]
    by_name = {metric["name"]: metric for metric in document["metrics"]}
    assert by_name["tWait_abandoned"]["value"] is None
    assert [metric["scope"] for metric in document["metrics"][:2]] == [{}, {"queue": "service"}]
    json.dumps(document, allow_nan=False)


def test_a_failure_on_the_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(page, "render", broken)
    with pytest.raises(KeyboardInterrupt):
        folders.write(handmade.run(), tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


def test_a_failure_keeps_the_run_that_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders.write(handmade.run(), tmp_path / "run")
    monkeypatch.setattr(page, "render", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        folders.write(handmade.run(), tmp_path / "run")
    assert files_in(tmp_path / "run") == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_what_is_not_a_run_is_never_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "precious"
    folder.mkdir()
    (folder / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="not a run"):
        folders.write(handmade.run(), folder)
    assert (folder / "thesis.txt").read_text() == "years of work"
    with pytest.raises(UsageError, match="is a file"):
        folders.write(handmade.run(), folder / "thesis.txt")


def test_the_same_question_has_the_same_place_and_another_one_its_own(tmp_path: Path) -> None:
    world = handmade.scenario()
    place = folders.default_folder(world, tmp_path)
    assert re.fullmatch(r"corner-shop-[0-9a-f]{8}-seed1", place.name)
    folders.write(handmade.run(world), place)
    assert folders.default_folder(world, tmp_path) == place
    assert folders.default_folder(world.vary({"seed": 2}), tmp_path) != place
    (place / "manifest.json").unlink()  # now it is nobody's run
    assert folders.default_folder(world, tmp_path).name == f"{place.name}-2"


def test_a_folder_that_is_no_run_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no manifest\.json"):
        folders.read(tmp_path)


@pytest.mark.parametrize("lost", ["summary.json", "tables/contacts.parquet"])
def test_a_damaged_run_is_called_so(tmp_path: Path, lost: str) -> None:
    folder = folders.write(handmade.run(), tmp_path / "run")
    (folder / lost).write_text("{}")
    with pytest.raises(UsageError, match="cannot be read"):
        folders.read(folder)


@pytest.mark.parametrize("cell", ["=1+1", "+49 30", "-1", "@sum", "\t=1"])
def test_no_text_cell_is_a_formula_in_a_spreadsheet(cell: str) -> None:
    table = pd.DataFrame({"queue": pd.Series([cell, "plain"], dtype="category"), "nOffered": [-3, 4]})
    lines = folders.spreadsheet(table).splitlines()
    assert lines[1] == f"'{cell},-3"  # numbers stay numbers
    assert lines[2] == "plain,4"


def test_the_manifest_says_where_a_run_comes_from() -> None:
    run = replace(handmade.run(), engine="model")
    about = folders.manifest(run)
    assert about["scenario_hash"] == run.scenario.hash
    assert {"seed", "replications", "engine", "versions", "timing", "warnings"} <= set(about)


def test_an_interval_as_people_read_it() -> None:
    """Also where it has no upper end, or none at all; ends that look alike are still ends."""
    row = {"metric": "tWait_p90", "scope": {}, "value": 12.0, "unit": "s", "definition": ""}
    for low, high, said in (
        (10.0, 14.0, "10 s – 14 s"),
        (10.0, float("nan"), "at least 10 s"),
        (0.0, float("nan"), ""),
        (float("nan"), float("nan"), ""),
        (12.0, 12.0, "12 s – 12 s"),
    ):
        assert line_of(row | {"ci_low": low, "ci_high": high}, "", "").interval == said
