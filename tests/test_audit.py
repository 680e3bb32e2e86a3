"""Theory beside simulated, on worlds that theory knows: it agrees; on tables that were tampered with, it differs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from test_audit_recognition import CALLS, NEVER, SENDS

from simulator import loads
from simulator.engine import simulate
from simulator.metrics.audit import (
    AGREES,
    DIFFERS,
    NOT_APPLICABLE,
    OPEN,
    Finding,
    Line,
    audit,
    judged,
    measured,
    threshold,
)
from simulator.records import fold
from simulator.scenario.schema import Scenario
from simulator.workload import draw

Tables = dict[str, pd.DataFrame]
REPLICATIONS = 8


@dataclass(frozen=True)
class World:
    scenario: Scenario
    tables: tuple[Tables, ...]
    """[replication]"""
    ends_us: tuple[int, ...]

    def findings(self, tamper: Callable[[Tables], Tables] = dict) -> list[Finding]:
        each = zip(self.tables, self.ends_us, strict=True)
        return audit(self.scenario, [measured(self.scenario, tamper(dict(tables)), end_us) for tables, end_us in each])


@cache
def world(name: str) -> World:
    text, settings, replications = WORLDS[name]
    scenario = loads(text).vary(settings)
    tables, ends = [], []
    for number in range(replications):
        rows = simulate(scenario, draw(scenario, number))
        tables.append(dict(fold(scenario, rows, number)))
        ends.append(int(rows["time"][-1]))
    return World(scenario, tuple(tables), tuple(ends))


BOT = {
    "flows.door": [
        {"identify": {"takes": "2 s", "success": "80 %"}},
        {"bot": {"turns": {"geometric": {"mean": 2}}, "bot_time": "3 s", "contains": {"help": "40 %", "buy": "10 %"}}},
        {"collect": {"fields": 1}},
        {"transfer": {"queue": "calls"}},
    ],
    "topics.buy": {"behaviour": "caller"},
    "channels.phone.topics": {"help": "70 %", "buy": "30 %"},
    "channels.phone.arrivals": {"per_day": 2000, "day_factor_cv": 0.2},
    "behaviours.caller.turns": 3,
    "behaviours.caller.think": "30 s",
    "agents.desk": {
        "count": 20, "queues": ["calls"], "capacity": 3, "speed": 1.25,
        "reply": {"effort": {"lognormal": {"median": "30 s", "p90": "90 s"}},
                  "canned": {"share": "30 %", "effort": 0.5}},
    },
    "queues.calls.close_after": "10 min",
}  # fmt: skip
VIP = {
    "topics.vip": {"behaviour": "caller", "priority": 5}, "queues.calls.scoring": "PriorityOnly",
    "channels.phone.topics": {"help": "70 %", "vip": "30 %"},
}  # fmt: skip
BATCHES = {
    "outbound.notifications": {"news": {"channel": "wa", "template": "n", "opt_in": "60 %", "delivered": "90 %",
                                        "batches": [{"at": "00:02", "count": 3000}]}},
}  # fmt: skip
WORLDS: dict[str, tuple[str, dict[str, Any], int]] = {
    "erlang c": (CALLS, NEVER, REPLICATIONS),
    "erlang c from an empty start": (CALLS, NEVER | {"warm_up": "0 s", "duration": "6 h"}, 20),
    "erlang a": (CALLS, {}, REPLICATIONS),
    "any patience": (CALLS, {"behaviours.caller.patience": {"lognormal": {"mean": "8 min", "cv": 1.5}}}, REPLICATIONS),
    "any patience, constant": (CALLS, {"behaviours.caller.patience": "2 min"}, REPLICATIONS),
    "erlang b": (CALLS, {"queues.calls.max_waiting": 0, "agents.desk.reply": {"effort": "5 min"}}, REPLICATIONS),
    "room for three": (CALLS, {"queues.calls.max_waiting": 3}, REPLICATIONS),
    "priorities": (CALLS, NEVER | VIP, REPLICATIONS),
    "priorities and patience": (CALLS, VIP, REPLICATIONS),
    "lane": (SENDS, {}, REPLICATIONS),
    "batches": (SENDS, BATCHES, 2),
    "bot": (CALLS, BOT, 3),
}
EXPECTED = {
    "erlang c": {"wait probability", "mean wait of all", "answered in time, of all", "mean number waiting",
                 "occupancy (work)"},
    "erlang c from an empty start": {"wait probability", "occupancy (work)"},
    "erlang a": {"wait probability", "mean wait of all", "abandoned", "occupancy (work)"},
    "any patience": {"abandoned", "occupancy (work)"},
    "any patience, constant": {"wait probability", "abandoned", "occupancy (work)"},
    "erlang b": {"blocked, of all who came", "occupancy (work)"},
    "room for three": {"blocked, of all who came", "wait probability", "occupancy (work)"},
    "priorities": {"mean wait of all", "wait probability", "mean number waiting"},
    "priorities and patience": {"mean wait of all", "abandoned", "wait probability"},
    "lane": {"mean delay before the cap", "messages asked for in the window"},
    "batches": {"mean delay before the cap", "opted in", "delivered, of what left"},
    "bot": {"first contacts of the window", "share of the topic", "identified by the flow", "contained by the bot",
            "attention of a reply", "time in the flow", "mean number in the flow"},
}  # fmt: skip


@pytest.mark.parametrize("name", WORLDS)
def test_a_sound_world_agrees(name: str) -> None:
    found = world(name).findings()
    if name == "priorities":
        assert {"vip", "help"} <= {one.scope.get("topic") for one in found if one.source.endswith("(Cobham)")}
    assert not [one for one in found if one.verdict == DIFFERS]
    assert {one.name for one in found if one.verdict == AGREES} >= EXPECTED[name], [
        (one.name, one.verdict, one.reason) for one in found
    ]


def changed(table: str, column: str, change: Callable[[pd.Series], Any]) -> Callable[[Tables], Tables]:
    def tamper(tables: Tables) -> Tables:
        frame = tables[table].copy()
        frame[column] = change(frame[column])
        return {**tables, table: frame}

    return tamper


def cut(table: str, every: int) -> Callable[[Tables], Tables]:
    """One row of so many is lost."""

    def tamper(tables: Tables) -> Tables:
        kept = np.arange(len(tables[table])) % every > 0
        return {**tables, table: tables[table][kept].reset_index(drop=True)}

    return tamper


def moved_later(row: pd.Series, seconds: int) -> pd.Series:
    return row + seconds * 1_000_000


WRONG: list[tuple[str, str, Callable[[Tables], Tables]]] = [
    ("erlang a", "first contacts of the window", cut("contacts", 10)),
    ("erlang a", "mean wait of all", changed("offers", "t_wait_us", lambda wait: wait * 2)),
    ("erlang a", "abandoned", changed("offers", "outcome", lambda how: how.mask(how == "abandoned", "answered"))),
    ("erlang a", "attention of a reply", changed("turns", "written_us", lambda at: moved_later(at, 20))),
    ("erlang c", "mean number waiting", changed("offers", "left_us", lambda at: moved_later(at, 120))),
    ("erlang b", "blocked, of all who came",
     changed("portions", "disconnect", lambda how: how.mask(how == "blocked", "resolved"))),
    ("lane", "mean delay before the cap", changed("sends", "delay_us", lambda delay: delay + 20_000)),
    ("batches", "mean delay before the cap", changed("sends", "delay_us", lambda delay: delay + 10)),
    ("batches", "opted in", changed("sends", "outcome", lambda how: how.mask(how == "no_opt_in", "delivered"))),
    ("bot", "share of the topic",
     changed("contacts", "topic", lambda topic: topic.mask(np.arange(len(topic)) % 5 == 0, "buy"))),
    ("bot", "identified by the flow", changed("contacts", "identified", lambda known: known.mask(~known, True))),
    ("bot", "contained by the bot",
     changed("contacts", "outcome", lambda how: how.mask((how == "contained") & (np.arange(len(how)) % 2 == 0),
                                                         "answered"))),
    ("bot", "time in the flow", changed("portions", "queue_entered_us", lambda at: moved_later(at, 10))),
    ("bot", "attention of a reply", changed("turns", "written_us", lambda at: moved_later(at, 5))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "line", "tamper"), WRONG, ids=[f"{name}: {line}" for name, line, _ in WRONG])
def test_a_world_made_wrong_differs(name: str, line: str, tamper: Callable[[Tables], Tables]) -> None:
    wrong = [one for one in world(name).findings(tamper) if one.verdict == DIFFERS]
    assert line in {one.name for one in wrong}
    assert all("away" in one.reason or "exact" in one.reason for one in wrong)


# --- the verdict -----------------------------------------------------------------------------------------------


def line(values: list[float], theory: float, **more: Any) -> Line:
    return Line("x", {}, "s", "nobody", theory, np.array(values), np.ones(len(values)), **more)


def test_the_limit_grows_with_the_number_of_lines_and_with_few_replications() -> None:
    from scipy.stats import norm, t

    assert threshold(1, np.inf) == pytest.approx(norm.ppf(0.995))
    assert threshold(10, np.inf) == pytest.approx(norm.ppf(0.9995))
    assert threshold(10, 4) == pytest.approx(t.ppf(0.9995, 4))


def test_four_standard_errors_and_more_where_chance_could_do_it() -> None:
    values = [9.0, 10.0, 11.0] * 10  # standard error sqrt(20 / 29 / 30) = 0.1516
    assert judged(line(values, 10 + 3.9 * 0.1516), 1).verdict == AGREES
    assert judged(line(values, 10 + 4.1 * 0.1516), 1).verdict == DIFFERS
    assert judged(line([9.0, 10.0, 11.0], 12.8), 1).verdict == AGREES  # 4.8 of them, but two degrees of freedom: 9.9
    assert judged(line(values, 10 + 4.1 * 0.1516), 100).verdict == AGREES  # 4.5 for any of a hundred lines


def test_skewed_replications_raise_no_alarm_that_symmetric_ones_would_not(seed: int) -> None:
    """20,000 audits of one line of 20, right by construction; 10 may be called different. Where 20 replications are as
    skewed as an exponential variable it is about 30; Student's t alone would call 180 of them different."""
    rng = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, 7])))
    limit = max(4.0, threshold(20, 19))
    for drawn, mean, most in ((rng.normal, 0.0, 30), (rng.exponential, 1.0, 80)):
        values = drawn(size=(20_000, 20))
        t = np.abs(values.mean(axis=1) - mean) / (values.std(axis=1, ddof=1) / np.sqrt(20))
        alarms = sum(
            judged(Line("x", {}, "s", "nobody", mean or 1e-9, one, np.ones(20)), 20).verdict == DIFFERS
            for one in values[t > limit]  # the others agree: the smaller of two statistics decides
        )
        assert alarms <= most
        assert mean == 0.0 or (t > limit).sum() > 100


def test_one_replication_has_a_verdict_only_where_theory_knows_the_error() -> None:
    assert judged(line([10.0], 9.0), 1).verdict == OPEN
    assert "one replication" in judged(line([10.0], 9.0), 1).reason
    assert judged(line([10.0], 9.0, standard_error=0.1), 1).verdict == DIFFERS
    assert judged(line([10.0], 9.9, standard_error=0.1), 1).verdict == AGREES


def test_too_few_data_say_nothing_and_exact_numbers_must_be_exact() -> None:
    assert judged(line([1.0, 30.0, 2.0], 10.0), 1).verdict == OPEN
    assert judged(line([10.0, 10.0], 10.0, standard_error=0.0), 1).verdict == AGREES
    assert judged(line([10.0, 10.001], 10.0, standard_error=0.0), 1).verdict == DIFFERS
    assert judged(line([np.nan], 10.0, standard_error=0.1), 1).verdict == OPEN


def test_what_is_not_applicable_says_one_reason_for_each_key_first() -> None:
    scenario = loads(CALLS).vary({
        "agents.desk.capacity": 3, "agents.late": {"count": 1, "queues": ["calls"], "capacity": 2,
                                                   "reply": {"effort": "5 min"}},
        "queues.calls.courtesy": "5 s",
    })  # fmt: skip
    (one,) = [one for one in audit(scenario, []) if one.scope == {"queue": "calls"}]
    assert one.verdict == NOT_APPLICABLE
    assert one.reason == (
        "agents hold 3 conversations at once (agents.desk.capacity); the agent waits before he closes "
        "(queues.calls.courtesy); agents hold 2 conversations at once (agents.late.capacity)"
    )
