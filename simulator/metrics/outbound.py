"""Outbound: what left, how fast, against which cap, and what had to wait.

Sends belong to the window by their request; rates per minute and backlogs are taken over the window's own minutes.
Bulk lanes (campaign, agentless) are read from `sends`, the lanes agent and flow from `messages`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from simulator.metrics import cohorts, steps
from simulator.metrics.capwaits import closed, ready_us
from simulator.metrics.parts import ALL, Measure, Part, Parts, Scope
from simulator.metrics.sources import KLEINROCK, platform
from simulator.metrics.window import View
from simulator.vocabulary.clock import MINUTE, SECOND

BULK = ("campaign", "agentless")
SCOPES = ("lane", "source")
RESENT = ("send_attempts", "at_us")
"""Messages that left, failed and were asked for again."""
EVERY_LANE = ("messages_per_minute", "messages_per_minute_peak", "messages_per_60_s_peak")
"""Measures that exist for the lanes of agents and flows too."""


def _bulk(view: View) -> dict[Scope, np.ndarray]:
    """The bulk lanes, each source, and the rows of each. [send]"""

    def rows() -> dict[Scope, np.ndarray]:
        lane, source = view.codes("sends", "lane"), view.codes("sends", "source")
        found: dict[Scope, np.ndarray] = {(("lane", name),): lane == view.names["lane"].index(name) for name in BULK}
        return found | {(("source", name),): source == i for i, name in enumerate(view.names["source"])}

    return view.kept("rows of bulk lanes", rows)  # type: ignore[no-any-return]


def _each(part: Callable[[View, np.ndarray], Part]) -> Callable[[View], Parts]:
    """The same for every bulk lane and every source."""

    def parts(view: View) -> Parts:
        return {scope: part(view, rows) for scope, rows in _bulk(view).items()}

    return parts


@dataclass(frozen=True)
class _Backlog:
    """What waited, from request to leaving or giving up; what the run's end found waiting reaches to it."""

    at: np.ndarray
    """Times at which the number waiting changes. [change]"""
    number: np.ndarray
    """How many wait from then on. [change]"""
    begins: np.ndarray
    """Stretches in which any wait. [stretch]"""
    ends: np.ndarray


def _each_backlog(part: Callable[[View, np.ndarray, _Backlog], Part]) -> Callable[[View], Parts]:
    """The same for the backlog of every bulk lane and every source; laid out once for a view."""

    def parts(view: View) -> Parts:
        return {
            scope: part(view, rows, view.kept(f"backlog of {scope}", partial(_backlog, view, rows)))
            for scope, rows in _bulk(view).items()
        }

    return parts


def _backlog(view: View, rows: np.ndarray) -> _Backlog:
    rows = rows & view.has("sends", "requested_us")
    _, _, sent = view.stays("sends", "requested_us", "sent_us", "ended_us", rows=rows)
    ready = view.kept("sends ready", lambda: ready_us(view.scenario, view.table("sends"), view.table("send_attempts")))
    at, number = steps.levels(np.minimum(ready[rows].astype(np.int64), sent), sent)
    return _Backlog(at, number, *steps.present(at, number))


def _requested(view: View) -> np.ndarray:
    return view.cohort("sends", "requested_us")


def _left(view: View, lane: str | None, source: str | None = None) -> np.ndarray:
    """Instants in the window at which a message left, ascending; made once for a view. [message]"""
    return view.kept(f"left by {lane}, {source}", lambda: _sorted(view, lane, source))  # type: ignore[no-any-return]


def _sorted(view: View, lane: str | None, source: str | None) -> np.ndarray:
    if lane in ("agent", "flow"):
        kinds = ("agent",) if lane == "agent" else ("bot", "question")
        rows = view.equals("messages", "direction", "outbound") & view.equals("messages", "kind", *kinds)
        times = view.column("messages", "at_us")[rows]
    else:
        times = np.concatenate([_leaving(view, *each, lane, source) for each in (("sends", "sent_us"), RESENT)])
        if view.scenario.outbound.detail == "per_second":
            times = times // SECOND * SECOND  # counts stand at a mean time within their second
    return np.sort(times[(times >= view.from_us) & (times < view.to_us)])


def _leaving(view: View, table: str, column: str, lane: str | None, source: str | None) -> np.ndarray:
    """Instants in a table at which messages left. [message]"""
    rows = view.has(table, column) if table == "sends" else view.equals(table, "outcome", "resent")
    if lane is not None:
        rows = rows & view.equals(table, "lane", lane)
    if source is not None:
        rows = rows & view.equals(table, "source", source)
    return view.column(table, column)[rows]


def _every_lane(part: Callable[[np.ndarray], Part]) -> Callable[[View], Parts]:
    def parts(view: View) -> Parts:
        found: Parts = {(("lane", name),): part(_left(view, name)) for name in view.names["lane"]}
        return found | {(("source", name),): part(_left(view, None, name)) for name in view.names["source"]}

    return parts


# --- rates -----------------------------------------------------------------------------------------------------


def _per_active_minute(left: np.ndarray) -> Part:
    minutes = left // MINUTE
    return Part(float(len(left)), float(np.count_nonzero(np.diff(minutes)) + 1 if len(left) else 0))


def _peak_minute(left: np.ndarray) -> Part:
    if not len(left):
        return Part(0.0, 1.0)
    changes = np.flatnonzero(np.diff(left // MINUTE)) + 1
    return Part(float(np.diff(np.concatenate([[0], changes, [len(left)]])).max()), 1.0)


def _peak_window(left: np.ndarray) -> Part:
    if not len(left):
        return Part(0.0, 1.0)
    inside = np.searchsorted(left, left + MINUTE, side="left") - np.arange(len(left))
    return Part(float(inside.max()), 1.0)


def _cap(view: View) -> Parts:
    limits = view.scenario.outbound.limits
    return {
        (("lane", "campaign"),): Part(60 * limits.whatsapp_campaign, 1.0),
        (("lane", "agentless"),): Part(60 * limits.whatsapp_agentless, 1.0),
    }


def _rates_under_backlog(view: View) -> Parts:
    names, source = view.names["source"], view.codes("sends", "source")
    pressed = {name: _pressed(view, name) for name in names}
    found: Parts = {}
    for scope, rows in _bulk(view).items():
        mine = [scope[0][1]] if scope[0][0] == "source" else [names[i] for i in np.unique(source[rows])]
        begins, ends = (np.concatenate([np.empty(0, np.int64), *(pressed[n][k] for n in mine)]) for k in (0, 1))
        found[scope] = _rate_within(view, rows, *steps.union(begins, ends))
    return found


def _pressed(view: View, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Stretches in which messages of a source wait for a cap: not for its hours, its stop or an outage to end."""
    scope: Scope = (("source", name),)
    backlog = view.kept(f"backlog of {scope}", partial(_backlog, view, _bulk(view)[scope]))
    starts, stops = closed(view.scenario, name, view.table("outages"), view.end_us)
    far = max(view.end_us, int(backlog.ends.max(initial=0)))
    begins = np.concatenate([backlog.begins, np.array([0, *stops], np.int64)])
    ends = np.concatenate([backlog.ends, np.array([*starts, far], np.int64)])
    at, number = steps.levels(begins, ends)
    return steps.present(at, number == 2)  # it waits, and may leave


def _rate_within(view: View, rows: np.ndarray, begins: np.ndarray, ends: np.ndarray) -> Part:
    begins, ends = steps.clip(begins, ends, view.from_us, view.to_us)
    times = np.sort(view.column("sends", "sent_us")[rows & view.has("sends", "sent_us")])
    # of a stretch (begin, end] the send at its end counts, the one that was already leaving at its begin does not
    count = np.searchsorted(times, ends, side="right") - np.searchsorted(times, begins, side="right")
    return Part(float(count[ends > begins].sum()), float((ends - begins).sum()) / MINUTE)


# --- delay and backlog -----------------------------------------------------------------------------------------


def _n_sent(view: View, rows: np.ndarray) -> Part:
    return Part(float((rows & _requested(view) & view.has("sends", "sent_us")).sum()), 1.0)


def _n_requested(view: View, rows: np.ndarray) -> Part:
    return Part(float((rows & _requested(view)).sum()), 1.0)


def _censored(view: View, rows: np.ndarray) -> Part:
    return Part(float((rows & _requested(view) & view.equals("sends", "outcome", "waiting")).sum()), 1.0)


def _failed(view: View, rows: np.ndarray) -> Part:
    sent = rows & _requested(view) & view.has("sends", "sent_us")
    return Part(float((sent & view.equals("sends", "outcome", "failed")).sum()), float(sent.sum()))


def _no_opt_in(view: View, rows: np.ndarray) -> Part:
    return Part(float((rows & view.equals("sends", "outcome", "no_opt_in")).sum()), 1.0)


def _delays(view: View, rows: np.ndarray) -> np.ndarray:
    chosen = rows & _requested(view) & view.has("sends", "sent_us")
    return view.column("sends", "delay_us")[chosen] / SECOND


def _delay_mean(view: View, rows: np.ndarray) -> Part:
    delays = _delays(view, rows)
    return Part(float(delays.sum()), float(len(delays)))


def _delay_max(view: View, rows: np.ndarray) -> Part:
    delays = _delays(view, rows)
    return Part(float(delays.max()), 1.0) if len(delays) else Part()


def _held_share(view: View, rows: np.ndarray) -> Part:
    delays = _delays(view, rows)
    return Part(float((delays > 0).sum()), float(len(delays)))


def _backlog_peak(view: View, rows: np.ndarray, backlog: _Backlog) -> Part:
    _, number = steps.between(backlog.at, backlog.number, view.from_us, view.to_us)
    return Part(float(number.max(initial=0)), 1.0)


def _drain(view: View, rows: np.ndarray, backlog: _Backlog) -> Part:
    at, number = steps.between(backlog.at, backlog.number, view.from_us, view.end_us)
    inside = at < view.to_us
    if not number[inside].any():
        return Part(0.0, 1.0)
    # the first moment of the largest backlog, to the first moment after it with none
    top = int(np.argmax(np.where(inside, number, -1)))
    return Part(float(at[top + int(np.argmax(number[top:] == 0))] - at[top]) / SECOND, 1.0)


def _longest_backlog(view: View, rows: np.ndarray, backlog: _Backlog) -> Part:
    mine = (backlog.begins < view.to_us) & (backlog.ends > view.from_us)
    return Part(float((backlog.ends - backlog.begins)[mine].max(initial=0)) / SECOND, 1.0)


OUTBOUND = (
    Measure("nOutbound", "count", "business-initiated messages (campaigns and notifications) requested in the window "
            "that left, per replication; agents' and bots' replies are not among them", (),
            lambda view: {ALL: _n_sent(view, np.ones(view.size("sends"), bool))},
            title="business messages sent", formula="Σ sent ÷ replications", cohort=cohorts.SENDS,
            source=platform("nOutbound")),
    Measure("nRequested", "count", "sends requested in the window, per replication", SCOPES, _each(_n_requested),
            overall=False,
            title="sends requested", formula="Σ requested ÷ replications", cohort=cohorts.SENDS),
    Measure("nSent", "count", "sends requested in the window that left, per replication", SCOPES, _each(_n_sent),
            overall=False,
            title="sends that left", formula="Σ sent ÷ replications", cohort=cohorts.SENDS),
    Measure("censored_sends", "count", "sends requested in the window still held by a cap when the run ended, per "
            "replication: late, not lost, and in no delay below", SCOPES, _each(_censored), overall=False,
            title="held when the run ended", formula="Σ held_at_end ÷ replications", cohort=cohorts.SENDS),
    Measure("failed_share", "share", "sends that left and were not delivered ÷ sends of the window that left", SCOPES,
            _each(_failed), overall=False,
            title="sent, not delivered", formula="Σ failed ÷ Σ sent", cohort=cohorts.SENDS),
    Measure("no_opt_in", "count", "customers not written to because they have not opted in, per replication; whole "
            "run", SCOPES, _each(_no_opt_in), overall=False,
            title="without opt-in", formula="Σ not_opted_in ÷ replications", cohort=cohorts.WHOLE_RUN),
    Measure("messages_per_minute", "messages/min", "messages that left in the window ÷ calendar minutes in which at "
            "least one left; the last minute of a wave may be a part, so it lies below the cap", SCOPES,
            _every_lane(_per_active_minute), overall=False,
            title="per minute in which any left", formula="Σ message_left ÷ Σ active_minute", cohort=cohorts.LEFT),
    Measure("messages_per_minute_peak", "messages/min", "most messages in one calendar minute of the window, mean over "
            "replications", SCOPES, _every_lane(_peak_minute), overall=False,
            title="per calendar minute, most", formula="Σ max(left_in_minute) ÷ replications", cohort=cohorts.LEFT),
    Measure("messages_per_60_s_peak", "messages/min", "most messages in any half-open 60 seconds of the window, mean "
            "over replications: what the platform's cap limits", SCOPES, _every_lane(_peak_window), overall=False,
            title="in any 60 s, most", formula="Σ max(left_in_60_s) ÷ replications", cohort=cohorts.LEFT),
    Measure("messages_per_minute_at_backlog", "messages/min", "messages that left while others waited ÷ time in which "
            "any waited for a cap (not for hours, a stop or an outage to end): the throughput under pressure, equal "
            "to the cap", SCOPES, _rates_under_backlog, overall=False,
            title="per minute while others wait", formula="Σ left_under_backlog ÷ ∫ capped_backlog_there dt",
            cohort=cohorts.LEFT),
    Measure("cap_per_minute", "messages/min", "the lane's cap, per organisation, as the scenario sets it", ("lane",),
            _cap, overall=False,
            title="cap per minute", formula="cap", cohort=cohorts.SETTING),
    Measure("send_delay_mean", "s", "mean time from request to leaving, over sends requested in the window that left, "
            "those without delay included", SCOPES, _each(_delay_mean), overall=False,
            title="request to leaving, mean", formula="Σ delay ÷ Σ sent", cohort=cohorts.SENDS, source=KLEINROCK),
    Measure("send_delay_max", "s", "longest time from request to leaving, over sends requested in the window that "
            "left, mean over replications", SCOPES, _each(_delay_max), overall=False,
            title="request to leaving, longest", formula="Σ max(delay) ÷ replications", cohort=cohorts.SENDS),
    Measure("send_held_share", "share", "sends that had to wait for the cap ÷ sends requested in the window that left",
            SCOPES, _each(_held_share), overall=False,
            title="had to wait for the cap", formula="Σ delayed ÷ Σ sent", cohort=cohorts.SENDS),
    Measure("backlog_peak", "messages", "most messages requested and not yet gone at any moment of the window, mean "
            "over replications", SCOPES, _each_backlog(_backlog_peak), overall=False,
            title="largest backlog", formula="Σ max(backlog) ÷ replications", cohort=cohorts.WINDOW),
    Measure("drain_time", "s", "time from the largest backlog of the window until none is left, mean over "
            "replications; 0 without backlog; to the end of the run where it is not drained then", SCOPES,
            _each_backlog(_drain), overall=False,
            title="time to drain the largest backlog", formula="Σ drain ÷ replications", cohort=cohorts.WINDOW),
    Measure("backlog_time", "s", "longest stretch in which messages waited without a break, from the first that had to "
            "wait to the moment none is left, mean over replications", SCOPES, _each_backlog(_longest_backlog),
            overall=False,
            title="longest time with a backlog", formula="Σ max(backlog_stretch) ÷ replications",
            cohort=cohorts.WINDOW),
)  # fmt: skip
