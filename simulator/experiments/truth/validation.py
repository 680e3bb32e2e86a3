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
        return title(self.case, self.label)


def title(case: str, label: str) -> str:
    """What a variant is called in every table: `hanisch_mmnG, deterministic 5`."""
    return f"{case}, {label}" if label else case


def validate(
    names: Sequence[str] = (),
    size: Size = GLANCE,
    seed: int = SEED,
    workers: int | None = None,
    on_progress: OnProgress | None = None,
) -> list[Answer]:
    """The variants that are named, `CASE` or `CASE, VARIANT` (none named: all), in order of the catalogue.

    Raises UsageError for a name there is not.
    """
    every = [(case, label) for case in CASES.values() for label in case.variants]
    titles = {title(case.name, label) for case, label in every}
    for name in names:
        if name not in CASES and name not in titles:
            near = [one for one in titles if one.split(", ")[0] == name.split(",")[0]] or list(CASES)
            hint = nearest(name, sorted(near), cutoff=0.4)
            all_cases = f"all cases: {', '.join(CASES)}"
            raise UsageError(f"there is no case {name!r}; {f'{hint} ' if hint else ''}{all_cases}")
    few = {case.name: list(case.variants)[: size.variants] for case, _ in every}
    chosen = [
        (case, label)
        for case, label in every
        if title(case.name, label) in names or ((not names or case.name in names) and label in few[case.name])
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
