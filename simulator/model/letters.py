"""Letters: what is sent together, its messages, and what the way out must know of a channel."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from simulator.platforms import platform
from simulator.scenario.channels import replies_allowed, reply_windows_us
from simulator.vocabulary.codes import LANES as Lane
from simulator.workload.letters import FLOW, bot_characters, written

if TYPE_CHECKING:
    from simulator.model.clockwork import Bell
    from simulator.model.contact import Contact
    from simulator.model.conversation import Conversation, Session, Turn
    from simulator.model.world import World


class Letter:
    """What is sent together: a reply, a message of the flow, a template."""

    __slots__ = (
        "agent", "bell", "blocked", "contact", "conversation", "finished", "first", "k", "lane", "left", "messages",
        "portion", "queue", "reached", "session", "turn", "turns", "under_way", "value",
    )  # fmt: skip

    def __init__(self, lane: str, conversation: Conversation, contact: Contact, k: int, value: int):
        self.lane = lane
        self.conversation = conversation
        self.portion = conversation.portion
        self.contact = contact
        self.k = k
        """Turn, or number among the flow's messages to this contact: the draws' number."""
        self.value = value
        """What its first message's row says in `value`."""
        self.session: Session | None = None
        self.turn: Turn | None = None
        self.turns: list[Turn] = []
        """Template: those whose replies were blocked."""
        self.queue = self.agent = -1
        self.first = -1
        """Number of its first message."""
        self.messages = 0
        self.under_way = 0
        """Messages that are neither there nor given up."""
        self.left = False
        """Its first message has left."""
        self.blocked = False
        """Its first message was blocked: the rest stays."""
        self.reached = False
        """Its first message was delivered."""
        self.finished = False
        """The customer has read it and has nothing more to say, as far as an agent can know."""
        self.bell: Bell | None = None
        """What a flow waits for."""


class Outgoing:
    """One message of a letter, as gates see it."""

    __slots__ = ("content", "i", "letter", "number", "requested_us", "segments", "size")

    def __init__(self, letter: Letter, i: int, number: int, content: int, size: int, segments: int, requested_us: int):
        self.letter = letter
        self.i = i
        self.number = number
        self.content = content
        self.size = size
        self.segments = segments
        """Parts that it counts for where rates count parts."""
        self.requested_us = requested_us

    @property
    def conversation(self) -> Conversation:
        return self.letter.conversation

    @property
    def lane(self) -> int:
        """`Lane`"""
        return int(Lane.FLOW) if self.letter.lane == FLOW else int(Lane.AGENT)


Gate = Callable[[int, Outgoing], int | None]
"""(earliest instant so far, message) -> when it may leave; None: the gate keeps it and calls `Sending.leaves`."""


class Address:
    """What sending must know of a channel, as plain attributes."""

    __slots__ = (
        "agent_window_us", "bot_window_us", "carried", "characters", "gates", "middleware", "most", "plain", "platform",
        "templates",
    )  # fmt: skip

    def __init__(self, world: World, name: str):
        channel = world.scenario.channels[name]
        self.platform = platform(channel.platform)
        self.agent_window_us, self.bot_window_us = reply_windows_us(channel)
        self.most = replies_allowed(channel)
        self.templates = -1
        if channel.outside_window == "template" and channel.template is not None:
            self.templates = sorted(world.scenario.outbound.templates).index(channel.template)
        self.middleware = channel.middleware is not None
        self.carried = channel.delivery is not None or self.middleware
        self.characters = bot_characters(world.scenario, channel.flow)
        self.gates: list[Gate] = []
        self.plain = not (self.carried or self.most is not None or written(world.scenario))
