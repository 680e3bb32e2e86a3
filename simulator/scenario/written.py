"""What people write, and what it means: durations, shares, rates, names, times of day.

Each `parse_…` takes a plain value (what YAML gives) and returns what the schema holds, or raises `Wrong`: what is
wrong, what is allowed, what was probably meant. `scenario.types` makes fields of them.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from fractions import Fraction
from typing import Any, TypeAlias

from simulator.scenario.separators import date_hint, number_hint
from simulator.vocabulary.clock import DAY, SECOND, UNITS_US

Place: TypeAlias = tuple[str | int, ...]
"""Where something is: `("agents", "early", "count")`; list elements count from 0."""

LONGEST_US = 100 * 365 * DAY  # far beyond any scenario, far below int64
LONGEST_TEXT = 200  # characters of a duration, share or rate: more is never meant, and numbers of any length take time
MOST_COMPARED = 50_000  # names that one reading of a scenario looks at for suggestions: a second of it


@dataclass(frozen=True)
class Complaint:
    problem: str
    allowed: str = ""
    suggestion: str = ""
    place: Place = ()
    """Below the value that was parsed: `("lognormal", "p90")`."""


class Wrong(ValueError):
    """A value that cannot be read: one complaint or several."""

    def __init__(self, problem: str = "", allowed: str = "", suggestion: str = "", *, all: Sequence[Complaint] = ()):
        self.complaints = tuple(all) or (Complaint(problem, allowed, suggestion),)
        super().__init__("; ".join(complaint.problem for complaint in self.complaints))


def shown(value: Any) -> str:
    """A value as a finding quotes it: `75`, `true`, a map, a list of 3."""
    if isinstance(value, dict):
        return "a map" if value else "an empty map"
    if isinstance(value, tuple | list):
        return f"a list of {len(value)}" if value else "an empty list"
    if value is None:
        return "nothing"
    if value == "":
        return "an empty text"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    text = "".join(letter if letter.isprintable() else "?" for letter in text)
    return f"`{text if len(text) <= 60 else text[:57] + '...'}`"


class _Patience:
    """How many more names may be compared with what somebody wrote. Suggestions help with a few slips, not with ten
    thousand, and comparing is slow."""

    left = MOST_COMPARED


def fresh_suggestions() -> None:
    """Another scenario is read: its slips get suggestions again."""
    _Patience.left = MOST_COMPARED


def nearest(word: str, known: Sequence[str], cutoff: float = 0.6) -> str:
    """`did you mean ...?` with the nearest known word, or nothing."""
    if len(known) > _Patience.left:
        return ""
    _Patience.left -= len(known)
    near = look_alike(word, known, cutoff)
    return f"did you mean `{near}`?" if near else ""


def look_alike(word: str, known: Sequence[str], cutoff: float = 0.6) -> str:
    """The nearest known word, whatever its case, or nothing. For a few words: comparing is slow."""
    if len(word) > LONGEST_TEXT:
        return ""
    by_lower = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), list(by_lower), 1, cutoff)
    return by_lower[near[0]] if near else ""


# --- durations -------------------------------------------------------------------------------------------------

_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_PART = re.compile(rf"({_NUMBER})\s*([^\W\d_]+)\s*")
DURATIONS = "a duration with its unit (us, ms, s, min, h, days, weeks), as `45 s` or `1 h 30 min`"


def parse_duration(value: Any) -> int:
    """`72 h`, `45 s`, `1 h 30 min`, `0` -> µs, rounded once to whole microseconds."""
    if _is_number(value):
        if value == 0:
            return 0
        written = f"{value:g}"
        if value < 0:
            raise Wrong(f"`{written}` is negative", DURATIONS)
        raise Wrong(f"`{written}` has no unit", DURATIONS, f"write `{written} s`, `{written} min` or `{written} h`")
    if not isinstance(value, str):
        raise Wrong(f"{shown(value)} is not a duration", DURATIONS)
    text = value.strip()
    if len(text) > LONGEST_TEXT:
        raise Wrong(f"{shown(value)} has {len(text)} characters", DURATIONS)
    if text == "0":
        return 0
    if text.startswith("-"):
        raise Wrong(f"{shown(value)} is negative", DURATIONS)
    total, position = Fraction(0), 0
    seen: set[int] = set()
    while part := _PART.match(text, position):
        number, unit = part.groups()
        if unit not in UNITS_US:
            raise Wrong(f"`{unit}` is not a unit of time", DURATIONS, _nearest_unit(number, unit))
        if UNITS_US[unit] in seen:
            raise Wrong(f"{shown(value)} names `{unit}` twice", DURATIONS, "add them up")
        seen.add(UNITS_US[unit])
        total += Fraction(number) * UNITS_US[unit]
        position = part.end()
    if position == 0 or position < len(text):
        raise Wrong(f"{shown(value)} is not a duration", DURATIONS, _mended_number(text))
    if total > LONGEST_US:
        raise Wrong(f"{shown(value)} is more than 100 years", "at most 100 years")
    if total > 0 and round(total) == 0:
        raise Wrong(f"{shown(value)} is less than a microsecond", f"0, or {DURATIONS} from 1 us")
    return round(total)


def _nearest_unit(number: str, unit: str) -> str:
    usual = {"m": "min", "mins": "min", "hr": "h", "hrs": "h", "secs": "s", "msec": "ms", "w": "weeks"}
    close = difflib.get_close_matches(unit.lower(), list(UNITS_US), 1, 0.5)
    meant = usual.get(unit.lower()) or (unit.lower() if unit.lower() in UNITS_US else close[0] if close else "")
    return f"did you mean `{number} {meant}`?" if meant else ""


def _mended_number(text: str) -> str:
    """A decimal comma becomes a point, a bare number gets units."""
    mended = re.sub(r"([0-9]),([0-9])", r"\1.\2", text)
    if mended != text and _PART.fullmatch(mended):
        return f"did you mean `{mended}`?"
    if re.fullmatch(_NUMBER, text):
        return f"write `{text} s`, `{text} min` or `{text} h`"
    return ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# --- shares and rates ------------------------------------------------------------------------------------------

SHARES = "a share from `0 %` to `100 %`, or a number from 0 to 1"


def parse_share(value: Any) -> float:
    """`80 %`, `0.8 %`, `0.8` -> 0..1."""
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise Wrong(f"{shown(value)} has {len(value)} characters", SHARES)
        match = re.fullmatch(rf"({_NUMBER})\s*%", value.strip())
        if not match:
            signed = re.fullmatch(rf"-{_NUMBER}\s*%?", value.strip())
            raise Wrong(
                f"{shown(value)} is {'negative' if signed else 'not a share'}", SHARES, number_hint(value.strip())
            )
        share = Fraction(match[1]) / 100
        if share > 1:
            raise Wrong(f"{shown(value)} is more than everything", SHARES)
        return float(share)
    if not _is_number(value):
        raise Wrong(f"{shown(value)} is not a share", SHARES)
    if not 0 <= value <= 1:
        hint = f"did you mean `{value:g} %`?" if 1 < value <= 100 else ""
        raise Wrong(f"`{value:g}` is not between 0 and 1", SHARES, hint)
    return float(value)


PACES = "a rate with its unit of time (s, min, h, day, week), as `18000/min`, `40/s` or `16/h`"


def parse_pace(value: Any) -> float:
    """`18000/min`, `40/s`, `16/h`, `2/day` -> per second."""
    if _is_number(value):
        if value == 0:
            return 0.0
        written = f"{value:g}"
        raise Wrong(f"`{written}` has no unit of time", PACES, f"write `{written}/s`, `{written}/min` or `{written}/h`")
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        raise Wrong(f"{shown(value)} has {len(value)} characters", PACES)
    match = re.fullmatch(rf"({_NUMBER})\s*(?:/|per )\s*([^\W\d_]+)", value.strip()) if isinstance(value, str) else None
    if match is None:
        mended = re.sub(r"([0-9])[,' ]([0-9]{3})", r"\1\2", value) if isinstance(value, str) else ""
        mended = re.sub(r"([0-9]),([0-9]{1,2})(?![0-9])", r"\1.\2", mended)
        hint = f"did you mean `{mended}`?" if mended != value and "/" in mended else ""
        raise Wrong(f"{shown(value)} is not a rate", PACES, hint)
    number, unit = match.groups()
    if unit not in UNITS_US:
        close = _nearest_unit("", unit).replace("` ", "`" + number + "/")
        raise Wrong(f"`{unit}` is not a unit of time", PACES, close)
    pace = float(Fraction(number) * SECOND / UNITS_US[unit])
    if pace > 1e6:
        raise Wrong(f"{shown(value)} is more than one per microsecond", PACES)
    return pace


# --- names and times -------------------------------------------------------------------------------------------

NAMES = "letters, digits, `_`, `-` and single spaces inside; at most 80 characters"


def parse_name(value: Any) -> str:
    """A name of a queue, channel, skill, ...: it becomes part of paths and ids."""
    if not isinstance(value, str):
        hint = f'write it in quotes: `"{value}"`' if _is_number(value) else ""
        raise Wrong(f"{shown(value)} is not a name", NAMES, hint)
    if len(value) > 80:
        raise Wrong(f"this name has {len(value)} characters", NAMES)
    if not value or not all(letter.isalnum() or letter in "_- " for letter in value):
        mended = "".join(letter if letter.isalnum() or letter in "_- " else "_" for letter in value).strip("_ ")
        raise Wrong(f"{shown(value)} cannot be a name", NAMES, f"did you mean `{mended}`?" if mended else "")
    if value != " ".join(value.split()):
        raise Wrong(f"{shown(value)} has spaces at an end or in a row", NAMES, f"write `{' '.join(value.split())}`")
    return value


CLOCKS = 'a time of day from "00:00" to "23:59"'


def parse_clock(value: Any) -> time:
    """`07:00` -> 07:00 local time."""
    if isinstance(value, time) and value.tzinfo is None:
        return value
    match = re.fullmatch(r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?", value) if isinstance(value, str) else None
    if match is None:
        raise Wrong(f"{shown(value)} is not a time of day", CLOCKS, _clock_hint(value))
    hour, minute, second = (int(part or 0) for part in match.groups())
    if (hour, minute, second) == (24, 0, 0):
        raise Wrong(
            "`24:00` is not a time of day", CLOCKS, 'write "00:00": the end of one day is the start of the next'
        )
    if hour > 23 or minute > 59 or second > 59:
        raise Wrong(f"{shown(value)} is not a time of day", CLOCKS)
    return time(hour, minute, second)


def _clock_hint(value: Any) -> str:
    if _is_number(value) and value == int(value) and 0 <= value <= 23:
        return f'did you mean "{int(value):02d}:00"?'
    if isinstance(value, str) and (match := re.fullmatch(r"([0-9]{1,2})[.h]([0-9]{2})", value)):
        return f'did you mean "{int(match[1]):02d}:{match[2]}"?'
    return ""


LOCAL_TIMES = "a local date and time without zone, as `2026-03-02 00:00`"


def parse_local_time(value: Any) -> datetime:
    """`2026-03-02 00:00` or `2026-03-02T00:00:00` -> wall clock of the scenario's zone."""
    if isinstance(value, datetime):
        moment = value
    else:
        if not isinstance(value, str) or not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}($|[ T])", value):
            raise Wrong(
                f"{shown(value)} is not a date and time",
                LOCAL_TIMES,
                date_hint(value) if isinstance(value, str) else "",
            )
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            raise Wrong(f"{shown(value)} is not a date and time of any calendar", LOCAL_TIMES) from None
    if moment.tzinfo is not None:
        raise Wrong(f"{shown(value)} names a zone", LOCAL_TIMES, "leave the zone out: `timezone` holds for all times")
    if not 1970 <= moment.year <= 2200:
        raise Wrong(f"{shown(value)} is outside 1970 to 2200", LOCAL_TIMES)
    return moment
