"""Outages: a platform, channel, number, bot or middleware that is down between two times, planned or by chance."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from simulator.platforms import BY_NAME
from simulator.scenario.base import Model
from simulator.scenario.lawful import parse_duration_law
from simulator.scenario.means import mean
from simulator.scenario.survey import Survey
from simulator.scenario.types import Duration, DurationLaw, Name, PlatformName
from simulator.scenario.written import LOCAL_TIMES, Place, Wrong, nearest, parse_duration, parse_local_time, shown
from simulator.vocabulary.clock import DAY, HOUR, MINUTE, SECOND, spoken

KINDS = ("platform", "channel", "number", "bot", "middleware")
MAX_OUTAGES = 1_000  # entries (assumed)
MAX_EXPECTED = 10_000  # outages that chance may bring in one run, by entry (assumed)
INSTANTS = f"{LOCAL_TIMES}, or a duration from the start, as `10 h`"


def parse_instant(value: Any) -> datetime | int:
    """A local time, or µs from the start. Raises Wrong."""
    if isinstance(value, datetime) or (isinstance(value, str) and re.match(r"[0-9]{4}-", value)):
        return parse_local_time(value)
    try:
        return parse_duration(value)
    except Wrong:
        raise Wrong(f"{shown(value)} is not a point in time", INSTANTS) from None


Instant = Annotated[
    datetime | int,
    BeforeValidator(parse_instant),
    WithJsonSchema({"type": ["string", "integer"], "description": INSTANTS}),
]
"""Wall clock of the scenario's zone, or µs from the start."""


class Retry(Model):
    """How the sender tries again while the way out is closed: a message leaves at the first try that finds it open."""

    every_us: Duration = Field(ge=SECOND, le=DAY, description="first pause")
    back_off: Annotated[float, Field(ge=1, le=10)] = Field(1.0, description="growth of the pauses")
    at_most_us: Duration = Field(HOUR, ge=SECOND, le=7 * DAY, description="longest pause")


class Outage(Model):
    """What is down (exactly one of platform, channel, number, bot, middleware), when, and what happens meanwhile."""

    platform: PlatformName | None = Field(None, description="all channels on this platform")
    channel: Name | None = Field(None, description="one channel")
    number: str | None = Field(None, description="all channels with this number")
    bot: Name | None = Field(None, description="the bot of the flow with this name")
    middleware: Name | None = Field(None, description="what stands between this open messaging channel and its users")
    from_: Instant | None = Field(None, alias="from", description="planned: when it begins; with `to` or `for`")
    to: Instant | None = Field(None, description="when it is over")
    for_us: Duration | None = Field(None, gt=0, description="how long it lasts, instead of `to`")
    every_us: DurationLaw | None = Field(None, description="by chance: from the end of one to the next; with `lasts`")
    lasts_us: DurationLaw | None = Field(None, description="by chance: how long each lasts")
    inbound: Literal["held", "lost"] = Field("held", description="customers' messages arrive when it ends, or never")
    outbound: Literal["queued"] = Field("queued", description="the business's messages leave when it ends")
    retry: Retry | None = Field(None, description="default: what is queued leaves the moment it ends")
    step: Literal["waits", "skipped"] = Field("waits", description="bot: customers wait for it, or go on without it")
    stream: Name | None = Field(None, description="draw as the outage of this name did, after renaming")

    @property
    def kind(self) -> str:
        """What is down: one of `KINDS`."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)


def digits(number: str) -> str:
    """A telephone number without its punctuation: how two of them are compared."""
    return "".join(letter for letter in number if letter in "0123456789")


# --- cross checks ----------------------------------------------------------------------------------------------


def check_outages(survey: Survey) -> None:
    """Adds findings about outages: what they name, when they are, which knobs fit together."""
    if len(survey.names("outages")) > MAX_OUTAGES:
        survey.error(("outages",), f"{len(survey.names('outages'))} names stand here", f"at most {MAX_OUTAGES}")
        return
    for name in survey.names("outages"):
        place: Place = ("outages", name)
        if not isinstance(survey.at(*place), dict):
            continue
        kinds = [kind for kind in KINDS if survey.at(*place, kind) is not None]
        if len(kinds) != 1:
            what = f"{' and '.join(kinds)} stand here together" if kinds else "it is not said what is down"
            hint = "write one outage for each" if kinds else "add `platform: whatsapp` or `channel: ...`"
            survey.error(place, what, f"one of {', '.join(KINDS)}", hint)
        else:
            _what(survey, place, kinds[0])
            _knobs(survey, place, is_bot=kinds[0] == "bot")
        _when(survey, place)


def _what(survey: Survey, place: Place, kind: str) -> None:
    """What is named exists and can be down."""
    here, named = (*place, kind), survey.text(*place, kind)
    if named is None:
        return
    if kind in ("channel", "middleware", "bot"):
        section = "flows" if kind == "bot" else "channels"
        known = survey.names(section)
        if named not in known:
            survey.error(
                here,
                f"there is no `{named}` in `{section}`",
                ", ".join(known) or f"an entry of `{section}`",
                nearest(named, known),
            )
        elif kind == "bot" and not any(
            isinstance(step, dict) and "bot" in step for step in survey.list_at("flows", named)
        ):
            survey.error(here, f"the flow `{named}` has no bot", "a flow with a step `bot`", "take the outage out")
        elif kind == "middleware":
            platform = BY_NAME.get(survey.text("channels", named, "platform") or "")
            if platform is not None and platform.kind != "custom API":
                survey.error(
                    here,
                    f"`{named}` is {platform.name}: nobody's own middleware stands before it",
                    "a channel on open messaging",
                    f"did you mean `channel: {named}`?",
                )
    elif kind == "number":
        numbers = {digits(survey.text("channels", each, "number") or "") for each in survey.names("channels")}
        if digits(named) not in numbers - {""}:
            survey.error(here, f"no channel has the number `{named}`", "the `number` of a channel")
    elif named in BY_NAME and not any(
        survey.text("channels", c, "platform") == named for c in survey.names("channels")
    ):
        survey.warn(here, f"no channel is on {named}: this outage changes nothing", "", "take it out")


def _knobs(survey: Survey, place: Place, is_bot: bool) -> None:
    for key in ("inbound", "outbound", "retry") if is_bot else ("step",):
        if survey.at(*place, key) is not None:
            allowed = "`step: waits` or `step: skipped`" if is_bot else "`inbound`, `outbound`, `retry`"
            what = "a bot holds no messages" if is_bot else "only a bot is a step"
            survey.error((*place, key), f"{what}: `{key}` means nothing here", allowed, "take it out")
    back_off = survey.number(*place, "retry", "back_off")
    if back_off is not None and 1 < back_off < 1.1:  # the number of tries worked through stays small
        survey.error((*place, "retry", "back_off"), f"`{back_off:g}` hardly grows", "1, or from 1.1 to 10")


def _when(survey: Survey, place: Place) -> None:
    """Planned (from, and to or for) or by chance (every and lasts)."""
    planned = [key for key in ("from", "to", "for") if survey.at(*place, key) is not None]
    chance = [key for key in ("every", "lasts") if survey.at(*place, key) is not None]
    allowed = "`from` with `to` or `for`; or, by chance, `every` with `lasts`"
    if planned and chance:
        survey.error(place, f"{planned[0]} and {chance[0]} stand here together", allowed, "keep one way")
    elif chance:
        if len(chance) < 2:
            missing = "lasts" if chance == ["every"] else "every"
            survey.error((*place, missing), f"`{missing}` is missing", allowed, f"add `{missing}: ...`")
        _how_often(survey, place)
    elif planned not in (["from", "to"], ["from", "for"]):
        what = "it is not said when" if not planned else f"{' and '.join(planned)} do not say when"
        survey.error(place, what, allowed, "add `from: 2026-03-05 10:00` and `for: 2 h`" if not planned else "")
    else:
        _planned(survey, place)


def _how_often(survey: Survey, place: Place) -> None:
    every, lasts = (survey.read(parse_duration_law, *place, key) for key in ("every", "lasts"))
    if every is not None and mean(every) < MINUTE:
        survey.error((*place, "every"), f"an outage every {spoken(round(mean(every)))}", "a mean of 1 min and more")
    elif every is not None and survey.horizon_us / mean(every) > MAX_EXPECTED:
        expected = survey.horizon_us / mean(every)
        problem = f"the run would have about {expected:,.0f} of these outages"
        survey.error((*place, "every"), problem, f"at most {MAX_EXPECTED:,}")
    if lasts is not None and mean(lasts) <= 0:
        survey.error((*place, "lasts"), "these outages last no time", "a law of durations above 0")


def _planned(survey: Survey, place: Place) -> None:
    calendar = survey.calendar
    if calendar is None:
        return

    def us(key: str) -> int | None:
        instant = survey.read(parse_instant, *place, key)
        return calendar.us(instant) if isinstance(instant, datetime) else instant

    begins, ends = us("from"), us("to")
    if begins is None:
        return
    if ends is None:
        ends = begins + (survey.read(parse_duration, *place, "for") or 0)
    elif ends <= begins:
        survey.error((*place, "to"), "this outage ends before it begins", "`to` later than `from`", "exchange them")
        return
    if survey.horizon_us and (begins >= survey.horizon_us or ends <= 0):
        survey.warn((*place, "from"), "this outage lies outside the run and changes nothing", "a time within the run")
