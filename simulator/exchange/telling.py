"""One participant's session as the platform tells it, read without trust."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from simulator.exchange.documents import Document, Reader, shown
from simulator.exchange.enumerations import MEDIA, NO_ANSWER, PLACEMENT
from simulator.scenario.skills import as_text
from simulator.vocabulary.clock import MS


@dataclass(frozen=True)
class Segment:
    kind: str
    start: int
    end: int | None
    queue: str | None
    why: str | None
    asks: str | None = None
    """Skills and language asked for, as `offers.asks` has them."""


@dataclass
class Session:
    """One session of one participant."""

    person: str | None
    """Name or id of agent or queue."""
    address: tuple[str | None, str | None]
    """The customer's, and the channel's."""
    routing: str
    segments: list[Segment]
    metrics: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    """Name -> (emitted, value)."""

    @property
    def start(self) -> int:
        return self.segments[0].start

    def total_us(self, *names: str) -> int | None:
        """The sum of the first of these metrics that was emitted, in µs."""
        for name in names:
            if name in self.metrics:
                return round(sum(value for _, value in self.metrics[name])) * MS
        return None

    def count(self, name: str) -> int:
        return len(self.metrics.get(name, ()))


def sessions_of(
    reader: Reader, place: str, participant: Document, names: Mapping[str, str], left_out: Counter[str]
) -> Iterator[Session]:
    """A participant's message sessions that have segments; other media are counted in `left_out`."""
    user = reader.text(participant, "userId", place)
    person = names.get(user, user) if user else reader.text(participant, "participantName", place)
    contact = reader.text(participant, "externalContactId", place)
    for where, session in reader.items(participant, "sessions", place):
        media = reader.text(session, "mediaType", where)
        if media not in (None, MEDIA):
            left_out[f"sessions of media type {media[:40]}"] += 1
            continue
        segments = sorted(_segments(reader, where, session, names), key=lambda one: one.start)
        if not segments:
            continue
        channel, kind = (reader.text(session, key, where) for key in ("addressTo", "messageType"))
        address = contact or reader.text(session, "addressFrom", where)
        known = names.get(channel or "", kind or channel)
        found = Session(person, (address, known), _placement(reader, where, session), segments)
        for what, metric in reader.items(session, "metrics", where):
            name, at = reader.text(metric, "name", what), reader.time(metric, "emitDate", what)
            value = reader.number(metric, "value", what) or 0.0
            if name is not None:
                when = at or segments[-1].end or segments[-1].start
                found.metrics.setdefault(name, []).append((when, value))
        yield found


def _placement(reader: Reader, place: str, session: Document) -> str:
    routing, ring = reader.text(session, "usedRouting", place), session.get("agentBullseyeRing")
    if routing == "Bullseye" and isinstance(ring, int) and 1 <= ring <= 6:
        return f"ring_{ring}"
    return PLACEMENT.get(routing or "", "standard")


def _segments(reader: Reader, place: str, session: Document, names: Mapping[str, str]) -> Iterator[Segment]:
    for where, segment in reader.items(session, "segments", place):
        start, end = reader.time(segment, "segmentStart", where), reader.time(segment, "segmentEnd", where)
        kind = reader.text(segment, "segmentType", where) or "unknown"
        queue, why = (reader.text(segment, key, where) for key in ("queueId", "disconnectType"))
        if start is None:
            continue
        if end is not None and end < start:
            reader.complain(f"{where}segmentEnd", "this is before segmentStart", "a later time")
            continue
        asks = _asks(reader, where, segment, names)
        yield Segment(kind, start, end, names.get(queue, queue) if queue else None, why, asks)


def _asks(reader: Reader, place: str, segment: Document, names: Mapping[str, str]) -> str | None:
    skills, language = segment.get("requestedRoutingSkillIds"), reader.text(segment, "requestedLanguageId", place)
    if skills is not None and not (isinstance(skills, list) and all(isinstance(one, str) for one in skills)):
        reader.complain(f"{place}requestedRoutingSkillIds", f"this is {shown(skills)}", "a list of ids")
        skills = None
    found = frozenset(names.get(one, one) for one in skills or ())
    return as_text(found, names.get(language, language) if language else None) or None


def unanswered(agent: Session, alert: Segment) -> str:
    """How an alert ended that nobody accepted."""
    if alert.end is None:
        return "open"
    if agent.count("nAgentDeclined"):
        return "declined"
    expired = agent.count("nAlertExpired") or agent.count("tNotResponding") or alert.why == NO_ANSWER
    return "expired" if expired else "withdrawn"
