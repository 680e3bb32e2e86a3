"""Points and commas in numbers and dates, as much of Europe writes them: `1.400` for 1400, `0,8` for 0.8, `02.03.2026`.

A comma is always a finding, with what was probably meant. `1.400` is a number, 1.4, and is taken as one; where contacts
or messages are counted it gets a warning (`scenario.sense`, `scenario.counts`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

TABS = "tabs seem to separate the columns: save the sheet as .xlsx, or separate the columns by commas"
EXCEL = (
    "Excel set to German or French saves semicolons: save the sheet as .xlsx, which is read too, or separate the "
    "columns by commas and write decimal points"
)


def thousands_meant(text: str) -> str:
    """`1400` of `1.400`: 1-3 digits, a point, exactly three digits; empty for any other text. A number that begins
    with 0 has no thousands."""
    return text.replace(".", "") if re.fullmatch(r"[1-9][0-9]{0,2}\.[0-9]{3}", text) else ""


def thousands_doubt(number: str, unit: str = "") -> tuple[str, str, str]:
    """problem, allowed, suggestion of a warning about `1.400`."""
    meant = f"{thousands_meant(number)}{unit}"
    return f"`{number}` is {float(number):g}", "", f"a thousands point? write `{meant}`"


def doubtful(cells: Iterable[str]) -> list[int]:
    """Which cells of a column read as thousands with a point; none where another one shows that points are decimal
    points: `12.34`, `0.125`, `1400.500`."""
    found = []
    for number, cell in enumerate(cells):
        if "." in cell:
            if not thousands_meant(cell):
                return []
            found.append(number)
    return found


def number_hint(text: str) -> str:
    """What a text that is no number, or no whole one, was probably meant to be."""
    if re.fullmatch(r"[1-9][0-9]{0,2}(\.[0-9]{3})+(,[0-9]+)?", text):
        return f"a thousands point? write `{text.replace('.', '').replace(',', '.')}`"
    if re.fullmatch(r"[1-9][0-9]{0,2}(,[0-9]{3}){2,}", text):
        return f"thousands commas? write `{text.replace(',', '')}`"
    if re.fullmatch(r"[1-9][0-9]{0,2},[0-9]{3}", text):
        decimal = f"{float(text.replace(',', '.')):g}"
        return f"a thousands comma? write `{text.replace(',', '')}`; a decimal comma? write `{decimal}`"
    if re.fullmatch(r"[0-9]+,[0-9]+ ?%?", text):
        return f"a decimal comma? write `{text.replace(',', '.')}`"
    return ""


def date_hint(text: str) -> str:
    """`2026-03-02 00:30` of `02.03.2026 00:30`, day first: with points nothing else is usual."""
    pattern = r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})(?:[ T]+([0-9]{1,2}):([0-9]{2})(?::[0-9]{2})?)?"
    match = re.fullmatch(pattern, text.strip())
    if match is None:
        return ""
    day, month, year, hour, minute = match.groups(default="0")
    return f"write `{year}-{int(month):02}-{int(day):02} {int(hour):02}:{int(minute):02}`"


def rejoined(before: str, cut: Sequence[str]) -> tuple[str, str]:
    """What a flow map cut at its commas (of `cv: 0,8` it makes `cv: 0` and a key `8`), mended, and how to say so; both
    empty where the parts are no number."""
    if (
        len(before) > 20
        or not re.fullmatch(r"-?[0-9]+", before)
        or not cut
        or not re.fullmatch(r"[0-9]{1,15}([^0-9].*)?", cut[-1])
    ):
        return "", ""
    if re.fullmatch(r"[1-9][0-9]{0,2}(,[0-9]{3})+([^0-9].*)?", whole := ",".join([before, *cut])):
        return whole.replace(",", ""), f"a thousands comma? write `{whole.replace(',', '')}`"
    return (f"{before}.{cut[0]}", f"a decimal comma? write `{before}.{cut[0]}`") if len(cut) == 1 else ("", "")


def plain_number(text: str) -> float:
    """A number as a scenario would take it too: Python's own reader also knows `1_000` and digits of other scripts.

    Raises ValueError.
    """
    if not text.isascii() or "_" in text:
        raise ValueError(text)
    return float(text)
