"""A run as an Excel workbook: key numbers, the average day by interval, what every column means, about, summary,
checks, intervals, and the tables somebody asked for.

Shares are shown in per cent, durations as h:mm:ss (Excel counts them in days), times by the wall clock. Text is always
text: no cell can become a formula, whatever it begins with. A sheet holds 1,048,576 rows: a longer table goes on on the
next one, and nothing is left out unnamed.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from simulator.exchange.cells import Field, fields_of
from simulator.exchange.sheets import summary_rows
from simulator.exchange.times import origin_us
from simulator.experiments.run import Run
from simulator.metrics.averages import interval_means
from simulator.metrics.headlines import leading, number_or_none, scope_text, verdict
from simulator.metrics.requirement import method_words, no_cut
from simulator.records.columns import NONE
from simulator.vocabulary.clock import DAY, HOUR, MINUTE, SECOND, Calendar
from simulator.vocabulary.papers import INTERVAL_MEANS, PAPERS
from simulator.vocabulary.tables import TABLES, Column

if TYPE_CHECKING:
    import pandas as pd
    from openpyxl import Workbook

CREATOR = "ccsim"
MOST_ROWS = 1_048_576
"""Of one sheet, its header included (Excel's limit)."""
MOST_TEXT = 32_767
"""Characters of one cell (Excel's limit)."""
ALWAYS = ("intervals", "cap_intervals")
"""Tables that are in every workbook, if they have rows."""

WIDTHS = {
    "key numbers": (16, 44, 22, 14, 14, 14, 10, 30, 100),
    "columns": (22, 46, 24, 110),
    "about": (28, 100),
    "summary": (30, 24, 14, 14, 14, 10, 100),
    "checks": (34, 10, 100),
}
STEPS = {15 * MINUTE: "quarter-hours, mean", 30 * MINUTE: "half-hours, mean", HOUR: "hours, mean"}
"""What the sheet of the average day is called, by the scenario's interval."""
OTHER_STEP = "intervals, mean"

FORMATS = {
    "instant": "yyyy-mm-dd hh:mm:ss",
    "clock": "yyyy-mm-dd hh:mm",
    "duration": "[h]:mm:ss.0",
    "share": "0.0%",
    "number": "#,##0.00",
    "count": "#,##0",
}
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")  # no XML may hold them

Cell = tuple[Any, str]
"""A value and its format, "" for text."""
_EPOCH = datetime(1970, 1, 1)


def fill(path: Path, run: Run, tables: Sequence[str]) -> dict[str, Any]:
    """Write the workbook and return what it holds: sheet -> rows."""
    from openpyxl import Workbook

    chosen = [name for name in TABLES if name in run.tables and (name in ALWAYS or name in tables)]
    chosen = [name for name in chosen if len(run.tables[name]) or name in tables]
    chosen.sort(key=lambda one: one not in ALWAYS)
    book = Workbook(write_only=True)
    book.properties.creator = CREATOR
    book.properties.title = f"{run.scenario.name}: {run.scenario.hash[:8]}, seed {run.seed}"[:255]
    made: dict[str, int] = {}
    try:
        means, average = average_name(run), interval_means(run.scenario, run.tables)
        if not run.scenario.service_level.has_hours:
            average = average[[name for name in average if "business_hours" not in name]]
        shown = {means: _known(INTERVAL_MEANS, average)}
        shown |= {name: _known(TABLES[name], run.tables[name]) for name in chosen}
        _paper(book, made, "key numbers", _key_numbers(run))
        _table(book, made, means, shown[means], average, run, "C2")
        _paper(book, made, "columns", _columns(means, shown))
        _paper(book, made, "about", _about(run, chosen))
        _paper(book, made, "summary", _summary(run))
        checks = ([(check.name, ""), (check.passed, ""), (check.detail, "")] for check in run.checks)
        _paper(book, made, "checks", checks)
        for name in chosen:
            _table(book, made, name, shown[name], run.tables[name], run, "B2")
        book.save(path)
    except BaseException:
        for sheet in book.worksheets:  # a sheet left open complains on standard error when it is thrown away
            with suppress(Exception):
                sheet.close()
        raise
    return {"export": "xlsx", "scenario": run.scenario.name, "sheets": made}


def average_name(run: Run) -> str:
    """Name of the sheet of the average day."""
    return STEPS.get(run.scenario.interval_us, OTHER_STEP)


def is_ours(path: Path) -> bool:
    """Whether a file is a workbook that an export wrote."""
    try:
        with zipfile.ZipFile(path) as archive:
            return f">{CREATOR}</".encode() in archive.read("docProps/core.xml")[:100_000]
    except (OSError, KeyError, zipfile.BadZipFile, RuntimeError, ValueError):
        return False


def _paper(book: Workbook, made: dict[str, int], title: str, rows: Iterable[list[Cell]]) -> None:
    _sheet(book, made, title, [column.name for column in PAPERS[title]], rows, WIDTHS[title], "A2")


def _table(
    book: Workbook, made: dict[str, int], title: str, known: Sequence[Field], table: pd.DataFrame, run: Run, freeze: str
) -> None:
    rows = _rows(table, known, run.scenario.calendar)
    _sheet(book, made, title, [field.name for field in known], rows, (), freeze)


def _known(columns: Iterable[Column], table: pd.DataFrame) -> list[Field]:
    return [field for field in fields_of(columns) if field.column.name in table]


def _columns(means: str, shown: Mapping[str, Sequence[Field]]) -> Iterator[list[Cell]]:
    """Every column of every sheet, in the order of the sheets."""
    papers = {title: fields_of(columns) for title, columns in PAPERS.items()}
    first = {"key numbers": papers["key numbers"], means: shown[means]}
    for sheet, known in {**first, **papers, **shown}.items():
        for field in known:
            unit = _UNITS.get(field.kind, field.column.unit)
            yield [(text, "") for text in (sheet, field.name, unit, field.column.meaning)]


_UNITS = {"instant": "local time", "clock": "local time", "duration": "h:mm:ss", "share": "%"}
"""How cells are shown, where it is not the catalogue's unit."""


def _about(run: Run, chosen: Sequence[str]) -> Iterator[list[Cell]]:
    scenario = run.scenario
    facts: list[tuple[str, object]] = [
        ("scenario", scenario.name),
        ("scenario hash", scenario.hash),
        ("seed", run.seed),
        ("replications", run.replications),
        ("times", f"wall clock of {scenario.timezone}; durations are h:mm:ss, which Excel counts in days"),
        (
            "measured",
            f"{_moment(run, scenario.warm_up_us)} to {_moment(run, scenario.duration_us)}: the time that "
            "key numbers and summary are about; in the sheets by interval the column `measured` says which rows "
            "belong to it",
        ),
        (
            average_name(run),
            f"the average day: measured time, {run.replications} replications together; `intervals` has each by itself",
        ),
        ("columns", "the sheet of that name says what every column of every sheet means"),
        ("verdict", verdict(run.summary, scenario) or "no service level: nobody was offered"),
        ("agents required", f"{method_words(scenario)}; what stands above the requirement is {no_cut(scenario)}"),
        ("ranges", "ci_low, ci_high: 95 % confidence of the average over replications, not the spread of days"),
        *(("warning", text) for text in (*run.warnings, *run.notes)),
    ]
    for name, table in run.tables.items():
        said = "in this workbook" if name in chosen else f"not in this workbook: ask for it with --tables {name}"
        facts.append((f"table {name}", f"{len(table):,} rows; {said if len(table) or name in chosen else 'empty'}"))
    for name, value in facts:
        yield [(name, ""), (str(value), "")]


def _moment(run: Run, at_us: int) -> str:
    return f"{run.scenario.calendar.local(at_us):%a %d %b %Y %H:%M}"


def _key_numbers(run: Run) -> Iterator[list[Cell]]:
    """The lines of the short summary, in its order."""
    for headline, row in leading(run.summary, run.scenario):
        numbers = [number_or_none(row[column]) for column in ("value", "ci_low", "ci_high")]
        said = (headline.metric, str(row["definition"]))
        lead = (headline.group, headline.name, scope_text(row["scope"]) or "all")
        yield [*((text, "") for text in lead), *_numbers(numbers, str(row["unit"])), *((text, "") for text in said)]


def _summary(run: Run) -> Iterator[list[Cell]]:
    for metric, scope, *numbers, unit, definition in summary_rows(run):
        values = [None if one is None else float(str(one)) for one in numbers]
        yield [(metric, ""), (scope, ""), *_numbers(values, str(unit)), (definition, "")]


def _numbers(values: Sequence[float | None], unit: str) -> list[Cell]:
    """Value and ends of its interval as Excel counts them, and the unit that they are shown in."""
    kind = {"share": "share", "s": "duration"}.get(unit, "number")
    scale = SECOND / DAY if kind == "duration" else 1.0
    shown = "h:mm:ss" if kind == "duration" else "%" if kind == "share" else unit
    cells: list[Cell] = [(None if one is None else one * scale, FORMATS[kind]) for one in values]
    return [*cells, (shown, "")]


def _rows(table: pd.DataFrame, known: Sequence[Field], calendar: Calendar) -> Iterator[list[Cell]]:
    step = 20_000
    for start in range(0, len(table), step):
        part = table.iloc[start : start + step]
        columns = [_cells(part[field.column.name], field, calendar) for field in known]
        yield from (list(row) for row in zip(*columns, strict=True))


def _cells(values: pd.Series, field: Field, calendar: Calendar) -> list[Cell]:
    kind = field.kind
    if kind == "instant":
        us = values.to_numpy(np.int64, na_value=NONE)
        return [(None, "") if one is None else (one, FORMATS[kind]) for one in _wall(us, calendar)]
    if kind == "text":
        return [(None if one != one else one, "") for one in values.astype(object).tolist()]
    if kind == "clock":
        moments = values.to_numpy("datetime64[us]").tolist()
        return [(one, FORMATS[kind]) for one in moments]
    if kind == "flag":
        return [(None if one is None else bool(one), "") for one in _or_none(values)]
    scale = 1 / DAY if kind == "duration" else 1
    shown = FORMATS["count"] if "int" in field.column.dtype.lower() and kind == "number" else FORMATS[kind]
    return [(None, "") if one is None else (one * scale, shown) for one in _or_none(values)]


def _or_none(values: pd.Series) -> list[Any]:
    return [None if gone else one for one, gone in zip(values.tolist(), values.isna().tolist(), strict=True)]


def _wall(us: np.ndarray, calendar: Calendar) -> list[datetime | None]:
    """The wall clock at instants, to the second below."""
    import pandas as pd

    absolute = (np.where(us == NONE, 0, us) + origin_us(calendar)).astype("datetime64[us]")
    local = pd.DatetimeIndex(absolute).tz_localize("UTC").tz_convert(calendar.timezone).tz_localize(None)
    whole = local.to_numpy().astype("datetime64[s]").astype(np.int64).tolist()
    missing = (us == NONE).tolist()
    return [None if gone else _EPOCH + timedelta(seconds=one) for one, gone in zip(whole, missing, strict=True)]


def _sheet(
    book: Workbook,
    made: dict[str, int],
    title: str,
    header: Sequence[str],
    rows: Iterable[list[Cell]],
    widths: Sequence[int],
    freeze: str,
) -> None:
    """One sheet, and further ones where its rows do not fit on it."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    bold, shade = Font(bold=True), PatternFill("solid", fgColor="DDE6F0")
    source = iter(rows)
    for number in range(1, 1_000):
        batch = list(islice(source, 1))
        if not batch and number > 1:
            return
        name = title if number == 1 else f"{title} {number}"
        sheet = book.create_sheet(name)
        sheet.freeze_panes = freeze
        for place, column in enumerate(header):
            width = widths[place] if place < len(widths) else min(max(len(column) + 2, 11), 30)
            sheet.column_dimensions[get_column_letter(place + 1)].width = width
        top = []
        for text in header:
            cell = WriteOnlyCell(sheet, text)
            cell.font, cell.fill = bold, shade
            top.append(cell)
        sheet.append(top)
        cells = _Cells(sheet)
        count = 0
        for row in chain(batch, islice(source, MOST_ROWS - 1 - len(batch))):
            sheet.append(cells.row(row))
            count += 1
        sheet.auto_filter.ref = f"A1:{get_column_letter(max(len(header), 1))}{count + 1}"
        made[name] = count


class _Cells:
    """Cells of one sheet. A styled cell is used again in the next row, because a row is written at once: making and
    styling a new one costs five times as much (measured)."""

    def __init__(self, sheet: Any):
        self._sheet = sheet
        self._kept: dict[tuple[int, str], Any] = {}

    def row(self, row: list[Cell]) -> list[Any]:
        return [self._cell(place, value, shown) for place, (value, shown) in enumerate(row)]

    def _cell(self, place: int, value: Any, shown: str) -> Any:
        from openpyxl.cell import WriteOnlyCell

        if isinstance(value, str):
            return self._text(value)
        if value is None or not shown:
            return value
        cell = self._kept.get((place, shown))
        if cell is None:
            cell = self._kept[place, shown] = WriteOnlyCell(self._sheet, value)
            cell.number_format = shown
        else:
            cell.value = value
        return cell

    def _text(self, value: str) -> Any:
        from openpyxl.cell import WriteOnlyCell

        text = _FORBIDDEN.sub("\ufffd", value)
        text = text if len(text) <= MOST_TEXT else text[: MOST_TEXT - 1] + "…"
        if not text.startswith(("=", "+", "-", "@", "#", "\t", "\r")):  # "#": `#N/A` would be an error
            return text
        cell = WriteOnlyCell(self._sheet, text)
        cell.data_type, cell.quotePrefix = "s", True
        return cell
