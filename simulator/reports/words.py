"""Numbers in words: how a value is written by its unit, and the measures a summary leads with, in plain names."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from simulator.metrics.levels import NAMES, fine_print, goal, judged
from simulator.metrics.parts import said
from simulator.vocabulary.clock import spoken

if TYPE_CHECKING:
    import pandas as pd

    from simulator.scenario import Scenario

US_PER = {"µs": 1, "s": 1_000_000, "min": 60_000_000}
PLAIN = ("", "count", "messages", "messages/min", "currency")
"""Units that a number goes without: its name says them."""
NOTHING = "–"


@dataclass(frozen=True)
class Headline:
    """One measure of the short table."""

    group: str
    metric: str
    name: str
    """Plain words; `{within}` and `{first_within}` are the limits of the scenario's service levels."""
    scope: str = ""
    """Kind of scope to show, one line each, scope by scope; `lane+cap`: both together; empty: all together."""
    usual: float | None = None
    """A value that says nothing: not shown."""


def _group(group: str, scope: str = "", **names: str) -> tuple[Headline, ...]:
    return tuple(Headline(group, metric, name, scope) for metric, name in names.items())


HEADLINES = (
    *_group(
        "Service",
        answered_within="answered within {within}",
        first_reply_within="first reply within {first_within}",
        abandon_share="abandoned in queue",
        nAbandoned="abandoned, customers",
        silent_share="gave up silently in queue",
        nGaveUp="gave up silently, customers",
        censored_offers="still waiting when the run ended",
    ),
    *_group(
        "Spread of days",
        "queue",
        p10_day="one day in ten is below",
        p90_day="one day in ten is above",
        share_of_days_on_target="days that meet the target",
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
        occupancy_work="work (attention)",
        occupancy_slots="slots",
        occupancy_status="status (INTERACTING)",
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
        staff_required="agents required, mean",
        staff_required_peak="agents required, busiest interval",
        understaffed_share="time with fewer than required",
        fte_required="required, net of shrinkage",
        fte_required_gross="required, gross of shrinkage",
        fte_paid="scheduled and paid",
        fte_lacking_gross="lacking where too few, gross",
        fte_spare_gross="to spare where too many, gross",
        staff_cost="cost of agents",
        cost_per_contact="cost per contact",
        cost_per_resolved="cost per conversation resolved",
    ),
    *_group(
        "Conversations",
        nOffered="offered to queues",
        reopened_share="portions that re-opened",
        affinity_hit_rate="back to the last agent",
        contained_share="contained by the bot",
        tHandle="handle time, mean",
        tWork="of it attention, mean",
    ),
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
        templates_sent="templates sent instead",
        template_cost="cost of templates",
        split_share="texts cut into several messages",
        parts_sent="parts sent",
        attachments_refused="attachments refused",
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


@dataclass(frozen=True)
class Line:
    """One line of a table of measures, ready to print."""

    group: str
    name: str
    metric: str
    scope: str
    value: str
    interval: str
    definition: str


def headlines(summary: pd.DataFrame, scenario: Scenario) -> list[Line]:
    """The short table: the measures of `HEADLINES` that the summary has a value for, in that order."""
    shown = headings(scenario)
    by_metric: dict[str, list[dict[str, Any]]] = {}
    for row in summary.to_dict("records"):
        by_metric.setdefault(str(row["metric"]), []).append(row)
    lines = [
        line_of(row, headline.group, headline.name)
        for headline in shown
        for row in by_metric.get(headline.metric, ())
        if list(scope_of(row["scope"])) == (headline.scope.split("+") if headline.scope else [])
        and number_or_none(row["value"]) not in (None, headline.usual)
    ]
    order = [headline.group for headline in shown]
    return sorted(lines, key=lambda line: (order.index(line.group), line.scope))


def headings(scenario: Scenario) -> tuple[Headline, ...]:
    """The measures a summary leads with: first the service level that the target is about, then the platform's, then
    `HEADLINES`; names say which."""
    level = scenario.service_level
    facts = {"within": spoken(level.within_us), "first_within": spoken(level.limit_us("first_reply"))}
    target = f" (target {level.target * 100:.3g} %)"
    names = dict.fromkeys((judged(scenario), NAMES["answer", "elapsed"]))
    lead = [
        Headline("Service", name, f"{titles(scenario)[name]}{target if name == judged(scenario) else ''}")
        for name in names
    ]
    return (*lead, *(replace(one, name=one.name.format(**facts)) for one in HEADLINES))


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


def all_lines(summary: pd.DataFrame) -> list[Line]:
    """Every measure, in the summary's own order."""
    return [line_of(row, "", "") for row in summary.to_dict("records")]


def line_of(row: Mapping[str, Any], group: str, name: str) -> Line:
    unit = str(row["unit"])
    value, low, high = (say(row[column], unit) for column in ("value", "ci_low", "ci_high"))
    return Line(
        group=group,
        name=name,
        metric=str(row["metric"]),
        scope=scope_text(row["scope"]),
        value=value,
        interval="" if NOTHING in (low, high) or low == value == high else f"{low} – {high}",
        definition=str(row["definition"]),
    )


def say(value: Any, unit: str) -> str:
    """A value as people read it: `82.4 %`, `3 min 12 s`, `12,480`, `17,998 per min`."""
    number = number_or_none(value)
    if number is None:
        return NOTHING
    if unit in US_PER:
        return spoken_rounded(round(number * US_PER[unit]))
    if unit == "share":
        return f"{number * 100:.1f} %"
    text = f"{number:,.0f}" if number == int(number) or abs(number) >= 1000 else f"{number:.3g}"
    return f"{text} {unit}" if unit not in PLAIN else text


def spoken_rounded(us: int) -> str:
    """`spoken`, with three digits at most below two minutes."""
    return f"{us / 1_000_000:.3g} s" if abs(us) < 120_000_000 else spoken(us)


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
