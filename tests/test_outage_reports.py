"""What an outage looks like afterwards: tables, measures, sentences, the picture; and what is refused beforehand."""

from __future__ import annotations

import numpy as np
import pytest
from tiny import tiny
from worlds import run
from worlds import told as told_rows

from simulator.api import simulate
from simulator.metrics.catalogue import measure, summarise
from simulator.records import checks, fold
from simulator.reports.plot_outages import outage_of, passing, waiting
from simulator.reports.trace import tell
from simulator.scenario import loads
from simulator.vocabulary.clock import MINUTE, SECOND
from simulator.vocabulary.codes import Event
from simulator.vocabulary.errors import ScenarioError

CUT = "outages: {cut: {channel: web, from: 60 s, to: 120 s}}"


def figures(text: str) -> dict[str, float]:
    """Every measure of the outage `cut`."""
    scenario, rows = run(text)
    tables = fold(scenario, rows)
    end_us = int(rows["time"][rows["event"] == Event.RUN_ENDED][0])
    summary = summarise(scenario, [measure(scenario, tables, end_us)])
    return {row.metric: row.value for row in summary.itertuples() if row.scope == {"outage": "cut"}}


def test_measures_of_a_small_outage() -> None:
    """Replies of 10 s. Two wait when it begins, at 60: their replies are ready at 60 and 70, and queued. Three are
    held, of 70, 80 and 90, and wait from 120 on; at 130 two are left, as many as before."""
    found = figures(tiny("50 s, 55 s, 70 s, 80 s, 90 s", more=CUT, agents="capacity: 5"))
    assert found["outage_time"] == 60
    assert found["nHeld"] == 3
    assert found["nLostInOutage"] == 0
    assert found["nQueued"] == 2
    assert found["hold_max"] == 60  # the reply that was ready at 60
    assert found["windows_breached"] == 0
    assert found["nBotWaited"] == found["nBotSkipped"] == 0
    assert found["recovery_time"] == 10


def test_lost_messages_and_breached_windows_are_counted() -> None:
    lost = figures(tiny("70 s, 80 s", more=CUT.replace("120 s", "120 s, inbound: lost")))
    assert (lost["nLostInOutage"], lost["nHeld"], lost["hold_max"], lost["recovery_time"]) == (2, 0, 0, 0)
    outage = "outages: {cut: {platform: whatsapp, from: 5 s, for: 25 h}}"
    late = figures(tiny("0 s", channel="wa", more=outage, duration="30 h"))
    assert (late["nQueued"], late["windows_breached"]) == (1, 1)


def test_a_scenario_without_outages_has_no_such_measures() -> None:
    assert figures(tiny("0 s")) == {}


def test_the_table_of_holds() -> None:
    scenario, rows = run(tiny("55 s, 70 s", more=CUT))
    tables = fold(scenario, rows)
    assert tables["outages"][["outage", "from_us", "to_us"]].values.tolist() == [["cut", 60 * SECOND, 120 * SECOND]]
    shown = tables["holds"].drop(columns=["replication", "channel"]).astype(object).where(tables["holds"].notna(), None)
    assert shown.values.tolist() == [
        ["web/0", None, "cut", "outbound", 65 * SECOND, 120 * SECOND, 55 * SECOND, "released"],
        ["web/1", "web/1", "cut", "inbound", 70 * SECOND, 120 * SECOND, 50 * SECOND, "released"],
    ]


def test_the_checks_would_notice() -> None:
    """A message that comes in during an outage, a hold that is released twice, a draft caught while nobody wrote."""
    scenario, rows = run(tiny("55 s, 70 s", more=CUT))
    tables = fold(scenario, rows)

    def failed(changed: np.ndarray) -> set[str]:
        return {check.name for check in checks(scenario, changed, tables) if not check.passed}

    assert not failed(rows)
    early = rows.copy()
    early["time"][early["event"] == Event.OUTAGE_BEGAN] = 50 * SECOND
    assert "nothing_during_outages" in failed(early)
    held = rows[rows["event"] != Event.MESSAGE_HELD]
    assert "holds_conserved" in failed(held)
    stray = rows.copy()
    stray["event"][stray["event"] == Event.OUTAGE_ENDED] = Event.DATA_FILTERED
    assert "drafts_filtered" in failed(stray)


def test_what_is_still_held_at_the_end_is_open_and_told_of():
    scenario, rows = run(tiny("70 s, 80 s", more=CUT.replace("120 s", "2 h")))
    tables = fold(scenario, rows)
    assert all(check.passed for check in checks(scenario, rows, tables))
    holds = tables["holds"]
    assert holds["outcome"].tolist() == ["waiting", "waiting"]
    assert holds["until_us"].isna().all()
    assert tables["contacts"]["outcome"].tolist() == ["open", "open"]
    assert tables["contacts"]["conversation"].isna().all()


def test_bulk_messages_wait_for_the_end_and_leave_by_their_cap():
    """Ten are asked for at 60 s, while WhatsApp is down until 120 s; the cap lets one go each second."""
    more = (
        "outbound: {limits: {whatsapp_agentless: 60/min}, notifications: {notice: {channel: wa, template: t, "
        'batches: [{at: "00:01", count: 10}]}}}\noutages: {cut: {platform: whatsapp, from: 30 s, to: 120 s}}'
    )
    told_of = (Event.SEND_DELIVERED,)
    scenario, rows = run(tiny("", channel="wa", more=more))
    assert all(check.passed for check in checks(scenario, rows, fold(scenario, rows)))
    sent = told_rows(rows, tuple(event for event in Event if event not in told_of))
    assert [line.split()[0] for line in sent] == [str(120 + i) for i in range(10)]


# --- sentences -------------------------------------------------------------------------------------------------


def told(text: str, conversation: str = "web/0") -> str:
    scenario, rows = run(text)
    return "\n".join(tell(fold(scenario, rows), conversation, scenario))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (tiny("70 s", more=CUT), "web/0 writes while web is down: the message is held for 50 s and comes in"),
        (tiny("55 s", more=CUT), "web is down: the message is queued for 55 s, it is sent then"),
        (
            tiny("0 s", behaviour="turns: 2, think: 60 s", more=CUT.replace("120 s", "120 s, inbound: lost")),
            "web/0 writes while web is down: the message is lost, nobody knows of it.",
        ),
        (
            tiny("0 s", behaviour="turns: 2, think: 60 s", more=CUT.replace("120 s", "120 s, inbound: lost")),
            "web/0 gives up: what he wrote was lost in an outage.",
        ),
        (
            tiny("0 s", flow="{bot: {bot_time: 10 s}}", more="outages: {o: {bot: door, from: 5 s, to: 55 s}}"),
            "the bot of door is down: the customer waits for it for 45 s.",
        ),
        (
            tiny(
                "0 s",
                flow="{bot: {bot_time: 10 s}}",
                more="outages: {o: {bot: door, from: 5 s, for: 50 s, step: skipped}}",
            ),
            "the bot of door is down: the customer goes on without it",
        ),
        (
            tiny("0 s", more="content_filter: {texts: [a], words: [a], attempts: 2, rewrite: {takes: 4 s}}"),
            "2 drafts of this reply did not pass the content filter (DataFiltered): writing it again took 8 s.",
        ),
    ],
)  # fmt: skip
def test_trace_tells_it_with_the_rule(text: str, sentence: str) -> None:
    assert sentence in told(text), told(text)


def test_trace_tells_of_a_window_that_ran_out() -> None:
    outage = "outages: {cut: {platform: whatsapp, from: 5 s, for: 25 h}}"
    assert "then it is too late" in told(tiny("0 s", channel="wa", more=outage, duration="30 h"), "wa/0")


# --- the picture -----------------------------------------------------------------------------------------------


def test_the_picture_shows_the_longest_outage_and_who_waits() -> None:
    more = "outages: {cut: {channel: web, from: 60 min, to: 90 min}, blink: {channel: web, from: 5 min, for: 1 min}}"
    text = tiny("59 min, 61 min, 62 min", more=more, duration="3 h")
    results = simulate(loads(text), replications=1, workers=1)
    stretch = outage_of(results.run)
    assert stretch is not None
    assert (stretch.name, stretch.begin_us, stretch.end_us) == ("cut", 60 * MINUTE, 90 * MINUTE)
    level = waiting(results.run, stretch)
    at = (stretch.edges_us // MINUTE).tolist()
    assert level[at.index(89)] == 0
    assert level[at.index(90)] == 2  # both come in at the end of the outage, within the minute one is answered
    assert level[at.index(91)] == 0
    inbound = passing(results.run, stretch, "inbound")
    assert (inbound[at.index(59)], inbound[at.index(61)], inbound[at.index(90)]) == (1, 0, 2)
    assert results.plot("outages").get_title(loc="left") == "Outage cut, 30 min, and the way back"


# --- what is refused -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outage", "path", "problem", "told_of"),
    [
        ("from: 1 s, for: 1 s", "", "it is not said what is down", "one of platform, channel"),
        ("channel: web, bot: door, from: 1 s, for: 1 s", "", "channel and bot stand here together", "one of"),
        ("channel: wab, from: 1 s, for: 1 s", ".channel", "there is no `wab` in `channels`", "web"),
        ("platform: watsapp, from: 1 s, for: 1 s", ".platform", "is not a platform", "whatsapp"),
        ('number: "+49 30 999", from: 1 s, for: 1 s', ".number", "no channel has the number", "number"),
        ("bot: door, from: 1 s, for: 1 s", ".bot", "has no bot", "a step `bot`"),
        ("bot: dor, from: 1 s, for: 1 s", ".bot", "there is no `dor` in `flows`", "door"),
        ("middleware: web, from: 1 s, for: 1 s", ".middleware", "nobody's own middleware", "open messaging"),
        ("channel: web", "", "it is not said when", "`from` with `to` or `for`"),
        ("channel: web, from: 1 s", "", "do not say when", "`from` with `to` or `for`"),
        ("channel: web, from: 1 s, to: 2 s, for: 1 s", "", "do not say when", "`from` with"),
        ("channel: web, from: 1 s, every: 1 h, lasts: 1 s", "", "stand here together", "by chance"),
        ("channel: web, every: 1 h", ".lasts", "`lasts` is missing", "`every` with `lasts`"),
        ("channel: web, from: 5 s, to: 5 s", ".to", "ends before it begins", "later than `from`"),
        ("channel: web, from: soon, for: 1 s", ".from", "`soon` is not a point in time", "a duration from the start"),
        ("channel: web, from: 1 s, for: 0", ".for", "too small", "above 0"),
        ("channel: web, from: 1 s, for: 1 s, inbound: gone", ".inbound", "not one of", "`held` or `lost`"),
        ("channel: web, from: 1 s, for: 1 s, outbound: lost", ".outbound", "not one of", "`queued`"),
        ("channel: web, from: 1 s, for: 1 s, step: waits", ".step", "only a bot is a step", "`inbound`"),
        ("channel: web, from: 1 s, for: 1 s, retry: {}", ".retry.every", "`every` is missing", "a duration"),
        ("channel: web, from: 1 s, for: 1 s, retry: {every: 9 s, back_off: 1.01}", ".retry.back_off", "hardly", "1.1"),
        ("channel: web, every: 30 s, lasts: 1 s", ".every", "an outage every 30 s", "1 min"),
        ("channel: web, every: 1 h, lasts: 0", ".lasts", "last no time", "above 0"),
    ],
)
def test_what_is_refused(outage: str, path: str, problem: str, told_of: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        loads(tiny("0 s", more=f"outages: {{cut: {{{outage}}}}}"))
    (error,) = [finding for finding in raised.value.findings if finding.severity == "error"]
    assert error.path == f"outages.cut{path}"
    assert error.line == 11
    assert problem in error.problem
    assert told_of in error.allowed


@pytest.mark.parametrize(
    ("outage", "problem"),
    [
        ("platform: sms, from: 1 s, for: 1 s", "no channel is on sms"),
        ("channel: web, from: 3 days, for: 1 h", "lies outside the run"),
    ],
)
def test_what_is_doubtful_is_said(outage: str, problem: str) -> None:
    scenario = loads(tiny("0 s", more=f"outages: {{cut: {{{outage}}}}}"))
    assert any(problem in warning.problem for warning in scenario.warnings)
