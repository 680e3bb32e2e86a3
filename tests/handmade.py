"""Small tables made by hand, so that reports are tested without an engine."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pandas as pd

from simulator import loads
from simulator.experiments.run import Run
from simulator.records import Check
from simulator.scenario import Scenario
from simulator.vocabulary.clock import HOUR, MINUTE, SECOND
from simulator.vocabulary.tables import TABLES

SCENARIO = """
name: Corner shop
start: 2026-03-05 08:00
timezone: Europe/Berlin
duration: 4 h
interval: 30 min
replications: 2
behaviours:
  shopper: {patience: 5 min, gives_up: {silent: 100 %}, turns: 2, think: 30 s}
topics:
  order: {behaviour: shopper, skills: [german]}
flows:
  front: [{transfer: {queue: service}}]
queues:
  service: {}
channels:
  whatsapp:
    platform: whatsapp
    number: "+49 30 1234567"
    business_verified: true
    flow: front
    arrivals: {rate: 20/h}
    topics: {order: 100 %}
agents:
  early: {count: 2, queues: [service], skills: {german: 5}, capacity: 2, reply: {effort: 40 s}}
outbound:
  campaigns:
    sale: {channel: whatsapp, contacts: 40000, start: 2026-03-05 10:00, template: sale, opt_in: 100 %}
"""


def scenario() -> Scenario:
    return loads(SCENARIO)


def table(name: str, rows: list[dict[str, Any]] | pd.DataFrame = ()) -> pd.DataFrame:  # type: ignore[assignment]
    """A table of the catalogue: missing cells are null, 0 or False, dtypes as catalogued."""
    frame = pd.DataFrame(rows)
    columns = {}
    for column in TABLES[name]:
        if column.name in frame:
            values = frame[column.name]
        else:
            empty = {"i": 0, "f": float("nan")}.get(column.dtype[0])
            values = pd.Series([empty] * len(frame))
        if column.dtype == "category":
            values = pd.Categorical(values, pd.Index(values.dropna().unique(), dtype="str"))
        elif column.dtype.startswith("int"):
            values = values.fillna(0)
        columns[column.name] = values.astype(column.dtype)
    return pd.DataFrame(columns)


def tables(**given: Any) -> dict[str, pd.DataFrame]:
    """Every table, those not given empty."""
    return {name: table(name, given.get(name, [])) for name in TABLES}


def intervals(world: Scenario, queue: str = "service", replications: int = 2) -> pd.DataFrame:
    """A plausible morning: the service level dips while the load exceeds the staff."""
    rows = []
    for replication in range(replications):
        for number in range(world.duration_us // world.interval_us):
            start = number * world.interval_us
            dip = max(0.0, 0.5 - abs(number - 4) * 0.15) + replication * 0.03
            offered = 20 + 4 * number
            rows.append(
                {
                    "replication": replication,
                    "start_us": start,
                    "start_local": world.calendar.start + timedelta(microseconds=start),
                    "queue": queue,
                    "nOffered": offered,
                    "nAnswered_by_arrival": round(offered * (1 - dip / 3)),
                    "nAbandoned_by_arrival": round(offered * dip / 3),
                    "nGaveUp": round(offered * dip / 2),
                    "oServiceLevel_by_arrival": 1 - dip,
                    "first_reply_within_by_arrival": 0.9 - dip,
                    "staff_present": 6.0 if number < 6 else 5.0,
                    "staff_scheduled": 7.0,
                    "attention_load": 3 + 4 * dip,
                    "occupancy_work": 0.4 + dip * 0.9,
                    "occupancy_status": 0.9 + dip / 10,
                    "occupancy_slots": 0.55 + dip * 0.7,
                }
            )
    return table("intervals", rows)


def sends(world: Scenario, count: int = 40_000, per_second: int = 300, replications: int = 2) -> pd.DataFrame:
    """A campaign, all requested two hours after the start, leaving evenly at the cap."""
    frames = [
        pd.DataFrame(
            {
                "replication": replication,
                "source": "sale",
                "ordinal": range(count),
                "channel": "whatsapp",
                "lane": "campaign",
                "requested_us": 2 * HOUR,
                "sent_us": [2 * HOUR + i * SECOND // per_second for i in range(count)],
                "outcome": "delivered",
            }
        )
        for replication in range(replications)
    ]
    return table("sends", pd.concat(frames, ignore_index=True))


def summary(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """metric, scope, value, ci_low, ci_high, unit; the definition repeats the metric."""
    names = ["metric", "scope", "value", "ci_low", "ci_high", "unit"]
    frame = pd.DataFrame(list(rows), columns=names)
    return frame.assign(definition="definition of " + frame["metric"], replications=2)


NAN = float("nan")
SUMMARY = summary(
    ("oServiceLevel", {}, 0.824, 0.801, 0.847, "share"),
    ("oServiceLevel", {"queue": "service"}, 0.824, 0.801, 0.847, "share"),
    ("answered_within", {}, 0.81, 0.79, 0.83, "share"),
    ("first_reply_within", {}, 0.512, 0.49, 0.534, "share"),
    ("tWait", {}, 41.25, 38.0, 44.5, "s"),
    ("tWait_p90", {}, 192.0, NAN, NAN, "s"),
    ("tWait_abandoned", {}, NAN, NAN, NAN, "s"),
    ("nOffered", {}, 12480.0, 12300.0, 12660.0, "count"),
    ("late_replies", {}, 3.0, 0.0, 8.0, "count"),
)


def run(world: Scenario | None = None, **changes: Any) -> Run:
    """A whole run, made by hand."""
    world = world or scenario()
    given: dict[str, Any] = {
        "scenario": world,
        "engine": "model",
        "summary": SUMMARY,
        "tables": tables() | {"intervals": intervals(world), "sends": sends(world)},
        "checks": (Check("contacts_conserved", True, "12 contacts"), Check("caps_held", True, "40000 sends")),
        "warnings": ("whatsapp: nobody can hang up there",),
        "coverage": "Load 61 % of capacity in attention, 70 % in slots.",
        "timing": {"wall_s": 1.5, "simulate_s": 1.0, "events": 12345},
        "versions": {"simulator": "0.1.0", "python": "3.11"},
    }
    return Run(**(given | changes))


__all__ = ["HOUR", "MINUTE", "SECOND", "SUMMARY", "intervals", "run", "scenario", "sends", "summary", "table", "tables"]
