"""Twins: the same customers at a desk that is never short of agents. Control variates for queues of any discipline.

Every replication has a twin: its customers, from the moment they enter the queue, with their own drawn efforts, served
at once (M/M/infinity). Of the engine it takes the times of entry only, and its averages are known exactly. Where the
twin, by chance, had more to do than that, the engine had too; a regression on the twin's deviations takes this part of
chance away. A second twin has one agent as fast as all together (M/M/1): his queue has the long memory of a busy desk.

Twins begin as empty as the engine, and what is expected of them allows for it (`theory/chain.py`): no warm-up is needed
for their sake, and a day that begins empty is measured whole.

What the engine does to its customers, the twins do not see: it stays in what is measured, under a smaller standard
error. What is wrong with the customers themselves (too many, efforts too long, of another shape) the twins share: it
shows in their own averages, as sharply as in an engine's without twins (`test_evidence.py`).

Sources: S. S. Lavenberg, P. D. Welch, A perspective on the use of control variables to increase the efficiency of Monte
Carlo simulations, Management Science 27 (1981); M/G/infinity as the control: R. Srikant, W. Whitt, Variance reduction
in simulations of loss models, Operations Research 47 (1999).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from simulator.scenario.schema import Scenario
from simulator.theory.chain import AtOnce, EmptyAtStart
from simulator.vocabulary.clock import SECOND
from simulator.workload import Workload

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Offered:
    """Poisson entries to one queue, exponential efforts, a desk of so many agents: what the twins need."""

    per_s: float
    effort_s: float
    agents: int

    CONTROLS: ClassVar = (
        "entries", "mean number at work", "mean number above the agents", "mean wait for one fast agent",
    )  # fmt: skip

    def deviations(self, scenario: Scenario, workload: Workload, portions: pd.DataFrame) -> np.ndarray:
        """Twin ÷ expectation - 1: the first of CONTROLS, the last only where he can keep up. [control]

        Those whom a full queue turns away are the twins' customers too.
        """
        (callers,) = workload.channels
        (drawn,) = callers.effort_us  # the first turn's stand first in a row
        come = portions["queue_entered_us"].where(portions["disconnect"] != "blocked", portions["disconnected_us"])
        asked = come.notna()
        who = portions.loc[asked, "contact"].str.rsplit("/", n=1).str[1].astype(int).to_numpy()
        if len(np.unique(who)) < len(who):
            raise ValueError(f"{scenario.name}: a contact enters the queue twice, so entries are not Poisson")
        enter = come[asked].to_numpy(dtype=np.int64)
        effort = drawn.values[drawn.starts[who]]
        order = np.argsort(enter, kind="stable")
        enter, effort = enter[order], effort[order]
        low, high = scenario.warm_up_us, scenario.duration_us
        measured = (enter >= low) & (enter < high)
        at = np.concatenate([enter, enter + effort])
        order = np.argsort(at, kind="stable")
        number = np.cumsum(np.repeat([1, -1], len(enter))[order])[:-1]
        lengths = np.diff(np.clip(at[order], low, high)) / (high - low)
        found = [measured.sum(), (lengths * number).sum(), (lengths * np.maximum(number - self.agents, 0)).sum()]
        if self._keeps_up:
            # D. V. Lindley's recursion, W' = max(W + S / n - gap, 0), as a walk above its own minimum
            walk = np.concatenate([[0.0], np.cumsum(effort[:-1] / self.agents - np.diff(enter))])
            found.append((walk - np.minimum.accumulate(walk))[measured].sum() / SECOND)
        return np.array(found) / self.expected(low / SECOND, high / SECOND) - 1

    def expected(self, low_s: float, high_s: float) -> np.ndarray:
        """What the twins do on average in [low_s, high_s): entries, mean numbers, sum of waits. [control]"""
        number, above = AtOnce(self.per_s, self.effort_s).means(low_s, high_s, self.agents)
        expected = [self.per_s * (high_s - low_s), number, above]
        if self._keeps_up:
            fast = EmptyAtStart(self.per_s, self.effort_s / self.agents, 1, low_s, high_s)
            expected.append(fast.arrivals * fast.wait_s)
        return np.array(expected)

    @property
    def _keeps_up(self) -> bool:
        return self.per_s * self.effort_s < self.agents


def regressed(pseudo: np.ndarray, controls: np.ndarray) -> tuple[float, float]:
    """Mean of pseudo-values where all controls are as expected, and its standard error. [replication(, control)]"""
    n = len(pseudo)
    design = np.column_stack([np.ones(n), controls])
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ pseudo
    rest = pseudo - design @ coefficients
    return float(coefficients[0]), float(np.sqrt(rest @ rest / (n - design.shape[1]) * inverse[0, 0]))
