"""The desk: three occupancies, slots, attention, sessions, alerts.

On-queue time is IDLE + INTERACTING + NOT_RESPONDING; off shift, on a break or in overtime an agent is OFF_QUEUE and
in no occupancy. In the scope of a queue stand all agents who serve it, with all their work, so that an agent of two
queues stands in both.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from simulator.metrics import cohorts, steps
from simulator.metrics.desk import ON_QUEUE, desk_of
from simulator.metrics.parts import Measure, Parts, by, mean_of
from simulator.metrics.sources import AGENT_PAGE, LITTLE, METRICS_PAGE, platform
from simulator.metrics.window import View
from simulator.vocabulary.clock import HOUR, SECOND

SCOPES = ("queue", "group")
SESSION_SCOPES = ("queue", "channel", "group")


# --- occupancy -------------------------------------------------------------------------------------------------


def _occupancy_work(view: View) -> Parts:
    desk = desk_of(view)
    on_queue = desk.status(*ON_QUEUE)
    return desk.ratio(desk.summed(desk.working, lambda s: np.minimum(s.first, 1)), desk.time(on_queue))


def _occupancy_status(view: View) -> Parts:
    desk = desk_of(view)
    return desk.ratio(desk.time(desk.status("interacting")), desk.time(desk.status("interacting", "idle")))


def _occupancy_slots(view: View) -> Parts:
    desk = desk_of(view)
    on_queue = desk.status(*ON_QUEUE)
    used = desk.summed(desk.filled, lambda s: np.minimum(s.first, desk.capacity[s.owner]))
    return desk.ratio(used, desk.capacity * desk.time(on_queue))


def _slots_full(view: View) -> Parts:
    desk = desk_of(view)
    on_queue = desk.status(*ON_QUEUE)
    able = desk.capacity > 0
    full = desk.summed(desk.filled, lambda s: (s.first >= desk.capacity[s.owner]) & able[s.owner])
    return desk.ratio(full, np.where(able, desk.time(on_queue), 0.0))


def _concurrency(view: View) -> Parts:
    desk = desk_of(view)
    interacting = desk.status("interacting")
    return desk.ratio(desk.summed(desk.handling, lambda s: s.first), desk.time(interacting))


def _on_queue_hours(view: View) -> Parts:
    desk = desk_of(view)
    return desk.ratio(desk.time(desk.status(*ON_QUEUE)) / HOUR, 1.0)


def _attention_hours(view: View) -> Parts:
    desk = desk_of(view)
    return desk.ratio(desk.time(desk.attention()) / HOUR, 1.0)


def _overtime_hours(view: View) -> Parts:
    desk = desk_of(view)
    inside = desk.summed(desk.working, lambda s: np.minimum(s.first, 1))
    return desk.ratio((desk.time(desk.attention()) - inside) / HOUR, 1.0)


def _not_responding_hours(view: View) -> Parts:
    desk = desk_of(view)
    return desk.ratio(desk.time(desk.status("not_responding")) / HOUR, 1.0)


def _staff(view: View) -> Parts:
    desk = desk_of(view)
    return desk.ratio(desk.time(desk.status(*ON_QUEUE)), float(view.span_us))


# --- sessions and alerts ---------------------------------------------------------------------------------------


def _of_sessions(column: str, ended_by: str) -> Callable[[View], Parts]:
    def parts(view: View) -> Parts:
        rows = view.cohort("sessions", "connected_us") & view.has("sessions", ended_by)
        return mean_of(view, "sessions", SESSION_SCOPES, view.column("sessions", column) / SECOND, rows)

    return parts


def _work_of_reopened(to_the_last_agent: bool) -> Callable[[View], Parts]:
    def parts(view: View) -> Parts:
        rows = view.cohort("sessions", "connected_us") & view.has("sessions", "ended_us")
        hit = view.equals("sessions", "placement", "last_agent", "last_agent_waited")
        rows = rows & view.flag("sessions", "reopened") & (hit if to_the_last_agent else ~hit)
        return mean_of(view, "sessions", ("queue",), view.column("sessions", "t_work_us") / SECOND, rows)

    return parts


def _handle_alone(view: View) -> Parts:
    rows = view.cohort("sessions", "connected_us") & view.has("sessions", "ended_us")
    return mean_of(view, "sessions", SESSION_SCOPES, desk_of(view).handled_alone_us / SECOND, rows)


def _n_connected(view: View) -> Parts:
    return by(view, "sessions", SESSION_SCOPES, view.cohort("sessions", "connected_us"), 1.0)


def _replies(view: View) -> Parts:
    rows = view.cohort("sessions", "connected_us") & view.has("sessions", "ended_us")
    return mean_of(view, "sessions", SESSION_SCOPES, view.column("sessions", "replies"), rows)


def _censored_sessions(view: View) -> Parts:
    rows = view.cohort("sessions", "connected_us") & ~view.has("sessions", "ended_us")
    return by(view, "sessions", SESSION_SCOPES, rows, 1.0)


def _handed_back(view: View) -> Parts:
    rows = view.cohort("sessions", "connected_us") & view.flag("sessions", "handed_back")
    return by(view, "sessions", SESSION_SCOPES, rows, 1.0)


def _open_mean(view: View) -> Parts:
    lengths = steps.overlap(*view.stays("sessions", "connected_us", "disconnected_us")[1:], view.from_us, view.to_us)
    return by(view, "sessions", SESSION_SCOPES, lengths, float(view.span_us))


def _ringing(view: View) -> np.ndarray:
    """Seconds from alert to accept, expiry or withdrawal. [alert]"""
    return (view.column("alerts", "ended_us") - view.column("alerts", "alerted_us")) / SECOND


def _t_alert(view: View) -> Parts:
    return mean_of(view, "alerts", ("queue",), _ringing(view), view.cohort("alerts", "alerted_us"))


def _t_not_responding(view: View) -> Parts:
    rows = view.cohort("alerts", "alerted_us") & view.equals("alerts", "outcome", "expired")
    return mean_of(view, "alerts", ("queue",), _ringing(view), rows)


def _alerts_expired(view: View) -> Parts:
    rows = view.cohort("alerts", "alerted_us") & view.has("alerts", "ended_us")
    return by(view, "alerts", ("queue",), rows & view.equals("alerts", "outcome", "expired"), rows)


OCCUPANCY = (
    Measure("occupancy_work", "share", "attention agents gave to replies and wrap-up while on queue ÷ their on-queue "
            "time (IDLE + INTERACTING + NOT_RESPONDING); breaks and overtime stand in neither", SCOPES,
            _occupancy_work,
            title="occupancy: work (attention)", formula="∫ working dt ÷ ∫ on_queue dt", cohort=cohorts.AGENT_TIME),
    Measure("occupancy_slots", "share", "conversation slots held, from alert to end of wrap-up, ÷ slots there were "
            "(capacity × on-queue time); a slot is held while the customer thinks", SCOPES, _occupancy_slots,
            title="occupancy: slots", formula="∫ min(held_slots, capacity) dt ÷ ∫ (capacity · on_queue) dt",
            cohort=cohorts.AGENT_TIME),
    Measure("occupancy_status", "share", "time in routing status INTERACTING ÷ (INTERACTING + IDLE); one open "
            "conversation is enough to be INTERACTING, so with several slots it is near 100 % by construction",
            SCOPES, _occupancy_status,
            title="occupancy: status INTERACTING", formula="∫ interacting dt ÷ ∫ (interacting + idle) dt",
            cohort=cohorts.AGENT_TIME,
            source=platform("tAgentRoutingStatus", METRICS_PAGE, "INTERACTING ÷ (INTERACTING + IDLE)")),
    Measure("slots_full_share", "share", "on-queue time in which an agent had all his slots held ÷ on-queue time",
            SCOPES, _slots_full,
            title="on queue with all slots held", formula="∫ full dt ÷ ∫ on_queue dt", cohort=cohorts.AGENT_TIME),
    Measure("concurrency", "count", "mean number of conversations an agent had, connect to end of wrap-up, over his "
            "INTERACTING time", SCOPES, _concurrency,
            title="conversations at once, mean", formula="∫ (open_sessions · interacting) dt ÷ ∫ interacting dt",
            cohort=cohorts.AGENT_TIME),
    Measure("staff_present", "count", "mean number of agents on queue over the window, its nights included", SCOPES,
            _staff,
            title="agents on queue, mean", formula="∫ on_queue dt ÷ window", cohort=cohorts.AGENT_TIME),
    Measure("on_queue_hours", "h", "agents' time on queue in the window, per replication", SCOPES, _on_queue_hours,
            title="hours on queue", formula="∫ on_queue dt ÷ replications", cohort=cohorts.AGENT_TIME,
            source=platform("tAgentRoutingStatus", METRICS_PAGE, "IDLE + INTERACTING + NOT_RESPONDING")),
    Measure("attention_hours", "h", "attention agents gave to replies and wrap-up in the window, overtime included, "
            "per replication", SCOPES, _attention_hours,
            title="hours of attention", formula="∫ working dt ÷ replications", cohort=cohorts.AGENT_TIME),
    Measure("overtime_attention", "h", "attention agents gave while OFF_QUEUE, after the end of the shift, per "
            "replication; in no occupancy", SCOPES, _overtime_hours,
            title="attention after the shift", formula="∫ (working · off_queue) dt ÷ replications",
            cohort=cohorts.AGENT_TIME),
    Measure("not_responding_hours", "h", "agents' time in NOT_RESPONDING after an alert that expired, per replication",
            SCOPES, _not_responding_hours,
            title="hours not responding", formula="∫ not_responding dt ÷ replications", cohort=cohorts.AGENT_TIME,
            source=platform("tAgentRoutingStatus", METRICS_PAGE, "NOT_RESPONDING")),
)  # fmt: skip

SESSIONS = (
    Measure("nConnected", "count", "connects of an agent in the window (sessions), per replication", SESSION_SCOPES,
            _n_connected,
            title="sessions", formula="Σ session ÷ replications", cohort=cohorts.SESSIONS,
            source=platform("nConnected")),
    Measure("tTalk", "s", "mean time from connect to disconnect or hand-back, over sessions that began in the window; "
            "the customer's thinking included", SESSION_SCOPES, _of_sessions("t_talk_us", "disconnected_us"),
            title="talk time, mean", formula="Σ talk ÷ Σ session_over", cohort=cohorts.SESSIONS,
            source=platform("tTalk", AGENT_PAGE)),
    Measure("tAcw", "s", "mean time from disconnect to end of wrap-up, over ended sessions that began in the window, "
            "those without wrap-up counting 0", SESSION_SCOPES, _of_sessions("t_acw_us", "ended_us"),
            title="wrap-up time, mean", formula="Σ wrap_up ÷ Σ session_ended", cohort=cohorts.SESSIONS,
            source=platform("tAcw", AGENT_PAGE)),
    Measure("tHandle", "s", "mean time from connect to end of wrap-up, over ended sessions that began in the window; "
            "elapsed time: sessions of one agent overlap and each counts whole; tWork is the attention in it, "
            "tHandle_without_overlap counts each second once", SESSION_SCOPES, _of_sessions("t_handle_us", "ended_us"),
            title="handle time, mean (sessions overlap)", formula="Σ handle ÷ Σ session_ended",
            cohort=cohorts.SESSIONS, source=platform("tHandle", AGENT_PAGE)),
    Measure("tHandle_without_overlap", "s", "mean handle time in which each second of an agent counts once, split "
            "evenly among the sessions he has open, over ended sessions that began in the window; over all sessions it "
            "adds up to the agents' INTERACTING time, so breaks, NOT_RESPONDING, overtime and parking have no part in "
            "it", SESSION_SCOPES, _handle_alone,
            title="handle time, mean (each second once)",
            formula="Σ ∫ (interacting ÷ open_sessions) dt ÷ Σ session_ended",
            cohort=cohorts.SESSIONS),
    Measure("tWork", "s", "mean attention given to replies and wrap-up, over ended sessions that began in the window",
            SESSION_SCOPES, _of_sessions("t_work_us", "ended_us"),
            title="attention per session, mean", formula="Σ work ÷ Σ session_ended", cohort=cohorts.SESSIONS),
    Measure("replies_per_session", "count", "mean number of agent replies, over ended sessions that began in the "
            "window", SESSION_SCOPES, _replies,
            title="replies per session, mean", formula="Σ session_replies ÷ Σ session_ended", cohort=cohorts.SESSIONS),
    Measure("open_mean", "count", "mean number of conversations with an agent over the window, from connect to "
            "disconnect or hand-back, wrap-up not included", SESSION_SCOPES, _open_mean,
            title="with an agent, mean", formula="∫ connected dt ÷ window", cohort=cohorts.WINDOW, source=LITTLE),
    Measure("handed_back", "count", "sessions of the window handed back to the queue at shift end with an unanswered "
            "message, per replication", SESSION_SCOPES, _handed_back,
            title="handed back at shift end", formula="Σ returned ÷ replications", cohort=cohorts.SESSIONS),
    Measure("censored_sessions", "count", "sessions of the window not ended when the run ended, per replication: in "
            "no mean of ended sessions", SESSION_SCOPES, _censored_sessions,
            title="sessions not ended when the run ended", formula="(Σ session − Σ session_ended) ÷ replications",
            cohort=cohorts.SESSIONS),
    Measure("tAlert", "s", "mean time an alert rang, to accept, expiry or withdrawal, over alerts of the window",
            ("queue",), _t_alert,
            title="alert, mean", formula="Σ ringing ÷ Σ alert_ended", cohort=cohorts.ALERTS,
            source=platform("tAlert")),
    Measure("tNotResponding", "s", "mean time an alert rang that nobody accepted before it expired", ("queue",),
            _t_not_responding,
            title="alert nobody accepted, mean", formula="Σ (ringing · expired) ÷ Σ expired", cohort=cohorts.ALERTS,
            source=platform("tNotResponding")),
    Measure("alerts_expired_share", "share", "alerts that expired ÷ alerts of the window that ended", ("queue",),
            _alerts_expired,
            title="alerts expired", formula="Σ expired ÷ Σ alert_ended", cohort=cohorts.ALERTS,
            source=platform("nAlertExpired", METRICS_PAGE, "as a share of alerts")),
    Measure("tWork_affinity_hit", "s", "mean attention per ended session of a re-opened portion that last-agent "
            "routing placed with the agent who knew it", ("queue",), _work_of_reopened(True),
            title="attention if back to the last agent, mean", formula="Σ (work · hit) ÷ Σ hit",
            cohort=cohorts.SESSIONS),
    Measure("tWork_affinity_miss", "s", "mean attention per ended session of a re-opened portion that went elsewhere: "
            "the difference to tWork_affinity_hit is what a miss costs", ("queue",), _work_of_reopened(False),
            title="attention if not, mean", formula="Σ (work · miss) ÷ Σ miss", cohort=cohorts.SESSIONS),
)  # fmt: skip
