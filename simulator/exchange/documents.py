"""JSON that somebody else wrote: read without trust. What is wrong becomes findings, all of it up to a limit.

Unknown fields are ignored, missing and null ones are None: an answer of the platform has what was asked for. A value
of the wrong type, a time that is none, or a number beyond all bounds is a finding with its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from simulator.exchange.times import parse_utc
from simulator.vocabulary.documents import NoJson, read_json
from simulator.vocabulary.errors import Finding, ScenarioError

MOST_BYTES = 512 << 20
"""Of one file: in memory it takes some ten times as much (bound assumed)."""
MOST_FINDINGS = 20
MOST_MS = 10 * 366 * 86_400_000
"""Ten years: longer than anything lasts."""
MOST_TEXT = 1_000

ANSWERS = "an analytics answer: JSON in UTF-8, pages of at most 512 MiB"
TIMES = "a time as 2026-03-02T00:13:14.962Z, 1970 to 2200"
Document = dict[str, Any]


class TooMany(Exception):
    """There is more wrong than anybody wants to read."""


class Reader:
    """Reads values out of one file's document and keeps what is wrong with them."""

    def __init__(self, file: str):
        self.file = file
        self.findings: list[Finding] = []

    def complain(self, place: str, problem: str, allowed: str = "", line: int | None = None) -> None:
        self.findings.append(Finding(self.file, line, place, problem, allowed))
        if len(self.findings) >= MOST_FINDINGS:
            raise TooMany

    def done(self) -> None:
        """Raise `ScenarioError` if anything was wrong."""
        if self.findings:
            raise ScenarioError(self.findings)

    def items(self, document: Document, key: str, place: str) -> Iterator[tuple[str, Document]]:
        """The objects of a list, with their places. Null elements are passed over."""
        found = document.get(key)
        if found is None:
            return
        if not isinstance(found, list):
            self.complain(f"{place}{key}", f"this is {shown(found)}", "a list of objects")
            return
        for number, item in enumerate(found):
            where = f"{place}{key}[{number}]"
            if isinstance(item, dict):
                yield f"{where}.", item
            elif item is not None:
                self.complain(where, f"this is {shown(item)}", "an object")

    def text(self, document: Document, key: str, place: str) -> str | None:
        found = document.get(key)
        if found is None or found == "":
            return None
        if not isinstance(found, str) or len(found) > MOST_TEXT:
            self.complain(f"{place}{key}", f"this is {shown(found)}", f"a text of at most {MOST_TEXT:,} characters")
            return None
        return found

    def time(self, document: Document, key: str, place: str) -> int | None:
        """µs since 1970."""
        found = document.get(key)
        if found is None:
            return None
        try:
            if not isinstance(found, str):
                raise ValueError
            return parse_utc(found)
        except ValueError:
            self.complain(f"{place}{key}", f"this is {shown(found)}", TIMES)
            return None

    def number(self, document: Document, key: str, place: str) -> float | None:
        """A number from 0 to ten years of ms."""
        found = document.get(key)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found <= MOST_MS:
            self.complain(f"{place}{key}", f"this is {shown(found)}", f"a number from 0 to {MOST_MS:,}")
            return None
        return float(found)


def shown(value: object) -> str:
    """A value in a few characters, whatever it is."""
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return f"the number {value:.6g}" if abs(value) < 1e300 else "a huge number"
    if isinstance(value, str):
        return f"the text {value[:40]!r}{'…' if len(value) > 40 else ''}"
    return "a list" if isinstance(value, list) else "an object"


def load(path: Path) -> Any:
    """The JSON document in a file. Raises `ScenarioError` with the place where it stops being JSON."""
    reader = Reader(str(path))
    try:
        return read_json(path, MOST_BYTES)
    except OSError as error:
        reader.complain("", f"this file cannot be read: {error.strerror}")
    except NoJson as error:
        place = "" if error.column is None else f"column {error.column}"
        reader.complain(place, error.problem, ANSWERS, error.line)
    reader.done()
    return None
