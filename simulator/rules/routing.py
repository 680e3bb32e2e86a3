"""Which interaction, which agent (model.md section 5)."""

from simulator.vocabulary.clock import DAY, MINUTE

LOOK_BACK_US = 7 * DAY
"""An agent's clock shows at most this: who has not worked for longer, or never, counts so much."""


def rank_key(entered_us: int, priority: int) -> int:
    """Where an interaction stands in its queue: smaller goes first.

    Score = minutes in queue + priority. Everybody's minutes grow alike, so that comparing scores at any time is
    comparing these keys once.
    """
    return entered_us - priority * MINUTE


def clock_us(since_us: int | None, now_us: int) -> int:
    """An agent's clock: time since the latest of connect and end of wrap-up of any of his sessions."""
    if since_us is None:
        return LOOK_BACK_US
    return min(now_us - since_us, LOOK_BACK_US)


def qualifies(agent_skills: frozenset[str], required: frozenset[str]) -> bool:
    """Evaluation `ALL`: every required skill."""
    return required <= agent_skills
