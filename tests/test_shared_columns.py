"""Shared arithmetic of tables: the fast ways give what the plain ways give, and one view serves all who measure."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from test_metrics import SCENARIO, S, offer, tables

from simulator import metrics
from simulator.metrics import audit, steps, warmup
from simulator.metrics.keys import conversation_numbers, rows_in
from simulator.metrics.window import View
from simulator.records.columns import NONE, distinct, kinds_of, repeats
from simulator.records.reading import Links, Log, find
from simulator.scenario import loads


def stays(seed: int, number: int = 200, high: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Owner, start and end; some have no length, many meet at one instant."""
    chance = np.random.default_rng(seed)
    start = chance.integers(0, high, number)
    return chance.integers(0, 5, number), start, np.minimum(start + chance.integers(0, 9, number), high)


def test_areas_are_those_of_every_microsecond() -> None:
    _, start, end = stays(1)
    weights = np.random.default_rng(2).integers(-2, 4, len(start))
    edges = np.array([3, 10, 11, 40, 55])
    each = [sum(w for s, e, w in zip(start, end, weights, strict=True) if s <= t < e) for t in range(60)]
    expected = [sum(each[low:high]) for low, high in pairwise(edges.tolist())]
    assert steps.areas(start, end, edges, weights).tolist() == expected
    assert np.allclose(steps.areas(start, end, edges, weights.astype(float)), expected, rtol=1e-15, atol=0)


def test_areas_of_shares_keep_their_digits_late_in_a_year() -> None:
    year = 366 * 86_400 * S
    edges = np.array([0, year, year + 1800 * S])
    start = np.concatenate([np.arange(0, year, year // 10_000), [year]])
    assert steps.areas(start, start + 7, edges, np.full(len(start), 1 / 3))[1] == pytest.approx(7 / 3, abs=0.01)  # µs


def test_levels_cut_afterwards_are_the_levels_of_stays_that_were_cut() -> None:
    _, start, end = stays(3)
    at, number = steps.levels(start, end)
    for low, high in ((0, 60), (10, 30), (10, 10), (-5, 70), (59, 60)):
        times, values = steps.between(at, number, low, high)
        assert values.max(initial=0) == steps.peak(start, end, low, high)
        cut = steps.union(*steps.clip(start, end, low, high))
        assert [part.tolist() for part in steps.present(times, values)] == [part.tolist() for part in cut]


def test_segments_do_not_depend_on_how_changes_are_sorted(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = stays(4), stays(5)
    quick = steps.together(first, second, 5, 55)
    monkeypatch.setattr(steps, "LARGEST", 0)  # as if owners and times were too large for one number
    slow = steps.together(first, second, 5, 55)
    assert len(quick.owner) > 50
    for name in ("owner", "start", "end", "first", "second"):
        assert getattr(quick, name).tolist() == getattr(slow, name).tolist()


def test_segments_of_a_window_are_those_of_stays_that_were_cut() -> None:
    first, second = stays(6), stays(7)
    whole, cut = steps.together(first, second, 0, 60).inside(10, 40), steps.together(first, second, 10, 40)
    for name in ("owner", "start", "end", "first", "second"):
        assert getattr(whole, name).tolist() == getattr(cut, name).tolist()


@pytest.mark.parametrize("wide", [10, 2**40])
def test_kinds_are_rows_that_agree(wide: int) -> None:
    chance = np.random.default_rng(8)
    columns = np.stack([chance.integers(-1, 3, 300), chance.integers(0, 4, 300) * wide, chance.integers(0, 2, 300)])
    columns[1][::7] = NONE
    expected, kind = np.unique(columns.T, axis=0, return_inverse=True)
    row, mine = kinds_of(*columns)
    assert columns[:, row].T.tolist() == expected.tolist()
    assert mine.tolist() == kind.reshape(-1).tolist()
    assert kinds_of(np.empty(0, np.int64))[0].tolist() == []


def test_repeats_are_counted_beyond_the_first() -> None:
    assert distinct(np.array([5, 3, 5, -1])).tolist() == [-1, 3, 5]
    assert repeats(np.array([5, 3, 5, 5])) == 2
    assert repeats(np.empty(0, np.int64)) == 0


def test_portions_out_of_number_are_found_too() -> None:
    from simulator.journal import ROW
    from simulator.vocabulary.codes import Event

    rows = np.zeros(6, ROW)
    rows["event"] = [Event.PORTION_OPENED] * 5 + [Event.RUN_ENDED]
    rows["conversation"], rows["portion"] = [0, 2, 0, 2, 900, -1], [1, 1, 5, 2, 1, 0]
    log = Log(rows)
    assert Links(log).portion(log.of(Event.PORTION_OPENED)).tolist() == [0, 1, 2, 3, 4]
    assert Links(log).portion(log.of(Event.RUN_ENDED)).tolist() == [-1]
    assert find(np.array([2, 4]), np.array([1, 0]), np.array([4, 3])).tolist() == [0, -1]


def test_ids_are_numbered_alike_whatever_their_categories() -> None:
    def frame(**columns: list[str | None]) -> pd.DataFrame:
        return pd.DataFrame({name: pd.Categorical(texts) for name, texts in columns.items()})

    view = View(loads(SCENARIO), {
        "turns": frame(conversation=["b", None, "x", "a"], contact=["q", "p", None, "z"]),
        "sessions": frame(conversation=["x", "b", "y"]),
        "contacts": frame(contact=["p", "q"]),
    }, 0)  # fmt: skip
    turns, sessions = conversation_numbers(view, "turns", "sessions")
    assert turns[1] == -1
    assert [turns.tolist().index(number) if number in turns else None for number in sessions] == [2, 0, None]
    assert rows_in(view, "turns", "contact", "contacts", "contact").tolist() == [1, 0, -1, -1]


def test_a_shared_view_gives_what_each_finds_alone() -> None:
    scenario = loads(SCENARIO)
    found = tables(offers=[offer(200, 260, "answered"), offer(300, 400, "abandoned")])
    seen = (scenario, found, 1300 * S)
    view = View(*seen)
    shared, alone = metrics.measure(*seen, view), metrics.measure(*seen)
    assert repr(shared) == repr(alone)
    assert audit.parts(*seen, view) == audit.parts(*seen)
    pd.testing.assert_frame_equal(metrics.intervals(*seen, view), metrics.intervals(*seen))
    pd.testing.assert_frame_equal(metrics.cap_intervals(*seen, view), metrics.cap_intervals(*seen))
    assert np.array_equal(warmup.series(*seen, view), warmup.series(*seen))


def test_shared_rows_cannot_be_changed() -> None:
    view = View(loads(SCENARIO), tables(offers=[offer(200, 260, "answered")]), 1300 * S)
    with pytest.raises(ValueError, match="read-only"):
        view.equals("offers", "outcome", "answered")[0] = False
