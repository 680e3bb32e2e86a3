"""Tables of rows beside a scenario: CSV text, or the first sheet of an Excel workbook. Everything comes out as text."""

from __future__ import annotations

import csv
import io
import itertools
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeAlias

from simulator.scenario.separators import EXCEL, TABS, number_hint
from simulator.scenario.written import Wrong, look_alike, nearest, shown
from simulator.vocabulary.errors import Finding

MAX_BYTES = 50 << 20  # ten years of half hours are 6 MiB (bound assumed)
MAX_UNPACKED = 500 << 20  # what a workbook may hold when it is unpacked (assumed)
MAX_ROWS = 2_000_000
MAX_COLUMNS = 100
VERY_ALIKE = 0.85  # `counts` is `count`, `country` is not (assumed)
MOST_ALIKE = 3  # of one kind in one column are told row by row (assumed)
MAX_FINDINGS = 20  # of one file: a wrong column would otherwise be reported line by line

Row: TypeAlias = tuple[int, list[str]]
"""Line (of a workbook: row), and the cells as text."""
SUFFIXES = (".csv", ".xlsx")
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"


class Rows:
    """The header and the rows of one file; what is wrong with it is in `findings`."""

    def __init__(self, path: Path, shown_as: str, place: str, allowed: str):
        self.file, self.place, self.allowed = shown_as, place, allowed
        self.findings: list[Finding] = []
        self.header: list[str] = []
        self._rows: Iterator[Row] = iter(())
        self.has_gaps = False
        """Whether a row was left out: what its neighbours say of each other would only echo it."""
        self._alike: dict[tuple[str, str], list[Finding]] = {}
        self._more: dict[tuple[str, str], int] = {}
        content = self._content(path)
        if content is None:
            return
        self.is_workbook = content.startswith(b"PK\x03\x04")
        """Whose numbers are numbers, however they are shown."""
        read = _workbook if self.is_workbook else _text
        try:
            self._rows = read(content, self.complain)
            self.header = [column.strip() for column in next(self._rows, (1, []))[1]]
        except _Unreadable as error:
            self.complain(*error.args)

    def complain(self, line: int | None, problem: str, allowed: str = "", suggestion: str = "") -> None:
        self.findings.append(Finding(self.file, line, self.place, problem, allowed or self.allowed, suggestion))

    def refuse(self, line: int, wrong: Wrong, column: str = "", fault: str = "") -> None:
        """Complains about cells of a row. What many rows have alike, or what is the same `fault`, becomes one finding
        after the last row."""
        for each in wrong.complaints:
            kind = re.sub(r"[`'][0-9][^`']*[`']", "", f"{column} {each.problem}"), each.suggestion.partition("`")[0]
            kind = (fault, "") if fault else kind
            alike = self._alike.setdefault(kind, [])
            self._more[kind] = self._more.get(kind, -MOST_ALIKE) + 1
            if len(alike) < MOST_ALIKE:
                allowed = each.allowed or self.allowed
                alike.append(Finding(self.file, line, self.place, each.problem, allowed, each.suggestion))

    def tell(self) -> None:
        """What was refused becomes findings."""
        for kind, alike in self._alike.items():
            if (more := self._more[kind]) > 0:
                problem = f"{alike[0].problem}, and {more + MOST_ALIKE - 1:,} more rows are like it"
                alike = [replace(alike[0], problem=problem)]
            self.findings += alike
        self._alike.clear()
        self._more.clear()
        self.findings.sort(key=lambda finding: finding.line or 0)

    def separator_hint(self) -> str:
        """About a header that is one column because semicolons or tabs stand in it."""
        if "\t" in "".join(self.header):
            return TABS
        return EXCEL if ";" in "".join(self.header) else ""

    def columns(self, *choices: tuple[str, ...], optional: tuple[str, ...] = ()) -> tuple[str, ...] | None:
        """Which of the choices of columns the file has; None after a complaint. Columns that look like a known one
        that is missing are refused, others not looked at."""
        if self.findings:
            return None
        known = tuple(dict.fromkeys([*(name for choice in choices for name in choice), *optional]))
        found = [choice for choice in choices if set(choice) == set(self.header) & (set(known) - set(optional))]
        if len(found) == 1 and len(set(self.header)) == len(self.header):
            return None if self._misspelt(known, optional) else found[0]
        hints = [nearest(column, known) for column in self.header if column not in known]
        hint = self.separator_hint() or next(filter(None, hints), "")
        allowed = ", or ".join(" and ".join(f"`{name}`" for name in choice) for choice in choices)
        allowed += f"; optional: {', '.join(optional)}" if optional else ""
        self.complain(1, f"the columns are {', '.join(map(shown, self.header)) or 'missing'}", allowed, hint)
        return None

    def _misspelt(self, known: tuple[str, ...], optional: tuple[str, ...]) -> bool:
        """Complains about columns that would be passed over although a known one was probably meant."""
        absent = [name for name in known if name not in self.header]
        others = [name for name in absent if name not in optional]  # of another choice: seldom meant beside this one
        for column in self.header:
            if column in known:
                continue
            near = look_alike(column, [name for name in absent if name in optional])
            near = near or look_alike(column, others, VERY_ALIKE)
            if near:
                problem = f"there is no column {shown(column)}, and `{near}` is missing"
                allowed = f"{', '.join(f'`{name}`' for name in known)}, or columns that look like none of these"
                self.complain(1, problem, allowed, f"did you mean `{near}`?")
        return bool(self.findings)

    def __iter__(self) -> Iterator[Row]:
        """Rows that are not empty, up to a limit of findings."""
        try:
            for number, (line, row) in enumerate(self._rows):
                if not any(row):
                    continue
                if _TOLD in row:
                    self.has_gaps = True
                    continue
                if len(self.findings) + len(self._alike) >= MAX_FINDINGS:
                    self.complain(line, "there is more wrong below this line")
                    return
                if number >= MAX_ROWS:
                    self.complain(line, "this file has too many rows", f"at most {MAX_ROWS:,}", "use longer intervals")
                    return
                if len(row) != len(self.header):
                    self.refuse(line, _uneven(row, len(self.header)))
                    self.has_gaps = True
                    continue
                yield line, [cell.strip() for cell in row]
        except _Unreadable as error:
            self.complain(*error.args)
        finally:
            self.tell()

    def _content(self, path: Path) -> bytes | None:
        try:
            with path.open("rb") as stream:
                content = stream.read(MAX_BYTES + 1)
        except OSError as error:
            problem = f"this file cannot be read: {error.strerror}"
            self.findings.append(Finding(self.file, None, self.place, problem))
            return None
        if content.startswith(_OLD_WORKBOOK):
            self.complain(None, "this is an Excel workbook of the old kind (.xls)", "CSV, or .xlsx", "save it as .xlsx")
            return None
        if len(content) > MAX_BYTES:
            self.complain(None, "this file is larger than 50 MiB", "at most 50 MiB", "use a longer interval")
            return None
        return content


def _uneven(row: list[str], columns: int) -> Wrong:
    """A row with another number of cells than the header: `29,5` without quotes is two."""
    cut = next((",".join(pair) for pair in itertools.pairwise(row) if number_hint(",".join(pair))), "")
    hint = number_hint(cut) if len(row) == columns + 1 else ""
    return Wrong(f"{len(row)} values stand under {columns} columns", suggestion=hint)


_TOLD = "\0"
"""Stands for a cell without a value that somebody was told of: no cell can hold this."""


class _Unreadable(Exception):
    """line, problem, allowed, suggestion"""


def locate(name: str, folder: Path | None, suffixes: tuple[str, ...] = SUFFIXES, what: str = "a CSV file") -> Path:
    """The file that a scenario names, never outside the scenario's folder. Raises Wrong."""
    allowed = f"{what} in the scenario's folder or below"
    if folder is None:
        raise Wrong("a scenario from text has no folder to find files in", allowed, "give a folder")
    if "\0" in name or not name.strip():
        raise Wrong(f"{shown(name)} is not a file name", allowed)
    written = Path(name)
    drive = len(name) > 1 and name[1] == ":"
    if written.is_absolute() or drive or ".." in written.parts or "\\" in name or name.startswith(("~", "/")):
        raise Wrong(f"{shown(name)} leaves the scenario's folder", allowed, "put the file beside the scenario")
    try:
        home, path = folder.resolve(), (folder / written).resolve()
        if not path.is_relative_to(home):
            raise Wrong(f"{shown(name)} leaves the scenario's folder through a link", allowed, "copy the file there")
        if not path.is_file():
            near = sorted(path.parent.iterdir()) if path.parent.is_dir() else []
            beside = [(written.parent / entry.name).as_posix() for entry in near if entry.suffix in suffixes]
            if path.exists():
                raise Wrong(f"{shown(name)} is {'a folder' if path.is_dir() else 'not a plain file'}", allowed)
            raise Wrong(f"there is no file {shown(name)}", allowed, nearest(name, beside))
    except (OSError, RuntimeError, ValueError) as error:
        if isinstance(error, Wrong):
            raise
        raise Wrong(f"{shown(name)} cannot be read: {error}", allowed) from None
    return path


# --- text ------------------------------------------------------------------------------------------------------


def _text(content: bytes, complain: Callable[..., None]) -> Iterator[Row]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _Unreadable(line, "this line is not UTF-8 text", "UTF-8") from None
    if "\0" in text:  # some readers would end a cell here, others not
        raise _Unreadable(text[: text.index("\0")].count("\n") + 1, "a character NUL stands in this line", "text")
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)

    def lines() -> Iterator[Row]:
        line = 1  # where a record begins: line breaks in quotes make it several lines long
        try:
            for row in rows:
                if len(row) > MAX_COLUMNS:
                    raise _Unreadable(line, f"this row has {len(row)} cells", f"at most {MAX_COLUMNS} columns")
                yield line, row
                line = rows.line_num + 1
        except csv.Error as error:
            raise _Unreadable(line, f"this is not CSV: {error}") from None

    return lines()


# --- workbooks -------------------------------------------------------------------------------------------------


def _workbook(content: bytes, complain: Callable[..., None]) -> Iterator[Row]:
    """The rows of the first sheet. Formulas are refused: what they would give, only Excel knows."""
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MAX_UNPACKED:
                raise _Unreadable(None, "this workbook unpacks to more than 500 MiB", "at most 500 MiB", "use CSV")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about looks that do not matter here
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
        sheet = book.worksheets[0] if book.worksheets else None
    except _Unreadable:
        raise
    except Exception as error:  # whatever a broken workbook makes its reader say
        raise _Unreadable(None, f"this is not a workbook: {type(error).__name__}", "an .xlsx file, or CSV") from None
    if sheet is not None:
        sheet.reset_dimensions()  # a sheet may claim a million empty rows: only those that are there are read
    if sheet is None:
        raise _Unreadable(None, "there is no sheet in this workbook", "rows on the first sheet")

    def lines() -> Iterator[Row]:
        width = None
        try:
            for line, row in enumerate(sheet.iter_rows(), 1):
                if len(row) > MAX_COLUMNS and any(cell.value is not None for cell in row[MAX_COLUMNS:]):
                    raise _Unreadable(line, f"this row has {len(row)} cells", f"at most {MAX_COLUMNS} columns")
                cells = [_cell(cell, line, complain) for cell in row[:MAX_COLUMNS]]
                while cells and not cells[-1] and len(cells) > (width or 0):
                    cells.pop()
                if width is None:
                    width = len(cells)
                elif any(cells):
                    cells += [""] * (width - len(cells))
                yield line, cells
        except _Unreadable:
            raise
        except Exception as error:
            raise _Unreadable(None, f"this sheet cannot be read: {type(error).__name__}", "a plain sheet") from None

    return lines()


def _cell(cell: Any, line: int, complain: Callable[..., None]) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        complain(line, f"a formula stands in this row ({shown(value)})", "values", "copy the cells as values")
        return _TOLD
    if cell.data_type == "e":
        complain(line, f"an error stands in this row ({shown(value)})", "values")
        return _TOLD
    if isinstance(value, datetime):  # Excel counts days in floating point: whole seconds are meant
        return (value + timedelta(milliseconds=500)).replace(microsecond=0).isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and value == int(value) and abs(value) < 1e15:
        return str(int(value))
    return str(value)
