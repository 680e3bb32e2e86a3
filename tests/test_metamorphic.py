"""Laws between two runs: what must not change, or must not get worse, when one thing of a scenario changes.

Each test says which rule of model.md, or which theorem, makes it a law. Where efforts belong to the contact (they do:
section 10) two plans meet the same customers, and laws of queues hold contact by contact, not only on average.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_deliberate_defects import FLOOR
from tiny import tiny
from worlds import run

from simulator.engine import simulate
from simulator.records import fold
from simulator.scenario import loads
from simulator.vocabulary.clock import SECOND
from simulator.vocabulary.codes import Event
from simulator.workload import draw

LIGHT: dict[str, Any] = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}
EFFORTS = st.sampled_from(
    ["{constant: 40 s}", "{exponential: {mean: 40 s}}", "{lognormal: {median: 20 s, p90: 3 min}}",
     "{uniform: {low: 1 s, high: 80 s}}",
     "{mixture: [{weight: 90 %, constant: 10 s}, {weight: 10 %, constant: 5 min}]}"]
)  # fmt: skip
TIMES = st.lists(st.integers(0, 900), min_size=2, max_size=40).map(sorted)


def line(times: list[int], agents: int, effort: str, seed: int, behaviour: str = "", queue: str = "") -> str:
    """One FIFO queue, every agent alike and with one slot: G/G/n."""
    return tiny(
        ", ".join(f"{at} s" for at in times), behaviour=behaviour, duration="5 h",
        queue=f"auto_answer: true, after_call_work: {{takes: 5 s}}{queue}",
        agents=f"count: {agents}, reply: {{effort: {effort}}}", more=f"seed: {seed}",
    )  # fmt: skip


def waits(text: str) -> dict[str, int]:
    """Wait of everybody who was answered, by contact."""
    scenario, rows = run(text)
    offers = fold(scenario, rows)["offers"]
    offers = offers[offers["outcome"] == "answered"]
    return dict(zip(offers["contact"].astype(str), offers["t_wait_us"].astype(int), strict=True))


def journal(text: str, replication: int = 0) -> np.ndarray:
    scenario = loads(text)
    return simulate(scenario, draw(scenario, replication))


# --- a queue gets no worse ---------------------------------------------------------------------------------------


@given(TIMES, st.integers(1, 5), EFFORTS, st.integers(0, 10_000))
@settings(max_examples=20, **LIGHT)
def test_one_more_agent_makes_nobody_wait_longer(times: list[int], agents: int, effort: str, seed: int) -> None:
    """FIFO G/G/n without abandonment, re-contact or concurrency: the ordered vector of workloads with n + 1 servers
    lies below that with n (Kiefer and Wolfowitz 1955), on every path."""
    few, more = (waits(line(times, n, effort, seed)) for n in (agents, agents + 1))
    assert len(few) == len(more) == len(times)
    assert all(more[contact] <= few[contact] for contact in few)


@given(TIMES, st.integers(1, 4), EFFORTS, st.integers(0, 10_000))
@settings(max_examples=10, **LIGHT)
def test_whoever_stays_away_makes_nobody_wait_longer(times: list[int], agents: int, effort: str, seed: int) -> None:
    """The same vector with one service time replaced by 0 is never larger. The last stays away, then the one before;
    those before them keep their draws, which go by ordinal."""
    whole = waits(line(times, agents, effort, seed))
    for gone in (1, len(times) // 2):
        fewer = waits(line(times[:-gone], agents, effort, seed))
        assert fewer == {contact: whole[contact] for contact in fewer}  # causality: and nobody waits less


@given(TIMES, st.integers(1, 4), EFFORTS, st.integers(0, 10_000))
@settings(max_examples=10, **LIGHT)
def test_whoever_loses_patience_makes_nobody_wait_longer(times: list[int], agents: int, effort: str, seed: int) -> None:
    """Who leaves the line asks for no service: whoever is answered waits no longer than if all had stayed."""
    patient = waits(line(times, agents, effort, seed))
    hasty = waits(line(times, agents, effort, seed, "patience: {exponential: {mean: 1 min}}"))
    assert all(hasty[contact] <= patient[contact] for contact in hasty)


@given(TIMES, st.integers(1, 4), st.integers(2, 90), st.integers(0, 10_000))
@settings(max_examples=10, **LIGHT)
def test_shorter_efforts_make_nobody_wait_longer(times: list[int], agents: int, share: int, seed: int) -> None:
    """Every service time is multiplied by the same share below 1: the law maps the contact's own uniform."""
    slow = waits(line(times, agents, "{uniform: {low: 10 s, high: 90 s}}", seed))
    low, high = 10 * share / 100, 90 * share / 100
    quick = waits(line(times, agents, f"{{uniform: {{low: {low} s, high: {high} s}}}}", seed))
    assert all(quick[contact] <= slow[contact] for contact in slow)


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 50))
@settings(max_examples=10, **LIGHT)
def test_a_higher_cap_delays_no_message(cap: int, more: int, contacts: int) -> None:
    """`t_k = max(request_k, t_(k-1) + 60 s / cap)` falls in the cap, message by message (section 8)."""

    def left(limit: int) -> np.ndarray:
        rows = journal(sale(contacts, limit))
        return rows["time"][rows["event"] == Event.SEND_DELIVERED]

    few, many = left(cap), left(cap + more)
    assert len(few) == len(many) == contacts and (many <= few).all()


def sale(contacts: int, cap: int, more: str = "") -> str:
    return tiny(
        "", channel="wa", duration="2 h", more=f"outbound: {{limits: {{whatsapp_campaign: {cap}/min}}, campaigns: "
        f"{{zz: {{channel: wa, contacts: {contacts}, start: 2026-03-02 00:00, template: t, opt_in: 100 %}}}}}}\n{more}",
    )  # fmt: skip


def test_twice_the_load_on_twice_the_agents_waits_less() -> None:
    """Economy of scale: in M/M/n at one occupancy the mean wait falls in n (Whitt 1992; here 1 and 2 agents at 80 %).
    Statistical: the difference of means lies beyond four standard errors, 20 replications each."""

    def means(rate: int, agents: int) -> np.ndarray:
        text = tiny(
            "", queue="auto_answer: true", duration="10 h",
            agents=f"count: {agents}, reply: {{effort: {{exponential: {{mean: 1 min}}}}}}",
        ).replace("customers: new, ", f"customers: new, arrivals: {{rate: {rate}/h}}, ")  # fmt: skip
        scenario = loads(text)
        found = []
        for number in range(20):
            rows = simulate(scenario, draw(scenario, number))
            since, until = (rows["time"][rows["event"] == each] for each in (Event.QUEUE_ENTERED, Event.CONNECTED))
            found.append((until[100:] - since[100 : len(until)]).mean() / SECOND)  # FIFO: the n-th in is the n-th out
        return np.array(found)

    small, large = means(48, 1), means(96, 2)
    error = np.sqrt((small.var(ddof=1) + large.var(ddof=1)) / 20)
    assert small.mean() - large.mean() > 4 * error


# --- nothing changes ---------------------------------------------------------------------------------------------

SCALED = """
behaviours: {{plain: {{turns: 3, think: {{empirical: [{a} s, {b} s]}}, opening: {{messages: 2, gap: {a} s}},
              flow_answer: {{uniform: {{low: {a} s, high: {b} s}}}}, patience: {{empirical: [{c} s, {d} s, {d} s]}}, gives_up: {{silent: 50 %, abandon: 50 %}}}}}}
flows: {{door: [{{bot: {{turns: 2, bot_time: {a} s}}}}, {{transfer: {{queue: line}}}}]}}
queues: {{line: {{answer_time: {a} s, alerting_timeout: {c} s, close_after: {d} s, returns_after: {c} s, after_call_work: {{takes: {b} s}}}}}}
"""  # noqa: E501


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_all_times_doubled_doubles_every_time(seed: int) -> None:
    """No rule has a unit of its own here (none of: least effort of 1 s, unidentified 30 s, a field's 5 s): the same
    rows at twice the time, with twice the durations as values."""

    def world(scale: int) -> np.ndarray:
        parts = SCALED.format(a=2 * scale, b=16 * scale, c=20 * scale, d=130 * scale)
        return journal(f"""
name: Scaled
start: 2026-03-02 00:00
duration: {scale * 4000} s
seed: {seed}
{parts}
topics: {{ask: {{behaviour: plain}}}}
threading: {{window: 0}}
channels: {{web: {{platform: web messaging, flow: door, topics: {{ask: 100 %}},
           arrivals: {{trace: [{", ".join(f"{scale * 7 * i} s" for i in range(60))}]}}}}}}
agents: {{desk: {{count: 2, queues: [line], capacity: 2, reply: {{effort: {{uniform: {{low: {4 * scale} s, high: {30 * scale} s}}}}}}}}}}
""")  # noqa: E501

    once, twice = world(1), world(2)
    assert len(once) > 800
    for name in once.dtype.names or ():
        if name not in ("time", "value"):
            assert np.array_equal(once[name], twice[name]), name
    # a drawn duration is rounded once: a µs for each of the few that add up to a time
    assert np.abs(twice["time"].astype(np.int64) - 2 * once["time"].astype(np.int64)).max() < 100


def test_a_week_later_is_the_same_week() -> None:
    """Draws go by number, not by date; the next Monday has the same shifts (UTC: no clock changes)."""
    later = FLOOR.replace("2026-03-02", "2026-03-09")
    assert later != FLOOR
    assert journal(later).tobytes() == journal(FLOOR).tobytes()


def test_a_group_cut_in_two_is_the_same_group() -> None:
    """Agents are ordered by group and number, and efforts belong to contacts: the names of the parts change nothing."""
    old = "  all: {count: 2, queues: [line], capacity: 2, reply: {effort: {exponential: {mean: 60 s}}}}"
    assert old in FLOOR
    halves = "\n".join(old.replace("all:", f"{name}:").replace("count: 2", "count: 1") for name in ("all_a", "all_b"))
    assert journal(FLOOR.replace(old, halves)).tobytes() == journal(FLOOR).tobytes()


def test_twice_as_quick_at_twice_the_effort() -> None:
    """Speed divides the whole effort (section 6)."""
    slow = tiny("0 s, 3 s, 50 s", agents="reply: {effort: 40 s}", behaviour="turns: 2, think: 9 s")
    quick = slow.replace("effort: 40 s", "effort: 80 s").replace("count: 1", "speed: 2, count: 1")
    assert quick != slow and journal(quick).tobytes() == journal(slow).tobytes()


@given(st.integers(2, 40), st.integers(0, 1000))
@settings(max_examples=10, **LIGHT)
def test_the_last_customer_changes_nothing_before_he_comes(count: int, seed: int) -> None:
    """Causality, with everything that looks ahead in a program: columns drawn beforehand, timers, ids."""
    times = [17 * i for i in range(count + 1)]
    behaviour = "turns: {geometric: {mean: 2}}, think: 30 s, patience: {exponential: {mean: 50 s}}"
    one, two = (line(times[: count + k], 2, "{exponential: {mean: 40 s}}", seed, behaviour) for k in (0, 1))
    short, long = journal(one), journal(two)
    before = times[count] * SECOND
    assert short[short["time"] < before].tobytes() == long[long["time"] < before].tobytes()


def test_a_campaign_that_nobody_answers_changes_no_customer() -> None:
    """It shares no cap, no number, no agent: "adding unrelated entities changes nobody else's rows" (section 10)."""
    zz = "zz: {channel: wa, contacts: 40, start: 2026-03-02 07:00, template: u, opt_in: 50 %}"
    more = ("  campaigns: {sale:", f"  campaigns: {{{zz}, sale:")
    assert more[0] in FLOOR
    without, with_it = journal(FLOOR), journal(FLOOR.replace(*more))
    assert (with_it["event"] == Event.SEND_NO_OPT_IN).sum() > 9

    def customers(rows: np.ndarray) -> bytes:
        return rows[(rows["event"] < Event.SEND_DELIVERED) | (rows["event"] >= Event.RUN_ENDED)].tobytes()

    assert customers(with_it) == customers(without)


def test_a_topic_nobody_has_and_a_queue_nobody_enters_change_nothing() -> None:
    more = FLOOR.replace("topics: {order:", "topics: {zz: {behaviour: buyer, priority: 9}, order:", 1)
    more = more.replace("queues:\n", "queues:\n  zz: {auto_answer: true}\n", 1)
    more = more.replace("  all: {count: 2, queues: [line],", "  all: {count: 2, queues: [line, zz],")
    assert journal(more).tobytes() == journal(FLOOR).tobytes()
