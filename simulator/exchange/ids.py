"""Ids as the platform has them: UUIDs, here made of names, so that the same thing always has the same id.

An id is `uuid5(NAMESPACE, text)`. What an organisation has is the same in every export (`queue/service`,
`agent/early/3`); what happens belongs to its run (`<scenario hash>/<replication>/conversation/whatsapp/412`), because
the same contact of two plans is two conversations. `names.json` gives the names back.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha1
from uuid import NAMESPACE_URL, uuid5

from simulator.experiments.run import Run

NAMESPACE = uuid5(NAMESPACE_URL, "ccsim:exchange")
KINDS = ("queue", "agent", "channel", "flow", "skill", "language")
"""What an organisation has and `names.json` names."""


@cache
def id_of(kind: str, name: str) -> str:
    """The id of a queue, an agent, a channel, a flow, a skill or a language."""
    return str(uuid5(NAMESPACE, f"{kind}/{name}"))


class RunIds:
    """Ids of what happened in one replication of a run."""

    def __init__(self, run: Run, replication: int):
        self._space = uuid5(NAMESPACE, f"{run.scenario.hash}/{replication}").bytes

    def of(self, kind: str, name: str) -> str:
        """`kind`: conversation, customer, participant or session; `name`: what tells it from others of its kind."""
        return quick_uuid5(self._space, f"{kind}/{name}")


def quick_uuid5(space: bytes, name: str) -> str:
    """`str(uuid.uuid5(space, name))` (RFC 9562) in a third of the time: a conversation needs a dozen."""
    digest = bytearray(sha1(space + name.encode(), usedforsecurity=False).digest()[:16])
    digest[6] = digest[6] & 0x0F | 0x50  # version 5
    digest[8] = digest[8] & 0x3F | 0x80  # variant 1
    text = digest.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
