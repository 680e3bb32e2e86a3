"""The single seam between the world and whoever runs it: (Scenario, Workload) → journal."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulator.scenario.schema import Scenario
from simulator.vocabulary.errors import UsageError
from simulator.workload import Workload

ENGINES = ("model",)
"""`model` is the SimPy model."""


def simulate(
    scenario: Scenario,
    workload: Workload,
    engine: str = "model",
    progress: Callable[[int, int], None] | None = None,
) -> np.ndarray:
    """One replication: the journal, a structured array of `journal.ROW` rows in order of time. [row]

    `progress(now_us, end_us)` is called now and then. Raises UsageError for an engine there is not.
    """
    if engine not in ENGINES:
        raise UsageError(f"there is no engine {engine!r}; engines: {', '.join(ENGINES)}")
    from simulator.model import simulate as run_model

    return run_model(scenario, workload, progress)
