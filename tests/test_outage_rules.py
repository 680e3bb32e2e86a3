"""Outages as rules: when a way is open again, when a sender's next try gets through; and as chance brings them."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from tiny import tiny

from simulator.rules.outages import open_at_us, retried_us
from simulator.scenario import loads
from simulator.scenario.directory import directory
from simulator.vocabulary.clock import HOUR, MINUTE, SECOND
from simulator.workload.outages import alternating, merged, outages

STARTS, ENDS = [10, 50], [20, 80]


@pytest.mark.parametrize(("at", "opens"), [(0, 0), (9, 9), (10, 20), (19, 20), (20, 20), (50, 80), (80, 80), (99, 99)])
def test_a_way_is_closed_from_its_start_to_just_before_its_end(at: int, opens: int) -> None:
    assert open_at_us(at, STARTS, ENDS) == opens


def test_nothing_closed_is_always_open() -> None:
    assert open_at_us(7, [], []) == 7


@pytest.mark.parametrize(
    ("stretches", "joined"),
    [
        ([], []),
        ([(5, 9)], [(5, 9)]),
        ([(5, 5)], []),  # no time at all
        ([(20, 30), (5, 9)], [(5, 9), (20, 30)]),
        ([(5, 9), (9, 12)], [(5, 12)]),  # they touch
        ([(5, 50), (10, 20), (15, 16), (60, 70)], [(5, 50), (60, 70)]),
        ([(0, 10), (0, 30), (5, 20)], [(0, 30)]),
    ],
)
def test_stretches_are_joined(stretches: list[tuple[int, int]], joined: list[tuple[int, int]]) -> None:
    starts = np.array([start for start, _ in stretches], np.int64)
    ends = np.array([end for _, end in stretches], np.int64)
    found = merged(starts, ends)
    assert list(zip(*(part.tolist() for part in found), strict=True)) == joined


@pytest.mark.parametrize(
    ("at", "every", "back_off", "at_most", "leaves"),
    [
        (5, 3, 1, 100, 5),  # open: it leaves at once
        (10, 10, 1, 100, 20),  # the first try after 10 finds it open
        (10, 7, 1, 100, 24),  # tries at 17, 24
        (10, 3, 1, 100, 22),  # 13, 16, 19, 22
        (10, 1, 2, 100, 25),  # pauses 1, 2, 4, 8: tries at 11, 13, 17, 25
        (10, 1, 2, 4, 21),  # pauses 1, 2, 4, 4: 11, 13, 17, 21
        (45, 3, 1, 100, 45),
        (12, 40, 1, 100, 92),  # the next try, at 52, meets the second stretch; then 92
        (50, 40, 1, 30, 80),  # the pause is never longer than the longest; a try at the very end gets through
    ],
)
def test_a_sender_tries_again(at: int, every: int, back_off: float, at_most: int, leaves: int) -> None:
    assert retried_us(at, STARTS, ENDS, every, back_off, at_most) == leaves


def test_a_year_of_tries_each_second_takes_no_time() -> None:
    year = 365 * 24 * HOUR
    assert retried_us(1, [0], [year], SECOND, 1.0, HOUR) == year + 1
    assert retried_us(1, [0], [year], SECOND, 1.1, HOUR) < year + HOUR


def test_gap_and_outage_alternate() -> None:
    starts, ends = alternating(np.array([10, 5, 1]), np.array([3, 2, 9]))
    assert starts.tolist() == [10, 18, 21]
    assert ends.tolist() == [13, 20, 30]


# --- in a scenario ---------------------------------------------------------------------------------------------

PHONE = 'platform: whatsapp, number: "+49 30 7654321", business_verified: true, flow: door, topics: {ask: 100 %}'


def drawn(text: str, replication: int = 0, end_us: int = 10 * 24 * HOUR):  # type: ignore[no-untyped-def]
    scenario = loads(text)
    return outages(scenario, directory(scenario), scenario.seed, replication, end_us, Counter())


@pytest.mark.parametrize(
    ("what", "channels"),
    [
        ("platform: whatsapp", (0, 2)),
        ("channel: wa", (0,)),
        ('number: "+49-30-765 43 21"', (2,)),  # the same digits
        ("platform: web messaging", (1,)),
    ],
)
def test_what_an_outage_cuts_off(what: str, channels: tuple[int, ...]) -> None:
    others = f"wb: {{{PHONE}}}, web: {{platform: web messaging, flow: door, topics: {{ask: 100 %}}}}"
    text = tiny(channel="wa", others=others, more=f"outages: {{cut: {{{what}, from: 1 min, for: 1 min}}}}")
    names = ["wa", "web", "wb"]  # numbered in order of their names: wa, wb, web
    found = drawn(text)
    assert found.all[0].channels == tuple(sorted(sorted(names).index(names[i]) for i in channels))
    assert sorted(found.closed) == list(found.all[0].channels)


def test_local_times_and_durations_say_the_same() -> None:
    text = tiny(start="2026-03-28 12:00", more="outages: {cut: {channel: web, WHEN}}").replace(
        "name:", "timezone: Europe/Berlin\nname:"
    )
    local = drawn(text.replace("WHEN", "from: 2026-03-29 01:00, to: 2026-03-29 04:00"))
    assert local.closed == {0: ([13 * HOUR], [15 * HOUR])}  # the clock skips an hour
    assert drawn(text.replace("WHEN", "from: 13 h, to: 15 h")).closed == local.closed
    assert drawn(text.replace("WHEN", "from: 13 h, for: 2 h")).closed == local.closed


def test_overlapping_outages_of_one_channel_are_one_stretch_and_the_first_by_name_is_blamed() -> None:
    more = (
        "outages: {b: {channel: web, from: 1 min, to: 3 min, inbound: lost}, "
        "a: {platform: web messaging, from: 2 min, to: 5 min}}"
    )
    found = drawn(tiny(more=more))
    assert found.closed == {0: ([MINUTE], [5 * MINUTE])}
    assert found.losing == {0: ([MINUTE], [3 * MINUTE])}
    assert [found.why(at * MINUTE, 0).name for at in (1, 2, 4)] == ["b", "a", "a"]  # type: ignore[union-attr]
    assert found.why(5 * MINUTE, 0) is None


CHANCE = (
    "outages: {cut: {channel: web, every: {exponential: {mean: 6 h}}, lasts: {uniform: {low: 1 min, high: 9 min}}}}"
)


def test_outages_by_chance_come_as_often_and_last_as_long_as_their_laws_say() -> None:
    days = 300
    found = drawn(tiny(more=CHANCE), end_us=days * 24 * HOUR).all[0]
    lengths = found.end_us - found.start_us
    gaps = found.start_us[1:] - found.end_us[:-1]
    expected = days * 24 * 60 / (6 * 60 + 5)
    assert abs(len(lengths) - expected) < 4 * expected**0.5
    assert abs(lengths.mean() / MINUTE - 5) < 4 * (8 / 12**0.5) / len(lengths) ** 0.5
    assert abs(gaps.mean() / HOUR - 6) < 4 * 6 / len(gaps) ** 0.5


def test_chance_is_the_same_for_the_same_name_and_for_a_longer_run() -> None:
    short, longer = drawn(tiny(more=CHANCE)).all[0], drawn(tiny(more=CHANCE), end_us=40 * 24 * HOUR).all[0]
    assert longer.start_us[: len(short.start_us)].tolist() == short.start_us.tolist()
    renamed = CHANCE.replace("cut:", "gap:")
    assert drawn(tiny(more=renamed)).all[0].start_us.tolist() != short.start_us.tolist()
    kept = renamed.replace("channel:", "stream: cut, channel:")
    assert drawn(tiny(more=kept)).all[0].start_us.tolist() == short.start_us.tolist()
    assert drawn(tiny(more=CHANCE), replication=1).all[0].start_us.tolist() != short.start_us.tolist()
