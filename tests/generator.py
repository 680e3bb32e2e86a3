"""Valid scenarios drawn at random: every section, most keys, bad luck included. Small: a run takes about 0.2 s.

`scenarios()` gives texts. Whoever needs one world again passes its text to `loads`: nothing else is hidden.
"""

from __future__ import annotations

from hypothesis import strategies as st

from simulator.scenario import loads
from simulator.scenario.schema import Scenario
from simulator.vocabulary.errors import ScenarioError

DURATIONS = st.sampled_from(
    ["0", "1 s", "7 s", "40 s", "5 min", "{exponential: {mean: 30 s}}", "{lognormal: {median: 40 s, p90: 10 min}}",
     "{uniform: {low: 1 s, high: 20 s}}", "{empirical: [1 s, 1 s, 2 h]}",
     "{mixture: [{weight: 70 %, exponential: {mean: 40 s}}, {weight: 30 %, constant: 8 min}]}"]
)  # fmt: skip
POSITIVE = st.sampled_from(["1 s", "20 s", "3 min", "1 h", "{exponential: {mean: 4 min}}"])
COUNTS = st.sampled_from(["1", "2", "5", "{geometric: {mean: 1.5}}", "{geometric: {mean: 4}}"])
SHARES = st.sampled_from(["0 %", "10 %", "50 %", "100 %"])
AGAIN = st.sampled_from(["0 %", "30 %", "80 %"])
FILES = "types: {jpg: 50 %, pdf: 40 %, exe: 10 %}, kilobytes: {lognormal: {median: 3000, p90: 40000}}"


def one_of(draw, *texts: str) -> str:
    return draw(st.sampled_from(texts))


def some(draw, *texts: str) -> list[str]:
    """Each of them or not."""
    return [text for text in texts if draw(st.booleans())]


def inside(parts: list[str]) -> str:
    return "{" + ", ".join(part for part in parts if part) + "}"


# --- customers --------------------------------------------------------------------------------------------------


def behaviour(draw, rich: bool) -> str:
    silent = draw(st.sampled_from([0, 30, 100]))
    reasons = ("after_abandon", "after_silent", "after_service", "after_blocked", "after_flow", "thanks")
    again = [f"{reason}: {{probability: {draw(AGAIN)}, delay: {draw(POSITIVE)}}}" for reason in some(draw, *reasons)]
    more = some(
        draw, f"balk: {draw(AGAIN)}", "patience_until: first_reply",
        f"patience_in_flow: {draw(POSITIVE)}", f"leaves_in_flow: {draw(AGAIN)}",
    )  # fmt: skip
    if rich:
        more += some(
            draw, "characters: {lognormal: {median: 200, p90: 4000}}", f"attachments: {{share: 40 %, {FILES}}}",
            "voice: {share: 30 %, length: 20 s}",
        )  # fmt: skip
    patience = draw(st.one_of(st.just("never"), DURATIONS))
    return inside([
        f"opening: {{messages: {draw(COUNTS)}, gap: {draw(DURATIONS)}}}", f"turns: {draw(COUNTS)}",
        f"think: {draw(DURATIONS)}", f"flow_answer: {draw(DURATIONS)}", f"patience: {patience}",
        f"gives_up: {{silent: {silent} %, abandon: {100 - silent} %}}", f"vanishes: {draw(SHARES)}",
        f"writes_again: {inside(again)}", *more,
    ])  # fmt: skip


def steps(draw) -> str:
    """What stands before the transfer of the front door."""
    on, case = draw(
        st.sampled_from(
            [("topic", "hard"), ("channel", "wa"), ("business_hours, hours: office", "open"), ("identified", "no"),
             ("reopened", "yes"), ("queue_length, queue: line", '"2"'), ("estimated_wait, queue: line", "1 min")]
        )
    )  # fmt: skip
    way = one_of(
        draw, "[{transfer: {queue: rest, skills: [rare], priority: 9}}]", "[{send: {}}, {disconnect: {}}]",
        "[{wait: {time: 80 s}}]", "[{collect: {fields: 1}}, {transfer: {queue: line}}]",
    )  # fmt: skip
    chosen = some(
        draw,
        f"{{identify: {{takes: {one_of(draw, '0', '2 s')}, success: {draw(SHARES)}}}}}",
        f"{{bot: {{turns: {draw(COUNTS)}, bot_time: {draw(DURATIONS)}, contains: {draw(SHARES)}}}}}",
        f"{{collect: {{fields: {draw(st.integers(0, 3))}}}}}",
        f"{{wait: {{time: {draw(DURATIONS)}}}}}",
        "{send: {}}",
        f"{{bot: {{bot_time: {draw(DURATIONS)}, wrong_topic: {draw(SHARES)}}}}}",
        f"{{branch: {{on: {on}, cases: {{{case}: {way}}}}}}}",
    )
    return "".join(step + ", " for step in draw(st.permutations(chosen)))


# --- queues -----------------------------------------------------------------------------------------------------


def wrap_up(draw) -> str:
    return one_of(
        draw, "", f"{{takes: {draw(DURATIONS)}}}", f"{{mode: OPTIONAL, share: 50 %, takes: {draw(DURATIONS)}}}",
        "{mode: AGENT_REQUESTED, share: 50 %, takes: 2 min, timeout: 1 min}",
        f"{{mode: MANDATORY_TIMEOUT, takes: {draw(DURATIONS)}, timeout: {one_of(draw, '1 s', '30 s', '5 min')}}}",
        "{mode: MANDATORY_FORCED_TIMEOUT, timeout: 20 s}",
    )  # fmt: skip


def method(draw, groups: bool) -> list[str]:
    """How a queue finds an agent. `groups`: everybody serves it, so that rules may name them."""
    last = one_of(draw, "AnyAgent", "QueueMembersOnly", "Disabled")
    parts = [
        f"evaluation: {one_of(draw, 'ALL', 'ALL', 'BEST', 'NONE')}",
        f"scoring: {one_of(draw, 'TimestampAndPriority', 'PriorityOnly')}",
        f"select: {one_of(draw, 'longest_idle', 'least_busy', 'most_busy')}", f"last_agent: {last}",
        f"keep_clock: {one_of(draw, 'true', 'false')}",
    ]  # fmt: skip
    clock = one_of(draw, "", "since: connect", "since: wrap_up", "look_back: 2 min", "resets_on_queue: true")
    parts += [f"agent_clock: {{{clock}}}"] if clock else []
    kind = one_of(draw, "", "", "", "bullseye", "preferred", "conditional", "wait") if groups else ""
    if kind == "bullseye":
        until = one_of(draw, "0", "20 s", "1 min")
        parts.append(f"bullseye: [{{until: {until}, drops: [rare]}}, {{until: 2 min, groups: [b]}}, {{}}]")
    elif kind == "preferred":
        wait = one_of(draw, "2 s", "40 s")
        rules = f"[{{score: 80, wait: {wait}}}, {{score: 10, wait: 30 s}}]"
        parts.append(f"preferred_agents: {{scores: {{a: 90, b/1: 90, expert: 40}}, rules: {rules}}}")
    elif kind == "conditional":
        when = one_of(draw, "", "when: {estimated_wait_above: 20 s}, ", "when: {service_level_below: 80 %}, ")
        parts.append(f"conditional_groups: [{{{when}groups: [a], wait: 20 s}}, {{groups: [a, b], wait: 40 s}}]")
    elif kind == "wait" and last != "Disabled":
        parts.append(f"last_agent_wait: {one_of(draw, '10 s', '5 min', '2 h')}")
    return parts


def queue(draw, overflow: str) -> str:
    """`overflow`: the queue to which it may flow out or pass on, if any."""
    closes = one_of(draw, "never", "5 s", "2 min", "10 min")
    returns = one_of(draw, "0", "5 s", "10 min")
    parts = [*method(draw, bool(overflow)), f"close_after: {closes}", f"returns_after: {returns}"]
    timeout = f"alerting_timeout: {one_of(draw, '7 s', '30 s', '5 min')}"
    parts += draw(
        st.sampled_from(
            [["auto_answer: true"], ["answer_time: 4 s", timeout, "accept: when_free"],
             [f"answer_time: {draw(DURATIONS)}", timeout, f"declines: {one_of(draw, '0 %', '20 %')}"]]
        )
    )  # fmt: skip
    parts += some(
        draw, f"max_waiting: {one_of(draw, '0', '1', '5')}", f"max_in_system: {one_of(draw, '2', '8')}",
        f"courtesy: {one_of(draw, '5 s', '5 min')}",
    )  # fmt: skip
    if closes not in ("5 s",) and draw(st.booleans()):
        parts.append(f"park: {{after: {one_of(draw, '1 s', '1 min')}, for: {one_of(draw, '30 s', '1 h')}}}")
    if draw(st.booleans()):
        parts.append(f"inactivity_timeout: {one_of(draw, '20 s', '5 min')}")
        parts += some(draw, "inactivity_flow: nudge")
    if draw(st.booleans()):
        says, out = draw(st.sampled_from([("0", "1 s"), ("0", "1 min"), ("10 s", "1 min"), ("1 h", "2 h")]))
        to = f", to: {overflow}" if overflow and draw(st.booleans()) else ""
        parts.append(f"in_queue_flow: {{messages: [{{after: {says}, every: 10 min}}], flow_out: {{after: {out}{to}}}}}")
    if overflow and draw(st.booleans()):
        more = one_of(draw, "", ", priority_per_minute: 3", ", takes: 20 s", ", skills: [rare]")
        parts.append(f"transfers: [{{share: 30 %, to: {overflow}, kind: {one_of(draw, 'blind', 'consult')}{more}}}]")
    work = wrap_up(draw)
    return inside([*parts, f"after_call_work: {work}" if work else ""])


# --- agents -----------------------------------------------------------------------------------------------------

HABITS = (
    "adherence: {late: {share: 50 %, by: {exponential: {mean: 10 min}}}, leaves_early: {share: 50 %, by: 20 min}}, "
    'activities: [{name: meeting, at: "09:00", for: 20 min, share: 50 %}]'
)
SHIFTS = {"07:00": ("08:00", "09:30", "10:00", "15:00"), "08:10": ("08:30", "10:00", "10:00", "16:00"),
          "23:00": ("01:00", "02:00", "05:00", "09:00")}  # fmt: skip
"""Beginning: first and last moment of a break, an early end, a late one."""


def presence(draw) -> str:
    """How many there are, and when."""
    kind = one_of(draw, "always", "shift", "staffing")
    if kind == "staffing":
        figures = draw(st.lists(st.integers(0, 4), min_size=1, max_size=8))
        leaves, begins = one_of(draw, "idle_first", "last"), one_of(draw, "06:30", "23:00")
        return f'staffing: {{from: "{begins}", agents: {figures}, leaves: {leaves}}}'
    parts = [f"count: {draw(st.integers(1, 4))}"]
    if kind == "shift":
        begins = one_of(draw, *SHIFTS)
        low, high, early, late = SHIFTS[begins]
        rest = one_of(draw, "", f'{{between: ["{low}", "{high}"], for: {one_of(draw, "1 min", "30 min")}}}')
        finish, then = one_of(draw, "0", "1 min", "1 h"), one_of(draw, "requeue", "disconnect", "park")
        parts += [
            f'shift: {{from: "{begins}", to: "{one_of(draw, early, late)}", breaks: [{rest}]}}',
            f"shrinkage: {one_of(draw, '0 %', '20 %')}", f"end_of_shift: {{finish: {finish}, then: {then}}}",
            *some(draw, HABITS),
        ]  # fmt: skip
    return ", ".join(parts)


def group(draw, rich: bool) -> str:
    there = presence(draw)
    limits = "capacity: 4, utilization: {labels: {light: {capacity: 2, interrupted_by: [heavy]}, heavy: {capacity: 1}}}"
    capacity = one_of(draw, "capacity: 1", "capacity: 2", "capacity: 4", "capacity: {wa: 1, web: 2, app: 1}", limits)
    if "idle_first" in there:
        capacity = "capacity: 1"
    attention = one_of(
        draw, "", "", "switching: 4 s", "attention: {parallel: {speed: [1, 1.7, 2.5, 2.9, 3.5]}}",
        "attention: {parallel: {speed: [0.7, 0.3333]}}",
    )  # fmt: skip
    speed = one_of(draw, "", "", "speed: 1.3", "speed: {cv: 0.4}",
                   "tenure: {joined: 2026-02-20, half_time: 10 days, begins_at: 60 %}")  # fmt: skip
    reply = [f"effort: {draw(DURATIONS)}", *some(
        draw, "history: {per_message: 1 s, at_most: 20 s}", f"script: {one_of(draw, '0', '5 s')}",
        "canned: {share: 30 %, effort: 0.4}",
    )]  # fmt: skip
    if rich:
        reply += some(
            draw, "characters: {lognormal: {median: 900, p90: 9000}}", f"attachments: {{share: 40 %, {FILES}}}",
            "voice: {share: 20 %, length: 30 s}",
        )  # fmt: skip
    queues = one_of(draw, "[line]", "[line, rest]", "[rest, line]")
    skills = one_of(draw, "{}", "{rare: 3}")
    serves = [f"queues: {queues}", f"skills: {skills}"]
    return inside([there, *serves, capacity, attention, speed, f"reply: {inside(reply)}"])


# --- the way out, trouble -----------------------------------------------------------------------------------------


def whatsapp(draw) -> list[str]:
    keys = some(
        draw, f"throughput: {one_of(draw, '40/min', '2/s')}", f"pair: {one_of(draw, '{}', '{every: 30 s, burst: 2}')}",
        "tier: 15", 'numbers: ["+49 30 7654321"]', "outside_window: template, template: back",
    )  # fmt: skip
    return [*keys, delivery(draw)]


def delivery(draw) -> str:
    return one_of(
        draw, "", "", "delivery: {latency: 2 s}",
        "delivery: {latency: {lognormal: {median: 5 s, p90: 2 min}}, failures: {unreachable: 30 %, number_invalid: "
        "5 %}, attempts: 3, back_off: 20 s, read: {share: 50 %, delay: 1 min}}",
    )  # fmt: skip


def outbound(draw, population: str) -> str:
    sends = one_of(
        draw, "delivered: 90 %", "delivery: {latency: 3 s, failures: {unreachable: 30 %}, attempts: 3, back_off: 20 s}"
    )
    asked = one_of(draw, "arrivals: {rate: 3/min}", 'batches: [{at: "08:02", count: 30}]')
    campaign = inside([
        "channel: wa, contacts: 20, start: 2026-03-02 08:00, template: t, opt_in: 70 %", sends,
        *some(draw, "expires_after: 90 s", "stop: 2026-03-02 08:10, resume: 2026-03-02 08:40",
              "replies: {probability: 60 %, delay: {exponential: {mean: 10 min}}, topic: hard}",
              f"into_active: {one_of(draw, 'joins', 'fails')}"),
    ])  # fmt: skip
    calls = inside([
        "channel: wa, template: t, opt_in: 100 %", asked,
        one_of(draw, "", "on_limit: reject", "on_limit: reject, retries: {attempts: 4, back_off: 7 s, jitter: 0.5}"),
    ])  # fmt: skip
    parts = [f"limits: {{whatsapp_campaign: {one_of(draw, '1/min', '60/min')}, whatsapp_agentless: 20/min, "
             f"pacing: {one_of(draw, 'even', 'burst')}, scope: {one_of(draw, 'organisation', 'integration')}}}",
             "templates: {back: {answers: 50 %, delay: 5 h}}"]  # fmt: skip
    if population != "{population: 1}" and draw(st.booleans()):
        parts.append(f"campaigns: {{spring: {campaign}}}")
    if population != "{population: 1}" and draw(st.integers(0, 3)) == 0:  # hundreds to one person: slow, and no life
        parts.append(f"notifications: {{parcel: {calls}}}")
    return inside(parts)


def trouble(draw) -> str:
    lines = []
    if draw(st.integers(0, 2)) == 0:
        what = one_of(draw, "channel: web", "platform: whatsapp", "bot: door", "middleware: app")
        way = "step: " + one_of(draw, "skipped", "waits") if "bot" in what else (
            f"inbound: {one_of(draw, 'held', 'lost')}, outbound: queued"
            + one_of(draw, "", ", retry: {every: 30 s, back_off: 2, at_most: 10 min}")
        )  # fmt: skip
        lasts = one_of(draw, "1 min", "2 h")
        lines.append(f"outages: {{down: {{{what}, from: 2026-03-02 08:30, for: {lasts}, {way}}}}}")
    if draw(st.integers(0, 3)) == 0:
        rewrite = one_of(draw, "{effort: 0.5}", "{takes: 20 s}")
        lines.append(f"content_filter: {{share: 30 %, rewrite: {rewrite}, attempts: {draw(st.integers(1, 2))}}}")
    return "\n".join(lines)


# --- the whole ----------------------------------------------------------------------------------------------------


@st.composite
def scenarios(draw) -> str:
    """The text of a scenario; most of them are valid (`valid`)."""
    rich, flow = draw(st.booleans()), steps(draw)
    people = one_of(draw, "new", "{population: 1}", "{population: 30}")
    end = one_of(draw, "run_out: 1 h", "after_end: drain", "after_end: drain\nrun_out: 2 h", "", "warm_up: 2 h")
    window, clock = one_of(draw, "0", "1 min", "1 h", "72 h"), one_of(draw, "disconnect", "last_message")
    ends = one_of(draw, "disconnect: {}", "transfer: {queue: line}")
    middleware = one_of(draw, "{latency: 0 s}", "{latency: 3 s, failures: 40 %, attempts: 2}")
    slow, quick = one_of(draw, "2/h", "20/h"), one_of(draw, "3/h", "30/h")
    if rich and "{bot: {turns" in flow:
        flow = flow.replace("{bot: {turns", "{bot: {characters: 1500, turns", 1)
    wa = inside([
        'platform: whatsapp, number: "+49 30 1234567", business_verified: true, flow: door', f"customers: {people}",
        f"arrivals: {{rate: {slow}}}, topics: {{easy: 60 %, hard: 40 %}}", *whatsapp(draw),
    ])  # fmt: skip
    return f"""
name: Generated
{one_of(draw, "start: 2026-03-02 06:30", "start: 2026-03-02 00:00")}
duration: {one_of(draw, "9 h", "10 h")}
{end}
seed: {draw(st.integers(0, 1000))}
threading: {{window: {window}, starts_at: {clock}, reopen_runs_flow: {one_of(draw, "true", "false")}}}
behaviours: {{one: {behaviour(draw, rich)}, two: {behaviour(draw, rich)}}}
topics:
  easy: {{behaviour: one, label: light}}
  hard: {{behaviour: two, label: heavy, skills: [rare], priority: {draw(st.sampled_from([-3, 0, 5]))},
         priority_per_minute: {draw(st.sampled_from([0, 0, 1]))}}}
flows:
  door: [{flow}{{transfer: {{queue: line}}}}]
  nudge: [{{send: {{}}}}, {{wait: {{time: 1 min}}}}, {{{ends}}}]
queues: {{line: {queue(draw, "rest")}, rest: {queue(draw, "")}}}
business_hours: {{office: {{mon-fri: "08:00-17:00"}}}}
channels:
  wa: {wa}
  web: {inside(["platform: web messaging, flow: door", f"arrivals: {{rate: {quick}}}, topics: {{easy: 90 %, hard: 10 %}}", delivery(draw)])}
  app: {{platform: open messaging, flow: door, arrivals: {{rate: {one_of(draw, "0/h", "4/h")}}}, topics: {{easy: 100 %}},
        middleware: {middleware}, customers_can_disconnect: {one_of(draw, "true", "false")}}}
agents:
  a: {group(draw, rich)}
  b: {group(draw, rich)}
  expert: {{count: 1, queues: [line, rest], skills: {{rare: 1}}, reply: {{effort: 1 min}}}}
outbound: {outbound(draw, people)}
{trouble(draw)}
"""  # noqa: E501


def valid(text: str) -> Scenario | None:
    """The scenario; None where what was drawn does not go together, and the scenario's own checks say so."""
    try:
        return loads(text)
    except ScenarioError:
        return None
