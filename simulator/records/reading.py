"""Reading a journal: its rows by event, and which rows belong together."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from simulator.records.columns import Array
from simulator.vocabulary.codes import Event
from simulator.vocabulary.errors import BrokenInvariant


class Whole:
    """A journal column by column."""

    def __init__(self, rows: Array):
        self._rows = rows
        self._columns: dict[str, Array] = {}

    def column(self, name: str) -> Array:
        """One value beside the other: to pick some from it is several times as fast as from whole rows. [row]"""
        if name not in self._columns:
            self._columns[name] = np.ascontiguousarray(self._rows[name])
        return self._columns[name]


class Part:
    """Some rows of a journal, column by column, in their order. `vocabulary.codes.Event` says what they hold.

    A column is read when somebody asks for it, and kept: nobody asks for all of them, and those of a month are large.
    """

    def __init__(self, whole: Whole, at: Array):
        self._whole = whole
        self.at = at
        """Position in the journal: decides what came first at one instant."""

    def __len__(self) -> int:
        return len(self.at)

    def _column(self, name: str) -> Array:
        # narrow types of the journal would overflow in sums and keys
        return self._whole.column(name).take(self.at).astype(np.int64, copy=False)

    @cached_property
    def time(self) -> Array:
        return self._column("time")

    @cached_property
    def event(self) -> Array:
        return self._column("event")

    @cached_property
    def conversation(self) -> Array:
        return self._column("conversation")

    @cached_property
    def portion(self) -> Array:
        return self._column("portion")

    @cached_property
    def message(self) -> Array:
        return self._column("message")

    @cached_property
    def queue(self) -> Array:
        return self._column("queue")

    @cached_property
    def agent(self) -> Array:
        return self._column("agent")

    @cached_property
    def value(self) -> Array:
        return self._column("value")


class Log:
    """The rows of one replication."""

    def __init__(self, rows: Array):
        self._whole = Whole(rows)  # the parts hold this and not the log: without a circle all is freed at once
        self._size = len(rows)
        self._event = self._whole.column("event")
        self._parts: dict[tuple[Event, ...], Part] = {}

    def __len__(self) -> int:
        return self._size

    @property
    def time(self) -> Array:
        return self._whole.column("time")

    @cached_property
    def end(self) -> int:
        """When the run ended; without RUN_ENDED the time of the last row."""
        ended = self.of(Event.RUN_ENDED).time
        if len(ended):
            return int(ended[0])
        return int(self.time[-1]) if len(self) else 0

    def of(self, *events: Event) -> Part:
        """All rows of these events."""
        if events not in self._parts:
            # plain ints: members of an enum take four times as long
            chosen = self._event == int(events[0])
            for event in events[1:]:
                chosen |= self._event == int(event)
            self._parts[events] = Part(self._whole, np.flatnonzero(chosen))
        return self._parts[events]


class Links:
    """Which portion, and which session, a row belongs to."""

    def __init__(self, log: Log):
        self._log = log
        opened, connected = log.of(Event.PORTION_OPENED), log.of(Event.CONNECTED)
        self._order = np.lexsort((opened.portion, opened.conversation))
        self._portions = _key(opened.conversation, opened.portion)[self._order]
        self._begins = np.concatenate([[0], np.cumsum(np.bincount(np.clip(opened.conversation, 0, len(log))))])
        """Place of the first portion of each conversation in `_portions`. [conversation + 1]"""
        self._known: dict[Part, Array] = {}
        session_keys = self._moment(self.portion(connected), connected.at)
        self._session_order = np.argsort(session_keys, kind="stable")
        self._sessions = session_keys[self._session_order]

    def portion(self, part: Part) -> Array:
        """Row in the table of portions, -1 if the journal never opened it. [row of part]"""
        if part not in self._known:
            self._known[part] = self._portion(part)
        return self._known[part]

    def _portion(self, part: Part) -> Array:
        keys = _key(part.conversation, part.portion)
        if not len(self._portions):
            return np.full(len(keys), -1)
        # portions are numbered 1, 2, … within a conversation; what does not stand where it should is looked for
        begins = self._begins[np.clip(part.conversation, 0, len(self._begins) - 1)]
        place = np.clip(begins + part.portion - 1, 0, len(self._portions) - 1)
        found = np.where(self._portions[place] == keys, self._order[place], -1)
        strange = np.flatnonzero(found < 0)
        found[strange] = find(self._portions, self._order, keys[strange])
        return found

    def session(self, part: Part) -> Array:
        """Session of the row: the latest that connected in its portion before it, -1 if none. [row of part]"""
        if not len(self._sessions):
            return np.full(len(part), -1)
        portion = self.portion(part)
        place = np.searchsorted(self._sessions, self._moment(portion, part.at), side="right") - 1
        same = (place >= 0) & (portion >= 0) & (self._sessions[place] // len(self._log) == portion)
        return np.where(same, self._session_order[place], -1)

    def _moment(self, numbers: Array, at: Array) -> Array:
        """A key that sorts by number, then by position in the journal."""
        return numbers * len(self._log) + at


def latest_before(numbers: Array, at: Array, part_numbers: Array, part_at: Array, size: int) -> Array:
    """For each of a part's rows the index of the latest earlier row with the same number, -1 if none.

    `size` is the length of the journal; both `at` are positions in it.
    """
    keys = numbers * size + at
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    place = np.searchsorted(ordered, part_numbers * size + part_at) - 1
    if not len(ordered):
        return np.full(len(part_at), -1)
    same = (place >= 0) & (ordered[place] // size == part_numbers)
    return np.where(same, order[place], -1)


def find(ordered: Array, order: Array, keys: Array) -> Array:
    """Where each key stands in what was ordered, -1 if nowhere."""
    if not len(ordered):
        return np.full(len(keys), -1)
    place = np.minimum(np.searchsorted(ordered, keys), len(ordered) - 1)
    return np.where(ordered[place] == keys, order[place], -1)


def numbered(what: str, numbers: Array) -> int:
    """How many there are; numbers must be 0, 1, 2, … in order of appearance.

    Raises BrokenInvariant where they are not: then no other row can be understood.
    """
    wrong = np.flatnonzero(numbers != np.arange(len(numbers)))
    if len(wrong):
        place = int(wrong[0])
        raise BrokenInvariant(f"journal: the {place + 1}th {what} has number {int(numbers[place])}, not {place}")
    return len(numbers)


def _key(conversation: Array, portion: Array) -> Array:
    return (conversation << 32) + portion
