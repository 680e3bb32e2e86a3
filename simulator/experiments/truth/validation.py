"""Validation: chosen cases, one after the other, each on all processors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.experiments.truth.book import Facts, facts
from simulator.experiments.truth.catalogue import CASES
from simulator.experiments.truth.judge import GLANCE, Judged, OnProgress, Size, settled
from simulator.scenario.written import nearest
from simulator.vocabulary.errors import UsageError

SEED = 1


@dataclass(frozen=True)
class Answer:
    """What one variant of a case showed."""

    case: str
    label: str
    """Of the variant; empty: the scenario as it stands."""
    judged: Judged

    @property
    def facts(self) -> Facts:
        return facts(self.case)

    @property
    def title(self) -> str:
        return f"{self.case}, {self.label}" if self.label else self.case


def validate(
    names: Sequence[str] = (),
    size: Size = GLANCE,
    seed: int = SEED,
    workers: int | None = None,
    on_progress: OnProgress | None = None,
) -> list[Answer]:
    """The variants of the named cases (none named: of all), in order of the catalogue.

    Raises UsageError for a name there is not.
    """
    for name in names:
        if name not in CASES:
            hint = nearest(name, list(CASES), cutoff=0.4)
            all_cases = f"all cases: {', '.join(CASES)}"
            raise UsageError(f"there is no case {name!r}; {f'{hint} ' if hint else ''}{all_cases}")
    chosen = [
        (case, label)
        for case in CASES.values()
        if not names or case.name in names
        for label in list(case.variants)[: size.variants]
    ]
    answers = []
    for number, (case, label) in enumerate(chosen):
        show = _stretch(on_progress, number, len(chosen))
        answers.append(Answer(case.name, label, settled(case, label, seed, size, workers, show)))
    return answers


def _stretch(on_progress: OnProgress | None, number: int, count: int) -> OnProgress | None:
    if on_progress is None:
        return None
    return lambda done: on_progress((number + done) / count)
