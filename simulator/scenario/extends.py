"""`extends: base.yaml`: a scenario that starts from another. Maps merge, `null` takes a key out, all else replaces.

Every file name, of the base too, counts from the folder of the scenario that is run, and never leaves it.
"""

from __future__ import annotations

from pathlib import Path

from simulator.scenario.sheets import locate
from simulator.scenario.source import Place, Plain, Source, read_file
from simulator.scenario.written import Wrong, shown

MAX_CHAIN = 8  # files one upon the other (assumed)
ALLOWED = "a scenario file (.yaml) in this one's folder or below"


def with_base(source: Source, chain: tuple[Path, ...] = ()) -> Source:
    """The source merged into what it extends; findings and lines know which file they belong to."""
    place: Place = ("extends",)
    if not isinstance(source.tree, dict) or "extends" not in source.tree:
        return source
    own = dict(source.tree)
    name = own.pop("extends")
    source.tree = own
    if not chain:
        chain = (Path(source.file).resolve(),) if source.folder is not None else (Path(source.file),)
    try:
        if not isinstance(name, str):
            raise Wrong(f"{shown(name)} is not a file name", ALLOWED)
        path = locate(name, source.folder, (".yaml", ".yml"), "a scenario file")
        if path in chain:
            circle = [*(file.name for file in chain[chain.index(path) :]), path.name]
            raise Wrong(f"this is a circle: {' extends '.join(circle)}", "files that end somewhere", "take it out")
        if len(chain) >= MAX_CHAIN:
            raise Wrong(f"{len(chain) + 1} files stand one upon the other", f"at most {MAX_CHAIN}", "join some of them")
    except Wrong as wrong:
        for each in wrong.complaints:
            itself = f"`{Path(source.file).name}`" in each.suggestion  # the nearest name may be this file's own
            source.complain(place, each.problem, each.allowed, "" if itself else each.suggestion)
        source.tree = None  # half a scenario would only echo
        return source
    folder = source.folder or Path()
    base = with_base(read_file(folder / name, folder), (*chain, path))
    source.findings = base.findings + source.findings
    if not isinstance(base.tree, dict):
        source.tree = None
        return source
    replaced: list[Place] = []
    source.tree = _merged(base.tree, own, (), replaced, source.nulls)
    kept = {
        known: line
        for known, line in base.lines.items()
        if known not in source.lines and not any(known[: len(gone)] == gone for gone in replaced)
    }
    source.written |= {known: text for known, text in base.written.items() if known in kept}
    source.files = {known: base.files.get(known, base.file) for known in kept}
    source.lines = {**kept, **source.lines}
    return source


def _merged(base: Plain, own: Plain, place: Place, replaced: list[Place], nulls: set[Place]) -> Plain:
    if not isinstance(base, dict) or not isinstance(own, dict):
        replaced.append(place)
        return own
    merged = dict(base)
    for key, value in own.items():
        here = (*place, key)
        if key not in base:
            merged[key] = value
        elif here in nulls:
            replaced.append(here)
            del merged[key]
        else:
            merged[key] = _merged(base[key], value, here, replaced, nulls)
    return merged
