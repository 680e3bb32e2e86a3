"""What a scenario remembers of its making, and the fingerprint of what it decides."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, time
from typing import Any

from simulator.scenario.counts import Counts
from simulator.scenario.source import Place, Plain, Source
from simulator.scenario.staff import StaffRows, staff_csv
from simulator.scenario.traces import Trace
from simulator.vocabulary.errors import Finding


@dataclass(frozen=True)
class Origin:
    """What a scenario keeps of its making. Only the rows of its files matter to whether two scenarios are equal."""

    source: Source = field(default_factory=lambda: Source(file="(built in Python)", folder=None), compare=False)
    counts: dict[str, Counts] = field(default_factory=dict)
    """By channel or notification."""
    traces: dict[str, Trace] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    """Drafts that the content filter looks at."""
    warnings: tuple[Finding, ...] = field(default=(), compare=False)
    staffing: dict[str, StaffRows] = field(default_factory=dict)
    """By group of agents."""

    def portable(self) -> Plain:
        """The tree as it is written out: workbooks become CSV files beside them."""
        tree = self.source.tree
        for place, name in file_places(tree):
            tree = _with(tree, place, as_text(name))
        for place, name in staff_places(self.source.tree):
            tree = _with(tree, place, self._staff_file(name))
        return tree

    def files(self) -> dict[str, str]:
        """Content of the files that the portable tree names."""
        found = {}
        for place, name in file_places(self.source.tree):
            kept: Mapping[str, Counts | Trace] = self.counts if place[-1] == "csv" else self.traces
            rows = kept.get(str(place[-3]))
            if rows is not None:
                found[as_text(name)] = rows.to_csv()
        by_file: dict[str, list[StaffRows]] = {}
        for place, name in staff_places(self.source.tree):
            if str(place[1]) in self.staffing:
                by_file.setdefault(self._staff_file(name), []).append(self.staffing[str(place[1])])
        found |= {name: staff_csv(several) for name, several in by_file.items()}
        name = texts_file(self.source.tree)
        if name:
            found[name] = "".join(text + "\n" for text in self.texts)
        return found

    def _staff_file(self, name: str) -> str:
        """Under which name staffing is written out; a sheet that has arrivals too becomes two files."""
        shared = any(name == other for _, other in file_places(self.source.tree))
        return f"{name}.staffing.csv" if shared else as_text(name)


def texts_file(tree: Plain) -> str:
    """The file of drafts that the content filter names; empty if it names none."""
    section = tree.get("content_filter") if isinstance(tree, dict) else None
    texts = section.get("texts") if isinstance(section, dict) else None
    return texts if isinstance(texts, str) else ""


def arrivals_places(tree: Plain) -> Iterator[tuple[str, Place]]:
    """(source, place) of every `arrivals`, in order of place."""
    for section in (("channels",), ("outbound", "notifications")):
        entries = tree
        for part in section:
            entries = entries.get(part) if isinstance(entries, dict) else None
        for name in sorted(entries) if isinstance(entries, dict) else ():
            if isinstance(entries[name], dict) and "arrivals" in entries[name]:
                yield name, (*section, name, "arrivals")


def file_places(tree: Plain) -> Iterator[tuple[Place, str]]:
    """(place, file name) of every file that arrivals name."""
    for _, place in arrivals_places(tree):
        arrivals = tree
        for part in place:
            arrivals = arrivals[part]
        for key in ("csv", "trace"):
            if isinstance(arrivals, dict) and isinstance(arrivals.get(key), str):
                yield (*place, key), arrivals[key]


def staff_places(tree: Plain) -> Iterator[tuple[Place, str]]:
    """(place, file name) of every file that staffing names, by group."""
    groups = tree.get("agents") if isinstance(tree, dict) else None
    groups = groups if isinstance(groups, dict) else {}
    for group in sorted(groups):
        staffing = groups[group].get("staffing") if isinstance(groups[group], dict) else None
        if isinstance(staffing, dict) and isinstance(staffing.get("csv"), str):
            yield ("agents", group, "staffing", "csv"), staffing["csv"]


def as_text(name: str) -> str:
    """Under which name the rows of a file are written out."""
    return f"{name}.csv" if name.lower().endswith(".xlsx") else name


def _with(tree: Plain, place: Place, value: Plain) -> Plain:
    return {**tree, place[0]: _with(tree[place[0]], place[1:], value)} if place else value


def fingerprint(content: dict[str, Any], origin: Origin) -> str:
    """SHA-256 of canonical JSON: sorted keys, no spaces, floats as Python writes them (shortest exact form).

    Of files the rows count, not their names.
    """
    for place, _ in file_places(content):
        content = _with(content, place, "")
    rows: dict[str, Any] = {
        name: _columns(rows) for kept in (origin.counts, origin.traces) for name, rows in kept.items()
    }
    for place, _ in staff_places(content):
        content = _with(content, place, "")
        rows[f" staffing {place[1]}"] = vars(origin.staffing.get(str(place[1])))  # no source begins with a space
    if texts_file(content):
        content = {**content, "content_filter": {**content["content_filter"], "texts": ""}}
        rows[" texts"] = origin.texts  # no source begins with a space
    text = json.dumps({**content, "rows": rows}, sort_keys=True, separators=(",", ":"), default=_canonical)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _columns(rows: Counts | Trace) -> dict[str, Any]:
    """What stands in a file, without what was worked out from it meanwhile."""
    return {each.name: getattr(rows, each.name) for each in fields(rows)}


def _canonical(value: Any) -> str:
    if isinstance(value, datetime | time | date):
        return value.isoformat()
    raise TypeError(f"no canonical form for {type(value).__name__}")
