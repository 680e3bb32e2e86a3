"""Back: conversation details, ours or the real platform's, as our tables.

What the platform tells becomes conversations, portions, offers, alerts, sessions and parks; what it does not tell
(topics, contacts, who gave up silently) is null. Times are exact to the platform's millisecond.

How its answer is understood where its documents are silent (assumed):
- A portion begins with a customer's segment of type interact, unless that goes on where one without a disconnect ended.
- What else happened belongs to the portion that began last before it.
- Placements that the platform calls alike come back as the plainest: best, next_agent and overflow as standard.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from simulator.exchange import documents
from simulator.exchange.documents import Document, Reader, TooMany
from simulator.exchange.enumerations import TRANSFER
from simulator.exchange.genesys import MANIFEST
from simulator.exchange.tables import Reading, calendar_of, catalogued, shifted
from simulator.exchange.telling import Segment, Session, sessions_of, unanswered
from simulator.vocabulary.clock import MS
from simulator.vocabulary.errors import Finding, ScenarioError

Source = Path | str | Document | Iterable[Document]
CUSTOMERS, QUEUES, AGENTS = ("customer", "external"), ("acd",), ("agent", "user")
TABLES = ("conversations", "portions", "offers", "alerts", "sessions", "parks")


def read_details(
    source: Source,
    *,
    names: Mapping[str, str] | None = None,
    start: datetime | None = None,
    timezone: str = "UTC",
) -> Reading:
    """Conversation details as our tables.

    `source`: a JSON file, a folder of pages (`ccsim export` writes one), an answer as a dict, or several of them.
    `names`: id -> name of queues, agents and channels; an export brings its own. `start`, `timezone`: from when times
    count; default: as the export says, else midnight UTC before the first conversation. Raises `ScenarioError` with
    findings for what cannot be understood, `UsageError` for an unknown zone.
    """
    about, known = about_of(source), dict(names or {})
    known = {**names_of(source), **known}
    if start is None and about:
        start, timezone = datetime.fromisoformat(about["start"]), about["timezone"]
    reader = _Details(known)
    findings: list[Finding] = []
    for file, document in _documents(source):
        part = Reader(file)
        try:
            for place, conversation in _conversations(part, document):
                reader.take(part, place, conversation)
        except TooMany:
            pass
        findings += part.findings
        if len(findings) >= documents.MOST_FINDINGS:
            break
    if findings:
        raise ScenarioError(findings[: documents.MOST_FINDINGS])
    return reader.reading(start, timezone)


def files_of(source: Path) -> list[Path]:
    """The pages in a folder, or the file itself. Raises `ScenarioError` where there are none."""
    if not source.is_dir():
        return [source]
    inside = source / "details" if (source / "details").is_dir() else source
    found = sorted(path for path in inside.glob("*.json") if path.name not in (MANIFEST, "names.json"))
    if not found:
        raise ScenarioError([Finding(str(source), None, "", "there are no JSON files in this folder", "details")])
    return found


def _documents(source: Source) -> Iterator[tuple[str, Any]]:
    if isinstance(source, str | Path):
        for path in files_of(Path(source)):
            yield str(path), documents.load(path)
    elif isinstance(source, Mapping):
        yield "(answer)", source
    else:
        yield from ((f"(answer {number})", one) for number, one in enumerate(source, start=1))


def about_of(source: Source) -> Document:
    """What `export.json` of one of our own exports says; empty for anything else."""
    if not isinstance(source, str | Path) or not (Path(source) / MANIFEST).is_file():
        return {}
    about = documents.load(Path(source) / MANIFEST)
    try:
        datetime.fromisoformat(about["start"])
        return about if isinstance(about["timezone"], str) else {}
    except (KeyError, TypeError, ValueError):
        return {}


def names_of(source: Source) -> dict[str, str]:
    if not isinstance(source, str | Path) or not (Path(source) / "names.json").is_file():
        return {}
    path = Path(source) / "names.json"
    kinds = documents.load(path)
    by_id = kinds.values() if isinstance(kinds, dict) else ()
    if not all(isinstance(each, dict) and all(isinstance(one, str) for one in each.values()) for each in by_id):
        raise ScenarioError([Finding(str(path), None, "", "these are no names", "kind -> id -> name")])
    return {key: name for each in by_id for key, name in each.items()}


def _conversations(reader: Reader, document: Any) -> Iterator[tuple[str, Document]]:
    """Of an answer, of a list, or a single conversation."""
    if isinstance(document, list):
        document = {"conversations": document}
    if not isinstance(document, dict):
        reader.complain("", f"this is {documents.shown(document)}", "an answer with `conversations`")
    elif "conversationId" in document:
        yield "", document
    elif "conversations" not in document and "totalHits" not in document:
        reader.complain("", "there are no `conversations` in this answer", "conversation details")
    else:
        yield from reader.items(document, "conversations", "")


class _Details:
    """Rows of all conversations so far."""

    def __init__(self, names: Mapping[str, str]):
        self._names = names
        self._rows: dict[str, list[Document]] = {table: [] for table in TABLES}
        self._seen: set[str] = set()
        self._people: dict[tuple[str, str], int] = {}
        self._left_out: Counter[str] = Counter()
        self._turns: dict[tuple[str, int], int] = {}

    def take(self, reader: Reader, place: str, document: Document) -> None:
        """One conversation."""
        identity = reader.text(document, "conversationId", place)
        opened = reader.time(document, "conversationStart", place)
        if identity is None or opened is None:
            missing = "conversationId" if identity is None else "conversationStart"
            if document.get(missing) is None:
                reader.complain(f"{place}{missing}", "this is missing", "an id" if identity is None else "a time")
            return
        if identity in self._seen:
            self._left_out["conversations that came twice"] += 1
            return
        self._seen.add(identity)
        by_purpose: dict[str, list[Session]] = {}
        for where, participant in reader.items(document, "participants", place):
            purpose = reader.text(participant, "purpose", where) or "unknown"
            for session in sessions_of(reader, where, participant, self._names, self._left_out):
                by_purpose.setdefault(purpose, []).append(session)
        if not by_purpose:
            self._left_out["conversations without messages"] += 1
            return
        name = reader.text(document, "externalTag", place) or identity
        self._told(name, opened, reader.time(document, "conversationEnd", place), by_purpose)

    # --- one conversation ------------------------------------------------------------------------------------------

    def _told(self, name: str, opened: int, closed: int | None, by_purpose: dict[str, list[Session]]) -> None:
        customers = [one for purpose in CUSTOMERS for one in by_purpose.get(purpose, ())]
        queues = sorted((one for purpose in QUEUES for one in by_purpose.get(purpose, ())), key=lambda one: one.start)
        agents = sorted((one for purpose in AGENTS for one in by_purpose.get(purpose, ())), key=lambda one: one.start)
        first = next(iter(customers or queues or agents or next(iter(by_purpose.values()))))
        address, channel = first.address
        stays = _stays(customers) or [Segment("interact", opened, closed, None, None)]
        starts = [one.start for one in stays]

        def portion(at: int) -> int:
            return max(bisect_right(starts, at), 1)

        customer = None
        if address is not None:
            customer = self._people.setdefault((channel or "", address), len(self._people))
        with_agents = {one.person for one in agents if any(each.kind == "interact" for each in one.segments)}
        ended = [one.end for one in stays]
        still = ended[-1] is None
        self._rows["conversations"].append(
            {
                "conversation": name, "channel": channel, "customer": customer, "opened_us": opened,
                "portions": len(stays), "agents": len(with_agents), "disconnected_us": None if still else ended[-1],
                "open": still,
            }
        )  # fmt: skip
        for one in customers:
            turns = sum(int(value) for _, value in one.metrics.get("oMessageTurn", ()))
            if turns:
                key = (name, portion(one.start))
                self._turns[key] = self._turns.get(key, 0) + turns
        offers = self._offers(name, channel, queues, agents, portion)
        self._agents(name, channel, agents, offers, portion)
        self._portions(name, channel, stays, offers, agents, portion)

    def _offers(
        self, name: str, channel: str | None, queues: list[Session], agents: list[Session], portion: Any
    ) -> list[Document]:
        found: list[Document] = []
        numbers: Counter[int] = Counter()
        for queue in queues:
            number = portion(queue.start)
            numbers[number] += 1
            ends = [one.end for one in queue.segments]
            left = None if ends[-1] is None else max(one for one in ends if one is not None)
            wait = queue.total_us("tAcd", "tAbandon", "tFlowOut")
            if left is None:
                outcome = "open"
            else:
                outcome = _left(queue)
            who = next((one for one in queue.segments if one.queue), None)
            row = {
                "conversation": name, "portion": number, "offer": numbers[number], "channel": channel,
                "queue": (who.queue if who else None) or queue.person, "entered_us": queue.start, "left_us": left,
                "asks": next((one.asks for one in queue.segments if one.asks), None),
                "t_wait_us": wait if wait is not None else None if left is None else left - queue.start,
                "outcome": outcome, "alerts": 0, "agent": None, "first_reply_us": None,
            }  # fmt: skip
            found.append(row)
        self._rows["offers"] += found
        return found

    def _agents(
        self, name: str, channel: str | None, agents: list[Session], offers: list[Document], portion: Any
    ) -> None:
        for agent in agents:
            alert = next((one for one in agent.segments if one.kind == "alert"), None)
            talks = [one for one in agent.segments if one.kind in ("interact", "hold", "parked")]
            number = portion(agent.start)
            offer = _offer_of(offers, number, agent.start)
            queue = next((one.queue for one in agent.segments if one.queue), None)
            row = {
                "conversation": name, "portion": number, "offer": offer["offer"] if offer else None, "queue": queue,
                "agent": agent.person, "placement": agent.routing,
            }  # fmt: skip
            if alert is not None:
                outcome = "accepted" if talks else unanswered(agent, alert)
                self._rows["alerts"].append(
                    {**row, "alerted_us": alert.start, "ended_us": alert.end, "outcome": outcome}
                )
                if offer:
                    offer["alerts"] += 1
            if talks:
                self._session(row | {"channel": channel}, agent, alert, talks, offer)

    def _session(
        self, row: Document, agent: Session, alert: Segment | None, talks: list[Segment], offer: Document | None
    ) -> None:
        connected, disconnected = talks[0].start, talks[-1].end
        replies = sorted(at for at, _ in agent.metrics.get("tAgentResponseTime", ()))
        if offer is not None and offer["agent"] is None:
            offer["agent"], offer["first_reply_us"] = agent.person, replies[0] if replies else None
        wrap_ups = [one for one in agent.segments if one.kind == "wrapup"]
        handle = agent.total_us("tHandle")
        ended = wrap_ups[-1].end if wrap_ups else disconnected if handle is not None else None
        parked = [one for one in talks if one.kind == "parked"]
        acw = agent.total_us("tAcw")
        self._rows["sessions"].append(
            row
            | {
                "reopened": row["portion"] > 1, "alerted_us": alert.start if alert else connected,
                "connected_us": connected, "disconnected_us": disconnected, "ended_us": ended,
                "transfer": _passed(agent), "parkings": len(parked),
                "handed_back": talks[-1].why == TRANSFER and not agent.count("nTransferred"),
                "t_park_us": agent.total_us("tParkComplete", "tPark") or 0,
                "t_talk_us": agent.total_us("tTalkComplete", "tTalk"),
                "t_acw_us": 0 if acw is None and ended is not None else acw, "t_handle_us": handle,
            }
        )  # fmt: skip
        for one in parked:
            length = None if one.end is None else one.end - one.start
            keys = ("conversation", "portion", "offer", "queue", "agent")
            times = {"parked_us": one.start, "returned_us": one.end, "t_park_us": length}
            self._rows["parks"].append({key: row[key] for key in keys} | times)

    def _portions(
        self, name: str, channel: str | None, stays: list[Segment], offers: list[Document], agents: list[Session],
        portion: Any,
    ) -> None:  # fmt: skip
        for number, stay in enumerate(stays, start=1):
            mine = [one for one in offers if one["portion"] == number]
            sessions = [one for one in agents if portion(one.start) == number]
            connected = [one.start for each in sessions for one in each.segments if one.kind == "interact"]
            replied = [at for one in sessions for at, _ in one.metrics.get("tAgentResponseTime", ())]
            firsts = [(at, value) for one in sessions for at, value in one.metrics.get("tFirstResponse", ())]
            if firsts:
                replied.append(min(firsts)[0])
            first = min(replied, default=None)
            self._rows["portions"].append(
                {
                    "conversation": name, "portion": number, "channel": channel, "reopened": number > 1,
                    "opened_us": stay.start, "disconnected_us": stay.end, "offers": len(mine),
                    "queue": mine[0]["queue"] if mine else None,
                    "queue_entered_us": mine[0]["entered_us"] if mine else None,
                    "first_connected_us": min(connected, default=None), "first_reply_us": first,
                    "t_first_response_us": round(min(firsts)[1]) * MS if firsts else None,
                    "first_message_to_first_reply_us": None if first is None else first - stay.start,
                    "disconnect": _ending(stay, mine, bool(connected)),
                }
            )  # fmt: skip

    # --- all of them -------------------------------------------------------------------------------------------

    def reading(self, start: datetime | None, timezone: str) -> Reading:
        first = min((row["opened_us"] for row in self._rows["conversations"]), default=None)
        calendar = calendar_of(start, timezone, first)
        tables = {}
        for table, rows in self._rows.items():
            names = dict.fromkeys(name for row in rows for name in row)
            columns: dict[str, list[Any]] = {name: [row.get(name) for row in rows] for name in names}
            for name in names:
                if name.endswith("_us") and not name.startswith("t_") and name != "first_message_to_first_reply_us":
                    columns[name] = shifted(columns[name], calendar)
            tables[table] = catalogued(table, columns)
        notes = tuple(f"{number:,} {what} were left out" for what, number in self._left_out.items())
        return Reading(tables, calendar, notes, self._turns)


def _stays(customers: list[Session]) -> list[Segment]:
    """The customer's segments, those that one disconnect ended as one."""
    segments = sorted(
        (one for each in customers for one in each.segments if one.kind == "interact"), key=lambda one: one.start
    )
    found: list[Segment] = []
    for one in segments:
        before = found[-1] if found else None
        if before is not None and before.why is None and before.end is not None and one.start <= before.end:
            found[-1] = Segment("interact", before.start, one.end, one.queue, one.why)
        else:
            found.append(one)
    return found


def _left(queue: Session) -> str:
    """How a stay in a queue ended."""
    if queue.count("tAbandon"):
        return "abandoned"
    return "flowed_out" if queue.count("tFlowOut") else "answered"


def _passed(agent: Session) -> str | None:
    """How an agent passed a conversation on."""
    if agent.count("nBlindTransferred"):
        return "blind"
    return "consult" if agent.count("nConsultTransferred") else None


def _offer_of(offers: list[Document], portion: int, at: int) -> Document | None:
    """The stay in a queue that was entered last before an agent's session began."""
    mine = [one for one in offers if one["portion"] == portion and one["entered_us"] <= at]
    return mine[-1] if mine else None


def _ending(stay: Segment, offers: list[Document], connected: bool) -> str | None:
    """Why a portion ended, where the platform's word leaves no doubt."""
    if stay.end is None:
        return "open"
    if offers and offers[-1]["outcome"] == "abandoned":
        return "abandoned"
    if stay.why == "client":
        return "left" if connected else None if offers else "left_flow"
    return {"inactivity": "inactive", "timeout": "flow_timed_out"}.get(stay.why or "")
