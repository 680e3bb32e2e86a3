"""Tiny worlds, worked out by hand: campaigns and notifications through their caps, and the customers who answer."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tiny import STATUS, lines, only, story, tiny
from worlds import run

from simulator.scenario import loads
from simulator.vocabulary.codes import Event, Lane
from simulator.vocabulary.errors import ScenarioError

SENDS = (Event.SEND_DELIVERED, Event.SEND_FAILED, Event.SEND_WAITING, Event.SEND_NO_OPT_IN)


def campaign(name: str, contacts: int, start: str = "00:00", more: str = "", opt_in: str = "100 %") -> str:
    when = f"start: 2026-03-02 {start}"
    return f"{name}: {{channel: wa, contacts: {contacts}, {when}, template: t, opt_in: {opt_in}, {more}}}"


def bulk(campaigns: str = "", notifications: str = "", limits: str = "whatsapp_campaign: 60/min", **tiny_: str) -> str:
    more = f"outbound: {{limits: {{{limits}}}, campaigns: {{{campaigns}}}, notifications: {{{notifications}}}}}"
    return tiny(tiny_.pop("arrivals", ""), channel="wa", more=more, **tiny_)


def sent_us(text: str) -> dict[int, list[int]]:
    """Times at which messages left, by source."""
    rows = run(text)[1]
    rows = rows[np.isin(rows["event"], [Event.SEND_DELIVERED, Event.SEND_FAILED])]
    return {int(s): sorted(rows["time"][rows["agent"] == s].tolist()) for s in np.unique(rows["agent"])}


# --- through the cap -------------------------------------------------------------------------------------------


def test_even_pacing():
    """`even`: t_k = max(request_k, t_(k-1) + 60 s/cap); all requested at the start, one leaves each second."""
    assert story(bulk(campaign("spring", 5)), STATUS) == lines("""
        0 SEND_DELIVERED m0 q2 a0                   # lane 2 is CAMPAIGN; the value, time of the request, is 0
        1 SEND_DELIVERED m1 q2 a0
        2 SEND_DELIVERED m2 q2 a0
        3 SEND_DELIVERED m3 q2 a0
        4 SEND_DELIVERED m4 q2 a0
        3600 RUN_ENDED
    """)


def test_burst_pacing():
    """`burst`: t_k = max(request_k, t_(k-cap) + 60 s): three a minute leave three at once."""
    text = bulk(campaign("spring", 7), limits="whatsapp_campaign: 3/min, pacing: burst")
    assert sent_us(text) == {0: [0, 0, 0, 60_000_000, 60_000_000, 60_000_000, 120_000_000]}


def test_even_pacing_leaves_at_the_first_whole_microsecond():
    """The clock counts in 1 µs ÷ cap; a message leaves at the first whole µs not before its slot."""
    text = bulk(campaign("spring", 8), limits="whatsapp_campaign: 7/min")
    # k * 60 s / 7 = 8571428.57..., rounded up
    assert sent_us(text)[0] == [0, 8571429, 17142858, 25714286, 34285715, 42857143, 51428572, 60_000_000]


def test_later_start():
    """A campaign requests at its start, in local time."""
    assert only(bulk(campaign("spring", 2, "00:10")), *SENDS) == lines("""
        600 SEND_DELIVERED m0 q2 a0 v600000000
        601 SEND_DELIVERED m1 q2 a0 v600000000
    """)


def test_requested_rate_below_the_cap():
    """A campaign that requests slower than the cap is never held."""
    assert only(bulk(campaign("spring", 3, more="requested_rate: 30/min")), *SENDS) == lines("""
        0 SEND_DELIVERED m0 q2 a0
        2 SEND_DELIVERED m1 q2 a0 v2000000
        4 SEND_DELIVERED m2 q2 a0 v4000000
    """)


def test_two_campaigns_share_the_cap():
    """Sends leave in order of request over all sources of the lane; ties: source in order of name, then ordinal."""
    text = bulk(f"{campaign('a', 3, more='requested_rate: 30/min')}, {campaign('b', 3)}")
    # requests: a at 0, 2, 4; b at 0, 0, 0
    assert only(text, *SENDS) == lines("""
        0 SEND_DELIVERED m0 q2 a0
        1 SEND_DELIVERED m0 q2 a1
        2 SEND_DELIVERED m1 q2 a1
        3 SEND_DELIVERED m2 q2 a1
        4 SEND_DELIVERED m1 q2 a0 v2000000
        5 SEND_DELIVERED m2 q2 a0 v4000000
    """)


def test_two_campaigns_share_the_burst():
    """In a burst two campaigns share each minute's cap in order of request."""
    text = bulk(f"{campaign('a', 2)}, {campaign('b', 3, '00:00:30')}", limits="whatsapp_campaign: 3/min, pacing: burst")
    assert sent_us(text) == {0: [0, 0], 1: [30_000_000, 60_000_000, 60_000_000]}


def test_the_lanes_have_caps_of_their_own():
    """Campaigns and agentless notifications do not share a cap."""
    text = bulk(
        campaign("a", 3),
        "n: {channel: wa, template: t, batches: [{at: '00:00', count: 3}]}",
        limits="whatsapp_campaign: 60/min, whatsapp_agentless: 30/min",
    )
    assert sent_us(text) == {0: [0, 1_000_000, 2_000_000], 1: [0, 2_000_000, 4_000_000]}


def test_notification_batches():
    """A batch requests all its messages at its time of day, every day; over the cap they wait in turn."""
    text = bulk(
        notifications="parcel: {channel: wa, template: t, batches: [{at: '00:10', count: 2}, {at: '00:05', count: 1}]}",
        limits="whatsapp_agentless: 60/min",
        duration="25 h",
    )
    assert only(text, *SENDS) == lines("""
        300 SEND_DELIVERED m0 q3 a0 v300000000
        600 SEND_DELIVERED m1 q3 a0 v600000000
        601 SEND_DELIVERED m2 q3 a0 v600000000
        86700 SEND_DELIVERED m3 q3 a0 v86700000000
        87000 SEND_DELIVERED m4 q3 a0 v87000000000
        87001 SEND_DELIVERED m5 q3 a0 v87000000000
    """)


def test_no_opt_in():
    """No opt-in, no campaign message: counted, and nothing is requested."""
    assert only(bulk(campaign("spring", 2, "00:10", opt_in="0 %")), *SENDS) == lines("""
        600 SEND_NO_OPT_IN m0 q2 a0 v600000000
        600 SEND_NO_OPT_IN m1 q2 a0 v600000000
    """)


def test_who_has_not_opted_in_uses_no_cap():
    """Messages without opt-in take no slot: of 200 with half opted in the last leaves as the count of sends says."""
    text = bulk(campaign("spring", 200, opt_in="50 %"))
    left = sent_us(text)[0]
    assert left == [i * 1_000_000 for i in range(len(left))]
    assert len(left) + len(only(text, Event.SEND_NO_OPT_IN)) == 200
    assert 70 <= len(left) <= 130


def test_failed():
    """What leaves may fail; it has used the cap all the same."""
    text = bulk(campaign("spring", 2, more="delivered: 0 %"))
    assert only(text, *SENDS) == ["0 SEND_FAILED m0 q2 a0", "1 SEND_FAILED m1 q2 a0"]


def test_waiting_when_the_run_ends():
    """What the cap still holds at the end is counted as waiting, and RUN_ENDED is the journal's last row."""
    assert story(bulk(campaign("spring", 5), duration="3 s"), STATUS) == lines("""
        0 SEND_DELIVERED m0 q2 a0
        1 SEND_DELIVERED m1 q2 a0
        2 SEND_DELIVERED m2 q2 a0
        3 SEND_WAITING m3 q2 a0
        3 SEND_WAITING m4 q2 a0
        3 RUN_ENDED
    """)


def test_a_drained_run_ends_after_the_last_send():
    """`drain`: the run does not end before the cap has let the last message go."""
    text = bulk(campaign("spring", 100), duration="1 min").replace("outbound:", "after_end: drain\noutbound:")
    assert sent_us(text)[0][-1] == 99_000_000
    assert only(text, Event.SEND_WAITING) == []
    assert float(only(text, Event.RUN_ENDED)[0].split()[0]) >= 99


# --- customers who answer --------------------------------------------------------------------------------------

ANSWERS = "replies: {probability: 100 %, delay: 100 s, topic: ask}"


def test_a_reply_comes_back_as_a_contact():
    """Replies are contacts of the campaign, delay from delivery; the campaign's message opens no conversation."""
    text = bulk(campaign("spring", 2, more=ANSWERS))
    assert story(text, STATUS) == lines("""
        0 SEND_DELIVERED m0 q2 a0
        1 SEND_DELIVERED m1 q2 a0
        100 CONTACT_ARRIVED c0.1 m0 q0 a0           # source 0 is the campaign `spring`
        100 CONTACT_STARTED c0.1 m0 v-1
        100 PORTION_OPENED c0.1 m0 q0
        100 TURN_OPENED c0.1 m0 a0
        100 MESSAGE_RECEIVED c0.1 m0 a0
        100 QUEUE_ENTERED c0.1 m0 q0 a0
        100 ALERTED c0.1 m0 q0 a0
        100 CONNECTED c0.1 m0 q0 a0
        100 REPLY_STARTED c0.1 m0 q0 a0 v10000000
        101 CONTACT_ARRIVED c1.1 m1 q0 a0 v1
        101 CONTACT_STARTED c1.1 m1 v-1
        101 PORTION_OPENED c1.1 m1 q0
        101 TURN_OPENED c1.1 m1 a1
        101 MESSAGE_RECEIVED c1.1 m1 a1 v1
        101 QUEUE_ENTERED c1.1 m1 q0 a1
        110 REPLY_SENT c0.1 m2 q0 a0
        110 CONTACT_ENDED m0 v1
        110 PORTION_DISCONNECTED c0.1 a0 v1
        110 SESSION_ENDED c0.1 m0 q0 a0
        110 ALERTED c1.1 m1 q0 a0
        110 CONNECTED c1.1 m1 q0 a0 v1
        110 REPLY_STARTED c1.1 m1 q0 a0 v10000000
        120 REPLY_SENT c1.1 m3 q0 a0 v1
        120 CONTACT_ENDED m1 v1
        120 PORTION_DISCONNECTED c1.1 a0 v1
        120 SESSION_ENDED c1.1 m1 q0 a0
        3600 RUN_ENDED
    """)


def test_a_reply_within_the_window_reopens_and_finds_the_last_agent():
    """Campaign customers come from the channel's population: within the window a reply re-opens his conversation."""
    text = bulk(campaign("spring", 1, "00:01", ANSWERS), arrivals="0 s", customers="{population: 1}", agents="count: 2")
    kept = only(
        text, Event.CONTACT_STARTED, Event.CONTACT_REOPENED, Event.SEND_DELIVERED, Event.ALERTED, Event.CONTACT_ARRIVED
    )
    assert kept == lines("""
        0 CONTACT_ARRIVED c0.1 m0 q0 a1             # source 1 is the channel `wa`
        0 CONTACT_STARTED c0.1 m0
        0 ALERTED c0.1 m0 q0 a0
        60 SEND_DELIVERED m0 q2 a0 v60000000
        160 CONTACT_ARRIVED c0.2 m1 q0 a0
        160 CONTACT_REOPENED c0.2 m1
        160 ALERTED c0.2 m1 q0 a0 v1
    """)


def test_without_replacement():
    """Campaign customers are drawn without replacement: 50 messages to a population of 50 reach everybody once."""
    text = bulk(campaign("spring", 50, more=ANSWERS), customers="{population: 50}")
    who = [line.split()[3:] for line in only(text, Event.CONTACT_STARTED)]
    assert sorted(int(words[1][1:]) if len(words) > 1 else 0 for words in who) == list(range(50))


@pytest.mark.parametrize("delivered", ["100 %", "0 %"])
def test_only_delivered_messages_are_answered(delivered):
    """The reply probability is of delivered messages."""
    text = bulk(campaign("spring", 5, more=f"delivered: {delivered}, {ANSWERS}"))
    assert len(only(text, Event.CONTACT_ARRIVED)) == (5 if delivered == "100 %" else 0)


def test_a_reply_delayed_by_the_cap():
    """The delay counts from the delivery, which the cap has put off, not from the request."""
    text = bulk(campaign("spring", 3, more=ANSWERS), limits="whatsapp_campaign: 1/min")
    assert [line.split()[0] for line in only(text, Event.CONTACT_ARRIVED)] == ["100", "160", "220"]


# --- the fluid case --------------------------------------------------------------------------------------------


def test_cap_as_a_fluid(shared):
    """120 messages a second for ten minutes into a cap of 80, then 40 a second (`x_cap_fluid`)."""
    cases = json.loads(shared("ground_truth/cases.json").read_text(encoding="utf-8"))
    expected = next(each for each in cases if each["id"] == "x_cap_fluid")["expected"]
    text = bulk(
        f"{campaign('first', 72_000, more='requested_rate: 120/s')}, "
        f"{campaign('second', 48_000, '00:10', more='requested_rate: 40/s')}",
        limits="whatsapp_campaign: 4800/min",
    )
    rows = run(text)[1]
    rows = rows[rows["event"] == Event.SEND_DELIVERED]
    assert len(rows) == 120_000 and set(rows["queue"]) == {int(Lane.CAMPAIGN)}
    requested, left = np.sort(rows["value"]), np.sort(rows["time"])
    delay = rows["time"] - rows["value"]
    slot_us = 1e6 / 80

    at = np.unique(np.concatenate([requested, left]))
    backlog = np.searchsorted(requested, at, side="right") - np.searchsorted(left, at, side="right")
    assert abs(int(backlog.max()) - expected["peak_backlog"]) <= 1
    assert abs(int(at[backlog.argmax()]) - 600_000_000) <= 2 * slot_us
    drained_us = int(rows["time"][delay > slot_us].max())
    assert (
        abs(drained_us - 600_000_000 - expected["drain_s"] * 1e6) <= 3 * slot_us
    )  # the delay shrinks by half a slot a slot
    assert abs(int(delay.max()) / 1e6 - expected["max_delay_s"]) <= slot_us / 1e6
    held = delay[(rows["value"] < 1_200_000_000)]
    assert abs(float(held.mean()) / 1e6 - expected["mean_delay_s"]) <= slot_us / 1e6
    # and never more than the cap in any minute
    assert (left[4800:] - left[:-4800] >= 60_000_000).all()


def test_a_campaign_without_opt_in_is_told_what_says_that_everybody_agreed():
    text = bulk(campaign("sale", 10))
    for wrong, settings, hint in (
        (text, {"outbound.campaigns.sale.opt_in": None}, "add `opt_in: 100 %` if all of them agreed"),
        (text.replace("opt_in: 100 %", "opt_in: null"), {}, "write `100 %` if all of them agreed"),
    ):
        with pytest.raises(ScenarioError) as caught:
            loads(wrong, settings=settings)
        assert hint in [finding.suggestion for finding in caught.value.findings if finding.path.endswith("opt_in")]
