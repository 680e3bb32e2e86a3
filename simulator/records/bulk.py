"""The table of bulk sends."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.records.columns import NONE, minus, named, names, pick, words
from simulator.records.numbers import Numbers
from simulator.vocabulary.codes import Event, Lane

OUTCOMES = {
    Event.SEND_DELIVERED: "delivered",
    Event.SEND_FAILED: "failed",
    Event.SEND_WAITING: "waiting",
    Event.SEND_NO_OPT_IN: "no_opt_in",
}


def sends(known: Numbers) -> dict[str, Any]:
    rows = known.of(*OUTCOMES)
    requested = np.where(rows.event == Event.SEND_NO_OPT_IN, NONE, rows.value)
    left = (rows.event == Event.SEND_DELIVERED) | (rows.event == Event.SEND_FAILED)
    sent = np.where(left, rows.time, NONE)
    return {
        "source": named(rows.agent, known.sources),
        "ordinal": rows.message,
        "channel": known.channel(pick(known.source_channel, rows.agent)),
        "lane": named(rows.queue, words(Lane)),
        "requested_us": requested,
        "sent_us": sent,
        "delay_us": minus(sent, requested),
        "outcome": named(rows.event - Event.SEND_DELIVERED, names(list(OUTCOMES.values()))),
    }
