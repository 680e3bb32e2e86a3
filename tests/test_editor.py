"""The JSON schema for editors: what people write, as they write it, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from simulator.cli.init import SCHEMA, schema_text, starter
from simulator.scenario.editor import KINDS, schema
from simulator.scenario.lawful import parse_duration_law
from simulator.scenario.structure import slot_at
from simulator.scenario.written import Wrong, parse_clock, parse_duration, parse_local_time, parse_pace, parse_share

jsonschema = pytest.importorskip("jsonschema")

ROOT = Path(__file__).resolve().parents[1]
SCENARIOS = sorted((ROOT / "scenarios").glob("*.yaml"))


def problems(document: Any, part: dict[str, Any] | None = None) -> list[str]:
    whole = schema() if part is None else {**part, "$defs": schema()["$defs"]}
    return [error.message for error in jsonschema.Draft202012Validator(whole).iter_errors(document)]


def plain(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def test_it_is_a_json_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.name)
def test_every_scenario_fits_it_and_names_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.splitlines()[0] == f"# yaml-language-server: $schema={SCHEMA}"
    assert problems(plain(text)) == []


def test_the_starter_fits_it() -> None:
    assert problems(plain(starter())) == []


def test_the_committed_schema_is_up_to_date() -> None:
    """If not: `ccsim schema > scenarios/scenario.schema.json`."""
    assert (ROOT / "scenarios" / SCHEMA).read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("duration",), "4 dayz"),
        (("duration",), 4),
        (("agents", "early", "cuont"), 3),
        (("agents", "early", "capacity"), 26),
        (("agents", "early", "shift", "from"), "7 o'clock"),
        (("agents", "early", "reply", "effort"), {"lognormal": {"median": "30 s"}}),
        (("agents", "early", "reply", "effort"), {"lognormal": {"median": "30 s", "p90": "60 s"}, "gamma": {}}),
        (("behaviours", "shopper", "turns"), 0),
        (("behaviours", "shopper", "vanishes"), "104 %"),
        (("channels", "whatsapp", "platform"), "pigeon"),
        (("outbound", "limits", "whatsapp_campaign"), 18000),
        (("service_level", "target"), 80),
        (("threading", "starts_at"), "breakfast"),
        (("colour",), "blue"),
    ],
    ids=str,
)
def test_an_editor_marks_what_load_refuses(place: tuple[str, ...], value: object) -> None:
    document = plain((ROOT / "scenarios" / "retail_weekday.yaml").read_text(encoding="utf-8"))
    here = document
    for part in place[:-1]:
        here = here[part]
    here[place[-1]] = value
    assert problems(document)


GOOD = {
    "duration": ["45 s", "1 h 30 min", "250ms", "1.5 days", 0, "0"],
    "share": ["80 %", "0.8 %", "100%", 0.8, 0, 1],
    "rate": ["18000/min", "40/s", "2 per day", 0],
    "time_of_day": ["07:00", "23:59", "7:30"],
    "local_time": ["2026-03-02 00:00", "2026-03-02", "2026-03-02T08:15:30"],
}
BAD = {
    "duration": ["45", "s", "45 parsec", -1, 30],
    "share": ["80", "101 %", 80, -0.1],
    "rate": ["18000", 300, "5/fortnight"],
    "time_of_day": ["24:30", "7", 7],
    "local_time": ["tomorrow", "02.03.2026"],
}
PARSE = {
    "duration": parse_duration,
    "share": parse_share,
    "rate": parse_pace,
    "time_of_day": parse_clock,
    "local_time": parse_local_time,
}


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind in GOOD for value in GOOD[kind]])
def test_what_is_read_fits(kind: str, value: object) -> None:
    PARSE[kind](value)
    assert problems(value, KINDS[kind]) == []


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind in BAD for value in BAD[kind]])
def test_what_is_refused_does_not_fit(kind: str, value: object) -> None:
    with pytest.raises(Wrong):
        PARSE[kind](value)
    assert problems(value, KINDS[kind])


def test_defaults_are_text_that_people_write_never_microseconds() -> None:
    queue = schema()["$defs"]["Queue"]["properties"]
    assert queue["alerting_timeout"]["default"] == "30 s"
    assert "from 7 s to 15 min" in queue["alerting_timeout"]["description"]
    assert schema()["$defs"]["ServiceLevel"]["properties"]["target"]["default"] == "80 %"
    assert schema()["$defs"]["Limits"]["properties"]["whatsapp_campaign"]["default"] == "18000/min"
    answer = schema()["$defs"]["Behaviour"]["properties"]["flow_answer"]["default"]
    assert answer == {"lognormal": {"median": "20 s", "p90": "60 s"}}
    law = parse_duration_law(answer)
    assert law.kind == "lognormal"


def test_every_default_fits_its_own_place() -> None:
    document = schema()
    for name, section in {**document["$defs"], "": document}.items():
        for key, about in section.get("properties", {}).items():
            if "default" in about:
                assert problems(about["default"], about) == [], (name, key)


def test_the_keys_are_those_that_load_knows() -> None:
    for place in ((), ("agents", "x"), ("agents", "x", "reply"), ("queues", "q"), ("channels", "c"), ("outbound",)):
        slot = slot_at(place)
        assert slot is not None and slot.model is not None
        section = schema() if not place else schema()["$defs"][slot.model.__name__]
        assert tuple(section["properties"]) == slot.keys
        assert section["additionalProperties"] is False


def test_it_is_printed_as_json() -> None:
    assert json.loads(schema_text()) == schema()
