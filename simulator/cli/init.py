"""`ccsim init` and `ccsim schema`: where a scenario begins."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

from simulator.cli.guard import DONE
from simulator.vocabulary.errors import UsageError

SCHEMA = "scenario.schema.json"
"""Where the first line of a scenario sends an editor."""


def write_starter(name: Path) -> int:
    """Write the starter scenario, and beside it the schema for editors unless one is there."""
    if name.name in ("", ".."):
        raise UsageError("a scenario needs a name, as `ccsim init my_centre`; nothing was written")
    file = name if name.suffix in (".yaml", ".yml") else name.with_name(f"{name.name}.yaml")
    if file.exists():
        raise UsageError(f"{file} is already there; nothing was written. Name another file")
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("x", encoding="utf-8", newline="\n") as stream:
        stream.write(starter())
    beside = file.with_name(SCHEMA)
    if not beside.exists():
        beside.write_text(schema_text(), encoding="utf-8", newline="\n")
    print(f"Written to {file}, with {beside.name} beside it for your editor. Next: ccsim run {file}")
    return DONE


def print_schema() -> int:
    print(schema_text(), end="")
    return DONE


def starter() -> str:
    """The starter scenario, YAML."""
    return resources.files("simulator.cli").joinpath("starter.yaml").read_text(encoding="utf-8")


def schema_text() -> str:
    """The JSON schema of a scenario, as `scenarios/scenario.schema.json` has it."""
    from simulator.scenario.editor import schema

    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"
