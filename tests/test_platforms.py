"""The nine platforms and their figures (model.md section 7)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from simulator.platforms import BY_NAME, PLATFORMS, SIMULATED, SPOKEN, Platform, platform
from simulator.scenario import loads
from simulator.vocabulary.clock import DAY, HOUR
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
    assert SIMULATED == ("web messaging", "whatsapp")


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


def test_free_text_is_allowed_24_hours_on_whatsapp_and_7_days_on_metas_others() -> None:
    windows = {record.name: record.reply_window_us for record in PLATFORMS if record.reply_window_us is not None}
    assert windows == {"whatsapp": 24 * HOUR, "facebook messenger": 7 * DAY, "instagram": 7 * DAY}


def test_only_web_customers_can_hang_up() -> None:
    assert [record.name for record in PLATFORMS if record.can_disconnect] == ["web messaging"]


def test_whatsapp_needs_a_number_and_a_verified_business() -> None:
    whatsapp = platform("whatsapp")
    assert whatsapp.needs_number and whatsapp.needs_verification and whatsapp.allows_bulk
    web = platform("web messaging")
    assert not (web.needs_number or web.needs_verification or web.allows_bulk)


def test_other_names_lead_to_a_platform() -> None:
    assert set(SPOKEN.values()) <= set(BY_NAME)
    assert not set(SPOKEN) & set(BY_NAME)
    with pytest.raises(KeyError):
        platform("telegraph")


def channel_on(name: str) -> str:
    return f"""\
name: One channel
start: 2026-03-02 00:00
duration: 1 h
behaviours: {{anyone: {{}}}}
topics: {{any: {{behaviour: anyone}}}}
flows: {{door: [transfer: {{queue: desk}}]}}
queues: {{desk: {{}}}}
channels:
  one: {{platform: {name}, number: "+49 30 1234567", business_verified: true, flow: door,
        arrivals: {{rate: 1/h}}, topics: {{any: 100 %}}}}
agents: {{all: {{count: 1, queues: [desk], reply: {{effort: 30 s}}}}}}
"""


@pytest.mark.parametrize("record", PLATFORMS, ids=lambda record: record.name)
def test_a_scenario_takes_the_simulated_platforms_and_refuses_the_others_by_name(record: Platform) -> None:
    if record.simulated:
        assert loads(channel_on(record.name)).channels["one"].platform == record.name
        return
    with pytest.raises(ScenarioError) as raised:
        loads(channel_on(record.name))
    (finding,) = raised.value.findings
    assert finding.path == "channels.one.platform"
    assert finding.problem == f"`{record.name}` is a platform of the full model but is not simulated yet"
    assert finding.allowed == "`web messaging` or `whatsapp`"


def test_nothing_else_names_a_platform(root: Path) -> None:
    """Rules of a platform are asked of its record: its name stands in quotes nowhere else in the program."""
    names = "|".join(re.escape(record.name) for record in PLATFORMS if record.name not in ("x", "line"))
    quoted = re.compile(rf"""(["'])({names})\1""")
    offenders = [
        f"{path.relative_to(root)}: {match[0]}"
        for path in sorted((root / "simulator").rglob("*.py"))
        if path.name != "platforms.py"
        for match in quoted.finditer(path.read_text(encoding="utf-8"))
    ]
    assert offenders == []
