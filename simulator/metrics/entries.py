"""The catalogue in words: one entry per measure, as the command line, summaries, pages and Python show it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from simulator.metrics.catalogue import FAMILIES
from simulator.metrics.confidence import METHODS
from simulator.metrics.parts import UNITS, Measure, said
from simulator.metrics.terms import TERMS, denominator_of, terms_of
from simulator.scenario.schema import Scenario
from simulator.scenario.written import nearest
from simulator.vocabulary.errors import UsageError
from simulator.vocabulary.tables import TABLES

if TYPE_CHECKING:
    import pandas as pd

ALL = "all"
"""The scope that is no scope."""


@dataclass(frozen=True)
class Entry:
    """All that is said about a measure. Texts; tuples of texts."""

    name: str
    title: str
    unit: str
    family: str
    definition: str
    """In words: the text of `summary.json` and of the report."""
    formula: str
    terms: dict[str, str]
    """The formula's words and what they mean."""
    denominator: str
    cohort: str
    """What is counted, and by which start it belongs to the measured time."""
    booking: str
    """How interval tables book it."""
    censored: str
    """What the end of the run leaves undecided, and what becomes of it."""
    scopes: tuple[str, ...]
    interval: str
    """How its confidence interval is made."""
    source: str


def entries(scenario: Scenario | None = None) -> list[Entry]:
    """Every measure, in the order of a summary; with the numbers and switches of a scenario, or the defaults'."""
    known = scenario if scenario is not None else defaults()
    names = [measure.name for family in FAMILIES.values() for measure in family]
    return [_entry(measure, family, known, names) for family, measures in FAMILIES.items() for measure in measures]


def entry(name: str, scenario: Scenario | None = None) -> Entry:
    """One measure. Raises UsageError with the nearest name."""
    return chosen([name], scenario)[0]


def chosen(
    names: Sequence[str] = (), scenario: Scenario | None = None, scope: str | None = None, search: str | None = None
) -> list[Entry]:
    """Those of these names (none: all), that exist for a scope, in which every word of a search occurs.

    Raises UsageError for a name or scope that does not exist.
    """
    found = entries(scenario)
    by_name = {each.name: each for each in found}
    for name in names:
        _known(name, by_name, "measure")
    found = [by_name[name] for name in dict.fromkeys(names)] if names else found
    if scope is not None:
        _known(scope, {each for one in by_name.values() for each in one.scopes}, "scope")
        found = [each for each in found if scope in each.scopes]
    for word in (search or "").lower().split():
        found = [each for each in found if word in _text(each)]
    return found


@cache
def defaults() -> Scenario:
    """A scenario that says nothing: its numbers and switches are the defaults."""
    return Scenario(name="defaults", start=datetime(2026, 1, 5), duration="1 day")  # type: ignore[arg-type, call-arg]


def _entry(measure: Measure, family: str, scenario: Scenario, names: Iterable[str]) -> Entry:
    formula = said(measure.formula, scenario)
    cohort = measure.cohort
    assert cohort is not None, measure.name
    below = denominator_of(formula)
    return Entry(
        name=measure.name,
        title=said(measure.title, scenario),
        unit=measure.unit,
        family=family,
        definition=measure.describe(scenario),
        formula=formula,
        terms={word: TERMS[word] for word in terms_of(formula, names)},
        denominator=_bare(below) or _NO_DENOMINATOR[measure.quantile is not None],
        cohort=f"{cohort.who}; counted by: {cohort.start}",
        booking=cohort.booking,
        censored=cohort.censored,
        scopes=((ALL,) if measure.overall else ()) + measure.scopes,
        interval=METHODS[measure.method].name,
        source=str(measure.source),
    )


def document(found: Sequence[Entry]) -> list[dict[str, Any]]:
    """What `--json` prints."""
    return [{**asdict(each), "scopes": list(each.scopes)} for each in found]


def table(found: Sequence[Entry]) -> pd.DataFrame:
    """One row per measure, columns as the fields of an entry."""
    import pandas as pd

    return pd.DataFrame(document(found), columns=list(Entry.__dataclass_fields__))


def _bare(text: str) -> str:
    """Without the brackets around all of it."""
    inner = text[1:-1]
    whole = text.startswith("(") and text.endswith(")") and ")" not in inner.split("(", 1)[0]
    return inner if whole and "(" not in inner else text


_NO_DENOMINATOR = {True: "none: each sample of all replications counts once", False: "none"}


def unit_in_words(unit: str) -> str:
    return f"{unit}: {UNITS[unit]}"


def _known(name: str, known: Iterable[str], what: str) -> None:
    if name in known:
        return
    columns = [(table, one) for table in TABLES for one in TABLES[table]] if what == "measure" else []
    inside = [f"{table} ({one.meaning})" for table, one in columns if one.name == name]
    near = nearest(name, sorted({*known, *(one.name for _, one in columns)}), cutoff=0.5)
    hint = f"It is a column of {'; '.join(inside)}" if inside else near or f"`ccsim metrics` lists every {what}"
    raise UsageError(f"there is no {what} {name!r}. {hint}")


def _text(each: Entry) -> str:
    return " ".join((each.name, each.title, each.family, each.definition, each.source)).lower()
