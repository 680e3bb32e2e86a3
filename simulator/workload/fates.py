"""What becomes of bulk messages after they have left: tries, latency, the reason of a failure, when they are read.

Everything is drawn beforehand: which try would be delivered does not depend on when it is made.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from simulator.scenario.delivery import Delivery
from simulator.scenario.laws import Law
from simulator.scenario.sending import Retries
from simulator.vocabulary.codes import Failure
from simulator.workload.draws import Draw
from simulator.workload.streams import Stream

UNNAMED = 0
"""The reason of a failure that `delivered: 97 %` brings: nobody has said why."""
NAMED = (Failure.UNREACHABLE, Failure.PLATFORM_ERROR, Failure.NUMBER_INVALID, Failure.BLOCKED_BY_CUSTOMER)
"""Reasons that a scenario may give shares, in the order in which one uniform is cut."""
FOR_GOOD = (Failure.NUMBER_INVALID, Failure.BLOCKED_BY_CUSTOMER)
"""Nobody tries again."""


@dataclass(frozen=True)
class Fate:
    """The columns of one source. All [message]."""

    tries: np.ndarray
    """int64: it leaves so often at most; all tries but the last fail."""
    delivered: np.ndarray
    """bool: the last one is delivered"""
    reason: np.ndarray
    """int64: `Failure`, why the last one fails; `UNNAMED`"""
    latency_us: np.ndarray
    """int64: leaving of the last try to delivery, or to knowing that it failed"""
    resend_us: tuple[np.ndarray, ...]
    """By try but the last possible: leaving to the request of the next one."""
    read_us: np.ndarray
    """int64: delivery to reading; -1: not read"""


def fates(
    delivery: Delivery, luck: np.ndarray, stream: Callable[[str], Stream], clipped: Counter[str], name: str
) -> Fate:
    """`luck`: who is delivered as far as the share `delivered` goes; the others fail at once and for good."""
    count, attempts = len(luck), delivery.attempts
    shares = np.cumsum([delivery.failures.get(reason.name.lower(), 0.0) for reason in NAMED])  # type: ignore[call-overload]
    codes = np.array([*NAMED, UNNAMED], np.int64)
    tries = np.ones(count, np.int64)
    reason = np.full(count, UNNAMED, np.int64)
    going, delivered = luck.copy(), luck.copy()
    latency = np.zeros(count, np.int64)
    resend = []
    for k in range(attempts):
        here = _latency(delivery.latency_us, stream("latency"), count, k, clipped, name)
        latency = np.where(going | (k == 0), here, latency)
        why = codes[np.searchsorted(shares, stream("failure").column(count, k), side="right")]
        fails = going & (why != UNNAMED)
        tries[going] = k + 1
        reason[fails] = why[fails]
        reason[going & ~fails] = UNNAMED
        delivered[going] = ~fails[going]
        going = fails & ~np.isin(why, FOR_GOOD)
        if k + 1 < attempts:
            resend.append(here + delivery.pause_us(k + 1))
    return Fate(tries, delivered, reason, latency, tuple(resend), _read(delivery, delivered, stream, clipped, name))


def _latency(law: Law | None, stream: Stream, count: int, k: int, clipped: Counter[str], name: str) -> np.ndarray:
    if law is None:
        return np.zeros(count, np.int64)
    return Draw(stream, [law], clipped, f"{name}: latency").column(np.zeros(count, np.int64), k)


def _read(
    delivery: Delivery, delivered: np.ndarray, stream: Callable[[str], Stream], clipped: Counter[str], name: str
) -> np.ndarray:
    read_us, rule = np.full(len(delivered), -1, np.int64), delivery.read
    if rule is None:
        return read_us
    who = np.flatnonzero(delivered & (stream("read").column(len(delivered)) < rule.share))
    if rule.delay_us is None:
        read_us[who] = 0
    else:
        law = Draw(stream("read delay"), [rule.delay_us], clipped, f"{name}: read delay")
        read_us[who] = law.some(who, np.zeros(len(who), np.int64), len(delivered), 0)
    return read_us


def retry_columns(retries: Retries | None, stream: Stream, count: int) -> tuple[np.ndarray, ...]:
    """How long the caller waits after each refusal, by attempt. ([message] of int64 µs, …)"""
    if retries is None:
        return ()
    still = np.full(count, 0.5)
    return tuple(
        pauses_us(retries, k, stream.column(count, k) if retries.jitter else still) for k in range(retries.attempts)
    )


def pauses_us(retries: Retries, attempt: int, u: np.ndarray) -> np.ndarray:
    """How long callers wait after attempt number `attempt` (from 0) was refused. [call] of int64 µs

    Exponential: back_off · factor^attempt, times 1 ± jitter by a uniform u. [call]
    """
    pause = retries.back_off_us * retries.factor**attempt
    return np.rint(pause * (1 + retries.jitter * (2 * u - 1))).astype(np.int64)
