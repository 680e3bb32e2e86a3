"""The queue: offered, answered, abandoned, service level, waits, who waits now.

The cohort is the offers (one stay in one queue each) that entered in the window. Names as the platform's analytics.
"""

from __future__ import annotations

import numpy as np

from simulator.metrics import cohorts, steps
from simulator.metrics.offers import (
    SCOPES,
    abandoned,
    answered,
    blocked,
    blocked_codes,
    flowed_out,
    not_at_once,
    offered,
    over,
    short,
    waited,
)
from simulator.metrics.parts import ALL, Measure, Part, Parts, by, mean_of, sampled
from simulator.metrics.sources import ERLANG, LEVEL_PAGE, LITTLE, METRICS_PAGE, OFFERED_PAGE, platform
from simulator.metrics.window import View
from simulator.scenario.schema import Scenario
from simulator.vocabulary.clock import SECOND, spoken

# --- measures --------------------------------------------------------------------------------------------------


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
    return by(view, "offers", SCOPES, chosen & (reply <= view.scenario.service_level.limit_us("first_reply")), chosen)


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


def _wait_short(view: View) -> Parts:
    return mean_of(view, "offers", SCOPES, waited(view), offered(view) & short(view))


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


def _answered_within_words(scenario: Scenario) -> str:
    return (
        f"offers connected to an agent within {spoken(scenario.service_level.within_us)} of queue entry ÷ all offers "
        "of the window, abandoned and still waiting ones included; stands beside first_reply_within"
    )


def _first_reply_words(scenario: Scenario) -> str:
    return (
        f"offers whose first agent reply left within {spoken(scenario.service_level.limit_us('first_reply'))} of queue "
        "entry ÷ all offers of the window: what the customer notices, where answered_within is what the platform counts"
    )


def _over_words(scenario: Scenario) -> str:
    return f"offers answered after strictly more than {spoken(scenario.service_level.within_us)}, per replication"


def _short_words(scenario: Scenario) -> str:
    limit = spoken(scenario.service_level.short_abandon_us)
    return f"offers abandoned after strictly less than {limit}, per replication; also in nAbandoned"


def _short_wait_words(scenario: Scenario) -> str:
    limit = spoken(scenario.service_level.short_abandon_us)
    return f"mean time from queue entry to abandon, over the offers of the window abandoned after less than {limit}"


SHARES = (
    Measure("oServiceTarget", "share", "the target the scenario sets for oServiceLevel", ("queue",), _target,
            title="service level target", formula="target", cohort=cohorts.SETTING, source=platform("oServiceTarget")),
    Measure("answered_within", "share", _answered_within_words, SCOPES, _answered_within,
            title="answered within the limit, of all offers", formula="(Σ answered − Σ over) ÷ Σ offered",
            open=True, cohort=cohorts.OFFERS),
    Measure("first_reply_within", "share", _first_reply_words, SCOPES, _first_reply_within,
            title="first reply within the limit, of all offers", formula="Σ replied_in_time ÷ Σ offered",
            open=True, cohort=cohorts.OFFERS),
    Measure(
        "abandon_share", "share",
        "abandoned offers (the customer disconnected in the queue) ÷ all offers of the window", SCOPES, _abandon_share,
            title="abandoned in queue", formula="Σ abandoned ÷ Σ offered", cohort=cohorts.OFFERS,
            source=platform("tAbandon", METRICS_PAGE, "count, as Abandon %")),
    Measure(
        "silent_share", "share",
        "offers whose customer stopped reading in the queue without a sign ÷ all offers of the window; the platform "
        "does not see it", SCOPES, _silent_share,
            title="gave up silently in queue", formula="Σ gave_up ÷ Σ offered", cohort=cohorts.OFFERS),
)  # fmt: skip

COUNTS = (
    Measure("nOffered", "count", "entries into the queue in the window, per replication", SCOPES, _n_offered,
            title="offered to queues", formula="Σ offered ÷ replications", cohort=cohorts.OFFERS,
            source=platform("nOffered", OFFERED_PAGE)),
    Measure("nAnswered", "count", "of these offers: connected to an agent, per replication", SCOPES, _n_answered,
            title="answered", formula="Σ answered ÷ replications", cohort=cohorts.OFFERS,
            source=platform("tAnswered", METRICS_PAGE, "count")),
    Measure("nAbandoned", "count", "of these offers: abandoned, short ones included, per replication", SCOPES,
            _n_abandoned,
            title="abandoned", formula="Σ abandoned ÷ replications", cohort=cohorts.OFFERS,
            source=platform("tAbandon", METRICS_PAGE, "count")),
    Measure("nFlowOut", "count", "of these offers: taken out of the queue by the in-queue flow, into another queue or "
            "disconnected, per replication", SCOPES, _n_flowed_out,
            title="flowed out", formula="Σ flowed_out ÷ replications", cohort=cohorts.OFFERS,
            source=platform("tFlowOut", OFFERED_PAGE, "count")),
    Measure("nShortAbandon", "count", _short_words, SCOPES, _n_short,
            title="abandoned, short", formula="Σ short ÷ replications", cohort=cohorts.OFFERS,
            source=platform("tShortAbandon", LEVEL_PAGE, "count")),
    Measure("nOverSla", "count", _over_words, SCOPES, _n_over,
            title="answered over the limit", formula="Σ over ÷ replications", cohort=cohorts.OFFERS,
            source=platform("nOverSla")),
    Measure("nGaveUp", "count", "of these offers: the customer stopped reading without a sign, per replication; they "
            "stay in the queue and are answered like others", SCOPES, _n_gave_up,
            title="gave up silently", formula="Σ gave_up ÷ replications", cohort=cohorts.OFFERS),
    Measure("nBlocked", "count", "turned away in the window because max_waiting already waited, per replication; "
            "neither offered nor abandoned", SCOPES, _n_blocked,
            title="turned away by a full queue", formula="Σ blocked ÷ replications", cohort=cohorts.BLOCKED),
    Measure("censored_offers", "count", "offers of the window still waiting when the run ended, per replication: in no "
            "mean wait, but in the denominators that say all offers", SCOPES, _censored,
            title="still waiting when the run ended", formula="(Σ offered − Σ left) ÷ replications",
            cohort=cohorts.OFFERS),
)  # fmt: skip

WAITS = (
    Measure("tWait", "s", "mean time from queue entry to connect, abandon or flow-out, alerting included, over all "
            "offers of the window that left the queue", SCOPES, _wait_all,
            title="wait in queue, mean", formula="Σ wait ÷ Σ left", cohort=cohorts.OFFERS, source=platform("tWait")),
    Measure("tAnswered", "s", "mean time from queue entry to connect over the answered offers of the window",
            SCOPES, _wait_answered,
            title="wait of the answered, mean", formula="Σ (wait · answered) ÷ Σ answered", cohort=cohorts.OFFERS,
            source=platform("tAnswered")),
    Measure("tWait_answered", "s", "the same as tAnswered, the platform's name for it", SCOPES, _wait_answered,
            title="wait of the answered, mean (tAnswered)", formula="Σ (wait · answered) ÷ Σ answered",
            cohort=cohorts.OFFERS, source=platform("tAnswered")),
    Measure("tAbandon", "s", "mean time from queue entry to abandon, over the abandoned offers of the window, short "
            "ones included", SCOPES, _wait_abandoned,
            title="wait until abandon, mean", formula="Σ (wait · abandoned) ÷ Σ abandoned", cohort=cohorts.OFFERS,
            source=platform("tAbandon")),
    Measure("tShortAbandon", "s", _short_wait_words, SCOPES, _wait_short,
            title="wait until a short abandon, mean", formula="Σ (wait · short) ÷ Σ short", cohort=cohorts.OFFERS,
            source=platform("tShortAbandon", LEVEL_PAGE)),
    Measure("tFlowOut", "s", "mean time from queue entry to flow-out, over the offers of the window that flowed out",
            SCOPES, _wait_flowed_out,
            title="wait until flow-out, mean", formula="Σ (wait · flowed_out) ÷ Σ flowed_out", cohort=cohorts.OFFERS,
            source=platform("tFlowOut", OFFERED_PAGE)),
    Measure("tWait_p50", "s", "median of tWait: half of all offers that left the queue waited no longer", SCOPES,
            _wait_samples, quantile=0.5,
            title="wait in queue, median", formula="quantile(wait, 50 %)", cohort=cohorts.OFFERS),
    Measure("tWait_p90", "s", "90 % of all offers of the window that left the queue waited no longer (pooled over "
            "replications)", SCOPES, _wait_samples, quantile=0.9,
            title="wait in queue, 90 % below", formula="quantile(wait, 90 %)", cohort=cohorts.OFFERS),
    Measure("wait_probability", "share", "offers for which no agent was free, neither connected nor alerted at the "
            "instant of queue entry ÷ all offers of the window; an agent's time to accept is no wait here", SCOPES,
            _wait_probability,
            title="had to wait", formula="Σ not_at_once ÷ Σ offered", cohort=cohorts.OFFERS, source=ERLANG),
    Measure("queue_length_mean", "count", "mean number waiting over the window, from queue entry to connect or "
            "abandon, alerting and silent ones included", SCOPES, _queue_length,
            title="waiting, mean", formula="∫ waiting dt ÷ window", cohort=cohorts.QUEUE_TIME, source=LITTLE),
    Measure("queue_length_max", "count", "largest number waiting at any moment of the window, mean over replications",
            ("queue",), _queue_max,
            title="waiting, most", formula="Σ max(waiting) ÷ replications", cohort=cohorts.QUEUE_TIME),
    Measure("oldest_waiting_max", "s", "longest time anybody had been waiting at any moment of the window, mean over "
            "replications", ("queue",), _oldest,
            title="oldest waiting, longest", formula="Σ max(age_of_oldest) ÷ replications", cohort=cohorts.QUEUE_TIME),
)  # fmt: skip
