"""Codes of the journal and of the tables: what happened, and how things ended.

The journal stores the number, the tables show the name in lower case. A number, once given, keeps its meaning.
"""

from enum import IntEnum
from typing import TYPE_CHECKING


class Event(IntEnum):
    """What one row of the journal says.

    Every row has the columns time, event, conversation, portion, message, queue, agent and value; a column that
    an event does not use holds -1 (`value`: 0). The comment names what `message`, `agent` and `value` hold where
    it is not a message number, an agent number and nothing. Numbers count from 0 in the order of appearance;
    `portion` counts from 1 within its conversation. Channels, sources, topics, queues and agents are numbered by
    the `Directory` of the scenario.
    """

    # contacts: two rows each, one for where it comes from, one for where it goes
    CONTACT_ARRIVED = 1  # message: contact; agent: source; queue: topic; value: ordinal in its source
    CONTACT_RETURNED = 2  # message: contact; agent: parent contact; queue: topic; value: Return
    CONTACT_STARTED = 3  # message: contact; value: customer in the channel's population, -1 a new person
    CONTACT_REOPENED = 4  # as CONTACT_STARTED, into a conversation disconnected less than the window ago
    CONTACT_JOINED = 5  # as CONTACT_STARTED, into an open conversation
    CONTACT_VANISHED = 6  # message: contact; he goes silent in mid-conversation
    CONTACT_ENDED = 7  # message: contact; value: Outcome

    # portions and their way through the flow
    PORTION_OPENED = 10  # message: contact; queue: channel; value: 0 new conversation, 1 re-opened
    IDENTIFIED = 11  # message: contact; value: 1 found, LOGGED_IN, 0 unidentified
    FLOW_MESSAGE_SENT = 12  # message: message; value: FlowMessage
    PORTION_DISCONNECTED = 13  # agent: who handled it last, -1; value: Disconnect

    # what customers write
    TURN_OPENED = 20  # message: turn; agent: contact; value: turn within the contact, from 0
    MESSAGE_RECEIVED = 21  # message: message; agent: contact; value: turn, -1 an answer to the flow

    # queue and alerts
    QUEUE_ENTERED = 30  # message: offer; agent: contact; value: priority
    QUEUE_BLOCKED = 31  # message: contact; value: 0 nobody free and `max_waiting` wait, 1 `max_in_system` are inside
    ALERTED = 32  # message: offer; value: Placement
    ALERT_EXPIRED = 33  # message: offer
    ALERT_WITHDRAWN = 34  # message: offer; the customer left or the agent's shift ended while it rang
    CONNECTED = 35  # message: offer; value: session
    ABANDONED = 36  # message: offer; agent: contact
    GAVE_UP = 37  # message: offer; agent: contact; he stops reading and says nothing

    # work at the desk
    REPLY_STARTED = 40  # message: turn; value: effort in µs
    REPLY_SENT = 41  # message: message; value: turn
    # 42 told of replies that left after their window; now they are blocked (163)
    WRAP_UP_STARTED = 43  # message: session
    SESSION_ENDED = 44  # message: session; end of wrap-up, the slot is free
    HANDED_BACK = 45  # message: session; shift end with an unanswered message

    # agents
    AGENT_STATUS = 50  # message: Presence; value: RoutingStatus

    # bulk sends; message: ordinal in the source; queue: Lane; agent: source; value: time of the request;
    # conversation: where the customer was asked for his opt-in, by number in `OPT_IN_SOURCES`, where that is known;
    # portion: the Cap that let it go last, where that is not the organisation's; SENT_AGAIN: it failed before, and no
    # cap held its last try
    SEND_DELIVERED = 60
    SEND_FAILED = 61  # left, was never delivered
    SEND_WAITING = 62  # held by a cap when the run ended (time: end of run)
    SEND_NO_OPT_IN = 63  # never requested: the customer has not opted in

    RUN_ENDED = 99

    # the inbound flow and the in-queue flow
    FLOW_BRANCHED = 100  # message: contact; queue: step of the flow; value: path of the branch, `else` the last
    FLOW_LEFT = 101  # message: contact; value: 0 he disconnects, 1 without a sign
    FLOW_TIMED_OUT = 102  # message: contact; nobody answered the flow for 72 h
    TAKEN_FOR = 103  # message: contact; value: topic as which the bot hands him over, not his
    FLOW_WAITED = 104  # message: contact; queue: step of the flow; value: µs; a `wait` is over
    FLOWED_OUT = 105  # message: offer; agent: contact; value: queue it goes to, -1 it is disconnected

    # routing; message: offer unless it says otherwise
    ALERT_DECLINED = 110  # the agent says no after his answer time
    TRANSFERRED = 111  # message: session; value: 0 blind, 1 the agent waits until another connects
    CONSULT_ENDED = 112  # message: session; the other has connected, or the agent's shift is over
    PASSING_STARTED = 113  # message: session; value: attention that finding out takes, in µs; then TRANSFERRED
    HELD_FOR_AGENT = 114  # agent: the last agent; value: until when, in µs, it waits for him alone
    HOLD_ENDED = 115  # it waits for him no more
    CIRCLE_OPENED = 116  # agent: number of the ring or rule, from 1; value: Circle; who may take it from now on
    PRIORITY_CHANGED = 117  # value: priority from now on
    SKILL_REQUIRED = 118  # value: skill (`scenario.skills`) that the transfer asks for beside the topic's
    LANGUAGE_REQUIRED = 119  # value: language that the transfer asks for instead of the topic's
    TOPIC_FOUND = 120  # message: contact; agent: agent; value: his topic; he had been handed over as another

    # the desk
    PARKED = 130  # message: session; set aside, it holds no slot
    RETURNED = 131  # message: session; value: 0 its time is over, 1 the customer wrote, 2 it is disconnected
    SWITCHED = 132  # message: session; value: µs of attention lost because the piece before was of another conversation
    SENT_THROUGH_FLOW = 133  # message: session; the inactivity timer takes the conversation from the agent

    # messages of the business on their way; without these rows a message is delivered the moment it is sent
    MESSAGE_PENDING = 160  # message: message; value: turn, -1; the way out is closed, it leaves later
    PART_SENT = 161  # message: message; agent: agent, -1 the flow; value: the message it continues
    MESSAGE_SIZED = 162  # message: message; queue: Content; agent: parts; value: characters, bytes or µs of speech
    REPLY_BLOCKED = 163  # message: message, -1 never written; queue: Block; value: turn, -1 none; may not be sent
    TEMPLATE_SENT = 164  # message: message; queue: template; value: turn whose reply was blocked
    MESSAGE_DELIVERED = 165  # message: message; value: attempts
    MESSAGE_READ = 166  # message: message
    MESSAGE_RETRIED = 167  # message: message; queue: Failure; value: attempt that failed, from 1
    MESSAGE_FAILED = 168  # message: message; queue: Failure; value: attempts
    ATTACHMENT_REFUSED = 169  # message: message; queue: Failure; agent: agent, -1 the customer; value: bytes
    MIDDLEWARE_PASSED = 170  # agent: contact; value: µs that his message took through the middleware

    # bulk sends, continued: what else becomes of them; columns as 60 to 63
    SEND_EXPIRED = 180  # waited too long (time: when its time was up)
    SEND_REJECTED = 181  # refused over the cap, and its caller tries no more (time: the last call)
    SEND_STOPPED = 182  # its campaign was stopped for good (time: the stop)
    SEND_IN_CONVERSATION = 183  # left, and failed because the customer's conversation was open
    # more about a send that has, or will have, one of the rows above
    SEND_REFUSED = 184  # a call over the cap got a 429, its caller tries again; value: call, from 1
    SEND_RESENT = 185  # left and failed, and is asked for again; value: try, from 1
    SEND_ARRIVED = 186  # delivered, or known to have failed, later than it left; value: µs since then
    SEND_READ = 187  # value: µs since its delivery
    SEND_FAILURE = 188  # value: Failure; why it was not delivered
    SEND_ADDRESSED = 199  # value: customer in the channel's population, where pairs or a tier look (time: request)
    SEND_JOINED = 189  # went into the customer's open conversation
    # `detail: per_second`: rows that stand for many sends; message: how many; value: mean time of their requests;
    # time: mean time of what became of them, all within one second
    SENDS_DELIVERED = 190
    SENDS_FAILED = 191
    SENDS_WAITING = 192
    SENDS_NO_OPT_IN = 193
    SENDS_EXPIRED = 194
    SENDS_REJECTED = 195
    SENDS_STOPPED = 196
    SENDS_IN_CONVERSATION = 197
    # agent and flow messages that waited at a number or for their pair
    MESSAGE_CAPPED = 198  # message: message; queue: Lane; agent: Cap; value: µs that it waited; it leaves now

    # the content filter
    DATA_FILTERED = 200  # message: turn; value: attention that the rewrite takes, in µs; a draft was caught

    # outages; of a held or lost message: queue: channel; agent: contact; value: number of the outage, by name
    MESSAGE_HELD = 201  # message: number of the hold; a customer's message meets an outage and will come in later
    MESSAGE_RELEASED = 202  # message: number of the hold; value: 0 it comes in, 1 nobody waits for it any more
    MESSAGE_LOST = 203  # message: -1; a customer's message meets an outage and never comes in
    MESSAGE_QUEUED = 204  # message: message; agent: outage; value: when it may leave, in µs; one of the business's own
    BOT_WAITED = 205  # message: contact; agent: outage; value: until when, in µs; the customer waits for the bot
    BOT_SKIPPED = 206  # message: contact; agent: outage; the customer goes on without the bot
    OUTAGE_BEGAN = 210  # message: outage; value: when it ends, in µs
    OUTAGE_ENDED = 211  # message: outage


class Return(IntEnum):
    """Why a customer writes again."""

    AFTER_ABANDON = 1
    AFTER_SILENT = 2
    AFTER_SERVICE = 3
    AFTER_BLOCKED = 4
    THANKS = 5
    AFTER_FLOW = 6  # left in the flow, or ended by it


class Outcome(IntEnum):
    """How a contact ends: each in exactly one of these. OPEN is what the end of the run leaves."""

    OPEN = 0
    ANSWERED = 1  # its last turn was answered by an agent
    CONTAINED = 2  # the bot solved it
    ABANDONED = 3  # left the queue, seen by the platform
    SILENT = 4  # gave up in the queue without a sign
    VANISHED = 5  # went silent in mid-conversation
    BLOCKED = 6  # turned away by max_waiting
    LEFT = 7  # disconnected after the connect, before the first reply (patience_until: first_reply)
    LEFT_FLOW = 8  # left in the inbound flow, with or without a sign
    CLOSED_BY_FLOW = 9  # a `disconnect` of the flow
    FLOWED_OUT = 10  # waited too long, disconnected by the in-queue flow
    LOST = 12  # what he wrote was lost in an outage
    WINDOW_CLOSED = 16  # the reply was ready when it might no longer be sent
    TIMED_OUT = 20  # the inactivity timer ended the conversation before his message was answered
    UNDELIVERED = 17  # the reply never reached him
    UNANSWERED = 30  # the agent disconnected at the end of his shift before it was answered


class Disconnect(IntEnum):
    """Why a portion ended."""

    OPEN = 0
    RESOLVED = 1  # the agent answered the last turn
    CONTAINED = 2
    ABANDONED = 3
    BLOCKED = 4
    CLOSED_UNANSWERED = 5  # close_after: no customer message since the latest reply
    SHIFT_END = 6  # nothing unanswered when the agent left
    LEFT = 7  # the customer, connected but not yet answered
    LEFT_FLOW = 8  # the customer, in the inbound flow
    FLOW_TIMED_OUT = 9  # 72 h without an answer to the flow
    CLOSED_BY_FLOW = 10  # a `disconnect` of the flow
    FLOWED_OUT = 11  # the in-queue flow
    WINDOW_CLOSED = 16  # the reply may not be sent any more
    INACTIVE = 20  # the inactivity timer; nothing was unanswered
    TIMED_OUT = 21  # the inactivity timer; a message was unanswered
    SHIFT_END_UNANSWERED = 30  # end_of_shift, then: disconnect; a message was unanswered


class OfferOutcome(IntEnum):
    """How one stay in a queue (one `nOffered`) ended."""

    OPEN = 0
    ANSWERED = 1
    ABANDONED = 2
    FLOWED_OUT = 3  # taken out by the in-queue flow


class AlertOutcome(IntEnum):
    OPEN = 0
    ACCEPTED = 1
    EXPIRED = 2
    WITHDRAWN = 3
    DECLINED = 4


class TurnOutcome(IntEnum):
    OPEN = 0
    ANSWERED = 1
    CONTAINED = 2
    ABANDONED = 3
    BLOCKED = 4
    LEFT = 5
    LEFT_FLOW = 8
    CLOSED_BY_FLOW = 9
    FLOWED_OUT = 10
    WINDOW_CLOSED = 16  # its reply was blocked
    TIMED_OUT = 20
    UNANSWERED = 30  # disconnected at the end of the agent's shift
    PENDING = 17  # its reply is written and waits for the way out


class Placement(IntEnum):
    """Why this agent got this interaction."""

    STANDARD = 0  # every required skill; longest clock, or the queue's `select`
    LAST_AGENT = 1
    BEST = 2  # the most proficient of those with the longest clocks
    NEXT_AGENT = 3  # skills are ignored
    PREFERRED = 4
    CONDITIONAL = 5  # a group that a rule admits
    LAST_AGENT_WAITED = 6  # it was held for him
    OVERFLOW = 7  # as standard; it had waited for too long in another queue
    RING_1 = 11
    RING_2 = 12
    RING_3 = 13
    RING_4 = 14
    RING_5 = 15
    RING_6 = 16


class Circle(IntEnum):
    """Who may take an interaction, beside those of the circles before."""

    STANDARD = 0
    RING = 1
    PREFERRED = 2
    CONDITIONAL = 3


class FlowMessage(IntEnum):
    BOT = 1
    QUESTION = 2
    FLOW = 3  # a `send` of the inbound flow
    IN_QUEUE = 4  # while waiting for an agent


class Content(IntEnum):
    """What a message is made of."""

    TEXT = 0
    ATTACHMENT = 1
    VOICE = 2
    TEMPLATE = 3


class Block(IntEnum):
    """Why free text may not be sent (`rules.windows`)."""

    WINDOW = 1  # the reply window is over
    REPLIES = 2  # the customer's latest message has had all its replies


class Failure(IntEnum):
    """Why a message was not delivered."""

    UNREACHABLE = 1  # the device was off for too long, or without a network
    PLATFORM_ERROR = 2
    NUMBER_INVALID = 3
    BLOCKED_BY_CUSTOMER = 4
    MIDDLEWARE = 5
    ATTACHMENT_TYPE = 6  # the platform does not carry files of this type
    ATTACHMENT_SIZE = 7  # the file is larger than the platform carries


LOGGED_IN = 2
"""What IDENTIFIED says of a customer whose session is authenticated."""

SENT_AGAIN = -2
"""In place of a cap: a bulk message left late because its first try failed, and for no cap."""


class Cap(IntEnum):
    """What let a send go last."""

    ORGANISATION = 0  # the lane's cap, of the organisation or of one channel
    NUMBER = 1  # the throughput of the channel's numbers
    PAIR = 2  # messages to the same customer
    TIER = 3  # customers of a rolling day
    HOURS = 4  # the campaign's calling windows, its stop, or an outage


class RoutingStatus(IntEnum):
    OFF_QUEUE = 0
    IDLE = 1
    INTERACTING = 2
    NOT_RESPONDING = 3


class Presence(IntEnum):
    """What lies behind a routing status."""

    OFF_SHIFT = 0
    ON_SHIFT = 1
    BREAK = 2
    ABSENT = 3
    OVERTIME = 4
    MEAL = 5
    MEETING = 6
    TRAINING = 7
    LATE = 8  # the shift has begun, he has not logged on yet
    LEFT_EARLY = 9  # he has logged off before the end of the shift


class Lane(IntEnum):
    """The four ways out."""

    AGENT = 0
    FLOW = 1
    CAMPAIGN = 2
    AGENTLESS = 3


class _Plain:
    """The same numbers for an engine's hot path: up to Python 3.11 a member of an enumeration costs five times as much
    to look up as an attribute, and an attribute of a `SimpleNamespace` three times as much (measured)."""

    def __init__(self, codes: type[IntEnum]):
        for code in codes:
            setattr(self, code.name, int(code))

    if TYPE_CHECKING:  # a method of that name would make every look-up slow

        def __getattr__(self, name: str) -> int: ...


EVENTS = _Plain(Event)
RETURNS = _Plain(Return)
OUTCOMES = _Plain(Outcome)
DISCONNECTS = _Plain(Disconnect)
PLACEMENTS = _Plain(Placement)
CIRCLES = _Plain(Circle)
FLOW_MESSAGES = _Plain(FlowMessage)
STATUSES = _Plain(RoutingStatus)
PRESENCES = _Plain(Presence)
LANES = _Plain(Lane)
FAILURES = _Plain(Failure)
BLOCKS = _Plain(Block)
CONTENTS = _Plain(Content)


def name_of(code: IntEnum) -> str:
    """`Outcome.ABANDONED` -> `abandoned`: how a code is written in tables and summaries."""
    return code.name.lower()
