"""What the schema refuses, in plain words: one finding per mistake, with line, what is allowed and a suggestion."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from simulator.scenario.schema import Scenario
from simulator.scenario.separators import number_hint
from simulator.scenario.source import Place, Plain, Source, dotted
from simulator.scenario.structure import Slot, slot_at
from simulator.scenario.written import Wrong, nearest, shown
from simulator.scenario.yamltext import shown_scalar
from simulator.vocabulary.errors import Finding


def validated(source: Source) -> tuple[Scenario | None, list[Finding]]:
    """The scenario as the schema reads it, or everything the schema refuses."""
    told = {finding.path for finding in source.findings}  # what no value could be made of is empty now
    empty = list(_empty(source.tree, ()))
    findings = [source.finding(p, "nothing stands here", *_about(p)) for p in empty if dotted(p) not in told]
    try:
        scenario = Scenario.model_validate(source.tree)
    except ValidationError as error:
        return None, findings + list(_findings(source, error))
    return (None if empty else scenario), findings


def _about(place: Place) -> tuple[str, str]:
    slot = slot_at(place)
    hint = "write `100 %` if all of them agreed" if place[-1:] == ("opt_in",) else "write a value, or leave the key out"
    return (slot.allowed() if slot else "a value"), hint


def _empty(value: Plain, place: Place) -> Iterator[Place]:
    """Places of empty values: `run_out:` with nothing behind it would otherwise mean the default in silence."""
    if value is None:
        yield place
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _empty(item, (*place, key))
    elif isinstance(value, tuple):
        for i, item in enumerate(value):
            yield from _empty(item, (*place, i))


def _findings(source: Source, error: ValidationError) -> Iterator[Finding]:
    by_place: dict[Place, list[dict[str, Any]]] = {}
    for each in error.errors(include_url=False):
        place = _place(source.tree, each["loc"], each["type"])
        by_place.setdefault(place, []).append(dict(each))
    replaced: set[Place] = set()  # missing keys that an unknown key beside them was meant to be
    for place, errors in by_place.items():
        if errors[0]["type"] == "extra_forbidden":
            replaced |= {(*place[:-1], key) for key in _meant(place)}
    for place, errors in by_place.items():
        value = _value(source.tree, place)
        if errors[0]["type"] == "missing":
            if place not in replaced:
                yield _missing(source, place)
        elif errors[0]["type"] == "extra_forbidden":
            yield _unknown(source, place)
        elif errors[0]["loc"][-1] == "[key]" and errors[0]["type"] == "literal_error":
            yield _not_among(source, place, errors[0]["ctx"]["expected"])
        elif isinstance(value, dict) and all(each["type"] == "literal_error" for each in errors):
            # a map where a word might stand too: what is wrong inside the map says it all
            if not any(len(other) > len(place) and other[: len(place)] == place for other in by_place):
                yield from _refused(source, place, value, errors)
        elif value is not None or place == ():
            yield from _refused(source, place, value, errors)


def _place(tree: Plain, loc: tuple[int | str, ...], kind: str) -> Place:
    """pydantic's location without the names of its alternatives."""
    place: list[int | str] = []
    value: Plain = tree
    for i, part in enumerate(loc):
        inside = value if isinstance(value, dict) else dict(enumerate(value)) if isinstance(value, tuple) else {}
        if part in inside:
            value = inside[part]
            place.append(part)
        elif kind == "missing" and i == len(loc) - 1:
            place.append(part)
    return tuple(place)


def _value(tree: Plain, place: Place) -> Plain:
    for part in place:
        try:
            tree = tree[part]
        except (KeyError, IndexError, TypeError):
            return None
    return tree


def _missing(source: Source, place: Place) -> Finding:
    slot = slot_at(place)
    hint = "add `opt_in: 100 %` if all of them agreed" if place[-1] == "opt_in" else f"add `{place[-1]}:`"
    return source.finding(place, f"`{place[-1]}` is missing", slot.allowed() if slot else "", hint)


def _meant(place: Place) -> list[str]:
    around = slot_at(place[:-1])
    hint = nearest(str(place[-1]), around.keys) if around else ""
    return [hint.split("`")[1]] if hint else []


def _unknown(source: Source, place: Place) -> Finding:
    around = slot_at(place[:-1])
    keys = around.keys if around else ()
    allowed = ", ".join(keys)
    problem = f"`{place[-1]}` is not a key that is known here"
    return source.finding(place, problem, allowed, nearest(str(place[-1]), keys) or "take it out")


def _not_among(source: Source, place: Place, expected: str) -> Finding:
    """A name in a map whose names are given. `expected` is pydantic's list of them: `'a', 'b' or 'c'`."""
    known = re.findall(r"'([^']*)'", expected)
    problem = f"`{place[-1]}` is not a key that is known here"
    return source.finding(place, problem, ", ".join(known), nearest(str(place[-1]), known) or "take it out")


def _refused(source: Source, place: Place, value: Plain, errors: list[dict[str, Any]]) -> Iterator[Finding]:
    slot = slot_at(place) or Slot(str)
    wrongs = [each["ctx"]["error"] for each in errors if isinstance(each.get("ctx", {}).get("error"), Wrong)]
    if wrongs:
        literals = any(each["type"] == "literal_error" for each in errors)
        for complaint in wrongs[0].complaints:
            allowed = complaint.allowed
            if literals and not complaint.place:
                allowed = slot.allowed()
            yield source.finding((*place, *complaint.place), complaint.problem, allowed, complaint.suggestion)
        return
    problem, hint = _said(errors[0], value, slot)
    if errors[0]["type"].startswith("int_"):  # `1.400` is meant as 1400, and its three digits are lost in the number
        hint = number_hint(source.written.get(place, str(value))) or hint
    yield source.finding(place, problem, slot.allowed(), hint)


def _said(error: dict[str, Any], value: Plain, slot: Slot) -> tuple[str, str]:
    """(problem, suggestion) for an error of pydantic's own."""
    kind, said = error["type"], shown(value)
    if kind in ("greater_than", "greater_than_equal"):
        return f"{said} is too small", ""
    if kind in ("less_than", "less_than_equal"):
        return f"{said} is too large", ""
    if kind == "multiple_of":
        return f"{said} is between two steps", ""
    if kind in ("too_short", "too_long", "string_too_short", "string_too_long"):
        how_many = len(value) if isinstance(value, tuple | str | dict) else 0
        return f"{said} is too {'short' if 'short' in kind else 'long'} ({how_many})", ""
    if kind == "string_pattern_mismatch":  # the one pattern there is asks for something other than blanks
        return f"{said} is only blanks", ""
    if kind in ("model_type", "model_attributes_type", "dict_type"):
        return f"{said} stands where a map must be", _map_hint(value, slot)
    if kind == "tuple_type":
        return f"{said} stands where a list must be", f"write `[{value}]`" if not isinstance(value, dict) else ""
    if kind == "literal_error":
        options = [word.strip("`") for word in slot.allowed().split(" or ")]
        return f"{said} is not one of the values allowed here", nearest(str(value), options, 0.5)
    if kind == "string_type" and not isinstance(value, dict | tuple):
        return f"{said} is not text", f'write it in quotes: `"{shown_scalar(value)}"`'
    if kind == "string_type":
        return f"{said} stands where text must be", ""
    if kind == "bool_type":
        yes = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(str(value).lower(), "")
        return f"{said} is not a yes or no", f"did you mean `{yes}`?" if yes else ""
    if kind in ("int_type", "int_from_float", "float_type", "finite_number"):
        what = "a number" if kind in ("float_type", "finite_number") else "a whole number"
        quoted = isinstance(value, str) and value.replace(".", "", 1).isdecimal()
        hint = number_hint(value) if isinstance(value, str) else ""
        return f"{said} is not {what}", hint or (f"write it without quotes: `{value}`" if quoted else "")
    return f"{said} is not what must stand here", ""


def _map_hint(value: Plain, slot: Slot) -> str:
    if isinstance(value, str) and slot.keys:
        return f"indent its keys below it: `{slot.keys[0]}: ...`"
    return ""
