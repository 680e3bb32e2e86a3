"""Sentences about the way out: what was blocked, cut, held back, delivered, read or lost, and by which rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from simulator.platforms import platform
from simulator.scenario.channels import replies_allowed, reply_windows_us
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


IN_FLOW = 24
"""Place of the flow's messages among what happens at one instant: before the queue is entered."""


def letters(story: Mapping[str, pd.DataFrame], scenario: Scenario) -> Iterator[Sentence]:
    """What happened to each message that did not simply leave and arrive, and what customers' messages brought."""
    yield from _heard(story)
    rows = story["deliveries"]
    if rows.empty:
        return
    yield from _answers(story, scenario)
    pieces_of = _pieces_of(rows)
    for row in rows.itertuples():
        number, what, in_flow = int(row.portion), _what(row), row.lane == "flow"
        rank = IN_FLOW if in_flow else 71
        if row.state == "blocked" and row.kind != "part":
            yield int(row.blocked_us), number, IN_FLOW if in_flow else 65, _blocked(row, scenario)
        elif row.state == "blocked":
            text = "A further part of it is blocked: the customer's latest message has had all its replies."
            yield int(row.blocked_us), number, rank, text
        elif row.content == "attachment" and row.state == "failed":
            yield _at(row), number, 12 if row.lane == "customer" else 71, _refused(row, scenario)
        elif row.content == "attachment" and _there(row.sent_us):
            text = f"{row.agent} adds an attachment{_megabytes(row)}: it goes as a message of its own."
            yield int(row.sent_us), number, rank, text
        if row.kind == "template" and _there(row.sent_us):
            text = f"{row.agent} sends the template {row.template}: only the customer's answer opens the window again."
            yield int(row.sent_us), number, 66, text
        if row.Index in pieces_of and _there(row.characters) and _there(row.sent_us):
            text = _cut(what, pieces_of[row.Index])
            if text:
                yield int(row.sent_us), number, rank, text
        if _there(row.sent_us) and int(row.sent_us) > int(row.written_us):
            text = f"{what} had to wait {spoken(int(row.sent_us) - int(row.written_us))} for the way out, and leaves."
            yield int(row.sent_us), number, 69, text
        elif row.state == "pending":
            yield _at(row), number, 69, f"{what} is held back: the way out is closed."
        yield from _journey(row, number, what, scenario)


def _heard(story: Mapping[str, pd.DataFrame]) -> Iterator[Sentence]:
    """Voice notes, what they cost the agent, and the way through the middleware, turn by turn."""
    for row in story["turns"].itertuples():
        if _there(row.middleware_us) and row.middleware_us:
            text = f"What he wrote took {spoken(int(row.middleware_us))} through the middleware: only now it is here."
            yield int(row.first_message_us), int(row.portion), 12, text
        if not _there(row.reply_started_us):
            continue
        notes = []
        if row.listening_us:
            notes.append(f"hearing the customer's voice note takes {spoken(int(row.listening_us))}")
        if row.recording_us:
            notes.append(f"recording the reply as one takes {spoken(int(row.recording_us))}")
        if notes:
            text = f"As long as they last, for anybody: {', '.join(notes)}."
            yield int(row.reply_started_us), _portion_at(story, int(row.reply_started_us)), 61, text


def _answers(story: Mapping[str, pd.DataFrame], scenario: Scenario) -> Iterator[Sentence]:
    """The answer to a template is the blocked turn once more: the same number of the same contact."""
    turns = story["turns"]
    for sent in story["deliveries"].itertuples():
        if sent.kind != "template" or not _there(sent.sent_us):
            continue
        same = turns[(turns["contact"] == sent.contact) & (turns["turn"] == sent.turn)]
        for row in same[same["first_message_us"] > sent.sent_us].head(1).itertuples():
            window_us, _ = reply_windows_us(scenario.channels[str(sent.channel)])
            after, open_for = int(row.first_message_us) - int(sent.sent_us), spoken(window_us or 0)
            text = (
                f"{row.contact} answers the template {sent.template}, {spoken(after)} after it left: "
                f"free text may be sent to him again for {open_for}."
            )
            yield int(row.first_message_us), int(row.portion), 10, text


def _cut(what: str, pieces: tuple[int, int, int]) -> str:
    """`pieces`: messages, how many of them left, and in how many parts these travel."""
    count, left, parts = pieces
    into = f" of {parts} parts" if parts > left else ""
    if count > left:
        return f"{what} is longer than one message may be: of its {count} messages {left} may leave{into}."
    if count > 1:
        return f"{what} is longer than one message may be: it leaves as {count} messages{into}."
    return f"{what} is longer than one part: it leaves as 1 message{into}." if into else ""


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
    name, ours = platform(channel.platform).name, f"the scenario's rule for {row.channel}"
    who = f"{row.agent}'s reply" if row.lane == "agent" else "A message of the flow"
    if row.reason == "replies":
        most = replies_allowed(channel)
        replies = "1 reply" if most == 1 else f"{most} replies"
        rule = name if channel.reply_rule == "platform" else ours
        return f"{who} is blocked: {rule} allows {replies} to one message of the customer."
    limit, window = channel.reply_window.people_us, reply_windows_us(channel)[0]
    if row.lane != "agent":
        limit, window = channel.reply_window.bots_us, reply_windows_us(channel)[1]
    rule, allowed = name if limit == "platform" else ours, spoken(window or 0)
    since = int(row.since_inbound_us) if _there(row.since_inbound_us) else 0
    ready = f"{spoken(since)} after the customer's latest message"
    if spoken(since) == allowed:  # too late by less than the words tell
        ready = f"{spoken(since - (window or 0))} later than {allowed} after the customer's latest message"
    held = "is ready" if row.blocked_us == row.written_us else "was held back, and may leave only"
    return f"{who} {held} {ready}; {rule} takes free text for {allowed} only: it is blocked."


def _refused(row: Any, scenario: Scenario) -> str:
    record = platform(scenario.channels[str(row.channel)].platform)
    whose = f"{row.agent}'s" if _there(row.agent) else "the customer's"
    why = "does not carry files of its type" if row.reason == "attachment_type" else "does not carry files so large"
    return f"An attachment of {whose}{_megabytes(row)} fails: {record.name} {why}. The text goes all the same."


def _megabytes(row: Any) -> str:
    return f" ({row.bytes / 1e6:.3g} MB)" if _there(row.bytes) else ""


def _pieces_of(rows: pd.DataFrame) -> dict[Any, tuple[int, int, int]]:
    """Messages of each text, how many of them left, and in how many parts, by the row of its first message."""
    found: dict[Any, tuple[int, int, int]] = {}
    first: Any = None
    for row in rows.itertuples():
        left = int(_there(row.sent_us))
        if row.kind != "part":
            first = row.Index
            found[first] = (1, left, left * int(row.parts))
        elif first in found and (row.content == "text" or row.state == "blocked"):
            count, sent, parts = found[first]
            found[first] = (count + 1, sent + left, parts + left * int(row.parts))
    return found


def _portion_at(story: Mapping[str, pd.DataFrame], at_us: int) -> int:
    """Number of the portion that was the latest at a time."""
    portions = story["portions"]
    return int(portions.loc[portions["opened_us"] <= at_us, "portion"].max())


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
