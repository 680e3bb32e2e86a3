"""What comes out of a scenario: its free texts are never markup, its names never formulas."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny import tiny

import simulator as cc
from simulator.scenario import loads
from simulator.vocabulary.errors import ScenarioError


def test_a_name_is_never_markup_and_never_a_formula(tmp_path: Path) -> None:
    """The name of a scenario is free text: on the page it is escaped; names inside cannot hold anything dangerous."""
    text = tiny("0 s").replace("name: Tiny", "name: '<script>alert(1)</script>'")
    results = cc.simulate(loads(text), replications=1, workers=1)
    results.save(tmp_path / "run")
    page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    for name in ("=1+1", "<b>", "a/b", "../x", '"', "a\nb", "@SUM(A1)", "\u202ex", "a\x00b", "+1"):
        quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\x00", "\\0") + '"'
        with pytest.raises(ScenarioError):
            loads(tiny("0 s").replace("line: {", f"{quoted}: {{}}, line: {{"))
