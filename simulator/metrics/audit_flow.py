"""The inbound flow as M/G/infinity: everybody is served at once, so that only the means of its steps matter.

The time in the flow holds for every way of arriving. The number in it needs Poisson arrivals; their rate may change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from simulator.metrics.audit import Line, Measured, Unknown
from simulator.metrics.audit_draws import (
    expected_arrivals,
    first_of_window,
    own_portion,
    passes_the_flow,
    steps_of,
    trunk_of,
)
from simulator.metrics.audit_tally import Kind, Sum, lines_of, tallied
from simulator.metrics.parts import Parts, Scope
from simulator.metrics.window import View
from simulator.scenario.capping import throughput
from simulator.scenario.means import exceeds, mean
from simulator.scenario.schema import Scenario
from simulator.theory.rooms import endless
from simulator.vocabulary.clock import SECOND
from simulator.workload import flowsteps as steps
from simulator.workload.flowdraws import LONGEST_WAIT_US

TIME = Kind(
    "audit flow time", "time in the flow", "s", "sum of the means of its steps: bot, customer's answers, form, waits",
    because="those who were not contained",
)  # fmt: skip
NUMBER = Kind(
    "audit flow number", "mean number in the flow", "count", "M/G/infinity: expected arrivals x mean time ÷ window"
)


def parts(view: View) -> dict[str, Parts]:
    """What one replication's flows took."""
    times: list[tuple[Scope, Sum]] = []
    numbers: list[tuple[Scope, Sum]] = []
    first = None
    for number, channel in enumerate(view.names["channel"]):
        if any(_unsteady(view.scenario, channel)):
            continue
        if first is None:
            first, stay, contained, topic = first_of_window(view), _stays(view), _contained(view), _topic(view)
        chosen = passes_the_flow(view) & (first == number)
        stays = np.where(chosen, stay, np.nan)
        open_ones = chosen & np.isnan(stay)
        arrived = view.column("contacts", "arrived_us")
        means = _means(view.scenario, channel, view.names["topic"])
        rows = chosen & ~contained & ~open_ones & (arrived < arrived[open_ones].min(initial=np.inf))
        expected = means[0][topic[rows]]
        away = stays[rows] - expected
        scope = (("channel", channel),)
        times.append((scope, _sum(stays[rows], float(rows.sum()), expected, away)))
        if not any(_not_poisson(view.scenario, channel)) and not open_ones.any():
            numbers.append((scope, _number(view, channel, stays[chosen], means[1])))
    return {**tallied(TIME.key, times), **tallied(NUMBER.key, numbers)}


def lines(scenario: Scenario, measured: Sequence[Measured]) -> list[Line | Unknown]:
    found: list[Line | Unknown] = [*lines_of(TIME, measured), *lines_of(NUMBER, measured)]
    known = {one.scope.get("channel") for one in found if isinstance(one, Line) and one.name == NUMBER.name}
    for channel in sorted(scenario.channels):
        if _empty(scenario, channel):
            continue
        unsteady = tuple(_unsteady(scenario, channel))
        if unsteady:
            found.append(Unknown(TIME.name, {"channel": channel}, TIME.source, unsteady))
        reasons = (*unsteady, *_not_poisson(scenario, channel))
        if channel not in known and reasons:
            found.append(Unknown(NUMBER.name, {"channel": channel}, NUMBER.source, reasons))
    return found


def _sum(values: np.ndarray, of: float, expected: np.ndarray, away: np.ndarray) -> Sum:
    return Sum(float(values.sum()), of, float(expected.sum()), float((away**2).sum()))


def _number(view: View, channel: str, stays: np.ndarray, means: np.ndarray) -> Sum:
    """Stays of those who came in the window ÷ window; a compound Poisson sum."""
    during = view.span_us / SECOND
    arrivals, variance = expected_arrivals(view.scenario, channel)
    stay = _mean_stay(view.scenario, channel, view.names["topic"], means)
    more = (variance - arrivals) * stay**2  # of good and bad days
    return Sum(
        float(stays.sum()) / during, 1.0, endless(arrivals, stay, during),
        (float((stays**2).sum()) + more) / during**2,
    )  # fmt: skip


def _mean_stay(scenario: Scenario, channel: str, topics: tuple[str, ...], means: np.ndarray) -> float:
    shares = scenario.topics_of(channel)
    whole = sum(shares.values())
    return sum(share / whole * float(means[topics.index(name)]) for name, share in shares.items())


# --- what happened ---------------------------------------------------------------------------------------------


def _stays(view: View) -> np.ndarray:
    """Time (s) a contact's first portion spent in the flow, nan while it does. [contact]"""
    until = np.fmin(view.column("portions", "queue_entered_us"), view.column("portions", "disconnected_us"))
    time = (until - view.column("portions", "opened_us")) / SECOND
    return np.append(time, np.nan)[own_portion(view)]


def _contained(view: View) -> np.ndarray:
    return view.equals("contacts", "outcome", "contained")


def _topic(view: View) -> np.ndarray:
    return view.codes("contacts", "topic")


# --- what is expected ------------------------------------------------------------------------------------------


def _means(scenario: Scenario, channel: str, topics: tuple[str, ...]) -> np.ndarray:
    """Mean time (s) of those who go on, and of all, by topic. [2, topic]"""
    found = np.full((2, len(topics)), np.nan)
    for topic in scenario.topics_of(channel):
        found[:, topics.index(topic)] = means_of(scenario, channel, topic)
    return found


def means_of(scenario: Scenario, channel: str, topic: str) -> tuple[float, float]:
    """Mean time (s) in the flow of those who go on, and of all, up to a branch on more than topic or channel."""
    answer = mean(scenario.behaviours[scenario.topics[topic].behaviour].flow_answer_us)
    all_us, on_us, still = 0.0, 0.0, 1.0
    for step in trunk_of(scenario, channel, topic):
        takes = _takes_us(step, answer)
        all_us += still * takes
        on_us += takes
        if isinstance(step, steps.Bot):
            still *= 1 - step.contains[sorted(scenario.topics).index(topic)]
    return on_us / SECOND, all_us / SECOND


def _takes_us(step: steps.Step, answer_us: float) -> float:
    """n bot turns are n bot times and n - 1 answers; a field is a question and an answer (model.md section 4)."""
    if isinstance(step, steps.Identify):
        return float(step.takes_us)
    if isinstance(step, steps.Bot):
        turns = mean(step.turns)
        return turns * mean(step.bot_time_us) + (turns - 1) * answer_us
    if isinstance(step, steps.Collect):
        return step.fields * (step.question_us + answer_us)
    return mean(step.time_us) if isinstance(step, steps.Wait) else 0.0


def _empty(scenario: Scenario, channel: str) -> bool:
    """Nobody comes of himself, or no step takes any time."""
    takes = (steps.Bot, steps.Collect, steps.Wait, steps.Identify)
    every = steps.every_step(steps_of_flow(scenario, channel))
    return scenario.channels[channel].arrivals is None or not any(isinstance(step, takes) for step in every)


def _unsteady(scenario: Scenario, channel: str) -> Iterator[str]:
    """Why the mean time in the flow of a channel has no closed form."""
    settings = scenario.channels[channel]
    if _empty(scenario, channel):
        yield f"nobody spends time there (flows.{settings.flow})"
        return
    if scenario.outages:
        yield "outages hold messages (outages)"
    for name, said in (("delivery", settings.delivery), ("middleware", settings.middleware)):
        if said is not None:
            yield f"messages take their time (channels.{channel}.{name})"
    if throughput(settings) is not None or settings.pair is not None:
        yield f"messages may wait for a cap (channels.{channel}.{'pair' if settings.pair else 'throughput'})"
    if settings.authenticated:
        yield f"some need no identification (channels.{channel}.authenticated)"
    for topic in scenario.topics_of(channel):
        behaviour = scenario.behaviours[scenario.topics[topic].behaviour]
        at = f"behaviours.{scenario.topics[topic].behaviour}"
        if behaviour.leaves_in_flow:
            yield f"customers leave at a question ({at}.leaves_in_flow)"
        if behaviour.patience_in_flow_us != "never":
            yield f"customers lose patience in the flow ({at}.patience_in_flow)"
        if exceeds(behaviour.flow_answer_us, LONGEST_WAIT_US) > 1e-9:
            yield f"answers may take more than 72 h ({at}.flow_answer)"
        if any(isinstance(step, steps.Branch) for step in trunk_of(scenario, channel, topic)[-1:]):
            yield f"the flow branches, by more than topic or channel (flows.{settings.flow}.branch)"
    for step in steps.every_step(steps_of_flow(scenario, channel)):
        if isinstance(step, steps.Wait) and exceeds(step.time_us, LONGEST_WAIT_US) > 1e-9:
            yield f"waits are cut at 72 h (flows.{settings.flow}.wait)"


def steps_of_flow(scenario: Scenario, channel: str) -> steps.Steps:
    return steps_of(scenario, scenario.channels[channel].flow)


def _not_poisson(scenario: Scenario, channel: str) -> Iterator[str]:
    """Why those who enter the flow are no Poisson stream of first contacts."""
    settings = scenario.channels[channel]
    if settings.arrivals is not None and settings.arrivals.trace is not None:
        yield f"arrivals are given, not drawn (channels.{channel}.arrivals.trace)"
    if channel in scenario.counts and scenario.counts[channel].kind == "count":
        yield f"counts are exact, not Poisson (channels.{channel}.arrivals.csv)"
    if settings.customers != "new":
        yield f"the same person may write into an open conversation (channels.{channel}.customers)"
    for topic in scenario.topics_of(channel):
        name = scenario.topics[topic].behaviour
        again = scenario.behaviours[name].writes_again
        for key, value in again:
            if value is not None:
                yield f"customers write again (behaviours.{name}.writes_again.{key})"
                break
    for key, sources in (
        ("campaigns", scenario.outbound.campaigns),
        ("notifications", scenario.outbound.notifications),
    ):
        for name, bulk in sources.items():
            if bulk.channel == channel and bulk.replies is not None:
                yield f"messages are answered (outbound.{key}.{name}.replies)"
