"""The platform's own words for what happened here.

Values are those of the Platform API's enumerations (official SDK, version 269): `AnalyticsParticipant.purpose`,
`AnalyticsSession.usedRouting`, `AnalyticsConversationSegment.segmentType` and `.disconnectType`, and the metrics of
`ConversationDetailQueryPredicate` and `ConversationAggregationView`. Which of them stands for which of our endings is
assumed where the platform's documents are silent.
"""

from __future__ import annotations

MEDIA = "message"
PROVIDER = "PureCloud Messaging"

# --- who disconnected: `client` himself, `peer` the other side ---------------------------------------------------

CLIENT, PEER, SYSTEM, TIMEOUT, INACTIVITY, TRANSFER = "client", "peer", "system", "timeout", "inactivity", "transfer"
NO_ANSWER = "noAnswerTransfer"

CUSTOMER_DISCONNECT = {
    "resolved": PEER,
    "contained": PEER,
    "abandoned": CLIENT,
    "blocked": PEER,
    "closed_unanswered": PEER,
    "shift_end": PEER,
    "left": CLIENT,
    "left_flow": CLIENT,
    "flow_timed_out": TIMEOUT,
    "closed_by_flow": PEER,
    "flowed_out": PEER,
    "window_closed": PEER,
    "inactive": INACTIVITY,
    "timed_out": INACTIVITY,
    "shift_end_unanswered": PEER,
}
"""`disconnectType` on the customer's side, by `codes.Disconnect`. An ending it does not know is `other`."""
AGENT_DISCONNECT = {CLIENT: PEER, PEER: CLIENT}
"""... and on the side of agent or flow; timers are the same on both."""

# --- routing -----------------------------------------------------------------------------------------------------

ROUTING = {
    "last_agent": "Last",
    "last_agent_waited": "Last",
    "preferred": "Preferred",
    "conditional": "Conditional",
}
"""`usedRouting` by `codes.Placement`; rings are Bullseye, everything else is Standard."""
PLACEMENT = {"Standard": "standard", "Last": "last_agent", "Preferred": "preferred", "Conditional": "conditional"}
"""... and back."""


def routing_of(placement: str) -> str:
    return "Bullseye" if placement.startswith("ring_") else ROUTING.get(placement, "Standard")


# --- metrics -----------------------------------------------------------------------------------------------------

DETAILS_ONLY = ("nFlow", "tFlow")
"""Metrics of flows: `aggregates/query` of conversations does not know them."""
AGGREGATES_ONLY = ("tWait",)
"""Known to aggregates, not to details."""
METRICS = (
    "nOffered",
    "tAcd",
    "tWait",
    "tAnswered",
    "tAbandon",
    "tShortAbandon",
    "tFlowOut",
    "nOverSla",
    "tAlert",
    "tNotResponding",
    "nAlertExpired",
    "nAgentDeclined",
    "nConnected",
    "tTalk",
    "tTalkComplete",
    "tAcw",
    "tHandle",
    "tPark",
    "tParkComplete",
    "nTransferred",
    "nBlindTransferred",
    "nConsultTransferred",
    "tFirstResponse",
    "tAgentResponseTime",
    "tUserResponseTime",
    "oMessageTurn",
    "oMessageCount",
    "nFlow",
    "tFlow",
    "tIvr",
)
"""What is emitted, in this order at one instant. `oServiceLevel` and `oServiceTarget` are worked out, not emitted."""
