"""`--set path=value`, taken apart."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.vocabulary.errors import UsageError


def parsed(settings: Iterable[str]) -> dict[str, object]:
    """`["agents.early.count=16"]` -> `{"agents.early.count": "16"}`; the last of a path counts.

    Raises `UsageError` for what has no `=` or no path.
    """
    changes: dict[str, object] = {}
    for setting in settings:
        path, equals, value = setting.partition("=")
        if not equals or not path.strip():
            raise UsageError(f"--set {setting!r} is not understood; write path=value, as agents.early.count=16")
        changes[path.strip()] = value
    return changes
