"""Generated worlds of bulk sends: every check holds, whatever caps stand together, and the same bytes come twice."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulator.engine import simulate
from simulator.records import fold
from simulator.records.checks import checks
from simulator.scenario import loads
from simulator.workload import draw

CAPS = st.lists(
    st.sampled_from(
        ["throughput: 6/min", "throughput: 40/min", "throughput: 2/s", "pair: {}", "pair: {every: 30 s, burst: 2}",
         "tier: 15", 'numbers: ["+49 30 7654321"]']
    ), max_size=4, unique_by=lambda each: each.split(":")[0],
)  # fmt: skip
DELIVERY = st.sampled_from(
    ["", "delivered: 80 %,", "delivery: {latency: 3 s, failures: {unreachable: 30 %}, attempts: 3, back_off: 20 s},",
     "delivery: {failures: {number_invalid: 10 %, platform_error: 20 %}, attempts: 2, read: {share: 50 %}},"]
)  # fmt: skip
EXPIRES = st.sampled_from(["", "", "expires_after: 90 s,", "expires_after: 20 min,"])
REPLIES = st.sampled_from(
    ["", "replies: {probability: 50 %, delay: {exponential: {mean: 3 min}}, topic: ask},",
     "replies: {probability: 100 %, delay: 0, topic: ask},"]
)  # fmt: skip
HOURS = st.sampled_from(
    ["", 'windows: [{from: "08:05", to: "08:20"}, {from: "08:30", to: "12:00"}],', "stop: 2026-03-02 08:10,",
     "stop: 2026-03-02 08:03, resume: 2026-03-02 08:40,"]
)  # fmt: skip
LIMIT = st.sampled_from(
    ["", "on_limit: reject,", "on_limit: reject, retries: {attempts: 4, back_off: 7 s, jitter: 0.5},"]
)
OPT_IN = st.sampled_from(["70 %", "{ivr: {share: 50 %, opt_in: 40 %}, sms: {share: 50 %, opt_in: 90 %}}"])
ACTIVE = st.sampled_from(["", "into_active: joins,", "into_active: fails,"])


@st.composite
def worlds(draw_) -> str:
    def campaign(name: str) -> str:
        return (
            f"{name}: {{channel: {draw_(st.sampled_from(['wa', 'wb']))}, contacts: {draw_(st.integers(0, 40))}, "
            f"start: 2026-03-02 08:0{draw_(st.integers(0, 2))}, template: t, opt_in: {draw_(OPT_IN)}, "
            f"{draw_(DELIVERY)} {draw_(EXPIRES)} {draw_(REPLIES)} {draw_(HOURS)} {draw_(ACTIVE)}}}"
        )

    arrivals = draw_(st.sampled_from(["", "arrivals: {rate: 60/h},"]))
    pacing = draw_(st.sampled_from(["even", "burst"]))
    scope = draw_(st.sampled_from(["organisation", "integration"]))
    end = draw_(st.sampled_from(["run_out: 30 min", "after_end: drain", ""]))
    asked = draw_(st.sampled_from(["arrivals: {rate: 3/min}", 'batches: [{at: "08:02", count: 30}]']))
    channels = "\n".join(
        f'  {name}: {{platform: whatsapp, number: "+49 30 123456{i}", business_verified: true, flow: door, {arrivals} '
        f"customers: {draw_(st.sampled_from(['new', '{population: 40}']))}, topics: {{ask: 100 %}}, "
        f"{', '.join(draw_(CAPS))}}}"
        for i, name in enumerate(("wa", "wb"))
    )
    if channels.count("numbers:") > 1:
        channels = channels.replace("7654321", "7654322", 1)
    return f"""
name: Generated
start: 2026-03-02 08:00
duration: 1 h
{end}
seed: {draw_(st.integers(0, 1000))}
behaviours: {{plain: {{turns: {{geometric: {{mean: 2}}}}, think: 20 s}}}}
topics: {{ask: {{behaviour: plain}}}}
flows: {{door: [{{bot: {{bot_time: 1 s}}}}, {{transfer: {{queue: line}}}}]}}
queues: {{line: {{auto_answer: true}}}}
channels:
{channels}
agents: {{desk: {{count: 3, queues: [line], capacity: 2, reply: {{effort: {{exponential: {{mean: 30 s}}}}}}}}}}
outbound:
  detail: {draw_(st.sampled_from(["messages", "messages", "per_second"]))}
  limits: {{whatsapp_campaign: {draw_(st.sampled_from(["10/min", "60/min"]))}, whatsapp_agentless: 20/min,
           pacing: {pacing}, scope: {scope}}}
  campaigns: {{{campaign("spring")}, {campaign("summer")}}}
  notifications:
    parcel: {{channel: {draw_(st.sampled_from(["wa", "wb"]))}, template: t, {asked}, {draw_(LIMIT)} {draw_(DELIVERY)}
             {draw_(EXPIRES)} {draw_(ACTIVE)} opt_in: {draw_(OPT_IN)}}}
"""


@given(text=worlds())
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking whole runs takes minutes; the text says enough
)
def test_every_check_holds_in_every_world(text):
    scenario = loads(text)
    rows = simulate(scenario, draw(scenario, 0))
    assert [check for check in checks(scenario, rows, fold(scenario, rows)) if not check.passed] == []
    assert simulate(scenario, draw(scenario, 0)).tobytes() == rows.tobytes()
