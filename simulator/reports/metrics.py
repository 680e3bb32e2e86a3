"""The catalogue of measures on a terminal: a list, and one entry in full."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from simulator.metrics.entries import Entry, unit_in_words

WIDEST = 100
"""Columns beyond which lines get hard to read (assumed)."""
LEAST_ROOM = 24
"""Columns that a title needs to stand beside its name (assumed)."""
LABEL = 13
"""Columns of the labels of an entry."""


def listing(found: Sequence[Entry], width: int) -> str:
    """Name, unit and title of each, below the heading of its family; on two lines each where there is no room."""
    width = min(width, WIDEST)
    families: dict[str, list[Entry]] = {}
    for each in found:
        families.setdefault(each.family, []).append(each)
    return "\n\n".join(f"{family}\n{_family(members, width)}" for family, members in families.items())


def _family(found: Sequence[Entry], width: int) -> str:
    names, units = (max(len(getattr(each, field)) for each in found) for field in ("name", "unit"))
    room = width - names - units - 6
    lines: list[str] = []
    for each in found:
        if room >= LEAST_ROOM:
            first, *rest = textwrap.wrap(each.title, room) or [""]
            lines.append(f"  {each.name:<{names}}  {each.unit:<{units}}  {first}".rstrip())
            lines += [f"{'':{names + units + 6}}{more}" for more in rest]
        else:
            lines.append(f"  {each.name} ({each.unit})")
            lines += textwrap.wrap(each.title, max(width, 20), initial_indent="    ", subsequent_indent="    ")
    return "\n".join(lines)


def in_full(each: Entry, width: int) -> str:
    """One entry, all of it."""
    rows = [
        ("in words", each.definition),
        ("formula", each.formula),
        *(("", f"{word}: {meaning}") for word, meaning in each.terms.items()),
        ("denominator", each.denominator),
        ("unit", unit_in_words(each.unit)),
        ("counts", each.cohort),
        ("booked", each.booking),
        ("censored", each.censored),
        ("exists for", ", ".join(each.scopes)),
        ("interval", f"95 %, {each.interval}"),
        ("source", each.source),
    ]
    return _labelled(each.name, each.title, rows, width)


def column_in_full(each: Mapping[str, str], width: int) -> str:
    """A column of a table: `name` as somebody asked for it, table, column, unit, meaning."""
    rows = [
        ("meaning", each["meaning"]),
        ("unit", each["unit"] or "none: a number, text or yes and no"),
        ("table", f"{each['table']}, column {each['column']}"),
        ("shown in", "tables, CSV exports, workbook (sheet `columns` explains all of them)"),
    ]
    return _labelled(each["name"], f"a column of the table `{each['table']}`, no measure", rows, width)


def _labelled(title: str, below: str, rows: Sequence[tuple[str, str]], width: int) -> str:
    width = max(min(width, WIDEST), 40)
    label = LABEL if width >= 60 else 0
    lines = [title, *textwrap.wrap(below, width), ""]
    for name, text in rows:
        if not label and name:
            lines.append(f"{name}:")
        indent = " " * label if label else "  "
        hang = "  " if not name else ""
        first = f"{name:<{label}}" if label else indent
        lines += textwrap.wrap(
            text,
            width,
            initial_indent=first,
            subsequent_indent=indent + hang,
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(line.rstrip() for line in lines)
