"""When bulk sends leave under a cap (model.md section 8), in closed form for a whole lane at once.

Sends leave in order of request. Slots lie on an exact clock of units of 1 µs ÷ cap (messages per minute), so that
60 s ÷ cap is a whole number; each send leaves at the first whole µs not before its slot. In every half-open
60-second window there are then at most `cap` of them.
"""

import numpy as np

from simulator.vocabulary.clock import MINUTE


def even_sends_us(requests_us: np.ndarray, cap_per_minute: int) -> np.ndarray:
    """`t_k = max(request_k, t_(k-1) + 60 s / cap)` for sorted requests. [send]"""
    count = np.arange(len(requests_us), dtype=np.int64)
    # With v_k = t_k − k·60 s/cap the rule is a running maximum.
    slots = np.maximum.accumulate(requests_us * cap_per_minute - count * MINUTE) + count * MINUTE
    return -(-slots // cap_per_minute)


def burst_sends_us(requests_us: np.ndarray, cap_per_minute: int) -> np.ndarray:
    """`t_k = max(request_k, t_(k-cap) + 60 s)` for sorted requests. [send]"""
    times = requests_us.copy()
    for start in range(cap_per_minute, len(times), cap_per_minute):
        block = times[start : start + cap_per_minute]
        before = times[start - cap_per_minute : start][: len(block)]
        np.maximum(block, before + MINUTE, out=block)
    return times
