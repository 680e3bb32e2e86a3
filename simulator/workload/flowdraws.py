"""What chance decides in a flow: identification, containment, wrong topics, times, who leaves.

Of the steps that everybody of a topic passes, the first of each kind is drawn as a column; the others when somebody
comes there, by the same functions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from simulator.scenario.laws import Law
from simulator.scenario.needs import Behaviour
from simulator.vocabulary.clock import HOUR
from simulator.workload.draws import Chance, Draw
from simulator.workload.flowsteps import Bot, Collect, Flow, Identify, Step, Transfer, Wait, trunk
from simulator.workload.ragged import Ragged
from simulator.workload.streams import Stream

LONGEST_WAIT_US = 72 * HOUR
"""Flow waits end after it (model.md section 4)."""

_COLLECT = 1_000
"""Flow answers are numbered by bot turn; those to the form begin here."""
_NEXT = 1 << 32
"""So far apart are the numbers of two bots, or two forms, on one way."""

S = TypeVar("S", bound=Step)


class FlowDraws:
    """The draws of one flow for the contacts of one source."""

    def __init__(
        self,
        flow: Flow,
        channel: int,
        behaviours: Sequence[Behaviour],
        topic_shares: Sequence[float],
        stream: Callable[[str], Stream],
        draw: Callable[[str, Sequence[Law | None]], Draw],
    ):
        self.flow = flow
        self.first_step = flow.steps[0]
        self.looks_at_reopened = flow.looks_at_reopened
        self._everyone = everyone = len(behaviours)
        self._stream, self._draw = stream, draw
        trunks = [list(trunk(flow.steps, topic, channel)) for topic in range(everyone)]
        self.first_identify = [_first(steps, Identify) for steps in trunks]
        """[topic], so also the next two; None where no such step is sure."""
        self.first_bot = [_first(steps, Bot) for steps in trunks]
        self.first_form = [_first(steps, Collect) for steps in trunks]
        self.home = [steps[-1].queue if isinstance(steps[-1], Transfer) else -1 for steps in trunks]
        """The queue to which all lead, -1 if the run decides. [topic]"""
        self._form_after_bot = np.array(
            [
                bot is not None and form is not None and steps.index(bot) < steps.index(form)
                for steps, bot, form in zip(trunks, self.first_bot, self.first_form, strict=True)
            ]
        )
        self._fields = np.array([form.fields if form else 0 for form in self.first_form], np.int64)
        self._question_us = np.array([form.question_us if form else 0 for form in self.first_form], np.int64)

        bots = self.first_bot
        self._identified = Chance(stream("identified"), [step.success if step else 1.0 for step in self.first_identify])
        self._bot_turns = draw("bot turns", [bot.turns if bot else None for bot in bots])
        self._bot_time = draw("bot time", [bot.bot_time_us if bot else None for bot in bots])
        self._contained = Chance(
            stream("contained"), [bot.contains[topic] if bot else 0.0 for topic, bot in enumerate(bots)]
        )
        self._flow_answer = draw("flow answer", [b.flow_answer_us for b in behaviours])
        # who leaves
        patience = [None if b.patience_in_flow_us == "never" else b.patience_in_flow_us for b in behaviours]
        self.has_patience = [law is not None for law in patience]
        """[topic]"""
        self._patience = draw("patience in flow", patience)
        self.may_leave = [b.leaves_in_flow > 0 for b in behaviours]
        """At a question. [topic]"""
        self._leaves = Chance(stream("leaves in flow"), [b.leaves_in_flow for b in behaviours])
        # wrong topics
        self._topic_shares = np.asarray(topic_shares, np.float64)
        self._steps: dict[int, tuple[Chance | Draw, ...]] = {}
        """Draws of the steps that are no column, made when somebody comes there; by number of the step."""

    # --- columns ------------------------------------------------------------------------------------------------

    def identified_column(self, topics: np.ndarray) -> np.ndarray:
        """[contact] of bool"""
        return self._identified.column(topics)

    def contained_column(self, topics: np.ndarray) -> np.ndarray:
        """[contact] of bool"""
        return self._contained.column(topics)

    def bot_turns_column(self, topics: np.ndarray) -> np.ndarray:
        """[contact]"""
        return self._bot_turns.column(topics)

    def talk_columns(self, facts: np.ndarray) -> tuple[Ragged, Ragged]:
        """Delays of the first bot and of the first form, ours and the customer's in turn, of first contacts."""
        topics, count = facts["topic"], len(facts)
        answers = lambda entities, k: self._flow_answer.some(entities, topics[entities], count, k)  # noqa: E731
        times = lambda entities, k: self._bot_time.some(entities, topics[entities], count, k)  # noqa: E731
        said = Ragged.of(facts["bot_turns"], times, limit=None)
        heard = Ragged.of(np.maximum(facts["bot_turns"] - 1, 0), answers, limit=None)
        gone = facts["contained"].astype(bool) & self._form_after_bot[topics]
        fields = np.where(gone, 0, self._fields[topics])
        asked = Ragged.of(fields, lambda entities, k: self._question_us[topics[entities]], limit=None)
        told = Ragged.of(fields, lambda entities, k: answers(entities, _COLLECT + k), limit=None)
        return Ragged.interleave(said, heard), Ragged.interleave(asked, told)

    # --- one at a time ------------------------------------------------------------------------------------------

    def facts_at(self, topic: int, entity: int) -> tuple[int, int, int]:
        """Identified, contained and bot turns, of the first such steps."""
        identified, contained = self._identified.at(topic, entity), self._contained.at(topic, entity)
        return int(identified), int(contained), self._bot_turns.at(topic, entity)

    def identified(self, step: Identify, topic: int, entity: int) -> bool:
        (chance,) = self._of(step, lambda: (Chance(self._stream("identified"), [step.success] * self._everyone),))
        assert isinstance(chance, Chance)
        return chance.at(topic, entity, step.k)

    def bot(self, step: Bot, topic: int, entity: int) -> tuple[bool, int]:
        """Does the bot solve it, and after how many of its messages does it end?"""
        contained, turns, _ = self._of(step, lambda: self._of_bot(step))
        assert isinstance(contained, Chance) and isinstance(turns, Draw)
        return contained.at(topic, entity, step.k), turns.at(topic, entity, step.k)

    def _of_bot(self, step: Bot) -> tuple[Chance, Draw, Draw]:
        everyone = self._everyone
        return (
            Chance(self._stream("contained"), step.contains),
            self._draw("bot turns", [step.turns] * everyone),
            self._draw("bot time", [step.bot_time_us] * everyone),
        )

    def talk_us(self, step: Bot, topic: int, entity: int, turns: int) -> list[int]:
        """Delays of a bot: its message, the answer, …, its last message."""
        time = self._of(step, lambda: self._of_bot(step))[2]
        assert isinstance(time, Draw)
        first, delays = step.k * _NEXT, []
        for k in range(turns):
            delays.append(time.at(topic, entity, first + k))
            if k < turns - 1:
                delays.append(self._flow_answer.at(topic, entity, first + k))
        return delays

    def form_us(self, step: Collect, topic: int, entity: int) -> list[int]:
        """Delays of a form: question, answer, …"""
        first, delays = step.k * _NEXT + _COLLECT, []
        for k in range(step.fields):
            delays += [step.question_us, self._flow_answer.at(topic, entity, first + k)]
        return delays

    def wait_us(self, step: Wait, topic: int, entity: int) -> int:
        (time,) = self._of(step, lambda: (self._draw("flow wait", [step.time_us] * self._everyone),))
        assert isinstance(time, Draw)
        return min(time.at(topic, entity, step.k), LONGEST_WAIT_US)

    def taken_for(self, step: Bot, topic: int, entity: int) -> int:
        """The topic as which the bot hands over: another one of the channel, by its share; the right one mostly."""
        if not step.wrong_topic[topic] or not self._stream("wrong topic").at(entity, step.k) < step.wrong_topic[topic]:
            return topic
        others = self._topic_shares.copy()
        others[topic] = 0.0
        if others.sum() <= 0:
            return topic
        edges = np.cumsum(others)
        place = np.searchsorted(edges, self._stream("taken for").at(entity, step.k) * edges[-1], side="right")
        return int(min(place, np.flatnonzero(others)[-1]))

    def patience_us(self, topic: int, entity: int, k: int) -> int:
        """From entering the flow to leaving it, in pass k; only for topics that have such patience."""
        return self._patience.at(topic, entity, k)

    def leaves(self, topic: int, entity: int, k: int) -> bool:
        """Does he leave at his question k instead of answering it?"""
        return self._leaves.at(topic, entity, k)

    def _of(self, step: Step, make: Callable[[], tuple[Chance | Draw, ...]]) -> tuple[Chance | Draw, ...]:
        found = self._steps.get(step.number)
        if found is None:
            found = self._steps[step.number] = make()
        return found


def _first(steps: list[Step], kind: type[S]) -> S | None:
    return next((step for step in steps if isinstance(step, kind)), None)
