"""The fields of a scenario: annotated types that read what people write (`scenario.written`, `scenario.lawful`)."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, WithJsonSchema

from simulator.platforms import PLATFORM_NAMES, SPOKEN
from simulator.scenario.amounts import Amount, parse_amount
from simulator.scenario.lawful import parse_count_law, parse_duration_law, parse_size_law
from simulator.scenario.laws import Law
from simulator.scenario.week import WEEK, Openings, parse_date, parse_days, parse_openings
from simulator.scenario.written import (
    Wrong,
    nearest,
    parse_clock,
    parse_duration,
    parse_local_time,
    parse_name,
    parse_pace,
    parse_share,
    shown,
)


def _schema(description: str, *types: str, **more: Any) -> WithJsonSchema:
    return WithJsonSchema({"type": types[0] if len(types) == 1 else list(types), "description": description, **more})


Duration = Annotated[int, BeforeValidator(parse_duration), _schema("duration, as `45 s`; 0", "string", "integer")]
"""Microseconds."""

Share = Annotated[float, BeforeValidator(parse_share), _schema("share, as `80 %` or 0.8", "string", "number")]
"""0 to 1."""

Pace = Annotated[float, BeforeValidator(parse_pace), _schema("rate, as `18000/min`", "string", "integer")]
"""Per second."""

Name = Annotated[str, BeforeValidator(parse_name), _schema("name", "string", maxLength=80)]

Clock = Annotated[time, BeforeValidator(parse_clock), _schema('local time of day, as "07:00"', "string")]

LocalTime = Annotated[
    datetime, BeforeValidator(parse_local_time), _schema("local date and time, as `2026-03-02 00:00`", "string")
]
"""Wall clock of the scenario's zone, without zone."""

LocalDate = Annotated[date, BeforeValidator(parse_date), _schema("local date, as `2026-12-25`", "string")]

WeekDays = Annotated[
    tuple[Literal[WEEK], ...],  # type: ignore[valid-type]
    BeforeValidator(parse_days),
    _schema("days of the week, as `[mon, wed]` or `mon-fri`", "string", "array", items={"type": "string"}),
]
"""Names in the order of the week, Monday first."""

OpeningHours = Annotated[
    Openings, BeforeValidator(parse_openings), _schema("hours by day, as `{mon-fri: 08:00-18:00}`", "object")
]

DurationLaw = Annotated[
    Law, BeforeValidator(parse_duration_law), _schema("duration, or a law of durations", "string", "integer", "object")
]

CountLaw = Annotated[
    Law, BeforeValidator(parse_count_law), _schema("count from 1, or a law of counts", "integer", "object")
]

SizeLaw = Annotated[
    Law, BeforeValidator(parse_size_law), _schema("size from 1, or a law of sizes", "integer", "object")
]
"""Characters, kilobytes."""

Reached = Annotated[
    Amount,
    BeforeValidator(parse_amount),
    _schema("amount in the measure's unit, as `80 %` or `3 min`", "string", "number"),
]
"""What a measure must reach."""

ONE = parse_count_law(1)
"""Exactly one, as a law."""

FLOW_ANSWER = parse_duration_law({"lognormal": {"median": "20 s", "p90": "60 s"}})
"""Default time to answer a bot or form (model.md section 2)."""


PLATFORMS_IN_WORDS = " or ".join(f"`{name}`" for name in PLATFORM_NAMES)


def parse_platform(value: Any) -> str:
    """A platform that is simulated."""
    if value in PLATFORM_NAMES:
        return str(value)
    meant = SPOKEN.get(str(value).lower(), str(value).lower())
    hint = f"did you mean `{meant}`?" if meant in PLATFORM_NAMES else nearest(str(value), PLATFORM_NAMES)
    raise Wrong(f"{shown(value)} is not a platform", PLATFORMS_IN_WORDS, hint)


PlatformName = Annotated[str, BeforeValidator(parse_platform), WithJsonSchema({"enum": list(PLATFORM_NAMES)})]
"""A platform that is simulated (`simulator.platforms`)."""


def parse_share_by_topic(value: Any) -> float | dict[str, float]:
    """One share, or a map topic -> share."""
    return _parse_shares(value) if isinstance(value, dict) else parse_share(value)


def parse_topics(value: Any) -> str | dict[str, float]:
    """One topic, or a map topic -> share."""
    return _parse_shares(value) if isinstance(value, dict) else parse_name(value)


def _parse_shares(value: dict[Any, Any]) -> dict[str, float]:
    shares, complaints = {}, []
    for name, share in value.items():
        try:
            shares[parse_name(name)] = parse_share(share)
        except Wrong as wrong:
            complaints += [
                type(each)(each.problem, each.allowed, each.suggestion, (name,)) for each in wrong.complaints
            ]
    if complaints:
        raise Wrong(all=complaints)
    return shares


Topics = Annotated[
    str | dict[str, float],
    BeforeValidator(parse_topics),
    _schema("a topic, or a map topic -> share, summing to 1", "string", "object"),
]

ShareByTopic = Annotated[
    float | dict[str, float],
    BeforeValidator(parse_share_by_topic),
    _schema("one share for all topics, or a map topic -> share", "string", "number", "object"),
]
