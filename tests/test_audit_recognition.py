"""What theory knows of a scenario is read off the scenario: one key that breaks an assumption is named, and no number
is given. Every key of the schema is either looked at, or known to change nothing that these theories speak of."""

from __future__ import annotations

from typing import Any

import pytest

from simulator import loads
from simulator.metrics.audit_flow import _not_poisson, _unsteady
from simulator.metrics.audit_lane import _broken as lane_broken
from simulator.metrics.audit_queue import erlang_of
from simulator.metrics.audit_sends import not_alone
from simulator.scenario.agents import AgentGroup
from simulator.scenario.channels import Channel
from simulator.scenario.needs import Behaviour, Topic
from simulator.scenario.queues import Queue
from simulator.scenario.replies import Reply
from simulator.scenario.schema import Scenario

CALLS = """
name: Calls
start: 2026-03-02 00:00
warm_up: 20 h
duration: 48 h
run_out: 3 h
service_level: {within: 20 s}
business_hours: {office: {mon-fri: "08:00-18:00"}}
behaviours:
  caller: {patience: {exponential: {mean: 10 min}}, gives_up: {abandon: 100 %}}
topics:
  help: {behaviour: caller}
flows:
  door: [{transfer: {queue: calls}}]
queues:
  calls: {auto_answer: true, close_after: never}
channels:
  phone: {platform: web messaging, flow: door, arrivals: {rate: 60/h}, topics: {help: 100 %}}
agents:
  desk: {count: 6, queues: [calls], capacity: 1, reply: {effort: {exponential: {mean: 5 min}}}}
"""


def calls(**settings: Any) -> Scenario:
    return loads(CALLS).vary({path.replace("__", "."): value for path, value in settings.items()})


def model(scenario: Scenario) -> tuple[str, list[str]]:
    source, values, reasons, _ = erlang_of(scenario, "calls")
    assert bool(values) != bool(reasons)
    return source, reasons


NEVER = {"behaviours.caller.patience": "never"}


@pytest.mark.parametrize(
    ("settings", "source"),
    [
        ({}, "Erlang A, M/M/n+M"),
        (NEVER, "Erlang C, M/M/n"),
        (NEVER | {"warm_up": "0 s"}, "Erlang C, M/M/n, from an empty start"),
        ({"queues.calls.max_waiting": 0}, "Erlang B, M/G/n/n"),
        ({"queues.calls.max_waiting": 0, "agents.desk.reply": {"effort": "4 min"}}, "Erlang B, M/G/n/n"),
        ({"queues.calls.max_in_system": 6}, "Erlang B, M/G/n/n"),
        (NEVER | {"queues.calls.max_waiting": 5}, "M/M/n/n+k"),
        (NEVER | {"queues.calls.max_waiting": 5, "warm_up": "1 h"}, "M/M/n/n+k, from an empty start"),
        ({"topics.vip": {"behaviour": "caller", "priority": 5},
          "channels.phone.topics": {"help": "50 %", "vip": "50 %"}}, "Erlang A, M/M/n+M"),
        ({"queues.calls.max_waiting": 5}, "M/M/n/n+k+M"),
        ({"behaviours.caller.patience": {"lognormal": {"mean": "10 min", "cv": 1.5}}}, "M/M/n+G"),
        ({"behaviours.caller.patience": "10 min"}, "M/M/n+G"),
    ],
)  # fmt: skip
def test_each_theory_is_recognised(settings: dict[str, Any], source: str) -> None:
    assert model(loads(CALLS).vary(settings)) == (source, [])


FLOW = "flows.door"
TO = {"transfer": {"queue": "calls"}}
BREAKS: list[tuple[dict[str, Any], str]] = [
    ({"agents.desk.capacity": 3}, "agents hold 3 conversations at once (agents.desk.capacity)"),
    ({"agents.desk.capacity": {"phone": 1}}, "(agents.desk.capacity)"),
    ({"agents.desk.attention": {"parallel": {"speed": [1, 1.5]}}}, "(agents.desk.attention)"),
    ({"agents.desk.speed": {"cv": 0.2}}, "(agents.desk.speed)"),
    ({"agents.desk.tenure": {"joined": "2026-01-05", "begins_at": "50 %", "half_time": "300 h"}},
     "(agents.desk.tenure)"),
    ({"agents.desk.switching": "2 s"}, "(agents.desk.switching)"),
    ({"agents.desk.shift": {"from": "08:00", "to": "16:00"}}, "(agents.desk.shift)"),
    ({"agents.desk.shrinkage": "5 %", "agents.desk.shift": {"from": "08:00", "to": "16:00"}},
     "(agents.desk.shrinkage)"),
    ({"agents.desk.takes": "best_skill"}, "(agents.desk.takes)"),
    ({"agents.desk.declines": "5 %"}, "(agents.desk.declines)"),
    ({"agents.desk.count": 0}, "nobody serves it"),
    ({"topics.help.skills": ["german"], "agents.desk.skills": {"german": 3}, "agents.extra":
      {"count": 1, "queues": ["calls"], "reply": {"effort": {"exponential": {"mean": "5 min"}}}}},
     "(agents.extra.skills)"),
    ({"agents.extra": {"count": 1, "queues": ["calls"], "reply": {"effort": {"exponential": {"mean": "2 min"}}}}},
     "efforts differ"),
    ({"agents.extra": {"count": 1, "queues": ["calls"], "speed": 2,
                       "reply": {"effort": {"exponential": {"mean": "5 min"}}}}}, "(agents.extra.speed)"),
    ({"queues.other": {"auto_answer": True}, "agents.desk.queues": ["calls", "other"]}, "(agents.desk.queues)"),
    ({"agents.desk.reply": {"effort": "5 min"}}, "effort is constant, not exponential (agents.desk.reply.effort)"),
    ({"agents.desk.reply.effort": {"exponential": {"mean": "4 s"}}}, "at least 1 s"),
    ({"agents.desk.reply.canned": {"share": "20 %", "effort": 0.5}}, "(agents.desk.reply.canned)"),
    ({"agents.desk.reply.script": "10 s"}, "(agents.desk.reply.script)"),
    ({"agents.desk.reply.voice": {"share": "10 %", "length": "20 s"}, "channels.phone.platform": "whatsapp",
      "channels.phone.number": "+49 30 1234567", "channels.phone.business_verified": True},
     "(agents.desk.reply.voice)"),
    ({"agents.desk.reply.characters": 5000}, "(agents.desk.reply.characters)"),
    ({"agents.desk.reply.history": {"per_message": "1 s", "at_most": "9 s"}, FLOW: [{"send": {}}, TO]},
     "(agents.desk.reply.history)"),
    ({"behaviours.caller.turns": 2, "behaviours.caller.think": "1 min"}, "(behaviours.caller.turns)"),
    ({"behaviours.caller.opening": {"messages": 2, "gap": "5 s"}}, "(behaviours.caller.opening.messages)"),
    ({"behaviours.caller.patience_until": "first_reply"}, "(behaviours.caller.patience_until)"),
    ({"behaviours.caller.gives_up": {"silent": "40 %", "abandon": "60 %"}}, "(behaviours.caller.gives_up)"),
    ({"behaviours.caller.balk": "5 %"}, "(behaviours.caller.balk)"),
    ({"behaviours.caller.writes_again": {"after_abandon": {"probability": "30 %", "delay": "1 h"}}},
     "(behaviours.caller.writes_again.after_abandon)"),
    ({"channels.phone.customers": {"population": 5000}}, "(channels.phone.customers)"),
    ({"channels.phone.arrivals": {"per_day": 1440, "profile": "day"}, "profiles":
      {"day": {"by_hour": [*[1] * 12, *[2] * 12]}}}, "(channels.phone.arrivals.profile)"),
    ({"channels.phone.arrivals": {"rate": "60/h", "within": "office"}}, "(channels.phone.arrivals.within)"),
    ({"channels.phone.arrivals.day_factor_cv": 0.2}, "(channels.phone.arrivals.day_factor_cv)"),
    ({"channels.phone.arrivals": {"trace": ["1 h", "2 h"]}}, "(channels.phone.arrivals.trace)"),
    ({"channels.phone.throughput": "5/s"}, "(channels.phone.throughput)"),
    ({"channels.phone.delivery": {"latency": "2 s"}}, "(channels.phone.delivery)"),
    ({"channels.phone.authenticated": "10 %"}, "(channels.phone.authenticated)"),
    ({"channels.phone.platform": "whatsapp", "channels.phone.number": "+49 30 1234567",
      "channels.phone.business_verified": True}, "(channels.phone.platform)"),
    ({FLOW: [{"identify": {"success": "90 %"}}, TO]}, "(flows.door.identify.success)"),
    ({FLOW: [{"collect": {"fields": 1}}, TO]}, "(flows.door.collect)"),
    ({FLOW: [{"branch": {"on": "queue_length", "queue": "calls", "cases": {"9": [{"disconnect": {}}]}}}, TO]},
     "(flows.door.branch)"),
    ({"behaviours.caller.leaves_in_flow": "5 %", FLOW: [{"bot": {"turns": 2, "bot_time": "1 s"}}, TO]},
     "(behaviours.caller.leaves_in_flow)"),
    ({"behaviours.caller.patience_in_flow": "5 min", FLOW: [{"wait": {"time": "1 s"}}, TO]},
     "(behaviours.caller.patience_in_flow)"),
    ({"queues.calls.auto_answer": False, "queues.calls.answer_time": "5 s"}, "(queues.calls.answer_time)"),
    ({"queues.calls.auto_answer": False, "queues.calls.declines": "5 %"}, "(queues.calls.declines)"),
    ({"queues.calls.auto_answer": False, "queues.calls.accept": "when_free"}, "(queues.calls.accept)"),
    ({"queues.calls.after_call_work": {"takes": "10 s"}}, "(queues.calls.after_call_work)"),
    ({"queues.calls.courtesy": "5 s"}, "(queues.calls.courtesy)"),
    ({"queues.calls.park": {"after": "1 min", "for": "1 h"}}, "(queues.calls.park)"),
    ({"queues.calls.inactivity_timeout": "1 h"}, "(queues.calls.inactivity_timeout)"),
    ({"queues.calls.in_queue_flow": {"flow_out": {"after": "10 min"}}}, "(queues.calls.in_queue_flow)"),
    ({"queues.calls.in_queue_flow": {"set_priority": [{"after": "1 min", "add": 5}]}},
     "(queues.calls.in_queue_flow.set_priority)"),
    ({"queues.calls.bullseye": [{"until": "10 s"}, {}]}, "(queues.calls.bullseye)"),
    ({"queues.other": {"auto_answer": True}, "agents.more": {"count": 1, "queues": ["other"], "reply":
      {"effort": "1 min"}}, "queues.calls.transfers": [{"share": "5 %", "to": "other"}]},
     "(queues.calls.transfers)"),
    ({"topics.vip": {"behaviour": "caller", "priority": 5}, "channels.phone.topics": {"help": "50 %", "vip": "50 %"},
      "behaviours.caller.patience": {"lognormal": {"mean": "10 min", "cv": 1.5}}}, "(topics.help.priority)"),
    ({"outages": {"down": {"channel": "phone", "from": "2026-03-03 10:00", "to": "2026-03-03 11:00"}}}, "(outages)"),
    ({"content_filter": {"share": "5 %"}}, "(content_filter)"),
    ({FLOW: [{"bot": {"turns": 1, "bot_time": "1 s", "contains": "100 %"}}, TO]}, "bot.contains)"),
    ({"channels.phone.arrivals": None}, "nobody comes of his own accord (channels.*.arrivals)"),
    ({"warm_up": "10 min"}, "(warm_up)"),
    (NEVER | {"agents.desk.count": 5}, "the load of 5 is not below 5 agents"),
]  # fmt: skip


@pytest.mark.parametrize(("settings", "named"), BREAKS, ids=[named[-60:] for _, named in BREAKS])
def test_each_key_that_breaks_an_assumption_is_named(settings: dict[str, Any], named: str) -> None:
    _, reasons = model(loads(CALLS).vary(settings))
    assert any(named in reason for reason in reasons), reasons


LOOKED_AT: dict[type, set[str]] = {
    AgentGroup: {
        "count", "queues", "skills", "languages", "declines", "capacity", "utilization", "attention", "switching_us",
        "speed", "tenure", "shift", "shifts", "staffing", "activities", "adherence", "shrinkage", "reply", "by_topic",
        "takes",
    },
    Queue: {
        "evaluation", "transfers", "bullseye", "preferred_agents", "conditional_groups", "auto_answer",
        "answer_time_us", "declines", "max_waiting", "max_in_system", "accept", "courtesy_us", "park",
        "inactivity_timeout_us", "after_call_work", "in_queue_flow", "reply",
    },
    Behaviour: {
        "opening", "turns", "patience_us", "patience_until", "patience_in_flow_us", "leaves_in_flow", "balk",
        "gives_up", "voice", "writes_again", "flow_answer_us",
    },
    Topic: {"behaviour", "skills", "language", "priority", "priority_per_minute", "label", "reply"},
    Channel: {
        "platform", "customers", "flow", "arrivals", "topics", "delivery", "reply_rule", "customers_can_disconnect",
        "authenticated", "middleware", "throughput", "pair", "number_type",
    },
    Reply: {"effort_us", "canned", "history", "script_us", "voice", "characters", "attachments"},
}  # fmt: skip
HARMLESS: dict[type, dict[str, str]] = {
    AgentGroup: {
        "rotate": "with shifts only", "stream": "names chance", "end_of_shift": "with shifts only",
        "cost": "money", "overtime_factor": "money",
    },
    Queue: {
        "scoring": "decides who goes first, not how many wait", "select": "equal agents", "agent_clock": "equal agents",
        "last_agent": "nobody comes back", "last_agent_wait_us": "nobody comes back",
        "alerting_timeout_us": "alerts are accepted at once", "returns_after_us": "no alert runs out",
        "keep_clock": "no alert runs out", "close_after_us": "the only reply closes",
        "inactivity_flow": "with the timer only",
    },
    Behaviour: {
        "think_us": "one turn", "vanishes": "from two turns on", "characters": "what customers write is not cut",
        "attachments": "what customers write is not cut",
    },
    Topic: {},
    Channel: {
        "number": "a name", "business_verified": "a name", "page": "a name", "business_account": "a name",
        "linked_page": "a name", "handle": "a name", "account": "a name", "separate_acd": "a name",
        "numbers": "with a throughput only", "tier": "business-initiated only", "threading": "nobody comes back",
        "stream": "names chance", "encoding": "lengths are not looked at", "outside_window": "a reply of hours",
        "template": "with outside_window", "reply_window": "a reply of hours",
        "authenticated_skips": "with authenticated",
    },
    Reply: {},
}  # fmt: skip


@pytest.mark.parametrize("of", LOOKED_AT, ids=lambda of: of.__name__)
def test_no_key_is_forgotten(of: Any) -> None:
    """A new key must be looked at by the audit, or stand here as harmless, with its reason."""
    known = LOOKED_AT[of] | set(HARMLESS[of])
    assert set(of.model_fields) == known, set(of.model_fields) ^ known


# --- flows and lanes -------------------------------------------------------------------------------------------


def test_a_flow_is_m_g_infinity_unless_somebody_says_otherwise() -> None:
    flow = [{"bot": {"turns": 3, "bot_time": "2 s", "contains": "30 %"}}, TO]
    good = loads(CALLS).vary({FLOW: flow})
    assert [*_unsteady(good, "phone"), *_not_poisson(good, "phone")] == []
    for settings, named in (
        ({"channels.phone.customers": {"population": 99}}, "channels.phone.customers"),
        ({"behaviours.caller.leaves_in_flow": "5 %"}, "behaviours.caller.leaves_in_flow"),
        ({"channels.phone.authenticated": "5 %"}, "channels.phone.authenticated"),
        ({"channels.phone.arrivals": {"trace": ["1 h"]}}, "channels.phone.arrivals.trace"),
        ({"channels.phone.delivery": {"latency": "2 s"}}, "channels.phone.delivery"),
    ):  # fmt: skip
        bad = good.vary(settings)
        assert any(named in reason for reason in [*_unsteady(bad, "phone"), *_not_poisson(bad, "phone")]), named


SENDS = """
name: Sends
start: 2026-03-02 00:00
warm_up: 100 s
duration: 300 s
run_out: 60 s
behaviours: {customer: {patience: never}}
topics: {help: {behaviour: customer}}
flows: {door: [{transfer: {queue: chats}}]}
queues: {chats: {auto_answer: true}}
channels:
  wa: {platform: whatsapp, number: "+49 30 1234567", business_verified: true, flow: door, topics: {help: 100 %}}
agents: {desk: {count: 1, queues: [chats], reply: {effort: 10 s}}}
outbound:
  limits: {whatsapp_agentless: 4800/min}
  notifications: {code: {channel: wa, template: code, arrivals: {rate: 60/s}}}
  campaigns: {sale: {channel: wa, template: sale, contacts: 1000, start: "2026-03-02 00:02", opt_in: 100 %}}
"""


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"outbound.limits.pacing": "burst"}, "outbound.limits.pacing"),
        ({"outbound.notifications.code.on_limit": "reject"}, "outbound.notifications.code.on_limit"),
        ({"outbound.notifications.code.expires_after": "9 s"}, "outbound.notifications.code.expires_after"),
        ({"outbound.notifications.code.arrivals": {"rate": "90/s"}}, "more is asked for than the cap"),
        ({"channels.wa.throughput": "80/s"}, "channels.wa.throughput"),
        ({"outbound.detail": "per_second"}, "outbound.detail"),
        ({"warm_up": "1 s"}, "warm_up"),
    ],
)
def test_a_lane_is_m_d_1_unless_somebody_says_otherwise(settings: dict[str, Any], named: str) -> None:
    good = loads(SENDS)
    assert list(lane_broken(good, ["code"])) == []
    assert any(named in reason for reason in lane_broken(good.vary(settings), ["code"]))


def test_a_batch_meets_an_idle_lane_unless_somebody_says_otherwise() -> None:
    good = loads(SENDS)
    assert list(not_alone(good, "sale")) == []
    assert "requested_rate" in " ".join(not_alone(good.vary({"outbound.campaigns.sale.requested_rate": "5/s"}), "sale"))
    twin = {"channel": "wa", "template": "x", "contacts": 5, "start": "2026-03-02 00:02", "opt_in": 1}
    assert "outbound.campaigns.twin" in " ".join(not_alone(good.vary({"outbound.campaigns.twin": twin}), "sale"))
