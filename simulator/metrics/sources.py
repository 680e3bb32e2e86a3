"""Where a measure comes from: the platform's analytics, a text of queueing theory, or this project.

`PLATFORM_METRICS` are the names that the platform's own analytics knows; a measure that has one of them means the
same thing, and one that is our own must not borrow one.
"""

from __future__ import annotations

from dataclasses import dataclass

PLATFORM_METRICS = frozenset({
    "nAgentDeclined", "nAlertExpired", "nBlindTransferred", "nBotInteractions", "nCallbackAttempts",
    "nCallbackOverSla", "nCallbackScheduled", "nCfcOffered", "nCobrowseSessions", "nConnected", "nConsult",
    "nConsultTransferred", "nConversations", "nError", "nOffered", "nOutbound", "nOutboundAbandoned",
    "nOutboundAttempted", "nOutboundConnected", "nOverSla", "nStateTransitionError", "nTakeover",
    "nTransferred", "oAudioMessageCount", "oCallbackServiceLevel", "oExternalAudioMessageCount",
    "oExternalMediaCount", "oMediaCount", "oMessageCount", "oMessageSegmentCount", "oMessageTurn",
    "oServiceLevel", "oServiceTarget", "oSkillExpressionApplications", "tAbandon", "tAcd", "tActiveCallback",
    "tActiveCallbackComplete", "tAcw", "tAgentResponseTime", "tAgentVideoConnected", "tAlert", "tAnswered",
    "tAverageAgentResponseTime", "tAverageCustomerResponseTime", "tBarging", "tCallbackAbandon",
    "tCallbackConnect", "tCallbackNotReached", "tCallbackVirtualWait", "tCfcAbandon", "tCfcAcd", "tCfcAnswered",
    "tCfcFlowOut", "tCoaching", "tCoachingComplete", "tConnected", "tContacting", "tDialing", "tFirstConnect",
    "tFirstDial", "tFirstEngagement", "tFirstResponse", "tFlowOut", "tHandle", "tHeld", "tHeldComplete", "tIvr",
    "tMonitoring", "tMonitoringComplete", "tNotResponding", "tPark", "tParkComplete", "tScreenMonitoring",
    "tShortAbandon", "tSnippetRecord", "tTalk", "tTalkComplete", "tTransmitting", "tUserResponseTime",
    "tVoicemail", "tWait", "tAgentRoutingStatus", "tOrganizationPresence", "tSystemPresence",
})  # fmt: skip
"""Metrics of the conversation and user aggregates. Source: the official Python SDK, PureCloudPlatformClientV2 269.0.0,
`ConversationAggregationView.target` and `UserAggregationView.target`; a test compares where it is installed."""

METRICS_PAGE = "Metric definitions"
LEVEL_PAGE = "Configure the service level calculation"
OFFERED_PAGE = "Why does the Offered metric not always equal the Answered plus Abandoned metrics?"
AGENT_PAGE = "View agent performance statistics"
ANALYTICS_PAGE = "SDK reference, ConversationAggregationView"
"""Titles of the platform's documentation pages. The SDK reference has the name alone: there the wording is ours."""


@dataclass(frozen=True)
class Source:
    """Who defines a measure."""

    kind: str
    """platform, queueing or own"""
    metric: str = ""
    """platform: the metric of its analytics."""
    text: str = ""
    """The page or book."""
    statistic: str = ""
    """platform: which of its statistics, where it is not the plain one."""

    def __str__(self) -> str:
        if self.kind == "platform":
            of = f", {self.statistic}" if self.statistic else ""
            return f"Genesys Cloud analytics metric {self.metric}{of}; page “{self.text}”"
        return self.text if self.kind == "queueing" else "own: defined by this project"


OWN = Source("own")


def platform(metric: str, page: str = METRICS_PAGE, statistic: str = "") -> Source:
    """A metric of the platform's analytics, and the page that explains it."""
    return Source("platform", metric, page, statistic)


def queueing(text: str) -> Source:
    """A quantity of queueing theory, and the text that defines it."""
    return Source("queueing", text=text)


KLEINROCK = queueing("queueing theory: L. Kleinrock, Queueing Systems I (1975)")
LITTLE = queueing("queueing theory: J. D. C. Little, A proof for L = λW, Operations Research 9 (1961)")
ERLANG = queueing("queueing theory: N. Gans, G. Koole, A. Mandelbaum, Telephone call centers, M&SOM 5 (2003)")
RETRIALS = queueing("queueing theory: G. I. Falin, J. G. C. Templeton, Retrial Queues (1997)")
