"""From a file to a Scenario: read, set, check everything, all findings at once."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from simulator.scenario.coming import check_coming
from simulator.scenario.counts import Counts, read_counts
from simulator.scenario.extends import with_base
from simulator.scenario.origin import Origin, file_places
from simulator.scenario.references import check_references
from simulator.scenario.rota import check_rota
from simulator.scenario.schema import Scenario
from simulator.scenario.sense import check_sense
from simulator.scenario.serving import check_serving
from simulator.scenario.sheets import locate
from simulator.scenario.source import Source, dotted, read_file, read_text
from simulator.scenario.survey import Survey
from simulator.scenario.traces import Trace, read_trace
from simulator.scenario.vary import apply
from simulator.scenario.wording import validated
from simulator.scenario.written import Wrong
from simulator.vocabulary.errors import Finding, ScenarioError


def load(path: str | Path, settings: Mapping[str, object] | None = None) -> Scenario:
    """The scenario in a file, changed by settings (`{"agents.early.count": 16}`; text values are read as YAML).

    Raises ScenarioError with every finding, errors first. What is doubtful but runs is in `scenario.warnings`.
    """
    return _checked(apply(with_base(read_file(Path(path))), settings or {}), {})


def loads(text: str, folder: str | Path | None = None, settings: Mapping[str, object] | None = None) -> Scenario:
    """As `load`, from YAML text. Files that it names are looked for in `folder`."""
    source = read_text(text, "(text)", None if folder is None else Path(folder))
    return _checked(apply(with_base(source), settings or {}), {})


def varied(scenario: Scenario, settings: Mapping[str, object]) -> Scenario:
    """A changed copy; the work behind `Scenario.vary`. Files are read again only if another one is named, or if the
    zone changes, which decides whether their hours exist."""
    kept: dict[tuple[str, str], Counts | Trace] = {}
    if settings.get("timezone", scenario.timezone) == scenario.timezone:
        for place, name in file_places(scenario._origin.source.tree):
            rows: Mapping[str, Counts | Trace] = scenario.counts if place[-1] == "csv" else scenario.traces
            kept[str(place[-1]), name] = rows[str(place[-3])]
    return _checked(apply(scenario._origin.source, settings), kept)


def _checked(source: Source, kept: Mapping[tuple[str, str], Counts | Trace]) -> Scenario:
    """The scenario, or everything that is wrong with it."""
    findings = list(source.findings)
    scenario = None
    counts: dict[str, Counts] = {}
    traces: dict[str, Trace] = {}
    if isinstance(source.tree, dict):
        survey = Survey(source)
        _read_files(survey, kept, counts, traces)
        scenario, refused = validated(source)
        check_references(survey)
        check_serving(survey)
        check_sense(survey, counts, traces)
        check_coming(survey, counts, traces)
        check_rota(survey)
        findings += refused + _without_echo(survey.findings, refused)
    errors = [finding for finding in findings if finding.severity == "error"]
    warnings = [finding for finding in findings if finding.severity != "error"]
    if errors or scenario is None:
        raise ScenarioError(_sorted(source, errors) + _sorted(source, warnings))
    scenario._origin = Origin(source, counts, traces, tuple(_sorted(source, warnings)))
    return scenario


def _without_echo(found: list[Finding], refused: list[Finding]) -> list[Finding]:
    """Cross-check findings, without those about a place that the schema has refused already."""
    places = {finding.path for finding in refused}
    return [finding for finding in found if finding.path not in places]


def _sorted(source: Source, findings: list[Finding]) -> list[Finding]:
    """As a person reads: the scenario's own lines from the top, then other files. Duplicates once."""
    unique = list(dict.fromkeys(findings))
    return sorted(unique, key=lambda finding: (finding.file != source.file, finding.file, finding.line or 0))


def _read_files(
    survey: Survey,
    kept: Mapping[tuple[str, str], Counts | Trace],
    counts: dict[str, Counts],
    traces: dict[str, Trace],
) -> None:
    """The rows of every file that arrivals name, by source; what is wrong with a file is a finding."""
    for place, name in file_places(survey.source.tree):
        source, folder = str(place[-3]), survey.source.folder
        rows: Counts | Trace | None = kept.get((str(place[-1]), name))
        if rows is None:
            try:
                path = locate(name, folder)
            except Wrong as wrong:
                for each in wrong.complaints:
                    survey.error(place, each.problem, each.allowed, each.suggestion)
                continue
            shown_as = str((folder or Path()) / name)
            if place[-1] == "csv":
                rows, findings = read_counts(path, shown_as, dotted(place), survey.calendar)
            else:
                rows, findings = read_trace(path, shown_as, dotted(place), survey.names("topics"), survey.calendar)
            survey.findings += findings
        if isinstance(rows, Counts):
            counts[source] = rows
        elif rows is not None:
            traces[source] = rows
