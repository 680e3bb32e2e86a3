"""Cross checks of routing: rings, preferred agents, conditional groups, transfers, last agents."""

from __future__ import annotations

import math
from itertools import pairwise

from simulator.scenario.source import Place
from simulator.scenario.survey import Survey
from simulator.scenario.written import nearest, parse_duration, parse_share
from simulator.vocabulary.clock import spoken


def check_matching(survey: Survey) -> None:
    """Adds findings about how queues look for agents to the survey."""
    for queue in survey.names("queues"):
        place: Place = ("queues", queue)
        _one_method(survey, place)
        _rings(survey, place)
        _scores(survey, place)
        for i in range(len(survey.list_at(*place, "conditional_groups"))):
            here: Place = (*place, "conditional_groups", i)
            _groups(survey, (*here, "groups"), queue)
            _one_condition(survey, (*here, "when"))
        _transfers(survey, place)
    _languages(survey)


def _one_method(survey: Survey, place: Place) -> None:
    """Conditional groups are a routing method of their own; last-agent routing is off under two of them."""
    methods = [key for key in ("conditional_groups", "bullseye", "preferred_agents") if survey.at(*place, key)]
    if "conditional_groups" in methods and len(methods) > 1:
        survey.error(
            (*place, "conditional_groups"),
            f"`{methods[1]}` stands here too: a queue has one routing method",
            "`bullseye` and `preferred_agents` together, or `conditional_groups` alone",
        )
    off = [key for key in methods if key != "bullseye"]
    wait = survey.read(parse_duration, *place, "last_agent_wait")
    if wait and (off or survey.at(*place, "last_agent") == "Disabled"):
        why = f"`{off[0]}` switches it off" if off else "it is `Disabled`"
        survey.error(
            (*place, "last_agent_wait"),
            f"there is no last-agent routing in this queue: {why}",
            "`last_agent_wait` with last-agent routing",
            "take it out",
        )
    declines = survey.read(parse_share, *place, "declines")
    if survey.at(*place, "auto_answer") is True and declines:
        survey.error((*place, "declines"), "`auto_answer` connects at once: nothing can be declined", "one of the two")


def _rings(survey: Survey, place: Place) -> None:
    rings = survey.list_at(*place, "bullseye")
    before = 0
    for i in range(len(rings)):
        here: Place = (*place, "bullseye", i)
        is_last = i == len(rings) - 1
        until = survey.read(parse_duration, *here, "until")
        if is_last and survey.at(*here, "until") is not None:
            survey.error(
                (*here, "until"), "the last ring has no end", "`until` on every ring but the last", "add a further ring"
            )
        elif not is_last and survey.at(*here, "until") is None and isinstance(survey.at(*here), dict):
            survey.error((*here, "until"), "`until` is missing: when does the next ring open?", "as `until: 30 s`")
        elif not is_last and until is not None and until < before:
            survey.error(
                (*here, "until"),
                f"the ring before it ends later, after {spoken(before)}",
                f"{spoken(before)} or more: rings are counted from queue entry",
            )
        if is_last and survey.list_at(*here, "drops"):
            survey.error((*here, "drops"), "nobody leaves the last ring", "`drops` on a ring with `until`")
        before = until if until is not None else before
        _groups(survey, (*here, "groups"), str(place[1]))
        _skills(survey, (*here, "drops"))


def _scores(survey: Survey, place: Place) -> None:
    """Who has a score is a member of the queue: an agent group, or one agent of it."""
    here: Place = (*place, "preferred_agents", "scores")
    for name in survey.names(*here):
        group, _, number = name.partition("/")
        count = survey.whole("agents", group, "count")
        if group not in survey.names("agents"):
            known = survey.names("agents")
            survey.error(
                (*here, name),
                f"there is no `{group}` in `agents`",
                ", ".join(known) or "a group",
                nearest(group, known),
            )
        elif (
            "/" in name
            and count is not None
            and not (number.isascii() and number.isdigit() and 1 <= int(number) <= count)
        ):
            survey.error((*here, name), f"there is no agent `{name}`", f"`{group}/1` to `{group}/{count}`")
        elif not _is_member(survey, group, str(place[1])):
            survey.warn(
                (*here, name), f"`{group}` does not serve `{place[1]}`: only members of a queue are preferred in it"
            )
    rules = survey.list_at(*place, "preferred_agents", "rules")
    scores = [survey.whole(*place, "preferred_agents", "rules", i, "score") for i in range(len(rules))]
    for i, (before, score) in enumerate(pairwise(scores), 1):
        if before is not None and score is not None and score >= before:
            survey.error(
                (*place, "preferred_agents", "rules", i, "score"),
                f"the rule before it has taken agents from {before} on: this one adds nobody",
                f"below {before}",
            )


def _groups(survey: Survey, place: Place, queue: str) -> None:
    for i, name in enumerate(survey.list_at(*place)):
        if not isinstance(name, str):
            continue
        known = survey.names("agents")
        if name not in known:
            survey.error(
                (*place, i), f"there is no `{name}` in `agents`", ", ".join(known) or "a group", nearest(name, known)
            )
        elif not _is_member(survey, name, queue):
            survey.error(
                (*place, i),
                f"`{name}` does not serve the queue `{queue}`",
                "groups that serve it",
                f"add `{queue}` to its `queues`",
            )


def _is_member(survey: Survey, group: str, queue: str) -> bool:
    return queue in survey.list_at("agents", group, "queues")


def _skills(survey: Survey, place: Place) -> None:
    """A skill that nobody requires is misspelt."""
    required = {skill for topic in survey.names("topics") for skill in survey.list_at("topics", topic, "skills")}
    for flow in survey.names("flows"):
        required |= set(_skills_of_steps(survey.at("flows", flow)))
    for queue in survey.names("queues"):
        for i in range(len(survey.list_at("queues", queue, "transfers"))):
            required |= set(survey.list_at("queues", queue, "transfers", i, "skills"))
    known = sorted(skill for skill in required if isinstance(skill, str))
    for i, skill in enumerate(survey.list_at(*place)):
        if isinstance(skill, str) and skill not in known:
            survey.error((*place, i), f"nobody requires the skill `{skill}`", ", ".join(known), nearest(skill, known))


def _skills_of_steps(steps: object) -> list[object]:
    """Every skill that a transfer step somewhere below asks for."""
    if isinstance(steps, tuple):
        return [skill for step in steps for skill in _skills_of_steps(step)]
    if not isinstance(steps, dict):
        return []
    found: list[object] = []
    for key, inside in steps.items():
        if key == "transfer" and isinstance(inside, dict):
            skills = inside.get("skills")
            found += list(skills) if isinstance(skills, tuple) else []
        else:
            found += _skills_of_steps(inside)
    return found


def _one_condition(survey: Survey, place: Place) -> None:
    if not isinstance(survey.at(*place), dict):
        return
    bounds = [key for key in survey.names(*place) if key != "queue"]
    if len(bounds) != 1:
        survey.error(
            place,
            f"this condition has {len(bounds)} bounds",
            "one of estimated_wait_above, estimated_wait_below, service_level_above, service_level_below",
            "" if bounds else "without a condition leave `when` out",
        )


def _transfers(survey: Survey, place: Place) -> None:
    """The shares of one topic are at most everything; something changes."""
    rules = survey.list_at(*place, "transfers")
    everybody: list[float] = []
    by_topic: dict[str, list[float]] = {}
    for i in range(len(rules)):
        here: Place = (*place, "transfers", i)
        topic = survey.text(*here, "topic")
        share = survey.read(parse_share, *here, "share") or 0.0
        if topic is None:
            everybody.append(share)
        else:
            by_topic.setdefault(topic, []).append(share)
        to = survey.text(*here, "to")
        if to in (None, place[1]) and not survey.list_at(*here, "skills") and survey.at(*here, "language") is None:
            survey.warn(here, "this transfers to the same queue and to the same agents", "`to`, `skills` or `language`")
        if share == 1 and to in (None, place[1]):
            survey.error((*here, "share"), "everybody is passed on in this queue, without end", "a share below 100 %")
    for shares in [everybody, *(everybody + of_topic for of_topic in by_topic.values())]:
        if math.fsum(shares) > 1 + 1e-9:
            survey.error(
                (*place, "transfers"),
                f"{math.fsum(shares) * 100:g} % of one topic's sessions would be transferred",
                "shares that sum to 100 % at most",
            )
            return


def _languages(survey: Survey) -> None:
    """A language that nobody speaks is misspelt, or its contacts wait for ever."""
    spoken_here = {
        name for group in survey.names("agents") for name in survey.list_at("agents", group, "languages")
        if isinstance(name, str)
    }  # fmt: skip
    for topic in survey.names("topics"):
        language = survey.text("topics", topic, "language")
        if language is not None and language not in spoken_here:
            survey.warn(
                ("topics", topic, "language"),
                f"no agent speaks `{language}`: contacts about `{topic}` wait for ever",
                "",
                nearest(language, sorted(spoken_here)) or "add it to the `languages` of a group",
            )
