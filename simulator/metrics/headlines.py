"""What a summary leads with, on every kind of paper: a few measures in plain names, and the verdict on the target."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from simulator.metrics.levels import NAMES, SCOPES, fine_print, goal, judged
from simulator.metrics.parts import said
from simulator.metrics.requirement import least_word
from simulator.scenario.levels import CLOCKS
from simulator.vocabulary.clock import spoken

if TYPE_CHECKING:
    import pandas as pd

    from simulator.scenario import Scenario


@dataclass(frozen=True)
class Headline:
    """One measure of the short table."""

    group: str
    metric: str
    name: str
    """Plain words; `{within}` and `{first_within}` are the limits of the scenario's service levels, `{elapsed}` says
    the clock where there is another one, `{least}` that the agents required are the least only."""
    scope: str = ""
    """Kind of scope to show, one line each, scope by scope; `lane+cap`: both together; empty: all together."""
    usual: float | None = None
    """A value that says nothing: not shown."""

    @property
    def scopes(self) -> list[str]:
        return self.scope.split("+") if self.scope else []


def _group(group: str, scope: str = "", **names: str) -> tuple[Headline, ...]:
    return tuple(Headline(group, metric, name, scope) for metric, name in names.items())


HEADLINES = (
    *_group(
        "Service",
        answered_within="answered within {within}{elapsed}, of all offers",
        first_reply_within="first reply within {first_within}{elapsed}, of all offers",
        abandon_share="abandoned in queue, of all offers",
        nAbandoned="abandoned, customers",
        silent_share="gave up silently in queue, of all offers",
        nGaveUp="gave up silently, customers",
        censored_offers="still waiting when the run ended",
    ),
    *_group(
        "Spread of days",
        "queue",
        p10_day="service level, one day in ten below",
        p90_day="service level, one day in ten above",
        share_of_days_on_target="days whose service level meets the target",
    ),
    *_group(
        "Waits",
        tWait="wait in queue, mean",
        tWait_p90="wait in queue, 90 % below",
        tFirstResponse="queue entry to first reply, mean",
        tFirstResponse_p90="queue entry to first reply, 90 % below",
        tAgentResponseTime="last message to reply, mean",
    ),
    Headline("Waits", "tWait_nobody", "of the wait: nobody on queue", usual=0.0),
    Headline("Waits", "tWait_held", "of the wait: held for the last agent", usual=0.0),
    Headline("Waits", "tWait_rule", "of the wait: kept by a ring or rule", usual=0.0),
    Headline("Waits", "alerts_declined_share", "alerts declined", usual=0.0),
    *_group(
        "Occupancy",
        occupancy_work="occupancy, work: attention ÷ time on queue",
        occupancy_slots="occupancy, slots: held ÷ capacity",
        occupancy_status="occupancy, status: INTERACTING ÷ (INTERACTING + IDLE)",
        staff_present="agents on queue, mean",
        concurrency="conversations at once",
    ),
    Headline("People", "staff_scheduled", "agents scheduled, mean"),
    Headline("People", "shrinkage_found", "scheduled, not on queue", usual=0.0),
    Headline("People", "adherence", "on queue when planned", usual=1.0),
    Headline("People", "late_log_ons", "late log-ons", usual=0.0),
    Headline("People", "overtime_hours", "overtime", usual=0.0),
    *_group(
        "Hiring",
        staff_required="agents required{least}, mean",
        staff_required_peak="agents required{least}, busiest interval",
        understaffed_share="time with fewer than required",
        fte_required="required{least}, net (time on queue)",
        fte_required_gross="required{least}, gross (paid time)",
        fte_paid="scheduled and paid, gross",
        fte_lacking_gross="lacking in intervals with too few, gross",
        fte_above_gross="above the requirement in others, gross (no number to cut)",
        staff_cost="cost of agents",
        cost_per_contact="cost per contact",
        cost_per_resolved="cost per conversation resolved",
    ),
    *_group(
        "Hiring",
        "queue+skills",
        staff_required="agents with these skills required at least, mean",
        staff_required_peak="required at least, busiest interval",
        understaffed_share="time with fewer than required",
        fte_lacking_gross="lacking in intervals with too few, gross",
    ),
    *_group(
        "Conversations",
        conversations="conversations",
        nOffered="offered to queues",
        reopened_share="portions that re-opened",
        affinity_hit_rate="back to the last agent",
        contained_share="contained by the bot",
        tHandle="handle time, mean (sessions overlap)",
        tHandle_without_overlap="handle time, mean (each second once)",
        tWork="attention per session, mean",
    ),
    Headline("Conversations", "authenticated_share", "logged in: identified at once", usual=0.0),
    Headline("Conversations", "nTransferred", "passed on by agents", usual=0.0),
    Headline("Conversations", "overflow_share", "offers that flowed over", usual=0.0),
    Headline("Conversations", "worked_together", "worked on at once", usual=1.0),
    Headline("Conversations", "switching_hours", "attention lost by switching", usual=0.0),
    Headline("Conversations", "tHeld", "held for one that interrupts, mean", usual=0.0),
    Headline("Conversations", "nParked", "parked", usual=0.0),
    Headline("Conversations", "over_capacity_hours", "over capacity after parking", usual=0.0),
    Headline("Conversations", "nInactive", "ended by the inactivity timer", usual=0.0),
    Headline("Conversations", "nTimedOut", "of them without an answer", usual=0.0),
    *_group(
        "Outbound",
        "lane",
        cap_per_minute="cap per minute",
        messages_per_minute_at_backlog="per minute while others wait",
        backlog_peak="largest backlog",
        drain_time="time to drain it",
    ),
    Headline("Outbound", "held_by_cap", "held back by this cap", "lane+cap", usual=0.0),
    Headline("Outbound", "drain_by_cap", "longest draining", "lane+cap", usual=0.0),
    Headline("Outbound", "nExpired", "expired", "lane", usual=0.0),
    Headline("Outbound", "nRefused", "calls refused (429)", "lane", usual=0.0),
    Headline("Outbound", "nRejected", "given up after a 429", "lane", usual=0.0),
    Headline("Outbound", "nStopped", "stopped", "lane", usual=0.0),
    Headline("Outbound", "nInConversation", "failed into an open conversation", "lane", usual=0.0),
    Headline("Outbound", "opt_in_share", "opted in", "opt_in"),
    *_group(
        "Way out",
        replies_blocked="replies too late to send",
        window_risk="bursts without an answer for that",
        window_left_p10="window left, 10 % below",
    ),
    Headline("Way out", "templates_needed", "templates needed", usual=0.0),
    Headline("Way out", "templates_needed_cost", "what templates needed would cost", usual=0.0),
    *_group(
        "Way out",
        templates_sent="templates sent instead",
        template_cost="cost of templates",
        split_share="texts cut into several messages",
        parts_sent="parts sent",
    ),
    Headline("Way out", "attachments_sent", "attachments sent", usual=0.0),
    Headline("Way out", "attachments_refused", "attachments refused", usual=0.0),
    Headline("Way out", "voice_share", "of reply attention, voice notes", usual=0.0),
    Headline("Way out", "middleware_time", "customers' bursts in the middleware", usual=0.0),
    *_group(
        "Way out",
        delivered_share="delivered",
        messages_failed="not delivered, or refused",
        delivery_time_p90="delivery time, 90 % below",
        messages_read_share="read",
        contacts_undelivered="customers whom no reply reached",
    ),
    *_group(
        "Content filter",
        filtered_share="replies with a caught draft",
        rewrite_share="of reply attention, rewriting",
    ),
    *_group(
        "Outages",
        "outage",
        outage_time="down, in the measured time",
        nHeld="customer messages held",
        nLostInOutage="customer messages lost",
        nQueued="own messages queued",
        hold_max="longest hold",
        windows_breached="reply windows breached by it",
        recovery_time="until waits were as before",
    ),
)
"""What a summary leads with, in this order."""


Row = dict[str, Any]
"""One row of a summary."""


def leading(summary: pd.DataFrame, scenario: Scenario) -> list[tuple[Headline, Row]]:
    """The measures of `headings` that the summary has a value for, group by group and in each scope by scope."""
    shown = headings(scenario)
    by_metric: dict[str, list[Row]] = {}
    for row in summary.to_dict("records"):
        by_metric.setdefault(str(row["metric"]), []).append({str(key): value for key, value in row.items()})
    found = [
        (headline, row)
        for headline in shown
        for row in by_metric.get(headline.metric, ())
        if list(scope_of(row["scope"])) == headline.scopes
        and number_or_none(row["value"]) not in (None, headline.usual)
    ]
    order = [headline.group for headline in shown]
    return sorted(found, key=lambda one: (order.index(one[0].group), scope_text(one[1]["scope"])))


def headings(scenario: Scenario) -> tuple[Headline, ...]:
    """The measures a summary leads with: first the service level that the target is about, then the same by the other
    clock and the platform's, then `HEADLINES`; names say which."""
    level = scenario.service_level
    facts = {
        "within": spoken(level.within_us),
        "first_within": spoken(level.limit_us("first_reply")),
        "elapsed": ", elapsed time" if level.has_hours else "",
        "least": least_word(scenario),
    }
    target = f" (target {level.target * 100:.3g} %)"
    clocks = CLOCKS if level.has_hours else ("elapsed",)
    said_of = {
        NAMES[on, clock]: facts["elapsed"] if clock == "elapsed" else ""
        for on in (level.on, "answer")
        for clock in clocks
    }
    lead = [
        Headline(
            "Service", name, f"{titles(scenario)[name]}{said_of[name]}{target if name == judged(scenario) else ''}"
        )
        for name in dict.fromkeys((judged(scenario), *said_of))
    ]
    shown = [replace(one, name=one.name.format(**facts)) for one in HEADLINES]
    if _has_templates(scenario):  # somebody asks what they cost: nothing is an answer too
        shown = [replace(one, usual=None) if one.metric in _TEMPLATES_NEEDED else one for one in shown]
    if "queue" not in SCOPES[level.on]:  # its days are known of all queues together
        shown = [replace(one, scope="") if one.group == "Spread of days" else one for one in shown]
    return (*lead, *shown)


_TEMPLATES_NEEDED = ("templates_needed", "templates_needed_cost")


def _has_templates(scenario: Scenario) -> bool:
    """Whether it names templates, or what one costs."""
    rates = scenario.outbound.template_rates
    return bool(scenario.outbound.templates) or max(rates.marketing, rates.utility, rates.authentication) > 0


def titles(scenario: Scenario) -> dict[str, str]:
    """What the catalogue calls each measure, by its name."""
    from simulator.metrics.catalogue import MEASURES

    return {measure.name: said(measure.title, scenario) for measure in MEASURES}


def verdict(summary: pd.DataFrame, scenario: Scenario) -> str:
    """Whether the service level meets its target, and how sure that is, in one line; empty where there is none."""
    rows = summary.to_dict("records")
    level = judged(scenario)
    row: Mapping[Any, Any] = next((row for row in rows if row["metric"] == level and not scope_of(row["scope"])), {})
    value, low, high = (number_or_none(row.get(column)) for column in ("value", "ci_low", "ci_high"))
    if value is None:
        return ""
    target = scenario.service_level.target
    met = "met" if value >= target else "missed"
    if scenario.replications < 2:
        found = f"{met} in one replication: no range, so nobody knows how sure that is"
    elif low is None or high is None:
        found = f"{met} on average; no range can be given"
    elif low >= target:
        found = "met with confidence"
    elif high < target:
        found = "missed"
    else:
        where = "begins below it" if value >= target else "ends above it"
        found = f"{met} on average, not certain (the range {where}); more replications narrow the range"
    return f"Target {target * 100:.3g} % {goal(scenario)}: {found} ({fine_print(scenario)})"


def scope_of(scope: Any) -> dict[str, str]:
    """A scope as summary.json has it: `{"queue": "service"}`, `{}` for all."""
    if isinstance(scope, Mapping):
        return {str(key): str(value) for key, value in scope.items()}
    if not isinstance(scope, str) or scope in ("", "all"):
        return {}
    if scope.startswith("{"):
        return {str(key): str(value) for key, value in json.loads(scope).items()}
    return dict(part.strip().split("=", 1) for part in scope.split(",") if "=" in part)


def scope_text(scope: Any) -> str:
    """`queue service`, `lane campaign`; empty for all."""
    return ", ".join(f"{key} {value}" for key, value in scope_of(scope).items())


def number_or_none(value: Any) -> float | int | None:
    """A plain number, or None for what is missing or infinite."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number == int(number) and abs(number) < 2**53 else number
