"""The worlds of the bench: the retail weekday, and pairs of worlds that differ by one size only."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from simulator.vocabulary.clock import HOUR, MINUTE

if TYPE_CHECKING:
    from simulator.scenario import Scenario


def retail(duration: str | None = None) -> Scenario:
    """The retail weekday without bulk sends, one replication; `duration` shortens it (no warm-up then)."""
    from simulator.scenario import loads

    text = resources.files("simulator.experiments").joinpath("bench.yaml").read_text(encoding="utf-8")
    scenario = loads(text)
    return scenario if duration is None else scenario.vary({"duration": duration, "warm_up": 0, "run_out": 0})


@dataclass(frozen=True)
class World:
    """One world of a pair, and the stretch of it that is timed: [from_us, to_us)."""

    name: str
    scenario: Scenario
    from_us: int
    to_us: int


def crews(size: float = 1.0) -> tuple[World, World]:
    """20 agents and 2,000, each with 16 conversations an hour and agent. `size` scales the time simulated.

    The small crew is simulated longer, so that both are timed over many events.
    """
    few, many = (
        _world(f"{agents:,} agents", _desk(agents, hours, rate=f"{16 * agents}/h"), hours * warm, hours)
        for agents, hours, warm in ((20, 30 * size, 0.1), (2_000, 0.6 * size, 0.4))
    )
    return few, many


def crowds(waiting: int = 50_000, size: float = 1.0) -> tuple[World, World]:
    """An empty queue, and one in which so many wait: the same 200 agents, the same people who come meanwhile.

    The crowd writes in the first hour, when nobody is counted. Patience is long (median four days), so
    that few give up. The agents work the crowd down, so it begins larger, by what they take until the
    middle of the time that is timed: then `waiting` wait.
    """
    hours = 2 + 1.5 * size
    # Taken in two hours and in half of the stretch after them: counted in one run with 50,000.
    crowded = waiting + round(5_700 + 1_880 * size)
    crowd = (
        f"  crowd: {{platform: web messaging, flow: door, arrivals: {{per_day: {crowded}, profile: first_hour}}, "
        "topics: {ask: 100 %}}"
    )
    empty, full = (
        _world(name, _desk(200, hours, rate="2000/h", more=more), 2.0, hours)
        for name, more in (("an empty queue", ""), (f"{waiting:,} waiting", crowd))
    )
    return empty, full


def floors(
    agents: int = 5_000, queues: int = 200, skills: int = 100, groups: int = 500, size: float = 1.0
) -> tuple[World, World]:
    """The same agents and customers on one queue without skills, and on so many queues with so many skills.

    Groups of agents overlap: each serves five queues and has eight skills, no two groups alike; each queue is asked for
    in three ways, by one skill, by two, and by none. `size` scales the time simulated.
    """
    hours = 0.6 * size
    rate = f"{16 * agents}/h"
    one = _world("one queue", _desk(agents, hours, rate=rate), hours * 0.4, hours)
    many = _world(f"{queues} queues", _floor(agents, queues, skills, groups, hours), hours * 0.4, hours)
    return one, many


GOLDEN = 0.6180339887498949
"""Multiples of it, without whole parts, spread evenly over 0 to 1: differences without chance."""


def _pick(number: int, k: int, of: int) -> int:
    return int((number * GOLDEN + k * GOLDEN * GOLDEN * 7) % 1.0 * of)


def _floor(agents: int, queues: int, skills: int, groups: int, hours: float) -> str:
    """Many queues, topics and groups, as YAML; the customers are those of `_desk`."""
    head, _, tail = _desk(agents, hours, rate="1/h").partition("topics:")
    answers = tail.partition("queues:")[2].partition("line: ")[2].partition("\n")[0]
    effort = tail.partition("reply: ")[2].partition("}}}}")[0] + "}}}"
    asks = [("a", ()), ("b", (0,)), ("c", (0, 1))]
    lines = [head + "topics:"]
    for queue in range(queues):
        for name, which in asks:
            needed = ", ".join(f"s{_pick(queue, k, skills)}" for k in which)
            lines.append(f"  t{queue}{name}: {{behaviour: chatter, skills: [{needed}]}}")
    lines.append("flows:")
    for queue in range(queues):
        lines.append(f"  f{queue}: [{{bot: {{bot_time: 1 s}}}}, {{transfer: {{queue: q{queue}}}}}]")
    lines.append("queues:")
    lines += [f"  q{queue}: {answers}" for queue in range(queues)]
    lines.append("channels:")
    for queue in range(queues):
        shares = f"t{queue}a: 50 %, t{queue}b: 30 %, t{queue}c: 20 %"
        lines.append(
            f"  c{queue}: {{platform: web messaging, flow: f{queue}, arrivals: {{rate: {16 * agents / queues:g}/h}}, "
            f"topics: {{{shares}}}}}"
        )
    lines.append("agents:")
    for group in range(groups):
        served = sorted({group % queues, *(_pick(group, k, queues) for k in range(1, 5))})
        has = {f"s{_pick(queue, k, skills)}" for queue in served[:3] for k in (0, 1)}
        has |= {f"s{_pick(group, k, skills)}" for k in range(5, 7)}
        count = agents // groups + (group < agents % groups)
        lines.append(
            f"  g{group}: {{count: {count}, queues: [{', '.join(f'q{queue}' for queue in served)}], "
            f"skills: {{{', '.join(f'{skill}: 3' for skill in sorted(has))}}}, capacity: 3, reply: {effort}}}"
        )
    return "\n".join(lines)


def _world(name: str, text: str, from_hour: float, to_hour: float) -> World:
    from simulator.scenario import loads

    return World(name, loads(text), round(from_hour * HOUR), round(to_hour * HOUR))


def _desk(agents: int, hours: float, rate: str, more: str = "") -> str:
    """A desk of chats, as YAML: three turns of some 44 s attention each, and a wrap-up of 20 s."""
    return f"""
name: Bench
start: 2026-03-02 00:00
duration: {max(round(hours * HOUR / MINUTE), 2)} min
interval: 60 min
profiles:
  first_hour: {{by_hour: [1{", 0" * 23}]}}
behaviours:
  chatter:
    turns: {{geometric: {{mean: 3}}}}
    think: {{lognormal: {{median: 40 s, p90: 3 min}}}}
    patience: {{lognormal: {{median: 4 days, p90: 16 days}}}}
    gives_up: {{abandon: 50 %, silent: 50 %}}
topics:
  ask: {{behaviour: chatter}}
flows:
  door: [{{bot: {{bot_time: 1 s}}}}, {{transfer: {{queue: line}}}}]
queues:
  line: {{answer_time: 4 s, after_call_work: {{mode: MANDATORY, takes: {{exponential: {{mean: 20 s}}}}}}}}
channels:
  web: {{platform: web messaging, flow: door, arrivals: {{rate: {rate}}}, topics: {{ask: 100 %}}}}
{more}
agents:
  desk: {{count: {agents}, queues: [line], capacity: 3, reply: {{effort: {{lognormal: {{median: 35 s, p90: 80 s}}}}}}}}
"""
