"""One conversation's life in sentences, with the rule behind each step. Told from the tables of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from simulator.reports.trace_bulk import before_contact, send_steps
from simulator.reports.trace_desk import at_desk
from simulator.reports.trace_flow import in_flow
from simulator.reports.trace_letters import letters
from simulator.reports.trace_routing import CAME, placed, routed
from simulator.reports.trace_trouble import in_trouble
from simulator.vocabulary.clock import MINUTE, spoken
from simulator.vocabulary.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

    from simulator.scenario import Scenario

RETURNED = {
    "after_abandon": "who had abandoned, writes again",
    "after_silent": "who had given up without a sign, writes again",
    "after_service": "whose need was not met, writes again",
    "after_flow": "whom a flow had lost or turned away, writes again",
}
OUTCOMES = {
    "answered": "{contact} is answered: an agent replied to his last turn.",
    "contained": "{contact} is contained: the bot solved it, no agent needed.",
    "blocked": "{contact} is blocked: the queue is full (max_waiting wait, nobody free, or max_in_system are inside).",
    "left_flow": "{contact} has left in the flow: no agent ever saw him.",
    "closed_by_flow": "{contact} is turned away by the flow: it disconnects without an agent.",
    "flowed_out": "{contact} has waited too long: taken out of the queue, neither answered nor abandoned.",
    "window_closed": "{contact} stays without an answer: free text may no longer be sent to him.",
    "undelivered": "{contact} gives up: to him nobody has answered.",
    "unanswered": "{contact} stays without an answer: the agent disconnected everything at the end of his shift.",
    "timed_out": "{contact} stays without an answer: the inactivity timer ended the conversation.",
    "lost": "{contact} gives up: what he wrote was lost in an outage.",
}
DISCONNECTS = {
    "resolved": "the last turn is answered",
    "contained": "the bot solved it",
    "abandoned": "the customer left the queue",
    "blocked": "the queue was full",
    "left_flow": "the customer left in the flow",
    "flow_timed_out": "nobody has answered the flow for 72 h",
    "closed_by_flow": "so the flow says",
    "flowed_out": "the in-queue flow has taken it out of the queue",
    "closed_unanswered": "the customer has not written since the latest reply for {close_after}; "
    "an agent cannot tell slow from gone",
    "shift_end": "the agent's shift is over and nothing was unanswered",
    "shift_end_unanswered": "the agent's shift is over, and his group disconnects then",
    "window_closed": "free text may no longer be sent to this customer",
    "inactive": "the platform's inactivity timer ran out, nobody has written",
    "timed_out": "the platform's inactivity timer ran out, and nobody has answered the customer",
}
STATUS = {
    "off_queue": "was off queue ({presence})",
    "not_responding": "was NOT_RESPONDING",
}


@dataclass(frozen=True, order=True)
class Step:
    """One sentence and its place in the story: time, portion, then the order in which things cause each other."""

    at_us: int
    portion: int
    rank: int
    text: str


def tell(tables: Mapping[str, pd.DataFrame], conversation: str, scenario: Scenario, replication: int = 0) -> list[str]:
    """The life of one conversation, a line per step with the local clock, a line per new day.

    `tables` as `records.fold` gives them. Raises `UsageError` for a replication or conversation that is not there,
    naming the nearest.
    """
    known = tables["conversations"]
    there = {0}.union(known["replication"], tables["sends"]["replication"])
    if replication not in there:
        raise UsageError(f"replication {replication} is not in this run; it has 0 to {max(there)}")
    story = {name: _of(table, conversation, replication) for name, table in tables.items()}
    if story["conversations"].empty:
        sent = [Step(*sentence) for sentence in send_steps(tables, conversation, scenario, replication)]
        if sent:
            return list(_lines(sorted(sent), {"open": False}, scenario))
        raise UsageError(_not_there(tables, conversation, replication))
    steps = sorted(
        [
            *(Step(*sentence) for sentence in before_contact(story, tables, scenario, replication)),
            *_contacts(story, scenario),
            *_portions(story, scenario),
            *(Step(*sentence) for sentence in in_flow(story)),
            *_queue(story, scenario),
            *_alerts(story, scenario, tables, replication),
            *(Step(*sentence) for sentence in routed(story, scenario)),
            *_turns(story),
            *(Step(*sentence) for sentence in letters(story, scenario)),
            *_sessions(story, scenario),
            *(Step(*sentence) for sentence in at_desk(story, scenario)),
            *(Step(*sentence) for sentence in in_trouble(story, scenario)),
        ]
    )
    return list(_lines(steps, story["conversations"].iloc[0], scenario))


def _of(table: pd.DataFrame, conversation: str, replication: int) -> pd.DataFrame:
    if "conversation" not in table.columns:
        return table.iloc[:0]
    return table[(table["replication"] == replication) & (table["conversation"] == conversation)]


def _not_there(tables: Mapping[str, pd.DataFrame], conversation: str, replication: int) -> str:
    contacts = tables["contacts"]
    carried = contacts[(contacts["replication"] == replication) & (contacts["contact"] == conversation)]
    if len(carried):
        return f"{conversation} is a contact; it belongs to conversation {carried['conversation'].iloc[0]}"
    conversations = tables["conversations"]
    ids = conversations.loc[conversations["replication"] == replication, "conversation"].astype(str).tolist()
    near = get_close_matches(conversation, ids, n=3, cutoff=0.4) or sorted(ids)[:3]
    hint = f"; nearest: {', '.join(near)}" if near else "; there is none"
    return f"conversation {conversation!r} is not in replication {replication} of this run{hint}"


def _lines(steps: list[Step], conversation: Any, scenario: Scenario) -> Iterator[str]:
    day = None
    for step in steps:
        moment = scenario.calendar.local(step.at_us)
        if moment.date() != day:
            day = moment.date()
            yield f"{moment:%A} {moment.day} {moment:%B %Y}"
        yield f"  {moment:%H:%M:%S}  {step.text}"
    if conversation["open"]:
        yield "  It is still open when the run ends."


def _contacts(story: Mapping[str, pd.DataFrame], scenario: Scenario) -> Iterator[Step]:
    gaps, since, window = _since(story, scenario)
    for row in story["contacts"].itertuples():
        text = f"{row.contact} (topic {row.topic})"
        if _there(row.parent):
            text += f": the customer of {row.parent}, {RETURNED.get(str(row.reason), 'writes again')}. He"
        if row.entry == "started":
            text += f" starts a new conversation on {row.channel}."
        elif row.entry == "joined":
            text += " joins the open conversation; his turns follow the present ones."
        else:
            text += (
                f" writes {spoken(gaps.get(int(row.portion), 0))} after {since}, less than {window}: "
                f"the conversation is re-opened as portion {row.portion}."
            )
        yield Step(int(row.arrived_us), int(row.portion), 1, text)
        if _there(row.vanished_us):
            where = _portion_at(story["portions"], int(row.vanished_us))
            yield Step(int(row.vanished_us), where, 75, f"{row.contact} goes silent in mid-conversation.")
        if str(row.outcome) in OUTCOMES and _there(row.ended_us):
            text = OUTCOMES[str(row.outcome)].format(contact=row.contact)
            yield Step(int(row.ended_us), _portion_at(story["portions"], int(row.ended_us)), 76, text)


def _portion_at(portions: pd.DataFrame, at_us: int) -> int:
    """Number of the portion that was the latest at a time."""
    return int(portions.loc[portions["opened_us"] <= at_us, "portion"].max())


DISCONNECT = "the disconnect"


def _since(story: Mapping[str, pd.DataFrame], scenario: Scenario) -> tuple[dict[int, int], str, str]:
    """µs from where the threading clock began to the opening of each portion but the first; where that is, and how
    long the window."""
    ordered, messages = story["portions"].sort_values("portion"), story["messages"]
    rule = scenario.threading_of(str(story["contacts"]["channel"].iloc[0]))
    began, where = ordered["disconnected_us"], DISCONNECT
    if rule.starts_at == "last_message":
        inbound = messages.loc[messages["direction"] == "inbound"]
        began = ordered["portion"].map(inbound.groupby("portion")["at_us"].max())
        where = "the customer's latest message"
    gap = ordered["opened_us"] - began.shift(1)
    gaps = {int(number): int(us) for number, us in zip(ordered["portion"], gap, strict=True) if _there(us)}
    return gaps, where, spoken(rule.window_us)


def _portions(story: Mapping[str, pd.DataFrame], scenario: Scenario) -> Iterator[Step]:
    first_contact = set(zip(story["contacts"]["portion"], story["contacts"]["entry"], strict=True))
    gaps, since, window = _since(story, scenario)
    for row in story["portions"].sort_values("portion").itertuples():
        number = int(row.portion)
        if row.reopened and (number, "reopened") not in first_contact:
            ago = spoken(gaps.get(number, 0))
            text = (
                f"{row.contact} writes his next message, {ago} after {since}, less than {window}: "
                f"the conversation is re-opened as portion {number}."
            )
            yield Step(int(row.opened_us), number, 1, text)
        if _there(row.disconnected_us):
            close_after = _queue_of(scenario, row.queue, "close_after_us")
            close = spoken(close_after) if isinstance(close_after, int) else "the closing time"
            why = DISCONNECTS.get(str(row.disconnect), str(row.disconnect)).format(close_after=close)
            text = f"Portion {number} is disconnected: {why}."
            if since == DISCONNECT:
                text += " The threading clock starts."
            yield Step(int(row.disconnected_us), number, 80, text)


def _queue(story: Mapping[str, pd.DataFrame], scenario: Scenario) -> Iterator[Step]:
    for row in story["offers"].itertuples():
        number = int(row.portion)
        text = f"It enters queue {row.queue}"
        text += CAME.get(str(row.came), CAME["handed_back"] if row.offer > 1 else "")
        if row.priority:
            text += f", with priority {row.priority}: as if it had waited {spoken(int(row.priority) * MINUTE)} longer"
        yield Step(int(row.entered_us), number, 30, text + ".")
        if _there(row.gave_up_us):
            after = spoken(int(row.gave_up_us) - int(row.entered_us))
            text = (
                f"{row.contact} gives up after {after} without a sign: nobody can see it, "
                "the interaction stays in queue."
            )
            yield Step(int(row.gave_up_us), number, 72, text)
        if row.outcome == "abandoned" and _there(row.left_us):
            waited = spoken(int(row.t_wait_us))
            text = f"{row.contact} abandons after waiting {waited}: his patience ended before anyone connected."
            yield Step(int(row.left_us), number, 73, text)


def _alerts(
    story: Mapping[str, pd.DataFrame], scenario: Scenario, tables: Mapping[str, pd.DataFrame], replication: int
) -> Iterator[Step]:
    alerts = story["alerts"]
    for offer in story["offers"].itertuples():
        if offer.offer == 1 and _reopened(story["portions"], offer.portion):
            mine = alerts[(alerts["portion"] == offer.portion) & (alerts["offer"] == offer.offer)]
            hit = mine["placement"].isin(["last_agent", "last_agent_waited"]).any()
            if not hit and _tries_last_agent(scenario, offer):
                yield from _missed(story, scenario, tables, replication, offer)
    # An agent was looked for at entry and at each return to the queue; at other times an agent looked for work.
    looked_for = {(one.portion, one.offer): {int(one.entered_us)} for one in story["offers"].itertuples()}
    for row in alerts[alerts["outcome"] == "expired"].itertuples():
        looked_for[row.portion, row.offer].add(int(row.ended_us))
    for row in alerts.itertuples():
        number = int(row.portion)
        select = _queue_of(scenario, row.queue, "select") or "longest_idle"
        group = scenario.agents.get(str(row.agent).rsplit("/", 1)[0])
        sought = int(row.alerted_us) in looked_for[row.portion, row.offer]
        how = placed(str(row.placement), sought, str(select), "highest_rank" if group is None else group.takes)
        yield Step(int(row.alerted_us), number, 40, how.format(agent=row.agent))
        if row.outcome == "expired" and _there(row.ended_us):
            timeout = _queue_of(scenario, row.queue, "alerting_timeout_us")
            limit = f" within {spoken(timeout)}" if isinstance(timeout, int) else ""
            text = (
                f"{row.agent} does not answer{limit}: NOT_RESPONDING; "
                "the interaction goes back to the queue and keeps its clock."
            )
            yield Step(int(row.ended_us), number, 35, text)
        elif row.outcome == "withdrawn" and _there(row.ended_us):
            text = f"The alert to {row.agent} is withdrawn: the customer left, or the shift ended while it rang."
            yield Step(int(row.ended_us), number, 74, text)


def _tries_last_agent(scenario: Scenario, offer: Any) -> bool:
    """Is last-agent routing on in the queue?"""
    queue = scenario.queues.get(str(offer.queue))
    off = queue is None or queue.preferred_agents is not None or queue.conditional_groups
    return not off and queue is not None and queue.last_agent != "Disabled"


def _missed(
    story: Mapping[str, pd.DataFrame],
    scenario: Scenario,
    tables: Mapping[str, pd.DataFrame],
    replication: int,
    offer: Any,
) -> Iterator[Step]:
    """Why the last agent did not get a re-opened portion."""
    entered, number = int(offer.entered_us), int(offer.portion)
    earlier = story["sessions"][story["sessions"]["connected_us"] < entered].sort_values("connected_us")
    if earlier.empty:
        yield Step(entered, number, 31, "Last-agent routing: no agent has connected in this conversation before.")
        return
    agent, group = str(earlier["agent"].iloc[-1]), str(earlier["group"].iloc[-1])
    why = _busy(tables, scenario, replication, agent, group, entered)
    text = (
        f"Last-agent routing: {agent}, who connected last, {why}; "
        "it waits like any other and he has no precedence later."
    )
    yield Step(entered, number, 31, text)


def _busy(
    tables: Mapping[str, pd.DataFrame], scenario: Scenario, replication: int, agent: str, group: str, at_us: int
) -> str:
    states = tables["agent_states"]
    now = states[
        (states["replication"] == replication)
        & (states["agent"] == agent)
        & (states["from_us"] <= at_us)
        & (states["to_us"] > at_us)
    ]
    if len(now) and str(now["status"].iloc[0]) in STATUS:
        presence = str(now["presence"].iloc[0]).replace("_", " ")
        return STATUS[str(now["status"].iloc[0])].format(presence=presence)
    sessions = tables["sessions"]
    held = sessions[
        (sessions["replication"] == replication)
        & (sessions["agent"] == agent)
        & (sessions["alerted_us"] <= at_us)
        & (sessions["ended_us"].isna() | (sessions["ended_us"] > at_us))
    ]
    parks = tables["parks"]
    parked = parks[
        (parks["replication"] == replication)
        & (parks["agent"] == agent)
        & (parks["parked_us"] <= at_us)
        & (parks["returned_us"].isna() | (parks["returned_us"] > at_us))
    ]
    slots = len(held) - len(parked)
    capacity = scenario.agents[group].slots if group in scenario.agents else slots
    if slots >= capacity:
        return f"had no free slot ({slots} of {capacity} held)"
    return (
        "could take no new alert (a break or the end of his shift was near, another alert held his slot, or what he "
        "holds leaves no room for its channel or label)"
    )


def _turns(story: Mapping[str, pd.DataFrame]) -> Iterator[Step]:
    messages = story["messages"]
    for row in story["turns"].itertuples():
        portion, number = int(row.portion), int(row.turn) + 1
        burst = _count(int(row.messages), "message")
        if number > 1:
            text = f"{row.contact} writes turn {number}: {burst}."
            yield Step(int(row.first_message_us), portion, 10, text)
        elif row.messages > 1:
            took = spoken(int(row.last_message_us) - int(row.first_message_us))
            text = f"The opening burst is complete: {burst} in {took}; only now is the reply work."
            yield Step(int(row.last_message_us), portion, 11, text)
        if not _there(row.written_us):
            continue
        sent = messages[
            (messages["kind"] == "agent") & (messages["contact"] == row.contact) & (messages["turn"] == row.turn)
        ]
        where = int(sent["portion"].iloc[0]) if len(sent) else portion
        if _there(row.reply_started_us):
            ready = max(int(row.last_message_us), int(row.connected_us) if _there(row.connected_us) else 0)
            if int(row.reply_started_us) > ready:
                text = f"{row.agent} has finished earlier work; of his unanswered messages this is the oldest."
            else:
                text = f"{row.agent} turns to it at once."
            yield Step(int(row.reply_started_us), where, 60, text)
        if not _there(row.reply_us):
            continue  # blocked, or waits for the way out: `letters` tells of it
        text = f"{row.agent} replies, {spoken(int(row.t_agent_response_us))} after the last message of the burst."
        yield Step(int(row.reply_us), where, 70, text)


def _sessions(story: Mapping[str, pd.DataFrame], scenario: Scenario) -> Iterator[Step]:
    waits = {(row.portion, row.offer): row.t_wait_us for row in story["offers"].itertuples()}
    for row in story["sessions"].itertuples():
        number = int(row.portion)
        wait = waits.get((row.portion, row.offer))
        after = f" after {spoken(int(wait))} in queue" if wait is not None and _there(wait) else ""
        yield Step(int(row.connected_us), number, 50, f"{row.agent} connects{after}.")
        if row.handed_back and _there(row.disconnected_us):
            text = f"{row.agent}'s shift is over and a message is unanswered: handed back to the queue."
            yield Step(int(row.disconnected_us), number, 25, text)
        if _there(row.ended_us):
            wrap_up = f" after {spoken(int(row.t_acw_us))} of wrap-up" if _there(row.t_acw_us) and row.t_acw_us else ""
            yield Step(int(row.ended_us), number, 90, f"{row.agent}'s slot is free again{wrap_up}.")


def _reopened(portions: pd.DataFrame, number: int) -> bool:
    found = portions[portions["portion"] == number]
    return bool(len(found) and found["reopened"].iloc[0])


def _queue_of(scenario: Scenario, queue: Any, field: str) -> Any:
    known = scenario.queues.get(str(queue)) if _there(queue) else None
    return getattr(known, field, None)


def _there(value: Any) -> bool:
    """Neither None, NaN nor NA."""
    return value is not None and str(value) not in ("nan", "<NA>", "NaT")


def _count(number: int, word: str) -> str:
    if number == 1:
        return f"1 {word}"
    return f"{number} answers of the customer" if word.startswith("answer") else f"{number} {word}s"
