"""Tiny worlds, worked out by hand: bulk sends through the caps of numbers, pairs and tiers, and beside agents."""

from __future__ import annotations

import json
from unittest.mock import patch

import numpy as np
import pytest
from test_worlds_outbound import bulk, campaign, sent_us
from tiny import lines, only
from worlds import run

import simulator.model.lanes as component_lanes
from simulator.records import fold
from simulator.records.checks import checks
from simulator.vocabulary.codes import Event

SENDS = [event for event in Event if event.name.startswith("SEND")]
S = 1_000_000


def capped(text: str, caps: str) -> str:
    return text.replace("platform: whatsapp,", f"platform: whatsapp, {caps},")


def sms(text: str, more: str = "") -> str:
    return text.replace("platform: whatsapp,", f"platform: sms, {more}").replace("business_verified: true,", "")


def every_check_holds(text: str) -> None:
    scenario, rows = run(text)
    assert [check for check in checks(scenario, rows, fold(scenario, rows)) if not check.passed] == []


# --- numbers ---------------------------------------------------------------------------------------------------


def test_a_number_below_the_lane():
    """Lane 60 a minute, number 20 a minute: one every 3 s, and the rows say what held them."""
    text = capped(bulk(campaign("spring", 3)), "throughput: 20/min")
    assert sent_us(text) == {0: [0, 3 * S, 6 * S]}
    rows = run(text)[1]
    assert rows["portion"][rows["event"] == Event.SEND_DELIVERED].tolist() == [-1, 1, 1]  # Cap.NUMBER
    every_check_holds(text)


def test_numbers_share_the_work():
    """Three numbers of 20 a minute: each send takes the one that is free first."""
    numbers = 'throughput: 20/min, numbers: ["+49 30 7654321", "+49 30 7654322"]'
    text = capped(bulk(campaign("spring", 5), limits="whatsapp_campaign: 6000/min"), numbers)
    # the lane lets one go every 10 ms
    assert sent_us(text) == {0: [0, 10_000, 20_000, 3 * S, 3 * S + 10_000]}
    every_check_holds(text)


def test_the_number_counts_what_customers_write():
    """One message in 10 s, in and out together. A customer writes at 0 s, the campaign is asked for at 5 s, the reply
    is ready at 10 s: the reply has the slot at 10 s, because agents precede campaigns."""
    text = capped(bulk(campaign("spring", 2, "00:00:05"), arrivals="0 s"), "throughput: 6/min")
    assert only(text, Event.MESSAGE_RECEIVED, Event.REPLY_SENT, *SENDS) == lines("""
        0 MESSAGE_RECEIVED c0.1 m0 a0
        10 REPLY_SENT c0.1 m1 q0 a0
        20 SEND_DELIVERED m0 q2 a0 v5000000
        30 SEND_DELIVERED m1 q2 a0 v5000000
    """)
    every_check_holds(text)


def test_a_reply_waits_for_its_number():
    """Two customers write at 0 and 3 s: that takes the slots of 0 and 10 s. The replies, ready at 10 and 13 s, leave at
    20 and 30 s; inbound is never delayed."""
    text = capped(bulk(arrivals="0 s, 3 s", agents="count: 2"), "throughput: 6/min")
    kept = only(text, Event.MESSAGE_RECEIVED, Event.MESSAGE_PENDING, Event.MESSAGE_CAPPED, Event.REPLY_SENT)
    assert kept == lines("""
        0 MESSAGE_RECEIVED c0.1 m0 a0
        3 MESSAGE_RECEIVED c1.1 m1 a1 v1
        10 MESSAGE_PENDING c0.1 m2 q0 a0
        13 MESSAGE_PENDING c1.1 m3 q0 a1 v1
        20 MESSAGE_CAPPED c0.1 m2 q0 a1 v10000000     # lane 0 is AGENT, cap 1 NUMBER, it waited 10 s
        20 REPLY_SENT c0.1 m2 q0 a0
        30 MESSAGE_CAPPED c1.1 m3 q0 a1 v17000000
        30 REPLY_SENT c1.1 m3 q0 a1 v1
    """)
    every_check_holds(text)


def test_inbound_pushes_a_waiting_reply_on():
    """A third customer writes at 15 s: that takes the slot of 20 s, and the replies leave at 30, 40 and 50 s."""
    text = capped(bulk(arrivals="0 s, 3 s, 15 s", agents="count: 3"), "throughput: 6/min")
    assert [line.split()[0] for line in only(text, Event.REPLY_SENT)] == ["30", "40", "50"]
    every_check_holds(text)


def test_agentless_before_campaigns_at_a_number():
    """All asked for at 0 s: the API's messages go first."""
    text = bulk(campaign("spring", 2), "n: {channel: wa, template: t, batches: [{at: '00:00', count: 2}]}")
    assert sent_us(capped(text, "throughput: 60/min")) == {0: [0, S], 1: [2 * S, 3 * S]}


def test_bulk_advances_the_same_way_between_interactive_messages():
    """Who writes leaves the campaign's order alone: each of his messages takes one slot."""
    limits = "whatsapp_campaign: 60000/min"
    alone = capped(bulk(campaign("spring", 300), limits=limits), "throughput: 120/min")
    beside = capped(bulk(campaign("spring", 300), arrivals="20 s, 70 s", limits=limits), "throughput: 120/min")
    slots = np.array(sent_us(alone)[0])
    found = np.array(sent_us(beside)[0])
    assert slots.tolist() == [i * S // 2 for i in range(300)]
    # 20 s in, 30 s out, 70 s in, 80 s out: each moves the rest by half a second
    moved = sum((slots >= at * S).astype(int) for at in (20, 29.5, 69, 78.5))
    assert (found - slots == moved * S // 2).all()
    every_check_holds(beside)


def test_customers_who_answer_a_lane_in_the_midst_of_the_run():
    """The reply comes so long after its message left, whatever held the message."""
    answers = "replies: {probability: 100 %, delay: 4 s, topic: ask}"
    text = capped(bulk(campaign("spring", 2, more=answers)), "throughput: 6/min")
    assert only(text, Event.SEND_DELIVERED, Event.CONTACT_ARRIVED, Event.REPLY_SENT) == lines("""
        0 SEND_DELIVERED m0 q2 a0
        4 CONTACT_ARRIVED c0.1 m0 q0 a0                # takes the slot of 10 s
        20 REPLY_SENT c0.1 m1 q0 a0                    # ready at 14 s, before the campaign's second message
        30 SEND_DELIVERED m1 q2 a0
        34 CONTACT_ARRIVED c1.1 m1 q0 a0 v1
        50 REPLY_SENT c1.1 m3 q0 a0 v1
    """)
    every_check_holds(text)


@pytest.mark.parametrize(
    ("kind", "slots"), [("number_type: long_code,", [0, 2, 4]), ("number_type: toll_free,", [0, 2 / 3, 4 / 3])]
)
def test_sms_rates_count_parts(kind, slots):
    """200 characters are two parts: a long code carries one a second, a toll-free number three."""
    text = sms(bulk(campaign("spring", 3, more="characters: 200")), kind)
    assert [at / S for at in sent_us(text)[0]] == pytest.approx(slots, abs=1e-6)
    every_check_holds(text)


def test_integration_scope():
    """Each channel has the lane's cap for itself."""
    second = 'wb: {platform: whatsapp, number: "+49 30 2", business_verified: true, flow: door, topics: {ask: 100 %}}'
    second = second.replace("+49 30 2", "+49 30 2222222")
    two = f"{campaign('a', 2)}, {campaign('b', 2).replace('channel: wa', 'channel: wb')}"
    assert sent_us(bulk(two, others=second)) == {0: [0, S], 1: [2 * S, 3 * S]}
    own = bulk(two, limits="whatsapp_campaign: 60/min, scope: integration", others=second)
    assert sent_us(own) == {0: [0, S], 1: [0, S]}
    every_check_holds(own)


def test_burst_of_a_number():
    """`burst`: two in a second leave at once, then the window is full."""
    text = capped(bulk(campaign("spring", 5), limits="whatsapp_campaign: 600/min, pacing: burst"), "throughput: 2/s")
    assert sent_us(text) == {0: [0, 0, S, S, 2 * S]}
    every_check_holds(text)


# --- pairs and tiers -------------------------------------------------------------------------------------------


def notify(at: str, more: str = "", customers: str = "{population: 1}", **rest: str) -> str:
    times = f"arrivals: {{trace: [{at}]}}"
    return bulk(notifications=f"n: {{channel: wa, template: t, {times}, {more}}}", customers=customers, **rest)


def test_a_pair_bursts_and_is_silent():
    """45 messages to one customer within 6 s; then nothing for 45 times 6 s."""
    text = capped(notify(", ".join(["0 s"] * 46)), "pair: {}")
    text = text.replace("limits: {whatsapp_campaign: 60/min}", "limits: {whatsapp_agentless: 600000/min}")
    times = sent_us(text)[0]
    assert times[44] < 6 * S and times[45] == 45 * 6 * S
    every_check_holds(text)


def test_a_pair_counts_agents_too():
    """The reply at 10 s finds the pair in debt: two messages at 8 s are paid back at 20 s."""
    text = capped(notify("8 s, 8 s", "into_active: joins", arrivals="0 s"), "pair: {burst: 2}")
    text = text.replace("limits: {whatsapp_campaign: 60/min}", "limits: {whatsapp_agentless: 600000/min}")
    assert only(text, Event.REPLY_SENT, Event.MESSAGE_CAPPED) == lines("""
        20 MESSAGE_CAPPED c0.1 m1 q0 a2 v10000000
        20 REPLY_SENT c0.1 m1 q0 a0
    """)
    every_check_holds(text)


def test_a_tier_over_a_rolling_day():
    """Two customers a day: the third and fourth a day after the first and the second."""
    text = capped(bulk(campaign("spring", 4), duration="50 h"), "tier: 2")
    assert sent_us(text) == {0: [0, S, 86_400 * S, 86_401 * S]}
    every_check_holds(text)


# --- published figures -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("case", "count", "slot_s", "world"),
    [
        ("wa_100k_at_80", 100_000, 1 / 80, "throughput: 80/s"),
        ("wa_100k_at_1000", 100_000, 1 / 1000, "throughput: 1000/s"),
        ("tollfree_10k_at_3", 10_000, 1 / 3, "number_type: toll_free"),
        ("longcode_36000_at_1", 36_000, 1.0, "number_type: long_code"),
    ],
)
def test_published_drain_times(case, count, slot_s, world, shared):
    """`caps_published`: N messages drain in N/r, to one slot."""
    cases = json.loads(shared("ground_truth/cases.json").read_text(encoding="utf-8"))
    expected = next(each for each in cases if each["id"] == "caps_published")["expected"]["derived_drain_s"][case]
    text = bulk(campaign("spring", count), limits="whatsapp_campaign: 600000/min", duration="11 h")
    text = capped(text, world) if case.startswith("wa") else sms(text, f"{world},")
    times = sent_us(text)[0]
    assert len(times) == count
    assert times[-1] / S == pytest.approx(expected, abs=slot_s + 1e-5)


def test_a_full_bucket_drains_sooner():
    """`burst`: (N − b)/r with a full bucket of b."""
    limits = "whatsapp_campaign: 600000/min, pacing: burst"
    text = capped(bulk(campaign("spring", 10_000), limits=limits), "throughput: 80/s")
    assert sent_us(text)[0][-1] / S == pytest.approx((10_000 - 80) / 80, abs=1 / 80)


@pytest.mark.parametrize("shared", [False, True])
def test_many_campaigns_with_hours_of_their_own_leave_as_without_the_crowd(shared):
    """Fourteen campaigns, each with its own window, and customers who answer; whether agents use the number or not."""
    sources = ", ".join(
        campaign(f"c{i:02d}", 9, more=f'windows: [{{from: "00:00:{i:02d}", to: "00:0{1 + i % 3}:{3 * i:02d}"}}], '
                 "replies: {probability: 50 %, delay: 30 s, topic: ask}")
        for i in range(14)
    )  # fmt: skip
    text = bulk(sources, customers="{population: 500}")
    if shared:
        text = capped(text, "throughput: 50/min, pair: {}")
    with patch.object(component_lanes, "FEW", 100):
        one_by_one = run(text)[1]
    assert np.array_equal(run(text)[1], one_by_one)
    assert (one_by_one["event"] == Event.SEND_DELIVERED).sum() > 80
    every_check_holds(text)
