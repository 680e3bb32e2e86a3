"""Days that begin empty: as published from 1,000 simulated ones and, without abandoning, exactly as a chain gives."""

from __future__ import annotations

from simulator.experiments.truth import book
from simulator.experiments.truth.book import Facts, offered, whole_day
from simulator.experiments.truth.case import Case
from simulator.experiments.truth.claims import Claim, Published
from simulator.experiments.truth.estimates import counted, measured
from simulator.scenario.schema import Scenario


def published(facts: Facts) -> Published:
    """All three cases are the same 1,000 days with one thing changed."""
    return Published(facts.expected, book.facts("cc_mmc").params["days"])


def _endless_patience(facts: Facts, label: str, world: Scenario) -> list[Claim]:
    """The mean wait of 200 days has a standard error of 3.2 %, with twins of 1.0 %.

    Occupancy is not compared with the exact number: all that the twins leave of it is how many still wait at closing
    time, too rare for a standard error.
    """
    claim, day = published(facts).claim, whole_day(world)
    return [
        claim("in_target", counted("answered_within"), "in_target_ci95"),
        claim("service_level", measured("answered_within"), "sl_ci95"),
        claim("avg_wait_min", measured("tWait"), "wait_ci95", unit=60),
        claim("occupancy", measured("occupancy_work"), "occ_ci95"),
        Claim("service_level, exactly", day.within(20), measured("answered_within")),
        Claim("avg_wait, exactly", day.wait_s, measured("tWait")),
    ]


def _impatient(facts: Facts, label: str, world: Scenario) -> list[Claim]:
    """Service levels are ratios of means."""
    claim = published(facts).claim
    return [
        claim("abandoned", counted("nAbandoned"), "abandoned_ci95"),
        claim("in_target", counted("answered_within"), "in_target_ci95"),
        claim("sl_served", counted("answered_within", by="nAnswered")),
        claim("sl_with_abandon", measured("oServiceLevel"), "sl_with_abandon_ci95"),
        claim("avg_wait_served_min", measured("tWait_answered"), unit=60),
        claim("occupancy", measured("occupancy_work"), "occ_ci95"),
    ]


def _limited_queue(facts: Facts, label: str, world: Scenario) -> list[Claim]:
    """Who is turned away waits not at all, and is in no mean wait."""
    claim, day = published(facts).claim, whole_day(world)
    return [
        claim("blocked", counted("nBlocked"), "blocked_ci95"),
        claim("in_target", counted("answered_within"), "in_target_ci95"),
        claim("sl_served", counted("answered_within", by="nAnswered")),
        claim("sl_with_blocked", measured("oServiceLevel")),
        claim("avg_wait_min", measured("tWait"), "wait_ci95", unit=60),
        claim("occupancy", measured("occupancy_work")),
        Claim("blocked, exactly", day.blocked * day.arrivals, counted("nBlocked")),
        Claim("sl_with_blocked, exactly", day.within(20), measured("oServiceLevel")),
        Claim("avg_wait, exactly", day.wait_s, measured("tWait")),
        Claim("occupancy, exactly", day.busy, measured("occupancy_work")),
    ]


CASES = (
    Case("cc_mmc", _endless_patience, load=offered),
    Case("cc_mmc_abandon", _impatient, load=offered),
    Case("cc_mmc_blocked", _limited_queue, load=offered),
)
