"""What a piece of work costs an agent, and when a wrap-up is over (model.md section 6)."""

from simulator.vocabulary.clock import SECOND

UNIDENTIFIED_US = 30 * SECOND
"""An unidentified contact costs the first reply so much more (assumed, model.md section 4)."""
SAVED_PER_FIELD_US = 5 * SECOND
"""Each field the flow collected saves the first reply so much (assumed, model.md section 4)."""
LEAST_EFFORT_US = 1 * SECOND
"""No reply takes less (model.md section 6)."""


def history_us(messages_unread: int, per_message_us: int, at_most_us: int) -> int:
    """Reading what was said since the agent's own last reply, without the burst he answers."""
    return min(max(messages_unread, 0) * per_message_us, at_most_us)


def reply_us(drawn_us: int, history: int = 0, unidentified: bool = False, fields_collected: int = 0) -> int:
    """Effort of a reply: history at the first of a session, the flow's gains and losses at the contact's first."""
    extra = UNIDENTIFIED_US if unidentified else 0
    return max(drawn_us + history + extra - fields_collected * SAVED_PER_FIELD_US, LEAST_EFFORT_US)


def at_speed_us(effort_us: int, speed: float) -> int:
    """An effort at an agent's speed, to the nearest µs."""
    return int(effort_us / speed + 0.5)


def tenure_factor(since_joined_us: int, begins_at: float, half_time_us: int) -> float:
    """Speed of somebody who joined so long ago, as a share of full speed: the gap halves every half time (assumed; an
    exponential learning curve, G. E. Mazur, R. Hastie, Learning as accumulation, Psychological Bulletin 85 (1978))."""
    return 1.0 - (1.0 - begins_at) * 2.0 ** (-max(since_joined_us, 0) / half_time_us)


def wrap_up_deadline_us(mode: str, disconnected_us: int, timeout_us: int | None) -> int | None:
    """When the platform ends the wrap-up by the wall clock, worked on or not; None: never."""
    return None if timeout_us is None else disconnected_us + timeout_us


def wrap_up_end_us(mode: str, started_us: int, drawn_us: int, deadline_us: int | None) -> int:
    """When a wrap-up that an agent turns to at `started_us` is over."""
    if mode == "MANDATORY_FORCED_TIMEOUT" and deadline_us is not None:
        return deadline_us
    end_us = started_us + drawn_us
    return end_us if deadline_us is None else min(end_us, deadline_us)
