"""The journal: one narrow, append-only log of what happened.

Engines write it, records read it. A row is packed into 35 bytes and never becomes a Python object again; the
meaning of its columns, event by event, stands in `vocabulary.codes.Event`.
"""

from __future__ import annotations

import struct

import numpy as np

ROW = np.dtype(
    [
        ("time", "<i8"),
        ("event", "u1"),
        ("conversation", "<i4"),
        ("portion", "<i4"),
        ("message", "<i4"),
        ("queue", "<i2"),
        ("agent", "<i4"),
        ("value", "<i8"),
    ]
)
"""One row. `time` in µs from the scenario's start; the rest numbers, -1 where an event has none. 35 bytes."""

PACK = struct.Struct("<qBiiihiq").pack
"""Pack one row: its columns, in order."""


class JournalWriter:
    """Where an engine writes. Rows come in order of time; blocks of bulk sends may come at any moment."""

    def __init__(self) -> None:
        self.rows = bytearray()
        """Packed rows, one after the other. An engine adds its own here: `rows += PACK(…)` costs half of what a call
        of a method does (measured)."""
        self._blocks: list[np.ndarray] = []

    def write(
        self,
        time: int,
        event: int,
        conversation: int = -1,
        portion: int = -1,
        message: int = -1,
        queue: int = -1,
        agent: int = -1,
        value: int = 0,
    ) -> None:
        """One row. Engines pack and add in one step, on their hot path; this says the same in words."""
        self.rows += PACK(time, event, conversation, portion, message, queue, agent, value)

    def write_block(self, time: np.ndarray, event: np.ndarray | int, **columns: np.ndarray | int) -> None:
        """Rows in bulk: arrays of one length, or one value for all rows. Sorted in with the rest at the end."""
        block = np.empty(len(time), ROW)
        block["conversation"] = block["portion"] = block["message"] = block["queue"] = block["agent"] = -1
        block["value"] = 0
        block["time"], block["event"] = time, event
        for name, column in columns.items():
            block[name] = column
        self._blocks.append(block)

    def __len__(self) -> int:
        return len(self.rows) // ROW.itemsize + sum(len(block) for block in self._blocks)

    def close(self) -> np.ndarray:
        """All rows as one read-only structured array `[row]`, by time; at one instant bulk rows come last."""
        for block in self._blocks:
            self.rows += block.tobytes()
        rows = np.frombuffer(self.rows, ROW)
        if self._blocks and (np.diff(rows["time"]) < 0).any():
            rows = rows[np.argsort(rows["time"], kind="stable")]
        self.rows, self._blocks = bytearray(), []
        rows.flags.writeable = False
        return rows
