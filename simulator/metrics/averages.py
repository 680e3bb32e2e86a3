"""The average day: the `intervals` table over all replications, one row per queue and interval of the measured time.

Levels are ratios of sums: a replication with more offers counts for more, as in the summary. All else is a plain mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from simulator.metrics.booking import interval_edges, levels_by_arrival
from simulator.metrics.window import View
from simulator.scenario.schema import Scenario
from simulator.vocabulary.papers import INTERVAL_MEANS

if TYPE_CHECKING:
    import pandas as pd

MEANS = ("nOffered", "staff_required", "staff_planned", "staff_present", "staff_gap")
LEAST_GAP = 1e-9
"""Agents: less is the rounding of a mean over time."""


def interval_means(scenario: Scenario, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """One row per queue and measured interval, columns as `INTERVAL_MEANS`. `tables`: of all replications."""
    import pandas as pd

    intervals = tables["intervals"]
    starts = intervals["start_us"]
    measured = intervals[(starts >= scenario.warm_up_us) & (starts < scenario.duration_us)]
    levels = _levels(scenario, tables)
    frames = []
    for number, queue in enumerate(sorted(scenario.queues)):
        grouped = measured[measured["queue"] == queue].groupby("start_us", sort=True)
        columns = {name: grouped[name].mean() for name in MEANS}
        columns |= {name: grouped[name].first() for name in ("start_local", "requirement_method")}
        short = measured.assign(short=measured["staff_gap"] > LEAST_GAP, asked=measured["staff_gap"].notna())
        counts = short[short["queue"] == queue].groupby("start_us", sort=True)[["short", "asked"]].sum()
        columns["replications_too_few"] = counts["short"].astype("Int64").where(counts["asked"] > 0)
        rows = pd.DataFrame(columns)
        for name, of in levels.items():
            top, bottom = of[number]
            place = rows.index.to_numpy(np.int64) // scenario.interval_us
            rows[name] = np.where(bottom[place] > 0, top[place] / np.maximum(bottom[place], 1), np.nan)
        frames.append(rows.assign(queue=queue))
    names = [column.name for column in INTERVAL_MEANS]
    result = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
    return result.reindex(columns=names).astype({column.name: column.dtype for column in INTERVAL_MEANS})


def _levels(scenario: Scenario, tables: Mapping[str, pd.DataFrame]) -> dict[str, dict[int, np.ndarray]]:
    """Numerators and denominators of every level, added over replications: by column and queue. [2, interval]"""
    intervals = tables["intervals"]
    if intervals.empty:
        return {}
    ends = intervals.groupby("replication")["start_us"].max() + scenario.interval_us
    edges = interval_edges(scenario, int(ends.max()))
    parts = {name: dict(list(tables[name].groupby("replication"))) for name in ("offers", "portions")}
    found: dict[str, dict[int, np.ndarray]] = {}
    for replication, end_us in ends.items():
        own = {name: by.get(replication, tables[name].iloc[:0]) for name, by in parts.items()}
        view = View(scenario, own, int(end_us))
        for queue in range(len(view.names["queue"])):
            for name, sums in levels_by_arrival(view, queue, edges).items():
                of = found.setdefault(name, {})
                of[queue] = of.get(queue, 0) + np.array(sums)
    return found
