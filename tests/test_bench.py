"""The bench runs and prints its ratios. How fast it is stands in no test: machines differ."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import Ended

from simulator import engine, load, workload
from simulator.experiments import bench, bench_worlds
from simulator.journal import ROW

ROOT = Path(__file__).resolve().parents[1]
SHORT = "10 h"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "EVENTS", 5_000)


def test_bench_prints_speed_shares_and_memory_from_any_folder(
    ccsim: Callable[..., Ended],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    said = json.loads(ccsim("bench", "--duration", SHORT, "--json").out)
    assert set(said["per_s_of_bare"]) == {"events", "journal_rows", "conversations", "conversations_all_stages"}
    assert all(ratio > 0 for ratio in said["per_s_of_bare"].values())
    assert list(said["share"]) == ["draw", "simulate", "fold", "check", "measure"]
    assert sum(said["share"].values()) == pytest.approx(1)
    assert said["bytes_per_row"] == ROW.itemsize <= 36
    assert said["peak_bytes"] >= said["peak_simulating_bytes"]
    assert list(tmp_path.iterdir()) == []


def test_bench_in_words(ccsim: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "_in_a_fresh_process", lambda _: (None, None, "not measured here"))
    out = ccsim("bench", "--duration", SHORT).out
    for words in ("bare SimPy events", "journal rows", "conversations", "draw + fold + measure", "not measured here"):
        assert words in out


def test_flat_prints_both_ratios(ccsim: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "REPEATS", 1)
    monkeypatch.setattr(bench, "EVENTS", 20_000)
    measured = bench.flat(0.02, 500, None, (60, 8, 6, 12))
    monkeypatch.setattr(bench, "flat", lambda on_progress: measured)
    said = json.loads(ccsim("bench", "--flat", "--json").out)
    assert list(said) == ["agents", "backlog", "queues"]
    for pair in said.values():
        assert pair["ratio"] == pytest.approx(pair["large"]["of_bare"] / pair["small"]["of_bare"])
        assert min(pair[side]["events"] for side in ("small", "large")) > 0
    out = ccsim("bench", "--flat").out
    assert "2,000 agents" in out
    assert "500 waiting" in out
    assert "8 queues" in out
    assert out.count("ratio") == 3


def test_the_bench_s_day_is_the_example_s_day() -> None:
    """But for bulk sends and the CSV: whoever tunes one is reminded of the other."""
    ours, example = bench_worlds.retail(), load(ROOT / "scenarios" / "retail_weekday.yaml")
    for part in ("behaviours", "topics", "flows", "queues", "agents", "profiles", "threading", "service_level"):
        assert getattr(ours, part) == getattr(example, part), part
    assert ours.duration_us == example.duration_us
    assert not ours.outbound.campaigns and not ours.outbound.notifications


def test_the_worlds_differ_by_one_size_only() -> None:
    few, many = bench_worlds.crews()
    assert (few.scenario.agents["desk"].count, many.scenario.agents["desk"].count) == (20, 2000)
    rates = [world.scenario.channels["web"].arrivals.rate for world in (few, many)]  # type: ignore[union-attr]
    assert rates[1] == pytest.approx(100 * rates[0])
    empty, full = bench_worlds.crowds(700)
    assert set(full.scenario.channels) - set(empty.scenario.channels) == {"crowd"}
    assert empty.scenario.agents == full.scenario.agents
    one, many = bench_worlds.floors(120, 8, 6, 12)
    assert len(many.scenario.queues) == 8 and len(one.scenario.queues) == 1
    assert sum(group.count for group in many.scenario.agents.values()) == one.scenario.agents["desk"].count == 120
    profiles = {(group.queues, tuple(group.skills)) for group in many.scenario.agents.values()}
    assert len(profiles) > 8  # groups overlap and are not alike


def test_statistics_count_what_simpy_was_given_and_change_nothing() -> None:
    scenario = bench_worlds.retail("9 h")
    plain = engine.simulate(scenario, workload.draw(scenario, 0))
    noted: list[tuple[int, int, int]] = []
    rows = engine.simulate(scenario, workload.draw(scenario, 0), statistics=noted)
    assert rows.tobytes() == plain.tobytes()
    now_us, scheduled, pending = zip(*noted, strict=True)
    assert list(now_us) == sorted(now_us)
    assert list(scheduled) == sorted(scheduled)
    assert scheduled[-1] > len(rows) / 4
    assert min(pending) >= 0


def test_bare_simpy_takes_time() -> None:
    bare = engine.bare(10)
    assert 0 < bare.seconds_per_event(1_000) < 1e-3
    for events in (1_000, 3_000):
        timed_s, handled = bare.times(events)
        assert handled == pytest.approx(events, rel=0.05)
        assert timed_s > 0


def test_slices_of_bare_simpy_are_not_the_model_s_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """However long they are: here each is a second of a clock that only they move."""
    clock = [0.0]
    monkeypatch.setattr(bench, "process_time", lambda: clock[0])

    class Slow:
        def times(self, events: int) -> tuple[float, int]:
            clock[0] += 1.0
            return 0.5, 4 * events

    beside = bench._Beside(Slow())
    one = bench._one(bench_worlds.retail("2 h"), beside=beside)
    assert beside.took_s == clock[0] >= 1
    assert one.stages_s["simulate"] == 0
    assert beside.seconds_per_event == 0.5 / (4 * (bench.EVENTS // bench.SLICE))
