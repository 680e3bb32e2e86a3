"""Checks of the way out: every message of the business ends in one state, and none leaves outside its window."""

from __future__ import annotations

import numpy as np

from simulator.records.columns import NONE, Array, count, rank
from simulator.records.evidence import Evidence, listed
from simulator.records.letters import LEFT
from simulator.records.reading import latest_before
from simulator.scenario.channels import replies_allowed, reply_windows_us
from simulator.vocabulary.codes import Event

Verdict = tuple[bool, str]


def deliveries(known: Evidence) -> Verdict:
    """Written = sum over states; nobody's message leaves, arrives or fails twice, or arrives before it left."""
    left = known.of(*LEFT)
    blocked, refused = known.of(Event.REPLY_BLOCKED), known.of(Event.ATTACHMENT_REFUSED)
    arrived, failed, read = (
        known.of(event) for event in (Event.MESSAGE_DELIVERED, Event.MESSAGE_FAILED, Event.MESSAGE_READ)
    )
    states = known.outcomes("deliveries", "state")
    stopped = np.concatenate([blocked.message[blocked.message >= 0], refused.message])
    size = 1 + max((int(part.message.max(initial=-1)) for part in (left, arrived, failed, read)), default=-1)
    size = max(size, 1 + int(stopped.max(initial=-1)))
    ends = count(size, arrived.message) + count(size, failed.message) + count(size, stopped)
    twice = int((ends > 1).sum() + (count(size, left.message) > 1).sum())
    gone = count(size, left.message) > 0
    unsent = int(sum((~gone[part.message]).sum() for part in (arrived, failed, read)) + gone[stopped].sum())
    sent, there, seen = (known.column("deliveries", name) for name in ("sent_us", "delivered_us", "read_us"))
    early = int(((there != NONE) & ((sent == NONE) | (there < sent))).sum() + ((seen != NONE) & (seen < there)).sum())
    still = states.get("pending", 0)
    written = len(left) + len(stopped) + still
    known.balance("messages of agents and flows", written, states)
    sums = written == sum(states.values()) and len(stopped) + len(failed) == (
        states.get("blocked", 0) + states.get("failed", 0)
    )
    return sums and not (twice or unsent or early), (
        f"{written} messages were written: {listed(states)}; {twice} left or ended twice, {unsent} arrived or failed "
        f"without having left, {early} were there before they left"
    )


def windows(known: Evidence) -> Verdict:
    """Free text leaves within the channel's reply window, and no more of it than his message allows."""
    rows, received = known.of(*LEFT), known.of(Event.MESSAGE_RECEIVED)
    opened = known.of(Event.PORTION_OPENED)
    channel_of = np.full(int(opened.conversation.max(initial=-1)) + 1, -1)
    channel_of[opened.conversation] = opened.queue
    channel = channel_of[rows.conversation]
    heard = latest_before(received.conversation, received.at, rows.conversation, rows.at, len(known.log))
    since = np.where(heard >= 0, rows.time - received.time[heard] if len(received) else 0, 0)
    sent_since = rank(heard * (int(rows.conversation.max(initial=0)) + 1) + rows.conversation)
    agent, bot, most = _rules(known)
    free = rows.event != Event.TEMPLATE_SENT
    window = np.where(rows.agent >= 0, agent[channel], bot[channel])
    late = int((free & (window != NONE) & (since > window)).sum())
    many = int((free & (most[channel] != NONE) & (sent_since >= most[channel])).sum())
    known.limit("free texts after the reply window, or beyond the replies allowed", late + many, 0)
    bound = int((free & ((window != NONE) | (most[channel] != NONE))).sum())
    return not (late or many), (
        f"{bound} free texts left where a window or a number of replies is set; {late} of them after it, "
        f"{many} beyond the replies that a message of the customer allows"
    )


def _rules(known: Evidence) -> tuple[Array, Array, Array]:
    """Windows of agents and bots, and replies per message, NONE: no limit. [channel] each"""
    channels = [known.scenario.channels[name] for name in known.names.channels]

    def limits(values: list[int | None]) -> Array:
        return np.array([NONE if value is None else value for value in values], np.int64)

    windows_us = [reply_windows_us(channel) for channel in channels]
    people, bots = [us for us, _ in windows_us], [us for _, us in windows_us]
    return limits(people), limits(bots), limits([replies_allowed(channel) for channel in channels])
