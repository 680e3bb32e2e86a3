"""Interval aggregates, as `POST /api/v2/analytics/conversations/aggregates/query` answers (grouped by media and queue).

Booking is the platform's: each metric whole in the interval in which it is emitted, so the answer agrees with the
first columns of the `intervals` table and not with its `_by_arrival` ones. What belongs to no queue (flows) stands in
a group without `queueId`.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from simulator.exchange.emissions import Emissions
from simulator.exchange.enumerations import DETAILS_ONLY, MEDIA, METRICS
from simulator.exchange.history import History
from simulator.exchange.ids import id_of
from simulator.exchange.times import origin_us, stamps
from simulator.metrics.booking import interval_edges
from simulator.scenario.schema import Scenario

Document = dict[str, Any]


def aggregates(history: History, emitted: Emissions) -> Document:
    """A `ConversationAggregateQueryResponse` of one replication, warm-up and run-out included."""
    scenario = history.scenario
    edges = interval_edges(scenario, history.end_us)
    spans = _spans(edges, origin_us(scenario.calendar))
    metric = emitted.metric
    interval = np.clip(np.searchsorted(edges, emitted.emitted_us, side="right") - 1, 0, len(edges) - 2)
    known = ~np.isin(metric, [METRICS.index(name) for name in DETAILS_ONLY])
    order = np.flatnonzero(known)
    order = order[np.lexsort((metric[order], interval[order], emitted.queue[order]))]
    queue, interval, metric, value = (one[order] for one in (emitted.queue, interval, metric, emitted.value))
    if not len(order):
        return {"results": []}
    new = np.flatnonzero(np.diff(queue) | np.diff(interval) | np.diff(metric)) + 1
    starts = np.concatenate([[0], new])
    count = np.diff(np.append(starts, len(order)))
    sums, low, high = (f.reduceat(value, starts) for f in (np.add, np.minimum, np.maximum))
    results: dict[int, dict[int, list[Document]]] = {}
    for place in range(len(starts)):
        at = starts[place]
        stats = _stats(METRICS[metric[at]], *(int(one[place]) for one in (count, sums, low, high)))
        row = {"metric": METRICS[metric[at]], "stats": stats}
        results.setdefault(int(queue[at]), {}).setdefault(int(interval[at]), []).append(row)
    blocked = _blocked(history, edges) if scenario.service_level.count_blocked else {}
    return {
        "results": [
            {
                "group": _group(emitted.queues, number),
                "data": [
                    {
                        "interval": spans[at],
                        "metrics": _with_level(rows, scenario, number, blocked.get((number, at), 0)),
                    }
                    for at, rows in data.items()
                ],
            }
            for number, data in results.items()
        ]
    }


def _group(queues: tuple[str, ...], number: int) -> Document:
    return {"mediaType": MEDIA} | ({"queueId": id_of("queue", queues[number])} if number >= 0 else {})


def _spans(edges: np.ndarray, origin: int) -> list[str]:
    texts = stamps(edges, origin)
    return [f"{start}/{end}" for start, end in pairwise(texts)]


def _stats(metric: str, count: int, total: int, low: int, high: int) -> Document:
    if metric.startswith("n"):
        return {"count": total}
    return {"max": high, "min": low, "count": count, "sum": total}


def _with_level(rows: list[Document], scenario: Scenario, queue: int, blocked: int) -> list[Document]:
    """The service level of what was emitted, by the scenario's switches, and its target."""
    if queue < 0:
        return rows
    level = scenario.service_level
    known = {row["metric"]: row["stats"]["count"] for row in rows}
    answered = known.get("tAnswered", 0)
    below = answered + blocked
    if level.count_abandons:
        below += known.get("tAbandon", 0)
        below -= 0 if level.count_short_abandons else known.get("tShortAbandon", 0)
    if level.count_flow_outs:
        below += known.get("tFlowOut", 0)
    if not below:
        return rows
    above = answered - known.get("nOverSla", 0)
    stats = {"ratio": above / below, "numerator": above, "denominator": below, "target": level.target}
    target = {"metric": "oServiceTarget", "stats": {"target": level.target}}
    return [*rows, {"metric": "oServiceLevel", "stats": stats}, target]


def _blocked(history: History, edges: np.ndarray) -> dict[tuple[int, int], int]:
    """Turned away, by queue and interval."""
    portions, queues = history.portions, tuple(sorted(history.scenario.queues))
    codes, names = portions.codes("blocked_queue")
    rows = np.flatnonzero(portions.equals("disconnect", "blocked") & (codes >= 0))
    at = np.searchsorted(edges, portions.numbers("disconnected_us")[rows], side="right") - 1
    found: dict[tuple[int, int], int] = {}
    for queue, interval in zip(codes[rows].tolist(), np.clip(at, 0, len(edges) - 2).tolist(), strict=True):
        key = (queues.index(names[queue]), interval)
        found[key] = found.get(key, 0) + 1
    return found
