"""The words of the formulas. One word, one meaning, whatever the measure: a test keeps every formula to them.

In a sum Σ runs over the rows of the measure's cohort in all replications, and a word that is a yes or no counts 1 or
0. In an integral ∫ … dt a word is what holds at a moment, over all agents or things there are. Times are in the
measure's unit. `quantile(x, 90 %)` is the value that 90 % of all x, of all replications together, do not exceed, linear
between neighbours. `max` is the largest in a replication.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

FUNCTIONS = frozenset({"max", "min", "quantile", "dt"})

_TEXT = """
replications: how many times the scenario was run
window: length of the measured time, warm_up to duration, in all replications
target: service_level.target of the scenario
days: local calendar days of the window

offered: the offer entered a queue
left: the offer has left the queue, by connect, abandon or flow-out
answered: the offer was connected to an agent
over: answered after strictly more than the limit
abandoned: the customer disconnected before he was served, where the platform lets him
short: abandoned after strictly less than service_level.short_abandon
flowed_out: taken out by the in-queue flow before it was served
blocked: turned away by a queue that was full (max_waiting)
gave_up: the customer stopped reading in the queue without a sign
wait: time from queue entry to leaving the queue
wait_alert: part of the wait in which it rang at a desk
wait_held: part of the wait in which it was held for the last agent alone
wait_nobody: part of the wait in which nobody who qualifies was on queue
wait_rule: part of the wait in which somebody was free whom a ring or rule kept away
wait_slots: part of the wait in which all who qualify were full or not responding
not_at_once: neither connected nor alerted at the instant of queue entry
widened: a further ring or rule was opened for the offer
flowed_over: it came out of another queue in which it had waited too long
waiting: number of offers in the queue
age_of_oldest: how long the oldest offer had been waiting
replied: an agent's reply was sent
replied_late: replied after strictly more than the limit
replied_in_time: replied after no more than the limit
left_unserved: it is over, was meant for an agent, and was neither served, abandoned, flowed out nor blocked
resolved: the contact's last burst was answered
resolved_late: resolved after strictly more than the limit
day: the day has anybody in the denominator of its service level
level_of_day: the service level that the target is about, of one local calendar day
day_on_target: the level of the day is at least the target

on_queue: agents in IDLE, INTERACTING or NOT_RESPONDING
interacting: agents in INTERACTING: on queue with a session connected or in wrap-up
idle: agents in IDLE, alerting included
not_responding: agents in NOT_RESPONDING after an alert that expired
off_queue: agents in OFF_QUEUE: off shift, on a break, in overtime
working: agents who give attention to a reply or a wrap-up
attention: attention that the work asks for
capacity: slots of the agent
held_slots: slots held, from alert to end of wrap-up
full: the agent is on queue and all his slots are held
over_capacity: the agent has more conversations than slots, because parked ones came back
open_sessions: sessions of the agent from connect to end of wrap-up, parked ones not
pieces: conversations that the agent works on at this moment
slots_of_customer: slots held by conversations in which it is the customer's turn
slots_of_agent: slots held by conversations in which a message is unanswered
slots_of_wrap_up: slots held by wrap-ups
slots_of_alert: slots held by alerts
all_slots: slots held by any of these
somebody_waits: somebody waits in the queue

scheduled: agents on shift by the plan, absent ones and breaks included
planned_on_queue: agents on queue by the plan: shifts less breaks, meals, meetings and training
expected_on_queue: agents expected on queue by the plan: less absence by its probability and expected lateness
paid: agents in time that is paid, by the plan
absent: agents absent from their shift
on_break: agents on breaks and meals
unpaid: unpaid break time of the shift
in_meeting: agents in meetings and training
late: agents not logged on yet after their shift began
late_log_on: the agent logged on after his shift had begun
left_early: agents logged off before the end of their shift
overtime: agents after their shift with conversations still open
planned_overtime: agents in shifts that are planned overtime
required: agents on queue that the target asks for
present: agents on queue
slots: slots that the work asks for
slots_each: slots of an agent
full_time: hours of a full-time agent's day, planning.full_time
overtime_factor: how much more an hour of overtime costs
rate: price of an hour, or of a template of its category

session: the session connected
session_over: the session has been disconnected or handed back
session_ended: its wrap-up has ended
talk: time from connect to disconnect or hand-back
wrap_up: time from disconnect to the end of wrap-up; 0 without
handle: time from connect to the end of wrap-up
work: attention given to replies and wrap-up
session_replies: replies sent in the session
connected: conversations with an agent, connect to disconnect
returned: handed back to the queue at shift end
passed_on: the agent passed it on, blind or as a consult
switching: attention lost by turning to it from another conversation
held_for_other: time beside an interaction that may interrupt it
hit: a re-opened portion went to the agent who had it before, by last-agent routing
miss: it could have and did not
ringing: time from the alert to accept, decline, expiry or withdrawal
alert_ended: the alert was accepted, declined, withdrawn or has expired
expired: nobody accepted the alert in time
declined: the agent declined the alert
parking: the conversation was set aside
parked: conversations set aside
parked_time: time from parking to return
parking_over: it has returned
on_time: it returned because its time was over

portion: the portion opened
portion_over: the portion has been disconnected
queued: the portion came into a queue
reopened: it continues a conversation disconnected less than the threading window ago
contained: the bot ended it
left_flow: the customer left in the inbound flow
closed: disconnected after its last reply
closed_in_time: closed after no more than the limit
closed_silent: disconnected because the customer had been silent for close_after
time_to_close: time from first queue entry to closing
inactive: ended by the platform's inactivity timer
timed_out: ended by the inactivity timer with a message unanswered
in_flow: portions in the inbound flow
first_response: time from first queue entry to the first reply
message_to_reply: time from the opening message to the first reply
unreplied_open: still open without a reply when the run ended
response: time from the burst's last message to its reply
response_from_first: time from the burst's first message to its reply
response_from_connect: time from the later of last message and connect to the reply
user_response: time from a reply to the customer's next burst
followed: the reply was followed by a burst of the same contact in the same portion
for_an_agent: the burst was meant for an agent
unanswered_open: not answered when the run ended
too_late: the reply was ready when it might no longer be sent
conversation: the conversation opened
turns: bursts of the conversation
messages: messages of the conversation, both ways
segments: messages of the conversation, each as the parts in which it travels
passes: portions of the conversation
still_open: the conversation was open when the run ended

contact: the contact arrived
ended_so: its outcome is this one
first_contact: the contact follows no other
vanished: went silent in mid-conversation
joined: joined an open conversation
asked: was asked: by the flow who he is, or for his opt-in
identified: the flow identified him
logged_in: the flow identified him because his session was authenticated
wrong_topic: a bot handed him over as another topic
lost: the last contact of the need ended without service and was followed by none
settled_need: the last contact of the need is settled
will_write_again: customers between giving up, abandon or service and their next contact
undelivered: the reply never reached him

requested: the send was asked for
sent: it left
held_at_end: still held back when the run ended
failed: it left and was not delivered, or was refused
delivered: it was delivered
read: it is known to be read
not_opted_in: the customer has not opted in
opted_in: the customer has opted in
delay: time from request, or from being ready, to leaving
delayed: it did not leave at once
message_left: a message of the lane left
active_minute: a calendar minute in which any left
left_in_minute: messages that left in a calendar minute
left_in_60_s: messages that left in any half-open 60 seconds
left_under_backlog: messages that left while others waited
backlog: messages ready and not yet gone
backlog_there: moments at which any message waits
capped_backlog_there: moments at which any message waits that only caps hold: no closed hours, stop or outage
backlog_stretch: length of a stretch in which messages waited without a break
drain: time from the largest backlog until none is left
cap: what the scenario lets through
held_back: something held the message back
expired_send: it waited longer than expires_after
rejected: its caller gave up after a 429
refused: the call got a 429, or the platform does not carry the file
resent: it failed and was asked for again
stopped: it was stopped with its campaign
in_conversation: it failed because the customer's conversation was open
blocked_message: the message might no longer be sent
window_left: time left of the reply window when the reply left
template: the template was sent
template_needed: the reply was ready after the reply window of a platform that has templates
file: an attachment that left
speech: length of the customer's voice note and of the one that answers it
passing: time that the burst took through the middleware
passed: the burst went through the middleware
text: a reply or bot message with a length
cut: the text became several messages
pieces_of_text: messages that the text became
parts: parts in which the message travels
end_known: it left, and whether it was delivered is known
delivery: time from leaving to delivery
reading: time from delivery to reading

caught_reply: the content filter caught a draft of the reply
drafts: drafts caught
rewriting: attention that went into writing caught drafts again
replying: attention from turning to the reply to sending it
down: it is down
hold: time that the message was held or queued
lost_message: the message never came in
waited_for_bot: the customer waited for the bot
without_bot: the customer went on without the bot
recovery: time from the end of the outage until no more bursts wait than when it began
occurrence: it began in the window
"""

TERMS: dict[str, str] = {
    word.strip(): meaning.strip()
    for word, meaning in (line.split(":", 1) for line in _TEXT.strip().splitlines() if line)
}


def terms_of(formula: str, measures: Iterable[str]) -> list[str]:
    """The words of a formula that need an explanation, in order; names of measures explain themselves."""
    known = {*measures, *FUNCTIONS}
    words = re.findall(r"[A-Za-z][A-Za-z0-9_]*", formula)
    return [word for word in dict.fromkeys(words) if word not in known]


def denominator_of(formula: str) -> str:
    """What a formula divides by: what stands behind its last `÷` outside brackets; empty: nothing."""
    depth, at = 0, -1
    for place, letter in enumerate(formula):
        depth += (letter == "(") - (letter == ")")
        if letter == "÷" and depth == 0:
            at = place
    return formula[at + 1 :].strip() if at >= 0 else ""
