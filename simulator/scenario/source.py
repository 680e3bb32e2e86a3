"""Reading the text: strict YAML 1.2 into plain data, with the line of everything.

What YAML can do beyond that is a finding, not a guess: duplicate and non-text keys, merge keys, tags, cycles, empty
values. `10:30`, `NO` and `2026-03-02` stay text. Anchors and aliases are fine.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from simulator.scenario.separators import rejoined
from simulator.scenario.written import Place
from simulator.scenario.yamltext import MAX_DEPTH, MAX_NODES, Node, Plain, Unreadable, compose, scalar, shown_scalar
from simulator.vocabulary.errors import Finding

SETTING = "setting"
"""The `file` of findings about what `--set` or `vary` put in."""

_THREE = re.compile(r"\.[0-9]{3}(?![0-9])")

MAX_BYTES = 1 << 20  # a scenario is written by hand: 1 MiB is some 20,000 lines (assumed)


def dotted(place: Place) -> str:
    """`agents.early.count`: as `--set` addresses it."""
    return ".".join(str(part) for part in place)


@dataclass
class Source:
    """A scenario as plain data, and where each part of it was written."""

    file: str
    folder: Path | None
    """Where its CSV files are looked for; None for a scenario from text."""
    tree: Plain = None
    lines: dict[Place, int] = field(default_factory=dict)
    """1-based line of each key and list element."""
    files: dict[Place, str] = field(default_factory=dict)
    """The file of lines that a base wrote (`extends`)."""
    written: dict[Place, str] = field(default_factory=dict)
    """Numbers with exactly three digits behind a point, as they stand there: `1.400` may be meant as 1400."""
    nulls: set[Place] = field(default_factory=set)
    """Where `null` is written: it takes a key out of the base."""
    settings: frozenset[Place] = frozenset()
    """Places that a setting put in: no line of the file is to blame."""
    findings: list[Finding] = field(default_factory=list)

    def finding(
        self, place: Place, problem: str, allowed: str = "", suggestion: str = "", severity: str = "error"
    ) -> Finding:
        """A finding about `place`, with the line of its nearest written ancestor."""
        file, line = self.file, None
        for length in range(len(place), -1, -1):
            if place[:length] in self.settings:
                file = SETTING
                break
            line = self.lines.get(place[:length])
            if line is not None:
                file = self.files.get(place[:length], self.file)
                break
        return Finding(file, line, dotted(place), problem, allowed, suggestion, severity)

    def complain(
        self, place: Place, problem: str, allowed: str = "", suggestion: str = "", severity: str = "error"
    ) -> None:
        self.findings.append(self.finding(place, problem, allowed, suggestion, severity))


def read_file(path: Path, folder: Path | None = None) -> Source:
    """A scenario file as plain data; what is wrong with the file itself is in `findings`.

    `folder`: from where the files that it names count, if not from its own.
    """
    source = Source(file=str(path), folder=folder or path.parent)
    try:
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "does not exist" if not path.exists() else "is not a plain file"
            source.complain((), f"this file {what}", "a scenario file (.yaml)", _neighbour(path))
            return source
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        source.complain((), f"this file cannot be read: {getattr(error, 'strerror', None) or error}")
        return source
    _read(source, content)
    return source


def read_text(text: str, file: str, folder: Path | None) -> Source:
    """As `read_file`, from text that is already here."""
    source = Source(file=file, folder=folder)
    try:
        content = text.encode("utf-8")
    except UnicodeEncodeError:
        source.complain((), "the text holds half of a surrogate pair", "Unicode text")
        return source
    _read(source, content)
    return source


def read_value(text: str, path: str) -> tuple[Source, list[Finding]]:
    """A setting's text as YAML (`16`, `45 s`, `[german]`): the tree of the source, or what is wrong with it."""
    source = Source(file=SETTING, folder=None)
    try:
        root = compose(text)
        if root is None:
            raise Unreadable(None, "nothing is set", "a value; `null` takes the key out")
        source.tree = _Builder(source).build(root, (), ())
    except Unreadable as error:
        source.complain((), error.problem, error.allowed, error.suggestion)
    return source, [
        Finding(SETTING, None, path, each.problem, each.allowed, each.suggestion) for each in source.findings
    ]


def _read(source: Source, content: bytes) -> None:
    try:
        if len(content) > MAX_BYTES:
            raise Unreadable(None, "this file is larger than 1 MiB", "a scenario file of at most 1 MiB")
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise Unreadable(None, "this file is UTF-16", "UTF-8", "save it as UTF-8")
        text = content.decode("utf-8-sig")
        root = compose(text)
        if root is None:
            raise Unreadable(None, "there is nothing in this file", "a scenario", "see scenarios/README.md")
        source.tree = _Builder(source).build(root, (), ())
        if not isinstance(source.tree, dict):
            source.tree = None
            raise Unreadable(root.line, "a scenario is a map of keys", "`name:`, `start:`, `duration:`, ...")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        source.findings.append(
            Finding(source.file, line, "", "this line is not UTF-8 text", "UTF-8", "save the file as UTF-8")
        )
    except Unreadable as error:
        source.tree = None
        source.findings.append(Finding(source.file, error.line, "", error.problem, error.allowed, error.suggestion))


class _Builder:
    """Nodes to plain data: expands aliases within bounds, notes lines, complains with a place."""

    def __init__(self, source: Source):
        self.source = source
        self.nodes = 0
        self._told: set[int] = set()
        """Nodes that are complained about once, however many aliases repeat them."""

    def build(self, node: Node, place: Place, above: tuple[int, ...]) -> Plain:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise Unreadable(node.line, "the aliases of this file expand to too much", f"{MAX_NODES} values in all")
        if len(above) > MAX_DEPTH:
            raise Unreadable(node.line, "the aliases of this file nest too deeply", f"{MAX_DEPTH} levels")
        if id(node) in above:
            raise Unreadable(
                node.line, f"`{dotted(place)}` contains itself through an alias", "aliases without circles"
            )
        self.source.lines.setdefault(place, node.line)
        if node.complaint:
            self.source.complain(place, node.complaint, "plain text, numbers, lists and maps")
        if node.kind == "list":
            return tuple(self.build(child, (*place, i), (*above, id(node))) for i, child in enumerate(node.value))
        if node.kind == "map":
            return self._map(node, place, (*above, id(node)))
        if node.says_null:
            self.source.nulls.add(place)
        if _THREE.search(node.written):
            self.source.written[place] = node.written
        return node.value

    def _map(self, node: Node, place: Place, above: tuple[int, ...]) -> dict[str, Plain]:
        content: dict[str, Plain] = {}
        first: dict[str, int] = {}
        for key_node, value_node, comma in _uncut(node.value):
            key, line = key_node.value, key_node.line
            if comma and self._first_time(key_node):
                problem = f"the comma ends the value `{comma[0]}`, and `{comma[1]}` is read as the next key"
                self._about(line, (*place, str(key)), problem, "numbers without commas", comma[2])
            if key_node.kind != "scalar" or not isinstance(key, str):
                said = "a list or map" if key_node.kind != "scalar" else f"`{shown_scalar(key)}`"
                if self._first_time(key_node):
                    hint = _in_quotes(key_node)
                    self._about(line, place, f"{said} stands where a key must be text", "text keys", hint)
                continue
            if key == "<<":
                self._about(
                    line,
                    (*place, key),
                    "merge keys (`<<`) are not read",
                    "keys, and aliases for whole values",
                    "write the keys out, or give the shared part a key of its own",
                )
                continue
            if key in content:
                self._about(
                    line,
                    (*place, key),
                    f"`{key}` stands here twice, first in line {first[key]}",
                    "each key once",
                    "delete one of the two",
                )
                continue
            first[key] = line
            self.source.lines[(*place, key)] = line
            content[key] = self.build(value_node, (*place, key), above)
        return content

    def _first_time(self, node: Node) -> bool:
        """Whether this node is not complained about yet: an alias repeats the place, not the mistake."""
        known = id(node) in self._told
        self._told.add(id(node))
        return not known

    def _about(self, line: int, place: Place, problem: str, allowed: str, suggestion: str) -> None:
        self.source.findings.append(Finding(self.source.file, line, dotted(place), problem, allowed, suggestion))


def _uncut(pairs: list[list[Node]]) -> Iterator[tuple[Node, Node, tuple[str, str, str] | None]]:
    """The pairs of a map; numbers that its commas cut (`{cv: 0,8}`) are mended, with (value, next key, suggestion)."""
    at = 0
    while at < len(pairs):
        key, value = pairs[at]
        at, end = at + 1, at + 1
        while end < len(pairs) and _bare(pairs[end], key.line):
            end += 1
        cut = [rest.written for rest, _ in pairs[at:end]]
        whole, hint = rejoined(value.written, cut) if cut else ("", "")
        if hint:
            yield key, Node(value.line, scalar(whole), written=whole), (value.written, cut[0], hint)
            at = end
        else:
            yield key, value, None


def _bare(pair: list[Node], line: int) -> bool:
    """A key that begins with a digit, on the same line as the one before, and nothing behind it."""
    key, value = pair
    nothing = value.kind == "scalar" and value.value is None and not value.says_null
    return nothing and key.line == line and key.written[:1].isdecimal()


def _in_quotes(node: Node) -> str:
    return f'write it in quotes: `"{shown_scalar(node.value)}"`' if node.kind == "scalar" else ""


def _neighbour(path: Path) -> str:
    """A scenario beside a file that is not there: the nearest name."""
    try:
        names = [entry.name for entry in path.parent.iterdir() if entry.suffix in {".yaml", ".yml"}]
    except OSError:
        return ""
    near = difflib.get_close_matches(path.name, names, 1, 0.6)
    return f"did you mean `{path.parent / near[0]}`?" if near else ""


def plain(value: Any) -> Plain:
    """A Python value as a YAML reader would give it: lists become tuples, keys text, dates and times text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(plain(item) for item in value)
    if value is None or isinstance(value, bool | str):
        return value
    if hasattr(value, "item") and callable(value.item):  # a NumPy number
        return plain(value.item())
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else str(value)  # as text it is refused by whoever reads it
    return str(value)
