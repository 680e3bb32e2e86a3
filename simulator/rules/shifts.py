"""Staggered breaks (model.md section 6)."""


def staggered_us(first_us: int, last_us: int, length_us: int, agent: int, agents: int) -> int:
    """Start of the break of agent 0 … agents−1 between two times: evenly spread, the last ends at `last_us`.

    Absent agents are counted, so that one person's sickness moves nobody else's break.
    """
    if agents <= 1:
        return first_us
    return first_us + (last_us - first_us - length_us) * agent // (agents - 1)
