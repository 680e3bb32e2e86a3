"""The way out, message by message: windows, templates and what they cost, lengths, delivery.

Messages belong to the window by when they were written, the risk of a late reply by the last message of the burst that
it answers. Hours are those of the local day: `{"hour": "14"}` is from 14:00 to 15:00.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulator.metrics import cohorts
from simulator.metrics.parts import Measure, Part, Parts, by, mean_of, sampled
from simulator.metrics.window import HOURS, REASONS, View
from simulator.platforms import platform
from simulator.scenario.channels import replies_allowed, reply_windows_us
from simulator.scenario.replies import ways
from simulator.scenario.schema import Scenario
from simulator.vocabulary.clock import MINUTE, SECOND

_STEP = 15 * MINUTE
_DAY = 24 * 60


def windowed(scenario: Scenario) -> tuple[str, ...]:
    """Channels where what may be written is bounded: until when, or how many replies."""
    channels = scenario.channels.items()
    return tuple(sorted(n for n, one in channels if any(reply_windows_us(one)) or replies_allowed(one) is not None))


def carried(scenario: Scenario) -> tuple[str, ...]:
    """Channels of which the scenario says how messages travel; elsewhere what leaves is delivered."""
    return tuple(sorted(name for name, one in scenario.channels.items() if one.delivery or one.middleware))


def attached(scenario: Scenario) -> bool:
    """Does anybody send files?"""
    customers = any(behaviour.attachments for behaviour in scenario.behaviours.values())
    return customers or any(reply.attachments for reply in ways(scenario))


def templated(scenario: Scenario) -> dict[str, str]:
    """Channels with a reply window for people whose platform has templates, and the category of what they would send:
    that of the channel's template, else utility (assumed: an answer to what a customer asked)."""
    templates = scenario.outbound.templates
    return {
        name: templates[one.template].category if one.template in templates else "utility"
        for name, one in sorted(scenario.channels.items())
        if platform(one.platform).templates and reply_windows_us(one)[0] is not None
    }


def speaking(scenario: Scenario) -> bool:
    """May anybody speak instead of writing?"""
    said = [*(one.voice for one in scenario.behaviours.values()), *(reply.voice for reply in ways(scenario))]
    return any(said) and any(platform(one.platform).voice_notes for one in scenario.channels.values())


def scopes(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Names of the scopes that only these measures have, as far as a scenario has any use for them."""
    bound = windowed(scenario)
    has_reasons = bool(bound or carried(scenario) or attached(scenario))
    return {"hour": HOURS if bound else (), "reason": REASONS if has_reasons else ()}


def _if(used: object) -> float:
    """A count per replication; null, not 0, where a scenario has no use for it."""
    return 1.0 if used else 0.0


def _carried(view: View) -> np.ndarray:
    """Messages on those channels. [delivery]"""
    return view.codes("deliveries", "channel", carried(view.scenario)) >= 0


def local_hours(view: View, times: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """The local hour of the day of the chosen times, -1 for others and where it is nan. [time]"""
    known = rows & ~np.isnan(times)
    hours = np.full(len(times), -1)
    if known.any():
        at = times[known].astype(np.int64)
        calendar = view.scenario.calendar
        step = at // _STEP
        first = int(step.min())
        local = [calendar.local(number * _STEP) for number in range(first, int(step.max()) + 1)]
        minutes = np.array([moment.hour * 60 + moment.minute for moment in local])
        hours[known] = (minutes[step - first] + (at % _STEP) // MINUTE) % _DAY // 60
    return hours


# --- windows ---------------------------------------------------------------------------------------------------


def _ours(view: View) -> np.ndarray:
    """Messages of the business, written in the window. [delivery]"""

    def rows() -> np.ndarray:
        return view.cohort("deliveries", "written_us") & ~view.equals("deliveries", "lane", "customer")

    return view.kept("messages of the business", rows)  # type: ignore[no-any-return]


def _blocked(view: View) -> Parts:
    rows = _ours(view) & view.equals("deliveries", "state", "blocked") & view.equals("deliveries", "kind", "reply")
    codes = {"hour": local_hours(view, view.column("deliveries", "blocked_us"), rows)}
    return by(view, "deliveries", ("channel", "hour"), rows, _if(windowed(view.scenario)), codes)


def _blocked_by_reason(view: View) -> Parts:
    rows = _ours(view) & view.equals("deliveries", "state", "blocked")
    return by(view, "deliveries", ("channel", "reason"), rows, _if(windowed(view.scenario)))


def _risk(view: View) -> Parts:
    bound = view.codes("turns", "channel", windowed(view.scenario)) >= 0
    rows = view.cohort("turns", "last_message_us") & bound & ~view.equals("turns", "outcome", "contained", "blocked")
    shut = view.equals("turns", "outcome", "window_closed")
    codes = {"hour": local_hours(view, view.column("turns", "last_message_us"), rows)}
    return by(view, "turns", ("channel", "hour"), rows & shut, rows, codes)


def _left_of_window(view: View) -> Parts:
    """What was left of the window when a free text of an agent left, in the channels that have one."""
    window = np.array(
        [reply_windows_us(view.scenario.channels[name])[0] or np.nan for name in view.names["channel"]] + [np.nan]
    )[view.codes("deliveries", "channel")]
    rows = _ours(view) & view.equals("deliveries", "kind", "reply") & view.has("deliveries", "sent_us")
    left = (window - view.column("deliveries", "since_inbound_us")) / SECOND
    return sampled(view, "deliveries", ("channel",), left, rows)


# --- templates -------------------------------------------------------------------------------------------------


def _too_late(view: View) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Replies after the window that a template could follow; and the local hour of the block. [delivery] each"""
    rows = _ours(view) & view.equals("deliveries", "kind", "reply") & view.equals("deliveries", "reason", "window")
    rows &= view.equals("deliveries", "channel", *templated(view.scenario))
    return rows, {"hour": local_hours(view, view.column("deliveries", "blocked_us"), rows)}


def _needed(view: View) -> Parts:
    rows, codes = _too_late(view)
    return by(view, "deliveries", ("channel", "hour"), rows, _if(templated(view.scenario)), codes)


def _needed_cost(view: View) -> Parts:
    """What those templates cost if every one is sent and delivered; null where no rate is given."""
    rates, category = view.scenario.outbound.template_rates, templated(view.scenario)
    price = np.array([getattr(rates, category[name]) for name in category] + [0.0])
    rows, codes = _too_late(view)
    cost = np.where(rows, price[view.codes("deliveries", "channel", tuple(category))], 0.0)
    return by(view, "deliveries", ("channel", "hour"), cost, _if(price.any()), codes)


def _templates(view: View) -> Parts:
    rows = _ours(view) & view.equals("deliveries", "kind", "template")
    return by(view, "deliveries", ("channel",), rows, _if(view.scenario.outbound.templates))


def _template_cost(view: View) -> Parts:
    """Delivered templates at the rate of their category, those of bulk messages too where the scenario names them."""
    out = view.scenario.outbound
    rates = {name: getattr(out.template_rates, template.category) for name, template in out.templates.items()}
    known = tuple(sorted(rates))
    price = np.array([rates[name] for name in known] + [0.0])
    there = view.equals("deliveries", "state", "delivered", "read") & _ours(view)
    cost = np.where(there, price[view.codes("deliveries", "template", known)], 0.0)
    parts = by(view, "deliveries", ("channel",), cost, _if(out.templates))
    source = view.codes("sends", "source")
    bulk = [*out.campaigns.items(), *out.notifications.items()]
    of_source = {name: rates.get(sends.template, 0.0) for name, sends in bulk}
    paid = np.array([of_source[name] for name in view.names["source"]] + [0.0])[source]
    delivered = view.equals("sends", "outcome", "delivered") & view.cohort("sends", "requested_us")
    for scope, part in by(view, "sends", ("channel",), np.where(delivered, paid, 0.0), 1.0).items():
        parts[scope] = Part(parts[scope].numerator + part.numerator, parts[scope].denominator)
    return parts


# --- lengths ---------------------------------------------------------------------------------------------------


def _letters(view: View) -> tuple[np.ndarray, np.ndarray]:
    """Texts of each reply or message of a flow that has a length: messages of its own, by its first. [delivery]"""
    kind = view.equals("deliveries", "kind", "part") & view.equals("deliveries", "content", "text")
    first = ~view.equals("deliveries", "kind", "part", "template") & view.has("deliveries", "characters")
    number = np.cumsum(~view.equals("deliveries", "kind", "part")) - 1  # parts follow their first message
    pieces = np.bincount(number[kind & (number >= 0)], minlength=int(number.max(initial=-1)) + 1)
    return first, (1 + pieces)[np.maximum(number, 0)] if len(number) else np.zeros(0)


def _split(view: View) -> Parts:
    first, pieces = view.kept("pieces of letters", lambda: _letters(view))
    rows = first & _ours(view)
    return by(view, "deliveries", ("channel",), rows & (pieces > 1), rows)


def _per_letter(view: View) -> Parts:
    first, pieces = view.kept("pieces of letters", lambda: _letters(view))
    rows = first & _ours(view)
    return by(view, "deliveries", ("channel",), np.where(rows, pieces, 0), rows)


def _parts(view: View) -> Parts:
    rows = _ours(view) & view.has("deliveries", "sent_us")
    sized = view.has("deliveries", "characters").any()
    return by(view, "deliveries", ("channel",), np.where(rows, view.column("deliveries", "parts"), 0.0), _if(sized))


def _refused(view: View) -> Parts:
    rows = view.cohort("deliveries", "written_us") & view.equals("deliveries", "content", "attachment")
    failed = rows & view.equals("deliveries", "state", "failed")
    return by(view, "deliveries", ("channel",), failed, _if(attached(view.scenario)))


def _files(view: View) -> Parts:
    rows = _left(view) & view.equals("deliveries", "content", "attachment")
    return by(view, "deliveries", ("channel",), rows, _if(attached(view.scenario)))


def _voice(view: View) -> Parts:
    """Of the time from turning to a reply to sending it."""
    rows = view.cohort("turns", "last_message_us") & speaking(view.scenario)
    rows = rows & view.has("turns", "reply_started_us") & view.has("turns", "reply_us")
    taken = view.column("turns", "reply_us") - view.column("turns", "reply_started_us")
    spoken = view.column("turns", "listening_us") + view.column("turns", "recording_us")
    return by(view, "turns", ("queue", "channel"), np.where(rows, spoken, 0.0), np.where(rows, taken, 0.0))


# --- delivery --------------------------------------------------------------------------------------------------


def _left(view: View) -> np.ndarray:
    return _ours(view) & view.has("deliveries", "sent_us")


def _delivered(view: View) -> Parts:
    rows = _left(view) & ~view.equals("deliveries", "state", "sent") & _carried(view)
    return by(view, "deliveries", ("channel",), rows & view.has("deliveries", "delivered_us"), rows)


def _failed(view: View) -> Parts:
    rows = _ours(view) & view.equals("deliveries", "state", "failed")
    told = _if(carried(view.scenario) or attached(view.scenario))
    return by(view, "deliveries", ("channel", "reason"), rows, told)


def _of_states(later: str, earlier: str) -> Callable[[View], np.ndarray]:
    def taken(view: View) -> np.ndarray:
        return (view.column("deliveries", later) - view.column("deliveries", earlier)) / SECOND

    return taken


def _mean(taken: Callable[[View], np.ndarray]) -> Callable[[View], Parts]:
    return lambda view: mean_of(view, "deliveries", ("channel",), taken(view), _ours(view) & _carried(view))


def _samples(taken: Callable[[View], np.ndarray]) -> Callable[[View], Parts]:
    return lambda view: sampled(view, "deliveries", ("channel",), taken(view), _ours(view) & _carried(view))


def _read(view: View) -> Parts:
    rows = _ours(view) & view.has("deliveries", "delivered_us") & ~view.equals("deliveries", "state", "failed")
    asked = {name for name, channel in view.scenario.channels.items() if channel.delivery and channel.delivery.read}
    rows &= view.codes("deliveries", "channel", tuple(sorted(asked))) >= 0
    return by(view, "deliveries", ("channel",), rows & view.has("deliveries", "read_us"), rows)


def _undelivered(view: View) -> Parts:
    rows = view.cohort("contacts", "arrived_us") & view.equals("contacts", "outcome", "undelivered")
    return by(view, "contacts", ("channel",), rows, _if(carried(view.scenario)))


def _middleware(view: View) -> Parts:
    taken = view.column("turns", "middleware_us") / SECOND
    return mean_of(view, "turns", ("channel",), taken, view.cohort("turns", "first_message_us"))


def _held(view: View) -> Parts:
    rows = _ours(view) & view.has("deliveries", "sent_us")
    waited = view.column("deliveries", "sent_us") > view.column("deliveries", "written_us")
    return by(view, "deliveries", ("channel",), rows & waited, 1.0)


LETTERS = (
    Measure("replies_blocked", "count", "agent replies that were ready when free text might no longer be sent (after "
            "the window, or beyond the replies that a message allows): blocked, by the hour of the block, per "
            "replication", ("channel", "hour"), _blocked,
            title="replies too late to send", formula="Σ too_late ÷ replications", cohort=cohorts.LETTERS),
    Measure("messages_blocked", "count", "messages of the business that were blocked, parts of longer replies and "
            "messages of flows included, by reason, per replication", ("channel", "reason"), _blocked_by_reason,
            title="messages blocked", formula="Σ blocked_message ÷ replications", cohort=cohorts.LETTERS),
    Measure("window_risk", "share", "bursts whose reply was blocked ÷ bursts meant for an agent, in channels with a "
            "window, by the hour of the burst's last message", ("channel", "hour"), _risk,
            title="bursts without an answer for that", formula="Σ too_late ÷ Σ for_an_agent", cohort=cohorts.BURSTS),
    Measure("window_left_p10", "s", "of the agent replies that were sent, one in ten left with less of the reply "
            "window to go (pooled over replications)", ("channel",), _left_of_window, quantile=0.1,
            title="reply window left, 10 % below", formula="quantile(window_left, 10 %)", cohort=cohorts.LETTERS),
    Measure("templates_needed", "count", "agent replies that were ready after the reply window of a platform that has "
            "templates, whether or not one was sent: only a template reaches the customer then; by the hour of the "
            "block, per replication", ("channel", "hour"), _needed,
            title="templates needed", formula="Σ template_needed ÷ replications", cohort=cohorts.LETTERS),
    Measure("templates_needed_cost", "currency", lambda scenario: "what those templates cost if every one is sent and "
            f"delivered, in {scenario.outbound.template_rates.currency} (outbound.template_rates), at the rate of the "
            "channel's `template`, of utility where it names none; per replication", ("channel", "hour"), _needed_cost,
            title="what templates needed would cost",
            formula="Σ (rate · template_needed) ÷ replications", cohort=cohorts.LETTERS),
    Measure("templates_sent", "count", "templates sent after a blocked reply, per replication", ("channel",),
            _templates,
            title="templates sent instead", formula="Σ template ÷ replications", cohort=cohorts.LETTERS),
    Measure("template_cost", "currency", lambda scenario: "delivered templates at the rate of their category in "
            f"{scenario.outbound.template_rates.currency}, bulk messages with a template of `outbound.templates` "
            "included, per replication", ("channel",), _template_cost,
            title="cost of templates", formula="Σ (rate · delivered) ÷ replications", cohort=cohorts.LETTERS),
    Measure("split_share", "share", "replies and bot messages cut into several messages ÷ those with a length",
            ("channel",), _split,
            title="texts cut into several messages", formula="Σ cut ÷ Σ text", cohort=cohorts.LETTERS),
    Measure("messages_per_text", "count", "messages that a reply or bot message with a length becomes, mean",
            ("channel",), _per_letter,
            title="messages per text, mean", formula="Σ pieces_of_text ÷ Σ text", cohort=cohorts.LETTERS),
    Measure("parts_sent", "count", "parts of messages that left (SMS: up to five in a message; elsewhere one), per "
            "replication", ("channel",), _parts,
            title="parts sent", formula="Σ parts ÷ replications", cohort=cohorts.LETTERS),
    Measure("attachments_refused", "count", "attachments of both sides that the platform does not carry, for their "
            "type or size, per replication", ("channel",), _refused,
            title="attachments refused", formula="Σ refused ÷ replications", cohort=cohorts.LETTERS),
    Measure("attachments_sent", "count", "attachments of agents that left, each as a message of its own, per "
            "replication", ("channel",), _files,
            title="attachments sent", formula="Σ file ÷ replications", cohort=cohorts.LETTERS),
    Measure("voice_share", "share", "time that agents listen to and record voice notes ÷ attention from turning to a "
            "reply to sending it, voice notes included", ("queue", "channel"), _voice,
            title="of reply attention, voice notes", formula="Σ speech ÷ Σ replying", cohort=cohorts.BURSTS),
    Measure("delivered_share", "share", "messages delivered ÷ messages that left and of which the end is known",
            ("channel",), _delivered,
            title="delivered", formula="Σ delivered ÷ Σ end_known", cohort=cohorts.LETTERS),
    Measure("messages_failed", "count", "messages of the business that were not delivered, by reason, refused "
            "attachments included, per replication", ("channel", "reason"), _failed,
            title="not delivered, or refused", formula="Σ failed ÷ replications", cohort=cohorts.LETTERS),
    Measure("delivery_time", "s", "mean time from leaving to delivery", ("channel",),
            _mean(_of_states("delivered_us", "sent_us")),
            title="leaving to delivery, mean", formula="Σ delivery ÷ Σ delivered", cohort=cohorts.LETTERS),
    Measure("delivery_time_p90", "s", "90 % of the delivered messages took no longer (pooled over replications)",
            ("channel",), _samples(_of_states("delivered_us", "sent_us")), quantile=0.9,
            title="leaving to delivery, 90 % below", formula="quantile(delivery, 90 %)", cohort=cohorts.LETTERS),
    Measure("messages_read_share", "share", "messages read ÷ messages delivered, where read receipts come",
            ("channel",), _read,
            title="read", formula="Σ read ÷ Σ delivered", cohort=cohorts.LETTERS),
    Measure("read_time", "s", "mean time from delivery to reading", ("channel",),
            _mean(_of_states("read_us", "delivered_us")),
            title="delivery to reading, mean", formula="Σ reading ÷ Σ read", cohort=cohorts.LETTERS),
    Measure("middleware_time", "s", "mean time that a burst of a customer took through the middleware, failed calls "
            "and their pauses included", ("channel",), _middleware,
            title="bursts in the middleware, mean", formula="Σ passing ÷ Σ passed", cohort=cohorts.BURSTS),
    Measure("messages_held", "count", "messages of the business that something held back before they left, per "
            "replication", ("channel",), _held,
            title="held back before leaving", formula="Σ held_back ÷ replications", cohort=cohorts.LETTERS),
    Measure("contacts_undelivered", "count", "contacts of the window whose reply never reached them, per replication",
            ("channel",), _undelivered,
            title="customers whom no reply reached", formula="Σ undelivered ÷ replications", cohort=cohorts.CONTACTS),
)  # fmt: skip
