"""What no scenario may ask for: lists that nobody wrote by hand, and runs that no machine can finish.

Two passes. `oversized` looks at the plain tree before anything is checked: some checks compare everything with
everything. `check_bounds` estimates, from the means of the laws, what a run would have to do.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

from simulator.scenario.counts import Counts
from simulator.scenario.lawful import parse_count_law, parse_duration_law
from simulator.scenario.laws import Law
from simulator.scenario.means import exceeds, mean
from simulator.scenario.sense import MAX_CONTACTS, expected_contacts
from simulator.scenario.source import Place, Plain, Source
from simulator.scenario.survey import Survey
from simulator.scenario.traces import Trace
from simulator.scenario.written import parse_duration, parse_share, shown
from simulator.vocabulary.clock import MINUTE, SECOND, spoken
from simulator.vocabulary.errors import Finding

MOST_ENTRIES = 1_000  # names in a section, elements of a list: far beyond any contact centre (assumed)
MOST_OF = {"breaks": 24}  # in one shift
LONG_LISTS = ("trace", "texts", "words", "values", "weights", "empirical", "by_hour_of_week")
"""Lists whose own readers bound them."""
FREE_TEXTS = ("texts", "words", "patterns")
"""Texts that are looked at and never printed as they stand: terminals obey some characters."""
MAX_MESSAGES = 500_000_000  # conversation messages that one run may be expected to have: hours of work (assumed)
MAX_AGENTS = 1_000_000  # each is a process with a memory of its own (assumed)
MAX_ROWS = 1_000_000  # rows of the table of intervals (assumed)
MAX_WEIGHED = 50_000_000  # customers with weights: the weights stand in a column (assumed)
NEARLY_ALL = 1 - 1e-9
ALMOST_ALL = 0.999
SHORTEST_ROUND_US = MINUTE  # through queues that flow out into each other (assumed)
SHORTEST_WORD_US = 5 * SECOND  # between two messages to somebody who waits, or until he counts as silent (assumed)
MAX_CHAIN = 1_000_000  # contacts that one need may become (assumed)


def oversized(source: Source) -> list[Finding]:
    """Lists, maps and texts that are too long to be looked at, and texts that no screen should get."""
    found = [source.finding(*said) for said in _strange(source.tree, ())]
    return [replace(each, path=_printable(each.path)) for each in found]


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _strange(value: Plain, place: Place) -> Iterable[tuple[Place, str, str, str]]:
    """(place, problem, allowed, suggestion)"""
    name = next((part for part in reversed(place) if isinstance(part, str)), "")
    if isinstance(value, str) and name not in FREE_TEXTS and not value.isprintable():
        yield place, f"{shown(value)} holds characters that cannot be shown", "printable text in one line", ""
    if not isinstance(value, dict | tuple):
        return
    most = MOST_OF.get(name, MOST_ENTRIES)
    if len(value) > most and not (isinstance(value, tuple) and name in LONG_LISTS):
        yield place, f"{len(value)} entries stand here", f"at most {most:,}", "leave out what is not needed"
        return
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(key, str) and not key.isprintable():
            problem = f"the key {shown(key)} holds characters that cannot be shown"
            yield (*place, key), problem, "printable text in one line", ""
        else:
            yield from _strange(item, (*place, key))


def check_bounds(survey: Survey, counts: Mapping[str, Counts], traces: Mapping[str, Trace]) -> None:
    """Adds findings about runs that would never end, or that no memory holds."""
    _again(survey)
    for name in survey.names("queues"):
        _answering(survey, name)
    _contacts(survey, counts, traces)
    _agents(survey)
    _intervals(survey)
    _circles(survey)
    for name in survey.names("channels"):
        _population(survey, name)


def _again(survey: Survey) -> None:
    """Everybody writes again, nearly at once: a circle without an end."""
    for behaviour in survey.names("behaviours"):
        for reason in survey.names("behaviours", behaviour, "writes_again"):
            place: Place = ("behaviours", behaviour, "writes_again", reason)
            delay = survey.read(parse_duration_law, *place, "delay")
            share = survey.read(parse_share, *place, "probability") or 0.0
            if share >= NEARLY_ALL and delay is not None and mean(delay) < SECOND:
                survey.error(
                    (*place, "delay"),
                    "everybody writes again at once, without end",
                    "a probability below 100 %, or a delay of 1 s or more",
                )


def _answering(survey: Survey, queue: str) -> None:
    """Alerts that nobody ever answers go round for ever."""
    place: Place = ("queues", queue)
    answer = survey.read(parse_duration_law, *place, "answer_time")
    timeout = survey.read(parse_duration, *place, "alerting_timeout") or 30 * SECOND
    if survey.at(*place, "auto_answer") is True:
        return
    returns = survey.read(parse_duration, *place, "returns_after")
    round_us = (0 if answer is None else mean(answer)) + (60 * SECOND if returns is None else returns)
    if (survey.read(parse_share, *place, "declines") or 0.0) >= ALMOST_ALL and round_us < SECOND:
        survey.error(
            (*place, "declines"),
            "every alert is declined and rings again at once, without end",
            "below 99.9 %, or `returns_after: 1 s` and more",
        )
    if answer is not None and exceeds(answer, timeout) >= NEARLY_ALL:
        slots = sum(
            (survey.whole("agents", group, "count") or 1) * (survey.whole("agents", group, "capacity") or 1)
            for group in survey.names("agents")
        )
        alerts = slots * survey.horizon_us / (timeout + (60 * SECOND if returns is None else returns))
        say = survey.error if alerts > MAX_MESSAGES else survey.warn
        say(
            (*place, "answer_time"),
            f"no alert is ever answered: every answer takes longer than {spoken(timeout)}",
            "answers within `alerting_timeout` (7 s to 15 min)",
            "a shorter answer_time, or a longer alerting_timeout",
        )


def _circles(survey: Survey) -> None:
    """Queues that pass everybody on to each other, or flow out into each other in no time; words without a pause."""
    passed: dict[str, list[str]] = {}
    flows_out: dict[str, tuple[str, int]] = {}
    for queue in survey.names("queues"):
        place: Place = ("queues", queue)
        rules = [(*place, "transfers", i) for i in range(len(survey.list_at(*place, "transfers")))]
        shares = [survey.read(parse_share, *rule, "share") or 0.0 for rule in rules]
        if math.fsum(shares) >= ALMOST_ALL:
            passed[queue] = [survey.text(*rule, "to") or queue for rule in rules]
        out = survey.text(*place, "in_queue_flow", "flow_out", "to")
        if out is not None:
            flows_out[queue] = (out, survey.read(parse_duration, *place, "in_queue_flow", "flow_out", "after") or 0)
        for i in range(len(survey.list_at(*place, "in_queue_flow", "messages"))):
            _pause(survey, (*place, "in_queue_flow", "messages", i, "every"))
        for i in range(len(survey.list_at(*place, "in_queue_flow", "set_priority"))):
            _pause(survey, (*place, "in_queue_flow", "set_priority", i, "every"))
        _pause(survey, (*place, "inactivity_timeout"))
    for queue, others in passed.items():
        if others != [queue] and _comes_back(queue, passed):
            survey.error(
                ("queues", queue, "transfers"),
                "everybody is passed on from queue to queue, without end",
                "shares that sum to less than 99.9 % somewhere on the way",
            )
    for queue in flows_out:
        total, here, seen = 0, queue, set()
        while here in flows_out and here not in seen:
            seen.add(here)
            here, after = flows_out[here]
            total += after
        if here == queue and len(seen) > 1 and total < SHORTEST_ROUND_US:
            survey.error(
                ("queues", queue, "in_queue_flow", "flow_out", "after"),
                f"whoever waits is back in this queue after {spoken(total)}, round and round",
                f"a round of {spoken(SHORTEST_ROUND_US)} and more",
            )


def _pause(survey: Survey, place: Place) -> None:
    pause = survey.read(parse_duration, *place)
    if pause is not None and 0 < pause < SHORTEST_WORD_US:
        survey.error(place, f"{spoken(pause)} is too short", f"{spoken(SHORTEST_WORD_US)} and more")


def _comes_back(queue: str, passed: Mapping[str, list[str]]) -> bool:
    """Does the way through queues that pass everybody on lead back to this one?"""
    seen: set[str] = set()
    ahead = list(passed[queue])
    while ahead:
        here = ahead.pop()
        if here == queue:
            return True
        if here not in seen and here in passed:
            seen.add(here)
            ahead += passed[here]
    return False


def _contacts(survey: Survey, counts: Mapping[str, Counts], traces: Mapping[str, Trace]) -> None:
    """Contacts with those who write again, and the messages that all of them write and get."""
    first = [part for part in expected_contacts(survey, counts, traces) if part[0] > 0]
    if not first or not survey.horizon_us:
        return
    place = max(first, key=lambda part: part[0])[1]
    total = math.fsum(size for size, _ in first)
    chain = _chain(survey)
    if total <= MAX_CONTACTS and (total * chain > MAX_CONTACTS or chain > MAX_CHAIN):
        survey.error(
            place,
            f"with those who write again the run would have about {total * chain:,.0f} contacts",
            f"at most {MAX_CONTACTS:,} in one run",
            "smaller probabilities or longer delays in `writes_again`",
        )
    given = math.fsum(math.fsum(trace.turns) for trace in traces.values())  # each is kept, in time or not
    messages = min(total * chain, MAX_CONTACTS) * _messages(survey) + 2 * given
    if total <= MAX_CONTACTS and messages > MAX_MESSAGES:
        survey.error(
            place,
            f"the run would have about {messages:,.0f} messages",
            f"at most {MAX_MESSAGES:,} in one run",
            "shorter bursts, fewer turns, or a shorter run",
        )


def _chain(survey: Survey) -> float:
    """How many contacts one need may become: each may be followed by another, but only as long as the run lasts."""
    most, soonest, thanks = 0.0, math.inf, 0.0
    for behaviour in survey.names("behaviours"):
        for reason in survey.names("behaviours", behaviour, "writes_again"):
            place: Place = ("behaviours", behaviour, "writes_again", reason)
            share = survey.read(parse_share, *place, "probability") or 0.0
            delay = survey.read(parse_duration_law, *place, "delay")
            if reason == "thanks":
                thanks = max(thanks, share)
            elif share > 0:
                most = max(most, share)
                soonest = min(soonest, mean(delay) if delay is not None else 0.0)
    by_time = 1 + survey.horizon_us / soonest if soonest > 0 else math.inf
    by_share = 1 / (1 - most) if most < 1 else math.inf
    return (1 + thanks) * min(by_time, by_share, 1e12)


def _messages(survey: Survey) -> float:
    """Messages that one contact may be expected to write and to get, at most."""

    def mean_of(place: Place) -> float:
        law = survey.read(parse_count_law, *place)
        return 1.0 if law is None else mean(law)

    behaviours = [0.0]
    for name in survey.names("behaviours"):
        think = survey.read(parse_duration_law, "behaviours", name, "think")
        turns = mean_of(("behaviours", name, "turns"))
        behaviours.append(mean_of(("behaviours", name, "opening", "messages")) + 2 * _in_time(survey, turns, think))
    asked = [0.0]
    for name in survey.names("flows"):
        fields, bots = _questions(survey.at("flows", name))
        asked.append(2 * (fields + math.fsum(mean(law) for law in bots)))
    return max(behaviours) + max(asked)


def _in_time(survey: Survey, turns: float, think: Law | None) -> float:
    """Turns that the run has room for."""
    pause = 0.0 if think is None else mean(think)
    return min(turns, 1 + survey.horizon_us / pause) if pause > 0 else turns


def _questions(value: Plain) -> tuple[float, list[Law]]:
    """Fields of forms and laws of bot turns, wherever they stand in a flow."""
    fields = 0.0
    laws: list[Law] = []
    if isinstance(value, dict):
        asked = value.get("collect")
        if isinstance(asked, dict) and isinstance(asked.get("fields"), int):
            fields += asked["fields"]
        bot = value.get("bot")
        if isinstance(bot, dict) and "turns" in bot:
            laws += [law for law in (_law(bot["turns"]),) if law is not None]
    if isinstance(value, dict | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            more, further = _questions(item)
            fields, laws = fields + more, laws + further
    return fields, laws


def _law(value: Plain) -> Law | None:
    try:
        return parse_count_law(value)
    except ValueError:
        return None


def _agents(survey: Survey) -> None:
    sizes = [(survey.whole("agents", name, "count") or 0, name) for name in survey.names("agents")]
    if sum(size for size, _ in sizes) > MAX_AGENTS:
        survey.error(
            ("agents", max(sizes)[1], "count"),
            f"{sum(size for size, _ in sizes):,} agents stand in this scenario",
            f"at most {MAX_AGENTS:,}",
        )


def _intervals(survey: Survey) -> None:
    interval = survey.read(parse_duration, "interval") or 30 * MINUTE
    rows = survey.horizon_us / interval * max(len(survey.names("queues")), 1)
    if interval >= MINUTE and rows > MAX_ROWS:
        survey.error(
            ("interval",) if survey.at("interval") is not None else ("queues",),
            f"the table of intervals would have {rows:,.0f} rows",
            f"at most {MAX_ROWS:,}: the run's intervals times its queues",
            "a longer `interval`",
        )


def _population(survey: Survey, channel: str) -> None:
    place: Place = ("channels", channel, "customers")
    people = survey.whole(*place, "population") or 0
    if people > MAX_WEIGHED and isinstance(survey.at(*place, "weights"), dict):
        survey.error(
            (*place, "population"),
            f"{shown(people)} customers, each with a weight of his own",
            f"at most {MAX_WEIGHED:,} with `weights`",
            "`weights: equal`, or a smaller population",
        )
