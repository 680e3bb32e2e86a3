"""Nothing is lost: what the journal began must end once, in one named state, or be open at the end of the run.

Every count is made twice: from rows of the journal and from the tables.
"""

from __future__ import annotations

import numpy as np

from simulator.records.columns import NONE, count, last, pick, repeats
from simulator.records.evidence import Evidence, listed
from simulator.records.letters import LEFT
from simulator.records.trouble import kept_out
from simulator.vocabulary.codes import Event

Verdict = tuple[bool, str]


def journal_in_order(known: Evidence) -> Verdict:
    """Time never goes back; RUN_ENDED stands once, and nothing happens later."""
    time = known.log.time
    back = int((np.diff(time) < 0).sum())
    ends = known.rows(Event.RUN_ENDED)
    late = int((time > known.end).sum()) if ends else 0
    early = int((time < 0).sum())
    known.limit("times the clock goes back", back, 0)
    known.limit("rows before the start or after the end", late + early, 0)
    return back == 0 and ends == 1 and late == 0 and early == 0, (
        f"{len(time)} rows: time goes back {back} times, the run ends {ends} times, "
        f"{late} rows come after its end and {early} before its start"
    )


def contacts(known: Evidence) -> Verdict:
    """Arrived = sum over outcomes; each goes to one conversation and ends at most once."""
    came = known.rows(Event.CONTACT_ARRIVED, Event.CONTACT_RETURNED)
    outcomes = known.outcomes("contacts")
    ended = known.of(Event.CONTACT_ENDED)
    went = known.of(Event.CONTACT_STARTED, Event.CONTACT_REOPENED, Event.CONTACT_JOINED)
    lost = int((count(came, went.message) == 0).sum()) - kept_out(known)
    twice = repeats(ended.message)
    settled = sum(outcomes.values()) - outcomes.get("open", 0)
    until = known.column("contacts", "ended_us")
    early = int(((until != NONE) & (until < known.column("contacts", "arrived_us"))).sum())
    known.balance("contacts that came", came, outcomes)
    return came == sum(outcomes.values()) and settled == len(ended) and not (lost or twice or early), (
        f"{came} contacts came and {sum(outcomes.values())} are told of ({listed(outcomes)}); {len(ended)} ended, "
        f"{twice} of them twice and {early} before they came; {lost} went nowhere"
    )


def portions(known: Evidence) -> Verdict:
    """Opened = disconnected + open; none ends twice, none opens while the one before it is open."""
    opened, ended = known.of(Event.PORTION_OPENED), known.rows(Event.PORTION_DISCONNECTED)
    outcomes = known.outcomes("portions", "disconnect")
    is_open = known.column("portions", "disconnected_us") == NONE
    order = np.lexsort((opened.portion, opened.conversation))
    follows = np.diff(opened.conversation[order]) == 0
    jumps = int((follows & (np.diff(opened.portion[order]) != 1)).sum())
    overlaps = int((follows & is_open[order][:-1]).sum())
    still = int(is_open.sum())
    known.balance("portions that opened", len(opened), outcomes)
    return len(opened) == ended + still and still == outcomes.get("open", 0) and not (jumps or overlaps), (
        f"{len(opened)} portions opened, {ended} disconnected, {still} are open ({listed(outcomes)}); "
        f"{jumps} are out of number and {overlaps} left open when the next began"
    )


def offers(known: Evidence) -> Verdict:
    """Offers = answered + abandoned + flowed out + open; none ends twice, none waits in a portion that is over."""
    entered = known.of(Event.QUEUE_ENTERED)
    ended = known.of(Event.CONNECTED, Event.ABANDONED, Event.FLOWED_OUT)
    outcomes = known.outcomes("offers")
    twice = int((count(len(entered), ended.message) > 1).sum())
    unknown = int((ended.message >= len(entered)).sum() + (ended.message < 0).sum())
    portion = known.links.portion(entered)
    over = pick(known.column("portions", "disconnected_us"), portion) != NONE
    stranded = int((over & (known.column("offers", "left_us") == NONE)).sum())
    settled = sum(outcomes.get(name, 0) for name in ("answered", "abandoned", "flowed_out"))
    sums = len(entered) == settled + outcomes.get("open", 0) and settled == len(ended)
    known.balance("offers to queues", len(entered), outcomes)
    return sums and not (twice or unknown or stranded), (
        f"{len(entered)} offers: {listed(outcomes)}; {len(ended)} left the queue, {twice} of them twice, {unknown} "
        f"without having entered; {stranded} wait in a portion that is over"
    )


def alerts(known: Evidence) -> Verdict:
    """Alerts = accepted + expired + withdrawn + open; every connect accepts one, an offer rings at one agent only."""
    alerted = known.of(Event.ALERTED)
    rang = len(alerted)
    open_now = known.column("alerts", "ended_us") == NONE
    ringing = alerted.message[open_now]
    latest = last(known.rows(Event.QUEUE_ENTERED), alerted.message, alerted.at)
    superseded = int((latest[ringing] != alerted.at[open_now]).sum())
    left = int((known.column("offers", "left_us")[ringing] != NONE).sum())
    ended = known.rows(Event.ALERT_EXPIRED, Event.ALERT_WITHDRAWN, Event.ALERT_DECLINED, Event.CONNECTED)
    outcomes = known.outcomes("alerts")
    accepted, connected = outcomes.get("accepted", 0), known.rows(Event.CONNECTED)
    known.balance("alerts that rang", rang, outcomes)
    sums = rang == sum(outcomes.values()) and rang == ended + outcomes.get("open", 0) and accepted == connected
    return sums and not (superseded or left), (
        f"{rang} alerts: {listed(outcomes)}; {ended} ended by the journal, {connected} of them by a connect; "
        f"{superseded} ring on while another rings for the same offer, {left} after it left the queue"
    )


def sessions(known: Evidence) -> Verdict:
    """Connected = ended + open; none ends twice or before its talk does."""
    connected, ended = known.rows(Event.CONNECTED), known.of(Event.SESSION_ENDED)
    until = known.column("sessions", "ended_us")
    still = int((until == NONE).sum())
    talk = known.column("sessions", "disconnected_us")
    early = int(((until != NONE) & ((talk == NONE) | (until < talk))).sum())
    twice = repeats(ended.message)
    known.balance("sessions that connected", connected, {"ended": len(ended), "open": still})
    return connected == len(ended) + still and connected == len(until) and not (twice or early), (
        f"{connected} sessions connected, {len(ended)} ended, {still} are open; {twice} ended twice, "
        f"{early} before they were disconnected"
    )


def turns(known: Evidence) -> Verdict:
    """Turns = sum over outcomes; each has one reply at most, no reply is without a turn or a session, and a portion
    that ends as served leaves no turn unanswered."""
    part, sent = known.of(Event.TURN_OPENED), known.of(Event.REPLY_SENT)
    opened = len(part)
    outcomes = known.outcomes("turns")
    twice = repeats(sent.value)
    unknown = int(((sent.value < 0) | (sent.value >= opened)).sum())
    homeless = int((known.links.session(sent) < 0).sum())
    early = int((known.column("turns", "t_agent_response_us")[known.column("turns", "reply_us") != NONE] < 0).sum())
    over = pick(known.column("portions", "disconnected_us"), known.links.portion(part)) != NONE
    left = int((over & (known.text("turns", "outcome") == "open")).sum())
    sums = opened == sum(outcomes.values()) and outcomes.get("answered", 0) == len(sent)
    known.balance("bursts of customers", opened, outcomes)
    return sums and not (twice or unknown or homeless or early or left), (
        f"{opened} turns: {listed(outcomes)}; {len(sent)} replies, {twice} of them to a turn that had one, "
        f"{unknown} to no turn, {homeless} outside a session, {early} before the burst was complete; "
        f"{left} turns are open in a portion that is over"
    )


def messages(known: Evidence) -> Verdict:
    """Every message is of one kind; every inbound message belongs to a turn of its contact or to the flow."""
    received = known.of(Event.MESSAGE_RECEIVED)
    every = known.of(Event.MESSAGE_RECEIVED, *LEFT)
    opened = known.of(Event.TURN_OPENED)
    kinds = known.outcomes("messages", "kind")
    twice = repeats(every.message)
    of_turn = received.value >= 0
    homeless = int((of_turn & (pick(opened.agent, received.value) != received.agent)).sum())
    answers = int((~of_turn).sum())
    silent = int((count(len(opened), received.value) == 0).sum())
    sums = len(every) == sum(kinds.values()) and kinds.get("flow_answer", 0) == answers
    known.balance("messages, in and out", len(every), kinds)
    known.balance("customer messages", len(received), _ends_of_messages(known, kinds))
    return sums and not (twice or homeless or silent), (
        f"{len(every)} messages: {listed(kinds)}; {twice} have the number of another, {homeless} belong to no turn of "
        f"their contact, {silent} turns have no message"
    )


def _ends_of_messages(known: Evidence, kinds: dict[str, int]) -> dict[str, int]:
    """Customer messages by what became of their burst, and those to the flow, as the tables have them."""
    written = known.column("turns", "messages")
    outcome = known.tables["turns"]["outcome"].cat
    codes = outcome.codes.to_numpy()
    told = {str(name): int(written[codes == number].sum()) for number, name in enumerate(outcome.categories)}
    found = {f"in a burst that is {name}": number for name, number in told.items() if number}
    return found | {"answers to bot or form": kinds.get("flow_answer", 0)}
