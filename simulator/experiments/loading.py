"""A scenario from a file or text, with everything that is wrong with it: its targets too, which name measures.

The scenario itself knows no measures, so what its targets name is looked at here, above it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from simulator.vocabulary.errors import ScenarioError

if TYPE_CHECKING:
    from simulator.scenario import Scenario
    from simulator.scenario.source import Source


def load(path: str | Path, settings: Mapping[str, object] | None = None) -> Scenario:
    """As `scenario.load`; a target that names no measure or scope is refused too."""
    from simulator.scenario.load import source_of

    return _whole(source_of(path, settings))


def loads(text: str) -> Scenario:
    """As `load`, from YAML text."""
    from simulator.scenario.load import source_of_text

    return _whole(source_of_text(text))


def _whole(source: Source) -> Scenario:
    from simulator.experiments.gate import misnamed_targets, targets, unknown_measures
    from simulator.scenario.load import as_read, besides_targets, checked

    try:
        scenario = checked(source)
    except ScenarioError as error:
        try:
            more = misnamed_targets(*besides_targets(source))
        except ScenarioError:  # not only the targets are wrong: without the rest nobody knows what has which scopes
            more = unknown_measures(source)
        told = {finding.path for finding in error.findings}
        more = [one for one in more if one.path not in told]
        raise ScenarioError(as_read(source, [*error.findings, *more]) if more else error.findings) from None
    targets(scenario)
    return scenario
