"""Sentences about the way out: what was blocked, cut, held back, delivered, read or lost, and by which rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from simulator.platforms import platform
from simulator.vocabulary.clock import spoken

if TYPE_CHECKING:
    import pandas as pd

    from simulator.scenario import Scenario

Sentence = tuple[int, int, int, str]
"""Time, portion, rank among those of the instant, text."""

REASONS = {
    "unreachable": "his device could not be reached",
    "platform_error": "the platform had an error",
    "number_invalid": "the number is not valid, so nobody tries again",
    "blocked_by_customer": "he has blocked us, so nobody tries again",
    "middleware": "the middleware did not take it",
}


def letters(story: Mapping[str, pd.DataFrame], scenario: Scenario) -> Iterator[Sentence]:
    """What happened to each message that did not simply leave and arrive."""
    rows = story["deliveries"]
    if rows.empty:
        return
    parts = _parts_of(rows)
    for row in rows.itertuples():
        number, what = int(row.portion), _what(row)
        if row.state == "blocked" and row.kind != "part":
            yield _at(row), number, 65, _blocked(row, scenario)
        elif row.state == "blocked":
            text = "A further part of it is blocked: the customer's latest message has had all its replies."
            yield _at(row), number, 71, text
        elif row.content == "attachment" and row.state == "failed":
            yield _at(row), number, 71, _refused(row, scenario)
        if row.kind == "template" and _there(row.sent_us):
            text = f"{row.agent} sends the template {row.template}: only the customer's answer opens the window again."
            yield int(row.sent_us), number, 66, text
        count, pieces = parts.get(row.Index, (1, int(row.parts)))
        if _there(row.characters) and (count > 1 or pieces > 1) and _there(row.sent_us):
            cut = f"{count} messages" if count > 1 else "1 message"
            into = f" of {pieces} parts" if pieces > count else ""
            text = f"{what} is longer than one message may be: it leaves as {cut}{into}."
            yield int(row.sent_us), number, 71, text
        if _there(row.sent_us) and int(row.sent_us) > int(row.written_us):
            text = f"{what} had to wait {spoken(int(row.sent_us) - int(row.written_us))} for the way out, and leaves."
            yield int(row.sent_us), number, 69, text
        elif row.state == "pending":
            yield _at(row), number, 69, f"{what} is held back: the way out is closed."
        yield from _journey(row, number, what, scenario)


def _journey(row: Any, number: int, what: str, scenario: Scenario) -> Iterator[Sentence]:
    if not _there(row.sent_us):
        return
    if _there(row.delivered_us) and int(row.delivered_us) > int(row.sent_us):
        tries = f", at attempt {int(row.attempts)}" if _there(row.attempts) and row.attempts > 1 else ""
        text = f"{what} is delivered, {spoken(int(row.delivered_us) - int(row.sent_us))} after it left{tries}."
        yield int(row.delivered_us), number, 72, text
    if _there(row.read_us):
        yield int(row.read_us), number, 73, f"{what} is read."
    if row.state == "failed":
        tries = f" after {int(row.attempts)} attempts" if _there(row.attempts) and row.attempts > 1 else ""
        text = f"{what} is not delivered{tries}: {REASONS.get(str(row.reason), str(row.reason))}."
        if row.kind == "reply":
            text += " To the customer nobody has answered."
        yield int(row.failed_us), number, 72, text


def _blocked(row: Any, scenario: Scenario) -> str:
    channel = scenario.channels[str(row.channel)]
    record = platform(channel.platform)
    who = f"{row.agent}'s reply" if row.lane == "agent" else "A message of the flow"
    if row.reason == "replies":
        most = record.replies_per_message if channel.reply_rule == "platform" else channel.reply_rule
        return f"{who} is blocked: {record.name} allows {most} replies to one message of the customer."
    window = record.agent_window_us if row.lane == "agent" else record.bot_window_us
    since = spoken(int(row.since_inbound_us)) if _there(row.since_inbound_us) else "too long"
    return (
        f"{who} is ready {since} after the customer's latest message; "
        f"{record.name} takes free text for {spoken(window or 0)} only: it is blocked."
    )


def _refused(row: Any, scenario: Scenario) -> str:
    name = platform(scenario.channels[str(row.channel)].platform).name
    whose = f"{row.agent}'s" if _there(row.agent) else "the customer's"
    why = "does not carry files of its type" if row.reason == "attachment_type" else "does not carry files so large"
    size = f" ({row.bytes / 1e6:.3g} MB)" if _there(row.bytes) else ""
    return f"An attachment of {whose}{size} fails: {name} {why}. The text goes all the same."


def _parts_of(rows: pd.DataFrame) -> dict[Any, tuple[int, int]]:
    """Texts and parts of each reply, by the row of its first message."""
    found: dict[Any, tuple[int, int]] = {}
    first: Any = None
    for row in rows.itertuples():
        if row.kind != "part":
            first = row.Index
            found[first] = (1, int(row.parts))
        elif row.content == "text" and first in found:
            count, pieces = found[first]
            found[first] = (count + 1, pieces + int(row.parts))
    return found


def _what(row: Any) -> str:
    if row.kind == "template":
        return f"The template {row.template}"
    if row.kind == "part":
        return "An attachment" if row.content == "attachment" else "A part of it"
    if row.lane == "flow":
        return "A message of the flow"
    return f"{row.agent}'s {'voice note' if row.content == 'voice' else 'reply'}"


def _at(row: Any) -> int:
    return int(row.written_us)


def _there(value: Any) -> bool:
    return value is not None and str(value) not in ("nan", "<NA>", "NaT")
