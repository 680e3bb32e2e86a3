"""Generated worlds: whatever a scenario says, every run keeps every conservation check, and the same bytes twice."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulator.engine import simulate
from simulator.records import fold
from simulator.records.checks import checks
from simulator.scenario import loads
from simulator.vocabulary.codes import Event
from simulator.workload import draw

DURATIONS = st.sampled_from(
    ["0", "1 s", "7 s", "40 s", "5 min", "{exponential: {mean: 30 s}}", "{lognormal: {median: 40 s, p90: 10 min}}",
     "{uniform: {low: 1 s, high: 20 s}}", "{empirical: [1 s, 1 s, 2 h]}"]
)  # fmt: skip
POSITIVE = st.sampled_from(["1 s", "20 s", "3 min", "1 h", "{exponential: {mean: 4 min}}"])
COUNTS = st.sampled_from(["1", "2", "5", "{geometric: {mean: 1.5}}", "{geometric: {mean: 4}}"])
SHARES = st.sampled_from(["0 %", "10 %", "50 %", "100 %"])
AGAIN = st.sampled_from(["0 %", "30 %", "80 %"])


@st.composite
def behaviours(draw_):
    silent = draw_(st.sampled_from([0, 30, 100]))
    again = ", ".join(
        f"{reason}: {{probability: {draw_(AGAIN)}, delay: {draw_(POSITIVE)}}}"
        for reason in ("after_abandon", "after_silent", "after_service", "after_flow")
        if draw_(st.booleans())
    )
    patience = draw_(st.one_of(st.just("never"), DURATIONS))
    return (
        f"{{opening: {{messages: {draw_(COUNTS)}, gap: {draw_(DURATIONS)}}}, turns: {draw_(COUNTS)}, "
        f"think: {draw_(DURATIONS)}, flow_answer: {draw_(DURATIONS)}, patience: {patience}, "
        f"gives_up: {{silent: {silent} %, abandon: {100 - silent} %}}, vanishes: {draw_(SHARES)}, "
        f"patience_in_flow: {draw_(st.one_of(st.just('never'), POSITIVE))}, leaves_in_flow: {draw_(AGAIN)}, "
        f"writes_again: {{{again}}}}}"
    )


@st.composite
def queues(draw_, to=", to: rest"):
    parts = [
        f"close_after: {draw_(st.sampled_from(['never', '1 s', '1 min', '10 min']))}",
        f"returns_after: {draw_(st.sampled_from(['0', '5 s', '60 s', '10 min']))}",
        f"alerting_timeout: {draw_(st.sampled_from(['7 s', '30 s', '5 min']))}",
    ]
    if draw_(st.booleans()):
        parts.append("auto_answer: true")
    else:
        parts.append(f"answer_time: {draw_(DURATIONS)}")
    if draw_(st.booleans()):
        parts.append(f"max_waiting: {draw_(st.sampled_from([0, 1, 5]))}")
    if draw_(st.booleans()):
        says, out = draw_(st.sampled_from(["0", "10 s", "1 h"])), draw_(st.sampled_from(["1 s", "1 min", "2 h"]))
        parts.append(
            f"in_queue_flow: {{messages: [{{after: {says}, every: 10 min}}], "
            f"flow_out: {{after: {out}{draw_(st.sampled_from([to, '']))}}}}}"
        )
    wrap_up = draw_(st.sampled_from(["", "MANDATORY", "MANDATORY_TIMEOUT", "MANDATORY_FORCED_TIMEOUT"]))
    if wrap_up:
        takes = "" if "FORCED" in wrap_up else f", takes: {draw_(DURATIONS)}"
        timeout = f", timeout: {draw_(st.sampled_from(['1 s', '20 s', '5 min']))}" if "TIMEOUT" in wrap_up else ""
        parts.append(f"after_call_work: {{mode: {wrap_up}{takes}{timeout}}}")
    return "{" + ", ".join(parts) + "}"


HABITS = (
    "adherence: {late: {share: 50 %, by: {exponential: {mean: 10 min}}}, leaves_early: {share: 50 %, by: 20 min}}, "
    'activities: [{name: meeting, at: "09:00", for: 20 min, share: 50 %}], '
)


@st.composite
def groups(draw_):
    shift = ""
    if draw_(st.booleans()):
        begins = draw_(st.sampled_from(["07:00", "08:10", "23:00"]))
        pause = {"07:00": ("08:00", "09:30"), "08:10": ("08:30", "10:00"), "23:00": ("01:00", "02:00")}[begins]
        ends = draw_(
            st.sampled_from(
                {"07:00": ["10:00", "15:00"], "08:10": ["10:00", "16:00"], "23:00": ["05:00", "09:00"]}[begins]
            )
        )
        breaks = f'{{between: ["{pause[0]}", "{pause[1]}"], for: {draw_(st.sampled_from(["1 min", "30 min"]))}}}'
        shift = (
            f'shift: {{from: "{begins}", to: "{ends}", breaks: [{breaks if draw_(st.booleans()) else ""}]}}, '
            f"shrinkage: {draw_(st.sampled_from(['0 %', '20 %']))}, "
            f"end_of_shift: {{finish: {draw_(st.sampled_from(['0', '1 min', '1 h']))}, "
            f"then: {draw_(st.sampled_from(['requeue', 'disconnect', 'park']))}}}, "
        )
        shift += draw_(st.sampled_from(["", HABITS]))
    count, capacity = f"count: {draw_(st.integers(1, 4))}, ", draw_(st.integers(1, 4))
    if not shift and draw_(st.booleans()):
        figures = draw_(st.lists(st.integers(0, 4), min_size=1, max_size=8))
        leaves = "idle_first" if capacity == 1 else "last"
        begins = draw_(st.sampled_from(["06:30", "23:00"]))
        count = f'staffing: {{from: "{begins}", agents: {figures}, leaves: {leaves}}}, '
    history = ", history: {per_message: 1 s, at_most: 20 s}" if draw_(st.booleans()) else ""
    return (
        f"{{{count}queues: {draw_(st.sampled_from(['[line]', '[line, rest]']))}, "
        f"skills: {{{draw_(st.sampled_from(['', 'rare: 3']))}}}, "
        f"capacity: {capacity}, {shift}reply: {{effort: {draw_(DURATIONS)}{history}}}}}"
    )


@st.composite
def branches(draw_):
    on, case = draw_(
        st.sampled_from(
            [("topic", "hard"), ("channel", "wa"), ("business_hours, hours: office", "open"), ("identified", "no"),
             ("reopened", "yes"), ("queue_length, queue: line", '"2"'), ("estimated_wait, queue: line", "1 min")]
        )
    )  # fmt: skip
    way = draw_(
        st.sampled_from(
            ["[{transfer: {queue: rest, skills: [rare], priority: 9}}]", "[{send: {}}, {disconnect: {}}]",
             "[{wait: {time: 80 s}}]", "[{collect: {fields: 1}}, {transfer: {queue: line}}]"]
        )
    )  # fmt: skip
    return f"{{branch: {{on: {on}, cases: {{{case}: {way}}}}}}}"


@st.composite
def scenarios(draw_):
    flow = [step for step in (
        f"{{identify: {{takes: {draw_(st.sampled_from(['0', '2 s']))}, success: {draw_(SHARES)}}}}}",
        f"{{bot: {{turns: {draw_(COUNTS)}, bot_time: {draw_(DURATIONS)}, contains: {draw_(SHARES)}}}}}",
        f"{{collect: {{fields: {draw_(st.integers(0, 3))}}}}}",
        f"{{wait: {{time: {draw_(DURATIONS)}}}}}",
        "{send: {}}",
        f"{{bot: {{bot_time: {draw_(DURATIONS)}, wrong_topic: {draw_(SHARES)}}}}}",
        draw_(branches()),
    ) if draw_(st.booleans())]  # fmt: skip
    flow = draw_(st.permutations(flow))
    customers = draw_(st.sampled_from(["new", "{population: 1}", "{population: 30}"]))
    end = draw_(st.sampled_from(["run_out: 1 h", "after_end: drain", "after_end: drain\nrun_out: 2 h", ""]))
    campaign = (
        "spring: {channel: wa, contacts: 20, start: 2026-03-02 08:00, template: t, opt_in: 70 %, delivered: 90 %, "
        "replies: {probability: 60 %, delay: {exponential: {mean: 10 min}}, topic: hard}}"
    )
    with_campaign = draw_(st.booleans()) and customers != "{population: 1}"
    begins = draw_(st.sampled_from(["00:00", "06:30"]))
    priority = draw_(st.sampled_from([-3, 0, 5]))
    slow, quick = draw_(st.sampled_from(["2/h", "20/h"])), draw_(st.sampled_from(["3/h", "30/h"]))
    cap = draw_(st.sampled_from(["1/min", "60/min"]))
    steps = "".join(step + ", " for step in flow)
    return f"""
name: Generated
start: 2026-03-02 {begins}
duration: {draw_(st.sampled_from(["9 h", "12 h"]))}
{end}
seed: {draw_(st.integers(0, 1000))}
threading: {{window: {draw_(st.sampled_from(["0", "1 min", "1 h", "72 h"]))}}}
behaviours: {{one: {draw_(behaviours())}, two: {draw_(behaviours())}}}
topics: {{easy: {{behaviour: one}}, hard: {{behaviour: two, skills: [rare], priority: {priority}}}}}
flows: {{door: [{steps}{{transfer: {{queue: line}}}}]}}
queues: {{line: {draw_(queues())}, rest: {draw_(queues(""))}}}
business_hours: {{office: {{mon-fri: "08:00-17:00"}}}}
channels:
  wa: {{platform: whatsapp, number: "+49 30 1234567", business_verified: true, flow: door, customers: {customers},
       arrivals: {{rate: {slow}}}, topics: {{easy: 60 %, hard: 40 %}}}}
  web: {{platform: web messaging, flow: door, arrivals: {{rate: {quick}}}, topics: {{easy: 90 %, hard: 10 %}}}}
agents:
  a: {draw_(groups())}
  b: {draw_(groups())}
  expert: {{count: 1, queues: [line], skills: {{rare: 1}}, reply: {{effort: 1 min}}}}
outbound: {{limits: {{whatsapp_campaign: {cap}}}, campaigns: {{{campaign if with_campaign else ""}}}}}
"""


@given(text=scenarios())
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking whole runs takes minutes; the text says enough
)
def test_every_check_holds_in_every_world(text):
    """All conservation checks hold, the journal ends with RUN_ENDED, and a second run gives the same bytes."""
    scenario = loads(text)
    rows = simulate(scenario, draw(scenario, 0))
    assert rows["event"][-1] == Event.RUN_ENDED
    failed = [check for check in checks(scenario, rows, fold(scenario, rows)) if not check.passed]
    assert failed == []
    assert simulate(scenario, draw(scenario, 0)).tobytes() == rows.tobytes()
