"""One conversation in sentences: a life made by hand, told line by line."""

from __future__ import annotations

from typing import Any

import handmade
import pandas as pd
import pytest

from simulator.reports.trace import tell
from simulator.vocabulary.clock import HOUR, MINUTE, SECOND
from simulator.vocabulary.errors import UsageError

ID = "whatsapp/7"
LATER = "whatsapp/7.after_service"


def row(**cells: Any) -> dict[str, Any]:
    return {"conversation": ID, "portion": 1, "offer": 1, "queue": "service"} | cells


def life() -> dict[str, pd.DataFrame]:
    """Portion 1: an alert that nobody answers, then early/2. Portion 2, 49 h later: early/2 again, at once."""
    second = 49 * HOUR
    return handmade.tables(
        contacts=[
            row(
                contact=ID, topic="order", channel="whatsapp", arrived_us=0, entry="started", ended_us=5 * MINUTE,
                outcome="answered", identified=True, turns=1,
            ),
            row(
                contact=LATER, parent=ID, reason="after_service", topic="order", channel="whatsapp", portion=2,
                arrived_us=second, entry="reopened", ended_us=second + MINUTE, outcome="answered", turns=1,
            ),
        ],
        conversations=[row(channel="whatsapp", opened_us=0, portions=2, open=False)],
        portions=[
            row(contact=ID, reopened=False, opened_us=0, disconnected_us=5 * MINUTE, disconnect="resolved", offers=1),
            row(
                portion=2, contact=LATER, reopened=True, opened_us=second, disconnected_us=second + 11 * MINUTE,
                disconnect="closed_unanswered", offers=1,
            ),
        ],
        offers=[
            row(contact=ID, priority=5, entered_us=20 * SECOND, left_us=90 * SECOND, t_wait_us=70 * SECOND,
                outcome="answered"),
            row(portion=2, contact=LATER, entered_us=second, left_us=second + 4 * SECOND, t_wait_us=4 * SECOND,
                outcome="answered"),
        ],
        alerts=[
            row(agent="early/1", placement="standard", alerted_us=20 * SECOND, ended_us=50 * SECOND, outcome="expired"),
            row(agent="early/2", placement="standard", alerted_us=50 * SECOND, ended_us=90 * SECOND,
                outcome="accepted"),
            row(portion=2, agent="early/2", placement="last_agent", alerted_us=second, ended_us=second + 4 * SECOND,
                outcome="accepted"),
        ],
        sessions=[
            row(agent="early/2", group="early", alerted_us=50 * SECOND, connected_us=90 * SECOND,
                disconnected_us=5 * MINUTE, ended_us=6 * MINUTE, t_acw_us=MINUTE, handed_back=False),
            row(portion=2, agent="early/2", group="early", alerted_us=second, connected_us=second + 4 * SECOND,
                disconnected_us=second + 11 * MINUTE, ended_us=second + 11 * MINUTE, t_acw_us=0, handed_back=False),
        ],
        turns=[
            row(contact=ID, turn=0, messages=2, first_message_us=0, last_message_us=10 * SECOND, agent="early/2",
                connected_us=90 * SECOND,
                reply_started_us=90 * SECOND, written_us=5 * MINUTE, reply_us=5 * MINUTE,
                t_agent_response_us=290 * SECOND, late=False),
            row(contact=LATER, portion=2, turn=0, messages=1, first_message_us=second, last_message_us=second,
                agent="early/2", connected_us=second + 4 * SECOND,
                reply_started_us=second + 4 * SECOND, written_us=second + MINUTE, reply_us=second + MINUTE,
                t_agent_response_us=MINUTE, late=False),
        ],
        messages=[
            row(at_us=2 * SECOND, direction="outbound", kind="bot"),
            row(at_us=8 * SECOND, direction="inbound", kind="flow_answer"),
            row(at_us=20 * SECOND, direction="outbound", kind="bot"),
            row(at_us=5 * MINUTE, direction="outbound", kind="agent", contact=ID, turn=0, agent="early/2"),
        ],
    )  # fmt: skip


def test_a_life_is_told_step_by_step_with_its_rules() -> None:
    assert tell(life(), ID, handmade.scenario()) == [
        "Thursday 5 March 2026",
        "  08:00:00  whatsapp/7 (topic order) starts a new conversation on whatsapp.",
        "  08:00:02  The inbound message flow: customer identified, 2 bot messages, 1 answer of the customer within "
        "18 s.",
        "  08:00:10  The opening burst is complete: 2 messages in 10 s; only now is the reply work.",
        "  08:00:20  It enters queue service, with priority 5: as if it had waited 5 min longer.",
        "  08:00:20  early/1 has every required skill and the longest clock of those below capacity: alerted.",
        "  08:00:50  early/1 does not answer within 30 s: NOT_RESPONDING; the interaction goes back to the queue and "
        "keeps its clock.",
        "  08:00:50  early/2 has every required skill and the longest clock of those below capacity: alerted.",
        "  08:01:30  early/2 connects after 70 s in queue.",
        "  08:01:30  early/2 turns to it at once.",
        "  08:05:00  early/2 replies, 4 min 50 s after the last message of the burst.",
        "  08:05:00  whatsapp/7 is answered: an agent replied to his last turn.",
        "  08:05:00  Portion 1 is disconnected: the last turn is answered. The threading clock starts.",
        "  08:06:00  early/2's slot is free again after 60 s of wrap-up.",
        "Saturday 7 March 2026",
        "  09:00:00  whatsapp/7.after_service (topic order): the customer of whatsapp/7, whose need was not met, "
        "writes again. He writes 2 days after the disconnect, less than 3 days: the conversation is "
        "re-opened as portion 2.",
        "  09:00:00  It enters queue service.",
        "  09:00:00  Last-agent routing: early/2, who connected last, is on queue and below capacity: alerted at once.",
        "  09:00:04  early/2 connects after 4 s in queue.",
        "  09:00:04  early/2 turns to it at once.",
        "  09:01:00  early/2 replies, 60 s after the last message of the burst.",
        "  09:01:00  whatsapp/7.after_service is answered: an agent replied to his last turn.",
        "  09:11:00  Portion 2 is disconnected: the customer has not written since the latest reply for 10 min; an "
        "agent cannot tell slow from gone. The threading clock starts.",
        "  09:11:00  early/2's slot is free again.",
    ]


def miss(**state: Any) -> str:
    """The sentence about last-agent routing when early/2 does not get the re-opened portion."""
    tables = life()
    alerts = tables["alerts"].copy()
    alerts["placement"] = "standard"
    tables |= {"alerts": alerts, "agent_states": handmade.table("agent_states", [state] if state else [])}
    return next(line for line in tell(tables, ID, handmade.scenario()) if "Last-agent" in line)


def test_a_miss_says_why() -> None:
    then = {"agent": "early/2", "group": "early", "from_us": 0, "to_us": 99 * HOUR}
    assert "early/2, who connected last, was off queue (break); it waits" in miss(
        **then, status="off_queue", presence="break"
    )
    assert "was NOT_RESPONDING" in miss(**then, status="not_responding", presence="on_shift")


def test_an_unknown_conversation_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="nearest: whatsapp/7"):
        tell(life(), "whatsap/7", handmade.scenario())
    with pytest.raises(UsageError, match="belongs to conversation whatsapp/7"):
        tell(life(), LATER, handmade.scenario())
    with pytest.raises(UsageError, match="replication 4 is not in this run"):
        tell(life(), ID, handmade.scenario(), replication=4)


def test_waiting_work_is_told_as_waiting() -> None:
    """An agent who comes free looks for work; a reply that begins late had to wait for earlier work."""
    tables = life()
    alerts, turns = tables["alerts"].copy(), tables["turns"].copy()
    alerts.loc[1, ["alerted_us"]] = 80 * SECOND
    turns.loc[0, ["reply_started_us"]] = 3 * MINUTE
    lines = tell(tables | {"alerts": alerts, "turns": turns}, ID, handmade.scenario())
    assert (
        "  08:01:20  early/2 is free for it and has every required skill; nothing he may take ranks higher: alerted."
    ) in lines
    assert "  08:03:00  early/2 has finished earlier work; of his unanswered messages this is the oldest." in lines
