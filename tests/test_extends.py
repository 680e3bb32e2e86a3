"""A scenario that starts from another: `extends: base.yaml`."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.scenario import load, loads
from simulator.vocabulary.errors import Finding, ScenarioError

BASE = """\
name: Base
start: 2026-03-02 00:00
duration: 1 h
behaviours: {anyone: {patience: 5 min}}
topics:
  any: {behaviour: anyone, skills: [german, french]}
flows: {door: [transfer: {queue: desk}]}
queues: {desk: {alerting_timeout: 20 s}}
channels: {chat: {platform: web messaging, flow: door, arrivals: {rate: 12/h}, topics: {any: 100 %}}}
agents:
  all: {count: 2, queues: [desk], skills: {german: 5, french: 5}, reply: {effort: 30 s}}
"""


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder / "plan.yaml"


def errors_of(path: Path) -> list[Finding]:
    with pytest.raises(ScenarioError) as raised:
        load(path)
    return [finding for finding in raised.value.findings if finding.severity == "error"]


def test_maps_merge_and_everything_else_replaces(tmp_path: Path) -> None:
    own = """\
extends: base.yaml
name: Plan
topics: {any: {skills: [german]}}
agents:
  all: {count: 5}
  more: {count: 1, queues: [desk], reply: {effort: 10 s}}
"""
    scenario = load(write(tmp_path, base=BASE, plan=own))
    assert scenario.name == "Plan"
    assert scenario.topics["any"].skills == ("german",), "lists replace"
    assert (scenario.agents["all"].count, scenario.agents["all"].skills) == (5, {"german": 5, "french": 5})
    assert sorted(scenario.agents) == ["all", "more"]
    assert scenario.queues["desk"].alerting_timeout_us == 20_000_000
    whole = BASE.replace("[german, french]", "[german]").replace("count: 2", "count: 5")
    whole += "  more: {count: 1, queues: [desk], reply: {effort: 10 s}}\n"
    assert scenario.hash == loads(whole).hash, "what is merged is a scenario like any other"
    assert loads(scenario.resolved()).hash == scenario.hash
    assert "extends" not in scenario.resolved()
    assert scenario.vary({"queues.desk.alerting_timeout": "10 s"}).queues["desk"].alerting_timeout_us == 10_000_000


def test_a_law_is_replaced_or_merged_like_any_map(tmp_path: Path) -> None:
    own = "extends: base.yaml\nbehaviours: {anyone: {patience: {exponential: {mean: 2 min}}}}\n"
    assert load(write(tmp_path, base=BASE, plan=own)).behaviours["anyone"].patience_us != "never"


def test_null_takes_a_key_out_of_the_base(tmp_path: Path) -> None:
    """Another kind of arrivals, and a law without its key; what is taken out leaves no trace."""
    base = BASE.replace("patience: 5 min", "patience: 5 min, balk: 5 %") + "seed: 7\n"
    own = """\
extends: base.yaml
behaviours: {anyone: {balk: null}}
channels: {chat: {arrivals: {rate: null, per_day: 300}}}
seed: ~
"""
    scenario = load(write(tmp_path, base=base, plan=own))
    whole = BASE.replace("rate: 12/h", "per_day: 300")
    assert scenario.hash == loads(whole).hash


def test_null_in_a_middle_file_leaves_room_for_the_next(tmp_path: Path) -> None:
    middle = "extends: base.yaml\nbehaviours: {anyone: {patience: null}}\n"
    own = "extends: middle.yaml\nbehaviours: {anyone: {patience: 7 min}}\n"
    assert load(write(tmp_path, base=BASE, middle=middle, plan=own)).hash == loads(BASE.replace("5 min", "7 min")).hash


@pytest.mark.parametrize(
    ("own", "path", "problem"),
    [
        ("behaviours: {anyone: {patience: }}", "behaviours.anyone.patience", "nothing stands here"),
        ("behaviours: {anyone: {balk: null}}", "behaviours.anyone.balk", "nothing stands here"),  # the base has none
        ("queues: {desk: null}", "flows.door.0.transfer.queue", "there is no `desk` in `queues`"),
    ],
)
def test_what_null_cannot_take_out(own: str, path: str, problem: str, tmp_path: Path) -> None:
    """A key left empty by mistake keeps being one; what is taken out is missed where it is named."""
    findings = errors_of(write(tmp_path, base=BASE, plan=f"extends: base.yaml\n{own}\n"))
    assert (path, problem) in [(finding.path, finding.problem) for finding in findings]


def test_a_chain_of_three_files_in_folders(tmp_path: Path) -> None:
    """All names count from the folder of the scenario that is run."""
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "base.yaml").write_text(BASE.replace("{rate: 12/h}", "{csv: rows.csv}"), encoding="utf-8")
    (tmp_path / "rows.csv").write_text("start,count\n2026-03-02 00:00,3\n2026-03-02 00:30,4\n", encoding="utf-8")
    path = write(
        tmp_path, plan="extends: middle.yaml\nseed: 7\n", middle="extends: shared/base.yaml\nseed: 6\nreplications: 3\n"
    )
    scenario = load(path)
    assert (scenario.seed, scenario.replications, scenario.counts["chat"].values) == (7, 3, (3.0, 4.0))


def test_findings_name_the_file_and_line_that_wrote_it(tmp_path: Path) -> None:
    base = BASE.replace("alerting_timeout: 20 s", "alerting_timout: 20 s").replace("duration: 1 h", "duration: 1")
    own = "extends: base.yaml\nname: Plan\nduration: 2 h\nagents:\n  all: {cuont: 5}\n"
    path = write(tmp_path, base=base, plan=own)
    mine, theirs = errors_of(path)
    assert (mine.file, mine.line, mine.path) == (str(path), 5, "agents.all.cuont")
    assert (theirs.file, theirs.line) == (str(tmp_path / "base.yaml"), 8)
    assert theirs.path == "queues.desk.alerting_timout"


def test_circles_are_told_with_the_chain(tmp_path: Path) -> None:
    path = write(tmp_path, plan="extends: a.yaml\n", a="seed: 1\nextends: b.yaml\n", b="extends: plan.yaml\n")
    (finding,) = errors_of(path)
    assert finding.problem == "this is a circle: plan.yaml extends a.yaml extends b.yaml extends plan.yaml"
    assert (finding.file, finding.line, finding.path) == (str(tmp_path / "b.yaml"), 1, "extends")
    (finding,) = errors_of(write(tmp_path, plan="extends: plan.yaml\n"))
    assert finding.problem == "this is a circle: plan.yaml extends plan.yaml"


def test_a_chain_has_a_bounded_length(tmp_path: Path) -> None:
    files = {f"f{i}": f"extends: f{i + 1}.yaml\n" for i in range(20)}
    (finding,) = errors_of(write(tmp_path, plan="extends: f0.yaml\n", **files))
    assert "9 files stand one upon the other" in finding.problem
    assert finding.allowed == "at most 8"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("../base.yaml", "leaves the scenario's folder"),
        ("/etc/base.yaml", "leaves the scenario's folder"),
        ("bose.yaml", "there is no file `bose.yaml`"),
        ("[base.yaml]", "a list of 1 is not a file name"),
    ],
)
def test_a_base_lies_in_the_folder(name: str, problem: str, tmp_path: Path) -> None:
    (finding,) = errors_of(write(tmp_path, base=BASE, plan=f"extends: {name}\n"))
    assert problem in finding.problem
    assert (finding.line, finding.path) == (1, "extends")
    assert bool(finding.suggestion) == (name != "[base.yaml]")


def test_what_is_wrong_with_the_base_itself_is_all_that_is_told(tmp_path: Path) -> None:
    (finding,) = errors_of(write(tmp_path, base="a: [1\n", plan="extends: base.yaml\n"))
    assert finding.file == str(tmp_path / "base.yaml")
    assert "this is not YAML" in finding.problem


def test_the_base_is_not_a_setting(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match="a scenario's base cannot be set"):
        load(write(tmp_path, plan=BASE), {"extends": "base.yaml"})
