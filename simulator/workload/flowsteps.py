"""A flow as a tree of plain steps: read once for each flow, walked by `model.flow`, asked by draws and metrics.

Steps are numbered through all flows in order of name, as the file has them. `k` counts the steps of one kind on the
longest way to it: so parallel branches share a contact's own luck, and two bots one after the other do not.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias

from simulator.scenario.directory import Directory
from simulator.scenario.flows import Step as Written
from simulator.scenario.laws import Law
from simulator.scenario.schema import Scenario
from simulator.scenario.week import at_minute, open_stretches
from simulator.scenario.written import parse_duration
from simulator.vocabulary.clock import DAY, Calendar

BY_TOPIC, BY_CHANNEL, BY_HOURS, BY_IDENTIFIED, BY_REOPENED, BY_QUEUE_LENGTH, BY_ESTIMATED_WAIT = range(7)
"""What a branch looks at, as numbers: compared at every pass."""

_ON = {
    "topic": BY_TOPIC,
    "channel": BY_CHANNEL,
    "business_hours": BY_HOURS,
    "identified": BY_IDENTIFIED,
    "reopened": BY_REOPENED,
    "queue_length": BY_QUEUE_LENGTH,
    "estimated_wait": BY_ESTIMATED_WAIT,
}
ELSE = "else"
OPEN, CLOSED, HOLIDAY, YES, NO = "open", "closed", "holiday", "yes", "no"


@dataclass(frozen=True, slots=True)
class Identify:
    number: int
    k: int
    takes_us: int
    success: float


@dataclass(frozen=True, slots=True)
class Bot:
    number: int
    k: int
    turns: Law
    bot_time_us: Law
    contains: tuple[float, ...]
    """[topic]"""
    wrong_topic: tuple[float, ...]
    """[topic]"""


@dataclass(frozen=True, slots=True)
class Collect:
    number: int
    k: int
    fields: int
    question_us: int


@dataclass(frozen=True, slots=True)
class Wait:
    number: int
    k: int
    time_us: Law


@dataclass(frozen=True, slots=True)
class Send:
    number: int


@dataclass(frozen=True, slots=True)
class Transfer:
    """Where an interaction goes, and what it asks for there."""

    number: int
    queue: int
    skills: frozenset[str] = frozenset()
    """Beside those of the topic."""
    language: str | None = None
    priority: int | None = None
    """None: the topic's."""
    priority_per_minute: float = 0.0
    preferred_agents: tuple[str, ...] = ()

    def __hash__(self) -> int:
        return self.queue  # asked for at every queue entry; few share one


@dataclass(frozen=True, slots=True)
class Disconnect:
    number: int


@dataclass(frozen=True, slots=True)
class Branch:
    number: int
    on: int
    """One of BY_TOPIC, …"""
    paths: tuple[Steps, ...]
    """`else` last."""
    way: dict[object, int]
    """Topic or channel number, or name of the case -> number of its path; what is not here goes the last way."""
    names: tuple[str, ...]
    """Names of the paths."""
    queue: int = -1
    thresholds: tuple[int, ...] = ()
    """In order; a number of interactions or µs. The largest that is reached counts."""
    hours: Hours | None = None

    def at_least(self, amount: int) -> int:
        """Number of the path for an amount: thresholds are the first paths, in order."""
        reached = bisect_right(self.thresholds, amount)
        return reached - 1 if reached else len(self.paths) - 1


Step: TypeAlias = Identify | Bot | Collect | Wait | Send | Transfer | Disconnect | Branch
Steps: TypeAlias = tuple[Step, ...]


@dataclass(frozen=True)
class Hours:
    """Business hours over a run: when it is open, and when it is a holiday."""

    open_from: tuple[int, ...]
    open_to: tuple[int, ...]
    holiday_from: tuple[int, ...]
    holiday_to: tuple[int, ...]

    def is_open(self, at_us: int) -> bool:
        return _inside(self.open_from, self.open_to, at_us)

    def is_holiday(self, at_us: int) -> bool:
        return _inside(self.holiday_from, self.holiday_to, at_us)


def _inside(begins: tuple[int, ...], ends: tuple[int, ...], at_us: int) -> bool:
    place = bisect_right(begins, at_us) - 1
    return place >= 0 and at_us < ends[place]


@dataclass(frozen=True)
class Flow:
    """One inbound message flow."""

    name: str
    steps: Steps

    @property
    def looks_at_reopened(self) -> bool:
        return any(isinstance(step, Branch) and step.on == BY_REOPENED for step in every_step(self.steps))


def every_step(steps: Steps) -> Iterator[Step]:
    """All steps of a tree, in order of their numbers."""
    for step in steps:
        yield step
        if isinstance(step, Branch):
            for path in step.paths:
                yield from every_step(path)


def trunk(steps: Steps, topic: int, channel: int) -> Iterator[Step]:
    """The steps that every contact of a topic and channel passes first: up to the first branch on anything else."""
    for step in steps:
        if isinstance(step, Branch) and step.on in (BY_TOPIC, BY_CHANNEL):
            ended = False
            for inner in trunk(static_path(step, topic, channel), topic, channel):
                yield inner
                ended = isinstance(inner, Transfer | Disconnect | Branch)
            if ended:
                return
        else:
            yield step
            if isinstance(step, Transfer | Disconnect | Branch):
                return


def static_path(branch: Branch, topic: int, channel: int) -> Steps:
    """The path of a branch on topic or channel."""
    return branch.paths[branch.way.get(topic if branch.on == BY_TOPIC else channel, len(branch.paths) - 1)]


# --- reading ---------------------------------------------------------------------------------------------------


def read_flow(scenario: Scenario, names: Directory, flow: str) -> Flow:
    """The tree of a flow that the scenario's checks have found whole."""
    before = sum(_size(scenario.flows[name]) for name in scenario.flows if name < flow)
    return Flow(flow, _Reader(scenario, names, before).steps(scenario.flows[flow], {})[0])


def branches(scenario: Scenario, names: Directory) -> dict[int, tuple[str, tuple[str, ...]]]:
    """What each branch looks at and the names of its paths, by number of the step."""
    words = {number: name for name, number in _ON.items()}
    return {
        step.number: (words[step.on], step.names)
        for flow in scenario.flows
        for step in every_step(read_flow(scenario, names, flow).steps)
        if isinstance(step, Branch)
    }


def _size(written: tuple[Written, ...]) -> int:
    """Steps of a list, those of its branches included."""
    paths = [path for step in written if step.branch for path in (*step.branch.cases.values(), step.branch.else_)]
    return len(written) + sum(_size(path) for path in paths)


class _Reader:
    """Numbers the steps in order, and counts those of a kind along each way."""

    def __init__(self, scenario: Scenario, names: Directory, number: int):
        self._scenario, self._names = scenario, names
        self._number = number

    def steps(self, written: tuple[Written, ...], before: dict[str, int]) -> tuple[Steps, dict[str, int]]:
        """The steps, and how many of each kind lie behind whoever has passed them."""
        found: list[Step] = []
        passed = dict(before)
        for item in written:
            kind, step = next((name, step) for name, step in item if step is not None)
            number, self._number = self._number, self._number + 1
            k = passed.get(kind, 0)
            if kind == "branch":
                made, passed = self._branch(number, step, passed)
                found.append(made)
                continue
            passed[kind] = k + 1
            found.append(_MAKERS[kind](self, number, k, step))
        return tuple(found), passed

    def _by_topic(self, shares: float | dict[str, float]) -> tuple[float, ...]:
        return tuple(shares.get(topic, 0.0) if isinstance(shares, dict) else shares for topic in self._names.topics)

    def bot(self, number: int, k: int, step: Any) -> Bot:
        return Bot(
            number, k, step.turns, step.bot_time_us, self._by_topic(step.contains), self._by_topic(step.wrong_topic)
        )

    def transfer(self, number: int, k: int, step: Any) -> Transfer:
        return Transfer(
            number,
            self._names.queues.index(step.queue),
            frozenset(step.skills),
            step.language,
            step.priority,
            step.priority_per_minute,
            step.preferred_agents,
        )

    def _branch(self, number: int, step: Any, before: dict[str, int]) -> tuple[Branch, dict[str, int]]:
        on = _ON[step.on]
        cases = list(step.cases)
        thresholds: tuple[int, ...] = ()
        if on in (BY_QUEUE_LENGTH, BY_ESTIMATED_WAIT):
            amount: Callable[[str], int] = int if on == BY_QUEUE_LENGTH else parse_duration
            cases.sort(key=amount)
            thresholds = tuple(amount(case) for case in cases)
        else:
            cases.sort()  # the order of the file decides nothing
        paths, passed = [], dict(before)
        for written in (*(step.cases[case] for case in cases), step.else_):
            path, behind = self.steps(written, before)
            paths.append(path)
            passed = {kind: max(passed.get(kind, 0), behind.get(kind, 0)) for kind in {*passed, *behind}}
        numbers = {BY_TOPIC: self._names.topics, BY_CHANNEL: self._names.channels}.get(on)
        way: dict[object, int] = {case if numbers is None else numbers.index(case): i for i, case in enumerate(cases)}
        made = Branch(
            number,
            on,
            tuple(paths),
            way,
            (*cases, ELSE),
            queue=-1 if step.queue is None else self._names.queues.index(step.queue),
            thresholds=thresholds,
            hours=None if step.hours is None else hours_of(self._scenario, step.hours),
        )
        return made, passed


_MAKERS: dict[str, Callable[..., Step]] = {
    "identify": lambda reader, number, k, step: Identify(number, k, step.takes_us, step.success),
    "bot": _Reader.bot,
    "collect": lambda reader, number, k, step: Collect(number, k, step.fields, step.question_time_us),
    "wait": lambda reader, number, k, step: Wait(number, k, step.time_us),
    "send": lambda reader, number, k, step: Send(number),
    "transfer": _Reader.transfer,
    "disconnect": lambda reader, number, k, step: Disconnect(number),
}


def hours_of(scenario: Scenario, name: str) -> Hours:
    """Business hours over the whole run, as instants."""
    end_us = scenario.duration_us + scenario.run_out_us + (8 * DAY if scenario.after_end == "drain" else 0)
    calendar, holidays = scenario.calendar, frozenset(scenario.holidays)
    stretches = open_stretches(scenario.business_hours[name], holidays, calendar, 0, end_us)
    off = [stretch for day in sorted(holidays) for stretch in _day(calendar, day, end_us)]
    return Hours(*_columns(stretches), *_columns(off))


def _day(calendar: Calendar, day: date, end_us: int) -> Iterator[tuple[int, int]]:
    begins, ends = at_minute(calendar, day, 0), at_minute(calendar, day, 24 * 60)
    if ends > 0 and begins < end_us:
        yield begins, ends


def _columns(stretches: list[tuple[int, int]]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return tuple(first for first, _ in stretches), tuple(last for _, last in stretches)
