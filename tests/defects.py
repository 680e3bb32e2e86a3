"""Wrong models: the model's own source with one thing changed, for as long as a test lasts."""

from __future__ import annotations
import __future__

import inspect
import sys
import textwrap
from dataclasses import dataclass
from typing import Any

import pytest

Place = tuple[Any, str]
"""A class or module, and the name of one of its functions."""


@dataclass(frozen=True)
class Change:
    """Some text of a function's source, and what stands there in the wrong model.

    `owner`: the class, or the module that calls the function, wherever it was imported from.
    """

    owner: Any
    name: str
    old: str
    new: str


@dataclass(frozen=True)
class Defect:
    """One thing that a wrong model does, and who notices."""

    world: str
    changes: tuple[Change, ...]
    checks: frozenset[str] = frozenset()
    """Checks of every run that fail."""
    theory: frozenset[str] = frozenset()
    """Lines of the self-audit that differ from theory."""


def applied(defect: Defect, patch: pytest.MonkeyPatch) -> None:
    """Puts the defect into the model. Fails if the model's source is no longer what the defect was made for."""
    by_place: dict[Place, list[Change]] = {}
    for change in defect.changes:
        by_place.setdefault((change.owner, change.name), []).append(change)
    for (owner, name), changes in by_place.items():
        patch.setattr(owner, name, _wrong(owner, name, changes))


def _wrong(owner: Any, name: str, changes: list[Change]) -> Any:
    function = vars(owner)[name]
    source = textwrap.dedent(inspect.getsource(function))
    for change in changes:
        found = source.count(change.old)
        assert found == 1, f"{owner.__name__}.{name}: {change.old!r} stands there {found} times: renew the defect"
        source = source.replace(change.old, change.new)
    module = sys.modules[function.__module__]
    made: dict[str, Any] = {}
    code = compile(source, f"<{name}, defective>", "exec", __future__.annotations.compiler_flag, dont_inherit=True)
    exec(code, module.__dict__, made)
    return made[name]
