"""Offers: which of them the window counts, and how they ended. Used by everything that looks at a queue."""

from __future__ import annotations

import numpy as np

from simulator.metrics.keys import at, row_of, rows_in
from simulator.metrics.window import View
from simulator.vocabulary.clock import SECOND

SCOPES = ("queue", "channel", "topic")


def offered(view: View) -> np.ndarray:
    return view.cohort("offers", "entered_us")


def answered(view: View) -> np.ndarray:
    return view.equals("offers", "outcome", "answered")


def abandoned(view: View) -> np.ndarray:
    return view.equals("offers", "outcome", "abandoned")


def flowed_out(view: View) -> np.ndarray:
    return view.equals("offers", "outcome", "flowed_out")


def waited(view: View) -> np.ndarray:
    """Seconds in queue, nan while waiting. [offer]"""
    return view.column("offers", "t_wait_us") / SECOND


def over(view: View) -> np.ndarray:
    """Answered strictly later than the target. [offer]"""
    return answered(view) & (view.column("offers", "t_wait_us") > view.scenario.service_level.within_us)


def short(view: View) -> np.ndarray:
    """Abandoned strictly before `short_abandon`. [offer]"""
    return abandoned(view) & (view.column("offers", "t_wait_us") < view.scenario.service_level.short_abandon_us)


def counts_against(view: View) -> np.ndarray:
    """Offers in the denominator of the service level, by the scenario's switches. [offer]"""
    level = view.scenario.service_level
    counted = answered(view)
    if level.count_abandons:
        counted = counted | (abandoned(view) if level.count_short_abandons else abandoned(view) & ~short(view))
    if level.count_flow_outs:
        counted = counted | flowed_out(view)
    return counted


def not_at_once(view: View) -> np.ndarray:
    """Offers for which no agent was free: neither connected nor alerted at the instant of entry. [offer]"""
    entered = view.column("offers", "entered_us")
    at_once = answered(view) & (view.column("offers", "t_wait_us") == 0)
    if view.size("alerts"):
        place = row_of(view, "alerts", "offers", "portion", "offer")
        first = np.full(view.size("offers") + 1, np.inf)
        np.minimum.at(first, place, view.column("alerts", "alerted_us"))  # -1 falls into the last place
        at_once = at_once | (first[:-1] == entered)
    return ~at_once


# --- blocked contacts are no offers: they stand in the portions --------------------------------------------------


def turned_away(view: View) -> np.ndarray:
    """Portions turned away by max_waiting. [portion]"""
    return view.equals("portions", "disconnect", "blocked")


def blocked(view: View) -> np.ndarray:
    """Portions turned away by max_waiting in the window. [portion]"""
    return turned_away(view) & view.cohort("portions", "disconnected_us")


def blocked_codes(view: View) -> dict[str, np.ndarray]:
    """Scope numbers of portions that were turned away: by which queue, with which topic; -1 for all others."""
    queue = view.codes("portions", "blocked_queue", view.names["queue"])
    return {"queue": queue, "topic": view.kept("topic of portions turned away", lambda: _topics(view))}


def _topics(view: View) -> np.ndarray:
    """[portion]"""
    gone = np.flatnonzero(turned_away(view))
    found = np.full(view.size("portions"), -1, np.int64)
    if len(gone):
        contact = rows_in(view, "portions", "contact", "contacts", "contact")[gone]
        found[gone] = at(view.codes("contacts", "topic"), contact, -1)
    return found
