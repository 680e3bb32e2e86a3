"""A wrong model is caught: deliberate defects in the model, and which check or line of the self-audit notices each.

Nothing here looks at a journal worked out by hand. A defect counts as caught if a check that runs with every run fails
or if the audit, which puts theory beside what was simulated, says "differs". `DEFECTS` is the table; it also stands in
simulator/model/README.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from defects import Change, Defect, applied

from simulator.engine import simulate
from simulator.metrics import audit
from simulator.model import (
    acd,
    agent,
    alerts,
    conversation,
    customer,
    desk,
    flow,
    lanes,
    rooms,
    run,
    serial,
)
from simulator.records import Promised, checks, fold
from simulator.scenario import loads
from simulator.workload import draw

FLOOR = """
name: A floor where everything happens
start: 2026-03-02 06:00
duration: 8 h
seed: 5
threading: {window: 1 h}
behaviours:
  buyer:
    opening: {messages: {geometric: {mean: 1.4}}, gap: 8 s}
    turns: {geometric: {mean: 2.5}}
    think: {lognormal: {median: 45 s, p90: 5 min}}
    flow_answer: {uniform: {low: 5 s, high: 60 s}}
    patience: {exponential: {mean: 6 min}}
    gives_up: {silent: 50 %, abandon: 50 %}
    writes_again: {after_service: {probability: 40 %, delay: {exponential: {mean: 40 min}}}}
topics: {order: {behaviour: buyer}, claim: {behaviour: buyer, priority: 2}}
flows: {door: [{bot: {turns: 2, bot_time: 1 s, contains: 10 %}}, {transfer: {queue: line}}]}
queues:
  line: {answer_time: {exponential: {mean: 8 s}}, alerting_timeout: 20 s, returns_after: 30 s, close_after: 10 min,
         after_call_work: {takes: {exponential: {mean: 30 s}}}}
channels:
  wa: {platform: whatsapp, number: "+49 30 1234567", business_verified: true, customers: {population: 40}, flow: door,
       arrivals: {rate: 15/h}, topics: {order: 70 %, claim: 30 %}}
  web: {platform: web messaging, flow: door, arrivals: {rate: 40/h}, topics: {order: 70 %, claim: 30 %}}
agents:
  day: {count: 3, queues: [line], capacity: 2, reply: {effort: {exponential: {mean: 60 s}}},
        shift: {from: "07:00", to: "12:00", breaks: [{at: "10:00", for: 10 min}]}, end_of_shift: {finish: 10 min}}
  all: {count: 2, queues: [line], capacity: 2, reply: {effort: {exponential: {mean: 60 s}}}}
outbound:
  limits: {whatsapp_campaign: 30/min}
  campaigns: {sale: {channel: wa, contacts: 40, start: 2026-03-02 08:00, template: t, opt_in: 100 %, requested_rate: 35/min}}
"""  # noqa: E501
ERLANG_A = """
name: Erlang A
start: 2026-03-02 00:00
duration: 20 h
warm_up: 2 h
run_out: 1 h
replications: 6
seed: 3
behaviours: {caller: {patience: {exponential: {mean: 3 min}}}}
topics: {ask: {behaviour: caller}}
flows: {door: [{transfer: {queue: line}}]}
queues: {line: {auto_answer: true}}
channels: {web: {platform: web messaging, flow: door, arrivals: {rate: 2/min}, topics: {ask: 100 %}}}
agents: {desk: {count: 4, queues: [line], reply: {effort: {exponential: {mean: 2 min}}}}}
"""
WORLDS = {"floor": FLOOR, "erlang": ERLANG_A}

F, E = "floor", "erlang"
Desk, Agent, Acd, Alerts, Customers = desk.Desk, agent.Agent, acd.Acd, alerts.Alerts, customer.Customers
Conversations, Room = conversation.Conversations, rooms.Room
DRAWN = frozenset({"as_drawn"})

DEFECTS = {
    "patience starts 20 s late": Defect(
        F,
        (Change(Acd, "enters", "world.call_after(patience_us,", "world.call_after(patience_us + 20_000_000,"),),
        DRAWN,
    ),
    "patience starts a minute late": Defect(
        E,
        (Change(Acd, "enters", "world.call_after(patience_us,", "world.call_after(patience_us + 60_000_000,"),),
        DRAWN,
        frozenset({"mean wait of all", "mean number waiting"}),
    ),
    "a wrap-up does not hold its slot": Defect(
        F,
        (
            Change(
                Desk,
                "turns_to_wrap_up",
                "self._world.acd.is_disconnected(session)",
                "self._world.acd.is_disconnected(session); self._agent.held -= 1",
            ),
            Change(Agent, "ends", "self.held -= 1", "pass"),
        ),
        frozenset({"slots_within_capacity"}),
    ),
    "a refused alert sets the clock back": Defect(
        F,
        (Change(Alerts, "_fails", "if not interaction.queue.keep_clock:", "if True:"),),
        frozenset({"served_by_rank"}),
    ),
    "a cap counts by calendar minutes": Defect(
        F,
        (
            Change(
                lanes,
                "_one_line",
                "return rule(requests_us, lane.count, lane.window_us), ORGANISATION",
                "return np.maximum(requests_us, np.arange(len(requests_us)) // lane.count * lane.window_us "
                "+ requests_us[0]), ORGANISATION",
            ),
        ),
        frozenset({"caps_held"}),
    ),
    "answers to the bot are lost": Defect(
        F,
        (
            Change(
                flow,
                "_passes",
                "receives(conversation, contact)",
                "if contact.number % 9 == 4:\n                        yield world.rung(world.bell())\n"
                "                    receives(conversation, contact)",
            ),
        ),
        frozenset({"no_one_lost"}),
    ),
    "some who write are never heard": Defect(
        F,
        (
            Change(
                Customers,
                "arrivals",
                "if comes_later:",
                "if i % 50 == 7:\n            continue\n        if comes_later:",
            ),
        ),
        DRAWN,
    ),
    "a change of status is not told": Defect(
        F,
        (
            Change(
                Agent,
                "shows",
                "self._world.log(Event.AGENT_STATUS",
                "self.number == 1 and status == 2 or self._world.log(Event.AGENT_STATUS",
            ),
        ),
        frozenset({"statuses_follow_sessions"}),
    ),
    "an agent leaves an hour early": Defect(
        F,
        (Change(run, "shifts", "log_off_us = shift.log_off_us", "log_off_us = shift.log_off_us - 3_600_000_000"),),
        frozenset({"shifts_followed"}),
    ),
    "the window runs from the opening": Defect(
        F,
        (
            Change(
                Conversations,
                "opens_portion",
                "if self.stays is not None:",
                "conversation.disconnected_us = self._world.now\n    if self.stays is not None:",
            ),
            Change(Conversations, "disconnects", "conversation.disconnected_us = world.now", "pass"),
        ),
        frozenset({"threading_window"}),
    ),
    "silent customers disconnect": Defect(
        F,
        (
            Change(
                Customers,
                "loses_patience",
                "if contact.silent or not self._can_disconnect[person.channel]:",
                "if False:",
            ),
        ),
        frozenset({"left_as_they_may", "as_drawn"}),
    ),
    "the last agent takes it beyond his capacity": Defect(
        F,
        (Change(Acd, "enters", "if last.can_take(entry.kind):", "if last.on_queue:"),),
        frozenset({"slots_within_capacity"}),
    ),
    "the last agent's alert holds no slot": Defect(
        F,
        (Change(Alerts, "begins", "agent.takes(interaction)", "placement == 1 or agent.takes(interaction)"),),
        frozenset({"slots_within_capacity"}),
    ),
    "efforts are 3 % too short": Defect(
        E,
        (
            Change(
                serial.SerialDesk,
                "_begins_reply",
                "effort_us = self._effort_us(session)",
                "effort_us = self._effort_us(session) * 97 // 100",
            ),
        ),
        DRAWN,
        frozenset({"attention of a reply"}),
    ),
    "last come, first served": Defect(
        F,
        (
            Change(Room, "joins", "(interaction.key,", "(-interaction.key,"),
            Change(Room, "first", "and interaction.key == key", "and interaction.key == -key"),
        ),
        frozenset({"served_by_rank"}),
    ),
    "nobody thinks": Defect(
        F, (Change(Customers, "_thinks", "think_us = contact.think_us(contact.next_turn)", "think_us = 0"),), DRAWN
    ),
    "one conversation more than the capacity": Defect(
        F,
        (Change(Agent, "can_take", "self.held >= self._capacity", "self.held > self._capacity"),),
        frozenset({"slots_within_capacity"}),
    ),
    "an alert rings a second too long": Defect(
        F,
        (
            Change(
                Alerts,
                "begins",
                "timeout_us = contact.next_answer_us(queue.number), queue.alerting_timeout_us",
                "timeout_us = contact.next_answer_us(queue.number), queue.alerting_timeout_us + 1_000_000",
            ),
        ),
        frozenset({"timers_kept"}),
    ),
    "silence is counted twice": Defect(
        F,
        (Change(desk, "listens", "queue.close_after_us, WAITING_ENDS", "2 * queue.close_after_us, WAITING_ENDS"),),
        frozenset({"timers_kept"}),
    ),
    "a desk forgets work while it is busy": Defect(
        F,
        (Change(Desk, "lists", "if session.listed or", "if len(self._replies) > 0 or session.listed or"),),
        frozenset({"no_idle_desk"}),
    ),
    "wrap-ups are left out": Defect(
        F,
        (Change(Desk, "turns_to_wrap_up", "if wrap_up is None:", "if wrap_up is None or session.number % 5 == 0:"),),
        frozenset({"timers_kept"}),
    ),
    "every 500th message of the business is not journaled": Defect(
        F,
        (
            Change(
                Conversations,
                "sends",
                "self._rows += PACK(",
                "if number % 500:\n          self._rows += PACK(",
            ),
        ),
        frozenset({"turns_conserved"}),
    ),
}


@cache
def _scenario(world: str):  # type: ignore[no-untyped-def]
    return loads(WORLDS[world])


def noticed(world: str, with_theory: bool = True) -> tuple[set[str], set[str]]:
    """Names of the checks that fail, and of the audit's lines that differ."""
    scenario = _scenario(world)
    failed, measured = set(), []
    for number in range(scenario.replications if world == E else 1):
        workload = draw(scenario, number)
        rows = simulate(scenario, workload)
        tables = fold(scenario, rows, number)
        failed |= {one.name for one in checks(scenario, rows, tables, Promised.of(workload)) if not one.passed}
        if with_theory:
            measured.append(audit.measured(scenario, tables, int(rows["time"][-1])))
    differs = [one.name for one in audit.audit(scenario, measured) if one.verdict == audit.DIFFERS] if measured else []
    return failed, set(differs)


@pytest.mark.parametrize("world", WORLDS)
def test_the_right_model_passes(world: str) -> None:
    assert noticed(world) == (set(), set())


@pytest.mark.parametrize("name", DEFECTS)
def test_the_defect_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    defect = DEFECTS[name]
    applied(defect, monkeypatch)
    failed, differs = noticed(defect.world, bool(defect.theory))
    print(name, sorted(failed), sorted(differs))
    assert defect.checks or defect.theory
    assert defect.checks <= failed, failed
    assert defect.theory <= differs, differs


def rows_of_the_table() -> Iterator[str]:
    for name, defect in DEFECTS.items():
        who = [f"`{check}`" for check in sorted(defect.checks)] + [f"theory: {line}" for line in sorted(defect.theory)]
        yield f"| {name} | {', '.join(who)} |"


def test_the_readme_has_the_table(root: Path) -> None:
    text = (root / "simulator" / "model" / "README.md").read_text(encoding="utf-8")
    assert [row for row in rows_of_the_table() if row not in text] == []
