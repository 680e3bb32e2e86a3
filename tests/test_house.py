"""The house: who may import whom. See the layers in README.md; imports point down only."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "simulator"

LAYERS: tuple[tuple[str, ...], ...] = (
    ("__main__",),
    ("cli",),
    ("api",),
    ("reports", "exchange"),
    ("experiments",),
    ("metrics",),
    ("records",),
    ("engine",),
    ("model", "fast"),
    ("workload", "rules", "theory"),
    ("scenario",),
    ("platforms",),
    ("vocabulary", "journal"),
)
"""From top to bottom. Rooms on one line do not know each other."""
DEPTH = {room: depth for depth, rooms in enumerate(LAYERS) for room in rooms}
ENGINES = ("model", "fast")

FILES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@cache
def imported(path: Path) -> tuple[str, ...]:
    """Full names of everything a file imports, at its top or inside a function."""
    return tuple(_imported(path))


def _imported(path: Path) -> Iterator[str]:
    here = ("simulator", *path.relative_to(PACKAGE).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                base = ".".join((*here[: len(here) - node.level + 1], *filter(None, [node.module])))
            yield from (f"{base}.{alias.name}" for alias in node.names)


def rooms_imported(path: Path) -> set[str]:
    names = {name.split(".")[1] for name in imported(path) if name.startswith("simulator.")}
    return names & set(DEPTH)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down_only(path: Path) -> None:
    room = room_of(path)
    assert room in DEPTH, f"{path.name} is in no room: add it to LAYERS, or move it"
    wrong = {other for other in rooms_imported(path) if other != room and DEPTH[other] <= DEPTH[room]}
    assert not wrong, f"{room} imports {wrong}, which is above it or beside it"


def test_the_test_would_notice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upward import in three spellings, inside a function too."""
    monkeypatch.setattr(sys.modules[__name__], "PACKAGE", tmp_path)
    file = tmp_path / "rules" / "bad.py"
    file.parent.mkdir()
    text = (
        "from simulator.model import world\nfrom simulator import metrics\ndef f():\n    from ..workload import draw\n"
    )
    file.write_text(text)
    assert rooms_imported(file) == {"model", "metrics", "workload"}


def test_engines_hold_no_chance() -> None:
    for path in FILES:
        if room_of(path) in ENGINES:
            names = set(imported(path))
            assert not {name for name in names if name.startswith(("numpy.random", "random"))}, path
            attributes = {
                ast.unparse(node)
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Attribute)
            }
            assert not {text for text in attributes if text.startswith(("np.random", "numpy.random"))}, path


def using(library: str) -> set[str]:
    """Rooms that import a library."""
    return {room_of(path) for path in FILES if any(name.split(".")[0] == library for name in imported(path))}


def test_each_outside_part_has_one_room() -> None:
    assert using("simpy") <= {"model"}
    assert using("matplotlib") <= {"reports", "api"}  # the api only names its types
    assert using("jinja2") <= {"reports"}
    assert using("openpyxl") <= {"scenario", "exchange"}
    assert using("typer") <= {"cli"}
    assert using("pydantic") <= {"scenario"}
    assert using("ruamel") <= {"scenario"}
    assert using("pyarrow") <= {"records"}


def test_only_the_seam_knows_an_engine() -> None:
    knowing = {room_of(path) for path in FILES if rooms_imported(path) & set(ENGINES)}
    assert knowing <= {"engine", *ENGINES}


def test_rules_are_pure_functions_of_numbers() -> None:
    """No SimPy, no pandas, no objects of the scenario: a compiled engine can use them as they stand."""
    for path in FILES:
        if room_of(path) == "rules":
            outside = {name.split(".")[0] for name in imported(path)} - {"simulator", "__future__"}
            assert not outside & {"simpy", "pandas", "pydantic", "random"}, path


def test_importing_the_command_line_loads_nothing_heavy() -> None:
    heavy = ("numpy", "pandas", "matplotlib", "scipy", "simpy", "pydantic", "pyarrow", "ruamel", "jinja2")
    code = f"import sys, simulator, simulator.cli; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PACKAGE.parent)
    assert done.stdout.strip() == "[]"
