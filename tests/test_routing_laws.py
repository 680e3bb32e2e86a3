"""Laws that every routing policy inherits, over generated scenarios.

Never an agent who is full, absent, not responding or lacks a required skill; the highest rank, the right agent;
work-conserving unless a row says otherwise; the order of the file changes nothing; the same bytes twice.
"""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from routing_oracle import Oracle

from simulator.engine import simulate
from simulator.records import fold
from simulator.records.checks import checks
from simulator.scenario import loads
from simulator.workload import draw

SKILLS = ("german", "billing", "french")


@st.composite
def methods(draw_):
    """How a queue looks for agents."""
    parts = [
        f"evaluation: {draw_(st.sampled_from(['ALL', 'ALL', 'BEST', 'NONE']))}",
        f"scoring: {draw_(st.sampled_from(['TimestampAndPriority', 'PriorityOnly']))}",
        f"select: {draw_(st.sampled_from(['longest_idle', 'least_busy', 'most_busy']))}",
        f"last_agent: {draw_(st.sampled_from(['AnyAgent', 'QueueMembersOnly', 'Disabled']))}",
        f"keep_clock: {draw_(st.sampled_from(['true', 'false']))}",
    ]
    clock = draw_(
        st.sampled_from(["", "since: connect", "since: wrap_up", "look_back: 2 min", "resets_on_queue: true"])
    )
    parts += [f"agent_clock: {{{clock}}}"] if clock else []
    method = draw_(st.sampled_from(["", "", "bullseye", "preferred", "both", "conditional", "wait"]))
    if method in ("bullseye", "both"):
        drops = draw_(st.sampled_from(SKILLS))
        groups = draw_(st.sampled_from(["", ", groups: [b]"]))
        parts.append(f"bullseye: [{{until: {draw_(st.sampled_from(['0', '20 s', '1 min']))}, drops: [{drops}]}}, "
                     f"{{until: 2 min, drops: [german]{groups}}}, {{}}]")  # fmt: skip
    if method in ("preferred", "both"):
        parts.append("preferred_agents: {scores: {a: 90, b/1: 90, c: 40}, "
                     f"rules: [{{score: 80, wait: {draw_(st.sampled_from(['2 s', '40 s']))}}}, "
                     "{score: 10, wait: 30 s}]}")  # fmt: skip
    if method == "conditional":
        when = draw_(
            st.sampled_from(["", "when: {estimated_wait_above: 20 s}, ", "when: {service_level_below: 80 %}, "])
        )
        parts.append(f"conditional_groups: [{{{when}groups: [a], wait: 20 s}}, {{groups: [a, b], wait: 40 s}}]")
    if method == "wait" and "Disabled" not in parts[3]:
        parts.append(f"last_agent_wait: {draw_(st.sampled_from(['10 s', '5 min', '2 h']))}")
    if draw_(st.booleans()):
        parts.append(
            f"answer_time: {draw_(st.sampled_from(['4 s', '{exponential: {mean: 12 s}}']))}, alerting_timeout: 20 s"
        )
        parts.append(f"declines: {draw_(st.sampled_from(['0 %', '20 %']))}, returns_after: 30 s")
    else:
        parts.append("auto_answer: true")
    if draw_(st.booleans()):
        parts.append(f"max_in_system: {draw_(st.sampled_from([2, 6]))}")
    if draw_(st.booleans()):
        parts.append("after_call_work: {takes: {exponential: {mean: 15 s}}}")
    if draw_(st.booleans()):
        every = ["after: 20 s, every: 15 s, add: 2", "after: 1 min, to: 3", "after: 5 s, add: -1"]
        change = draw_(st.sampled_from(every))
        parts.append(f"in_queue_flow: {{set_priority: [{{{change}}}, {{after: 40 s, add: 1}}]}}")
    return ", ".join(parts)


@st.composite
def worlds(draw_):
    """Two queues, four groups that overlap, three topics; file order is drawn too."""
    line, second = draw_(methods()), draw_(methods())
    share = draw_(st.sampled_from([0, 30]))
    kind, growth = draw_(st.sampled_from(["blind", "consult"])), draw_(st.sampled_from([0, 0.5, 3]))
    to = draw_(st.sampled_from(["second", "line"]))
    more = ", skills: [billing]" if to == "line" else ""
    line += f", transfers: [{{share: {share} %, to: {to}, kind: {kind}, priority_per_minute: {growth}{more}}}]"
    groups = {}
    for name in "abcd":
        chosen = draw_(st.sets(st.sampled_from(SKILLS), max_size=3))
        queues = (
            draw_(st.sampled_from(["line", "line, second", "second, line"]))
            if name in "ab"
            else draw_(st.sampled_from(["line", "second", "line, second"]))
        )
        has = ", ".join(f"{skill}: {draw_(st.integers(0, 5))}" for skill in sorted(chosen))
        languages = draw_(st.sampled_from(["[]", "[fr]", "[fr, de]"]))
        shift = draw_(
            st.sampled_from(["", 'shift: {from: "00:20", to: "01:10"}, ', 'shift: {from: "00:00", to: "00:50"}, '])
        )
        groups[name] = (
            f"{{count: {draw_(st.integers(1, 3))}, queues: [{queues}], skills: {{{has}}}, languages: {languages}, "
            f"takes: {draw_(st.sampled_from(['highest_rank', 'highest_rank', 'best_skill']))}, "
            f"capacity: {draw_(st.integers(1, 3))}, {shift}reply: {{effort: {{exponential: {{mean: 25 s}}}}}}}}"
        )
    if share and not any(queue in groups[name] for name in groups for queue in ("second",)):
        groups["d"] = groups["d"].replace("queues: [line]", "queues: [line, second]")
    topics = {
        "easy": "{behaviour: chat}",
        "hard": "{behaviour: chat, skills: [german, billing], priority: "
        f"{draw_(st.sampled_from([-2, 0, 3]))}, priority_per_minute: {draw_(st.sampled_from([0, 1, -1]))}}}",
        "far": "{behaviour: chat, skills: [french], language: fr}",
    }
    return groups, topics, line, second, draw_(st.integers(0, 1000)), draw_(st.sampled_from(["40/h", "120/h"]))


def text(groups, topics, line, second, seed, rate, reverse=False):
    """The scenario's text, its maps in one order or the other."""

    def ordered(entries):
        return list(reversed(entries)) if reverse else entries

    channels = ordered([
        f"  web: {{platform: web messaging, flow: door, customers: {{population: 12}}, arrivals: {{rate: {rate}}}, "
        "topics: {easy: 40 %, hard: 40 %, far: 20 %}}",
        "  web2: {platform: web messaging, flow: side, arrivals: {rate: 30/h}, topics: {easy: 50 %, hard: 50 %}}",
    ])  # fmt: skip
    return "\n".join([
        "name: Generated", "start: 2026-03-02 00:00", "duration: 90 min", f"seed: {seed}",
        "behaviours: {chat: {turns: {geometric: {mean: 1.6}}, think: {exponential: {mean: 40 s}}, "
        "patience: {exponential: {mean: 5 min}}, "
        "writes_again: {after_service: {probability: 40 %, delay: {exponential: {mean: 5 min}}}}}}",
        "topics:", *ordered([f"  {name}: {inside}" for name, inside in topics.items()]),
        "flows: {door: [{transfer: {queue: line}}], side: [{transfer: {queue: second, skills: [german]}}]}",
        "queues:", *ordered([f"  line: {{{line}}}", f"  second: {{{second}}}"]),
        "channels:", *channels,
        "agents:", *ordered([f"  {name}: {inside}" for name, inside in groups.items()]),
    ])  # fmt: skip


def members_only(world):
    """Rings and conditional groups name members of their queue only: others are refused by the scenario's checks."""
    groups, _, line, second, _, _ = world
    for name, queue in (("line", line), ("second", second)):
        for group in "abc":
            named = f"[{group}]" in queue or f"[a, {group}]" in queue
            if named and name not in groups[group].split("queues: [")[1].split("]")[0].split(", "):
                return False
    return True


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(worlds().filter(members_only))
def test_the_laws_of_routing(world):
    written = text(*world)
    scenario = loads(written)
    rows = simulate(scenario, draw(scenario, 0))
    tables = fold(scenario, rows)
    failed = [check for check in checks(scenario, rows, tables) if not check.passed]
    assert not failed, (failed, written)
    oracle = Oracle(scenario, rows).read()
    assert not oracle.wrong, (oracle.wrong[:5], written)
    other = loads(text(*world, reverse=True))
    assert simulate(other, draw(other, 0)).tobytes() == rows.tobytes(), written


def test_the_oracle_has_something_to_say():
    """On a busy floor it compares agents and ranks by the hundred, and it notices a wrong choice."""
    groups = {
        name: f"{{count: 3, queues: [line, second], skills: {{german: {i}, french: 1}}, languages: [fr], "
        "capacity: 2, reply: {effort: {exponential: {mean: 50 s}}}}"
        for i, name in enumerate("abcd")
    }
    topics = {
        "easy": "{behaviour: chat}", "hard": "{behaviour: chat, skills: [german], priority: 2}",
        "far": "{behaviour: chat, skills: [french], language: fr}",
    }  # fmt: skip
    written = text(groups, topics, "auto_answer: true", "auto_answer: true, scoring: PriorityOnly", 1, "600/h")
    written = written.replace("customers: {population: 12}, ", "")
    scenario = loads(written)
    rows = simulate(scenario, draw(scenario, 0))
    oracle = Oracle(scenario, rows).read()
    assert oracle.wrong == []
    assert oracle.alerts > 500 and oracle.chosen > 200 and oracle.ranked > 300
    for was, otherwise in (
        ("scoring: PriorityOnly", "scoring: TimestampAndPriority"),
        ("line: {auto_answer", "line: {select: most_busy, auto_answer"),
        ("line: {auto_answer", "line: {evaluation: BEST, auto_answer"),
        ("german: 3", "billing: 3"),
    ):
        assert Oracle(loads(written.replace(was, otherwise)), rows).read().wrong, otherwise
