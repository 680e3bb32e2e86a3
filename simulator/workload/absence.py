"""Who is absent on which day, and who comes late or leaves early: what chance does to a plan."""

from __future__ import annotations

import numpy as np

from simulator.scenario.laws import Law
from simulator.scenario.people import Adherence, Unpunctual
from simulator.scenario.schema import Scenario
from simulator.workload.laws import quantile, whole
from simulator.workload.streams import Stream


class People:
    """One group's people, day by day. Days are numbered from the day before the start."""

    def __init__(self, scenario: Scenario, name: str, seed: int, replication: int):
        group = scenario.agents[name]
        self._count = group.count
        known = group.stream or name
        self._rule = group.absence
        self._absent = Stream(seed, replication, known, "absent")
        self._begins = Stream(seed, replication, known, "absence begins")
        habits = group.adherence or Adherence()  # type: ignore[call-arg]
        self._late = _Unpunctuality(habits.late, seed, replication, known, "late")
        self._early = _Unpunctuality(habits.leaves_early, seed, replication, known, "leaves early")
        self._factor = Stream(seed, replication, *_factor_stream(self._rule.day_factor, known))
        self._offsets: np.ndarray | None = None

    @property
    def may_be_absent(self) -> bool:
        return self._rule.share > 0

    def absent(self, day: int) -> np.ndarray:
        """Whether each agent is absent on day number `day`. [agent] of bool

        An absence of several days is a draw for each block of so many days; every agent's blocks begin on a day of
        his own, so that the probability of each agent-day stays the share.
        """
        rule = self._rule
        share = rule.share
        if rule.day_factor_cv:
            shape = 1 / rule.day_factor_cv**2
            share *= float(quantile(Law("gamma", (shape, 1 / shape)), self._factor.at(0, day)))
        if rule.days == 1:
            return np.asarray(self._absent.column(self._count, day) < share)
        if self._offsets is None:
            self._offsets = (self._begins.column(self._count) * rule.days).astype(np.int64)
        block = (day + self._offsets) // rule.days
        draws = {k: self._absent.column(self._count, k) for k in np.unique(block).tolist()}
        return np.array([draws[k][i] < share for i, k in enumerate(block.tolist())], bool)

    def late_us(self, day: int) -> np.ndarray:
        """How much after the start of the shift each agent logs on. [agent]"""
        return self._late.by_us(self._count, day)

    def early_us(self, day: int) -> np.ndarray:
        """How long before the end of the shift each agent logs off. [agent]"""
        return self._early.by_us(self._count, day)


class _Unpunctuality:
    def __init__(self, rule: Unpunctual | None, seed: int, replication: int, name: str, purpose: str):
        self._rule = rule
        self._whether = Stream(seed, replication, name, purpose)
        self._by = Stream(seed, replication, name, f"{purpose} by")

    def by_us(self, count: int, day: int) -> np.ndarray:
        if self._rule is None or self._rule.share <= 0:
            return np.zeros(count, np.int64)
        so = self._whether.column(count, day) < self._rule.share
        return np.where(so, whole(self._rule.by_us, self._by.column(count, day))[0], 0)


def _factor_stream(kind: str, name: str) -> tuple[str, str]:
    """Days on which more are absent: one stream for all groups, or one of the group's own."""
    return ("days", "absence factor") if kind == "shared" else (name, "absence factor")
