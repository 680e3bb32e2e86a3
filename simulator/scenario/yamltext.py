"""YAML 1.2 as text becomes nodes with lines: strictly, within bounds, and without guessing.

ruamel.yaml splits the text into events. What a plain scalar means is decided here, by the core schema of YAML 1.2.2:
`10:30`, `NO` and `2026-03-02` are text. Aliases share nodes; whoever walks them bounds their expansion.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError, YAMLStreamError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

Plain: TypeAlias = Any
"""dict of text keys, tuple, str, int, float, bool or None: what a scenario is before it is checked."""

MAX_NODES = 200_000  # also after expansion of aliases, so that a few lines cannot become a gigabyte
MAX_DEPTH = 40  # the deepest key of a scenario is at 10

# the core schema of YAML 1.2.2, section 10.3.2
_NULL = re.compile(r"|~|null|Null|NULL")
_BOOL = re.compile(r"true|True|TRUE|false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_KNOWN_TAGS = {None, "!", "tag:yaml.org,2002:str"}


@dataclass
class Node:
    line: int
    value: Plain = None
    """A scalar's value, a list of nodes, or a list of (key node, value node)."""
    kind: str = "scalar"
    complaint: str = ""
    written: str = ""
    """A plain (unquoted) scalar as it stands there."""
    says_null: bool = False
    """`null` is written here; where nothing is written the value is None too."""


class Unreadable(Exception):
    def __init__(self, line: int | None, problem: str, allowed: str = "", suggestion: str = ""):
        self.line, self.problem, self.allowed, self.suggestion = line, problem, allowed, suggestion


def compose(text: str) -> Node | None:
    """The node tree of the one document; aliases share nodes. None if there is none."""
    anchors: dict[str, Node] = {}
    open_nodes: list[Node] = []
    root: Node | None = None
    documents = nodes = 0
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise Unreadable(_line(event), "a second document begins here", "one scenario per file")
                if event.version is not None and tuple(event.version) != (1, 2):
                    raise Unreadable(_line(event), "scenarios are YAML 1.2", "`%YAML 1.2` or nothing")
            if isinstance(event, MappingEndEvent | SequenceEndEvent):
                open_nodes.pop()
            if not isinstance(event, NodeEvent):
                continue
            nodes += 1
            if nodes > MAX_NODES:
                raise Unreadable(_line(event), "this file holds too much", f"{MAX_NODES} values")
            node = _node(event, anchors)
            if not open_nodes:
                root = root or node
            elif open_nodes[-1].kind == "list":
                open_nodes[-1].value.append(node)
            else:
                pairs = open_nodes[-1].value
                if pairs and len(pairs[-1]) == 1:
                    pairs[-1].append(node)
                else:
                    pairs.append([node])
            if isinstance(event, MappingStartEvent | SequenceStartEvent):
                open_nodes.append(node)
                if len(open_nodes) > MAX_DEPTH:
                    raise Unreadable(_line(event), "this is nested too deeply", f"{MAX_DEPTH} levels")
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = (error.problem or "this is not YAML").replace("\n", " ")
        line = mark.line + 1 if mark is not None else None
        raise Unreadable(line, f"this is not YAML: {problem}", "YAML 1.2", _yaml_hint(problem)) from None
    except (YAMLError, YAMLStreamError) as error:
        line = text[: getattr(error, "position", 0)].count("\n") + 1
        raise Unreadable(line, "there is a character here that YAML does not allow", "printable text") from None
    except (ValueError, RecursionError, AttributeError, IndexError, TypeError) as error:
        raise Unreadable(None, f"this is not YAML: {error}", "YAML 1.2") from None
    return root


def _node(event: NodeEvent, anchors: dict[str, Node]) -> Node:
    line = _line(event)
    if isinstance(event, AliasEvent):
        if event.anchor not in anchors:
            raise Unreadable(
                line, f"`*{event.anchor}` names an anchor that does not stand above", "an anchor (`&name`)"
            )
        return anchors[event.anchor]
    node = Node(line)
    tag = None if event.ctag is None else str(event.ctag)
    if tag not in _KNOWN_TAGS:
        node.complaint = f"the tag `{tag}` means nothing in a scenario"
    if isinstance(event, MappingStartEvent):
        node.kind, node.value = "map", []
    elif isinstance(event, SequenceStartEvent):
        node.kind, node.value = "list", []
    elif isinstance(event, ScalarEvent):
        quoted = event.style is not None or (tag or "").endswith(":str") or tag == "!"
        node.written = "" if quoted else event.value
        try:
            node.value = event.value if quoted else scalar(event.value)
            node.says_null = node.value is None and event.value != ""
        except ValueError as error:
            node.complaint = str(error)
    if event.anchor is not None:
        anchors[event.anchor] = node
    return node


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def scalar(text: str) -> Plain:
    """What a plain (unquoted) YAML scalar means: None, bool, int, float or text.

    Raises ValueError for numbers that are not finite or have more than 40 digits.
    """
    if _NULL.fullmatch(text):
        return None
    if _BOOL.fullmatch(text):
        return text.lower() == "true"
    if _INT.fullmatch(text):
        if len(text) > 40:
            raise ValueError("this number has more than 40 digits")
        return int(text, 0) if text.startswith(("0o", "0x")) else int(text)
    if _NOT_FINITE.fullmatch(text):
        raise ValueError(f"{text} is not a finite number")
    if _FLOAT.fullmatch(text):
        value = float(text)
        if not math.isfinite(value):
            raise ValueError(f"{text} is too large for a number")
        return value
    return text


def shown_scalar(value: Plain) -> str:
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _yaml_hint(problem: str) -> str:
    if "'\\t'" in problem or "tab" in problem:
        return "indent with spaces, not with tabs"
    if "mapping values are not allowed" in problem:
        return "is a text with `: ` in it missing its quotes, or the indentation off?"
    return ""
