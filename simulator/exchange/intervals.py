"""Back: interval aggregates, and interval tables as CSV, as our `intervals` table; what they do not tell is null.

Three CSV forms are known by their header: our own in seconds (`ccsim export --to csv`), our own in µs (`intervals.csv`
of a run folder), and the export of the platform's queue performance view by interval (`Interval Start`, `Queue Name`,
`Offer`, …; durations in ms as it writes them unless told otherwise, or as hh:mm:ss).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from simulator.exchange import documents
from simulator.exchange.documents import Document, Reader, TooMany, shown
from simulator.exchange.enumerations import MEDIA
from simulator.exchange.reading import about_of, names_of
from simulator.exchange.tables import Reading, calendar_of, catalogued
from simulator.exchange.times import origin_us, parse_utc
from simulator.scenario.separators import date_hint, number_hint
from simulator.scenario.sheets import Rows
from simulator.scenario.written import Wrong, parse_local_time
from simulator.vocabulary.clock import MS, SECOND, Calendar
from simulator.vocabulary.errors import ScenarioError

OURS = {
    "nOffered": "nOffered",
    "nAnswered": "nAnswered",
    "nAbandoned": "nAbandoned",
    "nOverSla": "nOverSla",
    "oServiceLevel": "oServiceLevel",
    "tWait_mean_s": "tWait_mean_us",
    "tWait_mean_us": "tWait_mean_us",
}
PLATFORM = {
    "Offer": "nOffered",
    "Answer": "nAnswered",
    "Abandon": "nAbandoned",
    "Service Level %": "oServiceLevel",
    "Avg Wait": "tWait_mean_us",
}
"""Headers of the platform's view export and our columns."""
ROWS = "a header with `start` and `queue`, or with `Interval Start` and `Queue Name`"
_US = timedelta(microseconds=1)
_AMERICAN = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{2,4}),? (\d{1,2}):(\d\d)(?::(\d\d))? ([AaPp])[Mm]")


def read_aggregates(
    source: Path | str | Document,
    *,
    names: Mapping[str, str] | None = None,
    start: datetime | None = None,
    timezone: str = "UTC",
) -> Reading:
    """Interval aggregates grouped by `queueId` as our intervals table; the platform's booking.

    Groups of one queue (by direction, by user) are added up, other media than messages left out. Arguments and errors
    as `read_details`.
    """
    path = Path(source) if isinstance(source, str | Path) else None
    file = path / "aggregates.json" if path is not None and path.is_dir() else path
    about = {} if path is None else about_of(path if path.is_dir() else path.parent)
    known = {**({} if path is None else names_of(path if path.is_dir() else path.parent)), **dict(names or {})}
    if start is None and about:
        start, timezone = datetime.fromisoformat(about["start"]), about["timezone"]
    reader = Reader("(answer)" if file is None else str(file))
    document = source if file is None else documents.load(file)
    sums: dict[tuple[str, int], dict[str, list[float]]] = {}
    left_out = 0
    try:
        if not isinstance(document, dict) or "results" not in document:
            reader.complain("", "there are no `results` in this answer", "interval aggregates")
            raise TooMany
        for place, container in reader.items(document, "results", ""):
            group = container.get("group")
            if not isinstance(group, dict):
                reader.complain(f"{place}group", f"this is {shown(group)}", "an object with `queueId`")
                continue
            queue, media = (reader.text(group, key, f"{place}group.") for key in ("queueId", "mediaType"))
            if queue is None or media not in (None, MEDIA):
                left_out += 1
                continue
            _add(reader, place, container, known.get(queue, queue), sums)
    except TooMany:
        pass
    reader.done()
    calendar = calendar_of(start, timezone, min((at for _, at in sums), default=None))
    rows = [_of_sums(queue, at, stats) for (queue, at), stats in sorted(sums.items())]
    notes = (f"{left_out} groups without a queue or of other media were left out",) if left_out else ()
    return Reading({"intervals": _table(rows, calendar)}, calendar, notes)


def _add(
    reader: Reader, place: str, container: Document, queue: str, sums: dict[tuple[str, int], dict[str, list[float]]]
) -> None:
    for where, data in reader.items(container, "data", place):
        interval = reader.text(data, "interval", where)
        try:
            at = parse_utc((interval or "").split("/")[0])
        except ValueError:
            reader.complain(f"{where}interval", f"this is {shown(interval)}", "two times with a slash between them")
            continue
        stats = sums.setdefault((queue, at), {})
        for what, metric in reader.items(data, "metrics", where):
            name, found = reader.text(metric, "metric", what), metric.get("stats")
            if name is None or not isinstance(found, dict):
                continue
            keys = ("count", "sum") if not name.startswith("o") else ("numerator", "denominator")
            values = [reader.number(found, key, f"{what}stats.") or 0.0 for key in keys]
            before = stats.setdefault(name, [0.0, 0.0])
            stats[name] = [before[0] + values[0], before[1] + values[1]]


def _of_sums(queue: str, at: int, stats: dict[str, list[float]]) -> Document:
    def count(name: str) -> int:
        return int(stats.get(name, [0.0])[0])

    level = stats.get("oServiceLevel", [0.0, 0.0])
    waits = [stats[name] for name in ("tWait",) if name in stats]
    waits = waits or [stats[name] for name in ("tAcd",) if name in stats]
    waits = waits or [stats[name] for name in ("tAnswered", "tAbandon", "tFlowOut") if name in stats]
    number, total = (sum(one[part] for one in waits) for part in (0, 1))
    return {
        "queue": queue, "at": at, "nOffered": count("nOffered"), "nAnswered": count("tAnswered"),
        "nAbandoned": count("tAbandon"), "nOverSla": count("nOverSla"),
        "oServiceLevel": level[0] / level[1] if level[1] else None,
        "tWait_mean_us": total / number * MS if number else None,
    }  # fmt: skip


def _table(rows: Iterable[Document], calendar: Calendar) -> Any:
    """Rows with `at` in µs since 1970 as the intervals table."""
    told = list(rows)
    origin = origin_us(calendar)
    starts = [row["at"] - origin for row in told]
    columns: dict[str, list[Any]] = {
        "start_us": starts,
        "start_local": [calendar.local(us) for us in starts],
        "queue": [row["queue"] for row in told],
    }
    for name in dict.fromkeys(OURS.values()):
        columns[name] = [row.get(name) for row in told]
    return catalogued("intervals", columns)


# --- CSV -----------------------------------------------------------------------------------------------------------


def read_intervals(path: Path | str, *, start: datetime | None = None, timezone: str = "UTC") -> Reading:
    """An interval table as CSV (or on the first sheet of a workbook) as our intervals table.

    Times without an offset are local to `timezone`, or to the run of `export.json` beside the file. Raises
    `ScenarioError` with findings line by line, `UsageError` for an unknown zone.
    """
    file = Path(path)
    about = about_of(file.parent)
    if start is None and about:
        start, timezone = datetime.fromisoformat(about["start"]), about["timezone"]
    rows = Rows(file, str(file), "", ROWS)
    header = rows.header
    platform = "Interval Start" in header
    names = {"start": "Interval Start", "queue": "Queue Name"} if platform else {"start": "start", "queue": "queue"}
    if not platform and "start" not in header and "start_local" in header:
        names["start"] = "start_local"
    if not rows.findings and not set(names.values()) <= set(header):
        rows.complain(
            1, f"the columns are {', '.join(map(shown, header[:8])) or 'missing'}", ROWS, rows.separator_hint()
        )
    if rows.findings:
        raise ScenarioError(rows.findings)
    known = {column: ours for column, ours in (PLATFORM if platform else OURS).items() if column in header}
    local = calendar_of(start, timezone, 0)
    places = {name: header.index(name) for name in (*names.values(), *known, "replication") if name in header}
    found: list[Document] = []
    last: dict[str, int] = {}
    for line, row in rows:
        cells = {name: row[place] for name, place in places.items()}
        if cells.get("replication", "0") not in ("", "0"):
            continue  # one history: the first replication
        try:
            queue = cells[names["queue"]].removeprefix("'")
            at = _moment(cells[names["start"]], local, last.get(queue))
            told: Document = {"at": at, "queue": queue}
            for column, ours in known.items():
                told[ours] = _CELL[ours](cells[column], column)
        except Wrong as wrong:
            rows.refuse(line, wrong)
            continue
        last[queue] = at
        found.append(told)
    if rows.findings:
        raise ScenarioError(rows.findings)
    calendar = local if start is not None else calendar_of(None, timezone, min((one["at"] for one in found), default=0))
    return Reading({"intervals": _table(found, calendar)}, calendar)


def _moment(text: str, calendar: Calendar, before: int | None) -> int:
    """µs since 1970. Of a local time that comes twice the second is meant where the first lies in the past."""
    american = _AMERICAN.fullmatch(text)
    if american:
        month, day, year, hour, minute, second, half = american.groups()
        hours = int(hour) % 12 + (12 if half.lower() == "p" else 0)
        text = f"{int(year) % 100 + 2000}-{int(month):02}-{int(day):02} {hours:02}:{minute}:{second or '00'}"
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        allowed = "a time as 2026-03-02T00:30:00 or 3/2/26 12:30 AM"
        raise Wrong(f"{shown(text)} is no time", allowed, date_hint(text)) from None
    if moment.tzinfo is not None:
        return parse_utc(text)
    local = parse_local_time(text).replace(tzinfo=calendar.zone)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    first, second_pass = ((local.replace(fold=fold).astimezone(UTC) - epoch) // _US for fold in (0, 1))
    return second_pass if before is not None and first <= before < second_pass else first


def _count(text: str, column: str) -> int | None:
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1e9 or number != int(number):
        raise Wrong(f"{shown(text)} under `{column}` is no count", "a whole number", number_hint(text))
    return int(number)


def _share(text: str, column: str) -> float | None:
    if not text:
        return None
    try:
        number = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise Wrong(f"{shown(text)} under `{column}` is no share", "0 to 1, or 0% to 100%", number_hint(text))
    return number


def _duration_us(text: str, column: str) -> float | None:
    if not text:
        return None
    scale = SECOND if column.endswith("_s") else 1 if column.endswith("_us") else MS
    try:
        parts = [float(part) for part in text.split(":")]
    except ValueError:
        parts = []
    if len(parts) == 3 and min(parts) >= 0:
        return (parts[0] * 3600 + parts[1] * 60 + parts[2]) * SECOND
    if len(parts) != 1 or not 0 <= parts[0] * scale <= documents.MOST_MS * MS:
        raise Wrong(f"{shown(text)} under `{column}` is no duration", "a number, or hh:mm:ss", number_hint(text))
    return parts[0] * scale


_CELL: dict[str, Callable[[str, str], float | int | None]] = {
    "nOffered": _count,
    "nAnswered": _count,
    "nAbandoned": _count,
    "nOverSla": _count,
    "oServiceLevel": _share,
    "tWait_mean_us": _duration_us,
}

__all__ = ["read_aggregates", "read_intervals"]
