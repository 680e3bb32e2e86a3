"""Who comes, before any run: first contacts and answers to campaigns by channel and topic, and the turns they bring.

What a trace says of its rows, their topics and their turns, counts as it stands; what it leaves open is a mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from simulator.metrics.ways import Stretches
from simulator.scenario.capping import channel_caps, lane_key
from simulator.scenario.laws import Law
from simulator.scenario.means import exceeds, mean
from simulator.scenario.schema import Scenario
from simulator.scenario.sending import OptIn
from simulator.vocabulary.clock import SECOND
from simulator.vocabulary.codes import Lane
from simulator.workload.arrivals import intensity
from simulator.workload.intensity import trace_pieces

Cumulative = Callable[[np.ndarray], np.ndarray]
"""Expected number until a time. [time] -> [time]"""


@dataclass(frozen=True)
class Comers:
    """First contacts and answers to campaigns of one channel and topic."""

    contacts: Cumulative
    turns: Cumulative
    """Turns that they have together."""

    def within(self, stretches: Stretches) -> Comers:
        """Those who come in some stretches of time."""
        return Comers(_within(self.contacts, stretches), _within(self.turns, stretches))


def comers(scenario: Scenario) -> dict[tuple[str, str], Comers]:
    """All of a scenario by (channel, topic), without those of whom nobody is expected."""
    found: dict[tuple[str, str], Comers] = {}
    for name, channel in sorted(scenario.channels.items()):
        shares = scenario.topics_of(name) if channel.arrivals is not None else {}
        for topic in sorted(scenario.topics):
            turns = mean_turns(scenario, topic)
            parts = [_drawn(answers, turns) for answers in _campaign_answers(scenario, name, topic)]
            if shares.get(topic):
                parts.append(_first_contacts(scenario, name, topic, turns))
            if parts:
                found[name, topic] = Comers(
                    summed([part.contacts for part in parts]), summed([part.turns for part in parts])
                )
    return found


def mean_turns(scenario: Scenario, topic: str) -> float:
    """Of contacts whose turns are drawn."""
    return mean(scenario.behaviours[scenario.topics[topic].behaviour].turns)


def summed(parts: list[Cumulative]) -> Cumulative:
    return lambda times: np.sum([part(times) for part in parts], axis=0)


def _first_contacts(scenario: Scenario, channel: str, topic: str, turns: float) -> Comers:
    share, trace = scenario.channels[channel].topics.get(topic, 0.0), scenario.traces.get(channel)
    if trace is None:
        return _drawn(_scaled(_cumulative(*intensity(scenario, channel, scenario.duration_us)), share), turns)
    about = np.array([1.0 if given == topic else 0.0 if given else share for given in trace.topic])
    has = np.array([given or turns for given in trace.turns], float)
    contacts, all_turns = (
        _cumulative(*trace_pieces(scenario, channel, scenario.duration_us, weight)) for weight in (about, about * has)
    )
    return Comers(contacts, all_turns)


def _drawn(contacts: Cumulative, turns: float) -> Comers:
    return Comers(contacts, _scaled(contacts, turns))


def _cumulative(edges: np.ndarray, expected: np.ndarray) -> Cumulative:
    total = np.concatenate([[0.0], np.cumsum(expected)])
    return lambda times: np.interp(times, edges, total)


def _scaled(cumulative: Cumulative, factor: float) -> Cumulative:
    return lambda times: factor * cumulative(times)


def _within(cumulative: Cumulative, stretches: Stretches) -> Cumulative:
    begins, ends = np.array(stretches, np.int64).reshape(-1, 2).T
    before = cumulative(begins)

    def within(times: np.ndarray) -> np.ndarray:
        edges = np.clip(np.asarray(times)[:, None], begins, ends)  # [time, stretch]
        return np.asarray((cumulative(edges.ravel()).reshape(edges.shape) - before).sum(axis=1))

    return within


def _campaign_answers(scenario: Scenario, channel: str, topic: str) -> Iterator[Cumulative]:
    for campaign in scenario.outbound.campaigns.values():
        replies = campaign.replies
        if campaign.channel != channel or replies is None or replies.topic != topic:
            continue
        opt_in = campaign.opt_in.overall if isinstance(campaign.opt_in, OptIn) else campaign.opt_in
        number = campaign.contacts * opt_in * campaign.delivered
        caps = channel_caps(scenario, channel)
        numbers = np.inf if caps.clock is None else caps.numbers * caps.clock.per_second
        lane = lane_key(scenario, Lane.CAMPAIGN, channel)
        lanes = np.inf if lane is None else scenario.outbound.limits.whatsapp_campaign
        cap = min(lanes, numbers, campaign.requested_rate or np.inf)
        middle = scenario.calendar.us(campaign.start) + number / cap / 2 * SECOND  # as if all left at half time
        yield _answers(number * replies.probability, middle, replies.delay_us)


def _answers(number: float, start_us: float, delay: Law) -> Cumulative:
    return lambda times: number * np.array([1 - exceeds(delay, float(t) - start_us) for t in np.atleast_1d(times)])
