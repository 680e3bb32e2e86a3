"""What customers will do: the draws of every contact of one source.

First contacts of a channel are drawn as columns before the run; what has no bound beforehand (contacts that write
again, replies to a campaign, late turns, further alerts) is drawn when needed, by the same functions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from simulator.scenario.directory import Directory
from simulator.scenario.laws import Law
from simulator.scenario.needs import Again
from simulator.scenario.replies import Reply
from simulator.scenario.schema import Scenario
from simulator.vocabulary.codes import Return
from simulator.workload.arrivals import Given
from simulator.workload.customers import Customers, stream_name
from simulator.workload.draws import Chance, Draw
from simulator.workload.flowdraws import FlowDraws
from simulator.workload.flowsteps import Flow, read_flow
from simulator.workload.ragged import Ragged
from simulator.workload.streams import Stream, descendant

FORESEEN = 2
"""Queue entries, alerts and sessions of a contact that are drawn beforehand: few have more."""

NEVER = -1
"""Stands for "does not happen" in columns of durations."""


class Facts(NamedTuple):
    """What is settled about a contact when it is born."""

    topic: int
    customer: int
    """Number in the channel's population; -1: a new person."""
    turns: int
    messages: int
    """Of the opening burst."""
    vanishes_after: int
    """Number of replies after which he goes silent; 0: he does not."""
    silent: int
    """1: gives up without a sign, 0: disconnects."""
    identified: int
    """By the first such step that all of his topic pass; so also the next two."""
    contained: int
    bot_turns: int
    after_abandon_us: int
    """Delay until he writes again; NEVER. So also the next five."""
    after_silent_us: int
    after_service_us: int
    after_blocked_us: int
    thanks_us: int
    after_flow_us: int


_AGAIN_FIELDS: dict[int, str] = {reason: f"{reason.name.lower()}_us" for reason in Return}
AGAIN: dict[int, int] = {reason: Facts._fields.index(name) for reason, name in _AGAIN_FIELDS.items()}
"""Where a contact's facts hold the delay until he writes again, by reason."""

DELAYS = min(AGAIN.values())
"""Where these begin."""
CUSTOMER = Facts._fields.index("customer")

NOT_DRAWN = -2
"""What stands there for a contact that nobody could foresee: it is drawn when it comes to that."""
_NOT_DRAWN = dict.fromkeys(_AGAIN_FIELDS.values(), NOT_DRAWN)


class ContactDraws:
    """All draws of the contacts of one source (a channel or a campaign)."""

    def __init__(
        self,
        scenario: Scenario,
        directory: Directory,
        source: str,
        seed: int,
        replication: int,
        replies: Sequence[Reply],
        needed_by: Sequence[np.ndarray],
        clipped: Counter[str],
    ):
        self._replies = tuple(replies)
        self._needed_by = needed_by
        """Which topics may need a way of replying. [way] of [topic]"""
        channel_name = directory.channels[directory.source_channel[directory.sources.index(source)]]
        channel = scenario.channels[channel_name]
        behaviours = [scenario.behaviours[scenario.topics[topic].behaviour] for topic in directory.topics]
        everyone = len(behaviours)
        name = stream_name(scenario, source)

        def stream(purpose: str) -> Stream:
            return Stream(seed, replication, name, purpose)

        def draw(purpose: str, laws: Sequence[Law | None]) -> Draw:
            return Draw(stream(purpose), laws, clipped, f"{source}: {purpose}")

        def chance(purpose: str, shares: Sequence[float]) -> Chance:
            return Chance(stream(purpose), shares)

        # who and what
        shares = [channel.topics.get(topic, 0.0) for topic in directory.topics]
        self._topic_edges = np.cumsum(shares)
        self._last_topic = max((i for i, share in enumerate(shares) if share > 0), default=0)
        self._topic_stream = stream("topic")
        self._customers = Customers(channel.customers, stream("customer"), stream("customer weight"))
        # behaviour
        self._turns = draw("turns", [b.turns for b in behaviours])
        self._messages = draw("opening messages", [b.opening.messages for b in behaviours])
        self._gap = draw("opening gap", [b.opening.gap_us for b in behaviours])
        self._think = draw("think", [b.think_us for b in behaviours])
        self._vanishes = chance("vanishes", [b.vanishes for b in behaviours])
        self._vanish_stream = stream("vanishes after")
        self._silent = chance("gives up", [b.gives_up.silent for b in behaviours])
        patience = [None if b.patience_us == "never" else b.patience_us for b in behaviours]
        self.patience_until_reply = [b.patience_until == "first_reply" for b in behaviours]
        """[topic]"""
        self._has_patience = np.array([law is not None for law in patience])
        self._patience = draw("patience", patience)
        self._balks = chance("balks", [b.balk for b in behaviours])
        # flow
        number = directory.channels.index(channel_name)

        def flow_draws(flow: Flow) -> FlowDraws:
            return FlowDraws(flow, number, behaviours, shares, stream, draw)

        self.flow = flow_draws(read_flow(scenario, directory, channel.flow))
        self.other_flow = cache(lambda flow: flow_draws(read_flow(scenario, directory, flow)))
        """The draws of another flow for these contacts, by name."""
        # queue: a law of the queue maps the contact's own uniform, wherever he waits
        self.home = self.flow.home
        """The queue to which the flow leads all contacts of a topic, -1 if the run decides. [topic]"""
        queues = [scenario.queues[queue] for queue in directory.queues]
        topics = {topic: i for i, topic in enumerate(directory.topics)}
        takes = [queue.after_call_work.takes_us if queue.after_call_work else None for queue in queues]
        answers = [queue.answer_time_us for queue in queues]
        self._answer_at = cache(lambda queue: draw("answer time", [answers[queue]] * everyone))
        self._wrap_up_at = cache(lambda queue: draw("wrap-up", [takes[queue]] * everyone))
        self._answer = draw("answer time", [answers[home] if home >= 0 else None for home in self.home])
        self._wrap_up = draw("wrap-up", [takes[home] if home >= 0 else None for home in self.home])
        self._wrap_up_taken = stream("wrap-up taken")
        self._declines = stream("declines")
        self._passes_on = stream("transfers")
        self._transfers = [
            [
                (
                    rule.share,
                    topics.get(rule.topic or ""),
                    draw("transfer takes", [rule.takes_us] * everyone),
                    rule.takes_us,
                )
                for rule in queue.transfers
            ]
            for queue in queues
        ]
        """(share, topic or None, draw of the attention, its law). [queue][rule]"""
        # desk: a law of the group maps the contact's own uniform, so that a turn is hard for every agent
        self._effort = [draw("effort", [reply.effort_us] * everyone) for reply in self._replies]
        self._canned_stream = stream("canned")
        # writing again
        self._again: dict[int, list[Again | None]] = {
            Return.AFTER_ABANDON: [b.writes_again.after_abandon for b in behaviours],
            Return.AFTER_SILENT: [b.writes_again.after_silent for b in behaviours],
            Return.AFTER_SERVICE: [b.writes_again.after_service for b in behaviours],
            Return.AFTER_BLOCKED: [b.writes_again.after_blocked for b in behaviours],
            Return.THANKS: [b.writes_again.thanks for b in behaviours],
            Return.AFTER_FLOW: [b.writes_again.after_flow for b in behaviours],
        }
        self._again_chance = {
            reason: chance(
                f"writes again {Return(reason).name}", [again.probability if again else 0.0 for again in list_]
            )
            for reason, list_ in self._again.items()
        }
        self._again_delay = {
            reason: draw(
                f"writes again {Return(reason).name} delay", [again.delay_us if again else None for again in list_]
            )
            for reason, list_ in self._again.items()
        }
        self._again_topic = {
            reason: [_edges(again, directory.topics) for again in list_] for reason, list_ in self._again.items()
        }
        """By how much of the uniform a later contact is about each topic: (edge, topic); None: about the same."""
        self._again_topic_stream = stream("writes again topic")

    # --- columns, before the run --------------------------------------------------------------------------------

    def topics(self, count: int) -> np.ndarray:
        """Topic of the first contacts. [contact]"""
        u = self._topic_stream.column(count)
        return np.minimum(np.searchsorted(self._topic_edges, u, side="right"), self._last_topic)

    def facts(self, topics: np.ndarray, known: Given | None = None) -> np.ndarray:
        """The facts of first contacts as a structured array with the fields of `Facts`; what is known beforehand
        replaces what was drawn. [contact]"""
        if known is not None:
            topics = np.where(known.topic >= 0, known.topic, topics)
        result = np.zeros(len(topics), [(name, np.int64) for name in Facts._fields])
        result["topic"] = topics
        result["customer"] = -1
        if self._customers.known:
            result["customer"] = self._customers.column(len(topics))
        turns = np.maximum(self._turns.column(topics), 1)
        if known is not None:
            result["customer"] = np.where(known.customer >= 0, known.customer, result["customer"])
            turns = np.where(known.turns > 0, known.turns, turns)
        result["turns"] = turns
        result["messages"] = np.maximum(self._messages.column(topics), 1)
        vanishes = self._vanishes.column(topics) & (turns > 1)
        after = 1 + (self._vanish_stream.column(len(topics)) * (turns - 1)).astype(np.int64)
        result["vanishes_after"] = np.where(vanishes, after, 0)
        result["silent"] = self._silent.column(topics)
        result["identified"] = self.flow.identified_column(topics)
        result["contained"] = self.flow.contained_column(topics)
        result["bot_turns"] = self.flow.bot_turns_column(topics)
        for reason, name in _AGAIN_FIELDS.items():
            again = self._again_chance[reason].column(topics)
            result[name] = np.where(again, self._again_delay[reason].column(topics), NEVER)
        return result

    def turn_columns(self, facts: np.ndarray) -> tuple[Ragged, list[Ragged]]:
        """Think times by turn, and efforts by turn for each way of replying, of first contacts."""
        topics, turns = facts["topic"], facts["turns"]
        think = self._ragged(self._think, facts, turns)
        efforts = []
        for number in range(len(self._replies)):

            def effort(entities: np.ndarray, k: int, number: int = number) -> np.ndarray:
                drawn = self._effort[number].some(entities, topics[entities], len(topics), k)
                canned = self._replies[number].canned
                if canned is None:
                    return drawn
                u = self._canned_stream.column(len(topics), k)[entities]
                return np.where(u < canned.share, np.rint(drawn * canned.effort).astype(np.int64), drawn)

            efforts.append(Ragged.of(np.where(self._needed_by[number][topics], turns, 0), effort))
        return think, efforts

    def gap_columns(self, facts: np.ndarray) -> Ragged:
        """Times between the messages of the opening burst, of first contacts."""
        return self._ragged(self._gap, facts, facts["messages"] - 1)

    def queue_columns(self, facts: np.ndarray) -> tuple[Ragged, Ragged, Ragged]:
        """Patience by queue entry, answer time by alert, wrap-up by session: the first few of first contacts."""
        few = np.full(len(facts), FORESEEN)
        at_home = np.where(np.array(self.home)[facts["topic"]] >= 0, few, 0)
        patience = self._ragged(self._patience, facts, np.where(self._has_patience[facts["topic"]], few, 0))
        return patience, self._ragged(self._answer, facts, at_home), self._ragged(self._wrap_up, facts, at_home)

    @staticmethod
    def _ragged(law: Draw, facts: np.ndarray, lengths: np.ndarray) -> Ragged:
        topics = facts["topic"]
        return Ragged.of(lengths, lambda entities, k: law.some(entities, topics[entities], len(topics), k))

    # --- one at a time, when needed -----------------------------------------------------------------------------

    def facts_at(self, entity: int, topic: int, customer: int) -> Facts:
        """The facts of a contact that is not in the columns."""
        turns = max(self._turns.at(topic, entity), 1)
        vanishes_after = 0
        if turns > 1 and self._vanishes.at(topic, entity):
            vanishes_after = 1 + int(self._vanish_stream.at(entity) * (turns - 1))
        identified, contained, bot_turns = self.flow.facts_at(topic, entity)
        return Facts(
            topic=topic,
            customer=customer,
            turns=turns,
            messages=max(self._messages.at(topic, entity), 1),
            vanishes_after=vanishes_after,
            silent=int(self._silent.at(topic, entity)),
            identified=identified,
            contained=contained,
            bot_turns=bot_turns,
            **_NOT_DRAWN,
        )

    def gap_us(self, topic: int, entity: int, k: int) -> int:
        """Time between messages k and k + 1 of the opening burst."""
        return self._gap.at(topic, entity, k)

    def think_us(self, topic: int, entity: int, turn: int) -> int:
        return self._think.at(topic, entity, turn)

    def effort_us(self, reply: int, topic: int, entity: int, turn: int) -> int:
        """Drawn effort of a reply, canned or not, for one way of replying."""
        drawn, canned = self._effort[reply].at(topic, entity, turn), self._replies[reply].canned
        if canned is not None and self._canned_stream.at(entity, turn) < canned.share:
            return round(drawn * canned.effort)
        return drawn

    def patience_us(self, topic: int, entity: int, entry: int) -> int:
        """Patience at the queue entry with this number; NEVER."""
        return self._patience.at(topic, entity, entry) if self._has_patience[topic] else NEVER

    def balks(self, topic: int, entity: int, entry: int) -> bool:
        """Does he leave at once if nobody is free at the queue entry with this number?"""
        return self._balks.possible(topic) and self._balks.at(topic, entity, entry)

    def answer_us(self, queue: int, topic: int, entity: int, alert: int) -> int:
        return self._answer_at(queue).at(topic, entity, alert)

    def wrap_up_us(self, queue: int, topic: int, entity: int, session: int) -> int:
        return self._wrap_up_at(queue).at(topic, entity, session)

    def wraps_up(self, entity: int, session: int, share: float) -> bool:
        """Is there after-call work, where the agent decides?"""
        return self._wrap_up_taken.at(entity, session) < share

    def declines(self, entity: int, alert: int, share: float) -> bool:
        """Does the agent decline the alert with this number? One uniform, whatever his share."""
        return share > 0 and self._declines.at(entity, alert) < share

    def transfer(self, queue: int, topic: int, entity: int, entry: int) -> tuple[int, int | None]:
        """Which of the queue's rules passes on the session after the queue entry with this number (-1: none), and the
        attention that it takes (None: as much as the reply)."""
        rules = self._transfers[queue]
        if not rules:
            return -1, None
        u, below = self._passes_on.at(entity, entry), 0.0
        for number, (share, about, takes, law) in enumerate(rules):
            if about is None or about == topic:
                below += share
                if u < below:
                    return number, None if law is None else takes.at(topic, entity, entry)
        return -1, None

    def later_topic(self, reason: int, topic: int, entity: int) -> int:
        """Topic of a contact that writes again; `entity` is its own."""
        edges = self._again_topic[reason][topic]
        if edges is None:
            return topic
        if len(edges) > 1:
            u = self._again_topic_stream.at(entity)
            for edge, other in edges:
                if u < edge:
                    return other
        return edges[-1][1]

    def again_us(self, reason: int, topic: int, entity: int, number: int) -> int:
        """Delay until he writes again for a reason that has occurred `number` times before; NEVER."""
        if not self._again_chance[reason].at(topic, entity, number):
            return NEVER
        return self._again_delay[reason].at(topic, entity, number)

    @staticmethod
    def later_entity(entity: int, reason: int, number: int) -> int:
        """Entity of the contact that follows."""
        return descendant(entity, reason, number)


def _edges(again: Again | None, topics: tuple[str, ...]) -> list[tuple[float, int]] | None:
    """Topics of the later contact with the upper edges of their parts of the uniform, by name."""
    if again is None or again.topic is None:
        return None
    shares = {again.topic: 1.0} if isinstance(again.topic, str) else again.topic
    edges, below = [], 0.0
    for topic, share in sorted(shares.items()):
        if share > 0:
            below += share
            edges.append((below, topics.index(topic)))
    return edges
