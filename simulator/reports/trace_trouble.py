"""One conversation's trouble: drafts that were caught, messages that an outage held, lost or queued, bots that were
down."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from simulator.vocabulary.clock import spoken

if TYPE_CHECKING:
    import pandas as pd

    from simulator.scenario import Scenario

Sentence = tuple[int, int, int, str]
"""Time, portion, rank among what happens at one instant, text."""


def in_trouble(story: Mapping[str, pd.DataFrame], scenario: Scenario) -> Iterator[Sentence]:
    """Sentences about what the content filter and outages did to a conversation."""
    yield from _drafts(story)
    for row in story["holds"].itertuples():
        at_us, portion = int(row.at_us), _portion_at(story["portions"], int(row.at_us))
        until = int(row.until_us) if _there(row.until_us) else None
        for_how_long = f" for {spoken(int(row.hold_us))}" if _there(row.hold_us) else ""
        what = _of(scenario, str(row.outage))
        if row.direction == "bot":
            yield at_us, portion, 19, _bot(str(row.outcome), what, for_how_long)
        elif row.direction == "outbound":
            then = "it is sent then" if row.outcome == "released" else "then it is too late"
            end = f"queued{for_how_long}, {then}" if until is not None else "queued until after the end of the run"
            yield at_us, portion, 71, f"{what} is down: the message is {end}. Whoever wrote it goes on."
        elif row.outcome == "lost":
            yield (
                at_us,
                portion,
                9,
                f"{row.contact} writes while {what} is down: the message is lost, nobody knows of it.",
            )
        else:
            text = f"{row.contact} writes while {what} is down: the message is held"
            if until is None:
                text += " until after the end of the run."
            elif row.outcome == "dropped":
                text += f"{for_how_long}; when it comes in nobody waits for it any more."
            else:
                text += f"{for_how_long} and comes in when it is back; waits count from then."
            yield at_us, portion, 9, text


def _drafts(story: Mapping[str, pd.DataFrame]) -> Iterator[Sentence]:
    """The rows of drafts have no time of their own in the tables: told when the reply is written."""
    for row in story["turns"].itertuples():
        if not row.drafts_caught or not _there(row.written_us):
            continue
        drafts = "A draft" if row.drafts_caught == 1 else f"{row.drafts_caught} drafts"
        took = spoken(int(row.rewrite_us))
        text = f"{drafts} of this reply did not pass the content filter (DataFiltered): writing it again took {took}."
        yield int(row.written_us), _portion_at(story["portions"], int(row.written_us)), 69, text


def _bot(outcome: str, what: str, for_how_long: str) -> str:
    if outcome == "skipped":
        return f"{what} is down: the customer goes on without it, and what it would have solved comes to an agent."
    if outcome == "waiting":
        return f"{what} is down: the customer waits for it until after the end of the run."
    return f"{what} is down: the customer waits for it{for_how_long}."


def _of(scenario: Scenario, name: str) -> str:
    """What is down, in words."""
    outage = scenario.outages.get(name)
    if outage is None:
        return "the way"
    named = getattr(outage, outage.kind)
    return {"bot": f"the bot of {named}", "middleware": f"the middleware of {named}"}.get(outage.kind, str(named))


def _portion_at(portions: pd.DataFrame, at_us: int) -> int:
    """Number of the portion that was the latest at a time; before the first, the first."""
    before = portions.loc[portions["opened_us"] <= at_us, "portion"]
    return int(before.max()) if len(before) else int(portions["portion"].min())


def _there(value: Any) -> bool:
    """Neither None, NaN nor NA."""
    return value is not None and str(value) not in ("nan", "<NA>", "NaT")
