"""Changing a scenario by paths, and writing it out again."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ruamel.yaml import YAML

from simulator.scenario.source import SETTING, Place, Plain, Source, dotted, plain, read_value
from simulator.scenario.structure import Slot, slot_at
from simulator.scenario.written import nearest, shown
from simulator.vocabulary.errors import Finding


def apply(source: Source, settings: Mapping[str, Any]) -> Source:
    """A source with settings put in; the given one stays as it is. What cannot be set is in its `findings`."""
    if not settings or not isinstance(source.tree, dict):
        return source
    changed = replace(source, lines=dict(source.lines), files=dict(source.files), findings=list(source.findings))
    for path, value in settings.items():
        _set(changed, str(path), value)
    return changed


def _set(source: Source, path: str, value: Any) -> None:
    taken_out = value is None
    written: dict[Place, str] = {}
    if path == "extends":
        source.findings.append(
            Finding(SETTING, None, path, "a scenario's base cannot be set", "a key of the file", "write it in the file")
        )
        return
    if isinstance(value, str):
        read, complaints = read_value(value, path)
        value, written = read.tree, read.written
        source.findings += complaints
        if complaints:
            return
        taken_out = value is None
    else:
        value = plain(value)
    place = _resolved(source, path)
    if place is None:
        return
    if taken_out and isinstance(place[-1], int):
        source.findings.append(
            Finding(SETTING, None, path, "an element cannot be taken out of a list", "a value", "set the whole list")
        )
        return
    source.tree = _with(source.tree, place, value, taken_out)
    for known in [known for known in source.lines if known[: len(place)] == place]:
        del source.lines[known]
        source.files.pop(known, None)
    source.written = {known: text for known, text in source.written.items() if known[: len(place)] != place}
    source.written |= {(*place, *below): text for below, text in written.items()}
    if not taken_out:
        source.settings = source.settings | {place}


def _resolved(source: Source, path: str) -> Place | None:
    """The place that a path names, in the tree or where the schema knows an optional key; None after a complaint."""
    place: Place = ()
    value = source.tree
    parts = path.split(".")
    for i, part in enumerate(parts):
        last = i == len(parts) - 1
        slot = slot_at(place)

        def unknown(problem: str, allowed: str, known: list[str], place: Place = place, part: str = part) -> None:
            hint = nearest(part, known)
            if hint:  # the whole path, ready to be copied
                meant = dotted((*place, hint.split("`")[1], *parts[len(place) + 1 :]))
                hint = f"did you mean `{meant}`?"
            source.findings.append(Finding(SETTING, None, path, problem, allowed, hint))

        if isinstance(value, tuple):
            if not part.isdecimal() or len(part) > 9 or int(part) >= len(value):
                numbers = f"a number from 0 to {len(value) - 1}" if value else "nothing: the list is empty"
                unknown(f"{shown(part)} is not an element of the list `{dotted(place)}`", numbers, [])
                return None
            place = (*place, int(part))
            value = value[int(part)]
            continue
        if not isinstance(value, dict):
            unknown(f"`{dotted(place)}` is {shown(value)}: nothing stands below it", "a path that ends there", [])
            return None
        known = list(dict.fromkeys([*value, *(slot.keys if slot else ())]))
        if part not in value and not _creatable(slot, part, last):
            unknown(
                f"there is no {shown(part)} in {f'`{dotted(place)}`' if place else 'a scenario'}",
                ", ".join(known) or "nothing",
                known,
            )
            return None
        place = (*place, part)
        value = value.get(part, {})
    return place


def _creatable(slot: Slot | None, part: str, last: bool) -> bool:
    """Whether a setting may make a key that the file leaves out: known keys, named entries, parameters of a law."""
    if slot is None:
        return last  # inside a law: its own reader knows the parameters
    if last:
        return part in slot.keys or slot.is_map or slot.is_law
    below = slot.below(part) if part in slot.keys else None
    return below is not None and bool(below.keys or below.is_map or below.is_law)


def _with(tree: Plain, place: Place, value: Plain, taken_out: bool) -> Plain:
    """A copy of the tree along one place; everything else is shared."""
    if not place:
        return value
    first, rest = place[0], place[1:]
    if isinstance(tree, tuple):
        index = int(first)
        return (*tree[:index], _with(tree[index], rest, value, taken_out), *tree[index + 1 :])
    copy = dict(tree)
    if taken_out and not rest:
        copy.pop(str(first), None)
    elif not taken_out or first in copy:
        copy[str(first)] = _with(copy.get(str(first), {}), rest, value, taken_out)
    return copy


def written_out(tree: Plain) -> str:
    """A plain tree as YAML, in its own order."""
    yaml = YAML()
    yaml.width = 110
    stream = io.StringIO()
    yaml.dump(_listed(tree), stream)
    return stream.getvalue()


def _listed(value: Plain) -> Plain:
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    return [_listed(item) for item in value] if isinstance(value, tuple) else value
