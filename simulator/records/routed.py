"""Laws of routing: whoever is alerted may serve it, nobody waits beside a free agent, transfers arrive, limits hold."""

from __future__ import annotations

import numpy as np

from simulator.records.asked import asked, extras_of, required, seen_as
from simulator.records.columns import NONE, count, kinds_of, pick, repeats
from simulator.records.evidence import Evidence
from simulator.records.waits import Staff, stretches_of
from simulator.vocabulary.codes import Event, Placement

Verdict = tuple[bool, str]


def qualified(known: Evidence) -> Verdict:
    """Nobody is alerted who lacks a required skill or the language, or does not belong to the queue or circle.

    The last agent needs no skill and, with `AnyAgent`, no membership; preferred agents need no skill.
    """
    alerted, entered = known.of(Event.ALERTED), known.of(Event.QUEUE_ENTERED)
    if not len(alerted):
        return True, "no alerts"
    extras, number = extras_of(known)
    offer = alerted.message
    columns = np.stack([entered.queue[offer], seen_as(known)[offer], number[offer], alerted.value, alerted.agent])
    row, kind = kinds_of(*columns)
    times = np.bincount(kind)
    wrong = 0
    example = ""
    for (queue, topic, extra, placement, agent), often in zip(columns[:, row].T.tolist(), times.tolist(), strict=True):
        if not _may(known, queue, required(known, queue, topic, extras[extra]), placement, agent):
            wrong += often
            example = f"; {known.names.agents[agent]} got {known.names.topics[topic]} of {known.names.queues[queue]}"
    known.limit("alerts to agents who may not serve them", wrong, 0)
    return not wrong, f"{len(alerted)} alerts, {wrong} to an agent who may not serve them{example}"


def _may(known: Evidence, queue: int, needs: tuple[frozenset[str], str | None], placement: int, agent: int) -> bool:
    name = known.names.queues[queue]
    settings = known.scenario.queues[name]
    group_name = known.names.groups[known.names.agent_group[agent]]
    group = known.scenario.agents[group_name]
    member = name in group.queues
    skills, language = needs
    if placement in (Placement.LAST_AGENT, Placement.LAST_AGENT_WAITED):
        return settings.last_agent == "AnyAgent" or (settings.last_agent == "QueueMembersOnly" and member)
    if placement == Placement.PREFERRED:
        return member and settings.preferred_agents is not None
    if placement >= Placement.RING_1:
        ring = placement - Placement.RING_1
        for left in settings.bullseye[:ring]:
            skills = skills - frozenset(left.drops)
        groups = settings.bullseye[ring].groups
        if groups and group_name not in groups:
            return False
    if placement == Placement.CONDITIONAL and not any(
        group_name in rule.groups for rule in settings.conditional_groups
    ):
        return False
    return member and skills <= frozenset(group.skills) and (language is None or language in group.languages)


def work_conserving(known: Evidence) -> Verdict:
    """Nobody waits while an agent who qualifies is free, unless a row says why: an alert, a hold for the last agent, a
    ring or rule. Left out: agents with breaks or meetings (no alert shortly before one), or limits by channel and
    label."""
    scenario, entered = known.scenario, known.of(Event.QUEUE_ENTERED)
    still = stretches_of(known)
    ruled = count(len(entered), known.of(Event.CIRCLE_OPENED).message) > 0
    still = still.only(~ruled[still.offer])
    plain = np.array(
        [
            group.utilization is None
            and not isinstance(group.capacity, dict)
            and not group.activities
            and not any(shift.breaks for shift in (group.shift, *group.shifts) if shift is not None)
            for group in (scenario.agents[name] for name in known.names.groups)
        ],
        bool,
    )
    team_of = plain[np.array(known.names.agent_group, np.int64)] if len(known.names.agents) else np.zeros(0, bool)
    idle_us = 0
    if len(still.offer):
        staff, (teams, kind) = Staff(known), asked(known)
        for number, team in enumerate(teams):
            mine = still.only(kind[still.offer] == number)
            none_free = staff.without(team & team_of, staff.free)
            idle_us += int((mine.to - mine.since - none_free(mine.to) + none_free(mine.since)).sum())
    return (
        idle_us == 0,
        f"{len(still.offer)} stretches of waiting; for {idle_us} µs of them an agent who qualifies was free",
    )


def transfers(known: Evidence) -> Verdict:
    """What an agent passes on enters a queue in the same instant; he passes a session on once."""
    passed, entered, ended = known.of(Event.TRANSFERRED), known.of(Event.QUEUE_ENTERED), known.of(Event.CONSULT_ENDED)
    arrived = {(c, t) for c, t in zip(entered.conversation.tolist(), entered.time.tolist(), strict=True)}
    lost = sum((c, t) not in arrived for c, t in zip(passed.conversation.tolist(), passed.time.tolist(), strict=True))
    twice = repeats(passed.message)
    consults = passed.message[passed.value == 1]
    stray = int((~np.isin(ended.message, consults)).sum()) + repeats(ended.message)
    return not (lost or twice or stray), (
        f"{len(passed)} transfers, {len(consults)} of them consults; {lost} did not come to a queue, {twice} are of a "
        f"session that was passed on before, {stray} consults end that had not begun"
    )


def in_system(known: Evidence) -> Verdict:
    """`max_in_system`: nobody enters a queue that is full, nobody is turned away by one that is not."""
    entered, blocked = known.of(Event.QUEUE_ENTERED), known.of(Event.QUEUE_BLOCKED)
    figures, good = [], True
    sessions = known.of(Event.CONNECTED)
    gone = known.column("sessions", "disconnected_us")
    came = known.text("offers", "came")
    for number, name in enumerate(known.names.queues):
        limit = known.scenario.queues[name].max_in_system
        if limit is None:
            continue
        mine = entered.queue == number
        left = known.column("offers", "left_us")
        answered = known.text("offers", "outcome") == "answered"
        away = np.where(answered, NONE, left)[mine]
        away = np.concatenate([away, gone[pick(entered.queue, sessions.message) == number]])
        away = np.sort(away[away != NONE])
        most, over, early = 0, 0, 0
        turned = blocked.time[(blocked.queue == number) & (blocked.value == 1)]
        starts = np.sort(entered.time[mine])
        # At one instant rows decide the order, which times do not tell: only what is sure is counted.
        for at in starts[np.isin(starts, entered.time[mine & (came == "flow")])].tolist():
            before = int(np.searchsorted(starts, at)) - int(np.searchsorted(away, at, side="right"))
            most = max(most, before + 1)
            over += before >= limit
        for at in turned.tolist():
            early += int(np.searchsorted(starts, at, side="right")) - int(np.searchsorted(away, at)) < limit
        good &= not (over or early)
        figures.append(
            f"{name}: {len(starts)} entered, {over} beyond {limit}; {len(turned)} turned away, {early} of them early"
        )
    return good, "; ".join(figures) or "no queue has such a limit"
