"""The column catalogue: every table's columns, their types, units and meanings. Nowhere else are they described.

All tables have `replication` first. Times (`_us`) are µs from the scenario's start, durations (`_us`) are µs;
both are nullable (`Int64`) where something may not have happened, and null then. Ids are text and stable: a
contact is `source/ordinal`, one that wrote again is its parent's id and the reason (`whatsapp/412.after_silent`);
a conversation carries the id of the contact that opened it; an agent is `group/number`, counted from 1. What
happens to one of them again carries its number: `whatsapp/412.after_silent_2` wrote again for the same reason a
second time, `whatsapp/412.conversation_2` is the second conversation that contact opened (he thought longer than
the threading window).
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.vocabulary import codes


@dataclass(frozen=True)
class Column:
    name: str
    dtype: str
    """pandas dtype; `category` for text from a limited list."""
    unit: str
    meaning: str


def _names(enum: type) -> str:
    return ", ".join(codes.name_of(code) for code in enum)  # type: ignore[attr-defined]


_ID = "category"
_REPLICATION = Column("replication", "int32", "", "number of the replication, from 0")

CONTACTS = (
    Column("contact", _ID, "", "id of the contact"),
    Column("channel", "category", "", "channel it came in on"),
    Column("source", "category", "", "channel or campaign it comes from"),
    Column("ordinal", "int64", "", "number in its source, from 0; a later contact has its first ancestor's"),
    Column("parent", _ID, "", "contact it follows; null for a first contact"),
    Column("reason", "category", "", f"why it follows: {_names(codes.Return)}; null for a first contact"),
    Column("topic", "category", "", "topic of the need"),
    Column("customer", "Int64", "", "number in the channel's population; null: a person of his own"),
    Column("arrived_us", "int64", "µs", "first message of the opening burst"),
    Column("entry", "category", "", "started, reopened or joined a conversation"),
    Column("conversation", _ID, "", "conversation it started, re-opened or joined"),
    Column("portion", "int32", "", "portion in which it began"),
    Column("identified", "boolean", "", "the flow identified him; null where no flow asked"),
    Column("authenticated", "boolean", "", "identified because he was logged in; null where no flow asked"),
    Column("turns", "int32", "", "bursts he wrote"),
    Column("turns_answered", "int32", "", "of these, answered by an agent"),
    Column("taken_for", "category", "", "topic as which a bot handed him over, where that is not his"),
    Column("left_flow_us", "Int64", "µs", "left in the inbound flow, with or without a sign"),
    Column("gave_up_us", "Int64", "µs", "first time he stopped reading in the queue without a sign"),
    Column("vanished_us", "Int64", "µs", "went silent in mid-conversation"),
    Column("ended_us", "Int64", "µs", "its outcome was settled"),
    Column("outcome", "category", "", f"end state: {_names(codes.Outcome)}"),
)

CONVERSATIONS = (
    Column("conversation", _ID, "", "id: that of the contact which opened it"),
    Column("channel", "category", "", "channel"),
    Column("customer", "Int64", "", "number in the channel's population; null: a person of his own"),
    Column("opened_us", "int64", "µs", "first message"),
    Column("portions", "int32", "", "passes through flow, queue and agent"),
    Column("contacts", "int32", "", "contacts it carried"),
    Column("agents", "int32", "", "different agents who connected"),
    Column("messages_in", "int32", "", "customer messages"),
    Column("messages_out", "int32", "", "agent, bot and form messages"),
    Column("disconnected_us", "Int64", "µs", "latest disconnect; null while open"),
    Column("open", "boolean", "", "still open when the run ended (censored)"),
)

PORTIONS = (
    Column("conversation", _ID, "", "conversation"),
    Column("portion", "int32", "", "number within the conversation, from 1"),
    Column("channel", "category", "", "channel"),
    Column("contact", _ID, "", "contact on whose behalf it opened"),
    Column("reopened", "boolean", "", "continues a conversation disconnected within the window"),
    Column("opened_us", "int64", "µs", "(re-)opening"),
    Column("flow_path", "category", "", "ways it took at branches, as `business_hours=open topic=billing`; else null"),
    Column("left_flow_us", "Int64", "µs", "the customer left in the flow, with or without a sign"),
    Column("blocked_queue", "category", "", "queue that turned it away; else null"),
    Column("queue", "category", "", "first queue entered; null if none"),
    Column("queue_entered_us", "Int64", "µs", "first entry into a queue"),
    Column("offers", "int32", "", "entries into queues (`nOffered`)"),
    Column("first_connected_us", "Int64", "µs", "first connect"),
    Column("first_reply_us", "Int64", "µs", "first agent reply"),
    Column("t_first_response_us", "Int64", "µs", "`tFirstResponse`: first queue entry to first agent reply"),
    Column("first_message_to_first_reply_us", "Int64", "µs", "opening to first agent reply"),
    Column("disconnected_us", "Int64", "µs", "disconnect; null while open"),
    Column("disconnect", "category", "", f"why it ended: {_names(codes.Disconnect)}"),
)

OFFERS = (
    Column("conversation", _ID, "", "conversation"),
    Column("portion", "int32", "", "portion"),
    Column("offer", "int32", "", "number of the offer within its portion, from 1"),
    Column("contact", _ID, "", "contact on whose behalf it waits"),
    Column("channel", "category", "", "channel"),
    Column("topic", "category", "", "topic of that contact"),
    Column("queue", "category", "", "queue"),
    Column("priority", "int64", "min", "priority, 1 unit = 1 minute of waiting"),
    Column("entered_us", "int64", "µs", "queue entry"),
    Column("alerts", "int32", "", "alerts it caused"),
    Column("gave_up_us", "Int64", "µs", "the customer stopped reading without a sign (the platform cannot see it)"),
    Column("left_us", "Int64", "µs", "connect, abandon or flow-out; null while waiting at the end of the run"),
    Column("t_wait_us", "Int64", "µs", "`tWait`: entry to leaving; null while waiting"),
    Column("outcome", "category", "", f"{_names(codes.OfferOutcome)}"),
    Column("flowed_out_to", "category", "", "queue into which it flowed out; null otherwise"),
    Column("agent", "category", "", "agent who connected"),
    Column("first_reply_us", "Int64", "µs", "first agent reply after this offer's connect, within its session"),
    Column(
        "came",
        "category",
        "",
        "how it came: flow, handed_back (shift end), transfer (blind), consult, overflow (flowed out of another queue)",
    ),
    Column(
        "asks",
        "category",
        "",
        "skills, and language, that it asks for at entry: `billing+german`, `german+language:fr`; null: none, or the "
        "queue does not look at them",
    ),
    Column("circles", "int32", "", "rings, preferred agents' and groups' rules that were opened for it"),
    Column("wait_alert_us", "int64", "µs", "of its wait (so far): it rang at a desk"),
    Column("wait_held_us", "int64", "µs", "of its wait: held for the last agent alone"),
    Column("wait_nobody_us", "int64", "µs", "of its wait: nobody who qualifies was on queue"),
    Column("wait_rule_us", "int64", "µs", "of its wait: somebody who qualifies was free, a ring or rule kept him away"),
    Column("wait_slots_us", "int64", "µs", "of its wait: those who qualify were full, or could take nothing"),
)

CIRCLES = (
    Column("conversation", _ID, "", "conversation"),
    Column("portion", "int32", "", "portion"),
    Column("offer", "int32", "", "offer within the portion"),
    Column("queue", "category", "", "queue"),
    Column("at_us", "int64", "µs", "from when on"),
    Column(
        "what",
        "category",
        "",
        f"who may take it beside those before ({_names(codes.Circle)}), held (for the last agent alone), released, "
        "priority (changed), skill or language (asked for beside the topic's), topic (found out by the agent)",
    ),
    Column("name", "category", "", "skill, language or topic; else null"),
    Column("number", "int32", "", "of the ring or rule, from 1; 0 elsewhere"),
    Column("agent", "category", "", "for whom it is held, or who found out"),
    Column("priority", "int64", "min", "the changed priority; 0 elsewhere"),
)

ALERTS = (
    Column("conversation", _ID, "", "conversation"),
    Column("portion", "int32", "", "portion"),
    Column("offer", "int32", "", "offer within the portion"),
    Column("queue", "category", "", "queue"),
    Column("agent", "category", "", "agent"),
    Column("placement", "category", "", f"why this agent: {_names(codes.Placement)}"),
    Column("alerted_us", "int64", "µs", "the slot is held from here"),
    Column("ended_us", "Int64", "µs", "accepted, declined, expired or withdrawn"),
    Column("outcome", "category", "", f"{_names(codes.AlertOutcome)}"),
)

SESSIONS = (
    Column("conversation", _ID, "", "conversation"),
    Column("portion", "int32", "", "portion"),
    Column("offer", "int32", "", "offer within the portion"),
    Column("channel", "category", "", "channel"),
    Column("queue", "category", "", "queue"),
    Column("agent", "category", "", "agent"),
    Column("group", "category", "", "agent's group"),
    Column("placement", "category", "", f"why this agent: {_names(codes.Placement)}"),
    Column("label", "category", "", "utilization label of the topic as which it was handed over; null without"),
    Column("reopened", "boolean", "", "the portion continues an earlier conversation (affinity was tried)"),
    Column("alerted_us", "int64", "µs", "alert: the slot is held from here"),
    Column("connected_us", "int64", "µs", "connect"),
    Column("disconnected_us", "Int64", "µs", "disconnect or hand-back"),
    Column("handed_back", "boolean", "", "shift end with an unanswered message"),
    Column("transfer", "category", "", "blind or consult: the agent passed the conversation on; null if not"),
    Column("wrap_up_started_us", "Int64", "µs", "attention turned to the wrap-up; null if never worked on"),
    Column("ended_us", "Int64", "µs", "end of wrap-up: the slot is free"),
    Column("replies", "int32", "", "replies sent"),
    Column("through_flow", "boolean", "", "the inactivity timer took it from the agent and sent it through a flow"),
    Column("parkings", "int32", "", "times it was parked"),
    Column("t_park_us", "int64", "µs", "`tPark`: parked, without a slot; in no other time of this table"),
    Column("t_switching_us", "int64", "µs", "attention lost when the agent turned to it from another conversation"),
    Column("t_talk_us", "Int64", "µs", "`tTalk`: connect to disconnect"),
    Column("t_acw_us", "Int64", "µs", "`tAcw`: disconnect to end of wrap-up"),
    Column("t_handle_us", "Int64", "µs", "`tHandle`: connect to end of wrap-up"),
    Column("t_work_us", "int64", "µs", "`tWork`: attention given to replies and wrap-up; of several at once its share"),
)

PARKS = (
    Column("conversation", _ID, "", "conversation"),
    Column("portion", "int32", "", "portion"),
    Column("offer", "int32", "", "offer within the portion"),
    Column("queue", "category", "", "queue"),
    Column("agent", "category", "", "agent who set it aside"),
    Column("group", "category", "", "agent's group"),
    Column("parked_us", "int64", "µs", "set aside: the slot is free"),
    Column("returned_us", "Int64", "µs", "back: a slot is held again, even beyond capacity; null while parked"),
    Column("t_park_us", "Int64", "µs", "time parked"),
    Column("why", "category", "", "what brought it back: time_over, wrote (the customer), closed (disconnected)"),
)

TURNS = (
    Column("contact", _ID, "", "contact"),
    Column("turn", "int32", "", "number within the contact, from 0"),
    Column("conversation", _ID, "", "conversation"),
    Column("portion", "int32", "", "portion in which the burst began"),
    Column("channel", "category", "", "channel"),
    Column("messages", "int32", "", "messages of the burst that came in"),
    Column("first_message_us", "int64", "µs", "first message of the burst"),
    Column("last_message_us", "int64", "µs", "last message of the burst"),
    Column("queue", "category", "", "queue of the session that answered"),
    Column("agent", "category", "", "agent who answered"),
    Column("connected_us", "Int64", "µs", "connect of the session that answered"),
    Column("writer", "category", "", "agent who turned to it, whether or not a reply left"),
    Column("writer_queue", "category", "", "queue for which he did"),
    Column("reply_started_us", "Int64", "µs", "the agent turned to it"),
    Column("written_us", "Int64", "µs", "reply written: the agent's attention is free again"),
    Column("reply_us", "Int64", "µs", "reply sent; null if none"),
    Column("t_agent_response_us", "Int64", "µs", "`tAgentResponseTime`: last message of the burst to reply"),
    Column("reply_from_first_us", "Int64", "µs", "first message of the burst to reply"),
    Column("reply_from_connect_us", "Int64", "µs", "later of last message and connect to reply"),
    Column("reply_from_last_inbound_us", "Int64", "µs", "customer's latest message to reply (reply window)"),
    Column("late", "boolean", "", "the reply was ready after the channel's reply window, and blocked"),
    Column("drafts_caught", "int32", "", "drafts of the reply that the content filter caught (`DataFiltered`)"),
    Column("rewrite_us", "int64", "µs", "attention that writing them again took"),
    Column("listening_us", "int64", "µs", "length of the customer's voice note, which the agent listens to"),
    Column("recording_us", "int64", "µs", "length of the voice note that the reply is, as far as it left"),
    Column("middleware_us", "Int64", "µs", "what its messages took through the middleware, where there is one"),
    Column("outcome", "category", "", f"{_names(codes.TurnOutcome)}"),
)

MESSAGES = (
    Column("conversation", _ID, "", "conversation"),
    Column("portion", "int32", "", "portion"),
    Column("channel", "category", "", "channel"),
    Column("at_us", "int64", "µs", "received or sent"),
    Column("direction", "category", "", "inbound (customer) or outbound (business)"),
    Column("kind", "category", "", "inbound: burst or flow_answer; outbound: agent, bot or question"),
    Column("contact", _ID, "", "inbound and agent messages: the contact it belongs to"),
    Column("turn", "Int64", "", "turn of that contact; null for the flow's messages"),
    Column("agent", "category", "", "agent, for his replies"),
)

DELIVERIES = (
    Column("conversation", _ID, "", "conversation"),
    Column("portion", "int32", "", "portion in which it was written"),
    Column("number", "int32", "", "number within its reply, from 0; 0 for any other message"),
    Column("channel", "category", "", "channel"),
    Column("lane", "category", "", "agent, flow, or customer: his attachments that the platform refuses"),
    Column("kind", "category", "", "reply, part (of a longer reply, or an attachment), template or flow"),
    Column("contact", _ID, "", "whom an agent's message answers"),
    Column("turn", "Int64", "", "turn of that contact"),
    Column("agent", "category", "", "agent"),
    Column("content", "category", "", f"{_names(codes.Content)}"),
    Column("characters", "Int64", "", "length of a text; null where the scenario says nothing about it"),
    Column("bytes", "Int64", "", "size of an attachment"),
    Column("voice_us", "Int64", "µs", "length of a voice note"),
    Column("parts", "int32", "", "parts in which it travels (SMS)"),
    Column("template", "category", "", "template"),
    Column("written_us", "int64", "µs", "written: it leaves then unless something holds it back"),
    Column("sent_us", "Int64", "µs", "left; null while held back, if blocked or refused"),
    Column("since_inbound_us", "Int64", "µs", "customer's latest message to leaving, or to being blocked"),
    Column("delivered_us", "Int64", "µs", "on the customer's device"),
    Column("read_us", "Int64", "µs", "read receipt"),
    Column("failed_us", "Int64", "µs", "given up"),
    Column("blocked_us", "Int64", "µs", "might not leave: when it was written, or when what held it back let it go"),
    Column("attempts", "Int64", "", "attempts to deliver it, where the scenario says how it travels"),
    Column("state", "category", "", "pending (held back), sent, delivered, read, failed or blocked"),
    Column(
        "reason",
        "category",
        "",
        f"why it is blocked ({_names(codes.Block)}) or failed ({_names(codes.Failure)})",
    ),
)

SENDS = (
    Column("source", "category", "", "campaign or notification"),
    Column("ordinal", "Int64", "", "number within the source, from 0; null where a row stands for many"),
    Column("count", "int64", "", "sends of this row: 1; with `detail: per_second` those of a second that ended alike"),
    Column("channel", "category", "", "channel"),
    Column("lane", "category", "", f"{_names(codes.Lane)}"),
    Column("opt_in_source", "category", "", "where the customer was asked for his opt-in; null: not said"),
    Column("requested_us", "Int64", "µs", "request (first call); null without opt-in; of many rows the mean"),
    Column("sent_us", "Int64", "µs", "left (the last try); null while held by a cap or without opt-in"),
    Column("ended_us", "Int64", "µs", "left, expired, was refused for good or stopped; null while held by a cap"),
    Column("delay_us", "Int64", "µs", "request to leaving"),
    Column("cap", "category", "", f"what it waited for last: {_names(codes.Cap)}; null: it did not wait"),
    Column("attempts", "Int64", "", "calls and tries, those refused and failed included"),
    Column("delivered_us", "Int64", "µs", "there; null if not"),
    Column("read_us", "Int64", "µs", "read; null if not, or not known"),
    Column("reason", "category", "", "why it failed, where that is known"),
    Column("joined", "boolean", "", "went into the customer's open conversation"),
    Column("outcome", "category", "", "delivered, failed, waiting (held when the run ended), no_opt_in, expired, "
           "rejected (429, and no more tries), stopped (with its campaign) or in_conversation (failed: one was open)"),
)  # fmt: skip

SEND_ATTEMPTS = (
    Column("source", "category", "", "campaign or notification"),
    Column("ordinal", "int64", "", "number within the source, from 0"),
    Column("channel", "category", "", "channel"),
    Column("lane", "category", "", f"{_names(codes.Lane)}"),
    Column("attempt", "int64", "", "number of the call or try, from 1"),
    Column("at_us", "int64", "µs", "when it was made"),
    Column("outcome", "category", "", "refused (429, called again later) or resent (left, failed, asked for again)"),
)

CAP_HOLDS = (
    Column("conversation", _ID, "", "conversation"),
    Column("portion", "int32", "", "portion"),
    Column("channel", "category", "", "channel"),
    Column("lane", "category", "", "agent or flow"),
    Column("cap", "category", "", f"what held the message back: {_names(codes.Cap)}"),
    Column("from_us", "int64", "µs", "ready to leave"),
    Column("to_us", "int64", "µs", "left"),
)

OUTAGES = (
    Column("outage", "category", "", "name of the outage"),
    Column("from_us", "int64", "µs", "begins"),
    Column("to_us", "int64", "µs", "is over; may lie after the end of the run"),
)

HOLDS = (
    Column("conversation", _ID, "", "conversation; null if the contact never came in"),
    Column("contact", _ID, "", "whose message was held or lost; null for outbound messages"),
    Column("channel", "category", "", "channel"),
    Column("outage", "category", "", "outage that it met; of several the first by name"),
    Column("direction", "category", "", "inbound (customer), outbound (business), or bot (a dialogue with a bot)"),
    Column("at_us", "int64", "µs", "written; bot: when it should have spoken"),
    Column(
        "until_us", "Int64", "µs", "came in, left, or the bot spoke; null if lost, or waiting at the end of the run"
    ),
    Column("hold_us", "Int64", "µs", "how long it was held"),
    Column(
        "outcome",
        "category",
        "",
        "released, dropped (nobody waited for it any more), lost, skipped (went on without the bot), blocked (its "
        "reply window was over) or waiting (at the end of the run)",
    ),
)

AGENT_STATES = (
    Column("agent", "category", "", "agent"),
    Column("group", "category", "", "agent's group"),
    Column("status", "category", "", f"routing status: {_names(codes.RoutingStatus)}"),
    Column("presence", "category", "", f"what lies behind it: {_names(codes.Presence)}"),
    Column("from_us", "int64", "µs", "from"),
    Column("to_us", "int64", "µs", "to"),
)

INTERVALS = (
    Column("start_us", "int64", "µs", "start of the interval"),
    Column("start_local", "datetime64[us]", "", "local wall clock"),
    Column("measured", "bool", "", "begins in the measured time, warm_up to duration, that the summary is about"),
    Column("queue", "category", "", "queue"),
    Column("nOffered", "int64", "", "queue entries in the interval"),
    Column("nAnswered", "int64", "", "connects in the interval"),
    Column("nAbandoned", "int64", "", "abandons in the interval"),
    Column("nGaveUp", "int64", "", "customers who stopped reading in the queue in the interval"),
    Column("nBlocked", "int64", "", "turned away by max_waiting"),
    Column("nOverSla", "int64", "", "connects in the interval after more than the target wait"),
    Column("oServiceLevel", "float64", "share", "service level of what was emitted in the interval"),
    Column("tWait_mean_us", "float64", "µs", "mean wait of what left the queue in the interval"),
    Column("nAnswered_by_arrival", "int64", "", "of those offered in the interval: answered"),
    Column("nAbandoned_by_arrival", "int64", "", "of those offered in the interval: abandoned"),
    Column("oServiceLevel_by_arrival", "float64", "share", "service level of those offered in the interval"),
    Column("first_reply_within_by_arrival", "float64", "share", "of those offered: first reply within the target"),
    Column("tWait_mean_by_arrival_us", "float64", "µs", "mean wait of those offered in the interval"),
    Column("open_share", "float64", "share", "time of the interval within the business hours that this queue's service "
           "level goes by; null here and in the next columns: there are none"),
    Column("nOverSla_business_hours", "Int64", "", "connects in the interval after more than the target wait, counting "
           "only business hours"),
    Column("oServiceLevel_business_hours", "float64", "share", "service level of what was emitted in the interval, "
           "likewise"),
    Column("oServiceLevel_business_hours_by_arrival", "float64", "share", "service level of those offered in the "
           "interval, likewise"),
    Column("first_reply_within_business_hours_by_arrival", "float64", "share", "of those offered: first reply within "
           "the target, likewise"),
    Column("tWait_mean_business_hours_by_arrival_us", "float64", "µs", "mean wait of those offered in the interval, "
           "likewise"),
    Column("waiting_max", "int64", "", "largest number waiting"),
    Column("staff_present", "float64", "agents", "agents on queue for this queue, mean over the interval"),
    Column("staff_scheduled", "float64", "agents", "agents on shift by the plan, absent ones and breaks included"),
    Column("staff_planned", "float64", "agents", "on queue by the plan: shifts less breaks and meetings, absent ones "
           "included"),
    Column("staff_required", "float64", "agents", "that the service level's target asks for, whole; null: no formula"),
    Column("staff_required_least", "float64", "agents", "below which no routing can do the work that came in"),
    Column("requirement_method", "category", "", "erlang_c, erlang_a, erlang_c_pooled (as if everybody could take "
           "everything: the least), workload, shared (with other queues) or nobody (serves it)"),
    Column("staff_gap", "float64", "agents", "staff_required - staff_present: above 0 too few"),
    Column("staff_gap_gross", "float64", "agents", "the same ÷ (1 - shrinkage by the plan): agents to schedule"),
    Column("attention_offered", "float64", "agents", "attention of the work that came in, as if nobody had waited"),
    Column("slots_offered", "float64", "slots", "slots that it held, likewise"),
    Column("attention_load", "float64", "agents", "attention given to this queue's work, mean over the interval"),
    Column("occupancy_work", "float64", "share", "attention on queue / on-queue time of the agents of this queue"),
    Column("occupancy_status", "float64", "share", "INTERACTING / (INTERACTING + IDLE)"),
    Column("occupancy_slots", "float64", "share", "slots held on queue / capacity on queue"),
)  # fmt: skip

CAP_INTERVALS = (
    Column("start_us", "int64", "µs", "start of the interval"),
    Column("start_local", "datetime64[us]", "", "local wall clock"),
    Column("measured", "bool", "", "begins in the measured time, warm_up to duration, that the summary is about"),
    Column("lane", "category", "", f"{_names(codes.Lane)}"),
    Column("cap", "category", "", f"{_names(codes.Cap)}"),
    Column("left", "int64", "", "messages of the lane that left in the interval"),
    Column("allowed", "float64", "", "messages that the lane's cap lets through in it; null for the other caps"),
    Column("held", "int64", "", "of what left or ended in the interval, held back by this cap"),
    Column("waited_mean_us", "float64", "µs", "how long those waited for this cap, mean"),
    Column("waiting_max", "int64", "", "most of them waiting at any moment of the interval"),
    Column("time_at_cap", "float64", "share", "time of the interval in which the cap held any of them back"),
)

TABLES: dict[str, tuple[Column, ...]] = {
    name: (_REPLICATION, *columns)
    for name, columns in {
        "contacts": CONTACTS,
        "conversations": CONVERSATIONS,
        "portions": PORTIONS,
        "offers": OFFERS,
        "circles": CIRCLES,
        "alerts": ALERTS,
        "sessions": SESSIONS,
        "parks": PARKS,
        "turns": TURNS,
        "messages": MESSAGES,
        "sends": SENDS,
        "send_attempts": SEND_ATTEMPTS,
        "cap_holds": CAP_HOLDS,
        "deliveries": DELIVERIES,
        "outages": OUTAGES,
        "holds": HOLDS,
        "agent_states": AGENT_STATES,
        "intervals": INTERVALS,
        "cap_intervals": CAP_INTERVALS,
    }.items()
}
"""Every table, every column, in order."""
