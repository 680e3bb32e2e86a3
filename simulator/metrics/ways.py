"""The ways through a flow, before any run: who of a channel and topic comes to which queue, and what he brings along.

Shares are those of the scenario. Branches on what only a run knows (queue length, estimated wait) are taken the way
of `else`, those on `reopened` the way of `no`; wrong hand-overs and flow-outs are not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from simulator.scenario.directory import Directory
from simulator.scenario.means import mean
from simulator.scenario.schema import Scenario
from simulator.workload import flowsteps as steps

Stretches = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Way:
    """One way of some contacts through a flow."""

    share: float = 1.0
    """Of all contacts of the channel and topic in `during`."""
    during: Stretches | None = None
    """When it is taken, in µs from start; None: always."""
    found: float | None = None
    """Share that the flow has identified; None: nobody was asked."""
    fields: int = 0
    read: float = 0.0
    """Expected messages of flow and customer."""
    to: steps.Transfer | None = None

    @property
    def unidentified(self) -> float:
        return 0.0 if self.found is None else 1 - self.found


def ways(scenario: Scenario, names: Directory, channel: str, topic: str) -> list[Way]:
    """The ways that end in a queue, with a share above 0."""
    flow = steps.read_flow(scenario, names, scenario.channels[channel].flow)
    end_us = scenario.duration_us
    here = _Walker(names.topics.index(topic), names.channels.index(channel), end_us)
    return [way for way in here.follows(flow.steps, Way()) if way.to is not None and way.share > 0]


class _Walker:
    def __init__(self, topic: int, channel: int, end_us: int):
        self._topic, self._channel, self._end_us = topic, channel, end_us

    def follows(self, path: steps.Steps, way: Way) -> Iterator[Way]:
        """Ways that have an end (`to`), and those that go on behind this path."""
        for i, step in enumerate(path):
            if isinstance(step, steps.Transfer):
                yield replace(way, to=step)
                return
            if isinstance(step, steps.Disconnect):
                return
            if isinstance(step, steps.Branch):
                for number, case in self._cases(step, way):
                    for led in self.follows(step.paths[number], case):
                        if led.to is not None:
                            yield led
                        else:
                            yield from self.follows(path[i + 1 :], led)
                return
            way = self._passes(step, way)
        yield way

    def _passes(self, step: steps.Step, way: Way) -> Way:
        if isinstance(step, steps.Identify):
            return replace(way, found=step.success)
        if isinstance(step, steps.Bot):
            read = way.read + 2 * mean(step.turns) - 1
            return replace(way, share=way.share * (1 - step.contains[self._topic]), read=read)
        if isinstance(step, steps.Collect):
            return replace(way, fields=way.fields + step.fields, read=way.read + 2 * step.fields)
        return replace(way, read=way.read + 1) if isinstance(step, steps.Send) else way

    def _cases(self, branch: steps.Branch, way: Way) -> Iterator[tuple[int, Way]]:
        """(path, those who take it) of each way out of a branch."""
        otherwise = len(branch.paths) - 1
        if branch.on == steps.BY_TOPIC:
            yield branch.way.get(self._topic, otherwise), way
        elif branch.on == steps.BY_CHANNEL:
            yield branch.way.get(self._channel, otherwise), way
        elif branch.on == steps.BY_REOPENED:
            yield branch.way.get(steps.NO, otherwise), way
        elif branch.on == steps.BY_IDENTIFIED:
            found = way.found or 0.0
            yield branch.way.get(steps.YES, otherwise), replace(way, share=way.share * found, found=1.0)
            no = replace(way, share=way.share * (1 - found), found=None if way.found is None else 0.0)
            yield branch.way.get(steps.NO, otherwise), no
        elif branch.on == steps.BY_HOURS and branch.hours is not None:
            hours = branch.hours
            every = tuple(zip(hours.open_from, hours.open_to, strict=True))
            off: Stretches = ()
            if steps.HOLIDAY in branch.way:
                off = tuple(zip(hours.holiday_from, hours.holiday_to, strict=True))
                yield branch.way[steps.HOLIDAY], self._when(way, off)
            closed = _without(_without(((0, self._end_us),), every), off)
            yield branch.way.get(steps.OPEN, otherwise), self._when(way, _without(every, off))
            yield branch.way.get(steps.CLOSED, otherwise), self._when(way, closed)
        else:
            yield otherwise, way

    @staticmethod
    def _when(way: Way, stretches: Stretches) -> Way:
        return replace(way, during=stretches if way.during is None else _both(way.during, stretches))


def _both(one: Stretches, other: Stretches) -> Stretches:
    return tuple((max(a, c), min(b, d)) for a, b in one for c, d in other if max(a, c) < min(b, d))


def _without(one: Stretches, other: Stretches) -> Stretches:
    """What of the first lies in none of the second; both in order of time."""
    left: list[tuple[int, int]] = []
    for begin, end in one:
        for first, last in other:
            if last <= begin or first >= end:
                continue
            if first > begin:
                left.append((begin, first))
            begin = max(begin, last)
        if begin < end:
            left.append((begin, end))
    return tuple(left)
