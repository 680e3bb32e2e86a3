"""What messages are made of and what happens to them on their way: the draws of the contacts of one source.

Nothing here is drawn beforehand: which message is cut into how many, and how often a message is tried, shows only
when it is sent. Every draw is the same pure function of stream, contact and number all the same. Sources that ask for
none of this have no `Letters` at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simulator.platforms import MEGABYTE, Platform, platform
from simulator.scenario.channels import Channel
from simulator.scenario.delivery import Attachments, Delivery, Middleware, Template, Voice
from simulator.scenario.directory import Directory
from simulator.scenario.laws import Law
from simulator.scenario.replies import Reply, ways
from simulator.scenario.schema import Scenario
from simulator.vocabulary.codes import Failure
from simulator.workload.customers import stream_name
from simulator.workload.draws import Draw
from simulator.workload.streams import Stream

KILOBYTE = MEGABYTE // 1_000
MOST_CHARACTERS = 1_000_000
"""Longer draws are cut: a law without an upper end has no message without one (assumed)."""
_MOST_FILES = 100  # a phone's picker ends there too (assumed)

# Numbers of draws: k of a message is built from turn, message within it, and attempt.
_MESSAGE = 1 << 10
_ATTEMPT = 1 << 4
FLOW, REPLY, TEMPLATE, IN, IN_FLOW = "flow", "reply", "template", "in", "in flow"
"""Ways through the platform: three out, two in."""

FOR_GOOD = frozenset({int(Failure.NUMBER_INVALID), int(Failure.BLOCKED_BY_CUSTOMER)})
"""Failures after which nobody tries again."""


class File(NamedTuple):
    kind: str
    size_bytes: int


class Text(NamedTuple):
    """One reply, or one burst's message, as it is written."""

    characters: int
    """0: nobody looks at the length."""
    files: tuple[File, ...] = ()
    voice_us: int = 0
    """Length of the voice note that it is; 0: it is written."""


class _Sizes:
    """Laws of one kind of text, on streams of its own."""

    def __init__(
        self,
        stream: str,
        letters: Letters,
        characters: Law | None,
        attachments: Attachments | None,
        voice: Voice | None,
    ):
        draw, chance = letters.draw, letters.stream
        self.characters = draw(f"{stream} characters", characters) if characters else None
        self.attachments = attachments
        if attachments is not None:
            self._files = chance(f"{stream} attachments")
            self._count = draw(f"{stream} attachment count", attachments.count)
            self._types = chance(f"{stream} attachment type")
            self._size = draw(f"{stream} attachment size", attachments.kilobytes)
        self.voice = voice
        if voice is not None:
            self._voice = chance(f"{stream} voice")
            self._length = draw(f"{stream} voice length", voice.length_us)

    def length(self, entity: int, k: int) -> int:
        if self.characters is None:
            return 0
        return min(max(self.characters.at(0, entity, k), 1), MOST_CHARACTERS)

    def files(self, entity: int, k: int) -> tuple[File, ...]:
        if self.attachments is None or self._files.at(entity, k) >= self.attachments.share:
            return ()
        many = min(self._count.at(0, entity, k), _MOST_FILES)
        return tuple(self._file(entity, k * _MESSAGE + i) for i in range(many))

    def _file(self, entity: int, k: int) -> File:
        assert self.attachments is not None
        u, kinds = self._types.at(entity, k), sorted(self.attachments.types.items())  # whatever the file's order
        below = np.cumsum([share for _, share in kinds])
        kind, _ = kinds[min(int(np.searchsorted(below, u, side="right")), len(kinds) - 1)]
        return File(kind, max(self._size.at(0, entity, k), 1) * KILOBYTE)

    def voice_us(self, entity: int, k: int) -> int:
        if self.voice is None or self._voice.at(entity, k) >= self.voice.share:
            return 0
        return self._length.at(0, entity, k)


class Letters:
    """The draws of one source."""

    def __init__(
        self,
        scenario: Scenario,
        names: Directory,
        source: str,
        seed: int,
        replication: int,
        replies: Sequence[Reply],
        clipped: Counter[str],
    ):
        self._name, self._seed, self._replication = stream_name(scenario, source), seed, replication
        self._source, self._clipped = source, clipped
        channel = scenario.channels[names.channels[names.source_channel[names.sources.index(source)]]]
        self.channel = channel
        self.platform: Platform = platform(channel.platform)
        # what is written
        self._heard = [
            self._sizes("message", b.characters, b.attachments, b.voice)
            for b in (scenario.behaviours[scenario.topics[topic].behaviour] for topic in names.topics)
        ]
        self._ways = replies
        self._replies: dict[int, _Sizes] = {}
        self._bots: dict[Law | None, _Sizes] = {}
        self._encoding = self.stream("encoding")
        self._ucs2 = _ucs2(channel)
        self._authenticated = self.stream("authenticated")
        # what becomes of it
        delivery = channel.delivery or Delivery()
        self.attempts, self.back_off_us = delivery.attempts, delivery.back_off_us
        self._latency = {lane: self.draw(f"delivery {lane}", delivery.latency_us) for lane in (FLOW, REPLY, TEMPLATE)}
        self._fails = {lane: self.stream(f"delivery failure {lane}") for lane in (FLOW, REPLY, TEMPLATE)}
        self._failures = [(int(Failure[name.upper()]), share) for name, share in delivery.failures.items()]
        self._read = delivery.read
        self._reads = {lane: self.stream(f"read {lane}") for lane in (FLOW, REPLY, TEMPLATE)}
        self._read_delay = self.draw("read delay", delivery.read.delay_us if delivery.read else None)
        middleware = channel.middleware or Middleware()
        self.calls, self.call_back_off_us = middleware.attempts, middleware.back_off_us
        self._call_fails = middleware.failures
        self._call_latency = {
            way: self.draw(f"middleware {way}", middleware.latency_us) for way in (FLOW, REPLY, TEMPLATE, IN, IN_FLOW)
        }
        self._call_failure = {way: self.stream(f"middleware failure {way}") for way in self._call_latency}
        # templates
        template: Template | None = scenario.outbound.templates.get(channel.template or "")
        self._answers = template.answers if template else 0.0
        self._answer_stream = self.stream("template answer")
        self._answer_delay = self.draw("template answer delay", template.delay_us if template else None)

    def stream(self, purpose: str) -> Stream:
        return Stream(self._seed, self._replication, self._name, purpose)

    def draw(self, purpose: str, law: Law | None) -> Draw:
        return Draw(self.stream(purpose), [law], self._clipped, f"{self._source}: {purpose}")

    def _sizes(
        self, stream: str, characters: Law | None, attachments: Attachments | None, voice: Voice | None
    ) -> _Sizes:
        voice = voice if self.platform.voice_notes else None
        return _Sizes(stream, self, characters, attachments, voice)

    # --- what is written -----------------------------------------------------------------------------------------

    def _of_reply(self, way: int) -> _Sizes:
        found = self._replies.get(way)
        if found is None:
            rule = self._ways[way]
            found = self._replies[way] = self._sizes("reply", rule.characters, rule.attachments, rule.voice)
        return found

    def reply(self, way: int, entity: int, turn: int) -> Text:
        """The reply to a turn, for one way of replying. The laws differ, the uniforms do not."""
        sizes = self._of_reply(way)
        voice_us = sizes.voice_us(entity, turn)
        return Text(0 if voice_us else sizes.length(entity, turn), sizes.files(entity, turn), voice_us)

    def recording_us(self, way: int, entity: int, turn: int) -> int:
        """How long the agent speaks into the reply to a turn; 0: he writes it."""
        return self._of_reply(way).voice_us(entity, turn)

    def heard(self, topic: int, entity: int, turn: int, message: int) -> Text:
        """A message of a burst. The first carries what the burst carries: files, or a voice note."""
        sizes = self._heard[topic]
        voice_us = sizes.voice_us(entity, turn) if message == 0 else 0
        characters = 0 if voice_us else sizes.length(entity, turn * _MESSAGE + message)
        return Text(characters, sizes.files(entity, turn) if message == 0 else (), voice_us)

    def listening_us(self, topic: int, entity: int, turn: int) -> int:
        """How long the customer speaks in the burst of a turn."""
        return self._heard[topic].voice_us(entity, turn)

    def said(self, characters: Law | None, entity: int, message: int) -> int:
        """Characters of a message of the bot."""
        sizes = self._bots.get(characters)
        if sizes is None:
            sizes = self._bots[characters] = self._sizes("bot", characters, None, None)
        return sizes.length(entity, message)

    def encoding(self, lane: str, entity: int, k: int) -> int:
        """Which of the platform's encodings a text needs."""
        number = k * _ATTEMPT + (FLOW, REPLY, TEMPLATE, IN).index(lane)
        return int(self._encoding.at(entity, number) < self._ucs2) if 0 < self._ucs2 < 1 else int(self._ucs2)

    def is_authenticated(self, entity: int) -> bool:
        """Is the customer logged in?"""
        return self._authenticated.at(entity) < self.channel.authenticated

    # --- what becomes of it --------------------------------------------------------------------------------------

    def latency_us(self, lane: str, entity: int, k: int, attempt: int) -> int:
        """From leaving to delivery, or to knowing that it failed."""
        return self._latency[lane].at(0, entity, k * _ATTEMPT + attempt)

    def failure(self, lane: str, entity: int, k: int, attempt: int) -> int:
        """Why an attempt fails; 0: it does not."""
        if not self._failures:
            return 0
        u, below = self._fails[lane].at(entity, k * _ATTEMPT + attempt), 0.0
        for reason, share in self._failures:
            below += share
            if u < below:
                return reason
        return 0

    def reading_us(self, lane: str, entity: int, k: int) -> int | None:
        """From delivery to reading; None: no receipt ever comes."""
        if self._read is None or self._reads[lane].at(entity, k) >= self._read.share:
            return None
        return self._read_delay.at(0, entity, k * _ATTEMPT + (FLOW, REPLY, TEMPLATE).index(lane))

    def call(self, way: str, entity: int, k: int, attempt: int) -> tuple[int, bool]:
        """One call of the middleware: how long it takes, and whether it fails."""
        number = k * _ATTEMPT + attempt
        fails = self._call_fails > 0 and self._call_failure[way].at(entity, number) < self._call_fails
        return self._call_latency[way].at(0, entity, number), fails

    def coming_us(self, way: str, entity: int, k: int) -> int:
        """How long a customer's message takes through the middleware. The last call gets through (assumed)."""
        total_us = 0
        for attempt in range(self.calls):
            takes_us, fails = self.call(way, entity, k, attempt)
            total_us += takes_us
            if not fails or attempt == self.calls - 1:
                break
            total_us += self.call_back_off_us << attempt
        return total_us

    def answer_us(self, entity: int, number: int) -> int | None:
        """From the delivery of a contact's template with this number to his answer; None: he does not answer."""
        if self._answer_stream.at(entity, number) >= self._answers:
            return None
        return self._answer_delay.at(0, entity, number)


def _ucs2(channel: Channel) -> float:
    """Share of texts that need the platform's second encoding."""
    if isinstance(channel.encoding, str):
        return float(channel.encoding == "ucs2")
    return channel.encoding.ucs2


def letters(
    scenario: Scenario,
    names: Directory,
    sources: Sequence[int],
    seed: int,
    replication: int,
    replies: Sequence[Reply],
    clipped: Counter[str],
) -> dict[int, Letters]:
    """The draws of those of the sources (by number) where anything of this is asked for."""
    wanted = {name for name, channel in scenario.channels.items() if asked_for(scenario, channel)}
    return {
        number: Letters(scenario, names, names.sources[number], seed, replication, replies, clipped)
        for number in sources
        if names.channels[names.source_channel[number]] in wanted
    }


def asked_for(scenario: Scenario, channel: Channel) -> bool:
    """Does a channel's scenario say anything about lengths, files, voices, delivery, middleware or templates?"""
    if channel.delivery or channel.middleware or channel.template or channel.authenticated:
        return True
    return written(scenario) or any(_sized(b.characters, b.attachments, b.voice) for b in scenario.behaviours.values())


def written(scenario: Scenario) -> bool:
    """Are replies or bot messages more than one message each?"""
    if any(_sized(rule.characters, rule.attachments, rule.voice) for rule in ways(scenario)):
        return True
    return any(bot_characters(scenario, flow) is not None for flow in scenario.flows)


def bot_characters(scenario: Scenario, flow: str) -> Law | None:
    """The law of the bot's messages in a flow, its branches included; the first that says one."""
    return _first_law(scenario.flows[flow])


def _first_law(steps: Sequence[object]) -> Law | None:
    for step in steps:
        bot = getattr(step, "bot", None)
        if bot is not None and bot.characters is not None:
            law: Law = bot.characters
            return law
        branch = getattr(step, "branch", None)
        if branch is not None:
            for path in [*branch.cases.values(), branch.else_]:
                found = _first_law(path)
                if found is not None:
                    return found
    return None


def _sized(*kinds: object) -> bool:
    return any(kind is not None for kind in kinds)
