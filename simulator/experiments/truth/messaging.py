"""What voice has not: slots, turns and thinking, several conversations at once, a bot before the desk."""

from __future__ import annotations

from simulator.experiments.truth import book
from simulator.experiments.truth.book import Facts, effort_us, offered, per_second
from simulator.experiments.truth.case import Case
from simulator.experiments.truth.claims import Claim, Unit
from simulator.experiments.truth.estimates import Estimate, counted, measured
from simulator.experiments.truth.twins import Offered
from simulator.scenario.schema import Scenario
from simulator.vocabulary.clock import MINUTE, SECOND

THINK: dict[str, object] = {
    "": {"exponential": {"mean": "5 min"}},
    "constant": "5 min",
    "lognormal": {"lognormal": {"mean": "5 min", "cv": 1.5}},
}
HOURS_BY_SLOTS = {2: 530, 4: 374, 6: 353}
"""`duration` in hours: after ten hours of warm-up 6,800 replies."""


def _as_servers(world: Scenario) -> Offered:
    """Twins of chats: as if twelve servers of speed 1 had them, which is near enough to tell a busy day."""
    return Offered(per_second(world), effort_us(world) / SECOND, 12)


def _semi_open(facts: Facts, label: str, world: Scenario) -> list[Claim]:
    """The smallest model of messaging that has an exact answer."""
    found = facts.expected
    return [
        Claim("p_abandon", found["p_abandon"], measured("abandon_share")),
        Claim("mean_wait_all_s", found["mean_wait_all_s"], measured("tWait")),
        Claim("agent_utilisation", found["agent_utilisation"], measured("occupancy_work")),
        Claim("mean_open", found["mean_open"], measured("open_mean")),
        Claim("conversation_duration_s", found["conversation_duration_s"], measured("tTalk")),
        Claim("reply_time_s", found["reply_time_s"], measured("reply_from_connect")),
        Claim("p_slots_full", found["p_slots_full"], measured("slots_full_share")),
        Claim("p_slots_full, seen by arrivals", found["p_slots_full"], measured("wait_probability")),
    ]


def _processor_sharing(facts: Facts, label: str, world: Scenario) -> list[Claim]:
    """Whoever has a slot shares the agent; the others wait. Together they are M/M/1."""
    found = facts.expected
    return [
        Claim("p_wait", found["p_wait"], measured("wait_probability")),
        Claim("mean_external_queue", found["mean_external_queue"], measured("queue_length_mean")),
        Claim("mean_wait_s", found["mean_wait_s"], measured("tWait")),
        Claim("mean_in_service", found["mean_in_service"], measured("open_mean")),
        Claim("mean_total_time_s", found["mean_total_time_s"], measured("first_message_to_first_reply")),
        Claim("concurrency_while_busy", found["concurrency_while_busy"], measured("concurrency")),
        Claim("concurrency_while_busy, of work", found["concurrency_while_busy"], measured("worked_together")),
        Claim("the agent works", per_second(world) * effort_us(world) / SECOND, measured("occupancy_work")),
    ]


def _linear(facts: Facts, label: str, world: Scenario) -> list[Claim]:
    """M/M/12+M, though the agents are four: attention is busy less than slots are."""
    found = facts.expected
    return [
        Claim("p_wait", found["p_wait"], measured("wait_probability")),
        Claim("p_abandon", found["p_abandon"], measured("abandon_share")),
        Claim("mean_wait_s", found["mean_wait_s"], measured("tWait")),
        Claim("mean_chats", found["mean_chats"], measured("open_mean")),
        Claim("slot_utilisation", found["slot_utilisation"], measured("occupancy_slots")),
    ]


def _pool(facts: Facts, label: str, world: Scenario) -> list[Claim]:
    """Chats that slow each other down. Tolerance of the case: 3 standard errors or 2 %."""
    found = facts.expected
    return [
        *_linear(facts, label, world),
        Claim("mean_queue", found["mean_queue"], measured("queue_length_mean")),
        Claim("agent_busy", found["agent_busy"], measured("occupancy_work")),
        Claim("concurrency_while_busy", found["concurrency_while_busy"], measured("concurrency")),
        Claim("mean_chat_duration_s", found["mean_chat_duration_s"], measured("tTalk")),
    ]


def _always_full(facts: Facts, label: str, world: Scenario) -> list[Claim]:
    """Tolerance of the case: 1 %. Nobody new is served: replies are counted instead of contacts."""
    i = facts.params["slots"].index(book.desk(world).capacity)
    minutes = (world.duration_us - world.warm_up_us) / MINUTE

    def claim(quantity: str, estimate: Estimate, unit: float = 1.0) -> Claim:
        value = facts.expected[quantity][i] * unit
        return Claim(quantity, value, estimate, precision=0.01 / 2 * value)

    return [
        claim("agent_utilisation", measured("occupancy_work")),
        claim("replies_per_min", counted("reply_from_connect", part="denominator"), minutes),
        claim("customer_waits_for_reply_min", measured("reply_from_connect"), 60),
    ]


def _bot(facts: Facts, label: str, world: Scenario) -> list[Claim]:
    found = facts.expected
    return [
        Claim("mean_bot_sessions", found["mean_bot_sessions"], measured("in_flow_mean")),
        Claim("agent_p_wait", found["agent_p_wait"], measured("wait_probability")),
        Claim("agent_mean_wait", found["agent_mean_wait"] * 60, measured("tWait")),
        Claim("agent_sl_1min", found["agent_sl_1min"], measured("answered_within")),
    ]


def _escalated(world: Scenario) -> Offered:
    return offered(world, book.facts("x_bot_thin").params["escalate"])


def _slots(slots: int, think: str = "") -> tuple[str, dict[str, object]]:
    label = f"{slots} slots, {think} thinking" if think else f"{slots} slots"
    return label, {
        "agents.desk.capacity": slots,
        "behaviours.customer.think": THINK[think],
        "duration": f"{HOURS_BY_SLOTS[slots]} h",
    }


CASES = (
    Case("x_semi_open", _semi_open),
    Case("x_lps", _processor_sharing, load=offered),
    Case("x_chat_linear", _linear, load=_as_servers),
    Case("x_chat_pool_LBF", _pool, load=_as_servers),
    Case(
        "x_machine_repair",
        _always_full,
        dict([_slots(2), _slots(4), _slots(4, "constant"), _slots(4, "lognormal"), _slots(6)]),
        unit=Unit("replies", "reply_from_connect", "denominator"),
    ),
    Case("x_bot_thin", _bot, load=_escalated),
)
