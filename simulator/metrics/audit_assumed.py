"""What makes a queue more than theory knows: every assumption of M/M/n and its kin, and the key that breaks it.

Assumed: customers come at random (Poisson, constant rate) and each once; an agent is always there, holds one
conversation and gives it one exponential piece of work; first come, first served; who gives up is seen to.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.metrics.audit_draws import steps_of
from simulator.metrics.audit_effort import mean_effort_us
from simulator.metrics.audit_lane import uneven
from simulator.metrics.ways import Way, ways
from simulator.scenario.attention import Spread
from simulator.scenario.capping import throughput
from simulator.scenario.channels import Channel, can_disconnect, replies_allowed
from simulator.scenario.directory import directory
from simulator.scenario.laws import Law
from simulator.scenario.means import mean
from simulator.scenario.needs import Behaviour
from simulator.scenario.queues import Queue
from simulator.scenario.replies import Reply, reply_of
from simulator.scenario.schema import Scenario
from simulator.vocabulary.clock import SECOND
from simulator.workload import flowsteps as steps
from simulator.workload.arrivals import intensity


@dataclass(frozen=True)
class Stream:
    """Contacts of one channel and topic that the flow brings to the queue."""

    channel: str
    topic: str
    way: Way
    per_s: float


@dataclass(frozen=True)
class Desk:
    """What a queue would be if all assumptions held."""

    streams: tuple[Stream, ...]
    groups: tuple[str, ...]
    agents: int
    per_s: float
    """Arrivals."""
    service_s: float
    """Mean effort at the agents' speed, the least second included."""
    speed: float
    efforts: tuple[Law, ...]
    """Distinct ones."""
    patiences: tuple[Law | None, ...]
    """Distinct ones; None: never gives up."""
    effort_at: str
    canned_at: str
    """Where replies are canned; empty: nowhere. Any law of effort is as good where nobody waits."""
    patience_at: str
    flow_takes: float
    """Seconds that contacts spend in the flow, about: the queue settles so much later."""

    @property
    def load(self) -> float:
        """Erlangs."""
        return self.per_s * self.service_s


def desk_of(scenario: Scenario, queue: str) -> Desk:
    """The queue as theory would see it."""
    names = directory(scenario)
    streams = []
    for channel in sorted(scenario.channels):
        per_s, topics_of = _rate(scenario, channel), scenario.topics_of(channel)
        whole = sum(topics_of.values())
        for topic, share in topics_of.items():
            for way in ways(scenario, names, channel, topic):
                if way.to is not None and names.queues[way.to.queue] == queue and share > 0:
                    streams.append(Stream(channel, topic, way, per_s * share / whole * way.share))
    groups = tuple(name for name in names.groups if queue in scenario.agents[name].queues)
    topics = dict.fromkeys(stream.topic for stream in streams)
    replies = {
        (group, topic): reply for group in groups for topic in topics
        if (reply := reply_of(scenario, group, queue, topic)) is not None
    }  # fmt: skip
    patience: dict[Law | None, str] = {}
    for topic in topics:
        name = scenario.topics[topic].behaviour
        law = scenario.behaviours[name].patience_us
        patience.setdefault(None if law == "never" else law, f"behaviours.{name}.patience")
    speeds = [team.speed for group in groups if not isinstance((team := scenario.agents[group]).speed, Spread)]
    speed = float(speeds[0]) if speeds and not isinstance(speeds[0], Spread) else 1.0
    return Desk(
        streams=tuple(streams),
        groups=groups,
        agents=sum(scenario.agents[group].count for group in groups),
        per_s=sum(stream.per_s for stream in streams),
        service_s=_service(streams, replies, groups) / speed / SECOND,
        speed=speed,
        efforts=tuple(dict.fromkeys(reply.effort_us for reply in replies.values())),
        patiences=tuple(patience),
        effort_at=_effort_at(scenario, queue, groups),
        canned_at=next(
            (f"{_reply_at(scenario, key[0], queue, key[1])}.canned" for key, one in replies.items() if one.canned),
            "",
        ),
        patience_at=next(iter(patience.values()), ""),
        flow_takes=_flow_takes(scenario, streams),
    )


def _rate(scenario: Scenario, channel: str) -> float:
    """First contacts a second, on average."""
    edges, expected = intensity(scenario, channel, scenario.duration_us)
    return float(expected.sum()) / max(float(edges[-1] - edges[0]), 1.0) * SECOND


def _service(streams: list[Stream], replies: dict[tuple[str, str], Reply], groups: tuple[str, ...]) -> float:
    """Mean effort (µs), topics by how many come; of groups the first: they must not differ anyway."""
    known = [
        (stream.per_s, mean_effort_us(replies[groups[0], stream.topic]))
        for stream in streams if groups and (groups[0], stream.topic) in replies
    ]  # fmt: skip
    whole = sum(rate for rate, _ in known)
    return sum(rate * effort for rate, effort in known) / whole if whole else 0.0


def _effort_at(scenario: Scenario, queue: str, groups: tuple[str, ...]) -> str:
    group = next((group for group in groups if scenario.agents[group].reply is not None), None)
    if group is not None:
        return f"agents.{group}.reply.effort"
    return f"queues.{queue}.reply.effort" if scenario.queues[queue].reply is not None else "topics' reply.effort"


def _flow_takes(scenario: Scenario, streams: list[Stream]) -> float:
    from simulator.metrics.audit_flow import means_of

    longest = [float(means_of(scenario, stream.channel, stream.topic)[0]) for stream in streams]
    return max(longest, default=0.0)


# --- what does not hold ----------------------------------------------------------------------------------------


def broken(scenario: Scenario, queue: str, desk: Desk) -> Iterator[str]:
    """Assumptions that do not hold, as `what (key)`: none means that theory knows this queue."""
    yield from _agents(scenario, queue, desk)
    yield from _arrivals(scenario, desk)
    for topic in dict.fromkeys(stream.topic for stream in desk.streams):
        name = scenario.topics[topic].behaviour
        yield from _customers(scenario.behaviours[name], f"behaviours.{name}")
        if scenario.topics[topic].label is not None:
            yield f"agents may hold so many of a label (topics.{topic}.label)"
    yield from _queue(scenario.queues[queue], f"queues.{queue}")
    yield from _replies(scenario, queue, desk)
    if scenario.outages:
        yield "outages hold messages (outages)"
    if scenario.content_filter is not None:
        yield "drafts are caught and written again (content_filter)"


def _agents(scenario: Scenario, queue: str, desk: Desk) -> Iterator[str]:
    if not desk.agents:
        yield f"nobody serves it by number (agents.*.queues has no {queue}, or `staffing`)"
    speeds = {str(scenario.agents[group].speed) for group in desk.groups}
    if len(speeds) > 1:
        yield f"agents differ in speed (agents.{desk.groups[-1]}.speed)"
    for group in desk.groups:
        team, at = scenario.agents[group], f"agents.{group}"
        if team.slots != 1:
            yield f"agents hold {team.slots} conversations at once ({at}.capacity)"
        elif isinstance(team.capacity, dict):
            yield f"agents serve some channels only ({at}.capacity)"
        if len(team.queues) > 1:
            yield f"agents serve {len(team.queues)} queues ({at}.queues)"
        if team.attention != "serial":
            yield f"several conversations are worked on at once ({at}.attention)"
        if isinstance(team.speed, Spread):
            yield f"agents differ in speed ({at}.speed)"
        for key, on in (
            ("shift", team.shift is not None), ("shifts", bool(team.shifts)), ("staffing", team.staffing is not None),
            ("activities", bool(team.activities)), ("adherence", team.adherence is not None),
            ("shrinkage", team.absence.share > 0),
        ):  # fmt: skip
            if on:
                yield f"agents are not always there ({at}.{key})"
        for key, on, said in (
            ("utilization", team.utilization is not None, "agents have limits by channel or label"),
            ("takes", team.takes != "highest_rank", "agents do not take the one who has waited longest"),
            ("tenure", team.tenure is not None, "newcomers are slower"),
            ("switching", bool(team.switching_us), "switching costs attention"),
            ("declines", bool(team.declines), "agents decline alerts"),
        ):
            if on:
                yield f"{said} ({at}.{key})"
        for topic in dict.fromkeys(stream.topic for stream in desk.streams):
            yield from _may_serve(scenario, queue, group, topic, desk)


def _may_serve(scenario: Scenario, queue: str, group: str, topic: str, desk: Desk) -> Iterator[str]:
    if scenario.queues[queue].evaluation == "NONE":
        return
    team, need = scenario.agents[group], scenario.topics[topic]
    skills = set(need.skills).union(*(s.way.to.skills for s in desk.streams if s.topic == topic and s.way.to))
    if skills - set(team.skills):
        yield f"not every agent may serve {topic} (agents.{group}.skills)"
    if need.language is not None and need.language not in team.languages:
        yield f"not every agent speaks {need.language} (agents.{group}.languages)"


def _arrivals(scenario: Scenario, desk: Desk) -> Iterator[str]:
    if not desk.streams:
        yield "no flow leads anybody here (flows.*.transfer, bot.contains)"
    elif not desk.per_s:
        yield "nobody comes of his own accord (channels.*.arrivals)"
    for name in dict.fromkeys(stream.channel for stream in desk.streams):
        channel, at = scenario.channels[name], f"channels.{name}"
        if channel.arrivals is not None:
            yield from uneven(scenario, name, at)
        yield from _channel(channel, at)
        yield from _flow(scenario, channel.flow, desk)
        for key in ("campaigns", "notifications"):
            for source, bulk in getattr(scenario.outbound, key).items():
                if bulk.channel == name and bulk.replies is not None:
                    yield f"its messages are answered (outbound.{key}.{source}.replies)"
    for name, settings in scenario.queues.items():
        flow_out = settings.in_queue_flow.flow_out if settings.in_queue_flow is not None else None
        if flow_out is not None and flow_out.to is not None:
            yield f"another queue flows out (queues.{name}.in_queue_flow.flow_out)"
        if settings.transfers:
            yield f"agents pass conversations on (queues.{name}.transfers)"


def _channel(channel: Channel, at: str) -> Iterator[str]:
    if channel.customers != "new":
        yield f"the same person may write again ({at}.customers)"
    for key in ("delivery", "middleware", "pair"):
        if getattr(channel, key) is not None:
            yield f"messages take their time, or wait ({at}.{key})"
    if throughput(channel) is not None:
        yield f"messages wait for their number ({at}.throughput)"
    if channel.authenticated:
        yield f"some need no identification ({at}.authenticated)"
    if replies_allowed(channel) is not None:
        yield f"replies are limited by message ({at}.reply_rule)"


def _flow(scenario: Scenario, flow: str, desk: Desk) -> Iterator[str]:
    for step in steps.every_step(steps_of(scenario, flow)):
        if isinstance(step, steps.Branch) and step.on not in (steps.BY_TOPIC, steps.BY_CHANNEL):
            yield f"the flow branches by what happens (flows.{flow}.branch)"
        elif isinstance(step, steps.Identify) and step.success < 1:
            yield f"who is not identified costs 30 s more (flows.{flow}.identify.success)"
        elif isinstance(step, steps.Collect) and step.fields:
            yield f"each field saves the first reply 5 s (flows.{flow}.collect)"
        elif isinstance(step, steps.Bot) and any(step.wrong_topic):
            yield f"some are taken for another topic (flows.{flow}.bot.wrong_topic)"
    for topic in dict.fromkeys(stream.topic for stream in desk.streams):
        name = scenario.topics[topic].behaviour
        behaviour = scenario.behaviours[name]
        if behaviour.leaves_in_flow:
            yield f"customers leave in the flow (behaviours.{name}.leaves_in_flow)"
        if behaviour.patience_in_flow_us != "never":
            yield f"customers lose patience in the flow (behaviours.{name}.patience_in_flow)"


def _customers(behaviour: Behaviour, at: str) -> Iterator[str]:
    if not _one(behaviour.turns):
        yield f"conversations have more than one turn ({at}.turns)"
    if not _one(behaviour.opening.messages):
        yield f"who is connected may still be writing ({at}.opening.messages)"
    if behaviour.patience_us != "never":
        if behaviour.patience_until != "connect":
            yield f"patience does not end with the connect ({at}.patience_until)"
        if behaviour.gives_up.silent:
            yield f"who gives up silently is still served ({at}.gives_up)"
    if behaviour.balk:
        yield f"customers leave at once when nobody is free ({at}.balk)"
    if behaviour.voice is not None:
        yield f"voice notes are listened to ({at}.voice)"
    for key, again in behaviour.writes_again:
        if again is not None and again.probability:
            yield f"customers write again ({at}.writes_again.{key})"


def _one(law: Law) -> bool:
    return law.kind == "constant" and law.numbers[0] == 1


def _queue(queue: Queue, at: str) -> Iterator[str]:
    answer = queue.answer_time_us
    if answer is not None and not queue.auto_answer and mean(answer) > 0:
        yield f"agents take time to answer ({at}.answer_time)"
    for key, on, said in (
        ("declines", queue.declines > 0, "agents decline alerts"),
        ("accept", queue.accept != "at_once", "agents accept when they are free"),
        ("after_call_work", queue.after_call_work is not None, "wrap-up follows"),
        ("courtesy", queue.courtesy_us > 0, "the agent waits before he closes"),
        ("park", queue.park is not None, "conversations are parked"),
        ("inactivity_timeout", queue.inactivity_timeout_us is not None, "the platform ends conversations"),
        ("transfers", bool(queue.transfers), "agents pass conversations on"),
        ("bullseye", bool(queue.bullseye), "not every agent may take it at once"),
        ("preferred_agents", queue.preferred_agents is not None, "not every agent may take it at once"),
        ("conditional_groups", bool(queue.conditional_groups), "not every agent may take it at once"),
        ("in_queue_flow", queue.in_queue_flow is not None and queue.in_queue_flow.flow_out is not None,
         "the platform takes interactions out"),
    ):  # fmt: skip
        if on:
            yield f"{said} ({at}.{key})"
    if queue.in_queue_flow is not None and queue.in_queue_flow.set_priority:
        yield f"priorities change in the queue ({at}.in_queue_flow.set_priority)"


def ranks_of(scenario: Scenario, desk: Desk) -> dict[tuple[float, float], list[Stream]]:
    """Contacts by priority and how it grows, the highest first; first come, first served has one such rank."""
    ranks: dict[tuple[float, float], list[Stream]] = {}
    for stream in desk.streams:
        topic, to = scenario.topics[stream.topic], stream.way.to
        if to is not None:
            priority = topic.priority if to.priority is None else to.priority
            grows = to.priority_per_minute or topic.priority_per_minute
            ranks.setdefault((priority, grows), []).append(stream)
    return dict(sorted(ranks.items(), reverse=True))


def _replies(scenario: Scenario, queue: str, desk: Desk) -> Iterator[str]:
    reads = any(stream.way.read for stream in desk.streams)
    for group in desk.groups:
        for topic in dict.fromkeys(stream.topic for stream in desk.streams):
            reply = reply_of(scenario, group, queue, topic)
            at = _reply_at(scenario, group, queue, topic)
            if reply is None:
                yield f"nobody said what a reply costs ({at})"
                continue
            if reply.history is not None and reads:
                yield f"the agent reads what the bot wrote ({at}.history)"
            if reply.script_us:
                yield f"a script comes first ({at}.script)"
            if reply.voice is not None:
                yield f"replies may be spoken ({at}.voice)"
            if reply.characters is not None or reply.attachments is not None:
                yield f"replies may be several messages ({at}.characters)"
    for name in dict.fromkeys(stream.channel for stream in desk.streams):
        if desk.patiences != (None,) and not can_disconnect(scenario.channels[name]):
            yield f"customers cannot disconnect there (channels.{name}.platform)"


def _reply_at(scenario: Scenario, group: str, queue: str, topic: str) -> str:
    """Where the reply that counts is written."""
    team = scenario.agents[group]
    if topic in team.by_topic:
        return f"agents.{group}.by_topic.{topic}.reply"
    if team.reply is not None:
        return f"agents.{group}.reply"
    return f"topics.{topic}.reply" if scenario.topics[topic].reply is not None else f"queues.{queue}.reply"
