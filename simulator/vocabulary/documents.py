"""JSON from a file that anybody may have changed: too large, too deep or broken is told in words."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

MOST_BYTES = 64 << 20
"""Of a document that this program wrote itself; in memory it takes some ten times as much (bound assumed)."""


class NoJson(ValueError):
    """Why a file's content cannot be read as JSON, and where."""

    def __init__(self, problem: str, line: int | None = None, column: int | None = None):
        self.problem, self.line, self.column = problem, line, column
        super().__init__(problem if line is None else f"{problem} (line {line}, column {column})")


def read_json(path: Path, most_bytes: int = MOST_BYTES, once: bool = False) -> Any:
    """The document in a file; `once`: no key may stand twice in a map. Raises `NoJson`, a ValueError; and OSError where
    the file itself cannot be read."""
    with path.open("rb") as stream:
        content = stream.read(most_bytes + 1)
    if len(content) > most_bytes:
        raise NoJson(f"this file is larger than {most_bytes >> 20} MiB")
    hook = _each_once if once else None
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_no_number, object_pairs_hook=hook)
    except json.JSONDecodeError as error:
        raise NoJson(f"this is not JSON: {error.msg}", error.lineno, error.colno) from None
    except UnicodeDecodeError:
        raise NoJson("this file is not UTF-8 text") from None
    except RecursionError:
        raise NoJson("lists or objects are nested too deep") from None
    except ValueError as error:
        raise NoJson(f"this is not JSON: {str(error)[:100]}") from None


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON readers let the last of two equal keys win: half a document would be silently gone."""
    twice = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
    if twice:
        raise ValueError(f"the key {', '.join(twice)} stands twice in one map; keep one of the two")
    return dict(pairs)


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number of JSON")
