"""From a file to a Scenario: read, set, check everything, all findings at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from simulator.scenario.bounds import check_bounds, oversized
from simulator.scenario.bulkchecks import check_bulk
from simulator.scenario.coming import check_coming
from simulator.scenario.counts import Counts, read_counts
from simulator.scenario.desks import check_desks
from simulator.scenario.extends import with_base
from simulator.scenario.filtering import FILE, SUFFIXES, check_filter, read_texts
from simulator.scenario.idle import check_idle
from simulator.scenario.levels import check_levels
from simulator.scenario.matching import check_matching
from simulator.scenario.origin import Origin, file_places, staff_places
from simulator.scenario.outages import check_outages
from simulator.scenario.pathways import check_flows
from simulator.scenario.references import check_references
from simulator.scenario.roster import sized
from simulator.scenario.rota import check_rota
from simulator.scenario.schema import Scenario
from simulator.scenario.sense import check_sense
from simulator.scenario.serving import check_serving
from simulator.scenario.sheets import locate
from simulator.scenario.source import Plain, Source, dotted, read_file, read_text
from simulator.scenario.staff import StaffRows, read_staff
from simulator.scenario.survey import Survey
from simulator.scenario.teams import check_teams
from simulator.scenario.traces import Trace, read_trace
from simulator.scenario.vary import apply
from simulator.scenario.wording import validated
from simulator.scenario.written import Wrong, fresh_suggestions
from simulator.vocabulary.errors import Finding, ScenarioError

MOST_FINDINGS = 1_000
MOST_BYTES = 200 << 20  # of all files that one scenario names (assumed)


def load(path: str | Path, settings: Mapping[str, object] | None = None) -> Scenario:
    """The scenario in a file, changed by settings (`{"agents.early.count": 16}`; text values are read as YAML).

    Raises ScenarioError with every finding, errors first. What is doubtful but runs is in `scenario.warnings`.
    """
    return checked(source_of(path, settings))


def loads(text: str, folder: str | Path | None = None, settings: Mapping[str, object] | None = None) -> Scenario:
    """As `load`, from YAML text. Files that it names are looked for in `folder`."""
    return checked(source_of_text(text, folder, settings))


def source_of(path: str | Path, settings: Mapping[str, object] | None = None) -> Source:
    """What a file and its bases say, with the settings put in; not checked yet."""
    return apply(with_base(read_file(Path(path))), settings or {})


def source_of_text(text: str, folder: str | Path | None = None, settings: Mapping[str, object] | None = None) -> Source:
    """As `source_of`, from YAML text."""
    source = read_text(text, "(text)", None if folder is None else Path(folder))
    return apply(with_base(source), settings or {})


def checked(source: Source) -> Scenario:
    """The scenario that a source says. Raises ScenarioError with every finding."""
    return _checked(source, {})


def besides_targets(source: Source) -> tuple[Scenario, Plain]:
    """The scenario without its targets, and these as they are written: whoever knows measures can say more of them.

    Raises ScenarioError if something else is wrong too.
    """
    tree = dict(source.tree) if isinstance(source.tree, dict) else {}
    targets = tree.pop("targets", ())
    others = [finding for finding in source.findings if finding.path.partition(".")[0] != "targets"]
    return _checked(replace(source, tree=tree, findings=others), {}), targets


def varied(scenario: Scenario, settings: Mapping[str, object]) -> Scenario:
    """A changed copy; the work behind `Scenario.vary`. Files are read again only if another one is named, or if the
    zone changes, which decides whether their hours exist."""
    kept: dict[tuple[str, ...], Counts | Trace | StaffRows] = {}
    if settings.get("timezone", scenario.timezone) == scenario.timezone:
        for place, name in file_places(scenario._origin.source.tree):
            rows: Mapping[str, Counts | Trace] = scenario.counts if place[-1] == "csv" else scenario.traces
            kept[str(place[-1]), name] = rows[str(place[-3])]
        for place, name in staff_places(scenario._origin.source.tree):
            group, staffing = str(place[1]), scenario.agents[str(place[1])].staffing
            kept[group, name, (staffing and staffing.column) or ""] = scenario.staffing[group]
    same_texts = not any(str(path).startswith("content_filter") for path in settings)
    return _checked(apply(scenario._origin.source, settings), kept, scenario._origin.texts if same_texts else ())


def _checked(
    source: Source, kept: Mapping[tuple[str, ...], Counts | Trace | StaffRows], texts: tuple[str, ...] = ()
) -> Scenario:
    """The scenario, or everything that is wrong with it."""
    findings = list(source.findings)
    scenario = None
    counts: dict[str, Counts] = {}
    traces: dict[str, Trace] = {}
    staffing: dict[str, StaffRows] = {}
    fresh_suggestions()
    if large := oversized(source):
        raise ScenarioError(_sorted(source, findings + large))
    if isinstance(source.tree, dict):
        survey = Survey(source)
        _read_files(survey, kept, counts, traces)
        _read_staffing(survey, kept, staffing)
        texts = texts or _read_texts(survey)
        scenario, refused = validated(source)
        check_references(survey, traces)
        check_flows(survey, traces)
        check_serving(survey, traces)
        check_sense(survey, counts, traces)
        check_bounds(survey, counts, traces)
        check_coming(survey, counts, traces)
        check_rota(survey)
        check_teams(survey, staffing)
        check_matching(survey)
        check_desks(survey)
        check_filter(survey, texts)
        check_idle(survey)
        check_outages(survey)
        check_bulk(survey)
        check_levels(survey)
        findings += refused + _without_echo(survey.findings, refused)
    if scenario is None or any(finding.severity == "error" for finding in findings):
        raise ScenarioError(as_read(source, findings))
    scenario._origin = Origin(source, counts, traces, texts, tuple(_sorted(source, findings)), staffing)
    return _with_teams(scenario)


def _with_teams(scenario: Scenario) -> Scenario:
    """Each group's number of agents stands in its `count`, also where staffing or shifts say it."""
    groups = {name: sized(group, scenario.staffing.get(name)) for name, group in scenario.agents.items()}
    if all(group is scenario.agents[name] for name, group in groups.items()):
        return scenario
    changed = scenario.model_copy(update={"agents": groups})
    changed._origin = scenario._origin
    return changed


def _read_texts(survey: Survey) -> tuple[str, ...]:
    """The drafts of the content filter, from its list or its file; what is wrong with a file is a finding."""
    place, folder = ("content_filter", "texts"), survey.source.folder
    name = survey.text(*place)
    if name is None:
        return tuple(text for text in survey.list_at(*place) if isinstance(text, str))
    try:
        path = locate(name, folder, SUFFIXES, FILE)
    except Wrong as wrong:
        for each in wrong.complaints:
            survey.error(place, each.problem, each.allowed, each.suggestion)
        return ()
    texts, findings = read_texts(path, str((folder or Path()) / name), dotted(place))
    survey.findings += findings
    return texts


def as_read(source: Source, findings: list[Finding]) -> list[Finding]:
    """Errors before warnings, each in the order in which a person reads, and not more than anybody may read."""
    errors = [finding for finding in findings if finding.severity == "error"]
    warnings = [finding for finding in findings if finding.severity != "error"]
    return _few(source, _sorted(source, errors)) + _sorted(source, warnings)


def _few(source: Source, errors: list[Finding]) -> list[Finding]:
    """As many findings as somebody may read."""
    if len(errors) <= MOST_FINDINGS:
        return errors
    more = source.finding((), f"{len(errors) - MOST_FINDINGS:,} further things are wrong", "", "mend these first")
    return [*errors[:MOST_FINDINGS], more]


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
    kept: Mapping[tuple[str, ...], Counts | Trace | StaffRows],
    counts: dict[str, Counts],
    traces: dict[str, Trace],
) -> None:
    """The rows of every file that arrivals name, by source; what is wrong with a file is a finding. Each file is read
    once, however many sources name it."""
    known: dict[tuple[str, ...], Counts | Trace | StaffRows | None] = dict(kept)
    total = 0
    for place, name in file_places(survey.source.tree):
        source, folder = str(place[-3]), survey.source.folder
        key = (str(place[-1]), name)
        rows = known.get(key)
        if key not in known:
            known[key] = None
            try:
                path = locate(name, folder)
                total += path.stat().st_size
                if total > MOST_BYTES:
                    raise Wrong("the files of this scenario are too large", f"at most {MOST_BYTES >> 20} MiB together")
            except Wrong as wrong:
                for each in wrong.complaints:
                    survey.error(place, each.problem, each.allowed, each.suggestion)
                continue
            shown_as = str((folder or Path()) / name)
            if place[-1] == "csv":
                rows, findings = read_counts(path, shown_as, dotted(place), survey.calendar)
            else:
                rows, findings = read_trace(path, shown_as, dotted(place), survey.names("topics"), survey.calendar)
            known[key] = rows
            survey.findings += findings
        if isinstance(rows, Counts):
            counts[source] = rows
        elif isinstance(rows, Trace):
            traces[source] = rows


def _read_staffing(
    survey: Survey, kept: Mapping[tuple[str, ...], Counts | Trace | StaffRows], staffing: dict[str, StaffRows]
) -> None:
    """The rows of every file that staffing names, by group; what is wrong with a file is a finding."""
    for place, name in staff_places(survey.source.tree):
        group, folder, column = str(place[1]), survey.source.folder, survey.text(*place[:-1], "column")
        rows = kept.get((group, name, column or ""))
        if rows is None:
            try:
                path = locate(name, folder)
            except Wrong as wrong:
                for each in wrong.complaints:
                    survey.error(place, each.problem, each.allowed, each.suggestion)
                continue
            shown_as = str((folder or Path()) / name)
            rows, findings = read_staff(path, shown_as, dotted(place), survey.calendar, group, column)
            survey.findings += findings
        if isinstance(rows, StaffRows):
            staffing[group] = rows
