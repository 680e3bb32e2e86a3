"""All cases by name."""

from __future__ import annotations

from simulator.experiments.truth import days, messaging, routing, sends, traces, voice
from simulator.experiments.truth.case import Case, Trace

CASES: dict[str, Case | Trace] = {
    case.name: case
    for cases in (voice.CASES, days.CASES, messaging.CASES, routing.CASES, sends.CASES, traces.CASES)
    for case in cases
}
