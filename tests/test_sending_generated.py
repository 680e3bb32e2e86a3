"""Worlds drawn at random on every platform: whatever is said about the way out, every check holds."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from letters import PLATFORMS, on, tables_of

DELIVERIES = (
    "",
    "delivery: {latency: 2 s}",
    "delivery: {latency: {lognormal: {median: 5 s, p90: 2 min}}, failures: {unreachable: 30 %, number_invalid: 5 %}, "
    "attempts: 3, back_off: 20 s, read: {share: 50 %, delay: 1 min}}",
    "delivery: {latency: 11 min, failures: {platform_error: 60 %}, attempts: 2}",
)
REPLIES = (
    "{effort: 40 s}",
    "{effort: {lognormal: {median: 1 min, p90: 30 min}}, characters: {lognormal: {median: 900, p90: 9000}}, "
    "attachments: {share: 40 %, types: {jpg: 50 %, pdf: 50 %}, kilobytes: {lognormal: {median: 3000, p90: 40000}}}}",
    "{effort: 13 h}",
    "{effort: 20 s, voice: {share: 50 %, length: 30 s}, characters: 300}",
)
BEHAVIOURS = (
    "",
    "turns: {geometric: {mean: 3}}, think: {exponential: {mean: 3 min}}, vanishes: 20 %, patience: {exponential: "
    "{mean: 20 min}}, gives_up: {silent: 100 %}, writes_again: {after_silent: {probability: 50 %, delay: 1 h}, "
    "after_service: {probability: 30 %, delay: 30 min}}",
    "turns: 3, think: 6 h, characters: {lognormal: {median: 200, p90: 4000}}, attachments: {share: 50 %, types: "
    "{jpg: 50 %, exe: 50 %}}, voice: {share: 30 %, length: 20 s}, opening: {messages: 2, gap: 20 s}",
)
FLOWS = ("", "{bot: {turns: 2, bot_time: 1 s, characters: 1500, contains: 20 %}}", "{send: {}}, {collect: {fields: 1}}")
WINDOWED = ("whatsapp", "facebook", "instagram")
WINDOWS = (
    "",
    "reply_window: {people: 20 min, bots: 1 s}",
    "reply_window: {people: none, bots: none}",
    "reply_window: {people: 5 h}",
)


@st.composite
def worlds(draw: st.DrawFn) -> str:
    platform = draw(st.sampled_from(sorted(PLATFORMS)))
    keys = draw(st.sampled_from(DELIVERIES))
    more = ""
    if platform == "whatsapp" and draw(st.booleans()):
        keys = ", ".join(filter(None, [keys, "outside_window: template, template: back"]))
        answers = draw(st.sampled_from(["0 %", "50 %", "100 %"]))
        more = f"outbound: {{templates: {{back: {{answers: {answers}, delay: 5 h}}}}}}"
    if platform == "x":
        keys = ", ".join(filter(None, [keys, draw(st.sampled_from(["", "reply_rule: 1", "reply_rule: none"]))]))
    if platform in WINDOWED:
        keys = ", ".join(filter(None, [keys, draw(st.sampled_from(WINDOWS))]))
    times = sorted(draw(st.lists(st.integers(0, 3 * 86_400), min_size=1, max_size=8)))
    text = on(
        platform,
        ", ".join(f"{at} s" for at in times),
        keys,
        behaviour=draw(st.sampled_from(BEHAVIOURS)),
        flow=draw(st.sampled_from(FLOWS)),
        customers=draw(st.sampled_from(["new", "{population: 2}"])),
        agents=f"count: {draw(st.integers(1, 2))}, capacity: {draw(st.integers(1, 3))}, "
        f"reply: {draw(st.sampled_from(REPLIES))}",
        duration="4 days",
        more=more
        + f"\nseed: {draw(st.integers(1, 1000))}"
        + draw(st.sampled_from(["", "\nafter_end: drain", "\nthreading: {window: 0}"])),
    )
    if platform == "app" and draw(st.booleans()):
        text = text.replace("{latency: 0 s}", "{latency: 3 s, failures: 40 %, attempts: 2}")
    return text


@given(worlds())
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_message_ends_in_one_state_and_none_outside_its_window(text: str) -> None:
    tables = tables_of(text)  # every check of every run
    rows = tables["deliveries"]
    assert set(rows["state"]) <= {"pending", "sent", "delivered", "read", "failed", "blocked"}
    answered = tables["turns"][tables["turns"]["outcome"] == "answered"]
    assert answered["reply_us"].notna().all()
    assert (rows["blocked_us"].notna() == (rows["state"] == "blocked")).all()
    assert (rows["blocked_us"].dropna() >= rows.loc[rows["blocked_us"].notna(), "written_us"]).all()
