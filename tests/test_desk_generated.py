"""Generated desks: whatever attention, capacity, parking and wrap-up say, every check holds and no share exceeds 1."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulator.engine import simulate
from simulator.metrics import measure
from simulator.metrics.catalogue import named
from simulator.records import checks, fold
from simulator.scenario import loads
from simulator.workload import draw

TIMES = st.sampled_from(
    ["1 s", "20 s", "3 min", "{exponential: {mean: 30 s}}", "{lognormal: {median: 40 s, p90: 4 min}}"]
)
WRAP_UPS = (
    "", "{takes: 20 s}", "{mode: OPTIONAL, share: 50 %, takes: 30 s}",
    "{mode: AGENT_REQUESTED, share: 50 %, takes: 2 min, timeout: 1 min}",
    "{mode: MANDATORY_TIMEOUT, takes: {exponential: {mean: 40 s}}, timeout: 30 s}",
    "{mode: MANDATORY_FORCED_TIMEOUT, timeout: 15 s}",
)  # fmt: skip
ATTENTIONS = (
    "attention: serial", "switching: 4 s", "attention: {parallel: {speed: [1]}}",
    "attention: {parallel: {speed: [1, 1.7, 2.5, 2.9, 3.5]}}", "attention: {parallel: {speed: [0.7, 0.3333]}}",
)  # fmt: skip
CAPACITIES = (
    "capacity: 1", "capacity: 4", "capacity: {web: 2, sms: 1}", "capacity: {web: 3, sms: 0}",
    "capacity: 3, utilization: {labels: {light: {capacity: 2, interrupted_by: [heavy]}, heavy: {capacity: 1}}}",
    "capacity: 4, utilization: {channels: {web: {interrupted_by: [sms]}}, labels: {heavy: {capacity: 1}}}",
)  # fmt: skip
SHIFTS = ("", 'shift: {from: "07:00", to: "09:00", breaks: [{at: "08:00", for: 5 min}]}')
ENDS = ("requeue", "disconnect", "park")


@st.composite
def queues(draw_):
    parts = [f"close_after: {draw_(st.sampled_from(['never', '2 min', '10 min']))}"]
    parts += [part for part in (
        f"courtesy: {draw_(st.sampled_from(['5 s', '5 min']))}",
        f"park: {{after: {draw_(st.sampled_from(['1 s', '1 min']))}, for: {draw_(st.sampled_from(['30 s', '1 h']))}}}",
        f"inactivity_timeout: {draw_(st.sampled_from(['20 s', '5 min']))}",
    ) if draw_(st.booleans())]  # fmt: skip
    if parts[-1].startswith("inactivity") and draw_(st.booleans()):
        parts.append("inactivity_flow: nudge")
    parts.append(
        draw_(st.sampled_from(["auto_answer: true", "answer_time: 4 s", "answer_time: 4 s, accept: when_free"]))
    )
    wrap_up = draw_(st.sampled_from(WRAP_UPS))
    return ", ".join([*parts, f"after_call_work: {wrap_up}"] if wrap_up else parts)


@st.composite
def groups(draw_):
    shift = draw_(st.sampled_from(SHIFTS))
    end = f", end_of_shift: {{finish: 5 min, then: {draw_(st.sampled_from(ENDS))}}}" if shift else ""
    return ", ".join(
        part
        for part in (
            f"count: {draw_(st.integers(1, 3))}, queues: [line]",
            draw_(st.sampled_from(CAPACITIES)),
            draw_(st.sampled_from(ATTENTIONS)),
            draw_(st.sampled_from(["speed: 1", "speed: 1.3", "speed: {cv: 0.4}"])),
            f"reply: {{effort: {draw_(TIMES)}, script: {draw_(st.sampled_from(['0', '5 s']))}}}",
            shift + end,
        )
        if part
    )


@st.composite
def scenarios(draw_):
    ends = draw_(st.sampled_from(["disconnect: {}", "transfer: {queue: line}"]))
    return f"""
name: Desks
start: 2026-03-02 06:30
duration: 4 h
run_out: 30 min
seed: {draw_(st.integers(0, 1000))}
behaviours:
  chatty:
    turns: {{geometric: {{mean: 3}}}}
    think: {{mixture: [{{weight: 70 %, exponential: {{mean: 40 s}}}}, {{weight: 30 %, constant: 8 min}}]}}
    opening: {{messages: {{geometric: {{mean: 1.5}}}}, gap: 8 s}}
    patience: {{exponential: {{mean: 10 min}}}}
    gives_up: {{silent: 50 %, abandon: 50 %}}
    vanishes: 10 %
topics:
  easy: {{behaviour: chatty, label: light}}
  hard: {{behaviour: chatty, label: heavy}}
  other: {{behaviour: chatty}}
flows:
  door: [{{transfer: {{queue: line}}}}]
  nudge: [{{send: {{}}}}, {{wait: {{time: 1 min}}}}, {{{ends}}}]
queues: {{line: {{{draw_(queues())}}}}}
channels:
  web: {{platform: web messaging, flow: door, customers: {{population: 40}}, arrivals: {{rate: 30/h}},
        topics: {{easy: 50 %, hard: 30 %, other: 20 %}}}}
  sms: {{platform: web messaging, flow: door, arrivals: {{rate: 10/h}}, topics: {{easy: 50 %, other: 50 %}}}}
agents:
  a: {{{draw_(groups())}}}
  b: {{{draw_(groups())}}}
"""


@given(text=scenarios())
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking whole runs takes minutes; the text says enough
)
def test_every_check_holds_on_every_desk(text):
    scenario = loads(text)
    rows = simulate(scenario, draw(scenario, 0))
    tables = fold(scenario, rows)
    assert [check for check in checks(scenario, rows, tables) if not check.passed] == []
    assert simulate(scenario, draw(scenario, 0)).tobytes() == rows.tobytes()
    for name, parts in measure(scenario, tables, int(rows["time"][-1])).items():
        if named(name).unit == "share":
            for scope, part in parts.items():
                assert part.numerator <= part.denominator * (1 + 1e-9) + 1e-9, (name, scope)
