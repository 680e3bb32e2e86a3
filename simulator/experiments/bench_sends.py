"""What a campaign message costs through each kind of cap, against one timeout of bare SimPy on the same machine.

Counted are drawing and simulating: requests, opt-in, delivery luck, caps, and the rows of the journal. Two million
messages through organisation and number caps must cost no more than as many timeouts; the other caps are measured
with fewer, because each message is looked at by itself there.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from statistics import fmean
from time import process_time
from typing import TYPE_CHECKING, Any

from simulator.experiments.bench import EVENTS, PROCESSES

if TYPE_CHECKING:
    from simulator.experiments.replicate import OnProgress
    from simulator.scenario import Scenario

MESSAGES = 2_000_000
FEWER = 10
"""Caps of customers are measured with a tenth of the messages."""
NUMBERS = '"+49 30 7654321", "+49 30 7654322", "+49 30 7654323"'


@dataclass(frozen=True)
class World:
    """One kind of cap: what the channel, the campaign and the limits say, and who writes meanwhile."""

    name: str
    channel: str = ""
    campaign: str = ""
    limits: str = ""
    arrivals: str = ""
    few: bool = False


WORLDS = (
    World("organisation"),
    World("organisation, burst", limits="pacing: burst,"),
    World("and a number at 1,000/s", "throughput: 1000/s,"),
    World("and a number at 80/s", "throughput: 80/s,"),
    World("and four numbers at 80/s", f"throughput: 80/s, numbers: [{NUMBERS}],"),
    World("and three numbers at 80/s", f"throughput: 80/s, numbers: [{NUMBERS.rpartition(',')[0]}],"),
    World("a number at 80/s with agents", "throughput: 80/s,", arrivals="arrivals: {rate: 600/h},"),
    World("calling windows", "throughput: 80/s,", 'windows: [{from: "08:00", to: "20:00"}],', few=True),
    World("expiry", "throughput: 80/s,", "expires_after: 10 min,", few=True),
    World("pair", "pair: {}, customers: {population: 5000000},", few=True),
    World("tier", "tier: 100000, customers: {population: 5000000},", few=True),
)


@dataclass(frozen=True)
class SendCost:
    """The cost of one message, against bare SimPy's timeout before and after."""

    world: str
    messages: int
    us_per_message: float
    bare_us: float

    @property
    def ratio(self) -> float:
        return self.us_per_message / self.bare_us

    def document(self) -> dict[str, Any]:
        return asdict(self) | {"of_bare": self.ratio}


def scenario(world: World, messages: int) -> Scenario:
    """A campaign of so many messages, all asked for at the start, and a run that is long enough."""
    from simulator.scenario import loads

    return loads(f"""
name: Bench of sends
start: 2026-03-02 00:00
duration: 8 h
run_out: 60 days
after_end: drain
behaviours: {{plain: {{}}}}
topics: {{ask: {{behaviour: plain}}}}
flows: {{door: [{{transfer: {{queue: line}}}}]}}
queues: {{line: {{auto_answer: true}}}}
channels:
  wa: {{platform: whatsapp, number: "+49 30 1234567", business_verified: true, {world.channel} {world.arrivals}
       flow: door, topics: {{ask: 100 %}}}}
agents: {{desk: {{count: 20, queues: [line], capacity: 3, reply: {{effort: 20 s}}}}}}
outbound:
  limits: {{{world.limits} whatsapp_campaign: 18000/min}}
  campaigns: {{wave: {{channel: wa, contacts: {messages}, start: 2026-03-02 00:00, template: t, {world.campaign}
                     opt_in: 90 %, delivered: 97 %}}}}
""")


def sends(messages: int = MESSAGES, on_progress: OnProgress | None = None) -> tuple[SendCost, ...]:
    """Every kind of cap, in order."""
    from simulator import engine

    found = []
    _cost(scenario(WORLDS[0], 1_000))  # imports and caches are nobody's cost
    bare = engine.bare(PROCESSES)
    before = bare.seconds_per_event(EVENTS)
    for done, world in enumerate(WORLDS):
        count = max(messages // FEWER, 1) if world.few else messages
        us = _cost(scenario(world, count)) / count
        after = bare.seconds_per_event(EVENTS)
        found.append(SendCost(world.name, count, us, 1e6 * fmean((before, after))))
        before = after
        if on_progress is not None:
            on_progress((done + 1) / len(WORLDS))
    return tuple(found)


def _cost(world: Scenario) -> float:
    """CPU time in µs of drawing and simulating one replication."""
    from simulator import engine, workload

    began = process_time()
    engine.simulate(world, workload.draw(world, 0))
    return 1e6 * (process_time() - began)
