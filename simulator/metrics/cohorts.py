"""Cohorts: which things a measure counts, by which start they belong to the window, how they are booked, what is cut.

A thing belongs to the window [warm_up, duration) by its own start and is followed through the run-out. Time integrals
cover exactly the window.
"""

from __future__ import annotations

from dataclasses import dataclass

NOT_BOOKED = "no column of the interval tables"


@dataclass(frozen=True)
class Cohort:
    """The things a measure is about."""

    name: str
    who: str
    """In words."""
    start: str
    """What puts it into the window."""
    censored: str
    """What the end of the run leaves undecided, and what the measure does with it."""
    booking: str = NOT_BOOKED
    """Where it stands in the tables of intervals."""


OFFERS = Cohort(
    "offers", "offers: one stay in one queue each, so a transfer or a hand-back is another", "queue entry",
    "still waiting when the run ends: in no wait and no service level; censored_offers counts them",
    "intervals: as the platform books, each count where it is emitted (offered at entry; answered, abandoned and over "
    "target when it leaves); columns _by_arrival: all of it in the interval of the queue entry",
)  # fmt: skip
BLOCKED = Cohort(
    "blocked", "contacts that a full queue turned away; they are no offers", "the moment they were turned away",
    "nothing is left open", "intervals: nBlocked, in the interval in which they were turned away",
)  # fmt: skip
QUEUED = Cohort(
    "queued portions", "portions (passes through flow, queue, agent) that came into a queue", "first queue entry",
    "still open without a first reply when the run ends: in no mean; censored_first_replies counts them",
)  # fmt: skip
PORTIONS = Cohort(
    "portions", "portions: passes of a conversation through flow, queue and agent", "(re-)opening",
    "what is still open when the run ends has not ended in any way yet",
)  # fmt: skip
ENDED = Cohort("ended portions", "portions that were disconnected", "disconnect", "open ones are not among them")
SESSIONS = Cohort(
    "sessions", "sessions: one agent and one portion, from connect to end of wrap-up", "connect",
    "not ended when the run ends: in no mean of ended sessions; censored_sessions counts them",
)  # fmt: skip
ALERTS = Cohort("alerts", "alerts at agents' desks", "alert", "still ringing when the run ends: in no mean")
PARKS = Cohort("parkings", "times that an agent set a conversation aside", "parking", "still parked: in no mean")
BURSTS = Cohort(
    "bursts", "bursts: messages of a customer that get one reply", "the last message of the burst",
    "not answered when the run ends: in no mean; censored_turns counts them",
)  # fmt: skip
REPLIES = Cohort(
    "replies", "replies of agents that were followed by a burst of the same contact in the same portion",
    "the reply", "a reply that no burst has followed yet is not among them",
)  # fmt: skip
CONTACTS = Cohort(
    "contacts", "contacts: one need of one customer each", "arrival, the first message of its first burst",
    "not settled when the run ends: outcome open, counted as contacts_open_share",
)  # fmt: skip
CONVERSATIONS = Cohort(
    "conversations", "conversations", "first message",
    "still open when the run ends: counted as far as they went; censored_conversations counts them",
)  # fmt: skip
SENDS = Cohort(
    "sends", "messages of campaigns and notifications", "request (the first call)",
    "still held back when the run ends: in no delay; censored_sends counts them",
)  # fmt: skip
TRIES = Cohort("tries", "calls that were refused, and messages sent again", "the call or try", "nothing is left open")
LEFT = Cohort(
    "messages that left", "messages of the business, by lane", "leaving",
    "what has not left when the run ends is not among them", "cap_intervals: left, in the interval in which it left",
)  # fmt: skip
HELD = Cohort(
    "held messages", "messages that a cap held back; those that hours and a cap held count under both",
    "ready to leave",
    "still held when the run ends: no cap has let it go, so it is in none",
    "cap_intervals: held and waited_mean, in the interval in which it left",
)  # fmt: skip
LETTERS = Cohort(
    "messages", "messages of the business to customers in conversations", "written",
    "on its way when the run ends: in no share of what is known",
)  # fmt: skip
HOLDS = Cohort(
    "outage holds", "messages and dialogues that met an outage", "written, or when the bot should have spoken",
    "still held when the run ends: held up to that end",
)  # fmt: skip
OUTAGES = Cohort("outages", "occurrences of an outage", "its begin", "what still waits when the run ends is cut there")
WINDOW = Cohort(
    "the window", "the measured time, moment by moment", "not by a start: what is there is counted while it is there",
    "nothing: stays are cut at both edges of the window, open ones at the end of the run",
)  # fmt: skip
QUEUE_TIME = Cohort(
    "the window", "offers in the queue, moment by moment", WINDOW.start, WINDOW.censored,
    "intervals: waiting_max, the largest number within the interval",
)  # fmt: skip
CAP_TIME = Cohort(
    "the window", "messages that a cap held back, moment by moment", WINDOW.start,
    "what no cap had let go when the run ended is in none", "cap_intervals: waiting_max and time_at_cap",
)  # fmt: skip
AGENT_TIME = Cohort(
    "agents' time", "agents' seconds in the window; in the scope of a queue those of all agents who serve it",
    "not by a start: cut at both edges of the window", "nothing: what goes on reaches to the edge of the window",
    "intervals: staff, load and occupancies, cut at the edges of each interval",
)  # fmt: skip
PLAN = Cohort(
    "the plan", "agents' seconds in the window by the plan of shifts, absent agents included",
    "not by a start: cut at both edges of the window", "nothing: a plan is known beforehand",
    "intervals: staff_scheduled, cut at the edges of each interval",
)  # fmt: skip
NEEDED = Cohort(
    "work that came in", "work and time in slots of the sessions, moved back by what their customers waited in queue, "
    "against agents' time; who left unserved or waits still counts with the queue's mean session",
    "queue entry; cut at both edges of the window", "open sessions reach to the end of the run",
    "intervals: staff_required and its companions, cut at the edges of each interval",
)  # fmt: skip
SHIFTS = Cohort("shifts", "shifts of agents", "begin of the shift, or of the presence", "nothing is left open")
DAYS = Cohort(
    "days", "local calendar days of the window, those of all replications together",
    "the day of the start that the service level goes by", "as that service level",
)  # fmt: skip
SETTING = Cohort("the scenario", "what the scenario says", "none", "nothing")
WHOLE_RUN = Cohort("the whole run", "customers of campaigns and notifications", "none: the whole run", "nothing")
