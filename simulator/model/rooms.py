"""Where interactions wait: queues and their rooms.

A room holds those who ask for the same: one queue, the same circles of agents, one growth of priority. The highest
score stands first. Whoever leaves early is marked and skipped when he comes up.
"""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush
from typing import TYPE_CHECKING, TypeAlias

from simulator.model.queueflow import QueueFlow
from simulator.rules.rings import estimated_wait_us
from simulator.rules.routing import ageing_score, place_in_line, priority_score
from simulator.scenario.directory import Directory
from simulator.scenario.queues import Queue as QueueSettings

if TYPE_CHECKING:
    from simulator.model.agent import Agent
    from simulator.model.circles import Entry, Stage
    from simulator.model.contact import Contact
    from simulator.model.conversation import Conversation, Session
    from simulator.model.pool import BestLine, BusyLine, Line, Pool

REMEMBERED = 100
"""Sessions of a queue, and interactions that left it, of which its running values are made (model.md section 5)."""

Head: TypeAlias = "tuple[int, int, int, Interaction]"


class Queue:
    """One queue: its settings, and the running values that the ACD keeps of it."""

    def __init__(self, number: int, name: str, settings: QueueSettings, names: Directory, within_us: int):
        self.number = number
        self.name = name
        # Settings as plain attributes: they are asked at every step.
        self.settings = settings
        self.auto_answer = settings.auto_answer
        self.alerting_timeout_us = settings.alerting_timeout_us
        self.returns_after_us = settings.returns_after_us
        self.max_waiting = settings.max_waiting
        self.max_in_system = settings.max_in_system
        self.close_after_us = None if settings.close_after_us == "never" else settings.close_after_us
        self.after_call_work = settings.after_call_work
        self.accepts_when_free = settings.accept == "when_free"
        self.courtesy_us = settings.courtesy_us
        self.park = settings.park
        self.inactivity_timeout_us = settings.inactivity_timeout_us
        self.inactivity_flow = settings.inactivity_flow
        self.keep_clock = settings.keep_clock
        self.passes_on = bool(settings.transfers)
        self.leads = settings.scoring == "PriorityOnly"
        flow = settings.in_queue_flow
        self.flow = None if flow is None else QueueFlow(flow, names)
        self.rooms: dict[object, Room] = {}
        # running values
        self.waiting = 0
        self.inside = 0
        """Waiting, alerting and connected."""
        self.slots = 0
        """Of its agents who are on queue."""
        self._within_us = within_us
        self._handled: deque[int] = deque(maxlen=REMEMBERED)
        self._handled_us = 0
        self._left: deque[bool] = deque(maxlen=REMEMBERED)

    def has_handled(self, handle_us: int) -> None:
        """A session is over, wrap-up included."""
        if len(self._handled) == REMEMBERED:
            self._handled_us -= self._handled[0]
        self._handled.append(handle_us)
        self._handled_us += handle_us

    def has_left(self, answered: bool, waited_us: int) -> None:
        """An interaction was connected, or abandoned."""
        self._left.append(answered and waited_us <= self._within_us)

    @property
    def mean_handle_us(self) -> float:
        """Of the last 100 sessions; 0 before the first."""
        return self._handled_us / len(self._handled) if self._handled else 0.0

    @property
    def estimated_wait_us(self) -> float:
        """Of one who came now."""
        return estimated_wait_us(self.waiting + 1, self.mean_handle_us, self.slots)

    @property
    def service_level(self) -> float:
        """Of the last 100 that left; nan before the first."""
        return sum(self._left) / len(self._left) if self._left else float("nan")


class Room:
    """Interactions that ask for the same."""

    def __init__(
        self, queue: Queue, bit: int, lines: tuple[Line | BusyLine | BestLine, ...], placements: tuple[int, ...]
    ):
        self.queue = queue
        self.bit = bit
        self.circles = tuple(zip(lines, placements, strict=False))  # nobody's line stands before a hold
        """Available agents of each circle, and why such an agent gets it; the inner first."""
        self._placements = placements
        self._line: list[Head] = []

    def joins(self, interaction: Interaction) -> None:
        heappush(self._line, (interaction.key, interaction.since_us, interaction.conversation.owner, interaction))

    def first(self) -> Head | None:
        line = self._line
        while line:
            head = line[0]
            key, since_us, _, interaction = head
            if (
                interaction.is_waiting
                and interaction.room is self
                and interaction.key == key
                and interaction.since_us == since_us
            ):
                return head
            heappop(line)
        return None

    def placement(self, pool: Pool) -> int:
        """Why an agent of this pool gets what waits here."""
        return self._placements[pool.tier.get(self.bit, 0)]


class Interaction:
    """One stay of a conversation in a queue: one `nOffered`."""

    __slots__ = (
        "agent",
        "contact",
        "conversation",
        "entered_us",
        "entry",
        "is_waiting",
        "key",
        "offer",
        "over",
        "overflowed",
        "priority",
        "queue",
        "room",
        "rung",
        "session",
        "since_us",
        "stage",
    )

    def __init__(
        self, conversation: Conversation, contact: Contact, entry: Entry, stage: Stage, offer: int, entered_us: int
    ):  # fmt: skip
        self.conversation = conversation
        self.contact = contact
        self.entry = entry
        self.queue = entry.queue
        self.stage = stage
        self.room = stage.room
        self.offer = offer
        self.entered_us = entered_us
        self.since_us = entered_us
        """Its clock runs from here."""
        self.priority = entry.priority
        self.key = entry.key(entered_us, entry.priority)
        self.is_waiting = False
        self.agent: Agent | None = None
        """Whom it alerts."""
        self.rung = 0
        """Alerts so far: an answer or a timeout belongs to one of them."""
        self.over = False
        """Connected or left."""
        self.overflowed = False
        """It came from another queue, where it had waited for too long."""
        self.session: Session | None = None

    def __lt__(self, other: Interaction) -> bool:
        """In a line the same conversation may stand twice at one instant: he left, and came back at once."""
        return self.offer < other.offer

    def place(self, now_us: int) -> tuple[int, int, int, int]:
        """Where it stands among the heads of several rooms; smaller goes first."""
        entry, queue = self.entry, self.queue
        score = (priority_score if queue.leads else ageing_score)(now_us, self.since_us, self.priority, entry.growth)
        return place_in_line(queue.leads, score, self.since_us, self.conversation.owner)
