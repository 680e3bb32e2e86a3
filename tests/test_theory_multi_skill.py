"""Published multi-skill centres, small enough to be solved: the simulated figures are those of the Markov chain.

- N- and X-design: two kinds of customers, two groups of agents, overflow in a fixed order on both sides (O. Garnett,
  A. Mandelbaum, An Introduction to Skills-Based Routing and its Operational Complexities, 2000), with a limited number
  of lines and service times by kind and group.
- Redials and reconnects: who abandons calls again, and so does who was served (S. Ding, M. Remerova, R. D. van der Mei,
  B. Zwart, Fluid approximation of a call center model with redials and reconnects, Performance Evaluation 92, 2015).
- A priority that grows while one waits (L. Kleinrock, A delay dependent queue discipline, Naval Research Logistics
  Quarterly 11, 1964), with uniform and with fixed service.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_array
from scipy.sparse.linalg import spsolve

from simulator.engine import simulate
from simulator.records import fold
from simulator.scenario import loads
from simulator.workload import draw

State = tuple[int, ...]
Moves = Callable[[State], Iterable[tuple[State, float]]]


def stationary(start: State, moves: Moves) -> tuple[np.ndarray, np.ndarray]:
    """States that a chain reaches, and how much of the time it spends in each. [state, part], [state]"""
    number, ahead, rows = {start: 0}, [start], []
    while ahead:
        here = ahead.pop()
        for there, rate in moves(here):
            if rate > 0:
                if there not in number:
                    number[there] = len(number)
                    ahead.append(there)
                rows.append((number[here], number[there], rate))
    here, there, rate = (np.array(column) for column in zip(*rows, strict=True))
    size = len(number)
    # balance of each state: in - out = 0; the last is replaced by the sum of all, 1
    keep_in, keep_out = there != size - 1, here != size - 1
    last = np.full(size, size - 1)
    matrix = coo_array(
        (
            np.concatenate([rate[keep_in], -rate[keep_out], np.ones(size)]),
            (
                np.concatenate([there[keep_in], here[keep_out], last]),
                np.concatenate([here[keep_in], here[keep_out], np.arange(size)]),
            ),
        )
    )
    right = np.zeros(size)
    right[-1] = 1
    return np.array(list(number)), spsolve(matrix.tocsc(), right)


def near(simulated: list[float], exact: float, at_most: float = 0.02) -> None:
    """Within four standard errors, each at most `at_most` of the value."""
    error = np.std(simulated, ddof=1) / len(simulated) ** 0.5
    assert error <= at_most * abs(exact), (exact, error)
    assert abs(np.mean(simulated) - exact) <= 4 * error, (np.mean(simulated), exact, error)


def measured(text: str, replications: int, warm_up_min: float) -> list[dict[str, pd.DataFrame]]:
    """Offers, portions and contacts of each replication, those of the warm-up left out."""
    scenario, from_us = loads(text), round(warm_up_min * 60_000_000)
    found = []
    for replication in range(replications):
        tables = fold(scenario, simulate(scenario, draw(scenario, replication)))
        offers, portions, contacts = tables["offers"], tables["portions"], tables["contacts"]
        found.append(
            {
                "offers": offers[offers["entered_us"] >= from_us],
                "portions": portions[portions["opened_us"] >= from_us],
                "contacts": contacts[contacts["arrived_us"] >= from_us],
            }
        )
    return found


# --- N and X -----------------------------------------------------------------------------------------------------

COMES = (1.1, 0.9)
"""Customers of each kind, a minute."""
LEAVES = (0.2, 0.35)
AGENTS = (2, 3)
LINES = 8


def design(serves: tuple[tuple[float, float], tuple[float, float]]) -> dict[str, float]:
    """Exact figures where group g serves kind k at the rate serves[k][g], 0: not at all. Everybody looks at his own
    first: kind 0 and group 0, kind 1 and group 1."""

    def moves(state: State) -> Iterable[tuple[State, float]]:
        busy, waiting = state[:4], state[4:]  # busy: (kind, group) = 00, 01, 10, 11

        def free(group: int) -> bool:
            return busy[group] + busy[2 + group] < AGENTS[group]

        def changed(*steps: tuple[int, int]) -> State:
            after = list(state)
            for place, by in steps:
                after[place] += by
            return tuple(after)

        for kind in (0, 1):
            if sum(state) < LINES:
                group = next((g for g in (kind, 1 - kind) if serves[kind][g] and free(g)), None)
                yield changed((4 + kind, 1) if group is None else (2 * kind + group, 1)), COMES[kind]
            yield changed((4 + kind, -1)), waiting[kind] * LEAVES[kind]
            for group in (0, 1):
                takes = next((k for k in (group, 1 - group) if serves[k][group] and waiting[k]), None)
                steps = [(2 * kind + group, -1)]
                if takes is not None:
                    steps += [(4 + takes, -1), (2 * takes + group, 1)]
                yield changed(*steps), busy[2 * kind + group] * serves[kind][group]

    states, share = stationary((0,) * 6, moves)
    full = share[states.sum(axis=1) == LINES].sum()
    found = {"blocked": full}
    for kind in (0, 1):
        offered = COMES[kind] * (1 - full)
        queue = share @ states[:, 4 + kind]
        found |= {f"wait {kind}": queue / offered, f"abandoned {kind}": LEAVES[kind] * queue / offered}
        for group in (0, 1):
            done = share @ states[:, 2 * kind + group] * serves[kind][group]
            found[f"share {kind}{group}"] = done / offered
    return found


def as_scenario(serves: tuple[tuple[float, float], tuple[float, float]], minutes: int) -> str:
    """The same centre, as a scenario."""
    groups = []
    for group in (0, 1):
        skills = [f"k{kind}: {5 if kind == group else 1}" for kind in (0, 1) if serves[kind][group]]
        replies = [
            f"k{kind}: {{reply: {{effort: {{exponential: {{mean: {60 / serves[kind][group]} s}}}}}}}}"
            for kind in (0, 1)
            if serves[kind][group]
        ]
        groups.append(
            f"  g{group}: {{count: {AGENTS[group]}, queues: [centre], skills: {{{', '.join(skills)}}}, "
            f"takes: best_skill, reply: {{effort: 1 min}}, by_topic: {{{', '.join(replies)}}}}}"
        )
    channels = [
        f"  c{kind}: {{platform: web messaging, flow: door, arrivals: {{rate: {60 * COMES[kind]}/h}}, "
        f"topics: {{k{kind}: 100 %}}}}"
        for kind in (0, 1)
    ]
    behaviours = [f"b{kind}: {{patience: {{exponential: {{mean: {60 / LEAVES[kind]} s}}}}}}" for kind in (0, 1)]
    return "\n".join([
        "name: Two kinds, two groups", "start: 2026-03-02 00:00", f"duration: {minutes} min", "seed: 3",
        "threading: {window: 0}", f"behaviours: {{{', '.join(behaviours)}}}",
        "topics: {k0: {behaviour: b0, skills: [k0]}, k1: {behaviour: b1, skills: [k1]}}",
        "flows: {door: [{transfer: {queue: centre}}]}",
        f"queues: {{centre: {{auto_answer: true, close_after: never, evaluation: BEST, max_in_system: {LINES}}}}}",
        "channels:", *channels, "agents:", *groups,
    ])  # fmt: skip


DESIGNS = {
    "N": ((0.5, 0.4), (0.0, 0.6)),  # group 0 knows kind 0 only
    "X": ((0.5, 0.3), (0.35, 0.6)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", DESIGNS)
def test_two_kinds_and_two_groups(name: str) -> None:
    serves = DESIGNS[name]
    exact = design(serves)
    found: dict[str, list[float]] = {key: [] for key in exact}
    for tables in measured(as_scenario(serves, 3_100), replications=20, warm_up_min=100):
        offers, portions = tables["offers"], tables["portions"]
        found["blocked"].append(float((portions["disconnect"] == "blocked").mean()))
        group_of = offers["agent"].astype(str).str.split("/").str[0]
        for kind in (0, 1):
            mine = offers["topic"] == f"k{kind}"
            found[f"wait {kind}"].append(float(offers.loc[mine, "t_wait_us"].mean()) / 60e6)
            found[f"abandoned {kind}"].append(float((offers.loc[mine, "outcome"] == "abandoned").mean()))
            for group in (0, 1):
                found[f"share {kind}{group}"].append(float((group_of[mine] == f"g{group}").mean()))
    for key, value in exact.items():
        near(found[key], value, at_most=0.04) if value else None
        assert value or not any(found[key])


# --- redials and reconnects --------------------------------------------------------------------------------------

LINE = {"comes": 0.7, "agents": 3, "serves": 0.4, "leaves": 0.5, "redials": 0.6, "reconnects": 0.25}
"""A minute, but for the number of agents and the two probabilities."""
BACK = (0.2, 0.1)
"""After abandoning, after service; a minute."""


def calls_again() -> dict[str, float]:
    """Those in the line, those who will redial, those who will reconnect: all times exponential."""
    most = (15, 14, 18)

    def moves(state: State) -> Iterable[tuple[State, float]]:
        inside, redialling, reconnecting = state
        done = min(inside, LINE["agents"]) * LINE["serves"]
        gone = max(inside - LINE["agents"], 0) * LINE["leaves"]
        for change, rate in (
            ((1, 0, 0), LINE["comes"]),
            ((1, -1, 0), redialling * BACK[0]),
            ((1, 0, -1), reconnecting * BACK[1]),
            ((-1, 0, 0), done * (1 - LINE["reconnects"]) + gone * (1 - LINE["redials"])),
            ((-1, 1, 0), gone * LINE["redials"]),
            ((-1, 0, 1), done * LINE["reconnects"]),
        ):
            after = tuple(a + b for a, b in zip(state, change, strict=True))
            if rate and all(a <= top for a, top in zip(after, most, strict=True)):
                yield after, rate

    states, share = stationary((0, 0, 0), moves)
    assert share[(states == most).any(axis=1)].sum() < 1e-5
    inside, redialling, reconnecting = share @ states
    queue = share @ np.maximum(states[:, 0] - LINE["agents"], 0)
    back = redialling * BACK[0] + reconnecting * BACK[1]
    offered = LINE["comes"] + back
    return {
        "calls a minute": offered,
        "share of redials": redialling * BACK[0] / offered,
        "share of reconnects": reconnecting * BACK[1] / offered,
        "abandoned": LINE["leaves"] * queue / offered,
        "wait": queue / offered,
        "busy": inside - queue,
    }


@pytest.mark.slow
def test_redials_and_reconnects() -> None:
    """The stream of those who call again is no Poisson stream of its own: it depends on how busy the line is."""
    text = "\n".join([
        "name: Redials and reconnects", "start: 2026-03-02 00:00", "duration: 4200 min", "seed: 5",
        "threading: {window: 0}",
        f"behaviours: {{caller: {{patience: {{exponential: {{mean: {60 / LINE['leaves']} s}}}}, writes_again: {{",
        f"after_abandon: {{probability: {LINE['redials']}, delay: {{exponential: {{mean: {60 / BACK[0]} s}}}}}},",
        f"after_service: {{probability: {LINE['reconnects']}, delay: {{exponential: {{mean: {60 / BACK[1]} s}}}}}}",
        "}}}",
        "topics: {call: {behaviour: caller}}", "flows: {door: [{transfer: {queue: line}}]}",
        "queues: {line: {auto_answer: true, close_after: never}}",
        f"channels: {{phone: {{platform: web messaging, flow: door, arrivals: {{rate: {60 * LINE['comes']}/h}}, "
        "topics: {call: 100 %}}}",
        f"agents: {{desk: {{count: {LINE['agents']}, queues: [line], "
        f"reply: {{effort: {{exponential: {{mean: {60 / LINE['serves']} s}}}}}}}}}}",
    ])  # fmt: skip
    exact = calls_again()
    found: dict[str, list[float]] = {key: [] for key in exact}
    for tables in measured(text, replications=20, warm_up_min=200):
        contacts, offers = tables["contacts"], tables["offers"]
        found["calls a minute"].append(len(contacts) / 4000)
        found["share of redials"].append(float((contacts["reason"] == "after_abandon").mean()))
        found["share of reconnects"].append(float((contacts["reason"] == "after_service").mean()))
        found["abandoned"].append(float((offers["outcome"] == "abandoned").mean()))
        found["wait"].append(float(offers["t_wait_us"].mean()) / 60e6)
        answered = (offers["outcome"] == "answered").sum() / 4000
        found["busy"].append(float(answered / LINE["serves"]))
    for key, value in exact.items():
        near(found[key], value, at_most=0.03)


# --- a priority that grows ---------------------------------------------------------------------------------------


def growing(load: tuple[float, float], residual: float, growth: float) -> tuple[float, float]:
    """Mean waits of an ordinary and of a growing kind, whose score grows 1 and 1 + `growth` a minute: Kleinrock (1964).

    `residual`: half the sum of rate times second moment of the service.
    """
    ordinary = residual / (1 - sum(load)) / (1 - load[1] * (1 - 1 / (1 + growth)))
    return ordinary, residual / (1 - sum(load)) - load[0] * ordinary * growth / (1 + growth)


@pytest.mark.slow
def test_a_priority_that_grows_with_uniform_and_fixed_service() -> None:
    """One agent; the ordinary are served for 0.5 to 1.5 min, uniform, the growing for 1 min, fixed."""
    comes, growth = (0.45, 0.3), 2.0
    moments = (1 + 1 / 12, 1.0)
    residual = sum(rate * moment for rate, moment in zip(comes, moments, strict=True)) / 2
    exact = growing(comes, residual, growth)
    assert sum(load * wait for load, wait in zip(comes, exact, strict=True)) == pytest.approx(
        0.75 * residual / 0.25
    )  # Kleinrock's conservation law
    text = "\n".join([
        "name: A priority that grows", "start: 2026-03-02 00:00", "duration: 12400 min", "seed: 7",
        "threading: {window: 0}", "behaviours: {caller: {}}",
        "topics: {plain: {behaviour: caller, reply: {effort: {uniform: {low: 30 s, high: 90 s}}}}, "
        f"urgent: {{behaviour: caller, priority_per_minute: {growth}, reply: {{effort: 60 s}}}}}}",
        "flows: {door: [{transfer: {queue: line}}]}", "queues: {line: {auto_answer: true, close_after: never}}",
        "channels:",
        *(f"  {topic}: {{platform: web messaging, flow: door, arrivals: {{rate: {60 * rate}/h}}, "
          f"topics: {{{topic}: 100 %}}}}" for topic, rate in zip(("plain", "urgent"), comes, strict=True)),
        "agents: {desk: {count: 1, queues: [line]}}",
    ])  # fmt: skip
    found: dict[str, list[float]] = {"plain": [], "urgent": []}
    for tables in measured(text, replications=20, warm_up_min=400):
        for topic, waits in found.items():
            mine = tables["offers"]["topic"] == topic
            waits.append(float(tables["offers"].loc[mine, "t_wait_us"].mean()) / 60e6)
    near(found["plain"], exact[0], at_most=0.03)
    near(found["urgent"], exact[1], at_most=0.03)
