"""How agents handle several conversations: worked on together, switched between, held, parked, beyond the limit."""

from __future__ import annotations

import numpy as np

from simulator.metrics import cohorts, steps
from simulator.metrics.desk import desk_of
from simulator.metrics.parts import Measure, Part, Parts, by, mean_of
from simulator.metrics.sources import LITTLE, METRICS_PAGE, platform
from simulator.metrics.window import Stays, View
from simulator.records.slots import rules_of
from simulator.vocabulary.clock import HOUR, SECOND

SCOPES = ("queue", "group")
SESSION_SCOPES = ("queue", "channel", "group")
PARK_SCOPES = ("queue", "group")


def _worked_together(view: View) -> Parts:
    desk = desk_of(view)
    work = desk.attention()
    if not desk.some_share:
        return desk.ratio(desk.time(work), desk.time(work))
    return desk.ratio(desk.shared(desk.pieces(), work, lambda s: s.first), desk.time(work))


def _over_capacity(view: View) -> Parts:
    desk = desk_of(view)
    over = desk.summed(desk.filled, lambda s: s.first > desk.capacity[s.owner])
    return desk.ratio(over / HOUR, 1.0)


def _switching(view: View) -> Parts:
    rows = view.cohort("sessions", "connected_us")
    lost = np.where(rows, view.column("sessions", "t_switching_us"), 0) / HOUR
    return by(view, "sessions", SESSION_SCOPES, lost, 1.0)


def _t_held(view: View) -> Parts:
    """Per group and pair of names: the time both are connected at one agent, counted for each that is interrupted."""
    groups = view.scenario.agents
    connected = view.cohort("sessions", "connected_us")
    parts: Parts = {}
    for group in view.names["group"]:
        mine = view.equals("sessions", "group", group)
        held = 0.0
        for kind, interrupted, by_whom in rules_of(groups[group]).interruptions:
            others = mine & view.equals("sessions", kind, by_whom)
            held += _both(view, mine & view.equals("sessions", kind, interrupted), others)
        parts[(("group", group),)] = Part(held / SECOND, float((connected & mine).sum()))
    whole = [part for part in parts.values() if part.denominator]
    parts[()] = Part(sum(part.numerator for part in whole), sum(part.denominator for part in whole))
    return parts


def _both(view: View, interrupted: np.ndarray, others: np.ndarray) -> float:
    """Time of the interrupted sessions in the window, beside one of the others at the same agent. µs"""
    desk = desk_of(view)

    def talks(rows: np.ndarray) -> Stays:
        who = view.codes("sessions", "agent", desk.agents)
        return view.stays("sessions", "connected_us", "disconnected_us", "ended_us", owner=who, rows=rows)

    both = steps.together(talks(others), talks(interrupted), view.from_us, view.to_us)
    return float((both.length * both.second * (both.first > 0)).sum())


def _n_parked(view: View) -> Parts:
    return by(view, "parks", PARK_SCOPES, view.cohort("parks", "parked_us"), 1.0)


def _t_park(view: View) -> Parts:
    values = view.column("parks", "t_park_us") / SECOND
    return mean_of(view, "parks", PARK_SCOPES, values, view.cohort("parks", "parked_us"))


def _parked_mean(view: View) -> Parts:
    lengths = steps.overlap(*view.stays("parks", "parked_us", "returned_us")[1:], view.from_us, view.to_us)
    return by(view, "parks", PARK_SCOPES, lengths, float(view.span_us))


def _returned_on_time(view: View) -> Parts:
    rows = view.cohort("parks", "parked_us") & view.has("parks", "returned_us")
    return by(view, "parks", PARK_SCOPES, rows & view.equals("parks", "why", "time_over"), rows)


def _inactive(view: View) -> Parts:
    ended = view.cohort("portions", "disconnected_us")
    rows = ended & view.equals("portions", "disconnect", "inactive", "timed_out")
    return by(view, "portions", ("channel", "queue"), rows, 1.0)


def _timed_out(view: View) -> Parts:
    rows = view.cohort("portions", "disconnected_us") & view.equals("portions", "disconnect", "timed_out")
    return by(view, "portions", ("channel", "queue"), rows, 1.0)


HANDLING = (
    Measure("worked_together", "count", "mean number of conversations an agent works on at once, over the time he "
            "works; 1 with serial attention", SCOPES, _worked_together,
            title="worked on at once, mean", formula="∫ (pieces · working) dt ÷ ∫ working dt",
            cohort=cohorts.AGENT_TIME),
    Measure("switching_hours", "h", "attention lost by turning to another conversation, of sessions that began in the "
            "window, per replication; part of attention", SESSION_SCOPES, _switching,
            title="attention lost by switching", formula="Σ switching ÷ replications", cohort=cohorts.SESSIONS),
    Measure("tHeld", "s", "mean time per session that it waited beside an interaction which may interrupt it "
            "(utilization), connect to disconnect", ("group",), _t_held,
            title="held for one that interrupts, mean", formula="Σ held_for_other ÷ Σ session",
            cohort=cohorts.SESSIONS, source=platform("tHeld")),
    Measure("nParked", "count", "conversations parked in the window, per replication", PARK_SCOPES, _n_parked,
            title="parked", formula="Σ parking ÷ replications", cohort=cohorts.PARKS,
            source=platform("tPark", METRICS_PAGE, "count")),
    Measure("tPark", "s", "mean time parked, of parkings of the window that are over; in no handle time", PARK_SCOPES,
            _t_park,
            title="parked, mean", formula="Σ parked_time ÷ Σ parking_over", cohort=cohorts.PARKS,
            source=platform("tPark")),
    Measure("parked_mean", "count", "mean number of parked conversations over the window; they hold no slot",
            PARK_SCOPES, _parked_mean,
            title="parked at once, mean", formula="∫ parked dt ÷ window", cohort=cohorts.WINDOW, source=LITTLE),
    Measure("returned_on_time_share", "share", "parkings that ended because their time was over ÷ all that ended; the "
            "others ended because the customer wrote, or the conversation was disconnected", PARK_SCOPES,
            _returned_on_time,
            title="parkings whose time was over", formula="Σ on_time ÷ Σ parking_over", cohort=cohorts.PARKS),
    Measure("over_capacity_hours", "h", "agents' time on queue with more conversations than their capacity, because "
            "parked ones came back, per replication; occupancy of slots counts them up to the capacity", SCOPES,
            _over_capacity,
            title="over capacity after parking", formula="∫ (over_capacity · on_queue) dt ÷ replications",
            cohort=cohorts.AGENT_TIME),
    Measure("nInactive", "count", "conversations that the platform's inactivity timer ended in the window, per "
            "replication", ("channel", "queue"), _inactive,
            title="ended by the inactivity timer", formula="Σ inactive ÷ replications", cohort=cohorts.ENDED),
    Measure("nTimedOut", "count", "of these, with a customer's message unanswered", ("channel", "queue"), _timed_out,
            title="of them without an answer", formula="Σ timed_out ÷ replications", cohort=cohorts.ENDED),
)  # fmt: skip
