"""The queue: offered, answered, abandoned, service level, waits, who waits now.

The cohort is the offers (one stay in one queue each) that entered in the window. Names as the platform's analytics.
"""

from __future__ import annotations

import numpy as np

from simulator.metrics import steps
from simulator.metrics.parts import ALL, Measure, Part, Parts, by, mean_of, sampled
from simulator.metrics.window import View
from simulator.scenario.schema import Scenario
from simulator.vocabulary.clock import SECOND, spoken

SCOPES = ("queue", "channel", "topic")


# --- rows ------------------------------------------------------------------------------------------------------


def offered(view: View) -> np.ndarray:
    return view.cohort("offers", "entered_us")


def answered(view: View) -> np.ndarray:
    return view.equals("offers", "outcome", "answered")


def abandoned(view: View) -> np.ndarray:
    return view.equals("offers", "outcome", "abandoned")


def flowed_out(view: View) -> np.ndarray:
    return view.equals("offers", "outcome", "flowed_out")


def waited(view: View) -> np.ndarray:
    """Seconds in queue, nan while waiting. [offer]"""
    return view.column("offers", "t_wait_us") / SECOND


def over(view: View) -> np.ndarray:
    """Answered strictly later than the target. [offer]"""
    return answered(view) & (view.column("offers", "t_wait_us") > view.scenario.service_level.within_us)


def short(view: View) -> np.ndarray:
    """Abandoned strictly before `short_abandon`. [offer]"""
    return abandoned(view) & (view.column("offers", "t_wait_us") < view.scenario.service_level.short_abandon_us)


def counts_against(view: View) -> np.ndarray:
    """Offers in the denominator of the service level, by the scenario's switches. [offer]"""
    level = view.scenario.service_level
    counted = answered(view)
    if level.count_abandons:
        counted = counted | (abandoned(view) if level.count_short_abandons else abandoned(view) & ~short(view))
    if level.count_flow_outs:
        counted = counted | flowed_out(view)
    return counted


def not_at_once(view: View) -> np.ndarray:
    """Offers for which no agent was free: neither connected nor alerted at the instant of entry. [offer]"""
    entered = view.column("offers", "entered_us")
    at_once = answered(view) & (view.column("offers", "t_wait_us") == 0)
    offers, alerts = view.table("offers"), view.table("alerts")
    if len(offers) and len(alerts):
        import pandas as pd

        key = ["conversation", "portion", "offer"]
        first = pd.DataFrame({name: alerts[name].astype(object) for name in key} | {"at": alerts["alerted_us"]})
        first = first.groupby(key, sort=False)["at"].min().reset_index()
        mine = pd.DataFrame({name: offers[name].astype(object) for name in key})
        at = mine.merge(first, on=key, how="left")["at"].to_numpy(dtype="float64", na_value=np.nan)
        at_once = at_once | (at == entered)
    return ~at_once


# --- blocked contacts are no offers: they stand in the portions --------------------------------------------------


def turned_away(view: View) -> np.ndarray:
    """Portions turned away by max_waiting. [portion]"""
    return view.equals("portions", "disconnect", "blocked")


def blocked(view: View) -> np.ndarray:
    """Portions turned away by max_waiting in the window. [portion]"""
    return turned_away(view) & view.cohort("portions", "disconnected_us")


def blocked_codes(view: View) -> dict[str, np.ndarray]:
    """Scope numbers of portions: the queue is the one that turned them away, the topic the contact's."""
    topic = view.table("contacts").set_index("contact")["topic"].astype(object)
    of_contact = view.table("portions")["contact"].astype(object).map(topic[~topic.index.duplicated()])
    known = {name: i for i, name in enumerate(view.names["topic"])}
    return {
        "queue": view.codes("portions", "blocked_queue", view.names["queue"]),
        "topic": of_contact.map(known).fillna(-1).to_numpy(dtype="int64"),
    }


# --- measures --------------------------------------------------------------------------------------------------


def _service_level(view: View) -> Parts:
    counted = offered(view) & counts_against(view)
    parts = by(view, "offers", SCOPES, counted & answered(view) & ~over(view), counted)
    if not view.scenario.service_level.count_blocked:
        return parts
    turned_away = by(view, "portions", SCOPES, np.zeros(view.size("portions")), blocked(view), blocked_codes(view))
    return {
        scope: Part(part.numerator, part.denominator + turned_away[scope].denominator) for scope, part in parts.items()
    }


def _n_offered(view: View) -> Parts:
    return by(view, "offers", SCOPES, offered(view), 1.0)


def _n_answered(view: View) -> Parts:
    return by(view, "offers", SCOPES, offered(view) & answered(view), 1.0)


def _n_abandoned(view: View) -> Parts:
    return by(view, "offers", SCOPES, offered(view) & abandoned(view), 1.0)


def _n_short(view: View) -> Parts:
    return by(view, "offers", SCOPES, offered(view) & short(view), 1.0)


def _n_over(view: View) -> Parts:
    return by(view, "offers", SCOPES, offered(view) & over(view), 1.0)


def _n_flowed_out(view: View) -> Parts:
    return by(view, "offers", SCOPES, offered(view) & flowed_out(view), 1.0)


def _wait_flowed_out(view: View) -> Parts:
    return mean_of(view, "offers", SCOPES, waited(view), offered(view) & flowed_out(view))


def _n_gave_up(view: View) -> Parts:
    return by(view, "offers", SCOPES, offered(view) & view.has("offers", "gave_up_us"), 1.0)


def _n_blocked(view: View) -> Parts:
    return by(view, "portions", SCOPES, blocked(view), 1.0, blocked_codes(view))


def _censored(view: View) -> Parts:
    return by(view, "offers", SCOPES, offered(view) & ~view.has("offers", "left_us"), 1.0)


def _target(view: View) -> Parts:
    target = Part(view.scenario.service_level.target, 1.0)
    return {ALL: target} | {(("queue", name),): target for name in view.names["queue"]}


def _answered_within(view: View) -> Parts:
    chosen = offered(view)
    return by(view, "offers", SCOPES, chosen & answered(view) & ~over(view), chosen)


def _first_reply_within(view: View) -> Parts:
    chosen = offered(view)
    reply = view.column("offers", "first_reply_us") - view.column("offers", "entered_us")
    return by(view, "offers", SCOPES, chosen & (reply <= view.scenario.service_level.within_us), chosen)


def _abandon_share(view: View) -> Parts:
    chosen = offered(view)
    return by(view, "offers", SCOPES, chosen & abandoned(view), chosen)


def _silent_share(view: View) -> Parts:
    chosen = offered(view)
    return by(view, "offers", SCOPES, chosen & view.has("offers", "gave_up_us"), chosen)


def _wait_probability(view: View) -> Parts:
    chosen = offered(view)
    return by(view, "offers", SCOPES, chosen & not_at_once(view), chosen)


def _wait_all(view: View) -> Parts:
    return mean_of(view, "offers", SCOPES, waited(view), offered(view))


def _wait_answered(view: View) -> Parts:
    return mean_of(view, "offers", SCOPES, waited(view), offered(view) & answered(view))


def _wait_abandoned(view: View) -> Parts:
    return mean_of(view, "offers", SCOPES, waited(view), offered(view) & abandoned(view))


def _wait_samples(view: View) -> Parts:
    return sampled(view, "offers", SCOPES, waited(view), offered(view))


def _queue_length(view: View) -> Parts:
    lengths = steps.overlap(*view.stays("offers", "entered_us", "left_us")[1:], view.from_us, view.to_us)
    return by(view, "offers", SCOPES, lengths, float(view.span_us))


def _queue_max(view: View) -> Parts:
    parts: Parts = {}
    codes = view.codes("offers", "queue")
    for i, name in ((-1, ""), *enumerate(view.names["queue"])):
        rows = np.ones(len(codes), bool) if i < 0 else codes == i
        _, start, end = view.stays("offers", "entered_us", "left_us", rows=rows)
        scope = ALL if i < 0 else (("queue", name),)
        parts[scope] = Part(float(steps.peak(start, end, view.from_us, view.to_us)), 1.0)
    return parts


def _oldest(view: View) -> Parts:
    """Longest time any offer had been waiting at any instant of the window."""
    parts: Parts = {}
    codes = view.codes("offers", "queue")
    _, start, end = view.stays("offers", "entered_us", "left_us")
    seen = np.where((start < view.to_us) & (end > view.from_us), np.minimum(end, view.to_us) - start, 0) / SECOND
    for i, name in ((-1, ""), *enumerate(view.names["queue"])):
        mine = seen if i < 0 else seen[codes == i]
        parts[ALL if i < 0 else (("queue", name),)] = Part(float(mine.max(initial=0.0)), 1.0)
    return parts


# --- words -----------------------------------------------------------------------------------------------------


def service_level_words(scenario: Scenario) -> str:
    """The service level that this scenario's switches make, in words."""
    level = scenario.service_level
    below = ["answered"]
    if level.count_abandons:
        below.append(
            "abandoned" if level.count_short_abandons else f"abandoned after {spoken(level.short_abandon_us)} or more"
        )
    if level.count_flow_outs:
        below.append("flowed out")
    if level.count_blocked:
        below.append("blocked")
    return (
        f"service level of the queue: connected to an agent within {spoken(level.within_us)} of queue entry ÷ "
        f"({' + '.join(below)}), of offers that entered in the window; an agent's connect stops the clock, not his "
        "reply; customers who gave up silently count as answered, the platform cannot see them"
    )


def _answered_within_words(scenario: Scenario) -> str:
    return (
        f"offers connected to an agent within {spoken(scenario.service_level.within_us)} of queue entry ÷ all offers "
        "of the window, abandoned and still waiting ones included; stands beside first_reply_within"
    )


def _first_reply_words(scenario: Scenario) -> str:
    return (
        f"offers whose first agent reply left within {spoken(scenario.service_level.within_us)} of queue entry ÷ all "
        "offers of the window: what the customer notices, where answered_within is what the platform counts"
    )


def _over_words(scenario: Scenario) -> str:
    return f"offers answered after strictly more than {spoken(scenario.service_level.within_us)}, per replication"


def _short_words(scenario: Scenario) -> str:
    limit = spoken(scenario.service_level.short_abandon_us)
    return f"offers abandoned after strictly less than {limit}, per replication; also in nAbandoned"


LEVEL = (
    Measure("oServiceLevel", "share", service_level_words, SCOPES, _service_level),
    Measure("oServiceTarget", "share", "the target the scenario sets for oServiceLevel", ("queue",), _target),
    Measure("answered_within", "share", _answered_within_words, SCOPES, _answered_within),
    Measure("first_reply_within", "share", _first_reply_words, SCOPES, _first_reply_within),
    Measure(
        "abandon_share", "share",
        "abandoned offers (the customer disconnected in the queue) ÷ all offers of the window", SCOPES, _abandon_share,
    ),
    Measure(
        "silent_share", "share",
        "offers whose customer stopped reading in the queue without a sign ÷ all offers of the window; the platform "
        "does not see it", SCOPES, _silent_share,
    ),
)  # fmt: skip

COUNTS = (
    Measure("nOffered", "count", "entries into the queue in the window, per replication", SCOPES, _n_offered),
    Measure("nAnswered", "count", "of these offers: connected to an agent, per replication", SCOPES, _n_answered),
    Measure("nAbandoned", "count", "of these offers: abandoned, short ones included, per replication", SCOPES,
            _n_abandoned),
    Measure("nFlowOut", "count", "of these offers: taken out of the queue by the in-queue flow, into another queue or "
            "disconnected, per replication", SCOPES, _n_flowed_out),
    Measure("tShortAbandon", "count", _short_words, SCOPES, _n_short),
    Measure("nOverSla", "count", _over_words, SCOPES, _n_over),
    Measure("nGaveUp", "count", "of these offers: the customer stopped reading without a sign, per replication; they "
            "stay in the queue and are answered like others", SCOPES, _n_gave_up),
    Measure("nBlocked", "count", "turned away in the window because max_waiting already waited, per replication; "
            "neither offered nor abandoned", SCOPES, _n_blocked),
    Measure("censored_offers", "count", "offers of the window still waiting when the run ended, per replication: in no "
            "mean wait, but in the denominators that say all offers", SCOPES, _censored),
)  # fmt: skip

WAITS = (
    Measure("tWait", "s", "mean time from queue entry to connect, abandon or flow-out, alerting included, over all "
            "offers of the window that left the queue", SCOPES, _wait_all),
    Measure("tWait_answered", "s", "mean time from queue entry to connect over the answered offers of the window",
            SCOPES, _wait_answered),
    Measure("tAbandon", "s", "mean time from queue entry to abandon, over the abandoned offers of the window, short "
            "ones included", SCOPES, _wait_abandoned),
    Measure("tFlowOut", "s", "mean time from queue entry to flow-out, over the offers of the window that flowed out",
            SCOPES, _wait_flowed_out),
    Measure("tWait_p50", "s", "median of tWait: half of all offers that left the queue waited no longer", SCOPES,
            _wait_samples, quantile=0.5),
    Measure("tWait_p90", "s", "90 % of all offers of the window that left the queue waited no longer (pooled over "
            "replications)", SCOPES, _wait_samples, quantile=0.9),
    Measure("wait_probability", "share", "offers for which no agent was free, neither connected nor alerted at the "
            "instant of queue entry ÷ all offers of the window; an agent's time to accept is no wait here", SCOPES,
            _wait_probability),
    Measure("queue_length_mean", "count", "mean number waiting over the window, from queue entry to connect or "
            "abandon, alerting and silent ones included", SCOPES, _queue_length),
    Measure("queue_length_max", "count", "largest number waiting at any moment of the window, mean over replications",
            ("queue",), _queue_max),
    Measure("oldest_waiting_max", "s", "longest time anybody had been waiting at any moment of the window, mean over "
            "replications", ("queue",), _oldest),
)  # fmt: skip
