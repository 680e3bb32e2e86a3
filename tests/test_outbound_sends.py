"""Tiny worlds, worked out by hand: what else becomes of bulk sends, and what a scenario may say about them."""

from __future__ import annotations

import numpy as np
import pytest
from test_outbound_stack import SENDS, capped, every_check_holds, notify
from test_worlds_outbound import bulk, campaign, sent_us
from tiny import lines, only
from worlds import run

from simulator.metrics import cap_intervals, measure
from simulator.metrics.capwaits import waits
from simulator.records import fold
from simulator.reports.trace import tell
from simulator.scenario import loads
from simulator.vocabulary.codes import Cap, Event
from simulator.vocabulary.errors import ScenarioError

S = 1_000_000
SLOW = "limits: {whatsapp_agentless: 6/min}"


def slow(text: str) -> str:
    """One agentless message in 10 s."""
    return text.replace("limits: {whatsapp_campaign: 60/min}", SLOW)


def test_rejected_calls_come_again():
    """A 429 for who calls before the slot at 10 s; pauses of 3 and 6 s; the second is refused a third time."""
    retries = "on_limit: reject, retries: {attempts: 2, back_off: 3 s}"
    text = slow(notify("0 s, 1 s, 1 s", retries))
    assert only(text, *SENDS) == lines("""
        0 SEND_DELIVERED m0 q3 a0
        1 SEND_REFUSED m1 q3 a0 v1
        1 SEND_REFUSED m2 q3 a0 v1
        4 SEND_REFUSED m1 q3 a0 v2
        4 SEND_REFUSED m2 q3 a0 v2
        10 SEND_DELIVERED m1 q3 a0 v1000000
        10 SEND_REJECTED m2 q3 a0 v1000000
    """)
    every_check_holds(text)


def test_without_retries_a_call_is_lost():
    text = slow(notify("0 s, 1 s", "on_limit: reject"))
    assert [line.split()[1] for line in only(text, *SENDS)] == ["SEND_DELIVERED", "SEND_REJECTED"]


def test_jitter_belongs_to_the_call():
    """Pauses of 3 s ± 50 %, drawn by message and attempt: another message before changes nothing of it."""
    retries = "on_limit: reject, retries: {attempts: 3, back_off: 3 s, factor: 1, jitter: 50 %}".replace("50 %", "0.5")
    calls = only(slow(notify("0 s, 1 s, 1 s", retries)), Event.SEND_REFUSED)
    pauses = [float(calls[2].split()[0]) - 1, float(calls[3].split()[0]) - 1]
    assert all(1.5 <= pause <= 4.5 for pause in pauses) and pauses[0] != pauses[1]
    assert calls == only(slow(notify("0 s, 1 s, 1 s", retries)), Event.SEND_REFUSED)


def test_expired():
    """A send that has waited 2 s is dropped, at that instant, and takes no slot."""
    text = bulk(campaign("spring", 4, more="expires_after: 2 s"))
    assert only(text, *SENDS) == lines("""
        0 SEND_DELIVERED m0 q2 a0
        1 SEND_DELIVERED m1 q2 a0
        2 SEND_EXPIRED m2 q2 a0
        2 SEND_EXPIRED m3 q2 a0
    """)
    every_check_holds(text)


def test_calling_windows_by_the_local_clock():
    """Three a minute, asked for and sent only from 00:00 to 00:01 and from 00:10 on Mondays."""
    windows = 'windows: [{from: "00:00", to: "00:01"}, {from: "00:10", to: "00:11", days: mon}]'
    text = bulk(campaign("spring", 5, more=f"requested_rate: 3/min, {windows}"))
    assert sent_us(text) == {0: [0, 20 * S, 40 * S, 600 * S, 620 * S]}
    every_check_holds(text)


def test_who_waits_when_the_window_closes_goes_on_in_the_next():
    """All asked for at the start, one every second: two fit in the window of 00:59:58 to 01:00."""
    windows = 'windows: [{from: "00:00:58", to: "00:01"}, {from: "00:30", to: "00:31"}]'
    assert sent_us(bulk(campaign("spring", 3, more=windows))) == {0: [58 * S, 59 * S, 1800 * S]}


def test_stop_and_resume():
    text = bulk(campaign("spring", 4, more="stop: 2026-03-02 00:00:02, resume: 2026-03-02 00:01"))
    assert sent_us(text) == {0: [0, S, 60 * S, 61 * S]}


def test_stopped_for_good():
    """What has not left at the stop never does."""
    text = bulk(campaign("spring", 4, more="stop: 2026-03-02 00:00:02"))
    assert [line.split()[:2] for line in only(text, *SENDS)] == [
        ["0", "SEND_DELIVERED"], ["1", "SEND_DELIVERED"], ["2", "SEND_STOPPED"], ["2", "SEND_STOPPED"]
    ]  # fmt: skip
    every_check_holds(text)


def test_a_stopped_campaign_leaves_the_cap_to_others():
    """While one is stopped the other has every slot."""
    stops = campaign("a", 3, more="stop: 2026-03-02 00:00:01, resume: 2026-03-02 00:00:03")
    # requests a, a, a, b, b, b at 0; a is stopped from 1 to 3 s, and its requests are the older ones
    assert sent_us(bulk(f"{stops}, {campaign('b', 3)}")) == {0: [0, 3 * S, 4 * S], 1: [S, 2 * S, 5 * S]}


def test_delivery_takes_time_and_is_read():
    """Left at 0 and 1 s, delivered 2 s later, read 3 s after that."""
    text = bulk(campaign("spring", 2, more="delivery: {latency: 2 s, read: {delay: 3 s}}"))
    assert only(text, *SENDS) == lines("""
        0 SEND_DELIVERED m0 q2 a0
        1 SEND_DELIVERED m1 q2 a0
        2 SEND_ARRIVED m0 q2 a0 v2000000
        3 SEND_ARRIVED m1 q2 a0 v2000000
        5 SEND_READ m0 q2 a0 v3000000
        6 SEND_READ m1 q2 a0 v3000000
    """)
    sends = fold(*run(text))["sends"]
    assert sends["delivered_us"].tolist() == [2 * S, 3 * S] and sends["read_us"].tolist() == [5 * S, 6 * S]


def test_a_failed_message_is_sent_again():
    """Everything fails: tries at 0 s; after 1 s latency and 5 s pause, 6 s; after 1 + 10 s, 17 s; the third is the
    last, and says why."""
    delivery = "delivery: {latency: 1 s, failures: {unreachable: 100 %}, attempts: 3, back_off: 5 s}"
    text = bulk(campaign("spring", 1, more=delivery))
    assert only(text, *SENDS) == lines("""
        0 SEND_RESENT m0 q2 a0 v1
        6 SEND_RESENT m0 q2 a0 v2
        17 SEND_FAILED m0 q2 a0
        18 SEND_ARRIVED m0 q2 a0 v1000000
        18 SEND_FAILURE m0 q2 a0 v1
    """)
    assert fold(*run(text))["sends"]["reason"].tolist() == ["unreachable"]
    every_check_holds(text)


def test_a_wrong_number_is_not_tried_again():
    delivery = "delivery: {failures: {number_invalid: 100 %}, attempts: 3}"
    assert only(bulk(campaign("spring", 1, more=delivery)), Event.SEND_RESENT) == []


@pytest.mark.parametrize(("rule", "event"), [("fails", "SEND_IN_CONVERSATION"), ("joins", "SEND_JOINED")])
def test_into_an_open_conversation(rule, event):
    """Open from 0 to 10 s: the message of 5 s meets it, that of 20 s does not."""
    text = notify("5 s, 20 s", f"into_active: {rule}", arrivals="0 s")
    told = [line.split()[:3] for line in only(text, *SENDS)]
    assert [each for each in told if each[1] == event] == [["5", event, "m0"]]
    assert ["20", "SEND_DELIVERED", "m1"] in told
    every_check_holds(text)


def test_by_default_as_the_platform_does_it():
    """Agentless messages into an open conversation fail; campaigns touch no conversation."""
    assert len(only(notify("5 s", arrivals="0 s"), Event.SEND_IN_CONVERSATION)) == 1
    text = bulk(campaign("spring", 1, "00:00:05"), arrivals="0 s", customers="{population: 1}")
    assert len(only(text, Event.SEND_DELIVERED)) == 1


def test_opt_in_by_source():
    """Who was asked on the website said yes, by IVR nobody did; the table says where each was asked."""
    opt_in = "{ivr: {share: 40 %, opt_in: 0 %}, website: {share: 60 %, opt_in: 100 %}}"
    sends = fold(*run(bulk(campaign("spring", 300, opt_in=opt_in))))["sends"]
    by_source = sends.groupby("opt_in_source", observed=True)["outcome"].unique()
    assert by_source["ivr"].tolist() == ["no_opt_in"] and by_source["website"].tolist() == ["delivered"]
    assert 90 <= (sends["opt_in_source"] == "ivr").sum() <= 150


def test_counts_per_second():
    """Ten a second as counts: a row for each second, and the same sends in all."""
    text = bulk(campaign("spring", 35, opt_in="90 %"), limits="whatsapp_campaign: 600/min")
    single = fold(*run(text))["sends"]
    counted = fold(*run(text.replace("outbound: {", "outbound: {detail: per_second, ")))["sends"]
    assert len(counted) < 8 < len(single)
    assert counted["count"].sum() == len(single)
    per_second = single["sent_us"].dropna().astype(int).floordiv(S).value_counts().sort_index().tolist()
    left = counted[counted["outcome"] == "delivered"]
    assert left.groupby(left["sent_us"] // S)["count"].sum().tolist() == per_second
    every_check_holds(text.replace("outbound: {", "outbound: {detail: per_second, "))


def test_the_cap_that_held_by_interval():
    text = capped(bulk(campaign("spring", 100)), "throughput: 30/min")
    scenario, rows = run(text)
    table = cap_intervals(scenario, fold(scenario, rows), int(rows["time"][-1]))
    first = table[(table["cap"] == "number") & (table["lane"] == "campaign")].iloc[0]
    assert (first["left"], first["held"], first["waiting_max"]) == (100, 99, 99)
    assert first["time_at_cap"] == pytest.approx(198 / 1800)


def test_closed_hours_and_the_cap_each_have_their_part_of_a_wait():
    """Four are asked for at 58 s, one may leave a second: at 58 and 59 s, then it is closed until 1,800 s, then two.

    The third leaves the moment it opens: its hours held it all the time, 1,742 s. The fourth waited for the cap from 58
    to 60 s and from 1,800 to 1,801 s, and 1,740 s for its hours."""
    windows = 'windows: [{from: "00:00:58", to: "00:01"}, {from: "00:30", to: "00:31"}]'
    scenario, rows = run(bulk(campaign("spring", 4, more=windows)))
    tables, end_us = fold(scenario, rows), int(rows["time"][-1])
    found = waits(scenario, tables["sends"], tables["send_attempts"], tables["outages"], end_us)
    pieces = sorted(zip(*(each.tolist() for each in (found.row, found.begin, found.end, found.cap)), strict=True))
    assert pieces == [
        (1, 58 * S, 59 * S, Cap.ORGANISATION),
        (2, 58 * S, 1800 * S, Cap.HOURS),
        (3, 58 * S, 60 * S, Cap.ORGANISATION),
        (3, 60 * S, 1800 * S, Cap.HOURS),
        (3, 1800 * S, 1801 * S, Cap.ORGANISATION),
    ]
    figures = {
        (metric, dict(scope).get("cap")): part.numerator
        for metric, parts in measure(scenario, tables, end_us).items()
        for scope, part in parts.items()
        if metric.endswith(("by_cap", "by_cap_max")) and dict(scope).get("lane") == "campaign"
    }
    assert figures["held_by_cap", "hours"] == 2 and figures["held_by_cap", "organisation"] == 2
    assert figures["held_by_cap_max", "hours"] == 1742 and figures["held_by_cap_max", "organisation"] == 3
    assert figures["drain_by_cap", "hours"] == 1742 and figures["drain_by_cap", "organisation"] == 2
    table = cap_intervals(scenario, tables, end_us)
    second = table[(table["start_us"] == 1800 * S) & (table["lane"] == "campaign")].set_index("cap")
    assert second.loc["organisation", ["held", "waited_mean_us"]].tolist() == [1, 3 * S]
    assert second.loc["hours", ["held", "waited_mean_us"]].tolist() == [2, 1741 * S]
    told = " ".join(tell(tables, "spring/3", scenario))
    assert "29 min 3 s after it was asked for" in told and "29 min of it nothing might leave" in told


def test_who_is_sent_again_waits_for_no_cap_meanwhile():
    """One a second; everything fails once, and comes again after 100 s. No cap holds the last try of either: the cap
    has held the second message for a second at its first try, of which its end does not tell."""
    delivery = "delivery: {failures: {unreachable: 100 %}, attempts: 2, back_off: 100 s}"
    scenario, rows = run(bulk(campaign("spring", 2, more=delivery)))
    tables, end_us = fold(scenario, rows), int(rows["time"][-1])
    assert tables["sends"]["sent_us"].tolist() == [100 * S, 101 * S] and tables["sends"]["cap"].isna().all()
    found = measure(scenario, tables, end_us)
    lane = (("lane", "campaign"),)
    assert found["backlog_peak"][lane].numerator == 0 and found["drain_time"][lane].numerator == 0
    assert found["held_by_cap"][*lane, ("cap", "organisation")].numerator == 0


def test_who_is_sent_again_and_held_waits_for_the_cap_from_its_second_request_on():
    """One in 10 s. The first fails at 0 s and is asked for again at 15 s; the third has the slot at 20 s, it the one
    at 30 s: the cap holds it for 15 s, and not for 30."""
    delivery = "delivery: {failures: {unreachable: 100 %}, attempts: 2, back_off: 15 s}"
    text = bulk(f"{campaign('a', 1, more=delivery)}, {campaign('b', 2)}", limits="whatsapp_campaign: 6/min")
    scenario, rows = run(text)
    tables = fold(scenario, rows)
    found = waits(scenario, tables["sends"], tables["send_attempts"], tables["outages"], int(rows["time"][-1]))
    again = int(np.flatnonzero(tables["sends"]["source"] == "a")[0])
    mine = found.row == again
    assert list(zip(found.begin[mine].tolist(), found.end[mine].tolist(), strict=True)) == [(15 * S, 30 * S)]


def test_an_outage_and_the_cap_each_have_their_part_of_a_wait():
    """Three calls at 60 s, down from 30 to 120 s, then one in 10 s: 60 s for the outage, the rest for the cap."""
    text = notify("60 s, 60 s, 60 s") + "\noutages: {cut: {platform: whatsapp, from: 30 s, to: 120 s}}"
    scenario, rows = run(slow(text))
    tables = fold(scenario, rows)
    found = waits(scenario, tables["sends"], tables["send_attempts"], tables["outages"], int(rows["time"][-1]))
    pieces = sorted(zip(*(each.tolist() for each in (found.row, found.begin, found.end, found.cap)), strict=True))
    assert pieces == [
        (0, 60 * S, 120 * S, Cap.HOURS),
        (1, 60 * S, 120 * S, Cap.HOURS),
        (1, 120 * S, 130 * S, Cap.ORGANISATION),
        (2, 60 * S, 120 * S, Cap.HOURS),
        (2, 120 * S, 140 * S, Cap.ORGANISATION),
    ]


def test_a_refused_call_does_not_look_into_the_future_of_its_tier():
    """Two customers a rolling day, one notice in 10 s. Notices begin with two, at 0 s and 86,395 s. The call at
    86,396 s is refused: its slot is at 86,405 s, when the first customer has left the window. He has not yet: the
    campaign's message of 86,397 s waits for that, until 86,400 s."""
    calls = "n: {channel: wa, template: t, arrivals: {trace: [0 s, 86395 s, 86396 s]}, on_limit: reject}"
    limits = "whatsapp_agentless: 6/min"
    text = capped(bulk(campaign("spring", 1, "23:59:57"), calls, limits=limits, duration="2 days"), "tier: 2")
    assert only(text, *SENDS) == lines("""
        0 SEND_DELIVERED m0 q3 a0
        86395 SEND_DELIVERED m1 q3 a0 v86395000000
        86396 SEND_REJECTED m2 q3 a0 v86396000000
        86400 SEND_DELIVERED m0 q2 a1 v86397000000
    """)
    every_check_holds(text)


def test_counts_per_second_do_not_say_what_they_do_not_know():
    """No call and no try stands in counts: nothing is said of them. And no 60 s hold more than the cap let through."""
    retries = "on_limit: reject, retries: {attempts: 2, back_off: 3 s}"
    text = slow(notify("0 s, 1 s, 1 s", retries)).replace("outbound: {", "outbound: {detail: per_second, ")
    scenario, rows = run(text)
    found = measure(scenario, fold(scenario, rows), int(rows["time"][-1]))
    assert found["nRefused"] == {} and found["nRejected"][("lane", "agentless"),].numerator == 1
    fast = bulk(campaign("spring", 300), limits="whatsapp_campaign: 600/min")
    scenario, rows = run(capped(fast.replace("outbound: {", "outbound: {detail: per_second, "), "throughput: 90/min"))
    found = measure(scenario, fold(scenario, rows), int(rows["time"][-1]))
    assert found["messages_per_60_s_peak"][("lane", "campaign"),].numerator <= 90


# --- what a scenario may say -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "path", "problem"),
    [
        (campaign("a", 1, more="resume: 2026-03-02 00:10"), "campaigns.a.resume", "never stopped"),
        (campaign("a", 1, "00:20", "stop: 2026-03-02 00:10"), "campaigns.a.stop", "before it starts"),
        (campaign("a", 1, opt_in="{ivr: {share: 40 %, opt_in: 0 %}}"), "campaigns.a.opt_in", "sum to 40 %"),
        (campaign("a", 1, more="characters: 5000"), "campaigns.a.characters", "more than one whatsapp message"),
        (campaign("a", 1, more="windows: [{from: 8, to: 9}]"), "campaigns.a.windows.0.from", "time of day"),
    ],
)
def test_bad_campaigns_are_refused(text, path, problem):
    with pytest.raises(ScenarioError) as refused:
        loads(bulk(text))
    assert any(path in each.path and problem in each.problem for each in refused.value.findings)


def test_retries_without_reject_are_refused():
    with pytest.raises(ScenarioError, match="nobody tries again"):
        loads(notify("0 s", "retries: {attempts: 2}"))


@pytest.mark.parametrize(
    ("caps", "allowed"),
    [("throughput: 80/s", "4 numbers at 80/s, or one at 1,000/s"), ("throughput: 1000/s", None)],
)
def test_a_cap_that_is_never_reached_is_said(caps, allowed):
    """18,000 a minute need four numbers at 80 a second or one at 1,000."""
    text = capped(bulk(campaign("spring", 10), limits="whatsapp_campaign: 18000/min"), caps)
    found = [each.allowed for each in loads(text).warnings if "never reached" in each.problem]
    assert found == ([allowed] if allowed else [])


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ('windows: [{from: "02:00", to: "03:00"}]', True),  # the run is an hour long and begins on a Monday at 0 h
        ('windows: [{from: "00:10", to: "00:20", days: tue}]', True),
        ('windows: [{from: "00:10", to: "00:20"}], stop: 2026-03-02 00:05', True),
        ('windows: [{from: "00:10", to: "00:20"}], stop: 2026-03-02 00:05, resume: 2026-03-02 00:15', False),
        ('windows: [{from: "23:00", to: "00:10"}]', False),
    ],
)
def test_windows_that_never_open_are_said(hours, said):
    warnings = loads(bulk(campaign("spring", 5, more=hours))).warnings
    assert any("no calling window opens" in each.problem for each in warnings) == said


def test_a_tier_that_is_too_small_is_said():
    text = capped(bulk(campaign("spring", 5_000), customers="{population: 9000}"), "tier: 2000")
    assert any("takes 3 days" in each.problem for each in loads(text).warnings)


# --- calls that expire, rates under pressure, runs that are too short ------------------------------------------------


@pytest.mark.parametrize(
    ("expires", "story"),
    [
        # refused at 1 s, when it is made; its second call, at 4 s, comes after the 3 s at which it expires
        ("2 s", "1 SEND_REFUSED m1 q3 a0 v1 | 4 SEND_EXPIRED m1 q3 a0 v1000000"),
        # expires at 6 s: a second 429 at 4 s; the third call, at 10 s, would find the slot and is not made any more
        ("5 s", "1 SEND_REFUSED m1 q3 a0 v1 | 4 SEND_REFUSED m1 q3 a0 v2 | 10 SEND_EXPIRED m1 q3 a0 v1000000"),
        # expires at 11 s: the third call takes the slot at 10 s
        ("10 s", "1 SEND_REFUSED m1 q3 a0 v1 | 4 SEND_REFUSED m1 q3 a0 v2 | 10 SEND_DELIVERED m1 q3 a0 v1000000"),
    ],
)
def test_a_refused_call_hears_its_429_before_it_expires(expires, story):
    """One in 10 s; called at 1 s, pauses of 3 and 6 s. Who is refused knows it at once, and expires when he would call
    again; another call at 12 s finds the slot that an expired one has not used."""
    retries = f"on_limit: reject, retries: {{attempts: 2, back_off: 3 s}}, expires_after: {expires}"
    text = slow(notify("0 s, 1 s, 12 s", retries))
    told = [line for line in only(text, *SENDS) if " m2 " not in line]
    assert told == ["0 SEND_DELIVERED m0 q3 a0", *story.split(" | ")]
    third = next(line for line in only(text, *SENDS) if " m2 " in line)
    assert third.split()[:2] == ["12", "SEND_REFUSED" if "SEND_DELIVERED" in story else "SEND_DELIVERED"]
    every_check_holds(text)


@pytest.mark.parametrize(
    ("closed", "left", "seconds"),
    [
        ("", 3, 3),  # at 0, 1, 2, 3 s: three left while others waited, in 3 s
        # 0, 1, 60, 61 s: one left in (0, 2], one in (60, 61]; from 2 to 60 s no cap held anybody
        ("stop: 2026-03-02 00:00:02, resume: 2026-03-02 00:01", 2, 3),
        ('windows: [{from: "00:00", to: "00:00:02"}, {from: "00:01", to: "00:02"}]', 2, 3),
    ],
)
def test_the_rate_under_backlog_counts_no_time_in_which_nothing_may_leave(closed, left, seconds):
    text = bulk(campaign("spring", 4, more=closed))
    scenario, rows = run(text)
    found = measure(scenario, fold(scenario, rows), int(rows["time"][-1]))["messages_per_minute_at_backlog"]
    for scope in (("lane", "campaign"), ("source", "spring")):
        part = found[(scope,)]
        assert (part.numerator, part.denominator * 60) == (left, pytest.approx(seconds))


def test_the_rate_under_backlog_counts_no_outage():
    """Out from 0 to 60 s; five calls of 0 s leave from 60 s on, one a second: four in 4 s."""
    text = notify("0 s, 0 s, 0 s, 0 s, 0 s", limits="whatsapp_agentless: 60/min")
    text = text.replace("outbound: {", "outages: {o: {channel: wa, from: 0, for: 1 min}}\noutbound: {", 1)
    scenario, rows = run(text)
    found = measure(scenario, fold(scenario, rows), int(rows["time"][-1]))["messages_per_minute_at_backlog"]
    part = found[(("lane", "agentless"),)]
    assert (part.numerator, part.denominator * 60) == (4, pytest.approx(4))


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ("", None),  # 100 messages, one a second, in an hour
        ('windows: [{from: "00:00", to: "00:01"}]', "it may write for 60 s"),
        ('windows: [{from: "00:00", to: "00:01"}, {from: "00:00:30", to: "00:01:30"}]', "it may write for 90 s"),
        ('windows: [{from: "00:00", to: "00:01"}, {from: "00:30", to: "00:31"}]', None),
        ("stop: 2026-03-02 00:01, resume: 2026-03-02 00:59:30", "it may write for 90 s"),
        ("stop: 2026-03-02 00:01, resume: 2026-03-02 00:30", None),
    ],
)
def test_a_campaign_must_fit_into_the_hours_in_which_it_may_write(more, told):
    found = [each.problem for each in loads(bulk(campaign("spring", 100, more=more))).warnings]
    said = [each for each in found if "through their caps" in each]
    assert len(said) == (told is not None)
    assert told is None or told in said[0], said
