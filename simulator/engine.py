"""The single seam between the world and whoever runs it: (Scenario, Workload) → journal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from simulator.scenario.schema import Scenario
from simulator.vocabulary.errors import UsageError
from simulator.workload import Workload

if TYPE_CHECKING:
    from simulator.model.bare import Bare

ENGINES = ("model",)
"""`model` is the SimPy model."""


def simulate(
    scenario: Scenario,
    workload: Workload,
    engine: str = "model",
    progress: Callable[[int, int], None] | None = None,
    statistics: list[tuple[int, int, int]] | None = None,
) -> np.ndarray:
    """One replication: the journal, a structured array of `journal.ROW` rows in order of time. [row]

    `progress(now_us, end_us)` is called now and then. `statistics`, for those who measure the engine, gets a row
    just before each of these calls: (now_us, events scheduled so far, events pending now). Raises UsageError for an
    engine there is not.
    """
    if engine not in ENGINES:
        raise UsageError(f"there is no engine {engine!r}; engines: {', '.join(ENGINES)}")
    from simulator.model import simulate as run_model

    return run_model(scenario, workload, progress, statistics)


def bare(processes: int) -> Bare:
    """The yardstick: bare SimPy, with so many processes and thus events pending."""
    from simulator.model.bare import Bare

    return Bare(processes)
