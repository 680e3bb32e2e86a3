"""Keys that change nothing in a scenario are told, and only those."""

from __future__ import annotations

import pytest
from letters import on
from tiny import run

VOICE = "voice: {share: 10 %, length: 20 s}"
LENGTH = "reply: {effort: 10 s, characters: 300}"
ASKS = "{identify: {takes: 2 s, success: 50 %}}"
NOTICE = 'outbound: {notifications: {n: {channel: web, template: t, batches: [{at: "00:00", count: 1}]}}}'
TURNED_AWAY = "writes_again: {after_blocked: {probability: 50 %, delay: 1 h}}"
FIRST_REPLY = "patience_until: first_reply"
OUTAGE = "outages: {down: {channel: web, from: 2026-03-02 00:10, for: 5 min}}"
OUTSIDE = "outside_window: template, template: back"


@pytest.mark.parametrize(
    ("platform", "inside", "idle"),
    [
        ("web", {"behaviour": VOICE}, ["behaviours.plain.voice"]),
        ("web", {"agents": f"reply: {{effort: 10 s, {VOICE}}}"}, ["agents.desk.reply.voice"]),
        ("whatsapp", {"behaviour": VOICE, "agents": f"reply: {{effort: 10 s, {VOICE}}}"}, []),
        ("web", {"keys": "authenticated: 40 %"}, ["channels.web.authenticated"]),
        ("web", {"keys": "authenticated: 40 %", "flow": ASKS}, []),
        ("web", {"keys": "authenticated_skips: time", "flow": ASKS}, ["channels.web.authenticated_skips"]),
        ("sms", {"keys": "encoding: ucs2"}, ["channels.web.encoding"]),
        ("sms", {"keys": "encoding: ucs2", "agents": LENGTH}, []),
        ("sms", {"keys": "encoding: ucs2", "behaviour": "characters: 90"}, []),
        ("sms", {"keys": "encoding: ucs2", "more": NOTICE}, []),
        ("web", {"keys": "delivery: {attempts: 2, back_off: 1 s}"},
         ["channels.web.delivery.attempts", "channels.web.delivery.back_off"]),
        ("web", {"keys": "delivery: {attempts: 2, failures: {unreachable: 0 %}}"}, ["channels.web.delivery.attempts"]),
        ("web", {"keys": "delivery: {attempts: 2, failures: {unreachable: 1 %}}"}, []),
        ("whatsapp", {"more": "outbound: {templates: {back: {answers: 5 %}}}"}, ["outbound.templates.back"]),
        ("whatsapp", {"keys": OUTSIDE, "more": "outbound: {templates: {back: {answers: 5 %}}}"}, []),
        ("web", {"more": "outbound: {template_rates: {utility: 0.05}}"}, ["outbound.template_rates"]),
        ("whatsapp", {"more": "outbound: {template_rates: {utility: 0.05}}"}, []),  # prices what would be needed
        ("web", {"behaviour": FIRST_REPLY}, ["behaviours.plain.patience_until"]),
        ("web", {"behaviour": f"patience: never, {FIRST_REPLY}"}, ["behaviours.plain.patience_until"]),
        ("web", {"behaviour": f"patience: 1 min, {FIRST_REPLY}"}, []),
        ("web", {"behaviour": TURNED_AWAY}, ["behaviours.plain.writes_again.after_blocked"]),
        ("web", {"behaviour": TURNED_AWAY, "queue": "max_waiting: 3"}, []),
        ("web", {"behaviour": TURNED_AWAY, "more": OUTAGE}, []),
    ],
)  # fmt: skip
def test_idle_keys(platform: str, inside: dict[str, str], idle: list[str]) -> None:
    scenario, _ = run(on(platform, **inside))
    assert [finding.path for finding in scenario.warnings] == idle


def test_a_middleware_that_never_fails() -> None:
    text = on("app").replace("{latency: 0 s}", "{latency: 1 s, attempts: 4}")
    assert [finding.path for finding in run(text)[0].warnings] == ["channels.web.middleware.attempts"]
    assert not run(text.replace("attempts: 4", "attempts: 4, failures: 1 %"))[0].warnings
