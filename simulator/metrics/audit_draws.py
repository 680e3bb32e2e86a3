"""Did what was asked for come out? Arrivals, topics, identification, containment.

These hold in nearly every scenario. Each is a sum of independent deviations from what is expected; its standard error
is known too, so that one replication is enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from simulator.metrics.audit import Line, Measured, Unknown
from simulator.metrics.audit_tally import Kind, Sum, lines_of, shares, tallied
from simulator.metrics.keys import rows_in
from simulator.metrics.parts import Parts, Scope
from simulator.metrics.window import View
from simulator.scenario.directory import directory
from simulator.scenario.schema import Scenario
from simulator.vocabulary.clock import DAY
from simulator.vocabulary.wall import wall_of
from simulator.workload import flowsteps as steps
from simulator.workload.arrivals import intensity
from simulator.workload.intensity import trace_us

ARRIVALS = Kind(
    "audit arrivals", "first contacts of the window", "count",
    "integral of the intensity (Poisson, good and bad days included), or the exact counts of file or trace",
)  # fmt: skip
TOPICS = Kind("audit topics", "share of the topic", "share", "binomial, by the channel's topics", pooled=False)
IDENTIFIED = Kind("audit identified", "identified by the flow", "share", "binomial, by identify.success")
CONTAINED = Kind("audit contained", "contained by the bot", "share", "binomial, by bot.contains")


def parts(view: View) -> dict[str, Parts]:
    """What one replication drew."""
    first = first_of_window(view)
    return {
        **tallied(ARRIVALS.key, _arrivals(view, first)),
        **tallied(TOPICS.key, _topics(view, first)),
        **tallied(IDENTIFIED.key, _identified(view, first)),
        **tallied(CONTAINED.key, _contained(view, first)),
    }


def lines(scenario: Scenario, measured: Sequence[Measured]) -> list[Line | Unknown]:
    found: list[Line | Unknown] = []
    for kind in (ARRIVALS, TOPICS, IDENTIFIED, CONTAINED):
        found += lines_of(kind, measured)
    return found


# --- who came --------------------------------------------------------------------------------------------------


def first_of_window(view: View) -> np.ndarray:
    """Channel of the first contacts of the window, -1 for all others. [contact]"""
    code = view.codes("contacts", "source", view.names["channel"])
    fresh = view.table("contacts")["parent"].isna().to_numpy(dtype=bool)
    return np.where(fresh & view.cohort("contacts", "arrived_us"), code, -1)


def _arrivals(view: View, first: np.ndarray) -> Iterator[tuple[Scope, Sum]]:
    came = np.bincount(first[first >= 0], minlength=len(view.names["channel"]))
    for number, channel in enumerate(view.names["channel"]):
        if view.scenario.channels[channel].arrivals is not None:
            expected, variance = expected_arrivals(view.scenario, channel)
            yield (("channel", channel),), Sum(float(came[number]), 1.0, expected, variance)


def expected_arrivals(scenario: Scenario, source: str) -> tuple[float, float]:
    """Expectation and variance of the number of arrivals of a source in the measured window."""
    low, high = scenario.warm_up_us, scenario.duration_us
    arrivals = scenario.arrivals_of(source)
    if arrivals is None or high <= low:
        return 0.0, 0.0
    if arrivals.trace is not None:
        times = trace_us(scenario, source)
        return float(((times >= low) & (times < high)).sum()), 0.0
    if arrivals.csv is not None and scenario.counts[source].kind == "count":
        edges, values = scenario.counts[source].intervals(scenario.calendar)
        inside = np.clip(np.diff(np.clip(edges, low, high)) / np.maximum(np.diff(edges), 1), 0.0, 1.0)
        return float((values * inside).sum()), float((values * inside * (1 - inside)).sum())
    edges, expected = intensity(scenario, source, high)
    expected = expected * np.diff(np.clip(edges, low, high)) / np.maximum(np.diff(edges), 1)
    total = float(expected.sum())
    if not arrivals.day_factor_cv:
        return total, total
    days = wall_of(scenario.calendar, int(edges[0]), int(edges[-1])).shows(edges[:-1]) // DAY
    by_day = np.bincount(days - days.min(), expected)
    return total, total + arrivals.day_factor_cv**2 * float((by_day**2).sum())


def _topics(view: View, first: np.ndarray) -> list[tuple[Scope, Sum]]:
    topic = view.codes("contacts", "topic")
    scopes: list[tuple[Scope, float]] = []
    for channel in view.names["channel"]:
        trace = view.scenario.traces.get(channel)
        given = view.scenario.channels[channel].topics
        if len(given) > 1 and (trace is None or not any(trace.topic)):
            whole = sum(given.values())
            scopes += [((("channel", channel), ("topic", name)), share / whole) for name, share in given.items()]

    def rows_of(scope: Scope) -> np.ndarray:
        return first == view.names["channel"].index(scope[0][1])

    found = []
    for scope, share in scopes:
        is_it = topic == view.names["topic"].index(scope[1][1])
        found += shares(view, "contacts", [(scope, share)], rows_of, is_it)
    return found


# --- what the flow decided -------------------------------------------------------------------------------------


def trunk_of(scenario: Scenario, channel: str, topic: str) -> list[steps.Step]:
    """The steps that every contact of a channel and topic passes first."""
    names = directory(scenario)
    flow = steps.read_flow(scenario, names, scenario.channels[channel].flow)
    return list(steps.trunk(flow.steps, names.topics.index(topic), names.channels.index(channel)))


def _identified(view: View, first: np.ndarray) -> list[tuple[Scope, Sum]]:
    scopes: list[tuple[Scope, float]] = []
    for channel in view.names["channel"]:
        settings = view.scenario.channels[channel]
        if settings.authenticated:
            continue
        ways = [trunk_of(view.scenario, channel, topic) for topic in view.scenario.topics_of(channel)]
        found = {next((one.success for one in way if isinstance(one, steps.Identify)), None) for way in ways}
        asked = [
            step for name in (settings.flow,) for step in steps.every_step(steps_of(view.scenario, name))
            if isinstance(step, steps.Identify)
        ]  # fmt: skip
        if len(found) == 1 and None not in found and len(asked) == 1:
            scopes.append(((("channel", channel),), float(found.pop() or 0.0)))
    if not scopes:
        return []
    asked_of = ~view.table("contacts")["identified"].isna().to_numpy(dtype=bool)
    yes = view.flag("contacts", "identified")

    def rows_of(scope: Scope) -> np.ndarray:
        return asked_of & (first == view.names["channel"].index(scope[0][1]))

    return shares(view, "contacts", scopes, rows_of, yes)


def steps_of(scenario: Scenario, flow: str) -> steps.Steps:
    return steps.read_flow(scenario, directory(scenario), flow).steps


def _contained(view: View, first: np.ndarray) -> Iterator[tuple[Scope, Sum]]:
    """Of those who went through the flow's first bot, in order of arrival up to the first who is still there."""
    if view.scenario.outages:
        return
    topic = view.codes("contacts", "topic")
    started = passes_the_flow(view)
    gone = view.has("contacts", "left_flow_us")
    contained = view.equals("contacts", "outcome", "contained")
    portion = own_portion(view)
    through = contained | passed(view)[portion]
    for number, channel in enumerate(view.names["channel"]):
        shares_of = _first_bot(view.scenario, channel)
        if shares_of is None:
            continue
        rows = started & (first == number)
        arrived = view.column("contacts", "arrived_us")
        still = rows & ~through
        rows &= arrived < arrived[still].min(initial=np.inf)
        if (rows & gone).any():
            continue  # who leaves is no coin toss of the bot
        share = np.array([shares_of.get(name, 0.0) for name in view.names["topic"]])[topic[rows]]
        yield (
            (("channel", channel),),
            Sum(float((rows & contained).sum()), float(rows.sum()), float(share.sum()),
                float((share * (1 - share)).sum())),
        )  # fmt: skip


def passes_the_flow(view: View) -> np.ndarray:
    """Contacts that went through the flow when they came: not those who joined, nor re-opened past it. [contact]"""
    started = view.equals("contacts", "entry", "started")
    runs = np.array([view.scenario.threading_of(name).reopen_runs_flow for name in view.names["channel"]] + [False])
    return started | (view.equals("contacts", "entry", "reopened") & runs[view.codes("contacts", "channel")])


def own_portion(view: View) -> np.ndarray:
    """Row of the portion that a contact opened first, the last row + 1 where it opened none. [contact]"""
    owner = rows_in(view, "portions", "contact", "contacts", "contact")
    found = np.full(view.size("contacts"), view.size("portions"), np.int64)
    known = owner >= 0
    np.minimum.at(found, owner[known], np.flatnonzero(known))
    return found


def passed(view: View) -> np.ndarray:
    """Whether a portion is through its flow: queued, turned away or ended; False for none. [portion + 1]"""
    done = view.has("portions", "queue_entered_us") | view.has("portions", "disconnected_us")
    return np.append(done, False)


def _first_bot(scenario: Scenario, channel: str) -> dict[str, float] | None:
    """Containment of the one bot that everybody of a channel meets, by topic; None where it is not as simple."""
    names = directory(scenario)
    settings = scenario.channels[channel]
    bots = [one for one in steps.every_step(steps_of(scenario, settings.flow)) if isinstance(one, steps.Bot)]
    if len(bots) != 1:
        return None
    found = {}
    for topic in scenario.topics_of(channel):
        behaviour = scenario.behaviours[scenario.topics[topic].behaviour]
        if behaviour.leaves_in_flow or behaviour.patience_in_flow_us != "never":
            return None
        bot = next((one for one in trunk_of(scenario, channel, topic) if isinstance(one, steps.Bot)), None)
        if bot is None:
            return None
        found[topic] = bot.contains[names.topics.index(topic)]
    return found if any(found.values()) else None
