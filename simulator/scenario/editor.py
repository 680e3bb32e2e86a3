"""The JSON schema of a scenario, for editors: durations, shares and rates as people write them.

`ccsim schema` prints it; a scenario's first line names it (`# yaml-language-server: $schema=...`), and the editor
then completes keys, shows what they mean and marks what is wrong. It is made from the schema that `load` uses, and
knows what one place may hold; what only the whole tells (a name that exists, shares that sum to 1) `ccsim validate`
says.
"""

from __future__ import annotations

import math
from typing import Any, Literal, get_args, get_origin

import annotated_types as bounds
from pydantic import BaseModel, BeforeValidator, WithJsonSchema
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from simulator.platforms import PLATFORM_NAMES
from simulator.scenario.amounts import AMOUNTS, parse_amount
from simulator.scenario.lawful import CONTINUOUS, COUNTING, parse_count_law, parse_duration_law, parse_size_law
from simulator.scenario.laws import Law
from simulator.scenario.parameters import DURATION_PARAMETERS, FAMILIES, Z90
from simulator.scenario.schema import Scenario
from simulator.scenario.structure import Slot
from simulator.scenario.types import parse_platform, parse_share_by_topic
from simulator.scenario.written import (
    CLOCKS,
    DURATIONS,
    LOCAL_TIMES,
    NAMES,
    PACES,
    SHARES,
    parse_clock,
    parse_duration,
    parse_local_time,
    parse_name,
    parse_pace,
    parse_share,
)
from simulator.vocabulary.clock import UNITS_US, spoken

Json = dict[str, Any]

_NUMBER = r"[0-9]+(\.[0-9]+)?"
_UNIT = "(" + "|".join(sorted(UNITS_US, key=lambda unit: (-len(unit), unit))) + ")"


def _text(pattern: str) -> Json:
    return {"type": "string", "pattern": f"^{pattern}$"}


KINDS: dict[str, Json] = {
    "duration": {
        "description": f"{DURATIONS}; or 0",
        "anyOf": [_text(rf"\s*{_NUMBER}\s*{_UNIT}(\s*{_NUMBER}\s*{_UNIT})*\s*"), {"enum": [0, "0"]}],
    },
    "share": {
        "description": SHARES,
        "anyOf": [
            _text(r"\s*([0-9]|[0-9][0-9]|0*100)(\.[0-9]+)?\s*%\s*"),
            {"type": "number", "minimum": 0, "maximum": 1},
        ],
    },
    "rate": {
        "description": PACES,
        "anyOf": [_text(rf"\s*{_NUMBER}\s*(/|per )\s*{_UNIT}\s*"), {"enum": [0]}],
    },
    "name": {"description": NAMES, **_text(r"[^\s./#:,()'\"]+( [^\s./#:,()'\"]+)*"), "maxLength": 80},
    "time_of_day": {"description": CLOCKS, **_text(r"([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?")},
    "local_time": {
        "description": LOCAL_TIMES,
        **_text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?)?"),
    },
    "amount": {"description": AMOUNTS, "anyOf": [{"type": "string"}, {"type": "number", "minimum": 0}]},
}
"""What people write, by kind."""

READERS: dict[Any, Json] = {
    parse_duration: {"$ref": "#/$defs/duration"},
    parse_share: {"$ref": "#/$defs/share"},
    parse_pace: {"$ref": "#/$defs/rate"},
    parse_name: {"$ref": "#/$defs/name"},
    parse_clock: {"$ref": "#/$defs/time_of_day"},
    parse_local_time: {"$ref": "#/$defs/local_time"},
    parse_duration_law: {"$ref": "#/$defs/duration_law"},
    parse_count_law: {"$ref": "#/$defs/count_law"},
    parse_platform: {"enum": list(PLATFORM_NAMES)},
    parse_amount: {"$ref": "#/$defs/amount"},
    parse_share_by_topic: {
        "anyOf": [
            {"$ref": "#/$defs/share"},
            {"type": "object", "additionalProperties": {"$ref": "#/$defs/share"}},
        ]
    },
}
"""By the function that reads a value; any other reader has its own schema beside it."""


def schema() -> Json:
    """The whole schema, draft 2020-12."""
    definitions: dict[str, Json] = {**KINDS, "duration_law": _law(counts=False), "count_law": _law(counts=True)}
    top = _model(Scenario, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A scenario of the contact-centre messaging simulator",
        **top,
        "$defs": dict(sorted(definitions.items())),
    }


# --- sections --------------------------------------------------------------------------------------------------


def _model(model: type[BaseModel], definitions: dict[str, Json]) -> Json:
    """A section: its keys as they are written, nothing else."""
    properties: dict[str, Json] = {}
    required = []
    for name, field in model.model_fields.items():
        key = field.alias or name
        properties[key] = _field(field, definitions)
        if field.is_required():
            required.append(key)
    about: Json = {"type": "object", "additionalProperties": False, "properties": properties}
    if required:
        about["required"] = required
    if model.__doc__:
        about["description"] = " ".join(model.__doc__.split("\n\n")[0].split())
    return about


def _field(field: FieldInfo, definitions: dict[str, Json]) -> Json:
    slot = Slot(field.annotation, tuple(field.metadata))
    about = _any([_option(kind, extra, definitions) for kind, extra in slot.options])
    said = [field.description] if field.description else []
    limits = slot.allowed()
    if slot.is_duration and any(word in limits for word in (" from ", " to ", " above ")):
        said.append(limits)  # an editor cannot compare durations; a person can
    if said:
        about = {**about, "description": "; ".join(said)}
    default = _default(field, slot)
    return about if default is None else {**about, "default": default}


def _any(options: list[Json]) -> Json:
    options = [option for i, option in enumerate(options) if option not in options[:i]]
    return options[0] if len(options) == 1 else {"anyOf": options}


def _option(kind: Any, extra: tuple[Any, ...], definitions: dict[str, Json]) -> Json:
    """One alternative of a field."""
    reader = next((item.func for item in extra if isinstance(item, BeforeValidator)), None)
    if reader in READERS:
        return {**READERS[reader]}
    own = next((item.json_schema for item in extra if isinstance(item, WithJsonSchema)), None)
    if reader is not None and own is not None:
        return {**own}
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        if kind.__name__ not in definitions:
            definitions[kind.__name__] = {}  # a section may hold itself
            definitions[kind.__name__] = _model(kind, definitions)
        return {"$ref": f"#/$defs/{kind.__name__}"}
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is dict:
        names = Slot(arguments[0]).options[0]
        return {
            "type": "object",
            "propertyNames": _option(*names, definitions),
            "additionalProperties": _slot(arguments[1], definitions),
        } | _lengths(extra, "Properties")
    if origin is tuple:
        about: Json = {"type": "array", "items": _slot(arguments[0], definitions)} | _lengths(extra, "Items")
        if Ellipsis not in arguments:
            about |= {"minItems": len(arguments), "maxItems": len(arguments)}
        return about
    words = {bool: "boolean", int: "integer", float: "number", str: "string"}
    return {"type": words.get(kind, "string")} | _limits(extra) | (_lengths(extra, "Length") if kind is str else {})


def _slot(annotation: Any, definitions: dict[str, Json]) -> Json:
    return _any([_option(kind, extra, definitions) for kind, extra in Slot(annotation).options])


def _limits(extra: tuple[Any, ...]) -> Json:
    found: Json = {}
    for item in extra:
        for kind, name, word in (
            (bounds.Ge, "ge", "minimum"),
            (bounds.Gt, "gt", "exclusiveMinimum"),
            (bounds.Le, "le", "maximum"),
            (bounds.Lt, "lt", "exclusiveMaximum"),
            (bounds.MultipleOf, "multiple_of", "multipleOf"),
        ):
            if isinstance(item, kind):
                found[word] = getattr(item, name)
    return found


def _lengths(extra: tuple[Any, ...], of: str) -> Json:
    found: Json = {}
    for item in extra:
        if isinstance(item, bounds.MinLen):
            found[f"min{of}"] = item.min_length
        elif isinstance(item, bounds.MaxLen):
            found[f"max{of}"] = item.max_length
    return found


# --- laws ------------------------------------------------------------------------------------------------------


def _law(counts: bool) -> Json:
    """Every way to write a distribution: one key, the law's name, with its parameters."""
    kinds = COUNTING if counts else CONTINUOUS
    own = "#/$defs/count_law" if counts else "#/$defs/duration_law"
    value: Json = {"type": "integer", "minimum": 1} if counts else {"$ref": "#/$defs/duration"}
    shapes: dict[str, Json] = {
        "constant": value,
        "geometric": _parameters({"mean": {"type": "number", "minimum": 1}}),
        "empirical": {
            "anyOf": [
                {"type": "array", "items": value, "minItems": 1},
                {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["values"],
                    "properties": {
                        "values": {"type": "array", "items": value, "minItems": 1},
                        "weights": {"type": "array", "items": {"type": ["number", "string"]}},
                    },
                },
            ]
        },
        "mixture": {
            "description": "laws with a weight each; the weights sum to 100 %",
            "type": "array",
            "minItems": 1,
            "items": {"allOf": [{"$ref": own}, {"type": "object", "required": ["weight"]}]},
        },
    }
    for kind, choices in FAMILIES.items():
        if kind not in shapes:
            shapes[kind] = _any([_parameters({name: _parameter(name) for name in choice}) for choice in choices])
    beside: dict[str, Json] = {"weight": {"$ref": "#/$defs/share"}}
    if not counts:
        beside["at_most"] = {"$ref": "#/$defs/duration", "description": "longer draws are clipped, and counted"}
    return {
        "description": "a count from 1, or a law of counts" if counts else "a duration, or a law of durations",
        "anyOf": [
            value,
            {
                "type": "object",
                "additionalProperties": False,
                "properties": {kind: shapes[kind] for kind in kinds} | beside,
                "oneOf": [{"required": [kind]} for kind in kinds],
            },
        ],
    }


def _parameters(properties: dict[str, Json]) -> Json:
    limit: Json = {"at_most": {"$ref": "#/$defs/duration"}}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": {**properties, **limit},
    }


def _parameter(name: str) -> Json:
    if name in DURATION_PARAMETERS:
        return {"$ref": "#/$defs/duration"}
    return {"type": "number"} if name == "mu" else {"type": "number", "exclusiveMinimum": 0}


# --- defaults --------------------------------------------------------------------------------------------------


def _default(field: FieldInfo, slot: Slot) -> Any:
    """The default as a person would write it; None where there is none worth showing."""
    value = field.default
    if value is PydanticUndefined or value is None or isinstance(value, BaseModel | dict | tuple):
        return None
    readers = {item.func for _, extra in slot.options for item in extra if isinstance(item, BeforeValidator)}
    if isinstance(value, Law):
        return _written_law(value, counts=bool(readers & {parse_count_law, parse_size_law}))
    if parse_share in readers or parse_share_by_topic in readers:
        return f"{value * 100:g} %"
    if parse_duration in readers and not isinstance(value, str):
        return spoken(value) if value else 0
    if parse_pace in readers:
        return f"{value * 60:g}/min"
    return value if isinstance(value, bool | int | float | str) else None


def _written_law(law: Law, counts: bool) -> Any:
    if law.kind == "constant":
        return int(law.numbers[0]) if counts else spoken(round(law.numbers[0]))
    if law.kind == "lognormal":
        mu, sigma = law.numbers
        median, p90 = (spoken(round(math.exp(power))) for power in (mu, mu + Z90 * sigma))
        return {"lognormal": {"median": median, "p90": p90}}
    return None
