"""Cross checks of names: everything that is named exists, fits where it is named, and is used."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.platforms import BY_NAME, PLATFORMS
from simulator.scenario.addresses import check_address, hangs_up
from simulator.scenario.levels import level_hours
from simulator.scenario.origin import arrivals_places
from simulator.scenario.pathways import keys_in_flows, names_in_flows
from simulator.scenario.source import Place
from simulator.scenario.survey import Survey
from simulator.scenario.traces import Trace
from simulator.scenario.written import nearest, parse_share

MAX_NAMES = 10_000  # per section: the journal numbers queues and topics in 16 bits


def check_references(survey: Survey, traces: Mapping[str, Trace]) -> None:
    """Adds findings about names to the survey. `traces`: files by source, as far as they could be read."""
    used = _used(survey, traces)
    _sections(survey)
    _sources(survey)
    for name in survey.names("channels"):
        _channel(survey, name, traces)
    _outbound(survey)
    _streams(survey)
    _unused(survey, used)


def _sections(survey: Survey) -> None:
    for section in ("channels", "queues", "agents", "topics", "behaviours", "flows", "profiles"):
        if len(survey.names(section)) > MAX_NAMES:
            survey.error((section,), f"{len(survey.names(section))} names stand here", f"at most {MAX_NAMES}")


_PASSED_ON = (("to", "queues"), ("topic", "topics"))


def _names_used(survey: Survey) -> list[tuple[Place, str]]:
    """(place, section) of every value that names an entry of another section."""
    found: list[tuple[Place, str]] = []
    for topic in survey.names("topics"):
        found.append((("topics", topic, "behaviour"), "behaviours"))
    found += names_in_flows(survey)
    found += level_hours(survey)
    for channel in survey.names("channels"):
        found.append((("channels", channel, "flow"), "flows"))
    for _, place in arrivals_places(survey.source.tree):
        found += [((*place, "profile"), "profiles"), ((*place, "within"), "business_hours")]
    for behaviour in survey.names("behaviours"):
        for reason in survey.names("behaviours", behaviour, "writes_again"):
            found.append((("behaviours", behaviour, "writes_again", reason, "topic"), "topics"))
    for group in survey.names("agents"):
        for i in range(len(survey.list_at("agents", group, "queues"))):
            found.append((("agents", group, "queues", i), "queues"))
    for queue in survey.names("queues"):
        found.append((("queues", queue, "inactivity_flow"), "flows"))
        for i in range(len(survey.list_at("queues", queue, "transfers"))):
            found += [(("queues", queue, "transfers", i, key), section) for key, section in _PASSED_ON]
        for i in range(len(survey.list_at("queues", queue, "conditional_groups"))):
            found.append((("queues", queue, "conditional_groups", i, "when", "queue"), "queues"))
    for kind in ("campaigns", "notifications"):
        for name in survey.names("outbound", kind):
            found.append((("outbound", kind, name, "channel"), "channels"))
            found.append((("outbound", kind, name, "replies", "topic"), "topics"))
    return found


def _keys_used(survey: Survey) -> list[tuple[Place, str]]:
    """(place, section) of every key that names an entry of another section."""
    found: list[tuple[Place, str]] = []
    for channel in survey.names("channels"):
        found += [
            (("channels", channel, "topics", topic), "topics") for topic in survey.names("channels", channel, "topics")
        ]
    found += keys_in_flows(survey)
    for behaviour in survey.names("behaviours"):
        for reason in survey.names("behaviours", behaviour, "writes_again"):
            place: Place = ("behaviours", behaviour, "writes_again", reason, "topic")
            found += [((*place, topic), "topics") for topic in survey.names(*place)]
    for group in survey.names("agents"):
        for keys, section in (
            (("by_topic",), "topics"),
            (("capacity",), "channels"),
            (("utilization", "channels"), "channels"),
        ):
            here: Place = ("agents", group, *keys)
            found += [((*here, name), section) for name in sorted(survey.map_at(*here))]
    return found


def _used(survey: Survey, traces: Mapping[str, Trace]) -> dict[str, set[str]]:
    """Names that are used, by section; those that do not exist are findings."""
    used: dict[str, set[str]] = {}
    named = [(place, section, survey.text(*place)) for place, section in _names_used(survey)]
    named += [(place, section, str(place[-1])) for place, section in _keys_used(survey)]
    for source, place in arrivals_places(survey.source.tree):
        if source in traces:  # whose topics a change of the scenario may have taken out after the file was read
            named += [((*place, "trace"), "topics", topic) for topic in sorted(traces[source].topics(()))]
    for place, section, name in named:
        if name is None:
            continue
        used.setdefault(section, set()).add(name)
        known = survey.names(section)
        if name not in known:
            survey.error(
                place,
                f"there is no `{name}` in `{section}`",
                ", ".join(known) if known else f"an entry of `{section}`, which has none",
                nearest(name, known) or f"add `{name}` to `{section}`",
            )
    return used


def _sources(survey: Survey) -> None:
    """Channels, campaigns and notifications bring contacts: rows of the tables name them."""
    first: dict[str, Place] = {}
    for section in (("channels",), ("outbound", "campaigns"), ("outbound", "notifications")):
        for name in survey.names(*section):
            if name in first:
                survey.error(
                    (*section, name),
                    f"`{name}` is also the name of an entry of `{'.'.join(map(str, first[name][:-1]))}`",
                    "different names for channels, campaigns and notifications",
                    f"did you mean `{name}_2`?",
                )
            first.setdefault(name, (*section, name))


def _channel(survey: Survey, name: str, traces: Mapping[str, Trace]) -> None:
    """What the channel's platform asks for, and what its customers can do there."""
    place: Place = ("channels", name)
    platform = BY_NAME.get(survey.text(*place, "platform") or "")
    if platform is None:
        return
    check_address(survey, name, platform)
    if not hangs_up(survey, name):
        _loud_givers_up(survey, place, platform.name, topics_reached(survey, place, traces))
    if survey.at(*place, "arrivals") is None and not any(
        survey.text("outbound", kind, source, "channel") == name and survey.at("outbound", kind, source, "replies")
        for kind in ("campaigns", "notifications")
        for source in survey.names("outbound", kind)
    ):
        survey.warn(place, "nobody ever writes on this channel", "`arrivals`, or a campaign with `replies`")


def _loud_givers_up(survey: Survey, place: Place, platform: str, reached: set[str]) -> None:
    """Nobody can hang up here: the share that would abandon is silent instead, and a planner should know."""
    for behaviour in sorted({survey.text("topics", topic, "behaviour") or "" for topic in reached}):
        if behaviour not in survey.names("behaviours") or not may_give_up(survey, behaviour):
            continue
        shares = survey.map_at("behaviours", behaviour, "gives_up")
        abandon = survey.read(parse_share, "behaviours", behaviour, "gives_up", "abandon") or 0.0 if shares else 1.0
        if abandon > 0:
            survey.warn(
                (*place, "platform"),
                f"nobody can disconnect on {platform}: the {abandon * 100:g} % of `{behaviour}` "
                "who would abandon are silent there",
                "`gives_up: {silent: 100 %}` says the same",
            )


def may_give_up(survey: Survey, behaviour: str) -> bool:
    """In a queue or a flow: when his patience ends, at once, or at a question."""
    place: Place = ("behaviours", behaviour)
    loses_patience = any(survey.at(*place, key) not in (None, "never") for key in ("patience", "patience_in_flow"))
    return loses_patience or any(survey.read(parse_share, *place, key) for key in ("balk", "leaves_in_flow"))


def topics_drawn(survey: Survey, channel: Place) -> set[str]:
    """Topics by the channel's shares."""
    return {str(topic) for topic, share in survey.map_at(*channel, "topics").items() if share != 0}


def topics_reached(survey: Survey, channel: Place, traces: Mapping[str, Trace]) -> set[str]:
    """Topics that contacts of a channel may have: its own, those of its trace, campaign replies, later topics of
    those."""
    topics, trace = topics_drawn(survey, channel), traces.get(str(channel[-1]))
    if trace is not None:
        topics = trace.topics(topics)
    for kind in ("campaigns", "notifications"):
        for source in survey.names("outbound", kind):
            if survey.text("outbound", kind, source, "channel") == channel[-1]:
                topics |= {survey.text("outbound", kind, source, "replies", "topic") or ""}
    open_topics = list(topics)
    while open_topics:
        behaviour = survey.text("topics", open_topics.pop(), "behaviour") or ""
        for reason in survey.names("behaviours", behaviour, "writes_again"):
            place: Place = ("behaviours", behaviour, "writes_again", reason, "topic")
            later = {str(topic) for topic, share in survey.map_at(*place).items() if share != 0}
            later |= {survey.text(*place) or ""} - {""}
            open_topics += sorted(later - topics)
            topics |= later
    return topics & set(survey.names("topics"))


def _outbound(survey: Survey) -> None:
    """Bulk messages only where the platform lets a business begin."""
    bulk = " or ".join(platform.name for platform in PLATFORMS if platform.allows_bulk)
    for kind in ("campaigns", "notifications"):
        for name in survey.names("outbound", kind):
            place: Place = ("outbound", kind, name)
            channel = survey.text(*place, "channel") or ""
            platform = BY_NAME.get(survey.text("channels", channel, "platform") or "")
            if platform is not None and not platform.allows_bulk:
                survey.error(
                    (*place, "channel"),
                    f"`{channel}` is {platform.name}: a business cannot begin there",
                    f"a channel on {bulk}",
                    _some_bulk_channel(survey),
                )
            contacts, population = (
                survey.whole(*place, "contacts"),
                survey.whole("channels", channel, "customers", "population"),
            )
            if contacts is not None and population is not None and contacts > population:
                survey.error(
                    (*place, "contacts"),
                    f"{contacts} contacts are more than the {population} customers of `{channel}`",
                    f"at most {population}",
                    "each customer is written to once: make the campaign smaller or the population larger",
                )


def _streams(survey: Survey) -> None:
    """Two who draw from one stream would do the same at the same moments."""
    sources = (("channels",), ("outbound", "campaigns"), ("outbound", "notifications"))
    for sections in (sources, (("agents",),), (("outages",),)):
        owners: dict[str, list[Place]] = {}
        for section in sections:
            for name in survey.names(*section):
                owners.setdefault(survey.text(*section, name, "stream") or name, []).append((*section, name))
        for stream, places in owners.items():
            for place in places:
                others = [f"`{other[-1]}`" for other in places if other != place]
                if others and survey.at(*place, "stream") is not None:
                    survey.error(
                        (*place, "stream"),
                        f"{' and '.join(others)} draws as `{stream}` too: both would do the same at the same moments",
                        "the name that this one had before, and nobody has now",
                    )


def _some_bulk_channel(survey: Survey) -> str:
    for name in survey.names("channels"):
        platform = BY_NAME.get(survey.text("channels", name, "platform") or "")
        if platform is not None and platform.allows_bulk:
            return f"did you mean `{name}`?"
    return ""


def _unused(survey: Survey, used: dict[str, set[str]]) -> None:
    for section in ("profiles", "business_hours", "behaviours", "topics", "flows", "queues"):
        for name in survey.names(section):
            if name in used.get(section, set()):
                continue
            survey.warn((section, name), f"nothing uses `{name}`", "", "take it out, or name it where it belongs")
