"""Where the figures of `scenarios/bank_calls.yaml` come from: fitted on the calls of January 1999 of a small bank.

    python tests/fitting_bank.py ../shared/data/calls_anonbank_1999_jan_feb_aug.csv.gz

prints them. Nothing is random. What is used of the records: calls that asked for an agent (served, or hung up in the
queue), Sunday to Thursday (the bank's working days), 7 to 24 h, without the Internet desk (type IN: agents of its own
from August on). *Entered* is the moment a call joins the queue, or is served without waiting.

Who was logged on is not recorded. What can be seen is how many agents talked at once while somebody waited: then
everybody who was ready was busy. Its mean over those seconds, by hour of day, is `busy_while_waiting`.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp, minimize
from scipy.special import log_ndtr

HOURS = np.arange(7, 24)
STEP_S = 5
READY = 1.14
"""Agents ready for calls, as a multiple of `busy_while_waiting`, which is too low: callers wait when few agents are
there. Found on January alone: with it the simulated January loses the recorded share of callers
(`tests/test_bank_calls.py`); 1.08 loses 12.6 %, 1.14 10.8 %, 1.20 9.6 %."""
SHORT_S = 20.0
"""Services below this are no conversations: wrong numbers, and agents who hung up for a pause."""


@dataclass(frozen=True)
class Fit:
    days: int
    calls: int
    short_share: float
    """Of services: shorter than SHORT_S."""
    service: tuple[float, float]
    """The others: median in seconds and sigma of a lognormal law."""
    patience: tuple[float, float]
    """Median in seconds and sigma; served callers are censored at their wait."""
    patience_median_km: float
    """The same median by Kaplan–Meier, without any law."""
    per_day: float
    by_hour: np.ndarray
    """Share of the day's calls by hour, mean over the 17 hours 1. [24]"""
    day_factor_cv: float
    busy_while_waiting: np.ndarray
    """Agents. [hour 7..23]"""


def load(path: Path) -> pd.DataFrame:
    """The calls that are used: month, date, entered_s (of the day), wait_s, hung_up, service_s."""
    rows = pd.read_csv(path, low_memory=False)
    seconds = {name: pd.to_timedelta(rows[name]).dt.total_seconds() for name in ("q_start", "ser_start")}
    calls = pd.DataFrame(
        {
            "month": rows["date"].str[:7],
            "date": rows["date"],
            "entered_s": np.where(rows["q_time"] > 0, seconds["q_start"], seconds["ser_start"]),
            "wait_s": rows["q_time"],
            "hung_up": rows["outcome"] == "HANG",
            "service_s": rows["ser_time"],
        }
    )
    asked = (rows["outcome"] == "AGENT") | (rows["q_time"] > 0)
    working = pd.to_datetime(rows["date"]).dt.day_of_week.isin([6, 0, 1, 2, 3])
    calls = calls[asked & working & (rows["type"] != "IN")]
    calls = calls[calls["entered_s"] >= HOURS[0] * 3600]
    return calls.sort_values(["date", "entered_s"], kind="stable").reset_index(drop=True)


def fit(calls: pd.DataFrame, month: str = "1999-01") -> Fit:
    """All figures of one month. `calls` as `load` gives them."""
    calls = calls[calls["month"] == month]
    served = calls.loc[~calls["hung_up"] & (calls["service_s"] > 0), "service_s"].to_numpy()
    long = np.log(served[served >= SHORT_S])
    waited = calls[calls["wait_s"] > 0]
    wait, hung_up = waited["wait_s"].to_numpy(), waited["hung_up"].to_numpy()
    counts = calls.groupby("date").size()
    hour = (calls["entered_s"] // 3600).astype(int)
    by_hour = np.bincount(hour, minlength=24)[:24].astype(float)
    return Fit(
        days=len(counts),
        calls=len(calls),
        short_share=float(np.mean(served < SHORT_S)),
        service=(float(np.exp(long.mean())), float(long.std())),
        patience=_patience(wait, hung_up),
        patience_median_km=_median_by_kaplan_meier(wait, hung_up),
        per_day=float(counts.mean()),
        by_hour=by_hour / by_hour.sum() * len(HOURS),
        day_factor_cv=_day_factor_cv(counts),
        busy_while_waiting=busy_while_waiting(calls),
    )


def _patience(wait: np.ndarray, hung_up: np.ndarray) -> tuple[float, float]:
    """Lognormal law by maximum likelihood: f(t) for who hung up, 1 − F(t) for who was served at t."""
    x = np.log(wait)

    def cost(z: np.ndarray) -> float:
        mu, sigma = z[0], np.exp(z[1])
        score = (x - mu) / sigma
        return -float(np.where(hung_up, -(score**2) / 2 - z[1], log_ndtr(-score)).mean())

    best = minimize(cost, [6.0, 0.5], method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-12})
    return float(np.exp(best.x[0])), float(np.exp(best.x[1]))


def _median_by_kaplan_meier(wait: np.ndarray, hung_up: np.ndarray) -> float:
    times, at = np.unique(wait, return_inverse=True)
    left, gone = np.bincount(at, hung_up), np.bincount(at)
    waiting = len(wait) - np.r_[0, np.cumsum(gone)[:-1]]
    still = np.cumprod(1 - left / waiting)
    return float(times[np.argmax(still <= 0.5)]) if (still <= 0.5).any() else float("inf")


def _day_factor_cv(counts: pd.Series) -> float:
    """What daily counts vary beyond Poisson after weekday and a linear trend (six parameters)."""
    dates = pd.to_datetime(counts.index)
    weekday = dates.day_of_week
    design = np.column_stack([*(weekday == day for day in (6, 0, 1, 2, 3)), (dates - dates[0]).days])
    x = counts.to_numpy(float)
    m = design @ np.linalg.lstsq(design.astype(float), x, rcond=None)[0]
    excess = ((x - m) ** 2).sum() * len(x) / (len(x) - design.shape[1]) - m.sum()
    return float(np.sqrt(max(excess, 0) / (m**2).sum()))


def busy_while_waiting(calls: pd.DataFrame) -> np.ndarray:
    """Mean number of agents in conversation over the seconds in which somebody waited. [hour 7..23]"""
    size = 26 * 3600 // STEP_S
    busy_s, waiting_s = np.zeros(24), np.zeros(24)
    hour = np.arange(size) * STEP_S // 3600
    for _, day in calls.groupby("date"):
        served, queued = day[day["service_s"] > 0], day[day["wait_s"] > 0]
        start = np.where(served["wait_s"] > 0, served["entered_s"] + served["wait_s"], served["entered_s"])
        busy = _level(start, served["service_s"].to_numpy(), size)
        waiting = _level(queued["entered_s"].to_numpy(), queued["wait_s"].to_numpy(), size) > 0
        inside = waiting & (hour < 24)
        busy_s += np.bincount(hour[inside], busy[inside], 24)
        waiting_s += np.bincount(hour[inside], minlength=24)
    return busy_s[HOURS] / waiting_s[HOURS]


def _level(start: np.ndarray, length: np.ndarray, size: int) -> np.ndarray:
    """How many are under way. [step]"""
    change = np.zeros(size + 1)
    np.add.at(change, np.clip(start // STEP_S, 0, size).astype(int), 1)
    np.add.at(change, np.clip((start + length) // STEP_S, 0, size).astype(int), -1)
    return change[:size].cumsum()


def rota(present: np.ndarray) -> list[tuple[int, int, int]]:
    """Shifts that give so many agents by hour, as near as whole agents can: (from hour, to hour, agents).

    Least sum of differences over all shifts of 4 to 9 hours (integer programme), few agents preferred.
    [hour 7..23] → shifts
    """
    shifts = [(a, b) for a in range(7, 21) for b in range(a + 4, min(a + 9, 24) + 1)]
    n, hours = len(shifts), len(HOURS)
    # Unknowns: agents by shift; agents too many and too few by hour.
    balance = np.hstack([_covers(shifts), -np.eye(hours), np.eye(hours)])
    best = milp(
        np.r_[np.full(n, 0.01), np.ones(2 * hours)],
        integrality=np.r_[np.ones(n), np.zeros(2 * hours)],
        bounds=Bounds(0, np.inf),
        constraints=LinearConstraint(balance, present, present),
    )
    agents = best.x[:n].round().astype(int)
    return [(a, b, int(count)) for (a, b), count in zip(shifts, agents, strict=True) if count]


def on_duty(shifts: list[tuple[int, int, int]]) -> np.ndarray:
    """Agents by hour. [hour 7..23]"""
    return _covers([(a, b) for a, b, _ in shifts]) @ np.array([count for *_, count in shifts])


def _covers(shifts: list[tuple[int, int]]) -> np.ndarray:
    return np.array([(a <= HOURS) & (b > HOURS) for a, b in shifts], float).T


def records(calls: pd.DataFrame, month: str) -> tuple[float, float]:
    """Share that hung up in the queue, mean wait in seconds of all who asked for an agent."""
    of = calls[calls["month"] == month]
    return float(of["hung_up"].mean()), float(of["wait_s"].mean())


def main(path: str) -> None:
    calls = load(Path(path))
    for month in ("1999-01", "1999-02", "1999-08"):
        found = fit(calls, month)
        print(f"--- {month}" + ("" if month == "1999-01" else " (not used, for comparison)"))
        for name in found.__dataclass_fields__:
            value = getattr(found, name)
            print(f"{name}: {value.round(2).tolist() if isinstance(value, np.ndarray) else value}")
        print("hung up, mean wait:", records(calls, month))
    print("rota:", rota(READY * fit(calls).busy_while_waiting))


if __name__ == "__main__":
    main(sys.argv[1])
