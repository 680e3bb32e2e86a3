"""The audit as people see it: accounts of all replications, theory beside simulated, one line on the terminal."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path

import pytest
from test_audit_recognition import CALLS

import simulator as cc
from simulator.cli.table import print_summary
from simulator.experiments.replicate import Replications, replicate
from simulator.experiments.run import merged_checks
from simulator.metrics.audit import Finding
from simulator.records import Check
from simulator.records.accounts import opened, together
from simulator.reports import audit_words, folder, page


@pytest.fixture(scope="module")
def run() -> Replications:
    scenario = cc.loads(CALLS).vary({"warm_up": "2 h", "duration": "6 h", "replications": 2})
    return replicate(scenario, workers=1)


DIFFERENT = Finding(
    "mean wait of all",
    {"queue": "calls"},
    "differs",
    "9.0 standard errors away",
    "Erlang A",
    "s",
    10.0,
    30.0,
    28.0,
    32.0,
)


def test_accounts_are_those_of_all_replications(run: Replications) -> None:
    came = {account.what: account for check in run.checks for account in check.accounts}["contacts that came"]
    contacts = run.tables["contacts"]
    assert came.total == len(contacts) == sum(came.parts.values())
    assert came.parts == contacts["outcome"].value_counts()[lambda n: n > 0].to_dict()
    agents = next(a for check in run.checks for a in check.accounts if a.what == "time of 6 agents")
    assert agents.total == 6 * sum(run.ends_us) == sum(agents.parts.values())
    assert all(check.passed == all(one.balances for one in check.accounts) for check in run.checks)


def test_every_account_that_may_be_opened_is_closed_by_its_parts() -> None:
    good, bad = opened("things", 5, {"here": 3, "there": 2}), opened("things", 5, {"here": 3})
    both = together([[good], [bad]])[0]
    assert (good.wrong, bad.wrong, both.wrong) == (0, 1, 1)
    assert (both.total, both.parts, both.missing) == (10, {"here": 6, "there": 2}, 2)
    high = together([[opened("sent", 7, allowed=9)], [opened("sent", 10, allowed=9)]])[0]
    assert (high.kind, high.total, high.allowed, high.wrong) == ("limit", 10, 9, 1)
    # what is too much in one replication does not make up for what is missing in another
    twisted = together([[opened("x", 2, {"a": 1})], [opened("x", 2, {"a": 3})]])[0]
    assert twisted.missing == 0 and not twisted.balances


def test_a_failing_replication_is_named_by_number_and_seed() -> None:
    each = [[Check("a", number not in (1, 3), f"{number} lost")] for number in range(4)]
    (check,) = merged_checks(each, seed=17)
    assert check.detail == "replication 1 (seed 17); it fails in 1, 3 of 4: 1 lost"


def test_the_line_on_the_terminal(run: Replications, tmp_path: Path) -> None:
    def printed(one: Replications) -> str:
        out = io.StringIO()
        with redirect_stdout(out):
            print_summary(one, tmp_path)
        return " ".join(out.getvalue().split())

    n = len(run.checks)
    assert f"Audit: {n} of {n} accounts balance; 2 of 2 theory values agree" in printed(run)
    loud = printed(replace(run, audit=(*run.audit, DIFFERENT)))
    assert "2 of 3 theory values agree" in loud
    assert "DIFFERS from theory: mean wait of all of queue calls: simulated 30 s, theory 10 s (Erlang A)" in loud


def test_a_difference_stands_in_the_page_and_fails_no_run(run: Replications) -> None:
    wrong = replace(run, audit=(*run.audit, DIFFERENT))
    assert not wrong.failed_checks and wrong.different == (DIFFERENT,)
    html = page.render(wrong, {})
    assert "Does it add up?" in html and "1 numbers differ" not in html and "1 number differs" in html
    assert html.index("differs</td>") < html.index("agrees</td>")  # it comes first
    assert "contacts that came" in html and "Little&#39;s law" in html
    good = page.render(run, {})
    assert "differs from what theory" not in good and "All" in good


def test_the_folder_keeps_all_of_it(run: Replications, tmp_path: Path) -> None:
    where = folder.write(run, tmp_path / "run")
    document = json.loads((where / "summary.json").read_text())
    assert list(document["audit"][0]) == [
        "name", "scope", "theory", "simulated", "ci_low", "ci_high", "unit", "verdict", "reason", "source",
    ]  # fmt: skip
    assert {one["verdict"] for one in document["audit"]} <= {"agrees", "differs", "no verdict", "not applicable"}
    back = folder.read(where)
    assert back.checks == run.checks
    assert audit_words.document(back) == audit_words.document(run)
    table = cc.Results(run).audit()
    assert list(table["name"]) == [one.name for one in run.audit]
    assert table.loc[table["verdict"] == "agrees", "theory"].notna().all()


def test_every_check_has_a_rule_in_plain_words(run: Replications) -> None:
    assert [check.name for check in run.checks if check.name not in audit_words.RULES] == []
