"""A look at a scenario that may still be wrong elsewhere: the cross checks read through this.

They work on the plain tree and skip what cannot be read, because the schema has its own word for that. So a broken
reference is reported beside a wrong unit, and nobody meets the findings one by one.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from simulator.scenario.source import Place, Plain, Source
from simulator.scenario.written import Wrong, parse_duration, parse_local_time
from simulator.vocabulary.clock import DAY, Calendar
from simulator.vocabulary.errors import Finding

T = TypeVar("T")


def known_zone(name: str) -> bool:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return name not in ("localtime", "posixrules", "Factory")  # not the same everywhere


class Survey:
    """The plain tree, asked without fear, and the findings so far."""

    def __init__(self, source: Source):
        self.source = source
        self.findings: list[Finding] = []

    def at(self, *place: str | int) -> Plain:
        """What stands at a place; None if nothing does."""
        value = self.source.tree
        for part in place:
            if isinstance(value, dict):
                value = value.get(part)
            elif isinstance(value, tuple) and isinstance(part, int) and part < len(value):
                value = value[part]
            else:
                return None
        return value

    def map_at(self, *place: str | int) -> dict[str, Plain]:
        value = self.at(*place)
        return value if isinstance(value, dict) else {}

    def list_at(self, *place: str | int) -> tuple[Plain, ...]:
        value = self.at(*place)
        return value if isinstance(value, tuple) else ()

    def names(self, *section: str | int) -> list[str]:
        """Names of the entries of a section, in alphabetical order."""
        return sorted(self.map_at(*section))

    def text(self, *place: str | int) -> str | None:
        value = self.at(*place)
        return value if isinstance(value, str) else None

    def whole(self, *place: str | int) -> int | None:
        value = self.at(*place)
        return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None

    def number(self, *place: str | int) -> float | None:
        value = self.at(*place)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else None

    def read(self, parse: Callable[[Any], T], *place: str | int) -> T | None:
        """What stands at a place, as `parse` reads it; None if nothing does or it is wrong."""
        value = self.at(*place)
        try:
            return None if value is None else parse(value)
        except Wrong:
            return None

    def error(self, place: Place, problem: str, allowed: str = "", suggestion: str = "") -> None:
        self.findings.append(self.source.finding(place, problem, allowed, suggestion))

    def warn(self, place: Place, problem: str, allowed: str = "", suggestion: str = "") -> None:
        self.findings.append(self.source.finding(place, problem, allowed, suggestion, "warning"))

    # --- the run's frame, which several checks need --------------------------------------------------------

    @property
    def start(self) -> datetime | None:
        return self.read(parse_local_time, "start")

    @property
    def calendar(self) -> Calendar | None:
        """None where start or zone cannot be read."""
        start, zone = self.start, self.at("timezone")
        zone = "UTC" if zone is None else zone
        if start is None or not isinstance(zone, str) or not known_zone(zone):
            return None
        return Calendar(start, zone)

    @property
    def horizon_us(self) -> int:
        """duration + run_out; 0 where it cannot be read."""
        duration = self.read(parse_duration, "duration") or 0
        return duration + (self.read(parse_duration, "run_out") or 0)

    @property
    def days(self) -> int:
        """Local days that the run may touch."""
        return self.horizon_us // DAY + 2 if self.horizon_us else 0
