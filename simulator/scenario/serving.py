"""Cross checks of who serves whom: queues and topics without agents, slots that are never free again."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.platforms import BY_NAME
from simulator.scenario.addresses import hangs_up
from simulator.scenario.pathways import transfers_reached
from simulator.scenario.references import may_give_up, topics_reached
from simulator.scenario.survey import Survey
from simulator.scenario.traces import Trace
from simulator.scenario.written import nearest, parse_share


def check_serving(survey: Survey, traces: Mapping[str, Trace]) -> None:
    """Queues and topics that nobody can serve: they run, and the wait has no end. `traces`: files by source."""
    groups: dict[str, list[set[str]]] = {}
    for group in survey.names("agents"):
        count, capacity = survey.at("agents", group, "count"), survey.at("agents", group, "capacity")
        if capacity == 0:
            survey.warn(
                ("agents", group, "capacity"), f"`{group}` has no capacity: nothing is ever given to it", "1 to 25"
            )
        if count == 0 or capacity == 0:
            continue
        for i in range(len(survey.list_at("agents", group, "queues"))):
            queue = survey.text("agents", group, "queues", i)
            if queue is not None:
                groups.setdefault(queue, []).append(set(survey.names("agents", group, "skills")))
    for queue in survey.names("queues"):
        if queue not in groups and survey.at("queues", queue, "in_queue_flow", "flow_out") is None:
            survey.warn(
                ("queues", queue),
                f"no agent serves the queue `{queue}`: whoever comes there waits for ever",
                "",
                f"add `{queue}` to the `queues` of a group with agents and capacity",
            )
    seen: set[tuple[str, str]] = set()
    for channel in survey.names("channels"):
        flow = survey.text("channels", channel, "flow") or ""
        reached = sorted(topics_reached(survey, ("channels", channel), traces))
        for topic in reached:
            of_topic = {skill for skill in survey.list_at("topics", topic, "skills") if isinstance(skill, str)}
            for queue, also in _stays(survey, transfers_reached(survey, flow, channel, topic), topic):
                _close_after(survey, channel, queue, reached, seen)
                if survey.at("queues", queue, "evaluation") == "NONE":
                    continue
                needed = (of_topic | also) - _dropped(survey, queue)
                if (queue, topic) in seen or queue not in groups or any(needed <= skills for skills in groups[queue]):
                    continue
                seen.add((queue, topic))
                survey.warn(
                    ("topics", topic, "skills"),
                    f"no agent of the queue `{queue}` has all of {', '.join(sorted(needed))}: "
                    f"contacts about `{topic}` wait for ever",
                    "",
                    _skill_hint(needed, groups[queue]),
                )


def _stays(survey: Survey, transfers: list[tuple[str, frozenset[str]]], topic: str) -> list[tuple[str, frozenset[str]]]:
    """The transfers of flows; the queues into which those who wait flow out, and to which agents pass them on, one
    after the other."""
    found = list(transfers)
    for queue, skills in found:  # grows meanwhile
        further = [(survey.text("queues", queue, "in_queue_flow", "flow_out", "to") or "", skills)]
        for i in range(len(survey.list_at("queues", queue, "transfers"))):
            if survey.text("queues", queue, "transfers", i, "topic") in (None, topic):
                more = survey.list_at("queues", queue, "transfers", i, "skills")
                asked = frozenset(skill for skill in more if isinstance(skill, str))
                further.append((survey.text("queues", queue, "transfers", i, "to") or queue, asked))
        found += [each for each in further if each[0] and each not in found]
    return found


def _dropped(survey: Survey, queue: str) -> set[str]:
    """Skills that are required no more in the last ring."""
    rings = range(len(survey.list_at("queues", queue, "bullseye")))
    drops = [survey.list_at("queues", queue, "bullseye", i, "drops") for i in rings]
    return {skill for ring in drops for skill in ring if isinstance(skill, str)}


def _skill_hint(needed: set[str], groups: list[set[str]]) -> str:
    known = sorted(set().union(*groups))
    hints = [nearest(skill, known) for skill in sorted(needed) if skill not in known]
    return next(filter(None, hints), "give the skill to a group that serves this queue")


def _close_after(survey: Survey, channel: str, queue: str, reached: list[str], seen: set[tuple[str, str]]) -> None:
    """A silent customer holds his slot until close_after; `never` is for ever."""
    if survey.at("queues", queue, "close_after") != "never" or (queue, "") in seen:
        return
    platform = BY_NAME.get(survey.text("channels", channel, "platform") or "")
    for topic in reached:
        behaviour = survey.text("topics", topic, "behaviour") or ""
        silent = survey.read(parse_share, "behaviours", behaviour, "gives_up", "silent") or 0.0
        hushed = platform is not None and not hangs_up(survey, channel)
        vanishes = survey.read(parse_share, "behaviours", behaviour, "vanishes") or 0.0
        if vanishes > 0 or (may_give_up(survey, behaviour) and (silent > 0 or hushed)):
            seen.add((queue, ""))
            survey.warn(
                ("queues", queue, "close_after"),
                f"customers of `{behaviour}` may go silent, and `never` keeps their slots for ever",
                "a duration, as `10 min`",
            )
            return
