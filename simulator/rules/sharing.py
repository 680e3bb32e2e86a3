"""Shared attention: several conversations worked on at once, by the speeds of a table (model.md section 6).

With n conversations that have work the agent's total speed is s(n) and each gets s(n) / n of it. Work is counted in
units so small that what a conversation gains in a microsecond is a whole number for every n: 1 µs of effort is
`scale` units, and s(n) / n · scale units are gained. All conversations gain alike, so one running sum serves them
all (virtual time); a piece that begins at sum D is done when the sum has reached D + effort · scale. Nothing is ever
rounded but the end of a piece, to the first whole µs at which all of its work is done.
"""

from fractions import Fraction
from math import lcm

DECIMALS = 10_000
"""Speeds count to four decimals."""


def shared_speeds(speeds: tuple[float, ...], most: int) -> tuple[int, list[int]]:
    """Units in 1 µs of effort, and units that each of n conversations gains in 1 µs, for n up to `most` at least.

    Beyond the table the total speed is its last value. [n], from 0
    """
    shares = [Fraction(0)]
    for n in range(1, max(most, len(speeds)) + 1):
        total = Fraction(round(speeds[min(n, len(speeds)) - 1] * DECIMALS), DECIMALS)
        shares.append(total / n)
    scale = lcm(*(share.denominator for share in shares))
    return scale, [int(share * scale) for share in shares]


def done_in_us(target: int, done: int, gain: int) -> int:
    """When a piece is done whose sum must reach `target`, from `done` on: µs, rounded up."""
    return max(-((done - target) // gain), 0)
