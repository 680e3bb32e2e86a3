"""The nine platforms and their figures (model.md section 7)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simulator.platforms import (
    BY_NAME,
    INTEGRATIONS,
    KINDS_IN_WORDS,
    PAIR_BURST,
    PAIR_GAP_US,
    PLATFORM_NAMES,
    PLATFORMS,
    SPOKEN,
    Platform,
    platform,
)
from simulator.scenario import loads
from simulator.vocabulary.clock import DAY, HOUR, SECOND
from simulator.vocabulary.errors import ScenarioError


def test_the_nine_platforms_stand_in_one_table() -> None:
    assert [record.name for record in PLATFORMS] == [
        "web messaging",
        "sms",
        "whatsapp",
        "facebook messenger",
        "instagram",
        "x",
        "apple messages for business",
        "line",
        "open messaging",
    ]
    assert tuple(record.name for record in PLATFORMS) == PLATFORM_NAMES


def test_characters_of_a_message() -> None:
    assert {record.name: record.characters for record in PLATFORMS} == {
        "web messaging": 4_000,
        "sms": 765,
        "whatsapp": 4_000,
        "facebook messenger": 2_000,
        "instagram": 1_000,
        "x": 10_000,
        "apple messages for business": 2_000,
        "line": 5_000,
        "open messaging": 4_000,
    }


def test_windows_of_people_and_of_bots() -> None:
    people = {record.name: record.agent_window_us for record in PLATFORMS if record.agent_window_us is not None}
    assert people == {"whatsapp": 24 * HOUR, "facebook messenger": 7 * DAY, "instagram": 7 * DAY}
    bots = {record.name: record.bot_window_us for record in PLATFORMS if record.bot_window_us is not None}
    assert bots == dict.fromkeys(people, 24 * HOUR)
    assert {record.name: record.replies_per_message for record in PLATFORMS if record.replies_per_message} == {"x": 5}
    assert [record.name for record in PLATFORMS if record.templates] == ["whatsapp"]


def test_only_web_customers_can_hang_up_and_those_of_open_messaging_by_knob() -> None:
    assert [record.name for record in PLATFORMS if record.can_disconnect] == ["web messaging"]
    assert [record.name for record in PLATFORMS if record.disconnect_by_knob] == ["open messaging"]


def test_where_a_business_may_begin() -> None:
    lanes = {record.name: record.bulk for record in PLATFORMS if record.allows_bulk}
    both = ("campaign", "agentless")
    assert lanes == {"sms": both, "whatsapp": both, "open messaging": ("agentless",)}


def test_numbers_and_what_they_carry() -> None:
    assert dict(platform("sms").number_types) == {"long_code": 1, "toll_free": 3, "short_code": 100}
    assert [(one.single, one.joined) for one in platform("sms").encodings] == [(160, 153), (70, 67)]
    whatsapp = platform("whatsapp")
    assert (PAIR_GAP_US, PAIR_BURST) == (6 * SECOND, 45)
    assert whatsapp.customers_per_day == (250, 2_000, 10_000, 100_000)


def test_attachments() -> None:
    assert set(platform("whatsapp").attachments) == {"jpg", "png", "gif", "pdf", "ogg"}
    assert dict(platform("apple messages for business").attachments) == {"any": 100_000_000}
    others = [record for record in PLATFORMS if record.name not in ("whatsapp", "apple messages for business")]
    assert all(set(record.attachments) == {"jpg", "png", "gif"} for record in others)


def test_the_manual_says_how_each_is_set_up_and_what_kind_it_is(root: Path) -> None:
    text = (root / "scenarios" / "README.md").read_text(encoding="utf-8")
    for record in PLATFORMS:
        assert f"| {record.name} | {record.kind} | {'; '.join(record.setup)} |" in text
        assert f"{record.name}" in KINDS_IN_WORDS.split(f"{record.kind}: ")[1].split("; ")[0].split(", ")
    in_the_menu = {record.name for record in PLATFORMS if record.setup[0] == INTEGRATIONS}
    assert in_the_menu == {"whatsapp", "facebook messenger", "instagram", "x", "apple messages for business"}


def test_a_notification_that_says_nothing_of_consent_is_told_where_the_platform_asks_for_it() -> None:
    notice = (
        'outbound: {{notifications: {{n: {{channel: one, template: t, batches: [{{at: "08:00", count: 1}}]{}}}}}}}\n'
    )
    for record in PLATFORMS:
        if "agentless" in record.bulk:
            text = channel_on(record.name, given(record) + "customers: {population: 100}, ")
            told = [f.path for f in loads(text + notice.format("")).warnings if "consent" in f.problem]
            assert told == (["outbound.notifications.n.opt_in"] if record.opt_in else []), record.name
            said = loads(text + notice.format(", opt_in: 100 %"))
            assert not [f for f in said.warnings if "consent" in f.problem]
    assert [record.name for record in PLATFORMS if record.opt_in] == ["whatsapp"]


def test_other_names_lead_to_a_platform() -> None:
    assert set(SPOKEN.values()) <= set(BY_NAME)
    assert not set(SPOKEN) & set(BY_NAME)
    with pytest.raises(KeyError):
        platform("telegraph")


GIVEN = {
    "number": '"+49 30 1234567"',
    "business_verified": "true",
    "page": "Shop",
    "business_account": "shop",
    "linked_page": "Shop",
    "handle": '"@shop"',
    "account": "shop",
    "separate_acd": "true",
    "middleware": "{latency: 1 s}",
}


def channel_on(name: str, keys: str) -> str:
    return f"""\
name: One channel
start: 2026-03-02 00:00
duration: 1 h
behaviours: {{anyone: {{}}}}
topics: {{any: {{behaviour: anyone}}}}
flows: {{door: [transfer: {{queue: desk}}]}}
queues: {{desk: {{}}}}
channels:
  one: {{platform: {name}, {keys} flow: door, arrivals: {{rate: 1/h}}, topics: {{any: 100 %}}}}
agents: {{all: {{count: 1, queues: [desk], reply: {{effort: 30 s}}}}}}
"""


def given(record: Platform, *without: str) -> str:
    keys = [one.key for one in record.prerequisites if one.key not in without]
    return "".join(f"{key}: {GIVEN[key]}, " for key in keys)


@pytest.mark.parametrize("record", PLATFORMS, ids=lambda record: record.name)
def test_a_channel_with_its_prerequisites_runs_and_lacks_each_by_name(record: Platform) -> None:
    scenario = loads(channel_on(record.name, given(record)))
    assert scenario.channels["one"].platform == record.name
    assert not [finding for finding in scenario.warnings if "says nothing" in finding.problem]
    for needed in record.prerequisites:
        with pytest.raises(ScenarioError) as raised:
            loads(channel_on(record.name, given(record, needed.key)))
        (finding,) = raised.value.findings
        assert finding.path == f"channels.one.{needed.key}"
        assert needed.what in finding.problem and record.name in finding.problem
        assert finding.suggestion == f"add `{needed.example}`, once it is set up: {record.setup[0]}"


@pytest.mark.parametrize("record", PLATFORMS, ids=lambda record: record.name)
def test_keys_that_mean_nothing_on_a_platform_are_told(record: Platform) -> None:
    own = {one.key for one in record.prerequisites}
    scenario = loads(channel_on(record.name, "".join(f"{key}: {value}, " for key, value in GIVEN.items())))
    told = {f.path.split(".")[-1] for f in scenario.warnings if f.problem.endswith(f"says nothing on {record.name}")}
    assert told == set(GIVEN) - own


@pytest.mark.parametrize(
    ("name", "key", "allowed"),
    [
        ("web messaging", "number_type: short_code", "sms"),
        ("web messaging", "encoding: ucs2", "sms"),
        ("line", "reply_rule: 3", "x"),
        ("x", "customers_can_disconnect: true", "open messaging"),
        ("sms", "authenticated: 10 %", "web messaging"),
        ("x", "reply_window: {bots: none}", "whatsapp or facebook messenger or instagram"),
        ("sms", "outside_window: close", "whatsapp or facebook messenger or instagram or x"),
    ],
)
def test_knobs_of_other_platforms_are_told(name: str, key: str, allowed: str) -> None:
    record = platform(name)
    scenario = loads(channel_on(name, f"{given(record)}{key}, "))
    (finding,) = [f for f in scenario.warnings if "says nothing" in f.problem]
    assert finding.path == f"channels.one.{key.partition(':')[0]}" and finding.allowed == f"a key of {allowed}"


@pytest.mark.parametrize(
    ("name", "keys", "path", "problem"),
    [
        ("facebook messenger", "outside_window: template, template: t", "outside_window", "has no templates"),
        ("whatsapp", "outside_window: template", "template", "it is not said which template"),
        ("whatsapp", "outside_window: template, template: t", "template", "there is no `t`"),
        ("sms", 'number_type: short_code, number: "+49 30 1234567"', "number", "is not a short code"),
        ("sms", 'number: "12345"', "number", "is not a telephone number"),
        ("x", 'handle: "  "', "handle", "`  ` is only blanks"),
        ("line", 'account: ""', "account", "an empty text is too short"),
        ("apple messages for business", "separate_acd: false", "separate_acd", "needs an ACD set-up of its own"),
        ("whatsapp", "business_verified: false", "business_verified", "whose business is verified with Meta"),
        ("sms", "delivery: {failures: {lost: 2 %}}", "delivery.failures.lost", "is not a key that is known here"),
        ("facebook messenger", "reply_window: {people: 0 s}", "reply_window.people", "is too small"),
        ("facebook messenger", "reply_window: {people: 61 days}", "reply_window.people", "is too large"),
        ("facebook messenger", "reply_window: {agents: 1 h}", "reply_window.agents", "is not a key that is known here"),
        ("whatsapp", 'number: "call me"', "number", "is not a telephone number"),
    ],
)
def test_what_does_not_fit_is_refused(name: str, keys: str, path: str, problem: str) -> None:
    record = platform(name)
    had = given(record, keys.partition(":")[0], *(["number"] if "number:" in keys else []))
    with pytest.raises(ScenarioError) as raised:
        loads(channel_on(name, f"{had}{keys}, "))
    (finding,) = [f for f in raised.value.findings if f.severity == "error"]
    assert finding.path == f"channels.one.{path}" and problem in finding.problem


@pytest.mark.parametrize(("spoken", "meant"), sorted(SPOKEN.items()))
def test_spoken_names_are_suggestions(spoken: str, meant: str) -> None:
    with pytest.raises(ScenarioError) as raised:
        loads(channel_on(f'"{spoken}"', ""))
    assert any(f.suggestion == f"did you mean `{meant}`?" for f in raised.value.findings)


def test_nothing_else_names_a_platform(root: Path) -> None:
    """Rules of a platform are asked of its record: its name stands in quotes nowhere else in the program."""
    names = "|".join(re.escape(record.name) for record in PLATFORMS if record.name not in ("x", "line"))
    quoted = re.compile(rf"""(["'])({names})\1""")
    offenders = [
        f"{path.relative_to(root)}: {match[0]}"
        for path in sorted((root / "simulator").rglob("*.py"))
        if path.name != "platforms.py"
        for line in path.read_text(encoding="utf-8").splitlines()
        if not line.startswith("OPT_IN_SOURCES")  # by a text message: a way to ask, not a platform
        for match in quoted.finditer(line)
    ]
    assert offenders == []
