"""Trouble: drafts that the content filter caught, and outages, what they held, lost and queued, and the way back.

Drafts belong to the window by the last message of the burst they answer, held messages by when they were written,
outages by their begin.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from simulator.metrics import cohorts, steps
from simulator.metrics.keys import at, row_of
from simulator.metrics.parts import Measure, Part, Parts, by
from simulator.metrics.window import View
from simulator.vocabulary.clock import SECOND

SCOPES = ("queue", "channel")


# --- the content filter ----------------------------------------------------------------------------------------


def _replied(view: View) -> np.ndarray:
    """Turns of the window that an agent has begun to answer, where there is a filter at all. [turn]"""
    if view.scenario.content_filter is None:
        return np.zeros(view.size("turns"), bool)
    return view.cohort("turns", "last_message_us") & view.has("turns", "reply_us")


def _filtered(view: View) -> Parts:
    rows = _replied(view)
    return by(view, "turns", SCOPES, rows & (view.column("turns", "drafts_caught") > 0), rows)


def _caught(view: View) -> Parts:
    drafts = np.where(_replied(view), view.column("turns", "drafts_caught"), 0.0)
    return by(view, "turns", SCOPES, drafts, 0.0 if view.scenario.content_filter is None else 1.0)


def _rewriting(view: View) -> Parts:
    """Of the time from turning to a reply to sending it."""
    rows = _replied(view) & view.has("turns", "reply_started_us")
    taken = view.column("turns", "reply_us") - view.column("turns", "reply_started_us")
    rewriting = view.column("turns", "rewrite_us")
    return by(view, "turns", SCOPES, np.where(rows, rewriting, 0.0), np.where(rows, taken, 0.0))


def _rewrite_time(view: View) -> Parts:
    rows = _replied(view)
    drafts = np.where(rows, view.column("turns", "drafts_caught"), 0.0)
    return by(view, "turns", SCOPES, np.where(rows, view.column("turns", "rewrite_us"), 0.0) / SECOND, drafts)


FILTER = (
    Measure("filtered_share", "share", "replies of which the content filter caught a draft (`DataFiltered`) ÷ replies "
            "sent to bursts of the window", SCOPES, _filtered,
            title="replies with a caught draft", formula="Σ caught_reply ÷ Σ replied", cohort=cohorts.BURSTS),
    Measure("nDataFiltered", "count", "drafts caught of replies to bursts of the window, per replication", SCOPES,
            _caught,
            title="drafts caught", formula="Σ drafts ÷ replications", cohort=cohorts.BURSTS),
    Measure("rewrite_share", "share", "attention that went into writing caught drafts again ÷ attention from turning "
            "to a reply to sending it, rewriting included", SCOPES, _rewriting,
            title="of reply attention, rewriting", formula="Σ rewriting ÷ Σ replying", cohort=cohorts.BURSTS),
    Measure("rewrite_time", "s", "attention that one caught draft cost, mean", SCOPES, _rewrite_time,
            title="rewriting per draft, mean", formula="Σ rewriting ÷ Σ drafts", cohort=cohorts.BURSTS),
)  # fmt: skip


# --- outages ---------------------------------------------------------------------------------------------------


def _by_outage(part: Callable[[View, np.ndarray], Part]) -> Callable[[View], Parts]:
    """The same for what each outage met, written in the window. [hold]"""

    def parts(view: View) -> Parts:
        outage, here = view.codes("holds", "outage"), view.cohort("holds", "at_us")
        return {(("outage", name),): part(view, here & (outage == i)) for i, name in enumerate(view.names["outage"])}

    return parts


def _number(direction: str, *outcomes: str) -> Callable[[View, np.ndarray], Part]:
    def part(view: View, rows: np.ndarray) -> Part:
        chosen = rows & view.equals("holds", "direction", direction)
        if outcomes:
            chosen &= view.equals("holds", "outcome", *outcomes)
        return Part(float(chosen.sum()), 1.0)

    return part


_HELD = ("released", "dropped", "waiting")


def _longest(view: View, rows: np.ndarray) -> Part:
    """What is still held counts up to the end of the run."""
    kept = rows & ~view.equals("holds", "outcome", "lost", "skipped")
    if not kept.any():
        return Part(0.0, 1.0)
    until = np.fmin(np.nan_to_num(view.column("holds", "until_us"), nan=view.end_us), view.end_us)
    return Part(float((until - view.column("holds", "at_us"))[kept].max()) / SECOND, 1.0)


def _breached(view: View, rows: np.ndarray) -> Part:
    return Part(float((rows & view.equals("holds", "outcome", "blocked")).sum()), 1.0)


def _stretches(view: View, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Begin and end of every occurrence of an outage that begins in the window. [occurrence], [occurrence]"""
    rows = view.equals("outages", "outage", name) & view.cohort("outages", "from_us")
    begins, ends = view.column("outages", "from_us")[rows], view.column("outages", "to_us")[rows]
    return begins.astype(np.int64), np.minimum(ends, view.end_us).astype(np.int64)


def _time(view: View) -> Parts:
    parts: Parts = {}
    for name in view.names["outage"]:
        rows = view.equals("outages", "outage", name)
        begins, ends = view.column("outages", "from_us")[rows], view.column("outages", "to_us")[rows]
        down = steps.overlap(begins, ends, view.from_us, view.to_us).sum()
        parts[(("outage", name),)] = Part(float(down) / SECOND, 1.0)
    return parts


def recovery(view: View) -> Parts:
    """From an outage's end until no more customers wait for an answer than when it began.

    Customers who wait: bursts that have come in and are not answered, on all channels (the agents are shared). What
    still waits when the run ends is cut there.
    """
    parts: Parts = {}
    if not view.names["outage"]:
        return parts
    at, number = steps.levels(view.column("turns", "first_message_us").astype(np.int64), _answered(view))
    for name in view.names["outage"]:
        begins, ends = _stretches(view, name)
        times = [_back(at, number, int(begin), int(end), view.end_us) for begin, end in zip(begins, ends, strict=True)]
        parts[(("outage", name),)] = Part(float(sum(times)) / SECOND, float(len(times)))
    return parts


def _answered(view: View) -> np.ndarray:
    """When nobody waits for the answer to a turn any more: its reply, or the end of a portion that leaves it without
    one, or the end of the run. [turn]"""
    over = at(view.column("portions", "disconnected_us"), row_of(view, "turns", "portions"), np.nan)
    over = np.where(view.equals("turns", "outcome", "open", "answered", "pending"), np.nan, over)
    until = np.fmin(np.fmin(view.column("turns", "reply_us"), over), float(view.end_us))
    return until.astype(np.int64)


def _back(at: np.ndarray, number: np.ndarray, begin: int, end: int, end_us: int) -> int:
    """µs from `end` until the level is again what it was just before `begin`."""
    level = np.concatenate([[0], number])
    before = level[np.searchsorted(at, begin, side="left")]
    place = int(np.searchsorted(at, end, side="right"))
    if level[place] <= before:
        return 0
    calm = np.flatnonzero(number[place:] <= before)
    return int(at[place + calm[0]] if len(calm) else end_us) - end


def _measure(name: str, unit: str, definition: str, parts: Callable[[View], Parts], **more: Any) -> Measure:
    return Measure(name, unit, definition, ("outage",), parts, overall=False, **more)


OUTAGES = (
    _measure("outage_time", "s", "time of the window in which it was down, per replication", _time,
            title="down, in the measured time", formula="∫ down dt ÷ replications", cohort=cohorts.WINDOW),
    _measure("nHeld", "count", "messages that customers wrote in the window and that came in only when it was over, "
             "per replication", _by_outage(_number("inbound", *_HELD)),
            title="customer messages held", formula="Σ held_back ÷ replications", cohort=cohorts.HOLDS),
    _measure("nLostInOutage", "count", "messages that customers wrote in the window and that never came in, per "
             "replication", _by_outage(_number("inbound", "lost")),
            title="customer messages lost", formula="Σ lost_message ÷ replications", cohort=cohorts.HOLDS),
    _measure("nQueued", "count", "messages of agents and flows that were ready in the window and had to wait for its "
             "end, per replication; bulk messages stand with their lanes", _by_outage(_number("outbound")),
            title="own messages queued", formula="Σ held_back ÷ replications", cohort=cohorts.HOLDS),
    _measure("nBotWaited", "count", "times in the window that a customer waited for the bot, per replication",
             _by_outage(_number("bot", "released", "waiting")),
            title="waited for the bot", formula="Σ waited_for_bot ÷ replications", cohort=cohorts.HOLDS),
    _measure("nBotSkipped", "count", "times in the window that a customer went on without the bot, per replication",
             _by_outage(_number("bot", "skipped")),
            title="went on without the bot", formula="Σ without_bot ÷ replications", cohort=cohorts.HOLDS),
    _measure("hold_max", "s", "longest time that a message of the window was held or queued (or a customer waited "
             "for the bot), mean over replications", _by_outage(_longest),
            title="longest hold", formula="Σ max(hold) ÷ replications", cohort=cohorts.HOLDS),
    _measure("windows_breached", "count", "replies queued in the window that could not be sent when it was over "
             "because their reply window had run out, per replication", _by_outage(_breached),
            title="reply windows breached by it", formula="Σ blocked_message ÷ replications", cohort=cohorts.HOLDS),
    _measure("recovery_time", "s", "from its end until no more bursts wait for an answer, on all channels, than when "
             "it began; mean over its occurrences that began in the window, cut at the end of the run", recovery,
            title="until waits were as before", formula="Σ recovery ÷ Σ occurrence", cohort=cohorts.OUTAGES),
)  # fmt: skip
