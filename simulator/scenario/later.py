"""What the full model has and this version does not simulate: refused by name, never silently ignored.

A pattern is a place with `*` for any name or number. Whoever builds one of these takes its line out.
"""

from __future__ import annotations

from simulator.platforms import PLATFORMS, SPOKEN
from simulator.scenario.source import Place

_KEYS: dict[str, str] = {
    "": "outages content_filter presence",
    "service_level": "count_flow_outs",
    "behaviours.*": "characters attachments",
    "topics.*": "language reply",
    "flows.*.*": "wait send branch disconnect",
    "flows.*.*.identify": "script",
    "flows.*.*.bot": "wrong_topic characters",
    "flows.*.*.transfer": "skills language priority priority_per_minute preferred_agents",
    "queues.*": "select agent_clock bullseye preferred_agents conditional_groups in_queue_flow flow_out "
    "last_agent_wait max_in_system patience_until reply inactivity_timeout keep_clock declines accept service_level "
    "courtesy language",
    "channels.*": "language latency outages per_integration reply_rule throughput tier pair",
    "profiles.*": "by_day by_interval",
    "agents.*": "attention parallel speed courtesy switching by_topic staffing accept declines languages language "
    "utilization",
    "agents.*.shift": "staffing",
    "agents.*.reply": "script switching by_topic",
    "outbound": "templates numbers",
    "outbound.limits": "per_integration number throughput tier pair whatsapp_number whatsapp_tier whatsapp_pair",
    "outbound.campaigns.*": "expires_after read",
    "outbound.notifications.*": "attempts back_off jitter expires_after opt_in replies read",
}
_VALUES: dict[str, str] = {
    "queues.*.evaluation": "BEST NONE",
    "queues.*.scoring": "PriorityOnly",
    "queues.*.last_agent": "QueueMembersOnly Disabled",
    "queues.*.after_call_work.mode": "OPTIONAL AGENT_REQUESTED",
    "agents.*.end_of_shift.then": "disconnect park",
    "outbound.notifications.*.on_limit": "reject",
}
_LATER_PLATFORMS = {platform.name for platform in PLATFORMS if not platform.simulated}


def later_key(place: Place) -> str:
    """Why a key is refused although the full model has it; empty for a key that no model knows."""
    if place and place[-1] in _find(_KEYS, place[:-1]):
        return f"`{place[-1]}` belongs to the full model but is not simulated yet"
    return ""


def later_value(place: Place, value: object) -> str:
    """As `later_key`, for a value."""
    if not isinstance(value, str):
        return ""
    if len(place) == 3 and place[0] == "channels" and place[2] == "platform":
        if SPOKEN.get(value.lower(), value.lower()) in _LATER_PLATFORMS:
            return f"`{value}` is a platform of the full model but is not simulated yet"
        return ""
    if value in _find(_VALUES, place):
        return f"`{value}` is a value of the full model but is not simulated yet"
    return ""


def _find(table: dict[str, str], place: Place) -> list[str]:
    for pattern, words in table.items():
        parts = pattern.split(".") if pattern else []
        if len(parts) == len(place) and all(part in ("*", str(here)) for part, here in zip(parts, place, strict=True)):
            return words.split()
    return []
