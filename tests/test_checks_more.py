"""Checks of routing, of caps and of the way out: a sound journal passes, a tampered one fails in words."""

from __future__ import annotations

from typing import Any

import pytest
from test_checks import added, changed, failed
from test_records import (
    C0,
    C0_AT_QUEUE,
    HAND_BACK,
    NO_AGENTS,
    ONE_TURN,
    SCENARIO,
    SILENT,
    TEXT,
    Line,
    in_portion,
    line,
    status,
)

from simulator.scenario import Scenario, loads
from simulator.vocabulary.clock import DAY, SECOND
from simulator.vocabulary.codes import Block, Circle, Event, Failure, FlowMessage, Lane, Placement, RoutingStatus

DAY_S = DAY // SECOND
A_US = 1e-6
"""One microsecond, in seconds."""


def fails_only(check: str, lines: list[Line], scenario: Scenario = SCENARIO) -> str:
    """What the check says; every other check must have passed, so that it is this one that noticed."""
    found = failed(lines, scenario)
    assert list(found) == [check]
    return found[check]


# --- the way out: deliveries and windows -------------------------------------------------------------------------

CARRIED = SCENARIO.vary({"channels.whatsapp.delivery": {"latency": "1 s"}})
"""Messages on WhatsApp take their time, and their arrival has a row of its own."""
REPLY_ARRIVES = line(31, Event.MESSAGE_DELIVERED, **C0, message=1, value=1)
REPLY_READ = line(40, Event.MESSAGE_READ, **C0, message=1)


def test_a_message_that_left_arrives_once_and_is_read_after_that() -> None:
    assert failed(HAND_BACK, CARRIED) == {}  # none has arrived when the run ends
    assert failed(added(HAND_BACK, REPLY_ARRIVES, REPLY_READ), CARRIED) == {}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([REPLY_ARRIVES, line(32, Event.MESSAGE_DELIVERED, **C0, message=1, value=1)], "1 left or ended twice"),
        (
            [REPLY_ARRIVES, line(32, Event.MESSAGE_FAILED, **C0, message=1, queue=Failure.UNREACHABLE, value=1)],
            "1 left or ended twice",
        ),
        ([line(31, Event.MESSAGE_DELIVERED, **C0, message=2, value=1)], "1 arrived or failed without having left"),
        ([line(31, Event.MESSAGE_READ, **C0, message=9)], "1 arrived or failed without having left"),
        (
            [line(31, Event.REPLY_BLOCKED, **C0, message=1, queue=Block.WINDOW, value=0)],
            "1 arrived or failed without having left",
        ),
        ([line(30 - A_US, Event.MESSAGE_DELIVERED, **C0, message=1, value=1)], "1 were there before they left"),
        ([REPLY_READ, line(41, Event.MESSAGE_DELIVERED, **C0, message=1, value=1)], "1 were there before they left"),
    ],
)
def test_no_message_arrives_twice_or_out_of_nowhere(rows: list[Line], said: str) -> None:
    assert said in failed(added(HAND_BACK, *rows), CARRIED)["deliveries_conserved"]


def replies_after(seconds: float) -> list[Line]:
    """A message on WhatsApp whose reply takes so long to write."""
    effort_us = round(seconds * SECOND)
    return [
        *HAND_BACK[:11],
        line(0, Event.REPLY_STARTED, **C0_AT_QUEUE, message=0, agent=0, value=effort_us),
        line(seconds, Event.REPLY_SENT, **C0_AT_QUEUE, message=1, agent=0, value=0),
        line(seconds + 1, Event.RUN_ENDED),
    ]


def test_free_text_leaves_within_the_window() -> None:
    assert failed(replies_after(DAY_S)) == {}
    said = fails_only("windows_kept", replies_after(DAY_S + A_US))
    assert "1 free texts left where a window or a number of replies is set; 1 of them after it" in said


def test_no_more_replies_than_the_customers_message_allows() -> None:
    """SILENT: two messages of the flow and one reply, each after a message of the customer."""
    on_x = SCENARIO.vary(
        {"channels.whatsapp": None}
        | {"channels.x": {"platform": "x", "handle": "@shop", "customers": {"population": 9}, "reply_rule": 1}
           | {"flow": "front_door", "arrivals": {"rate": "0/h"}, "topics": {"order": 1}}}
    )  # fmt: skip
    assert failed(SILENT, on_x) == {}
    again = line(40, Event.FLOW_MESSAGE_SENT, **C0, message=8, value=FlowMessage.FLOW)
    said = fails_only("windows_kept", added(SILENT, again), on_x)
    # after the customer's message at 30 s the reply is no longer the first
    assert "1 beyond the replies that a message of the customer allows" in said
    assert failed(added(SILENT, again), on_x.vary({"channels.x.reply_rule": 2})) == {}


# --- caps of numbers, pairs and tiers ----------------------------------------------------------------------------


def campaign(*at_s: float, to: dict[int, int] | None = None) -> list[Line]:
    """A campaign whose messages leave at these times; `to`: customers of the population, by message."""
    mine: dict[str, Any] = {"queue": Lane.CAMPAIGN, "agent": 0, "value": 0}
    return [
        *(line(0, Event.SEND_ADDRESSED, **mine | {"message": i, "value": who}) for i, who in (to or {}).items()),
        *(line(at, Event.SEND_DELIVERED, **mine, message=i) for i, at in enumerate(at_s)),
        line(at_s[-1] + 1, Event.RUN_ENDED),
    ]


def selling(contacts: int, **caps: Any) -> Scenario:
    """The scenario of such a campaign, its channel with these caps."""
    sale = f"{{channel: whatsapp, contacts: {contacts}, start: 2026-03-02 08:00, template: sale, opt_in: 100 %}}"
    scenario = loads(f"{TEXT}outbound: {{campaigns: {{sale: {sale}}}}}\n")
    return scenario.vary({f"channels.whatsapp.{key}": value for key, value in caps.items()})


def test_a_number_sends_no_faster_than_its_throughput() -> None:
    one_a_second = selling(3, throughput="1/s")
    assert failed(campaign(0, 1, 2), one_a_second) == {}
    said = fails_only("numbers_held", campaign(0, 1 - A_US, 2), one_a_second)
    assert said == "whatsapp: at most 2 behind a message where 1 are allowed"
    two_numbers = one_a_second.vary({"channels.whatsapp.numbers": ["+49 30 7654321"]})
    assert failed(campaign(0, 1 - A_US, 2), two_numbers) == {}


def test_what_customers_write_uses_their_number_up() -> None:
    """The reply leaves at 100 s."""
    one_a_second = SCENARIO.vary({"channels.whatsapp.throughput": "1/s"})

    def writes(at_s: float) -> list[Line]:
        return added(HAND_BACK, line(at_s, Event.MESSAGE_RECEIVED, **C0, message=9, agent=1, value=2))

    assert failed(writes(99), one_a_second) == {}
    assert "at most 2 behind" in fails_only("numbers_held", writes(99 + A_US), one_a_second)


def test_nobody_is_written_to_before_his_pair_has_paid() -> None:
    """Two at once cost twelve seconds; a third message waits for them."""
    pair = {"every": "6 s", "burst": 2, "within": "6 s"}
    scenario, same = selling(3, pair=pair), {0: 4, 1: 4, 2: 4}
    assert failed(campaign(0, 1, 12, to=same), scenario) == {}
    early = campaign(0, 1, 12 - A_US, to=same)
    assert fails_only("pairs_held", early, scenario) == "whatsapp: 3 messages, 1 before their pair had paid"
    assert failed(campaign(0, 1, 12 - A_US, to=same | {2: 5}), scenario) == {}
    # the burst is over when the second comes, and the first is not yet paid
    short = scenario.vary({"channels.whatsapp.pair.within": "1 s"})
    assert failed(campaign(0, 1 - A_US, 12, to=same), short) == {}
    assert "1 before" in fails_only("pairs_held", campaign(0, 1, 12, to=same), short)


def test_replies_pay_like_any_message() -> None:
    """The same customer gets replies at 30, 100 and 130 s."""

    def every(gap: str) -> Scenario:
        return SCENARIO.vary({"channels.whatsapp.pair": {"every": gap, "burst": 1, "within": "1 s"}})

    assert failed(HAND_BACK, every("30 s")) == {}
    assert "3 messages, 1 before" in fails_only("pairs_held", HAND_BACK, every("31 s"))


def test_a_tier_counts_the_customers_of_a_rolling_day() -> None:
    two = selling(3, tier=2)
    assert failed(campaign(0, 1, DAY_S), two) == {}
    said = fails_only("tiers_held", campaign(0, 1, DAY_S - A_US), two)
    assert said == "whatsapp: at most 3 customers in a rolling day where 2 are allowed"
    # who was written to before is not another customer, and counts from then on
    assert failed(campaign(0, 1, 2, to={0: 4, 1: 5, 2: 4}), two) == {}
    assert "tiers_held" in failed(campaign(0, 1, 2, to={0: 4, 1: 5, 2: 6}), two)


# --- routing -----------------------------------------------------------------------------------------------------

DESK = {"count": 2, "queues": ["service"], "capacity": 1, "reply": {"effort": "30 s"}}
ABLE = {"skills": {"law": 1}, "languages": ["de"]}
EXPERTS = SCENARIO.vary({"queues.support": {}, "agents.experts": DESK | ABLE, "agents.desk": DESK | ABLE})
"""A second queue and a second group, last in order of names; nobody of it is on queue in any of the journals."""
NOT_ABLE = EXPERTS.vary({"agents.desk.skills": {}, "agents.desk.languages": []})


@pytest.mark.parametrize("need", [{"skills": ["law"]}, {"language": "de"}])
def test_only_who_has_the_skill_and_the_language_is_alerted(need: dict[str, Any]) -> None:
    asks = {f"topics.order.{key}": value for key, value in need.items()}
    assert failed(ONE_TURN, EXPERTS.vary(asks)) == {}
    assert failed(ONE_TURN, NOT_ABLE) == {}  # nobody asks for it
    said = fails_only("alerts_to_the_qualified", ONE_TURN, NOT_ABLE.vary(asks))
    assert said == "1 alerts, 1 to an agent who may not serve them; desk/1 got order of service"
    assert failed(ONE_TURN, NOT_ABLE.vary(asks | {"queues.service.evaluation": "NONE"})) == {}


def test_only_members_of_the_queue_are_alerted_but_the_last_agent_may_be_any() -> None:
    elsewhere = EXPERTS.vary({"agents.desk.queues": ["support"]})
    assert "1 to an agent who may not" in fails_only("alerts_to_the_qualified", ONE_TURN, elsewhere)
    to_the_last = changed(ONE_TURN, Event.ALERTED, value=Placement.LAST_AGENT)
    assert failed(to_the_last, elsewhere) == {}
    members = elsewhere.vary({"queues.service.last_agent": "QueueMembersOnly"})
    assert "1 to an agent who may not" in fails_only("alerts_to_the_qualified", to_the_last, members)


def test_nobody_waits_beside_a_free_agent() -> None:
    """In ONE_TURN the offer enters and rings at 1 s."""
    said = fails_only("work_conserving", changed(ONE_TURN, Event.ALERTED, at_s=1 + A_US))
    assert said == "1 stretches of waiting; for 1 µs of them an agent who qualifies was free"
    # an agent comes at the instant at which the waiting is over, or a µs before it
    assert failed(added(NO_AGENTS, status(100, 0, RoutingStatus.IDLE))) == {}
    assert "for 1 µs" in fails_only("work_conserving", added(NO_AGENTS, status(100 - A_US, 0, RoutingStatus.IDLE)))
    # one who gets nothing is not free, and one who lacks the skill does not count
    assert failed(added(NO_AGENTS, status(50, 0, RoutingStatus.NOT_RESPONDING))) == {}
    idle = added(NO_AGENTS, status(50, 0, RoutingStatus.IDLE))
    assert "for 50000000 µs" in fails_only("work_conserving", idle, EXPERTS)
    assert failed(idle, NOT_ABLE.vary({"topics.order.skills": ["law"]})) == {}


def second_contact(at_s: float) -> list[Line]:
    """ONE_TURN, whose agent goes at 55 s, and a second contact that enters the queue and waits to the end."""
    here = in_portion(1, 1)
    return added(
        changed(ONE_TURN, Event.AGENT_STATUS, 2, value=RoutingStatus.OFF_QUEUE),
        line(at_s, Event.CONTACT_ARRIVED, **here, message=1, queue=1, agent=0, value=42),
        line(at_s, Event.CONTACT_STARTED, **here, message=1, value=-1),
        line(at_s, Event.PORTION_OPENED, **here, message=1, queue=0, value=0),
        line(at_s, Event.TURN_OPENED, **here, message=1, agent=1, value=0),
        line(at_s, Event.MESSAGE_RECEIVED, **here, message=9, agent=1, value=1),
        line(at_s, Event.QUEUE_ENTERED, **here, message=1, queue=0, agent=1, value=5),
    )


def test_a_full_agent_is_not_free_and_one_free_slot_is_enough() -> None:
    assert failed(second_contact(10)) == {}
    two_slots = SCENARIO.vary({"agents.desk.capacity": 2})
    assert "for 45000000 µs" in fails_only("work_conserving", second_contact(10), two_slots)


@pytest.mark.parametrize(
    "reason",
    [
        [
            line(1, Event.HELD_FOR_AGENT, **C0_AT_QUEUE, message=0, agent=1, value=2 * SECOND),
            line(2, Event.HOLD_ENDED, **C0_AT_QUEUE, message=0),
        ],
        [line(1, Event.CIRCLE_OPENED, **C0_AT_QUEUE, message=0, agent=1, value=Circle.RING)],
    ],
)
def test_a_row_may_say_why_somebody_waits_all_the_same(reason: list[Line]) -> None:
    waits = changed(ONE_TURN, Event.ALERTED, at_s=2)
    assert "for 1000000 µs" in fails_only("work_conserving", waits)
    place = next(number for number, (_, event, _) in enumerate(waits) if event == Event.QUEUE_ENTERED)
    held = [*waits[: place + 1], *reason, *waits[place + 1 :]]
    assert failed(held) == {}
    if len(reason) == 2:  # … until the reason is gone
        assert "for 1 µs" in fails_only("work_conserving", changed(held, Event.HOLD_ENDED, at_s=2 - A_US))


def test_a_priority_changes_as_the_in_queue_flow_says() -> None:
    check, priority = "priorities_follow_the_flow", line(2, Event.PRIORITY_CHANGED, **C0_AT_QUEUE, message=0, value=15)
    flow = SCENARIO.vary({"queues.service.in_queue_flow": {"set_priority": [{"after": "1 s", "add": 10}]}})
    assert failed(added(ONE_TURN, priority), flow) == {}
    assert "1 that no in-queue flow asks for" in fails_only(check, added(ONE_TURN, priority))
    assert "1 stays in a queue have too few" in fails_only(check, ONE_TURN, flow)
    twice = fails_only(check, added(ONE_TURN, priority, priority), flow)
    assert "1 that no in-queue flow asks for" in twice and "1 too many" in twice


PASSED_ON: list[Line] = [
    (at, Event.TRANSFERRED if event == Event.HANDED_BACK else event, columns) for at, event, columns in HAND_BACK
]
"""HAND_BACK; at 60 s the first agent passes the conversation on instead."""
CONSULT = changed(
    added(
        changed(PASSED_ON, Event.TRANSFERRED, value=1),
        line(70, Event.CONSULT_ENDED, **C0_AT_QUEUE, message=0, agent=0),
    ),
    Event.SESSION_ENDED,
    at_s=70,
)
"""The same; he waits until the other has connected."""


def test_what_is_passed_on_comes_to_a_queue_at_once_and_only_once() -> None:
    assert failed(PASSED_ON) == {}
    late = fails_only("transfers_conserved", changed(PASSED_ON, Event.TRANSFERRED, at_s=60 - A_US))
    assert "1 transfers, 0 of them consults; 1 did not come to a queue" in late
    twice = added(PASSED_ON, line(60, Event.TRANSFERRED, **C0_AT_QUEUE, message=0, agent=0))
    assert "1 are of a session that was passed on before" in fails_only("transfers_conserved", twice)


def test_a_consult_ends_once_and_only_if_it_began() -> None:
    assert failed(CONSULT) == {}
    blind = changed(CONSULT, Event.TRANSFERRED, value=0)
    assert "1 consults end that had not begun" in failed(blind)["transfers_conserved"]
    twice = added(CONSULT, line(71, Event.CONSULT_ENDED, **C0_AT_QUEUE, message=0, agent=0))
    assert "1 consults end that had not begun" in failed(twice)["transfers_conserved"]


def test_a_queue_takes_in_as_many_as_its_limit_and_turns_nobody_away_before() -> None:
    """In NO_AGENTS two wait when a third is turned away."""
    full = changed(NO_AGENTS, Event.QUEUE_BLOCKED, value=1)

    def limit(most: int) -> Scenario:
        return SCENARIO.vary({"queues.service.max_in_system": most})

    assert failed(full, limit(2)) == {}
    assert fails_only("system_limits_held", full, limit(1)) == (
        "service: 2 entered, 1 beyond 1; 1 turned away, 0 of them early"
    )
    assert "2 entered, 0 beyond 3; 1 turned away, 1 of them early" in fails_only("system_limits_held", full, limit(3))


def test_who_is_answered_counts_until_his_conversation_is_over() -> None:
    """The first is in talk from 4 s on and disconnected at 35 s."""
    one = SCENARIO.vary({"queues.service.max_in_system": 1})
    assert failed(second_contact(35), one) == {}
    assert "2 entered, 1 beyond 1" in fails_only("system_limits_held", second_contact(35 - A_US), one)
