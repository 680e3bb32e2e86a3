"""The shape of a scenario, asked by place: which keys are known there, what may stand there, in words."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types as bounds
from pydantic import BaseModel, BeforeValidator
from pydantic.fields import FieldInfo

from simulator.scenario.amounts import AMOUNTS, parse_amount
from simulator.scenario.filtering import PATTERNS, TEXTS, WORDS, parse_pattern, parse_texts, parse_word
from simulator.scenario.lawful import (
    COUNT_LAWS,
    DURATION_LAWS,
    SIZE_LAWS,
    parse_count_law,
    parse_duration_law,
    parse_size_law,
)
from simulator.scenario.outages import INSTANTS, parse_instant
from simulator.scenario.schema import Scenario
from simulator.scenario.source import Place
from simulator.scenario.types import PLATFORMS_IN_WORDS, parse_platform, parse_share_by_topic
from simulator.scenario.week import DATES, DAYS, OPENINGS, parse_date, parse_days, parse_openings
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
from simulator.vocabulary.clock import spoken

_IN_WORDS = {
    parse_duration: DURATIONS,
    parse_share: SHARES,
    parse_pace: PACES,
    parse_name: NAMES,
    parse_clock: CLOCKS,
    parse_local_time: LOCAL_TIMES,
    parse_date: DATES,
    parse_days: DAYS,
    parse_openings: OPENINGS,
    parse_duration_law: DURATION_LAWS,
    parse_count_law: COUNT_LAWS,
    parse_size_law: SIZE_LAWS,
    parse_platform: PLATFORMS_IN_WORDS,
    parse_amount: AMOUNTS,
    parse_instant: INSTANTS,
    parse_word: WORDS,
    parse_texts: TEXTS,
    parse_pattern: PATTERNS,
    parse_share_by_topic: f"{SHARES}; or a map from topic to share",
}


@dataclass(frozen=True)
class Slot:
    """One place of a scenario, as the schema knows it."""

    annotation: Any
    metadata: tuple[Any, ...] = ()
    title: str = ""
    """The field's name, or the name of the field whose element this is."""

    @cached_property
    def options(self) -> tuple[tuple[Any, tuple[Any, ...]], ...]:
        """(type, what is attached to it) of each alternative; None left out."""
        return tuple(
            (kind, extra) for kind, extra in _alternatives(self.annotation, self.metadata) if kind is not _NONE
        )

    @property
    def model(self) -> type[BaseModel] | None:
        return next((kind for kind, _ in self.options if isinstance(kind, type) and issubclass(kind, BaseModel)), None)

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of a section, as they are written; empty for anything else."""
        return tuple(_fields(self.model)) if self.model else ()

    @property
    def is_map(self) -> bool:
        """Named entries, such as queues or shares by topic."""
        return any(get_origin(kind) is dict for kind, _ in self.options)

    @property
    def is_law(self) -> bool:
        return any(_reader(extra) in (parse_duration_law, parse_count_law, parse_size_law) for _, extra in self.options)

    @property
    def is_duration(self) -> bool:
        return self.is_read_by(parse_duration)

    def is_read_by(self, parse: Any) -> bool:
        return any(_reader(extra) is parse for _, extra in self.options)

    def below(self, part: str | int) -> Slot | None:
        """The slot of a key or element; None if the schema knows none."""
        for kind, _ in self.options:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                if part in (fields := _fields(kind)):
                    field = fields[str(part)]
                    return Slot(field.annotation, tuple(field.metadata), str(part))
            elif get_origin(kind) is dict:
                return Slot(get_args(kind)[1], (), self.title)
            elif get_origin(kind) is tuple and isinstance(part, int):
                return Slot(get_args(kind)[0], (), self.title)
        return None

    def allowed(self) -> str:
        """What may stand here, in words."""
        return ", or ".join(dict.fromkeys(_spoken_option(kind, extra) for kind, extra in self.options))


def slot_at(place: Place) -> Slot | None:
    """The slot at a place; None where the schema knows none."""
    slot: Slot | None = Slot(Scenario)
    for part in place:
        slot = slot.below(part) if slot is not None else None
    return slot


_NONE = type(None)


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _alternatives(annotation: Any, metadata: tuple[Any, ...]) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *extra = get_args(annotation)
        yield from _alternatives(inner, (*metadata, *extra))
    elif origin in (Union, types.UnionType) and _reader(metadata) is None:
        for alternative in get_args(annotation):
            yield from _alternatives(alternative, metadata)
    elif origin in (Union, types.UnionType):  # read by one function of its own: shares by topic
        for alternative in get_args(annotation):
            yield alternative, metadata
    else:
        flat: list[Any] = []
        for item in metadata:
            flat += item.metadata if isinstance(item, FieldInfo) else [item]
        yield annotation, tuple(flat)


def _reader(metadata: tuple[Any, ...]) -> Any:
    """The `parse_…` function that reads this."""
    return next((item.func for item in metadata if isinstance(item, BeforeValidator)), None)


def _spoken_option(kind: Any, metadata: tuple[Any, ...]) -> str:
    reader = _reader(metadata)
    if get_origin(kind) is Literal:
        return " or ".join(f"`{value}`" for value in get_args(kind))
    if reader in _IN_WORDS:
        return _IN_WORDS[reader] + _limits(metadata, spoken if reader is parse_duration else str)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return f"a map of {', '.join(_fields(kind))}"
    if get_origin(kind) is dict:
        return "a map from names"
    if get_origin(kind) is tuple:
        return "a list" + _length(metadata)
    if kind is str:
        return "text" + _length(metadata, " characters")
    words = {bool: "`true` or `false`", int: "a whole number", float: "a number"}
    return words.get(kind, "a value") + _limits(metadata, str)


def _limits(metadata: tuple[Any, ...], say: Any) -> str:
    text = ""
    for item in metadata:
        if isinstance(item, bounds.Ge):
            text += f" from {say(item.ge)}"
        elif isinstance(item, bounds.Gt):
            text += f" above {say(item.gt)}"
    for item in metadata:
        if isinstance(item, bounds.Le):
            text += f" to {say(item.le)}"
        elif isinstance(item, bounds.Lt):
            text += f" below {say(item.lt)}"
        elif isinstance(item, bounds.MultipleOf):
            text += f" in steps of {say(item.multiple_of)}"
    return "," + text if text and say is spoken else text


def _length(metadata: tuple[Any, ...], of: str = "") -> str:
    low = next((item.min_length for item in metadata if isinstance(item, bounds.MinLen)), None)
    high = next((item.max_length for item in metadata if isinstance(item, bounds.MaxLen)), None)
    if low is None and high is None:
        return ""
    if low == high:
        return f" of {low}{of}"
    if high is not None:
        return f" of {low or 0} to {high}{of}"
    return ", not empty" if low == 1 else f" of at least {low}{of}"
