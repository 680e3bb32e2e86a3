"""The caps: which one held messages back, how many, how long, and what became of the sends that never left.

Bulk lanes are read from `sends` (`capwaits`), agents' and flows' messages from `cap_holds`. Sends belong to the window
by their request; backlogs and times are taken over the window itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from simulator.metrics import cohorts, steps
from simulator.metrics.capwaits import CAPS, Waits, waits
from simulator.metrics.parts import Measure, Part, Parts, Scope
from simulator.metrics.window import View
from simulator.scenario.capping import channel_caps, lane_key
from simulator.scenario.schema import Scenario
from simulator.scenario.sending import OPT_IN_SOURCES, OptIn
from simulator.vocabulary.clock import SECOND
from simulator.vocabulary.codes import Cap, Lane, name_of

BULK = ("campaign", "agentless")


def scopes(scenario: Scenario) -> list[Scope]:
    """Every lane with every cap that may hold it back in this scenario."""
    out, found = scenario.outbound, []
    for lane, bulk in ((Lane.CAMPAIGN, out.campaigns), (Lane.AGENTLESS, out.notifications)):
        channels = {each.channel for each in bulk.values()}
        caps = _of_channels(scenario, channels)
        if any(lane_key(scenario, lane, channel) for channel in channels):
            caps.add(Cap.ORGANISATION)
        if scenario.outages or any(
            getattr(each, "windows", ()) or getattr(each, "stop", None) for each in bulk.values()
        ):
            caps.add(Cap.HOURS)
        found += [(name_of(lane), cap) for cap in sorted(caps)]
    own = _of_channels(scenario, set(scenario.channels)) & {Cap.NUMBER, Cap.PAIR}
    found += [(lane, cap) for lane in ("agent", "flow") for cap in sorted(own)]
    return [(("lane", lane), ("cap", name_of(cap))) for lane, cap in found]


def _of_channels(scenario: Scenario, channels: set[str]) -> set[Cap]:
    found = set()
    for name in channels:
        caps = channel_caps(scenario, name)
        found |= {Cap.NUMBER} if caps.clock is not None else set()
        found |= {Cap.PAIR} if caps.pair is not None else set()
        found |= {Cap.TIER} if caps.tier is not None else set()
    return found


def opt_in_scopes(scenario: Scenario) -> list[Scope]:
    """Where customers were asked, where a source says so."""
    out = scenario.outbound
    asked: list[float | OptIn] = [each.opt_in for each in out.campaigns.values()]
    asked += [each.opt_in for each in out.notifications.values()]
    used = {name for each in asked if isinstance(each, OptIn) for name in OPT_IN_SOURCES if getattr(each, name)}
    return [(("opt_in", name),) for name in OPT_IN_SOURCES if name in used]


# --- by lane and cap -------------------------------------------------------------------------------------------


def held(view: View, scope: Scope) -> Waits:
    """What the messages of a lane waited for, as far as it was this cap. What the end of the run found waiting was not
    let go by any."""
    lane, cap = scope[0][1], CAPS.index(scope[1][1])
    if lane in BULK:
        mine = view.equals("sends", "lane", lane)
        found = view.kept("waits of sends", partial(_waits_of_sends, view)).of(Cap(cap))
        return Waits(*(each[mine[found.row]] for each in found))
    rows = view.equals("cap_holds", "lane", lane) & view.equals("cap_holds", "cap", scope[1][1])
    rows = rows & view.has("cap_holds", "to_us")
    begin, end = (view.column("cap_holds", each)[rows].astype(np.int64) for each in ("from_us", "to_us"))
    return Waits(np.flatnonzero(rows), begin, begin, end, np.full(len(begin), cap))


def _waits_of_sends(view: View) -> Waits:
    sends, tries, outages = (view.table(each) for each in ("sends", "send_attempts", "outages"))
    return waits(view.scenario, sends, tries, outages, view.end_us)


def _each(part: Callable[[View, Waits], Part]) -> Callable[[View], Parts]:
    def parts(view: View) -> Parts:
        return {
            scope: part(view, view.kept(f"held {scope}", partial(held, view, scope))) for scope in scopes(view.scenario)
        }

    return parts


def _waited(view: View, mine: Waits) -> np.ndarray:
    """How long each message that was ready in the window waited for this cap. [message]"""
    _, ready, waited = mine.by_message()
    return waited[(ready >= view.from_us) & (ready < view.to_us)]


def _n_held(view: View, mine: Waits) -> Part:
    return Part(float(len(_waited(view, mine))), 1.0)


def _delay_mean(view: View, mine: Waits) -> Part:
    waited = _waited(view, mine)
    return Part(float(waited.sum()) / SECOND, float(len(waited)))


def _delay_max(view: View, mine: Waits) -> Part:
    waited = _waited(view, mine)
    return Part(float(waited.max()) / SECOND, 1.0) if len(waited) else Part()


def _backlog(view: View, mine: Waits) -> Part:
    return Part(float(steps.peak(mine.begin, mine.end, view.from_us, view.to_us)), 1.0)


def _drain(view: View, mine: Waits) -> Part:
    begins, ends = steps.union(mine.begin, mine.end)
    inside = (begins < view.to_us) & (ends > view.from_us)
    return Part(float((ends - begins)[inside].max(initial=0)) / SECOND, 1.0)


def _bound(view: View, mine: Waits) -> Part:
    if not (view.size("sends") or view.size("messages")):
        return Part()  # nothing was ever sent
    begins, ends = steps.clip(*steps.union(mine.begin, mine.end), view.from_us, view.to_us)
    return Part(float((ends - begins).sum()), float(view.span_us))


# --- what never left, and opt-in -------------------------------------------------------------------------------


def _by_lane_and_source(rows: Callable[[View], np.ndarray]) -> Callable[[View], Parts]:
    def parts(view: View) -> Parts:
        chosen = rows(view)
        lane, source = view.codes("sends", "lane"), view.codes("sends", "source")
        found: Parts = {
            (("lane", name),): Part(float((chosen & (lane == view.names["lane"].index(name))).sum()), 1.0)
            for name in BULK
        }
        for i, name in enumerate(view.names["source"]):
            found[("source", name),] = Part(float((chosen & (source == i)).sum()), 1.0)
        return found

    return parts


def _ended(outcome: str) -> Callable[[View], Parts]:
    """Sends of the window that ended so; whole run where they were never asked for."""
    return _by_lane_and_source(
        lambda view: (
            view.equals("sends", "outcome", outcome)
            & (view.cohort("sends", "requested_us") | ~view.has("sends", "requested_us"))
        )
    )


def _tries(outcome: str) -> Callable[[View], Parts]:
    def parts(view: View) -> Parts:
        if view.scenario.outbound.detail == "per_second":
            return {}  # counts tell of ends only, of no call and no try
        chosen = view.equals("send_attempts", "outcome", outcome) & view.cohort("send_attempts", "at_us")
        lane, source = view.codes("send_attempts", "lane"), view.codes("send_attempts", "source")
        found: Parts = {
            (("lane", name),): Part(float((chosen & (lane == view.names["lane"].index(name))).sum()), 1.0)
            for name in BULK
        }
        for i, name in enumerate(view.names["source"]):
            found[("source", name),] = Part(float((chosen & (source == i)).sum()), 1.0)
        return found

    return parts


def _read(view: View) -> Parts:
    delivered = view.equals("sends", "outcome", "delivered") & view.cohort("sends", "requested_us")
    read = delivered & view.has("sends", "read_us")
    source = view.codes("sends", "source")
    known = view.has("sends", "read_us").any()
    return {
        (("source", name),): Part(float((read & (source == i)).sum()), float((delivered & (source == i)).sum()) * known)
        for i, name in enumerate(view.names["source"])
    }


def _opted_in(view: View) -> Parts:
    where = view.codes("sends", "opt_in_source", OPT_IN_SOURCES)
    yes = ~view.equals("sends", "outcome", "no_opt_in")
    return {
        (("opt_in", name),): Part(float((yes & (where == i)).sum()), float((where == i).sum()))
        for i, name in enumerate(OPT_IN_SOURCES)
    }


def _asked(view: View) -> Parts:
    where = view.codes("sends", "opt_in_source", OPT_IN_SOURCES)
    return {(("opt_in", name),): Part(float((where == i).sum()), 1.0) for i, name in enumerate(OPT_IN_SOURCES)}


BY_CAP = ("lane_cap",)
ENDS = ("lane", "source")

CAP_MEASURES = (
    Measure("held_by_cap", "count", "messages ready in the window that this cap held back, per replication: `hours` "
            "while nothing might leave (calling windows, a stop, an outage), else the cap that let them go last",
            BY_CAP, _each(_n_held), overall=False,
            title="held back by this cap", formula="Σ held_back ÷ replications", cohort=cohorts.HELD),
    Measure("held_by_cap_mean", "s", "mean time that messages of the window waited for this cap, over those that did",
            BY_CAP, _each(_delay_mean), overall=False,
            title="held by this cap, mean", formula="Σ delay ÷ Σ held_back", cohort=cohorts.HELD),
    Measure("held_by_cap_max", "s", "longest time that one of these waited for this cap, mean over replications",
            BY_CAP, _each(_delay_max), overall=False,
            title="held by this cap, longest", formula="Σ max(delay) ÷ replications", cohort=cohorts.HELD),
    Measure("backlog_by_cap_peak", "messages", "most of these waiting at any moment of the window, mean over "
            "replications", BY_CAP, _each(_backlog), overall=False,
            title="largest backlog of this cap", formula="Σ max(backlog) ÷ replications", cohort=cohorts.CAP_TIME),
    Measure("drain_by_cap", "s", "longest stretch in which some of these waited without a break: how long draining "
            "took, mean over replications", BY_CAP, _each(_drain), overall=False,
            title="longest draining of this cap", formula="Σ max(backlog_stretch) ÷ replications",
            cohort=cohorts.CAP_TIME),
    Measure("time_at_cap", "share", "time of the window in which this cap held any of the lane's messages back", BY_CAP,
            _each(_bound), overall=False,
            title="time at this cap", formula="∫ backlog_there dt ÷ window", cohort=cohorts.CAP_TIME),
    Measure("nExpired", "count", "sends of the window that waited longer than `expires_after`, per replication", ENDS,
            _ended("expired"), overall=False,
            title="sends expired", formula="Σ expired_send ÷ replications", cohort=cohorts.SENDS),
    Measure("nRejected", "count", "sends of the window whose caller gave up after a 429, per replication", ENDS,
            _ended("rejected"), overall=False,
            title="given up after a 429", formula="Σ rejected ÷ replications", cohort=cohorts.SENDS),
    Measure("nRefused", "count", "calls of the window that got a 429 and were made again, per replication", ENDS,
            _tries("refused"), overall=False,
            title="calls refused (429)", formula="Σ refused ÷ replications", cohort=cohorts.TRIES),
    Measure("nResent", "count", "messages of the window that left, failed and were asked for again, per replication",
            ENDS, _tries("resent"), overall=False,
            title="sent again after a failure", formula="Σ resent ÷ replications", cohort=cohorts.TRIES),
    Measure("nStopped", "count", "sends that were stopped with their campaign, per replication", ENDS,
            _ended("stopped"), overall=False,
            title="stopped with the campaign", formula="Σ stopped ÷ replications", cohort=cohorts.SENDS),
    Measure("nInConversation", "count", "sends of the window that failed because the customer's conversation was open, "
            "per replication", ENDS, _ended("in_conversation"), overall=False,
            title="failed into an open conversation", formula="Σ in_conversation ÷ replications",
            cohort=cohorts.SENDS),
    Measure("sends_read_share", "share", "delivered sends of the window known to be read ÷ delivered sends of the "
            "window", ("source",), _read, overall=False,
            title="read, of the delivered", formula="Σ read ÷ Σ delivered", cohort=cohorts.SENDS),
    Measure("opt_in_share", "share", "contacts who opted in ÷ contacts who were asked there; whole run", ("opt_in",),
            _opted_in, overall=False,
            title="opted in", formula="Σ opted_in ÷ Σ asked", cohort=cohorts.WHOLE_RUN),
    Measure("nAsked", "count", "contacts by where they were asked for their opt-in, per replication; whole run",
            ("opt_in",), _asked, overall=False,
            title="asked for the opt-in", formula="Σ asked ÷ replications", cohort=cohorts.WHOLE_RUN),
)  # fmt: skip
