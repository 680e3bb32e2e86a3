"""Where the figures of `scenarios/software_support.yaml` come from: fitted on the Thunderbird support messages.

    python tests/fitting_thunderbird.py ../shared/data/messages_thunderbird_2023-01_2025-06.csv.gz

prints them. Nothing is random. The words, as they are used here and in the scenario:

- A *thread* is one question of one person; the person who opens it is the customer, everybody else is a helper.
- A *burst* is what the customer writes between two helper messages; a *reply* is the first helper message after it.
- The *opening* is the first message and what follows it within an hour each, unanswered. A customer who writes once
  more after that hour, still unanswered, reminds: reminders are no part of the model and are counted apart.
- *Turns* are bursts. Helpers leave a quarter of all bursts unanswered; how often such a customer would have written
  is not known, so that his turns are censored: n or more (discrete Kaplan–Meier).
- *Think time* runs from the last helper message before a burst to its first message.
- A *re-contact* is a new thread of the same person after the last reply of his thread before, if that thread ended
  with a reply: what the model calls writing again after service, its delay running from the disconnect.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize

HOUR, DAY = 3600.0, 86400.0
OPENING_GAP_S = HOUR
FOLLOWED_S = 60 * DAY
"""Re-contacts are looked for this long: the model's own limit of a duration."""
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True)
class Lognormal:
    weight: float
    median_s: float
    sigma: float


@dataclass(frozen=True)
class Shape:
    """What messages look like, measured alike on records and on a simulation."""

    opening: np.ndarray
    """Messages of the opening. [thread]"""
    opening_gap_s: np.ndarray
    think_s: np.ndarray
    turns: np.ndarray
    """Bursts. [thread]"""
    last_answered: np.ndarray
    """The thread ended with a reply: its turns are known, not censored. [thread]"""
    recontact_s: np.ndarray
    """Last reply to the same person's next thread; inf: none. [answered to the end, followed long enough]"""
    recontact_from_start_s: np.ndarray
    """Opening to the same person's next opening; inf: none. [thread, followed long enough]"""
    first_reply_s: np.ndarray
    """Opening to first reply. [thread that got one]"""
    inbound: np.ndarray
    """Customer messages, reminders included. [thread]"""
    reminders_share: float
    """Of customer messages: reminders."""
    later_extra_share: float
    """Of customer messages: beyond the first of a later burst."""


@dataclass(frozen=True)
class Fit:
    threads: int
    messages: int
    never_answered: float
    opening_mean: float
    opening_gap: Lognormal
    turns: tuple[tuple[float, float], ...]
    """Mixture of geometric laws: (weight, mean)."""
    think: tuple[Lognormal, ...]
    recontact_probability: float
    recontact: tuple[Lognormal, ...]
    new_per_day: float
    """Contacts that are no re-contacts, by day, July 2024 to June 2025."""
    hour_of_week: np.ndarray
    """Contacts by hour of week, Monday 0 h UTC first; mean 1. [168]"""
    day_factor_cv: float


def load(path: Path) -> pd.DataFrame:
    """The messages as `shape` wants them: thread, person, inbound, at_s (seconds since Monday, 2 January 2023)."""
    rows = pd.read_csv(path)
    at = pd.to_datetime(rows["timestamp_utc"]) - pd.Timestamp("2023-01-02", tz="UTC")
    rows = rows.assign(at_s=at.dt.total_seconds(), inbound=rows["direction"] == "inbound")
    rows["thread"] = pd.factorize(rows["conversation_id"])[0]
    rows["person"] = pd.factorize(rows.groupby("thread")["person"].transform("first"))[0]
    return rows.sort_values(["thread", "seq"], kind="stable")[["thread", "person", "inbound", "at_s"]]


def shape(messages: pd.DataFrame, end_s: float, followed_s: float = FOLLOWED_S) -> Shape:
    """Measure threads. `messages` is sorted by thread and time; threads begin with the customer.

    Re-contacts are looked for where `followed_s` have been seen since the last reply, before `end_s`.
    """
    thread, inbound, at = (messages[name].to_numpy() for name in ("thread", "inbound", "at_s"))
    first = np.flatnonzero(np.r_[True, thread[1:] != thread[:-1]])
    last = np.r_[first[1:], len(thread)] - 1
    number = np.repeat(np.arange(len(first)), last - first + 1)
    gap = np.r_[0.0, np.diff(at)]
    before = np.r_[False, inbound[:-1]]
    inside = np.ones(len(thread), bool)
    inside[first] = False
    replies = np.cumsum(~inbound)
    unanswered = replies - replies[first][number] == 0
    follows = inside & inbound & before
    think = inside & inbound & ~before
    quick = follows & (gap <= OPENING_GAP_S)
    # The opening ends at the first longer pause or reply.
    still = np.maximum.accumulate(np.where(inside & ~quick, np.arange(len(thread)), 0)) <= first[number]
    opening = quick & still
    turns = 1 + np.bincount(number, think)
    reply = np.flatnonzero(inside & ~inbound & before & (replies - replies[first][number] == 1))
    per_thread = pd.DataFrame(
        {
            "person": messages["person"].to_numpy()[first],
            "start": at[first],
            "reply": pd.Series(np.where(inbound, -np.inf, at)).groupby(number).max().to_numpy(),
            "answered": ~inbound[last],
        }
    ).sort_values(["person", "start"], kind="stable")
    next_start = per_thread.groupby("person")["start"].shift(-1).to_numpy()
    after = np.nan_to_num(next_start - per_thread["reply"].to_numpy(), nan=np.inf, posinf=np.inf)
    seen = (per_thread["answered"] & (per_thread["reply"] + followed_s <= end_s)).to_numpy()
    from_start = np.nan_to_num(next_start - per_thread["start"].to_numpy(), nan=np.inf)
    count = inbound.sum()
    return Shape(
        opening=1 + np.bincount(number, opening).astype(int),
        opening_gap_s=gap[opening],
        think_s=gap[think],
        turns=turns.astype(int),
        last_answered=~inbound[last],
        recontact_s=after[seen],
        recontact_from_start_s=from_start[(per_thread["start"] + followed_s <= end_s).to_numpy()],
        first_reply_s=at[reply] - at[first][number[reply]],
        inbound=np.bincount(number, inbound).astype(int),
        reminders_share=float((follows & unanswered & ~opening).sum() / count),
        later_extra_share=float((follows & ~unanswered).sum() / count),
    )


def surviving(turns: np.ndarray, known: np.ndarray, upto: int = 12) -> np.ndarray:
    """Discrete Kaplan–Meier: the share of customers with more than k turns, k = 1..upto. [upto]"""
    more = [np.sum(turns > k) / max(np.sum(turns > k) + np.sum((turns == k) & known), 1) for k in range(1, upto + 1)]
    return np.cumprod(more)


def fit(messages: pd.DataFrame) -> Fit:
    """All figures. `messages` as `load` gives them."""
    # Threads opened up to 30 June 2025; messages of these threads are followed to the end of 2025.
    end_s = (pd.Timestamp("2025-07-01") - pd.Timestamp("2023-01-02")).total_seconds()
    found = shape(messages, end_s)
    starts = messages.groupby("thread")["at_s"].first().to_numpy()
    again = (found.recontact_s >= 0) & (found.recontact_s < FOLLOWED_S)
    probability = float(again.mean())
    year = starts[(starts >= end_s - 365 * DAY) & (starts < end_s)]
    # Of all contacts, those with a reply to the end and a re-contact after it are followed by one.
    followers = probability * found.last_answered.mean()
    hours = np.bincount((starts[starts >= 0] // HOUR).astype(int) % 168, minlength=168).astype(float)
    return Fit(
        threads=len(starts),
        messages=len(messages),
        never_answered=float(1 - len(found.first_reply_s) / len(starts)),
        opening_mean=float(found.opening.mean()),
        opening_gap=_lognormals(found.opening_gap_s, 1)[0],
        turns=_geometrics(found.turns, found.last_answered),
        think=_lognormals(found.think_s, 2),
        recontact_probability=probability,
        recontact=_lognormals(found.recontact_s[again], 2),
        new_per_day=float(len(year) / 365 * (1 - followers)),
        hour_of_week=hours / hours.mean(),
        day_factor_cv=_day_factor_cv(starts[starts >= 0]),
    )


def _lognormals(seconds: np.ndarray, parts: int) -> tuple[Lognormal, ...]:
    """Mixture of lognormal laws by expectation–maximisation, from quantiles; shortest median first.

    The logarithms are counted in 4,000 bins first (each narrower than 0.5 %).
    """
    counts, edges = np.histogram(np.log(np.maximum(seconds, 1.0)), 4000)
    x, n = ((edges[1:] + edges[:-1]) / 2)[counts > 0], counts[counts > 0].astype(float)
    mu = np.quantile(np.repeat(x, counts[counts > 0]), (np.arange(parts) + 0.5) / parts)
    sigma, weight = np.full(parts, np.ptp(x) / 6), np.full(parts, 1 / parts)
    for _ in range(5000):
        likely = weight / sigma * np.exp(-(((x[:, None] - mu) / sigma) ** 2) / 2)
        belongs = n[:, None] * likely / likely.sum(axis=1, keepdims=True)
        total = belongs.sum(axis=0)
        before = mu
        weight, mu = total / n.sum(), (belongs * x[:, None]).sum(axis=0) / total
        sigma = np.sqrt((belongs * (x[:, None] - mu) ** 2).sum(axis=0) / total)
        if np.abs(mu - before).max() < 1e-7:
            break
    order = np.argsort(mu)
    return tuple(Lognormal(float(weight[i]), float(np.exp(mu[i])), float(sigma[i])) for i in order)


def _geometrics(turns: np.ndarray, known: np.ndarray) -> tuple[tuple[float, float], ...]:
    """Mixture of two geometric laws from 1 by maximum likelihood, turns of threads without last reply censored."""
    after = np.arange(turns.max())[:, None]  # n − 1
    ends, censored = (np.bincount(turns[which] - 1, minlength=len(after)) for which in (known, ~known))

    def parts(z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        weight, *go_on = 1 / (1 + np.exp(-z))
        return np.array([weight, 1 - weight]), np.array(go_on)

    def cost(z: np.ndarray) -> float:
        weights, go_on = parts(z)
        more = go_on**after  # P(turns >= n)
        exactly = more * (1 - go_on)
        return -float(ends @ np.log(exactly @ weights) + censored @ np.log(more @ weights)) / len(turns)

    best = minimize(cost, [1.0, -0.5, 1.0], method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-12})
    weights, go_on = parts(best.x)
    return tuple(sorted(zip(weights.tolist(), (1 / (1 - go_on)).tolist(), strict=True), key=lambda part: part[1]))


def _day_factor_cv(starts: np.ndarray) -> float:
    """What daily counts vary beyond Poisson after level (28 days around) and weekday.

    With mean m and factor of variance c²: E (x − m)² = (m + m² c²) · (1 − 1/28), the level being estimated too.
    """
    counts = np.bincount((starts // DAY).astype(int)).astype(float)
    counts = counts[: len(counts) // 7 * 7]
    weekday = np.arange(len(counts)) % 7
    index = np.array([counts[weekday == day].mean() for day in range(7)]) / counts.mean()
    even = counts / index[weekday]
    level = np.convolve(even, np.ones(28) / 28, "valid")
    inner = slice(14, 14 + len(level))
    m = level * index[weekday[inner]]
    excess = (counts[inner] - m) ** 2 / (1 - 1 / 28) - m
    return float(np.sqrt(excess.sum() / (m**2).sum()))


def main(path: str) -> None:
    messages = load(Path(path))
    found = fit(messages)
    for name in found.__dataclass_fields__:
        if name != "hour_of_week":
            print(f"{name}: {getattr(found, name)}")
    print("by_hour_of_week:")
    for day in found.hour_of_week.reshape(7, 24):
        print("  " + ", ".join(f"{value:.2f}" for value in day) + ",")
    of = shape(messages, (pd.Timestamp("2025-07-01") - pd.Timestamp("2023-01-02")).total_seconds())
    print("more than k turns:", surviving(of.turns, of.last_answered).round(4))
    for name in ("opening_gap_s", "think_s", "first_reply_s"):
        print(name, len(getattr(of, name)), np.quantile(getattr(of, name), QUANTILES).round())
    for hours in (24, 72):
        for name in ("recontact_s", "recontact_from_start_s"):
            share = np.mean((getattr(of, name) >= 0) & (getattr(of, name) < hours * HOUR))
            print(f"{name} within {hours} h: {share:.4f} of {len(getattr(of, name))}")
    print(f"opened before the last reply of the thread before: {np.mean(of.recontact_s < 0):.4f}")
    print(f"reminders {of.reminders_share:.4f}, more messages of later bursts {of.later_extra_share:.4f} of inbound")
    print("inbound messages by thread, mean", of.inbound.mean(), "turns, mean", of.turns.mean())


if __name__ == "__main__":
    main(sys.argv[1])
