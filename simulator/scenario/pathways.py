"""Cross checks of flows: every step of one kind, every path with an end, every branch with cases that can be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from simulator.scenario.lawful import parse_duration_law
from simulator.scenario.laws import largest
from simulator.scenario.source import Place, Plain
from simulator.scenario.survey import Survey
from simulator.scenario.traces import Trace
from simulator.scenario.written import nearest, parse_duration, parse_share, shown
from simulator.vocabulary.clock import HOUR, spoken

STEPS = ("identify", "bot", "collect", "wait", "send", "branch", "transfer", "disconnect")
ENDS = ("transfer", "disconnect")
HOURS_CASES = ("open", "closed", "holiday")
YES_NO = ("yes", "no")
LONGEST_WAIT_US = 72 * HOUR
"""Flow waits end after it (model.md section 4)."""


# --- walking ---------------------------------------------------------------------------------------------------


def steps_of(survey: Survey, place: Place) -> Iterator[tuple[Place, str]]:
    """(place of the step, kind) of every step of a list, those of its branches included, in order."""
    for i, step in enumerate(survey.list_at(*place)):
        if not isinstance(step, dict) or len(step) != 1:
            continue
        (kind,) = step
        here = (*place, i, str(kind))
        yield here, str(kind)
        if kind == "branch":
            for path in _paths(survey, here):
                yield from steps_of(survey, path)


def _paths(survey: Survey, branch: Place) -> list[Place]:
    """Places of the lists of a branch, `else` last."""
    cases: list[Place] = [(*branch, "cases", case) for case in survey.map_at(*branch, "cases")]
    return [*cases, (*branch, "else")] if survey.at(*branch, "else") is not None else cases


def names_in_flows(survey: Survey) -> Iterator[tuple[Place, str]]:
    """(place, section) of every value in a flow that names an entry of a section."""
    for flow in survey.names("flows"):
        for place, kind in steps_of(survey, ("flows", flow)):
            if kind == "transfer":
                yield (*place, "queue"), "queues"
                for i in range(len(survey.list_at(*place, "preferred_agents"))):
                    yield (*place, "preferred_agents", i), "agents"
            elif kind == "branch":
                yield (*place, "queue"), "queues"
                yield (*place, "hours"), "business_hours"
    for queue in survey.names("queues"):
        yield ("queues", queue, "in_queue_flow", "flow_out", "to"), "queues"


def keys_in_flows(survey: Survey) -> Iterator[tuple[Place, str]]:
    """(place, section) of every key in a flow that names an entry of a section."""
    for flow in survey.names("flows"):
        for place, kind in steps_of(survey, ("flows", flow)):
            if kind == "bot":
                for key in ("contains", "wrong_topic"):
                    yield from (((*place, key, topic), "topics") for topic in survey.names(*place, key))
            elif kind == "branch" and survey.at(*place, "on") in ("topic", "channel"):
                section = f"{survey.at(*place, 'on')}s"
                yield from (((*place, "cases", name), section) for name in survey.names(*place, "cases"))


def transfers_reached(survey: Survey, flow: str, channel: str, topic: str) -> list[tuple[str, frozenset[str]]]:
    """(queue, skills that the transfer asks for) of every transfer that contacts of a channel and topic may reach."""
    found: dict[tuple[str, frozenset[str]], None] = {}

    def follow(place: Place) -> bool:
        """Whether some path goes on behind this list."""
        for i, step in enumerate(survey.list_at(*place)):
            if not isinstance(step, dict) or len(step) != 1:
                continue
            (kind,) = step
            here = (*place, i, str(kind))
            if kind == "transfer":
                skills = {skill for skill in survey.list_at(*here, "skills") if isinstance(skill, str)}
                found[survey.text(*here, "queue") or "", frozenset(skills)] = None
            if kind in ENDS:
                return False
            if kind == "branch":
                known = {"topic": topic, "channel": channel}.get(str(survey.at(*here, "on")))
                cases = survey.map_at(*here, "cases")
                if known is not None:
                    ways = [(*here, "cases", known) if known in cases else (*here, "else")]
                else:
                    ways = [*((*here, "cases", case) for case in cases), (*here, "else")]
                goes_on = [follow(way) for way in ways]
                if not any(goes_on):
                    return False
        return True

    follow(("flows", flow))
    return list(found)


# --- checks ----------------------------------------------------------------------------------------------------


def check_flows(survey: Survey, traces: Mapping[str, Trace]) -> None:
    """Adds findings about flows and in-queue flows to the survey. `traces`: files by source."""
    for name in survey.names("flows"):
        if isinstance(survey.at("flows", name), tuple):
            for path in _open_paths(survey, ("flows", name), ""):
                _never_ends(survey, name, path)
            asked = False
            for place, kind in steps_of(survey, ("flows", name)):
                asked |= kind == "identify"
                if kind == "branch":
                    _branch(survey, place, asked)
                elif kind == "wait":
                    _wait(survey, place)
                elif kind == "bot":
                    _wrong_topic(survey, name, place, traces)
    for queue in survey.names("queues"):
        _in_queue_flow(survey, queue)


def _never_ends(survey: Survey, flow: str, path: str) -> None:
    which = f"the path {path} of this flow" if path else "this flow"
    survey.error(
        ("flows", flow),
        f"{which} does not end in a `transfer` or `disconnect`: nobody would come to an agent",
        "steps, and at the end of each path a `transfer` or a `disconnect`",
        "add `- transfer: {queue: ...}`",
    )


def _open_paths(survey: Survey, place: Place, path: str) -> list[str]:
    """The paths that go on behind a list of steps, in words; findings about steps that nobody reaches."""
    steps = survey.list_at(*place)
    if not all(isinstance(step, dict) for step in steps):
        return []  # the schema has its own word for that
    open_paths = [path]
    for i, step in enumerate(steps):
        here: Place = (*place, i)
        kinds = sorted(step)
        if len(kinds) != 1:
            what = f"this step has {len(kinds)} kinds ({', '.join(kinds)})" if kinds else "this step is empty"
            survey.error(
                here, what, f"one of {', '.join(STEPS)}", "begin each step with `- `" if kinds else "take it out"
            )
            continue
        kind = kinds[0]
        if kind in ENDS:
            if i < len(steps) - 1:
                survey.error(
                    (*here, kind),
                    f"steps follow after the {kind}",
                    "a transfer or disconnect at the end of its path",
                    f"move the {kind} to the end",
                )
            return []
        if kind == "branch":
            open_paths = _behind(survey, (*here, kind), path)
            if not open_paths:
                if i < len(steps) - 1:
                    survey.error(
                        (*here, kind),
                        "steps follow after this branch, and every path of it has ended",
                        "a path without transfer or disconnect, or nothing behind the branch",
                        "take the steps behind it out, or a case",
                    )
                return []
    return open_paths


def _behind(survey: Survey, branch: Place, path: str) -> list[str]:
    found: list[str] = []
    on, cases = str(survey.at(*branch, "on")), survey.map_at(*branch, "cases")
    for case in cases:
        found += _open_paths(survey, (*branch, "cases", case), f"{path} {on}={case}".strip())
    complete = on in ("identified", "reopened") and set(YES_NO) <= set(cases)
    complete |= on == "business_hours" and {"open", "closed"} <= set(cases)
    if survey.at(*branch, "else") is not None:
        found += _open_paths(survey, (*branch, "else"), f"{path} {on}=else".strip())
    elif not complete:
        found.append(f"{path} {on}=else".strip())
    return found


def _branch(survey: Survey, place: Place, asked: bool) -> None:
    on, cases = survey.text(*place, "on"), survey.map_at(*place, "cases")
    for key, kinds in (("hours", ("business_hours",)), ("queue", ("queue_length", "estimated_wait"))):
        written = survey.at(*place, key) is not None
        if on in kinds and not written:
            survey.error(
                (*place, key), f"`{key}` is missing: which one decides?", f"a name of `{_SECTION[key]}`",
                f"add `{key}: ...`",
            )  # fmt: skip
        elif written and on is not None and on not in kinds:
            survey.error((*place, key), f"a branch on `{on}` looks at no {key}", "", "take it out")
    if not cases and isinstance(survey.at(*place, "cases"), dict):
        survey.error((*place, "cases"), "a branch without cases decides nothing", "a map from case to steps")
    known = {"business_hours": HOURS_CASES, "identified": YES_NO, "reopened": YES_NO}.get(on or "")
    for case in cases:
        here: Place = (*place, "cases", case)
        if known is not None and case not in known:
            survey.error(here, f"`{case}` is no case of `{on}`", " or ".join(known), nearest(case, known))
        elif on == "queue_length" and not (case.isdecimal() and int(case) > 0):
            survey.error(here, f"`{case}` is not a number of interactions", "1 and more: at least so many wait")
        elif on == "estimated_wait" and not _threshold(survey, case):
            survey.error(here, f"`{case}` is not a duration above 0", "a duration, as `5 min`: at least so long")
        elif case == "holiday" and on == "business_hours" and not survey.list_at("holidays"):
            survey.warn(here, "there are no holidays", f"{shown('holidays')} at the top")
    if on == "identified" and not asked:
        survey.warn((*place, "on"), "nobody is asked who he is before this branch", "an `identify` above it")


_SECTION = {"hours": "business_hours", "queue": "queues"}


def _threshold(survey: Survey, case: str) -> bool:
    try:
        return parse_duration(case) > 0
    except ValueError:
        return False


def _wait(survey: Survey, place: Place) -> None:
    law = survey.read(parse_duration_law, *place, "time")
    if law is not None and law.kind == "constant" and largest(law) > LONGEST_WAIT_US:
        survey.error(
            (*place, "time"),
            f"{shown(survey.at(*place, 'time'))} is longer than a flow waits",
            f"at most {spoken(LONGEST_WAIT_US)}",
        )


def _wrong_topic(survey: Survey, flow: str, place: Place, traces: Mapping[str, Trace]) -> None:
    """A wrong topic is one of the others of the channel."""
    shares: Plain = survey.at(*place, "wrong_topic")
    if shares is None:
        return
    read = [survey.read(parse_share, *place, "wrong_topic", topic) for topic in survey.names(*place, "wrong_topic")]
    if not isinstance(shares, dict):
        read = [survey.read(parse_share, *place, "wrong_topic")]
    if not any(share for share in read if share is not None):
        return
    for channel in survey.names("channels"):
        if survey.text("channels", channel, "flow") != flow:
            continue
        shared = {topic for topic, share in survey.map_at("channels", channel, "topics").items() if share}
        come = traces[channel].topics(shared) if channel in traces else shared
        if not any(shared - {topic} for topic in come):
            survey.warn(
                (*place, "wrong_topic"),
                f"`{channel}` has one topic: the bot cannot take it for another there",
                "a channel with two topics or more",
            )


def _in_queue_flow(survey: Survey, queue: str) -> None:
    place: Place = ("queues", queue, "in_queue_flow")
    inside = survey.at(*place)
    if inside == {}:
        survey.warn(place, "this in-queue flow does nothing", "`messages`, `set_priority` or `flow_out`")
    out = survey.read(parse_duration, *place, "flow_out", "after")
    if survey.text(*place, "flow_out", "to") == queue:
        survey.error(
            (*place, "flow_out", "to"), "an interaction cannot flow out into its own queue", "another queue",
            "without `to` it is disconnected",
        )  # fmt: skip
    for i in range(len(survey.list_at(*place, "messages"))):
        after = survey.read(parse_duration, *place, "messages", i, "after")
        if out is not None and after is not None and after >= out:
            survey.warn(
                (*place, "messages", i, "after"),
                f"after {spoken(out)} nobody waits any more: this message is never sent",
                f"less than {spoken(out)}",
            )
    for i in range(len(survey.list_at(*place, "set_priority"))):
        _set_priority(survey, (*place, "set_priority", i), out)


def _set_priority(survey: Survey, place: Place, out: int | None) -> None:
    """One of `add` and `to`; `every` makes a difference only where something is added."""
    written = [key for key in ("add", "to") if survey.at(*place, key) is not None]
    if len(written) != 1:
        said = "both `add` and `to` stand here" if written else "by how much, or to what?"
        survey.error(place, said, "`add: 10`, or `to: 10`", "take one out" if written else "add `add: 10`")
    elif written == ["to"] and survey.at(*place, "every") is not None:
        survey.error((*place, "every"), "the second time nothing would change", "`every` with `add`", "take it out")
    after = survey.read(parse_duration, *place, "after")
    if out is not None and after is not None and after >= out:
        survey.warn(
            (*place, "after"),
            f"after {spoken(out)} nobody waits any more: this priority is never set",
            f"less than {spoken(out)}",
        )
