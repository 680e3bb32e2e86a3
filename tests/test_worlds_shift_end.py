"""Tiny worlds, worked out by hand: what becomes of open conversations at the end of a shift, by its three policies."""

from __future__ import annotations

import pytest
from test_worlds_presence import SHIFT, all_hold
from tiny import STATUS, lines, only, tiny
from worlds import run

from simulator.records import fold
from simulator.vocabulary.codes import Event

END = (STATUS, Event.REPLY_SENT, Event.HANDED_BACK, Event.PORTION_DISCONNECTED, Event.CONTACT_ENDED, Event.PARKED,
       Event.RETURNED)  # fmt: skip


def ending(then: str, **kwargs: str) -> str:
    """Two open conversations at 600: the first is being answered until 650, the second waits for its answer."""
    return tiny(
        "590 s, 595 s",
        behaviour="turns: 2, think: 100 s",
        agents=f"{SHIFT}, capacity: 2, reply: {{effort: 60 s}}, end_of_shift: {{then: {then}}}",
        **kwargs,
    )


def test_disconnect_ends_everything():
    """Also what is unanswered: its contact ends so, and what he still had to say is not said."""
    text = ending("disconnect", duration="22 min")
    kept = only(text, *END)
    assert kept[2:] == lines("""
        590 AGENT_STATUS m1 a0 v2
        600 AGENT_STATUS m4 a0
        650 REPLY_SENT c0.1 m2 q0 a0
        650 PORTION_DISCONNECTED c0.1 a0 v6
        650 PORTION_DISCONNECTED c1.1 a0 v30
        650 CONTACT_ENDED m1 v30
        650 AGENT_STATUS m0 a0
    """)
    all_hold(text)
    scenario, rows = run(text)
    tables = fold(scenario, rows)
    assert tables["turns"]["outcome"].tolist() == ["answered", "unanswered", "open"]  # the first writes again at 750
    assert tables["contacts"]["outcome"].tolist() == ["open", "unanswered"]


def test_park_sets_everything_aside_until_the_next_shift():
    """The customer of the first writes at 750: nobody sees it before the next shift, at 86400. The oldest unanswered
    message goes first."""
    text = ending("park", duration="25 h")
    kept = only(text, *END)
    assert kept[2:] == lines("""
        590 AGENT_STATUS m1 a0 v2
        600 AGENT_STATUS m4 a0
        650 REPLY_SENT c0.1 m2 q0 a0
        650 PARKED c0.1 m0 q0 a0
        650 PARKED c1.1 m1 q0 a0
        650 AGENT_STATUS m0 a0
        86400 AGENT_STATUS m1 a0 v1
        86400 RETURNED c0.1 m0 q0 a0 v1
        86400 AGENT_STATUS m1 a0 v2
        86400 RETURNED c1.1 m1 q0 a0 v1
        86460 REPLY_SENT c1.1 m4 q0 a0 v1
        86520 REPLY_SENT c0.1 m5 q0 a0 v2
        86520 CONTACT_ENDED m0 v1
        86520 PORTION_DISCONNECTED c0.1 a0 v1
        86620 REPLY_SENT c1.1 m7 q0 a0 v3
        86620 CONTACT_ENDED m1 v1
        86620 PORTION_DISCONNECTED c1.1 a0 v1
        86620 AGENT_STATUS m1 a0 v1
        87000 AGENT_STATUS m0 a0
    """)
    all_hold(text)


def test_a_parked_conversation_is_closed_by_nobody_at_night():
    """close_after counts again from the return: the customer who thinks for two days is closed on Tuesday at 00:10."""
    text = tiny(
        "590 s",
        behaviour="turns: 2, think: 2 days",
        agents=f"{SHIFT}, end_of_shift: {{then: park}}",
        queue="auto_answer: true, close_after: 5 min",
        duration="25 h",
    )
    assert only(text, Event.PARKED, Event.RETURNED, Event.PORTION_DISCONNECTED) == lines("""
        600 PARKED c0.1 m0 q0 a0
        86400 RETURNED c0.1 m0 q0 a0
        86700 PORTION_DISCONNECTED c0.1 a0 v5
    """)


@pytest.mark.parametrize(("then", "at"), [("requeue", 720), ("disconnect", 720), ("park", 720)])
def test_finish_comes_before_every_policy(then, at):
    """Until `finish` is over he works on; then the policy says what becomes of the rest."""
    text = tiny(
        "500 s",
        behaviour="turns: 9, think: 50 s",
        agents=f"{SHIFT}, end_of_shift: {{finish: 2 min, then: {then}}}",
    )
    over = only(text, Event.PORTION_DISCONNECTED, Event.PARKED)
    assert [line.split()[:2] for line in over[:1]] == [
        [str(at), "PARKED" if then == "park" else "PORTION_DISCONNECTED"]
    ]
