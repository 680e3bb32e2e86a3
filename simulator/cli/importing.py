"""`ccsim import`: a history of the real platform as arrivals of a scenario."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from simulator.cli.guard import DONE


def import_history(source: Path, to: str | None, out: Path | None, timezone: str | None, as_json: bool) -> int:
    from simulator.exchange import arrivals, read_aggregates, read_details, read_intervals
    from simulator.vocabulary.errors import UsageError

    table = source.suffix.lower() in (".csv", ".xlsx")
    what = to if to is not None else "counts" if table or source.name.startswith("aggregates") else "trace"
    if what not in arrivals.WHAT:
        raise UsageError(f"--to {to!r} is not known; known: {', '.join(arrivals.WHAT)}")
    if table and what == "trace":
        raise UsageError("an interval table does not tell who came when; use --to counts")
    zone = timezone if timezone is not None else "UTC"
    read = read_intervals if table else read_aggregates if what == "counts" else read_details
    reading = read(source, timezone=zone)
    files = (arrivals.counts if what == "counts" else arrivals.traces)(reading)
    folder = arrivals.write(files, out if out is not None else Path("arrivals"))
    rows = {name: text.count("\n") - 1 for name, text in files.items()}
    key = "csv" if what == "counts" else "trace"
    if as_json:
        document = {"path": str(folder), "to": what, "timezone": reading.calendar.timezone, "rows": rows}
        print(json.dumps(document | {"notes": list(reading.notes)}, indent=2, ensure_ascii=False))
        return DONE
    for note in reading.notes:
        print(f"note: {note}", file=sys.stderr)
    for name, number in rows.items():
        print(f"{folder / name}: {number:,} rows; arrivals: {{{key}: {(folder / name).as_posix()}}}")
    zone = reading.calendar.timezone
    print(f"Times are local to {zone}: the scenario needs `timezone: {zone}`.")
    return DONE
