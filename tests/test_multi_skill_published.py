"""A published multi-skill centre of usual size, written down without touching code.

R. B. Wallace, W. Whitt, A staffing algorithm for call centers with skill-based routing, Manufacturing & Service
Operations Management 7 (2005): six types of calls, 90 agents, 30 places to wait, all types and service times alike.
Each agent has a primary and a secondary skill; a call goes to the longest idle of those who have it as their primary
skill, else as their secondary; an agent takes calls of his primary skill first. What the paper is known for: two
skills each are nearly as good as all six.
"""

from __future__ import annotations

import pytest

from simulator.engine import simulate
from simulator.records import fold
from simulator.records.checks import checks
from simulator.scenario import loads
from simulator.workload import draw

TYPES, AGENTS, PLACES = 6, 90, 30
A_MINUTE, SERVICE_MIN = 8.4, 10.0


def centre(skills: int, minutes: int = 1_500) -> str:
    """Each type is the primary skill of 15 agents, whose further skills are the next types, in turn."""
    groups = []
    for first in range(TYPES):
        for place in range(TYPES - 1 if skills > 1 else 1):
            others = [(first + 1 + (place + i) % (TYPES - 1)) % TYPES for i in range(skills - 1)]
            has = ", ".join([f"t{first}: 5", *(f"t{other}: 3" for other in others)])
            count = AGENTS // TYPES // (TYPES - 1 if skills > 1 else 1)
            effort = f"{{exponential: {{mean: {SERVICE_MIN} min}}}}"
            groups.append(
                f"  g{first}{place}: {{count: {count}, queues: [calls], skills: {{{has}}}, takes: best_skill, "
                f"reply: {{effort: {effort}}}}}"
            )
    return "\n".join([
        "name: Two skills each", "start: 2026-03-02 00:00", f"duration: {minutes} min", "threading: {window: 0}",
        "behaviours: {caller: {}}",
        "topics: {" + ", ".join(f"t{i}: {{behaviour: caller, skills: [t{i}]}}" for i in range(TYPES)) + "}",
        "flows: {door: [{transfer: {queue: calls}}]}",
        f"queues: {{calls: {{auto_answer: true, close_after: never, evaluation: BEST, "
        f"max_in_system: {AGENTS + PLACES}}}}}",
        f"channels: {{phone: {{platform: web messaging, flow: door, arrivals: {{rate: {60 * A_MINUTE}/h}}, topics: {{"
        + ", ".join(f"t{i}: {1 / TYPES}" for i in range(TYPES)) + "}}}",
        "agents:", *groups,
    ])  # fmt: skip


def waited(skills: int) -> float:
    """Share of those who entered after the first 200 minutes who waited at all."""
    scenario = loads(centre(skills))
    rows = simulate(scenario, draw(scenario, 0))
    tables = fold(scenario, rows)
    assert [check.detail for check in checks(scenario, rows, tables) if not check.passed] == []
    offers = tables["offers"][tables["offers"]["entered_us"] > 200 * 60_000_000]
    return float((offers["t_wait_us"].fillna(1) > 0).mean())


@pytest.mark.slow
def test_two_skills_are_nearly_as_good_as_six():
    shares = {skills: waited(skills) for skills in (1, 2, TYPES)}
    assert shares[1] > shares[2] >= shares[TYPES] - 0.05
    assert shares[2] - shares[TYPES] < 0.25 * (shares[1] - shares[TYPES])
