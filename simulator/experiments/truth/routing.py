"""Who goes first, and to whom: priorities at one desk, affinity at its pooled end."""

from __future__ import annotations

from simulator.experiments.truth.book import Facts, offered
from simulator.experiments.truth.case import Case
from simulator.experiments.truth.claims import Claim
from simulator.experiments.truth.estimates import measured
from simulator.scenario.schema import Scenario

FIFO = "without priorities"
CLASSES: dict[str, dict[str, object]] = {"": {}, FIFO: {"topics.urgent.priority": 0, "duration": "150 h"}}
SOONER: dict[str, object] = {"warm_up": "4 h", "duration": "32 h 20 min"}
"""A desk of five that is 80 % busy forgets in 18 minutes; only affinity remembers for a day."""
AFFINITY: dict[str, dict[str, object]] = {"Disabled": SOONER, "AnyAgent": {"queues.calls.last_agent": "AnyAgent"}}


def _mm5(facts: Facts, label: str, world: Scenario) -> list[Claim]:
    """Cobham: the urgent ones wait a fifth of what the others wait; all together as without priorities."""
    urgent, other = facts.expected["mean_wait"]
    return [
        Claim("mean_wait urgent", urgent * 60, measured("tWait", topic="urgent")),
        Claim("mean_wait other", other * 60, measured("tWait", topic="other")),
        Claim("mean_wait overall", facts.expected["overall"] * 60, measured("tWait")),
    ]


def _two_classes(facts: Facts, label: str, world: Scenario) -> list[Claim]:
    """Cobham, 1954; all together wait as without priorities."""
    everybody = facts.expected["fifo_delay"] * 60
    if label == FIFO:
        return [
            Claim("fifo_delay, urgent", everybody, measured("tWait", topic="urgent")),
            Claim("fifo_delay, other", everybody, measured("tWait", topic="other")),
        ]
    urgent, other = facts.expected["nonpreemptive_delay"]
    return [
        Claim("nonpreemptive_delay urgent", urgent * 60, measured("tWait", topic="urgent")),
        Claim("nonpreemptive_delay other", other * 60, measured("tWait", topic="other")),
        Claim("fifo_delay, all together", everybody, measured("tWait")),
    ]


def _ciw(facts: Facts, label: str, world: Scenario) -> list[Claim]:
    """Time in the system is the wait and a minute of service."""
    first, second = facts.expected["mean_sojourn"]
    (channel,) = world.channels.values()
    together = first * channel.topics["first"] + second * channel.topics["second"]
    return [
        Claim("mean_sojourn first, less service", (first - 1) * 60, measured("tWait", topic="first")),
        Claim("mean_sojourn second, less service", (second - 1) * 60, measured("tWait", topic="second")),
        Claim("mean_sojourn, all together", together * 60, measured("time_to_resolve")),
    ]


def _pooled(facts: Facts, label: str, world: Scenario) -> list[Claim]:
    """Last-agent routing that never waits changes who answers, not how long anybody waits: M/M/5 with and without."""
    return [Claim("pooled_mean_wait", facts.expected["pooled_mean_wait"] * 60, measured("tWait"))]


CASES = (
    Case("hanisch_priority", _two_classes, CLASSES, offered, asks={"": 1_000_000}),
    Case("ciw_priority", _ciw, load=offered),
    Case("x_priority_mm5", _mm5, load=offered),
    Case("x_affinity_ends", _pooled, AFFINITY, offered),
)
