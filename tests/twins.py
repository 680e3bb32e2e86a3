"""Twins: the same customers at a desk that is never short of agents. Control variates for queues of any discipline.

Every replication has a twin: its customers, from the moment they enter the queue, with their own drawn efforts, served
at once (M/G/infinity). Of the engine it takes the times of entry only, and its averages are known exactly: the number
at work is Poisson. Where the twin, by chance, had more to do than that, the engine had too; a regression on the twin's
deviations takes this part of chance away. A second twin has one agent as fast as all together (M/M/1): his queue has
the long memory of a busy desk.

Sources: S. S. Lavenberg, P. D. Welch, A perspective on the use of control variables to increase the efficiency of Monte
Carlo simulations, Management Science 27 (1981); M/G/infinity as the control: R. Srikant, W. Whitt, Variance reduction
in simulations of loss models, Operations Research 47 (1999).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import ClassVar

import numpy as np
import pandas as pd

from simulator.scenario.schema import Scenario
from simulator.vocabulary.clock import SECOND
from simulator.workload import Workload


@dataclass(frozen=True)
class Offered:
    """Poisson entries to one queue, exponential efforts, a desk of so many agents: what the twins need."""

    per_s: float
    effort_s: float
    agents: int

    CONTROLS: ClassVar = (
        "entries", "mean number at work", "mean number above the agents", "mean wait for one fast agent",
    )  # fmt: skip

    def deviations(self, scenario: Scenario, workload: Workload, offers: pd.DataFrame) -> np.ndarray:
        """Twin minus expectation: the first of CONTROLS, the last only where he can keep up. [control]"""
        (callers,) = workload.channels
        draws, topic = workload.draws[callers.source], callers.facts["topic"]
        who = offers["contact"].str.rsplit("/", n=1).str[1].astype(int).to_numpy()
        assert len(np.unique(who)) == len(who), "a contact enters the queue twice: not Poisson"
        enter = offers["entered_us"].to_numpy(dtype=np.int64)
        effort = np.array([draws.effort_us(0, int(topic[i]), i, 0) for i in who.tolist()])
        order = np.argsort(enter, kind="stable")
        enter, effort = enter[order], effort[order]
        leave = enter + effort
        low, high = scenario.warm_up_us, scenario.duration_us
        at = np.concatenate([enter, leave])
        order = np.argsort(at, kind="stable")
        number = np.cumsum(np.repeat([1, -1], len(enter))[order])[:-1]
        lengths = np.diff(np.clip(at[order], low, high)) / (high - low)
        load, entries = self.per_s * self.effort_s, self.per_s * (high - low) / SECOND
        chance = [exp(-load)]
        for n in range(1, self.agents):
            chance.append(chance[-1] * load / n)
        # E (X - n)+ = E X - n + E (n - X)+
        above = load - self.agents + sum((self.agents - n) * p for n, p in enumerate(chance))
        found = np.array(
            [
                ((enter >= low) & (enter < high)).sum() / entries,
                (lengths * number).sum(),
                (lengths * np.maximum(number - self.agents, 0)).sum(),
            ]
        )
        deviations = found - (1.0, load, above)
        if load >= self.agents:
            return deviations
        # D. V. Lindley's recursion, W' = max(W + S / n - gap, 0), as a walk above its own minimum; Pollaczek-Khinchine
        walk = np.concatenate([[0.0], np.cumsum(effort[:-1] / self.agents - np.diff(enter))])
        wait = (walk - np.minimum.accumulate(walk))[(enter >= low) & (enter < high)].mean() / SECOND
        busy = load / self.agents
        return np.append(deviations, wait - busy / (1 - busy) * self.effort_s / self.agents)


def regressed(pseudo: np.ndarray, controls: np.ndarray) -> tuple[float, float]:
    """Mean of pseudo-values where all controls are as expected, and its standard error. [replication(, control)]"""
    n = len(pseudo)
    design = np.column_stack([np.ones(n), controls])
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ pseudo
    rest = pseudo - design @ coefficients
    return float(coefficients[0]), float(np.sqrt(rest @ rest / (n - design.shape[1]) * inverse[0, 0]))
