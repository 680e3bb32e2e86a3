"""Tiny worlds on any platform, for the tests of the way out."""

from __future__ import annotations

import tiny as worlds

from simulator.metrics import measure, summarise
from simulator.metrics.letters import LETTERS
from simulator.records import checks, fold

PLATFORMS = {
    "web": "platform: web messaging",
    "sms": 'platform: sms, number: "+49 30 1234567"',
    "whatsapp": 'platform: whatsapp, number: "+49 30 1234567", business_verified: true',
    "facebook": "platform: facebook messenger, page: Shop",
    "instagram": "platform: instagram, business_account: shop, linked_page: Shop",
    "x": 'platform: x, handle: "@shop"',
    "apple": "platform: apple messages for business, account: shop, separate_acd: true",
    "line": "platform: line, account: shop",
    "app": "platform: open messaging, middleware: {latency: 0 s}",
}


def on(name: str, arrivals: str = "0 s", keys: str = "", **more: str) -> str:
    """A tiny world (`tiny.tiny`) whose channel `web` is on this platform, with further keys of the channel."""
    channel = PLATFORMS[name] + (f", {keys}" if keys else "")
    text = worlds.tiny(arrivals, **more)  # type: ignore[arg-type]
    assert worlds.PLATFORMS["web"] in text
    return text.replace(worlds.PLATFORMS["web"], channel, 1)


def tables_of(text: str) -> dict:  # type: ignore[type-arg]
    """All tables of a world, every check passed."""
    scenario, rows = worlds.run(text)
    tables = fold(scenario, rows)
    wrong = [check for check in checks(scenario, rows, tables) if not check.passed]
    assert not wrong, wrong
    return tables


def measured(text: str, metric: str, **scope: str) -> float:
    """One measure of the way out, in one replication."""
    assert metric in {each.name for each in LETTERS}
    scenario, rows = worlds.run(text)
    summary = summarise(scenario, [measure(scenario, fold(scenario, rows), int(rows["time"].max()))])
    found = summary[(summary["metric"] == metric) & (summary["scope"] == scope)]
    return float(found["value"].iloc[0])
