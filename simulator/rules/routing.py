"""Which interaction, which agent (model.md section 5).

Everything here is a function of numbers. Sets of skills are bits of a whole number, so that "every required skill"
is one operation; an engine numbers its skills once.
"""

from simulator.vocabulary.clock import DAY, MINUTE

LOOK_BACK_US = 7 * DAY
"""An agent's clock shows at most this: who has not worked for longer, or never, counts so much."""

HIGHEST_PRIORITY = 25_000_000
"""A priority lies between this and its negative (the platform's number)."""

LONGEST_CLOCKS = 100
"""`BEST` looks at so many of the available agents, those with the longest clock (the platform's number)."""

MILLI = 1_000
"""Growth of a priority is counted in thousandths of a unit per minute."""


# --- which interaction -----------------------------------------------------------------------------------------


def rank_key(entered_us: int, priority: int) -> int:
    """Where an interaction stands in its queue: smaller goes first.

    Score = minutes in queue + priority. Everybody's minutes grow alike, so that comparing scores at any time is
    comparing these keys once.
    """
    return entered_us - priority * MINUTE


def ageing_key(entered_us: int, priority: int, growth: int) -> int:
    """The same where the priority itself grows, by `growth` thousandths of a unit a minute: smaller goes first among
    interactions of equal growth. Score = minutes · (1 + growth) + priority, in thousandths of a µs."""
    return entered_us * (MILLI + growth) - priority * MINUTE * MILLI


def ageing_score(now_us: int, entered_us: int, priority: int, growth: int) -> int:
    """The conversation score itself, in thousandths of a µs of waiting: larger goes first, whatever the growths."""
    return (now_us - entered_us) * (MILLI + growth) + priority * MINUTE * MILLI


def priority_key(entered_us: int, priority: int, growth: int) -> int:
    """`PriorityOnly`: smaller goes first among interactions of equal growth. Ties are the caller's: earlier entry."""
    return entered_us * growth - priority * MINUTE * MILLI


def priority_score(now_us: int, entered_us: int, priority: int, growth: int) -> int:
    """The priority now, in thousandths of a unit times a minute: larger goes first, whatever the growths."""
    return (now_us - entered_us) * growth + priority * MINUTE * MILLI


def place_in_line(leads: bool, score: int, entered_us: int, owner: int) -> tuple[int, int, int, int]:
    """Which of several queues' heads an agent takes: smaller goes first.

    `PriorityOnly` queues lead; then the higher score, the earlier entry, the smaller id.
    """
    return (0 if leads else 1, -score, entered_us, owner)


def priority_after(priority: int, number: int, adds: bool) -> int:
    """What the in-queue flow makes of a priority: `number` more, or `number` itself; never beyond the platform's
    bounds."""
    changed = priority + number if adds else number
    return max(-HIGHEST_PRIORITY, min(HIGHEST_PRIORITY, changed))


# --- which agent -----------------------------------------------------------------------------------------------


def clock_start_us(kind: int, connected_us: int, wrapped_up_us: int, on_queue_us: int, resets: bool) -> int:
    """Where an agent's clock begins; negative: never.

    `kind`: 0 the later of connect and end of wrap-up, 1 connect alone, 2 end of wrap-up alone. With `resets` going
    on queue begins it anew.
    """
    if kind == 0:
        since_us = max(connected_us, wrapped_up_us)
    elif kind == 1:
        since_us = connected_us
    else:
        since_us = wrapped_up_us
    return max(since_us, on_queue_us) if resets else since_us


def may_serve(has: int, asked: int, languages: int, language: int, marks: int, one_of: int) -> bool:
    """Every required skill (bits), the language (a bit, 0: any), and one of the marks asked for (bits, 0: any).

    Marks are groups and single agents that rings, preferred agents and conditional groups name.
    """
    return asked & ~has == 0 and language & ~languages == 0 and (one_of == 0 or marks & one_of != 0)


def mean_proficiency(total: int, count: int) -> int:
    """Mean proficiency in the required skills, in 1/5040 of a unit of `total`: exact for up to ten skills, so that
    equal means are equal. Who is asked for nothing is as good as anybody."""
    return total * 5040 // count if count else 0


def is_better(proficiency: int, best: int) -> bool:
    """`BEST`: does an agent take the place of the best so far? Asked in order of the clocks, the longest first, so that
    of equals the longest stays. -1: does not qualify, or nobody so far. An agent who takes by skill asks the same of
    what he might take."""
    return proficiency > best
