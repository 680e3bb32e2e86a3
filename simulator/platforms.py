"""The nine messaging platforms: one record each, every figure with its source. Nothing else names a platform's rule.

Figures without another source are those of the Genesys Cloud Resource Center (ACD messaging; character limits and
attachments by channel; verified March 2026), as model.md section 7 gives them. "Meta" is Meta's documentation of
the WhatsApp Business Platform. "Assumed" marks what no source gives.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from simulator.vocabulary.clock import DAY, HOUR, SECOND

MEGABYTE = 1_000_000
ANY = "any"
"""Stands for every type of attachment."""

INTEGRATIONS = "Menu → Digital and Telephony → Message → Platform Integrations"
"""Where third-party platforms are connected (Resource Center)."""

PAIR_GAP_US = 6 * SECOND
"""Time between messages to the same customer. Meta: pair rate limit, 1 message per 6 s."""
PAIR_BURST = 45
"""Messages that may go at once, paid back afterwards. Meta: up to 45 within 6 s."""


@dataclass(frozen=True)
class Prerequisite:
    """What a channel must have before it can carry a message, by the key that says so in a scenario."""

    key: str
    what: str
    """As a finding names it: "a telephone number of its own"."""
    example: str
    """As a scenario writes it."""
    allowed: str = "text"
    """What may stand there, in words."""
    must_be_true: bool = False
    """A yes that must be given; otherwise anything that can be read will do."""


@dataclass(frozen=True)
class Encoding:
    """How many characters one SMS part holds: alone, and joined with others."""

    name: str
    single: int
    joined: int


@dataclass(frozen=True)
class Platform:
    """What one platform allows and asks for."""

    name: str
    """As a scenario writes it: `platform: web messaging`."""
    kind: Literal["native", "third party", "custom API"]
    """Of the two others the business itself owns accounts, numbers and middleware, and keeps to the terms of use."""
    setup: tuple[str, ...]
    """How it is connected, in steps; the first says where."""
    characters: int
    """Longest text of one message."""
    attachments: Mapping[str, int]
    """Types that it carries, and how many bytes each may have; `ANY`: every other type."""
    prerequisites: tuple[Prerequisite, ...] = ()
    encodings: tuple[Encoding, ...] = ()
    """Where texts are cut into parts: the ways to count characters, the usual one first."""
    most_parts: int = 1
    """Parts of one message at most; a longer text becomes several messages."""
    agent_window_us: int | None = None
    """A person may send free text this long after the customer's latest message; None: always."""
    bot_window_us: int | None = None
    """So a bot or a flow."""
    replies_per_message: int | None = None
    """Messages of the business after each message of the customer, at most; None: any number."""
    templates: bool = False
    """Whether an approved template may be sent when free text may not."""
    can_disconnect: bool = False
    """Whether a customer can end the conversation himself, so that an abandon is seen."""
    disconnect_by_knob: bool = False
    """Whether that is for the channel to say (`customers_can_disconnect`)."""
    voice_notes: str = ""
    """The type of attachment that is a voice note; empty: there are none."""
    authenticates: bool = False
    """Whether a session may be authenticated, so that the customer is known before he writes."""
    has_middleware: bool = False
    """Whether messages pass a middleware of the customer's own (of ours: of the business)."""
    number_types: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    """Types of number and how many parts a second each carries, the usual one first; empty: no such types."""
    bulk: tuple[str, ...] = ()
    """Lanes in which the business may begin: `campaign`, `agentless`."""
    opt_in: bool = False
    """Whether nobody may be written to who has not opted in."""
    message_type: str = "unknown"
    """What the platform's analytics call it: `messageType`, values of the SDK's `MessageMediaParticipant.type`."""
    agentless_into_active: Literal["joins", "fails"] = "fails"
    """An agentless message into an open conversation: Platform API, `useExistingActiveConversation`, default false."""
    organisation_caps: bool = False
    """Campaigns and agentless notifications pass the organisation's caps (18,000 and 3,000 per minute)."""
    number_per_second: tuple[float, ...] = ()
    """Messages a second of one number, inbound and outbound, by its level; empty: no published limit."""
    customers_per_day: tuple[int, ...] = ()
    """Business-initiated customers in a rolling 24 h, by tier; above the last: unlimited."""
    article: Literal["a", "an"] = "a"
    """Before its name, in a sentence."""

    @property
    def allows_bulk(self) -> bool:
        """Whether campaigns or agentless notifications can be sent there."""
        return bool(self.bulk)

    @property
    def keys(self) -> frozenset[str]:
        """Keys of a channel that say something on this platform and not on every other."""
        own = {prerequisite.key for prerequisite in self.prerequisites}
        return frozenset(own | {key for key, means in PLATFORM_KEYS.items() if means(self)})

    def carries(self, kind: str, size_bytes: int) -> Literal["", "type", "size"]:
        """Why an attachment cannot be sent; empty: it can."""
        limit = self.attachments.get(kind, self.attachments.get(ANY))
        if limit is None:
            return "type"
        return "size" if size_bytes > limit else ""


PLATFORM_KEYS = {
    "number_type": lambda platform: bool(platform.number_types),
    "encoding": lambda platform: bool(platform.encodings),
    "reply_rule": lambda platform: platform.replies_per_message is not None,
    "reply_window": lambda platform: platform.agent_window_us is not None,
    "template": lambda platform: platform.templates,
    "outside_window": lambda platform: platform.agent_window_us is not None or platform.replies_per_message is not None,
    "customers_can_disconnect": lambda platform: platform.disconnect_by_knob,
    "authenticated": lambda platform: platform.authenticates,
    "authenticated_skips": lambda platform: platform.authenticates,
    "middleware": lambda platform: platform.has_middleware,
}
"""Keys of a channel that mean something on some platforms only."""


def _types(size_bytes: int, *kinds: str) -> Mapping[str, int]:
    return MappingProxyType(dict.fromkeys(kinds, size_bytes))


_GENESYS_SIZE = 25 * MEGABYTE  # Resource Center, "Supported content profiles": attachments up to 25 MB
_IMAGES = _types(_GENESYS_SIZE, "jpg", "png", "gif")

YES = "`true`, once it is so"

_FLOW = "assign an Architect Inbound Message Flow"

_NUMBER = Prerequisite("number", "a number of its own", 'number: "+49 30 1234567"', "a telephone number as text")
_DID = Prerequisite("number", "a DID or a short code", 'number: "+49 30 1234567"', "a telephone number as text")

PLATFORMS = (
    Platform(
        name="web messaging",
        message_type="webmessaging",
        kind="native",
        setup=("Messenger Deployments", _FLOW),
        characters=4_000,
        attachments=_IMAGES,
        can_disconnect=True,  # a "clear" ends the conversation; closing the browser does not
        authenticates=True,  # authenticated web messaging: the agent sees an indicator
    ),
    Platform(
        name="sms",
        message_type="sms",
        article="an",
        kind="native",
        setup=("SMS Inventory: a DID or a short code", _FLOW),
        characters=765,  # 5 parts of 153
        encodings=(Encoding("gsm7", 160, 153), Encoding("ucs2", 70, 67)),  # 3GPP TS 23.040: the header takes 7 and 3
        most_parts=5,
        attachments=_IMAGES,  # MMS: Resource Center, "SMS/MMS messaging"; its size is assumed: as web messaging
        prerequisites=(_DID,),
        number_types=MappingProxyType({"long_code": 1.0, "toll_free": 3.0, "short_code": 100.0}),
        bulk=("campaign", "agentless"),
    ),
    Platform(
        name="whatsapp",
        message_type="whatsapp",
        kind="third party",
        setup=(
            INTEGRATIONS,
            "Add Integration → WhatsApp",
            "the Embedded Signup Flow connects the Meta Business Manager",
            "link the number, which belongs to the business as long as the account is active",
            "name and routing of the integration",
            _FLOW,
        ),
        characters=4_000,
        attachments=MappingProxyType(
            {
                **_types(5 * MEGABYTE, "jpg", "png", "gif"),  # images: Meta; gif assumed as the others
                "pdf": _GENESYS_SIZE,  # Meta allows 100 MB, Genesys 25 MB
                "ogg": 16 * MEGABYTE,  # audio: Meta
            }
        ),
        prerequisites=(
            _NUMBER,  # owned by the customer of Genesys, not by Genesys
            Prerequisite(
                "business_verified",
                "a Meta Business Manager account whose business is verified with Meta",
                "business_verified: true",
                YES,
                True,
            ),
        ),
        agent_window_us=24 * HOUR,  # then templates only
        bot_window_us=24 * HOUR,
        templates=True,
        voice_notes="ogg",
        bulk=("campaign", "agentless"),
        opt_in=True,
        organisation_caps=True,  # as of February 2026
        number_per_second=(20.0, 80.0, 1_000.0),  # Meta: app numbers (coexistence), a new number, on request
        customers_per_day=(250, 2_000, 10_000, 100_000),  # Meta: messaging limits
    ),
    Platform(
        name="facebook messenger",
        message_type="facebook",
        kind="third party",
        setup=(
            INTEGRATIONS,
            "Add Integration → Facebook",
            "log in with the Facebook Business account",
            "select the page, with Messenger enabled",
            _FLOW,
        ),
        characters=2_000,
        attachments=_IMAGES,
        prerequisites=(Prerequisite("page", "a Facebook business page with Messenger enabled", "page: My shop"),),
        agent_window_us=7 * DAY,  # with the human agent tag
        bot_window_us=24 * HOUR,
    ),
    Platform(
        name="instagram",
        message_type="instagram",
        article="an",
        kind="third party",
        setup=(
            INTEGRATIONS,
            "Add Integration → Instagram",
            "log in through the Facebook Business Manager",
            "select the account",
            _FLOW,
        ),
        characters=1_000,
        attachments=_IMAGES,  # assumed: as web messaging
        prerequisites=(
            Prerequisite("business_account", "an Instagram business account", "business_account: my_shop"),
            Prerequisite("linked_page", "the Facebook page that the account is linked to", "linked_page: My shop"),
        ),
        agent_window_us=7 * DAY,  # as Facebook
        bot_window_us=24 * HOUR,
    ),
    Platform(
        name="x",
        message_type="twitter",
        article="an",
        kind="third party",
        setup=(INTEGRATIONS, "Add Integration → X (Twitter)", "log in with the X business account", _FLOW),
        characters=10_000,  # assumed
        attachments=_IMAGES,  # assumed: as web messaging
        prerequisites=(Prerequisite("handle", "a registered handle", 'handle: "@my_shop"'),),
        replies_per_message=5,
    ),
    Platform(
        name="apple messages for business",
        message_type="apple",
        article="an",
        kind="third party",
        setup=(INTEGRATIONS, "an ACD set-up of its own", _FLOW),
        characters=2_000,
        attachments=_types(100 * MEGABYTE, ANY),  # multiple formats
        prerequisites=(
            Prerequisite("account", "an Apple Business Register account", "account: my shop"),
            Prerequisite("separate_acd", "an ACD set-up of its own", "separate_acd: true", YES, True),
        ),
    ),
    Platform(
        name="line",
        message_type="line",
        kind="third party",
        setup=("API, or professional services", _FLOW),
        characters=5_000,  # assumed
        attachments=_IMAGES,  # assumed: as web messaging
        prerequisites=(Prerequisite("account", "a LINE official account", "account: my shop"),),
    ),
    Platform(
        name="open messaging",
        message_type="open",
        article="an",
        kind="custom API",
        setup=(
            "outbound notification webhook: the platform sends and receives through the business's middleware",
            "build and run the middleware, for Telegram, WeChat, an app of one's own",
            _FLOW,
        ),
        characters=4_000,
        attachments=_IMAGES,  # assumed: as web messaging
        prerequisites=(
            Prerequisite(
                "middleware", "the middleware that carries its messages", "middleware: {latency: 300 ms}", "its latency"
            ),
        ),
        disconnect_by_knob=True,
        has_middleware=True,
        bulk=("agentless",),  # Platform API, agentless messages: sms, whatsapp, open
    ),
)
"""All nine."""

BY_NAME = {platform.name: platform for platform in PLATFORMS}
PLATFORM_NAMES = tuple(platform.name for platform in PLATFORMS)
"""What `platform:` may say."""
KINDS_IN_WORDS = "; ".join(
    f"{kind}: {', '.join(one.name for one in PLATFORMS if one.kind == kind)}"
    for kind in dict.fromkeys(one.kind for one in PLATFORMS)
)
"""Which are native, third party or a custom API, as an editor tells it."""

ATTACHMENT_TYPES = tuple(dict.fromkeys(kind for one in PLATFORMS for kind in one.attachments if kind != ANY))
"""Types that some platform names. A scenario may have others: they fail where they are not carried."""

PREREQUISITES = frozenset(prerequisite.key for one in PLATFORMS for prerequisite in one.prerequisites)
"""Keys that say what a channel has."""

SPOKEN = {
    "web": "web messaging",
    "web_messaging": "web messaging",
    "webchat": "web messaging",
    "web chat": "web messaging",
    "chat": "web messaging",
    "text": "sms",
    "text message": "sms",
    "mms": "sms",
    "whats app": "whatsapp",
    "wa": "whatsapp",
    "facebook": "facebook messenger",
    "facebook_messenger": "facebook messenger",
    "messenger": "facebook messenger",
    "fb": "facebook messenger",
    "instagram dm": "instagram",
    "instagram_dm": "instagram",
    "ig": "instagram",
    "insta": "instagram",
    "twitter": "x",
    "x dm": "x",
    "x_dm": "x",
    "twitter dm": "x",
    "apple": "apple messages for business",
    "apple messages": "apple messages for business",
    "apple_messages_for_business": "apple messages for business",
    "apple business chat": "apple messages for business",
    "imessage": "apple messages for business",
    "line messenger": "line",
    "apple messaging for business": "apple messages for business",
    "telegram": "open messaging",
    "wechat": "open messaging",
    "open": "open messaging",
    "open_messaging": "open messaging",
    "custom": "open messaging",
}
"""Other names that people use, for suggestions."""


def platform(name: str) -> Platform:
    """The record of a platform, by the name a scenario uses. Raises KeyError for an unknown one."""
    return BY_NAME[name]
