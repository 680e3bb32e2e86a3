"""Replications: the same answer on any number of workers, and from Python."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import handmade
import pandas as pd
import pytest

import simulator as cc
from simulator.experiments import pool
from simulator.experiments.replicate import Replications, replicate
from simulator.experiments.run import clipped_by_purpose, clipped_notes, merged_checks, said_by, stacked
from simulator.records import Check
from simulator.reports.folder import manifest
from simulator.reports.page import render
from simulator.scenario import Scenario
from simulator.vocabulary.errors import UsageError


@pytest.fixture(scope="module")
def world() -> Scenario:
    return handmade.scenario().vary({"outbound.campaigns.sale.contacts": 500, "replications": 3})


@pytest.fixture(scope="module")
def alone(world: Scenario) -> Replications:
    return replicate(world, workers=1)


def same(one: Replications, other: Replications) -> None:
    assert list(one.tables) == list(other.tables)
    for name, table in one.tables.items():
        pd.testing.assert_frame_equal(table, other.tables[name], check_exact=True)
    pd.testing.assert_frame_equal(one.summary, other.summary, check_exact=True)
    assert one.checks == other.checks


@pytest.mark.parametrize("workers", [2, 3])
def test_the_answer_does_not_depend_on_the_workers(world: Scenario, alone: Replications, workers: int) -> None:
    same(alone, replicate(world, workers=workers))


@pytest.mark.parametrize("kind", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_any_executor_will_do(world: Scenario, alone: Replications, kind: type[Executor]) -> None:
    """As `dask.distributed.Client().get_executor()` is one."""
    seen: list[float] = []
    options = {"mp_context": get_context("spawn")} if kind is ProcessPoolExecutor else {}
    with kind(max_workers=2, **options) as executor:  # type: ignore[call-arg]
        same(alone, replicate(world, executor=executor, on_progress=seen.append))
        assert executor.submit(int, "1").result() == 1  # it is not ours to shut down
    assert seen == pytest.approx([1 / 3, 2 / 3, 1])


def test_replications_come_in_order_and_each_is_itself(alone: Replications) -> None:
    contacts = alone.tables["contacts"]
    assert contacts["replication"].is_monotonic_increasing
    assert sorted(contacts["replication"].unique()) == [0, 1, 2]
    arrivals = [tuple(part["arrived_us"]) for _, part in contacts.groupby("replication")]
    assert len(set(arrivals)) == 3


def test_a_replication_does_not_depend_on_how_many_there_are(world: Scenario, alone: Replications) -> None:
    fewer = replicate(world, replications=1, workers=1)
    mine = alone.tables["contacts"].query("replication == 0")
    pd.testing.assert_frame_equal(fewer.tables["contacts"], mine, check_categorical=False)
    assert fewer.scenario.replications == 1  # the scenario says what was run


def test_another_seed_is_another_answer(world: Scenario, alone: Replications) -> None:
    other = replicate(world, seed=2, workers=1)
    assert other.seed == 2
    assert not other.tables["contacts"]["arrived_us"].equals(alone.tables["contacts"]["arrived_us"])


def test_without_tables_the_measures_are_the_same(world: Scenario, alone: Replications) -> None:
    lean = replicate(world, workers=1, keep_tables=False)
    assert lean.tables == {}
    assert len(lean.parts) == 3
    pd.testing.assert_frame_equal(lean.summary, alone.summary)


@pytest.mark.parametrize("workers", [1, 2])
def test_progress_goes_from_little_to_all(world: Scenario, workers: int) -> None:
    seen: list[float] = []
    replicate(world.vary({"duration": "5 days"}), workers=workers, on_progress=seen.append)
    assert seen
    assert all(0 <= share <= 1 for share in seen)
    assert seen == sorted(seen)


def test_what_cannot_be_run_is_refused_at_once(world: Scenario) -> None:
    with pytest.raises(UsageError, match="at least 1"):
        replicate(world, replications=0)
    with pytest.raises(UsageError, match="at least 1"):
        replicate(world, workers=0)
    with pytest.raises(UsageError, match="no engine 'warp'"):
        replicate(world, engine="warp")


def _fails(number: int, progress: object) -> int:
    if number == 1:
        raise ValueError("replication 1 is broken")
    return number


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failure_in_a_worker_is_told_here(workers: int) -> None:
    with pytest.raises(ValueError, match="replication 1 is broken"):
        pool.run(_fails, 3, workers, None)


def _is_killed(number: int, progress: object) -> int:
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)  # as a system does that runs out of memory
    return number


def test_a_killed_worker_is_told_in_words() -> None:
    with pytest.raises(UsageError, match="when memory runs out: use fewer workers"):
        pool.run(_is_killed, 3, 2, None)


def _lasts(number: int, progress: object) -> int:
    if number == 1:
        time.sleep(0.5)
        raise ValueError("replication 1 is broken")
    time.sleep(30)  # listens to nobody, as a large fold does
    return number


def test_who_is_not_needed_any_more_is_not_waited_for() -> None:
    began = time.monotonic()
    with pytest.raises(ValueError, match="replication 1 is broken"):
        pool.run(_lasts, 2, 2, None)
    assert time.monotonic() - began < 15
    assert not multiprocessing.active_children()


ORPHANS = """
import os, time
from simulator.experiments import pool

def task(number, progress):
    os.write(1, b"at work\\n")
    time.sleep(60)

pool.run(task, 2, 2, None)
"""


def test_workers_end_with_a_killed_parent() -> None:
    parent = subprocess.Popen([sys.executable, "-c", ORPHANS], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    assert [parent.stdout.readline() for _ in range(2)] == ["at work\n"] * 2
    began = time.monotonic()
    parent.kill()
    assert parent.wait() == -signal.SIGKILL
    assert parent.stdout.read() == ""  # the pipe is closed when the last worker is gone, long before its 60 s are over
    assert time.monotonic() - began < 30


def test_a_check_holds_only_where_it_held_in_every_replication() -> None:
    checks = [[Check("a", True, "ok"), Check("b", True, "ok")], [Check("a", True, "ok"), Check("b", False, "2 lost")]]
    assert merged_checks(checks) == (
        Check("a", True, "holds in all 2 replications; in replication 0: ok"),
        Check("b", False, "replication 1: 2 lost"),
    )
    assert merged_checks(checks, seed=7)[1].detail == "replication 1 (seed 7): 2 lost"


def test_clipped_draws_reach_the_user_in_words() -> None:
    """Counted while drawing and simulating, in every replication, in whatever process."""
    shop = handmade.scenario().vary(
        {"outbound.campaigns": None, "behaviours.shopper.think": {"exponential": {"mean": "2 min"}, "at_most": "3 min"}}
    )
    run = replicate(shop, workers=2)
    (note,) = [note for note in run.notes if "at_most" in note]
    assert re.match(r"[\d,]+ draws were longer than their at_most \(60 days unless you say otherwise\)", note)
    assert list(manifest(run)["clipped"]) == ["whatsapp: think"]
    assert note in manifest(run)["notes"]
    assert note in render(run)
    assert not [note for note in replicate(shop.vary({"behaviours.shopper.think": "30 s"})).notes if "at_most" in note]


def test_clipped_draws_are_one_line_and_the_manifest_has_the_purposes() -> None:
    clipped = clipped_by_purpose({"web: patience": 1, "web: think": 1200, "sale: AFTER_ABANDON": 2})
    assert list(clipped.items()) == [("web: think", 1200), ("sale: after abandon", 2), ("web: patience", 1)]
    (note,) = clipped_notes(clipped)
    assert note.startswith("1,203 draws were longer than their at_most")
    assert note.endswith("by purpose in manifest.json")
    assert clipped_notes({"web: think": 1})[0].startswith("1 draw was longer than its at_most")
    assert clipped_notes({}) == ()


def test_tables_with_different_categories_are_stacked_as_one() -> None:
    frames = [pd.DataFrame({"agent": pd.Categorical(names)}) for names in (["b", None], ["a", "b"])]
    both = stacked(frames)
    assert both["agent"].cat.categories.tolist() == ["a", "b"]
    assert both["agent"].astype(object).where(both["agent"].notna(), None).tolist() == ["b", None, "a", "b"]


# --- from Python -----------------------------------------------------------------------------------------------


def test_results_say_what_they_hold(world: Scenario, alone: Replications) -> None:
    results = cc.simulate(world, workers=1)
    assert "Corner shop" in repr(results)
    assert "service level" in repr(results)
    assert "conversations" in results._repr_html_()
    assert (results.seed, results.replications, results.engine) == (1, 3, "model")
    assert {"metric", "scope", "value", "ci_low", "ci_high", "unit"} <= set(results.summary().columns)
    assert len(results.table("conversations")) == len(alone.tables["conversations"])
    with pytest.raises(UsageError, match="known: contacts"):
        results.table("calls")


def test_results_are_frozen_and_hand_out_copies(world: Scenario) -> None:
    results = cc.simulate(world, replications=1)
    summary, contacts = results.summary(), results.table("contacts")
    summary["value"], contacts["arrived_us"] = 0.0, 0
    assert results.summary()["value"].abs().sum() > 0
    assert results.table("contacts")["arrived_us"].sum() > 0
    with pytest.raises(AttributeError):
        results.run = None  # type: ignore[misc]


def test_messages_held_by_an_outage_are_said_to_be_in_no_wait() -> None:
    def summary(held: float) -> pd.DataFrame:
        rows = [("nHeld", {"outage": "down"}, held), ("replies_blocked", {}, 0.0)]
        return pd.DataFrame(rows, columns=["metric", "scope", "value"])

    assert said_by(summary(0.0)) == ()
    (note,) = said_by(summary(282.0))
    assert "282 customer messages" in note
    assert "service level" in note
