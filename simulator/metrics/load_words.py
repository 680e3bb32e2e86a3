"""The coverage of a plan in words: one line, and a warning for everything a planner should know before the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import isnan
from typing import TYPE_CHECKING

import numpy as np

from simulator.scenario.channels import Population
from simulator.scenario.schema import Scenario
from simulator.vocabulary.clock import DAY, spoken
from simulator.workload.intensity import intensity

if TYPE_CHECKING:
    from simulator.metrics.load import Coverage, Gap

CROWDED = 0.2
"""Contacts within the threading window per customer of the population, above which somebody is warned (assumed): from
here on about every fifth contact only continues an earlier conversation."""
LEAST = 0.5
"""Contacts expected in all the hours of a gap below which nobody is warned (assumed: less than one)."""

Arriving = Mapping[tuple[str, str, str], Callable[[np.ndarray], np.ndarray]]
"""Expected arrivals until a time, by (queue, topic, channel)."""


def in_words(scenario: Scenario, coverage: Coverage, arriving: Arriving) -> Coverage:
    """The same coverage with its line and its warnings."""
    met = _gap_warnings(scenario, coverage, arriving)
    warnings = [*met, *_load_warnings(coverage), *_crowded(scenario)]
    gaps = f"{len(met)} kinds of contacts have hours without a qualified agent"
    if len(met) == 1:
        gaps = "one kind of contacts has hours without a qualified agent"
    if not met:
        which = "every hour in which contacts come" if coverage.gaps else "every hour"
        gaps = f"{which} has a qualified agent on shift"
    line = f"{_loads(scenario, coverage)}; {gaps}"
    return replace(coverage, line=line, warnings=tuple(warnings))


def _loads(scenario: Scenario, coverage: Coverage) -> str:
    expected, measured = f"about {coverage.contacts_per_day:,.0f} contacts a day", ", measured"
    window = scenario.duration_us - scenario.warm_up_us
    if window % DAY:  # busy hours alone, scaled up to 24, are nobody's day
        contacts = coverage.contacts_per_day * window / DAY
        expected, measured = f"about {contacts:,.0f} contacts in the {spoken(window)} measured", ","
    if scenario.warm_up_us:  # who wrote 14 days, of which seven warm up, may not have meant seven
        begins, ends = (scenario.calendar.local(us) for us in (scenario.warm_up_us, scenario.duration_us))
        expected += f"{measured} {begins:%a %d %b %H:%M} to {ends:%a %d %b %H:%M}"
    if isnan(coverage.attention_share):
        return f"{expected}; no agent is planned in the measured window"
    text = (
        f"{expected}; load {coverage.attention_share:.0%} of agents' attention, {coverage.slots_share:.0%} of their "
        "slots on average over the window"
    )
    if isnan(coverage.slots_share):
        text = f"{expected}; load {coverage.attention_share:.0%} of agents' attention, but they have no slots"
    if coverage.busiest_hour_us is not None:
        hour = scenario.calendar.local(coverage.busiest_hour_us)
        text += f" (busiest hour {hour:%a %H:%M}: {coverage.busiest_hour_share:.0%} of attention)"
    return text


def _load_warnings(coverage: Coverage) -> list[str]:
    texts = []
    for queue in coverage.queues:
        if queue.attention_share > 1:
            texts.append(
                f"queue {queue.queue}: the expected work is {queue.attention_share:.0%} of the attention of all agents "
                "who serve it: the backlog grows until customers give up"
            )
        if queue.slots_share > 1:
            texts.append(
                f"queue {queue.queue}: the expected conversations need {queue.slots_share:.0%} of the slots of all "
                "agents who serve it: conversations wait even where agents have time"
            )
        if queue.contacts > 0 and isnan(queue.attention_share):
            texts.append(f"queue {queue.queue}: no agent serves it in the measured window, all its contacts wait")
    return texts


def _crowded(scenario: Scenario) -> list[str]:
    """One for each channel whose population is so small that the same people write again within days."""
    texts = []
    for name, channel in sorted(scenario.channels.items()):
        window_us = scenario.threading_of(name).window_us
        if not isinstance(channel.customers, Population) or channel.arrivals is None or not window_us:
            continue
        people = channel.customers.population
        span_us = min(window_us, scenario.duration_us)
        edges, expected = intensity(scenario, name, scenario.duration_us)
        total = np.concatenate([[0.0], np.cumsum(expected)])
        begins = np.append(edges, edges - span_us)  # straight between the edges: the most begins or ends at one
        most = float((np.interp(begins + span_us, edges, total) - np.interp(begins, edges, total)).max())
        if name in scenario.traces:  # who is named in the file is not one of the population
            named = [bool(customer) for customer in scenario.traces[name].customer]
            most *= 1 - sum(named) / len(named)
        if most / people <= CROWDED:
            continue
        texts.append(
            f"channel {name}: {most:,.0f} contacts within {spoken(span_us)} come from {people:,} customers, and a "
            f"`threading` window is {spoken(window_us)}: up to about {1 - np.exp(-most / people):.0%} of them only "
            f"continue an earlier conversation; a population of {_round_up(most / CROWDED):,} or more, or `customers: "
            "new`, if that is not meant (more than one contact per 5 customers is warned about: assumed)"
        )
    return texts


def _round_up(number: float) -> int:
    """To two digits."""
    step = 10 ** max(len(str(int(number))) - 2, 0)
    return int(np.ceil(round(number / step, 6))) * step


def _by_topics(coverage: Coverage) -> dict[tuple[str, tuple[str, ...]], list[Gap]]:
    found: dict[tuple[str, tuple[str, ...]], list[Gap]] = {}
    for gap in coverage.gaps:
        found.setdefault((gap.queue, gap.topics), []).append(gap)
    return found


def _gap_warnings(scenario: Scenario, coverage: Coverage, arriving: Arriving) -> list[str]:
    """One for each kind of contacts that comes while nobody who may take it is there; who is closed at night and gets
    nothing then is told nothing."""
    texts = []
    for (queue, topics), gaps in _by_topics(coverage).items():
        of_topics = f"topic {topics[0]}" if len(topics) == 1 else f"topics {', '.join(topics)}"
        skills = scenario.topics[topics[0]].skills
        needing = f" (skills {', '.join(skills)})" if skills else ""
        meanwhile = sum(
            float(np.diff(number(np.array([gap.start_us, gap.end_us])))[0])
            for (in_queue, topic, _), number in arriving.items()
            for gap in gaps
            if in_queue == queue and topic in topics
        )
        if meanwhile < LEAST:
            continue
        number = f"about {meanwhile / scenario.duration_us * DAY:,.0f} such contacts a day"
        if scenario.duration_us % DAY:
            number = f"about {meanwhile:,.0f} such contacts"
        texts.append(
            f"queue {queue}: nobody can take {of_topics}{needing} {_when(scenario, gaps)}; {number} come in that time, "
            "bot included"
        )
    return texts


def _when(scenario: Scenario, gaps: list[Gap]) -> str:
    """`22:00-08:00 (5 times)`; a gap cut by the run's start or end is told with its like."""
    end = scenario.duration_us
    if len(gaps) == 1 and (gaps[0].start_us, gaps[0].end_us) == (0, end):
        return "at any time"
    whole: dict[tuple[str, str], list[Gap]] = {}
    cut = []
    for gap in gaps:
        if gap.start_us == 0 or gap.end_us == end:
            cut.append(gap)
        else:
            whole.setdefault(_clocks(scenario, gap), []).append(gap)
    for gap in cut:
        start, stop = _clocks(scenario, gap)
        alike = [k for k in whole if (gap.start_us == 0 and k[1] == stop) or (gap.end_us == end and k[0] == start)]
        whole.setdefault(alike[0] if alike else (start, stop), []).append(gap)
    return ", ".join(_told(scenario, clocks, those) for clocks, those in whole.items())


def _told(scenario: Scenario, clocks: tuple[str, str], gaps: list[Gap]) -> str:
    if any(gap.end_us - gap.start_us >= DAY for gap in gaps) or len(gaps) == 1:
        local = scenario.calendar.local
        return ", ".join(f"{local(gap.start_us):%a %d %b %H:%M}-{local(gap.end_us):%a %d %b %H:%M}" for gap in gaps)
    return f"{clocks[0]}-{clocks[1]} ({len(gaps)} times)"


def _clocks(scenario: Scenario, gap: Gap) -> tuple[str, str]:
    local = scenario.calendar.local
    return f"{local(gap.start_us):%H:%M}", f"{local(gap.end_us):%H:%M}"
