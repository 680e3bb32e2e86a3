"""One conversation's way through routing: why an agent got it, which circles were opened, who passed it on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from simulator.vocabulary.clock import spoken

if TYPE_CHECKING:
    import pandas as pd

    from simulator.scenario import Scenario
    from simulator.scenario.queues import Queue

Sentence = tuple[int, int, int, str]
"""Time, portion, rank among what happens at one instant, text."""

PLACED = {
    "last_agent": "Last-agent routing: {agent}, who connected last, is on queue and below capacity: alerted at once.",
    "last_agent_waited": "{agent}, for whom it was held, is free: alerted.",
    "best": "BEST: of the 100 members with the longest clock {agent} has the highest mean proficiency in the required "
    "skills: alerted.",
    "next_agent": "Skills are ignored (NONE): {agent} has the longest clock of those below capacity, or took what "
    "ranks highest: alerted.",
    "preferred": "{agent} is a preferred agent, whatever his skills: alerted.",
    "conditional": "{agent} belongs to a group that conditional group routing admits now: alerted.",
    "overflow": "{agent} has every required skill and takes what came over from another queue: alerted.",
}
"""By placement; rings and the standard have words of their own."""

SELECTED = {
    "longest_idle": "the longest clock",
    "least_busy": "the fewest conversations",
    "most_busy": "the most conversations",
}
CAME = {
    "transfer": " by a transfer: its clock starts anew, its priority is applied again",
    "consult": " by a consult: its clock starts anew, the agent who asks waits with the customer",
    "overflow": " from another queue, where it had waited for too long: its clock starts anew",
    "handed_back": " again: a new offer, its clock starts anew",
}


def placed(placement: str, looked_for: bool, select: str = "longest_idle", takes: str = "highest_rank") -> str:
    """Why this agent, with `{agent}` to fill in. `looked_for`: the interaction looked for an agent, not he for work."""
    if takes == "best_skill" and not looked_for and placement not in ("last_agent", "last_agent_waited", "preferred"):
        return "{agent} is free for it: of what he may take he knows nothing better, and nothing equal ranks higher."
    if placement in PLACED:
        return PLACED[placement]
    if placement.startswith("ring_"):
        ring = placement.removeprefix("ring_")
        return f"{{agent}} belongs to ring {ring} of the bullseye and has every skill it still requires: alerted."
    if looked_for:
        return f"{{agent}} has every required skill and {SELECTED[select]} of those below capacity: alerted."
    return "{agent} is free for it and has every required skill; nothing he may take ranks higher: alerted."


def routed(story: Mapping[str, pd.DataFrame], scenario: Scenario) -> Iterator[Sentence]:
    """Sentences about circles and transfers."""
    for row in story["circles"].itertuples():
        settings = scenario.queues.get(str(row.queue))
        text = _opened(row, settings)
        if text:
            yield int(row.at_us), int(row.portion), 31, text
    for row in story["sessions"].itertuples():
        if not _there(row.transfer) or not _there(row.disconnected_us):
            continue
        if str(row.transfer) == "consult":
            text = f"{row.agent}, who asked another agent and waited with the customer, leaves."
            yield int(row.disconnected_us), int(row.portion), 46, text
        else:
            text = f"{row.agent} passes it on, the turn unanswered (blind transfer)."
            yield int(row.disconnected_us), int(row.portion), 29, text
    for row in story["alerts"].itertuples():
        if str(row.outcome) == "declined" and _there(row.ended_us):
            text = f"{row.agent} declines: NOT_RESPONDING; the interaction goes back to the queue."
            yield int(row.ended_us), int(row.portion), 35, text


def _opened(row: Any, queue: Queue | None) -> str:
    if row.what == "held":
        wait = f" for {spoken(queue.last_agent_wait_us)} at most" if queue is not None else ""
        return f"It is held{wait} for {row.agent}, who connected last and cannot take it now (last_agent_wait)."
    if row.what == "released":
        return "It waits for its last agent no more: whoever qualifies may take it."
    if row.what == "priority":
        alone = queue is not None and queue.scoring == "PriorityOnly"
        ranks = "that alone ranks it" if alone else "it ranks by its minutes in queue and that"
        return f"It still waits: the in-queue flow makes its priority {row.priority}; {ranks}."
    if row.what in ("skill", "language"):
        return f"The transfer asks for the {row.what} {row.name}, beside what the topic requires."
    if row.what == "topic":
        return f"{row.agent} finds out that it is about {row.name}: from now on that counts."
    if row.what == "standard":
        return "Every member of the queue who qualifies may take it now."
    if row.what == "ring":
        dropped = [] if queue is None else [name for ring in queue.bullseye[: row.number - 1] for name in ring.drops]
        without = f"; no longer required: {', '.join(dict.fromkeys(dropped))}" if dropped else ""
        return f"Ring {row.number} of the bullseye is open{without}; the rings before it stay open."
    if row.what == "preferred":
        least = "" if queue is None or queue.preferred_agents is None else (
            f" with a score of {queue.preferred_agents.rules[row.number - 1].score} or more"
        )  # fmt: skip
        return f"Preferred agents{least} may take it (rule {row.number})."
    groups = "" if queue is None else f": {', '.join(queue.conditional_groups[row.number - 1].groups)}"
    return f"Conditional group routing, rule {row.number} holds{groups} may take it."


def _there(value: Any) -> bool:
    """Neither None, NaN nor NA."""
    return value is not None and str(value) not in ("nan", "<NA>", "NaT")
