"""Cross checks of the desk: who may hold what at once, what a reply costs, what ends a silent conversation."""

from __future__ import annotations

from simulator.scenario.attention import MOST_SLOTS
from simulator.scenario.source import Place
from simulator.scenario.survey import Survey
from simulator.scenario.written import nearest, parse_duration
from simulator.vocabulary.clock import MINUTE, spoken


def check_desks(survey: Survey) -> None:
    """Adds findings about agents' desks and about queues' rules for them to the survey."""
    for queue in survey.names("queues"):
        _queue(survey, ("queues", queue))
    labels = {survey.text("topics", topic, "label") for topic in survey.names("topics")} - {None}
    limited: set[str] = set()
    for group in survey.names("agents"):
        place: Place = ("agents", group)
        _capacity(survey, place)
        _attention(survey, place)
        _utilization(survey, place, sorted(label for label in labels if label is not None))
        limited |= set(survey.names(*place, "utilization", "labels"))
        _reply(survey, group)
    for topic in survey.names("topics"):
        label = survey.text("topics", topic, "label")
        if label is not None and label not in limited:
            survey.warn(
                ("topics", topic, "label"),
                f"no group of agents limits the label `{label}`: it changes nothing",
                "",
                nearest(label, sorted(limited)) or f"add `utilization: {{labels: {{{label}: {{capacity: 1}}}}}}`",
            )


def _queue(survey: Survey, place: Place) -> None:
    if survey.at(*place, "accept") == "when_free" and survey.at(*place, "auto_answer") is True:
        survey.error(
            (*place, "accept"),
            "`auto_answer` connects at once: nobody can wait until he is free",
            "one of the two",
            "take `auto_answer` out",
        )
    close_after = survey.at(*place, "close_after")
    closes = 10 * MINUTE if close_after is None else survey.read(parse_duration, *place, "close_after")
    after = survey.read(parse_duration, *place, "park", "after")
    if closes is not None and after is not None and after >= closes:
        survey.error(
            (*place, "park", "after"),
            f"the agent closes after {spoken(closes)} of silence: nothing would ever be parked",
            f"less than {spoken(closes)}",
            "or a longer `close_after`, which does not run while a conversation is parked",
        )
    timeout = survey.read(parse_duration, *place, "inactivity_timeout")
    if timeout is None and survey.at(*place, "inactivity_flow") is not None:
        survey.error(
            (*place, "inactivity_flow"),
            "there is no `inactivity_timeout` after which it would begin",
            "both, or neither",
            "add `inactivity_timeout: 30 min`",
        )
    first = [each for each in (closes, after) if each is not None]
    if timeout is not None and first and timeout > min(first):
        survey.warn(
            (*place, "inactivity_timeout"),
            f"after {spoken(min(first))} of silence the agent {'parks' if min(first) == after else 'closes'}: "
            "the platform comes too late, but for messages that nobody answers",
            f"at most {spoken(min(first))}, or `close_after: never`",
        )


def _capacity(survey: Survey, place: Place) -> None:
    """By channel: every channel, and not more than the platform gives to one agent."""
    by_channel = survey.map_at(*place, "capacity")
    if not isinstance(survey.at(*place, "capacity"), dict):
        return
    total = sum(survey.whole(*place, "capacity", channel) or 0 for channel in by_channel)
    if total > MOST_SLOTS:
        survey.error((*place, "capacity"), f"these are {total} conversations at once", f"at most {MOST_SLOTS} together")
    for channel in survey.names("channels"):
        if channel not in by_channel:
            survey.warn(
                (*place, "capacity"),
                f"`{channel}` is not in it: nothing of that channel is ever given to `{place[1]}`",
                "",
                f"add `{channel}: 0` if that is meant",
            )


def _attention(survey: Survey, place: Place) -> None:
    switching = survey.read(parse_duration, *place, "switching")
    if switching and survey.at(*place, "attention", "parallel") is not None:
        survey.error(
            (*place, "switching"),
            "who works on several conversations at once does not switch from one to the next",
            "`switching` with `attention: serial`",
            "the speeds of `parallel` say what it costs to go back and forth",
        )


def _utilization(survey: Survey, place: Place, labels: list[str]) -> None:
    """Labels that topics carry; `interrupted_by` names neighbours of the same map."""
    here: Place = (*place, "utilization", "labels")
    for label in survey.names(*here):
        if label not in labels:
            survey.error(
                (*here, label),
                f"no topic carries the label `{label}`",
                ", ".join(labels) or "a label that a topic carries",
                nearest(label, labels) or f"add `label: {label}` to a topic",
            )
        _interrupted_by(survey, (*here, label), labels)
    for channel in survey.names(*place, "utilization", "channels"):
        _interrupted_by(survey, (*place, "utilization", "channels", channel), survey.names("channels"))


def _interrupted_by(survey: Survey, place: Place, known: list[str]) -> None:
    for i, name in enumerate(survey.list_at(*place, "interrupted_by")):
        if isinstance(name, str) and name not in known:
            survey.error(
                (*place, "interrupted_by", i), f"there is no `{name}` here", ", ".join(known), nearest(name, known)
            )


def _reply(survey: Survey, group: str) -> None:
    """Somebody says what a reply costs: the group, its `by_topic`, the topic or the queue."""
    if survey.at("agents", group, "reply") is not None:
        return
    for queue in survey.list_at("agents", group, "queues"):
        if queue not in survey.names("queues") or survey.at("queues", queue, "reply") is not None:
            continue
        for topic in survey.names("topics"):
            if topic in survey.map_at("agents", group, "by_topic") or survey.at("topics", topic, "reply") is not None:
                continue
            survey.error(
                ("agents", group, "reply"),
                f"`reply` is missing: nobody says what a reply to `{topic}` in `{queue}` costs",
                "a map of effort, canned, history, script; on the group, the topic or the queue",
                "add `reply: {effort: 40 s}`",
            )
            return
