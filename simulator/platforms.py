"""The nine messaging platforms: one record each, every figure with its source. Nothing else names a platform's rule.

Figures without another source are those of the Genesys Cloud Resource Center (ACD messaging; character limits and
attachments by channel; verified March 2026), as model.md section 7 gives them. "Assumed" marks what no source gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from simulator.vocabulary.clock import DAY, HOUR


@dataclass(frozen=True)
class Platform:
    """What one platform allows and asks for."""

    name: str
    """As a scenario writes it: `platform: web messaging`."""
    kind: Literal["native", "third party", "custom API"]
    characters: int
    """Longest text of one message."""
    reply_window_us: int | None
    """Free text may be sent this long after the customer's latest message; None: always."""
    can_disconnect: bool
    """Whether a customer can end the conversation himself, so that an abandon is seen."""
    needs_number: bool
    """Whether a channel must own a number."""
    needs_verification: bool
    """Whether the business must be verified with the platform's owner."""
    allows_bulk: bool
    """Whether campaigns and agentless notifications can be sent there."""
    attachments: tuple[str, ...]
    organisation_caps: bool = False
    """Campaigns and agentless notifications pass the organisation's caps (18,000 and 3,000 per minute)."""
    simulated: bool = False
    """False: described here, refused in a scenario."""


_IMAGES = ("jpg", "png", "gif")

PLATFORMS = (
    Platform(
        name="web messaging",
        kind="native",
        characters=4_000,
        reply_window_us=None,
        can_disconnect=True,  # a "clear" ends the conversation; closing the browser does not
        needs_number=False,
        needs_verification=False,
        allows_bulk=False,
        attachments=_IMAGES,
        simulated=True,
    ),
    Platform(
        name="sms",
        kind="native",
        characters=765,  # 160 in one part (GSM-7), 153 in each of at most 5 joined parts
        reply_window_us=None,
        can_disconnect=False,
        needs_number=True,  # a DID or a short code
        needs_verification=False,
        allows_bulk=True,
        attachments=_IMAGES,  # assumed: as web messaging
    ),
    Platform(
        name="whatsapp",
        kind="third party",
        characters=4_000,
        reply_window_us=24 * HOUR,  # then templates only
        can_disconnect=False,
        needs_number=True,  # owned by the customer, not by Genesys
        needs_verification=True,  # Meta business verification
        allows_bulk=True,  # with the customer's opt-in
        attachments=(*_IMAGES, "pdf", "ogg"),
        organisation_caps=True,  # as of February 2026
        simulated=True,
    ),
    Platform(
        name="facebook messenger",
        kind="third party",
        characters=2_000,
        reply_window_us=7 * DAY,  # a human agent; a bot has 24 h
        can_disconnect=False,
        needs_number=False,
        needs_verification=False,
        allows_bulk=False,
        attachments=_IMAGES,
    ),
    Platform(
        name="instagram",
        kind="third party",
        characters=1_000,
        reply_window_us=7 * DAY,  # as Facebook
        can_disconnect=False,
        needs_number=False,
        needs_verification=False,
        allows_bulk=False,
        attachments=_IMAGES,  # assumed: as web messaging
    ),
    Platform(
        name="x",
        kind="third party",
        characters=10_000,  # assumed
        reply_window_us=None,  # at most 5 replies per inbound message instead
        can_disconnect=False,
        needs_number=False,
        needs_verification=False,
        allows_bulk=False,
        attachments=_IMAGES,  # assumed: as web messaging
    ),
    Platform(
        name="apple messages for business",
        kind="third party",
        characters=2_000,
        reply_window_us=None,
        can_disconnect=False,
        needs_number=False,
        needs_verification=False,
        allows_bulk=False,  # no business-initiated free text
        attachments=("any",),  # multiple formats, at most 100 MB
    ),
    Platform(
        name="line",
        kind="third party",
        characters=5_000,  # assumed
        reply_window_us=None,
        can_disconnect=False,
        needs_number=False,
        needs_verification=False,
        allows_bulk=False,  # assumed
        attachments=_IMAGES,  # assumed: as web messaging
    ),
    Platform(
        name="open messaging",
        kind="custom API",
        characters=4_000,
        reply_window_us=None,
        can_disconnect=False,  # default; the customer's middleware may allow it
        needs_number=False,
        needs_verification=False,
        allows_bulk=False,  # assumed
        attachments=_IMAGES,  # assumed: as web messaging
    ),
)
"""All nine."""

BY_NAME = {platform.name: platform for platform in PLATFORMS}
SIMULATED = tuple(platform.name for platform in PLATFORMS if platform.simulated)
"""What `platform:` may say today."""

SPOKEN = {
    "facebook": "facebook messenger",
    "messenger": "facebook messenger",
    "instagram dm": "instagram",
    "twitter": "x",
    "x dm": "x",
    "apple": "apple messages for business",
    "apple messages": "apple messages for business",
    "web": "web messaging",
    "web_messaging": "web messaging",
    "open": "open messaging",
    "open_messaging": "open messaging",
}
"""Other names that people use, for suggestions."""


def platform(name: str) -> Platform:
    """The record of a platform, by the name a scenario uses. Raises KeyError for an unknown one."""
    return BY_NAME[name]
