"""One conversation's life at the desk: parked and back, attention lost by switching, taken away by inactivity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from simulator.vocabulary.clock import spoken

if TYPE_CHECKING:
    import pandas as pd

    from simulator.scenario import Scenario

Sentence = tuple[int, int, int, str]
"""Time, portion, rank among what happens at one instant, text."""

BACK = {
    "time_over": "Its time is over, nobody has written: it is back from parking, however many {agent} holds.",
    "wrote": "The customer writes: the conversation is back from parking, however many {agent} holds.",
    "closed": "It is back from parking to be disconnected and wrapped up.",
}


def at_desk(story: Mapping[str, pd.DataFrame], scenario: Scenario) -> Iterator[Sentence]:
    """Sentences about a conversation's sessions."""
    for row in story["parks"].itertuples():
        park = scenario.queues[str(row.queue)].park if str(row.queue) in scenario.queues else None
        silent = f" after {spoken(park.after_us)} of silence" if park is not None else ""
        text = f"{row.agent} parks it{silent}: it holds no slot until the customer writes or its time is over."
        yield int(row.parked_us), int(row.portion), 77, text
        if _there(row.returned_us):
            text = BACK[str(row.why)].format(agent=row.agent)
            yield int(row.returned_us), int(row.portion), 12 if row.why == "wrote" else 78, text
    for row in story["sessions"].itertuples():
        if _there(row.through_flow) and row.through_flow and _there(row.disconnected_us):
            timeout = scenario.queues[str(row.queue)].inactivity_timeout_us
            quiet = f" for {spoken(timeout)}" if timeout is not None else ""
            text = f"Nobody has written{quiet}: the inactivity timer takes it from {row.agent} and through a flow."
            yield int(row.disconnected_us), int(row.portion), 24, text
        if row.t_switching_us and _there(row.ended_us):
            text = (
                f"Of {row.agent}'s attention {spoken(int(row.t_switching_us))} were lost by turning to it from other "
                "conversations."
            )
            yield int(row.ended_us), int(row.portion), 89, text
        group = scenario.agents.get(str(row.group))
        if group is not None and group.attention != "serial" and _there(row.ended_us):
            text = (
                f"It had {spoken(int(row.t_work_us))} of {row.agent}'s attention: conversations that have work at the "
                "same time share it equally."
            )
            yield int(row.ended_us), int(row.portion), 88, text


def _there(value: Any) -> bool:
    """Neither None, NaN nor NA."""
    return value is not None and str(value) not in ("nan", "<NA>", "NaT")
