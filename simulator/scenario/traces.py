"""Arrivals one by one from a file: `at`, and where they are known `customer`, `topic`, `turns`."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from simulator.scenario.separators import date_hint
from simulator.scenario.sheets import Rows
from simulator.scenario.written import Wrong, nearest, parse_duration, parse_local_time, shown
from simulator.vocabulary.clock import SECOND, Calendar
from simulator.vocabulary.errors import Finding
from simulator.vocabulary.wall import Wall

ROWS = "rows of `at` (as `2026-03-02 08:15:30`, or a duration from the start) and, if known, customer, topic, turns"
OPTIONAL = ("customer", "topic", "turns")
MAX_TURNS = 1_000_000


@dataclass(frozen=True)
class Trace:
    """Contacts in order of time."""

    at: tuple[datetime | int, ...]
    """Local wall clock, or µs from start. [contact]"""
    customer: tuple[str, ...]
    """Whoever has the same text is the same person; empty: drawn. [contact]"""
    topic: tuple[str, ...]
    """Empty: drawn. [contact]"""
    turns: tuple[int, ...]
    """0: drawn. [contact]"""

    def times_us(self, calendar: Calendar) -> np.ndarray:
        """µs from start, in order of time. [contact]"""
        return _resolved(self.at, calendar)[0]

    @cached_property
    def rows_of(self) -> Mapping[str, int]:
        """Rows by topic; under the empty name those whose topic is drawn."""
        return Counter(self.topic)

    def topics(self, drawn: Iterable[str]) -> set[str]:
        """Topics that its contacts may have, where a topic that no row gives is one of those that are drawn."""
        given = set(self.rows_of) - {""}
        return given | set(drawn) if self.rows_of.get("") else given

    def topic_shares(self, drawn: Mapping[str, float]) -> dict[str, float]:
        """How often its contacts have each topic, where topics that no row gives are drawn by these shares."""
        rows = len(self.topic)
        found = {name: share * self.rows_of.get("", 0) / rows for name, share in drawn.items()}
        for name in sorted(set(self.rows_of) - {""}):
            found[name] = found.get(name, 0.0) + self.rows_of[name] / rows
        return {name: share for name, share in found.items() if share > 0}

    def most_turns(self, drawn: Iterable[str]) -> dict[str, int]:
        """The most turns that a row gives to each topic that its contacts may have; 0: none gives any."""
        by_topic: dict[str, int] = {}
        for topic, turns in zip(self.topic, self.turns, strict=True):
            if turns > by_topic.get(topic, 0):
                by_topic[topic] = turns
        others = set(drawn)
        return {
            topic: max(by_topic.get(topic, 0), by_topic.get("", 0) if topic in others else 0)
            for topic in self.topics(others)
        }

    def to_csv(self) -> str:
        """The file again, as `read_trace` reads it."""
        stream = io.StringIO(newline="")
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["at", *OPTIONAL])
        for at, customer, topic, turns in zip(self.at, self.customer, self.topic, self.turns, strict=True):
            said = at.isoformat(" ") if isinstance(at, datetime) else f"{at // SECOND}.{at % SECOND:06d} s"
            writer.writerow([said, customer, topic, turns or ""])
        return stream.getvalue()


def read_trace(
    path: Path, shown_as: str, place: str, topics: Collection[str], calendar: Calendar | None
) -> tuple[Trace | None, list[Finding]]:
    """The rows of a file, or what is wrong with it, line by line. Without a calendar their order is not looked at."""
    rows = Rows(path, shown_as, place, ROWS)
    if rows.columns(("at",), optional=OPTIONAL) is None:
        return None, rows.findings
    column = {name: rows.header.index(name) for name in ("at", *OPTIONAL) if name in rows.header}
    readers: dict[str, Callable[[str], Any]] = {
        "customer": _customer,
        "topic": partial(_topic, topics),
        "turns": _turns,
    }
    found: list[tuple[str, str, int]] = []
    moments: list[datetime | int] = []
    lines: list[int] = []
    for line, row in rows:
        cells = {name: row[i] for name, i in column.items()}
        values = {}
        for name, read in readers.items():
            try:
                values[name] = read(cells.get(name, ""))
            except Wrong as wrong:
                rows.refuse(line, wrong)
        try:
            moments.append(_at(cells["at"]))
        except Wrong as wrong:
            rows.refuse(line, wrong)
            continue
        lines.append(line)
        if len(values) == len(readers):
            found.append((values["customer"], values["topic"], values["turns"]))
    if not moments and not rows.findings:
        rows.complain(None, "there are no rows in this file")
    if calendar is not None and moments:
        _check_order(moments, lines, calendar, rows)
    if rows.findings:
        return None, rows.findings
    customers, topic_column, turn_column = zip(*found, strict=True)
    return Trace(tuple(moments), customers, topic_column, turn_column), []


def _at(text: str) -> datetime | int:
    if (text[:4].isdigit() and "-" in text) or date_hint(text):
        return parse_local_time(text)
    try:
        return parse_duration(text)
    except Wrong as wrong:
        each = wrong.complaints[0]
        raise Wrong(each.problem if text else "no time stands here", ROWS, each.suggestion) from None


def _customer(text: str) -> str:
    if len(text) > 200:
        raise Wrong("this customer's name has more than 200 characters", "a short name or number")
    return text


def _topic(topics: Collection[str], text: str) -> str:
    if text and text not in topics:
        raise Wrong(f"there is no `{text}` in `topics`", ", ".join(sorted(topics)), nearest(text, sorted(topics)))
    return text


def _turns(text: str) -> int:
    if not text:
        return 0
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MAX_TURNS or len(text) > 9:
        raise Wrong(f"{shown(text)} is not a number of turns", f"a whole number from 1 to {MAX_TURNS:,}, or nothing")
    return int(text)


def _resolved(at: tuple[datetime | int, ...] | list[datetime | int], calendar: Calendar) -> tuple[np.ndarray, ...]:
    """µs from start, and which of them a clock change skips."""
    local = [moment for moment in at if isinstance(moment, datetime)]
    is_local = np.array([isinstance(moment, datetime) for moment in at], bool)
    times = np.array([0 if isinstance(moment, datetime) else moment for moment in at], np.int64)
    skipped = np.zeros(len(at), bool)
    if local:
        wall = Wall(calendar, min(local).date(), max(local).date())
        times[is_local], skipped[is_local] = wall.in_order(local, strictly=False)
    return times, skipped


def _check_order(at: list[datetime | int], lines: list[int], calendar: Calendar, rows: Rows) -> None:
    times, skipped = _resolved(at, calendar)
    for i in np.flatnonzero(skipped).tolist():
        never = Wrong(f"{at[i]} never comes: the clock skips it", "times that the wall clock shows")
        rows.refuse(lines[i], never, fault="skipped")
    for i in (np.flatnonzero(np.diff(times) < 0) + 1).tolist():
        late = Wrong("this row comes before the row above", "rows in order of time", "sort the file")
        rows.refuse(lines[i], late, fault="order")
    rows.tell()
