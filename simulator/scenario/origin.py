"""What a scenario remembers of its making, and the fingerprint of what it decides."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

from simulator.scenario.counts import Counts
from simulator.scenario.source import Source
from simulator.vocabulary.errors import Finding


@dataclass(frozen=True)
class Origin:
    """What a scenario keeps of its making. Only the CSV rows matter to whether two scenarios are equal."""

    source: Source = field(default_factory=lambda: Source(file="(built in Python)", folder=None), compare=False)
    counts: dict[str, Counts] = field(default_factory=dict)
    warnings: tuple[Finding, ...] = field(default=(), compare=False)


def fingerprint(content: dict[str, Any], counts: Mapping[str, Counts]) -> str:
    """SHA-256 of canonical JSON: sorted keys, no spaces, floats as Python writes them (shortest exact form)."""
    everything = {**content, "counts": {name: vars(rows) for name, rows in counts.items()}}
    text = json.dumps(everything, sort_keys=True, separators=(",", ":"), default=_canonical)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _canonical(value: Any) -> str:
    if isinstance(value, datetime | time):
        return value.isoformat()
    raise TypeError(f"no canonical form for {type(value).__name__}")
