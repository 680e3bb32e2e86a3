"""Codes of the journal and of the tables: what happened, and how things ended.

The journal stores the number, the tables show the name in lower case. A number, once given, keeps its meaning.
"""

from enum import IntEnum
from types import SimpleNamespace


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
    IDENTIFIED = 11  # message: contact; value: 1 found, 0 unidentified
    FLOW_MESSAGE_SENT = 12  # message: message; value: FlowMessage
    PORTION_DISCONNECTED = 13  # agent: who handled it last, -1; value: Disconnect

    # what customers write
    TURN_OPENED = 20  # message: turn; agent: contact; value: turn within the contact, from 0
    MESSAGE_RECEIVED = 21  # message: message; agent: contact; value: turn, -1 an answer to the flow

    # queue and alerts
    QUEUE_ENTERED = 30  # message: offer; agent: contact; value: priority
    QUEUE_BLOCKED = 31  # message: contact; nobody free and `max_waiting` already wait
    ALERTED = 32  # message: offer; value: Placement
    ALERT_EXPIRED = 33  # message: offer
    ALERT_WITHDRAWN = 34  # message: offer; the customer left or the agent's shift ended while it rang
    CONNECTED = 35  # message: offer; value: session
    ABANDONED = 36  # message: offer; agent: contact
    GAVE_UP = 37  # message: offer; agent: contact; he stops reading and says nothing

    # work at the desk
    REPLY_STARTED = 40  # message: turn; value: effort in µs
    REPLY_SENT = 41  # message: message; value: turn
    REPLY_LATE = 42  # message: message; value: µs since the customer's last message, beyond the reply window
    WRAP_UP_STARTED = 43  # message: session
    SESSION_ENDED = 44  # message: session; end of wrap-up, the slot is free
    HANDED_BACK = 45  # message: session; shift end with an unanswered message

    # agents
    AGENT_STATUS = 50  # message: Presence; value: RoutingStatus

    # bulk sends; message: ordinal in the source; queue: Lane; agent: source; value: time of the request
    SEND_DELIVERED = 60
    SEND_FAILED = 61  # left, was never delivered
    SEND_WAITING = 62  # held by the cap when the run ended (time: end of run)
    SEND_NO_OPT_IN = 63  # never requested: the customer has not opted in

    RUN_ENDED = 99


class Return(IntEnum):
    """Why a customer writes again."""

    AFTER_ABANDON = 1
    AFTER_SILENT = 2
    AFTER_SERVICE = 3
    AFTER_BLOCKED = 4
    THANKS = 5


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


class OfferOutcome(IntEnum):
    """How one stay in a queue (one `nOffered`) ended."""

    OPEN = 0
    ANSWERED = 1
    ABANDONED = 2


class AlertOutcome(IntEnum):
    OPEN = 0
    ACCEPTED = 1
    EXPIRED = 2
    WITHDRAWN = 3


class TurnOutcome(IntEnum):
    OPEN = 0
    ANSWERED = 1
    CONTAINED = 2
    ABANDONED = 3
    BLOCKED = 4
    LEFT = 5


class Placement(IntEnum):
    """Why this agent got this interaction."""

    STANDARD = 0
    LAST_AGENT = 1


class FlowMessage(IntEnum):
    BOT = 1
    QUESTION = 2


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


class Lane(IntEnum):
    """The four ways out."""

    AGENT = 0
    FLOW = 1
    CAMPAIGN = 2
    AGENTLESS = 3


def _plain(codes: type[IntEnum]) -> SimpleNamespace:
    """The same numbers for an engine's hot path: up to Python 3.11 a member of an enumeration costs five times as much
    to look up as an attribute (measured)."""
    return SimpleNamespace(**{code.name: int(code) for code in codes})


EVENTS = _plain(Event)
RETURNS = _plain(Return)
OUTCOMES = _plain(Outcome)
DISCONNECTS = _plain(Disconnect)
PLACEMENTS = _plain(Placement)
FLOW_MESSAGES = _plain(FlowMessage)
STATUSES = _plain(RoutingStatus)
PRESENCES = _plain(Presence)


def name_of(code: IntEnum) -> str:
    """`Outcome.ABANDONED` -> `abandoned`: how a code is written in tables and summaries."""
    return code.name.lower()
