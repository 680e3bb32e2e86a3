"""Keys that have nothing to do in a scenario: they would be read and change nothing."""

from __future__ import annotations

from simulator.platforms import BY_NAME, Platform
from simulator.scenario.source import Place, Plain
from simulator.scenario.survey import Survey
from simulator.scenario.written import parse_share

WRITTEN = ("behaviours", "agents", "queues", "topics", "flows")
"""Sections that may say how long a text is."""


def check_idle(survey: Survey) -> None:
    """Adds a warning for each such key."""
    platforms = {
        name: BY_NAME.get(survey.text("channels", name, "platform") or "") for name in survey.names("channels")
    }
    known = {name: record for name, record in platforms.items() if record is not None}
    for name, record in known.items():
        _channel(survey, ("channels", name), name, record)
    if known and not any(record.voice_notes for record in known.values()):
        for place in (place for section in WRITTEN for place in _places(survey.at(section), "voice", (section,))):
            survey.warn(place, "no channel of this scenario has voice notes: people write", _channels("voice_notes"))
    _templates(survey, known)
    for behaviour in survey.names("behaviours"):
        _behaviour(survey, ("behaviours", behaviour))


def _behaviour(survey: Survey, place: Place) -> None:
    if survey.at(*place, "patience_until") is not None and survey.at(*place, "patience") in (None, "never"):
        survey.warn((*place, "patience_until"), "nobody of these loses patience in a queue", "`patience` beside it")
    blocked = (*place, "writes_again", "after_blocked")
    blocks = any(_places(survey.at("queues"), key, ()) for key in ("max_waiting", "max_in_system"))
    if survey.at(*blocked) is not None and not blocks and not survey.names("outages"):
        survey.warn(blocked, "nobody is turned away in this scenario", "a queue with `max_waiting`, or an outage")


def _channel(survey: Survey, place: Place, name: str, record: Platform) -> None:
    if record.authenticates and survey.at(*place, "authenticated") is not None:
        flow = survey.text(*place, "flow")
        if flow in survey.names("flows") and not _places(survey.at("flows", flow), "identify", ()):
            survey.warn(
                (*place, "authenticated"),
                f"the flow `{flow}` asks nobody who he is: to be logged in changes nothing",
                "a flow with `identify`",
            )
    elif record.authenticates and survey.at(*place, "authenticated_skips") is not None:
        survey.warn((*place, "authenticated_skips"), "nobody is logged in", "`authenticated: 40 %` beside it")
    if record.encodings and survey.at(*place, "encoding") is not None:
        texts = any(_places(survey.at(section), "characters", ()) for section in WRITTEN)
        if not texts and name not in _bulk(survey, "channel"):
            survey.warn((*place, "encoding"), "no text has a length: it changes nothing", "`characters` of a reply")
    delivery = (*place, "delivery")
    _retries(
        survey,
        delivery,
        any(_share(survey, delivery, "failures", each) for each in survey.names(*delivery, "failures")),
    )
    if record.has_middleware:
        _retries(survey, (*place, "middleware"), _share(survey, place, "middleware", "failures"))


def _share(survey: Survey, place: Place, *more: str) -> bool:
    return bool(survey.read(parse_share, *place, *more))


def _retries(survey: Survey, place: Place, fails: bool) -> None:
    """Attempts and pauses, where nothing fails."""
    for key in ("attempts", "back_off"):
        if survey.at(*place, key) is not None and not fails:
            survey.warn((*place, key), "nothing fails here, so nothing is tried again", "`failures` above 0 %")


def _templates(survey: Survey, known: dict[str, Platform]) -> None:
    used = {survey.text("channels", name, "template") for name in known} | _bulk(survey, "template")
    for name in survey.names("outbound", "templates"):
        if name not in used:
            survey.warn(
                ("outbound", "templates", name),
                f"nothing uses `{name}`",
                "",
                "take it out, or name it where it belongs",
            )
    rates = ("outbound", "template_rates")
    priced = survey.names("outbound", "templates") or any(record.templates for record in known.values())
    if survey.at(*rates) is not None and not priced:
        survey.warn(rates, "no template is ever needed", f"`outbound.templates`, or {_channels('templates')}")


def _bulk(survey: Survey, key: str) -> set[str | None]:
    """What campaigns and notifications say under a key."""
    return {
        survey.text("outbound", kind, name, key)
        for kind in ("campaigns", "notifications")
        for name in survey.names("outbound", kind)
    }


def _channels(fact: str) -> str:
    return "a channel on " + " or ".join(record.name for record in BY_NAME.values() if getattr(record, fact))


def _places(value: Plain, key: str, place: Place) -> list[Place]:
    """Where a key stands in a part of the scenario."""
    if isinstance(value, dict):
        here: list[Place] = [(*place, key)] if value.get(key) is not None else []
        return here + [found for name, item in value.items() for found in _places(item, key, (*place, name))]
    if isinstance(value, tuple):
        return [found for i, item in enumerate(value) for found in _places(item, key, (*place, i))]
    return []
