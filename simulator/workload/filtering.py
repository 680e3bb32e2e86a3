"""What chance says about drafts: which text an agent writes, whether it is one of the share that is caught, how long
writing it again takes. Pure draws per contact, turn and attempt."""

from __future__ import annotations

from collections import Counter

from simulator.scenario.directory import Directory
from simulator.scenario.filtering import ContentFilter
from simulator.scenario.schema import Scenario
from simulator.workload.customers import stream_name
from simulator.workload.draws import Draw
from simulator.workload.streams import Stream

ATTEMPTS = 16
"""Draws kept for one turn: more than a scenario may ask for, so that another number of attempts moves nothing."""


class FilterDraws:
    """The drafts for the contacts of one source. `turn`: within the contact; `attempt` from 0."""

    def __init__(
        self, rules: ContentFilter, texts: int, source: str, name: str, seed: int, replication: int,
        clipped: Counter[str],
    ):  # fmt: skip
        self._stream = Stream(seed, replication, name, "content filter")
        self._share = rules.share or 0.0
        self._texts = texts
        self._factor = rules.rewrite.effort
        stream = Stream(seed, replication, name, "rewrite")
        self._takes = Draw(stream, [rules.rewrite.takes_us], clipped, f"{source}: rewrite")

    def text(self, entity: int, turn: int, attempt: int) -> int:
        """Which of the given texts this draft is, by number; each as likely as the others."""
        return int(self._stream.at(entity, turn * ATTEMPTS + attempt) * self._texts)

    def in_share(self, entity: int, turn: int, attempt: int) -> bool:
        """Is this draft one of the share that is caught?"""
        return self._share > 0 and self._stream.at(entity, turn * ATTEMPTS + attempt) < self._share

    def rewrite_us(self, entity: int, turn: int, attempt: int, drawn_us: int) -> int:
        """Attention that writing this draft again takes. `drawn_us`: the reply's drawn effort."""
        if self._factor is None:
            return self._takes.at(0, entity, turn * ATTEMPTS + attempt)
        return round(drawn_us * self._factor)


def filter_draws(
    scenario: Scenario, directory: Directory, seed: int, replication: int, clipped: Counter[str]
) -> dict[int, FilterDraws]:
    """By number of the source; empty without a content filter."""
    rules = scenario.content_filter
    if rules is None:
        return {}
    texts = len(scenario.texts)
    return {
        number: FilterDraws(rules, texts, source, stream_name(scenario, source), seed, replication, clipped)
        for number, source in enumerate(directory.sources)
        if source not in scenario.outbound.notifications
    }
