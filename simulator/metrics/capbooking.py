"""The `cap_intervals` table: the day in steps, per lane and cap: what passed, what waited, how full the cap was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from simulator.metrics import steps
from simulator.metrics.booking import interval_edges
from simulator.metrics.caps import BULK, scopes
from simulator.metrics.caps import held as held_by
from simulator.metrics.capwaits import CAPS, Waits, waits
from simulator.metrics.window import View
from simulator.scenario.capping import lane_clock, lane_key
from simulator.scenario.schema import Scenario
from simulator.vocabulary.clock import SECOND
from simulator.vocabulary.codes import Cap, Lane
from simulator.vocabulary.tables import TABLES

if TYPE_CHECKING:
    import pandas as pd


def cap_intervals(
    scenario: Scenario, tables: Mapping[str, pd.DataFrame], end_us: int, view: View | None = None
) -> pd.DataFrame:
    """One row per interval, lane and cap that may hold it back, over the whole run; columns as catalogued.

    `view`: as `metrics.measure` takes it.
    """
    import pandas as pd

    view = view or View(scenario, tables, end_us)
    edges = interval_edges(scenario, end_us)
    local = [scenario.calendar.local(int(us)) for us in edges[:-1]]
    when = {"start_us": edges[:-1], "start_local": local, "measured": view.inside(edges[:-1])}
    frames = [pd.DataFrame(when | _row(view, edges, scope[0][1], scope[1][1])) for scope in scopes(scenario)]
    columns = [column.name for column in TABLES["cap_intervals"]]
    replication = next((int(table["replication"].iloc[0]) for table in tables.values() if len(table)), 0)
    made = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns[1:])
    made["replication"] = replication
    return made[columns].astype({column.name: column.dtype for column in TABLES["cap_intervals"]})


def _row(view: View, edges: np.ndarray, lane: str, cap: str) -> dict[str, object]:
    if lane in BULK:
        of_lane = view.equals("sends", "lane", lane)
        left = view.column("sends", "sent_us")[of_lane & view.has("sends", "sent_us")]
        found = view.kept("waits of sends that ended", lambda: _waits(view)).of(Cap(CAPS.index(cap)))
        found = Waits(*(each[of_lane[found.row]] for each in found))
        ended = view.column("sends", "ended_us")
    else:
        out = view.equals("messages", "direction", "outbound")
        by_agent = view.equals("messages", "kind", "agent")
        left = view.column("messages", "at_us")[out & (by_agent if lane == "agent" else ~by_agent)]
        found = held_by(view, (("lane", lane), ("cap", cap)))
        ended = view.column("cap_holds", "to_us")
    row, _, length = found.by_message()
    waited, _ = np.histogram(ended[row], edges, weights=length.astype(float))
    held, _ = np.histogram(ended[row], edges)
    begin, end = found.begin, found.end
    passed, _ = np.histogram(left, edges)
    lengths = np.diff(np.clip(edges, 0, view.end_us)) / SECOND
    allowed = _allowed(view.scenario, lane, cap) * lengths
    at_cap = steps.areas(*steps.union(begin, end), edges) / np.maximum(np.diff(edges), 1)
    return {
        "lane": lane,
        "cap": cap,
        "left": passed,
        "allowed": allowed,
        "held": held,
        "waited_mean_us": np.divide(waited, held, out=np.full(len(held), np.nan), where=held > 0),
        "waiting_max": steps.peaks(begin, end, edges),
        "time_at_cap": at_cap,
    }


def _waits(view: View) -> Waits:
    """Those of sends that expired, or were given up, as well."""
    sends, tries, outages = (view.table(each) for each in ("sends", "send_attempts", "outages"))
    return waits(view.scenario, sends, tries, outages, view.end_us, "ended_us")


def _allowed(scenario: Scenario, lane: str, cap: str) -> float:
    """Messages a second that the lane's cap lets through, all integrations together; nan for other caps."""
    if cap != "organisation":
        return float("nan")
    code = Lane[lane.upper()]
    out = scenario.outbound.campaigns if code is Lane.CAMPAIGN else scenario.outbound.notifications
    keys = {lane_key(scenario, code, each.channel) for each in out.values()} - {None}
    return lane_clock(scenario, code).per_second * len(keys)
