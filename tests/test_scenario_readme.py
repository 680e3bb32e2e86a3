"""`scenarios/README.md`: every YAML block is valid where it belongs, and every key of queues, flows, agents and
customers stands in one of them and in a tiny world."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any, get_args

import openpyxl
import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from simulator.scenario import Scenario, load

ROOT = Path(__file__).parent.parent
README = (ROOT / "scenarios" / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)

SCAFFOLD = """
name: Scaffold
start: 2026-03-02 00:00
duration: 4 days
timezone: Europe/Berlin
business_hours: {office: {mon-fri: "08:00-18:00"}}
profiles: {weekday: {by_hour: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]}}
behaviours: {shopper: {think: 1 min, opening: {gap: 5 s}}}
topics: {order: {behaviour: shopper, skills: [german]}, billing: {behaviour: shopper, skills: [billing]}}
flows:
  door: [{transfer: {queue: service}}]
  front_door: [{bot: {bot_time: 1 s}}, {transfer: {queue: service}}]
  still_there: [{transfer: {queue: service}}]
queues: {service: {}, billing: {}, accounts: {}, overflow: {}, second_line: {}}
channels:
  whatsapp: {arrivals: {rate: 2/h}, customers: {population: 5000}}
  web: {arrivals: {rate: 2/h}}
agents: {early: {}, late: {}}
outbound: {templates: {still_there: {category: utility}}}
"""
"""What the blocks take for granted. What every entry needs is filled in by `filled`."""

HOMES = {
    "arrivals": "channels.whatsapp",
    "notifications": "outbound",
    "campaigns": "outbound",
    **dict.fromkeys(["shift", "staffing", "shrinkage", "adherence", "activities", "end_of_shift"], "agents.early"),
}
"""Where a block belongs that shows the inside of a section."""

ENTRIES: dict[str, dict[str, Any]] = {
    "channels": {"platform": "web messaging", "flow": "door", "topics": {"order": "60 %", "billing": "40 %"}},
    "agents": {"count": 3, "queues": [], "reply": {"effort": "40 s"}},
    "campaigns": {"channel": "whatsapp", "contacts": 100, "start": "2026-03-05 10:00", "template": "sale", "opt_in": 1},
    "notifications": {"channel": "whatsapp", "template": "notice", "batches": [{"at": "08:00", "count": 100}]},
}
"""What an entry must have, where a block leaves it out."""
NUMBERS = {"whatsapp": "+49 30 1234561", "wa": "+49 30 1234562", "text": "+49 30 1234563", "sms": "+49 30 1234564"}
INSTEAD = {
    "[0, ...]": str([1] * 24),
    "[3, 2, ...]": str([1] * 168),
    "[...]": "[{send: {}}]",
    "}, ...]": "}, {transfer: {queue: service}}]",
    ", ...}": "}",
}


def parsed(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(StringIO(text))


def variants(block: str) -> Iterator[str]:
    """A block that shows a key twice, at the left or one step in, is several: each has one of them."""
    for short, written in INSTEAD.items():
        block = block.replace(short, written)
    statements = re.findall(r"^\S.*\n(?:(?: .*)?\n)*", block, re.MULTILINE)
    if block.startswith("- "):
        yield from statements
        return
    pieces: list[tuple[str, str, str]] = []  # key, key one step in, text
    for statement in statements:
        head, _, inside = statement.partition("\n")
        children = re.findall(r"^  \w.*\n(?:   .*\n)*", inside, re.MULTILINE)
        keys = [child.split(":")[0] for child in children]
        if len(set(keys)) < len(keys):
            pieces += [(head.split(":")[0], key, f"{head}\n{child}") for key, child in zip(keys, children, strict=True)]
        else:
            pieces.append((head.split(":")[0], "", statement))
    while pieces:
        now, seen = [], set()
        for key, inner, text in list(pieces):
            if key not in seen:
                seen.add(key)
                now.append(text)
                pieces.remove((key, inner, text))
        yield "".join(now)


WHOLE = ("arrivals", "business_hours")
"""Maps that replace what the scaffold says."""


def merged(base: Any, change: Any) -> Any:
    if not (isinstance(base, dict) and isinstance(change, dict)):
        return change
    return base | {key: value if key in WHOLE else merged(base.get(key), value) for key, value in change.items()}


def placed(fragment: Any) -> dict[str, Any]:
    """A fragment at its home in the scaffold."""
    if isinstance(fragment, list):
        ends = {"transfer", "disconnect"} & set(fragment[-1])
        fragment = {"flows": {"door": fragment + ([] if ends else [{"transfer": {"queue": "service"}}])}}
    whole = parsed(SCAFFOLD)
    for key, inside in fragment.items():
        home: Any = {key: inside}
        for name in reversed(HOMES.get(key, "").split(".") if key in HOMES else []):
            home = {name: home}
        whole = merged(whole, home)
    return filled(whole)


def filled(whole: dict[str, Any]) -> dict[str, Any]:
    for section, needed in ENTRIES.items():
        entries = whole["outbound"].get(section) if section in ("campaigns", "notifications") else whole.get(section)
        for name, entry in (entries or {}).items():
            for key, value in needed.items():
                entry.setdefault(key, value)
            if section == "channels" and name in NUMBERS:
                entry.setdefault("number", NUMBERS[name])
            if section == "channels" and name in ("whatsapp", "wa"):
                entry |= {"platform": "whatsapp", "business_verified": True}
            if section == "notifications" and "arrivals" in entry:
                entry.pop("batches")
    whole["agents"]["everybody"] = {
        "count": 2, "reply": {"effort": "40 s"}, "languages": ["french", "german"],
        "skills": dict.fromkeys(["billing", "german", "vip"], 3),
    }  # fmt: skip
    for group in whole["agents"].values():
        group["queues"] = sorted(whole["queues"])
        if "staffing" in group or "shifts" in group:
            group.pop("count")
        if "activities" in group:
            group.setdefault("shift", {"from": "08:00", "to": "17:00"})
        if ("end_of_shift" in group or "adherence" in group or "shrinkage" in group) and "shift" not in group:
            group["shift"] = {"from": "08:00", "to": "17:00"}
    return whole


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the blocks name."""
    here = tmp_path_factory.mktemp("scenario")
    (here / "data").mkdir()
    counts = [["start", "count"]] + [[f"2026-03-0{2 + day} {hour:02}:00", 3] for day in range(4) for hour in range(24)]
    staff = [["weekday", "time", "agents", "plan B"]] + [["mon-sun", f"{hour:02}:00", 2, 1] for hour in range(24)]
    trace = [["at", "customer", "topic", "turns"], ["7 s", "a", "order", 2], ["14 s", "", "", ""]]
    for name, rows in (("web_arrivals", counts), ("staff", staff), ("messages", trace)):
        text = "".join(",".join(map(str, row)) + "\n" for row in rows)
        (here / "data" / f"{name}.csv").write_text(text, encoding="utf-8")
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        book.save(here / "data" / f"{name}.xlsx")
    written(here / "base.yaml", filled(parsed(SCAFFOLD)))
    return here


def written(path: Path, tree: Any) -> Path:
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe", pure=True).dump(tree, file)
    return path


CASES = [(number, each) for number, block in enumerate(BLOCKS) for each in variants(block)]


@pytest.mark.parametrize(("number", "text"), CASES, ids=[f"block {number}" for number, _ in CASES])
def test_a_block_is_valid_where_it_belongs(number: int, text: str, folder: Path) -> None:
    """`load` finds nothing wrong with it."""
    fragment = parsed(text)
    whole = fragment if "extends" in fragment else placed(fragment)
    assert isinstance(load(written(folder / "scenario.yaml", whole)), Scenario)


def test_every_line_of_the_blocks_is_read() -> None:
    assert len(CASES) > 60
    for number, block in enumerate(BLOCKS):
        shown = "".join(text for each, text in CASES if each == number)
        for line in block.splitlines():
            if line.strip() and "..." not in line and not line.lstrip().startswith("#"):
                assert line in shown


# --- every key ---------------------------------------------------------------------------------------------------

SECTIONS = ("behaviours", "topics", "flows", "queues", "channels", "agents")
REFUSALS = re.compile(r"test_(bad|hostile|editor|scenario|.*_bad_input|.*_input)")
WORLDS = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "tests").glob("test_*.py"))
    if not REFUSALS.match(path.name)
)


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models(inner)


def keys_of(model: type[BaseModel], path: str, seen: set[type]) -> Iterator[tuple[str, str]]:
    """(path, key) of every field below a section; shared parts once."""
    if model in seen:
        return
    seen.add(model)
    for name, field in model.model_fields.items():
        key = field.alias or name
        yield f"{path}.{key}", key
        for inner in models(field.annotation):
            yield from keys_of(inner, f"{path}.{key}", seen)


def every_key() -> list[tuple[str, str]]:
    seen: set[type] = set()
    return [
        found
        for section in SECTIONS
        for model in models(Scenario.model_fields[section].annotation)
        for found in keys_of(model, section, seen)
    ]


def stands(key: str, text: str) -> bool:
    return re.search(rf"(?<![\w-])[\"']?{re.escape(key)}[\"']?:", text) is not None


def test_every_key_has_its_lines_in_the_readme() -> None:
    blocks = "\n".join(BLOCKS)
    assert len(every_key()) > 200
    assert [path for path, key in every_key() if not stands(key, blocks)] == []


def test_every_key_is_at_work_in_some_test() -> None:
    """Beside those that only refuse it."""
    assert [path for path, key in every_key() if not stands(key, WORLDS)] == []
