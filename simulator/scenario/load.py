"""From a file to a Scenario: read, set, check everything, all findings at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from simulator.scenario.counts import Counts, locate, read_counts
from simulator.scenario.origin import Origin
from simulator.scenario.references import check_references
from simulator.scenario.rota import check_rota
from simulator.scenario.schema import Scenario
from simulator.scenario.sense import check_sense
from simulator.scenario.source import Source, dotted, read_file, read_text
from simulator.scenario.survey import Survey
from simulator.scenario.vary import apply
from simulator.scenario.wording import validated
from simulator.scenario.written import Wrong
from simulator.vocabulary.errors import Finding, ScenarioError


def load(path: str | Path, settings: Mapping[str, object] | None = None) -> Scenario:
    """The scenario in a file, changed by settings (`{"agents.early.count": 16}`; text values are read as YAML).

    Raises ScenarioError with every finding, errors first. What is doubtful but runs is in `scenario.warnings`.
    """
    return _checked(apply(read_file(Path(path)), settings or {}), {})


def loads(text: str, folder: str | Path | None = None, settings: Mapping[str, object] | None = None) -> Scenario:
    """As `load`, from YAML text. CSV files are looked for in `folder`."""
    source = read_text(text, "(text)", None if folder is None else Path(folder))
    return _checked(apply(source, settings or {}), {})


def varied(scenario: Scenario, settings: Mapping[str, object]) -> Scenario:
    """A changed copy; the work behind `Scenario.vary`. CSV files are read again only if another one is named."""
    kept = {}
    for name, channel in scenario.channels.items():
        if channel.arrivals is not None and channel.arrivals.csv is not None:
            kept[channel.arrivals.csv] = scenario.counts[name]
    return _checked(apply(scenario._origin.source, settings), kept)


def _checked(source: Source, kept: Mapping[str, Counts]) -> Scenario:
    """The scenario, or everything that is wrong with it."""
    findings = list(source.findings)
    scenario = None
    counts: dict[str, Counts] = {}
    if isinstance(source.tree, dict):
        survey = Survey(source)
        counts = _read_csvs(survey, kept)
        scenario, refused = validated(source)
        check_references(survey)
        check_sense(survey, counts)
        check_rota(survey)
        findings += refused + _without_echo(survey.findings, refused)
    errors = [finding for finding in findings if finding.severity == "error"]
    warnings = [finding for finding in findings if finding.severity != "error"]
    if errors or scenario is None:
        raise ScenarioError(_sorted(source, errors) + _sorted(source, warnings))
    scenario._origin = Origin(source, counts, tuple(_sorted(source, warnings)))
    return scenario


def _without_echo(found: list[Finding], refused: list[Finding]) -> list[Finding]:
    """Cross-check findings, without those about a place that the schema has refused already."""
    places = {finding.path for finding in refused}
    return [finding for finding in found if finding.path not in places]


def _sorted(source: Source, findings: list[Finding]) -> list[Finding]:
    """As a person reads: the scenario's own lines from the top, then other files. Duplicates once."""
    unique = list(dict.fromkeys(findings))
    return sorted(unique, key=lambda finding: (finding.file != source.file, finding.file, finding.line or 0))


def _read_csvs(survey: Survey, kept: Mapping[str, Counts]) -> dict[str, Counts]:
    """The rows of every CSV that a channel names, by channel; what is wrong with a file is a finding."""
    counts: dict[str, Counts] = {}
    for channel in survey.names("channels"):
        place = ("channels", channel, "arrivals", "csv")
        name = survey.text(*place)
        if name is None:
            continue
        if name in kept:
            counts[channel] = kept[name]
            continue
        folder = survey.source.folder
        try:
            path = locate(name, folder)
        except Wrong as wrong:
            for each in wrong.complaints:
                survey.error(place, each.problem, each.allowed, each.suggestion)
            continue
        read, findings = read_counts(path, str((folder or Path()) / name), dotted(place))
        survey.findings += findings
        if read is not None:
            counts[channel] = read
    return counts
