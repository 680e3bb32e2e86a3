"""The scenario: what a person decided. Frozen, validated; every field with unit, bounds, default and meaning.

Attributes that end in `_us` are written in a scenario without that ending and as people write durations
(`alerting_timeout: 30 s`). The defaults are those of model.md section 11.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, model_validator

from simulator.scenario.agents import AgentGroup
from simulator.scenario.base import Model
from simulator.scenario.channels import Channel, Threading
from simulator.scenario.counts import Counts
from simulator.scenario.filtering import ContentFilter
from simulator.scenario.flows import Step
from simulator.scenario.levels import ServiceLevel
from simulator.scenario.needs import Behaviour, Topic
from simulator.scenario.origin import Origin, fingerprint
from simulator.scenario.outages import Outage
from simulator.scenario.planning import Planning
from simulator.scenario.queues import Queue
from simulator.scenario.sending import Outbound
from simulator.scenario.source import Place
from simulator.scenario.staff import StaffRows
from simulator.scenario.traces import Trace
from simulator.scenario.types import (
    Duration,
    LocalDate,
    LocalTime,
    Name,
    OpeningHours,
    Reached,
)
from simulator.scenario.when import Arrivals, Profile
from simulator.scenario.written import Wrong
from simulator.vocabulary.clock import MINUTE, Calendar
from simulator.vocabulary.errors import Finding


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

    extends: str | None = Field(
        None, description="a file beside this one to start from: maps merge, lists replace, null takes a key out"
    )
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
    planning: Planning = Planning()  # type: ignore[call-arg]
    outbound: Outbound = Outbound()  # type: ignore[call-arg]
    content_filter: ContentFilter | None = Field(None, description="looks at agents' drafts; none: nothing is caught")
    outages: dict[Name, Outage] = Field({}, description="what is down, and when")
    targets: tuple[Target, ...] = Field((), description="what `ccsim check` asks of the answer")

    _origin: Origin = PrivateAttr(default_factory=Origin)

    def threading_of(self, channel: str) -> Threading:
        """The threading rule of a channel: everybody's, but for what it says itself."""
        own = self.channels[channel].threading
        if own is None:
            return self.threading
        return self.threading.model_copy(update={key: getattr(own, key) for key in own.model_fields_set})

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

    def topics_of(self, channel: str) -> Mapping[str, float]:
        """How often first contacts of a channel have each topic: by its shares, and by its trace where that says it."""
        shares, trace = self.channels[channel].topics, self.traces.get(channel)
        return shares if trace is None or not any(trace.topic) else trace.topic_shares(shares)

    @property
    def texts(self) -> tuple[str, ...]:
        """The drafts that the content filter looks at; none where a share is caught."""
        listed = self.content_filter.texts if self.content_filter is not None else None
        return self._origin.texts if isinstance(listed, str) else listed or ()

    @property
    def staffing(self) -> Mapping[str, StaffRows]:
        """The rows of each staffing file, by group of agents."""
        return MappingProxyType(self._origin.staffing)

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
