"""How many agents each interval asks for, pool by pool: Erlang on slots, and the replies that wait on agents' desks.

The smallest whole number n of agents of which n x slots each (mean of those present, else planned, else of all) keep
the service level's target by Erlang C or A, where the load in slots is

    free(t) + c D(n),   D(n) = A r / (1 - r),   r = A / n:

free(t), what would be in slots had nobody waited in the queue or on a desk, and A(t), the attention (`offered`); D is
the number of replies that wait for their agent's attention, each desk taken as a single server (`theory.staffing`);
c, one number for a run, makes the formula's waits on desks those of the run at its own number of agents. Without
several slots c is 0 and this is Erlang C or A as it stands in books.

Assumed: Poisson arrivals and exponential times in a slot; each interval as if its load lasted and nothing were left
over from the one before; the mean time in a slot is that of all sessions of the run; who writes again, hand-backs and
transfers are offers like any other. Measured on pools of 7 to 16 agents with one, three and four slots: the answer is
the smallest number that keeps the target in simulation, or one less. `least` is what no routing can do without:
attention, and free ÷ slots each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulator.metrics import steps
from simulator.metrics.demands import Demand
from simulator.metrics.desk import ON_QUEUE, desk_of
from simulator.metrics.offered import offered_load
from simulator.metrics.people import plan_of
from simulator.metrics.pools import Pool, pools
from simulator.metrics.window import Stays, View
from simulator.scenario.skills import parts_of
from simulator.theory.staffing import Target, agents_for, desk_wait, level_a, level_c
from simulator.vocabulary.clock import SECOND

FORMULAS = ("erlang_c", "erlang_a", "erlang_c_pooled")


@dataclass(frozen=True)
class Needed:
    """What one pool, or one queue of it, asks for and has, by interval. [interval] each; means over the interval"""

    attention: np.ndarray
    """Offered, in agents."""
    slots: np.ndarray
    """Offered, in slots, waits on desks included."""
    least: np.ndarray
    required: np.ndarray
    """Whole agents; nan where no formula holds."""
    planned: np.ndarray
    """On queue by the plan: shifts less breaks, meals, meetings and training; absent agents included."""
    present: np.ndarray
    """On queue."""


class Requirement:
    """The requirement of a replication between some edges; laid out once for a view, asked by pool and by queue."""

    def __init__(self, view: View, edges: np.ndarray):
        self.view, self.edges = view, edges
        self.pools: tuple[Pool, ...] = view.kept("pools", lambda: pools(view.scenario))
        self._desk = desk_of(view)
        self._load = offered_load(view)
        self._present = self._desk.status(*ON_QUEUE)
        self._planned = planned_on_queue(view)
        self._simulated = np.clip(edges, 0, view.end_us)

    def of_pool(self, pool: Pool) -> Needed:
        return self._needed(self._of_queues(pool.queues), pool.groups, pool)

    def of_queue(self, queue: str) -> Needed:
        """Of one queue alone: all who serve it; required only where nobody else needs them."""
        pool = self.pool_of(queue)
        if pool.queues == (queue,):
            return self.of_pool(pool)
        groups = tuple(name for name in pool.groups if queue in self.view.scenario.agents[name].queues)
        return self._needed(self._of_queues((queue,)), groups, None)

    def of_demand(self, demand: Demand) -> Needed:
        """Of those who have a skill set, for the contacts that ask for all of it; waits on desks as in the pool."""
        pool = self.pool_of(demand.queue)
        mine = self._load.kinds.asking(self.view.names["queue"].index(demand.queue), parts_of(demand.skills))
        return self._needed(mine, demand.groups, pool)

    def _of_queues(self, queues: tuple[str, ...]) -> np.ndarray:
        """[kind] bool"""
        return self._load.kinds.of_queues(np.isin(self.view.names["queue"], queues))

    def pool_of(self, queue: str) -> Pool:
        return next(pool for pool in self.pools if queue in pool.queues)

    def method_of(self, queue: str) -> str:
        pool = self.pool_of(queue)
        return pool.method if len(pool.queues) == 1 else "shared"

    def _needed(self, mine: np.ndarray, groups: tuple[str, ...], pool: Pool | None) -> Needed:
        """`mine`: kinds of offers. [kind] bool"""
        agents = self._agents(groups)
        attention = self._load.attention.means(mine, self._simulated)
        free = self._load.slots.means(mine, self._simulated)
        planned, present = self._mean(self._planned, agents), self._mean(self._present, agents)
        each = self._slots_each(agents)
        required = np.full(len(free), np.nan)
        if pool is not None and pool.method in FORMULAS:
            required = self._agents_needed(pool, mine, attention, free, each).astype(float)
        slots = free + self._load.desks.means(mine, self._simulated)
        least = np.maximum(attention, free / each)
        return Needed(attention, slots, least, required, planned, present)

    def _agents_needed(
        self,
        pool: Pool,
        mine: np.ndarray,
        attention: np.ndarray,
        free: np.ndarray,
        each: np.ndarray,
    ) -> np.ndarray:
        """Whole agents that the formula asks for. [interval]"""
        level, load = self.view.scenario.service_level, self._load
        sessions, free_us = float(load.sessions[mine].sum()), float(load.free_us[mine].sum())
        if not sessions or not free_us:
            return np.zeros(len(free))
        free_s = free_us / sessions / SECOND
        target = Target(
            level.target, level.within_us / SECOND, level.short_abandon_us / SECOND, level.count_abandons,
            level.count_short_abandons,
        )  # fmt: skip

        def reached(offered: np.ndarray, servers: np.ndarray) -> np.ndarray:
            # replies that wait on desks make the holding time longer, not the arrivals more
            service = free_s * np.maximum(offered, 1e-9) / np.maximum(free, 1e-9)
            if pool.method == "erlang_a":
                return level_a(offered, service, servers, pool.patience_us / SECOND, target)
            return level_c(offered, service, servers, target.within)

        return agents_for(reached, target.share, attention, free, each, self._per_wait(pool))

    def _per_wait(self, pool: Pool) -> float:
        """Waits on the desks of a pool in the run ÷ those of the formula at the run's own number of agents."""
        mine, agents = self._of_queues(pool.queues), self._agents(pool.groups)
        work, there = self._mean(self._desk.attention(), agents), self._mean(self._present, agents)
        fits = there > 0
        # above 95 % a stationary formula says nothing about half an hour (assumed)
        expected = desk_wait(np.minimum(work, 0.95 * there)[fits], there[fits]) * np.diff(self._simulated)[fits]
        waits = self._load.desks.means(mine, self._simulated) * np.diff(self._simulated)
        return float(waits.sum() / expected.sum()) if expected.sum() > 0 else 0.0

    def _agents(self, groups: tuple[str, ...]) -> np.ndarray:
        """Whether an agent belongs to one of the groups. [agent]"""
        none = np.zeros(len(self._desk.agents), bool)
        for group in groups:
            none = none | self._desk.members[(("group", group),)]
        return none

    def _mean(self, stays: Stays, agents: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        """Mean number of these agents (times their weight) between the edges, over what was simulated. [interval]"""
        owner, start, end = stays
        rows = agents[owner]
        weight = None if weights is None else weights[owner[rows]]
        edges = self._simulated
        area = steps.areas(*steps.clip(start[rows], end[rows], 0, self.view.end_us), edges, weight)
        return np.asarray(area / np.maximum(np.diff(edges), 1))

    def _slots_each(self, agents: np.ndarray) -> np.ndarray:
        """Slots of one agent: the mean of those present, else of those planned, else of all. [interval]"""
        capacity = self._desk.capacity
        each = np.full(len(self.edges) - 1, max(float(capacity[agents].mean()) if agents.any() else 1.0, 1.0))
        for stays in (self._planned, self._present):
            number = self._mean(stays, agents)
            there = self._mean(stays, agents, capacity)
            np.divide(there, number, out=each, where=(number > 0) & (there > 0))
        return each


def planned_on_queue(view: View) -> Stays:
    """Agents' time on queue by the plan: shifts less breaks, meals, meetings and training. Absence is not looked at."""

    def make() -> Stays:
        plan = plan_of(view)
        there = steps.together(plan.breaks, plan.scheduled, 0, view.end_us)
        free = there.first == 0
        return there.owner[free], there.start[free], there.end[free]

    stays: Stays = view.kept("planned on queue", make)
    return stays
