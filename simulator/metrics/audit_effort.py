"""What replies cost, against the mean of their law.

Whoever starts a reply does not know what it will take, so that the sum of efforts less the sum of their means has
expectation 0 whatever the queue does (Wald): a martingale, whose variance the efforts themselves tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from simulator.metrics.audit import Line, Measured, Unknown
from simulator.metrics.audit_draws import steps_of
from simulator.metrics.audit_tally import Kind, Sum, lines_of, tallied
from simulator.metrics.keys import rows_in
from simulator.metrics.parts import Parts, Scope
from simulator.metrics.window import View
from simulator.records.columns import kinds_of
from simulator.rules.desk import LEAST_EFFORT_US
from simulator.scenario.attention import Spread
from simulator.scenario.directory import Directory, directory
from simulator.scenario.laws import Law
from simulator.scenario.means import mean
from simulator.scenario.replies import Reply, reply_of
from simulator.scenario.schema import Scenario
from simulator.vocabulary.clock import SECOND
from simulator.workload import flowsteps as steps

EFFORT = Kind("audit effort", "attention of a reply", "s", "mean of the law of effort, at least 1 s (Wald)")


def parts(view: View) -> dict[str, Parts]:
    return tallied(EFFORT.key, _efforts(view))


def lines(scenario: Scenario, measured: Sequence[Measured]) -> list[Line | Unknown]:
    found: list[Line | Unknown] = [*lines_of(EFFORT, measured)]
    for group in sorted(scenario.agents):
        reasons = tuple(not_plain(scenario, group))
        if reasons:
            found.append(Unknown(EFFORT.name, {"group": group}, EFFORT.source, reasons))
    return found


def not_plain(scenario: Scenario, group: str) -> Iterator[str]:
    """Why the time an agent of a group turns to a reply is more than its drawn effort."""
    team = scenario.agents[group]
    if team.attention != "serial":
        yield f"several conversations are worked on at once (agents.{group}.attention)"
    if isinstance(team.speed, Spread):
        yield f"agents differ in speed (agents.{group}.speed)"
    if team.tenure is not None:
        yield f"newcomers are slower (agents.{group}.tenure)"
    if team.switching_us:
        yield f"switching costs attention (agents.{group}.switching)"
    for name, behaviour in sorted(scenario.behaviours.items()):
        if behaviour.voice is not None:
            yield f"voice notes are listened to (behaviours.{name}.voice)"
    for reply in _said(scenario, group):
        if reply.voice is not None:
            yield f"replies may be spoken (reply.voice of agents.{group})"
            return


def _said(scenario: Scenario, group: str) -> list[Reply]:
    """Every way in which a group may reply."""
    team = scenario.agents[group]
    found = [reply_of(scenario, group, queue, topic) for queue in team.queues for topic in scenario.topics]
    return list({id(reply): reply for reply in found if reply is not None}.values())


def _efforts(view: View) -> Iterator[tuple[Scope, Sum]]:
    """Replies begun in the window, but a session's first where it may cost more than its effort."""
    scenario, names = view.scenario, directory(view.scenario)
    plain = {group: not any(not_plain(scenario, group)) for group in names.groups}
    if not any(plain.values()):
        return
    writer = view.codes("turns", "writer", names.agents)
    started, written = view.column("turns", "reply_started_us"), view.column("turns", "written_us")
    begun = (writer >= 0) & (started >= view.from_us) & (started < view.to_us)
    rows = begun & ~np.isnan(written)
    rows &= started < started[begun & np.isnan(written)].min(initial=np.inf)
    rows &= _without_extras(view, writer)
    group = np.append(np.array(names.agent_group, np.int64), -1)[writer]
    rows &= np.append([plain[name] for name in names.groups], False)[group]
    queue = view.codes("turns", "writer_queue", names.queues)
    topic = np.zeros(len(writer), np.int64)
    if any(one.reply for one in scenario.topics.values()) or any(one.by_topic for one in scenario.agents.values()):
        topic = np.append(view.codes("contacts", "topic", names.topics), -1)[
            rows_in(view, "turns", "contact", "contacts", "contact")
        ]
    took = (written - started - view.column("turns", "rewrite_us"))[rows] / SECOND
    key = np.stack([group, queue, topic])[:, rows]
    kinds, which = kinds_of(*key)
    means = np.array([_mean_effort(scenario, names, *kind) for kind in key[:, kinds].T.tolist()])
    expected = means[which] if len(means) else np.empty(0)
    for number, name in enumerate(names.groups):
        mine = key[0] == number
        if plain[name] and mine.any():
            away = took[mine] - expected[mine]
            yield (
                (("group", name),),
                Sum(float(took[mine].sum()), float(mine.sum()), float(expected[mine].sum()), float((away**2).sum())),
            )


def _mean_effort(scenario: Scenario, names: Directory, group: int, queue: int, topic: int) -> float:
    """Mean attention (s) of a reply without extras."""
    team = names.groups[group]
    reply = reply_of(scenario, team, names.queues[queue], names.topics[topic])
    speed = scenario.agents[team].speed
    assert reply is not None and not isinstance(speed, Spread)
    return mean_effort_us(reply) / speed / SECOND


def mean_effort_us(reply: Reply) -> float:
    """E[max(1 s, factor X)] over canned and other replies."""
    whole = at_least(reply.effort_us)
    if reply.canned is None:
        return whole
    return (1 - reply.canned.share) * whole + reply.canned.share * at_least(reply.effort_us, reply.canned.effort)


def at_least(law: Law, factor: float = 1.0) -> float:
    """E[max(1 s, factor X)] = factor (E X + c - E min(X, c)), c = 1 s / factor."""
    least = LEAST_EFFORT_US / factor
    return factor * (mean(law) + least - mean(law, least))


def _without_extras(view: View, writer: np.ndarray) -> np.ndarray:
    """Replies that cost their effort and nothing else: all, or those after another of the same session and contact."""
    scenario = view.scenario
    asked = [step for flow in scenario.flows for step in steps.every_step(steps_of(scenario, flow))]
    costs = any(isinstance(one, steps.Identify) and one.success < 1 for one in asked)
    costs = costs or any(isinstance(one, steps.Collect) and one.fields for one in asked)
    said = [reply for group in scenario.agents for reply in _said(scenario, group)]
    if not costs and not any(reply.history or reply.script_us for reply in said):
        return np.ones(len(writer), bool)
    turns = view.table("turns")
    key = [
        turns["conversation"].cat.codes.to_numpy().astype(np.int64), view.column("turns", "portion").astype(np.int64),
        writer,
    ]  # fmt: skip
    order = np.lexsort((view.column("turns", "reply_started_us"), key[2], key[1], key[0]))
    sent = view.has("turns", "reply_us")[order]
    session = np.nan_to_num(view.column("turns", "connected_us")[order], nan=-1.0)
    fresh = np.ones(len(order), bool)
    for column in key:
        fresh[1:] &= column[order][1:] == column[order][:-1]
    fresh[:1] = False
    fresh = ~fresh
    run = np.cumsum(fresh) - 1
    before = np.cumsum(sent) - sent
    earlier = before - before[np.flatnonzero(fresh)][run] > 0
    # whoever took the same conversation twice has two first replies
    last = np.full(int(run.max(initial=-1)) + 1, -1.0)
    np.maximum.at(last, run, session)
    twice = np.zeros(len(last), bool)
    np.logical_or.at(twice, run, (session >= 0) & (session < last[run]))
    result = np.zeros(len(order), bool)
    result[order] = earlier & ~twice[run]
    return result & (view.column("turns", "turn") > 0)
