"""The scenario: what a person decided. Frozen, validated; every field with unit, bounds, default and meaning.

Attributes that end in `_us` are written in a scenario without that ending and as people write durations
(`alerting_timeout: 30 s`). The defaults are those of model.md section 11.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, model_validator

from simulator.scenario.base import Model
from simulator.scenario.counts import Counts
from simulator.scenario.origin import Origin, fingerprint
from simulator.scenario.sending import Outbound
from simulator.scenario.source import Place
from simulator.scenario.traces import Trace
from simulator.scenario.types import (
    FLOW_ANSWER,
    ONE,
    CountLaw,
    Duration,
    DurationLaw,
    LocalDate,
    LocalTime,
    Name,
    OpeningHours,
    PlatformName,
    Reached,
    Share,
    ShareByTopic,
)
from simulator.scenario.when import Arrivals, Profile, Shift
from simulator.scenario.written import Wrong
from simulator.vocabulary.clock import HOUR, MINUTE, SECOND, Calendar
from simulator.vocabulary.errors import Finding

# --- customers -------------------------------------------------------------------------------------------------


class Opening(Model):
    """The burst of messages a customer begins with."""

    messages: CountLaw = Field(ONE, description="messages of the burst, from 1")
    gap_us: DurationLaw | None = Field(None, description="time between two of them; required where there may be two")


class GivesUp(Model):
    """How a customer whose patience ends gives up; the shares sum to 1."""

    abandon: Share = Field(0.0, description="disconnects; only where the platform lets a customer disconnect")
    silent: Share = Field(0.0, description="stops reading and says nothing; nobody can see it")


class Again(Model):
    """Writing again: how probable, how long after."""

    probability: Share
    delay_us: DurationLaw
    topic: Name | None = Field(None, description="topic of the later contact; default: the same")


class WritesAgain(Model):
    after_abandon: Again | None = Field(None, description="delay from the abandon")
    after_silent: Again | None = Field(None, description="delay from giving up")
    after_service: Again | None = Field(None, description="not resolved; delay from the disconnect")
    after_blocked: Again | None = Field(None, description="delay from being turned away")
    thanks: Again | None = Field(None, description="one message of thanks after an answered contact's disconnect")


class Behaviour(Model):
    """How customers write, wait and give up."""

    opening: Opening = Opening()  # type: ignore[call-arg]
    turns: CountLaw = Field(ONE, description="bursts, each with its reply, from 1")
    think_us: DurationLaw | None = Field(None, description="reply to next burst; required where turns exceed 1")
    flow_answer_us: DurationLaw = Field(FLOW_ANSWER, description="time to answer a bot or form")
    patience_us: DurationLaw | Literal["never"] = Field("never", description="queue entry to giving up")
    patience_until: Literal["connect", "first_reply"] = Field("connect", description="what ends the wait")
    balk: Share = Field(0.0, description="probability to leave at once when nobody is free")
    gives_up: GivesUp = GivesUp(abandon=1.0)
    vanishes: Share = Field(0.0, description="share of contacts with two or more turns that go silent midway")
    writes_again: WritesAgain = WritesAgain()  # type: ignore[call-arg]


class Topic(Model):
    behaviour: Name
    skills: tuple[Name, ...] = Field((), description="all of them required of the agent")
    priority: Annotated[int, Field(ge=-25_000_000, le=25_000_000)] = Field(0, description="1 unit = 1 minute waited")


# --- flow ------------------------------------------------------------------------------------------------------


class Identify(Model):
    takes_us: Duration = Field(0)
    success: Share = Field(1.0, description="unidentified contacts cost the first reply 30 s more")


class Bot(Model):
    turns: CountLaw = Field(ONE)
    bot_time_us: DurationLaw = Field(description="time the bot takes for one message")
    contains: ShareByTopic = Field(0.0, description="share that the bot solves, one or by topic")


class Collect(Model):
    fields: Annotated[int, Field(ge=0, le=50)]
    question_time_us: Duration = Field(1 * SECOND, description="assumed")


class Transfer(Model):
    queue: Name


class Step(Model):
    """One step of an inbound message flow: exactly one of these."""

    identify: Identify | None = None
    bot: Bot | None = None
    collect: Collect | None = None
    transfer: Transfer | None = None


# --- queues ----------------------------------------------------------------------------------------------------


class AfterCallWork(Model):
    mode: Literal["MANDATORY", "MANDATORY_TIMEOUT", "MANDATORY_FORCED_TIMEOUT"] = "MANDATORY"
    takes_us: DurationLaw | None = Field(None, description="drawn time; not with MANDATORY_FORCED_TIMEOUT")
    timeout_us: Duration | None = Field(None, description="1 s to 60 min by the wall clock from the disconnect")


class Queue(Model):
    evaluation: Literal["ALL"] = Field("ALL", description="every required skill")
    scoring: Literal["TimestampAndPriority"] = "TimestampAndPriority"
    last_agent: Literal["AnyAgent"] = Field("AnyAgent", description="last-agent routing of re-opened portions")
    auto_answer: bool = False
    alerting_timeout_us: Duration = Field(30 * SECOND, ge=7 * SECOND, le=900 * SECOND)
    answer_time_us: DurationLaw | None = Field(None, description="alert to accept; default 0")
    returns_after_us: Duration = Field(60 * SECOND, description="NOT_RESPONDING lasts this long")
    close_after_us: Duration | Literal["never"] = Field(10 * MINUTE, description="silence since the latest reply")
    max_waiting: Annotated[int, Field(ge=0)] | None = Field(None, description="waiting only; more are blocked")
    after_call_work: AfterCallWork | None = None


# --- channels --------------------------------------------------------------------------------------------------


class GammaWeights(Model):
    cv: Annotated[float, Field(gt=0, le=10)]


class Weights(Model):
    gamma: GammaWeights = Field(description="how unequally often people write: Gamma with mean 1")


class Population(Model):
    population: Annotated[int, Field(ge=1, le=1_000_000_000)]
    weights: Weights | Literal["equal"] = "equal"


class Threading(Model):
    window_us: Duration = Field(72 * HOUR, ge=0, le=72 * HOUR, multiple_of=MINUTE)
    starts_at: Literal["disconnect", "last_message"] = Field("disconnect", description="the platform: disconnect")
    reopen_runs_flow: bool = Field(True, description="a new contact that re-opens passes the flow again")


class Channel(Model):
    platform: PlatformName
    number: str | None = Field(None, description="WhatsApp: the number, owned by the customer of the platform")
    business_verified: bool | None = Field(None, description="WhatsApp: verified with Meta")
    customers: Population | Literal["new"] = "new"
    flow: Name
    arrivals: Arrivals | None = Field(None, description="none: only campaigns bring contacts")
    topics: dict[Name, Share] = Field(description="shares, summing to 1")
    threading: Threading | None = Field(None, description="instead of the scenario's")
    stream: Name | None = Field(None, description="draw as the channel of this name did, after renaming")


# --- agents ----------------------------------------------------------------------------------------------------


class EndOfShift(Model):
    finish_us: Duration = Field(0, description="open conversations go on this long after the end")
    then: Literal["requeue"] = "requeue"


class Canned(Model):
    share: Share
    effort: Annotated[float, Field(gt=0, le=10)] = Field(description="factor on the drawn effort")


class History(Model):
    per_message_us: Duration
    at_most_us: Duration


class Reply(Model):
    effort_us: DurationLaw
    canned: Canned | None = None
    history: History | None = None


class AgentGroup(Model):
    count: Annotated[int, Field(ge=0, le=100_000)]
    queues: Annotated[tuple[Name, ...], Field(min_length=1)]
    skills: dict[Name, Annotated[float, Field(ge=0, le=5)]] = Field({}, description="proficiency 0 to 5")
    capacity: Annotated[int, Field(ge=0, le=25)] = Field(1, description="concurrent conversations")
    shift: Shift | None = Field(None, description="none: always on")
    shrinkage: Share = Field(0.0, description="probability of each agent-day to be absent")
    stream: Name | None = Field(None, description="draw as the group of this name did, after renaming")
    end_of_shift: EndOfShift = EndOfShift()  # type: ignore[call-arg]
    reply: Reply


# --- the whole -------------------------------------------------------------------------------------------------


class ServiceLevel(Model):
    target: Share = 0.8
    within_us: Duration = Field(60 * SECOND)
    count_abandons: bool = Field(True, description="abandons count as missed")
    count_short_abandons: bool = Field(False, description="also those before short_abandon")
    short_abandon_us: Duration = Field(10 * SECOND, description="an abandon is short below this")
    count_blocked: bool = Field(False, description="blocked contacts count as missed")


class Target(Model):
    """What a measure must reach, for `ccsim check`: exactly one of at_least and at_most."""

    metric: Annotated[str, Field(min_length=1)] = Field(description="name of a measure, as summary.json has it")
    scope: dict[Name, Name] = Field({}, description="whose, as `{queue: service}`; none: all together")
    at_least: Reached | None = None
    at_most: Reached | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Target:
        if (self.at_least is None) == (self.at_most is None):
            raise Wrong("a target has one bound", "`at_least` or `at_most`, one of them")
        return self


class Scenario(Model):
    """One scenario. Read it with `simulator.load`, change it with `vary`."""

    extends: str | None = Field(None, description="a file beside this one to start from: maps merge, lists replace")
    name: Annotated[str, Field(min_length=1, max_length=200)]
    start: LocalTime
    timezone: str = "UTC"
    warm_up_us: Duration = Field(0, description="simulated before the measured window")
    duration_us: Duration = Field(gt=0, description="end of the measured window, from start")
    run_out_us: Duration = Field(0, description="simulated after it, to follow what is open")
    after_end: Literal["keep_arriving", "drain"] = "keep_arriving"
    interval_us: Duration = Field(30 * MINUTE, ge=MINUTE)
    holidays: Annotated[tuple[LocalDate, ...], Field(max_length=1000)] = ()
    business_hours: dict[Name, OpeningHours] = Field({})
    replications: Annotated[int, Field(ge=1, le=100_000)] = 5
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    threading: Threading = Threading()  # type: ignore[call-arg]
    service_level: ServiceLevel = ServiceLevel()  # type: ignore[call-arg]
    profiles: dict[Name, Profile] = Field({})
    behaviours: dict[Name, Behaviour] = Field({})
    topics: dict[Name, Topic] = Field({})
    flows: dict[Name, tuple[Step, ...]] = Field({})
    queues: dict[Name, Queue] = Field({})
    channels: dict[Name, Channel] = Field({})
    agents: dict[Name, AgentGroup] = Field({})
    outbound: Outbound = Outbound()  # type: ignore[call-arg]
    targets: tuple[Target, ...] = Field((), description="what `ccsim check` asks of the answer")

    _origin: Origin = PrivateAttr(default_factory=Origin)

    def threading_of(self, channel: str) -> Threading:
        """The threading rule of a channel: its own, or everybody's."""
        return self.channels[channel].threading or self.threading

    @property
    def calendar(self) -> Calendar:
        return Calendar(self.start, self.timezone)

    @property
    def counts(self) -> Mapping[str, Counts]:
        """The rows of each arrivals file, by source. Read once, so that workers need no files."""
        return MappingProxyType(self._origin.counts)

    @property
    def traces(self) -> Mapping[str, Trace]:
        """The rows of each trace that is a file, by source."""
        return MappingProxyType(self._origin.traces)

    def arrivals_of(self, source: str) -> Arrivals | None:
        """When contacts of a channel come, or when messages of a notification are requested."""
        if source in self.channels:
            return self.channels[source].arrivals
        notification = self.outbound.notifications.get(source)
        return None if notification is None else notification.arrivals

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """What is doubtful but runs."""
        return self._origin.warnings

    @property
    def file(self) -> str:
        """Where the scenario was read from."""
        return self._origin.source.file

    @property
    def hash(self) -> str:
        """SHA-256 of everything that decides the result: order in the file, comments and spelling do not count."""
        return fingerprint(self.model_dump(mode="python", exclude={"name", "extends", "targets"}), self._origin)

    def finding(self, place: Place, problem: str, allowed: str = "", suggestion: str = "") -> Finding:
        """An error about a place of the scenario, with its line: for those who know more than the schema does."""
        return self._origin.source.finding(place, problem, allowed, suggestion)

    def vary(self, settings: Mapping[str, object]) -> Scenario:
        """A changed copy: `scenario.vary({"agents.early.count": 50})`.

        Keys are paths as `--set` takes them (list elements by number, from 0); values are what a scenario would say,
        text is read as YAML; None takes a key out. Raises ScenarioError as `load` does.
        """
        from simulator.scenario.load import varied

        return varied(self, settings)

    def resolved(self) -> str:
        """The scenario as YAML, with all settings in it and aliases written out. CSV files: see `files`."""
        from simulator.scenario.vary import written_out

        return written_out(self._origin.portable())

    def files(self) -> dict[str, str]:
        """The CSV files that `resolved` refers to: path beside the scenario -> content."""
        return self._origin.files()
