"""How the circle of agents widens while an interaction waits (model.md section 5): rings, preferred agents, groups."""

NEVER = -1
"""No further ring."""


def open_ring(waited_us: int, untils_us: list[int]) -> int:
    """Bullseye: which ring is open (from 0). `untils_us`: the end of every ring but the last, from queue entry.

    A ring is left exactly at its end. Rings add up: what an earlier one found stays.
    """
    ring = 0
    while ring < len(untils_us) and waited_us >= untils_us[ring]:
        ring += 1
    return ring


def next_ring_us(ring: int, untils_us: list[int]) -> int:
    """When the next ring opens, from queue entry; NEVER for the last."""
    return untils_us[ring] if ring < len(untils_us) else NEVER


def skills_in_ring(required: int, dropped: list[int], ring: int) -> int:
    """Skills (bits) that are still required in a ring: those that earlier rings dropped when they were left are not."""
    for left in dropped[:ring]:
        required &= ~left
    return required


def preferred_untils_us(waits_us: list[int]) -> list[int]:
    """Preferred agents: rules follow one another. When each ends, from queue entry."""
    untils, total = [], 0
    for wait_us in waits_us:
        total += wait_us
        untils.append(total)
    return untils


def preferred_in_rule(scores: list[int], threshold: int) -> list[int]:
    """The distinct scores that a rule admits, the highest first: in this order its agents are tried."""
    return sorted({score for score in scores if score >= threshold}, reverse=True)


def condition_holds(measured: float, above: float, below: float) -> bool:
    """Strictly above one bound or strictly below the other; nan: no such bound, or nothing measured."""
    return measured > above or measured < below


def estimated_wait_us(position: int, mean_handle_us: float, slots: float) -> float:
    """Position × mean handle time ÷ effective slots (model.md section 5, ours); infinite without slots."""
    if position <= 0 or mean_handle_us <= 0:
        return 0.0
    return position * mean_handle_us / slots if slots > 0 else float("inf")
